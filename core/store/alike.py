"""Claiming schedules that are alike, as sets: what is due comes as a few groups, and goes back as few statements.

Half of a minute's subscriptions are everybody's 09:00 in one zone. So Python sees each group once, with the ids of
its schedules as one text that it never looks into; the rows are made by the database, out of rows that it has.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import (
    Boolean,
    Date,
    Integer,
    String,
    TextClause,
    bindparam,
    column,
    literal_column,
    text,
)
from sqlalchemy.types import TypeEngine

from core.rules.due import Occurrence, Rule
from core.store import deliveries
from core.store.engine import Tx
from core.store.people import days_of, time_of
from core.store.types import Instant

_TURN = "(((s.id * 40503) & 65535) >> 13) + 1"  # 1 to 8, and neighbours far from each other


@dataclass(frozen=True, slots=True)
class Group:
    """Schedules that are due, alike in rule and next date: all drops or all reminders. ``ids``: see ``ids_of``."""

    drops: bool
    rule: Rule
    next_date: date
    next_due_at: datetime
    ids: str
    many: int


@dataclass(frozen=True, slots=True)
class Once:
    """A group of reminders that is due on one date only: when, till when it may be sent, and what comes next."""

    ids: str
    due: Occurrence
    closes_at: datetime
    expires_at: datetime
    then: Occurrence


def ids_of(group: Group) -> list[int]:
    return [int(i) for i in group.ids.strip("[]").split(",")]


def turn(schedule_id: int) -> timedelta:
    """How long before its due time a reminder's row waits: some microseconds, always as many, and well mixed.

    The queue goes by that instant. So where a minute holds more than may be sent in it, people have a place in the
    line that is the same every day and has nothing to do with who came first. There are few places, each of many
    people: each place of each scope is another page of the index that a batch has to write (docs/decisions/0017).
    """
    return timedelta(microseconds=(((schedule_id * 40503) & 65535) >> 13) + 1)  # as ``_TURN`` has it


# --- what is due ----------------------------------------

# Those of one instant come in any order: putting all of them in order for every batch would take the longest.
_PICK = """
WITH picked AS (
    SELECT id, group_id IS NOT NULL AS drops, local_time, zone, weekdays, next_date, next_due_at FROM schedule
    WHERE state = 'active' AND next_due_at <= :now ORDER BY next_due_at LIMIT :at_most {held}
)
SELECT drops, local_time, zone, weekdays, next_date, next_due_at, {ids} AS ids, count(*) AS many FROM picked
GROUP BY drops, local_time, zone, weekdays, next_date, next_due_at ORDER BY next_due_at
"""


@cache
def _pick(dialect: str) -> Any:
    if dialect == "postgresql":
        made = text(_PICK.format(held="FOR UPDATE SKIP LOCKED", ids="string_agg(id::text, ',')"))
    else:
        made = text(_PICK.format(held="", ids="json_group_array(id)"))
    return made.bindparams(bindparam("now", type_=Instant), bindparam("at_most", type_=Integer)).columns(
        column("drops", Boolean),
        column("local_time", Integer),
        column("zone", String),
        column("weekdays", Integer),
        column("next_date", Date),
        column("next_due_at", Instant),
        column("ids", String),
        column("many", Integer),
    )


async def due(tx: Tx, now: datetime, limit: int) -> list[Group]:
    """Active schedules whose time has come, ``limit`` at most, the oldest first, claimed for this transaction."""
    rows = await tx.execute(_pick(tx.dialect.name), {"now": now, "at_most": limit})
    return [
        Group(bool(drops), Rule(time_of(minutes), zone, days_of(weekdays)), day, at, ids, many)
        for drops, minutes, zone, weekdays, day, at, ids, many in rows.tuples()
    ]


# --- claiming ----------------------------------------

_GIVEN: dict[str, TypeEngine[Any]] = {
    "ids": String(),
    "day": Date(),
    "at": Instant(),
    "closes": Instant(),
    "ends": Instant(),
    "then_day": Date(),
    "then_at": Instant(),
    "second": String(),  # SQLite's: the second before, to put the microseconds to
}
_OWN = (
    "key, occurrence_id, person_id, platform, scope, due_at, not_before, expires_at",
    """'d' || {occurrence} || 'p', {occurrence}, s.person_id, s.platform,
    CASE WHEN s.platform = 'slack' THEN 'slack:' || {workspace} ELSE s.platform END, {at}, {before}, {ends}""",
)
# Elsewhere user ids are unique everywhere, and the queue is one. Of several accounts on one platform it is the one
# that direct messages have gone to, then the newest.
_WORKSPACE = """coalesce((
        SELECT a.workspace FROM account AS a WHERE a.person_id = s.person_id AND a.platform = s.platform
        ORDER BY a.dm_channel_id <> '' DESC, a.created_at DESC, a.workspace DESC LIMIT 1
    ), '')"""


# Joined, SQLite would go through all occurrences to make a filter, where ANALYZE ran while there were few.
_FOUND = "(SELECT o.id FROM occurrence AS o WHERE o.schedule_id = s.id AND o.local_date = :day)"


def _delivery(at: str, before: str, ends: str, occurrence: str = "o.id") -> str:
    """INSERT INTO delivery ... SELECT ...; the FROM to follow has a schedule ``s``, and what ``occurrence`` asks."""
    own = {n.strip() for n in _OWN[0].split(",")}
    same = {n: v for n, v in deliveries.row("", "remind").items() if n not in own}
    values: Iterable[Any] = (
        literal_column("NULL") if v is None else f"'{v}'" if isinstance(v, str) else v for v in same.values()
    )
    return (
        f"INSERT INTO delivery ({_OWN[0]}, {', '.join(same)}) SELECT "
        f"{_OWN[1].format(occurrence=occurrence, workspace=_WORKSPACE, at=at, before=before, ends=ends)}, "
        f"{', '.join(map(str, values))}"
    )


_TYPED = [bindparam(name, type_=kind) for name, kind in _GIVEN.items()]


def _sqlite(statement: str) -> TextClause:
    """Run for each group. CROSS JOIN: in this order; a planner that knows nothing of a table would read all of it."""
    return text(statement).bindparams(*(p for p in _TYPED if f":{p.key}" in statement))


_SQLITE = (
    _sqlite("""INSERT INTO occurrence (schedule_id, local_date, due_at, closes_at, state)
SELECT value, :day, :at, :closes, 'open' FROM json_each(:ids) WHERE true ON CONFLICT DO NOTHING"""),
    _sqlite(f"""{_delivery(":at", f":second || (1000000 - ({_TURN}))", ":ends", _FOUND)}
FROM json_each(:ids) AS one CROSS JOIN schedule AS s ON s.id = one.value
WHERE true ON CONFLICT DO NOTHING"""),
    _sqlite("""UPDATE schedule SET next_date = :then_day, next_due_at = :then_at
WHERE id IN (SELECT value FROM json_each(:ids))"""),
)


_KINDS = {"Date": "date", "Instant": "timestamptz", "String": "text"}  # of PostgreSQL
_LISTS = ", ".join(
    f"string_to_array(:{name}, '|')::{_KINDS[type(kind).__name__]}[]" for name, kind in _GIVEN.items()
)
_UNNEST = f"""WITH given AS MATERIALIZED (
    SELECT one.id, g.day, g.at, g.closes, g.ends, g.then_day, g.then_at
    FROM unnest({_LISTS}) AS g ({", ".join(_GIVEN)}),
    unnest(string_to_array(g.ids, ',')::bigint[]) AS one (id)
)"""
_PUT = _delivery("given.at", f"given.at - ({_TURN}) * interval '1 microsecond'", "given.ends")
_TEXTS = [bindparam(name, type_=String) for name in _GIVEN]
# One statement. A row's key comes from an occurrence that has just been made: nothing can be in its way. A join with a
# table that has just grown, as its plan is kept, would go through all of it.
_POSTGRESQL = text(f"""{_UNNEST}, s AS (
    UPDATE schedule SET next_date = given.then_day, next_due_at = given.then_at FROM given
    WHERE schedule.id = given.id RETURNING schedule.id, schedule.person_id, schedule.platform
), o AS (
    INSERT INTO occurrence (schedule_id, local_date, due_at, closes_at, state)
    SELECT given.id, given.day, given.at, given.closes, 'open' FROM given
    ON CONFLICT DO NOTHING RETURNING id, schedule_id
), put AS (
    {_PUT} FROM given JOIN s ON s.id = given.id JOIN o ON o.schedule_id = given.id
)
SELECT (SELECT count(*) FROM given) - (SELECT count(*) FROM o)""").bindparams(*_TEXTS)
# A preview has put its date down already; what was put down just now is left as it is.
_POSTGRESQL_BEFORE = text(f"""{_UNNEST} {_PUT} FROM given JOIN schedule AS s ON s.id = given.id
JOIN occurrence AS o ON o.schedule_id = given.id AND o.local_date = given.day
ON CONFLICT DO NOTHING""").bindparams(*_TEXTS)


async def claim(tx: Tx, groups: Sequence[Once]) -> None:
    """Move ``groups`` on and put down their occurrences and outbox rows, which wait to be sent.

    An occurrence or a row that is there is left as it is; a date that was planned before gets its row, too.
    """
    if not groups:
        return
    rows = [
        (
            g.ids,
            o.local_date,
            o.at,
            g.closes_at,
            g.expires_at,
            g.then.local_date,
            g.then.at,
            _second_before(o.at),
        )
        for g in groups
        for o in (g.due,)
    ]
    if tx.dialect.name == "postgresql":
        lists = zip(*rows, strict=True)
        given = {name: "|".join(map(str, values)) for name, values in zip(_GIVEN, lists, strict=True)}
        if (await tx.execute(_POSTGRESQL, given)).scalar_one():
            await tx.execute(_POSTGRESQL_BEFORE, given)
        return
    each = [dict(zip(_GIVEN, row, strict=True)) for row in rows]
    for statement in _SQLITE:
        await tx.execute(statement, each)


def _second_before(at: datetime) -> str:
    return f"{at.astimezone(UTC) - timedelta(seconds=1):%Y-%m-%d %H:%M:%S}."
