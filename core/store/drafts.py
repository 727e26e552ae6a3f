"""Words that wait: what stood in a form that was refused, a message that may yet become an answer."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Exists, delete, exists, or_, select

from core.store.engine import Tx
from core.store.sql import upsert
from core.store.tables import account, draft


async def keep(
    tx: Tx, person_id: int, action: str, fields: Mapping[str, str], now: datetime, life: timedelta
) -> None:
    """Keep ``fields`` under ``action``, in place of what stood there. The person's outlived drafts go."""
    if not all(isinstance(value, str) for value in fields.values()):
        raise TypeError("a draft holds strings only")
    await tx.execute(delete(draft).where(draft.c.person_id == person_id, draft.c.at < now - life))
    row = {"person_id": person_id, "action": action, "fields": dict(fields), "at": now}
    change = {"fields": lambda new: new.fields, "at": lambda new: new.at}
    await upsert(tx, draft, [row], [draft.c.person_id, draft.c.action], change)


async def find(tx: Tx, person_id: int, action: str, since: datetime) -> dict[str, str]:
    """What is kept under ``action``; {} when there is nothing, or nothing that young."""
    query = select(draft.c.fields).where(
        draft.c.person_id == person_id, draft.c.action == action, draft.c.at >= since
    )
    found = (await tx.execute(query)).scalar_one_or_none()
    return dict(found) if found is not None else {}


async def actions(tx: Tx, person_id: int, path: str) -> list[str]:
    """The actions of the command ``path`` under which the person has drafts."""
    query = select(draft.c.action).where(
        draft.c.person_id == person_id,
        or_(draft.c.action == path, draft.c.action.startswith(f"{path}:", autoescape=True)),
    )
    return list((await tx.execute(query)).scalars())


async def drop(tx: Tx, person_id: int, *actions: str) -> None:
    await tx.execute(delete(draft).where(draft.c.person_id == person_id, draft.c.action.in_(actions)))


async def holders(tx: Tx, platform: str, since: datetime) -> list[tuple[str, str]]:
    """(user id, action) of every account on ``platform`` whose person has a draft that young."""
    query = (
        select(account.c.user_id, draft.c.action)
        .join(draft, draft.c.person_id == account.c.person_id)
        .where(account.c.platform == platform, draft.c.at >= since)
    )
    return [(row.user_id, row.action) for row in await tx.execute(query)]


def waiting(person_id: ColumnElement[int]) -> Exists:
    """Whether ``person_id`` has any: a column of a larger statement."""
    return exists().where(draft.c.person_id == person_id)
