"""Joining two persons' reminders into one (core.store.merging): the kept person's, if they have one."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Row, delete, exists, select, update

from core.store.deliveries import FAILED, PENDING
from core.store.engine import Tx
from core.store.people import Person
from core.store.schedules import get_schedule
from core.store.spans import open_span
from core.store.tables import answer, ask, delivery, occurrence, schedule, schedule_span

JOINED = "the accounts were joined, and one reminder stays"


async def join(tx: Tx, kept: Person, absorbed: Person, history: Person, now: datetime) -> None:
    """One reminder, with the days of both. When it was scheduled, in days gone by, is that of ``history``."""
    query = select(schedule.c.id, schedule.c.person_id, schedule.c.state).where(
        schedule.c.person_id.in_((kept.id, absorbed.id))
    )
    found = (await tx.execute(query.order_by(schedule.c.id))).all()
    if not found:
        return
    stays = _staying(found, kept.id)
    others = [s for s in found if s.id != stays.id]
    # Days gone by: spans of the one whose history counts, all of them under the schedule that stays.
    theirs = [s.id for s in found if s.person_id != history.id]
    await tx.execute(delete(schedule_span).where(schedule_span.c.schedule_id.in_(theirs)))
    for other in others:
        moved = update(schedule_span).where(schedule_span.c.schedule_id == other.id)
        await tx.execute(moved.where(schedule_span.c.until.is_(None)).values(schedule_id=stays.id, until=now))
        await tx.execute(moved.values(schedule_id=stays.id))
    if stays.person_id != history.id and stays.state != "removed":
        whole = await get_schedule(tx, stays.id)
        assert whole is not None
        await open_span(tx, stays.id, whole.rule if whole.state == "active" else None, now)
    await _forget_what_reached(tx, theirs, now)
    for other in others:
        await _call_off(tx, other.id, now)
        await _move_days(tx, other.id, stays.id)
    await tx.execute(delete(schedule).where(schedule.c.id.in_([s.id for s in others])))
    await tx.execute(update(schedule).where(schedule.c.id == stays.id).values(person_id=kept.id))


def _staying(found: Any, kept: int) -> Row[Any]:
    """The kept person's newest that is not switched off, else the other's, else the newest at all."""
    on = [s for s in found if s.state != "removed"]
    mine = [s for s in on if s.person_id == kept]
    chosen: Row[Any] = (mine or on or list(found))[-1]
    return chosen


async def _forget_what_reached(tx: Tx, schedules: list[int], now: datetime) -> None:
    """Whether something came is asked of days gone by, and those are the other one's: settled rows go."""
    days = select(occurrence.c.id).where(
        occurrence.c.schedule_id.in_(schedules), occurrence.c.closes_at <= now
    )
    await tx.execute(delete(delivery).where(delivery.c.kind == "remind", delivery.c.occurrence_id.in_(days)))


async def _call_off(tx: Tx, schedule_id: int, now: datetime) -> None:
    days = select(occurrence.c.id).where(occurrence.c.schedule_id == schedule_id)
    waits = (delivery.c.kind == "remind", delivery.c.state == PENDING, delivery.c.occurrence_id.in_(days))
    await tx.execute(update(delivery).where(*waits).values(state=FAILED, settled_at=now, reason=JOINED))


async def _move_days(tx: Tx, schedule_id: int, stays: int) -> None:
    """Its days become days of the one that stays; where that has one of the same date, answers move there."""
    there = occurrence.alias("there")
    same = exists().where(there.c.schedule_id == stays, there.c.local_date == occurrence.c.local_date)
    free = update(occurrence).where(occurrence.c.schedule_id == schedule_id, ~same)
    await tx.execute(free.values(schedule_id=stays))
    pairs = select(occurrence.c.id, there.c.id.label("there")).join(
        there, (there.c.local_date == occurrence.c.local_date) & (there.c.schedule_id == stays)
    )
    for pair in (await tx.execute(pairs.where(occurrence.c.schedule_id == schedule_id))).all():
        for table in (answer, ask):
            of = update(table).where(table.c.occurrence_id == pair.id)
            await tx.execute(of.values(occurrence_id=pair.there))
