"""When a schedule posted, from when to when: what "nothing was scheduled" is answered from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, bindparam, insert, or_, select, update

from core.rules.due import Rule
from core.store import fast
from core.store.engine import Tx
from core.store.people import days_of, mask_of, minutes_of, time_of
from core.store.stale import mark_scheduled
from core.store.tables import member, schedule, schedule_span


@dataclass(frozen=True, slots=True)
class Span:
    """From ``since`` until ``until`` (None = still) a schedule posted by ``rule``; None: it was paused."""

    schedule_id: int
    rule: Rule | None
    since: datetime
    until: datetime | None


async def open_span(tx: Tx, schedule_id: int, rule: Rule | None, now: datetime) -> None:
    """From now on it posts by ``rule``; None: it has no day at all until it is resumed."""
    await tx.execute(
        insert(schedule_span).values(
            schedule_id=schedule_id,
            local_time=minutes_of(rule.local_time) if rule else 0,
            zone=rule.zone if rule else "UTC",
            weekdays=mask_of(rule.weekdays) if rule else 0,
            since=now,
            until=None,
        )
    )
    await mark_scheduled(tx, schedule_id, now)


async def close_span(tx: Tx, schedule_id: int, now: datetime) -> None:
    await tx.execute(
        update(schedule_span)
        .where(schedule_span.c.schedule_id == schedule_id, schedule_span.c.until.is_(None))
        .values(until=now)
    )
    await mark_scheduled(tx, schedule_id, now)


SPANS = (
    select(schedule_span, schedule.c.person_id, member.c.joined_at, member.c.left_at)
    .join(schedule, schedule.c.id == schedule_span.c.schedule_id)
    .outerjoin(
        member, and_(member.c.group_id == schedule.c.group_id, member.c.person_id == bindparam("meant_for"))
    )
    .where(or_(schedule.c.person_id == bindparam("meant_for"), member.c.person_id == bindparam("meant_for")))
    .order_by(schedule_span.c.since, schedule_span.c.id)
)


async def spans_for(tx: Tx, person_id: int) -> list[Span]:
    """Every span of a schedule the person would get, cut to their time in the group, oldest first."""
    return spans_of(await fast.rows(tx, SPANS, {"meant_for": person_id}))


def spans_of(rows: Sequence[Any]) -> list[Span]:
    """The rows of ``SPANS`` as spans."""
    found = []
    for r in rows:
        since, until = r.since, r.until
        if r.person_id is None:
            since = max(since, r.joined_at)
            until = min((u for u in (until, r.left_at) if u is not None), default=None)
        if until is None or until > since:
            rule = Rule(time_of(r.local_time), r.zone, days_of(r.weekdays)) if r.weekdays else None
            found.append(Span(r.schedule_id, rule, since, until))
    return found
