"""Cards: written anew as people answer, closed with a recap, opened with a thread."""

from __future__ import annotations

import asyncio
import itertools
from datetime import timedelta

import pytest
from moved_clock import MovedClock
from sqlalchemy import func, select
from wire import DIED, LOST, NINE, Edited, Group, Memory

from core import answering
from core.call import Where, Who
from core.delivery.carrier import RETRIES
from core.delivery.redraw import touch_cards
from core.ports import Gone, Retry, Unknown
from core.store import arrivals, health, people, prompts
from core.store.engine import Store
from core.store.rewrites import PACE
from core.store.tables import delivery


@pytest.fixture
async def group(store: Store, clock: MovedClock) -> Group:
    made = Group(store, clock)
    await made.found()
    return made


@pytest.fixture
async def wire(group: Group) -> Memory:
    return group.remembers()


async def answer(group: Group, name: str, text: str = "I led the migration and it took a week.") -> None:
    """``name`` answers the newest drop that is there."""
    newest = next(r for r in reversed(await group.rows()) if r.kind == "drop" and r.prompt_id is not None)
    now = group.clock.now()
    async with group.store.write() as tx:
        where = Where("discord", "server-hall", "hall", "#hall")
        known = await arrivals.arrive(tx, Who("discord", name, name.title()), where, now)
        prompt = await prompts.get_prompt(tx, newest.prompt_id)
    assert prompt is not None
    await answering.record(
        group.outbox.app,
        known.person,
        prompt,
        text,
        now,
        group_id=group.group_id,
        occurrence_id=newest.occurrence_id,
    )


async def ticks(group: Group, seconds: int, step: int = 1) -> None:
    gone = 0
    while gone < seconds:  # from a minute on less often: nothing here can tell that apart
        by = step if gone < 60 else 5 * step
        group.clock.advance(by)
        await group.outbox.tick()
        gone += by


async def row(group: Group, kind: str) -> tuple[str, str]:
    (found,) = [r for r in await group.rows() if r.kind == kind]
    return found.state, found.reason


def counts(edited: list[Edited]) -> list[str]:
    return [next(line for line in e.text.split("\n") if "answered" in line) for e in edited]


# --- rewriting ---------------------------------------------------------------------------------------------------


async def test_a_card_says_how_many_have_answered(group: Group, wire: Memory) -> None:
    await group.plan(NINE, "hall")
    await group.tick_at("2026-03-03T08:00")
    assert "Nobody has answered yet." in wire.shown[0].text
    await answer(group, "ana")
    await group.outbox.tick()
    (edited,) = wire.edited
    assert (edited.message_id, edited.key) == ("m1", "e" + wire.shown[0].key) and len(edited.key) <= 25
    assert "1 member answered so far." in edited.text
    assert await row(group, "edit") == ("sent", "")


async def test_an_edited_card_is_no_later_than_it_was_shown(group: Group, wire: Memory) -> None:
    await group.plan(NINE, "hall")
    await group.tick_at("2026-03-03T08:00")
    group.clock.advance(hours=5)
    await answer(group, "ana")
    await group.outbox.tick()
    assert "shown late" not in wire.edited[0].text


async def test_many_answers_make_few_edits_and_the_last_one_tells_them_all(
    group: Group, wire: Memory
) -> None:
    await group.plan(NINE, "hall")
    await group.tick_at("2026-03-03T08:00")
    for n in range(20):
        await answer(group, f"member{n}")
        await ticks(group, 2)
    await ticks(group, 40)
    times = [e.at for e in wire.edited]
    assert 3 <= len(times) <= 5
    assert all(b - a >= PACE for a, b in itertools.pairwise(times))
    assert counts(wire.edited)[-1] == "20 members answered so far."
    assert len(wire.shown) == 1


async def test_an_answer_that_comes_while_the_card_is_being_written_is_told_by_one_more_edit(
    group: Group, wire: Memory
) -> None:
    """At the very same instant, too: no time passes here."""
    await group.plan(NINE, "hall")
    await group.tick_at("2026-03-03T08:00")
    await answer(group, "ana")
    wire.gate.clear()
    wire.under_way.clear()
    tick = asyncio.create_task(group.outbox.tick())
    await wire.under_way.wait()
    await answer(group, "ben")
    wire.gate.set()
    await tick
    assert counts(wire.edited) == ["1 member answered so far."]
    await ticks(group, 14)
    assert len(wire.edited) == 1
    await ticks(group, 40)
    assert counts(wire.edited)[1:] == ["2 members answered so far."]


async def test_an_answer_that_comes_while_the_card_is_being_posted_is_told_afterwards(
    group: Group, wire: Memory
) -> None:
    await group.plan(NINE, "hall")
    wire.says["hall"] = [LOST]
    await group.tick_at("2026-03-03T08:00")
    await answer(group, "ana")  # in another home of the group, say
    await ticks(group, 60)
    assert "Nobody has answered yet." in wire.shown[0].text and len(wire.shown) == 1
    assert counts(wire.edited) == ["1 member answered so far."]


async def test_every_card_of_the_drop_is_written_where_it_can_be(group: Group, wire: Memory) -> None:
    await group.home("attic", "discord")
    await group.plan()  # the room is on a platform that cannot edit
    await group.tick_at("2026-03-03T08:00")
    await answer(group, "ana")
    await group.outbox.tick()
    assert len(wire.edited) == 2 and len({e.message_id for e in wire.edited}) == 2
    assert {r.platform for r in await group.rows() if r.kind == "edit"} == {"discord"}


async def test_a_deleted_card_is_let_alone_and_its_home_stays_on(group: Group, wire: Memory) -> None:
    await group.plan(NINE, "hall")
    await group.tick_at("2026-03-03T08:00")
    wire.says["m1"] = [Gone("not_found", "10008")]
    await answer(group, "ana")
    await group.outbox.tick()
    assert await row(group, "edit") == ("failed", "the card was deleted")
    await answer(group, "ben")
    await ticks(group, 30)
    assert len(wire.edited) == 1
    await home_is_on(group)


async def home_is_on(group: Group) -> None:
    async with group.store.read() as tx:
        assert {h.state for h in await people.homes_of(tx, group.group_id)} == {"active"}
        week = group.clock.now() - timedelta(days=7)
        assert not await health.troubled(tx, group.group_id, week, 10), "a card is no question that failed"
        assert (await health.delivered(tx, group.group_id, week)).keys() <= {"sent"}


async def test_an_edit_that_is_forbidden_switches_nothing_off_and_the_next_answer_tries_again(
    group: Group, wire: Memory
) -> None:
    await group.plan(NINE, "hall")
    await group.tick_at("2026-03-03T08:00")
    wire.says["m1"] = [Gone("forbidden", "50001")]
    await answer(group, "ana")
    await group.outbox.tick()
    assert (await row(group, "edit"))[0] == "failed"
    await home_is_on(group)
    await answer(group, "ben")
    await ticks(group, 20)
    assert counts(wire.edited) == ["1 member answered so far.", "2 members answered so far."]
    assert await row(group, "edit") == ("sent", "")


@pytest.mark.parametrize("said", [Retry(1, "503"), Unknown("lost")])
async def test_an_edit_that_did_not_get_through_is_repeated(
    group: Group, wire: Memory, said: Retry | Unknown
) -> None:
    await group.plan(NINE, "hall")
    await group.tick_at("2026-03-03T08:00")
    wire.says["m1"] = [said, said]
    await answer(group, "ana")
    await ticks(group, 120)
    assert len(wire.edited) == 3 and await row(group, "edit") == ("sent", "")
    if isinstance(said, Unknown):  # each of them may have been written
        times = [e.at for e in wire.edited]
        assert all(b - a >= PACE for a, b in itertools.pairwise(times))
    assert wire.looked == []


async def test_an_edit_is_given_up_after_some_tries_and_taken_up_by_the_next_answer(
    group: Group, wire: Memory
) -> None:
    await group.plan(NINE, "hall")
    await group.tick_at("2026-03-03T08:00")
    wire.says["m1"] = [Retry(1, "503")] * RETRIES
    await answer(group, "ana")
    await ticks(group, 300, 5)
    assert len(wire.edited) == RETRIES and (await row(group, "edit"))[0] == "failed"
    await answer(group, "ben")
    await ticks(group, 20)
    assert counts(wire.edited)[-1] == "2 members answered so far."


async def test_an_edit_waits_an_hour_at_most(group: Group, wire: Memory) -> None:
    await group.plan(NINE, "hall")
    await group.tick_at("2026-03-03T08:00")
    await answer(group, "ana")
    group.clock.advance(hours=1)
    await group.outbox.tick()
    assert (await row(group, "edit"))[0] == "expired" and wire.edited == []


async def test_a_process_that_dies_while_it_edits_leaves_no_stale_card(group: Group, wire: Memory) -> None:
    await group.plan(NINE, "hall")
    await group.tick_at("2026-03-03T08:00")
    wire.says["m1"] = [DIED]
    await answer(group, "ana")
    await group.outbox.tick()
    assert (await row(group, "edit"))[0] == "sending"
    await answer(group, "ben")
    group.restarts()
    await ticks(group, 60)
    assert counts(wire.edited)[-1] == "2 members answered so far."
    assert await row(group, "edit") == ("sent", "") and wire.looked == []


async def test_answers_at_once_leave_the_card_up_to_date(group: Group, wire: Memory) -> None:
    await group.plan(NINE, "hall")
    await group.tick_at("2026-03-03T08:00")
    await asyncio.gather(*(answer(group, f"m{n}") for n in range(8)), *(ticks(group, 3) for _ in range(3)))
    await ticks(group, 40)
    assert counts(wire.edited)[-1] == "8 members answered so far."


async def test_where_no_card_can_be_written_on_nothing_is_put_down(group: Group) -> None:
    await group.plan(recap=True)
    await group.tick_at("2026-03-03T08:00")
    await answer(group, "ana")
    await ticks(group, 20)
    assert {r.kind for r in await group.rows()} == {"drop"}


async def test_a_transaction_that_is_rolled_back_touches_nothing(group: Group, wire: Memory) -> None:
    await group.plan(NINE, "hall")
    await group.tick_at("2026-03-03T08:00")
    (drop,) = await group.rows()
    with pytest.raises(ZeroDivisionError):
        async with group.store.write() as tx:
            await touch_cards(tx, group.outbox.app, drop.occurrence_id, group.clock.now())
            raise ZeroDivisionError
    async with group.store.read() as tx:
        assert (await tx.execute(select(func.count()).select_from(delivery))).scalar_one() == 1


# --- recaps and threads ------------------------------------------------------------------------------------------


async def test_when_the_day_closes_the_card_says_how_it_went_once(group: Group, wire: Memory) -> None:
    await group.plan(NINE, "hall", recap=True)
    await group.tick_at("2026-03-03T08:00")
    await answer(group, "ana")
    await group.tick_at("2026-03-03T08:05")
    assert "How the day went" not in wire.edited[-1].text
    await group.tick_at("2026-03-04T07:59:59")
    assert len(wire.edited) == 1
    wire.says["hall"] = [Retry(3600, "not now")] * 5  # tomorrow's question has its own troubles
    await group.tick_at("2026-03-04T08:00")
    await ticks(group, 60, 10)
    assert len(wire.edited) == 2 and len(wire.shown) == 1
    assert wire.edited[1].key == "r" + wire.shown[0].key
    assert "How the day went" in wire.edited[1].text and "1 member answered." in wire.edited[1].text


async def test_a_card_that_changes_after_its_recap_keeps_it(group: Group, wire: Memory) -> None:
    await group.plan(NINE, "hall", recap=True)
    await group.tick_at("2026-03-03T08:00")
    async with group.store.write() as tx:
        found = next(r for r in await group.rows() if r.kind == "drop")
        await touch_cards(tx, group.outbox.app, found.occurrence_id, group.clock.now())
    wire.says["hall"] = [Retry(3600, "not now")] * 5
    await group.tick_at("2026-03-04T08:00")
    async with group.store.write() as tx:
        await touch_cards(tx, group.outbox.app, found.occurrence_id, group.clock.now())
    await ticks(group, 30)
    assert [e.key[0] for e in wire.edited] == ["r", "e"]
    assert "How the day went" in wire.edited[-1].text


async def test_without_being_asked_for_there_is_no_recap(group: Group, wire: Memory) -> None:
    await group.plan(NINE, "hall")
    await group.tick_at("2026-03-03T08:00")
    await group.tick_at("2026-03-04T08:00")
    assert wire.edited == [] and len(wire.shown) == 2


async def test_a_recap_that_was_slept_through_for_half_a_day_is_left_out(group: Group, wire: Memory) -> None:
    await group.plan(NINE, "hall", recap=True)
    await group.tick_at("2026-03-03T08:00")
    await group.tick_at("2026-03-04T20:00")
    assert wire.edited == []
    assert next(r.state for r in await group.rows() if r.kind == "recap") == "expired"


async def test_a_schedule_with_threads_opens_one_under_each_question_and_says_so(
    group: Group, wire: Memory
) -> None:
    await group.plan(NINE, "hall", thread=True)
    await group.tick_at("2026-03-03T08:00")
    (shown,) = wire.shown
    assert shown.thread == "Work that still makes you proud"
    assert "Replies in the thread are discussion" in shown.text


async def test_without_being_asked_for_there_is_no_thread(group: Group, wire: Memory) -> None:
    await group.plan(NINE, "hall")
    await group.tick_at("2026-03-03T08:00")
    assert wire.shown[0].thread == ""
