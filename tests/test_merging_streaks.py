"""Joining any two logs: the streak is no shorter than the longer one, and what is kept is what a replay gives."""

from __future__ import annotations

import random
from datetime import timedelta

import pytest
from conftest import NewDatabase
from moved_clock import MovedClock
from sqlalchemy import insert
from talk import Talk

from core.linking import join_people
from core.rules.days import day_of
from core.store import arrivals, codes, people, practice, preferences
from core.store.engine import Store, Tx, database_url
from core.store.tables import account
from core.streaks import current_streak, refresh_streak

DAYS = 60


async def somebody(tx: Tx, talk: Talk, dice: random.Random, platform: str) -> int:
    """A person with random habits and a random log of the last sixty days."""
    now = talk.clock.now()
    begin = now - timedelta(days=DAYS, hours=1)
    zone = dice.choice(("Europe/Berlin", "Asia/Tokyo", "America/Los_Angeles"))
    mine = await arrivals.create_person(tx, "Ana", zone, begin)
    key = f"{mine}-{dice.random()}"
    await tx.execute(
        insert(account).values(
            platform=platform, workspace="", user_id=key, person_id=mine, name="Ana", created_at=now
        )
    )
    if dice.random() < 0.6:
        days = frozenset(dice.sample(range(7), dice.randint(1, 3)))
        await preferences.set_rest_days(tx, mine, days, begin + timedelta(days=dice.randint(0, 40)))
    if dice.random() < 0.4:
        first = (begin + timedelta(days=dice.randint(0, DAYS))).date()
        span = [first.isoformat(), (first + timedelta(days=dice.randint(0, 9))).isoformat()]
        await preferences.record_change(
            tx, mine, "vacation", span, begin + timedelta(days=dice.randint(0, 20))
        )
    often = dice.choice((0.0, 0.3, 0.9, 1.0))
    for day in range(DAYS):
        if dice.random() < often:
            at = begin + timedelta(days=day, minutes=dice.randint(0, 1300))
            await practice.log(
                tx, person_id=mine, kind="answer", track="coding", answer_id=None, counts=dice.random() < 0.9,
                at=at, day=day_of(at, zone, people.time_of(180)), zone=zone, cutoff=180,
            )  # fmt: skip
    person = await people.get_person(tx, mine)
    assert person is not None
    await refresh_streak(tx, person, now)
    return mine


@pytest.mark.parametrize("seed", range(2))
async def test_a_joined_streak_is_at_least_the_longer_one_and_what_a_replay_gives(
    new_database: NewDatabase, clock: MovedClock, seed: int
) -> None:
    dice = random.Random(seed)
    clock.advance(DAYS * 24 * 3600)
    async with Store(database_url(await new_database("sqlite"))) as store:
        talk = await Talk.begin(store, clock)
        for _ in range(6):
            async with store.write() as tx:
                now = clock.now()
                one, two = await somebody(tx, talk, dice, "test"), await somebody(tx, talk, dice, "far")
                before = []
                for person_id in (one, two):
                    person = await people.get_person(tx, person_id)
                    assert person is not None
                    before.append(await current_streak(tx, person, now))
                found = await codes.find(tx, codes.ACCOUNT, await codes.make(tx, codes.ACCOUNT, one, now))
                assert found is not None
                joined, _ = await join_people(tx, talk.app, found, two, now)
                assert joined.streak.current >= max(b.current for b in before)
                assert joined.streak.best >= max(b.best for b in before)
                kept = await practice.kept_streak(tx, one)
                again = await current_streak(tx, joined.person, now)
                assert kept is not None
                assert (kept.current, kept.best, kept.savers, kept.lapses_at) == (
                    again.current,
                    again.best,
                    again.savers,
                    again.lapses_at,
                )
