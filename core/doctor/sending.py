"""Who sends, where several processes share a database: one process for each platform scope."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from core.doctor.finding import Facts, Finding, Part, part
from core.plain import clean_line, count
from core.store import leases, queue
from core.store.engine import Store, Tx
from core.views import words

TAKEN_OVER = timedelta(seconds=60)  # by then another process has begun to send, if there is one


@dataclass(frozen=True, slots=True)
class Sending:
    """``holders``: scope -> (process, seconds that its lease still runs). ``left_alone``: scopes in which something
    has waited for a minute and nobody sends."""

    holders: Mapping[str, tuple[str, float]]
    left_alone: Sequence[str]

    @property
    def lines(self) -> list[str]:
        """For the operator: who holds what."""
        return [
            f"{clean_line(scope)} by {clean_line(holder)}, {left:.0f} s left"
            for scope, (holder, left) in self.holders.items()
        ]


async def sending(tx: Tx, store: Store, now: datetime) -> Sending | None:
    """None on SQLite, where one process does everything."""
    if store.sqlite:
        return None
    held = {scope: one for scope, one in (await leases.holders(tx)).items() if one[1] > 0}
    waiting = await queue.scopes_waiting(tx, now - TAKEN_OVER)
    return Sending(held, [scope for scope in waiting if scope not in held])


async def senders(tx: Tx, store: Store, now: datetime, *, at_home: bool) -> list[Part]:
    """Nothing where there is nothing to say. Names of machines are for the operator alone."""
    found = await sending(tx, store, now)
    if found is None:
        return []
    facts: Facts = [("Sending for", words(count(len(found.holders), "scope")))]
    if at_home:
        facts += [("Sends", words(line)) for line in found.lines]
    findings = [
        Finding(
            words(f"Nobody sends for {clean_line(scope)}, and something has waited there for a minute."),
            words("Whoever runs Starling looks whether a process that serves it runs: its log says why not."),
        )
        for scope in found.left_alone
    ]
    return [part("Processes", facts, findings)] if at_home or findings else []
