"""What writers correct in the reading of their answers: kept with the answer, and given to the operator by consent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, delete, select, update

from core.store.engine import Tx
from core.store.sql import upsert
from core.store.tables import account, answer, checklist, correction, member, person, prompt


@dataclass(frozen=True, slots=True)
class Correction:
    """One thing that a writer put right.

    ``place``: "s3" is the fourth sentence, which belongs to the part ``now`` ("S", "T", "A", "R", "O"); any other is
    the key of a checklist item, which is ``now`` "met" or "missing". ``was`` is what the machine had. ``sentence`` is
    the sentence it is about as the answer has it; for an item the one that shows it, or "". ``method``: the tagger.
    """

    place: str
    was: str
    now: str
    sentence: str
    method: str


_COLUMNS = (
    correction.c.place,
    correction.c.was,
    correction.c.now,
    correction.c.sentence,
    correction.c.method,
)


async def of(tx: Tx, answer_id: int) -> list[Correction]:
    """The corrections of one answer, the oldest first."""
    query = select(*_COLUMNS).where(correction.c.answer_id == answer_id)
    return [Correction(*r) for r in await tx.execute(query.order_by(correction.c.at, correction.c.place))]


async def put(tx: Tx, answer_id: int, one: Correction, now: datetime) -> None:
    """Keep a correction; one of the same place is replaced, and what the machine had first stays known."""
    row = {
        "answer_id": answer_id,
        "place": one.place,
        "was": one.was,
        "now": one.now,
        "sentence": one.sentence,
        "method": one.method,
        "at": now,
    }
    changed = {"now": one.now, "sentence": one.sentence, "at": now}
    await upsert(tx, correction, [row], [correction.c.answer_id, correction.c.place], changed)


async def remove(tx: Tx, answer_id: int, place: str | None = None) -> bool:
    """Undo the correction of one place, or (None) all of that answer's; False when there was nothing."""
    gone = delete(correction).where(correction.c.answer_id == answer_id)
    if place is not None:
        gone = gone.where(correction.c.place == place)
    return bool((await tx.execute(gone)).rowcount)


async def set_checklist(
    tx: Tx, answer_id: int, checks: Sequence[Mapping[str, Any]], met: Sequence[str], newly_met: int
) -> None:
    """Write a checklist anew. Its method, instant and ticks stay."""
    values = {"checks": list(checks), "met": list(met), "newly_met": newly_met}
    await tx.execute(update(checklist).where(checklist.c.answer_id == answer_id).values(**values))


# --- for the operator ------------------------------------------------------------------------------------------


async def given(tx: Tx, after: int, limit: int = 100) -> Sequence[Row[Any]]:
    """Answers with corrections of people who give them, in order, from behind the answer ``after``.

    Rows (id, person_id, level, question); nothing that was taken back.
    """
    query = (
        select(answer.c.id, answer.c.person_id, person.c.level, prompt.c.text.label("question"))
        .join(person, person.c.id == answer.c.person_id)
        .join(prompt, prompt.c.id == answer.c.prompt_id)
        .where(
            answer.c.id > after,
            answer.c.withdrawn_at.is_(None),
            person.c.gives_corrections,
            select(correction.c.place).where(correction.c.answer_id == answer.c.id).exists(),
        )
        .order_by(answer.c.id)
        .limit(limit)
    )
    return (await tx.execute(query)).all()


async def names_around(tx: Tx, person_id: int) -> list[str]:
    """Every name by which somebody is known who is or was in a group with that person, their own with them."""
    groups = select(member.c.group_id).where(member.c.person_id == person_id)
    people = select(member.c.person_id).where(member.c.group_id.in_(groups))
    mine = select(person.c.id).where(person.c.id == person_id)
    of_persons = select(person.c.name).where(person.c.id.in_(people.union(mine)))
    of_accounts = select(account.c.name).where(account.c.person_id.in_(people.union(mine)))
    found = await tx.execute(of_persons.union(of_accounts))
    return sorted({name for name in found.scalars() if name})
