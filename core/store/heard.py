"""What was said to Starling directly: how far it was read, what became an answer, who may have written unheard."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, func, select, update

from core.call import Who
from core.store.deliveries import SENT, scope_of
from core.store.engine import Tx
from core.store.tables import account, answer, ask, delivery, occurrence, prompt

PROMPTED_FOR = timedelta(hours=48)  # how old a delivered prompt may be for a gap to be read back to it
ASKED_FOR = timedelta(hours=24)  # the same for a question of ``practice``


def order(message_id: str) -> tuple[int, Decimal, str]:
    """Sorts the ids of one conversation as they were said.

    Discord's snowflakes and Slack's "ts" ("1772442000.000100") are numbers, and compared as such: as strings
    they would be wrong wherever one has a digit more. "" comes before all; ids of other shapes by length.
    """
    if re.fullmatch(r"[0-9]+(\.[0-9]+)?", message_id):
        return (1, Decimal(message_id), "")
    return (0, Decimal(len(message_id)), message_id)


def _is(who: Who) -> ColumnElement[bool]:
    return and_(
        account.c.platform == who.platform,
        account.c.workspace == who.workspace,
        account.c.user_id == who.user_id,
    )


async def seen(tx: Tx, who: Who) -> str:
    """The newest direct message of that account that was dealt with; "" for none."""
    found: str | None = (await tx.execute(select(account.c.dm_seen).where(_is(who)))).scalar_one_or_none()
    return found or ""


async def mark(tx: Tx, who: Who, channel_id: str, message_id: str) -> bool:
    """Note that ``message_id`` was dealt with, and where it was said. False: this or a later one was before."""
    query = select(account.c.dm_seen).where(_is(who))
    if tx.dialect.name == "postgresql":  # SQLite's writer is alone
        query = query.with_for_update()
    before = (await tx.execute(query)).scalar_one_or_none() or ""
    if order(message_id) <= order(before):
        return False
    values = {"dm_seen": message_id} | ({"dm_channel_id": channel_id} if channel_id else {})
    await tx.execute(update(account).where(_is(who)).values(values))
    return True


async def answer_from(tx: Tx, source: str) -> Row[Any] | None:
    """The answer that the message ``source`` became, as (id, person_id, title, text) with its prompt's words."""
    query = (
        select(answer.c.id, answer.c.person_id, prompt.c.title, prompt.c.text)
        .join(prompt, prompt.c.id == answer.c.prompt_id)
        .where(answer.c.source == source)
    )
    return (await tx.execute(query)).one_or_none()


async def occurrence_in(
    tx: Tx, platform: str, workspace: str, channel_id: str, message_id: str, key: str
) -> int | None:
    """The occurrence whose question the outbox put there: into that message, or under that key. None for any other."""
    ours = select(delivery.c.occurrence_id).where(
        delivery.c.platform == platform,
        delivery.c.scope == scope_of(platform, workspace),
        delivery.c.occurrence_id.is_not(None),
    )
    by_key = ours.where(delivery.c.key == key)
    by_place = ours.where(delivery.c.channel_id == channel_id, delivery.c.message_id == message_id)
    # One after the other: a key is found at once, a place by looking at all rows.
    for given, query in ((key, by_key), (message_id, by_place)):
        found: int | None = (await tx.execute(query.limit(1))).scalar() if given else None
        if found is not None:
            return found
    return None


@dataclass(frozen=True, slots=True)
class Unheard:
    """An account that may have written while nobody listened, and the message after which to look."""

    user_id: str
    workspace: str
    name: str
    channel_id: str
    after: str


async def unheard(tx: Tx, platform: str, now: datetime) -> list[Unheard]:
    """The accounts with an open prompt (delivered to them, or asked for) whose direct channel is known."""
    reached = select(delivery.c.person_id, delivery.c.message_id, delivery.c.settled_at).where(
        delivery.c.platform == platform,
        delivery.c.person_id.is_not(None),
        delivery.c.state == SENT,
        delivery.c.message_id != "",
    )
    prompts = (
        reached.join(occurrence, occurrence.c.id == delivery.c.occurrence_id)
        .where(delivery.c.settled_at >= now - PROMPTED_FOR)
        .where(occurrence.c.state == "open", occurrence.c.closes_at > now)
    )
    first: dict[int, str] = {}  # person -> the oldest of their open prompts' messages
    for row in await tx.execute(prompts.order_by(delivery.c.settled_at, delivery.c.key)):
        first.setdefault(row.person_id, row.message_id)
    practised = select(ask.c.person_id, func.min(ask.c.at).label("at")).where(ask.c.at >= now - ASKED_FOR)
    asked = {r.person_id: r.at for r in await tx.execute(practised.group_by(ask.c.person_id))}
    accounts = await _accounts(tx, platform, [*first, *(asked.keys() - first.keys())])
    # Practice leaves no message in the outbox: the last one sent before bounds how far to look back.
    for person_id in {a.person_id for a in accounts} - first.keys():
        before = delivery.c.person_id == person_id, delivery.c.settled_at <= asked[person_id]
        last = reached.where(*before).order_by(delivery.c.settled_at.desc(), delivery.c.key).limit(1)
        found_last = (await tx.execute(last)).one_or_none()
        first[person_id] = found_last.message_id if found_last is not None else ""
    found = []
    for one in accounts:
        after = max(one.dm_seen, first.get(one.person_id, ""), key=order)
        if after:  # else nothing was ever said either way, and there is nowhere to begin
            found.append(Unheard(one.user_id, one.workspace, one.name, one.dm_channel_id, after))
    return found


async def _accounts(tx: Tx, platform: str, persons: Sequence[int]) -> Sequence[Row[Any]]:
    rows: list[Row[Any]] = []
    for start in range(0, len(persons), 500):  # SQLite takes so many values in one statement, not any number
        query = select(account).where(
            account.c.platform == platform,
            account.c.dm_channel_id != "",
            account.c.person_id.in_(persons[start : start + 500]),
        )
        rows += await tx.execute(query.order_by(account.c.workspace, account.c.user_id))
    return rows
