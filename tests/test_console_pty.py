"""The console on a real pseudo-terminal, as a program of its own."""

from __future__ import annotations

import asyncio
import fcntl
import os
import re
import struct
import subprocess
import sys
import termios
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from conftest import NewDatabase

PROGRAM = Path(__file__).with_name("console_room.py")
WHERE_IS_THE_CURSOR = b"\x1b[6n"


class Tty:
    """A terminal of 60 columns with a program on it."""

    def __init__(self, command: list[str], **variables: str) -> None:
        self._own, other = os.openpty()
        fcntl.ioctl(other, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 60, 0, 0))
        env = {"PATH": os.environ["PATH"], "PYTHONPATH": str(PROGRAM.parent.parent), "TERM": "xterm-256color"}
        self.process = subprocess.Popen(
            command, stdin=other, stdout=other, stderr=other, env={**env, **variables}, start_new_session=True
        )
        os.close(other)
        os.set_blocking(self._own, False)
        self._answered = 0
        self.shown = b""

    def type(self, keys: str) -> None:
        os.write(self._own, keys.encode())

    async def sees(self, words: str, *, after: str = "", within: float = 30) -> None:
        """Wait until ``words`` stand on the terminal, below ``after``."""
        end = time.monotonic() + within
        while words not in self.text()[self.text().find(after) :] or after not in self.text():
            assert time.monotonic() < end, f"no {words!r} in {self.text()!r}"
            await asyncio.sleep(0.02)
            self._read()

    async def ends(self, *, within: float = 30) -> int:
        end = time.monotonic() + within
        while self.process.poll() is None and time.monotonic() < end:
            await asyncio.sleep(0.02)
            self._read()
        return self.process.wait(1)

    def text(self) -> str:
        text = self.shown.decode("utf-8", "replace").replace("\r", "")
        return re.sub("\x1b(\\[[0-9;?]*[A-Za-z]|.)", "", text)

    def _read(self) -> None:
        try:
            self.shown += os.read(self._own, 65_536)
        except (BlockingIOError, OSError):
            return
        while self.shown.count(WHERE_IS_THE_CURSOR) > self._answered:  # as every terminal does
            self._answered += 1
            self.type("\x1b[1;1R")

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        os.close(self._own)


@pytest.fixture
async def command(new_database: NewDatabase, tmp_path: Path) -> AsyncIterator[list[str]]:
    database = (await new_database("sqlite")).removeprefix("sqlite:///")
    yield [sys.executable, "-W", "error", str(PROGRAM), database, str(tmp_path), "terminal"]


async def test_somebody_practises_at_a_real_terminal(command: list[str]) -> None:
    tty = Tty([*command, "drop"])
    try:
        await tty.sees("Welcome.")
        await tty.sees("Ada>")
        tty.type("/rem")
        await tty.sees("remind set")  # the menu of completions
        await tty.sees("A drop is due.")
        tty.type("\x03/remind set\r")
        await tty.sees("2 fields, then “Send”.")
        await tty.sees("Time:")
        tty.type("9\r")
        await tty.sees("Days:")
        tty.type("\r")
        await tty.sees("could be morning or evening")
        await tty.sees("Time: 9", after="The rest is kept.")
        tty.type("\x1509:30\r")
        await tty.sees("I write to you at 09:30, days all.")
        # Before it asks again, a key is the terminal's.
        await tty.sees("Ada>", after="I write to you at 09:30, days all.")
        tty.type("\x04")
        await tty.sees("See you next time.")
        assert await tty.ends() == 0
        assert "Traceback" not in tty.text()
    finally:
        tty.close()


async def test_no_color_is_heeded_and_a_dumb_terminal_will_do(command: list[str]) -> None:
    for variables in ({"NO_COLOR": "1"}, {"TERM": "dumb"}):
        tty = Tty(command, **variables)
        try:
            await tty.sees("Ada>")
            tty.type("/today\r")
            await tty.sees("Answer")
            await tty.sees("Streak")
            tty.type("/quit\r")
            assert await tty.ends() == 0
            assert not re.search(rb"\x1b\[[0-9;]*(3[0-8]|9[0-7])m", tty.shown)
        finally:
            tty.close()
