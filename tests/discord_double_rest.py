"""REST v10 of the local double, the way of every request: faults by table, rate-limit headers, judges, answers."""

from __future__ import annotations

import json
import re
import socket
import struct
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import discord_double_judge as judge
from aiohttp import BodyPartReader, web
from discord_double_gateway import Gateway
from discord_double_world import Json, World

VIA = {"Via": "1.1 google"}
BUSY = {"message": "You are being rate limited.", "retry_after": 0.05, "global": False}
# name: status, Discord's code (or a whole body), headers. "accepted-..." does the work first and loses the answer.
FAULTS: dict[str, tuple[int, Any, dict[str, str]]] = {
    "429": (429, BUSY, {"Retry-After": "1", "X-RateLimit-Scope": "user", **VIA}),
    "429-global": (429, BUSY | {"global": True}, {"Retry-After": "1", "X-RateLimit-Global": "true", **VIA}),
    "429-no-via": (429, BUSY, {"Retry-After": "1"}),
    **{str(code): (code, None, VIA) for code in (500, 502, 503, 504)},
    "50001": (403, 50001, VIA),
    "50013": (403, 50013, VIA),
    "50007": (403, 50007, VIA),
    "10003": (404, 10003, VIA),
    "10008": (404, 10008, VIA),
    "10062": (404, 10062, VIA),
    "40060": (400, 40060, VIA),
}
WORDS = {
    0: "404: Not Found",
    10003: "Unknown Channel",
    10004: "Unknown Guild",
    10007: "Unknown Member",
    10008: "Unknown Message",
    10013: "Unknown User",
    10015: "Unknown Webhook",
    10062: "Unknown interaction",
    40060: "Interaction has already been acknowledged.",
    40094: "This interaction has reached its maximum number of follow up messages",
    50001: "Missing Access",
    50005: "Cannot edit a message authored by another user",
    50006: "Cannot send an empty message",
    50007: "Cannot send messages to this user",
    50013: "Missing Permissions",
    50027: "Invalid Webhook Token",
    160004: "A thread has already been created for this message",
}


class Refused(Exception):
    def __init__(self, status: int, code: int = 0, body: Json | None = None) -> None:
        super().__init__(code)
        self.status = status
        self.body = body or {"message": WORDS[code], "code": code}


@dataclass
class Asked:
    """One request as it came: tests count these."""

    method: str
    path: str
    query: dict[str, str]
    body: Any
    files: dict[str, bytes]
    status: int = 0


@dataclass
class _Fault:
    method: str
    path: re.Pattern[str]
    times: int
    how: str


class Rest:
    def __init__(self, world: World, gateway: Gateway, token: str) -> None:
        self.world, self.gateway, self.token = world, gateway, token
        self.requests: list[Asked] = []
        self.violations: list[Json] = []
        self.faults: list[_Fault] = []
        self.limits: list[tuple[str, re.Pattern[str], int, float]] = []
        self.windows: dict[tuple[int, str], list[float]] = {}
        self.clock: Callable[[], float] = time.monotonic
        self.nonce_window = 180.0
        self.ack_limit = 3.0
        self.token_life = 900.0
        self.judge_now = True
        self.unjudged: list[tuple[Asked, Callable[[], list[judge.Fault]]]] = []
        self.routes: list[tuple[str, re.Pattern[str], Callable[..., Any]]] = []

    # the way of every request

    async def handle(self, request: web.Request) -> web.Response:
        asked = await read(request)
        self.requests.append(asked)
        fault = self._fault(asked)
        if fault == "gateway-close":
            await self.gateway.close(4000)
        elif fault == "reset" or (fault and not fault.startswith("accepted-")):
            return self._answer(request, asked, *FAULTS.get(fault, (0, None, {})))
        status, body, headers = await self._serve(request, asked)
        if fault and fault.startswith("accepted-"):
            return self._answer(request, asked, *FAULTS.get(fault.removeprefix("accepted-"), (0, None, {})))
        return self._answer(request, asked, status, body, headers)

    def _answer(
        self, request: web.Request, asked: Asked, status: int, body: Any, headers: dict[str, str]
    ) -> web.Response:
        asked.status = status
        if status == 0:
            assert request.transport is not None
            wire = request.transport.get_extra_info("socket")
            wire.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            request.transport.abort()
            return web.Response()
        if status == 204:
            return web.Response(status=204, headers=headers)
        if body is None:
            return web.Response(
                status=status, text="<html>Bad gateway</html>", content_type="text/html", headers=headers
            )
        if isinstance(body, int):
            body = {"message": WORDS[body], "code": body}
        # Exactly this content type: discord.py takes a body with a charset for text.
        headers = {**headers, "Content-Type": "application/json"}
        return web.Response(status=status, body=json.dumps(body).encode(), headers=headers)

    def _fault(self, asked: Asked) -> str:
        for fault in self.faults:
            if fault.times > 0 and fault.method in ("*", asked.method) and fault.path.search(asked.path):
                fault.times -= 1
                return fault.how
        return ""

    async def _serve(self, request: web.Request, asked: Asked) -> tuple[int, Any, dict[str, str]]:
        open_road = asked.path.startswith(("/webhooks/", "/interactions/"))
        if not open_road and request.headers.get("Authorization") != f"Bot {self.token}":
            return 401, {"message": "401: Unauthorized", "code": 0}, VIA
        headers, wait = self._rate(asked)
        if wait:
            return 429, BUSY | {"retry_after": wait}, {**headers, "Retry-After": str(max(1, round(wait)))}
        for method, pattern, handler in self.routes:
            if method == asked.method and (found := pattern.fullmatch(asked.path)):
                try:
                    made = handler(asked, *found.groups())
                    made = await made if hasattr(made, "__await__") else made
                except Refused as refused:
                    return refused.status, refused.body, headers
                return (204, None, headers) if made is None else (200, made, headers)
        self.violations.append(
            {"path": f"{asked.method} {asked.path}", "code": "NOT_SPOKEN", "message": "no such route"}
        )
        return 404, 0, headers

    def _rate(self, asked: Asked) -> tuple[dict[str, str], float]:
        """Rate-limit headers, and how long to wait if the window is full. Callbacks have no bucket."""
        if asked.path.endswith("/callback"):
            return dict(VIA), 0.0
        limit, seconds, left, wait = 1000, 1.0, 999, 0.0
        for index, (method, pattern, per, window) in enumerate(self.limits):
            if method in ("*", asked.method) and pattern.search(asked.path):
                moment = self.clock()
                times = self.windows.setdefault((index, asked.path), [])
                times[:] = [each for each in times if each > moment - window]
                limit, seconds = per, (times[0] + window - moment if times else window)
                wait = round(seconds, 3) if len(times) >= per else 0.0
                if not wait:
                    times.append(moment)
                left = per - len(times)
        bucket = re.sub(r"\d+", "0", asked.method + asked.path).encode().hex()[:32]
        headers = {
            "X-RateLimit-Limit": str(limit),
            "X-RateLimit-Remaining": str(left),
            "X-RateLimit-Bucket": bucket,
        }
        headers |= {
            "X-RateLimit-Reset": f"{time.time() + seconds:.3f}",
            "X-RateLimit-Reset-After": f"{seconds:.3f}",
        }
        return headers | VIA, wait

    def check(self, asked: Asked, name: str, body: Any, cross: Callable[[], list[judge.Fault]]) -> None:
        """Both judges. With ``judge_now`` off (measurements) they sit at ``judge_all`` instead."""

        def verdict() -> list[judge.Fault]:
            return judge.shape(name, body) or cross()

        if not self.judge_now:
            self.unjudged.append((asked, verdict))
        elif faults := verdict():
            self.record(asked, faults)
            raise Refused(400, body=form_error(faults))

    def record(self, asked: Asked, faults: list[judge.Fault]) -> None:
        for path, code, text in faults:
            place = f"{asked.method} {asked.path} {'.'.join(map(str, path))}"
            self.violations.append({"path": place, "code": code, "message": text})


async def read(request: web.Request) -> Asked:
    """A request's body, JSON or multipart with ``payload_json`` and ``files[n]``, as Discord reads it."""
    path = request.path.removeprefix("/api/v10")
    body: Any = None
    files: dict[str, bytes] = {}
    if request.content_type == "multipart/form-data":
        async for part in await request.multipart():
            assert isinstance(part, BodyPartReader)
            data = bytes(await part.read())
            if part.name == "payload_json":
                body = json.loads(data)
            else:
                files[part.filename or str(part.name)] = data
    elif request.content_type == "application/json":
        body = await request.json()
    return Asked(request.method, path, dict(request.query), body, files)


def form_error(faults: list[judge.Fault]) -> Json:
    """Discord's answer to an invalid form body."""
    errors: Json = {}
    for path, code, text in faults:
        place = errors
        for key in path:
            place = place.setdefault(str(key), {})
        place.setdefault("_errors", []).append({"code": code, "message": text})
    return {"code": 50035, "message": "Invalid Form Body", "errors": errors}
