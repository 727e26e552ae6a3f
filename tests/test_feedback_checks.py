"""The checklist: what is a number in an outcome, whose part it was, and what empty words are worth."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from core.feedback import TITLES, read
from core.feedback.checks import HINTS
from core.feedback.magnitude import has_magnitude
from core.feedback.tagger import Label
from core.feedback.words import tokens

OWN = [
    json.loads(line)
    for line in (Path(__file__).parent / "data/feedback/own.jsonl").read_text("utf-8").splitlines()
]

# Words of the trade in several dresses; none of them tells anything that happened.
SALADS = {
    "keywords": "Situation task action result leadership impact ownership metrics 50% synergy stakeholders customers "
    "revenue growth data-driven strategy KPI deliver results innovation excellence.",
    "keywords with commas": "leadership, ownership, impact, revenue, customers, results, situation, task, action, 30%, "
    "as a result, I learned, because, instead of, my goal was, at my last company, I decided, we increased",
    "a skills section": "led team delivered project increased revenue 40% reduced churn improved latency stakeholders "
    "alignment agile kubernetes python customer obsession bias for action ownership dive deep",
    "headings alone": "Situation\nTask\nAction\nResult",
    "headings over empty words": "Situation: There was a situation at work.\nTask: I had a task to do.\n"
    "Action: I took action and did the task.\nResult: The result was good and everyone was happy.",
    "headings over a few numbers": "Situation: difficult project.\nTask: my responsibility.\n"
    "Action: I took ownership and delivered.\nResult: increased revenue by 40%.",
    "a list of the parts": "STAR\n1. Situation\n2. Task\n3. Action\n4. Result\n5. Lesson learned",
    "sentences about the parts": "The situation was a challenging situation. My task was to complete the task. I took "
    "the necessary actions. I used my skills. The result was very successful and the customer was satisfied. I learned "
    "a lot from this experience.",
    "phrases without an end": "When I was at my last company. My goal was. I decided to. As a result. I learned that. "
    "Increased by 30%.",
    "phrases strung together": "As a result I learned that because customers saved money 30% I decided instead I was "
    "responsible at my last company we increased revenue",
    "shuffled words": "the result was situation I the task customers 50% learned because action we a my to responsible "
    "of in lead because my the increased",
    "one line many times": "I increased revenue by 40% because I decided to. " * 12,
    "what a company says of itself": "At my previous company, I was responsible for driving a strategic initiative. My "
    "goal was to improve customer satisfaction across the organisation. I collaborated with cross-functional "
    "stakeholders to align priorities. As a result, we increased revenue by 30% and exceeded expectations. I learned "
    "the importance of communication.",
}


@pytest.mark.parametrize("name", SALADS)
def test_words_without_a_story_meet_next_to_nothing(name: str) -> None:
    reading = read(SALADS[name])
    assert reading.met_count <= 1, {
        item: check for item, check in reading.checks.items() if check.state == "met"
    }
    assert len(reading.suggestions) == 1  # and are asked for one story


def test_good_answers_in_plain_words_meet_most_of_what_they_have() -> None:
    """Without the phrases of the trade ("my task was", "as a result"), parts and checks are found all the same."""
    parts: dict[str, Label] = {"has_situation": "S", "has_task": "T", "has_action": "A", "has_result": "R"}
    there = found = 0
    for answer in OWN:
        labels = {sentence["label"] for sentence in answer["sentences"]}
        has = {item for item, label in parts.items() if label in labels}
        has |= {item for item, state in answer["checks"].items() if state}
        checks = read("\n".join(sentence["text"] for sentence in answer["sentences"])).checks
        there += len(has)
        found += sum(checks[item].state == "met" for item in has)
    assert found / there > 0.78, f"{found} of {there}"


def test_every_item_has_a_short_title_and_hints_are_never_missing() -> None:
    assert list(TITLES) == [
        *(
            "has_situation",
            "has_task",
            "has_action",
            "has_result",
            "quantified_result",
            "first_person_ownership",
        ),
        *("reasoning_or_alternatives", "business_impact", "lesson_learned"),
    ]
    assert all(0 < len(title) <= 75 for title in TITLES.values())
    for text in [
        "",
        "It rained.",
        *SALADS.values(),
        *(" ".join(s["text"] for s in a["sentences"]) for a in OWN),
    ]:
        checks = read(text).checks
        assert list(checks) == list(TITLES)
        assert all(checks[item].state != "missing" for item in HINTS)
        for check in checks.values():
            assert (check.quote is not None) == (check.state == "met")
            assert check.quote is None or check.quote in text


MAGNITUDES = [
    ("Waste fell from 21% to 13%.", True),
    ("It saved about £400k a year.", True),
    ("That was 20 euros a head.", True),
    ("We went from nine trips a day to one.", True),
    ("5 of 6 were adding their own.", True),
    ("40 -> 3 pages a week", True),
    ("new env: 3 days -> 40 min", True),
    ("The copying went from a morning to ten minutes.", True),
    ("The handover took a day instead of weeks.", True),
    ("Calls dropped by half.", True),
    ("The bill has doubled since.", True),
    ("It answers twice as fast.", True),
    ("The arm placed 4,100 parts.", True),
    ("Twelve pumps were running again.", True),
    ("It is 3x faster.", True),
    ("Leaks got fixed two days faster.", True),
    ("Nobody has waited more than two minutes since.", True),
    ("The queue has not stopped once in 90 days.", True),
    ("It takes only four minutes.", True),
    # dates, times, names that hold a number, and how long ago
    ("It went live in 2019.", False),
    ("It went live on the 3rd of May.", False),
    ("It went live at 09:30.", False),
    ("Two months later it went live.", False),
    ("He left after three years.", False),
    ("Dark mode came out in version 8.2.", False),
    ("It was done by week 24.", False),
    # team sizes and other inputs
    ("We were a team of 8.", False),
    ("All six of us went home.", False),
    ("Two other wards use it now.", False),
    ("He rewrote half of it when he came back.", False),
    ("It shipped in the third quarter.", False),
    ("Everybody was glad.", False),
]


@pytest.mark.parametrize(("sentence", "expected"), MAGNITUDES, ids=[case[0] for case in MAGNITUDES])
def test_a_number_counts_where_it_measures_something(sentence: str, expected: bool) -> None:
    assert has_magnitude(tokens(sentence)) is expected


def states(parts: dict[Label, str]) -> dict[str, str]:
    return {name: check.state for name, check in read(parts=parts).checks.items()}


TOLD: dict[Label, str] = {
    "S": "The bakery on our street threw away bread every evening, about 40 loaves.",
    "T": "The owner asked me for a forecast by Easter, with a budget of £500.",
    "A": "I wrote down every sale for two weeks and compared them with the weather.",
    "R": "She bakes less on rainy days and gives the rest to the shelter.",
}


def test_a_number_outside_the_outcome_is_no_number_in_the_result() -> None:
    assert states(TOLD)["quantified_result"] == "missing"
    measured: dict[Label, str] = {**TOLD, "R": "She threw away 12 loaves a week, where it had been 280."}
    assert states(measured)["quantified_result"] == "met"


def test_the_own_part_is_the_i_in_what_was_done() -> None:
    assert states(TOLD)["first_person_ownership"] == "met"
    ours: dict[Label, str] = {
        **TOLD,
        "A": "We wrote down every sale for two weeks. Our oven was checked twice.",
    }
    assert states(ours)["first_person_ownership"] == "missing"
    notes: dict[Label, str] = {
        **TOLD,
        "A": "Wrote down every sale for two weeks. Compared them with the weather.",
    }
    assert states(notes)["first_person_ownership"] == "met"
    hypothetical: dict[Label, str] = {
        **TOLD,
        "A": "I would write down sales and I would compare them with the weather.",
    }
    assert states(hypothetical)["first_person_ownership"] != "met"


def test_reasons_effects_and_lessons_are_met_or_left_open() -> None:
    told = states(TOLD)
    assert told["reasoning_or_alternatives"] == told["lesson_learned"] == "unsure"
    reasons: dict[Label, str] = {
        **TOLD,
        "A": "I considered a till with software, but chose paper because the owner trusts paper.",
        "R": "The owner saved flour worth £90 a week. I learned to ask the baker before the data.",
    }
    told = states(reasons)
    assert told["reasoning_or_alternatives"] == told["business_impact"] == told["lesson_learned"] == "met"


def test_a_part_in_a_bare_sentence_is_unsure_and_not_missing() -> None:
    assert states({**TOLD, "R": "It worked."})["has_result"] == "unsure"
    assert states({**TOLD, "R": ""})["has_result"] == "missing"


def test_a_text_in_another_language_is_left_open() -> None:
    german = (
        "Ich habe damals in einer Firma gearbeitet und wir hatten ein Problem mit der Datenbank. Ich habe die Abfrage "
        "neu geschrieben und danach war alles viel schneller, um 40 %."
    )
    assert {check.state for check in read(german).checks.values()} == {"unsure"}
