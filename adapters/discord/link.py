"""Everything of Discord that a process has: client, sender, places; opened before core, listening after it."""

from __future__ import annotations

import contextlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from types import TracebackType
from typing import Self

import aiohttp
import discord
import structlog

from adapters.discord.addresses import point
from adapters.discord.client import Client, Ears
from adapters.discord.commands import Tree
from adapters.discord.hearing import Hearing
from adapters.discord.interactions import Interactions, Watch
from adapters.discord.pace import Pace
from adapters.discord.places import DiscordPlaces
from adapters.discord.sender import DiscordSender
from adapters.discord.sync import NOT_DISCORD, TOKEN_REFUSED
from core.dispatch import Dispatcher
from core.errors import SettingsError, StoreError
from core.events import Events
from core.ports import Clock

log = structlog.get_logger(__name__)

LONGEST_WAIT = 60.0  # seconds between two tries to log in


@dataclass(frozen=True, slots=True)
class Options:
    """The settings under [discord], and what of [delivery] concerns it. ``token`` is the secret itself."""

    token: str
    api_base_url: str
    gateway_url: str
    cdn_base_url: str
    proxy: str = ""
    shard_ids: tuple[int, ...] = ()
    shard_count: int = 0
    per_second: int = 45
    first_contacts_a_minute: int = 10
    repeat_seconds: float = 60  # for so long a post whose answer was lost is repeated rather than looked for


class Link:
    """``async with Link(options, clock) as link``, then ``await link.open(...)`` and ``await link.serve()``."""

    def __init__(self, options: Options, clock: Clock) -> None:
        self._options = options
        self._clock = clock
        point(options.api_base_url, options.gateway_url, options.cdn_base_url)
        self.client = Client(
            shard_ids=options.shard_ids, shard_count=options.shard_count, proxy=options.proxy
        )
        pace = Pace(
            clock,
            per_second=options.per_second,
            first_contacts_a_minute=options.first_contacts_a_minute,
        )
        self.sender = DiscordSender(self.client, pace)
        self.sender.repeat_for = timedelta(seconds=options.repeat_seconds)
        self.places = DiscordPlaces(self.client)
        self._begun = False
        self._ears: Ears | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._begun:  # discord.py cannot close what never began
            await self.client.close()

    def hear(self, dispatcher: Dispatcher, events: Events, watch: Watch) -> None:
        """From now on what Discord says reaches core."""
        tree = Tree(dispatcher.registry)
        self._ears = Ears(
            Interactions(dispatcher, tree, self.client.fetch, watch),
            Hearing(self.client, events, self.client.fetch),
            events,
        )
        self.client.listen(self._ears)

    async def serve(self, ready: Callable[[], Awaitable[None]]) -> None:
        """Log in, call ``ready`` (commands are registered there), and stay connected until cancelled.

        A Discord that cannot be reached is tried again; a token that it refuses raises SettingsError.
        """
        await self._log_in()
        await ready()
        await self._recall()
        try:
            await self.client.connect(reconnect=True)
        except discord.ConnectionClosed as error:
            raise SettingsError(_closed(error.code)) from error
        raise SettingsError("Discord ended the connection for good. Please start Starling again.")

    async def _recall(self) -> None:
        """Forms with somebody's words in them are theirs alone, also in this process."""
        if (ears := self._ears) is not None:
            try:
                ears.interactions.recall(await ears.events.unsent("discord"))
            except StoreError as error:  # "Edit" under the refusal opens them all the same
                log.warning("unsent forms could not be looked up", error=error.message)

    async def _log_in(self) -> None:
        wait = 1.0
        self._begun = True
        while True:
            try:
                await self.client.login(self._options.token)
            except discord.LoginFailure as error:
                raise SettingsError(TOKEN_REFUSED) from error
            except (TypeError, KeyError) as error:  # discord.py reads a web page as if it were a user
                raise SettingsError(NOT_DISCORD) from error
            except (discord.HTTPException, aiohttp.ClientError, OSError) as error:
                await self.client.http.close()  # a login that failed leaves its session open ...
                self.client.http.connector = (
                    discord.utils.MISSING
                )  # ... and the next one would use what is closed
                log.warning("Discord cannot be reached", error=type(error).__name__, again_in=wait)
                await self._clock.sleep(wait)
                wait = min(wait * 2, LONGEST_WAIT)
            else:
                return

    async def drain(self) -> None:
        await self.client.drain()

    async def healthy(self) -> bool:
        """For /readyz: every shard of this process has a live connection."""
        shards = self.client.shards
        with contextlib.suppress(AttributeError):
            return self.client.is_ready() and all(not s.is_closed() for s in shards.values())
        return False


def _closed(code: int) -> str:
    """Why Discord closed the gateway, for the codes after which there is no coming back."""
    return {
        4004: "discord.token: Discord does not accept this token any more. Reset it in the developer portal.",
        4010: "discord.shard_ids: Discord does not know one of these shards. They count from 0.",
        4011: "discord.shard_count: Discord asks for more shards. Set it to 0 and let Discord say how many.",
        4012: "This version of discord.py speaks an outdated gateway version. Please update Starling.",
        4013: "Discord does not know an intent that Starling asked for. Please report this.",
        4014: "Discord refused an intent that Starling asked for. It needs no privileged one: please report this.",
    }.get(code, f"Discord closed the connection for good (code {code}).")
