"""Whom to tell when something of a group needs an organiser."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import Row, and_, case, or_, select

from core.store.engine import Tx
from core.store.tables import account, audit, home, member


async def home_of(tx: Tx, home_id: int) -> Row[Any]:
    """(group_id, platform, channel_id, name) of a home."""
    query = select(home.c.group_id, home.c.platform, home.c.channel_id, home.c.name)
    return (await tx.execute(query.where(home.c.id == home_id))).one()


async def to_tell(tx: Tx, group_id: int, platforms: Collection[str], first: str) -> Row[Any] | None:
    """(person_id, platform, workspace) of whoever last organised something and can be written to; None: nobody.

    Of several platforms that they are on, ``first`` comes first. Who has left the group is not told.
    """
    query = (
        select(audit.c.person_id, account.c.platform, account.c.workspace)
        .join(account, account.c.person_id == audit.c.person_id)
        .outerjoin(
            member, and_(member.c.group_id == audit.c.group_id, member.c.person_id == audit.c.person_id)
        )
        .where(
            audit.c.group_id == group_id,
            account.c.platform.in_(platforms),
            or_(member.c.person_id.is_(None), member.c.left_at.is_(None)),
        )
        .order_by(
            audit.c.at.desc(),
            audit.c.id.desc(),
            case((account.c.platform == first, 0), else_=1),
            account.c.platform,
        )
        .limit(1)
    )
    return (await tx.execute(query)).one_or_none()
