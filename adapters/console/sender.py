"""What Starling says of itself, on the console: drops, reminders and notices appear above the prompt."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from core.plain import clean_name
from core.ports import Outcome, Retry, Sent, Target, WithoutMemory
from core.views import View

if TYPE_CHECKING:
    from adapters.console.app import Console

WAIT = 5.0  # seconds until a delivery is tried again while nobody is at the console


class ConsoleSender(WithoutMemory):
    """Implements ``core.ports.Sender``. Made before the console, which it gets by ``attach``."""

    def __init__(self, console: Console | None = None) -> None:
        self._console = console

    def attach(self, console: Console) -> None:
        self._console = console

    async def send(self, target: Target, view: View, key: str) -> Outcome:
        """Show ``view``. A direct message says whose it is: one console stands for everybody in the group.

        Its buttons get numbers that follow those on the screen, so that a number somebody is just typing
        keeps its meaning. Those in somebody else's direct message get none.
        """
        console = self._console
        if console is None:
            return Retry(WAIT, "the console is not open yet")
        label, mine = "", True
        if target.user_id:
            mine = target.user_id == console.who.user_id
            label = f"(direct message to {clean_name(console.who.name if mine else target.user_id)})"
        if not await console.show(view, drop=True, label=label, pressable=mine):
            return Retry(WAIT, "nobody is at the console")
        return Sent(f"console-{secrets.token_hex(8)}", target.channel_id)
