"""``today`` and ``practice`` as conversations: what there is to answer, and one question now."""

from __future__ import annotations

from datetime import time
from itertools import pairwise

import pytest
from moved_clock import MovedClock
from practising import FULL, THIN, plan, story, studying
from sqlalchemy import select
from talk import DIRECT, Talk

from core.call import Where
from core.store.engine import Store
from core.store.tables import ask
from core.views import Divider, Message, Text, blocks_of

ELSEWHERE = Where("test", "another server", "channel")


@pytest.fixture
async def talk(store: Store, clock: MovedClock) -> Talk:
    return await studying(store, clock)


async def asked(talk: Talk) -> list[int]:
    """The prompts put to anybody by ``practice``, in order."""
    async with talk.store.read() as tx:
        return [r.prompt_id for r in await tx.execute(select(ask.c.prompt_id).order_by(ask.c.id))]


def question(talk: Talk, name: str) -> str:
    """The question that ``name`` saw last: under its title, where it has one."""
    view = talk.views[name]
    assert isinstance(view, Message)
    (title,), (under,) = (b.words for b in view.blocks[:2] if isinstance(b, Text))
    return str(under if str(under) in TITLES else title)


TITLES = {
    "What are you proud of?": "behavioural",
    "Tell of a conflict that you won.": "behavioural",
    "Tell of one that you lost.": "behavioural",
    "Two Sum (read the statement at the link).": "coding",
    "Sort with a heap.": "coding",
    "Design the software of a parking garage.": "system-design",
    "Which question would you ask about the team?": "ask",
}

# --- today ------------------------------------------------------------------------------------------


async def test_without_a_plan_today_says_so_and_offers_practice(talk: Talk) -> None:
    assert await talk("ana", "/today") == (
        "No question is open, and none is planned. An organiser can plan them: /drops add.\n\n[Practise now]"
    )
    assert (await talk.press("ana", "Practise now")).startswith("## ")


async def test_without_a_group_today_offers_practice_all_the_same(talk: Talk) -> None:
    for where in (DIRECT, ELSEWHERE):
        assert await talk("zoe", "/today", where=where) == (
            "You are in no group, so there is no question of the day. Practice works all the same.\n\n[Practise now]"
        )
    assert (await talk.press("zoe", "Practise now", direct=True)).startswith("## ")


async def test_one_open_question_is_a_card_with_the_reader_s_own_state(talk: Talk) -> None:
    await plan(talk, "behavioural")
    assert await talk("ana", "/today") == (
        "## Work you are proud of\n\nWhat are you proud of?\n\n"
        "Behavioural, about 5 minutes, every level\n\n"
        "Nobody has answered yet. You have not answered it yet.\n\n"
        "[Answer] [Guided answer] [Share]\n\n"
        "To answer: /answer and your words."
    )
    await talk("ana", f"/answer {story(20)}")
    assert await talk("ana", "/today") == (
        "## Work you are proud of\n\nWhat are you proud of?\n\n"
        "Behavioural, about 5 minutes, every level\n\n"
        "1 member answered so far. You have answered it.\n\n"
        "[Answer] [Guided answer] [Share]"
    )
    assert "1 member answered so far. You have not answered it yet." in await talk("bea", "/today")
    await talk("bea", "/answer short")
    await talk("bea", f"/answer prompt: proud {story(30)}")
    assert "2 members answered so far. You have answered it." in await talk("bea", "/today")


async def test_a_card_s_buttons_lead_to_its_question(talk: Talk) -> None:
    await plan(talk, "system-design")
    await talk("ana", "/today")
    assert set(talk.buttons("ana")) == {"Answer", "Clarify", "Share"}
    assert "Your answer" in await talk.press("ana", "Answer")
    await talk.submit("ana", {"text": story(21)})
    assert "You have answered it." in await talk("ana", "/today")


async def test_several_questions_stand_under_each_other_the_newest_first(
    talk: Talk, clock: MovedClock
) -> None:
    await plan(talk, "behavioural", at=time(4))
    assert len(await talk.deliver()) == 1
    clock.advance(hours=1)
    await plan(talk, "ask", at=time(5))
    said = await talk("ana", "/today")
    assert said.index("about the team?") < said.index("proud of?")
    assert [type(b) for b in blocks_of(talk.views["ana"])].count(Divider) == 1
    await talk("ana", f"/answer {story(20)}")
    said = await talk("ana", "/today")
    first, second = said.split("--------")
    assert "You have answered it." in first and "You have not answered it yet." in second
    assert "To answer:" in second
    await talk("ana", f"/answer {story(20)}")
    assert "To answer:" not in await talk("ana", "/today")


async def test_a_question_closes_after_a_day_and_the_next_one_is_announced(
    talk: Talk, clock: MovedClock
) -> None:
    await plan(talk, "behavioural", at=time(12, 30), days=[0])
    clock.advance(hours=24, seconds=-1)
    assert "proud of?" in await talk("ana", "/today")
    clock.advance(1)
    assert await talk("ana", "/today") == (
        "No question is open just now. The next one comes Mon 09 Mar 2026 12:30 (Europe/Berlin).\n\n[Practise now]"
    )


async def test_an_answer_that_was_taken_back_no_longer_counts_as_answered(talk: Talk) -> None:
    await plan(talk, "behavioural")
    await talk("ana", f"/answer {story(20)}")
    await talk("ana", "/withdraw 1 sure: yes")
    assert "Nobody has answered yet. You have not answered it yet." in await talk("ana", "/today")


async def test_the_group_s_question_is_there_in_direct_messages_too(talk: Talk) -> None:
    await plan(talk, "behavioural")
    await talk("ana", "/streak")
    assert "proud of?" in await talk("ana", "/today", direct=True)
    assert "proud of?" not in await talk("ana", "/today", where=ELSEWHERE)


# --- practice ------------------------------------------------------------------------------------------


async def test_practice_gives_one_question_with_its_buttons(talk: Talk) -> None:
    assert await talk("ana", "/practice track: system-design") == (
        "## A parking garage\n\nDesign the software of a parking garage.\n\n"
        "System design, about 40 minutes, every level\n\n"
        "[Answer] [Clarify] [Another one]\n\n"
        "To answer: /answer and your words."
    )
    assert (await talk("ana", "/practice coding company: acme")).startswith(
        "## Two Sum (read the statement at the link).\n\nTwo Sum (https://example.org/two-sum)"
    )


async def test_the_same_question_never_comes_twice_in_a_row(talk: Talk, clock: MovedClock) -> None:
    for _ in range(12):
        await talk("ana", "/practice")
        clock.advance(3)
        await talk("bea", "/practice behavioural")
    prompts = await asked(talk)
    for mine in (prompts[0::2], prompts[1::2]):
        assert all(a != b for a, b in pairwise(mine))
    await talk("cem", "/practice system-design")
    await talk("cem", "/practice system-design")
    assert question(talk, "cem") == "Design the software of a parking garage.", "unless it is the only one"


@pytest.mark.parametrize("track", ["behavioural", "coding", "system-design", "ask"])
async def test_a_track_that_is_asked_for_is_kept_to(talk: Talk, track: str) -> None:
    for _ in range(4):
        await talk("ana", f"/practice track: {track}")
        assert TITLES[question(talk, "ana")] == track


async def test_a_level_is_kept_to_where_something_fits_it(talk: Talk) -> None:
    for level, title in (
        ("staff", "Sort with a heap."),
        ("graduate", "Two Sum (read the statement at the link)."),
    ):
        await talk("ana", f"/practice coding level: {level}")
        assert question(talk, "ana") == title
    await talk("ana", "/practice system-design staff")
    assert question(talk, "ana").startswith("Design"), "every level"
    await talk("bea", "/me settings level: staff")
    await talk("bea", "/practice coding")
    assert question(talk, "bea") == "Sort with a heap.", "one's own level when none is named"


async def test_what_nothing_fits_is_said_and_nothing_is_asked(talk: Talk) -> None:
    assert await talk("ana", "/practice company: Initech") == (
        "There is no prompt tagged Initech: leave that out, or import a pack that has one.\n\nFor example: /practice"
    )
    assert "For example: /practice" in await talk("ana", "/practice track: company")
    assert "There are: behavioural, coding" in await talk("ana", "/practice track: cooking")
    assert await asked(talk) == []


async def test_another_one_keeps_the_wishes(talk: Talk) -> None:
    await talk("ana", "/practice coding graduate company: Acme")
    assert talk.buttons("ana")["Another one"] == "practice:track=coding;level=graduate;company=Acme"
    await talk.press("ana", "Another one")
    assert talk.buttons("ana")["Another one"] == "practice:track=coding;level=graduate;company=Acme"
    await talk("ana", '/practice company: "a;b"')
    assert talk.buttons("ana")["Another one"] == "practice", "a name that a button cannot hold"
    await talk("ana", "/practice")
    assert talk.buttons("ana")["Another one"] == "practice"


async def test_what_was_practised_least_comes_first(talk: Talk, clock: MovedClock) -> None:
    tracks = []
    for _ in range(4):
        await talk("ana", "/practice")
        tracks.append(TITLES[question(talk, "ana")])
        await talk("ana", f"/answer {story(25)}")
        clock.advance(minutes=5)
    assert sorted(tracks) == ["ask", "behavioural", "coding", "system-design"]


async def test_new_questions_come_before_old_ones_and_of_the_old_the_weakest(
    talk: Talk, clock: MovedClock
) -> None:
    names = ("ana", "bea", "cem", "dee", "eve", "fay")
    for number, name in enumerate(names):
        weak, strong = ("proud", "conflict-won") if number % 2 else ("conflict-won", "proud")
        await talk(name, f"/answer prompt: {strong} {FULL}")
        await talk(name, f"/answer prompt: {weak} {THIN}")
        clock.advance(minutes=1)
        if number < 2:
            await talk(name, "/practice behavioural")
            assert question(talk, name) == "Tell of one that you lost.", "the new one"
            continue
        await talk(name, f"/answer prompt: conflict-lost {THIN}")
        await talk(name, "/practice behavioural")
        wanted = "What are you proud of?" if number % 2 else "Tell of a conflict that you won."
        assert question(talk, name) == wanted, (
            "of the two tried longest ago, the one that met one item of nine"
        )


async def test_questions_that_were_retired_are_never_asked(talk: Talk, clock: MovedClock) -> None:
    for _ in range(4):
        clock.advance(hours=1)
        await talk("ana", "/practice ask")
        assert question(talk, "ana") == "Which question would you ask about the team?"
