"""What a person's log holds beside their practice: dated settings (docs/rules.md, 1.4 and 3).

Every change carries the instant from which it holds. None of them acts backwards: a day that has ended is
never judged again.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time
from functools import lru_cache
from typing import Literal

from core.rules.days import DEFAULT_CUTOFF, checked_cutoff, utc, zone_of

Excuse = Literal["vacation", "rest", "unscheduled"]

_ALL_WEEK = frozenset(range(7))


@dataclass(frozen=True, slots=True)
class _Dated:
    at: datetime

    def __post_init__(self) -> None:
        object.__setattr__(self, "at", utc(self.at))


@dataclass(frozen=True, slots=True)
class Practised(_Dated):
    """One thing a person did: when (aware, kept in UTC), and whether it counts (docs/rules.md, 2).

    `ref` names the answer, review or round. Of two done at one instant, the lesser `ref` comes first.
    """

    counts: bool
    ref: str = ""


@dataclass(frozen=True, slots=True)
class NewZone(_Dated):
    """From `at` on the person lives in this IANA zone; ValueError when there is none of that name."""

    zone: str

    def __post_init__(self) -> None:
        _Dated.__post_init__(self)
        zone_of(self.zone)


@dataclass(frozen=True, slots=True)
class NewCutoff(_Dated):
    """From `at` on the person's days end at this wall time, 00:00-06:00; ValueError otherwise."""

    cutoff: time

    def __post_init__(self) -> None:
        _Dated.__post_init__(self)
        checked_cutoff(self.cutoff)


@dataclass(frozen=True, slots=True)
class NewRestDays(_Dated):
    """From `at` on these weekdays (Monday is 0) are the person's rest days, and no others."""

    weekdays: frozenset[int]

    def __post_init__(self) -> None:
        _Dated.__post_init__(self)
        _checked_week(self.weekdays)


@dataclass(frozen=True, slots=True)
class NewVacation(_Dated):
    """Vacation on the days `first` to `last`, both included, beside any other set before.

    It may lie ahead. Days that have already ended at `at` stay as they were; the day still running may be
    in it.
    """

    first: date
    last: date

    def __post_init__(self) -> None:
        _Dated.__post_init__(self)
        if self.last < self.first:
            raise ValueError("A vacation ends on or after the day it begins.")


@dataclass(frozen=True, slots=True)
class VacationOff(_Dated):
    """Every vacation, begun or ahead, is cancelled from the next day on; days already had stay vacation."""


@dataclass(frozen=True, slots=True)
class NewSchedule(_Dated):
    """From `at` on something is scheduled for the person on these weekdays (of their own days, Monday is 0).

    None means that the person has no schedule at all and practises every day; an empty set means that they
    have schedules and none of them is due on any day at present (all paused).
    """

    weekdays: frozenset[int] | None

    def __post_init__(self) -> None:
        _Dated.__post_init__(self)
        if self.weekdays is not None:
            _checked_week(self.weekdays)


Change = NewZone | NewCutoff | NewRestDays | NewVacation | VacationOff | NewSchedule


def _checked_week(weekdays: frozenset[int]) -> None:
    if not weekdays <= _ALL_WEEK:
        raise ValueError("Weekdays are numbers from 0 (Monday) to 6 (Sunday).")


@dataclass(frozen=True, slots=True)
class Settings:
    """What is in force at one instant. Somebody who never said anything lives in UTC."""

    zone: str = "UTC"
    cutoff: time = DEFAULT_CUTOFF
    rest: frozenset[int] = frozenset()
    vacations: tuple[tuple[int, int], ...] = ()
    """First and last day of each, as ordinals (`date.toordinal`): the walk over the days counts in these."""
    scheduled: frozenset[int] | None = None
    by_weekday: tuple[Excuse | None, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "by_weekday", _week(self.rest, self.scheduled))

    def excuse(self, ordinal: int) -> Excuse | None:
        """Why nothing is owed on that day (an ordinal), or None when practice is due."""
        for first, last in self.vacations:  # asked for every day that did not count
            if first <= ordinal <= last:
                return "vacation"
        return self.by_weekday[(ordinal + 6) % 7]

    def vacation_until(self, ordinal: int) -> int | None:
        """The last day of the vacation that this day lies in (of the longest one); None outside of any."""
        until = None
        for first, last in self.vacations:
            if first <= ordinal <= last and (until is None or last > until):
                until = last
        return until

    @property
    def owes_nothing(self) -> bool:
        """Whether every weekday is excused, so that no day is ever due."""
        return None not in self.by_weekday

    def after(self, changes: Iterable[Change]) -> "Settings":
        """These settings with the changes made, one after the other."""
        zone, cutoff, rest, scheduled = self.zone, self.cutoff, self.rest, self.scheduled
        vacations = self.vacations
        for change in changes:
            match change:
                case NewZone():
                    zone = change.zone
                case NewCutoff():
                    cutoff = change.cutoff
                case NewRestDays():
                    rest = change.weekdays
                case NewVacation():
                    # What was over everywhere on earth is left out: no day that it holds is judged again.
                    over = change.at.toordinal() - 2
                    ahead = [vacation for vacation in vacations if vacation[1] > over]
                    vacations = (*ahead, (change.first.toordinal(), change.last.toordinal()))
                case VacationOff():
                    vacations = ()
                case NewSchedule():
                    scheduled = change.weekdays
        return Settings(zone, cutoff, rest, vacations, scheduled)


@lru_cache(maxsize=1024)
def _week(rest: frozenset[int], scheduled: frozenset[int] | None) -> tuple[Excuse | None, ...]:
    """What excuses each weekday. Everybody's changes of zone and vacation leave it as it is, so it is kept."""
    week: list[Excuse | None] = [None] * 7
    for day in range(7):
        if day in rest:
            week[day] = "rest"
        elif scheduled is not None and day not in scheduled:
            week[day] = "unscheduled"
    return tuple(week)
