"""Acts on Slack that come twice, at a bad moment, all at once, or make no sense; both roads, over real sockets."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from evening import ANA, BEN
from slack_double import Act, User, text_of
from slack_room import Json, SlackRoom, slack_room

ACK = 3.0  # seconds


@pytest.fixture(params=["socket", "http"])
async def room(tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[SlackRoom]:
    async with slack_room(tmp_path, request.param) as room:
        yield room


@pytest.fixture
async def card(room: SlackRoom) -> Json:
    """Starling is set up, and today's question has come."""
    await room.start()
    await room.set_up()
    return await room.drop()


def private(room: SlackRoom, member: User) -> list[str]:
    """What only this person sees, in the channel and in their direct messages."""
    return [text_of(m) for m in (*room.double.ephemerals(member), *room.double.dms(member, room.team))]


# --- told again ----------------------------------------


async def test_what_slack_tells_again_is_acknowledged_and_done_once(room: SlackRoom, card: Json) -> None:
    ana = room.member("Ana")
    pressed = await room.press(ana, card, "Answer")
    sent = await room.fill(ana, pressed, text=ANA)
    board = await room.say(ana, "leaderboard")
    said = await room.say_directly(ana, "streak")
    await room.at_rest()
    shown, posted, before = private(room, ana), len(room.posts()), len(room.double.requests)
    for seen in (pressed, sent, board, said):
        again = await room.double.again(seen.act)
        assert isinstance(again, Act) and again.acked and not again.errors, seen.act.kind
    await room.at_rest()
    assert private(room, ana) == shown and len(room.posts()) == posted
    assert [asked.method for asked in room.double.requests[before:]] == []
    assert room.answers() == [ANA]


async def test_an_event_that_is_told_again_is_handled_once(room: SlackRoom, card: Json) -> None:
    ana = room.member("Ana")
    mention = await room.double.mention(ana, "leaderboard", room.channel)
    await room.double.answer_to(mention)
    await room.at_rest()
    before = len(room.double.messages(room.channel))
    (event,) = [each for each in room.double.events if each.name == "app_mention"]
    for _ in range(3):
        assert await room.double.again(event)
    await room.at_rest()
    assert len(room.double.messages(room.channel)) == before


async def test_a_form_that_is_told_again_to_a_restarted_process_is_kept_once(
    room: SlackRoom, card: Json
) -> None:
    ana = room.member("Ana")
    sent = await room.answer(ana, card, ANA)
    await room.restart()
    again = await room.double.again(sent.act)
    assert isinstance(again, Act) and again.acked
    await room.soon(lambda: any("It came twice and is kept once." in text for text in private(room, ana)))
    assert room.answers() == [ANA]


async def test_a_form_sent_again_because_its_acknowledgement_was_lost_is_kept_once(
    room: SlackRoom, card: Json
) -> None:
    """The form stays open then, and Slack asks its writer to press once more: another act, and no other words."""
    ana = room.member("Ana")
    opened = await room.press(ana, card, "Answer")
    room.double.roads.lost = 1
    sent = await room.double.submit_view(ana, opened.view, {"text": ANA})
    assert not sent.acked and opened.view is not None and opened.view.open
    assert await room.soon(room.answers) == [ANA]
    told = await room.fill(ana, opened)
    assert told.act.trigger != sent.trigger and "Kept:" in told.text
    await room.at_rest()
    assert room.answers() == [ANA]


async def test_buttons_that_are_pressed_twice_act_once(room: SlackRoom, card: Json) -> None:
    ana = room.member("Ana")
    await asyncio.gather(
        *(room.double.press(ana, card, room.press_id(card, "Answer")) for _ in range(2)),
    )
    await room.soon(lambda: len(room.double.asked("views.open")) == 2)
    form = await room.soon(lambda: room.double.modal(ana))
    answered = await room.fill(ana, form, text=ANA)

    async def twice(on: Any, label: str) -> list[str]:
        before = len(private(room, ana))
        action_id = room.press_id(on, label)
        acts = await asyncio.gather(*(room.double.press(ana, on.shown, action_id) for _ in range(2)))
        assert all(act.acked for act in acts) and acts[0].trigger != acts[1].trigger
        await room.soon(lambda: len(private(room, ana)) >= before + 2)
        return private(room, ana)[before:]

    how = await room.press(ana, answered, "Share")
    assert "shared" in (await twice(how, "With my name"))[0].lower()
    assert len(room.rows("SELECT 1 FROM answer WHERE shared_at IS NOT NULL")) == 1
    await twice(answered, "Save")
    assert len(room.rows("SELECT 1 FROM answer WHERE saved_at IS NOT NULL")) == 1
    assert room.answers() == [ANA]


async def test_yes_to_a_loose_message_pressed_twice_keeps_one_answer(room: SlackRoom, card: Json) -> None:
    ana = room.member("Ana")
    await room.answer(ana, card, BEN)
    (question,) = await room.double.answer_to(await room.double.dm(ana, ANA))
    yes = room.press_id(question, "Yes")
    await asyncio.gather(*(room.double.press(ana, question, yes) for _ in range(2)))
    await room.soon(lambda: len(room.answers()) > 1)
    await room.at_rest()
    assert room.answers() == [BEN, ANA]
