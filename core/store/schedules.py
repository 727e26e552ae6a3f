"""Schedules (a group's drops, a person's reminder) and where they post. When they did: core.store.spans."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, delete, func, insert, select, text, update

from core.rules.due import Rule, following, next_occurrence
from core.store.engine import Tx
from core.store.people import days_of, mask_of, minutes_of, time_of
from core.store.reach import BY_THE_READER
from core.store.spans import close_span, open_span
from core.store.tables import home, member, occurrence, schedule, schedule_home


@dataclass(frozen=True, slots=True)
class Schedule:
    id: int
    group_id: int | None
    person_id: int | None
    platform: str
    rule: Rule
    tracks: tuple[str, ...]
    packs: tuple[str, ...]
    role_id: str
    state: str  # active | paused | removed | disabled
    reason: str
    next_date: date | None
    next_due_at: datetime | None
    thread: bool = False  # a thread is opened under each of its cards
    recap: bool = False  # when a day closes, its card says how it went


def _schedule(row: Row[Any]) -> Schedule:
    return Schedule(
        row.id,
        row.group_id,
        row.person_id,
        row.platform,
        Rule(time_of(row.local_time), row.zone, days_of(row.weekdays)),
        tuple(row.tracks),
        tuple(row.packs),
        row.role_id,
        row.state,
        row.reason,
        row.next_date,
        row.next_due_at,
        row.thread,
        row.recap,
    )


async def get_schedule(tx: Tx, schedule_id: int) -> Schedule | None:
    row = (await tx.execute(select(schedule).where(schedule.c.id == schedule_id))).one_or_none()
    return _schedule(row) if row is not None else None


async def of_group(tx: Tx, group_id: int, *, hold: bool = False) -> list[Schedule]:
    """The group's schedules, removed ones left out, oldest first. ``hold``: to be changed in this transaction.

    A held one is neither claimed nor changed by anybody else until then.
    """
    query = select(schedule).where(schedule.c.group_id == group_id, schedule.c.state != "removed")
    query = query.order_by(schedule.c.id)
    if hold and tx.dialect.name == "postgresql":  # SQLite's writer is alone
        query = query.with_for_update()
    return [_schedule(r) for r in await tx.execute(query)]


async def reminder_of(tx: Tx, person_id: int) -> Schedule | None:
    """The person's reminder, paused and disabled ones too; None when there is none."""
    query = select(schedule).where(schedule.c.person_id == person_id, schedule.c.state != "removed")
    row = (await tx.execute(query.order_by(schedule.c.id.desc()).limit(1))).one_or_none()
    return _schedule(row) if row is not None else None


async def create(
    tx: Tx,
    *,
    rule: Rule,
    next_date: date,
    next_due_at: datetime,
    now: datetime,
    group_id: int | None = None,
    person_id: int | None = None,
    platform: str = "",
    tracks: Sequence[str] = (),
    packs: Sequence[str] = (),
    role_id: str = "",
    thread: bool = False,
    recap: bool = False,
) -> int:
    made = await tx.execute(
        insert(schedule)
        .values(
            group_id=group_id,
            person_id=person_id,
            platform=platform,
            local_time=minutes_of(rule.local_time),
            zone=rule.zone,
            weekdays=mask_of(rule.weekdays),
            tracks=list(tracks),
            packs=list(packs),
            role_id=role_id,
            thread=thread,
            recap=recap,
            state="active",
            reason="",
            next_date=next_date,
            next_due_at=next_due_at,
            created_at=now,
        )
        .returning(schedule.c.id)
    )
    schedule_id: int = made.scalar_one()
    await open_span(tx, schedule_id, rule, now)
    return schedule_id


async def change(
    tx: Tx, found: Schedule, *, rule: Rule, next_date: date, next_due_at: datetime, now: datetime
) -> None:
    """New time, zone or weekdays, from the next occurrence on."""
    await tx.execute(
        update(schedule)
        .where(schedule.c.id == found.id)
        .values(
            local_time=minutes_of(rule.local_time),
            zone=rule.zone,
            weekdays=mask_of(rule.weekdays),
            next_date=next_date,
            next_due_at=next_due_at,
        )
    )
    if rule != found.rule:
        await close_span(tx, found.id, now)
        await open_span(tx, found.id, rule, now)


async def set_content(
    tx: Tx,
    schedule_id: int,
    *,
    tracks: Sequence[str],
    packs: Sequence[str],
    role_id: str,
    thread: bool | None = None,
    recap: bool | None = None,
) -> None:
    """What it asks and how its cards are made, from the next one on; None leaves a thing as it is."""
    values: dict[str, Any] = {"tracks": list(tracks), "packs": list(packs), "role_id": role_id}
    if thread is not None:
        values["thread"] = thread
    if recap is not None:
        values["recap"] = recap
    await tx.execute(update(schedule).where(schedule.c.id == schedule_id).values(**values))


async def stop(tx: Tx, schedule_id: int, state: str, now: datetime, reason: str = "") -> None:
    """Pause, remove or disable: nothing is due any more until ``resume``."""
    await tx.execute(
        update(schedule)
        .where(schedule.c.id == schedule_id)
        .values(state=state, reason=reason[:200], next_date=None, next_due_at=None)
    )
    await _forget_previews(tx, schedule_id, now)
    if state == "disabled" and reason.startswith(BY_THE_READER):
        return  # nobody unscheduled anything: its reader owes the days that it had
    await close_span(tx, schedule_id, now)
    if state != "removed":
        await open_span(tx, schedule_id, None, now)


async def resume(tx: Tx, found: Schedule, next_date: date, next_due_at: datetime, now: datetime) -> None:
    await tx.execute(
        update(schedule)
        .where(schedule.c.id == found.id)
        .values(state="active", reason="", next_date=next_date, next_due_at=next_due_at)
    )
    await close_span(tx, found.id, now)
    await open_span(tx, found.id, found.rule, now)


async def reschedule(tx: Tx, found: Schedule, rule: Rule, now: datetime) -> None:
    """Let ``found`` run by ``rule`` from now on, also when it was paused; never a second time on one local date."""
    await _forget_previews(tx, found.id, now)
    last = select(func.max(occurrence.c.local_date)).where(
        occurrence.c.schedule_id == found.id, occurrence.c.due_at <= now
    )
    last_date: date | None = (await tx.execute(last)).scalar_one()
    # What is left after now was skipped by an organiser, and stays skipped at any time of the day.
    left = select(occurrence.c.local_date).where(
        occurrence.c.schedule_id == found.id, occurrence.c.due_at > now
    )
    skipped = set((await tx.execute(left)).scalars())
    one = next_occurrence(rule, now)
    while (last_date is not None and one.local_date <= last_date) or one.local_date in skipped:
        one = following(rule, one.local_date)
    if found.state != "active":
        await resume(tx, found, one.local_date, one.at, now)
    await change(tx, found, rule=rule, next_date=one.local_date, next_due_at=one.at, now=now)


async def _forget_previews(tx: Tx, schedule_id: int, now: datetime) -> None:
    """Dates seen in a preview but not yet due are planned anew, if at all: their time may be another one then."""
    await tx.execute(
        delete(occurrence).where(
            occurrence.c.schedule_id == schedule_id, occurrence.c.due_at > now, occurrence.c.state == "open"
        )
    )


async def skip_to_following(tx: Tx, found: Schedule) -> None:
    """The schedule's next date becomes the one after it."""
    assert found.next_date is not None
    one = following(found.rule, found.next_date)
    await advance(tx, found.id, one.local_date, one.at)


async def advance(tx: Tx, schedule_id: int, next_date: date | None, next_due_at: datetime | None) -> None:
    await tx.execute(
        update(schedule)
        .where(schedule.c.id == schedule_id)
        .values(next_date=next_date, next_due_at=next_due_at)
    )


async def next_due_at(tx: Tx) -> datetime | None:
    """When the next active schedule is due, of anybody; None when nothing is planned."""
    query = select(func.min(schedule.c.next_due_at)).where(text("schedule.state = 'active'"))
    found: datetime | None = (await tx.execute(query)).scalar_one()
    return found


async def next_of_member(tx: Tx, person_id: int) -> tuple[datetime, str] | None:
    """(instant, the schedule's zone) of the next question of any group somebody is in; None when none is planned."""
    query = (
        select(schedule.c.next_due_at, schedule.c.zone)
        .join(member, member.c.group_id == schedule.c.group_id)
        .where(
            member.c.person_id == person_id,
            member.c.left_at.is_(None),
            schedule.c.state == "active",
            schedule.c.next_due_at.isnot(None),
        )
        .order_by(schedule.c.next_due_at, schedule.c.id)
        .limit(1)
    )
    row = (await tx.execute(query)).one_or_none()
    return (row.next_due_at, row.zone) if row is not None else None


# --- where it posts ----------------------------------------


async def set_homes(tx: Tx, schedule_id: int, homes: Sequence[tuple[int, str]]) -> None:
    """(home id, channel id or "" for the home's own) of every place where it posts."""
    await tx.execute(delete(schedule_home).where(schedule_home.c.schedule_id == schedule_id))
    if homes:
        await tx.execute(
            insert(schedule_home),
            [{"schedule_id": schedule_id, "home_id": h, "channel_id": c} for h, c in homes],
        )


async def homes_of(tx: Tx, schedule_ids: Sequence[int]) -> Sequence[Row[Any]]:
    """Rows (schedule_id, home_id, channel_id, platform, server_id, state, reason, name) of its places."""
    rows = await tx.execute(
        select(
            schedule_home.c.schedule_id,
            schedule_home.c.home_id,
            schedule_home.c.channel_id,
            home.c.channel_id.label("home_channel_id"),
            home.c.platform,
            home.c.server_id,
            home.c.state,
            home.c.reason,
            home.c.name,
        )
        .join(home, home.c.id == schedule_home.c.home_id)
        .where(schedule_home.c.schedule_id.in_(schedule_ids))
        .order_by(schedule_home.c.schedule_id, home.c.id)
    )
    return rows.all()


async def posting_at(tx: Tx, home_id: int) -> int | None:
    """The number of the oldest schedule that posts in a home; None when there is none."""
    query = (
        select(func.min(schedule.c.id))
        .join(schedule_home, schedule_home.c.schedule_id == schedule.c.id)
        .where(schedule_home.c.home_id == home_id, schedule.c.state != "removed")
    )
    found: int | None = (await tx.execute(query)).scalar_one()
    return found
