"""Bad days of the process: it stands still for ten minutes, it has to end in the middle of sending."""

from __future__ import annotations

import asyncio
import contextlib
import io
import os
import signal
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from bad_days import Day, bad_day
from soak import SOAK, size

CHANNELS = size(10, 40)  # on each platform
ENDS_WITHIN = 10.0  # seconds
ROOT = Path(__file__).parents[1]


class Worker:
    """``starling run`` beside the doubles; ``start`` returns once it is connected to both."""

    def __init__(self, day: Day, folder: Path) -> None:
        self.day = day
        self.told = folder / "clock"
        self.logged = folder / "worker.log"
        self.process: asyncio.subprocess.Process | None = None
        day.clock.changed = self._tell
        self._tell()

    def _tell(self) -> None:
        """Written beside and put in place: the worker reads at any moment."""
        fresh = self.told.with_suffix(".new")
        fresh.write_text(str(self.day.clock.distance().total_seconds()))
        fresh.replace(self.told)

    async def start(self) -> None:
        both = self.day.both
        named = {"STARLING_DATABASE__URL": str(both.folder / "starling.db")} | both.named() | both.more
        identified = [each for each, _ in both.discord.double.gateway.log].count("identify")
        hellos = [each for each, _ in both.slack.double.sockets.log].count("hello")
        around = {name: value for name, value in os.environ.items() if not name.startswith("STARLING_")}
        with self.logged.open("ab") as log:
            self.process = await asyncio.create_subprocess_exec(
                sys.executable,
                "tests/bad_days_worker.py",
                str(self.told),
                cwd=ROOT,
                env=around | {"PYTHONPATH": str(ROOT), "STARLING_DELIVERY__TICK_SECONDS": "0.2"} | named,
                stderr=log,
            )
        try:
            await both.discord.double.gateway.until("identify", times=identified + 1, patience=60)
            await both.slack.double.sockets.until("hello", hellos + 1, 60)
        except TimeoutError:
            raise AssertionError(self.logged.read_text()[-3000:]) from None

    def signal(self, number: int) -> None:
        assert self.process is not None
        self.process.send_signal(number)

    async def ends(self) -> tuple[int, float]:
        """Its status, and the seconds until it had one."""
        assert self.process is not None
        begun = time.monotonic()
        status = await asyncio.wait_for(self.process.wait(), ENDS_WITHIN + 20)
        return status, time.monotonic() - begun

    async def kill(self) -> None:
        if self.process is not None and self.process.returncode is None:
            self.process.kill()
            await self.process.wait()

    def remember(self) -> None:
        """What it has logged, as the day's log."""
        self.day.log = io.StringIO(self.logged.read_text())


@contextlib.asynccontextmanager
async def worked(folder: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[tuple[Day, Worker]]:
    async with bad_day(folder, monkeypatch, channels=CHANNELS, start=False) as day:
        worker = Worker(day, folder)
        try:
            await worker.start()
            day.hold()
            await day.come()
            await day.held()
            yield day, worker
        finally:
            day.release()
            await worker.kill()


@pytest.mark.parametrize(
    "lost", [False, pytest.param(True, marks=pytest.mark.skipif(not SOAK, reason="in make soak"))]
)
async def test_a_process_that_stands_still_for_ten_minutes_in_the_middle_of_sending(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lost: bool
) -> None:
    """Asleep for less by our time; its clock says ten minutes. The answers come meanwhile, or are lost."""
    async with worked(tmp_path, monkeypatch) as (day, worker):
        worker.signal(signal.SIGSTOP)
        day.clock.skip(minutes=10)
        day.release(lost=lost)
        await asyncio.sleep(size(1, 60))
        worker.signal(signal.SIGCONT)
        back = await day.over(2)
        worker.remember()
        answers = "lost" if lost else "waiting"
        await day.judge(f"process stopped for 10 min, its answers {answers}", back)


@pytest.mark.parametrize("patience", [1.0, None])
async def test_sigterm_in_the_middle_of_sending(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, patience: float | None
) -> None:
    """Answers come a second later, or not at all before it has to end."""
    async with worked(tmp_path, monkeypatch) as (day, worker):
        worker.signal(signal.SIGTERM)
        ending = asyncio.create_task(worker.ends())
        if patience is not None:
            await asyncio.sleep(patience)
            day.release()
        status, seconds = await ending
        states = await day.states()
        day.release()
        assert (status, states["sending"]) == (0, 0) and seconds < ENDS_WITHIN, (status, seconds, states)
        assert states["pending"], "there must be something left to do"
        begun = day.clock.true()
        await worker.start()
        back = await day.over(2, since=begun)
        worker.remember()
        what = "answered in time" if patience is not None else "not answered"
        await day.judge(f"SIGTERM while sending, {what}; ended after {seconds:.1f} s", back)
