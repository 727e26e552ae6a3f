"""Persons, accounts, groups, homes, members: who speaks, where, and what they have set."""

from __future__ import annotations

import json
from collections.abc import Sequence
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
    delete,
    func,
    insert,
    null,
    or_,
    select,
    update,
)

from core.call import Where, Who
from core.plain import clean_name
from core.store.engine import Tx
from core.store.sql import hold
from core.store.tables import account, draft, home, member, person, person_change, rollup, study_group

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

    def stale(self, who: Who, where: Where) -> bool:
        """True when something has to be written first: a new name, or joining the home's group."""
        if self.account_name != clean_name(who.name):
            return True
        return not where.direct and self.group is not None and self.member is None


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
    )


def _group(row: Any) -> Group:
    return Group(row.id, row.name, row.zone, row.cutoff, dict(row.points), row.created_at)


def _home(row: Any) -> Home:
    return Home(
        row.id, row.group_id, row.platform, row.server_id, row.channel_id, row.name, row.state, row.reason
    )


# --- looking up ----------------------------------------


@cache
def _look_up(direct: bool) -> Select[Any]:
    """Made once: putting a statement of five tables together costs as much as running it."""
    here = _home_id() if not direct else null()
    group_id = func.coalesce(home.c.group_id, person.c.active_group_id if direct else null())
    return (
        select(person, account.c.name, home, study_group, member)
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


async def is_first_at(tx: Tx, where: Where) -> bool:
    """Whether the server has no home yet. Until the transaction ends nobody else gets an answer for it."""
    await hold(tx, f"home {where.platform} {where.server_id}")
    return await home_at(tx, where) is None


async def get_person(tx: Tx, person_id: int) -> Person | None:
    row = (await tx.execute(select(person).where(person.c.id == person_id))).one_or_none()
    return _person(row) if row is not None else None


async def get_group(tx: Tx, group_id: int) -> Group | None:
    row = (await tx.execute(select(study_group).where(study_group.c.id == group_id))).one_or_none()
    return _group(row) if row is not None else None


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


# --- arriving ----------------------------------------


async def arrive(tx: Tx, who: Who, where: Where, now: datetime) -> Known:
    """Make what is missing for ``who`` at ``where``: the person, the account, the membership of the home's group."""
    name = clean_name(who.name)
    # Two first words at once, or one that a platform delivers twice, make one account.
    await hold(tx, f"account {who.platform} {who.workspace} {who.user_id}")
    known = await look_up(tx, who, where)
    here = known.home if known else await home_at(tx, where)
    if known is None:
        group = await get_group(tx, here.group_id) if here else None
        person_id = await create_person(tx, name, group.zone if group else "UTC", now)
        await tx.execute(
            insert(account).values(
                platform=who.platform,
                workspace=who.workspace,
                user_id=who.user_id,
                person_id=person_id,
                name=name,
                created_at=now,
            )
        )
    else:
        person_id = known.person.id
        if known.account_name != name:
            await tx.execute(
                update(account)
                .where(
                    account.c.platform == who.platform,
                    account.c.workspace == who.workspace,
                    account.c.user_id == who.user_id,
                )
                .values(name=name)
            )
            await tx.execute(update(person).where(person.c.id == person_id).values(name=name))
    if here is not None:
        await join(tx, here.group_id, person_id, now)
    found = await look_up(tx, who, where)
    assert found is not None  # it was made above, in this transaction
    return found


async def create_person(tx: Tx, name: str, zone: str, now: datetime) -> int:
    result = await tx.execute(
        insert(person)
        .values(
            name=name,
            zone=zone,
            cutoff=DEFAULT_CUTOFF,
            rest_days=0,
            level=DEFAULT_LEVEL,
            zone_set=False,
            active_group_id=None,
            created_at=now,
        )
        .returning(person.c.id)
    )
    person_id: int = result.scalar_one()
    await record_change(tx, person_id, "zone", zone, now)
    await record_change(tx, person_id, "cutoff", DEFAULT_CUTOFF, now)
    return person_id


async def create_group(tx: Tx, name: str, zone: str, now: datetime) -> int:
    result = await tx.execute(
        insert(study_group)
        .values(name=clean_name(name), zone=zone, cutoff=DEFAULT_CUTOFF, points={}, created_at=now)
        .returning(study_group.c.id)
    )
    group_id: int = result.scalar_one()
    return group_id


async def rename_group(tx: Tx, group_id: int, name: str) -> None:
    await tx.execute(update(study_group).where(study_group.c.id == group_id).values(name=clean_name(name)))


async def create_home(tx: Tx, group_id: int, where: Where, now: datetime) -> int:
    result = await tx.execute(
        insert(home)
        .values(
            group_id=group_id,
            platform=where.platform,
            server_id=where.server_id,
            channel_id=where.channel_id,
            name=clean_name(where.name, 100),
            state="active",
            reason="",
            created_at=now,
        )
        .returning(home.c.id)
    )
    home_id: int = result.scalar_one()
    return home_id


async def disable_home(tx: Tx, home_id: int, reason: str) -> None:
    """Nothing is posted there until an organiser has seen to it (``drops resume``)."""
    await tx.execute(update(home).where(home.c.id == home_id).values(state="disabled", reason=reason[:200]))


async def enable_home(tx: Tx, home_id: int) -> None:
    await tx.execute(update(home).where(home.c.id == home_id).values(state="active", reason=""))


async def join(tx: Tx, group_id: int, person_id: int, now: datetime) -> None:
    """Make the person a member (again). Their first group becomes the active one."""
    row = (
        await tx.execute(
            select(member.c.left_at).where(member.c.group_id == group_id, member.c.person_id == person_id)
        )
    ).one_or_none()
    if row is None:
        await tx.execute(
            insert(member).values(
                group_id=group_id, person_id=person_id, hidden=False, joined_at=now, left_at=None
            )
        )
    elif row.left_at is not None:
        await tx.execute(
            update(member)
            .where(member.c.group_id == group_id, member.c.person_id == person_id)
            .values(left_at=None, joined_at=now)
        )
        await _refresh_shown(tx, group_id, person_id)
    await tx.execute(
        update(person)
        .where(person.c.id == person_id, person.c.active_group_id.is_(None))
        .values(active_group_id=group_id)
    )


async def leave(tx: Tx, group_id: int, person_id: int, now: datetime) -> None:
    """Stop being a member: off the board, data kept. The active group becomes another one, or none."""
    await tx.execute(
        update(member)
        .where(member.c.group_id == group_id, member.c.person_id == person_id)
        .values(left_at=now)
    )
    await _refresh_shown(tx, group_id, person_id)
    left = await groups_of(tx, person_id)
    await tx.execute(
        update(person)
        .where(person.c.id == person_id, person.c.active_group_id == group_id)
        .values(active_group_id=left[0].id if left else None)
    )


async def hide(tx: Tx, group_id: int, person_id: int, hidden: bool) -> None:
    await tx.execute(
        update(member)
        .where(member.c.group_id == group_id, member.c.person_id == person_id)
        .values(hidden=hidden)
    )
    await _refresh_shown(tx, group_id, person_id)


async def _refresh_shown(tx: Tx, group_id: int, person_id: int) -> None:
    """Boards read ``rollup.shown`` alone; it follows the membership in the same transaction."""
    shown = (
        select(func.count())
        .select_from(member)
        .where(
            member.c.group_id == group_id,
            member.c.person_id == person_id,
            member.c.hidden.is_(False),
            member.c.left_at.is_(None),
        )
        .scalar_subquery()
    )
    await tx.execute(
        update(rollup)
        .where(rollup.c.group_id == group_id, rollup.c.person_id == person_id)
        .values(shown=case((shown > 0, True), else_=False))
    )


# --- settings ----------------------------------------


async def record_change(tx: Tx, person_id: int, kind: str, value: object, now: datetime) -> None:
    """Write down a dated change: it acts from ``now`` on, never backwards."""
    await tx.execute(insert(person_change).values(person_id=person_id, at=now, kind=kind, value=value))


_CHANGES = (
    select(person_change.c.at, person_change.c.kind, person_change.c.value)
    .where(person_change.c.person_id == bindparam("person_id"))
    .order_by(person_change.c.at, person_change.c.id)
)


async def changes_of(tx: Tx, person_id: int) -> Sequence[Row[Any]]:
    """Rows (at, kind, value), oldest first."""
    return (await tx.execute(_CHANGES, {"person_id": person_id})).all()


async def set_zone(tx: Tx, person_id: int, zone: str, now: datetime) -> None:
    await tx.execute(update(person).where(person.c.id == person_id).values(zone=zone, zone_set=True))
    await record_change(tx, person_id, "zone", zone, now)


async def set_cutoff(tx: Tx, person_id: int, minutes: int, now: datetime) -> None:
    await tx.execute(update(person).where(person.c.id == person_id).values(cutoff=minutes))
    await record_change(tx, person_id, "cutoff", minutes, now)


async def set_rest_days(tx: Tx, person_id: int, days: frozenset[int], now: datetime) -> None:
    await tx.execute(update(person).where(person.c.id == person_id).values(rest_days=mask_of(days)))
    await record_change(tx, person_id, "rest", sorted(days), now)


async def set_level(tx: Tx, person_id: int, level: str) -> None:
    await tx.execute(update(person).where(person.c.id == person_id).values(level=level))


async def set_active_group(tx: Tx, person_id: int, group_id: int) -> None:
    await tx.execute(update(person).where(person.c.id == person_id).values(active_group_id=group_id))


# --- drafts ----------------------------------------


async def keep_draft(tx: Tx, person_id: int, action: str, fields: dict[str, str], now: datetime) -> None:
    """Keep what stood in a form that was refused, so that it can be opened again filled in."""
    await tx.execute(delete(draft).where(draft.c.person_id == person_id, draft.c.action == action))
    json.dumps(fields)  # a form's values are strings; anything else is a defect, found here
    await tx.execute(insert(draft).values(person_id=person_id, action=action, fields=fields, at=now))


async def take_draft(tx: Tx, person_id: int, action: str, since: datetime) -> dict[str, str]:
    row = (
        await tx.execute(
            select(draft.c.fields).where(
                draft.c.person_id == person_id, draft.c.action == action, or_(draft.c.at >= since)
            )
        )
    ).one_or_none()
    return dict(row.fields) if row is not None else {}
