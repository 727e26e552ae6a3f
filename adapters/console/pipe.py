"""A pipe as a console: lines come in, replies go out, and nothing is asked.

Reading happens in a thread of its own, so that what becomes due is shown while the next line is awaited.
The thread reads the descriptor and not ``sys.stdin``: a thread that waits inside a buffered reader when
Python ends makes it abort.
"""

from __future__ import annotations

import asyncio
import itertools
import os
import select
import threading
from collections.abc import Iterator
from typing import Any, TextIO

from adapters.console.render import Numbers, Saved, plain
from core.commands import Registry
from core.views import View

CHUNK = 65_536
LINE_BYTES = 1024 * 1024  # of one line; what comes after them is thrown away
_CHUNKS_WAITING = 8


def file_number(stream: Any) -> int | None:
    """The descriptor below ``stream``, or None when there is none (closed, or text in memory)."""
    try:
        number: int = stream.fileno()
    except (AttributeError, OSError, ValueError):
        return None
    return number


class Lines:
    """The lines of a text stream, one at a time, without making the event loop wait."""

    def __init__(self, stream: TextIO | None) -> None:
        self._stream = stream
        self._chunks: asyncio.Queue[bytes] = asyncio.Queue()
        self._room = threading.Semaphore(_CHUNKS_WAITING)
        self._buffer = bytearray()
        self._started = False
        self._skipping = False
        self._ended = False
        self._closed = threading.Event()

    async def next(self) -> str | None:
        """The next line without its end, or None at the end of the input. Invalid UTF-8 becomes U+FFFD."""
        if not self._started:
            self._started = True
            loop = asyncio.get_running_loop()
            threading.Thread(target=self._read, args=(loop,), name="console-input", daemon=True).start()
        while (end := self._buffer.find(b"\n")) < 0 and not self._ended:
            chunk = await self._chunks.get()
            self._room.release()
            self._ended = not chunk
            if self._skipping:  # the rest of a line that was too long
                cut = chunk.find(b"\n")
                self._skipping = cut < 0
                chunk = b"" if cut < 0 else chunk[cut:]
            self._buffer += chunk
            if len(self._buffer) > LINE_BYTES and b"\n" not in self._buffer:
                del self._buffer[LINE_BYTES:]
                self._skipping = True
        if end < 0 and not self._buffer:
            return None
        line = bytes(self._buffer[: end if end >= 0 else None])
        del self._buffer[: end + 1 if end >= 0 else None]
        return line.decode("utf-8", "replace").removeprefix("\ufeff").removesuffix("\r")

    def close(self) -> None:
        """Let the thread go as soon as it is not inside a read."""
        self._closed.set()
        self._room.release()

    def _read(self, loop: asyncio.AbstractEventLoop) -> None:
        for chunk in itertools.chain(self._pieces(), [b""]):
            self._room.acquire()
            if self._closed.is_set():
                return
            try:
                loop.call_soon_threadsafe(self._chunks.put_nowait, chunk)
            except RuntimeError:  # the loop has ended; so has the console
                return

    def _pieces(self) -> Iterator[bytes]:
        number = file_number(self._stream)
        if number is None:
            yield from _from_memory(self._stream)
            return
        while True:
            try:
                chunk = os.read(number, CHUNK)
            except BlockingIOError:  # somebody made the pipe non-blocking
                select.select([number], [], [])
                continue
            except OSError:  # closed, or a terminal that went away
                return
            if not chunk:
                return
            yield chunk


def _from_memory(stream: TextIO | None) -> Iterator[bytes]:
    try:
        while stream is not None and (text := stream.read(CHUNK)):
            yield text.encode("utf-8", "surrogatepass")
    except ValueError:  # closed
        return


class Output:
    """Where replies go. Somebody who stops reading (``| head -1``) is no error: ``gone`` becomes True."""

    def __init__(self, stream: TextIO | None) -> None:
        self.stream = stream
        self.gone = False
        self._first = True

    def paragraph(self, text: str) -> None:
        """``text`` and a line end, with an empty line between it and what came before."""
        self.write(text + "\n" if self._first else f"\n{text}\n")
        self._first = False

    def write(self, text: str) -> None:
        if self.gone or self.stream is None:
            return
        encoding = getattr(self.stream, "encoding", None) or "utf-8"
        try:
            self.stream.write(text.encode(encoding, "replace").decode(encoding))
            self.stream.flush()
        except BrokenPipeError:
            self.gone = True
            self._swallow_the_rest()
        except (OSError, ValueError):  # a full disk, a closed stream
            self.gone = True

    def _swallow_the_rest(self) -> None:
        """What Python still holds for the pipe would fail once more, loudly, when it ends."""
        number = file_number(self.stream)
        if number is not None:
            null = os.open(os.devnull, os.O_WRONLY)
            os.dup2(null, number)
            os.close(null)


class Pipe:
    """The plain side of the console."""

    def __init__(self, stdin: TextIO | None, stdout: TextIO | None, registry: Registry) -> None:
        self._lines = Lines(stdin)
        self._output = Output(stdout)
        self._registry = registry

    @property
    def gone(self) -> bool:
        return self._output.gone

    async def read(self) -> str | None:
        return await self._lines.next()

    def render(self, view: View, numbers: Numbers, saved: Saved, *, drop: bool, label: str) -> str:
        text = plain(view, numbers, saved, self._registry)
        return f"{label}\n{text}" if label else text

    async def put(self, text: str) -> None:
        self._output.paragraph(text)

    def close(self) -> None:
        self._lines.close()
