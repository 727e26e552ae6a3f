"""Which day an instant belongs to (docs/rules.md, 1)."""

import os
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from core.rules.days import CHUNK, DEFAULT_CUTOFF, day_bounds, day_of, exists, in_words, instant_of, starts_of

FULL = os.environ.get("STARLING_TEST_SIZE") == "full"
many = settings(max_examples=5000 if FULL else 100, deadline=None)

BERLIN = "Europe/Berlin"
DAY = timedelta(days=1)
zones = st.sampled_from(sorted(available_timezones() - {"Factory", "localtime"}))
cutoffs = st.integers(0, 360).map(lambda minutes: time(minutes // 60, minutes % 60))
dates = st.dates(date(1960, 1, 1), date(2040, 12, 31))
instants = st.datetimes(datetime(1960, 1, 1), datetime(2040, 12, 31), timezones=st.just(UTC))

NAMED_CASES = [
    pytest.param(
        "2026-06-02 02:59", BERLIN, time(3), date(2026, 6, 1), id="a minute before the cut-off is yesterday"
    ),
    pytest.param("2026-06-02 03:00", BERLIN, time(3), date(2026, 6, 2), id="the cut-off itself is today"),
    pytest.param(
        "2026-06-02 00:00", BERLIN, time(0), date(2026, 6, 2), id="at midnight, for whoever chose that"
    ),
    pytest.param(
        "2026-06-02 05:59", BERLIN, time(6), date(2026, 6, 1), id="until six, for whoever chose that"
    ),
    pytest.param(
        "2026-01-01 01:00", "Asia/Kolkata", time(3), date(2025, 12, 31), id="over the end of a year"
    ),
    pytest.param(
        "2026-06-01 23:30", "Asia/Kathmandu", time(3), date(2026, 6, 1), id="in a zone of odd minutes"
    ),
]


@pytest.mark.parametrize(("clock", "zone", "cutoff", "expected"), NAMED_CASES)
def test_a_day_runs_from_cut_off_to_cut_off_in_ones_own_zone(
    clock: str, zone: str, cutoff: time, expected: date
) -> None:
    assert day_of(datetime.fromisoformat(clock).replace(tzinfo=ZoneInfo(zone)), zone, cutoff) == expected


def test_the_cut_off_is_three_in_the_morning_unless_chosen() -> None:
    assert time(3) == DEFAULT_CUTOFF
    night = datetime(2026, 6, 2, 0, 59, tzinfo=UTC)  # 02:59 in Berlin
    assert day_of(night, BERLIN) == date(2026, 6, 1)
    assert day_bounds(date(2026, 6, 1), BERLIN)[0] == datetime(2026, 6, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("day", "zone", "cutoff", "hours"),
    [
        pytest.param(date(2026, 3, 28), BERLIN, time(3), 23, id="23 hours, when clocks go forward"),
        pytest.param(date(2026, 10, 24), BERLIN, time(3), 25, id="25 hours, when they go back"),
        pytest.param(date(2026, 10, 25), BERLIN, time(3), 24, id="24 hours, after that"),
        pytest.param(
            date(2026, 3, 28), BERLIN, time(2, 30), 24, id="24 hours, when the cut-off lies in the gap"
        ),
        pytest.param(date(2026, 3, 29), BERLIN, time(2, 30), 23, id="and 23 for the next one"),
        pytest.param(
            date(2026, 10, 24), BERLIN, time(2, 30), 24, id="24 hours, when the cut-off comes twice"
        ),
        pytest.param(date(2026, 10, 25), BERLIN, time(2, 30), 25, id="and 25 for the next one"),
        pytest.param(
            date(2026, 4, 4), "Australia/Lord_Howe", time(3), 24.5, id="24.5 hours on Lord Howe Island"
        ),
        pytest.param(date(2026, 3, 28), "Antarctica/Troll", time(3), 22, id="22 hours at Troll"),
        pytest.param(
            date(2011, 12, 29), "Pacific/Apia", time(3), 24, id="24 hours before the date Samoa skipped"
        ),
        pytest.param(date(2011, 12, 30), "Pacific/Apia", time(3), 0, id="none at all for that date"),
        pytest.param(date(2011, 12, 31), "Pacific/Apia", time(3), 24, id="and 24 for the one after"),
        pytest.param(
            date(1969, 9, 30), "Pacific/Kwajalein", time(0), 47, id="47 hours where a date came twice"
        ),
    ],
)
def test_a_day_lasts(day: date, zone: str, cutoff: time, hours: float) -> None:
    start, end = day_bounds(day, zone, cutoff)
    assert end - start == timedelta(hours=hours)


def test_in_the_repeated_hour_a_day_does_not_begin_twice() -> None:
    first = datetime(2026, 10, 25, 0, 45, tzinfo=UTC)  # 02:45 summer time, past the cut-off of 02:30
    second = datetime(2026, 10, 25, 1, 15, tzinfo=UTC)  # 02:15 standard time, before it by the clock
    assert day_of(first, BERLIN, time(2, 30)) == day_of(second, BERLIN, time(2, 30)) == date(2026, 10, 25)


def test_a_midnight_that_comes_twice_begins_one_day() -> None:
    """In St John's the clocks went from 00:01 back to 23:01: the 7th had begun, and went on."""
    repeated = datetime(2010, 11, 7, 3, 0, tzinfo=UTC)  # 23:30 on the 6th, for the second time
    assert repeated.astimezone(ZoneInfo("America/St_Johns")).date() == date(2010, 11, 6)
    assert day_of(repeated, "America/St_Johns", time(0)) == date(2010, 11, 7)


@many
@given(instants, zones, cutoffs)
@example(datetime(2011, 12, 30, 10, tzinfo=UTC), "Pacific/Apia", time(3))
@example(datetime(2026, 10, 25, 1, 15, tzinfo=UTC), BERLIN, time(2, 30))
def test_every_instant_belongs_to_exactly_one_day(instant: datetime, zone: str, cutoff: time) -> None:
    day = day_of(instant, zone, cutoff)
    for other in (day - DAY, day, day + DAY):
        start, end = day_bounds(other, zone, cutoff)
        assert (start <= instant < end) == (other == day)


@many
@given(dates, zones, cutoffs)
@example(date(2011, 12, 30), "Pacific/Apia", time(3))
@example(date(1994, 12, 31), "Pacific/Kiritimati", time(0))
def test_neighbouring_days_meet_and_their_bounds_belong_to_them(day: date, zone: str, cutoff: time) -> None:
    start, end = day_bounds(day, zone, cutoff)
    assert start <= end == day_bounds(day + DAY, zone, cutoff)[0]
    assert start.tzinfo is end.tzinfo is UTC
    if start < end:
        assert day_of(start, zone, cutoff) == day_of(end - timedelta(microseconds=1), zone, cutoff) == day
    else:
        assert not exists(day, zone)


@many
@given(dates, zones, cutoffs)
def test_the_remembered_starts_are_the_bounds(day: date, zone: str, cutoff: time) -> None:
    chunk, place = divmod(day.toordinal(), CHUNK)
    starts = starts_of(zone, cutoff, chunk)
    assert (starts[place], starts[place + 1]) == day_bounds(day, zone, cutoff)


@many
@given(instants, zones, st.integers(-14 * 60, 14 * 60))
def test_the_zone_an_instant_is_written_in_does_not_matter(
    instant: datetime, zone: str, minutes: int
) -> None:
    elsewhere = instant.astimezone(timezone(timedelta(minutes=minutes)))
    assert day_of(elsewhere, zone) == day_of(instant, zone)


@pytest.mark.parametrize(
    ("day", "zone", "there"),
    [
        (date(2011, 12, 29), "Pacific/Apia", True),
        (date(2011, 12, 30), "Pacific/Apia", False),
        (date(2011, 12, 31), "Pacific/Apia", True),
        (date(1993, 8, 21), "Pacific/Kwajalein", False),
        (date(1994, 12, 31), "Pacific/Kiritimati", False),
        (date(2024, 3, 30), "America/Nuuk", True),
        (date(2026, 3, 29), BERLIN, True),
    ],
)
def test_whether_a_zone_has_a_date(day: date, zone: str, there: bool) -> None:
    assert exists(day, zone) is there


@pytest.mark.slow
def test_the_dates_that_no_clock_showed_are_those_the_whole_year_round() -> None:
    """Looked up the slow way, hour by hour, for zones that once crossed the date line."""
    for zone, year in (
        ("Pacific/Apia", 2011),
        ("Pacific/Kwajalein", 1993),
        ("Pacific/Fakaofo", 2011),
        ("Pacific/Enderbury", 1994),
    ):
        begin = datetime(year - 1, 12, 30, tzinfo=UTC)
        shown = {(begin + timedelta(hours=n)).astimezone(ZoneInfo(zone)).date() for n in range(24 * 370)}
        for day in (date(year, 1, 1) + timedelta(days=n) for n in range(365)):
            assert exists(day, zone) == (day in shown), (zone, day)


@pytest.mark.parametrize(
    ("wall", "expected"),
    [
        pytest.param("2026-03-29 02:30", "2026-03-29 01:30", id="in the gap, later by the gap"),
        pytest.param("2026-10-25 02:30", "2026-10-25 00:30", id="in the repeated hour, the first time"),
        pytest.param("2026-06-01 12:00", "2026-06-01 10:00", id="elsewhere, as it says"),
    ],
)
def test_the_instant_of_a_wall_time(wall: str, expected: str) -> None:
    local = datetime.fromisoformat(wall)
    assert instant_of(local.date(), local.time(), BERLIN) == datetime.fromisoformat(expected).replace(
        tzinfo=UTC
    )


@pytest.mark.parametrize(
    ("call", "words"),
    [
        pytest.param(lambda: day_of(datetime(2026, 6, 1), BERLIN), "attach UTC", id="a naive instant"),
        pytest.param(lambda: day_of(datetime(2026, 6, 1, tzinfo=UTC), "Mars/Base"), "Mars/Base", id="an unknown zone"),
        pytest.param(lambda: day_bounds(date(2026, 6, 1), "America"), "America", id="a folder of zones"),
        pytest.param(lambda: day_bounds(date(2026, 6, 1), "../zone"), "zone", id="a path"),
        pytest.param(lambda: day_bounds(date(2026, 6, 1), BERLIN, time(6, 1)), "06:00", id="a cut-off past six"),
        pytest.param(lambda: day_bounds(date(2026, 6, 1), BERLIN, time(3, tzinfo=UTC)), "own", id="a zoned cut-off"),
    ],
)  # fmt: skip
def test_refused_with_a_plain_sentence(call: Callable[[], object], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        call()


def test_a_day_in_words_does_not_depend_on_the_locale() -> None:
    assert in_words(date(2026, 11, 10)) == "Tuesday 10 November 2026"
