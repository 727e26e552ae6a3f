"""How long things are kept, and the nightly sweep that deletes what is older: many short transactions.

Never swept: answers, checklists, reviews, points, practice and settings of members, which are theirs until
``me forget``; and what streaks are replayed from (core/store/retention.py).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, fields
from datetime import datetime, timedelta

from core.services import Services
from core.store import retention as kept
from core.store.engine import Line, Tx

BATCH = 500  # rows in one transaction: a writer beside the sweep waits for one of them at most
CODES_FOR = timedelta(days=7)  # after a one-time code has run out: so long it can still be said why it fails


@dataclass(frozen=True, slots=True)
class Rules:
    """Days for which each is kept; 0: for ever. ``servers``: data of a server that Starling was removed from."""

    outbox: int = 90
    audit: int = 365
    asides: int = 180
    servers: int = 30


@dataclass(frozen=True, slots=True)
class Swept:
    """How many of each a sweep has deleted."""

    messages: int = 0
    drafts: int = 0
    asides: int = 0
    codes: int = 0
    actions: int = 0
    homes: int = 0
    groups: int = 0

    @property
    def found(self) -> dict[str, int]:
        """What there was at all, by name: for the log."""
        counts = {one.name: getattr(self, one.name) for one in fields(self)}
        return {name: n for name, n in counts.items() if n}


async def sweep(app: Services, rules: Rules) -> Swept:
    """Delete what ``rules`` and the life of drafts say is too old. Raises StoreError; what is gone by then is gone."""
    now = app.clock.now()
    asides = actions = messages = homes = groups = 0
    drafts = await _all(app, kept.drop_drafts, now - app.limits.draft_life)
    codes = await _all(app, kept.drop_codes, now - CODES_FOR)
    if rules.asides:
        asides = await _all(app, kept.drop_asides, now - timedelta(days=rules.asides))
    if rules.audit:
        actions = await _all(app, kept.drop_actions, now - timedelta(days=rules.audit))
    if rules.outbox:
        messages = await _sweep_messages(app, now - timedelta(days=rules.outbox))
    if rules.servers:
        homes, groups = await _sweep_servers(app, now - timedelta(days=rules.servers), now)
    return Swept(messages, drafts, asides, codes, actions, homes, groups)


async def _all(app: Services, some: Callable[[Tx, datetime, int], Awaitable[int]], before: datetime) -> int:
    """Run ``some`` until it finds less than a batch, each in a transaction of its own; how many in all."""
    total = 0
    while True:
        async with app.store.write() as tx:
            done = await some(tx, before, BATCH)
        total += done
        if done < BATCH:
            return total


async def _sweep_messages(app: Services, before: datetime) -> int:
    """Looking is done in reading transactions, which keep nobody waiting; only the deleting writes."""
    total = 0
    while True:
        async with app.store.read() as tx:
            keys = await kept.old_messages(tx, before, BATCH)
        if keys:
            async with app.store.write() as tx:
                total += await kept.drop_messages(tx, keys)
        if len(keys) < BATCH:
            break
    last: Line | None = None
    while True:
        async with app.store.read() as tx:
            rows = await kept.old_reminders(tx, before, last, BATCH)
            free = {r.key for r in rows} - await kept.needed(tx, rows)
        if free:
            async with app.store.write() as tx:
                total += await kept.drop_messages(tx, sorted(free))
        if len(rows) < BATCH:
            return total
        last = rows[-1]


async def _sweep_servers(app: Services, before: datetime, now: datetime) -> tuple[int, int]:
    async with app.store.read() as tx:
        homes = await kept.gone_homes(tx, before)
    ended = 0
    for home_id in homes:
        async with app.store.write() as tx:
            ended += await kept.drop_home(tx, home_id, before, now)
    async with app.store.read() as tx:
        # Also those that an earlier sweep was stopped in the middle of.
        left = [group_id for group_id in await kept.ended_groups(tx) if await kept.has_rest(tx, group_id)]
    for group_id in left:
        await _sweep_group(app, group_id)
    return len(homes), ended


async def _sweep_group(app: Services, group_id: int) -> None:
    async with app.store.read() as tx:
        own, held = await kept.own_questions(tx, group_id)
    empty = [one for one in own if one not in held]
    for first in range(0, len(empty), BATCH):
        async with app.store.write() as tx:
            await kept.empty_prompts(tx, empty[first : first + BATCH])
    async with app.store.write() as tx:
        await kept.disown_packs(tx, group_id)
    while True:
        async with app.store.write() as tx:
            if not await kept.drop_rest(tx, group_id, BATCH):
                return
