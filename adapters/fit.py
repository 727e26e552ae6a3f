"""Cutting views to a platform's limits, with a visible "... 12 more". Pure.

What is cut is the view, not what it is drawn as: a bold word or a code block that is cut short still ends. Lengths
are UTF-16 units: Discord and Slack both count so.
"""

from __future__ import annotations

import dataclasses
import unicodedata
from collections.abc import Callable, Sequence

from core.plain import clean_text
from core.text import block_text, span_text
from core.views import (
    Block,
    Bold,
    Checklist,
    Code,
    Fields,
    Span,
    Table,
    Text,
    Words,
)

Weigh = Callable[[Block], int]
"""How much room a block takes in a message; 0 for what is no block of words."""

_ZWJ = "\u200d"


def size(text: str) -> int:
    """Length in UTF-16 units."""
    return len(text) + sum(c > "\uffff" for c in text)


def boundary(text: str, at: int) -> int:
    """The last place at or before ``at`` that does not cut an emoji or a letter with its marks in two."""
    place = at
    while 0 < place < len(text) and _joined(text, place):
        place -= 1
    return place


def _joined(text: str, at: int) -> bool:
    before, after = text[at - 1], text[at]
    if before == _ZWJ or after == _ZWJ or unicodedata.category(after) in ("Mn", "Me", "Mc"):
        return True
    if "\U0001f3fb" <= after <= "\U0001f3ff" or "\U000e0020" <= after <= "\U000e007f":
        return True  # skin tones, tags of flags
    if _flag(before) and _flag(after):  # two letters make a flag: count them from the left
        start = at
        while start > 0 and _flag(text[start - 1]):
            start -= 1
        return (at - start) % 2 == 1
    return False


def _flag(c: str) -> bool:
    return "\U0001f1e6" <= c <= "\U0001f1ff"


def cut(text: str, limit: int) -> str:
    """``text``, or its beginning with "…", in at most ``limit`` UTF-16 units."""
    if size(text) <= limit:
        return text
    at = len(text)
    while at > 0 and size(text[:at]) > limit - 1:
        at = min(at - 1, limit)
    return text[: boundary(text, at)].rstrip() + "…"


def fit(
    blocks: Sequence[Block], weigh: Weigh, room: int, *, least: int, joined: int = 0
) -> tuple[Block, ...]:
    """``blocks`` that weigh at most ``room`` together, ``joined`` more for each place where two meet.

    Small blocks stay whole: the longest are cut first, each saying how much more there was, but none below
    ``least``. Only where even short pieces are too many do the last blocks go, and "... 12 more" stands for them.
    A block that weighs nothing (buttons, pictures) always stays.
    """

    def taken(block: Block) -> int:
        weight = weigh(block)
        return weight + joined if weight else 0

    sizes = [taken(b) for b in blocks]
    room += joined  # there is one join less than there are blocks
    if sum(sizes) <= room:
        return tuple(blocks)
    most = _level(sizes, room)
    if most >= least:
        return tuple(
            part
            for b, s in zip(blocks, sizes, strict=True)
            for part in ((b,) if s <= most else shorter(b, taken, most))
        )
    kept: list[Block] = []
    room -= taken(Text((_left(len(blocks)),)))
    left_out = 0
    at = 0  # where the last line goes: behind the last text
    for block, s in zip(blocks, sizes, strict=True):
        if s and (left_out or min(s, least) > room):
            left_out += 1
            continue
        kept += (block,) if s <= least else shorter(block, taken, least)
        room -= min(s, least)
        at = len(kept) if s else at
    kept.insert(at, Text((_left(left_out),)))
    return tuple(kept)


def _left(number: int, what: str = "more") -> str:
    return f"… {number:,} {what}"


def _level(sizes: Sequence[int], room: int) -> int:
    """The size to which the longest have to be cut so that all fit."""
    left = room
    ordered = sorted(s for s in sizes if s)
    for number, taken in enumerate(ordered):
        share = left // (len(ordered) - number)
        if taken > share:
            return share
        left -= taken
    return room


def shorter(block: Block, weigh: Weigh, room: int) -> tuple[Block, ...]:
    """As much of ``block`` as weighs ``room`` at most, and how much more there was."""
    total, take = _parts(block)
    low, high = 0, total  # take(low) fits, or low is 0; take(high) is the whole, which does not
    while high - low > 1:
        middle = (low + high) // 2
        if sum(map(weigh, take(middle))) <= room:
            low = middle
        else:
            high = middle
    if low or isinstance(block, Text):
        return take(low)
    return shorter(Text((block_text(block),)), weigh, room)  # its first line alone is too long


def _parts(block: Block) -> tuple[int, Callable[[int], tuple[Block, ...]]]:
    """How many parts a block has, and how it looks with only the first few."""
    match block:
        case Text(words=words):
            total = sum(len(span_text(s)) for s in words)
            return total, lambda n: (dataclasses.replace(block, words=_first(words, n, total)),)
        case Code(text=code):
            lines = clean_text(code).split("\n")
            return len(lines), lambda n: (
                dataclasses.replace(block, text="\n".join(lines[:n])),
                Text((_left(len(lines) - n, "more lines"),)),
            )
        case Fields(items=items):
            return len(items), lambda n: (Fields(items[:n]), Text((_left(len(items) - n),)))
        case Table(rows=rows):
            return len(rows), lambda n: (
                dataclasses.replace(block, rows=rows[:n]),
                Text((_left(len(rows) - n),)),
            )
        case Checklist(items=checks):
            return len(checks), lambda n: (Checklist(checks[:n]), Text((_left(len(checks) - n),)))
        case _:
            return 0, lambda n: (block,)


def _first(words: Words, characters: int, total: int) -> Words:
    """The first ``characters`` of ``words``; a link, a time or a mention is taken whole or not at all."""
    kept: list[Span] = []
    left = characters
    for span in words:
        text = span_text(span)
        if len(text) <= left:
            kept.append(span)
            left -= len(text)
            continue
        if isinstance(span, str | Bold):
            part = text[: boundary(text, left)]
            kept.append(part if isinstance(span, str) else Bold(part))
        break
    shown = sum(len(span_text(s)) for s in kept)
    return (*kept, f" {_left(total - shown, 'more characters')}")
