"""Whether a tagger is as sure as it should be."""

from collections.abc import Iterable
from dataclasses import dataclass

__all__ = ["Calibration", "calibration"]


@dataclass(frozen=True, slots=True)
class Calibration:
    """How sure the labels were, against how often they were right.

    `rows`: for each tenth of confidence that occurs, its mean confidence, the share that was right, and how many
    sentences. `ece`: the mean gap between the two, weighed by the sentences.
    """

    rows: tuple[tuple[float, float, int], ...]
    ece: float


def calibration(said: Iterable[tuple[float, bool]]) -> Calibration:
    """Of pairs of a confidence (0 to 1) and whether the label was right."""
    tenths: dict[int, list[tuple[float, bool]]] = {}
    for confidence, right in said:
        tenths.setdefault(min(9, int(confidence * 10)), []).append((confidence, right))
    rows = tuple(
        (
            sum(each for each, _ in found) / len(found),
            sum(right for _, right in found) / len(found),
            len(found),
        )
        for _, found in sorted(tenths.items())
    )
    count = sum(row[2] for row in rows)
    return Calibration(rows, sum(abs(sure - right) * n for sure, right, n in rows) / max(1, count))
