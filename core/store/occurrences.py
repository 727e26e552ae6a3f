"""Occurrences (drops) and the outbox rows that carry them. Keys are made here and nowhere else."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, bindparam, case, func, or_, select, update

from core.store.engine import Tx
from core.store.sql import claim, insert_new
from core.store.tables import account, answer, delivery, home, member, occurrence, pack, prompt, schedule

# Outbox states. Only ``pending`` and ``sending`` are open; the others are ends.
PENDING, SENDING, SENT, FAILED, EXPIRED, AMBIGUOUS = (
    "pending",
    "sending",
    "sent",
    "failed",
    "expired",
    "ambiguous",
)


@dataclass(frozen=True, slots=True)
class Drop:
    """An occurrence as the features need it."""

    id: int
    schedule_id: int
    group_id: int | None
    person_id: int | None
    local_date: date
    due_at: datetime
    closes_at: datetime
    state: str  # open | skipped | expired
    prompt_id: int | None
    zone: str
    tracks: tuple[str, ...]
    packs: tuple[str, ...]
    role_id: str


@dataclass(frozen=True, slots=True)
class Delivery:
    """One outbox row with what a sender needs to address it."""

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
    reason: str


_DROP = select(
    occurrence,
    schedule.c.group_id,
    schedule.c.person_id,
    schedule.c.zone,
    schedule.c.tracks,
    schedule.c.packs,
    schedule.c.role_id,
).join(schedule, schedule.c.id == occurrence.c.schedule_id)


def _drop(r: Row[Any]) -> Drop:
    return Drop(
        r.id,
        r.schedule_id,
        r.group_id,
        r.person_id,
        r.local_date,
        r.due_at,
        r.closes_at,
        r.state,
        r.prompt_id,
        r.zone,
        tuple(r.tracks),
        tuple(r.packs),
        r.role_id,
    )


# --- occurrences ----------------------------------------


async def add_occurrences(tx: Tx, rows: Sequence[dict[str, Any]]) -> dict[tuple[int, date], int]:
    """Insert those that are not there; the ids of all, by (schedule id, local date)."""
    await insert_new(tx, occurrence, rows)
    if not rows:
        return {}
    wanted = {(r["schedule_id"], r["local_date"]) for r in rows}
    found = await tx.execute(
        select(occurrence.c.id, occurrence.c.schedule_id, occurrence.c.local_date).where(
            occurrence.c.schedule_id.in_({s for s, _ in wanted}),
            occurrence.c.local_date.in_({d for _, d in wanted}),
        )
    )
    ids = {(r.schedule_id, r.local_date): r.id for r in found}
    return {key: ids[key] for key in wanted}


async def get_drop(tx: Tx, occurrence_id: int) -> Drop | None:
    row = (await tx.execute(_DROP.where(occurrence.c.id == occurrence_id))).one_or_none()
    return _drop(row) if row is not None else None


async def drop_on(tx: Tx, schedule_id: int, local_date: date) -> Drop | None:
    query = _DROP.where(occurrence.c.schedule_id == schedule_id, occurrence.c.local_date == local_date)
    row = (await tx.execute(query)).one_or_none()
    return _drop(row) if row is not None else None


async def lock_drop(tx: Tx, occurrence_id: int) -> Drop | None:
    """The occurrence, held until the transaction ends: for choosing its prompt once."""
    query = _DROP.where(occurrence.c.id == occurrence_id)
    if tx.dialect.name == "postgresql":
        query = query.with_for_update(of=occurrence)
    row = (await tx.execute(query)).one_or_none()
    return _drop(row) if row is not None else None


# Statements that every command runs are put together once: building one costs as much as running it.
_OPEN = _DROP.where(
    or_(schedule.c.group_id == bindparam("group_id"), schedule.c.person_id == bindparam("person_id")),
    occurrence.c.state == "open",
    occurrence.c.due_at <= bindparam("now"),
    occurrence.c.closes_at > bindparam("now"),
).order_by(occurrence.c.due_at.desc(), occurrence.c.id.desc())


async def open_drops(
    tx: Tx, now: datetime, *, group_id: int | None = None, person_id: int | None = None
) -> list[Drop]:
    """Drops of a group and of one person's reminder that may be answered now; newest first. None: of nobody."""
    rows = await tx.execute(_OPEN, {"now": now, "group_id": group_id or 0, "person_id": person_id or 0})
    return [_drop(r) for r in rows]


async def set_prompt(tx: Tx, occurrence_id: int, prompt_id: int | None) -> None:
    await tx.execute(update(occurrence).where(occurrence.c.id == occurrence_id).values(prompt_id=prompt_id))


async def choose_anew(tx: Tx, pack_id: int, now: datetime) -> None:
    """Prompts drawn ahead of their time (``drops preview``) that the pack no longer asks are drawn again when due."""
    gone = (
        select(prompt.c.id)
        .join(pack, pack.c.id == prompt.c.pack_id)
        .where(pack.c.id == pack_id, or_(prompt.c.retired.is_(True), pack.c.removed_at.isnot(None)))
    )
    await tx.execute(
        update(occurrence)
        .where(occurrence.c.due_at > now, occurrence.c.prompt_id.in_(gone))
        .values(prompt_id=None)
    )


async def set_state(tx: Tx, occurrence_id: int, state: str) -> None:
    await tx.execute(update(occurrence).where(occurrence.c.id == occurrence_id).values(state=state))


async def used_by_group(tx: Tx, group_id: int, limit: int = 2000) -> Sequence[Row[Any]]:
    """Rows (prompt_id, track, due_at) of the group's drops that have a prompt, oldest first."""
    newest = (
        select(occurrence.c.prompt_id, prompt.c.track, occurrence.c.due_at, occurrence.c.id)
        .join(schedule, schedule.c.id == occurrence.c.schedule_id)
        .join(prompt, prompt.c.id == occurrence.c.prompt_id)
        .where(schedule.c.group_id == group_id)
        .order_by(occurrence.c.due_at.desc(), occurrence.c.id.desc())
        .limit(limit)
    )
    return list(reversed((await tx.execute(newest)).all()))


@dataclass(frozen=True, slots=True)
class Tally:
    """How many members have answered a drop, and whether the asker is among them."""

    members: int
    mine: bool


_TALLY = (
    select(
        answer.c.occurrence_id,
        func.count(func.distinct(answer.c.person_id)).label("members"),
        func.max(case((answer.c.person_id == bindparam("person_id"), 1), else_=0)).label("mine"),
    )
    .where(
        answer.c.occurrence_id.in_(bindparam("occurrence_ids", expanding=True)),
        answer.c.withdrawn_at.is_(None),
    )
    .group_by(answer.c.occurrence_id)
)


async def tallies(tx: Tx, occurrence_ids: Sequence[int], person_id: int) -> dict[int, Tally]:
    """The tally of each of these drops."""
    if not occurrence_ids:
        return {}
    rows = await tx.execute(_TALLY, {"occurrence_ids": list(occurrence_ids), "person_id": person_id})
    found = {r.occurrence_id: Tally(r.members, bool(r.mine)) for r in rows}
    return {i: found.get(i, Tally(0, False)) for i in occurrence_ids}


async def answered_count(tx: Tx, occurrence_id: int) -> int:
    """Members who have answered the drop, once each."""
    query = select(func.count(func.distinct(answer.c.person_id))).where(
        answer.c.occurrence_id == occurrence_id, answer.c.withdrawn_at.is_(None)
    )
    count: int = (await tx.execute(query)).scalar_one()
    return count


# --- the outbox ----------------------------------------


def drop_key(occurrence_id: int, home_id: int) -> str:
    return f"d{occurrence_id}h{home_id}"


def remind_key(occurrence_id: int) -> str:
    return f"d{occurrence_id}p"


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
    )
    .outerjoin(home, home.c.id == delivery.c.home_id)
    .outerjoin(
        account, and_(account.c.person_id == delivery.c.person_id, account.c.platform == delivery.c.platform)
    )
)


def _delivery(r: Row[Any]) -> Delivery:
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
        r.reason,
    )


async def take(tx: Tx, scope: str, worker: str, now: datetime, lease: timedelta) -> Delivery | None:
    """The next row to send in ``scope``, already marked ``sending``. Commit before the call goes out."""
    query = (
        select(delivery.c.key)
        .where(delivery.c.state == PENDING, delivery.c.scope == scope, delivery.c.not_before <= now)
        .order_by(delivery.c.not_before, delivery.c.key)
        .limit(1)
    )
    key = (await tx.execute(claim(tx, query))).scalar_one_or_none()
    if key is None:
        return None
    await tx.execute(
        update(delivery)
        .where(delivery.c.key == key)
        .values(
            state=SENDING,
            attempt=delivery.c.attempt + 1,
            worker=worker,
            sending_at=now,
            lease_until=now + lease,
        )
    )
    found = (await tx.execute(_DELIVERY.where(delivery.c.key == key))).first()
    return _delivery(found) if found is not None else None


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
    """Write a row's end; ``reason`` says why it is not ``sent``."""
    values: dict[str, Any] = {
        "state": state,
        "settled_at": now,
        "lease_until": None,
        "message_id": message_id,
        "reason": reason[:200],
    }
    if channel_id:
        values["channel_id"] = channel_id
    await tx.execute(update(delivery).where(delivery.c.key == key).values(**values))


async def put_back(tx: Tx, key: str, not_before: datetime, reason: str = "") -> None:
    """Make a row pending again, not before an instant."""
    await tx.execute(
        update(delivery)
        .where(delivery.c.key == key)
        .values(state=PENDING, not_before=not_before, lease_until=None, worker="", reason=reason[:200])
    )


async def expire(tx: Tx, now: datetime) -> None:
    """Pending rows past their time become ``expired``."""
    await tx.execute(
        update(delivery)
        .where(delivery.c.state == PENDING, delivery.c.expires_at <= now)
        .values(state=EXPIRED, settled_at=now, reason="its time had passed before it could be sent")
    )


async def stranded(tx: Tx, now: datetime) -> list[Delivery]:
    """Rows at ``sending`` whose lease has run out: their process died between send and commit."""
    return [_delivery(r) for r in await tx.execute(_DELIVERY.where(_stranded(now)))]


def _stranded(now: datetime) -> ColumnElement[bool]:
    return and_(
        delivery.c.state == SENDING, or_(delivery.c.lease_until.is_(None), delivery.c.lease_until <= now)
    )


async def settle_stranded(tx: Tx, key: str, now: datetime, reason: str) -> None:
    """Nobody knows whether it arrived; unless its process has come back to it in the meantime."""
    await tx.execute(
        update(delivery)
        .where(delivery.c.key == key, _stranded(now))
        .values(state=AMBIGUOUS, settled_at=now, lease_until=None, reason=reason[:200])
    )


async def scopes_waiting(tx: Tx, now: datetime) -> list[str]:
    query = (
        select(delivery.c.scope).where(delivery.c.state == PENDING, delivery.c.not_before <= now).distinct()
    )
    return [r.scope for r in await tx.execute(query.order_by(delivery.c.scope))]


async def counts(tx: Tx) -> dict[str, int]:
    """Outbox rows by state."""
    query = select(delivery.c.state, func.count().label("n")).group_by(delivery.c.state)
    return {r.state: r.n for r in await tx.execute(query)}


async def unreached(tx: Tx, person_id: int) -> Sequence[Row[Any]]:
    """Rows (due_at, state, kind, reason) of what was to reach a person and did not.

    Drops of their groups while they were members, and their reminders. Skipped drops are the organisers' choice
    and stay out.
    """
    return (await tx.execute(_UNREACHED, {"meant_for": person_id})).all()


async def reached(tx: Tx, person_id: int, since: datetime, until: datetime) -> Sequence[Row[Any]]:
    """The same rows for what did reach them (``sent`` and ``ambiguous``), due in [since, until)."""
    return (await tx.execute(_REACHED, {"meant_for": person_id, "since": since, "until": until})).all()


_MEANT_FOR = (
    select(delivery.c.due_at, delivery.c.state, delivery.c.kind, delivery.c.reason)
    .join(occurrence, occurrence.c.id == delivery.c.occurrence_id)
    .join(schedule, schedule.c.id == occurrence.c.schedule_id)
    .outerjoin(
        member,
        and_(
            member.c.group_id == schedule.c.group_id,
            member.c.person_id == bindparam("meant_for"),
            member.c.joined_at <= delivery.c.due_at,
            or_(member.c.left_at.is_(None), member.c.left_at > delivery.c.due_at),
        ),
    )
    .where(
        occurrence.c.state != "skipped",
        or_(member.c.person_id == bindparam("meant_for"), schedule.c.person_id == bindparam("meant_for")),
    )
    .order_by(delivery.c.due_at)
)
_UNREACHED = _MEANT_FOR.where(delivery.c.state.in_((EXPIRED, FAILED)))
_REACHED = _MEANT_FOR.where(
    delivery.c.state.in_((SENT, AMBIGUOUS)),
    delivery.c.due_at >= bindparam("since"),
    delivery.c.due_at < bindparam("until"),
)
