"""The ticker: it rings, it never rings twice at once, nothing stops it but ``close``, and then it is gone."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import structlog
import time_machine

from adapters.clock import SystemClock, Ticker
from core.errors import DatabaseTrouble
from core.ports import Clock

SHORT = 0.01
NEVER = 60.0  # an interval so long that only wake() makes ticks


class Ticks:
    """An action that counts, and can wait or fail in the middle."""

    def __init__(self) -> None:
        self.begun = 0
        self.ended = 0
        self.at_once = 0
        self.most_at_once = 0
        self.hold: asyncio.Event | None = None
        self.fail: BaseException | None = None

    async def __call__(self) -> None:
        self.begun += 1
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            if self.hold is not None:
                await self.hold.wait()
            if self.fail is not None:
                raise self.fail
            self.ended += 1
        finally:
            self.at_once -= 1


async def until(true: Callable[[], object]) -> None:
    async with asyncio.timeout(5):
        while not true():
            await asyncio.sleep(0.001)


async def settle() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


async def test_the_clock_tells_the_time_in_utc_and_sleeps() -> None:
    clock: Clock = SystemClock()
    before = datetime.now(UTC)
    await clock.sleep(SHORT)
    now = clock.now()
    assert now.tzinfo is UTC and now - before >= timedelta(seconds=SHORT * 0.9)


async def test_it_ticks_at_once_and_again_and_again() -> None:
    ticks = Ticks()
    async with Ticker(ticks, seconds=SHORT):
        await until(lambda: ticks.ended >= 4)


async def test_waking_makes_one_tick_soon_however_often_it_is_called() -> None:
    ticks = Ticks()
    async with Ticker(ticks, seconds=NEVER) as ticker:
        await until(lambda: ticks.ended == 1)
        for _ in range(100):
            ticker.wake()
        await until(lambda: ticks.ended == 2)
        await settle()
        assert ticks.ended == 2


async def test_waking_during_a_tick_makes_one_more_after_it_and_never_two_at_once() -> None:
    ticks = Ticks()
    ticks.hold = asyncio.Event()
    async with Ticker(ticks, seconds=NEVER) as ticker:
        await until(lambda: ticks.begun == 1)
        for _ in range(3):
            ticker.wake()
            await settle()
        assert ticks.begun == 1
        ticks.hold.set()
        await until(lambda: ticks.ended == 2)
        await settle()
    assert (ticks.ended, ticks.most_at_once) == (2, 1)


async def test_a_tick_longer_than_the_interval_is_not_overtaken() -> None:
    ticks = Ticks()
    ticks.hold = asyncio.Event()
    async with Ticker(ticks, seconds=SHORT):
        await until(lambda: ticks.begun == 1)
        await asyncio.sleep(SHORT * 5)
        assert ticks.begun == 1
        ticks.hold.set()
        await until(lambda: ticks.ended >= 3)
    assert ticks.most_at_once == 1


@pytest.mark.parametrize(
    "error", [ValueError("broken"), asyncio.CancelledError(), ExceptionGroup("g", [OSError()])]
)
async def test_an_error_in_a_tick_is_logged_and_the_next_one_comes(error: BaseException) -> None:
    ticks = Ticks()
    ticks.fail = error
    with structlog.testing.capture_logs() as logged:
        async with Ticker(ticks, seconds=SHORT) as ticker:
            await until(lambda: ticks.begun >= 2)
            assert ticker.since_tick() is None
            ticks.fail = None
            await until(lambda: ticks.ended >= 1)
    assert logged[0]["job"] == "tick" and logged[0]["log_level"] in ("error", "warning")


async def test_it_knows_how_long_ago_a_tick_ended_well() -> None:
    ticks = Ticks()
    async with Ticker(ticks, seconds=NEVER) as ticker:
        assert ticker.since_tick() is None
        await until(lambda: ticks.ended)
        await settle()
        assert 0 <= (ticker.since_tick() or 0) < 5


async def test_closing_waits_for_the_running_tick_and_leaves_no_task() -> None:
    before = asyncio.all_tasks()
    ticks = Ticks()
    ticks.hold = asyncio.Event()
    ticker = Ticker(ticks, seconds=SHORT)
    await ticker.start()
    await until(lambda: ticks.begun)
    closing = asyncio.create_task(ticker.close())
    await settle()
    assert not closing.done()
    ticks.hold.set()
    await closing
    assert (ticks.begun, ticks.ended) == (1, 1)
    assert asyncio.all_tasks() == before
    ticker.wake()
    await ticker.close()
    await asyncio.sleep(SHORT * 3)
    assert ticks.begun == 1


async def test_closing_cuts_off_a_tick_that_does_not_end() -> None:
    before = asyncio.all_tasks()
    ticks = Ticks()
    ticks.hold = asyncio.Event()
    ticker = Ticker(ticks, seconds=SHORT)
    ticker.daily("recount", 3, 0, ticks)
    await ticker.start()
    await until(lambda: ticks.begun)
    began = time.monotonic()
    with structlog.testing.capture_logs() as logged:
        await ticker.close(seconds=0.05)
    assert time.monotonic() - began < 2
    assert (ticks.begun, ticks.ended, ticks.at_once) == (1, 0, 0)
    assert {"event": "cut off", "job": "tick", "log_level": "warning"} in logged
    assert asyncio.all_tasks() == before


async def test_a_ticker_that_was_never_started_can_be_closed() -> None:
    await Ticker(Ticks(), seconds=SHORT).close()


async def test_two_tickers_in_one_process_share_nothing() -> None:
    first, second = Ticks(), Ticks()
    async with Ticker(first, seconds=SHORT) as one:
        one.daily("recount", 1, 0, first)
        async with Ticker(second, seconds=NEVER) as other:
            other.daily("recount", 2, 0, second)
            await until(lambda: second.ended)
            assert (one.next_daily()["recount"].hour, other.next_daily()["recount"].hour) == (1, 2)
        seen = first.ended
        await until(lambda: first.ended > seen)
    assert second.ended == 1


async def test_a_daily_action_comes_at_its_time_in_utc_and_an_error_in_it_hurts_nobody() -> None:
    ticks, recount, backup = Ticks(), Ticks(), Ticks()
    recount.fail = OSError("no room")
    with (
        time_machine.travel(datetime(2026, 3, 29, 2, 59, 59, 900_000, tzinfo=UTC)),
        structlog.testing.capture_logs() as logged,
    ):
        ticker = Ticker(ticks, seconds=SHORT)
        ticker.daily("recount", 3, 0, recount)
        async with ticker:
            ticker.daily("backup", 3, 30, backup)
            assert ticker.next_daily() == {
                "recount": datetime(2026, 3, 29, 3, tzinfo=UTC),
                "backup": datetime(2026, 3, 29, 3, 30, tzinfo=UTC),
            }
            assert recount.begun == 0
            await until(lambda: recount.begun)
            seen = ticks.ended
            await until(lambda: ticks.ended > seen)
            assert ticker.next_daily()["recount"] == datetime(2026, 3, 30, 3, tzinfo=UTC)
    assert (recount.begun, backup.begun) == (1, 0)
    assert [entry["job"] for entry in logged if entry["log_level"] == "error"] == ["recount"]


@pytest.mark.parametrize(
    "step", [timedelta(hours=-1), timedelta(hours=1), timedelta(days=-365), timedelta(days=20_000)]
)
async def test_a_clock_that_is_changed_does_not_stop_or_block_it(step: timedelta) -> None:
    ticks, recount = Ticks(), Ticks()
    start = datetime(2026, 3, 2, 12, tzinfo=UTC)
    with time_machine.travel(start) as moved:
        ticker = Ticker(ticks, seconds=SHORT)
        ticker.daily("recount", 3, 0, recount)
        async with ticker:
            await until(lambda: ticks.ended >= 2)
            began = time.monotonic()
            moved.move_to(start + step)
            for _ in range(3):
                seen = ticks.ended
                await until(lambda seen=seen: ticks.ended >= seen + 2)  # type: ignore[misc]
            assert time.monotonic() - began < 3
            await until(lambda: ticker.next_daily()["recount"] - (start + step) <= timedelta(days=1))
    assert recount.begun <= 1


def test_the_clock_costs_nothing_until_there_is_a_ticker() -> None:
    code = (
        "import sys, adapters.clock; print(*[name for name in sys.modules if name.startswith('apscheduler')])"
    )
    root = Path(__file__).parents[1]
    run = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True)
    assert run.stdout.strip() == ""


async def test_a_database_that_is_away_is_one_plain_line_and_one_more_when_it_is_back() -> None:
    ticks = Ticks()
    ticks.fail = DatabaseTrouble("The disk is full.")
    with structlog.testing.capture_logs() as lines:
        async with Ticker(ticks, seconds=SHORT):
            await until(lambda: ticks.begun > 3)
            ticks.fail = DatabaseTrouble("The disk does not answer.")
            before = ticks.begun
            await until(lambda: ticks.begun > before + 2)
            ticks.fail = None
            await until(lambda: ticks.ended > 1)
    assert [(line["event"], line.get("error")) for line in lines] == [
        ("failed; the next one comes all the same", "The disk is full."),
        ("failed; the next one comes all the same", "The disk does not answer."),
        ("works again", None),
    ]
    assert not any("exc_info" in line for line in lines)
