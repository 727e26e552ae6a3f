"""What the trained tagger looks at, sentence by sentence: names of features that are there or not.

Two kinds are kept apart, because a story may be told in any order. `alone` is what the words of a sentence say by
themselves; `placed` adds where it stands in the answer and what stands around it. Both build on the signals of
`signals.py`; single words, stems and short runs of words come from the sentence as it is.
"""

from collections.abc import Sequence
from itertools import pairwise

from core.feedback.signals import Signals, signals_of
from core.feedback.words import ADVERBS, is_past

__all__ = ["alone", "placed", "seen"]

_PERSONS = {
    **dict.fromkeys(("i", "i'm", "i've", "i'd", "i'll", "im", "ive", "me", "my", "myself"), "i"),
    **dict.fromkeys(("we", "we're", "we've", "we'd", "us", "our", "ours"), "we"),
}
_SUFFIXES = ("ing", "ment", "ed", "es", "ly", "er", "s")
_LENGTHS = (4, 7, 11, 16, 22, 30)
_OPENING = 4  # words of a sentence that count once more, as its opening
_DEPTH = 2  # how many sentences to either side are looked at


def seen(sentences: Sequence[str]) -> list[Signals]:
    """The signals of each sentence: worked out once, used by both kinds of features."""
    return [signals_of(sentence) for sentence in sentences]


def alone(signals: Signals) -> list[str]:
    """The features of one sentence by itself."""
    names = sorted(signals.names)
    words = [token for token in signals.tokens if token[0].isalpha() or token[0] == "<"]
    found = [f"c:{name}" for name in names]
    distinct = dict.fromkeys(words)
    found += [f"w:{word}" for word in distinct]
    found += [f"s:{stem}" for stem in dict.fromkeys(map(_stem, distinct)) if stem]
    found += [f"<w:{word}" for word in dict.fromkeys(words[:_OPENING])]
    pairs = [f"{one} {other}" for one, other in pairwise(words)]
    found += [f"b:{pair}" for pair in dict.fromkeys(pairs)]
    found += [f"t:{pair} {third}" for pair, third in dict.fromkeys(zip(pairs, words[2:], strict=False))]
    found += [f"k:{one} {third}" for one, third in dict.fromkeys(zip(words, words[2:], strict=False))]
    found += _verbs(words)
    if words:
        found += [f"f:{words[0]}", f"l:{words[-1]}"]
    found.append(f"n:{sum(len(words) > length for length in _LENGTHS)}")
    found.append("every")
    return found


def placed(signals: Sequence[Signals]) -> list[list[str]]:
    """For each sentence of an answer, the features of its place: these come on top of `alone`."""
    count = len(signals)
    kept = [sorted(each.names) for each in signals]
    before: set[str] = set()
    after = [set(names) for names in kept]
    for number in range(count - 2, -1, -1):
        after[number] |= after[number + 1]
    rows: list[list[str]] = []
    for number, names in enumerate(kept):
        fifth, third = (number * 2 + 1) * 5 // (2 * count), (number * 2 + 1) * 3 // (2 * count)
        row = [f"p:{fifth}", f"p:{fifth}/{min(count, 16) // 4}"]
        if number < _DEPTH:
            row.append(f"p:+{number}")
        if count - number <= _DEPTH:
            row.append(f"p:-{count - number}")
        row += [f"p:{third}&{name}" for name in names]
        for offset in (-2, -1, 1, 2):
            if 0 <= number + offset < count:
                row += [f"{offset:+d}:{name}" for name in kept[number + offset]]
        row += [f"<:{name}" for name in sorted(before)]
        if number + 1 < count:
            row += [f">:{name}" for name in sorted(after[number + 1])]
        before.update(names)
        rows.append(row)
    return rows


def _stem(word: str) -> str:
    if len(word) < 4 or not word.isalpha():
        return ""
    for suffix in _SUFFIXES:
        if word.endswith(suffix) and len(word) - len(suffix) >= 3:
            return word[: -len(suffix)][:6]
    return word[:6]


def _verbs(words: Sequence[str]) -> list[str]:
    """Who does what: each person with the word that follows, adverbs passed over; "had" kept before a participle."""
    found = []
    for at, word in enumerate(words[:-1]):
        who = _PERSONS.get(word)
        if who is None or word in ("me", "my", "us", "our", "ours", "myself"):
            continue
        step, had = at + 1, False
        while step < len(words) - 1 and (words[step] in ADVERBS or words[step].endswith("ly")):
            had = had or words[step] == "had"
            step += 1
        verb = words[step]
        found.append(f"v:{who} {verb}")
        if had or word in ("i'd", "we'd"):
            found.append(f"v:{who} had {'past' if is_past(verb) else 'other'}")
    return found
