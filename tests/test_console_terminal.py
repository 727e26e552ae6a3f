"""The console at a terminal, with prompt_toolkit's own input and output for tests in place of the tty."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from conftest import NewDatabase
from console_room import QUESTION, Room, dispatcher_on
from moved_clock import MovedClock
from prompt_toolkit.application import create_app_session
from prompt_toolkit.input import PipeInput, create_pipe_input
from prompt_toolkit.output import DummyOutput

from adapters.console.sender import ConsoleSender
from core.ports import Sent, Target
from core.store.engine import Store, database_url
from core.views import Button, Buttons, Message, Text, say

CTRL_C, CTRL_D, ESC_ENTER = "\x03", "\x04", "\x1b\r"
LONG = " ".join(["I changed my mind when the numbers spoke against me."] * 3)


class Desk:
    """Somebody at a terminal: keys go in, and what was printed can be read."""

    def __init__(self, room: Room, keys: PipeInput) -> None:
        self.room = room
        self.keys = keys

    async def types(self, *keys: str, first: tuple[str, ...] = ()) -> str:
        """What stands on the screen when these keys were typed and Ctrl-D ended it."""
        self.keys.send_text("".join(keys) + CTRL_D)
        async with asyncio.timeout(20):
            await self.room.console(None, terminal=True, first=first).run()
        return self.screen()

    def screen(self) -> str:
        return re.sub("\x1b\\[[0-9;]*m", "", self.room.printed.getvalue())


@pytest.fixture
async def desk(
    new_database: NewDatabase, clock: MovedClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Desk]:
    monkeypatch.setenv("TERM", "xterm-256color")
    async with Store(database_url(await new_database("sqlite"))) as store:
        room = Room(dispatcher_on(store, clock), tmp_path / "files")
        with create_pipe_input() as keys, create_app_session(input=keys, output=DummyOutput()):
            yield Desk(room, keys)


# --- lines --------------------------------------------------------------------------------------------


async def test_a_command_is_answered_and_ctrl_d_says_goodbye(desk: Desk) -> None:
    assert await desk.types("/streak\r") == "Your streak is 3 days.\n\nSee you next time.\n\n"


async def test_the_question_of_the_day_comes_first_in_a_frame(desk: Desk) -> None:
    screen = await desk.types(first=("today",))
    assert screen.splitlines()[0].startswith(f"╭─ {QUESTION} ─")
    assert "[1 Answer]  [2 Streak]" in screen


async def test_ctrl_c_clears_the_line_and_nothing_of_it_is_done(desk: Desk) -> None:
    screen = await desk.types("/streak", CTRL_C, "/box item: why\r")
    assert "Your streak" not in screen
    assert "1 [x] Says why" in screen


async def test_ctrl_d_on_a_line_that_is_not_empty_leaves_nobody(desk: Desk) -> None:
    assert "Your streak is 3 days." in await desk.types("/streak", CTRL_D, "\r")


@pytest.mark.parametrize("word", ["/quit", "/exit"])
async def test_quit_leaves(desk: Desk, word: str) -> None:
    assert await desk.types(word + "\r/streak\r") == "See you next time.\n\n"


async def test_a_number_presses_a_button(desk: Desk) -> None:
    assert "Your streak is 3 days." in await desk.types("/today\r2\r")


async def test_help_tells_about_the_keys_of_a_terminal(desk: Desk) -> None:
    assert "Tab completes, Ctrl-C clears the line." in " ".join((await desk.types("/help\r")).split())


async def test_what_was_typed_before_comes_back_with_the_up_arrow(desk: Desk) -> None:
    running = asyncio.create_task(desk.room.console(None, terminal=True).run())
    desk.keys.send_text("/streak\r")
    await until(lambda: "3 days" in desk.screen())
    await asyncio.sleep(0.2)  # the history is read in the background
    desk.keys.send_text(f"\x1b[A\r{CTRL_D}")
    await running
    assert desk.screen().count("Your streak is 3 days.") == 2


# --- loose words --------------------------------------------------------------------------------------


async def test_twenty_loose_words_are_offered_as_an_answer(desk: Desk) -> None:
    screen = await desk.types(LONG, "\r", "perhaps\r", "y\r")
    assert "Please type y or n." in screen
    assert "Ada answered the open one: I changed my mind" in screen


@pytest.mark.parametrize("no", ["n\r", CTRL_C, "NO\r"])
async def test_they_are_no_answer_when_somebody_says_no(desk: Desk, no: str) -> None:
    screen = await desk.types(LONG, "\r", no, "/streak\r")
    assert "nothing was stored. The up arrow brings your words back." in " ".join(screen.split())
    assert "answered" not in screen
    assert "Your streak is 3 days." in screen


async def test_a_few_loose_words_get_a_hint(desk: Desk) -> None:
    assert "Did you mean /today?" in await desk.types("today\r")


# --- forms --------------------------------------------------------------------------------------------


async def test_a_missing_value_opens_a_form_one_field_at_a_time(desk: Desk) -> None:
    screen = await desk.types("/remind set\r", "21:00\r", "mon-fri\r")
    assert "Remind set\n2 fields, then “Send”. Ctrl-C stops, and nothing is sent." in screen
    assert "When (as 21:00).\n" in screen
    assert "It may stay empty: just Enter." in screen
    assert "I write to you at 21:00, days 0,1,2,3,4." in screen


async def test_what_was_given_stands_in_the_form_to_be_edited(desk: Desk) -> None:
    assert "at 21:00, days 1." in await desk.types("/remind set days: tue\r", "21:00\r", "\r")
    assert "at 21:00, days 1,4." in await desk.types("/remind set days: tue\r", "21:00\r", ", fri\r")


async def test_an_optional_field_is_skipped_with_enter(desk: Desk) -> None:
    assert "at 21:00, days all." in await desk.types("/remind set\r", "21:00\r", "\r")


async def test_a_form_of_every_kind_of_field_is_filled_in(desk: Desk, tmp_path: Path) -> None:
    (tmp_path / "pack.toml").write_text("x = 1")
    screen = await desk.types(
        "/plan\r",
        "\r",  # needed, and left empty
        "A new job\r",
        "4\r",  # there are three
        "\x17",  # Ctrl-W: take the word back
        "sys\r",
        "1, staff\r",
        f"{tmp_path}/no\r",
        "\x17\x17",
        f"\x15{tmp_path}/pack.toml\r",
        "One line,\rand another.\r\r",
    )
    flat = " ".join(screen.split())
    assert "! This one is needed." in screen
    assert "1 Behavioural\n  2 Coding\n  3 System design\n" in screen
    assert "“4” is none of them. Type a number from 1 to 3, or a name." in flat
    assert "There is no file" in flat
    assert "goal=A new job, levels=('new', 'staff'), notes=One line, and another." in flat
    assert "track=system-design" in flat
    assert "pack=Attachment(name='pack.toml', data=b'x = 1')" in flat


async def test_esc_enter_ends_a_long_text_and_a_paste_keeps_its_empty_lines(desk: Desk) -> None:
    pasted = "\x1b[200~First.\n\nSecond.\x1b[201~"
    screen = await desk.types("/answer\r", pasted, ESC_ENTER)
    assert "Ada answered the open one: First.\n\nSecond." in screen
    assert "An empty line (Enter twice) or Esc Enter ends it." in " ".join(screen.split())


async def test_a_button_that_needs_words_asks_for_them_and_keeps_what_it_named(desk: Desk) -> None:
    assert "Ada answered d7: At last." in await desk.types("/today\r1\r", "At last.\r\r")


async def test_a_form_with_errors_asks_again_only_what_was_wrong_and_keeps_the_rest(desk: Desk) -> None:
    screen = await desk.types("/remind set\r", "9\r", "sat, sun\r", "\x15", "09:30\r")
    flat = " ".join(screen.split())
    assert "! Time: “9” could be morning or evening. Write the minutes too, as 09:00." in flat
    assert "The rest is kept." in flat
    assert flat.count("On which days") == 1
    assert "I write to you at 09:30, days 5,6." in flat


async def test_an_answer_that_was_refused_comes_back_whole_to_be_changed(desk: Desk) -> None:
    screen = await desk.types("/today\r1\r", "It is a lie\r\r", "\x7f" * 3, "joke.\r\r")
    assert "! Text: Please tell it as it was." in screen
    assert "Ada answered d7: It is a joke." in screen


async def test_ctrl_c_in_a_form_sends_nothing_and_keeps_what_was_typed(desk: Desk) -> None:
    screen = await desk.types("/remind set\r", "21:00\r", "mon", CTRL_C, "/remind set\r", "\r", "\r")
    flat = " ".join(screen.split())
    assert "Nothing was sent. What you typed is kept until you leave: ask again to go on with it." in flat
    assert "I write to you at 21:00, days 0." in flat


async def test_ctrl_d_in_a_form_stops_the_form_and_then_the_console(desk: Desk) -> None:
    screen = await desk.types("/remind set\r", CTRL_D)
    assert "Nothing was sent." in screen
    assert screen.endswith("See you next time.\n\n")


async def test_a_form_without_a_field_asks_for_its_word(desk: Desk) -> None:
    screen = await desk.types("/ask\r", "y\r", "21:00\r", "\r")
    assert "Your reminder\n0 fields, then “Write me”." in screen
    assert "I write to you at 21:00, days all." in screen
    assert "Nothing was sent." in await desk.types("/ask\r", "n\r")


# --- what comes by itself -----------------------------------------------------------------------------


async def test_a_drop_appears_while_somebody_types_and_the_line_goes_on(desk: Desk) -> None:
    console = desk.room.console(None, terminal=True)
    running = asyncio.create_task(console.run())
    desk.keys.send_text("/stre")
    await asyncio.sleep(0.2)
    drop = Message((Text(("Why us?",), "title"), Buttons((Button("Box", "box"),))), track="company")
    outcome = await ConsoleSender(console).send(Target("console", "console", channel_id="c"), drop, "k")
    assert isinstance(outcome, Sent)
    assert "╭─ Why us? ─" in desk.screen()
    desk.keys.send_text(f"ak\r1\r{CTRL_D}")
    await running
    assert "Your streak is 3 days." in desk.screen()
    assert "1 [ ] Says why" in desk.screen()


async def test_a_drop_appears_in_the_middle_of_a_form_from_a_task_that_began_before(desk: Desk) -> None:
    console = desk.room.console(None, terminal=True)
    go = asyncio.Event()

    async def deliver() -> None:
        await go.wait()
        await ConsoleSender(console).send(Target("console", "console", user_id="ben"), say("Hello."), "k")

    delivering = asyncio.create_task(deliver())
    running = asyncio.create_task(console.run())
    desk.keys.send_text("/remind set\r21:")
    await until(lambda: "When (as 21:00)." in desk.screen())
    go.set()
    await delivering
    assert "(direct message to ben)" in desk.screen()
    desk.keys.send_text(f"00\r\r{CTRL_D}")
    await running
    assert "I write to you at 21:00, days all." in desk.screen()


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not true():
            await asyncio.sleep(0.01)


# --- files --------------------------------------------------------------------------------------------


async def test_a_picture_shows_its_words_and_the_path_where_it_was_saved(desk: Desk) -> None:
    screen = await desk.types("/export\r")
    files = desk.room.files
    assert (
        "(picture weeks.png: Three bars, the last the highest.)\n\n(Your data: ../my data.json)\n" in screen
    )
    assert f"\nsaved: {files}/weeks.png\nsaved: {files}/my-data.json\n\n" in screen
