"""Reviews of shared answers: written, taken back, found helpful, and as their readers see them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, delete, func, insert, null, select, update

from core.store import boards
from core.store.engine import Line, Tx
from core.store.sql import insert_for
from core.store.tables import answer, member, meta, person, point, practice_log, prompt, review

TOLD_AGAIN = timedelta(hours=1)  # a writer is told of reviews of one answer at most so often
_KEPT = timedelta(days=1)
_PREFIX = "reviewed:"


@dataclass(frozen=True, slots=True)
class Review:
    """What somebody ticked and wrote; ``at`` is when they first did."""

    id: int
    answer_id: int
    reviewer_id: int
    seen: tuple[str, ...]
    missing: tuple[str, ...]
    words: str
    at: datetime
    edited_at: datetime | None
    helpful_at: datetime | None
    withdrawn_at: datetime | None


def _review(r: Line) -> Review:
    return Review(
        r.id,
        r.answer_id,
        r.reviewer_id,
        tuple(r.seen),
        tuple(r.missing),
        r.words,
        r.at,
        r.edited_at,
        r.helpful_at,
        r.withdrawn_at,
    )


# --- one review ----------------------------------------


async def get(tx: Tx, review_id: int) -> Review | None:
    row = (await tx.execute(select(review).where(review.c.id == review_id))).one_or_none()
    return _review(row) if row is not None else None


async def of(tx: Tx, answer_id: int, reviewer_id: int) -> Review | None:
    """Somebody's review of an answer, also one that they took back."""
    query = select(review).where(review.c.answer_id == answer_id, review.c.reviewer_id == reviewer_id)
    row = (await tx.execute(query)).one_or_none()
    return _review(row) if row is not None else None


async def count_of(tx: Tx, answer_id: int) -> int:
    """How many reviews of an answer stand."""
    query = select(func.count()).where(review.c.answer_id == answer_id, review.c.withdrawn_at.is_(None))
    found: int = (await tx.execute(query)).scalar_one()
    return found


async def keep(
    tx: Tx,
    answer_id: int,
    reviewer_id: int,
    *,
    seen: Sequence[str],
    missing: Sequence[str],
    words: str,
    now: datetime,
) -> Review | None:
    """Write a review, or write it anew; what stood before, None for the first time. Hold the reviewer meanwhile."""
    before = await of(tx, answer_id, reviewer_id)
    values: dict[str, Any] = {"seen": list(seen), "missing": list(missing), "words": words}
    if before is None:
        new = insert(review).values(answer_id=answer_id, reviewer_id=reviewer_id, at=now, **values)
        await tx.execute(new)
    else:
        change = update(review).where(review.c.id == before.id)
        await tx.execute(change.values(edited_at=now, withdrawn_at=None, **values))
    return before


async def withdraw(tx: Tx, found: Review, now: datetime) -> int:
    """Take a review back with the points it brought; how many those were. Hold the reviewer meanwhile."""
    await tx.execute(update(review).where(review.c.id == found.id).values(withdrawn_at=now))
    gone = await tx.execute(
        delete(point)
        .where(
            point.c.person_id == found.reviewer_id,
            point.c.answer_id == found.answer_id,
            point.c.kind.in_(("review", "helpful")),
        )
        .returning(point.c.group_id, point.c.points)
    )
    rows = gone.all()
    for group_id in sorted({r.group_id for r in rows}):
        await boards.rebuild(tx, group_id, found.reviewer_id)
    return sum(r.points for r in rows)


async def mark_helpful(tx: Tx, review_id: int, now: datetime) -> bool:
    """Once; False when it was marked before, or is taken back."""
    done = await tx.execute(
        update(review)
        .where(review.c.id == review_id, review.c.helpful_at.is_(None), review.c.withdrawn_at.is_(None))
        .values(helpful_at=now)
    )
    return bool(done.rowcount)


# --- what it brought ----------------------------------------


async def is_logged(tx: Tx, answer_id: int, reviewer_id: int) -> bool:
    """Whether a review of that answer has counted before: it does so once, however often it is written anew."""
    query = select(practice_log.c.id).where(
        practice_log.c.person_id == reviewer_id,
        practice_log.c.answer_id == answer_id,
        practice_log.c.kind == "review",
    )
    return (await tx.execute(query.limit(1))).first() is not None


async def paid_on(tx: Tx, reviewer_id: int, group_id: int, day: date) -> int:
    """How many reviews of that day have earned points in the group."""
    query = select(func.count()).where(
        point.c.person_id == reviewer_id,
        point.c.day == day,
        point.c.group_id == group_id,
        point.c.kind == "review",
    )
    found: int = (await tx.execute(query)).scalar_one()
    return found


async def is_paid(tx: Tx, answer_id: int, reviewer_id: int) -> bool:
    """Whether the review of that answer has earned points."""
    query = select(point.c.id).where(
        point.c.person_id == reviewer_id, point.c.answer_id == answer_id, point.c.kind == "review"
    )
    return (await tx.execute(query.limit(1))).first() is not None


# --- what the writer sees ----------------------------------------


def _standing(query: Select[Any], writer: int) -> Select[Any]:
    return query.where(answer.c.person_id == writer, review.c.withdrawn_at.is_(None))


async def received(tx: Tx, answer_id: int) -> list[tuple[Review, str | None]]:
    """The reviews of an answer, oldest first, each with its writer's name.

    None for who is hidden in the answer's group, or in it no longer.
    """
    here = and_(
        member.c.person_id == review.c.reviewer_id,
        member.c.group_id == answer.c.group_id,
        member.c.left_at.is_(None),
        member.c.hidden.is_(False),
    )
    name = case((member.c.person_id.is_not(None), person.c.name), else_=null()).label("name")
    query = (
        select(review, name)
        .join(answer, answer.c.id == review.c.answer_id)
        .join(person, person.c.id == review.c.reviewer_id)
        .outerjoin(member, here)
        .where(review.c.answer_id == answer_id, review.c.withdrawn_at.is_(None))
        .order_by(review.c.at, review.c.id)
    )
    return [(_review(r), r.name) for r in await tx.execute(query)]


async def reviewed(tx: Tx, writer: int, *, limit: int, offset: int) -> Sequence[Line]:
    """The writer's answers that have reviews, the one reviewed last first.

    Columns: id, attempt, at (of the answer), title, text (of the prompt), reviews, last (when the last came).
    """
    last, many = func.max(review.c.at).label("last"), func.count().label("reviews")
    shown = (answer.c.id, answer.c.attempt, answer.c.at, prompt.c.title, prompt.c.text)
    query = (
        select(*shown, many, last)
        .join(review, review.c.answer_id == answer.c.id)
        .join(prompt, prompt.c.id == answer.c.prompt_id)
    )
    query = _standing(query, writer).group_by(*shown).order_by(last.desc(), answer.c.id.desc())
    return (await tx.execute(query.limit(limit).offset(offset))).all()


async def count_reviewed(tx: Tx, writer: int) -> int:
    """How many answers of the writer have reviews."""
    query = select(func.count(func.distinct(answer.c.id))).join(review, review.c.answer_id == answer.c.id)
    found: int = (await tx.execute(_standing(query, writer))).scalar_one()
    return found


async def is_news(tx: Tx, answer_id: int, now: datetime) -> bool:
    """Whether the answer's writer has not been told of a review for an hour; from now on they have.

    Kept for a day in ``meta``, under keys of its own.
    """
    await tx.execute(delete(meta).where(_told_before(now - _KEPT)))
    new = insert_for(tx.dialect.name, meta).values(key=f"{_PREFIX}{answer_id}", value=now.isoformat())
    change: Mapping[str, Any] = {"value": new.excluded.value}
    stale = meta.c.value <= (now - TOLD_AGAIN).isoformat()
    told = new.on_conflict_do_update(index_elements=[meta.c.key], set_=change, where=stale)
    return (await tx.execute(told.returning(meta.c.key))).first() is not None


def _told_before(at: datetime) -> ColumnElement[bool]:
    return and_(meta.c.key.startswith(_PREFIX, autoescape=True), meta.c.value < at.isoformat())
