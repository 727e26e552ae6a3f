"""The walk over a person's days that a streak is read from (docs/rules.md, 3 "Streaks").

The walk meets practice and changes in order of instant, and closes each day when its end is reached. The
day it stands on never runs backwards: after a flight west that day lasts until the same date ends in the new
zone, and hours lived a second time may still count for their own date if no later one has counted.
"""

from collections.abc import Mapping, Sequence
from copy import copy
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache

from core.rules.changes import Excuse, Settings
from core.rules.days import CHUNK, day_of, days_from, in_words, starts_of, zone_of
from core.rules.ledger import PRACTISED, Entry, Row, State

DAYS_PER_SAVER = 7
MOST_SAVERS = 2
REST_AFTER_ZONE_CHANGE = timedelta(hours=12)
TRAVEL_WINDOW = timedelta(hours=48)
MOST_SKIPPED = 2

_NEVER = 0
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
_BEGINS = "You practised: a streak begins."
_EARNED = "You practised, and earned a saver."
_SHORT = "What you wrote was short of the minimum: it is kept, and does not count."


@lru_cache(maxsize=4096)  # ten years of days, which are the same for everybody
def _paid_by(earned: int) -> str:
    return f"The saver you earned on {in_words(date.fromordinal(earned))} paid for this day."


class Walk:
    """The state of one replay. Days are ordinals (`date.toordinal`), instants are in UTC."""

    __slots__ = (
        "_begin",
        "_counted_at",
        "_counted_day",
        "_east_until",
        "_end",
        "_faults",
        "_forgiven",
        "_guarded",
        "_kept",
        "_refused",
        "_settings",
        "_short",
        "best",
        "day",
        "earns_at",
        "length",
        "notes",
        "savers",
    )

    def __init__(self, at: datetime, settings: Settings, faults: Mapping[date, str]) -> None:
        """Begin on the day that `at` (UTC) belongs to under these settings, with nothing done yet."""
        self._settings = settings
        self._faults = {day.toordinal(): reason for day, reason in faults.items()}
        self.notes: list[Row | Entry] = []  # of every day, see `Rows`
        self.length = self.best = 0
        self.earns_at = DAYS_PER_SAVER  # the length at which the next saver comes
        self.savers: list[int] = []  # the days on which the savers held were earned, oldest first
        self._counted_day = 0
        self._counted_at: datetime | None = None
        self._guarded = False  # the zone changed since the last counted answer
        self._east_until = datetime.min.replace(tzinfo=UTC)  # days that end by then may be no miss
        self._forgiven = 0  # days forgiven to travel since the last counted one
        self._kept: dict[int, Excuse] = {}  # what excused a day before a change that came in it
        self._short: set[int] = set()  # days in which something was written that was too short
        self._refused: set[int] = set()  # days in which an answer came too soon after a change of zone
        self._stand_on(day_of(at, settings.zone, settings.cutoff).toordinal())

    def _stand_on(self, day: int) -> None:
        self.day = day
        chunk, place = divmod(day, CHUNK)
        starts = starts_of(self._settings.zone, self._settings.cutoff, chunk)
        self._begin, self._end = starts[place], starts[place + 1]

    def practise(self, entries: Sequence[Entry]) -> None:
        """Take in what was done, in order of instant."""
        position = 0
        # Hours that are lived again, and the answers that may come too soon, follow on a change of zone.
        while position < len(entries) and (self._guarded or entries[position][0] < self._begin):
            self._take(*entries[position])
            position += 1
        if position < len(entries):
            self._steadily(entries[position:])

    def _steadily(self, entries: Sequence[Entry]) -> None:
        """Take in what was done in the days from the present one on, each of which counts by its first answer.

        Ten years are walked through here, so what changes with every day is held in variables meanwhile, and handed
        back before a day is judged.
        """
        zone, cutoff, notes = self._settings.zone, self._settings.cutoff, self.notes
        length, earns_at = self.length, self.earns_at
        counted, counted_at, begin = self._counted_day, self._counted_at, self._begin
        # The length whose row is noted whole (see `Rows`): that of the first one here, then of one that says more.
        whole = length + 1
        days = days_from(self.day, zone, cutoff)
        day, end = next(days)
        for entry in entries:
            at, ref, counts = entry
            while at >= end:
                if counted != day:
                    self._hand_back(day, begin, end, length, earns_at, counted, counted_at)
                    self._close(end)
                    length, earns_at = self.length, self.earns_at
                    whole = earns_at if length else 1
                begin = end
                day, end = next(days)
            if not counts:
                self._short.add(day)
            elif counted != day:
                counted, counted_at = day, at
                length += 1
                if length != whole:
                    notes.append(entry)
                    continue
                why = PRACTISED if length > 1 else _BEGINS
                if length == earns_at:
                    earns_at, why = self._earn(day, length), _EARNED
                notes.append((day, zone, cutoff, "counted", length, len(self.savers), why, at, ref))
                whole = earns_at
        self._hand_back(day, begin, end, length, earns_at, counted, counted_at)

    def _hand_back(
        self,
        day: int,
        begin: datetime,
        end: datetime,
        length: int,
        earns_at: int,
        counted: int,
        counted_at: datetime | None,
    ) -> None:
        self.day, self._begin, self._end = day, begin, end
        self.length, self.earns_at = length, earns_at
        if counted != self._counted_day:
            self._counted_day, self._counted_at, self._forgiven = counted, counted_at, 0
            if length > self.best:
                self.best = length

    def _take(self, at: datetime, ref: str, counts: bool) -> None:
        """Take in one thing that was done, whatever it needs."""
        if at >= self._end:
            self.reach(at)
        # Before this day began lie only hours that are lived a second time, after flying west.
        again = at < self._begin
        if not counts:
            if not again:
                self._short.add(self.day)
            return
        settings = self._settings
        day = day_of(at, settings.zone, settings.cutoff).toordinal() if again else self.day
        if day <= self._counted_day:
            return
        if self._guarded and self._too_soon(at):
            if not again:
                self._refused.add(day)
            return
        self._count(day, at, ref)

    def _too_soon(self, at: datetime) -> bool:
        return self._counted_at is not None and at - self._counted_at < REST_AFTER_ZONE_CHANGE

    def _count(self, day: int, at: datetime, ref: str) -> None:
        why = PRACTISED if self.length else _BEGINS
        self.length += 1
        self.best = max(self.best, self.length)
        self._counted_day, self._counted_at = day, at
        self._guarded = False
        self._forgiven = 0
        if self.length == self.earns_at:
            self.earns_at, why = self._earn(day, self.length), _EARNED
        settings, held = self._settings, len(self.savers)
        self.notes.append((day, settings.zone, settings.cutoff, "counted", self.length, held, why, at, ref))

    def _earn(self, day: int, length: int) -> int:
        """Take in a saver; at which length the next one comes."""
        self.savers.append(day)
        # None while two are held: otherwise a day of practice could waste a saver, and hurt.
        return length + DAYS_PER_SAVER if len(self.savers) < MOST_SAVERS else _NEVER

    def change(self, at: datetime, settings: Settings) -> None:
        """New settings hold from `at` on."""
        self.reach(at)
        old = self._settings
        # A day that was excused for a part of it stays excused: taking that back would act backwards.
        excuse = old.excuse(self.day)
        if excuse is not None:
            self._kept.setdefault(self.day, excuse)
        if settings.zone != old.zone:
            moved = at.astimezone(zone_of(settings.zone)).utcoffset() or timedelta()
            moved -= at.astimezone(zone_of(old.zone)).utcoffset() or timedelta()
            if moved:
                self._guarded = True
            if moved > timedelta():
                self._east_until = at + TRAVEL_WINDOW
        elif settings.cutoff == old.cutoff:
            self._settings = settings
            return
        chunk, place = divmod(self.day, CHUNK)
        if at >= starts_of(settings.zone, settings.cutoff, chunk)[place + 1]:
            label = day_of(at, settings.zone, settings.cutoff).toordinal()
            while self.day < label:
                self._close(at, cut_short=True)
        self._settings = settings
        self._stand_on(self.day)

    def reach(self, at: datetime) -> None:
        """Close every day that has ended at `at`."""
        while at >= self._end:
            self._close(self._end)
            chunk, place = divmod(self.day, CHUNK)
            self._begin = self._end
            self._end = starts_of(self._settings.zone, self._settings.cutoff, chunk)[place + 1]

    def _close(self, at: datetime, cut_short: bool = False) -> None:
        """Judge the day the walk stands on, which ends at `at`, and step to the next."""
        day = self.day
        if self._counted_day != day:
            state, why = self._judge(at, cut_short)
            settings, held = self._settings, len(self.savers)
            self.notes.append((day, settings.zone, settings.cutoff, state, self.length, held, why, None, ""))
        self.day = day + 1

    def _judge(self, at: datetime, cut_short: bool) -> tuple[State, str]:
        """What a day without anything that counts comes to; pays for it when it must be paid for."""
        if not self.length:
            return "nothing", _SHORT if self.day in self._short else "Nothing counted."
        excuse = self._kept.get(self.day) or self._settings.excuse(self.day)
        if excuse is not None:
            return _EXCUSED[excuse]
        if self.day in self._faults:
            return "neutral", f"No fault of yours: {self._faults[self.day]}."
        if self._begin == self._end:
            return "neutral", "This date did not exist in your zone."
        if self.day in self._refused:
            return (
                "skipped_by_travel",
                "You practised less than 12 hours after the last counted answer, your zone having changed.",
            )
        travelling = at <= self._east_until
        if (travelling or cut_short) and self._forgiven < MOST_SKIPPED:
            self._forgiven += 1
            if travelling:
                return "skipped_by_travel", "You flew east, and the days went faster than you could."
            return "skipped_by_travel", "Your new settings ended this day early."
        short = f"{_SHORT} " if self.day in self._short else ""
        if self.savers:
            if self.earns_at == _NEVER:
                self.earns_at = self.length + DAYS_PER_SAVER
            return "saved", short + _paid_by(self.savers.pop(0))
        length, self.length, self.earns_at = self.length, 0, DAYS_PER_SAVER
        ended = f"No saver was left, and the streak ended at {length}; your best, {self.best}, is kept."
        return "missed", f"{short}{ended}"

    def counted(self, day: int) -> bool:
        """Whether nothing more can count for that day."""
        return day <= self._counted_day

    def open_row(self, today: int) -> Row:
        """The line of a day that is still running and has nothing that counts."""
        excuse = self._settings.excuse(today)
        if today == self.day:
            excuse = self._kept.get(today) or excuse
        why = "Nothing has counted yet." if excuse is None else _EXCUSED_TODAY[excuse]
        if today == self.day and today in self._refused and self._counted_at is not None:
            again = (self._counted_at + REST_AFTER_ZONE_CHANGE).astimezone(zone_of(self._settings.zone))
            why = f"Your zone changed: an answer counts again from {again:%H:%M} on."
        elif today == self.day and today in self._short:
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
        ahead.notes, ahead.savers = [], list(self.savers)
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
