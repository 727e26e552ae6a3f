"""What members do on Slack and what they see of it, with everything in between going wrong, over real sockets."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from evening import ANA
from slack_double import User, text_of
from slack_room import Json, SlackRoom, boxes, is_private, slack_room

from adapters.slack import replying

URL, EPHEMERAL, POST = "response_url", "chat.postEphemeral", "chat.postMessage"
OPEN, UPDATE = "views.open", "chat.update"
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

GONE: Fault = (URL, "expired_url", 1)  # half an hour after the press that opened the form
OUTSIDE: Fault = (EPHEMERAL, "not_in_channel", 1)
SUBMITTED: list[list[Fault]] = [
    # first of all: nobody is asked about beyond sixty in a minute, nor right after a rate limit
    *([("users.info", how, 1)] for how in ("500", "reset", "user_not_found", "silence", "ratelimited")),
    *([(URL, how, 1)] for how in (*TROUBLE, *LOST, *NOT_LIKE_THAT, "used_url", "channel_not_found")),
    [(URL, "503", 3)],
    *([GONE, (EPHEMERAL, how, 1)] for how in (*TROUBLE, *LOST, *NOT_THERE, *NOT_LIKE_THAT)),
    [GONE, (EPHEMERAL, "reset", 1), (EPHEMERAL, "user_not_in_channel", 1)],
    *(
        [GONE, OUTSIDE, ("conversations.open", how, 1)]
        for how in (*TROUBLE, "accepted-500", "accepted-reset")
    ),
    *([GONE, OUTSIDE, (POST, how, 1)] for how in (*TROUBLE, *LOST, *NOT_LIKE_THAT)),
    [GONE, OUTSIDE, (POST, "reset", 2)],
]


@pytest.mark.slow
async def test_whatever_goes_wrong_an_answer_is_kept_once_and_shown(room: SlackRoom, card: Json) -> None:
    public = len(room.double.messages(room.channel))
    members: list[User] = []
    times: list[int] = []

    def kept(member: User) -> int:
        return sum("Kept:" in text for text in seen_by(room, member))

    for number, faults in enumerate(SUBMITTED):
        member = room.member(f"Member {number}")
        members.append(member)
        asked = [fault for fault in faults if fault[0] == "users.info"]
        for fault in asked:  # whoever presses first is asked about then, all others when they send
            room.double.fail(*fault)
        opened = await room.press(member, card, "Answer")
        before = len(room.answers())
        for fault in faults if not asked else ():
            room.double.fail(*fault)
        told = await room.fill(member, opened, text=f"{ANA} {number}")
        assert "Kept:" in told.text and is_private(told), faults
        assert room.answers()[before:] == [f"{ANA} {number}"], faults
        # A private note in the channel is repeated where its fate is not known; one in direct messages never is.
        twice = faults[-1][0] in (URL, EPHEMERAL) and "accepted" in faults[-1][1]
        times.append(2 if twice else 1)
        await room.soon(lambda: kept(members[-1]) == times[-1])
        met(room)
    await room.at_rest()
    assert [kept(member) for member in members] == times
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


# --- what takes the place of what was there ----------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("method", [UPDATE, URL])
async def test_pages_turn_in_their_place_whatever_goes_wrong(
    room: SlackRoom, card: Json, method: str
) -> None:
    ana = room.member("Ana")
    for number in range(11):
        await room.say_directly(ana, f"answer prompt: p{number + 190} text: {ANA}")
    seen = await (room.say_directly if method == UPDATE else room.say)(ana, "history")
    shown, before = seen.shown, len(seen_by(room, ana))
    for number, how in enumerate((*TROUBLE, *LOST)):
        label, page = ("Earlier", "Page 1 of") if number % 2 else ("Later", "Page 2 of")
        room.double.fail(method, how)
        await room.double.press(ana, shown, room.press_id(shown, label))
        await room.soon(lambda page=page: page in text_of(shown))
        await asyncio.sleep(0.4)  # what is repeated has been
        met(room)
        assert len(seen_by(room, ana)) == before, how
