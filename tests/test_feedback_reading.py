"""Reading an answer: never an error, quotes word for word, and the shape that `starling feedback --json` prints."""

from __future__ import annotations

import json
from collections.abc import Sequence

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from core.feedback import LABELS, TITLES, Check, Label, Reading, Tagged, newly_met, read
from core.feedback.advice import MOST
from core.feedback.figures import count_fillers, count_persons, count_words, length_note, spoken_seconds
from core.feedback.tagger import certain

STORY = (
    "When I was at the housing office, tenants waited three weeks for a key. I was asked to bring that under a week. "
    "I followed one key through the building and wrote down every stop, because nobody knew them all. I thought of a "
    "second clerk, but I moved the signature to the front desk instead. As a result, tenants wait two days and not "
    "twenty. Looking back, I should have asked the caretaker first."
)

STRANGE = {
    "empty": "",
    "blank": " \n\t ",
    "one word": "word",
    "emoji": "😀🎉👩‍👩‍👧",
    "right to left": "\u202eمرحبا. שלום עולם.\u202c",
    "zero width": "\u200b\u200d\ufeff",
    "binary": bytes(range(256)).decode("latin-1") * 3,
    "half a character": "\ud800 broke. \udfff",
    "no blanks": "x" * 20_000,
    "long": "I fixed the pump. It ran. " * 770,
    "too long": "word " * 60_000,
    "stops": "." * 20_000,
    "tags": "<script>alert(1)</script> @everyone `rm -rf`",
}


@pytest.mark.parametrize("name", STRANGE)
def test_no_text_is_an_error(name: str) -> None:
    reading = read(STRANGE[name], question=STRANGE[name], level=STRANGE[name])
    json.dumps(reading.as_json(name))
    assert len(reading.suggestions) <= MOST
    for check in reading.checks.values():
        assert check.quote is None or check.quote in STRANGE[name]


ANY_TEXT = st.one_of(
    st.text(),
    st.lists(
        st.sampled_from([*STORY.split(), "I", "we", "Result:", "\n", ". ", "40%", "- ", "😀", "\u200b"]),
        max_size=90,
    ).map(" ".join),
)


@settings(max_examples=60, deadline=None)
@given(text=ANY_TEXT, level=st.sampled_from([None, "graduate", "mid", "senior", "principal", "?"]))
@example(text=STORY, level="principal")
def test_every_quote_is_word_for_word_and_stands_beside_a_met_item(text: str, level: str | None) -> None:
    reading = read(text, level=level)
    assert list(reading.checks) == list(TITLES)
    for check in reading.checks.values():
        assert (check.quote is not None) == (check.state == "met")
        if check.quote is not None:
            assert check.quote in text
            assert check.quote in [each.text for each in reading.sentences]
    assert reading.met_count == sum(check.state == "met" for check in reading.checks.values())
    assert reading == read(text, level=level)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.one_of(st.just(""), st.text(max_size=40)), max_size=10))
def test_sentences_given_are_kept_in_number_and_order(sentences: list[str]) -> None:
    assert [each.text for each in read(sentences=sentences).sentences] == sentences


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(st.sampled_from(LABELS), st.text(max_size=60)))
def test_guided_fields_of_any_text_are_no_error(parts: dict[Label, str]) -> None:
    reading = read(parts=parts)
    assert {each.label for each in reading.sentences} <= set(parts)


def test_the_json_is_what_commands_md_says() -> None:
    assert read(STORY).as_json("a1").keys() == {
        *("id", "sentences", "checks", "words", "spoken_seconds", "fillers", "first_person"),
    }
    given = read(sentences=["I basically rewrote the slow query on a Friday, alone.", ""]).as_json("a1")
    assert given["id"] == "a1"
    assert [set(sentence) for sentence in given["sentences"]] == [{"text", "label", "confidence"}] * 2
    assert given["sentences"][0]["label"] in LABELS
    assert 0 <= given["sentences"][0]["confidence"] <= 1
    assert list(given["checks"]) == list(TITLES)
    assert all(set(check) == {"state", "quote"} for check in given["checks"].values())
    assert given["words"] == 10
    assert given["fillers"] == {"basically": 1}
    assert given["first_person"] == {"i": 1, "we": 0}
    assert json.loads(json.dumps(given)) == given


def test_a_whole_story_meets_the_checklist_and_quotes_it() -> None:
    reading = read(STORY)
    assert [each.label for each in reading.sentences] == list("STAARR")
    assert reading.met_count == 9
    assert reading.checks["has_task"].quote == "I was asked to bring that under a week."
    assert reading.checks["lesson_learned"].quote == "Looking back, I should have asked the caretaker first."
    assert reading.suggestions == ()


def test_a_part_taken_out_is_not_met() -> None:
    whole = read(STORY)
    for item, label in (("has_task", "T"), ("has_action", "A"), ("has_result", "R")):
        rest = [each.text for each in whole.sentences if each.label != label]
        assert read(sentences=rest).checks[item].state != "met", item


def test_another_tagger_fits_in() -> None:
    class Parrot:
        name = "parrot-1"

        def tag(self, sentences: Sequence[str], question: str | None = None) -> list[Tagged]:
            return [certain(f, "A") for f in sentences]

    reading = read(STORY, tagger=Parrot())
    assert {each.label for each in reading.sentences} == {"A"}
    assert reading.tagger == "parrot-1"


def test_corrected_labels_are_used_for_the_own_checklist() -> None:
    text = [
        "The pump at the farm stood still.",
        "The farmer gave me the morning.",
        "I cleaned the inlet by hand.",
    ]
    assert read(sentences=text).checks["has_result"].state != "met"
    corrected = read(sentences=text, corrections={0: "R"})
    assert corrected.checks["has_result"] == Check("met", text[0])
    guided = read(parts={"A": text[0]}, corrections={0: "S"})
    assert guided.sentences[0].label == "S"


def test_items_newly_met_are_those_met_now_and_not_before() -> None:
    before, after = read("I was at the farm. I cleaned the pump inlet by hand."), read(STORY)
    newly = newly_met(before, after)
    assert "has_result" in newly
    assert newly == [item for item in TITLES if item in newly]
    assert newly_met(after, after) == []
    assert newly_met(before.checks, after.checks) == newly
    assert newly_met({}, {"has_task": Check("met", "x"), "gone": Check("met", "x")}) == ["has_task"]


# ------------------------------------------------------------------ figures


def test_length_is_words_and_seconds_at_140_a_minute() -> None:
    assert count_words("I've moved 3.5 tonnes - twice — of well-kept sand. 😀") == 8
    assert spoken_seconds(31) == 13
    assert spoken_seconds(140) == 60
    assert length_note(0) == "Nothing written yet."
    assert length_note(1) == "1 word, about 0 s spoken; a full answer is usually 120 to 320 words."
    assert length_note(210) == "210 words, about 1 min 30 s spoken."
    assert length_note(420) == "420 words, about 3 min spoken; a full answer is usually 120 to 320 words."


FILLERS: list[tuple[str, dict[str, int]]] = [
    ("Um, so uh, I basically, um, rewrote it.", {"um": 2, "uh": 1, "basically": 1}),
    ("It was, like, broken.", {"like": 1}),
    ("and like a month later, it was like really slow", {"like": 1}),
    ("I like it. It looks like rain, like the manual says.", {}),
    ("You know, it broke. Do you know why? You know how it is.", {"you know": 1}),
    ("It was sort of broken, some sort of pump, a kind of valve.", {"sort of": 1}),
    ("I mean, it ran. What I mean is clear.", {"i mean": 1}),
    ("I actually, literally ran.", {"actually": 1, "literally": 1}),
    ("We had just arrived. It was just really late.", {"just": 1}),
    ("So yeah, I guess it held.", {"so yeah": 1, "i guess": 1}),
    ("The number, the umbrella and the era.", {}),
]


@pytest.mark.parametrize(("text", "expected"), FILLERS, ids=[case[0] for case in FILLERS])
def test_fillers_are_counted_only_where_they_plainly_are(text: str, expected: dict[str, int]) -> None:
    assert count_fillers(text) == expected


def test_i_and_we_are_counted_as_subjects() -> None:
    assert count_persons("I rewrote it, i'm sure. We didn't. We've gone; I’d stay.") == {"i": 3, "we": 2}
    assert count_persons("The list (i) and (ii), i.e. Wi-Fi and I/O, us, our, my.") == {"i": 1, "we": 0}


def test_a_reading_is_frozen() -> None:
    with pytest.raises(AttributeError):
        read("x").words = 3  # type: ignore[misc]
    assert isinstance(read("x"), Reading)
