"""The platforms that the settings name: a link for each, all of one shape."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from bot.settings import Settings
from core.dispatch import Dispatcher
from core.events import Events
from core.ports import Clock, Places, Sender
from core.services import Services

if TYPE_CHECKING:
    from adapters.discord.link import Options as DiscordOptions
    from adapters.slack.link import Options as SlackOptions

Watch = Callable[[str, float], None]
"""Told an interaction's outcome ("shown", "late", "failed") and the seconds to its acknowledgement."""


class Link(Protocol):
    """Everything of one platform in a process. ``async with link``, then ``hear``, then ``serve`` until cancelled."""

    @property
    def sender(self) -> Sender: ...

    @property
    def places(self) -> Places: ...

    async def __aenter__(self) -> Any: ...

    async def __aexit__(self, *ended: Any) -> None: ...

    def hear(self, dispatcher: Dispatcher, events: Events, watch: Watch) -> None: ...

    async def serve(self, ready: Callable[[], Awaitable[None]]) -> None: ...

    async def drain(self) -> None: ...

    async def healthy(self) -> bool: ...


@dataclass(frozen=True, slots=True)
class Platform:
    """``ready`` is what is to be done once it has been logged in to."""

    link: Link
    ready: Callable[[Services], Awaitable[None]]


def platforms(settings: Settings, clock: Clock) -> dict[str, Platform]:
    """By name. Libraries of platforms that are off are not even loaded. Inside a running loop."""
    found = {}
    if settings.discord.token:
        found["discord"] = _discord(settings, clock)
    if settings.slack.tokens:
        found["slack"] = _slack(settings, clock)
    return found


def _discord(settings: Settings, clock: Clock) -> Platform:
    from adapters.discord.link import Link
    from bot.sync import sync_if_changed

    link = Link(discord_options(settings), clock)

    async def ready(app: Services) -> None:
        await sync_if_changed(link.client, app.store, app.registry)

    return Platform(link, ready)


def _slack(settings: Settings, clock: Clock) -> Platform:
    from adapters.slack.link import Link

    async def ready(app: Services) -> None:
        """Slack's commands stand in the app's manifest: there is nothing to register."""

    return Platform(Link(slack_options(settings), clock), ready)


def discord_options(settings: Settings) -> DiscordOptions:
    from adapters.discord.link import Options

    discord, delivery = settings.discord, settings.delivery
    return Options(
        token=discord.token.get_secret_value(),
        api_base_url=discord.api_base_url,
        gateway_url=discord.gateway_url,
        cdn_base_url=discord.cdn_base_url,
        proxy=discord.proxy,
        shard_ids=tuple(discord.shard_ids),
        shard_count=discord.shard_count,
        per_second=delivery.discord_per_second,
        first_contacts_a_minute=delivery.first_contact_dms_per_minute,
        repeat_seconds=delivery.lookup_after_seconds,
    )


def slack_options(settings: Settings) -> SlackOptions:
    from adapters.slack.link import Options
    from adapters.slack.workspace import Token

    slack = settings.slack
    return Options(
        tokens=tuple(
            Token(
                name=one.name,
                bot_token=one.bot_token.get_secret_value(),
                app_token=one.app_token.get_secret_value(),
                signing_secret=one.signing_secret.get_secret_value(),
                organisers=frozenset(one.organisers),
            )
            for one in slack.tokens
        ),
        mode=slack.mode,
        api_base_url=slack.api_base_url,
        proxy=slack.proxy,
        http_host=slack.http_host,
        http_port=slack.http_port,
        http_path=slack.http_path,
        per_minute=settings.delivery.slack_per_workspace_per_minute,
    )
