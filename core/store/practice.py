"""The practice log and the kept streak."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from functools import cache
from typing import Any

from sqlalchemy import Row, bindparam, case, exists, insert, or_, select, update

from core.store import fast
from core.store.engine import Tx
from core.store.sql import insert_for
from core.store.tables import person, practice_log, streak


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


EVENTS = (
    select(practice_log.c.id, practice_log.c.at, practice_log.c.counts)
    .where(practice_log.c.person_id == bindparam("person_id"))
    .order_by(practice_log.c.at, practice_log.c.id)
)
_KEPT = select(streak).where(streak.c.person_id == bindparam("person_id"))


async def events(tx: Tx, person_id: int) -> Sequence[Any]:
    """Rows (id, at, counts) of everything a person did, in order of instant."""
    return await fast.rows(tx, EVENTS, {"person_id": person_id})


async def kept_streak(tx: Tx, person_id: int) -> Row[Any] | None:
    return (await tx.execute(_KEPT, {"person_id": person_id})).one_or_none()


_PRACTISERS = (
    select(person.c.id)
    .where(
        person.c.id > bindparam("after"),
        or_(
            exists().where(practice_log.c.person_id == person.c.id),
            exists().where(streak.c.person_id == person.c.id),
        ),
    )
    .order_by(person.c.id)
    .limit(bindparam("most"))
)


async def practisers(tx: Tx, after: int, limit: int) -> Sequence[int]:
    """The next people who have ever done anything, or have a streak that is kept, by their numbers."""
    return (await tx.execute(_PRACTISERS, {"after": after, "most": limit})).scalars().all()


async def keep_streak(
    tx: Tx, person_id: int, *, current: int, best: int, savers: int, lapses_at: datetime | None, now: datetime
) -> None:
    """Store what the replay gave, so that a board needs no replay. The same length was reached when it was."""
    step = keep_step(tx, person_id, current=current, best=best, savers=savers, lapses_at=lapses_at, now=now)
    await fast.write_all(tx, [step])


def keep_step(
    tx: Tx, person_id: int, *, current: int, best: int, savers: int, lapses_at: datetime | None, now: datetime
) -> fast.Step:
    """The statement of ``keep_streak``, for whoever has more to write at the same time."""
    values = {
        "k_person": person_id,
        "k_current": current,
        "k_best": best,
        "k_savers": savers,
        "k_lapses_at": lapses_at,
        "k_now": now,
    }
    return _keep(tx.dialect.name), values


@cache
def _keep(dialect: str) -> Any:
    statement = insert_for(dialect, streak).values(
        person_id=bindparam("k_person"),
        current=bindparam("k_current"),
        best=bindparam("k_best"),
        savers=bindparam("k_savers"),
        lapses_at=bindparam("k_lapses_at"),
        reached_at=bindparam("k_now"),
    )
    new = statement.excluded
    return statement.on_conflict_do_update(
        index_elements=[streak.c.person_id],
        set_={
            "current": new.current,
            "best": new.best,
            "savers": new.savers,
            "lapses_at": new.lapses_at,
            "reached_at": case((streak.c.current == new.current, streak.c.reached_at), else_=new.reached_at),
        },
    )


async def told_lost(tx: Tx, person_id: int, now: datetime) -> None:
    await tx.execute(update(streak).where(streak.c.person_id == person_id).values(told_lost_at=now))
