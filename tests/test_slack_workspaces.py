"""Several workspaces in one process: each with an app of its own, or of one app; none in another's way."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from slack_double import Channel, Team, User
from slack_room import PATH, Json, Mode, SlackRoom, free_port, slack_room
from structlog.testing import capture_logs

from adapters.slack.manifest import manifest
from bot.config import load
from bot.settings import Settings
from core import catalogue
from core.errors import SettingsError

CASES = [("socket", False), ("socket", True), ("http", False), ("http", True)]
"""(mode, whether both are of one app: one app token, one signing secret)"""


class TwoWorkspaces(SlackRoom):
    """The room's own workspace ("day"), and another one ("night") that looks the same to its people."""

    night: Team
    theirs: Channel
    otto: User
    refused: str = ""
    """A table's name: its bot token is none of Slack's."""

    def settings(self) -> Settings:
        tables = ""
        for name, team in (("day", self.team), ("night", self.night)):
            token = "xoxb-another" if name in self.refused.split() else team.bot_token
            tables += (
                f'[[slack.workspaces]]\nname = "{name}"\nbot_token = "{token}"\n'
                f'app_token = "{team.app_token}"\nsigning_secret = "{team.signing_secret}"\n'
            )
        path = self.folder / "config.toml"
        path.write_text(
            f'[slack]\nmode = "{self.mode}"\napi_base_url = "{self.double.base_url.rstrip("/")}"\n'
            f'http_port = {self.port or 3000}\nhttp_path = "{PATH}"\n{tables}'
            f'[database]\nurl = "{self.folder / "starling.db"}"\n[delivery]\ntick_seconds = 0.05\n'
        )
        return load(path, self.more, {})

    async def start(self) -> None:
        if self.mode == "http":
            self.port = self.port or free_port()
            self.team.url = self.night.url = f"http://127.0.0.1:{self.port}{PATH}"
            await self._run(self._listens(len(self.double.asked("auth.test")) + 1))
            return
        hellos = [each for each, _ in self.double.sockets.log].count("hello")
        one = bool(self.refused) or self.team.app_token == self.night.app_token
        await self._run(self.double.sockets.until("hello", hellos + (1 if one else 2), 20))
        known = 1 if self.refused else 2
        await self.soon(lambda: sum(not each.error for each in self.double.asked("auth.test")) >= known)

    async def set_up_theirs(self) -> None:
        await self.sees(
            self.otto,
            lambda: self.double.slash(
                self.otto, "setup time: 08:01 zone: UTC tracks: behavioural", self.theirs
            ),
            self.theirs,
        )
        await self.soon(lambda: self.double.messages(self.theirs))

    def came(self, channel: Channel) -> list[Json]:
        """The questions that stand in this channel."""
        return [m for m in self.double.messages(channel) if "proud" in str(m)]


@asynccontextmanager
async def two(folder: Path, mode: Mode = "socket", shared: bool = False) -> AsyncIterator[TwoWorkspaces]:
    made = TwoWorkspaces(folder, mode)
    async with slack_room(folder, mode, made):
        url = "" if mode == "socket" else f"https://starling.example{PATH}"
        app = manifest(catalogue.registry(), socket_mode=mode == "socket", url=url)
        made.night = made.double.add_team("Night school", app)
        if shared:
            made.night.app_token = made.team.app_token
            made.night.signing_secret = made.team.signing_secret
            made.night.app_id = made.team.app_id
        made.otto = made.double.add_user("Olga", made.night, admin=True)
        made.theirs = made.double.add_channel("practice", made.otto, team=made.night)
        yield made


async def both_set_up(room: TwoWorkspaces) -> None:
    await room.set_up()
    await room.set_up_theirs()


def asked_by(room: TwoWorkspaces, method: str, team: Team) -> list[Any]:
    return [each for each in room.double.asked(method) if each.team is team]


# --- each its own life ----------------------------------------------------------------------------


@pytest.mark.parametrize(("mode", "shared"), CASES)
async def test_each_has_its_group_its_people_and_its_question_once(
    tmp_path: Path, mode: Mode, shared: bool
) -> None:
    async with two(tmp_path, mode, shared) as room:
        await room.start()
        await both_set_up(room)
        ana = room.member("Ana")
        namesake = room.double.add_user("Ana", room.night)
        room.theirs.members.append(namesake)
        room.clock.skip(minutes=2)
        await room.soon(lambda: room.came(room.channel) and room.came(room.theirs))
        kept = await room.answer(ana, room.came(room.channel)[0], "I rewrote the join. It took a day.")
        assert "Kept:" in kept.text
        streak = await room.sees(
            namesake, lambda: room.double.slash(namesake, "streak", room.theirs), room.theirs
        )
        assert "1 day" not in streak.text, "her namesake's answer is not hers"
        assert room.rows(
            "SELECT workspace, count(*) FROM account GROUP BY workspace ORDER BY workspace"
        ) == sorted([(room.team.id, 2), (room.night.id, 2)])
        await room.at_rest()
        assert (len(room.came(room.channel)), len(room.came(room.theirs))) == (1, 1)
        homes = room.rows("SELECT count(*), count(DISTINCT group_id) FROM home")
        assert homes == [(2, 2)]


# --- one in trouble -------------------------------------------------------------------------------


@pytest.mark.parametrize("how", ["ratelimited", "silence", "503"])
async def test_one_in_trouble_delays_no_other_ones_question(tmp_path: Path, how: str) -> None:
    async with two(tmp_path) as room:
        await room.start()
        await both_set_up(room)
        room.double.fail("chat.postMessage", how, times=50, retry_after=30, channel=room.channel)
        room.clock.skip(minutes=2)
        await room.soon(lambda: room.came(room.theirs), patience=4)
        assert room.came(room.channel) == []


@pytest.mark.parametrize(("mode", "shared"), CASES)
async def test_a_refused_bot_token_is_named_and_the_other_workspace_is_served(
    tmp_path: Path, mode: Mode, shared: bool
) -> None:
    async with two(tmp_path, mode, shared) as room:
        room.refused = "day"
        with capture_logs() as logs:
            await room.start()
            await room.set_up_theirs()
        (said,) = [each for each in logs if each["event"] == "a workspace is not served"]
        assert (said["log_level"], said["workspace"]) == ("error", "day")
        assert "“day”" in said["why"] and "OAuth & Permissions" in said["why"]
        room.clock.skip(minutes=2)
        await room.soon(lambda: room.came(room.theirs))


@pytest.mark.parametrize(("mode", "shared"), CASES)
async def test_with_every_bot_token_refused_it_ends_and_says_so(
    tmp_path: Path, mode: Mode, shared: bool
) -> None:
    async with two(tmp_path, mode, shared) as room:
        room.refused = "day night"
        with capture_logs() as logs, pytest.raises(SettingsError, match="does not accept it"):
            await room.start()
            await room.ended()  # over HTTP it may have listened for a moment
        assert sum(each["event"] == "a workspace is not served" for each in logs) == 1, (
            "the last one is raised"
        )


async def test_one_that_slack_is_slow_to_name_holds_up_no_other_of_its_app(tmp_path: Path) -> None:
    async with two(tmp_path, shared=True) as room:
        room.double.fail("auth.test", "silence")
        await room._run(room.double.sockets.until("hello", 1, 5))
        served = next(each.team for each in room.double.asked("auth.test") if each.team)
        assert served in (room.team, room.night)


# --- removed, and there again -----------------------------------------------------------------------


@pytest.mark.parametrize(("mode", "shared"), CASES)
async def test_removing_it_from_one_pauses_that_one_until_a_start_after_it_is_back(
    tmp_path: Path, mode: Mode, shared: bool
) -> None:
    async with two(tmp_path, mode, shared) as room:
        await room.start()
        await both_set_up(room)
        state: Callable[[], dict[str, str]] = lambda: dict(room.rows("SELECT channel_id, state FROM home"))  # noqa: E731
        await room.double.uninstall(room.night)
        await room.soon(lambda: state() == {room.channel.id: "active", room.theirs.id: "disabled"})
        room.clock.skip(minutes=2)
        await room.soon(lambda: room.came(room.channel))
        await room.at_rest()
        assert room.came(room.theirs) == []
        await room.stop()
        room.double.break_("", room.night)
        await room.start()
        await room.soon(lambda: set(state().values()) == {"active"})
        room.clock.skip(days=1)
        await room.soon(
            lambda: room.double.messages(room.theirs)[-1]["ts"] > room.came(room.channel)[0]["ts"]
        )
