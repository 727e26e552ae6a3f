"""Which schema a database has, and how it gets ours. Knowing a current one takes no Alembic."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
from collections.abc import Collection, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from sqlalchemy import URL, Connection, NullPool, create_engine, event, text
from sqlalchemy.exc import DBAPIError

from core.errors import StoreError
from core.store.engine import BUSY_MS, Store, explain_driver, place
from core.store.files import explained, open_file
from core.store.lock import exclusive, holds, make_folder

if TYPE_CHECKING:
    from alembic.config import Config

HEAD = "0004"  # the newest script of migrations/versions, known without Alembic

SCRIPTS = Path(__file__).with_name("migrations")

State = Literal["blank", "current", "old", "newer"]

_OURS = frozenset({"person", "study_group", "meta"})  # tables that every revision has
_MIGRATING = 0x57A2_1176  # the advisory lock that makes two processes migrate one after the other


@dataclass(frozen=True, slots=True)
class Migrated:
    """What ``migrate`` did. ``before`` is "" for a blank database; ``copy`` is what SQLite had before."""

    before: str
    after: str
    copy: Path | None


async def state(store: Store) -> State:
    """How the database stands to this Starling. A SQLite file that is not there is "blank" and stays away.

    Raises StoreError when the database cannot be read, or holds another program's tables.
    """
    return (await _find(store))[0]


async def migrate(store: Store) -> Migrated:
    """Bring the database to HEAD, in one transaction; nothing happens to a current one.

    A SQLite file that is not blank is copied beside itself first. Takes the file's lock, unless this process
    has it. Raises StoreError when another Starling uses the file, for a newer database, and when the database
    cannot be read or written; it is then as it was before.
    """
    path = store.path
    with _alone(path):
        found, before = await _find(store)
        if found == "newer":
            raise StoreError(_newer(place(store.url), before))
        if found == "current":
            return Migrated(before, before, None)
        copy = None
        if path is None:
            async with store.write() as tx:
                await tx.execute(
                    text("SET LOCAL statement_timeout = 0")
                )  # it may take long, or wait for another
                await tx.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _MIGRATING})
                await tx.run_sync(upgrade)
        else:
            if found == "old":
                from core.store.backup import keep_aside

                copy = await asyncio.to_thread(keep_aside, path, f"before-{HEAD}", datetime.now(UTC))
            await asyncio.to_thread(upgrade_file, path)
        return Migrated(before, HEAD, copy)


async def ready(store: Store, allow_migrate: bool) -> None:
    """Make sure the database can be worked with: it is there, whole, writable and current.

    A blank one gets its tables; an old one is migrated when ``allow_migrate``. Raises StoreError, one clear
    sentence, otherwise. Whoever keeps the file for itself enters ``lock.exclusive`` before.
    """
    path = store.path
    if path is not None:
        make_folder(path)
        with contextlib.suppress(OSError):  # a folder that may not be looked into: opening says so
            if path.is_dir():
                raise StoreError(f"{path} is a folder. database.url wants the name of a file in it.")
    found, revision = await _find(store)
    if found == "newer":
        raise StoreError(_newer(place(store.url), revision))
    if found == "old" and not allow_migrate:
        raise StoreError(
            f"The database {place(store.url)} is an older Starling's (revision {revision}, this one needs "
            f"{HEAD}). Bring it up to date with: starling migrate"
        )
    if found != "current":
        await migrate(store)
    if path is not None:
        await asyncio.to_thread(_write_nothing, path)


def look_at(connection: sqlite3.Connection, path: Path) -> tuple[State, str]:
    """State and revision of an open SQLite file. Raises StoreError for another program's."""
    tables = {r[0] for r in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    tables = {t for t in tables if not t.startswith("sqlite_")}
    rows = (
        connection.execute("SELECT version_num FROM alembic_version") if "alembic_version" in tables else ()
    )
    return _judge(tables, [r[0] for r in rows], str(path))


def _judge(tables: Collection[str], revisions: Sequence[str], where: str) -> tuple[State, str]:
    """State and revision of a database that has these tables, and these rows in ``alembic_version``."""
    if not set(tables) - {"alembic_version"} and not revisions:
        return "blank", ""
    revision = revisions[0] if len(revisions) == 1 else ""
    if not (revision.isdecimal() and set(tables) >= _OURS):
        raise StoreError(
            f"The database {where} holds the tables of another program. Nothing was changed; "
            "name a database of its own for Starling in database.url."
        )
    if int(revision) > int(HEAD):
        return "newer", revision
    return ("current" if revision == HEAD else "old"), revision


def upgrade(connection: Connection, to: str = "head") -> None:
    """Run the scripts up to ``to``, in the transaction that ``connection`` is in."""
    from alembic import command

    command.upgrade(alembic_config(connection), to)


def upgrade_file(path: Path, to: str = "head") -> None:
    """``upgrade`` for a SQLite file, in one transaction. Raises StoreError; the file is then as it was."""
    url = URL.create("sqlite", database=str(path))
    engine = create_engine(url, poolclass=NullPool, connect_args={"timeout": BUSY_MS / 1000})

    @event.listens_for(engine, "connect")
    def _connect(connection: Any, _: Any) -> None:
        connection.isolation_level = None
        # Where SQLite cannot alter a table it is made anew and the old one dropped, which with foreign keys
        # on would delete the rows of every table that points to it. They are checked below instead.
        connection.execute("PRAGMA foreign_keys = OFF")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    try:
        with engine.begin() as connection:
            upgrade(connection, to)
            orphan = connection.exec_driver_sql("PRAGMA foreign_key_check").first()
            if orphan is not None:
                raise StoreError(
                    f"Migrating {path} would leave rows of {orphan[0]} without what they belong to. "
                    "Nothing was changed; please report this as a defect of Starling."
                )
    except DBAPIError as error:
        sentence = explain_driver(error.orig, url)
        if sentence is None:
            raise
        raise StoreError(sentence) from error
    finally:
        engine.dispose()


def alembic_config(connection: Connection) -> Config:
    """Alembic's settings, without any file of settings."""
    from alembic.config import Config

    config = Config()
    # "%" begins an interpolation in Alembic's options, and may stand in the name of a folder.
    config.set_main_option("script_location", str(SCRIPTS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


async def _find(store: Store) -> tuple[State, str]:
    if store.path is not None:
        return await asyncio.to_thread(_find_file, store.path)
    async with store.read() as tx:
        names = (
            await tx.execute(text("SELECT tablename FROM pg_tables WHERE schemaname = current_schema()"))
        ).scalars()
        tables = set(names)
        revisions: Sequence[str] = ()
        if "alembic_version" in tables:
            revisions = (await tx.execute(text("SELECT version_num FROM alembic_version"))).scalars().all()
    return _judge(tables, revisions, place(store.url))


def _find_file(path: Path) -> tuple[State, str]:
    # Not through the store: aiosqlite's thread outlives a file that cannot be opened, and says so on its own.
    if _nothing_at(path):
        return "blank", ""  # opening it would make it
    with explained(path), closing(open_file(path)) as connection:
        return look_at(connection, path)


def _write_nothing(path: Path) -> None:
    """A write that changes nothing: better to meet a read-only file or a full disk now than later."""
    with explained(path), closing(open_file(path)) as connection:
        for statement in (
            "PRAGMA journal_mode = WAL",
            "BEGIN IMMEDIATE",
            "PRAGMA user_version = 0",
            "COMMIT",
        ):
            connection.execute(statement)


def _nothing_at(path: Path) -> bool:
    try:
        return not path.exists() or path.stat().st_size == 0
    except OSError:
        return False  # it is there and closed to us: opening it says so


@contextlib.contextmanager
def _alone(path: Path | None) -> Iterator[None]:
    if path is None or holds(path):
        yield
    else:
        with exclusive(path):
            yield


def _newer(where: str, revision: str) -> str:
    return (
        f"The database {where} was made by a newer Starling (revision {revision}; this one knows "
        f"up to {HEAD}). Nothing was changed: install the newer Starling."
    )
