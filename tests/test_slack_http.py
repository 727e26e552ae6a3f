"""HTTP mode over real sockets: who is let in, what is answered, and how it ends."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import hmac
import io
import json
import logging
import time
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import urlencode

import aiohttp
import pytest
from slack_bolt.async_app import AsyncApp
from slack_double import SlackDouble, Team
from structlog.testing import capture_logs

from adapters.slack.http import LARGEST, HttpRoad
from adapters.slack.workspace import Token, Workspace
from core.errors import SettingsError

Json = dict[str, Any]
PATH = "/slack/events"
FORM = "application/x-www-form-urlencoded"


class Side:
    """One workspace with a small bolt app: it acknowledges, "slow" waits for ``gate``, "raise" fails before."""

    def __init__(self, double: SlackDouble, team: Team) -> None:
        token = Token(
            team.name,
            team.bot_token,
            signing_secret=team.signing_secret,
        )
        self.team = team
        self.workspace = Workspace(token, double.base_url, "")
        self.workspace.open()
        self.heard: list[Any] = []
        self.gate = asyncio.Event()
        logger = logging.getLogger("test_slack_http")
        logger.setLevel(logging.CRITICAL)
        self.app = AsyncApp(
            client=self.workspace.client,
            logger=logger,
            process_before_response=True,
            request_verification_enabled=False,
            attaching_conversation_kwargs_enabled=False,
        )
        self.app.command("/starling")(self.command)
        self.app.event("message")(self.message)
        self.app.action("answer")(self.press)

    async def command(self, ack: Any, command: Json) -> None:
        self.heard.append(command["text"])
        if command["text"] == "slow":
            await self.gate.wait()
        if command["text"] == "raise":
            raise ValueError("before the ack")
        await ack(f"got {command['text']}")

    async def message(self, body: Json, request: Any) -> None:
        self.heard.append((body["event_id"], request.headers.get("x-slack-retry-num", ["0"])[0]))

    async def press(self, ack: Any, action: Json) -> None:
        self.heard.append(action["action_id"])
        await ack()


class Room:
    def __init__(self, double: SlackDouble) -> None:
        self.double = double
        self.now = time.time
        self.side = Side(double, double.team)
        self.sides = [self.side]
        self.ana = double.add_user("Ana")
        self.channel = double.add_channel("study", self.ana)
        self.session = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0))
        self.road: HttpRoad

    def join(self, name: str, secret: str = "") -> Side:
        """A further workspace; with ``secret`` it is the same app as another."""
        team = self.double.add_team(name)
        team.signing_secret = secret or team.signing_secret
        made = Side(self.double, team)
        self.sides.append(made)
        return made

    async def open(self, *, known: bool = True) -> None:
        """Listen. ``known``: Slack has said which workspaces these are, as it has soon after a start."""
        for side in self.sides if known else ():
            await side.workspace.look()
        self.road = HttpRoad(
            "127.0.0.1", 0, PATH, [(s.workspace, s.app) for s in self.sides], now=lambda: self.now()
        )
        await self.road.start()
        for side in self.sides:
            side.team.url = self.url

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.road.port}{PATH}"

    async def say(self, text: str) -> Any:
        return await self.double.slash(self.ana, text, self.channel)

    async def send(
        self,
        body: str | bytes,
        kind: str = FORM,
        *,
        secret: str | None = None,
        at: float | None = None,
        **headers: str,
    ) -> tuple[int, str]:
        """Any bytes, signed as Slack signs, unless told otherwise: status and page."""
        raw = body.encode() if isinstance(body, str) else body
        stamp = headers.pop("stamp", str(int(time.time() if at is None else at)))
        key = (self.side.team.signing_secret if secret is None else secret).encode()
        signed = hmac.new(key, b"v0:" + stamp.encode() + b":" + raw, hashlib.sha256).hexdigest()
        sent = {"Content-Type": kind, "X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": f"v0={signed}"}
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        async with self.session.post(
            self.url, data=io.BytesIO(raw), headers={name: value for name, value in sent.items() if value}
        ) as answer:
            assert answer.headers["Server"] == "Starling"
            return answer.status, await answer.text()

    async def raw(self, data: bytes) -> bytes:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.road.port)
        writer.write(data)
        async with asyncio.timeout(5):
            answer = await reader.readuntil(b"\r\n\r\n")
        writer.close()
        return answer

    async def close(self) -> None:
        await self.session.close()
        if hasattr(self, "road"):
            await self.road.close()
        for side in self.sides:
            await side.workspace.close()


@pytest.fixture
async def made() -> AsyncIterator[Room]:
    """Not listening yet."""
    async with await SlackDouble.start() as double:
        room = Room(double)
        yield room
        await room.close()
    assert not double.violations


@pytest.fixture
async def room(made: Room, caplog: pytest.LogCaptureFixture) -> Room:
    caplog.set_level(logging.INFO)
    await made.open()
    return made


def command(text: str = "today", **more: str) -> str:
    return urlencode({"command": "/starling", "text": text, "team_id": "T0", "user_id": "U1", **more})


# what Slack sends


async def test_commands_events_and_presses_are_heard_and_answered(room: Room) -> None:
    act = await room.say("today")
    assert act.acked and act.text == "got today"
    await room.double.dm(room.ana, "hello")
    assert room.double.events[0].acked
    press = {"type": "block_actions", "team": {"id": room.side.team.id}, "user": {"id": "U1"}}
    press |= {"actions": [{"type": "button", "action_id": "answer", "block_id": "b"}], "trigger_id": "1"}
    assert await room.double.roads.post(room.double.team, "interactive", press) == (200, "")
    assert room.side.heard == ["today", (room.double.events[0].id, "0"), "answer"]


async def test_two_hundred_at_once_are_all_acknowledged(room: Room) -> None:
    await room.say("warm")
    acts = await asyncio.gather(*(room.say(f"n{n}") for n in range(200)))
    assert [each.text for each in acts] == [f"got n{n}" for n in range(200)]
    assert max(each.latency for each in acts) < 3


@pytest.mark.parametrize(
    "text", ["payload", "my payload=x & y", "{", "", "né\U0001f426", "a=b&c", "%41+", "{}\n"]
)
async def test_the_words_of_a_command_arrive_as_they_were_typed(room: Room, text: str) -> None:
    assert (await room.send(command(text)))[0] == 200
    assert room.side.heard == [text]


async def test_a_repeated_delivery_reaches_bolt_again_and_is_answered(room: Room) -> None:
    await room.double.dm(room.ana, "hello")
    event = room.double.events[0]
    assert (await room.double.roads.post(room.double.team, "events_api", event.payload, retry=1)) == (200, "")
    assert room.side.heard == [(event.id, "0"), (event.id, "1")]


async def test_the_challenge_is_answered_only_when_signed(room: Room) -> None:
    check = json.dumps({"type": "url_verification", "challenge": "abc", "token": "x"})
    status, page = await room.send(check, "application/json")
    assert status == 200 and json.loads(page) == {"challenge": "abc"}
    assert await room.send(check, "application/json", secret="other") == (401, "")
    assert not room.side.heard


async def test_a_look_at_the_certificate_is_answered_with_nothing(room: Room) -> None:
    assert await room.send("ssl_check=1&token=x") == (200, "")
    assert await room.send("token=x&ssl_check=1", secret="other") == (200, "")
    assert await room.send(command("x", ssl_check="1"), X_Slack_Signature="") == (200, "")
    assert await room.send("ssl_check=10", secret="other") == (401, "")
    assert await room.send(command("x" * 2000, ssl_check="1"), secret="other") == (401, "")
    assert not room.side.heard


async def test_an_event_that_nobody_listens_for_is_answered_all_the_same(room: Room) -> None:
    event = room.double.roads.envelope(room.double.team, {"type": "app_mention"})
    assert await room.double.roads.post(room.double.team, "events_api", event) == (200, "")
    limited = json.dumps({"type": "app_rate_limited", "team_id": room.side.team.id, "minute_rate_limited": 1})
    assert await room.send(limited, "application/json") == (200, "")
    press = {"type": "block_actions", "actions": [{"action_id": "unheard of", "type": "button"}]}
    assert (await room.double.roads.post(room.double.team, "interactive", press))[0] == 404


async def test_a_listener_that_fails_before_its_ack_is_told_to_slack_and_ends_nothing(room: Room) -> None:
    assert (await room.send(command("raise")))[0] == 500
    assert (await room.say("still")).text == "got still"


# who is let in


async def test_a_signature_that_is_wrong_old_early_or_missing_is_refused_without_a_word(room: Room) -> None:
    good = command()
    signature = hmac.new(b"x", b"y", hashlib.sha256).hexdigest()
    now = time.time()
    room.now = lambda: now
    for wrong in (
        {"secret": "other"},
        {"secret": ""},
        {"at": now - 302},
        {"at": now + 302},
        {"stamp": ""},
        {"stamp": "now"},
        {"stamp": "-5"},
        {"stamp": f" {int(now)}1"},
        {"stamp": "9" * 40},
        {"stamp": f"{int(now)}.0"},
        {"X_Slack_Signature": ""},
        {"X_Slack_Signature": "v0="},
        {"X_Slack_Signature": f"v0={signature}"},
        {"X_Slack_Signature": f"v1={signature}"},
        {"X_Slack_Signature": "v0=né"},
    ):
        assert await room.send(good, **wrong) == (401, ""), wrong  # type: ignore[arg-type]
    assert not room.side.heard
    for near in (-299, 0, 299):
        assert (await room.send(good, at=now + near))[0] == 200
    assert len(room.side.heard) == 3


async def test_what_was_changed_after_signing_is_refused(room: Room) -> None:
    stamp = str(int(time.time()))
    signed = hmac.new(
        room.side.team.signing_secret.encode(), f"v0:{stamp}:{command('today')}".encode(), hashlib.sha256
    )
    headers = {"X-Slack-Signature": f"v0={signed.hexdigest()}", "X_Slack_Request_Timestamp": stamp}
    changed = {name.replace("-", "_"): value for name, value in headers.items()}
    assert await room.send(command("answer"), **changed) == (401, "")


async def test_nothing_is_read_out_of_what_is_not_signed(room: Room) -> None:
    with capture_logs() as logs:
        for bad in (b"{", b"\xff\xfe", b"payload=%7B", b"", b"[" * 100_000):
            assert await room.send(bad, "application/json", secret="other") == (401, "")
    assert not logs


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"{", "application/json"),
        (b"", "application/json"),
        (b"[]", "application/json"),
        (b'"x"', "application/json"),
        (b"null", "application/json; charset=utf-8"),
        (b"payload=%7B", FORM),
        (b"payload=[]", FORM),
        (b"\xff\xfe", FORM),
        (b"", FORM),
        (b'{"authorizations": 5}', "application/json"),
        (b'{"view": {}, "user": 5, "team": 7}', "application/json"),
        (b"[" * 100_000, "application/json"),
    ],
)
async def test_a_signed_body_that_is_nothing_slack_sends_is_a_bad_request(
    room: Room, body: bytes, kind: str
) -> None:
    assert await room.send(body, kind) == (400, "")
    assert (await room.say("still")).acked


async def test_an_empty_signing_secret_is_refused_at_the_start(made: Room) -> None:
    for empty in ("", "  "):
        token = Token("Study", "xoxb-1", signing_secret=empty)
        with pytest.raises(SettingsError, match="“Study” has no signing_secret"):
            HttpRoad("127.0.0.1", 0, PATH, [(Workspace(token, made.double.base_url, ""), made.side.app)])


# several workspaces


async def test_each_workspace_has_a_secret_and_an_app_of_its_own(made: Room) -> None:
    other = made.join("Other")
    await made.open()
    assert (await made.send(command("mine")))[0] == 200
    assert (await made.send(command("theirs"), secret=other.team.signing_secret))[0] == 200
    assert made.side.heard == ["mine"] and other.heard == ["theirs"]


async def test_workspaces_of_one_app_are_told_apart_by_what_the_body_names(made: Room) -> None:
    secret = made.side.team.signing_secret
    other = made.join("Other", secret)
    for side in made.sides:
        await side.workspace.look()
    await made.open()
    here, there = made.side.team, other.team
    assert (await made.send(command("c", team_id=there.id)))[0] == 200
    assert other.heard == ["c"]
    press: Json = {"type": "block_actions", "user": {"id": "U1", "team_id": there.id}}
    press |= {"actions": [{"type": "button", "action_id": "answer", "block_id": "b"}]}
    assert (await made.double.roads.post(there, "interactive", press | {"team": {"id": there.id}}))[0] == 200
    # somebody of the other workspace, as a guest in a channel of this one
    guest = press | {"team": {"id": there.id}, "view": {"app_installed_team_id": here.id}}
    assert (await made.double.roads.post(there, "interactive", guest))[0] == 200
    # somebody of a workspace that is not here at all, by what else there is
    far = press | {"team": {"id": "T9"}, "team_id": here.id}
    assert (await made.double.roads.post(there, "interactive", far))[0] == 200
    event = made.double.roads.envelope(there, {"type": "message", "channel": "C1", "text": "x"})
    assert (await made.double.roads.post(there, "events_api", event | {"team_id": here.id}))[0] == 200
    assert other.heard == ["c", "answer", (event["event_id"], "0")]
    assert made.side.heard == ["answer", "answer"]


async def test_a_workspace_of_the_app_that_is_not_in_the_settings_is_warned_about_once(made: Room) -> None:
    made.join("Other", made.side.team.signing_secret)
    for side in made.sides:
        await side.workspace.look()
    await made.open()
    event = made.double.roads.envelope(made.double.team, {"type": "message", "channel": "C1", "text": "x"})
    event |= {"team_id": "T9", "authorizations": [{"team_id": "T9"}]}
    with capture_logs() as logs:
        for _ in range(2):
            assert (await made.send(json.dumps(event), "application/json"))[0] == 200
            assert (await made.send(command("x", team_id="T9")))[0] == 404
    assert [(each["log_level"], each["team"]) for each in logs] == [("warning", "T9")]
    assert not any(side.heard for side in made.sides)


async def test_while_it_is_not_known_whose_a_request_is_slack_is_asked_to_come_again(made: Room) -> None:
    other = made.join("Other", made.side.team.signing_secret)
    await made.side.workspace.look()
    await made.open(known=False)
    assert (await made.send(command("x", team_id=other.team.id)))[0] == 503
    await other.workspace.look()
    assert (await made.send(command("x", team_id=other.team.id)))[0] == 200
    assert other.heard == ["x"]


async def test_a_single_workspace_takes_nothing_either_while_it_is_not_known_which_it_is(made: Room) -> None:
    await made.open(known=False)
    assert (await made.send(command("x")))[0] == 503
    assert not made.side.heard
    await made.side.workspace.look()
    assert (await made.send(command("x")))[0] == 200


# the server


async def test_other_paths_and_methods_are_not_there(room: Room) -> None:
    for path in ("/", "/slack", PATH + "/", "/healthz"):
        async with room.session.post(f"http://127.0.0.1:{room.road.port}{path}", data=b"x") as answer:
            assert answer.status == 404 and await answer.text() == ""
    for method in ("GET", "HEAD", "PUT", "DELETE"):
        async with room.session.request(method, room.url) as answer:
            assert answer.status == 405 and answer.headers["Allow"] == "POST"


async def test_a_body_of_a_mebibyte_is_read_and_no_more(room: Room) -> None:
    fits = command("x" * (LARGEST - len(command(""))))
    assert len(fits) == LARGEST and (await room.send(fits))[0] == 200
    with contextlib.suppress(aiohttp.ClientOSError):  # answered, and cut off while we were still sending
        assert (await room.send(fits + "x"))[0] == 413

    head = f"POST {PATH} HTTP/1.1\r\nHost: x\r\nContent-Length: {LARGEST + 1}\r\n\r\n"
    assert b" 413 " in await room.raw(head.encode())  # before any of it is read

    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(20):
            yield b"x" * 100_000

    with contextlib.suppress(aiohttp.ClientOSError):
        async with room.session.post(room.url, data=chunks()) as answer:
            assert answer.status == 413
    assert len(room.side.heard) == 1 and (await room.say("still")).acked


async def test_what_is_no_http_is_refused_without_naming_versions_or_logging_it(
    room: Room, caplog: pytest.LogCaptureFixture
) -> None:
    for bad in (
        b"\x16\x03\x01\x02\x00\x01\x00\r\n\r\n",
        b"GET / HTTP/9\r\n\r\n",
        b"POST secret words\r\n\r\n",
    ):
        answer = await room.raw(bad)
        assert b" 400 " in answer and b"Server: Starling" in answer
        assert b"aiohttp" not in answer and b"Python" not in answer and b"secret" not in answer
    head = f"POST {PATH} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"
    assert b" 400 " in await room.raw(head.encode())
    assert not [each for each in caplog.records if each.name.startswith("aiohttp")]
    assert (await room.say("still")).acked


async def test_a_body_that_never_comes_is_not_waited_for(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("adapters.slack.http.PATIENCE", 0.1)
    head = f"POST {PATH} HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nabc"
    assert (await room.raw(head.encode())).startswith(b"HTTP/1.1 408")


async def test_requests_are_not_logged(room: Room, caplog: pytest.LogCaptureFixture) -> None:
    with capture_logs() as logs:
        await room.say("a word of mine")
        await room.send(command("another"), secret="other")
    assert not logs and not caplog.records


async def test_a_taken_port_is_told_by_its_key(room: Room) -> None:
    road = HttpRoad("127.0.0.1", room.road.port, PATH, [(room.side.workspace, room.side.app)])
    with pytest.raises(SettingsError, match=rf"127\.0\.0\.1:{room.road.port}.*slack\.http_port"):
        await road.start()
    with pytest.raises(SettingsError, match=r"slack\.http_port"):
        await road.serve()
    assert not road.healthy()


async def test_requests_under_way_are_answered_at_the_end_and_new_ones_find_nobody(room: Room) -> None:
    slow = asyncio.create_task(room.say("slow"))
    async with asyncio.timeout(5):
        while not room.side.heard:
            await asyncio.sleep(0.005)
    assert room.road.healthy()
    closing = asyncio.create_task(room.road.close())
    await asyncio.sleep(0.05)
    assert not closing.done() and not room.road.healthy()
    room.side.gate.set()
    assert (await slow).text == "got slow"
    await closing
    assert (await room.say("late")).failed == "dispatch_failed"


async def test_it_serves_until_cancelled_or_closed(made: Room) -> None:
    await made.side.workspace.look()
    apps = [(made.side.workspace, made.side.app)]
    for end in ("cancel", "close"):
        road = HttpRoad("127.0.0.1", 0, PATH, apps)
        task = asyncio.create_task(road.serve())
        async with asyncio.timeout(5):
            while not road.healthy():
                await asyncio.sleep(0.005)
        made.side.team.url = f"http://127.0.0.1:{road.port}{PATH}"
        assert (await made.say(end)).text == f"got {end}"
        if end == "cancel":
            task.cancel()
        else:
            await road.close()
        await asyncio.wait((task,))
        assert task.cancelled() is (end == "cancel") and not road.healthy()
    async with HttpRoad("127.0.0.1", 0, PATH, apps) as road:
        assert road.healthy() and road.port > 0
    assert not road.healthy()
