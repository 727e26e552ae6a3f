"""The nightly recount: sums that disagree with their points are found and made again."""

import pytest
from moved_clock import MovedClock
from sqlalchemy import select, update
from talk import Talk

from core.rules.scoring import Award
from core.store import boards
from core.store.engine import Store
from core.store.tables import rollup


@pytest.fixture
async def talk(store: Store, clock: MovedClock) -> Talk:
    return await Talk.begin(store, clock)


async def test_a_sum_that_was_tampered_with_is_found_and_made_again(talk: Talk) -> None:
    async with talk.store.read() as tx:
        assert await boards.recount(tx) == []
    person = await talk.person("ana") if await talk("ana", "/streak") else None
    assert person is not None
    async with talk.store.write() as tx:
        now = talk.clock.now()
        for points in (10, 5):
            await boards.award(
                tx,
                Award(points, "answer", "for the test"),
                person_id=person.id,
                group_id=talk.group_id,
                track="coding",
                day=now.date(),
                now=now,
                improved=points // 5,
            )
        before = [
            tuple(r) for r in await tx.execute(select(rollup).order_by(rollup.c.period, rollup.c.track))
        ]
        await tx.execute(update(rollup).values(points=rollup.c.points + 7))
    async with talk.store.write() as tx:
        assert await boards.recount(tx) == [(talk.group_id, person.id)]
        await boards.rebuild(tx, talk.group_id, person.id)
        assert await boards.recount(tx) == []
        after = [tuple(r) for r in await tx.execute(select(rollup).order_by(rollup.c.period, rollup.c.track))]
    assert after == before and len(after) == 8
