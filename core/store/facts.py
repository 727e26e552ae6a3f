"""Facts of the whole database (``meta``) and the organisers' audit log."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, insert, select

from core.store.engine import Tx
from core.store.sql import upsert
from core.store.tables import audit, meta, person


async def set_meta(tx: Tx, key: str, value: str) -> None:
    await upsert(tx, meta, [{"key": key, "value": value}], [meta.c.key], {"value": lambda new: new.value})


async def meta_of(tx: Tx, key: str) -> str | None:
    found: str | None = await tx.scalar(select(meta.c.value).where(meta.c.key == key))
    return found


async def note_action(tx: Tx, group_id: int, person_id: int, action: str, detail: str, now: datetime) -> None:
    """Write down what an organiser changed: who, what, when; never a member's text."""
    await tx.execute(
        insert(audit).values(
            group_id=group_id, person_id=person_id, action=action, detail=detail[:200], at=now
        )
    )


async def actions(tx: Tx, group_id: int, limit: int = 20) -> Sequence[Row[Any]]:
    rows = await tx.execute(
        select(audit.c.action, audit.c.detail, audit.c.at, person.c.name)
        .outerjoin(person, person.c.id == audit.c.person_id)
        .where(audit.c.group_id == group_id)
        .order_by(audit.c.at.desc(), audit.c.id.desc())
        .limit(limit)
    )
    return rows.all()
