"""Membership: joining a group, leaving it, and hiding from its board."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import (
    case,
    func,
    insert,
    select,
    update,
)

from core.store.engine import Tx
from core.store.people import groups_of
from core.store.stale import mark_person
from core.store.tables import member, person, rollup


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
        await mark_person(tx, person_id)  # what the group plans counts for them from now on
    elif row.left_at is not None:
        await tx.execute(
            update(member)
            .where(member.c.group_id == group_id, member.c.person_id == person_id)
            .values(left_at=None, joined_at=now)
        )
        await _refresh_shown(tx, group_id, person_id)
        await mark_person(tx, person_id)
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
