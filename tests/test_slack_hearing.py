"""What members write to Starling directly on Slack, now and while it was away: the real client, over real sockets."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import web
from conftest import NewDatabase
from evening import ANA, BEN, BEN_AGAIN
from moved_clock import MovedClock
from practising import studying
from slack_double import SlackDouble, User, buttons, text_of
from slack_double_world import Json
from sqlalchemy import select
from talk import Talk

from adapters.clock import SystemClock
from adapters.slack import hearing as hearing_module
from adapters.slack import replying
from adapters.slack.hearing import Hearing
from adapters.slack.ids import action_of, key_in
from adapters.slack.people import People
from adapters.slack.sender import SlackSender
from adapters.slack.views import payload
from adapters.slack.workspace import Token, Workspace, Workspaces
from core.call import Request, Where, Who
from core.delivery.outbox import Outbox
from core.events import Events
from core.store import people
from core.store.engine import Store, database_url
from core.store.tables import account, answer
from core.views import Message, Text

ASKED = "Count this as your answer"


class Room:
    """A workspace whose direct messages are heard, a group with questions, and Ana, who has a reminder."""

    def __init__(self, double: SlackDouble, workspaces: Workspaces, workspace: Workspace, talk: Talk) -> None:
        self.double, self.workspaces, self.workspace, self.talk = double, workspaces, workspace, talk
        self.ears: set[asyncio.Task[None]] = set()
        self.listens = True
        self.again()

    def again(self) -> None:
        """Starling is started anew."""
        self.people = People(self.workspace)
        self.events = Events(self.talk.app, self.talk.dispatcher)
        self.hearing = Hearing(self.workspace, self.people, self.events, pace=0.01)

    async def heard(self, request: web.Request) -> web.Response:
        """As Bolt does: acknowledged first, then handled."""
        event = (await request.json())["event"]
        if self.listens and event["type"] == "message":
            task = asyncio.create_task(self.hearing.message(event))
            self.ears.add(task)
            task.add_done_callback(self.ears.discard)
        return web.Response()

    async def at_rest(self) -> None:
        await asyncio.sleep(0.05)
        while self.ears:
            await asyncio.gather(*self.ears)

    # --- who and where ----------------------------------------

    def who(self, user: User) -> Who:
        return Who("slack", user.id, user.name, self.double.team.id)

    def here(self, user: User) -> Where:
        return Where("slack", channel_id=self.double.world.dm_of(user).id, name="direct message")

    async def ask(self, user: User, path: str, **values: str) -> None:
        await self.talk.dispatcher.run(Request(path, self.who(user), self.here(user), values))

    async def press(self, user: User, message: Json, label: str) -> str:
        element = next(
            e
            for b in message["blocks"]
            for e in b.get("elements", ())
            if e.get("text", {}).get("text") == label
        )
        view = await self.talk.dispatcher.press(action_of(element), self.who(user), self.here(user))
        return payload(view).text

    async def prompted(self, user: User) -> Json:
        """The question of the day, as the outbox sends it."""
        zone, at = "Europe/Berlin", "12:30"
        await self.ask(user, "remind set", time=at, zone=zone, tracks="behavioural")
        self.talk.until("2026-03-02 11:31")
        return await self.posted(user)

    async def posted(self, user: User) -> Json:
        outbox = Outbox(self.talk.app, {"slack": SlackSender(self.workspaces, SystemClock())})
        before = len(self.double.dms(user))
        await outbox.tick()
        await outbox.close()
        return self.double.dms(user)[before:][-1]

    def shown_again(self, user: User, question: Json) -> Json:
        """The same question in a reply of ours, of which the outbox knows nothing."""
        direct, team = self.double.world.dm_of(user), self.double.team
        again = self.double.world.message(direct, team.bot, {"text": "", "blocks": question["blocks"]})
        self.double.world.keep(direct, again)
        return again

    # --- what was said ----------------------------------------

    async def said(self, user: User, text: str, thread: Json | None = None, **more: Any) -> Json:
        """A direct message; what Starling replied to it, which stands in its thread."""
        message = await self.double.dm(user, text, thread["ts"] if thread else None, **more)
        reply = (await self.double.answer_to(message))[0]
        assert reply["thread_ts"] == (thread or message)["ts"]
        await self.at_rest()
        return reply

    def replies(self, user: User) -> list[Json]:
        return [m for m in self.double.dms(user) if key_in(m).startswith("m")]

    async def answers(self) -> list[str]:
        async with self.talk.store.read() as tx:
            return list((await tx.execute(select(answer.c.text).order_by(answer.c.id))).scalars())


@pytest.fixture
async def room(new_database: NewDatabase, clock: MovedClock) -> AsyncIterator[Room]:
    async with contextlib.AsyncExitStack() as stack:
        double = await stack.enter_async_context(await SlackDouble.start())
        store = await stack.enter_async_context(Store(database_url(await new_database("sqlite"))))
        workspaces = Workspaces([Token("ours", double.team.bot_token)], double.base_url)
        workspaces.open()
        stack.push_async_callback(workspaces.close)
        (workspace,) = workspaces
        await workspace.look()
        talk = await studying(store, clock)
        talk.reconfigure(platforms=("slack",))
        room = Room(double, workspaces, workspace, talk)
        app = web.Application()
        app.router.add_post("/", room.heard)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.2)
        await runner.setup()
        stack.push_async_callback(runner.cleanup)
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        double.team.url = f"http://127.0.0.1:{runner.addresses[0][1]}/"
        yield room
        await room.at_rest()
        await room.people.close()
        assert double.violations == []


@pytest.fixture
def ana(room: Room) -> User:
    return room.double.add_user("Ana", tz="Asia/Tokyo")


# --- while it listens ----------------------------------------


async def test_a_reply_in_the_prompt_s_thread_counts_at_once(room: Room, ana: User) -> None:
    question = await room.prompted(ana)
    assert "Your question of the day" in text_of(question)
    told = await room.said(ana, ANA, question)
    assert "Kept:" in text_of(told) and "I rewrote the join" in text_of(told)
    assert await room.answers() == [ANA]
    assert not told.get("is_ephemeral") and told in room.double.dms(ana)
    await room.said(ana, BEN, question, broadcast=True)
    assert await room.answers() == [ANA, BEN]


async def test_a_loose_message_is_asked_about_in_its_own_thread(room: Room, ana: User) -> None:
    await room.prompted(ana)
    asked = await room.said(ana, ANA)
    assert ASKED in text_of(asked) and await room.answers() == []
    assert "Kept:" in await room.press(ana, asked, "Yes") and await room.answers() == [ANA]
    assert "already" in await room.press(ana, asked, "Yes")
    thanks = await room.said(ana, "thanks!")
    assert "just a message" in await room.press(ana, thanks, "No")
    assert await room.answers() == [ANA]
    # in the thread of a loose message stand loose words
    loose = await room.double.dm(ana, "One more thing", thanks["thread_ts"])
    assert ASKED in text_of((await room.double.answer_to(loose))[0])


async def test_what_was_typed_is_read_as_words(room: Room, ana: User) -> None:
    question = await room.prompted(ana)
    await room.said(ana, f"{ANA} 1 < 2 && &lt; *done*", question)
    message = room.double.world.message(
        room.double.world.dm_of(ana),
        ana,
        {"text": f"<@U9> {BEN} <https://e.org|notes>", "thread_ts": question["ts"]},
    )
    room.double.world.keep(room.double.world.dm_of(ana), message)
    await room.hearing.message(message | {"channel": room.double.world.dm_of(ana).id, "channel_type": "im"})
    assert await room.answers() == [f"{ANA} 1 < 2 && &lt; *done*", f"@someone {BEN} notes (https://e.org)"]


async def test_a_card_that_lost_its_buttons_is_still_known(room: Room, ana: User) -> None:
    question = await room.prompted(ana)
    question["blocks"] = question["blocks"][:1]
    await room.said(ana, ANA, question)
    room.again()
    question.pop("metadata")  # by its number alone
    await room.said(ana, BEN, question)
    assert await room.answers() == [ANA, BEN]
    room.again()
    stray = room.double.world.message(room.double.world.dm_of(ana), room.double.team.bot, {"text": "Hello"})
    room.double.world.keep(room.double.world.dm_of(ana), stray)
    assert ASKED in text_of(await room.said(ana, "Hello yourself", stray))


async def test_when_slack_does_not_say_what_a_thread_is_about_the_member_is_asked(
    room: Room, ana: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hearing_module, "LOOK_WITHIN", 0.3)
    question = room.shown_again(ana, await room.prompted(ana))
    room.double.fail("conversations.replies", "503", 20)
    assert ASKED in text_of(await room.said(ana, ANA, question))
    room.double.api.faults.clear()
    assert "Kept:" in text_of(await room.said(ana, BEN, question))


async def test_a_thread_is_looked_up_once_and_what_the_outbox_posted_not_at_all(
    room: Room, ana: User
) -> None:
    question = await room.prompted(ana)
    for asks, times in ((question, 0), (room.shown_again(ana, question), 1)):
        for words in (ANA, BEN):
            assert "Kept:" in text_of(await room.said(ana, words, asks))
        assert len(room.double.asked("conversations.replies")) == times


async def test_text_files_and_snippets_count_and_other_files_are_explained(room: Room, ana: User) -> None:
    question = await room.prompted(ana)
    for name, data, why in (
        ("cv.pdf", b"%PDF", "“cv.pdf” is no text file"),
        ("big.txt", b"word " * 25_000, "“big.txt” is over 100 kB"),
        ("odd.txt", b"\xff\xfe\x00 words", "no text in UTF-8"),
        ("empty.md", b"", "“empty.md” is empty"),
    ):
        assert why in text_of(await room.said(ana, "", question, files={name: data}))
    assert await room.answers() == []
    assert "Kept:" in text_of(await room.said(ana, "", files={"story.md": ANA.encode()}))
    assert "Kept:" in text_of(await room.said(ana, "", question, files={"Untitled": BEN.encode()}))
    told = await room.said(ana, BEN_AGAIN, question, files={"story.pdf": b"%PDF"})
    assert "attached to it was not read" in text_of(told)
    assert await room.answers() == [ANA, BEN, BEN_AGAIN]


async def test_a_file_that_slack_does_not_hand_out_is_said_so(room: Room, ana: User) -> None:
    question = await room.prompted(ana)
    room.double.team.scopes.discard("files:read")
    told = await room.said(ana, "", question, files={"story.md": ANA.encode()})
    assert "“story.md” could not be fetched from Slack, so nothing was stored" in text_of(told)
    room.double.team.scopes.add("files:read")
    room.listens = False
    message = await room.double.dm(ana, "", question["ts"], files={"gone.md": b"x"})
    room.double.world.uploads.clear()
    room.listens = True
    await room.double.again(room.double.events[-1])
    assert "could not be fetched" in text_of((await room.double.answer_to(message))[0])
    assert await room.answers() == []


async def test_somebody_without_a_question_is_told_how_to_get_one(room: Room, ana: User) -> None:
    told = await room.said(ana, "Hello there")
    assert "No question is open for you" in text_of(told) and "Practise" in buttons(told).values()
    async with room.talk.store.read() as tx:
        row = (await tx.execute(select(account))).one()
    assert (row.name, row.workspace, row.dm_channel_id) == (
        "Ana",
        room.double.team.id,
        room.here(ana).channel_id,
    )
    assert (await person_zone(room, ana)) == "Asia/Tokyo"


async def person_zone(room: Room, user: User) -> str:
    async with room.talk.store.read() as tx:
        known = await people.look_up(tx, room.who(user), room.here(user))
    assert known is not None
    return known.person.zone


async def test_messages_keep_their_order(room: Room, ana: User) -> None:
    question = await room.prompted(ana)
    first = await room.double.dm(ana, ANA, question["ts"])
    second = await room.double.dm(ana, BEN, question["ts"])
    replies = await room.double.answer_to(second, count=2)
    assert [key_in(m) for m in replies] == [f"m{first['ts']}", f"m{second['ts']}"]
    assert await room.answers() == [ANA, BEN]


async def test_only_what_people_say_in_their_own_conversation_is_heard(room: Room, ana: User) -> None:
    question = await room.prompted(ana)
    channel = room.double.world.dm_of(ana)
    said = {
        "type": "message",
        "channel": channel.id,
        "user": ana.id,
        "text": ANA,
        "thread_ts": question["ts"],
    }
    before = len(room.double.dms(ana))
    odds: tuple[dict[str, object], ...] = (
        {"channel_type": "channel"},
        {"bot_id": "B9"},
        {"user": room.workspace.bot_user_id},
        {"user": "USLACKBOT"},
        {"user": ""},
        {"subtype": "message_deleted", "hidden": True},
        {"subtype": "bot_message"},
        {"subtype": "channel_join"},
        {"ts": ""},
    )
    for number, odd in enumerate(odds):
        await room.hearing.message({"channel_type": "im", **said, "ts": f"1772442000.00010{number}", **odd})
    mine = await room.double.dm(ana, "thanks!")
    await room.double.answer_to(mine)
    await room.double.edit(ana, channel, mine, "thank you!")
    await room.at_rest()
    assert len(room.double.dms(ana)) == before + 2 and await room.answers() == []


async def test_the_same_message_told_again_is_dealt_with_once(room: Room, ana: User) -> None:
    question = await room.prompted(ana)
    await room.said(ana, ANA, question)
    await room.said(ana, "thanks!")
    for event in room.double.events:
        if event.payload["event"].get("user") == ana.id:
            await room.double.again(event)
    room.again()  # and by another process
    for event in room.double.events:
        await room.hearing.message(event.payload["event"])
    await room.at_rest()
    assert len(room.replies(ana)) == 2 and await room.answers() == [ANA]


@pytest.mark.parametrize(
    "how", ["reset", "accepted-reset", "503", "accepted-503", "ratelimited", "accepted-silence"]
)
async def test_a_reply_is_shown_once_whatever_goes_wrong(
    room: Room, ana: User, how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(replying, "ARRIVING", 0.05)
    monkeypatch.setattr("adapters.slack.calls.LONGEST_TRY", 1.5)
    question = await room.prompted(ana)
    room.double.fail("chat.postMessage", how, 1)
    told = await room.said(ana, ANA, question)
    assert "Kept:" in text_of(told) and await room.answers() == [ANA]
    assert room.replies(ana) == [told]
    posts = [a for a in room.double.asked("chat.postMessage") if a.args.get("thread_ts")]
    assert len(posts) == (1 if how.startswith("accepted") else 2)


async def test_a_reply_that_cannot_be_looked_for_is_not_repeated_blindly(
    room: Room, ana: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(replying, "ARRIVING", 0.05)
    question = await room.prompted(ana)
    await room.said(ana, ANA, question)
    room.double.api.metadata_scope = "metadata.nobody:has"
    room.double.fail("chat.postMessage", "accepted-reset", 1)
    await room.said(ana, BEN, question)
    assert len(room.double.thread(room.double.world.dm_of(ana), question["ts"])) == 5
    room.double.fail("conversations.replies", "missing_scope", 5)
    room.double.fail("chat.postMessage", "accepted-reset", 1)
    loose = await room.double.dm(ana, "thanks!")
    await room.double.answer_to(loose)
    await room.at_rest()
    assert len(room.double.thread(room.double.world.dm_of(ana), loose["ts"])) == 2


async def test_what_slack_will_not_draw_is_shown_as_words(room: Room, ana: User) -> None:
    question = await room.prompted(ana)
    room.double.fail("chat.postMessage", "invalid_blocks", 1)
    told = await room.said(ana, ANA, question)
    assert "Kept:" in text_of(told) and buttons(told) == {}


async def test_a_reply_to_a_message_that_is_gone_stands_by_itself(room: Room, ana: User) -> None:
    await room.prompted(ana)
    channel = room.double.world.dm_of(ana)
    gone = {"type": "message", "channel": channel.id, "channel_type": "im", "user": ana.id, "text": "oh, no"}
    await room.hearing.message({**gone, "ts": room.double.world.ts()})
    assert ASKED in text_of(room.double.dms(ana)[-1]) and "thread_ts" not in room.double.dms(ana)[-1]


async def test_trouble_with_one_message_stops_no_other(room: Room, ana: User) -> None:
    question = await room.prompted(ana)
    room.double.fail("chat.postMessage", "channel_not_found", 1)
    await room.double.dm(ana, ANA, question["ts"])
    await room.at_rest()
    assert "Kept:" in text_of(await room.said(ana, BEN, question))
    assert await room.answers() == [ANA, BEN] and room.hearing._lines == {}


async def test_the_look_for_a_reply_sees_one_that_is_there(room: Room, ana: User) -> None:
    """The positive control: that a reply is missing means something only where one that is there is seen."""
    loose = await room.double.dm(ana, "hello")
    await room.double.answer_to(loose)
    await room.at_rest()
    channel_id = room.here(ana).channel_id
    for ts, key, seen in (
        (loose["ts"], f"m{loose['ts']}", replying.Seen.THERE),
        (loose["ts"], f"m{loose['ts'][:-1]}", replying.Seen.MISSING),
        ("", f"m{loose['ts']}", replying.Seen.MISSING),
    ):
        assert await replying.look_for(room.workspace, channel_id, ts, key, 5) is seen
    note = Message((Text(("Hello",)),))
    await replying.reply(room.workspace, channel_id, "", note, "m1")
    assert await replying.look_for(room.workspace, channel_id, "", "m1", 5) is replying.Seen.THERE


# --- while nobody listened ----------------------------------------


async def test_what_was_missed_is_read_at_the_start(room: Room, ana: User) -> None:
    question = await room.prompted(ana)
    room.listens = False
    for words in (ANA, BEN):
        await room.double.dm(ana, words, question["ts"])
    loose = await room.double.dm(ana, "See you tomorrow.")
    await room.double.dm(ana, BEN_AGAIN, question["ts"], broadcast=True)
    room.again()
    room.hearing.gap()
    await room.hearing.catch_up()
    assert await room.answers() == [ANA, BEN, BEN_AGAIN]
    told = room.replies(ana)
    assert len(told) == 4 and ASKED in text_of(told[2]) and told[2]["thread_ts"] == loose["ts"]
    room.hearing.gap()
    await room.hearing.catch_up()
    assert len(room.replies(ana)) == 4, "nothing is dealt with twice"


async def test_new_messages_wait_for_the_missed_ones(room: Room, ana: User) -> None:
    question = await room.prompted(ana)
    room.listens = False
    missed = await room.double.dm(ana, "I have an idea for it.")
    room.listens = True
    room.hearing.gap()
    new = await room.double.dm(ana, BEN, question["ts"])
    await asyncio.sleep(0.2)
    assert room.replies(ana) == []
    await room.hearing.catch_up()
    await room.at_rest()
    assert [key_in(m) for m in room.replies(ana)] == [f"m{missed['ts']}", f"m{new['ts']}"]
    assert await room.answers() == [BEN]


async def test_whoever_writes_meanwhile_is_read_first(room: Room, ana: User) -> None:
    crowd = [room.double.add_user(f"Member{n}") for n in range(5)]
    for one in crowd:
        await room.ask(one, "remind set", time="12:30", zone="Europe/Berlin", tracks="behavioural")
    room.talk.until("2026-03-02 11:31")
    await room.posted(crowd[0])
    room.listens = False
    for one in crowd:
        await room.double.dm(one, "I have an idea for it.")
    room.listens = True
    room.again()
    room.hearing._past._pace = 0.2
    room.hearing.gap()
    reading = asyncio.create_task(room.hearing.catch_up())
    await asyncio.sleep(0.1)
    await room.double.dm(crowd[-1], "And another.")
    await reading
    await room.at_rest()
    assert [len(room.replies(one)) for one in crowd] == [1, 1, 1, 1, 2]
    order = [a.args["channel"] for a in room.double.asked("conversations.history")]
    assert order.index(room.here(crowd[-1]).channel_id) < 3 and len(order) == 5


async def test_nobody_waits_for_ever_for_a_gap_to_be_read(
    room: Room, ana: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hearing_module, "WAIT_FOR_GAP", 0.3)
    question = await room.prompted(ana)
    room.hearing.gap()  # and nobody catches up
    assert "Kept:" in text_of(await room.said(ana, ANA, question))
    room.double.fail("conversations.history", "silence", 1)
    room.hearing.gap()
    reading = asyncio.create_task(room.hearing.catch_up())
    assert "Kept:" in text_of(await room.said(ana, BEN, question))
    reading.cancel()


async def test_the_history_of_the_last_days_is_read_page_by_page_and_at_a_pace(
    room: Room, ana: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("adapters.slack.past.PAGE", 2)
    await room.prompted(ana)
    room.listens = False
    for number in range(5):
        await room.double.dm(ana, f"Word {number}")
    room.hearing.gap()
    room.double.fail("conversations.history", "ratelimited", 1, retry_after=1)
    room.double.fail("conversations.history", "reset", 1)
    await room.hearing.catch_up()
    assert len(room.replies(ana)) == 5
    asked = room.double.asked("conversations.history")
    fine = [a for a in asked if not a.error]
    assert len(fine) == 4 and len(asked) == 6 and asked[1].at - asked[0].at > 0.9
    past = float(room.double.world.ts()) - float(fine[0].args["oldest"])
    assert 47.9 < past / 3600 < 48.1


async def test_a_conversation_that_cannot_be_read_stops_no_other(room: Room, ana: User) -> None:
    bea = room.double.add_user("Bea")
    for one in (ana, bea):
        await room.ask(one, "remind set", time="12:30", zone="Europe/Berlin", tracks="behavioural")
    room.talk.until("2026-03-02 11:31")
    await room.posted(ana)
    room.listens = False
    for one in (ana, bea):
        await room.double.dm(one, "I have an idea for it.")
    room.double.fail("conversations.history", "channel_not_found", 2, channel=room.double.world.dm_of(ana))
    room.hearing.gap()
    await room.hearing.catch_up()
    assert [len(room.replies(one)) for one in (ana, bea)] == [0, 1]
    room.hearing.gap()
    await room.hearing.catch_up()
    assert [len(room.replies(one)) for one in (ana, bea)] == [1, 1], (
        "it is tried twice, and at the next gap again"
    )


async def test_only_people_of_this_workspace_are_read(room: Room, ana: User) -> None:
    await room.prompted(ana)
    room.workspace.team_id = "TELSEWHERE"
    room.hearing.gap()
    await room.hearing.catch_up()
    assert room.double.asked("conversations.history") == []
