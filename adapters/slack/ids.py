"""Action <-> action_id. An action_id is the action itself, so a press works after a restart. Pure.

Behind the action may stand one ending, "§" and at least one of these, in this order:

- a number: ids must be unique in a message, and two buttons may have one action;
- "r": the press belongs to the message it is made on: its reply takes that message's place (pages that turn,
  boxes that are ticked), and a form that it opens is the presser's own (the one to be corrected).

An action that ends like that by itself gets "§1", so that taking one ending off always gives the action back.
A delivery's key does not stand here: it goes into the message's metadata (``metadata_for``, ``key_in``).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from adapters.slack import limits

ENDING = re.compile(r"§(?=[\dr])([0-9]*)(r?)\Z")
ANY_ACTION = ""
"""The action of a select whose options are whole actions: what buttons become where there are too many."""
EVENT_TYPE = "starling_delivery"


def unique(raw: str, taken: set[str], *, replaces: bool = False, most: int = limits.ACTION_ID) -> str | None:
    """``raw`` as an id that is not in ``taken``, and now is; None when it cannot be one.

    ``replaces`` marks it so, if there is room for the mark. Without room the reply comes as a message of its own.
    """
    if any("\ud800" <= c <= "\udfff" or c < " " for c in raw):
        return None
    if replaces and (marked := _unique(raw, taken, "r", most)) is not None:
        return marked
    return _unique(raw, taken, "", most)


def _unique(raw: str, taken: set[str], mark: str, most: int) -> str | None:
    plain = bool(raw) and not ENDING.search(raw)
    found = raw if plain and not mark else f"{raw}§{'' if plain else 1}{mark}"
    number = 2
    while found in taken:
        found = f"{raw}§{number}{mark}"
        number += 1
    if len(found.encode("utf-16-le")) // 2 > most:
        return None
    taken.add(found)
    return found


def original(raw_id: str) -> str:
    """What ``unique`` was given."""
    return ENDING.sub("", raw_id)


def replaces(raw_id: str) -> bool:
    """Whether the reply to this press takes the place of the message it was pressed on."""
    found = ENDING.search(raw_id)
    return bool(found and found[2])


def action_of(pressed: Mapping[str, Any]) -> str:
    """The action of a pressed button or a used select: ``pressed`` is an entry of a payload's ``actions``."""
    action = original(str(pressed.get("action_id") or ""))
    if pressed.get("type") == "static_select":
        chosen = pressed.get("selected_option") or {}
        return action + original(str(chosen.get("value") or ""))
    return action


# --- a delivery's key, in a message's metadata ----------------------------------------


def metadata_for(key: str) -> dict[str, Any] | None:
    """The metadata of a message sent for the delivery ``key``; None for a message that is none's."""
    return {"event_type": EVENT_TYPE, "event_payload": {"key": key}} if key else None


def key_in(message: Mapping[str, Any]) -> str:
    """The key of the delivery that ``message`` was sent for, as Slack gives it back; "" for any other."""
    metadata = message.get("metadata") or {}
    if metadata.get("event_type") != EVENT_TYPE:
        return ""
    return str((metadata.get("event_payload") or {}).get("key") or "")
