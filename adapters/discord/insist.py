"""Calls to Discord that may safely be made again: until they succeed, are refused, or it is too late."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from typing import TypeVar

import aiohttp
import discord

from adapters.discord.wire import retry_after

Answer = TypeVar("Answer")

ACKNOWLEDGED_ALREADY = 40060
FIRST_WAIT, LONGEST_WAIT = 0.2, 4.0  # seconds between two tries; doubled, with jitter


class TooLate(Exception):
    """The time for it has passed, and Discord never said whether it worked."""


async def insist(call: Callable[[], Awaitable[Answer]], seconds: float) -> Answer | None:
    """What ``call`` returns; None when Discord says that it had been done before (its answer was lost).

    Lost connections, 5xx and rate limits are tried again for ``seconds``, then ``TooLate`` is raised.
    ``discord.HTTPException`` is raised for what no repetition mends.
    """
    wait = FIRST_WAIT
    try:
        async with asyncio.timeout(max(0.0, seconds)):
            while True:
                try:
                    return await call()
                except discord.HTTPException as error:
                    if error.code == ACKNOWLEDGED_ALREADY:
                        return None
                    if error.status != 429 and error.status < 500:
                        raise
                    asked = error.response.headers.get("Retry-After", "")
                    pause = retry_after(asked) if error.status == 429 else wait
                except (aiohttp.ClientError, OSError):
                    # discord.py repeats after a reset only where its number is that of Windows or macOS.
                    pause = wait
                await asyncio.sleep(pause * random.uniform(0.8, 1.2))
                wait = min(wait * 2, LONGEST_WAIT)
    except TimeoutError as error:
        raise TooLate(f"no answer within {seconds:.1f} s") from error
