"""What somebody said directly while nobody listened, read out of their conversation. Slowly: everybody's is read."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

import structlog
from slack_sdk.errors import SlackApiError

from adapters.slack.calls import Lost, code_of, insist
from adapters.slack.letters import Letter, instant, letter_of
from adapters.slack.people import retry_after
from adapters.slack.workspace import Workspace
from core.events import Unread

log = structlog.get_logger(__name__)

READ_WITHIN = 60.0  # seconds spent on reading one page, waits that Slack asks for included
PAGE, PAGES = 200, 5  # messages that are asked for at once, and how often
BACK = 48 * 3600.0  # seconds before now: how old a prompt may be that is still answered
PACE = 1.5  # seconds between two calls: Slack allows about 50 a minute

AskedIn = Callable[[str, Mapping[str, Any]], Awaitable[str]]
"""(channel id, a message there) -> the prompt that it asks, "" for none."""
Found = list[tuple[Letter, str | None]]
"""Messages in order, each with the prompt that its thread is about; None where the thread was not read."""


class Past:
    """Of one workspace. ``now``: seconds since 1970, which Slack's message ids are made of."""

    def __init__(self, workspace: Workspace, pace: float, now: Callable[[], float]) -> None:
        self._of = workspace
        self._pace = pace
        self._now = now
        self._turn = asyncio.Lock()
        self._next = 0.0

    async def unheard(self, unread: Unread, asked_in: AskedIn) -> Found:
        """What they said after ``unread.after``: loose, and in the threads that began in the last two days.

        Raises ``Refused`` and ``Lost``.
        """
        channel_id, after = unread.channel_id, instant(unread.after)
        history = await self._history(channel_id)
        said: dict[str, tuple[Mapping[str, Any], str | None]] = {}
        for first in history:
            if instant(str(first.get("latest_reply") or "")) > after:
                about = await asked_in(channel_id, first)
                for message in await self._replies(channel_id, str(first["ts"]), unread.after):
                    said[str(message.get("ts"))] = message, about
        for message in history:
            said.setdefault(str(message.get("ts")), (message, None))
        found: Found = []
        for message, asks in said.values():
            letter = letter_of(message, channel_id)
            if letter is not None and letter.user_id == unread.user_id and instant(letter.ts) > after:
                found.append((letter, asks if letter.thread_ts else ""))
        return sorted(found, key=lambda pair: instant(pair[0].ts))

    async def _history(self, channel_id: str) -> Sequence[Mapping[str, Any]]:
        oldest = f"{max(0.0, self._now() - BACK):.6f}"
        return await self._pages(
            lambda **page: self._of.plain.conversations_history(
                channel=channel_id, oldest=oldest, limit=PAGE, include_all_metadata=True, **page
            )
        )

    async def _replies(self, channel_id: str, ts: str, after: str) -> Sequence[Mapping[str, Any]]:
        return await self._pages(
            lambda **page: self._of.plain.conversations_replies(
                channel=channel_id, ts=ts, oldest=after, limit=PAGE, **page
            )
        )

    async def _pages(self, read: Callable[..., Awaitable[Any]]) -> Sequence[Mapping[str, Any]]:
        found: list[Mapping[str, Any]] = []
        page: dict[str, str] = {}
        for _ in range(PAGES):
            said = await self._page(read, page)
            found += said.get("messages") or ()
            cursor = str((said.get("response_metadata") or {}).get("next_cursor") or "")
            if not cursor:
                return found
            page = {"cursor": cursor}
        log.warning("not everything that was missed was read", messages=len(found))
        return found

    async def _page(self, read: Callable[..., Awaitable[Any]], page: Mapping[str, str]) -> Any:
        async def once() -> Any:
            try:
                return await read(**page)
            except SlackApiError as error:
                if code_of(error)[1] == 429:
                    raise _Busy(retry_after(error)) from None
                raise

        try:
            async with asyncio.timeout(READ_WITHIN):
                while True:
                    await self._my_turn()
                    try:
                        return await insist(once, READ_WITHIN)
                    except _Busy as busy:
                        await asyncio.sleep(busy.seconds)
        except TimeoutError:
            raise Lost(f"no answer within {READ_WITHIN:.0f} s") from None

    async def _my_turn(self) -> None:
        """One call after the other, so many seconds apart."""
        async with self._turn:
            await asyncio.sleep(max(0.0, self._next - time.monotonic()))
            self._next = time.monotonic() + self._pace


class _Busy(Exception):
    """Slack wants to be left alone for so many seconds."""

    def __init__(self, seconds: float) -> None:
        super().__init__(seconds)
        self.seconds = seconds
