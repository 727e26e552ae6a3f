"""One of several processes on a PostgreSQL: the real store, senders and outbox, and nothing that listens.

``python processes_worker.py JSON``: ``database``; ``discord`` {api, gateway, cdn, token} and ``slack`` {base_url,
tokens}, each where it is served; ``hurry``: by how much every wait around a lease is shorter than in earnest.
Prints its name as a holder of leases, then its log. SIGTERM stops it as ``starling run`` is stopped.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import signal
import sys
from datetime import timedelta
from typing import Any

import discord
import structlog

import adapters.discord.sender
import adapters.slack.sender
import core.delivery.carrier
import core.delivery.leases
import core.delivery.pump
import core.store.engine as engine
from adapters.clock import SystemClock
from adapters.discord.addresses import point
from adapters.discord.pace import Pace
from adapters.discord.sender import DiscordSender
from adapters.slack.sender import SlackSender
from adapters.slack.workspace import Token, Workspaces
from core.commands import Registry
from core.delivery.leases import LENGTH, RENEW_AFTER, Leases
from core.delivery.outbox import Outbox
from core.packs.load import starter_rubrics
from core.ports import BEGIN_WITHIN, CALL_WITHIN, Clock, Sender
from core.services import Services

BEAT = 0.3  # seconds
LAST_POST = 4.0  # seconds that a post under way gets at a stop, as bot.serve has it
LOOK_AFTER = timedelta(seconds=30)  # as SlackSender has it
IDLE, STATEMENT = 15.0, 25.0  # seconds that a transaction, a statement may stand still, as Store has it


def hurried(by: float) -> None:
    """Shorter, but for the time in which a row has to be begun: that is this busy machine's."""
    if by == 1:
        return
    begin, call = BEGIN_WITHIN / 2, CALL_WITHIN / by
    for module in (adapters.discord.sender, adapters.slack.sender, core.delivery.carrier):
        vars(module)["BEGIN_WITHIN"] = begin
    vars(core.delivery.pump)["LEASE"] = timedelta(seconds=2 * begin + call + 2 / by)
    engine._SESSION["idle_in_transaction_session_timeout"] = f"{round(IDLE / by * 1000)}ms"
    engine._SESSION["statement_timeout"] = f"{round(STATEMENT / by * 1000)}ms"
    vars(core.delivery.leases)["STALLED"] = timedelta(seconds=IDLE / by)
    vars(engine)["COMMAND"] = engine.COMMAND / by


async def main(said: dict[str, Any]) -> None:
    by = float(said["hurry"])
    hurried(by)
    clock = SystemClock()
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    async with contextlib.AsyncExitStack() as stack:
        store = await stack.enter_async_context(engine.Store(engine.database_url(said["database"])))
        senders: dict[str, Sender] = {}
        if "discord" in said:
            senders["discord"] = sender = await _discord(said["discord"], clock, stack, CALL_WITHIN / by)
            sender.at_once = round(sender.at_once / (by if by < 4 else 4))
        if "slack" in said:
            senders["slack"] = await _slack(said["slack"], clock, stack, by)
        leases = Leases(store, length=LENGTH / by, renew_after=RENEW_AFTER / by)
        app = Services(
            store=store, clock=clock, registry=Registry(), rubrics=starter_rubrics(), platforms=tuple(senders)
        )
        outbox = Outbox(app, senders, leases=leases)
        print(json.dumps({"holder": leases.holder}), flush=True)
        stopped = asyncio.create_task(stop.wait())
        while not stop.is_set():
            try:
                await outbox.beat()
            except Exception as error:  # noqa: BLE001 - as the ticker does
                print(json.dumps({"beat": type(error).__name__, "said": str(error)[:300]}), flush=True)
            await asyncio.wait({stopped}, timeout=BEAT)
        await outbox.close(LAST_POST)


async def _discord(
    said: dict[str, str], clock: Clock, stack: contextlib.AsyncExitStack, patience: float
) -> DiscordSender:
    point(said["api"], said["gateway"], said["cdn"])
    client = discord.Client(intents=discord.Intents(guilds=True))
    pace = Pace(clock, per_second=200, first_contacts_a_minute=100_000)
    sender = DiscordSender(client, pace, patience=patience)
    await client.login(said["token"])
    stack.push_async_callback(client.close)
    return sender


async def _slack(
    said: dict[str, Any], clock: Clock, stack: contextlib.AsyncExitStack, by: float
) -> SlackSender:
    workspaces = Workspaces(
        [Token(f"team {n}", one) for n, one in enumerate(said["tokens"])], said["base_url"]
    )
    workspaces.open()
    stack.push_async_callback(workspaces.close)
    sender = SlackSender(workspaces, clock, per_minute=60_000, patience=CALL_WITHIN / by)
    sender.look_after = LOOK_AFTER / by
    for one in workspaces:
        await one.look()
    return sender


if __name__ == "__main__":
    logging.basicConfig(level=logging.ERROR)
    structlog.configure(
        processors=[
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(),
        ]
    )
    asyncio.run(main(json.loads(sys.argv[1])))
