"""The pieces of a drawn view that depend on how wide a terminal is and on what it can write."""

from __future__ import annotations

from collections.abc import Iterator

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.panel import Panel
from rich.segment import Segment
from rich.style import Style
from rich.table import Table as RichTable
from rich.text import Text as RichText

from core.plain import clean_line, clean_text
from core.text import MARKS, STATE_WORDS
from core.views import CheckItem, State, Table

STATE_STYLES = {State.MET: "green", State.MISSING: "dim", State.UNSURE: "yellow"}
STATE_MARKS = {State.MET: "✓", State.MISSING: "○", State.UNSURE: "?"}
CELL_LEAST = 8  # columns a cell needs; a table that has less is written as a list
BETWEEN = 2  # columns from one cell to the next
GAP = "  "  # between pieces on one line
FRAME = 6  # columns of a frame's top that are not its title


class Card:
    """A frame with its title in the upper edge, or inside where the edge is too short for it."""

    def __init__(self, body: RenderableType, title: RichText | None, colour: str) -> None:
        self.body = body
        self.title = title
        self.colour = colour

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        body, title = self.body, self.title
        if title is not None and cell_len(title.plain) > options.max_width - FRAME:
            body, title = Group(title, RichText(), body), None
        yield Panel(body, title=title, title_align="left", border_style=self.colour, padding=(0, 1))


class CheckLine:
    """A checklist's line; its mark depends on what the terminal can write."""

    def __init__(self, item: CheckItem) -> None:
        self.item = item

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        state = self.item.state
        mark = (MARKS if options.ascii_only else STATE_MARKS)[state]
        text = RichText().append(f"{mark} ", STATE_STYLES[state]).append(f"{clean_text(self.item.label)}: ")
        yield text.append(STATE_WORDS[state], STATE_STYLES[state])


class Barred:
    """Words with a bar at the left of every line."""

    def __init__(self, text: RichText) -> None:
        self.text = text

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        inside = options.update(width=max(1, options.max_width - 2))
        for line in console.render_lines(self.text, inside, pad=False):
            yield Segment("| " if options.ascii_only else "│ ", Style(dim=True))
            yield from line
            yield Segment.line()


class SideBySide:
    """Short pieces next to each other, as many on a line as fit, none broken that fits on a line."""

    def __init__(self, items: list[RichText]) -> None:
        self.items = items

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        line = RichText(overflow="fold")
        for item in self.items:
            if line.plain and line.cell_len + len(GAP) + item.cell_len > options.max_width:
                yield line
                line = RichText(overflow="fold")
            line = line.append(GAP if line.plain else "").append_text(item)
        yield line


class DrawnFields:
    """Names and values in two columns; where a name would take over a third of a line, one after the other."""

    def __init__(self, items: list[tuple[str, RichText]]) -> None:
        self.items = items

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        widest = max((cell_len(name) for name, _ in self.items), default=0)
        if widest > options.max_width // 3:
            for name, value in self.items:
                yield RichText(overflow="fold").append(f"{name} ", "dim").append_text(value)
            return
        grid = RichTable.grid(padding=(0, 1, 0, 0))
        grid.add_column(width=widest)
        grid.add_column(overflow="fold")
        for name, value in self.items:
            grid.add_row(RichText(name, "dim"), value)
        yield grid


class DrawnTable:
    """A table where there is room for one, else a list: a name and a value on each line."""

    def __init__(self, table: Table) -> None:
        self.table = table

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        table = self.table
        rows = [[clean_line(c) for c in row] for row in (table.columns, *table.rows)]
        widths = [
            max((cell_len(r[i]) for r in rows if i < len(r)), default=0) for i in range(len(table.columns))
        ]
        marks = 2 if table.marked is not None else 0
        if marks + sum(min(w, CELL_LEAST) + BETWEEN for w in widths) > options.max_width:
            yield from self._list(rows)
            return
        grid = RichTable(box=None, pad_edge=False, padding=(0, BETWEEN, 0, 0), header_style="bold")
        if marks:
            grid.add_column("", width=1)
        for i, name in enumerate(rows[0]):
            right = i < len(table.align) and table.align[i] == "r"
            grid.add_column(RichText(name), justify="right" if right else "left", overflow="fold")
        for number, row in enumerate(rows[1:]):
            own = number == table.marked
            cells = [RichText(c) for c in row[: len(widths)]]
            cells += [RichText() for _ in range(len(widths) - len(cells))]
            grid.add_row(
                *([RichText(">" if own else "")] if marks else []), *cells, style="bold" if own else ""
            )
        yield grid

    def _list(self, rows: list[list[str]]) -> Iterator[RenderableType]:
        for number, row in enumerate(rows[1:]):
            for i, (name, cell) in enumerate(zip(rows[0], row, strict=False)):
                mark = "> " if number == self.table.marked and i == 0 else "  " if i else "- "
                yield RichText(mark).append(f"{name}: ", "dim").append(cell)
