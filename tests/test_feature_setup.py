"""``setup``, as a conversation: from a server without a group to the first test post and the first question."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import pytest
from moved_clock import MovedClock
from placed import Placed
from sqlalchemy import func, select
from talk import HOME, PLATFORM, Talk

from core.call import Where
from core.starters import install_starters
from core.store import arrivals, facts, people, preferences, schedules
from core.store.engine import Store
from core.store.tables import home, occurrence, schedule, study_group

OTHER_CHANNEL = Where(PLATFORM, "server", "other", "#other")
TRACKS = (
    "Behavioural, Coding, System design, ML design, Communication, Company, Product sense, Questions to ask"
)


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
    assert post.startswith("to channel: ## Work that still makes you proud\n\nPick the piece of work")
    assert "Nobody has answered yet." in post
    said = await talk(
        "ben", "/answer I led the billing move, and the support team got its evenings back from it."
    )
    assert said.startswith("Kept: your answer to “Work that still makes you proud”.")
    assert "1 member answered so far. You have answered it." in await talk("ben", "/today")


async def test_without_options_one_form_asks_and_can_be_sent_as_it_opens(talk: Talk) -> None:
    assert await setup(talk, "", can_ask=True) == (
        "Set up the group's question\n"
        "  Time: 09:00\n"
        "  Zone:\n"
        "  Days (may stay empty): daily\n"
        "  Tracks (may stay empty):\n"
        f"    one of: {TRACKS}\n"
        "  Channel (may stay empty): channel"
    )
    form = talk.form("olga")
    assert [(f.kind, f.required) for f in form.fields] == [
        ("line", True),
        ("line", True),
        ("line", False),
        ("many", False),
        ("channel", False),
    ]
    assert await talk.submit("olga", {"time": "9pm", "zone": "Europe/Berlin"}, organiser=True) == (
        "Set up the group's question\n"
        "  Time: 9pm\n"
        "    ! Times are written on the 24-hour clock here. “9pm” is 21:00.\n"
        "  Zone: Europe/Berlin\n"
        "  Days (may stay empty): daily\n"
        "  Tracks (may stay empty):\n"
        f"    one of: {TRACKS}\n"
        "  Channel (may stay empty): channel"
    )
    said = await talk.submit("olga", {"time": "21:00", "days": "weekdays"}, organiser=True)
    assert "is set up. A test post is on its way to this channel." in said
    assert "First question: Mon 02 Mar 2026 21:00 (Europe/Berlin)\nDays: mon-fri" in said


async def test_the_form_of_a_channel_that_is_set_up_is_filled_in_as_it_is(talk: Talk) -> None:
    await setup(talk, "time: 18:30 zone: Asia/Tokyo days: mon-fri tracks: coding, behavioural name: Owls")
    await setup(talk, "", can_ask=True)
    values = {f.name: f.value for f in talk.form("olga").fields}
    assert values == {
        "time": "18:30",
        "zone": "Asia/Tokyo",
        "days": "mon-fri",
        "tracks": "coding, behavioural",
        "channel": "channel",
    }
    assert "Tracks: coding, behavioural" in await talk.submit("olga", {}, organiser=True)
    await setup(talk, "", can_ask=True)
    said = await talk.submit("olga", {"tracks": ""}, organiser=True)
    assert "Tracks: all of them, in turn" in said, "no box ticked: every kind"
    assert await rows(talk.store, schedule) == 1


async def test_a_second_channels_form_knows_the_zone_and_nothing_of_the_firsts_schedule(talk: Talk) -> None:
    await setup(talk, "time: 18:30 zone: Asia/Tokyo days: mon-fri tracks: coding")
    await setup(talk, "", can_ask=True, where=OTHER_CHANNEL)
    values = {f.name: f.value for f in talk.form("olga").fields}
    assert values == {
        "time": "09:00",
        "zone": "Asia/Tokyo",
        "days": "daily",
        "tracks": "",
        "channel": "other",
    }


async def test_what_was_typed_stays_in_the_form_and_a_name_travels_with_it(talk: Talk) -> None:
    await setup(talk, "zone: Europe/Berlin name: Owls", can_ask=True)
    assert talk.form("olga").action == "setup:name=Owls"
    assert talk.form("olga").fields[1].value == "Europe/Berlin"
    assert "## Owls is set up." in await talk.submit("olga", {}, organiser=True)


async def test_on_a_pipe_an_example_helps_and_in_a_direct_message_no_form_opens(talk: Talk) -> None:
    assert await setup(talk, "") == (
        "“time:” is missing: when the question comes, on the 24-hour clock.\n\nFor example: /setup time: 21:00"
    )
    assert (await setup(talk, "", can_ask=True, direct=True)).startswith("A group is set up in the channel")


async def test_the_server_lends_its_name_to_the_group(talk: Talk) -> None:
    there = Where(PLATFORM, "server", "channel", "#practice", "Night school")
    assert "## Night school is set up." in await setup(talk, "time: 09:00", where=there)


async def test_a_time_without_a_zone_is_said_to_go_by_utc(talk: Talk) -> None:
    said = await setup(talk, "time: 09:00")
    assert (
        "No time zone was said, so this goes by UTC. To change it: /setup time: 09:00 zone: Europe/Berlin"
        in said
    )
    assert "No time zone" not in await setup(talk, "time: 09:00")


async def test_a_second_setup_with_another_zone_moves_the_groups_days_too(talk: Talk) -> None:
    await setup(talk, "time: 09:00 zone: Europe/Berlin")
    said = await setup(talk, "time: 09:00 zone: Asia/Tokyo")
    assert "Zone: Asia/Tokyo; the group's days and boards go by it from now on" in said
    async with talk.store.read() as tx:
        group = await people.get_group(tx, 1)
    assert group is not None and group.zone == "Asia/Tokyo"
    assert "Zone:" not in await setup(talk, "time: 10:00")


async def test_a_second_channel_in_another_zone_leaves_the_groups_days_alone(talk: Talk) -> None:
    await setup(talk, "time: 09:00 zone: Europe/Berlin")
    there = await setup(talk, "time: 09:00 zone: Asia/Tokyo", where=OTHER_CHANNEL)
    assert "is set up" in there and "Zone:" not in there
    await setup(talk, "", can_ask=True, where=OTHER_CHANNEL)
    assert talk.form("olga").fields[1].value == "Asia/Tokyo"
    said = await talk.submit("olga", {"time": "10:00"}, where=OTHER_CHANNEL, organiser=True)
    assert "Zone:" not in said, "what stood in the form is no wish to change"
    async with talk.store.read() as tx:
        group = await people.get_group(tx, 1)
    assert group is not None and group.zone == "Europe/Berlin"


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
    assert [post.split(":")[0] for post in await talk.deliver()] == ["to olga"], "who set it up is told"
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


async def test_many_who_set_up_another_channel_at_once_give_it_one_schedule(talk: Talk) -> None:
    await setup(talk)
    other = Where(PLATFORM, "server", "second", "#second")
    said = await asyncio.gather(*(setup(talk, f"time: 1{n}:00", where=other) for n in range(5)))
    assert all("is set up" in s for s in said)
    assert (await rows(talk.store, home), await rows(talk.store, schedule)) == (2, 2)


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


# --- what is missing where ---------------------------------------------------------------------------------------


@pytest.fixture
def places(talk: Talk) -> Placed:
    """The platform of the talk knows the rights in its channels, and all are given."""
    placed = Placed({"channel": "#practice", "other": "#other"})
    talk.reconfigure(places={PLATFORM: placed})
    return placed


async def test_an_organisers_whole_road_from_invitation_to_the_first_test_post(
    talk: Talk, places: Placed, clock: MovedClock
) -> None:
    places.deny("channel", "View Channel", "Send Messages", "Attach Files")
    await setup(talk, "", can_ask=True)
    assert await talk.submit("olga", {"zone": "Berlin"}, organiser=True) == (
        "## #practice is set up, but Starling cannot post in #practice yet.\n\n"
        "First question: Tue 03 Mar 2026 09:00 (Europe/Berlin)\n"
        "Days: daily\n"
        "Tracks: all of them, in turn\n\n"
        "Give Starling these rights in #practice:\n\n"
        "View Channel: needed for seeing the channel.\n\n"
        "Send Messages: needed for posting the question.\n\n"
        "Where: the channel's settings, Permissions.\n\n"
        "In #practice Starling lacks “Attach Files”. Without it cards with a picture are refused.\n\n"
        "[Check again and post] [Doctor]"
    )
    assert await talk.deliver() == [], "no test post into a channel that takes none"
    assert (await rows(talk.store, study_group), await rows(talk.store, schedule)) == (1, 1), (
        "all else is kept"
    )

    places.allow("channel")
    places.deny("channel", "Send Messages")
    assert await talk.press("olga", "Check again and post", organiser=True) == (
        "## Starling cannot post in #practice yet.\n\n"
        "Give Starling this right in #practice:\n\n"
        "Send Messages: needed for posting the question.\n\n"
        "Where: the channel's settings, Permissions.\n\n"
        "[Check again and post] [Doctor]"
    )
    assert await talk.deliver() == []

    places.allow("channel")
    said = await talk.press("olga", "Check again and post", organiser=True)
    assert said.startswith(
        "## A test post is on its way to #practice.\n\nWhat next: if the test post does not"
    )
    (post,) = await talk.deliver()
    assert post.startswith("to channel: This is Starling's test post.")

    at(clock, "2026-03-03T08:00")
    (question,) = await talk.deliver()
    assert question.startswith("to channel: ## Work that still makes you proud\n\nPick the piece of work")


async def test_what_is_not_vital_is_noted_and_the_test_post_goes_out(talk: Talk, places: Placed) -> None:
    places.deny("channel", "Attach Files")
    said = await setup(talk)
    assert "## #practice is set up. A test post is on its way to this channel." in said
    assert "In #practice Starling lacks “Attach Files”. Without it cards with a picture are refused." in said
    assert len(await talk.deliver()) == 1


async def test_another_channel_is_named_as_the_platform_names_it(talk: Talk, places: Placed) -> None:
    assert "on its way to #other." in await setup(talk, "time: 09:00 channel: other")
    async with talk.store.read() as tx:
        (home_there,) = await people.homes_of(tx, 1)
    assert home_there.name == "#other"


async def test_a_channel_that_takes_no_messages_is_refused_at_its_field(talk: Talk, places: Placed) -> None:
    places.instead["other"] = "a forum"
    await setup(talk, "", can_ask=True)
    said = await talk.submit("olga", {"zone": "Berlin", "channel": "other"}, organiser=True)
    assert "! #other is a forum. A question can only be posted in a text channel." in said
    assert await rows(talk.store, study_group) == 0
    assert "is set up" in await talk.submit("olga", {"zone": "Berlin", "channel": "channel"}, organiser=True)


async def test_where_no_message_can_stand_the_form_asks_for_another_channel(
    talk: Talk, places: Placed
) -> None:
    places.instead["channel"] = "a voice channel"
    await setup(talk, "", can_ask=True)
    field = talk.form("olga").fields[-1]
    assert (field.name, field.value, field.required) == ("channel", "", True)


async def test_a_channel_that_is_gone_is_kept_with_the_way_out(talk: Talk, places: Placed) -> None:
    said = await setup(talk, "time: 09:00 channel: nowhere")
    assert "is set up, but Starling cannot post in that channel yet." in said
    assert "Starling does not see that channel: it was deleted, or is hidden from Starling." in said
    assert await talk.deliver() == []


async def test_where_nobody_can_tell_the_test_post_itself_is_the_proof(talk: Talk, places: Placed) -> None:
    places.deny("channel", "Send Messages")
    said = await setup(talk, where=Where(PLATFORM, "elsewhere", "channel", "#practice"))
    assert "A test post is on its way to this channel." in said
    assert len(await talk.deliver()) == 1


async def test_a_test_post_can_be_repeated_and_switches_a_channel_on_again(
    talk: Talk, places: Placed
) -> None:
    await setup(talk)
    assert len(await talk.deliver()) == 1
    async with talk.store.write() as tx:
        await arrivals.disable_home(tx, 1, "Starling was removed from the server")
    for _ in range(2):
        assert "on its way to #practice" in await talk.press("olga", "testpost:home=1", organiser=True)
        assert len(await talk.deliver()) == 1
    async with talk.store.read() as tx:
        (there,) = await people.homes_of(tx, 1)
    assert (there.state, there.reason) == ("active", "")


async def test_a_test_post_is_for_organisers_and_for_the_groups_own_channels(
    talk: Talk, places: Placed
) -> None:
    await setup(talk)
    await talk.found("Others", Where(PLATFORM, "another server", "there", "#there"))
    await talk.deliver()
    assert "is for the organisers" in await talk.press("ben", "testpost:home=1")
    assert "has no such channel." in await talk.press("olga", "testpost:home=2", organiser=True)
    assert await talk.deliver() == []


# --- where there is nothing to give, but an invitation --------------------------------------------------------------


async def test_a_channel_that_has_not_invited_starling_says_so_and_looks_again(
    talk: Talk, places: Placed
) -> None:
    places.uninvited.add("channel")
    said = await setup(talk, "time: 09:00")
    assert "is set up, but Starling cannot post in #practice yet." in said
    assert "Starling is not a member of #practice. Invite it to #practice." in said
    assert "right" not in said and await talk.deliver() == []
    assert "Invite it to #practice." in await talk.press("olga", "Check again and post", organiser=True)
    places.uninvited.clear()
    assert "A test post is on its way" in await talk.press("olga", "Check again and post", organiser=True)
    assert len(await talk.deliver()) == 1


async def test_where_a_channel_may_be_unseen_for_want_of_an_invitation_this_one_stays_chosen(
    talk: Talk, places: Placed
) -> None:
    places.names.clear()
    await setup(talk, "", can_ask=True)
    assert (talk.form("olga").fields[-1].value, talk.form("olga").fields[-1].required) == ("", True)
    places.why_gone = "there is none, or it is private and Starling was not invited"
    await setup(talk, "", can_ask=True)
    assert (talk.form("olga").fields[-1].value, talk.form("olga").fields[-1].required) == ("channel", False)
    said = await setup(talk, "time: 09:00")
    assert f"Starling does not see this channel: {places.why_gone}." in said
