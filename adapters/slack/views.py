"""View -> a message's blocks, or the Home tab. Pure: no slack_sdk, no network.

Whatever cannot be shown is shown as its text; nothing vanishes and nothing is raised. Slack folds nothing away by
colour: a view's track is not drawn. ``Message.thread`` is no part of a payload: replies make a thread there.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from adapters import drawing
from adapters.drawing import NOTHING_TO_SHOW, asked_by, attachable, in_words, message_of
from adapters.fit import cut, fit, size
from adapters.slack import limits
from adapters.slack.blocks import LEAST, blocks_of, elements_of, is_words, packed, weigh, weight
from adapters.slack.controls import (
    Keys,
    Menu,
    Piece,
    gathered,
    keys_of,
    menu_json,
    menu_of,
    rows_json,
    ticks_of,
)
from adapters.slack.escape import escape
from adapters.slack.ids import metadata_for, original
from adapters.slack.uploads import Upload, image_json, placed, upload
from adapters.slack.words import PREFIX, Json
from core.plain import clean_text
from core.text import block_text
from core.views import (
    Block,
    Buttons,
    Divider,
    File,
    Image,
    Message,
    Select,
    Text,
    Ticks,
    View,
)


@dataclass(frozen=True, slots=True)
class Payload:
    """What chat.postMessage and chat.update take, and the files it speaks of.

    In ``blocks`` picture number n of ``files`` is an image whose file is "upload-n": ``placed`` puts the real
    one there. ``text`` is the fallback, escaped, for notifications and for what cannot show blocks.
    ``private``: meant for one reader; whoever sends decides how it stays so.
    """

    blocks: list[Json]
    text: str
    metadata: Json | None = None
    files: tuple[Upload, ...] = ()
    private: bool = True

    def placed(self, ids: Mapping[int, str]) -> list[Json]:
        """The blocks with the uploaded pictures in them: number in ``files`` -> Slack's file id.

        A picture that could not be uploaded stands there as its words.
        """
        return placed(self.blocks, self.files, ids)

    @property
    def arguments(self) -> Json:
        """As keyword arguments of chat_postMessage: no address in anybody's text unfolds."""
        made: Json = {
            "blocks": self.blocks,
            "text": self.text,
            "unfurl_links": False,
            "unfurl_media": False,
        }
        return made if self.metadata is None else {**made, "metadata": self.metadata}


def payload(view: View, *, key: str = "", files: bool = True) -> Payload:
    """``view`` as a message. Never raises.

    ``files`` False shows pictures and files as words, for places where nothing can be attached (a response_url, an
    ephemeral message). ``key``, a delivery's, goes along in the metadata, by which the message is found again.
    """
    try:
        message = message_of(view)
        drawn = draw(message, files=files)
    except Exception:  # noqa: BLE001 - a view that cannot be drawn is shown as its text
        message = plain(view)
        drawn = draw(message, files=False)
        if isinstance(view, Message):
            drawn = dataclasses.replace(drawn, private=view.private)
    return dataclasses.replace(drawn, text=fallback(view), metadata=metadata_for(key))


def plain(view: View) -> Message:
    """``view`` as nothing but its text: for what cannot be drawn, or is refused as it was drawn."""
    return drawing.plain(view, PREFIX)


def home(*found: View) -> Json:
    """The Home tab with ``found`` under each other, for views.publish. Never raises."""
    messages: list[Block] = []
    for view in found:
        try:
            messages += message_of(view).blocks
        except Exception:  # noqa: BLE001 - as above
            messages += plain(view).blocks
    try:
        blocks = draw(
            Message(tuple(messages)), files=False, most=limits.VIEW_BLOCKS, room=limits.VIEW_JSON
        ).blocks
    except Exception:  # noqa: BLE001 - as above
        blocks = draw(Message(tuple(b for v in found for b in plain(v).blocks)), files=False).blocks
    return {"type": "home", "blocks": blocks}


def fallback(view: View) -> str:
    """``view`` in plain words, escaped, in at most ``limits.FALLBACK`` characters. Never empty."""
    text = clean_text(in_words(view, PREFIX)) or block_text(NOTHING_TO_SHOW)
    most = limits.FALLBACK
    while size(escaped := escape(cut(text, most))) > limits.FALLBACK:
        most -= max(1, size(escaped) - limits.FALLBACK) // 4 + 1
    return escaped


def about(blocks: Iterable[Mapping[str, Any]]) -> str:
    """What a message of ours asks: "d12" (a drop) or "p34" (a prompt) when its first button answers that, else ""."""
    for block in blocks:
        for element in block.get("elements") or () if block.get("type") == "actions" else ():
            if element.get("type") == "button":
                return asked_by(original(str(element.get("action_id") or "")))
    return ""


# --- drawing ----------------------------------------


def draw(
    message: Message, *, files: bool, most: int = limits.BLOCKS, room: int = limits.BLOCKS_JSON
) -> Payload:
    """``message`` as a payload without its text, in at most ``most`` blocks of about ``room`` characters as JSON.
    May raise on what is no view; ``payload`` does not."""
    taken: set[str] = set()
    pieces = [p for b in message.blocks for p in _pieces(b, taken)]
    pieces = list(attachable(pieces, limits.FILES if files else 0, limits.FILE_BYTES))
    if not any(_json(pieces, [])):
        pieces = [NOTHING_TO_SHOW]
    pieces = _fitted(pieces, room)
    uploads: list[Upload] = []
    blocks = _thinned(pieces, taken, most, uploads)
    return Payload(blocks, "", files=tuple(uploads), private=message.private)


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


def _fitted(pieces: Sequence[Piece], most: int) -> list[Piece]:
    """``pieces`` with words that fit into one message, everything else where it was."""
    controls = weight(_json([p for p in pieces if not is_words(p)], []))
    # fit() knows blocks only; what is no block of words weighs nothing and is handed through.
    blocks: list[Any] = list(pieces)
    room = max(most - controls, most // 2)
    return list(fit(blocks, lambda b: weigh(b) if is_words(b) else 0, room, least=LEAST))


def _thinned(pieces: list[Piece], taken: set[str], most: int, uploads: list[Upload]) -> list[Json]:
    """``pieces`` in at most ``most`` blocks, giving up first what costs the reader least.

    First the lines between; then neighbouring words share blocks, and neighbouring buttons rows; then buttons
    become menus under the message, then the last menus become words.
    """
    blocks = _json(pieces, uploads)
    if len(blocks) <= most:
        return blocks
    pieces = [p for p in pieces if not isinstance(p, Divider)]
    if len(blocks := _again(pieces, uploads)) > most:
        keys = [k for p in pieces if isinstance(p, Keys) for k in p.items]
        pieces = [*(p for p in pieces if not isinstance(p, Keys)), *gathered(keys, taken)]
        blocks = _again(pieces, uploads)
    while len(blocks) > most and (menus := [n for n, p in enumerate(pieces) if isinstance(p, Menu)]):
        menu = pieces[menus[-1]]
        assert isinstance(menu, Menu)
        pieces[menus[-1]] = menu.as_block()
        blocks = _again(pieces, uploads)
    if left_out := max(0, len(blocks) - most):  # more pictures and files than blocks: not with our own limits
        blocks = [*blocks[: most - 1], *blocks_of(Text((f"… {left_out + 1:,} more",)))]
    return blocks


def _again(pieces: Sequence[Piece], uploads: list[Upload]) -> list[Json]:
    uploads.clear()
    return _json(pieces, uploads, close=True)


def _json(pieces: Iterable[Piece], uploads: list[Upload], *, close: bool = False) -> list[Json]:
    """``pieces`` as blocks. ``close`` packs neighbouring words, and neighbouring buttons, into as few as it can."""
    found: list[Json] = []
    lines: list[Json] = []  # rich text that waits for more of it
    for piece in pieces:
        if close and is_words(piece):
            assert not isinstance(piece, Keys | Menu)
            lines += elements_of(piece)
            continue
        found += packed(lines)
        lines = []
        match piece:
            case Keys(items=items):
                rows = list(rows_json(items))
                last = found[-1] if found else {}
                if close and last.get("type") == "actions":
                    rows = _joined(last, rows)
                found += rows
            case Menu():
                found.append(menu_json(piece))
            case Divider():
                found.append({"type": "divider"})
            case Image():
                found.append(image_json(piece, uploads))
            case File():
                upload(piece, "", uploads)
            case _:
                found += blocks_of(piece)
    return [*found, *packed(lines)]


def _joined(last: Json, rows: list[Json]) -> list[Json]:
    """``rows`` behind ``last``, which takes as many of their elements as it has room for."""
    elements = [*last["elements"], *(e for row in rows for e in row["elements"])]
    last["elements"] = elements[: limits.ACTIONS]
    rest = elements[limits.ACTIONS :]
    return [
        {"type": "actions", "elements": rest[n : n + limits.ACTIONS]}
        for n in range(0, len(rest), limits.ACTIONS)
    ]
