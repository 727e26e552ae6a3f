"""Filling a database in bulk, for benchmarks: rows that look as if members had made them over two months.

Fast because it goes around the road; the figures kept (sums, streaks) are the ones the road would have kept.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import func, select

from core.rules.changes import NewZone, Practised
from core.rules.days import day_of
from core.rules.periods import keys_for
from core.rules.scoring import DEFAULT_RULES, for_answer
from core.rules.streak import replay
from core.store.bulk import load, settle, unattended
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

CHUNK = 1_000  # members
DAYS = 60  # how far back the answers reach
CHECKS = [{"key": "has_action", "state": "met", "quote": "I moved the report to a queue"}]
MET = ["has_action"]
TICKED: list[str] = []
IMPROVED = 0.2  # of the answers: that many met something new
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
) -> range:
    """Add ``size.members`` members of the group with their answers, some with more and some with less.

    Account user ids are "m0", "m1" and so on. The persons' ids, in that order.
    """
    chance = random.Random(7)
    texts = [" ".join(chance.choices(WORDS, k=60)) + "." for _ in range(500)]
    async with store.read() as tx:
        # Not max(id)+1 of an empty table alone: others may have been there and gone.
        first = (await tx.execute(select(func.coalesce(func.max(person.c.id), 0) + 1))).scalar_one()
        prompts = list((await tx.execute(select(prompt.c.id, prompt.c.track).order_by(prompt.c.id))).tuples())
        answer_id = (await tx.execute(select(func.coalesce(func.max(answer.c.id), 0) + 1))).scalar_one()
    ids = range(first, first + size.members)
    joined = now - timedelta(days=DAYS + 1)
    counts = _counts(chance, size)
    async with unattended(store, rollup):
        for begin in range(0, size.members, CHUNK):
            some = ids[begin : begin + CHUNK]
            made = []
            for i, count in zip(some, counts[begin : begin + CHUNK], strict=True):
                made.append(_answers(chance, i, group_id, count, prompts, texts, now, zone, answer_id))
                answer_id += count
            answers = [row for rows in made for row in rows]
            points = [row for rows in made for row in _points(chance, rows)]
            async with store.write() as tx:
                await load(tx, person, [_person(i, group_id, zone, joined) for i in some])
                await load(tx, account, [_account(platform, i - first, i, joined) for i in some])
                await load(tx, person_change, [_zone(i, joined, zone) for i in some])
                await load(tx, member, [_member(group_id, i, joined) for i in some])
                await load(tx, answer, answers)
                await load(tx, checklist, [_checklist(row) for row in answers])
                await load(tx, practice_log, [_log(row, zone) for row in answers])
                await load(tx, point, points)
                await load(tx, rollup, list(_rollups(points)))
                streaks = [_streak(i, rows, now, zone) for i, rows in zip(some, made, strict=True)]
                await load(tx, streak, streaks)
    await settle(store, (person, answer))
    return ids


def _counts(chance: random.Random, size: Size) -> list[int]:
    """How many answers each member has: from none to twice the average, ``size.answers`` in all."""
    each, more = divmod(size.answers, size.members)
    halves = [chance.randint(0, 2 * each) for _ in range(size.members // 2)]
    counts = [*halves, *(2 * each - h for h in halves), *([each] if size.members % 2 else [])]
    for n in range(more):
        counts[n] += 1
    return counts


def _account(platform: str, n: int, person_id: int, joined: datetime) -> dict[str, Any]:
    return {
        "platform": platform,
        "workspace": "",
        "user_id": f"m{n}",
        "person_id": person_id,
        "name": f"Member {n}",
        "dm_channel_id": "",
        "created_at": joined,
    }


def _zone(person_id: int, joined: datetime, zone: str) -> dict[str, Any]:
    return {"person_id": person_id, "at": joined, "kind": "zone", "value": zone}


def _member(group_id: int, person_id: int, joined: datetime) -> dict[str, Any]:
    return {
        "group_id": group_id,
        "person_id": person_id,
        "hidden": False,
        "joined_at": joined,
        "left_at": None,
    }


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
    texts: Sequence[str],
    now: datetime,
    zone: str,
    first_id: int,
) -> list[dict[str, Any]]:
    """``each`` answers at instants spread over the last two months, oldest first, to one prompt after another."""
    ages = sorted((chance.uniform(0.2, DAYS) for _ in range(each)), reverse=True)
    rows = []
    start = chance.randrange(len(prompts))
    for n, age in enumerate(ages):
        attempt, at_prompt = divmod(n, len(prompts))
        prompt_id, track = prompts[(start + at_prompt) % len(prompts)]
        at = now - timedelta(days=age)
        rows.append(
            {
                "id": first_id + n,
                "person_id": person_id,
                "prompt_id": prompt_id,
                "group_id": group_id,
                "occurrence_id": None,
                "attempt": 1 + attempt,
                "track": track,
                "text": chance.choice(texts),
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
        "checks": CHECKS,
        "met": MET,
        "newly_met": 0,
        "ticked": TICKED,
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


def _points(chance: random.Random, rows: Sequence[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """What somebody's answers earned: the first of a day in a track, and here and there an improvement."""
    paid: dict[date, set[str]] = defaultdict(set)
    for row in rows:
        award = for_answer(row["track"], row["counts"], paid[row["day"]])
        if award.points:
            paid[row["day"]].add(row["track"])
            yield _point(row, "answer", award.points, 0)
        if chance.random() < IMPROVED:
            yield _point(row, "improvement", DEFAULT_RULES.improvement, chance.randint(1, 4))


def _point(row: dict[str, Any], kind: str, points: int, improved: int) -> dict[str, Any]:
    return {
        "person_id": row["person_id"],
        "group_id": row["group_id"],
        "answer_id": row["id"],
        "kind": kind,
        "track": row["track"],
        "points": points,
        "improved": improved,
        "at": row["at"],
        "day": row["day"],
    }


def _rollups(points: Sequence[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """The sums of ``points`` (oldest first for each person), as boards.award would have left them."""
    sums: dict[tuple[int, str, str, str, int], list[Any]] = {}
    buckets: dict[date, list[tuple[str, str]]] = {}
    for row in points:
        day, at = row["day"], row["at"]
        if day not in buckets:
            buckets[day] = list(keys_for(day).items())
        for period, bucket in buckets[day]:
            for track in ("", row["track"]):
                kept = sums.setdefault(
                    (row["group_id"], period, bucket, track, row["person_id"]), [0, 0, at, at]
                )
                kept[0] += row["points"]
                kept[1] += row["improved"]
                if row["points"]:
                    kept[2] = at
                if row["improved"]:
                    kept[3] = at
    for (group_id, period, bucket, track, person_id), (total, improved, at, improved_at) in sorted(
        sums.items()
    ):
        yield {
            "group_id": group_id,
            "period": period,
            "bucket": bucket,
            "track": track,
            "person_id": person_id,
            "points": total,
            "improved": improved,
            "points_at": at,
            "improved_at": improved_at,
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
