"""``starling bench``: how long things take here, held against their limits.

Each benchmark is a room of its own, ``bot/bench_<name>.py``, with ``async def measure(bench) -> results``. A result
is {"name", "p50_ms", "p99_ms"} or {"name", "value", "unit"}, and where there is a limit {"limit", "held"}.
"""

from __future__ import annotations

import importlib
import json
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bot.build import open_store
from bot.settings import Database, Settings
from core.store.engine import Store

Say = Callable[[str], None]
Result = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Kind:
    """A benchmark's own sizes: how many members (subscriptions, messages) it makes up, how often it measures."""

    what: str  # "10,000 members", with the number put in
    size: int
    rounds: int


KINDS = {
    "dispatch": Kind("{:,} members", 10_000, 400),
    "due": Kind("{:,} subscriptions", 100_000, 3),
    "send": Kind("{:,} messages", 10_000, 1),
    "board": Kind("{:,} members", 100_000, 400),
    "feedback": Kind("answers of 50 to {:,} words", 1_000, 200),
    "streak": Kind("{:,} days", 3_653, 50),
}


@dataclass(frozen=True, slots=True)
class Bench:
    """What a benchmark works with: an empty, migrated database, a folder, and its sizes."""

    settings: Settings
    store: Store
    folder: Path
    size: int
    rounds: int
    tell: Say
    """Says what is going on; says nothing where figures alone are wanted."""


async def bench(
    name: str, say: Say, *, as_json: bool, database: str, size: int | None, rounds: int | None
) -> bool:
    """Run the benchmark ``name`` and print it; True when every limit held."""
    kind, room = KINDS[name], importlib.import_module(f"bot.bench_{name}")
    size, rounds = size or kind.size, rounds or kind.rounds
    with tempfile.TemporaryDirectory(prefix="starling-bench-") as folder:
        url = database or str(Path(folder) / "bench.db")
        settings = Settings(database=Database(url=url))
        async with open_store(settings, alone=True) as store:
            tell = say if not as_json else lambda line: None
            bench = Bench(settings, store, Path(folder), size, rounds, tell)
            results: list[Result] = await room.measure(bench)
            database = store.kind
    held = all(r["held"] for r in results if "held" in r)
    if as_json:
        say(json.dumps({"bench": name, "database": database, "results": results}))
    else:
        for line in table(f"{database}, {kind.what.format(size)}", results):
            say(line)
    return held


async def timed(
    name: str, work: Callable[[int], Awaitable[object]], rounds: int, limit: float | None = None
) -> Result:
    """Do ``work(n)`` again and again; ``limit`` is for the p99, in ms."""
    for n in range(min(10, rounds)):
        await work(rounds - 1 - n)
    taken = []
    for n in range(rounds):
        begun = time.perf_counter()
        await work(n)
        taken.append((time.perf_counter() - begun) * 1000)
    p50, p99 = spread(taken)
    result: Result = {"name": name, "p50_ms": round(p50, 3), "p99_ms": round(p99, 3)}
    if limit is not None:
        result |= {"limit": limit, "held": p99 <= limit}
    return result


def spread(taken: Sequence[float]) -> tuple[float, float]:
    """(median, 99th percentile) of some figures."""
    ordered = sorted(taken)
    return ordered[len(ordered) // 2], ordered[min(len(ordered) - 1, int(len(ordered) * 0.99))]


def figure(name: str, value: float, unit: str, limit: float | None = None) -> Result:
    """One figure that must not be over its limit."""
    result: Result = {"name": name, "value": round(value, 3), "unit": unit}
    if limit is not None:
        result |= {"limit": limit, "held": value <= limit}
    return result


def table(what: str, results: Sequence[Result]) -> list[str]:
    lines = [f"{what}, {datetime.now(UTC):%Y-%m-%d}", f"{'':44}{'p50':>12}{'p99':>12}{'limit':>12}"]
    for r in results:
        p50 = f"{r['p50_ms']:.2f} ms" if "p50_ms" in r else ""
        p99 = f"{r['p99_ms']:.2f} ms" if "p99_ms" in r else f"{r['value']:g} {r['unit']}"
        limit = f"{r['limit']:g} {r.get('unit', 'ms')}" if "limit" in r else ""
        verdict = "" if "held" not in r else "  held" if r["held"] else "  NOT HELD"
        lines.append(f"{r['name']:44}{p50:>12}{p99:>12}{limit:>12}{verdict}")
    return lines
