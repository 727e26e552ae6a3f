"""How fast Starling may speak in one workspace on its own initiative. Slack says when it was too fast, not before.

Slack takes about a message a second in a channel and several hundred a minute in a workspace. Short bursts pass,
too; they are not counted on. Workspaces have a pace each and never wait for each other.
State is in memory: a restart begins anew.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from core.ports import Clock

CHANNEL_GAP = timedelta(seconds=1)  # from the end of one message to a channel to the beginning of the next
AHEAD = 2  # requests that may go at once beyond the first
KEPT = 1000  # channels remembered before those that have rested are forgotten


@dataclass(slots=True)
class _Lane:
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    users: int = 0


class Pace:
    """One bucket for the workspace and a lane for each channel.

    Turning the machine's clock does no harm: a step back moves everything noted along with it, a step forward
    lets a few go at most. Not for several event loops.
    """

    def __init__(self, clock: Clock, per_minute: int = 300) -> None:
        self._clock = clock
        self._gap = timedelta(minutes=1) / per_minute
        self._seen = clock.now()
        self._free = self._seen  # when the next request would be on time; ahead of now after a few at once
        self._paused = self._seen
        self._line = asyncio.Lock()
        self._lanes: dict[str, _Lane] = {}
        self._rested: dict[str, datetime] = {}  # channel -> when it takes the next message

    async def turn(self, patience: float = math.inf) -> float:
        """Return 0 when one more request may go out: first come, first served.

        Or, without having waited that out, the seconds of a pause that is longer than ``patience``.
        """
        async with self._line:
            while (wait := self._wait()) > 0:
                if self.paused > patience:
                    return self.paused
                await self._clock.sleep(wait)
            self._free = max(self._free, self._now()) + self._gap
        return 0.0

    def pause(self, seconds: float) -> None:
        """Let nobody go for that long."""
        self._paused = max(self._paused, self._now() + timedelta(seconds=seconds))

    @property
    def paused(self) -> float:
        """Seconds for which nobody may go yet; 0 when they may."""
        return max(0.0, (self._paused - self._now()).total_seconds())

    @asynccontextmanager
    async def channel(self, channel_id: str) -> AsyncIterator[None]:
        """Be the only one who speaks in the channel, a second after whoever came before."""
        lane = self._lanes.setdefault(channel_id, _Lane())
        lane.users += 1
        try:
            async with lane.turn:
                while (wait := self._resting(channel_id)) > 0:
                    await self._clock.sleep(wait)
                try:
                    yield
                finally:
                    self._rested[channel_id] = self._now() + CHANNEL_GAP
                    self._forget()
        finally:
            lane.users -= 1
            if not lane.users:
                del self._lanes[channel_id]

    def _resting(self, channel_id: str) -> float:
        now = self._now()
        return (self._rested.get(channel_id, now) - now).total_seconds()

    def _forget(self) -> None:
        if len(self._rested) > KEPT:
            self._rested = {c: at for c, at in self._rested.items() if at > self._seen}

    def _wait(self) -> float:
        now = self._now()
        return max(self._free - self._gap * AHEAD - now, self._paused - now).total_seconds()

    def _now(self) -> datetime:
        now = self._clock.now()
        if (back := self._seen - now) > timedelta():
            self._free -= back
            self._paused -= back
            self._rested = {channel: at - back for channel, at in self._rested.items()}
        self._seen = now
        return now
