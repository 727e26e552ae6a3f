"""Filling a database in bulk, for benchmarks: rows that look as if members had made them over two months.

Fast because it goes around the road; the figures kept (sums, streaks) are the ones the road would have kept.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import islice
from typing import Any

from sqlalchemy import Table, func, insert, select, text

from core.rules.changes import NewZone, Practised
from core.rules.days import day_of
from core.rules.periods import keys_for
from core.rules.streak import replay
from core.store.engine import Store
from core.store.tables import (
    account,
    answer,
    checklist,
    member,
    person,
    person_change,
    point,
    practice_log,
    prompt,
    rollup,
    streak,
)

CHUNK = 2_000
DAYS = 60  # how far back the answers reach
WORDS = (
    "we",
    "moved",
    "the",
    "report",
    "to",
    "a",
    "queue",
    "because",
    "it",
    "was",
    "slow",
    "and",
    "found",
    "why",
)


@dataclass(frozen=True, slots=True)
class Size:
    members: int
    answers: int  # over all members


async def fill(
    store: Store, group_id: int, platform: str, size: Size, now: datetime, zone: str = "UTC"
) -> None:
    """Add ``size.members`` members of the group with their answers. Account user ids are "m0", "m1" and so on."""
    chance = random.Random(7)
    async with store.write() as tx:
        # Not max(id)+1 of an empty table alone: others may have been there and gone.
        first = (await tx.execute(select(func.coalesce(func.max(person.c.id), 0) + 1))).scalar_one()
        prompts = list((await tx.execute(select(prompt.c.id, prompt.c.track).order_by(prompt.c.id))).tuples())
        answer_id = (await tx.execute(select(func.coalesce(func.max(answer.c.id), 0) + 1))).scalar_one()
    ids = range(first, first + size.members)
    joined = now - timedelta(days=DAYS + 1)
    await _insert(store, person, (_person(i, group_id, zone, joined) for i in ids))
    await _insert(
        store,
        account,
        (
            {"platform": platform, "workspace": "", "user_id": f"m{n}", "person_id": i, "name": f"Member {n}",
             "dm_channel_id": "", "created_at": joined}
            for n, i in enumerate(ids)
        ),
    )  # fmt: skip
    await _insert(
        store, person_change, ({"person_id": i, "at": joined, "kind": "zone", "value": zone} for i in ids)
    )
    await _insert(
        store,
        member,
        (
            {"group_id": group_id, "person_id": i, "hidden": False, "joined_at": joined, "left_at": None}
            for i in ids
        ),
    )
    each = size.answers // size.members
    made = [
        _answers(chance, i, group_id, each, prompts, now, zone, answer_id + n * each)
        for n, i in enumerate(ids)
    ]
    await _insert(store, answer, (row for rows in made for row in rows))
    await _insert(store, checklist, (_checklist(row) for rows in made for row in rows))
    await _insert(store, practice_log, (_log(row, zone) for rows in made for row in rows))
    points = [_point(row) for rows in made for row in rows if row["counts"]]
    await _insert(store, point, points)
    await _insert(store, rollup, _rollups(points))
    await _insert(store, streak, (_streak(i, rows, now, zone) for i, rows in zip(ids, made, strict=True)))
    if store.sqlite:
        async with store.write() as tx:
            await tx.execute(text("ANALYZE"))
    else:
        await _reset_sequences(store)


async def _insert(store: Store, table: Table, rows: Iterable[dict[str, Any]]) -> None:
    source = iter(rows)
    while chunk := list(islice(source, CHUNK)):
        async with store.write() as tx:
            await tx.execute(insert(table), chunk)


async def _reset_sequences(store: Store) -> None:
    """Ids were given by hand; PostgreSQL's sequences have to go on after them."""
    async with store.write() as tx:
        for table in (person, answer):
            await tx.execute(
                text(
                    f"SELECT setval(pg_get_serial_sequence('{table.name}', 'id'), (SELECT max(id) FROM {table.name}))"
                )
            )
        await tx.execute(text("ANALYZE"))


def _person(person_id: int, group_id: int, zone: str, joined: datetime) -> dict[str, Any]:
    return {
        "id": person_id,
        "name": f"Member {person_id}",
        "zone": zone,
        "cutoff": 180,
        "rest_days": 0,
        "level": "mid",
        "zone_set": True,
        "active_group_id": group_id,
        "created_at": joined,
    }


def _answers(
    chance: random.Random,
    person_id: int,
    group_id: int,
    each: int,
    prompts: Sequence[tuple[int, str]],
    now: datetime,
    zone: str,
    first_id: int,
) -> list[dict[str, Any]]:
    """``each`` answers at instants spread over the last two months, oldest first, each to another prompt."""
    ages = sorted((chance.uniform(0.2, DAYS) for _ in range(each)), reverse=True)
    rows = []
    for n, (age, (prompt_id, track)) in enumerate(zip(ages, chance.sample(prompts, each), strict=True)):
        at = now - timedelta(days=age)
        rows.append(
            {
                "id": first_id + n,
                "person_id": person_id,
                "prompt_id": prompt_id,
                "group_id": group_id,
                "occurrence_id": None,
                "attempt": 1,
                "track": track,
                "text": " ".join(chance.choices(WORDS, k=60)) + ".",
                "parts": None,
                "outcome": "solved" if track == "coding" else "",
                "words": 60,
                "counts": True,
                "at": at,
                "day": day_of(at, zone),
                "shared_at": None,
                "anonymous": False,
                "withdrawn_at": None,
            }
        )
    return rows


def _checklist(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "answer_id": row["id"],
        "method": "seeded",
        "checks": [{"key": "has_action", "state": "met", "quote": row["text"][:80]}],
        "met": ["has_action"],
        "newly_met": 0,
        "ticked": [],
        "at": row["at"],
    }


def _log(row: dict[str, Any], zone: str) -> dict[str, Any]:
    return {
        "person_id": row["person_id"],
        "kind": "answer",
        "track": row["track"],
        "answer_id": row["id"],
        "counts": True,
        "at": row["at"],
        "day": row["day"],
        "zone": zone,
        "cutoff": 180,
    }


def _point(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "person_id": row["person_id"],
        "group_id": row["group_id"],
        "answer_id": row["id"],
        "kind": "answer",
        "track": row["track"],
        "points": 10,
        "improved": 0,
        "at": row["at"],
        "day": row["day"],
    }


def _rollups(points: Sequence[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    sums: dict[tuple[int, str, str, str, int], list[Any]] = defaultdict(lambda: [0, None])
    buckets: dict[date, dict[Any, str]] = {}
    for row in points:
        keys = buckets.setdefault(row["day"], dict(keys_for(row["day"])))
        for period, bucket in keys.items():
            for track in ("", row["track"]):
                kept = sums[row["group_id"], period, bucket, track, row["person_id"]]
                kept[0] += row["points"]
                kept[1] = max(kept[1] or row["at"], row["at"])
    for (group_id, period, bucket, track, person_id), (total, at) in sums.items():
        yield {
            "group_id": group_id,
            "period": period,
            "bucket": bucket,
            "track": track,
            "person_id": person_id,
            "points": total,
            "improved": 0,
            "points_at": at,
            "improved_at": at,
            "shown": True,
        }


def _streak(person_id: int, rows: Sequence[dict[str, Any]], now: datetime, zone: str) -> dict[str, Any]:
    events = [Practised(row["at"], True, str(row["id"])) for row in rows]
    last = rows[-1]["at"] if rows else now
    found = replay(events, [NewZone(now - timedelta(days=DAYS + 1), zone)], {}, last)
    return {
        "person_id": person_id,
        "current": found.current,
        "best": found.best,
        "savers": found.savers,
        "lapses_at": found.lapses_at,
        "reached_at": last,
        "told_lost_at": now,
    }
