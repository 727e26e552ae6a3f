"""A Starling that is killed again and again, beside a platform that goes on living.

Every day of the room's time a question is due in every channel and for every person, all at the same minute. A
life of Starling begins, some row is seen at ``sending``, and it ends by SIGKILL at once, some milliseconds later,
while a post is on its way, or when a few have just arrived. Nobody waits for the hours in between: the room's
clock, the platform's and Starling's are one, and it is moved on while nothing is under way. So is most of the time
that a Starling is away.
At the end every day must have been shown once in every place.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import signal
import sqlite3
import time
from collections import Counter
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from datetime import time as time_of_day
from pathlib import Path

from kills_doubles import Platform
from kills_outcome import Message, Outcome, Struck
from kills_weather import AFTER, BEFORE
from kills_worker import Nursery, SharedClock
from whole_room import WholeRoom

from core.call import Where, Who
from core.delivery.due import first_due
from core.founding import found_group
from core.rules.due import Rule
from core.store import arrivals, schedules
from core.store.engine import Store, database_url

RULE = Rule(time_of_day(9), "UTC")
AT_ONCE, A_WHILE, ON_ITS_WAY, ARRIVED = "at once", "a while", "on its way", "arrived"
MOMENTS = (ARRIVED, AT_ONCE, ON_ITS_WAY, A_WHILE)
WHILE = 0.15  # seconds, at most
SOME = 16  # posts
ENOUGH = 1.0  # seconds after which no post is waited for: this life does nothing but look for messages
LONG = (61.0, 180.0)  # seconds away, so that no repetition is recognised any more
DAY_ENDS = timedelta(hours=1)  # no more kills then: a reminder is worth sending for two
PATIENCE = 30.0
RESENDING = """
CREATE TABLE resent (key TEXT PRIMARY KEY);
CREATE TRIGGER resending AFTER UPDATE OF reason ON delivery WHEN NEW.reason LIKE 'sent again, since%'
BEGIN INSERT OR IGNORE INTO resent VALUES (NEW.key); END;
"""
ROWS = """
SELECT delivery.key, delivery.state, delivery.worker, occurrence.local_date,
  COALESCE(account.user_id, NULLIF(delivery.channel_id, ''), home.channel_id) AS place
FROM delivery JOIN occurrence ON occurrence.id = delivery.occurrence_id
LEFT JOIN home ON home.id = delivery.home_id LEFT JOIN account ON account.person_id = delivery.person_id
"""


class KillsRoom:
    """``really``: so many of the long absences are waited for."""

    def __init__(self, folder: Path, nursery: Nursery, platform: Platform, clock: SharedClock) -> None:
        self.folder = folder
        self.nursery = nursery
        self.platform = platform
        self.clock = clock
        self.chance = random.Random(5)
        self.struck = Struck()
        self.days: list[date] = []
        self.places: list[str] = []
        self.really = 0
        self._lives = 0
        self._dead: set[str] = set()  # workers
        self._due = first_due(RULE, clock.now()).at
        self._db: sqlite3.Connection
        self._pid = 0

    @property
    def database(self) -> Path:
        return self.folder / "starling.db"

    async def furnish(self, channels: int, people: int) -> None:
        """Groups with up to four channels each, and people with a reminder; all at nine in UTC, every day."""
        await WholeRoom(self.folder)._furnish()
        now, name = self.clock.now(), self.platform.name
        first = first_due(RULE, now)
        async with Store(database_url(str(self.database))) as store, store.write() as tx:
            for begin in range(0, channels, 4):
                at = [await self.platform.channel() for _ in range(min(4, channels - begin))]
                homes = [Where(name, server, channel, "#practice") for server, channel in at]
                founded = await found_group(tx, homes[0], "Club", RULE, ("behavioural",), now, drop_now=False)
                ids = [founded.home_id]
                ids += [await arrivals.create_home(tx, founded.group_id, each, now) for each in homes[1:]]
                await schedules.set_homes(tx, founded.schedule_id, [(each, "") for each in ids])
                self.places += [channel for _, channel in at]
            for _ in range(people):
                user_id = self.platform.person()
                who = Who(name, user_id, f"Person {user_id}", self.platform.workspace)
                known = await arrivals.arrive(tx, who, Where(name), now)
                await schedules.create(
                    tx,
                    rule=RULE,
                    next_date=first.local_date,
                    next_due_at=first.at,
                    now=now,
                    person_id=known.person.id,
                    platform=name,
                )
                self.places.append(user_id)
        self._db = sqlite3.connect(self.database, timeout=10, isolation_level=None)
        self._db.executescript(RESENDING)

    async def close(self) -> None:
        if self._pid:
            os.kill(self._pid, signal.SIGKILL)
            self.nursery.ended(self._pid)
        if hasattr(self, "_db"):
            self._db.close()
        await self.platform.close()

    # --- lives ----------------------------------------

    async def kill(self, times: int) -> None:
        for n in range(times):
            await self._begin()
            await self._under_way()
            moment = MOMENTS[n % len(MOMENTS)]
            await self._until(moment)
            os.kill(self._pid, signal.SIGKILL)
            status = self.nursery.ended(self._pid)
            self._pid = 0
            assert status == -signal.SIGKILL, f"it had ended by itself: {self.said()}"
            await self._quiet()
            self._look_around(moment)
            await self._away(long=n % 3 == 0)

    async def rest(self) -> None:
        """One more life, which ends everything that is open and then is told to stop."""
        await self._begin()
        if not self.days:
            self.next_day()
        await self._settled()
        os.kill(self._pid, signal.SIGTERM)
        status = await asyncio.to_thread(self.nursery.ended, self._pid)
        self._pid = 0
        assert status == 0, self.said()

    async def _begin(self) -> None:
        settings = {
            "STARLING_DATABASE__URL": str(self.database),
            "STARLING_DELIVERY__TICK_SECONDS": "0.05",
            **self.platform.settings(),
        }
        self._lives += 1
        self._pid = self.nursery.born(settings, self.folder / "clock", self.folder / "log")
        await self.platform.connected(self._lives)
        if self.days and self.clock.now() > self._due + DAY_ENDS:
            await self._settled()

    async def _until(self, moment: str) -> None:
        weather, wait = self.platform.weather, 0.0
        posted, end = weather.posted, time.monotonic() + ENOUGH
        if moment == A_WHILE:
            wait = WHILE
        elif moment == ON_ITS_WAY:
            wait = BEFORE
            while not weather.under_way and time.monotonic() < end:
                await asyncio.sleep(0.001)
        elif moment == ARRIVED:
            wait = AFTER * 1.5  # also when its answer has come in
            posted += self.chance.randint(1, SOME)
            while weather.posted < posted and time.monotonic() < end:
                await asyncio.sleep(0.001)
        await asyncio.sleep(self.chance.uniform(0, wait))

    async def _quiet(self) -> None:
        """What is on its way arrives, whoever sent it, before the clock is moved: no network keeps it for a minute."""
        end = time.monotonic() + PATIENCE
        for _ in range(2):  # what was read last may not have been begun the first time
            while not self.platform.quiet:
                assert time.monotonic() < end, "who was killed is still connected"
                await asyncio.sleep(0.005)
            await asyncio.sleep(0.01)

    def _look_around(self, moment: str) -> None:
        found = self._db.execute(f"{ROWS} WHERE delivery.state = 'sending'").fetchall()
        shown = self._shown()
        self._dead.update(worker for _, _, worker, _, _ in found)
        self.struck.kills += 1
        self.struck.moments[moment] += 1
        self.struck.rows += len(found)
        self.struck.there += sum((place, date.fromisoformat(day)) in shown for *_, day, place in found)

    async def _away(self, long: bool) -> None:
        """Until the next life. ``long``: nothing is recognised as a repetition any more then."""
        if not long:
            self.clock.skip(timedelta(seconds=self.chance.uniform(0, 2)))
            return
        self.struck.after_60_s += 1
        if self.really:
            self.really -= 1
            await asyncio.sleep(LONG[0])
        else:
            self.clock.skip(timedelta(seconds=self.chance.uniform(*LONG)))

    # --- what is open ----------------------------------------

    async def _under_way(self) -> None:
        """Return when this life has put a row at ``sending``."""
        end = time.monotonic() + PATIENCE
        while not self._sending():
            assert time.monotonic() < end, f"nothing is sent: {self.said()}"
            if not self._move_on():
                self.next_day()
            await asyncio.sleep(0.002)

    async def _settled(self) -> None:
        end = time.monotonic() + PATIENCE
        while self._move_on():
            assert time.monotonic() < end, f"something stays open: {self.said()}"
            await asyncio.sleep(0.005)

    def _sending(self) -> bool:
        found = self._db.execute("SELECT DISTINCT worker FROM delivery WHERE state = 'sending'").fetchall()
        return any(worker not in self._dead for (worker,) in found)

    def _move_on(self) -> bool:
        """Whether anything is open. When all of it waits for its time, that has come."""
        query = "SELECT COUNT(*), SUM(state = 'sending'), MIN(not_before) FROM delivery"
        ((count, sending, next_at),) = self._db.execute(f"{query} WHERE state IN ('pending', 'sending')")
        if count and not sending:
            wait = datetime.fromisoformat(next_at).replace(tzinfo=UTC) - self.clock.now()
            if wait > timedelta():
                self.clock.skip(wait + timedelta(milliseconds=1))
        claimed = self._db.execute("SELECT MAX(local_date) FROM occurrence").fetchone()[0]
        return bool(count) or (bool(self.days) and claimed != str(self.days[-1]))

    def next_day(self) -> None:
        """Everybody's next question is due now."""
        if self.days:
            self._due += timedelta(days=1)
        self.days.append(self._due.date())
        self.clock.skip(self._due - self.clock.now() + timedelta(milliseconds=1))

    # --- what is there ----------------------------------------

    def outcome(self) -> Outcome:
        rows = self._db.execute(ROWS).fetchall()
        messages = {key: (place, date.fromisoformat(day)) for key, _, _, day, place in rows}
        resent = self._db.execute("SELECT key FROM resent").fetchall()
        return Outcome(
            states={messages[key]: state for key, state, *_ in rows},
            expected=frozenset((place, day) for place in self.places for day in self.days),
            shown=self._shown(),
            resent=frozenset(messages[key] for (key,) in resent),
        )

    def _shown(self) -> Counter[Message]:
        return Counter((place, day) for place, days in self.platform.shown().items() for day in days)

    def said(self) -> str:
        """The end of Starling's log."""
        log = self.folder / "log"
        return log.read_text()[-3000:] if log.exists() else "nothing"


@contextlib.asynccontextmanager
async def kills_room(
    folder: Path, nursery: Nursery, platform: Platform, clock: SharedClock, *, channels: int, people: int
) -> AsyncIterator[KillsRoom]:
    room = KillsRoom(folder, nursery, platform, clock)
    try:
        await room.furnish(channels, people)
        yield room
    finally:
        await room.close()
    assert platform.violations == []
