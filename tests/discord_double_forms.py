"""What people fill in and click, as Discord tells it to a bot; and what Discord would not let them do at all."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import Any

from discord_double_judge import SELECTS, walk
from discord_double_seen import Interaction
from discord_double_world import (
    ADMINISTRATOR,
    EVERYTHING,
    ORDINARY,
    Channel,
    Guild,
    Json,
    Member,
    User,
    World,
)

TYPES: dict[int, Any] = {3: str, 4: int, 5: bool, 6: User, 7: Channel, 8: int, 10: (int, float), 11: dict}


class NotOffered(AssertionError):
    """Discord would not have let the person do this."""


def shard_of(channel: Channel) -> Guild | None:
    return channel.guild


def interaction_json(world: World, made: Interaction, data: Json) -> Json:
    channel, user, guild = made.channel, made.user, made.channel.guild
    payload: Json = {
        "id": str(made.id),
        "application_id": str(world.application),
        "type": made.kind,
        "token": made.token,
        "version": 1,
        "data": data,
        "channel": world.channel_json(channel),
        "channel_id": str(channel.id),
        "locale": user.locale,
        "entitlements": [],
        "attachment_size_limit": 10 * 1024 * 1024,
        "authorizing_integration_owners": {"1": str(user.id)},
        "context": 1,
        "app_permissions": str(channel.allowed()),
    }
    if made.source is not None:
        payload["message"] = copy.deepcopy(made.source)
    if guild is None:
        return payload | {"user": user.json()}
    member = guild.members.get(user.id) or Member(user, ORDINARY)
    if made.install == "guild":
        payload["authorizing_integration_owners"] = {"0": str(guild.id)}
    payload |= {"context": 0, "guild_id": str(guild.id), "guild_locale": "en-US"}
    payload["guild"] = {"id": str(guild.id), "locale": "en-US", "features": []}
    return payload | {"member": member.json() | {"permissions": str(member.permissions)}}


def _offered(world: World, user: User, kind: int, name: str, channel: Channel, install: str) -> Json:
    """The registered command of this name, if this person is shown it here."""
    guild = channel.guild
    known = world.commands[0] + (world.commands.get(guild.id, []) if guild and install == "guild" else [])
    found = [each for each in known if each["type"] == kind and each["name"] == name]
    if not found:
        raise NotOffered(f"no command {name!r} is registered: {sorted(each['name'] for each in known)}")
    command = found[-1]
    if guild and install == "guild" and not guild.present:
        raise NotOffered(f"the bot is not in {guild.name}")
    types = command.get("integration_types") or [0]
    if (1 if install == "user" else 0) not in types and not (guild is None and install == "guild"):
        raise NotOffered(f"/{name} is not offered to a {install} installation: {types}")
    contexts = command.get("contexts")
    if (0 if guild else 1) not in (contexts if contexts is not None else [0, 1]):
        raise NotOffered(f"/{name} is not offered {'in servers' if guild else 'in DMs'}: {contexts}")
    needed = command.get("default_member_permissions")
    if guild and needed is not None and install == "guild":
        held = guild.members[user.id].permissions if user.id in guild.members else 0
        held = EVERYTHING if held & ADMINISTRATOR else held
        if int(needed) & ~held or (int(needed) == 0 and held != EVERYTHING):
            raise NotOffered(f"/{name} is hidden from {user.name}")
    return command


def slash_data(
    world: World,
    user: User,
    line: str,
    options: dict[str, Any],
    channel: Channel,
    install: str,
    focused: str = "",
) -> Json:
    words = line.split()
    command = _offered(world, user, 1, words[0], channel, install)
    chain, here = [], command
    for word in words[1:]:
        found = [
            each for each in here.get("options") or () if each["name"] == word and each["type"] in (1, 2)
        ]
        if not found:
            raise NotOffered(f"/{line}: no {word!r}")
        here = found[0]
        chain.append(here)
    if any(each["type"] in (1, 2) for each in here.get("options") or ()):
        raise NotOffered(f"/{line} is a group and cannot be invoked itself")
    resolved: Json = {}
    filled = _fill(world, here, options, resolved, focused, channel)
    for each in reversed(chain):
        filled = [{"name": each["name"], "type": each["type"], "options": filled}]
    data: Json = {
        "id": command["id"],
        "name": command["name"],
        "type": 1,
        "options": filled,
        "resolved": resolved,
    }
    return data | ({"guild_id": command["guild_id"]} if "guild_id" in command else {})


def _fill(
    world: World, here: Json, options: dict[str, Any], resolved: Json, focused: str, channel: Channel
) -> list[Json]:
    known = {each["name"]: each for each in here.get("options") or ()}
    if strange := set(options) - set(known):
        raise NotOffered(f"no options {sorted(strange)}; there are {sorted(known)}")
    filled = []
    for name, option in known.items():
        if name not in options:
            if option.get("required") and not focused:
                raise NotOffered(f"{name} is required")
            continue
        value = options[name]
        if name != focused:
            _fits(option, value)
        elif not option.get("autocomplete"):
            raise NotOffered(f"{name} has no autocomplete")
        plain = value if isinstance(value, str | int | float) else _resolve(world, value, resolved, channel)
        each = {"name": name, "type": option["type"], "value": str(plain) if option["type"] == 8 else plain}
        filled.append(each | ({"focused": True} if name == focused else {}))
    return filled


def _fits(option: Json, value: Any) -> None:
    name = option["name"]
    if not isinstance(value, TYPES[option["type"]]) or (option["type"] == 4 and isinstance(value, bool)):
        raise NotOffered(f"{name}: {value!r} is not of type {option['type']}")
    if option.get("choices") and value not in [each["value"] for each in option["choices"]]:
        raise NotOffered(f"{name}: {value!r} is not among the choices")
    size = len(value) if isinstance(value, str) else value
    low, high = ("min_length", "max_length") if isinstance(value, str) else ("min_value", "max_value")
    if option.get(low) is not None and size < option[low]:
        raise NotOffered(f"{name}: {value!r} is below {option[low]}")
    if option.get(high) is not None and size > option[high]:
        raise NotOffered(f"{name}: {value!r} is above {option[high]}")


def _resolve(world: World, value: Any, resolved: Json, channel: Channel) -> str:
    if isinstance(value, User):
        resolved.setdefault("users", {})[str(value.id)] = value.json()
        if channel.guild and (member := channel.guild.members.get(value.id)):
            told = {k: v for k, v in member.json().items() if k not in ("user", "deaf", "mute")}
            resolved.setdefault("members", {})[str(value.id)] = told | {
                "permissions": str(member.permissions)
            }
        return str(value.id)
    if isinstance(value, Channel):
        told = world.channel_json(value) | {"permissions": str(EVERYTHING)}
        resolved.setdefault("channels", {})[str(value.id)] = told
        return str(value.id)
    ((name, content),) = value.items()
    made = world.attachment(name, content) | {"ephemeral": True}
    resolved.setdefault("attachments", {})[made["id"]] = made
    return str(made["id"])


def menu_data(
    world: World, user: User, name: str, target: Json | User, channel: Channel, install: str
) -> Json:
    kind = 2 if isinstance(target, User) else 3
    command = _offered(world, user, kind, name, channel, install)
    resolved: Json = {}
    if isinstance(target, User):
        number = _resolve(world, target, resolved, channel)
    else:
        number = target["id"]
        resolved["messages"] = {number: copy.deepcopy(target)}
    data = {"id": command["id"], "name": name, "type": kind, "target_id": number, "resolved": resolved}
    return data | ({"guild_id": command["guild_id"]} if "guild_id" in command else {})


def shown(message: Json | Interaction) -> Json:
    if not isinstance(message, Interaction):
        return message
    if message.message is None:
        raise NotOffered("this interaction has shown no message")
    return message.message


def press_data(world: World, user: User, message: Json, custom_id: str, values: Sequence[str]) -> Json:
    if int(message["id"]) not in world.messages:
        raise NotOffered("that message is gone")
    if world.hidden.get(int(message["id"]), user.id) != user.id:
        raise NotOffered(f"{user.name} does not see that message")
    every = {each["custom_id"]: each for _, each in walk(message["components"]) if each.get("custom_id")}
    if custom_id not in every or every[custom_id].get("disabled"):
        raise NotOffered(f"{custom_id!r} cannot be pressed; there are {sorted(every)}")
    each = every[custom_id]
    data: Json = {"custom_id": custom_id, "component_type": each["type"], "id": each["id"]}
    if each["type"] in SELECTS:
        data["values"] = _pick(each | {"required": None}, list(values))
        if each["type"] in (5, 8):
            data["resolved"] = {}
            table: dict[int, Any] = dict(world.users) if each["type"] == 5 else dict(world.channels)
            for value in values:
                _resolve(
                    world, table[int(value)], data["resolved"], world.channels[int(message["channel_id"])]
                )
    return data


def _pick(each: Json, values: list[str]) -> list[str]:
    low, high = each.get("min_values"), each.get("max_values")
    high = (len(each["options"]) if each["type"] == 22 else 1) if high is None else high
    low = (0 if each.get("required") is False else 1) if low is None else low
    if each.get("required") is False and not values:
        return values
    if not low <= len(values) <= high:
        raise NotOffered(f"{each['custom_id']}: {len(values)} picked, {low} to {high} allowed")
    if "options" in each and (strange := set(values) - {option["value"] for option in each["options"]}):
        raise NotOffered(f"{each['custom_id']}: {sorted(strange)} are not offered")
    return values


def modal_data(world: World, user: User, opened: Interaction, values: dict[str, Any]) -> Json:
    if opened.callback != 9 or opened.user is not user:
        raise NotOffered(f"no form was opened for {user.name}: callback {opened.callback}")
    boxes = {each["custom_id"] for _, each in walk(opened.payload["components"]) if each.get("custom_id")}
    if strange := set(values) - boxes:
        raise NotOffered(f"no boxes {sorted(strange)}; there are {sorted(boxes)}")
    resolved: Json = {}
    components = []
    for number, each in enumerate(opened.payload["components"], start=1):
        told: Json = {"type": each["type"], "id": each.get("id") or number * 10}
        if each["type"] == 1:
            told["components"] = [
                _box(world, box, values, resolved, opened.channel) for box in each["components"]
            ]
        elif each["type"] == 18:
            told["component"] = _box(world, each["component"], values, resolved, opened.channel)
        components.append(told)
    return {"custom_id": opened.payload["custom_id"], "components": components} | (
        {"resolved": resolved} if resolved else {}
    )


def _box(world: World, box: Json, values: dict[str, Any], resolved: Json, channel: Channel) -> Json:
    name, kind = box["custom_id"], box["type"]
    given = values.get(name)
    told: Json = {"type": kind, "custom_id": name, "id": box.get("id") or 1}
    required = box.get("required") is not False
    if kind == 4:
        text = box.get("value") or "" if given is None else str(given)
        low, high = box.get("min_length") or (1 if required else 0), box.get("max_length") or 4000
        if (text or required) and not low <= len(text) <= high:
            raise NotOffered(f"{name}: {len(text)} characters, {low} to {high} allowed")
        return told | {"value": text}
    if kind == 23:
        return told | {"value": bool(box.get("default") if given is None else given)}
    if kind == 21:
        chosen = given or next((each["value"] for each in box["options"] if each.get("default")), None)
        if (chosen is None and required) or (
            chosen and chosen not in [each["value"] for each in box["options"]]
        ):
            raise NotOffered(f"{name}: {chosen!r} cannot be chosen")
        return told | {"value": chosen}
    if kind == 19:
        files = [_resolve(world, {key: data}, resolved, channel) for key, data in (given or {}).items()]
        return told | {"values": _pick(box, files)}
    if given is None:
        given = [each["value"] for each in box.get("options") or () if each.get("default")]
        given += [each["id"] for each in box.get("default_values") or ()]
    if kind == 8:
        given = [each if isinstance(each, Channel) else world.channels[int(each)] for each in given]
        if strange := [c.name for c in given if c.kind not in (box.get("channel_types") or [c.kind])]:
            raise NotOffered(f"{name}: {strange} are not offered")
    if kind == 6:
        roles = {role["id"]: role for role in channel.guild.roles} if channel.guild else {}
        if strange := [each for each in given if each not in roles]:
            raise NotOffered(f"{name}: no roles {strange}")
        resolved.setdefault("roles", {}).update((each, roles[each]) for each in given)
    picked = [
        _resolve(world, each, resolved, channel) if isinstance(each, User | Channel) else each
        for each in given
    ]
    return told | {"values": _pick(box, picked)}
