"""Many rows at once, past the statements: what fills a database for a benchmark."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Dialect, Table, text
from sqlalchemy.schema import CreateIndex
from sqlalchemy.types import TypeEngine

from core.store.engine import Store, Tx

LONG = 3_600.0  # seconds: for what goes over a whole table
UNHURRIED = "SET statement_timeout = 0"  # for this session: whoever fills a database does nothing else


def _bound(values: list[Any], type_: TypeEngine[Any], dialect: Dialect) -> list[Any]:
    """A column's values as its driver wants them. One object that stands there often is turned once."""
    bind = type_.dialect_impl(dialect).bind_processor(dialect)
    if bind is None:
        return values
    turned = {id(value): bind(value) for value in {id(v): v for v in values}.values()}
    return [turned[id(value)] for value in values]


async def load(tx: Tx, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert ``rows``: all have the keys of the first. Columns that are left out take the database's default.

    On PostgreSQL it is a COPY, and that is past the transaction: it is done when this returns.
    """
    if not rows:
        return
    names = list(rows[0])
    bound = [_bound([row[name] for row in rows], table.c[name].type, tx.dialect) for name in names]
    records = list(zip(*bound, strict=True))
    if tx.dialect.name == "postgresql":
        driver = (await tx.get_raw_connection()).driver_connection
        assert driver is not None
        await driver.execute(UNHURRIED)
        await driver.copy_records_to_table(table.name, records=records, columns=names, timeout=LONG)
        return
    columns, marks = ", ".join(f'"{n}"' for n in names), ", ".join("?" for _ in names)
    await tx.exec_driver_sql(f'INSERT INTO "{table.name}" ({columns}) VALUES ({marks})', records)


@contextlib.asynccontextmanager
async def unattended(store: Store, table: Table) -> AsyncIterator[None]:
    """Take ``table``'s indexes and triggers away, and make them again at the end: cheaper than row by row.

    What the triggers keep is not kept meanwhile.
    """
    async with store.write() as tx:
        triggers = await _triggers_off(tx, table)
        await _run(tx, [f"DROP INDEX {index.name}" for index in table.indexes])
    try:
        yield
    finally:
        async with store.write() as tx:
            await _run(tx, [str(CreateIndex(index).compile(dialect=tx.dialect)) for index in table.indexes])
            await _run(tx, triggers)


async def _triggers_off(tx: Tx, table: Table) -> list[str]:
    """The statements that bring them back."""
    if tx.dialect.name == "postgresql":
        await _run(tx, [f"ALTER TABLE {table.name} DISABLE TRIGGER USER"])
        return [f"ALTER TABLE {table.name} ENABLE TRIGGER USER"]
    query = text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = :name")
    found = (await tx.execute(query, {"name": table.name})).all()
    await _run(tx, [f"DROP TRIGGER {r.name}" for r in found])
    return [r.sql for r in found]


async def _run(tx: Tx, statements: Sequence[str]) -> None:
    """Statements that may take longer than any other."""
    for statement in statements:
        if tx.dialect.name == "postgresql":
            driver = (await tx.get_raw_connection()).driver_connection
            assert driver is not None
            await driver.execute(UNHURRIED)
            await driver.execute(statement, timeout=LONG)
        else:
            await tx.exec_driver_sql(statement)


async def settle(store: Store, tables: Sequence[Table]) -> None:
    """Tell the planner what is there now, and let PostgreSQL's sequences go on after ids that were given by hand."""
    if not store.sqlite:
        async with store.write() as tx:
            for table in tables:
                await tx.execute(
                    text(
                        f"SELECT setval(pg_get_serial_sequence('{table.name}', 'id'), max(id)) FROM {table.name}"
                    )
                )
    async with store.write() as tx:
        if store.sqlite:
            await tx.execute(text("ANALYZE"))
            return
        # Past the transaction, which it may not stand in; a database that has been running has had it by itself.
        driver = (await tx.get_raw_connection()).driver_connection
        assert driver is not None
        await driver.execute(UNHURRIED)
        await driver.execute("VACUUM (ANALYZE)", timeout=LONG)
