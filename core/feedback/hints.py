"""The three hints of the checklist: why this way, what it meant for others, and what stays with the speaker.

Each weighs what its phrases (`cues_checks.py`) and the signals of a sentence say, sentence by sentence, in the parts of
the story where the item belongs; several weak signs in one answer come to as much as a strong one. The weights are
learned from the labelled answers by `fit_hints.py`. A hint is met or open and never missing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from math import exp
from typing import Final

from core.feedback.cues_checks import CUES
from core.feedback.magnitude import has_magnitude
from core.feedback.phrases import Begun, anchored, families_in, index_of
from core.feedback.signals import Signals
from core.feedback.tagger import Label
from core.feedback.words import word_set

__all__ = ["SIGNS", "WEIGHTS", "Hint", "Weights", "belongs_to", "hint_of", "signs_of"]

Weights = Mapping[str, Mapping[str, float]]
"""For each item the weight of each of its signs (`SIGNS`), and of "always", which every sentence has."""

_MET, _SHOWN = 0.5, 0.2  # of the whole answer, and of the sentence that is quoted for it
_OUTRIGHT: Final[Mapping[str, frozenset[str]]] = {
    "reasoning_or_alternatives": word_set("because cos bc cuz otherwise considered chose rather")
}
_THERE = 0.5  # who says it outright where it belongs has told it, however little else speaks for it

_WHERE: Final[Mapping[str, Mapping[Label, float]]] = {
    "reasoning_or_alternatives": {"A": 1.0, "T": 0.5},
    "business_impact": {"R": 1.0},
    "lesson_learned": {"R": 1.0, "O": 0.5},
}
_ELSEWHERE: Final = 0.03  # a sentence less likely than that to stand where the item belongs is not looked at

_SIGNALS: Final[Mapping[str, tuple[str, ...]]] = {
    "reasoning_or_alternatives": (
        "option",
        "reason",
        "would",
        "negation",
        "subject:left out",
        "long",
        "short",
    ),
    "business_impact": (
        "value",
        "lasting",
        "magnitude",
        "subject:i",
        "lesson",
        "only present",
        "long",
        "short",
    ),
    "lesson_learned": (
        "lesson",
        "would",
        "present",
        "only present",
        "no own person",
        "past",
        "last",
        "last two",
    ),
}
SIGNS: Final[Mapping[str, tuple[str, ...]]] = {
    item: (*families, *_SIGNALS[item], "always") for item, families in CUES.items()
}
"""What is looked at for each item: the families of its phrases, and signals of the sentence and of its place."""

_SAYING: Final = {
    item: {*CUES[item], *_SIGNALS[item][: 1 if item == "lesson_learned" else 2]} for item in CUES
}
# A sentence is quoted only for one of these: its length or its tense alone shows a reader nothing.

WEIGHTS: Final[Weights] = {
    "reasoning_or_alternatives": {
        "because": 0.2, "not chosen": 0.9, "choice": 0.6, "weighed": 0.7, "thought": 0.5,
        "others wanted": 0.4, "option": 0.8, "reason": 0.8, "would": 0.5, "negation": 0.5,
        "subject:left out": 0.8, "long": 0.9, "short": -2.0, "always": -2.7,
    },
    "business_impact": {
        "those served": 0.7, "money": 0.6, "safety": 0.4, "taken up": 0.7, "changed": 0.8,
        "reply": -0.5, "value": 0.7, "lasting": 1.2, "magnitude": 1.2, "subject:i": -2.8,
        "lesson": -1.3, "only present": -0.4, "long": 1.5, "short": -1.1, "always": -1.9,
    },
    "lesson_learned": {
        "learned": 3.4, "should have": 0.8, "since": 1.5, "saying": 1.7, "lesson": 1.6,
        "would": 1.0, "present": 1.0, "only present": -1.9, "no own person": -1.1, "past": -1.9,
        "last": 2.0, "last two": 0.7, "always": -2.7,
    },
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Hint:
    """Whether an answer tells the item; `share` (0 to 1) is how much it looks so.

    `best`: the number, from 0, of the sentence that shows it best, and `top` its own share; None and 0 without one.
    `outright`: that sentence says it in so many words ("because").
    """

    share: float
    best: int | None
    top: float
    outright: bool = False

    @property
    def told(self) -> bool:
        """Whether it is told, and one sentence can be shown for it."""
        return self.outright or (self.share >= _MET and self.top >= _SHOWN)


def hint_of(
    item: str,
    sentences: Sequence[tuple[Signals, Mapping[Label, float]]],
    weights: Weights = WEIGHTS,
) -> Hint:
    """`item` is one of `SIGNS`; `sentences` are those of one answer in order, each with the shares of its labels."""
    given, outright = weights[item], _OUTRIGHT.get(item, frozenset())
    none, top, best, said = 1.0, 0.0, None, False
    for number, (signals, likely) in enumerate(sentences):
        belongs = belongs_to(item, likely)
        if belongs < _ELSEWHERE:
            continue
        signs = signs_of(item, signals, number, len(sentences))
        share = belongs / (1 + exp(-sum(given[sign] for sign in signs)))
        none *= 1 - share
        if belongs >= _THERE and not outright.isdisjoint(signals.tokens):
            share = 1 + share  # goes before all that only hints at it
            said = True
        if share > top and (share > 1 or not signs.isdisjoint(_SAYING[item])):
            top, best = share, number
    return Hint(1 - none, best, min(1.0, top), said and best is not None)


def belongs_to(item: str, likely: Mapping[Label, float]) -> float:
    """How much a sentence stands where `item` is told, from 0 to 1, by the shares of its labels."""
    return min(1.0, sum(part * likely.get(label, 0.0) for label, part in _WHERE[item].items()))


def signs_of(item: str, signals: Signals, number: int, count: int) -> set[str]:
    """Which of the signs of `item` the sentence has that is `number` (from 0) of `count`."""
    found = families_in(anchored(list(signals.tokens)), _index(item))
    found.update(name for name in _SIGNALS[item] if name in signals.names)
    found.add("always")
    if item == "business_impact" and has_magnitude(signals.tokens):
        found.add("magnitude")
    if item == "lesson_learned":
        found.update(name for name, near in (("last", 1), ("last two", 2)) if number >= count - near)
    return found


@cache
def _index(item: str) -> dict[str, Begun]:
    return index_of(CUES[item])
