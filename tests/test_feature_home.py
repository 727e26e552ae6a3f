"""``home`` and ``menu`` as conversations: one page that says where somebody stands, and what they can press."""

from __future__ import annotations

from dataclasses import replace
from datetime import time

import pytest
from moved_clock import MovedClock
from practising import SMALL, plan, story, studying
from sqlalchemy import event
from talk import DIRECT, HOME, Talk

from core.call import Request, Where
from core.founding import add_schedule
from core.rules.due import Rule
from core.services import Limits
from core.store import asides, people, prompts
from core.store.engine import Store
from core.text import as_text
from core.views import Buttons, Message, Table, blocks_of

BERLIN = "2026-03-02 11:00"


@pytest.fixture
async def talk(store: Store, clock: MovedClock) -> Talk:
    return await studying(store, clock)


async def home(talk: Talk, name: str) -> str:
    return await talk.press(name, "home", direct=True)


def actions(talk: Talk, name: str) -> list[str]:
    return [
        b.action for block in blocks_of(talk.views[name]) if isinstance(block, Buttons) for b in block.items
    ]


# --- the page -----------------------------------------------------------------------------------------------


async def test_the_page_says_where_somebody_stands_and_what_they_can_do(talk: Talk) -> None:
    await plan(talk, "behavioural")
    await talk("ana", "/help")
    assert await home(talk, "ana") == (
        "## Ana\n\n"
        "Streak: 0 days\n"
        "Savers: 0 savers; the next after 7 more counted days\n"
        "Today: open: one answer of 20 words is enough.\n\n"
        "[Why?]\n\n--------\n\n"
        "Today's questions\n\n"
        "Work you are proud of\n\n"
        "Night owls: Behavioural, about 5 minutes, every level. You have not answered it yet.\n\n"
        "[Answer] [Guided answer]\n\n--------\n\n"
        "Your reminder\n\n"
        "None: a question a day can come to you by direct message, at a time of yours.\n\n"
        "[Set a reminder]\n\n--------\n\n"
        "This week in Night owls\n\n"
        "Nobody is on this board yet. One answer puts you there.\n\n"
        "[Whole board]\n\n--------\n\n"
        "Your settings\n\n"
        "Zone Europe/Berlin (assumed); your day ends at 03:00; rest days: none.\n\n"
        "[Change settings]"
    )
    view = talk.views["ana"]
    assert isinstance(view, Message) and view.private


async def test_an_answer_from_the_page_counts_and_the_page_says_so(talk: Talk) -> None:
    await plan(talk, "behavioural")
    await talk("ana", "/help")
    await talk("bea", "/help")
    await home(talk, "ana")
    await talk.press("ana", "Answer", direct=True)
    assert "Kept" in await talk.submit("ana", {"text": story(25)}, direct=True)
    page = await home(talk, "ana")
    assert "Streak: 1 day\n" in page and "Today: counted." in page
    assert "You have answered it. 1 member answered so far.\n\n[Answer again]" in page
    assert "> 1  Ana       10" in page
    other = await home(talk, "bea")
    assert "You have not answered it yet. 1 member answered so far." in other
    assert "You are not on it yet: one answer is enough." in other


async def test_every_question_of_every_group_can_be_answered_there_and_counts_in_its_own_group(
    talk: Talk,
) -> None:
    await plan(talk, "behavioural")
    away = Where("test", "server2", "channel2", "#early")
    await talk("ana", "/help")
    early = await talk.found("Early birds", away)
    await talk("ana", "/help", where=away)
    first, talk.group_id = talk.group_id, early
    async with talk.store.read() as tx:
        talk.home_id = (await people.homes_of(tx, early))[0].id
    await plan(talk, "ask")
    page = await home(talk, "ana")
    assert "Night owls: Behavioural" in page and "Early birds: " in page
    handles = [a for a in actions(talk, "ana") if a.startswith("answer:")]
    assert len(handles) == 2
    for action in handles:
        await talk.press("ana", action, direct=True)
        assert "Kept" in await talk.submit("ana", {"text": story(30)}, direct=True)
    page = await home(talk, "ana")
    assert page.count("You have answered it. 1 member answered so far.") == 2
    board = await talk("ana", "/leaderboard", where=away)
    assert "Ana" in board
    await talk("ana", "/me leave confirm: yes", where=away)
    assert "Early birds" not in await home(talk, "ana")
    left = next(a for a in handles if a != next(b for b in actions(talk, "ana") if b.startswith("answer:")))
    assert "There is no question" in await talk.press("ana", left, direct=True)
    talk.group_id = first


async def test_a_group_s_own_question_that_has_closed_is_not_practised_in_another_group(talk: Talk) -> None:
    away = Where("test", "server2", "channel2", "#early")
    await talk("ana", "/help")
    early = await talk.found("Early birds", away)
    await talk("ana", "/help", where=away)
    own = replace(SMALL, id="own", prompts=(replace(SMALL.prompts[0], pack="own", title="Ours alone"),))
    async with talk.store.write() as tx:
        await prompts.install(tx, own, early, talk.clock.now())
        rule = Rule(time(3), "Europe/Berlin", frozenset(range(7)))
        home_id = (await people.homes_of(tx, early))[0].id
        places = [(home_id, "")]
        await add_schedule(tx, early, places, rule, talk.clock.now(), packs=("own",), drop_now=True)
    assert "Early birds: Behavioural" in await home(talk, "ana")
    action = next(a for a in actions(talk, "ana") if a.startswith("answer:"))
    view = await talk.dispatcher.press(action, talk.who("ana"), DIRECT)
    assert "Ours alone" in as_text(view) or "What are you proud of?" in as_text(view)
    talk.clock.advance(3 * 24 * 3600)
    assert "There is no question" in await talk.press("ana", action, direct=True)
    assert "There is no question" not in await talk.press("ana", action, where=away), "at home it is practice"


async def test_a_question_of_somebody_else_s_group_is_nobody_s_in_a_direct_message(talk: Talk) -> None:
    await plan(talk, "behavioural")
    await talk("ana", "/help")
    await home(talk, "ana")
    action = next(a for a in actions(talk, "ana") if a.startswith("answer:"))
    assert "There is no question" in await talk.press("zoe", action, direct=True)
    assert "Work you are proud of" not in await home(talk, "zoe")


async def test_somebody_in_no_group_is_told_kindly_how_to_begin(talk: Talk) -> None:
    page = await home(talk, "zoe")
    assert (
        "You are in no study group yet. If there is one here, go to its channel and say /today: that makes you a "
        "member. If there is none, its organiser begins one in a channel with /setup." in page
    )
    assert "[Practise now] [Help]" in page and "This week in" not in page
    assert "What are you proud of?" not in page


async def test_without_an_open_question_it_says_when_the_next_one_comes(talk: Talk) -> None:
    await talk("ana", "/help")
    assert "No question is open, and none is planned. Practice works at any time." in await home(talk, "ana")
    await talk("bea", "/drops add time: 18:00", organiser=True)
    page = await home(talk, "ana")
    assert "No question is open just now. The next one comes Mon 02 Mar 2026 18:00 (Europe/Berlin)." in page
    assert "[Practise now]" in page


async def test_a_reminder_says_when_it_comes_next_and_its_question_stands_there_too(talk: Talk) -> None:
    await talk("ana", "/help")
    await talk("ana", "/remind set time: 21:00", direct=True)
    page = await home(talk, "ana")
    assert (
        "A question daily at 21:00 (Europe/Berlin). The next comes Mon 02 Mar 2026 21:00 (Europe/Berlin).\n\n"
        "[Change it] [Switch off]" in page
    )
    talk.until("2026-03-02 20:01")
    await talk.deliver()
    assert "Your reminder: " in await home(talk, "ana")


async def test_the_board_shows_five_and_the_place_of_a_reader_below_or_hidden(talk: Talk) -> None:
    for n, name in enumerate(("bea", "cem", "dan", "eva", "fay", "ana")):
        for prompt in ("proud", "team", "garage")[: 3 if n < 5 else 1]:
            await talk(name, f"/answer prompt: {prompt} {story(30)}")
    page = await home(talk, "ana")
    table = next(b for b in blocks_of(talk.views["ana"]) if isinstance(b, Table))
    assert [row[1] for row in table.rows] == ["Bea", "Cem", "Dan", "Eva", "Fay"] and table.marked is None
    assert "Your place: 6, with 10 points." in page
    await talk("bea", "/me hide hidden: yes")
    page = await home(talk, "bea")
    assert "Your place: 1, with" in page and "(only you see this: you are hidden from the board)" in page
    await home(talk, "ana")
    assert "Bea" not in as_text(talk.views["ana"])


async def test_a_page_that_stays_the_same_is_the_same_a_minute_later(talk: Talk) -> None:
    await plan(talk, "behavioural")
    await talk("ana", "/remind set time: 21:00")
    before = await home(talk, "ana")
    talk.clock.advance(60)
    assert await home(talk, "ana") == before


async def test_a_streak_that_ended_is_told_elsewhere_and_not_lost_on_the_page(talk: Talk) -> None:
    await talk("ana", f"/answer prompt: proud {story(30)}")
    talk.until("2026-03-06 11:00")
    assert "Streak: 0 days" in await home(talk, "ana")
    assert "ended" in await talk("ana", "/streak"), "the page has not used up the words that are said once"


async def test_it_is_made_with_few_queries(talk: Talk) -> None:
    await plan(talk, "behavioural")
    await talk("ana", f"/answer prompt: team {story(30)}")
    await talk("ana", "/remind set time: 21:00")
    await home(talk, "ana")
    asked: list[str] = []
    engine = talk.store._reader.sync_engine

    def count(conn: object, cursor: object, statement: str, *_: object) -> None:
        asked.append(statement)

    event.listen(engine, "before_cursor_execute", count)
    try:
        await home(talk, "ana")
    finally:
        event.remove(engine, "before_cursor_execute", count)
    selects = [s for s in asked if s.lstrip().upper().startswith("SELECT")]
    assert 0 < len(selects) <= 12, selects


# --- made by Starling itself --------------------------------------------------------------------------------


def page_request(talk: Talk, *, unasked: bool) -> Request:
    return Request("home", talk.who("ana"), DIRECT, unasked=unasked)


async def test_what_is_said_once_waits_for_a_reply_and_is_not_lost_on_a_page_shown_anew(talk: Talk) -> None:
    await talk("ana", "/help")
    async with talk.store.write() as tx:
        await asides.add(tx, (await talk.person("ana")).id, "Your pack was removed.", talk.clock.now())
    assert "Your pack" not in as_text(await talk.dispatcher.run(page_request(talk, unasked=True)))
    assert "Your pack was removed." in await talk("ana", "/help")


async def test_a_page_shown_anew_takes_nothing_from_what_its_reader_may_ask(talk: Talk) -> None:
    await talk("ana", "/help")
    talk.reconfigure(limits=Limits(commands_a_minute=2))
    for _ in range(5):
        assert "Your settings" in as_text(await talk.dispatcher.run(page_request(talk, unasked=True)))
    assert "a lot at once" not in await talk("ana", "/help")
    assert "a lot at once" not in await talk("ana", "/help")
    assert "a lot at once" in as_text(await talk.dispatcher.run(page_request(talk, unasked=False)))


# --- the menu -----------------------------------------------------------------------------------------------


async def test_the_menu_has_what_one_does_most_and_organisers_have_more(talk: Talk) -> None:
    said = await talk.press("ana", "menu")
    assert said == (
        "What would you like to do?\n\n"
        "[Today's question] [Practise] [Review others] [My streak] [Leaderboard] [My answers] [Reminder] "
        "[My settings] [Help]\n\n"
        "Everything there is: /help"
    )
    said = await talk.press("bea", "menu", organiser=True)
    assert "For organisers:\n\n[Set up a channel] [Planned questions] [Doctor]" in said


@pytest.mark.parametrize("where", [HOME, DIRECT], ids=["channel", "direct"])
async def test_every_button_of_the_menu_and_of_the_page_does_something(talk: Talk, where: Where) -> None:
    await plan(talk, "behavioural")
    await talk("ana", "/remind set time: 21:00")
    for page in ("menu", "home"):
        await talk.press("ana", page, where=where, organiser=True)
        for action in actions(talk, "ana"):
            view = await talk.dispatcher.press(action, replace(talk.who("ana"), organiser=True), where)
            text = as_text(view)
            assert "older version" not in text and "There is no" not in text and "broke" not in text, action
