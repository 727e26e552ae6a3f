"""What core asks of the outside: a clock, a sender, and a coach.

A port is here only when more than one real thing stands behind it. The database is no port: SQLAlchemy
already is one (docs/decisions/0002-database-in-core.md).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
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
    workspace, "console". ``user_id`` is set for direct messages only; ``channel_id`` then is the channel they
    went to before, or "" when this would be the first contact.
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


# Seconds of the event loop; see Sender.
BEGIN_WITHIN = 8.0
CALL_WITHIN = 20.0


class Sender(Protocol):
    """A platform's way to say something on Starling's own initiative.

    Called by ``core.delivery`` alone, one call at a time per channel, and only after the outbox row stands
    at ``sending``. What has not gone out ``BEGIN_WITHIN`` seconds after the call is not begun any more (``Retry``), and
    what went out has ended, or counts as lost, ``CALL_WITHIN`` seconds later: the row may be another process's
    then. Never raises for what the network or the platform does: every such thing is one of the
    four outcomes. May raise for a defect of ours, which the caller counts as ``Unknown``.
    """

    repeat_for: timedelta
    """For how long after its first try a repeated key is recognised, so that sending again shows nothing twice
    (Discord: the nonce). Zero where there is no such thing."""

    look_after: timedelta
    """How long to wait, after a try whose answer was lost, before looking for it: what is under way must have
    arrived. Zero where looking is possible at once, or sending again does no harm."""

    edits: bool
    """Whether messages can be rewritten: cards then keep up with who has answered."""

    at_once: int
    """How many calls for one scope may be under way together, so that the platform's pace can be kept up."""

    def serves(self, scope: str) -> bool:
        """Whether this process has arrived there: it has a token, and the platform has taken it.

        Also where it was thrown out since: what is sent there must hear so. What waits elsewhere is left alone.
        """
        ...

    async def send(self, target: Target, view: View, key: str) -> Outcome:
        """Show ``view`` at ``target``. ``key`` (<= 25 characters) is the same at every try of one delivery."""
        ...

    async def edit(self, target: Target, message_id: str, view: View, key: str) -> Outcome:
        """Let the message ``message_id`` show ``view``. Safe to repeat. ``Gone("not_found")``: it was deleted."""
        ...

    async def find(self, target: Target, key: str, since: datetime) -> Outcome | None:
        """Look among our own messages at ``target``, not before ``since``, for the one that was sent with ``key``.

        ``Sent``: it is there. None: it is surely not there. ``Unknown``: the platform does not let us look.
        ``Retry``: it could not be looked for just now.
        """
        ...


class WithoutMemory:
    """Base of senders whose messages cannot be recognised, rewritten or found again: a screen, a transcript."""

    repeat_for: timedelta = timedelta(0)
    look_after: timedelta = timedelta(0)
    edits: bool = False
    at_once: int = 1

    def serves(self, scope: str) -> bool:
        return True

    async def edit(self, target: Target, message_id: str, view: View, key: str) -> Outcome:
        return Gone("invalid", "what was printed stays as it was printed")

    async def find(self, target: Target, key: str, since: datetime) -> Outcome | None:
        return Unknown("what was printed is not remembered")


@dataclass(frozen=True, slots=True)
class Lack:
    """A right that Starling has not got in a channel, in the platform's own word ("Send Messages").

    ``purpose`` continues "It is needed ": "to post the question". ``vital``: without it nothing can be posted;
    ``without`` continues "Without it ": what will not work.

    ``way``: for what is no right that anybody could give. ``right`` is then a sentence without its full stop
    ("Starling is not a member of #practice") and ``way`` the sentence that says what to do about it.
    """

    right: str
    purpose: str
    vital: bool
    without: str = ""
    way: str = ""


@dataclass(frozen=True, slots=True)
class Access:
    """What Starling may do in a channel. ``gone``: there is no such channel (any more), or it cannot be seen.

    ``why_gone`` continues "Starling does not see it: ": what that means there, "" for the usual words.
    ``unfit``: what the channel is instead of one for messages ("a forum"), "" when it is one. ``where``: a
    sentence that says where the platform's rights are given. ``notes``: sentences about what else will not work.
    ``remarks``: sentences that are good to know, and about nothing that is wrong.
    """

    name: str = ""
    gone: bool = False
    lacks: tuple[Lack, ...] = ()
    unfit: str = ""
    where: str = ""
    notes: tuple[str, ...] = ()
    why_gone: str = ""
    remarks: tuple[str, ...] = ()


class Places(Protocol):
    """A platform's knowledge of the channels it posts in. Answers out of what it was told, or asks shortly."""

    async def access(
        self, server_id: str, channel_id: str, *, thread: bool = False, role_id: str = ""
    ) -> Access | None:
        """The rights needed for a home's posts there; None when this process cannot tell (another shard's).

        ``thread``: drops there open a thread. ``role_id``: drops there mention this role. Never raises for what
        the platform does.
        """
        ...


class Wake(Protocol):
    """Tells the sender that something new is due, so that it need not wait for the next tick."""

    def __call__(self) -> None: ...


# --- the coach ----------------------------------------


@dataclass(frozen=True, slots=True)
class NoReply:
    """The coach said nothing that could be used.

    ``reason`` is one of: "unreachable" (nobody there), "late" (no whole reply in time), "key" (not accepted),
    "unknown" (no such address, or no such model), "busy" (too many requests there, or a fault of theirs), "unfit" (a
    reply that is none of this kind, or far too long). ``detail`` is for the operator ("HTTP 429"): it never holds
    what was sent, what came back, or the key.
    """

    reason: str
    detail: str = ""


class Coach(Protocol):
    """A language model that the operator has connected. It is not trusted: what it says is data, and checked by
    ``core.coaching``, the only caller (but for ``starling check``, which looks whether there is a reply at all).
    """

    @property
    def host(self) -> str:
        """Where the words go, as members are told it: "api.example.org", with a port that is not the usual one."""
        ...

    async def complete(self, system: str, data: str) -> str | NoReply:
        """The reply to the instructions ``system`` and the one message ``data``, which hold all that leaves.

        Returns within the time that the operator has set, whatever the other side does. Tries once, and once more
        where the connection could not be made or broke. Never raises for what the network or the other side does;
        may be cancelled at any moment. A text has at most 65,536 bytes and is otherwise as it came.
        """
        ...
