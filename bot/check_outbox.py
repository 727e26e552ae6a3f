"""``starling check``: what waits to be sent, what went wrong lately, what is switched off, and the way out of each."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from core.plain import clean_line, count
from core.store import schedules, watched
from core.store.engine import Line, Tx

RECENT = timedelta(days=7)
SHOWN = 12
WAY_OUT = {
    "ambiguous": "An organiser looks there; while the question is open, “doctor” has a Repost button.",
    "failed": "Put that right, then an organiser there types: drops resume number: {number}",
    "expired": "Nobody's streak is touched by it. Starling has to be running, and connected, when something is due.",
}
HAPPENED = {
    "ambiguous": "may not have arrived",
    "failed": "could not be sent",
    "expired": "came too late to be sent",
}
KINDS = {"drop": "question", "remind": "reminder", "test": "test post", "weekly": "weekly recap"}


async def look(tx: Tx, now: datetime, say: Callable[[str], None]) -> None:
    for row in await watched.queues(tx, now):
        waited = int((now - row.since).total_seconds())
        say(f"Queue: {count(row.waiting, 'message')} for {row.scope}, the oldest for {waited} s.")
    for row in await watched.trouble(tx, now - RECENT, SHOWN):
        number = await schedules.posting_at(tx, row.home_id) if row.home_id is not None else None
        say(
            f"Deliveries: {_what(row)} {HAPPENED[row.state]}: {clean_line(row.reason) or 'no reason was kept'}."
        )
        say(f"  {_way_out(row, number)}")
    for row in await watched.switched_off(tx):
        number = await schedules.posting_at(tx, row.id)
        again = f"drops resume number: {number}" if number is not None else "setup time: 09:00"
        name = clean_line(row.name) or "a channel"
        say(f"Switched off: {name} ({row.platform}): {clean_line(row.reason)}.")
        say(f"  Once that is put right, an organiser there types: {again}")
    for row in await watched.reminders_off(tx):
        say(f"Switched off: {count(row.n, 'reminder')}: {clean_line(row.reason)}.")
        say("  Each of their owners has been told, and brings it back with: remind set")


def _what(row: Line) -> str:
    what = count(row.n, KINDS.get(row.kind, "message"))
    return f"{what} for {clean_line(row.home)} ({row.platform})" if row.home else f"{what} ({row.platform})"


def _way_out(row: Line, number: int | None) -> str:
    if row.home_id is None and row.state != "expired":
        return "Its reader finds it with “today”, and was told."
    if row.state == "failed" and number is None:
        return "Put that right, then an organiser there types: setup time: 09:00"
    return WAY_OUT[row.state].format(number=number)
