"""What members do on Slack and what they see of it, with everything in between going wrong, over real sockets."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from evening import ANA
from slack_double import User, text_of
from slack_room import Json, Sight, SlackRoom, boxes, is_private, slack_room

EPHEMERAL, POST, OPEN, UPDATE = "chat.postEphemeral", "chat.postMessage", "views.open", "chat.update"
TROUBLE = ("500", "503", "ratelimited", "reset", "fatal_error", "internal_error", "service_unavailable")
LOST = ("accepted-500", "accepted-502", "accepted-reset", "accepted-fatal_error", "accepted-ratelimited")
NOT_THERE = ("not_in_channel", "channel_not_found", "user_not_in_channel", "is_archived")
NOT_LIKE_THAT = ("invalid_blocks", "msg_blocks_too_long", "invalid_arguments")

Fault = tuple[str, str, int]
"""Method, what goes wrong with its calls, and how many of them meet it."""


@pytest.fixture
async def room(tmp_path: Path) -> AsyncIterator[SlackRoom]:
    async with slack_room(tmp_path) as room:
        yield room


@pytest.fixture
async def card(room: SlackRoom) -> Json:
    """Starling is set up, and today's question has come."""
    await room.start()
    await room.set_up()
    return await room.drop()


def seen_by(room: SlackRoom, member: User) -> list[str]:
    """What only this person sees, in the channel and in their direct messages."""
    return [text_of(m) for m in (*room.double.ephemerals(member), *room.double.dms(member, room.team))]


def met(room: SlackRoom) -> None:
    """Every fault that was asked for has happened; forget them."""
    assert [(f.method.pattern, f.how, f.times) for f in room.double.api.faults if f.times] == []
    room.double.api.faults.clear()


# --- an answer that was written ----------------------------------------

SUBMITTED: list[list[Fault]] = [
    *([(EPHEMERAL, how, 1)] for how in (*TROUBLE, *LOST, *NOT_THERE, *NOT_LIKE_THAT)),
    [(EPHEMERAL, "503", 3)],
    [(EPHEMERAL, "reset", 1), (EPHEMERAL, "user_not_in_channel", 1)],
    *(
        [(EPHEMERAL, "not_in_channel", 1), (method, how, 1)]
        for method, hows in (
            ("conversations.open", (*TROUBLE, "accepted-500", "accepted-reset")),
            (POST, (*TROUBLE, *LOST, *NOT_LIKE_THAT)),
        )
        for how in hows
    ),
    [(EPHEMERAL, "channel_not_found", 1), (POST, "reset", 2)],
    *([("users.info", how, 1)] for how in ("500", "ratelimited", "reset", "user_not_found", "silence")),
]


@pytest.mark.slow
async def test_whatever_goes_wrong_an_answer_is_kept_once_and_shown(room: SlackRoom, card: Json) -> None:
    public, members = len(room.double.messages(room.channel)), []
    for number, faults in enumerate(SUBMITTED):
        member = room.member(f"Member {number}")
        members.append(member)
        opened = await room.press(member, card, "Answer")
        before = len(room.answers())
        for method, how, times in faults:
            room.double.fail(method, how, times)
        told = await room.fill(member, opened, text=f"{ANA} {number}")
        assert "Kept:" in told.text and is_private(told), faults
        assert room.answers()[before:] == [f"{ANA} {number}"], faults
        if faults[-1][0] != "users.info":  # not asked about them again: they were met when they pressed
            met(room)
        room.double.api.faults.clear()
    await room.at_rest()
    for number, faults in enumerate(SUBMITTED):
        shown = sum("Kept:" in text for text in seen_by(room, members[number]))
        assert shown == 1 or (faults[0][0] == EPHEMERAL and faults[0][1].startswith("accepted")), faults
    assert len(room.double.messages(room.channel)) == public
    assert len(room.answers()) == len(SUBMITTED)
