"""What was to reach somebody, and whether it did: a day on which nothing came is nobody's miss."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Select,
    bindparam,
    exists,
    or_,
    select,
    text,
    union_all,
)

from core.store import fast
from core.store.deliveries import AMBIGUOUS, SENT
from core.store.engine import Tx
from core.store.tables import account, delivery, home, member, occurrence, schedule

# How the reasons begin for which a reminder fails by its reader's own doing (docs/rules.md, 3.4).
BY_THE_READER = (
    "direct messages from this server are closed",
    "the channel is gone",  # of a direct message: the account is
    "switched off by the member",
)


async def unreached(tx: Tx, person_id: int) -> Sequence[Any]:
    """Rows (due_at, state, kind, reason) of what was to reach a person and did not.

    Drops of their groups while they were members, in homes on a platform (a workspace) on which they had an
    account; and their reminders. Skipped drops are the organisers' choice and stay out.
    """
    return await fast.rows(tx, UNREACHED, {"meant_for": person_id})


async def reached(tx: Tx, person_id: int, since: datetime, until: datetime) -> Sequence[Any]:
    """The same rows for what did reach them (``sent`` and ``ambiguous``), due in [since, until)."""
    return await fast.rows(tx, _REACHED, {"meant_for": person_id, "since": since, "until": until})


_ME: BindParameter[int] = bindparam("meant_for")
_WHAT = (delivery.c.due_at, delivery.c.state, delivery.c.kind, delivery.c.reason)
_AT_HOME = exists().where(
    account.c.person_id == _ME,
    account.c.platform == home.c.platform,
    or_(account.c.workspace == "", account.c.workspace == home.c.server_id),
    account.c.created_at <= delivery.c.due_at,
)


def _meant_for(own_rows: Any, drop_rows: Any, *which: ColumnElement[bool]) -> Select[Any]:
    """From the person on: what all the others missed in a bad night is not read through for each of them."""
    own = (
        select(*_WHAT)
        .join(occurrence, occurrence.c.id == delivery.c.occurrence_id)
        .where(delivery.c.person_id == _ME, own_rows, occurrence.c.state != "skipped", *which)
    )
    drops = (
        select(*_WHAT)
        .select_from(member)
        .join(schedule, schedule.c.group_id == member.c.group_id)
        .join(occurrence, occurrence.c.schedule_id == schedule.c.id)
        .join(delivery, delivery.c.occurrence_id == occurrence.c.id)
        .join(home, home.c.id == delivery.c.home_id)
        .where(
            member.c.person_id == _ME,
            member.c.joined_at <= delivery.c.due_at,
            or_(member.c.left_at.is_(None), member.c.left_at > delivery.c.due_at),
            drop_rows,
            occurrence.c.state != "skipped",
            _AT_HOME,
            *which,
        )
    )
    both = union_all(own, drops).subquery()
    return select(both).order_by(both.c.due_at)


# As the indexes of these rows have it.
_LOST = "delivery.kind = '{0}' AND (delivery.state = 'expired' OR delivery.state = 'failed')"
UNREACHED = _meant_for(text(_LOST.format("remind")), text(_LOST.format("drop")))

_REACHED = _meant_for(
    delivery.c.kind == "remind",
    delivery.c.kind == "drop",
    or_(delivery.c.state == SENT, delivery.c.state == AMBIGUOUS),
    delivery.c.due_at >= bindparam("since", type_=delivery.c.due_at.type),
    delivery.c.due_at < bindparam("until", type_=delivery.c.due_at.type),
)
