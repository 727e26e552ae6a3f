"""What was to reach somebody, and whether it did: a day on which nothing came is nobody's miss."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, and_, bindparam, or_, select

from core.store.deliveries import AMBIGUOUS, EXPIRED, FAILED, SENT
from core.store.engine import Tx
from core.store.tables import delivery, member, occurrence, schedule


async def unreached(tx: Tx, person_id: int) -> Sequence[Row[Any]]:
    """Rows (due_at, state, kind, reason) of what was to reach a person and did not.

    Drops of their groups while they were members, and their reminders. Skipped drops are the organisers' choice
    and stay out.
    """
    return (await tx.execute(_UNREACHED, {"meant_for": person_id})).all()


async def reached(tx: Tx, person_id: int, since: datetime, until: datetime) -> Sequence[Row[Any]]:
    """The same rows for what did reach them (``sent`` and ``ambiguous``), due in [since, until)."""
    return (await tx.execute(_REACHED, {"meant_for": person_id, "since": since, "until": until})).all()


_MEANT_FOR = (
    select(delivery.c.due_at, delivery.c.state, delivery.c.kind, delivery.c.reason)
    .join(occurrence, occurrence.c.id == delivery.c.occurrence_id)
    .join(schedule, schedule.c.id == occurrence.c.schedule_id)
    .outerjoin(
        member,
        and_(
            member.c.group_id == schedule.c.group_id,
            member.c.person_id == bindparam("meant_for"),
            member.c.joined_at <= delivery.c.due_at,
            or_(member.c.left_at.is_(None), member.c.left_at > delivery.c.due_at),
        ),
    )
    .where(
        delivery.c.kind.in_(("drop", "remind")),
        occurrence.c.state != "skipped",
        or_(member.c.person_id == bindparam("meant_for"), schedule.c.person_id == bindparam("meant_for")),
    )
    .order_by(delivery.c.due_at)
)


_UNREACHED = _MEANT_FOR.where(delivery.c.state.in_((EXPIRED, FAILED)))


_REACHED = _MEANT_FOR.where(
    delivery.c.state.in_((SENT, AMBIGUOUS)),
    delivery.c.due_at >= bindparam("since"),
    delivery.c.due_at < bindparam("until"),
)
