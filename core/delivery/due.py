"""Claiming what is due: schedules become occurrences and outbox rows, in short transactions.

Both walls stand in the database: the claimed schedule row is locked while it advances, and an occurrence's
(schedule, local date) and a delivery's key are unique. Dates that were slept through are written down, too:
those whose time has passed as ``expired``, the rest as late.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from core.ports import Clock
from core.rules.days import day_bounds, day_of
from core.rules.due import Occurrence, Rule, following, next_occurrence, occurrence_at
from core.store import deliveries, schedules
from core.store import occurrences as store
from core.store.engine import Store, Tx
from core.store.people import Group, get_group
from core.store.schedules import Schedule

BATCH = 500  # schedules a transaction: waiting writers get their turn in between
OPEN_FOR = timedelta(hours=24)  # how long a drop may be answered: the whole world gets its evening


@dataclass(frozen=True, slots=True)
class Expiry:
    """How late something may still be sent, from the settings."""

    channel: timedelta = timedelta(hours=2)  # at least; else the group's cut-off
    direct: timedelta = timedelta(hours=2)


def drop_expiry(due_at: datetime, group: Group, expiry: Expiry) -> datetime:
    """A channel's drop may come late until the group's day ends, and in any case for ``expiry.channel``."""
    day = day_of(due_at, group.zone, group.cutoff)
    return max(day_bounds(day, group.zone, group.cutoff)[1], due_at + expiry.channel)


async def claim_due(store_: Store, clock: Clock, expiry: Expiry) -> int:
    """Claim everything due by now, batch by batch; the number of schedules claimed."""
    claimed = 0
    while True:
        async with store_.write() as tx:
            now = clock.now()
            batch = await schedules.due(tx, now, BATCH)
            if batch:
                await _claim(tx, batch, now, expiry)
        claimed += len(batch)
        if len(batch) < BATCH:
            return claimed


async def _claim(tx: Tx, batch: Sequence[Schedule], now: datetime, expiry: Expiry) -> None:
    dates: dict[int, list[Occurrence]] = {}
    for schedule in batch:
        dates[schedule.id], following_one = _missed_and_next(schedule, now)
        await schedules.advance(tx, schedule.id, following_one.local_date, following_one.at)
    groups = {i: await get_group(tx, i) for i in {s.group_id for s in batch if s.group_id is not None}}
    ids = await store.add_occurrences(
        tx,
        [
            {
                "schedule_id": s.id,
                "local_date": o.local_date,
                "due_at": o.at,
                "closes_at": o.at + OPEN_FOR,
                "state": "open",
                "prompt_id": None,
            }
            for s in batch
            for o in dates[s.id]
        ],
    )
    homes: dict[int, list[Any]] = {}
    for place in await schedules.homes_of(tx, [s.id for s in batch if s.group_id is not None]):
        homes.setdefault(place.schedule_id, []).append(place)
    workspaces = await deliveries.workspaces(tx, [s.person_id for s in batch if s.person_id is not None])
    rows = []
    for schedule in batch:
        group = groups.get(schedule.group_id) if schedule.group_id is not None else None
        for one in dates[schedule.id]:
            occurrence_id = ids[schedule.id, one.local_date]
            if group is not None:
                ends = drop_expiry(one.at, group, expiry)
                rows += [drop_row(p, occurrence_id, one.at, ends, now) for p in homes.get(schedule.id, [])]
            else:
                workspace = workspaces.get((schedule.person_id or 0, schedule.platform), "")
                ends = one.at + expiry.direct
                rows.append(_remind_row(schedule, workspace, occurrence_id, one.at, ends, now))
    await deliveries.put(tx, rows)


def _missed_and_next(schedule: Schedule, now: datetime) -> tuple[list[Occurrence], Occurrence]:
    """The occurrences from the schedule's next date up to now, and the first one after now."""
    assert schedule.next_date is not None and schedule.next_due_at is not None  # `due` selects by them
    one = Occurrence(schedule.next_date, schedule.next_due_at)
    found = []
    while one.at <= now:
        found.append(one)
        one = following(schedule.rule, one.local_date)
    return found, one


def drop_row(place: Any, occurrence_id: int, at: datetime, ends: datetime, now: datetime) -> dict[str, Any]:
    """The outbox row of a drop in one home; born ``expired`` or ``failed`` when it cannot be sent any more."""
    values: dict[str, Any] = {
        "occurrence_id": occurrence_id,
        "home_id": place.home_id,
        "platform": place.platform,
        "scope": deliveries.scope_of(place.platform, place.server_id),
        "channel_id": place.channel_id,
        "due_at": at,
        "not_before": at,
        "expires_at": ends,
    }
    if ends <= now:
        values |= {
            "state": deliveries.EXPIRED,
            "settled_at": now,
            "reason": "Starling was not running at the time",
        }
    elif place.state == "disabled":
        values |= {"state": deliveries.FAILED, "settled_at": now, "reason": place.reason or "disabled"}
    return deliveries.row(deliveries.drop_key(occurrence_id, place.home_id), "drop", **values)


def _remind_row(
    schedule: Schedule, workspace: str, occurrence_id: int, at: datetime, ends: datetime, now: datetime
) -> dict[str, Any]:
    values: dict[str, Any] = {
        "occurrence_id": occurrence_id,
        "person_id": schedule.person_id,
        "platform": schedule.platform,
        "scope": deliveries.scope_of(schedule.platform, workspace),
        "due_at": at,
        "not_before": at,
        "expires_at": ends,
    }
    if ends <= now:
        values |= {
            "state": deliveries.EXPIRED,
            "settled_at": now,
            "reason": "Starling was not running at the time",
        }
    return deliveries.row(deliveries.remind_key(occurrence_id), "remind", **values)


# --- when something is next due ----------------------------------------


def first_due(rule: Rule, now: datetime, last_date: date | None = None) -> Occurrence:
    """The first occurrence after ``now`` on a local date that has had none: a new time makes no second drop."""
    one = next_occurrence(rule, now)
    while last_date is not None and one.local_date <= last_date:
        one = following(rule, one.local_date)
    return one


def today_of(rule: Rule, now: datetime) -> Occurrence | None:
    """The schedule's occurrence of the local date that it is there now; None on a day without one."""
    local = now.astimezone(ZoneInfo(rule.zone)).date()
    at = occurrence_at(rule, local)
    return Occurrence(local, at) if at is not None else None
