"""What stood in a form that was refused, kept for a while so that it can be opened again filled in."""

from __future__ import annotations

import json
from datetime import datetime

from sqlalchemy import (
    delete,
    insert,
    or_,
    select,
)

from core.store.engine import Tx
from core.store.tables import draft


async def keep_draft(tx: Tx, person_id: int, action: str, fields: dict[str, str], now: datetime) -> None:
    """Keep what stood in a form that was refused, so that it can be opened again filled in."""
    await tx.execute(delete(draft).where(draft.c.person_id == person_id, draft.c.action == action))
    json.dumps(fields)  # a form's values are strings; anything else is a defect, found here
    await tx.execute(insert(draft).values(person_id=person_id, action=action, fields=fields, at=now))


async def take_draft(tx: Tx, person_id: int, action: str, since: datetime) -> dict[str, str]:
    row = (
        await tx.execute(
            select(draft.c.fields).where(
                draft.c.person_id == person_id, draft.c.action == action, or_(draft.c.at >= since)
            )
        )
    ).one_or_none()
    return dict(row.fields) if row is not None else {}
