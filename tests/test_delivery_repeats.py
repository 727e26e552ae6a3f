"""Answers that were lost, and processes that died while sending: nothing shows twice, and nothing is left out."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from moved_clock import MovedClock
from wire import DIED, LOST, NINE, Died, Group, Memory, at

from core.delivery.outbox import LOOK_FOR
from core.delivery.pump import LEASE
from core.ports import Gone, Retry, Unknown
from core.store import queue
from core.store.engine import Store

NEVER = Unknown("the connection broke")  # and the message never arrived


@pytest.fixture
async def group(store: Store, clock: MovedClock) -> Group:
    made = Group(store, clock)
    await made.found()
    return made


@pytest.fixture
async def wire(group: Group) -> Memory:
    """Discord, remembering; a question for the hall is due at 08:00."""
    made = group.remembers()
    await group.plan(NINE, "hall")
    return made


async def ticks(group: Group, seconds: int, step: int = 2) -> None:
    """What the clock does: a tick every two seconds; from a minute on every ten, which nothing here can tell apart."""
    gone = 0
    while gone < seconds:
        by = step if gone < 60 else 5 * step
        group.clock.advance(by)
        await group.outbox.tick()
        gone += by


async def only(group: Group) -> tuple[str, str, int]:
    (row,) = await group.rows()
    return row.state, row.message_id, row.attempt


# --- lost answers ------------------------------------------------------------------------------------------------


async def test_a_lost_answer_is_asked_for_again_with_the_same_key_and_shows_once(
    group: Group, wire: Memory
) -> None:
    wire.says["hall"] = [LOST, LOST]
    await group.tick_at("2026-03-03T08:00")
    (row,) = await group.rows()
    assert (row.state, row.reason) == ("pending", "the answer was lost")
    await ticks(group, 20)
    assert await only(group) == ("sent", "m1", 3)
    assert len(wire.shown) == 1 and len({c.key for c in wire.calls}) == 1
    assert wire.looked == []


async def test_what_never_arrived_is_shown_by_the_second_try(group: Group, wire: Memory) -> None:
    wire.says["hall"] = [NEVER]
    await group.tick_at("2026-03-03T08:00")
    assert wire.shown == []
    await ticks(group, 4)
    assert await only(group) == ("sent", "m1", 2)
    assert len(wire.shown) == 1


async def test_after_the_window_it_is_looked_for_since_its_first_try(group: Group, wire: Memory) -> None:
    """Every answer is lost for a minute; from then on sending again would show it twice."""
    wire.says["hall"] = [LOST] * 50
    await group.tick_at("2026-03-03T08:00")
    first = group.clock.now()
    await ticks(group, 120)
    assert (await only(group))[:2] == ("sent", "m1")
    assert len(wire.shown) == 1 and [since for _, since in wire.looked] == [first]
    assert all(c.at - first < wire.repeat_for for c in wire.calls) and len(wire.calls) > 2


async def test_what_is_not_found_is_sent_again_once(group: Group, wire: Memory) -> None:
    wire.says["hall"] = [NEVER]
    await group.tick_at("2026-03-03T08:00")
    group.clock.advance(70)
    await group.outbox.tick()
    assert len(wire.looked) == 1 and len(wire.shown) == 1 and len(wire.calls) == 2
    await ticks(group, 100)
    assert (await only(group))[0] == "sent" and len(wire.calls) == 2


async def test_a_second_loss_after_a_look_has_a_window_of_its_own(group: Group, wire: Memory) -> None:
    wire.says["hall"] = [NEVER]
    await group.tick_at("2026-03-03T08:00")
    group.clock.advance(70)
    wire.says["hall"] += [LOST, DIED]
    with pytest.raises(Died):
        await ticks_raising(group, wire, 40)
    group.restarts()
    group.clock.advance(40)
    await group.outbox.tick()
    assert (await only(group))[0] == "sent" and len(wire.shown) == 1


async def ticks_raising(group: Group, wire: Memory, seconds: int) -> None:
    """Ticks until the process dies."""
    for _ in range(seconds):
        await group.outbox.tick()
        if DIED not in wire.says["hall"]:
            raise DIED
        group.clock.advance(1)


async def test_a_retry_after_a_loss_does_not_forget_the_loss(group: Group, wire: Memory) -> None:
    """The 429 of the second try says nothing about the first, which is there."""
    wire.says["hall"] = [LOST, Retry(90, "429")]
    await group.tick_at("2026-03-03T08:00")
    await ticks(group, 150)
    assert (await only(group))[:2] == ("sent", "m1")
    assert len(wire.shown) == 1 and len(wire.looked) == 1


async def test_after_a_plain_retry_the_first_try_is_the_next_one(group: Group, wire: Memory) -> None:
    wire.says["hall"] = [Retry(90, "429"), LOST]
    await group.tick_at("2026-03-03T08:00")
    await ticks(group, 120)
    assert (await only(group))[:2] == ("sent", "m1")
    assert len(wire.shown) == 1 and wire.looked == []


async def test_where_nobody_may_look_it_is_said_to_be_unknown(group: Group, wire: Memory) -> None:
    wire.says["hall"] = [LOST]
    wire.looks = [Unknown("no right to read the history")]
    await group.tick_at("2026-03-03T08:00")
    group.clock.advance(70)
    await group.outbox.tick()
    (row,) = await group.rows()
    assert (row.state, row.reason) == ("ambiguous", "the answer was lost")
    await ticks(group, 60)
    assert len(wire.calls) == 1


async def test_what_cannot_be_looked_for_just_now_is_looked_for_again_and_nothing_is_sent_meanwhile(
    group: Group, wire: Memory
) -> None:
    wire.says["hall"] = [LOST]
    wire.looks = [Retry(40, "503")] * 10
    await group.tick_at("2026-03-03T08:00")
    group.clock.advance(70)
    await ticks(group, 390)
    assert (await group.states()) == ["pending"] and len(wire.calls) == 1
    wire.looks.clear()
    await ticks(group, 60)
    assert await only(group) == ("sent", "m1", 2), "looking in vain is no try"


async def test_looking_ends_an_hour_after_its_time(group: Group, wire: Memory) -> None:
    wire.says["hall"] = [LOST]
    wire.looks = [Retry(600, "503")] * 1000
    await group.tick_at("2026-03-03T08:00")
    (row,) = await group.rows()
    await group.tick_at((row.expires_at + LOOK_FOR - timedelta(seconds=1)).isoformat()[:19])
    assert await group.states() == ["pending"]
    group.clock.advance(2)
    await group.outbox.tick()
    assert await group.states() == ["ambiguous"] and len(wire.calls) == 1


async def test_what_was_lost_and_is_too_late_by_now_is_found_and_not_expired(
    group: Group, wire: Memory
) -> None:
    wire.says["hall"] = [LOST]
    await group.tick_at("2026-03-03T08:00")
    await group.tick_at("2026-03-04T07:00")
    assert (await only(group))[:2] == ("sent", "m1") and len(wire.shown) == 1


async def test_what_is_not_there_and_too_late_by_now_is_expired(group: Group, wire: Memory) -> None:
    wire.says["hall"] = [NEVER]
    await group.tick_at("2026-03-03T08:00")
    await group.tick_at("2026-03-04T02:30")
    await ticks(group, 4)
    assert await group.states() == ["expired"] and wire.shown == []


async def test_a_refusal_after_a_loss_leaves_it_unknown(group: Group, wire: Memory) -> None:
    wire.says["hall"] = [LOST, Gone("forbidden", "50013")]
    await group.tick_at("2026-03-03T08:00")
    await ticks(group, 4)
    assert (await only(group))[0] == "ambiguous"


async def test_a_defect_of_ours_is_looked_for_once_and_not_repeated_all_day(
    group: Group, wire: Memory
) -> None:
    wire.says["hall"] = [RuntimeError("boom")] * 1000
    await group.tick_at("2026-03-03T08:00")
    await ticks(group, 200)
    (row,) = await group.rows()
    assert (row.state, row.reason) == ("failed", "a defect of ours; see the log")
    assert len(wire.calls) < 10 and len(wire.looked) == 1


async def test_a_clock_that_is_turned_back_after_a_loss_is_not_trusted_to_tell_the_window(
    group: Group, wire: Memory
) -> None:
    wire.says["hall"] = [LOST]
    await group.tick_at("2026-03-03T08:00")
    wire.shown = [replace(s, at=s.at - timedelta(minutes=30)) for s in wire.shown]  # by the platform's clock
    group.clock.set(group.clock.now() - timedelta(minutes=20))
    await ticks(group, 1300, 100)
    assert (await only(group))[:2] == ("sent", "m1")
    assert len(wire.shown) == 1 and len(wire.calls) == 1


# --- processes that died -----------------------------------------------------------------------------------------


async def test_another_process_s_clock_that_is_a_little_behind_does_not_take_a_fresh_try_for_an_old_one(
    group: Group, wire: Memory
) -> None:
    """Its beat looks at all rows. Sent again with its key the question shows once; nobody may need to look."""
    wire.says["hall"] = [Unknown("the answer was lost")]
    await group.tick_at("2026-03-03T08:00")
    tried = [row.sending_at for row in await group.rows()]
    async with group.store.write() as tx:
        behind = group.clock.now() - timedelta(seconds=3)
        await queue.mistrust(tx, behind, timedelta(hours=1), {"discord": timedelta(0)})
    assert [row.sending_at for row in await group.rows()] == tried != [None]
    group.clock.advance(10)
    await group.outbox.tick()
    assert (await only(group))[0] == "sent" and wire.looked == [] and len(wire.shown) == 1


async def dies(group: Group, wire: Memory, *, shown: bool = True) -> None:
    """The process dies in the middle of the call at 08:00."""
    wire.says["hall"] = [DIED if shown else Died()]
    await group.tick_at("2026-03-03T08:00")
    assert await group.states() == ["sending"] and len(wire.shown) == shown
    group.restarts()


@pytest.mark.parametrize("shown", [True, False])
async def test_a_restart_within_the_window_sends_again_and_it_shows_once(
    group: Group, wire: Memory, shown: bool
) -> None:
    await dies(group, wire, shown=shown)
    group.clock.advance(5)
    if not group.store.sqlite:  # another process may still be at it, until its lease is over
        await group.outbox.tick()
        assert await group.states() == ["sending"]
        group.clock.advance(LEASE.total_seconds() - 5)
    await group.outbox.tick()
    assert await only(group) == ("sent", "m1", 2)
    assert len(wire.shown) == 1 and wire.looked == []


@pytest.mark.parametrize("shown", [True, False])
async def test_a_restart_after_the_window_looks_first(group: Group, wire: Memory, shown: bool) -> None:
    await dies(group, wire, shown=shown)
    first = group.clock.now()
    group.clock.advance(70)
    await group.outbox.tick()
    assert (await only(group))[:2] == ("sent", "m1")
    assert len(wire.shown) == 1 and [since for _, since in wire.looked] == [first]
    assert len(wire.calls) == (1 if shown else 2)


async def test_a_lost_answer_then_a_crash_then_a_restart_keep_the_first_try(
    group: Group, wire: Memory
) -> None:
    wire.says["hall"] = [LOST, DIED]
    await group.tick_at("2026-03-03T08:00")
    first = group.clock.now()
    group.clock.advance(30)
    await group.outbox.tick()
    group.restarts()
    group.clock.advance(40)
    await group.outbox.tick()
    assert (await only(group))[:2] == ("sent", "m1")
    assert len(wire.shown) == 1 and [since for _, since in wire.looked] == [first]


async def test_a_process_that_dies_again_and_again_shows_it_once(group: Group, wire: Memory) -> None:
    wire.says["hall"] = [DIED] * 6
    at(group.clock, "2026-03-03T08:00")
    for _ in range(8):
        group.restarts()
        await group.outbox.tick()
        group.clock.advance(35)
    assert (await only(group))[:2] == ("sent", "m1") and len(wire.shown) == 1
