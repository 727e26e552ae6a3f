"""An organiser's road on Slack: from a channel that has not invited Starling to its first test post."""

from __future__ import annotations

from pathlib import Path

import pytest
from slack_double import Channel
from slack_room import SlackRoom, boxes, slack_room

SETUP = "setup time: 08:01 zone: UTC tracks: behavioural"


async def outside(room: SlackRoom, *, private: bool) -> Channel:
    """#quiet, where Starling is not."""
    await room.start()
    return room.double.add_channel("quiet", room.olga, private=private, bot=False)


async def test_a_public_channel_is_told_to_invite_starling_and_then_gets_its_test_post(
    tmp_path: Path,
) -> None:
    async with slack_room(tmp_path) as room:
        quiet = await outside(room, private=False)
        seen = await room.say(room.olga, SETUP, quiet)
        assert seen.private
        assert "is set up, but Starling cannot post in #quiet yet." in seen.text
        assert (
            "Starling is not a member of #quiet. Invite it: in #quiet, type /invite @Starling." in seen.text
        )
        seen = await room.press(room.olga, seen, "Check again and post")
        assert "Invite it: in #quiet" in seen.text
        assert room.double.messages(quiet) == []
        await room.double.invite(quiet, room.olga)
        seen = await room.press(room.olga, seen, "Check again and post")
        assert "A test post is on its way to #quiet." in seen.text
        await room.soon(lambda: room.double.messages(quiet))
        assert "Starling's test post" in str(room.double.messages(quiet)[0])


async def test_a_private_channel_says_both_things_it_may_be_and_what_to_do(tmp_path: Path) -> None:
    async with slack_room(tmp_path) as room:
        quiet = await outside(room, private=True)
        seen = await room.say(room.olga, SETUP, quiet)
        assert "there is no such channel, or it is private and Starling was not invited" in seen.text
        assert "in the channel, type /invite @Starling." in seen.text
        await room.double.invite(quiet, room.olga)
        seen = await room.press(room.olga, seen, "Check again and post")
        assert "A test post is on its way to #quiet." in seen.text
        await room.soon(lambda: room.double.messages(quiet))


async def test_the_form_keeps_a_private_channel_that_starling_does_not_see_yet(tmp_path: Path) -> None:
    async with slack_room(tmp_path) as room:
        quiet = await outside(room, private=True)
        form = await room.say(room.olga, "setup", quiet)
        assert str(boxes(form)["channel"].get("initial_conversation")) == quiet.id
        seen = await room.fill(room.olga, form, zone="Europe/Berlin")
        assert "type /invite @Starling" in seen.text


async def test_a_shared_channel_is_set_up_and_it_is_said_what_guests_cannot_do(tmp_path: Path) -> None:
    async with slack_room(tmp_path) as room:
        await room.start()
        guest = room.double.add_user("Gus", room.double.add_team("Elsewhere"))
        shared = room.double.add_channel("shared", room.olga, guest)
        seen = await room.say(room.olga, SETUP, shared)
        assert "A test post is on its way" in seen.text
        assert "#shared is shared with another workspace (Slack Connect)" in seen.text
        await room.soon(lambda: room.double.messages(shared))


@pytest.mark.parametrize("how", ["silence", "500"])
async def test_the_form_opens_in_time_though_slack_does_not_say_how_the_channel_is(
    tmp_path: Path, how: str
) -> None:
    async with slack_room(tmp_path) as room:
        await room.start()
        room.double.fail("conversations.info", how, times=50)
        form = await room.say(room.olga, "setup")
        assert form.view is not None
