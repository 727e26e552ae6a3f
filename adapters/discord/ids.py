"""Action <-> custom_id. A custom_id is the action itself, so a press works after a restart. Pure.

Behind the action may stand one ending, "§" and at least one of these, in this order:

- a number: ids must be unique in a message, and two buttons may have one action;
- "r": the press belongs to the message it is made on: its reply takes that message's place (pages that turn,
  boxes that are ticked), and a form that it opens is the presser's own (the one to be corrected);
- "k" and the key of a delivery, by which the message is found again in its channel.

An action that ends like that by itself gets "§1", so that taking one ending off always gives the action back.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from adapters.discord import limits

ENDING = re.compile(r"§(?=[\drk])([0-9]*)(r?)(?:k([A-Za-z0-9._-]+))?\Z")
STRING_SELECT = 3
ANY_ACTION = ""
"""The action of a select whose options are whole actions: what buttons become where there are too many."""


def unique(raw: str, taken: set[str], *, replaces: bool = False) -> str | None:
    """``raw`` as an id that is not in ``taken``, and now is; None when it cannot be one.

    ``replaces`` marks it so, if there is room for the mark. Without room the reply comes as a message of its own.
    """
    if any("\ud800" <= c <= "\udfff" or c < " " for c in raw):
        return None
    if replaces and (marked := _unique(raw, taken, "r")) is not None:
        return marked
    return _unique(raw, taken, "")


def _unique(raw: str, taken: set[str], mark: str) -> str | None:
    plain = bool(raw) and not ENDING.search(raw)
    found = raw if plain and not mark else f"{raw}§{'' if plain else 1}{mark}"
    number = 2
    while found in taken:
        found = f"{raw}§{number}{mark}"
        number += 1
    if not _fits(found):
        return None
    taken.add(found)
    return found


def with_key(custom_id: str, key: str) -> str | None:
    """``custom_id``, which ``unique`` made, with a delivery's key; None when there is no room for it.

    It stays unique in its message as long as no other id there gets this key.
    """
    before = "" if ENDING.search(custom_id) else "§"
    found = f"{custom_id}{before}k{key}"
    return found if key and _fits(found) and delivery_key(found) == key else None


def _fits(custom_id: str) -> bool:
    return len(custom_id.encode("utf-16-le")) // 2 <= limits.CUSTOM_ID


def original(custom_id: str) -> str:
    """What ``unique`` was given."""
    return ENDING.sub("", custom_id)


def replaces(custom_id: str) -> bool:
    """Whether the reply to this press takes the place of the message it was pressed on."""
    found = ENDING.search(custom_id)
    return bool(found and found[2])


def delivery_key(custom_id: str) -> str:
    """The key of the delivery whose message this control stands in; "" on all controls but one of it."""
    found = ENDING.search(custom_id)
    return (found and found[3]) or ""


def action_of(data: Mapping[str, Any]) -> str:
    """The action of a pressed button or a used select: ``data`` is the interaction's data."""
    action = original(str(data.get("custom_id", "")))
    if data.get("component_type") == STRING_SELECT:
        chosen = data.get("values") or ()
        return action + (original(str(chosen[0])) if chosen else "")
    return action


# --- in a message's components ----------------------------------------


def carry(key: str, components: Sequence[dict[str, Any]]) -> None:
    """Put a delivery's key on the first control in ``components`` that has room for it.

    Without such a control the first component gets a number made of the key, which Discord keeps as well.
    """
    if not key or not components:
        return
    for control in controls_in(components):
        if found := with_key(control["custom_id"], key):
            control["custom_id"] = found
            return
    components[0]["id"] = _number_of(key)


def carries(key: str, components: Sequence[dict[str, Any]]) -> bool:
    """Whether the message with these components, as Discord gives them back, was sent with ``key``."""
    if any(delivery_key(c["custom_id"]) == key for c in controls_in(components)):
        return True
    return any(c.get("id") == _number_of(key) for c in components)


def _number_of(key: str) -> int:
    """A component id, far above those that Discord counts up by itself. Two keys share one once in 2**30."""
    return 1 << 30 | zlib.crc32(key.encode("utf-8", "replace")) & ((1 << 30) - 1)


def controls_in(components: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Everything with an id in a message's components, ours or as Discord gives them back, top to bottom."""
    for component in components:
        if component.get("custom_id"):
            yield component
        yield from controls_in(component.get("components") or ())
        if accessory := component.get("accessory"):
            yield from controls_in((accessory,))
