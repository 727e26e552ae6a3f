"""After a restart everything that was shown on Slack goes on working; no secret and no member's words are logged."""

from __future__ import annotations

import io
import logging
import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import structlog
from evening import ANA, BEN, BEN_AGAIN
from slack_double import text_of
from slack_double_seen import walk
from slack_room import Json, SlackRoom, boxes, is_private, slack_room

from bot import logs


@pytest.fixture
def logged() -> Iterator[io.StringIO]:
    """The log of ``starling run`` at its most talkative."""
    root = logging.getLogger()
    level, handlers = root.level, root.handlers[:]
    stream = io.StringIO()
    logs.setup("debug", "json", service=True, stream=stream)
    yield stream
    root.setLevel(level)
    root.handlers[:] = handlers
    structlog.reset_defaults()


@pytest.fixture(params=["socket", "http"] if os.environ.get("STARLING_TEST_SIZE") == "full" else ["socket"])
async def room(tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[SlackRoom]:
    async with slack_room(tmp_path, request.param) as room:
        yield room


@pytest.fixture
async def card(room: SlackRoom) -> Json:
    """Starling is set up, and today's question has come."""
    await room.start()
    await room.set_up()
    return await room.drop()


@pytest.mark.slow
async def test_everything_that_was_shown_goes_on_working_after_a_restart(room: SlackRoom, card: Json) -> None:
    ana, ben = room.member("Ana"), room.member("Ben")
    answered = await room.answer(ana, card, ANA)
    design = await room.say_directly(ana, "practice track: ml-design")
    ticks = await room.answer(ana, design, "I would begin with the bills themselves.")
    for number in range(11):
        await room.say_directly(ana, f"answer prompt: p{number + 190} text: {ANA}")
    pages = await room.say_directly(ana, "history")
    here = await room.say(ana, "history")
    half_written = await room.press(ben, card, "Answer")

    await room.restart(away=60)

    assert "Kept:" in (await room.fill(ben, half_written, text=BEN)).text

    cleo = room.member("Cleo")
    form = await room.press(cleo, card, "Guided answer")
    assert [name for name in boxes(form) if "¶" not in name] == ["situation", "task", "action", "result"]
    told = await room.fill(cleo, form, situation=BEN_AGAIN, result="It held.")
    assert "Kept:" in told.text and is_private(told)

    asked = await room.press(ana, design, "Clarify")
    assert "Details found" in (await room.fill(ana, asked, ask="How many bills are there?")).text

    how = await room.press(ana, answered, "Share")
    assert "shared" in (await room.press(ana, how, "With my name")).text.lower()

    form = await room.press(ana, answered, "Revise")
    assert boxes(form)["text"]["initial_value"] == ANA
    again = await room.fill(ana, form, text=f"{ANA} It has held for a year.")
    assert "attempt 2" in again.text
    assert "saved" in (await room.press(ana, again, "Save")).text.lower()

    async def turns(shown: Json) -> None:
        seen = len(room.double.ephemerals(ana)) + len(room.double.dms(ana, room.team))
        await room.double.press(ana, shown, room.press_id(shown, "Later"))
        await room.soon(lambda: "Page 2 of" in text_of(shown))
        assert len(room.double.ephemerals(ana)) + len(room.double.dms(ana, room.team)) == seen

    await turns(pages.shown)
    await turns(here.shown)

    seen = len(room.double.dms(ana, room.team))
    name = room.press_id(ticks, "Tick or untick")
    (menu,) = [each for each in walk(ticks.shown["blocks"]) if each.get("action_id") == name]
    await room.double.select(ana, ticks.shown, name, menu["options"][0]["value"])
    await room.soon(lambda: "☑" in text_of(ticks.shown))
    assert len(room.double.dms(ana, room.team)) == seen


async def test_no_secret_and_no_words_are_ever_logged(logged: io.StringIO, room: SlackRoom) -> None:
    await room.start()
    await room.set_up()
    card, ana = await room.drop(), room.member("Ana")
    for method in ("views.open", "response_url", "chat.postEphemeral", "chat.postMessage", "users.info"):
        for how in ("500", "reset", "ratelimited", "fatal_error", "invalid_blocks"):
            room.double.fail(method, how)
            if method == "chat.postEphemeral":
                room.double.fail("response_url", "expired_url")
            if method == "chat.postMessage":
                room.double.fail("response_url", "expired_url")
                room.double.fail("chat.postEphemeral", "not_in_channel")
            opened = await room.press(ana, card, "Answer")
            if opened.view is None:
                opened = await room.press(ana, opened, "Fill in")
            await room.fill(ana, opened, text=ANA)
            room.double.api.faults.clear()
    await room.double.dm(ana, BEN)
    await room.say(ana, f"answer prompt: p190 text: {ANA}")
    await room.double.sockets.drop(abort=True)
    await room.restart()
    await room.say(ana, "streak")
    await room.stop()
    told = logged.getvalue()
    assert '"level": "debug"' in told and "Slack refused a message" in told
    team = room.team
    secrets = [team.bot_token, team.app_token, team.signing_secret, *room.double.world.acts]
    secrets += [url.rpartition("/")[2] for url in room.double.world.urls] + ["ticket=", *ANA.split(". ")]
    secrets += BEN.split(". ")
    assert len(secrets) > 80
    lines = [line for line in told.splitlines() if any(secret in line for secret in secrets)]
    assert [line[:400] for line in lines] == []
