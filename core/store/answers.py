"""Answers, attempts, checklists, and prompts put to one person."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, and_, func, insert, select, update

from core.store.engine import Tx
from core.store.sql import insert_new
from core.store.tables import answer, ask, checklist, clarification, pack, prompt, review


@dataclass(frozen=True, slots=True)
class Answer:
    id: int
    person_id: int
    prompt_id: int
    group_id: int | None
    occurrence_id: int | None
    attempt: int
    track: str
    text: str
    parts: Mapping[str, str] | None
    outcome: str
    words: int
    counts: bool
    at: datetime
    day: date
    shared_at: datetime | None
    saved_at: datetime | None
    anonymous: bool
    withdrawn_at: datetime | None


_FIELDS = tuple(Answer.__dataclass_fields__)


def _answer(r: Row[Any]) -> Answer:
    return Answer(**{name: getattr(r, name) for name in _FIELDS})


async def add(tx: Tx, **values: Any) -> Answer:
    """Insert an answer (columns of the table ``answer`` but ``attempt``). The attempt is counted here."""
    latest = select(func.coalesce(func.max(answer.c.attempt), 0) + 1).where(
        answer.c.person_id == values["person_id"], answer.c.prompt_id == values["prompt_id"]
    )
    made = await tx.execute(
        insert(answer)
        .values(
            attempt=latest.scalar_subquery(), shared_at=None, anonymous=False, withdrawn_at=None, **values
        )
        .returning(*answer.c)
    )
    return _answer(made.one())


async def get(tx: Tx, answer_id: int) -> Answer | None:
    row = (await tx.execute(select(answer).where(answer.c.id == answer_id))).one_or_none()
    return _answer(row) if row is not None else None


async def history(
    tx: Tx,
    person_id: int,
    *,
    prompt_id: int | None = None,
    saved: bool = False,
    limit: int = 10,
    offset: int = 0,
) -> Sequence[Row[Any]]:
    """A person's answers, newest first: the answer's columns, prompt_title, prompt_text, prompt_slug, met, reviews.

    ``saved``: only those that they keep among their best.
    """
    reviews = select(func.count()).where(review.c.answer_id == answer.c.id, review.c.withdrawn_at.is_(None))
    query = (
        select(
            answer,
            reviews.correlate(answer).scalar_subquery().label("reviews"),
            prompt.c.title.label("prompt_title"),
            prompt.c.text.label("prompt_text"),
            prompt.c.slug.label("prompt_slug"),
            pack.c.slug.label("pack_slug"),
            checklist.c.checks,
            checklist.c.met,
            checklist.c.newly_met,
        )
        .join(prompt, prompt.c.id == answer.c.prompt_id)
        .join(pack, pack.c.id == prompt.c.pack_id)
        .outerjoin(checklist, checklist.c.answer_id == answer.c.id)
        .where(answer.c.person_id == person_id)
        .order_by(answer.c.at.desc(), answer.c.id.desc())
        .limit(limit)
        .offset(offset)
    )
    if prompt_id is not None:
        query = query.where(answer.c.prompt_id == prompt_id)
    if saved:
        query = query.where(answer.c.saved_at.is_not(None))
    return (await tx.execute(query)).all()


async def count_of(tx: Tx, person_id: int, prompt_id: int | None = None, *, saved: bool = False) -> int:
    query = select(func.count()).select_from(answer).where(answer.c.person_id == person_id)
    if prompt_id is not None:
        query = query.where(answer.c.prompt_id == prompt_id)
    if saved:
        query = query.where(answer.c.saved_at.is_not(None))
    count: int = (await tx.execute(query)).scalar_one()
    return count


async def answered(tx: Tx, person_id: int, occurrence_ids: Sequence[int]) -> set[int]:
    """Which of these drops the person has answered."""
    if not occurrence_ids:
        return set()
    rows = await tx.execute(
        select(answer.c.occurrence_id)
        .where(
            answer.c.person_id == person_id,
            answer.c.occurrence_id.in_(occurrence_ids),
            answer.c.withdrawn_at.is_(None),
        )
        .distinct()
    )
    return {r.occurrence_id for r in rows}


async def attempts(tx: Tx, person_id: int) -> Sequence[Row[Any]]:
    """Rows (prompt_id, track, at, met) of a person's answers, oldest first: what practice chooses from."""
    rows = await tx.execute(
        select(answer.c.prompt_id, answer.c.track, answer.c.at, checklist.c.met)
        .outerjoin(checklist, checklist.c.answer_id == answer.c.id)
        .where(answer.c.person_id == person_id, answer.c.withdrawn_at.is_(None))
        .order_by(answer.c.at, answer.c.id)
    )
    return rows.all()


async def set_outcome(tx: Tx, answer_id: int, outcome: str) -> None:
    await tx.execute(update(answer).where(answer.c.id == answer_id).values(outcome=outcome, counts=True))


async def withdraw(tx: Tx, answer_id: int, now: datetime) -> None:
    """Take an answer back: nobody is shown it any more, so it is neither shared nor saved."""
    values = {"withdrawn_at": now, "shared_at": None, "saved_at": None}
    await tx.execute(update(answer).where(answer.c.id == answer_id).values(values))


async def set_saved(tx: Tx, answer_id: int, saved_at: datetime | None) -> None:
    """Keep an answer among its writer's best, or (None) no longer."""
    await tx.execute(update(answer).where(answer.c.id == answer_id).values(saved_at=saved_at))


# --- checklists ----------------------------------------


async def add_checklist(
    tx: Tx,
    answer_id: int,
    *,
    method: str,
    checks: Sequence[Mapping[str, Any]],
    met: Sequence[str],
    newly_met: int,
    now: datetime,
) -> None:
    """Keep the machine's feedback; one that is there already stays."""
    await insert_new(
        tx,
        checklist,
        [
            {
                "answer_id": answer_id,
                "method": method,
                "checks": list(checks),
                "met": list(met),
                "newly_met": newly_met,
                "ticked": [],
                "at": now,
            }
        ],
    )


async def get_checklist(tx: Tx, answer_id: int) -> Row[Any] | None:
    return (await tx.execute(select(checklist).where(checklist.c.answer_id == answer_id))).one_or_none()


async def set_ticked(tx: Tx, answer_id: int, ticked: Sequence[str]) -> None:
    await tx.execute(update(checklist).where(checklist.c.answer_id == answer_id).values(ticked=list(ticked)))


async def earlier_checklists(
    tx: Tx, person_id: int, prompt_id: int, before_attempt: int
) -> Sequence[Row[Any]]:
    """Rows (attempt, text, withdrawn_at, checks, met) of earlier attempts, oldest first.

    Withdrawn ones, too: taking an answer back must not let the same items earn a second time.
    """
    rows = await tx.execute(
        select(answer.c.attempt, answer.c.text, answer.c.withdrawn_at, checklist.c.checks, checklist.c.met)
        .join(checklist, checklist.c.answer_id == answer.c.id)
        .where(
            answer.c.person_id == person_id,
            answer.c.prompt_id == prompt_id,
            answer.c.attempt < before_attempt,
        )
        .order_by(answer.c.attempt)
    )
    return rows.all()


async def unread(tx: Tx, limit: int = 500) -> list[int]:
    """Ids of answers without a checklist: stored before something went wrong, finished at start."""
    query = (
        select(answer.c.id)
        .outerjoin(checklist, checklist.c.answer_id == answer.c.id)
        .where(checklist.c.answer_id.is_(None), answer.c.withdrawn_at.is_(None))
        .order_by(answer.c.id)
        .limit(limit)
    )
    return [r.id for r in await tx.execute(query)]


# --- prompts put to one person ----------------------------------------


async def add_ask(
    tx: Tx,
    person_id: int,
    prompt_id: int,
    group_id: int | None,
    now: datetime,
    occurrence_id: int | None = None,
) -> int:
    made = await tx.execute(
        insert(ask)
        .values(
            person_id=person_id, prompt_id=prompt_id, group_id=group_id, occurrence_id=occurrence_id, at=now
        )
        .returning(ask.c.id)
    )
    ask_id: int = made.scalar_one()
    return ask_id


async def last_ask(tx: Tx, person_id: int) -> Row[Any] | None:
    """The prompt put to the person last: (id, prompt_id, group_id, occurrence_id, at)."""
    query = (
        select(ask).where(ask.c.person_id == person_id).order_by(ask.c.at.desc(), ask.c.id.desc()).limit(1)
    )
    return (await tx.execute(query)).one_or_none()


async def answered_since(tx: Tx, person_id: int, prompt_id: int, since: datetime) -> bool:
    query = (
        select(answer.c.id)
        .where(
            answer.c.person_id == person_id,
            answer.c.prompt_id == prompt_id,
            answer.c.at >= since,
            answer.c.withdrawn_at.is_(None),
        )
        .limit(1)
    )
    return (await tx.execute(query)).first() is not None


# --- details asked for ("Clarify") ----------------------------------------


async def clarified(tx: Tx, person_id: int, prompt_id: int) -> set[str]:
    rows = await tx.execute(
        select(clarification.c.detail).where(
            and_(clarification.c.person_id == person_id, clarification.c.prompt_id == prompt_id)
        )
    )
    return {r.detail for r in rows}


async def clarify(tx: Tx, person_id: int, prompt_id: int, detail: str, now: datetime) -> None:
    await insert_new(
        tx, clarification, [{"person_id": person_id, "prompt_id": prompt_id, "detail": detail, "at": now}]
    )
