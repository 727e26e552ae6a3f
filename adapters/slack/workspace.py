"""The workspaces that a process serves: for each the clients, and what Slack said about its token."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import aiohttp
from slack_sdk.http_retry.builtin_async_handlers import AsyncRateLimitErrorRetryHandler
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.webhook.async_client import AsyncWebhookClient
from yarl import URL

from adapters.slack.wire import trace

QUICK = 10.0  # seconds that a call made for somebody who waits may take
PATIENCE = 20.0  # seconds that a call of the outbox may take


@dataclass(frozen=True, slots=True)
class Token:
    """One [[slack.workspaces]] table. ``name`` is what the operator calls it; the secrets are the words themselves."""

    name: str
    bot_token: str
    app_token: str = ""
    signing_secret: str = ""
    organisers: frozenset[str] = frozenset()


class Workspace:
    """One workspace. Which it is stands in ``auth.test``, so ``team_id`` is "" until Slack has said it.

    ``client`` waits out a rate limit by itself, once, and repeats nothing else, since a repeated post would be
    there twice: for uploads, and for what is asked beside. ``plain`` repeats nothing at all: the outbox keeps its
    own pace, and ``calls.insist`` knows what may be repeated.
    """

    def __init__(self, token: Token, api_base_url: str, proxy: str) -> None:
        self.token = token
        self.team_id = ""
        self.team_name = ""
        self.bot_user_id = ""
        self.bot_id = ""
        self.bot_name = ""
        self.scopes: frozenset[str] = frozenset()
        self.revoked = False  # Slack has said that the token is worth nothing any more
        self._api_base_url = api_base_url
        self._proxy = proxy or None
        self._session: aiohttp.ClientSession | None = None
        self.client: AsyncWebClient
        self.plain: AsyncWebClient

    @property
    def name(self) -> str:
        """For logs and reports."""
        return self.token.name or self.team_name

    @property
    def known(self) -> bool:
        """Slack has taken the token and said which workspace it is."""
        return bool(self.team_id)

    def open(self) -> None:
        """Inside a running loop: the connections are kept from one call to the next."""
        self._session = aiohttp.ClientSession(
            timeout=aiohttp.ClientTimeout(total=PATIENCE),
            cookie_jar=aiohttp.DummyCookieJar(),
            trace_configs=[trace()],
        )
        self.client = self._client(QUICK, AsyncRateLimitErrorRetryHandler(max_retry_count=1))
        self.plain = self._client(PATIENCE)

    def _client(self, seconds: float, *handlers: AsyncRateLimitErrorRetryHandler) -> AsyncWebClient:
        logger = logging.getLogger("slack_sdk.web")
        return AsyncWebClient(
            token=self.token.bot_token,
            base_url=self._api_base_url,
            timeout=int(seconds),
            proxy=self._proxy,
            session=self._session,
            retry_handlers=list(handlers),
            logger=logger,
        )

    def webhook(self, url: str) -> AsyncWebhookClient:
        """For a response_url."""
        return AsyncWebhookClient(
            url,
            timeout=int(QUICK),
            proxy=self._proxy,
            session=self._session,
            retry_handlers=[AsyncRateLimitErrorRetryHandler(max_retry_count=1)],
            logger=logging.getLogger("slack_sdk.webhook"),
        )

    async def fetch(self, url: str, most: int) -> bytes:
        """At most ``most`` + 1 bytes of a file of this workspace. Raises aiohttp.ClientError, OSError.

        The token goes to the addresses of Slack alone, and to wherever the operator has pointed the API.
        """
        assert self._session is not None
        headers = {"Authorization": f"Bearer {self.token.bot_token}"} if self._ours(url) else {}
        async with self._session.get(url, headers=headers, proxy=self._proxy) as answer:
            answer.raise_for_status()
            found = bytearray()
            async for some in answer.content.iter_any():
                found += some
                if len(found) > most:
                    break
            return bytes(found[: most + 1])

    def _ours(self, url: str) -> bool:
        asked, api = URL(url), URL(self._api_base_url)
        if (asked.host, asked.port) == (api.host, api.port):
            return True
        host = asked.host or ""
        return asked.scheme == "https" and (
            host == "slack.com" or host.endswith((".slack.com", ".slack-files.com"))
        )

    async def look(self) -> None:
        """Ask whose token it is. Raises SlackApiError, aiohttp.ClientError, OSError, TimeoutError."""
        said = await self.plain.auth_test()
        self.revoked = False
        self.team_id = str(said["team_id"])
        self.team_name = str(said.get("team") or "")
        self.bot_user_id = str(said["user_id"])
        self.bot_id = str(said.get("bot_id") or "")
        self.bot_name = str(said.get("user") or "")
        named = {k.lower(): v for k, v in dict(said.headers or {}).items()}
        self.scopes = frozenset(
            filter(None, str(named.get("x-oauth-scopes", "")).replace(" ", "").split(","))
        )

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()


class Workspaces:
    """All of one process, in the order of the settings."""

    def __init__(self, tokens: Sequence[Token], api_base_url: str, proxy: str = "") -> None:
        self._all = [Workspace(token, api_base_url, proxy) for token in tokens]

    def __iter__(self) -> Iterator[Workspace]:
        return iter(self._all)

    def __len__(self) -> int:
        return len(self._all)

    def get(self, team_id: str) -> Workspace | None:
        """The workspace of that id; None while it is not known, or is none of this process."""
        return next((w for w in self._all if w.team_id == team_id and team_id), None)

    def open(self) -> None:
        for one in self._all:
            one.open()

    async def close(self) -> None:
        for one in self._all:
            await one.close()
