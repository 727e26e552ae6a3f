"""Claiming schedules one by one, for what is not alike (``core.store.alike``): drops, what was slept through, previews.

The statements are put together once, and each runs once for a whole batch, which it is given as one value: lists on
PostgreSQL, JSON on SQLite. Row by row PostgreSQL needs five times as long, and SQLite gets in the way of the event
loop at every row.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache, lru_cache
from typing import Any

from sqlalchemy import (
    CursorResult,
    Date,
    Dialect,
    Executable,
    Insert,
    String,
    Table,
    bindparam,
    case,
    cast,
    func,
    literal_column,
    select,
    true,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.types import TypeEngine

from core.rules.due import Rule
from core.store import alike, deliveries
from core.store.engine import Tx
from core.store.people import days_of, time_of
from core.store.tables import account, delivery, occurrence, schedule
from core.store.types import Id, Instant

_BETWEEN = "\x1f"  # the values of a list; no key, number or instant has it in it


@dataclass(frozen=True, slots=True)
class Due:
    """A schedule whose time has come, with what its claim needs. ``workspace``: of the person's account on Slack."""

    id: int
    group_id: int | None
    person_id: int | None
    platform: str
    workspace: str
    rule: Rule
    next_date: date
    next_due_at: datetime


@dataclass(frozen=True, slots=True)
class Remind:
    """A reminder's outbox row, waiting from ``due_at`` on."""

    schedule_id: int
    person_id: int
    platform: str
    workspace: str
    occurrence_id: int
    due_at: datetime
    expires_at: datetime


@lru_cache(maxsize=4096)
def _rule(minutes: int, zone: str, weekdays: int) -> Rule:
    return Rule(time_of(minutes), zone, days_of(weekdays))


# Of several accounts on one platform it is the one that direct messages have gone to, then the newest.
_WORKSPACE = (
    select(account.c.workspace)
    .where(account.c.person_id == schedule.c.person_id, account.c.platform == schedule.c.platform)
    .order_by((account.c.dm_channel_id != "").desc(), account.c.created_at.desc(), account.c.workspace.desc())
    .limit(1)
    .scalar_subquery()
)

_DUE = (
    select(
        schedule.c.id,
        schedule.c.group_id,
        schedule.c.person_id,
        schedule.c.platform,
        # Elsewhere user ids are unique everywhere, and the queue is one.
        case((schedule.c.platform == "slack", func.coalesce(_WORKSPACE, "")), else_="").label("workspace"),
        schedule.c.local_time,
        schedule.c.zone,
        schedule.c.weekdays,
        schedule.c.next_date,
        schedule.c.next_due_at,
    )
    .where(schedule.c.id.in_(bindparam("ids", expanding=True)))
    .order_by(schedule.c.next_due_at, schedule.c.id)
)


async def read(tx: Tx, ids: Sequence[int]) -> list[Due]:
    """Schedules that this transaction has claimed (``alike.due``), the oldest first."""
    rows = await tx.execute(_DUE, {"ids": ids})
    return [
        Due(i, group_id, person_id, platform, workspace, _rule(minutes, zone, weekdays), day, at)
        for i, group_id, person_id, platform, workspace, minutes, zone, weekdays, day, at in rows.tuples()
    ]


# --- a batch as one value ----------------------------------------


def _given(dialect: str, **columns: Any) -> dict[str, Any]:
    """The columns of a table that a statement is given, by name; ``_give`` hands it its rows."""
    if dialect == "postgresql":
        # Asyncpg looks at every value of an array of its own; so each column comes as one text.
        lists = [
            cast(func.string_to_array(bindparam(f"b_{name}", type_=String), _BETWEEN), ARRAY(kind))
            for name, kind in columns.items()
        ]
        table = func.unnest(*lists).table_valued(*columns, name="given").render_derived()
        return {name: table.c[name] for name in columns}
    value = func.json_each(bindparam("given", type_=String)).table_valued("value", name="given").c.value
    return {name: func.json_extract(value, literal_column(f"'$[{n}]'")) for n, name in enumerate(columns)}


async def _give(tx: Tx, statement: Any, rows: Sequence[tuple[Any, ...]], **columns: Any) -> CursorResult[Any]:
    """Run ``statement`` once for all of ``rows``, which are some; ``columns`` as ``_given`` had them."""
    lists = zip(*rows, strict=True)
    if tx.dialect.name == "postgresql":
        given = {f"b_{n}": _BETWEEN.join(_texts(v)) for n, v in zip(columns, lists, strict=True)}
        return await tx.execute(statement(tx.dialect.name), given)
    bound = [_bound(values, type_, tx.dialect) for values, type_ in zip(lists, columns.values(), strict=True)]
    return await tx.execute(statement(tx.dialect.name), {"given": json.dumps(list(zip(*bound, strict=True)))})


def _texts(values: Sequence[Any]) -> Iterable[str]:
    if isinstance(values[0], datetime):
        turned = {value: value.isoformat() for value in set(values)}
        return [turned[value] for value in values]
    return map(str, values)


def _bound(values: Sequence[Any], type_: TypeEngine[Any], dialect: Dialect) -> Sequence[Any]:
    """A column's values as they are kept. What stands there often is turned once."""
    bind = type_.dialect_impl(dialect).bind_processor(dialect)
    if bind is None:
        return values
    turned = {value: bind(value) for value in set(values)}
    return [turned[value] for value in values]


def _insert(dialect: str, table: Table, values: dict[str, Any]) -> Insert:
    """Insert the rows given, but those whose key is there already."""
    rows = select(*values.values())
    if dialect == "postgresql":
        return postgresql.insert(table).from_select(list(values), rows).on_conflict_do_nothing()
    # SQLite takes ON CONFLICT for the condition of a join unless a WHERE stands between them.
    return sqlite.insert(table).from_select(list(values), rows.where(true())).on_conflict_do_nothing()


# --- moving on ----------------------------------------

_MOVE: dict[str, Any] = {"id": Id, "day": Date(), "at": Instant()}


@cache
def _advance(dialect: str) -> Executable:
    new = _given(dialect, **_MOVE)
    return (
        update(schedule).where(schedule.c.id == new["id"]).values(next_date=new["day"], next_due_at=new["at"])
    )


async def advance(tx: Tx, moves: Sequence[tuple[int, date, datetime]]) -> None:
    """(schedule id, local date and instant of what is due next) of each."""
    if moves:
        await _give(tx, _advance, moves, **_MOVE)


# --- occurrences ----------------------------------------

_ADD: dict[str, Any] = {
    "schedule_id": Id,
    "local_date": Date(),
    "due_at": Instant(),
    "closes_at": Instant(),
}


@cache
def _add(dialect: str) -> Executable:
    new = _insert(dialect, occurrence, _given(dialect, **_ADD) | {"state": _constant("open")})
    return new.returning(occurrence.c.id, occurrence.c.schedule_id, occurrence.c.local_date)


async def add_occurrences(
    tx: Tx, rows: Sequence[tuple[int, date, datetime, datetime]]
) -> dict[tuple[int, date], int]:
    """Put down (schedule id, local date, due at, closes at) where it is not there; the ids of all, by the first two."""
    if not rows:
        return {}
    added = await _give(tx, _add, rows, **_ADD)
    ids: dict[tuple[int, date], int] = {(schedule_id, day): i for i, schedule_id, day in added.tuples()}
    # A preview has put its date down already.
    before: dict[date, list[int]] = {}
    for schedule_id, day, _, _ in rows:
        if (schedule_id, day) not in ids:
            before.setdefault(day, []).append(schedule_id)
    for day, schedule_ids in before.items():
        query = select(occurrence.c.id, occurrence.c.schedule_id)
        query = query.where(occurrence.c.schedule_id.in_(schedule_ids), occurrence.c.local_date == day)
        ids |= {(schedule_id, day): i for i, schedule_id in (await tx.execute(query)).tuples()}
    return ids


# --- outbox rows ----------------------------------------


# What differs from one reminder to the next; everything else stands in the statement.
_OWN: dict[str, Any] = {
    "key": String(25),
    "occurrence_id": Id,
    "person_id": Id,
    "platform": String(12),
    "scope": String(60),
    "due_at": Instant(),
    "not_before": Instant(),
    "expires_at": Instant(),
}


def _constant(value: Any) -> Any:
    return literal_column("NULL" if value is None else f"'{value}'" if isinstance(value, str) else str(value))


@cache
def _remind(dialect: str) -> Executable:
    same = {n: _constant(v) for n, v in deliveries.row("", "remind").items() if n not in _OWN}
    return _insert(dialect, delivery, _given(dialect, **_OWN) | same)


async def put_reminds(tx: Tx, rows: Sequence[Remind]) -> None:
    """Outbox rows of reminders that wait to be sent; one that is there already is left as it is."""
    values = [
        (
            deliveries.remind_key(r.occurrence_id),
            r.occurrence_id,
            r.person_id,
            r.platform,
            deliveries.scope_of(r.platform, r.workspace),
            r.due_at,
            r.due_at - alike.turn(r.schedule_id),
            r.expires_at,
        )
        for r in rows
    ]
    if values:
        await _give(tx, _remind, values, **_OWN)
