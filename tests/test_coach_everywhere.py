"""The coach on Discord and on Slack, through the real clients: asked before anything leaves, and then asking."""

from __future__ import annotations

import dataclasses
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import test_discord_evening as discord_evening
import test_slack_evening as slack_evening
from coach_double import CoachDouble, asks, hangs, labels
from discord_room import discord_room
from evening import BEN, Seen
from slack_room import Mode, slack_room

from core.packs.load import starter_packs

QUESTION = next(p for pack in starter_packs() for p in pack.prompts if p.id == "proud-project")
REPLACED = 6  # the kind of a callback after which the message itself is rewritten
# Sentences of which no tagger is sure.
VAGUE = (
    f"So that was that, and there it stood. The numbers were what they were. {BEN} Most of it was like this."
)


@pytest.fixture
async def double() -> AsyncIterator[CoachDouble]:
    async with CoachDouble.running() as running:
        yield running


def connected(double: CoachDouble) -> dict[str, str]:
    return {
        "STARLING_COACH__BASE_URL": double.base_url,
        "STARLING_COACH__MODEL": "small",
        "STARLING_COACH__TIMEOUT_SECONDS": "0.5",
    }


class OnDiscord(discord_evening.OnDiscord):
    async def press(self, who: str, on: Seen, label: str) -> Seen:
        got = await self.room.press(self.who(who), on.handle, label)
        if got.callback == REPLACED:
            got = await got.until(lambda it: it.edits)
        seen = self.seen(got)
        return dataclasses.replace(
            seen, words=seen.words.replace("\\", "")
        )  # what keeps Markdown from being one


async def play(on: OnDiscord | slack_evening.OnSlack, double: CoachDouble) -> None:
    """Words are looked for, not whole pages: how it looks is the platforms' own."""
    double.replies(asks("What did you do yourself in those two days?"))
    kept = await on.command("Ben", "answer", prompt=QUESTION.uid, text=VAGUE)
    page = await on.press("Ben", kept, "Ask the coach")
    assert page.private and "May the coach read this answer?" in page.words and double.host in page.words
    assert double.seen == []
    await on.restart()
    asked = await on.press("Ben", page, "Yes, ask")
    assert asked.private and "What did you do yourself in those two days?" in asked.words
    assert "The coach asks:" in asked.words and "it can be wrong" in asked.words
    double.replies(labels("R"))
    reading = await on.press("Ben", asked, "How the coach reads it")
    assert reading.private and "The coach says Result" in reading.words
    double.replies(hangs())
    quiet = await on.press("Ben", asked, "Another question")
    assert quiet.private and "The coach did not answer in time. Starling goes on without it." in quiet.words
    off = await on.press("Ben", reading, "Coach off")
    assert off.private and "nothing of yours is sent to it" in off.words
    sent = len(double.seen)
    again = await on.press("Ben", kept, "Ask the coach")
    assert "May the coach read this answer?" in again.words
    no = await on.press("Ben", again, "No")
    assert "Nothing was sent" in no.words and len(double.seen) == sent == 3
    for name in ("ben", "practice", "interview club"):
        assert all(name not in seen.raw.decode().casefold() for seen in double.seen)


@pytest.mark.slow
async def test_on_discord(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, double: CoachDouble) -> None:
    async with discord_room(tmp_path, monkeypatch) as room:
        room.more = connected(double)
        await room.start()
        await room.set_up()
        await play(OnDiscord(room), double)


@pytest.mark.slow
@pytest.mark.parametrize("mode", ["socket", "http"])
async def test_on_slack(tmp_path: Path, mode: Mode, double: CoachDouble) -> None:
    async with slack_room(tmp_path, mode) as room:
        room.more = connected(double)
        await room.start()
        await room.set_up()
        await play(slack_evening.OnSlack(room), double)
