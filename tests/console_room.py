"""A small Starling for the console's tests: real dispatcher, real store, a handful of commands declared here.

As a program it is what those tests start on a real pipe or pseudo-terminal: console_room.py DATABASE FILES
[terminal] [drop].
"""

from __future__ import annotations

import asyncio
import io
import os
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TextIO

from moved_clock import MovedClock

from adapters.console.app import Console
from adapters.console.sender import ConsoleSender
from core.call import Call, Where, Who
from core.commands import Allow, Command, Kind, Option, Registry
from core.dispatch import Dispatcher
from core.errors import BadOption
from core.parse import action_id
from core.ports import Target
from core.services import Services
from core.store.engine import Store, database_url
from core.views import (
    Button,
    Buttons,
    Choice,
    File,
    Form,
    Image,
    Message,
    Page,
    Select,
    Text,
    Tick,
    Ticks,
    Typed,
    View,
    say,
)

ADA = Who("console", "ada", "Ada", organiser=True)
HERE = Where("console")
QUESTION = "Tell me about a time you changed your mind."
TRACKS = (
    Choice("Behavioural", "behavioural"),
    Choice("Coding", "coding"),
    Choice("System design", "system-design"),
)
LEVELS = (Choice("New here", "new"), Choice("Middle", "mid"), Choice("Staff", "staff"))


async def _help(call: Call) -> View:
    return say("There are: ", Typed("today"), ", ", Typed("answer"), ".")


async def _today(call: Call) -> View:
    buttons = Buttons(
        (Button("Answer", action_id("answer", prompt="d7"), "primary"), Button("Streak", "streak"))
    )
    return Message((Text((QUESTION,), "title"), buttons), track="behavioural")


async def _answer(call: Call) -> View:
    text = call.values["text"]
    if "lie" in text:
        raise BadOption("Please tell it as it was.", option="text")
    return say(f"{call.person.name} answered {call.get('prompt', 'the open one')}: {text}")


async def _streak(call: Call) -> View:
    return say("Your streak is 3 days.")


async def _remind(call: Call) -> View:
    days = ",".join(map(str, sorted(call.get("days", ()))))
    return say(f"I write to you at {call.values['time']:%H:%M}, days {days or 'all'}.")


async def _import(call: Call) -> View:
    pack = call.values["file"]
    return say(f"{pack.name} has {len(pack.data)} bytes.")


async def _export(call: Call) -> View:
    picture = Image(b"\x89PNG", "weeks.png", "Three bars, the last the highest.")
    return Message((Text(("Here it is.",)), picture, File(b'{"a": 1}', "../my data.json", "Your data")))


async def _box(call: Call) -> View:
    item = call.get("item")
    ticks = Ticks("box:item=", (Tick("why", "Says why", item == "why"), Tick("sum", "Sums up")))
    return Message((ticks, Select("box:item=", "Or choose", (Choice("The why", "why"),))))


async def _pages(call: Call) -> View:
    number = call.get("number", 1)
    ends = [action_id("pages", number=n) if 0 < n < 4 else None for n in (number - 1, number + 1)]
    return Page(say(f"This is page {number}."), number, 3, *ends)


async def _plan(call: Call) -> View:
    values = ", ".join(f"{name}={value}" for name, value in sorted(call.values.items()))
    return say(f"Planned: {values}")


async def _ask(call: Call) -> View:
    return Form(action_id("remind set"), "Your reminder", (), submit="Write me")


async def _broken(call: Call) -> View:
    raise RuntimeError("boom")


REGISTRY = Registry(
    Command(path, help_, handler, options, allow=Allow.ANYONE)
    for path, help_, handler, options in (
        ("help", "What there is.", _help, ()),
        ("today", "The question of the day.", _today, ()),
        (
            "answer",
            "Answer it.",
            _answer,
            (
                Option("prompt", "Which question", named=True),
                Option("text", "Your answer", Kind.LONG, required=True, most=20_000),
            ),
        ),
        ("streak", "How long it goes on.", _streak, ()),
        (
            "remind set",
            "A daily question.",
            _remind,
            (Option("time", "When", Kind.TIME, required=True), Option("days", "On which days", Kind.DAYS)),
        ),
        ("pack import", "Import a pack.", _import, (Option("file", "The pack", Kind.FILE, required=True),)),
        ("export", "Everything of yours.", _export, ()),
        ("box", "Tick boxes.", _box, (Option("item", "Which"),)),
        ("pages", "Pages.", _pages, (Option("number", "Which", Kind.NUMBER),)),
        (
            "plan",
            "Plan a week.",
            _plan,
            (
                Option("goal", "What for", required=True, most=30),
                Option("track", "Which track", Kind.CHOICE, choices=TRACKS, required=True),
                Option("levels", "Which levels", Kind.MANY, choices=LEVELS),
                Option("pack", "A pack", Kind.FILE),
                Option("notes", "Anything else", Kind.LONG),
            ),
        ),
        ("ask", "A form without a field.", _ask, ()),
        ("broken", "Raises.", _broken, ()),
    )
)


def dispatcher_on(store: Store, clock: MovedClock) -> Dispatcher:
    return Dispatcher(Services(store=store, clock=clock, registry=REGISTRY, rubrics={}))


class Room:
    """A console over strings: what was typed in, what was printed out."""

    def __init__(self, dispatcher: Dispatcher, files: Path) -> None:
        self.dispatcher = dispatcher
        self.files = files
        self.printed = io.StringIO()

    def console(self, stdin: TextIO | None, *, terminal: bool = False, first: Sequence[str] = ()) -> Console:
        async def opening() -> Sequence[str]:
            return first

        return Console(
            dispatcher=self.dispatcher,
            who=ADA,
            where=HERE,
            stdin=stdin,
            stdout=self.printed,
            terminal=terminal,
            files=self.files,
            opening=opening,
        )

    async def hears(self, typed: str) -> list[str]:
        """The replies of a pipe that gets ``typed``."""
        await self.console(io.StringIO(typed)).run()
        return self.replies()

    def replies(self) -> list[str]:
        text = self.printed.getvalue()
        assert not text or text.endswith("\n")
        return text.removesuffix("\n").split("\n\n") if text else []


def fed(data: bytes) -> TextIO:
    """A real pipe with ``data`` in it and nobody at its other end."""
    reading, writing = os.pipe()
    os.write(writing, data)
    os.close(writing)
    return os.fdopen(reading, "r", encoding="utf-8")


async def _main(database: str, files: str, *words: str) -> None:
    clock = MovedClock(datetime(2026, 3, 2, 9, tzinfo=UTC))
    async with Store(database_url(f"sqlite:///{database}")) as store:
        console = Console(
            dispatcher=dispatcher_on(store, clock),
            who=ADA,
            where=HERE,
            stdin=sys.stdin,
            stdout=sys.stdout,
            terminal="terminal" in words,
            files=Path(files),
            welcome=say("Welcome."),
        )
        running = asyncio.create_task(console.run())
        if "drop" in words:
            await asyncio.sleep(1)
            await ConsoleSender(console).send(
                Target("console", "console", channel_id="1"), say("A drop is due."), "k"
            )
        await running
    if "modules" in words:
        drawing = {"prompt_toolkit", "adapters.console.draw", "adapters.console.terminal"}
        sys.stdout.write(f"drawing: {sorted(drawing & set(sys.modules))}\n")


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parent.parent))
    asyncio.run(_main(*sys.argv[1:]))
