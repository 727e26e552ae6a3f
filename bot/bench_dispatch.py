"""``starling bench dispatch``: what members wait for.

Latency is measured from the typed line to the printed text: parse, dispatch, store, view, words. Beside it stand
a command that does nothing (the road itself) and a bare insert-and-commit on the same disk.
"""

from __future__ import annotations

import asyncio
import random
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from pathlib import Path

from adapters.clock import SystemClock
from bot.bench import Bench, Result, timed
from bot.build import services_of
from bot.demo_script import ANA_STRONG
from core.call import Where, Who
from core.delivery.due import Expiry, claim_due
from core.dispatch import Dispatcher
from core.founding import found_group
from core.rules.due import Rule
from core.starters import install_starters
from core.store import facts, people
from core.store.seeding import Size, fill
from core.text import as_text

HERE = Where("console", server_id="bench", channel_id="bench", name="Bench")
ANSWERS_A_MEMBER = 20
LIMIT_MS = 10.0
ANSWER_LIMIT_MS = 30.0
START_LIMIT_S = 1.5


async def measure(bench: Bench) -> list[Result]:
    store, members, rounds = bench.store, bench.size, bench.rounds
    clock = SystemClock()
    app = services_of(bench.settings, store, clock)
    dispatcher = Dispatcher(app)
    await install_starters(store, clock.now())
    now = clock.now()
    async with store.write() as tx:
        rule = Rule((now - timedelta(minutes=1)).time().replace(second=0, microsecond=0), "UTC")
        founded = await found_group(tx, HERE, "Bench", rule, ("behavioural",), now, drop_now=True)
    await claim_due(store, clock, Expiry())
    bench.tell(f"Filling {members:,} members and {members * ANSWERS_A_MEMBER:,} answers ...")
    await fill(store, founded.group_id, HERE.platform, Size(members, members * ANSWERS_A_MEMBER), now)

    chance = random.Random(11)
    speakers = chance.sample(range(members), min(members, rounds))

    def line(words: str) -> Callable[[int], Awaitable[object]]:
        async def run(n: int) -> object:
            number = speakers[n % len(speakers)]
            who = Who(HERE.platform, f"m{number}", f"Member {number}", organiser=True)
            return as_text(await dispatcher.line(words, who, HERE, can_ask=False))

        return run

    async def nothing(n: int) -> object:
        """The road itself: a button whose command does nothing. It cannot be typed."""
        number = speakers[n % len(speakers)]
        who = Who(HERE.platform, f"m{number}", f"Member {number}", organiser=True)
        return as_text(await dispatcher.press("nothing", who, HERE, can_ask=False))

    async def bare(n: int) -> object:
        async with store.write() as tx:
            await facts.set_meta(tx, "bench", str(n))
        return None

    async def known(n: int) -> object:
        """One look-up of who speaks and where: what every command pays."""
        who = Who(HERE.platform, f"m{speakers[n % len(speakers)]}", "Member")
        async with store.read() as tx:
            return await people.look_up(tx, who, HERE)

    works: Sequence[tuple[str, Callable[[int], Awaitable[object]], float | None]] = (
        ("bare insert and commit", bare, None),
        ("one look-up", known, None),
        ("nothing", nothing, None),
        ("today", line("today"), LIMIT_MS),
        ("streak", line("streak"), LIMIT_MS),
        ("leaderboard", line("leaderboard"), LIMIT_MS),
        ("answer", line(ANA_STRONG), ANSWER_LIMIT_MS),
    )
    found = [await timed(name, work, rounds, limit) for name, work, limit in works]
    return found + await asyncio.to_thread(_starts, bench.folder / "start")


def _starts(folder: Path) -> list[Result]:
    """Seconds from the command to the first question on a pipe: with a new database, and with one that is there."""
    taken = []
    for _ in range(4):
        begun = time.perf_counter()
        with subprocess.Popen(
            [sys.executable, "-m", "bot", "console", "--data", str(folder)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        ) as process:
            assert process.stdin is not None and process.stdout is not None
            process.stdin.write(b"/today\n")
            process.stdin.flush()
            process.stdout.readline()
            taken.append(time.perf_counter() - begun)
            process.stdin.close()
            process.stdout.read()
    later = sorted(taken[1:])[1]
    return [
        {"name": "first start, database made", "value": round(taken[0], 2), "unit": "s"},
        {
            "name": "start to the first question",
            "value": round(later, 2),
            "unit": "s",
            "limit": START_LIMIT_S,
            "held": later <= START_LIMIT_S,
        },
    ]
