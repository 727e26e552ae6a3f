"""``starling bench send``: how close sending comes to the best that the platforms allow, faults and all.

The real outbox, store and paces of the adapters, in virtual time (bot/virtual.py), against a model of a platform that
counts requests and answers some of them with 429 and a Retry-After, with 5xx, or not at all. The bound is what nobody
could undercut under the same faults: every request that was needed at the pace allowed, and nothing while the
platform had asked to wait. It is counted from the moment at which everything is due.
"""

from __future__ import annotations

import asyncio
import random
from collections import Counter, deque
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from adapters.discord.pace import Pace as DiscordPace
from adapters.slack.pace import Pace as SlackPace
from bot.bench import Bench, Result, figure
from bot.build import services_of
from bot.settings import Settings
from bot.virtual import START, CountedStore, VirtualClock, run_virtually
from core.call import Where
from core.delivery.outbox import Outbox
from core.founding import found_group
from core.ports import BEGIN_WITHIN, Gone, Outcome, Retry, Sender, Sent, Target, Unknown
from core.rules.due import Rule
from core.starters import install_starters
from core.store import arrivals, deliveries, schedules
from core.store.engine import database_url
from core.views import View

CLOSE = 1.05  # times the bound: the sender's own target
DISCORD_A_SECOND, DISCORD_ALLOWS = 45, 50
SLACK_A_MINUTE = 300
SLOW = 6.0  # seconds that the slow workspace takes for every answer
SILENT = 5.0  # seconds until a request that nobody answers is given up
BEAT = 2.0
WORKSPACES = 4
FAULTS = {"429": 0.004, "5xx": 0.01, "lost": 0.01}  # share of the requests


class Pace(Protocol):
    """What the adapters' paces have in common."""

    async def turn(self, patience: float = ...) -> float: ...

    def pause(self, seconds: float) -> None: ...

    def channel(self, channel_id: str) -> AbstractAsyncContextManager[None]: ...


@dataclass(slots=True)
class Model:
    """A platform, or one workspace of one: it answers as told, and remembers everything."""

    pace: Pace
    per_second: float
    """What Starling allows itself."""
    allows: float
    """What the platform takes in a second; more is a 429 of our making."""
    latency: float
    chance: random.Random
    shown: dict[str, float] = field(default_factory=dict)
    doubled: int = 0
    requests: int = 0
    ours: int = 0
    faults: Counter[str] = field(default_factory=Counter)
    shut: list[tuple[float, float]] = field(default_factory=list)
    recent: deque[float] = field(default_factory=deque)
    ended: float = 0.0
    floors: list[float] = field(default_factory=list)

    async def request(self) -> str:
        """One request and its answer: "ok", "lost", "5xx" or "429"."""
        now = asyncio.get_running_loop().time()
        self.requests += 1
        self.recent.append(now)
        while self.recent[0] <= now - 1:
            self.recent.popleft()
        if len(self.recent) > self.allows:
            self.ours += 1
        share, fault = self.chance.random(), "ok"
        for name, part in FAULTS.items():
            if share < part:
                fault = name
                break
            share -= part
        self.faults[fault] += 1
        await asyncio.sleep(self.latency * self.chance.uniform(0.5, 1.5))
        return fault

    def wait(self) -> float:
        seconds = self.chance.choice((1.0, 2.0, 5.0))
        now = asyncio.get_running_loop().time()
        self.shut.append((now, now + seconds))
        self.pace.pause(seconds)
        return seconds

    @property
    def bound(self) -> float:
        """Seconds below which nobody can be: its requests at the pace, nothing while it was shut, and what was left
        open by a fault closed no sooner than the platform allows."""
        shut, until = 0.0, 0.0
        for begin, end in sorted(self.shut):
            shut += max(0.0, end - max(begin, until))
            until = max(until, end)
        return max((self.requests - 1) / self.per_second + shut, *self.floors, 0.0)

    def left_open(self, seconds: float) -> None:
        """The latest request's message may be there, and is certain no sooner than so many seconds after it."""
        self.floors.append((self.requests - 1) / self.per_second + seconds)


class ModelSender:
    """``core.ports.Sender`` for models, by scope. ``nonce``: for how long a repeated key shows nothing twice."""

    edits: bool = False

    def __init__(self, models: dict[str, Model], at_once: int, *, nonce: float, look_after: float) -> None:
        self.models = models
        self.at_once = at_once
        self.repeat_for = timedelta(seconds=nonce)
        self.look_after = timedelta(seconds=look_after)

    def serves(self, scope: str) -> bool:
        return True

    async def send(self, target: Target, view: View, key: str) -> Outcome:
        model = self.models[target.scope]
        async with model.pace.channel(target.channel_id):
            if wait := await model.pace.turn(BEGIN_WITHIN):
                return Retry(wait, "asked to wait")
            loop = asyncio.get_running_loop()
            answer = await model.request()
            match answer:
                case "429":
                    return Retry(model.wait(), "asked to wait")
                case "5xx":
                    model.left_open(self.look_after.total_seconds())
                    return Unknown("502")
            at = model.shown.get(key)
            if at is not None and loop.time() - at > self.repeat_for.total_seconds():
                model.doubled += 1
            model.shown.setdefault(key, loop.time())
            if answer == "lost":
                model.left_open(SILENT + self.look_after.total_seconds())
                await asyncio.sleep(SILENT)
                return Unknown("no answer")
            model.ended = loop.time()
            return Sent(key)

    async def edit(self, target: Target, message_id: str, view: View, key: str) -> Outcome:
        return Gone("invalid")

    async def find(self, target: Target, key: str, since: datetime) -> Outcome | None:
        model = self.models[target.scope]
        if wait := await model.pace.turn(BEGIN_WITHIN):
            return Retry(wait, "asked to wait")
        if await model.request() != "ok":
            return Retry(1.0, "no answer")
        model.ended = asyncio.get_running_loop().time()
        return Sent(key) if key in model.shown else None


async def measure(bench: Bench) -> list[Result]:
    url = bench.store.url.render_as_string(hide_password=False)
    settings = bench.settings

    def whole() -> list[Result]:
        return run_virtually(
            lambda store: _measure(settings, store, bench.size), CountedStore(database_url(url))
        )

    bench.tell(f"Sending {bench.size:,} messages on Discord and {bench.size:,} on Slack, in virtual time ...")
    return await asyncio.to_thread(whole)


async def _measure(settings: Settings, store: CountedStore, size: int) -> list[Result]:
    clock, chance = VirtualClock(), random.Random(3)
    await install_starters(store, clock.now())
    slack = {f"slack:T{n}": _slack(clock, chance, slow=not n) for n in range(WORKSPACES)}
    discord = {"discord": _discord(clock, chance)}
    senders: dict[str, Sender] = {
        "discord": ModelSender(discord, 32, nonce=60, look_after=0),
        "slack": ModelSender(slack, 4, nonce=0, look_after=30),
    }
    outbox = Outbox(services_of(settings, store, clock, senders=senders), senders)
    begun = await _due(store, clock, size, [*slack])
    while not await _over(store):
        await outbox.beat()
        await clock.sleep(BEAT)
    await outbox.close()
    found = [*_results("Discord", "discord", discord["discord"], size, begun)]
    for n, (scope, model) in enumerate(slack.items()):
        share = size // WORKSPACES
        slow = " (slow)" if not n else ""
        found += _results(f"Slack workspace {n + 1}{slow}", scope, model, share, begun, bounded=bool(n))
    return found


def _discord(clock: VirtualClock, chance: random.Random) -> Model:
    pace = DiscordPace(clock, DISCORD_A_SECOND)
    return Model(pace, DISCORD_A_SECOND, DISCORD_ALLOWS, 0.15, random.Random(chance.random()))


def _slack(clock: VirtualClock, chance: random.Random, *, slow: bool) -> Model:
    per_second = SLACK_A_MINUTE / 60
    pace = SlackPace(clock, SLACK_A_MINUTE)
    return Model(pace, per_second, per_second + 3, SLOW if slow else 0.25, random.Random(chance.random()))


async def _due(store: CountedStore, clock: VirtualClock, size: int, workspaces: Sequence[str]) -> float:
    """``size`` channels on Discord and as many on Slack, and a drop that is due in all of them; when that is."""
    here = Where("discord", "bench", "c0", "bench")
    soon = START + timedelta(minutes=1)
    rule = Rule(soon.time(), "UTC")
    async with store.write() as tx:
        founded = await found_group(tx, here, "Bench", rule, ("behavioural",), clock.now(), drop_now=False)
        homes = [founded.home_id]
        for n in range(1, size):
            place = Where("discord", f"s{n}", f"c{n}", "bench")
            homes.append(await arrivals.create_home(tx, founded.group_id, place, clock.now()))
        for n in range(size // WORKSPACES * WORKSPACES):
            team = workspaces[n % len(workspaces)].partition(":")[2]
            place = Where("slack", team, f"C{n}", "bench")
            homes.append(await arrivals.create_home(tx, founded.group_id, place, clock.now()))
        await schedules.set_homes(tx, founded.schedule_id, [(home_id, "") for home_id in homes])
    await clock.sleep((soon - clock.now()).total_seconds())
    return asyncio.get_running_loop().time()


async def _over(store: CountedStore) -> bool:
    async with store.read() as tx:
        counts = await deliveries.counts(tx)
    return bool(counts) and not counts.get(deliveries.PENDING) and not counts.get(deliveries.SENDING)


def _results(
    name: str, scope: str, model: Model, size: int, begun: float, *, bounded: bool = True
) -> list[Result]:
    taken = model.ended - begun
    faults = ", ".join(f"{n} {kind}" for kind, n in sorted(model.faults.items()) if kind != "ok")
    return [
        figure(f"{name}: virtual time", taken, "s"),
        figure(f"{name}: times the bound ({faults})", taken / model.bound, "x", CLOSE if bounded else None),
        figure(f"{name}: lost", size - len(model.shown), "", 0),
        figure(f"{name}: doubled", model.doubled, "", 0),
        figure(f"{name}: 429 of our making", model.ours, "", 0),
    ]
