"""What stands in the local double of Discord: people, servers, channels, messages, interactions, as JSON v10."""

from __future__ import annotations

import copy
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from discord_double_judge import EPHEMERAL, walk

Json = dict[str, Any]

VIEW, SEND, ADMINISTRATOR, MANAGE_GUILD = 1 << 10, 1 << 11, 1 << 3, 1 << 5
EVERYTHING = (1 << 53) - 1
# View, send, embed, attach, read history, use application commands, send in threads, make public threads.
ORDINARY = VIEW | SEND | 1 << 14 | 1 << 15 | 1 << 16 | 1 << 31 | 1 << 38 | 1 << 35
EPOCH = 1420070400000
TEXT, DM, THREAD = 0, 1, 11


@dataclass(eq=False)
class User:
    id: int
    name: str
    bot: bool = False
    dms: bool = True
    locale: str = "en-US"

    def json(self) -> Json:
        return {
            "id": str(self.id),
            "username": self.name.lower(),
            "global_name": self.name,
            "discriminator": "0",
            "avatar": None,
            "bot": self.bot,
            "public_flags": 0,
        }


@dataclass(eq=False)
class Guild:
    id: int
    name: str
    owner: User
    permissions: int
    """What the bot was given on its invitation."""
    present: bool = True
    channels: list[Channel] = field(default_factory=list)
    members: dict[int, Member] = field(default_factory=dict)
    roles: list[Json] = field(default_factory=list)


@dataclass(eq=False)
class Member:
    user: User
    permissions: int
    roles: list[int] = field(default_factory=list)

    def json(self) -> Json:
        return {
            "user": self.user.json(),
            "roles": [str(role) for role in self.roles],
            "nick": None,
            "avatar": None,
            "joined_at": "2026-01-01T00:00:00+00:00",
            "premium_since": None,
            "deaf": False,
            "mute": False,
            "flags": 0,
            "pending": False,
            "communication_disabled_until": None,
        }


@dataclass(eq=False)
class Channel:
    id: int
    kind: int
    name: str
    guild: Guild | None = None
    user: User | None = None
    denied: int = 0
    """Permissions taken from the bot in this channel alone."""
    parent: int | None = None
    messages: list[Json] = field(default_factory=list)
    nonces: dict[tuple[int, str], tuple[float, Json]] = field(default_factory=dict)

    def allowed(self) -> int:
        """What the bot may do here."""
        if self.guild is None:
            return ORDINARY
        if self.guild.permissions & ADMINISTRATOR:
            return EVERYTHING
        return self.guild.permissions & ~self.denied


class World:
    """The state behind the double. Nothing here knows HTTP."""

    def __init__(self) -> None:
        self._last = 0
        self.now: Callable[[], float] = time.time
        """Seconds since the epoch by the clock on Discord's wall, which stamps ids."""
        self.base = ""
        self.application = self.snowflake()
        self.bot = User(self.application, "Starling", bot=True)
        self.users: dict[int, User] = {self.bot.id: self.bot}
        self.guilds: dict[int, Guild] = {}
        self.channels: dict[int, Channel] = {}
        self.messages: dict[int, Json] = {}
        self.hidden: dict[int, int] = {}
        """Private messages: id -> the one person who sees it."""
        self.commands: dict[int, list[Json]] = {0: []}
        self.interactions: dict[str, Any] = {}
        self.uploads: dict[str, bytes] = {}

    def snowflake(self) -> int:
        """Ids that carry the time, as Discord's do, and never repeat or go back."""
        self._last = max(self._last + 1, (int(self.now() * 1000) - EPOCH) << 22)
        return self._last

    def dm_of(self, user: User) -> Channel:
        for channel in self.channels.values():
            if channel.user is user:
                return channel
        channel = Channel(self.snowflake(), DM, user.name, user=user)
        self.channels[channel.id] = channel
        return channel

    def guild_json(self, guild: Guild) -> Json:
        everyone = role_json(guild.id, "@everyone", 0)
        own = role_json(guild.id + 1, "Starling", guild.permissions)
        own |= {"managed": True, "tags": {"bot_id": str(self.bot.id)}}
        me = Member(self.bot, guild.permissions, [guild.id + 1])
        return {
            "id": str(guild.id),
            "name": guild.name,
            "owner_id": str(guild.owner.id),
            "preferred_locale": "en-US",
            "features": [],
            "emojis": [],
            "stickers": [],
            "verification_level": 0,
            "default_message_notifications": 0,
            "roles": [everyone, own, *guild.roles],
            "member_count": len(guild.members) + 1,
            "members": [me.json()],
            "channels": [self.channel_json(each) for each in guild.channels if each.kind != THREAD],
            "threads": [self.channel_json(each) for each in guild.channels if each.kind == THREAD],
            "joined_at": "2026-01-01T00:00:00+00:00",
            "large": False,
            "unavailable": False,
        }

    def channel_json(self, channel: Channel) -> Json:
        made: Json = {"id": str(channel.id), "type": channel.kind, "flags": 0, "last_message_id": None}
        if channel.guild is None:
            assert channel.user is not None
            return made | {"recipients": [channel.user.json()]}
        made |= {"guild_id": str(channel.guild.id), "name": channel.name, "parent_id": None}
        if channel.kind == THREAD:
            meta: Json = {"archived": False, "auto_archive_duration": 1440, "locked": False}
            meta["archive_timestamp"] = now()
            counts = {
                "message_count": 0,
                "member_count": 1,
                "total_message_sent": 0,
                "rate_limit_per_user": 0,
            }
            made |= {
                "parent_id": str(channel.parent),
                "owner_id": str(self.bot.id),
                "thread_metadata": meta,
                **counts,
            }
            return made
        deny = {"id": str(self.bot.id), "type": 1, "allow": "0", "deny": str(channel.denied)}
        return made | {
            "position": 0,
            "topic": None,
            "nsfw": False,
            "rate_limit_per_user": 0,
            "permission_overwrites": [deny] if channel.denied else [],
        }

    def message(self, channel: Channel, author: User, body: Json, files: dict[str, bytes]) -> Json:
        """A new message, stored; ephemeral ones stay out of the channel's history."""
        made: Json = {
            "id": str(self.snowflake()),
            "channel_id": str(channel.id),
            "type": 19 if body.get("message_reference") else 0,
            "author": author.json(),
            "content": "",
            "timestamp": now(),
            "edited_timestamp": None,
            "tts": False,
            "pinned": False,
            "mention_everyone": False,
            "mentions": [],
            "mention_roles": [],
            "embeds": [],
            "attachments": [],
            "components": [],
            "flags": 0,
        }
        self.write(made, body, files)
        if body.get("nonce") is not None:
            made["nonce"] = body["nonce"]
        if reference := body.get("message_reference"):
            target = self.messages.get(int(reference["message_id"]))
            made["message_reference"] = {
                "message_id": str(reference["message_id"]),
                "channel_id": str(channel.id),
            }
            made["referenced_message"] = copy.deepcopy(target)
        self.messages[int(made["id"])] = made
        if not made["flags"] & EPHEMERAL:
            channel.messages.append(made)
        return made

    def write(self, message: Json, body: Json, files: dict[str, bytes]) -> None:
        """Put a request body into a message: what stands in the body replaces what stood there."""
        uploads = self._attach(body, files)
        if "attachments" in body and body["attachments"] is not None:
            kept = {str(each["id"]) for each in body["attachments"]}
            message["attachments"] = [each for each in message["attachments"] if each["id"] in kept] + uploads
        else:
            message["attachments"] = message["attachments"] + uploads
        for key, empty in (("content", ""), ("embeds", []), ("components", [])):
            if key in body:
                message[key] = copy.deepcopy(body[key]) or empty
        message["flags"] |= body.get("flags") or 0
        where = {each["filename"]: each for each in message["attachments"]}
        for number, (_, each) in enumerate(walk(message["components"]), start=1):
            each["id"] = each.get("id") or number
            for media in (
                each.get("media"),
                each.get("file"),
                *(i["media"] for i in each.get("items") or ()),
            ):
                if media and media["url"].startswith("attachment://"):
                    found = where[media["url"].removeprefix("attachment://")]
                    media |= {
                        "url": found["url"],
                        "proxy_url": found["url"],
                        "content_type": found["content_type"],
                    }
                    if each["type"] == 13:
                        each |= {"name": found["filename"], "size": found["size"]}

    def _attach(self, body: Json, files: dict[str, bytes]) -> list[Json]:
        told = {str(each["id"]): each for each in body.get("attachments") or ()}
        return [
            self.attachment(name, data, told.get(str(index), {}).get("description"))
            for index, (name, data) in enumerate(files.items())
        ]

    def attachment(self, name: str, data: bytes, description: str | None = None) -> Json:
        number = str(self.snowflake())
        path = f"/attachments/{number}/{name}"
        self.uploads[path] = data
        kind = {"png": "image/png", "txt": "text/plain; charset=utf-8"}.get(name.rpartition(".")[2])
        kind = kind or "application/octet-stream"
        made: Json = {"id": number, "filename": name, "size": len(data), "content_type": kind}
        made |= {"url": self.base + path, "proxy_url": self.base + path}
        return made | ({"description": description} if description else {})


def role_json(number: int, name: str, permissions: int) -> Json:
    zero = {"color": 0, "hoist": False, "position": 0, "managed": False, "mentionable": False, "flags": 0}
    colors = {"primary_color": 0, "secondary_color": None, "tertiary_color": None}
    return {"id": str(number), "name": name, "permissions": str(permissions), "colors": colors, **zero}


def now() -> str:
    return datetime.now(UTC).isoformat()
