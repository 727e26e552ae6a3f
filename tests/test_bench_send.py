"""Sending in virtual time at a tenth of the size: nothing lost, nothing doubled, no 429 of our making."""

from __future__ import annotations

import json
from pathlib import Path

from bot.bench import bench


async def test_a_thousand_messages_meet_every_fault_and_each_is_there_once(tmp_path: Path) -> None:
    said: list[str] = []
    await bench("send", said.append, as_json=True, database=str(tmp_path / "b.db"), size=500, rounds=1)
    results = {r["name"]: r for r in json.loads(said[0])["results"]}
    for where in ("Discord", *(f"Slack workspace {n}{' (slow)' * (n == 1)}" for n in range(1, 5))):
        for what in ("lost", "doubled", "429 of our making"):
            assert results[f"{where}: {what}"]["value"] == 0, (where, what)
    (discord,) = (r for name, r in results.items() if name.startswith("Discord: times the bound"))
    # With 10,000 it is 1.02; with 500 what is left open at the end weighs more: 1.20 measured.
    assert 0.9 <= discord["value"] <= 1.4, discord
    assert " 429" in discord["name"] and "lost" in discord["name"] and "5xx" in discord["name"]
    slow, others = (
        results["Slack workspace 1 (slow): virtual time"]["value"],
        [results[f"Slack workspace {n}: virtual time"]["value"] for n in (2, 3, 4)],
    )
    assert max(others) < slow / 2, "a slow workspace delays no other"
