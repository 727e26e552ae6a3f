"""A Sender that stands for the outside: it records every call, and answers as a test has written down."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime

from moved_clock import MovedClock

from core.ports import Outcome, Sent, Target
from core.text import as_text
from core.views import View


@dataclass(frozen=True, slots=True)
class SentCall:
    at: datetime
    target: Target
    text: str
    key: str

    @property
    def place(self) -> str:
        return self.target.channel_id or self.target.user_id


class Wire:
    """``says["channel"]`` are the answers for a channel or user, one a call; after them, and without any, ``Sent``.

    While ``gate`` is cleared, calls wait on the way out.
    """

    def __init__(self, clock: MovedClock) -> None:
        self.clock = clock
        self.calls: list[SentCall] = []
        self.says: dict[str, list[Outcome | Exception]] = defaultdict(list)
        self.gate = asyncio.Event()
        self.gate.set()
        self.under_way = asyncio.Event()

    async def send(self, target: Target, view: View, key: str) -> Outcome:
        call = SentCall(self.clock.now(), target, as_text(view), key)
        self.calls.append(call)
        self.under_way.set()
        await self.gate.wait()
        answers = self.says[call.place]
        answer = answers.pop(0) if answers else Sent(f"m{len(self.calls)}")
        if isinstance(answer, Exception):
            raise answer
        return answer

    def places(self) -> list[str]:
        return [c.place for c in self.calls]
