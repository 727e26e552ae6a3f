"""A database that fails for a moment, beneath the outbox: nothing fails with it, and no call is cut off for it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from conftest import NewDatabase
from moved_clock import MovedClock
from wire import Group, Wire, at, place

from core.delivery.pump import LEASE
from core.ports import Outcome, Target
from core.store.engine import Store, database_url
from core.views import View

BUSY = "BEGIN SELECT RAISE(FAIL, 'database is locked'); END"


class Slow(Wire):
    """Two calls at once; that to "room" waits for ``hold``, any other is answered, and sets ``quick``."""

    at_once = 2

    def __init__(self, clock: MovedClock) -> None:
        super().__init__(clock)
        self.quick, self.hold = asyncio.Event(), asyncio.Event()

    async def send(self, target: Target, view: View, key: str) -> Outcome:
        if place(target) == "room":
            await self.hold.wait()
        else:
            self.quick.set()
        return await super().send(target, view, key)


@pytest.fixture
async def group(new_database: NewDatabase, clock: MovedClock) -> AsyncIterator[Group]:
    """On SQLite, where a trigger makes statements fail as another program's lock does."""
    async with Store(database_url(await new_database("sqlite"))) as store:
        made = Group(store, clock)
        await made.found()
        yield made


async def run(group: Group, statement: str) -> None:
    async with group.store.write() as tx:
        await tx.exec_driver_sql(statement)


async def test_a_question_that_cannot_be_chosen_just_now_waits_and_has_not_failed(group: Group) -> None:
    await group.plan()
    await run(group, f"CREATE TRIGGER busy BEFORE UPDATE OF prompt_id ON occurrence {BUSY}")
    await group.tick_at("2026-03-03T08:00")
    assert group.calls() == [] and set(await group.states()) == {"pending"}
    assert {(row.attempt, row.sending_at) for row in await group.rows()} == {(0, None)}, "nothing was begun"
    await run(group, "DROP TRIGGER busy")
    group.clock.advance(10)
    await group.outbox.tick()
    assert group.calls() == ["hall", "room"] and set(await group.states()) == {"sent"}


async def test_a_commit_that_fails_cuts_off_no_other_call(group: Group) -> None:
    wire = group.wires["slack"] = Slow(group.clock)
    await group.home("attic", "slack")
    for each in ("attic", "room"):
        await run(group, f"UPDATE home SET server_id = 'one' WHERE channel_id = '{each}'")
    group.outbox = group.another_outbox(group.store)
    await group.plan()
    only = f"WHEN NEW.state = 'sent' AND NEW.home_id = {group.homes['attic']}"
    await run(group, f"CREATE TRIGGER busy BEFORE UPDATE OF state ON delivery {only} {BUSY}")
    at(group.clock, "2026-03-03T08:00")
    tick = asyncio.create_task(group.outbox.tick())
    await wire.quick.wait()
    await asyncio.sleep(0.1)  # its commit fails meanwhile
    wire.hold.set()
    with pytest.raises(ExceptionGroup):
        await tick
    states = {row.home_id: row.state for row in await group.rows()}
    assert states[group.homes["attic"]] == "sending" and states[group.homes["room"]] == "sent"
    await run(group, "DROP TRIGGER busy")
    group.clock.advance(LEASE.total_seconds())
    await group.outbox.tick()  # the same process takes it up; nobody may look here, so it is never guessed at
    states = {row.home_id: row.state for row in await group.rows()}
    assert states[group.homes["attic"]] == "ambiguous"
