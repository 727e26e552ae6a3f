"""Corrections and a second attempt on Discord, on Slack and on the console: the same checklists on all three."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import test_discord_evening as discord_evening
import test_slack_evening as slack_evening
from conftest import NewDatabase
from discord_double_judge import walk as discord_walk
from discord_room import discord_room
from evening import Seen, check_transcript
from evening_attempts import OnConsole, Stage, play
from moved_clock import MovedClock
from slack_room import Mode, slack_room

from core.store.engine import Store, database_url

REPLACED = 6  # the kind of a callback after which the message itself is rewritten


class OnDiscord(discord_evening.OnDiscord):
    in_place = True

    async def choose(self, who: str, on: Seen, menu: str, option: str) -> Seen:
        handle = on.handle
        message: Any = handle if isinstance(handle, dict) else handle.message
        custom_id = self.room.press_id(handle, menu)
        (element,) = [e for _, e in discord_walk(message["components"]) if e.get("custom_id") == custom_id]
        (value,) = [o["value"] for o in element["options"] if _same(o["label"], option)]
        got = await self.room.double.press(self.who(who), handle, custom_id, [value])
        if not self.in_place:
            return self.seen(got)
        assert got.callback == REPLACED, "what is corrected is shown in its place, not under it"
        return self.seen(await got.until(lambda it: it.edits))


class OnSlack(slack_evening.OnSlack):
    async def choose(self, who: str, on: Seen, menu: str, option: str) -> Seen:
        action_id = self.room.press_id(on.handle, menu)
        elements = [e for block in on.handle.shown["blocks"] for e in block.get("elements", ())]
        (element,) = [e for e in elements if e.get("action_id") == action_id]
        (value,) = [o["value"] for o in element["options"] if _same(o["text"]["text"], option)]
        return self.seen(await self.room.pick(self.who(who), on.handle, menu, value))


def _same(shown: str, option: str) -> bool:
    """Whether a menu's entry is that option; long ones are cut."""
    return option.startswith(shown.removesuffix("…"))


async def test_on_the_console(new_database: NewDatabase, clock: MovedClock, tmp_path: Path) -> None:
    lines: list[str] = []
    async with Store(database_url(await new_database("sqlite"))) as store:
        stage = await OnConsole.begin(store, clock, tmp_path)
        try:
            checklists = await play(stage, lines)
        finally:
            await stage.end()
    assert len(checklists) == 5
    assert [p.suffix for p in tmp_path.iterdir() if p.suffix == ".png"] == [".png"], (
        "the picture of the attempts"
    )
    check_transcript([line.replace(str(tmp_path), "FILES") for line in lines], "console", "attempts")


@pytest.mark.slow
async def test_on_discord(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with discord_room(tmp_path, monkeypatch) as room:
        await room.start()
        await room.set_up()
        stage: Stage = OnDiscord(room)
        lines: list[str] = []
        assert len(await play(stage, lines)) == 5
    check_transcript(lines, "discord", "attempts")


@pytest.mark.slow
@pytest.mark.parametrize("mode", ["socket", "http"])
async def test_on_slack(tmp_path: Path, mode: Mode) -> None:
    async with slack_room(tmp_path, mode) as room:
        await room.start()
        await room.set_up()
        stage: Stage = OnSlack(room)
        lines: list[str] = []
        assert len(await play(stage, lines)) == 5
    check_transcript(lines, "slack", "attempts", write=mode == "socket")
