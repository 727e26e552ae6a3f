"""Who an account of a workspace is: name, time zone, and whether they organise. Asked of Slack, and remembered."""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict, deque
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

import aiohttp
import structlog
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web.async_client import AsyncWebClient

from adapters.slack.calls import code_of
from adapters.slack.workspace import Workspace
from core.call import Who

log = structlog.get_logger(__name__)

FRESH = 600.0  # seconds for which what Slack said is not asked again
TRUSTED = 3600.0  # seconds for which a right counts where nothing is decided by it
WAIT = 1.0  # seconds that somebody unknown waits to be known by name
SURE_WAIT = 12.0  # seconds that an organiser's command waits for Slack's word
FAILED_FOR = 30.0  # seconds for which what could not be answered is not asked again
CALLS, PER = 60, 60.0  # calls in so many seconds; Slack allows about 100 a minute
MOST = 4096  # people, and channels, that are remembered


@dataclass(frozen=True, slots=True)
class _Known:
    """What users.info said at ``at``. ``ours``: a full member of this workspace, no guest."""

    name: str
    zone: str
    ours: bool
    admin: bool
    at: float


class People:
    """Of one workspace. Never raises for what Slack or the network does: what was learned before serves."""

    def __init__(self, workspace: Workspace, clock: Callable[[], float] = time.monotonic) -> None:
        self._of = workspace
        self._clock = clock
        self._known: OrderedDict[str, _Known] = OrderedDict()
        self._creators: OrderedDict[str, str] = OrderedDict()  # channel id -> user id, which never changes
        self._asking: dict[str, asyncio.Task[None]] = {}  # user or channel id -> the one call about it
        self._failed: OrderedDict[str, float] = OrderedDict()
        self._calls: deque[float] = deque()
        self._quiet_until = 0.0

    async def who(self, user_id: str, name: str = "", *, surely: bool = False, channel_id: str = "") -> Who:
        """The account, as core calls it.

        ``name`` is what came along with the event; it serves until Slack has said the display name, and never in
        its place. Nobody waits longer than about a second, and not at all for what was learned before.

        Organisers are whom the settings name, the workspace's admins and owners, and whoever made the channel
        ``channel_id``. Guests and people of other workspaces are none, whatever they made. With ``surely`` the
        answer is waited for and at most ten minutes old; where there is none, only a named one organises.
        """
        known = await self._learned(user_id, surely)
        return Who(
            "slack",
            user_id,
            known.name if known is not None and known.name else name,
            self._of.team_id,
            organiser=await self._organises(user_id, known, surely, channel_id),
            zone=known.zone if known is not None else "",
            guessed=known is None or not known.name,
        )

    async def close(self) -> None:
        """Nobody waits for what is being asked just now."""
        tasks = list(self._asking.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    # --- rights ----------------------------------------

    async def _organises(self, user_id: str, known: _Known | None, surely: bool, channel_id: str) -> bool:
        if user_id in self._of.token.organisers:
            return True
        if known is None or not known.ours or self._clock() - known.at > (FRESH if surely else TRUSTED):
            return False
        return known.admin or (bool(channel_id) and await self._creator(channel_id, surely) == user_id)

    async def _creator(self, channel_id: str, surely: bool) -> str:
        if channel_id.startswith("D"):
            return ""
        if channel_id not in self._creators:
            await self._ask(channel_id, self._look_at_channel, surely, wait=True)
        if channel_id in self._creators:
            self._creators.move_to_end(channel_id)
        return self._creators.get(channel_id, "")

    # --- asking ----------------------------------------

    async def _learned(self, user_id: str, surely: bool) -> _Known | None:
        known = self._known.get(user_id)
        if known is None or self._clock() - known.at > FRESH:
            await self._ask(user_id, self._look_at_person, surely, wait=known is None)
        if user_id in self._known:
            self._known.move_to_end(user_id)
        return self._known.get(user_id)

    async def _ask(
        self, key: str, look: Callable[[AsyncWebClient, str], Awaitable[None]], surely: bool, *, wait: bool
    ) -> None:
        """Have ``look`` learn about ``key``: one call for all who ask at once. ``wait`` a little for it."""
        if surely:
            until = self._clock() + SURE_WAIT
            for _ in range(2):  # a lost answer is no answer
                task = self._asking.get(key) or self._begin(key, look, self._of.client)
                await asyncio.wait({task}, timeout=max(0.0, until - self._clock()))
                if not task.done() or key not in self._failed:
                    return
            return
        task_or_none = self._asking.get(key) or (
            self._begin(key, look, self._of.plain) if self._may(key) else None
        )
        if task_or_none is not None and wait:
            await asyncio.wait({task_or_none}, timeout=WAIT)

    def _begin(
        self, key: str, look: Callable[[AsyncWebClient, str], Awaitable[None]], client: AsyncWebClient
    ) -> asyncio.Task[None]:
        self._calls.append(self._clock())
        while len(self._calls) > 2 * CALLS:
            self._calls.popleft()
        task = self._asking[key] = asyncio.create_task(self._tried(key, look, client))
        return task

    def _may(self, key: str) -> bool:
        now = self._clock()
        while self._calls and self._calls[0] <= now - PER:
            self._calls.popleft()
        failed = self._failed.get(key)
        free = failed is None or now - failed > FAILED_FOR
        return free and now >= self._quiet_until and len(self._calls) < CALLS

    async def _tried(
        self, key: str, look: Callable[[AsyncWebClient, str], Awaitable[None]], client: AsyncWebClient
    ) -> None:
        try:
            await look(client, key)
            self._failed.pop(key, None)
        except (SlackClientError, aiohttp.ClientError, OSError, TimeoutError) as error:
            self._failed[key] = self._clock()
            _bound(self._failed)
            why = type(error).__name__
            if isinstance(error, SlackApiError):
                why, status = code_of(error)
                if status == 429:
                    self._quiet_until = self._clock() + retry_after(error)
            log.info("who somebody is could not be asked", why=why)
        finally:
            self._asking.pop(key, None)

    async def _look_at_person(self, client: AsyncWebClient, user_id: str) -> None:
        said = await client.users_info(user=user_id)
        before = self._known.get(user_id)
        known = _known(said.get("user") or {}, self._of.team_id, self._clock())
        if before is not None and not known.name:
            known = _Known(before.name, known.zone, known.ours, known.admin, known.at)
        self._known[user_id] = known
        _bound(self._known)

    async def _look_at_channel(self, client: AsyncWebClient, channel_id: str) -> None:
        said = await client.conversations_info(channel=channel_id)
        self._creators[channel_id] = str((said.get("channel") or {}).get("creator") or "")
        _bound(self._creators)


def _known(user: Mapping[str, Any], team_id: str, now: float) -> _Known:
    profile = user.get("profile") or {}
    names = (profile.get("display_name"), profile.get("real_name"), user.get("real_name"), user.get("name"))
    name = next((str(n).strip() for n in names if n and str(n).strip()), "")
    teams = {str(user.get("team_id") or ""), *((user.get("enterprise_user") or {}).get("teams") or ())}
    guest = any(
        user.get(what)
        for what in ("is_restricted", "is_ultra_restricted", "is_stranger", "deleted", "is_bot")
    )
    admin = any(user.get(what) for what in ("is_admin", "is_owner", "is_primary_owner"))
    return _Known(name, str(user.get("tz") or ""), team_id in teams and not guest, admin, now)


def retry_after(error: SlackApiError) -> float:
    """Seconds. Slack says whole ones, in a header."""
    headers = getattr(error.response, "headers", None) or {}
    said = str({str(k).lower(): v for k, v in dict(headers).items()}.get("retry-after", ""))
    return float(said) if said.isdigit() else FAILED_FOR


def _bound(kept: OrderedDict[str, Any]) -> None:
    while len(kept) > MOST:
        kept.popitem(last=False)
