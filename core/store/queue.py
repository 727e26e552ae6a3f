"""The outbox's queue: what waits, taking it, and what becomes of rows that nobody sends any more."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import bindparam, case, func, or_, select, text, update

from core.store.deliveries import (
    ALL,
    AMBIGUOUS,
    EXPIRED,
    PENDING,
    RANKS,
    REWRITES,
    SENDING,
    Delivery,
    delivery_of,
)
from core.store.engine import Tx
from core.store.leases import held_by
from core.store.sql import claim
from core.store.tables import delivery, home
from core.store.types import Instant

# As the partial indexes have it: a bound value would be no proof that one of them will do.
_IS_PENDING = text("delivery.state = 'pending'")
_IS_SENDING = text("delivery.state = 'sending'")
_LANE = func.coalesce(func.nullif(delivery.c.channel_id, ""), home.c.channel_id, "")


ASKEW = timedelta(seconds=5)  # so far the clocks of processes that share a database may be apart


@dataclass(frozen=True, slots=True)
class Waiting:
    """A row that may go. Rows of one ``lane`` (a channel, a person) go one after the other."""

    key: str
    lane: str


async def waiting(tx: Tx, scope: str, now: datetime, limit: int) -> list[Waiting]:
    """The next rows to send in ``scope``, in order: by rank, then by the time from which they may go."""
    found: list[Waiting] = []
    for rank in sorted({0, *RANKS.values()}):
        if len(found) >= limit:
            break
        query = (
            select(delivery.c.key, delivery.c.person_id, _LANE.label("lane"))
            .outerjoin(home, home.c.id == delivery.c.home_id)
            .where(
                _IS_PENDING,
                delivery.c.scope == scope,
                delivery.c.rank == rank,
                delivery.c.not_before <= now,
            )
            .order_by(delivery.c.not_before, delivery.c.key)
            .limit(limit - len(found))
        )
        rows = await tx.execute(query)
        found += [Waiting(r.key, f"person {r.person_id}" if r.person_id else r.lane) for r in rows]
    return found


async def take(
    tx: Tx, keys: Sequence[str], worker: str, now: datetime, lease_: timedelta, *, leased: bool = False
) -> list[Delivery]:
    """Those of these rows that are free, in that order, already marked ``sending``. Commit before a call goes out.

    ``leased``: only rows whose scope ``worker`` holds on the database's clock at this very moment.
    ``sending_at`` stays at the first of the tries that may have arrived.
    """
    query = select(delivery.c.key, delivery.c.sending_at).where(
        delivery.c.key.in_(keys), delivery.c.state == PENDING, delivery.c.not_before <= now
    )
    if leased:
        query = query.where(held_by(delivery.c.scope, worker))
    tried = {r.key: r.sending_at for r in await tx.execute(claim(tx, query, delivery))}
    if not tried:
        return []
    await tx.execute(
        update(delivery)
        .where(delivery.c.key.in_(tried))
        .values(
            state=SENDING,
            attempt=delivery.c.attempt + 1,
            worker=worker,
            sending_at=func.coalesce(delivery.c.sending_at, bindparam("taken_now", now, type_=Instant)),
            lease_until=now + lease_,
        )
    )
    found = {r.key: r for r in await tx.execute(ALL.where(delivery.c.key.in_(tried)))}
    return [delivery_of(found[key], tried[key], now) for key in keys if key in found]


async def mistrust(tx: Tx, now: datetime, look_for: timedelta, waits: Mapping[str, timedelta]) -> None:
    """Tries that lie ahead: the clock was turned back, and nobody can tell how long ago they were. Look far back.

    Not by a little: another process's clock, which wrote it down, may be that much before ours.
    ``waits``: platform -> how long what is under way there may need to arrive.
    """
    ahead = (_IS_PENDING, delivery.c.sending_at.isnot(None), delivery.c.sending_at > now + ASKEW)
    for platform, wait in waits.items():
        if wait:
            await tx.execute(
                update(delivery)
                .where(*ahead, delivery.c.platform == platform)
                .values(sending_at=now - look_for, not_before=now + wait)
            )
    await tx.execute(update(delivery).where(*ahead).values(sending_at=now - look_for, not_before=now))


async def expire(tx: Tx, now: datetime, *, rewrites: bool) -> list[int | None]:
    """Pending rows past their time become ``expired``, but for those that may be there: they are looked for.

    The occurrences of the questions among them; None is no question's. ``rewrites``: cards to be written anew, or
    everything else. Apart, since an answer has its writer's streak when it comes to the cards: nobody may have the
    cards and then go on to streaks, in one transaction.
    """
    kinds = delivery.c.kind.in_(REWRITES) if rewrites else delivery.c.kind.not_in(REWRITES)
    passed = "its time had passed before it could be sent"
    tried = func.substr(f"{passed} (" + delivery.c.reason + ")", 1, 200)
    why = case((delivery.c.reason == "", passed), else_=tried)
    ended = await tx.execute(
        update(delivery)
        .where(_IS_PENDING, kinds, delivery.c.expires_at <= now, delivery.c.sending_at.is_(None))
        .values(state=EXPIRED, settled_at=now, reason=why)
        .returning(delivery.c.occurrence_id)
    )
    return list(ended.scalars())


async def give_up_looking(
    tx: Tx, now: datetime, look_for: timedelta, *, but: Collection[str] = ()
) -> list[int | None]:
    """Rows that may be there and could not be looked for until so long after their time: nobody knows.

    The occurrences of the questions among them; None is no question's. Left alone are the scopes ``but``, whose
    pump is still at it.
    """
    ended = await tx.execute(
        update(delivery)
        .where(
            _IS_PENDING,
            delivery.c.scope.not_in(but),
            delivery.c.expires_at <= now - look_for,
            delivery.c.sending_at.isnot(None),
        )
        .values(state=AMBIGUOUS, settled_at=now)
        .returning(delivery.c.occurrence_id)
    )
    return list(ended.scalars())


async def stranded(tx: Tx, now: datetime, worker: str, *, alone: bool) -> list[Delivery]:
    """Rows at ``sending`` whose process died between send and commit.

    Their lease has run out; or, when ``worker`` is the only process there can be, they are somebody else's.
    """
    over = or_(delivery.c.lease_until.is_(None), delivery.c.lease_until <= now)
    theirs = or_(over, delivery.c.worker != worker) if alone else over
    rows = await tx.execute(ALL.where(_IS_SENDING, theirs).order_by(delivery.c.key))
    return [delivery_of(r, r.sending_at) for r in rows]


async def scopes_waiting(tx: Tx, now: datetime) -> list[str]:
    """Scopes in which a row may go now. A seek for each scope there is: a hundred thousand rows are not read."""
    found: list[str] = []
    scope: str | None = ""
    while True:
        following = select(func.min(delivery.c.scope)).where(_IS_PENDING, delivery.c.scope > scope)
        scope = (await tx.execute(following)).scalar_one()
        if scope is None:
            return found
        due = select(delivery.c.key).where(
            _IS_PENDING,
            delivery.c.scope == scope,
            delivery.c.rank.in_((0, *RANKS.values())),
            delivery.c.not_before <= now,
        )
        if (await tx.execute(due.limit(1))).first() is not None:
            found.append(scope)
