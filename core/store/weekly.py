"""Weekly recaps: when the next one is due in which home, and what a week looked like."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy import ColumnElement, bindparam, case, func, select, update

from core.rules.days import instant_of, zone_of
from core.rules.due import Rule, next_occurrence
from core.rules.periods import span, week_key
from core.store.engine import Tx
from core.store.people import Group, get_group
from core.store.sql import claim
from core.store.tables import answer, home, member, person, point, rollup, study_group

MONDAY = 0
AT = time(9)  # by the group's clocks
# Monday's nine of any clocks is here Sunday morning at the earliest, and Tuesday's morning at the latest.
_SOMEWHERE = timedelta(hours=36)
_PAD = timedelta(days=2)  # a day anywhere begins and ends within two days of its date in UTC


@dataclass(frozen=True, slots=True)
class DueHome:
    """A home whose weekly recap is due, with what its post needs."""

    home_id: int
    group_id: int
    platform: str
    server_id: str
    state: str  # active | disabled
    gone: bool
    zone: str
    weekly_at: datetime


@dataclass(frozen=True, slots=True)
class Reviewer:
    """Whose reviews helped most. ``helpful`` of their ``reviews`` were marked so; it may be none."""

    name: str
    helpful: int
    reviews: int


@dataclass(frozen=True, slots=True)
class Tally:
    """How many members practised in a group in a week, and their answers; hidden ones count."""

    members: int
    answers: int


# --- when ----------------------------------------


def next_at(zone: str, now: datetime) -> datetime:
    """Monday, 09:00 by the clocks of ``zone``: the first one after ``now``."""
    return next_occurrence(Rule(AT, zone, frozenset({MONDAY})), now).at


def week_before(at: datetime, zone: str) -> str:
    """The week ("2026-W47") that a recap due at ``at`` tells of: the one that ended with the Sunday just before.

    Also for a Monday of other clocks: where the group's zone was changed since, it may be Sunday still there.
    """
    there = (at.astimezone(zone_of(zone)) + _SOMEWHERE).date()
    return week_key(there - timedelta(days=7))


async def switch(tx: Tx, home_id: int, on: bool, zone: str, now: datetime) -> None:
    """Post the weekly recap in a home from next Monday on, by the clocks of the group's ``zone``; or no more."""
    at = next_at(zone, now) if on else None
    await tx.execute(update(home).where(home.c.id == home_id).values(weekly_at=at))


async def move(tx: Tx, group_id: int, zone: str) -> None:
    """The group's zone is another one: its homes that get a recap get it by these clocks.

    On the same Monday as before, also where its nine o'clock is over there: no week is passed over, none comes twice.
    """
    query = select(home.c.id, home.c.weekly_at)
    mine = await tx.execute(query.where(home.c.group_id == group_id, home.c.weekly_at.is_not(None)))
    await advance(tx, [(r.id, _same_monday(r.weekly_at, zone)) for r in mine.all()])


def _same_monday(at: datetime, zone: str) -> datetime:
    """Nine by the clocks of ``zone`` on the Monday that ``at`` is nine o'clock of somewhere."""
    there = (at.astimezone(zone_of(zone)) + _SOMEWHERE).date()
    return instant_of(there - timedelta(days=there.weekday()), AT, zone)


_DUE = (
    select(
        home.c.id,
        home.c.group_id,
        home.c.platform,
        home.c.server_id,
        home.c.state,
        home.c.gone_at,
        study_group.c.zone,
        home.c.weekly_at,
    )
    .join(study_group, study_group.c.id == home.c.group_id)
    .where(home.c.weekly_at <= bindparam("now"))
    .order_by(home.c.weekly_at)
    .limit(bindparam("at_most"))
)


async def due(tx: Tx, now: datetime, limit: int) -> list[DueHome]:
    """Homes whose recap is due, claimed for this transaction."""
    rows = await tx.execute(claim(tx, _DUE, home), {"now": now, "at_most": limit})
    return [
        DueHome(
            r.id, r.group_id, r.platform, r.server_id, r.state, r.gone_at is not None, r.zone, r.weekly_at
        )
        for r in rows
    ]


async def advance(tx: Tx, moves: Sequence[tuple[int, datetime]]) -> None:
    """(home id, when its next recap is due) of each."""
    statement = update(home).where(home.c.id == bindparam("b_id")).values(weekly_at=bindparam("b_at"))
    if moves:
        await tx.execute(statement, [{"b_id": home_id, "b_at": at} for home_id, at in moves])


async def practised(tx: Tx, group_ids: Collection[int], week: str) -> set[int]:
    """Those of the groups in which anybody earned anything in that week."""
    query = select(rollup.c.group_id).where(
        rollup.c.group_id.in_(group_ids),
        rollup.c.period == "week",
        rollup.c.bucket == week,
        rollup.c.track == "",
    )
    return set((await tx.execute(query.distinct())).scalars())


# --- what ----------------------------------------


async def group_at(tx: Tx, home_id: int) -> Group:
    """The group that lives in a home."""
    found = (await tx.execute(select(home.c.group_id).where(home.c.id == home_id))).scalar_one()
    group = await get_group(tx, found)
    assert group is not None  # its homes go with it
    return group


async def tally(tx: Tx, group_id: int, week: str) -> Tally:
    first, last = span("week", week)
    query = (
        select(func.count(func.distinct(answer.c.person_id)), func.count())
        .select_from(member)
        .join(answer, answer.c.person_id == member.c.person_id)
        .where(
            member.c.group_id == group_id,
            answer.c.group_id == group_id,
            answer.c.withdrawn_at.is_(None),
            answer.c.day.between(first, last),
            *_around(first, last),
        )
    )
    members, answers = (await tx.execute(query)).one()
    return Tally(members, answers)


def _around(first: date, last: date) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    """The days again, as instants: for the index of a person's answers."""
    begin = datetime.combine(first, time.min, zone_of("UTC")) - _PAD
    end = datetime.combine(last, time.max, zone_of("UTC")) + _PAD
    return answer.c.at >= begin, answer.c.at <= end


async def reviewer(tx: Tx, group_id: int, week: str) -> Reviewer | None:
    """Of the members who are shown the one with most reviews marked helpful, then with most; None: nobody reviewed.

    Those that earned points count: it is by them that boards go.
    """
    first, last = span("week", week)
    helpful = func.sum(case((point.c.kind == "helpful", 1), else_=0))
    reviews = func.sum(case((point.c.kind == "review", 1), else_=0))
    query = (
        select(person.c.name, helpful.label("helpful"), reviews.label("reviews"))
        .select_from(point)
        .join(member, (member.c.group_id == point.c.group_id) & (member.c.person_id == point.c.person_id))
        .join(person, person.c.id == point.c.person_id)
        .where(
            point.c.group_id == group_id,
            point.c.day.between(first, last),
            point.c.kind.in_(("review", "helpful")),
            member.c.hidden.is_(False),
            member.c.left_at.is_(None),
        )
        .group_by(point.c.person_id, person.c.name)
        .order_by(helpful.desc(), reviews.desc(), func.max(point.c.at), point.c.person_id)
        .limit(1)
    )
    row = (await tx.execute(query)).one_or_none()
    return Reviewer(row.name, row.helpful, row.reviews) if row is not None else None
