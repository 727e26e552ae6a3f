"""Who sees what on Discord, and who may do what: over real sockets, with forged presses as well."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from discord_double import NotOffered, buttons, text_of
from discord_double_world import EVERYTHING, Channel, Json
from discord_room import FORM, DiscordRoom, discord_room, is_private
from evening import ANA


@pytest.fixture
async def room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[DiscordRoom]:
    async with discord_room(tmp_path, monkeypatch) as room:
        yield room


@pytest.fixture
async def card(room: DiscordRoom) -> Json:
    """Starling is set up, and today's question has come."""
    await room.start()
    await room.set_up()
    return await room.drop()


async def test_what_is_private_is_hidden_among_others_and_ordinary_in_the_dm(
    room: DiscordRoom, card: Json
) -> None:
    ana = room.member("Ana")
    for line in ("today", "streak", "history", "help", "me show"):
        assert is_private(await room.double.slash(ana, line, {}, room.channel)), line
        assert not is_private(await room.double.slash(ana, line)), line
    assert not is_private(await room.double.slash(ana, "leaderboard", {}, room.channel))
    opened = await room.double.slash(ana, "answer")
    assert not is_private(await room.double.submit_modal(ana, opened, {"text": ANA}))
    opened = await room.press(ana, card, "Answer")
    assert is_private(await room.double.submit_modal(ana, opened, {"text": ANA}))
    texts = [text_of(m) for m in room.double.messages(room.channel)]
    assert not any(ANA[:30] in text for text in texts)


async def test_where_starling_is_only_somebodys_own_app_it_speaks_to_them_alone(
    room: DiscordRoom, card: Json
) -> None:
    elsewhere = await room.double.add_guild("Elsewhere", present=False)
    hall = await room.double.add_channel(elsewhere, "hall")
    olga = room.double.add_member(elsewhere, room.olga, permissions=EVERYTHING)
    offered = 0
    registered = [c for c in room.double.world.commands[0] if c["type"] == 1]
    for command in registered:
        subs = [o for o in command.get("options") or () if o["type"] == 1]
        for name, options in [(f"{command['name']} {s['name']}", s) for s in subs] or [
            (command["name"], command)
        ]:
            needed = [o["name"] for o in options.get("options") or () if o.get("required")]
            given = {
                "time": "09:00",
                "text": ANA,
                "answer": 1,
                "name": "ours",
                "file": {"a.toml": b"nothing"},
            }
            try:
                seen = await room.double.slash(
                    olga, name, {n: given[n] for n in needed}, hall, install="user"
                )
            except NotOffered:
                continue
            offered += 1
            assert seen.callback == FORM or is_private(seen), name
            assert seen.follow_ups == [], name
    assert offered > 5 and room.double.messages(hall) == []
    # her rights there, on whatever reaches us, count for nothing
    forged = await room.double.press(olga, *await forge(room, hall, "drops remove:number=1;sure=yes"))
    assert is_private(forged) and "organisers of this group" in forged.text
    assert room.rows("SELECT state FROM schedule WHERE person_id IS NULL") == [("active",)]


async def forge(room: DiscordRoom, where: Channel, custom_id: str) -> tuple[Json, str]:
    """A message with a button of somebody's own making, as if Starling had shown it."""
    button = {"type": 2, "style": 1, "label": "Press me", "custom_id": custom_id}
    body = {"components": [{"type": 1, "components": [button]}]}
    return room.double.world.message(where, room.double.world.bot, body, {}), custom_id


async def test_a_forged_button_gives_no_rights(room: DiscordRoom, card: Json) -> None:
    ana, ben = room.member("Ana"), room.member("Ben")
    await room.answer(ana, card, ANA)
    for action in (
        "drops pause:number=1",
        "drops remove:number=1;sure=yes",
        "share remove:answer=1",
        "testpost",
    ):
        seen = await room.double.press(ben, *await forge(room, room.channel, action))
        assert "organisers" in seen.text and is_private(seen), action
    for action in (
        "withdraw:answer=1;sure=yes",
        "revise:answer=1",
        "save:answer=1",
        "share:answer=1;how=name",
    ):
        seen = await room.double.press(ben, *await forge(room, room.channel, action))
        assert "not yours" in seen.text and is_private(seen), action
    for action in ("me forget now:person=1", "me leave now:group=999"):
        seen = await room.double.press(ben, *await forge(room, room.channel, action))
        assert is_private(seen), action
    for action in ("no such thing", "answer:prompt=d999", "x" * 100, "answer:prompt='; DROP TABLE answer"):
        seen = await room.double.press(ben, *await forge(room, room.channel, action))
        assert seen.callback != FORM and is_private(seen) and seen.text, action
    assert room.answers() == [ANA]
    assert room.rows("SELECT saved_at, withdrawn_at FROM answer") == [(None, None)]
    assert room.rows("SELECT state FROM schedule") == [("active",)]


async def test_a_messages_menu_is_private_and_takes_only_ones_own_words(
    room: DiscordRoom, card: Json
) -> None:
    ana, ben = room.member("Ana"), room.member("Ben")
    said = await room.double.say(ana, room.channel, ANA)
    read = await room.double.context_menu(ben, "STAR feedback", said, room.channel)
    assert is_private(read) and "Situation" in read.text and room.answers() == []
    assert ANA not in str(room.rows("SELECT * FROM draft"))
    refused = await room.double.context_menu(ben, "Use as my answer", said, room.channel)
    assert is_private(refused) and "message of your own" in refused.text and room.answers() == []
    taken = await room.double.context_menu(ana, "Use as my answer", said, room.channel)
    assert is_private(taken) and "Kept:" in taken.text
    again = await room.double.context_menu(ana, "Use as my answer", said, room.channel)
    assert is_private(again) and room.answers() == [ANA]
    picture = await room.double.say(ana, room.channel, "", files={"me.png": b"x"})
    assert "no words" in (await room.double.context_menu(ana, "Use as my answer", picture, room.channel)).text


# --- while somebody types ----------------------------------------


async def test_what_is_typed_is_completed_without_any_markup(room: DiscordRoom, card: Json) -> None:
    ana = room.member("Ana")

    async def offered(command: str, option: str, typed: str, **more: Any) -> list[Json]:
        found = await room.double.autocomplete(ana, command, more | {option: typed}, option, room.channel)
        assert 0 < len(found) <= 25
        assert not any("<t:" in str(c) or "<@" in str(c) or not 0 < len(c["name"]) <= 100 for c in found)
        return found

    assert (await offered("answer", "prompt", ""))[0]["value"] == "d1"
    assert "matri" in (await offered("answer", "prompt", "matri"))[1]["name"].lower()
    zones = await offered("remind set", "zone", "berl", time="09:00")
    assert zones[0]["value"] == "Europe/Berlin" and "now" in zones[0]["name"]
    tracks = await offered("remind set", "tracks", "coding, beh", time="09:00")
    assert tracks[0]["value"] == "coding, behavioural"
    room.double.fail("POST", "/callback$", 1, "accepted-502")
    assert await offered("answer", "prompt", "")
    reminder = await room.double.slash(ana, "remind set", {"time": "09:00"}, room.channel)
    assert "<t:" in reminder.text
    for label in [x for m in room.double.private(ana) for x in buttons(m).values()]:
        assert "<t:" not in label


async def test_what_is_for_one_reader_is_shown_to_nobody_else_though_its_command_is_for_all(
    room: DiscordRoom, card: Json
) -> None:
    ana = room.member("Ana")
    await room.answer(ana, card, ANA)
    await room.double.slash(ana, "me hide", {}, room.channel)
    posted = len(room.double.messages(room.channel))
    board = await room.double.slash(ana, "leaderboard", {}, room.channel, settle=False)
    await room.soon(lambda: board.follow_ups)
    (own,) = board.follow_ups
    assert "Your place" in text_of(own) and is_private(own)
    await room.at_rest()
    assert len(room.double.messages(room.channel)) == posted, "and nobody sees that something was asked"
