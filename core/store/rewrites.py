"""Outbox rows that write a card anew: ``edit`` after every change, ``recap`` when its day closes.

There is one row of each for a card. An edit's ``due_at`` is the version of what is to be shown: it moves with
every change, and a row that was being sent when it moved is sent once more.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, or_, select, update

from core.store import deliveries
from core.store.deliveries import FAILED, PENDING, SENDING, SENT, Delivery
from core.store.engine import Tx
from core.store.tables import answer, delivery, occurrence, schedule

PACE = timedelta(seconds=15)  # a card is rewritten at most once in so long
EDIT_FOR = timedelta(hours=1)  # a card that could not be rewritten for so long waits for its next change
RECAP_FOR = timedelta(hours=12)
CARD_GONE = "the card was deleted"


@dataclass(frozen=True, slots=True)
class Card:
    """The message of a drop in one home; ``state`` is its outbox row's."""

    state: str
    message_id: str
    channel_id: str  # "" when it is the home's own
    shown_at: datetime | None


async def card(tx: Tx, key: str) -> Card | None:
    query = select(delivery.c.state, delivery.c.message_id, delivery.c.channel_id, delivery.c.sending_at)
    row = (await tx.execute(query.where(delivery.c.key == key))).one_or_none()
    return Card(row.state, row.message_id, row.channel_id, row.sending_at) if row is not None else None


async def telling_of(tx: Tx, person_id: int, now: datetime, group_id: int | None = None) -> list[int]:
    """The drops (of a group) whose cards count the person's answer, or may name them: open, or with a recap."""
    query = (
        select(occurrence.c.id)
        .join(answer, answer.c.occurrence_id == occurrence.c.id)
        .join(schedule, schedule.c.id == occurrence.c.schedule_id)
        .where(
            answer.c.person_id == person_id,
            answer.c.withdrawn_at.is_(None),
            schedule.c.group_id.is_not(None) if group_id is None else schedule.c.group_id == group_id,
            or_(occurrence.c.closes_at > now, schedule.c.recap),
        )
        .distinct()
        .order_by(occurrence.c.id)
    )
    return list((await tx.execute(query)).scalars())


async def touch(tx: Tx, occurrence_id: int, platforms: Collection[str], now: datetime) -> None:
    """Every card of the occurrence on these platforms is to be written anew, also one that is just being sent."""
    cards = (
        await tx.execute(
            select(
                delivery.c.key,
                delivery.c.home_id,
                delivery.c.platform,
                delivery.c.scope,
                delivery.c.channel_id,
            )
            .where(
                delivery.c.occurrence_id == occurrence_id,
                delivery.c.kind == "drop",
                delivery.c.platform.in_(platforms),
                delivery.c.home_id.is_not(None),  # the card of a home that left the group stays as it is
                # An open row that was tried may be there with what was true before.
                or_(
                    delivery.c.state == SENT,
                    and_(delivery.c.state.in_((PENDING, SENDING)), delivery.c.sending_at.isnot(None)),
                ),
            )
            .order_by(delivery.c.key)
        )
    ).all()
    if not cards:
        return
    rows = [
        deliveries.row(
            deliveries.edit_key(c.key),
            "edit",
            edits=c.key,
            occurrence_id=occurrence_id,
            home_id=c.home_id,
            platform=c.platform,
            scope=c.scope,
            channel_id=c.channel_id,
            due_at=now,
            not_before=now,
            expires_at=now + EDIT_FOR,
        )
        for c in cards
    ]
    await deliveries.put(tx, rows)
    # Held until this transaction ends: nobody sends what is true before it and counts it as what is true after.
    held = (
        select(
            delivery.c.key,
            delivery.c.state,
            delivery.c.reason,
            delivery.c.due_at,
            delivery.c.not_before,
            delivery.c.settled_at,
        )
        .where(delivery.c.key.in_([r["key"] for r in rows]))
        .order_by(delivery.c.key)
        .with_for_update()
    )
    for row in (await tx.execute(held)).all():
        if row.state == FAILED and row.reason == CARD_GONE:
            continue
        values: dict[str, Any] = {
            "due_at": max(now, row.due_at + timedelta(microseconds=1)),
            "expires_at": now + EDIT_FOR,
        }
        if row.state not in (PENDING, SENDING):
            free = row.settled_at + PACE if row.state == SENT else now
            free = min(free, now + PACE)  # also when the clock was turned back
            values |= {"state": PENDING, "attempt": 0, "sending_at": None, "reason": ""}
            values["not_before"] = max(now, free)
        await tx.execute(update(delivery).where(delivery.c.key == row.key).values(**values))


async def settle(tx: Tx, row: Delivery, state: str, now: datetime, reason: str = "") -> None:
    """Write a rewriting's end; one more is due when something changed while it was under way."""
    query = select(delivery.c.due_at).where(delivery.c.key == row.key).with_for_update()
    version = (await tx.execute(query)).scalar_one_or_none()
    if version is None:
        return  # its home was removed meanwhile
    if version != row.due_at and reason != CARD_GONE:
        await deliveries.put_back(tx, row, now + PACE, there=False, attempt=0)
    else:
        await deliveries.settle(tx, row, state, now, reason=reason)


async def add_recap(tx: Tx, of: Delivery, closes_at: datetime, channel_id: str) -> None:
    """When the day closes, the card says how it went."""
    row = deliveries.row(
        deliveries.recap_key(of.key),
        "recap",
        edits=of.key,
        occurrence_id=of.occurrence_id,
        home_id=of.home_id,
        platform=of.platform,
        scope=of.scope,
        channel_id=channel_id,
        due_at=closes_at,
        not_before=closes_at,
        expires_at=closes_at + RECAP_FOR,
    )
    await deliveries.put(tx, [row])
