"""Which prompt is asked next (docs/rules.md, 7)."""

import subprocess
import sys
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.rules.choice import Attempted, Candidate, NothingToAsk, Used, for_occurrence, for_person

BEHAVIOURAL, CODING, ASK = "behavioural", "coding", "ask"
NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)


def prompts(track: str, count: int) -> list[Candidate]:
    return [Candidate(f"starter/{track}-{number}", track) for number in range(count)]


PACK = [*prompts(CODING, 5), *prompts(BEHAVIOURAL, 4), *prompts(ASK, 1)]
TRACK_OF = {one.uid: one.track for one in PACK}


def asked(
    drops: int, tracks: list[str], pack: list[Candidate] | None = None, opening: str | None = None
) -> list[str]:
    """The prompts of so many drops in a row, of one group with nothing asked before."""
    used: list[Used] = []
    of = {one.uid: one.track for one in pack or PACK}
    for number in range(drops):
        uid = for_occurrence(pack or PACK, used, tracks, f"drop {number}", not used, opening)
        used.append(Used(uid, of[uid]))
    return [one.uid for one in used]


# --- a group's drop


def test_tracks_rotate() -> None:
    tracks = [TRACK_OF[uid] for uid in asked(7, [CODING, ASK, BEHAVIOURAL])]
    assert tracks == [BEHAVIOURAL, CODING, ASK, BEHAVIOURAL, CODING, ASK, BEHAVIOURAL]


def test_the_track_used_longest_ago_comes_next_whatever_another_schedule_asked() -> None:
    used = [Used("starter/ask-0", ASK), Used("starter/coding-0", CODING), Used("x/y", "company")]
    assert TRACK_OF[for_occurrence(PACK, used, [CODING, ASK], "key", False)] == ASK


def test_a_track_never_used_comes_before_one_that_was() -> None:
    used = [Used("starter/coding-0", CODING)]
    assert TRACK_OF[for_occurrence(PACK, used, [CODING, ASK], "key", False)] == ASK


def test_a_schedule_without_tracks_has_them_all() -> None:
    assert {TRACK_OF[uid] for uid in asked(3, [])} == {BEHAVIOURAL, CODING, ASK}


def test_a_track_without_prompts_is_passed_over() -> None:
    assert [TRACK_OF[uid] for uid in asked(3, ["company", CODING])] == [CODING] * 3


def test_the_very_first_one_is_the_opening_prompt() -> None:
    assert asked(1, [CODING, BEHAVIOURAL], opening="starter/behavioural-2") == ["starter/behavioural-2"]


@pytest.mark.parametrize("opening", [None, "gone/prompt", "starter/coding-1"])
def test_without_an_opening_prompt_the_first_one_is_the_first_behavioural(opening: str | None) -> None:
    assert asked(1, [CODING, BEHAVIOURAL], opening=opening) == ["starter/behavioural-0"]


def test_a_schedule_without_behavioural_prompts_opens_with_its_own() -> None:
    assert TRACK_OF[asked(1, [CODING], opening="starter/behavioural-2")[0]] == CODING


def test_a_retired_prompt_is_never_asked_not_even_to_open() -> None:
    pack = [Candidate("starter/old", BEHAVIOURAL, retired=True), *prompts(BEHAVIOURAL, 2)]
    of_this_pack = asked(6, [BEHAVIOURAL], pack, opening="starter/old")
    assert set(of_this_pack) == {"starter/behavioural-0", "starter/behavioural-1"}


def test_none_comes_twice_until_every_one_was_used() -> None:
    first_round = asked(5, [CODING])
    assert sorted(first_round) == [f"starter/coding-{number}" for number in range(5)]


def test_then_the_half_used_longest_ago_is_open_again() -> None:
    drops = asked(40, [CODING])
    for place in range(5, 40):
        lately = drops[place - 2 : place]
        assert drops[place] not in lately
        assert drops[place] in sorted(set(drops[:place]), key=lambda uid: drops[:place][::-1].index(uid))[2:]


def test_a_new_prompt_goes_before_any_repeat() -> None:
    used = [Used(one.uid, CODING) for one in prompts(CODING, 5)]
    assert for_occurrence([*PACK, Candidate("new/one", CODING)], used, [CODING], "key", False) == "new/one"


def test_a_track_of_one_prompt_repeats_it() -> None:
    assert asked(3, [ASK]) == ["starter/ask-0"] * 3


@given(st.permutations(PACK), st.text(max_size=8), st.integers(0, 30))
def test_every_home_comes_to_the_same_prompt(shuffled: list[Candidate], key: str, drops: int) -> None:
    used = [Used(uid, TRACK_OF[uid]) for uid in asked(drops, [CODING, ASK])]
    one = for_occurrence(PACK, used, [CODING, ASK], key, False)
    assert for_occurrence(shuffled, used, [CODING, ASK], key, False) == one


def test_every_process_comes_to_the_same_prompt() -> None:
    """`hash()` would not: Python salts it anew in every process."""
    code = (
        "from core.rules.choice import *;"
        "pack = [Candidate(f'starter/coding-{n}', 'coding') for n in range(50)];"
        "print(*[for_occurrence(pack, [], ['coding'], f'k{n}', False) for n in range(20)])"
    )
    runs = {
        subprocess.run(
            [sys.executable, "-c", code],
            check=True,
            capture_output=True,
            text=True,
            env={"PYTHONHASHSEED": seed},
        ).stdout
        for seed in ("1", "2")
    }
    assert len(runs) == 1
    assert len(set(runs.pop().split())) > 10, "and it is not the same one for every drop"


@given(st.lists(st.sampled_from([CODING, BEHAVIOURAL, ASK]), min_size=1, unique=True), st.integers(1, 60))
def test_whatever_the_schedule_no_track_repeats_before_its_prompts_are_used_up(
    tracks: list[str], drops: int
) -> None:
    chosen = asked(drops, tracks)
    assert [TRACK_OF[uid] for uid in chosen[len(tracks) :]] == [
        TRACK_OF[uid] for uid in chosen[: -len(tracks)]
    ]
    for track in tracks:
        of_track = [uid for uid in chosen if TRACK_OF[uid] == track]
        size = sum(one.track == track for one in PACK)
        assert len(set(of_track[:size])) == len(of_track[:size])


@pytest.mark.parametrize("tracks", [["company"], []])
def test_a_schedule_without_any_prompt_says_what_to_do(tracks: list[str]) -> None:
    pack = [] if not tracks else PACK
    with pytest.raises(NothingToAsk, match="choose other tracks for it, or import a pack"):
        for_occurrence(pack, [], tracks, "key", True)


# --- one person


def attempt(uid: str, days_ago: int = 1, met: int | None = None, of: int | None = None) -> Attempted:
    return Attempted(uid, TRACK_OF[uid], NOON - timedelta(days=days_ago), met, of)


def choose(
    attempts: list[Attempted] | None = None,
    pack: list[Candidate] | None = None,
    track: str | None = None,
    level: str | None = None,
    company: str | None = None,
    due: list[str] | None = None,
    last: str | None = None,
    key: str = "ann 2026-06-01",
) -> str:
    return for_person(
        PACK if pack is None else pack, attempts or [], track, level, company, due or [], last, key
    )


def test_reviews_that_are_due_come_first_the_most_urgent_before_others() -> None:
    assert choose(due=["starter/coding-3", "starter/ask-0"]) == "starter/coding-3"


def test_a_due_review_comes_whatever_the_level_and_however_often_it_was_tried() -> None:
    pack = [Candidate("a/hard", CODING, frozenset({"staff"})), *PACK]
    tried = [Attempted("a/hard", CODING, NOON)] * 5
    assert choose(tried, pack, level="graduate", due=["a/hard"]) == "a/hard"


def test_a_due_review_outside_the_track_asked_for_waits() -> None:
    assert TRACK_OF[choose(track=ASK, due=["starter/coding-3"])] == ASK


def test_a_due_review_of_a_prompt_that_is_gone_is_passed_over() -> None:
    assert choose(due=["gone/prompt", "starter/coding-3"]) == "starter/coding-3"


def test_the_track_practised_least_comes_next() -> None:
    tried = [attempt("starter/coding-0"), attempt("starter/ask-0"), attempt("starter/behavioural-0")]
    assert TRACK_OF[choose([*tried, attempt("starter/coding-1"), attempt("starter/ask-0", 2)])] == BEHAVIOURAL


def test_among_tracks_practised_alike_the_draw_differs_from_person_to_person() -> None:
    assert {TRACK_OF[choose(key=f"person {number}")] for number in range(30)} == {BEHAVIOURAL, CODING, ASK}


def test_prompts_never_tried_come_before_those_tried() -> None:
    tried = [attempt(f"starter/coding-{number}") for number in (0, 1, 3, 4)]
    assert choose(tried, track=CODING) == "starter/coding-2"


def test_of_those_tried_the_weakest_of_the_half_tried_longest_ago_comes_next() -> None:
    tried = [
        attempt("starter/coding-0", 9, 5, 5),
        attempt("starter/coding-1", 8, 2, 5),
        attempt("starter/coding-2", 7, 4, 5),
        attempt("starter/coding-3", 2, 0, 5),
        attempt("starter/coding-4", 1, 0, 5),
    ]
    assert choose(tried, track=CODING) == "starter/coding-1"
    assert choose(list(reversed(tried)), track=CODING) == "starter/coding-1", "in any order of the attempts"


def test_the_latest_attempt_at_a_prompt_says_how_weak_it_is() -> None:
    tried = [
        attempt("starter/coding-0", 30, 0, 5),
        attempt("starter/coding-0", 9, 5, 5),
        attempt("starter/coding-1", 8, 3, 5),
        *[attempt(f"starter/coding-{number}", 1, 5, 5) for number in (2, 3, 4)],
    ]
    for any_order in (tried, tried[::-1]):
        assert choose(any_order, track=CODING) == "starter/coding-1"


@pytest.mark.parametrize(("met", "expected"), [(3, "starter/coding-1"), (2, "starter/coding-0")])
def test_an_attempt_that_was_never_checked_counts_as_half_met(met: int, expected: str) -> None:
    tried = [
        attempt("starter/coding-0", 9, met, 5),
        attempt("starter/coding-1", 8),
        attempt("starter/coding-2", 7, 4, 5),
        *[attempt(f"starter/coding-{number}", 1, 0, 5) for number in (3, 4)],
    ]
    assert choose(tried, track=CODING) == expected


def test_prompts_of_ones_level_come_before_others() -> None:
    pack = [
        Candidate("a/staff", CODING, frozenset({"staff"})),
        Candidate("a/mid", CODING, frozenset({"mid", "senior"})),
    ]
    assert {choose(pack=pack, level="mid", key=f"{n}") for n in range(9)} == {"a/mid"}
    assert {choose(pack=pack, level=None, key=f"{n}") for n in range(9)} == {"a/mid", "a/staff"}


def test_a_prompt_without_levels_fits_everybody() -> None:
    pack = [Candidate("a/staff", CODING, frozenset({"staff"})), Candidate("a/any", CODING)]
    assert choose(pack=pack, level="graduate") == "a/any"


def test_where_nothing_fits_the_level_something_else_is_given() -> None:
    assert choose(pack=[Candidate("a/staff", CODING, frozenset({"staff"}))], level="graduate") == "a/staff"


@pytest.mark.parametrize("company", ["Globex", " globex "])
def test_a_company_asked_for_is_kept_to(company: str) -> None:
    pack = [*PACK, Candidate("globex/one", CODING, companies=frozenset({"Globex"}))]
    assert {choose(pack=pack, company=company, key=f"{n}") for n in range(9)} == {"globex/one"}


def test_never_the_same_twice_in_a_row() -> None:
    for last in TRACK_OF:
        assert choose(last=last) != last
        assert choose(last=last, due=[last]) != last, "not even when its review is due"


def test_the_same_again_only_when_nothing_else_is_left() -> None:
    assert choose(track=ASK, last="starter/ask-0") == "starter/ask-0"


def test_a_prompt_of_another_level_rather_than_the_same_twice() -> None:
    pack = [
        Candidate("a/mid", CODING, frozenset({"mid"})),
        Candidate("a/staff", CODING, frozenset({"staff"})),
    ]
    assert choose(pack=pack, level="mid", last="a/mid") == "a/staff"


@given(st.permutations(PACK), st.text(max_size=8))
def test_the_order_of_the_candidates_does_not_matter(shuffled: list[Candidate], key: str) -> None:
    assert choose(pack=shuffled, key=key) == choose(key=key)


@given(st.integers(1, 60), st.sampled_from([None, CODING]))
def test_who_goes_on_practising_meets_everything_and_keeps_the_tracks_even(
    count: int, track: str | None
) -> None:
    attempts: list[Attempted] = []
    for number in range(count):
        uid = choose(attempts, track=track, last=attempts[-1].uid if attempts else None, key=f"{number}")
        attempts.append(Attempted(uid, TRACK_OF[uid], NOON + timedelta(days=number)))
    uids = [one.uid for one in attempts]
    assert all(a != b for a, b in pairwise(uids))
    if track:
        assert len(set(uids)) == min(count, 5)


@pytest.mark.parametrize(
    ("track", "company", "words"),
    [
        ("company", None, "There is no prompt in company: leave that out"),
        (None, "Globex", "There is no prompt tagged Globex: leave that out"),
        (CODING, "Globex", "There is no prompt in coding tagged Globex: leave one of the two out"),
    ],
)
def test_a_wish_that_nothing_fits_is_said(track: str | None, company: str | None, words: str) -> None:
    with pytest.raises(NothingToAsk, match=words):
        choose(track=track, company=company)


def test_without_any_prompt_the_reader_is_told_to_import_a_pack() -> None:
    with pytest.raises(NothingToAsk, match="import a question pack first"):
        choose(pack=[])
