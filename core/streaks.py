"""A person's streak: the log and the dated settings out of the store, replayed by the rules, kept again."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import takewhile

from core.plain import count
from core.rules.days import day_bounds, day_of
from core.rules.due import next_occurrence
from core.rules.streak import (
    Change,
    Entry,
    Loss,
    NewCutoff,
    NewRestDays,
    NewSchedule,
    NewVacation,
    NewZone,
    Practised,
    Streak,
    VacationOff,
    replay_log,
)
from core.store import asides, deliveries, practice, reach, stale
from core.store.engine import Line, Tx
from core.store.lives import Life, life_of
from core.store.people import Person, time_of
from core.store.spans import Span


async def current_streak(tx: Tx, person: Person, now: datetime) -> Streak:
    """The streak as of ``now``, out of the whole log. Reads only."""
    return await streak_of(tx, person, await life_of(tx, person.id), now)


async def streak_of(
    tx: Tx, person: Person, life: Life, now: datetime, just: Practised | None = None
) -> Streak:
    """The same, of what was read already; ``just`` is about to be written."""
    log, changes, faults = await log_of(tx, person, life)
    if just is not None:
        log.append((just.at, just.ref, just.counts))
    found = replay_log(log, changes, faults, now)
    # What one of two joined accounts had reached stays somebody's best (docs/rules.md, 9).
    had = max((r.value for r in life.settings if r.kind == "best"), default=0)
    return replace(found, best=had) if had > found.best else found


async def log_of(tx: Tx, person: Person, life: Life) -> tuple[list[Entry], list[Change], dict[date, str]]:
    """What is replayed: the practice, the dated settings, and the days that were neutral through our fault."""
    log: list[Entry] = [(r.at, str(r.id), r.counts) for r in life.events]
    changes: list[Change] = [c for r in life.settings if (c := _change(r)) is not None]
    changes += _scheduled(life.spans, life.settings, person)
    return log, changes, await _faults(tx, person, life, log[0][0] if log else None)


async def refresh_streak(tx: Tx, person: Person, now: datetime) -> Streak:
    """Replay and keep. Call it in the transaction that wrote the event."""
    found = await current_streak(tx, person, now)
    await practice.keep_streak(
        tx,
        person.id,
        current=found.current,
        best=found.best,
        savers=found.savers,
        lapses_at=found.lapses_at,
        now=now,
    )
    return found


async def put_right(tx: Tx, person: Person, now: datetime) -> bool:
    """Replay a kept streak that may have changed by itself; True when it had. Hold the person meanwhile.

    A loss that comes to light here is kept as one that nobody has been told of; a streak that was said to have
    ended and goes on after all is said to, above the next private reply.
    """
    kept = await practice.kept_streak(tx, person.id)
    if kept is not None and kept.stale:
        await stale.clear(tx, person.id)
    found = await current_streak(tx, person, now)
    if agrees(kept, found, now):
        return False
    current, lapses_at = found.current, found.lapses_at
    if not current and kept is not None and kept.current:
        current, lapses_at = _ended(found, now)
    await practice.keep_streak(
        tx,
        person.id,
        current=current,
        best=found.best,
        savers=found.savers,
        lapses_at=lapses_at,
        now=now,
    )
    told = kept.told_lost_at if kept is not None and found.current > _running(kept, now) else None
    if told is not None and _began(found) < told:
        await asides.add(tx, person.id, _goes_on(found), now)
    return True


def _goes_on(found: Streak) -> str:
    return (
        f"Your streak goes on after all: {count(found.current, 'day')}. A question that was to reach you did not "
        "come, and that was no fault of yours."
    )


def _running(kept: Line, now: datetime) -> int:
    """The kept length as far as it still holds at ``now``: a streak ends without a job, by its lapse."""
    return int(kept.current) if kept.lapses_at is None or kept.lapses_at > now else 0


def agrees(kept: Line | None, found: Streak, now: datetime) -> bool:
    """Whether what is kept says the same as the replay as of ``now``."""
    if kept is None:
        return not found.best
    if not _running(kept, now):
        return not found.current and bool(kept.best == found.best)
    return bool(
        kept.current == found.current
        and kept.best == found.best
        and kept.lapses_at == found.lapses_at
        # Days missed since it was kept may have been paid for; the lapse knows of that already.
        and found.savers <= kept.savers <= found.savers + _paid_for(found)
    )


def _paid_for(found: Streak) -> int:
    """How many savers were spent since the last counted day."""
    since = takewhile(lambda row: row[3] != "counted", reversed(found.rows))
    return sum(row[3] == "saved" for row in since)


def _ended(found: Streak, now: datetime) -> tuple[int, datetime | None]:
    """The length at which the last streak ended, and when."""
    for index in range(len(found.rows) - 1, 0, -1):
        day, zone, cutoff, state = found.rows[index][:4]
        if state == "missed":
            end = day_bounds(date.fromordinal(day), zone, cutoff)[1]
            return found.rows[index - 1][4], min(end, now)
    return 0, None


def _began(found: Streak) -> datetime:
    """When the running streak began; ``datetime.max`` without one."""
    if found.current:
        for row in reversed(found.rows):
            if row[3] == "counted" and row[4] == 1 and row[7] is not None:
                return row[7]
    return datetime.max.replace(tzinfo=UTC)


def is_loss_due(kept: Line | None, now: datetime) -> bool:
    """Whether a kept streak has lapsed and nobody has said so; True, too, when it takes a replay to tell."""
    if kept is None or kept.stale:
        return kept is not None
    if not kept.current or kept.lapses_at is None or kept.lapses_at > now:
        return False
    return kept.told_lost_at is None or bool(kept.told_lost_at < kept.lapses_at)


async def take_loss(tx: Tx, person: Person, now: datetime) -> Loss | None:
    """A streak that has ended since it was last kept, once; later calls give None until another one ends."""
    kept = await practice.kept_streak(tx, person.id)
    if kept is not None and kept.stale:
        await put_right(tx, person, now)
        kept = await practice.kept_streak(tx, person.id)
    if kept is None or not is_loss_due(kept, now):
        return None
    streak = await refresh_streak(tx, person, now)
    if streak.current >= kept.current:
        return None  # a day turned out to be neutral, or a late event saved it: nothing was lost
    await practice.told_lost(tx, person.id, now)
    missed = next((line.day for line in reversed(streak.ledger) if line.state == "missed"), streak.today)
    return Loss(missed, kept.current, streak.best)


def _change(row: Line) -> Change | None:
    match row.kind:
        case "zone":
            return NewZone(row.at, row.value)
        case "cutoff":
            return NewCutoff(row.at, time_of(row.value))
        case "rest":
            return NewRestDays(row.at, frozenset(row.value))
        case "vacation" if row.value is None:
            return VacationOff(row.at)
        case "vacation":
            return NewVacation(row.at, date.fromisoformat(row.value[0]), date.fromisoformat(row.value[1]))
        case _:
            return None


def _scheduled(spans: Sequence[Span], settings: Sequence[Line], person: Person) -> list[NewSchedule]:
    """On which of the person's weekdays something is scheduled, from each instant at which that changed.

    A drop at 09:00 in Berlin belongs to the evening before in California: the weekday is that of the person's
    day in which the occurrence falls.
    """
    if not spans:
        return []
    edges = {s.since for s in spans} | {s.until for s in spans if s.until is not None}
    edges |= {r.at for r in settings if r.kind in ("zone", "cutoff") and r.at > min(edges)}
    found: list[NewSchedule] = []
    before: frozenset[int] | None = None
    where_at = _whereabouts(settings, person)
    for edge in sorted(edges):
        zone, cutoff = where_at(edge)
        open_spans = [s for s in spans if s.since <= edge and (s.until is None or s.until > edge)]
        days = _weekdays(open_spans, edge, zone, cutoff) if open_spans else None
        if not found or days != before:
            found.append(NewSchedule(edge, days))
        before = days
    return found


def _whereabouts(settings: Sequence[Line], person: Person) -> Callable[[datetime], tuple[str, time]]:
    """Which zone and cut-off were the person's at any instant; the present ones before any change is known."""
    ats: list[datetime] = []
    places = [(person.zone, person.cutoff)]
    for row in settings:  # in order of instant
        zone, cutoff = places[-1]
        if row.kind in ("zone", "cutoff"):
            ats.append(row.at)
            places.append((row.value, cutoff) if row.kind == "zone" else (zone, time_of(row.value)))
    return lambda at: places[bisect_right(ats, at)]


def _weekdays(spans: Sequence[Span], at: datetime, zone: str, cutoff: time) -> frozenset[int]:
    days = set()
    for span in spans:
        if span.rule is None:
            continue
        one = next_occurrence(span.rule, at - timedelta(microseconds=1))
        shift = day_of(one.at, zone, cutoff).weekday() - one.local_date.weekday()
        days |= {(d + shift) % 7 for d in span.rule.weekdays}
    return frozenset(days)


async def _faults(tx: Tx, person: Person, life: Life, since: datetime | None) -> dict[date, str]:
    """Days on which something was to reach the person and nothing did, through our fault (docs/rules.md)."""
    if since is None:
        return {}
    missed = [r for r in life.unreached if r.due_at >= since and _ours(r)]
    if not missed:
        return {}
    where_at = _whereabouts(life.settings, person)
    days: dict[date, tuple[datetime, datetime, Line]] = {}
    for row in missed:
        where = where_at(row.due_at)
        day = day_of(row.due_at, *where)
        if day not in days:
            days[day] = (*day_bounds(day, *where), row)
    first, last = min(begin for begin, _, _ in days.values()), max(end for _, end, _ in days.values())
    came = [r.due_at for r in await reach.reached(tx, person.id, first, last)]
    found: dict[date, str] = {}
    for day, (begin, end, row) in days.items():
        place = bisect_left(came, begin)
        if place == len(came) or came[place] >= end:
            found[day] = _went_wrong(row)
    return found


def _went_wrong(row: Line) -> str:
    """Why it did not come, in a member's words: what an organiser has to do about it stands elsewhere."""
    reason = re.split("[:;(]", row.reason, maxsplit=1)[0].strip(" .")
    if row.state == deliveries.EXPIRED and not reason.startswith("Starling"):
        return "the question could not be sent in time"
    return reason or "the question did not come"


def _ours(row: Line) -> bool:
    """Whether it was our fault. Of what failed only a reminder's reader can be the reason: closed DMs, switched off."""
    if row.state == deliveries.EXPIRED or row.kind == "drop":
        return True
    return not str(row.reason).startswith(reach.BY_THE_READER)
