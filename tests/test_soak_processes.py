"""Two and four processes on one PostgreSQL: everything is claimed once and sent once, whatever befalls who sends."""

from __future__ import annotations

import asyncio
import signal
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from conftest import NewDatabase
from discord_bench import POSTS
from processes_room import Processes, Worker, processes
from soak import SOAK, figures, size

from adapters.slack.ids import key_in

HURRY = 1 if SOAK else 6  # a lease of 30 s in earnest
TAKEN_OVER_WITHIN = 60 / HURRY + 3  # seconds; the floor, and what a busy machine may add to so short a lease
ALL = ("SIGSTOP", "black hole", "kill -9")
FEW = {2: ("SIGSTOP", "kill -9"), 4: ("black hole",)}
FULL_OVER = 300  # seconds within which everything falls due in a soak


@pytest.mark.timeout(1800)
@pytest.mark.parametrize("count", [2, 4])
async def test_each_is_sent_once_while_holders_die_hang_and_are_cut_off(
    tmp_path: Path, new_database: NewDatabase, count: int
) -> None:
    async with processes(tmp_path, await new_database("postgresql"), HURRY) as room:
        await asyncio.gather(*(room.start() for _ in range(count)))
        messages, over = size(300, 10_000), timedelta(seconds=size(14, FULL_OVER))
        # Some are due at once: the first statements are still sent in two pieces when their sender comes to a stop.
        await room.fill(messages, over, -timedelta(seconds=1))
        times: dict[str, float] = {}

        for what in ALL if SOAK else FEW[count]:
            times |= await befalls(room, what)
        await room.settled(over.total_seconds() + size(60, 1200))
        await nothing_doubled(room)
        assert max(times.values()) <= TAKEN_OVER_WITHIN, times
        figures("processes", processes=count, messages=room.wanted, taken_over_s=times, **await told(room))


async def befalls(room: Processes, what: str) -> dict[str, float]:
    """Let it happen to whoever sends, in the middle of it; how long until others have gone on, by scope.

    Afterwards the one that stood still or was cut off is there again while the others work.
    """
    worker = await room.holder("discord")
    await under_way(room, worker)
    since = datetime.now(UTC)
    match what:
        case "kill -9":
            worker.signal(signal.SIGKILL)
        case "SIGSTOP":
            worker.signal(signal.SIGSTOP)
        case _:
            worker.gate.shut()
    times = await room.taken_over(worker, since, TAKEN_OVER_WITHIN * 2)
    if what == "SIGSTOP":
        worker.signal(signal.SIGCONT)
    worker.gate.open()
    return {f"{what}: {scope}": round(seconds, 1) for scope, seconds in times.items()}


async def under_way(room: Processes, worker: Worker) -> None:
    """Until ``worker`` has a row in its hands: that is when it is worst to lose it."""

    async def found() -> bool:
        query = "SELECT 1 FROM delivery WHERE state = 'sending' AND worker = :holder"
        return bool(await room.rows(query, holder=worker.holder))

    for _ in range(2000):
        if await found():
            return
        await asyncio.sleep(0.002)
    raise AssertionError("it sends nothing")


async def nothing_doubled(room: Processes) -> None:
    """By what the platforms show, and by the database's own log."""
    twice = "SELECT schedule_id, count(*) FROM claim_log GROUP BY schedule_id HAVING count(*) > 1"
    assert await room.rows(twice) == [], "nothing is claimed twice"
    (claims,) = await room.rows("SELECT count(*) AS n FROM claim_log")
    assert claims.n == room.schedules
    otherwise = "SELECT key, scope, state, reason FROM delivery WHERE state <> 'sent'"
    assert await room.rows(otherwise) == []
    without = "SELECT key, worker FROM send_log WHERE state = 'sending' AND NOT holds"
    assert await room.rows(without) == [], "nobody took a row without the lease"
    assert await lost_and_doubled(room) == (set(), set())


async def lost_and_doubled(room: Processes) -> tuple[set[str], set[str]]:
    """Keys that are not shown, and keys that are shown more than once."""
    keys = {r.key for r in await room.rows("SELECT key FROM delivery")}
    shown = room.shown()
    assert len(keys) == room.wanted and set(shown) <= keys
    return keys - set(shown), {key for key, n in shown.items() if n > 1}


async def told(room: Processes) -> dict[str, object]:
    tries = await room.rows(
        "SELECT worker, count(*) AS n FROM send_log WHERE state = 'sending' GROUP BY worker ORDER BY 2"
    )
    again = await room.rows(
        "SELECT key FROM send_log WHERE state = 'sending' GROUP BY key HAVING count(*) > 1"
    )
    return {
        "rows_taken_by": [r.n for r in tries],
        "taken_more_than_once": len(again),
        "lost": 0,
        "doubled": 0,
    }


async def test_the_count_sees_a_doubled_message_and_a_lost_one(
    tmp_path: Path, new_database: NewDatabase
) -> None:
    async with processes(tmp_path, await new_database("postgresql"), 6) as room:
        room.discord.rest.nonce_window = -1  # a Discord that recognises no repetition
        room.discord.fail("POST", POSTS, 1, "accepted-502")
        await room.start()
        await room.fill(12, timedelta(seconds=1))
        await room.settled(60)
        lost, doubled = await lost_and_doubled(room)
        assert (len(lost), len(doubled)) == (0, 1)
        channel = next(c for c in room.slack.world.channels.values() if room.slack.messages(c))
        gone = key_in(channel.messages.pop())
        assert await lost_and_doubled(room) == ({gone}, doubled)


async def test_a_graceful_stop_hands_over_within_a_beat_and_unserved_scopes_are_left_alone(
    tmp_path: Path, new_database: NewDatabase
) -> None:
    async with processes(tmp_path, await new_database("postgresql"), 1) as room:  # leases as in earnest
        await asyncio.gather(room.start(), room.start(discord=False, teams=1))
        slack = next(w for w in room.workers if w.teams == 1)
        await room.fill(120, timedelta(seconds=12))
        holder = await room.holder("discord")
        await under_way(room, holder)
        teams = [f"slack:{team.id}" for team in room.slack.world.teams]
        await room.start()
        stopped = await room.holder("discord")
        assert stopped is not slack
        stopped.signal(signal.SIGTERM)
        assert await stopped.process.wait() == 0
        since = datetime.now(UTC)
        other = await room.holder("discord", 10)
        handed_over = (datetime.now(UTC) - since).total_seconds()
        assert other is not stopped and other is not slack
        await room.settled(90)
        await nothing_doubled(room)
        ours = await room.rows("SELECT DISTINCT scope FROM send_log WHERE worker = :name", name=slack.holder)
        assert {r.scope for r in ours} <= {teams[0]}, "it has no token for the others"
        figures("processes: hand-over", handed_over_s=round(handed_over, 2))
