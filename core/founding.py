"""Founding a study group where there is none: the group, its first home, its first schedule, its first drop."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from core.call import Where
from core.delivery.due import OPEN_FOR, Expiry, drop_expiry, drop_row, first_due, today_of
from core.rules.due import Rule
from core.store import arrivals, deliveries, occurrences, people, schedules
from core.store.engine import Tx


@dataclass(frozen=True, slots=True)
class Founded:
    group_id: int
    home_id: int
    schedule_id: int


async def found_group(
    tx: Tx, where: Where, name: str, rule: Rule, tracks: Sequence[str], now: datetime, *, drop_now: bool
) -> Founded:
    """A group with one home at ``where`` and one schedule. ``drop_now``: today's drop is due at once.

    A first drop is the occurrence of the local date that it is now, so that no second one comes on that date.
    """
    group_id = await arrivals.create_group(tx, name, rule.zone, now)
    home_id = await arrivals.create_home(tx, group_id, where, now)
    schedule_id = await add_schedule(
        tx, group_id, [(home_id, "")], rule, now, tracks=tracks, drop_now=drop_now
    )
    return Founded(group_id, home_id, schedule_id)


async def add_schedule(
    tx: Tx,
    group_id: int,
    homes: Sequence[tuple[int, str]],
    rule: Rule,
    now: datetime,
    *,
    tracks: Sequence[str] = (),
    packs: Sequence[str] = (),
    role_id: str = "",
    thread: bool = False,
    recap: bool = False,
    drop_now: bool = False,
) -> int:
    """A schedule of a group's drops, and with ``drop_now`` the drop of today. (home id, channel or "")."""
    today = today_of(rule, now) if drop_now else None
    following = first_due(rule, now, today.local_date if today else None)
    schedule_id = await schedules.create(
        tx,
        group_id=group_id,
        rule=rule,
        next_date=following.local_date,
        next_due_at=following.at,
        now=now,
        tracks=tracks,
        packs=packs,
        role_id=role_id,
        thread=thread,
        recap=recap,
    )
    await schedules.set_homes(tx, schedule_id, homes)
    if today is not None:
        await _drop_now(tx, schedule_id, today.local_date, now, group_id)
    return schedule_id


async def _drop_now(tx: Tx, schedule_id: int, local_date: object, now: datetime, group_id: int) -> None:
    row = {
        "schedule_id": schedule_id,
        "local_date": local_date,
        "due_at": now,
        "closes_at": now + OPEN_FOR,
        "state": "open",
        "prompt_id": None,
    }
    ids = await occurrences.add_occurrences(tx, [row])
    group = await people.get_group(tx, group_id)
    assert group is not None
    ends = drop_expiry(now, group, Expiry())
    rows = [
        drop_row(place, occurrence_id, now, ends, now)
        for occurrence_id in ids.values()
        for place in await schedules.homes_of(tx, [schedule_id])
    ]
    await deliveries.put(tx, rows)
