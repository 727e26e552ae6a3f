"""What an operator sees of the outbox: what waits, what went wrong lately, what is switched off. Read only."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, func, select, text

from core.store.deliveries import AMBIGUOUS, EXPIRED, FAILED
from core.store.engine import Tx
from core.store.tables import delivery, home, schedule


async def queues(tx: Tx, now: datetime) -> Sequence[Row[Any]]:
    """Rows (scope, waiting, since): what could go by ``now`` and has not, and the oldest's time."""
    query = (
        select(
            delivery.c.scope,
            func.count().label("waiting"),
            func.min(delivery.c.not_before).label("since"),
        )
        .where(text("delivery.state = 'pending'"), delivery.c.not_before <= now)
        .group_by(delivery.c.scope)
        .order_by(delivery.c.scope)
    )
    return (await tx.execute(query)).all()


async def trouble(tx: Tx, since: datetime, limit: int) -> Sequence[Row[Any]]:
    """Rows (state, kind, platform, home, home_id, reason, n, newest) of what was due since then and did not surely
    come, the newest first. Direct messages have no home."""
    newest = func.max(delivery.c.due_at).label("newest")
    by = (
        delivery.c.state,
        delivery.c.kind,
        delivery.c.platform,
        home.c.name.label("home"),
        delivery.c.home_id,
        delivery.c.reason,
    )
    query = (
        select(*by, func.count().label("n"), newest)
        .outerjoin(home, home.c.id == delivery.c.home_id)
        .where(
            delivery.c.state.in_((FAILED, AMBIGUOUS, EXPIRED)),
            delivery.c.settled_at >= since,
            delivery.c.kind.not_in(("edit", "recap")),
        )
        .group_by(*by)
        .order_by(newest.desc(), delivery.c.home_id)
        .limit(limit)
    )
    return (await tx.execute(query)).all()


async def switched_off(tx: Tx) -> Sequence[Row[Any]]:
    """Rows (id, platform, name, reason) of the homes where nothing is posted."""
    query = select(home.c.id, home.c.platform, home.c.name, home.c.reason)
    return (await tx.execute(query.where(home.c.state == "disabled").order_by(home.c.id))).all()


async def reminders_off(tx: Tx) -> Sequence[Row[Any]]:
    """Rows (reason, n) of reminders that could not be delivered and were switched off. Never whose."""
    query = (
        select(schedule.c.reason, func.count().label("n"))
        .where(schedule.c.state == "disabled", schedule.c.person_id.isnot(None))
        .group_by(schedule.c.reason)
        .order_by(schedule.c.reason)
    )
    return (await tx.execute(query)).all()
