"""What the checklist says of whole answers: plain good ones, weak ones, what is never missing, and the three hints."""

from __future__ import annotations

import pytest

from core.feedback import TITLES, Label, read
from core.feedback.checks import HINTS
from core.feedback.fit_hints import fitted
from core.feedback.hints import SIGNS, WEIGHTS, hint_of
from core.feedback.signals import signals_of
from core.feedback.tagger import LABELS, certain
from core.feedback.train import voices

ALL = frozenset(TITLES)

# Good answers without the phrases of the trade, each with the items that a careful reader does not find in it.
PLAIN: dict[str, tuple[str, frozenset[str]]] = {
    "a lift": (
        "The lift in our block stood still most weekends, and Mrs Oduya on the ninth floor is eighty-one. The council "
        "wanted the tenants to name someone for it, and I let them name me. I kept a list on the door for six weeks: "
        "who was stuck, when, and what the sound was before. It was nearly always after the laundry on Saturday. I "
        "rang the firm and read it to them instead of complaining. They moved the fuse for the dryers. It has stood "
        "still twice this year, where it had been every second week. I would keep the list from the first day.",
        frozenset(),
    ),
    "a menu": (
        "Our canteen threw away forty portions of soup a day. The cook asked me whether I could guess the amount. I "
        "weighed what came back for a month and looked at the weather and the timetable. Rain sold soup and exams "
        "did not. I gave her a card for the wall, because she has no screen in the kitchen. Now nine portions go "
        "back on a bad day. She has since drawn one for the bread herself.",
        frozenset({"lesson_learned"}),
    ),
    "a handover": (
        "When Piet retired, nobody else knew how the salaries were run. I had three weeks with him before he went. I "
        "did not ask him to write it down; I ran it myself with him beside me and wrote down each place where I "
        "stopped. There were thirty-one of them. In June all four hundred people were paid on the day, and the one "
        "mistake was mine: I had left out a bonus of sixty euros.",
        frozenset({"business_impact"}),
    ),
    "a translation": (
        "Half of the parents at our school read no English, and twelve of sixty came to the evenings. The head left it "
        "to me to get more of them in. I asked four mothers at the gate what kept them away. It was not the letter, it "
        "was the hour, so I moved it to eight in the morning and let them bring the little ones. Forty-four came in "
        "March. I had the letter translated first, which cost a week and changed nothing.",
        frozenset(),
    ),
    "a query": (
        "Every Monday at nine the stock screen froze for the branches. It fell to me in the second week of my job. "
        "Others had put in more memory twice. I watched one Monday from a branch in Leeds and saw that all of them "
        "press the same button when they open. I made the answer ready at eight instead. The screen opens in two "
        "seconds since then; it had been ninety. Nobody has called about it in a year.",
        frozenset({"lesson_learned"}),
    ),
}

# The same stories without what happened in them.
WEAK: dict[str, str] = {
    "a lift": "There were issues with the lift and people were unhappy. We communicated a lot and worked hard on it "
    "as a team. In the end things got better and everyone was satisfied.",
    "a menu": "We had a problem with waste in the kitchen. Different approaches were tried and data was used. The "
    "outcome was positive and it was a great success for everyone.",
    "a handover": "A colleague left and knowledge was lost. The team organised several meetings and a process was put "
    "in place. It went quite well in general.",
    "a translation": "Not many parents came to our events. Various measures were taken to improve engagement. The "
    "attendance improved a lot and the school was happy.",
    "a query": "The system was slow sometimes. We analysed the situation and found a good solution together. "
    "Performance is much better now.",
}


def test_plain_good_answers_meet_most_of_what_is_in_them() -> None:
    there = found = 0
    for text, absent in PLAIN.values():
        checks = read(text).checks
        there += len(ALL - absent)
        found += sum(checks[item].state == "met" for item in ALL - absent)
        assert all(
            checks[item].state != "missing" for item in ("has_action", "has_result", "first_person_ownership")
        )
    assert found / there >= 0.7, f"{found} of {there}"


@pytest.mark.parametrize("story", PLAIN)
def test_a_story_told_plainly_meets_far_more_than_the_same_one_told_weakly(story: str) -> None:
    plain, weak = read(PLAIN[story][0]), read(WEAK[story])
    assert weak.met_count <= 4
    assert plain.met_count >= weak.met_count + 3
    assert weak.suggestions


def test_what_was_done_by_we_or_by_nobody_is_not_missing_but_the_own_part_is() -> None:
    checks = read(
        "We had an outage in spring. The team worked on it for two days and we fixed the queue together. It was hard "
        "but in the end everybody was quite happy with how it went."
    ).checks
    assert checks["has_action"].state == "unsure"
    assert checks["first_person_ownership"].state == "missing"


def test_an_end_told_in_passing_or_first_is_not_missing() -> None:
    for text in (
        "I once had a conflict with a colleague about testing. I talked to him and we found a compromise.",
        "The nightly job is done at two now, and it used to be ten. I had a month for it. I moved the old sales away.",
    ):
        assert read(text).checks["has_result"].state != "missing"
        assert "How did it end?" not in read(text, level="graduate").suggestions


def test_a_number_in_the_outcome_is_never_met_beside_a_result_that_is_not() -> None:
    seen = 0
    for answers in voices().values():
        for answer in answers[::4]:
            checks = read(sentences=answer.texts).checks
            if checks["quantified_result"].state == "met":
                seen += 1
                assert checks["has_result"].state == "met", answer.id
    assert seen > 60


def test_a_task_in_few_words_counts_and_an_empty_one_does_not() -> None:
    story = "Orders stood still for a morning in spring. {} I read the traces and moved one of two jobs to the night."
    assert read(story.format("It was my task to find out why.")).checks["has_task"].state == "met"
    assert read(story.format("There was a task.")).checks["has_task"].state != "met"


def test_missing_is_wrong_in_few_answers_that_have_the_part() -> None:
    """On text that the tagger knows, so this holds the rules and not the tagger; strangers are in docs/feedback.md."""
    parts: dict[str, Label] = {"has_situation": "S", "has_task": "T", "has_action": "A", "has_result": "R"}
    wrong = dict.fromkeys(parts, 0)
    right = dict.fromkeys(parts, 0)
    answers = [answer for each in voices().values() for answer in each[::4]]
    for answer in answers:
        checks = read(sentences=answer.texts).checks
        for item, label in parts.items():
            if checks[item].state == "missing":
                (wrong if label in answer.labels else right)[item] += 1
    assert sum(wrong.values()) <= 0.01 * len(answers) * len(parts), wrong
    assert sum(right.values()) > 2 * sum(wrong.values()), (right, wrong)


# ------------------------------------------------------------------ the hints


def test_a_reason_said_outright_is_one_where_something_was_done() -> None:
    def said(label: Label) -> bool:
        text = "I took the stairs because the lift was full."
        return hint_of(
            "reasoning_or_alternatives", [(signals_of(text), certain(text, label).probabilities)]
        ).told

    assert said("A") and not said("S") and not said("R")


def test_a_hint_quotes_the_sentence_that_shows_it() -> None:
    checks = read(
        "Our bakery threw away forty loaves a day. The owner asked me for a forecast by Easter. I considered a till "
        "with software, but chose paper, since she trusts paper. She threw away twelve a day in May and saved £90 a "
        "week. Since then I ask the baker before I look at data."
    ).checks
    assert "considered a till" in (checks["reasoning_or_alternatives"].quote or "")
    assert "£90" in (checks["business_impact"].quote or "")
    assert (checks["lesson_learned"].quote or "").startswith("Since then I ask the baker")


def test_where_nothing_happened_no_hint_is_met() -> None:
    checks = read(
        "If a customer was unhappy, I would listen, because that matters most. I would never argue about money. I "
        "think one should always learn from it."
    ).checks
    assert all(checks[item].state == "unsure" for item in HINTS)


def test_the_weights_are_those_of_the_command() -> None:
    """`python -m core.feedback.fit_hints`: a change of lists or of data wants them made again."""
    assert WEIGHTS.keys() == SIGNS.keys()
    assert all(tuple(weights) == SIGNS[item] for item, weights in WEIGHTS.items())
    everything = [answer for answers in voices().values() for answer in answers]
    assert fitted("lesson_learned", everything) == WEIGHTS["lesson_learned"]


def test_signs_are_the_same_for_any_labels() -> None:
    nowhere = [(signals_of("I learned it."), dict.fromkeys(LABELS, 0.0))]
    for item in SIGNS:
        hint = hint_of(item, nowhere)
        assert (hint.share, hint.best, hint.told) == (0.0, None, False)
        assert hint_of(item, []).told is False
