"""Payloads on Slack that make no sense: acknowledged, answered kindly or not at all, and no traceback of ours."""

from __future__ import annotations

import copy
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from evening import ANA
from slack_double import Act, User
from slack_double_forms import base
from slack_double_seen import walk
from slack_room import Json, SlackRoom, slack_room
from structlog.testing import capture_logs


@pytest.fixture(params=["socket", "http"])
async def room(tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[SlackRoom]:
    async with slack_room(tmp_path, request.param) as room:
        yield room


def act_of(room: SlackRoom, who: User) -> Json:
    """What every interactive payload says."""
    return base(Act(room.double.world, room.team, "block_actions", who, room.channel, "1.2.abc"))


def without(payload: Json, *path: str) -> Json:
    made: Any = copy.deepcopy(payload)
    inner = made
    for key in path[:-1]:
        inner = inner[key]
    del inner[path[-1]]
    return dict(made)


async def test_what_slack_does_not_send_is_acknowledged_and_told_in_a_line(room: SlackRoom) -> None:
    await room.start()
    await room.set_up()
    card, ana = await room.drop(), room.member("Ana")
    opened = await room.press(ana, card, "Answer")
    pressed = opened.act.said
    sent = (await room.fill(ana, opened, text=ANA)).act.said
    said = (await room.say(ana, "streak")).act.said
    await room.at_rest()
    posted, answers = len(room.double.messages(room.channel)), room.answers()
    elsewhere = {**pressed, "team": {"id": "T0ELSEWHERE"}, "trigger_id": "9.1"}
    odd: list[tuple[str, Json]] = [
        ("interactive", without(pressed, "actions")),
        ("interactive", {**pressed, "actions": []}),
        ("interactive", {**pressed, "actions": ["answer"], "trigger_id": "9.2"}),
        ("interactive", {**pressed, "actions": [{}], "trigger_id": "9.3"}),
        ("interactive", {**pressed, "channel": "C1", "trigger_id": "9.4"}),
        ("interactive", without(pressed, "user")),
        ("interactive", without(pressed, "user", "id")),
        ("interactive", elsewhere),
        ("interactive", without(sent, "view")),
        ("interactive", without(sent, "user")),
        (
            "interactive",
            {**sent, "view": {**sent["view"], "state": {"values": {"text": "x"}}}, "trigger_id": "9.5"},
        ),
        ("interactive", {**sent, "view": {"callback_id": "of_another_app"}, "trigger_id": "9.6"}),
        ("interactive", {**sent, "view": {**sent["view"], "private_metadata": "{"}, "trigger_id": "9.7"}),
        (
            "interactive",
            {**act_of(room, ana), "type": "message_action", "callback_id": "star", "trigger_id": "9.8"},
        ),
        (
            "interactive",
            {**act_of(room, ana), "type": "shortcut", "callback_id": "nobody", "trigger_id": "9.9"},
        ),
        ("interactive", {**act_of(room, ana), "type": "block_suggestion", "value": "x", "action_id": "x"}),
        ("interactive", {**act_of(room, ana), "type": "view_closed"}),
        ("interactive", {**act_of(room, ana), "type": "of_next_year"}),
        ("slash_commands", without(said, "user_id")),
        ("slash_commands", without(said, "channel_id")),
        ("slash_commands", {**without(said, "text"), "trigger_id": "9.10"}),
        ("slash_commands", {**without(said, "response_url"), "trigger_id": ""}),
    ]
    with capture_logs() as logs:
        for _ in range(2):
            for kind, payload in odd:
                ack = await room.double.roads.deliver(room.team, kind, payload)
                assert ack.acked and ack.latency < 3, payload
        for event in ({"type": "app_home_opened", "tab": "home"}, {"type": "app_mention"}):
            told = await room.double.heard(room.team, event)
            assert told is not None and told.attempts == 1
        await room.at_rest()
    assert [(each["event"], each.get("kind")) for each in logs if each.get("exc_info")] == []
    assert len(room.double.messages(room.channel)) == posted
    assert set(room.answers()) == set(answers)
    room.double.world.stack(ana).clear()
    assert "streak" in (await room.say(ana, "streak")).text.lower(), "and it goes on"


async def test_an_unknown_button_and_a_message_without_words_get_a_kind_word(room: SlackRoom) -> None:
    await room.start()
    await room.set_up()
    card, ana = await room.drop(), room.member("Ana")
    picture = room.double.world.message(room.channel, ana, {"text": ""})
    room.double.world.keep(room.channel, picture)
    callback = next(iter(room.team.shortcuts))
    seen = await room.shortcut(ana, picture, callback)
    assert seen.private and seen.text
    known = room.press_id(card, "Answer")
    (button,) = [each for each in walk(card["blocks"]) if each.get("action_id") == known]
    button["action_id"] = "of-an-old-version:prompt=p1"
    seen = await room.press(ana, card, "Answer")
    assert seen.private and seen.text
