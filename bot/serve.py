"""``starling run``: every platform that has a token, one database, one clock, until told to stop."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import signal
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from functools import partial

import structlog
from prometheus_client import CollectorRegistry

from adapters.clock import SystemClock, Ticker
from bot.build import App, build
from bot.health import Check, Metrics
from bot.health import serve as serve_health
from bot.platforms import Platform, platforms
from bot.settings import Settings
from core import __version__
from core.errors import SettingsError
from core.events import Events
from core.ports import Clock
from core.store import deliveries

log = structlog.get_logger(__name__)

LAST_POST = 4.0  # seconds that a post under way gets at a stop; the next start takes up what is cut off
COUNT_EVERY = 60.0  # seconds between two counts of the outbox for /metrics


async def serve(settings: Settings) -> None:
    """Run until SIGTERM or SIGINT. Raises SettingsError for what the operator has to put right."""
    if not settings.discord.token and not settings.slack.tokens:
        raise SettingsError(
            "There is nothing for “run” to serve: no platform has a token. Set discord.token (docs/discord.md says "
            "how to get one) or slack.bot_token (docs/slack.md), or practise without any account: starling console"
        )
    stop = asyncio.Event()
    with _signals(stop):
        await run(settings, stop, settled=_keep_for_good)


def _keep_for_good() -> None:
    """What is here at the start stays: looking through it again and again for garbage takes a tenth of a second, in
    which nobody's press is answered. For a process that does nothing else."""
    gc.collect()
    gc.freeze()


async def run(
    settings: Settings,
    stop: asyncio.Event,
    clock: Clock | None = None,
    *,
    settled: Callable[[], None] = lambda: None,
) -> None:
    """Everything between start and stop. Ends when ``stop`` is set, or with the error that ended the last platform.

    ``settled`` is called once everything stands and nothing has been heard yet.
    """
    clock = clock or SystemClock()
    metrics = Metrics(CollectorRegistry())
    tickers: list[Ticker] = []

    def wake() -> None:
        for ticker in tickers:
            ticker.wake()

    def notes() -> Mapping[str, str]:
        age = tickers[0].since_tick() if tickers else None
        return {"version": __version__, "last tick": f"{age:.0f} s ago" if age is not None else "none yet"}

    async with contextlib.AsyncExitStack() as stack:
        # Opened first, closed last: the senders' connections outlive the outbox that uses them.
        served = platforms(settings, clock)
        for one in served.values():
            await stack.enter_async_context(one.link)
        connections: list[asyncio.Task[None]] = []
        stack.push_async_callback(_ended, connections)
        app = await stack.enter_async_context(
            build(
                settings,
                clock,
                {name: one.link.sender for name, one in served.items()},
                places={name: one.link.places for name, one in served.items()},
                wake=wake,
                notes=notes,
            )
        )

        counted = 0.0

        async def count_deliveries() -> None:
            nonlocal counted
            if settings.health.enabled and time.monotonic() - counted > COUNT_EVERY:
                counted = time.monotonic()
                async with app.services.store.read() as tx:
                    for state, rows in (await deliveries.counts(tx)).items():
                        metrics.deliveries.labels(state).set(rows)

        async def tick() -> None:
            began = time.perf_counter()
            await app.outbox.beat()
            metrics.tick_seconds.observe(time.perf_counter() - began)
            await count_deliveries()

        ticker = Ticker(tick, seconds=settings.delivery.tick_seconds)
        await stack.enter_async_context(_health(settings, app, served, ticker, metrics))
        await stack.enter_async_context(ticker)
        tickers.append(ticker)
        app.ring_daily(ticker)
        stack.push_async_callback(_last_posts, app, ticker)
        stack.push_async_callback(_drained, served)
        stack.callback(app.outbox.stop)
        for name, one in served.items():
            one.link.hear(app.dispatcher, Events(app.services, app.dispatcher), metrics.watch(name))

        settled()
        log.info("starting", version=__version__, platforms=[*served])
        connections += [
            asyncio.create_task(one.link.serve(partial(one.ready, app.services)), name=name)
            for name, one in served.items()
        ]
        await _until(stop, connections)
        log.info("stopping")


async def _until(stop: asyncio.Event, connections: Sequence[asyncio.Task[None]]) -> None:
    """Return when ``stop`` is set. Raises what a connection ended with before.

    Where the operator has to mend one platform's settings, the others are served on until the last of them ends.
    """
    waiting = asyncio.create_task(stop.wait(), name="starling stop")
    left = [*connections]
    try:
        while left:
            done, _ = await asyncio.wait({waiting, *left}, return_when=asyncio.FIRST_COMPLETED)
            for connection in [each for each in left if each in done]:
                left.remove(connection)
                try:
                    connection.result()
                except SettingsError as error:
                    if not left:
                        raise
                    log.error("a platform is not served", platform=connection.get_name(), why=error.message)
            if waiting in done:
                return
    finally:
        waiting.cancel()


async def _ended(connections: Sequence[asyncio.Task[None]]) -> None:
    """Connections stay up while what is under way ends; then they go, also one that is still trying to begin."""
    for connection in connections:
        connection.cancel()
    await asyncio.gather(*connections, return_exceptions=True)


async def _last_posts(app: App, ticker: Ticker) -> None:
    """What is being posted gets a moment to end; what is cut off is the next start's to look after."""
    await asyncio.gather(ticker.close(LAST_POST), app.outbox.close(LAST_POST))


async def _drained(served: Mapping[str, Platform]) -> None:
    """All at once: a slow platform takes nothing of another's time."""
    await asyncio.gather(*(one.link.drain() for one in served.values()))


@contextlib.asynccontextmanager
async def _health(
    settings: Settings, app: App, served: Mapping[str, Platform], ticker: Ticker, metrics: Metrics
) -> AsyncIterator[None]:
    """The monitoring server, where it is wanted."""
    if not settings.health.enabled:
        yield
        return

    async def database() -> bool:
        async with app.services.store.read() as tx:
            await tx.exec_driver_sql("SELECT 1")
        return True

    async def clock() -> bool:
        age = ticker.since_tick()
        return age is not None and age < 60

    checks: dict[str, Check] = {"database": database, "clock": clock}
    checks |= {name: one.link.healthy for name, one in served.items()}
    async with serve_health(
        host=settings.health.host, port=settings.health.port, checks=checks, registry=metrics.registry
    ):
        yield


@contextlib.contextmanager
def _signals(stop: asyncio.Event) -> Iterator[None]:
    """SIGTERM and SIGINT ask to stop; a second one stops at once."""
    loop = asyncio.get_running_loop()

    def ask() -> None:
        if stop.is_set():
            raise KeyboardInterrupt
        stop.set()

    held = []
    for name in (signal.SIGTERM, signal.SIGINT):
        with contextlib.suppress(NotImplementedError):  # Windows
            loop.add_signal_handler(name, ask)
            held.append(name)
    try:
        yield
    finally:
        for name in held:
            loop.remove_signal_handler(name)
