"""The settings about what is kept, in the words of core."""

from __future__ import annotations

from pathlib import Path

from bot.settings import Settings
from core import erasures
from core.retention import Rules
from core.store.engine import Store


def retention_rules(settings: Settings) -> Rules:
    """What the nightly sweep goes by."""
    days = settings.retention
    return Rules(days.outbox_days, days.audit_days, days.asides_days, days.removed_days)


def erasure_file(settings: Settings, store: Store) -> Path | None:
    """Where erasures are written down outside the database; None: nowhere (PostgreSQL, unless a file is named)."""
    if settings.database.erasures:
        return Path(settings.database.erasures)
    return store.path.parent / erasures.FILE if store.path is not None else None
