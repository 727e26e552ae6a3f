"""What a person can do with what stands on their screen in the local double, and the payload Slack makes of it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from slack_double_seen import Act, NotOffered
from slack_double_world import Channel, Json, User, View, World

# element type -> the key of what was chosen; the many-kinds hold lists.
CHOSEN = {
    "static_select": "selected_option",
    "external_select": "selected_option",
    "radio_buttons": "selected_option",
    "overflow": "selected_option",
    "users_select": "selected_user",
    "conversations_select": "selected_conversation",
    "channels_select": "selected_channel",
    "datepicker": "selected_date",
    "timepicker": "selected_time",
    "datetimepicker": "selected_date_time",
    "multi_static_select": "selected_options",
    "multi_external_select": "selected_options",
    "checkboxes": "selected_options",
    "multi_users_select": "selected_users",
    "multi_conversations_select": "selected_conversations",
    "multi_channels_select": "selected_channels",
    "plain_text_input": "value",
    "number_input": "value",
    "email_text_input": "value",
    "url_text_input": "value",
    "rich_text_input": "rich_text_value",
    "file_input": "files",
}
Offered = dict[tuple[str, str], list[Json]]
"""(block_id, action_id) -> the options suggested last."""
OPTIONS = ("selected_option", "selected_options")
LISTS = {kind for kind, key in CHOSEN.items() if key.endswith("s")}


@dataclass
class Place:
    """Where something is pressed: a message in a conversation, or a view."""

    shown: Json
    """The message, or the view's body."""
    channel: Channel | None = None
    view: View | None = None
    ephemeral: bool = False

    @property
    def blocks(self) -> list[Json]:
        return list(self.shown.get("blocks") or ())


def place(world: World, user: User, where: Json | Act | View) -> Place:
    """What this person means, as it stands now; NotOffered when it is not on their screen."""
    if isinstance(where, Act):
        found = where.view if where.view and where.view.open else where.answers[-1] if where.answers else None
        if found is None:
            raise NotOffered(f"{where.kind} by {where.user.name} has shown nothing: {where.failed}")
        where = found
    if isinstance(where, View):
        if where.user is not user:
            raise NotOffered("somebody else's screen")
        if where.body["type"] == "modal" and (not where.open or world.stack(user)[-1:] != [where]):
            raise NotOffered("this modal is closed, or another lies on top of it")
        return Place(where.body, view=where)
    for channel in world.channels.values():
        if message := world.find(channel, where["ts"]):
            if user not in channel.members:
                raise NotOffered(f"{user.name} is not in #{channel.name}")
            return Place(message, channel)
    for owner, messages in world.ephemerals.items():
        for message in messages:
            if message["ts"] == where["ts"]:
                if owner != user.id:
                    raise NotOffered("an ephemeral message of somebody else")
                return Place(message, world.channels[message["channel"]], ephemeral=True)
    raise NotOffered("this message is gone")


def elements(blocks: list[Json]) -> Iterator[tuple[Json, Json]]:
    """(block, element) of everything with an action_id."""
    for block in blocks:
        every = [block.get("element"), block.get("accessory"), *(block.get("elements") or ())]
        for each in every:
            if isinstance(each, dict) and each.get("action_id"):
                yield block, each


def element(where: Place, action_id: str, block_id: str | None = None) -> tuple[Json, Json]:
    """The one element of this action_id; or the only one of a block of this name, as boxes share an action_id."""
    found = [
        (block, each)
        for block, each in elements(where.blocks)
        if each["action_id"] == action_id and block_id in (None, block["block_id"])
    ]
    if not found:
        found = [(block, each) for block, each in elements(where.blocks) if block["block_id"] == action_id]
    if len(found) != 1:
        known = [each["action_id"] for _, each in elements(where.blocks)]
        raise NotOffered(f"{len(found)} elements {action_id!r} here, of {known}")
    return found[0]


def every_option(each: Json) -> list[Json]:
    groups = each.get("option_groups") or [{"options": each.get("options") or []}]
    return [option for group in groups for option in group["options"]]


def chosen(each: Json, value: Any, offered: list[Json]) -> Json:
    """What picking (or typing) this leaves behind. Options are named by their value; ``offered`` are suggestions."""
    kind = each["type"]
    if kind not in CHOSEN:
        raise NotOffered(f"a {kind} holds nothing")
    key = CHOSEN[kind]
    if key in OPTIONS:
        known = {option.get("value"): option for option in [*every_option(each), *offered]}
        wanted = ([] if value is None else [value]) if isinstance(value, str | None) else list(value)
        if unknown := [one for one in wanted if one not in known]:
            raise NotOffered(f"{unknown} not among {list(known)}")
        if len(wanted) > each.get("max_selected_items", 100) or (kind not in LISTS and len(wanted) > 1):
            raise NotOffered(f"{len(wanted)} picked are too many")
        picked = [known[one] for one in wanted]
        return {"type": kind, key: picked if kind in LISTS else (picked[0] if picked else None)}
    if kind == "plain_text_input":
        _fits(each, value)
    if kind == "number_input" and value is not None and not re.fullmatch(r"-?\d+(\.\d+)?", str(value)):
        raise NotOffered(f"{value!r} is no number")
    return {"type": kind, key: value}


def _fits(each: Json, value: Any) -> None:
    low, high = each.get("min_length", 0), each.get("max_length", 3000)
    if value and not low <= len(value) <= high:
        raise NotOffered(f"{len(value)} characters where {low} to {high} fit")


def first(each: Json) -> Json | None:
    """What stands in a box before anybody touches it."""
    if each["type"] not in CHOSEN:
        return None
    key = CHOSEN[each["type"]]
    name = "initial_" + key.removeprefix("selected_").removeprefix("rich_text_")
    return {"type": each["type"], key: each.get(name, [] if each["type"] in LISTS else None)}


def state(where: Place, entered: dict[str, Json]) -> dict[str, Json]:
    """The values of every box, as Slack sends them along."""
    made: dict[str, Json] = {}
    for block, each in elements(where.blocks):
        if each["type"] in CHOSEN and each["type"] != "overflow":
            value = entered.get(block["block_id"], {}).get(each["action_id"]) or first(each)
            made.setdefault(block["block_id"], {})[each["action_id"]] = value
    return made


def action(block: Json, each: Json, value: Any, offered: list[Json], stamp: str) -> Json:
    """One entry of a block_actions payload."""
    made: Json = {"action_id": each["action_id"], "block_id": block["block_id"], "type": each["type"]}
    made["action_ts"] = stamp
    if each["type"] == "button":
        made |= {key: each[key] for key in ("text", "value", "style", "url") if key in each}
        return made
    return made | chosen(each, value, offered)


def fill(view: View, values: dict[str, Any], offered: Offered, *, whole: bool = True) -> None:
    """Type into the boxes, named by action_id or block_id; nothing required may stay empty."""
    where = Place(view.body, view=view)
    boxes = [(block, each) for block, each in elements(where.blocks) if block["type"] == "input"]
    for name, value in values.items():
        found = [(block, each) for block, each in boxes if name == block["block_id"]]
        found = found or [(block, each) for block, each in boxes if name == each["action_id"]]
        if len(found) != 1:
            raise NotOffered(f"{len(found)} boxes {name!r}, of {[each['action_id'] for _, each in boxes]}")
        block, each = found[0]
        made = chosen(each, value, offered.get((block["block_id"], each["action_id"]), []))
        view.entered.setdefault(block["block_id"], {})[each["action_id"]] = made
    now = state(where, view.entered)
    for block, each in boxes:
        value = now[block["block_id"]][each["action_id"]][CHOSEN[each["type"]]]
        if whole and not value and not block.get("optional"):
            raise NotOffered(f"the box {each['action_id']!r} must not be empty")
    view.entered = now


def base(act: Act) -> Json:
    """What every interactive payload says."""
    user, team = act.user, act.team
    who = {"id": user.id, "username": user.name.lower(), "name": user.name.lower(), "team_id": user.team.id}
    made: Json = {"team": {"id": team.id, "domain": "example"}, "user": who, "api_app_id": team.app_id}
    made |= {"token": "unused", "enterprise": None, "is_enterprise_install": False}
    return made | ({"trigger_id": act.trigger} if act.trigger else {})


def container(where: Place) -> Json:
    """Where it stood, for block_actions and block_suggestion."""
    if where.view is not None:
        return {"container": {"type": "view", "view_id": where.view.id}, "view": where.view.json()}
    assert where.channel is not None
    channel = {"id": where.channel.id, "name": where.channel.name or "directmessage"}
    box = {"type": "message", "message_ts": where.shown["ts"], "channel_id": where.channel.id}
    box |= {"is_ephemeral": where.ephemeral}
    if where.shown.get("thread_ts"):
        box["thread_ts"] = where.shown["thread_ts"]
    # Slack sends no copy of an ephemeral message.
    message = {} if where.ephemeral else {"message": where.shown}
    return {"container": box, "channel": channel, **message}


def escaped(text: str) -> str:
    """As Slack hands on what people typed."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def slash(act: Act, command: str, text: str) -> Json:
    team, channel = act.team, act.channel
    name = (
        channel.name if channel.kind == "channel" else ("directmessage" if channel.user else "privategroup")
    )
    made = {"token": "unused", "team_id": team.id, "team_domain": "example", "channel_id": channel.id}
    made |= {"channel_name": name, "user_id": act.user.id, "user_name": act.user.name.lower()}
    made |= {"command": command, "text": escaped(text), "api_app_id": team.app_id}
    return made | {"is_enterprise_install": "false", "response_url": act.url, "trigger_id": act.trigger}


def values(picked: str | Sequence[str] | None) -> Any:
    """One value, or several, as they were given."""
    return picked if isinstance(picked, str) or picked is None else list(picked)
