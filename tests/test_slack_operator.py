"""The operator of docs/slack.md: the command line in processes of its own, against a local Slack."""

from __future__ import annotations

import asyncio
import json
import signal
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from discord_double import DiscordDouble
from slack_double import SlackDouble, Team
from slack_room import PATH, SlackRoom, free_port
from test_operator import PATIENCE, TOKEN, Operator, running

SECRET = "0123456789abcdef" * 2


class SlackOperator(SlackRoom):
    """Somebody at a shell in the folder of their Starling, with a workspace on a Slack of their own."""

    def shell(self) -> Operator:
        return Operator(self.folder, None)  # type: ignore[arg-type]  # it has no Discord

    def write(self) -> None:
        """config.toml as in docs/slack.md, and where this Slack is."""
        keys = f'app_token = "{self.team.app_token}"\n'
        if self.mode == "http":
            keys = f'mode = "http"\nsigning_secret = "{self.team.signing_secret}"\nhttp_port = {self.port}\n'
        (self.folder / "config.toml").write_text(
            f'[slack]\nbot_token = "{self.team.bot_token}"\n{keys}api_base_url = "{self.double.base_url}"\n'
            f'[database]\nurl = "{self.folder / "data" / "starling.db"}"\n[delivery]\ntick_seconds = 0.1\n'
        )


@pytest.fixture
async def double() -> AsyncIterator[SlackDouble]:
    async with await SlackDouble.start() as started:
        yield started
        assert started.violations == []


@pytest.mark.slow
@pytest.mark.parametrize("mode", ["socket", "http"])
async def test_the_road_from_the_manifest_to_an_answer_and_a_stop(
    tmp_path: Path, double: SlackDouble, mode: str
) -> None:
    room = SlackOperator(tmp_path, "http" if mode == "http" else "socket")
    room.double, room.team, room.port = double, double.team, free_port()
    shell = room.shell()
    room.team.signing_secret = SECRET

    # An app without its manifest is told what it lacks; with it, all is well.
    room.team.take({"oauth_config": {"scopes": {"bot": ["chat:write"]}}})
    room.write()
    words = ["manifest", "slack", *(["--http", "https://starling.example.org"] if mode == "http" else [])]
    (status, said), (printed, made) = await asyncio.gather(shell.starling("check"), shell.starling(*words))
    assert status == 1 and "    commands: /starling" in said and "starling manifest slack" in said
    assert printed == 0
    room.team.take(json.loads(made))
    if mode == "http":
        assert f"https://starling.example.org{PATH}" in made
        room.team.url = f"http://127.0.0.1:{room.port}{PATH}"
    status, said = await shell.starling("check")
    assert status == 0 and "It has every scope that Starling asks for." in said, said

    room.olga = double.add_user("Olga", admin=True)
    room.channel = double.add_channel("practice", room.olga, bot=False)
    ana = room.member("Ana Testperson")
    process = await shell.begin("run")
    try:
        if mode == "http":
            await asyncio.wait_for(room._listens(len(double.asked("auth.test"))), PATIENCE)
        else:
            await double.sockets.until("hello", 1, PATIENCE)
        told = await room.say(room.olga, "setup time: 08:01 zone: UTC tracks: behavioural")
        assert "/invite @" in told.text or "invite" in told.text.casefold(), told.text
        await double.invite(room.channel, room.olga)
        await room.press(room.olga, told, next(each for each in told.labels if "again" in each.casefold()))
        await room.soon(lambda: any("test post" in str(m) for m in double.messages(room.channel)), PATIENCE)
        today = await room.say(ana, "today")
        practised = await room.press(ana, today, "Practise now")  # this clock is real: nobody waits for 08:01
        kept = await room.answer(ana, practised, "I rewrote the join. It took a day.")
        assert "Kept:" in kept.text
        status, said = await shell.starling("check")
        assert status == 0 and "All is well." in said, "it looks beside what runs"
        began = time.monotonic()
        process.send_signal(signal.SIGTERM)
        log, _ = await asyncio.wait_for(process.communicate(), 15)
        assert process.returncode == 0, log.decode()
        assert time.monotonic() - began < 10
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    lines = log.decode()
    assert "Traceback" not in lines and '"error"' not in lines, lines
    for private in (room.team.bot_token, room.team.app_token, SECRET, "Ana Testperson", "I rewrote"):
        assert private not in lines


async def test_a_wrong_bot_token_ends_run_with_status_2_and_names_its_key(
    tmp_path: Path, double: SlackDouble
) -> None:
    room = SlackOperator(tmp_path, "socket")
    room.double = double
    room.team = Team("T9", "Nobody", "A9", "B9", "xoxb-another", double.team.app_token, "")
    room.write()
    status, said = await room.shell().starling("run")
    assert status == 2 and said.splitlines()[-1].startswith("slack.bot_token: Slack does not accept it"), said
    assert "Traceback" not in said and "xoxb-another" not in said


async def test_a_sigterm_ends_both_platforms_of_one_process(tmp_path: Path, double: SlackDouble) -> None:
    async with await DiscordDouble.start(TOKEN) as discord:
        operator = Operator(tmp_path, discord)
        operator.write(
            more=f'[slack]\nbot_token = "{double.team.bot_token}"\napp_token = "{double.team.app_token}"\n'
            f'api_base_url = "{double.base_url}"\n'
        )
        async with running(operator) as process:
            await double.sockets.until("hello", 1, PATIENCE)
            began = time.monotonic()
            process.send_signal(signal.SIGTERM)
            said, _ = await asyncio.wait_for(process.communicate(), 15)
            assert process.returncode == 0, said.decode()
            assert time.monotonic() - began < 10
        await double.sockets.until("gone")
        assert discord.violations == []
