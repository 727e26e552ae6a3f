"""Reviews on Discord, on Slack and on the console: the same happens on all three; the transcripts say how it looks."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
import test_evening_attempts as attempts
from conftest import NewDatabase
from discord_room import boxes, discord_room
from evening import Seen, check_transcript
from evening_reviews import Evening, OnConsoles
from moved_clock import MovedClock
from slack_room import Mode, Sight, slack_room

from core.store.engine import Store, database_url


class OnDiscord(attempts.OnDiscord):
    """``evening_reviews.Stage`` for Discord."""

    in_place = False  # from the list to one of them: the list stays

    async def press(self, who: str, on: Seen, label: str) -> Seen:
        got = await self.room.press(self.who(who), on.handle, label)
        return self.seen(await got.until(lambda it: it.edits) if got.callback == attempts.REPLACED else got)

    async def review(
        self, who: str, on: Seen, seen: Sequence[str], missing: Sequence[str], words: str
    ) -> Seen:
        form = await self.press(who, on, "Review")
        assert form.form
        kinds = {name: box["type"] for name, box in boxes(form.handle).items()}
        assert kinds == {"seen": 22, "missing": 22, "words": 4}, "boxes to tick, twice, and a sentence"
        values = {"seen": list(seen), "missing": list(missing), "words": words}
        return self.seen(await self.room.double.submit_modal(self.who(who), form.handle, values))

    async def untick(self, who: str, wrong: Seen, missing: Sequence[str]) -> Seen:
        """A private note with a button that opens the form again, filled in."""
        form = await self.press(who, wrong, "Edit")
        assert form.form
        changed = {"missing": list(missing)}
        return self.seen(await self.room.double.submit_modal(self.who(who), form.handle, changed))


class OnSlack(attempts.OnSlack):
    """The same for Slack."""

    def seen(self, got: Sight) -> Seen:
        if got.errors:
            return Seen("\n".join(f"{name}: {said}" for name, said in got.errors.items()), True, True, got)
        return super().seen(got)

    async def review(
        self, who: str, on: Seen, seen: Sequence[str], missing: Sequence[str], words: str
    ) -> Seen:
        form = await self.press(who, on, "Review")
        assert form.form
        values = {"seen": list(seen), "missing": list(missing), "words": words}
        return self.seen(await self.room.fill(self.who(who), form.handle, **values))

    async def untick(self, who: str, wrong: Seen, missing: Sequence[str]) -> Seen:
        """The form is still open, with the sentence under the boxes."""
        return self.seen(await self.room.fill(self.who(who), wrong.handle, missing=list(missing)))


async def test_on_the_console(new_database: NewDatabase, clock: MovedClock, tmp_path: Path) -> None:
    async with Store(database_url(await new_database("sqlite"))) as store:
        stage = await OnConsoles.begin(store, clock, tmp_path)
        evening = Evening(stage, [])
        try:
            await evening.play()
        finally:
            await stage.end()
    check_transcript(evening.lines, "console", "reviews")


@pytest.mark.slow
async def test_on_discord(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with discord_room(tmp_path, monkeypatch) as room:
        await room.start()
        await room.set_up()
        evening = Evening(OnDiscord(room), [])
        await evening.play()
    check_transcript(evening.lines, "discord", "reviews")


@pytest.mark.slow
@pytest.mark.parametrize("mode", ["socket", "http"])
async def test_on_slack(tmp_path: Path, mode: Mode) -> None:
    async with slack_room(tmp_path, mode) as room:
        await room.start()
        await room.set_up()
        evening = Evening(OnSlack(room), [])
        await evening.play()
    check_transcript(evening.lines, "slack", "reviews", write=mode == "socket")
