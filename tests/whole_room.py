"""The whole of Starling as a test runs it: ``starling run`` on a database of its own, with a clock of the test's.

What every platform's room shares. Nothing of Starling is replaced; its clock runs like the machine's, and tests may
move its hands.
"""

from __future__ import annotations

import asyncio
import atexit
import contextlib
import shutil
import sqlite3
import tempfile
import time
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

from stepped_clock import SteppedClock

from bot.build import build
from bot.config import load
from bot.serve import run
from bot.settings import Settings

_furnished: Path | None = None
"""A database as the first start leaves it, once for each process of the tests."""


class WholeRoom:
    """A platform's room says its settings (``named``) and how it starts (``start``)."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.clock = SteppedClock()
        self.more: dict[str, str] = {}  # further settings, as the environment writes them
        self._running: asyncio.Task[None] | None = None
        self._stop = asyncio.Event()

    def named(self) -> dict[str, str]:
        """The platform's settings, as the environment writes them."""
        raise NotImplementedError

    def settings(self) -> Settings:
        named = {
            "STARLING_DATABASE__URL": str(self.folder / "starling.db"),
            "STARLING_DELIVERY__TICK_SECONDS": "0.05",
        }
        return load(None, named | self.named() | self.more, {})

    async def start(self) -> None:
        """``starling run``; returns when it is connected."""
        raise NotImplementedError

    async def _run(self, connected: Coroutine[Any, Any, None]) -> None:
        """Start, and wait until ``connected`` has returned. Raises what Starling ended with before."""
        await self._furnish()
        self._stop = asyncio.Event()
        self._running = asyncio.create_task(run(self.settings(), self._stop, self.clock))
        waiting = asyncio.create_task(connected)
        await asyncio.wait({self._running, waiting}, return_when=asyncio.FIRST_COMPLETED)
        if self._running.done():
            waiting.cancel()
            await asyncio.wait({waiting})
            ended, self._running = self._running, None
            ended.result()
        await waiting

    async def _furnish(self) -> None:
        """The first start finds the shipped packs in its database: bringing them in is a second of each test's.

        What a start does with no database at all is looked at by the operator's tests.
        """
        global _furnished
        database = self.folder / "starling.db"
        if database.exists():
            return
        if _furnished is None:
            made = Path(tempfile.mkdtemp(prefix="starling-room-"))
            atexit.register(shutil.rmtree, made, ignore_errors=True)
            settings = load(None, {"STARLING_DATABASE__URL": str(made / "starling.db")}, {})
            async with build(settings, SteppedClock(), {}):
                pass
            _furnished = made / "starling.db"
        shutil.copy(_furnished, database)

    async def stop(self) -> None:
        """SIGTERM."""
        if self._running is not None:
            self._stop.set()
            await self._running
            self._running = None

    async def ended(self) -> None:
        """Wait until Starling ends by itself. Raises what it ended with."""
        if self._running is not None:
            await asyncio.wait({self._running}, timeout=20)
            ended, self._running = self._running, None
            assert ended.done(), "it goes on"
            ended.result()

    async def restart(self, away: float = 0) -> None:
        """Stop, let ``away`` seconds of Starling's time pass, and start again on the same database."""
        await self.stop()
        self.clock.skip(seconds=away)
        await self.start()

    async def soon(self, done: Callable[[], Any], patience: float = 20) -> Any:
        """What ``done`` returns once that is true."""
        end = time.monotonic() + patience
        while not (found := done()):
            assert time.monotonic() < end, "did not come"
            await asyncio.sleep(0.005)
        return found

    def rows(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        """What stands in the database."""
        with contextlib.closing(sqlite3.connect(self.folder / "starling.db", timeout=10)) as db:
            return db.execute(query, values).fetchall()

    def answers(self) -> list[str]:
        """The words of every answer that is kept, oldest first."""
        return [text for (text,) in self.rows("SELECT text FROM answer ORDER BY id")]

    async def at_rest(self) -> None:
        """Starling has nothing under way for anybody: what did not come until now does not come."""
        await asyncio.sleep(0.1)


async def nothing_left() -> None:
    """No task of Starling's or of a double's stays behind."""
    end = time.monotonic() + 3
    while len(asyncio.all_tasks()) > 1 and time.monotonic() < end:
        await asyncio.sleep(0.01)
    assert asyncio.all_tasks() == {asyncio.current_task()}
