"""Who sends for a scope: one process at a time, on the database's own clock. PostgreSQL only.

On SQLite there is one process at a time anyway (core.store.lock).
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, Interval, bindparam, delete, exists, func, select, text, update
from sqlalchemy.dialects.postgresql import insert

from core.store.engine import Tx
from core.store.tables import lease

_NOW = func.clock_timestamp()  # of the database, at the very moment: not of the transaction's beginning


def held_by(scope: ColumnElement[Any], holder: str) -> ColumnElement[bool]:
    """Whether ``holder`` has the lease of ``scope`` as the statement runs."""
    mine = select(lease.c.scope).where(lease.c.scope == scope, lease.c.holder == holder, lease.c.until > _NOW)
    return exists(mine)


async def acquire(tx: Tx, scopes: Collection[str], holder: str, length: timedelta) -> set[str]:
    """Take or prolong the leases of these scopes; those that are ``holder``'s now. Others' run on till they end."""
    theirs = select(lease.c.scope).where(
        lease.c.scope.in_(scopes), lease.c.holder != holder, lease.c.until > _NOW
    )
    # Not even touched: two who hold one each and ask for both would wait for each other.
    scopes = set(scopes).difference((await tx.execute(theirs)).scalars()) if scopes else set()
    if not scopes:
        return set()
    until = _NOW + length
    statement = insert(lease).values([{"scope": s, "holder": holder, "until": until} for s in sorted(scopes)])
    statement = statement.on_conflict_do_update(
        index_elements=[lease.c.scope],
        set_={"holder": holder, "until": until},
        where=(lease.c.holder == holder) | (lease.c.until <= _NOW),
    )
    return set((await tx.execute(statement.returning(lease.c.scope))).scalars())


async def renew(tx: Tx, holder: str, length: timedelta) -> set[str]:
    """Prolong what ``holder`` still has; which scopes those are. One that ran out is not taken back by this."""
    mine = select(lease.c.scope).where(lease.c.holder == holder, lease.c.until > _NOW)
    held = (
        (await tx.execute(mine.order_by(lease.c.scope).with_for_update())).scalars().all()
    )  # as in ``acquire``
    again = update(lease).where(lease.c.scope.in_(held), lease.c.until > _NOW).values(until=_NOW + length)
    return set((await tx.execute(again.returning(lease.c.scope))).scalars()) if held else set()


async def release(tx: Tx, holder: str, scopes: Collection[str] | None = None) -> None:
    """Give leases back (None: all of them), so that nobody has to wait for their end."""
    theirs = delete(lease).where(lease.c.holder == holder)
    await tx.execute(theirs if scopes is None else theirs.where(lease.c.scope.in_(scopes)))


async def end_stalled(tx: Tx, after: timedelta) -> int:
    """End the sessions of other processes that have stood still in the middle of a statement for so long; how many.

    A driver sends a statement in two pieces (to be prepared, to be run). Where a process is stopped in between, the
    server waits for the rest with all that the transaction has locked, and none of its time limits counts meanwhile:
    seen on PostgreSQL 18, with a session that had asked for both of them. The same holds for one whose answer nobody
    reads. Ending them is a role's right over its own sessions. Those that have changed or locked nothing are left
    alone, and COPY, which waits for its next rows in the same way.
    """
    ended = await tx.execute(_END_STALLED, {"after": after})
    return sum(ended.scalars())


_END_STALLED = text("""
SELECT CASE WHEN pg_terminate_backend(pid) THEN 1 ELSE 0 END FROM pg_stat_activity
WHERE pid <> pg_backend_pid() AND datname = current_database() AND usename = current_user
AND application_name = current_setting('application_name')
AND state = 'active' AND wait_event IN ('ClientRead', 'ClientWrite')
AND backend_xid IS NOT NULL AND state_change < clock_timestamp() - :after AND query NOT ILIKE 'COPY %'
""").bindparams(bindparam("after", type_=Interval))


async def holders(tx: Tx) -> dict[str, tuple[str, float]]:
    """scope -> (holder, seconds that its lease still runs), for whoever looks after several processes."""
    left = func.extract("epoch", lease.c.until - _NOW)
    rows = await tx.execute(select(lease.c.scope, lease.c.holder, left.label("left")).order_by(lease.c.scope))
    return {r.scope: (r.holder, float(r.left)) for r in rows}
