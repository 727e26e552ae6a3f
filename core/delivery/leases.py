"""This process's leases: for which platform scopes it may send, where several processes share a database.

A lease is a row on the database's clock (core.store.leases). The step of a row to ``sending`` asks for it in the same
transaction, so that a holder that stood still, or was cut off, sends nothing when it wakes up.
"""

from __future__ import annotations

import asyncio
import secrets
import socket
from collections.abc import Collection, Mapping
from datetime import timedelta

import structlog

from core.ports import Sender
from core.store import leases
from core.store.engine import Store

log = structlog.get_logger(__name__)

LENGTH = timedelta(seconds=30)
RENEW_AFTER = 10.0  # seconds
STALLED = timedelta(
    seconds=15
)  # as long as a session may stand still between two statements (core.store.engine)


class Leases:
    """Held in the name of ``holder``: the machine, and something that no other process has.

    ``renew_after`` (seconds) is well below ``length``: a beat that comes late must not lose what is held.
    """

    def __init__(self, store: Store, *, length: timedelta = LENGTH, renew_after: float = RENEW_AFTER) -> None:
        self.holder = f"{socket.gethostname()[:40]}-{secrets.token_hex(6)}"
        self._store = store
        self._length = length
        self._renew_after = renew_after
        self._held: set[str] = set()
        self._renewed = 0.0
        self._cleared = 0.0

    async def end_stalled(self) -> None:
        """Now and then: what a process that stands still has locked in the middle of a statement becomes free."""
        now = asyncio.get_running_loop().time()
        if now - self._cleared < self._renew_after:
            return
        self._cleared = now
        async with self._store.write() as tx:
            ended = await leases.end_stalled(tx, STALLED)
        if ended:
            log.warning("ended sessions of a process that stands still", sessions=ended)

    async def hold(self, scopes: Collection[str], senders: Mapping[str, Sender]) -> list[str]:
        """Those of ``scopes`` that this process sends for, in order.

        Leases are asked for as they are needed and kept as long as this process can send there: what it cannot
        reach any more is left to others.
        """
        able = [s for s in scopes if senders[s.partition(":")[0]].serves(s)]
        lost = {s for s in self._held if not senders[s.partition(":")[0]].serves(s)}
        now = asyncio.get_running_loop().time()
        if not lost and self._held.issuperset(able) and now - self._renewed < self._renew_after:
            return able
        async with self._store.write() as tx:
            if lost:
                await leases.release(tx, self.holder, lost)
            held = await leases.renew(tx, self.holder, self._length)
        if wanted := set(able) - held:
            # Apart: whoever holds one scope and waits for another must not be waited for.
            async with self._store.write() as tx:
                held |= await leases.acquire(tx, wanted, self.holder, self._length)
        self._renewed = now
        for scope in sorted(held - self._held):
            log.info("sending for a scope", scope=scope)
        for scope in sorted(self._held - held):
            log.warning("no longer sending for a scope", scope=scope)
        self._held = held
        return [s for s in able if s in held]

    async def release(self) -> None:
        """Leave everything to others, at once."""
        self._held = set()
        async with self._store.write() as tx:
            await leases.release(tx, self.holder)
