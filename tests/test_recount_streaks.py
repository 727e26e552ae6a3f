"""Kept streaks stay true without their owners: what is marked is replayed, and the nightly recount looks at all."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, time

import pytest
from moved_clock import MovedClock
from practising import story, studying, truth
from sqlalchemy import delete, select, update
from talk import Talk
from wire import Wire

from core.call import Where
from core.delivery.outbox import Outbox
from core.founding import add_schedule
from core.ports import Gone, Retry, Sent
from core.recount import Drift, recount, refresh_stale, remembered
from core.rules.due import Rule
from core.store import arrivals, practice
from core.store.engine import Line, Store
from core.store.stale import mark_reached, mark_stale
from core.store.tables import delivery, rollup, streak


@pytest.fixture
async def talk(store: Store, clock: MovedClock) -> Talk:
    talk = await studying(store, clock)
    await answer(talk, "ana")
    return talk


async def answer(talk: Talk, name: str) -> str:
    said = await talk(name, f"/answer prompt: proud {story(20)}")
    assert "It counts for" in said
    return said


async def plan(talk: Talk, at: time, *home_ids: int) -> None:
    """A question a day, the first one after now."""
    homes = [(home_id, "") for home_id in home_ids or (talk.home_id,)]
    async with talk.store.write() as tx:
        await add_schedule(tx, talk.group_id, homes, Rule(at, "Europe/Berlin"), talk.clock.now())
    await refresh_stale(talk.app, 100)


async def kept(talk: Talk, name: str = "ana") -> Line:
    person = await talk.person(name)
    async with talk.store.read() as tx:
        found = await practice.kept_streak(tx, person.id)
    assert found is not None
    return found


async def ended(talk: Talk, *states: str) -> list[int]:
    """The occurrences of outbox rows in one of these states."""
    async with talk.store.read() as tx:
        query = select(delivery.c.occurrence_id).where(delivery.c.state.in_(states))
        return sorted(set((await tx.execute(query)).scalars()))


async def settled(talk: Talk, *states: str) -> int:
    """Mark what the rows in these states concern, and replay; how many were replayed."""
    async with talk.store.write() as tx:
        await mark_stale(tx, await ended(talk, *states))
    return await refresh_stale(talk.app, 100)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


# --- what changes by itself ----------------------------------------


async def test_a_question_that_expires_after_the_day_had_ended_lets_the_kept_streak_go_on(talk: Talk) -> None:
    await plan(talk, time(20))
    await talk.deliver()
    talk.until("2026-03-02 19:00")
    await talk.deliver()
    before = await kept(talk)
    assert (before.current, before.lapses_at) == (1, utc("2026-03-04 02:00"))
    talk.until("2026-03-04 11:00")
    await talk.deliver()
    assert await settled(talk, "expired") == 1
    after = await kept(talk)
    assert (after.current, after.lapses_at, after.stale) == (1, utc("2026-03-05 02:00"), False)
    await truth(talk, "ana")
    assert await settled(talk, "expired") == 1, "it is still running, so it may concern it again"
    assert await refresh_stale(talk.app, 100) == 0


async def test_a_streak_that_was_over_before_is_left_alone(talk: Talk) -> None:
    await plan(talk, time(20))
    talk.until("2026-03-02 19:00")
    await talk.deliver()
    talk.until("2026-03-03 19:00")
    await talk.deliver()
    talk.until("2026-03-05 11:00")
    await talk.deliver()  # Wednesday's expired, a day too late for ana
    assert (await kept(talk)).lapses_at == utc("2026-03-04 02:00")
    assert await settled(talk, "expired") == 0


async def test_a_question_that_comes_by_another_road_takes_the_excuse_back(
    talk: Talk, clock: MovedClock
) -> None:
    async with talk.store.write() as tx:
        place = Where("test", "den", "den", "#den")
        den = await arrivals.create_home(tx, talk.group_id, place, clock.now())
    await plan(talk, time(20), talk.home_id, den)
    wire = Wire(clock)
    outbox = Outbox(talk.app, {"test": wire})
    talk.until("2026-03-03 10:00")
    await outbox.tick()
    await answer(talk, "ana")  # Monday and Tuesday
    talk.until("2026-03-04 10:00")
    wire.says["channel"] = [Gone("forbidden")]
    wire.says["den"] = [Retry(1200, "busy"), Sent("m")]
    talk.until("2026-03-04 19:00")
    await outbox.tick()
    assert await settled(talk, "failed") == 1
    assert (await kept(talk)).lapses_at == utc("2026-03-06 02:00"), "nothing has come so far"
    talk.until("2026-03-04 20:00")
    await outbox.tick()
    async with talk.store.write() as tx:
        await mark_reached(tx, await ended(talk, "sent"), clock.now())
    assert (await kept(talk)).stale
    assert await refresh_stale(talk.app, 100) == 1
    assert (await kept(talk)).lapses_at == utc("2026-03-05 02:00")
    await truth(talk, "ana")


async def test_what_is_sent_concerns_nobody_who_missed_nothing(talk: Talk) -> None:
    await plan(talk, time(20))
    talk.until("2026-03-02 19:00")
    await talk.deliver()
    async with talk.store.write() as tx:
        await mark_reached(tx, await ended(talk, "sent"), talk.clock.now())
    assert await refresh_stale(talk.app, 100) == 0


async def test_who_was_told_of_a_loss_that_was_none_hears_that_too(talk: Talk) -> None:
    """The question of 01:30 may come until 03:30, and ana's day ends at three."""
    await plan(talk, time(1, 30))
    talk.until("2026-03-03 00:30")
    await talk.deliver()
    talk.until("2026-03-04 02:10")
    assert "Your streak of 1 day ended on Tuesday 3 March 2026." in await talk("ana", "/streak")
    assert (await kept(talk)).current == 0
    talk.until("2026-03-04 02:40")
    await talk.deliver()
    assert await settled(talk, "expired") == 1
    assert ((await kept(talk)).current, (await kept(talk)).lapses_at) == (1, utc("2026-03-05 02:00"))
    said = await talk("ana", "/streak", direct=True)
    assert "Your streak goes on after all: 1 day." in said
    assert "that was no fault of yours" in said
    await truth(talk, "ana")
    assert "goes on after all" not in await talk("ana", "/streak", direct=True)
    talk.until("2026-03-05 11:00")
    await talk.deliver()  # Wednesday's expired as well, and so will Thursday's
    assert await settled(talk, "expired") == 1
    assert "ended on" not in await talk("ana", "/streak", direct=True)
    talk.until("2026-03-06 02:10")
    assert "Your streak of 1 day ended on Thursday 5 March 2026." in await talk("ana", "/streak")


async def test_a_loss_that_comes_to_light_later_is_told_once(talk: Talk, clock: MovedClock) -> None:
    await plan(talk, time(20))
    talk.until("2026-03-02 19:00")
    await talk.deliver()
    talk.until("2026-03-04 10:00")
    await talk.deliver()
    assert await settled(talk, "expired") == 1
    async with talk.store.write() as tx:  # it was there all the same
        occurrences = await ended(talk, "expired")
        await tx.execute(update(delivery).where(delivery.c.state == "expired").values(state="sent"))
        await mark_stale(tx, occurrences)
    said = await talk("ana", "/streak")
    assert said.startswith("Your streak of 1 day ended on Tuesday 3 March 2026. Your best, 1 day, is kept")
    assert "ended on" not in await talk("ana", "/streak")
    await truth(talk, "ana")


async def test_the_days_that_an_organiser_plans_move_everybody_s_lapse(talk: Talk) -> None:
    await talk("bea", "/drops add time: 20:00 days: mon,wed", organiser=True)
    assert await refresh_stale(talk.app, 100) == 1
    assert (await kept(talk)).lapses_at == utc("2026-03-05 02:00"), "Tuesday is free"
    await talk("bea", "/drops pause", organiser=True)
    await refresh_stale(talk.app, 100)
    assert (await kept(talk)).lapses_at is None, "nothing is due at all"
    await truth(talk, "ana")


async def test_joining_a_group_that_plans_brings_its_days(talk: Talk) -> None:
    place = Where("test", "far", "far", "#far")
    await talk.found("Larks", place)
    await talk("bea", "/drops add time: 20:00 days: wed", where=place, organiser=True)
    assert await refresh_stale(talk.app, 100) == 0
    await talk("ana", "/help", where=place)
    assert await refresh_stale(talk.app, 100) == 1
    assert (await kept(talk)).lapses_at == utc("2026-03-05 02:00")
    await truth(talk, "ana")


async def test_many_are_replayed_a_portion_at_a_time(talk: Talk) -> None:
    for n in range(24):
        await answer(talk, f"p{n}")
    async with talk.store.write() as tx:
        await tx.execute(update(streak).values(stale=True, current=9))
    assert await refresh_stale(talk.app, 22) == 22
    assert await refresh_stale(talk.app, 22) == 3
    assert await refresh_stale(talk.app, 22) == 0
    await truth(talk, "ana", "p0", "p23")


# --- the night ----------------------------------------


async def tamper(talk: Talk, name: str, **values: object) -> None:
    person = await talk.person(name)
    async with talk.store.write() as tx:
        await tx.execute(update(streak).where(streak.c.person_id == person.id).values(**values))


async def doctor(talk: Talk) -> str:
    return await talk("ana", "/doctor", organiser=True)


async def test_streaks_that_disagree_with_their_replay_are_put_right_and_doctor_says_so(talk: Talk) -> None:
    for name in ("bea", "cem", "dov"):
        await answer(talk, name)
    assert "Last recount: none yet" in await doctor(talk)
    assert await recount(talk.app) == Drift(0, 0, 4)
    assert "put right" not in await doctor(talk)
    await tamper(talk, "ana", current=7)
    await tamper(talk, "bea", lapses_at=utc("2026-04-01 00:00"))
    await tamper(talk, "cem", best=0)
    person = await talk.person("dov")
    async with talk.store.write() as tx:
        await tx.execute(delete(streak).where(streak.c.person_id == person.id))
    assert await recount(talk.app) == Drift(0, 4, 4)
    await truth(talk, "ana", "bea", "cem", "dov")
    assert await recount(talk.app) == Drift(0, 0, 4)
    said = await doctor(talk)
    assert "In the last 7 days the nightly recount found 4 streaks that disagreed" in said
    assert "Nothing to do: it was put right. If it comes again, please report it." in said
    assert "Last recount: Mon 02 Mar 2026 12:00 (Europe/Berlin), 4 people" in said
    talk.clock.advance(days=8)
    await recount(talk.app)
    assert "disagreed" not in await doctor(talk)


async def test_sums_are_recounted_in_the_same_night(talk: Talk) -> None:
    async with talk.store.write() as tx:
        await tx.execute(update(rollup).values(points=rollup.c.points + 7))
    assert await recount(talk.app) == Drift(1, 0, 1)
    assert await recount(talk.app) == Drift(0, 0, 1)
    assert "found the sums of 1 member that disagreed" in await doctor(talk)


async def test_what_time_alone_did_is_no_drift(talk: Talk, clock: MovedClock) -> None:
    for _ in range(7):
        clock.advance(days=1)
        await answer(talk, "ana")
    await answer(talk, "bea")
    clock.advance(days=2)  # ana's saver has paid for a day, and bea's streak is over
    assert await recount(talk.app) == Drift(0, 0, 2)
    clock.advance(days=2)  # nor has anybody been told that ana's is over
    assert await recount(talk.app) == Drift(0, 0, 2)
    assert "Your streak of 8 days ended" in await talk("ana", "/streak")
    assert await recount(talk.app) == Drift(0, 0, 2)


async def test_a_mark_is_no_drift_and_is_left_to_those_who_see_to_it(talk: Talk) -> None:
    await tamper(talk, "ana", current=7, stale=True)
    assert await recount(talk.app) == Drift(0, 0, 1)
    assert await refresh_stale(talk.app, 10) == 1
    await truth(talk, "ana")


async def test_two_processes_may_recount_at_once(talk: Talk) -> None:
    await answer(talk, "bea")
    await tamper(talk, "ana", current=7)
    await tamper(talk, "bea", best=5)
    found = await asyncio.gather(recount(talk.app), recount(talk.app))
    assert sum(drift.streaks for drift in found) == 2
    await truth(talk, "ana", "bea")
    async with talk.store.read() as tx:
        told = await remembered(tx, talk.clock.now())
    assert told is not None
    assert told.found.streaks == 2


async def test_an_answer_that_comes_while_everybody_is_recounted_is_no_drift(talk: Talk) -> None:
    for n in range(5):
        await answer(talk, f"p{n}")
    talk.clock.advance(days=1)
    counting = asyncio.create_task(recount(talk.app))
    for n in range(5):
        await answer(talk, f"p{n}")
    assert (await counting).streaks == 0
    await truth(talk, "ana", *(f"p{n}" for n in range(5)))
