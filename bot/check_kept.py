"""What ``starling check`` says about what is kept and what is forgotten."""

from __future__ import annotations

from collections.abc import Callable

from bot.kept import erasure_file, retention_rules
from bot.settings import Settings
from core import erasures
from core.errors import StarlingError
from core.plain import count
from core.store.engine import Store, database_url


def look(settings: Settings, say: Callable[[str], None]) -> bool:
    """Where erasures are written down, and for how long things are kept; False when the file cannot be used."""
    rules = retention_rules(settings)
    days = (
        ("messages sent", rules.outbox),
        ("organisers' actions", rules.audit),
        ("what waits to be told", rules.asides),
        ("data of servers left", rules.servers),
    )
    kept = (f"{what} {count(n, 'day') if n else 'for ever'}" for what, n in days)
    say(f"Retention: {', '.join(kept)}.")
    path = erasure_file(settings, Store(database_url(settings.database.url)))
    if path is None:
        say(
            "Erasures: written down nowhere, so a backup that is put back brings forgotten people back. Name a file "
            "in database.erasures, kept apart from the backups."
        )
        return True
    try:
        found = len(erasures.read(path))
    except StarlingError as error:
        say(f"Erasures: {error.message}")
        return False
    if not path.parent.is_dir() and settings.database.erasures:
        say(f"Erasures: there is no folder {path.parent}, so nobody could be forgotten. Make it.")
        return False
    say(f"Erasures: {count(found, 'account')} in {path}. A start and a restore apply them.")
    return True
