"""One connection of Socket Mode, from its opening to its end."""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

import aiohttp
from slack_sdk.socket_mode.async_client import AsyncBaseSocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest

LOGGER = logging.getLogger("slack_sdk.socket")

DRAIN = (
    3.0  # seconds for what is being heard when a connection is closed: later Slack takes no acknowledgement
)
GOODBYE = 1.0  # seconds for Slack's part of the closing handshake

Hear = Callable[["Line", SocketModeRequest], Coroutine[Any, Any, None]]
Elsewhere = Callable[[str], Awaitable[None]]


class Line(AsyncBaseSocketModeClient):
    """What bolt acknowledges through. It never reconnects: the road opens another one beside it.

    The library's own client holds one connection at a time. Told to change, it closes the old one before it asks
    for the new one; it does so for every reason alike, without a pause between refusals; and it prints each
    failure with its traceback. This child of its base keeps the library's messages and leaves all that to the road.
    """

    def __init__(self, socket: aiohttp.ClientWebSocketResponse, hear: Hear, elsewhere: Elsewhere) -> None:
        """``elsewhere`` sends an acknowledgement for which this connection has ended."""
        self.logger = LOGGER
        self.hello: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        """How many connections Slack counts, as soon as it has said hello."""
        self.left: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        """Why another connection is needed: Slack's reason, or "" when this one just ended."""
        self._socket = socket
        self._hear = hear
        self._elsewhere = elsewhere
        self._left_at: float | None = None
        self._heard: set[asyncio.Task[None]] = set()
        self._ear = asyncio.create_task(self._listen())

    @property
    def alive(self) -> bool:
        """Slack has said hello, and the connection still carries."""
        return self.hello.done() and not self._socket.closed

    def carries(self, seconds: float) -> bool:
        """Slack still sends over it, as far as one can know: it may have asked for another, but not long ago."""
        return self.alive and (self._left_at is None or time.monotonic() - self._left_at < seconds)

    async def _listen(self) -> None:
        try:
            async for message in self._socket:  # the socket answers pings by itself
                if message.type is aiohttp.WSMsgType.TEXT:
                    self._take(message.data)
        finally:
            self._leave("")

    def _take(self, text: str) -> None:
        try:
            said = json.loads(text)
            kind = said.get("type")
            request = SocketModeRequest.from_dict(said)
        except (ValueError, TypeError, AttributeError):
            LOGGER.warning("Slack said something that nobody here understands")
            return
        if kind == "hello":
            if not self.hello.done():
                self.hello.set_result(int(said.get("num_connections") or 0))
        elif kind == "disconnect":
            self._leave(str(said.get("reason") or "unknown"))
        elif request is not None:
            # A task each: one that takes its time keeps nobody else waiting.
            task = asyncio.create_task(self._hear(self, request))
            self._heard.add(task)
            task.add_done_callback(self._heard.discard)

    def _leave(self, reason: str) -> None:
        if not self.left.done():
            self._left_at = time.monotonic()
            self.left.set_result(reason)

    async def say(self, text: str) -> None:
        """Raises ConnectionError where this connection has ended."""
        if self._socket.closed:
            raise ConnectionResetError("the connection has ended")
        await self._socket.send_str(text)

    async def send_message(self, message: str) -> None:
        """Called by bolt with an acknowledgement."""
        try:
            await self.say(message)
        except ConnectionError:
            await self._elsewhere(message)

    async def linger(self, seconds: float) -> None:
        """Listen on until Slack ends the connection, at most so long; then close it."""
        await asyncio.wait((self._ear,), timeout=seconds)
        await self.close()

    async def close(self) -> None:
        """What is being heard is acknowledged first, here or (where this has ended) elsewhere."""
        if self._heard:
            await asyncio.wait(self._heard, timeout=DRAIN)
        await self._socket.close()
        left: list[asyncio.Task[None]] = [self._ear, *self._heard]
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)
