"""Opening the database, and the two kinds of transaction everything goes through."""

from __future__ import annotations

import contextlib
import errno
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from sqlalchemy import Row, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from core.errors import DatabaseTrouble, StoreError
from core.store import one_hop

Tx = AsyncConnection
Line = Row[Any]  # a row whose columns are attributes; each query's docstring names them

BUSY_MS = 5_000  # how long a writer waits for another process's writer
READERS = 3
COMMAND = 60.0  # seconds after which a statement counts as lost, where the network swallows what is sent
# What a process that stands still has locked is free again before its lease is over (core.delivery.leases).
# The first ends a transaction between two statements, the second one whose statement waits for somebody else, the
# others find a cut line. Between the pieces in which a driver sends one statement none of them counts: such sessions
# are ended by the other processes, which know ours by the name (core.store.leases.end_stalled).
_SESSION = {
    "application_name": "starling",
    "idle_in_transaction_session_timeout": "15s",
    "statement_timeout": "25s",
    "tcp_user_timeout": "15s",
    "tcp_keepalives_idle": "10",
    "tcp_keepalives_interval": "5",
    "tcp_keepalives_count": "3",
}


def database_url(text: str) -> URL:
    """``sqlite:///path``, ``postgresql://user@host/name`` or a plain file path, with the async driver put in."""
    if "://" not in text:
        return URL.create("sqlite+aiosqlite", database=str(Path(text).expanduser()))
    try:
        url = make_url(text)
    except ArgumentError:
        raise StoreError(
            "database.url is no address of a database. Write sqlite:///starling.db or postgresql://user@host/name."
        ) from None
    name = url.get_backend_name()
    if name == "sqlite":
        return url.set(drivername="sqlite+aiosqlite")
    if name in ("postgresql", "postgres"):
        return url.set(drivername="postgresql+asyncpg")
    raise StoreError(f"database.url names “{name}”. Starling keeps its data in sqlite or postgresql.")


class Store:
    """A database and its two roads in.

    SQLite has one writing connection (BEGIN IMMEDIATE, so that a transaction that will write never fails half
    way) and a few reading ones; PostgreSQL has one pool for both. Use ``async with`` or ``close()``.
    """

    def __init__(self, url: URL) -> None:
        self.url = url
        self.sqlite = url.get_backend_name() == "sqlite"
        if self.sqlite:
            self._writer = _sqlite_engine(url, size=1, begin="BEGIN IMMEDIATE")
            self._reader = _sqlite_engine(url, size=READERS, begin="BEGIN")
        else:
            self._writer = create_async_engine(
                url,
                pool_size=5,
                max_overflow=5,
                pool_pre_ping=True,
                hide_parameters=True,
                connect_args={"timeout": 10, "command_timeout": COMMAND, "server_settings": _SESSION},
            )
            # One picture for all of a reader's queries; the pool is the writer's.
            self._reader = self._writer.execution_options(isolation_level="REPEATABLE READ")

    @property
    def path(self) -> Path | None:
        """The SQLite file, or None."""
        return Path(self.url.database) if self.sqlite and self.url.database else None

    @property
    def kind(self) -> str:
        return "sqlite" if self.sqlite else "postgresql"

    @contextlib.asynccontextmanager
    async def read(self) -> AsyncIterator[Tx]:
        """A transaction that only reads: one consistent picture. Raises StoreError when it cannot."""
        async with _explained(self), self._reader.connect() as tx:
            yield tx

    @contextlib.asynccontextmanager
    async def write(self) -> AsyncIterator[Tx]:
        """A transaction that commits when the block ends and rolls back when it raises."""
        async with _explained(self), self._writer.begin() as tx:
            yield tx

    async def close(self) -> None:
        await self._writer.dispose()
        if self.sqlite:
            await self._reader.dispose()

    async def __aenter__(self) -> Store:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()


def _sqlite_engine(url: URL, *, size: int, begin: str) -> AsyncEngine:
    engine = create_async_engine(
        url,
        pool_size=size,
        max_overflow=0,
        pool_timeout=60,
        hide_parameters=True,
        connect_args={"timeout": BUSY_MS / 1000},
    )

    @event.listens_for(engine.sync_engine, "do_connect")
    def _lean(_dialect: Any, _record: Any, _arguments: Any, how: dict[str, Any]) -> None:
        how["async_creator_fn"] = one_hop.connect

    @event.listens_for(engine.sync_engine, "connect")
    def _connect(connection: Any, _record: Any) -> None:
        # The driver must not begin transactions by itself: SQLAlchemy's "begin" event below does.
        connection.isolation_level = None
        cursor = connection.cursor()
        cursor.execute("PRAGMA journal_mode = WAL")
        cursor.execute("PRAGMA synchronous = FULL")
        cursor.execute("PRAGMA foreign_keys = ON")
        cursor.execute(f"PRAGMA busy_timeout = {BUSY_MS}")
        cursor.execute("PRAGMA cache_size = -16000")
        # Pages. What a crowded minute writes again and again goes into the file once: a twentieth less for its claims.
        cursor.execute("PRAGMA wal_autocheckpoint = 4000")
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def _begin(connection: Any) -> None:
        connection.exec_driver_sql(begin)

    return engine


@contextlib.asynccontextmanager
async def _explained(store: Store) -> AsyncIterator[None]:
    """What a database driver raises, as one plain sentence. Errors of our own statements pass unchanged."""
    try:
        yield
    except DBAPIError as error:
        sentence = explain_driver(error.orig, store.url)
        if sentence is None:
            raise
        raise DatabaseTrouble(sentence) from error
    except PoolTimeout as error:
        # Many waited for one that waits for another program; or the whole process stood still meanwhile.
        raise DatabaseTrouble(
            f"The database {place(store.url)} was busy for too long. Nothing was changed; please try again."
        ) from error
    except Exception as error:
        # Raised while connecting, SQLAlchemy passes the driver's own on as they are.
        ours = isinstance(error, sqlite3.Error | OSError) or type(error).__module__.startswith("asyncpg.")
        sentence = explain_driver(error, store.url) if ours else None
        if sentence is None:
            raise
        raise DatabaseTrouble(sentence) from error


def place(url: URL) -> str:
    """The database as it may be shown: a path, or host and name; never a password."""
    if url.get_backend_name() == "sqlite":
        return str(url.database)
    return f"{url.host or 'localhost'}{f':{url.port}' if url.port else ''}/{url.database}"


_SQLITE_SENTENCES = (
    ("locked", "The database {0} is busy with another program. Nothing was changed; please try again."),
    (
        "disk is full",
        "The disk is full, so {0} cannot grow. Nothing was changed; free some space and try again.",
    ),
    (
        "readonly",
        "The database {0} is read-only here. Give this user the right to write the file and its folder.",
    ),
    ("unable to open", "The database {0} cannot be opened. Check that its folder exists and may be written."),
    (
        "not a database",
        "The file {0} is no database, or a damaged one. Put back a backup: starling restore FILE.",
    ),
    (
        "malformed",
        "The database {0} is damaged. Nothing was changed. Put back a backup: starling restore FILE.",
    ),
    (
        "disk i/o error",
        "The disk under {0} does not answer as it should. Nothing more was changed; check the disk.",
    ),
)


def explain_driver(error: BaseException | None, url: URL) -> str | None:
    """One sentence for what went wrong below us, or None when it is a defect of ours."""
    where = place(url)
    text = str(error).casefold()
    if isinstance(error, sqlite3.Error):
        return next((s.format(where) for sign, s in _SQLITE_SENTENCES if sign in text), None)
    if isinstance(error, OSError):
        if error.errno == errno.ENOSPC:
            return f"The disk is full, so {where} cannot grow. Nothing was changed; free some space and try again."
        return f"The database at {where} cannot be reached. Is it running, and is database.url right?"
    # SQLAlchemy's asyncpg wraps what asyncpg raised.
    name = type(error.__cause__ if error is not None and error.__cause__ is not None else error).__name__
    if name in ("InvalidPasswordError", "InvalidAuthorizationSpecificationError"):
        return f"The database at {where} refused the user name or password in database.url."
    if name == "InvalidCatalogNameError":
        return f"There is no database {where}. Create it (createdb), or correct database.url."
    if "connection" in name.casefold() or name in (
        "CannotConnectNowError",
        "AdminShutdownError",
        "InterfaceError",
        "InternalClientError",  # a connection that was broken off in the middle of a statement
    ):
        return f"The database at {where} cannot be reached just now. Nothing was changed; please try again."
    if name == "InsufficientPrivilegeError":
        return (
            f"The user in database.url may not do that in the database {where}. Its owner can let it: "
            "GRANT USAGE, CREATE ON SCHEMA public TO that user."
        )
    if name in ("QueryCanceledError", "DeadlockDetectedError", "SerializationError", "LockNotAvailableError"):
        return f"The database at {where} was too busy for that. Nothing was changed; please try again."
    if name == "DiskFullError":
        return f"The disk of the database at {where} is full. Nothing was changed."
    return None
