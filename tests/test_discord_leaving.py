"""Starling is shown the door, and let in again."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from discord_double_gateway import GUILDS
from discord_room import DiscordRoom, discord_room


def homes(room: DiscordRoom) -> list[tuple[str, str]]:
    with sqlite3.connect(room.folder / "starling.db") as database:
        return list(database.execute("SELECT state, reason FROM home ORDER BY server_id"))


async def test_a_server_that_invites_starling_again_has_its_questions_again_without_a_restart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with discord_room(tmp_path, monkeypatch) as room:
        await room.start()
        await room.set_up()
        await room.double.remove_guild(room.guild)
        await room.soon(lambda: homes(room) == [("disabled", "Starling was removed from this server")])
        room.guild.present = True
        told = room.double.world.guild_json(room.guild)
        del told["unavailable"]  # by that discord.py tells an invitation from the end of an outage
        await room.double.gateway.dispatch("GUILD_CREATE", told, room.guild, GUILDS)
        await room.soon(lambda: homes(room) == [("active", "")])
        assert "proud" in str(await room.drop())


async def test_being_invited_elsewhere_switches_nothing_on_or_off(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with discord_room(tmp_path, monkeypatch) as room:
        await room.start()
        await room.set_up()
        other = await room.double.add_guild("Another club", present=False)
        other.present = True
        told = room.double.world.guild_json(other)
        del told["unavailable"]
        await room.double.gateway.dispatch("GUILD_CREATE", told, other, GUILDS)
        await room.double.slash(room.olga, "today", {}, room.channel)  # the event was handled before this
        assert homes(room) == [("active", "")]
