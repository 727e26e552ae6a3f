"""A clock that tests move by hand."""

from __future__ import annotations

import asyncio
import heapq
import itertools
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta


async def _let_others_run() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


class MovedClock:
    """Implements core.ports.Clock in virtual time: nothing passes unless the test says so.

    ``advance`` lets time pass and wakes who has slept long enough. ``set`` turns the hands, as an operator or
    NTP does: ``now`` changes, but nobody has slept any longer for it. ``run`` lets time pass from sleeper to
    sleeper, so that a loop of sleeps sees every instant it asked for.
    """

    def __init__(self, now: datetime) -> None:
        self._now = _aware(now)
        self._passed = timedelta()
        self._sleepers: list[tuple[timedelta, int, asyncio.Future[None]]] = []
        self._order = itertools.count()

    def now(self) -> datetime:
        return self._now

    async def sleep(self, seconds: float) -> None:
        if seconds <= 0:
            await asyncio.sleep(0)
            return
        woken: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (self._passed + timedelta(seconds=seconds), next(self._order), woken))
        await woken

    @property
    def sleepers(self) -> int:
        """How many sleep at present."""
        return sum(not woken.done() for _, _, woken in self._sleepers)

    def set(self, now: datetime) -> None:
        """Turn the hands, forwards or back."""
        self._now = _aware(now)

    def advance(self, seconds: float = 0, *, minutes: float = 0, hours: float = 0, days: float = 0) -> None:
        """Let that much time pass at once. Who wakes runs when the test next awaits something."""
        self._pass(timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds))

    async def run(
        self,
        seconds: float = 0,
        *,
        minutes: float = 0,
        hours: float = 0,
        days: float = 0,
        settle: Callable[[], Awaitable[None]] = _let_others_run,
    ) -> None:
        """Let that much time pass, stopping for each sleeper; ``settle`` waits until the woken have done their
        part (the default is enough for what awaits no thread and no socket)."""
        end = self._passed + timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
        await settle()
        while self._passed < end:
            while self._sleepers and self._sleepers[0][2].done():
                heapq.heappop(self._sleepers)  # cancelled
            due = min(self._sleepers[0][0], end) if self._sleepers else end
            self._pass(due - self._passed)
            await settle()

    def _pass(self, time: timedelta) -> None:
        if time < timedelta():
            raise ValueError("time does not run backwards; set() turns the hands")
        self._passed += time
        self._now += time
        while self._sleepers and self._sleepers[0][0] <= self._passed:
            woken = heapq.heappop(self._sleepers)[2]
            if not woken.done():
                woken.set_result(None)


def _aware(instant: datetime) -> datetime:
    if instant.tzinfo is None:
        raise ValueError("a clock needs an instant with a zone")
    return instant.astimezone(UTC)
