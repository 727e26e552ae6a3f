"""Form -> modal, and what comes back -> values for ``Dispatcher.press``. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from adapters.discord import limits
from adapters.discord.controls import more_in, options_of
from adapters.discord.escape import escape
from adapters.discord.ids import original, unique
from adapters.discord.words import fitted, markdown
from adapters.fit import boundary, cut, size
from core.parse import action_id
from core.plain import clean_line, clean_text
from core.text import words_text
from core.views import Field, Form, FormErrors, Text

Json = dict[str, Any]
LINE, PARAGRAPH = 1, 2  # styles of a text input
TEXT_DISPLAY, LABEL = 10, 18
TEXT_INPUT, SELECT, UPLOAD, RADIO, CHECKBOXES = 4, 3, 19, 21, 22
ROLES, CHANNELS = 6, 8
POSTABLE = [0, 5]  # types of channel where a message can stand by itself: text, announcement
_ID = re.compile(r"[1-9][0-9]{0,18}", re.ASCII)
_LISTED = re.compile(r"\s*,\s*")


@dataclass(frozen=True, slots=True)
class Uploaded:
    """A file somebody put into a modal; its bytes are still at ``url``."""

    name: str
    url: str
    size: int


def modal(view: Form | FormErrors) -> Json:
    """The data of a modal (interaction callback 9). Never raises.

    A modal cannot be sent twice in a row: errors are shown by ``views.payload`` with a button that comes
    back here, so this marks each field that was wrong in its description. Fields beyond the fifth cannot
    be asked; the last one's description says how many there are.
    """
    form, errors = (view.form, dict(view.errors)) if isinstance(view, FormErrors) else (view, {})
    taken: set[str] = set()
    fields = form.fields[: limits.MODAL_COMPONENTS]
    components = [_label(f, errors.get(f.name, ""), taken) for f in fields]
    if left_out := len(form.fields) - len(fields):
        hint = components[-1].get("description", "")
        components[-1]["description"] = more_in(hint, left_out, limits.DESCRIPTION)
    if words_text(form.intro).strip():
        _introduce(form, components)
    if not components:
        components = [{"type": TEXT_DISPLAY, "content": cut(escape(clean_line(form.title)), 200) or "…"}]
    return {
        "custom_id": unique(form.action, set()) or action_id("help"),
        "title": cut(clean_line(form.title), limits.MODAL_TITLE) or "…",
        "components": components,
    }


def _introduce(form: Form, components: list[Json]) -> None:
    """The words above the fields, where a component is left for them; else at the first field."""
    # Times are written out in their zone: only messages show them in the reader's own.
    text = words_text(form.intro)
    if len(components) < limits.MODAL_COMPONENTS:
        drawn = "\n\n".join(filter(None, map(markdown, fitted((Text((text,)),)))))
        components.insert(0, {"type": TEXT_DISPLAY, "content": drawn})
        return
    first = components[0]
    hint = " ".join(filter(None, (clean_line(text), first.get("description", ""))))
    first["description"] = cut(hint, limits.DESCRIPTION)


def _label(item: Field, error: str, taken: set[str]) -> Json:
    component, left_out = _component(item)
    component["custom_id"] = unique(item.name, taken) or unique("", taken)
    hint = clean_line(item.hint)
    if error:
        hint = f"! {clean_line(error)}"
    label: Json = {
        "type": LABEL,
        "label": cut(clean_line(item.label), limits.LABEL) or clean_line(item.name)[: limits.LABEL] or "…",
        "component": component,
    }
    if description := more_in(hint, left_out, limits.DESCRIPTION):
        label["description"] = description
    return label


def _component(item: Field) -> tuple[Json, int]:
    """What asks for ``item``, and how many of its choices (or characters of its value) found no room."""
    if item.kind == "file":
        return {
            "type": UPLOAD,
            "min_values": 1 if item.required else 0,
            "max_values": 1,
            "required": item.required,
        }, 0
    if item.kind in ("channel", "role"):
        return _picking(item), 0
    if item.kind in ("choice", "many") and (options := options_of(item.choices[: limits.OPTIONS])):
        return _choosing(item, options), len(item.choices) - len(options)
    return _typing(item)


def _typing(item: Field) -> tuple[Json, int]:
    value = clean_text(item.value) if item.kind == "text" else clean_line(item.value)
    kept = value
    while size(kept) > limits.INPUT:
        kept = kept[: boundary(kept, min(len(kept) - 1, limits.INPUT - (size(kept) - len(kept))))]
    bounded = item.kind in ("line", "text")
    component: Json = {
        "type": TEXT_INPUT,
        "style": PARAGRAPH if item.kind == "text" else LINE,
        "required": item.required,
        # what was sent once has to fit again, also where it was too long: the command says so in words
        "max_length": min(limits.INPUT, max(1, item.most if bounded else limits.INPUT, size(kept))),
    }
    if kept:
        component["value"] = kept
    elif item.required and bounded and item.least > 0:
        component["min_length"] = min(item.least, component["max_length"])
    return component, len(value) - len(kept)


def _picking(item: Field) -> Json:
    """One of the server's channels or roles, drawn by Discord. A value that is no id of Discord's is left out."""
    component: Json = {
        "type": CHANNELS if item.kind == "channel" else ROLES,
        "min_values": 1 if item.required else 0,
        "max_values": 1,
        "required": item.required,
    }
    if item.kind == "channel":
        component["channel_types"] = POSTABLE
    if _ID.fullmatch(item.value):
        component["default_values"] = [{"id": item.value, "type": item.kind}]
    return component


def _choosing(item: Field, options: Iterable[Json]) -> Json:
    """Boxes for several of a few, a menu for one or for several of many; what was chosen is chosen again."""
    options = list(options)
    several = item.kind == "many"
    most = max(1, min(item.most, len(options))) if several else 1
    least = min(max(1, item.least), most) if item.required else 0
    wanted = {w.casefold() for w in (_LISTED.split(item.value) if several else [item.value]) if w}
    chosen = 0
    for option in options:
        named = {original(option["value"]).casefold(), option["label"].casefold()}
        if chosen < most and named & wanted:
            option["default"] = True
            chosen += 1
    return {
        "type": CHECKBOXES if several and len(options) <= limits.CHECKBOXES else SELECT,
        "options": options,
        "min_values": least,
        "max_values": most,
        "required": item.required,
    }


# --- what comes back ----------------------------------------


def values_of(data: Mapping[str, Any]) -> dict[str, object]:
    """The fields' values in a submitted modal's interaction data, by field name.

    Text, one choice, a channel and a role (ids) are str, several choices a tuple of str, nothing chosen
    "". A file is an ``Uploaded``, whose bytes the adapter fetches before it dispatches. The action is
    ``ids.original(data["custom_id"])``.
    """
    values: dict[str, object] = {}
    attachments = (data.get("resolved") or {}).get("attachments") or {}
    for row in data.get("components") or ():
        inner = row.get("component")
        for component in [inner] if inner else row.get("components") or ():
            name = component.get("custom_id")
            if name is not None:
                values[original(name)] = _value(component, attachments)
    return values


def _value(component: Mapping[str, Any], attachments: Mapping[str, Any]) -> object:
    if "values" not in component:
        value = component.get("value")
        return original(value) if component.get("type") == RADIO and value else value or ""
    chosen = [str(v) for v in component["values"] or ()]
    if component.get("type") == UPLOAD:
        found = [attachments[v] for v in chosen if v in attachments]
        if not found:
            return ""
        first = found[0]
        return Uploaded(str(first.get("filename", "")), str(first.get("url", "")), int(first.get("size", 0)))
    if component.get("type") in (ROLES, CHANNELS):
        return chosen[0] if chosen else ""
    chosen = [original(v) for v in chosen]
    if component.get("type") == SELECT and len(chosen) == 1:
        return chosen[0]
    return tuple(chosen) if chosen else ""
