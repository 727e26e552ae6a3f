"""A streak is a pure function of the log (docs/rules.md, 3 "Streaks").

The log is what the person did, the dated changes of their settings, and the days that were neutral through
our fault. Replaying it twice, or with its events in another order, gives the same streak.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from itertools import groupby
from operator import attrgetter, itemgetter

from core.rules.changes import (
    Change,
    NewCutoff,
    NewRestDays,
    NewSchedule,
    NewVacation,
    NewZone,
    Practised,
    Settings,
    VacationOff,
)
from core.rules.days import day_of, utc
from core.rules.ledger import DayLine, Entry, Loss, Rows, State, Streak, ledger_words, lost
from core.rules.walk import MOST_SAVERS, Walk

__all__ = [
    "Change",
    "DayLine",
    "Entry",
    "Loss",
    "NewCutoff",
    "NewRestDays",
    "NewSchedule",
    "NewVacation",
    "NewZone",
    "Practised",
    "Settings",
    "State",
    "Streak",
    "VacationOff",
    "ledger_words",
    "lost",
    "replay",
    "replay_log",
    "settings_at",
]

_AT = attrgetter("at")
_FIRST = itemgetter(0)


def settings_at(changes: Sequence[Change], now: datetime) -> Settings:
    """What is in force at `now` (aware): every change dated then or before, in order of instant."""
    now = utc(now)
    return Settings().after(sorted((change for change in changes if change.at <= now), key=_AT))


def replay(
    events: Sequence[Practised], changes: Sequence[Change], faults: Mapping[date, str], now: datetime
) -> Streak:
    """The streak as of `now` (aware), in any order of the events.

    Whatever lies after `now` has not happened yet. Changes of one instant hold together, in the order
    given, and before anything done at that instant. `faults` maps a day of the person to what went wrong on
    our side, in words that can follow "No fault of yours:".
    """
    return replay_log([(event.at, event.ref, event.counts) for event in events], changes, faults, now)


def replay_log(
    log: Sequence[Entry], changes: Sequence[Change], faults: Mapping[date, str], now: datetime
) -> Streak:
    """`replay` of a log as it is stored: (at, ref, counts) of each thing done, `at` in UTC."""
    now = utc(now)
    done = sorted(log)
    if done and done[-1][0] > now:
        del done[bisect_right(done, now, key=_FIRST) :]
    dated = sorted([change for change in changes if change.at <= now], key=_AT)
    settings = Settings()
    walk: Walk | None = None
    position = 0
    for at, together in groupby(dated, key=_AT):
        stop = bisect_left(done, at, lo=position, key=_FIRST)
        if stop > position:
            walk = walk or Walk(done[position][0], settings, faults)
            walk.practise(done[position:stop])
            position = stop
        settings = settings.after(together)
        if walk is not None:
            walk.change(at, settings)
    walk = walk or Walk(done[0][0] if done else now, settings, faults)
    walk.practise(done[position:])
    walk.reach(now)
    return _as_of(now, settings, walk)


def _as_of(now: datetime, settings: Settings, walk: Walk) -> Streak:
    today = day_of(now, settings.zone, settings.cutoff)
    counted = walk.counted(today.toordinal())
    if not counted:
        walk.notes.append(walk.open_row(today.toordinal()))
    return Streak(
        current=walk.length,
        best=walk.best,
        savers=len(walk.savers),
        next_saver_in=walk.earns_at - walk.length if len(walk.savers) < MOST_SAVERS else None,
        lapses_at=walk.lapses_at(),
        today=today,
        today_counted=counted,
        rows=Rows(walk.notes),
    )
