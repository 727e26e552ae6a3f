"""Registry -> Discord's application commands, and an interaction's data -> the command that was meant. Pure.

A path of two words is a subcommand, one of three a subcommand in a group. Discord asks for what it knows to be
required; an option that our own form asks for stays optional there, so that the form can ask.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from adapters.discord.modals import Uploaded
from core.commands import HELP_LIMIT, Allow, Command, Kind, Option, Registry

Json = dict[str, Any]

SLASH, MESSAGE_ACTION = 1, 3  # types of a command
SUB, GROUP, STRING, INTEGER, BOOLEAN, CHANNEL, ROLE, FILE = 1, 2, 3, 4, 5, 7, 8, 11  # types of an option
SERVER, BOT_DM, PRIVATE_CHANNEL = 0, 1, 2  # contexts
BY_SERVER, BY_PERSON = 0, 1  # installations
TEXT_CHANNEL, ANNOUNCEMENTS = 0, 5
MANAGE_SERVER = 1 << 5  # a number when we send it, a string when Discord does
STRING_LIMIT = 6000
INTEGER_LIMIT = (1 << 53) - 1
PERSONAL_AREAS = ("practice", "mine")

_TYPES = {
    Kind.NUMBER: INTEGER,
    Kind.YESNO: BOOLEAN,
    Kind.FILE: FILE,
    Kind.CHANNEL: CHANNEL,
    Kind.ROLE: ROLE,
}  # everything else is typed, and read by core.kinds


@dataclass(frozen=True, slots=True)
class Invoked:
    """What somebody asked for. ``path`` may name a command that is gone: Discord's menus can be older than we.

    ``values``: by option name; str, int or bool, ids as str, a file as ``Uploaded`` (its bytes still at its
    url). ``focused``: the option being typed, for autocomplete; ``values`` holds what is typed so far.
    ``target``: the message of a message action as Discord sent it; its text is also the LONG option's value.
    """

    path: str
    values: dict[str, object] = field(default_factory=dict)
    focused: str | None = None
    target: Json | None = None


class Tree:
    """The commands of a registry as Discord has them. Made once at start: a registry does not change."""

    def __init__(self, registry: Registry) -> None:
        self._actions = {c.message_action: c for c in registry if c.message_action}
        self.payload: list[Json] = [*_slash(registry.listed()), *map(_action, self._actions.values())]
        self.fingerprint = fingerprint(self.payload)

    def invoked(self, data: Mapping[str, Any]) -> Invoked:
        """What the ``data`` of an interaction of type 2 (command) or 4 (autocomplete) asks for. Never raises."""
        name = str(data.get("name", ""))
        resolved = data.get("resolved") or {}
        if data.get("type", SLASH) == MESSAGE_ACTION:
            return self._on_message(name, (resolved.get("messages") or {}).get(str(data.get("target_id"))))
        words, options = [name], data.get("options") or ()
        while options and options[0].get("type") in (SUB, GROUP):
            words.append(str(options[0].get("name", "")))
            options = options[0].get("options") or ()
        values = {str(each["name"]): _value(each, resolved) for each in options}
        focused = next((str(each["name"]) for each in options if each.get("focused")), None)
        return Invoked(" ".join(words), values, focused)

    def _on_message(self, name: str, message: Json | None) -> Invoked:
        command = self._actions.get(name)
        if command is None:
            return Invoked(name, target=message)
        text = str((message or {}).get("content") or "")
        taker = next((o for o in command.options if o.kind is Kind.LONG), None)
        return Invoked(command.path, {taker.name: text} if taker and text else {}, target=message)


def tree(registry: Registry) -> list[Json]:
    """The body of PUT /applications/{id}/commands. Its texts and counts were checked at declaration."""
    return Tree(registry).payload


def fingerprint(payload: Sequence[Mapping[str, Any]]) -> str:
    """64 hex digits that change when anything does that Discord is told."""
    canonical = json.dumps(payload, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(canonical.encode()).hexdigest()


def _value(option: Mapping[str, Any], resolved: Mapping[str, Any]) -> object:
    value = option.get("value", "")
    if option.get("type") == FILE:
        found = (resolved.get("attachments") or {}).get(str(value))
        if not found:
            return ""
        return Uploaded(str(found.get("filename", "")), str(found.get("url", "")), int(found.get("size", 0)))
    if option.get("type") in (CHANNEL, ROLE):
        return str(value)
    return value


# --- what Discord is told ----------------------------------------


def _slash(commands: Iterable[Command]) -> Iterator[Json]:
    tops: dict[str, list[Command]] = {}
    for command in commands:
        tops.setdefault(command.words[0], []).append(command)
    for members in tops.values():
        yield {"type": SLASH, **_node(members, 0), **_reach(members)}


def _node(members: list[Command], depth: int) -> Json:
    """The command, group or subcommand at word ``depth`` that all of ``members`` share."""
    first = members[0]
    if len(first.words) == depth + 1:
        return {"name": first.words[depth], "description": first.help, "options": _options(first)}
    below: dict[str, list[Command]] = {}
    for command in members:
        below.setdefault(command.words[depth + 1], []).append(command)
    inner = [
        {"type": SUB if len(each[0].words) == depth + 2 else GROUP, **_node(each, depth + 1)}
        for each in below.values()
    ]
    return {"name": first.words[depth], "description": _about(below), "options": inner}


def _about(names: Iterable[str]) -> str:
    """A group has to have a description, which Discord shows almost nowhere: what is in it."""
    listed = ", ".join(names)
    return listed if len(listed) <= HELP_LIMIT else listed[: HELP_LIMIT - 1] + "…"


def _reach(members: list[Command]) -> Json:
    """Where and to whom a top-level command is shown: what all of its subcommands allow.

    Discord knows this of whole commands only. What it shows to too many is refused by the dispatcher.
    """
    personal = all(c.area in PERSONAL_AREAS for c in members)
    organisers = all(c.allow is Allow.ORGANISER for c in members)
    return {
        "contexts": [SERVER, BOT_DM, PRIVATE_CHANNEL] if personal else [SERVER],
        "integration_types": [BY_SERVER, BY_PERSON] if personal else [BY_SERVER],
        "default_member_permissions": MANAGE_SERVER if organisers else None,
    }


def _action(command: Command) -> Json:
    """A message action is private, and the message may stand anywhere."""
    return {
        "type": MESSAGE_ACTION,
        "name": command.message_action,
        "contexts": [SERVER, BOT_DM, PRIVATE_CHANNEL],
        "integration_types": [BY_SERVER, BY_PERSON],
        "default_member_permissions": None,
    }


def _options(command: Command) -> list[Json]:
    made = [_option(option, command.form is not None) for option in command.options]
    return sorted(made, key=lambda option: not option["required"])  # Discord wants required ones first


def _option(option: Option, has_form: bool) -> Json:
    asked_by_form = option.asked or has_form
    made: Json = {
        "type": _TYPES.get(option.kind, STRING),
        "name": option.name,
        "description": option.help,
        "required": option.required and not asked_by_form,
    }
    low, high = option.least, option.most
    if option.kind is Kind.NUMBER:
        if low is not None:
            made["min_value"] = _within(low)
        if high is not None:
            made["max_value"] = _within(high)
    elif option.kind in (Kind.TEXT, Kind.LONG):
        if low is not None and low > 0:
            made["min_length"] = min(low, STRING_LIMIT)
        if high is not None or option.kind is Kind.LONG:
            made["max_length"] = min(max(high or STRING_LIMIT, 1), STRING_LIMIT)
    elif option.kind is Kind.CHANNEL:
        made["channel_types"] = [TEXT_CHANNEL, ANNOUNCEMENTS]
    if option.kind is Kind.CHOICE:
        made["choices"] = [{"name": c.label, "value": c.value} for c in option.choices]
    elif option.kind is Kind.MANY or (option.suggest and made["type"] == STRING):
        made["autocomplete"] = True  # several choices are one list with commas: Discord takes one choice only
    return made


def _within(bound: int) -> int:
    return max(-INTEGER_LIMIT, min(INTEGER_LIMIT, bound))
