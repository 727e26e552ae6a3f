"""Servers that Starling is removed from and comes back to: what belongs there goes off and on with it.

On Slack a server is a workspace, and whoever is reached there is reached through it: their reminders go and come
with it, too. Discord's people belong to no server.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, Update, case, exists, select, update

from core.store.arrivals import disable_home, enable_home
from core.store.deliveries import AMBIGUOUS, FAILED, PENDING, REWRITES
from core.store.engine import Tx
from core.store.stale import mark_stale
from core.store.tables import account, delivery, home, schedule

REMOVED = "Starling was removed from this server"
_REMOVED = {"slack": "Starling was removed from this workspace"}


REASONS = frozenset({REMOVED, *_REMOVED.values()})


def removed(platform: str) -> str:
    """Why a home or a reminder of that platform is off when Starling was removed; nothing else has this reason."""
    return _REMOVED.get(platform, REMOVED)


async def leave(tx: Tx, platform: str, gone: Callable[[str], bool], now: datetime) -> int:
    """Switch off the homes on servers that are ``gone``, and the reminders of people who are reached through them,
    with what waits to be sent to either; how many homes went off.

    What was off already keeps its reason: coming back alone does not mend that. Since when Starling is not there any
    more is written down once: what is kept of the server goes some time after that (core/retention.py).
    """
    reason = removed(platform)
    # What was tried may have arrived before the door was shut.
    end = case((delivery.c.sending_at.is_(None), FAILED), else_=AMBIGUOUS)
    lost = update(delivery).where(delivery.c.platform == platform, delivery.c.state == PENDING)
    lost = lost.values(state=end, settled_at=now, reason=reason).returning(delivery.c.occurrence_id)
    went, unreached, homes = 0, set(), []
    for row in await _homes(tx, platform):
        if gone(row.server_id):
            went += await disable_home(tx, row.id, reason)
            homes.append(row.id)
            here = (delivery.c.home_id == row.id, delivery.c.kind.not_in(REWRITES))
            unreached |= set((await tx.execute(lost.where(*here))).scalars())
            if row.gone_at is None:
                await tx.execute(update(home).where(home.c.id == row.id).values(gone_at=now))
    if shut := [one for one in await _workspaces(tx, platform) if gone(one)]:
        people = _only_in(platform, shut)
        await tx.execute(
            _reminders(platform, people, "active").values(state="disabled", reason=reason),
        )
        theirs = lost.where(delivery.c.home_id.is_(None), delivery.c.person_id.in_(people))
        unreached |= set((await tx.execute(theirs)).scalars())
    await mark_stale(tx, unreached)
    # Cards last: whoever answers has their streak when they come to them.
    await tx.execute(lost.where(delivery.c.home_id.in_(homes)))
    return went


async def come_back(tx: Tx, platform: str, there: Callable[[str], bool]) -> int:
    """Switch on again the homes and reminders that were off only because Starling had been removed; how many."""
    reason = removed(platform)
    homes = [row for row in await _homes(tx, platform) if there(row.server_id)]
    for row in homes:
        if row.gone_at is not None:
            await tx.execute(update(home).where(home.c.id == row.id).values(gone_at=None))
    back = [row.id for row in homes if row.reason == reason]
    for home_id in back:
        await enable_home(tx, home_id)
    came = len(back)
    if open_now := [one for one in await _workspaces(tx, platform) if there(one)]:
        people = select(account.c.person_id).where(
            account.c.platform == platform, account.c.workspace.in_(open_now)
        )
        ours = _reminders(platform, people, "disabled").where(schedule.c.reason == reason)
        came += (await tx.execute(ours.values(state="active", reason=""))).rowcount
    return came


async def _homes(tx: Tx, platform: str) -> list[Row[Any]]:
    query = select(home.c.id, home.c.server_id, home.c.reason, home.c.gone_at).where(
        home.c.platform == platform
    )
    return list(await tx.execute(query.order_by(home.c.id)))


async def _workspaces(tx: Tx, platform: str) -> list[str]:
    """Those that somebody has an account in; none where accounts are the platform's own."""
    query = select(account.c.workspace).where(account.c.platform == platform, account.c.workspace != "")
    return list((await tx.execute(query.distinct())).scalars())


def _only_in(platform: str, workspaces: Collection[str]) -> Select[tuple[int]]:
    """The people whom the platform reaches through these workspaces and no other."""
    other = account.alias()
    elsewhere = exists().where(
        other.c.person_id == account.c.person_id,
        other.c.platform == platform,
        other.c.workspace.not_in(workspaces),
    )
    return select(account.c.person_id).where(
        account.c.platform == platform, account.c.workspace.in_(workspaces), ~elsewhere
    )


def _reminders(platform: str, people: Select[tuple[int]], state: str) -> Update:
    """These people's reminders by the platform.

    They keep their next date and stay in ``schedule_span``: nobody unscheduled them. What fell due meanwhile is
    written down when they run again, as after a time in which Starling was not running, and is nobody's miss.
    """
    return update(schedule).where(
        schedule.c.person_id.in_(people), schedule.c.platform == platform, schedule.c.state == state
    )
