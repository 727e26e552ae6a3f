"""What Starling says of itself on Slack: posts, direct messages, edits, and finding them again."""

from __future__ import annotations

import asyncio
import dataclasses
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from slack_bench import CARD, KEY, Bench, benched
from strategies import views
from structlog.testing import capture_logs

from adapters.slack.ids import key_in
from adapters.slack.views import about
from core.ports import Gone, Retry, Sent, Target
from core.views import File, Image, Message, View, say

PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 64
POST, UPDATE, HISTORY, OPEN = "chat.postMessage", "chat.update", "conversations.history", "conversations.open"


async def post(bench: Bench, view: View = CARD, key: str = KEY, target: Target | None = None) -> Sent:
    outcome = await bench.sender.send(target or bench.there, view, key)
    assert isinstance(outcome, Sent), outcome
    return outcome


def now() -> datetime:
    return datetime.now(UTC)


# --- posts ----------------------------------------


async def test_a_drop_is_a_card_with_its_buttons_and_its_key() -> None:
    async with benched() as bench:
        outcome = await post(bench)
        (message,) = bench.shown
        assert outcome == Sent(message["ts"], bench.channel.id)
        assert message["blocks"][0]["type"] == "header"
        buttons = next(b for b in message["blocks"] if b["type"] == "actions")["elements"]
        assert [b["action_id"] for b in buttons] == ["answer:prompt=d12", "clarify:prompt=d12"]
        assert key_in(message) == KEY and about(message["blocks"]) == "d12"
        assert message["text"].startswith("## Tell me about a conflict.")


async def test_no_address_unfolds_and_nobody_is_called() -> None:
    async with benched() as bench:
        await post(bench, say("Look <!channel> at https://example.org & <@U1>", private=False))
        (asked,) = bench.double.asked(POST)
        assert (asked.args["unfurl_links"], asked.args["unfurl_media"]) == (False, False)
        assert "<!channel>" not in str(asked.args["text"])
        assert "&lt;!channel&gt;" in asked.args["text"] and "<@" not in asked.args["text"]


async def test_a_direct_message_opens_the_conversation_once_and_says_where_it_landed() -> None:
    async with benched() as bench:
        first = await post(bench, target=bench.to_ada)
        dm = bench.double.world.dm_of(bench.ada)
        assert first.channel_id == dm.id
        again = dataclasses.replace(bench.to_ada, channel_id=dm.id)
        await post(bench, target=again, key="d13p")
        await post(bench, target=bench.to_ada, key="d14p")
        assert len(bench.double.asked(OPEN)) == 1
        assert [key_in(m) for m in bench.double.dms(bench.ada)] == [KEY, "d13p", "d14p"]


async def test_a_direct_conversation_that_is_not_there_any_more_is_opened_anew() -> None:
    async with benched() as bench:
        stale = dataclasses.replace(bench.to_ada, channel_id="D0000000000")
        outcome = await post(bench, target=stale)
        assert outcome.channel_id == bench.double.world.dm_of(bench.ada).id


async def test_two_workspaces_are_served_with_their_own_tokens() -> None:
    async with benched(teams=2) as bench:
        other = bench.double.world.teams[1]
        ben = bench.double.add_user("Ben", other)
        room = bench.double.add_channel("room", ben, team=other)
        await post(bench, target=bench.at(room))
        await post(bench, target=Target("slack", f"slack:{other.id}", server_id=other.id, user_id=ben.id))
        await post(bench)
        assert [a.team for a in bench.double.asked(POST)] == [other, other, bench.team]


async def test_of_an_unknown_workspace_nothing_is_asked_and_it_is_tried_again() -> None:
    async with benched() as bench:
        before = len(bench.double.requests)
        elsewhere = Target("slack", "slack:T9", server_id="T9", channel_id="C1")
        for outcome in (
            await bench.sender.send(elsewhere, CARD, KEY),
            await bench.sender.edit(elsewhere, "1.2", CARD, KEY),
            await bench.sender.find(elsewhere, KEY, now()),
        ):
            assert outcome == Retry(5, "not connected to that workspace")
        assert len(bench.double.requests) == before


async def test_whoever_shows_the_home_tab_hears_of_channel_messages_alone() -> None:
    async with benched() as bench:
        sent = await post(bench)
        await bench.sender.edit(bench.there, sent.message_id, say("Later.", private=False), "ed12h3")
        await post(bench, target=bench.to_ada)
        bench.double.fail(POST, "is_archived")
        await bench.sender.send(bench.there, CARD, KEY)
        assert bench.told == [bench.there, bench.there]


async def test_whoever_hears_of_it_cannot_make_it_doubtful() -> None:
    async with benched() as bench:

        def broken(target: Target) -> None:
            raise RuntimeError("boom")

        bench.sender.sent = broken
        with capture_logs() as logs:
            await post(bench)
        assert [entry["log_level"] for entry in logs] == ["error"]


# --- pictures and files ----------------------------------------


async def test_pictures_go_up_first_with_their_words_and_stand_in_the_message() -> None:
    async with benched() as bench:
        view = Message((*CARD.blocks, Image(PNG, "b.png", "Points by day")), private=False)
        await post(bench, view)
        (file,) = bench.double.world.files.values()
        assert (file["name"], file["alt_txt"]) == ("b.png", "Points by day")
        assert bench.double.world.uploads[file["id"]] == PNG
        (message,) = bench.shown
        picture = next(b for b in message["blocks"] if b["type"] == "image")
        assert (picture["slack_file"], picture["alt_text"]) == ({"id": file["id"]}, "Points by day")


async def test_a_picture_waits_until_slack_has_looked_through_it() -> None:
    async with benched() as bench:
        bench.double.api.scan_time = 0.5
        await post(bench, Message((Image(PNG, "b.png", "Points"),), private=False))
        assert len(bench.double.asked("files.info")) >= 2
        assert len(bench.double.asked(POST)) == 1
        assert [b["type"] for b in bench.shown[0]["blocks"]] == ["image"]


async def test_where_files_may_not_be_read_a_picture_is_given_a_moment() -> None:
    async with benched() as bench:
        bench.team.scopes.remove("files:read")
        bench.double.api.scan_time = 0.5
        await post(bench, Message((Image(PNG, "b.png", "Points"),), private=False))
        assert [b["type"] for b in bench.shown[0]["blocks"]] == ["image"]


async def test_a_picture_that_slack_is_not_through_with_is_said_in_words_and_the_buttons_stay(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("adapters.slack.uploading.BLIND_WAIT", 0.0)
    async with benched() as bench:
        bench.team.scopes.remove("files:read")
        bench.double.api.scan_time = 60
        with capture_logs() as logs:
            await post(bench, Message((*CARD.blocks, Image(PNG, "b.png", "Points")), private=False))
        (message,) = bench.shown
        assert {b["type"] for b in message["blocks"]} >= {"header", "actions"}
        assert "(picture b.png: Points)" in str(message["blocks"])
        assert key_in(message) == KEY
        (entry,) = logs
        assert entry["rules"] == ("[ERROR] invalid slack file [json-pointer:/blocks/3/slack_file]",)


@pytest.mark.parametrize("method", ["files.getUploadURLExternal", "upload", "files.completeUploadExternal"])
@pytest.mark.parametrize("how", ["500", "reset"])
async def test_a_picture_that_cannot_be_uploaded_costs_the_question_nothing(method: str, how: str) -> None:
    async with benched() as bench:
        bench.double.fail(method, how, 5)
        with capture_logs() as logs:
            await post(bench, Message((*CARD.blocks, Image(PNG, "b.png", "Points")), private=False))
        assert "(picture b.png: Points)" in str(bench.shown[0]["blocks"])
        assert logs[0]["event"] == "a picture is left out"


async def test_an_upload_waits_out_one_rate_limit() -> None:
    async with benched() as bench:
        bench.double.fail("files.getUploadURLExternal", "ratelimited", retry_after=0)
        await post(bench, Message((Image(PNG, "b.png", "Points"),), private=False))
        assert [b["type"] for b in bench.shown[0]["blocks"]] == ["image"]


async def test_files_that_are_no_pictures_follow_the_message() -> None:
    async with benched() as bench:
        view = Message((*CARD.blocks, File(b"{}" * 9, "mine.json", "All of it")), private=False)
        sent = await post(bench, view)
        card, shared = bench.shown
        assert sent.message_id == card["ts"] and key_in(card) == KEY
        assert [(f["name"], f["title"], f["size"]) for f in shared["files"]] == [
            ("mine.json", "All of it", 18)
        ]


async def test_a_file_that_cannot_be_shared_is_logged_and_the_message_is_there() -> None:
    async with benched() as bench:
        bench.double.fail("files.completeUploadExternal", "500")
        with capture_logs() as logs:
            await post(bench, Message((*CARD.blocks, File(b"{}", "mine.json", "All")), private=False))
        assert len(bench.shown) == 1 and logs[0]["event"] == "files could not be shared"


# --- what Slack refuses of a message ----------------------------------------


@pytest.mark.parametrize(
    "word", ["invalid_blocks", "msg_blocks_too_long", "invalid_attachments", "invalid_arguments"]
)
async def test_a_view_that_slack_refuses_is_shown_as_its_text(word: str) -> None:
    async with benched() as bench:
        bench.double.fail(POST, word)
        with capture_logs() as logs:
            await post(bench)
        (message,) = bench.shown
        assert "Tell me about a conflict." in str(message["blocks"])
        assert "actions" not in {b["type"] for b in message["blocks"]}
        assert key_in(message) == KEY
        (entry,) = logs
        assert (entry["key"], entry["error"]) == (KEY, word)
        assert "conflict" not in str(logs)


async def test_what_is_refused_as_text_too_is_given_up_with_the_reason() -> None:
    async with benched() as bench:
        bench.double.fail(POST, "invalid_blocks", 9)
        assert await bench.sender.send(bench.there, CARD, KEY) == Gone("invalid", "invalid_blocks")
        assert len(bench.double.asked(POST)) == 2


@settings(max_examples=40, deadline=None)
@given(st.lists(views, min_size=1, max_size=4))
def test_every_view_is_taken(found: list[View]) -> None:
    async def run() -> None:
        async with benched() as bench:
            for number, view in enumerate(found):
                await post(bench, view, f"d{number}h1")
            assert [key_in(m) for m in bench.shown if m.get("subtype") != "file_share"] == [
                f"d{n}h1" for n in range(len(found))
            ]

    asyncio.run(run())
