"""Reading an answer: never an error, quotes word for word, and the shape that `starling feedback --json` prints."""

from __future__ import annotations

import json
from collections.abc import Sequence

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from core.feedback import LABELS, TITLES, Check, Label, Reading, Tagged, newly_met, read
from core.feedback.advice import MOST, suggest
from core.feedback.figures import count_fillers, count_persons, count_words, length_note, spoken_seconds
from core.feedback.questions import BANDS, band_of, families, question_for
from core.feedback.tagger import certain
from core.packs.vocabulary import LEVELS, TRACKS

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


# ------------------------------------------------------------------ advice


def test_advice_is_short_kind_questions_for_every_item_kind_and_level() -> None:
    assert families()["usual"].keys() == TITLES.keys()
    every = [
        (item, band, question)
        for table in families().values()
        for item, by_level in table.items()
        for band, question in by_level.items()
    ]
    assert len({question for *_, question in every}) == len(every)  # none stands there twice
    for item, band, question in every:
        assert item in TITLES and band in BANDS
        assert question.endswith("?")
        assert len(question) <= 80
        words = question.lower().replace("?", " ").replace(",", " ").split()
        assert not {"must", "add", "bigger", "impressive", "try", "say", "write", "invent"} & set(words)
    for table in families().values():
        assert all(tuple(by_level) == BANDS for by_level in table.values())


def test_advice_goes_by_the_kind_of_question_where_that_makes_a_difference() -> None:
    for item in TITLES:
        for band in BANDS:
            usual = question_for(item, band)
            assert question_for(item, band, "behavioural") == question_for(item, band, "?") == usual
            assert question_for(item, band, "coding") == question_for(item, band, "system-design")
    asked = {track: question_for("reasoning_or_alternatives", "senior", track) for track in TRACKS}
    assert len(set(asked.values())) == 4
    text = "I was asked to bring the pump at the farm to five litres. I cleaned the inlet by hand. It ran."
    assert read(text, level="mid").suggestions != read(text, level="mid", track="communication").suggestions


@pytest.mark.parametrize("track", [None, *TRACKS])
@pytest.mark.parametrize("level", [None, *LEVELS])
def test_a_suggestion_never_asks_for_what_is_there(track: str | None, level: str | None) -> None:
    """Whatever items are met: not one of their questions is asked, and of the other items two at most."""
    band = band_of(level)
    item_of = {question_for(item, band, track): item for item in TITLES}
    sentences = [
        "We had a slow till in the shop.",
        "I was asked to fix it by May.",
        "I moved the cable myself.",
    ]
    for number in range(0, 512, 3):
        checks = {
            item: Check("met", sentences[0]) if number >> at & 1 else Check(("missing", "unsure")[at % 2])
            for at, item in enumerate(TITLES)
        }
        asked = suggest(checks, [certain(text, "A") for text in sentences], 60, level, track)
        assert len(asked) <= MOST
        assert not any(checks[item_of[question]].state == "met" for question in asked if question in item_of)


def test_a_graduate_is_asked_less_than_a_principal() -> None:
    met = Check("met", "x")
    checks = dict.fromkeys(TITLES, met) | {"business_impact": Check("unsure")}
    told = [certain("I moved the till.", "A")]
    assert suggest(checks, told, 60, "graduate") == ()
    assert suggest(checks, told, 60, "principal") == (
        "By what route did this work turn into value, and for whom?",
        "Whose mind had to change for this to happen, and what changed it?",
    )


def test_a_task_that_no_sentence_looks_like_is_asked_for_before_the_hints() -> None:
    checks = {item: Check("met", "x") for item in TITLES} | {
        "has_task": Check("unsure"),
        "reasoning_or_alternatives": Check("unsure"),
    }
    task, reason = question_for("has_task", "mid"), question_for("reasoning_or_alternatives", "mid")
    acted = certain("I moved the till.", "A")
    assert suggest(checks, [acted], 60, "mid") == (task, reason)
    assert suggest(checks, [certain("I had to be quick.", "T"), acted], 60, "mid") == (reason,)


def test_a_part_that_may_well_be_there_is_not_asked_for() -> None:
    checks = dict.fromkeys(TITLES, Check("met", "x")) | {
        item: Check("unsure")
        for item in ("has_situation", "has_action", "has_result", "first_person_ownership")
    }
    assert suggest(checks, [certain("I moved the till.", "A")], 60, "mid") == ()


def test_notes_without_a_we_are_not_asked_about_one() -> None:
    checks = {item: Check("met", "x") for item in TITLES} | {"first_person_ownership": Check("missing")}
    assert suggest(checks, [certain("The till was moved.", "A")], 60) == (
        "Which of these did you do yourself?",
    )
    assert suggest(checks, [certain("We moved the till.", "A")], 60) == (
        'Where it says "we": what was your own part?',
    )


def test_what_somebody_would_do_is_asked_for_the_last_time_it_happened() -> None:
    would = (
        "If somebody disagreed with me, I would first listen to them. I would then explain my method in simple words. "
        "I would look for a compromise, and if that failed I would ask my manager."
    )
    assert read(would).suggestions == ("When did you last do this? What happened that one time?",)


def test_advice_asks_about_what_is_not_met_and_first_about_what_is_missing() -> None:
    text = (
        "We had a till in the garden centre that froze on Saturdays with thirty people waiting. Head office wanted it "
        "fixed before spring. We tried three cables. We wrote to the supplier. We moved the till to another wall. "
        "In the end the queue was gone by Easter."
    )
    reading = read(text, level="mid")
    assert reading.checks["first_person_ownership"].state == "missing"
    assert reading.suggestions[0] == 'Where it says "we": what was your own part?'
    assert len(reading.suggestions) == MOST
    for item, check in reading.checks.items():
        if check.state == "met":
            assert question_for(item, "mid") not in reading.suggestions


def test_a_principal_is_asked_about_influence() -> None:
    reading = read(STORY, level="principal")
    assert reading.suggestions == ("Whose mind had to change for this to happen, and what changed it?",)


def test_too_short_and_general_answers_are_asked_for_one_story() -> None:
    assert read("I fixed it.").suggestions == (
        "Which one time comes to mind, and what happened from beginning to end?",
    )
    general = (
        "I believe communication is key. I usually listen first. In general people need time to adapt. I would always "
        "talk to them. Leadership is about trust, and trees grow slowly in gardens by the sea."
    )
    assert len(read(general).suggestions) == 1


def test_levels_have_a_band_and_unknown_ones_are_mid() -> None:
    assert [
        band_of(level) for level in ("Graduate", "junior", "mid", "staff", "principal", None, "wizard")
    ] == [
        *("graduate", "graduate", "mid", "senior", "principal", "mid", "mid"),
    ]


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
