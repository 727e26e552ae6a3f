"""The nine items of the checklist, each met, missing or unsure, with the member's own sentence where it is met.

How far an item may go follows what could be measured (docs/feedback.md): the parts, the number and the own part are
verdicts; a lesson is met or a question; reasoning and effect are hints. "Missing" takes more than "not met", because
on real answers it is wrong more often.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final, Literal

from core.feedback.cues_checks import ENDINGS
from core.feedback.hints import WEIGHTS, Weights, hint_of
from core.feedback.magnitude import has_magnitude
from core.feedback.phrases import Begun, anchored, families_in, index_of
from core.feedback.signals import Signals, signals_of
from core.feedback.substance import says_something, substance_of
from core.feedback.tagger import Label, Tagged, without_heading
from core.feedback.words import ADVERBS, content, is_past, word_set

__all__ = ["HINTS", "TITLES", "Check", "State", "check_all"]

State = Literal["met", "missing", "unsure"]

TITLES: Final[Mapping[str, str]] = {
    "has_situation": "Situation: where and when it was",
    "has_task": "Task: what you had to do",
    "has_action": "Action: what was done",
    "has_result": "Result: what came of it",
    "quantified_result": "Result has a number",
    "first_person_ownership": "Your own part is clear",
    "reasoning_or_alternatives": "Why this way, or what you turned down",
    "business_impact": "What it meant for customers, money or time",
    "lesson_learned": "A lesson, or a limit you saw",
}
"""What each item is called before members, in the order of the checklist; at most 75 characters."""

HINTS: Final = frozenset({"reasoning_or_alternatives", "business_impact", "lesson_learned"})
"""Items that are never "missing": too little is known about them for a verdict."""


@dataclass(frozen=True, slots=True)
class Check:
    """One item: its state, and where it is met one of the member's sentences, word for word; else None."""

    state: State
    quote: str | None = None


@dataclass(frozen=True, slots=True)
class _Seen:
    """A sentence as the checks see it: what it says, and how likely it belongs to each part."""

    text: str
    signals: Signals
    presence: Mapping[Label, float]  # for the parts, see `Tagged.presence`
    likely: Mapping[Label, float]  # the labels' own shares, for what stands in a part
    full: bool  # has words of its own (`says_something`)
    own_words: int  # how many


# How much a sentence must look like a part (see `Tagged.presence`): told from a half on, missing only when none
# comes near by either opinion. Between the two we say nothing, because on real answers "missing" is what goes wrong:
# most of all for the task, which is often folded into another sentence.
_MET, _MISSING = 0.5, 0.22
_UNLIKELY: Mapping[Label, float] = {"S": 0.2, "T": 0.1, "A": 0.2, "R": 0.3}
_PARTS: tuple[tuple[str, Label], ...] = (
    ("has_situation", "S"),
    ("has_task", "T"),
    ("has_action", "A"),
)
_ASIDE = 0.5
_PLAIN_TASK = 0.8  # "It was my task to find out why" has one word of its own, and is a task all the same
_NUMBER, _NUMBER_OPEN = 0.4, 0.2  # how much the sentence of a number must look like the outcome

_I = word_set("i i've i'd i'll")
_MINE = word_set("me my myself i'm im")
_ASIDES = word_set("think know guess mean suppose hope believe imagine reckon")  # "two months, I think"
_BE = word_set("was were been being is are got")
_DONE = word_set("done given taken written shown spoken chosen drawn")
_PASSIVE = 0.6
_OWN, _OF_SHARED = (
    0.7,
    0.6,
)  # sentences of one's own at least, and for each that has a "we" or is in the passive
_WE = word_set("we we're we've we'd we'll our us ourselves")


def check_all(tagged: Sequence[Tagged], weights: Weights = WEIGHTS) -> dict[str, Check]:
    """Every item of `TITLES`, in that order, for the tagged sentences of one answer; `weights` are of the hints."""
    seen = [_look(sentence) for sentence in tagged if sentence.text.strip()]
    substance = substance_of([sentence.signals for sentence in seen])
    if substance == "story":
        found = {name: _part(seen, label) for name, label in _PARTS}
        found |= _outcome(seen)
        found["first_person_ownership"] = _own_part(seen)
        if "met" in (found["has_action"].state, found["has_result"].state):
            found |= {name: _hint(name, seen, weights) for name in HINTS}
        else:  # nothing happened that there could be reasons for, or a lesson from
            found |= {name: Check("unsure") for name in HINTS}
    else:
        state: State = "missing" if substance == "empty" else "unsure"
        found = {name: Check("unsure" if name in HINTS else state) for name in TITLES}
    return {name: found[name] for name in TITLES}


def _look(sentence: Tagged) -> _Seen:
    said = without_heading(sentence.text)
    signals = sentence.signals if sentence.signals and said == sentence.text else signals_of(said)
    presence = sentence.presence or sentence.probabilities
    own = len(content(signals.tokens))
    return _Seen(sentence.text, signals, presence, sentence.probabilities, says_something(signals), own)


def _best(seen: Sequence[_Seen], score: Callable[[_Seen], float]) -> tuple[float, _Seen | None]:
    """The sentence with the highest score above 0, and that score."""
    best = max(seen, key=score, default=None)
    top = score(best) if best else 0.0
    return (top, best) if top > 0 else (0.0, None)


def _part(seen: Sequence[_Seen], label: Label) -> Check:
    def share(sentence: _Seen) -> float:
        plain = label == "T" and sentence.own_words and sentence.presence["T"] >= _PLAIN_TASK
        return sentence.presence[label] if sentence.full or plain else 0.0

    top, best = _best(seen, share)
    if best and top >= _MET:
        return Check("met", best.text)
    if label == "R" and any(map(_ends, seen)):
        return Check("unsure")
    # Bare sentences ("It worked.") are not shown as the part, but it is not missing either.
    # What is more likely an aside, or what somebody would do, comes near none but the situation.
    near = any(
        (each.presence[label] >= _MISSING or each.likely[label] >= _UNLIKELY[label])
        and (label == "S" or each.likely["O"] < _ASIDE)
        for each in seen
    )
    return Check("unsure" if near else "missing")


def _ends(sentence: _Seen) -> bool:
    """Whether an end is told in passing ("we found a compromise"), or as how it is now beside how it used to be."""
    found = families_in(anchored(list(sentence.signals.tokens)), _endings())
    return "ending" in found or {"now", "before"} <= found


@cache
def _endings() -> dict[str, Begun]:
    return index_of(ENDINGS)


def _outcome(seen: Sequence[_Seen]) -> dict[str, Check]:
    """The result and the number in it, which are looked at together.

    A number that stands in what may well be the outcome shows that there is one: the two never contradict each other.
    A number that may or may not be part of the outcome leaves it open.
    """
    result = _part(seen, "R")
    measured = [each for each in seen if has_magnitude(each.signals.tokens)]
    # "One baker convinces more than fifty seeds" measures nothing.
    top, best = _best(measured, lambda each: 0.0 if "lesson" in each.signals.names else each.likely["R"])
    if best is None or top < _NUMBER_OPEN:
        return {"has_result": result, "quantified_result": Check("missing")}
    if top >= _NUMBER and (result.state == "met" or best.presence["R"] >= _NUMBER):
        shown = result if result.state == "met" else Check("met", best.text)
        return {"has_result": shown, "quantified_result": Check("met", best.text)}
    return {"has_result": result, "quantified_result": Check("unsure")}


def _own_part(seen: Sequence[_Seen]) -> Check:
    """Whether "I" stands in what was done, and not only "we".

    Notes leave the "I" out ("rewrote the query"); that counts where hardly a "we" stands beside it.
    """
    own = sum(_mine(sentence.signals) * sentence.presence["A"] for sentence in seen)
    shared = sum(_others(sentence.signals) * sentence.presence["A"] for sentence in seen)
    _, best = _best(seen, lambda sentence: _mine(sentence.signals) * sentence.presence["A"])
    if best and own >= _OWN and own >= _OF_SHARED * shared:
        return Check("met", best.text)
    left_out = [sentence for sentence in seen if "subject:left out" in sentence.signals.names]
    top, best = _best(left_out, lambda sentence: sentence.presence["A"])
    if best and top >= 0.4 and shared < 0.5:
        return Check("met", best.text)
    return Check("missing" if own < 0.2 and top < 0.2 else "unsure")


def _mine(signals: Signals) -> float:
    """How much one sentence says that the speaker did something, from 0 to 1.

    "I would ask them" was not done, "I do a huddle every morning" is a habit, and "two months, I think" does nothing.
    """
    names, tokens = signals.names, signals.tokens
    if "would" in names and "past" not in names:
        return 0.0
    said = 0.0
    for at, token in enumerate(tokens):
        if token in _I:
            after = next((word for word in tokens[at + 1 : at + 4] if word not in ADVERBS), "")
            said = max(said, 0.0 if after in _ASIDES else 1.0)
        elif token in _MINE:
            said = max(said, 1.0 if token == "myself" else 0.5)
    return said * 0.5 if "only present" in names else said


def _others(signals: Signals) -> float:
    """How much one sentence leaves it open who did it: "we", or nobody at all ("a working group was set up")."""
    tokens = signals.tokens
    if not _WE.isdisjoint(tokens):
        return 1.0
    if not (_I | _MINE).isdisjoint(tokens):
        return 0.0
    passive = any(
        word in _BE and any(done in _DONE or is_past(done) for done in tokens[at + 1 : at + 3])
        for at, word in enumerate(tokens)
    )
    return _PASSIVE if passive else 0.0


def _hint(item: str, seen: Sequence[_Seen], weights: Weights) -> Check:
    hint = hint_of(item, [(sentence.signals, sentence.likely) for sentence in seen], weights)
    return Check("met", seen[hint.best].text) if hint.told and hint.best is not None else Check("unsure")
