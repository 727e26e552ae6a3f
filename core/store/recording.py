"""An answer's own statements: what has to be known before it is kept, and all the rows that it makes.

Two trips to the database, however many rows: this is what everybody waits for.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any

from sqlalchemy import Insert, Table, and_, bindparam, func, insert, select

from core.rules.scoring import Award
from core.rules.streak import Streak
from core.store import fast, lives
from core.store.answers import Answer
from core.store.boards import award_steps
from core.store.engine import Tx
from core.store.lives import Life
from core.store.people import Person
from core.store.practice import keep_step
from core.store.tables import answer, member, person, point, practice_log, streak


@dataclass(frozen=True, slots=True)
class Before:
    """What stands when an answer comes in.

    ``kept`` is the kept streak, or None. ``paid`` are the tracks
    whose first answer of the day has earned points in the group. ``shown``: whether boards show the writer.
    """

    kept: Any
    attempt: int
    paid: frozenset[str]
    shown: bool
    life: Life


_BEFORE = (
    select(
        *(c for c in streak.c if c.name != "person_id"),
        member.c.hidden,
        point.c.track,
        select(func.coalesce(func.max(answer.c.attempt), 0) + 1)
        .where(answer.c.person_id == bindparam("me"), answer.c.prompt_id == bindparam("asked"))
        .scalar_subquery()
        .label("attempt"),
    )
    .select_from(person)
    .outerjoin(streak, streak.c.person_id == person.c.id)
    .outerjoin(
        member,
        and_(
            member.c.group_id == bindparam("here"),
            member.c.person_id == person.c.id,
            member.c.left_at.is_(None),
        ),
    )
    .outerjoin(
        point,
        and_(
            point.c.person_id == person.c.id,
            point.c.day == bindparam("today"),
            point.c.group_id == bindparam("here"),
            point.c.kind == "answer",
        ),
    )
    .where(person.c.id == bindparam("me"))
)


async def before(tx: Tx, person_id: int, prompt_id: int, group_id: int | None, day: date) -> Before | None:
    """Read it while the person is held; None when they were forgotten meanwhile."""
    values = {"me": person_id, "asked": prompt_id, "here": group_id, "today": day}
    found, *rest = await fast.rows_of_all(tx, [(_BEFORE, values), *lives.steps(person_id)])
    if not found:
        return None
    paid = frozenset(r.track for r in found if r.track is not None)
    kept = found[0] if found[0].current is not None else None
    return Before(kept, found[0].attempt, paid, found[0].hidden is False, lives.of_rows(rest))


_ANSWER = (
    "person_id", "prompt_id", "group_id", "occurrence_id", "attempt", "track", "text", "parts", "outcome", "words",
    "counts", "at", "day", "source", "anonymous",
)  # fmt: skip
_LOG = ("person_id", "kind", "track", "answer_id", "counts", "at", "day", "zone", "cutoff")


@cache
def _insert(table: Table, names: tuple[str, ...]) -> Insert:
    """Its values are called after the columns; statements are made once."""
    return insert(table).values({n: bindparam(f"v_{n}", type_=table.c[n].type) for n in names})


@cache
def _insert_answer() -> Any:
    return _insert(answer, _ANSWER).returning(answer.c.id)


def _values(names: tuple[str, ...], given: Mapping[str, Any]) -> dict[str, Any]:
    return {f"v_{n}": given[n] for n in names}


async def keep(
    tx: Tx,
    writer: Person,
    prior: Before,
    award: Award | None,
    *,
    prompt_id: int,
    group_id: int | None,
    occurrence_id: int | None,
    track: str,
    text: str,
    parts: dict[str, str] | None,
    outcome: str,
    words: int,
    counts: bool,
    at: datetime,
    day: date,
    source: str | None,
    streak_: Streak | None,
) -> Answer:
    """Insert the answer and its line of the practice log; with ``award`` its point and the sums; keep ``streak_``."""
    given: dict[str, Any] = {
        "person_id": writer.id,
        "prompt_id": prompt_id,
        "group_id": group_id,
        "occurrence_id": occurrence_id,
        "attempt": prior.attempt,
        "track": track,
        "text": text,
        "parts": parts,
        "outcome": outcome,
        "words": words,
        "counts": counts,
        "at": at,
        "day": day,
    }
    row = {**given, "source": source, "anonymous": False}
    log = {
        **given,
        "kind": "answer",
        "answer_id": fast.FIRST,
        "zone": writer.zone,
        "cutoff": writer.cutoff_minutes,
    }
    steps: list[fast.Step] = [
        (_insert_answer(), _values(_ANSWER, row)),
        (_insert(practice_log, _LOG), _values(_LOG, log)),
    ]
    if award is not None and award.points and group_id is not None:
        steps += award_steps(
            tx,
            award,
            person_id=writer.id,
            group_id=group_id,
            track=track,
            day=day,
            now=at,
            answer_id=fast.FIRST,
            improved=0,
            shown=prior.shown,
        )
    if streak_ is not None:
        step = keep_step(
            tx,
            writer.id,
            current=streak_.current,
            best=streak_.best,
            savers=streak_.savers,
            lapses_at=streak_.lapses_at,
            now=at,
        )
        steps.append(step)
    made = await fast.write_all(tx, steps)
    assert made is not None
    return Answer(id=made, shared_at=None, saved_at=None, anonymous=False, withdrawn_at=None, **given)
