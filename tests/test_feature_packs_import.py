"""``pack import``, as conversations: the whole file or nothing of it, and no id for a second question."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import pytest
from moved_clock import MovedClock
from sqlalchemy import func, select
from talk import HOME, PLATFORM, Talk

from core.call import Attachment, Where
from core.packs.load import load_pack
from core.store import facts, prompts
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


async def test_an_imported_pack_is_asked_from(talk: Talk, clock: MovedClock) -> None:
    assert await hand_in(talk, "pack import", FIRST) == (
        "## harbour 1.0.0 is imported.\n\n"
        "Added (2): mind, failure\n\n"
        "Schedules that take every pack ask it from now on. One for it alone: /drops add time: 09:00 packs: harbour\n\n"
        "[All packs]"
    )
    await talk("olga", "/drops add time: 12:00 packs: harbour", organiser=True)
    at(clock, "2026-03-02T11:00")
    (post,) = await talk.deliver()
    assert MIND in post
    async with talk.store.read() as tx:
        noted = [(a.action, a.detail) for a in await facts.actions(tx, talk.group_id)]
    assert ("pack import", "harbour 1.0.0") in noted


async def test_a_new_version_says_what_was_added_reworded_retired_and_renamed(talk: Talk) -> None:
    await hand_in(
        talk,
        "pack import",
        pack_of(
            one("mind", MIND),
            one("failure", FAILURE),
            one("gone", "What would you never do again?"),
            one("plan", "How do you plan a week?"),
        ),
    )
    second = pack_of(
        one("mind", MIND.replace("Tell us", "Tell me")),
        one("failure", "Retired.", "retired = true"),
        one("week", "How do you plan a week of yours?", 'was = ["plan"]'),
        one("fresh", "Who taught you the most?"),
        version="1.1.0",
    )
    assert (await hand_in(talk, "pack import", second)).startswith(
        "## harbour is at version 1.1.0 now.\n\n"
        "Added (2): week, fresh\n"
        "Reworded (1): mind\n"
        "Retired (3): failure, gone, plan\n"
        "Renamed (1): plan is week now\n\n"
    )
    assert "3 prompts (behavioural)" in await talk("ben", "/pack list")
    third = pack_of(one("mind", MIND), one("failure", FAILURE), version="1.1.0")
    said = await hand_in(talk, "pack import", third)
    assert "Asked again (1): failure" in said
    assert "Its version was 1.1.0 before; a higher one would tell the two apart." in said


async def test_the_same_file_again_changes_nothing(talk: Talk) -> None:
    await hand_in(talk, "pack import", FIRST)
    assert await hand_in(talk, "pack import", FIRST) == (
        "harbour 1.0.0 is here already, letter for letter. Nothing changed."
    )
    said = await hand_in(talk, "pack import", FIRST.replace(b'"1.0.0"', b'"1.0.1"'))
    assert "Its questions are the same as before." in said


async def test_an_id_is_never_given_to_another_question(talk: Talk) -> None:
    await hand_in(talk, "pack import", FIRST)
    reused = pack_of(one("mind", "How many golf balls fit into a bus?"), version="2.0.0")
    for command in ("pack check", "pack import"):
        assert "harbour.toml:8: prompt 'mind': this id belongs to another question" in await hand_in(
            talk, command, reused
        )
    moved = pack_of(one("mind", MIND, track="communication"), version="2.0.0")
    assert "this id belongs to a prompt of the track behavioural" in await hand_in(talk, "pack import", moved)
    assert "2 prompts (behavioural)" in await talk("ben", "/pack list")


async def test_not_even_after_the_pack_was_removed(talk: Talk) -> None:
    await hand_in(talk, "pack import", FIRST)
    await talk("olga", "/pack remove harbour sure: yes", organiser=True)
    reused = pack_of(one("mind", "How many golf balls fit into a bus?"), version="2.0.0")
    assert "this id belongs to another question" in await hand_in(talk, "pack import", reused)
    said = await hand_in(talk, "pack import", FIRST)
    assert said.startswith("## harbour is back, at version 1.0.0.\n\nAsked again (2): mind, failure")
    assert await kept(talk.store) == (1, 2)


async def test_nor_after_its_text_was_shortened_when_it_was_retired(talk: Talk) -> None:
    await hand_in(talk, "pack import", FIRST)
    await hand_in(
        talk, "pack import", pack_of(one("mind", "Gone.", "retired = true"), one("failure", FAILURE))
    )
    reused = pack_of(one("mind", "Gone."), one("failure", FAILURE))
    assert "this id belongs to another question" in await hand_in(talk, "pack import", reused)
    assert "Asked again (1): mind" in await hand_in(talk, "pack import", FIRST)


async def test_no_pack_of_a_group_takes_the_name_of_a_shipped_one(full: Talk) -> None:
    before = await kept(full.store)
    said = await hand_in(full, "pack import", pack_of(one("mind", MIND), name="starter-ask"))
    assert said.startswith("The name “starter-ask” belongs to a pack that comes with Starling.")
    assert await kept(full.store) == before


async def test_two_groups_have_packs_of_one_name_and_see_only_their_own(talk: Talk) -> None:
    elsewhere = Where(PLATFORM, "another", "there", "#there")
    await talk("eve", "/setup time: 10:00 zone: UTC", where=elsewhere, organiser=True)
    await hand_in(talk, "pack import", FIRST)
    other = pack_of(one("mind", "How many golf balls fit into a bus?"))
    said = await hand_in(talk, "pack import", other, who="eve", where=elsewhere)
    assert said.startswith("## harbour 1.0.0 is imported.")
    assert "2 prompts" in await talk("ben", "/pack list")
    assert "1 prompt (" in await talk("eve", "/pack list", where=elsewhere)


async def test_one_pack_imported_twice_at_once_is_one_pack(talk: Talk) -> None:
    others = [pack_of(one("mind", MIND), one(f"p{n}", f"Question number {n}, is it?")) for n in range(4)]
    said = await asyncio.gather(
        *(hand_in(talk, "pack import", data, who=f"o{n}") for n, data in enumerate(others))
    )
    assert all("imported" in s or "version 1.0.0 now" in s or "at this very moment" in s for s in said)
    async with talk.store.read() as tx:
        assert (await tx.execute(select(func.count()).select_from(pack))).scalar_one() == 1


async def test_an_import_that_was_overtaken_stores_nothing(talk: Talk) -> None:
    await talk("olga", "/pack list")
    other = pack_of(one("mind", "How many golf balls fit into a bus?"))
    async with talk.store.write() as tx:
        await prompts.hold_packs(tx)
        await prompts.install(tx, load_pack(FIRST, "x"), talk.group_id, talk.clock.now())
        overtaken = asyncio.create_task(hand_in(talk, "pack import", other))
        await asyncio.sleep(3)  # it has compared the file with what was there, and waits for this transaction
    assert (await overtaken).startswith(
        "Somebody else changed “harbour” at this very moment. Nothing was stored;"
    )
    assert await kept(talk.store) == (1, 2)


async def test_a_title_full_of_markup_stays_words(talk: Talk) -> None:
    title = "*Harbour* <@1> </b> '); DROP TABLE pack;--"
    await hand_in(talk, "pack import", pack_of(one("mind", MIND), title=title))
    assert f"harbour: {title}. Version 1.0.0" in await talk("ben", "/pack list")
