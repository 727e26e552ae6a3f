"""The road out: what is due is claimed once and sent once, and whatever happens on the way is written down."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from moved_clock import MovedClock
from sqlalchemy import func, select, update
from wire import Wire

from core.call import Where, Who
from core.commands import Registry
from core.delivery.due import Expiry, claim_due
from core.delivery.outbox import BACKOFF, LEASE, RETRIES, Outbox
from core.founding import add_schedule
from core.packs.load import starter_packs, starter_rubrics
from core.ports import Gone, Retry, Sent, Unknown
from core.rules.due import Rule, following
from core.services import Services
from core.store import occurrences, people, prompts, schedules
from core.store.engine import Line, Store
from core.store.tables import delivery, occurrence, schedule

NINE = Rule(time(9), "Europe/Berlin")
MONDAY = date(2026, 3, 2)  # the clock stands at 09:00 UTC of this day, which is 10:00 in Berlin


class Group:
    """A group with homes on two platforms, its outbox, and a recording sender for each platform."""

    def __init__(self, store: Store, clock: MovedClock) -> None:
        self.store, self.clock = store, clock
        self.wires = {"discord": Wire(clock), "slack": Wire(clock)}
        self.outbox = self.another_outbox(store)
        self.group_id = 0
        self.homes: dict[str, int] = {}

    def another_outbox(self, store: Store, **expiry: timedelta) -> Outbox:
        app = Services(store=store, clock=self.clock, registry=Registry(), rubrics=starter_rubrics())
        return Outbox(app, self.wires, Expiry(**expiry))

    async def found(self, *, packs: bool = True) -> None:
        async with self.store.write() as tx:
            self.group_id = await people.create_group(tx, "Night owls", "Europe/Berlin", self.clock.now())
            for pack in (p for p in starter_packs() if packs and p.id in ("starter-behavioural", "starter-ask")):
                await prompts.install(tx, pack, None, self.clock.now())
        await self.home("hall", "discord")
        await self.home("room", "slack")

    async def home(self, channel: str, platform: str) -> None:
        async with self.store.write() as tx:
            place = Where(platform, f"server-{channel}", channel, f"#{channel}")
            self.homes[channel] = await people.create_home(tx, self.group_id, place, self.clock.now())

    async def plan(self, rule: Rule = NINE, *channels: str, drop_now: bool = False) -> int:
        where = [(self.homes[c], "") for c in channels or self.homes]
        async with self.store.write() as tx:
            return await add_schedule(tx, self.group_id, where, rule, self.clock.now(), drop_now=drop_now)

    async def remind(self, name: str, rule: Rule = NINE) -> int:
        """A person with a daily question by direct message on Discord."""
        one = following(rule, MONDAY)
        async with self.store.write() as tx:
            known = await people.arrive(tx, Who("discord", name, name), Where("discord"), self.clock.now())
            return await schedules.create(
                tx,
                rule=rule,
                next_date=one.local_date,
                next_due_at=one.at,
                now=self.clock.now(),
                person_id=known.person.id,
                platform="discord",
            )

    async def tick_at(self, text: str) -> None:
        at(self.clock, text)
        await self.outbox.tick()

    def calls(self) -> list[str]:
        return sorted(c.place for wire in self.wires.values() for c in wire.calls)

    async def rows(self) -> list[Line]:
        """Every outbox row with its local date, in order of time."""
        query = (
            select(delivery, occurrence.c.local_date, occurrence.c.prompt_id, occurrence.c.schedule_id)
            .outerjoin(occurrence, occurrence.c.id == delivery.c.occurrence_id)
            .order_by(delivery.c.due_at, delivery.c.home_id)
        )
        async with self.store.read() as tx:
            return list((await tx.execute(query)).all())

    async def states(self) -> list[str]:
        return [r.state for r in await self.rows()]


@pytest.fixture
async def group(store: Store, clock: MovedClock) -> Group:
    made = Group(store, clock)
    await made.found()
    return made


@pytest.fixture
async def second_store(store: Store) -> AsyncIterator[Store]:
    """The same database, opened once more: what another process has."""
    async with Store(store.url) as opened:
        yield opened


def at(clock: MovedClock, text: str) -> None:
    clock.advance((datetime.fromisoformat(text).replace(tzinfo=UTC) - clock.now()).total_seconds())


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
        clock.advance(seconds=-1) if False else None
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


async def test_a_year_of_clock_changes_has_one_drop_on_every_local_date(group: Group, clock: MovedClock) -> None:
    """02:30 is jumped over in spring and shown twice in autumn; both nights have one drop."""
    await group.plan(Rule(time(2, 30), "Europe/Berlin"), "hall")
    for _ in range(366):
        clock.advance(hours=24)
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
    for step in range(160):
        clock.advance(hours=(step * 7) % 5 + 1)
        await group.outbox.tick()
        async with group.store.write() as tx:
            found = await schedules.get_schedule(tx, number)
            assert found is not None
            match step % 8:
                case 1 | 4:
                    zone = zones[(step // 8) % 4]
                    await schedules.reschedule(tx, found, Rule(time((step * 5) % 24), zone), clock.now())
                case 2:
                    await schedules.stop(tx, number, "paused", clock.now())
                case 3:
                    await schedules.reschedule(tx, found, found.rule, clock.now())
                case 6 if found.next_date is not None:
                    await schedules.skip_to_following(tx, found)
        await group.outbox.tick()
    rows = await group.rows()
    assert len(rows) > 15
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
        "Due Fri 06 Mar 2026 09:00 (Europe/Berlin), shown late: Starling was not there at the time." in call.text
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
    assert (row.state, row.reason) == ("expired", "its time had passed before it could be sent")
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


# --- sending once ------------------------------------------------------------------------------------------------


async def test_ticking_twice_sends_once_also_at_the_same_time(group: Group) -> None:
    await group.plan()
    at(group.clock, "2026-03-03T08:00")
    await asyncio.gather(*(group.outbox.tick() for _ in range(5)))
    await group.outbox.tick()
    assert group.calls() == ["hall", "room"]
    assert await group.states() == ["sent", "sent"]


async def test_two_processes_on_one_database_claim_and_send_once(group: Group, second_store: Store) -> None:
    for n in range(12):
        await group.home(f"c{n}", "discord")
    for _ in range(10):
        await group.plan()
    other = group.another_outbox(second_store)
    for day in (3, 4, 5):
        at(group.clock, f"2026-03-0{day}T08:00")
        await asyncio.gather(group.outbox.tick(), other.tick(), group.outbox.tick(), other.tick())
        await group.outbox.tick()
    keys = Counter(c.key for wire in group.wires.values() for c in wire.calls)
    assert len(keys) == 3 * 10 * 14
    assert max(keys.values()) == 1
    assert set(await group.states()) == {"sent"}
    async with group.store.read() as tx:
        assert (await tx.execute(select(func.count()).select_from(occurrence))).scalar_one() == 30


async def test_every_home_gets_the_same_prompt_chosen_once(group: Group) -> None:
    await group.home("attic", "discord")
    await group.plan()
    for day in range(3, 8):
        at(group.clock, f"2026-03-0{day}T08:00")
        await group.outbox.tick()
    assert group.calls() == ["attic"] * 5 + ["hall"] * 5 + ["room"] * 5
    rows = await group.rows()
    chosen = {r.local_date: r.prompt_id for r in rows}
    assert None not in chosen.values() and len(set(chosen.values())) == 5, "and never the same on two days"
    titles: dict[datetime, set[str]] = {}
    for wire in group.wires.values():
        for call in wire.calls:
            titles.setdefault(call.at, set()).add(call.text.split("\n")[0])
    assert all(len(t) == 1 for t in titles.values())


async def test_a_delivery_has_one_key_over_all_its_tries_and_it_fits_a_nonce(group: Group) -> None:
    await group.plan(NINE, "hall")
    group.wires["discord"].says["hall"] = [Retry(1, "503")] * 3
    await group.tick_at("2026-03-03T08:00")
    for _ in range(6):
        group.clock.advance(minutes=2)
        await group.outbox.tick()
    keys = [c.key for c in group.wires["discord"].calls]
    assert len(keys) == 4 and len(set(keys)) == 1 and len(keys[0]) <= 25


async def test_the_message_and_the_place_where_it_landed_are_kept(group: Group) -> None:
    await group.remind("ana")
    group.wires["discord"].says["ana"] = [Sent("m-77", "dm-5")]
    await group.tick_at("2026-03-03T08:00")
    (row,) = await group.rows()
    assert (row.state, row.message_id, row.channel_id, row.attempt) == ("sent", "m-77", "dm-5", 1)
    assert row.settled_at == group.clock.now() and row.lease_until is None
    (call,) = group.wires["discord"].calls
    assert (call.target.user_id, call.target.channel_id) == ("ana", "")


async def notice(group: Group, key: str) -> None:
    """What ``setup`` puts into the outbox: a test post."""
    now = group.clock.now()
    values: dict[str, Any] = {"home_id": group.homes["hall"], "platform": "discord", "scope": "discord"}
    values |= {"channel_id": "hall", "body": {"text": ["A test post."], "buttons": [["Practise", "practice"]]}}
    values |= {"due_at": now, "not_before": now, "expires_at": now + timedelta(hours=1)}
    async with group.store.write() as tx:
        await occurrences.put(tx, [occurrences.row(key, "test", **values)])


async def test_test_posts_have_keys_of_their_own_and_take_no_drop_away(group: Group) -> None:
    await group.plan(Rule(time(12), "Europe/Berlin"), "hall")
    await notice(group, "t1-a")
    await notice(group, "t1-b")
    await notice(group, "t1-b")
    await group.outbox.tick()
    await group.tick_at("2026-03-02T11:00")
    texts = [c.text for c in group.wires["discord"].calls]
    assert texts[:2] == ["A test post.\n\n[Practise]"] * 2
    assert len(texts) == 3 and texts[2].startswith("## ")


# --- what the platforms answer -----------------------------------------------------------------------------------


async def test_a_home_that_is_gone_is_switched_off_with_the_reason_and_the_others_go_on(group: Group) -> None:
    await group.home("attic", "discord")
    await group.plan()
    group.wires["discord"].says["attic"] = [Gone("archived", "50083")]
    await group.tick_at("2026-03-03T08:00")
    by_home = {r.home_id: (r.state, r.reason) for r in await group.rows()}
    assert by_home[group.homes["attic"]] == ("failed", "the channel is archived (50083)")
    assert by_home[group.homes["hall"]] == by_home[group.homes["room"]] == ("sent", "")
    async with group.store.read() as tx:
        homes = {h.id: (h.state, h.reason) for h in await people.homes_of(tx, group.group_id)}
    assert homes[group.homes["attic"]] == ("disabled", "the channel is archived (50083)")
    await group.tick_at("2026-03-04T08:00")
    assert group.calls().count("attic") == 1, "it is not tried again until somebody has seen to it"
    (waiting,) = (r for r in await group.rows() if r.home_id == group.homes["attic"] and r.local_date.day == 4)
    assert (waiting.state, waiting.reason, waiting.attempt) == ("failed", "the channel is archived (50083)", 0)


async def test_closed_direct_messages_switch_the_reminder_off_and_say_why(group: Group) -> None:
    number = await group.remind("ana")
    group.wires["discord"].says["ana"] = [Gone("dm_closed", "x" * 300)]
    await group.tick_at("2026-03-03T08:00")
    async with group.store.read() as tx:
        found = await schedules.get_schedule(tx, number)
    assert found is not None and (found.state, found.next_due_at) == ("disabled", None)
    assert found.reason.startswith("direct messages from this server are closed (xxx")
    assert len(found.reason) == 200
    await group.tick_at("2026-03-04T08:00")
    assert group.calls() == ["ana"]


async def test_a_retry_waits_as_long_as_the_platform_says(group: Group, clock: MovedClock) -> None:
    await group.plan(NINE, "hall")
    group.wires["discord"].says["hall"] = [Retry(30, "429")]
    await group.tick_at("2026-03-03T08:00")
    (row,) = await group.rows()
    assert (row.state, row.attempt, row.reason) == ("pending", 1, "429")
    assert row.not_before == clock.now() + timedelta(seconds=30)
    clock.advance(29)
    await group.outbox.tick()
    assert len(group.calls()) == 1
    clock.advance(1)
    await group.outbox.tick()
    (row,) = await group.rows()
    assert (row.state, row.attempt, row.reason) == ("sent", 2, "")


async def test_without_a_time_of_its_own_a_retry_backs_off_and_gives_up_at_last(
    group: Group, clock: MovedClock
) -> None:
    await group.plan(NINE, "hall")
    group.wires["discord"].says["hall"] = [Retry(0, "503")] * RETRIES
    await group.tick_at("2026-03-03T08:00")
    for attempt in range(1, RETRIES):
        (row,) = await group.rows()
        assert row.attempt == attempt
        wait = row.not_before - clock.now()
        assert timedelta(0) <= wait <= timedelta(seconds=BACKOFF * 2 ** (attempt - 1))
        clock.advance(wait.total_seconds())
        await group.outbox.tick()
    (row,) = await group.rows()
    assert (row.state, row.attempt, row.reason) == ("failed", 6, "given up after 6 tries: 503")
    clock.advance(hours=1)
    await group.outbox.tick()
    assert len(group.calls()) == RETRIES


async def test_a_lost_reply_is_said_to_be_unknown_and_nothing_is_guessed(group: Group) -> None:
    await group.plan()
    group.wires["discord"].says["hall"] = [Unknown("the connection broke")]
    await group.tick_at("2026-03-03T08:00")
    assert [(r.state, r.reason) for r in await group.rows()] == [
        ("ambiguous", "the connection broke"),
        ("sent", ""),
    ]
    await group.tick_at("2026-03-03T09:00")
    assert group.calls() == ["hall", "room"]


async def test_a_sender_with_a_defect_stops_nobody_else(group: Group) -> None:
    await group.home("attic", "discord")
    await group.plan()
    group.wires["discord"].says["attic"] = [RuntimeError("boom")]
    await group.tick_at("2026-03-03T08:00")
    by_home = {r.home_id: (r.state, r.reason) for r in await group.rows()}
    assert by_home[group.homes["attic"]] == ("ambiguous", "a defect of ours; see the log")
    assert group.calls() == ["attic", "hall", "room"]


async def test_a_queue_that_breaks_does_not_cut_off_what_another_is_sending(group: Group) -> None:
    """An id longer than its column: PostgreSQL refuses to write it down, SQLite does not mind."""
    await group.plan()
    wires = group.wires
    wires["discord"].says["hall"] = [Sent("m" * 500)]
    wires["slack"].gate.clear()
    at(group.clock, "2026-03-03T08:00")
    tick = asyncio.create_task(group.outbox.tick())
    await wires["slack"].under_way.wait()
    await asyncio.sleep(0.3)
    wires["slack"].gate.set()
    if group.store.sqlite:
        await tick
    else:
        with pytest.raises(ExceptionGroup):
            await tick
    states = {r.home_id: r.state for r in await group.rows()}
    assert states[group.homes["room"]] == "sent"


async def test_a_question_that_cannot_be_chosen_has_failed_and_was_never_sent(
    store: Store, clock: MovedClock
) -> None:
    group = Group(store, clock)
    await group.found(packs=False)
    await group.plan(NINE, "hall")
    await group.tick_at("2026-03-03T08:00")
    (row,) = await group.rows()
    assert row.state == "failed" and row.reason.startswith("There is no prompt for this schedule")
    assert group.calls() == []


async def test_rows_of_a_platform_that_is_not_served_here_wait_for_the_process_that_does(group: Group) -> None:
    await group.plan()
    slack = group.wires.pop("slack")
    await group.tick_at("2026-03-03T08:00")
    assert await group.states() == ["sent", "pending"]
    group.wires["slack"] = slack
    await group.outbox.tick()
    assert await group.states() == ["sent", "sent"]


# --- stopping ----------------------------------------------------------------------------------------------------


async def test_a_graceful_close_waits_for_the_call_under_way_and_leaves_nothing_at_sending(group: Group) -> None:
    for n in range(5):
        await group.home(f"c{n}", "discord")
    await group.plan()
    wire = group.wires["discord"]
    wire.gate.clear()
    at(group.clock, "2026-03-03T08:00")
    tick = asyncio.create_task(group.outbox.tick())
    await wire.under_way.wait()
    closing = asyncio.create_task(group.outbox.close())
    await asyncio.sleep(0.05)
    assert not closing.done()
    wire.gate.set()
    await asyncio.wait_for(asyncio.gather(tick, closing), 10)
    states = Counter(await group.states())
    assert states["sending"] == 0
    assert len(wire.calls) == 1 and states["pending"] == 5
    await group.outbox.tick()
    assert len(wire.calls) == 1, "a closed outbox takes nothing more"
    await group.another_outbox(group.store).tick()
    assert set(await group.states()) == {"sent"}, "the next start sends the rest"


async def stranded(group: Group) -> None:
    """A process that died between the call and its commit."""
    await group.plan(NINE, "hall")
    at(group.clock, "2026-03-03T08:00")
    await claim_due(group.store, group.clock, Expiry())
    async with group.store.write() as tx:
        assert await occurrences.take(tx, "discord", "dead", group.clock.now(), LEASE)


async def test_what_a_dead_process_was_sending_is_ambiguous_once_its_lease_is_over(group: Group) -> None:
    await stranded(group)
    group.clock.advance(LEASE.total_seconds() - 1)
    await group.outbox.tick()
    assert await group.states() == ["sending"]
    group.clock.advance(1)
    await group.outbox.tick()
    (row,) = await group.rows()
    assert (row.state, row.reason) == ("ambiguous", "Starling stopped while it was sending")
    assert group.calls() == []


async def test_a_process_that_was_only_slow_is_believed(group: Group) -> None:
    await stranded(group)
    group.clock.advance(LEASE.total_seconds())
    (row,) = await group.rows()
    async with group.store.write() as tx:
        await occurrences.settle(tx, row.key, occurrences.SENT, group.clock.now(), message_id="m1")
    async with group.store.write() as tx:  # what a tick that had looked a moment before goes on to do
        await occurrences.settle_stranded(tx, row.key, group.clock.now(), "too late")
    (row,) = await group.rows()
    assert (row.state, row.message_id) == ("sent", "m1")


async def test_a_backlog_is_claimed_in_batches_and_sent_completely(group: Group) -> None:
    one = following(NINE, MONDAY)
    values = {"group_id": group.group_id, "platform": "", "local_time": 540, "zone": NINE.zone, "weekdays": 127}
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
