"""The sending half of the table of faults: what goes wrong, what it comes to, what stands in the channel.

Never two messages, whatever happens: every row is sent a second time with the same key, as the outbox does.
"""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import aiohttp
import discord
import pytest
from discord.http import Route
from discord_bench import CARD, KEY, POSTS, benched
from moved_clock import MovedClock
from test_discord_pace import NOON

from adapters.discord.refusals import failure_of
from adapters.discord.wire import Wire
from core.ports import Gone, Outcome, Retry, Sent, Unknown


def sent(outcome: Outcome) -> bool:
    return isinstance(outcome, Sent)


def lost(outcome: Outcome) -> bool:
    return isinstance(outcome, Unknown)


def later(outcome: Outcome) -> bool:
    return isinstance(outcome, Retry) and 1 <= outcome.after <= 60


def gone(reason: str, detail: str) -> Callable[[Outcome], bool]:
    return lambda outcome: outcome == Gone(reason, detail)


# fault, how many requests it meets, what the first try comes to, messages after it, what the second comes to
TABLE: list[tuple[str, int, Callable[[Outcome], bool], int, Callable[[Outcome], bool]]] = [
    # Discord fails: discord.py repeats some with the same nonce, and the outbox the rest
    ("500", 1, sent, 1, sent),
    ("502", 1, sent, 1, sent),
    ("504", 1, sent, 1, sent),
    ("500", 5, lost, 0, sent),
    ("502", 5, lost, 0, sent),
    ("503", 1, lost, 0, sent),
    ("504", 5, lost, 0, sent),
    # Discord did it, and its answer was lost
    ("accepted-500", 1, sent, 1, sent),
    ("accepted-502", 1, sent, 1, sent),
    ("accepted-504", 1, sent, 1, sent),
    ("accepted-502", 5, lost, 1, sent),
    ("accepted-503", 1, lost, 1, sent),
    ("accepted-reset", 1, lost, 1, sent),
    ("accepted-429", 1, sent, 1, sent),
    # the line is cut before Discord did anything: nobody can tell
    ("reset", 1, lost, 0, sent),
    # Discord, or the gate before it, asks to wait
    ("429", 1, sent, 1, sent),
    ("429", 5, later, 0, sent),
    ("429-global", 1, sent, 1, sent),
    ("429-global", 5, later, 0, sent),
    ("429-no-via", 1, later, 0, sent),
    # a place that cannot be reached
    ("50013", 1, gone("forbidden", "Missing Permissions"), 0, sent),
    ("50001", 1, gone("forbidden", "Missing Access"), 0, sent),
    ("10003", 1, gone("not_found", "Unknown Channel"), 0, sent),
    ("50007", 1, gone("dm_closed", "Cannot send messages to this user"), 0, sent),
    # what Discord will not take (40060 stands for any 400): once as its text, and then not at all
    ("40060", 1, sent, 1, sent),
    ("40060", 2, gone("invalid", "Interaction has already been acknowledged."), 0, sent),
]


@pytest.mark.parametrize(
    ("fault", "times", "first", "standing", "second"), TABLE, ids=[f"{row[0]}x{row[1]}" for row in TABLE]
)
async def test_a_fault_comes_to_this_and_nothing_is_shown_twice(
    fault: str,
    times: int,
    first: Callable[[Outcome], bool],
    standing: int,
    second: Callable[[Outcome], bool],
) -> None:
    async with benched() as bench:
        bench.double.fail("POST", POSTS, times, fault)
        outcome = await bench.sender.send(bench.there, CARD, KEY)
        assert first(outcome), outcome
        assert len(bench.shown) == standing
        again = await bench.sender.send(bench.there, CARD, KEY)
        assert second(again), again
        assert len(bench.shown) == 1
        assert again == Sent(bench.shown[0]["id"], str(bench.channel.id))
        assert {a.body["nonce"] for a in bench.double.asked("POST", POSTS)} == {KEY}
        assert all(a.body["enforce_nonce"] is True for a in bench.double.asked("POST", POSTS))


@pytest.mark.parametrize(
    ("fault", "times", "outcome"),
    [
        ("502", 1, "sent"),
        ("502", 5, "unknown"),
        ("accepted-reset", 1, "unknown"),
        ("429", 5, "retry"),
        ("50007", 1, "dm_closed"),
        ("50001", 1, "forbidden"),
    ],
)
async def test_opening_a_conversation_fails_like_a_post(fault: str, times: int, outcome: str) -> None:
    async with benched() as bench:
        bench.double.fail("POST", r"^/users/@me/channels$", times, fault)
        found = await bench.sender.send(bench.to_ada, CARD, KEY)
        assert (found.reason if isinstance(found, Gone) else type(found).__name__.lower()) == outcome
        assert len(bench.double.dms(bench.ada)) == (outcome == "sent")
        assert isinstance(await bench.sender.send(bench.to_ada, CARD, KEY), Sent)
        assert len(bench.double.dms(bench.ada)) == 1


EDITS: list[tuple[str, int, Callable[[Outcome], bool]]] = [
    ("502", 1, sent),
    ("502", 5, lost),
    ("accepted-502", 5, lost),
    ("503", 1, lost),
    ("reset", 1, lost),
    ("429", 1, sent),
    ("429-no-via", 1, later),
    ("50013", 1, gone("forbidden", "Missing Permissions")),
    ("10003", 1, gone("not_found", "Unknown Channel")),
    ("10008", 1, gone("not_found", "Unknown Message")),
    ("40060", 1, gone("invalid", "Interaction has already been acknowledged.")),
]


@pytest.mark.parametrize(("fault", "times", "first"), EDITS, ids=[f"{row[0]}x{row[1]}" for row in EDITS])
async def test_an_edit_fails_like_a_post_and_can_be_repeated(
    fault: str, times: int, first: Callable[[Outcome], bool]
) -> None:
    async with benched() as bench:
        posted = await bench.sender.send(bench.there, CARD, KEY)
        assert isinstance(posted, Sent)
        bench.double.fail("PATCH", r"/messages/\d+$", times, fault)
        outcome = await bench.sender.edit(bench.there, posted.message_id, CARD, KEY)
        assert first(outcome), outcome
        assert len(bench.double.asked("PATCH", "/messages/")) == (2 if first is sent else times)
        assert await bench.sender.edit(bench.there, posted.message_id, CARD, KEY) == posted
        assert len(bench.shown) == 1


# --- the connection ----------------------------------------


async def test_the_gateway_closes_during_a_send_and_the_message_stands_once() -> None:
    async with benched() as bench, bench.connected():
        bench.double.fail("POST", POSTS, 1, "gateway-close")
        outcome = await bench.sender.send(bench.there, CARD, KEY)
        assert isinstance(outcome, Sent)
        async with asyncio.timeout(5):
            await bench.double.gateway.until("resume")
        assert await bench.sender.send(bench.there, CARD, KEY) == outcome
        assert len(bench.shown) == 1


async def test_what_surely_did_not_go_out_is_tried_again_later() -> None:
    async with benched() as bench:
        Route.BASE = "http://127.0.0.1:1/api/v10"  # nobody listens there
        outcome = await bench.sender.send(bench.there, CARD, KEY)
        assert outcome == Retry(5.0, "Discord could not be reached: ClientConnectorError")


async def test_before_the_login_and_after_the_end_nothing_goes_out() -> None:
    async with benched() as bench:
        bench.client._connection.user = None
        assert await bench.sender.send(bench.there, CARD, KEY) == Retry(5.0, "not connected to Discord")
    assert await bench.sender.send(bench.there, CARD, KEY) == Retry(5.0, "not connected to Discord")
    assert bench.double.asked("POST", POSTS) == []


async def test_an_answer_that_never_comes_is_not_waited_for() -> None:
    async def swallow(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while await reader.read(1024):
            pass
        writer.close()

    hole = await asyncio.start_server(swallow, "127.0.0.1", 0)
    async with benched(patience=0.2) as bench:
        Route.BASE = f"http://127.0.0.1:{hole.sockets[0].getsockname()[1]}/api/v10"
        outcome = await bench.sender.send(bench.there, CARD, KEY)
        assert outcome == Unknown("the answer was lost (Discord could not be reached: TimeoutError)")
        Route.BASE = bench.double.api
        assert isinstance(await bench.sender.send(bench.there, CARD, KEY), Sent)
    hole.close()
    await hole.wait_closed()


async def test_one_lost_try_makes_the_whole_call_unknown_whatever_came_after() -> None:
    async with benched() as bench:
        bench.double.fail("POST", POSTS, 1, "accepted-502")
        bench.double.fail("POST", POSTS, 1, "429-no-via")
        assert isinstance(await bench.sender.send(bench.there, CARD, KEY), Unknown)
        assert len(bench.shown) == 1


# --- limits of the whole bot ----------------------------------------


async def test_a_global_limit_that_outlasts_a_call_holds_up_no_other_for_ever(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """discord.py, cut off while it sleeps over a global limit, would hold up every later request without end."""
    import discord_double_rest as rest

    status, body, headers = rest.FAULTS["429-global"]
    long: tuple[int, Any, dict[str, str]] = (
        status,
        body | {"retry_after": 0.9},
        headers | {"Retry-After": "7"},
    )
    monkeypatch.setitem(rest.FAULTS, "429-global", long)
    clock = MovedClock(NOON)
    async with benched(clock=clock, patience=0.1) as bench:
        bench.double.fail("POST", POSTS, 1, "429-global")
        assert await bench.sender.send(bench.there, CARD, KEY) == Retry(7.0, "rate limited")
        held = await bench.sender.send(bench.there, CARD, KEY)
        assert held == Retry(7.0, "Discord asked Starling to wait")  # everybody waits
        assert len(bench.double.asked("POST", POSTS)) == 1
        clock.advance(7)
        assert isinstance(await bench.sender.send(bench.there, CARD, KEY), Sent)
        assert len(bench.shown) == 1


async def test_a_token_that_is_refused_disables_no_channel_and_is_not_hammered() -> None:
    clock = MovedClock(NOON)
    async with benched(clock=clock) as bench:
        bench.double.rest.token = "another"
        first = await bench.sender.send(bench.there, CARD, KEY)
        assert first == Retry(60.0, "Discord does not accept the token")
        assert isinstance(await bench.sender.send(bench.to_ada, CARD, "d12p"), Retry)
        assert len(bench.double.asked("POST", ".")) == 1
        bench.double.rest.token = bench.double.token
        clock.advance(60)
        assert isinstance(await bench.sender.send(bench.there, CARD, KEY), Sent)


async def test_a_refusal_that_is_not_discords_disables_no_channel(monkeypatch: pytest.MonkeyPatch) -> None:
    import discord_double_rest as rest

    monkeypatch.setitem(rest.FAULTS, "503", (403, None, {}))  # a page of some proxy
    async with benched() as bench:
        bench.double.fail("POST", POSTS, 1, "503")
        assert await bench.sender.send(bench.there, CARD, KEY) == Retry(
            60.0, "Discord refused the request (403)"
        )


async def test_a_cancelled_send_is_cancelled() -> None:
    async with benched() as bench:
        bench.double.fail("POST", POSTS, 5, "429-global")
        sending = asyncio.create_task(bench.sender.send(bench.there, CARD, KEY))
        async with asyncio.timeout(5):
            while not bench.double.asked("POST", POSTS):
                await asyncio.sleep(0.001)
        sending.cancel()
        with pytest.raises(asyncio.CancelledError):
            await sending
        bench.double.rest.faults.clear()
        assert isinstance(await bench.sender.send(bench.there, CARD, KEY), Sent)
        assert len(bench.shown) == 1


# --- answers that the double does not give ----------------------------------------


def refusal(status: int, body: Any = "", **headers: str) -> discord.HTTPException:
    response: Any = SimpleNamespace(status=status, reason="", headers=headers)
    return discord.HTTPException(response, body)


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (
            refusal(403, {"code": 50278, "message": "No server in common"}),
            Gone("dm_closed", "No server in common"),
        ),
        (refusal(400, {"code": 50083, "message": "Archived"}), Gone("archived", "Archived")),
        (refusal(400, {"code": 160005, "message": "Locked"}), Gone("archived", "Locked")),
        (refusal(403, {"code": 50005, "message": "Not yours"}), Gone("forbidden", "Not yours")),
        (refusal(404, {"code": 10057, "message": "Unknown"}), Gone("not_found", "Unknown")),
        (
            refusal(403, {"code": 20026, "message": "Spam"}),
            Retry(60.0, "Discord refused the request (20026)"),
        ),
        (refusal(404, "<html>"), Retry(60.0, "Discord refused the request (404)")),
        (refusal(413, "<html>"), Gone("invalid", "HTTP 413")),
        (refusal(400, {"code": 50035, "message": "x" * 900}), Gone("invalid", "x" * 200)),
        (refusal(429, "<html>", **{"Retry-After": "90"}), Retry(90.0, "rate limited")),
        (refusal(429, "<html>", **{"Retry-After": "soon"}), Retry(1.0, "rate limited")),
        (refusal(429, "<html>", **{"Retry-After": "9999999"}), Retry(3600.0, "rate limited")),
        (discord.RateLimited(40.0), Retry(40.0, "rate limited")),
    ],
)
def test_what_discord_says_in_core_s_words(error: Exception, outcome: Outcome) -> None:
    failed = failure_of(error, Wire(out=1, refused=1))
    assert failed.outcome == outcome
    assert failed.invalid == (failed.gone == "invalid")


def test_words_of_a_members_text_in_a_refusal_are_left_out() -> None:
    body = {
        "code": 50035,
        "message": "Invalid Form Body",
        "errors": {"content": {"_errors": [{"code": "X", "message": "“my secret” is too long"}]}},
    }
    assert failure_of(refusal(400, body), Wire(1, 1)).outcome == Gone("invalid", "Invalid Form Body")


@pytest.mark.parametrize(
    "error",
    [discord.RateLimited(40.0), refusal(429), TimeoutError(), aiohttp.ServerDisconnectedError(), OSError()],
)
def test_with_one_request_lost_nobody_knows(error: Exception) -> None:
    assert isinstance(failure_of(error, Wire(out=2, refused=1)).outcome, Unknown)
    assert isinstance(failure_of(error, Wire(out=2, refused=2)).outcome, Retry)


async def test_a_conversation_that_is_opened_anew_gets_no_time_of_its_own(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A call ends when it has to, however many ways it went: later the delivery may be another process's."""
    import discord_double_rest as rest

    status, body, headers = rest.FAULTS["429"]
    monkeypatch.setitem(rest.FAULTS, "429", (status, body | {"retry_after": 0.6}, headers))
    async with benched(patience=1.0) as bench:
        bench.double.fail("POST", "/channels/123456789/messages", 1, "429")
        bench.double.fail("POST", "/users/@me/channels", 1, "429")
        stale = dataclasses.replace(bench.to_ada, channel_id="123456789")
        assert isinstance(await bench.sender.send(stale, CARD, KEY), Retry)
        assert bench.shown == [] and len(bench.double.asked("POST", POSTS)) == 2
