"""What Starling says of itself on Discord: posts, direct messages, threads, edits, and finding them again."""

from __future__ import annotations

import asyncio
import dataclasses
from datetime import UTC, datetime, timedelta
from typing import Any

import discord
import pytest
from discord_bench import CARD, KEY, POSTS, Bench, benched
from hypothesis import given, settings
from hypothesis import strategies as st
from moved_clock import MovedClock
from strategies import views
from structlog.testing import capture_logs
from test_discord_pace import NOON

from adapters.discord import limits
from adapters.discord.ids import controls_in, delivery_key
from adapters.discord.sender import DiscordSender
from adapters.discord.views import about
from core.ports import Gone, Retry, Sent, Target, Unknown
from core.views import Button, Buttons, File, Image, Mention, Message, Text, View, say

PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 64
READ_HISTORY, SEND, MAKE_THREADS = 1 << 16, 1 << 11, 1 << 35


async def post(bench: Bench, view: View = CARD, key: str = KEY) -> Sent:
    outcome = await bench.sender.send(bench.there, view, key)
    assert isinstance(outcome, Sent), outcome
    return outcome


# --- posts ----------------------------------------


async def test_a_drop_is_a_card_with_its_buttons_and_its_key() -> None:
    async with benched() as bench:
        outcome = await post(bench)
        (message,) = bench.shown
        assert outcome == Sent(message["id"], str(bench.channel.id))
        (card,) = message["components"]
        assert (card["type"], card["accent_color"]) == (17, 0x2E8B57)
        text, row = card["components"]
        assert text["content"] == "## Tell me about a conflict.\n-# Behavioural, about 5 minutes"
        assert [b["custom_id"] for b in row["components"]] == [
            "answer:prompt=d12§kd12h3",
            "clarify:prompt=d12",
        ]
        assert message["flags"] == limits.IS_COMPONENTS_V2
        assert about(message["components"]) == "d12"


async def test_a_private_view_in_a_conversation_carries_no_private_flag() -> None:
    async with benched() as bench:
        outcome = await bench.sender.send(bench.to_ada, say("Here you are."), "n1")
        (message,) = bench.double.dms(bench.ada)
        assert outcome == Sent(message["id"], message["channel_id"])
        assert message["flags"] == limits.IS_COMPONENTS_V2


async def test_a_role_that_core_mentions_is_pinged_and_nobody_else() -> None:
    async with benched() as bench:
        role = await bench.double.add_role(bench.guild, "practice")
        typed = f"Hi @everyone, @here, <@{bench.ada.id}>, <@&{role + 1}> and <#{bench.channel.id}>"
        mention = Text((Mention("discord", "role", str(role), "practice"),))
        await post(bench, Message((mention, Text((typed,))), private=False))
        (asked,) = bench.double.asked("POST", POSTS)
        assert asked.body["allowed_mentions"] == {"parse": [], "users": [], "roles": [str(role)]}
        shown = asked.body["components"][0]["content"]
        assert shown.startswith(f"<@&{role}>")
        assert "<" not in shown.removeprefix(f"<@&{role}>").replace("\\<", "")


async def test_what_members_typed_pings_nobody() -> None:
    async with benched() as bench:
        await post(bench, say(f"@everyone <@{bench.ada.id}> @here", private=False))
        (asked,) = bench.double.asked("POST", POSTS)
        assert asked.body["allowed_mentions"] == {"parse": [], "users": [], "roles": []}


async def test_pictures_and_files_go_along_with_their_words() -> None:
    async with benched() as bench:
        await post(
            bench,
            Message(
                (Image(PNG, "b.png", "Points by day"), File(b"{}" * 9, "mine.json", "All")), private=False
            ),
        )
        (message,) = bench.shown
        assert [(a["filename"], a["size"], a["description"]) for a in message["attachments"]] == [
            ("b.png", len(PNG), "Points by day"),
            ("mine.json", 18, "All"),
        ]
        assert message["components"][0]["items"][0]["description"] == "Points by day"
        assert message["nonce"] == KEY


async def test_files_are_sent_whole_again_after_a_failure() -> None:
    async with benched() as bench:
        bench.double.fail("POST", POSTS, 2, "502")
        await post(bench, Message((Image(PNG * 30_000, "b.png", "Large"),), private=False))
        assert [list(a.files.values()) == [PNG * 30_000] for a in bench.double.asked("POST", POSTS)] == [
            True
        ] * 3


async def test_a_view_that_discord_refuses_is_shown_as_its_text() -> None:
    async with benched() as bench:
        bench.double.fail("POST", POSTS, 1, "40060")
        with capture_logs() as logs:
            await post(bench, dataclasses.replace(CARD, blocks=(*CARD.blocks, Image(PNG, "b.png", "Points"))))
        (message,) = bench.shown
        (only,) = message["components"]
        assert only["type"] == 10
        assert "Tell me about a conflict." in only["content"]
        assert "Points" in only["content"]
        assert message["attachments"] == []
        assert [(e["log_level"], e["key"], e["code"]) for e in logs] == [("warning", KEY, 40060)]


async def test_logs_hold_no_words_and_no_token() -> None:
    async with benched() as bench:
        bench.double.fail("POST", POSTS, 2, "40060")
        bench.double.fail("POST", r"/threads$", 1, "50013")
        with capture_logs() as logs:
            await bench.sender.send(bench.there, say("a secret plan", private=False), KEY)
            await post(
                bench, Message((Text(("a secret plan",)),), private=False, thread="a secret plan"), "d1h1"
            )
            bench.double.rest.token = "another"
            await bench.sender.send(bench.there, say("a secret plan"), "d1h2")
        assert len(logs) == 3
        assert "secret" not in str(logs)
        assert bench.double.token not in str(logs)


@given(st.lists(views, min_size=1, max_size=8))
@settings(max_examples=6, deadline=None)
def test_discord_takes_every_view_by_the_real_road(many: list[View]) -> None:
    async def send_all() -> None:
        async with benched(contacts=60) as bench:  # which asserts that there were no violations
            for number, view in enumerate(many):
                await post(bench, view, f"d{number}h1")
                assert isinstance(await bench.sender.send(bench.to_ada, view, f"d{number}p"), Sent)
                last = bench.shown[-1]
                assert isinstance(
                    await bench.sender.edit(bench.there, last["id"], view, f"d{number}h1"), Sent
                )
                found = await bench.sender.find(bench.there, f"d{number}h1", datetime.now(UTC))
                assert found == Sent(last["id"], str(bench.channel.id))
            assert len(bench.shown) == len(many)

    asyncio.run(send_all())


async def test_the_sender_is_made_before_the_login() -> None:
    async with benched() as bench:
        with pytest.raises(ValueError, match="before the client logs in"):
            DiscordSender(bench.client, bench.pace)


async def test_a_target_without_an_address_is_no_place() -> None:
    async with benched() as bench:
        outcome = await bench.sender.send(Target("discord", "discord"), CARD, KEY)
        assert outcome == Gone("invalid", "neither a channel nor a person")


# --- direct messages ----------------------------------------


async def test_a_conversation_is_opened_once() -> None:
    async with benched(contacts=1) as bench:
        first = await bench.sender.send(bench.to_ada, CARD, "d1p")
        second = await bench.sender.send(bench.to_ada, CARD, "d2p")
        assert isinstance(first, Sent)
        assert isinstance(second, Sent)
        assert first.channel_id == second.channel_id == str(bench.double.world.dm_of(bench.ada).id)
        assert len(bench.double.asked("POST", "/users/@me/channels")) == 1
        assert len(bench.double.dms(bench.ada)) == 2


async def test_a_conversation_that_core_knows_is_not_opened() -> None:
    async with benched() as bench:
        known = dataclasses.replace(bench.to_ada, channel_id=str(bench.double.world.dm_of(bench.ada).id))
        assert isinstance(await bench.sender.send(known, CARD, KEY), Sent)
        assert bench.double.asked("POST", "/users/@me/channels") == []


async def test_a_conversation_of_another_bot_is_opened_anew() -> None:
    async with benched() as bench:
        stale = dataclasses.replace(bench.to_ada, channel_id="123456789")
        outcome = await bench.sender.send(stale, CARD, KEY)
        assert isinstance(outcome, Sent)
        assert outcome.channel_id == str(bench.double.world.dm_of(bench.ada).id)


async def test_closed_direct_messages_are_told() -> None:
    async with benched() as bench:
        cleo = bench.double.add_member(bench.guild, bench.double.add_user("Cleo", dms=False))
        outcome = await bench.sender.send(Target("discord", "discord", user_id=str(cleo.id)), CARD, KEY)
        assert outcome == Gone("dm_closed", "Cannot send messages to this user")


async def test_over_the_cap_first_messages_wait_and_hold_nobody_else_up() -> None:
    clock = MovedClock(NOON)
    async with benched(clock=clock, contacts=2) as bench:
        people = [bench.double.add_member(bench.guild, name) for name in ("Bo", "Cleo", "Dan", "Eve", "Fay")]
        targets = [Target("discord", "discord", user_id=str(p.id)) for p in people]
        outcomes = [await bench.sender.send(t, CARD, f"d{n}p") for n, t in enumerate(targets)]
        assert [type(o) for o in outcomes[:2]] == [Sent, Sent]
        assert [o.after for o in outcomes[2:] if isinstance(o, Retry)] == [60, 60, 120]
        await post(bench)  # a channel waits for nobody
        clock.advance(60)
        assert isinstance(await bench.sender.send(targets[3], CARD, "d3p"), Sent)
        assert len(bench.double.asked("POST", "/users/@me/channels")) == 3


# --- threads ----------------------------------------


def threads(bench: Bench) -> list[str]:
    return [c.name for c in bench.double.world.channels.values() if c.kind == 11]


async def test_a_drop_opens_its_thread_once_however_often_it_is_sent() -> None:
    async with benched() as bench:
        card = dataclasses.replace(CARD, thread="Talk about\n" + "x" * 200)
        first = await post(bench, card)
        assert await post(bench, card) == first
        (name,) = threads(bench)
        assert name.startswith("Talk about xxx")
        assert name.endswith("…")
        assert len(name) == 100
        assert bench.double.asked("POST", "/threads")[0].body["auto_archive_duration"] == 1440


async def test_a_thread_that_cannot_be_opened_is_logged_and_the_post_stands() -> None:
    async with benched() as bench:
        bench.channel.denied = MAKE_THREADS
        with capture_logs() as logs:
            await post(bench, dataclasses.replace(CARD, thread="Talk"))
        assert len(bench.shown) == 1
        assert threads(bench) == []
        assert [(e["log_level"], e["code"], e["reason"]) for e in logs] == [
            ("warning", 50013, "Missing Permissions")
        ]


@pytest.mark.parametrize("name", ["", " \n"])
async def test_no_thread_without_a_name_and_none_in_a_conversation(name: str) -> None:
    async with benched() as bench:
        await post(bench, dataclasses.replace(CARD, thread=name))
        await bench.sender.send(bench.to_ada, dataclasses.replace(CARD, thread="Talk"), "d1p")
        assert bench.double.asked("POST", "/threads") == []


# --- edits ----------------------------------------


async def test_a_card_is_rewritten_and_still_found() -> None:
    async with benched() as bench:
        begun = datetime.now(UTC)
        before = Message((*CARD.blocks, Image(PNG, "b.png", "Points")), private=False, track="coding")
        sent = await post(bench, before)
        after = Message((Text(("Two have answered.",)), Buttons((Button("Answer", "answer:prompt=d12"),))))
        assert await bench.sender.edit(bench.there, sent.message_id, after, KEY) == sent
        (message,) = bench.shown
        assert message["attachments"] == []
        assert message["flags"] == limits.IS_COMPONENTS_V2
        assert [delivery_key(c["custom_id"]) for c in controls_in(message["components"])] == [KEY]
        assert await bench.sender.find(bench.there, KEY, begun) == sent
        assert await bench.sender.edit(bench.there, sent.message_id, before, KEY) == sent
        assert [a["filename"] for a in bench.shown[0]["attachments"]] == ["b.png"]


async def test_a_refused_edit_leaves_the_card_as_it_is() -> None:
    async with benched() as bench:
        sent = await post(bench)
        before = bench.shown[0]["components"]
        bench.double.fail("PATCH", "/messages/", 1, "40060")
        outcome = await bench.sender.edit(bench.there, sent.message_id, say("x"), KEY)
        assert isinstance(outcome, Gone)
        assert outcome.reason == "invalid"
        assert bench.shown[0]["components"] == before


async def test_a_deleted_message_cannot_be_rewritten() -> None:
    async with benched() as bench:
        sent = await post(bench)
        await bench.client.http.delete_message(bench.channel.id, int(sent.message_id))
        outcome = await bench.sender.edit(bench.there, sent.message_id, CARD, KEY)
        assert outcome == Gone("not_found", "Unknown Message")


# --- finding ----------------------------------------


async def test_after_the_nonce_is_forgotten_a_message_is_found_by_its_key() -> None:
    async with benched() as bench:
        begun = datetime.now(UTC)
        bench.double.fail("POST", POSTS, 1, "accepted-reset")
        assert isinstance(await bench.sender.send(bench.there, CARD, KEY), Unknown)
        (message,) = bench.shown
        assert await bench.sender.find(bench.there, KEY, begun) == Sent(message["id"], str(bench.channel.id))
        assert await bench.sender.find(bench.there, "d12h4", begun) is None
        bench.double.rest.nonce_window = 0  # the control: without the look-up it would now stand there twice
        assert isinstance(await bench.sender.send(bench.there, CARD, KEY), Sent)
        assert len(bench.shown) == 2


async def test_a_message_without_a_button_and_one_that_went_as_its_text_are_found() -> None:
    async with benched() as bench:
        begun = datetime.now(UTC)
        bare = await post(bench, say("Reminders have stopped.", private=False), "n1")
        bench.double.fail("POST", POSTS, 1, "40060")
        text = await post(bench, CARD, "n2")
        assert await bench.sender.find(bench.there, "n1", begun) == bare
        assert await bench.sender.find(bench.there, "n2", begun) == text
        assert await bench.sender.find(bench.there, "n3", begun) is None


async def test_in_a_new_channel_that_may_be_read_nothing_is_surely_not_there() -> None:
    async with benched() as bench:
        unseen = await bench.sender.find(bench.there, KEY, datetime.now(UTC))
        assert isinstance(unseen, Unknown)  # an empty channel, or a hidden one: without the gateway who knows
        async with bench.connected():
            assert await bench.sender.find(bench.there, KEY, datetime.now(UTC)) is None


async def test_what_was_never_sent_is_surely_not_there() -> None:
    async with benched() as bench:
        await post(bench, CARD, "d1h1")
        assert await bench.sender.find(bench.there, KEY, datetime.now(UTC) - timedelta(hours=1)) is None


async def test_only_our_own_messages_count() -> None:
    async with benched() as bench:
        begun = datetime.now(UTC)
        await post(bench)
        copied = bench.shown[0] | {"id": str(int(bench.shown[0]["id"]) + 1), "author": bench.ada.json()}
        bench.channel.messages[:] = [copied]
        assert await bench.sender.find(bench.there, KEY, begun) is None


async def test_a_message_from_before_is_not_looked_at() -> None:
    async with benched() as bench:
        sent = await post(bench)
        at = discord.utils.snowflake_time(int(sent.message_id))
        assert await bench.sender.find(bench.there, KEY, at + timedelta(seconds=4)) == sent
        assert await bench.sender.find(bench.there, KEY, at + timedelta(seconds=6)) is None


async def test_a_message_is_found_behind_hundreds_of_others_up_to_a_limit() -> None:
    async with benched() as bench:
        begun = datetime.now(UTC)
        chatter: list[Any] = [
            bench.double.world.message(bench.channel, bench.ada, {"content": "x"}, {}) for _ in range(499)
        ]
        assert len(chatter) == 499
        sent = await post(bench)
        assert await bench.sender.find(bench.there, KEY, begun) == sent
        assert len(bench.double.asked("GET", POSTS)) == 5
        bench.double.world.message(bench.channel, bench.ada, {"content": "x"}, {})
        assert isinstance(await bench.sender.find(bench.there, "d12h4", begun), Unknown)


async def test_a_conversation_is_looked_through_without_counting_as_first_contact() -> None:
    clock = MovedClock(NOON)
    async with benched(clock=clock, contacts=1) as bench:
        begun = datetime.now(UTC)
        sent = await bench.sender.send(bench.to_ada, CARD, "d12p")
        bench.sender._dms.clear()  # another process
        assert await bench.sender.find(bench.to_ada, "d12p", begun) == sent


async def test_a_conversation_in_which_nothing_was_ever_said_hides_nothing() -> None:
    async with benched() as bench:
        assert await bench.sender.find(bench.to_ada, "d12p", datetime.now(UTC)) is None


async def test_a_channel_that_hides_its_history_does_not_look_empty() -> None:
    async with benched() as bench:
        begun = datetime.now(UTC)
        await post(bench)
        bench.channel.denied = READ_HISTORY
        outcome = await bench.sender.find(bench.there, KEY, begun)
        assert isinstance(outcome, Unknown)
        assert "Read Message History" in outcome.reason


@pytest.mark.parametrize(
    ("fault", "times", "kind"),
    [
        ("50001", 1, Unknown),
        ("10003", 1, type(None)),
        ("502", 5, Retry),
        ("502", 1, Sent),
        ("reset", 1, Sent),  # aiohttp repeats what only reads
        ("reset", 2, Retry),
        ("429-no-via", 1, Retry),
    ],
)
async def test_when_it_cannot_be_looked_for(fault: str, times: int, kind: type) -> None:
    async with benched() as bench:
        begun = datetime.now(UTC)
        await post(bench)
        bench.double.fail("GET", POSTS, times, fault)
        assert type(await bench.sender.find(bench.there, KEY, begun)) is kind


# --- pace ----------------------------------------


async def test_a_hundred_posts_go_at_the_bots_rate_and_each_channel_in_order() -> None:
    async with benched(per_second=200) as bench:
        channels = [bench.channel, *[await bench.double.add_channel(bench.guild, f"c{n}") for n in range(4)]]
        begun = asyncio.get_running_loop().time()
        outcomes = await asyncio.gather(
            *(
                bench.sender.send(
                    dataclasses.replace(bench.there, channel_id=str(c.id)),
                    say(str(n), private=False),
                    f"d{n}h{c.id}"[:25],
                )
                for n in range(20)
                for c in channels
            )
        )
        took = asyncio.get_running_loop().time() - begun
        assert all(isinstance(o, Sent) for o in outcomes)
        assert took >= (100 - 200 // 9 - 1) / 200
        for channel in channels:
            assert [m["components"][0]["content"] for m in bench.double.messages(channel)] == [
                str(n) for n in range(20)
            ]


async def test_what_discord_py_repeats_by_itself_is_paced_as_well() -> None:
    clock = MovedClock(NOON)
    async with benched(clock=clock, per_second=9) as bench:
        bench.double.fail("POST", POSTS, 3, "502")
        await post(bench)
        assert len(bench.double.asked("POST", POSTS)) == 4
        waiting = asyncio.create_task(bench.pace.turn())
        await asyncio.sleep(0)
        await clock.run(0.4)
        assert not waiting.done()
        await clock.run(0.1)
        assert waiting.done()
