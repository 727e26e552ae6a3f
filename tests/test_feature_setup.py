"""``setup``, as a conversation: from a server without a group to the first test post and the first question."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import pytest
from moved_clock import MovedClock
from sqlalchemy import func, select
from talk import HOME, PLATFORM, Talk

from core.call import Where
from core.starters import install_starters
from core.store import facts, people, preferences, schedules
from core.store.engine import Store
from core.store.tables import home, occurrence, schedule, study_group

OTHER_CHANNEL = Where(PLATFORM, "server", "other", "#other")


@pytest.fixture
async def talk(store: Store, clock: MovedClock) -> Talk:
    """A server where nobody has set anything up, and the questions that Starling ships."""
    await install_starters(store, clock.now())
    return Talk(store, clock, 0, 0)


async def setup(talk: Talk, line: str = "time: 09:00 zone: Europe/Berlin", **more: object) -> str:
    return await talk("olga", f"/setup {line}", organiser=True, **more)  # type: ignore[arg-type]


def at(clock: MovedClock, text: str) -> None:
    """Let time pass until that instant (UTC)."""
    clock.advance((datetime.fromisoformat(text).replace(tzinfo=UTC) - clock.now()).total_seconds())


async def rows(store: Store, table: object) -> int:
    async with store.read() as tx:
        found: int = (await tx.execute(select(func.count()).select_from(table))).scalar_one()  # type: ignore[arg-type]
    return found


async def test_one_line_founds_the_group_and_says_what_comes_and_what_next(talk: Talk) -> None:
    assert await setup(talk, "time: 09:00 zone: Europe/Berlin days: mon-fri tracks: coding, behavioural") == (
        "## #practice is set up. A test post is on its way to this channel.\n\n"
        "First question: Tue 03 Mar 2026 09:00 (Europe/Berlin)\n"
        "Days: mon-fri\n"
        "Tracks: coding, behavioural\n\n"
        "What next: if the test post does not appear, /doctor says why. /drops add plans more, /drops preview shows "
        "the next question.\n\n"
        "[Doctor] [Preview]"
    )
    assert talk.wakes == 1
    assert await talk.deliver() == [
        "to channel: This is Starling's test post. The group's question will appear here.\n\n"
        "Everybody can begin now:\n\n"
        "[Today's question] [Practise]"
    ]
    assert await talk.deliver() == [], "the test post comes once, and no question before its time"


async def test_the_first_question_comes_at_its_time_and_everybody_can_answer_it(
    talk: Talk, clock: MovedClock
) -> None:
    await setup(talk)
    await talk.deliver()
    at(clock, "2026-03-03T08:00")
    (post,) = await talk.deliver()
    assert post.startswith("to channel: ## Pick the piece of work that still makes you proud")
    assert "Nobody has answered yet." in post
    said = await talk(
        "ben", "/answer I led the billing move, and the support team got its evenings back from it."
    )
    assert said.startswith("Kept: your answer to “Work that still makes you proud”.")
    assert "1 member answered so far. You have answered it." in await talk("ben", "/today")


async def test_without_options_a_form_asks_and_on_a_pipe_an_example_helps(talk: Talk) -> None:
    asked = await setup(talk, "", can_ask=True)
    assert asked.startswith("Setup\n  Time:\n  Zone (may stay empty):\n")
    assert await talk.submit("olga", {"time": "9pm"}, organiser=True) == (
        "Setup\n"
        "  Time: 9pm\n"
        "    ! Times are written on the 24-hour clock here. “9pm” is 21:00.\n"
        "  Zone (may stay empty):\n"
        "  Days (may stay empty):\n"
        "  Tracks (may stay empty):\n"
        "    one of: Behavioural, Coding, System design, ML design, Communication, Company, Product sense, "
        "Questions to ask\n"
        "  Name (may stay empty):"
    )
    assert "is set up" in await talk.submit("olga", {"time": "21:00", "days": "weekdays"}, organiser=True)
    assert await setup(talk, "") == (
        "“time:” is missing: when the question comes, on the 24-hour clock.\n\nFor example: /setup time: 21:00"
    )


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("time: 25:00", "“25:00” is no time of day. Write hours and minutes, 00:00 to 23:59."),
        ("time: 9pm", "Times are written on the 24-hour clock here. “9pm” is 21:00."),
        ("time: 9", "“9” could be morning or evening. Write the minutes too, as 09:00."),
        ("time: 09:00 zone: Mars/Olympus", "No time zone or big city of that name is known."),
        ("time: 09:00 zone: CET", "CET"),
        ('time: 09:00 days: ""', "“days” is empty."),
        ("time: 09:00 days: none", "“days” needs at least one day of the week."),
        ("time: 09:00 days: mon-fun", "“mon-fun” is no day of the week."),
        ("time: 09:00 tracks: cooking", "“cooking” is no tracks. There are: behavioural, coding"),
        (f"time: 09:00 name: {'x' * 61}", "“name” has 61 characters; 60 is the most. Nothing was stored."),
        (f"time: 09:00 channel: {'7' * 65}", "is no channel of this place."),
        ("time: 09:00 time: 10:00", "“time:” is given twice. Say it once."),
        ("time: 09:00 nmae: Owls", "“setup” has no option “nmae:”. Did you mean “name:”?"),
    ],
)
async def test_what_cannot_be_is_refused_with_a_sentence_and_stores_nothing(
    talk: Talk, typed: str, said: str
) -> None:
    assert said in await setup(talk, typed)
    assert (await rows(talk.store, study_group), await rows(talk.store, schedule)) == (0, 0)


async def test_names_with_markup_sql_and_invisible_characters_stay_plain_words(talk: Talk) -> None:
    name = "*Owls* <@1> '); DROP TABLE person;--\u202e\u200b\x1b[2J"
    said = await setup(talk, f'time: 09:00 name: "{name}"')
    assert "*Owls* <@1> '); DROP TABLE person;--[2J is set up." in said
    assert said.isprintable() or ("\n" in said and all(c.isprintable() or c == "\n" for c in said))
    async with talk.store.read() as tx:
        kept = (await tx.execute(select(study_group.c.name))).scalar_one()
    assert kept == "*Owls* <@1> '); DROP TABLE person;--[2J"


async def test_a_second_setup_changes_the_schedule_and_never_adds_one(talk: Talk, clock: MovedClock) -> None:
    await setup(talk, "time: 09:00 zone: Europe/Berlin tracks: coding name: Owls")
    said = await setup(talk, "time: 18:30 days: sat-sun")
    assert "## Owls is set up." in said
    assert "First question: Sat 07 Mar 2026 18:30 (Europe/Berlin)" in said
    assert "Tracks: coding" in said, "tracks that are left out stay as they are, and the reply says so"
    assert (await rows(talk.store, schedule), await rows(talk.store, home)) == (1, 1)


async def test_a_time_changed_on_the_day_of_a_question_brings_no_second_one(
    talk: Talk, clock: MovedClock
) -> None:
    await setup(talk)
    at(clock, "2026-03-03T08:00")
    assert len(await talk.deliver()) == 2  # the test post, the question
    assert "First question: Wed 04 Mar 2026 12:00" in await setup(talk, "time: 12:00")
    assert "First question: Wed 04 Mar 2026 15:00" in await setup(talk, "time: 15:00")
    await talk.deliver()
    at(clock, "2026-03-03T22:00")
    assert await talk.deliver() == []
    assert await rows(talk.store, occurrence) == 1


async def test_setting_up_a_second_channel_of_the_server_gives_it_its_own_schedule(
    talk: Talk, clock: MovedClock
) -> None:
    await setup(talk, "time: 09:00 zone: Europe/Berlin name: Owls")
    assert "## Owls is set up." in await setup(talk, "time: 10:00", where=OTHER_CHANNEL)
    assert (await rows(talk.store, study_group), await rows(talk.store, home)) == (1, 2)
    await talk.deliver()
    at(clock, "2026-03-03T09:00")
    assert sorted(post.split(":")[0] for post in await talk.deliver()) == ["to channel", "to other"]


async def test_another_channel_may_be_named(talk: Talk) -> None:
    said = await setup(talk, "time: 09:00 channel: questions")
    assert "A test post is on its way to that channel." in said
    assert [post.split(":")[0] for post in await talk.deliver()] == ["to questions"]


async def test_setting_up_again_switches_a_channel_on_that_was_switched_off(
    talk: Talk, clock: MovedClock
) -> None:
    await setup(talk)
    talk.letterbox.closed.add("channel")
    assert await talk.deliver() == []
    async with talk.store.read() as tx:
        (off,) = await people.homes_of(tx, 1)
    assert off.state == "disabled" and off.reason.startswith("Starling may not post there")
    talk.letterbox.closed.clear()
    await setup(talk)
    assert len(await talk.deliver()) == 1
    async with talk.store.read() as tx:
        (on,) = await people.homes_of(tx, 1)
    assert (on.state, on.reason) == ("active", "")


async def test_a_skipped_day_stays_skipped_when_the_time_changes(talk: Talk, clock: MovedClock) -> None:
    await setup(talk)
    assert "No question on Tue 03 Mar 2026" in await talk("olga", "/drops skip", organiser=True)
    assert "First question: Wed 04 Mar 2026 10:00" in await setup(talk, "time: 10:00")


async def test_only_an_organiser_sets_up_and_only_in_a_channel(talk: Talk) -> None:
    assert await talk("ben", "/setup time: 09:00") == (
        "“setup” is for the organisers of this group. Ask one of them to do it."
    )
    assert await setup(talk, "time: 09:00", direct=True) == (
        "A group is set up in the channel where its questions should appear.\n\nFor example: /setup time: 09:00"
    )
    assert await rows(talk.store, study_group) == 0


async def test_the_zone_of_the_organiser_is_taken_when_none_is_said(talk: Talk) -> None:
    await talk("olga", "/today", direct=True)
    async with talk.store.write() as tx:
        await preferences.set_zone(tx, (await talk.person("olga")).id, "Asia/Tokyo", talk.clock.now())
    assert "First question: Tue 03 Mar 2026 09:00 (Asia/Tokyo)" in await setup(talk, "time: 09:00")


async def test_what_an_organiser_did_is_written_down(talk: Talk, clock: MovedClock) -> None:
    await setup(talk)
    async with talk.store.read() as tx:
        (noted,) = await facts.actions(tx, 1)
    assert (noted.action, noted.detail, noted.at, noted.name) == (
        "setup",
        "09:00 Europe/Berlin",
        clock.now(),
        "Olga",
    )


async def test_many_setups_at_once_end_in_one_schedule(talk: Talk) -> None:
    await setup(talk)
    await asyncio.gather(*(setup(talk, f"time: 1{n}:00") for n in range(5)))
    async with talk.store.read() as tx:
        (planned,) = await schedules.of_group(tx, 1)
        assert planned.state == "active" and planned.next_due_at is not None
    assert await rows(talk.store, home) == 1


async def test_two_who_set_up_a_server_at_once_found_one_group(store: Store, clock: MovedClock) -> None:
    talk = Talk(store, clock, 0, 0)
    said = await asyncio.gather(setup(talk), setup(talk))
    assert sorted("is set up" in s for s in said) == [False, True]
    assert any("Somebody has set this place up at this very moment." in s for s in said)
    assert (await rows(store, study_group), await rows(store, schedule)) == (1, 1)


async def test_a_group_is_founded_where_the_command_was_typed_and_nowhere_else(talk: Talk) -> None:
    await setup(talk)
    elsewhere = Where(PLATFORM, "another server", "channel", "#practice")
    assert "There is no study group here yet." in await talk("ben", "/leaderboard", where=elsewhere)
    assert "Nobody is on this board yet." in await talk("ben", "/leaderboard", where=HOME)
