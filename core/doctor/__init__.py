"""What ``doctor`` looks at, part by part. Everything here only reads."""

from __future__ import annotations

import asyncio
from datetime import datetime

from core.doctor import machine, packs, posting, rights, sending
from core.doctor.finding import Finding, Part
from core.services import Services
from core.store import health, people, prompts, schedules
from core.store.people import Group

__all__ = ["Finding", "Part", "look"]


async def look(app: Services, group: Group, now: datetime, *, at_home: bool) -> list[Part]:
    """Everything about one group, in one consistent picture of the database.

    ``at_home``: the reader sits at the machine itself, so where its files are is no secret.
    """
    current = await asyncio.to_thread(packs.shipped_now)
    allowed = await rights.gather(app, group)  # before the picture is taken: a platform may take its time
    async with app.store.read() as tx:
        homes = await people.homes_of(tx, group.id)
        planned = await schedules.of_group(tx, group.id)
        places = await schedules.homes_of(tx, [s.id for s in planned])
        known = await prompts.list_packs(tx, group.id)
        live = await health.live_prompts(tx, group.id)
        return [
            posting.channels(app, homes, planned, places, allowed),
            posting.schedules(planned, places, known, live, now),
            await posting.deliveries(tx, app, group, planned, places, now),
            machine.clock(app.notes(), group, now),
            await machine.database(tx, app.store, group, now, at_home=at_home),
            *await sending.senders(tx, app.store, now, at_home=at_home),
            await packs.held(tx, group, known, live, app.rubrics, current),
        ]
