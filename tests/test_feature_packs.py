"""``pack``, as conversations: packs are listed, checked, brought in as a whole or not at all, and taken out."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import pytest
from moved_clock import MovedClock
from sqlalchemy import func, select
from talk import HOME, PLATFORM, Talk

from core.call import Attachment, Where
from core.packs.load import starter_packs
from core.store import facts
from core.store.engine import Store
from core.store.tables import pack, prompt
from core.text import as_text
from core.views import File, Page, blocks_of

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


# --- list --------------------------------------------------------------------------------------------------------


async def test_anybody_in_the_group_sees_which_packs_there_are(full: Talk) -> None:
    await hand_in(
        full, "pack import", pack_of(one("mind", MIND), one("why", "Why this firm?", track="company"))
    )
    said = await full("ben", "/pack list")
    shipped = starter_packs()
    live = sum(len(p.live) for p in shipped)
    assert said.startswith(f"## {len(shipped) + 1} packs, {live + 2} prompts\n\n")
    ask = next(p for p in shipped if p.id == "starter-ask")
    assert (
        f"starter-ask: {ask.title}. Version {ask.version}, MIT, shipped: {len(ask.live)} prompts (questions to ask)."
        in said
    )
    assert said.endswith(
        "harbour: Harbour. Version 1.0.0, CC-BY-4.0, the group's own: 2 prompts (1 behavioural, 1 company)."
    )


async def test_a_long_list_has_pages(talk: Talk) -> None:
    for n in range(11):
        await hand_in(talk, "pack import", pack_of(one("mind", MIND), name=f"pack-{n:02}"))
    first = await talk("ben", "/pack list")
    assert first.endswith("Page 1 of 2  [Later]")
    page = talk.views["ben"]
    assert isinstance(page, Page) and page.next is not None
    assert await talk.press("ben", page.next) == (
        "## 11 packs, 11 prompts\n\n"
        "pack-10: Harbour. Version 1.0.0, CC-BY-4.0, the group's own: 1 prompt (behavioural).\n\n"
        "Page 2 of 2  [Earlier]"
    )
    assert (await talk("ben", "/pack list page: 99")).endswith("Page 2 of 2  [Earlier]")


async def test_without_any_pack_the_list_says_how_to_bring_one(talk: Talk) -> None:
    assert await talk("ben", "/pack list") == "There are no question packs yet. Bring one in: /pack import"


# --- check -------------------------------------------------------------------------------------------------------


async def test_a_check_shows_every_problem_with_its_line_and_stores_nothing(talk: Talk) -> None:
    wrong = pack_of(
        one("mind", MIND, 'levle = ["mid"]'), one("mind", FAILURE), one("x", "Why?", 'level = ["sennior"]')
    )
    assert await hand_in(talk, "pack check", wrong) == (
        "## harbour.toml cannot be imported yet.\n\n"
        "3 things to mend\n\n"
        "    harbour.toml:11: prompt 'mind', key 'levle': there is no such key; did you mean 'level'?\n"
        "    harbour.toml:13: prompt 'mind', key 'id': the id 'mind' is taken in line 8; every id is given once\n"
        "    harbour.toml:21: prompt 'x', key 'level', item 1: 'sennior' is no level; did you mean 'senior'?"
    )
    assert await kept(talk.store) == (0, 0)


async def test_a_check_of_a_sound_pack_says_what_is_in_it(talk: Talk) -> None:
    assert await hand_in(talk, "pack check", FIRST) == (
        "## harbour.toml is fine.\n\n"
        "harbour, version 1.0.0, CC-BY-4.0: 2 prompts (behavioural).\n\n"
        "Nothing was stored. To bring it in: /pack import"
    )
    assert await kept(talk.store) == (0, 0)


async def test_a_check_of_a_new_version_says_what_an_import_would_change(talk: Talk) -> None:
    await hand_in(talk, "pack import", FIRST)
    said = await hand_in(talk, "pack check", pack_of(one("mind", MIND), version="1.1.0"))
    assert "What an import would change\n\nRetired (1): failure" in said


async def test_a_warning_lets_a_pack_through_and_is_shown(talk: Talk) -> None:
    loose = FIRST.replace(b"CC-BY-4.0", b"Beerware")
    said = await hand_in(talk, "pack check", loose)
    assert said.startswith("## harbour.toml is usable.")
    assert (
        "1 thing worth a look; the pack works all the same\n\n    harbour.toml:6: [pack], key 'license'"
        in said
    )
    said = await hand_in(talk, "pack import", loose)
    assert said.startswith("## harbour 1.0.0 is imported.") and "1 thing worth a look" in said


async def test_many_problems_come_as_a_file_as_well(talk: Talk) -> None:
    said = await hand_in(
        talk, "pack check", pack_of(*(one(f"p{n}", f"Question {n}?", "x = 1") for n in range(40)))
    )
    assert "40 things to mend" in said
    assert "The first 20 are shown; the file has all 40." in said
    (listed,) = (b for b in blocks_of(talk.views["olga"]) if isinstance(b, File))
    assert len(listed.data.decode().splitlines()) == 40


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "the file is empty"),
        (bytes(range(256)) * 40, "byte 0x80 (number 118 of this line) is not UTF-8"),
        (b"\x89PNG\r\n\x1a\n" + b"\x00" * 500, "is not UTF-8; save the file as UTF-8"),
        ("\ufefformat".encode("utf-16"), "the file is UTF-16; save it as UTF-8"),
        (b"<script>alert(1)</script>", "not TOML"),
        (b"'; DROP TABLE pack; --", "not TOML"),
        (b"[[[[" * 5000, "not TOML"),
        (FIRST.replace(b"mind with", "mind\u200b with".encode()), "which nobody can see; delete it"),
        (FIRST.replace(b"Tell us", "\u202eTell us".encode()), "U+202E RIGHT-TO-LEFT OVERRIDE"),
        (FIRST.replace(b"Tell us", b"\\u0000Tell us"), "U+0000 CONTROL CHARACTER"),
        (pack_of(one("mind", MIND, 'rubric = "no-such"')), "there is no rubric 'no-such'"),
        (pack_of(one("mind", MIND), version="1." + "9" * 20 + ".0"), "at most 20"),
        (FIRST.replace(b"CC-BY-4.0", b"L" * 61), "at most 60"),
        (pack_of(), "prompt"),
    ],
)
@pytest.mark.parametrize("command", ["pack check", "pack import"])
async def test_whatever_is_handed_in_is_answered_and_nothing_of_it_is_stored(
    talk: Talk, command: str, data: bytes, said: str
) -> None:
    text = await hand_in(talk, command, data)
    assert said in text
    assert "Something broke" not in text
    assert text.startswith(
        ("## harbour.toml cannot be imported yet.", "## Nothing of harbour.toml was imported.")
    )
    assert await kept(talk.store) == (0, 0)


async def test_a_file_over_a_mebibyte_is_refused_by_its_size(talk: Talk) -> None:
    large = FIRST + b"#" * 1024 * 1024
    for command in ("pack check", "pack import"):
        assert await hand_in(talk, command, large) == (
            "“harbour.toml” has 1.00 MiB; 1 MiB is the most. Split it into several packs. Nothing was stored."
        )
    assert await kept(talk.store) == (0, 0)
    most = FIRST + b"#" * (1024 * 1024 - len(FIRST))
    assert (await hand_in(talk, "pack import", most)).startswith("## harbour 1.0.0 is imported.")


async def test_a_file_name_cannot_steer_a_screen(talk: Talk) -> None:
    said = await hand_in(talk, "pack check", b"x", name="\x1b[2J\u202e*gnp*\n" + "n" * 300)
    assert said.splitlines()[0].startswith("## [2J*gnp* nnn")
    assert all(c.isprintable() or c == "\n" for c in said)
    assert max(len(line) for line in said.splitlines()) < 200


async def test_a_missing_file_is_asked_for_or_explained(talk: Talk) -> None:
    assert await talk("olga", "/pack import", organiser=True, can_ask=True) == "Pack import\n  File:"
    assert await talk("olga", "/pack import", organiser=True) == (
        "“file:” is missing: the pack, a TOML file of at most 1 MiB.\n\nFor example: /pack import file: pack.toml"
    )
    assert "“file” is a file: attach it" in await talk("olga", "/pack import harbour.toml", organiser=True)


# --- import ------------------------------------------------------------------------------------------------------


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


async def test_a_title_full_of_markup_stays_words(talk: Talk) -> None:
    title = "*Harbour* <@1> </b> '); DROP TABLE pack;--"
    await hand_in(talk, "pack import", pack_of(one("mind", MIND), title=title))
    assert f"harbour: {title}. Version 1.0.0" in await talk("ben", "/pack list")


# --- remove ------------------------------------------------------------------------------------------------------


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
