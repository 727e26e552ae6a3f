"""``pack remove``, as conversations: nothing of a pack is asked any more, and schedules and answers go on."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from moved_clock import MovedClock
from sqlalchemy import func, select
from talk import HOME, Talk

from core.call import Attachment, Where
from core.store.engine import Store
from core.store.tables import pack, prompt
from core.text import as_text

HEAD = (
    'format = "practice-pack/1"\n[pack]\nid = "{0}"\nversion = "{1}"\ntitle = "{2}"\nlicense = "CC-BY-4.0"\n'
)
MIND = "Tell us about a time when you changed somebody's mind with data."
FAILURE = "Which failure of yours did nobody notice but you, and what did you do about it?"


def one(name: str, text: str, more: str = "", track: str = "behavioural") -> str:
    return f'[[prompt]]\nid = "{name}"\ntrack = "{track}"\ntext = "{text}"\n{more}\n'


def pack_of(*prompts: str, name: str = "harbour", version: str = "1.0.0", title: str = "Harbour") -> bytes:
    return (HEAD.format(name, version, title) + "".join(prompts)).encode()


FIRST = pack_of(one("mind", MIND), one("failure", FAILURE))


@pytest.fixture
async def talk(store: Store, clock: MovedClock) -> Talk:
    return await Talk.begin(store, clock)


@pytest.fixture
async def full(store: Store, clock: MovedClock) -> Talk:
    """With the packs that Starling ships."""
    return await Talk.begin(store, clock, packs=True)


async def hand_in(
    talk: Talk,
    command: str,
    data: bytes,
    *,
    name: str = "harbour.toml",
    who: str = "olga",
    organiser: bool = True,
    where: Where = HOME,
) -> str:
    """``who`` attaches a file to the command, as a platform's adapter passes it on."""
    view = await talk.dispatcher.press(
        command, talk.who(who, organiser), where, {"file": Attachment(name, data)}
    )
    talk.views[who] = view
    return as_text(view)


async def kept(store: Store) -> tuple[int, int]:
    """How many packs and prompts the database holds, retired and removed ones too."""
    async with store.read() as tx:
        packs = (await tx.execute(select(func.count()).select_from(pack))).scalar_one()
        return packs, (await tx.execute(select(func.count()).select_from(prompt))).scalar_one()


def at(clock: MovedClock, text: str) -> None:
    clock.advance((datetime.fromisoformat(text).replace(tzinfo=UTC) - clock.now()).total_seconds())


async def test_removing_asks_first_and_then_nothing_of_it_is_asked(talk: Talk) -> None:
    await hand_in(talk, "pack import", FIRST)
    asked = await talk("olga", "/pack remove name: Harbour", organiser=True)
    assert asked == "Remove harbour, with its 2 prompts? Answers to it stay.\n\n[Remove] [Keep]"
    assert "harbour: Harbour." in await talk.press("olga", "Keep", organiser=True)
    await talk("olga", "/pack remove name: harbour", organiser=True)
    assert await talk.press("olga", "Remove", organiser=True) == (
        "harbour is removed: nothing of it is asked any more. Answers to it stay."
    )
    assert await talk("ben", "/pack list") == "There are no question packs yet. Bring one in: /pack import"
    assert "There is no prompt to choose from" in await talk("ben", "/practice")
    assert "This group has no pack “harbour” of its own." in await talk(
        "olga", "/pack remove harbour", organiser=True
    )


async def test_schedules_that_named_it_go_on_and_are_told_how(full: Talk, clock: MovedClock) -> None:
    await hand_in(full, "pack import", FIRST)
    await full("olga", "/drops add time: 12:00 packs: harbour tracks: behavioural", organiser=True)
    await full("olga", "/drops add time: 13:00 packs: harbour,starter-ask", organiser=True)
    preview = await full("olga", "/drops preview number: 1", organiser=True)
    assert MIND in preview
    asked = await full("olga", "/pack remove harbour", organiser=True)
    assert (
        "Schedule 1 named this pack alone; it will take its questions from every pack.\n\n"
        "Schedule 2 will take its questions from starter-ask alone."
    ) in asked
    said = await full.press("olga", "Remove", organiser=True)
    assert "Schedule 1 named this pack alone; it takes its questions from every pack." in said
    assert "Schedule 2 takes its questions from starter-ask alone." in said
    at(clock, "2026-03-02T11:00")
    (post,) = await full.deliver()
    assert "Behavioural, " in post and MIND not in post, "a prompt seen in a preview is drawn anew"
    at(clock, "2026-03-02T12:00")
    (post,) = await full.deliver()
    assert "Questions to ask, " in post


async def test_a_prompt_that_a_new_version_retires_is_not_asked_from_a_preview(
    talk: Talk, clock: MovedClock
) -> None:
    await hand_in(talk, "pack import", FIRST)
    await talk("olga", "/drops add time: 12:00", organiser=True)
    assert MIND in await talk("olga", "/drops preview", organiser=True)
    await hand_in(talk, "pack import", pack_of(one("failure", FAILURE), version="1.1.0"))
    at(clock, "2026-03-02T11:00")
    (post,) = await talk.deliver()
    assert FAILURE in post


async def test_answers_outlive_their_pack(talk: Talk) -> None:
    await hand_in(talk, "pack import", FIRST)
    await talk(
        "ben", "/answer prompt: mind text: I showed the numbers to my lead, and we dropped the plan for good."
    )
    await talk("olga", "/pack remove harbour sure: yes", organiser=True)
    assert "changed somebody's mind" in await talk("ben", "/history")


async def test_shipped_packs_and_strangers_names_are_not_removed(full: Talk) -> None:
    said = await full("olga", "/pack remove starter-ask sure: yes", organiser=True)
    assert said.startswith("“starter-ask” comes with Starling, so it stays.")
    said = await full("olga", '/pack remove "\'); DROP TABLE pack;--" sure: yes', organiser=True)
    assert said.startswith(
        "This group has no pack “'); drop table pack;--” of its own. It has brought in none so far."
    )
    await hand_in(full, "pack import", FIRST)
    said = await full("olga", "/pack remove harbor", organiser=True)
    assert "There are: harbour." in said


async def test_only_organisers_check_import_and_remove(talk: Talk) -> None:
    for command in ("pack check", "pack import"):
        said = await hand_in(talk, command, FIRST, who="ben", organiser=False)
        assert said == f"“{command}” is for the organisers of this group. Ask one of them to do it."
    assert "is for the organisers" in await talk("ben", "/pack remove harbour sure: yes")
    assert await kept(talk.store) == (0, 0)


async def test_the_names_of_own_packs_are_offered_while_typing(full: Talk) -> None:
    await hand_in(full, "pack import", FIRST)
    command = full.app.registry["pack remove"]
    option = command.option("name")
    assert option is not None
    found = await full.dispatcher.suggest(command, option, "har", full.who("olga", True), HOME)
    assert [(c.label, c.value) for c in found] == [("Harbour", "harbour")]
