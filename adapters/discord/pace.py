"""How fast Starling may speak on its own initiative. discord.py waits when Discord says so, not before.

All of the bot's requests share one bucket; replies to interactions are not counted, neither here nor by Discord.
State is in memory: a restart begins with a full bucket.
"""

from __future__ import annotations

import asyncio
import bisect
import math
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from core.ports import Clock

MINUTE = timedelta(minutes=1)
FORGOTTEN = timedelta(minutes=10)  # so long after its time a promised first contact is nobody's any more
BURST_SHARE = 9  # a burst is a ninth of a second's requests: 5 + 45 never pass Discord's 50 a second


@dataclass(slots=True)
class _Lane:
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    users: int = 0


class Pace:
    """One bucket for the whole bot, one lane for each channel, and a cap on first direct messages.

    Turning the machine's clock does no harm: a step back moves everything noted along with it, a step forward
    lets one burst go at most. Not for several event loops.
    """

    def __init__(self, clock: Clock, per_second: int = 45, first_contacts_a_minute: int = 10) -> None:
        self._clock = clock
        self._gap = timedelta(seconds=1) / per_second
        self._leeway = self._gap * (max(1, per_second // BURST_SHARE) - 1)
        self._contacts = first_contacts_a_minute
        self._seen = clock.now()
        self._free = self._seen  # when the next request would be on time; ahead of now after a burst
        self._paused = self._seen
        self._line = asyncio.Lock()
        self._lanes: dict[str, _Lane] = {}
        self._made: list[datetime] = []  # first contacts of the last minute, in order
        self._promised: dict[str, datetime] = {}  # user id -> when they may be written to

    async def turn(self, patience: float = math.inf) -> float:
        """Return 0 when one more request may go out: first come, first served.

        Or, without having waited that out, the seconds of a pause that is longer than ``patience``.
        """
        async with self._line:
            while (wait := self._wait()) > 0:
                if self.paused > patience:
                    return self.paused
                await self._clock.sleep(wait)
            self.spend()
        return 0.0

    def spend(self) -> None:
        """Count a request that went out without asking, as discord.py's own repetitions do."""
        self._free = max(self._free, self._now()) + self._gap

    def pause(self, seconds: float) -> None:
        """Let nobody go for that long: Discord limits the whole bot."""
        self._paused = max(self._paused, self._now() + timedelta(seconds=seconds))

    @property
    def paused(self) -> float:
        """Seconds for which nobody may go yet; 0 when they may."""
        return max(0.0, (self._paused - self._now()).total_seconds())

    @asynccontextmanager
    async def channel(self, channel_id: str) -> AsyncIterator[None]:
        """Be the only one who speaks in the channel, after those who came before."""
        lane = self._lanes.setdefault(channel_id, _Lane())
        lane.users += 1
        try:
            async with lane.turn:
                yield
        finally:
            lane.users -= 1
            if not lane.users:
                del self._lanes[channel_id]

    def first_contact(self, user_id: str) -> float:
        """0 when this person may get a first message now, which then is counted; else seconds until they may.

        Who is told to wait has a place in the line: back at that time, they are not sent away again because
        somebody else was quicker. Never more than the cap in any minute.
        """
        now = self._now()
        self._made = [at for at in self._made if at > now - MINUTE]
        self._promised = {u: at for u, at in self._promised.items() if at > now - FORGOTTEN}
        mine = self._promised.get(user_id)
        line = len(self._made) + (0 if mine is not None and mine <= now else len(self._promised))
        if line < self._contacts:
            self._promised.pop(user_id, None)
            self._made.append(now)
            return 0.0
        if mine is None or mine <= now:
            self._promised.pop(user_id, None)
            mine = self._promised[user_id] = self._next_contact(now)
        return max(0.001, (mine - now).total_seconds())

    def _next_contact(self, now: datetime) -> datetime:
        ahead = sorted([*self._made, *self._promised.values()])
        after = bisect.bisect_right(ahead, now - MINUTE)
        ahead = ahead[after:]
        return max(now, ahead[-self._contacts] + MINUTE) if len(ahead) >= self._contacts else now

    def _wait(self) -> float:
        now = self._now()
        return max(self._free - self._leeway - now, self._paused - now).total_seconds()

    def _now(self) -> datetime:
        now = self._clock.now()
        if (back := self._seen - now) > timedelta():
            self._free -= back
            self._paused -= back
            self._made = [at - back for at in self._made]
            self._promised = {user: at - back for user, at in self._promised.items()}
        self._seen = now
        return now
