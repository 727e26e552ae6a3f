"""What can be told from one sentence alone: phrase families, who does what in which tense, and figures."""

import re
from dataclasses import dataclass

from core.feedback import words
from core.feedback.phrases import anchored, families_in
from core.feedback.words import is_number, is_past, tokens

__all__ = ["Signals", "signals_of"]

_LONGEST = 2_000  # characters of one sentence that are looked at
_I = words.word_set("i i'm i've i'd i'll im")
_WE = words.word_set("we we're we've we'd we'll")
_IT = words.word_set("it this that it's that's which these those")
_DETERMINERS = words.word_set("the a an one some each every two three both all most half")
_OWN = words.word_set("i we my our me us myself i'd i'm i've we'd we've we're i'll")
_PRESENT = words.word_set("is are am it's i'm that's they're we're has have he's she's do does")
_MODALS = words.word_set("would could i'd we'd they'd he'd she'd should might")
_NEVER = words.word_set("no not never nobody none nothing without didn't don't wasn't weren't couldn't")
_PROGRESSIVE = re.compile(r"\b(?:was|were|am|are|is|been) (?:\w+ly )?\w+ing\b", re.I)
_LIST_MARK = re.compile(r"\s*(?:[-*•–—·>]\s|\(?\d{1,2}[.)]\s)")


@dataclass(frozen=True, slots=True)
class Signals:
    """The signals of one sentence: `names`, its `tokens`, and its length in `words`."""

    names: frozenset[str]
    tokens: tuple[str, ...]
    words: int


def signals_of(sentence: str) -> Signals:
    """Read one sentence. Its first 2,000 characters are looked at; an empty one has hardly a signal."""
    sentence = _LIST_MARK.sub("", sentence[:_LONGEST], count=1)
    found = tokens(sentence)
    marked = anchored(found)
    names = families_in(marked)
    names.update(_figures(found))
    start = marked.index("^") + 1
    plain = [word for word in marked[start:] if word[0].isalpha() or word[0] == "<"]
    if plain:
        names.add("subject:" + _subject(plain))
    names.update(_clauses(plain))
    names.update(_tense(plain, sentence))
    if len(plain) < 5:
        names.add("short")
    if len(plain) > 25:
        names.add("long")
    if sentence.rstrip()[-1:] not in tuple(".!?…\"'”’)"):
        names.add("unpunctuated")
    return Signals(frozenset(names), tuple(found), len(plain))


def _figures(found: list[str]) -> set[str]:
    names = {kind.strip("<>") for kind in ("<pct>", "<money>", "<year>", "<times>") if kind in found}
    if any(is_number(token) for token in found):
        names.add("number")
    return names


def _subject(plain: list[str]) -> str:
    """The kind of the word that the sentence begins with: who it is about, as far as that can be seen."""
    first = plain[0]
    for kind, members in (
        ("i", _I),
        ("we", _WE),
        ("others", words.OTHERS),
        ("it", _IT),
        ("thing", _DETERMINERS),
    ):
        if first in members:
            return kind
    if first in ("my", "our", "there"):
        return first
    if is_past(first) or first in words.ACTION_VERBS:
        return "left out"  # "Rewrote the query": notes and chat leave the I out
    if first.endswith("ing"):
        return "doing"
    return "other"


def _clauses(plain: list[str]) -> set[str]:
    """`who:verb class` for every pronoun with a verb after it, adverbs between them left out."""
    names = set()
    for at, word in enumerate(plain[:-1]):
        who = (
            "i"
            if word in _I
            else "we"
            if word in _WE
            else "they"
            if word in words.OTHERS
            else "it"
            if word in _IT
            else ""
        )
        if not who:
            continue
        step = at + 1
        while step < len(plain) - 1 and (plain[step] in words.ADVERBS or plain[step].endswith("ly")):
            step += 1
        names.add(f"{who} {_verb_class(plain[step], who)}")
    return names


def _verb_class(verb: str, who: str) -> str:
    if verb in words.STATE_VERBS:
        return "state"
    if verb in words.MIND_VERBS:
        return "mind"
    if who in ("they", "it") and verb in words.BECOMING_VERBS:
        return "became"
    if verb in words.ACTION_VERBS:
        return "acted"
    if verb in _MODALS or verb in ("can", "will", "must", "may"):
        return "may"
    return "past" if is_past(verb) else "other"


def _tense(plain: list[str], sentence: str) -> set[str]:
    here = set(plain)
    names = set()
    if here & {"me", "us"}:
        names.add("me")
    if not here & _OWN:
        names.add("no own person")
    if any(is_past(word) for word in plain):
        names.add("past")
    if here & {"was", "were", "wasn't", "weren't"}:
        names.add("was")
    if here & _PRESENT:
        names.add("present")
    if here & _MODALS:
        names.add("would")
    if "present" in names and not names & {"was", "past"}:
        names.add("only present")
    if "had" in here or "hadn't" in here:
        names.add("had")
    if here & _NEVER:
        names.add("negation")
    if _PROGRESSIVE.search(sentence):
        names.add("progressive")
    if "?" in sentence:
        names.add("question")
    return names
