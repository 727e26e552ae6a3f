"""Slack's limits that span fields: lengths, counts, ids that must be unique, what fits where."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import slack_double_judge as judge
from slack_double_judge import Fault, Json

MESSAGE_ONLY = {"markdown", "table", "data_table", "file", "context_actions", "plan", "task_card", "carousel"}
VIEW_BYTES, METADATA_BYTES, TEXT = 250_000, 16_000, 40_000
PICKS = ("static_select", "multi_static_select", "radio_buttons", "checkboxes", "overflow")


def blocks(given: Any, at: str = "/blocks", *, view: bool = False) -> list[Fault]:
    """Shape first; where that is sound, every limit."""
    if faults := judge.shape("Blocks", given, at):
        return faults
    return list(_blocks(given, at, view))


def view(given: Any, at: str = "/view") -> list[Fault]:
    """A modal or a home tab."""
    if not isinstance(given, dict) or given.get("type") not in ("modal", "home"):
        return [(f"{at}/type", 'must be one of: ["modal", "home"]')]
    modal = given["type"] == "modal"
    # Slack reads null as absent, here only.
    given = {key: value for key, value in given.items() if value is not None}
    if faults := judge.shape("ModalView" if modal else "HomeView", given, at):
        return faults
    return [*_blocks(given["blocks"], f"{at}/blocks", True), *_frame(given, at)]


def metadata(given: Any) -> str:
    """Slack's word for what is wrong with a message's metadata, or nothing."""
    if given == {} or given is None:
        return ""
    if not isinstance(given, dict) or not isinstance(given.get("event_type"), str):
        return "invalid_metadata_format"
    if not isinstance(given.get("event_payload"), dict) or not given["event_type"]:
        return "invalid_metadata_format"
    return "metadata_too_large" if len(json.dumps(given)) > METADATA_BYTES else ""


def options(given: Json) -> list[Fault]:
    """What a block_suggestion is answered with."""
    if ("options" in given) == ("option_groups" in given):
        return [("", "one of options and option_groups is needed")]
    faults: list[Fault] = []
    for key in given:
        if key not in ("options", "option_groups"):
            faults.append(("", f"invalid additional property: {key}"))
    for at, each in _groups(given, ""):
        for index, option in enumerate(each):
            faults += judge.shape("PlainTextOption", option, f"{at}/{index}")
    return faults or list(_options(given, "", "external_select", least=0))


def _frame(given: Json, at: str) -> Iterator[Fault]:
    for key in ("title", "submit", "close"):
        if key in given:
            yield from _long(given[key]["text"], 24, f"{at}/{key}/text")
    for key, limit in (("callback_id", 255), ("external_id", 255), ("private_metadata", 3000)):
        yield from _long(given.get(key), limit, f"{at}/{key}", least=0)
    inputs = [each for each in given["blocks"] if each["type"] == "input"]
    if given["type"] == "modal" and inputs and "submit" not in given:
        yield at, "missing required field: submit"
    focused = [each for each in _everything(given["blocks"]) if each.get("focus_on_load")]
    if len(focused) > 1:
        yield f"{at}/blocks", "only one element can have focus_on_load"


def _everything(given: Any) -> Iterator[Json]:
    if isinstance(given, dict):
        yield given
        for each in given.values():
            yield from _everything(each)
    elif isinstance(given, list):
        for each in given:
            yield from _everything(each)


def _long(text: Any, limit: int, at: str, least: int = 1) -> Iterator[Fault]:
    if isinstance(text, str) and len(text) > limit:
        yield at, f"must be less than {limit + 1} characters"
    if isinstance(text, str) and len(text) < least:
        yield at, f"must be more than {least - 1} characters"


def _many(given: Any, limit: int, at: str, least: int = 1) -> Iterator[Fault]:
    if given is not None and len(given) > limit:
        yield at, f"no more than {limit} items allowed"
    if given is not None and len(given) < least:
        yield at, f"no fewer than {least} items allowed"


def _blocks(given: list[Json], at: str, in_view: bool) -> Iterator[Fault]:
    yield from _many(given, 100 if in_view else 50, at, least=0)
    seen: set[tuple[str, str]] = set()
    for index, block in enumerate(given):
        here = f"{at}/{index}"
        for key, each, place in [("block_id", block, here), *_elements(block, here)]:
            yield from _long(each.get(key), 255, f"{place}/{key}")
            # A form's values are told apart by block, so only a message needs one name for one thing.
            scope = f"{index}." if in_view and key == "action_id" else ""
            if each.get(key) and (key, scope + each[key]) in seen:
                yield f"{place}/{key}", f'`{key}` "{each[key]}" already exists for another element'
            seen.add((key, scope + each.get(key, "")))
        if in_view and block["type"] in MESSAGE_ONLY:
            yield f"{here}/type", f"unsupported type: {block['type']}"
        yield from _block(block, here)
        for _, each, place in _elements(block, here):
            if each["type"] == "file_input" and not in_view:
                yield f"{place}/type", "unsupported type: file_input"
            yield from _element(each, place)
    if sum(each["type"] == "table" for each in given) > 1:
        yield at, "only_one_table_allowed"
    if sum(len(each["text"]) for each in given if each["type"] == "markdown") > 12_000:
        yield at, "must be less than 12001 characters"


def _elements(block: Json, at: str) -> Iterator[tuple[str, Json, str]]:
    for key in ("element", "accessory"):
        if isinstance(block.get(key), dict):
            yield "action_id", block[key], f"{at}/{key}"
    if block["type"] in ("actions", "context_actions"):
        for index, each in enumerate(block["elements"]):
            yield "action_id", each, f"{at}/elements/{index}"


def _block(block: Json, at: str) -> Iterator[Fault]:
    match block["type"]:
        case "section":
            if "text" not in block and "fields" not in block:
                yield at, "missing required field: text"
            yield from _long((block.get("text") or {}).get("text"), 3000, f"{at}/text/text")
            yield from _many(block.get("fields"), 10, f"{at}/fields")
            for index, each in enumerate(block.get("fields") or ()):
                yield from _long(each["text"], 2000, f"{at}/fields/{index}/text")
        case "header":
            yield from _long(block["text"]["text"], 150, f"{at}/text/text")
        case "context":
            yield from _many(block["elements"], 10, f"{at}/elements")
            for index, each in enumerate(block["elements"]):
                yield from _long(each.get("text"), 3000, f"{at}/elements/{index}/text")
                yield from _image(each, f"{at}/elements/{index}")
        case "actions":
            yield from _many(block["elements"], 25, f"{at}/elements")
            for index, each in enumerate(block["elements"]):
                # The vendor's types allow it, the vendor's server does not (python-slack-sdk issue 1631).
                if each["type"].startswith("multi_"):
                    yield f"{at}/elements/{index}/type", f"unsupported type: {each['type']}"
        case "image":
            yield from _image(block, at)
            yield from _long((block.get("title") or {}).get("text"), 2000, f"{at}/title/text")
        case "input":
            yield from _long(block["label"]["text"], 2000, f"{at}/label/text")
            yield from _long((block.get("hint") or {}).get("text"), 2000, f"{at}/hint/text")
        case "table":
            yield from _many(block["rows"], 100, f"{at}/rows")
            for index, row in enumerate(block["rows"]):
                yield from _many(row, 20, f"{at}/rows/{index}")


def _image(each: Json, at: str) -> Iterator[Fault]:
    yield from _long(each.get("image_url"), 3000, f"{at}/image_url")
    yield from _long(each.get("alt_text"), 2000, f"{at}/alt_text")


def _element(each: Json, at: str) -> Iterator[Fault]:
    kind = each["type"]
    if kind == "button":
        yield from _long(each["text"]["text"], 75, f"{at}/text/text")
        yield from _long(each.get("value"), 2000, f"{at}/value", least=0)
        yield from _long(each.get("url"), 3000, f"{at}/url")
        yield from _long(each.get("accessibility_label"), 75, f"{at}/accessibility_label")
    yield from _image(each, at)
    yield from _long((each.get("placeholder") or {}).get("text"), 150, f"{at}/placeholder/text")
    if confirm := each.get("confirm"):
        for key, limit in (("title", 100), ("text", 300), ("confirm", 30), ("deny", 30)):
            yield from _long((confirm.get(key) or {}).get("text"), limit, f"{at}/confirm/{key}/text")
    if kind in PICKS:
        if "options" not in each and "option_groups" not in each:
            yield at, "missing required field: options"
        yield from _options(each, at, kind)
    if kind == "plain_text_input":
        low, high = each.get("min_length", 0), each.get("max_length", 3000)
        if not 1 <= high <= 3000:
            yield f"{at}/max_length", "must be between 1 and 3000"
        if not 0 <= low <= high:
            yield f"{at}/min_length", "must be between 0 and max_length"
        yield from _long(each.get("initial_value"), high, f"{at}/initial_value", least=0)
    if kind == "file_input" and not 1 <= each.get("max_files", 10) <= 10:
        yield f"{at}/max_files", "must be between 1 and 10"
    if each.get("max_selected_items") is not None and each["max_selected_items"] < 1:
        yield f"{at}/max_selected_items", "must be greater than 0"


def _groups(given: Json, at: str) -> Iterator[tuple[str, list[Json]]]:
    if "options" in given:
        yield f"{at}/options", given["options"]
    for index, group in enumerate(given.get("option_groups") or ()):
        yield f"{at}/option_groups/{index}/options", group["options"]


def _options(each: Json, at: str, kind: str, least: int = 1) -> Iterator[Fault]:
    limit = {"overflow": 5, "radio_buttons": 10, "checkboxes": 10}.get(kind, 100)
    every: list[Json] = []
    yield from _many(each.get("option_groups"), 100, f"{at}/option_groups", least)
    for index, group in enumerate(each.get("option_groups") or ()):
        yield from _long(group["label"]["text"], 75, f"{at}/option_groups/{index}/label/text")
    for place, group in _groups(each, at):
        yield from _many(group, limit, place, least)
        every += group
        for index, option in enumerate(group):
            yield from _long(option["text"]["text"], 75, f"{place}/{index}/text/text")
            yield from _long(option.get("value"), 150, f"{place}/{index}/value", least=0)
            about = option.get("description") or {}
            yield from _long(about.get("text"), 75, f"{place}/{index}/description/text")
            if option.get("url") and kind != "overflow":
                yield f"{place}/{index}/url", "only an overflow menu has urls"
    if len({option.get("value") for option in every}) < len(every):
        yield at, "option values must be unique"
    first = [each["initial_option"]] if each.get("initial_option") else each.get("initial_options") or []
    for option in first:
        if option not in every:
            key = "initial_option" if each.get("initial_option") else "initial_options"
            yield f"{at}/{key}", "must be one of the options"
    if len(first) > each.get("max_selected_items", 100):
        yield f"{at}/initial_options", "more than max_selected_items"
