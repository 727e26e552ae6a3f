"""``starling console``: a study group on this very machine, ready at once."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Mapping, Sequence
from datetime import time
from pathlib import Path

from adapters.clock import SystemClock, Ticker
from adapters.console.app import Console
from adapters.console.sender import ConsoleSender
from bot.build import App, build
from bot.settings import Settings
from core import __version__
from core.call import Where, Who
from core.founding import found_group
from core.plain import clean_name
from core.rules.due import Rule
from core.store import arrivals, deliveries, people
from core.views import Message, Text, Typed, words

HERE = Where("console", server_id="console", channel_id="console", name="This console")
DROP_AT = time(
    3, 0
)  # when a practice day begins: whenever somebody sits down, there is a question of the day


def local_zone() -> str:
    """This machine's IANA zone; UTC when it does not say."""
    import tzlocal

    from core.rules.days import zone_of

    try:
        name = tzlocal.get_localzone_name() or "UTC"
        zone_of(name)
    except (ValueError, LookupError, OSError):
        return "UTC"
    return name


def speaker(name: str) -> Who:
    """The person ``--as`` names. Two spellings of one name are one person; whoever has the machine is an organiser."""
    shown = clean_name(name)
    return Who("console", shown.casefold(), shown, organiser=True)


async def practise(settings: Settings, name: str, *, terminal: bool) -> None:
    """Open the database, let today's question come, and answer lines until they end."""
    who = speaker(name)
    clock = SystemClock()
    sender = ConsoleSender()
    tickers: list[Ticker] = []

    def wake() -> None:
        for ticker in tickers:
            ticker.wake()

    def notes() -> Mapping[str, str]:
        age = tickers[0].since_tick() if tickers else None
        return {"version": __version__, "last tick": f"{age:.0f} s ago" if age is not None else "none yet"}

    async with build(settings, clock, {"console": sender}, wake=wake, notes=notes) as app:
        await group_at_console(app)
        await _join(app, who)
        path = app.services.store.path
        console = Console(
            dispatcher=app.dispatcher,
            who=who,
            where=HERE,
            stdin=sys.stdin,
            stdout=sys.stdout,
            terminal=terminal,
            files=(path.parent if path is not None else Path.cwd()) / "files",
            welcome=welcome(who.name) if terminal else None,
            opening=lambda: _opening(app, terminal),
        )
        sender.attach(console)
        async with Ticker(app.outbox.tick, seconds=settings.delivery.tick_seconds) as ticker:
            tickers.append(ticker)
            app.ring_daily(ticker)
            await console.run()


async def _opening(app: App, terminal: bool) -> Sequence[str]:
    """Let what is due appear before the first line is read; at a terminal the open question in any case."""
    async with app.services.store.read() as tx:
        waiting = (await deliveries.counts(tx)).get(deliveries.PENDING, 0)
    await app.outbox.tick()
    async with app.services.store.read() as tx:
        left = (await deliveries.counts(tx)).get(deliveries.PENDING, 0)
    return ("today",) if terminal and waiting <= left else ()


async def group_at_console(app: App) -> None:
    """On the console a group is there at once: local zone, every track, a drop each day and one now."""
    store = app.services.store
    async with store.read() as tx:
        if await people.home_at(tx, HERE) is not None:
            return
    now = app.services.clock.now()
    zone = await asyncio.to_thread(local_zone)
    rule = Rule(DROP_AT, zone, frozenset(range(7)))
    async with store.write() as tx:
        await found_group(tx, HERE, "Console group", rule, (), now, drop_now=True)


async def _join(app: App, who: Who) -> None:
    """The speaker is a member before the first question comes, so that it is meant for them, too."""
    async with app.services.store.write() as tx:
        await arrivals.arrive(tx, who, HERE, app.services.clock.now())


def welcome(name: str) -> Message:
    return Message(
        (
            Text((f"Welcome to Starling, {name}.",), style="title"),
            Text(
                words(
                    "Practise interviews in writing: ",
                    Typed("answer"),
                    " the question of the day, get a checklist that quotes your own sentences, and keep a streak. ",
                    Typed("help"),
                    " lists everything, ",
                    Typed("quit"),
                    " leaves.",
                )
            ),
        )
    )
