"""Blocks of words -> Block Kit. Pure.

``blocks_of`` draws a block as natively as its words allow; ``elements_of`` draws any of them as elements of a
``rich_text`` block, of which many fit into one: what a message with too many blocks is packed into.

A board is drawn in code font and not as Slack's ``table``: a message takes only one of those, modals and the Home
tab take none, and nothing tells which apps still show a placeholder for it.
"""

from __future__ import annotations

import dataclasses
import itertools
import json
import unicodedata
from collections.abc import Iterable, Iterator, Sequence

from adapters.fit import boundary, size
from adapters.slack import limits
from adapters.slack.escape import tame
from adapters.slack.words import Json, mrkdwn, rich, shown, text_element
from core.plain import clean_line, clean_text
from core.text import STATE_WORDS
from core.views import Block, Bold, CheckItem, Checklist, Code, Fields, Span, State, Table, Text, Words

MARKS = {State.MET: "✅", State.MISSING: "⬜", State.UNSURE: "❔"}
CELL_LEAST = 10  # columns: a table that would need narrower ones is written as a list
LEAST = 400  # as weighed: a block is not cut below this to make room for others; later blocks go first
_IN_A_BLOCK = limits.TEXT


def is_words(block: object) -> bool:
    return isinstance(block, Text | Code | Fields | Table | Checklist)


def blocks_of(block: Block) -> list[Json]:
    """``block`` as Slack's blocks, each within its limits; none for an empty block or what is no block of words."""
    match block:
        case Text(words=words, style=style):
            if not "".join(map(shown, words)).strip():
                return []
            return _title(words) if style == "title" else _text(block)
        case Fields():
            return _fields(block) or packed(elements_of(block))
        case _:
            return packed(elements_of(block))


def weigh(block: Block) -> int:
    """Characters of ``block`` as JSON: Slack counts a message's blocks about so."""
    return weight(blocks_of(block))


def weight(blocks: Sequence[Json]) -> int:
    return sum(size(json.dumps(b, ensure_ascii=False, separators=(",", ":"))) + 1 for b in blocks)


def packed(elements: Iterable[Json]) -> list[Json]:
    """``elements`` in as few rich text blocks as hold them."""
    found: list[Json] = []
    room = 0
    for element in elements:
        taken = sum(size(e.get("text") or e.get("fallback") or "-" * 12) for e in element["elements"])
        if taken > room:
            found.append({"type": "rich_text", "elements": []})
            room = _IN_A_BLOCK
        found[-1]["elements"].append(element)
        room -= taken
    return found


def plain_text(text: str, most: int) -> Json:
    """A text object that is never parsed. ``text`` is cut by whoever calls; never empty, Slack refuses that."""
    return {"type": "plain_text", "text": text[:most] or "…", "emoji": False}


# --- one block of words ----------------------------------------


def _title(words: Words) -> list[Json]:
    text = clean_line("".join(map(shown, words)))
    if size(text) <= limits.HEADER:
        return [{"type": "header", "text": plain_text(text, limits.HEADER)}]
    return packed(elements_of(Text(words, style="title")))


def _text(block: Text) -> list[Json]:
    """Sections, contexts or rich text, as many as its length needs."""
    found: list[Json] = []
    for piece in _split(block.words, _IN_A_BLOCK):
        drawn = mrkdwn(_boldly(piece) if block.style == "heading" else piece)
        if block.style == "quote" or drawn is None or size(drawn) > limits.TEXT:
            found += packed(elements_of(dataclasses.replace(block, words=piece)))
        elif block.style == "note":
            found.append({"type": "context", "elements": [_mrkdwn(drawn)]})
        elif drawn.strip():
            found.append({"type": "section", "text": _mrkdwn(drawn)})
    return found


def _mrkdwn(text: str) -> Json:
    # verbatim: Slack makes no links of plain addresses and no mentions of names in it
    return {"type": "mrkdwn", "text": text, "verbatim": True}


def _boldly(words: Words) -> Words:
    return tuple(Bold(s) if isinstance(s, str) and s.strip() == s else s for s in words)


def _fields(block: Fields) -> list[Json]:
    """Name over value, two in a row where there is room; [] where a sign in one would be read as a mark."""
    drawn = []
    for name, value in block.items:
        name, text = clean_line(name), mrkdwn(value)
        if not name or not tame(name) or text is None:
            return []
        head = mrkdwn((Bold(name),))
        drawn.append(f"{head}\n{text.strip()}".rstrip())
    if any(size(text) > limits.FIELD for text in drawn):
        return []
    return [
        {"type": "section", "fields": [_mrkdwn(text) for text in some]}
        for some in _batches(drawn, limits.FIELDS)
    ]


# --- as elements of rich text ----------------------------------------


def elements_of(block: Block) -> list[Json]:
    """``block`` as sections, quotes and preformatted text, each of ``limits.TEXT`` characters at most."""
    match block:
        case Text(words=words, style=style):
            if not "".join(map(shown, words)).strip():
                return []
            style_of = {"title": {"bold": True}, "heading": {"bold": True}, "note": {"italic": True}}
            kind = "rich_text_quote" if style == "quote" else "rich_text_section"
            return [
                {"type": kind, "elements": rich(piece, **style_of.get(style, {}))}
                for piece in _split(words, _IN_A_BLOCK)
            ]
        case Code(text=text):
            return _preformatted(clean_text(text))
        case Fields(items=items):
            return [e for name, value in items for e in _named(name, value)]
        case Table():
            return _table(block)
        case Checklist(items=items):
            return [e for item in items for e in _check(item)]
        case _:
            return []


def _named(name: str, value: Words) -> list[Json]:
    label = clean_line(name)
    head: Words = (Bold(f"{label}:"), " ") if label else ()
    return elements_of(Text((*head, *value)))


def _check(item: CheckItem) -> Iterator[Json]:
    head = (f"{MARKS[item.state]} ", Bold(clean_line(item.label)), f": {STATE_WORDS[item.state]}")
    yield from elements_of(Text(head))
    if quote := clean_text(item.quote or ""):
        yield from elements_of(Text((f"“{quote}”",), style="quote"))
    if hint := clean_text(item.hint):
        yield from elements_of(Text((hint,), style="note"))


def _preformatted(text: str) -> list[Json]:
    pieces = _split((text,), _IN_A_BLOCK) if text else []
    return [
        {"type": "rich_text_preformatted", "elements": text_element("".join(map(str, p)))} for p in pieces
    ]


def _split(words: Words, room: int) -> list[Words]:
    """``words`` in pieces of at most ``room`` characters, cut between lines or words where that can be."""
    found: list[Words] = []
    now: list[Span] = []
    left = room
    for span in words:
        while (taken := size(shown(span))) > left:
            if isinstance(span, str | Bold) and (at := _cut_at(shown(span), left, fresh=not now)):
                text = shown(span)
                head, rest = text[:at].rstrip(), text[at:].lstrip(" \n")
                now.append(Bold(head) if isinstance(span, Bold) else head)
                span = Bold(rest) if isinstance(span, Bold) else rest
            elif not now:
                span = shown(span)  # one link or name longer than a block: its words, which can be cut
                continue
            found.append(tuple(now))
            now, left = [], room
        if taken:
            now.append(span)
            left -= taken
    if now:
        found.append(tuple(now))
    return [piece for piece in found if "".join(map(shown, piece)).strip()]


def _cut_at(text: str, room: int, *, fresh: bool) -> int:
    """Where to cut ``text`` so that its beginning fits into ``room``; 0: nowhere good, but in a fresh block."""
    at = min(len(text), room)
    while size(text[:at]) > room:
        at -= 1
    for sign in ("\n", " "):
        if (found := text.rfind(sign, at // 2, at)) > 0:
            return found
    return max(boundary(text, at), 0) or at if fresh else 0


# --- tables ----------------------------------------


def _table(table: Table) -> list[Json]:
    """Code font as wide as a phone; cells that are too long end in "…"; a list where that is not enough."""
    rows = [tuple(clean_line(c) for c in row) for row in (table.columns, *table.rows)]
    many = len(table.columns)
    widths = [max((columns(r[i]) for r in rows if i < len(r)), default=0) for i in range(many)]
    over = sum(widths) + 2 * many - limits.TABLE_WIDTH + (2 if table.marked is not None else 0)
    while over > 0 and widths and max(widths) > CELL_LEAST:
        widths[widths.index(max(widths))] -= 1
        over -= 1
    if over > 0:
        return [e for line in _rows(table, rows) for e in elements_of(Text(line))]
    lines = []
    for number, row in enumerate(rows):
        cells = [
            _cell(row[i] if i < len(row) else "", width, table.align[i : i + 1] == "r")
            for i, width in enumerate(widths)
        ]
        mark = ("> " if number - 1 == table.marked else "  ") if table.marked is not None else ""
        lines.append((mark + "  ".join(cells)).rstrip())
    # the blanks in front of the first line are its columns: what cuts long texts would take them away
    found: list[Json] = []
    room = 0
    for line in lines:
        if size(line) + 1 > room:
            found.append({"type": "rich_text_preformatted", "elements": text_element(line or " ")})
            room = _IN_A_BLOCK
        else:
            found[-1]["elements"][0]["text"] += f"\n{line}"
        room -= size(line) + 1
    return found if "".join(lines).strip() else []


def _rows(table: Table, rows: list[tuple[str, ...]]) -> Iterator[Words]:
    """A table as a list: a line for each row, its cells by name; names that no row has, above."""
    named = {i for row in rows[1:] for i, cell in enumerate(row) if cell}
    if any(name and i not in named for i, name in enumerate(rows[0])):
        yield (Bold(", ".join(name for name in rows[0] if name)),)
    for number, row in enumerate(rows[1:]):
        line: list[Span] = ["▶ " if number == table.marked else "• "]
        for name, cell in zip(rows[0], row, strict=False):
            if cell:
                line += [", " if len(line) > 1 else "", Bold(f"{name}:"), f" {cell}"]
        yield tuple(line)


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


def _batches(items: Sequence[str], most: int) -> Iterator[Sequence[str]]:
    for start in range(0, len(items), most):
        yield items[start : start + most]
