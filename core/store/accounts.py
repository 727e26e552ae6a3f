"""Taking an account out of a person: it becomes somebody of its own, and what went by it ends."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import and_, func, select, update

from core.store import schedules
from core.store.arrivals import create_person
from core.store.deliveries import FAILED, PENDING
from core.store.engine import Line, Tx
from core.store.people import Person, mask_of
from core.store.preferences import record_change
from core.store.tables import account, delivery, person, person_change

UNLINKED = "the account was unlinked"
APART = "apart"  # a fact beside the settings: this person began as an account of somebody else's


async def let_go(tx: Tx, of: Person, found: Line, now: datetime) -> int:
    """``found`` becomes a new person with the settings of ``of`` and nothing else; their id."""
    new_id = await create_person(tx, found.name, of.zone, now)
    same = {"cutoff": of.cutoff_minutes, "rest_days": mask_of(of.rest_days), "level": of.level}
    await tx.execute(update(person).where(person.c.id == new_id).values(zone_set=of.zone_set, **same))
    await record_change(tx, new_id, APART, True, now)
    await record_change(tx, new_id, "cutoff", of.cutoff_minutes, now)
    await record_change(tx, new_id, "rest", sorted(of.rest_days), now)
    this = and_(
        account.c.platform == found.platform,
        account.c.workspace == found.workspace,
        account.c.user_id == found.user_id,
    )
    await tx.execute(update(account).where(this).values(person_id=new_id))
    return new_id


async def end_road(tx: Tx, person_id: int, platform: str, now: datetime) -> bool:
    """Nothing more is sent to a person by a platform on which they have no account any more.

    True when their reminder went that way: it is switched off.
    """
    left = select(func.count()).select_from(account)
    left = left.where(account.c.person_id == person_id, account.c.platform == platform)
    if (await tx.execute(left)).scalar_one():
        return False
    waits = (
        delivery.c.person_id == person_id,
        delivery.c.platform == platform,
        delivery.c.state == PENDING,
    )
    await tx.execute(update(delivery).where(*waits).values(state=FAILED, settled_at=now, reason=UNLINKED))
    reminder = await schedules.reminder_of(tx, person_id)
    if reminder is None or reminder.platform != platform:
        return False
    await schedules.stop(tx, reminder.id, "removed", now)
    return True


async def was_let_go(tx: Tx, person_id: int) -> bool:
    """Whether this person began as an account that was taken out of another."""
    query = select(person_change.c.id).where(
        person_change.c.person_id == person_id, person_change.c.kind == APART
    )
    return (await tx.execute(query.limit(1))).first() is not None
