"""What Starling says of itself on Discord: drops, reminders, notices, and their rewriting. docs/delivery.md

Through discord.py's own http client, which waits out rate limits and repeats some failures; what a call came to is
told by ``adapters.discord.refusals``. Logs hold keys and codes, never what a message says.
"""

from __future__ import annotations

import asyncio
import dataclasses
import io
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any, Final

import aiohttp
import discord
import structlog
from discord.http import MultipartParameters

from adapters.discord import limits
from adapters.discord.ids import carries
from adapters.discord.pace import Pace
from adapters.discord.refusals import THREAD_THERE, UNAUTHORIZED, Failed, failure_of
from adapters.discord.views import Payload, payload
from adapters.discord.wire import trace, watched
from adapters.drawing import plain
from adapters.fit import cut
from core.plain import clean_line
from core.ports import BEGIN_WITHIN, CALL_WITHIN, Gone, Outcome, Retry, Sent, Target, Unknown
from core.views import Message, View

log = structlog.get_logger(__name__)

PATIENCE = (
    CALL_WITHIN  # seconds that one send, edit or look-up may take, waiting for our own turn not counted
)
AT_ONCE = 32  # 45 a second can be kept up while Discord takes up to 0.7 s for each
LATE = "Starling did not come to it in time"
AWAY = 5.0  # seconds until a delivery is tried again while there is no connection
REVOKED_WAIT = 60.0  # seconds in which nothing is asked after Discord refused the token
EARLIER = timedelta(seconds=5)  # so far Discord's clock may be behind ours
PAGE, PAGES = 100, 5  # messages that a look-up reads at once, and how often
ARCHIVE_AFTER: Final = 1440  # minutes without a word until Discord folds a thread away


class DiscordSender:
    """Implements ``core.ports.Sender``. Make it before ``client`` logs in: it watches the requests from below.

    ``patience`` bounds each call in seconds of the event loop.
    """

    repeat_for: timedelta = timedelta(seconds=60)
    look_after: timedelta = timedelta(0)
    edits: bool = True
    at_once: int = AT_ONCE

    def __init__(self, client: discord.Client, pace: Pace, *, patience: float = PATIENCE) -> None:
        if client.user is not None or client.http.http_trace is not None:
            raise ValueError("the sender has to be made before the client logs in, and has the trace alone")
        client.http.http_trace = trace(pace.spend, pace.pause)
        self._client = client
        self._pace = pace
        self._patience = patience
        self._dms: dict[str, str] = {}  # user id -> their DM channel

    def serves(self, scope: str) -> bool:
        return self._client.user is not None and not self._client.is_closed()

    async def send(self, target: Target, view: View, key: str) -> Outcome:
        """Post ``view``; a second time with the same key, inside ``repeat_for``, shows nothing twice.

        A view that Discord refuses is posted as its text. A thread that cannot be opened under it is logged only.
        """
        try:
            return await self._send(target, view, key)
        except Failed as failed:
            return failed.outcome

    async def _send(self, target: Target, view: View, key: str) -> Outcome:
        """Raises Failed. A DM channel that is not there any more is opened anew: ids belong to one bot."""
        errand = _Errand(self._patience)
        known = target.channel_id or self._dms.get(target.user_id, "")
        try:
            return await self._deliver(target, view, key, errand)
        except Failed as failed:
            if not (target.user_id and known and failed.gone == "not_found"):
                raise
        self._dms.pop(target.user_id, None)
        anew = dataclasses.replace(target, channel_id="")
        return await self._deliver(anew, view, key, errand)

    async def _deliver(self, target: Target, view: View, key: str, errand: _Errand) -> Outcome:
        channel_id = await self._channel(target, errand)
        async with self._pace.channel(channel_id):
            posted = await self._post(channel_id, view, key, errand)
            thread = clean_line(view.thread) if isinstance(view, Message) else ""
            if thread and not target.user_id:
                await self._open_thread(channel_id, str(posted["id"]), thread, key, errand)
        return Sent(str(posted["id"]), channel_id)

    async def _post(self, channel_id: str, view: View, key: str, errand: _Errand) -> Any:
        http = self._client.http
        nonce = {"nonce": key, "enforce_nonce": True}
        body = payload(view, ephemeral=False, key=key)
        try:
            return await self._ask(
                errand, lambda: http.send_message(_id(channel_id), params=_params(body, nonce))
            )
        except Failed as failed:
            if not failed.invalid:
                raise
            log.warning("Discord refused a message; its text goes instead", key=key, code=failed.code)
        text = payload(plain(view), files=False, ephemeral=False, key=key)
        return await self._ask(
            errand, lambda: http.send_message(_id(channel_id), params=_params(text, nonce))
        )

    async def _open_thread(
        self, channel_id: str, message_id: str, name: str, key: str, errand: _Errand
    ) -> None:
        http = self._client.http
        try:
            await self._ask(
                errand,
                lambda: http.start_thread_with_message(
                    _id(channel_id),
                    _id(message_id),
                    name=cut(name, limits.THREAD_NAME),
                    auto_archive_duration=ARCHIVE_AFTER,
                ),
            )
        except Failed as failed:
            if failed.code != THREAD_THERE:
                log.warning(
                    "no thread for a message", key=key, code=failed.code, reason=_said(failed.outcome)
                )

    async def edit(self, target: Target, message_id: str, view: View, key: str) -> Outcome:
        """Let the message show ``view``. One that Discord refuses leaves the message as it is."""
        errand, http = _Errand(self._patience), self._client.http
        body = payload(view, ephemeral=False, key=key)
        try:
            channel_id = await self._channel(target, errand, known=True)
            params: dict[str, Any] = {"attachments": []} | body.json  # what hung on it before goes
            async with self._pace.channel(channel_id):
                await self._ask(
                    errand,
                    lambda: http.edit_message(
                        _id(channel_id), _id(message_id), params=_params(Payload(params, body.files), {})
                    ),
                )
        except Failed as failed:
            return failed.outcome
        return Sent(message_id, channel_id)

    async def find(self, target: Target, key: str, since: datetime) -> Outcome | None:
        """Look for the message of ours that carries ``key``, among the first few hundred since then."""
        errand = _Errand(self._patience)
        try:
            channel_id = await self._channel(target, errand, known=True)
            return await self._find(channel_id, key, since, errand, readable=bool(target.user_id))
        except Failed as failed:
            match failed.outcome:
                case Gone(reason="not_found"):
                    return None
                case Gone(detail=detail):
                    return Unknown(f"Discord does not let us look: {detail}")
                case Unknown(reason=reason):  # looking changes nothing, so it may be done again
                    return Retry(AWAY, reason)
                case outcome:
                    return outcome

    async def _find(
        self, channel_id: str, key: str, since: datetime, errand: _Errand, *, readable: bool
    ) -> Outcome | None:
        """``readable``: a direct conversation, where nothing is ever hidden: empty, it is empty."""
        readable = readable or self._may_read(channel_id)
        after = discord.utils.time_snowflake(since - EARLIER)
        for _ in range(PAGES):
            page = await self._history(channel_id, PAGE, errand, after)
            for message in page:
                if self._is_ours(message) and carries(key, message.get("components") or ()):
                    return Sent(str(message["id"]), channel_id)
            # Without "Read Message History" Discord shows an empty channel and does not say that it hides anything.
            readable = readable or bool(page)
            if len(page) < PAGE:
                break
            after = max(int(m["id"]) for m in page)
        else:
            return Unknown(f"over {PAGE * PAGES} messages have been written there since")
        if readable or await self._history(channel_id, 1, errand):
            return None
        return Unknown("the channel shows no message at all: Read Message History may be missing")

    def _may_read(self, channel_id: str) -> bool:
        """Whether this process knows that Discord shows it the messages there."""
        channel = self._client.get_channel(int(channel_id)) if channel_id.isdecimal() else None
        if not isinstance(channel, discord.abc.GuildChannel | discord.Thread):
            return False
        return channel.permissions_for(channel.guild.me).read_message_history

    def _is_ours(self, message: Any) -> bool:
        me = self._client.user
        return me is not None and str(message["author"]["id"]) == str(me.id)

    async def _history(
        self, channel_id: str, limit: int, errand: _Errand, after: int | None = None
    ) -> list[Any]:
        http = self._client.http
        return list(await self._ask(errand, lambda: http.logs_from(_id(channel_id), limit, after=after)))

    # --- the way of every request ----------------------------------------------------------------------

    async def _channel(self, target: Target, errand: _Errand, *, known: bool = False) -> str:
        """The channel of ``target``; a DM that nobody knows the channel of is opened.

        ``known``: it was open before, so that opening it is no first contact. Raises Failed.
        """
        if channel_id := target.channel_id or self._dms.get(target.user_id, ""):
            return channel_id
        if not target.user_id:
            raise Failed(Gone("invalid", "neither a channel nor a person"))
        if not known and (wait := self._pace.first_contact(target.user_id)):
            raise Failed(Retry(wait, "only so many people a minute get their first direct message"))
        http = self._client.http
        opened = await self._ask(errand, lambda: http.start_private_message(_id(target.user_id)))
        self._dms[target.user_id] = str(opened["id"])
        return self._dms[target.user_id]

    async def _ask(self, errand: _Errand, call: Callable[[], Awaitable[Any]]) -> Any:
        """What Discord answers. Raises Failed for everything that went wrong, with what it means."""
        if self._client.user is None or self._client.is_closed():
            raise Failed(Retry(AWAY, "not connected to Discord"))
        if wait := await self._pace.turn(min(self._patience, BEGIN_WITHIN)):
            raise Failed(Retry(wait, "Discord asked Starling to wait"))
        if errand.late():
            raise Failed(Retry(0.0, LATE))
        with watched() as wire:
            try:
                async with asyncio.timeout_at(errand.deadline()):
                    return await call()
            except (discord.DiscordException, aiohttp.ClientError, OSError, RuntimeError) as error:
                if isinstance(error, RuntimeError) and not self._client.is_closed():
                    raise
                failed = failure_of(error, wire)
            finally:
                if wire.everybody:
                    # discord.py holds up every request while it sleeps over this, for ever if it is cut off there.
                    # From here on the pace holds them up.
                    self._client.http._global_over.set()
        if failed.code == UNAUTHORIZED:
            self._pace.pause(REVOKED_WAIT)
            log.error("Discord does not accept the token; nothing can be sent", status=failed.code)
        raise failed


class _Errand:
    """One call of the port: all its requests have ``patience`` seconds, from the first one on."""

    def __init__(self, patience: float) -> None:
        self._patience = patience
        self._began = asyncio.get_running_loop().time()
        self._until: float | None = None

    def late(self) -> bool:
        """Whether a request that went out now could meet another process's: the row is ours for so long only."""
        return asyncio.get_running_loop().time() - self._began > BEGIN_WITHIN

    def deadline(self) -> float:
        if self._until is None:
            self._until = asyncio.get_running_loop().time() + self._patience
        return self._until


def _id(number: str) -> Any:
    """discord.py's types want an int; its addresses are made of whatever it is, quoted."""
    return number


def _params(body: Payload, more: dict[str, Any]) -> MultipartParameters:
    """``body`` as discord.py sends it, with files where there are any. Made anew for each request."""
    json = body.json | more
    if not body.files:
        return MultipartParameters(payload=json, multipart=None, files=None)
    files = [discord.File(io.BytesIO(data), name, description=alt) for name, data, alt in body.files]
    form: list[dict[str, Any]] = [{"name": "payload_json", "value": discord.utils._to_json(json)}]
    form += [
        {
            "name": f"files[{n}]",
            "value": file.fp,
            "filename": file.filename,
            "content_type": "application/octet-stream",
        }
        for n, file in enumerate(files)
    ]
    return MultipartParameters(payload=None, multipart=form, files=files)


def _said(outcome: Outcome) -> str:
    match outcome:
        case Gone(reason=reason, detail=detail):
            return detail or reason
        case Retry(reason=reason) | Unknown(reason=reason):
            return reason
        case _:
            return ""
