"""The database's verbs: migrate, backup, restore; and checking packs. Each returns the sentence to print."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from bot.settings import Settings
from core import erasures
from core.packs.check import check_pack
from core.packs.load import starter_rubrics
from core.store.backup import backup_store, restore_store
from core.store.engine import Store, database_url, place
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
        aside = await restore_store(store, source, datetime.now(UTC), erasures.apply_to_file)
        where = place(store.url)
    kept = f" What was there before is kept as {aside}." if aside is not None else ""
    return f"{source} is {where} now.{kept}"


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
