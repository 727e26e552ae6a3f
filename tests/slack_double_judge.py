"""What Slack would refuse, and in its own words: the shapes of arguments, blocks and views.

Block Kit's schema and the arguments of every method stand in tests/data/slack-api (see NOTICE there); limits that
span fields are in slack_double_limits.py. Every judge answers with (pointer, words), as Slack puts them together:
``no more than 25 items allowed [json-pointer:/blocks/1/elements]``.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft7Validator, ValidationError
from jsonschema.validators import extend

DATA = Path(__file__).parent / "data" / "slack-api"
Json = dict[str, Any]
Fault = tuple[str, str]

# What slack_sdk sends and Slack takes, though the derived list spells it otherwise.
ALSO = {"files.getUploadURLExternal": {"alt_txt"}, "files.completeUploadExternal": {"channels"}}
KINDS: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "number": (int, float),
    "boolean": (bool,),
    "object": (dict,),
    "array": (list,),
}


@cache
def _schema() -> Json:
    loaded: Json = json.loads((DATA / "blockkit.schema.json").read_text(encoding="utf-8"))
    return loaded


@cache
def _methods() -> Json:
    loaded: Json = json.loads((DATA / "webapi_args.json").read_text(encoding="utf-8"))
    return loaded


def _leaves(branches: list[Json]) -> Iterator[Json]:
    """The branches of a union, unions inside it opened."""
    for branch in branches:
        name = branch.get("$ref", "").rpartition("/")[2]
        meant = _schema()["definitions"][name] if name else branch
        if "anyOf" in meant:
            yield from _leaves(meant["anyOf"])
        elif "$ref" in meant:
            yield from _leaves([meant])
        else:
            yield meant


def _type(leaf: Json) -> Any:
    return leaf.get("properties", {}).get("type", {}).get("const")


def _union(validator: Any, branches: list[Json], instance: Any, schema: Json) -> Iterator[Any]:
    """Judge by the branch that ``type`` names, as Slack does; among equals by the one that fits best."""
    leaves = list(_leaves(branches))
    if isinstance(instance, dict) and all(_type(leaf) for leaf in leaves):
        leaves = [leaf for leaf in leaves if _type(leaf) == instance.get("type")]
        if not leaves:
            word = "missing required field: type"
            kind = instance.get("type")
            yield ValidationError(
                f"unsupported type: {kind}" if kind else word, path=["type"] if kind else []
            )
            return
    found = [list(validator.descend(instance, leaf)) for leaf in leaves]
    yield from min(found, key=len)


def _words(error: Any) -> Iterator[str]:
    given, wanted = error.instance, error.validator_value
    match error.validator:
        case "required":
            yield from (f"missing required field: {each}" for each in wanted if each not in given)
        case "additionalProperties":
            known = error.schema.get("properties", {})
            yield from (f"invalid additional property: {each}" for each in given if each not in known)
        case "type":
            yield f"must be a {wanted}"
        case "enum" | "const":
            yield f"must be one of: {json.dumps(wanted)}"
        case _:
            yield error.message


_Validator: Any = extend(Draft7Validator, {"anyOf": _union})  # type: ignore[no-untyped-call]


@cache
def _validator(name: str) -> Any:
    return _Validator({"$ref": f"#/definitions/{name}", "definitions": _schema()["definitions"]})


def pointer(path: Any) -> str:
    return "".join(f"/{each}" for each in path)


def shape(name: str, value: Any, at: str) -> list[Fault]:
    """The shape of ``Blocks``, ``ModalView``, ``HomeView`` or any other definition."""
    faults: dict[Fault, None] = {}
    for error in _validator(name).iter_errors(value):
        for words in _words(error) if error.validator else [error.message]:
            faults[at + pointer(error.absolute_path), words] = None
    return list(faults)


def read(method: str, given: Json) -> Json:
    """The arguments as values: what a form says in strings becomes numbers, booleans, lists, objects."""
    kinds: dict[str, set[str]] = {}
    for branch in _methods().get(method, {}).get("branches", ()):
        for key, each in branch.items():
            kinds.setdefault(key, set()).update(each["t"])
    made: Json = {}
    for key, value in given.items():
        if isinstance(value, str) and (wanted := kinds.get(key, set())) and "string" not in wanted:
            if wanted == {"boolean"}:
                value = {"1": True, "true": True, "0": False, "false": False}.get(value.lower(), value)
            else:
                with suppress(ValueError):
                    value = json.loads(value)
        made[key] = value
    return made


def arguments(method: str, given: Json) -> list[Fault]:
    """Required, forbidden and mistyped arguments, by the combination that fits best."""
    found = [list(_against(branch, given)) for branch in _methods()[method]["branches"]]
    return min(found, key=len)


def unknown(method: str, given: Json) -> list[str]:
    """Arguments Slack would pass over in silence: nearly always a mistake of ours."""
    known = {key for branch in _methods()[method]["branches"] for key in branch}
    return [key for key in given if key not in known | ALSO.get(method, set()) | {"token", "team_id"}]


def _against(branch: Json, given: Json) -> Iterator[Fault]:
    for key, each in branch.items():
        value = given.get(key)
        if value is None:
            if not each["opt"]:
                yield "", f"missing required field: {key}"
        elif not each["t"]:
            yield f"/{key}", "cannot stand with these other arguments"
        elif not any(_is(value, kind) for kind in each["t"]):
            yield f"/{key}", f"must be a {' or '.join(each['t'])}"
        elif "enum" in each and value not in each["enum"]:
            yield f"/{key}", f"must be one of: {json.dumps(each['enum'])}"
    for key in ("text", "blocks", "attachments", "markdown_text"):
        if given.get(key) is not None and key not in branch:
            yield f"/{key}", "cannot stand with these other arguments"


def _is(value: Any, kind: str) -> bool:
    return isinstance(value, KINDS[kind]) and (kind == "boolean" or not isinstance(value, bool))


def said(faults: list[Fault]) -> list[str]:
    """In Slack's words."""
    return [f"{words} [json-pointer:{at}]" if at else words for at, words in faults]
