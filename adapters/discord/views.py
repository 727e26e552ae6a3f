"""View -> the JSON of a message, with Components V2. Pure: no discord.py, no network.

A view with a track becomes a card in the track's colour, another stands without a frame. Whatever cannot be
shown is shown as its text; nothing vanishes and nothing is raised.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from adapters.discord import limits
from adapters.discord.controls import (
    Keys,
    Menu,
    Piece,
    button_json,
    gathered,
    keys_of,
    menu_json,
    menu_of,
    rows_json,
    ticks_of,
)
from adapters.discord.ids import carry, controls_in, original
from adapters.discord.words import fitted, markdown, mentioned
from adapters.drawing import NOTHING_TO_SHOW, asked_by, attachable, message_of, plain
from adapters.fit import cut
from core.plain import clean_line, clean_text
from core.views import (
    Block,
    Buttons,
    Checklist,
    Code,
    Divider,
    Fields,
    File,
    Image,
    Mention,
    Message,
    Select,
    Table,
    Text,
    Ticks,
    View,
)

TRACK_COLOURS = {
    "behavioural": 0x2E8B57,
    "coding": 0x3B6FD4,
    "system-design": 0x9B59B6,
    "ml-design": 0xC2569B,
    "communication": 0xD9A404,
    "company": 0x1FA3A3,
    "product-sense": 0x5865C7,
    "ask": 0x6BA539,
}
BUTTON = 2
_FILE_NAME = re.compile(r"[^A-Za-z0-9._-]+")
Json = dict[str, Any]
Upload = tuple[str, bytes, str]
"""A file to send along: its name in the message, its bytes, its description."""


@dataclass(frozen=True, slots=True)
class Payload:
    """The body of a message, and the files it speaks of in the order of its ``attachments``."""

    json: Json
    files: tuple[Upload, ...] = ()


def payload(
    view: View, *, track: str = "", files: bool = True, ephemeral: bool | None = None, key: str = ""
) -> Payload:
    """``view`` as a message. Never raises. ``Message.thread`` is no part of it: the sender opens threads.

    ``track`` colours a view that has none of its own. ``files`` False shows pictures and files as words, for
    places where nothing can be attached. ``ephemeral`` overrides what the view says: a private view that goes
    to somebody's DM must not carry the flag, which belongs to answers to interactions. ``key``, a delivery's,
    goes along with it, so that the message can be found again (``ids.carries``).
    """
    try:
        message = message_of(view)
        drawn = draw(message, track=message.track or track, files=files, ephemeral=ephemeral)
    except Exception:  # noqa: BLE001 - a view that cannot be drawn is shown as its text
        drawn = draw(plain(view), track="", files=False, ephemeral=ephemeral)
    carry(key, drawn.json["components"])
    return drawn


def about(components: Iterable[Json]) -> str:
    """What a message of ours asks: "d12" (a drop) or "p34" (a prompt) when its first button answers that, else ""."""
    for control in controls_in(components):
        if control.get("type") == BUTTON:
            return asked_by(original(control["custom_id"]))
    return ""


# --- drawing ----------------------------------------


def draw(message: Message, *, track: str, files: bool, ephemeral: bool | None) -> Payload:
    """``message`` as a payload. May raise on what is no view; ``payload`` does not."""
    taken: set[str] = set()
    pieces = [p for b in message.blocks for p in _pieces(b, taken)]
    pieces = list(attachable(pieces, limits.FILES if files else 0, limits.FILE_BYTES))
    pieces = _thinned(pieces, taken, limits.COMPONENTS - bool(track))
    pieces = _fitted(pieces)
    uploads: list[Upload] = []
    components = _components(pieces, uploads)
    if not components:
        components = _components([NOTHING_TO_SHOW], uploads)
    if track:
        card: Json = {"type": 17, "components": components}
        if track in TRACK_COLOURS:
            card["accent_color"] = TRACK_COLOURS[track]
        components = [card]
    private = message.private if ephemeral is None else ephemeral
    body: Json = {
        "flags": limits.IS_COMPONENTS_V2 | (limits.EPHEMERAL if private else 0),
        "components": components,
        "allowed_mentions": allowed_mentions(pieces),
    }
    if uploads:
        body["attachments"] = [
            {"id": n, "filename": name, "description": alt} for n, (name, _, alt) in enumerate(uploads)
        ]
    return Payload(body, tuple(uploads))


def allowed_mentions(blocks: Iterable[object]) -> Json:
    """Exactly whom core mentions in ``blocks``: nothing in anybody's text pings."""
    found: dict[str, dict[str, None]] = {"user": {}, "role": {}}
    for block in blocks:
        lines = [block.words] if isinstance(block, Text) else []
        lines += [value for _, value in block.items] if isinstance(block, Fields) else []
        for span in (span for line in lines for span in line):
            if isinstance(span, Mention) and (known := mentioned(span)):
                found[span.kind][known] = None
    users, roles = (list(found[kind])[: limits.MENTIONS] for kind in ("user", "role"))
    return {"parse": [], "users": users, "roles": roles}


def _pieces(block: Block, taken: set[str]) -> Iterable[Piece]:
    """``block`` as what it becomes here: words, pictures, and controls with ids."""
    match block:
        case Buttons():
            yield from keys_of(block, taken)
        case Ticks():
            yield from ticks_of(block, taken)
        case Select():
            yield from menu_of(block, taken)
        case _:
            yield block


def _thinned(pieces: list[Piece], taken: set[str], room: int) -> list[Piece]:
    """``pieces`` in at most ``room`` components, giving up first what costs the reader least.

    First the lines between, then buttons become menus under the message, then the last menus become words.
    """
    if _cost(pieces) > room:
        pieces = [p for p in pieces if not isinstance(p, Divider)]
    if _cost(pieces) > room:
        keys = [k for p in pieces if isinstance(p, Keys) for k in p.items]
        pieces = [*(p for p in pieces if not isinstance(p, Keys)), *gathered(keys, taken)]
    while _cost(pieces) > room:
        last = max(n for n, p in enumerate(pieces) if isinstance(p, Menu))
        menu = pieces[last]
        assert isinstance(menu, Menu)
        pieces[last] = menu.as_block()
    return pieces


def _cost(pieces: Iterable[Piece]) -> int:
    """Components of ``pieces``: neighbouring texts share one, neighbouring pictures too."""
    total = 0
    before = ""
    for piece in pieces:
        if isinstance(piece, Keys | Menu):
            total, before = total + piece.cost, ""
            continue
        if _is_words(piece) and not markdown(piece):
            continue
        kind = "words" if _is_words(piece) else "image" if isinstance(piece, Image) else ""
        total += 1 if not kind or kind != before else 0
        before = kind
    return total


def _is_words(piece: Piece) -> bool:
    return isinstance(piece, Text | Code | Fields | Table | Checklist)


def _fitted(pieces: Sequence[Piece]) -> list[Piece]:
    """``pieces`` with words that fit into one message, everything else where it was."""
    # fitted() knows blocks only; what is no block of words draws as "" and is handed through.
    blocks: list[Any] = list(pieces)
    return list(fitted(blocks))


def _components(pieces: Iterable[Piece], uploads: list[Upload]) -> list[Json]:
    found: list[Json] = []
    before: Piece | None = None
    for piece in pieces:
        last = found[-1] if found else {}
        match piece:
            case Keys(items=(only,)) if last.get("type") == 10 and "\n" not in last["content"]:
                found[-1] = {"type": 9, "components": [last], "accessory": button_json(only)}
            case Keys():
                found += rows_json(piece)
            case Menu():
                found.append(menu_json(piece))
            case Divider():
                found.append({"type": 14, "divider": True})
            case Image(alt=alt):
                alt = cut(clean_text(alt), limits.ALT) or "A picture"
                item = {"media": {"url": _upload(piece, alt, uploads)}, "description": alt}
                if last.get("type") == 12 and len(last["items"]) < limits.GALLERY:
                    last["items"].append(item)
                else:
                    found.append({"type": 12, "items": [item]})
            case File(title=title):
                alt = cut(clean_line(title), limits.ALT) or "A file"
                found.append({"type": 13, "file": {"url": _upload(piece, alt, uploads)}})
            case _:
                text = markdown(piece)
                if not text:
                    continue
                if last.get("type") == 10:
                    last["content"] += f"{_between(before, piece)}{text}"
                else:
                    found.append({"type": 10, "content": text})
        before = piece
    return found


def _between(before: Piece | None, piece: Piece) -> str:
    """Headings and notes belong close to their text; other blocks get an empty line."""
    close = isinstance(before, Text) and before.style in ("title", "heading")
    return "\n" if close or (isinstance(piece, Text) and piece.style == "note") else "\n\n"


def _upload(block: Image | File, alt: str, uploads: list[Upload]) -> str:
    """Puts ``block`` among the files to send along, under a name that Discord keeps as it is."""
    stem, dot, ending = clean_line(block.name).rpartition(".")
    stem, ending = (stem, ending) if dot and len(ending) <= 8 else (clean_line(block.name), "")
    stem = _FILE_NAME.sub("_", stem).strip("._-")[:80] or ("picture" if isinstance(block, Image) else "file")
    ending = _FILE_NAME.sub("", ending) or ("png" if isinstance(block, Image) else "txt")
    name = f"{stem}.{ending}"
    used = {n for n, _, _ in uploads}
    number = 2
    while name in used:
        name = f"{stem}-{number}.{ending}"
        number += 1
    uploads.append((name, block.data, alt))
    return f"attachment://{name}"
