"""The gateway of the local double: sessions, sequence numbers, resume, and every way of falling out of it."""

from __future__ import annotations

import asyncio
import contextlib
import json
import uuid
import zlib
from collections import deque
from dataclasses import dataclass, field
from typing import Any

from aiohttp import WSMsgType, web
from discord_double_world import Channel, Guild, Json, World

PRIVILEGED = 1 << 1 | 1 << 8 | 1 << 15
GUILDS, GUILD_MESSAGES, DIRECT_MESSAGES, MESSAGE_CONTENT = 1 << 0, 1 << 9, 1 << 12, 1 << 15
KNOWN = (1 << 26) - 1


class Line:
    """One connection: its socket, and its compression stream if it asked for one."""

    def __init__(self, socket: web.WebSocketResponse, compress: str) -> None:
        self.socket = socket
        self._stream = zlib.compressobj() if compress == "zlib-stream" else None

    def send(self, payload: Json) -> asyncio.Future[None]:
        """Written at once and in order; awaiting the answer only waits for the buffers."""
        text = json.dumps(payload)
        if self._stream is None:
            return asyncio.ensure_future(self.socket.send_str(text))
        data = self._stream.compress(text.encode()) + self._stream.flush(zlib.Z_SYNC_FLUSH)
        return asyncio.ensure_future(self.socket.send_bytes(data))


@dataclass(eq=False)
class Session:
    id: str
    shard: int
    shards: int
    intents: int
    line: Line | None = None
    sequence: int = 0
    sent: deque[Json] = field(default_factory=lambda: deque(maxlen=2000))
    valid: bool = True


class Gateway:
    """What the bot's sockets talk to. ``log`` keeps what happened: ("identify", 0), ("close", 4000), ("resume", 0)."""

    def __init__(self, world: World, token: str) -> None:
        self.world = world
        self.token = token
        self.url = ""
        self.heartbeat_interval = 41250
        self.beats = 0
        self.privileged_allowed = 0
        self.refuse_resumes = 0
        self.sessions: dict[str, Session] = {}
        self.log: list[tuple[str, int]] = []
        self.intents: list[int] = []
        self.lines: set[Line] = set()
        self.changed = asyncio.Condition()

    async def note(self, what: str, number: int) -> None:
        self.log.append((what, number))
        async with self.changed:
            self.changed.notify_all()

    async def until(self, what: str, times: int = 1, patience: float = 5.0) -> None:
        """Wait until the log holds ``what`` so many times."""

        def enough() -> bool:
            return sum(each == what for each, _ in self.log) >= times

        try:
            async with asyncio.timeout(patience), self.changed:
                await self.changed.wait_for(enough)
        except TimeoutError:
            raise TimeoutError(f"no {times} x {what!r} within {patience} s: {self.log}") from None

    # what the bot's side does

    async def handle(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse(max_msg_size=0, timeout=0.2)
        await socket.prepare(request)
        line = Line(socket, request.query.get("compress", ""))
        self.lines.add(line)
        session: Session | None = None
        try:
            await line.send(
                {"op": 10, "d": {"heartbeat_interval": self.heartbeat_interval}, "s": None, "t": None}
            )
            async for received in socket:
                if received.type not in (WSMsgType.TEXT, WSMsgType.BINARY):
                    continue
                try:
                    message = json.loads(received.data)
                    op = message["op"]
                except (ValueError, KeyError, TypeError):
                    await self.hang_up(line, 4002)
                    break
                if op == 1:
                    self.beats += 1
                    await line.send({"op": 11, "d": None, "s": None, "t": None})
                elif op in (2, 6) and session is not None:
                    await self.hang_up(line, 4005)
                elif op == 2:
                    session = await self._identify(line, message["d"])
                elif op == 6:
                    session = await self._resume(line, message["d"])
                elif op in (3, 4, 8):
                    if session is None:
                        await self.hang_up(line, 4003)
                else:
                    await self.hang_up(line, 4001)
        except ConnectionError:
            pass
        finally:
            self.lines.discard(line)
            if session is not None and session.line is line:
                session.line = None
        return socket

    async def hang_up(self, line: Line, code: int) -> None:
        await self.note("close", code)
        await line.socket.close(code=code)

    async def _identify(self, line: Line, data: Json) -> Session | None:
        intents, (shard, shards) = int(data["intents"]), data.get("shard", (0, 1))
        self.intents.append(intents)
        refusal = 4004 if data["token"] != self.token else 0
        refusal = refusal or (4010 if not 0 <= shard < shards else 0)
        refusal = refusal or (4013 if intents & ~KNOWN else 0)
        refusal = refusal or (4014 if intents & PRIVILEGED & ~self.privileged_allowed else 0)
        if refusal:
            await self.hang_up(line, refusal)
            return None
        for old in self.sessions.values():
            if old.shard == shard:
                old.valid, old.line = False, None
        session = Session(uuid.uuid4().hex, shard, shards, intents, line)
        self.sessions[session.id] = session
        mine = [
            each for each in self.world.guilds.values() if each.present and self._shard(each, shards) == shard
        ]
        ready = {
            "v": 10,
            "user": self.world.bot.json(),
            "guilds": [{"id": str(each.id), "unavailable": True} for each in mine],
            "session_id": session.id,
            "resume_gateway_url": self.url,
            "shard": [shard, shards],
            "application": {"id": str(self.world.application), "flags": 0},
        }
        await self._send(session, "READY", ready)
        for guild in mine if intents & GUILDS else ():
            await self._send(session, "GUILD_CREATE", self.world.guild_json(guild))
        await self.note("identify", shard)
        return session

    async def _resume(self, line: Line, data: Json) -> Session | None:
        session = self.sessions.get(str(data.get("session_id")))
        if self.refuse_resumes and session is not None:
            self.refuse_resumes -= 1
            session.valid = False
        if data["token"] != self.token:
            await self.hang_up(line, 4004)
            return None
        if session is None or not session.valid:
            await self.note("invalid", session.shard if session else -1)
            await line.send({"op": 9, "d": False, "s": None, "t": None})
            return None
        if data["seq"] is None or data["seq"] > session.sequence:
            session.valid = False
            await self.hang_up(line, 4007)
            return None
        session.line = line
        for missed in [each for each in session.sent if each["s"] > data["seq"]]:
            await line.send(missed)
        await self._send(session, "RESUMED", {})
        await self.note("resume", session.shard)
        return session

    # what Discord's side does

    @staticmethod
    def _shard(guild: Guild | None, shards: int) -> int:
        return (guild.id >> 22) % shards if guild else 0

    async def _send(self, session: Session, event: str, data: Json) -> None:
        session.sequence += 1
        payload = {"op": 0, "t": event, "s": session.sequence, "d": data}
        session.sent.append(payload)
        if session.line is not None and not session.line.socket.closed:
            with contextlib.suppress(ConnectionError):
                await session.line.send(payload)

    async def dispatch(self, event: str, data: Json, guild: Guild | None, intent: int = 0) -> bool:
        """An event to the shard it belongs to, kept for a resume; False when no session would ever get it."""
        reached = False
        for session in list(self.sessions.values()):
            wanted = not intent or session.intents & intent
            if session.valid and wanted and self._shard(guild, session.shards) == session.shard:
                reached = True
                await self._send(session, event, self._curtained(session, event, data, guild))
        return reached

    def _curtained(self, session: Session, event: str, data: Json, guild: Guild | None) -> Json:
        """Without MESSAGE_CONTENT, what others say in a server arrives empty unless it mentions the bot."""
        if (
            event not in ("MESSAGE_CREATE", "MESSAGE_UPDATE")
            or guild is None
            or session.intents & MESSAGE_CONTENT
        ):
            return data
        me = str(self.world.bot.id)
        if data["author"]["id"] == me or me in (each["id"] for each in data["mentions"]):
            return data
        return data | {"content": "", "embeds": [], "attachments": [], "components": []}

    async def message(self, event: str, message: Json, channel: Channel) -> None:
        data: Json = dict(message)
        if channel.guild is not None:
            data["guild_id"] = str(channel.guild.id)
            author = channel.guild.members.get(int(message["author"]["id"]))
            if author is not None:
                data["member"] = {key: value for key, value in author.json().items() if key != "user"}
        await self.dispatch(event, data, channel.guild, GUILD_MESSAGES if channel.guild else DIRECT_MESSAGES)

    def _live(self, shard: int | None) -> list[Line]:
        found = [each for each in self.sessions.values() if shard is None or each.shard == shard]
        return [each.line for each in found if each.line is not None]

    async def close(self, code: int = 4000, shard: int | None = None) -> None:
        """Discord closes the socket; the session stays resumable unless the code says otherwise."""
        for line in self._live(shard):
            for session in self.sessions.values():
                if session.line is line:
                    session.line = None
                    session.valid = session.valid and code not in (4007, 4009)
            await self.hang_up(line, code)

    async def op(self, op: int, data: Any = None, shard: int | None = None) -> None:
        """RECONNECT (7) and INVALID_SESSION (9, with True or False)."""
        for line in self._live(shard):
            for session in self.sessions.values():
                if session.line is line and op == 9 and not data:
                    session.valid = False
            await self.note("op", op)
            await line.send({"op": op, "d": data, "s": None, "t": None})

    async def shut(self) -> None:
        for line in list(self.lines):
            await line.socket.close(code=1001)
