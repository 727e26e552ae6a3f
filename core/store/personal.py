"""Everything the database holds about one person: to hand it out, and to erase it.

A table that hangs on a person stands in ``SECTIONS`` or, with its reason, in ``LEFT_OUT``; a test holds this
list against the schema, so that a new table cannot be forgotten.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Column, ColumnElement, FromClause, Row, Select, Table, delete, func, select, text

from core.store.engine import Tx
from core.store.tables import (
    account,
    answer,
    aside,
    ask,
    audit,
    checklist,
    clarification,
    code,
    correction,
    delivery,
    draft,
    member,
    occurrence,
    pack,
    person,
    person_change,
    point,
    practice_log,
    prompt,
    review,
    rollup,
    schedule,
    schedule_span,
    streak,
    study_group,
)


@dataclass(frozen=True, slots=True)
class Section:
    """A part of an export: the rows of ``table`` that are about one person, in order."""

    name: str
    table: Table
    query: Callable[[int], Select[Any]]


_PROMPT = (
    (pack.c.slug + "/" + prompt.c.slug).label("prompt"),
    prompt.c.title.label("prompt_title"),
    prompt.c.text.label("prompt_text"),
)


def _columns(table: Table, leave: Sequence[str] = ()) -> list[Column[Any]]:
    return [c for c in table.c if c.name not in ("person_id", *leave)]


def _own(table: Table, order: str, leave: Sequence[str] = ()) -> Callable[[int], Select[Any]]:
    """Rows with the person's id, without the columns ``leave``."""
    return lambda me: select(*_columns(table, leave)).where(table.c.person_id == me).order_by(table.c[order])


def _in_group(table: Table, *order: str) -> Callable[[int], Select[Any]]:
    """The same, with the group's name in place of its number."""
    return lambda me: (
        select(study_group.c.name.label("group"), *_columns(table, ("group_id",)))
        .join(study_group, study_group.c.id == table.c.group_id)
        .where(table.c.person_id == me)
        .order_by(study_group.c.id, *(table.c[o] for o in order))
    )


def _prompted(columns: Sequence[ColumnElement[Any]], table: FromClause, prompt_id: Any) -> Select[Any]:
    """``columns`` of ``table`` with the question they are about."""
    return (
        select(*columns, *_PROMPT)
        .select_from(table)
        .join(prompt, prompt.c.id == prompt_id)
        .join(pack, pack.c.id == prompt.c.pack_id)
    )


def _answers(me: int) -> Select[Any]:
    columns = [*_columns(answer, ("group_id", "prompt_id")), study_group.c.name.label("group")]
    query = _prompted(columns, answer, answer.c.prompt_id)
    query = query.outerjoin(study_group, study_group.c.id == answer.c.group_id)
    return query.where(answer.c.person_id == me).order_by(answer.c.at, answer.c.id)


def _reviews_received(me: int) -> Select[Any]:
    """What others wrote about the person's answers: their words, not who they are, nothing they took back."""
    columns = (
        review.c.answer_id,
        review.c.seen,
        review.c.missing,
        review.c.words,
        review.c.at,
        review.c.edited_at,
        review.c.helpful_at,
    )
    query = select(*columns).join(answer, answer.c.id == review.c.answer_id)
    return query.where(answer.c.person_id == me, review.c.withdrawn_at.is_(None)).order_by(
        review.c.at, review.c.id
    )


def _reviews_written(me: int) -> Select[Any]:
    """What the person wrote about others' answers: their own words and the question, not the answer."""
    columns = _columns(review, ("answer_id", "reviewer_id"))
    joined = review.join(answer, answer.c.id == review.c.answer_id)
    query = _prompted(columns, joined, answer.c.prompt_id)
    return query.where(review.c.reviewer_id == me).order_by(review.c.at, review.c.id)


def _of_reminder(table: Table, order: str) -> Callable[[int], Select[Any]]:
    return lambda me: (
        select(*table.c)
        .join(schedule, schedule.c.id == table.c.schedule_id)
        .where(schedule.c.person_id == me)
        .order_by(table.c[order], table.c.id)
    )


SECTIONS: tuple[Section, ...] = (
    Section("person", person, lambda me: select(person).where(person.c.id == me)),
    Section("accounts", account, _own(account, "created_at")),
    Section("settings_changes", person_change, _own(person_change, "id", ("id",))),
    Section("memberships", member, _in_group(member, "joined_at")),
    Section("answers", answer, _answers),
    Section(
        "checklists",
        checklist,
        lambda me: (
            select(checklist)
            .join(answer, answer.c.id == checklist.c.answer_id)
            .where(answer.c.person_id == me)
            .order_by(checklist.c.answer_id)
        ),
    ),
    Section(
        "corrections",
        correction,
        lambda me: (
            select(correction)
            .join(answer, answer.c.id == correction.c.answer_id)
            .where(answer.c.person_id == me)
            .order_by(correction.c.answer_id, correction.c.at, correction.c.place)
        ),
    ),
    Section("reviews_received", review, _reviews_received),
    Section("reviews_written", review, _reviews_written),
    Section(
        "questions_given",
        ask,
        lambda me: (
            _prompted([ask.c.at, ask.c.occurrence_id], ask, ask.c.prompt_id)
            .where(ask.c.person_id == me)
            .order_by(ask.c.at, ask.c.id)
        ),
    ),
    Section(
        "details_asked_for",
        clarification,
        lambda me: (
            _prompted([clarification.c.detail, clarification.c.at], clarification, clarification.c.prompt_id)
            .where(clarification.c.person_id == me)
            .order_by(clarification.c.at)
        ),
    ),
    Section("practice_log", practice_log, _own(practice_log, "at", ("id",))),
    Section("streak", streak, _own(streak, "reached_at")),
    Section("points", point, _in_group(point, "at", "id")),
    Section("board_sums", rollup, _in_group(rollup, "period", "bucket", "track")),
    Section("reminders", schedule, _own(schedule, "id", ("group_id",))),
    Section("reminder_times", schedule_span, _of_reminder(schedule_span, "since")),
    Section("reminder_days", occurrence, _of_reminder(occurrence, "local_date")),
    Section("messages", delivery, _own(delivery, "due_at", ("worker", "lease_until", "home_id"))),
    Section("said_later", aside, _own(aside, "at", ("id",))),
    Section("drafts", draft, _own(draft, "at")),
    Section("codes", code, _own(code, "expires_at", ("digest", "group_id", "home_id"))),
    Section("organiser_actions", audit, _in_group(audit, "at", "id")),
)

_AT_ONCE = 500  # rows made between two turns of others: some milliseconds

# Tables that hang on a person's rows and hold nothing about a person.
LEFT_OUT: dict[str, str] = {"schedule_home": "a reminder posts in no home"}


async def everything(tx: Tx, person_id: int) -> dict[str, list[dict[str, Any]]]:
    """Section name -> rows. What others hold (their names, their answers) is not in it.

    Ten years take a while: in between everybody else gets their turn.
    """
    found: dict[str, list[dict[str, Any]]] = {}
    for section in SECTIONS:
        rows = found[section.name] = []
        for part in (await tx.execute(section.query(person_id))).partitions(_AT_ONCE):
            rows += [dict(r._mapping) for r in part]
            await asyncio.sleep(0)
    return found


async def memberships(tx: Tx, person_id: int) -> Sequence[Row[Any]]:
    """Rows (id, name, hidden) of the groups somebody is in, oldest membership first."""
    rows = await tx.execute(
        select(study_group.c.id, study_group.c.name, member.c.hidden)
        .join(member, member.c.group_id == study_group.c.id)
        .where(member.c.person_id == person_id, member.c.left_at.is_(None))
        .order_by(member.c.joined_at, study_group.c.id)
    )
    return rows.all()


async def hold(tx: Tx, person_id: int, *, nameable: bool = False) -> None:
    """Let nobody else change this person until the transaction ends: two presses at once make one change.

    ``nameable``: rows that only name the person, as a claim's reminders do, may be put down meanwhile. For whoever
    holds several people one after the other: a claim names as many, in another order.
    """
    if tx.dialect.name == "postgresql":  # SQLite's writer is alone (BEGIN IMMEDIATE)
        mine = select(person.c.id).where(person.c.id == person_id)
        await tx.execute(mine.with_for_update(key_share=nameable))


# --- erasing ---------------------------------------------------------------------------------------------------


def account_key(platform: str, workspace: str, user_id: str) -> str:
    """An account as the erasure file digests it."""
    return f"{platform}:{workspace}:{user_id}"


def alone(key: str) -> str:
    """How an account is erased that was taken out of a person before: of a backup that knows them as one, it alone."""
    return f"alone {key}"


async def account_keys(tx: Tx, person_id: int) -> list[str]:
    query = select(account.c.platform, account.c.workspace, account.c.user_id).where(
        account.c.person_id == person_id
    )
    return [account_key(*r) for r in await tx.execute(query.order_by(account.c.platform, account.c.user_id))]


async def all_accounts(tx: Tx) -> Sequence[Row[Any]]:
    """Rows (platform, workspace, user_id, person_id, created_at) of every account."""
    columns = (
        account.c.platform,
        account.c.workspace,
        account.c.user_id,
        account.c.person_id,
        account.c.created_at,
    )
    return (await tx.execute(select(*columns))).all()


async def last_practice(tx: Tx, person_id: int) -> datetime | None:
    """When the person last did anything that is kept in the practice log."""
    query = select(func.max(practice_log.c.at)).where(practice_log.c.person_id == person_id)
    found: datetime | None = (await tx.execute(query)).scalar_one()
    return found


async def erase(tx: Tx, person_id: int) -> bool:
    """Delete the person and, by ON DELETE CASCADE, everything that hangs on them; False when they are gone.

    Of others nothing changes: points they earned with reviews of these answers stay theirs (``answer_id``
    becomes NULL), and sums are kept per person. On SQLite the freed bytes are overwritten, too.
    """
    if tx.dialect.name == "sqlite":
        await tx.execute(text("PRAGMA secure_delete = ON"))
    done = await tx.execute(delete(person).where(person.c.id == person_id))
    return bool(done.rowcount)


async def erase_account(tx: Tx, one: Row[Any]) -> None:
    """Delete one account (a row of ``all_accounts``) of a person who stays."""
    if tx.dialect.name == "sqlite":
        await tx.execute(text("PRAGMA secure_delete = ON"))
    here = (account.c.platform == one.platform, account.c.workspace == one.workspace)
    await tx.execute(delete(account).where(*here, account.c.user_id == one.user_id))
