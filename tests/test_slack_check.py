"""``starling check`` and Slack: what it says of tokens and scopes, and that it ends in time wherever they lead."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import web
from slack_double import SlackDouble

import bot.check_slack
from adapters.slack.manifest import OPTIONAL, SCOPES, manifest
from bot.check import check
from bot.config import load
from core.catalogue import registry

SECRET = "0123456789abcdef" * 2


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in bot.check_slack._PROXIES:
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
async def double() -> AsyncIterator[SlackDouble]:
    async with await SlackDouble.start(manifest(registry(), socket_mode=True)) as started:
        yield started
        assert started.violations == []


def settings_of(double: SlackDouble, **more: str) -> dict[str, str]:
    given = {
        "BOT_TOKEN": double.team.bot_token,
        "APP_TOKEN": double.team.app_token,
        "API_BASE_URL": double.base_url,
        **more,
    }
    return {f"STARLING_SLACK__{key}": value for key, value in given.items() if value}


async def checked(folder: Path, env: dict[str, str]) -> tuple[bool, str]:
    """Whether all is well, and everything that was said."""
    lines: list[str] = []
    good = await check(load(None, env, {"data": str(folder)}), lines.append)
    said = "\n".join(lines)
    for key, value in env.items():
        if key.endswith(("TOKEN", "SECRET")):
            assert value not in said, key
    return good, said


async def test_without_a_token_slack_is_off(tmp_path: Path, double: SlackDouble) -> None:
    good, said = await checked(tmp_path, settings_of(double, BOT_TOKEN="", APP_TOKEN=""))
    assert good and "Slack: off." in said and double.requests == []


async def test_a_workspace_made_from_the_manifest_is_fine(tmp_path: Path, double: SlackDouble) -> None:
    good, said = await checked(tmp_path, settings_of(double))
    assert good, said
    assert (
        f"Slack: slack.bot_token is that of “starling” in the workspace “Study group” ({double.team.id})."
        in said
    )
    assert "It has every scope that Starling asks for." in said
    assert "slack.app_token is good for Socket Mode." in said
    assert "never uses" not in said and "http_" not in said.split("Slack:")[1]
    assert double.sockets.log == [], "no connection was opened"


async def test_a_scope_that_is_missing_is_named_with_its_reason_and_the_way(
    tmp_path: Path, double: SlackDouble
) -> None:
    double.team.scopes -= {"im:history"}
    good, said = await checked(tmp_path, settings_of(double))
    assert not good and f"    im:history: {SCOPES['im:history']}" in said
    assert "starling manifest slack" in said and "chat:write:" not in said
    assert "slack.app_token is good" in said, "the rest is looked at all the same"


async def test_a_scope_that_was_refused_and_is_optional_is_no_fault(
    tmp_path: Path, double: SlackDouble
) -> None:
    double.team.scopes -= set(OPTIONAL)
    double.team.scopes.add("channels:join")
    good, said = await checked(tmp_path, settings_of(double))
    assert good and f"    channels:history: {OPTIONAL['channels:history']}" in said
    assert "Starling works without them" in said
    assert "It has scopes that Starling never uses: channels:join." in said


@pytest.mark.parametrize(
    ("word", "words"),
    [
        ("invalid_auth", "slack.bot_token: Slack does not know it."),
        ("token_revoked", "slack.bot_token: it was revoked."),
        ("account_inactive", "slack.bot_token: the app was removed from its workspace."),
        ("token_expired", "slack.bot_token: it has expired."),
        ("ekm_access_denied", "slack.bot_token: Slack does not accept it (ekm_access_denied)."),
        ("ratelimited", "slack.bot_token: Slack asks to be left alone"),
        ("503", "slack.bot_token: Slack is in trouble just now (HTTP 503)."),
        ("reset", "slack.bot_token: Slack cannot be reached"),
    ],
)
async def test_a_token_that_is_not_taken_is_named_by_its_key(
    tmp_path: Path, double: SlackDouble, word: str, words: str
) -> None:
    double.fail("auth.test", word, times=9)
    good, said = await checked(tmp_path, settings_of(double))
    assert not good and f"Slack: {words}" in said and "Something is to be seen to" in said


@pytest.mark.parametrize(
    ("word", "words"),
    [
        ("invalid_auth", "Slack does not know slack.app_token."),
        ("missing_scope", "slack.app_token lacks the scope connections:write."),
        ("socket_mode_disabled", "Socket Mode is switched off for this app"),
        ("500", "slack.app_token: Slack is in trouble"),
    ],
)
async def test_an_app_token_that_is_not_taken_is_told_from_the_bot_token(
    tmp_path: Path, double: SlackDouble, word: str, words: str
) -> None:
    double.fail("apps.connections.open", word, times=9)
    good, said = await checked(tmp_path, settings_of(double))
    assert not good and words in said
    assert "slack.bot_token is that of" in said, "the bot token was fine"


async def test_with_several_workspaces_each_is_called_by_its_name(
    tmp_path: Path, double: SlackDouble
) -> None:
    other = double.add_team("Night school", manifest(registry(), socket_mode=True))
    file = tmp_path / "config.toml"

    def tables(*teams: tuple[str, str, str]) -> None:
        file.write_text(
            f'[slack]\napi_base_url = "{double.base_url}"\n'
            + "".join(
                f'[[slack.workspaces]]\nname = "{name}"\nbot_token = "{token}"\napp_token = "{app}"\n'
                for name, token, app in teams
            )
        )

    async def look() -> tuple[bool, str]:
        lines: list[str] = []
        good = await check(load(file, {}, {"data": str(tmp_path)}), lines.append)
        return good, "\n".join(lines)

    first = ("day", double.team.bot_token, double.team.app_token)
    tables(first, ("night", other.bot_token, other.app_token))
    good, said = await look()
    assert good and "bot_token of “day” is that of" in said and "bot_token of “night” is that of" in said
    tables(first, ("night", "xoxb-wrong", other.app_token))
    good, said = await look()
    assert not good and "Slack: bot_token of “night”: Slack does not know it." in said
    assert "app_token of “day” is good" in said
    tables(first, ("night", double.team.bot_token, double.team.app_token))
    good, said = await look()
    assert not good and "“night” is a workspace that stands in the settings twice" in said


async def test_in_http_mode_it_says_where_requests_go_and_what_a_secret_looks_like(
    tmp_path: Path, double: SlackDouble
) -> None:
    http = {"MODE": "http", "APP_TOKEN": ""}
    good, said = await checked(tmp_path, settings_of(double, **http, SIGNING_SECRET=SECRET))
    assert good and "slack.signing_secret is set." in said
    assert "have to arrive at 127.0.0.1:3000/slack/events" in said
    assert double.asked("apps.connections.open") == []
    good, said = await checked(tmp_path, settings_of(double, **http, SIGNING_SECRET="shh-not-hex"))
    assert good and "slack.signing_secret does not look like one" in said


@pytest.mark.parametrize(
    ("kind", "status"), [("text/html", 200), ("text/html", 404), ("application/json", 200)]
)
async def test_a_web_page_in_slacks_place_is_called_that(
    tmp_path: Path, double: SlackDouble, kind: str, status: int
) -> None:
    async def page(request: web.Request) -> web.Response:
        return web.Response(text="<html>Sign in to the network</html>", content_type=kind, status=status)

    app = web.Application()
    app.router.add_route("*", "/{rest:.*}", page)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        there = f"http://127.0.0.1:{runner.addresses[0][1]}/api/"
        good, said = await checked(tmp_path, settings_of(double, API_BASE_URL=there))
    finally:
        await runner.cleanup()
    assert not good and "is not Slack" in said and "slack.api_base_url" in said and "Sign in" not in said


async def test_an_address_where_nobody_answers_is_said_plainly(tmp_path: Path, double: SlackDouble) -> None:
    good, said = await checked(tmp_path, settings_of(double, API_BASE_URL="http://127.0.0.1:9/api/"))
    assert not good and "Slack: slack.bot_token: Slack cannot be reached" in said


async def test_a_slack_that_is_silent_does_not_hold_the_check_up(
    tmp_path: Path, double: SlackDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bot.check_slack, "SECONDS", 0.3)
    double.fail("auth.test", "silence")
    began = time.monotonic()
    good, said = await checked(tmp_path, settings_of(double))
    assert not good and "no answer from Slack in time" in said
    assert time.monotonic() - began < 5


async def test_a_proxy_out_of_the_environment_is_named_but_not_shown(
    tmp_path: Path, double: SlackDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://ana:hunter2@127.0.0.1:9")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    good, said = await checked(tmp_path, settings_of(double))
    assert not good and "Slack: HTTP_PROXY is set, so everything goes through that proxy" in said
    assert "hunter2" not in said
