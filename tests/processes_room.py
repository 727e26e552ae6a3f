"""Several worker processes on one PostgreSQL, one Discord and one Slack with two workspaces, and what befalls them."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from discord_double import DiscordDouble
from processes_filling import Place, fill, keep_log
from slack_double import SlackDouble
from sqlalchemy import text
from tcp_gate import Gate

from adapters.slack.ids import key_in
from core.store.engine import Store, database_url

WORKER = Path(__file__).with_name("processes_worker.py")
PER_CHANNEL = 8  # questions for each channel: Slack takes one a second


@dataclass
class Worker:
    """``holder`` is its name in the table of leases, ``gate`` its way to the database."""

    process: asyncio.subprocess.Process
    gate: Gate
    log: Path
    teams: int
    holder: str = ""

    def signal(self, what: signal.Signals) -> None:
        self.process.send_signal(what)

    def said(self, name: str) -> list[dict[str, Any]]:
        lines = [line for line in self.log.read_text().splitlines() if line.startswith("{")]
        return [found for line in lines if name in (found := json.loads(line))]


@dataclass
class Processes:
    """``hurry``: by how much every wait around leases is shorter than in earnest."""

    store: Store
    folder: Path
    discord: DiscordDouble
    slack: SlackDouble
    hurry: float
    workers: list[Worker] = field(default_factory=list)
    wanted: int = 0
    """Messages that have to be shown in the end, each once."""
    schedules: int = 0
    started: int = 0

    # --- what there is to do ----------------------------------------

    async def fill(self, messages: int, over: timedelta, begin: timedelta = timedelta(0)) -> None:
        """About so many messages, due in the time ``over`` from now + ``begin`` on: two in three of them drops."""
        drops, people = messages // 3, messages - messages // 3 * 2
        other = self.slack.world.teams[1]
        guild = await self.discord.add_guild()
        groups = []
        for n in range(-(-drops // PER_CHANNEL)):
            channel = await self.discord.add_channel(guild, f"practice-{n}")
            room = self.slack.add_channel(f"practice-{n}", team=(self.slack.team, other)[n % 2])
            here = Place("discord", str(guild.id), str(channel.id))
            groups.append((here, Place("slack", room.team.id, room.id)))
        members = []
        for n in range(people):
            if n % 2:
                team = (self.slack.team, other)[n // 2 % 2]
                members.append(Place("slack", team.id, self.slack.add_user(f"Person {n}", team).id))
            else:
                user = self.discord.add_member(guild, f"Person {n}")
                members.append(Place("discord", "", str(user.id)))
        await fill(self.store, groups, drops, members, datetime.now(UTC) + begin, over)
        self.wanted, self.schedules = drops * 2 + people, drops + people

    # --- the processes ----------------------------------------

    async def start(self, *, discord: bool = True, teams: int = 2) -> Worker:
        """One more of them; returns once it sends. It serves the first ``teams`` workspaces."""
        query = self.store.url.query
        gate = await Gate(f"{query['host']}/.s.PGSQL.5432").__aenter__()
        url = f"postgresql://{self.store.url.username}@127.0.0.1:{gate.port}/{self.store.url.database}"
        said: dict[str, Any] = {"database": url, "hurry": self.hurry}
        if discord:
            double = self.discord
            said["discord"] = {
                "api": double.api, "gateway": double.gateway_url, "cdn": double.base, "token": double.token
            }  # fmt: skip
        if teams:
            tokens = [team.bot_token for team in self.slack.world.teams[:teams]]
            said["slack"] = {"base_url": self.slack.base_url, "tokens": tokens}
        self.started += 1
        log = self.folder / f"worker-{self.started}.log"
        with log.open("wb") as out:
            process = await asyncio.create_subprocess_exec(
                sys.executable, str(WORKER), json.dumps(said), stdout=out, stderr=out,
                cwd=WORKER.parent.parent,
                env=os.environ | {"PYTHONPATH": f"{WORKER.parent.parent}:{WORKER.parent}"},
            )  # fmt: skip
        worker = Worker(process, gate, log, teams)
        self.workers.append(worker)
        await self.until(lambda: worker.said("holder") or worker.process.returncode is not None, 60)
        assert worker.process.returncode is None, self.troubles()
        worker.holder = worker.said("holder")[0]["holder"]
        return worker

    async def close(self) -> None:
        for worker in self.workers:
            if worker.process.returncode is None:
                worker.process.kill()
            await worker.process.wait()
            await worker.gate.__aexit__()

    async def holder(self, scope: str, patience: float = 30) -> Worker:
        """Whoever sends for ``scope`` just now."""

        async def found() -> Worker | None:
            query = "SELECT holder FROM lease WHERE scope = :scope AND until > clock_timestamp()"
            names = [r.holder for r in await self.rows(query, scope=scope)]
            return next((w for w in self.workers if w.holder in names), None)

        return await self.soon(found, patience)

    # --- what has become of it ----------------------------------------

    async def rows(self, query: str, **values: object) -> list[Any]:
        async with self.store.read() as tx:
            return list((await tx.execute(text(query), values)).all())

    async def taken_over(self, worker: Worker, since: datetime, patience: float) -> dict[str, float]:
        """scope -> seconds from ``since`` until another process has sent a row there, for what ``worker`` held."""
        held = [
            r.scope for r in await self.rows("SELECT scope FROM lease WHERE holder = :holder", holder=worker.holder)
        ]  # fmt: skip
        assert held, "it held nothing"
        query = (
            "SELECT scope, min(at) AS at FROM send_log WHERE state = 'sent' AND worker <> :holder AND at > :since "
            "GROUP BY scope"
        )

        async def found() -> dict[str, float] | None:
            rows = await self.rows(query, holder=worker.holder, since=since)
            times = {r.scope: (r.at - since).total_seconds() for r in rows if r.scope in held}
            return times if set(times) == set(held) else None

        return await self.soon(found, patience)

    async def settled(self, patience: float) -> None:
        """Everything has been claimed and has come to its end."""

        async def done() -> bool:
            (row,) = await self.rows(
                "SELECT (SELECT count(*) FROM claim_log) AS claimed, "
                "(SELECT count(*) FROM delivery WHERE state IN ('pending', 'sending')) AS open"
            )
            return row.claimed >= self.schedules and not row.open

        await self.soon(done, patience)

    def shown(self) -> Counter[str]:
        """Key -> how often its message is there, on both platforms."""
        seen: Counter[str] = Counter()
        for channel in self.discord.world.channels.values():
            seen.update(str(m["nonce"]) for m in self.discord.messages(channel) if m.get("nonce"))
        for room in self.slack.world.channels.values():
            seen.update(key for m in self.slack.messages(room) if (key := key_in(m)))
        return seen

    async def until(self, done: Callable[[], Any], patience: float) -> Any:
        async def found() -> Any:
            return done()

        return await self.soon(found, patience)

    async def soon(self, done: Callable[[], Any], patience: float) -> Any:
        end = time.monotonic() + patience
        while not (found := await done()):
            assert time.monotonic() < end, f"did not come: {await self.open()} {self.troubles()}"
            await asyncio.sleep(0.1)
        return found

    async def open(self) -> list[str]:
        """What has not come to its end."""
        query = "SELECT key, scope, state, attempt, worker, reason FROM delivery WHERE state IN ('pending', 'sending')"
        return [" ".join(map(str, r)) for r in await self.rows(f"{query} ORDER BY state DESC, key LIMIT 20")]

    def troubles(self) -> list[str]:
        return [w.log.read_text()[-600:] for w in self.workers]


@contextlib.asynccontextmanager
async def processes(folder: Path, database: str, hurry: float) -> AsyncIterator[Processes]:
    """Nobody works yet; at the end everybody is gone."""
    async with (
        Store(database_url(database)) as store,
        await DiscordDouble.start() as discord,
        await SlackDouble.start() as slack,
    ):
        slack.add_team("Another group")
        discord.rest.nonce_window = 60.0
        await keep_log(store)
        room = Processes(store, folder, discord, slack, hurry)
        try:
            yield room
        finally:
            await room.close()
