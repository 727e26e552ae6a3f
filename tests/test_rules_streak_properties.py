"""What holds for every log (docs/rules.md, 3), against an independent model where there is one."""

import os
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from time import perf_counter
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.rules.days import day_of
from core.rules.streak import (
    Change,
    NewCutoff,
    NewRestDays,
    NewSchedule,
    NewVacation,
    NewZone,
    Practised,
    VacationOff,
    lost,
    replay,
    settings_at,
)

FULL = os.environ.get("STARLING_TEST_SIZE") == "full"
many = settings(max_examples=3000 if FULL else 60, deadline=None)

START = datetime(2026, 2, 20, tzinfo=UTC)  # spring and autumn changes of both hemispheres lie within reach
ZONES = (
    "UTC",
    "Europe/Berlin",
    "America/Los_Angeles",
    "Asia/Kolkata",
    "Asia/Tokyo",
    "Pacific/Auckland",
    "Pacific/Chatham",
    "Pacific/Kiritimati",
    "Pacific/Pago_Pago",
    "Etc/GMT+12",
    "Australia/Lord_Howe",
    "America/St_Johns",
    "Antarctica/Troll",
)
MINUTES_A_DAY = 24 * 60

moments = st.integers(0, 70 * MINUTES_A_DAY).map(lambda minutes: START + timedelta(minutes=minutes))
zones = st.sampled_from(ZONES)
cutoffs = st.sampled_from([time(0), time(2, 30), time(3), time(6)])
weekdays = st.frozensets(st.integers(0, 6), max_size=5)
days = st.integers(0, 80).map(lambda number: START.date() + timedelta(days=number))
zone_changes = st.builds(NewZone, moments, zones)
cutoff_changes = st.builds(NewCutoff, moments, cutoffs)
excuses = st.one_of(
    st.builds(NewRestDays, moments, weekdays),
    st.builds(NewSchedule, moments, st.none() | weekdays),
    st.builds(lambda at, a, b: NewVacation(at, min(a, b), max(a, b)), moments, days, days),
    st.builds(VacationOff, moments),
)
faults = st.dictionaries(days, st.just("it did not come"), max_size=5)


def logs(minimum: int = 0) -> st.SearchStrategy[list[Practised]]:
    """Practice on most days, at odd hours, some of it short; `ref` tells any two apart."""

    def numbered(found: list[tuple[datetime, bool]]) -> list[Practised]:
        return [Practised(at, counts, f"{number:03}") for number, (at, counts) in enumerate(found)]

    daily = st.lists(st.integers(-600, 900), min_size=minimum, max_size=70).map(
        lambda drift: [START + timedelta(days=n, minutes=600 + by) for n, by in enumerate(drift)]
    )
    sparse = st.lists(moments, min_size=minimum, max_size=40)
    return st.one_of(daily, sparse).flatmap(
        lambda found: st.lists(
            st.sampled_from([True, True, True, True, False]), min_size=len(found), max_size=len(found)
        ).map(lambda counts: numbered(list(zip(found, counts, strict=True))))
    )


def at_home(zone: str, cutoff: time) -> list[Change]:
    before = START - timedelta(days=3)
    return [NewZone(before, zone), NewCutoff(before, cutoff)]


any_changes = st.lists(
    st.one_of(zone_changes, cutoff_changes, excuses), max_size=8, unique_by=lambda change: change.at
)


@many
@given(st.data(), logs(), any_changes, faults, moments)
def test_the_order_of_arrival_does_not_matter(
    data: st.DataObject, events: list[Practised], changes: list[Change], fault: dict[date, str], now: datetime
) -> None:
    shuffled = data.draw(st.permutations(events)), data.draw(st.permutations(changes))
    assert replay(*shuffled, fault, now) == replay(events, changes, fault, now)


@many
@given(logs(), any_changes, faults, moments)
def test_a_replay_can_be_repeated_and_an_event_told_twice_changes_nothing(
    events: list[Practised], changes: list[Change], fault: dict[date, str], now: datetime
) -> None:
    assert replay(events * 2, changes, fault, now) == replay(events, changes, fault, now)


@many
@given(logs(), any_changes, faults, moments)
def test_a_short_answer_after_each_counted_one_changes_no_day(
    events: list[Practised], changes: list[Change], fault: dict[date, str], now: datetime
) -> None:
    short = [Practised(event.at, False, f"{event.ref}+") for event in events if event.counts]
    plain, stopped = replay(events, changes, fault, now), replay([*events, *short], changes, fault, now)
    assert [(row[:6], row[7:]) for row in stopped.rows] == [(row[:6], row[7:]) for row in plain.rows]
    assert (stopped.current, stopped.best, stopped.savers) == (plain.current, plain.best, plain.savers)
    assert (stopped.lapses_at, stopped.next_saver_in) == (plain.lapses_at, plain.next_saver_in)


@many
@given(logs(), any_changes, faults, moments)
def test_settings_said_again_change_no_row(
    events: list[Practised], changes: list[Change], fault: dict[date, str], now: datetime
) -> None:
    """With them every row is written by the walk; without, a row like the one before follows from that one."""
    again = [NewRestDays(event.at, settings_at(changes, event.at).rest) for event in events]
    assert replay(events, [*changes, *again], fault, now) == replay(events, changes, fault, now)


@many
@given(st.data(), logs(), any_changes, faults, moments)
def test_rows_are_a_sequence_whichever_of_them_are_asked_for_first(
    data: st.DataObject, events: list[Practised], changes: list[Change], fault: dict[date, str], now: datetime
) -> None:
    whole = list(replay(events, changes, fault, now).rows)
    rows = replay(events, changes, fault, now).rows
    part, stepped = data.draw(st.slices(len(whole))), slice(None, None, 2)
    assert list(rows[part]) == whole[part]
    assert list(rows[part.start : part.stop]) == whole[part.start : part.stop]
    assert (len(rows), rows[-1], list(rows[stepped])) == (len(whole), whole[-1], whole[stepped])
    assert list(reversed(rows)) == whole[::-1]
    assert rows != tuple(whole[:-1])


@many
@given(logs(), any_changes, faults, moments, st.integers(1, 20))
def test_the_pages_of_a_ledger_are_the_ledger(
    events: list[Practised], changes: list[Change], fault: dict[date, str], now: datetime, size: int
) -> None:
    streak = replay(events, changes, fault, now)
    pages = [streak.lines(size, before) for before in range(0, len(streak.rows), size)]
    assert tuple(line for page in reversed(pages) for line in page) == streak.ledger
    assert streak.lines(size, len(streak.rows)) == ()


@many
@given(logs(), any_changes, faults, moments)
def test_the_figures_of_any_streak_fit_together(
    events: list[Practised], changes: list[Change], fault: dict[date, str], now: datetime
) -> None:
    streak = replay(events, changes, fault, now)
    assert 0 <= streak.current <= streak.best
    assert 0 <= streak.savers <= 2
    assert streak.lapses_at is None or (streak.current > 0 and streak.lapses_at > now)
    assert (streak.next_saver_in is None) == (streak.savers == 2)
    counted = [line.day for line in streak.ledger if line.state == "counted"]
    assert counted == sorted(set(counted)), "a date counts once, and dates count in order"
    length = savers = 0
    for line in streak.ledger:
        grown = line.state == "counted"
        assert line.length_after == (length + 1 if grown else 0 if line.state == "missed" else length)
        earned, spent = line.savers_after - savers, line.state == "saved"
        assert earned in ((0, 1) if grown else (-1,) if spent else (0,))
        assert not (line.state == "missed" and savers), "nothing is missed while a saver is held"
        length, savers = line.length_after, line.savers_after
    assert (streak.current, streak.savers) == (length, savers)


@many
@given(logs(minimum=1), any_changes, faults, st.integers(0, 3 * MINUTES_A_DAY))
def test_the_stored_instant_of_lapsing_agrees_with_a_later_replay(
    events: list[Practised], changes: list[Change], fault: dict[date, str], wait: int
) -> None:
    last = max(one.at for one in [*events, *changes])
    streak = replay(events, changes, fault, last + timedelta(minutes=wait))
    if streak.lapses_at is None:
        far = replay(events, changes, fault, last + timedelta(days=400))
        assert (streak.current == 0) == (far.current == 0)
    else:
        before = replay(events, changes, fault, streak.lapses_at - timedelta(microseconds=1))
        after = replay(events, changes, fault, streak.lapses_at)
        assert (before.current, after.current) == (streak.current, 0)
        loss = lost(before, after)
        assert loss is not None
        assert (loss.length, loss.best) == (streak.current, streak.best)


def simple_model(
    events: Sequence[Practised],
    zone: str,
    cutoff: time,
    excused: Callable[[date], bool],
    now: datetime,
) -> tuple[int, int, int]:
    """(current, best, savers) for somebody who never changes a setting, date by date."""
    done = {day_of(event.at, zone, cutoff) for event in events if event.counts and event.at <= now}
    today = day_of(now, zone, cutoff)
    current = best = credit = 0  # credit: counted days that savers are bought with, two savers' worth at most
    day = min(done, default=today)
    while day <= today:
        if day in done:
            current += 1
            credit = min(credit + 1, 14)
        elif day < today and not excused(day) and current:
            if credit >= 7:
                credit -= 7
            else:
                current = credit = 0
        best = max(best, current)
        day += timedelta(days=1)
    return current, best, credit // 7


@many
@given(logs(), zones, cutoffs, weekdays, st.none() | weekdays, st.tuples(days, days), faults, moments)
def test_without_changes_a_streak_is_what_counting_the_dates_gives(
    events: list[Practised],
    zone: str,
    cutoff: time,
    rest: frozenset[int],
    scheduled: frozenset[int] | None,
    away: tuple[date, date],
    fault: dict[date, str],
    now: datetime,
) -> None:
    first, last = sorted(away)
    before = START - timedelta(days=2)
    changes = [
        *at_home(zone, cutoff),
        NewRestDays(before, rest),
        NewSchedule(before, scheduled),
        NewVacation(before, first, last),
    ]

    def excused(day: date) -> bool:
        unscheduled = scheduled is not None and day.weekday() not in scheduled
        return day.weekday() in rest or unscheduled or first <= day <= last or day in fault

    streak = replay(events, changes, fault, now)
    expected = simple_model(events, zone, cutoff, excused, now)
    assert (streak.current, streak.best, streak.savers) == expected


@many
@given(
    logs(),
    moments,
    zones,
    cutoffs,
    st.lists(excuses, max_size=5, unique_by=lambda change: change.at),
    faults,
    moments,
)
def test_one_more_counted_answer_never_makes_anything_less_for_who_stays_in_one_zone(
    events: list[Practised],
    added: datetime,
    zone: str,
    cutoff: time,
    others: list[Change],
    fault: dict[date, str],
    now: datetime,
) -> None:
    changes = [*at_home(zone, cutoff), *others]
    without = replay(events, changes, fault, now)
    with_it = replay([*events, Practised(added, True, "added")], changes, fault, now)
    assert with_it.current >= without.current
    assert with_it.best >= without.best
    if with_it.current == without.current:
        assert with_it.savers >= without.savers


def test_across_zones_one_more_answer_can_move_the_12_hours() -> None:
    """Why the property above stays in one zone: the added answer makes the next one come too soon."""
    hour = timedelta(hours=1)
    noon = datetime(2026, 6, 3, 12, tzinfo=UTC)
    changes = [NewZone(noon - 99 * hour, "Etc/GMT+12"), NewZone(noon + hour, "Pacific/Kiritimati")]
    before, soon = Practised(noon - 23 * hour, True, "before"), Practised(noon + 9 * hour, True, "soon")
    added = Practised(noon, True, "added")
    assert replay([before, soon], changes, {}, noon + 10 * hour).current == 2
    assert replay([before, added, soon], changes, {}, noon + 10 * hour).current == 2
    assert replay([added, soon], changes, {}, noon + 10 * hour).current == 1


@many
@given(
    st.lists(st.integers(1, 22 * 60), min_size=1, max_size=60),
    st.lists(zone_changes, max_size=20),
    zones,
    cutoffs,
    st.integers(0, 22 * 60 - 1),
)
def test_travel_never_costs_a_streak_that_is_kept_every_22_hours_of_real_time(
    gaps: list[int], flights: list[Change], zone: str, cutoff: time, wait: int
) -> None:
    moment, events = START, [Practised(START, True)]
    for gap in gaps:
        moment += timedelta(minutes=gap)
        events.append(Practised(moment, True))
    streak = replay(events, [*at_home(zone, cutoff), *flights], {}, moment + timedelta(minutes=wait))
    states = {line.state for line in streak.ledger}
    assert states <= {"counted", "skipped_by_travel", "open"}
    assert streak.current == streak.best >= 1


def most_that_can_count(elapsed: timedelta, shift: timedelta) -> int:
    """Dates that can be met within `elapsed` when clocks may differ by `shift`, both ends included."""
    return (elapsed + shift) // timedelta(days=1) + 2


@many
@given(st.lists(moments, min_size=1, max_size=200), st.lists(zone_changes, max_size=60), zones, cutoffs)
def test_changing_zones_to_and_fro_gains_at_most_two_days_ever(
    moments_: list[datetime], flights: list[Change], zone: str, cutoff: time
) -> None:
    """At home `elapsed` real days hold elapsed + 2 dates at most; clocks are at most 26 hours apart (-12 to +14)."""
    events = [Practised(moment, True) for moment in moments_]
    streak = replay(events, [*at_home(zone, cutoff), *flights], {}, max(moments_))
    counted = [line.counted_at for line in streak.ledger if line.counted_at is not None]
    elapsed = counted[-1] - counted[0]
    assert len(counted) <= most_that_can_count(elapsed, timedelta(hours=26))
    assert most_that_can_count(elapsed, timedelta(hours=26)) <= most_that_can_count(elapsed, timedelta(0)) + 2


@many
@given(
    st.lists(moments, min_size=1, max_size=100),
    st.lists(st.one_of(zone_changes, cutoff_changes), max_size=60),
    zones,
)
def test_changing_cut_offs_as_well_gains_no_third_day(
    moments_: list[datetime], changes: list[Change], zone: str
) -> None:
    events = [Practised(moment, True) for moment in moments_]
    streak = replay(events, [*at_home(zone, time(3)), *changes], {}, max(moments_))
    counted = [line.counted_at for line in streak.ledger if line.counted_at is not None]
    assert len(counted) <= most_that_can_count(counted[-1] - counted[0], timedelta(hours=32))


@many
@given(
    st.lists(zone_changes, min_size=1, max_size=12, unique_by=lambda change: change.at),
    zones,
    st.integers(60, 900),
)
def test_two_counted_answers_with_a_zone_change_between_them_are_12_hours_apart(
    flights: list[NewZone], zone: str, step: int
) -> None:
    """Somebody who practises so often that only the rules keep the counted answers apart."""
    events = [
        Practised(START + timedelta(minutes=minute), True) for minute in range(0, 70 * MINUTES_A_DAY, step)
    ]
    moved, here = [], ZoneInfo(zone)
    for flight in sorted(flights, key=lambda flight: flight.at):
        there = ZoneInfo(flight.zone)
        if flight.at.astimezone(here).utcoffset() != flight.at.astimezone(there).utcoffset():
            moved.append(flight.at)
        here = there
    streak = replay(events, [*at_home(zone, time(3)), *flights], {}, events[-1].at)
    counted = [line.counted_at for line in streak.ledger if line.counted_at is not None]
    for earlier, later in pairwise(counted):
        if any(earlier < instant <= later for instant in moved):
            assert later - earlier >= timedelta(hours=12)


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/Los_Angeles"])
def test_ten_years_of_daily_practice_are_replayed_in_five_milliseconds(zone: str) -> None:
    """Once the days of the zone are known, as they are for everybody but its first asker.

    A machine that is slow, or busy with other things, gets the time that 200,000 plain squares take there.
    """
    begin = datetime(2016, 1, 1, 19, tzinfo=UTC)
    events = [Practised(begin + timedelta(days=n), True, str(n)) for n in range(3652)]
    changes = [NewZone(begin - timedelta(days=1), zone)]
    took, reference = 9.0, 9.0
    for _ in range(25):
        started = perf_counter()
        assert replay(events, changes, {}, events[-1].at).current == 3652
        took = min(took, perf_counter() - started)
        started = perf_counter()
        sum(number * number for number in range(100_000))
        reference = min(reference, perf_counter() - started)
    assert took <= max(0.005, 2 * reference), (
        f"{took * 1000:.1f} ms; {reference * 1000:.1f} ms for 100,000 squares"
    )
