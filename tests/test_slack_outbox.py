"""A question's way to Slack, from the outbox to the workspace: what members and organisers see when it goes wrong."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace

import pytest
from moved_clock import MovedClock
from slack_bench import Bench, benched
from slack_double import User
from slack_double_world import Json
from sqlalchemy import select
from talk import Talk

from adapters.slack.ids import key_in
from core.call import Where, Who
from core.delivery.outbox import Outbox
from core.dispatch import Dispatcher
from core.store.engine import Line, Store
from core.store.servers import removed
from core.store.tables import delivery
from core.text import as_text


@dataclass
class Room:
    """A group in a Slack channel, a question due at 11:00 UTC on 2 March, and the real sender."""

    bench: Bench
    talk: Talk
    outbox: Outbox
    dispatcher: Dispatcher
    olga: User

    @property
    def where(self) -> Where:
        channel = self.bench.channel
        return Where("slack", channel.team.id, channel.id, "#practice", server_name="Study group")

    async def says(self, user: User, line: str, *, organiser: bool = False) -> str:
        who = Who("slack", user.id, user.name, workspace=user.team.id, organiser=organiser)
        return as_text(await self.dispatcher.line(line, who, self.where, can_ask=False))

    async def doctor(self) -> str:
        return await self.says(self.olga, "doctor", organiser=True)

    async def due(self) -> None:
        """It is 11:00; the outbox does its work, and what came of that."""
        self.talk.until("2026-03-02 11:00")
        await self.outbox.tick()
        await self.outbox.tick()

    async def ticks(self, seconds: int) -> None:
        gone = 0
        while gone < seconds:  # from a minute on less often: nothing here can tell that apart
            by = 2 if gone < 60 else 10
            self.talk.clock.advance(by)
            await self.outbox.tick()
            gone += by

    async def row(self) -> Line:
        """The question's."""
        async with self.talk.store.read() as tx:
            return (await tx.execute(select(delivery).where(delivery.c.kind == "drop"))).one()

    @property
    def cards(self) -> list[Json]:
        return [m for m in self.bench.shown if key_in(m).startswith("d")]


@pytest.fixture
async def room(store: Store, clock: MovedClock) -> AsyncIterator[Room]:
    talk = await Talk.begin(store, clock, packs=True)
    async with benched() as bench:
        app = replace(talk.app, platforms=("slack",), editing=frozenset({"slack"}))
        outbox = Outbox(app, {"slack": bench.sender})
        olga = bench.double.add_user("Olga")
        bench.channel.members.append(olga)
        made = Room(bench, talk, outbox, Dispatcher(app), olga)
        await made.says(olga, "setup time: 12:00 zone: Europe/Berlin", organiser=True)
        await outbox.tick()
        assert "test post" in bench.shown[0]["text"]
        yield made


async def test_the_question_is_a_card_in_the_channel_that_carries_its_key(room: Room) -> None:
    await room.due()
    row = await room.row()
    (card,) = room.cards
    assert (row.state, row.message_id, row.scope) == ("sent", card["ts"], f"slack:{room.bench.team.id}")
    assert key_in(card) == row.key


@pytest.mark.parametrize("how", ["accepted-reset", "accepted-500"])
async def test_a_lost_answer_is_looked_up_by_its_metadata(room: Room, how: str) -> None:
    room.bench.double.fail("chat.postMessage", how)
    await room.due()
    assert (await room.row()).state == "pending" and len(room.cards) == 1
    await room.ticks(28)
    assert room.bench.double.asked("conversations.history") == []
    await room.ticks(4)
    assert (await room.row()).state == "sent" and len(room.cards) == 1
    assert "may not have arrived" not in await room.doctor()


async def test_what_did_not_arrive_is_posted_after_the_look(room: Room) -> None:
    room.bench.double.fail("chat.postMessage", "reset")
    await room.due()
    assert room.cards == []
    await room.ticks(34)
    assert (await room.row()).state == "sent" and len(room.cards) == 1


async def test_without_the_history_scope_the_organiser_reads_it_and_posts_it_again(room: Room) -> None:
    room.bench.team.scopes -= {"channels:history", "groups:history"}
    room.bench.double.fail("chat.postMessage", "reset")
    await room.due()
    await room.ticks(40)
    row = await room.row()
    assert (row.state, room.cards) == ("ambiguous", [])
    assert "may not have arrived: the answer was lost" in await room.doctor()
    assert "today" in await room.says(room.bench.ada, "help")
    assert "## " in await room.says(room.bench.ada, "today")
    who = Who("slack", room.olga.id, "Olga", workspace=room.bench.team.id, organiser=True)
    await room.dispatcher.press(f"repost:key={row.key}", who, room.where)
    await room.ticks(2)
    assert (await room.row()).state == "sent" and len(room.cards) == 1


async def test_with_resend_it_is_posted_once_more_and_is_one_question(room: Room) -> None:
    room.outbox.carrier.resend = frozenset({"slack"})
    room.bench.team.scopes -= {"channels:history", "groups:history"}
    room.bench.double.fail("chat.postMessage", "accepted-reset")
    await room.due()
    await room.ticks(40)
    assert (await room.row()).state == "sent"
    first, second = room.cards
    assert key_in(first) == key_in(second)


@pytest.mark.parametrize(
    ("word", "why"),
    [
        ("channel_not_found", "the channel is gone (channel_not_found)"),
        ("not_in_channel", "Starling is not in the channel: invite it (not_in_channel)"),
        ("is_archived", "the channel is archived (is_archived)"),
        ("restricted_action", "Starling may not post there"),
    ],
)
async def test_a_place_that_refuses_is_switched_off_the_organiser_is_told_and_members_go_on(
    room: Room, word: str, why: str
) -> None:
    room.bench.double.fail("chat.postMessage", word, channel=room.bench.channel)
    await room.due()
    assert (await room.row()).state == "failed" and room.cards == []
    (told,) = room.bench.double.dms(room.olga)
    assert f"Starling cannot post in #practice any more: {why}" in told["text"]
    assert f"Nothing is posted in #practice: {why}" in await room.doctor()
    assert "## " in await room.says(room.bench.ada, "today"), "whoever asks still gets the question"
    await room.ticks(60)
    assert len(room.bench.double.dms(room.olga)) == 1


@pytest.mark.parametrize("word", ["account_inactive", "token_revoked"])
async def test_a_workspace_that_threw_starling_out_is_asked_no_more(room: Room, word: str) -> None:
    room.bench.double.break_(word)
    await room.due()
    assert (await room.row()).state == "failed"
    asked = len(room.bench.double.asked("chat.postMessage|conversations.open"))
    assert asked <= 2, "the post, and the way to the organiser"
    await room.ticks(120)
    assert len(room.bench.double.asked("chat.postMessage|conversations.open")) == asked
    assert f"Nothing is posted in #practice: {removed('slack').rstrip('.')}." in await room.doctor()
    assert "## " in await room.says(room.bench.ada, "today")


async def test_a_token_that_is_not_accepted_for_a_while_switches_nothing_off(room: Room) -> None:
    room.bench.double.break_("invalid_auth")
    await room.due()
    assert (await room.row()).state == "pending"
    assert "Nothing is posted in" not in await room.doctor()
    room.bench.double.break_("")
    room.bench.sender._paces.clear()  # a minute later, which passes on the sender's own clock
    await room.ticks(150)
    assert (await room.row()).state == "sent" and len(room.cards) == 1


@pytest.mark.parametrize("how", ["500", "503", "internal_error"])
async def test_trouble_at_slack_costs_nobody_the_question(room: Room, how: str) -> None:
    room.bench.double.fail("chat.postMessage", how, 3)
    await room.due()
    await room.ticks(200)
    assert (await room.row()).state == "sent" and len(room.cards) == 1


async def test_blocks_that_slack_refuses_go_as_text_and_nobody_is_switched_off(room: Room) -> None:
    room.bench.double.fail("chat.postMessage", "invalid_blocks")
    await room.due()
    assert (await room.row()).state == "sent"
    (card,) = room.cards
    assert {b["type"] for b in card["blocks"]} <= {"rich_text", "section"}
    assert "Nothing is posted in" not in await room.doctor()
