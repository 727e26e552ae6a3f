"""A workspace throws Starling out, and installs it again."""

from __future__ import annotations

from pathlib import Path

import pytest
from slack_room import Mode, SlackRoom, slack_room

GONE = ("disabled", "Starling was removed from this workspace")


def paused(room: SlackRoom) -> list[tuple[str, str]]:
    """(state, reason) of the home and of the reminder."""
    return room.rows("SELECT state, reason FROM home") + room.rows(
        "SELECT state, reason FROM schedule WHERE person_id IS NOT NULL"
    )


@pytest.mark.parametrize("mode", ["socket", "http"])
async def test_uninstalled_everything_pauses_and_goes_on_when_it_is_installed_again(
    tmp_path: Path, mode: Mode
) -> None:
    async with slack_room(tmp_path, mode) as room:
        await room.start()
        ana = room.member("Ana")
        await room.set_up()
        await room.say_directly(ana, "remind set time: 21:00 zone: UTC")
        assert paused(room) == [("active", "")] * 2
        await room.double.uninstall()
        await room.soon(lambda: paused(room) == [GONE] * 2)
        before = len(room.double.requests)
        room.clock.skip(days=1)
        await room.at_rest()
        posts = [each.method for each in room.double.requests[before:] if each.method == "chat.postMessage"]
        assert posts == [], "nothing is tried in vain"
        await room.stop()
        room.double.break_("")
        await room.start()
        await room.soon(lambda: paused(room) == [("active", "")] * 2)
        assert "proud" in str(await room.drop())


async def test_a_person_whose_own_token_is_revoked_pauses_nothing(tmp_path: Path) -> None:
    async with slack_room(tmp_path) as room:
        await room.start()
        await room.set_up()
        gone = {"type": "tokens_revoked", "tokens": {"oauth": ["U1"], "bot": []}}
        await room.double.heard(room.team, gone)
        await room.at_rest()
        assert paused(room) == [("active", "")]
