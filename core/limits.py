"""How often somebody may ask: a token bucket for each key, in memory, forgotten when full again."""

from __future__ import annotations

from datetime import datetime, timedelta

ROOM = 10_000  # keys held before the first clearing


class Limiter:
    """``rate`` requests in ``seconds``, with bursts up to ``rate`` (generic cell rate algorithm).

    It holds at most twice as many keys as have asked in the last ``seconds``, or ``ROOM``.
    """

    def __init__(self, rate: int, seconds: float) -> None:
        self._step = timedelta(seconds=seconds / max(1, rate))
        self._burst = self._step * max(1, rate)
        self._full_at: dict[str, datetime] = {}
        self._room = ROOM

    def wait(self, key: str, now: datetime) -> float:
        """0.0 and one token taken; or the seconds until there is one, and none taken."""
        if len(self._full_at) > self._room:
            self._full_at = {k: at for k, at in self._full_at.items() if now < at <= now + self._burst}
            # Not looked through again before as many have come: each request pays for a few keys, however many ask.
            self._room = max(ROOM, 2 * len(self._full_at))
        at = max(self._full_at.get(key, now), now)
        if at > now + self._burst:  # the clock has stepped back since: nobody is locked out for that
            at = now
        over = (at + self._step - now) - self._burst
        self._full_at[key] = at if over > timedelta(0) else at + self._step
        return max(0.0, over.total_seconds())
