"""The console on a pipe: the same words without decoration, and nothing is ever asked."""

from __future__ import annotations

import asyncio
import io
import os
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest
from conftest import NewDatabase
from console_room import ADA, QUESTION, Room, dispatcher_on, fed
from moved_clock import MovedClock

from adapters.console.app import Console
from adapters.console.sender import ConsoleSender
from core.ports import Retry, Sent, Target
from core.store.engine import Store, database_url
from core.views import Button, Buttons, Message, Text, say

CHANNEL = Target("console", "console", server_id="local", channel_id="here")


@pytest.fixture
async def room(new_database: NewDatabase, clock: MovedClock, tmp_path: Path) -> AsyncIterator[Room]:
    async with Store(database_url(await new_database("sqlite"))) as store:
        yield Room(dispatcher_on(store, clock), tmp_path / "files")


# --- commands -----------------------------------------------------------------------------------------


async def test_lines_are_commands_and_replies_have_an_empty_line_between_them(room: Room) -> None:
    await room.console(io.StringIO("/today\n\n   \n/answer I changed it.\n/streak")).run()
    assert room.printed.getvalue() == (
        f"## {QUESTION}\n\n[1 Answer] [2 Streak]\n\nAda answered the open one: I changed it.\n\n"
        "Your streak is 3 days.\n"
    )


async def test_an_end_without_line_end_and_windows_lines_are_lines_too(room: Room) -> None:
    with fed("\ufeff/streak\r\n/answer Grüße\r\n/streak".encode()) as stream:
        await room.console(stream).run()
    assert room.replies() == [
        "Your streak is 3 days.",
        "Ada answered the open one: Grüße",
        "Your streak is 3 days.",
    ]


async def test_a_missing_value_is_an_error_with_an_example_and_the_rest_goes_on(room: Room) -> None:
    replies = await room.hears("/remind set\n/streak\n")
    assert replies == [
        "“time:” is missing: when.",
        "For example: /remind set time: 21:00",
        "Your streak is 3 days.",
    ]


async def test_a_wrong_command_offers_the_nearest_as_a_number(room: Room) -> None:
    replies = await room.hears("/straek\n1\n")
    assert replies[0].startswith("There is no command “straek”. Did you mean “streak”?")
    assert replies[2:] == ["[1 streak]", "Your streak is 3 days."]


async def test_a_handler_that_breaks_ends_nothing(room: Room) -> None:
    replies = await room.hears("/broken\n/streak\n")
    assert replies[0].startswith("Something broke on our side (incident ")
    assert replies[1] == "Your streak is 3 days."


async def test_an_empty_command_and_a_form_say_what_to_type(room: Room) -> None:
    replies = await room.hears("/\n/ask\n")
    assert replies[:2] == ["That was an empty command.", "For example: /help"]
    assert replies[-1].endswith("Write it on one line, for example: /remind set")


async def test_help_says_what_this_console_does_by_itself(room: Room) -> None:
    replies = await room.hears("/help\n")
    assert replies[-1] == "On this console a number presses the button with that number. /quit leaves."


@pytest.mark.parametrize("word", ["/quit", "/exit", " /QUIT "])
async def test_quit_leaves_and_the_rest_is_not_read(room: Room, word: str) -> None:
    assert await room.hears(f"/streak\n{word}\n/today\n") == ["Your streak is 3 days."]


async def test_first_lines_run_before_the_input_with_or_without_their_slash(room: Room) -> None:
    await room.console(io.StringIO(""), first=["streak", "/streak"]).run()
    assert room.replies() == ["Your streak is 3 days."] * 2


# --- numbers ------------------------------------------------------------------------------------------


async def test_a_number_presses_the_button_of_the_latest_reply_that_had_any(room: Room) -> None:
    replies = await room.hears("/today\n/answer Well.\n2\n1\n")
    assert replies[-3] == "Your streak is 3 days."
    assert replies[-2] == "“text:” is missing: your answer.", "a pipe is not asked for the answer"


async def test_a_number_without_a_button_says_which_there_are(room: Room) -> None:
    assert await room.hears("1\n") == ["There is nothing to press just now. /help says what there is."]
    assert (await room.hears("/today\n7\n"))[-1] == "There is no 7 to press just now; there are 1 to 2."


async def test_boxes_and_choices_have_numbers(room: Room) -> None:
    replies = await room.hears("/box\n1\n3\n")
    assert replies[:2] == ["1 [ ] Says why\n2 [ ] Sums up", "Or choose\n  [3 The why]"]
    assert replies[2] == replies[4] == "1 [x] Says why\n2 [ ] Sums up"


async def test_pages_are_turned_by_number(room: Room) -> None:
    replies = await room.hears("/pages\n1\n2\n1\n")
    assert [r for r in replies if r.startswith("This")] == [f"This is page {n}." for n in (1, 2, 3, 2)]


# --- loose words --------------------------------------------------------------------------------------


async def test_loose_words_get_a_hint_and_are_not_stored(room: Room) -> None:
    assert await room.hears("I once had to decide\n") == [
        "Commands begin with “/”.",
        "To answer: /answer text: <your words>",
    ]


@pytest.mark.parametrize(
    ("typed", "hint"),
    [
        ("today", "Commands begin with “/”. Did you mean /today?"),
        ("remind set time: 9", "Commands begin with “/”. Did you mean /remind set time: 9?"),
        ("remind", "Commands begin with “/”. Did you mean /remind?"),
        ("strek", "Commands begin with “/”. Did you mean /streak?"),
        ("answer " + "w" * 80, "Commands begin with “/”. Did you mean /answer ...?"),
        ("quit", "Commands begin with “/”: /quit leaves."),
        ("\x1b[31mred", "Commands begin with “/”."),
    ],
)
async def test_a_command_without_its_slash_is_recognised(room: Room, typed: str, hint: str) -> None:
    assert (await room.hears(typed + "\n"))[0] == hint


async def test_a_line_too_long_to_read_whole_is_refused_and_not_cut(room: Room) -> None:
    replies = await room.hears(f"/answer {'x' * 100_000}\n/answer {'y' * 30_000}\n/streak\n")
    assert replies[0] == "That line has 100,008 characters; 50,000 is the most. Nothing was stored."
    assert replies[1].startswith("“text” has 30,000 characters; 20,000 is the most.")
    assert replies[-1] == "Your streak is 3 days."


# --- files --------------------------------------------------------------------------------------------


async def test_a_typed_path_is_read_into_an_attachment(room: Room, tmp_path: Path) -> None:
    (tmp_path / "my pack.toml").write_text("x = 1")
    assert await room.hears(f'/pack import file: "{tmp_path}/my pack.toml"\n') == [
        "my pack.toml has 5 bytes."
    ]


async def test_a_path_without_a_file_is_a_sentence_with_an_example(room: Room, tmp_path: Path) -> None:
    replies = await room.hears(f"/pack import {tmp_path}/no.toml\n/pack import\n/pack import a b\n/streak\n")
    assert replies[0] == f"There is no file “{tmp_path}/no.toml”. Type its whole path."
    assert replies[1] == "For example: /pack import file: pack.toml"
    assert replies[2] == "“file:” is missing: the pack."
    assert replies[4].startswith("“b” is too much")
    assert replies[-1] == "Your streak is 3 days."


async def test_pictures_and_exports_are_saved_and_their_paths_are_printed(room: Room) -> None:
    replies = await room.hears("/export\n")
    assert replies == [
        "Here it is.",
        f"(picture: Three bars, the last the highest.)\nsaved: {room.files}/weeks.png",
        f"Your data\nsaved: {room.files}/my-data.json",
    ]
    assert (room.files / "weeks.png").read_bytes() == b"\x89PNG"


# --- what comes by itself -----------------------------------------------------------------------------


OpenConsole = tuple[Console, int]


@pytest.fixture
def open_console(room: Room) -> Iterator[OpenConsole]:
    """A console that waits for input, and the end of the pipe to write it to."""
    reading, writing = os.pipe()
    with os.fdopen(reading, "r") as stream:
        yield room.console(stream), writing


async def test_a_drop_appears_while_the_pipe_waits_and_its_buttons_are_counted_on(
    room: Room, open_console: OpenConsole
) -> None:
    console, writing = open_console
    sender = ConsoleSender()
    assert isinstance(await sender.send(CHANNEL, say("Too early."), "k0"), Retry)
    sender.attach(console)
    assert isinstance(await sender.send(CHANNEL, say("Too early."), "k0"), Retry)
    running = asyncio.create_task(console.run())
    os.write(writing, b"/today\n")
    await until(lambda: "[2 Streak]" in room.printed.getvalue())

    drop = Message((Text(("A drop.",)), Buttons((Button("Its streak", "streak"),))))
    outcomes = [await sender.send(CHANNEL, drop, "k1"), await sender.send(CHANNEL, drop, "k2")]
    assert all(isinstance(o, Sent) and o.channel_id == "here" for o in outcomes)
    assert len({o.message_id for o in outcomes if isinstance(o, Sent)}) == 2

    os.write(writing, b"3\n2\n")
    os.close(writing)
    await running
    assert (
        room.replies()[2:]
        == ["A drop.", "[3 Its streak]", "A drop.", "[4 Its streak]"] + ["Your streak is 3 days."] * 2
    )
    assert isinstance(await sender.send(CHANNEL, drop, "k3"), Retry), "nobody is there any more"


async def test_a_direct_message_says_whose_it_is_and_only_ones_own_can_be_pressed(
    room: Room, open_console: OpenConsole
) -> None:
    console, writing = open_console
    running = asyncio.create_task(console.run())
    await asyncio.sleep(0.01)
    view = Message((Text(("Time to practise.",)), Buttons((Button("Now", "streak"),))))
    for name in (ADA.user_id, "ben\x1b[1m"):
        await ConsoleSender(console).send(Target("console", "console", user_id=name), view, "k")
    os.close(writing)
    await running
    assert room.replies() == [
        "(direct message to Ada)\nTime to practise.",
        "[1 Now]",
        "(direct message to ben[1m)\nTime to practise.",
        "[Now]",
    ]


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not true():
            await asyncio.sleep(0.01)


async def test_a_console_that_is_stopped_lets_its_input_go(room: Room, open_console: OpenConsole) -> None:
    console, writing = open_console
    running = asyncio.create_task(console.run())
    await asyncio.sleep(0.05)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    os.write(writing, b"/streak\n")
    os.close(writing)
    assert room.replies() == []
