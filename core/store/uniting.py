"""Two groups become one, and a home leaves its group (docs/rules.md, 9 "Linking"). SQL only: core.linking_groups.

The absorbed group keeps its row, its ended memberships and its ended schedules: they are what days gone by are
judged by, and no day is judged twice. ``HANDLED`` names every reference to a group with what happens to it; a
test holds it against the tables.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import delete, exists, func, insert, select, update

from core.rules.scoring import PointRules
from core.store import boards, codes, merging_answers
from core.store.deliveries import AMBIGUOUS, FAILED, PENDING, SENDING, SENT
from core.store.engine import Tx
from core.store.sql import hold as hold_name
from core.store.sql import insert_new
from core.store.tables import (
    answer,
    ask,
    audit,
    code,
    delivery,
    home,
    member,
    occurrence,
    pack,
    person,
    point,
    rollup,
    schedule,
    schedule_home,
    streak,
    study_group,
)

HANDLED: dict[tuple[str, str], str] = {
    ("home", "group_id"): "moves",
    ("member", "group_id"): "_join_members: ends there, goes on in the other",
    ("pack", "group_id"): "_join_packs: moves; a name that is taken gets a number",
    ("schedule", "group_id"): "ends and stays; what is open is carried over",
    ("ask", "group_id"): "moves",
    ("answer", "group_id"): "moves",
    ("point", "group_id"): "_join_points: moves, within what a day can bring",
    ("rollup", "group_id"): "_join_points: moves, or made anew",
    ("code", "group_id"): "void; what it had taken in itself is the other's",
    ("audit", "group_id"): "moves",
}


async def hold(tx: Tx, *group_ids: int) -> None:
    """Nobody else joins or parts these groups until the transaction ends."""
    for group_id in sorted(group_ids):
        await hold_name(tx, f"group {group_id}")


async def hold_members(tx: Tx, group_id: int) -> None:
    """Whoever has an answer half written finishes it first; whoever comes now waits, and finds the groups joined.

    SQLite needs nothing: its writer is alone.
    """
    if tx.dialect.name == "postgresql":
        members = select(member.c.person_id).where(member.c.group_id == group_id)
        query = select(person.c.id).where(person.c.id.in_(members)).order_by(person.c.id)
        await tx.execute(query.with_for_update(key_share=True))


async def join(tx: Tx, kept: int, absorbed: int, rules: PointRules, now: datetime) -> None:
    """Everything of ``absorbed`` becomes ``kept``'s. Its schedules have been stopped before."""
    renamed = await _join_packs(tx, kept, absorbed, now)
    await _carry_open_drops(tx, kept, absorbed, renamed, now)
    for table in (home, answer, ask, audit):
        await tx.execute(update(table).where(table.c.group_id == absorbed).values(group_id=kept))
    await codes.move_joined(tx, kept, absorbed)
    await codes.note_joined(tx, now, absorbed, group_id=kept)
    await _join_members(tx, kept, absorbed, now)
    await _join_points(tx, kept, absorbed, rules)
    speaks = update(person).where(person.c.active_group_id == absorbed)
    await tx.execute(speaks.values(active_group_id=kept))
    ended = {"name": "", "points": {}, "gone_at": now}  # as core.store.retention leaves one
    await tx.execute(update(study_group).where(study_group.c.id == absorbed).values(**ended))


async def _join_packs(tx: Tx, kept: int, absorbed: int, now: datetime) -> dict[str, str]:
    """Its packs, under names that are free: {old: new}. The very same file is not asked from twice.

    A pack that is both groups' keeps all its prompts under either name, since answers hang on them.
    """
    ours = {
        r.slug: r.sha256
        for r in await tx.execute(
            select(pack.c.slug, pack.c.sha256).where((pack.c.group_id == kept) | pack.c.group_id.is_(None))
        )
    }
    renamed: dict[str, str] = {}
    rows = await tx.execute(select(pack).where(pack.c.group_id == absorbed).order_by(pack.c.id))
    for row in rows.all():
        values: dict[str, Any] = {"group_id": kept}
        if row.slug in ours:
            number = 2
            while (free := f"{row.slug[:56]}-{number}") in ours:
                number += 1
            renamed[row.slug] = values["slug"] = free
            if ours[row.slug] == row.sha256 and row.removed_at is None:
                values["removed_at"] = now
        ours[values.get("slug", row.slug)] = row.sha256
        await tx.execute(update(pack).where(pack.c.id == row.id).values(**values))
    return renamed


_MAY_BE_SEEN = (PENDING, SENDING, SENT, AMBIGUOUS)


async def _carry_open_drops(
    tx: Tx, kept: int, absorbed: int, renamed: Mapping[str, str], now: datetime
) -> None:
    """Drops that are open go on as the kept group's, under a schedule that has ended already."""
    seen = exists().where(delivery.c.occurrence_id == occurrence.c.id, delivery.c.state.in_(_MAY_BE_SEEN))
    query = (
        select(occurrence.c.id, occurrence.c.schedule_id)
        .join(schedule, schedule.c.id == occurrence.c.schedule_id)
        .where(
            schedule.c.group_id == absorbed,
            occurrence.c.state == "open",
            occurrence.c.due_at <= now,
            occurrence.c.closes_at > now,
            seen,
        )
        .order_by(occurrence.c.id)
    )
    twins: dict[int, int] = {}
    for row in (await tx.execute(query)).all():
        if row.schedule_id not in twins:
            twins[row.schedule_id] = await _twin(tx, row.schedule_id, kept, renamed)
        moved = update(occurrence).where(occurrence.c.id == row.id)
        await tx.execute(moved.values(schedule_id=twins[row.schedule_id]))


async def _twin(tx: Tx, schedule_id: int, group_id: int, renamed: Mapping[str, str]) -> int:
    """A schedule that asks as that one did, and never again."""
    found = (await tx.execute(select(schedule).where(schedule.c.id == schedule_id))).one()
    values = {k: v for k, v in found._mapping.items() if k != "id"}
    values |= {"group_id": group_id, "state": "removed", "next_date": None, "next_due_at": None}
    values["packs"] = [renamed.get(slug, slug) for slug in found.packs]
    made = await tx.execute(insert(schedule).values(**values).returning(schedule.c.id))
    new_id: int = made.scalar_one()
    return new_id


async def _join_members(tx: Tx, kept: int, absorbed: int, now: datetime) -> None:
    """Whoever was a member there is one here: hidden if hidden in either, left only if left in both.

    From now on: what was scheduled for them before was the other group's, and stays so.
    """
    here = {r.person_id: r for r in await tx.execute(select(member).where(member.c.group_id == kept))}
    rows = (await tx.execute(select(member).where(member.c.group_id == absorbed))).all()
    new = []
    for row in rows:
        mine = here.get(row.person_id)
        if mine is None:
            left = None if row.left_at is None else now
            new.append(
                {
                    "group_id": kept,
                    "person_id": row.person_id,
                    "hidden": row.hidden,
                    "joined_at": now,
                    "left_at": left,
                }
            )
            continue
        values: dict[str, Any] = {"hidden": mine.hidden or row.hidden}
        if mine.left_at is not None and row.left_at is None:
            values |= {"joined_at": now, "left_at": None}
        this = (member.c.group_id == kept, member.c.person_id == row.person_id)
        await tx.execute(update(member).where(*this).values(**values))
    if new:
        await tx.execute(insert(member), new)
    theirs = update(member).where(member.c.group_id == absorbed, member.c.left_at.is_(None))
    await tx.execute(theirs.values(left_at=now))
    # Other schedules hold for them from now on: their streaks are replayed before long.
    members = select(member.c.person_id).where(member.c.group_id == absorbed)
    await tx.execute(update(streak).where(streak.c.person_id.in_(members)).values(stale=True))


async def _join_points(tx: Tx, kept: int, absorbed: int, rules: PointRules) -> None:
    """Points and their sums. Who has some in both groups keeps what one person could have earned in one."""
    there = rollup.alias("there")
    of_both = (
        select(rollup.c.person_id)
        .where(
            rollup.c.group_id == absorbed,
            exists().where(there.c.group_id == kept, there.c.person_id == rollup.c.person_id),
        )
        .distinct()
    )
    both = list((await tx.execute(of_both.order_by(rollup.c.person_id))).scalars())
    await tx.execute(update(point).where(point.c.group_id == absorbed).values(group_id=kept))
    for person_id in both:
        await tx.execute(delete(rollup).where(rollup.c.group_id == absorbed, rollup.c.person_id == person_id))
        await merging_answers.cap(tx, kept, person_id, rules)
        await boards.rebuild(tx, kept, person_id)
    await tx.execute(update(rollup).where(rollup.c.group_id == absorbed).values(group_id=kept))
    shown = exists().where(
        member.c.group_id == kept,
        member.c.person_id == rollup.c.person_id,
        member.c.hidden.is_(False),
        member.c.left_at.is_(None),
    )
    members = select(member.c.person_id).where(member.c.group_id == absorbed)
    await tx.execute(
        update(rollup).where(rollup.c.group_id == kept, rollup.c.person_id.in_(members)).values(shown=shown)
    )


# --- homes ----------------------------------------------------------------------------------------------------------


async def post_also(tx: Tx, beside: int, home_id: int) -> list[int]:
    """Every schedule that posts in the home ``beside`` posts in this one, too, from its next occurrence on.

    The ids of these schedules.
    """
    query = (
        select(schedule_home.c.schedule_id)
        .join(schedule, schedule.c.id == schedule_home.c.schedule_id)
        .where(schedule_home.c.home_id == beside, schedule.c.state != "removed")
        .order_by(schedule_home.c.schedule_id)
    )
    ids = list((await tx.execute(query)).scalars())
    rows = [{"schedule_id": i, "home_id": home_id, "channel_id": ""} for i in ids]
    await insert_new(tx, schedule_home, rows)
    return ids


async def left_alone(tx: Tx, home_id: int) -> list[int]:
    """The schedules that post in this home and nowhere else."""
    other = schedule_home.alias("other")
    elsewhere = exists().where(other.c.schedule_id == schedule_home.c.schedule_id, other.c.home_id != home_id)
    query = (
        select(schedule_home.c.schedule_id)
        .join(schedule, schedule.c.id == schedule_home.c.schedule_id)
        .where(schedule_home.c.home_id == home_id, schedule.c.state != "removed", ~elsewhere)
    )
    return sorted((await tx.execute(query)).scalars())


UNLINKED = "the channel left the group"


async def remove_home(tx: Tx, home_id: int, now: datetime) -> list[int]:
    """The home is gone; that questions came there, or did not, stays known: streaks hang on it.

    The drops that will not come any more, by id.
    """
    theirs = update(delivery).where(delivery.c.home_id == home_id)
    ended = {"settled_at": now, "reason": UNLINKED}
    waiting = theirs.where(delivery.c.state == PENDING).values(state=FAILED, **ended)
    lost = (await tx.execute(waiting.returning(delivery.c.occurrence_id, delivery.c.kind))).all()
    # On its way at this very moment: it may arrive.
    await tx.execute(theirs.where(delivery.c.state == SENDING).values(state=AMBIGUOUS, **ended))
    await tx.execute(theirs.where(delivery.c.kind == "drop").values(home_id=None))
    await tx.execute(delete(code).where(code.c.home_id == home_id))
    await tx.execute(delete(home).where(home.c.id == home_id))
    return [r.occurrence_id for r in lost if r.kind == "drop"]


# --- figures --------------------------------------------------------------------------------------------------------


async def size(tx: Tx, group_id: int) -> int:
    """How many members a group has."""
    query = select(func.count()).select_from(member)
    query = query.where(member.c.group_id == group_id, member.c.left_at.is_(None))
    found: int = (await tx.execute(query)).scalar_one()
    return found
