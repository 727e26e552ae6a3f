"""What members write to Starling directly on Discord, now and while it was away, over real sockets."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from discord_double import buttons, text_of
from discord_double_world import Json, User
from discord_room import DiscordRoom, discord_room
from evening import ANA, BEN, BEN_AGAIN

ASKED = "Count this as your answer"


@pytest.fixture
async def room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[DiscordRoom]:
    async with discord_room(tmp_path, monkeypatch) as room:
        yield room


@pytest.fixture
async def ana(room: DiscordRoom) -> User:
    """Somebody with a reminder, in a server that has Starling and no group."""
    await room.start()
    return room.member("Ana")


def heard(room: DiscordRoom, who: User) -> list[str]:
    """What Starling said to somebody directly."""
    return [text_of(m) for m in room.double.dms(who) if m["author"]["bot"]]


async def prompted(room: DiscordRoom, who: User) -> Json:
    """``/remind set``, the message that proves the road, and the first question, which is returned."""
    seen = await room.double.slash(
        who, "remind set", {"time": "09:00", "tracks": "behavioural"}, room.channel
    )
    assert "A short message is on its way" in seen.text
    await room.soon(lambda: heard(room, who))
    assert "Reminders are on" in heard(room, who)[0]
    room.clock.skip(hours=1)
    await room.soon(lambda: len(heard(room, who)) > 1)
    return room.double.dms(who)[-1]


async def said(room: DiscordRoom, who: User, text: str, about: Json | None = None, **files: bytes) -> Json:
    """A direct message; what Starling replied to it."""
    named = {name.replace("_", "."): data for name, data in files.items()}
    message = await room.double.dm(who, text, about, named)
    reply = (await room.double.answer_to(message))[0]
    assert reply["message_reference"]["message_id"] == message["id"]
    return reply


async def test_a_reply_to_the_days_question_counts_at_once(room: DiscordRoom, ana: User) -> None:
    question = await prompted(room, ana)
    assert "Your question of the day" in text_of(question)
    told = await said(room, ana, ANA, question)
    assert "Kept:" in text_of(told) and "I rewrote the join" in text_of(told)
    assert room.answers() == [ANA]
    # a reply to the checklist is no reply to the question
    assert ASKED in text_of(await said(room, ana, "That was kind, thank you!", told))
    assert room.answers() == [ANA]


async def test_a_loose_message_is_asked_about(room: DiscordRoom, ana: User) -> None:
    await prompted(room, ana)
    asked = await said(room, ana, ANA)
    assert ASKED in text_of(asked) and room.answers() == []
    first, second = await asyncio.gather(room.press(ana, asked, "Yes"), room.press(ana, asked, "Yes"))
    told = sorted((first.text, second.text), key=lambda text: "Kept:" in text)
    assert "Kept:" in told[1] and "already" in told[0] and room.answers() == [ANA]
    thanks = await said(room, ana, "thanks!")
    assert "just a message" in (await room.press(ana, thanks, "No")).text
    assert "not kept any more" in (await room.press(ana, thanks, "Yes")).text
    assert room.answers() == [ANA]


async def test_a_text_file_counts_and_other_files_are_explained(room: DiscordRoom, ana: User) -> None:
    question = await prompted(room, ana)
    assert "“cv.pdf” is no text file" in text_of(await said(room, ana, "", question, cv_pdf=b"%PDF"))
    assert "“big.txt” is over 100 kB" in text_of(await said(room, ana, "", big_txt=b"word " * 25_000))
    assert "no text in UTF-8" in text_of(await said(room, ana, "", odd_txt=b"\xff\xfe\x00 words"))
    assert room.answers() == []
    assert "Kept:" in text_of(await said(room, ana, "", story_md=ANA.encode()))
    assert "Kept:" in text_of(await said(room, ana, BEN, question, story_pdf=b"%PDF"))
    assert room.answers() == [ANA, BEN]


async def test_somebody_without_a_question_is_told_how_to_get_one(room: DiscordRoom, ana: User) -> None:
    told = await said(room, ana, "Hello there")
    assert "No question is open for you" in text_of(told)
    seen = await room.press(ana, told, "Practise")
    assert (
        "answer" in buttons(seen.message or {}).values() or "Answer" in buttons(seen.message or {}).values()
    )


async def test_messages_keep_their_order_and_only_members_are_heard(room: DiscordRoom, ana: User) -> None:
    question = await prompted(room, ana)
    first = await room.double.dm(ana, ANA, question)
    second = await room.double.dm(ana, BEN, question)
    replies = await room.double.answer_to(second, count=2)
    assert [m["message_reference"]["message_id"] for m in replies] == [first["id"], second["id"]]
    assert room.answers() == [ANA, BEN]

    before = len(room.double.dms(ana))
    stranger = room.double.add_user("Another bot")
    stranger.bot = True
    await room.double.say(stranger, room.double.world.dm_of(ana), ANA, question)
    await room.double.say(ana, room.channel, ANA)  # in a server, where nobody listens
    notice = await pinned(room, ana)
    await room.at_rest()
    assert len(room.double.dms(ana)) == before + 2 and room.double.dms(ana)[-1] == notice
    assert room.answers() == [ANA, BEN]


async def pinned(room: DiscordRoom, who: User) -> Json:
    """Discord's own note that somebody pinned something."""
    channel = room.double.world.dm_of(who)
    notice = room.double.world.message(channel, who, {"content": ""}, {})
    notice["type"] = 6
    await room.double.gateway.message("MESSAGE_CREATE", notice, channel)
    return notice


@pytest.mark.parametrize("how", ["502", "accepted-502", "accepted-reset", "reset", "429", "accepted-504"])
async def test_a_reply_is_shown_once_whatever_goes_wrong(room: DiscordRoom, ana: User, how: str) -> None:
    question = await prompted(room, ana)
    before = len(heard(room, ana))
    room.double.fail("POST", f"/channels/{room.double.world.dm_of(ana).id}/messages", 1, how)
    await said(room, ana, ANA, question)
    await room.at_rest()
    assert len(heard(room, ana)) == before + 1 and "Kept:" in heard(room, ana)[-1]
    assert room.answers() == [ANA]


# --- while nobody listened ----------------------------------------


async def test_what_was_missed_while_stopped_is_read_at_the_start(room: DiscordRoom, ana: User) -> None:
    question = await prompted(room, ana)
    await room.stop()
    missed = [await room.double.dm(ana, words, question) for words in (ANA, BEN, BEN_AGAIN)]
    loose = await room.double.dm(ana, "See you tomorrow.")
    await room.start()
    replies = await room.double.answer_to(loose, count=4)
    about = [m["message_reference"]["message_id"] for m in replies]
    assert about == [m["id"] for m in (*missed, loose)]
    assert room.answers() == [ANA, BEN, BEN_AGAIN] and ASKED in text_of(replies[-1])
    await room.restart()
    await room.restart()
    await room.at_rest()
    assert room.answers() == [ANA, BEN, BEN_AGAIN]
    assert await room.double.answer_to(loose, count=4) == replies, "and nothing is replied to again"


@pytest.mark.slow
async def test_a_long_absence_is_read_page_by_page(room: DiscordRoom, ana: User) -> None:
    question = await prompted(room, ana)
    await room.stop()
    missed = [await room.double.dm(ana, ANA, question)]
    for number in range(148):  # far more than the commands that one person may send in a minute
        missed.append(await room.double.dm(ana, f"Just saying {number}" if number % 5 == 0 else ""))
    missed.append(await room.double.dm(ana, BEN, question))
    await room.start()
    replies = await room.double.answer_to(missed[-1], count=32, patience=30)
    assert room.answers() == [ANA, BEN]
    about = [m["message_reference"]["message_id"] for m in replies]
    assert about == [m["id"] for m in missed if m["content"]]
    assert not any("a lot at once" in text_of(m) for m in replies)


async def test_a_history_that_fails_is_tried_again(room: DiscordRoom, ana: User) -> None:
    question = await prompted(room, ana)
    await room.stop()
    missed = await room.double.dm(ana, ANA, question)
    room.double.fail("GET", "/messages$", 6, "502")
    await room.start()
    await room.double.answer_to(missed)
    assert room.answers() == [ANA]


async def test_the_road_is_proven_and_a_closed_one_is_told(room: DiscordRoom, ana: User) -> None:
    closed = room.member("Cleo")
    closed.dms = False
    seen = await room.double.slash(closed, "remind set", {"time": "09:00"}, room.channel)
    assert "allow direct messages" in seen.text

    await room.soon(
        lambda: room.rows("SELECT state FROM delivery WHERE kind = 'notice' AND state = 'failed'")
    )
    again = await room.double.slash(closed, "streak", {}, room.channel)
    assert "direct message" in again.text
