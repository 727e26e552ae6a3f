"""The Home tab, the menu and the suggestions, from one end to the other: ``starling run`` on a local Slack."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from practising import story
from slack_double import User, buttons, text_of
from slack_room import SlackRoom, boxes, is_private, slack_room


@pytest.fixture
async def room(tmp_path: Path) -> AsyncIterator[SlackRoom]:
    async with slack_room(tmp_path) as made:
        made.ana = made.member("Ana", tz="Europe/Lisbon")  # type: ignore[attr-defined]
        await made.start()
        await made.set_up()
        yield made


@pytest.fixture
def ana(room: SlackRoom) -> User:
    found: User = room.ana  # type: ignore[attr-defined]
    return found


async def opened(room: SlackRoom, user: User) -> str:
    await room.double.open_home(user)
    await room.soon(lambda: room.double.home(user) is not None)
    return page(room, user)


def page(room: SlackRoom, user: User) -> str:
    view = room.double.home(user)
    return text_of(view.body) if view is not None else ""


async def test_a_question_is_answered_on_the_home_tab_and_the_tab_says_so(room: SlackRoom, ana: User) -> None:
    await room.say(ana, "help")
    assert "The next one comes" in await opened(room, ana)
    await room.drop()
    await room.soon(lambda: "You have not answered it yet." in page(room, ana))
    view = room.double.home(ana)
    assert view is not None
    form = await room.press(ana, view, "Answer")
    assert form.view is not None and "text" in boxes(form)
    await room.fill(ana, form, text=story(30))
    await room.soon(lambda: "You have answered it." in page(room, ana))
    await room.soon(lambda: "*Streak*\n1 day" in page(room, ana))
    assert room.answers() == [story(30)]


async def test_settings_are_changed_from_there_with_a_city_that_is_suggested(
    room: SlackRoom, ana: User
) -> None:
    await room.say(ana, "help")
    assert "Zone Europe/Lisbon" in await opened(room, ana)
    view = room.double.home(ana)
    assert view is not None
    form = await room.press(ana, view, "Change settings")
    assert boxes(form)["zone"]["type"] == "external_select"
    assert form.view is not None
    offered = await room.double.suggest(ana, form.view, "value", "Berl", block_id="zone")
    assert (offered[0]["value"], offered[-1]["value"]) == ("Europe/Berlin", "Berl")
    await room.fill(ana, form, zone="Europe/Berlin")
    await room.soon(lambda: "Zone Europe/Berlin;" in page(room, ana))


async def test_a_newcomer_reads_how_to_begin(room: SlackRoom) -> None:
    zoe = room.double.add_user("Zoe", room.team)
    assert "You are in no study group yet." in await opened(room, zoe)


async def test_plain_starling_opens_the_menu(room: SlackRoom, ana: User) -> None:
    seen = await room.say(ana, "")
    assert "What would you like to do?" in seen.text and is_private(seen)
    assert "Doctor" not in list(buttons(seen.shown).values())
    assert "Doctor" in (await room.say(room.olga, "")).labels
    assert "Savers" in (await room.press(ana, seen, "My streak")).text


async def test_what_only_buttons_call_cannot_be_typed(room: SlackRoom, ana: User) -> None:
    for line in ("heard message: 1 text: x", "count message: 1", "home", "menu", "nothing"):
        assert "There is no command" in (await room.say(ana, line)).text
    assert room.answers() == []
