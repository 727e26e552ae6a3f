"""The composition root: settings in, a running application out. The only place that knows everyone."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import structlog

from adapters.clock import Ticker
from bot.kept import erasure_file, retention_rules
from bot.settings import Settings
from core import erasures
from core.answering import finish_unread
from core.catalogue import registry
from core.coaching import Coaching
from core.delivery.due import Expiry
from core.delivery.leases import Leases
from core.delivery.outbox import Outbox
from core.dispatch import Dispatcher
from core.packs.load import starter_rubrics
from core.ports import Clock, Places, Sender
from core.recount import recount
from core.retention import sweep
from core.services import Limits, Services
from core.starters import install_starters
from core.store import coaching
from core.store.backup import backup_store
from core.store.engine import Store, database_url
from core.store.lock import exclusive
from core.store.migrate import ready

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class App:
    """What is running: the road in (``dispatcher``) and the road out (``outbox``)."""

    settings: Settings
    services: Services
    dispatcher: Dispatcher
    outbox: Outbox

    async def backup(self) -> None:
        """The nightly copy of a SQLite file; PostgreSQL has its own tools."""
        keep = self.settings.database.backup_keep
        if keep and self.services.store.path is not None:
            await backup_store(self.services.store, None, self.services.clock.now(), keep)

    async def recount(self) -> None:
        """The nightly look whether sums agree with their points, and streaks with their replay: core/recount.py."""
        drift = await recount(self.services)
        log.info("recounted", people=drift.people, sums=drift.sums, streaks=drift.streaks)

    async def sweep(self) -> None:
        """What is older than it is kept for goes: core/retention.py."""
        swept = await sweep(self.services, retention_rules(self.settings))
        if swept.found:
            log.info("what was older than it is kept for was deleted", **swept.found)

    def ring_daily(self, ticker: Ticker) -> None:
        """The jobs of the night, in UTC: when most of the groups there are sleep."""
        ticker.daily("recount", 4, 10, self.recount)
        ticker.daily("sweep", 4, 20, self.sweep)  # before the copy is made
        ticker.daily("backup", 4, 40, self.backup)


@contextlib.asynccontextmanager
async def open_store(settings: Settings, *, alone: bool, migrate: bool = True) -> AsyncIterator[Store]:
    """The database, ready for this version. ``alone``: nobody else may run on the same SQLite file."""
    store = Store(database_url(settings.database.url))
    async with contextlib.AsyncExitStack() as stack:
        stack.push_async_callback(store.close)
        if store.path is not None and alone:
            stack.enter_context(exclusive(store.path))
        await ready(store, allow_migrate=migrate)
        yield store


@contextlib.asynccontextmanager
async def build(
    settings: Settings,
    clock: Clock,
    senders: Mapping[str, Sender],
    *,
    places: Mapping[str, Places] | None = None,
    wake: Callable[[], None] = lambda: None,
    notes: Callable[[], Mapping[str, str]] = dict,
) -> AsyncIterator[App]:
    """Open the database, bring the shipped packs up to date, finish what a stop left undone."""
    async with open_store(settings, alone=True) as store, _coach(settings, store) as coach:
        await _forget_again(settings, store)
        await install_starters(store, clock.now())
        services = services_of(
            settings, store, clock, wake=wake, notes=notes, senders=senders, places=places or {}, coach=coach
        )
        await finish_unread(services)
        delivery = settings.delivery
        expiry = Expiry(
            channel=timedelta(hours=delivery.channel_expiry_hours),
            direct=timedelta(hours=delivery.dm_expiry_hours),
        )
        resend = frozenset({"slack"} if delivery.slack_ambiguous == "resend" else ())
        leases = None if store.sqlite else Leases(store)
        outbox = Outbox(services, senders, expiry, resend=resend, leases=leases)
        try:
            yield App(settings, services, Dispatcher(services), outbox)
        finally:
            await outbox.close()


def services_of(
    settings: Settings,
    store: Store,
    clock: Clock,
    *,
    wake: Callable[[], None] = lambda: None,
    notes: Callable[[], Mapping[str, str]] = dict,
    senders: Mapping[str, Sender] | None = None,
    places: Mapping[str, Places] | None = None,
    coach: Coaching | None = None,
) -> Services:
    senders = senders or {}
    limits = Limits(
        answer_characters=settings.limits.answer_characters,
        commands_a_minute=settings.limits.commands_per_minute,
        home_commands_a_minute=settings.limits.home_commands_per_minute,
        reminders_a_minute={
            "discord": settings.delivery.discord_per_second * 60,
            "slack": settings.delivery.slack_per_workspace_per_minute,
        },
    )
    return Services(
        store=store,
        clock=clock,
        registry=registry(),
        rubrics=starter_rubrics(),
        limits=limits,
        wake=wake,
        platforms=tuple(senders),
        editing=frozenset(name for name, sender in senders.items() if sender.edits),
        places=places or {},
        notes=notes,
        erased=_recorder(erasure_file(settings, store), clock),
        coach=coach,
    )


@contextlib.asynccontextmanager
async def _coach(settings: Settings, store: Store) -> AsyncIterator[Coaching | None]:
    """The coach, where one is set; who agreed to another host than this is asked again."""
    chosen = settings.coach
    if not chosen.base_url:
        yield None
        return
    from adapters.coach import HttpCoach  # aiohttp takes a moment to load, and hardly anybody has a coach

    key = chosen.key.get_secret_value()
    async with HttpCoach(chosen.base_url, key, chosen.model, chosen.timeout_seconds) as http:
        async with store.write() as tx:
            asked_again = await coaching.settle_host(tx, http.host)
        if asked_again:
            log.info("the coach is at another host; who had agreed is asked again", people=asked_again)
        yield Coaching(http, chosen.a_day)


def _recorder(path: Path | None, clock: Clock) -> Callable[[Sequence[str]], None]:
    """Writes erasures down outside the database, where there is a file for them."""
    if path is None:
        return lambda keys: None
    return lambda keys: erasures.record(path, keys, clock.now())


async def _forget_again(settings: Settings, store: Store) -> None:
    """A database that was put back past Starling knows nothing of who was forgotten since."""
    path = erasure_file(settings, store)
    if path is not None and (gone := await erasures.catch_up(store, path)):
        log.warning(
            "people who had been forgotten were in the database again, and are forgotten", people=gone
        )
