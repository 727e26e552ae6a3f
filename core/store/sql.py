"""The few things SQLAlchemy Core spells differently on SQLite and on PostgreSQL."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Column, Select, Table, func, select
from sqlalchemy.dialects import postgresql, sqlite

from core.store.engine import Tx


def insert_for(dialect: str, table: Table) -> Any:
    """An INSERT that knows ON CONFLICT; ``dialect`` as ``tx.dialect.name``."""
    return postgresql.insert(table) if dialect == "postgresql" else sqlite.insert(table)


def _insert(tx: Tx, table: Table) -> Any:
    return insert_for(tx.dialect.name, table)


async def insert_new(tx: Tx, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert ``rows``; leave alone those whose key is there already. All rows have the same keys."""
    if rows:
        await tx.execute(_insert(tx, table).on_conflict_do_nothing(), [dict(r) for r in rows])


async def upsert(
    tx: Tx,
    table: Table,
    rows: Sequence[Mapping[str, Any]],
    key: Sequence[Column[Any]],
    change: Mapping[str, Any],
) -> None:
    """Insert ``rows``, or where ``key`` is there already set ``change`` (expressions may use ``excluded(...)``)."""
    if not rows:
        return
    statement = _insert(tx, table)
    resolved = {
        name: (value(statement.excluded) if callable(value) else value) for name, value in change.items()
    }
    await tx.execute(
        statement.on_conflict_do_update(index_elements=list(key), set_=resolved), [dict(r) for r in rows]
    )


def claim(tx: Tx, query: Select[Any], of: Table | None = None) -> Select[Any]:
    """Rows (of that table) no other worker holds. SQLite needs nothing: its writer is alone (BEGIN IMMEDIATE)."""
    if tx.dialect.name != "postgresql":
        return query
    return query.with_for_update(skip_locked=True, of=of)


async def hold(tx: Tx, name: str) -> None:
    """Until the transaction ends nobody else gets past here with ``name``: for looking, then inserting.

    SQLite needs nothing: its writer is alone.
    """
    if tx.dialect.name == "postgresql":
        await tx.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(name, 0))))
