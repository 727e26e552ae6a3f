"""Figures for the kinds of answers that no STAR reading fits: what is counted, for which kind, and in which words."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from moved_clock import MovedClock
from practising import studying

from core.feedback.jargon import terms_in
from core.feedback.other import MOST_TERMS, figures_of
from core.packs.model import Pack, Prompt
from core.packs.vocabulary import TRACKS
from core.store import prompts
from core.store.engine import Store

EXECUTIVE = (
    "We lose 40,000 euros less to returns each month, and the warehouse uses it every day. Please keep it for "
    "another year; it costs 900 a month."
)
TECHNICAL = (
    "We fine-tuned embeddings, tracked the AUC (how often it ranks the right one first), cut p99 latency to 30 ms "
    "with Redis and Kafka, and moved the ETL to SQL."
)


def figure(lines: tuple[str, ...], begins: str) -> str:
    (line,) = [line for line in lines if line.startswith(begins)]
    return line


@pytest.mark.parametrize("track", [*TRACKS, "something new"])
def test_every_kind_has_its_length_first_and_never_a_verdict(track: str) -> None:
    for text in (EXECUTIVE, TECHNICAL, "", "no"):
        lines = figures_of(track, text, question="You have 60 seconds.", audience="executive")
        assert "word" in lines[0]
        assert len(lines) <= 5
        said = " ".join(lines).lower()
        assert not any(
            word in said for word in ("too long", "too short", "bad", "good", "wrong", "missing", "should")
        )


@settings(max_examples=60, deadline=None)
@given(text=st.text(max_size=300), question=st.text(max_size=60), track=st.sampled_from(TRACKS))
def test_no_text_is_an_error(text: str, question: str, track: str) -> None:
    assert all(line and "\n" not in line for line in figures_of(track, text, question=question))


def test_the_time_that_a_question_gives_is_said_in_words_and_else_the_usual_length() -> None:
    def length(question: str, audience: str = "executive") -> tuple[str, ...]:
        return figures_of("communication", EXECUTIVE, question=question, audience=audience)

    assert (
        length("You have 60 seconds with her.")[1]
        == "The question gives 60 seconds: at most about 140 words."
    )
    assert length("Give it three minutes.")[1] == "The question gives 3 minutes: at most about 420 words."
    assert length("Think for 30 seconds, then speak for two minutes.")[1].startswith(
        "The question gives 2 minutes"
    )
    assert length("Tell her.")[1] == "A summary for somebody who decides usually has 60 to 210 words."
    assert length("Tell him.", "peer")[1].startswith("Numbers given")  # nobody sets a peer's time
    assert length("You have ten minutes.", "peer")[1].startswith(
        "Numbers given"
    )  # half of them are the listener's


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Load is 10,000 requests a second of 3 KB, answered in 5ms.", "3 (10,000, 3 KB, 5ms)"),
        ("It fell by 12% to £2.5m, or twenty-five per cent.", "3 (12%, £2.5m, twenty-five per cent)"),
        ("1. Two users\n2. Three pages\nSince 2019, at 7:30, on 2024-05-01, with IPv4 and v8.2.", None),
        ("12, 13, 14, 15, 16 and 12 again.", "6 (12, 13, 14, 15 and 1 more)"),
        ("None at all.", None),
    ],
)
def test_numbers_are_counted_and_dates_versions_and_list_marks_are_not(
    text: str, expected: str | None
) -> None:
    assert (
        figure(figures_of("system-design", text), "Numbers given") == f"Numbers given: {expected or 'none'}."
    )


def test_questions_count_with_and_without_their_mark() -> None:
    asked = figures_of(
        "ask", "What does a good year look like?\n- who would I work with\nI like the team. Ok, so why now?"
    )
    assert figure(asked, "Questions") == "Questions asked: 3; the longest has 7 words."
    assert figure(figures_of("ask", "I have no idea what to say."), "Questions") == "Questions asked: none."
    assert figure(
        figures_of("ml-design", "How many labels are there? I would begin with rules."), "Questions"
    ).endswith(": 1.")


def test_code_has_lines_and_costs_and_no_time_of_speaking() -> None:
    code = "def two(a, t):\n    seen = {}\n\n    return seen\n\nO(n log n) time, O(1) memory and O(min(a, b)) else."
    lines = figures_of("coding", code)
    assert lines[0].endswith("on 4 lines.")
    assert figure(lines, "Costs") == "Costs named: O(n log n), O(1), O(min(a, b))."
    assert figure(figures_of("coding", "a map"), "Costs") == "Costs named: none, such as O(n)."
    assert not any("spoken" in line for line in lines)


def test_a_company_answer_shows_its_figures_and_their_years() -> None:
    lines = figures_of("company", "Income was $4.2bn in 2025, from 3,000 shops; in 2019 it was half.")
    assert figure(lines, "Numbers") == "Numbers given: 2 ($4.2bn, 3,000)."
    assert figure(lines, "Years") == "Years named: 2025, 2019."


def test_at_most_five_terms_are_named_and_only_to_listeners_from_another_trade() -> None:
    line = figure(figures_of("communication", TECHNICAL, audience="executive"), "Words that")
    assert line.endswith(": fine-tuned, embeddings, p99, latency, Redis and 3 more.")
    assert MOST_TERMS == 5
    for lines in (
        figures_of("communication", TECHNICAL, audience="peer"),
        figures_of("communication", EXECUTIVE, audience="executive"),
        figures_of("system-design", TECHNICAL),
    ):
        assert not any(line.startswith("Words that") for line in lines)


def test_terms_are_whole_words_as_they_stand_there_and_not_those_explained_in_passing() -> None:
    assert terms_in("SQL, sql and MySQL; rapid, mutable, capital.") == ("SQL",)
    assert terms_in("The recall@k of word2vec-like embeddings") == ("embeddings",)
    assert terms_in("Our AUC (how often it is right) and the SLOs, that is the promises, hold.") == ()
    assert terms_in("gradient\n  boosting") == ("gradient boosting",)
    plain = "Our model has a pipeline in the cloud; a test of three weeks and a budget. The prior owner left her shop."
    assert terms_in(plain) == ()


def test_every_kind_but_the_one_that_is_read_has_figures() -> None:
    having = {track for track in TRACKS if len(figures_of(track, TECHNICAL, audience="executive")) > 1}
    assert having == set(TRACKS) - {"behavioural"}


PACK = Pack(
    id="talks",
    version="1.0.0",
    title="Talks",
    license="MIT",
    sha256="1" * 64,
    prompts=(
        Prompt(
            "talks",
            "so-what",
            "communication",
            "You have 90 seconds with a finance director: so what?",
            "So what",
            audience="executive",
            rubric="communication-executive",
        ),
    ),
)


@pytest.mark.parametrize("store", ["sqlite"], indirect=True)
async def test_a_member_sees_the_figures_below_the_boxes_to_tick(store: Store, clock: MovedClock) -> None:
    talk = await studying(store, clock)
    async with store.write() as tx:
        await prompts.install(tx, PACK, None, clock.now())
    said = await talk("ana", f"/answer prompt: so-what {TECHNICAL}")
    boxes, figures = said.index("[ ] "), said.index("30 words, about 13 s when spoken.")
    assert boxes < figures
    assert "The question gives 90 seconds: at most about 210 words." in said
    assert "Numbers given: 1 (30 ms)." in said
    assert "may not know: fine-tuned, embeddings, p99, latency, Redis and 3 more." in said
    assert "Costs named: none, such as O(n)." in await talk("ana", "/answer prompt: two-sum a map, I think")
