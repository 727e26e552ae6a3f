"""What Slack tells of somebody's act, as a request and the place it came from. Pure."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from adapters.slack import ids
from adapters.slack.boxes import part_of
from adapters.slack.modals import about_of, action_of, values_of
from adapters.slack.reading import places_in, words_of
from adapters.slack.responder import IN_MODAL, Place
from core.call import Request, Where, Who
from core.commands import Command, Kind, Registry
from core.dispatch import request_of
from core.errors import UnknownCommand
from core.parse import parse, parse_action

Body = Mapping[str, Any]
_NAMELESS = ("privategroup", "directmessage")


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody asks for, from where, and how its answer has to look. ``request.who`` is a stranger yet: only
    the id and the name that Slack sent along."""

    request: Request
    command: Command
    place: Place
    private: bool
    replaces: bool = False
    common: str = ""  # the action of a button that opens the same form for everybody


@dataclass(frozen=True, slots=True)
class Here:
    """The workspace that told it."""

    team_id: str
    team_name: str = ""

    def where(self, channel_id: str, name: str = "", *, direct: bool) -> Where:
        """A channel of the workspace; in a direct message, and on the Home tab, no place of any group."""
        if direct or not channel_id:
            return Where("slack", channel_id=channel_id, name="direct message")
        shown = "a private channel" if not name or name in _NAMELESS else f"#{name}"
        return Where("slack", self.team_id, channel_id, shown, self.team_name)

    def who(self, user: Body) -> Who:
        name = str(user.get("username") or user.get("name") or "")
        return Who("slack", str(user["id"]), name, self.team_id)


def slash(registry: Registry, body: Body, here: Here) -> Asked:
    """A slash command. Raises UsageError for words that are none of ours."""
    user = {"id": body["user_id"], "name": body.get("user_name", "")}
    channel_id, name = str(body["channel_id"]), str(body.get("channel_name") or "")
    direct = channel_id.startswith("D")
    place = Place(
        str(body["user_id"]),
        channel_id,
        response_url=str(body.get("response_url") or ""),
        trigger_id=str(body.get("trigger_id") or ""),
        direct=direct,
    )
    request = typed(
        registry, str(body.get("text") or ""), here.who(user), here.where(channel_id, name, direct=direct)
    )
    if any(str(request.values.get(name) or "").strip() for name in own_words(registry[request.path])):
        # An answer may be long, and Slack keeps no line that was sent: what is refused comes back as of a form.
        request = dataclasses.replace(request, submitted=True)
    return _asked(registry, request, place, str(body.get("trigger_id") or ""))


def typed(registry: Registry, line: str, who: Who, where: Where) -> Request:
    """A line as Slack hands it on. Channels and roles are handed on by their ids, all else as it was typed; nothing
    typed asks for the menu. Raises UsageError."""
    if not line.strip():
        return Request("menu", who, where)
    parsed, places = parse(registry, words_of(line)), places_in(line)
    values: dict[str, object] = dict(parsed.values)
    for name, raw in parsed.values.items():
        option = parsed.command.option(name)
        if option is not None and option.kind in (Kind.CHANNEL, Kind.ROLE):
            values[name] = places.get(raw, raw)
    return dataclasses.replace(request_of(parsed, who, where), values=values)


def own_words(command: Command) -> frozenset[str]:
    """The options of ``command`` that take somebody's own words. Where none is needed ("help"), none are meant."""
    long = [option for option in command.options if option.kind is Kind.LONG]
    return frozenset(option.name for option in long if any(o.required for o in long))


def press(registry: Registry, body: Body, here: Here) -> Asked:
    """A button or a menu on a message, in a modal or on the Home tab. Raises UnknownCommand for an old one."""
    pressed = body["actions"][0]
    container, view = body.get("container") or {}, body.get("view") or {}
    channel = body.get("channel") or {}
    channel_id = str(channel.get("id") or container.get("channel_id") or "")
    about = about_of(view) if view.get("type") == "modal" else {}
    if about:
        came = Place.returned(str(body["user"]["id"]), about, str(body.get("trigger_id") or ""))
        place = dataclasses.replace(came, view_id=str(view.get("id") or ""))
        where = here.where(came.channel_id, direct=came.direct or came.home)
    else:
        place = Place(
            str(body["user"]["id"]),
            channel_id,
            str(container.get("thread_ts") or ""),
            str(container.get("message_ts") or ""),
            str(body.get("response_url") or ""),
            str(body.get("trigger_id") or ""),
            str(view.get("id") or "") if view.get("type") == "modal" else "",
            # an ephemeral message in a D channel: somebody else's conversation, where Starling is not
            direct=channel_id.startswith("D") and not container.get("is_ephemeral"),
            alone=bool(container.get("is_ephemeral")),
            home=bool(view),
        )
        direct = place.home or channel_id.startswith("D")
        where = here.where(channel_id, str(channel.get("name") or ""), direct=direct)
    action = ids.action_of(pressed)
    parsed = parse_action(registry, action)
    request = request_of(parsed, here.who(body["user"]), where)
    found = _asked(registry, request, place, str(body.get("trigger_id") or ""))
    marked = ids.replaces(str(pressed.get("action_id") or ""))
    common = action if parsed.command.common_form and "=" in action and not marked else ""
    return dataclasses.replace(found, replaces=marked and (place.alone or place.direct), common=common)


def form(registry: Registry, body: Body, here: Here) -> Asked:
    """A modal that was sent. Raises UnknownCommand for one of another version."""
    view = body["view"]
    about = about_of(view)
    trigger = str(body.get("trigger_id") or "")
    place = Place.returned(str(body["user"]["id"]), about, trigger)
    where = here.where(place.channel_id, about.get("name", ""), direct=place.direct or place.home)
    parsed = parse_action(registry, action_of(view))
    request = request_of(parsed, here.who(body["user"]), where)
    values = {**request.values, **values_of(view.get("state") or {})}
    request = dataclasses.replace(request, values=values, submitted=True)
    return _asked(registry, request, place, _sent(view) or trigger)


def _sent(view: Body) -> str:
    """What tells this form, filled in like this, from all others: it is sent once more, by a press with a trigger of
    its own, where Slack has not seen our acknowledgement."""
    state = json.dumps(view.get("state") or {}, sort_keys=True)
    view_id = str(view.get("id") or "")
    return f"{view_id}:{hashlib.sha256(state.encode()).hexdigest()[:16]}" if view_id else ""


def shortcut(registry: Registry, body: Body, here: Here) -> Asked:
    """A command in a message's menu. Raises UnknownCommand for one that is not there any more."""
    command = registry.get(str(body.get("callback_id") or ""))
    if command is None or not command.message_action:
        raise UnknownCommand("This is not there any more. /starling help shows what there is.")
    channel, message = body.get("channel") or {}, body.get("message") or {}
    channel_id = str(channel.get("id") or "")
    direct = channel_id.startswith("D")
    place = Place(
        str(body["user"]["id"]),
        channel_id,
        str(message.get("thread_ts") or ""),
        response_url=str(body.get("response_url") or ""),
        trigger_id=str(body.get("trigger_id") or ""),
        direct=direct,
    )
    told = {
        "text": words_of(str(message.get("text") or "")),
        "message": str(message.get("ts") or ""),
        "author": str(message.get("user") or ""),
    }
    values = {name: value for name, value in told.items() if command.option(name) is not None}
    where = here.where(channel_id, str(channel.get("name") or ""), direct=direct)
    request = Request(command.path, here.who(body["user"]), where, values)
    return _asked(registry, request, place, str(body.get("trigger_id") or ""))


def _asked(registry: Registry, request: Request, place: Place, once: str) -> Asked:
    command = registry[request.path]
    private = command.private or request.where.direct
    return Asked(dataclasses.replace(request, once=once), command, place, private)


def boxes_of(state: Body) -> dict[str, str]:
    """Field name -> the id of its first box, of a submitted view's ``state``."""
    found: dict[str, str] = {}
    for block_id in state.get("values") or {}:
        first, number, _ = part_of(block_id)
        if number == 1:
            found.setdefault(ids.original(first), block_id)
    return found


def readable(body: Body) -> bool:
    """Whether there is in it what every payload of its kind has. What is of no known kind passes."""

    def named(key: str, name: str = "id") -> bool:
        return isinstance(found := body.get(key), Mapping) and isinstance(found.get(name), str)

    match body.get("type"):
        case "block_actions":
            pressed = body.get("actions")
            return named("user") and isinstance(pressed, list) and bool(pressed) and _all_mappings(pressed)
        case "view_submission" | "view_closed":
            return named("user") and isinstance(body.get("view"), Mapping)
        case "message_action" | "shortcut" | "block_suggestion":
            return named("user")
        case "event_callback":
            return named("event", "type")
        case _:
            parts = ("user_id", "channel_id") if "command" in body else ()
            return all(isinstance(body.get(part), str) for part in parts)


def _all_mappings(some: list[Any]) -> bool:
    return all(isinstance(one, Mapping) for one in some)


def on_fields(view: Body, wrong: Mapping[str, str]) -> dict[str, str]:
    """Sentences by field -> by box of a submitted ``view``; what belongs to no field stands at the first. {} where
    there is none."""
    boxes = boxes_of(view.get("state") or {})
    first = next(iter(boxes.values()), "")
    found: dict[str, list[str]] = {}
    for name, sentence in wrong.items() if boxes else ():
        found.setdefault(boxes.get(name, first), []).append(sentence)
    return {block_id: " ".join(said) for block_id, said in found.items()}


def asks_nothing(view: Body) -> bool:
    """A modal that only shows something."""
    return view.get("callback_id") == IN_MODAL
