"""An act that a platform tells again, to another process or after a start, changes something once."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from moved_clock import MovedClock
from practising import plan, studying
from sqlalchemy import func, select
from talk import HOME, Talk

from core.call import Request
from core.dispatch import Dispatcher
from core.store.engine import Store
from core.store.tables import meta, schedule
from core.store.told import KEPT
from core.text import as_text

ADD = {"time": "10:00", "zone": "UTC", "tracks": "behavioural"}


@pytest.fixture
async def talk(store: Store, clock: MovedClock) -> Talk:
    """A group with one schedule, and Olga who organises it."""
    talk = await studying(store, clock)
    await plan(talk, "behavioural")
    return talk


def add(talk: Talk, once: str, **values: str) -> Request:
    return Request("drops add", talk.who("olga", organiser=True), HOME, ADD | values, once=once)


async def schedules(talk: Talk) -> int:
    async with talk.store.read() as tx:
        return int((await tx.execute(select(func.count()).select_from(schedule))).scalar_one())


async def test_two_processes_that_are_told_at_once_add_one_schedule(talk: Talk) -> None:
    before = await schedules(talk)
    other = Dispatcher(talk.app)  # what a start, or another process, has
    views = await asyncio.gather(*(road.run(add(talk, "T1.a")) for road in (talk.dispatcher, other) * 2))
    twice = [as_text(v).startswith("That came twice and is done once") for v in views]
    assert sorted(twice) == [False, True, True, True]
    assert await schedules(talk) == before + 1


async def test_the_same_sent_anew_is_another_act_and_so_is_one_without_an_id(talk: Talk) -> None:
    before = await schedules(talk)
    for once in ("T1.a", "T1.b", "", ""):
        await talk.dispatcher.run(add(talk, once))
    assert await schedules(talk) == before + 4


async def test_what_was_refused_may_be_told_again(talk: Talk) -> None:
    before = await schedules(talk)
    wrong = [as_text(await talk.dispatcher.run(add(talk, "T1.a", zone="Nowhere"))) for _ in range(2)]
    assert wrong[0] == wrong[1] and "came twice" not in wrong[0]
    await talk.dispatcher.run(add(talk, "T1.a"))
    assert await schedules(talk) == before + 1


async def test_acts_are_remembered_for_a_day_and_no_longer(talk: Talk, clock: MovedClock) -> None:
    await talk.dispatcher.run(add(talk, "T1.a"))
    clock.advance((KEPT - timedelta(minutes=1)).total_seconds())
    assert "came twice" in as_text(await talk.dispatcher.run(add(talk, "T1.a")))
    clock.advance(120)
    await talk.dispatcher.run(add(talk, "T1.b"))
    async with talk.store.read() as tx:
        kept = select(func.count()).select_from(meta).where(meta.c.key.startswith("once:"))
        assert (await tx.execute(kept)).scalar_one() == 1
