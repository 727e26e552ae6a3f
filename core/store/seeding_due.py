"""Filling a database with schedules that are all due at one instant, for ``starling bench due`` and its tests.

The rows go around the road: what the road writes beside them, and no claim reads, is left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from sqlalchemy import Table, func, select

from core.rules.days import DEFAULT_CUTOFF, zone_of
from core.store.bulk import load, settle
from core.store.engine import Store
from core.store.people import minutes_of
from core.store.tables import (
    account,
    home,
    occurrence,
    person,
    schedule,
    schedule_home,
    schedule_span,
    study_group,
)

CHUNK = 1_000
WORKSPACES = 20  # on Slack; the other half of the people is on Discord
ZONES = (
    "America/Los_Angeles",
    "America/New_York",
    "America/Sao_Paulo",
    "Europe/London",
    "Europe/Berlin",
    "Africa/Nairobi",
    "Asia/Kolkata",
    "Asia/Kathmandu",
    "Asia/Shanghai",
    "Australia/Lord_Howe",
    "Pacific/Auckland",
    "Pacific/Kiritimati",
)


@dataclass(frozen=True, slots=True)
class Crowd:
    """How many schedules: reminders of one person each, and drops of one group each, in two homes.

    ``yesterday``: each had a question the day before. A database that grows from nothing to a hundred thousand within
    seconds is a thing of benchmarks alone, and PostgreSQL plans for what was there when it looked last.
    """

    reminders: int
    drops: int = 0
    yesterday: bool = False


async def fill_due(store: Store, crowd: Crowd, at: datetime) -> None:
    """Add ``crowd``: everything is due at ``at`` (UTC, a full minute), in a dozen zones."""
    people = await _free(store, person)
    groups = await _free(store, study_group)
    homes = await _free(store, home)
    schedules = await _free(store, schedule)
    before = at - timedelta(days=30)
    await _insert(store, person, (_person(people + n, before) for n in range(crowd.reminders)))
    await _insert(store, account, (_account(people + n, n, before) for n in range(crowd.reminders)))
    await _insert(
        store,
        study_group,
        (
            {"id": groups + n, "name": f"Crowd {n}", "zone": _zone(n), "cutoff": minutes_of(DEFAULT_CUTOFF),
             "points": {}, "created_at": before}
            for n in range(crowd.drops)
        ),
    )  # fmt: skip
    await _insert(store, home, (_home(homes + n, groups + n // 2, n, before) for n in range(crowd.drops * 2)))
    await _insert(
        store,
        schedule,
        (_schedule(schedules + n, n, at, before, person_id=people + n) for n in range(crowd.reminders)),
    )
    drops = schedules + crowd.reminders
    await _insert(
        store,
        schedule,
        (_schedule(drops + n, n, at, before, group_id=groups + n) for n in range(crowd.drops)),
    )
    await _insert(
        store,
        schedule_home,
        (
            {"schedule_id": drops + n // 2, "home_id": homes + n, "channel_id": ""}
            for n in range(crowd.drops * 2)
        ),
    )
    every = range(schedules, drops + crowd.drops)
    await _insert(store, schedule_span, (_span(i, i - schedules, at, before) for i in every))
    if crowd.yesterday:
        first, day = await _free(store, occurrence), at - timedelta(days=1)
        await _insert(store, occurrence, (_occurrence(first + n, i, day) for n, i in enumerate(every)))
    await settle(store, (person, study_group, home, schedule, occurrence))


def _occurrence(occurrence_id: int, schedule_id: int, at: datetime) -> dict[str, Any]:
    return {
        "id": occurrence_id,
        "schedule_id": schedule_id,
        "local_date": at.date() - timedelta(days=1),  # of no zone: it only has to be another one
        "due_at": at,
        "closes_at": at,
        "state": "open",
        "prompt_id": None,
    }


async def _free(store: Store, table: Table) -> int:
    """The first id that was not given yet."""
    async with store.read() as tx:
        found: int = (await tx.execute(select(func.coalesce(func.max(table.c.id), 0) + 1))).scalar_one()
    return found


async def _insert(store: Store, table: Table, rows: Iterable[dict[str, Any]]) -> None:
    source: Iterator[dict[str, Any]] = iter(rows)
    while chunk := list(islice(source, CHUNK)):
        async with store.write() as tx:
            await load(tx, table, chunk)


def _zone(n: int) -> str:
    return ZONES[n % len(ZONES)]


def _person(person_id: int, before: datetime) -> dict[str, Any]:
    return {
        "id": person_id,
        "name": f"Person {person_id}",
        "zone": "UTC",
        "cutoff": minutes_of(DEFAULT_CUTOFF),
        "rest_days": 0,
        "level": "mid",
        "zone_set": True,
        "active_group_id": None,
        "created_at": before,
    }


def _account(person_id: int, n: int, before: datetime) -> dict[str, Any]:
    slack = n % 2 == 1
    return {
        "platform": "slack" if slack else "discord",
        "workspace": f"T{n // 2 % WORKSPACES}" if slack else "",
        "user_id": f"U{person_id}",
        "person_id": person_id,
        "name": f"Person {person_id}",
        "dm_channel_id": "",
        "created_at": before,
    }


def _home(home_id: int, group_id: int, n: int, before: datetime) -> dict[str, Any]:
    slack = n % 2 == 1
    return {
        "id": home_id,
        "group_id": group_id,
        "platform": "slack" if slack else "discord",
        "server_id": f"T{n // 2 % WORKSPACES}" if slack else f"S{home_id}",
        "channel_id": f"C{home_id}",
        "name": f"Home {home_id}",
        "state": "active",
        "reason": "",
        "created_at": before,
    }


def _schedule(
    schedule_id: int,
    n: int,
    at: datetime,
    before: datetime,
    *,
    person_id: int | None = None,
    group_id: int | None = None,
) -> dict[str, Any]:
    there = at.astimezone(zone_of(_zone(n)))
    reminder = person_id is not None
    return {
        "id": schedule_id,
        "group_id": group_id,
        "person_id": person_id,
        "platform": ("slack" if n % 2 else "discord") if reminder else "",
        "local_time": there.hour * 60 + there.minute,
        "zone": _zone(n),
        "weekdays": 127,
        "tracks": ["behavioural"],
        "packs": [],
        "role_id": "",
        "state": "active",
        "reason": "",
        "next_date": there.date(),
        "next_due_at": at,
        "created_at": before,
    }


def _span(schedule_id: int, n: int, at: datetime, before: datetime) -> dict[str, Any]:
    there = at.astimezone(zone_of(_zone(n)))
    return {
        "schedule_id": schedule_id,
        "local_time": there.hour * 60 + there.minute,
        "zone": _zone(n),
        "weekdays": 127,
        "since": before,
        "until": None,
    }
