"""What members do on Slack and what they see of it, with everything in between going wrong, over real sockets."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from evening import ANA
from slack_double import User, text_of
from slack_room import Json, SlackRoom, boxes, is_private, slack_room

from adapters.slack import replying

EPHEMERAL, POST, OPEN, UPDATE = "chat.postEphemeral", "chat.postMessage", "views.open", "chat.update"
TROUBLE = ("500", "503", "ratelimited", "reset", "fatal_error", "internal_error", "service_unavailable")
LOST = ("accepted-500", "accepted-502", "accepted-reset", "accepted-fatal_error")
NOT_THERE = ("not_in_channel", "channel_not_found", "user_not_in_channel", "is_archived")
NOT_LIKE_THAT = ("invalid_blocks", "msg_blocks_too_long", "invalid_arguments")

Fault = tuple[str, str, int]
"""Method, what goes wrong with its calls, and how many of them meet it."""


@pytest.fixture
async def room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[SlackRoom]:
    monkeypatch.setattr(replying, "ARRIVING", 0.1)  # what is under way on this machine arrives sooner
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


# --- forms ----------------------------------------

PRESSED: dict[tuple[str, int, int], bool] = {
    # what goes wrong, how often, Retry-After: whether the form opens by itself all the same
    **{(how, 1, 1): True for how in (*TROUBLE, "accepted-reset", "accepted-500")},
    ("503", 2, 1): True,
    ("ratelimited", 1, 30): False,
    ("reset", 20, 1): False,
    ("expired_trigger_id", 1, 1): False,
    ("exchanged_trigger_id", 1, 1): False,
    ("invalid_trigger_id", 1, 1): False,
    ("invalid_arguments", 1, 1): False,
    ("view_too_large", 1, 1): False,
}


@pytest.mark.slow
async def test_a_form_opens_or_is_offered_by_a_button_whatever_goes_wrong(
    room: SlackRoom, card: Json
) -> None:
    for number, ((how, times, retry_after), opens) in enumerate(PRESSED.items()):
        member = room.member(f"Member {number}")
        room.double.fail(OPEN, how, times, retry_after=retry_after)
        seen = await room.press(member, card, "Answer")
        assert (seen.view is not None) == opens, how
        room.double.api.faults.clear()
        if not opens:
            assert is_private(seen), how
            seen = await room.press(member, seen, "Fill in")
        assert "text" in boxes(seen), how
        assert "Kept:" in (await room.fill(member, seen, text=f"{ANA} {number}")).text
    assert room.answers() == [f"{ANA} {number}" for number in range(len(PRESSED))]


# --- commands ----------------------------------------

URL = "response_url"
GONE_URLS = ("used_url", "expired_url")
COMMANDED: list[list[Fault]] = [
    *([(URL, how, 1)] for how in (*TROUBLE, *LOST, *GONE_URLS, "channel_not_found", *NOT_LIKE_THAT)),
    [(URL, "503", 3)],
    *([(URL, "expired_url", 1), (EPHEMERAL, how, 1)] for how in (*TROUBLE, *NOT_THERE, *NOT_LIKE_THAT)),
    [(URL, "used_url", 1), (EPHEMERAL, "not_in_channel", 1), ("conversations.open", "500", 1)],
    [(URL, "used_url", 1), (EPHEMERAL, "not_in_channel", 1), (POST, "accepted-500", 1)],
]


@pytest.mark.slow
async def test_a_private_reply_finds_a_road(room: SlackRoom, card: Json) -> None:
    public = len(room.double.messages(room.channel))
    for number, faults in enumerate(COMMANDED):
        ana = room.member(f"Ana {number}")
        for fault in faults:
            room.double.fail(*fault)
        seen = await room.say(ana, "streak")
        assert is_private(seen) and "streak" in seen.text.lower(), faults
        met(room)
    assert len(room.double.messages(room.channel)) == public


@pytest.mark.slow
async def test_a_public_reply_is_there_once_or_its_asker_is_told(room: SlackRoom, card: Json) -> None:
    ana = room.member("Ana")
    instead = [(POST, how, 1) for how in (*TROUBLE, *LOST, *NOT_LIKE_THAT)]
    for faults in (
        *([(URL, how, 1)] for how in (*TROUBLE, *LOST, *GONE_URLS, *NOT_LIKE_THAT, "channel_not_found")),
        *([(URL, "expired_url", 1), fault] for fault in instead),
        [(URL, "expired_url", 2), (POST, "not_in_channel", 1)],
    ):
        posted, private = len(room.double.messages(room.channel)), len(seen_by(room, ana))
        for fault in faults:
            room.double.fail(*fault)
        seen = await room.say(ana, "leaderboard")
        await room.at_rest()
        more = len(room.double.messages(room.channel)) - posted
        told = seen_by(room, ana)[private:]
        if more == 1:
            assert not told or "has not said" in told[-1], faults
        else:
            assert more == 0 and len(told) == 1, faults
            assert "has not said" in told[0] or "expired" in faults[0][1], faults
        assert seen.text
        met(room)
