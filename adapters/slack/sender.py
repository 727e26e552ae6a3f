"""What Starling says of itself on Slack: drops, reminders, notices, and their rewriting. docs/delivery.md

Through clients that repeat nothing: what a call came to is told by ``adapters.slack.refusals``, and the outbox
decides. Slack has no key by which it would recognise a repeated message, so a delivery's key goes into the
message's metadata, and a message whose answer was lost is looked for. Logs hold keys and Slack's words, never what
a message says.
"""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any

import aiohttp
import structlog
from slack_sdk.errors import SlackClientError
from slack_sdk.web.async_client import AsyncWebClient

from adapters.slack.ids import key_in
from adapters.slack.pace import Pace
from adapters.slack.refusals import AWAY, TOKEN, Failed, failure_of
from adapters.slack.uploading import share_files, uploaded
from adapters.slack.views import Payload, payload, plain
from adapters.slack.wire import watched
from adapters.slack.words import Json
from adapters.slack.workspace import Workspace, Workspaces
from core.ports import BEGIN_WITHIN, CALL_WITHIN, Clock, Gone, Outcome, Retry, Sent, Target, Unknown
from core.views import View

log = structlog.get_logger(__name__)

PATIENCE = (
    CALL_WITHIN  # seconds that one send, edit or look-up may take, waiting for our own turn not counted
)
# 300 a minute can be kept up while Slack takes up to 0.8 s for each. No more: without history rights all that is
# under way at a crash is in doubt.
AT_ONCE = 4
LATE = "Starling did not come to it in time"
EARLIER = timedelta(
    minutes=5
)  # so far Slack's clock may be behind ours; what it signs may be as old (http.py)
PAGE, PAGES = 200, 5  # messages that a look-up reads at once, and how often
EDITS = 40  # cards that are rewritten a minute: Slack takes about fifty, apart from messages
DMS = 10_000  # people whose conversation with the app is remembered
HISTORY = ("channels:history", "groups:history")

Call = Callable[[AsyncWebClient], Awaitable[Any]]


class SlackSender:
    """Implements ``core.ports.Sender`` for all workspaces of a process, each with a pace of its own.

    ``per_minute``: messages in one workspace. ``patience`` bounds each call in seconds of the event loop.
    """

    repeat_for: timedelta = timedelta(0)
    look_after: timedelta = timedelta(seconds=30)
    edits: bool = True
    at_once: int = AT_ONCE

    def __init__(
        self, workspaces: Workspaces, clock: Clock, *, per_minute: int = 300, patience: float = PATIENCE
    ) -> None:
        self._workspaces = workspaces
        self._clock = clock
        self._per_minute = per_minute
        self._patience = patience
        self._paces: dict[str, Pace] = {}
        self._edit_paces: dict[str, Pace] = {}
        """Apart: a card that has to wait, or was too much, holds up no question."""
        self._dms: dict[tuple[str, str], str] = {}  # (team id, user id) -> their conversation with the app
        self.sent: Callable[[Target], None] = lambda target: None
        """Called after a message in a channel was posted or rewritten. Must not take long."""

    def serves(self, scope: str) -> bool:
        return self._workspaces.get(scope.partition(":")[2]) is not None

    async def send(self, target: Target, view: View, key: str) -> Outcome:
        """Post ``view``. A second time with the same key it is there twice: look with ``find`` first.

        A view that Slack refuses is posted without its pictures, then as its text. Files that are no pictures
        follow the message; when they cannot be shared, that is logged only.
        """
        try:
            errand = self._errand(target)
            outcome = await self._send(errand, target, view, key)
        except Failed as failed:
            return failed.outcome
        self._tell(target)
        return outcome

    async def _send(self, errand: _Errand, target: Target, view: View, key: str) -> Sent:
        """Raises Failed. A direct conversation that is not there any more is opened anew."""
        known = target.channel_id or self._dms.get((errand.team_id, target.user_id), "")
        try:
            return await self._deliver(errand, target, view, key)
        except Failed as failed:
            if not (target.user_id and known and failed.word == "channel_not_found"):
                raise
        self._dms.pop((errand.team_id, target.user_id), None)
        anew = dataclasses.replace(target, channel_id="")
        return await self._deliver(errand, anew, view, key)

    async def _deliver(self, errand: _Errand, target: Target, view: View, key: str) -> Sent:
        channel_id = await self._channel(errand, target)
        body = payload(view, key=key)
        ids = await self._pictures(errand, body)
        async with errand.pace.channel(channel_id):
            said = await self._shown(errand, channel_id, view, key, body, ids)
        await share_files(errand.workspace.plain, body, channel_id)
        return Sent(str(said["ts"]), str(said["channel"]))

    async def edit(self, target: Target, message_id: str, view: View, key: str) -> Outcome:
        """Let the message show ``view``. One that Slack refuses leaves the message as it is.

        The message keeps its metadata, and so the key that it was sent with.
        """
        body = payload(view)
        try:
            errand = self._errand(target, edits=True)
            channel_id = await self._channel(errand, target)
            ids = await self._pictures(errand, body)
            async with errand.pace.channel(channel_id):
                await self._ask(
                    errand,
                    lambda client: client.chat_update(
                        channel=channel_id, ts=message_id, text=body.text, blocks=body.placed(ids)
                    ),
                )
        except Failed as failed:
            return failed.outcome
        self._tell(target)
        return Sent(message_id, channel_id)

    async def find(self, target: Target, key: str, since: datetime) -> Outcome | None:
        """Look for the message of ours that carries ``key``, among the first thousand since then."""
        try:
            errand = self._errand(target)
            rights = ("im:history",) if target.user_id else HISTORY
            granted = errand.workspace.scopes
            if granted and granted.isdisjoint(rights):
                return Unknown(f"Slack does not let us look: {' or '.join(rights)} is not granted")
            return await self._find(errand, await self._channel(errand, target), key, since)
        except Failed as failed:
            match failed.outcome:
                case Gone(reason="not_found"):
                    return None
                case Gone(detail=detail):
                    return Unknown(f"Slack does not let us look: {detail}")
                case Unknown(reason=reason):  # looking changes nothing, so it may be done again
                    return Retry(AWAY, reason)
                case outcome:
                    return outcome

    async def _find(self, errand: _Errand, channel_id: str, key: str, since: datetime) -> Outcome | None:
        asked: Json = {"channel": channel_id, "limit": PAGE, "include_all_metadata": True}
        asked |= {"oldest": f"{(since - EARLIER).timestamp():.6f}", "inclusive": True}
        shown = hidden = False
        for _ in range(PAGES):
            page = await self._ask(errand, lambda client: client.conversations_history(**asked))
            for message in page["messages"]:
                if not self._is_ours(errand.workspace, message):
                    continue
                if key_in(message) == key:
                    return Sent(str(message["ts"]), channel_id)
                shown, hidden = shown or bool(key_in(message)), hidden or not key_in(message)
            cursor = (page.get("response_metadata") or {}).get("next_cursor")
            if not cursor:
                break
            asked["cursor"] = cursor
        else:
            return Unknown(f"over {PAGE * PAGES} messages have been written there since")
        # Slack may hide metadata and does not say so: then a message of ours without a key may be the one.
        return Unknown("no message of Starling's there shows its key") if hidden and not shown else None

    @staticmethod
    def _is_ours(workspace: Workspace, message: Json) -> bool:
        """A post of ours: not that we joined, nor a file that followed one."""
        if message.get("subtype") not in (None, "bot_message"):
            return False
        return message.get("bot_id") == workspace.bot_id or message.get("user") == workspace.bot_user_id

    # --- the way of every request ----------------------------------------------------------------------

    def _errand(self, target: Target, *, edits: bool = False) -> _Errand:
        """Raises Failed while the workspace is not known (Slack has not taken its token yet, or it has none here),
        and once Slack has said that the app was removed from it."""
        team_id = target.server_id or target.scope.partition(":")[2]
        workspace = self._workspaces.get(team_id)
        if workspace is None:
            raise Failed(Retry(AWAY, "not connected to that workspace"))
        if workspace.revoked:
            raise Failed(Gone("revoked"))
        paces, per_minute = (self._edit_paces, EDITS) if edits else (self._paces, self._per_minute)
        pace = paces.get(team_id)
        if pace is None:
            pace = paces[team_id] = Pace(self._clock, min(per_minute, self._per_minute))
        return _Errand(workspace, team_id, pace, self._patience)

    async def _channel(self, errand: _Errand, target: Target) -> str:
        """The channel of ``target``; a direct conversation that nobody knows is opened. Raises Failed."""
        known = (errand.team_id, target.user_id)
        if channel_id := target.channel_id or self._dms.get(known, ""):
            return channel_id
        if not target.user_id:
            raise Failed(Gone("invalid", "neither a channel nor a person"))
        opened = await self._harmless(errand, lambda client: client.conversations_open(users=target.user_id))
        channel_id = self._dms[known] = str(opened["channel"]["id"])
        if len(self._dms) > DMS:
            del self._dms[next(iter(self._dms))]
        return channel_id

    async def _pictures(self, errand: _Errand, body: Payload) -> dict[int, str]:
        """Through the client that waits out a rate limit: nobody sees an upload, so that it may be repeated."""
        if not any(file.alt for file in body.files):
            return {}
        if errand.pace.paused:
            raise Failed(Retry(errand.pace.paused, "Slack asked Starling to wait"))
        return await uploaded(errand.workspace.client, body)

    async def _shown(
        self, errand: _Errand, channel_id: str, view: View, key: str, body: Payload, ids: dict[int, str]
    ) -> Any:
        """What Slack answers to the best form of ``view`` that it takes: what it refuses was not posted."""
        forms = [body.arguments | {"blocks": body.placed(ids)}]
        if ids:
            forms.append(body.arguments | {"blocks": body.placed({})})
        forms.append(payload(plain(view), key=key).arguments)
        for number, arguments in enumerate(forms, 1):
            try:
                return await self._ask(errand, _posting(channel_id, arguments))
            except Failed as failed:
                if not failed.invalid or number == len(forms):
                    raise
                log.warning(
                    "Slack refused a message; it goes in a plainer form",
                    key=key,
                    error=failed.word,
                    rules=failed.detail,
                )
        raise AssertionError  # the last form was posted, or raised

    async def _harmless(self, errand: _Errand, call: Call) -> Any:
        """As ``_ask``, for what nobody sees: when its answer was lost it is asked for again."""
        try:
            return await self._ask(errand, call)
        except Failed as failed:
            if isinstance(failed.outcome, Unknown):
                raise Failed(Retry(AWAY, failed.outcome.reason), failed.word) from None
            raise

    async def _ask(self, errand: _Errand, call: Call) -> Any:
        """What Slack answers. Raises Failed for everything that went wrong, with what it means."""
        if wait := await errand.pace.turn(min(self._patience, BEGIN_WITHIN)):
            raise Failed(Retry(wait, "Slack asked Starling to wait"))
        if errand.late():
            raise Failed(Retry(0.0, LATE))
        with watched() as wire:
            try:
                async with asyncio.timeout_at(errand.deadline()):
                    return await call(errand.workspace.plain)
            except (SlackClientError, aiohttp.ClientError, OSError, TimeoutError) as error:
                failed = failure_of(error, wire)
            except (AttributeError, ValueError) as error:
                if not wire.out:
                    raise
                failed = failure_of(error, wire)  # slack_sdk could not read an answer that is not Slack's
        if failed.pause:
            errand.pace.pause(failed.pause)
        if failed.word in TOKEN:
            log.error("Slack does not accept a token", workspace=errand.workspace.name, error=failed.word)
        raise failed

    def _tell(self, target: Target) -> None:
        if target.user_id:
            return
        try:
            self.sent(target)
        except Exception:  # it is there; whatever hears of it must not make that doubtful
            log.exception("telling of a message failed")


class _Errand:
    """One call of the port: all its requests have ``patience`` seconds, from the first one on."""

    def __init__(self, workspace: Workspace, team_id: str, pace: Pace, patience: float) -> None:
        self.workspace = workspace
        self.team_id = team_id
        self.pace = pace
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


def _posting(channel_id: str, arguments: Json) -> Call:
    return lambda client: client.chat_postMessage(channel=channel_id, **arguments)
