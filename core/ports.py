"""What core asks of the outside: a clock, a sender, and later a coach.

A port is here only when more than one real thing stands behind it. The database is no port: SQLAlchemy
already is one (docs/decisions/0002-database-in-core.md).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from core.views import View


class Clock(Protocol):
    """Where time comes from. The demo, the tests and the clock-step harness each bring their own."""

    def now(self) -> datetime:
        """The present instant, aware, in UTC, to the microsecond. May step back when the machine's does."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Return when at least ``seconds`` of this clock's time have passed. Cancellable."""
        ...


@dataclass(frozen=True, slots=True)
class Target:
    """Where a delivery goes: a channel of a home, or one person's direct messages.

    ``scope`` is what a platform's rate limits count by: "discord" for the whole bot, "slack:T0123" for a
    workspace, "console". Exactly one of ``channel_id`` and ``user_id`` is set.
    """

    platform: str
    scope: str
    server_id: str = ""
    channel_id: str = ""
    user_id: str = ""


@dataclass(frozen=True, slots=True)
class Sent:
    """It is there. ``message_id`` is the platform's; ``channel_id`` where it landed (the DM channel, too)."""

    message_id: str
    channel_id: str = ""


@dataclass(frozen=True, slots=True)
class Retry:
    """It is not there, and may be tried again no earlier than ``after`` seconds from now."""

    after: float
    reason: str


@dataclass(frozen=True, slots=True)
class Gone:
    """It cannot be delivered until somebody changes something: no permission, no channel, closed DMs.

    ``reason`` is one of the platform-neutral words: "forbidden", "not_found", "archived", "not_invited",
    "dm_closed", "revoked", "invalid". ``detail`` is the platform's own word for the operator.
    """

    reason: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Unknown:
    """The answer was lost: it may be there and may not be."""

    reason: str


Outcome = Sent | Retry | Gone | Unknown


class Sender(Protocol):
    """A platform's way to say something on Starling's own initiative.

    Called by ``core.delivery`` alone, one call at a time per channel, and only after the outbox row stands
    at ``sending``. Never raises for what the network or the platform does: every such thing is one of the
    four outcomes. May raise for a defect of ours, which the caller counts as ``Unknown``.
    """

    async def send(self, target: Target, view: View, key: str) -> Outcome:
        """Show ``view`` at ``target``. ``key`` (<= 25 characters) is the same at every try of one delivery."""
        ...


class Wake(Protocol):
    """Tells the sender that something new is due, so that it need not wait for the next tick."""

    def __call__(self) -> None: ...
