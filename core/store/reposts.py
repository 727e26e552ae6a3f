"""Deliveries that may not have arrived, and putting them on their way once more."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, select, update

from core.store.deliveries import AMBIGUOUS, PENDING, REWRITES
from core.store.engine import Tx
from core.store.tables import delivery, home, occurrence


async def row_of(tx: Tx, group_id: int, key: str) -> Row[Any] | None:
    """A delivery to a home of that group, as (key, kind, state, home_name, home_state, home_reason, closes_at,
    drop_state); the last two are None where it asks no question of the day."""
    query = (
        select(
            delivery.c.key,
            delivery.c.kind,
            delivery.c.state,
            home.c.name.label("home_name"),
            home.c.state.label("home_state"),
            home.c.reason.label("home_reason"),
            occurrence.c.closes_at,
            occurrence.c.state.label("drop_state"),
        )
        .join(home, home.c.id == delivery.c.home_id)
        .outerjoin(occurrence, occurrence.c.id == delivery.c.occurrence_id)
        .where(delivery.c.key == key, home.c.group_id == group_id, delivery.c.kind.not_in(REWRITES))
    )
    return (await tx.execute(query)).one_or_none()


def open_until(row: Row[Any], now: datetime, life: timedelta) -> datetime | None:
    """Until when ``row`` may be sent once more: while its question is open, else (a test post) for ``life``.

    None: not any more. ``row`` has kind, closes_at, drop_state.
    """
    if row.closes_at is None:
        return now + life if row.kind == "test" else None
    return row.closes_at if row.drop_state == "open" and now < row.closes_at else None


async def put_on_its_way(tx: Tx, key: str, now: datetime, until: datetime) -> bool:
    """To be sent once more, until then, as if it had never been tried. False when it is not in doubt any more."""
    done = await tx.execute(
        update(delivery)
        .where(delivery.c.key == key, delivery.c.state == AMBIGUOUS)
        .values(
            state=PENDING,
            attempt=0,
            worker="",
            lease_until=None,
            sending_at=None,
            settled_at=None,
            not_before=now,
            expires_at=until,
            reason="",
        )
    )
    return done.rowcount == 1
