"""Claiming many at once: everything once, whoever else claims, writes, or turns the clock meanwhile."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from moved_clock import MovedClock
from sqlalchemy import func, select, text
from talk import PLATFORM, Talk

from core.delivery import due
from core.delivery.due import Expiry, claim_due
from core.services import Limits
from core.store import alike, claims, facts, occurrences, reminders
from core.store.deliveries import scope_of
from core.store.engine import Store, database_url
from core.store.seeding_due import WORKSPACES, Crowd, fill_due
from core.store.tables import delivery, occurrence, schedule

TEN = datetime(2026, 3, 2, 10, tzinfo=UTC)
HOUR = timedelta(hours=1)


async def count(store: Store, what: object) -> int:
    async with store.read() as tx:
        found: int = (await tx.execute(select(func.count()).select_from(what))).scalar_one()  # type: ignore[call-overload]
    return found


async def claimed_dates(store: Store) -> dict[int, list[date]]:
    """The local dates of each schedule that have an occurrence, in order."""
    async with store.read() as tx:
        query = select(occurrence.c.schedule_id, occurrence.c.local_date).order_by(occurrence.c.local_date)
        found: dict[int, list[date]] = {}
        for schedule_id, day in (await tx.execute(query)).tuples():
            found.setdefault(schedule_id, []).append(day)
    return found


def consecutive(dates: Sequence[date]) -> bool:
    return all(b - a == timedelta(days=1) for a, b in pairwise(dates))


# --- what a claim writes ----------------------------------------


async def test_everybodys_question_stands_in_its_own_queue(store: Store, clock: MovedClock) -> None:
    await fill_due(store, Crowd(120, 3), TEN)
    assert await claim_due(store, clock, Expiry()) == 0
    clock.set(TEN)
    assert await claim_due(store, clock, Expiry()) == 123
    assert await claim_due(store, clock, Expiry()) == 0
    async with store.read() as tx:
        rows = (await tx.execute(select(delivery))).all()
    reminders, drops = [r for r in rows if r.kind == "remind"], [r for r in rows if r.kind == "drop"]
    assert (len(reminders), len(drops)) == (120, 6)
    scopes = Counter(r.scope for r in reminders)
    assert scopes == {"discord": 60} | {
        scope_of("slack", f"T{n}"): 60 // WORKSPACES for n in range(WORKSPACES)
    }
    assert {(r.state, r.attempt, r.rank, r.body) for r in reminders} == {("pending", 0, 1, None)}
    assert {(r.state, r.attempt, r.rank, r.body) for r in drops} == {("pending", 0, 0, None)}
    assert {(r.due_at, r.expires_at) for r in reminders} == {(TEN, TEN + 2 * HOUR)}
    async with store.read() as tx:
        (state,) = set((await tx.execute(select(occurrence.c.state))).scalars())
        ends = set((await tx.execute(select(occurrence.c.closes_at))).scalars())
        (prompts,) = set((await tx.execute(select(occurrence.c.prompt_id))).scalars())
    assert (state, ends, prompts) == ("open", {TEN + 24 * HOUR}, None)


async def test_in_a_minute_that_is_full_the_line_is_the_same_every_day(
    store: Store, clock: MovedClock
) -> None:
    await fill_due(store, Crowd(200), TEN)
    lines = []
    for day in (0, 1):
        clock.set(TEN + timedelta(days=day))
        await claim_due(store, clock, Expiry())
        async with store.read() as tx:
            query = (
                select(delivery.c.person_id, delivery.c.not_before)
                .where(delivery.c.scope == "discord", delivery.c.due_at == clock.now())
                .order_by(delivery.c.not_before, delivery.c.key)
            )
            found = list((await tx.execute(query)).tuples())
        assert all(timedelta(0) <= clock.now() - at < timedelta(milliseconds=1) for _, at in found)
        lines.append([(person_id, clock.now() - at) for person_id, at in found])
    assert sorted(lines[0]) == sorted(lines[1]), "each has the same place"
    places = Counter(place for _, place in lines[0])
    assert len(places) == 8 and max(places.values()) < 20, "and the places are spread"
    people = [person_id for person_id, _ in lines[0]]
    assert people != sorted(people), "not by who came first"


async def test_a_date_that_was_planned_before_is_taken_as_it_is(store: Store, clock: MovedClock) -> None:
    await fill_due(store, Crowd(4), TEN)
    async with store.write() as tx:
        (group,) = await alike.due(tx, TEN, 1)
        (first,) = await claims.read(tx, alike.ids_of(group))
        before = await occurrences.add_occurrences(
            tx,
            [
                {
                    "schedule_id": first.id,
                    "local_date": first.next_date,
                    "due_at": TEN,
                    "closes_at": TEN + HOUR,
                    "state": "open",
                    "prompt_id": None,
                }
            ],
        )
    clock.set(TEN)
    assert await claim_due(store, clock, Expiry()) == 4
    async with store.read() as tx:
        keys = set((await tx.execute(select(delivery.c.key))).scalars())
    assert f"d{before[first.id, first.next_date]}p" in keys
    assert (await count(store, occurrence), len(keys)) == (4, 4)


async def test_what_is_claimed_as_a_set_is_what_is_claimed_one_by_one(
    store: Store, clock: MovedClock
) -> None:
    """The same rows from ``alike`` as from ``claims``, which writes down what is not alike."""
    await fill_due(store, Crowd(40), TEN)
    written = []
    clock.set(TEN)
    for one_by_one in (False, True):
        async with store.write() as tx:
            await tx.execute(delivery.delete())
            await tx.execute(occurrence.delete())
            await tx.execute(schedule.update().values(next_due_at=TEN))
            before = (await tx.execute(select(schedule.c.id, schedule.c.next_date))).tuples().all()
            if one_by_one:
                ids = [i for group in await alike.due(tx, TEN, 100) for i in alike.ids_of(group)]
                await due._claim_each(tx, await claims.read(tx, ids), TEN, Expiry())
            else:
                await due._claim(tx, await alike.due(tx, TEN, 100), TEN, Expiry())
            moved = (await tx.execute(select(schedule.c.id, schedule.c.next_date))).tuples().all()
            assert {i: day + timedelta(days=1) for i, day in before} == dict(moved)
            # The next dates are put back, for the second way.
            for i, day in before:
                await tx.execute(schedule.update().where(schedule.c.id == i).values(next_date=day))
            said = select(occurrence.c.schedule_id, occurrence.c.local_date, occurrence.c.closes_at, delivery)
            said = said.join(delivery, delivery.c.occurrence_id == occurrence.c.id)
            rows = (await tx.execute(said.order_by(occurrence.c.schedule_id))).mappings().all()
            assert all(r["key"] == f"d{r['occurrence_id']}p" for r in rows)
            written.append([{n: v for n, v in r.items() if n not in ("key", "occurrence_id")} for r in rows])
    assert written[0] == written[1] and len(written[0]) == 40


async def test_a_long_sleep_is_written_down_in_short_transactions(
    store: Store, clock: MovedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(due, "DATES", 20)
    monkeypatch.setattr(due, "BATCH", 8)
    await fill_due(store, Crowd(10, 1), TEN)
    clock.set(TEN + timedelta(days=14, hours=2))
    assert await claim_due(store, clock, Expiry()) == 11
    dates = await claimed_dates(store)
    assert {len(d) for d in dates.values()} == {15} and all(consecutive(d) for d in dates.values())
    async with store.read() as tx:
        states = Counter(
            (await tx.execute(select(delivery.c.state).where(delivery.c.kind == "remind"))).scalars()
        )
    assert states == {"expired": 10 * 15}


# --- with others ----------------------------------------


async def test_whoever_waits_to_write_comes_between_two_batches(
    store: Store, clock: MovedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(due, "BATCH", 20)
    await fill_due(store, Crowd(400), TEN)
    clock.set(TEN)
    claiming = asyncio.create_task(claim_due(store, clock, Expiry()))
    seen = []
    for n in range(5):
        async with store.write() as tx:
            await facts.set_meta(tx, "between", str(n))
            seen.append((await tx.execute(select(func.count()).select_from(delivery))).scalar_one())
    assert await claiming == 400
    assert max(seen) < 400, "all five were written before the claim had ended"
    assert all(rows % 20 == 0 for rows in seen)


@pytest.fixture
async def four(store: Store) -> AsyncIterator[list[Store]]:
    """Four processes' ways into one PostgreSQL database; SQLite has one process at a time."""
    if store.sqlite:
        yield [store]
        return
    others = [Store(database_url(store.url.render_as_string(hide_password=False))) for _ in range(3)]
    yield [store, *others]
    for other in others:
        await other.close()


@pytest.mark.slow
@pytest.mark.parametrize(("processes", "size"), [(2, 2_000), (4, 10_000)])
async def test_ten_thousand_are_claimed_once_by_all_together(
    four: list[Store], clock: MovedClock, processes: int, size: int
) -> None:
    store = four[0]
    drops = size // 100
    await fill_due(store, Crowd(size - drops, drops), TEN)
    clock.set(TEN)
    # Two ticks in each process: they are not meant to be there at once, and nothing comes of it.
    ends = await asyncio.gather(
        *(claim_due(each, clock, Expiry()) for each in four[:processes] for _ in range(2))
    )
    assert sum(ends) == size
    assert await count(store, occurrence) == size
    assert await count(store, delivery) == size + drops
    async with store.read() as tx:
        left = select(func.count()).select_from(schedule).where(schedule.c.next_due_at <= clock.now())
        assert (await tx.execute(left)).scalar_one() == 0
    if len(four) > 1:
        assert sum(end > 0 for end in ends) > 1, "more than one of them claimed some"


# --- and with the clock ----------------------------------------


@pytest.mark.parametrize("steps", [
    pytest.param((1, -1, 1), id="an hour ahead and back again"),
    pytest.param((-1, 1, 1), id="an hour back"),
    pytest.param((24, -24, 24, 24), id="a day ahead and back again"),
    pytest.param((0, -24, 24, 1), id="a day back just after the claim"),
    pytest.param((0, 1, -1, 1, -1, 24, -1, 24), id="to and fro"),
    pytest.param((-30 * 24, 30 * 24, 0.02), id="a month back, and put right"),
])  # fmt: skip
async def test_a_clock_that_jumps_doubles_nothing_and_loses_nothing(
    store: Store, clock: MovedClock, steps: tuple[float, ...]
) -> None:
    await fill_due(store, Crowd(24, 2), TEN)
    clock.set(TEN - timedelta(minutes=1))
    furthest = clock.now()
    for step in (*steps, 0.02, 24):
        clock.set(clock.now() + timedelta(hours=step))
        furthest = max(furthest, clock.now())
        await claim_due(store, clock, Expiry())
        await claim_due(store, clock, Expiry())
    dates = await claimed_dates(store)
    assert len(dates) == 26 and all(consecutive(d) for d in dates.values())
    async with store.read() as tx:
        instants = set((await tx.execute(select(occurrence.c.due_at))).scalars())
        keys = list((await tx.execute(select(delivery.c.key))).scalars())
        ahead = (await tx.execute(select(func.min(schedule.c.next_due_at)))).scalar_one()
    wanted = {TEN + timedelta(days=n) for n in range((furthest - TEN).days + 1)}
    assert instants == wanted, "each date up to the furthest that the clock has shown"
    assert len(keys) == len(set(keys)) == len(wanted) * (24 + 2 * 2)
    assert ahead > furthest


# --- what members are told ----------------------------------------


async def test_where_a_minute_is_full_a_reminder_comes_around_its_time(
    store: Store, clock: MovedClock
) -> None:
    talk = await Talk.begin(store, clock, zone="UTC")
    talk.reconfigure(limits=replace(Limits(), reminders_a_minute={PLATFORM: 2}))
    for name in ("ana", "ben"):
        assert "daily at 21:00 (UTC)" in await talk(name, "/remind set time: 21:00 zone: UTC")
    assert "at 21:00" in await talk("ben", "/remind show")
    said = await talk("cleo", "/remind set time: 21:00 zone: UTC")
    assert said.startswith("Set: a question daily around 21:00 (UTC)")
    assert "Your place in the line is the same every day" in said
    assert "Reminders are on: daily around 21:00 (UTC)" in "".join(await talk.deliver())
    shown = await talk("ana", "/remind show")
    assert "around 21:00" in shown and "Many people have chosen that minute" in shown
    assert "daily at 21:05 (UTC)" in await talk("cleo", "/remind set time: 21:05 zone: UTC")
    assert "at 21:00" in await talk("ana", "/remind show")


async def test_each_slack_workspace_has_a_minute_of_its_own(store: Store, clock: MovedClock) -> None:
    await fill_due(store, Crowd(WORKSPACES * 6), TEN)  # three in each workspace
    async with store.read() as tx:
        assert not await reminders.crowded(tx, "slack", "T3", TEN, 3)
        assert await reminders.crowded(tx, "slack", "T3", TEN, 2)
        assert await reminders.crowded(tx, "discord", "", TEN, WORKSPACES * 3 - 1)
        assert not await reminders.crowded(tx, "discord", "", TEN, WORKSPACES * 3)
        assert not await reminders.crowded(tx, "discord", "", TEN + HOUR, 0)


async def test_a_look_when_nothing_is_due_reads_an_index(store: Store) -> None:
    await fill_due(store, Crowd(3_000), TEN)
    query = (
        "SELECT id FROM schedule WHERE state = 'active' AND next_due_at <= '2026-03-01' ORDER BY next_due_at"
    )
    explain = "EXPLAIN QUERY PLAN " if store.sqlite else "EXPLAIN "
    async with store.read() as tx:
        plan = " ".join(str(row) for row in await tx.execute(text(f"{explain}{query} LIMIT 500")))
    assert "ix_schedule_next_due_at" in plan, plan
