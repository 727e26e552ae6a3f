"""Socket Mode: Starling calls Slack, and Slack speaks over that connection."""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import Callable, Sequence
from time import time
from typing import Final

import aiohttp
import structlog
from slack_bolt.adapter.socket_mode.async_internals import run_async_bolt_app, send_async_response
from slack_bolt.async_app import AsyncApp
from slack_bolt.response import BoltResponse
from slack_sdk.errors import SlackApiError
from slack_sdk.socket_mode.request import SocketModeRequest

from adapters.slack.line import GOODBYE, Line
from adapters.slack.socket_words import CROWDED, MOST, REFUSED, SWITCHED_OFF, asked, key, word_of
from adapters.slack.teams import EVENTS, Pair, Strangers, whose
from adapters.slack.workspace import Workspace
from core.errors import SettingsError
from core.ports import Clock

log = structlog.get_logger(__name__)

ACK: Final = 3.0  # seconds that Slack waits for an acknowledgement
OPENING: Final = 20.0  # seconds from asking for a connection to Slack's hello
HEARTBEAT: Final = (
    10.0  # seconds of silence before Slack is asked for a sign of life; it has half of that to answer
)
LINGER: Final = 15.0  # seconds that a replaced connection is still listened to; a "warning" comes 10 s ahead
SETTLED: Final = 60.0  # seconds after which a connection counts as good, and the waits begin small again
FIRST_WAIT, LONGEST_WAIT = 1.0, 60.0  # seconds between two tries; doubled, with jitter
CROWDED_WAIT, LONGESTCROWDED_WAIT = 10.0, 300.0
SLOW: Final = 60.0  # seconds between two tries when somebody has to change something first

#: What slack_sdk raises where Slack is away, or where something else answers in its place.
_AWAY = (SlackApiError, aiohttp.ClientError, OSError, TimeoutError, ValueError, TypeError, AttributeError)


class SocketRoad:
    """One workspace's way in. ``await road.serve()``; a connection that ends is followed by another.

    Slack may send an envelope again; whether it was there before is not asked here.
    """

    def __init__(
        self,
        workspace: Workspace,
        app: AsyncApp,
        clock: Clock,
        *,
        proxy: str = "",
        connected: Callable[[bool], None] = lambda gap: None,
        shared: Sequence[Pair] = (),
        heartbeat: float = HEARTBEAT,
    ) -> None:
        """``connected`` is called after each hello, with True when nobody listened before it: what was said in that gap
        may be looked for then. It must not raise. ``shared``: the other workspaces with the same app token. Slack
        sends what is of any of them over any connection of the app, so they have one road together.
        """
        self._workspace = workspace
        self._pairs = ((workspace, app), *shared)
        self._strangers = Strangers()
        self._clock = clock
        self._proxy = proxy
        self._connected = connected
        self._heartbeat = heartbeat
        self._web: aiohttp.ClientSession
        self._lines: set[Line] = set()
        """All that are open, or have not been cleared away yet."""
        self._leaving: dict[Line, asyncio.Task[None]] = {}
        self._life: asyncio.Task[None] | None = None
        self._closed = False
        self._over = False
        self._ever = False
        """Slack has said hello once, so the app token was good."""
        self._fails = 0
        self._told = ""
        """The trouble that was logged last, with what to do; it is not said again until it is over."""

    def healthy(self) -> bool:
        """For /readyz: Slack can reach us now."""
        return any(line.carries(LINGER) for line in self._lines)

    async def serve(self) -> None:
        """Stay connected until cancelled, or closed. Raises SettingsError when Slack refuses the app token at the
        start; whatever comes later is logged and tried again."""
        if self._closed:
            return
        self._life = asyncio.create_task(self._live())
        try:
            await self._life
        except asyncio.CancelledError:
            me = asyncio.current_task()
            if me is None or me.cancelling():  # else it was closed
                raise

    async def close(self) -> None:
        """End the connections; what was being heard is acknowledged. ``serve`` returns."""
        self._closed = True
        if self._life is not None:
            self._life.cancel()
            await asyncio.wait((self._life,))

    async def _live(self) -> None:
        self._over = False
        async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as self._web:
            try:
                while True:
                    if wait := await self._turn():
                        await self._clock.sleep(wait)
            finally:
                self._over = True
                await asyncio.gather(*(line.close() for line in self._lines))
                await asyncio.gather(*self._leaving.values(), return_exceptions=True)
                self._lines.clear()

    async def _turn(self) -> float:
        """One connection, until another is needed; how long to wait for that, in seconds."""
        try:
            async with asyncio.timeout(OPENING):
                line = await self._open()
                reason = await self._first(line)
        except _AWAY as error:
            return self._missed(error)
        if reason is None:
            self._joined(line)
            began = self._clock.now()
            reason = await line.left
            if (self._clock.now() - began).total_seconds() >= SETTLED:
                self._fails = 0
        else:
            self._leave(line, 0)
        return self._after(reason)

    async def _open(self) -> Line:
        token = self._workspace.token.app_token
        said = await self._workspace.plain.apps_connections_open(app_token=token)
        socket = await self._web.ws_connect(
            str(said["url"]),  # it holds a ticket: never in a log
            heartbeat=self._heartbeat,
            # slack_sdk takes a proxy from the environment where none is set, and both must go the same way
            proxy=self._proxy or self._workspace.plain.proxy,
            timeout=aiohttp.ClientWSTimeout(ws_close=GOODBYE),
            autoping=True,
        )
        line = Line(socket, self._hear, self._elsewhere)
        self._lines.add(line)
        return line

    async def _first(self, line: Line) -> str | None:
        """None once Slack has said hello; else why it did not."""
        try:
            await asyncio.wait((line.hello, line.left), return_when=asyncio.FIRST_COMPLETED)
        except asyncio.CancelledError:  # out of patience
            self._leave(line, 0)
            raise
        return None if line.hello.done() else line.left.result()

    def _joined(self, line: Line) -> None:
        old_ones = self._lines - {line}
        for old in old_ones - self._leaving.keys():
            self._leave(old, LINGER)
        self._ever = True
        count = line.hello.result()
        log.info("connected to Slack", workspace=self._workspace.name, connections=count)
        if count - sum(old.alive for old in old_ones) < MOST:
            self._told = ""
        elif self._told != "too_many_websockets":
            self._told = "too_many_websockets"
            log.warning(CROWDED, workspace=self._workspace.name)
        self._connected(not any(old.alive for old in old_ones))

    def _leave(self, line: Line, seconds: float) -> None:
        """Close it in the background, after so long at most."""
        if (before := self._leaving.get(line)) is not None:
            before.cancel()

        async def leave() -> None:
            await line.linger(seconds)
            self._lines.discard(line)
            if self._leaving.get(line) is task:
                del self._leaving[line]

        task = self._leaving[line] = asyncio.create_task(leave())

    # what goes wrong

    def _after(self, reason: str) -> float:
        """How long to wait when a connection has ended, or is about to."""
        if reason == "too_many_websockets":
            self._tell(reason, CROWDED)
            if open_ones := [line for line in self._lines if line.alive]:
                for line in open_ones:  # ours count too
                    self._leave(line, 0)
                return self._longer(FIRST_WAIT)
            return self._longer(CROWDED_WAIT, LONGESTCROWDED_WAIT)
        if reason == "link_disabled":
            self._tell(reason, SWITCHED_OFF)
            return SLOW
        # The first time at once: connections are changed every few hours, and that is no trouble.
        wait = 0.0 if self._fails == 0 else self._longer(FIRST_WAIT / 2)
        self._fails = max(self._fails, 1)
        facts = {"workspace": self._workspace.name, "again_in": round(wait, 1)}
        if reason:
            log.info("Slack asks for another connection", reason=reason, **facts)
        else:
            log.warning("the connection to Slack has ended", **facts)
        return wait

    def _missed(self, error: Exception) -> float:
        """How long to wait when there was no connection at all. Raises SettingsError."""
        word = word_of(error)
        if word in REFUSED:
            what = REFUSED[word].format(key=key(self._workspace))
            if not self._ever:
                raise SettingsError(what) from error
            self._tell(word, what)
            return SLOW
        wait = max(self._longer(FIRST_WAIT), asked(error))
        log.warning(
            "Slack cannot be reached", workspace=self._workspace.name, error=word, again_in=round(wait, 1)
        )
        return wait

    def _longer(self, first: float, longest: float = LONGEST_WAIT) -> float:
        wait = min(first * (1 << min(self._fails, 16)), longest)
        self._fails += 1
        return wait * random.uniform(0.75, 1.25)

    def _tell(self, word: str, what: str) -> None:
        """Once, until Slack says hello again."""
        if self._told != word:
            self._told = word
            log.error(what, workspace=self._workspace.name)

    # what comes in

    async def _hear(self, line: Line, request: SocketModeRequest) -> None:
        begun = time()
        try:
            answer = BoltResponse(status=404)
            if (app := whose(self._pairs, request.payload)) is not None:
                answer = await run_async_bolt_app(app, request)
            elif not all(workspace.known for workspace, _ in self._pairs):
                return  # it may be the one that has not been asked yet; Slack sends events again
            else:
                self._strangers.met(request.payload)
            if answer.status == 404 and request.payload.get("type") in EVENTS:
                answer = BoltResponse(status=200)  # nobody listens for it; sent again it would be the same
            await send_async_response(line, request, answer, begun)
        except Exception:
            log.exception(
                "what Slack sent could not be taken", workspace=self._workspace.name, kind=request.type
            )

    async def _elsewhere(self, text: str) -> None:
        """An acknowledgement whose connection has ended goes over the next, as the library does it too."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(ACK):
                while not self._over:
                    for line in [one for one in self._lines if one.alive]:
                        with contextlib.suppress(ConnectionError):
                            await line.say(text)
                            return
                    await asyncio.sleep(0.05)
        log.warning("an acknowledgement found no connection", workspace=self._workspace.name)
