"""Starling keeps to Discord's pace by itself: in virtual time, whatever the clock does."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from moved_clock import MovedClock

from adapters.discord.pace import Pace

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


class Run:
    """Requests in virtual time. ``at`` has the seconds after the start at which each went out."""

    def __init__(self, **settings: int) -> None:
        self.clock = MovedClock(NOON)
        self.pace = Pace(self.clock, **settings)
        self.passed = 0.0
        self.at: list[float] = []
        self.waits: list[float] = []
        self._tasks: list[asyncio.Task[None]] = []

    def ask(self, number: int = 1, patience: float = 1e9) -> None:
        async def one() -> None:
            wait = await self.pace.turn(patience)
            (self.waits if wait else self.at).append(wait or self.passed)

        self._tasks += [asyncio.create_task(one()) for _ in range(number)]

    async def pass_(self, seconds: float, step: float = 0.01) -> None:
        end = self.passed + seconds
        while self.passed < end - step / 2:
            await self.clock.run(step)
            self.passed += step

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


def in_any(seconds: float, times: list[float]) -> int:
    """The most of ``times`` that any so long stretch holds."""
    return max(sum(start <= t < start + seconds for t in times) for start in times)


async def test_a_rush_goes_out_at_the_rate_after_a_small_burst() -> None:
    run = Run(per_second=45)
    run.ask(400)
    await run.pass_(5)
    await run.close()
    assert run.at[:5] == [0.0] * 5
    assert 5 + 45 * 5 - 2 <= len(run.at) <= 5 + 45 * 5 + 1
    assert in_any(1 - 0.02, run.at) <= 50  # what Discord allows in a second


async def test_a_lower_rate_has_no_burst() -> None:
    run = Run(per_second=2)
    run.ask(5)
    await run.pass_(2.1)
    assert run.at == pytest.approx([0, 0.5, 1, 1.5, 2], abs=0.011)
    await run.close()


async def test_a_quiet_hour_is_not_saved_up() -> None:
    run = Run(per_second=45)
    await run.pace.turn()
    run.clock.advance(hours=1)
    run.ask(100)
    await run.pass_(0.5)
    await run.close()
    assert len(run.at) <= 5 + 23


async def test_first_come_first_served() -> None:
    clock, order = MovedClock(NOON), []
    pace = Pace(clock, per_second=10)

    async def one(number: int) -> None:
        await pace.turn()
        order.append(number)

    async with asyncio.TaskGroup() as group:
        for number in range(20):
            group.create_task(one(number))
        await clock.run(3)
    assert order == list(range(20))


async def test_what_discord_py_repeats_is_counted() -> None:
    run = Run(per_second=2)
    run.pace.spend()
    run.pace.spend()
    run.ask()
    await run.pass_(0.9)
    assert run.at == []
    await run.pass_(0.2)
    assert len(run.at) == 1
    await run.close()


async def test_a_pause_holds_everybody_also_those_who_wait_already() -> None:
    run = Run(per_second=2)
    run.ask(3)
    await run.pass_(0.1)
    run.pace.pause(10)
    await run.pass_(9.8)
    assert len(run.at) == 1
    await run.pass_(0.2)
    assert len(run.at) == 2
    run.pace.pause(1)
    run.pace.pause(0.1)  # a shorter one does not end it
    assert run.pace.paused == pytest.approx(1)
    await run.close()


async def test_a_long_pause_is_told_instead_of_waited_out() -> None:
    run = Run()
    run.pace.pause(60)
    run.ask(patience=20)
    await run.pass_(0.1)
    assert run.at == []
    assert run.waits == pytest.approx([60], abs=0.1)
    run.pace.pause(0)
    run.ask(patience=60)
    await run.pass_(59)
    assert run.at == []
    await run.pass_(1.1)
    assert len(run.at) == 1
    await run.close()


@pytest.mark.parametrize("step", [timedelta(hours=-1), timedelta(hours=1), timedelta(days=-400)])
async def test_turning_the_clock_stops_nobody_and_lets_no_flood_through(step: timedelta) -> None:
    run = Run(per_second=10)
    run.ask(40)
    await run.pass_(1)
    run.clock.set(run.clock.now() + step)
    await run.pass_(2)
    await run.close()
    assert 28 <= len(run.at) <= 33


async def test_a_channel_is_spoken_in_by_one_at_a_time_and_in_order() -> None:
    pace, order = Pace(MovedClock(NOON)), []
    let_go = asyncio.Event()

    async def speak(channel: str, name: str) -> None:
        async with pace.channel(channel):
            order.append(f"{name} begins")
            await let_go.wait()
            order.append(f"{name} ends")

    tasks = [asyncio.create_task(speak(c, n)) for c, n in (("1", "a"), ("1", "b"), ("2", "c"), ("1", "d"))]
    for _ in range(5):
        await asyncio.sleep(0)
    assert order == ["a begins", "c begins"]
    tasks[1].cancel()
    let_go.set()
    await asyncio.gather(*tasks, return_exceptions=True)
    assert [o for o in order if "c" not in o] == ["a begins", "a ends", "d begins", "d ends"]
    assert pace._lanes == {}


# --- first contacts ----------------------------------------


def test_over_the_cap_a_person_is_told_when_and_has_their_place() -> None:
    clock = MovedClock(NOON)
    pace = Pace(clock, first_contacts_a_minute=2)
    assert [pace.first_contact(u) for u in "ab"] == [0, 0]
    assert [pace.first_contact(u) for u in "cdef"] == [60, 60, 120, 120]
    assert pace.first_contact("c") == 60  # asking again costs no place
    clock.advance(60)
    assert pace.first_contact("g") == 120  # others are before them
    assert [pace.first_contact(u) for u in "cd"] == [0, 0]
    assert pace.first_contact("e") == 60


def test_who_never_comes_back_is_forgotten() -> None:
    clock = MovedClock(NOON)
    pace = Pace(clock, first_contacts_a_minute=1)
    assert [pace.first_contact(u) for u in "abc"] == [0, 60, 120]
    clock.advance(minutes=13)
    assert pace.first_contact("d") == 0


def test_a_step_back_keeps_places() -> None:
    clock = MovedClock(NOON)
    pace = Pace(clock, first_contacts_a_minute=1)
    assert [pace.first_contact(u) for u in "ab"] == [0, 60]
    clock.set(NOON - timedelta(days=1))
    assert pace.first_contact("b") == 60
    clock.advance(60)
    assert pace.first_contact("b") == 0


@given(
    st.integers(1, 5),
    st.lists(st.tuples(st.integers(0, 30), st.sampled_from("abcdefghij")), min_size=1, max_size=80),
)
@settings(max_examples=60, deadline=None)
def test_no_minute_ever_holds_more_first_contacts_than_the_cap(cap: int, asks: list[tuple[int, str]]) -> None:
    clock = MovedClock(NOON)
    pace = Pace(clock, first_contacts_a_minute=cap)
    made: list[datetime] = []
    for seconds, user in asks:
        clock.advance(seconds)
        if not pace.first_contact(user):
            made.append(clock.now())
    for start in made:
        assert sum(start <= at < start + timedelta(minutes=1) for at in made) <= cap


@given(st.integers(1, 5), st.integers(1, 30))
@settings(max_examples=40, deadline=None)
def test_whoever_comes_back_when_told_is_served_at_once(cap: int, people: int) -> None:
    clock = MovedClock(NOON)
    pace = Pace(clock, first_contacts_a_minute=cap)
    due = {f"u{n}": pace.first_contact(f"u{n}") for n in range(people)}
    assert sorted(due.values()) == [60.0 * (n // cap) for n in range(people)]
    for user, wait in sorted(due.items(), key=lambda each: each[1]):
        if wait:
            clock.set(NOON + timedelta(seconds=wait))
            assert pace.first_contact(user) == 0
