"""The health server, asked over a real socket."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiohttp import ClientSession
from prometheus_client import CollectorRegistry

from bot.health import Check, Metrics, serve
from core.errors import SettingsError


async def good() -> bool:
    return True


async def bad() -> bool:
    return False


async def raises() -> bool:
    raise ConnectionError("postgresql://me:hunter22@db/starling refused")


async def hangs() -> bool:
    await asyncio.Event().wait()
    return True


@asynccontextmanager
async def asked(registry: CollectorRegistry | None = None, **checks: Check) -> AsyncIterator[Any]:
    """``await get("/path")`` -> (status, text)."""
    served = serve(port=0, checks=checks, registry=registry or CollectorRegistry(), check_seconds=0.05)
    async with served as port, ClientSession(f"http://127.0.0.1:{port}") as client:

        async def get(path: str) -> tuple[int, str]:
            async with client.get(path) as response:
                return response.status, await response.text()

        yield get


async def test_a_living_process_says_so_whatever_is_broken() -> None:
    async with asked(database=bad) as get:
        assert await get("/healthz") == (200, '{"alive": true}')


async def test_it_is_ready_when_every_check_is_good() -> None:
    async with asked(database=good, tick=good) as get:
        assert await get("/readyz") == (200, '{"ready": true, "checks": {"database": "ok", "tick": "ok"}}')


@pytest.mark.parametrize(("check", "state"), [(bad, "failed"), (raises, "failed"), (hangs, "timed out")])
async def test_one_bad_check_makes_it_unready_and_is_named_without_details(check: Check, state: str) -> None:
    async with asked(database=check, tick=good) as get:
        status, text = await get("/readyz")
        assert (status, text) == (
            503,
            f'{{"ready": false, "checks": {{"database": "{state}", "tick": "ok"}}}}',
        )
        assert (await get("/healthz"))[0] == 200


async def test_checks_run_side_by_side_so_that_slow_ones_do_not_add_up() -> None:
    met = asyncio.Barrier(3)

    async def together() -> bool:
        await met.wait()
        return True

    async with asked(a=together, b=together, c=together) as get:
        assert (await get("/readyz"))[0] == 200


async def test_metrics_count_what_was_told_to_them_and_two_processes_share_nothing() -> None:
    first, second = Metrics(CollectorRegistry()), Metrics(CollectorRegistry())
    first.deliveries.labels(state="sent").set(3)
    first.interactions.labels(platform="discord", outcome="answered").inc()
    first.tick_seconds.observe(0.3)
    async with asked(first.registry) as get, asked(second.registry) as get_other:
        status, text = await get("/metrics")
        assert status == 200
        assert 'starling_deliveries{state="sent"} 3.0' in text
        assert 'starling_interactions_total{outcome="answered",platform="discord"} 1.0' in text
        assert 'starling_tick_seconds_bucket{le="0.5"} 1.0' in text
        assert 'state="sent"' not in (await get_other("/metrics"))[1]


async def test_the_page_of_metrics_is_of_the_kind_that_prometheus_reads() -> None:
    async with (
        serve(port=0, checks={}, registry=CollectorRegistry()) as port,
        ClientSession() as client,
        client.get(f"http://127.0.0.1:{port}/metrics") as response,
    ):
        assert response.content_type == "text/plain"


async def test_nothing_else_is_served() -> None:
    async with asked() as get:
        assert (await get("/"))[0] == 404


async def test_a_port_that_is_taken_is_told_with_the_keys_to_change() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(SettingsError, match=rf"127\.0\.0\.1:{port} .*health\.port"):
            async with serve(port=port, checks={}, registry=CollectorRegistry()):
                pass


async def test_closing_frees_the_port_and_leaves_no_task_even_with_a_question_under_way() -> None:
    begun = asyncio.Event()

    async def slow() -> bool:
        begun.set()
        return await hangs()

    before = asyncio.all_tasks()
    server = serve(port=0, checks={"slow": slow}, registry=CollectorRegistry(), check_seconds=0.05)
    port = await server.__aenter__()
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"GET /readyz HTTP/1.1\r\nHost: x\r\n\r\n")
    await begun.wait()
    await server.__aexit__(None, None, None)
    writer.close()
    await writer.wait_closed()
    assert asyncio.all_tasks() == before
    with socket.socket() as again:
        again.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        again.bind(("127.0.0.1", port))
    assert reader
