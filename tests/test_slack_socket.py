"""Socket Mode over real sockets: how Starling gets in, stays in, and what it does when Slack shows it out."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from moved_clock import MovedClock
from slack_bolt.async_app import AsyncApp
from slack_double import SlackDouble, Team, User
from structlog.testing import capture_logs

from adapters.slack import line as lines
from adapters.slack import socket as roads
from adapters.slack.socket import SocketRoad
from adapters.slack.workspace import Token, Workspace
from core.errors import SettingsError

Json = dict[str, Any]
Logs = list[Any]


def small_app(workspace: Workspace, heard: list[Any]) -> AsyncApp:
    """Acknowledges what it hears; "slow" waits for ``gate`` first, "raise" fails, "other" has no listener."""
    logger = logging.getLogger("test_slack_socket")
    logger.setLevel(logging.CRITICAL)
    app = AsyncApp(
        client=workspace.client,
        logger=logger,
        process_before_response=True,
        request_verification_enabled=False,
        attaching_conversation_kwargs_enabled=False,
    )

    @app.command("/starling")
    async def command(ack: Any, command: Json) -> None:
        heard.append(command["text"])
        if command["text"] == "slow":
            await app.gate.wait()  # type: ignore[attr-defined]
        if command["text"] == "raise":
            raise ValueError("before the ack")
        await ack(f"got {command['text']}")

    @app.event("message")
    async def message(body: Json, request: Any) -> None:
        heard.append((body["event_id"], request.headers.get("x-slack-retry-num", ["0"])[0]))

    app.gate = asyncio.Event()  # type: ignore[attr-defined]
    return app


class Room:
    """A workspace on the double, its road, and what it said."""

    def __init__(self, double: SlackDouble, clock: MovedClock, logs: Logs) -> None:
        self.double, self.clock, self.logs = double, clock, logs
        self.sockets = double.sockets
        self.ana: User = double.add_user("Ana")
        self.channel = double.add_channel("study", self.ana)
        self.heard: list[Any] = []
        self.hellos = 0
        self.gaps = 0  # of these, those before which nobody listened
        self.token = Token("study", double.team.bot_token, app_token=double.team.app_token)
        self.workspace = Workspace(self.token, double.base_url, "")
        self.workspace.team_id = double.team.id  # Slack has said so: nothing is heard before
        self.task: asyncio.Task[None] | None = None

    def build(self, team: Team | None = None, **more: Any) -> SocketRoad:
        self.workspace.open()
        self.app = small_app(self.workspace, self.heard)
        self.gate: asyncio.Event = self.app.gate  # type: ignore[attr-defined]
        self.road = SocketRoad(self.workspace, self.app, self.clock, connected=self.hello, **more)
        return self.road

    def hello(self, gap: bool) -> None:
        self.hellos += 1
        self.gaps += gap

    async def begin(self, **more: Any) -> None:
        self.task = asyncio.create_task(self.build(**more).serve())
        await self.until(lambda: self.hellos)

    async def until(self, done: Callable[[], object], patience: float = 5.0) -> None:
        async with asyncio.timeout(patience):
            while not done():
                if self.task is not None and self.task.done():
                    self.task.result()
                await asyncio.sleep(0.005)

    async def wait_out(self, least: float, most: float) -> None:
        """The road waits, on its clock, between ``least`` and ``most`` seconds."""
        await self.until(lambda: self.clock.sleepers)
        self.clock.advance(least - 0.01)
        await asyncio.sleep(0.02)
        assert self.clock.sleepers, f"it did not wait for {least} s"
        self.clock.advance(most - least + 0.02)
        await asyncio.sleep(0)
        assert not self.clock.sleepers, f"it waits longer than {most} s"

    async def say(self, text: str) -> Any:
        return await self.double.slash(self.ana, text, self.channel)

    def asked(self) -> int:
        return len(self.double.asked("apps.connections.open"))

    def said(self, *levels: str) -> list[str]:
        return [each["event"] for each in self.logs if not levels or each["log_level"] in levels]

    async def end(self) -> None:
        if self.task is not None and not self.task.done():
            self.task.cancel()
            await asyncio.wait((self.task,))
        if hasattr(self, "road"):
            await self.workspace.close()


@pytest.fixture
async def room(clock: MovedClock, caplog: pytest.LogCaptureFixture) -> AsyncIterator[Room]:
    with capture_logs() as logs:
        async with await SlackDouble.start() as double:
            made = Room(double, clock, logs)
            yield made
            await made.end()
            await made.until(lambda: not double.sockets.links)
        async with asyncio.timeout(5):  # no task stays behind
            while asyncio.all_tasks() != {asyncio.current_task()}:
                await asyncio.sleep(0.005)
    assert not double.violations
    everything = f"{logs} {caplog.text}"
    assert "ticket=" not in everything and double.team.app_token not in everything
    assert not [each for each in logs if each.get("exc_info")]
    assert not [each for each in caplog.records if each.exc_info]


# getting in


async def test_what_people_do_is_heard_and_acknowledged_and_each_hello_is_told(room: Room) -> None:
    await room.begin()
    assert room.hellos == 1 and room.road.healthy()
    act = await room.say("today")
    assert act.acked and act.text == "got today" and room.heard == ["today"]
    assert room.said() == ["connected to Slack"] and room.logs[0]["connections"] == 1


async def test_two_hundred_at_once_are_all_acknowledged(room: Room) -> None:
    await room.begin()
    await room.say("warm")
    acts = await asyncio.gather(*(room.say(f"n{n}") for n in range(200)))
    assert [each.text for each in acts] == [f"got n{n}" for n in range(200)]
    assert max(each.latency for each in acts) < 3


async def test_one_that_takes_its_time_keeps_nobody_else_waiting(room: Room) -> None:
    await room.begin()
    slow = asyncio.create_task(room.say("slow"))
    await room.until(lambda: "slow" in room.heard)
    assert (await room.say("quick")).text == "got quick"
    room.gate.set()
    assert (await slow).text == "got slow"


async def test_a_repeated_event_reaches_bolt_again_with_its_number(room: Room) -> None:
    await room.begin()
    await room.double.dm(room.ana, "hello")
    await room.until(lambda: room.double.events and room.double.events[0].done)
    event = room.double.events[0]
    assert await room.double.again(event)
    assert room.heard == [(event.id, "0"), (event.id, "1")]


async def test_an_event_that_nobody_listens_for_is_acknowledged_all_the_same(room: Room) -> None:
    await room.begin()
    event = room.double.roads.envelope(room.double.team, {"type": "app_mention"})
    ack = await room.double.roads.deliver(room.double.team, "events_api", event, accepts=False)
    assert ack.acked and not room.heard


async def test_what_is_no_message_of_slacks_ends_nothing(room: Room) -> None:
    await room.begin()
    for each in ("{", "[]", '"hello"', '{"type": "events_api", "envelope_id": "e", "payload": []}', "{}"):
        await room.sockets.links[0].socket.send_str(each)
    assert (await room.say("still")).text == "got still"
    assert room.hellos == 1


async def test_pings_of_slack_are_answered(room: Room) -> None:
    await room.begin()
    await room.sockets.ping()
    await room.sockets.until("pong")


@pytest.mark.parametrize("trouble", ["503", "reset", "internal_error", "fatal_error"])
async def test_a_slack_that_is_away_at_the_start_is_tried_again_with_growing_waits(
    room: Room, trouble: str
) -> None:
    room.double.fail("apps.connections.open", trouble, 4)
    room.task = asyncio.create_task(room.build().serve())
    for least in (1, 2, 4, 8):
        assert not room.road.healthy()
        await room.wait_out(least * 0.75, least * 1.25)
    await room.until(lambda: room.hellos)
    assert room.road.healthy() and room.asked() == 5
    assert room.said("warning") == ["Slack cannot be reached"] * 4 and not room.said("error")


async def test_a_wait_grows_to_a_minute_and_no_further(room: Room) -> None:
    room.double.fail("apps.connections.open", "503", 12)
    room.task = asyncio.create_task(room.build().serve())
    for n in range(12):
        await room.until(lambda: room.clock.sleepers)
        room.clock.advance(75)
        await room.until(lambda n=n: room.asked() > n + 1)
    waits = [each["again_in"] for each in room.logs if each["log_level"] == "warning"]
    assert len(waits) == 12 and max(waits) <= 75 and min(waits[7:]) >= 45 and len(set(waits)) > 8


async def test_a_rate_limit_is_waited_out_as_long_as_slack_says(room: Room) -> None:
    room.double.fail("apps.connections.open", "ratelimited", retry_after=30)
    room.task = asyncio.create_task(room.build().serve())
    await room.wait_out(30, 30.1)
    await room.until(lambda: room.hellos)


async def test_something_else_that_answers_in_slacks_place_is_a_slack_that_is_away(
    room: Room, unused_tcp_port: int
) -> None:
    async def page(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(100)
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\nhello")
        writer.close()

    async with await asyncio.start_server(page, "127.0.0.1", unused_tcp_port):
        room.workspace = Workspace(room.token, f"http://127.0.0.1:{unused_tcp_port}/api/", "")
        room.task = asyncio.create_task(room.build().serve())
        await room.wait_out(0.75, 1.25)
        assert room.said("warning") == ["Slack cannot be reached"]
        await room.end()


async def test_a_connection_without_a_hello_is_given_up(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(roads, "OPENING", 0.1)
    room.sockets.hello_wait = 1
    room.task = asyncio.create_task(room.build().serve())
    await room.until(lambda: room.clock.sleepers)
    room.sockets.hello_wait = 0
    await room.wait_out(0.75, 1.25)
    await room.until(lambda: room.hellos)
    assert room.logs[0]["error"] == "TimeoutError"


async def test_a_proxy_is_asked_for_the_connection(room: Room, unused_tcp_port: int) -> None:
    lines: list[bytes] = []

    async def proxy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        lines.append(await reader.readline())
        writer.close()

    async with await asyncio.start_server(proxy, "127.0.0.1", unused_tcp_port):
        room.task = asyncio.create_task(room.build(proxy=f"http://127.0.0.1:{unused_tcp_port}").serve())
        await room.until(lambda: room.clock.sleepers)
    assert lines and all(b"/link/" in each for each in lines)
    assert room.said("warning") == ["Slack cannot be reached"]


# a token that is refused


@pytest.mark.parametrize(
    ("word", "way_out"),
    [
        ("invalid_auth", "Copy it again"),
        ("not_authed", "is empty"),
        ("token_revoked", "was revoked"),
        ("account_inactive", "switched off"),
        ("not_allowed_token_type", "those begin with xapp-"),
        ("missing_scope", "lacks the scope connections:write"),
    ],
)
async def test_a_refused_app_token_ends_the_start_and_names_the_key(
    room: Room, word: str, way_out: str
) -> None:
    room.double.fail("apps.connections.open", word)
    with pytest.raises(SettingsError) as caught:
        await room.build().serve()
    assert "the app_token of the Slack workspace “study”" in caught.value.message
    assert way_out in caught.value.message and "connections:write" in caught.value.message
    assert not room.road.healthy()


async def test_a_bot_token_in_the_wrong_place_is_told_by_the_key_of_the_short_form(room: Room) -> None:
    token = Token("slack", room.token.bot_token, app_token=room.token.bot_token)
    room.workspace = Workspace(token, room.double.base_url, "")
    with pytest.raises(SettingsError, match=r"^slack\.app_token is no app-level token"):
        await room.build().serve()


async def test_a_token_refused_after_slack_was_away_still_ends_the_start(room: Room) -> None:
    room.double.fail("apps.connections.open", "503")
    room.double.fail("apps.connections.open", "token_revoked")
    room.task = asyncio.create_task(room.build().serve())
    await room.wait_out(0.75, 1.25)
    with pytest.raises(SettingsError, match="was revoked"):
        await room.task


async def test_a_token_revoked_while_running_is_said_once_and_tried_every_minute(room: Room) -> None:
    await room.begin()
    room.double.fail("apps.connections.open", "token_revoked", 3)
    await room.sockets.drop()
    for _ in range(3):
        await room.wait_out(60, 60.01)
        assert not room.road.healthy()
    await room.until(lambda: room.hellos == 2)
    errors = room.said("error")
    assert len(errors) == 1 and "was revoked" in errors[0] and "connections:write" in errors[0]
    assert room.road.healthy() and (await room.say("back")).acked
    room.clock.advance(61)
    room.double.fail("apps.connections.open", "token_revoked")
    await room.sockets.drop()
    await room.until(lambda: len(room.said("error")) == 2)  # it was mended in between: a new trouble


# staying in


@pytest.mark.parametrize("reason", ["refresh_requested", "warning", "something new"])
async def test_a_change_of_connection_that_slack_asks_for_is_made_at_once(room: Room, reason: str) -> None:
    await room.begin()
    await room.sockets.disconnect(reason)
    await room.until(lambda: room.hellos == 2)
    assert (await room.say("still here")).text == "got still here"
    assert room.asked() == 2 and not room.said("warning", "error")
    assert room.gaps == 1, "somebody listened all the time"
    assert room.logs[1]["event"] == "Slack asks for another connection" and room.logs[1]["reason"] == reason


async def test_the_old_connection_carries_until_the_new_one_says_hello(room: Room) -> None:
    """No moment without a connection: what is said while the new one is being made arrives."""
    await room.begin()
    room.sockets.hello_wait = 0.3
    await room.sockets.disconnect("warning")
    await room.until(lambda: room.asked() == 2)
    acts = []
    while room.hellos == 1:
        assert room.road.healthy()
        acts.append(await room.say(f"n{len(acts)}"))
        await asyncio.sleep(0.02)
    assert len(acts) > 5 and all(each.acked for each in acts)
    assert [each.text for each in acts] == [f"got n{n}" for n in range(len(acts))]


async def test_what_is_being_heard_when_the_connection_changes_is_acknowledged_where_it_came(
    room: Room,
) -> None:
    await room.begin()
    slow = asyncio.create_task(room.say("slow"))
    await room.until(lambda: "slow" in room.heard)
    await room.sockets.disconnect("refresh_requested")
    await room.until(lambda: room.hellos == 2)
    room.gate.set()
    assert (await slow).text == "got slow"


async def test_what_is_being_heard_when_the_connection_is_cut_is_acknowledged_over_the_next(
    room: Room,
) -> None:
    await room.begin()
    slow = asyncio.create_task(room.say("slow"))
    await room.until(lambda: "slow" in room.heard)
    room.sockets.hello_wait = 0.2
    await room.sockets.drop(abort=True)
    await room.until(lambda: not room.road.healthy())
    room.gate.set()
    assert (await slow).text == "got slow"
    assert "an acknowledgement found no connection" not in room.said()


async def test_an_acknowledgement_without_any_connection_in_time_is_given_up_with_a_word(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(roads, "ACK", 0.2)
    room.sockets.ack_limit = 0.2
    await room.begin()
    slow = asyncio.create_task(room.say("slow"))
    await room.until(lambda: "slow" in room.heard)
    room.double.fail("apps.connections.open", "503")
    await room.sockets.drop(abort=True)
    await room.until(lambda: room.clock.sleepers)
    room.gate.set()
    assert (await slow).failed == "operation_timeout"
    await room.until(lambda: "an acknowledgement found no connection" in room.said("warning"))


async def test_a_replaced_connection_is_closed_after_a_while(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(roads, "LINGER", 0.1)
    await room.begin()
    first = room.sockets.links[0]
    await room.sockets.disconnect("refresh_requested")
    await room.until(lambda: room.hellos == 2 and first not in room.sockets.links)
    assert len(room.sockets.links) == 1 and (await room.say("x")).acked


@pytest.mark.parametrize("how", ["closed", "cut"])
async def test_a_connection_that_ends_without_a_word_is_opened_anew_at_once(room: Room, how: str) -> None:
    await room.begin()
    await room.sockets.drop(abort=how == "cut")
    await room.until(lambda: room.hellos == 2)
    assert (await room.say("back")).text == "got back" and room.gaps == 2
    assert room.said("warning") == ["the connection to Slack has ended"] and not room.said("error")


async def test_silence_of_slack_ends_a_connection(room: Room) -> None:
    await room.begin(heartbeat=0.1)
    room.sockets.mute = True
    await room.until(lambda: "the connection to Slack has ended" in room.said("warning"))
    room.sockets.mute = False
    while room.hellos == 1:  # the new one may have met the silence, too
        room.clock.advance(2)
        await asyncio.sleep(0.01)
    assert (await room.say("back")).text == "got back"


async def test_connections_that_end_again_and_again_are_not_opened_in_a_spin(room: Room) -> None:
    await room.begin()
    for least in (0, 0.5, 1, 2, 4):
        hellos = room.hellos
        await room.sockets.drop()
        if least:
            await room.wait_out(least * 0.75, least * 2.5)
        await room.until(lambda hellos=hellos: room.hellos == hellos + 1)
    room.clock.advance(61)  # this one was good
    await room.sockets.drop()
    await room.until(lambda: room.hellos == 7)
    assert room.logs[-2]["again_in"] == 0


async def test_a_slack_that_goes_away_while_running_is_tried_until_it_is_back(room: Room) -> None:
    await room.begin()
    room.double.fail("apps.connections.open", "reset", 3)
    await room.sockets.drop(abort=True)
    for _ in range(3):
        await room.until(lambda: room.clock.sleepers)
        assert not room.road.healthy()
        room.clock.advance(11)
        await asyncio.sleep(0.01)
    await room.until(lambda: room.hellos == 2)
    assert room.road.healthy() and (await room.say("back")).acked


async def test_an_event_that_was_said_in_a_gap_is_heard_after_it(room: Room) -> None:
    room.double.roads.retry_waits = (0.05, 0.05, 3)
    await room.begin()
    room.double.fail("apps.connections.open", "503")
    await room.sockets.drop()
    telling = asyncio.create_task(room.double.dm(room.ana, "anybody?"))
    await room.until(lambda: room.double.events and room.double.events[0].attempts == 3)
    await room.until(lambda: room.clock.sleepers)
    room.clock.advance(5)
    await telling
    assert room.double.events[0].acked and room.heard == [(room.double.events[0].id, "3")]


async def test_a_connection_that_was_to_be_replaced_long_ago_does_not_count_as_one(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(roads, "LINGER", 0.1)
    await room.begin()
    room.double.fail("apps.connections.open", "503")
    await room.sockets.disconnect("refresh_requested")
    await room.until(lambda: room.clock.sleepers)
    await room.until(lambda: not room.road.healthy())
    room.clock.advance(5)
    await room.until(room.road.healthy)


# several workspaces


async def test_workspaces_that_share_an_app_token_share_the_road(room: Room) -> None:
    """Slack sends what is of any of them over any connection of the app."""
    team = room.double.add_team("Other")
    team.app_token = room.token.app_token
    ben = room.double.add_user("Ben", team)
    there = room.double.add_channel("there", ben, team=team)
    token = Token("other", team.bot_token, app_token=team.app_token)
    other = Workspace(token, room.double.base_url, "")
    other.open()
    heard: list[Any] = []
    await room.begin(shared=[(other, small_app(other, heard))])
    room.sockets.ack_limit = 0.2
    assert (await room.double.slash(ben, "too early", there)).failed  # nobody knows yet whose it is
    await room.workspace.look()
    await other.look()
    assert (await room.say("here")).acked and (await room.double.slash(ben, "there", there)).acked
    assert room.heard == ["here"] and heard == ["there"]
    far = room.double.add_team("Far")
    far.app_token = room.token.app_token
    event = room.double.roads.envelope(far, {"type": "message", "channel": "C1", "text": "x"})
    for _ in range(2):
        assert (await room.double.roads.deliver(far, "events_api", event, accepts=False)).acked
    assert room.said("warning") == ["Slack sent something of a workspace that is not in the settings"]
    assert room.heard == ["here"] and heard == ["there"]
    await other.close()


async def test_a_listener_that_fails_before_its_ack_ends_nothing(room: Room) -> None:
    room.sockets.ack_limit = 0.2
    await room.begin()
    assert (await room.say("raise")).failed == "operation_timeout"
    assert (await room.say("still")).text == "got still"
    assert room.hellos == 1


# shown out


async def test_too_many_connections_are_said_once_with_what_to_do_and_waited_for_ever_longer(
    room: Room,
) -> None:
    room.sockets.others = 10
    room.task = asyncio.create_task(room.build().serve())
    for least in (10, 20, 40, 80, 160, 300, 300):
        await room.wait_out(least * 0.75, least * 1.25)
    await room.until(lambda: room.asked() == 8)
    errors = room.said("error")
    assert len(errors) == 1 and "10 connections" in errors[0] and "Stop other copies" in errors[0]
    room.sockets.others = 3
    await room.until(lambda: room.clock.sleepers or room.hellos)
    room.clock.advance(400)
    await room.until(lambda: room.hellos)
    assert room.logs[-1]["connections"] == 4


async def test_the_last_free_connection_is_warned_about_once(room: Room) -> None:
    room.sockets.others = 9
    await room.begin()
    assert ["Stop other copies" in each for each in room.said("warning")] == [True]
    room.clock.advance(61)
    room.sockets.others = 8
    await room.sockets.disconnect("refresh_requested")
    await room.until(lambda: room.hellos == 2)
    assert len(room.said("warning")) == 1


async def test_a_connection_of_ours_that_is_about_to_go_is_not_taken_for_another_copys(room: Room) -> None:
    room.sockets.others = 8
    await room.begin()
    await room.sockets.disconnect("warning")
    await room.until(lambda: room.hellos == 2)
    assert room.logs[-1]["connections"] == 10 and not room.said("warning")


async def test_where_the_old_connection_takes_the_last_place_it_makes_room_for_the_new(room: Room) -> None:
    room.sockets.others = 9
    await room.begin()
    await room.sockets.disconnect("warning")
    await room.wait_out(0.5, 4)
    await room.until(lambda: room.hellos == 2)
    assert room.asked() == 3 and (await room.say("in")).acked
    assert room.sockets.log.count(("disconnect", "too_many_websockets")) == 1


async def test_a_connection_that_is_one_too_many_later_does_not_spin_either(room: Room) -> None:
    await room.begin()
    for least in (1, 2, 4):
        hellos = room.hellos
        await room.sockets.disconnect("too_many_websockets")
        await room.wait_out(least * 0.75, least * 1.25)
        await room.until(lambda hellos=hellos: room.hellos == hellos + 1)


async def test_socket_mode_switched_off_is_said_once_with_what_to_do_and_tried_every_minute(
    room: Room,
) -> None:
    await room.begin()
    room.sockets.switched_off = True
    await room.sockets.disconnect("link_disabled")
    for _ in range(3):
        await room.wait_out(60, 60.01)
    errors = room.said("error")
    assert (
        len(errors) == 1 and "Socket Mode is switched off" in errors[0] and 'slack.mode = "http"' in errors[0]
    )
    assert not room.road.healthy()
    room.sockets.switched_off = False
    await room.until(lambda: room.clock.sleepers or room.hellos == 2)
    room.clock.advance(60)
    await room.until(lambda: room.hellos == 2)


# the end


async def test_the_end_acknowledges_what_is_being_heard_and_hears_nothing_more(room: Room) -> None:
    await room.begin()
    slow = asyncio.create_task(room.say("slow"))
    await room.until(lambda: "slow" in room.heard)
    closing = asyncio.create_task(room.road.close())
    await asyncio.sleep(0.05)
    assert not closing.done()
    room.gate.set()
    assert (await slow).text == "got slow"
    await closing
    assert room.task is not None
    await room.task  # it returns
    assert not room.road.healthy() and not room.sockets.links
    assert (await room.say("late")).failed == "dispatch_failed"


async def test_a_listener_that_never_ends_does_not_hold_up_the_end(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lines, "DRAIN", 0.05)
    room.sockets.ack_limit = 0.2
    await room.begin()
    slow = asyncio.create_task(room.say("slow"))
    await room.until(lambda: "slow" in room.heard)
    assert room.task is not None
    room.task.cancel()
    await asyncio.wait((room.task,), timeout=1)
    assert room.task.cancelled() and (await slow).failed


async def test_cancelling_ends_it_while_it_waits_and_while_it_connects(room: Room) -> None:
    room.double.fail("apps.connections.open", "503")
    room.task = asyncio.create_task(room.build().serve())
    await room.until(lambda: room.clock.sleepers)
    room.task.cancel()
    await asyncio.wait((room.task,))
    assert room.task.cancelled()
    room.double.fail("apps.connections.open", "silence")
    room.task = asyncio.create_task(room.road.serve())
    await room.until(lambda: room.asked() == 2)
    room.task.cancel()
    await asyncio.wait((room.task,))
    assert room.task.cancelled()
