"""The operator of docs/discord.md: the command line in processes of its own, against a local Discord."""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import signal
import socket
import sqlite3
import sys
import time
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import aiohttp
import pytest
from discord_double import DiscordDouble, pointed_at, text_of
from discord_double_world import EVERYTHING, Channel, Guild, User

from adapters.clock import SystemClock
from adapters.discord.commands import Tree
from adapters.discord.invite import RIGHTS
from adapters.discord.link import Link
from bot.config import load
from bot.platforms import discord_options
from core.catalogue import registry

TOKEN = "a.local.token"
PATIENCE = 20.0  # seconds for what takes one on an idle machine

Said = tuple[int, str]


class Operator:
    """Somebody at a shell in the folder of their Starling, with a server on a Discord of their own."""

    def __init__(self, folder: Path, double: DiscordDouble) -> None:
        self.folder = folder
        self.double = double
        self.database = folder / "data" / "starling.db"

    def write(self, token: str = TOKEN, more: str = "") -> None:
        """config.toml as in docs/discord.md, and where this Discord is."""
        (self.folder / "config.toml").write_text(
            f'[discord]\ntoken = "{token}"\napi_base_url = "{self.double.api}"\n'
            f'gateway_url = "{self.double.gateway_url}"\ncdn_base_url = "{self.double.base}"\n'
            f'[database]\nurl = "{self.database}"\n{more}'
        )

    async def begin(self, *words: str) -> asyncio.subprocess.Process:
        self.database.parent.mkdir(exist_ok=True)
        root = str(Path(__file__).parent.parent)
        return await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "bot",
            *words,
            cwd=self.folder,
            env={"PATH": "/usr/bin:/bin", "HOME": "/nonexistent", "LANG": "C.UTF-8", "PYTHONPATH": root},
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )

    async def starling(self, *words: str) -> Said:
        """Exit status and all that was said."""
        process = await self.begin(*words)
        said, _ = await asyncio.wait_for(process.communicate(), PATIENCE)
        return process.returncode or 0, said.decode()


@pytest.fixture
async def operator(tmp_path: Path) -> AsyncIterator[Operator]:
    async with await DiscordDouble.start(TOKEN) as double:
        yield Operator(tmp_path, double)
        assert double.violations == []


@contextlib.asynccontextmanager
async def running(operator: Operator) -> AsyncIterator[asyncio.subprocess.Process]:
    """``starling run``, connected, its commands registered. Whoever leaves it running leaves it killed."""
    process = await operator.begin("run")
    try:
        await operator.double.gateway.until("identify", patience=PATIENCE)
        assert len(operator.double.world.commands[0]) == len(Tree(registry()).payload)
        yield process
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def soon(found: Callable[[], Any], patience: float = PATIENCE) -> Any:
    end = time.monotonic() + patience
    while not (value := found()):
        assert time.monotonic() < end, "did not come"
        await asyncio.sleep(0.02)
    return value


async def a_group(double: DiscordDouble) -> tuple[Guild, Channel, User]:
    guild = await double.add_guild("Interview club")
    return (
        guild,
        await double.add_channel(guild, "practice"),
        double.add_member(guild, "Olga", permissions=EVERYTHING),
    )


# --- before it runs -------------------------------------------------------------------------------


async def test_check_says_the_name_and_prints_a_link_with_the_rights_of_the_documents(
    operator: Operator,
) -> None:
    operator.write()
    status, said = await operator.starling("check")
    assert status == 0, said
    assert "Discord: the token is that of “Starling”." in said and TOKEN not in said
    (link,) = re.findall(r"Invite it to a server with: (\S+)", said)
    asked = parse_qs(urlsplit(link).query)
    page = (Path(__file__).parent.parent / "docs/discord.md").read_text()
    table = page.split("| permission | what for | without it |\n|---|---|---|\n")[1].split("\n\n")[0]
    bits = {right.name: right.bit for right in RIGHTS}
    named = [line.split("|")[1].strip() for line in table.splitlines()]
    assert asked["permissions"] == [str(sum(bits[name] for name in named))]
    assert set(asked["scope"][0].split()) == {"bot", "applications.commands"}
    assert asked["client_id"] == [str(operator.double.world.application)]
    assert not operator.database.exists(), "looking makes nothing"


async def test_sync_says_what_it_did_and_the_second_time_that_nothing_is_left_to_do(
    operator: Operator,
) -> None:
    operator.write()
    count = len(Tree(registry()).payload)
    status, said = await operator.starling("sync", "--dry-run")
    assert (status, said.startswith("Would change everywhere: added: /")) == (0, True), said
    assert operator.double.world.commands.get(0, []) == [], "a dry run changes nothing"
    status, said = await operator.starling("sync")
    assert (status, said.startswith("Commands everywhere: added: /")) == (0, True), said
    assert len(operator.double.world.commands[0]) == count
    status, said = await operator.starling("sync")
    assert (status, said) == (0, f"Commands everywhere: {count} unchanged.\n")


async def test_a_wrong_token_ends_run_and_sync_with_status_2_and_names_its_key(operator: Operator) -> None:
    operator.write("an.other.token")
    for verb in ("run", "sync"):
        status, said = await operator.starling(verb)
        assert status == 2, said
        assert said.splitlines()[-1].startswith("discord.token: Discord does not know this token.")
        assert "Traceback" not in said and "an.other.token" not in said
    status, said = await operator.starling("check")
    assert status == 1 and "Discord: discord.token: Discord does not know this token." in said


async def test_without_a_token_run_names_the_page_that_says_how_to_get_one(operator: Operator) -> None:
    operator.write(token="")
    status, said = await operator.starling("run")
    assert (status, said.count("\n")) == (2, 1)
    assert "discord.token" in said and "docs/discord.md" in said
    assert (Path(__file__).parent.parent / "docs/discord.md").exists()


async def test_how_long_a_post_is_repeated_is_what_the_settings_say(operator: Operator) -> None:
    operator.write(more="[delivery]\nlookup_after_seconds = 25\n")
    settings = load(operator.folder / "config.toml", {}, {})
    with pointed_at(operator.double):
        async with Link(discord_options(settings), SystemClock()) as link:
            assert link.sender.repeat_for == timedelta(seconds=25)


# --- while it runs ----------------------------------------------------------------------------------


async def test_run_serves_is_watched_and_leaves_within_ten_seconds_of_a_sigterm(operator: Operator) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    operator.write(more=f"[health]\nenabled = true\nport = {port}\n")
    double = operator.double
    guild, channel, olga = await a_group(double)
    ana = double.add_member(guild, "Ana Testperson")
    async with running(operator) as process:
        seen = await double.slash(ana, "today", {}, channel, patience=PATIENCE)
        assert "question" in seen.text.casefold(), seen.text
        options = {"time": "09:00", "zone": "UTC"}
        await double.slash(olga, "setup", options, channel, patience=PATIENCE)
        await soon(lambda: any("test post" in text_of(m) for m in double.messages(channel)))

        async with aiohttp.ClientSession(f"http://127.0.0.1:{port}") as web:
            async with web.get("/healthz") as got:
                assert got.status == 200
            end = time.monotonic() + PATIENCE  # ready once Discord has told all servers, two seconds or so
            while True:
                async with web.get("/readyz") as got:
                    body = await got.json()
                    if got.status == 200 or time.monotonic() > end:
                        break
                await asyncio.sleep(0.1)
            assert body == {"ready": True, "checks": {"database": "ok", "clock": "ok", "discord": "ok"}}
            async with web.get("/metrics") as got:
                metrics = await got.text()
        assert 'starling_interactions_total{outcome="shown",platform="discord"}' in metrics
        for private in (TOKEN, "Ana", "Olga", "Interview club", "practice", str(guild.id), str(ana.id)):
            assert private not in metrics

        began = time.monotonic()
        process.send_signal(signal.SIGTERM)
        said, _ = await asyncio.wait_for(process.communicate(), 15)
        assert process.returncode == 0, said.decode()
        assert time.monotonic() - began < 10
    lines = said.decode()
    assert "Traceback" not in lines and '"error"' not in lines, lines
    for private in (TOKEN, "Ana Testperson", "Interview club"):
        assert private not in lines
    assert "setup plugin" not in lines, "what Alembic says of itself is noise"
    with contextlib.closing(sqlite3.connect(operator.database)) as database:
        states = {state for (state,) in database.execute("SELECT state FROM delivery")}
        assert states == {"sent"}


async def test_stopping_while_discord_has_trouble_with_a_post_leaves_no_row_half_sent(
    operator: Operator,
) -> None:
    operator.write(more="[delivery]\ntick_seconds = 0.1\n")
    double = operator.double
    _, channel, olga = await a_group(double)
    async with running(operator) as process:
        double.fail("POST", f"/channels/{channel.id}/messages", times=50, how="502")
        await double.slash(olga, "setup", {"time": "09:00", "zone": "UTC"}, channel, patience=PATIENCE)
        await soon(lambda: double.asked("POST", f"/channels/{channel.id}/messages"))
        began = time.monotonic()
        os.kill(process.pid, signal.SIGTERM)
        said, _ = await asyncio.wait_for(process.communicate(), 15)
        assert process.returncode == 0, said.decode()
        assert time.monotonic() - began < 10
    with contextlib.closing(sqlite3.connect(operator.database)) as database:
        assert set(database.execute("SELECT kind, state FROM delivery")) == {("test", "pending")}
