"""Cards keep up with who has answered: each change asks for a rewriting, and many changes make one."""

from __future__ import annotations

from datetime import datetime

from core.services import Services
from core.store import rewrites
from core.store.engine import Tx


async def touch_cards(tx: Tx, app: Services, occurrence_id: int, now: datetime) -> None:
    """The drop's cards are written anew, where a platform can, at most once in 15 seconds each.

    Call it last in the transaction that changed what they show: on PostgreSQL the cards' rows are held until
    it ends.
    """
    if app.editing:
        await rewrites.touch(tx, occurrence_id, app.editing, now)


async def touch_cards_of(
    tx: Tx, app: Services, person_id: int, now: datetime, group_id: int | None = None
) -> None:
    """Every card that counts or names somebody who hides, leaves (the group) or is about to be forgotten.

    Call it before their answers are deleted: afterwards nobody knows which cards those were.
    """
    if app.editing:
        for occurrence_id in await rewrites.telling_of(tx, person_id, now, group_id):
            await rewrites.touch(tx, occurrence_id, app.editing, now)
