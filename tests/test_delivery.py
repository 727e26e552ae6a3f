"""Due times: what is due is claimed once for each local date, whatever the clocks and the organisers do."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, time, timedelta

import pytest
from moved_clock import MovedClock
from sqlalchemy import func, select, update
from wire import MONDAY, NINE, Group, at

from core.delivery.due import Expiry, claim_due
from core.ports import Retry
from core.rules.due import Rule, following
from core.store import schedules
from core.store.engine import Store
from core.store.tables import occurrence, schedule


@pytest.fixture
async def group(store: Store, clock: MovedClock) -> Group:
    made = Group(store, clock)
    await made.found()
    return made


# --- due times ---------------------------------------------------------------------------------------------------


async def test_each_schedule_is_due_at_its_own_local_time(group: Group, clock: MovedClock) -> None:
    places = {
        "Pacific/Kiritimati": "2026-03-02T19:00",
        "Asia/Kathmandu": "2026-03-03T03:15",
        "Europe/Berlin": "2026-03-03T08:00",
        "America/New_York": "2026-03-02T14:00",
        "Pacific/Pago_Pago": "2026-03-02T20:00",
    }
    for zone in places:
        await group.plan(Rule(time(9), zone), "hall")
    for zone, instant in sorted(places.items(), key=lambda p: p[1]):
        at(clock, instant)
        await claim_due(group.store, clock, Expiry())
        newest = (await group.rows())[-1]
        async with group.store.read() as tx:
            planned = await schedules.get_schedule(tx, newest.schedule_id)
        assert planned is not None and planned.rule.zone == zone
        assert newest.due_at == clock.now()
    dates = {r.schedule_id: r.local_date for r in await group.rows()}
    assert list(dates.values()).count(MONDAY) == 2, "it is Monday still in New York and Pago Pago"


async def test_nothing_is_due_a_moment_too_early(group: Group) -> None:
    await group.plan()
    await group.tick_at("2026-03-03T07:59:59")
    assert await group.rows() == []
    await group.tick_at("2026-03-03T08:00")
    assert group.calls() == ["hall", "room"]


async def test_a_year_of_clock_changes_has_one_drop_on_every_local_date(
    group: Group, clock: MovedClock
) -> None:
    """02:30 is jumped over in spring and shown twice in autumn; both nights have one drop."""
    await group.plan(Rule(time(2, 30), "Europe/Berlin"), "hall")
    for days in (*[1] * 40, 190, *[1] * 20, 116):  # day by day around the changes; in between it slept
        clock.advance(days=days)
        await claim_due(group.store, clock, Expiry())
    dates = [r.local_date for r in await group.rows()]
    assert dates == [date(2026, 3, 3) + timedelta(days=n) for n in range(366)]
    due = {r.local_date: r.due_at for r in await group.rows()}
    assert due[date(2026, 3, 29)] == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)
    assert due[date(2026, 10, 25)] == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


async def test_a_date_that_a_zone_never_had_has_no_drop(store: Store) -> None:
    group = Group(store, MovedClock(datetime(2011, 12, 28, 12, tzinfo=UTC)))
    await group.found()
    await group.plan(Rule(time(9), "Pacific/Apia"), "hall")
    for _ in range(10):
        group.clock.advance(hours=12)
        await group.outbox.tick()
    assert [r.local_date.isoformat() for r in await group.rows()] == [
        "2011-12-28",
        "2011-12-29",
        "2011-12-31",
        "2012-01-01",
        "2012-01-02",
    ]


async def test_whatever_is_changed_and_however_often_each_local_date_has_one_drop(
    group: Group, clock: MovedClock
) -> None:
    number = await group.plan(NINE, "hall")
    zones = ("Europe/Berlin", "America/Los_Angeles", "Pacific/Kiritimati", "Asia/Tokyo")
    for step in range(120):
        clock.advance(hours=(step * 7) % 8 + 1)
        if step % 2:  # otherwise the change comes before what is due was claimed
            await group.outbox.tick()
        async with group.store.write() as tx:
            found = await schedules.get_schedule(tx, number)
            assert found is not None
            match step % 20:
                case 2 | 3:
                    zone = zones[(step // 20) % 4]
                    await schedules.reschedule(tx, found, Rule(time((step * 5) % 24), zone), clock.now())
                case 10:
                    await schedules.stop(tx, number, "paused", clock.now())
                case 11:
                    await schedules.reschedule(tx, found, found.rule, clock.now())
                case 17 if found.next_date is not None:
                    await schedules.skip_to_following(tx, found)
        await group.outbox.tick()
    rows = await group.rows()
    assert len(rows) > 10
    assert max(Counter(r.local_date for r in rows).values()) == 1
    assert len(group.calls()) == len([r for r in rows if r.state == "sent"])
    assert {r.state for r in rows} == {"sent"}


async def test_a_time_changed_twice_on_one_day_makes_no_second_drop(group: Group, clock: MovedClock) -> None:
    number = await group.plan(Rule(time(12), "Europe/Berlin"), "hall")
    await group.tick_at("2026-03-02T11:00")
    for hour in (15, 18):
        async with group.store.write() as tx:
            found = await schedules.get_schedule(tx, number)
            assert found is not None
            await schedules.reschedule(tx, found, Rule(time(hour), "Europe/Berlin"), clock.now())
    await group.tick_at("2026-03-02T22:00")
    assert group.calls() == ["hall"]
    await group.tick_at("2026-03-03T17:00")
    assert group.calls() == ["hall", "hall"]


async def test_a_first_drop_at_once_is_todays_and_the_only_one(group: Group) -> None:
    await group.plan(Rule(time(12), "Europe/Berlin"), "hall", drop_now=True)
    await group.outbox.tick()
    assert group.calls() == ["hall"]
    await group.tick_at("2026-03-02T12:00")
    assert group.calls() == ["hall"], "12:00 of the same date brings no second one"
    await group.tick_at("2026-03-03T11:00")
    assert group.calls() == ["hall", "hall"]


# --- late and missed ---------------------------------------------------------------------------------------------


async def test_dates_slept_through_are_expired_and_the_last_comes_late_and_says_so(group: Group) -> None:
    await group.plan(NINE, "hall")
    await group.tick_at("2026-03-06T16:00")
    rows = await group.rows()
    assert [(r.local_date.day, r.state) for r in rows] == [
        (3, "expired"),
        (4, "expired"),
        (5, "expired"),
        (6, "sent"),
    ]
    assert rows[0].reason == "Starling was not running at the time"
    (call,) = group.wires["discord"].calls
    assert (
        "Due Fri 06 Mar 2026 09:00 (Europe/Berlin), shown late: Starling was not there at the time."
        in call.text
    )


async def test_a_drop_in_time_says_nothing_of_being_late(group: Group) -> None:
    await group.plan(NINE, "hall")
    await group.tick_at("2026-03-03T08:10")
    (call,) = group.wires["discord"].calls
    assert "late" not in call.text


@pytest.mark.parametrize(
    ("due", "back", "state"),
    [
        (time(9), "2026-03-04T01:59", "sent"),  # until the group's day ends: 03:00 in Berlin
        (time(9), "2026-03-04T02:00", "expired"),
        (time(2, 30), "2026-03-03T03:29", "sent"),  # and at least two hours
        (time(2, 30), "2026-03-03T03:30", "expired"),
    ],
)
async def test_a_channels_drop_may_be_late_until_the_groups_day_ends_and_at_least_two_hours(
    group: Group, due: time, back: str, state: str
) -> None:
    await group.plan(Rule(due, "Europe/Berlin"), "hall")
    await group.tick_at(back)
    assert await group.states() == [state]


@pytest.mark.parametrize(("back", "state"), [("2026-03-03T09:59", "sent"), ("2026-03-03T10:00", "expired")])
async def test_a_reminder_may_be_two_hours_late(group: Group, back: str, state: str) -> None:
    await group.remind("ana")
    await group.tick_at(back)
    assert await group.states() == [state]


async def test_what_waits_past_its_time_expires_unsent(group: Group, clock: MovedClock) -> None:
    await group.remind("ana")
    group.wires["discord"].says["ana"] = [Retry(7200, "slow down")]
    await group.tick_at("2026-03-03T08:00")
    await group.tick_at("2026-03-03T10:00")
    (row,) = await group.rows()
    assert (row.state, row.reason) == ("expired", "its time had passed before it could be sent (slow down)")
    assert len(group.calls()) == 1


async def test_a_clock_that_is_turned_back_brings_nothing_twice(group: Group, clock: MovedClock) -> None:
    await group.plan(NINE, "hall")
    await group.tick_at("2026-03-03T08:00")
    clock.set(datetime(2026, 3, 3, 7, tzinfo=UTC))
    await group.outbox.tick()
    await group.tick_at("2026-03-03T09:00")
    assert group.calls() == ["hall"]
    await group.tick_at("2026-03-04T08:00")
    assert group.calls() == ["hall", "hall"]


async def test_a_backlog_is_claimed_in_batches_and_sent_completely(group: Group) -> None:
    one = following(NINE, MONDAY)
    values = {
        "group_id": group.group_id,
        "platform": "",
        "local_time": 540,
        "zone": NINE.zone,
        "weekdays": 127,
    }
    values |= {"tracks": [], "packs": ["starter-ask"], "role_id": "", "state": "active", "reason": ""}
    values |= {"next_date": one.local_date, "next_due_at": one.at, "created_at": group.clock.now()}
    async with group.store.write() as tx:
        await tx.execute(schedule.insert(), [values] * 1203)
    at(group.clock, "2026-03-03T08:00")
    assert await claim_due(group.store, group.clock, Expiry()) == 1203
    assert await claim_due(group.store, group.clock, Expiry()) == 0
    async with group.store.read() as tx:
        assert (await tx.execute(select(func.count()).select_from(occurrence))).scalar_one() == 1203


async def test_a_paused_or_removed_schedule_is_never_due(group: Group) -> None:
    for state in ("paused", "removed", "disabled"):
        number = await group.plan(NINE, "hall")
        async with group.store.write() as tx:
            await schedules.stop(tx, number, state, group.clock.now())
            # Even if a due time were left behind.
            await tx.execute(
                update(schedule)
                .where(schedule.c.id == number)
                .values(next_date=date(2026, 3, 3), next_due_at=datetime(2026, 3, 3, 8, tzinfo=UTC))
            )
    await group.tick_at("2026-03-03T09:00")
    assert await group.rows() == []
