"""Streaks, sentence by sentence (docs/rules.md, 3). Travel and properties have files of their own."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from core.rules.streak import (
    Change,
    NewCutoff,
    NewRestDays,
    NewSchedule,
    NewVacation,
    NewZone,
    Practised,
    Streak,
    VacationOff,
    ledger_words,
    lost,
    replay,
    settings_at,
)

BERLIN = "Europe/Berlin"
MONDAY = date(2026, 6, 1)
LETTERS = {
    "counted": "x",
    "neutral": "n",
    "rest": "r",
    "vacation": "v",
    "saved": "S",
    "missed": "M",
    "skipped_by_travel": "t",
    "open": "o",
    "nothing": "-",
}


def at(day: int, clock: str = "20:00", zone: str = BERLIN) -> datetime:
    """An instant by its local clock, `day` days after Monday 1 June 2026."""
    wall = datetime.combine(MONDAY + timedelta(days=day), time.fromisoformat(clock), ZoneInfo(zone))
    return wall.astimezone(UTC)


IN_BERLIN = NewZone(at(-30), BERLIN)


def walked(
    pattern: str,
    changes: Sequence[Change] = (),
    faults: Mapping[date, str] | None = None,
    now: datetime | None = None,
) -> Streak:
    """Replay of one letter a day from that Monday on: x practised at 20:00, s wrote something short, . nothing.

    As of 21:00 on the last day of the pattern, unless said otherwise.
    """
    events = [
        Practised(at(day), letter == "x", f"answer {day}")
        for day, letter in enumerate(pattern)
        if letter in "xs"
    ]
    return replay(events, [IN_BERLIN, *changes], faults or {}, now or at(len(pattern) - 1, "21:00"))


def states(streak: Streak) -> str:
    return "".join(LETTERS[line.state] for line in streak.ledger)


WEEKEND = NewRestDays(at(-20), frozenset({5, 6}))
MON_WED_FRI = NewSchedule(at(-20), frozenset({0, 2, 4}))


@pytest.mark.parametrize(
    ("pattern", "changes", "expected", "current", "best", "savers"),
    [
        pytest.param("x", [], "x", 1, 1, 0, id="the first counted day starts a streak of one"),
        pytest.param("xxxxx", [], "xxxxx", 5, 5, 0, id="every counted day adds one"),
        pytest.param("s", [], "o", 0, 0, 0, id="an answer below the minimum does not start a streak"),
        pytest.param("xs", [], "xo", 1, 1, 0, id="an answer below the minimum does not grow a streak"),
        pytest.param("s.x", [], "--x", 1, 1, 0, id="days before the first counted day are nothing"),
        pytest.param("xx.", [], "xxo", 2, 2, 0, id="today is no miss while it lasts"),
        pytest.param("xx..", [], "xxMo", 0, 2, 0, id="a missed day without a saver ends the streak"),
        pytest.param("xx..x", [], "xxM-x", 1, 2, 0, id="after a loss the next counted day starts again at one"),
        pytest.param("xxx.xx", [], "xxxMxx", 2, 3, 0, id="the best streak is kept after a loss"),
        # savers
        pytest.param("x" * 6, [], "x" * 6, 6, 6, 0, id="six counted days earn no saver yet"),
        pytest.param("x" * 7, [], "x" * 7, 7, 7, 1, id="seven counted days earn one saver"),
        pytest.param("x" * 14, [], "x" * 14, 14, 14, 2, id="fourteen earn two"),
        pytest.param("x" * 40, [], "x" * 40, 40, 40, 2, id="nobody holds more than two"),
        pytest.param("x" * 7 + ".", [], "x" * 7 + "o", 7, 7, 1, id="no saver is spent before the day is over"),
        pytest.param(
            "x" * 7 + "..", [], "x" * 7 + "So", 7, 7, 0, id="a saver pays for a missed day without growing it"
        ),
        pytest.param(
            "x" * 7 + "...", [], "x" * 7 + "SMo", 0, 7, 0, id="one saver pays for one day, and the next miss ends it"
        ),
        pytest.param(
            "x" * 14 + "..x", [], "x" * 14 + "SSx", 15, 15, 0, id="two savers pay for two days in a row"
        ),
        pytest.param("x" * 14 + "...x", [], "x" * 14 + "SSMx", 1, 14, 0, id="the third miss in a row ends it"),
        pytest.param(
            "x" * 10 + "." + "xxxx", [], "x" * 10 + "Sxxxx", 14, 14, 1, id="days towards the next saver are kept"
        ),
        pytest.param(
            "x" * 30 + "." + "x" * 6, [], "x" * 30 + "S" + "x" * 6, 36, 36, 1, id="two held: none is earned"
        ),
        pytest.param(
            "x" * 30 + "." + "x" * 7, [], "x" * 30 + "S" + "x" * 7, 37, 37, 2, id="one spent is earned back in seven"
        ),
        pytest.param(
            "x" * 6 + "." + "x" * 6, [], "x" * 6 + "M" + "x" * 6, 6, 6, 0, id="days towards a saver end with the streak"
        ),
        # rest days: pattern day 5 is a Saturday
        pytest.param("xxxxx..x", [WEEKEND], "xxxxxrrx", 6, 6, 0, id="rest days neither break nor grow a streak"),
        pytest.param("xxxxxx.x", [WEEKEND], "xxxxxxrx", 7, 7, 1, id="practising on a rest day grows it"),
        pytest.param("xxxx...x", [WEEKEND], "xxxxM--x", 1, 4, 0, id="a missed Friday ends it all the same"),
        pytest.param(
            "x.xxxxx",
            [NewRestDays(at(-9), frozenset({1})), NewRestDays(at(-2), frozenset({3}))],
            "xMxxxxx",
            5,
            5,
            0,
            id="new rest days replace the old ones",
        ),
        # vacation
        pytest.param(
            "xx...xx",
            [NewVacation(at(0), MONDAY + timedelta(days=2), MONDAY + timedelta(days=4))],
            "xxvvvxx",
            4,
            4,
            0,
            id="vacation set ahead neither breaks nor grows a streak",
        ),
        pytest.param(
            "xx.x.xx",
            [NewVacation(at(0), MONDAY + timedelta(days=2), MONDAY + timedelta(days=4))],
            "xxvxvxx",
            5,
            5,
            0,
            id="practising on vacation grows it",
        ),
        pytest.param(
            "xx.....x",
            [
                NewVacation(at(0), MONDAY + timedelta(days=2), MONDAY + timedelta(days=9)),
                VacationOff(at(4, "12:00")),
            ],
            "xxvvvM-x",
            1,
            2,
            0,
            id="cancelled vacation stays vacation up to the day of cancelling",
        ),
        pytest.param(
            "x.x.x",
            [NewVacation(at(0), MONDAY + timedelta(days=n), MONDAY + timedelta(days=n)) for n in (1, 3)],
            "xvxvx",
            3,
            3,
            0,
            id="two vacations hold beside each other",
        ),
        # schedules
        pytest.param("x.x.x..x", [MON_WED_FRI], "xnxnxnnx", 4, 4, 0, id="days with nothing scheduled are neutral"),
        pytest.param("xxx", [MON_WED_FRI], "xxx", 3, 3, 0, id="practising on an unscheduled day grows the streak"),
        pytest.param("x..x", [MON_WED_FRI], "xnMx", 1, 1, 0, id="a missed scheduled day ends it"),
        pytest.param("x.x", [NewSchedule(at(-20), None)], "xMx", 1, 1, 0, id="without any schedule every day is due"),
        pytest.param(
            "x....x", [NewSchedule(at(-20), frozenset())], "xnnnnx", 2, 2, 0, id="with all schedules paused none is due"
        ),
    ],
)  # fmt: skip
def test_streak(
    pattern: str, changes: list[Change], expected: str, current: int, best: int, savers: int
) -> None:
    streak = walked(pattern, changes)
    assert states(streak) == expected
    assert (streak.current, streak.best, streak.savers) == (current, best, savers)


def test_a_day_counts_once() -> None:
    events = [Practised(at(0, clock), True, clock) for clock in ("08:00", "12:00", "23:30")]
    streak = replay(events, [IN_BERLIN], {}, at(0, "23:45"))
    assert (streak.current, streak.today_counted) == (1, True)
    assert [line.ref for line in streak.ledger] == ["08:00"]


def test_a_short_answer_beside_a_full_one_changes_nothing() -> None:
    full = Practised(at(0), True, "full")
    short = Practised(at(0, "21:00"), False, "short")
    assert replay([full, short], [IN_BERLIN], {}, at(1)) == replay([full], [IN_BERLIN], {}, at(1))


def test_the_night_before_the_cut_off_belongs_to_the_day_before() -> None:
    events = [Practised(at(0), True), Practised(at(2, "02:59"), True)]
    streak = replay(events, [IN_BERLIN], {}, at(2, "02:59"))
    assert (streak.current, streak.today) == (2, MONDAY + timedelta(days=1))
    late = replay([events[0], Practised(at(2, "03:00"), True)], [IN_BERLIN], {}, at(2, "03:00"))
    assert (states(late), late.current, late.today) == ("xMx", 1, MONDAY + timedelta(days=2))


def test_ones_own_cut_off_decides_from_when_it_was_set() -> None:
    night = [Practised(at(0), True), Practised(at(2, "05:30"), True)]
    assert replay(night, [IN_BERLIN, NewCutoff(at(-1), time(6))], {}, at(2, "07:00")).current == 2
    assert replay(night, [IN_BERLIN, NewCutoff(at(2, "05:40"), time(6))], {}, at(2, "07:00")).current == 1


def test_a_day_is_counted_in_the_persons_zone_not_in_utc() -> None:
    auckland = [NewZone(at(-30), "Pacific/Auckland")]
    days = [
        Practised(at(day, clock, "Pacific/Auckland"), True)
        for day, clock in enumerate(["04:00", "23:00", "09:00"])
    ]
    assert len({event.at.date() for event in days}) == 2
    assert replay(days, auckland, {}, at(2, "10:00", "Pacific/Auckland")).current == 3


def test_a_fault_of_ours_makes_a_missed_day_neutral_and_spends_no_saver() -> None:
    fault = {MONDAY + timedelta(days=8): "the drop of your group did not come"}
    streak = walked("x" * 8 + ".x", faults=fault)
    assert (states(streak), streak.current, streak.savers) == ("x" * 8 + "nx", 9, 1)
    assert streak.ledger[8].why == "No fault of yours: the drop of your group did not come."


def test_practising_on_a_day_of_our_fault_grows_the_streak() -> None:
    streak = walked("xxx", faults={MONDAY + timedelta(days=1): "it did not come"})
    assert (states(streak), streak.current) == ("xxx", 3)


def test_a_fault_that_is_found_later_gives_the_streak_back() -> None:
    assert walked("xx.x").current == 1
    assert walked("xx.x", faults={MONDAY + timedelta(days=2): "it did not come"}).current == 3


@pytest.mark.parametrize(
    "late",
    [
        pytest.param(NewRestDays(at(3, "12:00"), frozenset(range(7))), id="rest days"),
        pytest.param(NewVacation(at(3, "12:00"), MONDAY, MONDAY + timedelta(days=30)), id="vacation"),
        pytest.param(NewSchedule(at(3, "12:00"), frozenset()), id="schedules"),
        pytest.param(NewCutoff(at(3, "12:00"), time(6)), id="a cut-off"),
        pytest.param(NewZone(at(3, "12:00"), "America/Los_Angeles"), id="a zone"),
    ],
)
def test_no_change_acts_backwards(late: Change) -> None:
    """Wednesday was missed; whatever is changed on Thursday, that stays so."""
    assert states(walked("xx..", [late])).startswith("xxM")


def test_a_day_that_was_a_rest_day_for_a_part_of_it_stays_one() -> None:
    rest, no_rest = NewRestDays(at(-9), frozenset({1})), NewRestDays(at(1, "22:00"), frozenset())
    assert states(walked("x.x", [rest, no_rest])) == "xrx"
    assert states(walked("x.xxxx" + "xx.x", [rest, no_rest])) == "xrxxxxxxSx", "no longer one a week later"


def test_a_running_day_may_still_become_vacation() -> None:
    assert states(walked("x.x", [NewVacation(at(1, "22:00"), MONDAY, MONDAY + timedelta(days=1))])) == "xvx"


def test_the_saver_that_was_earned_first_is_spent_first_and_named() -> None:
    streak = walked("x" * 14 + "..x")
    first, second = streak.ledger[14:16]
    assert first.why == "The saver you earned on Sunday 7 June 2026 paid for this day."
    assert second.why == "The saver you earned on Sunday 14 June 2026 paid for this day."
    assert (first.savers_after, second.savers_after) == (1, 0)


@pytest.mark.parametrize(
    ("counted", "more"), [(0, 7), (1, 6), (6, 1), (7, 7), (13, 1), (14, None), (30, None)]
)
def test_how_many_days_are_left_to_the_next_saver_is_always_known(counted: int, more: int | None) -> None:
    assert walked("." + "x" * counted).next_saver_in == more


@pytest.mark.parametrize(
    ("pattern", "changes", "expected"),
    [
        pytest.param("xx", [], at(3, "03:00"), id="after the whole of tomorrow, when today counted"),
        pytest.param("xx.", [], at(3, "03:00"), id="at the end of today, when it did not"),
        pytest.param("x" * 7, [], at(9, "03:00"), id="a saver pays for one more day"),
        pytest.param("x" * 14, [], at(17, "03:00"), id="two savers for two"),
        pytest.param("xxxxx", [WEEKEND], at(8, "03:00"), id="rest days are no part of it"),
        pytest.param(
            "x",
            [NewVacation(at(0, "09:00"), MONDAY + timedelta(days=1), MONDAY + timedelta(days=700))],
            at(702, "03:00"),
            id="nor is vacation set ahead",
        ),
        pytest.param("xxx", [MON_WED_FRI], at(5, "03:00"), id="nor are days with nothing scheduled"),
        pytest.param("x", [NewCutoff(at(-2), time(6))], at(2, "06:00"), id="the cut-off decides the hour"),
        pytest.param("x", [NewRestDays(at(-2), frozenset(range(7)))], None, id="never, when every day is a rest day"),
        pytest.param("x", [NewSchedule(at(-2), frozenset())], None, id="never, while nothing is scheduled at all"),
        pytest.param("x", [NewVacation(at(0), MONDAY, date.max)], None, id="never, on vacation for good"),
        pytest.param("xx..", [], None, id="not again, once it is over"),
        pytest.param(".", [], None, id="not, before it began"),
    ],
)  # fmt: skip
def test_the_instant_at_which_a_streak_lapses(
    pattern: str, changes: list[Change], expected: datetime | None
) -> None:
    assert walked(pattern, changes).lapses_at == expected


def test_a_streak_over_a_clock_change_night_has_days_of_23_and_25_hours() -> None:
    spring = datetime(2026, 3, 28, 19, tzinfo=UTC)  # the Saturday before; it counts
    streak = replay([Practised(spring, True)], [NewZone(spring - timedelta(days=9), BERLIN)], {}, spring)
    assert streak.lapses_at == datetime(2026, 3, 30, 1, tzinfo=UTC)  # 03:00 summer time
    autumn = datetime(2026, 10, 24, 18, tzinfo=UTC)
    streak = replay([Practised(autumn, True)], [NewZone(autumn - timedelta(days=9), BERLIN)], {}, autumn)
    assert streak.lapses_at == datetime(2026, 10, 26, 2, tzinfo=UTC)  # 03:00 standard time


def test_a_date_that_the_zone_never_had_is_nobodys_miss() -> None:
    apia = [NewZone(datetime(2011, 12, 1, tzinfo=UTC), "Pacific/Apia")]
    events = [
        Practised(datetime(2011, 12, 30, 5, tzinfo=UTC), True),  # the evening of 29 December
        Practised(datetime(2011, 12, 31, 5, tzinfo=UTC), True),  # the evening of 31 December
    ]
    streak = replay(events, apia, {}, datetime(2011, 12, 31, 6, tzinfo=UTC))
    assert (states(streak), streak.current, streak.savers) == ("xnx", 2, 0)
    assert streak.ledger[1].why == "This date did not exist in your zone."


def test_what_lies_ahead_of_now_has_not_happened() -> None:
    ahead = [NewVacation(at(1, "21:30"), MONDAY, MONDAY + timedelta(days=9))]
    assert walked("xx", ahead) == walked("xx")
    assert walked("xxxxx", now=at(1, "21:00")) == walked("xx")


def test_losing_is_said_once_with_the_best_streak_kept() -> None:
    before, after, later = walked("xxx.xx"), walked("xxx.xx.."), walked("xxx.xx...")
    loss = lost(before, after)
    assert loss is not None
    assert (loss.day, loss.length, loss.best) == (MONDAY + timedelta(days=6), 2, 3)
    assert loss.words == (
        "Your streak of 2 days ended on Sunday 7 June 2026. "
        "Your best, 3 days, is kept, and a new one begins with your next answer."
    )
    assert lost(after, later) is None


def test_a_loss_is_said_even_when_a_new_streak_has_begun_meanwhile() -> None:
    loss = lost(walked("xxx"), walked("xxx.x"))
    assert loss is not None
    assert (loss.day, loss.length) == (MONDAY + timedelta(days=3), 3)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param("xxx", "xxxx", id="a growing streak"),
        pytest.param("xxx", "xxx.", id="a day still running"),
        pytest.param("x" * 7, "x" * 7 + "..", id="a day that a saver paid for"),
        pytest.param(".", "...", id="no streak at all"),
        pytest.param("..x", "x.x", id="a late answer that only adds an old, lost streak"),
    ],
)
def test_no_loss_is_said_for(before: str, after: str) -> None:
    assert lost(walked(before), walked(after)) is None


def test_the_ledger_in_words_says_zone_cut_off_and_reason_newest_last() -> None:
    streak = walked("x" * 7 + ".sx", [NewCutoff(at(-2), time(4, 30))])
    assert ledger_words(streak, 4) == [
        "Sunday 7 June 2026 (Europe/Berlin, cut-off 04:30): counted at 20:00. "
        "You practised, and earned a saver. Streak 7 days, 1 saver.",
        "Monday 8 June 2026 (Europe/Berlin, cut-off 04:30): paid for by a saver. "
        "The saver you earned on Sunday 7 June 2026 paid for this day. Streak 7 days, 0 savers.",
        "Tuesday 9 June 2026 (Europe/Berlin, cut-off 04:30): missed. "
        "What you wrote was short of the minimum: it is kept, and does not count. "
        "No saver was left, and the streak ended at 7; your best, 7, is kept. Streak 0 days, 0 savers.",
        "Wednesday 10 June 2026 (Europe/Berlin, cut-off 04:30): counted at 20:00. "
        "You practised: a streak begins. Streak 1 day, 0 savers.",
    ]


def test_the_ledger_in_words_explains_rest_vacation_unscheduled_and_open_days() -> None:
    changes = [
        NewRestDays(at(-2), frozenset({1})),
        NewVacation(at(-2), MONDAY + timedelta(days=2), MONDAY + timedelta(days=2)),
        NewSchedule(at(-2), frozenset({0, 1, 2, 4})),
    ]
    assert [line.why for line in walked("x....", changes).ledger[1:]] == [
        "It was one of your rest days.",
        "You were on vacation.",
        "Nothing was scheduled for you.",
        "Nothing has counted yet.",
    ]
    assert "practising would still count" in walked("x.", changes).ledger[-1].why
    assert "short of the minimum" in walked("s", changes).ledger[-1].why


@pytest.mark.parametrize(("last", "lines"), [(0, 0), (-3, 0), (2, 2), (99, 5)])
def test_the_ledger_in_words_has_at_most_so_many_lines(last: int, lines: int) -> None:
    assert len(ledger_words(walked("xxxxx"), last)) == lines


def test_somebody_who_did_nothing_has_an_open_day_and_no_streak() -> None:
    streak = replay([], [IN_BERLIN], {}, at(0))
    assert (states(streak), streak.current, streak.best, streak.savers) == ("o", 0, 0, 0)
    assert (streak.today, streak.today_counted, streak.lapses_at) == (MONDAY, False, None)


def test_the_settings_in_force_are_those_of_the_newest_change_before_now() -> None:
    changes = [NewZone(at(2), "Asia/Tokyo"), IN_BERLIN, NewCutoff(at(1), time(5))]
    assert settings_at(changes, at(1, "21:00")).zone == BERLIN
    assert settings_at(changes, at(2)).zone == "Asia/Tokyo"
    assert settings_at(changes, at(2) - timedelta(microseconds=1)).zone == BERLIN
    assert settings_at([], at(0)).zone == "UTC"


@pytest.mark.parametrize(
    "make",
    [
        pytest.param(lambda: Practised(datetime(2026, 6, 1), True), id="practice at a naive time"),
        pytest.param(lambda: NewZone(datetime(2026, 6, 1), BERLIN), id="a change at a naive time"),
        pytest.param(lambda: NewZone(at(0), "Europe/Atlantis"), id="a zone that is none"),
        pytest.param(lambda: NewCutoff(at(0), time(6, 1)), id="a cut-off after 06:00"),
        pytest.param(lambda: NewRestDays(at(0), frozenset({7})), id="an eighth weekday"),
        pytest.param(lambda: NewSchedule(at(0), frozenset({-1})), id="a weekday below Monday"),
        pytest.param(lambda: NewVacation(at(0), MONDAY, date(2026, 5, 31)), id="vacation that ends before it begins"),
        pytest.param(lambda: replay([], [], {}, datetime(2026, 6, 1)), id="a naive now"),
    ],
)  # fmt: skip
def test_the_log_refuses(make: object) -> None:
    with pytest.raises(ValueError):
        make()  # type: ignore[operator]
