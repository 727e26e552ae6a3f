"""A platform that recognises no repetition: what was lost is looked for once it must have arrived, and not before."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from moved_clock import MovedClock
from test_delivery_outbox import notice
from wire import DIED, LOST, NINE, Died, Group, Memory, at

from bot.build import build
from bot.settings import Settings
from core.delivery.outbox import Outbox
from core.delivery.pump import LEASE
from core.ports import Gone, Retry, Unknown
from core.store.engine import Store

NEVER = Unknown("the connection broke")  # and the message never arrived
MAY_NOT = Unknown("no right to read the history")
WAIT = timedelta(seconds=30)


class Forgetful(Memory):
    """What is sent twice is there twice; what is under way may take a while."""

    repeat_for = timedelta(0)
    look_after = WAIT


@pytest.fixture
async def group(store: Store, clock: MovedClock) -> Group:
    made = Group(store, clock)
    await made.found()
    return made


@pytest.fixture
async def wire(group: Group) -> Forgetful:
    """Slack, forgetful; a question for the room is due at 08:00."""
    made = Forgetful(group.clock)
    group.wires["slack"] = made
    group.restarts()
    await group.plan(NINE, "room")
    return made


async def ticks(group: Group, seconds: int, step: int = 2) -> None:
    """What the clock does: a tick every two seconds; from a minute on every ten, which nothing here can tell apart."""
    gone = 0
    while gone < seconds:
        by = step if gone < 60 else 5 * step
        group.clock.advance(by)
        await group.outbox.tick()
        gone += by


async def only(group: Group) -> tuple[str, str, str]:
    (row,) = await group.rows()
    return row.state, row.message_id, row.reason


def resends(group: Group, *platforms: str) -> Outbox:
    """The operator prefers a doubled message to a missing one."""
    group.restarts()
    group.outbox.carrier.resend = frozenset(platforms)
    return group.outbox


# --- looking ----------------------------------------


async def test_a_lost_answer_is_looked_for_after_the_wait_and_found(group: Group, wire: Forgetful) -> None:
    wire.says["room"] = [LOST]
    await group.tick_at("2026-03-03T08:00")
    first = group.clock.now()
    assert await only(group) == ("pending", "", "the answer was lost")
    await ticks(group, 28)
    assert wire.looked == [] and len(wire.calls) == 1
    await ticks(group, 2)
    assert [since for _, since in wire.looked] == [first]
    assert await only(group) == ("sent", "m1", "")
    assert len(wire.shown) == 1 and len(wire.calls) == 1


async def test_what_is_surely_not_there_is_sent_again(group: Group, wire: Forgetful) -> None:
    wire.says["room"] = [NEVER]
    await group.tick_at("2026-03-03T08:00")
    await ticks(group, 60)
    assert (await only(group))[:2] == ("sent", "m1")
    assert len(wire.calls) == 2 and len(wire.looked) == 1


async def test_every_loss_has_a_wait_of_its_own(group: Group, wire: Forgetful) -> None:
    wire.says["room"] = [NEVER, LOST]
    await group.tick_at("2026-03-03T08:00")
    await ticks(group, 32)
    assert len(wire.calls) == 2 and len(wire.looked) == 1
    second = wire.calls[1].at
    await ticks(group, 26)
    assert len(wire.looked) == 1
    await ticks(group, 6)
    assert [since for _, since in wire.looked][1] == second
    assert (await only(group))[:2] == ("sent", "m1") and len(wire.calls) == 2


async def test_a_look_that_fails_is_repeated_and_nothing_is_sent_meanwhile(
    group: Group, wire: Forgetful
) -> None:
    wire.says["room"] = [LOST]
    wire.looks = [Retry(20, "429")] * 3
    await group.tick_at("2026-03-03T08:00")
    await ticks(group, 200)
    assert (await only(group))[:2] == ("sent", "m1")
    assert len(wire.calls) == 1 and len(wire.looked) == 4


@pytest.mark.parametrize("shown", [True, False])
async def test_a_process_that_died_while_sending_follows_the_same_rule(
    group: Group, wire: Forgetful, shown: bool
) -> None:
    wire.says["room"] = [DIED if shown else Died()]
    await group.tick_at("2026-03-03T08:00")
    first = group.clock.now()
    assert await group.states() == ["sending"]
    group.restarts()
    group.clock.advance(5)
    await group.outbox.tick()
    await ticks(group, 24)
    assert wire.looked == [] and len(wire.calls) == 1
    # Where others may still be at it, until their lease is over.
    await ticks(group, 6 if group.store.sqlite else int(LEASE.total_seconds()) - 28)
    assert [since for _, since in wire.looked] == [first]
    assert (await only(group))[:2] == ("sent", "m1")
    assert len(wire.shown) == 1 and len(wire.calls) == (1 if shown else 2)


async def test_a_process_that_dies_again_and_again_shows_it_once(group: Group, wire: Forgetful) -> None:
    wire.says["room"] = [DIED] * 6
    at(group.clock, "2026-03-03T08:00")
    for _ in range(40):
        group.restarts()
        await group.outbox.tick()
        group.clock.advance(7)
    assert (await only(group))[:2] == ("sent", "m1") and len(wire.shown) == 1


async def test_what_was_lost_just_before_its_time_passed_is_looked_for_and_not_expired(
    group: Group, wire: Forgetful
) -> None:
    wire.says["room"] = [Retry(5, "503"), LOST]
    await group.tick_at("2026-03-03T08:00")
    (row,) = await group.rows()
    at(group.clock, (row.expires_at - timedelta(seconds=10)).isoformat()[:19])
    await group.outbox.tick()
    assert len(wire.calls) == 2
    await ticks(group, 60)
    assert (await only(group))[:2] == ("sent", "m1") and len(wire.shown) == 1


async def test_a_clock_that_is_turned_back_makes_nobody_look_too_early(group: Group, wire: Forgetful) -> None:
    wire.says["room"] = [LOST]
    await group.tick_at("2026-03-03T08:00")
    group.clock.set(group.clock.now() - timedelta(minutes=20))
    await ticks(group, 28)
    assert wire.looked == []
    await ticks(group, 6)
    assert (await only(group))[:2] == ("sent", "m1") and len(wire.calls) == 1


# --- where nobody may look ----------------------------------------


async def test_without_the_right_to_look_it_is_left_alone_and_said(group: Group, wire: Forgetful) -> None:
    wire.says["room"] = [LOST]
    wire.looks = [MAY_NOT]
    await group.tick_at("2026-03-03T08:00")
    await ticks(group, 300)
    assert await only(group) == ("ambiguous", "", "the answer was lost")
    assert len(wire.calls) == 1 and len(wire.looked) == 1


@pytest.mark.parametrize("first", [LOST, NEVER])
async def test_where_the_operator_says_so_it_is_sent_once_more(
    group: Group, wire: Forgetful, first: Unknown
) -> None:
    resends(group, "slack")
    wire.says["room"] = [first]
    wire.looks = [MAY_NOT]
    await group.tick_at("2026-03-03T08:00")
    await ticks(group, 28)
    assert len(wire.calls) == 1, "not before it can be known that looking is in vain"
    await ticks(group, 100)
    assert (await only(group))[0] == "sent" and len(wire.calls) == 2
    assert len({c.key for c in wire.calls}) == 1


async def test_it_is_sent_again_once_and_not_as_often_as_it_is_lost(group: Group, wire: Forgetful) -> None:
    resends(group, "slack")
    wire.says["room"] = [LOST, Retry(5, "429"), LOST]
    wire.looks = [MAY_NOT] * 9
    await group.tick_at("2026-03-03T08:00")
    await ticks(group, 600)
    state, _, reason = await only(group)
    assert state == "ambiguous" and len(wire.calls) == 3 and len(wire.shown) == 2
    assert reason == "sent again, since nothing showed whether it was there: the answer was lost"


async def test_a_crash_in_the_second_sending_makes_no_third(group: Group, wire: Forgetful) -> None:
    resends(group, "slack")
    wire.says["room"] = [LOST, DIED]
    wire.looks = [MAY_NOT] * 9
    await group.tick_at("2026-03-03T08:00")
    await ticks(group, 40)
    resends(group, "slack")
    await ticks(group, int(LEASE.total_seconds()) + 100)
    assert (await only(group))[0] == "ambiguous" and len(wire.calls) == 2


async def test_another_platforms_policy_is_its_own(group: Group, wire: Forgetful) -> None:
    resends(group, "discord")
    wire.says["room"] = [LOST]
    wire.looks = [MAY_NOT]
    await group.tick_at("2026-03-03T08:00")
    await ticks(group, 100)
    assert (await only(group))[0] == "ambiguous" and len(wire.calls) == 1


async def test_a_question_whose_time_has_passed_is_not_sent_again(group: Group, wire: Forgetful) -> None:
    resends(group, "slack")
    wire.says["room"] = [LOST]
    wire.looks = [MAY_NOT]
    await group.tick_at("2026-03-03T08:00")
    await group.tick_at("2026-03-05T08:00")
    states = {r.local_date.day: r.state for r in await group.rows()}
    assert states[3] == "ambiguous"


async def test_a_refusal_after_a_resend_leaves_the_first_in_doubt_no_longer_than_it_is(
    group: Group, wire: Forgetful
) -> None:
    resends(group, "slack")
    wire.says["room"] = [NEVER, Gone("archived", "is_archived")]
    wire.looks = [MAY_NOT]
    await group.tick_at("2026-03-03T08:00")
    await ticks(group, 60)
    assert (await only(group))[0] == "failed"


async def test_a_defect_of_ours_is_not_sent_again(group: Group, wire: Forgetful) -> None:
    resends(group, "slack")
    wire.says["room"] = [RuntimeError("boom")] * 100
    wire.looks = [MAY_NOT] * 9
    await group.tick_at("2026-03-03T08:00")
    await ticks(group, 200)
    assert (await only(group))[0] == "ambiguous" and len(wire.calls) == 1


async def test_a_defect_in_the_second_sending_ends(group: Group, wire: Forgetful) -> None:
    resends(group, "slack")
    wire.says["room"] = [NEVER] + [RuntimeError("boom")] * 100
    wire.looks = [MAY_NOT]
    await group.tick_at("2026-03-03T08:00")
    await ticks(group, 400)
    assert (await only(group))[0] == "failed" and len(wire.calls) == 2


async def test_a_test_post_follows_the_same_rule(group: Group, store: Store) -> None:
    wire = Forgetful(group.clock)
    group.wires["discord"] = wire
    group.restarts()
    wire.says["hall"] = [LOST]
    await notice(group, "t1-a")
    await group.outbox.tick()
    await ticks(group, 28)
    assert wire.looked == []
    await ticks(group, 4)
    assert await group.states() == ["sent"] and len(wire.shown) == 1


@pytest.mark.parametrize(("wish", "resent"), [("skip", frozenset()), ("resend", frozenset({"slack"}))])
async def test_the_operators_choice_reaches_the_outbox(
    tmp_path: Path, clock: MovedClock, wish: str, resent: frozenset[str]
) -> None:
    settings = Settings.model_validate(
        {"database": {"url": f"sqlite:///{tmp_path}/s.db"}, "delivery": {"slack_ambiguous": wish}}
    )
    async with build(settings, clock, {}) as app:
        assert app.outbox.carrier.resend == resent
