"""Blocks of words -> Discord's markdown. Pure."""

from __future__ import annotations

import itertools
import unicodedata
from collections.abc import Iterator, Sequence

from adapters.discord import limits
from adapters.discord.escape import NOTHING, bold, code, code_block, escape, link
from adapters.fit import fit, size
from core.plain import clean_line, clean_text
from core.text import STATE_WORDS, span_text, when_text
from core.views import (
    Block,
    Bold,
    CheckItem,
    Checklist,
    Code,
    Fields,
    Link,
    Mention,
    Span,
    State,
    Table,
    Text,
    Typed,
    When,
    Words,
)

MARKS = {State.MET: "✅", State.MISSING: "⬜", State.UNSURE: "❔"}
LINE_BEGINS = {"title": "## ", "heading": "### ", "note": "-# ", "quote": "> ", "plain": ""}
TIME_STYLES = {"time": "t", "date": "D", "both": "f", "relative": "R"}
LEAST = 160  # a block is not cut below this to make room for others; later blocks go first
JOINED = 2  # characters between two blocks at most
CELL_LEAST = 10  # columns: a table that would need narrower ones is written as a list


def markdown(block: Block) -> str:
    """``block`` as markdown; "" for what is no block of words."""
    match block:
        case Text(words=words, style=style):
            begin = LINE_BEGINS[style]
            lines = [line for line in lines_of(words) if line.strip() or style in ("plain", "quote")]
            return "\n".join(f"{begin}{line}" for line in lines) if "".join(lines).strip() else ""
        case Code(text=text, language=language):
            text = clean_text(text)
            return code_block(text, language) if text else ""
        case Fields(items=items):
            return "\n".join(_field(name, value) for name, value in items)
        case Table():
            return _table(block)
        case Checklist(items=items):
            return "\n".join(_check(item) for item in items)
        case _:
            return ""


def fitted(blocks: Sequence[Block], room: int = limits.TEXT_TOTAL) -> tuple[Block, ...]:
    """``blocks`` whose markdown, joined, has at most ``room`` characters. What is no block of words stays."""
    return fit(blocks, lambda b: size(markdown(b)), room, least=LEAST, joined=JOINED)


def lines_of(words: Words) -> list[str]:
    """The lines of ``words`` as markdown; nothing bold runs over a line's end."""
    lines: list[list[Span]] = [[]]
    for span in words:
        if isinstance(span, str | Bold):
            first, *rest = span_text(span).split("\n")
            lines[-1].append(Bold(first) if isinstance(span, Bold) else first)
            lines += [[Bold(part) if isinstance(span, Bold) else part] for part in rest]
        else:
            lines[-1].append(span)
    return [_line(line) for line in lines]


def _line(spans: list[Span]) -> str:
    drawn = [_span(span) for span in spans]
    text = ""
    for part in filter(None, drawn):
        # two bold words, or two pieces of code, would be read as one with marks inside
        touching = (text.endswith("*") and part.startswith("*")) or (
            text.endswith("`") and part.startswith("`")
        )
        text += NOTHING + part if touching else part
    return text


def _span(span: Span) -> str:
    match span:
        case str():
            return escape(span)
        case Bold(text=text):
            return bold(text)
        case When():
            return _when(span)
        case Link(label=label, url=url):
            return link(label, url)
        case Typed(words=typed):
            return code(f"/{clean_line(typed)}")
        case Mention():
            if mentioned(span) is None:
                return escape(span_text(span))
            return f"<@{'&' if span.kind == 'role' else ''}{span.id}>"


def mentioned(mention: Mention) -> str | None:
    """The id that ``mention`` pings on Discord; None for another platform's, or what is no id."""
    good = mention.id.isascii() and mention.id.isdigit() and len(mention.id) <= 20 and mention.id[0] != "0"
    return mention.id if mention.platform == "discord" and good else None


def _when(when: When) -> str:
    try:
        return f"<t:{int(when.at.timestamp())}:{TIME_STYLES[when.style]}>"
    except (ValueError, OverflowError, OSError):
        return escape(when_text(when))


def _field(name: str, value: Words) -> str:
    return f"{bold(f'{clean_line(name)}:')} {_under(lines_of(value))}".rstrip()


def _under(lines: list[str]) -> str:
    return "\n".join(lines).strip("\n")


def _check(item: CheckItem) -> str:
    lines = [f"{MARKS[item.state]} {bold(clean_line(item.label))}: {STATE_WORDS[item.state]}"]
    if quote := clean_text(item.quote or ""):
        lines += [f"> {line}" for line in escape(f"“{quote}”").split("\n")]
    if hint := clean_text(item.hint):
        lines += [f"-# {line}" for line in escape(hint).split("\n") if line.strip()]
    return "\n".join(lines)


# --- tables ----------------------------------------


def _table(table: Table) -> str:
    """A code block as wide as a phone; cells that are too long end in "…"; a list where that is not enough."""
    rows = [tuple(clean_line(c) for c in row) for row in (table.columns, *table.rows)]
    many = len(table.columns)
    widths = [max((columns(r[i]) for r in rows if i < len(r)), default=0) for i in range(many)]
    over = sum(widths) + 2 * many - limits.TABLE_WIDTH + (2 if table.marked is not None else 0)
    while over > 0 and widths and max(widths) > CELL_LEAST:
        widest = widths.index(max(widths))
        widths[widest] -= 1
        over -= 1
    if over > 0:
        return "\n".join(_rows(table, rows))
    lines = []
    for number, row in enumerate(rows):
        cells = [
            _cell(row[i] if i < len(row) else "", width, table.align[i : i + 1] == "r")
            for i, width in enumerate(widths)
        ]
        mark = ("> " if number - 1 == table.marked else "  ") if table.marked is not None else ""
        lines.append((mark + "  ".join(cells)).rstrip())
    text = "\n".join(lines)
    return code_block(text) if text.strip() else ""


def _rows(table: Table, rows: list[tuple[str, ...]]) -> Iterator[str]:
    """A table as a list: a line for each row, its cells by name; names that no row has, above."""
    named = {i for row in rows[1:] for i, cell in enumerate(row) if cell}
    if any(name and i not in named for i, name in enumerate(rows[0])):
        yield ", ".join(bold(name) for name in rows[0] if name)
    for number, row in enumerate(rows[1:]):
        mark = "▶" if number == table.marked else "•"
        cells = [
            f"{bold(f'{name}:')} {escape(cell)}" for name, cell in zip(rows[0], row, strict=False) if cell
        ]
        yield f"{mark} {', '.join(cells)}"


def columns(text: str) -> int:
    """How many columns ``text`` takes in a code font."""
    return sum(
        0
        if unicodedata.category(c) in ("Mn", "Me", "Cf")
        else 2
        if unicodedata.east_asian_width(c) in "WF"
        else 1
        for c in text
    )


def _cell(text: str, width: int, right: bool) -> str:
    if columns(text) > width:
        kept = itertools.takewhile(lambda n: columns(text[:n]) < width, range(1, len(text) + 1))
        text = text[: max(kept, default=0)].rstrip() + "…"
    blanks = " " * (width - columns(text))
    return blanks + text if right else text + blanks
