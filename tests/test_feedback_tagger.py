"""The seam: number and order are kept, headings and corrections decide, and any tagger fits in."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.feedback.crf_tagger import CrfTagger
from core.feedback.phrases import anchored, families_in
from core.feedback.rules_tagger import RulesTagger
from core.feedback.tagger import (
    LABELS,
    Label,
    Tagged,
    Tagger,
    certain,
    guided,
    heading_of,
    tag,
    without_heading,
)
from core.feedback.words import tokens

CRF: Tagger = CrfTagger()
RULES: Tagger = RulesTagger()
both = pytest.mark.parametrize("tagger", [CRF, RULES], ids=["crf", "rules"])

STORY = [
    "When I was at the housing office, tenants waited three weeks for a key.",
    "I was asked to bring that under a week.",
    "I followed one key through the building and wrote down every stop.",
    "I moved the signature to the front desk.",
    "As a result, tenants wait two days now.",
]


class Parrot:
    """A tagger that gives everything one label, and remembers what it was given."""

    name = "parrot"

    def __init__(self, label: Label) -> None:
        self.label = label
        self.seen: list[str] = []

    def tag(self, sentences: Sequence[str], question: str | None = None) -> list[Tagged]:
        self.seen += sentences
        return [certain(sentence, self.label) for sentence in sentences]


def labels(tagged: Sequence[Tagged]) -> str:
    return "".join(each.label for each in tagged)


@both
def test_a_plain_story_is_told_apart(tagger: Tagger) -> None:
    assert labels(tagger.tag(STORY)) == "STAAR"


@both
def test_a_result_told_first_is_seen_when_its_words_are_plain(tagger: Tagger) -> None:
    first = ["In the end, complaints fell from 40 a week to 3.", *STORY[:4]]
    assert labels(tagger.tag(first))[0] == "R"


@both
def test_shuffled_most_sentences_keep_their_label(tagger: Tagger) -> None:
    """The order of the story is a help and not a must."""
    shuffled = [STORY[at] for at in (4, 2, 0, 3, 1)]
    kept = [found.label == true for found, true in zip(tagger.tag(shuffled), "RASAT", strict=True)]
    assert sum(kept) >= 3


@both
@settings(max_examples=80, deadline=None)
@given(sentences=st.lists(st.text(min_size=1).filter(str.strip), max_size=12))
def test_a_tagger_keeps_number_order_and_makes_shares_of_one(tagger: Tagger, sentences: list[str]) -> None:
    found = tagger.tag(sentences, "any question")
    assert [each.text for each in found] == sentences
    for each in found:
        assert set(each.probabilities) == set(LABELS)
        assert sum(each.probabilities.values()) == pytest.approx(1)
        assert each.confidence == max(each.probabilities.values()) == each.probabilities[each.label]
        assert each.presence is not None
        assert all(0 <= share <= 1 for share in each.presence.values())


def test_blank_sentences_stay_in_their_place_and_no_tagger_sees_them() -> None:
    parrot = Parrot("A")
    found = tag(parrot, ["", "One.", " \n", "Two.", ""])
    assert [each.text for each in found] == ["", "One.", " \n", "Two.", ""]
    assert labels(found) == "OAOAO"
    assert parrot.seen == ["One.", "Two."]


HEADINGS: list[tuple[str, tuple[Label, bool] | None]] = [
    ("Situation: we had six", ("S", True)),
    ("Situation:", ("S", False)),
    ("Situation", ("S", False)),
    ("**Task:** mine", ("T", True)),
    ("## Actions", ("A", False)),
    ("• Result: it held", ("R", True)),
    ("Result - it held", ("R", True)),
    ("RESULTS: it held", ("R", True)),
    ("What I did: I asked", ("A", True)),
    ("Lesson learned: ask", ("R", True)),
    ("S: a shop", ("S", True)),
    ("Results were good.", None),
    ("Task force meetings were long", None),
    ("Action!", None),
    ("Situation-wise it was bad", None),
    ("I had a task: sweep", None),
    ("Pets: two", None),
    ("", None),
]


@pytest.mark.parametrize(("sentence", "expected"), HEADINGS, ids=[case[0] for case in HEADINGS])
def test_a_heading_is_one_only_when_it_stands_as_one(
    sentence: str, expected: tuple[Label, bool] | None
) -> None:
    assert heading_of(sentence) == expected


def test_a_heading_is_taken_off_what_it_heads() -> None:
    assert without_heading("**Result:** it held") == "it held"
    assert without_heading("It held") == "It held"


def test_headings_decide_what_follows_them() -> None:
    text = [
        "Situation: a shop.",
        "It was small.",
        "Task: mine.",
        "Action",
        "People came.",
        "Outcome:",
        "Fine.",
        "Bye.",
    ]
    assert labels(tag(Parrot("O"), text)) == "SSTAARRR"


def test_one_note_with_a_heading_does_not_rule_the_rest() -> None:
    assert (
        labels(tag(Parrot("A"), ["Goal: ship by May.", "It rained.", "Result: it shipped.", "Fine."]))
        == "TARA"
    )


def test_single_letters_are_headings_only_together() -> None:
    assert labels(tag(Parrot("O"), ["S: a shop", "T: mine", "A: asked", "R: fine"])) == "STAR"
    assert labels(tag(Parrot("O"), ["Q: why?", "A: because"])) == "OO"


def test_a_label_corrected_by_hand_is_certain_and_beats_a_heading() -> None:
    found = tag(Parrot("O"), ["Result: it held.", "Fine."], corrections={0: "A", 1: "T", 9: "S"})
    assert labels(found) == "AT"
    assert [each.confidence for each in found] == [1.0, 1.0]


def test_guided_fields_know_their_parts() -> None:
    found = guided({"R": "It held. They thanked me.", "S": "A shop.", "A": "", "T": "Mine."})
    assert [(each.text, each.label) for each in found] == [
        ("A shop.", "S"),
        ("Mine.", "T"),
        ("It held.", "R"),
        ("They thanked me.", "R"),
    ]
    assert all(each.confidence == 1.0 for each in found)


FAMILIES = [
    ("I was asked to sort it out", "duty"),
    ("We had three weeks left", "limit"),
    ("So when I was at the shop", "setting"),
    ("It went from nine to one", "change"),
    ("As a result it held", "outcome"),
    ("Looking back I'd ask", "lesson"),
    ("They still use it", "lasting"),
    ("I can't recall the figure", "aside"),
    ("Rather than wait we rang", "option"),
    ("I would probably ask", "hypothetical"),
    ("In my opinion it matters", "general"),
]


@pytest.mark.parametrize(("sentence", "family"), FAMILIES, ids=[case[1] for case in FAMILIES])
def test_a_phrase_is_found_by_its_family(sentence: str, family: str) -> None:
    assert family in families_in(anchored(tokens(sentence)))


def test_figures_become_their_kind() -> None:
    said = "£1.2m, 12%, 5 per cent, 3x, 2019, 09:30, 4pm, 1st, 40k, 20 euros, v2"
    assert tokens(said) == [
        *("<money>", "<pct>", "<pct>", "<times>", "<year>", "<time>", "<time>", "<nth>", "<num>", "<money>"),
        *("v", "<num>"),
    ]
