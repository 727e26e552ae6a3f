"""Every zone, nine times of day, every date of a year: a schedule is due once for each date that the zone has.

What is right is found by walking through the year in UTC and looking at the clocks; ``make soak`` does it for every
zone there is, ``make test`` for the odd ones and a spread of the rest.
"""

import os
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo, available_timezones

import pytest

from core.rules.due import Rule, following, occurrence_at

SOAK = os.environ.get("STARLING_SOAK") == "1"
FULL = SOAK or os.environ.get("STARLING_TEST_SIZE") == "full"
DAY = timedelta(days=1)
ALL_ZONES = sorted(available_timezones() - {"Factory", "localtime"})
# Those whose clocks do something odd in 2026 or did in 2011, and a spread of the rest.
ODD_ZONES = [
    "Africa/Cairo", "Africa/Casablanca", "America/Asuncion", "America/Havana", "America/Nuuk", "America/Santiago",
    "America/Scoresbysund", "America/St_Johns", "Antarctica/Casey", "Antarctica/Troll", "Asia/Beirut", "Asia/Gaza",
    "Asia/Kathmandu", "Atlantic/Azores", "Australia/Lord_Howe", "Europe/Berlin", "Europe/Dublin", "Pacific/Apia",
    "Pacific/Chatham", "Pacific/Easter", "Pacific/Fakaofo", "Pacific/Kiritimati", "UTC",
]  # fmt: skip
# Years in which something odder happened: dates left out, clocks set back by three hours, changes at midnight.
ODD_YEARS = [
    ("Pacific/Kwajalein", 1993), ("Pacific/Kiritimati", 1994), ("Pacific/Kiritimati", 1995), ("Antarctica/Casey", 2010),
    ("Antarctica/Casey", 2023), ("America/Sao_Paulo", 2018), ("Asia/Amman", 2014), ("America/Caracas", 2007),
    ("Asia/Pyongyang", 2015), ("Africa/Juba", 2021),
]  # fmt: skip
ZONES = ALL_ZONES if FULL else sorted({*ODD_ZONES, *ALL_ZONES[::60]})
TIMES = [time(0), time(0, 30), time(1, 30), time(2), time(2, 30), time(3), time(9), time(23), time(23, 30)]


QUARTER = timedelta(minutes=15)  # every offset since 1980 is a multiple of it


def by_walking(zone: str, year: int) -> tuple[set[date], dict[datetime, datetime]]:
    """What somebody writes down who looks at a clock of ``zone`` every quarter of an hour, from before the year on:
    the dates that it shows, and for each wall time when it shows it first.

    Where the clock jumps ahead, times in between are counted on as if it had not.
    """
    place = ZoneInfo(zone)
    dates: set[date] = set()
    first: dict[datetime, datetime] = {}
    now, shown = datetime(year - 1, 12, 30, tzinfo=UTC), None
    while now.year <= year or now.day < 3:
        before, shown = shown, now.astimezone(place).replace(tzinfo=None)
        if before is not None and shown - before > QUARTER:
            for n in range(1, (shown - before) // QUARTER):
                first.setdefault(before + n * QUARTER, now + (n - 1) * QUARTER)
        if shown.minute in (0, 30):  # as all the times are that are asked for
            dates.add(shown.date())
            first.setdefault(shown, now)
        now += QUARTER
    return dates, first


def dates_missed(zone: str, year: int) -> set[date]:
    """Check each date of the year at each of the times against the walk; the dates that were not there."""
    dates, first = by_walking(zone, year)
    days = [date(year, 1, 1) + n * DAY for n in range((date(year + 1, 1, 1) - date(year, 1, 1)).days)]
    for wall in TIMES:
        rule = Rule(wall, zone)
        for day in days:
            wanted = first[datetime.combine(day, wall)] if day in dates else None
            assert occurrence_at(rule, day) == wanted, (zone, wall, day)
        if not FULL and wall not in (time(0), time(2, 30)):
            continue
        walk = [following(rule, days[0] - DAY)]
        while (one := following(rule, walk[-1].local_date)).local_date <= days[-1]:
            walk.append(one)
        assert [one.local_date for one in walk] == [day for day in days if day in dates], (zone, wall)
        assert all(a.at < b.at for a, b in pairwise(walk)), (zone, wall)
    return {day for day in days if day not in dates}


@pytest.mark.slow
@pytest.mark.parametrize("year", [2011, 2026])
def test_in_every_zone_a_daily_time_is_due_once_for_every_date_that_exists(year: int) -> None:
    assert len(ZONES) >= 30
    missed = {(zone, day) for zone in ZONES for day in dates_missed(zone, year)}
    leap = date(2011, 12, 30)
    assert missed >= ({("Pacific/Apia", leap), ("Pacific/Fakaofo", leap)} if year == 2011 else set())
    assert {day for _, day in missed} <= {leap}


@pytest.mark.parametrize(("zone", "year"), ODD_YEARS)
def test_in_the_oddest_years_too(zone: str, year: int) -> None:
    left_out = {
        ("Pacific/Kwajalein", 1993): {date(1993, 8, 21)},
        ("Pacific/Kiritimati", 1994): {date(1994, 12, 31)},
    }
    assert dates_missed(zone, year) == left_out.get((zone, year), set())
