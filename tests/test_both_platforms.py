"""Discord and Slack in one process: one database, one clock, and neither in the other's way."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path

import pytest
import test_discord_evening as discord_evening
import test_slack_evening as slack_evening
from both_rooms import Both, both_rooms
from evening import Evening, Seen, page_of
from slack_room import Mode
from structlog.testing import capture_logs

from core.errors import SettingsError


class Meeting:
    """What happens to both at once: each waits for the other, and one does it."""

    def __init__(self) -> None:
        self._barrier = asyncio.Barrier(2)

    async def together(self, do: Callable[[], Awaitable[None]]) -> None:
        if await self._barrier.wait() == 0:
            await do()
        await self._barrier.wait()


class OnDiscord(discord_evening.OnDiscord):
    def __init__(self, both: Both, meeting: Meeting) -> None:
        super().__init__(both.discord)
        self.both, self.meeting = both, meeting

    async def let_the_question_come(self) -> Seen:
        before = len(self.room.double.messages(self.room.channel))
        await self.meeting.together(lambda: half_past(self.both))
        await self.room.soon(lambda: len(self.room.double.messages(self.room.channel)) > before)
        return await self.card()

    async def restart(self) -> None:
        await self.meeting.together(lambda: self.both.restart(away=60))


class OnSlack(slack_evening.OnSlack):
    def __init__(self, both: Both, meeting: Meeting) -> None:
        super().__init__(both.slack)
        self.both, self.meeting = both, meeting

    async def let_the_question_come(self) -> Seen:
        before = len(self.room.double.messages(self.room.channel))
        await self.meeting.together(lambda: half_past(self.both))
        await self.room.soon(lambda: len(self.room.double.messages(self.room.channel)) > before)
        return await self.card()

    async def restart(self) -> None:
        await self.meeting.together(lambda: self.both.restart(away=60))


async def half_past(both: Both) -> None:
    both.clock.skip(minutes=31)


async def set_up(both: Both) -> None:
    """A group on each, with a question at 08:01; both test posts are there."""
    await both.discord.set_up()
    await both.slack.set_up()


def posts(both: Both) -> tuple[int, int]:
    """How many posts stand in the two channels: Discord's, Slack's."""
    discord, slack = both.discord, both.slack
    return len(discord.double.messages(discord.channel)), len(slack.double.messages(slack.channel))


def drops(both: Both) -> list[tuple[str, str]]:
    """(platform, state) of every question's delivery."""
    return both.rows(
        "SELECT home.platform, delivery.state FROM delivery JOIN home ON home.id = delivery.home_id"
        " WHERE delivery.kind = 'drop' ORDER BY home.platform"
    )


# --- the evening ----------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("mode", ["socket", "http"])
async def test_the_evening_on_both_at_once_is_on_each_what_it_is_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mode: Mode
) -> None:
    async with both_rooms(tmp_path, monkeypatch, mode) as both:
        await both.start()
        meeting = Meeting()
        evenings = Evening(OnDiscord(both, meeting), []), Evening(OnSlack(both, meeting), [])
        async with asyncio.TaskGroup() as group:
            for evening in evenings:
                group.create_task(evening.play())
        assert drops(both) == [("discord", "sent"), ("slack", "sent")], "one question each, once"
        people = both.rows("SELECT platform, count(*) FROM account GROUP BY platform ORDER BY platform")
        assert people == [("discord", 4), ("slack", 4)], "the same names are other people"
        assert len(both.answers()) == 8
    for evening, platform in zip(evenings, ("discord", "slack"), strict=True):
        told = page_of(platform, "evening").read_text(encoding="utf-8")
        assert sights("\n".join(evening.lines)) == sights(told)


def sights(told: str) -> list[str]:
    """Who saw what. Cards are left out: the clock that both share says when they are rewritten."""
    told = re.sub(r"[ \t]+$", "", told, flags=re.MULTILINE)
    return [each for each in re.split(r"\n\n(?=\S)", told.strip()) if not each.startswith("The card")]


# --- one of them has trouble ------------------------------------------------------------------------


@pytest.mark.parametrize("how", ["502", "silence"])
async def test_a_slack_in_trouble_holds_up_nobody_on_discord(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    async with both_rooms(tmp_path, monkeypatch) as both:
        await both.start()
        await set_up(both)
        before = posts(both)
        double = both.slack.double
        double.fail("chat.postMessage|conversations.history", how, times=50)
        both.clock.skip(minutes=2)
        await both.soon(lambda: posts(both)[0] == before[0] + 1, patience=5)
        assert posts(both)[1] == before[1], "Slack has not taken it"
        card = both.discord.double.messages(both.discord.channel)[-1]
        seen = await both.discord.answer(
            both.discord.member("Ana"), card, "I rewrote the join. It took a day."
        )
        assert "Kept:" in seen.text
        await both.soon(lambda: ("discord", "sent") in drops(both))


async def test_a_discord_in_trouble_holds_up_nobody_on_slack_and_gets_its_question_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with both_rooms(tmp_path, monkeypatch) as both:
        await both.start()
        await set_up(both)
        before = posts(both)
        path = f"/channels/{both.discord.channel.id}/messages"
        both.discord.double.fail("POST", path, times=8, how="502")
        both.clock.skip(minutes=2)
        await both.soon(lambda: posts(both)[1] == before[1] + 1, patience=5)
        seen = await both.slack.say(both.slack.member("Ana"), "streak")
        assert seen.private

        skipped = time.monotonic()

        def sent() -> bool:
            nonlocal skipped
            if (
                time.monotonic() - skipped > 0.03
            ):  # else its time runs away from a process that has no time to act
                skipped = time.monotonic()
                both.clock.skip(seconds=5)
            return drops(both) == [("discord", "sent"), ("slack", "sent")]

        await both.soon(sent)
        assert posts(both) == (before[0] + 1, before[1] + 1), "once each"


async def test_readyz_names_the_one_that_is_cut_off_and_is_content_when_it_is_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with both_rooms(tmp_path, monkeypatch) as both:
        await both.start()
        await both.ready_says()
        slack = both.slack.double
        slack.fail("apps.connections.open", "503", times=2)
        await slack.sockets.drop(abort=True)
        await both.ready_says(slack="failed")
        seen = await both.discord.double.slash(both.discord.olga, "today", {}, both.discord.channel)
        assert "question" in seen.text.casefold()

        await both.ready_says()


# --- a token that is refused ------------------------------------------------------------------------


async def test_a_refused_discord_token_is_named_and_slack_is_served(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with both_rooms(tmp_path, monkeypatch) as both:
        both.more["STARLING_DISCORD__TOKEN"] = "an.other.token"
        with capture_logs() as logs:
            await both.start_only(both.slack.start())
            await both.ready_says(discord="failed")
        assert ("discord", "discord.token: Discord does not know this token.") in unserved(logs)
        await both.slack.set_up()
        await both.slack.drop()
        await both.soon(lambda: drops(both) == [("slack", "sent")])


async def test_a_refused_slack_token_is_named_and_discord_is_served(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with both_rooms(tmp_path, monkeypatch) as both:
        both.more["STARLING_SLACK__BOT_TOKEN"] = "xoxb-another"
        with capture_logs() as logs:
            await both.start_only(both.discord.start())
            await both.ready_says(slack="failed")
        assert ("slack", "slack.bot_token: Slack does not accept it (invalid_auth).") in unserved(logs)
        await both.discord.set_up()
        await both.discord.drop()
        await both.soon(lambda: drops(both) == [("discord", "sent")])


async def test_a_discord_token_that_is_reset_while_it_runs_takes_slack_along_no_more_than_at_the_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with both_rooms(tmp_path, monkeypatch) as both:
        await both.start()
        await set_up(both)
        before = posts(both)
        with capture_logs() as logs:
            await both.discord.double.gateway.close(4004)
            await both.ready_says(discord="failed")
        assert any(key == "discord" and "token" in why for key, why in unserved(logs))
        both.clock.skip(minutes=2)
        await both.soon(lambda: posts(both)[1] == before[1] + 1, patience=5)
        await both.at_rest()
        assert [state for name, state in drops(both) if name == "discord"] == ["pending"], "it waits its time"
        await both.restart()
        await both.soon(lambda: posts(both) == (before[0] + 1, before[1] + 1))


async def test_with_both_tokens_refused_there_is_nothing_to_serve(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with both_rooms(tmp_path, monkeypatch) as both:
        both.more["STARLING_SLACK__BOT_TOKEN"] = "xoxb-another"
        both.more["STARLING_DISCORD__TOKEN"] = "an.other.token"
        with capture_logs() as logs, pytest.raises(SettingsError) as ended:
            await both.start_only(asyncio.sleep(30))
        said = [why for _, why in unserved(logs)] + [ended.value.message.partition(". ")[0] + "."]
        assert sorted(words.partition(":")[0] for words in said) == ["discord.token", "slack.bot_token"]


def unserved(logs: Sequence[Mapping[str, object]]) -> list[tuple[str, str]]:
    """(platform, the first sentence of why) of what the log says is not served."""
    return [
        (str(each["platform"]), str(each["why"]).partition(". ")[0].rstrip(".") + ".")
        for each in logs
        if each["event"] == "a platform is not served" and each["log_level"] == "error"
    ]
