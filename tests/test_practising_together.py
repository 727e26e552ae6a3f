"""A month of three people doing whatever they like, in any order: what must hold, holds all the time."""

from __future__ import annotations

import random
from collections.abc import Awaitable, Callable
from datetime import time

import pytest
from moved_clock import MovedClock
from practising import FULL, THIN, plan, story, studying, truth
from sqlalchemy import func, select
from talk import Talk

from core.answering import finish_unread, record
from core.services import Limits
from core.store import prompts
from core.store.engine import Store
from core.store.tables import answer, checklist, point

NAMES = ("ana", "bea", "cem")
PROMPTS = ("proud", "conflict-won", "two-sum", "heaps", "garage", "team")
ZONES = ("Berlin", "Tokyo", "Honolulu", "Kathmandu", "Auckland", "New York")
TEXTS = (THIN, FULL, story(3), story(19), story(20), "👍", "我在上一份工作中负责数据库迁移" * 3)


class Month:
    """What the three may do, one thing at a time."""

    def __init__(self, talk: Talk, seed: int, *, outages: bool) -> None:
        self.talk = talk
        self.chance = random.Random(seed)
        self.outages = outages

    async def live(self) -> None:
        chance, talk = self.chance, self.talk
        doing: list[tuple[Callable[[str], Awaitable[object]], int]] = [
            (self.answer, 8), (self.open_one, 4), (self.practise, 3), (self.outcome, 2), (self.withdraw, 1),
            (self.look, 3), (self.settle, 1), (self.guided, 1), (self.tick, 1), (self.half, 1),
        ]  # fmt: skip
        acts, weights = zip(*doing, strict=True)
        for day in range(30):
            for _ in range(3):
                before = chance.randrange(480)
                talk.clock.advance(minutes=before)
                for _ in range(chance.choice((0, 1, 1, 2))):
                    await chance.choices(acts, weights)[0](chance.choice(NAMES))
                talk.clock.advance(minutes=480 - before)
                if not self.outages or chance.random() < 0.2:
                    await talk.deliver()
            if day % 10 == 4 and not self.outages:
                await truth(talk, *NAMES)

    async def say(self, name: str, line: str) -> str:
        said = await self.talk(name, line, direct=self.chance.random() < 0.2)
        assert "Something broke" not in said, (line, said)
        return said

    async def answer(self, name: str) -> None:
        prompt, text = self.chance.choice(PROMPTS), self.chance.choice(TEXTS)
        outcome = self.chance.choice(("", "", "outcome: solved "))
        await self.say(name, f"/answer prompt: {prompt} {outcome}{text}")

    async def open_one(self, name: str) -> None:
        await self.say(name, f"/answer {self.chance.choice(TEXTS)}")

    async def practise(self, name: str) -> None:
        await self.say(name, "/practice")
        if self.chance.random() < 0.5:
            await self.open_one(name)

    async def guided(self, name: str) -> None:
        await self.say(name, f'/guided prompt: proud situation: "{THIN}" result: "{story(5)}"')

    async def outcome(self, name: str) -> None:
        number = self.chance.randrange(1, 80)
        said = await self.talk.press(name, f"outcome:answer={number};value=solved")
        assert "Something broke" not in said

    async def withdraw(self, name: str) -> None:
        await self.say(name, f"/withdraw {self.chance.randrange(1, 80)} sure: yes")

    async def tick(self, name: str) -> None:
        number = self.chance.randrange(1, 80)
        assert "Something broke" not in await self.talk.press(name, f"tick:answer={number};item=requests")

    async def look(self, name: str) -> None:
        line = self.chance.choice(
            (
                "/today",
                "/streak",
                "/streak why",
                "/leaderboard",
                "/leaderboard by: streak",
                "/history",
                "/help",
            )
        )
        await self.say(name, line)

    async def settle(self, name: str) -> None:
        line = self.chance.choice(
            (
                f"/me settings zone: {self.chance.choice(ZONES)}",
                f"/me settings cutoff: 0{self.chance.randrange(6)}:00",
                f"/me settings rest: {self.chance.choice(('none', 'sun', 'sat-sun', 'wed'))}",
                "/me hide",
                # A reminder that is two hours late is none, and nobody watches the clock that closely here.
                f"/remind {self.chance.choice(('set time: 21:00', 'off'))}" if self.outages else "/me show",
            )
        )
        await self.say(name, line)

    async def half(self, name: str) -> None:
        """An answer whose process dies before it was read; the next start makes it up."""
        talk = self.talk
        await talk(name, "/streak")
        async with talk.store.read() as tx:
            prompt = (await prompts.find_prompts(tx, None, "proud"))[0]
        await record(
            talk.app,
            await talk.person(name),
            prompt,
            FULL,
            talk.clock.now(),
            group_id=talk.group_id,
            occurrence_id=None,
        )
        if self.chance.random() < 0.5:
            await finish_unread(talk.app)


async def _holds(talk: Talk) -> None:
    """Besides sums and streaks: nothing is paid twice, and attempts are counted through."""
    async with talk.store.read() as tx:
        paid = await tx.execute(
            select(point.c.person_id, point.c.day, func.count(), func.count(func.distinct(point.c.track)))
            .where(point.c.kind == "answer")
            .group_by(point.c.person_id, point.c.day)
        )
        for _, day, count, tracks in paid:
            assert count == tracks <= 2, day
        twice = select(point.c.answer_id, point.c.kind).group_by(point.c.answer_id, point.c.kind)
        assert not (await tx.execute(twice.having(func.count() > 1))).all()
        attempts = await tx.execute(
            select(func.count(), func.min(answer.c.attempt), func.max(answer.c.attempt)).group_by(
                answer.c.person_id, answer.c.prompt_id
            )
        )
        assert all((least, most) == (1, count) for count, least, most in attempts)
        unread = (
            select(func.count())
            .select_from(answer)
            .outerjoin(checklist)
            .where(checklist.c.answer_id.is_(None))
        )
        left: int = (await tx.execute(unread.where(answer.c.withdrawn_at.is_(None)))).scalar_one()
        assert left == 0
        kept: int = (await tx.execute(select(func.count()).select_from(answer))).scalar_one()
    assert kept > 20, "a month of nothing proves nothing"


@pytest.fixture
async def talk(store: Store, clock: MovedClock) -> Talk:
    found = await studying(store, clock)
    found.reconfigure(limits=Limits(commands_a_minute=1000, home_commands_a_minute=1000))
    for name in NAMES:
        await found(name, "/help")
    return found


@pytest.mark.parametrize("seed", [1, 2])
async def test_all_month_sums_streaks_and_attempts_are_what_the_log_says(talk: Talk, seed: int) -> None:
    if seed == 2:
        await plan(talk, "behavioural", "coding", "ask", at=time(9))
    await Month(talk, seed, outages=False).live()
    await finish_unread(talk.app)
    await truth(talk, *NAMES)
    await _holds(talk)


async def test_a_month_with_outages_is_fair_to_everybody_who_looks(talk: Talk) -> None:
    """A day that is excused after the fact may make a kept streak longer: it is put right when its owner looks."""
    await plan(talk, "behavioural", at=time(9))
    await Month(talk, 4, outages=True).live()
    await talk.deliver()
    for name in NAMES:
        await talk(name, f"/answer prompt: proud {story(20)}")
    await finish_unread(talk.app)
    await truth(talk, *NAMES)
    await _holds(talk)
