"""What two people's practice comes to when they turn out to be one (docs/rules.md, 9 "Linking").

Pure: rows in, verdicts out. Nobody gains points by joining, and nothing pays more often a day than 5 says.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from core.rules.scoring import DEFAULT_RULES, PointRules


@dataclass(frozen=True, slots=True)
class Paid:
    """One row of points in one group. ``about`` is the answer it hangs on, None when that is gone."""

    id: int
    kind: str  # answer | improvement | review | helpful | round
    track: str
    day: date
    about: int | None = None


def beyond_the_day(paid: Iterable[Paid], rules: PointRules = DEFAULT_RULES) -> set[int]:
    """The ids of points that one person could not have earned on one day. ``paid`` is in order of instant.

    A review's "helpful" goes with its review.
    """
    over: set[int] = set()
    tracks: dict[date, set[str]] = {}
    reviews: dict[date, int] = {}
    unpaid: set[int | None] = set()
    kept: set[int | None] = set()
    rows = list(paid)
    for row in rows:
        if row.kind == "answer":
            had = tracks.setdefault(row.day, set())
            if row.track in had or len(had) >= rules.tracks_a_day:
                over.add(row.id)
            else:
                had.add(row.track)
        elif row.kind == "review":
            if reviews.get(row.day, 0) >= rules.reviews_a_day:
                over.add(row.id)
                unpaid.add(row.about)
            else:
                reviews[row.day] = reviews.get(row.day, 0) + 1
                kept.add(row.about)
    gone = unpaid - kept - {None}
    return over | {row.id for row in rows if row.kind == "helpful" and row.about in gone}


@dataclass(frozen=True, slots=True)
class Read:
    """One attempt at a prompt as the machine read it: the items it met, and how many of them were new then."""

    answer_id: int
    met: Collection[str]
    newly: int


@dataclass(frozen=True, slots=True)
class Improved:
    """What an attempt brought, seen among the attempts of both: never more than before."""

    answer_id: int
    newly: int
    pays: bool  # it met more items than any attempt before it


def improvements(attempts: Sequence[Read]) -> list[Improved]:
    """For the attempts of both at one prompt, in their new order."""
    found = []
    before: set[str] = set()
    best: int | None = None
    for attempt in attempts:
        new = len(set(attempt.met) - before) if best is not None else 0
        pays = best is not None and len(attempt.met) > best
        found.append(Improved(attempt.answer_id, min(attempt.newly, new), pays))
        before |= set(attempt.met)
        best = max(best or 0, len(attempt.met))
    return found
