"""Words to Starling on Slack: mentions, message menus, direct messages, the Home tab, odd places; real sockets."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from evening import ANA, BEN
from slack_double import Channel, User, buttons, text_of
from slack_room import Json, Mode, Sight, SlackRoom, boxes, is_private, own_account, slack_room


@pytest.fixture
async def room(tmp_path: Path) -> AsyncIterator[SlackRoom]:
    async with slack_room(tmp_path) as room:
        yield room


@pytest.fixture
async def card(room: SlackRoom) -> Json:
    """Starling is set up, and today's question has come."""
    await room.start()
    await room.set_up()
    return await room.drop()


async def whispered(
    room: SlackRoom, who: User, text: str, channel: Channel | None = None, thread: Json | None = None
) -> Json:
    """What comes to this person alone after ``@Starling text``; nothing else comes."""
    before = len(room.double.ephemerals(who))
    place = channel or room.channel
    count = len(room.double.messages(place))
    await room.double.mention(who, text, place, thread["ts"] if thread else None)
    await room.soon(lambda: len(room.double.ephemerals(who)) > before)
    await room.at_rest()
    assert len(room.double.messages(place)) == count + 1, text_of(room.double.messages(place)[-1])
    (found,) = room.double.ephemerals(who)[before:]
    assert found["channel"] == place.id
    assert found.get("thread_ts") == (thread["ts"] if thread else None)
    return found


# --- mentions ----------------------------------------


async def test_a_mention_in_a_thread_is_answered_there_to_its_writer_alone(
    room: SlackRoom, card: Json
) -> None:
    ana = room.member("Ana")
    found = await whispered(room, ana, "today", thread=card)
    assert "Answer" in buttons(found).values()
    assert "Kept:" in (await room.answer(ana, found, ANA)).text
    told = room.double.ephemerals(ana)[-1]
    assert "Kept:" in text_of(told) and told.get("thread_ts") == card["ts"]


async def test_a_board_that_is_asked_for_in_a_thread_stands_there_for_all(
    room: SlackRoom, card: Json
) -> None:
    ana = room.member("Ana")
    await room.answer(ana, card, ANA)
    said = await room.double.mention(ana, "leaderboard", room.channel, card["ts"])
    (found,) = await room.double.answer_to(said)
    assert found["thread_ts"] == card["ts"] and "Ana" in text_of(found)
    seen = await room.press(ana, found, "Week" if "Week" in buttons(found).values() else "All time")
    assert seen.message is not None and seen.message.get("thread_ts") == card["ts"], seen.text


async def test_a_mention_outside_of_threads_is_answered_beside_it_or_under_it(
    room: SlackRoom, card: Json
) -> None:
    ana = room.member("Ana")
    assert "Answer" in buttons(await whispered(room, ana, "today")).values()
    said = await room.double.mention(ana, "leaderboard", room.channel)
    (found,) = await room.double.answer_to(said)
    assert found["thread_ts"] == said["ts"], "under the mention: the channel stays readable"


@pytest.mark.parametrize("words", [f"answer {ANA}", f"answer text: {ANA}", f"feedback {ANA}"])
async def test_words_of_ones_own_are_never_taken_from_where_all_can_read_them(
    room: SlackRoom, card: Json, words: str
) -> None:
    ana = room.member("Ana")
    found = await whispered(room, ana, words, thread=card)
    assert "nothing was stored" in text_of(found) and ANA not in text_of(found)
    assert room.answers() == [] and room.rows("SELECT * FROM draft") == []
    form = await room.press(ana, found, "Open the form")
    assert "text" in boxes(form)
    told = await room.fill(ana, form, text=ANA)
    assert is_private(told) and ("Kept:" in told.text) == words.startswith("answer")
    assert told.message is not None and told.message.get("thread_ts") == card["ts"]
    assert not any(ANA[:30] in text_of(m) for m in room.double.messages(room.channel) if m["user"] != ana.id)


async def test_a_mention_without_words_shows_the_menu(room: SlackRoom, card: Json) -> None:
    ana = room.member("Ana")
    for thread in (None, card):
        found = await whispered(room, ana, "", thread=thread)
        assert "What would you like to do?" in text_of(found)
    assert "Savers" in (await room.press(ana, found, "My streak")).text


async def test_a_mention_that_is_no_command_is_explained_to_its_writer_alone(
    room: SlackRoom, card: Json
) -> None:
    ana = room.member("Ana")
    assert "There is no command" in text_of(await whispered(room, ana, "you are great", thread=card))


async def test_rights_are_asked_for_in_mentions_as_well(room: SlackRoom, card: Json) -> None:
    ana = room.member("Ana")
    found = await whispered(room, ana, "drops pause", thread=card)
    assert "organisers of this group" in text_of(found)
    found = await whispered(room, room.olga, "drops list", thread=card)
    assert "08:01" in text_of(found)
    found = await whispered(room, room.olga, "drops add", thread=card)
    form = await room.press(room.olga, found, next(iter(buttons(found).values())))
    told = await room.fill(room.olga, form, time="10:00")
    assert is_private(told) and room.rows("SELECT count(*) FROM schedule") == [(2,)]
    assert room.rows("SELECT DISTINCT state FROM schedule") == [("active",)]


async def test_where_no_group_is_a_mention_is_answered_all_the_same(room: SlackRoom) -> None:
    await room.start()
    zoe = room.double.add_user("Zoe")
    hall = room.double.add_channel("hall", zoe, room.olga)
    await whispered(room, zoe, "help", hall)
    found = await whispered(room, zoe, "leaderboard", hall)
    assert "group" in text_of(found)
    seen = await room.say(zoe, "leaderboard", hall)
    assert "group" in seen.text and is_private(seen), "what helps one alone is no news for all"


async def test_the_board_of_somebody_who_is_hidden_is_for_them_alone(room: SlackRoom, card: Json) -> None:
    ana = room.member("Ana")
    await room.answer(ana, card, ANA)
    assert not is_private(await room.say(ana, "leaderboard"))
    await room.say(ana, "me hide")
    seen = await room.say(ana, "leaderboard")
    assert is_private(seen) and "only you see this" in seen.text
    assert "only you see this" in text_of(await whispered(room, ana, "leaderboard", thread=card))


# --- menus ----------------------------------------


async def test_a_messages_menu_is_private_and_takes_only_ones_own_words(room: SlackRoom, card: Json) -> None:
    ana, ben = room.member("Ana"), room.member("Ben")
    said = await room.double.say(ana, room.channel, ANA)
    read = await room.shortcut(ben, said, "feedback")
    assert is_private(read) and "Situation" in read.text and room.answers() == []
    assert ANA not in str(room.rows("SELECT * FROM draft"))
    refused = await room.shortcut(ben, said, "use")
    assert is_private(refused) and "message of your own" in refused.text and room.answers() == []
    taken = await room.shortcut(ana, said, "use")
    assert is_private(taken) and "Kept:" in taken.text
    again = await room.shortcut(ana, said, "use")
    assert is_private(again) and room.answers() == [ANA]
    picture = await room.double.say(ana, room.channel, "", files={"me.png": b"x"})
    assert "no words" in (await room.shortcut(ana, picture, "use")).text
    reply = await room.double.say(ben, room.channel, BEN, said["ts"])
    there = await room.shortcut(ben, reply, "use")
    assert there.message is not None and there.message.get("thread_ts") == said["ts"]
    assert room.answers() == [ANA, BEN]


async def test_plain_starling_is_the_menu_of_what_one_may_do(room: SlackRoom, card: Json) -> None:
    ana = room.member("Ana")
    for seen in (await room.say(ana, ""), await room.say_directly(ana, "")):
        assert "What would you like to do?" in seen.text and "Doctor" not in seen.labels
        assert is_private(seen)


# --- places where Starling is not, or is not alone ----------------------------------------


@pytest.mark.parametrize("kind", ["public", "private", "direct"])
async def test_where_starling_is_no_member_a_command_is_answered_all_the_same(
    room: SlackRoom, card: Json, kind: str
) -> None:
    ana, ben = room.member("Ana"), room.member("Ben")
    if kind == "direct":
        hall = Channel(room.double.world.id("D"), "", room.team, "im", ben, [ana, ben])
        room.double.world.channels[hall.id] = hall
    else:
        hall = room.double.add_channel("hall", ana, ben, private=kind == "private", bot=False)
    await room.answer(ana, card, ANA)
    before = len(room.double.dms(ana))
    for line in ("", "today", "streak", "help", "me show"):
        seen = await room.say(ana, line, hall)
        assert is_private(seen) and seen.message is not None, line
        assert seen.message["channel"] == hall.id, "shown where they are"
    form = await room.say(ana, "answer", hall)
    told = await room.fill(ana, form, text=BEN)
    assert is_private(told) and "Kept:" in told.text, told.text
    pressed = await room.press(ana, await room.say(ana, "", hall), "My streak")
    assert is_private(pressed) and "Savers" in pressed.text
    assert room.answers() == [ANA, BEN] and room.double.messages(hall) == []
    assert len(room.double.dms(ana)) - before <= 1
    board = await room.say(ana, "leaderboard", hall)
    assert "Ana" in board.text
    organising = await room.say(room.olga, "drops list") if kind == "direct" else None
    assert organising is None or "08:01" in organising.text


async def test_a_guest_from_another_workspace_presses_and_is_answered(room: SlackRoom, card: Json) -> None:
    elsewhere = room.double.add_team("Elsewhere")
    gus = room.double.add_user("Gus", elsewhere, dms=False)
    room.channel.members.append(gus)
    room.channel.shared = True
    form = await room.press(gus, card, "Answer")
    assert "text" in boxes(form)
    told = await room.fill(gus, form, text=ANA)
    assert "Kept:" in told.text and is_private(told) and room.answers() == [ANA]
    assert room.double.ephemerals(gus)
    seen = await room.press(gus, told, "My attempts")
    assert is_private(seen)
    forged = await room.press(gus, card, "Guided answer")
    assert forged.view is not None


# --- direct messages ----------------------------------------


async def prompted(room: SlackRoom, who: User) -> Json:
    """A reminder is set, and its question has come to this person directly."""
    before = len(room.double.dms(who))
    at = room.clock.now() + timedelta(minutes=2)
    await room.say(who, f"remind set time: {at:%H:%M} zone: UTC")
    await room.soon(lambda: len(room.double.dms(who)) > before)  # how reminders look, and how they end
    before = len(room.double.dms(who))
    room.clock.skip(minutes=3)
    await room.soon(lambda: len(room.double.dms(who)) > before)
    return room.double.dms(who)[-1]


async def replied(room: SlackRoom, who: User, text: str, thread: Json | None = None, **more: object) -> Json:
    """What Starling says to a direct message."""
    said = await room.double.dm(who, text, thread["ts"] if thread else None, **more)  # type: ignore[arg-type]
    (found,) = await room.double.answer_to(said)
    assert found["thread_ts"] == (thread or said)["ts"], "under what it answers"
    return found


async def test_a_reply_to_a_prompt_is_an_answer_at_once(room: SlackRoom, card: Json) -> None:
    ana = room.member("Ana")
    prompt = await prompted(room, ana)
    assert own_account(prompt) and "question" in text_of(prompt)
    told = await replied(room, ana, ANA, prompt)
    assert "Kept:" in text_of(told) and not told.get("is_ephemeral") and room.answers() == [ANA]
    form = await room.press(ana, told, "Revise")
    again = await room.fill(ana, form, text=BEN)
    assert "attempt 2" in again.text and again.message in room.double.dms(ana)
    assert room.answers() == [ANA, BEN] and room.double.ephemerals(ana)[-1:] != [again.message]


async def test_a_loose_message_is_asked_about_and_taken_once(room: SlackRoom, card: Json) -> None:
    ana = room.member("Ana")
    await prompted(room, ana)
    asked = await replied(room, ana, ANA)
    assert "Count this" in text_of(asked) and room.answers() == []
    counted = await room.press(ana, asked, "Yes")
    assert "Kept:" in counted.text and room.answers() == [ANA]
    left = await room.press(ana, await replied(room, ana, "Thanks for that!"), "No")
    assert "just a message" in left.text and room.answers() == [ANA]
    assert "Yes" not in left.labels


async def test_a_text_file_is_an_answer_and_a_picture_is_explained(room: SlackRoom, card: Json) -> None:
    ana = room.member("Ana")
    prompt = await prompted(room, ana)
    told = await replied(room, ana, "", prompt, files={"answer.txt": ANA.encode()})
    assert "Kept:" in text_of(told) and room.answers() == [ANA]
    told = await replied(room, ana, "", prompt, files={"me.png": b"\x89PNG"})
    assert room.answers() == [ANA] and "me.png" in text_of(told)


def as_of_today(room: SlackRoom) -> None:
    """What is read back goes by the clock on Slack's wall, which is the machine's."""
    room.clock.skip(days=(datetime.now(UTC) - room.clock.now()).days)


@pytest.mark.slow
@pytest.mark.parametrize("mode", ["socket", "http"])
async def test_what_was_written_while_starling_was_away_is_answered_after(tmp_path: Path, mode: Mode) -> None:
    async with slack_room(tmp_path, mode) as room:
        room.double.roads.retry_waits = ()  # Slack has given up before Starling is back
        as_of_today(room)
        await room.start()
        await room.set_up()
        await room.drop()
        ana = room.member("Ana")
        prompt = await prompted(room, ana)
        await room.stop()
        said = await room.double.dm(ana, ANA, prompt["ts"])
        loose = await room.double.dm(ana, "And by the way, " + BEN)
        assert room.answers() == []
        await room.start()
        first, second = await room.double.answer_to(loose, 2, 10)
        assert "Kept:" in text_of(first) and first["thread_ts"] == prompt["ts"]
        assert "Count this" in text_of(second) and second["thread_ts"] == loose["ts"]
        assert room.answers() == [ANA] and float(said["ts"]) < float(loose["ts"])
        await room.restart()
        await room.at_rest()
        assert len(await room.double.answer_to(loose, 2)) == 2, "once is enough"


@pytest.mark.slow
async def test_what_was_written_in_a_gap_of_the_connection_is_answered_after_it(room: SlackRoom) -> None:
    room.double.roads.retry_waits = ()
    as_of_today(room)
    await room.start()
    await room.set_up()
    await room.drop()
    ana = room.member("Ana")
    prompt = await prompted(room, ana)
    room.double.fail("apps.connections.open", "500", times=1)
    await room.double.sockets.drop(abort=True)
    said = await room.double.dm(ana, ANA, prompt["ts"])
    (told,) = await room.double.answer_to(said, 1, 20)
    assert "Kept:" in text_of(told) and room.answers() == [ANA]
    await room.at_rest()
    assert len(await room.double.answer_to(said)) == 1


# --- pictures and files ----------------------------------------


async def test_what_hangs_on_a_private_reply_comes_by_direct_message_and_it_is_said(
    room: SlackRoom, card: Json
) -> None:
    ana, ben = room.member("Ana"), room.member("Ben")
    await room.answer(ana, card, ANA)
    await room.answer(ana, card, BEN)
    for line, what in (("history prompt: d1", "The picture is"), ("me export", "What belongs to it is")):
        seen = await room.say(ana, line)
        assert is_private(seen) and f"{what} in your direct messages with Starling." in seen.text, seen.text
        assert not seen.shown.get("files")
    await room.soon(lambda: any(m.get("files") for m in room.double.dms(ana)))
    exported = [f["name"] for m in room.double.dms(ana) for f in m.get("files") or ()]
    assert any("export" in name for name in exported), exported
    assert not any(m.get("files") for m in room.double.messages(room.channel)) and room.double.dms(ben) == []
    shut = room.double.world.dm_of(ana, room.team)
    room.double.fail("chat.postMessage", "channel_not_found", times=1, channel=shut)
    seen = await room.say(ana, "me export")
    assert "could not be sent to you" in seen.text


async def test_in_direct_messages_pictures_and_files_stand_where_they_belong(
    room: SlackRoom, card: Json
) -> None:
    ana = room.member("Ana")
    await room.answer(ana, card, ANA)
    await room.answer(ana, card, BEN)
    seen = await room.say_directly(ana, "history prompt: d1")
    assert "in your direct messages" not in seen.text and "[picture" in seen.drawn, seen.drawn
    seen = await room.say_directly(ana, "me export")
    assert seen.message in room.double.dms(ana) and "in your direct messages" not in seen.text
    await room.soon(lambda: any(m.get("files") for m in room.double.dms(ana)))


# --- the Home tab ----------------------------------------


async def test_what_is_pressed_on_the_home_tab_is_answered_in_a_modal(room: SlackRoom, card: Json) -> None:
    ana = room.member("Ana")
    await room.say(ana, "help")
    await room.double.open_home(ana)
    home = await room.soon(lambda: room.double.home(ana))
    form = await room.press(ana, home, "Answer")
    count = len(room.double.dms(ana))
    told = await room.fill(ana, form, text=ANA)
    assert "Kept:" in told.text and is_private(told) and room.answers() == [ANA]
    if told.view is None:
        assert len(room.double.dms(ana)) == count + 1
    else:
        await room.double.close_view(ana)
    await room.soon(lambda: "You have answered it." in text_of(room.double.home(ana).body))  # type: ignore[union-attr]
    for label in [each for each in buttons(home.body).values() if each not in ("Answer", "Guided answer")]:
        seen: Sight = await room.press(ana, home, label)
        assert seen.view is not None or seen.message in room.double.dms(ana), label
        assert is_private(seen) and "Something broke" not in seen.text, label
        while room.double.modal(ana) is not None:
            await room.double.close_view(ana)
