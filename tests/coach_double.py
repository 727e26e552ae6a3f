"""A language model's server that speaks OpenAI's chat completions on loopback, and does what a test tells it.

    async with CoachDouble.running() as double:
        double.replies(asks("Why that way?"))          # each request takes the next one; the last one stays
        ...
        double.seen[0].data                            # what was sent, read as ``core.coach_words.marked`` wrote it

It is no judge: whoever controls the text of an answer may control a model, so it can be made to say anything at all.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web


@dataclass(frozen=True)
class Seen:
    """One request as it came."""

    path: str
    headers: dict[str, str]
    raw: bytes

    @property
    def body(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.raw)
        return found

    @property
    def system(self) -> str:
        first, _ = self.body["messages"]
        assert first["role"] == "system"
        text: str = first["content"]
        return text

    @property
    def lines(self) -> list[str]:
        """The lines of the user's message: a mark, the material, the mark again."""
        _, second = self.body["messages"]
        assert second["role"] == "user"
        lines: list[str] = second["content"].split("\n")
        return lines

    @property
    def data(self) -> dict[str, Any]:
        opening, line, closing = self.lines
        assert opening == closing
        found: dict[str, Any] = json.loads(line)
        return found


Answering = Callable[[web.Request, Seen], Awaitable[web.StreamResponse]]


def completion(content: object) -> dict[str, object]:
    """A whole reply as such servers send it, with fields that nobody asked for."""
    message = {"role": "assistant", "content": content, "refusal": None}
    choice = {"index": 0, "message": message, "finish_reason": "stop", "logprobs": None}
    usage = {"prompt_tokens": 9, "completion_tokens": 9, "total_tokens": 18}
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1,
        "choices": [choice],
        "usage": usage,
    }


def says(content: object) -> Answering:
    async def answer(request: web.Request, seen: Seen) -> web.StreamResponse:
        return web.json_response(completion(content))

    return answer


def asks(question: str) -> Answering:
    return says(json.dumps({"question": question}))


def labels(*parts: str) -> Answering:
    """A part for each of the sentences asked about, in order; the last one for all that are left."""

    async def answer(request: web.Request, seen: Seen) -> web.StreamResponse:
        asked = seen.data["label"]
        chosen = [*parts, *[parts[-1]] * len(asked)]
        found = [{"number": n, "label": part} for n, part in zip(asked, chosen, strict=False)]
        return web.json_response(completion(json.dumps({"labels": found})))

    return answer


def fails(status: int, **headers: str) -> Answering:
    async def answer(request: web.Request, seen: Seen) -> web.StreamResponse:
        return web.json_response({"error": {"message": "no"}}, status=status, headers=headers)

    return answer


def raw(body: bytes, content_type: str = "application/json") -> Answering:
    async def answer(request: web.Request, seen: Seen) -> web.StreamResponse:
        return web.Response(body=body, content_type=content_type)

    return answer


def hangs() -> Answering:
    """Takes the request and says nothing."""

    async def answer(request: web.Request, seen: Seen) -> web.StreamResponse:
        await asyncio.sleep(60)
        raise web.HTTPGatewayTimeout

    return answer


def drips() -> Answering:
    """A reply that never ends, a byte at a time: each piece comes soon, the whole never."""

    async def answer(request: web.Request, seen: Seen) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        for _ in range(6_000):
            await response.write(b" ")
            await asyncio.sleep(0.01)
        return response

    return answer


def floods() -> Answering:
    """More and more, as fast as it is taken."""

    async def answer(request: web.Request, seen: Seen) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        for _ in range(2_000):
            await response.write(b"x" * 65_536)
        return response

    return answer


def hangs_up() -> Answering:
    """The connection breaks before a reply."""

    async def answer(request: web.Request, seen: Seen) -> web.StreamResponse:
        assert request.transport is not None
        request.transport.abort()
        return web.Response()

    return answer


@dataclass
class CoachDouble:
    key: str = ""
    base_url: str = ""
    seen: list[Seen] = field(default_factory=list)
    given_up: int = 0  # requests that the other side did not wait for
    arrived: asyncio.Event = field(default_factory=asyncio.Event)
    _script: list[Answering] = field(default_factory=lambda: [asks("What did you do yourself?")])

    def replies(self, *script: Answering) -> None:
        """What the next requests are answered with; the last one answers all that follow."""
        self._script = list(script)

    @property
    def host(self) -> str:
        return self.base_url.removeprefix("http://").removesuffix("/v1")

    @classmethod
    @asynccontextmanager
    async def running(cls, key: str = "") -> AsyncIterator[CoachDouble]:
        """``key``: it is asked for, and anything else is a 401."""
        double = cls(key)
        app = web.Application(client_max_size=1 << 24)
        app.router.add_route("*", "/{path:.*}", double._answer)
        runner = web.AppRunner(app, handler_cancellation=True, shutdown_timeout=0.1, access_log=None)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        _, port = runner.addresses[0]
        double.base_url = f"http://127.0.0.1:{port}/v1"
        try:
            yield double
        finally:
            await runner.cleanup()

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        seen = Seen(request.path_qs, dict(request.headers), await request.read())
        self.seen.append(seen)
        self.arrived.set()
        if request.method != "POST" or request.path != "/v1/chat/completions":
            return web.json_response({"error": {"message": "no such address"}}, status=404)
        if self.key and request.headers.get("Authorization") != f"Bearer {self.key}":
            return web.json_response({"error": {"message": "Incorrect API key provided"}}, status=401)
        answering = self._script.pop(0) if len(self._script) > 1 else self._script[0]
        try:
            return await answering(request, seen)
        except (asyncio.CancelledError, ConnectionError):
            self.given_up += 1
            raise
