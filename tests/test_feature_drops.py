"""``drops``, as conversations: planning, previewing, skipping, pausing and removing a group's questions."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from moved_clock import MovedClock
from sqlalchemy import func, select
from talk import PLATFORM, Talk

from core.call import Where
from core.starters import install_starters
from core.store import arrivals, schedules
from core.store.engine import Store
from core.store.tables import schedule

NINE = "time: 09:00 zone: Europe/Berlin"


@pytest.fixture
async def talk(store: Store, clock: MovedClock) -> Talk:
    """A group without a schedule, in Berlin, with the questions that Starling ships. It is Monday, 10:00 there."""
    await install_starters(store, clock.now())
    return await Talk.begin(store, clock)


async def drops(talk: Talk, line: str) -> str:
    return await talk("olga", f"/drops {line}", organiser=True)


async def press(talk: Talk, button: str) -> str:
    return await talk.press("olga", button, organiser=True)


def at(clock: MovedClock, text: str) -> None:
    """Let time pass until that instant (UTC)."""
    clock.advance((datetime.fromisoformat(text).replace(tzinfo=UTC) - clock.now()).total_seconds())


async def rows(store: Store, table: object) -> int:
    async with store.read() as tx:
        found: int = (await tx.execute(select(func.count()).select_from(table))).scalar_one()  # type: ignore[arg-type]
    return found


# --- planning ----------------------------------------------------------------------------------------------------


async def test_a_schedule_is_planned_listed_and_brings_its_question(talk: Talk, clock: MovedClock) -> None:
    assert await drops(talk, "list") == "No drops are planned. Plan one: /drops add time: 09:00"
    assert await drops(talk, "add time: 18:30 days: mon, wed tracks: coding") == (
        "Schedule 1 is planned.\n\n"
        "18:30 Europe/Berlin, mon, wed, coding: running, next Mon 02 Mar 2026 18:30 (Europe/Berlin).\n\n"
        "[Preview]"
    )
    assert await drops(talk, "list") == (
        "## The group's drops\n\n"
        "Schedule 1: 18:30 Europe/Berlin, mon, wed, coding: running, next Mon 02 Mar 2026 18:30 (Europe/Berlin). "
        "In: #practice."
    )
    assert talk.wakes == 1
    assert await talk.deliver() == []
    at(clock, "2026-03-02T17:30")
    (post,) = await talk.deliver()
    assert post.startswith("to channel: ## ")
    assert "Coding, " in post
    at(clock, "2026-03-03T17:30")
    assert await talk.deliver() == [], "Tuesday is none of its days"
    at(clock, "2026-03-04T17:30")
    assert len(await talk.deliver()) == 1


async def test_a_thread_and_a_recap_are_asked_for_and_listed(talk: Talk, clock: MovedClock) -> None:
    said = await drops(talk, f"add {NINE} thread: yes recap: yes")
    assert "09:00 Europe/Berlin, daily, all tracks, with thread and recap: running" in said
    assert "with" not in await drops(talk, "add time: 10:00 thread: no")
    assert "Schedule 1: 09:00 Europe/Berlin, daily, all tracks, with thread" in await drops(talk, "list")
    assert "Schedule 3 is planned." in await drops(talk, "add time: 11:00 recap: yes")
    assert "11:00 Europe/Berlin, daily, all tracks, with recap: running" in await drops(talk, "list")
    at(clock, "2026-03-03T08:00")
    (post,) = await talk.deliver()
    assert "Replies in the thread are discussion" in post


async def test_several_schedules_run_side_by_side_and_say_which_one_is_meant(talk: Talk) -> None:
    await drops(talk, f"add {NINE}")
    await drops(talk, "add time: 12:00 zone: America/New_York")
    listed = await drops(talk, "list")
    assert "Schedule 1: 09:00 Europe/Berlin, daily, all tracks: running" in listed
    assert "Schedule 2: 12:00 America/New_York, daily, all tracks: running" in listed
    for word in ("pause", "resume", "skip", "preview", "remove"):
        assert await drops(talk, word) == (
            "There are several schedules: 1 (09:00), 2 (12:00). Say which one.\n\n"
            f"For example: /drops {word} number: 1"
        )
    assert await drops(talk, "pause 2") == "Schedule 2 is paused. Paused days are nobody's miss.\n\n[Resume]"
    assert await drops(talk, "pause number: 7") == (
        "There is no schedule 7 here. There are: 1, 2.\n\nFor example: /drops list"
    )


async def test_a_schedule_of_another_group_is_none_of_ours(talk: Talk) -> None:
    await drops(talk, f"add {NINE}")
    elsewhere = Where(PLATFORM, "another", "there", "#there")
    await talk("eve", "/setup time: 10:00 zone: UTC", where=elsewhere, organiser=True)
    said = await talk("eve", "/drops remove number: 1 sure: yes", where=elsewhere, organiser=True)
    assert "There is no schedule 1 here. There are: 2." in said
    async with talk.store.read() as tx:
        (ours,) = await schedules.of_group(tx, talk.group_id)
    assert ours.state == "active"


async def test_a_schedule_goes_where_it_was_planned_or_to_the_channel_that_was_named(
    talk: Talk, clock: MovedClock
) -> None:
    corner = Where(PLATFORM, "server", "corner", "#corner")
    await talk("olga", f"/drops add {NINE}", organiser=True, where=corner)
    await drops(talk, f"add {NINE} channel: hall")
    assert "In: channel corner." in await drops(talk, "list")
    assert "In: channel hall." in await drops(talk, "list")
    at(clock, "2026-03-03T08:00")
    assert sorted(post.split(":")[0] for post in await talk.deliver()) == ["to corner", "to hall"]


async def test_a_schedule_planned_where_posts_are_switched_off_stays_there(
    talk: Talk, clock: MovedClock
) -> None:
    async with talk.store.write() as tx:
        other = await arrivals.create_home(tx, talk.group_id, Where("slack", "w", "c", "#slack"), clock.now())
        await arrivals.disable_home(tx, talk.home_id, "the channel is archived")
    await drops(talk, f"add {NINE}")
    async with talk.store.read() as tx:
        (place,) = await schedules.homes_of(tx, [1])
    assert place.home_id == talk.home_id != other


async def test_a_role_is_mentioned_and_the_members_words_never_are(talk: Talk, clock: MovedClock) -> None:
    await drops(talk, f"add {NINE} role: 4711")
    at(clock, "2026-03-03T08:00")
    (post,) = await talk.deliver()
    assert post.startswith("to channel: @practice (role)\n\n## ")


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("add time: 25:00", "“25:00” is no time of day."),
        ("add time: 9pm", "“9pm” is 21:00.\n\nFor example: /drops add time: 21:00"),
        ("add time: 24:00", "“24:00” is no time of day."),
        ("add", "“time:” is missing"),
        ('add time: 09:00 days: ""', "“days” is empty."),
        ("add time: 09:00 days: none", "“days” needs at least one day of the week."),
        ("add time: 09:00 zone: qwertyuiop", "No time zone or big city of that name is known."),
        (
            "add time: 09:00 zone: Berln",
            "Choose one of these, or type the nearest big city. There are: Europe/Berlin,",
        ),
        (
            "add time: 09:00 packs: ';DROP-TABLE-pack;--",
            "There is no pack “';DROP-TABLE-pack;--” here. There are:",
        ),
        (
            "add time: 09:00 packs: starter-codnig",
            "There is no pack “starter-codnig” here. There are: starter-ask,",
        ),
        ("add time: 09:00 tracks: behavoural", "Did you mean behavioural?"),
        (f"add time: 09:00 role: {'9' * 65}", "is no role of this place."),
        ("pause number: one", "“number” has to be a whole number; “one” is not."),
        ("pause number: 0", "“number” has to be a number"),
        ("pause number: 99999999999999999999", "“number” has to be a whole number"),
        ("paus", "“drops” needs a second word."),
        ("pause", "There is no schedule here yet.\n\nFor example: /drops add time: 09:00"),
    ],
)
async def test_what_cannot_be_is_refused_with_a_sentence_and_stores_nothing(
    talk: Talk, typed: str, said: str
) -> None:
    assert said in await drops(talk, typed)
    assert await rows(talk.store, schedule) == 0


async def test_only_organisers_plan(talk: Talk) -> None:
    for word in ("add time: 09:00", "list", "pause", "resume", "skip", "preview", "remove"):
        assert await talk("ben", f"/drops {word}") == (
            f"“drops {word.split()[0]}” is for the organisers of this group. Ask one of them to do it."
        )


# --- pausing, resuming, removing ---------------------------------------------------------------------------------


async def test_a_paused_schedule_brings_nothing_and_runs_again_from_the_next_day(
    talk: Talk, clock: MovedClock
) -> None:
    await drops(talk, f"add {NINE}")
    await drops(talk, "pause")
    assert await drops(talk, "pause") == "It is paused already. /drops resume number: 1"
    assert "all tracks: paused." in await drops(talk, "list")
    at(clock, "2026-03-05T10:00")
    assert await talk.deliver() == []
    assert await drops(talk, "resume") == (
        "Schedule 1 is running.\n\n"
        "09:00 Europe/Berlin, daily, all tracks: running, next Fri 06 Mar 2026 09:00 (Europe/Berlin)."
    )
    assert await talk.deliver() == [], "what was paused over is not made up for"
    at(clock, "2026-03-06T08:00")
    assert len(await talk.deliver()) == 1


async def test_resuming_on_the_day_of_a_question_brings_no_second_one(talk: Talk, clock: MovedClock) -> None:
    await drops(talk, "add time: 12:00")
    at(clock, "2026-03-02T11:00")
    assert len(await talk.deliver()) == 1
    await drops(talk, "pause")
    assert "next Tue 03 Mar 2026 12:00" in await drops(talk, "resume")
    at(clock, "2026-03-02T22:00")
    assert await talk.deliver() == []


async def test_resuming_switches_the_channel_on_again(talk: Talk, clock: MovedClock) -> None:
    await drops(talk, f"add {NINE}")
    talk.letterbox.closed.add("channel")
    at(clock, "2026-03-03T08:00")
    (told,) = await talk.deliver()
    assert told.startswith("to olga: Starling cannot post in #practice any more: ")
    talk.letterbox.closed.clear()
    at(clock, "2026-03-04T08:00")
    assert await talk.deliver() == [], "switched off: nothing is tried until somebody has seen to it"
    await drops(talk, "resume")
    at(clock, "2026-03-05T08:00")
    assert len(await talk.deliver()) == 1


async def test_removing_asks_first_and_keeps_what_was_answered(talk: Talk, clock: MovedClock) -> None:
    await drops(talk, f"add {NINE}")
    at(clock, "2026-03-03T08:00")
    await talk.deliver()
    await talk(
        "ben", "/answer I found the leak, fixed it with Ana, and our nights were quiet from then on for good."
    )
    asked = await drops(talk, "remove")
    assert asked.startswith("Remove schedule 1? Its past questions and answers stay.")
    assert asked.endswith("[Remove] [Keep]")
    assert "Schedule 1:" in await press(talk, "Keep")
    await drops(talk, "remove")
    assert await press(talk, "Remove") == "Schedule 1 is removed. Its past questions and answers stay."
    assert await drops(talk, "list") == "No drops are planned. Plan one: /drops add time: 09:00"
    assert "Work that still makes you proud" in await talk("ben", "/history")
    at(clock, "2026-03-04T08:00")
    assert await talk.deliver() == []
