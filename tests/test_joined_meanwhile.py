"""What began before a joining and writes after it; codes that others saw; organisers of another place."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from moved_clock import MovedClock
from sqlalchemy import select
from talk import ANSWER
from two_platforms import FAR, FAR_DIRECT, Two, code_in

from core.answering import add_outcome, finish, record
from core.call import Call, Request
from core.errors import UsageError
from core.store import codes, people, practice, prompts
from core.store.engine import Store
from core.store.tables import answer, checklist, point, rollup


@pytest.fixture
async def two(store: Store, clock: MovedClock) -> Two:
    return await Two.begin(store, clock, packs=True)


async def question(two: Two) -> prompts.StoredPrompt:
    async with two.store.read() as tx:
        found = await prompts.get_prompt(tx, 1)
    assert found is not None
    return found


async def test_an_answer_that_a_joining_overtook_is_the_joined_persons(two: Two) -> None:
    await two.practise("ana")
    await two.far("ana", "/me show", direct=True)
    before = await two.person("ana@far")
    await two.link_accounts()
    await two.link_accounts("ben@far:T2", "ana")  # and once more: ben is who is left
    kept = await two.person("ben@far:T2")
    two.clock.advance(days=1)
    asked = await question(two)
    done = await record(
        two.app, before, asked, ANSWER, two.clock.now(), group_id=two.group_id, occurrence_id=None
    )
    assert (done.answer.person_id, done.streak.current) == (kept.id, 2)
    assert done.award is not None and done.award.points > 0
    async with two.store.read() as tx:
        streak = await practice.kept_streak(tx, kept.id)
        earned = (
            await tx.execute(select(point.c.person_id).where(point.c.answer_id == done.answer.id))
        ).all()
    assert streak is not None and streak.current == 2
    assert [r.person_id for r in earned] == [kept.id]


async def test_an_answer_to_a_day_that_went_with_its_reminder_is_kept_all_the_same(two: Two) -> None:
    await two.far("ana", "/me show", direct=True)
    before = await two.person("ana@far")
    await two.link_accounts()
    asked = await question(two)
    done = await record(two.app, before, asked, ANSWER, two.clock.now(), group_id=None, occurrence_id=4_711)
    assert done.answer.person_id == (await two.person("ana")).id
    assert done.answer.occurrence_id is None


async def test_an_answer_that_the_joining_of_its_group_overtook_stands_on_the_board_of_both(two: Two) -> None:
    await two.far("chief", "/setup time: 10:00", organiser=True)
    await two.far("cleo", "/me show")
    cleo = await two.person("cleo@far")
    async with two.store.read() as tx:
        (old,) = [g.id for g in await people.groups_of(tx, cleo.id)]
    assert old != two.group_id
    assert "is in Night owls now" in await two.link_groups()
    asked = await question(two)
    done = await record(two.app, cleo, asked, ANSWER, two.clock.now(), group_id=old, occurrence_id=None)
    assert done.answer.group_id == two.group_id and done.award is not None
    async with two.store.read() as tx:
        groups = (
            await tx.execute(
                select(point.c.group_id, rollup.c.group_id, rollup.c.shown)
                .join(rollup, rollup.c.person_id == point.c.person_id)
                .where(point.c.person_id == cleo.id)
                .distinct()
            )
        ).all()
    assert [tuple(r) for r in groups] == [(two.group_id, two.group_id, True)]


async def test_answers_that_come_in_beside_the_joining_of_their_group_lose_nothing(two: Two) -> None:
    await two.far("chief", "/setup time: 10:00", organiser=True)
    names = [f"m{n}@far" for n in range(6)]
    for name in names:
        await two(name, "/me show", where=FAR)
    members = [await two.person(name) for name in names]
    async with two.store.read() as tx:
        (old,) = [g.id for g in await people.groups_of(tx, members[0].id)]
    asked, now = await question(two), two.clock.now()
    code = code_in(await two("boss", "/group link", organiser=True))
    line = f"/group link code: {code} confirm: yes"

    async def answers() -> None:
        for person in members:
            await record(two.app, person, asked, ANSWER, now, group_id=old, occurrence_id=None)

    said, _ = await asyncio.gather(two.far("chief", line, organiser=True), answers())
    assert "is in Night owls now" in said
    async with two.store.read() as tx:
        for table in (answer, point, rollup):
            found = (await tx.execute(select(table.c.group_id, table.c.person_id).distinct())).tuples().all()
            assert sorted(found) == sorted((two.group_id, p.id) for p in members), table.name


async def test_a_reading_that_a_joining_overtook_pays_the_joined_person(two: Two) -> None:
    await two.far("ana", "/me show", direct=True)
    before = await two.person("ana@far")
    asked = await question(two)
    poor = "word " * 25
    rich = (
        "Our team had an outage last year. My task was to find the cause in two days. I read the logs, I wrote a fix "
        "and I tested it with two colleagues. As a result the errors fell by 40 percent and I learned to alert early."
    )
    first = await record(
        two.app, before, asked, poor, two.clock.now(), group_id=two.group_id, occurrence_id=None
    )
    await finish(two.app, first.answer, asked, before)
    two.clock.advance(minutes=5)
    second = await record(
        two.app, before, asked, rich, two.clock.now(), group_id=two.group_id, occurrence_id=None
    )
    await two.link_accounts()
    feedback = await finish(two.app, second.answer, asked, before)
    assert feedback.award is not None and feedback.award.points > 0 and feedback.newly_met
    ana = await two.person("ana")
    async with two.store.read() as tx:
        query = select(point.c.person_id).where(point.c.kind == "improvement")
        assert (await tx.execute(query)).scalars().all() == [ana.id]
        read = select(answer.c.person_id).join(checklist, checklist.c.answer_id == answer.c.id)
        assert (await tx.execute(read)).scalars().all() == [ana.id, ana.id]


async def test_an_outcome_that_a_joining_overtook_counts_for_the_joined_person(two: Two) -> None:
    await two.far("ana", "/me show", direct=True)
    before = await two.person("ana@far")
    asked = replace(await question(two), track="coding")
    now = two.clock.now()
    said = await record(
        two.app, before, asked, "Two pointers.", now, group_id=two.group_id, occurrence_id=None
    )
    assert not said.answer.counts
    await two.link_accounts()
    done = await add_outcome(two.app, before, said.answer, "solved", two.clock.now())
    assert done.answer.counts and done.streak.current == 1 and done.award is not None
    ana = await two.person("ana")
    async with two.store.read() as tx:
        assert (await tx.execute(select(point.c.person_id))).scalars().all() == [ana.id]


async def test_forgetting_that_a_joining_overtook_says_that_nothing_was_deleted(two: Two) -> None:
    await two.practise("ana")
    await two.far("ana", "/me show", direct=True)
    who = two.who("ana@far")
    async with two.store.read() as tx:
        known = await people.look_up(tx, who, FAR_DIRECT)
    assert known is not None
    await two.link_accounts()
    command = two.app.registry["me forget"]
    began = Request("me forget", who, FAR_DIRECT)
    call = Call(two.app, command, began, {"confirm": True}, known.person, None, None, None, two.clock.now())
    with pytest.raises(UsageError, match="nothing was deleted"):
        await command.handler(call)
    assert await two.exists((await two.person("ana")).id) and not two.erased


# --- codes ----------------------------------------


async def test_a_code_is_for_whoever_typed_it_first(two: Two) -> None:
    code = code_in(await two("ana", "/me link"))
    await two("ana", f"/me link code: {code}")  # by mistake where it was made: that takes it from nobody
    assert "Join this account" in await two.far("ana", f"/me link code: {code}")
    assert "has been used" in await two.far("mallory", f"/me link code: {code} confirm: yes")
    assert "Join this account" in await two.far("ana", f"/me link code: {code}"), (
        "asked as often as they like"
    )
    assert "You are one person now" in await two.far("ana", f"/me link code: {code} confirm: yes")
    assert (await two.person("mallory@far")).id != (await two.person("ana")).id


async def test_notes_of_joinings_go_with_the_codes(two: Two) -> None:
    await two.far("ana", "/me show", direct=True)
    absorbed = (await two.person("ana@far")).id
    await two.link_accounts()
    two.clock.advance(days=3)
    await two("ben", "/me link")  # whoever makes a code sweeps
    async with two.store.read() as tx:
        assert await codes.person_now(tx, absorbed) is None


# --- organisers ----------------------------------------


async def test_who_organises_another_workspace_does_not_organise_this_group_by_direct_message(
    two: Two,
) -> None:
    await two("ana", "/me show")
    await two.link_accounts()
    line = "/group settings name: Mine"
    said = await two("ana@far", line, where=FAR_DIRECT, organiser=True)
    assert "has no channel here" in said
    async with two.store.read() as tx:
        group = await people.get_group(tx, two.group_id)
    assert group is not None and group.name == "Night owls"
    assert "Name: Mine" in await two("ana", line, direct=True, organiser=True), "where it lives they do"


async def test_workspaces_are_told_apart(two: Two) -> None:
    await two.link_groups()  # the group lives in "workspace" now, too
    await two("ana", "/me show")
    await two.link_accounts("ana", "ana@far:T2")
    line = "/group settings name: Mine"
    assert "has no channel here" in await two("ana@far:T2", line, where=FAR_DIRECT, organiser=True)
    await two.link_accounts("ana", "ana@far:workspace")
    assert "Name: Mine" in await two("ana@far:workspace", line, where=FAR_DIRECT, organiser=True)


async def test_a_channel_that_is_none_of_the_groups_takes_none_out_of_it(two: Two) -> None:
    await two.link_groups()
    other = replace(FAR, channel_id="random", name="#random")
    said = await two("chief@far", "/group unlink confirm: yes", where=other, organiser=True)
    assert "say this in #interviews" in said
    async with two.store.read() as tx:
        assert len(await people.homes_of(tx, two.group_id)) == 2
