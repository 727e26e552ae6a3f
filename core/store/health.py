"""What ``doctor`` and ``pack list`` ask the database: read only, and cheap however large it has grown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, func, or_, select, text

from core.store.deliveries import AMBIGUOUS, EXPIRED, FAILED, REWRITES, SENT
from core.store.engine import Tx
from core.store.tables import answer, checklist, delivery, home, member, occurrence, pack, prompt, schedule

LOOKED_AT = 10_000  # answers: the newest so many; older ones were finished at a start long ago
QUICK_CHECK_BYTES = 64 * 1024 * 1024  # a SQLite file up to this size is read through in well under a second


@dataclass(frozen=True, slots=True)
class Count:
    """How many prompts of one track a pack still asks."""

    pack_id: int
    slug: str
    track: str
    prompts: int


async def live_prompts(tx: Tx, group_id: int | None) -> list[Count]:
    """The prompts that may be asked in a group, by pack and track; removed packs and retired prompts left out."""
    query = (
        select(pack.c.id, pack.c.slug, prompt.c.track, func.count().label("n"))
        .join(prompt, prompt.c.pack_id == pack.c.id)
        .where(
            or_(pack.c.group_id.is_(None), pack.c.group_id == group_id),
            pack.c.removed_at.is_(None),
            prompt.c.retired.is_(False),
        )
        .group_by(pack.c.id, pack.c.slug, prompt.c.track)
        .order_by(pack.c.id, func.count().desc(), prompt.c.track)
    )
    return [Count(r.id, r.slug, r.track, r.n) for r in await tx.execute(query)]


async def rubrics_named(tx: Tx, group_id: int) -> Sequence[Row[Any]]:
    """Rows (pack_slug, slug, rubric) of the group's own live prompts that name a rubric."""
    query = (
        select(pack.c.slug.label("pack_slug"), prompt.c.slug, prompt.c.rubric)
        .join(prompt, prompt.c.pack_id == pack.c.id)
        .where(
            pack.c.group_id == group_id,
            pack.c.removed_at.is_(None),
            prompt.c.retired.is_(False),
            prompt.c.rubric != "",
        )
        .order_by(pack.c.slug, prompt.c.position)
    )
    return (await tx.execute(query)).all()


# --- deliveries ----------------------------------------


async def delivered(tx: Tx, group_id: int, since: datetime) -> dict[str, int]:
    """Outbox rows of the group's homes by state, due since then."""
    query = (
        select(delivery.c.state, func.count().label("n"))
        .join(home, home.c.id == delivery.c.home_id)
        .where(home.c.group_id == group_id, delivery.c.due_at >= since, delivery.c.kind.not_in(REWRITES))
        .group_by(delivery.c.state)
    )
    return {r.state: r.n for r in await tx.execute(query)}


async def queued(tx: Tx, group_id: int, now: datetime) -> Row[Any]:
    """(waiting, since) of what could go to the group's homes by now and has not; since is None with nothing."""
    query = (
        select(func.count().label("waiting"), func.min(delivery.c.not_before).label("since"))
        .join(home, home.c.id == delivery.c.home_id)
        .where(
            text("delivery.state = 'pending'"),
            home.c.group_id == group_id,
            delivery.c.not_before <= now,
            delivery.c.kind.not_in(REWRITES),
        )
    )
    found: Row[Any] = (await tx.execute(query)).one()
    return found


async def troubled(tx: Tx, group_id: int, since: datetime, limit: int) -> Sequence[Row[Any]]:
    """The newest deliveries that failed, expired or may not have arrived, as rows (key, kind, state, reason, due_at,
    home_id, home_name, home_state, closes_at, drop_state, after).

    ``after`` says whether something has been sent to the same home since. ``closes_at`` and ``drop_state`` are None
    where it asks no question of the day.
    """
    later = delivery.alias("later")
    after = (
        select(later.c.key)
        .where(
            later.c.home_id == delivery.c.home_id,
            later.c.state == SENT,
            later.c.kind.not_in(REWRITES),
            later.c.settled_at > delivery.c.due_at,
        )
        .exists()
    )
    query = (
        select(
            delivery.c.key,
            delivery.c.kind,
            delivery.c.state,
            delivery.c.reason,
            delivery.c.due_at,
            delivery.c.home_id,
            home.c.name.label("home_name"),
            home.c.state.label("home_state"),
            occurrence.c.closes_at,
            occurrence.c.state.label("drop_state"),
            after.label("after"),
        )
        .join(home, home.c.id == delivery.c.home_id)
        .outerjoin(occurrence, occurrence.c.id == delivery.c.occurrence_id)
        .where(
            home.c.group_id == group_id,
            delivery.c.state.in_((FAILED, AMBIGUOUS, EXPIRED)),
            delivery.c.kind.not_in(REWRITES),
            delivery.c.due_at >= since,
        )
        .order_by(delivery.c.due_at.desc(), delivery.c.key)
        .limit(limit)
    )
    return (await tx.execute(query)).all()


async def silent_reminders(tx: Tx, group_id: int) -> int:
    """How many members' reminders were switched off because they could not be delivered. Never whose."""
    query = (
        select(func.count())
        .select_from(schedule)
        .join(member, member.c.person_id == schedule.c.person_id)
        .where(member.c.group_id == group_id, member.c.left_at.is_(None), schedule.c.state == "disabled")
    )
    found: int = (await tx.execute(query)).scalar_one()
    return found


# --- answers and the file ----------------------------------------


async def unread(tx: Tx, group_id: int, before: datetime) -> int:
    """Answers of the group, among the newest of all, that were kept before then and still have no checklist."""
    newest = select(func.coalesce(func.max(answer.c.id), 0)).scalar_subquery()
    query = (
        select(func.count())
        .select_from(answer)
        .outerjoin(checklist, checklist.c.answer_id == answer.c.id)
        .where(
            answer.c.id > newest - LOOKED_AT,
            answer.c.group_id == group_id,
            answer.c.at < before,
            answer.c.withdrawn_at.is_(None),
            checklist.c.answer_id.is_(None),
        )
    )
    found: int = (await tx.execute(query)).scalar_one()
    return found


async def size(tx: Tx) -> int:
    """Bytes that the database takes on its disk."""
    if tx.dialect.name == "postgresql":
        found: int = (await tx.execute(text("SELECT pg_database_size(current_database())"))).scalar_one()
        return found
    pages: int = (await tx.execute(text("PRAGMA page_count"))).scalar_one()
    page: int = (await tx.execute(text("PRAGMA page_size"))).scalar_one()
    return pages * page


async def quick_check(tx: Tx) -> str:
    """ "" when a SQLite file is whole, else what SQLite says first."""
    said: str = (await tx.execute(text("PRAGMA quick_check(1)"))).scalar_one()
    return "" if said == "ok" else said.removeprefix("*** in database main ***").strip()
