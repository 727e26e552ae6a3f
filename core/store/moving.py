"""A whole database as one file, and a database out of such a file: how SQLite becomes PostgreSQL, and back.

The file is gzipped JSON, a line for each row: a header ``{"starling": 1, "revision", "sequences"}``; for each
table, in the order of foreign keys, ``{"table", "columns"}``, its rows as lists in the order of their primary
key, and ``{"end", "rows"}``; and last ``{"rows", "sha256"}`` over every byte before that line. Instants are UTC to
the microsecond, JSON columns the text that is kept, so the same data makes the same lines on either database.
"""

from __future__ import annotations

import contextlib
import gzip
import hashlib
import json
import os
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import (
    JSON,
    Column,
    ColumnElement,
    Date,
    Row,
    String,
    Table,
    Text,
    cast,
    collate,
    delete,
    literal,
    select,
    text,
    tuple_,
    type_coerce,
)
from sqlalchemy.exc import IntegrityError, StatementError

from core.errors import StoreError
from core.store.engine import Store, Tx
from core.store.files import explained, part_of, remove, sync
from core.store.migrate import HEAD
from core.store.tables import lease, meta, metadata, pack, prompt
from core.store.types import Instant

CHUNK = 2_000  # rows in memory at a time
FORMAT = 1

# Leases are of processes, not of data.
TABLES = tuple(table for table in metadata.sorted_tables if table is not lease)
# What a start puts into a database before anybody has said a word.
_BY_A_START = (prompt, pack, meta)

Turn = Sequence[tuple[int, Callable[[Any], Any]]]  # (place in a row, what turns the value there)
Erase = Callable[[Tx], Awaitable[object]]


# --- out ----------------------------------------


async def export(store: Store, target: Path) -> int:
    """Write the database, which is at HEAD, to ``target``, a new file; how many rows.

    One consistent picture, beside whoever writes. The file appears whole or not at all, for this user alone to
    read: it holds every word of every member. Raises StoreError.
    """
    _must_be_new(target)
    part = part_of(target)
    try:
        with explained(target):
            handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            # No name and no time in it: the same data is the same file.
            with (
                os.fdopen(handle, "wb") as raw,
                gzip.GzipFile("", "wb", compresslevel=5, fileobj=raw, mtime=0) as packed,
            ):
                rows = await _write(store, packed)
            sync(part)
            part.replace(target)
            sync(target.parent)
    finally:
        remove(part)
    return rows


def _must_be_new(target: Path) -> None:
    if target.exists():
        raise StoreError(f"{target} is there already. Name a new file.")
    if not target.parent.is_dir():
        raise StoreError(f"There is no folder {target.parent} to put the export in.")


async def _write(store: Store, file: gzip.GzipFile) -> int:
    seen, total = hashlib.sha256(), 0
    async with store.read() as tx:
        header = {"starling": FORMAT, "revision": HEAD, "sequences": await _sequences(tx)}
        async for lines, rows in _lines(tx, header):
            total += rows
            seen.update(lines)
            file.write(lines)
    file.write(_line({"rows": total, "sha256": seen.hexdigest()}))
    return total


async def _lines(tx: Tx, header: dict[str, Any]) -> AsyncIterator[tuple[bytes, int]]:
    """(some lines, how many rows they hold)."""
    yield _line(header), 0
    for table in TABLES:
        turn = [(i, w) for i, c in enumerate(table.c) if (w := _out(tx, c)) is not None]
        yield _line({"table": table.name, "columns": [c.name for c in table.c]}), 0
        rows = 0
        async for part in _pages(tx, table):
            rows += len(part)
            yield b"".join(_line(_turned(list(row), turn)) for row in part), len(part)
        yield _line({"end": table.name, "rows": rows}), 0


_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def _line(value: object) -> bytes:
    return (_encode(value) + "\n").encode()


def _turned(row: list[Any], turn: Turn) -> list[Any]:
    """``row`` with those of its values turned that need it, in place."""
    for place, how in turn:
        if row[place] is not None:
            row[place] = how(row[place])
    return row


async def _pages(tx: Tx, table: Table) -> AsyncIterator[Sequence[Row[Any]]]:
    """A table's rows by primary key, texts by their bytes: a collation would make another file of the same data."""
    key = list(table.primary_key.columns)
    query = select(*(_kept_as(tx, c).label(c.name) for c in table.c))
    if tx.dialect.name == "postgresql":
        query = query.order_by(*(collate(c, "C") if isinstance(c.type, String) else c for c in key))
        result = await tx.stream(query.execution_options(yield_per=CHUNK))
        async for part in result.partitions():
            yield part
        return
    # Our connections to SQLite take all rows of a statement at once; and its texts are in order as they are.
    query = query.order_by(*key).limit(CHUNK)
    rows = (await tx.execute(query)).all()
    while rows:
        yield rows
        last = tuple_(*(literal(getattr(rows[-1], c.name), c.type) for c in key))
        rows = (await tx.execute(query.where(tuple_(*key) > last))).all() if len(rows) == CHUNK else []


def _is_json(column: Column[Any]) -> bool:
    return isinstance(column.type, JSON)


def _kept_as(tx: Tx, column: Column[Any]) -> ColumnElement[Any]:
    """JSON as the text it is; SQLite's instants and days as theirs, which needs no reading of a million of them."""
    if _is_json(column):
        return cast(column, Text)
    text_there = tx.dialect.name == "sqlite" and isinstance(column.type, (Instant, Date))
    return type_coerce(column, String) if text_there else column


def _out(tx: Tx, column: Column[Any]) -> Callable[[Any], str] | None:
    """Makes a text of what the driver gave; None: it is one, or a number."""
    if isinstance(column.type, Instant):
        if tx.dialect.name == "sqlite":
            return lambda at: at.replace(" ", "T")
        return lambda at: at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds")
    return date.isoformat if isinstance(column.type, Date) and tx.dialect.name != "sqlite" else None


async def _sequences(tx: Tx) -> dict[str, int]:
    """The highest number each table has ever given a row: numbers are not given twice."""
    found = {}
    if tx.dialect.name == "sqlite":
        given = dict((await tx.execute(text("SELECT name, seq FROM sqlite_sequence"))).tuples().all())
        return {table.name: int(given.get(table.name, 0)) for table in _numbered()}
    for table in _numbered():
        name = await _sequence_of(tx, table)
        row = (await tx.execute(text(f"SELECT last_value, is_called FROM {name}"))).one()
        found[table.name] = row.last_value if row.is_called else row.last_value - 1
    return found


def _numbered() -> Iterator[Table]:
    return (table for table in TABLES if table.dialect_kwargs.get("sqlite_autoincrement"))


async def _sequence_of(tx: Tx, table: Table) -> str:
    query = text("SELECT pg_get_serial_sequence(:table, 'id')")
    return str((await tx.execute(query, {"table": table.name})).scalar_one())


# --- in ----------------------------------------


async def import_(store: Store, source: Path, erase: Erase) -> int:
    """Fill the database, which is at HEAD and empty, from a file of ``export``; how many rows. All or nothing.

    Packs that a start has installed are replaced by the file's. ``erase`` runs last in the same transaction. Raises
    StoreError for a database that holds anything, and for a file that is of another version, damaged or cut short.
    """
    _must_be_there(source)
    with explained(source), gzip.open(source, "rb") as file:
        async with store.write() as tx:
            await _be_alone(tx)
            await _must_be_empty(tx)
            try:
                rows = await _read(tx, _Lines(file, source))
            except (EOFError, zlib.error, gzip.BadGzipFile, ValueError, TypeError, LookupError) as error:
                raise _damaged(source) from error
            except (IntegrityError, StatementError) as error:
                raise _damaged(source) from error
            await erase(tx)
            return rows


def _must_be_there(source: Path) -> None:
    if not source.is_file():
        raise StoreError(f"There is no file {source} to import.")


class _Lines:
    """The file's lines, parsed, with the sum over those before the last one that was given out."""

    def __init__(self, file: gzip.GzipFile, path: Path) -> None:
        self._file, self.path = file, path
        self._sum, self.before = hashlib.sha256(), ""

    def next(self) -> Any:
        line = self._file.readline()
        if not line.endswith(b"\n"):
            raise _damaged(self.path)
        self.before = self._sum.hexdigest() if line.startswith(b'{"rows"') else ""
        self._sum.update(line)
        return json.loads(line)

    def is_over(self) -> bool:
        return not self._file.read(1)


def _damaged(path: Path) -> StoreError:
    return StoreError(
        f"{path} is no whole export of a Starling database: it is damaged, cut short or was changed. Nothing was "
        "imported."
    )


async def _be_alone(tx: Tx) -> None:
    """SQLite's writer is alone. Begins PostgreSQL's transaction, too, which the rows are copied in."""
    if tx.dialect.name == "postgresql":
        names = ", ".join(table.name for table in metadata.sorted_tables)
        await tx.execute(text(f"LOCK TABLE {names} IN EXCLUSIVE MODE"))


async def _must_be_empty(tx: Tx) -> None:
    for table in TABLES:
        query = select(table)
        if table is pack:
            query = query.where(pack.c.group_id.is_not(None))
        elif table in _BY_A_START:
            continue
        if (await tx.execute(query.limit(1))).first() is not None:
            raise StoreError(
                "The database that is to be filled is not empty. Nothing was imported: name a new one in database.url."
            )
    for table in _BY_A_START:
        await tx.execute(delete(table))


async def _read(tx: Tx, lines: _Lines) -> int:
    header = lines.next()
    if not isinstance(header, dict) or header.get("starling") != FORMAT:
        raise _damaged(lines.path)
    if header["revision"] != HEAD:
        raise StoreError(
            f"{lines.path} was made at revision {header['revision']}; this Starling is at {HEAD}. Nothing was "
            "imported: export and import with the same version of Starling."
        )
    total = 0
    for table in TABLES:
        if lines.next() != {"table": table.name, "columns": [c.name for c in table.c]}:
            raise _damaged(lines.path)
        total += await _fill(tx, table, lines)
    last = lines.next()
    if last != {"rows": total, "sha256": lines.before} or not lines.is_over():
        raise _damaged(lines.path)
    await _set_sequences(tx, header["sequences"])
    return total


async def _fill(tx: Tx, table: Table, lines: _Lines) -> int:
    """One table's rows, up to and with its end; how many."""
    turn = [(i, r) for i, c in enumerate(table.c) if (r := _in(tx, c)) is not None]
    width, rows = len(table.c), 0
    while True:
        chunk: list[tuple[Any, ...]] = []
        line: Any = None
        while len(chunk) < CHUNK and isinstance(line := lines.next(), list):
            if len(line) != width:
                raise _damaged(lines.path)
            chunk.append(tuple(_turned(line, turn)))
        if chunk:
            await _insert(tx, table, chunk)
        rows += len(chunk)
        if not isinstance(line, list):
            if line != {"end": table.name, "rows": rows}:
                raise _damaged(lines.path)
            return rows


def _in(tx: Tx, column: Column[Any]) -> Callable[[Any], Any] | None:
    """Turns a value of the file into the driver's; None: it is that already."""
    if _is_json(column):
        return None
    if isinstance(column.type, Instant):
        return _instant_text if tx.dialect.name == "sqlite" else _instant
    if isinstance(column.type, Date):
        return _day_text if tx.dialect.name == "sqlite" else date.fromisoformat
    return column.type.dialect_impl(tx.dialect).bind_processor(tx.dialect)


def _instant(value: str) -> datetime:
    at = datetime.fromisoformat(value)
    if at.tzinfo is not None or len(value) != len("2026-03-02T09:00:00.000000"):
        raise ValueError(value)
    return at.replace(tzinfo=UTC)


def _instant_text(value: str) -> str:
    """As SQLite keeps it."""
    _instant(value)
    return value.replace("T", " ")


def _day_text(value: str) -> str:
    return date.fromisoformat(value).isoformat()


async def _insert(tx: Tx, table: Table, rows: Sequence[tuple[Any, ...]]) -> None:
    names = [c.name for c in table.c]
    if tx.dialect.name == "sqlite":
        columns, marks = ", ".join(f'"{n}"' for n in names), ", ".join("?" for _ in names)
        await tx.exec_driver_sql(f'INSERT INTO "{table.name}" ({columns}) VALUES ({marks})', list(rows))
        return
    driver = (await tx.get_raw_connection()).driver_connection
    assert driver is not None
    with _as_damage():
        await driver.copy_records_to_table(table.name, records=rows, columns=names)


@contextlib.contextmanager
def _as_damage() -> Iterator[None]:
    """What PostgreSQL says of rows that do not fit (no driver of SQLAlchemy's is between) as ValueError."""
    import asyncpg  # type: ignore[import-untyped]

    try:
        yield
    except (asyncpg.DataError, asyncpg.IntegrityConstraintViolationError) as error:
        raise ValueError(str(error)) from error


async def _set_sequences(tx: Tx, given: dict[str, int]) -> None:
    for table in _numbered():
        last = int(given[table.name])
        if tx.dialect.name == "sqlite":
            await tx.execute(text("DELETE FROM sqlite_sequence WHERE name = :name"), {"name": table.name})
            row = {"name": table.name, "seq": last}
            await tx.execute(text("INSERT INTO sqlite_sequence (name, seq) VALUES (:name, :seq)"), row)
        else:
            name = await _sequence_of(tx, table)
            row = {"last": max(last, 1), "called": last > 0}
            await tx.execute(text(f"SELECT setval('{name}', :last, :called)"), row)
