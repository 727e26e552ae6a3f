"""When a schedule is due (docs/rules.md, 4)."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_rules_due_zones import ALL_ZONES, FULL, ODD_ZONES, TIMES, ZONES

from core.rules.due import Occurrence, Rule, following, next_occurrence, occurrence_at, occurrences

DAY = timedelta(days=1)


def utc(stamp: str) -> datetime:
    return datetime.fromisoformat(stamp).replace(tzinfo=UTC)


@pytest.mark.slow
@pytest.mark.parametrize("year", [2011, 2026])
def test_walking_from_one_to_the_next_meets_every_date_once(year: int) -> None:
    """The three ways forward agree: by instant, by local date, and all at once."""
    for zone in ZONES if FULL else ODD_ZONES:
        for wall in TIMES if FULL else (time(0, 30), time(2, 30), time(23, 30)):
            rule = Rule(wall, zone)
            begin, end = datetime(year, 1, 1, tzinfo=UTC), datetime(year, 12, 31, tzinfo=UTC)
            whole = occurrences(rule, begin, end)
            assert len({one.local_date for one in whole}) == len(whole)
            by_instant = [next_occurrence(rule, begin)]
            by_date = [by_instant[0]]
            while len(by_instant) < len(whole):
                by_instant.append(next_occurrence(rule, by_instant[-1].at))
                by_date.append(following(rule, by_date[-1].local_date))
            assert by_instant == by_date == whole, (zone, wall)


@pytest.mark.parametrize(
    ("wall", "zone", "day", "expected"),
    [
        pytest.param("09:00", "Europe/Berlin", "2026-06-01", "2026-06-01 07:00", id="an ordinary morning"),
        pytest.param("02:30", "Europe/Berlin", "2026-03-29", "2026-03-29 01:30", id="in a gap: later by the gap"),
        pytest.param("02:30", "Europe/Berlin", "2026-10-25", "2026-10-25 00:30", id="shown twice: the first time"),
        pytest.param("00:30", "Africa/Cairo", "2026-04-24", "2026-04-23 22:30", id="a gap at midnight"),
        pytest.param("23:30", "America/Nuuk", "2026-03-28", "2026-03-29 01:30", id="a gap that ends at midnight"),
        pytest.param("09:00", "Pacific/Kiritimati", "2026-06-01", "2026-05-31 19:00", id="fourteen hours ahead of UTC"),
        pytest.param("09:00", "Pacific/Apia", "2011-12-30", None, id="a date that the zone never had is not due"),
        pytest.param("09:00", "Pacific/Apia", "2011-12-31", "2011-12-30 19:00", id="the date after it is"),
    ],
)  # fmt: skip
def test_due(wall: str, zone: str, day: str, expected: str | None) -> None:
    at = occurrence_at(Rule(time.fromisoformat(wall), zone), date.fromisoformat(day))
    assert at == (utc(expected) if expected else None)


def test_due_on_its_weekdays_only() -> None:
    rule = Rule(time(9), "UTC", frozenset({0, 4}))
    monday = date(2026, 6, 1)
    due = [occurrence_at(rule, monday + n * DAY) is not None for n in range(7)]
    assert due == [True, False, False, False, True, False, False]
    assert following(rule, monday) == Occurrence(date(2026, 6, 5), utc("2026-06-05 09:00"))


def test_the_next_one_is_strictly_after() -> None:
    rule = Rule(time(9), "UTC")
    nine = utc("2026-06-01 09:00")
    assert next_occurrence(rule, nine - timedelta(microseconds=1)).at == nine
    assert next_occurrence(rule, nine).at == nine + DAY


def test_a_span_leaves_its_beginning_out_and_takes_its_end_in() -> None:
    rule = Rule(time(9), "UTC")
    found = occurrences(rule, utc("2026-06-01 09:00"), utc("2026-06-03 09:00"))
    assert [one.local_date.day for one in found] == [2, 3]
    assert occurrences(rule, utc("2026-06-03 09:00"), utc("2026-06-03 09:00")) == []
    assert occurrences(rule, utc("2026-06-03 09:00"), utc("2026-06-01 09:00")) == []


def test_a_time_moved_over_midnight_is_still_the_next_one() -> None:
    """In Nuuk the clocks go from 23:00 on the 28th to midnight: 23:30 comes at 00:30, and it is 00:10 now."""
    found = next_occurrence(Rule(time(23, 30), "America/Nuuk"), utc("2026-03-29 01:10"))
    assert found == Occurrence(date(2026, 3, 28), utc("2026-03-29 01:30"))


def test_moving_the_time_of_day_brings_no_date_a_second_time() -> None:
    """The morning drop of the 1st is out; moved to the evening, the next one is the 2nd's."""
    morning, evening = Rule(time(9), "UTC"), Rule(time(21), "UTC")
    out = next_occurrence(morning, utc("2026-06-01 00:00"))
    assert following(evening, out.local_date) == Occurrence(date(2026, 6, 2), utc("2026-06-02 21:00"))


def test_two_dates_on_one_instant_are_both_walked() -> None:
    """Midnight after the date that Samoa skipped: driven by date, each comes once."""
    rule = Rule(time(0), "Pacific/Apia")
    walk = [Occurrence(date(2011, 12, 28), utc("2011-12-28 10:00"))]
    for _ in range(3):
        walk.append(following(rule, walk[-1].local_date))
    assert [one.local_date.day for one in walk] == [28, 29, 31, 1]


@settings(max_examples=2000 if FULL else 50, deadline=None)
@given(
    st.sampled_from(ALL_ZONES),
    st.times().map(lambda wall: wall.replace(second=0, microsecond=0)),
    st.frozensets(st.integers(0, 6), min_size=1),
    st.datetimes(datetime(1970, 1, 1), datetime(2037, 1, 1), timezones=st.just(UTC)),
)
def test_the_next_one_is_the_first_of_all_those_after(
    zone: str, wall: time, weekdays: frozenset[int], after: datetime
) -> None:
    rule = Rule(wall, zone, weekdays)
    found = next_occurrence(rule, after)
    near = [after.date() + n * DAY for n in range(-3, 12)]
    due = [(at, day) for day in near if (at := occurrence_at(rule, day)) is not None and at > after]
    assert (found.at, found.local_date) == min(due)
    assert found.local_date.weekday() in weekdays


def test_the_zone_of_the_instant_asked_from_does_not_matter() -> None:
    rule = Rule(time(2, 30), "Europe/Berlin")
    after = utc("2026-10-25 00:45")
    assert next_occurrence(rule, after.astimezone(ZoneInfo("Europe/Berlin"))) == next_occurrence(rule, after)


@pytest.mark.parametrize(
    ("wall", "zone", "weekdays"),
    [
        pytest.param(time(9), "Europe/Atlantis", frozenset({0}), id="an unknown zone"),
        pytest.param(time(9), "UTC", frozenset(), id="no weekday at all"),
        pytest.param(time(9), "UTC", frozenset({7}), id="an eighth weekday"),
        pytest.param(time(9, tzinfo=UTC), "UTC", frozenset({0}), id="a time with a zone of its own"),
    ],
)
def test_a_rule_refuses(wall: time, zone: str, weekdays: frozenset[int]) -> None:
    with pytest.raises(ValueError):
        Rule(wall, zone, weekdays)


def test_naive_instants_are_refused() -> None:
    rule = Rule(time(9), "UTC")
    for call in (
        lambda: next_occurrence(rule, datetime(2026, 6, 1)),
        lambda: occurrences(rule, datetime(2026, 6, 1), utc("2026-06-02 00:00")),
        lambda: occurrences(rule, utc("2026-06-01 00:00"), datetime(2026, 6, 2)),
    ):
        with pytest.raises(ValueError, match="attach UTC"):
            call()
