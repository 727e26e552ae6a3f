"""Starling keeps to Slack's pace by itself: in virtual time, whatever the clock does."""

from __future__ import annotations

import asyncio
import itertools
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from moved_clock import MovedClock

from adapters.slack.pace import KEPT, Pace

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


class Run:
    """Messages in virtual time. ``at`` has the seconds after the start at which each went out, with its channel."""

    def __init__(self, clock: MovedClock | None = None, per_minute: int = 300, takes: float = 0.0) -> None:
        self.clock = clock or MovedClock(NOON)
        self.pace = Pace(self.clock, per_minute)
        self.takes = takes
        self.passed = 0.0
        self.at: list[tuple[float, str]] = []
        self.waits: list[float] = []
        self._tasks: list[asyncio.Task[None]] = []

    def post(self, channel: str, number: int = 1, patience: float = 1e9) -> None:
        async def one() -> None:
            async with self.pace.channel(channel):
                if wait := await self.pace.turn(patience):
                    self.waits.append(wait)
                    return
                self.at.append((round(self.passed, 3), channel))
                if self.takes:
                    await self.clock.sleep(self.takes)

        self._tasks += [asyncio.create_task(one()) for _ in range(number)]

    async def pass_(self, seconds: float, step: float = 0.01) -> None:
        end = self.passed + seconds
        while self.passed < end - step / 2:
            await self.clock.run(step)
            self.passed += step

    def times(self, channel: str = "") -> list[float]:
        return [t for t, c in self.at if not channel or c == channel]

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


def in_any(seconds: float, times: list[float]) -> int:
    """The most of ``times`` that any so long stretch holds."""
    return max(sum(start <= t < start + seconds for t in times) for start in times)


def gaps(times: list[float]) -> list[float]:
    return [later - earlier for earlier, later in itertools.pairwise(times)]


async def test_a_channel_gets_a_message_a_second_in_the_order_they_came() -> None:
    run = Run()
    run.post("C1", 4)
    await run.pass_(3.5)
    assert run.times() == pytest.approx([0, 1, 2, 3], abs=0.02)
    await run.close()


async def test_the_second_counts_from_the_end_of_the_message_before() -> None:
    run = Run(takes=0.4)
    run.post("C1", 3)
    await run.pass_(3.5)
    assert run.times() == pytest.approx([0, 1.4, 2.8], abs=0.03)
    await run.close()


async def test_a_workspace_goes_at_its_rate_after_a_few_at_once() -> None:
    run = Run(per_minute=300)
    for number in range(400):
        run.post(f"C{number}")
    await run.pass_(60, step=0.05)
    await run.close()
    assert run.times()[:3] == [0.0] * 3 and run.times()[3] > 0
    assert 300 <= len(run.at) <= 304
    assert in_any(59.9, run.times()) <= 303


async def test_a_busy_channel_holds_up_no_other() -> None:
    run = Run()
    run.post("C1", 5)
    run.post("C2")
    run.post("C3")
    await run.pass_(0.5)
    assert run.times("C2") == run.times("C3") == [0.0] and len(run.times("C1")) == 1
    await run.close()


async def test_workspaces_never_wait_for_each_other() -> None:
    clock = MovedClock(NOON)
    one, other = Run(clock), Run(clock)
    one.pace.pause(600)
    one.post("C1")
    for number in range(300):
        one.post(f"C{number}")
    other.post("C1")
    await asyncio.sleep(0)
    await other.pass_(0.1)
    assert other.times() == [0.0] and one.times() == []
    await one.close()
    await other.close()


async def test_a_quiet_hour_is_not_saved_up() -> None:
    run = Run(per_minute=60)
    run.clock.advance(hours=1)
    for number in range(20):
        run.post(f"C{number}")
    await run.pass_(2.5)
    assert len(run.at) == 5, "three at once and one each second"
    await run.close()


async def test_a_pause_holds_everybody_until_it_is_over() -> None:
    run = Run()
    run.pace.pause(5)
    run.post("C1")
    run.post("C2", patience=6)
    await run.pass_(4.9)
    assert run.at == [] and run.waits == []
    await run.pass_(0.2)
    await run.close()
    assert sorted(c for _, c in run.at) == ["C1", "C2"]


async def test_who_has_not_the_patience_is_told_how_long_it_lasts() -> None:
    run = Run()
    run.pace.pause(30)
    assert run.pace.paused == 30
    run.post("C1", patience=20)
    await run.pass_(0.1)
    assert run.waits == [30.0] and run.at == []
    run.pace.pause(5)
    assert run.pace.paused == pytest.approx(29.9), "a shorter one does not end it"
    await run.close()


async def test_a_cancelled_message_leaves_the_channel_to_the_next() -> None:
    run = Run()
    run.post("C1")
    await run.pass_(0.1)
    run.post("C1")
    await run.pass_(0.1)
    run._tasks[-1].cancel()
    run.post("C1")
    await run.pass_(2)
    assert len(run.times()) == 2
    await run.close()


async def test_channels_that_have_rested_are_forgotten() -> None:
    run = Run(per_minute=1_000_000)
    for number in range(KEPT + 50):
        async with run.pace.channel(f"C{number}"):
            run.clock.advance(1)
    assert len(run.pace._rested) <= KEPT + 1 and run.pace._lanes == {}


@settings(max_examples=25, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(0, 4), st.floats(0, 2), st.sampled_from([0, 0, 0, -3600, -5, 7, 3600])),
        min_size=1,
        max_size=25,
    )
)
def test_whatever_the_clock_does_no_channel_is_rushed(script: list[tuple[int, float, int]]) -> None:
    """Also when the clock is turned back; a step forward may let one go early in each channel."""

    async def go() -> None:
        run = Run(per_minute=120)
        forward = 0
        for channel, pause, turned in script:
            run.post(f"C{channel}")
            await run.pass_(pause, step=0.1)
            if turned:
                forward += turned > 0
                run.clock.set(run.clock.now() + timedelta(seconds=turned))
        await run.pass_(40, step=0.1)
        await run.close()
        assert len(run.at) == len(script), "and nobody waits for ever"
        for channel in {c for _, c in run.at}:
            assert sum(gap < 0.89 for gap in gaps(run.times(channel))) <= forward

    asyncio.run(go())
