"""A backup while members write: one whole picture, and nobody is kept waiting for it.

``STARLING_TEST_SIZE=full`` does it with a database of 100 MB; the figures are printed.
"""

from __future__ import annotations

import asyncio
import os
import sqlite3
import time
from collections.abc import Awaitable, Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from moved_clock import MovedClock
from practising import plan, story, studying

from core.store import boards
from core.store.backup import backup_store
from core.store.engine import Store, database_url

NewDatabase = Callable[..., Awaitable[str]]

MEGABYTES = 100 if os.environ.get("STARLING_TEST_SIZE") == "full" else 4


async def test_a_backup_while_members_answer_is_whole_and_holds_nobody_up(
    new_database: NewDatabase, clock: MovedClock, tmp_path: Path
) -> None:
    async with Store(database_url(await new_database("sqlite"))) as store:
        talk = await studying(store, clock)
        await plan(talk, "behavioural")
        await talk.deliver()
        async with store.write() as tx:
            for number in range(MEGABYTES):
                await tx.exec_driver_sql("INSERT INTO meta VALUES (?, ?)", (f"x{number}", "x" * 1_000_000))
        done = asyncio.Event()
        waits: list[float] = []
        turns: list[float] = []

        async def answer() -> int:
            """Somebody new every time: person, membership, answer, checklist, points, sums, streak."""
            number = 0
            while not done.is_set():
                number += 1
                began = time.perf_counter()
                await talk(f"m{number}", f"/answer text: {story(25)}")
                waits.append(time.perf_counter() - began)
                clock.advance(seconds=1)
            return number

        async def turn() -> None:
            while True:
                began = time.perf_counter()
                await asyncio.sleep(0.001)
                turns.append(time.perf_counter() - began)

        writer, watcher = asyncio.create_task(answer()), asyncio.create_task(turn())
        while len(waits) < 5:
            await asyncio.sleep(0.01)
        alone, longest_turn = max(waits), max(turns)
        waits.clear(), turns.clear()
        began = time.perf_counter()
        copy = await backup_store(store, tmp_path / "copy.db", datetime.now(UTC))
        took = time.perf_counter() - began
        beside, turn_beside = max(waits, default=0.0), max(turns)
        while not waits:
            await asyncio.sleep(0.01)
        done.set()
        answered = await writer
        watcher.cancel()
    ms = [round(1000 * seconds) for seconds in (beside, alone, turn_beside, longest_turn)]
    print(f"backup of {MEGABYTES} MB in {took:.2f} s; longest answer {ms[0]} ms (before: {ms[1]}), ", end="")
    print(f"longest turn of the loop {ms[2]} ms (before: {ms[3]})")
    with closing(sqlite3.connect(copy)) as found:
        assert found.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert found.execute("PRAGMA foreign_key_check").fetchall() == []
        (kept,) = found.execute("SELECT count(*) FROM answer").fetchone()
    assert 5 <= kept <= answered
    async with Store(database_url(str(copy))) as restored, restored.read() as tx:
        assert await boards.recount(tx) == [], "no answer is in it by half"
