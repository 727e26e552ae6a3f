"""What happened to a call of ours on its way to Discord, seen below discord.py, which repeats some by itself.

Whether a request went out decides between "try again" and "it may be there": discord.py's errors do not say it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from types import SimpleNamespace

import aiohttp

LONGEST_WAIT = 3600.0  # seconds; more is not believed


@dataclass(slots=True)
class Wire:
    """The requests that one call became: more than one where discord.py tried again."""

    out: int = 0
    refused: int = 0  # of those, answered with 4xx: they did nothing
    wait: float = 0.0  # seconds that the last answer asked to wait
    everybody: bool = False  # it asked that of the whole bot, so discord.py holds up every request meanwhile

    @property
    def lost(self) -> bool:
        """Something went out of which nobody knows what became of it."""
        return self.out > self.refused


_CALL: ContextVar[Wire | None] = ContextVar("call", default=None)


@contextmanager
def watched() -> Iterator[Wire]:
    """Note what happens to the requests made inside, by this task, through a session that has ``trace``."""
    wire = Wire()
    token = _CALL.set(wire)
    try:
        yield wire
    finally:
        _CALL.reset(token)


def trace(repeated: Callable[[], None], pause: Callable[[float], None]) -> aiohttp.TraceConfig:
    """For ``discord.Client``'s ``http_trace``. ``repeated`` is called for each request that discord.py makes again
    by itself, ``pause`` when Discord, or the gate before it, asks the whole bot to wait so many seconds."""

    async def sent(
        session: aiohttp.ClientSession,
        context: SimpleNamespace,
        params: aiohttp.TraceRequestHeadersSentParams,
    ) -> None:
        if (wire := _CALL.get()) is not None:
            wire.out += 1
            if wire.out > 1:
                repeated()

    async def answered(
        session: aiohttp.ClientSession, context: SimpleNamespace, params: aiohttp.TraceRequestEndParams
    ) -> None:
        status, headers = params.response.status, params.response.headers
        wait = retry_after(headers.get("Retry-After", "")) if status == 429 else 0.0
        # Without "Via" it is not Discord who answers but the gate before it, which looks at the address alone.
        everybody = status == 429 and ("X-RateLimit-Global" in headers or "Via" not in headers)
        if everybody:
            pause(wait)
        if (wire := _CALL.get()) is not None:
            wire.refused += 400 <= status < 500
            wire.wait, wire.everybody = wait, everybody

    made = aiohttp.TraceConfig()
    made.on_request_headers_sent.append(sent)
    made.on_request_end.append(answered)
    return made


def retry_after(header: str) -> float:
    """Seconds; one where it does not say."""
    try:
        return min(max(0.0, float(header)), LONGEST_WAIT)
    except ValueError:
        return 1.0
