"""A nursery of Starlings for the kill harness: ``python kills_worker.py`` forks one for every line it is told.

What is forked is ``bot.serve.run`` whole, on a SQLite file, as ``starling run`` begins it; only the second that
Python takes to import everything is spent once for all of them. Two hundred lives come in a minute or two so.
Each line on standard input is a JSON object:

    {"settings": {environment}, "clock": path, "log": path}   a Starling is born; its process id is the answer
    {"wait": process id}                                      its exit status is the answer, once it has ended

When standard input ends, whoever still lives is killed.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import importlib
import json
import mmap
import os
import signal
import struct
import subprocess
import sys
import traceback
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Self

NUMBER = struct.Struct("d")
NEEDED = (
    "adapters.discord.link",
    "adapters.slack.link",
    "apscheduler.schedulers.asyncio",
    "apscheduler.triggers.cron",
    "apscheduler.triggers.interval",
    "bot.logs",
    "bot.serve",
    "bot.sync",
)


class SharedClock:
    """Real seconds, from a moment that several processes share: ``skip`` moves the hands in all of them at once.

    Implements ``core.ports.Clock``. The seconds by which it goes ahead of the machine's clock stand in a file.
    """

    def __init__(self, path: Path) -> None:
        if not path.exists():
            path.write_bytes(NUMBER.pack(0.0))
        with path.open("r+b") as file:
            self._ahead = mmap.mmap(file.fileno(), NUMBER.size)

    def now(self) -> datetime:
        return datetime.now(UTC) + timedelta(seconds=NUMBER.unpack_from(self._ahead)[0])

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)

    def skip(self, time: timedelta) -> None:
        """Forward only: what a platform has stamped must not lie ahead."""
        assert time >= timedelta(), time
        NUMBER.pack_into(self._ahead, 0, NUMBER.unpack_from(self._ahead)[0] + time.total_seconds())

    def close(self) -> None:
        self._ahead.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class Nursery:
    """That process, as the harness has it."""

    def __init__(self) -> None:
        worker = Path(__file__)
        self._process = subprocess.Popen(
            [sys.executable, str(worker)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            bufsize=1,
            env={"PATH": "/usr/bin:/bin", "HOME": "/nonexistent", "PYTHONPATH": str(worker.parent.parent)},
        )

    def born(self, settings: dict[str, str], clock: Path, log: Path) -> int:
        return self._ask(settings=settings, clock=str(clock), log=str(log))

    def ended(self, pid: int) -> int:
        """Its exit status; waits for its end."""
        return self._ask(wait=pid)

    def _ask(self, **order: Any) -> int:
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        return int(self._process.stdout.readline())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.close()
        self._process.stdout.close()
        self._process.wait(10)


async def _serve(order: dict[str, Any]) -> None:
    from bot import logs
    from bot.config import load, secret_values
    from bot.serve import run

    settings = load(None, order["settings"], {})
    logs.setup("info", "json", service=True, secrets=secret_values(settings))
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    with SharedClock(Path(order["clock"])) as clock:
        await run(settings, stop, clock)


def _live(order: dict[str, Any]) -> None:
    """The forked process; never returns."""
    status = 1
    try:
        log = os.open(order["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        nothing = os.open(os.devnull, os.O_RDONLY)
        for ours, theirs in ((nothing, 0), (log, 1), (log, 2)):
            os.dup2(ours, theirs)
        asyncio.run(_serve(order))
        status = 0
    except BaseException:  # noqa: BLE001 - whatever it was, it ends here
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(status)


def main() -> None:
    for name in NEEDED:
        importlib.import_module(name)
    gc.freeze()
    living: set[int] = set()
    try:
        # Not "for line in sys.stdin": what is read ahead would be the child's, too.
        while line := sys.stdin.readline():
            order = json.loads(line)
            if "wait" in order:
                said = os.waitstatus_to_exitcode(os.waitpid(order["wait"], 0)[1])
                living.discard(order["wait"])
            elif not (said := os.fork()):
                _live(order)
            else:
                living.add(said)
            print(said, flush=True)
    finally:
        for pid in living:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)


if __name__ == "__main__":
    main()
