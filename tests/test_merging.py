"""Two persons who become one: what is joined, what is counted once, what is gone (docs/rules.md, 9)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from conftest import NewDatabase
from moved_clock import MovedClock
from sqlalchemy import func, insert, select, update
from talk import ANSWER
from two_platforms import FAR_PLATFORM, Two

from core.delivery.due import Expiry, claim_due
from core.store import asides, boards, deliveries, drafts, merging, people, practice, uniting
from core.store.engine import Store, database_url
from core.store.tables import (
    answer,
    audit,
    checklist,
    delivery,
    draft,
    member,
    metadata,
    point,
    practice_log,
    review,
    rollup,
    schedule,
    streak,
)
from core.streaks import current_streak


@pytest.fixture
async def two(store: Store, clock: MovedClock) -> Two:
    return await Two.begin(store, clock, packs=True)


@pytest.fixture
async def lite(new_database: NewDatabase, clock: MovedClock) -> Any:
    """Where the SQL of one dialect is as good as the other's."""
    async with Store(database_url(await new_database("sqlite"))) as opened:
        yield await Two.begin(opened, clock, packs=True)


# --- nothing is forgotten -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("target", "handled"), [("person", merging.HANDLED), ("study_group", uniting.HANDLED)]
)
def test_every_reference_to_a_person_or_a_group_is_dealt_with(
    target: str, handled: dict[tuple[str, str], str]
) -> None:
    there = {
        (table.name, column.name)
        for table in metadata.tables.values()
        for column in table.c
        if any(key.column.table.name == target for key in column.foreign_keys)
    }
    assert there == set(handled)


async def test_nothing_that_hung_on_the_absorbed_person_is_lost(
    two: Two, store: Store, clock: MovedClock
) -> None:
    ana, far = await _both(two)
    now = clock.now()
    async with store.write() as tx:
        await asides.add(tx, far, "Something to be told.", now)
        await drafts.keep(tx, far, "answer:prompt=p1", {"text": "far words"}, now, timedelta(hours=24))
        await drafts.keep(tx, far, "answer:prompt=p2", {"text": "more far words"}, now, timedelta(hours=24))
        await drafts.keep(tx, ana, "answer:prompt=p1", {"text": "my words"}, now, timedelta(hours=24))
        await tx.execute(
            insert(audit).values(group_id=two.group_id, person_id=far, action="setup", detail="", at=now)
        )
        note = deliveries.row(
            "n1",
            "notice",
            person_id=far,
            platform=FAR_PLATFORM,
            scope=deliveries.scope_of(FAR_PLATFORM, ""),
            body={"text": ["Hello."]},
            due_at=now,
            not_before=now,
            expires_at=now + timedelta(hours=1),
        )
        await deliveries.put(tx, [note])
    before = await _counts(store)
    await two.link_accounts()
    after = await _counts(store)
    gone = {name for name in before if before[name] != after[name]}
    # Sums and settings are made anew; the code is there; the aside was told with the reply.
    assert gone <= {"person", "person_change", "rollup", "streak", "code", "member", "aside", "draft"}
    assert not await two.exists(far)
    async with store.read() as tx:
        for table in (answer, audit, delivery, practice_log, streak):
            owners = set((await tx.execute(select(table.c.person_id).distinct())).scalars())
            assert owners <= {ana, None}, table.name
        kept = dict((await tx.execute(select(draft.c.action, draft.c.fields))).tuples().all())
        assert await boards.recount(tx) == []
    assert kept["answer:prompt=p1"] == {"text": "my words"}
    assert kept["answer:prompt=p2"] == {"text": "more far words"}


async def _both(two: Two) -> tuple[int, int]:
    """ana and ana@far, each with an answer; their ids."""
    await two.practise("ana")
    await two.far("ana", "/practice track: behavioural", direct=True)
    await two.far("ana", f"/answer text: {ANSWER}", direct=True)
    return (await two.person("ana")).id, (await two.person("ana@far")).id


async def _counts(store: Store) -> dict[str, int]:
    async with store.read() as tx:
        return {
            name: (await tx.execute(select(func.count()).select_from(table))).scalar_one()
            for name, table in metadata.tables.items()
        }


# --- answers --------------------------------------------------------------------------------------------------------


async def test_attempts_at_one_prompt_are_counted_in_the_order_in_which_they_were_made(
    two: Two, store: Store, clock: MovedClock
) -> None:
    await two("ana", "/me show")
    for who, words in (("ana", "one"), ("ana@far", "two"), ("ana", "three"), ("ana@far", "four")):
        clock.advance(60)
        line = f"/answer prompt: starter-behavioural/proud-project text: {words} {ANSWER}"
        await two(who, line, direct=True)
    other = "starter-behavioural/colleague-conflict"
    await two.far("ana", f"/answer prompt: {other} text: alone {ANSWER}", direct=True)
    await two.link_accounts()
    async with store.read() as tx:
        rows = await tx.execute(select(answer.c.attempt, answer.c.text).order_by(answer.c.id))
        found = [(r.attempt, r.text.split()[0]) for r in rows]
    assert found == [(1, "one"), (2, "two"), (3, "three"), (4, "four"), (1, "alone")]


async def test_both_answers_to_one_drop_are_kept_and_its_card_counts_one_member(
    two: Two, store: Store, clock: MovedClock
) -> None:
    await two("boss", "/setup time: 09:00 zone: UTC", organiser=True)
    await two.link_groups()
    two.until("2026-03-03 09:00")
    await _claim(two)
    await two("ana", f"/answer text: here {ANSWER}")
    await two.far("ana", f"/answer text: there {ANSWER}")
    assert "2 members answered so far" in await two("boss", "/today")
    await two.link_accounts()
    assert "1 member answered so far" in await two("boss", "/today")
    async with store.read() as tx:
        rows = (
            await tx.execute(select(answer.c.attempt, answer.c.occurrence_id).order_by(answer.c.at))
        ).all()
    assert [r.attempt for r in rows] == [1, 2]
    assert rows[0].occurrence_id == rows[1].occurrence_id is not None
    assert (await two("ana", "/leaderboard")).count("Ana") == 1


async def _claim(two: Two) -> None:
    await claim_due(two.store, two.clock, Expiry())


# --- points ---------------------------------------------------------------------------------------------------------


async def test_a_day_pays_once_for_what_two_accounts_did_in_one_group(two: Two, store: Store) -> None:
    await two("boss", "/setup time: 09:00 zone: UTC", organiser=True)
    await two.link_groups()
    await two.practise("ana")
    await two.far("ana", "/practice track: behavioural")
    await two.far("ana", f"/answer text: {ANSWER}")
    assert await _points(two) == [("answer", 10), ("answer", 10)]
    await two.link_accounts()
    assert await _points(two) == [("answer", 10)]
    async with store.read() as tx:
        sums = (await tx.execute(select(rollup.c.points).where(rollup.c.period == "all"))).scalars().all()
        assert set(sums) == {10}
        assert await boards.recount(tx) == []


async def _points(two: Two) -> list[tuple[str, int]]:
    async with two.store.read() as tx:
        rows = await tx.execute(select(point.c.kind, point.c.points).order_by(point.c.id))
        return [(r.kind, r.points) for r in rows]


async def test_improving_on_the_other_accounts_attempt_counts_and_repeating_it_does_not(lite: Two) -> None:
    ana, far = await _both(lite)
    now = lite.clock.now()
    async with lite.store.write() as tx:
        prompt_id = (await tx.execute(select(answer.c.prompt_id).limit(1))).scalar_one()
        await tx.execute(update(answer).values(prompt_id=prompt_id, group_id=lite.group_id))
        first, second = (await tx.execute(select(answer.c.id).order_by(answer.c.id))).scalars().all()
        third = (
            await tx.execute(
                insert(answer)
                .values(
                    person_id=far, prompt_id=prompt_id, group_id=lite.group_id, attempt=2, track="behavioural",
                    text=ANSWER, outcome="", words=30, counts=True, at=now + timedelta(minutes=1),
                    day=now.date(), anonymous=False,
                )
                .returning(answer.c.id)
            )
        ).scalar_one()  # fmt: skip
        await tx.execute(update(checklist).where(checklist.c.answer_id == first).values(met=["a", "b", "c"]))
        await tx.execute(update(checklist).where(checklist.c.answer_id == second).values(met=["a"]))
        await tx.execute(
            insert(checklist).values(
                answer_id=third, method="x", checks=[], met=["a", "b", "d"], newly_met=2, ticked=[], at=now
            )
        )
        await tx.execute(
            insert(point).values(
                person_id=far, group_id=lite.group_id, answer_id=third, kind="improvement", track="behavioural",
                points=5, improved=2, at=now, day=now.date(),
            )
        )  # fmt: skip
    await lite.link_accounts()
    async with lite.store.read() as tx:
        row = (await tx.execute(select(point).where(point.c.kind == "improvement"))).one()
        assert (row.person_id, row.points, row.improved) == (ana, 0, 1), (
            "three items were met before; d is new"
        )


async def test_reviews_of_what_turns_out_to_be_ones_own_are_withdrawn_with_their_points(lite: Two) -> None:
    ana, far = await _both(lite)
    await lite.practise("ben")
    ben = (await lite.person("ben")).id
    now = lite.clock.now()
    async with lite.store.write() as tx:
        of = dict((await tx.execute(select(answer.c.person_id, answer.c.id))).tuples().all())
        for by, about in ((ana, of[far]), (ana, of[ben]), (far, of[ben])):
            await tx.execute(
                insert(review).values(
                    answer_id=about, reviewer_id=by, seen=[], missing=[], words="Good.", at=now
                )
            )
            await tx.execute(
                insert(point).values(
                    person_id=by, group_id=lite.group_id, answer_id=about, kind="review", track="behavioural",
                    points=4, improved=0, at=now, day=now.date(),
                )
            )  # fmt: skip
    await lite.link_accounts()
    async with lite.store.read() as tx:
        rows = (await tx.execute(select(review).order_by(review.c.id))).all()
        paid = (await tx.execute(select(point.c.answer_id).where(point.c.kind == "review"))).scalars().all()
    assert [(r.answer_id, r.withdrawn_at is not None) for r in rows] == [(of[far], True), (of[ben], False)]
    assert paid == [of[ben]]


# --- memberships ----------------------------------------------------------------------------------------------------


async def test_who_is_hidden_with_one_account_is_hidden(lite: Two) -> None:
    await lite("boss", "/setup time: 09:00 zone: UTC", organiser=True)
    await lite.link_groups()
    await lite.practise("ana")
    await lite.far("ana", "/me hide hidden: yes")
    await lite.link_accounts()
    assert "Ana" not in await lite("ben", "/leaderboard")
    async with lite.store.read() as tx:
        shown = (await tx.execute(select(rollup.c.shown).distinct())).scalars().all()
        mine = (await lite.person("ana")).id
        rows = (await tx.execute(select(member.c.group_id).where(member.c.person_id == mine))).all()
    assert shown == [False] and len(rows) == 1


async def test_who_left_with_one_account_and_stayed_with_the_other_is_a_member(lite: Two) -> None:
    await lite("boss", "/setup time: 09:00 zone: UTC", organiser=True)
    await lite.link_groups()
    await lite("ana", "/today")
    await lite("ana", "/me leave confirm: yes")
    await lite.far("ana", "/today")
    await lite.link_accounts(maker="ana", typer="ana@far")
    assert "Night owls" in await lite("ana", "/me show", direct=True)
    async with lite.store.read() as tx:
        groups = await people.groups_of(tx, (await lite.person("ana")).id)
    assert [g.id for g in groups] == [lite.group_id]


# --- reminders ------------------------------------------------------------------------------------------------------


async def test_the_kept_persons_reminder_stays_and_the_others_is_off(two: Two, store: Store) -> None:
    await two("ana", "/remind set time: 21:00", direct=True)
    await two.far("ana", "/remind set time: 22:00", direct=True)
    await two.link_accounts()
    async with store.read() as tx:
        rows = (await tx.execute(select(schedule.c.local_time, schedule.c.platform, schedule.c.state))).all()
    assert [tuple(r) for r in rows] == [(21 * 60, "test", "active")]
    assert "21:00" in await two("ana", "/remind show", direct=True)


async def test_the_others_reminder_is_taken_over_where_the_kept_person_has_none(two: Two) -> None:
    await two.far("ana", "/remind set time: 21:00 zone: UTC", direct=True)
    await two("ana", "/me show")
    await two.link_accounts()
    assert "21:00" in await two("ana", "/remind show", direct=True)
    await two.deliver()
    two.until("2026-03-02 21:00")
    await _claim(two)
    went = await two.deliver()
    assert len([line for line in went if line.startswith("to ana:") and "question of the day" in line]) == 1


async def test_a_reminder_that_waits_is_sent_once_and_one_that_was_answered_keeps_its_answer(
    two: Two,
) -> None:
    await two("ana", "/remind set time: 21:00 zone: UTC", direct=True)
    await two.far("ana", "/remind set time: 21:00 zone: UTC", direct=True)
    await two.deliver()
    two.until("2026-03-02 21:00")
    await _claim(two)
    await two.link_accounts()
    went = await two.deliver()
    assert len([line for line in went if "question of the day" in line]) == 1
    two.until("2026-03-03 21:00")
    await _claim(two)
    assert len([line for line in await two.deliver() if "question of the day" in line]) == 1


# --- streaks --------------------------------------------------------------------------------------------------------


async def test_days_of_both_make_one_streak(two: Two, store: Store, clock: MovedClock) -> None:
    for day in range(6):
        who = "ana" if day % 2 else "ana@far"
        await two(who, "/practice track: behavioural", direct=True)
        await two(who, f"/answer text: {ANSWER}", direct=True)
        clock.advance(24 * 3600)
    await two.link_accounts()
    assert "6 days" in await two("ana", "/streak")
    await _kept_is_replayed(two)


async def _kept_is_replayed(two: Two) -> None:
    mine = await two.person("ana")
    async with two.store.read() as tx:
        kept = await practice.kept_streak(tx, mine.id)
        again = await current_streak(tx, mine, two.clock.now())
    assert kept is not None
    assert (kept.current, kept.best, kept.lapses_at) == (again.current, again.best, again.lapses_at)


async def test_whichever_account_makes_the_code_the_longer_streak_is_not_shortened(
    lite: Two, clock: MovedClock
) -> None:
    """ana@far has a schedule on weekdays only and two weekends behind her; ana is new, and has none."""
    await lite("boss", "/setup time: 09:00 zone: UTC days: mon-fri", organiser=True)
    await lite.link_groups()
    await lite.far("ana", "/today")
    for _ in range(12):
        if clock.now().weekday() < 5:
            await lite.far("ana", "/practice track: behavioural")
            await lite.far("ana", f"/answer text: {ANSWER}")
        clock.advance(24 * 3600)
    assert "10 days" in await lite.far("ana", "/streak")
    await lite("ana", "/me show", direct=True)
    await lite.link_accounts()
    assert "10 days" in await lite("ana", "/streak", direct=True)
    await _kept_is_replayed(lite)


async def test_the_best_streak_of_either_stays_the_best(lite: Two, clock: MovedClock) -> None:
    """ana@far once had three days over a weekend that was free there; ana has a longer running streak."""
    await lite.far("ana", "/me settings rest: sat-sun", direct=True)
    two_weeks = 12
    for _ in range(two_weeks):
        if clock.now().weekday() < 5:
            await lite.far("ana", "/practice track: behavioural", direct=True)
            await lite.far("ana", f"/answer text: {ANSWER}", direct=True)
        clock.advance(24 * 3600)
    clock.advance(20 * 24 * 3600)
    await lite.practise("ana")
    await lite.link_accounts()
    said = await lite("ana", "/streak")
    assert "1 day" in said and "10 days" in said, said
    await _kept_is_replayed(lite)
    clock.advance(24 * 3600)
    await lite.practise("ana")
    assert "10 days" in await lite("ana", "/streak"), "and after the next replay, too"


async def test_the_kept_persons_settings_hold_from_now_on(lite: Two, clock: MovedClock) -> None:
    await lite("ana", "/me settings zone: Europe/Berlin rest: sun", direct=True)
    await lite.far("ana", "/me settings zone: Asia/Tokyo vacation: 2026-03-20 until: 2026-03-25", direct=True)
    await lite.far("ana", "/practice track: behavioural", direct=True)
    await lite.far("ana", f"/answer text: {ANSWER}", direct=True)
    await lite.link_accounts()
    said = await lite("ana", "/me settings", direct=True)
    assert "Zone: Europe/Berlin" in said and "Rest days: sun" in said and "Vacation: none set" in said
    async with lite.store.read() as tx:
        logged = (await tx.execute(select(practice_log.c.zone))).scalars().all()
    assert logged == ["Asia/Tokyo"], "what was done stays labelled as it was done"
