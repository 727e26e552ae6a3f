"""Occurrences (drops): a schedule on one local date, with its prompt, and who has answered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, and_, bindparam, case, func, or_, select, update

from core.store.engine import Tx
from core.store.sql import insert_new
from core.store.tables import answer, member, occurrence, pack, prompt, schedule, study_group


@dataclass(frozen=True, slots=True)
class Drop:
    """An occurrence as the features need it."""

    id: int
    schedule_id: int
    group_id: int | None
    person_id: int | None
    local_date: date
    due_at: datetime
    closes_at: datetime
    state: str  # open | skipped | expired
    prompt_id: int | None
    zone: str
    tracks: tuple[str, ...]
    packs: tuple[str, ...]
    role_id: str
    thread: bool = False  # a thread is opened under each card
    recap: bool = False  # when it closes, its card says how it went


_DROP = select(
    occurrence,
    schedule.c.group_id,
    schedule.c.person_id,
    schedule.c.zone,
    schedule.c.tracks,
    schedule.c.packs,
    schedule.c.role_id,
    schedule.c.thread,
    schedule.c.recap,
).join(schedule, schedule.c.id == occurrence.c.schedule_id)


def _drop(r: Row[Any]) -> Drop:
    return Drop(
        r.id,
        r.schedule_id,
        r.group_id,
        r.person_id,
        r.local_date,
        r.due_at,
        r.closes_at,
        r.state,
        r.prompt_id,
        r.zone,
        tuple(r.tracks),
        tuple(r.packs),
        r.role_id,
        r.thread,
        r.recap,
    )


async def add_occurrences(tx: Tx, rows: Sequence[dict[str, Any]]) -> dict[tuple[int, date], int]:
    """Insert those that are not there; the ids of all, by (schedule id, local date)."""
    await insert_new(tx, occurrence, rows)
    if not rows:
        return {}
    wanted = {(r["schedule_id"], r["local_date"]) for r in rows}
    found = await tx.execute(
        select(occurrence.c.id, occurrence.c.schedule_id, occurrence.c.local_date).where(
            occurrence.c.schedule_id.in_({s for s, _ in wanted}),
            occurrence.c.local_date.in_({d for _, d in wanted}),
        )
    )
    ids = {(r.schedule_id, r.local_date): r.id for r in found}
    return {key: ids[key] for key in wanted}


async def get_drop(tx: Tx, occurrence_id: int) -> Drop | None:
    row = (await tx.execute(_DROP.where(occurrence.c.id == occurrence_id))).one_or_none()
    return _drop(row) if row is not None else None


async def drop_on(tx: Tx, schedule_id: int, local_date: date) -> Drop | None:
    query = _DROP.where(occurrence.c.schedule_id == schedule_id, occurrence.c.local_date == local_date)
    row = (await tx.execute(query)).one_or_none()
    return _drop(row) if row is not None else None


async def lock_drop(tx: Tx, occurrence_id: int) -> Drop | None:
    """The occurrence, held until the transaction ends: for choosing its prompt once."""
    query = _DROP.where(occurrence.c.id == occurrence_id)
    if tx.dialect.name == "postgresql":
        query = query.with_for_update(of=occurrence)
    row = (await tx.execute(query)).one_or_none()
    return _drop(row) if row is not None else None


# Statements that every command runs are put together once: building one costs as much as running it.
_OPEN = _DROP.where(
    or_(schedule.c.group_id == bindparam("group_id"), schedule.c.person_id == bindparam("person_id")),
    occurrence.c.state == "open",
    occurrence.c.due_at <= bindparam("now"),
    occurrence.c.closes_at > bindparam("now"),
).order_by(occurrence.c.due_at.desc(), occurrence.c.id.desc())


async def open_drops(
    tx: Tx, now: datetime, *, group_id: int | None = None, person_id: int | None = None
) -> list[Drop]:
    """Drops of a group and of one person's reminder that may be answered now; newest first. None: of nobody."""
    rows = await tx.execute(_OPEN, {"now": now, "group_id": group_id or 0, "person_id": person_id or 0})
    return [_drop(r) for r in rows]


_OPEN_OF_MEMBER = (
    _DROP.add_columns(study_group.c.name.label("group_name"))
    .outerjoin(study_group, study_group.c.id == schedule.c.group_id)
    .outerjoin(
        member,
        and_(
            member.c.group_id == schedule.c.group_id,
            member.c.person_id == bindparam("person_id"),
            member.c.left_at.is_(None),
        ),
    )
    .where(
        or_(member.c.person_id.isnot(None), schedule.c.person_id == bindparam("person_id")),
        occurrence.c.state == "open",
        occurrence.c.due_at <= bindparam("now"),
        occurrence.c.closes_at > bindparam("now"),
    )
    .order_by(occurrence.c.due_at.desc(), occurrence.c.id.desc())
)


async def open_of_member(tx: Tx, now: datetime, person_id: int) -> list[tuple[Drop, str]]:
    """What somebody may answer now, newest first: drops of all groups they are in, each with its group's name, and
    those of their reminder, with ""."""
    rows = await tx.execute(_OPEN_OF_MEMBER, {"now": now, "person_id": person_id})
    return [(_drop(r), r.group_name or "") for r in rows]


async def set_prompt(tx: Tx, occurrence_id: int, prompt_id: int | None) -> None:
    await tx.execute(update(occurrence).where(occurrence.c.id == occurrence_id).values(prompt_id=prompt_id))


async def choose_anew(tx: Tx, pack_id: int, now: datetime) -> None:
    """Prompts drawn ahead of their time (``drops preview``) that the pack no longer asks are drawn again when due."""
    gone = (
        select(prompt.c.id)
        .join(pack, pack.c.id == prompt.c.pack_id)
        .where(pack.c.id == pack_id, or_(prompt.c.retired.is_(True), pack.c.removed_at.isnot(None)))
    )
    await tx.execute(
        update(occurrence)
        .where(occurrence.c.due_at > now, occurrence.c.prompt_id.in_(gone))
        .values(prompt_id=None)
    )


async def set_state(tx: Tx, occurrence_id: int, state: str) -> None:
    await tx.execute(update(occurrence).where(occurrence.c.id == occurrence_id).values(state=state))


async def used_by_group(tx: Tx, group_id: int, limit: int = 2000) -> Sequence[Row[Any]]:
    """Rows (prompt_id, track, due_at) of the group's drops that have a prompt, oldest first."""
    newest = (
        select(occurrence.c.prompt_id, prompt.c.track, occurrence.c.due_at, occurrence.c.id)
        .join(schedule, schedule.c.id == occurrence.c.schedule_id)
        .join(prompt, prompt.c.id == occurrence.c.prompt_id)
        .where(schedule.c.group_id == group_id)
        .order_by(occurrence.c.due_at.desc(), occurrence.c.id.desc())
        .limit(limit)
    )
    return list(reversed((await tx.execute(newest)).all()))


@dataclass(frozen=True, slots=True)
class Tally:
    """How many members have answered a drop, and whether the asker is among them."""

    members: int
    mine: bool


_TALLY = (
    select(
        answer.c.occurrence_id,
        func.count(func.distinct(answer.c.person_id)).label("members"),
        func.max(case((answer.c.person_id == bindparam("person_id"), 1), else_=0)).label("mine"),
    )
    .where(
        answer.c.occurrence_id.in_(bindparam("occurrence_ids", expanding=True)),
        answer.c.withdrawn_at.is_(None),
    )
    .group_by(answer.c.occurrence_id)
)


async def tallies(tx: Tx, occurrence_ids: Sequence[int], person_id: int) -> dict[int, Tally]:
    """The tally of each of these drops."""
    if not occurrence_ids:
        return {}
    rows = await tx.execute(_TALLY, {"occurrence_ids": list(occurrence_ids), "person_id": person_id})
    found = {r.occurrence_id: Tally(r.members, bool(r.mine)) for r in rows}
    return {i: found.get(i, Tally(0, False)) for i in occurrence_ids}


async def answered_count(tx: Tx, occurrence_id: int) -> int:
    """Members who have answered the drop, once each."""
    query = select(func.count(func.distinct(answer.c.person_id))).where(
        answer.c.occurrence_id == occurrence_id, answer.c.withdrawn_at.is_(None)
    )
    count: int = (await tx.execute(query)).scalar_one()
    return count
