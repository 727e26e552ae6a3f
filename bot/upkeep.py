"""The database's verbs: migrate, backup, restore, export, import; and checking packs. Each returns what to print."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from bot.build import open_store
from bot.kept import erasure_file
from bot.settings import Settings
from core import erasures
from core.packs.check import check_pack
from core.packs.load import starter_rubrics
from core.plain import count
from core.store import moving
from core.store.backup import backup_store, restore_store
from core.store.engine import Store, Tx, database_url, place
from core.store.migrate import migrate as bring_up

PACK_LIMIT = 1024 * 1024  # bytes


async def migrate(settings: Settings) -> str:
    async with Store(database_url(settings.database.url)) as store:
        done = await bring_up(store)
        where = place(store.url)
    if done.before == done.after:
        return f"{where} is up to date (revision {done.after})."
    copy = f" What was there before is kept as {done.copy}." if done.copy is not None else ""
    return f"{where} is at revision {done.after} now.{copy}"


async def backup(settings: Settings, target: Path | None) -> str:
    async with Store(database_url(settings.database.url)) as store:
        made = await backup_store(store, target, datetime.now(UTC), max(1, settings.database.backup_keep))
    return f"Backed up to {made}."


async def restore(settings: Settings, source: Path) -> str:
    async with Store(database_url(settings.database.url)) as store:
        recorded = erasure_file(settings, store)
        aside = await restore_store(store, source, datetime.now(UTC), erasures.apply_to_file, recorded)
        where = place(store.url)
    kept = f" What was there before is kept as {aside}." if aside is not None else ""
    return f"{source} is {where} now.{kept}"


async def export(settings: Settings, target: Path) -> str:
    """The whole database as a file, beside whatever runs."""
    began = time.monotonic()
    async with open_store(settings, alone=False, migrate=False) as store:
        rows = await moving.export(store, target)
        where = place(store.url)
    return f"{where} is in {target}: {_rows(rows, began)}. It holds all that members wrote: keep it safe."


async def import_(settings: Settings, source: Path) -> str:
    """An export into a database of its own; who was forgotten since the export is forgotten again."""
    began = time.monotonic()
    async with open_store(settings, alone=True) as store:
        recorded = erasure_file(settings, store)

        async def erase(tx: Tx) -> None:
            if recorded is not None:
                await erasures.apply(tx, recorded)

        rows = await moving.import_(store, source, erase)
        where = place(store.url)
    return f"{source} is {where} now: {_rows(rows, began)}."


def _rows(rows: int, began: float) -> str:
    return f"{count(rows, 'row')} in {count(max(1, round(time.monotonic() - began)), 'second')}"


def check_packs(files: Sequence[Path]) -> tuple[list[str], bool]:
    """(lines to print, whether no pack has an error)."""
    rubrics = starter_rubrics()
    lines: list[str] = []
    good = True
    for file in files:
        try:
            source = file.read_bytes() if file.stat().st_size <= PACK_LIMIT else None
        except OSError as error:
            lines.append(f"{file}: cannot be read ({error.strerror or 'no such file'}).")
            good = False
            continue
        if source is None:
            lines.append(f"{file}: is over 1 MiB; split it into several packs.")
            good = False
            continue
        problems = check_pack(source, str(file), rubrics)
        lines += [str(p) for p in problems]
        wrong = any(p.severity == "error" for p in problems)
        good = good and not wrong
        if not wrong:
            lines.append(f"{file}: fine." if not problems else f"{file}: usable.")
    return lines, good
