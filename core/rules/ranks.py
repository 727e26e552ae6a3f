"""Places on a board (docs/rules.md, 6.3 and 6.4). The store counts in SQL; this says what it must come to."""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

P = TypeVar("P", int, str)


@dataclass(frozen=True, slots=True)
class Standing(Generic[P]):
    """One member's points (or days, or items), and when they reached them (aware)."""

    person_id: P
    points: int
    reached_at: datetime
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class Ranked(Generic[P]):
    """A standing with its rank: 1 + the number of visible members with strictly more points."""

    person_id: P
    points: int
    rank: int
    hidden: bool


def rank_rows(rows: Sequence[Standing[P]]) -> list[Ranked[P]]:
    """Every row with its rank, best first, in any order of the rows.

    Ties share a rank, and stand in order of arrival (who reached the points first; at one instant, the
    lesser id). Hidden members count in nobody's rank but get one of their own, as if they were shown: give
    the result to `seen_by` before it is shown to anybody.
    """
    visible = sorted(-row.points for row in rows if not row.hidden)
    ordered = sorted(rows, key=lambda row: (-row.points, row.reached_at, row.person_id))
    return [
        Ranked(row.person_id, row.points, 1 + bisect_left(visible, -row.points), row.hidden)
        for row in ordered
    ]


def seen_by(person_id: P | None, ranked: Sequence[Ranked[P]]) -> list[Ranked[P]]:
    """What one member may see: everybody who is not hidden, and themselves. None is somebody without a
    place."""
    return [row for row in ranked if not row.hidden or row.person_id == person_id]
