"""A board as its readers see it: its first lines, and the reader's own place."""

from __future__ import annotations

from collections.abc import Sequence

from core.plain import count, shown
from core.store.boards import By, Standing
from core.views import Block, Table, Text

LABELS = {"points": "Points", "streak": "Streak", "improvement": "Newly met"}
TITLES = {"points": "Points", "streak": "Running streaks", "improvement": "Improvement"}


def board_blocks(by: By, rows: Sequence[Standing], mine: Standing | None, reader: int) -> list[Block]:
    """``rows`` with the reader's own marked, or their place under them. ``reader`` is a person's id.

    ``mine`` may be a hidden member's: the view is then for that member alone.
    """
    if not rows:
        nobody = Text(("Nobody is on this board yet. One answer puts you there.",))
        return [nobody, own_line(mine, by)] if mine is not None else [nobody]
    marked = next((n for n, r in enumerate(rows) if r.person_id == reader), None)
    cells = tuple((str(r.rank), shown(r.name, 24), str(r.value)) for r in rows)
    table = Table(("", "Name", LABELS[by]), cells, "rlr", marked)
    if marked is not None:
        return [table]
    if mine is not None:
        return [table, own_line(mine, by)]
    return [table, Text(("You are not on it yet: one answer is enough.",), style="note")]


def own_line(mine: Standing, by: By) -> Text:
    hidden = " (only you see this: you are hidden from the board)" if mine.hidden else ""
    return Text((f"Your place: {mine.rank}, with {_value(mine.value, by)}{hidden}.",), style="note")


def _value(value: int, by: By) -> str:
    """ "12 points", "3 days", "1 item newly met"."""
    if by == "points":
        return count(value, "point")
    return count(value, "day") if by == "streak" else f"{count(value, 'item')} newly met"
