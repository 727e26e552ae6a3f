"""The whole of Starling on a local Discord: ``starling run`` with only a Discord section, and people around it.

What is the same on every platform stands in ``whole_room``.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import discord
import pytest
from discord_double import DiscordDouble, Interaction, buttons, hurried, pointed_at, text_of
from discord_double_world import EVERYTHING, Channel, Guild, Json, User
from whole_room import WholeRoom, nothing_left

import adapters.discord.client

EPHEMERAL = 1 << 6
FORM = 9  # the kind of a callback that opens one


class DiscordRoom(WholeRoom):
    """A double with a server, a channel, an organiser (Olga) and members, and Starling running beside it."""

    double: DiscordDouble
    guild: Guild
    channel: Channel
    olga: User

    def named(self) -> dict[str, str]:
        return {
            "STARLING_DISCORD__TOKEN": self.double.token,
            "STARLING_DISCORD__API_BASE_URL": self.double.api,
            "STARLING_DISCORD__GATEWAY_URL": self.double.gateway_url,
            "STARLING_DISCORD__CDN_BASE_URL": self.double.base,
        }

    async def start(self) -> None:
        """``starling run``; returns when it is connected and its commands are there."""
        before = [each for each, _ in self.double.gateway.log].count("identify")
        await self._run(self.double.gateway.until("identify", times=before + 1, patience=20))
        await self.soon(lambda: self.double.world.commands.get(0))
        await asyncio.sleep(0.15)  # "ready" comes when no server has followed for SERVERS_WITHIN

    def member(self, name: str) -> User:
        return self.double.add_member(self.guild, name)

    async def set_up(self, at: str = "08:01", **more: Any) -> Interaction:
        """``/setup`` with options, in this channel; its test post has come."""
        options = {"time": at, "zone": "UTC", "tracks": "behavioural"} | more
        seen = await self.double.slash(self.olga, "setup", options, self.channel)
        await self.soon(lambda: self.double.messages(self.channel))
        return seen

    async def drop(self) -> Json:
        """Let the next question come; its card."""
        before = len(self.double.messages(self.channel))
        self.clock.skip(minutes=2)
        await self.soon(lambda: len(self.double.messages(self.channel)) > before)
        card: Json = self.double.messages(self.channel)[-1]
        return card

    def press_id(self, shown: Json | Interaction, label: str) -> str:
        """The custom_id of what is labelled so."""
        message = shown if isinstance(shown, dict) else (shown.message or {})
        found = [number for number, name in buttons(message).items() if name == label]
        assert found, f"no {label!r} among {list(buttons(message).values())} of: {text_of(message)[:400]}"
        return found[0]

    async def press(self, who: User, shown: Json | Interaction, label: str) -> Interaction:
        return await self.double.press(who, shown, self.press_id(shown, label))

    async def answer(self, who: User, card: Json, words: str) -> Interaction:
        """Press Answer, write, send."""
        opened = await self.press(who, card, "Answer")
        assert opened.callback == 9, opened.text
        return await self.double.submit_modal(who, opened, {"text": words})


def is_private(seen: Interaction | Json) -> bool:
    message = seen.message if isinstance(seen, Interaction) else seen
    assert message is not None
    return bool(message["flags"] & EPHEMERAL)


def boxes(opened: Interaction) -> dict[str, Json]:
    """The fields of a form that was opened, by name."""
    assert opened.callback == FORM, opened.text
    found = [c["component"] for c in opened.payload["components"] if "component" in c]
    return {box["custom_id"]: box for box in found}


@contextlib.asynccontextmanager
async def discord_room(
    folder: Path, monkeypatch: pytest.MonkeyPatch, made: DiscordRoom | None = None
) -> AsyncIterator[DiscordRoom]:
    """A room before Starling starts; everything is judged and gone at the end. ``made``: one of the test's own."""
    monkeypatch.setattr(adapters.discord.client, "SERVERS_WITHIN", 0.02)
    room = made or DiscordRoom(folder)
    async with await DiscordDouble.start() as double:
        room.double = double
        room.guild = await double.add_guild("Interview club")
        room.channel = await double.add_channel(room.guild, "practice")
        room.olga = double.add_member(room.guild, "Olga", permissions=EVERYTHING)
        with pointed_at(double), hurried():
            try:
                yield room
            finally:
                await room.stop()
    assert double.violations == []
    await nothing_left()
    assert discord.http.Route.BASE == "https://discord.com/api/v10"
