"""Who agreed that the coach reads answers of theirs, and for which host."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select, update

from core.store import facts
from core.store.engine import Tx
from core.store.tables import person

_HOST = "coach_host"


async def since(tx: Tx, person_id: int) -> datetime | None:
    """When the person agreed; None: they did not, or took it back."""
    at: datetime | None = await tx.scalar(select(person.c.coach_since).where(person.c.id == person_id))
    return at


async def agree(tx: Tx, person_id: int, at: datetime | None) -> None:
    """The person agrees from ``at`` on; None takes it back."""
    await tx.execute(update(person).where(person.c.id == person_id).values(coach_since=at))


async def settle_host(tx: Tx, host: str) -> int:
    """Who agreed did so for one host. Where it is another now, everybody is asked again; how many they are."""
    if await facts.meta_of(tx, _HOST) == host:
        return 0
    await facts.set_meta(tx, _HOST, host)
    undone = update(person).where(person.c.coach_since.is_not(None)).values(coach_since=None)
    return (await tx.execute(undone)).rowcount
