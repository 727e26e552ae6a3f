"""What is kept against what it is made from: sums against points, streaks against their replay.

Streaks that are marked (``core/store/stale.py``) are replayed within seconds. Every night everything is recounted;
what disagrees is a defect of ours: it is put right, logged by number, and remembered for ``doctor``.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from core.services import Services
from core.store import boards, facts, people, personal, practice, stale
from core.store.engine import Store, Tx
from core.store.sql import hold
from core.streaks import agrees, current_streak, put_right

log = structlog.get_logger(__name__)

REMEMBERED = timedelta(days=7)  # for how long ``doctor`` speaks of what was put right
TOGETHER = 20  # streaks put right in one transaction: some 40 ms
BATCH = 50  # people whose streaks are looked at in one picture of the database
_META = "recount"
_LOGGED = 20  # numbers named in the log at once


@dataclass(frozen=True, slots=True)
class Drift:
    """What a recount found and put right: members' sums, and streaks; of so many ``people``."""

    sums: int
    streaks: int
    people: int = 0


@dataclass(frozen=True, slots=True)
class Remembered:
    """When the last recount ended, how long it took, and what those of the last days put right."""

    at: datetime
    seconds: float
    found: Drift


async def refresh_stale(app: Services, limit: int) -> int:
    """Replay at most so many of the marked streaks; how many. Call it whenever the clock ticks: it is cheap."""
    async with app.store.read() as tx:
        marked = await stale.stale(tx, limit)
    for n in range(0, len(marked), TOGETHER):
        async with app.store.write() as tx:
            await _put_right(tx, marked[n : n + TOGETHER], app.clock.now())
        await asyncio.sleep(0)
    return len(marked)


async def recount(app: Services) -> Drift:
    """Look at every sum and every streak, and put right what disagrees. Long, and in nobody's way.

    Reading takes no lock; each correction is a transaction of its own, made from what is true when it has the
    person. Several processes may do it at once.
    """
    begun = time.monotonic()
    sums = await _sums(app.store)
    streaks, seen = await _streaks(app)
    drift = Drift(sums, streaks, seen)
    async with app.store.write() as tx:
        await _remember(tx, drift, time.monotonic() - begun, app.clock.now())
    return drift


async def remembered(tx: Tx, now: datetime) -> Remembered | None:
    """What is known of the recounts of the last days; None before the first one."""
    kept = await facts.meta_of(tx, _META)
    if kept is None:
        return None
    told = json.loads(kept)
    recent = _recent(told["found"], now)
    found = Drift(
        sum(sums for _, sums, _ in recent), sum(streaks for _, _, streaks in recent), told["people"]
    )
    return Remembered(datetime.fromisoformat(told["at"]), told["seconds"], found)


def _recent(found: Sequence[tuple[str, int, int]], now: datetime) -> list[tuple[str, int, int]]:
    return [(at, sums, n) for at, sums, n in found if datetime.fromisoformat(at) > now - REMEMBERED]


async def _remember(tx: Tx, drift: Drift, seconds: float, now: datetime) -> None:
    await hold(tx, _META)
    kept = await facts.meta_of(tx, _META)
    found = _recent(json.loads(kept)["found"] if kept is not None else [], now)
    if drift.sums or drift.streaks:
        found.append((now.isoformat(), drift.sums, drift.streaks))
    told = {"at": now.isoformat(), "seconds": round(seconds, 1), "people": drift.people, "found": found}
    await facts.set_meta(tx, _META, json.dumps(told))


# --- sums ----------------------------------------


async def _sums(store: Store) -> int:
    async with store.read() as tx:
        drift = await boards.recount(tx)
    for group_id, person_id in drift:
        async with store.write() as tx:
            await personal.hold(tx, person_id)
            await boards.rebuild(tx, group_id, person_id)
    if drift:
        log.error(
            "sums disagreed with their points and were made again", members=len(drift), some=drift[:_LOGGED]
        )
    return len(drift)


# --- streaks ----------------------------------------


async def _streaks(app: Services) -> tuple[int, int]:
    """(streaks that disagreed with their replay, people looked at)."""
    last = seen = drift = 0
    while True:
        begun = time.monotonic()
        async with app.store.read() as tx:
            some = await practice.practisers(tx, last, BATCH)
            wrong = [person_id for person_id in some if not await _is_true(tx, person_id, app.clock.now())]
        if not some:
            return drift, seen
        seen, last = seen + len(some), some[-1]
        if wrong:
            async with app.store.write() as tx:
                put = await _put_right(tx, wrong, app.clock.now())
            if put:
                log.error("streaks disagreed with their replay and were put right", people=put[:_LOGGED])
            drift += len(put)
        await asyncio.sleep(time.monotonic() - begun)  # half of the time belongs to everybody else


async def _is_true(tx: Tx, person_id: int, now: datetime) -> bool:
    kept = await practice.kept_streak(tx, person_id)
    if kept is not None and kept.stale:
        return True  # known, and about to be replayed
    person = await people.get_person(tx, person_id)
    return person is None or agrees(kept, await current_streak(tx, person, now), now)


async def _put_right(tx: Tx, person_ids: Sequence[int], now: datetime) -> list[int]:
    """Those of them whose streaks disagreed; held one after the other in the order of their numbers."""
    changed = []
    for person_id in sorted(person_ids):
        await personal.hold(tx, person_id, nameable=True)
        person = await people.get_person(tx, person_id)
        if person is not None and await put_right(tx, person, now):
            changed.append(person_id)
    return changed
