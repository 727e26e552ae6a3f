"""Learn the weights of the hints (`hints.py`): `python -m core.feedback.fit_hints` prints them, ready to be put there.

From the labelled answers of `data/`, with the labels that their writers gave, so that no tagger has a say; half a
minute of one core, and nothing but the standard library. The same data give the same weights.
"""

import sys
from collections.abc import Sequence
from math import exp, sqrt
from typing import Final

from core.feedback.hints import SIGNS, Weights, belongs_to, signs_of
from core.feedback.measure import Answer
from core.feedback.signals import signals_of
from core.feedback.tagger import without_heading
from core.feedback.train import voices

__all__ = ["fit", "fitted", "main"]

_STEPS: Final = 200
_RATE: Final = 0.04
_SMALL: Final = (
    0.02 / 12
)  # how much a large weight costs (half its square); little, since there are far more answers
_FLOOR: Final = 1e-6

Seen = tuple[
    list[tuple[float, list[int]]], bool
]  # for each sentence how much it belongs, and its signs by number; the truth


def fit(answers: Sequence[Answer]) -> Weights:
    """The weights learned from `answers`, rounded to tenths."""
    return {item: fitted(item, answers) for item in SIGNS}


def fitted(item: str, answers: Sequence[Answer]) -> dict[str, float]:
    """The weights of the signs of one item; its fit takes a few seconds for a thousand answers."""
    return _descended(SIGNS[item], _seen(item, answers))


def _seen(item: str, answers: Sequence[Answer]) -> list[Seen]:
    numbers = {sign: number for number, sign in enumerate(SIGNS[item])}
    found: list[Seen] = []
    for answer in answers:
        if item not in answer.checks:
            continue
        rows = []
        for at, (text, label) in enumerate(zip(answer.texts, answer.labels, strict=True)):
            belongs = belongs_to(item, {label: 1.0})
            if belongs:
                signs = signs_of(item, signals_of(without_heading(text)), at, len(answer.texts))
                rows.append((belongs, [numbers[sign] for sign in sorted(signs)]))
        found.append((rows, answer.checks[item]))
    return found


def _descended(signs: Sequence[str], seen: Sequence[Seen]) -> dict[str, float]:
    """Gradient descent (Adam) on the likelihood of the truth, both answers weighing the same.

    An answer tells the item unless none of its sentences does: 1 - product of (1 - belongs x logistic(weights)).
    """
    width = len(signs)
    told = sum(truth for _, truth in seen) or 1
    each = {True: 0.5 / told, False: 0.5 / max(1, len(seen) - told)}
    weights, mean, spread = [0.0] * width, [0.0] * width, [0.0] * width
    weights[-1] = -2.0
    for step in range(1, _STEPS + 1):
        slope = [_SMALL * weight / width for weight in weights]
        slope[-1] = 0.0
        for rows, truth in seen:
            none, parts = 1.0, []
            for belongs, has in rows:
                rise = 1 / (1 + exp(-sum(weights[sign] for sign in has)))
                share = min(0.999, belongs * rise)
                none *= 1 - share
                parts.append((belongs * rise * (1 - rise) / (1 - share), has))
            any_of = min(1 - _FLOOR, max(_FLOOR, 1 - none))
            pull = each[truth] * (-(1 - any_of) / any_of if truth else 1.0)
            for steep, has in parts:
                for sign in has:
                    slope[sign] += pull * steep
        for at in range(width):
            mean[at] = 0.9 * mean[at] + 0.1 * slope[at]
            spread[at] = 0.999 * spread[at] + 0.001 * slope[at] ** 2
            size = sqrt(spread[at] / (1 - 0.999**step)) + 1e-8
            weights[at] -= _RATE * mean[at] / (1 - 0.9**step) / size
    return {sign: round(weight, 1) for sign, weight in zip(signs, weights, strict=True)}


def main() -> int:
    """Print the weights learned from all answers of `data/`."""
    everything = [answer for answers in voices().values() for answer in answers]
    for item, weights in fit(everything).items():
        sys.stdout.write(f'    "{item}": {{\n')
        sys.stdout.writelines(f'        "{sign}": {weight},\n' for sign, weight in weights.items())
        sys.stdout.write("    },\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
