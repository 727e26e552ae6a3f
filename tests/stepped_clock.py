"""A clock for the whole of Starling: real seconds, from a moment of the test's own."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

START = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)


class SteppedClock:
    """Runs like the machine's, from ``START``; ``skip`` moves its hands."""

    def __init__(self, now: datetime = START) -> None:
        self._offset = now - datetime.now(UTC)

    def now(self) -> datetime:
        return datetime.now(UTC) + self._offset

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)

    def skip(self, **time_: float) -> None:
        self._offset += timedelta(**time_)
