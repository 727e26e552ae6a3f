"""The benchmarks at a size that says nothing about speed: that they run, and hold figures against limits."""

from __future__ import annotations

import json

import pytest
from conftest import NewDatabase

from bot.bench import bench


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
async def test_the_board_benchmark_prints_figures_and_limits(kind: str, new_database: NewDatabase) -> None:
    said: list[str] = []
    url = await new_database(kind)
    await bench("board", said.append, as_json=True, database=url, size=30, rounds=3)
    found = json.loads(said[0])
    assert (found["bench"], found["database"]) == ("board", kind)
    results = {r["name"]: r for r in found["results"]}
    limits = {name: r["limit"] for name, r in results.items() if "limit" in r}
    assert limits["points, week: top 10"] == 2.0
    assert limits["streak: own rank"] == (5.0 if kind == "sqlite" else 8.0)
    assert limits["answer against bare"] == 2.0
    assert all(("p50_ms" in r and "p99_ms" in r) or "value" in r for r in results.values())
