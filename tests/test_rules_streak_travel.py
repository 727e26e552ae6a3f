"""Streaks of people who travel (docs/rules.md, 1.5 and 3.5)."""

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest

from core.rules.streak import (
    Change,
    NewCutoff,
    NewRestDays,
    NewZone,
    Practised,
    Streak,
    ledger_words,
    lost,
    replay,
)

ANGELES = "America/Los_Angeles"
AUCKLAND = "Pacific/Auckland"
TOKYO = "Asia/Tokyo"
BERLIN = "Europe/Berlin"


def at(stamp: str, zone: str) -> datetime:
    """November 2026 by the clocks of a zone: "09 21:00" is the 9th at nine in the evening."""
    day, clock = stamp.split()
    return datetime.combine(date(2026, 11, int(day)), time.fromisoformat(clock), ZoneInfo(zone)).astimezone(
        UTC
    )


def living_in(zone: str) -> NewZone:
    return NewZone(datetime(2026, 10, 1, tzinfo=UTC), zone)


def streak_of(practised: list[tuple[str, str]], changes: list[Change], now: tuple[str, str]) -> Streak:
    return replay([Practised(at(*one), True, one[0]) for one in practised], changes, {}, at(*now))


def told(streak: Streak) -> list[tuple[int, str]]:
    return [(line.day.day, line.state) for line in streak.ledger]


def test_a_flight_east_over_the_date_line_skips_a_day_and_costs_nothing() -> None:
    """Leaves Los Angeles on the 9th at 22:00, lands 13 hours later, when it is the morning of the 11th."""
    streak = streak_of(
        [("08 20:00", ANGELES), ("09 20:00", ANGELES), ("11 20:00", AUCKLAND)],
        [living_in(ANGELES), NewZone(at("11 08:00", AUCKLAND), AUCKLAND)],
        ("11 21:00", AUCKLAND),
    )
    assert told(streak) == [(8, "counted"), (9, "counted"), (10, "skipped_by_travel"), (11, "counted")]
    assert (streak.current, streak.best) == (3, 3)
    assert streak.ledger[2].why == "You flew east, and the days went faster than you could."


def test_two_days_within_48_hours_of_flying_east_are_no_miss_and_a_third_day_is() -> None:
    changes = [living_in(ANGELES), NewZone(at("09 10:00", ANGELES), AUCKLAND)]  # the 10th, 07:00 in Auckland
    before = ("09 09:00", ANGELES)
    kept = streak_of([before, ("12 06:00", AUCKLAND)], changes, ("12 06:00", AUCKLAND))
    assert told(kept) == [
        (9, "counted"),
        (10, "skipped_by_travel"),
        (11, "skipped_by_travel"),
        (12, "counted"),
    ]
    assert kept.current == 2
    ended = streak_of([before, ("13 06:00", AUCKLAND)], changes, ("13 06:00", AUCKLAND))
    assert told(ended)[2:] == [(11, "skipped_by_travel"), (12, "missed"), (13, "counted")]
    assert ended.current == 1


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        pytest.param("11 02:00", "skipped_by_travel", id="48 hours after the change is no miss"),
        pytest.param("11 01:59", "missed", id="later than 48 hours after the change is a miss"),
    ],
)
def test_the_end_of_a_day(changed: str, expected: str) -> None:
    """The 12th ends on the 13th at 03:00 in Helsinki, which is 02:00 in Berlin."""
    helsinki = "Europe/Helsinki"
    streak = streak_of(
        [("10 20:00", BERLIN), ("11 20:00", helsinki)],
        [living_in(BERLIN), NewZone(at(changed, BERLIN), helsinki)],
        ("13 12:00", helsinki),
    )
    assert told(streak) == [(10, "counted"), (11, "counted"), (12, expected), (13, "open")]


def test_several_flights_east_forgive_two_days_between_counted_ones_and_no_more() -> None:
    changes: list[Change] = [
        living_in(ANGELES),
        NewZone(at("10 12:00", BERLIN), BERLIN),
        NewZone(at("12 12:00", TOKYO), TOKYO),
        NewZone(at("14 12:00", AUCKLAND), AUCKLAND),
    ]
    streak = streak_of([("09 08:00", ANGELES)], changes, ("15 12:00", AUCKLAND))
    assert [state for _, state in told(streak)].count("skipped_by_travel") == 2
    assert streak.current == 0


def test_a_counted_day_makes_room_for_the_next_flight() -> None:
    changes: list[Change] = [
        living_in(ANGELES),
        NewZone(at("09 10:00", ANGELES), AUCKLAND),
        NewZone(at("12 09:00", AUCKLAND), ANGELES),  # the 11th, 12:00
        NewZone(at("13 10:00", ANGELES), AUCKLAND),  # the 14th, 07:00
    ]
    streak = streak_of(
        [("09 09:00", ANGELES), ("12 06:00", AUCKLAND), ("15 06:00", AUCKLAND)],
        changes,
        ("15 07:00", AUCKLAND),
    )
    skipped = ["skipped_by_travel"] * 2
    assert [state for _, state in told(streak)] == ["counted", *skipped, "counted", *skipped, "counted"]
    assert streak.current == 3


def test_flying_west_forgives_no_day() -> None:
    changes = [living_in(BERLIN), NewZone(at("10 12:00", BERLIN), ANGELES)]
    streak = streak_of([("09 20:00", BERLIN), ("11 20:00", ANGELES)], changes, ("11 21:00", ANGELES))
    assert told(streak) == [(9, "counted"), (10, "missed"), (11, "counted")]


def test_rest_days_skipped_by_a_flight_stay_rest_days_and_use_up_nothing() -> None:
    changes: list[Change] = [
        living_in(ANGELES),
        NewRestDays(at("01 12:00", ANGELES), frozenset({1})),  # the 10th is a Tuesday
        NewZone(at("09 22:00", ANGELES), AUCKLAND),
    ]
    streak = streak_of([("09 20:00", ANGELES)], changes, ("12 12:00", AUCKLAND))
    assert told(streak) == [(9, "counted"), (10, "rest"), (11, "skipped_by_travel"), (12, "open")]


def test_the_instant_of_lapsing_knows_of_the_flight() -> None:
    changes = [living_in(ANGELES), NewZone(at("11 08:00", AUCKLAND), AUCKLAND)]
    streak = streak_of([("09 20:00", ANGELES)], changes, ("11 09:00", AUCKLAND))
    assert streak.current == 1
    assert streak.lapses_at == at("13 03:00", AUCKLAND), "the 10th and the 11th are forgiven, the 12th is not"


def test_after_a_zone_change_the_next_day_counts_12_hours_after_the_last_answer() -> None:
    changes = [living_in(ANGELES), NewZone(at("09 20:30", ANGELES), TOKYO)]  # the 10th, 13:30
    first = ("09 20:00", ANGELES)  # the 10th, 13:00 in Tokyo
    early = streak_of([first, ("11 00:59", TOKYO)], changes, ("11 02:00", TOKYO))
    assert (early.current, early.today_counted) == (1, False)
    assert early.ledger[-1].why == "Your zone changed: an answer counts again from 01:00 on."
    in_time = streak_of([first, ("11 01:00", TOKYO)], changes, ("11 02:00", TOKYO))
    assert (in_time.current, in_time.today_counted) == (2, True)


def test_the_12_hours_hold_until_one_day_has_counted_and_then_no_more() -> None:
    changes = [living_in(ANGELES), NewZone(at("09 20:30", ANGELES), TOKYO)]
    streak = streak_of(
        [("09 20:00", ANGELES), ("11 02:00", TOKYO), ("11 04:00", TOKYO)], changes, ("11 05:00", TOKYO)
    )
    assert streak.current == 3, "either side of the cut-off, as for anybody who stays at home"


def test_without_a_zone_change_there_are_no_12_hours() -> None:
    streak = streak_of(
        [("09 23:00", BERLIN), ("10 04:00", BERLIN)], [living_in(BERLIN)], ("10 05:00", BERLIN)
    )
    assert streak.current == 2


def test_a_change_between_zones_of_the_same_time_is_no_zone_change() -> None:
    changes = [living_in(BERLIN), NewZone(at("10 00:00", BERLIN), "Europe/Paris")]
    streak = streak_of([("09 23:00", BERLIN), ("10 08:00", BERLIN)], changes, ("10 09:00", BERLIN))
    assert streak.current == 2


def test_a_day_practised_too_soon_after_a_zone_change_is_no_miss() -> None:
    changes = [living_in(BERLIN), NewZone(at("10 00:00", BERLIN), "Europe/Lisbon")]
    streak = streak_of(
        [("09 23:00", BERLIN), ("10 08:00", "Europe/Lisbon"), ("11 08:00", "Europe/Lisbon")],
        changes,
        ("11 09:00", "Europe/Lisbon"),
    )
    assert told(streak) == [(9, "counted"), (10, "skipped_by_travel"), (11, "counted")]
    assert "less than 12 hours after" in streak.ledger[1].why


def test_flying_west_the_day_lasts_longer_and_counts_once() -> None:
    changes = [living_in(AUCKLAND), NewZone(at("11 10:00", AUCKLAND), ANGELES)]  # the 10th, 13:00
    streak = streak_of(
        [("10 20:00", AUCKLAND), ("11 09:00", AUCKLAND), ("10 20:00", ANGELES), ("11 20:00", ANGELES)],
        changes,
        ("11 21:00", ANGELES),
    )
    assert told(streak) == [(10, "counted"), (11, "counted")]
    assert (streak.current, streak.today.day, streak.today_counted) == (2, 11, True)
    assert streak.lapses_at == at("13 03:00", ANGELES)


def test_a_date_lived_a_second_time_may_still_count() -> None:
    """The 10th was over in Auckland, unused, for a saver; in Los Angeles it is the 10th again."""
    home = [(f"{day:02} 20:00", AUCKLAND) for day in range(3, 10)]
    changes = [living_in(AUCKLAND), NewZone(at("11 10:00", AUCKLAND), ANGELES)]
    before = streak_of(home, changes, ("10 18:00", ANGELES))
    assert told(before)[-2:] == [(10, "saved"), (10, "open")]
    streak = streak_of([*home, ("10 20:00", ANGELES)], changes, ("10 21:00", ANGELES))
    assert told(streak)[-2:] == [(10, "saved"), (10, "counted")], "what was judged stays judged"
    assert (streak.current, streak.savers, streak.today_counted) == (8, 0, True)


def test_a_loss_is_not_said_again_on_a_date_lived_a_second_time() -> None:
    """The 10th was missed in Auckland; said there, it is the 10th again in Los Angeles."""
    changes = [living_in(AUCKLAND), NewZone(at("11 10:00", AUCKLAND), ANGELES)]
    practised = [("09 20:00", AUCKLAND)]
    said = streak_of(practised, changes, ("10 18:00", ANGELES))
    assert told(said) == [(9, "counted"), (10, "missed"), (10, "open")]
    assert lost(said, streak_of(practised, changes, ("11 18:00", ANGELES))) is None
    assert lost(streak_of(practised, changes, ("11 09:00", AUCKLAND)), said) is None
    first = streak_of(practised, changes, ("10 20:00", AUCKLAND))
    assert lost(first, said) is not None


def test_dates_count_in_order_and_never_go_back() -> None:
    """The 11th counted in Auckland; the night of the 10th, 14 hours later in Los Angeles, comes behind it."""
    changes = [living_in(AUCKLAND), NewZone(at("11 10:00", AUCKLAND), ANGELES)]
    streak = streak_of([("11 09:00", AUCKLAND), ("11 02:00", ANGELES)], changes, ("11 02:30", ANGELES))
    assert (streak.current, streak.today.day, streak.today_counted) == (1, 10, True)


def test_the_day_of_an_answer_is_that_of_the_zone_in_force_at_its_instant() -> None:
    """23:00 in Berlin on the 9th is the morning of the 10th in Tokyo."""
    answer = [("09 23:00", BERLIN)]
    stayed = streak_of(answer, [living_in(BERLIN)], ("09 23:30", BERLIN))
    moved = streak_of(
        answer, [living_in(BERLIN), NewZone(at("09 22:59", BERLIN), TOKYO)], ("09 23:30", BERLIN)
    )
    at_once = streak_of(
        answer, [living_in(BERLIN), NewZone(at("09 23:00", BERLIN), TOKYO)], ("09 23:30", BERLIN)
    )
    after = streak_of(
        answer, [living_in(BERLIN), NewZone(at("09 23:01", BERLIN), TOKYO)], ("09 23:30", BERLIN)
    )
    assert [told(one)[0][0] for one in (stayed, moved, at_once, after)] == [9, 10, 10, 9]


def test_a_new_cut_off_that_ends_the_day_at_once_costs_nothing() -> None:
    changes: list[Change] = [
        living_in(BERLIN),
        NewCutoff(at("02 12:00", BERLIN), time(6)),
        NewCutoff(at("11 02:00", BERLIN), time(0)),
    ]
    streak = streak_of([("09 20:00", BERLIN), ("11 20:00", BERLIN)], changes, ("11 21:00", BERLIN))
    assert told(streak) == [(9, "counted"), (10, "skipped_by_travel"), (11, "counted")]
    assert streak.ledger[1].why == "Your new settings ended this day early."


def test_a_zone_and_a_cut_off_changed_at_one_instant_hold_together() -> None:
    """One after the other they would end the 10th in between; together it goes on."""
    both: list[Change] = [
        living_in(BERLIN),
        NewCutoff(at("11 02:00", BERLIN), time(0)),
        NewZone(at("11 02:00", BERLIN), "Europe/London"),
        NewCutoff(at("11 02:00", BERLIN), time(6)),
    ]
    streak = streak_of(
        [("09 20:00", BERLIN), ("11 05:00", "Europe/London")], both, ("11 05:30", "Europe/London")
    )
    assert told(streak) == [(9, "counted"), (10, "counted")]


def test_the_ledger_names_the_zone_that_each_day_was_lived_in() -> None:
    streak = streak_of(
        [("09 20:00", ANGELES), ("11 20:00", AUCKLAND)],
        [living_in(ANGELES), NewZone(at("11 08:00", AUCKLAND), AUCKLAND)],
        ("11 21:00", AUCKLAND),
    )
    assert ledger_words(streak, 3) == [
        "Monday 9 November 2026 (America/Los_Angeles, cut-off 03:00): counted at 20:00. "
        "You practised: a streak begins. Streak 1 day, 0 savers.",
        "Tuesday 10 November 2026 (America/Los_Angeles, cut-off 03:00): no miss. "
        "You flew east, and the days went faster than you could. Streak 1 day, 0 savers.",
        "Wednesday 11 November 2026 (Pacific/Auckland, cut-off 03:00): counted at 20:00. "
        "You practised. Streak 2 days, 0 savers.",
    ]


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Etc/GMT+12", "Asia/Kolkata", "Australia/Lord_Howe"])
def test_who_moves_and_does_nothing_else_keeps_the_day_they_had(zone: str) -> None:
    before = streak_of([("09 20:00", BERLIN)], [living_in(BERLIN)], ("09 20:01", BERLIN))
    moved = [living_in(BERLIN), NewZone(at("09 20:01", BERLIN), zone)]
    after = streak_of([("09 20:00", BERLIN)], moved, ("09 20:02", BERLIN))
    assert (after.current, after.best) == (before.current, before.best) == (1, 1)
