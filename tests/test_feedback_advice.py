"""Advice: at most two short questions, by what is open, level and kind of question; never for what is there."""

from __future__ import annotations

import pytest

from core.feedback import TITLES, Check, read
from core.feedback.advice import MOST, suggest
from core.feedback.questions import BANDS, band_of, families, question_for
from core.feedback.tagger import certain
from core.packs.vocabulary import LEVELS, TRACKS

STORY = (
    "When I was at the housing office, tenants waited three weeks for a key. I was asked to bring that under a week. "
    "I followed one key through the building and wrote down every stop, because nobody knew them all. I thought of a "
    "second clerk, but I moved the signature to the front desk instead. As a result, tenants wait two days and not "
    "twenty. Looking back, I should have asked the caretaker first."
)


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
