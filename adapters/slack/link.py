"""Everything of Slack that a process has: workspaces, sender, places, roads; opened before core, listening after it."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import dataclass
from functools import partial
from types import TracebackType
from typing import Any, Literal, Self

import aiohttp
import structlog
from slack_bolt.async_app import AsyncApp
from slack_sdk.errors import SlackApiError, SlackClientError

from adapters.rush import Rush
from adapters.slack.app import Ears, Work, app_for
from adapters.slack.calls import code_of
from adapters.slack.hearing import Hearing
from adapters.slack.http import HttpRoad
from adapters.slack.interactions import Interactions, Watch
from adapters.slack.native import HomeTab
from adapters.slack.people import People
from adapters.slack.places import SlackPlaces
from adapters.slack.responder import Responder
from adapters.slack.sender import SlackSender
from adapters.slack.socket import SocketRoad
from adapters.slack.workspace import Token, Workspace, Workspaces
from core.dispatch import Dispatcher
from core.errors import SettingsError, StoreError
from core.events import Events
from core.ports import Clock, Target

log = structlog.get_logger(__name__)

LONGEST_WAIT = 60.0  # seconds between two tries to reach Slack
REFUSED = frozenset(
    {
        "invalid_auth",
        "not_authed",
        "token_revoked",
        "token_expired",
        "account_inactive",
        "not_allowed_token_type",
    }
)


@dataclass(frozen=True, slots=True)
class Options:
    """The settings under [slack], and what of [delivery] concerns it. Tokens are the secrets themselves."""

    tokens: tuple[Token, ...]
    mode: Literal["socket", "http"]
    api_base_url: str
    proxy: str = ""
    http_host: str = "127.0.0.1"
    http_port: int = 3000
    http_path: str = "/slack/events"
    per_minute: int = 300


class Link:
    """``async with Link(options, clock) as link``, then ``link.hear(...)`` and ``await link.serve(ready)``."""

    def __init__(self, options: Options, clock: Clock) -> None:
        self._options = options
        self._clock = clock
        self.workspaces = Workspaces(options.tokens, options.api_base_url, options.proxy)
        self.sender = SlackSender(self.workspaces, clock, per_minute=options.per_minute)
        self.sender.sent = self._sent
        self.places = SlackPlaces(self.workspaces)
        self._work = Work()
        self._rush = Rush()
        self._dispatcher: Dispatcher | None = None
        self._events: Events | None = None
        self._watch: Watch = lambda outcome, seconds: None
        self._ears: dict[Workspace, Ears] = {}
        self._hearing = False
        self._roads: list[SocketRoad | HttpRoad] = []
        self._unserved: set[Workspace] = set()
        """Those that only the operator can mend."""

    async def __aenter__(self) -> Self:
        self.workspaces.open()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.workspaces.close()

    def hear(self, dispatcher: Dispatcher, events: Events, watch: Watch) -> None:
        """From now on what Slack says reaches core."""
        self._dispatcher, self._events, self._watch = dispatcher, events, watch
        for workspace in self.workspaces:
            self._ears[workspace] = self._ears_of(workspace, dispatcher, events)
        self._hearing = True

    def _ears_of(self, workspace: Workspace, dispatcher: Dispatcher, events: Events) -> Ears:
        people = People(workspace)
        responder = Responder(workspace)
        home = HomeTab(workspace, dispatcher, people)
        interactions = Interactions(
            workspace,
            dispatcher,
            people,
            responder,
            self._work,
            self._rush,
            changed=home.touch,
            watch=lambda outcome, seconds: self._watch(outcome, seconds),
        )
        hearing = Hearing(workspace, people, events)
        return Ears(workspace, dispatcher, events, people, responder, interactions, hearing, home, self._work)

    def _sent(self, target: Target) -> None:
        """A question was posted, or a card rewritten: who looks at their Home tab sees it there, too."""
        workspace = self.workspaces.get(target.server_id)
        if workspace is not None and (ears := self._ears.get(workspace)) is not None:
            ears.home.touch_all()

    async def serve(self, ready: Callable[[], Awaitable[None]]) -> None:
        """Log in everywhere, call ``ready``, and stay connected until cancelled.

        A Slack that cannot be reached is tried again, one workspace holding up no other. What only the operator can
        mend is logged while another workspace can be served, and raises SettingsError with the last of them.
        """
        await ready()
        apps = [(one, app_for(one, partial(self._listening, one))) for one in self.workspaces]
        serve = self._serve_http if self._options.mode == "http" else self._serve_sockets
        try:
            await serve(apps)
        except* SettingsError as errors:
            first: BaseException = errors
            while isinstance(first, BaseExceptionGroup):
                first = first.exceptions[0]
            raise first from None

    def _listening(self, workspace: Workspace) -> Ears | None:
        return self._ears.get(workspace) if self._hearing else None

    async def _serve_http(self, apps: list[tuple[Workspace, AsyncApp]]) -> None:
        options = self._options
        road = HttpRoad(options.http_host, options.http_port, options.http_path, apps)
        self._roads.append(road)
        async with asyncio.TaskGroup() as group:
            group.create_task(road.serve(), name="starling slack http")
            for workspace, _ in apps:
                group.create_task(self._alone([workspace], self._catch_up(workspace)))

    async def _catch_up(self, workspace: Workspace) -> None:
        await self._arrive(workspace)
        self._gap(workspace)

    async def _serve_sockets(self, apps: list[tuple[Workspace, AsyncApp]]) -> None:
        together: dict[str, list[tuple[Workspace, AsyncApp]]] = {}
        for workspace, app in apps:
            together.setdefault(workspace.token.app_token, []).append((workspace, app))
        async with asyncio.TaskGroup() as group:
            for pairs in together.values():
                group.create_task(self._serve_socket(pairs))

    async def _serve_socket(self, pairs: list[tuple[Workspace, AsyncApp]]) -> None:
        """The workspaces of one app: Slack sends what is of any of them over any connection of the app.

        It is opened once one of them has arrived; one that is slow holds up no other.
        """
        hello = False

        async def arrive(workspace: Workspace) -> None:
            await self._arrive(workspace)
            if hello:
                self._gap(workspace)

        def connected(gap: bool) -> None:
            nonlocal hello
            hello = True
            if not gap:
                return
            for workspace, _ in served:
                if workspace.known:
                    self._gap(workspace)

        async with asyncio.TaskGroup() as group:
            arriving = {group.create_task(self._alone([one], arrive(one))) for one, _ in pairs}
            while arriving and not any(one.known for one, _ in pairs):
                _, arriving = await asyncio.wait(arriving, return_when=asyncio.FIRST_COMPLETED)
            served = [(one, app) for one, app in pairs if one not in self._unserved]
            if not served:
                return
            (first, app), *shared = served
            road = SocketRoad(
                first, app, self._clock, proxy=self._options.proxy, connected=connected, shared=shared
            )
            self._roads.append(road)
            await self._alone([one for one, _ in served], road.serve())

    def _gap(self, workspace: Workspace) -> None:
        if (ears := self._listening(workspace)) is not None:
            ears.gap()

    async def _alone(self, workspaces: Sequence[Workspace], serving: Coroutine[Any, Any, None]) -> None:
        """A wrong token ends no other workspace's service. Raises SettingsError once nobody is left to serve."""
        try:
            await serving
        except SettingsError as error:
            self._unserved.update(workspaces)
            if all(one in self._unserved for one in self.workspaces):
                raise
            for one in workspaces:
                log.error("a workspace is not served", workspace=one.name, why=error.message)

    async def _arrive(self, workspace: Workspace) -> None:
        """Until Slack has said which workspace this is; then its homes are there again."""
        wait = 1.0
        while True:
            try:
                await workspace.look()
                break
            except SlackApiError as error:
                code, status = code_of(error)
                if code in REFUSED:
                    raise SettingsError(_refused(workspace, code)) from error
                if code.startswith("http_") and status < 500 and status != 429:
                    raise SettingsError(
                        "slack.api_base_url: what answers there is not Slack. It should end in /api."
                    ) from error
                why = code
            except (aiohttp.ClientError, SlackClientError, OSError, TimeoutError) as error:
                why = type(error).__name__
            log.warning("Slack cannot be reached", workspace=workspace.name, error=why, again_in=wait)
            await self._clock.sleep(wait * random.uniform(0.8, 1.2))
            wait = min(wait * 2, LONGEST_WAIT)
        log.info("connected to Slack", workspace=workspace.name, team=workspace.team_id)
        if self._events is None:
            return
        here = workspace.team_id
        try:
            await self._events.present_on("slack", [here], ours=lambda other: other == here)
            if (ears := self._ears.get(workspace)) is not None:
                ears.interactions.recall(await self._events.unsent("slack"))
        except StoreError as error:  # the next start says it again
            log.warning("a workspace could not be noted as there", error=error.message)

    async def drain(self) -> None:
        """Hear nothing new, and give what is under way a moment to end."""
        self._hearing = False
        await self._work.drain()
        for ears in self._ears.values():
            await ears.close()

    async def healthy(self) -> bool:
        """For /readyz: every road is open, and every workspace known."""
        known = all(w.known for w in self.workspaces)
        return bool(self._roads) and known and all(road.healthy() for road in self._roads)


def _refused(workspace: Workspace, code: str) -> str:
    where = (
        "slack.bot_token" if workspace.token.name in ("", "slack") else f"The bot token of “{workspace.name}”"
    )
    return (
        f"{where}: Slack does not accept it ({code}). Copy the Bot User OAuth Token from the app's page “OAuth & "
        "Permissions”; it is made anew when the app is installed again."
    )
