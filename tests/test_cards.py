"""The card of a drop, from open to closed, and what a recap names and leaves out."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from moved_clock import MovedClock
from practising import FULL, THIN, plan, story, studying
from sqlalchemy import select
from talk import Talk

from core.cards import Recap, drop_card, listed
from core.recaps import recap_for
from core.store import occurrences, prompts
from core.store.engine import Store
from core.store.occurrences import Drop
from core.store.prompts import StoredPrompt
from core.store.tables import occurrence
from core.text import as_text
from core.views import Buttons, Message


@pytest.fixture
async def talk(store: Store, clock: MovedClock) -> Talk:
    return await studying(store, clock)


async def a_drop(talk: Talk, *tracks: str) -> Drop:
    schedule = await plan(talk, *(tracks or ("behavioural",)))
    await talk.deliver()
    async with talk.store.read() as tx:
        found = await tx.execute(select(occurrence.c.id).where(occurrence.c.schedule_id == schedule))
        drop = await occurrences.get_drop(tx, found.scalar_one())
    assert drop is not None and drop.prompt_id is not None
    return drop


async def card_of(talk: Talk, drop: Drop, **changes: Any) -> Message:
    assert drop.prompt_id is not None
    async with talk.store.read() as tx:
        prompt = await prompts.get_prompt(tx, drop.prompt_id)
    assert isinstance(prompt, StoredPrompt)
    return drop_card(drop, prompt, now=drop.due_at, **{"answered": 0, **changes})


def pressed(card: Message) -> dict[str, str]:
    return {b.label: b.action for block in card.blocks if isinstance(block, Buttons) for b in block.items}


async def recap(talk: Talk, drop: Drop) -> Recap:
    async with talk.store.read() as tx:
        return await recap_for(tx, drop)


# --- the card ------------------------------------------------------------------------------------------


async def test_a_card_grows_with_what_happens_and_ends_with_the_day(talk: Talk) -> None:
    drop = await a_drop(talk)
    assert as_text(await card_of(talk, drop)) == (
        "## Work you are proud of\n\n"
        "What are you proud of?\n\n"
        "Behavioural, about 5 minutes, every level\n\n"
        "Nobody has answered yet.\n\n"
        "[Answer] [Guided answer] [Share]"
    )
    open_ = await card_of(talk, drop, answered=3, shared=2, thread=True)
    assert as_text(open_) == (
        "## Work you are proud of\n\n"
        "What are you proud of?\n\n"
        "Behavioural, about 5 minutes, every level\n\n"
        "3 members answered so far.\n\n"
        "2 shared answers: they open once you have answered.\n\n"
        "Replies in the thread are discussion; they are not counted as answers.\n\n"
        "[Answer] [Guided answer] [Share] [Shared answers]"
    )
    assert open_.thread == "Work you are proud of" and open_.track == "behavioural"
    closed = await card_of(talk, drop, answered=1, shared=1, closed=True)
    assert as_text(closed).split("\n\n")[3:] == [
        "1 member answered.",
        "1 shared answer: it opens once you have answered.",
        "This question is closed: answering it now is practice.",
        "[Answer anyway] [Guided answer] [Share] [Shared answers] [Review]",
    ]
    told = Recap(3, 1, ("Ana", "Ben"), 1, (("Cem", 12), ("Ana", 3)))
    ended = await card_of(talk, drop, answered=3, recap=told, closed=True)
    assert as_text(ended).split("\n\n")[3:] == [
        "--------",
        "How the day went",
        "3 members answered. Welcome to Ana and Ben, with their first answers. 1 member met something that was missing "
        "in earlier attempts. Streaks: Cem 12 days and Ana 3 days.",
        "This question is closed: answering it now is practice.",
        "[Answer anyway] [Guided answer] [Share]",
    ]
    alone = await card_of(talk, drop, recap=Recap(0), closed=True)
    assert "Nobody answered this one. It can still be practised at any time." in as_text(alone)
    assert "Nobody has answered.\n" in as_text(await card_of(talk, drop, closed=True))


async def test_details_are_asked_for_on_the_card_of_a_question_that_has_some(talk: Talk) -> None:
    drop = await a_drop(talk, "system-design")
    card = await card_of(talk, drop, shared=1)
    assert list(pressed(card)) == ["Answer", "Clarify", "Share", "Shared answers"]


async def test_a_reminder_is_shared_with_nobody(talk: Talk) -> None:
    drop = replace(await a_drop(talk), group_id=None, person_id=1)
    assert list(pressed(await card_of(talk, drop, private=True))) == ["Answer", "Guided answer"]


async def test_a_private_copy_opens_no_thread(talk: Talk) -> None:
    card = await card_of(talk, await a_drop(talk), thread=True, private=True)
    assert card.thread == ""


async def test_the_longest_ids_fit_a_button(talk: Talk) -> None:
    drop = replace(await a_drop(talk), id=10**18)
    card = await card_of(talk, drop, shared=10**6, closed=True)
    assert len(pressed(card)) == 5 and all(len(action) <= 100 for action in pressed(card).values())


@pytest.mark.parametrize(
    ("names", "said"),
    [((), ""), (("Ana",), "Ana"), (("Ana", "Ben"), "Ana and Ben"), (("A", "B", "C"), "A, B and C")],
)
def test_names_are_listed_as_people_do(names: tuple[str, ...], said: str) -> None:
    assert listed(names) == said


# --- the recap ------------------------------------------------------------------------------------------


async def test_a_recap_says_who_was_new_what_improved_and_which_streaks_stand(
    talk: Talk, clock: MovedClock
) -> None:
    for _ in range(3):
        await talk("ana", f"/answer prompt: two-sum outcome: solved text: {story(20)}")
        await talk("ben", f"/answer prompt: proud {THIN}")
        clock.advance(days=1)
    drop = await a_drop(talk)
    assert await recap(talk, drop) == Recap(0)
    await talk("ben", f"/answer {FULL}")
    clock.advance(minutes=1)
    await talk("cem", f"/answer {THIN}")
    await talk("cem", f"/answer prompt: d{drop.id} text: {THIN}")
    await talk("ana", f"/answer {THIN}")
    found = await recap(talk, drop)
    assert found == Recap(3, 0, ("Cem",), 1, (("Ben", 4), ("Ana", 4)))
    await talk.press("ben", "Share")
    await talk.press("ben", "With my name")
    await talk.press("ana", f"me leave now:group={talk.group_id}", direct=True)
    found = await recap(talk, drop)
    assert (found.answered, found.shared, found.streaks) == (3, 1, (("Ben", 4),))
    await talk("ben", "/me hide")
    found = await recap(talk, drop)
    assert (found.improved, found.streaks, found.first_timers) == (1, (), ("Cem",))


async def test_a_nameless_answer_among_few_leaves_everybody_nameless(talk: Talk, clock: MovedClock) -> None:
    drop = await a_drop(talk)
    names = ("ana", "ben", "cem", "dan", "eva")
    for n, name in enumerate(names, 1):
        await talk(name, f"/answer {THIN}")
        if name == "ana":
            await talk.press("ana", "Share")
            await talk.press("ana", "Without my name")
        assert bool((await recap(talk, drop)).first_timers) == (n == len(names))
        clock.advance(minutes=1)


async def test_a_streak_that_ended_before_the_day_closes_is_not_told(talk: Talk, clock: MovedClock) -> None:
    for _ in range(3):
        await talk("ana", f"/answer prompt: proud {THIN}")
        clock.advance(days=1)
    drop = await a_drop(talk)
    await talk("ana", f"/answer {THIN}")
    assert (await recap(talk, drop)).streaks == (("Ana", 4),)
    later = replace(drop, closes_at=drop.closes_at + timedelta(days=9), local_date=date(2026, 3, 14))
    assert (await recap(talk, later)).streaks == ()


async def test_a_recap_written_anew_tells_of_no_later_day(talk: Talk, clock: MovedClock) -> None:
    for _ in range(3):
        await talk("ana", f"/answer prompt: proud {THIN}")
        clock.advance(days=1)
    drop = await a_drop(talk)
    await talk("ana", f"/answer {THIN}")
    clock.advance(days=1, hours=4)
    assert clock.now() > drop.closes_at and (await recap(talk, drop)).streaks == (("Ana", 4),)
    await talk("ana", f"/answer prompt: proud {THIN}")
    assert (await recap(talk, drop)).streaks == ()
