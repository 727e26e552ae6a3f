"""``starling bench board``: reading the boards of a large group, and what keeping their sums costs an answer.

Boards are read over one connection that is held open, and once through the whole command. An answer's own
transaction stands beside a bare insert-and-commit on the same disk, in turns, so that noise hits both.
"""

from __future__ import annotations

import random
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta

from adapters.clock import SystemClock
from bot.bench import Bench, Result, figure, spread, timed
from bot.build import services_of
from core.answering import record
from core.call import Where, Who
from core.dispatch import Dispatcher
from core.founding import found_group
from core.rules.due import Rule
from core.rules.periods import keys_for
from core.services import Services
from core.starters import install_starters
from core.store import boards, facts, people, prompts, streak_boards
from core.store.engine import Tx
from core.store.people import Person
from core.store.prompts import StoredPrompt
from core.store.seeding import Size, fill
from core.text import as_text

HERE = Where("console", server_id="bench", channel_id="bench", name="Bench")
ANSWERS_A_MEMBER = 10
PAGE = 10
TOP_MS = 2.0
OWN_MS = {"sqlite": 5.0, "postgresql": 8.0}
ANSWER_TIMES = 2.0
WORDS = (
    "Our nightly report took six hours, so I moved it to a queue, measured each step, and cut it to one hour."
)

Work = Callable[[int], Awaitable[object]]


async def measure(bench: Bench) -> list[Result]:
    store, rounds, clock = bench.store, bench.rounds, SystemClock()
    app = services_of(bench.settings, store, clock)
    await install_starters(store, clock.now())
    now = clock.now()
    rule = Rule((now + timedelta(hours=1)).time().replace(second=0, microsecond=0), "UTC")
    async with store.write() as tx:
        founded = await found_group(tx, HERE, "Bench", rule, ("behavioural",), now, drop_now=False)
    group, answers = founded.group_id, bench.size * ANSWERS_A_MEMBER
    bench.tell(f"Filling {bench.size:,} members and {answers:,} answers ...")
    begun = time.perf_counter()
    ids = await fill(store, group, HERE.platform, Size(bench.size, answers), now)
    found = [figure("filling", time.perf_counter() - begun, "s")]
    chance = random.Random(11)
    readers = [chance.choice(ids) for _ in range(rounds)]
    async with store.read() as tx:
        found += await _boards(tx, group, readers, now, OWN_MS[store.kind])
    found.append(await _median("leaderboard, the whole command", _command(app, ids, readers), rounds))
    async with store.read() as tx:
        pack = (await prompts.list_packs(tx, None))[0]
        asked = await prompts.pack_prompts(tx, pack.id)
        people_ = [p for i in readers if (p := await people.get_person(tx, i)) is not None]
    return found + await _answers(app, group, [chance.choice(asked) for _ in readers], people_)


async def _median(name: str, work: Work, rounds: int, limit: float | None = None) -> Result:
    """``timed``, with the limit for the median, in ms."""
    result = await timed(name, work, rounds)
    return result if limit is None else result | {"limit": limit, "held": result["p50_ms"] <= limit}


# --- reading ----------------------------------------


async def _boards(tx: Tx, group: int, readers: Sequence[int], now: datetime, own_ms: float) -> list[Result]:
    """Over one connection: the first lines, a page in the middle, one's own place."""
    keys, found = keys_for(now.date() - timedelta(days=7)), []  # of this week there may be an hour so far
    for by in ("points", "improvement"):
        for period in ("week", "all"):
            found += await _board(
                tx, f"{by}, {period}", (group, by, period, keys[period], ""), readers, own_ms
            )

    async def top(n: int) -> object:
        return await streak_boards.streak_top(tx, group, now, limit=PAGE, offset=0)

    async def own(n: int) -> object:
        return await streak_boards.streak_own(tx, group, readers[n], now)

    found.append(await _median("streak: top 10", top, len(readers), TOP_MS))
    found.append(await _median("streak: own rank", own, len(readers), own_ms))
    return found


async def _board(
    tx: Tx, name: str, of: tuple[int, boards.By, str, str, str], readers: Sequence[int], own_ms: float
) -> list[Result]:
    middle = await boards.size(tx, *of) // 2 // PAGE * PAGE

    async def top(n: int) -> object:
        return await boards.top(tx, *of, limit=PAGE, offset=0)

    async def page(n: int) -> object:
        return await boards.top(tx, *of, limit=PAGE, offset=middle)

    async def own(n: int) -> object:
        return await boards.own(tx, of[0], readers[n], *of[1:])

    return [
        await _median(f"{name}: top 10", top, len(readers), TOP_MS),
        await _median(f"{name}: 10 from {middle:,} on", page, len(readers)),
        await _median(f"{name}: own rank", own, len(readers), own_ms),
    ]


def _command(app: Services, ids: range, readers: Sequence[int]) -> Work:
    dispatcher = Dispatcher(app)

    async def run(n: int) -> object:
        number = readers[n] - ids[0]
        who = Who(HERE.platform, f"m{number}", f"Member {readers[n]}")
        return as_text(await dispatcher.line("leaderboard", who, HERE, can_ask=False))

    return run


# --- answering ----------------------------------------


async def _answers(
    app: Services, group: int, asked: Sequence[StoredPrompt], writers: Sequence[Person]
) -> list[Result]:
    """An answer's transaction with its points, sums and streak; a bare one of a single row; and the times between."""

    async def bare(n: int) -> None:
        async with app.store.write() as tx:
            await facts.set_meta(tx, f"bench {n}", "x")

    async def answer(n: int) -> object:
        return await record(
            app, writers[n], asked[n], WORDS, app.clock.now(), group_id=group, occurrence_id=None
        )

    rounds = len(writers)
    for n in range(min(10, rounds)):
        await bare(-1 - n)
        await answer(n)
    taken: dict[str, list[float]] = {"bare insert and commit": [], "answer with points and sums": []}
    for n in range(rounds):
        for name, work in zip(taken, (bare, answer), strict=True):
            begun = time.perf_counter()
            await work(n)
            taken[name].append((time.perf_counter() - begun) * 1000)
    found: list[Result] = []
    for name, times in taken.items():
        p50, p99 = spread(times)
        found.append({"name": name, "p50_ms": round(p50, 3), "p99_ms": round(p99, 3)})
    return [*found, figure("answer against bare", found[1]["p50_ms"] / found[0]["p50_ms"], "x", ANSWER_TIMES)]
