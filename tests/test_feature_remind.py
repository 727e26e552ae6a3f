"""Reminders, as conversations: lines in through the real dispatcher, transcripts out, on both databases."""

from __future__ import annotations

import asyncio

import pytest
from moved_clock import MovedClock
from sqlalchemy import func, insert, select
from talk import ANSWER, Talk

from core.call import Where, Who
from core.store import practice, preferences
from core.store.engine import Store
from core.store.tables import account, delivery, occurrence, schedule
from core.streaks import current_streak


@pytest.fixture
async def talk(store: Store, clock: MovedClock) -> Talk:
    return await Talk.begin(store, clock)


@pytest.fixture
async def asking(store: Store, clock: MovedClock) -> Talk:
    """The same, with questions to ask."""
    return await Talk.begin(store, clock, packs=True)


async def schedules_in(store: Store) -> int:
    async with store.read() as tx:
        count: int = (await tx.execute(select(func.count()).select_from(schedule))).scalar_one()
    return count


# --- setting -----------------------------------------------------------------------------------------------------


async def test_a_reminder_is_set_and_proves_its_road_at_once(talk: Talk) -> None:
    await talk("ana", "/me settings zone: Europe/Berlin")
    assert await talk("ana", "/remind set time: 21:00") == (
        "Set: a question daily at 21:00 (Europe/Berlin), from every track.\n\n"
        "The next one comes Mon 02 Mar 2026 21:00 (Europe/Berlin).\n\n"
        "A short message is on its way to you now, to show that the road is open. If it does not arrive, allow "
        "direct messages from here and set the reminder again.\n\n"
        "[Switch off]"
    )
    assert talk.buttons("ana") == {"Switch off": "remind off"}
    assert talk.wakes == 1
    assert await talk.deliver() == [
        "to ana: Reminders are on: daily at 21:00 (Europe/Berlin). The first comes on Monday 2 March 2026.\n\n"
        "They reach you here, like this message. One press switches them off.\n\n"
        "[Switch reminders off]"
    ]


async def test_every_confirmation_has_a_key_of_its_own_that_platforms_can_take(talk: Talk) -> None:
    for time in ("21:00", "21:00", "22:00"):
        await talk("ana", f"/remind set time: {time}")
    async with talk.store.read() as tx:
        keys = [r.key for r in await tx.execute(select(delivery.c.key).where(delivery.c.kind == "notice"))]
    assert len(set(keys)) == 3
    assert all(key.startswith("n") and len(key) <= 25 for key in keys)


async def test_the_question_comes_at_the_time_and_can_be_switched_off_with_one_press(
    asking: Talk, clock: MovedClock
) -> None:
    await asking("ana", "/remind set time: 21:00 zone: Berlin tracks: coding")
    await asking.deliver()
    asking.until("2026-03-02 19:59")
    assert await asking.deliver() == []
    asking.until("2026-03-02 20:00")
    (came,) = await asking.deliver()
    assert came.startswith("to ana: Your question of the day.")
    assert "Coding" in came and "[Switch reminders off]" in came
    assert "Reminders are off" in await asking.press("ana", "remind off", direct=True)
    clock.advance(days=3)
    assert await asking.deliver() == []


async def test_setting_again_changes_the_one_there_is(talk: Talk, store: Store) -> None:
    await talk("ana", "/remind set time: 21:00 days: mon-fri")
    said = await talk("ana", "/remind set time: 20:30")
    assert said.startswith("Changed: a question mon-fri at 20:30 (Europe/Berlin)")
    assert await schedules_in(store) == 1
    assert "When: mon-fri at 20:30" in await talk("ana", "/remind show")


async def test_days_and_tracks_stay_until_others_are_said(asking: Talk) -> None:
    await asking("ana", '/remind set time: 21:00 days: sat,sun tracks: "coding, system design"')
    assert "a question sat-sun at 20:00 (Europe/Berlin), from Coding, System design." in await asking(
        "ana", "/remind set time: 20:00"
    )
    assert "a question daily at 20:00 (Europe/Berlin), from every track." in await asking(
        "ana", "/remind set time: 20:00 days: daily tracks: all"
    )


async def test_two_at_once_make_one_reminder(talk: Talk, store: Store) -> None:
    await talk("ana", "/me show")
    said = await asyncio.gather(*(talk("ana", f"/remind set time: 2{n}:00") for n in range(4)))
    assert all("a question daily at" in s for s in said)
    assert await schedules_in(store) == 1


async def test_it_works_in_a_direct_message_for_somebody_in_no_group(talk: Talk) -> None:
    said = await talk("zoe", "/remind set time: 08:00 zone: Asia/Kolkata", direct=True)
    assert "daily at 08:00 (Asia/Kolkata)" in said
    assert [m.split(":")[0] for m in await talk.deliver()] == ["to zoe"]
    assert "You have no reminder." in await talk("ben", "/remind show")


async def test_set_from_another_account_it_comes_there(talk: Talk, store: Store) -> None:
    await talk("ana", "/remind set time: 21:00")
    ana = await talk.person("ana")
    async with store.write() as tx:
        values = {"platform": "other", "workspace": "w", "user_id": "a7", "name": "Ana"}
        await tx.execute(insert(account).values(person_id=ana.id, created_at=talk.clock.now(), **values))
    who = Who("other", "a7", "Ana", workspace="w")
    await talk.dispatcher.line("remind set time: 22:00", who, Where("other"))
    assert "By: direct message (other)" in await talk("ana", "/remind show")
    assert await schedules_in(store) == 1


# --- never twice on one date -------------------------------------------------------------------------------------


async def test_a_new_time_makes_no_second_question_on_the_same_date(asking: Talk) -> None:
    await asking("ana", "/remind set time: 21:00 zone: Berlin")
    asking.until("2026-03-02 20:01")
    assert len(await asking.deliver()) == 1  # the confirmation's hour is over; the question came
    said = await asking("ana", "/remind set time: 22:00")
    assert "The next one comes Tue 03 Mar 2026 22:00" in said
    assert "Today's has come already: a new time makes no second one on the same day." in said
    asking.until("2026-03-02 21:30")
    assert not [m for m in await asking.deliver() if "question of the day" in m]
    asking.until("2026-03-03 21:00")
    assert len([m for m in await asking.deliver() if "question of the day" in m]) == 1


async def test_switching_off_and_on_makes_no_second_question_on_the_same_date(
    asking: Talk, store: Store
) -> None:
    await asking("ana", "/remind set time: 21:00 zone: Berlin")
    asking.until("2026-03-02 20:01")
    await asking.deliver()
    await asking("ana", "/remind off")
    assert "Tue 03 Mar 2026 22:00" in await asking("ana", "/remind set time: 22:00")
    assert await schedules_in(store) == 1
    async with store.read() as tx:
        dates = [r.local_date for r in await tx.execute(select(occurrence.c.local_date))]
    assert len(dates) == len(set(dates)) == 1


async def test_a_time_the_clocks_jump_over_comes_an_hour_later(talk: Talk) -> None:
    talk.until("2026-03-28 12:00")
    said = await talk("ana", "/remind set time: 02:30 zone: Europe/Berlin")
    assert "The next one comes Sun 29 Mar 2026 03:30 (Europe/Berlin)." in said


# --- whose zone --------------------------------------------------------------------------------------------------


async def test_a_zone_that_was_only_assumed_is_said_to_be(talk: Talk) -> None:
    said = await talk("ana", "/remind set time: 21:00")
    assert (
        "Europe/Berlin is only assumed to be your zone. If you live elsewhere: /remind set time: 21:00 zone: ..."
        in said
    )


async def test_the_first_zone_somebody_says_becomes_their_own(talk: Talk, store: Store) -> None:
    said = await talk("ana", "/remind set time: 21:00 zone: Tokyo")
    assert "Asia/Tokyo is now your own zone, too" in said
    ana = await talk.person("ana")
    assert (ana.zone, ana.zone_set) == ("Asia/Tokyo", True)
    async with store.read() as tx:
        changes = await preferences.changes_of(tx, ana.id)
    assert [c.value for c in changes if c.kind == "zone"] == ["Europe/Berlin", "Asia/Tokyo"]


async def test_a_later_zone_is_the_reminders_alone(talk: Talk) -> None:
    await talk("ana", "/me settings zone: Europe/Berlin")
    said = await talk("ana", "/remind set time: 21:00 zone: Lisbon")
    assert "daily at 21:00 (Europe/Lisbon)" in said and "your own zone" not in said
    assert (await talk.person("ana")).zone == "Europe/Berlin"


async def test_a_first_zone_within_twelve_hours_of_practice_says_when_the_next_answer_counts(
    asking: Talk, clock: MovedClock
) -> None:
    await asking("ana", "/practice track: behavioural")
    assert "It counts for Monday 2 March 2026" in await asking("ana", f"/answer text: {ANSWER}")
    clock.advance(hours=1)
    said = await asking("ana", "/remind set time: 21:00 zone: Asia/Tokyo")
    assert (
        "Your next answer counts from Tue 03 Mar 2026 06:00 (Asia/Tokyo) on: 12 hours after the last." in said
    )


# --- off, show ---------------------------------------------------------------------------------------------------


async def test_off_without_a_reminder_says_how_to_get_one(talk: Talk) -> None:
    expected = "You have no reminder, so none will come. To get one: /remind set time: 21:00"
    assert await talk("ana", "/remind off") == expected
    await talk("ana", "/remind set time: 21:00")
    await talk("ana", "/remind off")
    assert await talk("ana", "/remind off") == expected


async def test_what_waits_in_the_outbox_is_called_off_too(asking: Talk) -> None:
    await asking("ana", "/remind set time: 21:00 zone: Berlin")
    await asking.deliver()
    asking.reconfigure()
    asking.until("2026-03-02 20:00")
    asking.outbox.senders = {}  # claimed, but nobody sends: the platform is away
    assert await asking.deliver() == []
    await asking("ana", "/remind off")
    asking.reconfigure()
    assert await asking.deliver() == []


async def test_one_press_brings_it_back_as_it_was(asking: Talk) -> None:
    await asking("ana", "/remind set time: 06:45 zone: Lisbon days: mon-wed, fri tracks: coding, ask")
    await asking("ana", "/remind off")
    said = await asking.press("ana", "Switch on again")
    assert "a question mon-wed, fri at 06:45 (Europe/Lisbon), from Coding, Questions to ask." in said


async def test_switching_off_says_what_the_streak_then_asks_for(talk: Talk) -> None:
    await talk("ana", "/remind set time: 21:00 days: mon-fri")
    said = await talk("ana", "/remind off")
    assert "With nothing scheduled for you, every day but your rest days counts for your streak." in said


async def test_show_tells_when_it_comes_and_whether_the_last_one_arrived(talk: Talk) -> None:
    assert await talk("ana", "/remind show") == (
        "You have no reminder. A question a day by direct message: /remind set time: 21:00"
    )
    await talk("ana", "/remind set time: 21:00")
    assert "Last message: Mon 02 Mar 2026 10:00 (Europe/Berlin): on its way" in await talk(
        "ana", "/remind show"
    )
    await talk.deliver()
    assert await talk("ana", "/remind show") == (
        "When: daily at 21:00 (Europe/Berlin)\n"
        "Questions from: every track\n"
        "By: direct message (test)\n"
        "Next: Mon 02 Mar 2026 21:00 (Europe/Berlin)\n"
        "Last message: Mon 02 Mar 2026 10:00 (Europe/Berlin): sent\n\n"
        "[Switch off]"
    )


async def test_a_confirmation_that_met_closed_messages_is_told_by_show(talk: Talk) -> None:
    talk.letterbox.closed.add("ana")
    await talk("ana", "/remind set time: 21:00")
    assert await talk.deliver() == []
    assert "not delivered (direct messages from this server are closed)" in await talk("ana", "/remind show")


async def test_a_stopped_reminder_says_why_and_resumes_when_set_again(asking: Talk) -> None:
    await asking("ana", "/remind set time: 21:00 zone: Berlin tracks: coding")
    await asking.deliver()
    asking.letterbox.closed.add("ana")
    asking.until("2026-03-02 20:00")
    assert await asking.deliver() == []
    shown = await asking("ana", "/remind show")
    assert shown.startswith(
        "Your question of the day could not be sent to you: direct messages from this server"
    )
    assert "\n\nYour reminder is stopped: direct messages from this server are closed." in shown
    assert "When that is put right, set it again: /remind set time: 21:00 zone: Europe/Berlin" in shown
    assert "Next:" not in shown
    assert "Reminder: stopped: direct messages from this server are closed" in await asking("ana", "/me show")

    asking.letterbox.closed.clear()
    said = await asking.press("ana", "remind set:time=21:00;zone=Europe/Berlin")
    assert said.startswith("Changed: a question daily at 21:00 (Europe/Berlin), from Coding.")
    await asking.deliver()
    asking.until("2026-03-03 20:00")
    assert len(await asking.deliver()) == 1


async def test_a_running_streak_keeps_a_lapse_that_agrees_with_its_replay(
    asking: Talk, clock: MovedClock
) -> None:
    await asking("ana", "/practice track: behavioural")
    await asking("ana", f"/answer text: {ANSWER}")
    clock.advance(hours=2)
    for line in ("/remind set time: 21:00 days: mon", "/remind set time: 21:00 days: tue-sun", "/remind off"):
        await asking("ana", line)
        ana = await asking.person("ana")
        async with asking.store.read() as tx:
            kept = await practice.kept_streak(tx, ana.id)
            replayed = await current_streak(tx, ana, clock.now())
        assert kept is not None
        assert (kept.current, kept.lapses_at) == (replayed.current, replayed.lapses_at), line
        clock.advance(minutes=1)
