"""What things are worth (docs/rules.md, 5)."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.rules.scoring import (
    Award,
    PointRules,
    for_answer,
    for_helpful,
    for_improvement,
    for_own_ticks,
    for_review,
    for_round,
    newly_met,
)


@pytest.mark.parametrize(
    ("award", "points"),
    [
        pytest.param(for_answer("coding", True, []), 10, id="the first answer of a day in a track earns 10"),
        pytest.param(
            for_answer("coding", True, ["coding"]), 0, id="a second one in that track earns nothing"
        ),
        pytest.param(for_answer("coding", True, ["ask"]), 10, id="a second track earns 10 again"),
        pytest.param(for_answer("coding", True, ["ask", "company"]), 0, id="a third track earns nothing"),
        pytest.param(for_answer("coding", False, []), 0, id="an answer below the minimum earns nothing"),
        pytest.param(for_improvement(4, 3), 5, id="a later attempt that meets more items earns 5"),
        pytest.param(for_improvement(9, 3), 5, id="and no more for many more items"),
        pytest.param(for_improvement(3, 3), 0, id="the same number of items earns nothing"),
        pytest.param(for_improvement(2, 3), 0, id="fewer items earn nothing"),
        pytest.param(for_improvement(9, None), 0, id="a first attempt has nothing to improve on"),
        pytest.param(for_improvement(4, 0), 5, id="an earlier attempt that met none can be improved on"),
        pytest.param(
            for_improvement(4, 3, counts=False), 0, id="an attempt below the minimum improves nothing"
        ),
        pytest.param(for_review(0), 4, id="a review earns 4"),
        pytest.param(for_review(2), 4, id="a third review of the day earns 4"),
        pytest.param(for_review(3), 0, id="a fourth earns nothing"),
        pytest.param(for_review(0, own_answer=True), 0, id="reviewing one's own answer earns nothing"),
        pytest.param(for_helpful(), 2, id="a review that its reader marks helpful earns 2 more"),
        pytest.param(for_helpful(already_marked=True), 0, id="once for each review"),
        pytest.param(for_helpful(review_paid=False), 0, id="and on top of the review's own points only"),
        pytest.param(for_round(), 8, id="a finished round earns each side 8"),
        pytest.param(for_round(finished=False), 0, id="an unfinished one earns nothing"),
        pytest.param(for_own_ticks(), 0, id="ticking one's own rubric earns nothing"),
    ],
)
def test_points(award: Award, points: int) -> None:
    assert award.points == points


OTHER = PointRules(
    first_answer=1, tracks_a_day=1, improvement=2, review=3, reviews_a_day=1, helpful=4, round=0
)


@pytest.mark.parametrize(
    ("award", "points"),
    [
        pytest.param(for_answer("ask", True, [], OTHER), 1, id="first answer"),
        pytest.param(for_answer("ask", True, ["coding"], OTHER), 0, id="tracks a day"),
        pytest.param(for_improvement(2, 1, rules=OTHER), 2, id="improvement"),
        pytest.param(for_review(0, rules=OTHER), 3, id="review"),
        pytest.param(for_review(1, rules=OTHER), 0, id="reviews a day"),
        pytest.param(for_helpful(rules=OTHER), 4, id="helpful"),
        pytest.param(for_round(rules=OTHER), 0, id="round"),
    ],
)
def test_a_group_may_set_its_own(award: Award, points: int) -> None:
    assert award.points == points


@pytest.mark.parametrize(
    ("award", "why"),
    [
        (for_answer("coding", True, []), "First answer of the day in coding."),
        (for_answer("coding", True, ["a", "b"]), "2 tracks a day earn points, and you have had them."),
        (for_improvement(5, 4), "1 more item met than in your best attempt so far."),
        (for_improvement(6, 4), "2 more items met than in your best attempt so far."),
        (for_review(3), "3 reviews a day earn points; this one is a gift."),
        (for_own_ticks(), "Ticking your own rubric earns nothing; it is for your own eyes."),
    ],
)
def test_an_award_says_why(award: Award, why: str) -> None:
    assert award.why == why


@given(st.lists(st.tuples(st.sampled_from("abcdefgh"), st.booleans()), max_size=60))
def test_answers_of_one_day_never_earn_more_than_two_first_ones(answers: list[tuple[str, bool]]) -> None:
    paid: list[str] = []
    total = 0
    for track, counts in answers:
        award = for_answer(track, counts, paid)
        if award.points:
            paid.append(track)
        total += award.points
    assert total == 10 * min(2, len({track for track, counts in answers if counts}))


@given(st.lists(st.integers(0, 10), min_size=1, max_size=30))
def test_repeating_an_attempt_never_earns_twice(items: list[int]) -> None:
    total, best = 0, None
    for met in items:
        total += for_improvement(met, best).points
        best = max(met, best or 0)
        assert for_improvement(met, best).points == 0
    assert total <= 5 * (max(items) - items[0])


@pytest.mark.parametrize(
    ("now", "before", "expected"),
    [
        pytest.param("ab", [], "", id="nothing for a first attempt"),
        pytest.param("ab", ["a"], "b", id="what the last attempt missed"),
        pytest.param("abc", ["a", "b"], "c", id="not what any earlier attempt met"),
        pytest.param("a", ["ab"], "", id="nothing when fewer are met"),
        pytest.param("ab", [""], "ab", id="everything when the first attempt met none"),
    ],
)
def test_items_newly_met(now: str, before: list[str], expected: str) -> None:
    assert newly_met(now, before) == frozenset(expected)


@pytest.mark.parametrize(
    "make",
    [lambda: PointRules(round=-1), lambda: PointRules(first_answer=-5), lambda: PointRules(tracks_a_day=-1)],
)
def test_negative_points_are_refused(make: Callable[[], PointRules]) -> None:
    with pytest.raises(ValueError, match="negative"):
        make()
