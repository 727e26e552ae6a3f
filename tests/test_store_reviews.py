"""Reviews as the store keeps them, on both databases: once each, whatever comes at once."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from moved_clock import MovedClock
from practising import studying, truth
from reviewing import kept, logged, paid, shares, writes
from talk import HOME, Talk

from core.store import reviews, reviews_waiting
from core.store.engine import Store


@pytest.fixture
async def talk(store: Store, clock: MovedClock) -> Talk:
    return await studying(store, clock)


async def test_two_presses_at_once_write_one_review_that_counts_once(talk: Talk) -> None:
    number = await shares(talk, "ana")
    await talk("ben", "/streak")
    action = f"review write:answer={number};seen=1,2,3;words=This sentence has six words now."
    said = await asyncio.gather(
        *(talk.dispatcher.press(action, talk.who("ben"), HOME, can_ask=False) for _ in range(4))
    )
    assert sum("Kept: your review" in str(view) for view in said) == 1
    assert sum("Changed: your review" in str(view) for view in said) == 3
    assert len(await kept(talk)) == 1 and await logged(talk, "ben") == 1
    assert await paid(talk, "ben") == [("review", 4)]
    await truth(talk, "ana", "ben")


async def test_two_who_review_each_other_at_once_do_not_wait_for_ever(talk: Talk) -> None:
    hers, his = await shares(talk, "ana"), await shares(talk, "ben")
    for _ in range(3):
        await asyncio.gather(writes(talk, "ana", his), writes(talk, "ben", hers))
    assert len(await kept(talk)) == 2
    writer = {hers: talk.who("ana"), his: talk.who("ben")}
    thanks = [(f"reviews helpful:review={row.id}", writer[row.answer_id]) for row in await kept(talk)]
    await asyncio.gather(*(talk.dispatcher.press(action, who, HOME) for action, who in thanks))
    for name in ("ana", "ben"):
        assert await paid(talk, name) == [("review", 4), ("helpful", 2)]
    await truth(talk, "ana", "ben")


async def test_reviewing_and_taking_back_at_once_leave_points_that_add_up(talk: Talk) -> None:
    number = await shares(talk, "ana")
    await writes(talk, "ben", number)
    (row,) = await kept(talk)
    who = talk.who("ben")
    await asyncio.gather(
        talk.dispatcher.press(f"review withdraw:answer={number};sure=yes", who, HOME),
        talk.dispatcher.press(f"reviews helpful:review={row.id}", talk.who("ana"), HOME),
        talk.dispatcher.press(f"review withdraw:answer={number};sure=yes", who, HOME),
    )
    (row,) = await kept(talk)
    assert row.withdrawn_at is not None and not await paid(talk, "ben")
    await truth(talk, "ana", "ben")


async def test_the_order_is_whole_whatever_is_reviewed(talk: Talk, clock: MovedClock) -> None:
    """Each waiting answer comes once on the way through, also of two that were shared in one instant."""
    numbers = [await shares(talk, name) for name in ("ana", "cem", "dia")]
    clock.advance(minutes=1)
    numbers += [await shares(talk, name) for name in ("eva", "fay")]
    for name, number in (("gus", numbers[0]), ("hal", numbers[0]), ("gus", numbers[3])):
        await writes(talk, name, number)
    await talk("ben", "/streak")
    ben = (await talk.person("ben")).id
    seen: list[int] = []
    async with talk.store.read() as tx:
        at: int | None = None
        while True:
            at = await reviews_waiting.longest_waiting(tx, ben, talk.group_id, clock.now(), after=at)
            if at is None:
                break
            seen.append(at)
        assert seen == [numbers[1], numbers[2], numbers[4], numbers[3], numbers[0]]
        assert await reviews_waiting.longest_waiting(tx, ben, talk.group_id + 1, clock.now()) is None
        assert [await reviews.count_of(tx, n) for n in numbers] == [2, 0, 0, 1, 0]


async def test_news_is_news_once_an_hour(talk: Talk, clock: MovedClock) -> None:
    async def is_news(number: int = 1) -> bool:
        async with talk.store.write() as tx:
            return await reviews.is_news(tx, number, clock.now())

    assert [await is_news(), await is_news(), await is_news(11), await is_news(11)] == [
        True,
        False,
        True,
        False,
    ]
    clock.advance(seconds=reviews.TOLD_AGAIN.total_seconds() - 1)
    assert not await is_news()
    clock.advance(seconds=1)
    assert await is_news() and not await is_news()
    clock.advance(seconds=timedelta(days=3).total_seconds())
    assert await asyncio.gather(is_news(), is_news(11)) == [True, True]
