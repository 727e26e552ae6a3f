"""Virtual time for measurements: an event loop in which hours of waiting pass as quickly as the work in between.

Time stands still while anything can run, the database's threads included, and jumps to the next timer when nothing
can. So what is measured is how the waiting was arranged, and not how quick the machine is.
"""

from __future__ import annotations

import asyncio
import contextlib
import selectors
from collections.abc import AsyncIterator, Callable, Coroutine
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from core.store.engine import Store, Tx

T = TypeVar("T")
START = datetime(2026, 3, 2, 8, tzinfo=UTC)
GLANCE = 0.02  # seconds: how long to wait for a thread before looking again


class VirtualLoop(asyncio.SelectorEventLoop):
    """``outside`` says how much is under way that no timer knows of; time waits for it."""

    def __init__(self, outside: Callable[[], int]) -> None:
        self._virtual = 0.0
        super().__init__(_Selector(self))
        self.outside = outside

    def time(self) -> float:
        return self._virtual

    def pass_(self, seconds: float) -> None:
        self._virtual += seconds


class _Selector(selectors.SelectSelector):
    def __init__(self, loop: VirtualLoop) -> None:
        super().__init__()
        self._of = loop

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(0)
        if ready or (timeout is not None and timeout <= 0):
            return ready
        if self._of.outside() or timeout is None:
            return super().select(GLANCE)
        self._of.pass_(timeout)
        return []


class VirtualClock:
    """``core.ports.Clock`` on the time of the loop it is used in."""

    def now(self) -> datetime:
        return START + timedelta(seconds=asyncio.get_running_loop().time())

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


class CountedStore(Store):
    """Knows how many of its transactions are under way."""

    under_way = 0

    @contextlib.asynccontextmanager
    async def read(self) -> AsyncIterator[Tx]:
        async with self._counted(), super().read() as tx:
            yield tx

    @contextlib.asynccontextmanager
    async def write(self) -> AsyncIterator[Tx]:
        async with self._counted(), super().write() as tx:
            yield tx

    @contextlib.asynccontextmanager
    async def _counted(self) -> AsyncIterator[None]:
        self.under_way += 1
        try:
            yield
        finally:
            self.under_way -= 1


def run_virtually(main: Callable[[CountedStore], Coroutine[Any, Any, T]], store: CountedStore) -> T:
    """Run ``main(store)`` in virtual time, in this thread, and close the store. The thread has no loop yet."""

    async def whole() -> T:
        async with store:
            return await main(store)

    with asyncio.Runner(loop_factory=lambda: VirtualLoop(lambda: store.under_way)) as runner:
        return runner.run(whole())
