"""``starling check``: settings, database, packs, looked at before anything starts. Works beside a running one."""

from __future__ import annotations

from collections.abc import Callable

from bot.build import open_store
from bot.config import redacted
from bot.settings import Settings
from core.errors import StarlingError
from core.packs.check import check_pack
from core.packs.load import starter_files, starter_rubrics
from core.store import boards, deliveries
from core.store.engine import Store, database_url, place
from core.store.migrate import state


async def check(settings: Settings, say: Callable[[str], None]) -> bool:
    """Print one line for each thing looked at; True when nothing is wrong."""
    good = True
    say("Settings: read.")
    for key, value in redacted(settings).items():
        say(f"  {key} = {value}")
    try:
        good &= await _database(settings, say)
    except StarlingError as error:
        say(f"Database: {error.message}")
        good = False
    good &= _packs(say)
    say("All is well." if good else "Something is to be seen to: see above.")
    return good


async def _database(settings: Settings, say: Callable[[str], None]) -> bool:
    async with Store(database_url(settings.database.url)) as store:
        found = await state(store)
        where = f"{store.kind} at {place(store.url)}"
    if found == "blank":
        say(f"Database: {where} is not there yet; the first start makes it.")
        return True
    if found == "old":
        say(f"Database: {where} is of an older version. Run: starling migrate")
        return False
    async with open_store(settings, alone=False, migrate=False) as store, store.read() as tx:
        waiting = await deliveries.counts(tx)
        drift = await boards.recount(tx)
    say(f"Database: {where} is fine.")
    if waiting:
        say("Outbox: " + ", ".join(f"{n} {s}" for s, n in sorted(waiting.items())) + ".")
    if drift:
        say(f"Points: {len(drift)} sums disagree with their points; the nightly recount makes them again.")
    return not drift


def _packs(say: Callable[[str], None]) -> bool:
    rubrics = starter_rubrics()
    problems = [p for name, source in starter_files().items() for p in check_pack(source, name, rubrics)]
    for problem in problems:
        say(f"Packs: {problem}")
    if not problems:
        say(f"Packs: {len(starter_files())} shipped packs are fine.")
    return all(p.severity != "error" for p in problems)
