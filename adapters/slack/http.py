"""HTTP mode: Slack calls Starling, at an address that the operator publishes."""

from __future__ import annotations

import asyncio
import hmac
import json
import re
import time
from collections.abc import Callable, Mapping, Sequence
from types import TracebackType
from typing import Any, Final, Self
from urllib.parse import parse_qsl

import structlog
from aiohttp import StreamReader, web
from aiohttp.abc import AbstractStreamWriter
from aiohttp.http import RawRequestMessage
from aiohttp.http_exceptions import HttpProcessingError
from aiohttp.web_protocol import RequestHandler
from slack_bolt.request.async_request import AsyncBoltRequest

from adapters.slack.teams import EVENTS, Pair, Strangers, whose
from core.errors import SettingsError

log = structlog.get_logger(__name__)

Json = dict[str, Any]

LARGEST: Final = 1024 * 1024  # bytes of a body; a form of Slack's is at most 250 kB
WINDOW: Final = 300  # seconds that a signature is good for, either way: clocks differ
PATIENCE: Final = 10.0  # seconds for a body to come in, and for requests under way when it all ends
LINGERING: Final = (
    2.0  # seconds for the rest of a body that is of no use, so that its sender reads the answer
)
BACKLOG: Final = 1024  # connections that may wait to be taken

_STAMP = re.compile(r"[0-9]{1,12}")
_CHECK = re.compile(rb"(?:^|&)ssl_check=1(?:&|$)")
_SERVER: Final = {"Server": "Starling"}  # else aiohttp names its version and Python's


class _Handler(RequestHandler):
    """What is no HTTP at all is answered by aiohttp itself, which would name its version."""

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        if status != 500:  # the fault is theirs: no traceback, and not a word of what they sent
            return _answer(status, last=True)
        answer = super().handle_error(request, status, exc, message)
        answer.headers.update(_SERVER)
        return answer


class _Server(web.Server):
    def __call__(self) -> RequestHandler:
        return _Handler(self, loop=self._loop, **self._kwargs)

    def _make_request(
        self,
        message: RawRequestMessage,
        payload: StreamReader,
        protocol: RequestHandler,
        writer: AbstractStreamWriter,
        task: asyncio.Task[None],
    ) -> web.BaseRequest:
        return web.BaseRequest(message, payload, protocol, writer, task, self._loop, client_max_size=LARGEST)


class HttpRoad:
    """All workspaces' way in. ``async with road``, or ``await road.serve()``.

    The signature is checked here, over the bytes as they came, before anything is read out of them: bolt's own
    check may stay off. What Slack delivers again goes on to bolt like the first time.
    """

    def __init__(
        self,
        host: str,
        port: int,
        path: str,
        apps: Sequence[Pair],
        *,
        now: Callable[[], float] = time.time,
    ) -> None:
        """``now``: Unix seconds, for the age of signatures. Raises SettingsError where a signing secret is empty."""
        self._host, self._asked, self._path = host, port, path
        self._now = now
        self._port = 0
        self._runner: web.ServerRunner | None = None
        self._over = asyncio.Event()
        self._strangers = Strangers()
        self._apps: dict[bytes, list[Pair]] = {}
        for workspace, app in apps:
            secret = workspace.token.signing_secret.strip()
            if not secret:  # anybody could sign with that
                raise SettingsError(
                    f"The Slack workspace “{workspace.name}” has no signing_secret, and HTTP mode needs it. "
                    "It stands under “Basic Information” of the app."
                )
            self._apps.setdefault(secret.encode(), []).append((workspace, app))

    @property
    def port(self) -> int:
        """Where it listens: the real one when 0 was asked for."""
        return self._port

    def healthy(self) -> bool:
        return self._runner is not None

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def start(self) -> None:
        """Listen. Raises SettingsError where that address cannot be had."""
        server = _Server(self._handle, access_log=None, lingering_time=LINGERING)
        runner = web.ServerRunner(server, shutdown_timeout=PATIENCE)
        await runner.setup()
        try:
            await web.TCPSite(runner, self._host, self._asked, backlog=BACKLOG).start()
        except OSError as error:
            await runner.cleanup()
            raise SettingsError(
                f"The server for Slack cannot listen on {self._host}:{self._asked} "
                f"({error.strerror or 'no such address'}). "
                "Set slack.http_host and slack.http_port to a free address."
            ) from error
        self._runner, self._port = runner, int(runner.addresses[0][1])
        log.info("listening for Slack", host=self._host, port=self._port, path=self._path)

    async def serve(self) -> None:
        """Until cancelled or closed."""
        if self._runner is None:
            await self.start()
        try:
            await self._over.wait()
        finally:
            await self.close()

    async def close(self) -> None:
        """Take nothing new; what is under way is answered."""
        self._over.set()
        runner, self._runner = self._runner, None
        if runner is not None:
            await runner.cleanup()

    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
        if request.path != self._path:
            return _answer(404)
        if request.method != "POST":
            return _answer(405, headers={"Allow": "POST"})
        if (request.content_length or 0) > LARGEST:
            return _answer(413, last=True)
        try:
            async with asyncio.timeout(PATIENCE):
                raw = await request.read()
        except web.HTTPRequestEntityTooLarge:
            return _answer(413, last=True)
        except TimeoutError:
            return _answer(408, last=True)
        except (web.RequestPayloadError, HttpProcessingError, ConnectionError):
            return _answer(400, last=True)
        apps = self._signed(request.headers, raw)
        if not apps:
            # Slack looks at the certificate now and then, and bolt takes that look as possibly unsigned. It may be
            # anybody's: they get an empty page, and nothing happens.
            return _answer(200 if len(raw) < 1024 and _CHECK.search(raw) else 401)
        try:
            text, body = _read(raw, request.content_type)
            # Given as it is read here: where the word "payload" stands anywhere in a form, in what a member typed
            # for one, bolt would find nothing in it.
            asked = AsyncBoltRequest(body=body, headers=dict(request.headers), mode="socket_mode")
            asked.mode, asked.raw_body = "http", text
        except (ValueError, TypeError, AttributeError, LookupError, RecursionError):
            log.warning("a signed request could not be read", size=len(raw))
            return _answer(400)
        if body.get("type") == "url_verification":
            return _answer(200, json.dumps({"challenge": body.get("challenge")}), "application/json")
        if body.get("ssl_check") == "1":
            return _answer(200)
        return await self._dispatch(apps, asked)

    def _signed(self, headers: Mapping[str, str], raw: bytes) -> list[Pair]:
        """Those whose secret has signed this, not long ago."""
        stamp = headers.get("X-Slack-Request-Timestamp", "")
        if not _STAMP.fullmatch(stamp) or abs(self._now() - int(stamp)) > WINDOW:
            return []
        given = headers.get("X-Slack-Signature", "").encode(errors="surrogateescape")
        signed = b"v0:%b:%b" % (stamp.encode(), raw)
        for secret, apps in self._apps.items():
            made = b"v0=" + hmac.digest(secret, signed, "sha256").hex().encode()
            if hmac.compare_digest(made, given):
                return apps
        return []

    async def _dispatch(self, pairs: Sequence[Pair], asked: AsyncBoltRequest) -> web.StreamResponse:
        event = asked.body.get("type") in EVENTS
        app = whose(pairs, asked.body)
        known = [each for workspace, each in pairs if workspace.known]
        if app not in known:
            if len(known) < len(pairs):
                return _answer(503)  # it may be the one that has not been asked yet; Slack sends events again
            self._strangers.met(asked.body)
            # Slack stops sending events, all of them, where too many are refused.
            return _answer(200 if event else 404)
        assert app is not None
        try:
            done = await app.async_dispatch(asked)
        except Exception:
            log.exception("what Slack sent could not be taken", kind=str(asked.body.get("type", "command")))
            return _answer(500)
        if done.status == 404 and event:
            return _answer(200)  # nobody listens for it; sent again it would be the same
        kind = done.headers.get("content-type", ("text/plain",))[0]
        return _answer(done.status, done.body, kind)


def _answer(
    status: int,
    body: str = "",
    kind: str = "text/plain",
    *,
    headers: Mapping[str, str] | None = None,
    last: bool = False,
) -> web.Response:
    """``last``: the connection ends with it, since what else comes in on it is of no use."""
    answer = web.Response(
        status=status, body=body.encode(), headers={"Content-Type": kind, **_SERVER, **(headers or {})}
    )
    if last:
        answer.force_close()
    return answer


def _read(raw: bytes, kind: str) -> tuple[str, Json]:
    """An event is JSON; a command is a form; everything else is JSON in a form. Raises ValueError."""
    text = raw.decode()
    body: object
    if kind == "application/json" or text.startswith("{"):
        body = json.loads(text)
    else:
        form = dict(parse_qsl(text, keep_blank_values=True))
        body = json.loads(form["payload"]) if "payload" in form else form
    if not isinstance(body, dict) or not body:
        raise ValueError("nothing in it")
    return text, body
