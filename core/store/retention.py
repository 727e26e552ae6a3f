"""What may be deleted when it is old, and what has to stay because streaks are replayed from it.

A day is neutral because a drop or a reminder of it expired or failed and no other one arrived (``reach``). So
what expired or failed stays for ever, drops stay with their group (cards are rewritten, too), and a reminder
that arrived goes only where nothing that was to reach the same person near it did not.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Row,
    Table,
    Update,
    and_,
    delete,
    exists,
    func,
    or_,
    select,
    tuple_,
    union,
    update,
)

from core.store import schedules
from core.store.deliveries import AMBIGUOUS, EXPIRED, FAILED, SENT
from core.store.engine import Tx
from core.store.tables import (
    answer,
    aside,
    ask,
    audit,
    clarification,
    code,
    delivery,
    draft,
    home,
    member,
    occurrence,
    pack,
    person,
    point,
    prompt,
    rollup,
    schedule,
    schedule_home,
    streak,
    study_group,
)

# A person's day has its edges within so long of anything due in it, whatever their zone and cut-off.
NEAR = timedelta(hours=50)

_ENDS = (SENT, FAILED, EXPIRED, AMBIGUOUS)
_UNREACHED = (FAILED, EXPIRED)


# --- by age ----------------------------------------


async def old_messages(tx: Tx, before: datetime, limit: int) -> list[str]:
    """Keys of outbox rows that ended before then and on which nothing hangs any more; read only.

    Notices, test posts, recaps and rewritings, however they ended: a card is rewritten by its drop's row.
    """
    query = (
        select(delivery.c.key)
        .where(
            delivery.c.state.in_(_ENDS),
            delivery.c.settled_at < before,
            delivery.c.kind.in_(("notice", "test", "recap", "weekly", "edit")),
        )
        .limit(limit)
    )
    return list((await tx.execute(query)).scalars())


async def old_reminders(tx: Tx, before: datetime, after: Row[Any] | None, limit: int) -> Sequence[Row[Any]]:
    """Rows (key, person_id, due_at, settled_at) of reminders that arrived and were settled before then, in order.

    ``after``: the last one of the rows before these.
    """
    query = (
        select(delivery.c.key, delivery.c.person_id, delivery.c.due_at, delivery.c.settled_at)
        .where(
            delivery.c.state == SENT,
            delivery.c.kind == "remind",
            delivery.c.person_id.is_not(None),
            delivery.c.settled_at < before,
        )
        .order_by(delivery.c.settled_at, delivery.c.key)
        .limit(limit)
    )
    if after is not None:
        same = and_(delivery.c.settled_at == after.settled_at, delivery.c.key > after.key)
        query = query.where(delivery.c.settled_at >= after.settled_at)  # for the index
        query = query.where(or_(delivery.c.settled_at > after.settled_at, same))
    return (await tx.execute(query)).all()


async def needed(tx: Tx, reminders: Sequence[Row[Any]]) -> set[str]:
    """Keys of those ``reminders`` near which something else was to reach the same person and did not."""
    if not reminders:
        return set()
    people = sorted({r.person_id for r in reminders})
    since, until = min(r.due_at for r in reminders) - NEAR, max(r.due_at for r in reminders) + NEAR
    near = and_(delivery.c.due_at >= since, delivery.c.due_at <= until, delivery.c.state.in_(_UNREACHED))
    own = select(delivery.c.person_id, delivery.c.due_at).where(
        near, delivery.c.kind == "remind", delivery.c.person_id.in_(people)
    )
    theirs = (
        select(member.c.person_id, delivery.c.due_at)
        .join(occurrence, occurrence.c.id == delivery.c.occurrence_id)
        .join(schedule, schedule.c.id == occurrence.c.schedule_id)
        .join(member, member.c.group_id == schedule.c.group_id)
        .where(near, delivery.c.kind == "drop", member.c.person_id.in_(people))
    )
    missed: dict[int, list[datetime]] = {}
    for query in (own, theirs):
        for row in await tx.execute(query):
            missed.setdefault(row.person_id, []).append(row.due_at)
    return {r.key for r in reminders if any(abs(at - r.due_at) <= NEAR for at in missed.get(r.person_id, ()))}


async def drop_messages(tx: Tx, keys: Sequence[str]) -> int:
    """Delete these outbox rows, but for one that has been put on its way again."""
    done = await tx.execute(delete(delivery).where(delivery.c.key.in_(keys), delivery.c.state.in_(_ENDS)))
    return done.rowcount


async def _some(tx: Tx, table: Table, old: ColumnElement[bool], limit: int) -> int:
    """Delete at most ``limit`` of a table's rows that are ``old``."""
    key = list(table.primary_key.columns)
    chosen = select(*key).where(old).order_by(*key).limit(limit)
    found = key[0].in_(chosen) if len(key) == 1 else tuple_(*key).in_(chosen)
    return (await tx.execute(delete(table).where(found))).rowcount


async def drop_drafts(tx: Tx, before: datetime, limit: int) -> int:
    return await _some(tx, draft, draft.c.at < before, limit)


async def drop_asides(tx: Tx, before: datetime, limit: int) -> int:
    return await _some(tx, aside, aside.c.at < before, limit)


async def drop_codes(tx: Tx, before: datetime, limit: int) -> int:
    """One-time codes that ran out before then, used or not."""
    return await _some(tx, code, code.c.expires_at < before, limit)


async def drop_actions(tx: Tx, before: datetime, limit: int) -> int:
    return await _some(tx, audit, audit.c.at < before, limit)


# --- servers that Starling was removed from ----------------------------------------


async def gone_homes(tx: Tx, before: datetime) -> list[int]:
    """Homes on servers that Starling has not been on since before then."""
    query = select(home.c.id).where(home.c.gone_at.is_not(None), home.c.gone_at < before)
    return list((await tx.execute(query.order_by(home.c.id))).scalars())


async def drop_home(tx: Tx, home_id: int, before: datetime, now: datetime) -> bool:
    """Delete a home that is still gone since before then; True when its group had no other and ends with it.

    The drops that were posted there stay as facts without a place: members' neutral days hang on them. Schedules
    that posted nowhere else are removed. Of a group that ends, ``drop_rest`` takes what is left.
    """
    query = select(home.c.group_id, home.c.gone_at, home.c.platform).where(home.c.id == home_id)
    found = (await tx.execute(query.with_for_update())).one_or_none()
    if found is None or found.gone_at is None or found.gone_at >= before:
        return False  # it is back
    facts = and_(delivery.c.home_id == home_id, delivery.c.kind == "drop", delivery.c.state.in_(_ENDS))
    await tx.execute(
        update(delivery)
        .where(facts)
        .values(home_id=None, scope=found.platform, channel_id="", message_id="", body=None, worker="")
    )
    nowhere = select(schedule.c.id).where(
        schedule.c.group_id == found.group_id,
        schedule.c.state != "removed",
        ~exists().where(schedule_home.c.schedule_id == schedule.c.id, schedule_home.c.home_id != home_id),
    )
    for schedule_id in (await tx.execute(nowhere)).scalars().all():
        await schedules.stop(tx, schedule_id, "removed", now)
    await tx.execute(delete(home).where(home.c.id == home_id))
    others = select(func.count()).select_from(home).where(home.c.group_id == found.group_id)
    if (await tx.execute(others)).scalar_one():
        return False
    await _end_group(tx, found.group_id, now)
    return True


async def _end_group(tx: Tx, group_id: int, now: datetime) -> None:
    """Everybody leaves; name and rules go. Who was in it since when stays: their streaks hang on its times."""
    here = and_(member.c.group_id == group_id, member.c.left_at.is_(None))
    inside = select(member.c.person_id).where(here)
    await tx.execute(update(streak).where(streak.c.person_id.in_(inside)).values(stale=True))
    await tx.execute(update(member).where(here).values(left_at=now))
    other = (
        select(func.min(member.c.group_id))
        .where(member.c.person_id == person.c.id, member.c.left_at.is_(None))
        .scalar_subquery()
    )
    await tx.execute(update(person).where(person.c.active_group_id == group_id).values(active_group_id=other))
    await tx.execute(
        update(schedule)
        .where(schedule.c.group_id == group_id)
        .values(tracks=[], packs=[], role_id="", reason="")
    )
    await tx.execute(
        update(study_group).where(study_group.c.id == group_id).values(name="", points={}, gone_at=now)
    )


async def ended_groups(tx: Tx) -> list[int]:
    query = select(study_group.c.id).where(study_group.c.gone_at.is_not(None)).order_by(study_group.c.id)
    return list((await tx.execute(query)).scalars())


async def drop_rest(tx: Tx, group_id: int, limit: int) -> int:
    """Delete at most ``limit`` rows of what an ended group still has; 0 when nothing is left.

    Points, sums, the list of actions and codes go; answers stay their writers'. Packs: ``drop_packs``.
    """
    for table in (rollup, point, audit):
        if done := await _some(tx, table, table.c.group_id == group_id, limit):
            return done
    await tx.execute(delete(code).where(code.c.group_id == group_id))
    for loosen in (_without_group(answer, group_id, limit), _without_group(ask, group_id, limit)):
        if done := (await tx.execute(loosen)).rowcount:
            return done
    alone = ~exists().where(member.c.group_id == study_group.c.id)
    await tx.execute(delete(study_group).where(study_group.c.id == group_id, alone))
    return 0


def _without_group(table: Table, group_id: int, limit: int) -> Update:
    chosen = select(table.c.id).where(table.c.group_id == group_id).limit(limit)
    return update(table).where(table.c.id.in_(chosen)).values(group_id=None)


async def own_questions(tx: Tx, group_id: int) -> tuple[list[int], set[int]]:
    """(every prompt of the group's packs, those that somebody answered, was given or asked about); read only.

    Reads through all answers where the group has packs: nothing else finds them by their prompt.
    """
    own = select(prompt.c.id).join(pack, pack.c.id == prompt.c.pack_id).where(pack.c.group_id == group_id)
    ids = list((await tx.execute(own.order_by(prompt.c.id))).scalars())
    if not ids:
        return [], set()
    held = (select(t.c.prompt_id).where(t.c.prompt_id.in_(own)) for t in (answer, ask, clarification))
    return ids, set((await tx.execute(union(*held))).scalars())


async def empty_prompts(tx: Tx, prompt_ids: Sequence[int]) -> None:
    """Nothing is left of these questions but their numbers: deleting them would read through every answer."""
    await tx.execute(
        update(prompt)
        .where(prompt.c.id.in_(prompt_ids))
        .values(title="", text="", body={}, levels=" ", rubric="", retired=True)
    )


async def disown_packs(tx: Tx, group_id: int) -> None:
    """The group's packs are nobody's and removed; what is left in them stays with the answers to it."""
    for row in (await tx.execute(select(pack.c.id).where(pack.c.group_id == group_id))).all():
        # A slug that no file can have: no pack of that name finds it again.
        left = {"group_id": None, "slug": f"gone {row.id}", "title": "A group's own questions", "sha256": ""}
        when = func.coalesce(pack.c.removed_at, pack.c.imported_at)
        await tx.execute(update(pack).where(pack.c.id == row.id).values(**left, removed_at=when))
        await tx.execute(update(prompt).where(prompt.c.pack_id == row.id).values(retired=True))


async def has_rest(tx: Tx, group_id: int) -> bool:
    """Whether ``drop_rest`` would find anything to do; read only."""
    checks = [
        *(exists().where(t.c.group_id == group_id) for t in (rollup, point, audit, answer, ask, pack)),
        ~exists().where(member.c.group_id == group_id),
    ]
    return bool((await tx.execute(select(or_(*checks)))).scalar_one())
