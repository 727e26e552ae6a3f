"""The local Discord and the local Slack of the kill harness: they take their time, and lose some of their answers.

A post is on its way for some milliseconds before it is there, and its answer for some milliseconds after, so that
kills fall before, between and behind. A post that has come in goes its way also when who sent it is dead by then.
Both go by a clock of the harness's: what they stamp, and for how long a nonce is remembered.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from typing import Any, Protocol

from aiohttp import web
from discord_double import DiscordDouble
from discord_double_rest import Asked
from discord_double_routes import Routes
from discord_double_world import EPOCH, Guild, User
from kills_weather import Weather
from kills_worker import SharedClock
from slack_double import SlackDouble
from slack_double_api import Asked as SlackAsked
from slack_double_api import _Fault
from slack_double_screens import Screens
from slack_double_world import Team, World
from slack_double_world import User as SlackUser

Json = dict[str, Any]

REMEMBERED = 70.0  # seconds: Discord knows a nonce for some minutes, and Starling counts on one
POST = re.compile(r"/channels/\d+/messages")


class Platform(Protocol):
    """What the harness asks of a platform with its double. ``weather`` is the way to it."""

    name: str
    scope: str
    workspace: str  # of its people's accounts
    weather: Weather

    def settings(self) -> dict[str, str]:
        """As the environment writes them."""
        ...

    async def channel(self) -> tuple[str, str]:
        """A new one: (server id, channel id)."""
        ...

    def person(self) -> str:
        """Somebody new, who takes direct messages: their id."""
        ...

    async def connected(self, lives: int) -> None:
        """Return when so many Starlings have arrived."""
        ...

    def shown(self) -> dict[str, list[date]]:
        """A channel's or a person's id -> the dates of Starling's messages there, by the platform's own clock."""
        ...

    @property
    def quiet(self) -> bool:
        """Nobody is connected, and nothing that was asked is still being done."""
        ...

    @property
    def violations(self) -> list[Json]: ...

    async def close(self) -> None: ...


class _Routes(Routes):
    weather: Weather

    async def handle(self, request: web.Request) -> web.Response:
        with self.weather.handling():
            return await super().handle(request)

    def _fault(self, asked: Asked) -> str:
        posting = asked.method == "POST" and POST.fullmatch(asked.path)
        return "accepted-reset" if posting and self.weather.loses() else super()._fault(asked)

    async def _send(self, asked: Asked, number: str) -> Json:
        await self.weather.there()
        try:
            message = await super()._send(asked, number)
            if self.weather.swallows():
                self._channel(number).messages.remove(message)
        finally:
            await self.weather.back()
        return message

    def _history(self, asked: Asked, number: str) -> list[Json]:
        found = super()._history(asked, number)
        return [each | {"components": []} for each in found] if self.weather.blind else found


class _Discord(DiscordDouble):
    routes = _Routes


class OnDiscord:
    """One server with channels, and people who let the bot write to them."""

    name, scope, workspace = "discord", "discord", ""

    @classmethod
    async def open(cls, clock: SharedClock, *, forgetful: bool = False) -> OnDiscord:
        """``forgetful``: no nonce is recognised."""
        made = cls()
        made.weather = Weather()
        made._double = double = await _Discord.start()
        assert isinstance(double.rest, _Routes)
        double.rest.weather = made.weather
        double.world.now = double.rest.clock = lambda: clock.now().timestamp()
        double.rest.nonce_window = -1.0 if forgetful else REMEMBERED
        made._guild = await double.add_guild()
        made._people = list[User]()
        return made

    weather: Weather
    _double: _Discord
    _guild: Guild
    _people: list[User]

    def settings(self) -> dict[str, str]:
        return {
            "STARLING_DISCORD__TOKEN": self._double.token,
            "STARLING_DISCORD__API_BASE_URL": self._double.api,
            "STARLING_DISCORD__GATEWAY_URL": self._double.gateway_url,
            "STARLING_DISCORD__CDN_BASE_URL": self._double.base,
            "STARLING_DELIVERY__FIRST_CONTACT_DMS_PER_MINUTE": "60",
        }

    async def channel(self) -> tuple[str, str]:
        """Somebody has written there, as in every channel that was set up: an empty one hides what is in it."""
        made = await self._double.add_channel(self._guild, f"practice-{len(self._guild.channels)}")
        await self._double.say(self._guild.owner, made, "Shall we practise here?")
        return str(self._guild.id), str(made.id)

    def person(self) -> str:
        made = self._double.add_member(self._guild, f"Person {len(self._people)}")
        self._people.append(made)
        return str(made.id)

    async def connected(self, lives: int) -> None:
        await self._double.gateway.until("identify", lives, 30)

    def shown(self) -> dict[str, list[date]]:
        found = {str(each.id): each.messages for each in self._guild.channels}
        found |= {str(each.id): self._double.dms(each) for each in self._people}
        return {
            place: [_day(((int(m["id"]) >> 22) + EPOCH) / 1000) for m in messages if m["author"]["bot"]]
            for place, messages in found.items()
        }

    @property
    def quiet(self) -> bool:
        return not (connections(self._double._runner) or self.weather.handled)

    @property
    def violations(self) -> list[Json]:
        return self._double.violations

    async def close(self) -> None:
        await self._double.close()


class _Screens(Screens):
    weather: Weather

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.methods["chat.postMessage"] = self._slow_post

    async def handle(self, request: web.Request) -> web.StreamResponse:
        with self.weather.handling():
            return await super().handle(request)

    def _fault(self, asked: SlackAsked) -> _Fault | None:
        if asked.method == "chat.postMessage" and self.weather.loses():
            return _Fault(POST, "accepted-reset", 1, 1, "")
        return super()._fault(asked)

    async def _slow_post(self, asked: SlackAsked, team: Team, args: Json) -> Json:
        await self.weather.there()
        try:
            said = self._post(asked, team, args)
            if self.weather.swallows():
                self.channel(team, args["channel"]).messages.pop()
        finally:
            await self.weather.back()
        return said

    def _history(self, asked: SlackAsked, team: Team, args: Json) -> Json:
        found = super()._history(asked, team, args)
        return found | {"messages": []} if self.weather.blind else found


class _Slack(SlackDouble):
    screens = _Screens


class OnSlack:
    """One workspace with channels that Starling is in, and people who let it write to them."""

    name = "slack"

    @classmethod
    async def open(cls, clock: SharedClock, *, history: bool = True, resend: bool = False) -> OnSlack:
        """``history``: whether the app may read what it wrote. ``resend``: the operator's ``slack_ambiguous``."""
        made = cls()
        made.weather = Weather()
        made._double = double = await _Slack.start()
        assert isinstance(double.api, _Screens)
        double.api.weather = made.weather
        double.world.now = lambda: clock.now().timestamp()
        if not history:
            double.team.scopes -= {scope for scope in double.team.scopes if scope.endswith(":history")}
        made.workspace, made.scope = double.team.id, f"slack:{double.team.id}"
        made._resend, made._people = resend, list[SlackUser]()
        return made

    weather: Weather
    workspace: str
    scope: str
    _double: _Slack
    _resend: bool
    _people: list[SlackUser]

    def settings(self) -> dict[str, str]:
        return {
            "STARLING_SLACK__MODE": "socket",
            "STARLING_SLACK__BOT_TOKEN": self._double.team.bot_token,
            "STARLING_SLACK__APP_TOKEN": self._double.team.app_token,
            "STARLING_SLACK__API_BASE_URL": self._double.base_url.rstrip("/"),
            "STARLING_DELIVERY__SLACK_AMBIGUOUS": "resend" if self._resend else "skip",
            "STARLING_DELIVERY__SLACK_PER_WORKSPACE_PER_MINUTE": "1200",
        }

    async def channel(self) -> tuple[str, str]:
        made = self._double.add_channel(f"practice-{len(self._double.world.channels)}")
        return self.workspace, made.id

    def person(self) -> str:
        made = self._double.add_user(f"Person {len(self._people)}")
        self._people.append(made)
        return made.id

    async def connected(self, lives: int) -> None:
        await self._double.sockets.until("hello", lives, 30)

    def shown(self) -> dict[str, list[date]]:
        found = {each.id: each.messages for each in self._double.world.channels.values() if each.user is None}
        found |= {each.id: self._double.dms(each) for each in self._people}
        return {place: [_day(float(m["ts"])) for m in messages] for place, messages in found.items()}

    @property
    def quiet(self) -> bool:
        return not (connections(self._double._runner) or self.weather.handled)

    @property
    def violations(self) -> list[Json]:
        return self._double.violations

    async def close(self) -> None:
        await self._double.close()


def connections(runner: web.AppRunner) -> int:
    return len(runner.server.connections) if runner.server is not None else 0


def _day(stamp: float) -> date:
    return datetime.fromtimestamp(stamp, UTC).date()
