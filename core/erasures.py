"""Who asked to be forgotten, kept beside the database: an older backup knows nothing of it.

An append-only file of JSON lines ``{"salt", "digest", "at"}``, one for each account of a forgotten person;
the digest is sha256 over salt and account, so that the file names nobody. Restoring a backup applies it
before anything else starts.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from core.errors import StoreError
from core.store import personal
from core.store.engine import Store, Tx, database_url

FILE = "erased.jsonl"
_TORN = "#torn"  # closes a line that a crash left half written: its erasure was never carried out


@dataclass(frozen=True, slots=True)
class Erasure:
    salt: str
    digest: str
    at: datetime

    def names(self, key: str) -> bool:
        return _digest(self.salt, key) == self.digest


def _digest(salt: str, key: str) -> str:
    return hashlib.sha256(f"{salt}{key}".encode()).hexdigest()


def record(path: Path, account_keys: Sequence[str], now: datetime) -> None:
    """Append an erasure for each account; on the disk when this returns. Raises OSError.

    Call it before the transaction that deletes commits: a person who is erased and not written down would
    come back with the next backup.
    """
    lines = []
    for key in account_keys:
        salt = secrets.token_hex(16)
        lines.append(json.dumps({"salt": salt, "digest": _digest(salt, key), "at": now.isoformat()}) + "\n")
    new = not path.exists()
    file = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        size = os.fstat(file).st_size
        whole = size == 0 or os.pread(file, 1, size - 1) == b"\n"
        data = ("" if whole else f"{_TORN}\n") + "".join(lines)
        rest = memoryview(data.encode())
        while rest:
            rest = rest[os.write(file, rest) :]
        os.fsync(file)
    finally:
        os.close(file)
    if new:
        _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    """Make a new file's name survive a power cut."""
    file = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(file)
    finally:
        os.close(file)


def read(path: Path) -> list[Erasure]:
    """The erasures in ``path``, none when there is no such file. Raises StoreError for a line that is none."""
    if not path.exists():
        return []
    text = path.read_text(encoding="utf-8", errors="replace")
    found = []
    for number, line in enumerate(text.splitlines(keepends=True), 1):
        if line.strip() and not line.rstrip().endswith(_TORN):
            erasure = _parsed(line)
            if erasure is not None:
                found.append(erasure)
            elif line.endswith("\n"):  # a last line without its end was never finished, nor its erasure
                raise StoreError(
                    f"Line {number} of {path} is no erasure. Put the file right from a copy: it keeps forgotten "
                    "people forgotten."
                )
    return found


def _parsed(line: str) -> Erasure | None:
    try:
        data = json.loads(line)
        found = Erasure(str(data["salt"]), str(data["digest"]), datetime.fromisoformat(data["at"]))
    except (ValueError, KeyError, TypeError):
        return None
    return found if found.at.tzinfo is not None else None


async def apply(tx: Tx, path: Path) -> int:
    """Erase again every person with an account that ``path`` names; how many there were.

    An account made after its erasure is somebody who came back, and stays.
    """
    erasures = read(path)
    if not erasures:
        return 0
    gone: set[int] = set()
    for row in await personal.all_accounts(tx):
        key = personal.account_key(row.platform, row.workspace, row.user_id)
        if row.person_id not in gone and any(row.created_at <= e.at and e.names(key) for e in erasures):
            gone.add(row.person_id)
    for person_id in sorted(gone):
        await personal.erase(tx, person_id)
    return len(gone)


def apply_to_file(database: Path, path: Path) -> int:
    """``apply`` on the SQLite file ``database``, from a thread without an event loop (``backup.Erase``)."""

    async def run() -> int:
        async with Store(database_url(str(database))) as store, store.write() as tx:
            return await apply(tx, path)

    return asyncio.run(run())
