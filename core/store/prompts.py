"""Packs and prompts as kept: what may be asked where, and installing a pack's new version."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, bindparam, func, insert, or_, select, update

from core.packs.model import Pack, Prompt, Reveal
from core.store.engine import Tx
from core.store.sql import hold
from core.store.tables import pack, prompt

# Keys of a prompt that have columns of their own; the others go into ``body``.
_COLUMNS = ("pack", "id", "track", "text", "title", "levels", "minutes", "rubric", "retired")


@dataclass(frozen=True, slots=True)
class StoredPrompt:
    """A prompt with the id that answers hang on. ``body`` has the rarer keys, as in the file."""

    id: int
    uid: str
    track: str
    levels: frozenset[str]
    title: str
    text: str
    minutes: int
    rubric: str
    retired: bool
    body: Mapping[str, Any]

    @property
    def reveal(self) -> tuple[Reveal, ...]:
        return tuple(Reveal(**{**r, "words": tuple(r["words"])}) for r in self.body.get("reveal", ()))

    @property
    def url(self) -> str:
        return self.body.get("url") or ""

    def many(self, key: str) -> tuple[str, ...]:
        return tuple(self.body.get(key) or ())


@dataclass(frozen=True, slots=True)
class StoredPack:
    id: int
    group_id: int | None
    slug: str
    version: str
    title: str
    license: str
    sha256: str
    removed: bool
    prompts: int


def _stored(row: Row[Any]) -> StoredPrompt:
    return StoredPrompt(
        row.id,
        f"{row.pack_slug}/{row.slug}",
        row.track,
        frozenset(row.levels.split()),
        row.title,
        row.text,
        row.minutes,
        row.rubric,
        row.retired,
        row.body,
    )


_PROMPT = select(prompt, pack.c.slug.label("pack_slug")).join(pack, pack.c.id == prompt.c.pack_id)


_ONE_PROMPT = _PROMPT.where(prompt.c.id == bindparam("prompt_id"))
_SOME_PROMPTS = _PROMPT.where(prompt.c.id.in_(bindparam("prompt_ids", expanding=True)))


def _owner(group_id: int | None) -> ColumnElement[bool]:
    if group_id is None:
        return pack.c.group_id.is_(None)
    return or_(pack.c.group_id.is_(None), pack.c.group_id == group_id)


def _visible(group_id: int | None) -> Any:
    """Shipped packs and the group's own, as long as they are not removed."""
    return and_(_owner(group_id), pack.c.removed_at.is_(None))


async def get_prompt(tx: Tx, prompt_id: int) -> StoredPrompt | None:
    row = (await tx.execute(_ONE_PROMPT, {"prompt_id": prompt_id})).one_or_none()
    return _stored(row) if row is not None else None


async def get_prompts(tx: Tx, prompt_ids: Sequence[int]) -> dict[int, StoredPrompt]:
    """Those of ``prompt_ids`` that are there, by id."""
    if not prompt_ids:
        return {}
    rows = await tx.execute(_SOME_PROMPTS, {"prompt_ids": list(prompt_ids)})
    return {r.id: _stored(r) for r in rows}


async def is_visible(tx: Tx, prompt_id: int, group_id: int | None) -> bool:
    """Whether a prompt belongs to a shipped pack or to one of the group's."""
    query = (
        select(prompt.c.id)
        .join(pack, pack.c.id == prompt.c.pack_id)
        .where(prompt.c.id == prompt_id, _owner(group_id))
    )
    return (await tx.execute(query)).one_or_none() is not None


async def candidates(
    tx: Tx, group_id: int | None, tracks: Sequence[str] = (), packs: Sequence[str] = ()
) -> list[StoredPrompt]:
    """What may be asked in a group (or of nobody's group: shipped packs only), in the order of the files."""
    query = _PROMPT.where(_visible(group_id), prompt.c.retired.is_(False))
    if tracks:
        query = query.where(prompt.c.track.in_(tracks))
    if packs:
        query = query.where(pack.c.slug.in_(packs))
    rows = await tx.execute(query.order_by(prompt.c.pack_id, prompt.c.position))
    return [_stored(r) for r in rows]


async def find_prompts(tx: Tx, group_id: int | None, typed: str, limit: int = 25) -> list[StoredPrompt]:
    """Prompts that ``typed`` names: by uid or slug exactly, else by a part of slug or title."""
    word = typed.strip().casefold()
    slug, named_pack = word.rpartition("/")[2], word.rpartition("/")[0]
    exact = _PROMPT.where(_visible(group_id), prompt.c.slug == slug)
    if named_pack:
        exact = exact.where(pack.c.slug == named_pack)
    found = [_stored(r) for r in await tx.execute(exact.order_by(prompt.c.retired, prompt.c.id).limit(limit))]
    if found:
        return found
    part = "%" + word.replace("\\", "\\\\").replace("%", r"\%").replace("_", r"\_") + "%"
    hyphened = part.replace(" ", "-")
    query = _PROMPT.where(
        _visible(group_id),
        prompt.c.retired.is_(False),
        or_(func.lower(prompt.c.title).like(part, escape="\\"), prompt.c.slug.like(hyphened, escape="\\")),
    )
    return [_stored(r) for r in await tx.execute(query.order_by(prompt.c.title).limit(limit))]


# --- packs ----------------------------------------


async def list_packs(tx: Tx, group_id: int | None, *, removed: bool = False) -> list[StoredPack]:
    """Shipped packs and the group's own, with the number of prompts that may be asked."""
    live = (
        select(func.count())
        .where(prompt.c.pack_id == pack.c.id, prompt.c.retired.is_(False))
        .scalar_subquery()
    )
    query = (
        select(pack, live.label("prompts"))
        .where(_owner(group_id))
        .order_by(pack.c.group_id.isnot(None), pack.c.slug)
    )
    if not removed:
        query = query.where(pack.c.removed_at.is_(None))
    return [
        StoredPack(
            r.id,
            r.group_id,
            r.slug,
            r.version,
            r.title,
            r.license,
            r.sha256,
            r.removed_at is not None,
            r.prompts,
        )
        for r in await tx.execute(query)
    ]


async def pack_prompts(tx: Tx, pack_id: int) -> list[StoredPrompt]:
    rows = await tx.execute(_PROMPT.where(prompt.c.pack_id == pack_id).order_by(prompt.c.position))
    return [_stored(r) for r in rows]


def _plain(value: Any) -> Any:
    """What JSON takes of it. ``dataclasses.asdict`` would copy every word, and takes four times as long."""
    if is_dataclass(value):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    return tuple(map(_plain, value)) if isinstance(value, tuple) else value


def _row(pack_id: int, position: int, found: Prompt) -> dict[str, Any]:
    rest = {k: v for k, v in _plain(found).items() if k not in _COLUMNS and v not in (None, (), False)}
    return {
        "pack_id": pack_id,
        "slug": found.id,
        "position": position,
        "track": found.track,
        "levels": f" {' '.join(found.levels)} ",
        "title": found.title or "",
        "text": found.text,
        "minutes": found.minutes or 0,
        "rubric": found.rubric or "",
        "body": rest,
        "retired": found.retired,
    }


async def hold_packs(tx: Tx) -> None:
    """One change of packs at a time, until the transaction ends: two imports of one pack must not make two rows."""
    await hold(tx, "packs")


async def install(tx: Tx, new: Pack, group_id: int | None, now: datetime) -> int:
    """Put ``new`` in place of its earlier version; prompts it no longer has are retired, never deleted.

    The caller has compared the versions (core.packs.changes): ids are never reused.
    """
    await hold_packs(tx)
    owner = pack.c.group_id.is_(None) if group_id is None else pack.c.group_id == group_id
    old = (await tx.execute(select(pack.c.id).where(owner, pack.c.slug == new.id))).scalar_one_or_none()
    values = {
        "version": new.version,
        "title": new.title,
        "license": new.license,
        "sha256": new.sha256,
        "imported_at": now,
        "removed_at": None,
    }
    if old is None:
        made = await tx.execute(
            insert(pack).values(group_id=group_id, slug=new.id, **values).returning(pack.c.id)
        )
        pack_id: int = made.scalar_one()
    else:
        pack_id = old
        await tx.execute(update(pack).where(pack.c.id == pack_id).values(**values))
    known = dict(
        (await tx.execute(select(prompt.c.slug, prompt.c.id).where(prompt.c.pack_id == pack_id)))
        .tuples()
        .all()
    )
    rows = [_row(pack_id, n, p) for n, p in enumerate(new.prompts)]
    fresh = [r for r in rows if r["slug"] not in known]
    if fresh:
        await tx.execute(insert(prompt), fresh)
    for row in rows:
        if row["slug"] in known:
            # A file may shorten the text of what it retires; what was last asked stays, for answers and against reuse.
            keep = {"text", "title"} if row["retired"] else set()
            values = {k: v for k, v in row.items() if k not in keep}
            await tx.execute(update(prompt).where(prompt.c.id == known[row["slug"]]).values(**values))
    gone = set(known) - {r["slug"] for r in rows}
    if gone:
        await tx.execute(
            update(prompt).where(prompt.c.pack_id == pack_id, prompt.c.slug.in_(gone)).values(retired=True)
        )
    return pack_id


async def remove_pack(tx: Tx, pack_id: int, now: datetime) -> None:
    """Nothing of it is asked any more; its row and its ids stay, for answers and against reuse."""
    await tx.execute(update(pack).where(pack.c.id == pack_id).values(removed_at=now))
