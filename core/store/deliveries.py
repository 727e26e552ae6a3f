"""The outbox: a row for each thing to be sent, from ``pending`` to its end. Keys are made here and nowhere else."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, case, func, literal, or_, select, true, update

from core.store.engine import Tx
from core.store.sql import claim, insert_new
from core.store.tables import account, delivery, home

# Outbox states. Only ``pending`` and ``sending`` are open; the others are ends.
PENDING, SENDING, SENT, FAILED, EXPIRED, AMBIGUOUS = (
    "pending",
    "sending",
    "sent",
    "failed",
    "expired",
    "ambiguous",
)

DIRECT = ("remind", "notice")  # by direct message
REWRITES = ("recap", "edit")  # of a card that is there already: nobody is reached by them, nor missed


@dataclass(frozen=True, slots=True)
class Delivery:
    """One outbox row with what a sender needs to address it.

    ``tried_at`` is the first of the earlier tries that may have arrived; None: nothing of it can be there yet.
    """

    key: str
    kind: str
    occurrence_id: int | None
    home_id: int | None
    person_id: int | None
    platform: str
    scope: str
    state: str
    body: dict[str, Any] | None
    due_at: datetime
    not_before: datetime
    expires_at: datetime
    attempt: int
    channel_id: str
    server_id: str
    user_id: str
    dm_channel_id: str
    worker: str
    edits: str
    tried_at: datetime | None
    reason: str


def drop_key(occurrence_id: int, home_id: int) -> str:
    return f"d{occurrence_id}h{home_id}"


def remind_key(occurrence_id: int) -> str:
    return f"d{occurrence_id}p"


def edit_key(card_key: str) -> str:
    return f"e{card_key}"


def recap_key(card_key: str) -> str:
    return f"r{card_key}"


def notice_key() -> str:
    """For what is said once, on an occasion: no two are alike."""
    return f"n{secrets.token_hex(12)}"


def scope_of(platform: str, server_id: str) -> str:
    """What the platform's rate limits count by: a Slack workspace, or the whole bot."""
    return f"slack:{server_id}" if platform == "slack" else platform


def row(key: str, kind: str, **values: Any) -> dict[str, Any]:
    """A pending outbox row; ``values`` fill in the address and the times."""
    base: dict[str, Any] = {
        "key": key,
        "kind": kind,
        "edits": None,
        "occurrence_id": None,
        "home_id": None,
        "person_id": None,
        "state": PENDING,
        "body": None,
        "attempt": 0,
        "worker": "",
        "lease_until": None,
        "sending_at": None,
        "settled_at": None,
        "message_id": "",
        "channel_id": "",
        "reason": "",
    }
    return base | values


async def put(tx: Tx, rows: Sequence[dict[str, Any]]) -> None:
    """Add outbox rows; one whose key is there already is left as it is (the wall against doubles)."""
    await insert_new(tx, delivery, rows)


_DELIVERY = (
    select(
        delivery,
        home.c.server_id,
        home.c.channel_id.label("home_channel_id"),
        account.c.user_id,
        account.c.workspace,
        account.c.dm_channel_id,
    )
    .outerjoin(home, home.c.id == delivery.c.home_id)
    .outerjoin(
        account,
        and_(
            account.c.person_id == delivery.c.person_id,
            account.c.platform == delivery.c.platform,
            # On Slack a person may have an account in each of several workspaces.
            or_(delivery.c.platform != "slack", delivery.c.scope == literal("slack:") + account.c.workspace),
        ),
    )
)


def _delivery(r: Row[Any], tried_at: datetime | None) -> Delivery:
    return Delivery(
        r.key,
        r.kind,
        r.occurrence_id,
        r.home_id,
        r.person_id,
        r.platform,
        r.scope,
        r.state,
        r.body,
        r.due_at,
        r.not_before,
        r.expires_at,
        r.attempt,
        r.channel_id or r.home_channel_id or "",
        r.server_id or r.workspace or "",
        r.user_id or "",
        r.dm_channel_id or "",
        r.worker,
        r.edits or "",
        tried_at,
        r.reason,
    )


# Within a scope: questions first, then what is said to one person, then cards that are written anew.
_RANK = case(
    (delivery.c.kind.in_(DIRECT), 1), (delivery.c.kind == "recap", 2), (delivery.c.kind == "edit", 3), else_=0
)


async def waiting(tx: Tx, scope: str, now: datetime, limit: int) -> list[str]:
    """Keys of the next rows to send in ``scope``, in order. Many at once: ordering thousands takes a while."""
    query = (
        select(delivery.c.key)
        .where(delivery.c.state == PENDING, delivery.c.scope == scope, delivery.c.not_before <= now)
        .order_by(_RANK, delivery.c.not_before, delivery.c.key)
        .limit(limit)
    )
    return list((await tx.execute(query)).scalars())


async def take(tx: Tx, key: str, worker: str, now: datetime, lease: timedelta) -> Delivery | None:
    """That row, already marked ``sending``; None when somebody else has it. Commit before the call goes out.

    ``sending_at`` stays at the first of the tries that may have arrived.
    """
    query = select(delivery.c.sending_at).where(
        delivery.c.key == key, delivery.c.state == PENDING, delivery.c.not_before <= now
    )
    free = (await tx.execute(claim(tx, query))).one_or_none()
    if free is None:
        return None
    await tx.execute(
        update(delivery)
        .where(delivery.c.key == key)
        .values(
            state=SENDING,
            attempt=delivery.c.attempt + 1,
            worker=worker,
            sending_at=free.sending_at or now,
            lease_until=now + lease,
        )
    )
    found = (await tx.execute(_DELIVERY.where(delivery.c.key == key))).first()
    return _delivery(found, free.sending_at) if found is not None else None


async def settle(
    tx: Tx,
    key: str,
    state: str,
    now: datetime,
    *,
    message_id: str = "",
    channel_id: str | None = None,
    reason: str = "",
) -> None:
    """Write a row's end; ``reason`` says why it is not ``sent``. What is known to be there stays ``sent``."""
    values: dict[str, Any] = {
        "state": state,
        "settled_at": now,
        "lease_until": None,
        "message_id": message_id,
        "reason": reason[:200],
    }
    if channel_id:
        values["channel_id"] = channel_id
    still_open = true() if state == SENT else delivery.c.state.in_((PENDING, SENDING))
    await tx.execute(update(delivery).where(delivery.c.key == key, still_open).values(**values))


async def put_back(
    tx: Tx,
    row: Delivery,
    not_before: datetime,
    reason: str = "",
    *,
    there: bool,
    attempt: int | None = None,
) -> None:
    """Make a row pending again, unless somebody else has it by now. ``there``: a try of it may have arrived."""
    values: dict[str, Any] = {
        "state": PENDING,
        "not_before": not_before,
        "lease_until": None,
        "worker": "",
        "reason": reason[:200],
    }
    if not there:
        values["sending_at"] = None
    if attempt is not None:
        values["attempt"] = attempt
    await tx.execute(
        update(delivery)
        .where(delivery.c.key == row.key, delivery.c.state == SENDING, delivery.c.worker == row.worker)
        .values(**values)
    )


async def workspaces(tx: Tx, person_ids: Collection[int]) -> dict[tuple[int, str], str]:
    """(person, platform) -> the workspace of their account there, for ``scope_of``.

    Of several accounts on one platform it is the one that direct messages have gone to, then the newest.
    """
    query = (
        select(account.c.person_id, account.c.platform, account.c.workspace)
        .where(account.c.person_id.in_(person_ids))
        .order_by(account.c.dm_channel_id != "", account.c.created_at, account.c.workspace)
    )
    return {(r.person_id, r.platform): r.workspace for r in await tx.execute(query)}  # the last one counts


async def keep_direct_channel(tx: Tx, row: Delivery, channel_id: str) -> None:
    """Where a person's direct messages go, so that the next one need not ask."""
    if channel_id == row.dm_channel_id:
        return
    await tx.execute(
        update(account)
        .where(
            account.c.person_id == row.person_id,
            account.c.platform == row.platform,
            account.c.workspace == row.server_id,
            account.c.user_id == row.user_id,
        )
        .values(dm_channel_id=channel_id)
    )


async def mistrust(tx: Tx, now: datetime, look_for: timedelta, waits: Mapping[str, timedelta]) -> None:
    """Tries that lie ahead: the clock was turned back, and nobody can tell how long ago they were. Look far back.

    ``waits``: platform -> how long what is under way there may need to arrive.
    """
    ahead = (delivery.c.state == PENDING, delivery.c.sending_at > now)
    for platform, wait in waits.items():
        if wait:
            await tx.execute(
                update(delivery)
                .where(*ahead, delivery.c.platform == platform)
                .values(sending_at=now - look_for, not_before=now + wait)
            )
    await tx.execute(update(delivery).where(*ahead).values(sending_at=now - look_for, not_before=now))


async def expire(tx: Tx, now: datetime) -> None:
    """Pending rows past their time become ``expired``, but for those that may be there: they are looked for."""
    passed = "its time had passed before it could be sent"
    tried = func.substr(f"{passed} (" + delivery.c.reason + ")", 1, 200)
    why = case((delivery.c.reason == "", passed), else_=tried)
    await tx.execute(
        update(delivery)
        .where(delivery.c.state == PENDING, delivery.c.expires_at <= now, delivery.c.sending_at.is_(None))
        .values(state=EXPIRED, settled_at=now, reason=why)
    )


async def give_up_looking(tx: Tx, now: datetime, look_for: timedelta) -> None:
    """Rows that may be there and could not be looked for until so long after their time: nobody knows."""
    await tx.execute(
        update(delivery)
        .where(
            delivery.c.state == PENDING,
            delivery.c.expires_at <= now - look_for,
            delivery.c.sending_at.isnot(None),
        )
        .values(state=AMBIGUOUS, settled_at=now)
    )


async def stranded(tx: Tx, now: datetime, worker: str, *, alone: bool) -> list[Delivery]:
    """Rows at ``sending`` whose process died between send and commit.

    Their lease has run out; or, when ``worker`` is the only process there can be, they are somebody else's.
    """
    rows = await tx.execute(_DELIVERY.where(_stranded(now, worker, alone=alone)))
    return [_delivery(r, r.sending_at) for r in rows]


def _stranded(now: datetime, worker: str, *, alone: bool) -> ColumnElement[bool]:
    over = or_(delivery.c.lease_until.is_(None), delivery.c.lease_until <= now)
    return and_(delivery.c.state == SENDING, or_(over, delivery.c.worker != worker) if alone else over)


async def scopes_waiting(tx: Tx, now: datetime) -> list[str]:
    query = (
        select(delivery.c.scope).where(delivery.c.state == PENDING, delivery.c.not_before <= now).distinct()
    )
    return [r.scope for r in await tx.execute(query.order_by(delivery.c.scope))]


async def counts(tx: Tx) -> dict[str, int]:
    """Outbox rows by state."""
    query = select(delivery.c.state, func.count().label("n")).group_by(delivery.c.state)
    return {r.state: r.n for r in await tx.execute(query)}
