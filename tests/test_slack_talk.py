"""Words to Starling on Slack: mentions, message menus, direct messages, the Home tab, odd places; real sockets."""

from __future__ import annotations

from collections.abc import AsyncIterator
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
    assert len(room.double.messages(place)) == count + 1, "only the mention itself"
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


async def test_where_no_group_is_a_mention_is_answered_all_the_same(room: SlackRoom, card: Json) -> None:
    zoe = room.double.add_user("Zoe")
    hall = room.double.add_channel("hall", zoe, room.olga)
    await whispered(room, zoe, "help", hall)
    found = await whispered(room, zoe, "leaderboard", hall)
    assert text_of(found)


# --- menus ----------------------------------------


async def test_a_messages_menu_is_private_and_takes_only_ones_own_words(room: SlackRoom, card: Json) -> None:
    ana, ben = room.member("Ana"), room.member("Ben")
    said = await room.double.say(ana, room.channel, ANA)
    read = await room.shortcut(ben, said, "feedback message")
    assert is_private(read) and "Situation" in read.text and room.answers() == []
    assert ANA not in str(room.rows("SELECT * FROM draft"))
    refused = await room.shortcut(ben, said, "answer message")
    assert is_private(refused) and "message of your own" in refused.text and room.answers() == []
    taken = await room.shortcut(ana, said, "answer message")
    assert is_private(taken) and "Kept:" in taken.text
    again = await room.shortcut(ana, said, "answer message")
    assert is_private(again) and room.answers() == [ANA]
    picture = await room.double.say(ana, room.channel, "", files={"me.png": b"x"})
    assert "no words" in (await room.shortcut(ana, picture, "answer message")).text
    reply = await room.double.say(ben, room.channel, BEN, said["ts"])
    there = await room.shortcut(ben, reply, "answer message")
    assert there.message is not None and there.message.get("thread_ts") == said["ts"]
    assert room.answers() == [ANA, BEN]


async def test_plain_starling_is_the_menu_of_what_one_may_do(room: SlackRoom, card: Json) -> None:
    ana = room.member("Ana")
    for seen in (await room.say(ana, ""), await room.say_directly(ana, "")):
        assert "What would you like to do?" in seen.text and "Doctor" not in seen.labels
        assert is_private(seen)
