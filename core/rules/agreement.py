"""How far reviewers and the machine agree on an answer: item by item, and as a range (docs/rules.md, 10).

Pure: verdicts in, counts out.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

Verdict = Literal["met", "missing", "unsure"]


@dataclass(frozen=True, slots=True)
class Judged:
    """One reviewer's ticks: keys of items seen, and of items clearly missing. What is in neither was left open."""

    seen: Collection[str]
    missing: Collection[str]


@dataclass(frozen=True, slots=True)
class Beside:
    """One item: how many reviewers saw it and how many missed it, and the machine's verdict (None: not its item)."""

    key: str
    seen: int
    missing: int
    machine: Verdict | None


@dataclass(frozen=True, slots=True)
class Agreement:
    """On ``of`` items they agree on ``least`` to ``most``. ``differ`` are those on which they surely do not.

    ``judged``: items that the machine and at least one reviewer said something about. 0 <= least <= most <= of, and
    most = of - len(differ).
    """

    least: int
    most: int
    of: int
    judged: int
    differ: tuple[str, ...]


def side_by_side(
    keys: Iterable[str], reviews: Sequence[Judged], machine: Mapping[str, Verdict]
) -> tuple[Beside, ...]:
    """A line for each of ``keys``, in their order."""
    return tuple(
        Beside(
            key, sum(key in r.seen for r in reviews), sum(key in r.missing for r in reviews), machine.get(key)
        )
        for key in keys
    )


def agreement(lines: Iterable[Beside]) -> Agreement | None:
    """The range in which the agreement lies; None when there is no item that both sides judged.

    Of the items that the machine looks at, those count as agreed on which it is sure and every reviewer who said
    something says the same; as differing, those on which every one of them says the opposite. All others are open:
    the machine is unsure, nobody said anything, or reviewers are of two minds. They may go either way, so they are in
    the upper end of the range and not in the lower one.

    Bounds, and not an estimate: whoever ticks nine items of one answer has not drawn nine times from an urn, so an
    interval that treats them so would promise what it cannot know. The bounds suppose nothing. One more tick in an
    open item can only make the range narrower, and the truth, were everything said, lies within it.
    """
    mine = [line for line in lines if line.machine is not None]
    judged = [line for line in mine if line.machine != "unsure" and line.seen + line.missing]
    if not judged:
        return None
    agreed = [line for line in judged if not _against(line)]
    differ = tuple(line.key for line in judged if not _with(line))
    return Agreement(len(agreed), len(mine) - len(differ), len(mine), len(judged), differ)


def _with(line: Beside) -> int:
    """How many reviewers say what the machine says."""
    return line.seen if line.machine == "met" else line.missing


def _against(line: Beside) -> int:
    return line.missing if line.machine == "met" else line.seen
