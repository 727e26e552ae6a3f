"""Answers that their writers share with a group, and how a drop's day went."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, case, exists, func, null, or_, select, update

from core.rules.minimum import MINIMUM_WORDS
from core.store.answers import Answer
from core.store.engine import Tx
from core.store.tables import answer, checklist, member, occurrence, person, schedule, streak


@dataclass(frozen=True, slots=True)
class Topic:
    """What shared answers are about: a group's drop, or a prompt as it is practised in a group. Never both."""

    prompt_id: int
    group_id: int | None
    occurrence_id: int | None = None

    @property
    def handle(self) -> str:
        """How actions name it: "d12" a drop, "p34" a prompt."""
        return f"p{self.prompt_id}" if self.occurrence_id is None else f"d{self.occurrence_id}"


async def share(tx: Tx, answer_id: int, *, anonymous: bool, now: datetime) -> bool:
    """Share an answer, or say anew whether with its writer's name; False when it was taken back meanwhile.

    An answer that is shared already keeps its place among the others.
    """
    done = await tx.execute(
        update(answer)
        .where(answer.c.id == answer_id, answer.c.withdrawn_at.is_(None))
        .values(shared_at=func.coalesce(answer.c.shared_at, now), anonymous=anonymous)
    )
    return bool(done.rowcount)


async def unshare(tx: Tx, answer_id: int) -> None:
    await tx.execute(update(answer).where(answer.c.id == answer_id).values(shared_at=None, anonymous=False))


async def topic_of(tx: Tx, given: Answer) -> Topic:
    """Which shared answers an answer stands among. One to a reminder of one's own is practice for the group."""
    query = (
        select(occurrence.c.id)
        .join(schedule, schedule.c.id == occurrence.c.schedule_id)
        .where(occurrence.c.id == given.occurrence_id, schedule.c.group_id.is_not(None))
    )
    drop_id = (await tx.execute(query)).scalar_one_or_none() if given.occurrence_id is not None else None
    return Topic(given.prompt_id, given.group_id, drop_id)


def _about(topic: Topic) -> ColumnElement[bool]:
    """Answers to the drop; or what was given to the prompt in the group for no drop of it."""
    if topic.occurrence_id is not None:
        return answer.c.occurrence_id == topic.occurrence_id
    reminded = exists().where(
        occurrence.c.id == answer.c.occurrence_id,
        schedule.c.id == occurrence.c.schedule_id,
        schedule.c.person_id.is_not(None),
    )
    return and_(
        answer.c.prompt_id == topic.prompt_id,
        answer.c.group_id == (topic.group_id or 0),
        or_(answer.c.occurrence_id.is_(None), reminded),
    )


def _shared(query: Select[Any], wanted: ColumnElement[bool]) -> Select[Any]:
    """``query`` narrowed to what is shared just now. Whoever leaves the group takes what they shared along."""
    here = and_(
        member.c.person_id == answer.c.person_id,
        member.c.group_id == answer.c.group_id,
        member.c.left_at.is_(None),
    )
    return query.join(member, here).where(
        wanted, answer.c.shared_at.is_not(None), answer.c.withdrawn_at.is_(None)
    )


async def shareable(tx: Tx, topic: Topic, person_id: int) -> int | None:
    """The id of a person's newest answer that counts and is not taken back."""
    query = (
        select(answer.c.id)
        .where(
            _about(topic), answer.c.person_id == person_id, answer.c.counts, answer.c.withdrawn_at.is_(None)
        )
        .order_by(answer.c.at.desc(), answer.c.id.desc())
        .limit(1)
    )
    found: int | None = (await tx.execute(query)).scalar_one_or_none()
    return found


async def count_shared(tx: Tx, topic: Topic) -> int:
    """How many answers are shared."""
    query = select(func.count()).select_from(answer)
    found: int = (await tx.execute(_shared(query, _about(topic)))).scalar_one()
    return found


async def shared_counts(tx: Tx, occurrence_ids: Sequence[int]) -> dict[int, int]:
    """How many answers to each of these drops are shared."""
    if not occurrence_ids:
        return {}
    query = select(answer.c.occurrence_id, func.count().label("shared")).select_from(answer)
    wanted = answer.c.occurrence_id.in_(occurrence_ids)
    rows = await tx.execute(_shared(query, wanted).group_by(answer.c.occurrence_id))
    found = {r.occurrence_id: int(r.shared) for r in rows}
    return {i: found.get(i, 0) for i in occurrence_ids}


async def shared_count(tx: Tx, occurrence_id: int) -> int:
    """The same for one drop."""
    return (await shared_counts(tx, [occurrence_id]))[occurrence_id]


async def shared_answer(tx: Tx, topic: Topic, place: int) -> Row[Any] | None:
    """The shared answer at ``place``, from 1, the newest last; None when there are not so many.

    Columns: id, person_id, text, words, outcome, name (None where it is shared without a name).
    """
    name = case((answer.c.anonymous, null()), else_=person.c.name).label("name")
    columns = (answer.c.id, answer.c.person_id, answer.c.text, answer.c.words, answer.c.outcome, name)
    query = select(*columns).join(person, person.c.id == answer.c.person_id)
    query = _shared(query, _about(topic)).order_by(answer.c.shared_at, answer.c.id)
    return (await tx.execute(query.limit(1).offset(place - 1))).one_or_none()


async def has_answered(tx: Tx, topic: Topic, person_id: int, since: datetime | None = None) -> bool:
    """Whether somebody has answered: a drop in time, or its prompt since it was due (``since``); else the prompt.

    With at least as many words as count for a day: a letter typed to see what others wrote is no answer.
    """
    wanted = answer.c.prompt_id == topic.prompt_id
    if since is not None:
        wanted = or_(answer.c.occurrence_id == topic.occurrence_id, and_(wanted, answer.c.at >= since))
    query = select(answer.c.id).where(
        wanted,
        answer.c.person_id == person_id,
        answer.c.withdrawn_at.is_(None),
        or_(answer.c.counts, answer.c.words >= MINIMUM_WORDS),
    )
    return (await tx.execute(query.limit(1))).first() is not None


# --- how the day went ----------------------------------------


async def recap_of(tx: Tx, occurrence_id: int) -> Sequence[Row[Any]]:
    """A row for each member who answered the drop, in order of their first answer to it.

    Columns: name, shown (True for a member who is not hidden), first (they had never answered anything before),
    newly_met (items met in no earlier attempt, at most), anonymous (they share an answer to it without a name),
    current, reached_at and lapses_at of the kept streak (None where there is none).
    """
    nameless = and_(answer.c.anonymous, answer.c.shared_at.is_not(None))
    given = (
        select(
            answer.c.person_id,
            func.min(answer.c.at).label("first_at"),
            func.max(func.coalesce(checklist.c.newly_met, 0)).label("newly_met"),
            func.max(case((nameless, 1), else_=0)).label("anonymous"),
        )
        .outerjoin(checklist, checklist.c.answer_id == answer.c.id)
        .where(answer.c.occurrence_id == occurrence_id, answer.c.withdrawn_at.is_(None))
        .group_by(answer.c.person_id)
        .subquery()
    )
    before = exists().where(answer.c.person_id == given.c.person_id, answer.c.at < given.c.first_at)
    here = and_(
        member.c.person_id == given.c.person_id,
        member.c.group_id == schedule.c.group_id,
        member.c.left_at.is_(None),
        member.c.hidden.is_(False),
    )
    query = (
        select(
            person.c.name,
            member.c.person_id.is_not(None).label("shown"),
            (~before).label("first"),
            given.c.newly_met,
            (given.c.anonymous > 0).label("anonymous"),
            streak.c.current,
            streak.c.reached_at,
            streak.c.lapses_at,
        )
        .select_from(given)
        .join(person, person.c.id == given.c.person_id)
        .join(occurrence, occurrence.c.id == occurrence_id)
        .join(schedule, schedule.c.id == occurrence.c.schedule_id)
        .outerjoin(member, here)
        .outerjoin(streak, streak.c.person_id == given.c.person_id)
        .order_by(given.c.first_at, person.c.id)
    )
    return (await tx.execute(query)).all()
