"""Socket Mode in the local double: connections, envelopes, acknowledgements, and every way of falling out of it."""

from __future__ import annotations

import asyncio
import json
import time
import uuid
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from aiohttp import WSMsgType, web
from slack_double_world import Json, Team, World

MOST = 10


@dataclass
class Ack:
    """How a delivery was taken."""

    acked: bool = False
    payload: Any = None
    latency: float = 0.0
    failed: str = ""
    """operation_timeout or dispatch_failed, as Slack shows it."""
    reason: str = ""
    """http_timeout, http_error, timeout: the retry reason Slack gives."""


@dataclass(eq=False)
class Link:
    """One connection of the app."""

    team: Team
    socket: web.WebSocketResponse
    leaving: bool = False


@dataclass
class Sockets:
    """What the app's sockets talk to. ``log`` keeps ("hello", team), ("disconnect", reason), ("pong", team), ..."""

    world: World
    record: Callable[[str, list[tuple[str, str]]], None]
    ack_limit: float = 3.0
    most: int = MOST
    mute: bool = False
    """Pings of the app are not answered."""
    hello_wait: float = 0.0
    """Seconds from the opening of a connection to its hello; nothing is sent over it before."""
    switched_off: bool = False
    """Socket Mode is off in the app's settings: a connection opens, and ends with ``link_disabled``."""
    others: int = 0
    """Connections that other copies of the app hold."""
    links: list[Link] = field(default_factory=list)
    log: list[tuple[str, str]] = field(default_factory=list)
    _tickets: dict[str, Team] = field(default_factory=dict)
    _waiting: dict[str, asyncio.Future[Any]] = field(default_factory=dict)
    _turn: int = 0

    def note(self, what: str, about: str) -> None:
        self.log.append((what, about))
        self.world.touch()

    async def until(self, what: str, times: int = 1, patience: float = 5.0) -> None:
        """Wait until the log holds ``what`` so many times."""
        await self.world.until(
            lambda: sum(each == what for each, _ in self.log) >= times, patience, lambda: self.log
        )

    def join_url(self, team: Team) -> str:
        """A fresh address; it opens once."""
        ticket = uuid.uuid4().hex
        self._tickets[ticket] = team
        return f"{self.world.base.replace('http', 'ws', 1)}/link/?ticket={ticket}&app_id={team.app_id}"

    async def handle(self, request: web.Request) -> web.StreamResponse:
        team = self._tickets.pop(request.query.get("ticket", ""), None)
        if team is None:
            self.note("refused", "ticket")
            return web.Response(status=403, text="the ticket was used or is unknown")
        socket = web.WebSocketResponse(max_msg_size=0, timeout=0.2, autoping=False)
        await socket.prepare(request)
        link = Link(team, socket)
        if refused := self._refused(team):
            await self._bye(link, refused)
            await socket.close()
            return socket
        await asyncio.sleep(self.hello_wait)
        self.links.append(link)
        try:
            await socket.send_json(self._hello(team))
            self.note("hello", team.id)
            async for received in socket:
                if received.type == WSMsgType.PING and not self.mute:
                    await socket.pong(received.data)
                elif received.type == WSMsgType.PONG:
                    self.note("pong", team.id)
                elif received.type == WSMsgType.TEXT:
                    self._heard(received.data)
        except ConnectionError:
            pass
        finally:
            if link in self.links:
                self.links.remove(link)
            self.note("gone", team.id)
        return socket

    def _refused(self, team: Team) -> str:
        open_ones = sum(each.team.app_token == team.app_token for each in self.links) + self.others
        if self.switched_off:
            return "link_disabled"
        return "too_many_websockets" if open_ones >= self.most else ""

    def _hello(self, team: Team) -> Json:
        debug = {"host": "applink-double", "started": "2026-01-01 00:00:00.000", "build_number": 1}
        made: Json = {"type": "hello", "num_connections": len(self.of(team)) + self.others}
        made |= {"debug_info": debug | {"approximate_connection_time": 18060}}
        return made | {"connection_info": {"app_id": team.app_id}}

    def _heard(self, text: str) -> None:
        try:
            message = json.loads(text)
            envelope = message["envelope_id"]
        except (ValueError, KeyError, TypeError):
            self.record("socket", [("", f"not an acknowledgement: {text:.80}")])
            return
        if set(message) - {"envelope_id", "payload"}:
            self.record("socket", [("", f"unknown keys in an acknowledgement: {sorted(message)}")])
        waiting = self._waiting.pop(envelope, None)
        if waiting is None:
            self.note("late ack", envelope)
        elif not waiting.done():
            waiting.set_result(message)

    def of(self, team: Team) -> list[Link]:
        """Those of its app: workspaces with the same app token share them."""
        return [each for each in self.links if each.team.app_token == team.app_token and not each.leaving]

    # what Slack sends

    async def deliver(
        self, team: Team, kind: str, payload: Json, accepts: bool, retry: int = 0, reason: str = ""
    ) -> Ack:
        """One envelope over one of the open connections, in turn, and its acknowledgement."""
        links = self.of(team)
        if not links:
            return Ack(failed="dispatch_failed", reason="timeout")
        self._turn += 1
        link = links[self._turn % len(links)]
        envelope: Json = {"envelope_id": str(uuid.uuid4()), "payload": payload, "type": kind}
        envelope["accepts_response_payload"] = accepts
        if kind == "events_api":
            envelope |= {"retry_attempt": retry, "retry_reason": reason}
        waiting = asyncio.get_running_loop().create_future()
        self._waiting[envelope["envelope_id"]] = waiting
        sent = time.perf_counter()
        try:
            async with asyncio.timeout(self.ack_limit):
                await link.socket.send_json(envelope)
                message = await waiting
        except (TimeoutError, ConnectionError):
            return Ack(failed="operation_timeout", reason="timeout")
        finally:
            self._waiting.pop(envelope["envelope_id"], None)
        if message.get("payload") is not None and not accepts:
            self.record("socket", [("", f"a payload for {kind}, which takes none")])
        return Ack(True, message.get("payload"), time.perf_counter() - sent)

    async def _bye(self, link: Link, reason: str) -> None:
        link.leaving = True
        self.note("disconnect", reason)
        with suppress(ConnectionError):
            debug = {"host": "applink-double"}
            await link.socket.send_json({"type": "disconnect", "reason": reason, "debug_info": debug})

    async def disconnect(self, reason: str = "refresh_requested", team: Team | None = None) -> None:
        """``warning``: this connection ends soon, and still carries; the other reasons end it after the word."""
        for link in [each for each in self.links if team in (None, each.team)]:
            await self._bye(link, reason)
            link.leaving = reason != "warning"
            if reason == "link_disabled":
                await link.socket.close()

    async def drop(self, *, abort: bool = False) -> None:
        """Every connection ends without a word: closed properly, or cut."""
        for link in list(self.links):
            if abort and link.socket._req is not None and link.socket._req.transport is not None:
                link.leaving = True
                link.socket._req.transport.abort()
            else:
                with suppress(ConnectionError):
                    await link.socket.close()

    async def ping(self) -> None:
        for link in self.links:
            await link.socket.ping(b"Ping from applink-double")
