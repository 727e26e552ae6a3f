"""``starling check`` on what waits, what went wrong and what is switched off: each line with a way out."""

from __future__ import annotations

import pytest
from moved_clock import MovedClock
from wire import NINE, Group

from bot.check_outbox import look
from core.ports import Gone, Retry, Unknown
from core.store.engine import Store


@pytest.fixture
async def group(store: Store, clock: MovedClock) -> Group:
    made = Group(store, clock)
    await made.found()
    return made


async def said(group: Group) -> str:
    lines: list[str] = []
    async with group.store.read() as tx:
        await look(tx, group.clock.now(), lines.append)
    return "\n".join(lines)


async def test_when_nothing_is_wrong_there_is_nothing_to_say(group: Group) -> None:
    await group.plan()
    await group.tick_at("2026-03-03T08:00")
    assert await group.states() == ["sent", "sent"]
    assert await said(group) == ""


async def test_each_trouble_is_named_with_the_way_out(group: Group) -> None:
    await group.home("attic", "discord")
    number = await group.plan(NINE)
    group.wires["discord"].says["hall"] = [Gone("forbidden", "50013")]
    group.wires["discord"].says["attic"] = [Retry(900, "Discord asked Starling to wait")]
    group.wires["slack"].says["room"] = [Unknown("the answer was lost")] * 9
    await group.tick_at("2026-03-03T08:00")
    group.clock.advance(minutes=20)
    told = await said(group)
    assert "Queue: 1 message for discord, the oldest for 300 s." in told
    assert "1 question for #room (slack) may not have arrived: the answer was lost." in told
    assert "“doctor” has a Repost button" in told
    assert "1 question for #hall (discord) could not be sent: Starling may not post there" in told
    assert "Switched off: #hall (discord): Starling may not post there" in told
    assert told.count(f"drops resume number: {number}") == 2


async def test_what_was_slept_through_is_nobodys_miss_and_reminders_say_no_names(group: Group) -> None:
    await group.plan()
    await group.remind("olga")
    group.wires["discord"].says["olga"] = [Gone("dm_closed", "50007")]
    await group.tick_at("2026-03-03T08:00")
    await group.tick_at("2026-03-06T07:00")  # two days without a tick
    told = await said(group)
    assert "2 questions for #hall (discord) came too late to be sent" in told
    assert "Nobody's streak is touched by it." in told
    assert "Switched off: 1 reminder: direct messages from this server are closed" in told
    assert "remind set" in told and "olga" not in told
