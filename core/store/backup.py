"""Copies of a SQLite database while it is being written, and putting one back.

All copying goes through SQLite's backup API, which gives one consistent picture beside a busy writer; a live
file is never copied as a file. PostgreSQL has pg_dump and pg_restore for this, and Starling says so.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import shutil
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from datetime import datetime
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from core.errors import StoreError
from core.store.engine import BUSY_MS, Store
from core.store.files import (
    beside,
    copy_database,
    explained,
    free_name,
    open_file,
    part_of,
    remove,
    stamp,
    sync,
)
from core.store.lock import exclusive, make_folder
from core.store.migrate import HEAD, look_at, upgrade_file

KEEP = 7
ERASED = "erased.jsonl"  # erasures that an older backup knows nothing of; beside the database

# erase(database, erasures): delete from the SQLite file ``database``, which is at HEAD, whom the other names.
Erase = Callable[[Path, Path], object]

_OURS = re.compile(r"starling-(\d{8}-\d{6})(?:-(\d+))?\.db")
_STALE = 86_400  # seconds after which a half-made copy was left by somebody who was killed


async def backup_store(store: Store, target: Path | None, now: datetime, keep: int = KEEP) -> Path:
    """``backup`` off the event loop. Raises StoreError for PostgreSQL."""
    return await asyncio.to_thread(backup, _file(store, "backup", "pg_dump"), target, now, keep)


async def restore_store(
    store: Store, source: Path, now: datetime, erase: Erase, erasures: Path | None = None
) -> Path | None:
    """``restore`` off the event loop; ``store`` has no connection open. Raises StoreError for PostgreSQL."""
    path = _file(store, "restore", "pg_restore")
    return await asyncio.to_thread(restore, source, path, now, erase, erasures)


def backup(path: Path, target: Path | None, now: datetime, keep: int = KEEP) -> Path:
    """Copy the database ``path`` to ``target`` and return where the copy is.

    ``target`` may be a folder; None is the folder ``backups`` beside the database, in which the newest
    ``keep`` of our own copies stay. The copy appears whole or not at all: it is checked and on the disk
    before it gets its name (UTC, by ``now``). Works beside a busy writer. Raises StoreError; then nothing is
    left behind.
    """
    real = path.resolve()
    if not real.is_file():
        raise StoreError(f"There is no database {path}, so there is nothing to back up.")
    if target is not None and not target.is_dir():
        if target.exists():
            raise StoreError(f"{target} is there already. Name a new file, or a folder.")
        made = target
    else:
        made = free_name(target or real.parent / "backups", f"starling-{stamp(now)}")
    make_folder(made)
    copy_database(real, made)
    if target is None:
        _thin_out(made, keep)
    return made


def keep_aside(path: Path, why: str, now: datetime) -> Path:
    """A copy beside the database, named ``why`` ("before-..."), which Starling never removes.

    The caller holds the lock. Raises StoreError.
    """
    real = path.resolve()
    _tidy(real.parent, f"{real.stem}-before-")
    made = free_name(real.parent, f"{real.stem}-{why}-{stamp(now)}")
    copy_database(real, made)
    return made


def restore(
    source: Path, path: Path, now: datetime, erase: Erase, erasures: Path | None = None
) -> Path | None:
    """Make the database ``path`` what ``source`` is; return where the present one is kept, if it was.

    ``source`` is only read. In a copy, before anything else sees it, an older schema is brought to ours and
    who was erased since is erased again (see ``Erase``; the file beside the database
    when ``erasures`` is None). The exchange is one transaction of SQLite's; a
    present file that is damaged is replaced. Raises StoreError while a Starling runs on ``path``, and when
    ``source`` is no whole Starling database or a newer one's; the present database is then as it was.
    """
    with exclusive(path):
        real = path.resolve()
        if not source.is_file():
            raise StoreError(f"There is no file {source} to restore from.")
        if source.resolve() == real:
            raise StoreError(f"{source} is the database itself. Name a backup of it.")
        _tidy(real.parent, f"{real.name}.")
        part = part_of(real)
        try:
            _prepare(source, part, erasures or real.with_name(ERASED), erase)
            if _damaged(real):
                kept = _set_aside(real, now)
                with explained(real):
                    part.replace(real)
                    sync(real.parent)
            else:
                kept = keep_aside(real, "before-restore", now) if _something_in(real) else None
                _pour(part, real)
        finally:
            remove(part)
    return kept


def _prepare(source: Path, part: Path, erasures: Path, erase: Erase) -> None:
    """Make ``part`` what the database shall be: the source, at HEAD, without whom it should not know."""
    with explained(source), closing(open_file(source, only_read=True)) as connection:
        try:
            state, revision = look_at(connection, source)
        except StoreError:
            raise StoreError(f"{source} is another program's database. Nothing was restored.") from None
    if state == "blank":
        raise StoreError(f"{source} is an empty database. Nothing was restored; name a backup of Starling's.")
    if state == "newer":
        raise StoreError(
            f"{source} was made by a newer Starling (revision {revision}; this one knows up to {HEAD}). "
            "Nothing was restored: install the newer Starling."
        )
    copy_database(source, part, only_read=True)
    upgrade_file(part)
    if erasures.exists():
        try:
            erase(part, erasures)
        except (sqlite3.Error, SQLAlchemyError, OSError, ValueError) as error:
            raise StoreError(
                f"The erasures in {erasures} could not be applied to {source}, so nothing was restored. "
                "Put the erasures file right first: it keeps forgotten people forgotten."
            ) from error
        with explained(part), closing(sqlite3.connect(part, isolation_level=None)) as connection:
            connection.execute("VACUUM")  # what was erased leaves the free pages, too


def _damaged(path: Path) -> bool:
    """Whether SQLite can make nothing of what lies at ``path``. Raises StoreError for another program's."""
    if not _something_in(path):
        return beside(path, "-wal").exists()  # a log without its file
    with explained(path), closing(open_file(path)) as connection:
        try:
            look_at(connection, path)
            return bool(connection.execute("PRAGMA integrity_check(1)").fetchone()[0] != "ok")
        except sqlite3.OperationalError:
            raise  # busy, or not ours to open
        except sqlite3.DatabaseError:
            return True


def _tidy(folder: Path, beginning: str) -> None:
    """Remove what a migrate or a restore that was killed left half made; the lock says that none is at work."""
    for left in folder.iterdir():
        name = left.name.lstrip(".")
        if name != left.name and name.startswith(beginning) and ".part" in name:
            with contextlib.suppress(OSError):
                left.unlink()


def _something_in(path: Path) -> bool:
    return path.exists() and path.stat().st_size > 0


def _set_aside(path: Path, now: datetime) -> Path | None:
    """Keep a file that SQLite cannot read as it lies, with its log, and take the log away from its place."""
    kept = None
    with explained(path):
        for end in ("", "-wal"):
            if (lies := beside(path, end)).exists():
                kept = kept or free_name(path.parent, f"{path.stem}-before-restore-{stamp(now)}")
                shutil.copy2(lies, beside(kept, end))
                sync(beside(kept, end))
        # A log left from the old file would be played into the new one.
        for end in ("-wal", "-shm", "-journal"):
            beside(path, end).unlink(missing_ok=True)
    return kept


def _pour(part: Path, path: Path) -> None:
    """Exchange the content of ``path`` in one transaction: a kill leaves the old content or the new."""
    deadline = time.monotonic() + BUSY_MS / 1000

    def give_up(status: int, _left: int, _total: int) -> None:
        # The binding waits for ever for a writer beside us; 5 and 6 are SQLITE_BUSY and SQLITE_LOCKED.
        if status in (5, 6) and time.monotonic() > deadline:
            raise sqlite3.OperationalError("database is locked")

    with (
        explained(path),
        closing(sqlite3.connect(part, isolation_level=None)) as new,
        closing(sqlite3.connect(path, isolation_level=None, timeout=0)) as present,
    ):
        size = present.execute("PRAGMA page_size").fetchone()[0]
        if size != new.execute("PRAGMA page_size").fetchone()[0]:
            new.execute(f"PRAGMA page_size = {size}")  # a database with a log cannot change its own
            new.execute("VACUUM")
        new.backup(present, progress=give_up)
        present.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _thin_out(newest: Path, keep: int) -> None:
    """Remove our oldest copies beyond ``keep``; never the one just made, whatever the clock said before."""
    with contextlib.suppress(OSError):  # a copy too many is no reason to call the backup failed
        ours = [
            (found[1], int(found[2] or 1), path)
            for path in newest.parent.iterdir()
            if path != newest and path.is_file() and (found := _OURS.fullmatch(path.name))
        ]
        for _, _, path in sorted(ours, reverse=True)[max(keep, 1) - 1 :]:
            path.unlink()
        for path in newest.parent.glob(".starling-*.part*"):
            if time.time() - path.stat().st_mtime > _STALE:
                path.unlink()


def _file(store: Store, verb: str, tool: str) -> Path:
    if store.path is None:
        raise StoreError(f"“{verb}” is for SQLite. This database is PostgreSQL's: use {tool}.")
    return store.path
