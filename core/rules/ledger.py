"""What a streak looks like, and its day-by-day account in words (docs/rules.md, 3.9 and 3.10)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Literal, cast, overload
from zoneinfo import ZoneInfo

from core.rules.days import in_words

State = Literal[
    "counted", "neutral", "rest", "vacation", "saved", "missed", "skipped_by_travel", "open", "nothing"
]
Row = tuple[int, str, time, State, int, int, str, datetime | None, str]
"""A `DayLine` as the walk writes it, the day as an ordinal."""
Entry = tuple[datetime, str, bool]
"""One thing done: its instant in UTC, its `Practised.ref`, and whether it counts."""
PRACTISED = "You practised."
_PART = 256

_STATE_WORDS: dict[State, str] = {
    "counted": "counted",
    "neutral": "neutral",
    "rest": "rest day",
    "vacation": "vacation",
    "saved": "paid for by a saver",
    "missed": "missed",
    "skipped_by_travel": "no miss",
    "open": "still open",
    "nothing": "no streak",
}


@dataclass(frozen=True, slots=True)
class DayLine:
    """One day of the ledger.

    `zone` and `cutoff` are those the day was lived in (of the answer when it counted, else at the day's
    end). `length_after` and `savers_after` are what was held once the line was written. `counted_at` is the
    instant, in UTC, of the answer that made the day count, and `ref` its `Practised.ref`. `why` is a
    sentence for the person.
    """

    day: date
    zone: str
    cutoff: time
    state: State
    length_after: int
    savers_after: int
    why: str
    counted_at: datetime | None = None
    ref: str = ""


class Rows(Sequence[Row]):
    """The rows of a ledger, out of what the walk noted.

    Ten years are 3,650 rows, and hardly anybody reads more than a page of them. So of a day that counted like any
    other the walk notes the entry alone: its day and length are one more than in the row before, and the rest is the
    same. What cannot follow so is noted whole: the first row under any settings, and one that says more. Rows are
    written out when somebody asks for them.
    """

    __slots__ = ("_all", "_notes")

    def __init__(self, notes: list[Row | Entry]) -> None:
        self._notes = notes
        self._all: tuple[Row, ...] | None = None

    def __len__(self) -> int:
        return len(self._notes)

    def __iter__(self) -> Iterator[Row]:
        return iter(self._everything())

    def __reversed__(self) -> Iterator[Row]:
        for stop in range(len(self), 0, -_PART):  # it is mostly the newest that are looked for
            yield from reversed(self._written(max(0, stop - _PART), stop))

    @overload
    def __getitem__(self, index: int) -> Row: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Row]: ...
    def __getitem__(self, index: int | slice) -> Row | Sequence[Row]:
        if isinstance(index, slice) and index.step is None:
            start, stop, _ = index.indices(len(self))
            return self._written(start, stop)
        return self._everything()[index]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Rows) and self._everything() == other._everything()

    __hash__ = None  # type: ignore[assignment]

    def _everything(self) -> tuple[Row, ...]:
        if self._all is None:
            self._all = tuple(self._written(0, len(self)))
        return self._all

    def _written(self, start: int, stop: int) -> list[Row]:
        """The rows from `start` on, `stop` excluded."""
        if start >= stop:
            return []
        place = start
        while len(self._notes[place]) == 3:
            place -= 1
        day, zone, cutoff, _, length, held = cast(Row, self._notes[place])[:6]
        # Days of which the entry alone is noted lie between: each is one day on, and one longer.
        day += start - 1 - place
        length += start - 1 - place
        found: list[Row] = []
        for note in self._notes[start:stop]:
            if len(note) == 3:
                at, ref, _ = note
                day += 1
                length += 1
                found.append((day, zone, cutoff, "counted", length, held, PRACTISED, at, ref))
            else:
                day, zone, cutoff, _, length, held, _, _, _ = note
                found.append(note)
        return found


@dataclass(frozen=True, slots=True)
class Streak:
    """A person's streak as of one instant.

    `lapses_at` is the instant, in UTC, at which the streak is over if nothing more is done: held savers,
    rest days, unscheduled weekdays and vacation set ahead are counted in, under the settings in force. It
    is None when there is no streak, and also when it cannot lapse because no day is ever owed (every
    weekday excused). `next_saver_in` is how many more counted days earn a saver; None while two are held.
    `today` is the person's day; `today_counted` says that nothing more can count for it.
    """

    current: int
    best: int
    savers: int
    next_saver_in: int | None
    lapses_at: datetime | None
    today: date
    today_counted: bool
    rows: Rows = field(repr=False)

    @property
    def ledger(self) -> tuple[DayLine, ...]:
        """Every day from the first thing done to today, in the order lived; made when asked for.

        A date comes twice when the person flew west and lived it twice.
        """
        return self.lines(len(self.rows))

    def lines(self, last: int, before: int = 0) -> tuple[DayLine, ...]:
        """The last so many lines of the ledger, newest last; ``before``: without that many at the end."""
        stop = max(0, len(self.rows) - before)
        chosen = self.rows[max(0, stop - last) : stop] if last > 0 else ()
        return tuple(DayLine(date.fromordinal(row[0]), *row[1:]) for row in chosen)


@dataclass(frozen=True, slots=True)
class Loss:
    """A streak that ended: on which day, how long it was, and the best one, which is kept."""

    day: date
    length: int
    best: int

    @property
    def words(self) -> str:
        """Said once, kindly."""
        return (
            f"Your streak of {_days(self.length)} ended on {in_words(self.day)}. "
            f"Your best, {_days(self.best)}, is kept, and a new one begins with your next answer."
        )


def _days(count: int) -> str:
    return "1 day" if count == 1 else f"{count} days"


def lost(before: Streak, after: Streak) -> Loss | None:
    """The streak that ended between two replays of one person's log, or None.

    Say it when it is returned, then store `after`: compared with that, the same loss is never returned again.
    A loss that a late-arriving event only moves about in the past is no news either.
    """
    known = {row[0] for row in before.rows if row[3] == "missed"}
    first = before.today.toordinal()
    for index in range(len(after.rows) - 1, -1, -1):
        day, state = after.rows[index][0], after.rows[index][3]
        if state == "missed" and day >= first and day not in known:
            # A missed line is written for a running streak only, so the line before it holds that length.
            return Loss(date.fromordinal(day), after.rows[index - 1][4], after.best)
    return None


def ledger_words(streak: Streak, last: int, before: int = 0) -> list[str]:
    """The last so many days of the ledger in words, newest last; [] when `last` is 0 or less.

    `before` leaves out that many of the newest, for a page further back.
    Each line says the day, its zone and cut-off, what it was and why, and what was held afterwards.
    """
    return [_line(line) for line in streak.lines(last, before)]


def _line(line: DayLine) -> str:
    at = ""
    if line.counted_at is not None:
        at = f" at {line.counted_at.astimezone(ZoneInfo(line.zone)):%H:%M}"
    savers = "1 saver" if line.savers_after == 1 else f"{line.savers_after} savers"
    return (
        f"{in_words(line.day)} ({line.zone}, cut-off {line.cutoff:%H:%M}): {_STATE_WORDS[line.state]}{at}. "
        f"{line.why} Streak {_days(line.length_after)}, {savers}."
    )
