"""What cannot be delivered: nobody is tried in vain, and whoever can do something about it is told once."""

from __future__ import annotations

import time as stopwatch
from datetime import time, timedelta
from typing import Any

import pytest
from moved_clock import MovedClock
from sqlalchemy import select, text, update
from wire import NINE, Group, Memory, at

from core.call import Where, Who
from core.ports import Gone, Retry, Sent
from core.rules.due import Rule
from core.store import asides, deliveries, facts, people, queue, schedules
from core.store.arrivals import arrive, enable_home
from core.store.engine import Store
from core.store.membership import leave
from core.store.tables import account, delivery, schedule


@pytest.fixture
async def group(store: Store, clock: MovedClock) -> Group:
    made = Group(store, clock)
    await made.found()
    return made


async def organises(group: Group, name: str, platform: str = "discord") -> int:
    """``name`` did something that only an organiser may."""
    place = Where(platform, "server-hall", "hall") if platform == "discord" else Where(platform, "w", "c")
    async with group.store.write() as tx:
        known = await arrive(tx, Who(platform, name, name.title()), place, group.clock.now())
        await facts.note_action(tx, group.group_id, known.person.id, "drops add", "", group.clock.now())
    group.clock.advance(1)
    return known.person.id


async def told(group: Group, person_id: int) -> list[str]:
    async with group.store.write() as tx:
        return await asides.take(tx, person_id)


def notes(group: Group, name: str, platform: str = "discord") -> list[str]:
    return [c.text for c in group.wires[platform].calls if c.place == name]


# --- homes -------------------------------------------------------------------------------------------------------


async def test_an_organiser_is_told_once_where_why_and_what_to_do(group: Group) -> None:
    await organises(group, "olga")
    number = await group.plan(NINE, "hall")
    await group.plan(NINE, "hall")  # two questions fail there
    group.wires["discord"].says["hall"] = [Gone("forbidden", "50013")] * 2
    await group.tick_at("2026-03-03T08:00")
    await group.outbox.tick()
    assert notes(group, "olga") == [
        "Starling cannot post in #hall any more: Starling may not post there: give it the right to see the "
        "channel and to send messages (50013). Nothing is tried there until you have seen to it.\n\n"
        f"Once it is put right, /drops resume number: {number} lets the questions come again.\n\n[Doctor]"
    ]
    await group.tick_at("2026-03-04T08:00")
    assert len(notes(group, "olga")) == 1


async def test_a_home_that_fails_again_after_it_was_put_right_is_told_of_again(group: Group) -> None:
    await organises(group, "olga")
    await group.plan(NINE, "hall")
    group.wires["discord"].says["hall"] = [Gone("archived"), Gone("archived")]
    await group.tick_at("2026-03-03T08:00")
    async with group.store.write() as tx:
        await enable_home(tx, group.homes["hall"])
    await group.tick_at("2026-03-04T08:00")
    await group.outbox.tick()
    assert len(notes(group, "olga")) == 2


async def test_the_newest_organiser_who_can_be_written_to_is_told(group: Group) -> None:
    await organises(group, "olga")
    await organises(group, "ben", "telegraph")  # on a platform that does not run here
    left = await organises(group, "kim")
    async with group.store.write() as tx:
        await leave(tx, group.group_id, left, group.clock.now())
    await group.plan(NINE, "room")
    group.wires["slack"].says["room"] = [Gone("revoked")]
    await group.tick_at("2026-03-03T08:00")
    await group.outbox.tick()
    assert len(notes(group, "olga")) == 1 and notes(group, "kim") == []


async def test_a_group_without_an_organiser_we_know_goes_on_elsewhere(group: Group) -> None:
    await group.plan()
    group.wires["discord"].says["hall"] = [Gone("not_found")]
    await group.tick_at("2026-03-03T08:00")
    assert group.calls() == ["hall", "room"]
    assert await group.states() == ["failed", "sent"]


async def test_an_organiser_with_closed_messages_reads_it_above_the_next_reply(group: Group) -> None:
    olga = await organises(group, "olga")
    await group.plan(NINE, "hall")
    group.wires["discord"].says["hall"] = [Gone("archived")]
    group.wires["discord"].says["olga"] = [Gone("dm_closed")]
    await group.tick_at("2026-03-03T08:00")
    await group.outbox.tick()
    (said,) = await told(group, olga)
    assert said.startswith("This could not be sent to you (direct messages from this server are closed): ")
    assert "#hall" in said and "the channel is archived" in said and "“drops resume number: 1”" in said


# --- people ------------------------------------------------------------------------------------------------------


async def test_a_reminder_that_stops_is_told_once_above_the_next_reply(group: Group) -> None:
    number = await group.remind("ana")
    group.wires["discord"].says["ana"] = [Gone("dm_closed", "50007")]
    await group.tick_at("2026-03-03T08:00")
    async with group.store.read() as tx:
        found = await schedules.get_schedule(tx, number)
    assert found is not None and found.state == "disabled" and found.person_id is not None
    (said,) = await told(group, found.person_id)
    assert "direct messages from this server are closed (50007)" in said and "remind set" in said
    async with group.store.read() as tx:
        assert {h.state for h in await people.homes_of(tx, group.group_id)} == {"active"}


async def test_a_notice_that_is_given_up_is_read_above_the_next_reply(group: Group) -> None:
    olga = await organises(group, "olga")
    now = group.clock.now()
    values: dict[str, Any] = {"person_id": olga, "platform": "discord", "scope": "discord"}
    values |= {"body": {"text": ["Hello."]}, "due_at": now, "not_before": now}
    async with group.store.write() as tx:
        row = deliveries.row("n1", "notice", expires_at=now + timedelta(hours=1), **values)
        await deliveries.put(tx, [row])
    group.wires["discord"].says["olga"] = [Retry(1, "503")] * 6
    for _ in range(12):
        await group.outbox.tick()
        group.clock.advance(70)
    assert await told(group, olga) == ["This could not be sent to you (given up after 6 tries: 503): Hello."]


async def test_where_direct_messages_go_is_asked_for_once(group: Group) -> None:
    await group.remind("ana")
    group.wires["discord"].says["ana"] = [Sent("m1", "dm-5"), Sent("m2", "dm-5")]
    await group.tick_at("2026-03-03T08:00")
    await group.tick_at("2026-03-04T08:00")
    targets = [c.target for c in group.wires["discord"].calls]
    assert [(t.user_id, t.channel_id) for t in targets] == [("ana", ""), ("ana", "dm-5")]
    async with group.store.read() as tx:
        assert (await tx.execute(select(account.c.dm_channel_id))).scalar_one() == "dm-5"


# --- order -------------------------------------------------------------------------------------------------------


async def test_questions_go_first_then_direct_messages_then_recaps_then_edits(
    group: Group, clock: MovedClock
) -> None:
    """Also where the others have waited for longer."""
    olga = await organises(group, "olga")
    now = clock.now()
    times = {"expires_at": now + timedelta(hours=9), "platform": "discord", "scope": "discord"}
    body = {"text": ["Hello."]}
    async with group.store.write() as tx:
        for n, kind in enumerate(("edit", "recap", "notice", "remind", "test", "drop")):
            who = {"person_id": olga} if kind in ("notice", "remind") else {"home_id": group.homes["hall"]}
            at = now + timedelta(seconds=n)
            row = deliveries.row(f"k{n}", kind, body=body, due_at=at, not_before=at, **who, **times)
            await deliveries.put(tx, [row])
    async with group.store.read() as tx:
        found = await queue.waiting(tx, "discord", now + timedelta(minutes=1), 10)
    assert [one.key for one in found] == ["k4", "k5", "k2", "k3", "k1", "k0"]


async def test_putting_thousands_in_order_takes_a_few_milliseconds_and_uses_the_index(
    group: Group, clock: MovedClock
) -> None:
    if not group.store.sqlite:
        pytest.skip("SQLite's plan")
    now = clock.now()
    values: dict[str, Any] = {"due_at": now, "not_before": now, "expires_at": now + timedelta(hours=9)}
    values |= {"home_id": group.homes["hall"], "platform": "discord", "scope": "discord"}
    async with group.store.write() as tx:
        rows = [deliveries.row(f"e{n}", "edit" if n % 2 else "drop", **values) for n in range(10_000)]
        await deliveries.put(tx, rows)
    async with group.store.read() as tx:
        began = stopwatch.perf_counter()
        for _ in range(10):
            keys = await queue.waiting(tx, "discord", now, 50)
        each = (stopwatch.perf_counter() - began) / 10
        plan = (await tx.execute(text(PLAN))).all()
    assert len(keys) == 50 and each < 0.2, f"{each * 1000:.1f} ms"
    assert "ix_delivery_queue" in str(plan) and "TEMP B-TREE" not in str(plan)


PLAN = """EXPLAIN QUERY PLAN SELECT key FROM delivery WHERE state = 'pending' AND scope = 'discord'
AND rank = 3 AND not_before <= '2026-03-02' ORDER BY not_before, key LIMIT 50"""


async def test_a_refused_row_in_one_home_does_not_hold_up_a_reminder(group: Group) -> None:
    wire: Memory = group.remembers()
    await group.plan(Rule(time(9), "Europe/Berlin"), "hall")
    await group.remind("ana")
    wire.says["hall"] = [Retry(600, "429")]
    await group.tick_at("2026-03-03T08:00")
    assert wire.places() == ["hall", "ana"]
    async with group.store.read() as tx:
        states = (await tx.execute(select(delivery.c.kind, delivery.c.state))).all()
    assert {tuple(s) for s in states} == {("drop", "pending"), ("remind", "sent")}


async def test_what_cannot_be_claimed_keeps_nothing_else_from_being_sent(
    group: Group, clock: MovedClock
) -> None:
    number = await group.plan(NINE, "hall")
    await group.plan(Rule(time(9), "Europe/Berlin"), "room")
    await group.tick_at("2026-03-03T08:00")
    assert group.calls() == ["hall", "room"]
    olga = await organises(group, "olga")
    async with group.store.write() as tx:  # a notice waits, and a schedule's zone is none
        await tx.execute(update(schedule).where(schedule.c.id == number).values(zone="Moon/Tycho"))
        now = clock.now()
        values = {"platform": "discord", "scope": "discord", "body": {"text": ["Hello."]}, "person_id": olga}
        times = {"due_at": now, "not_before": now, "expires_at": now + timedelta(days=9)}
        await deliveries.put(tx, [deliveries.row("n1", "notice", **values, **times)])
    at(clock, "2026-03-04T08:00")
    with pytest.raises(ExceptionGroup) as broken:
        await group.outbox.tick()
    assert "Tycho" in str(broken.value.exceptions[0])
    assert group.calls() == ["hall", "olga", "room"]
