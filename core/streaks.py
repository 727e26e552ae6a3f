"""A person's streak: the log and the dated settings out of the store, replayed by the rules, kept again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta

from core.rules.days import day_bounds, day_of
from core.rules.due import next_occurrence
from core.rules.streak import (
    Change,
    Loss,
    NewCutoff,
    NewRestDays,
    NewSchedule,
    NewVacation,
    NewZone,
    Practised,
    Streak,
    VacationOff,
    replay,
)
from core.store import deliveries, practice, preferences, reach, servers, spans
from core.store.engine import Line, Tx
from core.store.people import Person, time_of
from core.store.spans import Span


async def current_streak(tx: Tx, person: Person, now: datetime) -> Streak:
    """The streak as of ``now``, out of the whole log. Reads only."""
    rows = await practice.events(tx, person.id)
    events = [Practised(at=r.at, counts=r.counts, ref=str(r.id)) for r in rows]
    settings = await preferences.changes_of(tx, person.id)
    changes: list[Change] = [c for r in settings if (c := _change(r)) is not None]
    changes += _scheduled(await spans.spans_for(tx, person.id), settings, person)
    faults = await _faults(tx, person, events[0].at if events else None)
    return replay(events, changes, faults, now)


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


def is_loss_due(kept: Line | None, now: datetime) -> bool:
    """Whether a kept streak has lapsed and nobody has said so."""
    if kept is None or not kept.current or kept.lapses_at is None or kept.lapses_at > now:
        return False
    return kept.told_lost_at is None or bool(kept.told_lost_at < kept.lapses_at)


async def take_loss(tx: Tx, person: Person, now: datetime) -> Loss | None:
    """A streak that has ended since it was last kept, once; later calls give None until another one ends."""
    kept = await practice.kept_streak(tx, person.id)
    if kept is None or not is_loss_due(kept, now):
        return None
    streak = await refresh_streak(tx, person, now)
    await practice.told_lost(tx, person.id, now)
    if streak.current >= kept.current:
        return None  # a day turned out to be neutral, or a late event saved it: nothing was lost
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
    zone, cutoff = person.zone, person.cutoff
    for edge in sorted(edges):
        zone, cutoff = _where_at(settings, edge, person)
        open_spans = [s for s in spans if s.since <= edge and (s.until is None or s.until > edge)]
        days = _weekdays(open_spans, edge, zone, cutoff) if open_spans else None
        if not found or days != before:
            found.append(NewSchedule(edge, days))
        before = days
    return found


def _where_at(settings: Sequence[Line], at: datetime, person: Person) -> tuple[str, time]:
    zone, cutoff = person.zone, person.cutoff
    zones = [r.value for r in settings if r.kind == "zone" and r.at <= at]
    cutoffs = [r.value for r in settings if r.kind == "cutoff" and r.at <= at]
    return (zones[-1] if zones else zone), (time_of(cutoffs[-1]) if cutoffs else cutoff)


def _weekdays(spans: Sequence[Span], at: datetime, zone: str, cutoff: time) -> frozenset[int]:
    days = set()
    for span in spans:
        if span.rule is None:
            continue
        one = next_occurrence(span.rule, at - timedelta(microseconds=1))
        shift = day_of(one.at, zone, cutoff).weekday() - one.local_date.weekday()
        days |= {(d + shift) % 7 for d in span.rule.weekdays}
    return frozenset(days)


async def _faults(tx: Tx, person: Person, since: datetime | None) -> dict[date, str]:
    """Days on which something was to reach the person and nothing did, through our fault (docs/rules.md)."""
    if since is None:
        return {}
    missed = [r for r in await reach.unreached(tx, person.id) if r.due_at >= since and _ours(r)]
    if not missed:
        return {}
    settings = await preferences.changes_of(tx, person.id)
    found: dict[date, str] = {}
    for row in missed:
        zone, cutoff = _where_at(settings, row.due_at, person)
        day = day_of(row.due_at, zone, cutoff)
        if day not in found:
            begin, end = day_bounds(day, zone, cutoff)
            if not await reach.reached(tx, person.id, begin, end):
                found[day] = row.reason or "the question did not come"
    return found


def _ours(row: Line) -> bool:
    """A reminder that failed did so by the reader's own settings (closed DMs), unless its time ran out.

    Or Starling had been removed from the reader's whole workspace.
    """
    return bool(row.state == deliveries.EXPIRED or row.kind == "drop" or row.reason in servers.REASONS)
