"""Forms on Discord: long answers, refused ones, late ones, files; over real sockets."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from discord_double import Interaction, buttons
from discord_double_world import Json, User
from discord_room import DiscordRoom, boxes, discord_room, is_private
from evening import ANA, BEN


@pytest.fixture
async def room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[DiscordRoom]:
    async with discord_room(tmp_path, monkeypatch) as room:
        yield room


@pytest.fixture
async def card(room: DiscordRoom) -> Json:
    """Starling is set up, and today's question has come."""
    await room.start()
    await room.set_up()
    return await room.drop()


async def test_two_full_boxes_become_one_answer_without_losing_a_word(room: DiscordRoom, card: Json) -> None:
    ana = room.member("Ana")
    first, second = (" ".join(f"{word}{n:03}" for n in range(500)) for word in ("then", "next"))
    opened = await room.press(ana, card, "Answer")
    assert {box["max_length"] for box in boxes(opened).values()} == {4000}
    told = await room.double.submit_modal(ana, opened, {"text": first[:4000], "more": second[:4000]})
    assert "Kept:" in told.text
    assert room.answers() == [f"{first}\n{second}"]


async def test_a_form_that_is_refused_comes_back_to_its_writer_alone(room: DiscordRoom) -> None:
    room.more["STARLING_LIMITS__ANSWER_CHARACTERS"] = "1000"
    await room.start()
    await room.set_up()
    card = await room.drop()
    ana, ben = room.member("Ana"), room.member("Ben")
    words = "I wrote a little too much. " * 45
    refused = await room.answer(ana, card, words.strip())
    assert "up to 1,000 are kept" in refused.text and is_private(refused)

    async def holds(who: User, shown: Json | Interaction, label: str) -> str:
        return str(boxes(await room.press(who, shown, label))["text"].get("value") or "")

    assert await holds(ben, card, "Answer") == ""
    assert await holds(ana, card, "Answer") == words.strip()
    assert await holds(ben, card, "Answer") == "", "one member's words never reach another"
    assert await holds(ana, refused, "Edit") == words.strip()
    await room.restart()
    assert await holds(ana, card, "Answer") == words.strip()
    assert await holds(ben, card, "Answer") == ""
    assert await holds(ana, card, "Answer") == words.strip()
    again = await room.press(ana, refused, "Edit")
    assert boxes(again)["text"]["value"] == words.strip()
    assert "Kept:" in (await room.double.submit_modal(ana, again, {"text": ANA})).text
    assert room.answers() == [ANA]
    assert await holds(ana, card, "Answer") == ""


async def locked(room: DiscordRoom, seconds: float) -> asyncio.Task[None]:
    """Another program writes to the database, from now on and for that long."""
    database = room.folder / "starling.db"
    db = sqlite3.connect(database, timeout=5, isolation_level=None, check_same_thread=False)
    await asyncio.to_thread(db.execute, "BEGIN IMMEDIATE")

    async def hold() -> None:
        with contextlib.closing(db):
            await asyncio.sleep(seconds)
            db.execute("ROLLBACK")

    return asyncio.create_task(hold())


@pytest.mark.slow
async def test_a_form_that_is_not_ready_in_time_is_offered_by_a_button(room: DiscordRoom, card: Json) -> None:
    ana, ben = room.member("Ana"), room.member("Ben")
    holding = await locked(room, 3.2)
    await asyncio.sleep(0.05)  # a beat of the clock waits for it, too
    # Nobody knows Ana yet: she has to be written down before she is asked anything.
    seen, other = await asyncio.gather(
        room.press(ana, card, "Guided answer"), room.double.slash(ben, "answer", {}, room.channel)
    )
    await holding
    assert seen.callback == other.callback == 5 and is_private(seen) and is_private(other)
    form = await room.press(ana, seen, next(iter(buttons(seen.message or {}).values())))
    assert "Kept:" in (await room.double.submit_modal(ana, form, {"situation": ANA})).text
    form = await room.press(ben, other, next(iter(buttons(other.message or {}).values())))
    assert "Kept:" in (await room.double.submit_modal(ben, form, {"text": BEN})).text


async def test_what_is_sent_while_the_database_is_busy_is_kept(room: DiscordRoom, card: Json) -> None:
    ana = room.member("Ana")
    opened = await room.press(ana, card, "Answer")
    holding = await locked(room, 1.0)
    await asyncio.sleep(0.05)  # a beat of the clock waits for it, too
    told = await room.double.submit_modal(ana, opened, {"text": ANA})
    await holding
    assert "Kept:" in told.text and told.latency < 0.5 and room.answers() == [ANA]


class Mislaid(dict[str, bytes]):
    """Files that Discord has lost by the time somebody asks for them."""

    def __setitem__(self, name: str, data: bytes) -> None:
        pass


PACK = b"""
format = "practice-pack/1"

[pack]
id = "ours"
version = "1.0.0"
title = "Ours"
license = "MIT"

[[prompt]]
id = "first"
track = "ask"
text = "What is asked?"
"""


async def test_a_form_with_a_file_brings_the_file_or_says_so(room: DiscordRoom, card: Json) -> None:
    opened = await room.double.slash(room.olga, "pack import", {}, room.channel)
    told = await room.double.submit_modal(room.olga, opened, {"file": {"ours.toml": PACK}})
    assert "ours" in told.text and room.rows("SELECT count(*) FROM pack WHERE slug = 'ours'") == [(1,)], (
        told.text
    )
    told = await room.double.slash(room.olga, "pack check", {"file": {"ours.toml": PACK}}, room.channel)
    assert "ours" in told.text
    kept, room.double.world.uploads = room.double.world.uploads, Mislaid()
    told = await room.double.submit_modal(room.olga, opened, {"file": {"other.toml": PACK}})
    assert "could not be fetched" in told.text and is_private(told)
    room.double.world.uploads = kept
