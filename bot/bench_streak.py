"""``starling bench streak``: a streak and its ledger out of years of log, by the rules alone and out of the database.

The log has everything that a long life brings: changes of zone, rest days, vacations, short answers, days missed,
and questions that did not come. The first replay in a zone works out when its days begin; it is shown by itself.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Callable
from datetime import timedelta

from adapters.clock import SystemClock
from bot.bench import Bench, Result, figure, spread, timed
from bot.build import services_of
from core.call import Where, Who
from core.dispatch import Dispatcher
from core.founding import found_group
from core.recount import recount
from core.rules.days import starts_of
from core.rules.due import Rule
from core.rules.streak import Streak, ledger_words, replay_log
from core.starters import install_starters
from core.store import arrivals, lives, people
from core.store.seeding import Size, fill
from core.store.seeding_streak import fill_life
from core.streaks import current_streak, log_of, refresh_streak
from core.text import as_text

HERE = Where("console", server_id="bench", channel_id="bench", name="Bench")
MEMBERS = 1_000  # who are recounted
LIMIT_MS = 5.0  # of the median, by the rules alone
PAGE = 14


async def measure(bench: Bench) -> list[Result]:
    store, rounds, clock = bench.store, bench.rounds, SystemClock()
    gc.collect()
    gc.freeze()  # as ``run`` does: what is here at the start is not looked through again and again
    app = services_of(bench.settings, store, clock)
    await install_starters(store, clock.now())
    now = clock.now()
    async with store.write() as tx:
        rule = Rule((now + timedelta(hours=1)).time().replace(second=0, microsecond=0), "UTC")
        founded = await found_group(tx, HERE, "Bench", rule, ("behavioural",), now, drop_now=False)
        (home,) = await people.homes_of(tx, founded.group_id)
        me = await fill_life(tx, founded.group_id, home.id, HERE.platform, bench.size, now)
        person = await people.get_person(tx, me)
        assert person is not None
        await refresh_streak(tx, person, now)
    async with store.read() as tx:
        log, changes, faults = await log_of(tx, person, await lives.life_of(tx, me))
        bench.tell(
            f"{len(log):,} answers, {len(changes)} changes of settings, {len(faults)} questions that did not come"
        )

        def replayed() -> Streak:
            return replay_log(log, changes, faults, now)

        def paged() -> object:
            return ledger_words(replayed(), PAGE)

        def oldest() -> object:
            return ledger_words(streak, PAGE, len(streak.rows) - PAGE)

        def cold() -> object:
            starts_of.cache_clear()
            return replayed()

        streak = replay_log(log, changes, faults, now)
        found = [
            _plain("replay", replayed, rounds, LIMIT_MS),
            _plain("replay, and a page of its ledger in words", paged, rounds, LIMIT_MS),
            _plain("replay, and every row of its ledger", lambda: list(replayed().rows), rounds, LIMIT_MS),
            _plain("the oldest page of the ledger", oldest, rounds, LIMIT_MS),
            _plain("replay, the first in its zones", cold, rounds),
            await timed("out of the database", lambda n: current_streak(tx, person, now), rounds),
        ]  # fmt: skip
    dispatcher = Dispatcher(app)
    who = Who(HERE.platform, "bench", "Bench")

    async def why(n: int) -> object:
        return as_text(await dispatcher.line("streak why", who, HERE))

    found.append(await timed("the whole command: streak why", why, min(rounds, 25)))
    return [*found, *await _night(bench)]


def _plain(name: str, work: Callable[[], object], rounds: int, limit: float | None = None) -> Result:
    """Do it again and again; ``limit`` is for the median, in ms."""
    work()
    taken = []
    for _ in range(rounds):
        begun = time.perf_counter()
        work()
        taken.append((time.perf_counter() - begun) * 1000)
    p50, p99 = spread(taken)
    result: Result = {"name": name, "p50_ms": round(p50, 3), "p99_ms": round(p99, 3)}
    return result if limit is None else {**result, "limit": limit, "held": p50 <= limit}


async def _night(bench: Bench) -> list[Result]:
    """The nightly recount of some members; the half of the time it leaves to others is in it."""
    clock = SystemClock()
    app = services_of(bench.settings, bench.store, clock)
    async with bench.store.write() as tx:  # where nothing is planned: what is made up knows of no questions
        group_id = await arrivals.create_group(tx, "Night", "UTC", clock.now())
    await fill(bench.store, group_id, HERE.platform, Size(MEMBERS, 10 * MEMBERS), clock.now())
    begun = time.perf_counter()
    drift = await recount(app)
    took = time.perf_counter() - begun
    return [
        figure("nightly recount, a member", took * 1000 / drift.people, "ms"),
        figure("nightly recount, drift found", drift.streaks + drift.sums, "streaks", 0),
    ]
