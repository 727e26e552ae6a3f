"""``help`` as conversations: the registry itself, first steps for a newcomer."""

from __future__ import annotations

import pytest
from moved_clock import MovedClock
from practising import plan, story, studying
from talk import Talk

from core.catalogue import registry
from core.store.engine import Store
from core.views import Fields, blocks_of


@pytest.fixture
async def talk(store: Store, clock: MovedClock) -> Talk:
    return await studying(store, clock)


def listed(talk: Talk, name: str) -> list[str]:
    return [path for b in blocks_of(talk.views[name]) if isinstance(b, Fields) for path, _ in b.items]


async def test_a_newcomer_gets_three_steps_with_buttons_until_their_first_answer(talk: Talk) -> None:
    said = await talk("ana", "/help")
    assert said.startswith(
        "Welcome. Three steps: look at /today, write a few sentences with /answer, and read the checklist that comes "
        "back. Nobody else sees your answer.\n\n[Today's question] [Practise]\n\n"
        "Practise\n\nhelp: What can be done here"
    )
    assert said.endswith("More about one of them: /help command: answer")
    assert "No question is open" in await talk.press("ana", "Today's question")
    await talk("ana", f"/answer prompt: proud {story(3)}")
    assert (await talk("ana", "/help")).startswith("Practise\n\nhelp: What can be done here")


async def test_every_listed_command_is_in_it_and_nothing_that_only_buttons_call(talk: Talk) -> None:
    await talk("ana", "/help", organiser=True)
    assert sorted(listed(talk, "ana")) == sorted(c.path for c in registry().listed())
    assert not {"tick", "withdraw", "guided", "nothing"} & set(listed(talk, "ana"))


async def test_what_is_for_organisers_is_shown_to_them(talk: Talk) -> None:
    assert "For organisers" not in await talk("ana", "/help") and "drops add" not in listed(talk, "ana")
    assert "For organisers" in await talk("ana", "/help", organiser=True)


async def test_one_command_is_explained_with_its_options_and_an_example(talk: Talk) -> None:
    explained = (
        "## /streak [view: ...] [page: ...]\n\n"
        "Your streak, your best, your savers; and why, day by day.\n\n"
        "view: today, or why: the ledger in words (today, why); may be left out\n"
        "page: Which page of why; may be left out\n\n"
        "For example: /streak"
    )
    for line in ("/help streak", "/help command: streak", "/help /streak", "/help STREAK", '/help "streak"'):
        assert await talk("ana", line) == explained, line
    assert (await talk("ana", "/help  remind   set")).startswith("## /remind set time: ...")
    assert "For example: /remind set time: 21:00" in await talk("ana", "/help remind set")


@pytest.mark.parametrize(
    ("named", "offers"),
    [
        ("streek", "[streak]"),
        ("remind", "[remind set]"),
        ("me", "[me show]"),
        ("tick", None),
        ("xyzzy", None),
    ],
)
async def test_what_is_no_command_finds_the_nearest(talk: Talk, named: str, offers: str | None) -> None:
    said = await talk("ana", f"/help {named}")
    assert said.startswith(f"There is no command “{named}”.")
    if offers:
        assert offers in said
        assert (await talk.press("ana", offers.strip("[]"))).startswith(f"## /{offers.strip('[]')}")
    else:
        assert "For example: /help" in said


async def test_help_suggests_what_contains_the_letters_typed(talk: Talk) -> None:
    assert ("streak", "streak") in await talk.suggest("ana", "help", "command", "trea")
    everything = await talk.suggest("ana", "help", "command", "")
    assert 10 < len(everything) <= 25 and all(label == path for label, path in everything)


async def test_questions_are_suggested_with_today_s_first(talk: Talk) -> None:
    assert [label for label, _ in await talk.suggest("ana", "answer", "prompt", "conflict")] == [
        "A conflict, lost",
        "A conflict, won",
    ]
    await plan(talk, "system-design")
    await talk("ana", "/today")
    found = await talk.suggest("ana", "answer", "prompt", "")
    assert found[0][0] == "Today: A parking garage" and len(found) <= 25
    assert (await talk("ana", f"/answer prompt: {found[0][1]} {story(3)}")).startswith(
        "Kept: your answer to “A parking garage”"
    )
    assert all(label and len(label) <= 75 for label, _ in found)
