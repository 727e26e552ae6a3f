"""``starling run`` in a process of its own, with a clock whose distance from the machine's stands in a file.

python tests/bad_days_worker.py FILE          # settings come from the environment
"""

from __future__ import annotations

import asyncio
import os
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import adapters.discord.client
from bot import logs
from bot.config import load
from bot.serve import _signals, run


class ToldClock:
    """Reads its distance at every look: whoever writes the file turns the hands."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def now(self) -> datetime:
        return datetime.now(UTC) + timedelta(seconds=float(self._file.read_text() or 0))

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


async def main() -> None:
    adapters.discord.client.SERVERS_WITHIN = 0.02
    stop = asyncio.Event()
    with _signals(stop):
        await run(load(None, os.environ, {}), stop, ToldClock(Path(sys.argv[1])))


if __name__ == "__main__":
    logs.setup("info", "json", service=True)
    asyncio.run(main())
