"""Form -> modal, and what comes back -> values for ``Dispatcher.press``. Pure.

A box takes 3,000 characters. A longer text gets as many boxes as it needs, cut between lines or words, and comes
back as the one text it was: a box's id says how it is joined to the one before.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from adapters.fit import cut, fit, size
from adapters.slack import limits
from adapters.slack.blocks import LEAST, blocks_of, plain_text, weigh
from adapters.slack.boxes import LINE_END, part_id, part_of, pieces_of, whole
from adapters.slack.controls import more_in, options_of
from adapters.slack.ids import original, unique
from adapters.slack.words import Json
from core.parse import action_id
from core.plain import clean_line, clean_text
from core.text import words_text
from core.views import Block, Bold, Choice, Field, Form, FormErrors, Text

CALLBACK = "starling_form"
ELEMENT = "value"
"""The action_id of every box: a modal's values are found by their block."""
INTRO = 6000  # characters of the words above the fields, as JSON
_CHANNEL = re.compile(r"[CG][A-Z0-9]{1,20}", re.ASCII)
_LISTED = re.compile(r"\s*,\s*")


@dataclass(frozen=True, slots=True)
class Uploaded:
    """A file somebody put into a modal; its bytes are still at ``url``, which wants the bot's token."""

    name: str
    url: str
    size: int


def modal(view: Form | FormErrors, about: Mapping[str, str] | None = None) -> Json:
    """The view for views.open, views.update or response_action "update". Never raises.

    ``about`` travels along for whoever reads the answer (where it was asked, in which thread): ``about_of``. Errors
    of a form that is open are better shown by ``errors``, which leaves everything in the boxes as it was typed.
    """
    form, wrong = (view.form, dict(view.errors)) if isinstance(view, FormErrors) else (view, {})
    head = _head(form)
    inputs: list[Json] = []
    rest = 0
    for item, block_id in _ids(form):
        made = list(_inputs(item, block_id, wrong.get(item.name, ""), alone=_alone(form)))
        if rest or len(head) + len(inputs) + len(made) >= limits.VIEW_BLOCKS:
            rest += 1
        else:
            inputs += made
    if rest:
        inputs += blocks_of(Text((f"… {rest:,} more",), style="note"))
    title = clean_line(form.title)
    return {
        "type": "modal",
        "callback_id": CALLBACK,
        "title": plain_text(cut(title, limits.MODAL_TITLE), limits.MODAL_TITLE),
        "submit": plain_text(cut(clean_line(form.submit) or "Send", limits.MODAL_TITLE), limits.MODAL_TITLE),
        "close": plain_text("Cancel", limits.MODAL_TITLE),
        "private_metadata": _metadata(form.action, about or {}),
        "blocks": [*head, *inputs],
    }


def _metadata(action: str, about: Mapping[str, str]) -> str:
    together = json.dumps({**about, "action": action})
    return together if len(together) <= limits.METADATA else json.dumps({"action": action})[: limits.METADATA]


def _head(form: Form) -> list[Json]:
    """The words above the fields; the title too, where the frame has no room for all of it."""
    title = clean_line(form.title)
    blocks: list[Block] = [Text((Bold(title),))] if size(title) > limits.MODAL_TITLE else []
    if words_text(form.intro).strip():
        blocks.append(Text(form.intro))
    drawn = [b for block in fit(tuple(blocks), weigh, INTRO, least=LEAST) for b in blocks_of(block)]
    return drawn or ([] if form.fields else blocks_of(Text((title or "…",))))


def _ids(form: Form) -> Iterator[tuple[Field, str]]:
    taken: set[str] = set()
    for item in form.fields:
        # two characters of room stay for the number of a further box, see boxes
        found = unique(item.name, taken, most=limits.ACTION_ID - 4) or unique("", taken)
        assert found is not None  # "§1" and so on are always ids
        yield item, found


def _alone(form: Form) -> bool:
    """Whether one text is all that is asked for: then it gets a second box, for what is longer than one."""
    return sum(item.kind == "text" for item in form.fields) == 1


def _inputs(item: Field, block_id: str, error: str, *, alone: bool) -> Iterator[Json]:
    label = clean_line(item.label) or clean_line(item.name) or "…"
    hint = f"! {clean_line(error)}" if error else clean_line(item.hint)
    if item.kind == "text":
        yield from _texts(item, block_id, label, hint, alone=alone)
        return
    element, left_out = _element(item)
    yield _input(block_id, label, more_in(hint, left_out, limits.LABEL), element, optional=not item.required)


def _input(block_id: str, label: str, hint: str, element: Json, *, optional: bool) -> Json:
    made: Json = {
        "type": "input",
        "block_id": block_id,
        "label": plain_text(cut(label, limits.LABEL), limits.LABEL),
        "element": {**element, "action_id": ELEMENT},
        "optional": optional,
    }
    return {**made, "hint": plain_text(hint, limits.LABEL)} if hint else made


# --- texts, in as many boxes as they need ----------------------------------------


def _texts(item: Field, block_id: str, label: str, hint: str, *, alone: bool) -> Iterator[Json]:
    long = item.most > limits.INPUT
    pieces, left_out = pieces_of(clean_text(item.value))
    if alone and long and len(pieces) == 1:
        pieces.append(("", LINE_END))
    for number, (piece, joint) in enumerate(pieces, 1):
        most = limits.INPUT if long or len(pieces) > 1 else max(1, item.most, size(piece))
        notes = [hint] if number == 1 else []
        if long:
            notes.append(_room(limits.INPUT - size(piece), last=number == len(pieces)))
        element = _typing(piece, most, item.least if item.required and number == 1 else 0, multiline=True)
        yield _input(
            part_id(block_id, number, joint),
            label if number == 1 else f"{label} ({number})",
            more_in(" ".join(filter(None, notes)), left_out if number == len(pieces) else 0, limits.LABEL),
            element,
            optional=not item.required or number > 1,
        )


def _room(left: int, *, last: bool) -> str:
    amount = f"Room for {left:,} characters" if left == limits.INPUT else f"Room for {left:,} more characters"
    return f"{amount}." if last else f"{amount}; it goes on in the next box."


def _typing(value: str, most: int, least: int, *, multiline: bool) -> Json:
    most = min(limits.INPUT, max(1, most, size(value)))
    element: Json = {"type": "plain_text_input", "multiline": multiline, "max_length": most}
    if value:
        element["initial_value"] = value
    elif least > 0:
        element["min_length"] = min(least, most)
    return element


# --- everything else ----------------------------------------


def _element(item: Field) -> tuple[Json, int]:
    """What asks for ``item``, and how many of its choices (or characters of its value) found no room."""
    if item.kind == "file":
        return {"type": "file_input", "max_files": 1}, 0
    if item.kind == "channel":
        return _channels(item), 0
    if item.kind in ("choice", "many") and (options := options_of(item.choices[: limits.OPTIONS])):
        return _choosing(item, options), len(item.choices) - len(options)
    if item.suggests and item.kind == "line" and (found := suggested(item)) is not None:
        return found, 0
    value = clean_line(item.value)  # a role as well: Slack has no box for groups of people
    kept = value if size(value) <= limits.INPUT else cut(value, limits.INPUT - 1)
    bounded = item.kind == "line"
    least = item.least if item.required and bounded else 0
    element = _typing(kept, item.most if bounded else limits.INPUT, least, multiline=False)
    return element, max(0, len(value) - len(kept))


def suggested(item: Field) -> Json | None:
    """A menu that is filled while somebody types (``suggesting``), with the value chosen; None where it cannot be.

    A value longer than an option can be is typed into a line, where all of it stands.
    """
    element: Json = {
        "type": "external_select",
        "min_query_length": 0,
        "placeholder": plain_text("Type, then choose", limits.PLACEHOLDER),
    }
    value = clean_line(item.value)
    if not value:
        return element
    chosen = options_of([Choice(value, value)])
    return {**element, "initial_option": chosen[0]} if chosen and size(value) <= limits.OPTION_TEXT else None


def _channels(item: Field) -> Json:
    """One of the workspace's channels, also private ones that its reader sees."""
    element: Json = {
        "type": "conversations_select",
        "filter": {"include": ["public", "private"], "exclude_bot_users": True},
    }
    if _CHANNEL.fullmatch(item.value):
        element["initial_conversation"] = item.value
    elif item.required:
        element["default_to_current_conversation"] = True
    return element


def _choosing(item: Field, options: tuple[Json, ...]) -> Json:
    """Boxes for several of a few, a menu for one or for several of many; what was chosen is chosen again."""
    several = item.kind == "many"
    most = max(1, min(item.most, len(options))) if several else 1
    wanted = {w.casefold() for w in (_LISTED.split(item.value) if several else [item.value]) if w}
    chosen = [o for o in options if {original(o["value"]).casefold(), o["text"]["text"].casefold()} & wanted][
        :most
    ]
    if not several:
        element: Json = {"type": "static_select", "options": list(options)}
        return {**element, "initial_option": chosen[0]} if chosen else element
    if len(options) <= limits.CHECKBOXES:
        element = {"type": "checkboxes", "options": list(options)}
    else:
        element = {"type": "multi_static_select", "options": list(options), "max_selected_items": most}
    return {**element, "initial_options": chosen} if chosen else element


# --- what comes back ----------------------------------------


def errors(view: FormErrors) -> dict[str, str]:
    """block_id -> sentence, for response_action "errors" on the modal that ``modal`` made of the same form.

    What is wrong with the whole stands at the first field. {} for a form without fields: answer it with a message.
    """
    ids: dict[str, str] = {}
    for item, block_id in _ids(view.form):
        ids.setdefault(item.name, block_id)
    found: dict[str, list[str]] = {}
    for name, error in view.errors.items():
        if block_id := ids.get(name) or next(iter(ids.values()), ""):
            found.setdefault(block_id, []).append(clean_line(error))
    return {block_id: cut(" ".join(said), limits.LABEL) or "…" for block_id, said in found.items()}


def action_of(view: Mapping[str, Any]) -> str:
    """The action of a submitted modal: ``view`` is the payload's. "help" for one that is not ours."""
    found = _read(view).get("action")
    return found if isinstance(found, str) and found else action_id("help")


def about_of(view: Mapping[str, Any]) -> dict[str, str]:
    """What ``modal`` was given to travel along."""
    return {k: v for k, v in _read(view).items() if k != "action" and isinstance(v, str)}


def _read(view: Mapping[str, Any]) -> dict[str, Any]:
    try:
        found = json.loads(view.get("private_metadata") or "{}")
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def values_of(state: Mapping[str, Any]) -> dict[str, object]:
    """The fields' values in a submitted view's ``state``, by field name.

    Text, one choice and a channel (its id) are str, several choices a tuple of str, nothing chosen "". A file is
    an ``Uploaded``, whose bytes the adapter fetches before it dispatches.
    """
    values: dict[str, object] = {}
    parts: dict[str, list[tuple[int, str, str]]] = {}
    for block_id, elements in (state.get("values") or {}).items():
        for element in elements.values():
            first, number, joint = part_of(block_id)
            name = original(first)
            value = _value(element)
            if isinstance(value, str) and element.get("type") == "plain_text_input":
                parts.setdefault(name, []).append((number, joint, value))
            else:
                values[name] = value
    return {**values, **{name: whole(some) for name, some in parts.items()}}


def _value(element: Mapping[str, Any]) -> object:
    match element.get("type"):
        case "static_select" | "external_select" | "radio_buttons":
            return original(str((element.get("selected_option") or {}).get("value") or ""))
        case "multi_static_select" | "checkboxes":
            chosen = element.get("selected_options") or ()
            return tuple(original(str(o.get("value") or "")) for o in chosen) or ""
        case "conversations_select":
            return str(element.get("selected_conversation") or "")
        case "channels_select":
            return str(element.get("selected_channel") or "")
        case "file_input":
            files = element.get("files") or ()
            if not files:
                return ""
            first = files[0]
            url = first.get("url_private_download") or first.get("url_private") or ""
            return Uploaded(str(first.get("name") or ""), str(url), int(first.get("size") or 0))
        case _:
            return str(element.get("value") or "")
