"""``starling check`` and Discord: what it says of a token, and that it ends in time wherever the token leads."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from discord_double import DiscordDouble
from discord_double_stage import pointed_at
from test_cli import starling, words_of

import bot.check
from adapters.discord.commands import Tree
from adapters.discord.invite import invite_url
from adapters.discord.sync import register, visit
from bot.check import check
from bot.config import load
from core.catalogue import registry

TOKEN = "a.local.token"


@pytest.fixture
async def double() -> AsyncIterator[DiscordDouble]:
    async with await DiscordDouble.start(TOKEN) as started:
        with pointed_at(started):
            yield started


async def checked(folder: Path, *, token: str = TOKEN, api: str = "") -> tuple[bool, str]:
    """Whether all is well, and everything that was said."""
    said: list[str] = []
    env = {"STARLING_DISCORD__TOKEN": token, **({"STARLING_DISCORD__API_BASE_URL": api} if api else {})}
    good = await check(load(None, env, {"data": str(folder)}), said.append)
    assert TOKEN not in "\n".join(said)
    return good, "\n".join(said)


async def test_without_a_token_discord_is_off_and_nothing_is_asked(
    tmp_path: Path, double: DiscordDouble
) -> None:
    good, said = await checked(tmp_path, token="", api=double.api)
    assert good and "Discord: off." in said and double.requests == []


async def test_a_good_token_brings_name_links_and_the_state_of_the_commands(
    tmp_path: Path, double: DiscordDouble
) -> None:
    good, said = await checked(tmp_path, api=double.api)
    assert good, "commands that are not registered yet are no fault: the start does it"
    assert "Discord: the token is that of “Starling”." in said
    assert invite_url(double.world.application) in said
    assert "Commands: not registered yet." in said and "starling sync" in said
    assert "privileged" not in said and double.asked("PUT", ".") == []

    payload = Tree(registry()).payload
    async with visit(TOKEN, "", 10) as client:
        await register(client, payload[1:])
        good, said = await checked(tmp_path, api=double.api)
        assert good and f"differ from what is registered (added: /{payload[0]['name']};" in said
        await register(client, payload)
    good, said = await checked(tmp_path, api=double.api)
    assert good and f"all {len(Tree(registry()).payload)} are registered" in said


async def test_what_is_switched_on_in_the_portal_for_nothing_is_named(
    tmp_path: Path, double: DiscordDouble
) -> None:
    told = {"flags": 1 << 15 | 1 << 19, "interactions_endpoint_url": "https://elsewhere.example/"}
    application = double.rest._application
    _replace_application(double, lambda asked: application(asked) | told)
    good, said = await checked(tmp_path, api=double.api)
    assert not good, "commands would never reach Starling"
    assert "not needed: Server Members Intent, Message Content Intent" in said
    assert "Interactions Endpoint URL" in said and "Something is to be seen to" in said


def _replace_application(double: DiscordDouble, answer: object) -> None:
    double.rest.routes = [
        (method, path, answer if path.pattern.endswith("/applications/@me") else handler)  # type: ignore[misc]
        for method, path, handler in double.rest.routes
    ]


async def test_a_wrong_token_is_named_by_its_key_and_fails_the_check(
    tmp_path: Path, double: DiscordDouble
) -> None:
    good, said = await checked(tmp_path, token="an.other.token", api=double.api)
    assert not good and "Discord: discord.token: Discord does not know this token." in said


async def test_an_address_where_nobody_answers_is_said_plainly(tmp_path: Path, double: DiscordDouble) -> None:
    good, said = await checked(tmp_path, api="http://127.0.0.1:9/api/v10")
    assert not good and "Discord: Discord cannot be reached" in said and "discord.api_base_url" in said
    assert "Packs: " in said, "the rest is looked at all the same"


async def test_trouble_at_discord_does_not_hold_the_check_up(
    tmp_path: Path, double: DiscordDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bot.check, "DISCORD_SECONDS", 0.5)
    double.fail("GET", "/users/@me", times=50)
    began = time.monotonic()
    good, said = await checked(tmp_path, api=double.api)
    assert not good and "no answer in time" in said
    assert time.monotonic() - began < 8


async def test_the_commands_leave_with_a_status_that_a_script_can_read(
    tmp_path: Path, double: DiscordDouble
) -> None:
    here = {"STARLING_DISCORD__API_BASE_URL": double.api}
    off = await asyncio.to_thread(starling, "sync", env=here)
    assert (off.returncode, words_of(off).count("\n")) == (2, 1)
    wrong = await asyncio.to_thread(
        starling, "sync", env={**here, "STARLING_DISCORD__TOKEN": "an.other.token"}
    )
    assert wrong.returncode == 2 and words_of(wrong).startswith("discord.token: ")
    away = {"STARLING_DISCORD__API_BASE_URL": "http://127.0.0.1:9", "STARLING_DISCORD__TOKEN": TOKEN}
    lost = await asyncio.to_thread(starling, "sync", env=away)
    assert lost.returncode == 1 and words_of(lost).startswith("Discord cannot be reached")
    fine = await asyncio.to_thread(
        starling, "sync", "--dry-run", env={**here, "STARLING_DISCORD__TOKEN": TOKEN}
    )
    assert fine.returncode == 0 and words_of(fine).startswith("Would change everywhere: added: ")
