"""What a platform has told already: one act changes something once, whichever process is told, and however often.

Kept for a day in ``meta``, under keys of its own.
"""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

from sqlalchemy import delete

from core.store.engine import Tx
from core.store.sql import insert_for
from core.store.tables import meta

KEPT = timedelta(days=1)  # no platform repeats itself for longer
_PREFIX = "once:"


def _key(act: str) -> str:
    return _PREFIX + hashlib.sha256(act.encode()).hexdigest()[:32]


async def is_new(tx: Tx, act: str, now: datetime) -> bool:
    """Whether ``act`` is told for the first time; from now on it is not. Of two at once one is the first."""
    old = meta.c.key.startswith(_PREFIX) & (meta.c.value < (now - KEPT).isoformat())
    await tx.execute(delete(meta).where(old))
    new = insert_for(tx.dialect.name, meta).values(key=_key(act), value=now.isoformat())
    made = await tx.execute(new.on_conflict_do_nothing().returning(meta.c.key))
    return made.first() is not None


async def forget(tx: Tx, act: str) -> None:
    """Nothing came of ``act``: it may be told again."""
    await tx.execute(delete(meta).where(meta.c.key == _key(act)))
