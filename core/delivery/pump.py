"""Sending one scope's queue: several rows at once, but one after the other in each channel and to each person."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import timedelta

from core.delivery.carrier import Carrier
from core.errors import StoreError
from core.ports import BEGIN_WITHIN, CALL_WITHIN
from core.services import Services
from core.store import queue
from core.store.queue import Waiting

# How long a row may stand at ``sending`` before somebody else looks at it: what was begun in time has ended by then.
# The carrier calls the sender in time, then the sender has as long until its request goes out, and then that one runs.
LEASE = timedelta(seconds=2 * BEGIN_WITHIN + CALL_WITHIN + 2)
AHEAD = 4  # rows put in order for each that is under way: what is more urgent waits no longer than for those


class Pump:
    """Takes and sends what waits in ``scope`` until nothing more can go now. Used once.

    ``leased``: rows are taken only while ``worker`` holds the scope's lease.
    """

    def __init__(
        self, app: Services, carrier: Carrier, scope: str, worker: str, at_once: int, *, leased: bool
    ) -> None:
        self._app = app
        self._carrier = carrier
        self._scope = scope
        self._worker = worker
        self._at_once = at_once
        self._leased = leased
        self._line: list[Waiting] = []
        self._busy: dict[asyncio.Task[None], str] = {}  # what is under way, with its lane
        self._broken: list[BaseException] = []

    async def run(self, stopping: Callable[[], bool]) -> None:
        """Raises what the database raised, once what is under way has ended; it is taken up again later.

        Cancelled, it cuts off what is under way.
        """
        try:
            while not (stopping() or self._broken):
                if await self._begins():
                    continue
                if not self._busy:
                    break
                await self._one_ends()
            while self._busy:
                await self._one_ends()
        finally:
            for task in self._busy:
                task.cancel()
            if self._busy:
                await asyncio.wait(self._busy)
        if self._broken:
            raise self._broken[0]

    async def _begins(self) -> bool:
        try:
            return await self._begin()
        except StoreError as error:  # no call under way is cut off for that: it may have arrived
            self._broken.append(error)
            return False

    async def _begin(self) -> bool:
        """Send what may go beside what is under way; whether there was anything."""
        room = self._at_once - len(self._busy)
        if not room:
            return False
        if not self._line:
            async with self._app.store.read() as tx:
                limit = self._at_once * AHEAD
                self._line = await queue.waiting(tx, self._scope, self._app.clock.now(), limit)
        chosen = self._chosen(room)
        if not chosen:
            return False
        taken = asyncio.get_running_loop().time()
        async with self._app.store.write() as tx:
            now = self._app.clock.now()
            rows = await queue.take(tx, list(chosen), self._worker, now, LEASE, leased=self._leased)
        for row in rows:  # the rest is in other hands
            task = asyncio.create_task(self._carrier.carry(row, taken), name=f"starling {row.key}")
            task.add_done_callback(seen)
            self._busy[task] = chosen[row.key]
        return bool(rows)

    def _chosen(self, room: int) -> dict[str, str]:
        """Keys and lanes out of the line: in each lane the first alone, and only when nothing is under way there."""
        lanes, chosen = set(self._busy.values()), dict[str, str]()
        for one in self._line:
            if one.lane not in lanes and len(chosen) < room:
                chosen[one.key] = one.lane
            lanes.add(one.lane)
        self._line = [one for one in self._line if one.key not in chosen]
        return chosen

    async def _one_ends(self) -> None:
        done, _ = await asyncio.wait(self._busy, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            del self._busy[task]
            if error := task.exception():
                self._broken.append(error)


def seen(task: asyncio.Task[None]) -> None:
    """What ``task`` ended with is raised or logged by whoever waits for it; asyncio need not tell it as well."""
    if not task.cancelled():
        task.exception()
