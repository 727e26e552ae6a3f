"""How far a figure would move with other answers: bootstrap by answer, the same numbers each time."""

import random
from collections.abc import Callable, Sequence
from typing import Final

from core.feedback.tagger import LABELS, Label

__all__ = ["Range", "accuracy_range", "f1_range"]

Range = tuple[float, float]

_ROUNDS: Final = 400
_SEED: Final = 7


def f1_range(truth: Sequence[Sequence[Label]], found: Sequence[Sequence[Label]]) -> Range:
    """The range of the macro-F1, from the true and the found labels of each answer: 95 of 100 resamples are in it."""
    counts = [
        [
            (sum(a == b == label for a, b in zip(is_, got, strict=True)), is_.count(label) + got.count(label))
            for label in LABELS
        ]
        for is_, got in zip(map(list, truth), map(list, found), strict=True)
    ]

    def macro(chosen: Sequence[int]) -> float:
        total = 0.0
        for at in range(len(LABELS)):
            hits = sum(counts[number][at][0] for number in chosen)
            total += 2 * hits / max(1, sum(counts[number][at][1] for number in chosen))
        return total / len(LABELS)

    return _range(len(counts), macro)


def accuracy_range(having: Sequence[bool], lacking: Sequence[bool]) -> Range | None:
    """The range of a balanced accuracy, from the hits among those that have the thing and among those that have not."""
    if not having or not lacking:
        return None
    hits = [*having, *lacking]
    count = len(having)

    def balanced(chosen: Sequence[int]) -> float:
        one = [hits[number] for number in chosen if number < count] or having
        other = [hits[number] for number in chosen if number >= count] or lacking
        return (sum(one) / len(one) + sum(other) / len(other)) / 2

    return _range(len(hits), balanced)


def _range(count: int, figure: Callable[[Sequence[int]], float]) -> Range:
    if not count:
        return (0.0, 0.0)
    chance = random.Random(_SEED)
    numbers = range(count)
    found = sorted(figure(chance.choices(numbers, k=count)) for _ in range(_ROUNDS))
    return found[_ROUNDS // 40], found[-1 - _ROUNDS // 40]
