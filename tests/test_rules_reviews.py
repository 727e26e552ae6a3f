"""What a review is worth keeping, and how far reviewers and the machine agree (docs/rules.md, 10)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from core.rules.agreement import Agreement, Beside, Judged, Verdict, agreement, side_by_side
from core.rules.reviewing import counts, is_something

KEYS = ("a", "b", "c", "d", "e")
VERDICTS: tuple[Verdict, ...] = ("met", "missing", "unsure")


@pytest.mark.parametrize(
    ("items", "words", "kept", "counted"),
    [
        pytest.param(0, 0, False, False, id="nothing at all says nothing"),
        pytest.param(0, 2, False, False, id="two words are no sentence"),
        pytest.param(0, 3, True, False, id="three words are kept"),
        pytest.param(1, 0, True, False, id="one item is kept"),
        pytest.param(2, 5, True, False, id="items and words do not add up"),
        pytest.param(3, 0, True, True, id="three items count"),
        pytest.param(0, 6, True, True, id="six words count"),
    ],
)
def test_what_is_kept_and_what_counts(items: int, words: int, kept: bool, counted: bool) -> None:
    assert (is_something(items, words), counts(items, words)) == (kept, counted)


# --- agreement ----------------------------------------


def of(machine: Mapping[str, Verdict], *reviews: Judged) -> Agreement | None:
    return agreement(side_by_side(KEYS, reviews, machine))


def test_items_stand_in_order_with_what_both_sides_say() -> None:
    lines = side_by_side(
        KEYS[:3], [Judged("a", "b"), Judged("ab", ""), Judged("", "")], {"a": "met", "c": "unsure"}
    )
    assert lines == (Beside("a", 2, 0, "met"), Beside("b", 1, 1, None), Beside("c", 0, 0, "unsure"))


@pytest.mark.parametrize(
    ("machine", "seen", "missing", "expected"),
    [
        pytest.param("met", 1, 0, (1, 1, ()), id="both see it: agreed"),
        pytest.param("missing", 0, 2, (1, 1, ()), id="both miss it: agreed"),
        pytest.param("met", 0, 1, (0, 0, ("a",)), id="the opposite: they differ"),
        pytest.param("missing", 3, 0, (0, 0, ("a",)), id="the other opposite: they differ"),
        pytest.param("met", 2, 1, (0, 1, ()), id="reviewers of two minds: open"),
    ],
)
def test_one_item(
    machine: Verdict, seen: int, missing: int, expected: tuple[int, int, tuple[str, ...]]
) -> None:
    found = agreement([Beside("a", seen, missing, machine)])
    assert found is not None and found.of == found.judged == 1
    assert (found.least, found.most, found.differ) == expected


def test_what_is_open_goes_either_way() -> None:
    """The example of docs/rules.md."""
    machine: dict[str, Verdict] = {"a": "met", "b": "met", "c": "missing", "d": "unsure", "e": "met"}
    found = of(machine, Judged("abc", "d"), Judged("a", "b"))
    # a: agreed. b: two minds. c: they differ. d: the machine is unsure. e: nobody said anything.
    assert found == Agreement(least=1, most=4, of=5, judged=3, differ=("c",))


def test_without_an_item_that_both_judged_there_is_no_range() -> None:
    assert of({"a": "unsure"}, Judged("a", "b")) is None
    assert of({"a": "met"}, Judged("b", "c")) is None
    assert of({}, Judged("abc", "")) is None, "no machine reads an answer of this kind"
    assert of({"a": "met"}) is None


machines = st.dictionaries(st.sampled_from(KEYS), st.sampled_from(VERDICTS))
ticks = st.dictionaries(st.sampled_from(KEYS), st.booleans())
judgements = st.builds(
    lambda said: Judged([k for k, s in said.items() if s], [k for k, s in said.items() if not s]), ticks
)
reviews = st.lists(judgements, max_size=4)


@given(machines, reviews)
def test_the_range_lies_within_what_there_is(machine: dict[str, Verdict], said: list[Judged]) -> None:
    found = of(machine, *said)
    assume(found is not None)
    assert found is not None
    assert 0 <= found.least <= found.most <= found.of == len(machine)
    assert found.most == found.of - len(found.differ) and 1 <= found.judged <= found.of
    assert found.least + len(found.differ) <= found.judged


@given(machines, reviews, st.data())
def test_the_truth_lies_within_it(
    machine: dict[str, Verdict], said: list[Judged], data: st.DataObject
) -> None:
    """However what is open turns out (one verdict of each side for each item), the agreement is in the range."""
    found = of(machine, *said)
    assume(found is not None)
    assert found is not None
    agreed = 0
    for line in side_by_side(KEYS, said, machine):
        if line.machine is None:
            continue
        sure = line.machine if line.machine != "unsure" else data.draw(st.sampled_from(("met", "missing")))
        minds = [v for v, n in (("met", line.seen), ("missing", line.missing)) if n] or ["met", "missing"]
        agreed += data.draw(st.sampled_from(minds)) == sure
    assert found.least <= agreed <= found.most


@given(machines, reviews, st.sampled_from(KEYS), st.booleans())
def test_one_more_tick_on_what_nobody_judged_only_narrows_it(
    machine: dict[str, Verdict], said: list[Judged], key: str, is_seen: bool
) -> None:
    others = [Judged(set(each.seen) - {key}, set(each.missing) - {key}) for each in said]
    before = of(machine, *others)
    after = of(machine, *others, Judged([key] if is_seen else [], [] if is_seen else [key]))
    if before is not None:
        assert after is not None
        assert before.least <= after.least <= after.most <= before.most


@given(machines, reviews)
def test_it_does_not_matter_who_said_it_first(machine: dict[str, Verdict], said: list[Judged]) -> None:
    assert of(machine, *said) == of(machine, *reversed(said))


@given(
    st.dictionaries(
        st.sampled_from(KEYS), st.tuples(st.sampled_from(("met", "missing")), st.booleans()), min_size=1
    )
)
def test_ticks_that_leave_nothing_open_make_one_number(
    both: dict[str, tuple[Literal["met", "missing"], bool]],
) -> None:
    seen = [key for key, (_, is_seen) in both.items() if is_seen]
    found = of({key: verdict for key, (verdict, _) in both.items()}, Judged(seen, set(both) - set(seen)))
    agreed = sum((verdict == "met") == is_seen for verdict, is_seen in both.values())
    assert found is not None and found.least == found.most == agreed
