"""The board of running streaks: no sum, so it is read from the streaks themselves.

A streak ends without a job, by its lapse, so what runs is decided as of ``now``. In a small group its members come
first, wherever they stand among everybody; in a large one the longest streaks do, and most of them are members'.
"""

from __future__ import annotations

from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Integer, Select, and_, bindparam, exists, func, or_, select
from sqlalchemy.sql.elements import ColumnElement

from core.store import fast
from core.store.boards import Standing, ranked
from core.store.engine import Tx
from core.store.tables import member, person, streak
from core.store.types import Instant

LARGE = 1_000  # members

# How many members there are, as far as it matters.
_SIZE = select(func.count().label("members")).select_from(
    select(member.c.person_id).where(member.c.group_id == bindparam("here")).limit(LARGE + 1).subquery()
)


def _running(over: str) -> ColumnElement[bool]:
    """Longer than the value called ``over``, and still so at ``now``. A streak without a lapse cannot end."""
    now = bindparam("now", type_=Instant())
    return and_(
        streak.c.current > bindparam(over, type_=Integer),
        or_(streak.c.lapses_at.is_(None), streak.c.lapses_at > now),
    )


_SHOWN = and_(member.c.group_id == bindparam("here"), member.c.left_at.is_(None), member.c.hidden.is_(False))


@cache
def _among(large: bool, *columns: ColumnElement[Any]) -> Select[Any]:
    """``columns`` of the shown members' streaks, from the side that has less to read."""
    if large:
        return (
            select(*columns)
            .select_from(streak)
            .where(exists().where(_SHOWN, member.c.person_id == streak.c.person_id))
        )
    return (
        select(*columns)
        .select_from(member)
        .join(streak, streak.c.person_id == member.c.person_id)
        .where(_SHOWN)
    )


@cache
def _top(large: bool) -> Select[Any]:
    page = (
        _among(large, streak.c.person_id, streak.c.current, streak.c.reached_at)
        .where(_running("none"))
        .order_by(streak.c.current.desc(), streak.c.reached_at, streak.c.person_id)
        .limit(bindparam("page_limit", type_=Integer))
        .offset(bindparam("page_offset", type_=Integer))
        .subquery()
    )
    return (
        select(page.c.person_id, person.c.name, page.c.current)
        .join(person, person.c.id == page.c.person_id)
        .order_by(page.c.current.desc(), page.c.reached_at, page.c.person_id)
    )


@cache
def _above(large: bool) -> Select[Any]:
    return _among(large, func.count().label("members")).where(_running("over"))


_OWN = (
    select(streak.c.current, member.c.hidden, person.c.name)
    .select_from(streak)
    .join(person, person.c.id == streak.c.person_id)
    .join(
        member,
        and_(
            member.c.person_id == streak.c.person_id,
            member.c.group_id == bindparam("here"),
            member.c.left_at.is_(None),
        ),
    )
    .where(streak.c.person_id == bindparam("reader"), _running("none"))
)


async def _is_large(tx: Tx, group_id: int) -> bool:
    return bool((await fast.rows(tx, _SIZE, {"here": group_id}))[0].members > LARGE)


async def streak_top(tx: Tx, group_id: int, now: datetime, *, limit: int, offset: int) -> list[Standing]:
    """``limit`` lines from ``offset`` on: shown members whose streak runs, ties in order of arrival."""
    values = {"here": group_id, "now": now, "none": 0, "page_limit": limit, "page_offset": offset}
    rows = await fast.rows(tx, _top(await _is_large(tx, group_id)), values)
    if not rows:
        return []
    above = await _count_above(tx, group_id, now, rows[0].current) if offset else 0
    return ranked([(r.person_id, r.name, r.current) for r in rows], above, offset)


async def _count_above(tx: Tx, group_id: int, now: datetime, over: int) -> int:
    query = _above(await _is_large(tx, group_id))
    return int((await fast.rows(tx, query, {"here": group_id, "now": now, "over": over}))[0].members)


async def streak_own(tx: Tx, group_id: int, person_id: int, now: datetime) -> Standing | None:
    """The person's own line, also when hidden; None without a running streak."""
    found = await fast.rows(tx, _OWN, {"here": group_id, "reader": person_id, "now": now, "none": 0})
    if not found:
        return None
    above = await _count_above(tx, group_id, now, found[0].current)
    return Standing(1 + above, person_id, found[0].name, found[0].current, found[0].hidden)


async def streak_size(tx: Tx, group_id: int, now: datetime) -> int:
    """How many members' streaks run."""
    return await _count_above(tx, group_id, now, 0)
