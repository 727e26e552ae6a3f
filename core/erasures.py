"""Who asked to be forgotten, kept beside the database: an older backup knows nothing of it.

An append-only file of JSON lines ``{"salt", "digest", "at"}``, one for each account of a forgotten person;
the digest is sha256 over salt and account, so that the file names nobody. It is applied to a backup that is put
back, to an import, and at every start: a database that another tool has put back is met there. The database
notes how far of the file it knows (``meta``), so a start beside nothing new compares nothing.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from core.errors import StoreError
from core.store import facts, personal
from core.store.engine import Line, Store, Tx, database_url

FILE = "erased.jsonl"
_TORN = "#torn"  # closes a line that a crash left half written: its erasure was never carried out
_KNOWN = "erasures"  # the key in ``meta`` under which the database notes how far it knows the file
_STEPPED = timedelta(
    hours=2
)  # what was done before may carry a later time: clocks are put back by an hour or two


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
    return _erasures(_bytes_of(path), path)


def _erasures(data: bytes, path: Path, first: int = 1) -> list[Erasure]:
    """``first``: the number of the first line of ``data`` in the file."""
    found = []
    for number, line in enumerate(data.decode(errors="replace").splitlines(keepends=True), first):
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
    """Erase again every person with an account that ``path`` names, as far as the database does not know of it;
    how many there were.

    An account made after its erasure is somebody who came back, and stays. So does somebody who has practised since:
    their erasure was written down, and then could not be carried out, of which they were told. Of a person from whom an
    account was taken out before it was forgotten, that account goes, and nothing that they have practised.
    """
    data = await asyncio.to_thread(_bytes_of, path)
    known = await facts.meta_of(tx, _KNOWN)
    begin = _known_to(known, data)
    erasures = _erasures(data[begin:], path, first=data[:begin].count(b"\n") + 1)
    gone = 0
    if erasures:
        accounts = await personal.all_accounts(tx)
        # A digest for every pair of both: some seconds, where many were forgotten since a backup of many people.
        for person_id, named in sorted((await asyncio.to_thread(_named, erasures, accounts)).items()):
            last = await personal.last_practice(tx, person_id)
            if last is not None and last > named.at + _STEPPED:
                continue
            if named.whole or len(named.alone) == sum(row.person_id == person_id for row in accounts):
                gone += await personal.erase(tx, person_id)
            else:
                for row in named.alone:
                    await personal.erase_account(tx, row)
    if (mark := _mark(data)) != known and (data or known is not None):
        await facts.set_meta(tx, _KNOWN, mark)
    return gone


async def catch_up(store: Store, path: Path) -> int:
    """``apply`` in a transaction of its own; without news it only reads. Raises StoreError."""
    data = await asyncio.to_thread(_bytes_of, path)
    async with store.read() as tx:
        known = await facts.meta_of(tx, _KNOWN)
    if known == _mark(data) or (known is None and not data):
        return 0
    async with store.write() as tx:
        return await apply(tx, path)


def _bytes_of(path: Path) -> bytes:
    try:
        return path.read_bytes() if path.exists() else b""
    except OSError as error:
        raise StoreError(
            f"The erasures in {path} cannot be read ({error.strerror}). They keep forgotten people forgotten: put "
            "the file right first."
        ) from error


def _mark(data: bytes) -> str:
    """How far the file goes, up to its last whole line, and what stands there."""
    whole = data[: data.rfind(b"\n") + 1]
    return f"{len(whole)} {hashlib.sha256(whole).hexdigest()}"


def _known_to(mark: str | None, data: bytes) -> int:
    """Where the news begin: after what ``mark`` knows, or at the beginning when it is of another file."""
    size = int(mark.split()[0]) if mark else 0
    return size if mark is not None and mark == _mark(data[:size]) else 0


@dataclass(slots=True)
class _Named:
    """A person who is to be erased: ``whole``, or those accounts. ``at``: when last."""

    at: datetime
    whole: bool = False
    alone: list[Line] = field(default_factory=list)


def _named(erasures: Sequence[Erasure], accounts: Sequence[Line]) -> dict[int, _Named]:
    """By person: what is erased of those whose account was there before."""
    found: dict[int, _Named] = {}
    for row in accounts:
        key = personal.account_key(row.platform, row.workspace, row.user_id)
        apart = personal.alone(key)
        for one in erasures:
            if row.created_at > one.at or not ((whole := one.names(key)) or one.names(apart)):
                continue
            named = found.setdefault(row.person_id, _Named(one.at))
            named.at = max(one.at, named.at)
            named.whole = named.whole or whole
            if row not in named.alone:
                named.alone.append(row)
    return found


def apply_to_file(database: Path, path: Path) -> int:
    """``apply`` on the SQLite file ``database``, from a thread without an event loop (``backup.Erase``)."""

    async def run() -> int:
        async with Store(database_url(str(database))) as store, store.write() as tx:
            return await apply(tx, path)

    return asyncio.run(run())
