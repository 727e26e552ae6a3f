"""One row of the outbox on its way: sent, looked for, or written anew; what came of it is committed here.

The row stands at ``sending`` already. What may have arrived is sent again with the same key as long as the
platform recognises it, and looked for afterwards; where it cannot be recognised it is looked for once it must
have arrived.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Mapping
from datetime import datetime, timedelta

import structlog

from core.delivery.content import content_of, gone_words
from core.delivery.tries import RESENT, lasts, noted, target_of, was_resent
from core.delivery.trouble import refused, thrown_out, undelivered
from core.errors import DatabaseTrouble, NotFound
from core.ports import BEGIN_WITHIN, Gone, Outcome, Retry, Sender, Sent, Unknown
from core.services import Services
from core.store import deliveries, rewrites, stale
from core.store import occurrences as store
from core.store.deliveries import Delivery
from core.store.engine import Tx
from core.store.rewrites import Card
from core.store.servers import removed
from core.views import View

log = structlog.get_logger(__name__)

RETRIES = 6  # tries of a notice, a test post, a rewriting; a question is tried until its time has passed
BACKOFF = 2.0  # seconds; doubles each try, full jitter
LOOK_AGAIN = (2.0, 10.0)  # seconds until what could not be looked for just now is looked for again
DEFECT = "a defect of ours; see the log"
STOPPED = "Starling stopped while it was sending"


class Carrier:
    """Carries rows, several at once. ``resend``: platforms on which what may be there, and cannot be looked for, is
    sent once more instead of being left ``ambiguous``."""

    def __init__(self, app: Services, senders: Mapping[str, Sender], resend: frozenset[str]) -> None:
        self.app = app
        self.senders = senders
        self.resend = resend
        self.under_way: set[str] = set()
        self._out: set[str] = set()  # of these, what may have reached the platform

    async def carry(self, row: Delivery, taken: float) -> None:
        """``taken``: the loop's time before ``row`` was taken. Raises StoreError when the end cannot be written:
        the row then stays at ``sending`` until its lease is over."""
        self.under_way.add(row.key)
        try:
            sender, now = self.senders[row.platform], self.app.clock.now()
            if row.kind in deliveries.REWRITES:
                await self._rewrite(sender, row, taken)
            elif row.tried_at is None and now >= row.expires_at:
                await self._end(row, deliveries.EXPIRED, "its time had passed before it could be sent")
            elif row.tried_at is not None and (
                now - row.tried_at >= sender.repeat_for or now >= row.expires_at
            ):
                await self._look(sender, row, row.tried_at)
            else:
                await self._send(sender, row, taken)
        except asyncio.CancelledError:  # the process ends and cannot wait any longer
            async with self.app.store.write() as tx:
                there = row.key in self._out or row.tried_at is not None
                await deliveries.put_back(tx, row, self.app.clock.now(), noted(row, STOPPED), there=there)
            raise
        finally:
            self.under_way.discard(row.key)
            self._out.discard(row.key)

    def _late(self, row: Delivery, taken: float) -> bool:
        """Whether this process stood still since it took the row: somebody else may have it before it is sent.

        By two clocks: one stops with the machine, the other may be turned.
        """
        stood = asyncio.get_running_loop().time() - taken
        return max(stood, (self.app.clock.now() - row.taken_at).total_seconds()) > BEGIN_WITHIN

    async def _leave(self, row: Delivery) -> None:
        async with self.app.store.write() as tx:
            again = self.app.clock.now()
            there = row.tried_at is not None and row.kind not in deliveries.REWRITES
            await deliveries.put_back(tx, row, again, row.reason, there=there, attempt=row.attempt - 1)

    async def _wait(self, row: Delivery) -> None:
        """``row`` was not begun; it is tried again a little later."""
        again = self.app.clock.now() + timedelta(seconds=random.uniform(*LOOK_AGAIN))
        there = row.tried_at is not None and row.kind not in deliveries.REWRITES
        async with self.app.store.write() as tx:
            await deliveries.put_back(tx, row, again, row.reason, there=there, attempt=row.attempt - 1)

    # --- sending ----------------------------------------

    async def _send(self, sender: Sender, row: Delivery, taken: float) -> None:
        view = await self._content(row)
        if view is None:
            return
        if self._late(row, taken):
            await self._leave(row)
            return
        self._out.add(row.key)
        outcome: Outcome
        began = self.app.clock.now()
        try:
            outcome = await sender.send(target_of(row), view, row.key)
        except Exception:  # one row's defect must not stop the others
            log.exception("sending failed", key=row.key, platform=row.platform)
            outcome = Unknown(DEFECT)
        now = self.app.clock.now()
        lost = row.tried_at is not None  # an earlier try may be there, whatever came of this one
        async with self.app.store.write() as tx:
            match outcome:
                case Sent():
                    await self._arrived(tx, sender, row, outcome, now)
                case Retry(after=after, reason=reason) if row.attempt < RETRIES or lost or lasts(row):
                    again = now + timedelta(seconds=max(after, _backoff(row)))
                    await deliveries.put_back(tx, row, again, noted(row, reason), there=lost)
                case Retry(reason=reason):
                    words = f"given up after {RETRIES} tries: {reason}"
                    await self._settle(tx, row, deliveries.FAILED, now, reason=words)
                    await undelivered(tx, row, words, now)
                case Gone():
                    await self._gone(tx, row, outcome, now)
                case Unknown(reason=reason):
                    # Where a repeated key is not recognised it is looked for, as soon as that tells something.
                    at_once = not sender.repeat_for and (row.attempt == 1 or sender.look_after)
                    again = now if at_once else now + timedelta(seconds=_backoff(row))
                    again = max(again, (row.tried_at or began) + sender.look_after)
                    await deliveries.put_back(tx, row, again, noted(row, reason), there=True)

    async def _look(self, sender: Sender, row: Delivery, since: datetime) -> None:
        """A try of ``row`` may be there, and sending it again would show it twice."""
        if self.app.clock.now() < since + sender.look_after:  # it may still be on its way; a look is no try
            async with self.app.store.write() as tx:
                again = since + sender.look_after
                await deliveries.put_back(tx, row, again, row.reason, there=True, attempt=row.attempt - 1)
            return
        found: Outcome | None
        try:
            found = await sender.find(target_of(row), row.key, since)
        except Exception:
            log.exception("looking failed", key=row.key, platform=row.platform)
            found = Unknown(DEFECT)
        now = self.app.clock.now()
        async with self.app.store.write() as tx:
            match found:
                case None if row.reason.endswith(DEFECT):  # the next try would fail as this one has
                    await self._settle(tx, row, deliveries.FAILED, now, reason=row.reason)
                case None:
                    await deliveries.put_back(tx, row, now, row.reason, there=False, attempt=1)
                case Sent():
                    await self._arrived(tx, sender, row, found, now)
                case Retry(after=after):
                    again = now + timedelta(seconds=max(after, random.uniform(*LOOK_AGAIN)))
                    # Looking is no try.
                    await deliveries.put_back(tx, row, again, row.reason, there=True, attempt=row.attempt - 1)
                case Gone():
                    await self._gone(tx, row, found, now)
                case Unknown():
                    await self._unsure(tx, row, now)

    async def _arrived(self, tx: Tx, sender: Sender, row: Delivery, sent: Sent, now: datetime) -> None:
        await deliveries.settle(
            tx, row, deliveries.SENT, now, message_id=sent.message_id, channel_id=sent.channel_id
        )
        if row.kind in deliveries.QUESTIONS:
            await stale.mark_reached(tx, [row.occurrence_id], now)
        if row.person_id is not None and sent.channel_id:
            await deliveries.keep_direct_channel(tx, row, sent.channel_id)
        if row.kind == "drop" and row.occurrence_id is not None and sender.edits:
            drop = await store.get_drop(tx, row.occurrence_id)
            if drop is not None and drop.recap:
                await rewrites.add_recap(tx, row, drop.closes_at, sent.channel_id or row.channel_id)

    async def _gone(self, tx: Tx, row: Delivery, gone: Gone, now: datetime) -> None:
        out = gone.reason == "revoked"
        why = removed(row.platform) if out else gone_words(gone.reason, gone.detail)
        state = deliveries.FAILED if row.tried_at is None else deliveries.AMBIGUOUS
        await self._settle(tx, row, state, now, reason=why)
        await (thrown_out if out else refused)(tx, self.app, row, why, now)

    async def _unsure(self, tx: Tx, row: Delivery, now: datetime) -> None:
        """It may be there and may not be, and the platform does not let us look.

        Where the operator wants it sent again nevertheless, that is done once: whoever loses answers may lose the
        next one, too, and nobody wants a question six times. After its time it is not worth a doubled one.
        """
        again = row.platform in self.resend and not row.reason.endswith(DEFECT) and not was_resent(row)
        if again and now < row.expires_at:
            await deliveries.put_back(tx, row, now, f"{RESENT}: {row.reason}", there=False, attempt=1)
        else:
            await self._settle(tx, row, deliveries.AMBIGUOUS, now, reason=row.reason)

    # --- rewriting ----------------------------------------

    async def _rewrite(self, sender: Sender, row: Delivery, taken: float) -> None:
        """Let a card that is there show what is true now. Its failures are the card's alone: no home goes off."""
        async with self.app.store.read() as tx:
            card = await rewrites.card(tx, row.edits)
        now = self.app.clock.now()
        if card is not None and card.state in (deliveries.PENDING, deliveries.SENDING):
            async with self.app.store.write() as tx:
                await deliveries.put_back(tx, row, now + rewrites.PACE, there=False, attempt=0)
            return
        if card is None or not card.message_id or not sender.edits:
            await self._end(row, deliveries.FAILED, "there is no card to write on")
            return
        view = await self._content(row, card)
        if view is None:
            return
        if self._late(row, taken):  # somebody else may have shown by now what is truer than this
            await self._leave(row)
            return
        outcome: Outcome
        try:
            outcome = await sender.edit(target_of(row, card), card.message_id, view, row.key)
        except Exception:
            log.exception("rewriting failed", key=row.key, platform=row.platform)
            outcome = Gone("defect", DEFECT)
        now = self.app.clock.now()
        async with self.app.store.write() as tx:
            match outcome:
                case Sent():
                    await rewrites.settle(tx, row, deliveries.SENT, now)
                case Gone(reason="not_found"):
                    await rewrites.settle(tx, row, deliveries.FAILED, now, rewrites.CARD_GONE)
                case Gone(reason=reason, detail=detail):
                    await rewrites.settle(tx, row, deliveries.FAILED, now, gone_words(reason, detail))
                case Retry(reason=reason) | Unknown(reason=reason) if row.attempt >= RETRIES:
                    await rewrites.settle(tx, row, deliveries.FAILED, now, f"given up: {reason}")
                case Retry(after=after, reason=reason):
                    wait = timedelta(seconds=max(after, _backoff(row)))
                    await deliveries.put_back(tx, row, now + wait, reason, there=False)
                case Unknown(reason=reason):  # it may have been written: the pace holds for it, too
                    wait = max(rewrites.PACE, timedelta(seconds=_backoff(row)))
                    await deliveries.put_back(tx, row, now + wait, reason, there=False)

    # --- around it ----------------------------------------

    async def _content(self, row: Delivery, card: Card | None = None) -> View | None:
        """What the row says. When that cannot be had nothing is sent: the row has failed, and says why, or waits."""
        try:
            return await content_of(self.app, row, card.shown_at if card is not None else None)
        except NotFound as error:
            reason = error.message
        except DatabaseTrouble as error:  # that passes, and is nothing that is wrong with the row
            log.warning("a message waits for the database", key=row.key, error=error.message)
            await self._wait(row)
            return None
        except Exception:
            log.exception("content failed", key=row.key, platform=row.platform)
            reason = DEFECT
        state = deliveries.FAILED if row.tried_at is None else deliveries.AMBIGUOUS
        await self._end(row, state, reason)
        return None

    async def _settle(self, tx: Tx, row: Delivery, state: str, now: datetime, *, reason: str) -> None:
        """Write an end that is not ``sent``. What a question hung on, streaks do, too."""
        await deliveries.settle(tx, row, state, now, reason=reason)
        if row.kind in deliveries.QUESTIONS:
            await stale.mark_stale(tx, [row.occurrence_id])

    async def _end(self, row: Delivery, state: str, reason: str) -> None:
        async with self.app.store.write() as tx:
            await self._settle(tx, row, state, self.app.clock.now(), reason=reason)


def _backoff(row: Delivery) -> float:
    """Seconds; doubles each try, with full jitter."""
    return random.uniform(0, BACKOFF * 2 ** min(row.attempt - 1, RETRIES - 1))
