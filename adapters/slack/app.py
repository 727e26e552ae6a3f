"""Bolt's app of one workspace: every kind of thing that Slack tells, and who takes it.

Listeners acknowledge and begin tasks of their own; they never raise, since Bolt loses an acknowledgement when its
listener raises right behind it.
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Callable, Coroutine, Mapping
from typing import Any

import structlog
from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse
from slack_sdk.web.async_client import AsyncWebClient

from adapters.drawing import message_of
from adapters.slack import told
from adapters.slack.calls import Lost, Refused, insist
from adapters.slack.hearing import Hearing
from adapters.slack.interactions import Ack, Interactions, Seen
from adapters.slack.mentions import asked as asked_in_mention
from adapters.slack.native import HomeTab
from adapters.slack.people import People
from adapters.slack.responder import Place, Responder
from adapters.slack.told import Here
from adapters.slack.workspace import Workspace
from core.call import Request
from core.dispatch import Dispatcher
from core.errors import StoreError
from core.events import Events

log = structlog.get_logger(__name__)

LOOK_WITHIN = 5.0  # seconds in which Slack says whether a token is worth nothing
DRAIN = 5.0  # seconds that work under way gets to end when Starling stops
RESTARTING = "Starling is just being restarted. Please send that again in a minute."
BROKEN = "Something broke on our side. Please try once more."
ANYTHING = re.compile(r".*", re.DOTALL)

Body = Mapping[str, Any]


class Work:
    """Tasks that a stop waits for."""

    def __init__(self) -> None:
        self._under_way: set[asyncio.Task[None]] = set()
        self._closed = False

    def begin(self, work: Coroutine[Any, Any, None], name: str) -> None:
        if self._closed:
            work.close()
            return
        task = asyncio.create_task(work, name=name)
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)

    async def drain(self) -> None:
        """Take nothing new, and give what is under way a moment to end."""
        self._closed = True
        if self._under_way:
            _, left = await asyncio.wait(self._under_way, timeout=DRAIN)
            for task in left:
                task.cancel()
            if left:
                log.warning("cut off while stopping", tasks=len(left))
                await asyncio.wait(left, timeout=1)


class Ears:
    """What listens in one workspace, made when core is there."""

    def __init__(
        self,
        workspace: Workspace,
        dispatcher: Dispatcher,
        events: Events,
        people: People,
        responder: Responder,
        interactions: Interactions,
        hearing: Hearing,
        home: HomeTab,
        work: Work,
    ) -> None:
        self._of = workspace
        self._dispatcher = dispatcher
        self._events = events
        self._people = people
        self._responder = responder
        self.interactions = interactions
        self.hearing = hearing
        self.home = home
        self._work = work
        self._seen = Seen()

    async def close(self) -> None:
        """Nothing new is asked of Slack, and what is under way is given a moment."""
        await self.home.drain()
        await self._people.close()

    def gap(self) -> None:
        """A connection begins: what was said before it is read first."""
        self.hearing.gap()
        self._work.begin(self._safely(self.hearing.catch_up(), "gap"), "starling slack gap")

    async def event(self, body: Body) -> None:
        """Slack's Events API: at least once, in any order."""
        if self._seen.again(str(body.get("event_id") or "")):
            return
        event: Body = body.get("event") or {}
        work: Coroutine[Any, Any, None] | None = None
        match str(event.get("type") or ""):
            case "message" if event.get("channel_type") == "im":
                work = self._heard(event)
            case "app_mention":
                work = self._mentioned(event)
            case "app_home_opened" if event.get("tab") == "home" and event.get("user"):
                work = self.home.show(str(event["user"]))
            case "app_uninstalled":
                work = self._gone("the app was removed from the workspace")
            case "tokens_revoked" if self._ours(event):
                work = self._gone("its token was revoked")
        if work is not None:
            self._work.begin(
                self._safely(work, str(event.get("type"))), f"starling slack {event.get('type')}"
            )

    async def _safely(self, work: Coroutine[Any, Any, None], kind: str) -> None:
        try:
            await work
        except StoreError as error:
            log.error("an event of Slack could not be kept", event=kind, error=error.message)
        except Exception:
            log.exception("an event of Slack could not be handled", event=kind)

    async def _heard(self, event: Body) -> None:
        await self.hearing.message(event)
        if event.get("user") and not event.get("bot_id"):
            self.home.touch(str(event["user"]))

    def _ours(self, event: Body) -> bool:
        """Whether the bot's own token is among those that were revoked, and not only some person's."""
        bots = (event.get("tokens") or {}).get("bot")
        return bots is None or not self._of.bot_user_id or self._of.bot_user_id in bots

    async def _gone(self, why: str) -> None:
        """Slack tells it again for some minutes where nobody took it: meanwhile it may be installed again."""
        try:
            await insist(lambda: self._of.client.auth_test(), LOOK_WITHIN)
        except (Refused, Lost):
            pass
        else:
            log.info("a workspace is there all the same", workspace=self._of.name, told=why)
            return
        log.warning("a workspace is paused", workspace=self._of.name, why=why)
        self._of.revoked = True
        await self._events.removed_from("slack", self._of.team_id)

    async def _mentioned(self, event: Body) -> None:
        """``@Starling today``: what slash commands cannot do in threads. Answered in the thread, to its asker alone
        unless everybody may see it; a form is opened by a button, since a mention can open none."""
        channel_id, user_id = str(event.get("channel") or ""), str(event.get("user") or "")
        if not user_id or event.get("bot_id") or channel_id.startswith("D"):
            return  # in direct messages it is a message like any other
        here = Here(self._of.team_id, self._of.team_name)
        where = here.where(channel_id, direct=False)
        who = await self._people.who(user_id, surely=True, channel_id=channel_id)
        asked = asked_in_mention(
            self._dispatcher.registry, str(event.get("text") or ""), self._of.bot_user_id, who, where
        )
        thread = str(event.get("thread_ts") or "")
        place = Place(user_id, channel_id, thread)
        private = True
        if isinstance(asked, Request):
            command = self._dispatcher.registry[asked.path]
            asked = await self._dispatcher.run(asked)
            private = command.private or message_of(asked).private
            if not private:  # under the mention, so that the channel stays readable
                place = Place(user_id, channel_id, thread or str(event["ts"]))
            self.home.touch(user_id)
        await self._responder.show(place, asked, private=private)


class _App(AsyncApp):
    """Bolt's, where whatever comes is acknowledged: what is not is shown to people as a fault, and told again."""

    async def async_dispatch(self, req: AsyncBoltRequest) -> BoltResponse:
        try:
            if not told.readable(req.body):
                log.warning(
                    "Slack sent something that could not be read", kind=str(req.body.get("type"))[:60]
                )
                return BoltResponse(status=200)
            answer = await super().async_dispatch(req)
        except Exception:
            log.exception("what Slack sent could not be taken", kind=str(req.body.get("type"))[:60])
            return BoltResponse(status=200)
        return answer if answer.status < 400 else BoltResponse(status=200)


def app_for(workspace: Workspace, ears: Callable[[], Ears | None]) -> AsyncApp:
    """``ears`` says who listens; None while Starling starts and stops: then everything is acknowledged, nothing is
    done, and whoever waits for an answer is told so."""

    async def authorize(**_: Any) -> AuthorizeResult:
        # Known since the start: Bolt would ask Slack whose token it is.
        return AuthorizeResult(
            enterprise_id=None,
            team_id=workspace.team_id,
            bot_id=workspace.bot_id,
            bot_user_id=workspace.bot_user_id,
            bot_token=workspace.token.bot_token,
        )

    app = _App(
        name="starling",
        # Bolt answers nobody here, so it gets a client without a token; beside ``authorize`` one would be refused.
        client=AsyncWebClient(base_url=workspace.client.base_url, proxy=workspace.client.proxy),
        authorize=authorize,
        logger=logging.getLogger("slack_bolt"),
        # The roads have verified a request before anything of it was read (adapters/slack/http.py).
        request_verification_enabled=False,
        ssl_check_enabled=False,
        url_verification_enabled=False,
        # A listener of ours only acknowledges, so there is nothing to wait for behind it; and Bolt then takes the
        # acknowledgement from where it was left instead of looking for it every ten milliseconds.
        process_before_response=True,
        # Else Bolt asks for the thread of every direct message, and puts its own metadata on replies.
        attaching_conversation_kwargs_enabled=False,
    )

    async def command(ack: Ack, body: Body) -> None:
        await _to(ack, body, ears(), "command")

    async def action(ack: Ack, body: Body) -> None:
        await _to(ack, body, ears(), "action")

    async def shortcut(ack: Ack, body: Body) -> None:
        await _to(ack, body, ears(), "shortcut")

    async def options(ack: Ack, body: Body) -> None:
        await _to(ack, body, ears(), "options")

    async def view(ack: Ack, body: Body) -> None:
        await _to(ack, body, ears(), "view")

    async def closed(ack: Ack, body: Body) -> None:
        await ack()

    async def event(ack: Ack, body: Body) -> None:
        await ack()
        if (listening := ears()) is None:
            return
        try:
            await listening.event(body)
        except Exception:  # an acknowledgement is lost where the listener raises right behind it
            log.exception("an event of Slack could not be taken")

    app.command(ANYTHING)(command)
    app.action(ANYTHING)(action)
    app.shortcut(ANYTHING)(shortcut)
    app.options(ANYTHING)(options)
    app.view(ANYTHING)(view)
    app.view_closed(ANYTHING)(closed)
    app.event(ANYTHING)(event)  # also what was not asked for: Slack repeats what nobody takes
    return app


async def _not_now(ack: Ack, body: Body, kind: str, why: str) -> None:
    """Nobody takes it. A form stays open, with every word in it; a command says so; of a press nothing can be said."""
    if kind == "view" and (wrong := told.on_fields(body["view"], {"": why})):
        await ack(response_action="errors", errors=wrong)
    elif kind == "command":
        await ack(why)
    elif kind == "options":
        await ack(options=[])
    else:
        await ack()


async def _to(ack: Ack, body: Body, listening: Ears | None, kind: str) -> None:
    if listening is None:
        await _not_now(ack, body, kind, RESTARTING)
        return
    try:
        await getattr(listening.interactions, kind)(ack, body)
    except Exception:
        log.exception("an act on Slack could not be taken", kind=kind)
        if getattr(ack, "response", None) is None:
            await _not_now(ack, body, kind, BROKEN)
