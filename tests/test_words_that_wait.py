"""Drafts and asides: kept as long as was said, for nobody who is gone."""

from __future__ import annotations

from datetime import timedelta

import pytest
from moved_clock import MovedClock
from sqlalchemy import func, select
from talk import HOME, Talk

from bot.build import App
from bot.settings import Settings
from core.store import asides, drafts, people
from core.store.engine import Store
from core.store.tables import aside, draft


@pytest.fixture
async def talk(store: Store, clock: MovedClock) -> Talk:
    return await Talk.begin(store, clock)


async def id_of(talk: Talk, name: str) -> int:
    await talk(name, "/me show")
    async with talk.store.read() as tx:
        known = await people.look_up(tx, talk.who(name, False), HOME)
    assert known is not None
    return known.person.id


async def test_the_night_takes_the_words_that_waited_for_a_day(talk: Talk, clock: MovedClock) -> None:
    ana, ben, life = await id_of(talk, "ana"), await id_of(talk, "ben"), talk.app.limits.draft_life
    async with talk.store.write() as tx:
        await drafts.keep(tx, ana, "answer:prompt=d1", {"text": "private"}, clock.now(), life)
    clock.advance(life / timedelta(seconds=1) - 60)
    async with talk.store.write() as tx:
        await drafts.keep(tx, ben, "answer:prompt=d1", {"text": "younger"}, clock.now(), life)
    app = App(Settings(), talk.app, talk.dispatcher, talk.outbox)
    await app.sweep()
    assert await held(talk) == [ana, ben]
    clock.advance(120)
    await app.sweep()
    assert await held(talk) == [ben]


async def held(talk: Talk) -> list[int]:
    async with talk.store.read() as tx:
        return list((await tx.execute(select(draft.c.person_id).order_by(draft.c.person_id))).scalars())


async def test_nothing_is_kept_to_be_told_to_somebody_who_was_forgotten(
    talk: Talk, clock: MovedClock
) -> None:
    ana = await id_of(talk, "ana")
    await talk("ana", "/me forget confirm: yes")
    async with talk.store.write() as tx:
        await asides.add(tx, ana, "Your notice could not be sent.", clock.now())
        assert (await tx.execute(select(func.count()).select_from(aside))).scalar_one() == 0
