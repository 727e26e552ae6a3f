"""What could not be told somebody by message: it stands above their next private reply, once."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, Exists, delete, exists, insert

from core.store.engine import Tx
from core.store.tables import aside

LONGEST = 500


async def add(tx: Tx, person_id: int, text: str, now: datetime) -> None:
    """Keep ``text`` (a plain sentence of ours, cut to 500 characters) until that person is next replied to."""
    if len(text) > LONGEST:
        text = text[: LONGEST - 1] + "…"
    await tx.execute(insert(aside).values(person_id=person_id, text=text, at=now))


async def take(tx: Tx, person_id: int) -> list[str]:
    """What waits for that person, oldest first; it is gone afterwards."""
    rows = await tx.execute(
        delete(aside).where(aside.c.person_id == person_id).returning(aside.c.id, aside.c.text)
    )
    return [text for _, text in sorted(tuple(row) for row in rows)]


def waiting(person_id: ColumnElement[int]) -> Exists:
    """Whether anything waits for ``person_id``: a column of a larger statement."""
    return exists().where(aside.c.person_id == person_id)
