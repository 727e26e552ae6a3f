"""What could not be told somebody by message: it stands above their next private reply, once."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, Exists, delete, exists, insert, literal, select

from core.store.engine import Tx
from core.store.tables import aside, person

LONGEST = 500


async def add(tx: Tx, person_id: int, text: str, now: datetime) -> None:
    """Keep ``text`` (a plain sentence of ours, cut to 500 characters) until that person is next replied to.

    Somebody who was forgotten meanwhile is told nothing.
    """
    if len(text) > LONGEST:
        text = text[: LONGEST - 1] + "…"
    there = select(person.c.id, literal(text), literal(now, aside.c.at.type)).where(person.c.id == person_id)
    await tx.execute(insert(aside).from_select(["person_id", "text", "at"], there))


async def take(tx: Tx, person_id: int) -> list[str]:
    """What waits for that person, oldest first; it is gone afterwards."""
    rows = await tx.execute(
        delete(aside).where(aside.c.person_id == person_id).returning(aside.c.id, aside.c.text)
    )
    return [text for _, text in sorted(tuple(row) for row in rows)]


def waiting(person_id: ColumnElement[int]) -> Exists:
    """Whether anything waits for ``person_id``: a column of a larger statement."""
    return exists().where(aside.c.person_id == person_id)
