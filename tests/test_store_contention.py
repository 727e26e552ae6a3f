"""Members who answer while the outbox settles and streaks are replayed: on PostgreSQL nobody waits in a circle."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine
from typing import Any

import pytest
from conftest import NewDatabase
from moved_clock import MovedClock
from sqlalchemy import func, insert, select, update
from wire import NINE, Group, Memory, at

from core import answering
from core.call import Where, Who
from core.delivery.redraw import touch_cards_of
from core.ports import Retry
from core.recount import refresh_stale
from core.store import arrivals, boards, deliveries, personal, prompts, rewrites, servers, stale
from core.store.engine import Store, database_url
from core.store.people import Person
from core.store.prompts import StoredPrompt
from core.store.tables import answer as answers
from core.store.tables import delivery, streak

MEMBERS, ANSWERS = 20, 4


@pytest.fixture
async def group(new_database: NewDatabase, clock: MovedClock) -> AsyncIterator[Group]:
    """A drop that is there, where its card can be rewritten, and that another home still waits for."""
    async with Store(database_url(await new_database("postgresql"))) as store:
        made = Group(store, clock)
        await made.found()
        made.remembers()
        made.wires["slack"].says["room"] = [Retry(86_400, "not just now")]
        await made.plan(NINE)
        await made.tick_at("2026-03-03T08:00")
        yield made


async def member(group: Group, name: str) -> Person:
    async with group.store.write() as tx:
        where = Where("discord", "server-hall", "hall", "#hall")
        known = await arrivals.arrive(tx, Who("discord", name, name.title()), where, group.clock.now())
    return known.person


async def question(group: Group) -> tuple[int, StoredPrompt]:
    """The drop that is there, and what it asks."""
    drop = next(row for row in await group.rows() if row.kind == "drop" and row.state == "sent")
    async with group.store.read() as tx:
        prompt = await prompts.get_prompt(tx, drop.prompt_id)
    assert prompt is not None
    return drop.occurrence_id, prompt


async def answer(group: Group, writer: Person, occurrence_id: int, prompt: StoredPrompt) -> None:
    words = "When the migration stalled I wrote a plan, asked three people, and moved it table by table. " * 3
    app, now = group.outbox.app, group.clock.now()
    kept = await answering.record(
        app, writer, prompt, words, now, group_id=group.group_id, occurrence_id=occurrence_id
    )
    await answering.finish(app, kept.answer, prompt, writer)


async def in_time(*waiting: Coroutine[Any, Any, Any]) -> None:
    """PostgreSQL finds a circle after a second, and breaks one transaction off: that is raised here."""
    async with asyncio.timeout(20):
        async with asyncio.TaskGroup() as tasks:
            for one in waiting:
                tasks.create_task(one)


# --- two by two ----------------------------------------


async def slow_answer(group: Group, writer: Person, occurrence_id: int) -> None:
    """What an answer takes, in its order; somebody else comes in the middle."""
    async with group.store.write() as tx:
        await personal.hold(tx, writer.id)
        await tx.execute(update(streak).where(streak.c.person_id == writer.id).values(savers=1))
        await asyncio.sleep(0.4)
        await rewrites.touch(tx, occurrence_id, ["discord"], group.clock.now())


async def test_an_answer_and_a_beat_that_expires_a_question_and_a_card_do_not_wait_for_each_other(
    group: Group,
) -> None:
    """An answer has its writer's streak, and then wants the card; a beat must not want them the other way round."""
    ana, (occurrence_id, prompt) = await member(group, "ana"), await question(group)
    await answer(group, ana, occurrence_id, prompt)
    at(
        group.clock, "2026-03-04T03:30"
    )  # the question's day is over in the other home, and the edit is too late
    async with group.store.write() as tx:
        await tx.execute(update(streak).values(lapses_at=None))

    async def beat() -> None:
        await asyncio.sleep(0.1)
        await group.outbox.beat()

    await in_time(slow_answer(group, ana, occurrence_id), beat())
    states = {
        row.kind: row.state for row in await group.rows() if row.platform == "slack" or row.kind == "edit"
    }
    assert states["drop"] == "expired"


async def test_an_answer_and_a_server_that_is_left_do_not_wait_for_each_other(group: Group) -> None:
    ana, (occurrence_id, prompt) = await member(group, "ana"), await question(group)
    await answer(group, ana, occurrence_id, prompt)
    async with group.store.write() as tx:
        waits = update(delivery).where(delivery.c.platform == "slack")
        await tx.execute(waits.values(platform="discord", home_id=group.homes["hall"]))

    async def leaves() -> None:
        await asyncio.sleep(0.1)
        async with group.store.write() as tx:
            assert await servers.leave(tx, "discord", lambda server: True, group.clock.now()) == 1

    await in_time(slow_answer(group, ana, occurrence_id), leaves())
    assert sorted(row.state for row in await group.rows()) == ["failed", "failed", "sent"]


async def test_streaks_are_replayed_beside_reminders_that_are_claimed(group: Group) -> None:
    """A reminder's row names its person, and so keeps them from being deleted; not from having a streak put right."""
    ana, bea = await member(group, "ana"), await member(group, "bea")
    async with group.store.write() as tx:
        await tx.execute(
            insert(streak),
            [
                {
                    "person_id": p.id,
                    "current": 1,
                    "best": 1,
                    "savers": 0,
                    "reached_at": p.created_at,
                    "stale": True,
                }
                for p in (ana, bea)
            ],
        )

    async def claims() -> None:
        async with group.store.write() as tx:
            for n, one in enumerate((bea, ana)):
                values = dict.fromkeys(("due_at", "not_before", "expires_at"), group.clock.now())
                row = deliveries.row(
                    f"x{n}",
                    "notice",
                    person_id=one.id,
                    platform="discord",
                    scope="discord",
                    body={},
                    **values,
                )
                await deliveries.put(tx, [row])
                await asyncio.sleep(0.3)

    async def replays() -> None:
        await asyncio.sleep(0.1)
        assert await refresh_stale(group.outbox.app, 10) == 2

    await in_time(claims(), replays())


# --- all at once ----------------------------------------


async def test_a_whole_group_answers_while_the_outbox_settles_and_streaks_are_replayed(group: Group) -> None:
    writers = [await member(group, f"m{n:02}") for n in range(MEMBERS)]
    occurrence_id, prompt = await question(group)
    over = asyncio.Event()

    async def answers_of(writer: Person) -> None:
        for _ in range(ANSWERS):
            await answer(group, writer, occurrence_id, prompt)

    async def everybody() -> None:
        try:
            await asyncio.gather(*map(answers_of, writers))
        finally:
            over.set()

    async def settles() -> None:
        while not over.is_set():
            group.clock.advance(16)  # the card may be written anew
            await group.outbox.tick()

    async def marks() -> None:
        n = 0
        while not over.is_set():
            async with group.store.write() as tx:  # as a drop does that is settled
                row = (await tx.execute(select(delivery).where(delivery.c.kind == "drop"))).first()
                assert row is not None
                await tx.execute(update(delivery).where(delivery.c.key == row.key).values(reason=f"{n}"))
                await stale.mark_stale(tx, [occurrence_id])
            n += 1
            await asyncio.sleep(0.01)

    async def replays() -> None:
        while not over.is_set():
            await refresh_stale(group.outbox.app, MEMBERS)
            await asyncio.sleep(0.01)

    async def hides() -> None:
        """Cards first, then what is somebody's own: as leaving does it."""
        while not over.is_set():
            async with group.store.write() as tx:
                await personal.hold(tx, writers[0].id)
                await touch_cards_of(tx, group.outbox.app, writers[0].id, group.clock.now())
            await asyncio.sleep(0.01)

    await in_time(everybody(), settles(), marks(), replays(), hides())
    group.clock.advance(60)
    await group.outbox.tick()
    async with group.store.read() as tx:
        kept = (
            await tx.execute(select(answers.c.person_id, func.count()).group_by(answers.c.person_id))
        ).all()
        attempts = select(func.max(answers.c.attempt)).group_by(answers.c.person_id)
        assert set((await tx.execute(attempts)).scalars()) == {ANSWERS}
        assert len(kept) == MEMBERS and {n for _, n in kept} == {ANSWERS}
        assert await boards.recount(tx) == []
    assert {row.state for row in await group.rows() if row.kind == "edit"} == {"sent"}
    wire = group.wires["discord"]
    assert isinstance(wire, Memory) and f"{MEMBERS} members answered so far." in wire.edited[-1].text
