"""``coach`` as conversations, over HTTP to a server on loopback: consent, questions, its reading, and its silence."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from coach_double import CoachDouble, asks, drips, fails, floods, hangs, hangs_up, labels, raw, says
from conftest import NewDatabase
from moved_clock import MovedClock
from practising import FULL, studying
from sqlalchemy import select, update
from talk import Talk
from two_platforms import Two

from adapters.coach import HttpCoach
from core.coaching import PAUSE, UNSURE, Coaching
from core.feedback import read
from core.store import coaching
from core.store.engine import Store, database_url
from core.store.tables import answer, checklist, correction, point, practice_log

UNFIT = "The coach said nothing that fits this time. Starling goes on without it."
# Sentences of which no tagger is sure.
VAGUE = (
    "It was a hard week for all of us. The numbers were what they were. Maria had said it could not be done. "
    "Then it worked. So that was that, and there it stood. Most of it was like this."
)
# A story with such sentences in it.
MIXED = f"Our nightly import was slow for months. {VAGUE} I rewrote the import."


@pytest.fixture
async def talk(new_database: NewDatabase, clock: MovedClock) -> AsyncIterator[Talk]:
    async with Store(database_url(await new_database("sqlite"))) as store:
        yield await studying(store, clock)


@pytest.fixture
async def double(talk: Talk) -> AsyncIterator[CoachDouble]:
    async with CoachDouble.running() as running, HttpCoach(running.base_url, "", "small", 2.0) as http:
        talk.reconfigure(coach=Coaching(http))
        yield running


async def test_the_whole_road_from_an_answer_to_a_question(talk: Talk, double: CoachDouble) -> None:
    double.replies(asks("What made you reject the bigger machine?"))
    await talk("ana", f"/answer prompt: proud {FULL}")
    page = await talk.press("ana", "Ask the coach")
    assert "May the coach read this answer?" in page and double.host in page
    assert double.seen == [], "nothing leaves before a yes"
    said = await talk.press("ana", "Yes, ask")
    assert said.startswith("The coach asks: What made you reject the bigger machine?")
    assert f"By a language model at {double.host}; it can be wrong." in said
    assert len(double.seen) == 1
    double.replies(asks("What would you do differently today?"))
    assert "The coach asks: What would you do differently today?" in await talk.press(
        "ana", "Another question"
    )
    assert [each.data["about"] for each in double.seen] == ["own part", "choices"]


async def row_counts(talk: Talk) -> dict[str, list[tuple[object, ...]]]:
    """All that is kept of answers, readings, corrections and points."""
    async with talk.store.read() as tx:
        return {
            table.name: [tuple(row) for row in await tx.execute(select(table))]
            for table in (answer, checklist, correction, point, practice_log)
        }


async def consented(talk: Talk, name: str = "ana", text: str = FULL) -> None:
    """``name`` has answered, and agreed with the first question."""
    await talk(name, f"/answer prompt: proud {text}")
    await talk.press(name, "Ask the coach")
    assert "The coach asks:" in await talk.press(name, "Yes, ask")


# --- consent ------------------------------------------------------------------------------------------


async def test_nothing_leaves_without_a_yes(talk: Talk, double: CoachDouble) -> None:
    await talk("ana", f"/answer prompt: proud {FULL}")
    for line in ("/coach answer: 1", "/coach answer: 1 turn: 3", "/coach answer: 1 show: reading"):
        assert "May the coach read this answer?" in await talk("ana", line)
    for wrong in ("yes", "ja", "00000000"):
        assert "May the coach read this answer?" in await talk("ana", f"/coach answer: 1 agree: {wrong}")
    said = await talk.press("ana", "No")
    assert said == "Nothing was sent, and nothing will be. Your answer and its checklist are as they were."
    assert "May the coach read this answer?" in await talk("ana", "/coach answer: 1")
    assert double.seen == []


async def test_a_yes_is_for_all_ones_answers_and_for_nobody_elses(talk: Talk, double: CoachDouble) -> None:
    await consented(talk)
    await talk("ana", f"/answer prompt: conflict-won {FULL}")
    assert "The coach asks:" in await talk.press("ana", "Ask the coach")
    await talk("ben", f"/answer prompt: proud {FULL}")
    assert "May the coach read this answer?" in await talk.press("ben", "Ask the coach")
    assert len(double.seen) == 2


async def test_an_answer_of_somebody_else_or_taken_back_or_without_a_checklist_is_not_sent(
    talk: Talk, double: CoachDouble
) -> None:
    await consented(talk)
    await talk("ben", f"/answer prompt: proud {FULL}")
    await talk("ana", f"/answer prompt: garage {FULL}")
    double.seen.clear()
    assert "not there, or not yours" in await talk("ana", "/coach answer: 2")
    assert "not there, or not yours" in await talk("ana", "/coach answer: 2 show: reading")
    assert "that one has none" in await talk("ana", "/coach answer: 3")
    async with talk.store.write() as tx:
        await tx.execute(update(answer).where(answer.c.id == 1).values(withdrawn_at=talk.clock.now()))
    assert "taken back" in await talk("ana", "/coach answer: 1")
    assert double.seen == []


async def test_the_yes_is_taken_back_by_coach_off(talk: Talk, double: CoachDouble) -> None:
    assert "off for you already" in await talk("ana", "/coach off")
    await consented(talk)
    assert "Coach: may read an answer when you ask it; to end that: /coach off" in await talk(
        "ana", "/me show"
    )
    await talk("ana", "/coach answer: 1")
    assert "nothing of yours is sent to it" in await talk.press("ana", "Coach off")
    assert "Coach:" not in await talk("ana", "/me show")
    double.seen.clear()
    assert "May the coach read this answer?" in await talk("ana", "/coach answer: 1")
    assert "off for you already" in await talk("ana", "/coach off", direct=True)
    assert double.seen == []
    await talk("ana", "/coach answer: 1")
    assert "The coach asks:" in await talk.press("ana", "Yes, ask")


async def test_a_page_that_named_another_host_asks_anew(talk: Talk, double: CoachDouble) -> None:
    await talk("ana", f"/answer prompt: proud {FULL}")
    await talk.press("ana", "Ask the coach")
    agreed_to_another = talk.buttons("ana")["Yes, ask"]
    async with CoachDouble.running() as other, HttpCoach(other.base_url, "", "small", 2.0) as http:
        talk.reconfigure(coach=Coaching(http))
        page = await talk.press("ana", agreed_to_another)
        assert "May the coach read this answer?" in page and other.host in page and double.host not in page
        assert other.seen == double.seen == []
        assert "The coach asks:" in await talk.press("ana", "Yes, ask")


@pytest.mark.parametrize("both", [False, True])
async def test_who_joins_two_accounts_is_asked_again_unless_both_agreed(
    new_database: NewDatabase, clock: MovedClock, both: bool
) -> None:
    async with (
        Store(database_url(await new_database("sqlite"))) as store,
        CoachDouble.running() as double,
        HttpCoach(double.base_url, "", "small", 2.0) as http,
    ):
        two = await Two.begin(store, clock, packs=True)
        two.reconfigure(coach=Coaching(http))
        await two.practise("ana", FULL)
        await two("ana", "/coach answer: 1")
        await two.press("ana", "Yes, ask")
        await two.far("ana", "/me show")
        if both:
            async with store.write() as tx:
                await coaching.agree(tx, (await two.person("ana@far")).id, clock.now())
        await two.link_accounts()
        said = await two("ana", "/coach answer: 1")
        assert said.startswith("The coach asks:" if both else "May the coach read this answer?"), said
        assert len(double.seen) == 1 + both


# --- what leaves --------------------------------------------------------------------------------------


async def test_what_leaves_is_the_question_and_the_sentences_and_no_name(
    talk: Talk, double: CoachDouble
) -> None:
    talk.names["ana"], talk.names["ben"] = "Ana Winterbottom", "Benedikt"
    await talk("ben", "/me show")
    text = (
        f"{FULL} Benedikt and Ana Winterbottom of the Night owls helped me, see https://intra.example/x?id=7 or write "
        "to ana@example.org, <@123456789012345678> or @benedikt. Greta did the rest."
    )
    await consented(talk, text=text)
    (seen,) = double.seen
    assert set(seen.body) == {"model", "messages"}
    assert seen.data == {
        "about": "own part",
        "question": "What are you proud of?",
        "sentences": [
            *[each.text for each in read(FULL).sentences],
            "somebody and somebody of the a group helped me, see a link or write to an address, somebody or somebody.",
            "Greta did the rest.",
        ],
    }
    everything = (seen.raw.decode() + json.dumps(seen.headers)).casefold()
    for name in (
        "ana",
        "winterbottom",
        "benedikt",
        "night owls",
        "server",
        "#practice",
        "example.org",
        "2026",
    ):
        assert name not in everything.replace("analys", ""), name


async def test_the_privacy_page_names_exactly_what_leaves(talk: Talk, double: CoachDouble) -> None:
    page = (Path(__file__).parents[1] / "docs" / "privacy.md").read_text(encoding="utf-8")
    part = page.partition("<!-- coach: fields -->")[2].partition("<!-- /coach: fields -->")[0]
    named = set(re.findall(r"^- `(\w+)`", part, re.M))
    await consented(talk, text=f"{VAGUE} {FULL}")
    await talk.press("ana", "How the coach reads it")
    asked, labelled = double.seen
    assert set(asked.body) | set(asked.data) | set(labelled.data) | {"Authorization"} == named
    headers = {name.casefold() for name in asked.headers}
    assert headers == {"host", "user-agent", "accept", "accept-encoding", "content-length", "content-type"}
    assert asked.headers["User-Agent"] == "Starling"


# --- its reading --------------------------------------------------------------------------------------


async def test_its_reading_is_marked_shown_to_the_writer_alone_and_kept_nowhere(
    talk: Talk, double: CoachDouble
) -> None:
    await consented(talk, text=MIXED)
    before = await row_counts(talk)
    machine = read(MIXED, question="What are you proud of?", level="mid")
    unsure = [n for n, each in enumerate(machine.sentences, 1) if each.confidence < UNSURE]
    assert len(unsure) >= 3
    double.replies(labels("R"))
    said = await talk.press("ana", "How the coach reads it")
    assert double.seen[-1].data["label"] == unsure
    marked = [line for line in said.split("\n") if ". The coach says " in line]
    assert len(marked) == len(unsure) and all("The coach says Result (" in line for line in marked)
    assert "+ Result: what came of it: met" in said and "As the coach reads it." in said
    assert "your checklist and your points stay as they are" in said
    assert await row_counts(talk) == before
    assert "The coach" not in await talk("ana", "/history prompt: proud")


async def test_what_the_writer_decided_stands_against_the_coach(talk: Talk, double: CoachDouble) -> None:
    await consented(talk, text=MIXED)
    unsure = [n for n, each in enumerate(read(MIXED).sentences, 1) if each.confidence < UNSURE]
    await talk("ana", f"/correct answer: 1 sentence: {unsure[0]} part: situation")
    await talk("ana", "/correct answer: 1 check: has_result to: missing")
    double.replies(labels("R"))
    said = await talk("ana", "/coach answer: 1 show: reading")
    assert unsure[0] not in double.seen[-1].data["label"], "the writer has said what it is"
    assert "- Result: what came of it: missing" in said and "As you said." in said
    assert f"\n{unsure[0]}. The coach says" not in said


async def test_labels_for_other_sentences_than_those_asked_about_are_not_used(
    talk: Talk, double: CoachDouble
) -> None:
    await consented(talk, text=VAGUE)
    number = next(n for n, each in enumerate(read(VAGUE).sentences, 1) if each.confidence < UNSURE)
    for reply in (
        {"labels": []},
        {"labels": [{"number": 999, "label": "R"}]},
        {"labels": [{"number": number, "label": "R"}] * 2},
        {"labels": [{"number": number, "label": "Result"}]},
        {"labels": {"1": "R"}},
    ):
        talk.clock.advance(10)
        double.replies(says(json.dumps(reply)))
        assert await talk("ana", "/coach answer: 1 show: reading") == UNFIT


async def test_where_the_reader_is_sure_the_coach_is_not_asked(talk: Talk, double: CoachDouble) -> None:
    await consented(talk)
    await talk(
        "ana",
        "/answer prompt: proud situation: It was at Acme. task: I had to fix it. action: I fixed it. result: It held.",
    )
    assert "sure of every sentence" in await talk("ana", "/coach answer: 2 show: reading")
    assert len(double.seen) == 1


# --- silence ------------------------------------------------------------------------------------------


async def test_whatever_goes_wrong_over_there_is_one_quiet_line_here(talk: Talk, double: CoachDouble) -> None:
    await consented(talk)
    before = await row_counts(talk)
    gone = "The coach cannot be reached at present. Starling goes on without it."
    late = "The coach did not answer in time. Starling goes on without it."
    busy = "The coach is busy with others just now. Starling goes on without it."
    for replying, line in (
        (fails(500), busy),
        (fails(429), busy),
        (fails(401), gone),
        (fails(404), gone),
        (fails(302, Location="/v1/chat/completions"), gone),
        (hangs_up(), gone),
        (floods(), UNFIT),
        (raw(b""), UNFIT),
        (raw(b"\xff\xfe\x00", "text/html"), UNFIT),
        (raw(b'{"choices": []}'), UNFIT),
        (raw(b'{"error": {"message": "quota"}}'), UNFIT),
        (says(None), UNFIT),
        (says(""), UNFIT),
        (drips(), late),
        (hangs(), late),
    ):
        talk.clock.advance(20)
        async with HttpCoach(double.base_url, "", "small", 0.3 if line == late else 5.0) as http:
            talk.reconfigure(coach=Coaching(http))
            double.replies(replying)
            assert await talk("ana", "/coach answer: 1") == line
        assert talk.buttons("ana") == {}
    assert await row_counts(talk) == before


async def test_a_broken_connection_is_tried_once_more_and_nothing_else_is(
    talk: Talk, double: CoachDouble
) -> None:
    await consented(talk)
    double.seen.clear()
    double.replies(hangs_up(), asks("What did you learn?"))
    assert "The coach asks: What did you learn?" in await talk("ana", "/coach answer: 1")
    assert len(double.seen) == 2
    for replying, tries in ((fails(500), 1), (fails(429), 1), (says("no"), 1), (hangs_up(), 2)):
        double.seen.clear()
        double.replies(replying)
        await talk("ana", "/coach answer: 1")
        assert len(double.seen) == tries


async def test_after_some_failures_nobody_waits_any_more_until_minutes_have_passed(
    talk: Talk, double: CoachDouble
) -> None:
    for name in ("ana", "ben", "cleo"):
        await consented(talk, name)
    double.seen.clear()
    double.replies(fails(500))
    for number, name in enumerate(("ana", "ben", "cleo"), 1):
        assert "busy" in await talk(name, f"/coach answer: {number}")
    double.replies(asks("What did you learn?"))
    assert "cannot be reached" in await talk("ana", "/coach answer: 1")
    talk.clock.advance(PAUSE.total_seconds() - 1)
    assert "cannot be reached" in await talk("ben", "/coach answer: 2")
    assert len(double.seen) == 3
    talk.clock.advance(1)
    double.replies(fails(500))
    assert "busy" in await talk("ana", "/coach answer: 1")
    double.replies(asks("What did you learn?"))
    assert "The coach asks:" in await talk("ben", "/coach answer: 2"), (
        "one failure is no reason to pause anew"
    )


async def test_unfit_replies_and_one_persons_late_ones_stop_nobody(talk: Talk, double: CoachDouble) -> None:
    await consented(talk)
    await consented(talk, "ben")
    double.replies(raw(b"no"))
    for _ in range(4):
        assert await talk("ana", "/coach answer: 1") == UNFIT
    async with HttpCoach(double.base_url, "", "small", 0.1) as hasty:
        talk.reconfigure(coach=Coaching(hasty))
        double.replies(hangs())
        for _ in range(4):
            assert "in time" in await talk("ana", "/coach answer: 1")
        double.seen.clear()
        assert "in time" in await talk("ben", "/coach answer: 2"), "asked all the same"
        assert len(double.seen) == 1


async def test_a_member_may_ask_so_often_a_day_and_the_others_still(talk: Talk, double: CoachDouble) -> None:
    await consented(talk)
    await consented(talk, "ben")
    talk.reconfigure(coach=Coaching(talk.app.coach.coach, a_day=2))  # type: ignore[union-attr]
    assert "The coach asks:" in await talk("ana", "/coach answer: 1")
    assert "The coach asks:" in await talk.press("ana", "Another question")
    double.seen.clear()
    assert "twice today, which is the most" in await talk("ana", "/coach answer: 1")
    assert double.seen == []
    assert "The coach asks:" in await talk("ben", "/coach answer: 2")
    talk.until("2026-03-03 00:00")
    assert "The coach asks:" in await talk("ana", "/coach answer: 1")


async def test_while_one_waits_for_the_coach_everything_else_goes_on(talk: Talk, double: CoachDouble) -> None:
    await consented(talk)
    double.arrived.clear()
    double.replies(hangs())
    waiting = asyncio.create_task(talk("ana", "/coach answer: 1"))
    await asyncio.wait_for(double.arrived.wait(), 5)
    assert "One thing at a time" in await talk("ana", "/coach answer: 1")
    assert "Kept: your answer" in await talk("ana", f"/answer prompt: conflict-won {FULL}")
    assert "Kept: your answer" in await talk("ben", f"/answer prompt: proud {FULL}")
    assert not waiting.done(), "no transaction of its kept the others waiting"
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    double.replies(asks("What did you learn?"))
    assert "The coach asks:" in await talk("ana", "/coach answer: 1"), "what was given up is over"


# --- without one --------------------------------------------------------------------------------------


async def test_without_a_coach_there_is_no_button_and_a_typed_line_is_told_so(talk: Talk) -> None:
    await talk("ana", f"/answer prompt: proud {FULL}")
    assert "Ask the coach" not in talk.buttons("ana") and "Correct it" in talk.buttons("ana")
    assert "No coach is connected" in await talk("ana", "/coach answer: 1")
    assert "off for you already" in await talk("ana", "/coach off")
