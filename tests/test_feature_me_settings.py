"""Settings: what is changed, from when on, and what is refused, as conversations on both databases."""

from __future__ import annotations

from datetime import datetime

import pytest
from moved_clock import MovedClock
from talk import ANSWER, PLATFORM, Talk

from core.call import Where
from core.store import practice, preferences
from core.store.engine import Store
from core.streaks import current_streak

ELSEWHERE = Where(PLATFORM, "server2", "channel2", "#other")


@pytest.fixture
async def talk(store: Store, clock: MovedClock) -> Talk:
    return await Talk.begin(store, clock)


@pytest.fixture
async def asking(store: Store, clock: MovedClock) -> Talk:
    """The same, with questions to ask."""
    return await Talk.begin(store, clock, packs=True)


async def changes(talk: Talk, name: str, kind: str) -> list[tuple[datetime, object]]:
    someone = await talk.person(name)
    async with talk.store.read() as tx:
        return [(r.at, r.value) for r in await preferences.changes_of(tx, someone.id) if r.kind == kind]


# --- me settings ---------------------------------------------------------------------------------------------------


async def test_settings_without_an_option_shows_them_with_examples_and_a_way_to_the_form(talk: Talk) -> None:
    assert await talk("ana", "/me settings") == (
        "Zone: Europe/Berlin (assumed; you have not said yours yet), now Monday 10:00\n"
        "Level: Mid-level\n"
        "Your day ends at: 03:00\n"
        "Rest days: none\n"
        "Vacation: none set\n"
        "Corrections: kept for you alone\n\n"
        "To change something, for example:\n\n"
        "/me settings zone: Europe/Berlin\n\n"
        "/me settings level: senior cutoff: 04:00 rest: sat-sun\n\n"
        "/me settings vacation: 2027-01-31 until: 2027-02-07\n\n"
        "[Change settings]"
    )


async def test_every_example_shown_does_what_it_says(talk: Talk) -> None:
    shown = await talk("ana", "/me settings")
    examples = [line for line in shown.splitlines() if line.startswith("/me settings")]
    assert len(examples) == 3
    for example in examples:
        assert (await talk("ana", example)).startswith("From now on")


async def test_several_settings_at_once_say_what_was_before(talk: Talk) -> None:
    assert await talk("ana", "/me settings zone: Tokyo level: senior cutoff: 04:00 rest: sat-sun") == (
        "From now on; nothing that is over changes:\n\n"
        "Zone: Asia/Tokyo (before: Europe/Berlin); it is Monday 18:00 there.\n\n"
        "Level: Senior (before: Mid-level).\n\n"
        "Your day ends at 04:00 (before: 03:00).\n\n"
        "Rest days: sat-sun (before: none)."
    )
    ana = await talk.person("ana")
    assert (ana.zone, ana.level, ana.cutoff_minutes, ana.rest_days) == (
        "Asia/Tokyo",
        "senior",
        240,
        frozenset({5, 6}),
    )


async def test_changes_are_dated_from_now_on(talk: Talk, clock: MovedClock) -> None:
    await talk("ana", "/me show")
    began = clock.now()
    clock.advance(days=2)
    await talk("ana", "/me settings zone: Tokyo cutoff: 00:00 rest: sun,mon")
    assert await changes(talk, "ana", "zone") == [(began, "Europe/Berlin"), (clock.now(), "Asia/Tokyo")]
    assert await changes(talk, "ana", "cutoff") == [(began, 180), (clock.now(), 0)]
    assert await changes(talk, "ana", "rest") == [(clock.now(), [0, 6])]


async def test_what_is_so_already_is_said_and_not_written_down_again(talk: Talk, clock: MovedClock) -> None:
    line = "/me settings zone: Berlin level: mid cutoff: 03:00 rest: none"
    await talk("ana", line)
    clock.advance(hours=1)
    assert await talk("ana", line) == (
        "Nothing was changed.\n\n"
        "Zone: Europe/Berlin already; it is Monday 11:00 there.\n\n"
        "Level: Mid-level already.\n\n"
        "Your day ends at 03:00 already.\n\n"
        "Rest days: none already."
    )
    assert len(await changes(talk, "ana", "cutoff")) == 1
    assert await changes(talk, "ana", "rest") == []


async def test_rest_none_clears_the_rest_days(talk: Talk) -> None:
    await talk("ana", "/me settings rest: sat-sun")
    assert "Rest days: none (before: sat-sun)." in await talk("ana", "/me settings rest: none")
    assert (await talk.person("ana")).rest_days == frozenset()


async def test_a_zone_change_soon_after_practice_says_when_the_next_answer_counts(
    asking: Talk, clock: MovedClock
) -> None:
    await asking.practise("ana")  # at 10:00 in Berlin
    clock.advance(hours=5)
    said = await asking("ana", "/me settings zone: Asia/Tokyo")
    assert (
        "Your next answer counts from Tue 03 Mar 2026 06:00 (Asia/Tokyo) on: 12 hours after the last one."
        in said
    )
    asking.until("2026-03-02 20:59")  # 05:59 on Tuesday in Tokyo: too soon
    await asking("ana", "/practice track: behavioural")
    assert "Streak: 1 day." in await asking("ana", f"/answer text: {ANSWER}")
    asking.until("2026-03-02 21:00")
    await asking("ana", "/practice track: behavioural")
    assert "Streak: 2 days." in await asking("ana", f"/answer text: {ANSWER}")


@pytest.mark.parametrize(("zone", "hours"), [("Europe/Paris", 1), ("Asia/Tokyo", 12)])
async def test_where_nothing_stands_in_the_way_the_twelve_hours_are_not_mentioned(
    asking: Talk, clock: MovedClock, zone: str, hours: int
) -> None:
    await asking.practise("ana")
    clock.advance(hours=hours)
    assert "counts from" not in await asking("ana", f"/me settings zone: {zone}")


async def test_a_zone_change_offers_to_take_the_reminder_along(talk: Talk) -> None:
    await talk("ana", "/me settings zone: Berlin")
    await talk("ana", "/remind set time: 21:00 days: mon-fri")
    said = await talk("ana", "/me settings zone: Tokyo")
    assert "Your reminder stays as it is: mon-fri at 21:00 (Europe/Berlin)." in said
    assert "Changed: a question mon-fri at 21:00 (Asia/Tokyo)" in await talk.press(
        "ana", "Move it to Asia/Tokyo"
    )


async def test_a_running_streak_keeps_a_lapse_that_agrees_with_its_replay(
    asking: Talk, clock: MovedClock
) -> None:
    await asking.practise("ana")
    for line in (
        "/me settings rest: tue-sun",
        "/me settings zone: Pacific/Auckland",
        "/me settings cutoff: 06:00",
        "/me settings vacation: 2026-03-09 until: 2026-03-30",
        "/me settings vacation: none rest: none",
        "/me leave confirm: yes",
    ):
        clock.advance(minutes=10)
        await asking("ana", line)
        ana = await asking.person("ana")
        async with asking.store.read() as tx:
            kept = await practice.kept_streak(tx, ana.id)
            replayed = await current_streak(tx, ana, clock.now())
        assert kept is not None
        assert (kept.current, kept.lapses_at) == (replayed.current, replayed.lapses_at), line


async def test_a_streak_that_has_lapsed_is_not_brought_back_by_a_setting(
    asking: Talk, clock: MovedClock
) -> None:
    await asking.practise("ana")
    clock.advance(days=5)
    await asking("ana", "/me settings vacation: 2026-03-01 until: 2026-03-30 rest: mon-sat")
    assert "Your streak of 1 day ended on Tuesday 3 March 2026." in await asking("ana", "/streak")
    assert "Streak: 0 days" in await asking("ana", "/streak")


REFUSED = [
    ("cutoff: 07:00", "Your day can end between 00:00 and 06:00 in your zone; 07:00 is outside."),
    ("cutoff: 06:01", "06:01 is outside"),
    ("cutoff: 25:00", "“25:00” is no time of day."),
    ("zone: Mars/Olympus", "No time zone or big city of that name is known."),
    ("zone: UTC+2", "UTC+2 is not a place, and says nothing about summer time."),
    ('zone: "\'; DROP TABLE person;--"', "No time zone or big city of that name is known."),
    ("level: boss", "“boss” is no level. There are: graduate, mid, senior, staff, principal."),
    ("rest: daily", "With seven rest days there would be none left for practice."),
    ("rest: someday", "“someday” is no day of the week."),
    ("vacation: 2026-04-10 until: 2026-04-01", "would end (2026-04-01) before it begins (2026-04-10)"),
    ("vacation: 2026-04-31 until: 2026-05-02", "“2026-04-31” is no date of the calendar."),
    ("vacation: 2026-04-10 until: later", "“later” is no date of the calendar."),
    ("vacation: soon", "“soon” is no date of the calendar."),
    ("vacation: 2026-04-10", "Until when? Say the last day, too."),
    ("vacation: 2026-02-01 until: 2026-02-10", "That vacation is over already, and nothing acts backwards."),
    ("vacation: 2026-04-10 until: 2027-04-11", "That is more than a year."),
    ("vacation: none until: 2026-04-10", "“vacation: none” cancels, so it goes without “until”."),
    ("group: Strangers", "You are in no group “Strangers”. Yours: Night owls."),
    ("colour: red", "“me settings” has no option “colour:”."),
    ("Berlin", "“Berlin” is too much: me settings takes zone:, level:"),
]


@pytest.mark.parametrize(("options", "sentence"), REFUSED)
async def test_what_makes_no_sense_is_refused_and_changes_nothing(
    talk: Talk, options: str, sentence: str
) -> None:
    await talk("ana", "/me show")
    before = await talk.person("ana")
    # What stands before the mistake is right, and must not be kept either.
    right = "level: staff" if options.startswith("rest") else "rest: sun"
    for line in (f"/me settings {options}", f"/me settings {right} {options}"):
        said = await talk("ana", line)
        assert sentence in said
        assert "For example: /me settings" in said
    assert await talk.person("ana") == before
    assert await changes(talk, "ana", "vacation") == []


# --- vacation --------------------------------------------------------------------------------------------------------


async def test_vacation_is_set_ahead_added_to_and_cancelled(talk: Talk) -> None:
    said = await talk("ana", "/me settings vacation: 2026-04-01 until: 2026-04-10")
    assert (
        "Vacation: Wednesday 1 April 2026 to Friday 10 April 2026. Those days neither break nor grow" in said
    )
    said = await talk("ana", '/me settings vacation: "2026-04-08 to 2026-04-12"')
    assert "Vacation: Wednesday 1 April 2026 to Sunday 12 April 2026." in said
    said = await talk("ana", "/me settings vacation: 2026-07-01 until: 2026-07-01")
    assert "Vacation: Wednesday 1 April 2026 to Sunday 12 April 2026; Wednesday 1 July 2026." in said
    said = await talk("ana", "/me settings vacation: 2026-04-02 until: 2026-04-03")
    assert said.startswith("Nothing was changed.")
    assert [value for _, value in await changes(talk, "ana", "vacation")] == [
        ["2026-04-01", "2026-04-10"],
        ["2026-04-08", "2026-04-12"],
        ["2026-07-01", "2026-07-01"],
    ]
    talk.until("2026-05-01 12:00")
    assert "Vacation: Wednesday 1 July 2026\n" in await talk("ana", "/me show")
    assert "Vacation: cancelled (Wednesday 1 July 2026)." in await talk("ana", "/me settings vacation: none")
    assert "Vacation: none set\n" in await talk("ana", "/me show")
    assert "Vacation: none was set." in await talk("ana", "/me settings vacation: none")


async def test_until_alone_begins_today_and_today_is_the_persons_own_day(talk: Talk) -> None:
    talk.until("2026-03-03 01:30")  # 02:30 on Tuesday in Berlin: still Monday's day
    await talk("ana", "/me settings until: 2026-03-05")
    assert [v for _, v in await changes(talk, "ana", "vacation")] == [["2026-03-02", "2026-03-05"]]


async def test_a_vacation_that_has_begun_acts_from_today(talk: Talk) -> None:
    await talk("ana", "/me settings vacation: 2026-02-20 until: 2026-03-05")
    assert [v for _, v in await changes(talk, "ana", "vacation")] == [["2026-03-02", "2026-03-05"]]


async def test_vacation_days_break_no_streak(asking: Talk) -> None:
    await asking.practise("ana")
    await asking("ana", "/me settings vacation: 2026-03-03 until: 2026-03-15")
    asking.until("2026-03-16 12:00")
    await asking("ana", "/practice track: behavioural")
    assert "Streak: 2 days." in await asking("ana", f"/answer text: {ANSWER}")


# --- the form --------------------------------------------------------------------------------------------------------


async def test_the_form_is_filled_in_and_tells_only_what_is_new(talk: Talk) -> None:
    await talk("ana", "/me settings zone: Berlin")
    await talk("ana", "/me settings")
    opened = await talk.press("ana", "Change settings")
    assert "Zone: Europe/Berlin\n" in opened and "Rest days (may stay empty): none\n" in opened
    said = await talk.submit("ana", {"level": "staff", "vacation": "2026-04-01 to 2026-04-02"})
    assert said.startswith(
        "From now on; nothing that is over changes:\n\nLevel: Staff (before: Mid-level).\n\nVac"
    )
    await talk.press("ana", "me change")
    assert await talk.submit("ana", {}) == "Nothing was changed."


async def test_a_wrong_field_comes_back_with_the_rest_as_it_was(talk: Talk) -> None:
    await talk.press("ana", "me change")
    said = await talk.submit("ana", {"cutoff": "07:00", "level": "staff"})
    assert "! Your day can end between 00:00 and 06:00" in said
    assert "Level (may stay empty): staff" in said
    assert (await talk.person("ana")).level == "mid"
    assert "Level: Staff" in await talk.submit("ana", {"cutoff": "02:00"})
