"""What members write to Starling directly: replies to a prompt, text files, loose messages; also those of a gap.

Every reply stands in the thread of the message it answers. A thread is the only way in which Slack points at a
message, and "Count this as your answer?" has to point: at one of several in a row, or at one of yesterday.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable, Mapping
from typing import Any

import aiohttp
import structlog

from adapters.slack.calls import Lost, Refused, insist
from adapters.slack.ids import key_in
from adapters.slack.letters import TEXT_BYTES, Letter, letter_of, readable
from adapters.slack.past import PACE, Past
from adapters.slack.people import People
from adapters.slack.replying import key_of, reply
from adapters.slack.views import about
from adapters.slack.workspace import Workspace
from core.call import Attachment
from core.events import Events, Heard, Unread
from core.plain import clean_name, shown

log = structlog.get_logger(__name__)

LOOK_WITHIN = 10.0  # seconds spent on finding out what a thread is about
ROUNDS = 2  # how often the people whose messages could not be read are gone through
WAIT_FOR_GAP = 60.0  # seconds that a new message waits at most until its writer's missed ones are read
THREADS = 1024  # threads of which it is remembered what they are about
SIGN_IN = (b"<!doctype html", b"<html")  # what Slack hands out instead of a file to whom it does not know


class Hearing:
    """Hands the direct messages of one workspace to core, in order for each person, each once."""

    def __init__(
        self,
        workspace: Workspace,
        people: People,
        events: Events,
        *,
        pace: float = PACE,
        now: Callable[[], float] = time.time,
    ) -> None:
        """``now``: seconds since 1970, which Slack's message ids are made of."""
        self._of = workspace
        self._people = people
        self._events = events
        self._past = Past(workspace, pace, now)
        self._lines: dict[str, _Line] = {}
        self._threads: OrderedDict[tuple[str, str], str] = OrderedDict()
        self._missed: dict[str, Unread] = {}  # user id -> whose messages of a gap are still to be read
        self._listing = 0  # gaps of which it is not known yet whose messages may have been missed
        self._listed = asyncio.Event()
        self._listed.set()

    def gap(self) -> None:
        """Nobody listened for a while: what was said before comes first. A ``catch_up`` for each ends the wait."""
        self._listing += 1
        self._listed.clear()

    async def message(self, event: Mapping[str, Any]) -> None:
        """A ``message`` event. Everything but people's words in their own conversation with Starling is passed over.

        Returns when it was answered. Never raises but CancelledError.
        """
        if event.get("channel_type") != "im":
            return
        letter = letter_of(event, str(event.get("channel") or ""))
        if letter is None or letter.user_id == self._of.bot_user_id:
            return
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(WAIT_FOR_GAP):
                await self._listed.wait()
        async with self._line(letter.user_id):
            await self._read_missed(letter.user_id)
            parent = str(event.get("parent_user_id") or self._of.bot_user_id)
            await self._take(letter, None if parent == self._of.bot_user_id else "")

    async def catch_up(self) -> None:
        """Read what people with an open prompt wrote while nobody listened. Never raises but CancelledError.

        One person after the other, slowly. Whoever writes meanwhile is read at once, before what they write now.
        """
        try:
            for one in await self._events.unread("slack"):
                if one.workspace == self._of.team_id:
                    self._missed[one.user_id] = one
        except Exception:
            log.exception("missed messages could not be looked for")
        finally:
            self._listing -= 1
            if self._listing <= 0:
                self._listing = 0
                self._listed.set()
        for _ in range(ROUNDS):
            for user_id in list(self._missed):
                async with self._line(user_id):
                    await self._read_missed(user_id)
        if self._missed:
            log.warning("missed messages could not be read yet", people=len(self._missed))

    @contextlib.asynccontextmanager
    async def _line(self, user_id: str) -> AsyncIterator[None]:
        """The turn of one message: those of a person come in order."""
        line = self._lines.setdefault(user_id, _Line())
        line.waiting += 1
        try:
            async with line.lock:
                yield
        finally:
            line.waiting -= 1
            if not line.waiting:
                self._lines.pop(user_id, None)

    # --- one message ----------------------------------------

    async def _take(self, letter: Letter, asks: str | None, *, missed: bool = False) -> None:
        """``asks``: the prompt that its thread is about, None where that is still to be found out."""
        try:
            if asks is None:
                asks = await self._asks(letter.channel_id, letter.thread_ts)
            file, unreadable = await self._file(letter)
            who = await self._people.who(letter.user_id)
            heard = Heard(who, letter.channel_id, letter.ts, letter.text, asks, file, unreadable, missed)
            view = await self._events.heard(heard)
            if view is not None:
                await reply(self._of, letter.channel_id, letter.answer_in, view, key_of(letter.ts))
        except (Refused, Lost) as error:
            log.warning("a direct message could not be answered", why=str(error))
        except Exception:
            log.exception("hearing failed")

    async def _asks(self, channel_id: str, thread_ts: str) -> str:
        """The prompt that a thread is about, by its first message; "" for none, or when Slack does not say."""
        if not thread_ts:
            return ""
        known = self._threads.get((channel_id, thread_ts))
        if known is not None:
            self._threads.move_to_end((channel_id, thread_ts))
            return known
        # What the outbox has posted is known here; Slack, which answers fifty times a minute, is asked about the rest.
        team_id = self._of.team_id
        if posted := await self._events.asked_by("slack", team_id, channel_id, thread_ts):
            return self._about(channel_id, thread_ts, posted)
        try:
            found = await insist(
                lambda: self._of.plain.conversations_replies(
                    channel=channel_id, ts=thread_ts, limit=1, include_all_metadata=True
                ),
                LOOK_WITHIN,
            )
        except (Refused, Lost) as error:  # core asks the member instead
            log.warning("what a thread is about could not be read", why=str(error))
            return ""
        first: Mapping[str, Any] = next(
            (m for m in found.get("messages") or () if m.get("ts") == thread_ts), {}
        )
        return await self._asked_in(channel_id, first)

    async def _asked_in(self, channel_id: str, message: Mapping[str, Any]) -> str:
        """The prompt that a message of ours asks. A card that was written anew may have lost its buttons."""
        if message.get("user") != self._of.bot_user_id:
            return ""
        ts = str(message.get("ts") or "")
        handle = about(message.get("blocks") or ()) or await self._events.asked_by(
            "slack", self._of.team_id, channel_id, ts, key_in(message)
        )
        return self._about(channel_id, ts, handle) if handle else ""

    def _about(self, channel_id: str, ts: str, handle: str) -> str:
        """Remember what a thread is about."""
        self._threads[channel_id, ts] = handle
        while len(self._threads) > THREADS:
            self._threads.popitem(last=False)
        return handle

    async def _file(self, letter: Letter) -> tuple[Attachment | None, str]:
        given, why = readable(letter)
        if given is None:
            return None, why
        try:
            data = await self._of.fetch(given.url, TEXT_BYTES)
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            log.warning("a file could not be fetched", why=type(error).__name__)
            return None, f"“{shown(given.name, 60)}” could not be fetched from Slack just now"
        if data[:64].lstrip().lower().startswith(SIGN_IN):
            log.warning("a file could not be fetched", why="Slack asked to sign in: is files:read granted?")
            return None, f"“{shown(given.name, 60)}” could not be fetched from Slack"
        return Attachment(clean_name(given.name, 100), data), ""

    # --- what was said in a gap ----------------------------------------

    async def _read_missed(self, user_id: str) -> None:
        """Take the missed messages of one person, if there may be any."""
        unread = self._missed.pop(user_id, None)
        if unread is None:
            return
        try:
            async with asyncio.timeout(WAIT_FOR_GAP):
                found = await self._past.unheard(unread, self._asked_in)
        except (Refused, Lost, TimeoutError) as error:
            # Once more: after the others, at the next gap, and before the next words of theirs.
            self._missed[user_id] = unread
            log.warning("missed messages could not be read", why=str(error) or "Slack took too long")
            return
        except Exception:
            log.exception("reading missed messages failed")
            return
        for letter, asks in found:
            await self._take(letter, asks, missed=True)


class _Line:
    """The turns of one person, and how many wait for theirs."""

    def __init__(self) -> None:
        self.lock = asyncio.Lock()
        self.waiting = 0
