"""A pack that somebody handed in: checked, and held against every version that was here before."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from core.call import Attachment
from core.errors import BadOption, UsageError
from core.packs.changes import Changes, Known, compare
from core.packs.check import check_pack
from core.packs.document import MAX_BYTES
from core.packs.load import load_pack
from core.packs.model import Pack
from core.packs.problems import Problem
from core.plain import count, shown
from core.services import Services
from core.store import prompts
from core.store.engine import Tx
from core.store.prompts import StoredPack
from core.views import Block, Code, File, Text

SHOWN = 20  # problems in the message; when there are more, all of them come as a file


@dataclass(frozen=True, slots=True)
class HandedIn:
    """A file as read. ``pack`` is None when something in ``problems`` keeps it out.

    ``known`` is what ``changes`` was compared with: by prompt id, everything the group's pack ever asked.
    """

    name: str
    pack: Pack | None
    problems: tuple[Problem, ...]
    changes: Changes = field(default_factory=Changes)
    known: Mapping[str, Known] = field(default_factory=dict)


async def read_pack(app: Services, group_id: int, file: Attachment) -> HandedIn:
    """Check ``file``, off the event loop: one made to be slow must not hold up anybody else. Stores nothing."""
    name = shown(file.name, 60) or "pack.toml"
    if len(file.data) > MAX_BYTES:
        raise BadOption(
            f"“{name}” has {len(file.data) / 1024 / 1024:.2f} MiB; 1 MiB is the most. Split it into several packs. "
            "Nothing was stored.",
            option="file",
        )
    pack, problems = await asyncio.to_thread(_parsed, file.data, name, app.rubrics)
    if pack is None:
        return HandedIn(name, None, problems)
    async with app.store.read() as tx:
        await _refuse_shipped_name(tx, pack)
        known = await known_of(tx, group_id, pack.id)
    changes = await asyncio.to_thread(compare, known, pack, source=file.data, name=name)
    if changes.problems:
        return HandedIn(name, None, (*changes.problems, *problems))
    return HandedIn(name, pack, problems, changes, known)


def _parsed(data: bytes, name: str, rubrics: Collection[str]) -> tuple[Pack | None, tuple[Problem, ...]]:
    problems = tuple(check_pack(data, name, rubrics))
    if any(p.is_error for p in problems):
        return None, problems
    return load_pack(data, name, checked=True), problems


async def _refuse_shipped_name(tx: Tx, pack: Pack) -> None:
    if any(p.slug == pack.id for p in await prompts.list_packs(tx, None, removed=True)):
        raise UsageError(
            f"The name “{pack.id}” belongs to a pack that comes with Starling. Give yours another id in its [pack] "
            "table. Nothing was stored.",
            example="pack list",
        )


async def own_packs(tx: Tx, group_id: int, *, removed: bool = False) -> list[StoredPack]:
    """The packs that a group brought along, without the shipped ones."""
    return [p for p in await prompts.list_packs(tx, group_id, removed=removed) if p.group_id is not None]


async def known_of(tx: Tx, group_id: int, slug: str) -> dict[str, Known]:
    """Every prompt that the group's pack ``slug`` ever had; those of a removed pack count as retired."""
    before = next((p for p in await own_packs(tx, group_id, removed=True) if p.slug == slug), None)
    if before is None:
        return {}
    return {
        p.uid.partition("/")[2]: Known(p.track, p.text, p.retired or before.removed)
        for p in await prompts.pack_prompts(tx, before.id)
    }


def problem_blocks(found: HandedIn) -> list[Block]:
    """What keeps the pack out, then what is only worth a look; all of it as a file when it is much."""
    errors = [str(p) for p in found.problems if p.is_error]
    warnings = [str(p) for p in found.problems if not p.is_error]
    blocks: list[Block] = []
    room = SHOWN
    for lines, about in ((errors, "to mend"), (warnings, "worth a look; the pack works all the same")):
        if lines and room:
            blocks.append(Text((f"{count(len(lines), 'thing')} {about}",), style="heading"))
            blocks.append(Code("\n".join(lines[:room])))
            room -= len(lines[:room])
    if len(found.problems) > SHOWN:
        every = "\n".join([*errors, *warnings]) + "\n"
        blocks.append(
            Text((f"The first {SHOWN} are shown; the file has all {len(found.problems)}.",), style="note")
        )
        blocks.append(File(every.encode(), "problems.txt", "All that was found"))
    return blocks
