"""From the findings of jsonschema to problems that name the line and the fix."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from importlib import resources
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from core.packs.document import Document, shown
from core.packs.locate import Path
from core.packs.problems import Problem
from core.packs.suggest import did_you_mean, nearest

if TYPE_CHECKING:
    from jsonschema.exceptions import ValidationError
    from jsonschema.protocols import Validator

PACK_SCHEMA: Final = "practice-pack-1.schema.json"
RUBRICS_SCHEMA: Final = "practice-rubrics-1.schema.json"

#: More than this from one file help nobody, and a hostile file could have a hundred thousand.
MOST: Final = 200

_KINDS = {
    "string": "text in quotation marks",
    "array": "a list in square brackets",
    "object": "a table",
    "integer": "a whole number",
    "boolean": "true or false",
}
_SLUG = "has other characters than small letters, digits and single hyphens between them"
_PATTERNS = {
    r"^[a-z0-9]+(-[a-z0-9]+)*$": _SLUG,
    r"^https?://[^\s]+$": "is no web address; it begins with https:// (or http://) and has no blanks",
    r"^\d+\.\d+\.\d+$": 'is no version; write three numbers with dots, as in "1.0.0"',
    r"^[a-z]{2,3}(-[A-Z]{2})?$": 'is no language; write "en", or "pt-BR" with a country',
    r"^\d{4}-\d{2}-\d{2}$": "is no date; write year, month and day, as in 2026-11-22",
    r"^([STAR]|[1-9]|[+])$": 'is no step; write "S", "T", "A" or "R", a digit from "1", or "+" for the whole',
    r"^[AB][0-9]{2}$": 'is no row of the coverage table; write "A01" or "B27"',
}
_WHY = {"ask": " (it stands on a button)", "label": " (it stands beside a checkbox)"}
_ADD = {
    "pack": "a table [pack]",
    "prompt": "a table [[prompt]]",
    "rubric": "a table [[rubric]]",
    "items": "items = [...]",
}
_LENGTHS = {
    "maxLength": "characters",
    "minLength": "characters",
    "maxItems": "entries",
    "minItems": "entries",
}


@cache
def validator(schema: str) -> Validator:
    """The checker for one of our schema files. jsonschema is loaded here, not when packs are only read."""
    import json

    from jsonschema import Draft202012Validator, validators

    # jsonschema takes 1.0 for an integer and quadratic time over a list of mixed kinds; we take neither.
    types = Draft202012Validator.TYPE_CHECKER.redefine("integer", lambda _, value: type(value) is int)
    strict: Any = validators.extend(  # type: ignore[no-untyped-call]
        Draft202012Validator, {"uniqueItems": _unique}, type_checker=types
    )
    text = resources.files("core.packs").joinpath(schema).read_text("utf-8")
    made: Validator = strict(json.loads(text))
    return made


def against_schema(document: Document, schema: str) -> list[Problem]:
    """What the schema has against the document: at most one problem more than ``MOST``."""
    errors = validator(schema).iter_errors(document.data)
    return list(islice((problem for error in errors for problem in _said(document, error)), MOST + 1))


def _unique(_: Validator, wanted: bool, instance: Any, __: Any) -> Iterator[ValidationError]:
    from jsonschema.exceptions import ValidationError

    if wanted and isinstance(instance, list):
        seen: set[str] = set()
        for index, item in enumerate(instance):
            if isinstance(item, str) and item in seen:
                yield ValidationError("twice", path=[index])
            elif isinstance(item, str):
                seen.add(item)


def _said(document: Document, error: ValidationError) -> Iterator[Problem]:
    path: Path = tuple(error.absolute_path)
    rule = str(error.validator)
    wanted: Any = error.validator_value
    value: Any = error.instance
    if rule == "additionalProperties":
        yield from _unknown_keys(document, path, error)
    elif rule == "required":
        yield from _missing_keys(document, path, error)
    elif rule == "type":
        yield document.problem(path, _wrong_kind(path, str(wanted), value))
    elif rule == "enum":
        noun = next((step for step in reversed(path) if isinstance(step, str)), "value")
        yield document.problem(path, f"{shown(value)} is no {noun}{did_you_mean(str(value), wanted)}")
    elif rule == "const":
        yield document.problem(
            path, f'{shown(value)} is no format that is read here; write format = "{wanted}"'
        )
    elif rule == "pattern":
        yield document.problem(
            path, f"{shown(value)} {_PATTERNS.get(str(wanted), 'is not written as it should be')}"
        )
    elif rule in _LENGTHS:
        yield document.problem(path, _wrong_length(path, rule, int(wanted), value))
    elif rule in {"minimum", "maximum"}:
        bound = "at least" if rule == "minimum" else "at most"
        yield document.problem(path, f"{shown(value)} is out of range; {bound} {wanted}")
    elif rule == "uniqueItems":
        twice = value[path[-1]]
        first = value.index(twice) + 1
        yield document.problem(path, f"{shown(twice)} is in the list already, as item {first}; keep one")
    else:  # a rule that a schema of ours does not use today
        yield document.problem(path, f"{shown(value)} is not allowed here ({rule})")


def _unknown_keys(document: Document, path: Path, error: ValidationError) -> Iterator[Problem]:
    schema: Any = error.schema
    table: Any = error.instance
    known = schema["properties"]
    for key in table:
        if key in known or key.startswith("x-"):
            continue
        said = "" if nearest(key, known) else _elsewhere(document, path, key)
        yield document.problem((*path, key), said or f"there is no such key{did_you_mean(key, known)}")


def _elsewhere(document: Document, path: Path, key: str) -> str:
    """For a key that is right in another table: TOML gives every key to the last [table] above it."""
    if "pack" not in document.data:
        return ""
    schema: Any = validator(PACK_SCHEMA).schema
    homes = [(schema["properties"], "the top of the file")] if path else []
    if path != ("pack",) and len(path) < 2:
        homes.append((schema["properties"]["pack"]["properties"], "[pack]"))
    if path[:1] == ("prompt",) and len(path) > 2:
        above = f"the prompt itself, above its first [[prompt.{path[2]}]]"
        homes.append((schema["$defs"]["prompt"]["properties"], above))
    for names, home in homes:
        if name := nearest(key, names):
            return f"there is no such key here; {name!r} belongs to {home}: move it there"
    return ""


def _missing_keys(document: Document, path: Path, error: ValidationError) -> Iterator[Problem]:
    """The missing key, unless a misspelling of it is there, of which something is said already."""
    schema: Any = error.schema
    table: Any = error.instance
    known = schema["properties"]
    # jsonschema finds each missing key by itself, and names it in its message alone.
    for key in schema["required"]:
        if not error.message.startswith(repr(key)):
            continue
        if any(name not in known and nearest(name, known) == key for name in islice(table, 50)):
            continue
        add = _ADD.get(key, f'{key} = "..."')
        if key == "format":
            add = f'{key} = "{known[key]["const"]}" at the top'
        yield document.problem(path, f"key {key!r} is missing; add {add}")


def _wrong_kind(path: Path, kind: str, value: Any) -> str:
    key = path[-1] if path else ""
    wrong = f"{shown(value)} is not {_KINDS.get(kind, kind)}"
    if kind == "array" and isinstance(value, str):
        return f"{wrong}; write {key} = [{shown(value)}]"
    if kind == "array" and isinstance(value, dict):
        return f"{wrong}; open it with [[{key}]], in two brackets"
    if kind == "integer" and isinstance(value, str) and value.strip().isdecimal():
        return f"{wrong}; write {key} = {int(value[:9])}, without quotation marks"
    if kind == "boolean" and isinstance(value, str):
        return f"{wrong}; write it without quotation marks"
    return wrong


def _wrong_length(path: Path, rule: str, bound: int, value: Any) -> str:
    what = _LENGTHS[rule]
    if rule == "minLength" and not value.strip():
        return "there is nothing in it"
    if rule == "minItems" and not value:
        return "the list is empty; give at least one entry"
    side = "at most" if rule.startswith("max") else "at least"
    why = _WHY.get(str(path[-1]), "") if rule == "maxLength" and path else ""
    return f"it has {len(value):,} {what}; {side} {bound:,} are allowed{why}"
