"""Acts on Slack while the database is slow or gone, sixty at once, at a stop, and with payloads that make no sense."""

from __future__ import annotations

import asyncio
import contextlib
import io
import logging
import sqlite3
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import structlog
from evening import ANA, BEN
from slack_double import Act, User, text_of
from slack_room import Json, SlackRoom, boxes, slack_room

from bot import logs
from core.store import engine

ACK = 3.0  # seconds


@pytest.fixture
def logged() -> Iterator[io.StringIO]:
    """The log of ``starling run``."""
    root = logging.getLogger()
    level, handlers = root.level, root.handlers[:]
    stream = io.StringIO()
    logs.setup("info", "json", service=True, stream=stream)
    yield stream
    root.setLevel(level)
    root.handlers[:] = handlers
    structlog.reset_defaults()


@pytest.fixture(params=["socket", "http"])
async def room(
    tmp_path: Path, request: pytest.FixtureRequest, logged: io.StringIO
) -> AsyncIterator[SlackRoom]:
    async with slack_room(tmp_path, request.param) as room:
        yield room


@pytest.fixture
async def card(room: SlackRoom) -> Json:
    """Starling is set up, and today's question has come."""
    await room.start()
    await room.set_up()
    return await room.drop()


async def done(room: SlackRoom, *statements: str) -> sqlite3.Connection:
    """Another program's statements, as soon as Starling lets it."""
    other = sqlite3.connect(room.folder / "starling.db", timeout=0, isolation_level=None)
    while True:
        try:
            for statement in statements:
                other.execute(statement)
        except sqlite3.OperationalError:
            await asyncio.sleep(0.005)
        else:
            return other


@contextlib.asynccontextmanager
async def locked(room: SlackRoom) -> AsyncIterator[None]:
    """Another program writes into the database and takes its time."""
    other = await done(room, "BEGIN IMMEDIATE")
    yield
    other.execute("ROLLBACK")
    other.close()


@contextlib.asynccontextmanager
async def broken(room: SlackRoom) -> AsyncIterator[None]:
    """A table that everything needs is gone for a while."""
    (await done(room, "PRAGMA legacy_alter_table = ON", "ALTER TABLE account RENAME TO away")).close()
    yield
    (await done(room, "PRAGMA legacy_alter_table = ON", "ALTER TABLE away RENAME TO account")).close()


def private(room: SlackRoom, member: User) -> list[Json]:
    """What only this person sees, in the channel and in their direct messages."""
    return [*room.double.ephemerals(member), *room.double.dms(member, room.team)]


def in_time(*acts: Act) -> None:
    assert [(act.kind, act.failed) for act in acts if not act.acked or act.latency >= ACK] == []


# --- a database that is slow, or gone ----------------------------------------


@pytest.mark.slow
async def test_a_form_that_cannot_open_in_time_is_offered_and_what_is_written_is_kept(
    room: SlackRoom, card: Json
) -> None:
    """The first to press meets a locked database: Slack's trigger is gone when it is free again."""
    ana, ben = room.member("Ana"), room.member("Ben")
    async with locked(room):
        pressing = asyncio.create_task(room.press(ana, card, "Answer"))
        await asyncio.sleep(3.5)
    offered = await pressing
    in_time(offered.act)
    if offered.view is None:
        assert offered.private
        offered = await room.press(ana, offered, "Fill in")
    async with locked(room):
        sending = asyncio.create_task(room.fill(ana, offered, text=ANA))
        opened = await room.press(ben, card, "Answer")  # the form is at hand by now
        assert "text" in boxes(opened)
        await asyncio.sleep(3.5)
    sent = await sending
    in_time(sent.act, opened.act)
    assert "Kept:" in sent.text and room.answers() == [ANA]


@pytest.mark.slow
async def test_words_that_a_locked_database_does_not_take_come_back(
    room: SlackRoom, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "BUSY_MS", 300)  # it is given up sooner
    await room.start()
    await room.set_up()
    card, ana = await room.drop(), room.member("Ana")
    opened = await room.press(ana, card, "Answer")
    async with locked(room):
        told = await room.double.submit_view(ana, opened.view, {"text": ANA})
        in_time(told)
        await room.soon(lambda: private(room, ana), 25)
    await room.at_rest()
    assert room.answers() == []
    shown = "\n".join(text_of(m) for m in private(room, ana))
    assert "Starling cannot get at its memory just now" in shown
    files = [each for m in private(room, ana) for each in m.get("files") or ()]
    assert [room.double.world.uploads[each["id"]].decode() for each in files] == [ANA]


async def test_a_core_that_fails_behind_the_acknowledgement_says_so_and_goes_on(
    room: SlackRoom, card: Json
) -> None:
    ana, ben = room.member("Ana"), room.member("Ben")
    opened = await room.press(ana, card, "Answer")
    async with broken(room):
        sent = await room.fill(ana, opened, text=ANA)
        said = await room.say(ben, "streak")
        pressed = await room.press(ben, card, "Guided answer")
        home = await room.double.open_home(ben)
        mention = await room.double.mention(ben, "leaderboard", room.channel)
        await room.double.dm(ben, BEN)
    in_time(sent.act, said.act, pressed.act)
    assert home is not None and home.attempts == 1 and home.latency < ACK
    assert all(event.acked and event.attempts == 1 for event in room.double.events)
    for seen in (sent, said, pressed):
        assert "on our side" in seen.text or "memory" in seen.text, seen.text
    assert room.answers() == [] and mention
    room.double.reload(ana)
    assert "Kept:" in (await room.answer(ana, card, ANA)).text


# --- many at once ----------------------------------------


@pytest.mark.slow
async def test_sixty_at_once_are_acknowledged_and_each_reads_their_own(room: SlackRoom, card: Json) -> None:
    people = [room.member(f"Member {number}") for number in range(60)]
    button = room.press_id(card, "Answer")
    pressed = await asyncio.gather(*(room.double.press(one, card, button) for one in people))
    in_time(*pressed)
    for act in pressed:
        await act.answered(10)
        assert act.view is not None, act.text
    words = [ANA.replace("our nightly report", f"report number {number}") for number in range(60)]
    sent = await asyncio.gather(
        *(room.double.submit_view(one, None, {"text": text}) for one, text in zip(people, words, strict=True))
    )
    in_time(*sent)
    await room.soon(
        lambda: all("Kept:" in str(map(text_of, private(room, one))) or private(room, one) for one in people),
        40,
    )
    assert sorted(room.answers()) == sorted(words)
    for number, one in enumerate(people):
        (shown,) = private(room, one)
        assert shown["is_ephemeral"] and "Kept:" in text_of(shown)
        assert f"report number {number} took" in text_of(shown)


# --- a stop ----------------------------------------


async def test_stopping_waits_for_what_is_under_way(room: SlackRoom, card: Json) -> None:
    ana = room.member("Ana")
    opened = await room.press(ana, card, "Answer")
    room.double.fail("response_url", "503", 3)  # so that it takes a while
    sent = await room.double.submit_view(ana, opened.view, {"text": ANA})
    in_time(sent)
    await room.stop()
    (shown,) = private(room, ana)
    assert "Kept:" in text_of(shown) and room.answers() == [ANA]
    assert room.rows("SELECT state FROM delivery WHERE state = 'sending'") == []


@pytest.mark.slow
async def test_a_form_sent_while_starling_stops_stays_open_with_its_words(
    room: SlackRoom, card: Json
) -> None:
    ana, ben = room.member("Ana"), room.member("Ben")
    half_written = await room.press(ana, card, "Answer")
    opened = await room.press(ben, card, "Answer")
    room.double.fail("response_url", "503", 50)  # so that it takes a while
    await room.double.submit_view(ben, opened.view, {"text": BEN})
    await room.soon(room.answers)
    stopping = asyncio.create_task(room.stop())
    await asyncio.sleep(0.3)
    sent = await room.double.submit_view(ana, half_written.view, {"text": ANA})
    typed = await room.double.slash(ana, "streak", room.channel)
    await stopping
    assert not sent.failed and "restarted" in str(sent.errors) and "restarted" in typed.text
    assert half_written.view is not None and half_written.view.open
    room.double.api.faults.clear()
    await room.start()
    assert "Kept:" in (await room.fill(ana, half_written, text=ANA)).text
    assert room.answers() == [BEN, ANA]
