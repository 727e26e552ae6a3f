"""What Discord would refuse: its own schema, and the rules between fields that no schema says.

The schema is the part of Discord's OpenAPI document that describes messages and modals, in
``data/discord/views.schema.json`` (MIT, see LICENSE.discord-api-spec beside it). To take a newer one:

    python tests/discord_rules.py /path/to/openapi.json
"""

from __future__ import annotations

import functools
import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator

SCHEMA = Path(__file__).parent / "data" / "discord" / "views.schema.json"
ROOTS = ("MessageCreateRequest", "IncomingWebhookInteractionRequest", "ModalInteractionCallbackRequestData")
EPHEMERAL, V2 = 1 << 6, 1 << 15

ROW, BUTTON, SELECT, INPUT, SECTION, TEXT, THUMBNAIL, GALLERY, FILE, SEPARATOR, CONTAINER, LABEL = (
    *(1, 2, 3, 4),
    *(9, 10, 11, 12, 13, 14, 17, 18),
)
UPLOAD, RADIO, CHECKBOXES, CHECKBOX = 19, 21, 22, 23


def cut_schema(openapi: Mapping[str, Any]) -> dict[str, Any]:
    """The schemas that ``ROOTS`` need, as JSON Schema. Snowflakes may be integers too, as Discord takes them."""
    schemas = openapi["components"]["schemas"]
    wanted, todo = set(ROOTS), list(ROOTS)
    while todo:
        for name in _references(schemas[todo.pop()]):
            if name not in wanted:
                wanted.add(name)
                todo.append(name)
    text = json.dumps({name: schemas[name] for name in sorted(wanted)}).replace(
        "#/components/schemas/", "#/$defs/"
    )
    defs = json.loads(text)
    defs["SnowflakeType"] = {"anyOf": [defs["SnowflakeType"], {"type": "integer", "minimum": 0}]}
    return {"$comment": "From Discord's OpenAPI document, MIT: LICENSE.discord-api-spec", "$defs": defs}


def _references(part: object) -> Iterator[str]:
    if isinstance(part, dict):
        for key, value in part.items():
            if key == "$ref":
                yield value.rpartition("/")[2]
            else:
                yield from _references(value)
    elif isinstance(part, list):
        for value in part:
            yield from _references(value)


@functools.cache
def _validator(name: str) -> Draft202012Validator:
    return Draft202012Validator({**json.loads(SCHEMA.read_text("utf-8")), "$ref": f"#/$defs/{name}"})


def units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def walk(part: object) -> Iterator[dict[str, Any]]:
    """Every component in ``part``, nested ones too."""
    if isinstance(part, dict):
        if isinstance(part.get("type"), int):
            yield part
        for key in ("components", "component", "accessory"):
            yield from walk(part.get(key))
    elif isinstance(part, list):
        for value in part:
            yield from walk(value)


def problems_of_message(body: dict[str, Any], files: tuple[tuple[str, bytes, str], ...] = ()) -> list[str]:
    """Everything that Discord would refuse in ``body``: in a channel, or as a private answer."""
    answer = body["flags"] & EPHEMERAL  # only answers to interactions are private
    found = list(_schema("IncomingWebhookInteractionRequest" if answer else "MessageCreateRequest", body))
    top = body["components"]
    everything = list(walk(top))
    texts = [c["content"] for c in everything if c["type"] == TEXT]
    if not body["flags"] & V2:
        found.append("components v2 without their flag")
    if any(body.get(key) for key in ("content", "embeds", "poll", "sticker_ids")):
        found.append("content, embeds, polls and stickers do not go with components v2")
    if not top:
        found.append("an empty message")
    if len(everything) > 40:
        found.append(f"{len(everything)} components")
    if sum(map(units, texts)) > 4000:
        found.append(f"{sum(map(units, texts))} characters of text")
    if any(not t.strip() for t in texts):
        found.append("an empty text display")
    for c in everything:
        found += _component_problems(c)
    found += _ids(everything)
    found += _files(body, everything, files)
    mentions = body["allowed_mentions"]
    if mentions["parse"] or set(mentions) != {"parse", "users", "roles"}:
        found.append("mentions are parsed out of text")
    return found


def _component_problems(c: dict[str, Any]) -> Iterator[str]:
    match c["type"]:
        case 1:
            kinds = [child["type"] for child in c["components"]]
            if kinds != [SELECT] and set(kinds) != {BUTTON}:
                yield f"a row of {kinds}"
        case 2:
            if not c.get("label", "").strip() or units(c["label"]) > 80:
                yield f"button label {c.get('label')!r}"
            if (c["style"] == 5) != ("url" in c) or ("url" in c) == ("custom_id" in c):
                yield "a button has an id, or is a link and has an address"
        case 3 | 22 | 21:
            yield from _option_problems(c)
        case 6 | 8:
            least, most = c.get("min_values", 1), c.get("max_values", 1)
            if least > most or (c.get("required") is False and least):
                yield f"{least} to {most}, required {c.get('required')}"
            if len(c.get("default_values", ())) > most:
                yield "more chosen than max_values"
            if any(d["type"] != {6: "role", 8: "channel"}[c["type"]] for d in c.get("default_values", ())):
                yield "chosen is what cannot be chosen"
        case 4:
            value = units(c.get("value", ""))
            if value > c.get("max_length", 4000) or c.get("min_length", 0) > c.get("max_length", 4000):
                yield "a value over its own max_length, or min over max"
            if value and value < c.get("min_length", 0):
                yield "a value under its own min_length"
        case 19:
            if c.get("min_values", 1) > c.get("max_values", 1):
                yield "min_values over max_values"
        case 17:
            if any(child["type"] in (CONTAINER, BUTTON, SELECT) for child in c["components"]):
                yield "a container in a container, or a button without a row"
        case 18:
            if not c["label"].strip() or units(c["label"]) > 45 or units(c.get("description", "")) > 100:
                yield f"label {c!r}"


def _option_problems(c: dict[str, Any]) -> Iterator[str]:
    options = c["options"]
    values = [o["value"] for o in options]
    least, most = c.get("min_values", 1), c.get("max_values", 1)
    if len(set(values)) != len(values):
        yield "two options with one value"
    if any(units(o[k]) > 100 for o in options for k in ("label", "value", "description") if k in o):
        yield "an option over 100 characters"
    if any(not o["label"].strip() for o in options):
        yield "an option without a label"
    if not least <= most <= len(options):
        yield f"{least} to {most} of {len(options)} options"
    if sum(o.get("default", False) for o in options) > most:
        yield "more chosen than max_values"
    if units(c.get("placeholder", "")) > 150:
        yield "placeholder over 150"
    if c.get("required") is False and least:
        yield "optional, and at least one"


def _ids(everything: list[dict[str, Any]]) -> Iterator[str]:
    ids = [c["custom_id"] for c in everything if "custom_id" in c]
    if len(set(ids)) != len(ids):
        yield "a custom_id twice"
    for custom_id in ids:
        if not 1 <= units(custom_id) <= 100:
            yield f"custom_id of {units(custom_id)} characters"


def _files(
    body: dict[str, Any], everything: list[dict[str, Any]], files: tuple[tuple[str, bytes, str], ...]
) -> Iterator[str]:
    urls = [c["file"]["url"] for c in everything if c["type"] == FILE]
    urls += [i["media"]["url"] for c in everything if c["type"] == GALLERY for i in c["items"]]
    names = [name for name, _, _ in files]
    attachments = body.get("attachments", [])
    if sorted(urls) != sorted(f"attachment://{name}" for name in names):
        yield f"shown are {urls}, sent are {names}"
    if [(a["id"], a["filename"]) for a in attachments] != list(enumerate(names)):
        yield "attachments are not the files"
    if len(set(names)) != len(names) or len(names) > 10:
        yield f"files {names}"
    if any(not data or len(data) > 10 * 1024 * 1024 for _, data, _ in files):
        yield "an empty or a too large file"
    if any(not alt.strip() for _, _, alt in files):
        yield "a file without a description"


def problems_of_modal(data: dict[str, Any]) -> list[str]:
    """Everything that Discord would refuse in a modal."""
    found = list(_schema("ModalInteractionCallbackRequestData", data))
    everything = list(walk(data["components"]))
    if len(data["components"]) > 5:
        found.append(f"{len(data['components'])} components")
    if units(data["title"]) > 45 or not data["title"].strip():
        found.append(f"title {data['title']!r}")
    if not 1 <= units(data["custom_id"]) <= 100:
        found.append("custom_id of the modal")
    if any(c["type"] == INPUT and "label" in c for c in everything):
        found.append("a text input's label beside Label's")
    for c in everything:
        found += _component_problems(c)
    found += _ids(everything)
    return found


def _schema(name: str, value: object) -> Iterator[str]:
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        yield "a lone surrogate"
    for error in _validator(name).iter_errors(value):
        yield f"{name} {error.json_path}: {error.message[:200]}"


if __name__ == "__main__":
    with Path(sys.argv[1]).open(encoding="utf-8") as source:
        cut_out = cut_schema(json.load(source))
    SCHEMA.write_text(json.dumps(cut_out, indent=1) + "\n", "utf-8")
    print(f"{SCHEMA}: {len(cut_out['$defs'])} schemas, {SCHEMA.stat().st_size:,} bytes")
