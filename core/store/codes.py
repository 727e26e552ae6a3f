"""One-time codes that join accounts or homes. Only a digest is kept, and a code is good for one act."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, insert, select, update

from core.store.engine import Tx
from core.store.sql import insert_new
from core.store.tables import code

# No vowels, so that no word comes out; nothing that looks like something else (0 O, 1 I).
ALPHABET = "23456789BCDFGHJKLMNPQRSTVWXZ"
LENGTH = 8

ACCOUNT = "account"
HOME = "home"
_WRONG = "wrong"
_TYPED = "typed"
_JOINED = "joined"

LIFE = {ACCOUNT: timedelta(minutes=15), HOME: timedelta(hours=24)}
WRONG_TRIES = 5  # so many in ...
WRONG_FOR = timedelta(hours=1)
JOINED_FOR = timedelta(days=1)  # longer than any request takes


@dataclass(frozen=True, slots=True)
class Code:
    """Who made it (``person_id``), and for a home's where: ``group_id``, ``home_id``."""

    digest: str
    person_id: int
    group_id: int | None
    home_id: int | None
    expires_at: datetime
    used_at: datetime | None


def plain(typed: str) -> str:
    """A code as it is digested, out of what somebody typed: any case, with or without the hyphen."""
    return "".join(c for c in typed.upper() if c.isalnum())


def _digest(kind: str, typed: str) -> str:
    return hashlib.sha256(f"{kind}:{plain(typed)}".encode()).hexdigest()


async def make(
    tx: Tx,
    kind: str,
    person_id: int,
    now: datetime,
    *,
    group_id: int | None = None,
    home_id: int | None = None,
) -> str:
    """A new code as it is shown, "XXXX-XXXX". The one before it, of this person or home, is good for nothing more."""
    before = code.c.person_id == person_id if kind == ACCOUNT else code.c.home_id == home_id
    await tx.execute(delete(code).where(code.c.kind == kind, before, code.c.used_at.is_(None)))
    await tx.execute(delete(code).where(code.c.expires_at < now - LIFE[HOME]))
    word = "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
    values = {"person_id": person_id, "group_id": group_id, "home_id": home_id, "used_at": None}
    await tx.execute(
        insert(code).values(digest=_digest(kind, word), kind=kind, expires_at=now + LIFE[kind], **values)
    )
    return f"{word[:4]}-{word[4:]}"


async def find(tx: Tx, kind: str, typed: str) -> Code | None:
    """The code that was typed, also one that is used or over; None when there never was such a one."""
    row = (await tx.execute(select(code).where(code.c.digest == _digest(kind, typed)))).one_or_none()
    if row is None or row.kind != kind or row.person_id is None:
        return None
    return Code(row.digest, row.person_id, row.group_id, row.home_id, row.expires_at, row.used_at)


async def typed_by(tx: Tx, found: Code, person_id: int) -> int:
    """Who typed that code first, which may be ``person_id``. It is theirs from then on: others may have seen it."""
    digest = _digest(_TYPED, found.digest)
    values = {"group_id": None, "home_id": None, "used_at": None, "expires_at": found.expires_at}
    await insert_new(tx, code, [{"digest": digest, "kind": _TYPED, "person_id": person_id, **values}])
    query = select(code.c.person_id).where(code.c.digest == digest)
    first: int = (await tx.execute(query)).scalar_one()
    return first


async def use(tx: Tx, digest: str, now: datetime) -> bool:
    """Spend it, in the transaction of what it does. False: it was spent meanwhile, or its time is over."""
    done = await tx.execute(
        update(code)
        .where(code.c.digest == digest, code.c.used_at.is_(None), code.c.expires_at > now)
        .values(used_at=now)
    )
    return bool(done.rowcount)


async def note_wrong(tx: Tx, person_id: int, now: datetime) -> None:
    """Somebody typed what is no code."""
    values: dict[str, Any] = {"group_id": None, "home_id": None, "used_at": None}
    row = {"kind": _WRONG, "person_id": person_id, "expires_at": now + WRONG_FOR, **values}
    await tx.execute(insert(code).values(digest=secrets.token_hex(32), **row))


async def locked_until(tx: Tx, person_id: int, now: datetime) -> datetime | None:
    """When somebody who typed too many wrong ones may try again; None: now."""
    query = (
        select(code.c.expires_at)
        .where(code.c.person_id == person_id, code.c.kind == _WRONG, code.c.expires_at > now)
        .order_by(code.c.expires_at.desc())
        .limit(WRONG_TRIES)
    )
    wrong = list((await tx.execute(query)).scalars())
    return wrong[-1] if len(wrong) == WRONG_TRIES else None


# --- what was joined meanwhile --------------------------------------------------------------------------------------


async def note_joined(
    tx: Tx, now: datetime, absorbed: int, *, person_id: int | None = None, group_id: int | None = None
) -> None:
    """Person or group ``absorbed`` is that one now: for acts that began before the joining and write after it.

    Whoever was absorbed by ``absorbed`` before is that one, too, as rows of this table move with the others.
    """
    values = {"person_id": person_id, "group_id": group_id, "home_id": None, "used_at": None}
    digest = _digest(_JOINED, f"{'group' if group_id is not None else 'person'}{absorbed}")
    row = {"digest": digest, "kind": _JOINED, "expires_at": now + JOINED_FOR, **values}
    await tx.execute(insert(code).values(**row))


async def person_now(tx: Tx, absorbed: int) -> int | None:
    """Who a person is since they were joined with another, within the last day; None: they were not."""
    query = select(code.c.person_id).where(code.c.digest == _digest(_JOINED, f"person{absorbed}"))
    found: int | None = (await tx.execute(query)).scalar_one_or_none()
    return found


async def group_now(tx: Tx, absorbed: int) -> int | None:
    """What group has taken that one in, within the last day; None: none has."""
    query = select(code.c.group_id).where(code.c.digest == _digest(_JOINED, f"group{absorbed}"))
    found: int | None = (await tx.execute(query)).scalar_one_or_none()
    return found


async def move_joined(tx: Tx, kept: int, absorbed: int) -> None:
    """Group ``absorbed`` becomes a part of ``kept``: what it had taken in is there, too, and its codes are void."""
    of = code.c.group_id == absorbed
    await tx.execute(delete(code).where(of, code.c.kind != _JOINED))
    await tx.execute(update(code).where(of).values(group_id=kept))
