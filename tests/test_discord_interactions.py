"""What members do on Discord and what they see of it, with everything in between going wrong, over real sockets."""

from __future__ import annotations

import io
import logging
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import structlog
from discord_double import text_of
from discord_double_judge import walk
from discord_double_world import Json
from discord_room import DiscordRoom, boxes, discord_room, is_private
from evening import ANA, BEN, BEN_AGAIN

from bot import logs
from bot.redact import HIDDEN

CALLBACK, ORIGINAL = "/callback$", "/messages/@original$"
LOST = ("500", "502", "503", "504", "429", "reset")

# the first answer or its rewriting, how many requests meet it, what goes wrong with them
FAULTS = [
    *((path, 1, how) for path in (CALLBACK, ORIGINAL) for how in (*LOST, "429-no-via", "429-global")),
    *((path, 1, f"accepted-{how}") for path in (CALLBACK, ORIGINAL) for how in LOST),
    (CALLBACK, 1, "accepted-40060"),
    (CALLBACK, 2, "accepted-502"),
    (CALLBACK, 3, "502"),
    (CALLBACK, 1, "gateway-close"),
    (ORIGINAL, 1, "gateway-close"),
    (ORIGINAL, 2, "reset"),
    (ORIGINAL, 7, "502"),
    (ORIGINAL, 3, "503"),
]


@pytest.fixture
async def room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[DiscordRoom]:
    async with discord_room(tmp_path, monkeypatch) as room:
        yield room


@pytest.fixture
async def card(room: DiscordRoom) -> Json:
    """Starling is set up, and today's question has come."""
    await room.start()
    await room.set_up()
    return await room.drop()


@pytest.mark.slow
async def test_whatever_goes_wrong_an_answer_is_kept_once_and_shown_once(
    room: DiscordRoom, card: Json
) -> None:
    went: list[tuple[str, int, str, list[str], int, int]] = []
    for number, (path, times, how) in enumerate(FAULTS):
        member = room.member(f"Member {number}")
        opened = await room.press(member, card, "Answer")
        before = len(room.answers())
        room.double.fail("*", path, times, how)
        await room.double.submit_modal(member, opened, {"text": f"{ANA} {number}"}, patience=10)
        shown = [text_of(m) for m in room.double.private(member)]
        went.append(
            (path, times, how, room.answers()[before:], len(shown), sum("Kept:" in text for text in shown))
        )
    assert went == [(*row, [f"{ANA} {number}"], 1, 1) for number, row in enumerate(FAULTS)]
    assert all(fault.times == 0 for fault in room.double.rest.faults), "every fault was met"


@pytest.mark.slow
async def test_a_form_opens_and_a_board_is_posted_once_whatever_goes_wrong(
    room: DiscordRoom, card: Json
) -> None:
    ana = room.member("Ana")
    for how in (*LOST, *(f"accepted-{how}" for how in LOST)):
        room.double.fail("POST", CALLBACK, 1, how)
        assert "text" in boxes(await room.press(ana, card, "Answer")), how
        for path in (CALLBACK, ORIGINAL):
            posted = len(room.double.messages(room.channel))
            room.double.fail("*", path, 1, how)
            board = await room.double.slash(ana, "leaderboard", {}, room.channel)
            assert not is_private(board), how
            assert len(room.double.messages(room.channel)) == posted + 1, how


async def test_an_interaction_that_is_delivered_twice_is_handled_once(room: DiscordRoom, card: Json) -> None:
    ana = room.member("Ana")
    await room.answer(ana, card, ANA)
    (session,) = [s for s in room.double.gateway.sessions.values() if s.valid]
    told = [event for event in session.sent if event["t"] == "INTERACTION_CREATE"]
    before = len(room.double.requests)
    for event in told:  # a resumed session repeats what may have been lost
        await room.double.gateway.dispatch("INTERACTION_CREATE", event["d"], room.guild)
    await room.at_rest()
    later = [asked.path for asked in room.double.requests[before:]]
    assert not [path for path in later if "/interactions/" in path or "/webhooks/" in path]
    assert len(told) == 3 and room.answers() == [ANA]


async def test_words_whose_receipt_came_too_late_are_kept_all_the_same(room: DiscordRoom, card: Json) -> None:
    ana = room.member("Ana")
    opened = await room.press(ana, card, "Answer")
    room.double.fail("POST", CALLBACK, 1, "10062")
    with pytest.raises(TimeoutError):
        await room.double.submit_modal(ana, opened, {"text": ANA}, patience=0.3)
    assert await room.soon(room.answers) == [ANA]
    history = await room.double.slash(ana, "history", {}, room.channel)
    assert "answer" in history.text, "and they go on using it"


async def test_stopping_waits_for_what_is_under_way(room: DiscordRoom, card: Json) -> None:
    ana = room.member("Ana")
    opened = await room.press(ana, card, "Answer")
    room.double.fail("PATCH", ORIGINAL, 2, "503")  # so that it takes a while
    seen = await room.double.submit_modal(ana, opened, {"text": ANA}, settle=False)
    await room.stop()
    assert "Kept:" in seen.text and room.answers() == [ANA]
    assert room.rows("SELECT state FROM delivery WHERE state = 'sending'") == []


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


async def test_no_token_is_ever_logged(logged: io.StringIO, room: DiscordRoom, card: Json) -> None:
    ana, ben = room.member("Ana"), room.member("Ben")
    for path, how in ((CALLBACK, "500"), (ORIGINAL, "500"), (CALLBACK, "reset"), (ORIGINAL, "reset")):
        opened = await room.press(ana, card, "Answer")
        room.double.fail("*", path, 1, how)
        await room.double.submit_modal(ana, opened, {"text": ANA})
    opened = await room.press(ben, card, "Answer")
    room.double.fail("POST", CALLBACK, 1, "10062")
    with pytest.raises(TimeoutError):
        await room.double.submit_modal(ben, opened, {"text": BEN}, patience=0.3)
    room.double.fail("PATCH", ORIGINAL, 1, "10008")
    with pytest.raises(TimeoutError):
        await room.double.submit_modal(ben, opened, {"text": BEN}, patience=0.3)
    await room.double.gateway.close(4000)
    await room.double.gateway.until("resume")
    await room.stop()
    told = logged.getvalue()
    assert (
        "/webhooks/" in told
        and HIDDEN in told
        and "Discord refused an answer" in told
        and '"level": "debug"' in told
    )
    secrets = [room.double.token, *room.double.world.interactions]
    assert len(secrets) > 10
    assert [line[:300] for line in told.splitlines() if any(secret in line for secret in secrets)] == []
    assert ANA not in told and BEN not in told


# --- after a restart ----------------------------------------


@pytest.mark.slow
async def test_everything_that_was_shown_goes_on_working_after_a_restart(
    room: DiscordRoom, card: Json
) -> None:
    ana, ben = room.member("Ana"), room.member("Ben")
    answered = await room.answer(ana, card, ANA)
    design = await room.double.slash(ana, "practice", {"track": "ml-design"}, room.channel)
    ticks = await room.answer(ana, design.message or {}, "I would begin with the bills themselves.")
    for number in range(11):
        await room.double.slash(ana, "answer", {"prompt": f"p{number + 190}", "text": ANA}, room.channel)
    pages = await room.double.slash(ana, "history", {}, room.channel)
    half_written = await room.press(ben, card, "Answer")

    await room.restart(away=60)

    assert "Kept:" in (await room.double.submit_modal(ben, half_written, {"text": BEN})).text

    form = await room.press(room.member("Cleo"), card, "Guided answer")
    assert list(boxes(form)) == ["situation", "task", "action", "result"]
    told = await room.double.submit_modal(form.user, form, {"situation": BEN_AGAIN, "result": "It held."})
    assert "Kept:" in told.text and is_private(told)

    asked = await room.press(ana, design, "Clarify")
    told = await room.double.submit_modal(ana, asked, {"ask": "How many bills are there?"})
    assert "Details found" in told.text

    how = await room.press(ana, answered, "Share")
    assert "shared" in (await room.press(ana, how, "With my name")).text.lower()

    form = await room.press(ana, answered, "Revise")
    assert boxes(form)["text"]["value"] == ANA
    again = await room.double.submit_modal(ana, form, {"text": f"{ANA} It has held for a year."})
    assert "attempt 2" in again.text
    assert "saved" in (await room.press(ana, again, "Save")).text.lower()

    seen = len(room.double.private(ana))
    await room.press(ana, pages, "Later")
    await room.soon(lambda: "Page 2 of 2" in text_of(pages.message or {}))
    assert len(room.double.private(ana)) == seen, "the page turned in its place"

    select = room.press_id(ticks, "Tick or untick")
    box = next(c for _, c in walk((ticks.message or {})["components"]) if c.get("custom_id") == select)
    await room.double.press(ana, ticks, select, [box["options"][0]["value"]])
    await room.soon(lambda: "☑" in text_of(ticks.message or {}))
    assert len(room.double.private(ana)) == seen
