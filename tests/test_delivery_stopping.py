"""Stopping and starting again: nothing is left half done, and what a dead process left is never guessed at."""

from __future__ import annotations

import asyncio
from collections import Counter

import pytest
from moved_clock import MovedClock
from wire import NINE, Group, at

from core.delivery.due import Expiry, claim_due
from core.delivery.pump import LEASE
from core.ports import BEGIN_WITHIN, CALL_WITHIN
from core.store import deliveries, queue, rewrites
from core.store.engine import Store


@pytest.fixture
async def group(store: Store, clock: MovedClock) -> Group:
    made = Group(store, clock)
    await made.found()
    return made


async def test_a_graceful_close_waits_for_the_call_under_way_and_leaves_nothing_at_sending(
    group: Group,
) -> None:
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


async def test_a_call_that_is_cut_off_at_the_end_is_put_back_as_one_that_may_have_arrived(
    group: Group,
) -> None:
    await group.home("c", "discord")
    await group.plan()
    wire = group.wires["discord"]
    wire.gate.clear()
    at(group.clock, "2026-03-03T08:00")
    tick = asyncio.create_task(group.outbox.tick())
    await wire.under_way.wait()
    group.outbox.stop()
    tick.cancel()
    with pytest.raises(asyncio.CancelledError):
        await tick
    await asyncio.wait_for(group.outbox.close(), 5)
    assert set(await group.states()) == {"pending"}
    stopped = [row for row in await group.rows() if row.reason == "Starling stopped while it was sending"]
    cut_off = [row for row in stopped if row.platform == "discord"]
    assert [row.key for row in cut_off] == [call.key for call in wire.calls], "the others were never begun"
    assert cut_off[0].sending_at is not None, (
        "it is looked for, or repeated with its key, and not sent as new"
    )


async def stranded(group: Group) -> None:
    """A process that died between the call and its commit."""
    await group.plan(NINE, "hall")
    at(group.clock, "2026-03-03T08:00")
    await claim_due(group.store, group.clock, Expiry())
    async with group.store.write() as tx:
        (one,) = await queue.waiting(tx, "discord", group.clock.now(), 5)
        assert await queue.take(tx, [one.key], "dead", group.clock.now(), LEASE)


async def test_what_a_dead_process_was_sending_is_ambiguous_once_its_lease_is_over(group: Group) -> None:
    await group.outbox.tick()  # it had started before
    await stranded(group)
    group.clock.advance(LEASE.total_seconds() - 1)
    await group.outbox.tick()
    assert await group.states() == ["sending"]
    group.clock.advance(1)
    await group.outbox.tick()
    (row,) = await group.rows()
    assert (row.state, row.reason) == ("ambiguous", "Starling stopped while it was sending")
    assert group.calls() == []


async def test_a_row_is_left_to_its_taker_while_a_call_that_began_as_late_as_can_be_may_run(
    group: Group,
) -> None:
    """In time to call the sender, which was in time for its turn, and a call that took as long as one may."""
    await group.outbox.tick()
    await stranded(group)
    group.clock.advance(BEGIN_WITHIN + BEGIN_WITHIN + CALL_WITHIN)
    await group.outbox.tick()
    assert await group.states() == ["sending"]


async def test_a_card_taken_too_long_ago_is_not_written_on(group: Group) -> None:
    """The process stood still: another one may have shown what is truer."""
    wire = group.remembers()
    await group.plan(NINE, "hall")
    await group.tick_at("2026-03-03T08:00")
    (drop,) = await group.rows()
    async with group.store.write() as tx:
        await rewrites.touch(tx, drop.occurrence_id, ["discord"], group.clock.now())
    async with group.store.write() as tx:
        key = deliveries.edit_key(drop.key)
        (row,) = await queue.take(tx, [key], group.outbox.worker, group.clock.now(), LEASE)
    await group.outbox.carrier.carry(row, asyncio.get_running_loop().time() - BEGIN_WITHIN - 1)
    edit = next(one for one in await group.rows() if one.key == key)
    assert wire.edited == [] and (edit.state, edit.attempt, edit.sending_at) == ("pending", 0, None)
    await group.outbox.tick()
    assert len(wire.edited) == 1


async def test_a_process_that_was_only_slow_is_believed(group: Group) -> None:
    await stranded(group)
    group.clock.advance(LEASE.total_seconds())
    now = group.clock.now()
    async with group.store.read() as tx:
        (dead,) = await queue.stranded(tx, now, "other", alone=False)
    async with group.store.write() as tx:
        await deliveries.settle(tx, dead, deliveries.SENT, now, message_id="m1")
    async with group.store.write() as tx:  # what a tick that had looked a moment before goes on to do
        await deliveries.put_back(tx, dead, now, "too late", there=True)
        await deliveries.settle(tx, dead, deliveries.FAILED, now, reason="too late")
    (row,) = await group.rows()
    assert (row.state, row.message_id) == ("sent", "m1")
