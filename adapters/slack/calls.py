"""Calls to Slack that somebody waits for: repeated where that shows nothing twice, refused with Slack's own word."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import aiohttp
from slack_sdk.errors import SlackApiError, SlackClientError

Answer = TypeVar("Answer")

FIRST_WAIT, LONGEST_WAIT = 0.2, 4.0  # seconds between two tries; doubled, with jitter
BROKE = frozenset({"internal_error", "fatal_error"})
"""Words of what broke at Slack on the way: some of it may have been done."""
LONGEST_TRY = 8.0  # seconds that one try may take: a Slack that is silent gets another
BUSY = frozenset({"ratelimited", "rate_limited", "service_unavailable"}) | BROKE
"""Words of refusals that pass by themselves."""
CANNOT_DRAW = frozenset(
    {"invalid_blocks", "msg_blocks_too_long", "invalid_blocks_format", "invalid_arguments"}
)
"""Words of refusals that are about how a message looks: its text alone can still be shown."""


class Refused(Exception):
    """Slack answered, and did nothing. ``code`` is its word ("channel_not_found"), or "http_500"."""

    def __init__(self, code: str, detail: tuple[str, ...] = ()) -> None:
        super().__init__(code)
        self.code = code
        self.detail = detail


class Lost(Exception):
    """The time for it has passed, and Slack never said whether it worked."""


class Said(Exception):
    """What a response_url answered instead of "ok". ``response`` has ``status_code`` and ``headers``."""

    def __init__(self, word: str, response: Any) -> None:
        """``word``: Slack's, or ""."""
        super().__init__(word)
        self.word = word
        self.response = response


def code_of(error: SlackApiError | Said) -> tuple[str, int]:
    """(Slack's word for what it refused, HTTP status). An answer that is not Slack's has "http_<status>"."""
    said: Any = error.response
    status = getattr(said, "status_code", None) or getattr(said, "status", None) or 0
    data = getattr(said, "data", said)
    word = error.word if isinstance(error, Said) else data.get("error") if isinstance(data, dict) else None
    return (str(word) if word else f"http_{status}"), int(status)


def _asked(error: SlackApiError | Said) -> float:
    """Seconds that Slack asks to be left alone; 0 where it asks for nothing."""
    headers = getattr(error.response, "headers", None) or {}
    try:
        return max(0.0, float(headers.get("Retry-After", 0)))
    except (TypeError, ValueError):
        return 0.0


def details_of(error: SlackApiError | Said) -> tuple[str, ...]:
    """What Slack says about the blocks that it refused: paths and rules, never what stands in them."""
    data = getattr(error.response, "data", None)
    found = (data.get("response_metadata") or {}).get("messages") if isinstance(data, dict) else None
    return tuple(str(one)[:200] for one in found[:5]) if isinstance(found, list) else ()


async def insist(call: Callable[[], Awaitable[Answer]], seconds: float, *, again: bool = True) -> Answer:
    """What ``call`` returns. Raises ``Refused`` for what no repetition mends, and ``Lost``.

    ``again``: lost connections and trouble at Slack are tried again for ``seconds``; without it they are ``Lost``
    at once, since the first try may be there. What Slack refused in so many words did nothing, so that is tried
    again in either case; unless it says that something broke on the way.
    """
    wait = FIRST_WAIT
    try:
        async with asyncio.timeout(max(0.0, seconds)):
            while True:
                try:
                    async with asyncio.timeout(LONGEST_TRY):
                        return await call()
                except (SlackApiError, Said) as error:
                    code, status = code_of(error)
                    if not (code in BUSY or status == 429 or status >= 500):
                        raise Refused(code, details_of(error)) from None
                    if not again and (code.startswith("http_5") or code in BROKE):
                        raise Lost(code) from None
                    wait = max(wait, _asked(error))
                except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError):
                    pass  # it never went out
                except (aiohttp.ClientError, SlackClientError, OSError, TimeoutError) as error:
                    if not again:
                        raise Lost(type(error).__name__) from None
                await asyncio.sleep(wait * random.uniform(0.8, 1.2))
                wait = min(wait * 2, LONGEST_WAIT)
    except TimeoutError:
        raise Lost(f"no answer within {seconds:.1f} s") from None
