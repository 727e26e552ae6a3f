"""Several whole Starlings on one PostgreSQL: shards and workspaces are shared out, and nothing acts twice."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from conftest import NewDatabase
from discord_double import DiscordDouble, Interaction, buttons, hurried
from discord_double_stage import pointed_at
from discord_double_world import EVERYTHING, Channel, Json, User
from evening import ANA, BEN, BEN_AGAIN
from moved_clock import MovedClock
from slack_room import PATH, Mode, Sight, SlackRoom, free_port, slack_room
from sqlalchemy import Table, func, select, text
from stepped_clock import SteppedClock
from whole_room import nothing_left

import adapters.discord.client
from adapters.slack.ids import key_in
from bot.config import load
from bot.serve import run
from core.packs.load import starter_packs
from core.store import leases, prompts
from core.store.engine import Store, database_url
from core.store.migrate import ready
from core.store.tables import answer, occurrence, pack, prompt, schedule


@dataclass
class Several:
    """Starlings in this very process: each has its own settings, connections and store."""

    url: str
    clock: SteppedClock = field(default_factory=SteppedClock)
    running: dict[str, tuple[asyncio.Event, asyncio.Task[None]]] = field(default_factory=dict)

    def start(self, name: str, more: dict[str, str]) -> None:
        named = {"STARLING_DATABASE__URL": self.url, "STARLING_DELIVERY__TICK_SECONDS": "0.05"} | more
        stop = asyncio.Event()
        task = asyncio.create_task(run(load(None, named, {}), stop, self.clock), name=name)
        self.running[name] = (stop, task)

    async def stop(self, name: str) -> None:
        """SIGTERM."""
        stop, task = self.running.pop(name)
        stop.set()
        await task

    async def stop_all(self) -> None:
        for name in [*self.running]:
            await self.stop(name)

    async def holder(self, scope: str) -> str:
        """Who sends for ``scope``; "" when nobody does."""
        async with Store(database_url(self.url)) as store, store.read() as tx:
            return (await leases.holders(tx)).get(scope, ("", 0.0))[0]

    async def count(self, table: Table) -> int:
        async with Store(database_url(self.url)) as store, store.read() as tx:
            return int((await tx.execute(select(func.count()).select_from(table))).scalar_one())

    async def soon(self, done: Callable[[], Any], patience: float = 60) -> Any:
        async with asyncio.timeout(patience):
            while not (found := done()):
                for _, task in self.running.values():
                    if task.done():
                        task.result()
                await asyncio.sleep(0.05)
            return found


@pytest.fixture
async def several(new_database: NewDatabase) -> AsyncIterator[Several]:
    made = Several(await new_database("postgresql"))
    try:
        yield made
    finally:
        await made.stop_all()


async def test_two_first_starts_on_an_empty_database_make_one(
    new_database: NewDatabase, clock: MovedClock
) -> None:
    url = database_url(await new_database("postgresql", blank=True))
    (found,) = (p for p in starter_packs() if p.id == "starter-ask")

    async def start(store: Store) -> None:
        await ready(store, allow_migrate=True)
        async with store.write() as tx:  # what install_starters does for each
            await prompts.install(tx, found, None, clock.now())

    async with Store(url) as one, Store(url) as other:
        await asyncio.gather(start(one), start(other), start(one))
        async with one.read() as tx:
            assert (await tx.execute(select(pack.c.slug))).scalars().all() == ["starter-ask"]
            slugs = (await tx.execute(select(prompt.c.slug))).scalars().all()
            assert len(slugs) == len(set(slugs)) == len(found.prompts)
            assert (await tx.execute(text("SELECT count(*) FROM alembic_version"))).scalar_one() == 1


# --- Discord: shards ----------------------------------------


async def test_two_processes_share_discord_s_shards_and_one_sends(
    several: Several, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(adapters.discord.client, "SERVERS_WITHIN", 0.02)
    async with await DiscordDouble.start() as double:
        with pointed_at(double), hurried():
            await _shards(several, double)
            await several.stop_all()
    assert double.violations == []
    await nothing_left()


async def _shards(several: Several, double: DiscordDouble) -> None:
    places: dict[int, tuple[Channel, User]] = {}
    while len(places) < 2:  # a server on each shard
        guild = await double.add_guild(f"Club {len(places)}")
        shard = (guild.id >> 22) % 2
        if shard not in places:
            channel = await double.add_channel(guild, "practice")
            places[shard] = (channel, double.add_member(guild, f"Olga {shard}", permissions=EVERYTHING))
    for shard, (channel, olga) in sorted(
        places.items()
    ):  # the first one has the lease before the other begins
        named = {
            "STARLING_DISCORD__TOKEN": double.token,
            "STARLING_DISCORD__API_BASE_URL": double.api,
            "STARLING_DISCORD__GATEWAY_URL": double.gateway_url,
            "STARLING_DISCORD__CDN_BASE_URL": double.base,
            "STARLING_DISCORD__SHARD_IDS": f"[{shard}]",
            "STARLING_DISCORD__SHARD_COUNT": "2",
        }
        several.start(f"shard {shard}", named)
        await double.gateway.until("identify", times=shard + 1, patience=30)
        await several.soon(lambda: double.world.commands.get(0))
        await asyncio.sleep(0.2)  # "ready" comes when no server has followed for SERVERS_WITHIN
        await double.slash(olga, "setup", {"time": "08:01", "zone": "UTC", "tracks": "behavioural"}, channel)
        await several.soon(lambda here=channel: double.messages(here))
    assert len(double.asked("PUT", "/commands$")) == 1, "the other one finds them registered"
    channels = [channel for channel, _ in places.values()]
    several.clock.skip(minutes=2)
    await several.soon(lambda: all(len(double.messages(c)) == 2 for c in channels))
    holder = await several.holder("discord")
    for shard, (channel, olga) in places.items():
        seen = await _answer(double, olga, double.messages(channel)[-1], f"story {shard} " + "word " * 60)
        assert "Kept" in seen.text
    assert (await double.slash(places[1][1], "practice")).message, "direct messages come to shard 0"
    assert await several.count(answer) == 2

    # Whoever sends is stopped: the other one sends to both servers, also to the one of which it hears nothing.
    await several.stop("shard 0")
    assert await several.holder("discord") == ""
    several.clock.skip(hours=24)
    await several.soon(lambda: all(len(double.messages(c)) == 3 for c in channels))
    assert await several.holder("discord") not in ("", holder)
    keys = Counter(m["nonce"] for c in channels for m in double.messages(c) if m.get("nonce"))
    assert set(keys.values()) == {1}
    assert (await several.count(schedule), await several.count(occurrence)) == (2, 4)


async def _answer(double: DiscordDouble, who: User, card: Json, words: str) -> Interaction:
    """Press Answer, write, send."""
    number = next(n for n, label in buttons(card).items() if label == "Answer")
    opened = await double.press(who, card, number)
    return await double.submit_modal(who, opened, {"text": words})


# --- Slack: several connections, and a balancer ----------------------------------------


class TwoBehindSlack(SlackRoom):
    """Two Starlings that Slack tells of what happens in turn: by Socket Mode, or through a balancer."""

    def __init__(self, folder: Path, mode: Mode, several: Several) -> None:
        super().__init__(folder, mode)
        self.several = several
        self.clock = several.clock
        self.urls: list[str] = []
        self.acts = 0

    async def start(self) -> None:
        for n in (1, 2):
            self.port = free_port()
            self.urls.append(f"http://127.0.0.1:{self.port}{PATH}")
            asked = len(self.double.asked("auth.test"))
            self.several.start(f"process {n}", self.named())
            if self.mode == "socket":
                await self.double.sockets.until("hello", n, 20)
            else:
                await self._listens(asked)
        if self.mode == "http":
            self.team.url = self.urls[0]

    async def sees(self, *args: Any, **more: Any) -> Sight:
        self.acts += 1
        if self.mode == "http":
            self.team.url = self.urls[self.acts % 2]
        return await super().sees(*args, **more)


@pytest.mark.parametrize("mode", ["socket", "http"])
async def test_slack_s_acts_go_to_either_process_and_nothing_acts_twice(
    several: Several, tmp_path: Path, mode: Mode
) -> None:
    room = TwoBehindSlack(tmp_path, mode, several)
    async with slack_room(tmp_path, mode, room):
        await room.start()
        await room.set_up()
        card = await room.drop()
        ana, ben = room.member("Ana"), room.member("Ben")
        for who, words in ((ana, ANA), (ben, BEN)):  # the form opens in one process and is sent to the other
            seen = await room.answer(who, card, words)
            assert "Kept" in seen.text
        again = await room.answer(ben, card, BEN_AGAIN)
        assert "attempt 2" in again.text
        for line in ("today", "streak", "history", "board"):
            for who in (ana, ben):
                seen = await room.say(who, line)
                assert "broke" not in seen.text and "Something" not in seen.text
        await room.say(room.olga, "drops add time: 09:30 zone: UTC tracks: behavioural")
        await room.say(room.olga, "drops add time: 09:45 zone: UTC tracks: behavioural")
        assert await several.count(schedule) == 3
        assert await several.count(answer) == 3
        await several.soon(lambda: room.double.asked("chat.update"))  # the card, by whoever sends
        several.clock.skip(hours=2)
        await several.soon(lambda: len(room.posts()) >= 4)
        await room.at_rest()
        keys = Counter(key_in(post) for post in room.posts())
        assert len(keys) == 4 and set(keys.values()) == {1}, "a test post, and a question for each schedule"
        await several.stop_all()
