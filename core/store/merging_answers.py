"""Joining two persons' answers, reviews and points (core.store.merging)."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, delete, func, select, update

from core.rules.joining import Paid, Read, beyond_the_day, improvements
from core.rules.scoring import PointRules
from core.store.engine import Tx
from core.store.tables import answer, ask, checklist, point, practice_log, review

_ASIDE = 1_000_000  # attempts of the absorbed person stand so far off while both are counted anew


async def join(tx: Tx, *, kept: int, absorbed: int, rules: PointRules, now: datetime) -> None:
    """Everything that was answered, asked, reviewed and earned becomes the kept person's."""
    twice = await _prompts_of_both(tx, kept, absorbed)
    away = update(answer).where(answer.c.person_id == absorbed)
    await tx.execute(away.values(person_id=kept, attempt=answer.c.attempt + _ASIDE))
    await _number_anew(tx, kept, twice)
    await tx.execute(
        update(answer)
        .where(answer.c.person_id == kept, answer.c.attempt > _ASIDE)
        .values(attempt=answer.c.attempt - _ASIDE)
    )
    await tx.execute(update(ask).where(ask.c.person_id == absorbed).values(person_id=kept))
    await _join_reviews(tx, kept, absorbed)
    await tx.execute(update(point).where(point.c.person_id == absorbed).values(person_id=kept))
    await _withdraw_own_reviews(tx, kept, absorbed, now)
    await _improve_anew(tx, kept, twice)
    groups = select(point.c.group_id).where(point.c.person_id == kept).distinct()
    for group_id in (await tx.execute(groups)).scalars().all():
        await cap(tx, group_id, kept, rules)


async def _prompts_of_both(tx: Tx, kept: int, absorbed: int) -> list[int]:
    query = (
        select(answer.c.prompt_id)
        .where(answer.c.person_id.in_((kept, absorbed)))
        .group_by(answer.c.prompt_id)
        .having(func.count(func.distinct(answer.c.person_id)) == 2)
        .order_by(answer.c.prompt_id)
    )
    return list((await tx.execute(query)).scalars())


async def _number_anew(tx: Tx, person_id: int, prompts: Collection[int]) -> None:
    """Attempts at these prompts from 1, in order of instant. By way of negative ones: no two are ever the same."""
    numbers: dict[int, int] = {}
    rows: list[dict[str, Any]] = []
    query = select(answer.c.id, answer.c.prompt_id).where(
        answer.c.person_id == person_id, answer.c.prompt_id.in_(prompts)
    )
    for row in await tx.execute(query.order_by(answer.c.at, answer.c.id)):
        numbers[row.prompt_id] = numbers.get(row.prompt_id, 0) + 1
        rows.append({"which": row.id, "number": -numbers[row.prompt_id]})
    if rows:
        one = update(answer).where(answer.c.id == bindparam("which")).values(attempt=bindparam("number"))
        await tx.execute(one, rows)
        turned = update(answer).where(answer.c.person_id == person_id, answer.c.attempt < 0)
        await tx.execute(turned.values(attempt=-answer.c.attempt))


async def _improve_anew(tx: Tx, person_id: int, prompts: Collection[int]) -> None:
    """What improved on one's own earlier attempts may not improve on those of both. Nothing is earned by joining."""
    query = (
        select(answer.c.id, answer.c.prompt_id, checklist.c.met, checklist.c.newly_met)
        .join(checklist, checklist.c.answer_id == answer.c.id)
        .where(answer.c.person_id == person_id, answer.c.prompt_id.in_(prompts))
        .order_by(answer.c.prompt_id, answer.c.attempt)
    )
    attempts: dict[int, list[Read]] = {}
    for row in await tx.execute(query):
        attempts.setdefault(row.prompt_id, []).append(Read(row.id, row.met, row.newly_met))
    paid = select(point.c.id, point.c.answer_id, point.c.points, point.c.improved)
    paid = paid.where(point.c.person_id == person_id, point.c.kind == "improvement")
    earned = {row.answer_id: row for row in await tx.execute(paid)}
    read, less, nothing = [], [], []
    for of in attempts.values():
        for before, now in zip(of, improvements(of), strict=True):
            if now.newly != before.newly:
                read.append({"which": now.answer_id, "newly": now.newly})
            had = earned.get(now.answer_id)
            if had is None or (now.pays and now.newly == before.newly):
                continue
            left = {"worth": had.points if now.pays else 0, "better": min(had.improved, now.newly)}
            if any(left.values()):
                less.append({"which": had.id} | left)
            else:
                nothing.append({"which": had.id})
    if read:
        new = update(checklist).where(checklist.c.answer_id == bindparam("which"))
        await tx.execute(new.values(newly_met=bindparam("newly")), read)
    if less:
        worth: dict[str, Any] = {"points": bindparam("worth"), "improved": bindparam("better")}
        await tx.execute(update(point).where(point.c.id == bindparam("which")).values(**worth), less)
    if nothing:
        await tx.execute(delete(point).where(point.c.id == bindparam("which")), nothing)


# --- reviews --------------------------------------------------------------------------------------------------------


async def _join_reviews(tx: Tx, kept: int, absorbed: int) -> None:
    """One review of an answer by one person: the kept one's, unless that was withdrawn."""
    query = select(review.c.id, review.c.answer_id, review.c.reviewer_id, review.c.withdrawn_at)
    by: dict[int, dict[int, Any]] = {}
    for row in await tx.execute(query.where(review.c.reviewer_id.in_((kept, absorbed)))):
        by.setdefault(row.answer_id, {})[row.reviewer_id] = row
    for of in by.values():
        if len(of) == 2:
            better = absorbed if of[kept].withdrawn_at and not of[absorbed].withdrawn_at else kept
            worse = of[kept if better == absorbed else absorbed]
            await tx.execute(
                delete(point).where(
                    point.c.person_id == worse.reviewer_id,
                    point.c.answer_id == worse.answer_id,
                    point.c.kind.in_(("review", "helpful")),
                )
            )
            await tx.execute(delete(review).where(review.c.id == worse.id))
    await tx.execute(update(review).where(review.c.reviewer_id == absorbed).values(reviewer_id=kept))


async def _withdraw_own_reviews(tx: Tx, person_id: int, absorbed: int, now: datetime) -> None:
    """One reviews the answers of others. What turns out to be one's own is withdrawn, with what it earned."""
    own = select(answer.c.id).where(answer.c.person_id == person_id)
    theirs = (review.c.reviewer_id == person_id, review.c.answer_id.in_(own), review.c.withdrawn_at.is_(None))
    await tx.execute(update(review).where(*theirs).values(withdrawn_at=now))
    await tx.execute(
        delete(point).where(
            point.c.person_id == person_id,
            point.c.kind.in_(("review", "helpful")),
            point.c.answer_id.in_(own),
        )
    )
    await tx.execute(
        update(practice_log)
        .where(
            practice_log.c.person_id.in_((person_id, absorbed)),
            practice_log.c.kind == "review",
            practice_log.c.answer_id.in_(own),
        )
        .values(counts=False)
    )


# --- points ---------------------------------------------------------------------------------------------------------


async def cap(tx: Tx, group_id: int, person_id: int, rules: PointRules) -> int:
    """Take away the points of that person in that group that go beyond what a day can bring; how many rows."""
    mine = (point.c.group_id == group_id, point.c.person_id == person_id)
    columns = (point.c.id, point.c.kind, point.c.track, point.c.day, point.c.answer_id)
    rows = await tx.execute(select(*columns).where(*mine).order_by(point.c.at, point.c.id))
    paid = [Paid(r.id, r.kind, r.track, r.day, r.answer_id) for r in rows]
    over = sorted(beyond_the_day(paid, rules))
    for begin in range(0, len(over), 500):
        await tx.execute(delete(point).where(point.c.id.in_(over[begin : begin + 500])))
    return len(over)
