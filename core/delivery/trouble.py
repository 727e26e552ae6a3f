"""What cannot be delivered: nobody is tried again in vain, and whoever can do something about it is told."""

from __future__ import annotations

from datetime import datetime, timedelta

from core.delivery.content import plain_notice
from core.services import Services
from core.store import asides, deliveries, organisers, schedules, servers
from core.store import occurrences as store
from core.store.arrivals import disable_home
from core.store.deliveries import Delivery
from core.store.engine import Tx

TELL_FOR = timedelta(days=3)  # how late an organiser may still be told


async def refused(tx: Tx, app: Services, row: Delivery, why: str, now: datetime) -> None:
    """``row`` will not get through until somebody changes something: its home or its reminder is switched off."""
    if row.home_id is not None:
        if await disable_home(tx, row.home_id, why):
            await _tell_organiser(tx, app, row, row.home_id, why, now)
    elif row.kind == "remind" and row.occurrence_id is not None:
        await _stop_reminder(tx, row, row.occurrence_id, why, now)
    else:
        await undelivered(tx, row, why, now)


async def thrown_out(tx: Tx, app: Services, row: Delivery, why: str, now: datetime) -> None:
    """Starling may do nothing on ``row``'s whole server any more: everything there goes off, and comes back with it.

    The platform says so, too, by an event; what is sent may be told first, or alone.
    """
    if row.home_id is not None:
        await refused(tx, app, row, why, now)
    else:
        await undelivered(tx, row, why, now)
    if row.server_id:
        await servers.leave(tx, row.platform, lambda other: other == row.server_id, now)


async def undelivered(tx: Tx, row: Delivery, why: str, now: datetime) -> None:
    """What a notice was to say is read above the person's next private reply instead."""
    if row.kind == "notice" and row.person_id is not None:
        said = plain_notice(row.body)
        await asides.add(tx, row.person_id, f"This could not be sent to you ({why}): {said}", now)


async def _stop_reminder(tx: Tx, row: Delivery, occurrence_id: int, why: str, now: datetime) -> None:
    drop = await store.get_drop(tx, occurrence_id)
    found = await schedules.get_schedule(tx, drop.schedule_id) if drop is not None else None
    if found is None or found.state in ("disabled", "removed"):
        return
    await schedules.stop(tx, found.id, "disabled", now, why)
    if row.person_id is not None:
        text = (
            f"Your question of the day could not be sent to you: {why}. Your reminder is switched off. "
            "Once that is put right, “remind set” brings it back; here you find the question with “today”."
        )
        await asides.add(tx, row.person_id, text, now)


async def _tell_organiser(
    tx: Tx, app: Services, row: Delivery, home_id: int, why: str, now: datetime
) -> None:
    """By direct message, once: it is called when the home goes from on to off."""
    home = await organisers.home_of(tx, home_id)
    who = await organisers.to_tell(tx, home.group_id, app.platforms, row.platform)
    if who is None:
        return  # doctor says it, and the log
    drop = await store.get_drop(tx, row.occurrence_id) if row.occurrence_id is not None else None
    number = drop.schedule_id if drop is not None else await schedules.posting_at(tx, home_id)
    where = home.name or "a channel"
    if row.channel_id and row.channel_id != home.channel_id:
        where = f"channel {row.channel_id}, which belongs to {where}"
    text: list[str | list[str | dict[str, str]]] = [
        f"Starling cannot post in {where} any more: {why}. Nothing is tried there until you have seen to it."
    ]
    if number is not None:
        text.append(
            [
                "Once it is put right, ",
                {"typed": f"drops resume number: {number}"},
                " lets the questions come again.",
            ]
        )
    notice = deliveries.row(
        deliveries.notice_key(),
        "notice",
        person_id=who.person_id,
        platform=who.platform,
        scope=deliveries.scope_of(who.platform, who.workspace),
        body={"text": text, "buttons": [["Doctor", "doctor"]]},
        due_at=now,
        not_before=now,
        expires_at=now + TELL_FOR,
    )
    await deliveries.put(tx, [notice])
