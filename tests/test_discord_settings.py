"""Every key under [discord] does what docs/configuration.md says, seen from the outside of a running service."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from discord_double_world import EVERYTHING, Json
from discord_room import DiscordRoom, discord_room
from evening import ANA

from bot.serve import serve
from bot.settings import Settings
from core.errors import SettingsError


@pytest.fixture
async def room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[DiscordRoom]:
    async with discord_room(tmp_path, monkeypatch) as room:
        yield room


class Proxy:
    """An HTTP proxy on loopback that passes plain requests on and notes what was asked of it."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    @contextlib.asynccontextmanager
    async def serve(self) -> AsyncIterator[str]:
        self._open: set[asyncio.StreamWriter] = set()
        server = await asyncio.start_server(self._pass, "127.0.0.1", 0)
        try:
            yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        finally:
            server.close()
            for writer in self._open:
                writer.close()
            await asyncio.sleep(0.05)

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One request a connection: its first line names the whole address, which says where it goes."""
        head = await reader.readuntil(b"\r\n\r\n")
        line, _, rest = head.partition(b"\r\n")
        method, address, version = line.decode().split(" ")
        self.asked.append(f"{method} {address}")
        host, _, path = address.partition("://")[2].partition("/")
        name, _, port = host.partition(":")
        far, out = await asyncio.open_connection(name, int(port))
        self._open |= {writer, out}
        rest = rest if b"Upgrade" in rest else rest.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n", 1)
        out.write(f"{method} /{path} {version}\r\n".encode() + rest)
        await asyncio.gather(self._pump(reader, out), self._pump(far, writer))

    @staticmethod
    async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError):
            while data := await reader.read(65536):
                writer.write(data)
                await writer.drain()
        with contextlib.suppress(ConnectionError, OSError):
            writer.close()


async def test_everything_goes_through_the_proxy(room: DiscordRoom) -> None:
    proxy = Proxy()
    async with proxy.serve() as address:
        room.more["STARLING_DISCORD__PROXY"] = address
        await room.start()
        seen = await room.double.slash(room.olga, "streak", {}, room.channel)
        assert "Streak" in seen.text
        await room.stop()
    seen_there = " ".join(proxy.asked)
    assert "/gateway/" in seen_there and "/users/@me" in seen_there
    assert "/callback" in seen_there and "/messages/@original" in seen_there


async def test_files_come_from_the_address_of_the_settings(
    room: DiscordRoom, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Discord names its own CDN in every attachment; a firewall may allow only the operator's."""
    await room.start()
    await room.set_up()
    here = room.double.world.attachment

    def at_discord(*given: Any) -> Json:
        made = here(*given)
        return made | {"url": made["url"].replace(room.double.base, "https://cdn.discordapp.com")}

    monkeypatch.setattr(room.double.world, "attachment", at_discord)
    handed_in = {"ours.toml": b'format = 1\nid = "ours"\n'}
    seen = await room.double.slash(room.olga, "pack import", {"file": handed_in}, room.channel)
    assert "ours.toml" in seen.text and "fetched" not in seen.text, "read, and its problems named"


async def test_one_process_may_take_some_shards_of_many(room: DiscordRoom) -> None:
    room.more |= {"STARLING_DISCORD__SHARD_COUNT": "2", "STARLING_DISCORD__SHARD_IDS": "[0, 1]"}
    await room.start()
    await room.double.gateway.until("identify", times=2)
    assert sorted(s.shard for s in room.double.gateway.sessions.values()) == [0, 1]
    seen = await room.double.slash(room.olga, "streak", {}, room.channel)
    assert "Streak" in seen.text
    await room.stop()
    mine = (room.guild.id >> 22) % 2
    room.more["STARLING_DISCORD__SHARD_IDS"] = f"[{1 - mine}]"
    await room.start()
    with pytest.raises(TimeoutError):
        await room.double.slash(room.olga, "streak", {}, room.channel, patience=0.5)


async def test_a_server_of_another_process_is_not_taken_for_one_that_was_left(room: DiscordRoom) -> None:
    await room.start()
    await room.set_up(at="09:00")
    await room.stop()
    room.more |= {
        "STARLING_DISCORD__SHARD_COUNT": "2",
        "STARLING_DISCORD__SHARD_IDS": f"[{1 - (room.guild.id >> 22) % 2}]",
    }
    await room.start()
    await room.stop()
    room.more.clear()
    await room.start()
    seen = await room.double.slash(room.olga, "doctor", {}, room.channel)
    assert "removed" not in seen.text


async def test_a_token_that_discord_does_not_know_ends_the_service_with_what_to_do(room: DiscordRoom) -> None:
    room.more["STARLING_DISCORD__TOKEN"] = "another.local.token"
    with pytest.raises(SettingsError, match=r"discord\.token: Discord does not know this token"):
        await room.start()


async def test_a_discord_that_is_away_is_waited_for(room: DiscordRoom) -> None:
    room.double.fail("GET", "/users/@me", times=2, how="503")
    await room.start()
    ana = room.double.add_member(room.guild, "Ana", permissions=EVERYTHING)
    seen = await room.double.slash(ana, "feedback", {"text": ANA}, room.channel)
    assert "Situation" in seen.text


async def test_without_a_token_there_is_nothing_to_serve() -> None:
    with pytest.raises(SettingsError, match="no platform has a token"):
        await serve(Settings())
