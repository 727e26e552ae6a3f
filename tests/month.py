"""A group's life in virtual time: members in many zones who answer or do not, on Discord and on Slack."""

from __future__ import annotations

import asyncio
import gc
import os
import random
import resource
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

from moved_clock import MovedClock
from sqlalchemy import func, select

from adapters.discord.views import payload as on_discord
from adapters.slack.views import payload as on_slack
from bot.build import App, build
from bot.config import load
from core.call import Where, Who
from core.founding import add_schedule
from core.ports import Outcome, Sender, Sent, Target, Unknown
from core.recount import Drift, recount
from core.rules.due import Rule
from core.store import arrivals, weekly
from core.store.engine import Line
from core.store.tables import answer, delivery, home, occurrence
from core.views import Buttons, View, blocks_of

ZONES = (
    "Europe/Berlin",
    "Europe/London",
    "America/New_York",
    "America/Los_Angeles",
    "Asia/Tokyo",
    "Asia/Kolkata",
    "Australia/Lord_Howe",
    "Pacific/Auckland",
    "Pacific/Kiritimati",
    "Africa/Nairobi",
    "America/St_Johns",
    "Asia/Kathmandu",
)
PLATFORMS = ("discord", "slack")
STEP = timedelta(minutes=60)  # between two beats on which nothing happens
WORDS = (
    "found",
    "the",
    "slow",
    "query",
    "rewrote",
    "team",
    "index",
    "report",
    "twice",
    "customers",
    "because",
    "measured",
)


class Board:
    """A Sender that draws what it is given as the platform's adapter does, and counts. One answer in fifty is lost."""

    edits = True
    at_once = 8

    def __init__(self, platform: str, clock: MovedClock, rng: random.Random) -> None:
        self.repeat_for = timedelta(seconds=60 if platform == "discord" else 0)
        self.look_after = timedelta(seconds=0 if platform == "discord" else 30)
        self.shown: Counter[str] = Counter()
        self.rewritten = 0
        self._first: dict[str, datetime] = {}
        self._clock, self._rng, self._slack = clock, rng, platform == "slack"

    def serves(self, scope: str) -> bool:
        return True

    async def send(self, target: Target, view: View, key: str) -> Outcome:
        if self._slack:
            on_slack(view, key=key)
        else:
            on_discord(view, ephemeral=False, key=key)
        first = self._first.setdefault(key, self._clock.now())
        if not self.shown[key] or self._clock.now() - first >= self.repeat_for:
            self.shown[key] += 1
        if self._rng.random() < 0.02:
            return Unknown("the answer was lost")
        return Sent(f"m-{key}", target.channel_id or f"dm-{target.user_id}")

    async def edit(self, target: Target, message_id: str, view: View, key: str) -> Outcome:
        self.rewritten += 1
        if self._slack:
            on_slack(view)
        else:
            on_discord(view, ephemeral=False, key=key)
        return Sent(message_id)

    async def find(self, target: Target, key: str, since: datetime) -> Outcome | None:
        return Sent(f"m-{key}", target.channel_id) if self.shown[key] else None


@dataclass(frozen=True, slots=True)
class Footprint:
    """Of this process: memory in MiB, asyncio tasks, open files."""

    rss: float
    tasks: int
    handles: int

    @classmethod
    def now(cls) -> Footprint:
        gc.collect()
        pages = int(Path("/proc/self/statm").read_text().split()[1])
        handles = len(os.listdir("/proc/self/fd"))  # noqa: PTH208
        return cls(pages * resource.getpagesize() / (1 << 20), len(asyncio.all_tasks()), handles)


class Month:
    """``members`` people, half of them on each platform, in one group with a home on each."""

    def __init__(self, folder: Path, members: int, first: date) -> None:
        self.folder, self.members = folder, members
        self.rng = random.Random(7)
        self.clock = MovedClock(datetime.combine(first, time(6, 30), tzinfo=UTC))
        self.senders = {name: Board(name, self.clock, self.rng) for name in PLATFORMS}
        self.app: App
        self.answers = self.commands = 0
        self.drifts: list[Drift] = []

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Between a start of Starling and its stop."""
        named = {
            "STARLING_DATABASE__URL": str(self.folder / "starling.db"),
            "STARLING_DATABASE__BACKUP_KEEP": "2",
        }
        senders: dict[str, Sender] = dict(self.senders)
        async with build(load(None, named, {}), self.clock, senders) as self.app:
            yield

    def place(self, member: int) -> Where:
        name = PLATFORMS[member % 2]
        return Where(name, f"server-{name}", f"channel-{name}", "#practice", "Night owls")

    def who(self, member: int) -> Who:
        platform = PLATFORMS[member % 2]
        workspace = "server-slack" if platform == "slack" else ""
        return Who(
            platform, f"u{member}", f"Member {member}", workspace, zone=ZONES[member // 2 % len(ZONES)]
        )

    async def found(self) -> None:
        """The group, its question at nine in Berlin with a recap at the day's end, a weekly recap; every fourth
        member has a reminder at eight in the evening of theirs."""
        app, now = self.app.services, self.clock.now()
        async with app.store.write() as tx:
            group_id = await arrivals.create_group(tx, "Night owls", "Europe/Berlin", now)
            homes = [await arrivals.create_home(tx, group_id, self.place(n), now) for n in (0, 1)]
            rule = Rule(time(9), "Europe/Berlin")
            await add_schedule(tx, group_id, [(h, "") for h in homes], rule, now, recap=True)
            for each in homes:
                await weekly.switch(tx, each, True, "Europe/Berlin", now)
        for member in range(self.members):
            await self.say(member, "today")
            if member % 8 < 2:
                await self.say(member, "remind set time: 20:00", direct=True)
            if member % 25 == 3:
                await self.say(member, "me settings rest: sat")

    async def say(self, member: int, line: str, *, direct: bool = False) -> View:
        self.commands += 1
        where = Where(PLATFORMS[member % 2]) if direct else self.place(member)
        return await self.app.dispatcher.line(line, self.who(member), where, can_ask=False)

    async def press(self, member: int, view: View, label: str) -> View | None:
        found = [b for each in blocks_of(view) if isinstance(each, Buttons) for b in each.items]
        action = next((b.action for b in found if b.label == label), "")
        if not action:
            return None
        return await self.app.dispatcher.press(action, self.who(member), self.place(member))

    async def live(self, day: date) -> None:
        """From 06:30 UTC of this day to 06:30 of the next: question, answers at any hour, the night's jobs."""
        begin = datetime.combine(day, time(6, 30), tzinfo=UTC)
        end = begin + timedelta(days=1)
        moments = [(begin + STEP * n, -1) for n in range(int((end - begin) / STEP))]
        for member in range(self.members):
            if self.rng.random() < 0.08 + 0.35 * (member % 7) / 7:
                moments.append((begin + timedelta(minutes=self.rng.uniform(95, 23 * 60)), member))
        night = begin + timedelta(hours=21, minutes=40)  # 04:10
        for at, member in sorted(moments):
            await self.until(at)
            if member >= 0:
                await self.practise(member)
            elif night <= at < night + STEP:
                self.drifts.append(await recount(self.app.services))
                await self.app.recount()
                await self.app.sweep()
                await self.app.backup()
        await self.until(end)

    async def until(self, at: datetime) -> None:
        self.clock.advance(max(0.0, (at - self.clock.now()).total_seconds()))
        await self.app.outbox.tick()

    async def practise(self, member: int) -> None:
        """An answer, sometimes thin, sometimes shared; a look at the streak or the board now and then."""
        story = " ".join(self.rng.choices(WORDS, k=self.rng.choice((12, 30, 60))))
        view = await self.say(member, f"answer text: {story}")
        self.answers += 1
        luck = self.rng.random()
        if luck < 0.15 and (asked := await self.press(member, view, "Share")) is not None:
            await self.press(member, asked, "With my name")
        elif luck < 0.25:
            await self.say(member, "streak")
        elif luck < 0.3:
            await self.say(member, "leaderboard")

    # --- looking ----------------------------------------

    async def rows(self, *kinds: str) -> list[Line]:
        """Outbox rows with their local date, schedule and home's platform."""
        query = (
            select(delivery, occurrence.c.local_date, occurrence.c.schedule_id)
            .outerjoin(occurrence, occurrence.c.id == delivery.c.occurrence_id)
            .outerjoin(home, home.c.id == delivery.c.home_id)
            .where(delivery.c.kind.in_(kinds))
        )
        async with self.app.services.store.read() as tx:
            return list((await tx.execute(query)).all())

    async def kept_answers(self) -> int:
        async with self.app.services.store.read() as tx:
            return int((await tx.execute(select(func.count()).select_from(answer))).scalar_one())

    async def due_and_not_sent(self) -> int:
        unfinished = delivery.c.state.in_(("pending", "sending")), delivery.c.not_before <= self.clock.now()
        async with self.app.services.store.read() as tx:
            query = select(func.count()).select_from(delivery).where(*unfinished)
            return int((await tx.execute(query)).scalar_one())
