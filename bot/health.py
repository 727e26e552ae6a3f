"""A small web server for monitoring: /healthz, /readyz and /metrics. On loopback unless told otherwise.

It answers with names, states and numbers alone: no text of a member, no address, no secret.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import Final

import structlog
from aiohttp import web
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    generate_latest,
)

from core.errors import SettingsError

log = structlog.get_logger(__name__)

#: Says whether one thing works. What it raises counts as "failed", and is logged.
Check = Callable[[], Awaitable[bool]]

CHECK_SECONDS: Final = 3.0
_LOOPBACK: Final = ("127.0.0.1", "::1", "localhost")


class Metrics:
    """What is counted. One per process, in a registry of its own, so that two can stand side by side."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.registry = registry
        self.deliveries = Gauge(
            "starling_deliveries",
            "Rows of the outbox by state, as of at most a minute ago.",
            ("state",),
            registry=registry,
        )
        self.interactions = Counter(
            "starling_interactions",
            "Commands, presses and forms that were answered.",
            ("platform", "outcome"),
            registry=registry,
        )
        self.acknowledged_seconds = Histogram(
            "starling_acknowledged_seconds",
            "How long it took until a platform had the first answer to an interaction. Both wait 3 s.",
            buckets=(0.05, 0.1, 0.2, 0.3, 0.5, 1, 2, 3),
            registry=registry,
        )
        self.tick_seconds = Histogram(
            "starling_tick_seconds",
            "How long one look for what is due took.",
            buckets=(0.001, 0.005, 0.02, 0.1, 0.5, 1, 2, 5, 15, 60),
            registry=registry,
        )

    def watch(self, platform: str) -> Callable[[str, float], None]:
        """Counts that platform's interactions: (outcome, seconds to the first answer)."""

        def count(outcome: str, seconds: float) -> None:
            self.interactions.labels(platform, outcome).inc()
            self.acknowledged_seconds.observe(seconds)

        return count


@contextlib.asynccontextmanager
async def serve(
    *,
    host: str = "127.0.0.1",
    port: int,
    checks: Mapping[str, Check],
    registry: CollectorRegistry,
    check_seconds: float = CHECK_SECONDS,
) -> AsyncIterator[int]:
    """Serve while the block runs; gives the port, which the system chooses when ``port`` is 0.

    Raises SettingsError when the address cannot be listened on. A check that takes longer than
    ``check_seconds`` counts as "timed out", so that /readyz itself always answers.
    """

    async def alive(_request: web.Request) -> web.Response:
        return web.json_response({"alive": True})

    async def ready(_request: web.Request) -> web.Response:
        states = await asyncio.gather(*(_state(name, check, check_seconds) for name, check in checks.items()))
        good = all(state == "ok" for state in states)
        body = {"ready": good, "checks": dict(zip(checks, states, strict=True))}
        return web.json_response(body, status=200 if good else 503)

    async def metrics(_request: web.Request) -> web.Response:
        return web.Response(body=generate_latest(registry), headers={"Content-Type": CONTENT_TYPE_LATEST})

    app = web.Application()
    app.router.add_get("/healthz", alive)
    app.router.add_get("/readyz", ready)
    app.router.add_get("/metrics", metrics)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=check_seconds)
    await runner.setup()
    try:
        try:
            await web.TCPSite(runner, host, port).start()
        except OSError as error:
            raise SettingsError(
                f"The health server cannot listen on {host}:{port} ({error.strerror or 'no such address'}). "
                "Set health.host and health.port to a free address, or health.enabled = false."
            ) from error
        bound = int(runner.addresses[0][1])
        log.info("health server listens", host=host, port=bound)
        if host not in _LOOPBACK:
            log.warning("health server has no password and is not on loopback", host=host)
        yield bound
    finally:
        await runner.cleanup()


async def _state(name: str, check: Check, seconds: float) -> str:
    """ "ok", "failed" or "timed out"."""
    try:
        async with asyncio.timeout(seconds):
            return "ok" if await check() else "failed"
    except TimeoutError:
        return "timed out"
    except Exception:
        log.warning("a readiness check failed", check=name, exc_info=True)
        return "failed"
