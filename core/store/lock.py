"""One Starling at a time on a SQLite file: a lock of the operating system's, which a kill frees, too."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

from filelock import FileLock, Timeout

from core.errors import StoreError

_held: set[Path] = set()  # what this process holds, by real path


def lock_path(path: Path) -> Path:
    """The lock of a database file. Every relative path and link to the file leads to the same lock."""
    real = path.resolve()
    return real.with_name(real.name + ".lock")


def holds(path: Path) -> bool:
    """Whether this very process is inside ``exclusive(path)``."""
    return path.resolve() in _held


@contextlib.contextmanager
def exclusive(path: Path) -> Iterator[None]:
    """Have the SQLite file ``path`` to oneself until the block ends or the process does.

    For ``run``, ``console``, ``migrate`` and ``restore``; what only reads or adds a little (``check``,
    ``backup``, ``pack``, ``bench``) works beside and takes no lock. Makes the folder when it is missing.
    Never waits. Raises StoreError when somebody else holds the lock, or when it cannot be made.
    """
    make_folder(path)
    real, lock = path.resolve(), lock_path(path)
    holder = FileLock(lock, timeout=0, thread_local=False)
    try:
        holder.acquire()
    except Timeout:
        raise StoreError(_taken(path, lock)) from None
    except OSError as error:
        raise StoreError(
            f"The lock {lock} cannot be made ({error.strerror}). This user needs to write that folder."
        ) from error
    try:
        _held.add(real)
        _note(lock, str(os.getpid()))
        yield
    finally:
        _held.discard(real)
        _note(lock, "")
        holder.release()


def make_folder(path: Path) -> None:
    """Make the folder of a database file. Raises StoreError that says why it cannot be."""
    folder = path.parent
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError):
        raise StoreError(
            f"The folder {folder} cannot be made: a file of that name is in the way. "
            "Move the file, or name another place in database.url."
        ) from None
    except OSError as error:
        raise StoreError(
            f"The folder {folder} is not there and cannot be made ({error.strerror}). "
            "Make it, or name another place in database.url."
        ) from error


def _taken(path: Path, lock: Path) -> str:
    pid = ""
    with contextlib.suppress(OSError, UnicodeDecodeError):
        pid = lock.read_text(encoding="ascii").strip()
    who = f" (process {pid})" if pid.isdecimal() else ""
    return (
        f"Another Starling{who} is using {path}. Stop it first, or give this one a database of its own: "
        "database.url in the settings."
    )


def _note(lock: Path, text: str) -> None:
    """Leave the process id for whoever finds the lock taken. A courtesy: the lock itself does not need it."""
    with contextlib.suppress(OSError):
        lock.write_text(text, encoding="ascii")
