"""SQLite's connections, with one trip to their thread for each statement.

The driver goes there four times: for a cursor, to execute, for the rows, to close. Each trip costs more than most
of our statements do.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import Any

import aiosqlite

FIRST = object()  # as a value: what the first of some statements returned
Ran = tuple[Any, list[Any], int, int | None]  # description, rows, rowcount, lastrowid


def _run(connection: sqlite3.Connection, many: bool, sql: str, parameters: Any) -> Ran:
    """In the connection's thread."""
    cursor = connection.executemany(sql, parameters) if many else connection.execute(sql, parameters)
    rows = cursor.fetchall() if cursor.description else []
    ran = cursor.description, rows, cursor.rowcount, cursor.lastrowid
    cursor.close()
    return ran


def _run_all(connection: sqlite3.Connection, made: Sequence[tuple[str, list[Any]]]) -> list[Sequence[Any]]:
    """In the connection's thread."""
    found: list[Sequence[Any]] = []
    for sql, values in made:
        values = [found[0][0][0] if v is FIRST else v for v in values]
        found.append(connection.execute(sql, values).fetchall())
    return found


class Cursor:
    """What SQLAlchemy's adapter asks of a cursor. Its rows are here when ``execute`` returns."""

    description: Any = None
    rowcount = -1
    lastrowid: int | None = None

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._rows: list[Any] = []

    async def execute(self, sql: str, parameters: Sequence[Any] = ()) -> None:
        self._keep(await self._connection.run(False, sql, parameters))

    async def executemany(self, sql: str, parameters: Sequence[Sequence[Any]]) -> None:
        self._keep(await self._connection.run(True, sql, parameters))

    def _keep(self, ran: Ran) -> None:
        self.description, self._rows, self.rowcount, self.lastrowid = ran

    async def fetchall(self) -> list[Any]:
        rows, self._rows = self._rows, []
        return rows

    async def close(self) -> None:
        self._rows = []


class Connection(aiosqlite.Connection):
    async def cursor(self) -> Cursor:  # type: ignore[override]
        return Cursor(self)

    async def run(self, many: bool, sql: str, parameters: Any) -> Ran:
        ran: Ran = await self._execute(_run, self._conn, many, sql, parameters)  # type: ignore[no-untyped-call]
        return ran

    async def run_all(self, made: Sequence[tuple[str, list[Any]]]) -> list[Sequence[Any]]:
        """The rows of each statement; all in one trip."""
        found: list[Sequence[Any]] = await self._execute(_run_all, self._conn, made)  # type: ignore[no-untyped-call]
        return found


def connect(database: str, **how: Any) -> Connection:
    """A connection that opens when it is awaited. ``how`` goes to ``sqlite3.connect``."""
    connection = Connection(lambda: sqlite3.connect(database, **how), iter_chunk_size=64)
    connection._thread.daemon = True
    return connection
