"""Forms on Slack: long answers, errors on their fields, refused answers, files; over real sockets."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from evening import ANA
from slack_double import User, text_of
from slack_room import Json, Sight, SlackRoom, boxes, is_private, slack_room

from core import catalogue


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


def value(form: Sight, box: str = "text") -> str:
    return str(boxes(form)[box].get("initial_value") or "")


async def holds(room: SlackRoom, who: User, shown: Json | Sight, label: str = "Answer") -> str:
    """What stands in the first box when this person opens the form; it is closed again."""
    opened = await room.press(who, shown, label)
    assert opened.view is not None, opened.text
    await room.double.close_view(who)
    return value(opened)


# --- long answers ----------------------------------------


async def test_two_full_boxes_become_one_answer_without_losing_a_word(room: SlackRoom, card: Json) -> None:
    ana = room.member("Ana")
    first, second = (" ".join(f"{word}{n:03}" for n in range(375)) + "." for word in ("then", "next"))
    assert len(first) == len(second) == 3000
    opened = await room.press(ana, card, "Answer")
    one, two = boxes(opened)
    assert {box["max_length"] for box in boxes(opened).values()} == {3000}
    told = await room.fill(ana, opened, **{one: first, two: second})
    assert "Kept:" in told.text and is_private(told)
    assert room.answers() == [f"{first}\n{second}"]
    again = await room.press(ana, told, "Revise")
    held = {name: value(again, name) for name in boxes(again)}
    assert all(len(words) <= 3000 for words in held.values())
    last = next(reversed(held))
    await room.fill(ana, again, **{last: held[last].replace("next000", "then")})
    assert room.answers()[1].split() == [*first.split(), "then", *second.split()[1:]]


async def test_the_four_parts_of_a_guided_answer_are_one_answer(room: SlackRoom, card: Json) -> None:
    ana = room.member("Ana")
    opened = await room.press(ana, card, "Guided answer")
    parts = {name: f"Here is my {name}, told in some words." for name in boxes(opened)}
    assert list(parts)[:4] == ["situation", "task", "action", "result"]
    told = await room.fill(ana, opened, **parts)
    assert "Kept:" in told.text and is_private(told)
    (kept,) = room.answers()
    assert [kept.count(words) for words in parts.values()] == [1] * len(parts)
    assert sorted(kept.index(words) for words in parts.values()) == [kept.index(w) for w in parts.values()]


# --- errors on the fields ----------------------------------------


async def test_a_time_that_is_none_is_said_at_its_box_and_what_was_typed_stays(
    room: SlackRoom, card: Json
) -> None:
    ana = room.member("Ana")
    form = await room.say(ana, "remind set")
    wrong = await room.fill(ana, form, time="25:99", days="mon, tue")
    assert list(wrong.errors) == ["time"] and "25:99" in wrong.errors["time"]
    assert wrong.view is form.view and wrong.view is not None and wrong.view.open
    assert wrong.act.latency < 1 and room.rows("SELECT * FROM draft") == []
    right = await room.fill(ana, wrong, time="9:30")
    assert right.view is None and not right.errors and "9:30" in right.text
    assert room.rows("SELECT count(*) FROM schedule WHERE person_id IS NOT NULL") == [(1,)]


async def test_several_errors_stand_at_their_boxes_at_once(room: SlackRoom, card: Json) -> None:
    form = await room.say(room.olga, "drops add")
    wrong = await room.fill(room.olga, form, time="soon", days="someday", zone="")
    assert {"time", "days"} <= set(wrong.errors)
    right = await room.fill(room.olga, wrong, time="10:00", days="fri")
    assert right.view is None and not right.errors
    assert room.rows("SELECT count(*) FROM schedule") == [(2,)]


async def test_a_number_that_is_none_is_said_at_its_box(room: SlackRoom, card: Json) -> None:
    form = await room.say(room.olga, "share remove")
    for typed in ("many", "1.5", "", "99999999999999999999"):
        wrong = await room.fill(room.olga, form, answer=typed or " ")
        assert list(wrong.errors) == ["answer"] and wrong.view is form.view, (typed, wrong.text)
    told = await room.fill(room.olga, form, answer="7")
    assert told.view is None and is_private(told), "a number that could be one is looked up"


async def test_what_has_to_be_looked_up_is_said_at_its_box_as_well(room: SlackRoom, card: Json) -> None:
    form = await room.say(room.olga, "setup")
    wrong = await room.fill(room.olga, form, time="18:00", zone="Atlantis")
    assert list(wrong.errors) == ["zone"] and "No time zone" in wrong.errors["zone"]
    form = wrong
    alone = room.double.world.dm_of(room.olga, room.team)
    await room.at_rest()  # a form right behind another closes at once, see docs/decisions/0010-slack-forms.md
    wrong = await room.fill(room.olga, form, zone="Europe/Berlin", channel=alone.id)
    assert wrong.view is form.view, (wrong.act.latency, wrong.text)
    assert list(wrong.errors) == ["channel"] and "direct message" in wrong.errors["channel"]
    right = await room.fill(room.olga, wrong, channel=room.channel.id)
    assert not right.errors and right.view is None and "Europe/Berlin" in right.text


# --- answers that are refused ----------------------------------------


async def test_a_form_that_is_refused_comes_back_to_its_writer_alone(room: SlackRoom) -> None:
    room.more["STARLING_LIMITS__ANSWER_CHARACTERS"] = "1000"
    await room.start()
    await room.set_up()
    card = await room.drop()
    ana, ben = room.member("Ana"), room.member("Ben")
    words = ("I wrote a little too much. " * 45).strip()
    refused = await room.answer(ana, card, words)
    assert "up to 1,000 are kept" in refused.text and is_private(refused)
    assert room.answers() == [] and refused.labels == ["Edit"]
    assert await holds(room, ben, card) == ""
    assert await holds(room, ana, card) == words
    assert await holds(room, ben, card) == "", "one member's words never reach another"
    assert await holds(room, ana, refused, "Edit") == words
    await room.restart()
    assert await holds(room, ana, card) == words
    assert await holds(room, ben, card) == ""
    again = await room.press(ana, refused, "Edit")
    assert value(again) == words
    assert "Kept:" in (await room.fill(ana, again, text=ANA)).text
    assert room.answers() == [ANA]
    assert await holds(room, ana, card) == ""


async def test_a_refused_answer_typed_into_the_command_is_not_lost_either(room: SlackRoom) -> None:
    room.more["STARLING_LIMITS__ANSWER_CHARACTERS"] = "1000"
    await room.start()
    await room.set_up()
    await room.drop()
    ana = room.member("Ana")
    words = ("Far & away <too> much. " * 60).strip()
    refused = await room.say(ana, f"answer text: {words}")
    assert "up to 1,000 are kept" in refused.text and is_private(refused)
    assert await holds(room, ana, refused, "Edit") == words
    away = await room.say(ana, f"answer prompt: none-such text: {ANA}")
    assert ANA in letter(room, ana) and "in your direct messages" in away.text
    form = await room.press(ana, refused, "Edit")
    assert "Kept:" in (await room.fill(ana, form, text=ANA)).text
    assert await holds(room, ana, room.posts()[-1]) == ""


async def test_a_long_line_that_is_no_command_comes_back_to_its_writer(room: SlackRoom, card: Json) -> None:
    ana = room.member("Ana")
    told = await room.say(ana, f"anwser {ANA}")
    assert "There is no command" in told.text and is_private(told)
    assert letter(room, ana) == f"anwser {ANA}"
    assert "your-words" not in (await room.say(ana, "anwser")).text
    assert [m for m in room.double.dms(ana) if m.get("files")][1:] == []


def letter(room: SlackRoom, who: User) -> str:
    """The newest file in somebody's direct messages."""
    file = [m for m in room.double.dms(who) if m.get("files")][-1]["files"][0]
    return room.double.world.uploads[file["id"]].decode()


async def test_a_question_that_closes_while_its_form_is_open_is_answered_as_practice(
    room: SlackRoom, card: Json
) -> None:
    ana = room.member("Ana")
    opened = await room.press(ana, card, "Answer")
    before = len(room.posts())
    room.clock.skip(days=1, minutes=5)
    await room.soon(lambda: len(room.posts()) > before)
    told = await room.fill(ana, opened, text=ANA)
    assert "Kept:" in told.text and is_private(told) and room.answers() == [ANA]


async def locked(room: SlackRoom, seconds: float) -> asyncio.Task[None]:
    """Another program writes to the database, from now on and for that long."""
    database = room.folder / "starling.db"
    db = sqlite3.connect(database, timeout=5, isolation_level=None, check_same_thread=False)
    await asyncio.to_thread(db.execute, "BEGIN IMMEDIATE")

    async def hold() -> None:
        with contextlib.closing(db):
            await asyncio.sleep(seconds)
            db.execute("ROLLBACK")

    return asyncio.create_task(hold())


async def test_what_is_sent_while_the_database_is_busy_is_kept(room: SlackRoom, card: Json) -> None:
    ana = room.member("Ana")
    opened = await room.press(ana, card, "Answer")
    holding = await locked(room, 1.0)
    await asyncio.sleep(0.05)  # a beat of the clock waits for it, too
    told = await room.fill(ana, opened, text=ANA)
    await holding
    assert "Kept:" in told.text and told.act.latency < 0.5 and room.answers() == [ANA]


@pytest.mark.slow
async def test_a_form_that_is_not_ready_in_time_is_offered_by_a_button(room: SlackRoom, card: Json) -> None:
    ana, ben = room.member("Ana"), room.member("Ben")
    holding = await locked(room, 3.2)
    await asyncio.sleep(0.05)  # a beat of the clock waits for it, too
    # Nobody knows Ana yet: she has to be written down before she is asked anything.
    seen, other = await asyncio.gather(room.press(ana, card, "Guided answer"), room.say(ben, "answer"))
    await holding
    for who, offered in ((ana, seen), (ben, other)):
        assert offered.view is None and is_private(offered) and offered.act.latency < 1
        form = await room.press(who, offered, offered.labels[0])
        box = next(iter(boxes(form)))
        assert "Kept:" in (await room.fill(who, form, **{box: ANA})).text


@pytest.mark.slow
async def test_settings_that_take_long_close_their_form_in_time_and_tell_later(
    room: SlackRoom, card: Json
) -> None:
    ana = room.member("Ana")
    form = await room.say(ana, "remind set")
    holding = await locked(room, 2.8)
    await asyncio.sleep(0.05)  # a beat of the clock waits for it, too
    told = await room.fill(ana, form, time="9:30")
    await holding
    assert 1.5 < told.act.latency < 3 and told.view is None and "9:30" in told.text and is_private(told)


# --- files, and what is suggested ----------------------------------------

PACK = b"""
format = "practice-pack/1"

[pack]
id = "ours"
version = "1.0.0"
title = "Ours"
license = "MIT"

[[prompt]]
id = "first"
track = "ask"
text = "What is asked?"
"""


async def test_a_form_with_a_file_brings_the_file_or_says_so(room: SlackRoom, card: Json) -> None:
    form = await room.say(room.olga, "pack import")
    assert boxes(form)["file"]["type"] == "file_input"
    told = await room.fill(room.olga, form, file=[room.double.upload(room.olga, "ours.toml", PACK)])
    assert room.rows("SELECT count(*) FROM pack WHERE slug = 'ours'") == [(1,)], told.text
    assert "ours" in told.text and is_private(told)
    form = await room.say(room.olga, "pack check")
    told = await room.fill(room.olga, form, file=[room.double.upload(room.olga, "ours.toml", PACK)])
    assert "ours" in told.text
    form = await room.say(room.olga, "pack import")
    lost = room.double.upload(room.olga, "other.toml", PACK)
    del room.double.world.uploads[lost["id"]]
    told = await room.fill(room.olga, form, file=[lost])
    assert "could not be fetched" in told.text and is_private(told)
    form = await room.say(room.olga, "pack import")
    told = await room.fill(room.olga, form, file=[room.double.upload(room.olga, "a.toml", b"x" * 1048577)])
    assert "over 1 MiB" in told.text
    told = await room.say(room.olga, "pack import")
    told = await room.fill(room.olga, told, file=[room.double.upload(room.olga, "a.toml", b"no pack")])
    assert room.rows("SELECT count(*) FROM pack WHERE slug = 'ours'") == [(1,)]
    assert "Nothing of a.toml was imported." in told.text


async def change(room: SlackRoom, who: User, *, direct: bool = False) -> Sight:
    """The form of somebody's own settings."""
    shown = await (room.say_directly if direct else room.say)(who, "me settings")
    return await room.press(who, shown, shown.labels[0])


async def test_a_zone_is_chosen_from_what_is_suggested_or_typed(room: SlackRoom, card: Json) -> None:
    ana = room.member("Ana")
    form = await change(room, ana)
    assert boxes(form)["zone"]["type"] == "external_select" and form.view is not None
    offered = await room.double.suggest(ana, form.view, "value", "lisb", block_id="zone")
    assert offered[0]["value"] == "Europe/Lisbon" and offered[-1]["value"] == "lisb"
    told = await room.fill(ana, form, zone="Europe/Lisbon")
    assert not told.errors and "Europe/Lisbon" in told.text
    form = await change(room, ana)
    assert form.view is not None
    offered = await room.double.suggest(ana, form.view, "value", "Atlantis", block_id="zone")
    wrong = await room.fill(ana, form, zone=offered[-1]["value"])
    assert list(wrong.errors) == ["zone"] and wrong.view is form.view
    room.double.fail("users.info", "500", times=3)
    assert await room.double.suggest(ana, form.view, "value", "Ber", block_id="zone")


async def test_a_pack_is_chosen_from_those_that_are_there(room: SlackRoom, card: Json) -> None:
    form = await room.say(room.olga, "pack import")
    await room.fill(room.olga, form, file=[room.double.upload(room.olga, "ours.toml", PACK)])
    form = await room.say(room.olga, "pack remove")
    assert boxes(form)["name"]["type"] == "external_select" and form.view is not None
    offered = await room.double.suggest(room.olga, form.view, "value", "", block_id="name")
    assert [each["value"] for each in offered] == ["ours"]
    told = await room.fill(room.olga, form, name="ours")
    assert "ours" in told.text and not told.errors and is_private(told)


# --- every command ----------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("direct", [False, True])
async def test_every_command_without_its_options_opens_a_form_or_answers(
    room: SlackRoom, card: Json, direct: bool
) -> None:
    """Nobody has to know the words: what is missing is asked for, and only what is everybody's is said to all."""
    room.more["STARLING_LIMITS__COMMANDS_PER_MINUTE"] = "10000"
    await room.restart()
    ana = room.member("Ana")
    await room.answer(ana, card, ANA)
    ends = {"me forget", "me leave", "drops remove", "pack remove", "drops pause"}
    listed = sorted(catalogue.registry().listed(), key=lambda c: (c.path in ends, c.path))
    for command in listed:
        for who in (ana, room.olga):
            before = len(room.double.messages(room.channel))
            seen = await (room.say_directly if direct else room.say)(who, command.path)
            if any(option.required for option in command.options):
                elsewhere = "organisers of this group" in seen.text or "set up in the channel" in seen.text
                assert seen.view is not None or elsewhere, (command.path, seen.text)
            else:
                assert seen.view is None or boxes(seen), command.path
            if seen.view is not None:
                await room.double.close_view(who)
            assert is_private(seen) or not command.private, command.path
            assert "Something broke" not in seen.text, command.path
            await asyncio.sleep(0.03)
            after = room.double.messages(room.channel)[before:]
            public = [text_of(m) for m in after] if command.private else []
            assert public == [] or command.path == "setup", (command.path, public)
    assert room.answers() == [ANA]
