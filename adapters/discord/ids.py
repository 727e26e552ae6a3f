"""Action <-> custom_id. A custom_id is the action itself, so a press works after a restart. Pure.

Ids must be unique in a message. The second button with an action gets "§2" behind it, and an action that ends
like that by itself gets "§1", so that taking one such ending off always gives the action back.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from adapters.discord import limits

ENDING = re.compile(r"§\d+\Z")
STRING_SELECT = 3
ANY_ACTION = ""
"""The action of a select whose options are whole actions: what buttons become where there are too many."""


def unique(raw: str, taken: set[str]) -> str | None:
    """``raw`` as an id that is not in ``taken``, and now is; None when it cannot be one."""
    if any("\ud800" <= c <= "\udfff" or c < " " for c in raw):
        return None
    found = raw if raw and not ENDING.search(raw) else f"{raw}§1"
    number = 2
    while found in taken:
        found = f"{raw}§{number}"
        number += 1
    if len(found.encode("utf-16-le")) // 2 > limits.CUSTOM_ID:
        return None
    taken.add(found)
    return found


def original(custom_id: str) -> str:
    """What ``unique`` was given."""
    return ENDING.sub("", custom_id)


def action_of(data: Mapping[str, Any]) -> str:
    """The action of a pressed button or a used select: ``data`` is the interaction's data."""
    action = original(str(data.get("custom_id", "")))
    if data.get("component_type") == STRING_SELECT:
        chosen = data.get("values") or ()
        return action + (original(str(chosen[0])) if chosen else "")
    return action
