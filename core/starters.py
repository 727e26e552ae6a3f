"""Bringing the shipped packs of this version into the database, when they differ from what is there."""

from __future__ import annotations

import hashlib
from datetime import datetime

from core.packs.load import starter_files, starter_pack
from core.store import prompts
from core.store.engine import Store


async def install_starters(store: Store, now: datetime) -> int:
    """Install every shipped pack whose file has changed; how many. A start without news reads one small table."""
    files = starter_files()
    async with store.read() as tx:
        kept = {p.sha256 for p in await prompts.list_packs(tx, None)}
    fresh = {name: source for name, source in files.items() if hashlib.sha256(source).hexdigest() not in kept}
    if fresh:
        packs = [starter_pack(source, name) for name, source in fresh.items()]
        # Behavioural first: a group's first question ever is its pack's first prompt.
        packs.sort(key=lambda p: (p.prompts[0].track != "behavioural", p.id))
        async with store.write() as tx:
            for pack in packs:
                await prompts.install(tx, pack, None, now)
    return len(fresh)
