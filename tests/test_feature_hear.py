"""Messages that are answers, as conversations: replies, files, loose words, and a message's menu."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from moved_clock import MovedClock
from practising import plan, story, studying
from sqlalchemy import Row, select
from talk import DIRECT, HOME, Talk

from core.call import Attachment
from core.dispatch import Dispatcher
from core.events import Events, Heard
from core.services import Limits
from core.store import heard as store_heard
from core.store.engine import Store, database_url
from core.store.tables import account, answer, draft, point
from core.text import as_text

ASKED = "Count this as your answer to “Work you are proud of”?\n\n[Yes] [No]"
KEPT = "Kept: your answer to “Work you are proud of”"


@pytest.fixture
async def talk(store: Store, clock: MovedClock) -> Talk:
    """Ana belongs to the group, whose question of the day is open."""
    talk = await studying(store, clock)
    await plan(talk, "behavioural")
    await talk("ana", "/today")
    return talk


async def say(talk: Talk, name: str, text: str, message_id: str, **more: Any) -> str | None:
    """What ``name`` gets back for a direct message; None for no reply at all."""
    message = Heard(talk.who(name), f"dm-{name}", message_id, text, **more)
    view = await Events(talk.app, talk.dispatcher).heard(message)
    if view is None:
        return None
    talk.views[name] = view
    return as_text(view)


async def kept(talk: Talk) -> Sequence[Row[Any]]:
    async with talk.store.read() as tx:
        return (await tx.execute(select(answer).order_by(answer.c.id))).all()


async def waiting(talk: Talk) -> list[str]:
    async with talk.store.read() as tx:
        return list((await tx.execute(select(draft.c.action).order_by(draft.c.action))).scalars())


def handle(talk: Talk, name: str) -> str:
    """How the buttons of the prompt that ``name`` saw last call it."""
    return talk.buttons(name)["Answer"].partition("prompt=")[2]


# --- replies and files ------------------------------------------------------------------------------


async def test_a_reply_to_a_prompt_counts_at_once_and_once(talk: Talk) -> None:
    about = handle(talk, "ana")
    said = await say(talk, "ana", story(25), "100", about=about)
    assert said is not None and said.startswith(f"{KEPT}.\n\nIt counts for Monday 2 March 2026.")
    (row,) = await kept(talk)
    assert (row.text, row.source, row.group_id) == (story(25), "test:100", talk.group_id)
    assert row.occurrence_id is not None
    assert await say(talk, "ana", story(25), "100", about=about) is None
    assert len(await kept(talk)) == 1
    again = await say(talk, "ana", story(30), "101", about=about)
    assert again is not None and again.startswith(f"{KEPT} (attempt 2).")


async def test_a_reply_to_a_practice_question_is_its_answer_though_the_day_s_is_open(talk: Talk) -> None:
    await talk("ana", "/practice track: coding", direct=True)
    about = handle(talk, "ana")
    await talk("ana", "/practice track: behavioural", direct=True)
    said = await say(talk, "ana", "A map from value to index.", "1", about=about)
    assert said is not None and "How did it go?" in said
    (row,) = await kept(talk)
    assert (row.track, row.occurrence_id) == ("coding", None)


async def test_a_reply_that_comes_late_is_an_answer_all_the_same(talk: Talk) -> None:
    assert await say(talk, "ana", "thanks!", "200") == ASKED
    said = await say(talk, "ana", story(25), "150", about=handle_of_today(await today(talk)))
    assert said is not None and said.startswith(KEPT)
    assert await say(talk, "ana", "and one more thing", "160") is None, "loose words go by their order"


async def today(talk: Talk) -> str:
    await talk("ana", "/today")
    return talk.buttons("ana")["Answer"]


def handle_of_today(action: str) -> str:
    return action.partition("prompt=")[2]


async def test_a_text_file_counts_at_once_loose_or_as_a_reply(talk: Talk) -> None:
    file = Attachment("answer.md", ("\ufeff" + story(25) + "\r\nGrüße").encode())
    said = await say(talk, "ana", "", "1", file=file)
    assert said is not None and said.startswith(KEPT)
    said = await say(talk, "ana", "Here it is:", "2", file=file, about=handle_of_today(await today(talk)))
    assert said is not None and said.startswith(f"{KEPT} (attempt 2)")
    assert [r.text for r in await kept(talk)] == [
        f"{story(25)}\nGrüße",
        f"Here it is:\n{story(25)}\nGrüße",
    ]


UNREADABLE = (
    ({"unreadable": "“cv.pdf” is no text file"}, "“cv.pdf” is no text file, so nothing was stored."),
    ({"unreadable": "the file is over 100 kB."}, "The file is over 100 kB, so nothing was stored."),
    ({"file": Attachment("a.txt", b"\xff\xfe\x00a")}, "“a.txt” is no text in UTF-8, so nothing was stored."),
    ({"file": Attachment("a.txt", b"word " * 20_001)}, "“a.txt” is over 100 kB, so nothing was stored."),
    ({"file": Attachment("a.txt", b" \n ")}, "“a.txt” is empty, so nothing was stored."),
)


async def test_what_is_no_text_is_said_with_what_would_work(talk: Talk) -> None:
    about = handle(talk, "ana")
    for number, (more, says) in enumerate(UNREADABLE, 1):
        said = await say(talk, "ana", "my answer", str(number), about=about, **more)
        assert said is not None and said.startswith(says)
        assert "a .txt or .md file in UTF-8, up to 100 kB" in said
        assert await say(talk, "ana", "my answer", str(number), about=about, **more) is None
    assert await kept(talk) == []


async def test_an_answer_with_a_picture_is_taken_without_the_picture(talk: Talk) -> None:
    said = await say(
        talk, "ana", story(25), "1", about=handle(talk, "ana"), unreadable="“x.png” is no text file"
    )
    assert said is not None and said.startswith(KEPT) and "what was attached to it was not read" in said


async def test_a_reply_that_is_too_long_is_refused_once_and_may_be_sent_again_shorter(talk: Talk) -> None:
    talk.reconfigure(limits=Limits(answer_characters=100))
    about = handle(talk, "ana")
    said = await say(talk, "ana", "x" * 101, "1", about=about)
    assert said is not None and said.startswith("That answer has 101 characters; up to 100 are kept.")
    assert await say(talk, "ana", "x" * 101, "1", about=about) is None
    assert str(await say(talk, "ana", "x" * 100, "2", about=about)).startswith(KEPT)


async def test_a_reply_whose_prompt_is_gone_or_another_s_is_asked_about(talk: Talk) -> None:
    await talk("zoe", "/remind set time: 12:00 zone: Europe/Berlin", direct=True)
    for number, about in enumerate(("d999", "p999", "nonsense", "d" + "9" * 12), 1):
        assert await say(talk, "ana", "As I said", str(number), about=about) == ASKED


# --- loose messages ---------------------------------------------------------------------------------


async def test_thanks_stays_thanks(talk: Talk) -> None:
    assert await say(talk, "ana", "thanks!", "7") == ASKED
    assert await waiting(talk) == ["loose:7"]
    assert (
        await talk.press("ana", "No", direct=True) == "All right, it was just a message. Nothing was stored."
    )
    assert await waiting(talk) == [] and await kept(talk) == []
    assert await say(talk, "ana", "thanks!", "7") is None, "it was asked about once"


async def test_a_few_words_below_what_was_answered_are_asked_about(talk: Talk) -> None:
    """Where replies stand in one thread, "thanks!" under a checklist replies to its prompt as well."""
    about = handle(talk, "ana")
    first = await say(talk, "ana", "Too tired today.", "100", about=about)
    assert first is not None and first.startswith(KEPT), "few words are an answer where there is none"
    assert await say(talk, "ana", "Thanks!", "101", about=about) == ASKED
    assert await talk.press("ana", "No") == "All right, it was just a message. Nothing was stored."
    assert [row.text for row in await kept(talk)] == ["Too tired today."]
    assert await say(talk, "ana", "Thanks!", "101", about=about) is None, "asked once"


async def test_a_loose_message_becomes_the_answer_with_yes_also_after_a_restart(talk: Talk) -> None:
    assert await say(talk, "ana", story(25), "7") == ASKED
    assert await kept(talk) == []
    talk.dispatcher = Dispatcher(talk.app)
    assert (await talk.press("ana", "Yes", direct=True)).startswith(KEPT)
    (row,) = await kept(talk)
    assert (row.text, row.source) == (story(25), "test:7") and row.occurrence_id is not None
    assert await waiting(talk) == []
    already = "It counts already: it is your answer to “Work you are proud of”."
    assert await talk.press("ana", "count:message=7", direct=True) == already
    assert await talk.press("ana", "leave:message=7", direct=True) == already
    assert await say(talk, "ana", story(25), "7") is None


async def test_yes_counts_for_the_question_that_was_named_though_another_has_come(talk: Talk) -> None:
    assert await say(talk, "ana", story(25), "7") == ASKED
    await talk("ana", "/practice track: coding", direct=True)
    assert (await talk.press("ana", "count:message=7", direct=True)).startswith(KEPT)


async def test_loose_words_wait_for_a_day_and_are_nobody_else_s(talk: Talk, clock: MovedClock) -> None:
    await say(talk, "ana", story(25), "7")
    await talk("bea", "/today")
    assert (await talk.press("bea", "count:message=7", direct=True)).startswith("Those words are not kept")
    await talk.press("bea", "leave:message=7", direct=True)
    clock.advance(hours=24, seconds=1)
    assert (await talk.press("ana", "count:message=7", direct=True)).startswith("Those words are not kept")
    assert await kept(talk) == []


async def test_where_no_question_is_open_there_is_a_kind_word_and_one_to_practise(
    talk: Talk, clock: MovedClock
) -> None:
    clock.advance(days=10)
    said = await say(talk, "cem", "hello", "1")
    assert said is not None and said.startswith("Hello! No question is open for you just now")
    assert await say(talk, "cem", "hello", "1") is None
    assert "two" in (await talk.press("cem", "Practise", direct=True)).casefold() or talk.buttons("cem")
    said = await say(talk, "cem", story(25), "2", file=None)
    assert said is not None and said.startswith("Count this as your answer to “")


async def test_a_message_without_a_word_is_passed_over(talk: Talk) -> None:
    assert await say(talk, "ana", " \u200b ", "5") is None
    assert await say(talk, "ana", "hm", "5") is None
    assert await say(talk, "ana", "hm", "6") == ASKED


async def test_somebody_who_writes_a_lot_at_once_is_told_and_loses_nothing(
    talk: Talk, clock: MovedClock
) -> None:
    talk.reconfigure(limits=Limits(commands_a_minute=1))
    assert await say(talk, "ana", "one", "1") == ASKED
    assert str(await say(talk, "ana", story(25), "2")).startswith("That was a lot at once.")
    clock.advance(60)
    assert await say(talk, "ana", story(25), "2") == ASKED


# --- order and doubles ------------------------------------------------------------------------------


def test_ids_are_ordered_as_they_were_said() -> None:
    said = ["", "9", "10", "999999999999999999", "1000000000000000000"]
    assert sorted(set(said), key=store_heard.order) == said
    slack = ["1772442000.000100", "1772442000.000200", "1772442001.000050"]
    assert sorted(set(slack), key=store_heard.order) == slack
    assert sorted(["m10", "m9", "m1"], key=store_heard.order) == ["m1", "m9", "m10"]


async def test_how_far_somebody_was_read_is_remembered_with_their_channel(talk: Talk) -> None:
    await say(talk, "ana", "hm", "99")
    await say(talk, "ana", "hm", "100")
    await say(talk, "ana", "hm", "99")
    async with talk.store.read() as tx:
        row = (await tx.execute(select(account).where(account.c.user_id == "ana"))).one()
    assert (row.dm_seen, row.dm_channel_id) == ("100", "dm-ana")


async def test_one_message_read_by_two_processes_at_once_is_one_answer(store: Store, talk: Talk) -> None:
    async with Store(database_url(str(store.url.render_as_string(hide_password=False)))) as other_store:
        other = Talk(other_store, talk.clock, talk.group_id, talk.home_id)
        about = handle(talk, "ana")
        for number in range(5):
            said = await asyncio.gather(
                *(say(t, "ana", story(25), f"{number}1", about=about) for t in (talk, other) * 2)
            )
            assert sorted(s is not None for s in said) == [False, False, False, True]
            said = await asyncio.gather(*(say(t, "ana", story(25), f"{number}2") for t in (talk, other) * 2))
            assert sorted(s is not None for s in said) == [False, False, False, True]
            pressed = await asyncio.gather(
                *(t.press("ana", f"count:message={number}2", direct=True) for t in (talk, other) * 2)
            )
            assert sum(p.startswith("Kept:") for p in pressed) == 1, pressed
    assert sorted(r.source for r in await kept(talk)) == sorted(
        f"test:{n}{k}" for n in range(5) for k in "12"
    )
    async with talk.store.read() as tx:
        assert len((await tx.execute(select(point))).all()) == 1


# --- "Use as my answer" -----------------------------------------------------------------------------


async def used(talk: Talk, name: str, author: str, message: str, text: str) -> str:
    request = {"author": author, "message": message, "text": text}
    view = await talk.dispatcher.press("use", talk.who(name), HOME, request)
    talk.views[name] = view
    return as_text(view)


async def test_a_message_of_one_s_own_becomes_the_answer_once(talk: Talk) -> None:
    assert (await used(talk, "ana", "ana", "55", story(25))).startswith(KEPT)
    (row,) = await kept(talk)
    assert (row.text, row.source, row.group_id) == (story(25), "test:55", talk.group_id)
    assert await used(talk, "ana", "ana", "55", story(25)) == (
        "That message is your answer to “Work you are proud of” already, so nothing was stored twice."
    )
    assert await say(talk, "ana", story(25), "55", about="p1") is None
    assert len(await kept(talk)) == 1


async def test_a_message_of_somebody_else_or_without_words_is_no_answer(talk: Talk) -> None:
    refused = "Only a message of your own can be your answer. Nothing was stored."
    assert await used(talk, "ana", "bea", "55", story(25)) == refused
    assert (await used(talk, "ana", "ana", "55", "\u200b")).startswith("There are no words in that message")
    said = as_text(await talk.dispatcher.press("use", talk.who("ana"), HOME, {"text": story(25)}))
    assert said.startswith("“Use as my answer” stands in the menu")
    talk.reconfigure(limits=Limits(answer_characters=100))
    assert (await used(talk, "ana", "ana", "55", "x" * 101)).startswith("That answer has 101 characters")
    assert await kept(talk) == []


async def test_a_short_message_is_kept_and_what_is_missing_is_said(talk: Talk) -> None:
    assert "from 20 words on an answer counts for the day" in await used(
        talk, "ana", "ana", "5", "It went well."
    )


async def test_a_message_of_one_platform_is_not_that_of_another(talk: Talk) -> None:
    await used(talk, "ana", "ana", "55", story(25))
    who = replace(talk.who("ana"), platform="slack", workspace="T1")
    view = await Events(talk.app, talk.dispatcher).heard(Heard(who, "D1", "55", "hello"))
    assert view is not None and DIRECT.direct
