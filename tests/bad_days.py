"""Bad days: the whole of Starling on both doubles, a question due in several channels of each, and trouble.

The doubles keep the true time. Starling's clock can be turned away from it, its calls can be held on their way, and
what everybody then sees in the channels is counted: a channel without its question has lost it, one that shows it
twice has it doubled.
"""

from __future__ import annotations

import asyncio
import contextlib
import io
import json
import logging
import re
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import time as wall
from datetime import timedelta
from pathlib import Path
from typing import Any

import asyncpg
import pytest
import structlog
from aiohttp import web
from both_rooms import Both, both_rooms
from discord_double import DiscordDouble
from slack_double import SlackDouble
from soak import figures
from stepped_clock import START, SteppedClock

from bot import logs
from core.call import Where
from core.founding import add_schedule
from core.rules.due import Rule
from core.store import arrivals
from core.store.engine import Store, database_url

POSTS = re.compile(r"/channels/\d+/messages")
DUE = START + timedelta(minutes=1)


class TurnedClock(SteppedClock):
    """``skip`` lets true time pass; ``turn`` moves the hands of Starling's machine alone."""

    wrong = timedelta()
    changed: Callable[[], None] | None = None

    def now(self) -> Any:
        return super().now() + self.wrong

    def true(self) -> float:
        """Seconds since the epoch, as it is on the platforms' walls."""
        return super().now().timestamp()

    def distance(self) -> timedelta:
        """How far Starling's machine is from this one."""
        return self._offset + self.wrong

    def skip(self, **time_: float) -> None:
        super().skip(**time_)
        self._tell()

    def turn(self, **time_: float) -> None:
        self.wrong += timedelta(**time_)
        self._tell()

    def _tell(self) -> None:
        if self.changed is not None:
            self.changed()


class Gate:
    """From post number ``at`` on, a platform's answers are held until ``open``; the messages stand there already."""

    def __init__(self, at: int) -> None:
        self.at = at
        self.posts = 0
        self.reached = asyncio.Event()
        self._open = asyncio.Event()
        self._lost = False

    def open(self, *, lost: bool) -> None:
        """``lost``: whoever waits gets no answer, but 500."""
        self._lost = lost
        self._open.set()

    async def passes(self) -> None:
        self.posts += 1
        if self.posts >= self.at:
            held = not self._open.is_set()
            self.reached.set()
            await self._open.wait()
            if held and self._lost:
                raise web.HTTPInternalServerError


@dataclass
class Day:
    """``channels`` on each platform have the same question due at ``DUE``."""

    both: Both
    clock: TurnedClock
    log: io.StringIO
    url: str = ""
    gates: dict[str, Gate] = field(default_factory=dict)
    channels: dict[str, list[Any]] = field(default_factory=dict)

    # --- before it ----------------------------------------

    async def found(self, channels: int, store: Store, *, days: Sequence[int] = range(7)) -> None:
        """One group with so many channels on each platform; its question comes at ``DUE`` every day."""
        discord, slack = self.both.discord, self.both.slack
        places = []
        self.channels = {"discord": [], "slack": []}
        for n in range(channels):
            here = await discord.double.add_channel(discord.guild, f"room-{n}")
            there = slack.double.add_channel(f"room-{n}", slack.olga)
            self.channels["discord"].append(here)
            self.channels["slack"].append(there)
            places.append(Where("discord", str(discord.guild.id), str(here.id), f"#room-{n}"))
            places.append(Where("slack", slack.team.id, there.id, f"#room-{n}"))
        now = self.clock.now()
        async with store.write() as tx:
            group_id = await arrivals.create_group(tx, "Night owls", "UTC", now)
            homes = [(await arrivals.create_home(tx, group_id, place, now), "") for place in places]
            rule = Rule(wall(DUE.hour, DUE.minute), "UTC", frozenset(days))
            await add_schedule(tx, group_id, homes, rule, now, tracks=["behavioural"])

    def hold(self, at: int = 3) -> None:
        """From its post number ``at`` on, each platform's answers are held back."""
        self.gates = {"discord": Gate(at), "slack": Gate(at)}

    async def held(self) -> None:
        """Both platforms hold a call whose message is there."""
        for gate in self.gates.values():
            await asyncio.wait_for(gate.reached.wait(), 20)

    def release(self, *, lost: bool = False) -> None:
        for gate in self.gates.values():
            gate.open(lost=lost)

    async def come(self) -> None:
        """The question's time."""
        self.clock.skip(seconds=(DUE - START).total_seconds() + 1)

    # --- after it ----------------------------------------

    def shown(self) -> dict[str, list[int]]:
        """How often the question stands in each channel."""
        doubles = {"discord": self.both.discord.double, "slack": self.both.slack.double}
        return {name: [questions(doubles[name], c) for c in self.channels[name]] for name in self.channels}

    async def states(self) -> Counter[str]:
        """The questions' rows in the outbox."""
        query = "SELECT state FROM delivery WHERE kind = 'drop'"
        if not self.url:
            return Counter(state for (state,) in self.both.rows(query))
        connection = await asyncpg.connect(self.url)
        try:
            return Counter(row["state"] for row in await connection.fetch(query))
        finally:
            await connection.close()

    async def over(self, step: float = 1.0, *, since: float | None = None, patience: float = 60.0) -> float:
        """Let time pass until the outbox holds no question that waits; the seconds of true time that it took.

        Counted from now, or from ``since``.
        """
        begun, end = since or self.clock.true(), time.monotonic() + patience
        ends = {"sent", "failed", "expired", "ambiguous"}
        while not ((states := await self.states()) and set(states) <= ends):
            assert time.monotonic() < end, (dict(states), self.said()[-8:])
            await asyncio.sleep(0.1)
            self.clock.skip(seconds=step)
        return round(self.clock.true() - begun, 1)

    def said(self) -> list[dict[str, Any]]:
        """The log's lines from warning upwards."""
        lines = [json.loads(line) for line in self.log.getvalue().splitlines() if line.startswith("{")]
        return [line for line in lines if line["level"] not in ("debug", "info")]

    async def judge(
        self, what: str, back: float, *, lost: int = 0, doubled: int = 0, warned: bool = True
    ) -> None:
        """Count, print the line for docs/reliability.md, and hold it against what is promised: nothing.

        ``warned``: whether the log may say something from warning upwards; a traceback it never may.
        """
        shown = self.shown()
        found = {
            name: (sum(n == 0 for n in counts), sum(max(0, n - 1) for n in counts))
            for name, counts in shown.items()
        }
        gone, twice = (sum(each[k] for each in found.values()) for k in (0, 1))
        said = self.said()
        figures(
            "bad days",
            what=what,
            questions=sum(map(len, shown.values())),
            lost=gone,
            doubled=twice,
            states=dict(await self.states()),
            back_after_s=back,
            log=sorted({sentence(line) for line in said}),
            tracebacks=sum("exception" in line for line in said),
        )
        assert (gone, twice) == (lost, doubled), (what, shown, found)
        assert warned or not said, said
        assert not [line for line in said if "exception" in line], said


def sentence(line: dict[str, Any]) -> str:
    more = [str(line[name]) for name in ("job", "error", "why", "reason") if name in line]
    return ": ".join([line["event"], *more])


def questions(double: DiscordDouble | SlackDouble, channel: Any) -> int:
    """How many questions stand in ``channel``: whatever else is said there has no Answer button."""
    return sum('"Answer"' in json.dumps(message) for message in double.messages(channel))


@contextlib.contextmanager
def logging_to(stream: io.StringIO) -> Iterator[io.StringIO]:
    """The log as ``starling run`` writes it."""
    root = logging.getLogger()
    level, handlers = root.level, root.handlers[:]
    logs.setup("info", "json", service=True, stream=stream)
    try:
        yield stream
    finally:
        root.setLevel(level)
        root.handlers[:] = handlers
        structlog.reset_defaults()


@contextlib.asynccontextmanager
async def bad_day(
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    *,
    channels: int = 6,
    url: str = "",
    start: bool = True,
) -> AsyncIterator[Day]:
    """Starling runs, on SQLite or on the database ``url``, and the question comes in a minute."""
    with logging_to(io.StringIO()) as log:
        async with both_rooms(folder, monkeypatch) as both:
            clock = TurnedClock()
            both.clock = both.discord.clock = both.slack.clock = clock
            day = Day(both, clock, log, url)
            _keep_true_time(day)
            _hang_gates(day)
            await both._furnish()
            if url:
                both.more["STARLING_DATABASE__URL"] = url
            async with Store(database_url(url or str(folder / "starling.db"))) as store:
                await day.found(channels, store)
            try:
                if start:
                    await both.start()
                yield day
            finally:
                day.release()


def _keep_true_time(day: Day) -> None:
    discord, slack = day.both.discord.double.world, day.both.slack.double.world
    discord.now = slack.now = day.clock.true
    discord._last = slack._last = 0  # what was made before has ids of the machine's time
    day.both.discord.double.rest.clock = day.clock.true


def _hang_gates(day: Day) -> None:
    rest, api = day.both.discord.double.rest, day.both.slack.double.api
    posted, called = rest._serve, api._serve

    async def on_discord(request: Any, asked: Any) -> Any:
        made = await posted(request, asked)
        if "discord" in day.gates and asked.method == "POST" and POSTS.fullmatch(asked.path):
            await day.gates["discord"].passes()
        return made

    async def on_slack(request: Any, asked: Any) -> Any:
        made = await called(request, asked)
        if "slack" in day.gates and asked.method == "chat.postMessage":
            await day.gates["slack"].passes()
        return made

    rest._serve, api._serve = on_discord, on_slack  # type: ignore[method-assign]
