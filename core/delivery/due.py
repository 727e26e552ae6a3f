"""Claiming what is due: schedules become occurrences and outbox rows, in short transactions.

Both walls stand in the database: the claimed schedule row is locked while it advances, and an occurrence's
(schedule, local date) and a delivery's key are unique. Dates that were slept through are written down, too:
those whose time has passed as ``expired``, the rest as late.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from core.ports import Clock
from core.rules.days import day_bounds, day_of
from core.rules.due import Occurrence, Rule, following, next_occurrence, occurrence_at
from core.store import alike, claims, deliveries, schedules
from core.store.alike import Group as Alike
from core.store.alike import Once
from core.store.claims import Due, Remind
from core.store.engine import Store, Tx
from core.store.people import Group, get_groups
from core.store.stale import mark_stale

BATCH = 1_000  # schedules a transaction: waiting writers get their turn in between (docs/decisions/0017)
DATES = 1_000  # local dates a transaction: after a long sleep a schedule has many
OPEN_FOR = timedelta(hours=24)  # how long a drop may be answered: the whole world gets its evening
SLEPT = "Starling was not running at the time"


@dataclass(frozen=True, slots=True)
class Expiry:
    """How late something may still be sent, from the settings."""

    channel: timedelta = timedelta(hours=2)  # at least; else the group's cut-off
    direct: timedelta = timedelta(hours=2)


def drop_expiry(due_at: datetime, group: Group, expiry: Expiry) -> datetime:
    """A channel's drop may come late until the group's day ends, and in any case for ``expiry.channel``."""
    day = day_of(due_at, group.zone, group.cutoff)
    return max(day_bounds(day, group.zone, group.cutoff)[1], due_at + expiry.channel)


async def claim_due(store_: Store, clock: Clock, expiry: Expiry, *, held: list[float] | None = None) -> int:
    """Claim everything due by now, batch by batch; the number of schedules claimed.

    ``held`` is given the seconds for which each batch kept other writers waiting.
    """
    claimed = 0
    while True:
        async with store_.write() as tx:
            begun = time.perf_counter()
            now = clock.now()
            groups = await alike.due(tx, now, BATCH)
            taken = await _claim(tx, groups, now, expiry) if groups else 0
        if held is not None:
            held.append(time.perf_counter() - begun)
        claimed += taken
        if taken == sum(g.many for g in groups) < BATCH:
            return claimed
        # Whoever waits to write comes next: taken again at once, the road is never free.
        await asyncio.sleep(0)


async def _claim(tx: Tx, groups: Sequence[Alike], now: datetime, expiry: Expiry) -> int:
    """Claim ``groups``, or what a transaction holds of them after a long sleep; how many schedules were claimed."""
    once: list[Once] = []
    others: list[int] = []
    claimed = 0
    for group in groups:
        missed, then = _missed_and_next(group.rule, group.next_date, group.next_due_at, now)
        ends = group.next_due_at + expiry.direct
        if group.drops or len(missed) > 1 or ends <= now:
            others += alike.ids_of(group)
        else:
            once.append(Once(group.ids, missed[0], missed[0].at + OPEN_FOR, ends, then))
            claimed += group.many
    await alike.claim(tx, once)
    return claimed + (await _claim_each(tx, await claims.read(tx, others), now, expiry) if others else 0)


async def _claim_each(tx: Tx, batch: Sequence[Due], now: datetime, expiry: Expiry) -> int:
    """Claim ``batch``, or what a transaction holds of it after a long sleep; how many were claimed."""
    found: list[tuple[Due, Occurrence]] = []
    moves: list[tuple[int, date, datetime]] = []
    known: dict[tuple[int, date, datetime], tuple[list[Occurrence], Occurrence]] = {}
    for one in batch:
        same = (id(one.rule), one.next_date, one.next_due_at)  # equal rules of a batch are one object
        if same not in known:  # everybody's 09:00 in Berlin is reckoned once
            known[same] = _missed_and_next(one.rule, one.next_date, one.next_due_at, now)
        missed, then = known[same]
        if moves and len(found) + len(missed) > DATES:
            break
        moves.append((one.id, then.local_date, then.at))
        found += [(one, occurrence) for occurrence in missed]
    await claims.advance(tx, moves)
    ids = await claims.add_occurrences(
        tx, [(one.id, o.local_date, o.at, o.at + OPEN_FOR) for one, o in found]
    )
    reminders = [(s, o, ids[s.id, o.local_date]) for s, o in found if s.group_id is None]
    await _remind(tx, reminders, now, expiry)
    drops = [(s, o, ids[s.id, o.local_date]) for s, o in found if s.group_id is not None]
    if drops:
        await _drop(tx, drops, now, expiry)
    return len(moves)


async def _remind(
    tx: Tx, found: Sequence[tuple[Due, Occurrence, int]], now: datetime, expiry: Expiry
) -> None:
    rows: list[Remind] = []
    late: list[Remind] = []
    for one, occurrence, occurrence_id in found:
        assert one.person_id is not None
        ends = occurrence.at + expiry.direct
        row = Remind(one.id, one.person_id, one.platform, one.workspace, occurrence_id, occurrence.at, ends)
        (rows if ends > now else late).append(row)
    await claims.put_reminds(tx, rows)
    await deliveries.put(tx, [_expired(row, now) for row in late])
    await mark_stale(tx, [row.occurrence_id for row in late])


async def _drop(tx: Tx, found: Sequence[tuple[Due, Occurrence, int]], now: datetime, expiry: Expiry) -> None:
    groups = await get_groups(tx, {s.group_id for s, _, _ in found if s.group_id is not None})
    homes: dict[int, list[Any]] = {}
    for place in await schedules.homes_of(tx, list({s.id for s, _, _ in found})):
        homes.setdefault(place.schedule_id, []).append(place)
    rows = []
    for one, occurrence, occurrence_id in found:
        assert one.group_id is not None
        ends = drop_expiry(occurrence.at, groups[one.group_id], expiry)
        rows += [drop_row(p, occurrence_id, occurrence.at, ends, now) for p in homes.get(one.id, [])]
    await deliveries.put(tx, rows)
    await mark_stale(tx, [row["occurrence_id"] for row in rows if row["state"] != deliveries.PENDING])


def _missed_and_next(
    rule: Rule, next_date: date, next_due_at: datetime, now: datetime
) -> tuple[list[Occurrence], Occurrence]:
    """The occurrences from the schedule's next date up to now, and the first one after now."""
    one = Occurrence(next_date, next_due_at)
    found = []
    while one.at <= now:
        found.append(one)
        one = following(rule, one.local_date)
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
            "reason": SLEPT,
        }
    elif place.state == "disabled":
        values |= {"state": deliveries.FAILED, "settled_at": now, "reason": place.reason or "disabled"}
    return deliveries.row(deliveries.drop_key(occurrence_id, place.home_id), "drop", **values)


def _expired(row: Remind, now: datetime) -> dict[str, Any]:
    """The outbox row of a reminder that nobody wants any more; nothing sends it."""
    return deliveries.row(
        deliveries.remind_key(row.occurrence_id),
        "remind",
        occurrence_id=row.occurrence_id,
        person_id=row.person_id,
        platform=row.platform,
        scope=deliveries.scope_of(row.platform, row.workspace),
        due_at=row.due_at,
        not_before=row.due_at,
        expires_at=row.expires_at,
        state=deliveries.EXPIRED,
        settled_at=now,
        reason=SLEPT,
    )


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
