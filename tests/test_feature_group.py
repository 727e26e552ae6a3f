"""``group``: what organisers read of their group, change of it, and join to it."""

from __future__ import annotations

from typing import Any

import pytest
from conftest import NewDatabase
from moved_clock import MovedClock
from sqlalchemy import select
from talk import ANSWER
from two_platforms import FAR, Two, code_in

from core.call import Where
from core.delivery.due import Expiry, claim_due
from core.packs.load import load_pack
from core.packs.model import Pack
from core.store import boards, people, prompts, schedules
from core.store.engine import Store, database_url
from core.store.tables import answer, delivery, home, member, occurrence, pack, point, rollup

SETUP = "/setup time: 09:00 zone: UTC"


@pytest.fixture
async def two(store: Store, clock: MovedClock) -> Two:
    return await Two.begin(store, clock, packs=True)


@pytest.fixture
async def lite(new_database: NewDatabase, clock: MovedClock) -> Any:
    """Where the SQL of one dialect is as good as the other's."""
    async with Store(database_url(await new_database("sqlite"))) as opened:
        yield await Two.begin(opened, clock, packs=True)


async def boss(two: Two, line: str) -> str:
    return await two("boss", line, organiser=True)


async def claim(two: Two, instant: str) -> list[str]:
    """Let time pass until then, claim what is due, and send it: what went out."""
    two.until(instant)
    await claim_due(two.store, two.clock, Expiry())
    return await two.deliver()


# --- show, settings -------------------------------------------------------------------------------------------------


async def test_show_says_where_the_group_lives_and_what_was_done(lite: Two) -> None:
    await boss(lite, SETUP)
    await lite("ana", "/today")
    told = await boss(lite, "/group show")
    assert "Night owls" in told and "Europe/Berlin" in told and "03:00" in told
    assert "#practice: on" in told and "Members: 2" in told and "1 running" in told
    assert "setup (09:00 UTC), by Boss" in told
    assert "for the organisers" in await lite("ana", "/group show")


async def test_settings_change_name_zone_and_the_end_of_the_day(lite: Two) -> None:
    told = await boss(lite, '/group settings name: "Early birds" zone: Tokyo cutoff: 02:00')
    assert "Early birds" in told and "before: Night owls" in told
    assert "Asia/Tokyo (before: Europe/Berlin)" in told and "02:00 (before: 03:00)" in told
    shown = await boss(lite, "/group show")
    assert "Early birds" in shown and "Asia/Tokyo" in shown and "02:00" in shown
    assert "group settings (Name: Early birds" in shown, "the audit log has it"


@pytest.mark.parametrize("wrong", ["cutoff: 07:00", "cutoff: 25:00", "zone: Nowhere", "recap: perhaps"])
async def test_a_wrong_setting_changes_nothing(lite: Two, wrong: str) -> None:
    before = await boss(lite, "/group show")
    await boss(lite, f"/group settings {wrong}")
    assert await boss(lite, "/group show") == before


async def test_settings_without_any_are_what_show_says(lite: Two) -> None:
    assert "Night owls" in await boss(lite, "/group settings")


async def test_the_recap_of_this_channel_is_switched_on_and_off(lite: Two) -> None:
    assert "is posted in #practice" in await boss(lite, "/group settings recap: on")
    assert "with the weekly recap" in await boss(lite, "/group show")
    assert "is not posted" in await boss(lite, "/group settings recap: off")
    assert "weekly recap" not in (await boss(lite, "/group show")).split("Done")[0]


# --- a channel that is in no group ----------------------------------------------------------------------------------


async def test_a_channel_joins_by_code_and_gets_the_same_question(two: Two, store: Store) -> None:
    await boss(two, SETUP)
    await two.deliver()
    told = await boss(two, "/group link")
    assert f"/group link code: {code_in(told)}" in told and "works once" in told
    done = await two.far("chief", f"/group link code: {code_in(told)}", organiser=True)
    assert "#interviews is in Night owls now." in done and "daily at 09:00 (UTC)" in done
    went = await claim(two, "2026-03-03 09:00")
    to = {line.split(":")[0] for line in went}
    assert {"to channel", "to far-channel"} <= to
    async with store.read() as tx:
        assert len((await tx.execute(select(occurrence.c.id))).all()) == 1, "one drop"
        assert len((await tx.execute(select(delivery.c.key).where(delivery.c.kind == "drop"))).all()) == 2
    here, there = await two("ana", "/today"), await two.far("ben", "/today")
    assert here.splitlines()[0] == there.splitlines()[0]
    shown = await boss(two, "/group show")
    assert "#interviews: on" in shown and "group link (#interviews on far), by Chief" in shown


async def test_both_cards_are_written_anew_and_count_all(two: Two) -> None:
    await boss(two, SETUP)
    await two.link_groups()
    await two.deliver()
    await claim(two, "2026-03-03 09:00")
    await two("ana", f"/answer text: {ANSWER}")
    await two.far("ben", f"/answer text: {ANSWER}")
    async with two.store.read() as tx:
        edits = (
            (await tx.execute(select(delivery.c.platform).where(delivery.c.kind == "edit"))).scalars().all()
        )
    assert sorted(edits) == ["far", "test"]
    board = await two.far("ben", "/leaderboard")
    assert "Ana" in board and "Ben" in board
    assert "2 members answered" in await two("cleo", "/today")


async def test_codes_of_groups_end_and_work_once(lite: Two, clock: MovedClock) -> None:
    await boss(lite, SETUP)
    code = code_in(await boss(lite, "/group link"))
    clock.advance(24 * 3600)
    assert "time is over" in await lite.far("chief", f"/group link code: {code}", organiser=True)
    code = code_in(await boss(lite, "/group link"))
    assert "There is no such code" in await lite.far("chief", "/group link code: BCDF-BCDF", organiser=True)
    assert "for the organisers" in await lite.far("ana", f"/group link code: {code}")
    assert "is in Night owls now" in await lite.far("chief", f"/group link code: {code}", organiser=True)
    assert "has been used" in await lite.far("chief", f"/group link code: {code}", organiser=True)


async def test_a_channel_without_a_group_has_no_code_to_give(lite: Two) -> None:
    assert "no study group here yet" in await lite.far("chief", "/group link", organiser=True)
    assert "in its channels" in await lite("boss", "/group link", direct=True, organiser=True)


async def test_a_home_does_not_join_its_own_group(lite: Two) -> None:
    await boss(lite, SETUP)
    code = code_in(await boss(lite, "/group link"))
    assert "is in Night owls already" in await boss(lite, f"/group link code: {code} confirm: yes")
    assert "is in Night owls now" in await lite.far("chief", f"/group link code: {code}", organiser=True)
    code = code_in(await boss(lite, "/group link"))
    assert "is in Night owls already" in await lite.far("chief", f"/group link code: {code}", organiser=True)


# --- two groups become one ------------------------------------------------------------------------------------------


async def two_groups(two: Two) -> int:
    """The far channel has a group of its own, "Larks", with a question at 07:00; its number."""
    group_id = await two.found("Larks", FAR)
    await two.far("chief", "/setup time: 07:00 zone: UTC", organiser=True)
    await boss(two, SETUP)
    return group_id


async def test_joining_a_group_is_asked_first_with_what_it_means(lite: Two) -> None:
    await two_groups(lite)
    await lite.far("ana", "/today")
    asked = await lite.link_groups(ask=True)
    assert "Make Larks a part of Night owls?" in asked
    assert "has 2 members and 1 schedule" in asked and "#practice on test" in asked
    assert "Its own schedules end: daily at 07:00 (UTC)" in asked and "cannot be taken back" in asked
    assert "Larks" in await lite.far("head", "/group show", organiser=True), "asked, not done"
    done = await lite.press_far("chief", "Make them one group", organiser=True)
    assert "#interviews is in Night owls now." in done and "Ended" in done
    assert "Night owls" in await lite.far("chief", "/group show", organiser=True)
    again = await lite.press_far("chief", "group link:code=BCDF2345;confirm=yes", organiser=True)
    assert "no such code" in again


async def test_the_two_have_one_board_one_question_and_all_their_members(two: Two, store: Store) -> None:
    larks = await two_groups(two)
    for who in ("ana", "ben"):
        await two.practise(who)
    await two.far("cleo", "/practice track: behavioural")
    await two.far("cleo", f"/answer text: {ANSWER}")
    await two.far("ana", "/practice track: behavioural")
    await two.far("ana", f"/answer text: {ANSWER}")
    await two.link_accounts()  # ana is in both groups, with points of one day in both
    await two.link_groups()
    board = await two("ben", "/leaderboard")
    assert board.count("Ana") == 1 and "Ben" in board and "Cleo" in board
    async with store.write() as tx:
        assert await boards.recount(tx) == []
        for table in (home, answer, point, rollup):
            assert set((await tx.execute(select(table.c.group_id).distinct())).scalars()) == {two.group_id}
        mine = await tx.execute(
            select(point.c.points).where(point.c.person_id == (await two.person("ana")).id)
        )
        assert mine.scalars().all() == [10], "the first answer of a day in a track pays once in a group"
        left = select(member.c.left_at).where(member.c.group_id == larks)
        assert all(at is not None for at in (await tx.execute(left)).scalars())
    await two.deliver()
    went = await claim(two, "2026-03-03 09:30")
    assert sorted(line.split(":")[0] for line in went if "Just a few" not in line)[:2] == [
        "to channel",
        "to far-channel",
    ]
    async with store.read() as tx:
        assert len((await tx.execute(select(occurrence.c.id))).all()) == 1, "nothing more of Larks' own"


async def test_a_question_that_is_open_can_still_be_answered_and_counts(two: Two, store: Store) -> None:
    await two_groups(two)
    await two.deliver()
    await claim(two, "2026-03-03 07:00")
    await two.far("cleo", f"/answer text: {ANSWER}")
    await two.link_groups()
    open_now = await two.far("dora", "/today")
    assert "1 member answered so far" in open_now
    assert "Kept" in await two.far("dora", f"/answer text: {ANSWER}")
    async with store.read() as tx:
        rows = (await tx.execute(select(answer.c.occurrence_id, answer.c.group_id))).all()
    assert len({r.occurrence_id for r in rows}) == 1 and {r.group_id for r in rows} == {two.group_id}
    assert "2 members answered so far" in await two("ana", "/today"), "in the other channel, too"


async def test_a_streak_is_not_judged_anew_by_the_other_groups_days(lite: Two, clock: MovedClock) -> None:
    """Larks meet from Monday to Friday; Night owls, daily for long. A weekend gone by stays free."""
    await lite.found("Larks", FAR)
    await lite.far("chief", "/setup time: 07:00 zone: UTC days: mon-fri", organiser=True)
    await boss(lite, SETUP)
    for _ in range(8):
        if clock.now().weekday() < 5:
            await lite.far("ana", "/practice track: behavioural")
            await lite.far("ana", f"/answer text: {ANSWER}")
        clock.advance(24 * 3600)
    assert "6 days" in await lite.far("ana", "/streak")
    await lite.link_groups()
    clock.advance(60)
    await lite.far("ana", "/practice track: behavioural")
    await lite.far("ana", f"/answer text: {ANSWER}")
    assert "7 days" in await lite.far("ana", "/streak")


async def test_who_is_hidden_in_one_group_is_hidden_in_both_as_one(lite: Two) -> None:
    await two_groups(lite)
    await lite.far("cleo", "/practice track: behavioural")
    await lite.far("cleo", f"/answer text: {ANSWER}")
    await lite.far("cleo", "/me hide hidden: yes")
    await lite.link_groups()
    assert "Cleo" not in await lite("ana", "/leaderboard")


async def test_packs_of_one_name_are_both_kept_and_the_same_file_is_asked_once(lite: Two) -> None:
    larks = await two_groups(lite)
    ours, theirs = pack_file("tea", "Green?"), pack_file("tea", "Black?")
    same = pack_file("cake", "Plum?")
    async with lite.store.write() as tx:
        for file, group_id in ((ours, lite.group_id), (theirs, larks), (same, lite.group_id), (same, larks)):
            await prompts.install(tx, file, group_id, lite.clock.now())
    await lite.link_groups()
    async with lite.store.read() as tx:
        rows = (await tx.execute(select(pack).where(pack.c.group_id.is_not(None)).order_by(pack.c.id))).all()
        asked = {
            p.text for p in await prompts.candidates(tx, lite.group_id) if p.uid.startswith(("tea", "cake"))
        }
        pool = [p.uid for p in await prompts.candidates(tx, lite.group_id)]
    assert [(r.slug, r.removed_at is None) for r in rows] == [
        ("tea", True),
        ("tea-2", True),
        ("cake", True),
        ("cake-2", False),
    ]
    assert asked == {"Green?", "Black?", "Plum?"}
    assert len(pool) == len(set(pool))


def pack_file(slug: str, text: str) -> Pack:
    """A pack with one prompt."""
    file = (
        f'format = "practice-pack/1"\n[pack]\nid = "{slug}"\nversion = "1.0.0"\ntitle = "T"\n'
        f'license = "CC0-1.0"\nlanguage = "en"\n'
        f'[[prompt]]\nid = "one"\ntrack = "behavioural"\ntext = "{text}"\n'
    )
    return load_pack(file.encode(), f"{slug}.toml")


# --- leaving --------------------------------------------------------------------------------------------------------


async def test_a_channel_leaves_and_the_group_keeps_what_was_done_there(two: Two, store: Store) -> None:
    await boss(two, SETUP)
    await two.link_groups()
    await two.deliver()
    await claim(two, "2026-03-03 09:00")
    await two.far("ana", f"/answer text: {ANSWER}")
    asked = await two.far("chief", "/group unlink", organiser=True)
    assert "Take #interviews out of Night owls?" in asked and "end:" not in asked
    done = await two.press_far("chief", "Take it out", organiser=True)
    assert "#interviews has left Night owls." in done
    assert "Ana" in await two("ben", "/leaderboard")
    await two("ben", f"/answer text: {ANSWER}")  # its card there is not written any more
    await claim(two, "2026-03-03 09:05")
    went = await claim(two, "2026-03-04 09:00")
    assert {line.split(":")[0] for line in went if "proud" not in line} <= {"to channel"}
    assert not [line for line in went if line.startswith("to far-channel")]
    assert "is set up" in await two.far("chief", "/setup time: 10:00", organiser=True)
    async with store.read() as tx:
        assert len((await tx.execute(select(home.c.group_id).distinct())).all()) == 2
    assert "left its group already" in await two.press_far("chief", "group unlink now:home=2", organiser=True)


async def test_a_day_whose_question_came_in_the_channel_that_left_stays_what_it_was(
    two: Two, store: Store
) -> None:
    await boss(two, SETUP)
    await two.link_groups()
    await claim(two, "2026-03-03 09:00")
    await two.far("chief", "/group unlink confirm: yes", organiser=True)
    async with store.read() as tx:
        rows = (
            await tx.execute(select(delivery.c.state, delivery.c.home_id).where(delivery.c.kind == "drop"))
        ).all()
    assert sorted((r.state, r.home_id is None) for r in rows) == [("sent", False), ("sent", True)]


async def test_what_posts_nowhere_else_ends_with_the_channel_and_is_named(lite: Two) -> None:
    await boss(lite, SETUP)
    await lite.link_groups()
    await lite.far("chief", "/drops add time: 18:00 zone: UTC", organiser=True)
    assert "These post nowhere else, and end: daily at 18:00 (UTC)" in await lite.far(
        "chief", "/group unlink", organiser=True
    )
    await lite.far("chief", "/group unlink confirm: yes", organiser=True)
    async with lite.store.read() as tx:
        left = await schedules.of_group(tx, lite.group_id)
    assert [s.rule.local_time.hour for s in left] == [9]


async def test_the_last_channel_stays(lite: Two) -> None:
    await boss(lite, SETUP)
    assert "only channel of Night owls" in await boss(lite, "/group unlink confirm: yes")
    async with lite.store.read() as tx:
        assert len(await people.homes_of(tx, lite.group_id)) == 1


async def test_two_channels_of_one_platform_may_be_in_one_group(lite: Two) -> None:
    await boss(lite, SETUP)
    await lite.link_groups()
    code = code_in(await boss(lite, "/group link"))
    elsewhere = Where("far", "workspace-2", "c2", "#other")
    done = await lite("head@far:T2", f"/group link code: {code}", where=elsewhere, organiser=True)
    assert "#other is in Night owls now." in done
