"""Streaks that may have changed without an act of their owner's: they are marked, and replayed before long.

A drop that did not come makes its day neutral, one that was found after all takes that back, and a schedule that
is changed moves the days on which something is owed. The kept streak's length and lapse follow: ``core/recount.py``.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, Subquery, and_, bindparam, func, or_, select, text, true, union_all, update

from core.store.deliveries import EXPIRED, FAILED
from core.store.engine import Tx
from core.store.tables import delivery, member, occurrence, schedule, streak

# Two things due within one day of a person's are never further apart, whatever zones that day was lived in.
_NEAR = timedelta(hours=50)
_AT_ONCE = 500  # occurrences named in one statement


async def mark_stale(tx: Tx, occurrence_ids: Collection[int | None]) -> None:
    """Outbox rows of these drops and reminders ended as ``expired``, ``failed`` or ``ambiguous``. None is no drop.

    Streaks that were over before the drop was due stay as they are: nothing about it can change them.
    """
    for some in _portions(occurrence_ids):
        await _mark(tx, _meant_for(occurrence.c.id.in_(some)))


async def mark_reached(tx: Tx, occurrence_ids: Collection[int | None], now: datetime) -> None:
    """Rows of these drops and reminders were sent. It matters only to who also missed something about that time."""
    lost = (
        delivery.c.state.in_((EXPIRED, FAILED)),
        delivery.c.settled_at > now - 2 * _NEAR,
        delivery.c.kind.in_(("drop", "remind")),
    )
    some_lost = None
    for some in _portions(occurrence_ids):
        some_lost = some_lost or (await tx.execute(select(delivery.c.key).where(*lost).limit(1))).first()
        if some_lost is None:
            return
        due = select(func.min(occurrence.c.due_at)).where(occurrence.c.id.in_(some))
        since = (await tx.execute(due)).scalar_one()
        if since is not None:
            unreached = select(delivery.c.occurrence_id).where(*lost, delivery.c.due_at > since - _NEAR)
            missed = _meant_for(occurrence.c.id.in_(unreached))
            who = _meant_for(occurrence.c.id.in_(some))
            await _mark(tx, who, streak.c.person_id.in_(select(missed.c.person_id)))


async def mark_scheduled(tx: Tx, schedule_id: int, now: datetime) -> None:
    """The schedule posts on other days, or not at all, from now on."""
    here = schedule.c.id == schedule_id
    since = bindparam("changed_at", now, type_=occurrence.c.due_at.type).label("due_at")
    members = (
        select(member.c.person_id, since)
        .join(schedule, schedule.c.group_id == member.c.group_id)
        .where(here, member.c.left_at.is_(None))
    )
    owner = select(schedule.c.person_id, since).where(here, schedule.c.person_id.isnot(None))
    await _mark(tx, union_all(members, owner).subquery())


async def mark_person(tx: Tx, person_id: int) -> None:
    """What the person's streak is replayed from changed otherwise: they joined a group, or accounts were joined."""
    await tx.execute(update(streak).where(streak.c.person_id == person_id).values(stale=True))


_STALE = select(streak.c.person_id).where(text("stale")).order_by(streak.c.person_id)


async def stale(tx: Tx, limit: int) -> Sequence[int]:
    """Whose streaks are marked, some of them."""
    return (await tx.execute(_STALE.limit(limit))).scalars().all()


async def clear(tx: Tx, person_id: int) -> None:
    """Take the mark off, before the log is read: what changes afterwards sets it again."""
    await tx.execute(update(streak).where(streak.c.person_id == person_id).values(stale=False))


def _portions(occurrence_ids: Collection[int | None]) -> list[list[int]]:
    ids = sorted({i for i in occurrence_ids if i is not None})
    return [ids[n : n + _AT_ONCE] for n in range(0, len(ids), _AT_ONCE)]


def _meant_for(which: Any) -> Subquery:
    """(person_id, due_at) of everybody whom these occurrences concern: as ``reach`` sees it."""
    members = (
        select(member.c.person_id, occurrence.c.due_at)
        .select_from(occurrence)
        .join(schedule, schedule.c.id == occurrence.c.schedule_id)
        .join(
            member,
            and_(
                member.c.group_id == schedule.c.group_id,
                member.c.joined_at <= occurrence.c.due_at,
                or_(member.c.left_at.is_(None), member.c.left_at > occurrence.c.due_at),
            ),
        )
        .where(which)
    )
    owners = (
        select(schedule.c.person_id, occurrence.c.due_at)
        .select_from(occurrence)
        .join(schedule, schedule.c.id == occurrence.c.schedule_id)
        .where(which, schedule.c.person_id.isnot(None))
    )
    return union_all(members, owners).subquery()


async def _mark(tx: Tx, meant: Subquery, also: Any = None) -> None:
    found: Select[Any] = (
        select(streak.c.person_id)
        .join(meant, meant.c.person_id == streak.c.person_id)
        .where(
            streak.c.stale.is_(False),
            or_(streak.c.lapses_at.is_(None), streak.c.lapses_at > meant.c.due_at),
            or_(streak.c.current > 0, streak.c.told_lost_at >= meant.c.due_at),
            also if also is not None else true(),
        )
    )
    if (
        tx.dialect.name == "postgresql"
    ):  # in one order: two processes that mark the same people wait, and go on
        found = found.order_by(streak.c.person_id).with_for_update(of=streak)
    await tx.execute(update(streak).where(streak.c.person_id.in_(found)).values(stale=True))
