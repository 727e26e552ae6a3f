"""A door in front of a server that can swallow everything both ways without closing: a network that is cut."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Self


class Gate:
    """Listens on a port of 127.0.0.1 and passes everything on to a Unix socket while it is open."""

    def __init__(self, behind: str) -> None:
        self._behind = behind
        self._open = asyncio.Event()
        self._open.set()
        self._server: asyncio.Server | None = None
        self._passing: set[asyncio.Task[None]] = set()

    @property
    def port(self) -> int:
        assert self._server is not None
        port: int = self._server.sockets[0].getsockname()[1]
        return port

    def shut(self) -> None:
        """From now on nothing comes through, and nobody is told so."""
        self._open.clear()

    def open(self) -> None:
        """What was sent meanwhile comes through late."""
        self._open.set()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._come, "127.0.0.1", 0)
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.close()
        for task in self._passing:
            task.cancel()
        await asyncio.gather(*self._passing, return_exceptions=True)

    async def _come(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._passing.add(task)
        try:
            await self._open.wait()
            behind_reader, behind = await asyncio.open_unix_connection(self._behind)
            try:
                # Each way ends by itself: an end that the other side has not seen yet is part of being cut off.
                await asyncio.gather(self._pass(reader, behind), self._pass(behind_reader, writer))
            finally:
                behind.close()
        except asyncio.CancelledError:
            pass  # the test is over
        finally:
            writer.close()
            self._passing.discard(task)

    async def _pass(self, source: asyncio.StreamReader, to: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError):
            while data := await source.read(1 << 16):
                await self._open.wait()
                to.write(data)
                await to.drain()
        await self._open.wait()
        to.close()
