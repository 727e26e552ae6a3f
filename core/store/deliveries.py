"""The outbox: a row for each thing to be sent, from ``pending`` to its end. Keys are made here and nowhere else."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, func, literal, or_, select, true, update

from core.store.engine import Tx
from core.store.sql import insert_new
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

QUESTIONS = ("drop", "remind")  # that a day may be neutral for, when they do not come
REWRITES = ("recap", "edit")  # of a card that is there already: nobody is reached by them, nor missed

# Within a scope: questions first, then what is said to one person, then recaps, then cards that are written anew.
RANKS = {"remind": 1, "notice": 1, "recap": 2, "weekly": 2, "edit": 3}


EPOCH = datetime.fromtimestamp(0, UTC)


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
    taken_at: datetime = EPOCH
    """When it went to ``sending`` for this try."""


def drop_key(occurrence_id: int, home_id: int) -> str:
    return f"d{occurrence_id}h{home_id}"


def remind_key(occurrence_id: int) -> str:
    return f"d{occurrence_id}p"


def edit_key(card_key: str) -> str:
    return f"e{card_key}"


def recap_key(card_key: str) -> str:
    return f"r{card_key}"


def weekly_key(home_id: int, week: str) -> str:
    """``week``: "2026-W47"."""
    return f"w{home_id}-{week.replace('-W', '')}"


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
        "rank": RANKS.get(kind, 0),
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


# Every row with what a sender needs; read by ``delivery_of``.
ALL = (
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


def delivery_of(r: Row[Any], tried_at: datetime | None, taken_at: datetime = EPOCH) -> Delivery:
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
        taken_at,
    )


def _as_taken(row: Delivery) -> tuple[ColumnElement[bool], ...]:
    """It is the same try still: not another process's, nor a later one of this process."""
    return delivery.c.worker == row.worker, delivery.c.attempt == row.attempt


async def settle(
    tx: Tx,
    row: Delivery,
    state: str,
    now: datetime,
    *,
    message_id: str = "",
    channel_id: str | None = None,
    reason: str = "",
) -> None:
    """Write a row's end; ``reason`` says why it is not ``sent``.

    What is known to be there is ``sent``, whoever has the row by now and whatever it was taken for; any other end
    is for whoever has it to write.
    """
    values: dict[str, Any] = {
        "state": state,
        "settled_at": now,
        "lease_until": None,
        "message_id": message_id,
        "reason": reason[:200],
    }
    if channel_id:
        values["channel_id"] = channel_id
    ours = and_(delivery.c.state.in_((PENDING, SENDING)), *_as_taken(row))
    still_open = true() if state == SENT else ours
    await tx.execute(update(delivery).where(delivery.c.key == row.key, still_open).values(**values))


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
        .where(delivery.c.key == row.key, delivery.c.state == SENDING, *_as_taken(row))
        .values(**values)
    )


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


async def counts(tx: Tx) -> dict[str, int]:
    """Outbox rows by state."""
    query = select(delivery.c.state, func.count().label("n")).group_by(delivery.c.state)
    return {r.state: r.n for r in await tx.execute(query)}
