"""The local double's server and scenery: workspaces, people, conversations, and what goes wrong."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from typing import Any, Self

from aiohttp import web
from slack_double_api import BROKEN, FAR, STATUS, Asked, _Fault
from slack_double_roads import Event, Roads
from slack_double_screens import Screens
from slack_double_socket import Sockets
from slack_double_world import PRIVATE, PUBLIC, Channel, Json, Team, User, View, World

WORD = re.compile(r"[a-z][a-z_]+")


class Stage:
    """The server, who and what there is, and what goes wrong."""

    screens: type[Screens] = Screens
    """For doubles whose Web API is slower, or worse."""

    def __init__(self) -> None:
        self.world = World()
        self.api = self.screens(self.world)
        self.sockets = Sockets(self.world, self.api.record)
        self.latencies: list[tuple[str, float]] = []
        self.roads = Roads(self.world, self.sockets, self.latencies)
        self.api.emit, self.api.join_url = self.roads.emit, self.sockets.join_url
        self.api.socket_close = self.sockets.drop

    @classmethod
    async def start(cls, manifest: Json | None = None) -> Self:
        """A server on 127.0.0.1 with one workspace, ``double.team``; the manifest says what the app may."""
        double = cls()
        app = web.Application(client_max_size=128 * 1024 * 1024)
        app.router.add_get("/link/", double.sockets.handle)
        app.router.add_route("*", "/api/{method}", double.api.handle)
        app.router.add_post("/respond/{rest:.*}", double.api.respond)
        app.router.add_post("/upload/v1/{file}", double.api.upload)
        app.router.add_get("/files/{file}", double.api.download)
        double._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.2)
        await double._runner.setup()
        await web.TCPSite(double._runner, "127.0.0.1", 0, backlog=1024).start()
        double.world.base = f"http://127.0.0.1:{double._runner.addresses[0][1]}"
        double.team = double.add_team(manifest=manifest)
        return double

    _runner: web.AppRunner
    team: Team

    async def close(self) -> None:
        self.api.ended.set()
        await self.roads.close()
        await self.sockets.drop()
        await self._runner.cleanup()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    @property
    def base_url(self) -> str:
        """For ``AsyncWebClient(base_url=...)``."""
        return f"{self.world.base}/api/"

    @property
    def violations(self) -> list[Json]:
        return self.api.violations

    @property
    def requests(self) -> list[Asked]:
        return self.api.requests

    @property
    def events(self) -> list[Event]:
        return self.roads.events

    def asked(self, method: str) -> list[Asked]:
        """The requests of this method (a pattern); ``response_url`` and ``upload`` are methods here."""
        return [each for each in self.requests if re.fullmatch(method, each.method)]

    async def until(self, done: Callable[[], Any], patience: float = 5.0) -> Any:
        """The first true value of ``done()``, looked at whenever something changes."""
        return await self.world.until(done, patience, lambda: [each.method for each in self.requests[-5:]])

    # who and what there is

    def add_team(self, name: str = "Study group", manifest: Json | None = None) -> Team:
        """A further workspace with the app, and its own tokens."""
        number = self.world.id("")
        tokens = f"xoxb-{number}", f"xapp-1-{number}", f"secret-{number}"
        team = Team(f"T{number}", name, f"A{number}", f"B{number}", *tokens)
        if manifest is not None:
            team.take(manifest)
        self.world.teams.append(team)
        self.world.users[team.bot.id] = team.bot
        return team

    def add_user(self, name: str, team: Team | None = None, **more: Any) -> User:
        """``more``: tz, tz_offset, locale, dms, admin, deleted."""
        user = User(self.world.id("U"), name, team or self.team, **more)
        self.world.users[user.id] = user
        return user

    def add_channel(
        self, name: str, *people: User, team: Team | None = None, private: bool = False, bot: bool = True
    ) -> Channel:
        """``bot=False``: the app was not invited."""
        home, kind = team or self.team, PRIVATE if private else PUBLIC
        channel = Channel(self.world.id("C"), name, home, kind, members=list(people))
        channel.shared = any(each.team is not home for each in people)
        if bot:
            channel.members.append(home.bot)
        self.world.channels[channel.id] = channel
        return channel

    async def heard(self, team: Team, event: Json) -> Event | None:
        """Tell the app, and wait until it has heard or Slack has given up."""
        sent = self.roads.emit(team, {"event_ts": self.world.ts(), **event})
        if sent is not None:
            await self.world.until(lambda: sent.done, 30, lambda: sent.name)
        return sent

    async def invite(self, channel: Channel, by: User | None = None) -> Event | None:
        channel.members.append(channel.team.bot)
        event: Json = {"type": "member_joined_channel", "user": channel.team.bot.id, "channel": channel.id}
        event |= {"channel_type": "G" if channel.kind == PRIVATE else "C", "team": channel.team.id}
        return await self.heard(channel.team, event | ({"inviter": by.id} if by else {}))

    async def remove(self, channel: Channel) -> Event | None:
        """The bot is shown out of this channel."""
        channel.members.remove(channel.team.bot)
        kind = "group_left" if channel.kind == PRIVATE else "channel_left"
        return await self.heard(channel.team, {"type": kind, "channel": channel.id})

    async def archive(self, channel: Channel, by: User) -> Event | None:
        channel.archived = True
        event = {"type": "channel_archive", "channel": channel.id, "user": by.id}
        return await self.heard(channel.team, event)

    async def uninstall(self, team: Team | None = None) -> None:
        """The workspace throws the app out: its token dies, and the app is told twice."""
        home = team or self.team
        home.broken = "account_inactive"
        tokens: Json = {"type": "tokens_revoked", "tokens": {"oauth": [], "bot": [home.bot.id]}}
        await asyncio.gather(self.heard(home, tokens), self.heard(home, {"type": "app_uninstalled"}))

    # what is seen

    def messages(self, channel: Channel) -> list[Json]:
        """What everybody in the conversation sees, threads included, oldest first."""
        return list(channel.messages)

    def thread(self, channel: Channel, ts: str) -> list[Json]:
        return [each for each in channel.messages if ts in (each["ts"], each.get("thread_ts"))]

    def dms(self, user: User, team: Team | None = None) -> list[Json]:
        return self.messages(self.world.dm_of(user, team))

    def ephemerals(self, user: User) -> list[Json]:
        """What only this person sees, until they reload."""
        return list(self.world.ephemerals.get(user.id, ()))

    def reload(self, user: User) -> None:
        """Slack is opened anew: ephemeral messages and modals are gone."""
        self.world.ephemerals.pop(user.id, None)
        for view in self.world.stack(user):
            view.open = False
        self.world.touch()

    def modal(self, user: User) -> View | None:
        """The modal on top of this person's screen."""
        stack = self.world.stack(user)
        return stack[-1] if stack else None

    def home(self, user: User) -> View | None:
        return self.world.homes.get(user.id)

    # what goes wrong

    def fail(
        self, method: str, how: str, times: int = 1, *, retry_after: int = 1, channel: Channel | None = None
    ) -> None:
        """The next ``times`` calls of this method (a pattern) fail: any error word of Slack's, a status 5xx,
        ``ratelimited``, ``reset``, ``silence``, ``socket-close``; "accepted-" does the work and loses the answer.
        """
        assert how in FAR or STATUS.fullmatch(how) or WORD.fullmatch(how.removeprefix("accepted-")), how
        where = channel.id if channel else ""
        self.api.faults.append(_Fault(re.compile(method), how, times, retry_after, where))

    def limit(self, method: str, per: int, seconds: float) -> None:
        """A real window per method, workspace and channel: past it 429 with Retry-After."""
        self.api.windows.append((re.compile(method), per, seconds, {}))

    def break_(self, word: str = "token_revoked", team: Team | None = None) -> None:
        """Every call of this workspace is answered with this word; empty mends it."""
        assert word in BROKEN or not word, word
        (team or self.team).broken = word

    def judge_later(self) -> None:
        """For measurements: blocks and views are accepted as they come and judged by ``judge_all``."""
        self.api.judge_now = False

    def judge_all(self) -> list[Json]:
        for place, verdict in self.api.unjudged:
            self.api.record(place, verdict())
        self.api.unjudged.clear()
        self.api.judge_now = True
        return self.violations
