"""Points and boards. A point and its sums are written in one transaction; boards read the sums alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any, Literal

from sqlalchemy import (
    ColumnElement,
    Integer,
    Select,
    String,
    and_,
    bindparam,
    delete,
    func,
    insert,
    literal,
    literal_column,
    or_,
    select,
    true,
)

from core.rules.periods import PERIODS, keys_for
from core.rules.scoring import Award
from core.store import fast
from core.store.engine import Tx
from core.store.sql import insert_for
from core.store.tables import member, person, point, rollup

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
    steps = award_steps(
        tx,
        award_,
        person_id=person_id,
        group_id=group_id,
        track=track,
        day=day,
        now=now,
        answer_id=answer_id,
        improved=improved,
        shown=await _is_shown(tx, group_id, person_id),
    )
    await fast.write_all(tx, steps)


def award_steps(
    tx: Tx,
    award_: Award,
    *,
    person_id: int,
    group_id: int,
    track: str,
    day: date,
    now: datetime,
    answer_id: object,
    improved: int,
    shown: bool,
) -> list[fast.Step]:
    """The statements of ``award``, for whoever has more to write at the same time. ``answer_id`` may be fast.FIRST."""
    values = {
        "p_person": person_id,
        "p_group": group_id,
        "p_answer": answer_id,
        "p_kind": award_.kind,
        "p_track": track,
        "p_points": award_.points,
        "p_improved": improved,
        "p_at": now,
        "p_day": day,
    }
    return [
        (_INSERT_POINT, values),
        _sum_step(tx, group_id, person_id, track, day, award_.points, improved, now, shown),
    ]


_INSERT_POINT = insert(point).values(
    person_id=bindparam("p_person"),
    group_id=bindparam("p_group"),
    answer_id=bindparam("p_answer"),
    kind=bindparam("p_kind"),
    track=bindparam("p_track"),
    points=bindparam("p_points"),
    improved=bindparam("p_improved"),
    at=bindparam("p_at"),
    day=bindparam("p_day"),
)


def _sum_step(
    tx: Tx,
    group_id: int,
    person_id: int,
    track: str,
    day: date,
    points: int,
    improved: int,
    at: datetime,
    shown: bool,
) -> fast.Step:
    """The eight sums that a point goes into, in one statement."""
    values = {
        "r_group": group_id,
        "r_person": person_id,
        "r_track": track,
        "r_points": points,
        "r_improved": improved,
        "r_at": at,
        "r_shown": shown,
        **{f"r_{period}": bucket for period, bucket in keys_for(day).items()},
    }
    return _add_up(tx.dialect.name, bool(points), bool(improved)), values


@cache
def _add_up(dialect: str, points: bool, improved: bool) -> Any:
    """Only what changes is set: an index of a column that is left alone is left alone, too.

    ``shown`` of a sum that is there follows the membership by itself.
    """
    rows = [
        {
            "group_id": bindparam("r_group"),
            "period": period,
            "bucket": bindparam(f"r_{period}"),
            "track": of,
            "person_id": bindparam("r_person"),
            "points": bindparam("r_points"),
            "improved": bindparam("r_improved"),
            "points_at": bindparam("r_at", type_=rollup.c.points_at.type),
            "improved_at": bindparam("r_at", type_=rollup.c.points_at.type),
            "shown": bindparam("r_shown"),
        }
        for period in PERIODS
        for of in (literal("", String(16)), bindparam("r_track"))
    ]
    statement = insert_for(dialect, rollup).values(rows)
    new = statement.excluded
    change: dict[str, Any] = {}
    if points:
        change |= {"points": rollup.c.points + new.points, "points_at": new.points_at}
    if improved:
        change |= {"improved": rollup.c.improved + new.improved, "improved_at": new.improved_at}
    key = [rollup.c.group_id, rollup.c.period, rollup.c.bucket, rollup.c.track, rollup.c.person_id]
    return statement.on_conflict_do_update(index_elements=key, set_=change)


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
    """Names are looked up for the lines of the page alone, not for those before it."""
    value, at = _order(by)
    page = (
        select(rollup.c.person_id, value.label("value"), at.label("reached"))
        .where(_HERE, *_on_board(by))
        .order_by(value.desc(), at, rollup.c.person_id)
        .limit(bindparam("page_limit", type_=Integer))
        .offset(bindparam("page_offset", type_=Integer))
        .subquery()
    )
    return (
        select(page.c.person_id, person.c.name, page.c.value)
        .join(person, person.c.id == page.c.person_id)
        .order_by(page.c.value.desc(), page.c.reached, page.c.person_id)
    )


def _on_board(by: By) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    value, _ = _order(by)
    return rollup.c.shown.is_(True), value > literal_column("0")


@cache
def _above(by: By) -> Select[Any]:
    """One end of the stretch alone: a second condition on the value would be looked at in every line of the index."""
    value, _ = _order(by)
    return (
        select(func.count().label("members"))
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
    """``limit`` lines of the board from ``offset`` on: shown members with a value above zero, ties by arrival."""
    here = _at(group_id, period, bucket, track)
    rows = await fast.rows(tx, _top(by), here | {"page_limit": limit, "page_offset": offset})
    if not rows:
        return []
    # Nobody is above the first line of the first page.
    above = await _count_above(tx, by, here, rows[0].value) if offset else 0
    return ranked([(r.person_id, r.name, r.value) for r in rows], above, offset)


async def _count_above(tx: Tx, by: By, here: dict[str, Any], over: int) -> int:
    """How many stand strictly above a value: a stretch of the index is counted, and no row is read."""
    found = await fast.rows(tx, _above(by), here | {"over": over})
    return int(found[0].members)


async def own(
    tx: Tx, group_id: int, person_id: int, by: By, period: str, bucket: str, track: str
) -> Standing | None:
    """The person's own line, also when hidden; None without a value above zero."""
    here = _at(group_id, period, bucket, track)
    found = await fast.rows(tx, _own(by), here | {"reader": person_id})
    if not found or found[0].value <= 0:
        return None
    row = found[0]
    above = await _count_above(tx, by, here, row.value)
    return Standing(1 + above, person_id, row.name, row.value, not row.shown)


async def size(tx: Tx, group_id: int, by: By, period: str, bucket: str, track: str) -> int:
    """How many members stand on the board."""
    return await _count_above(tx, by, _at(group_id, period, bucket, track), 0)


def ranked(rows: Sequence[tuple[int, str, int]], above: int, offset: int) -> list[Standing]:
    """Ranks for a page that starts at ``offset``; its first row has ``above`` members strictly above it."""
    found: list[Standing] = []
    rank = 1 + above
    for n, (person_id, name, value) in enumerate(rows):
        if found and value < found[-1].value:
            rank = 1 + offset + n
        found.append(Standing(rank, person_id, name, value))
    return found


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
    sums: dict[tuple[str, str, str], dict[str, Any]] = {}
    for r in rows.all():
        for period, bucket in keys_for(r.day).items():
            for track in dict.fromkeys(("", r.track)):
                fresh = {"points": 0, "improved": 0, "points_at": r.at, "improved_at": r.at}
                of = sums.setdefault((period, bucket, track), fresh)
                of["points"] += r.points
                of["improved"] += r.improved
                of |= {"points_at": r.at} if r.points else {}
                of |= {"improved_at": r.at} if r.improved else {}
    if sums:
        same = {
            "group_id": group_id,
            "person_id": person_id,
            "shown": await _is_shown(tx, group_id, person_id),
        }
        one = [same | {"period": p, "bucket": b, "track": t, **of} for (p, b, t), of in sorted(sums.items())]
        await tx.execute(insert(rollup), one)
