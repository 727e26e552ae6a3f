"""Discord and Slack around one Starling: one process, one database, one clock, a group on each."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Coroutine
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from discord_room import DiscordRoom, discord_room
from slack_room import Mode, SlackRoom, free_port, slack_room
from whole_room import WholeRoom


class Both(WholeRoom):
    """Starling with both sections. ``discord`` and ``slack`` are the rooms around it, to be used as they are alone."""

    discord: DiscordRoom
    slack: SlackRoom

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.health = free_port()
        self.more = {"STARLING_HEALTH__ENABLED": "true", "STARLING_HEALTH__PORT": str(self.health)}

    def named(self) -> dict[str, str]:
        self.slack.port = self.slack.port or free_port()
        return self.discord.named() | self.slack.named()

    async def start(self) -> None:
        await self._run(self._connected())

    async def start_only(self, connected: Coroutine[Any, Any, Any]) -> None:
        """Where one of them cannot connect."""
        await self._run(connected)

    async def _connected(self) -> None:
        await asyncio.gather(self.discord.start(), self.slack.start())

    async def ready(self) -> tuple[int, dict[str, str]]:
        """/readyz: status, and what it says of each part."""
        async with (
            aiohttp.ClientSession() as web,
            web.get(f"http://127.0.0.1:{self.health}/readyz") as got,
        ):
            return got.status, (await got.json())["checks"]

    async def ready_says(self, **parts: str) -> None:
        """Wait until it says so; "ok" is what a part says that is not named."""
        expected = {"database": "ok", "clock": "ok", "discord": "ok", "slack": "ok"} | parts
        end = time.monotonic() + 10
        while (found := await self.ready()) != (503 if parts else 200, expected):
            assert time.monotonic() < end, found
            await asyncio.sleep(0.02)


class _OfBoth(WholeRoom):
    """A room whose Starling is that of both."""

    both: Both

    async def _run(self, connected: Coroutine[Any, Any, None]) -> None:
        await connected

    async def stop(self) -> None:
        await self.both.stop()

    async def restart(self, away: float = 0) -> None:
        await self.both.restart(away)


class _Discord(_OfBoth, DiscordRoom):
    pass


class _Slack(_OfBoth, SlackRoom):
    pass


@contextlib.asynccontextmanager
async def both_rooms(
    folder: Path, monkeypatch: pytest.MonkeyPatch, mode: Mode = "socket"
) -> AsyncIterator[Both]:
    """Before Starling starts; everything is judged and gone at the end."""
    both = Both(folder)
    on_discord, on_slack = _Discord(folder), _Slack(folder, mode)
    for one in (on_discord, on_slack):
        one.both, one.clock = both, both.clock
    both.discord, both.slack = on_discord, on_slack
    async with discord_room(folder, monkeypatch, on_discord), slack_room(folder, mode, on_slack):
        yield both
