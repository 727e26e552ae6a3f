"""Claiming weekly recaps: on Monday at nine each home that wants one gets an outbox row about the week before.

Once for each home and week, by the row's key, however often it is switched on or the group's zone changes. A week
in which nobody practised has none.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from core.delivery.due import SLEPT
from core.ports import Clock
from core.store import deliveries, weekly
from core.store.engine import Store, Tx
from core.store.weekly import DueHome

BATCH = 100
LATE = timedelta(hours=24)  # how late a recap may come


async def claim_weekly(store: Store, clock: Clock) -> int:
    """Claim every recap due by now, batch by batch; the number of homes claimed."""
    claimed = 0
    while True:
        async with store.write() as tx:
            now = clock.now()
            batch = await weekly.due(tx, now, BATCH)
            if batch:
                await _claim(tx, batch, now)
        claimed += len(batch)
        if len(batch) < BATCH:
            return claimed
        await asyncio.sleep(0)  # whoever waits to write comes next


async def _claim(tx: Tx, batch: Sequence[DueHome], now: datetime) -> None:
    posts: list[tuple[DueHome, str, datetime]] = []
    moves = []
    for place in batch:
        at = place.weekly_at
        while at <= now:
            if place.state == "active" and not place.gone:
                posts.append((place, weekly.week_before(at, place.zone), at))
            at = weekly.next_at(place.zone, at)
        moves.append((place.home_id, at))
    await weekly.advance(tx, moves)
    busy = {}
    for week in {week for _, week, _ in posts}:
        busy[week] = await weekly.practised(tx, {p.group_id for p, of, _ in posts if of == week}, week)
    await deliveries.put(tx, [_row(p, week, at, now) for p, week, at in posts if p.group_id in busy[week]])


def _row(place: DueHome, week: str, at: datetime, now: datetime) -> dict[str, Any]:
    values: dict[str, Any] = {
        "home_id": place.home_id,
        "platform": place.platform,
        "scope": deliveries.scope_of(place.platform, place.server_id),
        "body": {"week": week},
        "due_at": at,
        "not_before": at,
        "expires_at": at + LATE,
    }
    if at + LATE <= now:
        values |= {"state": deliveries.EXPIRED, "settled_at": now, "reason": SLEPT}
    return deliveries.row(deliveries.weekly_key(place.home_id, week), "weekly", **values)
