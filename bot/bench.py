"""``starling bench``: how long things take here, held against their limits.

Latency is measured from the typed line to the printed text: parse, dispatch, store, view, words. Beside it stand
a command that does nothing (the road itself) and a bare insert-and-commit on the same disk.
"""

from __future__ import annotations

import asyncio
import json
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from adapters.clock import SystemClock
from bot.build import open_store, services_of
from bot.demo_script import ANA_STRONG
from bot.settings import Database, Settings
from core.call import Where, Who
from core.delivery.due import Expiry, claim_due
from core.dispatch import Dispatcher
from core.founding import found_group
from core.rules.due import Rule
from core.starters import install_starters
from core.store import facts, people
from core.store.engine import Store
from core.store.seeding import Size, fill
from core.text import as_text

NAMES = ("dispatch",)
HERE = Where("console", server_id="bench", channel_id="bench", name="Bench")
ANSWERS_A_MEMBER = 20
LIMIT_MS = 10.0
ANSWER_LIMIT_MS = 30.0
START_LIMIT_S = 1.5

Say = Callable[[str], None]


async def bench(name: str, say: Say, *, as_json: bool, database: str, members: int, rounds: int) -> bool:
    """Run the benchmark ``name`` and print it; True when every limit held."""
    with tempfile.TemporaryDirectory(prefix="starling-bench-") as folder:
        url = database or str(Path(folder) / "bench.db")
        settings = Settings(database=Database(url=url))
        async with open_store(settings, alone=True) as store:
            results = await _dispatch(settings, store, members, rounds, say if not as_json else None)
            kind = store.kind
        results += await asyncio.to_thread(_starts, Path(folder) / "start")
    held = all(r["held"] for r in results if "held" in r)
    if as_json:
        say(json.dumps({"bench": name, "database": kind, "results": results}))
    else:
        for line in table(kind, members, results):
            say(line)
    return held


async def _dispatch(
    settings: Settings, store: Store, members: int, rounds: int, say: Say | None
) -> list[dict[str, Any]]:
    clock = SystemClock()
    app = services_of(settings, store, clock)
    dispatcher = Dispatcher(app)
    await install_starters(store, clock.now())
    now = clock.now()
    async with store.write() as tx:
        rule = Rule((now - timedelta(minutes=1)).time().replace(second=0, microsecond=0), "UTC")
        founded = await found_group(tx, HERE, "Bench", rule, ("behavioural",), now, drop_now=True)
    await claim_due(store, clock, Expiry())
    if say is not None:
        say(f"Filling {members:,} members and {members * ANSWERS_A_MEMBER:,} answers ...")
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
    return [await _measure(name, work, rounds, limit) for name, work, limit in works]


async def _measure(
    name: str, work: Callable[[int], Awaitable[object]], rounds: int, limit: float | None
) -> dict[str, Any]:
    for n in range(min(10, rounds)):
        await work(rounds - 1 - n)
    taken = []
    for n in range(rounds):
        begun = time.perf_counter()
        await work(n)
        taken.append((time.perf_counter() - begun) * 1000)
    taken.sort()
    p50, p99 = taken[len(taken) // 2], taken[min(len(taken) - 1, int(len(taken) * 0.99))]
    result: dict[str, Any] = {"name": name, "p50_ms": round(p50, 2), "p99_ms": round(p99, 2)}
    if limit is not None:
        result |= {"limit": limit, "held": p99 <= limit}
    return result


def _starts(folder: Path) -> list[dict[str, Any]]:
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


def table(database: str, members: int, results: Sequence[dict[str, Any]]) -> list[str]:
    lines = [
        f"{database}, {members:,} members, {members * ANSWERS_A_MEMBER:,} answers, {datetime.now(UTC):%Y-%m-%d}"
    ]
    lines.append(f"{'':32}{'p50':>10}{'p99':>10}{'limit':>10}")
    for r in results:
        p50 = f"{r['p50_ms']:.2f} ms" if "p50_ms" in r else ""
        p99 = f"{r['p99_ms']:.2f} ms" if "p99_ms" in r else f"{r['value']:.2f} {r['unit']}"
        limit = f"{r['limit']:g} {r.get('unit', 'ms')}" if "limit" in r else ""
        verdict = "" if "held" not in r else "  held" if r["held"] else "  NOT HELD"
        lines.append(f"{r['name']:32}{p50:>10}{p99:>10}{limit:>10}{verdict}")
    return lines
