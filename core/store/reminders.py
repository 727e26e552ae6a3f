"""A person's reminder: the one schedule they have, over all its times of being on and off."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Row, func, select, text, update

from core.store.deliveries import FAILED, PENDING
from core.store.engine import Tx
from core.store.schedules import Schedule, get_schedule
from core.store.tables import account, delivery, schedule


async def latest_of(tx: Tx, person_id: int) -> Schedule | None:
    """The person's reminder, also when it is switched off (``removed``): it is taken up again, never doubled."""
    query = (
        select(schedule.c.id).where(schedule.c.person_id == person_id).order_by(schedule.c.id.desc()).limit(1)
    )
    found = (await tx.execute(query)).scalar_one_or_none()
    return await get_schedule(tx, found) if found is not None else None


async def move(tx: Tx, schedule_id: int, platform: str) -> None:
    """From now on it comes by the direct messages of another platform."""
    await tx.execute(update(schedule).where(schedule.c.id == schedule_id).values(platform=platform))


async def crowded(tx: Tx, platform: str, workspace: str, at: datetime, room: int) -> bool:
    """Whether more than ``room`` reminders are due at ``at`` in the same queue: on Slack a workspace's own."""
    due = (
        select(schedule.c.id)
        .where(
            text("schedule.state = 'active'"),
            schedule.c.next_due_at == at,
            schedule.c.platform == platform,
            schedule.c.person_id.is_not(None),
        )
        .limit(room + 1)  # how many more does not matter
    )
    if platform == "slack":
        due = due.join(
            account,
            (account.c.person_id == schedule.c.person_id)
            & (account.c.platform == platform)
            & (account.c.workspace == workspace),
        )
    count: int = (await tx.execute(select(func.count()).select_from(due.subquery()))).scalar_one()
    return count > room


async def call_off(tx: Tx, person_id: int, now: datetime) -> None:
    """Reminders that wait in the outbox are not sent any more. They are nobody's fault: the member said so."""
    await tx.execute(
        update(delivery)
        .where(delivery.c.person_id == person_id, delivery.c.kind == "remind", delivery.c.state == PENDING)
        .values(state=FAILED, settled_at=now, reason="switched off by the member")
    )


async def last_message(tx: Tx, person_id: int) -> Row[Any] | None:
    """(kind, state, reason, due_at, settled_at) of the newest reminder or notice in the outbox for the person."""
    query = (
        select(delivery.c.kind, delivery.c.state, delivery.c.reason, delivery.c.due_at, delivery.c.settled_at)
        .where(delivery.c.person_id == person_id)
        .order_by(delivery.c.due_at.desc(), delivery.c.key.desc())
        .limit(1)
    )
    return (await tx.execute(query)).one_or_none()
