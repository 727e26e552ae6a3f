"""``starling bench due``: a minute in which everybody's question is due.

Claims alone, in the process that goes on answering members: how long they take, what they cost the event loop and
memory, and how much longer members and other writers wait meanwhile than when nothing is due.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from adapters.clock import SystemClock
from bot.bench import Bench, Result, figure, spread, timed
from bot.build import services_of
from core.call import Where, Who
from core.delivery.due import Expiry, claim_due
from core.dispatch import Dispatcher
from core.founding import found_group
from core.rules.due import Rule
from core.starters import install_starters
from core.store import facts
from core.store.engine import Store
from core.store.seeding import Size, fill
from core.store.seeding_due import Crowd, fill_due
from core.text import as_text

HERE = Where("console", server_id="bench", channel_id="bench", name="Bench")
SPEAKERS = 200
# Seconds: 600 commands a minute, the most that one home may ask. Each is a command of its own, whether or not the last
# one has its reply.
ASK_EVERY = 0.1
AT_ONCE = 20  # members who wait at one time; where the machine cannot keep up there are no more
WRITE_EVERY = 0.05  # seconds after the last one
LAG_EVERY = 0.005
IDLE = 5.0  # seconds during which nothing is due, to compare with

CLAIM_LIMIT_S = 5.0  # for 100,000; fewer have as much less
LAG_LIMIT_MS = 50.0
MEMORY_LIMIT_MIB = 60.0
SLOWER_LIMIT = 3.0


@dataclass(slots=True)
class Ahead:
    """The system's clock, so much ahead: what is due in two days is due now."""

    by: timedelta = timedelta()

    def now(self) -> datetime:
        return SystemClock().now() + self.by

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


@dataclass(slots=True)
class Seen:
    """What was measured over one stretch of time: latencies and lags in ms, the most memory in MiB."""

    asked: list[float] = field(default_factory=list)
    wrote: list[float] = field(default_factory=list)
    lags: list[float] = field(default_factory=list)
    held: list[float] = field(default_factory=list)  # by each batch, seconds
    memory: float = 0.0


async def measure(bench: Bench) -> list[Result]:
    store, clock = bench.store, SystemClock()
    minute = clock.now().replace(second=0, microsecond=0)
    app = services_of(bench.settings, store, clock)
    await install_starters(store, minute)
    async with store.write() as tx:
        rule = Rule((minute - timedelta(hours=1)).time(), "UTC")
        founded = await found_group(tx, HERE, "Bench", rule, ("behavioural",), minute, drop_now=True)
    await fill(store, founded.group_id, HERE.platform, Size(SPEAKERS, SPEAKERS * 10), minute)
    bench.tell(f"Filling {bench.size:,} subscriptions ...")
    drops = bench.size // 100
    await fill_due(store, Crowd(bench.size - drops, drops, yesterday=True), minute + timedelta(days=1))

    dispatcher = Dispatcher(app)

    async def ask(n: int) -> None:
        number = n // 2 % SPEAKERS
        who = Who(HERE.platform, f"m{number}", f"Member {number}")
        as_text(await dispatcher.line(("today", "streak")[n % 2], who, HERE, can_ask=False))

    async def write(n: int) -> None:
        async with store.write() as tx:
            await facts.set_meta(tx, "bench", str(n))

    for n in range(2 * SPEAKERS):  # what each says for the first time is said once
        await ask(n)
    idle, busy = Seen(), Seen()
    async with _watched(idle, ask, write):
        await asyncio.sleep(IDLE)
    taken = [await _round(store, n, bench.size, busy, ask, write) for n in range(bench.rounds)]
    ahead = Ahead(timedelta(days=bench.rounds, hours=2))

    async def nothing_due(_: int) -> int:
        return await claim_due(store, ahead, Expiry())

    tick = await timed("a look when nothing is due", nothing_due, 200)
    return [*_figures(bench.size, taken, idle, busy), tick]


async def _round(
    store: Store,
    n: int,
    size: int,
    seen: Seen,
    ask: Callable[[int], Awaitable[None]],
    write: Callable[[int], Awaitable[None]],
) -> float:
    """Seconds for everybody's next question. An hour later than its day: some zone may have changed its clocks."""
    ahead = Ahead(timedelta(days=n + 1, hours=1))
    async with _watched(seen, ask, write):
        begun = time.perf_counter()
        claimed = await claim_due(store, ahead, Expiry(), held=seen.held)
        took = time.perf_counter() - begun
    assert claimed >= size, f"{claimed} of {size} were due"
    return took


def _figures(size: int, taken: list[float], idle: Seen, busy: Seen) -> list[Result]:
    slowest = max(taken)
    asked_idle, asked = spread(idle.asked), spread(busy.asked)
    return [
        figure("claimed, slowest round", slowest, "s", CLAIM_LIMIT_S * max(size, 10_000) / 100_000),
        figure("claims a second", size / slowest, "rows"),
        figure("longest that a batch kept writers waiting", max(busy.held) * 1000, "ms"),
        _spread("loop lag, idle", idle.lags),
        _spread("loop lag, meanwhile", busy.lags, LAG_LIMIT_MS),
        figure("memory, idle", idle.memory, "MiB"),
        figure("memory above idle", busy.memory - idle.memory, "MiB", MEMORY_LIMIT_MIB),
        _spread("today and streak, idle", idle.asked),
        _spread("today and streak, meanwhile", busy.asked),
        figure("p99 meanwhile to p99 idle", asked[1] / asked_idle[1], "times", SLOWER_LIMIT),
        _spread("another write, idle", idle.wrote),
        _spread("another write, meanwhile", busy.wrote),
    ]


def _spread(name: str, taken: list[float], limit: float | None = None) -> Result:
    p50, p99 = spread(taken)
    found: Result = {"name": name, "p50_ms": round(p50, 3), "p99_ms": round(p99, 3)}
    return found if limit is None else found | {"limit": limit, "held": p99 <= limit}


@contextlib.asynccontextmanager
async def _watched(
    seen: Seen, ask: Callable[[int], Awaitable[None]], write: Callable[[int], Awaitable[None]]
) -> AsyncIterator[None]:
    """Members ask, somebody else writes and the loop is watched, until the block ends."""
    gc.collect()
    running = asyncio.Event()
    running.set()

    async def timed_into(taken: list[float], work: Awaitable[None]) -> None:
        begun = time.perf_counter()
        await work
        taken.append((time.perf_counter() - begun) * 1000)

    async def asking() -> None:
        """In step with the clock, not with the replies: a slow reply must not hide the wait of the next one."""
        begun, n = time.perf_counter(), 0
        patience = asyncio.Semaphore(AT_ONCE)

        async def one(n: int) -> None:
            try:
                await timed_into(seen.asked, ask(n))
            finally:
                patience.release()

        async with asyncio.TaskGroup() as group:
            while running.is_set():
                await patience.acquire()
                group.create_task(one(n))
                n += 1
                await asyncio.sleep(max(0.0, begun + n * ASK_EVERY - time.perf_counter()))

    async def writing() -> None:
        n = 0
        while running.is_set():
            await timed_into(seen.wrote, write(n))
            n += 1
            await asyncio.sleep(WRITE_EVERY)

    async def lag() -> None:
        while running.is_set():
            begun = time.perf_counter()
            await asyncio.sleep(LAG_EVERY)
            seen.lags.append((time.perf_counter() - begun - LAG_EVERY) * 1000)
            seen.memory = max(seen.memory, _memory())

    async with asyncio.TaskGroup() as group:
        group.create_task(asking())
        group.create_task(writing())
        group.create_task(lag())
        await asyncio.sleep(0)
        yield
        running.clear()


def _memory() -> float:
    """This process's resident memory, MiB; 0 where the system does not say."""
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    except OSError:
        return 0.0
    return pages * 4096 / 2**20
