"""The two roads to the app, Socket Mode and signed HTTP, and events that go on knocking until they are heard."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import time
from collections.abc import Coroutine
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import aiohttp
from slack_double_socket import Ack, Sockets
from slack_double_world import Channel, Json, Team, World

# What an event needs beside its subscription.
NEEDS = {
    "app_mention": "app_mentions:read",
    "channel_archive": "channels:read",
    "channel_deleted": "channels:read",
    "channel_left": "channels:read",
    "channel_rename": "channels:read",
    "group_left": "groups:read",
    "message.channels": "channels:history",
    "message.groups": "groups:history",
    "message.im": "im:history",
}
PLACES = {"im": "message.im", "channel": "message.channels", "group": "message.groups"}


@dataclass(eq=False)
class Event:
    """One event on its way: the same event_id however often it is delivered."""

    id: str
    name: str
    payload: Json
    attempts: int = 0
    acked: bool = False
    latency: float = 0.0
    done: bool = False


@dataclass
class Roads:
    world: World
    sockets: Sockets
    latencies: list[tuple[str, float]]
    retry_waits: tuple[float, ...] = (0.05, 0.1, 0.2)
    """Seconds before each repeat of an unheard event (Slack: at once, a minute, five); empty: none."""
    lost: int = 0
    """So many of the next acknowledgements are lost on their way to Slack."""
    events: list[Event] = field(default_factory=list)
    _tasks: set[asyncio.Task[Any]] = field(default_factory=set)
    _session: aiohttp.ClientSession | None = None

    async def close(self) -> None:
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._session is not None:
            await self._session.close()

    def spawn(self, work: Coroutine[Any, Any, Any]) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def deliver(
        self, team: Team, kind: str, payload: Json, accepts: bool = True, retry: int = 0, reason: str = ""
    ) -> Ack:
        """By the road this workspace's app is on."""
        ack = await self._deliver(team, kind, payload, accepts, retry, reason)
        if self.lost > 0:
            self.lost -= 1
            return Ack(failed="operation_timeout", reason="timeout")
        return ack

    async def _deliver(
        self, team: Team, kind: str, payload: Json, accepts: bool, retry: int, reason: str
    ) -> Ack:
        if not team.url:
            return await self.sockets.deliver(team, kind, payload, accepts, retry, reason)
        sent = time.perf_counter()
        try:
            status, body = await self.post(team, kind, payload, retry=retry, reason=reason)
        except TimeoutError:
            return Ack(failed="operation_timeout", reason="http_timeout")
        except aiohttp.ClientError:
            return Ack(failed="dispatch_failed", reason="connection_failed")
        if status != 200:
            return Ack(failed="dispatch_failed", reason="http_error")
        try:
            answer: Any = json.loads(body) if body else None
        except ValueError:
            answer = None
        if body and not isinstance(answer, dict):
            answer = {"text": body}
        return Ack(True, answer, time.perf_counter() - sent)

    async def post(
        self,
        team: Team,
        kind: str,
        payload: Json,
        *,
        secret: str | None = None,
        at: float | None = None,
        retry: int = 0,
        reason: str = "http_timeout",
        headers: dict[str, str] | None = None,
    ) -> tuple[int, str]:
        """One signed request to the app: status and body. ``secret`` and ``at`` make a bad or an old one."""
        if kind == "events_api":
            body, content = json.dumps(payload), "application/json"
        elif kind == "slash_commands":
            body, content = urlencode(payload), "application/x-www-form-urlencoded"
        else:
            body, content = urlencode({"payload": json.dumps(payload)}), "application/x-www-form-urlencoded"
        stamp = str(int(time.time() if at is None else at))
        key = (team.signing_secret if secret is None else secret).encode()
        signed = hmac.new(key, f"v0:{stamp}:{body}".encode(), hashlib.sha256).hexdigest()
        sent = {"Content-Type": content, "X-Slack-Signature": f"v0={signed}"}
        sent |= {"X-Slack-Request-Timestamp": stamp, "User-Agent": "Slackbot 1.0"}
        if retry:
            sent |= {"X-Slack-Retry-Num": str(retry), "X-Slack-Retry-Reason": reason}
        if self._session is None:
            self._session = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0))
        limit = aiohttp.ClientTimeout(total=self.sockets.ack_limit)
        address = team.url
        async with self._session.post(
            address, data=body, headers=sent | (headers or {}), timeout=limit
        ) as answer:
            return answer.status, await answer.text()

    # events

    def envelope(self, team: Team, event: Json) -> Json:
        authorised = {"enterprise_id": None, "team_id": team.id, "user_id": team.bot.id, "is_bot": True}
        made: Json = {"token": "unused", "team_id": team.id, "api_app_id": team.app_id, "event": event}
        made |= {"type": "event_callback", "event_id": self.world.id("Ev"), "event_time": int(time.time())}
        made["authorizations"] = [authorised | {"is_enterprise_install": False}]
        found: Channel | None = self.world.channels.get(str(event.get("channel")))
        return made | {"is_ext_shared_channel": bool(found and found.shared)}

    def emit(self, team: Team, event: Json) -> Event | None:
        """Start telling the app, if it is subscribed, allowed and present. Repeats go on in the background."""
        name = PLACES[event["channel_type"]] if event["type"] == "message" else event["type"]
        scope = NEEDS.get(name)
        if name not in team.events or (scope and scope not in team.scopes):
            return None
        channel = self.world.channels.get(str(event.get("channel")))
        if channel is not None and event["type"] == "message" and team.bot not in channel.members:
            return None
        made = Event("", name, self.envelope(team, event))
        made.id = made.payload["event_id"]
        self.events.append(made)
        self.spawn(self._knock(team, made))
        return made

    async def _knock(self, team: Team, event: Event) -> None:
        reason = ""
        try:
            for attempt, wait in enumerate((0.0, *self.retry_waits)):
                await asyncio.sleep(wait)
                event.attempts += 1
                ack = await self.deliver(team, "events_api", event.payload, False, attempt, reason)
                if ack.acked:
                    event.acked, event.latency = True, ack.latency
                    self.latencies.append((event.name, ack.latency))
                    return
                reason = ack.reason
        finally:
            event.done = True
            self.world.touch()

    async def again(self, team: Team, event: Event) -> bool:
        """Deliver an event that was already heard once more, as Slack does when an acknowledgement is lost."""
        event.attempts += 1
        ack = await self.deliver(team, "events_api", event.payload, False, event.attempts - 1, "timeout")
        return ack.acked
