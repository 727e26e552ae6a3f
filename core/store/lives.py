"""What somebody's streak is worked out from, in one trip."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from core.store import fast
from core.store.engine import Tx
from core.store.practice import EVENTS
from core.store.preferences import CHANGES
from core.store.reach import UNREACHED
from core.store.spans import SPANS, Span, spans_of


@dataclass(frozen=True, slots=True)
class Life:
    """``events`` as practice.events gives them, ``settings`` as preferences.changes_of, ``unreached`` as in reach."""

    events: Sequence[Any]
    settings: Sequence[Any]
    spans: Sequence[Span]
    unreached: Sequence[Any]


def steps(person_id: int) -> list[fast.Step]:
    """The statements, for whoever has more to read at the same time: ``of_rows`` takes their rows."""
    me, meant_for = {"person_id": person_id}, {"meant_for": person_id}
    return [(EVENTS, me), (CHANGES, me), (SPANS, meant_for), (UNREACHED, meant_for)]


def of_rows(found: Sequence[Sequence[Any]]) -> Life:
    events, settings, scheduled, unreached = found
    return Life(events, settings, spans_of(scheduled), unreached)


async def life_of(tx: Tx, person_id: int) -> Life:
    return of_rows(await fast.rows_of_all(tx, steps(person_id)))
