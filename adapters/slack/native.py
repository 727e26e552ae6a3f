"""What only Slack has: the Home tab. Shown when somebody looks at it, and anew when something in it has changed.

Slack shows what was published last, also days later, so whoever has looked lately is kept up to date, and nobody
else: a page that nobody sees is made when it is opened. Which ones those are is known to this process alone.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import time
from collections import OrderedDict
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field

import aiohttp
import structlog
from slack_sdk.errors import SlackApiError, SlackClientError

from adapters.slack.calls import BUSY, code_of
from adapters.slack.people import People, retry_after
from adapters.slack.views import home, plain
from adapters.slack.words import Json
from adapters.slack.workspace import Workspace
from core.call import Request, Where
from core.dispatch import Dispatcher
from core.views import View

log = structlog.get_logger(__name__)

LATELY = 4 * 3600.0  # seconds after a look for which a page is kept up to date
MOST = 2048  # people who are remembered; the longest unseen go first
SOON = 0.5  # seconds between a change and the page that shows it: one press often changes several things
APART = 3.0  # seconds between two pages of one person
PACE = 1.2  # seconds between two pages made unasked: 50 a minute, where Slack allows about 100 (Tier 4)
TRIES = 3  # of a page that Slack was too busy to take
AGAIN = 5.0  # seconds between two of them
REFUSED = frozenset({"invalid_blocks", "invalid_arguments", "invalid_view", "view_too_large"})
"""Words for a page that is wrong as it is drawn: its text alone may still be taken."""


@dataclass(slots=True)
class _Reader:
    """Somebody who has looked. ``shown`` digests what they see; ``at`` is when it was published."""

    looked: float
    at: float = float("-inf")
    shown: str = ""
    tries: int = 0
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)


class HomeTab:
    """Of one workspace. Nothing is raised for what Slack or the network does: the next look shows it."""

    def __init__(
        self,
        workspace: Workspace,
        dispatcher: Dispatcher,
        people: People,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._of = workspace
        self._dispatcher = dispatcher
        self._people = people
        self._clock = clock
        self._readers: OrderedDict[str, _Reader] = OrderedDict()
        self._own: dict[str, float] = {}  # user id -> when to show it anew: something of theirs changed
        self._all: dict[str, float] = {}  # the same for what changed for everybody: those wait for the others
        self._worker: asyncio.Task[None] | None = None
        self._wake = asyncio.Event()
        self._next = float("-inf")
        self._closed = False

    # --- what happens ----------------------------------------

    async def show(self, user_id: str) -> None:
        """Somebody opened the tab. At once, unless theirs has just been published."""
        now = self._clock()
        reader = self._readers.pop(user_id, None) or _Reader(now)
        self._readers[user_id] = reader
        reader.looked = now
        while len(self._readers) > MOST:
            forgotten, _ = self._readers.popitem(last=False)
            self._forget(forgotten)
        if now - reader.at < APART:
            self.touch(user_id)
        else:
            await self._publish(user_id, reader)

    def touch(self, user_id: str) -> None:
        """Something has changed for them. For whoever has not looked lately nothing is done."""
        if (reader := self._looking(user_id)) is not None:
            self._all.pop(user_id, None)
            self._put(self._own, user_id, reader, SOON)

    def touch_all(self) -> None:
        """Something has changed for everybody: a question was posted."""
        for user_id in list(self._readers):
            if user_id not in self._own and (reader := self._looking(user_id)) is not None:
                self._put(self._all, user_id, reader, SOON)

    async def drain(self) -> None:
        """Show nothing more by itself. What is left undone is shown at the next look."""
        self._closed = True
        self._own.clear()
        self._all.clear()
        if self._worker is not None:
            self._worker.cancel()
            with suppress(asyncio.CancelledError):
                await self._worker

    # --- who waits for what ----------------------------------------

    def _looking(self, user_id: str) -> _Reader | None:
        reader = self._readers.get(user_id)
        if reader is not None and self._clock() - reader.looked > LATELY:
            del self._readers[user_id]
            self._forget(user_id)
            return None
        return reader

    def _forget(self, user_id: str) -> None:
        self._own.pop(user_id, None)
        self._all.pop(user_id, None)

    def _put(self, waiting: dict[str, float], user_id: str, reader: _Reader, wait: float) -> None:
        """Once for all that changes until then; never put off by what changes later."""
        if self._closed:
            return
        waiting.setdefault(user_id, max(self._clock() + wait, reader.at + APART))
        self._wake.set()
        if self._worker is None or self._worker.done():
            self._worker = asyncio.create_task(self._work(), name="starling slack home")

    async def _work(self) -> None:
        """One page after the other, as long as there are any."""
        while self._own or self._all:
            now = self._clock()
            user_id, at = self._first(now)
            if (wait := max(at, self._next) - now) > 0:
                self._wake.clear()
                with suppress(TimeoutError):  # somebody else's may be due before
                    await asyncio.wait_for(self._wake.wait(), wait)
                continue
            self._forget(user_id)
            self._next = now + PACE
            if (reader := self._looking(user_id)) is not None:
                await self._publish(user_id, reader)

    def _first(self, now: float) -> tuple[str, float]:
        """Whose turn it is, and when. What changed for everybody waits while one's own change is due."""
        waiting = [min(some.items(), key=lambda one: one[1]) for some in (self._own, self._all) if some]
        return next((one for one in waiting if one[1] <= now), min(waiting, key=lambda one: one[1]))

    # --- a page ----------------------------------------

    async def _publish(self, user_id: str, reader: _Reader) -> None:
        async with reader.lock:  # what was made first is published first
            try:
                await self._shown(user_id, reader)
            except SlackApiError as error:
                code, status = code_of(error)
                if status == 429:  # it holds for everybody
                    self._next = self._clock() + retry_after(error)
                if code in BUSY or status == 429 or status >= 500:
                    self._again(user_id, reader, code)
                else:
                    log.warning("a Home tab was refused", workspace=self._of.name, error=code)
            except (aiohttp.ClientError, SlackClientError, OSError, TimeoutError) as error:
                self._again(user_id, reader, type(error).__name__)
            except Exception:
                log.exception("a Home tab could not be shown", workspace=self._of.name)

    async def _shown(self, user_id: str, reader: _Reader) -> None:
        who = await self._people.who(user_id)
        where = Where("slack", name="home")
        view = await self._dispatcher.run(Request("home", who, where, unasked=True))
        drawn = home(view)
        digest = _digest(drawn)
        if digest == reader.shown:
            return
        reader.shown = ""  # until Slack says so, nobody knows what is shown
        reader.at = self._clock()
        await self._send(user_id, drawn, view)
        reader.shown, reader.tries = digest, 0

    async def _send(self, user_id: str, drawn: Json, view: View) -> None:
        try:
            await self._of.plain.views_publish(user_id=user_id, view=drawn)
        except SlackApiError as error:
            code, _ = code_of(error)
            if code not in REFUSED:
                raise
            log.error("Slack takes a Home tab only as text", workspace=self._of.name, error=code)
            await self._of.plain.views_publish(user_id=user_id, view=home(plain(view)))

    def _again(self, user_id: str, reader: _Reader, why: str) -> None:
        """Not now: a little later, a few times."""
        reader.tries += 1
        if reader.tries < TRIES:
            self._put(self._own, user_id, reader, AGAIN)
            return
        reader.tries = 0
        log.warning("a Home tab could not be shown", workspace=self._of.name, error=why)


def _digest(drawn: Json) -> str:
    return hashlib.sha256(json.dumps(drawn, sort_keys=True).encode("utf-8", "surrogatepass")).hexdigest()
