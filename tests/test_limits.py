"""How often somebody may ask: by every road alike, in bounded memory, and nobody at another's expense."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from moved_clock import MovedClock
from practising import studying
from sqlalchemy import select
from talk import HOME, Talk

from bot.settings import Settings
from core import limits
from core.limits import Limiter
from core.services import Limits
from core.store.engine import Store, database_url
from core.store.tables import draft

NewDatabase = Callable[..., Awaitable[str]]

TOO_MANY = "That was a lot at once. Please try again in "


@pytest.fixture
async def talk(new_database: NewDatabase, clock: MovedClock) -> AsyncIterator[Talk]:
    async with Store(database_url(await new_database("sqlite"))) as store:
        yield await studying(store, clock)


async def test_lines_buttons_and_forms_are_counted_alike(talk: Talk, clock: MovedClock) -> None:
    talk.reconfigure(limits=Limits(commands_a_minute=3, home_commands_a_minute=100))
    await talk("ana", "/today")
    await talk.press("ana", "today")
    await talk("ana", "/answer", can_ask=True)
    for said in (
        await talk("ana", "/today"),
        await talk.press("ana", "today"),
        await talk("ana", "/today", direct=True),
        await talk("ana", "/answer", can_ask=True),
    ):
        assert said.startswith(TOO_MANY) and said.endswith(" seconds."), said
    view = await talk.dispatcher.press(
        "answer:prompt=p1", talk.who("ana"), HOME, {"text": "All that I have written."}, submitted=True
    )
    assert TOO_MANY in str(view) and "All that I have written." in str(await kept_words(talk)), (
        "what was typed is kept"
    )
    assert not (await talk("ben", "/today")).startswith(TOO_MANY)


async def kept_words(talk: Talk) -> object:
    async with talk.store.read() as tx:
        return (await tx.execute(select(draft.c.fields))).scalars().all()


async def test_one_noisy_member_takes_a_twentieth_of_what_the_home_may_ask(
    talk: Talk, clock: MovedClock
) -> None:
    """With the limits as they come: nineteen others ask as fast as they may, and somebody still gets an answer."""
    settings = Settings().limits
    persons = Limiter(settings.commands_per_minute, 60)
    homes = Limiter(settings.home_commands_per_minute, 60)
    talk.dispatcher._persons, talk.dispatcher._homes = persons, homes
    assert not (await talk("ana", "/today")).startswith(TOO_MANY)
    refused = 0
    for _ in range(1_000):
        if persons.wait("test::ana", clock.now()):
            refused += 1
        else:
            homes.wait("test:server", clock.now())
    assert refused == 1_000 - settings.commands_per_minute + 1, "what was refused costs the home nothing"
    assert (await talk("ana", "/today")).startswith(TOO_MANY)
    assert not (await talk("ben", "/today")).startswith(TOO_MANY)
    assert settings.home_commands_per_minute >= 20 * settings.commands_per_minute


def test_memory_is_bounded_by_who_has_asked_lately_and_time_by_how_much_is_asked(
    clock: MovedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "ROOM", 100)
    limiter = Limiter(2, 60)
    limiter._room = 100
    looked = 0
    for minute in range(20):
        for n in range(500):
            before = limiter._full_at
            assert limiter.wait(f"{minute} {n}", clock.now()) == 0
            looked += len(before) if limiter._full_at is not before else 0
            assert len(limiter._full_at) <= 2 * 1_000 + 1
        clock.advance(60)
    assert looked < 5 * 20 * 500, "each request pays for a few keys"
    for _ in range(3_000):
        limiter.wait("ana", clock.now())
    assert len(limiter._full_at) <= 2 * 1_000 + 1
