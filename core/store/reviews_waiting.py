"""Which shared answers wait for a review, and who may write it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, and_, case, exists, func, null, or_, select

from core.rules.minimum import MINIMUM_WORDS
from core.store.engine import Line, Tx
from core.store.tables import answer, member, occurrence, person, review, schedule


def _of_member(me: int) -> ColumnElement[bool]:
    """Shared answers of others, who are still in the group, in the groups of ``me``."""
    writer, reader = member.alias(), member.alias()
    return and_(
        answer.c.shared_at.is_not(None),
        answer.c.withdrawn_at.is_(None),
        answer.c.person_id != me,
        exists().where(
            writer.c.group_id == answer.c.group_id,
            writer.c.person_id == answer.c.person_id,
            writer.c.left_at.is_(None),
        ),
        exists().where(
            reader.c.group_id == answer.c.group_id, reader.c.person_id == me, reader.c.left_at.is_(None)
        ),
    )


def _closed_to(me: int, now: datetime) -> ColumnElement[bool]:
    """Answers to a group's drop that is open and that ``me`` has not answered (as ``shares.has_answered`` counts)."""
    own = answer.alias()
    return exists().where(
        occurrence.c.id == answer.c.occurrence_id,
        schedule.c.id == occurrence.c.schedule_id,
        schedule.c.group_id.is_not(None),
        occurrence.c.closes_at > now,
        ~exists().where(
            own.c.person_id == me,
            own.c.withdrawn_at.is_(None),
            or_(own.c.counts, own.c.words >= MINIMUM_WORDS),
            or_(
                own.c.occurrence_id == occurrence.c.id,
                and_(own.c.prompt_id == answer.c.prompt_id, own.c.at >= occurrence.c.due_at),
            ),
        ),
    )


def _count() -> ColumnElement[int]:
    return (
        select(func.count())
        .where(review.c.answer_id == answer.c.id, review.c.withdrawn_at.is_(None))
        .correlate(answer)
        .scalar_subquery()
    )


def _waiting(me: int, group_id: int) -> ColumnElement[bool]:
    """What ``me`` has not reviewed; a review that they took back is one that they would rather not write."""
    done = exists().where(review.c.answer_id == answer.c.id, review.c.reviewer_id == me)
    return and_(answer.c.group_id == group_id, _of_member(me), ~done)


async def longest_waiting(
    tx: Tx, me: int, group_id: int, now: datetime, *, after: int | None = None, had: int | None = None
) -> int | None:
    """The answer that waits for ``me`` to review it: fewest reviews first, then longest shared.

    ``after`` is the answer they saw last: the next one in that order. ``had``: how many reviews it had then, which
    is its place in the order, also when it was reviewed meanwhile; None: as many as it has now.
    """
    found = _count()
    query = select(answer.c.id).where(_waiting(me, group_id), ~_closed_to(me, now))
    if after is not None:
        last = (await tx.execute(select(found, answer.c.shared_at).where(answer.c.id == after))).one_or_none()
        if last is not None and last.shared_at is not None:
            later = or_(
                answer.c.shared_at > last.shared_at,
                and_(answer.c.shared_at == last.shared_at, answer.c.id > after),
            )
            place = last[0] if had is None else had
            query = query.where(or_(found > place, and_(found == place, later)))
    query = query.order_by(found, answer.c.shared_at, answer.c.id).limit(1)
    waiting: int | None = (await tx.execute(query)).scalar_one_or_none()
    return waiting


async def count_locked(tx: Tx, me: int, group_id: int, now: datetime) -> int:
    """How many answers would wait for ``me``, had they answered those questions themselves."""
    query = select(func.count()).select_from(answer).where(_waiting(me, group_id), _closed_to(me, now))
    found: int = (await tx.execute(query)).scalar_one()
    return found


async def reviewable(tx: Tx, me: int, answer_id: int, now: datetime) -> Line | None:
    """The answer, where ``me`` may review it or has and may do so anew; else None.

    Columns: id, person_id, prompt_id, group_id, track, text, words, outcome, attempt, name (None where it is shared
    without one), open (False: ``me`` has to answer its question first).
    """
    name = case((answer.c.anonymous, null()), else_=person.c.name).label("name")
    own = ("id", "person_id", "prompt_id", "group_id", "track", "text", "words", "outcome", "attempt")
    columns = (*(answer.c[n] for n in own), name, (~_closed_to(me, now)).label("open"))
    query = select(*columns).join(person, person.c.id == answer.c.person_id)
    return (await tx.execute(query.where(answer.c.id == answer_id, _of_member(me)))).one_or_none()
