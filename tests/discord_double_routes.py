"""The routes of the local double: what Discord does for each of them."""

from __future__ import annotations

import re

import discord_double_judge as judge
from discord_double_answers import Answers
from discord_double_gateway import GUILDS, Gateway
from discord_double_rest import Asked, Refused, form_error
from discord_double_world import SEND, THREAD, VIEW, Channel, Json, World

HAS_THREAD = 1 << 5
READ_HISTORY = 1 << 16
NEW = "ApplicationCommandUpdateRequest"


class Routes(Answers):
    def __init__(self, world: World, gateway: Gateway, token: str) -> None:
        super().__init__(world, gateway, token)
        number = r"(\d+)"
        message = rf"/channels/{number}/messages/{number}"
        hook = r"/webhooks/(\d+)/([^/]+)"
        application = r"/applications/\d+"
        self.routes = [
            (method, re.compile(path), handler)
            for method, path, handler in (
                (
                    "GET",
                    "/users/@me",
                    lambda _: self.world.bot.json() | {"verified": True, "mfa_enabled": True},
                ),
                ("GET", "/oauth2/applications/@me|/applications/@me", self._application),
                ("GET", "/gateway(?:/bot)?", self._gateway),
                ("GET", f"/users/{number}", self._user),
                ("POST", "/users/@me/channels", self._open_dm),
                ("GET", f"{application}(?:/guilds/{number})?/commands", self._commands),
                ("PUT", f"{application}(?:/guilds/{number})?/commands", self._put_commands),
                ("GET", f"/guilds/{number}", self._guild),
                ("GET", f"/guilds/{number}/channels", self._guild_channels),
                ("GET", f"/guilds/{number}/members/{number}", self._member),
                ("GET", f"/channels/{number}", lambda _, c: self.world.channel_json(self._channel(c))),
                ("POST", f"/channels/{number}/typing", lambda _, c: self._channel(c) and None),
                ("GET", f"/channels/{number}/messages", self._history),
                ("POST", f"/channels/{number}/messages", self._send),
                ("GET", message, lambda _, c, m: self._message(self._channel(c), m)),
                ("PATCH", message, self._edit),
                ("DELETE", message, self._delete),
                ("POST", f"/channels/{number}(?:/messages/{number})?/threads", self._thread),
                ("POST", r"/interactions/(\d+)/([^/]+)/callback", self._callback),
                ("POST", hook, self._follow_up),
                ("GET", rf"{hook}/messages/(@original|\d+)", self._get_answer),
                ("PATCH", rf"{hook}/messages/(@original|\d+)", self._edit_answer),
                ("DELETE", rf"{hook}/messages/(@original|\d+)", self._delete_answer),
            )
        ]

    # the bot, its servers, its commands

    def _application(self, _: Asked) -> Json:
        owner = next((each for each in self.world.users.values() if not each.bot), self.world.bot)
        made = {
            "id": str(self.world.application),
            "name": "Starling",
            "icon": None,
            "description": "",
            "flags": 0,
        }
        return made | {
            "bot_public": True,
            "bot_require_code_grant": False,
            "verify_key": "",
            "owner": owner.json(),
        }

    def _gateway(self, _: Asked) -> Json:
        limit = {"total": 1000, "remaining": 999, "reset_after": 1000, "max_concurrency": 16}
        return {"url": self.gateway.url, "shards": 1, "session_start_limit": limit}

    def _user(self, _: Asked, number: str) -> Json:
        if int(number) not in self.world.users:
            raise Refused(404, 10013)
        return self.world.users[int(number)].json()

    def _open_dm(self, asked: Asked) -> Json:
        self.check(asked, "CreatePrivateChannelRequest", asked.body, list)
        user = self.world.users.get(int(asked.body.get("recipient_id") or 0))
        if user is None or user.bot:
            raise Refused(400, 50007)
        return self.world.channel_json(self.world.dm_of(user))

    def _commands(self, _: Asked, guild: str | None) -> list[Json]:
        return self.world.commands.get(int(guild or 0), [])

    def _put_commands(self, asked: Asked, guild: str | None) -> list[Json]:
        bodies = asked.body or []
        faults = [((i, *path), c, t) for i, b in enumerate(bodies) for path, c, t in judge.shape(NEW, b)]
        if faults := faults or judge.commands(bodies):
            self.record(asked, faults)
            raise Refused(400, body=form_error(faults))
        known = {(each["type"], each["name"]): each["id"] for each in self._commands(asked, guild)}
        made = []
        for body in bodies:
            each = {
                "type": 1,
                "description": "",
                "options": [],
                "default_member_permissions": None,
                "nsfw": False,
            }
            each |= {key: value for key, value in body.items() if key != "id"}
            if each["default_member_permissions"] is not None:
                each["default_member_permissions"] = str(each["default_member_permissions"])
            number = known.get((each["type"], each["name"])) or str(self.world.snowflake())
            each |= {"id": number, "application_id": str(self.world.application), "version": number}
            made.append(each | ({"guild_id": guild} if guild else {}))
        self.world.commands[int(guild or 0)] = made
        return made

    def _guild(self, _: Asked, number: str) -> Json:
        guild = self.world.guilds.get(int(number))
        if guild is None or not guild.present:
            raise Refused(404, 10004)
        return self.world.guild_json(guild)

    def _guild_channels(self, asked: Asked, number: str) -> list[Json]:
        return list(self._guild(asked, number)["channels"])

    def _member(self, asked: Asked, number: str, user: str) -> Json:
        self._guild(asked, number)
        member = self.world.guilds[int(number)].members.get(int(user))
        if member is None:
            raise Refused(404, 10007)
        return member.json()

    # channels

    def _channel(self, number: str) -> Channel:
        channel = self.world.channels.get(int(number))
        if channel is None:
            raise Refused(404, 10003)
        if channel.guild is not None and not (channel.guild.present and channel.allowed() & VIEW):
            raise Refused(403, 50001)
        return channel

    def _message(self, channel: Channel, number: str) -> Json:
        for message in channel.messages:
            if message["id"] == number:
                return message
        raise Refused(404, 10008)

    def _history(self, asked: Asked, number: str) -> list[Json]:
        limit = int(asked.query.get("limit", 50))
        if not 1 <= limit <= 100:
            raise Refused(400, body=form_error([(("limit",), "NUMBER_TYPE_RANGE", "1 to 100")]))
        channel = self._channel(number)
        # Discord does not say that it hides any.
        found = channel.messages if channel.allowed() & READ_HISTORY else []
        if before := asked.query.get("before"):
            found = [each for each in found if int(each["id"]) < int(before)]
        if after := asked.query.get("after"):
            return [each for each in found if int(each["id"]) > int(after)][:limit][::-1]
        return found[-limit:][::-1]

    async def _send(self, asked: Asked, number: str) -> Json:
        channel, body = self._channel(number), asked.body or {}
        if not channel.allowed() & SEND:
            raise Refused(403, 50013)
        if channel.user is not None and not channel.user.dms:
            raise Refused(403, 50007)
        self.check(asked, "MessageCreateRequest", body, lambda: judge.message(body, files=asked.files))
        self._something(body, asked.files)
        if reference := body.get("message_reference"):
            self._message(channel, str(reference["message_id"]))
        key = (self.world.bot.id, str(body.get("nonce")))
        first = channel.nonces.get(key)
        if body.get("enforce_nonce") and first and self.clock() - first[0] <= self.nonce_window:
            return first[1]
        message = self.world.message(channel, self.world.bot, body, asked.files)
        if body.get("nonce") is not None:
            channel.nonces[key] = (self.clock(), message)
        await self.gateway.message("MESSAGE_CREATE", message, channel)
        return message

    async def _edit(self, asked: Asked, number: str, which: str) -> Json:
        channel = self._channel(number)
        message = self._message(channel, which)
        if message["author"]["id"] != str(self.world.bot.id):
            raise Refused(403, 50005)
        return await self._rewrite(asked, message, channel, "MessageEditRequestPartial")

    async def _delete(self, _: Asked, number: str, which: str) -> None:
        channel = self._channel(number)
        await self._remove(self._message(channel, which), channel)

    async def _thread(self, asked: Asked, number: str, which: str | None) -> Json:
        parent = self._channel(number)
        shape = "CreateTextThreadWithMessageRequest" if which else "CreateTextThreadWithoutMessageRequest"
        self.check(asked, shape, asked.body, list)
        if not parent.allowed() & 1 << 35:
            raise Refused(403, 50013)
        if which:
            message = self._message(parent, which)
            if message["flags"] & HAS_THREAD:
                raise Refused(400, 160004)
            message["flags"] |= HAS_THREAD
        made = Channel(
            int(which or self.world.snowflake()), THREAD, asked.body["name"], parent.guild, parent=parent.id
        )
        self.world.channels[made.id] = made
        assert parent.guild is not None
        parent.guild.channels.append(made)
        told = self.world.channel_json(made)
        await self.gateway.dispatch("THREAD_CREATE", told | {"newly_created": True}, parent.guild, GUILDS)
        return told
