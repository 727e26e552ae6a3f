"""Sending what stands in the outbox: ``pending -> sending -> sent``, or an end that says why not.

The step to ``sending`` is committed before the call and the step to ``sent`` after it, so that a crash in
between is seen, and never guessed at (docs/delivery.md).
"""

from __future__ import annotations

import asyncio
import random
import secrets
from collections.abc import Mapping
from datetime import timedelta

import structlog

from core.delivery.content import content_of, gone_words
from core.delivery.due import Expiry, claim_due
from core.errors import NotFound
from core.ports import Gone, Outcome, Retry, Sender, Sent, Target, Unknown
from core.services import Services
from core.store import deliveries, schedules
from core.store import occurrences as store
from core.store.arrivals import disable_home
from core.store.deliveries import Delivery
from core.views import View

log = structlog.get_logger(__name__)

LEASE = timedelta(seconds=60)  # how long a row may stand at ``sending`` before somebody else looks at it
RETRIES = 6  # tries of one row; the last failure stands
BACKOFF = 2.0  # seconds; doubles each try, full jitter


class Outbox:
    """Drains due schedules and pending rows. ``tick`` is what the clock calls; two never run at once."""

    def __init__(self, app: Services, senders: Mapping[str, Sender], expiry: Expiry | None = None) -> None:
        self.app = app
        self.senders = senders
        self.expiry = expiry or Expiry()
        self.worker = secrets.token_hex(6)
        self._draining = asyncio.Lock()
        self._stopping = False

    async def tick(self) -> None:
        """Claim what is due, settle what a dead process left, expire what is too late, send the rest."""
        async with self._draining:
            await claim_due(self.app.store, self.app.clock, self.expiry)
            await self._settle_stranded()
            async with self.app.store.write() as tx:
                await deliveries.expire(tx, self.app.clock.now())
            async with self.app.store.read() as tx:
                scopes = await deliveries.scopes_waiting(tx, self.app.clock.now())
            # Each scope has its own queue: a slow workspace must not hold up another, nor a broken one cut it off.
            ends = await asyncio.gather(
                *(self._drain(s) for s in scopes if s.partition(":")[0] in self.senders),
                return_exceptions=True,
            )
            if broken := [e for e in ends if isinstance(e, Exception)]:
                raise ExceptionGroup("draining", broken)

    async def close(self) -> None:
        """Stop taking rows and wait for the one under way: no row is left at ``sending``."""
        self._stopping = True
        async with self._draining:
            pass

    async def _drain(self, scope: str) -> None:
        while not self._stopping:
            async with self.app.store.write() as tx:
                row = await deliveries.take(tx, scope, self.worker, self.app.clock.now(), LEASE)
            if row is None:
                return
            await self._send(row)

    async def _send(self, row: Delivery) -> None:
        view = await self._content(row)
        if view is None:
            return
        outcome: Outcome
        try:
            target = Target(
                platform=row.platform,
                scope=row.scope,
                server_id=row.server_id,
                channel_id=row.channel_id if row.person_id is None else "",
                user_id=row.user_id,
            )
            outcome = await self.senders[row.platform].send(target, view, row.key)
        except Exception:  # one row's defect must not stop the others
            log.exception("sending failed", key=row.key, platform=row.platform)
            outcome = Unknown("a defect of ours; see the log")
        await self._settle(row, outcome)

    async def _content(self, row: Delivery) -> View | None:
        """What the row says. When that cannot be had nothing was sent for certain: the row has failed, and says why."""
        try:
            return await content_of(self.app, row)
        except NotFound as error:
            reason = error.message
        except Exception:
            log.exception("content failed", key=row.key, platform=row.platform)
            reason = "a defect of ours; see the log"
        async with self.app.store.write() as tx:
            await deliveries.settle(tx, row.key, deliveries.FAILED, self.app.clock.now(), reason=reason)
        return None

    async def _settle(self, row: Delivery, outcome: Outcome) -> None:
        now = self.app.clock.now()
        async with self.app.store.write() as tx:
            match outcome:
                case Sent(message_id=message_id, channel_id=channel_id):
                    await deliveries.settle(
                        tx, row.key, deliveries.SENT, now, message_id=message_id, channel_id=channel_id
                    )
                case Retry(after=after, reason=reason) if row.attempt < RETRIES:
                    wait = max(after, random.uniform(0, BACKOFF * 2 ** (row.attempt - 1)))
                    await deliveries.put_back(tx, row.key, now + timedelta(seconds=wait), reason)
                case Retry(reason=reason):
                    await deliveries.settle(
                        tx,
                        row.key,
                        deliveries.FAILED,
                        now,
                        reason=f"given up after {RETRIES} tries: {reason}",
                    )
                case Gone(reason=reason, detail=detail):
                    words = gone_words(reason, detail)
                    await deliveries.settle(tx, row.key, deliveries.FAILED, now, reason=words)
                    if row.home_id is not None:
                        await disable_home(tx, row.home_id, words)
                    elif row.occurrence_id is not None:
                        drop = await store.get_drop(tx, row.occurrence_id)
                        if drop is not None:
                            await schedules.stop(tx, drop.schedule_id, "disabled", now, words)
                case Unknown(reason=reason):
                    await deliveries.settle(tx, row.key, deliveries.AMBIGUOUS, now, reason=reason)

    async def _settle_stranded(self) -> None:
        """A process died between the call and its commit: it may be there or not, and is said to be so.

        Platforms that can look their own messages up, or drop a repeated nonce, do better: their senders get
        the row again (docs/delivery.md, 4).
        """
        async with self.app.store.read() as tx:
            rows = await deliveries.stranded(tx, self.app.clock.now())
        for row in rows:
            async with self.app.store.write() as tx:
                await deliveries.settle_stranded(
                    tx, row.key, self.app.clock.now(), "Starling stopped while it was sending"
                )
