"""What Discord would refuse, and in its own words: the local double's judge of request bodies.

Two judges in one call. Discord's OpenAPI document (tests/data/discord/rest.schema.json) knows shapes, enums
and lengths; ``cross_field`` knows what that document cannot say: that a Components V2 message has no content,
that ids are unique in one message, that a form box has its place. Both answer with (path, code, text).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator, ValidationError
from jsonschema.validators import extend

SCHEMA = Path(__file__).parent / "data" / "discord" / "rest.schema.json"
V2, EPHEMERAL = 1 << 15, 1 << 6
V2_ONLY = {9, 10, 11, 12, 13, 14, 17}
SELECTS = {3, 5, 6, 7, 8}
CALLBACKS = {
    4: "CreateMessageInteractionCallbackRequest",
    5: "CreateMessageInteractionCallbackRequest",
    6: "UpdateMessageInteractionCallbackRequest",
    7: "UpdateMessageInteractionCallbackRequest",
    8: "ApplicationCommandAutocompleteCallbackRequest",
    9: "ModalInteractionCallbackRequest",
}
FILE_LIMIT = 10 * 1024 * 1024
COMMAND_NAME = re.compile(r"[-_'\w]{1,32}")

Json = dict[str, Any]
Fault = tuple[tuple[str | int, ...], str, str]


@cache
def _defs() -> dict[str, Json]:
    loaded: dict[str, Json] = json.loads(SCHEMA.read_text(encoding="utf-8"))["$defs"]
    return loaded


@cache
def _types_of(name: str) -> frozenset[int]:
    return frozenset(_defs()[name].get("properties", {}).get("type", {}).get("enum", ()))


def _union(validator: Any, branches: list[Json], instance: Any, schema: Json) -> Iterator[Any]:
    """A union of components or options: judge by the branch its ``type`` names, as Discord does (and fast)."""
    if (
        instance is not None
        and (typed := [each for each in branches if each != {"type": "null"}]) != branches
    ):
        if len(typed) == 1:
            yield from validator.descend(instance, typed[0])
            return
        branches = typed
    names = [branch.get("$ref", "").rpartition("/")[2] for branch in branches]
    if isinstance(instance, dict) and all(name and _types_of(name) for name in names):
        for name, branch in zip(names, branches, strict=True):
            if instance.get("type") in _types_of(name):
                yield from validator.descend(instance, branch)
                return
        yield _wrong(f'Value of field "type" must be one of {sorted(set().union(*map(_types_of, names)))}.')
        return
    if not any(validator.evolve(schema=branch).is_valid(instance) for branch in branches):
        yield _wrong(f"{json.dumps(instance)[:80]} fits none of the {len(branches)} shapes allowed here")


def _wrong(text: str) -> ValidationError:
    return ValidationError(text)


CODES = {
    "maxLength": "BASE_TYPE_MAX_LENGTH",
    "minLength": "BASE_TYPE_MIN_LENGTH",
    "maxItems": "BASE_TYPE_MAX_LENGTH",
    "minItems": "BASE_TYPE_MIN_LENGTH",
    "required": "BASE_TYPE_REQUIRED",
    "enum": "BASE_TYPE_CHOICES",
    "minimum": "NUMBER_TYPE_MIN",
    "maximum": "NUMBER_TYPE_MAX",
}


@cache
def _validator(name: str) -> Any:
    judge: Any = extend(  # type: ignore[no-untyped-call]
        Draft202012Validator, {"oneOf": _union, "anyOf": _union}
    )
    return judge({"$defs": _defs(), "$ref": f"#/$defs/{name}"})


def shape(name: str, body: Any) -> list[Fault]:
    """What the OpenAPI document says against this body."""
    found = []
    for error in _validator(name).iter_errors(body):
        text = error.message if len(error.message) < 200 else "... " + error.message[-160:]
        found.append(
            (tuple(error.absolute_path), CODES.get(str(error.validator), "UNION_TYPE_CHOICES"), text)
        )
    return found


def walk(
    components: Any, at: tuple[str | int, ...] = ("components",)
) -> Iterator[tuple[tuple[str | int, ...], Json]]:
    """Every component with its path, nested ones and accessories included."""
    for index, each in enumerate(components or ()):
        here = (*at, index)
        yield here, each
        yield from walk(each.get("components"), (*here, "components"))
        for key in ("accessory", "component"):
            if each.get(key):
                yield (*here, key), each[key]


def message(body: Json, *, kept: Json | None = None, files: dict[str, bytes] | None = None) -> list[Fault]:
    """The cross-field rules of a message; ``kept`` is the message that is being edited."""
    return list(_message(body, kept, files or {}))


def _message(body: Json, kept: Json | None, files: dict[str, bytes]) -> Iterator[Fault]:
    named = body.get("allowed_mentions") or {}
    for key in ("users", "roles"):
        if named.get(key) and key in named.get("parse", ()):
            yield ("allowed_mentions",), "MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE", f"{key} both ways"
    v2 = bool(((body.get("flags") or 0) | ((kept or {}).get("flags") or 0)) & V2)
    if v2:
        for key in ("content", "embeds", "poll", "sticker_ids"):
            if body.get(key):
                code = "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2"
                yield (
                    (key,),
                    code,
                    f"The '{key}' field cannot be used when using MessageFlags.IS_COMPONENTS_V2",
                )
        if kept and not kept["flags"] & V2 and (kept.get("content") or kept.get("embeds")):
            for key in ("content", "embeds"):
                if kept.get(key) and key not in body:
                    yield (
                        (key,),
                        "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2",
                        f"{key} must be cleared",
                    )
    elif len(body.get("content") or "") > 2000:
        yield ("content",), "BASE_TYPE_MAX_LENGTH", "Must be 2000 or fewer in length."
    total = sum(_embed_length(embed) for embed in body.get("embeds") or ())
    if total > 6000:
        yield ("embeds",), "MAX_EMBED_SIZE_EXCEEDED", f"Embeds hold {total} characters of 6000"
    yield from _components(body.get("components") or [], v2=v2)
    attached = {str(each.get("filename")) for each in body.get("attachments") or ()} | set(files)
    attached |= {str(each["filename"]) for each in (kept or {}).get("attachments", ())}
    for at, each in walk(body.get("components")):
        for media in [
            each.get("media"),
            each.get("file"),
            *(item["media"] for item in each.get("items") or ()),
        ]:
            url = (media or {}).get("url", "")
            if url.startswith("attachment://") and url.removeprefix("attachment://") not in attached:
                yield at, "REFERENCED_ATTACHMENT_NOT_FOUND", f"{url} is not among the files"
    if len(files) > 10:
        yield ("attachments",), "BASE_TYPE_MAX_LENGTH", "10 files at most"
    for name, data in files.items():
        if len(data) > FILE_LIMIT:
            yield (
                ("attachments",),
                "REQUEST_ENTITY_TOO_LARGE",
                f"{name} has {len(data)} bytes of {FILE_LIMIT}",
            )


def _embed_length(embed: Json) -> int:
    texts = [embed.get("title"), embed.get("description"), (embed.get("footer") or {}).get("text")]
    texts.append((embed.get("author") or {}).get("name"))
    texts += [field.get(key) for field in embed.get("fields") or () for key in ("name", "value")]
    return sum(len(text or "") for text in texts)


def _components(components: list[Json], *, v2: bool) -> Iterator[Fault]:
    every = list(walk(components))
    if v2 and len(every) > 40:
        yield ("components",), "COMPONENT_MAX_TOTAL_COMPONENTS_EXCEEDED", f"{len(every)} components of 40"
    if v2 and (text := sum(len(each.get("content", "")) for _, each in every if each["type"] == 10)) > 4000:
        yield ("components",), "COMPONENT_DISPLAYABLE_TEXT_SIZE_EXCEEDED", f"{text} characters of 4000"
    if not v2 and len(components) > 5:
        yield ("components",), "BASE_TYPE_BAD_LENGTH", "Must be between 1 and 5 in length."
    yield from _unique(every)
    for at, each in every:
        if each["type"] in V2_ONLY and not v2:
            yield at, "UNION_TYPE_CHOICES", f"Component {each['type']} needs MessageFlags.IS_COMPONENTS_V2"
        if len(at) == 2 and each["type"] in {2, 11, *SELECTS}:
            yield at, "UNION_TYPE_CHOICES", "must stand in an action row or a section"
        inner = [child["type"] for child in each.get("components") or ()] if each["type"] == 1 else []
        if any(kind in SELECTS for kind in inner) and len(inner) > 1:
            yield at, "COMPONENT_LAYOUT_WIDTH_EXCEEDED", "A select fills its row"
        if each["type"] == 2:
            yield from _button(at, each)
        if each["type"] in SELECTS:
            yield from _choice(at, each)


def _unique(every: list[tuple[tuple[str | int, ...], Json]]) -> Iterator[Fault]:
    for key, code in (("custom_id", "COMPONENT_CUSTOM_ID_DUPLICATED"), ("id", "COMPONENT_ID_DUPLICATED")):
        seen: set[Any] = set()
        for at, each in every:
            if each.get(key) and each[key] in seen:
                yield (*at, key), code, f"Component {key} {each[key]!r} cannot be duplicated"
            seen.add(each.get(key))


def _button(at: tuple[str | int, ...], button: Json) -> Iterator[Fault]:
    style, custom_id = button.get("style"), button.get("custom_id")
    if style == 5 and (custom_id or not button.get("url")):
        yield at, "BUTTON_COMPONENT_URL_REQUIRED", "A link has a url and no custom_id"
    if style in (1, 2, 3, 4) and (not custom_id or button.get("url")):
        yield at, "BUTTON_COMPONENT_CUSTOM_ID_REQUIRED", "A button has a custom_id and no url"
    if style != 6 and not button.get("label") and not button.get("emoji"):
        yield at, "BUTTON_COMPONENT_INVALID", "A button has a label or an emoji"


def _choice(at: tuple[str | int, ...], each: Json) -> Iterator[Fault]:
    options = each.get("options")
    chosen = each.get("default_values") or ()
    low, high = each.get("min_values"), each.get("max_values")
    low, high = 1 if low is None else low, 1 if high is None else high
    if low > high:
        yield at, "SELECT_COMPONENT_MIN_VALUES_EXCEED_MAX", f"min_values {low} above max_values {high}"
    if len(chosen) > high:
        yield at, "SELECT_COMPONENT_DEFAULT_TOO_MANY", f"{len(chosen)} default_values of {high}"
    own = {5: "user", 6: "role", 8: "channel"}.get(each["type"])
    if own and any(value["type"] != own for value in chosen):
        yield at, "SELECT_COMPONENT_DEFAULT_VALUE_TYPE_INVALID", f"a default of another type than {own}"
    if options is None:
        return
    if high > len(options):
        yield at, "SELECT_COMPONENT_MAX_VALUES_TOO_LARGE", f"max_values {high} of {len(options)} options"
    if len({option["value"] for option in options}) < len(options):
        yield at, "SELECT_COMPONENT_OPTION_VALUE_DUPLICATED", "Option values must be unique"
    if sum(bool(option.get("default")) for option in options) > high:
        yield at, "SELECT_COMPONENT_DEFAULT_TOO_MANY", f"more than {high} defaults"


def modal(data: Json) -> list[Fault]:
    """The cross-field rules of a form."""
    faults: list[Fault] = list(_unique(list(walk(data["components"]))))
    if len(data["components"]) > 5:
        faults.append((("components",), "BASE_TYPE_BAD_LENGTH", "Must be between 1 and 5 in length."))
    for at, each in walk(data["components"]):
        low, high = each.get("min_length") or 0, each.get("max_length") or 4000
        if each["type"] == 4 and (low > high or len(each.get("value") or "") > high):
            faults.append(
                (at, "BASE_TYPE_BAD_LENGTH", f"{low} to {high} characters, value {each.get('value')!r:.40}")
            )
        if each["type"] == 4 and at[-1] != "component" and not each.get("label"):
            faults.append(((*at, "label"), "BASE_TYPE_REQUIRED", "This field is required"))
        if each["type"] in {*SELECTS, 21, 22}:
            limits = {"max_values": len(each.get("options") or ())} if each["type"] == 22 else {}
            faults += _choice(at, {**limits, **{k: v for k, v in each.items() if v is not None}})
    return faults


def commands(bodies: list[Json]) -> list[Fault]:
    """The cross-field rules of a whole command tree."""
    faults: list[Fault] = []
    seen: set[tuple[int, str]] = set()
    for index, each in enumerate(bodies):
        kind = each.get("type") or 1
        if (kind, each["name"]) in seen:
            faults.append(((index, "name"), "APPLICATION_COMMANDS_DUPLICATE_NAME", "names must be unique"))
        seen.add((kind, each["name"]))
        if kind == 1:
            faults += _names(each, (index,))
            if (size := _size(each)) > 8000:
                faults.append(((index,), "APPLICATION_COMMAND_TOO_LARGE", f"{size} characters of 8000"))
    for kind, limit in ((1, 100), (2, 15), (3, 15)):
        if sum(one == kind for one, _ in seen) > limit:
            faults.append(((), "APPLICATION_COMMANDS_EXCEEDED", f"more than {limit} commands of type {kind}"))
    return faults


def _names(each: Json, at: tuple[str | int, ...]) -> Iterator[Fault]:
    if not COMMAND_NAME.fullmatch(each["name"]) or each["name"] != each["name"].lower():
        yield (*at, "name"), "APPLICATION_COMMAND_INVALID_NAME", f"Command name is invalid: {each['name']!r}"
    if not each.get("description"):
        yield (*at, "description"), "BASE_TYPE_REQUIRED", "This field is required"
    options = each.get("options") or []
    if len({option["name"] for option in options}) < len(options):
        yield (*at, "options"), "APPLICATION_COMMAND_OPTIONS_NAME_INVALID", "option names must be unique"
    needed = [bool(option.get("required")) for option in options]
    if needed != sorted(needed, reverse=True):
        yield (*at, "options"), "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID", "required options come first"
    for index, option in enumerate(options):
        if option.get("choices") and option.get("autocomplete"):
            yield (
                (*at, "options", index),
                "APPLICATION_COMMAND_OPTION_AUTOCOMPLETE",
                "choices or autocomplete",
            )
        yield from _names(option, (*at, "options", index))


def _size(each: Json) -> int:
    own = len(each["name"]) + len(each.get("description") or "")
    own += sum(len(c["name"]) + len(str(c["value"])) for c in each.get("choices") or ())
    return own + sum(_size(option) for option in each.get("options") or ())
