"""The practice log and the kept streak."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, bindparam, insert, select, update

from core.store.engine import Tx
from core.store.sql import upsert
from core.store.tables import practice_log, streak


async def log(
    tx: Tx,
    *,
    person_id: int,
    kind: str,
    track: str,
    answer_id: int | None,
    counts: bool,
    at: datetime,
    day: date,
    zone: str,
    cutoff: int,
) -> None:
    """Write down that something was done: the instant, the day, and the zone and cut-off at that time."""
    await tx.execute(
        insert(practice_log).values(
            person_id=person_id,
            kind=kind,
            track=track,
            answer_id=answer_id,
            counts=counts,
            at=at,
            day=day,
            zone=zone,
            cutoff=cutoff,
        )
    )


async def set_counts(tx: Tx, answer_id: int) -> None:
    """An answer that did not count before does now (its outcome was added)."""
    await tx.execute(update(practice_log).where(practice_log.c.answer_id == answer_id).values(counts=True))


_EVENTS = (
    select(practice_log.c.id, practice_log.c.at, practice_log.c.counts)
    .where(practice_log.c.person_id == bindparam("person_id"))
    .order_by(practice_log.c.at, practice_log.c.id)
)
_KEPT = select(streak).where(streak.c.person_id == bindparam("person_id"))


async def events(tx: Tx, person_id: int) -> Sequence[Row[Any]]:
    """Rows (id, at, counts) of everything a person did, in order of instant."""
    return (await tx.execute(_EVENTS, {"person_id": person_id})).all()


async def kept_streak(tx: Tx, person_id: int) -> Row[Any] | None:
    return (await tx.execute(_KEPT, {"person_id": person_id})).one_or_none()


async def keep_streak(
    tx: Tx, person_id: int, *, current: int, best: int, savers: int, lapses_at: datetime | None, now: datetime
) -> None:
    """Store what the replay gave, so that a board needs no replay."""
    before = await kept_streak(tx, person_id)
    reached = before.reached_at if before is not None and before.current == current else now
    values = {
        "current": current,
        "best": best,
        "savers": savers,
        "lapses_at": lapses_at,
        "reached_at": reached,
    }
    await upsert(
        tx, streak, [{"person_id": person_id, "told_lost_at": None, **values}], [streak.c.person_id], values
    )


async def told_lost(tx: Tx, person_id: int, now: datetime) -> None:
    await tx.execute(update(streak).where(streak.c.person_id == person_id).values(told_lost_at=now))
