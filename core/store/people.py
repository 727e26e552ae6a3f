"""Persons, accounts, groups, homes, members: who speaks, where, and what they have set."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from functools import cache
from typing import Any

from sqlalchemy import (
    LABEL_STYLE_TABLENAME_PLUS_COL,
    Row,
    RowMapping,
    ScalarSelect,
    Select,
    Table,
    and_,
    bindparam,
    case,
    func,
    null,
    select,
)

from core.call import Where, Who
from core.plain import clean_name
from core.store import asides, drafts
from core.store.engine import Tx
from core.store.sql import hold
from core.store.tables import account, home, member, person, study_group

DEFAULT_CUTOFF = 180  # minutes: 03:00


DEFAULT_LEVEL = "mid"


@dataclass(frozen=True, slots=True)
class Person:
    id: int
    name: str
    zone: str
    cutoff_minutes: int
    rest_days: frozenset[int]
    level: str
    zone_set: bool
    active_group_id: int | None
    created_at: datetime
    gives_corrections: bool = False  # to whoever runs Starling, without names
    coach_since: datetime | None = (
        None  # since when the operator's coach may read answers of theirs, if it may
    )

    @property
    def cutoff(self) -> time:
        return time_of(self.cutoff_minutes)


@dataclass(frozen=True, slots=True)
class Group:
    id: int
    name: str
    zone: str
    cutoff_minutes: int
    points: dict[str, int]
    created_at: datetime

    @property
    def cutoff(self) -> time:
        return time_of(self.cutoff_minutes)


@dataclass(frozen=True, slots=True)
class Home:
    id: int
    group_id: int
    platform: str
    server_id: str
    channel_id: str
    name: str
    state: str
    reason: str


@dataclass(frozen=True, slots=True)
class Member:
    group_id: int
    person_id: int
    hidden: bool
    joined_at: datetime


@dataclass(frozen=True, slots=True)
class Known:
    """What one look-up finds of a request's who and where."""

    person: Person
    account_name: str
    group: Group | None
    home: Home | None
    member: Member | None
    asides: bool  # something waits to be said above their next private reply
    drafts: bool  # words of theirs wait to be sent

    def stale(self, who: Who, where: Where) -> bool:
        """True when something has to be written first: a new name, or joining the home's group."""
        if renamed(who, self.account_name):
            return True
        return not where.direct and self.group is not None and self.member is None


def renamed(who: Who, before: str) -> bool:
    """Whether ``who`` is called something else now than ``before``. A guess is better than no name, and no more."""
    return bool(who.name) and clean_name(who.name) != before and not (who.guessed and before)


def time_of(minutes: int) -> time:
    return time(minutes // 60, minutes % 60)


def minutes_of(value: time) -> int:
    return value.hour * 60 + value.minute


def mask_of(days: frozenset[int]) -> int:
    return sum(1 << d for d in days)


def days_of(mask: int) -> frozenset[int]:
    return frozenset(d for d in range(7) if mask >> d & 1)


def _person(row: Any) -> Person:
    return Person(
        row.id,
        row.name,
        row.zone,
        row.cutoff,
        days_of(row.rest_days),
        row.level,
        row.zone_set,
        row.active_group_id,
        row.created_at,
        bool(row.gives_corrections),
        row.coach_since,
    )


def _group(row: Any) -> Group:
    return Group(row.id, row.name, row.zone, row.cutoff, dict(row.points), row.created_at)


def _home(row: Any) -> Home:
    return Home(
        row.id, row.group_id, row.platform, row.server_id, row.channel_id, row.name, row.state, row.reason
    )


@cache
def _look_up(direct: bool) -> Select[Any]:
    """Made once: putting a statement of five tables together costs as much as running it."""
    here = _home_id() if not direct else null()
    group_id = func.coalesce(home.c.group_id, person.c.active_group_id if direct else null())
    return (
        select(
            person,
            account.c.name,
            home,
            study_group,
            member,
            asides.waiting(person.c.id).label("asides_wait"),
            drafts.waiting(person.c.id).label("drafts_wait"),
        )
        .select_from(account)
        .join(person, person.c.id == account.c.person_id)
        .outerjoin(home, home.c.id == here)
        .outerjoin(study_group, study_group.c.id == group_id)
        .outerjoin(member, and_(member.c.group_id == study_group.c.id, member.c.person_id == person.c.id))
        .where(
            account.c.platform == bindparam("platform"),
            account.c.workspace == bindparam("workspace"),
            account.c.user_id == bindparam("user_id"),
        )
        .set_label_style(LABEL_STYLE_TABLENAME_PLUS_COL)
    )


async def look_up(tx: Tx, who: Who, where: Where) -> Known | None:
    """Person, home, group and membership of a request, in one query; None for an account never seen."""
    values = {"platform": who.platform, "workspace": who.workspace, "user_id": who.user_id}
    row = (await tx.execute(_look_up(where.direct), values | _place(where))).one_or_none()
    if row is None:
        return None
    of = row._mapping
    joined = None
    if of[member.c.joined_at] is not None and of[member.c.left_at] is None:
        joined = Member(
            of[member.c.group_id], of[member.c.person_id], of[member.c.hidden], of[member.c.joined_at]
        )
    return Known(
        _person(_Part(of, person)),
        of[account.c.name],
        _group(_Part(of, study_group)) if of[study_group.c.id] is not None else None,
        _home(_Part(of, home)) if of[home.c.id] is not None else None,
        joined,
        bool(of["asides_wait"]),
        bool(of["drafts_wait"]),
    )


class _Part:
    """The columns of one table out of a joined row, by name."""

    def __init__(self, of: RowMapping, table: Table) -> None:
        self._of, self._table = of, table

    def __getattr__(self, name: str) -> Any:
        return self._of[self._table.c[name]]


def _place(where: Where) -> dict[str, str]:
    """The values of ``_home_id``."""
    if where.direct:
        return {}
    return {"at_platform": where.platform, "at_server": where.server_id, "at_channel": where.channel_id}


def _home_id() -> ScalarSelect[int]:
    """The home of this very channel, else the server's oldest."""
    any_home = home.alias("any_home")
    return (
        select(any_home.c.id)
        .where(
            any_home.c.platform == bindparam("at_platform"), any_home.c.server_id == bindparam("at_server")
        )
        .order_by(case((any_home.c.channel_id == bindparam("at_channel"), 0), else_=1), any_home.c.id)
        .limit(1)
        .scalar_subquery()
    )


async def home_at(tx: Tx, where: Where) -> Home | None:
    """The home of this very channel, else the server's oldest; None in a direct message."""
    if where.direct:
        return None
    row = (await tx.execute(select(home).where(home.c.id == _home_id()), _place(where))).one_or_none()
    return _home(row) if row is not None else None


async def hold_server(tx: Tx, where: Where) -> None:
    """Until the transaction ends nobody else sets anything up on that server."""
    await hold(tx, f"home {where.platform} {where.server_id}")


async def is_first_at(tx: Tx, where: Where) -> bool:
    """Whether the server has no home yet. Until the transaction ends nobody else gets an answer for it."""
    await hold_server(tx, where)
    return await home_at(tx, where) is None


async def get_person(tx: Tx, person_id: int) -> Person | None:
    row = (await tx.execute(select(person).where(person.c.id == person_id))).one_or_none()
    return _person(row) if row is not None else None


async def get_group(tx: Tx, group_id: int) -> Group | None:
    row = (await tx.execute(select(study_group).where(study_group.c.id == group_id))).one_or_none()
    return _group(row) if row is not None else None


async def get_groups(tx: Tx, group_ids: Collection[int]) -> dict[int, Group]:
    """Those groups, by id."""
    if not group_ids:
        return {}
    rows = await tx.execute(select(study_group).where(study_group.c.id.in_(group_ids)))
    return {r.id: _group(r) for r in rows}


async def get_home(tx: Tx, home_id: int) -> Home | None:
    row = (await tx.execute(select(home).where(home.c.id == home_id))).one_or_none()
    return _home(row) if row is not None else None


async def homes_of(tx: Tx, group_id: int) -> list[Home]:
    rows = await tx.execute(select(home).where(home.c.group_id == group_id).order_by(home.c.id))
    return [_home(r) for r in rows]


async def groups_of(tx: Tx, person_id: int) -> list[Group]:
    """The groups somebody is in, oldest membership first."""
    rows = await tx.execute(
        select(study_group)
        .join(member, member.c.group_id == study_group.c.id)
        .where(member.c.person_id == person_id, member.c.left_at.is_(None))
        .order_by(member.c.joined_at, study_group.c.id)
    )
    return [_group(r) for r in rows]


async def accounts_of(tx: Tx, person_id: int) -> Sequence[Row[Any]]:
    rows = await tx.execute(
        select(account).where(account.c.person_id == person_id).order_by(account.c.created_at)
    )
    return rows.all()
