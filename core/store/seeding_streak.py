"""One person with years behind them, for the benchmark of streaks: practice, moves, vacations, and questions."""

from __future__ import annotations

import random
from datetime import datetime, time, timedelta

from sqlalchemy import insert

from core.rules.days import day_of
from core.store import arrivals, deliveries
from core.store.bulk import load
from core.store.deliveries import EXPIRED, SENT
from core.store.engine import Tx
from core.store.tables import account, delivery, member, occurrence, person_change, practice_log, schedule

ZONES = ("Europe/Berlin", "Asia/Kolkata", "America/New_York", "Asia/Tokyo", "Europe/Berlin")
MOVES_EVERY = 120  # days between two changes of zone
MISSES_EVERY = 11  # days of practice between two without
FAILS_EVERY = 12  # questions between two that did not come


async def fill_life(tx: Tx, group_id: int, home_id: int, platform: str, days: int, now: datetime) -> int:
    """A member of the group who practised for so many days up to ``now``, with a question on each; their number."""
    begin = (now - timedelta(days=days)).replace(hour=4, minute=0, second=0, microsecond=0)
    person_id = await arrivals.create_person(tx, "Bench", ZONES[0], begin)
    who = {"platform": platform, "workspace": "", "user_id": "bench", "name": "Bench", "dm_channel_id": ""}
    await tx.execute(insert(account).values(**who, person_id=person_id, created_at=begin))
    await tx.execute(
        insert(member).values(
            group_id=group_id, person_id=person_id, hidden=False, joined_at=begin, left_at=None
        )
    )
    await load(tx, person_change, _changes(person_id, begin, days))
    await load(tx, practice_log, _practice(person_id, begin, days))
    await _questions(tx, group_id, home_id, platform, begin, days)
    return person_id


def _zone(n: int) -> str:
    return ZONES[n // MOVES_EVERY % len(ZONES)]


def _changes(person_id: int, begin: datetime, days: int) -> list[dict[str, object]]:
    rows: list[tuple[int, str, object]] = [(0, "rest", [6])]
    rows += [(n, "zone", _zone(n)) for n in range(MOVES_EVERY, days, MOVES_EVERY)]
    for n in range(180, days, 365):
        first = (begin + timedelta(days=n + 10)).date()
        rows.append((n, "vacation", [first.isoformat(), (first + timedelta(days=9)).isoformat()]))
    return [
        {"person_id": person_id, "at": begin + timedelta(days=n), "kind": kind, "value": value}
        for n, kind, value in sorted(rows, key=lambda row: row[0])
    ]


def _practice(person_id: int, begin: datetime, days: int) -> list[dict[str, object]]:
    chance, rows = random.Random(5), []
    for n in range(days):
        if n % MISSES_EVERY:
            at = begin + timedelta(days=n, minutes=chance.randrange(600, 840))
            rows.append(
                {
                    "person_id": person_id,
                    "kind": "answer",
                    "track": "behavioural",
                    "answer_id": None,
                    "counts": bool(n % 50),
                    "at": at,
                    "day": day_of(at, _zone(n)),
                    "zone": _zone(n),
                    "cutoff": 180,
                }
            )
    return rows


async def _questions(tx: Tx, group_id: int, home_id: int, platform: str, begin: datetime, days: int) -> None:
    """A daily schedule that is over, its occurrences, and what became of them in the home."""
    made = await tx.execute(
        insert(schedule)
        .values(
            group_id=group_id,
            person_id=None,
            platform="",
            local_time=17 * 60,
            zone="UTC",
            weekdays=127,
            tracks=[],
            packs=[],
            role_id="",
            state="removed",
            reason="",
            created_at=begin,
        )
        .returning(schedule.c.id)
    )
    schedule_id = made.scalar_one()
    dates = [begin.date() + timedelta(days=n) for n in range(days)]
    due = [datetime.combine(day, time(17), begin.tzinfo) for day in dates]
    rows = [
        {
            "schedule_id": schedule_id,
            "local_date": day,
            "due_at": at,
            "closes_at": at + timedelta(days=1),
            "state": "open",
            "prompt_id": None,
        }
        for day, at in zip(dates, due, strict=True)
    ]
    await load(tx, occurrence, rows)
    found = await tx.execute(occurrence.select().where(occurrence.c.schedule_id == schedule_id))
    sent = []
    for n, one in enumerate(found):
        values = {
            "occurrence_id": one.id,
            "home_id": home_id,
            "platform": platform,
            "scope": platform,
            "channel_id": "bench",
            "due_at": one.due_at,
            "not_before": one.due_at,
            "expires_at": one.closes_at,
            "state": SENT if n % FAILS_EVERY else EXPIRED,
            "settled_at": one.due_at,
        }
        sent.append(deliveries.row(deliveries.drop_key(one.id, home_id), "drop", **values))
    await load(tx, delivery, sent)
