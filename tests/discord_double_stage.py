"""The local double's server and scenery: people, servers, channels, and what goes wrong."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Self

from aiohttp import web
from discord_double_gateway import GUILDS, Gateway
from discord_double_rest import FAULTS, Asked, _Fault
from discord_double_routes import Routes
from discord_double_world import (
    EVERYTHING,
    ORDINARY,
    TEXT,
    Channel,
    Guild,
    Json,
    Member,
    User,
    World,
    role_json,
)

FAR = ("gateway-close", "reset", "accepted-reset")


class Stage:
    """The server, who and what there is, and what goes wrong."""

    routes: type[Routes] = Routes
    """For doubles whose routes are slower, or worse."""

    def __init__(self, token: str) -> None:
        self.token = token
        self.world = World()
        self.gateway = Gateway(self.world, token)
        self.rest = self.routes(self.world, self.gateway, token)
        self.base = ""
        self.latencies: list[tuple[str, float]] = []

    @classmethod
    async def start(cls, token: str = "a.local.token") -> Self:
        double = cls(token)
        app = web.Application(client_max_size=128 * 1024 * 1024)
        app.router.add_get("/gateway/", double.gateway.handle)
        app.router.add_get("/attachments/{rest:.*}", double._upload)
        app.router.add_route("*", "/api/v10/{rest:.*}", double.rest.handle)
        double._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.2)
        await double._runner.setup()
        await web.TCPSite(double._runner, "127.0.0.1", 0, backlog=1024).start()
        port = double._runner.addresses[0][1]
        double.base = double.world.base = f"http://127.0.0.1:{port}"
        double.gateway.url = double.gateway_url
        return double

    _runner: web.AppRunner

    async def close(self) -> None:
        await self.gateway.shut()
        await self._runner.cleanup()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    @property
    def api(self) -> str:
        return f"{self.base}/api/v10"

    @property
    def gateway_url(self) -> str:
        return f"{self.base.replace('http', 'ws', 1)}/gateway/"

    @property
    def violations(self) -> list[Json]:
        return self.rest.violations

    @property
    def requests(self) -> list[Asked]:
        return self.rest.requests

    def asked(self, method: str, path: str) -> list[Asked]:
        """The requests of this method whose path holds this pattern."""
        return [each for each in self.requests if each.method == method and re.search(path, each.path)]

    async def _upload(self, request: web.Request) -> web.Response:
        data = self.world.uploads.get(request.path)
        return web.Response(status=404) if data is None else web.Response(body=data)

    # who and what there is

    def add_user(self, name: str, *, dms: bool = True, locale: str = "en-US") -> User:
        user = User(self.world.snowflake(), name, dms=dms, locale=locale)
        self.world.users[user.id] = user
        return user

    async def add_guild(
        self, name: str = "Study group", *, permissions: int = ORDINARY, present: bool = True
    ) -> Guild:
        """A server the bot was invited to with these permissions; ``present=False``: a server it is not in."""
        owner = self.add_user(f"{name} owner")
        guild = Guild(self.world.snowflake() + (1 << 22), name, owner, permissions, present)
        self.world._last = guild.id + 1
        guild.members[owner.id] = Member(owner, EVERYTHING)
        self.world.guilds[guild.id] = guild
        if present:
            await self.gateway.dispatch("GUILD_CREATE", self.world.guild_json(guild), guild, GUILDS)
        return guild

    async def remove_guild(self, guild: Guild) -> None:
        """The bot is shown the door."""
        guild.present = False
        await self.gateway.dispatch(
            "GUILD_DELETE", {"id": str(guild.id), "unavailable": False}, guild, GUILDS
        )

    async def add_channel(self, guild: Guild, name: str = "general", *, denied: int = 0) -> Channel:
        channel = Channel(self.world.snowflake(), TEXT, name, guild, denied=denied)
        self.world.channels[channel.id] = channel
        guild.channels.append(channel)
        if guild.present:
            await self.gateway.dispatch("CHANNEL_CREATE", self.world.channel_json(channel), guild, GUILDS)
        return channel

    async def add_role(self, guild: Guild, name: str) -> int:
        role = role_json(self.world.snowflake(), name, 0)
        guild.roles.append(role)
        data = {"guild_id": str(guild.id), "role": role}
        await self.gateway.dispatch("GUILD_ROLE_CREATE", data, guild, GUILDS)
        return int(role["id"])

    def add_member(self, guild: Guild, user: User | str, *, permissions: int = ORDINARY) -> User:
        found = self.add_user(user) if isinstance(user, str) else user
        guild.members[found.id] = Member(found, permissions)
        return found

    def messages(self, channel: Channel) -> list[Json]:
        """What everybody in the channel sees, oldest first."""
        return list(channel.messages)

    def dms(self, user: User) -> list[Json]:
        return self.messages(self.world.dm_of(user))

    def private(self, user: User) -> list[Json]:
        """The ephemeral messages only this person sees."""
        return [
            self.world.messages[n]
            for n, who in self.world.hidden.items()
            if who == user.id and n in self.world.messages
        ]

    # what goes wrong

    def fail(self, method: str, path: str, times: int = 1, how: str = "502") -> None:
        """The next ``times`` requests fail: a name out of FAULTS, the same after "accepted-", or one of FAR."""
        assert how in FAR or how.removeprefix("accepted-") in FAULTS, how
        self.rest.faults.append(_Fault(method, re.compile(path), times, how))

    def limit(self, method: str, path: str, per: int, seconds: float) -> None:
        """A real rate-limit window for every path that matches: past it, 429 with Via and Retry-After."""
        self.rest.limits.append((method, re.compile(path), per, seconds))

    def judge_later(self) -> None:
        """For measurements: bodies are accepted as they come and judged by ``judge_all``."""
        self.rest.judge_now = False

    def judge_all(self) -> list[Json]:
        for asked, verdict in self.rest.unjudged:
            self.rest.record(asked, verdict())
        self.rest.unjudged.clear()
        self.rest.judge_now = True
        return self.violations


@contextmanager
def hurried(factor: float = 100.0) -> Iterator[None]:
    """discord.py's own waits (1, 3, 5, ... s between retries, 5 s before a second IDENTIFY) pass this much faster.

    What Discord asks it to wait (Retry-After, full windows) passes as asked while it is under a second.
    """
    import discord.client
    import discord.http
    import discord.webhook.async_

    class Hurried:
        def __getattr__(self, name: str) -> Any:
            return getattr(asyncio, name)

        async def sleep(self, delay: float, result: Any = None) -> Any:
            return await asyncio.sleep(delay if delay < 1 else delay / factor, result)

    modules: list[Any] = [discord.client, discord.http, discord.webhook.async_]
    for module in modules:
        module.asyncio = Hurried()
    try:
        yield
    finally:
        for module in modules:
            module.asyncio = asyncio


@contextmanager
def pointed_at(double: Stage) -> Iterator[None]:
    """discord.py talks to the double inside this block, and to Discord again after it."""
    import yarl
    from discord.asset import Asset
    from discord.gateway import DiscordWebSocket
    from discord.http import Route

    before = Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY, Asset.BASE
    Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY = double.api, yarl.URL(double.gateway_url)
    Asset.BASE = double.base
    try:
        yield
    finally:
        Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY, Asset.BASE = before
