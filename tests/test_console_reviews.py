"""A review at a terminal: items by their numbers, and what was ticked both ways is asked again, alone."""

from __future__ import annotations

import asyncio
import io
import re
from pathlib import Path

import pytest
from conftest import NewDatabase
from moved_clock import MovedClock
from practising import studying
from prompt_toolkit.application import create_app_session
from prompt_toolkit.input import create_pipe_input
from prompt_toolkit.output import DummyOutput
from reviewing import WORDS, kept, shares
from talk import HOME, Talk

from adapters.console.app import Console
from core.store.engine import Store, database_url

CTRL_D, ESC_ENTER, CLEAR = "\x04", "\x1b\r", "\x15"


async def at_a_terminal(talk: Talk, folder: Path, *keys: str) -> str:
    """What stands on Ben's screen when these keys were typed and Ctrl-D ended it."""
    printed = io.StringIO()
    with create_pipe_input() as typing, create_app_session(input=typing, output=DummyOutput()):
        console = Console(
            dispatcher=talk.dispatcher,
            who=talk.who("ben"),
            where=HOME,
            stdin=io.StringIO(),
            stdout=printed,
            terminal=True,
            files=folder,
        )
        typing.send_text("".join(keys) + CTRL_D)
        async with asyncio.timeout(20):
            await console.run()
    return re.sub("\x1b\\[[0-9;]*m", "", printed.getvalue())


async def test_a_review_is_asked_field_by_field(
    new_database: NewDatabase, clock: MovedClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    async with Store(database_url(await new_database("sqlite"))) as store:
        talk = await studying(store, clock)
        number = await shares(talk, "ana")
        review = ("/review\r", "1\r", "1, 2, 5, 7\r", "2, 7\r", f"{WORDS}{ESC_ENTER}")
        screen = await at_a_terminal(talk, tmp_path, *review, f"{CLEAR}9\r")
        assert "10 It answers the question that was asked" in screen
        wrong = screen.partition("Clearly missing: Ticked both as seen and as clearly missing")[2]
        assert "The rest is kept." in wrong and "Seen" not in wrong and "Kept: your review of Ana's" in wrong
        (row,) = await kept(talk)
        ticked = ["has_situation", "has_task", "quantified_result", "reasoning_or_alternatives"]
        assert (row.seen, row.missing, row.words) == (ticked, ["lesson_learned"], WORDS)

        # Changed: what stands there, labels with commas included, can be sent as it is.
        edit = (f"/review answer: {number}\r", "2\r", "\r", "\r", f" And well told.{ESC_ENTER}")
        assert "Changed: your review of Ana's answer" in await at_a_terminal(talk, tmp_path, *edit)
        (row,) = await kept(talk)
        assert (row.seen, row.missing) == (ticked, ["lesson_learned"])
        assert row.words == f"{WORDS} And well told."
