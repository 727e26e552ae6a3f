"""A person's settings. Changes of zone, cut-off, rest days and vacation are dated: none acts backwards."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    bindparam,
    insert,
    select,
    update,
)

from core.store import fast
from core.store.engine import Tx
from core.store.people import mask_of
from core.store.tables import person, person_change


async def record_change(tx: Tx, person_id: int, kind: str, value: object, now: datetime) -> None:
    """Write down a dated change: it acts from ``now`` on, never backwards."""
    await tx.execute(insert(person_change).values(person_id=person_id, at=now, kind=kind, value=value))


CHANGES = (
    select(person_change.c.at, person_change.c.kind, person_change.c.value)
    .where(person_change.c.person_id == bindparam("person_id"))
    .order_by(person_change.c.at, person_change.c.id)
)


async def changes_of(tx: Tx, person_id: int) -> Sequence[Any]:
    """Rows (at, kind, value), oldest first."""
    return await fast.rows(tx, CHANGES, {"person_id": person_id})


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


async def set_gives_corrections(tx: Tx, person_id: int, gives: bool) -> None:
    """Whether the person's corrections are in what ``starling corrections`` writes. It acts on past ones, too."""
    await tx.execute(update(person).where(person.c.id == person_id).values(gives_corrections=gives))
