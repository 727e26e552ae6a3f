"""The Web API of the local double, the way of every request: faults by table, tokens, scopes, judges, answers."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import slack_double_judge as judge
import slack_double_limits as limits
from aiohttp import web
from slack_double_judge import Fault
from slack_double_world import DM, PRIVATE, PUBLIC, Channel, Json, Team, User, World

# What a method needs; {kind} is channels, groups or im, after the conversation asked for.
NEEDS: dict[str, str] = {
    "apps.connections.open": "connections:write",
    "bots.info": "users:read",
    "chat.delete": "chat:write",
    "chat.postEphemeral": "chat:write",
    "chat.postMessage": "chat:write",
    "chat.update": "chat:write",
    "conversations.history": "{kind}:history",
    "conversations.info": "{kind}:read",
    "conversations.join": "channels:join",
    "conversations.members": "{kind}:read",
    "conversations.open": "im:write",
    "conversations.replies": "{kind}:history",
    "files.completeUploadExternal": "files:write",
    "files.getUploadURLExternal": "files:write",
    "files.info": "files:read",
    "team.info": "team:read",
    "users.info": "users:read",
    "users.list": "users:read",
}
BROKEN = {"account_inactive", "token_revoked", "invalid_auth", "token_expired", "org_login_required"}
# Faults that are no word of Slack's. "accepted-..." does the work first and loses the answer.
FAR = {"reset", "accepted-reset", "silence", "accepted-silence", "socket-close", "ratelimited"}
STATUS = re.compile(r"(accepted-)?5\d\d")


class Refused(Exception):
    """An answer with ``ok: false`` and this word."""

    def __init__(self, error: str, **more: Any) -> None:
        super().__init__(error)
        self.body: Json = {"ok": False, "error": error, **more}


@dataclass
class Asked:
    """One request as it came: tests count these."""

    method: str
    args: Json
    team: Team | None = None
    error: str = ""
    """Slack's word if it was refused, "500", "reset" and so on if it failed, else empty."""
    at: float = field(default_factory=time.monotonic)


@dataclass
class _Fault:
    method: re.Pattern[str]
    how: str
    times: int
    retry_after: int
    channel: str


class Api:
    def __init__(self, world: World) -> None:
        self.world = world
        self.requests: list[Asked] = []
        self.violations: list[Json] = []
        self.faults: list[_Fault] = []
        self.windows: list[tuple[re.Pattern[str], int, float, dict[Any, list[float]]]] = []
        self.trigger_life = 3.0
        self.url_life, self.url_uses = 1800.0, 5
        self.ended = asyncio.Event()
        self.judge_now = True
        self.unjudged: list[tuple[str, Callable[[], list[Fault]]]] = []
        self.methods: dict[str, Callable[[Asked, Team, Json], Any]] = {}
        self.socket_close: Callable[[], Any] = lambda: None

    async def handle(self, request: web.Request) -> web.StreamResponse:
        given: Json = dict(request.query)
        if request.content_type == "application/json":
            body = await request.json()
            given |= body if isinstance(body, dict) else {}
        else:
            given |= {key: value for key, value in (await request.post()).items() if isinstance(value, str)}
        method = request.match_info["method"]
        asked = Asked(method, judge.read(method, given))
        self.requests.append(asked)
        fault = self._fault(asked)
        how, done = fault.how if fault else "", fault is not None and fault.how.startswith("accepted-")
        if how == "socket-close":
            await self.socket_close()
        if fault and not done and how != "socket-close":
            return await self._fail(request, asked, fault)
        answer = await self._serve(request, asked)
        if fault and done:
            return await self._fail(request, asked, fault)
        headers = {"X-OAuth-Scopes": ",".join(sorted(asked.team.scopes))} if asked.team else {}
        if answer.get("error") == "ratelimited":
            return web.json_response(
                answer, status=429, headers={"Retry-After": str(answer.pop("retry_after"))}
            )
        return web.json_response(answer, headers=headers)

    async def _serve(self, request: web.Request, asked: Asked) -> Json:
        try:
            token = request.headers.get("Authorization", "").removeprefix("Bearer ")
            token = token or str(asked.args.get("token") or "")
            asked.args.pop("token", None)
            asked.team = self._team(asked.method, token)
            if asked.method not in self.methods:
                self.record(asked.method, [("", "unknown_method: the double does not speak it")])
                raise Refused("unknown_method", req_method=asked.method)
            if unknown := judge.unknown(asked.method, asked.args):
                self.record(asked.method, [(f"/{each}", "unknown argument") for each in unknown])
            if faults := judge.arguments(asked.method, asked.args):
                missing = any(words == "missing required field: text" for _, words in faults)
                self.breach(asked.method, faults, "no_text" if missing else "invalid_arguments")
            self._scoped(asked)
            self._in_time(asked)
            made = self.methods[asked.method](asked, asked.team, asked.args)
            made = await made if hasattr(made, "__await__") else made
        except Refused as refused:
            asked.error = refused.body["error"]
            return refused.body
        finally:
            self.world.touch()
        return {"ok": True, **(made or {})}

    def _team(self, method: str, token: str) -> Team:
        if not token:
            raise Refused("not_authed")
        app = method == "apps.connections.open"
        for team in self.world.teams:
            if token in (team.bot_token, team.app_token):
                if (token == team.app_token) != app:
                    raise Refused("not_allowed_token_type")
                if team.broken and not app:
                    raise Refused(team.broken)
                return team
        raise Refused("invalid_auth")

    def _scoped(self, asked: Asked) -> None:
        assert asked.team is not None
        needed = NEEDS.get(asked.method, "")
        if "{kind}" in needed:
            channel = self.world.channels.get(str(asked.args.get("channel")))
            if channel is None:
                return
            needed = channel.scope(needed.partition(":")[2])
        if needed and needed != "connections:write":
            self.need(asked.team, needed)

    def need(self, team: Team, scope: str) -> None:
        if scope not in team.scopes:
            raise Refused("missing_scope", needed=scope, provided=",".join(sorted(team.scopes)))

    # what goes wrong

    def _fault(self, asked: Asked) -> _Fault | None:
        for fault in self.faults:
            here = not fault.channel or asked.args.get("channel") == fault.channel
            if fault.times and here and fault.method.fullmatch(asked.method):
                fault.times -= 1
                return fault
        return None

    async def _fail(self, request: web.Request, asked: Asked, fault: _Fault) -> web.StreamResponse:
        how = asked.error = fault.how.removeprefix("accepted-")
        self.world.touch()
        if how == "reset":
            assert request.transport is not None
            request.transport.abort()
            return web.Response()
        if how == "silence":
            await self.ended.wait()
            return web.Response()
        if how == "ratelimited":
            body = {"ok": False, "error": how}
            return web.json_response(body, status=429, headers={"Retry-After": str(fault.retry_after)})
        if how.isdigit():
            return web.Response(status=int(how), text="upstream trouble", content_type="text/html")
        return web.json_response({"ok": False, "error": how})

    def _in_time(self, asked: Asked) -> None:
        """Real windows: past them 429, as Slack counts per method, workspace and channel."""
        for pattern, per, seconds, seen in self.windows:
            if pattern.fullmatch(asked.method):
                key = (asked.method, asked.team, asked.args.get("channel"))
                times = [each for each in seen.get(key, []) if each > time.monotonic() - seconds]
                seen[key] = times
                if len(times) >= per:
                    left = times[0] + seconds - time.monotonic()
                    raise Refused("ratelimited", retry_after=max(1, round(left + 0.5)))
                times.append(time.monotonic())

    # what is wrong

    def record(self, place: str, faults: list[Fault]) -> None:
        for words in judge.said(faults):
            self.violations.append({"place": place, "message": words})

    def breach(self, place: str, faults: list[Fault], error: str) -> None:
        """Kept, and answered in Slack's words."""
        if not faults:
            return
        self.record(place, faults)
        words = judge.said(faults)
        more: Json = {"errors": words} if error == "invalid_blocks" else {}
        raise Refused(error, **more, response_metadata={"messages": [f"[ERROR] {each}" for each in words]})

    def check(self, place: str, verdict: Callable[[], list[Fault]], error: str) -> None:
        if self.judge_now:
            self.breach(place, verdict(), error)
        else:
            self.unjudged.append((place, verdict))

    def sound(self, place: str, args: Json) -> None:
        """The words, blocks and metadata of a message."""
        if args.get("blocks") is not None:
            self.check(place, lambda: limits.blocks(args["blocks"]), "invalid_blocks")
            self._shows_files(args["blocks"])
        text = args.get("text") or args.get("markdown_text")
        if not (text or args.get("blocks") or args.get("attachments")):
            self.breach(place, [("", "no text, blocks or attachments")], "no_text")
        if args.get("text") and len(args["text"]) > limits.TEXT:
            self.breach(place, [("/text", f"must be less than {limits.TEXT + 1} characters")], "msg_too_long")
        if args.get("markdown_text") and len(args["markdown_text"]) > 12_000:
            self.breach(place, [("/markdown_text", "must be less than 12001 characters")], "msg_too_long")
        if word := limits.metadata(args.get("metadata")):
            self.breach(place, [("/metadata", word)], word)

    def _shows_files(self, blocks: Any) -> None:
        """A picture has to be uploaded, and looked through, before a block shows it; the second is no breach."""
        for index, block in enumerate(blocks if isinstance(blocks, list) else ()):
            named = (block.get("slack_file") or {}).get("id") if isinstance(block, dict) else None
            if named is None or (self.world.scanned(named) and named in self.world.uploads):
                continue
            words = f"invalid slack file [json-pointer:/blocks/{index}/slack_file]"
            raise Refused(
                "invalid_blocks", errors=[words], response_metadata={"messages": [f"[ERROR] {words}"]}
            )

    # whom and where

    def channel(self, team: Team, name: Any, *, post: bool = False, member: bool = True) -> Channel:
        """The conversation the app means, or Slack's word for why not."""
        found = self.world.channels.get(str(name))
        if post and found is None and str(name) in self.world.users:
            found = self.world.dm_of(self.user(team, name), team)
        if (
            found is None
            or found.team is not team
            or (found.kind in (PRIVATE, DM) and team.bot not in found.members)
        ):
            raise Refused("channel_not_found")
        if post and found.archived:
            raise Refused("is_archived")
        if post and found.kind == DM and found.user is not None and not found.user.dms:
            raise Refused("cannot_dm_bot")
        here = team.bot in found.members or (post and "chat:write.public" in team.scopes)
        if member and found.kind == PUBLIC and not here:
            raise Refused("not_in_channel")
        return found

    def user(self, team: Team, name: Any) -> User:
        found = self.world.users.get(str(name))
        if found is None:
            raise Refused("user_not_found")
        return found
