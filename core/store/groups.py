"""What an organiser changes of a group itself."""

from __future__ import annotations

from sqlalchemy import select, update

from core.store.engine import Tx
from core.store.tables import home, study_group


async def set_cutoff(tx: Tx, group_id: int, minutes: int) -> None:
    """When the group's day ends, minutes after midnight: how late a drop may come, from the next one on."""
    await tx.execute(update(study_group).where(study_group.c.id == group_id).values(cutoff=minutes))


async def with_recap(tx: Tx, group_id: int) -> set[int]:
    """The homes of a group in which the weekly recap is posted."""
    query = select(home.c.id).where(home.c.group_id == group_id, home.c.weekly_at.is_not(None))
    return set((await tx.execute(query)).scalars())
