"""The walk over a person's days that a streak is read from (docs/rules.md, 3 "Streaks").

The walk meets practice and changes in order of instant, and closes each day when its end is reached. The
day it stands on never runs backwards: after a flight west that day lasts until the same date ends in the new
zone, and hours lived a second time may still count for their own date if no later one has counted.
"""

from collections.abc import Mapping, Sequence
from copy import copy
from datetime import date, datetime, timedelta

from core.rules.changes import Excuse, Settings
from core.rules.days import CHUNK, day_of, in_words, starts_of, zone_of
from core.rules.ledger import Row, State

Entry = tuple[datetime, str, bool]
"""One thing done: its instant in UTC, its `Practised.ref`, and whether it counts."""

DAYS_PER_SAVER = 7
MOST_SAVERS = 2
REST_AFTER_ZONE_CHANGE = timedelta(hours=12)
TRAVEL_WINDOW = timedelta(hours=48)
MOST_SKIPPED = 2

_FAR = date(9000, 1, 1).toordinal()
_EXCUSED: dict[Excuse, tuple[State, str]] = {
    "vacation": ("vacation", "You were on vacation."),
    "rest": ("rest", "It was one of your rest days."),
    "unscheduled": ("neutral", "Nothing was scheduled for you."),
}
_EXCUSED_TODAY: dict[Excuse, str] = {
    "vacation": "You are on vacation; nothing is owed, and practising would still count.",
    "rest": "It is one of your rest days; nothing is owed, and practising would still count.",
    "unscheduled": "Nothing is scheduled for you; nothing is owed, and practising would still count.",
}
_SHORT = "What you wrote was short of the minimum: it is kept, and does not count."


class Walk:
    """The state of one replay. Days are ordinals (`date.toordinal`), instants are in UTC."""

    __slots__ = (
        "_begin",
        "_chunk",
        "_counted_at",
        "_counted_day",
        "_east_at",
        "_end",
        "_faults",
        "_forgiven",
        "_guarded",
        "_kept",
        "_refused",
        "_settings",
        "_short",
        "_starts",
        "best",
        "day",
        "length",
        "progress",
        "rows",
        "savers",
    )

    def __init__(self, at: datetime, settings: Settings, faults: Mapping[date, str]) -> None:
        """Begin on the day that `at` (UTC) belongs to under these settings, with nothing done yet."""
        self._settings = settings
        self._faults = {day.toordinal(): reason for day, reason in faults.items()}
        self.rows: list[Row] = []
        self.length = self.best = self.progress = 0
        self.savers: list[int] = []  # the days on which the savers held were earned, oldest first
        self._counted_day = 0
        self._counted_at: datetime | None = None
        self._guarded = False  # the zone changed since the last counted answer
        self._east_at: datetime | None = None
        self._forgiven = 0  # days forgiven to travel since the last counted one
        self._kept: Excuse | None = None  # what excused the day the walk stands on before a change
        self._short = self._refused = False
        self._stand_on(self._label(at))

    def _label(self, at: datetime) -> int:
        return day_of(at, self._settings.zone, self._settings.cutoff).toordinal()

    def _stand_on(self, day: int) -> None:
        self.day = day
        self._chunk, place = divmod(day, CHUNK)
        self._starts = starts_of(self._settings.zone, self._settings.cutoff, self._chunk)
        self._begin, self._end = self._starts[place], self._starts[place + 1]

    def practise(self, entries: Sequence[Entry]) -> None:
        """Take in what was done, in order of instant."""
        position = 0
        while position < len(entries):
            position = self._steadily(entries, position)
            if position < len(entries):
                self._take(*entries[position])
                position += 1

    def _steadily(self, entries: Sequence[Entry], position: int) -> int:
        """Take in the run of entries in which nothing is to be judged; where it ends.

        Each of them counts, and falls in the day the walk stands on or, that having counted, in the next. Ten years
        are walked through here, so the state is held in variables of its own meanwhile.
        """
        if self._guarded:
            return position
        day, counted, begin, end = self.day, self._counted_day, self._begin, self._end
        starts, place = self._starts, day - self._chunk * CHUNK + 1  # of the end among the starts
        length, held, progress = self.length, len(self.savers), self.progress
        zone, cutoff, add = self._settings.zone, self._settings.cutoff, self.rows.append
        last = None
        while position < len(entries):
            at, ref, counts = entries[position]
            if not counts or at < begin:
                break
            if at >= end:
                if counted != day or place == CHUNK or at >= starts[place + 1]:
                    break
                day += 1
                place += 1
                begin, end = end, starts[place]
            position += 1
            if counted >= day:
                continue
            counted, last = day, at
            why = "You practised." if length else "You practised: a streak begins."
            length += 1
            # No progress while two are held: otherwise a day of practice could waste a saver, and hurt.
            if held < MOST_SAVERS:
                progress += 1
                if progress == DAYS_PER_SAVER:
                    progress = 0
                    held += 1
                    self.savers.append(day)
                    why = "You practised, and earned a saver."
            add((day, zone, cutoff, "counted", length, held, why, at, ref))
        if day != self.day:
            self.day, self._begin, self._end = day, begin, end
            self._short = self._refused = False
            self._kept = None
        if last is not None:
            self._counted_day, self._counted_at, self._forgiven = counted, last, 0
            self.length, self.progress = length, progress
            self.best = max(self.best, length)
        return position

    def _take(self, at: datetime, ref: str, counts: bool) -> None:
        """Take in one thing that was done, whatever it needs."""
        if at >= self._end:
            self.reach(at)
        # Before this day began lie only hours that are lived a second time, after flying west.
        again = at < self._begin
        if not counts:
            self._short = self._short or not again
            return
        day = self._label(at) if again else self.day
        if day <= self._counted_day:
            return
        if self._guarded and self._too_soon(at):
            self._refused = self._refused or not again
            return
        self._count(day, at, ref)

    def _too_soon(self, at: datetime) -> bool:
        return self._counted_at is not None and at - self._counted_at < REST_AFTER_ZONE_CHANGE

    def _count(self, day: int, at: datetime, ref: str) -> None:
        why = "You practised." if self.length else "You practised: a streak begins."
        self.length += 1
        self.best = max(self.best, self.length)
        self._counted_day, self._counted_at = day, at
        self._guarded = False
        self._forgiven = 0
        if len(self.savers) < MOST_SAVERS:
            self.progress += 1
            if self.progress == DAYS_PER_SAVER:
                self.progress = 0
                self.savers.append(day)
                why = "You practised, and earned a saver."
        settings, held = self._settings, len(self.savers)
        self.rows.append((day, settings.zone, settings.cutoff, "counted", self.length, held, why, at, ref))

    def change(self, at: datetime, settings: Settings) -> None:
        """New settings hold from `at` on."""
        self.reach(at)
        old = self._settings
        # A day that was excused for a part of it stays excused: taking that back would act backwards.
        self._kept = self._kept or old.excuse(self.day)
        moved = at.astimezone(zone_of(settings.zone)).utcoffset() or timedelta()
        moved -= at.astimezone(zone_of(old.zone)).utcoffset() or timedelta()
        if moved:
            self._guarded = True
        if moved > timedelta():
            self._east_at = at
        label = day_of(at, settings.zone, settings.cutoff).toordinal()
        while self.day < label:
            self._close(at, cut_short=True)
        self._settings = settings
        self._stand_on(self.day)

    def reach(self, at: datetime) -> None:
        """Close every day that has ended at `at`."""
        while at >= self._end:
            self._close(self._end)
            place = self.day - self._chunk * CHUNK
            if place < CHUNK:
                self._begin, self._end = self._end, self._starts[place + 1]
            else:
                self._stand_on(self.day)

    def _close(self, at: datetime, cut_short: bool = False) -> None:
        """Judge the day the walk stands on, which ends at `at`, and step to the next."""
        if self._counted_day != self.day:
            state, why = self._judge(at, cut_short)
            settings = self._settings
            self.rows.append(
                (
                    self.day,
                    settings.zone,
                    settings.cutoff,
                    state,
                    self.length,
                    len(self.savers),
                    why,
                    None,
                    "",
                )
            )
        self._short = self._refused = False
        self._kept = None
        self.day += 1

    def _judge(self, at: datetime, cut_short: bool) -> tuple[State, str]:
        """What a day without anything that counts comes to; pays for it when it must be paid for."""
        if not self.length:
            return "nothing", _SHORT if self._short else "Nothing counted."
        excuse = self._kept or self._settings.excuse(self.day)
        if excuse is not None:
            return _EXCUSED[excuse]
        if self.day in self._faults:
            return "neutral", f"No fault of yours: {self._faults[self.day]}."
        if self._begin == self._end:
            return "neutral", "This date did not exist in your zone."
        if self._refused:
            return (
                "skipped_by_travel",
                "You practised less than 12 hours after the last counted answer, your zone having changed.",
            )
        if self._forgiven < MOST_SKIPPED and (cut_short or self._travelling(at)):
            self._forgiven += 1
            if self._travelling(at):
                return "skipped_by_travel", "You flew east, and the days went faster than you could."
            return "skipped_by_travel", "Your new settings ended this day early."
        short = f"{_SHORT} " if self._short else ""
        if self.savers:
            earned = date.fromordinal(self.savers.pop(0))
            return "saved", f"{short}The saver you earned on {in_words(earned)} paid for this day."
        length, self.length, self.progress = self.length, 0, 0
        ended = f"No saver was left, and the streak ended at {length}; your best, {self.best}, is kept."
        return "missed", f"{short}{ended}"

    def _travelling(self, at: datetime) -> bool:
        return self._east_at is not None and at - self._east_at <= TRAVEL_WINDOW

    def counted(self, day: int) -> bool:
        """Whether nothing more can count for that day."""
        return day <= self._counted_day

    def open_row(self, today: int) -> Row:
        """The line of a day that is still running and has nothing that counts."""
        excuse = self._settings.excuse(today)
        if today == self.day:
            excuse = self._kept or excuse
        why = "Nothing has counted yet." if excuse is None else _EXCUSED_TODAY[excuse]
        if self._refused and today == self.day and self._counted_at is not None:
            again = (self._counted_at + REST_AFTER_ZONE_CHANGE).astimezone(zone_of(self._settings.zone))
            why = f"Your zone changed: an answer counts again from {again:%H:%M} on."
        elif self._short and today == self.day:
            why = _SHORT
        settings = self._settings
        return (today, settings.zone, settings.cutoff, "open", self.length, len(self.savers), why, None, "")

    def lapses_at(self) -> datetime | None:
        """When the streak is over if nothing more is done; None when there is none or it cannot lapse.

        The same judging goes on over the days ahead, so the answer agrees with a later replay by
        construction.
        """
        if not self.length or self._settings.owes_nothing:
            return None
        ahead = copy(self)
        ahead.rows, ahead.savers = [], list(self.savers)
        while ahead.length:
            last = ahead._settings.vacation_until(ahead.day)
            if last is not None and last > ahead.day:
                if last >= _FAR:
                    return None
                # Nothing changes on the way: a vacation set for years need not be walked.
                ahead._stand_on(last)
            end = ahead._end
            ahead.reach(end)
        return end
