"""How the way to a platform is: slow, and now and then an answer is lost on it."""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import Iterator

BEFORE, AFTER = 0.03, 0.03  # seconds that a post takes there, and its answer back, at most


class Weather:
    """One platform's. ``lost``: the share of posts that arrive and whose answer never does.

    ``blind``: no look-up finds a message again. ``swallowed``: so many of the next posts are answered as if they
    were there. Both are for the harness to show that it sees what is doubled and what is lost.
    """

    def __init__(self) -> None:
        self.chance = random.Random(11)
        self.lost = 0.0
        self.blind = False
        self.swallowed = 0
        self.handled = 0  # requests of any kind, just now
        self.under_way = 0
        self.posted = 0
        self.answers_lost = 0
        self._owed = 0.5

    def loses(self) -> bool:
        """Every so manieth: one in a hundred is then lost in a run of two hundred, too."""
        self._owed += self.lost
        lose = self._owed >= 1
        self._owed -= lose
        self.answers_lost += lose
        return lose

    @contextlib.contextmanager
    def handling(self) -> Iterator[None]:
        self.handled += 1
        try:
            yield
        finally:
            self.handled -= 1

    async def there(self) -> None:
        self.under_way += 1
        await asyncio.sleep(self.chance.uniform(0, BEFORE))

    async def back(self) -> None:
        """The post is there; whoever waits for one sees it now, and not when its answer has gone."""
        self.posted += 1
        self.under_way -= 1
        await asyncio.sleep(self.chance.uniform(0, AFTER))

    def swallows(self) -> bool:
        if not self.swallowed:
            return False
        self.swallowed -= 1
        return True
