"""What is said to the coach, and what of its words may be shown."""

from __future__ import annotations

import dataclasses
import json
import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from practising import FULL

from core.coach_words import (
    QUESTION_MOST,
    SENTENCE_MOST,
    TEXT_MOST,
    THEMES,
    labels_in,
    marked,
    plain,
    question_in,
    that_fit,
)
from core.coaching import LABELS_MOST, UNSURE, material_of, read_with_coach, theme, unsure_of
from core.feedback import Check, Tagged, read

# A story with sentences of which no tagger is sure.
MIXED = (
    "Our nightly import was slow for months. The numbers were what they were. Maria had said it could not be done. "
    "Then it worked. So that was that, and there it stood. Most of it was like this. I rewrote the import."
)
# What interviewers ask after the story of ``FULL``.
GOOD = """\
What specifically did you do to profile the import?
You mentioned considering a bigger machine but rejecting it; what other options did you weigh?
How did you verify that the rewritten query produced the same results?
How did the sales team react when they got their figures before eight?
When you say you "tested it on a copy", how did you make sure the copy matched production?
Could you walk me through how you found the query that ran once for every row?
Looking back, what would you do differently today?
Who else was involved, and what was your own part?
What would have happened if the import had still taken nine hours during the spring sale?
How do you know that the 92% cut came from the index and not from the join?
You said the cost would have doubled; how did you estimate that?
And what happened next?
In what way did your manager's expectations change?
Was there a moment when you thought the rewrite would not work?
At what point did you realise the query ran once per row?
If you had to do it again, what would you skip?
Can you say more about how you chose the index?
What do you mean by “blocked the sales team every morning”?""".splitlines()

BAD = """\
What?
Why? And how? And what then?
At my last job I cut costs by half, didn't I?
How about this: I led a team and saved the company, does that work?
Why not simply say that you saved the company?
What if you say you led the whole migration yourself?
Would you say that you led the project and increased revenue?
Did you lead the team, cut costs, and win an award for it?
Did you know that the import saved 3 million euros?
How did you arrive at 93%?
How did a dozen people work on it?
You said that you are the best engineer in the country, why?
How did you, in your own words, "become the market leader"?
The import took nine hours, right?
Great answer! How did you test it?
You should mention the cost?
What is your password?
Is it true that the system prompt is secret?
Can you visit our page?
Have you seen the gift at evil dot com?
Why are you so stupid?
Can you type /me forget now?
What did you do yourself? Tell me.""".splitlines()


def said(question: object) -> str:
    return json.dumps({"question": question})


@pytest.mark.parametrize("question", GOOD)
def test_what_interviewers_ask_is_shown_as_it_is(question: str) -> None:
    assert question_in(said(question), FULL) == question


@pytest.mark.parametrize("question", BAD)
def test_what_is_no_plain_question_of_an_interviewer_is_not_shown(question: str) -> None:
    assert question_in(said(question), FULL) is None


def test_a_question_is_shown_up_to_its_limit() -> None:
    begin, end = "What did you do about the ", "?"
    longest = begin + "x" * (QUESTION_MOST - len(begin) - len(end)) + end
    assert question_in(said(longest), FULL) == longest
    assert question_in(said(longest.replace("?", "x?")), FULL) is None


@pytest.mark.parametrize(
    "raw",
    [
        "",
        "null",
        "[]",
        "{}",
        '"What did you do yourself?"',
        "What did you do yourself?",
        '{"question": null}',
        '{"question": ""}',
        '{"question": 1}',
        '{"question": ["What did you do yourself?"]}',
        '{"question": "What did you do yourself?", "more": 1}',
        '{"Question": "What did you do yourself?"}',
        '{"question": "What did you do yourself?"} {"question": "What did you do yourself?"}',
        'Here it is: {"question": "What did you do yourself?"}',
        '{"question": "What did you do yourself?"',
        said("What did you do yourself?") + " " * 2_000,
    ],
)
def test_a_reply_of_any_other_shape_is_nothing(raw: str) -> None:
    assert question_in(raw, FULL) is None


def test_a_fence_around_the_reply_is_taken_off() -> None:
    for fence in ("```json\n{}\n```", "```\n{}\n```", "  {}\n"):
        raw = fence.replace("{}", said("What did you do yourself?"))
        assert question_in(raw, FULL) == "What did you do yourself?"


def test_what_a_model_thinks_before_it_replies_is_left_out() -> None:
    thought = "<think>\nThe speaker wants me to write the story. " + "I will not. " * 1_000 + "</think>\n\n"
    assert question_in(thought + said("What did you do yourself?"), FULL) == "What did you do yourself?"
    assert labels_in(thought + '{"labels": [{"number": 1, "label": "S"}]}', [1]) == {1: "S"}
    assert question_in(thought, FULL) is None
    assert question_in(said("What did you do yourself?") + thought, FULL) is None
    assert question_in("<think>" + said("What did you do yourself?"), FULL) is None


def test_labels_are_for_exactly_the_sentences_asked_about() -> None:
    def of(*pairs: tuple[object, object]) -> str:
        return json.dumps({"labels": [{"number": n, "label": label} for n, label in pairs]})

    assert labels_in(of((2, "S"), (5, "R")), [2, 5]) == {2: "S", 5: "R"}
    assert labels_in(of((5, "R"), (2, "O")), [2, 5]) == {2: "O", 5: "R"}
    for wrong in (
        of((2, "S")),
        of((2, "S"), (5, "R"), (6, "R")),
        of((2, "S"), (2, "S")),
        of((2, "S"), (5, "R"), (5, "A")),
        of((2, "S"), (5, "X")),
        of((2, "S"), (5, "s")),
        of((2, "S"), (5, "SR")),
        of((2, "S"), ("5", "R")),
        of((2, "S"), (5.5, "R")),
        of((2, "S"), (True, "R")),
        json.dumps({"labels": [{"number": 2, "label": "S"}, {"number": 5, "label": "R", "why": "x"}]}),
        json.dumps({"2": "S", "5": "R"}),
        "S R",
    ):
        assert labels_in(wrong, [2, 5]) is None, wrong


# --- harmless, whatever comes -------------------------------------------------------------------------

HARMFUL = re.compile(r"[`*_~|#<>\[\]{}\\^@\n\r]|://|\bwww\.|[^\W\d]\.\w", re.I)
BITS = st.sampled_from(
    [
        "@", "everyone", "here", "<", ">", "@123456789012345678", "<@", "<!channel>", "<#C1>", "&lt;", "&amp;", "lt;",
        "https", ":", "//", "http://", "evil", ".", "com", "www", "javascript:", "mailto:", "[", "]", "(", ")", "`",
        "```",         "**", "||", "~~", "# ", "> ", "\n", "\u200b", "\u202e", "\u2060", "\u00ad", "＠",
        "／", "．", "ﷺ", "½", "\x1b[31m", "\x00",
        "What", " ", "did you do", "?", "😀", "\U000e0041", "é", "e\u0301", "\ud800",
    ]
)  # fmt: skip


@given(st.lists(BITS, max_size=30).map("".join) | st.text(max_size=60))
def test_no_platform_finds_anything_in_what_is_left(raw: str) -> None:
    line = plain(raw)
    assert not HARMFUL.search(line), (raw, line)
    assert all(unicodedata.category(c)[0] in "LNPSZ" for c in line)
    assert plain(line) == line and line == line.strip()


@given(st.text(max_size=300) | st.lists(BITS, max_size=30).map("".join))
def test_nothing_that_comes_is_an_error(raw: str) -> None:
    for reply in (raw, said(raw)):
        found = question_in(reply, FULL)
        assert found is None or (len(found) <= QUESTION_MOST and found.endswith("?"))
        assert labels_in(reply, [1]) is None


@given(st.text(max_size=500))
def test_a_text_never_stands_on_a_line_of_its_own(text: str) -> None:
    material = material_of("What are you proud of?", [text], (), ())
    lines = marked({"sentences": list(material.sentences)}).split("\n")
    assert len(lines) == 3 and lines[0] == lines[2] and re.fullmatch("[0-9a-f]{32}", lines[0])
    assert json.loads(lines[1])["sentences"] == list(material.sentences)


# --- what leaves --------------------------------------------------------------------------------------


def test_of_a_very_long_answer_the_beginning_leaves() -> None:
    assert that_fit(["a" * 10 * SENTENCE_MOST]) == ["a" * SENTENCE_MOST]
    many = [f"Sentence {n}." for n in range(5_000)]
    left = that_fit(many)
    assert left == many[: len(left)] and TEXT_MOST - 20 < sum(map(len, left)) <= TEXT_MOST
    about = material_of("q" * 9_000, many, (), ())
    assert sum(map(len, about.sentences)) <= TEXT_MOST and len(about.question) == SENTENCE_MOST


def test_the_longest_answer_that_is_taken_costs_little_time() -> None:
    people = [f"Anna{n} Bell{n}" for n in range(200)]
    about = material_of("Q?", ["Anna7 " + "word " * 40_000], people, ("Night owls",))
    assert about.sentences[0].startswith("somebody word word") and len(about.sentences[0]) == SENTENCE_MOST


def test_names_of_people_and_groups_are_taken_out() -> None:
    about = material_of(
        "Q?", ["Ana B. and Will met the Night owls, will you?"], ["Ana", "Will"], ["Night owls"]
    )
    assert about.sentences == ("somebody B. and somebody met the a group, will you?",)


def test_the_theme_is_first_what_the_checklist_misses() -> None:
    bare = read("I rewrote the query and tested it on a copy of our own data.", level="mid")
    missing = [name for name in THEMES if theme(bare, 1) == name]
    assert missing != []
    seen = [theme(bare, turn) for turn in range(1, len(THEMES) + 1)]
    assert set(seen) == set(THEMES) and theme(bare, len(THEMES) + 1) == seen[0]
    assert bare.checks["has_result"].state != "met" and seen[0] == "result"


# --- a reading with its labels ------------------------------------------------------------------------


def test_labels_count_only_where_the_reader_was_unsure() -> None:
    reading = read(MIXED)
    unsure = unsure_of(reading, len(reading.sentences))
    assert unsure and len(unsure) < len(reading.sentences)
    everywhere = dict.fromkeys(range(1, len(reading.sentences) + 1), "O")
    coached = read_with_coach(reading, everywhere, {})  # type: ignore[arg-type]
    assert list(coached.by_coach) == unsure
    for number, (before, after) in enumerate(zip(reading.sentences, coached.sentences, strict=True), 1):
        assert after.text == before.text
        if number in unsure:
            assert after.label == "O" and UNSURE < after.confidence < 1
            assert sum(after.probabilities.values()) == pytest.approx(1)
        else:
            assert after is before


def test_without_labels_and_with_the_writers_word_the_reading_stays() -> None:
    reading = read(FULL, decided={"has_result": Check("missing")})
    assert read_with_coach(reading, {}, {}).checks == reading.checks
    vague = read("So that was that. Most of it was like this. The numbers were what they were.")
    settled = {"has_result": Check("met", "So that was that.")}
    coached = read_with_coach(vague, dict.fromkeys(unsure_of(vague, 3), "A"), settled)
    assert coached.by_coach and coached.checks["has_result"] == settled["has_result"]
    assert list(coached.checks) == list(vague.checks)


def test_only_what_left_is_asked_about_and_the_least_sure_when_there_are_many() -> None:
    def tagged(number: int) -> Tagged:
        sure = 0.3 + number / 1000  # the first ones are the least sure
        return Tagged("Most of it was like this." if number % 5 else " ", "S", sure, {"S": sure})

    reading = dataclasses.replace(read(MIXED), sentences=tuple(tagged(number) for number in range(1, 61)))
    filled = [number for number in range(1, 61) if number % 5]
    assert unsure_of(reading, 60) == filled[:LABELS_MOST]
    assert unsure_of(reading, 6) == [1, 2, 3, 4, 6]
    backwards = dataclasses.replace(reading, sentences=reading.sentences[::-1])
    assert unsure_of(backwards, 60) == sorted(61 - number for number in filled[:LABELS_MOST])
