"""When a schedule is due (docs/rules.md, 4 "Due times").

An occurrence is named by its local date, never by the date the instant happens to fall on somewhere: that
is what makes it unique, whatever the clocks do.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import takewhile

from core.rules.days import exists, instant_of, utc, zone_of

_ONE = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Rule:
    """A local wall time in an IANA zone on some weekdays (Monday is 0).

    ValueError for an unknown zone, a time that carries a zone of its own, or no weekday at all: a schedule
    that is never due is one that should be paused.
    """

    local_time: time
    zone: str
    weekdays: frozenset[int] = frozenset(range(7))

    def __post_init__(self) -> None:
        zone_of(self.zone)
        if self.local_time.tzinfo is not None:
            raise ValueError("A schedule's time is a wall time; its zone is given beside it.")
        if not self.weekdays or not self.weekdays <= frozenset(range(7)):
            raise ValueError("A schedule needs at least one weekday, Monday being 0 and Sunday 6.")


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One due time: the scheduled local date that names it, and the instant in UTC."""

    local_date: date
    at: datetime


def occurrence_at(rule: Rule, local_date: date) -> datetime | None:
    """The instant, in UTC, at which the schedule is due on that local date; None when it is not.

    Not due: the weekday is not in the set, or the zone never had that date. A time that the clocks jump over
    fires later by the width of the gap; a time that they show twice fires once, the first time.
    """
    if local_date.weekday() not in rule.weekdays:
        return None
    at = instant_of(local_date, rule.local_time, rule.zone)
    # Only a time that was moved onto another date can belong to a date that is missing altogether.
    moved = at.astimezone(zone_of(rule.zone)).date() != local_date
    return None if moved and not exists(local_date, rule.zone) else at


def _from(rule: Rule, local_date: date) -> Iterator[Occurrence]:
    """Every occurrence from that local date on, in order of date and so of instant, without end."""
    while True:
        at = occurrence_at(rule, local_date)
        if at is not None:
            yield Occurrence(local_date, at)
        local_date += _ONE


def _after(rule: Rule, instant: datetime) -> Iterator[Occurrence]:
    """Every occurrence strictly after `instant`, which is in UTC."""
    # From the day before: a time in a gap may be moved over midnight, and still lie ahead.
    begin = instant.astimezone(zone_of(rule.zone)).date() - _ONE
    return (one for one in _from(rule, begin) if one.at > instant)


def next_occurrence(rule: Rule, after: datetime) -> Occurrence:
    """The first occurrence strictly after the instant `after` (aware; ValueError when naive)."""
    return next(_after(rule, utc(after)))


def following(rule: Rule, local_date: date) -> Occurrence:
    """The first occurrence whose local date is later than the given one.

    Drive a schedule with this where each local date must come exactly once: a changed time of day, or two
    dates falling on one instant, cannot repeat or lose a date.
    """
    return next(_from(rule, local_date + _ONE))


def occurrences(rule: Rule, after: datetime, until: datetime) -> list[Occurrence]:
    """All occurrences in (after, until], both aware; empty when `until` is not later than `after`."""
    end = utc(until)
    return list(takewhile(lambda one: one.at <= end, _after(rule, utc(after))))
