"""`starling bench feedback` at a size that says nothing about speed: every figure is there, with its limit."""

from __future__ import annotations

import json

from bot.bench import bench


async def test_the_feedback_benchmark_prints_latency_size_and_held_out_figures() -> None:
    said: list[str] = []
    await bench("feedback", said.append, as_json=True, database="", size=300, rounds=2)
    results = {r["name"]: r for r in json.loads(said[0])["results"]}
    for words in ("50", "300", "1,000"):
        found = results[f"an answer of {words} words"]
        assert 0 < found["p50_ms"] <= found["p99_ms"]
    assert results["an answer of 300 words"]["limit"] == 10
    assert results["import, process time"]["limit"] == 50
    assert results["the model"]["held"]
    assert results["held out: macro-F1"]["held"]
    assert results["held out: macro-F1, sentences shuffled"]["held"]
    assert {
        "held out: has_task",
        "held out: has_task, against itself without",
        "held out: quantified_result",
    } <= set(results)
