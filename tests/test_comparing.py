"""Two attempts item by item: what is new, again, gone, nearer and better, as a pure function of both."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.comparing import Comparison, Earlier, compare
from core.feedback import TITLES, Check, Reading

SITUATION, TASK, ACTION, RESULT = list(TITLES)[:4]
STATES = ("met", "missing", "unsure")


def reading(**states: tuple[str, str]) -> Reading:
    """A reading in which the named items are as given (state, quote), and all others missing."""
    checks = {key: Check("missing") for key in TITLES}
    checks = checks | {key: Check(state, quote or None) for key, (state, quote) in states.items()}  # type: ignore[arg-type]
    return Reading((), checks, 0, 0, {}, {"i": 0, "we": 0}, (), "", "test")


def earlier(attempt: int, text: str = "", *, shown: bool = True, **states: tuple[str, str]) -> Earlier:
    items: list[dict[str, Any]] = [
        {"key": key, "state": check.state, "quote": check.quote or ""}
        for key, check in reading(**states).checks.items()
    ]
    return Earlier(attempt, items, text, shown)


def compared(now: Reading, text: str, *before: Earlier) -> Comparison:
    found = compare(now, text, before)
    assert found is not None
    return found


def test_a_first_attempt_and_attempts_without_a_checklist_are_compared_with_nothing() -> None:
    assert compare(reading(), "x", []) is None
    assert compare(reading(), "x", [Earlier(1, [], "x")]) is None


def test_what_is_met_for_the_first_time_is_new_and_its_sentence_only_if_it_was_not_there() -> None:
    now = reading(has_action=("met", "I moved it."), has_result=("met", "It  held."), has_task=("met", ""))
    found = compared(
        now, "It held. I moved it.", earlier(1, "We hoped. IT HELD. So it was."), earlier(2, "Nothing.")
    )
    assert [(each.key, each.quote, each.fresh) for each in found.new] == [
        (TASK, "", False),
        (ACTION, "I moved it.", True),
        (RESULT, "It  held.", False),
    ]
    assert (found.attempt, found.earlier, found.met, found.of, found.met_before) == (2, 2, 3, 9, 0)


def test_what_an_older_attempt_met_is_again_and_not_new() -> None:
    now = reading(has_action=("met", "I moved it."))
    found = compared(now, "x", earlier(1, has_action=("met", "I did.")), earlier(2))
    assert (found.new, found.again) == ((), (ACTION,))


def test_what_is_not_met_any_more_comes_with_the_sentence_that_showed_it() -> None:
    found = compared(
        reading(), "x", earlier(1, has_task=("met", "Old.")), earlier(2, has_result=("met", "It held."))
    )
    assert [(each.key, each.quote) for each in found.gone] == [(RESULT, "It held.")], (
        "of the latest attempt alone"
    )


def test_missing_then_and_unsure_now_is_nearer() -> None:
    now = reading(has_task=("unsure", ""), has_result=("unsure", ""))
    found = compared(now, "x", earlier(1, has_result=("met", "y")))
    assert found.closer == (TASK,)


def test_words_of_attempts_that_are_taken_back_are_never_quoted_and_their_items_are_not_new() -> None:
    gone = earlier(
        1, "I moved it.", shown=False, has_action=("met", "I moved it."), has_task=("met", "Mine.")
    )
    found = compared(reading(has_action=("met", "I moved it.")), "I moved it.", gone)
    assert (found.attempt, found.new, found.again, found.gone, found.better) == (None, (), (), (), ())
    found = compared(reading(), "x", earlier(1, has_situation=("met", "There.")), gone)
    assert found.attempt == 1 and [each.key for each in found.gone] == [SITUATION]


@pytest.mark.parametrize(
    ("now", "then", "said"),
    [
        ("word " * 60, "word " * 30, ("60 words instead of 30: nearer to a full answer.",)),
        ("word " * 150, "word " * 30, ("150 words instead of 30: the length of a full answer.",)),
        ("word " * 300, "word " * 400, ("300 words instead of 400: the length of a full answer.",)),
        ("word " * 130, "word " * 300, ()),
        ("word " * 30, "word " * 60, ()),
        ("word " * 130, "um, word " * 70, ("No filler words instead of 70.",)),
        ("word " * 130, "word " * 129 + "um, ok", ("No filler words instead of 1.",)),
        ("word " * 130 + "um, ok", "um, word " * 70, ("1 filler word instead of 70.",)),
        (
            "I did it and we saw. " * 25,
            "We did it and we saw. " * 25,
            ("Your own part is easier to see: “I” 25 times, “we” 25 times.",),
        ),
        ("we did it and we saw. " * 25, "I did it and we saw. " * 25, ()),
    ],
)
def test_figures_are_told_only_where_they_became_better(now: str, then: str, said: tuple[str, ...]) -> None:
    assert compared(reading(), now, earlier(1, then)).better == said


checklists = st.fixed_dictionaries({key: st.tuples(st.sampled_from(STATES), st.just("q")) for key in TITLES})


@given(checklists, st.lists(checklists, min_size=1, max_size=4))
def test_every_item_is_told_in_one_way_at_most(now: dict[str, Any], before: list[dict[str, Any]]) -> None:
    found = compared(reading(**now), "x", *(earlier(n, "y", **each) for n, each in enumerate(before, 1)))
    told = (
        [each.key for each in found.new]
        + list(found.again)
        + [e.key for e in found.gone]
        + list(found.closer)
    )
    assert len(told) == len(set(told))
    for key in TITLES:
        is_met, was_met = now[key][0] == "met", before[-1][key][0] == "met"
        ever = any(each[key][0] == "met" for each in before)
        assert (key in {each.key for each in found.new}) == (is_met and not ever)
        assert (key in found.again) == (is_met and ever and not was_met)
        assert (key in {each.key for each in found.gone}) == (was_met and not is_met)
    assert found.met - found.met_before == len(found.new) + len(found.again) - len(found.gone)
