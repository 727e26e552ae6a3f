"""The whole of Starling on a local Discord: ``starling run`` with only a Discord section, and people around it.

Nothing of Starling is replaced. Its clock runs like the machine's, and tests may move its hands.
"""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
import time
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import discord
import pytest
from discord_double import DiscordDouble, Interaction, buttons, hurried, pointed_at, text_of
from discord_double_world import EVERYTHING, Channel, Guild, Json, User

import adapters.discord.client
from bot.config import load
from bot.serve import run
from bot.settings import Settings

EPHEMERAL = 1 << 6
FORM = 9  # the kind of a callback that opens one
START = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)


class SteppedClock:
    """Runs like the machine's, from ``START``; ``skip`` moves its hands."""

    def __init__(self, now: datetime = START) -> None:
        self._offset = now - datetime.now(UTC)

    def now(self) -> datetime:
        return datetime.now(UTC) + self._offset

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)

    def skip(self, **time_: float) -> None:
        self._offset += timedelta(**time_)


class DiscordRoom:
    """A double with a server, a channel, an organiser (Olga) and members, and Starling running beside it."""

    double: DiscordDouble
    guild: Guild
    channel: Channel
    olga: User

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.clock = SteppedClock()
        self.more: dict[str, str] = {}  # further settings, as the environment writes them
        self._running: asyncio.Task[None] | None = None
        self._stop = asyncio.Event()

    def settings(self) -> Settings:
        named = {
            "STARLING_DATABASE__URL": str(self.folder / "starling.db"),
            "STARLING_DELIVERY__TICK_SECONDS": "0.05",
            "STARLING_DISCORD__TOKEN": self.double.token,
            "STARLING_DISCORD__API_BASE_URL": self.double.api,
            "STARLING_DISCORD__GATEWAY_URL": self.double.gateway_url,
            "STARLING_DISCORD__CDN_BASE_URL": self.double.base,
        }
        return load(None, named | self.more, {})

    async def start(self) -> None:
        """``starling run``; returns when it is connected and its commands are there."""
        before = [each for each, _ in self.double.gateway.log].count("identify")
        self._stop = asyncio.Event()
        self._running = asyncio.create_task(run(self.settings(), self._stop, self.clock))
        connected = asyncio.create_task(self.double.gateway.until("identify", times=before + 1, patience=20))
        await asyncio.wait({self._running, connected}, return_when=asyncio.FIRST_COMPLETED)
        if self._running.done():
            connected.cancel()
            ended, self._running = self._running, None
            ended.result()
        await connected
        await self.soon(lambda: self.double.world.commands.get(0))
        await asyncio.sleep(0.15)  # "ready" comes when no server has followed for SERVERS_WITHIN

    async def stop(self) -> None:
        """SIGTERM."""
        if self._running is not None:
            self._stop.set()
            await self._running
            self._running = None

    async def restart(self, away: float = 0) -> None:
        """Stop, let ``away`` seconds of Starling's time pass, and start again on the same database."""
        await self.stop()
        self.clock.skip(seconds=away)
        await self.start()

    async def soon(self, done: Callable[[], Any], patience: float = 10) -> Any:
        """What ``done`` returns once that is true."""
        end = time.monotonic() + patience
        while not (found := done()):
            assert time.monotonic() < end, "did not come"
            await asyncio.sleep(0.005)
        return found

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

    def rows(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        """What stands in the database."""
        with contextlib.closing(sqlite3.connect(self.folder / "starling.db", timeout=10)) as db:
            return db.execute(query, values).fetchall()

    def answers(self) -> list[str]:
        """The words of every answer that is kept, oldest first."""
        return [text for (text,) in self.rows("SELECT text FROM answer ORDER BY id")]

    async def at_rest(self) -> None:
        """Starling has nothing under way for anybody: what did not come until now does not come."""
        await asyncio.sleep(0.1)

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
async def discord_room(folder: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[DiscordRoom]:
    """A room before Starling starts; everything is judged and gone at the end."""
    monkeypatch.setattr(adapters.discord.client, "SERVERS_WITHIN", 0.02)
    room = DiscordRoom(folder)
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
    end = time.monotonic() + 3
    while len(asyncio.all_tasks()) > 1 and time.monotonic() < end:
        await asyncio.sleep(0.01)
    assert asyncio.all_tasks() == {asyncio.current_task()}
    assert discord.http.Route.BASE == "https://discord.com/api/v10"
