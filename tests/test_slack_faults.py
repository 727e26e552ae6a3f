"""What Slack refuses, and answers that are lost: what a send, an edit and a look-up come to."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from aiohttp import web
from slack_bench import CARD, KEY, Bench, SkippingClock, benched
from slack_double_world import Channel
from structlog.testing import capture_logs

from adapters.slack.ids import key_in
from core.ports import Gone, Outcome, Retry, Sent, Unknown
from core.views import say

POST, UPDATE, HISTORY, OPEN = "chat.postMessage", "chat.update", "conversations.history", "conversations.open"
NOWHERE = "http://127.0.0.1:9/api/"  # nobody listens there


async def posted(bench: Bench, key: str = KEY) -> Sent:
    outcome = await bench.sender.send(bench.there, CARD, key)
    assert isinstance(outcome, Sent), outcome
    return outcome


def since() -> datetime:
    return datetime.now(UTC) - timedelta(seconds=20)


# --- refusals ----------------------------------------

REFUSALS: dict[str, Outcome] = {
    "channel_not_found": Gone("not_found", "channel_not_found"),
    "not_in_channel": Gone("not_invited", "not_in_channel"),
    "is_archived": Gone("archived", "is_archived"),
    "account_inactive": Gone("revoked", "account_inactive"),
    "token_revoked": Gone("revoked", "token_revoked"),
    "missing_scope": Gone("forbidden", "missing_scope"),
    "restricted_action": Gone("forbidden", "restricted_action"),
    "restricted_action_read_only_channel": Gone("forbidden", "restricted_action_read_only_channel"),
    "user_is_restricted": Gone("forbidden", "user_is_restricted"),
    "a_word_of_next_year": Gone("forbidden", "a_word_of_next_year"),
    "cannot_dm_bot": Gone("dm_closed", "cannot_dm_bot"),
    "messages_tab_disabled": Gone("dm_closed", "messages_tab_disabled"),
    "user_not_found": Gone("not_found", "user_not_found"),
    "user_disabled": Gone("not_found", "user_disabled"),
    "msg_too_long": Gone("invalid", "msg_too_long"),
    "no_text": Gone("invalid", "no_text"),
    "invalid_auth": Retry(60, "Slack does not accept the token (invalid_auth)"),
    "not_authed": Retry(60, "Slack does not accept the token (not_authed)"),
    "token_expired": Retry(60, "Slack does not accept the token (token_expired)"),
    "ekm_access_denied": Retry(60, "Slack does not accept the token (ekm_access_denied)"),
    "ratelimited": Retry(1, "rate limited"),
    "rate_limited": Retry(1, "rate limited"),
    "service_unavailable": Retry(5, "Slack said: service_unavailable"),
    "request_timeout": Retry(5, "Slack said: request_timeout"),
    "team_added_to_org": Retry(5, "Slack said: team_added_to_org"),
    "internal_error": Unknown("Slack said: internal_error"),
    "fatal_error": Unknown("Slack said: fatal_error"),
    "500": Unknown("Slack answered 500 without a word"),
    "503": Unknown("Slack answered 503 without a word"),
    "reset": Unknown("the answer was lost (ServerDisconnectedError)"),
}


@pytest.mark.parametrize("how", REFUSALS)
async def test_every_failure_of_a_post_comes_to_what_it_means(how: str) -> None:
    async with benched() as bench:
        bench.double.fail(POST, how, 5)
        assert await bench.sender.send(bench.there, CARD, KEY) == REFUSALS[how]
        assert bench.shown == [] and bench.told == []


async def test_places_that_refuse_do_so_in_earnest() -> None:
    """Not as faults that a test asked for: the double is in that state."""
    async with benched() as bench:
        gone = dataclasses.replace(bench.there, channel_id="C0000000000")
        assert await bench.sender.send(gone, CARD, KEY) == Gone("not_found", "channel_not_found")
        outside = bench.double.add_channel("outside", bench.ada, bot=False)
        assert await bench.sender.send(bench.at(outside), CARD, KEY) == Gone("not_invited", "not_in_channel")
        bench.channel.archived = True
        assert await bench.sender.send(bench.there, CARD, KEY) == Gone("archived", "is_archived")
        bench.ada.dms = False
        assert await bench.sender.send(bench.to_ada, CARD, KEY) == Gone("dm_closed", "cannot_dm_bot")
        bench.ada.deleted = True
        assert await bench.sender.send(bench.to_ada, CARD, KEY) == Gone("not_found", "user_disabled")
        bench.team.scopes.remove("chat:write")
        assert await bench.sender.send(bench.there, CARD, KEY) == Gone(
            "forbidden", "missing_scope: chat:write"
        )
        bench.double.break_("account_inactive")
        assert await bench.sender.send(bench.there, CARD, KEY) == Gone("revoked", "account_inactive")


async def test_a_token_that_is_refused_gives_up_no_place_and_is_left_in_peace_for_a_minute() -> None:
    clock = SkippingClock()
    async with benched(clock=clock) as bench:
        bench.double.break_("invalid_auth")
        with capture_logs() as logs:
            assert isinstance(await bench.sender.send(bench.there, CARD, KEY), Retry)
        assert [(e["workspace"], e["error"]) for e in logs] == [("Study group", "invalid_auth")]
        asked = len(bench.double.requests)
        outcome = await bench.sender.send(bench.to_ada, CARD, KEY)
        assert isinstance(outcome, Retry) and 55 < outcome.after <= 60
        assert len(bench.double.requests) == asked
        bench.double.break_("")
        clock.skipped += 60
        await posted(bench)


async def test_a_rate_limit_holds_up_its_workspace_and_no_other() -> None:
    clock = SkippingClock()
    async with benched(clock=clock, teams=2) as bench:
        room = bench.double.add_channel("room", team=bench.double.world.teams[1])
        bench.double.fail(POST, "ratelimited", retry_after=90, channel=bench.channel)
        assert await bench.sender.send(bench.there, CARD, KEY) == Retry(90, "rate limited")
        assert isinstance(await bench.sender.send(bench.at(room), CARD, KEY), Sent)
        assert len(bench.double.asked(POST)) == 2, "slack_sdk has not repeated it"
        outcome = await bench.sender.send(bench.there, CARD, KEY)
        assert isinstance(outcome, Retry) and 85 < outcome.after <= 90
        assert len(bench.double.asked(POST)) == 2
        clock.skipped += 90
        await posted(bench)


async def test_a_short_rate_limit_is_waited_out() -> None:
    async with benched() as bench:
        bench.double.fail(POST, "ratelimited", retry_after=7)
        assert await bench.sender.send(bench.there, CARD, KEY) == Retry(7, "rate limited")
        await posted(bench)


# --- what is lost, and what never left ----------------------------------------


@pytest.mark.parametrize(
    "how", ["accepted-reset", "accepted-500", "accepted-silence", "accepted-internal_error"]
)
async def test_a_message_whose_answer_is_lost_may_be_there_and_is_found(how: str) -> None:
    async with benched(patience=0.5) as bench:
        bench.double.fail(POST, how)
        began = datetime.now(UTC)
        assert isinstance(await bench.sender.send(bench.there, CARD, KEY), Unknown)
        (message,) = bench.shown
        assert len(bench.double.asked(POST)) == 1, "nobody repeats it by himself"
        assert await bench.sender.find(bench.there, KEY, began) == Sent(message["ts"], bench.channel.id)


async def test_a_silent_slack_is_not_waited_for_longer_than_it_may_take() -> None:
    async with benched(patience=0.3) as bench:
        bench.double.fail(POST, "silence")
        began = asyncio.get_running_loop().time()
        assert await bench.sender.send(bench.there, CARD, KEY) == Unknown(
            "the answer was lost (TimeoutError)"
        )
        assert asyncio.get_running_loop().time() - began < 2


async def test_what_never_left_is_tried_again() -> None:
    async with benched() as bench:
        known = next(iter(bench.workspaces))
        for client in (known.client, known.plain):
            client.base_url = NOWHERE
        reason = "Slack could not be reached: ClientConnectorError"
        assert await bench.sender.send(bench.there, CARD, KEY) == Retry(5, reason)
        assert await bench.sender.edit(bench.there, "1.2", CARD, KEY) == Retry(5, reason)
        assert await bench.sender.find(bench.there, KEY, since()) == Retry(5, reason)


@pytest.mark.parametrize("method", [OPEN])
@pytest.mark.parametrize("how", ["reset", "500", "internal_error", "accepted-reset"])
async def test_a_conversation_whose_opening_was_lost_shows_nobody_anything(method: str, how: str) -> None:
    async with benched() as bench:
        bench.double.fail(method, how)
        outcome = await bench.sender.send(bench.to_ada, CARD, KEY)
        assert isinstance(outcome, Retry) and bench.double.dms(bench.ada) == []
        assert isinstance(await bench.sender.send(bench.to_ada, CARD, KEY), Sent)


@pytest.mark.parametrize(
    ("status", "kind", "body", "expected"),
    [
        (403, "text/html", "<h1>No</h1>", Retry(60, "Slack was not let through (403)")),
        (407, "text/plain", "proxy", Retry(60, "Slack was not let through (407)")),
        (200, "text/html", "<h1>Log in</h1>", Unknown("Slack answered 200 without a word")),
        (200, "text/plain", "fine", Unknown("the answer was lost (AttributeError)")),
        (200, "application/json", "{", Unknown("Slack answered 200 without a word")),
        (502, "application/json", "[]", Unknown("Slack answered 502 without a word")),
    ],
)
async def test_an_answer_that_is_not_slacks_gives_up_no_place(
    status: int, kind: str, body: str, expected: Outcome
) -> None:
    async def gate(request: web.Request) -> web.Response:
        return web.Response(status=status, text=body, content_type=kind)

    app = web.Application()
    app.router.add_post("/api/{method}", gate)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        async with benched() as bench:
            next(iter(bench.workspaces)).plain.base_url = f"http://127.0.0.1:{runner.addresses[0][1]}/api/"
            assert await bench.sender.send(bench.there, CARD, KEY) == expected
    finally:
        await runner.cleanup()


# --- rewriting ----------------------------------------


async def test_an_edit_shows_the_new_view_and_keeps_the_key() -> None:
    async with benched() as bench:
        sent = await posted(bench)
        later = say("Three have answered.", private=False)
        outcome = await bench.sender.edit(bench.there, sent.message_id, later, "ed12h3")
        assert outcome == Sent(sent.message_id, bench.channel.id)
        (message,) = bench.shown
        assert message["text"] == "Three have answered." and "conflict" not in str(message["blocks"])
        assert key_in(message) == KEY


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("message_not_found", Gone("not_found", "message_not_found")),
        ("edit_window_closed", Gone("forbidden", "edit_window_closed")),
        ("cant_update_message", Gone("forbidden", "cant_update_message")),
        ("is_inactive", Gone("archived", "is_inactive")),
        ("invalid_blocks", Gone("invalid", "invalid_blocks")),
        ("update_failed", Unknown("Slack said: update_failed")),
        ("reset", Unknown("the answer was lost (ServerDisconnectedError)")),
    ],
)
async def test_every_failure_of_an_edit_comes_to_what_it_means(word: str, expected: Outcome) -> None:
    async with benched() as bench:
        sent = await posted(bench)
        bench.double.fail(UPDATE, word)
        later = say("Later.", private=False)
        assert await bench.sender.edit(bench.there, sent.message_id, later, "ed12h3") == expected
        assert "conflict" in bench.shown[0]["text"] and len(bench.double.asked(UPDATE)) == 1


async def test_a_message_that_was_deleted_is_not_found_for_an_edit() -> None:
    async with benched() as bench:
        sent = await posted(bench)
        bench.channel.messages.clear()
        outcome = await bench.sender.edit(bench.there, sent.message_id, CARD, "ed12h3")
        assert outcome == Gone("not_found", "message_not_found")


# --- looking ----------------------------------------


async def test_what_is_there_is_found_among_others_and_what_is_not_is_not() -> None:
    async with benched() as bench:
        began = datetime.now(UTC)
        found = await posted(bench, "d1h1")
        await posted(bench, "d1h10")
        assert await bench.sender.find(bench.there, "d1h1", began) == found
        assert await bench.sender.find(bench.there, "d1h2", began) is None


async def test_an_empty_channel_surely_does_not_have_it() -> None:
    async with benched() as bench:
        assert await bench.sender.find(bench.there, KEY, since()) is None


async def test_nobody_elses_message_is_taken_for_ours() -> None:
    async with benched() as bench:
        metadata = {"event_type": "starling_delivery", "event_payload": {"key": KEY}}
        forged = bench.double.world.message(bench.channel, bench.ada, {"text": "Ha", "metadata": metadata})
        bench.double.world.keep(bench.channel, forged)
        assert await bench.sender.find(bench.there, KEY, since()) is None


async def test_a_direct_message_is_found_in_its_conversation() -> None:
    async with benched() as bench:
        sent = await bench.sender.send(bench.to_ada, CARD, "d12p")
        assert await bench.sender.find(bench.to_ada, "d12p", since()) == sent


async def test_it_looks_through_several_pages_and_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("adapters.slack.sender.PAGE", 2)
    async with benched() as bench:
        began = since()
        first = await posted(bench, "d1h1")
        for number in range(8):
            chat = bench.double.world.message(bench.channel, bench.ada, {"text": f"chat {number}"})
            bench.double.world.keep(bench.channel, chat)
        assert await bench.sender.find(bench.there, "d1h1", began) == first
        assert len(bench.double.asked(HISTORY)) == 5
        for number in range(2):
            chat = bench.double.world.message(bench.channel, bench.ada, {"text": f"more {number}"})
            bench.double.world.keep(bench.channel, chat)
        assert isinstance(await bench.sender.find(bench.there, "d1h1", began), Unknown)


@pytest.mark.parametrize("hides", [False, True])
async def test_a_slack_that_hides_metadata_is_not_believed_to_have_nothing(hides: bool) -> None:
    async with benched() as bench:
        await posted(bench)
        if hides:
            bench.double.api.metadata_scope = "metadata.message:read"
            bench.team.scopes.discard("metadata.message:read")
        outcome = await bench.sender.find(bench.there, "d99h9", since())
        assert (
            (outcome == Unknown("no message of Starling's there shows its key")) if hides else outcome is None
        )


async def test_a_reply_of_ours_without_a_key_does_not_hide_that_the_drop_is_missing() -> None:
    async with benched() as bench:
        await posted(bench, "d11h3")
        await next(iter(bench.workspaces)).plain.chat_postMessage(channel=bench.channel.id, text="A reply.")
        assert await bench.sender.find(bench.there, KEY, since()) is None


def public(bench: Bench) -> Channel:
    return bench.channel


def private(bench: Bench) -> Channel:
    return bench.double.add_channel("private", bench.ada, private=True)


@pytest.mark.parametrize(
    ("where", "scope"), [(public, "channels:history"), (private, "groups:history")], ids=["public", "private"]
)
async def test_where_nobody_may_look_it_says_so(where: Callable[[Bench], Channel], scope: str) -> None:
    async with benched() as bench:
        target = bench.at(where(bench))
        sent = await bench.sender.send(target, CARD, KEY)
        assert await bench.sender.find(target, KEY, since()) == sent
        bench.team.scopes.discard(scope)
        outcome = await bench.sender.find(target, KEY, since())
        assert outcome == Unknown(f"Slack does not let us look: missing_scope: {scope}")


@pytest.mark.parametrize("direct", [False, True])
async def test_a_right_that_is_known_to_be_missing_is_not_asked_for(direct: bool) -> None:
    async with benched() as bench:
        bench.team.scopes -= {"channels:history", "groups:history", "im:history"}
        await next(iter(bench.workspaces)).look()
        outcome = await bench.sender.find(bench.to_ada if direct else bench.there, KEY, since())
        assert isinstance(outcome, Unknown) and outcome.reason.endswith("history is not granted")
        assert bench.double.asked(HISTORY) == []


@pytest.mark.parametrize("how", ["reset", "500", "internal_error", "ratelimited", "service_unavailable"])
async def test_a_look_that_fails_may_be_repeated(how: str) -> None:
    async with benched() as bench:
        bench.double.fail(HISTORY, how, 3)  # aiohttp itself repeats a GET
        assert isinstance(await bench.sender.find(bench.there, KEY, since()), Retry)


async def test_where_the_channel_is_gone_it_surely_is_not() -> None:
    async with benched() as bench:
        gone = dataclasses.replace(bench.there, channel_id="C0000000000")
        assert await bench.sender.find(gone, KEY, since()) is None
