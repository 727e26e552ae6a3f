"""``answer`` and what hangs on it, as conversations: kept first, then counted, then read."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import date
from typing import Any

import pytest
from moved_clock import MovedClock
from practising import FULL, SMALL, THIN, plan, story, studying, truth
from sqlalchemy import Row, select, update
from structlog.testing import capture_logs
from talk import Talk

from core.answering import finish, finish_unread, record
from core.errors import AlreadyKept
from core.packs.model import Pack, Prompt
from core.services import Limits
from core.store import arrivals, prompts
from core.store.engine import Store
from core.store.tables import answer, checklist, point
from core.views import FormErrors, Ticks, blocks_of


@pytest.fixture
async def talk(store: Store, clock: MovedClock) -> Talk:
    return await studying(store, clock)


async def kept(talk: Talk) -> Sequence[Row[Any]]:
    """All answers there are, in order."""
    async with talk.store.read() as tx:
        return (await tx.execute(select(answer).order_by(answer.c.id))).all()


async def points(talk: Talk, name: str) -> list[tuple[str, str, int]]:
    """(kind, track, points) of what ``name`` has earned, in order."""
    person = await talk.person(name)
    async with talk.store.read() as tx:
        rows = await tx.execute(select(point).where(point.c.person_id == person.id).order_by(point.c.id))
        return [(r.kind, r.track, r.points) for r in rows]


# --- typed ------------------------------------------------------------------------------------------


async def test_an_answer_to_the_open_question_is_kept_counted_and_read(talk: Talk) -> None:
    drop = await plan(talk, "behavioural")
    said = await talk("ana", f"/answer {FULL}")
    assert said.split("\n\n")[:2] == [
        "Kept: your answer to “Work you are proud of”.",
        "It counts for Monday 2 March 2026. Streak: 1 day. +10 points: first answer of the day in behavioural.",
    ]
    assert "+ Action: what was done: met\n    “I rewrote the query as one join" in said
    assert "+ Result has a number: met" in said and "106 words, about 45 s spoken" in said
    assert talk.buttons("ana").keys() == {"Revise", "Correct it", "Share", "Save", "My attempts"}
    (row,) = await kept(talk)
    assert (row.text, row.words, row.counts, row.attempt) == (FULL, 106, True, 1)
    assert (row.group_id, row.day, row.at) == (talk.group_id, date(2026, 3, 2), talk.clock.now())
    assert row.occurrence_id is not None and drop
    await truth(talk, "ana")


async def test_text_by_name_or_not_and_over_many_lines_is_the_same(talk: Talk) -> None:
    text = "First line.\n\n  Second line: time: 5, prompt: x, text: y."
    for rest in (text, f"text: {text}", f'text: "{text}"', f"\n{text}\n"):
        await talk("ana", f"/answer prompt: proud {rest}")
    assert [r.text for r in await kept(talk)] == [text] * 4


async def test_from_twenty_words_on_it_counts(talk: Talk) -> None:
    await plan(talk, "behavioural")
    said = await talk("ana", f"/answer {story(19)}")
    assert said.startswith(
        "Kept: your answer to “Work you are proud of”.\n\n"
        "This one has 19 words; from 20 words on an answer counts for the day. It is kept all the same: add to it when "
        "you like."
    )
    assert await points(talk, "ana") == []
    said = await talk("ana", f"/answer prompt: proud {story(20)}")
    assert "(attempt 2)" in said and "It counts for Monday 2 March 2026. Streak: 1 day. +10 points" in said
    assert [r.counts for r in await kept(talk)] == [False, True]


async def test_without_an_open_question_nothing_is_stored_and_practice_is_offered(talk: Talk) -> None:
    said = await talk("ana", f"/answer {story(30)}")
    assert said == (
        "There is no open question for you just now, so nothing was stored. “practice” gives you one.\n\n"
        "For example: /practice\n\n[Practise]"
    )
    assert await kept(talk) == []


STRANGE = {
    "one word": ("Yes.", "Yes.", 1),
    "emoji only": ("👩‍👩‍👧‍👦 🏳️‍🌈 👍🏽", "👩‍👩‍👧‍👦 🏳️‍🌈 👍🏽", 0),
    "right to left": ("עבדתי על הפרויקט", "עבדתי על הפרויקט", 3),
    "with an override": ("evil\u202etxt.exe", "eviltxt.exe", 1),
    "Persian with its joiner": ("می‌خواهم بروم", "می‌خواهم بروم", 2),
    "Hindi": ("क्षत्रिय ने कहा", "क्षत्रिय ने कहा", 3),
    "Chinese": ("我在上一份工作中负责数据库迁移", "我在上一份工作中负责数据库迁移", 8),
    "binary": ("\x00\x01\x1b[2Jhi\x7f\ud800", "[2Jhi", 1),
    "SQL": ("'); DROP TABLE answer; --", "'); DROP TABLE answer; --", 3),
    "markup": ("<b>**x**</b> @everyone <@1> `a`", "<b>**x**</b> @everyone <@1> `a`", 6),
    "a template": ("{0} %s ${x} {{y}}", "{0} %s ${x} {{y}}", 4),
}


async def test_strange_answers_are_kept_as_they_can_be_seen(talk: Talk) -> None:
    for what, (typed, text, words) in STRANGE.items():
        said = await talk("ana", f"/answer prompt: proud {typed}")
        assert said.startswith("Kept: your answer"), what
        row = (await kept(talk))[-1]
        assert (row.text, row.words, row.counts) == (text, words, False), what
        assert ("I can count no words in this one; from 20" in said) is (words == 0), what
    shown = await talk("ana", "/history proud")
    assert "| {0} %s ${x} {{y}}" in shown and "\x1b" not in shown


async def test_an_answer_without_anything_to_see_is_refused(talk: Talk) -> None:
    await plan(talk, "behavioural")
    for nothing in ('""', "\u200b\u200d", "\x00\x1b", "\u202e", '"\u200b"'):
        assert await talk("ana", f"/answer text: {nothing}") == (
            "There are no words in that answer, so nothing was stored. A few sentences are a fine beginning.\n\n"
            "For example: /answer At my last job ..."
        ), ascii(nothing)
    assert "“text:” is missing: your answer, in your own words." in await talk("ana", "/answer")
    assert await kept(talk) == []


async def test_up_to_20000_characters_are_kept_and_of_more_none(talk: Talk) -> None:
    await plan(talk, "behavioural")
    long = ("A sentence of some words. " * 800)[:19_999] + "!"
    said = await talk("ana", f"/answer {long}?")
    assert said == (
        "That answer has 20,001 characters; up to 20,000 are kept. Nothing was stored: please shorten it (ten minutes "
        "of speech are about 8,400)."
    )
    assert await kept(talk) == []
    assert (await talk("ana", f"/answer {long}")).startswith("Kept:")
    (row,) = await kept(talk)
    assert row.text == long and len(row.text) == 20_000


# --- which question ------------------------------------------------------------------------------------------


async def test_a_question_is_named_by_slug_uid_part_or_handle(talk: Talk) -> None:
    for name in ("proud", "night/proud", "PROUD", "prou", "work you", '"you are proud"', "p1", "Night/Proud"):
        name = name if name.startswith('"') or " " not in name else f'"{name}"'
        assert (await talk("ana", f"/answer prompt: {name} {story(3)}")).startswith(
            "Kept: your answer to “Work you are proud of”"
        ), name
    assert {r.occurrence_id for r in await kept(talk)} == {None}
    await plan(talk, "behavioural")
    await talk("ana", "/today")
    handle = talk.buttons("ana")["Answer"].partition("=")[2]
    await talk("ana", f"/answer prompt: {handle} {story(3)}")
    await talk("bea", f"/answer prompt: proud {story(3)}")
    assert [r.occurrence_id for r in (await kept(talk))[-2:]] == [int(handle[1:])] * 2, (
        "named, it is still the drop"
    )


async def test_a_name_that_fits_several_offers_them(talk: Talk) -> None:
    assert await talk("ana", f"/answer prompt: conflict {story(30)}") == (
        "Several questions fit “conflict”: night/conflict-lost, night/conflict-won. Please name one of them.\n\n"
        "For example: /answer prompt: night/conflict-lost text: ...\n\n"
        "[A conflict, lost] [A conflict, won]"
    )
    assert await kept(talk) == []
    await talk.press("ana", "A conflict, won")
    assert talk.form("ana").title == "A conflict, won"


async def test_a_name_that_fits_none_stores_nothing(talk: Talk) -> None:
    for name in ("nothing", "p99", "d99", "night/nothing", "%", "_", "\\", "/", "👍", "p" * 300):
        said = await talk("ana", f"/answer prompt: {name} {story(30)}")
        assert said.startswith("There is no question “") and "so nothing was stored" in said, name
        assert "For example: /answer text: At my last job I ..." in said
    assert await kept(talk) == []


async def test_questions_of_another_group_cannot_be_named(talk: Talk) -> None:
    async with talk.store.write() as tx:
        other = await arrivals.create_group(tx, "Others", "UTC", talk.clock.now())
        theirs = Prompt("theirs", "secret", "ask", "A question of theirs?", "Theirs")
        await prompts.install(
            tx, Pack("theirs", "1", "Theirs", "MIT", "1" * 64, (theirs,)), other, talk.clock.now()
        )
        number = (await prompts.find_prompts(tx, other, "secret"))[0].id
    for name in ("secret", "theirs/secret", f"p{number}"):
        assert "A question of theirs" not in (
            said := await talk("ana", f"/answer prompt: {name} {story(30)}")
        )
        assert said.startswith("There is no question")


async def test_an_answer_to_a_closed_question_is_practice(talk: Talk, clock: MovedClock) -> None:
    await plan(talk, "behavioural", days=[0])
    await talk("ana", "/today")
    action = talk.buttons("ana")["Answer"]
    clock.advance(hours=25)
    said = await talk.press("ana", f"{action};text={story(25)}")
    assert said.startswith(
        "Kept: your answer to “Work you are proud of”.\n\nIt counts for Tuesday 3 March 2026."
    )
    (row,) = await kept(talk)
    assert row.occurrence_id is None and row.group_id == talk.group_id


async def test_after_practice_an_answer_goes_to_what_was_practised_and_the_next_to_the_drop(
    talk: Talk, clock: MovedClock
) -> None:
    await plan(talk, "behavioural")
    clock.advance(minutes=1)
    await talk("ana", "/practice ask")
    assert "“About the team”" in await talk("ana", f"/answer {story(25)}")
    assert "Nobody has answered yet." in await talk("ana", "/today")
    assert "“Work you are proud of”" in await talk("ana", f"/answer {story(25)}")
    assert [r.occurrence_id is None for r in await kept(talk)] == [True, False]


async def test_a_question_that_came_after_practice_is_the_open_one_and_old_practice_is_forgotten(
    talk: Talk, clock: MovedClock
) -> None:
    await talk("ana", "/practice ask")
    clock.advance(minutes=1)
    await plan(talk, "behavioural", days=[0])
    assert "“Work you are proud of”" in await talk("ana", f"/answer {story(25)}")
    assert "“About the team”" in await talk("ana", f"/answer {story(25)}")
    await talk("ana", "/practice ask")
    clock.advance(hours=24)
    said = await talk("ana", f"/answer {story(25)}")
    assert said.startswith("There is no open question for you"), (
        "the drop has closed and the practice is a day old"
    )


async def test_a_bare_answer_when_everything_is_answered_is_another_attempt_and_no_words_are_lost(
    talk: Talk,
) -> None:
    await plan(talk, "behavioural")
    await talk("ana", f"/answer {story(25)}")
    assert "“Work you are proud of” (attempt 2)." in await talk("ana", f"/answer {story(30)}")


async def test_answers_in_direct_messages_count_in_the_active_group(talk: Talk) -> None:
    await plan(talk, "behavioural")
    await talk("ana", "/streak")
    await talk("ana", f"/answer {story(25)}", direct=True)
    assert (await kept(talk))[0].group_id == talk.group_id
    said = await talk("zoe", f"/answer prompt: proud {story(25)}", direct=True)
    assert "It counts for Monday 2 March 2026. Streak: 1 day.\n" in said and "points" not in said
    assert (await kept(talk))[1].group_id is None


# --- forms ------------------------------------------------------------------------------------------


async def test_without_words_a_form_asks_for_them(talk: Talk) -> None:
    await plan(talk, "behavioural")
    await talk("ana", "/answer", can_ask=True)
    form = talk.form("ana")
    assert (form.title, form.intro) == ("Work you are proud of", ("What are you proud of?",))
    assert [(f.name, f.kind, f.required, f.most) for f in form.fields] == [
        ("text", "text", True, 4000),
        ("more", "text", False, 4000),
    ]
    assert form.fields[0].hint == "About 5 minutes when spoken. From 20 words on it counts for the day."
    await talk.submit("ana", {"text": "The first part.", "more": "The second."})
    (row,) = await kept(talk)
    assert row.text == "The first part.\nThe second." and row.occurrence_id is not None


async def test_a_coding_form_asks_how_it_went(talk: Talk) -> None:
    await talk("ana", "/answer prompt: two-sum", can_ask=True)
    form = talk.form("ana")
    assert [f.name for f in form.fields] == ["text", "more", "outcome"]
    said = await talk.submit("ana", {"text": "A map from value to index.", "outcome": "Partly"})
    assert "It counts for Monday" in said and (await kept(talk))[0].outcome == "partly"


async def test_a_form_whose_answer_is_too_long_or_empty_comes_back_with_every_word(talk: Talk) -> None:
    talk.reconfigure(limits=Limits(answer_characters=1000))
    await plan(talk, "behavioural")
    await talk("ana", "/answer", can_ask=True)
    await talk.submit("ana", {"text": "a" * 600, "more": "b" * 400})
    view = talk.views["ana"]
    assert isinstance(view, FormErrors)
    assert view.errors["text"].startswith("That answer has 1,001 characters; up to 1,000 are kept.")
    assert [f.value for f in view.form.fields] == ["a" * 600, "b" * 400]
    assert (await talk.submit("ana", {"more": "b" * 399})).startswith("Kept:")
    await talk("bea", "/answer", can_ask=True)
    await talk.submit("bea", {"text": " \u200b "})
    assert isinstance(talk.views["bea"], FormErrors)
    assert len(await kept(talk)) == 1


async def test_an_answer_that_was_refused_stands_in_the_form_when_it_is_opened_again(talk: Talk) -> None:
    talk.reconfigure(limits=Limits(answer_characters=1000))
    await plan(talk, "behavioural")
    await talk("ana", "/answer", can_ask=True)
    await talk.submit("ana", {"text": "a" * 600, "more": "b" * 400})
    await talk("ana", "/answer", can_ask=True)
    assert [f.value for f in talk.form("ana").fields] == ["a" * 600, "b" * 400]
    assert talk.form("ana").fields[0].hint, "it is the same form but for the words"
    await talk("ana", "/answer prompt: two-sum", can_ask=True)
    assert talk.form("ana").fields[0].value == "", "a form of another question is another form"
    await talk("ana", "/answer", can_ask=True)
    assert (await talk.submit("ana", {"more": "b" * 399})).startswith("Kept:")
    await talk("ana", "/answer", can_ask=True)
    assert [f.value for f in talk.form("ana").fields] == ["", ""]


async def test_a_message_is_an_answer_once(talk: Talk) -> None:
    await talk("ana", "/today")
    ana = await talk.person("ana")
    async with talk.store.read() as tx:
        (prompt,) = await prompts.find_prompts(tx, talk.group_id, "proud", limit=5)

    async def keep(source: str | None) -> object:
        now = talk.clock.now()
        try:
            return await record(
                talk.app, ana, prompt, FULL, now, group_id=None, occurrence_id=None, source=source
            )
        except AlreadyKept as error:
            return error.message

    both = await asyncio.gather(keep("discord:1"), keep("discord:1"))
    assert (
        "That message is your answer to “Work you are proud of” already, so nothing was stored twice." in both
    )
    assert await keep("discord:2") != await keep("slack:1")
    await keep(None)
    await keep(None)
    assert [r.source for r in await kept(talk)] == ["discord:1", "discord:2", "slack:1", None, None]


async def test_a_guided_answer_is_four_fields_and_knows_what_they_are(talk: Talk) -> None:
    await plan(talk, "behavioural")
    await talk("ana", "/today")
    await talk.press("ana", "Guided answer")
    form = talk.form("ana")
    assert [(f.label, f.required) for f in form.fields] == [
        ("Situation", True),
        ("Task", False),
        ("Action", False),
        ("Result", False),
    ]
    assert form.intro == ("What are you proud of?",)
    said = await talk.submit(
        "ana",
        {
            "situation": "The import of our shop took nine hours and blocked everybody each morning.",
            "action": "I rewrote the query as one join and tested it on a copy of the data.",
            "result": "It took 40 minutes after that.",
        },
    )
    assert "+ Situation" in said and "- Task: what you had to do: missing" in said
    (row,) = await kept(talk)
    assert row.parts is not None and set(row.parts) == {"S", "A", "R"}
    assert row.text.splitlines()[2] == "It took 40 minutes after that." and row.occurrence_id is not None


async def test_a_guided_answer_can_be_typed_and_its_example_is_right(talk: Talk) -> None:
    said = await talk(
        "ana", '/guided prompt: proud situation: "We were late." task: "I had to help." result: "It worked."'
    )
    assert said.startswith("Kept: your answer to “Work you are proud of”.")
    assert (await kept(talk))[0].parts == {"S": "We were late.", "T": "I had to help.", "R": "It worked."}
    assert await talk("ana", "/guided prompt: proud") == (
        "“situation:” is missing: where and when, and what was at stake.\n\n"
        'For example: /guided situation: "At my last job I ..."'
    )
    said = await talk("ana", '/guided prompt: proud situation: "At my last job I ..."')
    assert said.startswith("Kept:")
    assert await talk("ana", '/guided prompt: proud situation: "\u200b" task: ""') == (
        "All four parts are empty, so nothing was stored."
    )


# --- coding ------------------------------------------------------------------------------------------


async def test_a_coding_answer_counts_with_its_outcome_whatever_its_length(talk: Talk) -> None:
    said = await talk("ana", "/answer prompt: two-sum outcome: stuck no idea")
    assert (
        "It counts for Monday 2 March 2026. Streak: 1 day. +10 points: first answer of the day in coding."
        in said
    )
    assert "[Solved]" not in said
    assert (await kept(talk))[0].counts


async def test_an_outcome_said_afterwards_makes_it_count_once(talk: Talk) -> None:
    said = await talk("ana", f"/answer prompt: two-sum {story(50)}")
    assert (
        "How did it go? With an outcome it counts for the day, whichever it is.\n\n[Solved] [Partly] [Stuck]"
        in said
    )
    assert not (await kept(talk))[0].counts and await points(talk, "ana") == []
    buttons = talk.buttons("ana")
    said = await talk.press("ana", "Partly")
    assert (
        "It counts for Monday 2 March 2026. Streak: 1 day. +10 points: first answer of the day in coding."
        in said
    )
    for label in ("Solved", "Partly", "Stuck"):
        said = await talk.press("ana", buttons[label])
        assert "It counts for Monday 2 March 2026. Streak: 1 day." in said and "+10" not in said
    assert (await kept(talk))[0].outcome == "stuck"
    assert await points(talk, "ana") == [("answer", "coding", 10)]
    await truth(talk, "ana")


async def test_an_outcome_said_next_day_counts_for_the_day_of_the_answer(
    talk: Talk, clock: MovedClock
) -> None:
    await talk("ana", "/answer prompt: two-sum a map")
    solved = talk.buttons("ana")["Solved"]
    clock.advance(days=1)
    assert "It counts for Monday 2 March 2026. Streak: 1 day." in await talk.press("ana", solved)
    await truth(talk, "ana")


async def test_an_outcome_belongs_to_its_writer_and_to_an_answer_that_is_still_there(talk: Talk) -> None:
    await talk("ana", "/answer prompt: two-sum a map")
    await talk("ana", f"/answer prompt: proud {story(5)}")
    refusal = "That answer is not there, or not yours."
    assert (await talk.press("bea", "outcome:answer=1;value=solved")).startswith(refusal)
    assert (await talk.press("ana", "outcome:answer=2;value=solved")).startswith(refusal), (
        "it is no coding answer"
    )
    await talk("ana", "/withdraw 1 sure: yes")
    assert (await talk.press("ana", "outcome:answer=1;value=solved")).startswith(refusal)
    assert not any(r.counts for r in await kept(talk))


async def test_an_outcome_of_another_track_is_not_kept(talk: Talk) -> None:
    await talk("ana", f"/answer prompt: proud outcome: solved {story(5)}")
    (row,) = await kept(talk)
    assert (row.outcome, row.counts) == ("", False)


# --- points ------------------------------------------------------------------------------------------


async def test_two_tracks_a_day_earn_and_the_third_does_not(talk: Talk, clock: MovedClock) -> None:
    assert "+10 points" in await talk("ana", f"/answer prompt: proud {story(20)}")
    assert "points" not in await talk("ana", f"/answer prompt: conflict-won {story(20)}"), "the same track"
    assert "+10 points" in await talk("ana", f"/answer prompt: team {story(20)}")
    assert "points" not in await talk("ana", f"/answer prompt: garage {story(20)}"), "the third track"
    assert await points(talk, "ana") == [("answer", "behavioural", 10), ("answer", "ask", 10)]
    clock.advance(days=1)
    assert "+10 points" in await talk("ana", f"/answer prompt: garage {story(20)}")
    await truth(talk, "ana")


async def test_a_better_second_attempt_earns_five_and_says_what_is_new(talk: Talk) -> None:
    await talk("ana", f"/answer prompt: proud {THIN}")
    said = await talk("ana", f"/answer prompt: proud {FULL}")
    assert said.startswith("Kept: your answer to “Work you are proud of” (attempt 2).")
    assert "New since your earlier attempts:" in said and ", Result has a number" in said
    assert "+5 points: 8 more items met than in your best attempt so far." in said
    said = await talk("ana", f"/answer prompt: proud {FULL}")
    assert (
        "Compared with your earlier attempts: nothing is met for the first time." in said and "+5" not in said
    )
    assert "nothing is met for the first time" in await talk("ana", f"/answer prompt: proud {THIN}")
    assert await points(talk, "ana") == [("answer", "behavioural", 10), ("improvement", "behavioural", 5)]
    await truth(talk, "ana")


async def test_taking_an_attempt_back_does_not_let_it_earn_again(talk: Talk) -> None:
    await talk("ana", f"/answer prompt: proud {THIN}")
    for number in (2, 3, 4):
        await talk("ana", f"/answer prompt: proud {FULL}")
        await talk("ana", f"/withdraw {number} sure: yes")
    assert [p for p in await points(talk, "ana") if p[0] == "improvement"] == [
        ("improvement", "behavioural", 5)
    ]


async def test_an_attempt_too_short_to_count_improves_nothing(talk: Talk) -> None:
    await talk("ana", f"/answer prompt: proud {story(20)}")
    said = await talk("ana", "/answer prompt: proud I cut the cost by 40%.")
    assert "from 20 words on" in said and "+5" not in said
    assert await points(talk, "ana") == [("answer", "behavioural", 10)]


# --- when reading fails ------------------------------------------------------------------------------------------


async def test_a_reading_that_fails_leaves_the_answer_kept_and_is_made_up_once(talk: Talk) -> None:
    await plan(talk, "behavioural")
    await talk("ana", f"/answer {THIN}")
    async with talk.store.write() as tx:
        await tx.exec_driver_sql("ALTER TABLE checklist RENAME TO checklist_elsewhere")
    with capture_logs() as entries:
        said = await talk("ana", f"/answer prompt: proud {FULL}")
    assert said.split("\n\n")[:3] == [
        "Kept: your answer to “Work you are proud of” (attempt 2).",
        "It counts for Monday 2 March 2026. Streak: 1 day.",
        "Its checklist could not be made just now. It will be in your history a little later.",
    ]
    assert [e["event"] for e in entries] == ["reading an answer failed"] and "nightly import" not in repr(
        entries
    )
    async with talk.store.write() as tx:
        await tx.exec_driver_sql("ALTER TABLE checklist_elsewhere RENAME TO checklist")
    assert [r.text for r in await kept(talk)] == [THIN, FULL]
    assert [await finish_unread(talk.app) for _ in range(3)] == [1, 0, 0]
    assert await points(talk, "ana") == [("answer", "behavioural", 10), ("improvement", "behavioural", 5)]
    assert "9 of 9" in await talk("ana", "/history")
    await truth(talk, "ana")


async def test_a_stop_between_storing_and_reading_loses_nothing_and_pays_once(talk: Talk) -> None:
    await talk("ana", f"/answer prompt: proud {THIN}")
    person = await talk.person("ana")
    async with talk.store.read() as tx:
        prompt = (await prompts.find_prompts(tx, None, "proud"))[0]
    recorded = await record(
        talk.app, person, prompt, FULL, talk.clock.now(), group_id=talk.group_id, occurrence_id=None
    )  # and here the process dies
    assert (recorded.answer.attempt, recorded.answer.words, recorded.answer.counts) == (2, 106, True)
    assert await finish_unread(talk.app) == 1
    again = await finish(talk.app, recorded.answer, prompt, person)
    assert len(again.newly_met) == 8 and again.award is None, "what was finished is told again and paid once"
    assert await points(talk, "ana") == [("answer", "behavioural", 10), ("improvement", "behavioural", 5)]
    async with talk.store.read() as tx:
        rows = (await tx.execute(select(checklist.c.answer_id, checklist.c.newly_met))).all()
    assert {r.answer_id: r.newly_met for r in rows} == {1: 0, 2: 8}


async def test_an_answer_that_cannot_be_read_does_not_keep_starling_from_starting(talk: Talk) -> None:
    await talk("ana", "/help")
    person = await talk.person("ana")
    async with talk.store.read() as tx:
        prompt = (await prompts.find_prompts(tx, None, "proud"))[0]
    for text in (THIN, FULL):
        await record(talk.app, person, prompt, text, talk.clock.now(), group_id=None, occurrence_id=None)
    async with talk.store.write() as tx:
        await tx.execute(update(answer).where(answer.c.attempt == 1).values(parts={"S": 5}))  # a damaged row
    with capture_logs() as entries:
        assert [await finish_unread(talk.app) for _ in range(2)] == [1, 0]
    assert [e["event"] for e in entries] == ["reading an answer failed"] * 2
    assert "9 of 9" in await talk("ana", "/history")


# --- details on request ----------------------------------------------------------------------------------------


async def test_a_detail_is_told_to_who_asks_about_it(talk: Talk) -> None:
    await plan(talk, "system-design")
    assert await talk("ana", "/clarify What do the cars look like?") == (
        "| 500 cars.\n\nDetails found: 1 of 3. 1 of the others would change the answer.\n\n[Ask another] [Answer]"
    )
    await talk.press("ana", "Ask another")
    assert await talk.submit("ana", {"ask": "Is there an EXIT?"}) == (
        "| Two gates in, one out.\n\n"
        "Details found: 2 of 3. 1 of the others would change the answer.\n\n"
        "[Ask another] [Answer]"
    )
    assert await talk("ana", "/clarify prompt: garage What is the weather like?") == (
        "Nothing more is known about that. Ask about something else, or say what you assume.\n\n"
        "Details found: 2 of 3. 1 of the others would change the answer.\n\n[Ask another] [Answer]"
    )
    assert await talk("ana", "/clarify How many gates, and how do they pay?") == (
        "| 500 cars.\n\n| Two gates in, one out.\n\n| By licence plate.\n\nDetails found: 3 of 3.\n\n[Answer]"
    )
    assert "Details found: 1 of 3." in await talk("bea", "/clarify how many?"), "each finds their own"
    await talk.press("bea", "Answer")
    assert talk.form("bea").title == "A parking garage"


async def test_whole_words_are_understood_with_their_endings(talk: Talk) -> None:
    for asked, found in (
        ("gate", 1),
        ("gates", 1),
        ("Paying?", 1),
        ("payed", 1),
        ("investigate", 0),
        ("carpet", 0),
    ):
        said = await talk(f"m{asked}", f"/clarify prompt: garage {asked}")
        assert f"Details found: {found} of 3." in said, asked


async def test_a_question_without_details_says_so(talk: Talk) -> None:
    assert await talk("ana", "/clarify prompt: proud what?") == (
        "This question has no hidden details: say what you assume, and go on.\n\nFor example: /answer I assume that ..."
    )


# --- one's own rubric --------------------------------------------------------------------------------------------


async def test_a_rubric_is_ticked_and_unticked_by_its_writer_and_earns_nothing(talk: Talk) -> None:
    await talk("ana", f"/answer prompt: garage {story(20)}")
    (ticks,) = [b for b in blocks_of(talk.views["ana"]) if isinstance(b, Ticks)]
    assert len(ticks.items) == 10 and not any(t.ticked for t in ticks.items)
    first, second = (f"{ticks.action}{t.key}" for t in ticks.items[:2])
    said = await talk.press("ana", first)
    assert said.startswith(
        "System design round, four steps: 1 of 10 ticked. It is for your own eyes and earns nothing."
    )
    assert said.count("[x]") == 1
    assert (await talk.press("ana", second)).count("[x]") == 2
    assert (await talk.press("ana", first)).count("[x]") == 1
    assert (await talk.press("bea", first)).startswith("That answer is not there, or not yours.")
    assert (await talk.press("ana", f"{ticks.action}nothing")).startswith("That box is no longer there.")
    assert await points(talk, "ana") == [("answer", "system-design", 10)]


async def test_ticks_are_still_there_when_the_outcome_is_said_after_them(talk: Talk) -> None:
    await talk("ana", "/answer prompt: two-sum a map")
    solved = talk.buttons("ana")["Solved"]
    (ticks,) = [b for b in blocks_of(talk.views["ana"]) if isinstance(b, Ticks)]
    await talk.press("ana", f"{ticks.action}{ticks.items[3].key}")
    assert (await talk.press("ana", solved)).count("[x]") == 1


async def test_a_strong_answer_is_described_after_one_s_own(talk: Talk) -> None:
    said = await talk("ana", f"/answer prompt: garage {story(140)}")
    assert "What a strong answer shows here:\n\n- Counts the cars first\n- Names what breaks" in said
    assert "140 words, about 1 min 0 s when spoken." in said
    assert "What a strong answer" not in await talk("ana", "/today")


# --- feedback on any text ------------------------------------------------------------------------------------------


async def test_feedback_reads_any_text_and_stores_nothing(talk: Talk) -> None:
    said = await talk("ana", f"/feedback {FULL}")
    assert said.startswith(
        "STAR checklist of this text. Nothing was stored, and nothing left this machine.\n\n+ Situation"
    )
    assert await kept(talk) == []
    assert (await talk("ana", "/feedback text: \u200b")).startswith("There are no words to read.")
    assert (await talk("ana", f"/feedback {'x' * 20_001}")).startswith(
        "That text has 20,001 characters; up to 20,000 can be read at once."
    )
    await talk("ana", "/feedback", can_ask=True)
    assert (await talk.submit("ana", {"text": THIN})).startswith("STAR checklist")


async def test_the_small_pack_is_what_these_tests_think_it_is(talk: Talk) -> None:
    async with talk.store.read() as tx:
        found = await prompts.candidates(tx, talk.group_id)
    assert [p.uid for p in found] == [p.uid for p in SMALL.live]
