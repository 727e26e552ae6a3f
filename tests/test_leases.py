"""Leases: one process sends for a scope, by the database's clock, and nobody takes a row without one. PostgreSQL."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import asyncpg
import pytest
from conftest import NewDatabase
from moved_clock import MovedClock
from sqlalchemy import text
from wire import Group, Wire, at

from core.delivery.due import Expiry, claim_due
from core.delivery.leases import Leases
from core.delivery.outbox import Outbox
from core.doctor.sending import senders, sending
from core.store import leases, queue
from core.store.engine import Store, database_url

LONG, SHORT, OVER = timedelta(seconds=60), timedelta(milliseconds=40), timedelta(seconds=-1)
ROW = timedelta(seconds=30)


@pytest.fixture
async def store(new_database: NewDatabase) -> AsyncIterator[Store]:
    async with Store(database_url(await new_database("postgresql"))) as opened:
        yield opened


@pytest.fixture
async def group(store: Store, clock: MovedClock) -> Group:
    """Two homes and a question that is due in both: in Discord's scope and in a Slack workspace's."""
    made = Group(store, clock)
    await made.found()
    await made.plan()
    at(clock, "2026-03-03T08:00")
    return made


async def acquired(store: Store, holder: str, length: timedelta, *scopes: str) -> set[str]:
    async with store.write() as tx:
        return await leases.acquire(tx, scopes, holder, length)


# --- the row ----------------------------------------


async def test_one_holder_at_a_time_until_the_lease_ends_or_is_given_back(store: Store) -> None:
    assert await acquired(store, "a", LONG, "discord", "slack:T1") == {"discord", "slack:T1"}
    assert await acquired(store, "b", LONG, "discord", "slack:T2") == {"slack:T2"}
    assert await acquired(store, "a", LONG, "discord") == {"discord"}, "its own is prolonged"
    async with store.write() as tx:
        await leases.release(tx, "a", ["discord"])
        await leases.release(tx, "b", ["slack:T1"])  # another's stays
    assert await acquired(store, "b", LONG, "discord", "slack:T1") == {"discord"}
    async with store.read() as tx:
        held = await leases.holders(tx)
    assert {scope: holder for scope, (holder, _) in held.items()} == {
        "discord": "b", "slack:T1": "a", "slack:T2": "b"
    }  # fmt: skip
    assert all(58 < left <= 60 for _, left in held.values())


async def test_it_ends_by_the_database_s_clock_also_inside_a_transaction(store: Store) -> None:
    await acquired(store, "a", SHORT, "discord")
    async with store.write() as tx:  # begun before the end
        await tx.execute(text("SELECT pg_sleep(0.06)"))
        assert await leases.renew(tx, "a", LONG) == set(), "what has ended is not taken back"
        assert await leases.acquire(tx, ["discord"], "b", LONG) == {"discord"}
    async with store.write() as tx:
        assert await leases.renew(tx, "a", LONG) == set()
        assert await leases.renew(tx, "b", LONG) == {"discord"}


async def test_two_who_ask_at_once_are_not_both_told_yes(store: Store) -> None:
    for n in range(10):
        both = await asyncio.gather(*(acquired(store, who, LONG, f"slack:{n}") for who in ("a", "b", "c")))
        assert sorted(len(each) for each in both) == [0, 0, 1]


async def test_two_who_hold_one_each_and_ask_for_both_do_not_wait_for_each_other(store: Store) -> None:
    await acquired(store, "a", LONG, "discord")
    await acquired(store, "b", LONG, "slack:T1")

    async def beat(holder: str, own: str) -> None:
        async with store.write() as tx:
            assert await leases.renew(tx, holder, LONG) == {own}
            await asyncio.sleep(0.05)
            assert await leases.acquire(tx, ["discord", "slack:T1"], holder, LONG) == {own}

    async with asyncio.timeout(0.9):  # PostgreSQL ends a circle after a second
        await asyncio.gather(beat("a", "discord"), beat("b", "slack:T1"))


async def test_rows_are_taken_with_the_lease_alone(group: Group) -> None:
    store, now = group.store, group.clock.now()
    group.outbox.stop()
    await group.outbox.tick()  # claimed, and sent by nobody
    keys = [r.key for r in await group.rows()]

    async def taken(worker: str, *, leased: bool = True) -> list[str]:
        async with store.write() as tx:
            return [r.scope for r in await queue.take(tx, keys, worker, now, ROW, leased=leased)]

    assert await taken("a") == []
    await acquired(store, "b", LONG, "discord")
    await acquired(store, "a", OVER, "slack:server-room")
    assert await taken("a") == [], "another's, or over"
    await acquired(store, "a", LONG, "slack:server-room")
    assert await taken("a") == ["slack:server-room"]
    assert await taken("b") == ["discord"]


# --- the processes ----------------------------------------


def process(group: Group, *serves: str, renew_after: float = 0) -> Outbox:
    """Another one on the same database; as a rule it asks for its leases at every beat."""
    wires = {name: Serving(group.clock, serves) for name in ("discord", "slack")}
    held = Leases(group.store, length=LONG, renew_after=renew_after)
    return Outbox(group.outbox.app, wires, group.outbox.expiry, leases=held)


class Serving(Wire):
    """A sender that reaches some scopes only."""

    def __init__(self, clock: MovedClock, scopes: tuple[str, ...]) -> None:
        super().__init__(clock)
        self.scopes = scopes

    def serves(self, scope: str) -> bool:
        return scope in self.scopes


def calls(outbox: Outbox) -> list[str]:
    found = [c.place for wire in outbox.senders.values() if isinstance(wire, Serving) for c in wire.calls]
    return sorted(found)


BOTH = ("discord", "slack:server-room")


async def test_a_process_takes_no_scope_that_it_does_not_serve(group: Group) -> None:
    slack, discord = process(group, "slack:server-room"), process(group, "discord")
    await slack.tick()
    assert calls(slack) == ["room"] and calls(discord) == []
    await discord.tick()
    assert calls(slack) == ["room"] and calls(discord) == ["hall"]


async def test_what_it_can_reach_no_more_is_left_to_others_at_its_next_beat(group: Group) -> None:
    one, other = process(group, *BOTH, renew_after=60), process(group, *BOTH)
    await one.tick()
    assert calls(one) == ["hall", "room"]
    wire = one.senders["slack"]
    assert isinstance(wire, Serving)
    wire.scopes = ("discord",)
    at(group.clock, "2026-03-04T08:00")
    await one.tick()
    await other.tick()
    assert calls(one) == ["hall", "hall", "room"] and calls(other) == ["room"]


async def test_a_graceful_stop_hands_over_at_once(group: Group) -> None:
    one, other = process(group, *BOTH), process(group, *BOTH)
    await one.tick()
    at(group.clock, "2026-03-04T08:00")
    await other.tick()
    assert calls(other) == [], "the lease is the other one's"
    await one.close()
    await other.tick()
    assert calls(one) == ["hall", "room"] == calls(other)


async def test_a_holder_that_stood_still_sends_nothing_of_what_it_lost(group: Group) -> None:
    one, other = process(group, *BOTH, renew_after=60), process(group, *BOTH)
    await one.tick()
    at(group.clock, "2026-03-04T08:00")
    async with group.store.write() as tx:
        await tx.execute(text("UPDATE lease SET until = clock_timestamp() - interval '1 s'"))
    await acquired(group.store, other.worker, LONG, *BOTH)
    await one.tick()  # it believes that the leases are its own still: it was not told otherwise
    assert len(calls(one)) == 2
    await other.tick()
    assert len(calls(other)) == 2
    assert await group.states() == ["sent"] * 4


# --- looking after them ----------------------------------------


async def test_the_operator_sees_who_sends_and_where_nobody_does(group: Group) -> None:
    one = process(group, "discord")
    await one.tick()
    group.clock.advance(61)
    async with group.store.read() as tx:
        found = await sending(tx, group.store, group.clock.now())
        (told,) = await senders(tx, group.store, group.clock.now(), at_home=False)
    assert found is not None and found.left_alone == ["slack:server-room"]
    (line,) = found.lines
    assert line.startswith(f"discord by {one.worker}, ") and line.endswith(" s left")
    (finding,) = told.findings
    assert "Nobody sends for slack:server-room" in str(finding.what)
    assert one.worker not in str(told), "names of machines are the operator's"


# --- what a process that stands still holds ----------------------------------------


async def test_a_session_that_stands_still_within_a_statement_is_ended_and_what_it_locked_is_free(
    store: Store, group: Group
) -> None:
    """As a process leaves it that is stopped between the two pieces of a statement: no time limit ends it."""
    assert await claim_due(store, group.clock, Expiry()) == 1
    limits = {"statement_timeout": "200", "idle_in_transaction_session_timeout": "200"}
    where: dict[str, Any] = {"host": store.url.query["host"], "user": store.url.username}
    where["database"] = store.url.database
    stopped, other = [
        await asyncpg.connect(**where, server_settings={**limits, "application_name": name})
        for name in ("starling", "another program")
    ]
    try:
        await stopped.execute("BEGIN")
        assert await stopped.fetch("SELECT key FROM delivery ORDER BY key LIMIT 1 FOR UPDATE")
        await stopped.prepare("SELECT key FROM delivery")
        await other.execute("BEGIN; UPDATE meta SET value = value")
        await other.prepare("SELECT key FROM delivery")
        await asyncio.sleep(0.5)  # over both of its limits

        assert await free(store) == 1
        assert await ended(store, timedelta(seconds=30)) == 0, "it may be at work"
        assert await ended(store, timedelta(milliseconds=100)) == 1, "but not another program's"
        for _ in range(100):
            if await free(store) == 2:
                break
            await asyncio.sleep(0.02)
        assert await free(store) == 2
    finally:
        stopped.terminate()
        other.terminate()


async def free(store: Store) -> int:
    async with store.write() as tx:
        return len((await tx.execute(text("SELECT key FROM delivery FOR UPDATE SKIP LOCKED"))).all())


async def ended(store: Store, after: timedelta) -> int:
    async with store.write() as tx:
        return await leases.end_stalled(tx, after)
