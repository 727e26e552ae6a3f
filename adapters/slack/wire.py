"""Whether a call of ours left for Slack at all, seen below slack_sdk, whose errors do not say it.

It decides between "try again" and "it may be there".
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from types import SimpleNamespace

import aiohttp


@dataclass(slots=True)
class Wire:
    """The requests that one call became."""

    out: bool = False  # one has left, at least in part


_CALL: ContextVar[Wire | None] = ContextVar("slack_call", default=None)


@contextmanager
def watched() -> Iterator[Wire]:
    """Note what happens to the requests made inside, by this task, through a session that has ``trace``."""
    wire = Wire()
    token = _CALL.set(wire)
    try:
        yield wire
    finally:
        _CALL.reset(token)


def trace() -> aiohttp.TraceConfig:
    """For a workspace's session."""

    async def left(
        session: aiohttp.ClientSession,
        context: SimpleNamespace,
        params: aiohttp.TraceRequestHeadersSentParams,
    ) -> None:
        if (wire := _CALL.get()) is not None:
            wire.out = True

    made = aiohttp.TraceConfig()
    made.on_request_headers_sent.append(left)
    return made
