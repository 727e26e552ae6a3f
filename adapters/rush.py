"""When many press at once, everybody is answered first and worked for afterwards.

A chat platform waits three seconds for the first answer to a press; what is asked for may take longer, above all
when two hundred ask at once (docs/decisions/0007-acknowledge-first.md).
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Iterator

GATHER = 1.0  # seconds that work waits at most for others' first answers
LULL = 0.02  # seconds without a new one after which a burst is over
AT_ONCE = 16  # requests that are worked on together; more would only slow each other down


class Rush:
    """``with rush.first(): <answer>``, then ``async with rush.work(): <do what was asked>``."""

    def __init__(self) -> None:
        self._waiting = 0  # first answers that are under way
        self._last = 0.0  # when the newest of them was given
        self._lull: asyncio.Task[None] | None = None  # what all who have work to do wait for
        self._room = asyncio.Semaphore(AT_ONCE)

    @contextlib.contextmanager
    def first(self) -> Iterator[None]:
        """First answers come before everybody's work."""
        self._waiting += 1
        try:
            yield
        finally:
            self._waiting -= 1
            self._last = time.monotonic()

    @property
    def busy(self) -> bool:
        """First answers are under way, or were a moment ago: more may come right behind."""
        return self._waiting > 0 or time.monotonic() - self._last < LULL

    @contextlib.asynccontextmanager
    async def work(self) -> AsyncIterator[None]:
        """One's turn to work: after the first answers that are under way and those that come right behind."""
        await self.lull()
        async with self._room:
            yield

    async def lull(self) -> None:
        """Return when no first answer is under way, or after ``GATHER``."""
        if self.busy:
            if self._lull is None or self._lull.done():
                self._lull = asyncio.create_task(self._until_lull(), name="starling lull")
            await asyncio.shield(self._lull)

    async def _until_lull(self) -> None:
        began = time.monotonic()
        while self.busy and time.monotonic() - began < GATHER:  # noqa: ASYNC110 - it ends by time passing
            await asyncio.sleep(LULL)
