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
from core.ports import Outcome, Sent, Target, Unknown, WithoutMemory
from core.rules.due import Rule, following
from core.services import Services
from core.store import arrivals, prompts, schedules
from core.store.engine import Line, Store
from core.store.tables import delivery, occurrence
from core.text import as_text
from core.views import Message, View

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
        return place(self.target)


def place(target: Target) -> str:
    """A person's name or a channel's."""
    return target.user_id or target.channel_id


@dataclass(frozen=True, slots=True)
class Shown:
    """A message that is there, and what it showed at first."""

    at: datetime
    place: str
    key: str
    message_id: str
    text: str
    thread: str


@dataclass(frozen=True, slots=True)
class Edited:
    at: datetime
    message_id: str
    text: str
    key: str


class Died(BaseException):
    """The process ends here, in the middle of a call: nothing more is written down."""


LOST = Unknown("the answer was lost")  # and the message is there
DIED = Died()  # after the message was shown


class Wire(WithoutMemory):
    """``says["channel"]`` are the answers for a channel or user, one a call; after them, and without any, ``Sent``.

    While ``gate`` is cleared, calls wait on the way out.
    """

    def __init__(self, clock: MovedClock) -> None:
        self.clock = clock
        self.calls: list[SentCall] = []
        self.says: dict[str, list[Outcome | BaseException]] = defaultdict(list)
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
        if isinstance(answer, BaseException):
            raise answer
        return answer

    def places(self) -> list[str]:
        return [c.place for c in self.calls]


class Memory(Wire):
    """A platform whose messages can be recognised for a minute, looked up and rewritten.

    With ``LOST`` and ``DIED`` the message is there all the same; with any other ``Unknown`` it never arrived.
    While ``looks`` has something, that is what a look-up says. ``says`` counts for edits, too, by message id.
    """

    repeat_for = timedelta(seconds=60)
    edits = True

    def __init__(self, clock: MovedClock) -> None:
        super().__init__(clock)
        self.shown: list[Shown] = []
        self.edited: list[Edited] = []
        self.looked: list[tuple[str, datetime]] = []
        self.looks: list[Outcome | None] = []

    async def send(self, target: Target, view: View, key: str) -> Outcome:
        answers = self.says[place(target)]
        if not answers:
            answers.append(Sent(""))
        answer = answers[0]
        message_id = ""
        if isinstance(answer, Sent) or answer is LOST or answer is DIED:
            message_id = self._show(target, view, key, answer.message_id if isinstance(answer, Sent) else "")
        said = await super().send(target, view, key)
        return Sent(message_id, said.channel_id) if isinstance(said, Sent) else said

    def _show(self, target: Target, view: View, key: str, message_id: str) -> str:
        """The id of the message that is there: a new one, unless the key is recognised."""
        for there in self.shown:
            if there.key == key and self.clock.now() - there.at < self.repeat_for:
                return there.message_id
        thread = view.thread if isinstance(view, Message) else ""
        message_id = message_id or f"m{len(self.shown) + 1}"
        self.shown.append(Shown(self.clock.now(), place(target), key, message_id, as_text(view), thread))
        return message_id

    async def edit(self, target: Target, message_id: str, view: View, key: str) -> Outcome:
        assert message_id in [s.message_id for s in self.shown if s.place == place(target)]
        self.edited.append(Edited(self.clock.now(), message_id, as_text(view), key))
        self.under_way.set()
        await self.gate.wait()
        answers = self.says[message_id]
        answer = answers.pop(0) if answers else Sent(message_id)
        if isinstance(answer, BaseException):
            raise answer
        return answer

    async def find(self, target: Target, key: str, since: datetime) -> Outcome | None:
        self.looked.append((key, since))
        if self.looks:
            return self.looks.pop(0)
        there = [s for s in self.shown if s.key == key and s.place == place(target) and s.at >= since]
        return Sent(there[-1].message_id) if there else None


def at(clock: MovedClock, text: str) -> None:
    """Let time pass until that instant (UTC)."""
    clock.advance((datetime.fromisoformat(text).replace(tzinfo=UTC) - clock.now()).total_seconds())


class Group:
    """A group with homes on two platforms, its outbox, and a recording sender for each platform."""

    def __init__(self, store: Store, clock: MovedClock) -> None:
        self.store, self.clock = store, clock
        self.wires: dict[str, Wire] = {"discord": Wire(clock), "slack": Wire(clock)}
        self.outbox = self.another_outbox(store)
        self.group_id = 0
        self.homes: dict[str, int] = {}

    def another_outbox(self, store: Store, **expiry: timedelta) -> Outbox:
        app = Services(
            store=store,
            clock=self.clock,
            registry=Registry(),
            rubrics=starter_rubrics(),
            platforms=tuple(self.wires),
            editing=frozenset(name for name, wire in self.wires.items() if wire.edits),
        )
        return Outbox(app, self.wires, Expiry(**expiry))

    def remembers(self, platform: str = "discord") -> Memory:
        """From now on that platform is one with a memory."""
        wire = Memory(self.clock)
        self.wires[platform] = wire
        self.outbox = self.another_outbox(self.store)
        return wire

    def restarts(self) -> None:
        """The process has died; another one starts."""
        self.outbox = self.another_outbox(self.store)

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

    async def plan(
        self,
        rule: Rule = NINE,
        *channels: str,
        drop_now: bool = False,
        thread: bool = False,
        recap: bool = False,
    ) -> int:
        where = [(self.homes[c], "") for c in channels or self.homes]
        async with self.store.write() as tx:
            return await add_schedule(
                tx,
                self.group_id,
                where,
                rule,
                self.clock.now(),
                drop_now=drop_now,
                thread=thread,
                recap=recap,
            )

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
