"""What two people's points come to when they are one (docs/rules.md, 9)."""

from __future__ import annotations

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from core.rules.joining import Improved, Paid, Read, beyond_the_day, improvements
from core.rules.scoring import PointRules

MONDAY, TUESDAY = date(2026, 3, 2), date(2026, 3, 3)


def test_the_first_answer_of_a_day_in_a_track_pays_in_two_tracks() -> None:
    rows = [
        Paid(1, "answer", "coding", MONDAY),
        Paid(2, "answer", "coding", MONDAY),
        Paid(3, "answer", "behavioural", MONDAY),
        Paid(4, "answer", "company", MONDAY),
        Paid(5, "answer", "company", TUESDAY),
    ]
    assert beyond_the_day(rows) == {2, 4}
    assert beyond_the_day(rows, PointRules(tracks_a_day=3)) == {2}


def test_three_reviews_a_day_pay_and_helpful_goes_with_its_review() -> None:
    rows = [Paid(n, "review", "coding", MONDAY, about=n) for n in range(1, 6)]
    rows += [Paid(11, "helpful", "coding", TUESDAY, about=1), Paid(14, "helpful", "coding", TUESDAY, about=4)]
    assert beyond_the_day(rows) == {4, 5, 14}


def test_improvements_and_rounds_have_no_cap() -> None:
    rows = [Paid(n, kind, "coding", MONDAY) for n, kind in enumerate(("improvement", "round") * 5)]
    assert beyond_the_day(rows) == set()


_ROWS = st.lists(
    st.tuples(
        st.sampled_from(["answer", "improvement", "review", "helpful", "round"]),
        st.sampled_from(["coding", "behavioural", "company"]),
        st.sampled_from([MONDAY, TUESDAY]),
        st.integers(1, 4),
    ),
    max_size=25,
)


@given(_ROWS)
def test_what_is_left_is_within_the_day_and_stays_so(rows: list[tuple[str, str, date, int]]) -> None:
    paid = [Paid(n, *row) for n, row in enumerate(rows)]
    over = beyond_the_day(paid)
    left = [row for row in paid if row.id not in over]
    for day in (MONDAY, TUESDAY):
        tracks = [row.track for row in left if row.kind == "answer" and row.day == day]
        assert len(tracks) == len(set(tracks)) <= 2
        assert sum(row.kind == "review" and row.day == day for row in left) <= 3
    again = beyond_the_day(left)
    assert again == set()


def test_an_attempt_improves_on_all_before_it_whoever_made_them() -> None:
    attempts = [
        Read(1, {"a", "b"}, 0),
        Read(2, {"a"}, 0),
        Read(3, {"a", "c"}, 1),
        Read(4, {"a", "b", "c"}, 2),
    ]
    assert improvements(attempts) == [
        Improved(1, 0, False),
        Improved(2, 0, False),
        Improved(3, 1, False),
        Improved(4, 0, True),
    ]


@given(st.lists(st.tuples(st.frozensets(st.sampled_from("abcd")), st.integers(0, 4)), max_size=8))
def test_joining_never_adds_an_improvement(found: list[tuple[frozenset[str], int]]) -> None:
    attempts = [Read(n, met, newly) for n, (met, newly) in enumerate(found)]
    for before, after in zip(attempts, improvements(attempts), strict=True):
        assert 0 <= after.newly <= before.newly
