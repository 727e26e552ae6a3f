"""What a person has set, in words; and keeping what hangs on it true when it changes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from core.call import Call
from core.kinds import DAY_NAMES, days_words
from core.packs.vocabulary import LEVEL_TITLES, LEVELS, TRACK_TITLES
from core.rules import zones
from core.rules.days import day_of, zone_of
from core.rules.due import Rule
from core.rules.walk import REST_AFTER_ZONE_CHANGE
from core.store import people, practice, preferences
from core.store.engine import Tx
from core.store.people import Person
from core.store.schedules import Schedule
from core.streaks import current_streak, refresh_streak
from core.vacations import Vacation, merged, vacations_words
from core.views import Choice, Typed, Words, words

LEVEL_CHOICES = tuple(Choice(LEVEL_TITLES[name], name) for name in LEVELS)

# --- in words ----------------------------------------------------------------------------------------------------


def local_words(now: datetime, zone: str) -> str:
    """ "Monday 14:05": the time there. Said in our own words, since platforms show instants in the reader's zone."""
    local = now.astimezone(zone_of(zone))
    return f"{DAY_NAMES[local.weekday()]} {local:%H:%M}"


def rule_words(rule: Rule, *, around: bool = False) -> str:
    """ "daily at 21:00 (Europe/Berlin)"; "around" it where more is due than can be sent in that minute."""
    return f"{days_words(rule.weekdays)} {'around' if around else 'at'} {rule.local_time:%H:%M} ({rule.zone})"


def tracks_words(tracks: Sequence[str]) -> str:
    return ", ".join(TRACK_TITLES.get(t, t) for t in tracks) or "every track"


def reminder_words(reminder: Schedule | None) -> str:
    """One line for somebody's list of settings."""
    if reminder is None or reminder.state == "removed":
        return "off"
    if reminder.state != "active":
        return f"stopped: {reminder.reason or reminder.state}"
    return rule_words(reminder.rule)


def corrections_words(gives: bool) -> str:
    """What becomes of what somebody corrects in readings of their answers."""
    return "given without names, to train the reader" if gives else "kept for you alone"


def settings_items(person: Person, vacations: Sequence[Vacation], now: datetime) -> list[tuple[str, Words]]:
    """The fields of ``me show`` and ``me settings``."""
    guess = "" if person.zone_set else " (assumed; you have not said yours yet)"
    items = [
        ("Zone", words(f"{person.zone}{guess}, now {local_words(now, person.zone)}")),
        ("Level", words(LEVEL_TITLES.get(person.level, person.level))),
        ("Your day ends at", words(f"{person.cutoff:%H:%M}")),
        ("Rest days", words(days_words(person.rest_days))),
        ("Vacation", words(vacations_words(vacations))),
        ("Corrections", words(corrections_words(person.gives_corrections))),
    ]
    if person.coach_since is not None:
        items.append(
            ("Coach", words("may read an answer when you ask it; to end that: ", Typed("coach off")))
        )
    return items


# --- facts -------------------------------------------------------------------------------------------------------


def today_of(person: Person, now: datetime) -> date:
    """The person's practice day."""
    return day_of(now, person.zone, person.cutoff)


async def vacations_ahead(tx: Tx, person: Person, now: datetime) -> list[Vacation]:
    """Vacations that are not over, in order; those that overlap are one."""
    changes = await preferences.changes_of(tx, person.id)
    return merged([r.value for r in changes if r.kind == "vacation"], today_of(person, now))


async def counts_again_at(tx: Tx, person: Person, zone: str, now: datetime) -> datetime | None:
    """When an answer counts again after moving to ``zone`` (docs/rules.md, 3); None when nothing stands in the way."""
    if now.astimezone(zone_of(zone)).utcoffset() == now.astimezone(zone_of(person.zone)).utcoffset():
        return None
    streak = await current_streak(tx, person, now)
    counted = [line.counted_at for line in streak.lines(5) if line.counted_at is not None]
    again = max(counted) + REST_AFTER_ZONE_CHANGE if counted else None
    return again if again is not None and again > now else None


async def settle(tx: Tx, person_id: int, now: datetime) -> None:
    """Keep a running streak's lapse true after a setting or schedule of the person changed, in its transaction.

    A streak that has lapsed already is left for ``streaks.take_loss``: no change acts backwards on it.
    """
    kept = await practice.kept_streak(tx, person_id)
    if kept is None or not kept.current or (kept.lapses_at is not None and kept.lapses_at <= now):
        return
    person = await people.get_person(tx, person_id)
    if person is not None:
        await refresh_streak(tx, person, now)


# --- completing what is typed ------------------------------------------------------------------------------------


async def suggest_zones(call: Call, typed: str) -> tuple[Choice, ...]:
    """What ``typed`` may mean, with the time there; the person's own zone before anything is typed."""
    if not typed.strip():
        names: tuple[str, ...] = (call.person.zone,)
    else:
        answer = zones.find(typed, call.now)
        names = (answer.zone,) if answer.zone is not None else answer.suggestions
    return tuple(Choice(f"{name} (now {local_words(call.now, name)})"[:75], name) for name in names)
