"""What organisers change is written down: every command of theirs that changes something, by the registry."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest
from moved_clock import MovedClock
from practising import plan, story, studying
from sqlalchemy import func, insert, select, update
from talk import HOME, Talk
from test_feature_packs_import import FIRST, hand_in

from core.call import Where
from core.commands import Allow
from core.store import deliveries, facts
from core.store.engine import Store
from core.store.tables import answer, audit, delivery, home, metadata, schedule

OTHER = Where("test", "server 2", "channel 2", "#other")
Step = Callable[[Talk], Awaitable[object]]
pytestmark = pytest.mark.parametrize("store", ["sqlite"], indirect=True)

# Not of the group: what is about the organiser's own person, or waits to be read by somebody.
ASIDE = {"audit", "account", "person", "member", "draft", "aside", "person_change", "code"}


def typed(line: str) -> Step:
    return lambda talk: talk("olga", f"/{line}", organiser=True)


def pressed(action: str) -> Step:
    return lambda talk: talk.press("olga", action, organiser=True)


async def skip_day(talk: Talk) -> None:
    async with talk.store.read() as tx:
        row = (
            await tx.execute(
                select(schedule).where(schedule.c.state == "active").order_by(schedule.c.id).limit(1)
            )
        ).one()
    await talk.press("olga", f"drops skip day:number={row.id};date={row.next_date}", organiser=True)


async def another_one(talk: Talk) -> None:
    """To look draws the question; only to draw another is a choice of the organiser's."""
    await talk("olga", "/drops preview number: 1", organiser=True)
    await talk.press("olga", "Another one", organiser=True)


async def repost(talk: Talk) -> None:
    async with talk.store.write() as tx:
        key = (
            await tx.execute(select(delivery.c.key).where(delivery.c.kind == "test").limit(1))
        ).scalar_one()
        await tx.execute(update(delivery).where(delivery.c.key == key).values(state=deliveries.AMBIGUOUS))
    await talk.press("olga", f"repost:key={key}", organiser=True)


async def share_remove(talk: Talk) -> None:
    async with talk.store.read() as tx:
        shown = (await tx.execute(select(answer.c.id).limit(1))).scalar_one()
    await talk("olga", f"/share remove answer: {shown}", organiser=True)


async def second_home(talk: Talk) -> None:
    """The group has another channel, so that one can go."""
    values = {"platform": "test", "server_id": "server 2", "channel_id": "channel 2", "name": "#other"}
    made = insert(home).values(
        **values, group_id=talk.group_id, state="active", reason="", created_at=talk.clock.now()
    )
    async with talk.store.write() as tx:
        await tx.execute(made)


async def unlink_now(talk: Talk) -> None:
    async with talk.store.read() as tx:
        number = (await tx.execute(select(home.c.id).where(home.c.server_id == "server 2"))).scalar_one()
    await talk.press("olga", f"group unlink now:home={number}", where=OTHER, organiser=True)


# In this order: each finds what the ones before it have made.
STEPS: dict[str, Step] = {
    "setup": typed("setup time: 09:00"),
    "drops add": typed("drops add time: 12:00"),
    "drops list": typed("drops list"),
    "drops preview": another_one,
    "drops pause": typed("drops pause number: 1"),
    "drops resume": typed("drops resume number: 1"),
    "drops skip": typed("drops skip number: 1"),
    "drops skip day": skip_day,
    "drops remove": typed("drops remove number: 1 sure: yes"),
    "testpost": pressed("testpost"),
    "repost": repost,
    "share remove": share_remove,
    "pack check": lambda talk: hand_in(talk, "pack check", FIRST),
    "pack import": lambda talk: hand_in(talk, "pack import", FIRST),
    "pack remove": typed("pack remove name: harbour sure: yes"),
    "group show": typed("group show"),
    "group settings": typed("group settings name: Larks zone: Europe/Lisbon"),
    "group link": typed("group link"),
    "group unlink": typed("group unlink"),
    "group unlink now": unlink_now,
    "doctor": typed("doctor"),
}
# Those that look and change nothing of the group's; the last two ask first, or give a code that changes nothing yet.
READING = {"drops list", "pack check", "group show", "doctor", "group link", "group unlink"}


async def kept(talk: Talk) -> dict[str, str]:
    async with talk.store.read() as tx:
        return {
            t.name: repr((await tx.execute(select(t))).all())
            for t in metadata.sorted_tables
            if t.name not in ASIDE
        }


async def noted(talk: Talk) -> int:
    async with talk.store.read() as tx:
        return int((await tx.execute(select(func.count()).select_from(audit))).scalar_one())


async def test_every_command_of_organisers_that_changes_something_is_written_down(
    store: Store, clock: MovedClock
) -> None:
    talk = await studying(store, clock)
    await talk("olga", "/me show", organiser=True)
    await plan(talk, "behavioural")
    await talk.deliver()
    await talk("ana", f"/answer text: {story(30)}")
    async with store.write() as tx:
        await tx.execute(update(answer).values(shared_at=clock.now()))
    await second_home(talk)
    theirs = {c.path for c in talk.dispatcher.registry if c.allow is Allow.ORGANISER}
    assert theirs == set(STEPS), "a new command of organisers: say here how it is used"
    for path, step in STEPS.items():
        clock.advance(seconds=10)
        before, lines = await kept(talk), await noted(talk)
        await step(talk)
        changed = {name for name, rows in (await kept(talk)).items() if rows != before[name]}
        if path in READING:
            assert not changed, (path, changed)
        else:
            assert changed, (path, "the test is to make it change something", talk.views["olga"])
            assert await noted(talk) > lines, (path, changed)


async def test_the_list_says_who_what_and_when_the_newest_first_and_names_no_one_who_is_gone(
    store: Store, clock: MovedClock
) -> None:
    talk = await studying(store, clock)
    await talk("olga", "/drops add time: 12:00", organiser=True)
    clock.advance(minutes=1)
    await talk("piet", "/drops add time: 13:00", organiser=True)
    async with store.read() as tx:
        second, first = await facts.actions(tx, talk.group_id)
    assert (first.name, first.action, second.name) == ("Olga", "drops add", "Piet")
    assert second.at - first.at == timedelta(minutes=1)
    await talk("olga", "/me forget confirm: yes")
    async with store.read() as tx:
        assert [row.name for row in await facts.actions(tx, talk.group_id)] == ["Piet", None]
    assert HOME.channel_id not in first.detail
