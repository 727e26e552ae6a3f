"""What a second look at Slack's road found: races at the start and the stop, other people's places, clocks apart."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from slack_bench import CARD, KEY, benched
from slack_double import Channel, User, buttons
from slack_double_world import DM
from slack_room import Mode, SlackRoom, slack_room

from core.ports import Sent


def between(room: SlackRoom, one: User, other: User) -> Channel:
    """The direct messages of two people, in which Starling is not."""
    world = room.double.world
    twin = room.double.add_user(f"{other.name}, seen by {one.name}")
    found = Channel(world.id("D"), "", room.team, DM, twin, [one, other])
    world.channels[found.id] = found
    return found


async def test_a_request_that_comes_before_slack_has_said_whose_it_is_is_no_strangers(tmp_path: Path) -> None:
    async with slack_room(tmp_path, "http") as room:
        ana = room.member("Ana")
        room.double.fail("auth.test", "503", 3)
        starting = asyncio.create_task(room.start())
        await room.double.until(lambda: len(room.double.asked("auth.test")) > 0, 20)
        await asyncio.sleep(0.2)
        early = await room.double.slash(ana, "streak", room.channel)
        await starting
        await room.soon(lambda: len(room.double.asked("auth.test")) > 3, 20)
        await asyncio.sleep(0.1)
        seen = await room.say(ana, "streak")
        assert early.failed
        assert "streak" in seen.text.lower()
        assert room.rows("SELECT DISTINCT workspace FROM account") == [(room.team.id,)]


async def test_a_command_in_somebody_elses_direct_messages_is_answered(tmp_path: Path) -> None:
    async with slack_room(tmp_path) as room:
        await room.start()
        ana, ben = room.member("Ana"), room.member("Ben")
        place = between(room, ana, ben)
        seen = await room.say(ana, "streak", place)
        assert seen.private and "streak" in seen.text.lower()
        assert room.double.messages(place) == []


async def test_a_shortcut_on_a_message_in_somebody_elses_direct_messages_is_answered(tmp_path: Path) -> None:
    async with slack_room(tmp_path) as room:
        await room.start()
        ana, ben = room.member("Ana"), room.member("Ben")
        place = between(room, ana, ben)
        said = room.double.world.message(
            place, ben, {"text": "At my last job I led a migration of our billing."}
        )
        place.messages.append(said)
        seen = await room.sees(ana, lambda: room.double.shortcut(ana, said, "feedback"), place)
        assert seen.private and seen.text
        assert len(room.double.messages(place)) <= 1


async def test_a_message_is_found_although_slacks_clock_is_a_minute_behind() -> None:
    async with benched() as bench:
        behind = timedelta(seconds=60)
        bench.double.world.now = lambda: (datetime.now(UTC) - behind).timestamp()
        began = datetime.now(UTC)
        sent = await bench.sender.send(bench.there, CARD, KEY)
        assert isinstance(sent, Sent)
        assert await bench.sender.find(bench.there, KEY, began) == sent


async def test_a_username_never_takes_the_place_of_a_name_that_was_learned(tmp_path: Path) -> None:
    async with slack_room(tmp_path) as room:
        await room.start()
        ana = room.member("Ana")
        await room.say(ana, "streak")
        assert room.rows("SELECT name FROM account") == [("Ana",)]
        await room.stop()
        room.double.fail("users.info", "internal_error", 20)
        await room.start()
        await room.say(ana, "streak")
        assert room.rows("SELECT name FROM account") == [("Ana",)]


async def test_what_may_not_be_rewritten_any_more_is_answered_below(tmp_path: Path) -> None:
    async with slack_room(tmp_path) as room:
        await room.start()
        ana = room.member("Ana")
        await room.set_up()
        await room.drop()
        await room.say(ana, "today")
        await room.double.dm(ana, "At my last job I led the migration of our billing to another provider.")
        asked = await room.soon(
            lambda: [m for m in room.double.dms(ana, room.team) if m["user"] == room.team.bot.id]
        )
        room.double.fail("chat.update", "edit_window_closed", 9)
        no = await room.press(ana, asked[-1], "No")
        assert "just a message" in no.text


async def test_a_form_from_somebody_elses_direct_messages_is_answered_in_ones_own(tmp_path: Path) -> None:
    async with slack_room(tmp_path) as room:
        await room.start()
        ana, ben = room.member("Ana"), room.member("Ben")
        form = await room.say(ana, "remind set", between(room, ana, ben))
        seen = await room.fill(ana, form, time="21:00")
        assert "21:00" in seen.text
        assert len(room.rows("SELECT 1 FROM schedule")) == 1


@pytest.mark.parametrize("mode", ["socket", "http"])
async def test_a_form_sent_while_starling_stops_keeps_its_words(tmp_path: Path, mode: Mode) -> None:
    async with slack_room(tmp_path, mode) as room:
        await room.start()
        ana, ben = room.member("Ana"), room.member("Ben")
        await room.set_up()
        card = await room.drop()
        opened = await room.press(ana, card, "Answer")
        room.double.fail("chat.postMessage", "silence", 1)  # something that is under way for a while
        await room.double.slash(ben, "today", room.double.world.dm_of(ben, room.team))
        await room.soon(lambda: room.double.asked("chat.postMessage"))
        stopping = asyncio.create_task(room.stop())
        await asyncio.sleep(0.3)
        assert not stopping.done()
        act = await room.double.submit_view(ana, opened.view, {"text": "I led the migration of our billing."})
        assert "again" in str(act.errors)
        assert room.double.modal(ana) is not None, "every word is still there"
        said = await room.double.slash(ana, "streak", room.channel)
        assert "again" in str(said.payload)
        await stopping


async def test_a_removal_told_late_pauses_nothing_where_the_app_is_installed_again(tmp_path: Path) -> None:
    async with slack_room(tmp_path, "http") as room:
        await room.start()
        await room.set_up()
        before = len(room.double.asked("auth.test"))
        await room.double.heard(room.team, {"type": "app_uninstalled"})
        await room.double.until(lambda: len(room.double.asked("auth.test")) > before, 10)
        await room.at_rest()
        assert room.rows("SELECT state FROM home") == [("active",)]
        await room.double.uninstall()
        await room.soon(lambda: room.rows("SELECT state FROM home") == [("disabled",)])


async def test_many_replies_to_their_reminders_count_without_asking_slack_what_each_is_about(
    tmp_path: Path,
) -> None:
    """Slack tells what a thread is about about fifty times a minute; at nine o'clock two hundred may reply."""
    async with slack_room(tmp_path) as room:
        await room.start()
        people = [room.member(name) for name in ("Ana", "Ben", "Cleo")]
        for one in people:
            await room.say_directly(one, "remind set time: 21:00 zone: UTC")
        room.double.limit("conversations.replies", 1, 60)
        room.clock.skip(hours=13, minutes=1)
        sent = "SELECT 1 FROM delivery WHERE kind = 'remind' AND state = 'sent'"
        await room.soon(lambda: len(room.rows(sent)) == 3)
        for one in people:
            asked = [m for m in room.double.dms(one, room.team) if "Answer" in buttons(m).values()]
            text = f"{one.name}: at my last job I led the migration of our billing to another provider in a month."
            await room.double.dm(one, text, thread_ts=asked[-1]["ts"])
        await room.soon(lambda: len(room.answers()) == 3, 5)
        assert not room.double.asked("conversations.replies")


async def test_more_answers_than_slack_takes_private_notes_are_all_shown_their_checklist(
    tmp_path: Path,
) -> None:
    """Slack takes about a hundred private notes a minute and opens fifty conversations; two hundred may answer."""
    async with slack_room(tmp_path) as room:
        await room.start()
        people = [room.member(name) for name in ("Ana", "Ben", "Cleo", "Dan")]
        await room.set_up()
        card = await room.drop()
        room.double.limit("chat.postEphemeral", 2, 60)
        room.double.limit("conversations.open", 1, 60)
        for one in people:
            seen = await room.answer(one, card, "At my last job I led the migration of our billing.")
            assert "Kept:" in seen.text and seen.private
