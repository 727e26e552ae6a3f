"""Who sees what on Slack, who may do what, and that nobody's words do anything: over real sockets."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from evening import ANA
from slack_double import User, broadcasts, buttons, text_of
from slack_double_seen import walk
from slack_room import Json, Sight, SlackRoom, is_private, slack_room

from adapters.slack.escape import unescape

HOSTILE = {
    "a channel": "<!channel> <!here|here> <!everyone> <!subteam^S012345> look",
    "a person": "<@U000000002> and <@U000000002|olga> and @Olga and <#C000000003>",
    "a link": "<https://evil.example|https://bank.example> https://evil.example/x www.evil.example",
    "escaped": "&lt;!channel&gt; &amp;lt; &amp; & <b>",
    "markdown": "*bold* _it_ ~gone~ `code` ```block``` :smile: > quote\n> quote\n- [x](y)",
    "a date": "<!date^0^{date_short_pretty}^https://evil.example|soon>",
    "json": '"}]}, {"type": "section"} {{7*7}} ${x} %s \\u003c!channel\\u003e',
}
STORY = "Last winter our report took six hours. I rewrote the join and it now takes 20 minutes. {} And that was it."
_CONTROL = re.compile(r"<[^<>]*>")


@pytest.fixture
async def room(tmp_path: Path) -> AsyncIterator[SlackRoom]:
    async with slack_room(tmp_path) as room:
        yield room
        for each in everything(room):
            assert broadcasts({"said": each}) == [], text_of(each)
        for asked in room.double.asked("chat.postMessage"):
            assert asked.args.get("unfurl_links") is False and asked.args.get("unfurl_media") is False


@pytest.fixture
async def card(room: SlackRoom) -> Json:
    """Starling is set up, and today's question has come."""
    await room.start()
    await room.set_up()
    return await room.drop()


def everything(room: SlackRoom) -> Iterator[Json]:
    """All that Starling shows to anybody."""
    world, bot = room.double.world, room.team.bot.id
    yield from (m for c in world.channels.values() for m in c.messages if m["user"] == bot)
    yield from (m for some in world.ephemerals.values() for m in some)
    yield from (view.body for some in (world.views.values(), world.homes.values()) for view in some)


def reads(shown: Json) -> str:
    """The words as Slack shows them: mrkdwn without its escapes, everything else as it stands."""
    found = []
    for each in walk(shown.get("blocks") or []):
        if isinstance(text := each.get("text"), str):
            found.append(unescape(text) if each.get("type") == "mrkdwn" else text)
    return "".join(found)


def active(shown: Json) -> list[str]:
    """Whatever does something when it is shown or pressed: mentions, links, emoji; no dates of ours."""
    found = []
    for each in walk(shown):
        kind, text = each.get("type"), each.get("text")
        if kind in ("user", "usergroup", "broadcast", "channel", "link", "emoji"):
            found.append(str(each))
        elif isinstance(text, str) and kind not in ("plain_text", "text"):
            found += [hit for hit in _CONTROL.findall(text) if not re.match(r"<!date\^\d{10}\^", hit)]
    return found


async def shared(room: SlackRoom, who: User, on: Sight) -> Sight:
    """Share an answer with one's name."""
    asked = await room.press(who, on, "Share")
    return await room.press(who, asked, "With my name")


# --- words that would do something ----------------------------------------


@pytest.mark.parametrize("what", HOSTILE)
async def test_hostile_words_in_an_answer_are_shown_as_typed_and_do_nothing(
    room: SlackRoom, card: Json, what: str
) -> None:
    ana, ben = room.member("Ana"), room.member("Ben")
    words = STORY.format(HOSTILE[what])
    told = await room.answer(ana, card, words)
    assert "Kept:" in told.text and room.answers() == [words]
    assert active(told.shown) == []
    await shared(room, ana, told)
    theirs = await room.answer(ben, card, ANA)
    read = await room.press(ben, theirs, "Shared answers")
    assert HOSTILE[what] in reads(read.shown) and active(read.shown) == [], reads(read.shown)
    form = await room.press(ana, told, "Revise")
    assert form.view is not None
    assert words in [each.get("initial_value") for each in walk(form.view.body)], "in the box as it was typed"
    await room.double.close_view(ana)
    room.clock.skip(seconds=20)
    for line in ("today", "history", "history prompt: d1", "streak"):
        assert active((await room.say(ana, line)).shown) == [], line


@pytest.mark.parametrize("what", HOSTILE)
async def test_hostile_names_are_shown_as_they_are_and_do_nothing(
    room: SlackRoom, card: Json, what: str
) -> None:
    name = HOSTILE[what].replace("\n", " ")[:70]
    ana, ben = room.member(name), room.member("Ben")
    told = await room.answer(ana, card, ANA)
    await shared(room, ana, told)
    await room.answer(ben, card, ANA + " Again.")
    board = await room.say(ben, "leaderboard")
    assert not is_private(board) and active(board.shown) == []
    assert " ".join(name.split())[:12] in reads(board.shown), reads(board.shown)
    read = await room.press(ben, await room.say(ben, "today"), "Shared answers")
    assert active(read.shown) == [] and " ".join(name.split())[:12] in reads(read.shown)
    room.clock.skip(days=1)
    await room.soon(lambda: len(room.posts()) > 2)
    for post in room.posts():
        assert active(post) == [], text_of(post)


@pytest.mark.parametrize("what", HOSTILE)
async def test_a_group_s_hostile_name_rings_for_nobody(room: SlackRoom, what: str) -> None:
    await room.start()
    name = HOSTILE[what].replace("\n", " ").replace('"', "'")[:60]
    seen = await room.set_up(name=f'"{name}"')
    assert name.split()[0][:12] in reads(seen.shown) and active(seen.shown) == [], reads(seen.shown)
    card = await room.drop()
    ana = room.member("Ana")
    await room.answer(ana, card, ANA)
    for line in ("leaderboard by: streak", "me settings", "me show", "drops list"):
        seen = await room.say(ana if line != "drops list" else room.olga, line)
        assert active(seen.shown) == [] or line == "drops list", (line, active(seen.shown))
    assert [active(post) for post in room.posts()] == [[]] * len(room.posts())


async def test_what_is_typed_wrongly_is_repeated_without_doing_anything(room: SlackRoom, card: Json) -> None:
    ana = room.member("Ana")
    for words in HOSTILE.values():
        for line in (words, f"help {words}", f"streak view: {words}", f"history prompt: {words}"):
            seen = await room.say(ana, line)
            assert is_private(seen) and active(seen.shown) == [], line
            room.clock.skip(seconds=5)


async def test_awkward_signs_arrive_whole_and_within_every_limit(room: SlackRoom, card: Json) -> None:
    ana, ben = room.member("\u202eanA\u202c\u200b\u2066"), room.member("\u200b\u200d\u2060")
    awkward = [
        "\u202ethgir ot tfel\u202c and \u200bzero\u200d\ufeff width",
        "👩‍👩‍👧‍👦" * 200 + " I did it.",
        "🎉" * 1500,
        "́" * 500 + "Zalgo I did.",
        "\U000e0041\U000e0042 tags, \ufffe nonchars, \x07 bells. I did.",
    ]
    for words in awkward:
        told = await room.answer(ana, card, words)
        assert is_private(told) and "Something broke" not in told.text
        assert active(told.shown) == []
        room.clock.skip(seconds=20)
    assert len(room.answers()) >= 3
    assert not any("\u202e" in text_of(each) for each in everything(room)), "no name turns a line around"
    board = await room.say(ben, "leaderboard")
    assert active(board.shown) == []
    many = "🎉" * 10_000
    seen = await room.say(ana, f"answer text: {many}")
    assert is_private(seen) and "Something broke" not in seen.text


async def test_a_file_s_hostile_name_does_nothing(room: SlackRoom, card: Json) -> None:
    ana = room.member("Ana")
    for words in HOSTILE.values():
        said = await room.double.dm(ana, "", files={f"{words}.png": b"x"})
        (told,) = await room.double.answer_to(said)
        assert active(told) == []
        form = await room.say(room.olga, "pack import")
        wrong = await room.fill(
            room.olga, form, file=[room.double.upload(room.olga, f"{words}.toml", b"<!channel> *no* toml")]
        )
        assert active(wrong.shown) == [] and is_private(wrong)
        room.clock.skip(seconds=20)


# --- who sees what ----------------------------------------


async def test_what_is_private_is_for_its_reader_alone_and_ordinary_in_their_dm(
    room: SlackRoom, card: Json
) -> None:
    ana, ben = room.member("Ana"), room.member("Ben")
    told = await room.answer(ana, card, ANA)
    assert is_private(told)
    for line in ("today", "streak", "history", "help", "me show", "me export", "remind show", "practice"):
        assert is_private(await room.say(ana, line)), line
        seen = await room.say_directly(ana, line)
        assert seen.view is not None or seen.message in room.double.dms(ana), line
    assert not is_private(await room.say(ana, "leaderboard"))
    assert room.double.ephemerals(ben) == [] == room.double.dms(ben)
    for other in (ben, room.olga):
        for shown in [*room.double.messages(room.channel), *room.double.ephemerals(other)]:
            assert "six hours" not in text_of(shown)
    # what goes by the wire names its one reader
    assert {asked.args["user"] for asked in room.double.asked("chat.postEphemeral")} <= {ana.id, room.olga.id}
    dm = room.double.world.dm_of(ana, room.team)
    for asked in room.double.asked("chat.postMessage"):
        assert asked.args["channel"] in (room.channel.id, dm.id)


async def test_organisers_see_nobody_s_answers(room: SlackRoom, card: Json) -> None:
    ana = room.member("Ana")
    told = await room.answer(ana, card, ANA)
    for line in (
        "history",
        "history prompt: d1",
        "today",
        "drops list",
        "pack list",
        "doctor",
        "me export",
        "leaderboard",
    ):
        assert "six hours" not in (await room.say(room.olga, line)).text, line
    await room.at_rest()
    for message in room.double.dms(room.olga):
        for file in message.get("files") or ():
            assert b"six hours" not in room.double.world.uploads[file["id"]]
    for label in ("Revise", "Share", "Save", "My attempts"):
        action = next(number for number, name in buttons(told.shown).items() if name == label)
        seen = await pressed(room, room.olga, action)
        assert "six hours" not in seen.text and is_private(seen), (label, seen.text)
    assert room.double.modal(room.olga) is None
    assert room.rows("SELECT saved_at, withdrawn_at FROM answer") == [(None, None)]


async def forge(room: SlackRoom, action_id: str) -> tuple[Json, str]:
    """A message with a button of somebody's own making, as if Starling had shown it."""
    button = {"type": "button", "action_id": action_id, "text": {"type": "plain_text", "text": "Press me"}}
    body = {"text": "x", "blocks": [{"type": "actions", "elements": [button]}]}
    message = room.double.world.message(room.channel, room.team.bot, body)
    room.double.world.keep(room.channel, message)
    return message, action_id


async def pressed(room: SlackRoom, who: User, action_id: str) -> Sight:
    message, number = await forge(room, action_id)
    return await room.sees(who, lambda: room.double.press(who, message, number))


async def test_a_forged_button_gives_no_rights(room: SlackRoom, card: Json) -> None:
    ana, ben = room.member("Ana"), room.member("Ben")
    await room.answer(ana, card, ANA)
    organising = (
        "drops pause:number=1",
        "drops remove:number=1;sure=yes",
        "share remove:answer=1",
        "testpost",
    )
    for action in organising:
        seen = await pressed(room, ben, action)
        assert "organisers" in seen.text and is_private(seen), action
    theirs = (
        "withdraw:answer=1;sure=yes",
        "revise:answer=1",
        "save:answer=1",
        "share:answer=1;how=name",
    )
    for action in theirs:
        seen = await pressed(room, ben, action)
        assert "not yours" in seen.text and is_private(seen), action
    for action in ("me forget now:person=1", "me leave now:group=999", "leave:message=1", "count:message=1"):
        assert is_private(await pressed(room, ben, action)), action
    for action in (
        "no such thing",
        "answer:prompt=d999",
        "x" * 255,
        "answer:prompt='; DROP TABLE answer",
        "§r",
    ):
        seen = await pressed(room, ben, action)
        assert seen.view is None and is_private(seen) and seen.text, action
        room.clock.skip(seconds=10)
    assert room.answers() == [ANA]
    assert room.rows("SELECT saved_at, withdrawn_at FROM answer") == [(None, None)]
    assert room.rows("SELECT state FROM schedule") == [("active",)]


async def test_a_member_who_is_no_admin_organises_nothing_and_a_guest_s_rights_are_not_ours(
    room: SlackRoom, card: Json
) -> None:
    chief = room.double.add_user("Chief", room.double.add_team("Elsewhere"), admin=True)
    room.channel.members.append(chief)
    room.channel.shared = True
    seen = await pressed(room, chief, "drops remove:number=1;sure=yes")
    assert "organisers" in seen.text and is_private(seen)
    assert room.rows("SELECT state FROM schedule") == [("active",)]
