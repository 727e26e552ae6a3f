"""``pack``, as conversations: packs are listed, checked, brought in as a whole or not at all, and taken out."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from moved_clock import MovedClock
from sqlalchemy import func, select
from talk import HOME, Talk

from core.call import Attachment, Where
from core.packs.load import starter_packs
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
