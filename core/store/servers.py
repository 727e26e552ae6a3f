"""Servers that Starling is removed from and comes back to: their homes go off and on with it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy import Row, case, select, update

from core.store.arrivals import disable_home, enable_home
from core.store.deliveries import AMBIGUOUS, FAILED, PENDING
from core.store.engine import Tx
from core.store.tables import delivery, home

REMOVED = "Starling was removed from this server"


async def leave(tx: Tx, platform: str, gone: Callable[[str], bool], now: datetime) -> int:
    """Switch off the homes on servers that are ``gone``, with what waits to be sent there; how many went off.

    A home that was off already keeps its reason: coming back alone does not mend that.
    """
    off = [row.id for row in await _homes(tx, platform) if gone(row.server_id)]
    # What was tried may have arrived before the door was shut.
    end = case((delivery.c.sending_at.is_(None), FAILED), else_=AMBIGUOUS)
    went = 0
    for home_id in off:
        went += await disable_home(tx, home_id, REMOVED)
        await tx.execute(
            update(delivery)
            .where(delivery.c.home_id == home_id, delivery.c.state == PENDING)
            .values(state=end, settled_at=now, reason=REMOVED)
        )
    return went


async def come_back(tx: Tx, platform: str, there: Callable[[str], bool]) -> int:
    """Switch on again the homes that were off only because Starling had been removed; how many."""
    back = [row.id for row in await _homes(tx, platform) if row.reason == REMOVED and there(row.server_id)]
    for home_id in back:
        await enable_home(tx, home_id)
    return len(back)


async def _homes(tx: Tx, platform: str) -> list[Row[Any]]:
    query = select(home.c.id, home.c.server_id, home.c.reason).where(home.c.platform == platform)
    return list(await tx.execute(query.order_by(home.c.id)))
