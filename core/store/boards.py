"""Points and boards. A point and its sums are written in one transaction; boards read the sums alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any, Literal

from sqlalchemy import Select, and_, bindparam, case, delete, func, insert, or_, select, true

from core.rules.periods import keys_for
from core.rules.scoring import Award
from core.store.engine import Tx
from core.store.sql import upsert
from core.store.tables import member, person, point, rollup, streak

By = Literal["points", "streak", "improvement"]


@dataclass(frozen=True, slots=True)
class Standing:
    """One line of a board. ``rank`` = 1 + the number of shown members strictly above."""

    rank: int
    person_id: int
    name: str
    value: int
    hidden: bool = False


# --- writing ----------------------------------------


async def award(
    tx: Tx,
    award_: Award,
    *,
    person_id: int,
    group_id: int,
    track: str,
    day: date,
    now: datetime,
    answer_id: int | None = None,
    improved: int = 0,
) -> None:
    """Write a point and add it to the sums of its week, month, season and of all time; by track and over all."""
    if award_.points == 0 and improved == 0:
        return
    await tx.execute(
        insert(point).values(
            person_id=person_id,
            group_id=group_id,
            answer_id=answer_id,
            kind=award_.kind,
            track=track,
            points=award_.points,
            improved=improved,
            at=now,
            day=day,
        )
    )
    shown = await _is_shown(tx, group_id, person_id)
    await _add_up(tx, group_id, person_id, track, day, award_.points, improved, now, shown)


async def _add_up(
    tx: Tx,
    group_id: int,
    person_id: int,
    track: str,
    day: date,
    points: int,
    improved: int,
    at: datetime,
    shown: bool,
) -> None:
    rows = [
        {
            "group_id": group_id,
            "period": period,
            "bucket": bucket,
            "track": of,
            "person_id": person_id,
            "points": points,
            "improved": improved,
            "points_at": at,
            "improved_at": at,
            "shown": shown,
        }
        for period, bucket in keys_for(day).items()
        for of in ("", track)
    ]
    key = [rollup.c.group_id, rollup.c.period, rollup.c.bucket, rollup.c.track, rollup.c.person_id]
    change: dict[str, Any] = {
        "points": lambda new: rollup.c.points + new.points,
        "improved": lambda new: rollup.c.improved + new.improved,
        "shown": lambda new: new.shown,
    }
    if points:
        change["points_at"] = lambda new: new.points_at
    if improved:
        change["improved_at"] = lambda new: new.improved_at
    await upsert(tx, rollup, rows, key, change)


async def _is_shown(tx: Tx, group_id: int, person_id: int) -> bool:
    query = select(member.c.hidden).where(
        member.c.group_id == group_id, member.c.person_id == person_id, member.c.left_at.is_(None)
    )
    hidden = (await tx.execute(query)).scalar_one_or_none()
    return hidden is False


async def paid_tracks(tx: Tx, person_id: int, day: date, group_id: int) -> set[str]:
    """Tracks in which the person's first answer of ``day`` has already earned points in this group."""
    rows = await tx.execute(
        select(point.c.track).where(
            point.c.person_id == person_id,
            point.c.day == day,
            point.c.group_id == group_id,
            point.c.kind == "answer",
        )
    )
    return {r.track for r in rows}


# --- reading ----------------------------------------


def _order(by: By) -> tuple[Any, Any]:
    return (
        (rollup.c.points, rollup.c.points_at) if by == "points" else (rollup.c.improved, rollup.c.improved_at)
    )


_HERE = and_(
    rollup.c.group_id == bindparam("at_group"),
    rollup.c.period == bindparam("at_period"),
    rollup.c.bucket == bindparam("at_bucket"),
    rollup.c.track == bindparam("at_track"),
)


def _at(group_id: int, period: str, bucket: str, track: str) -> dict[str, Any]:
    """The values of ``_HERE``."""
    return {"at_group": group_id, "at_period": period, "at_bucket": bucket, "at_track": track}


# Statements are put together once for each order: building one costs as much as running it.


@cache
def _top(by: By) -> Select[Any]:
    value, at = _order(by)
    return (
        select(rollup.c.person_id, person.c.name, value.label("value"))
        .join(person, person.c.id == rollup.c.person_id)
        .where(_HERE, rollup.c.shown.is_(True), value > 0)
        .order_by(value.desc(), at, rollup.c.person_id)
        .limit(bindparam("page_limit"))
        .offset(bindparam("page_offset"))
    )


@cache
def _above(by: By) -> Select[Any]:
    value, _ = _order(by)
    return (
        select(func.count())
        .select_from(rollup)
        .where(_HERE, rollup.c.shown.is_(True), value > bindparam("over"))
    )


@cache
def _own(by: By) -> Select[Any]:
    value, _ = _order(by)
    return (
        select(value.label("value"), rollup.c.shown, person.c.name)
        .join(person, person.c.id == rollup.c.person_id)
        .where(_HERE, rollup.c.person_id == bindparam("reader"))
    )


async def top(
    tx: Tx, group_id: int, by: By, period: str, bucket: str, track: str, *, limit: int, offset: int
) -> list[Standing]:
    """One page of the board: shown members with a value above zero, ties in order of arrival."""
    here = _at(group_id, period, bucket, track)
    rows = (await tx.execute(_top(by), here | {"page_limit": limit, "page_offset": offset})).all()
    if not rows:
        return []
    # Nobody is above the first row of the first page.
    above = (await tx.execute(_above(by), here | {"over": rows[0].value})).scalar_one() if offset else 0
    return _ranked([(r.person_id, r.name, r.value) for r in rows], above, offset)


async def own(
    tx: Tx, group_id: int, person_id: int, by: By, period: str, bucket: str, track: str
) -> Standing | None:
    """The person's own line, also when hidden; None without a value above zero."""
    here = _at(group_id, period, bucket, track)
    row = (await tx.execute(_own(by), here | {"reader": person_id})).one_or_none()
    if row is None or row.value <= 0:
        return None
    above: int = (await tx.execute(_above(by), here | {"over": row.value})).scalar_one()
    return Standing(1 + above, person_id, row.name, row.value, not row.shown)


async def size(tx: Tx, group_id: int, by: By, period: str, bucket: str, track: str) -> int:
    """How many members stand on the board."""
    here = _at(group_id, period, bucket, track)
    count: int = (await tx.execute(_above(by), here | {"over": 0})).scalar_one()
    return count


def _ranked(rows: Sequence[tuple[int, str, int]], above: int, offset: int) -> list[Standing]:
    """Ranks for a page that starts at ``offset``; its first row has ``above`` members strictly above it."""
    found: list[Standing] = []
    rank = 1 + above
    for n, (person_id, name, value) in enumerate(rows):
        if found and value < found[-1].value:
            rank = 1 + offset + n
        found.append(Standing(rank, person_id, name, value))
    return found


# --- by streak: not a sum, so it comes from the streaks themselves ----------------------------------------


def _running(now: datetime) -> Any:
    """The length that still holds at ``now``: a streak ends without a job, by its lapse. Without one it cannot end."""
    return case((streak.c.lapses_at <= now, 0), else_=streak.c.current)


def _streaks(group_id: int) -> Any:
    return and_(
        member.c.group_id == group_id,
        member.c.left_at.is_(None),
        member.c.person_id == streak.c.person_id,
    )


async def streak_top(tx: Tx, group_id: int, now: datetime, *, limit: int, offset: int) -> list[Standing]:
    length = _running(now)
    query = (
        select(streak.c.person_id, person.c.name, length.label("value"))
        .join(member, _streaks(group_id))
        .join(person, person.c.id == streak.c.person_id)
        .where(member.c.hidden.is_(False), length > 0)
        .order_by(length.desc(), streak.c.reached_at, streak.c.person_id)
        .limit(limit)
        .offset(offset)
    )
    rows = (await tx.execute(query)).all()
    if not rows:
        return []
    above = await _streaks_above(tx, group_id, now, rows[0].value)
    return _ranked([(r.person_id, r.name, r.value) for r in rows], above, offset)


async def _streaks_above(tx: Tx, group_id: int, now: datetime, mine: int) -> int:
    query = (
        select(func.count())
        .select_from(streak)
        .join(member, _streaks(group_id))
        .where(member.c.hidden.is_(False), _running(now) > mine)
    )
    count: int = (await tx.execute(query)).scalar_one()
    return count


async def streak_own(tx: Tx, group_id: int, person_id: int, now: datetime) -> Standing | None:
    query = (
        select(_running(now).label("value"), member.c.hidden, person.c.name)
        .select_from(streak)
        .join(member, _streaks(group_id))
        .join(person, person.c.id == streak.c.person_id)
        .where(streak.c.person_id == person_id)
    )
    row = (await tx.execute(query)).one_or_none()
    if row is None or row.value <= 0:
        return None
    above = await _streaks_above(tx, group_id, now, row.value)
    return Standing(1 + above, person_id, row.name, row.value, row.hidden)


async def streak_size(tx: Tx, group_id: int, now: datetime) -> int:
    query = (
        select(func.count())
        .select_from(streak)
        .join(member, _streaks(group_id))
        .where(member.c.hidden.is_(False), _running(now) > 0)
    )
    count: int = (await tx.execute(query)).scalar_one()
    return count


# --- the recount ----------------------------------------


async def recount(tx: Tx, group_id: int | None = None) -> list[tuple[int, int]]:
    """(group id, person id) whose all-time sum disagrees with their points: must be empty, always.

    With ``group_id`` only that group is counted, by the index of its points.
    """
    all_of_them = group_id is None
    sums = (
        select(
            point.c.group_id,
            point.c.person_id,
            func.sum(point.c.points).label("points"),
            func.sum(point.c.improved).label("improved"),
        )
        .where(true() if all_of_them else point.c.group_id == group_id)
        .group_by(point.c.group_id, point.c.person_id)
        .subquery()
    )
    kept = (
        select(rollup)
        .where(rollup.c.period == "all", rollup.c.track == "")
        .where(true() if all_of_them else rollup.c.group_id == group_id)
        .subquery()
    )
    query = (
        select(sums.c.group_id, sums.c.person_id)
        .outerjoin(kept, and_(kept.c.group_id == sums.c.group_id, kept.c.person_id == sums.c.person_id))
        .where(
            or_(
                kept.c.points.is_(None),
                kept.c.points != sums.c.points,
                kept.c.improved != sums.c.improved,
            )
        )
    )
    return [(r.group_id, r.person_id) for r in await tx.execute(query)]


async def rebuild(tx: Tx, group_id: int, person_id: int) -> None:
    """Make somebody's sums in a group again, out of their points."""
    await tx.execute(delete(rollup).where(rollup.c.group_id == group_id, rollup.c.person_id == person_id))
    rows = await tx.execute(
        select(point)
        .where(point.c.group_id == group_id, point.c.person_id == person_id)
        .order_by(point.c.at, point.c.id)
    )
    shown = await _is_shown(tx, group_id, person_id)
    for r in rows.all():
        await _add_up(tx, r.group_id, r.person_id, r.track, r.day, r.points, r.improved, r.at, shown)
