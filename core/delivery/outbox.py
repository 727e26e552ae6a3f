"""The outbox: what is due is claimed, and each platform scope's queue is sent by a pump of its own.

``pending -> sending -> sent``, or an end that says why not. The step to ``sending`` is committed before the call
and the step to ``sent`` after it, so that a crash in between is seen, and never guessed at (docs/delivery.md).
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Collection, Mapping
from datetime import timedelta

import structlog

from core.delivery.carrier import STOPPED, Carrier
from core.delivery.due import Expiry, claim_due
from core.delivery.leases import Leases
from core.delivery.pump import Pump, seen
from core.delivery.tries import noted
from core.delivery.weekly import claim_weekly
from core.ports import Sender
from core.recount import refresh_stale
from core.services import Services
from core.store import deliveries, queue, rewrites, stale
from core.store.deliveries import Delivery
from core.store.engine import Tx

log = structlog.get_logger(__name__)

LOOK_FOR = timedelta(hours=1)  # beyond a row's time; then nobody knows whether it is there
REPLAYS = 100  # streaks replayed at a beat, when what they hang on has changed


class Outbox:
    """``beat`` is what the clock calls; ``tick`` is a beat and all the sending that it begins.

    ``resend``: platforms on which what may be there, and cannot be looked for, is sent once more instead of being
    left ``ambiguous``. ``leases``: where several processes share the database, who sends for which scope.
    """

    def __init__(
        self,
        app: Services,
        senders: Mapping[str, Sender],
        expiry: Expiry | None = None,
        *,
        resend: frozenset[str] = frozenset(),
        leases: Leases | None = None,
    ) -> None:
        self.app = app
        self.senders = senders
        self.expiry = expiry or Expiry()
        self.leases = leases
        self.worker = leases.holder if leases is not None else secrets.token_hex(6)
        self.carrier = Carrier(app, senders, resend)
        self._beating = asyncio.Lock()
        self._stopping = False
        self._started = False
        self._pumps: dict[str, asyncio.Task[None]] = {}

    async def beat(self) -> None:
        """Claim what is due, take up what a dead process left, expire what is too late, set the pumps going.

        Returns while they still run: a slow platform keeps nobody from being claimed, nor another platform. What
        could not be claimed is raised at the end: it keeps nothing else from being sent.
        """
        async with self._beating:
            if self.leases is not None:
                await self.leases.end_stalled()  # first: everything else may wait for what they have locked
            claimed = await asyncio.gather(
                claim_due(self.app.store, self.app.clock, self.expiry),
                claim_weekly(self.app.store, self.app.clock),
                return_exceptions=True,
            )
            waiting = await self._look_after()
            if self._stopping:
                return
            ours = [scope for scope in waiting if self._of(scope).serves(scope)]
            for scope in ours if self.leases is None else await self.leases.hold(ours, self.senders):
                if scope not in self._running():
                    task = asyncio.create_task(self._pump(scope), name=f"starling {scope}")
                    task.add_done_callback(seen)
                    self._pumps[scope] = task
            await refresh_stale(self.app, REPLAYS)
            for broken in claimed:
                if isinstance(broken, BaseException):
                    raise broken

    async def _look_after(self) -> list[str]:
        """What is not where it should be is put there; the scopes in which something may be sent now."""
        # On SQLite there is one process at a time: what stands at ``sending`` when it starts belongs to a dead one.
        alone = self.app.store.sqlite and not self._started
        now, waits = self.app.clock.now(), {name: one.look_after for name, one in self.senders.items()}
        async with self.app.store.write() as tx:
            for row in await queue.stranded(tx, now, self.worker, alone=alone):
                if row.key not in self.carrier.under_way:
                    await _take_up(tx, row)
            await queue.mistrust(tx, now, LOOK_FOR, waits)
            await queue.expire(tx, now, rewrites=True)
        async with self.app.store.write() as tx:
            await stale.mark_stale(tx, await queue.expire(tx, now, rewrites=False))
            waiting = await queue.scopes_waiting(tx, now)
            await self._give_up(tx, but={*waiting, *self._running()})
        self._started = True
        return [scope for scope in waiting if scope.partition(":")[0] in self.senders]

    async def tick(self) -> None:
        """A beat, and everything that can be sent now has been when it returns.

        What broke a queue off is raised, after the others have gone on to their ends.
        """
        try:
            (end,) = await asyncio.gather(self.beat(), return_exceptions=True)
            pumps = list(self._pumps.values())
            if pumps:
                await asyncio.wait(pumps)
        except asyncio.CancelledError:
            await self._cut_off()
            raise
        self._pumps = {scope: task for scope, task in self._pumps.items() if task not in pumps}
        ends = [end, *(None if task.cancelled() else task.exception() for task in pumps)]
        if broken := [e for e in ends if isinstance(e, Exception)]:
            raise ExceptionGroup("sending", broken)

    def stop(self) -> None:
        """Take no more rows."""
        self._stopping = True

    async def close(self, patience: float | None = None) -> None:
        """Stop taking rows and wait for those under way: no row is left at ``sending``.

        After ``patience`` seconds what is still under way is cut off, and stays pending as what may have arrived.
        """
        self.stop()
        async with self._beating:
            pass
        running = [task for task in self._pumps.values() if not task.done()]
        if running:
            await asyncio.wait(running, timeout=patience)
        await self._cut_off()
        if self.leases is not None:
            await self.leases.release()

    async def _cut_off(self) -> None:
        running = [task for task in self._pumps.values() if not task.done()]
        for task in running:
            task.cancel()
        if running:
            await asyncio.wait(running)

    async def _pump(self, scope: str) -> None:
        pump = Pump(
            self.app, self.carrier, scope, self.worker, self._of(scope).at_once, leased=bool(self.leases)
        )
        try:
            await pump.run(lambda: self._stopping)
            # Now that what was there has been looked for once more.
            async with self.app.store.write() as tx:
                await self._give_up(tx, but={other for other in self._running() if other != scope})
        except Exception as error:
            log.warning("a queue broke off; the next beat goes on with it", scope=scope, error=str(error))
            raise

    def _running(self) -> list[str]:
        """The scopes that are being sent just now."""
        return [scope for scope, task in self._pumps.items() if not task.done()]

    async def _give_up(self, tx: Tx, but: Collection[str]) -> None:
        given_up = await queue.give_up_looking(tx, self.app.clock.now(), LOOK_FOR, but=but)
        await stale.mark_stale(tx, given_up)

    def _of(self, scope: str) -> Sender:
        return self.senders[scope.partition(":")[0]]


async def _take_up(tx: Tx, row: Delivery) -> None:
    """A process died between the call and its commit: its row is pending again, with its first try kept."""
    rewriting = row.kind in deliveries.REWRITES
    not_before = row.not_before
    if rewriting and row.tried_at is not None:
        not_before = row.tried_at + rewrites.PACE
    await deliveries.put_back(tx, row, not_before, noted(row, STOPPED), there=not rewriting)
