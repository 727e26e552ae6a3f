"""The machine's clock, and APScheduler as what rings: one interval job and a few daily ones, none per member.

Due times live in the database; nothing here remembers anything.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from functools import partial
from typing import Any, Final

import structlog

from core.errors import DatabaseTrouble

log = structlog.get_logger(__name__)

TELL_EVERY = 60.0  # seconds between two lines about the same trouble of the database

Action = Callable[[], Awaitable[object]]

_TICK: Final = "tick"
_JOB: Final[dict[str, Any]] = {"max_instances": 1, "coalesce": True, "misfire_grace_time": None}


class SystemClock:
    """``core.ports.Clock`` on the machine's own clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


class Ticker:
    """Calls ``tick`` at once, every ``seconds``, and soon after ``wake()``; never two at a time.

    What ``tick`` or a daily action raises is logged, and the next one still comes. APScheduler only rings: the
    calls are tasks of ours, so a long one makes no "skipped" warnings and can be waited for. APScheduler goes
    by the wall clock, so a clock that is set back would silence it: after three intervals without a ring the
    tick runs all the same, and the jobs are set anew.

    ``async with Ticker(...)``, or ``start()`` and ``close()``; all on one event loop.
    """

    def __init__(self, tick: Action, *, seconds: float) -> None:
        # It costs 100 ms to import, and the console's one-shot verbs have no clock.
        from apscheduler.schedulers.asyncio import AsyncIOScheduler

        self._tick = tick
        self._seconds = seconds
        self._scheduler = AsyncIOScheduler(timezone=UTC)
        self._due = asyncio.Event()
        self._closing = False
        self._looking: asyncio.Task[None] | None = None
        self._running: set[asyncio.Task[None]] = set()
        self._ended_well: float | None = None
        self._told: dict[str, tuple[str, float]] = {}  # job -> the trouble it is in, and when that was logged

    def daily(self, name: str, hour: int, minute: int, action: Action) -> None:
        """Call ``action`` once a day at that time in UTC; a time slept through is made up for on waking."""
        from apscheduler.triggers.cron import CronTrigger

        trigger = _skipping(CronTrigger(hour=hour, minute=minute, timezone=UTC))
        self._scheduler.add_job(self._begin_daily, trigger, args=(name, action), id=name, **_JOB)

    def wake(self) -> None:
        """Let the next tick begin now, or right after the one that runs. Cheap; many calls make one tick."""
        self._due.set()

    def since_tick(self) -> float | None:
        """Seconds since a tick last ended without an error; None before the first."""
        return None if self._ended_well is None else time.monotonic() - self._ended_well

    def next_daily(self) -> dict[str, datetime]:
        """When each daily action comes next. Known once started."""
        return {job.id: job.next_run_time for job in self._scheduler.get_jobs() if job.id != _TICK}

    async def start(self) -> None:
        self._scheduler.add_job(self._ring, _every(self._seconds), id=_TICK, **_JOB)
        self._scheduler.start()
        self._due.set()
        self._looking = asyncio.create_task(self._look(), name="starling ticker")

    async def close(self, seconds: float = 10) -> None:
        """Ring no more, give what runs so many seconds to end, then cancel it. May be called again."""
        if self._closing or self._looking is None:
            return
        self._closing = True
        self._due.set()  # the look-out ends
        self._scheduler.shutdown(wait=False)
        mine = {self._looking, *self._running}
        try:
            await asyncio.wait(mine, timeout=seconds)
        finally:
            for task in mine:
                task.cancel()
        await asyncio.wait(mine, timeout=1)
        await asyncio.sleep(0)  # the scheduler shuts down in a callback of the loop

    async def __aenter__(self) -> Ticker:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def _ring(self) -> None:
        self.wake()

    async def _begin_daily(self, name: str, action: Action) -> None:
        if not self._closing:
            self._begin(name, action)

    async def _look(self) -> None:
        while True:
            try:
                async with asyncio.timeout(self._seconds * 3):
                    await self._due.wait()
            except TimeoutError:
                self._set_anew()
            if self._closing:
                return
            self._due.clear()
            await asyncio.wait({self._begin(_TICK, self._tick)})

    def _begin(self, name: str, action: Action) -> asyncio.Task[None]:
        async def call() -> None:
            await action()

        task = asyncio.create_task(call(), name=f"starling {name}")
        self._running.add(task)
        task.add_done_callback(partial(self._end, name))
        return task

    def _end(self, name: str, task: asyncio.Task[None]) -> None:
        self._running.discard(task)
        if task.cancelled():
            log.warning("cut off", job=name)
        elif isinstance(error := task.exception(), DatabaseTrouble):
            self._tell(name, error.message)
        elif error:
            log.error("failed; the next one comes all the same", job=name, exc_info=error)
        else:
            if name == _TICK:
                self._ended_well = time.monotonic()
            if self._told.pop(name, None):
                log.info("works again", job=name)

    def _tell(self, name: str, trouble: str) -> None:
        """A database that is away for an hour makes one line a minute, not one every two seconds."""
        now = time.monotonic()
        said, at = self._told.get(name, ("", 0.0))
        if trouble != said or now - at >= TELL_EVERY:
            log.warning("failed; the next one comes all the same", job=name, error=trouble)
            self._told[name] = trouble, now

    def _set_anew(self) -> None:
        """Every job's next time, counted from the present moment of a clock that was changed."""
        for job in self._scheduler.get_jobs():
            job.reschedule(_every(self._seconds) if job.id == _TICK else job.trigger)


def _every(seconds: float) -> Any:
    from apscheduler.triggers.interval import IntervalTrigger

    return _skipping(IntervalTrigger(seconds=seconds, timezone=UTC))


def _skipping(trigger: Any) -> Any:
    """``trigger`` without the times that were missed. APScheduler would count them through, one by one: a
    machine that starts in 1970 and then learns the time would stand still for an hour."""
    from apscheduler.triggers.base import BaseTrigger

    class Skipping(BaseTrigger):  # type: ignore[misc]
        def get_next_fire_time(self, previous: datetime | None, now: datetime) -> Any:
            coming = trigger.get_next_fire_time(previous, now)
            return coming if coming >= now else trigger.get_next_fire_time(None, now)

    return Skipping()
