"""Periods and places of boards (docs/rules.md, 6)."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from core.rules.periods import PERIODS, Period, keys_for, span, title, week_key
from core.rules.ranks import Standing, rank_rows, seen_by

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("day", "week", "month", "season"),
    [
        (date(2026, 11, 22), "2026-W47", "2026-11", "2026-Q4"),
        (date(2026, 11, 23), "2026-W48", "2026-11", "2026-Q4"),
        (date(2027, 1, 3), "2026-W53", "2027-01", "2027-Q1"),
        (date(2024, 12, 30), "2025-W01", "2024-12", "2024-Q4"),
        (date(2026, 3, 31), "2026-W14", "2026-03", "2026-Q1"),
        (date(2026, 4, 1), "2026-W14", "2026-04", "2026-Q2"),
        (date(33, 4, 3), "0033-W13", "0033-04", "0033-Q2"),
    ],
)
def test_a_day_belongs_to_one_bucket_of_each_period(day: date, week: str, month: str, season: str) -> None:
    assert keys_for(day) == {"week": week, "month": month, "season": season, "all": "all"}
    assert week_key(day) == week


@pytest.mark.parametrize(
    ("period", "key", "first", "last", "words"),
    [
        ("week", "2026-W47", date(2026, 11, 16), date(2026, 11, 22), "Week 47, 16 to 22 November 2026"),
        (
            "week",
            "2026-W49",
            date(2026, 11, 30),
            date(2026, 12, 6),
            "Week 49, 30 November to 6 December 2026",
        ),
        (
            "week",
            "2026-W53",
            date(2026, 12, 28),
            date(2027, 1, 3),
            "Week 53, 28 December 2026 to 3 January 2027",
        ),
        ("month", "2028-02", date(2028, 2, 1), date(2028, 2, 29), "February 2028"),
        ("month", "2026-12", date(2026, 12, 1), date(2026, 12, 31), "December 2026"),
        ("season", "2026-Q1", date(2026, 1, 1), date(2026, 3, 31), "January to March 2026"),
        ("season", "2026-Q4", date(2026, 10, 1), date(2026, 12, 31), "October to December 2026"),
        ("all", "all", date.min, date.max, "All time"),
    ],
)
def test_a_bucket_in_dates_and_words(period: Period, key: str, first: date, last: date, words: str) -> None:
    assert span(period, key) == (first, last)
    assert title(period, key) == words


@given(st.dates())
@example(date.max)
@example(date(9999, 10, 1))
@example(date.min)
def test_a_day_lies_in_its_buckets_and_their_ends_share_its_keys(day: date) -> None:
    keys = keys_for(day)
    for period in PERIODS:
        first, last = span(period, keys[period])
        assert first <= day <= last
        assert keys_for(first)[period] == keys_for(last)[period] == keys[period]
        if first > date.min:
            assert keys_for(first - timedelta(days=1))[period] != keys[period]
        if last < date.max:
            assert keys_for(last + timedelta(days=1))[period] != keys[period]


@given(st.dates(), st.dates())
def test_keys_sort_as_their_days_do(a: date, b: date) -> None:
    earlier, later = keys_for(min(a, b)), keys_for(max(a, b))
    assert all(earlier[period] <= later[period] for period in PERIODS)


@pytest.mark.parametrize(
    ("period", "key"),
    [
        ("week", "2026-W54"), ("week", "2025-W53"), ("week", "2026-47"), ("week", "0000-W01"), ("week", "2026-W4x"),
        ("month", "2026-13"), ("month", "2026-00"), ("month", "2026-1"), ("season", "2026-Q5"), ("season", "2026-Q0"),
        ("all", "2026"), ("month", ""), ("month", "２０２６-11"), ("month", "2026-11\n"),
    ],
)  # fmt: skip
def test_a_key_that_is_none_is_refused_with_an_example(period: Period, key: str) -> None:
    with pytest.raises(ValueError, match=f"is no {period}; one looks like"):
        span(period, key)


def standing(person: int, points: int, minutes: int = 0, hidden: bool = False) -> Standing[int]:
    return Standing(person, points, NOON + timedelta(minutes=minutes), hidden)


def placed(rows: list[Standing[int]]) -> list[tuple[int, int]]:
    return [(row.person_id, row.rank) for row in rank_rows(rows)]


def test_rank_is_one_plus_the_number_strictly_above() -> None:
    assert placed([standing(1, 10), standing(2, 30), standing(3, 20)]) == [(2, 1), (3, 2), (1, 3)]


def test_ties_share_a_rank_and_the_next_one_is_counted_past_them() -> None:
    assert placed([standing(1, 20), standing(2, 20), standing(3, 10)]) == [(1, 1), (2, 1), (3, 3)]


def test_ties_stand_in_order_of_arrival() -> None:
    assert placed([standing(1, 20, 5), standing(2, 20, 1), standing(3, 20, 3)]) == [(2, 1), (3, 1), (1, 1)]


def test_a_hidden_member_counts_in_nobody_elses_rank_and_has_a_place_of_their_own() -> None:
    rows = [standing(1, 30, hidden=True), standing(2, 20), standing(3, 15, hidden=True), standing(4, 10)]
    assert placed(rows) == [(1, 1), (2, 1), (3, 2), (4, 2)]


def test_a_hidden_member_is_seen_by_themselves_only() -> None:
    ranked = rank_rows([standing(1, 30, hidden=True), standing(2, 20), standing(3, 10, hidden=True)])
    assert [row.person_id for row in seen_by(1, ranked)] == [1, 2]
    assert [row.person_id for row in seen_by(2, ranked)] == [2]
    assert [row.person_id for row in seen_by(None, ranked)] == [2]


def test_names_may_be_ids_too() -> None:
    at_once = [Standing("zoe", 1, NOON), Standing("ann", 1, NOON)]
    assert [row.person_id for row in rank_rows(at_once)] == ["ann", "zoe"]


standings = st.lists(
    st.builds(standing, st.integers(1, 500), st.integers(0, 5), st.integers(0, 5), st.booleans()),
    max_size=30,
    unique_by=lambda row: row.person_id,
)


@given(standings)
def test_every_rank_can_be_counted_by_hand_in_any_order_of_the_rows(rows: list[Standing[int]]) -> None:
    shuffled = sorted(rows, key=lambda row: row.person_id * 7919 % 101)
    ranked = rank_rows(shuffled)
    assert ranked == rank_rows(rows)
    assert [row.points for row in ranked] == sorted((row.points for row in rows), reverse=True)
    for row in ranked:
        assert row.rank == 1 + sum(not other.hidden and other.points > row.points for other in rows)


def test_an_empty_board_is_empty() -> None:
    empty: list[Standing[int]] = []
    assert rank_rows(empty) == []
