"""Bad days of the clock and of the network: whatever goes wrong, every question comes, and it comes once."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from bad_days import Day, bad_day
from soak import size

CHANNELS = size(10, 40)  # on each platform: more than Slack is sent at once, in full more than Discord


def lose_answers(day: Day) -> None:
    """Of what is sent next, some answers are lost: the message is there, or it is not."""
    day.both.discord.double.fail("POST", r"^/channels/\d+/messages$", 1, "accepted-reset")
    day.both.slack.double.fail("chat.postMessage", "accepted-reset", 2)
    day.both.slack.double.fail("chat.postMessage", "reset", 1)


async def waiting(day: Day, rows: int) -> None:
    """So many rows are left, and nothing is under way."""
    for _ in range(200):
        states = await day.states()
        if states["pending"] == rows and states["sending"] == 0:
            return
        await asyncio.sleep(0.05)
    raise AssertionError(await day.states())


@pytest.mark.parametrize("hours", [1, -1])
async def test_a_clock_that_jumps_an_hour_while_questions_are_sent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, hours: int
) -> None:
    async with bad_day(tmp_path, monkeypatch, channels=CHANNELS) as day:
        day.hold()
        await day.come()
        await day.held()
        day.clock.turn(hours=hours)
        await asyncio.sleep(0.2)
        turned = day.clock.true()
        day.release()
        if hours < 0:  # what was not begun waits for its time to come again
            await asyncio.sleep(1)
            assert (await day.states())["pending"]
            day.clock.skip(minutes=58)
        await day.judge(f"clock {hours:+} h while sending", await day.over(since=turned))


@pytest.mark.parametrize("hours", [1, -1])
async def test_a_clock_that_jumps_an_hour_while_lost_answers_wait_to_be_looked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, hours: int
) -> None:
    async with bad_day(tmp_path, monkeypatch, channels=CHANNELS) as day:
        lose_answers(day)
        await day.come()
        await waiting(day, 3)
        day.clock.turn(hours=hours)
        back = await day.over(2)
        await day.judge(f"clock {hours:+} h during the 30 s wait", back)


async def test_a_clock_that_is_put_back_an_hour_between_the_claim_and_the_sending(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with bad_day(tmp_path, monkeypatch, channels=CHANNELS) as day:
        away(day)
        day.clock.turn(hours=1)
        claimed = "SELECT key FROM delivery WHERE kind = 'drop'"
        await day.both.soon(lambda: day.both.rows(claimed))  # too early
        day.clock.turn(hours=-1)
        await comes_back(day)
        await day.come()
        await day.judge("clock -1 h before sending", await day.over())


def away(day: Day) -> None:
    """Nothing reaches either platform."""
    day.both.discord.double.fail("*", ".*", 10**6, "reset")
    day.both.slack.double.fail(".*", "reset", 10**6)


async def comes_back(day: Day) -> None:
    day.both.discord.double.rest.faults.clear()
    day.both.slack.double.api.faults.clear()


async def test_platforms_that_are_out_of_reach_for_half_an_hour(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with bad_day(tmp_path, monkeypatch, channels=CHANNELS) as day:
        await both_gone(day)
        await day.come()
        for _ in range(30):
            await asyncio.sleep(0.1)
            day.clock.skip(minutes=1)
        await comes_back(day)
        await day.judge("platforms out of reach for 30 min", await day.over(2))


async def both_gone(day: Day) -> None:
    away(day)
    await day.both.discord.double.gateway.close(1006)
    await day.both.slack.double.sockets.drop(abort=True)


@pytest.mark.parametrize("policy", ["looks and never finds", "believes that it is there"])
async def test_a_wrong_policy_is_seen_by_the_count(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, policy: str
) -> None:
    """The positive control: with a look-up that lies, the same day loses or doubles what it should."""
    from adapters.slack.sender import SlackSender
    from core.ports import Outcome, Sent

    async def find(*_: Any) -> Outcome | None:
        return None if policy == "looks and never finds" else Sent("1.000000")

    monkeypatch.setattr(SlackSender, "find", find)
    async with bad_day(tmp_path, monkeypatch, channels=CHANNELS) as day:
        lose_answers(day)
        await day.come()
        await waiting(day, 3)
        back = await day.over(2)
        lies = (0, 2) if policy == "looks and never finds" else (1, 0)
        await day.judge(f"control: {policy}", back, lost=lies[0], doubled=lies[1])
