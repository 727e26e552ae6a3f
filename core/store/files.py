"""SQLite files: opening one that is there, and copying one, whole or not at all."""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote

from sqlalchemy import URL

from core.errors import StoreError
from core.store.engine import BUSY_MS, explain_driver


def copy_database(source: Path, target: Path, *, only_read: bool = False) -> None:
    """Make ``target`` a copy of the database ``source``, beside whoever writes it; one file, without a log.

    The copy is checked, and on the disk before it has its name. Raises StoreError when the source is damaged
    or the disk full; ``target`` is then not there.
    """
    part = part_of(target)
    try:
        with (
            explained(source, target),
            closing(open_file(source, only_read=only_read)) as found,
            closing(sqlite3.connect(part, isolation_level=None)) as made,
        ):
            shutil.copymode(source, part)  # who may not read the database may not read its copy
            made.execute("PRAGMA synchronous = OFF")  # it is brought to the disk below, once
            found.backup(made)
            made.execute("PRAGMA journal_mode = DELETE")
            if made.execute("PRAGMA integrity_check(1)").fetchone()[0] != "ok":
                raise sqlite3.DatabaseError("database disk image is malformed")
        with explained(target):
            sync(part)
            part.replace(target)
            sync(target.parent)
    finally:
        remove(part)


def open_file(path: Path, *, only_read: bool = False) -> sqlite3.Connection:
    """A connection to a file that is there. ``only_read`` leaves no trace beside the file, if it can."""
    options = "mode=rw"
    if only_read:
        used = any(beside(path, end).exists() for end in ("-wal", "-journal"))
        options = "mode=ro" if used else "mode=ro&immutable=1"
    uri = f"file:{quote(str(path.resolve()))}?{options}"
    return sqlite3.connect(uri, uri=True, isolation_level=None, timeout=BUSY_MS / 1000)


def stamp(now: datetime) -> str:
    return now.astimezone(UTC).strftime("%Y%m%d-%H%M%S")


def free_name(folder: Path, stem: str) -> Path:
    """A path that is not taken: stem.db, stem-2.db ..."""
    number, path = 1, folder / f"{stem}.db"
    while path.exists():
        number += 1
        path = folder / f"{stem}-{number}.db"
    return path


def part_of(target: Path) -> Path:
    """Where this process makes what will be ``target``."""
    return target.with_name(f".{target.name}.{os.getpid()}.part")


def beside(path: Path, end: str) -> Path:
    return path.with_name(path.name + end)


def remove(part: Path) -> None:
    for end in ("", "-journal", "-wal", "-shm"):
        with contextlib.suppress(OSError):
            beside(part, end).unlink(missing_ok=True)


def sync(path: Path) -> None:
    """Wait until a file, or the names in a folder, are on the disk."""
    if path.is_dir() and os.name == "nt":
        return  # Windows opens no folders
    handle = os.open(path, os.O_RDONLY if path.is_dir() else os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextlib.contextmanager
def explained(path: Path, written: Path | None = None) -> Iterator[None]:
    """What SQLite and the file system raise, as StoreError.

    It is about ``path``, or about ``written`` when that is where space ran out.
    """
    try:
        yield
    except (sqlite3.Error, OSError) as error:
        text = str(error).casefold()
        if written is not None and (isinstance(error, OSError) or "full" in text or "i/o" in text):
            path = written
        if isinstance(error, OSError) and error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise StoreError(f"{path} cannot be read or written here ({error.strerror}).") from error
        sentence = explain_driver(error, URL.create("sqlite", database=str(path)))
        if sentence is None:
            raise
        raise StoreError(sentence) from error
