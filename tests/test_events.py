"""What platforms tell besides requests: whose messages to read after a gap, and servers that come and go."""

from __future__ import annotations

from datetime import datetime, time

import pytest
from moved_clock import MovedClock
from practising import plan, story, studying
from sqlalchemy import select, update
from talk import HOME, Talk

from core.call import Where
from core.events import Events, Heard, Unread
from core.store import arrivals, deliveries, people
from core.store.engine import Store
from core.store.servers import REMOVED
from core.store.tables import account, delivery, home

OTHER = Where("test", "server 2", "channel 2", "#other")


@pytest.fixture
async def talk(store: Store, clock: MovedClock) -> Talk:
    return await studying(store, clock)


@pytest.fixture
def events(talk: Talk) -> Events:
    return Events(talk.app, talk.dispatcher)


# --- after a gap ------------------------------------------------------------------------------------


async def remind(talk: Talk, name: str, message_id: str) -> None:
    """``name`` gets a reminder by now, as the platform's message ``message_id`` in the channel dm-<name>."""
    await talk(name, "/remind set time: 12:30 zone: Europe/Berlin", direct=True)
    talk.until("2026-03-02 11:31")
    await talk.outbox.tick()
    person = await talk.person(name)
    async with talk.store.write() as tx:
        await tx.execute(
            update(delivery).where(delivery.c.person_id == person.id).values(message_id=message_id)
        )
        await tx.execute(
            update(account).where(account.c.person_id == person.id).values(dm_channel_id=f"dm-{name}")
        )


async def test_who_has_a_reminder_open_is_read_from_it_on(talk: Talk, events: Events) -> None:
    assert await events.unread("test") == []
    await remind(talk, "ana", "99")
    await talk("bea", "/today")
    assert await events.unread("test") == [Unread("ana", "Ana", "dm-ana", "99")]
    assert await events.unread("slack") == []
    await events.heard(Heard(talk.who("ana"), "dm-ana", "1000", "thanks!"))
    assert await events.unread("test") == [Unread("ana", "Ana", "dm-ana", "1000")]


async def test_a_reminder_that_can_no_longer_be_answered_is_not_read_for(
    talk: Talk, events: Events, clock: MovedClock
) -> None:
    await remind(talk, "ana", "99")
    await talk("ana", "/remind off", direct=True)
    assert len(await events.unread("test")) == 1
    clock.advance(hours=48)
    assert await events.unread("test") == []


async def test_who_asked_for_a_question_is_read_for_a_day(
    talk: Talk, events: Events, clock: MovedClock
) -> None:
    await talk("ana", "/practice", direct=True)
    assert await events.unread("test") == [], "nothing was ever said directly, so there is no channel to read"
    await events.heard(Heard(talk.who("ana"), "dm-ana", "7", "hello"))
    assert await events.unread("test") == [Unread("ana", "Ana", "dm-ana", "7")]
    clock.advance(hours=25)
    assert await events.unread("test") == []


async def test_practice_is_read_from_the_last_message_before_it_on(
    talk: Talk, events: Events, clock: MovedClock
) -> None:
    await remind(talk, "ana", "99")
    await talk("ana", "/remind off", direct=True)
    clock.advance(days=20)
    await talk("ana", "/practice", direct=True)
    assert await events.unread("test") == [Unread("ana", "Ana", "dm-ana", "99")]


# --- what a message of ours asks ------------------------------------------------------------------


async def test_a_message_is_known_by_its_delivery(talk: Talk, events: Events) -> None:
    await remind(talk, "ana", "99")
    async with talk.store.write() as tx:
        row = (await tx.execute(select(delivery).where(delivery.c.kind == "remind"))).one()
        there = delivery.c.key == row.key
        await tx.execute(
            update(delivery).where(there).values(platform="slack", scope="slack:T1", channel_id="D1")
        )
    handle = f"d{row.occurrence_id}"
    assert await events.asked_by("slack", "T1", "D1", "99") == handle
    assert await events.asked_by("slack", "T1", "D1", "", row.key) == handle, "sent, and its id not known yet"
    assert await events.asked_by("slack", "T1", "D9", "7", row.key) == handle
    for stranger in (
        ("slack", "T1", "D2", "99"),
        ("slack", "T1", "D1", "98"),
        ("slack", "T1", "D1", ""),
        ("slack", "T2", "D1", "99", row.key),
        ("test", "T1", "D1", "99", row.key),
    ):
        assert await events.asked_by(*stranger) == "", stranger
    notice = deliveries.row("n1", "notice", platform="slack", scope="slack:T1", **times(talk))
    async with talk.store.write() as tx:
        await deliveries.put(tx, [notice | {"message_id": "100", "channel_id": "D1"}])
    assert await events.asked_by("slack", "T1", "D1", "100", "n1") == "", "no question of anybody's"


def times(talk: Talk) -> dict[str, datetime]:
    now = talk.clock.now()
    return {"due_at": now, "not_before": now, "expires_at": now}


# --- servers ----------------------------------------------------------------------------------------


async def home_at(talk: Talk, where: Where = HOME) -> tuple[str, str]:
    """(state, reason) of the home there."""
    async with talk.store.read() as tx:
        found = await people.home_at(tx, where)
    assert found is not None
    return found.state, found.reason


async def outbox(talk: Talk) -> list[tuple[str, str]]:
    async with talk.store.read() as tx:
        rows = await tx.execute(select(delivery.c.state, delivery.c.reason).order_by(delivery.c.due_at))
        return [(r.state, r.reason) for r in rows]


async def test_a_server_that_starling_was_removed_from_gets_nothing_until_it_is_back(
    talk: Talk, events: Events, clock: MovedClock
) -> None:
    await talk.found("Elsewhere", OTHER)
    await plan(talk, "behavioural", at=time(20))
    await events.removed_from("test", "server")
    assert await home_at(talk) == ("disabled", REMOVED)
    assert await home_at(talk, OTHER) == ("active", "")
    assert await outbox(talk) == [(deliveries.FAILED, REMOVED)]
    assert await talk.deliver() == []
    talk.until("2026-03-03 20:00")
    assert await talk.deliver() == []
    assert await outbox(talk) == [(deliveries.FAILED, REMOVED)] * 2
    await events.removed_from("test", "server")
    wakes = talk.wakes
    await events.present_on("test", ["server", "server 2"])
    assert await home_at(talk) == ("active", "") and talk.wakes == wakes + 1
    clock.advance(days=1)
    assert len(await talk.deliver()) == 1


async def test_what_was_tried_on_a_server_before_it_was_left_may_have_arrived(
    talk: Talk, events: Events
) -> None:
    await plan(talk, "behavioural", at=time(20))
    async with talk.store.write() as tx:
        await tx.execute(update(delivery).values(sending_at=talk.clock.now(), attempt=1))
    await events.removed_from("test", "server")
    assert await outbox(talk) == [(deliveries.AMBIGUOUS, REMOVED)]


async def test_a_server_missed_while_away_is_found_out_when_all_are_told(talk: Talk, events: Events) -> None:
    await talk.found("Elsewhere", OTHER)
    await events.present_on("slack", [])
    await events.present_on("test", {"server 2", "server 3"})
    assert await home_at(talk) == ("disabled", REMOVED) and await home_at(talk, OTHER) == ("active", "")


async def test_a_process_that_is_told_of_some_servers_leaves_the_others_alone(
    talk: Talk, events: Events
) -> None:
    await talk.found("Elsewhere", OTHER)
    await events.present_on("test", [], ours=lambda server: server == "server 2")
    assert await home_at(talk) == ("active", "") and await home_at(talk, OTHER) == ("disabled", REMOVED)


async def test_a_home_that_was_off_for_another_reason_stays_off(talk: Talk, events: Events) -> None:
    async with talk.store.write() as tx:
        found = (await tx.execute(select(home.c.id))).scalar_one()
        await arrivals.disable_home(tx, found, "Starling may not post there")
    await events.removed_from("test", "server")
    await events.present_on("test", ["server"])
    assert await home_at(talk) == ("disabled", "Starling may not post there")


async def test_what_cannot_be_stored_is_said_to_who_wrote_and_never_raised(
    talk: Talk, events: Events
) -> None:
    async with talk.store.write() as tx:
        await tx.exec_driver_sql("ALTER TABLE draft RENAME TO draft_elsewhere")
    view = await events.heard(Heard(talk.who("ana"), "dm", "1", story(25)))
    assert "Something broke on our side (incident " in str(view)
