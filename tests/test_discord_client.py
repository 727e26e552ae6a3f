"""The connection to Discord: it breaks and mends, servers come and go, and nobody notices, over real sockets."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from discord_double import text_of
from discord_double_gateway import GUILDS
from discord_double_world import Json
from discord_room import DiscordRoom, discord_room
from evening import ANA


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


async def fall(room: DiscordRoom, how: str) -> str:
    """The connection breaks in that way; what Starling comes back with ("resume", "identify")."""
    gateway = room.double.gateway
    match how:
        case "closed":
            await gateway.close(4000)
        case "asked to reconnect":
            await gateway.op(7)
        case "closed, and the session is over":
            gateway.refuse_resumes = 1
            await gateway.close(4000)
            return "identify"
        case "the session ran out":
            await gateway.close(4009)
            return "identify"
        case "the session is invalid":
            await gateway.op(9, False)
            return "identify"
        case "the session is invalid for now":
            await gateway.op(9, True)
    return "resume"


FALLS = [
    "closed",
    "asked to reconnect",
    "closed, and the session is over",
    "the session ran out",
    "the session is invalid",
    "the session is invalid for now",
]


@pytest.mark.parametrize("how", FALLS)
async def test_the_connection_breaks_and_nothing_is_lost_or_doubled(
    room: DiscordRoom, card: Json, how: str
) -> None:
    ana, ben = room.member("Ana"), room.member("Ben")
    await room.double.slash(ana, "remind set", {"time": "09:00", "tracks": "behavioural"}, room.channel)
    await room.soon(lambda: room.double.dms(ana))
    room.clock.skip(hours=1)
    await room.soon(lambda: len(room.double.dms(ana)) > 1)
    question = room.double.dms(ana)[-1]
    opened = await room.press(ben, card, "Answer")

    log = room.double.gateway.log
    back = [what for what, _ in log].count
    resumed, begun = back("resume"), back("identify")
    # An answer is on its way while the connection breaks, and somebody writes while it is broken.
    sending = asyncio.create_task(room.double.submit_modal(ben, opened, {"text": f"{ANA} Ben"}, patience=1))
    await asyncio.sleep(0)
    comes = await fall(room, how)
    said = await room.double.dm(ana, ANA, question)
    await room.double.gateway.until(comes, times=(resumed if comes == "resume" else begun) + 1, patience=10)
    if comes == "resume":
        assert back("identify") == begun
    try:
        assert "Kept:" in (await sending).text
    except TimeoutError:  # it went down with the old session, and Discord said so: Ben sends his form again
        assert comes == "identify"
        assert "Kept:" in (await room.double.submit_modal(ben, opened, {"text": f"{ANA} Ben"})).text
    (reply,) = await room.double.answer_to(said)
    assert "Kept:" in text_of(reply)
    pressed = await room.answer(room.member("Cleo"), card, f"{ANA} Cleo")
    assert "Kept:" in pressed.text
    await room.at_rest()
    assert sorted(room.answers()) == [ANA, f"{ANA} Ben", f"{ANA} Cleo"]
    assert [m for m in room.double.dms(ana) if int(m["id"]) > int(said["id"])] == [reply]


async def homes(room: DiscordRoom) -> list[tuple[Any, ...]]:
    return room.rows("SELECT state, reason FROM home")


async def test_a_server_is_left_and_come_back_to(room: DiscordRoom, card: Json) -> None:
    posted = len(room.double.messages(room.channel))

    # An outage is no removal.
    gone = {"id": str(room.guild.id), "unavailable": True}
    await room.double.gateway.dispatch("GUILD_DELETE", gone, room.guild, GUILDS)
    await room.at_rest()
    assert await homes(room) == [("active", "")]
    told = room.double.world.guild_json(room.guild)
    await room.double.gateway.dispatch("GUILD_CREATE", told, room.guild, GUILDS)

    await room.double.remove_guild(room.guild)
    await room.soon(lambda: room.rows("SELECT 1 FROM home WHERE state = 'disabled'"))
    assert "removed" in (await homes(room))[0][1]
    tried = len(room.double.asked("POST", f"/channels/{room.channel.id}/messages"))
    room.clock.skip(days=1)
    await asyncio.sleep(0.3)
    assert len(room.double.asked("POST", f"/channels/{room.channel.id}/messages")) == tried

    room.guild.present = True
    del told["unavailable"]  # only after an outage does Discord say that it is over
    await room.double.gateway.dispatch("GUILD_CREATE", told, room.guild, GUILDS)
    await room.soon(lambda: room.rows("SELECT 1 FROM home WHERE state = 'active'"))
    before = len(room.double.messages(room.channel))
    room.clock.skip(days=1)
    await room.soon(lambda: len(room.double.messages(room.channel)) > before)
    assert len(room.double.messages(room.channel)) == posted + 1


async def test_what_happened_to_a_server_while_starling_was_away_is_made_up_for(
    room: DiscordRoom, card: Json
) -> None:
    await room.stop()
    await room.double.remove_guild(room.guild)
    await room.start()
    await room.soon(lambda: room.rows("SELECT 1 FROM home WHERE state = 'disabled'"))
    await room.stop()
    room.guild.present = True
    await room.start()
    await room.soon(lambda: room.rows("SELECT 1 FROM home WHERE state = 'active'"))
    assert "Kept:" in (await room.answer(room.member("Ana"), card, ANA)).text


async def test_stopping_and_starting_again_leaves_no_delivery_half_sent(
    room: DiscordRoom, card: Json
) -> None:
    room.double.fail("POST", f"/channels/{room.channel.id}/messages", 2, "503")
    room.clock.skip(days=1)
    await asyncio.sleep(0.06)
    await room.stop()
    assert room.rows("SELECT state FROM delivery WHERE state = 'sending'") == []
    before = [text_of(m) for m in room.double.messages(room.channel)]
    await room.start()
    await room.soon(
        lambda: room.rows("SELECT count(*) FROM delivery WHERE kind = 'drop' AND state = 'sent'") == [(2,)]
    )
    await room.at_rest()
    posts = [text_of(m) for m in room.double.messages(room.channel)]
    assert len(posts) == 3 and posts[: len(before)] == before
