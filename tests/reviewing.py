"""What conversations about reviews have in common: an answer that is shared, and what is kept of its reviews."""

from __future__ import annotations

from practising import FULL
from sqlalchemy import func, select
from talk import Talk

from core.call import Where
from core.store.engine import Line
from core.store.tables import answer, point, practice_log, review

ELSEWHERE = Where("test", "other server", "channel", "#elsewhere")
WORDS = "I would have liked a number at the very end."


async def shares(
    talk: Talk,
    name: str,
    text: str = FULL,
    *,
    prompt: str = "proud",
    how: str = "name",
    where: Where | None = None,
) -> int:
    """``name`` practises a question and shares the answer with the group; its number."""
    await talk(name, f"/answer prompt: {prompt} text: {text}", where=where)
    async with talk.store.read() as tx:
        found: int = (await tx.execute(select(func.max(answer.c.id)))).scalar_one()
    assert "Shared with" in await talk.press(name, f"share:answer={found};how={how}", where=where)
    return found


async def writes(
    talk: Talk, name: str, number: int, seen: str = "1,2,3", missing: str = "5", words: str = WORDS
) -> str:
    """``name`` reviews an answer by its number, typed."""
    ticks = "".join(f" {n}: {v}" for n, v in (("seen", seen), ("missing", missing)) if v)
    return await talk(name, f"/review write answer: {number}{ticks} words: {words}")


async def kept(talk: Talk) -> list[Line]:
    """Every review, oldest first."""
    async with talk.store.read() as tx:
        return list((await tx.execute(select(review).order_by(review.c.id))).all())


async def paid(talk: Talk, name: str) -> list[tuple[str, int]]:
    """(kind, points) of what ``name`` earned by reviewing."""
    me = await talk.person(name)
    async with talk.store.read() as tx:
        rows = await tx.execute(
            select(point.c.kind, point.c.points)
            .where(point.c.person_id == me.id, point.c.kind.in_(("review", "helpful")))
            .order_by(point.c.id)
        )
        return [(r.kind, r.points) for r in rows]


async def logged(talk: Talk, name: str) -> int:
    """How many reviews of ``name`` count for a day."""
    me = await talk.person(name)
    query = select(func.count()).where(practice_log.c.person_id == me.id, practice_log.c.kind == "review")
    async with talk.store.read() as tx:
        found: int = (await tx.execute(query)).scalar_one()
    return found
