"""A Sender that stands for the outside, recording every call, and a group whose questions go out through it."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from moved_clock import MovedClock
from sqlalchemy import select

from core.call import Where, Who
from core.commands import Registry
from core.delivery.due import Expiry
from core.delivery.outbox import Outbox
from core.founding import add_schedule
from core.packs.load import starter_packs, starter_rubrics
from core.ports import Outcome, Sent, Target, WithoutMemory
from core.rules.due import Rule, following
from core.services import Services
from core.store import arrivals, prompts, schedules
from core.store.engine import Line, Store
from core.store.tables import delivery, occurrence
from core.text import as_text
from core.views import View

NINE = Rule(time(9), "Europe/Berlin")
MONDAY = date(2026, 3, 2)  # the clock stands at 09:00 UTC of this day, which is 10:00 in Berlin


@dataclass(frozen=True, slots=True)
class SentCall:
    at: datetime
    target: Target
    text: str
    key: str

    @property
    def place(self) -> str:
        return self.target.channel_id or self.target.user_id


class Wire(WithoutMemory):
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


def at(clock: MovedClock, text: str) -> None:
    """Let time pass until that instant (UTC)."""
    clock.advance((datetime.fromisoformat(text).replace(tzinfo=UTC) - clock.now()).total_seconds())


class Group:
    """A group with homes on two platforms, its outbox, and a recording sender for each platform."""

    def __init__(self, store: Store, clock: MovedClock) -> None:
        self.store, self.clock = store, clock
        self.wires = {"discord": Wire(clock), "slack": Wire(clock)}
        self.outbox = self.another_outbox(store)
        self.group_id = 0
        self.homes: dict[str, int] = {}

    def another_outbox(self, store: Store, **expiry: timedelta) -> Outbox:
        app = Services(store=store, clock=self.clock, registry=Registry(), rubrics=starter_rubrics())
        return Outbox(app, self.wires, Expiry(**expiry))

    async def found(self, *, packs: bool = True) -> None:
        async with self.store.write() as tx:
            self.group_id = await arrivals.create_group(tx, "Night owls", "Europe/Berlin", self.clock.now())
            for pack in (
                p for p in starter_packs() if packs and p.id in ("starter-behavioural", "starter-ask")
            ):
                await prompts.install(tx, pack, None, self.clock.now())
        await self.home("hall", "discord")
        await self.home("room", "slack")

    async def home(self, channel: str, platform: str) -> None:
        async with self.store.write() as tx:
            place = Where(platform, f"server-{channel}", channel, f"#{channel}")
            self.homes[channel] = await arrivals.create_home(tx, self.group_id, place, self.clock.now())

    async def plan(self, rule: Rule = NINE, *channels: str, drop_now: bool = False) -> int:
        where = [(self.homes[c], "") for c in channels or self.homes]
        async with self.store.write() as tx:
            return await add_schedule(tx, self.group_id, where, rule, self.clock.now(), drop_now=drop_now)

    async def remind(self, name: str, rule: Rule = NINE) -> int:
        """A person with a daily question by direct message on Discord."""
        one = following(rule, MONDAY)
        async with self.store.write() as tx:
            known = await arrivals.arrive(tx, Who("discord", name, name), Where("discord"), self.clock.now())
            return await schedules.create(
                tx,
                rule=rule,
                next_date=one.local_date,
                next_due_at=one.at,
                now=self.clock.now(),
                person_id=known.person.id,
                platform="discord",
            )

    async def tick_at(self, text: str) -> None:
        at(self.clock, text)
        await self.outbox.tick()

    def calls(self) -> list[str]:
        return sorted(c.place for wire in self.wires.values() for c in wire.calls)

    async def rows(self) -> list[Line]:
        """Every outbox row with its local date, in order of time."""
        query = (
            select(delivery, occurrence.c.local_date, occurrence.c.prompt_id, occurrence.c.schedule_id)
            .outerjoin(occurrence, occurrence.c.id == delivery.c.occurrence_id)
            .order_by(delivery.c.due_at, delivery.c.home_id)
        )
        async with self.store.read() as tx:
            return list((await tx.execute(query)).all())

    async def states(self) -> list[str]:
        return [r.state for r in await self.rows()]
