"""Which day an instant belongs to, for one person (docs/rules.md, 1 "Days").

A person's day runs from cut-off to cut-off in their own zone. A day is written as the date on which it
began, so with a cut-off of 03:00 an answer at 01:30 on Tuesday still belongs to Monday.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import chain, count
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

DEFAULT_CUTOFF = time(3, 0)
EARLIEST_CUTOFF = time(0, 0)
LATEST_CUTOFF = time(6, 0)

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)

_ONE = timedelta(days=1)
CHUNK = 256
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def zone_of(name: str) -> ZoneInfo:
    """The zone of that IANA name; ValueError with a plain sentence when there is none."""
    try:
        return _zone(name)
    # OSError: a folder of the zone database ("America") or a name too long for a file.
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(
            f"There is no time zone called {name[:60]!r}; try one such as Europe/Berlin."
        ) from None


# ZoneInfo holds on to the eight used last; a minute in which the whole world is due asks for all of them in turn.
_zone = lru_cache(maxsize=1024)(ZoneInfo)


def utc(instant: datetime) -> datetime:
    """The same instant in UTC; ValueError when it carries no zone (a naive time names no instant).

    Everything in this folder compares instants in UTC: Python compares two times of one zone by their wall
    clocks, which puts the repeated hour of an autumn night in the wrong order.
    """
    if instant.tzinfo is UTC:
        return instant
    if instant.utcoffset() is None:
        raise ValueError("A time without a zone was given where an instant is needed; attach UTC.")
    return instant.astimezone(UTC)


def checked_cutoff(cutoff: time) -> time:
    """The cut-off itself; ValueError unless it is a plain wall time from 00:00 to 06:00."""
    if cutoff.tzinfo is not None or not EARLIEST_CUTOFF <= cutoff <= LATEST_CUTOFF:
        raise ValueError("A cut-off lies between 00:00 and 06:00, in the person's own zone.")
    return cutoff


def instant_of(day: date, wall: time, zone: str) -> datetime:
    """The instant, in UTC, at which the clocks of `zone` show `wall` on `day`.

    A wall time that the clocks jump over is moved on by the width of the gap; one that they show twice
    means the first time.
    """
    return datetime.combine(day, wall.replace(fold=0), zone_of(zone)).astimezone(UTC)


def exists(day: date, zone: str) -> bool:
    """Whether the calendar of `zone` has this date at all: Pacific/Apia had no 30 December 2011.

    Zones that crossed the date line skipped a date from midnight to midnight, so its first moment tells.
    """
    return instant_of(day, time.min, zone).astimezone(zone_of(zone)).date() == day


@lru_cache(maxsize=1024)  # 15 KiB each; ten years are 15 of them
def starts_of(zone: str, cutoff: time, chunk: int) -> tuple[datetime, ...]:
    """When each of the 257 days from ordinal `chunk * 256` on begins, in UTC.

    The walk over ten years asks for 3,650 starts, and everybody in one zone asks for the same. A cache is no
    state here: the answer depends on the arguments and on the zone database only. The last one is the first
    of the next chunk, so that every day of a chunk finds its end in it, too.
    """
    wall = datetime.combine(date.fromordinal(chunk * CHUNK), cutoff, zone_of(zone))
    starts: list[datetime] = []
    offset, start = None, EPOCH
    for _ in range(CHUNK + 1):
        # Adding to an aware time moves its wall clock. While the offset stays, starts are 24 hours apart.
        start += _ONE
        if wall.utcoffset() != offset:
            offset, start = wall.utcoffset(), wall.astimezone(UTC)
        starts.append(start)
        wall += _ONE
    return tuple(starts)


def days_from(day: int, zone: str, cutoff: time) -> Iterator[tuple[int, datetime]]:
    """Each day from that one on, as ordinals, with the instant at which it ends, in UTC."""
    chunk, place = divmod(day, CHUNK)
    later = chain.from_iterable(starts_of(zone, cutoff, number)[1:] for number in count(chunk + 1))
    return zip(count(day), chain(starts_of(zone, cutoff, chunk)[place + 1 :], later))


def day_bounds(day: date, zone: str, cutoff: time = DEFAULT_CUTOFF) -> tuple[datetime, datetime]:
    """First instant of `day` and first instant after it, aware, UTC, half-open.

    Bounds of neighbouring days meet, whatever the clocks do: a day may last 23 or 25 hours, and a date that
    the zone never had is empty (both ends equal). A cut-off inside a spring gap comes later by the gap; one
    inside the repeated hour means the first time. ValueError for an unknown zone or a cut-off outside
    00:00-06:00.
    """
    checked_cutoff(cutoff)
    return instant_of(day, cutoff, zone), instant_of(day + _ONE, cutoff, zone)


def day_of(instant: datetime, zone: str, cutoff: time = DEFAULT_CUTOFF) -> date:
    """The day that `instant` (aware, any zone) belongs to for somebody living in `zone` with that cut-off.

    `day_of(x) == d` exactly when `day_bounds(d)` contains x. ValueError for a naive instant, an unknown
    zone or a cut-off outside 00:00-06:00.
    """
    checked_cutoff(cutoff)
    at = utc(instant)
    # The wall clock is a guess only: in the repeated hour it runs past the cut-off, back, and past it again.
    day = at.astimezone(zone_of(zone)).date()
    while at < instant_of(day, cutoff, zone):
        day -= _ONE
    while at >= instant_of(day + _ONE, cutoff, zone):
        day += _ONE
    return day


def in_words(day: date) -> str:
    """ "Tuesday 10 November 2026", whatever the machine's locale."""
    return f"{WEEKDAYS[day.weekday()]} {day.day} {MONTHS[day.month - 1]} {day.year}"
