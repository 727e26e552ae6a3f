"""The outbox: a row is sent once, and whatever happens on the way is written down."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from datetime import datetime, time, timedelta
from typing import Any

import pytest
from moved_clock import MovedClock
from sqlalchemy import func, select
from wire import NINE, Group, Wire, at

from core.delivery.carrier import BACKOFF, RETRIES
from core.ports import Gone, Retry, Sent, Unknown
from core.rules.due import Rule
from core.store import deliveries, people, schedules
from core.store.engine import Store
from core.store.tables import occurrence


@pytest.fixture
async def group(store: Store, clock: MovedClock) -> Group:
    made = Group(store, clock)
    await made.found()
    return made


@pytest.fixture
async def second_store(store: Store) -> AsyncIterator[Store]:
    """The same database, opened once more: what another process has."""
    async with Store(store.url) as opened:
        yield opened


# --- sending once ------------------------------------------------------------------------------------------------


async def test_ticking_twice_sends_once_also_at_the_same_time(group: Group) -> None:
    await group.plan()
    at(group.clock, "2026-03-03T08:00")
    await asyncio.gather(*(group.outbox.tick() for _ in range(5)))
    await group.outbox.tick()
    assert group.calls() == ["hall", "room"]
    assert await group.states() == ["sent", "sent"]


async def test_two_processes_on_one_database_claim_and_send_once(group: Group, second_store: Store) -> None:
    for n in range(6):
        await group.home(f"c{n}", "discord")
    for _ in range(5):
        await group.plan()
    other = group.another_outbox(second_store)
    await asyncio.gather(group.outbox.tick(), other.tick())  # both have started
    for day in (3, 4):
        at(group.clock, f"2026-03-0{day}T08:00")
        await asyncio.gather(group.outbox.tick(), other.tick(), group.outbox.tick(), other.tick())
        await group.outbox.tick()
    keys = Counter(c.key for wire in group.wires.values() for c in wire.calls)
    assert len(keys) == 2 * 5 * 8
    assert max(keys.values()) == 1
    assert set(await group.states()) == {"sent"}
    async with group.store.read() as tx:
        assert (await tx.execute(select(func.count()).select_from(occurrence))).scalar_one() == 10


async def test_every_home_gets_the_same_prompt_chosen_once(group: Group) -> None:
    await group.home("attic", "discord")
    await group.plan()
    for day in range(3, 8):
        at(group.clock, f"2026-03-0{day}T08:00")
        await group.outbox.tick()
    assert group.calls() == ["attic"] * 5 + ["hall"] * 5 + ["room"] * 5
    rows = await group.rows()
    chosen = {r.local_date: r.prompt_id for r in rows}
    assert None not in chosen.values() and len(set(chosen.values())) == 5, "and never the same on two days"
    titles: dict[datetime, set[str]] = {}
    for wire in group.wires.values():
        for call in wire.calls:
            titles.setdefault(call.at, set()).add(call.text.split("\n")[0])
    assert all(len(t) == 1 for t in titles.values())


async def test_a_delivery_has_one_key_over_all_its_tries_and_it_fits_a_nonce(group: Group) -> None:
    await group.plan(NINE, "hall")
    group.wires["discord"].says["hall"] = [Retry(1, "503")] * 3
    await group.tick_at("2026-03-03T08:00")
    for _ in range(6):
        group.clock.advance(minutes=2)
        await group.outbox.tick()
    keys = [c.key for c in group.wires["discord"].calls]
    assert len(keys) == 4 and len(set(keys)) == 1 and len(keys[0]) <= 25


async def test_the_message_and_the_place_where_it_landed_are_kept(group: Group) -> None:
    await group.remind("ana")
    group.wires["discord"].says["ana"] = [Sent("m-77", "dm-5")]
    await group.tick_at("2026-03-03T08:00")
    (row,) = await group.rows()
    assert (row.state, row.message_id, row.channel_id, row.attempt) == ("sent", "m-77", "dm-5", 1)
    assert row.settled_at == group.clock.now() and row.lease_until is None
    (call,) = group.wires["discord"].calls
    assert (call.target.user_id, call.target.channel_id) == ("ana", "")


async def notice(group: Group, key: str) -> None:
    """What ``setup`` puts into the outbox: a test post."""
    now = group.clock.now()
    values: dict[str, Any] = {"home_id": group.homes["hall"], "platform": "discord", "scope": "discord"}
    values |= {
        "channel_id": "hall",
        "body": {"text": ["A test post."], "buttons": [["Practise", "practice"]]},
    }
    values |= {"due_at": now, "not_before": now, "expires_at": now + timedelta(hours=1)}
    async with group.store.write() as tx:
        await deliveries.put(tx, [deliveries.row(key, "test", **values)])


async def test_test_posts_have_keys_of_their_own_and_take_no_drop_away(group: Group) -> None:
    await group.plan(Rule(time(12), "Europe/Berlin"), "hall")
    await notice(group, "t1-a")
    await notice(group, "t1-b")
    await notice(group, "t1-b")
    await group.outbox.tick()
    await group.tick_at("2026-03-02T11:00")
    texts = [c.text for c in group.wires["discord"].calls]
    assert texts[:2] == ["A test post.\n\n[Practise]"] * 2
    assert len(texts) == 3 and texts[2].startswith("## ")


# --- what the platforms answer -----------------------------------------------------------------------------------


async def test_a_home_that_is_gone_is_switched_off_with_the_reason_and_the_others_go_on(group: Group) -> None:
    await group.home("attic", "discord")
    await group.plan()
    group.wires["discord"].says["attic"] = [Gone("archived", "50083")]
    await group.tick_at("2026-03-03T08:00")
    by_home = {r.home_id: (r.state, r.reason) for r in await group.rows()}
    assert by_home[group.homes["attic"]] == ("failed", "the channel is archived (50083)")
    assert by_home[group.homes["hall"]] == by_home[group.homes["room"]] == ("sent", "")
    async with group.store.read() as tx:
        homes = {h.id: (h.state, h.reason) for h in await people.homes_of(tx, group.group_id)}
    assert homes[group.homes["attic"]] == ("disabled", "the channel is archived (50083)")
    await group.tick_at("2026-03-04T08:00")
    assert group.calls().count("attic") == 1, "it is not tried again until somebody has seen to it"
    (waiting,) = (
        r for r in await group.rows() if r.home_id == group.homes["attic"] and r.local_date.day == 4
    )
    assert (waiting.state, waiting.reason, waiting.attempt) == (
        "failed",
        "the channel is archived (50083)",
        0,
    )


async def test_closed_direct_messages_switch_the_reminder_off_and_say_why(group: Group) -> None:
    number = await group.remind("ana")
    group.wires["discord"].says["ana"] = [Gone("dm_closed", "x" * 300)]
    await group.tick_at("2026-03-03T08:00")
    async with group.store.read() as tx:
        found = await schedules.get_schedule(tx, number)
    assert found is not None and (found.state, found.next_due_at) == ("disabled", None)
    assert found.reason.startswith("direct messages from this server are closed (xxx")
    assert len(found.reason) == 200
    await group.tick_at("2026-03-04T08:00")
    assert group.calls() == ["ana"]


async def test_a_retry_waits_as_long_as_the_platform_says(group: Group, clock: MovedClock) -> None:
    await group.plan(NINE, "hall")
    group.wires["discord"].says["hall"] = [Retry(30, "429")]
    await group.tick_at("2026-03-03T08:00")
    (row,) = await group.rows()
    assert (row.state, row.attempt, row.reason) == ("pending", 1, "429")
    assert row.not_before == clock.now() + timedelta(seconds=30)
    clock.advance(29)
    await group.outbox.tick()
    assert len(group.calls()) == 1
    clock.advance(1)
    await group.outbox.tick()
    (row,) = await group.rows()
    assert (row.state, row.attempt, row.reason) == ("sent", 2, "")


async def test_without_a_time_of_its_own_a_retry_backs_off(group: Group, clock: MovedClock) -> None:
    await group.plan(NINE, "hall")
    group.wires["discord"].says["hall"] = [Retry(0, "503")] * RETRIES
    await group.tick_at("2026-03-03T08:00")
    for attempt in range(1, RETRIES):
        (row,) = await group.rows()
        assert row.attempt == attempt
        wait = row.not_before - clock.now()
        assert timedelta(0) <= wait <= timedelta(seconds=BACKOFF * 2 ** (attempt - 1))
        clock.advance(wait.total_seconds())
        await group.outbox.tick()
    assert len(group.calls()) == RETRIES


async def test_a_platform_that_is_away_for_an_hour_costs_no_group_its_question(
    group: Group, clock: MovedClock
) -> None:
    await group.plan(NINE, "hall")
    group.wires["discord"].says["hall"] = [Retry(5, "Discord could not be reached")] * 1000
    await group.tick_at("2026-03-03T08:00")
    for _ in range(60):
        clock.advance(minutes=1)
        await group.outbox.tick()
    (row,) = await group.rows()
    assert (row.state, row.reason) == ("pending", "Discord could not be reached")
    group.wires["discord"].says["hall"].clear()
    clock.advance(minutes=2)
    await group.outbox.tick()
    (row,) = await group.rows()
    assert (row.state, row.reason) == ("sent", "")


async def test_a_platform_that_is_away_until_the_day_ends_is_named_as_the_reason(group: Group) -> None:
    await group.plan(NINE, "hall")
    group.wires["discord"].says["hall"] = [Retry(5, "Discord could not be reached")] * 1000
    await group.tick_at("2026-03-03T08:00")
    await group.tick_at("2026-03-04T07:00")
    (row,) = await group.rows()
    why = "its time had passed before it could be sent (Discord could not be reached)"
    assert (row.state, row.reason) == ("expired", why)


async def test_a_lost_reply_is_said_to_be_unknown_and_nothing_is_guessed(group: Group) -> None:
    await group.plan()
    group.wires["discord"].says["hall"] = [Unknown("the connection broke")]
    await group.tick_at("2026-03-03T08:00")
    assert [(r.state, r.reason) for r in await group.rows()] == [
        ("ambiguous", "the connection broke"),
        ("sent", ""),
    ]
    await group.tick_at("2026-03-03T09:00")
    assert group.calls() == ["hall", "room"]


async def test_a_sender_with_a_defect_stops_nobody_else(group: Group) -> None:
    await group.home("attic", "discord")
    await group.plan()
    group.wires["discord"].says["attic"] = [RuntimeError("boom")]
    await group.tick_at("2026-03-03T08:00")
    by_home = {r.home_id: (r.state, r.reason) for r in await group.rows()}
    assert by_home[group.homes["attic"]] == ("ambiguous", "a defect of ours; see the log")
    assert group.calls() == ["attic", "hall", "room"]


async def test_a_queue_that_breaks_does_not_cut_off_what_another_is_sending(group: Group) -> None:
    """An id longer than its column: PostgreSQL refuses to write it down, SQLite does not mind."""
    await group.plan()
    wires = group.wires
    wires["discord"].says["hall"] = [Sent("m" * 500)]
    wires["slack"].gate.clear()
    at(group.clock, "2026-03-03T08:00")
    tick = asyncio.create_task(group.outbox.tick())
    await wires["slack"].under_way.wait()
    await asyncio.sleep(0.3)
    wires["slack"].gate.set()
    if group.store.sqlite:
        await tick
    else:
        with pytest.raises(ExceptionGroup):
            await tick
    states = {r.home_id: r.state for r in await group.rows()}
    assert states[group.homes["room"]] == "sent"


async def test_a_question_that_cannot_be_chosen_has_failed_and_was_never_sent(
    store: Store, clock: MovedClock
) -> None:
    group = Group(store, clock)
    await group.found(packs=False)
    await group.plan(NINE, "hall")
    await group.tick_at("2026-03-03T08:00")
    (row,) = await group.rows()
    assert row.state == "failed" and row.reason.startswith("There is no prompt for this schedule")
    assert group.calls() == []


async def test_rows_of_a_platform_that_is_not_served_here_wait_for_the_process_that_does(
    group: Group,
) -> None:
    await group.plan()
    slack = group.wires.pop("slack")
    await group.tick_at("2026-03-03T08:00")
    assert await group.states() == ["sent", "pending"]
    group.wires["slack"] = slack
    await group.outbox.tick()
    assert await group.states() == ["sent", "sent"]


# --- before a platform has been reached ----------------------------------------


class Reaching(Wire):
    """Cannot send anywhere until ``reached``."""

    reached = False

    def serves(self, scope: str) -> bool:
        return self.reached


async def test_what_waits_where_nobody_has_arrived_yet_has_not_been_tried(group: Group) -> None:
    """A platform that takes its time at a start costs a notice none of its six tries."""
    wire = group.wires["discord"] = Reaching(group.clock)
    group.outbox = group.another_outbox(group.store)
    await group.plan()
    at(group.clock, "2026-03-03T08:00")
    for _ in range(8):
        await group.outbox.tick()
        group.clock.advance(60)
    tries = {row.platform: (row.state, row.attempt) for row in await group.rows()}
    assert tries == {"discord": ("pending", 0), "slack": ("sent", 1)} and wire.calls == []
    wire.reached = True
    await group.outbox.tick()
    assert set(await group.states()) == {"sent"} and len(wire.calls) == 1
