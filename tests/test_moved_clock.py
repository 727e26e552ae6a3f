"""The clock that tests move by hand keeps the contract of core.ports.Clock."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from moved_clock import MovedClock

from core.ports import Clock


async def test_nobody_wakes_before_their_time(clock: MovedClock) -> None:
    port: Clock = clock
    sleeper = asyncio.create_task(port.sleep(60))
    await asyncio.sleep(0)
    clock.advance(59)
    await asyncio.sleep(0)
    assert not sleeper.done() and clock.sleepers == 1
    clock.advance(1)
    await asyncio.wait_for(sleeper, 1)
    assert clock.sleepers == 0


async def test_turning_the_hands_wakes_nobody(clock: MovedClock) -> None:
    began = clock.now()
    sleeper = asyncio.create_task(clock.sleep(60))
    await asyncio.sleep(0)
    clock.set(began + timedelta(hours=1))
    await asyncio.sleep(0)
    assert not sleeper.done() and clock.now() == began + timedelta(hours=1)
    clock.set(began - timedelta(hours=1))
    await clock.run(minutes=1)
    assert sleeper.done() and clock.now() == began - timedelta(minutes=59)


async def test_a_loop_of_sleeps_sees_every_instant_it_asked_for(clock: MovedClock) -> None:
    seen = []

    async def tick(seconds: float) -> None:
        while True:
            await clock.sleep(seconds)
            seen.append((clock.now() - began).total_seconds())

    began = clock.now()
    loops = [asyncio.create_task(tick(20)), asyncio.create_task(tick(30))]
    await clock.run(minutes=1)
    assert seen == [20, 30, 40, 60, 60]
    for loop in loops:
        loop.cancel()
    await asyncio.gather(*loops, return_exceptions=True)
    assert clock.sleepers == 0
    await clock.run(minutes=1)
    assert len(seen) == 5


def test_instants_are_aware_and_time_does_not_run_backwards(clock: MovedClock) -> None:
    assert clock.now().tzinfo is UTC
    with pytest.raises(ValueError, match="zone"):
        clock.set(datetime(2026, 1, 1))
    with pytest.raises(ValueError, match="backwards"):
        clock.advance(-1)
