"""Two persons become one: every row that hangs on the absorbed person goes to the kept one, or is done with.

Call these inside one transaction that holds both (core.linking). ``HANDLED`` names every reference to a person
with what happens to it; a test holds it against the tables, so that a new one cannot be forgotten.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Table, delete, exists, func, insert, select, update

from core.rules.scoring import PointRules
from core.store import boards, coaching, merging_answers, merging_reminders, practice
from core.store.engine import Tx
from core.store.people import Person
from core.store.preferences import record_change
from core.store.tables import (
    account,
    aside,
    audit,
    clarification,
    code,
    delivery,
    draft,
    member,
    person,
    person_change,
    point,
    practice_log,
    rollup,
    streak,
)

# (table, column) -> what becomes of it.
HANDLED: dict[tuple[str, str], str] = {
    ("account", "person_id"): "moves",
    ("person_change", "person_id"): "_take_history: that of the longer streak stays",
    ("member", "person_id"): "_join_memberships: one in each group",
    ("schedule", "person_id"): "merging_reminders: one reminder",
    ("delivery", "person_id"): "moves",
    ("ask", "person_id"): "merging_answers: moves",
    ("answer", "person_id"): "merging_answers: moves, attempts are counted anew",
    ("review", "reviewer_id"): "merging_answers: moves; one's own answers have none",
    ("clarification", "person_id"): "moves; one of each",
    ("practice_log", "person_id"): "moves",
    ("point", "person_id"): "merging_answers: moves; what one could not have earned goes",
    ("rollup", "person_id"): "made anew out of the points",
    ("streak", "person_id"): "replayed by the caller",
    ("draft", "person_id"): "moves; one of each, the kept person's",
    ("aside", "person_id"): "moves",
    ("code", "person_id"): "moves; unused ones of the absorbed person are void",
    ("audit", "person_id"): "moves",
}

_MOVED: tuple[Table, ...] = (account, delivery, practice_log, aside, audit, code)


async def move_all(
    tx: Tx,
    kept: Person,
    absorbed: Person,
    history: Person,
    ahead: Sequence[tuple[date, date]],
    rules: PointRules,
    now: datetime,
) -> None:
    """Everything but the streak, which the caller replays. The absorbed person is gone afterwards.

    ``history`` is the one of both by whose settings and memberships past days are judged; ``ahead`` are the kept
    person's vacations that are not over.
    """
    of = {"kept": kept.id, "absorbed": absorbed.id}
    await merging_reminders.join(tx, kept, absorbed, history, now)
    await merging_answers.join(tx, **of, rules=rules, now=now)
    await _join_memberships(tx, **of, history=history.id, now=now)
    await _drop_doubles(tx, **of)
    for table in _MOVED:
        await tx.execute(update(table).where(table.c.person_id == absorbed.id).values(person_id=kept.id))
    await _take_history(tx, kept, absorbed, history, ahead, now)
    groups = select(point.c.group_id).where(point.c.person_id == kept.id)
    had = select(rollup.c.group_id).where(rollup.c.person_id.in_((kept.id, absorbed.id)))
    touched = (await tx.execute(groups.union(had))).scalars().all()
    await tx.execute(delete(rollup).where(rollup.c.person_id.in_((kept.id, absorbed.id))))
    for group_id in sorted(touched):
        await boards.rebuild(tx, group_id, kept.id)
    if kept.active_group_id is None and absorbed.active_group_id is not None:
        changed = {"active_group_id": absorbed.active_group_id}
        await tx.execute(update(person).where(person.c.id == kept.id).values(**changed))
    if not absorbed.gives_corrections:  # what one of both keeps is not given away by joining them
        await tx.execute(update(person).where(person.c.id == kept.id).values(gives_corrections=False))
    if await coaching.since(tx, absorbed.id) is None:  # nor shown to the coach
        await coaching.agree(tx, kept.id, None)
    await tx.execute(delete(streak).where(streak.c.person_id == absorbed.id))
    await tx.execute(delete(person).where(person.c.id == absorbed.id))


async def _drop_doubles(tx: Tx, kept: int, absorbed: int) -> None:
    """What would stand there twice under one name: the kept person's stays."""
    mine = draft.alias("mine")
    same = exists().where(mine.c.person_id == kept, mine.c.action == draft.c.action)
    await tx.execute(delete(draft).where(draft.c.person_id == absorbed, same))
    await tx.execute(update(draft).where(draft.c.person_id == absorbed).values(person_id=kept))
    told = clarification.alias("told")
    same = exists().where(
        told.c.person_id == kept,
        told.c.prompt_id == clarification.c.prompt_id,
        told.c.detail == clarification.c.detail,
    )
    await tx.execute(delete(clarification).where(clarification.c.person_id == absorbed, same))
    await tx.execute(
        update(clarification).where(clarification.c.person_id == absorbed).values(person_id=kept)
    )
    await tx.execute(delete(code).where(code.c.person_id == absorbed, code.c.used_at.is_(None), _ACCOUNTS))


_ACCOUNTS = code.c.kind == "account"


# --- memberships ----------------------------------------------------------------------------------------------------


async def _join_memberships(tx: Tx, kept: int, absorbed: int, history: int, now: datetime) -> None:
    """One membership in each group: hidden if hidden in either, left only if left in both.

    Since when, is a question of what was scheduled for somebody, so past days stay as they were judged: from
    the one whose history counts, and from now on where only the other was a member.
    """
    both = (kept, absorbed)
    found: dict[int, dict[int, Any]] = {}
    for row in await tx.execute(select(member).where(member.c.person_id.in_(both))):
        found.setdefault(row.group_id, {})[row.person_id] = row
    rows = []
    for group_id, of in sorted(found.items()):
        stays = any(r.left_at is None for r in of.values())
        counts = of.get(history)
        if counts is not None and (counts.left_at is None or not stays):
            joined, left = counts.joined_at, counts.left_at
        else:
            joined, left = now, None if stays else now
        hidden = any(r.hidden for r in of.values())
        rows.append(
            {
                "group_id": group_id,
                "person_id": kept,
                "hidden": hidden,
                "joined_at": joined,
                "left_at": left,
            }
        )
    await tx.execute(delete(member).where(member.c.person_id.in_(both)))
    if rows:
        await tx.execute(insert(member), rows)


# --- settings -------------------------------------------------------------------------------------------------------


async def _take_history(
    tx: Tx, kept: Person, absorbed: Person, history: Person, ahead: Sequence[tuple[date, date]], now: datetime
) -> None:
    """Past days go by the settings of ``history``, and from now on by those of the kept person."""
    if history.id == kept.id:
        await tx.execute(delete(person_change).where(person_change.c.person_id == absorbed.id))
    else:
        await tx.execute(delete(person_change).where(person_change.c.person_id == kept.id))
        moved = update(person_change).where(person_change.c.person_id == absorbed.id)
        await tx.execute(moved.values(person_id=kept.id))
        if absorbed.zone != kept.zone:
            await record_change(tx, kept.id, "zone", kept.zone, now)
        if absorbed.cutoff_minutes != kept.cutoff_minutes:
            await record_change(tx, kept.id, "cutoff", kept.cutoff_minutes, now)
        if absorbed.rest_days != kept.rest_days:
            await record_change(tx, kept.id, "rest", sorted(kept.rest_days), now)
        await record_change(tx, kept.id, "vacation", None, now)
        for first, last in ahead:
            await record_change(tx, kept.id, "vacation", [first.isoformat(), last.isoformat()], now)
    await tx.execute(
        delete(person_change).where(person_change.c.person_id == kept.id, person_change.c.kind == BEST)
    )
    await _begin_with_the_log(tx, kept.id)


async def _begin_with_the_log(tx: Tx, person_id: int) -> None:
    """The other's practice may be older than these settings: the first zone and cut-off hold from the beginning."""
    log = await practice.events(tx, person_id)
    if not log:
        return
    for kind in ("zone", "cutoff"):
        first = (
            select(person_change.c.id)
            .where(person_change.c.person_id == person_id, person_change.c.kind == kind)
            .order_by(person_change.c.at, person_change.c.id)
            .limit(1)
        )
        await tx.execute(
            update(person_change)
            .where(person_change.c.id == first.scalar_subquery(), person_change.c.at > log[0].at)
            .values(at=log[0].at)
        )


# A dated fact beside the settings: how long a streak had been reached in either log when they were joined.
BEST = "best"


async def keep_best(tx: Tx, person_id: int, length: int, now: datetime) -> None:
    """The longest streak that one of the two had had, where the joined log alone does not come to it."""
    await record_change(tx, person_id, BEST, length, now)


async def amount(tx: Tx, person_id: int) -> int:
    """How many things a person has done: what joining them would bring along."""
    query = select(func.count()).select_from(practice_log).where(practice_log.c.person_id == person_id)
    found: int = (await tx.execute(query)).scalar_one()
    return found
