"""The arithmetic of a linear chain of labels, in plain Python: shares of each label for each sentence."""

from collections.abc import Sequence
from math import exp
from operator import mul

__all__ = ["Row", "in_chain", "normal", "on_their_own"]

Row = list[float]


def normal(row: Sequence[float]) -> Row:
    """`row` so that it makes 1."""
    total = sum(row)
    return [value / total for value in row]


def on_their_own(scores: Sequence[Sequence[float]]) -> list[Row]:
    """The softmax of each row of scores."""
    return [normal(_raised(row)) for row in scores]


def in_chain(scores: Sequence[Sequence[float]], steps: Sequence[Sequence[float]]) -> list[Row]:
    """The marginals of each sentence, by forward and backward sums.

    `scores` are the logarithms of what speaks for each label, sentence by sentence; `steps[a][b]` is the factor (not
    its logarithm) of label b after label a. Every row is scaled to make 1 on the way, so nothing under- or overflows.
    """
    if not scores:
        return []
    evidence = [_raised(row) for row in scores]
    arriving = list(zip(*steps, strict=True))
    forward = [normal(evidence[0])]
    for seen in evidence[1:]:
        last = forward[-1]
        forward.append(
            normal(
                [weight * sum(map(mul, last, column)) for weight, column in zip(seen, arriving, strict=True)]
            )
        )
    backward = [1.0] * len(steps)
    shares: list[Row] = [[]] * len(evidence)
    for number in range(len(evidence) - 1, -1, -1):
        shares[number] = normal(list(map(mul, forward[number], backward)))
        ahead = list(map(mul, evidence[number], backward))
        backward = normal([sum(map(mul, row, ahead)) for row in steps])
    return shares


def _raised(row: Sequence[float]) -> Row:
    top = max(row)
    return [exp(max(value - top, -40.0)) for value in row]
