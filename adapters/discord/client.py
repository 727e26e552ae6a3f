"""The connection to Discord: discord.py's client with our ears. It decides nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass
from typing import Any

import discord
import structlog
import yarl

from adapters.discord.hearing import Hearing
from adapters.discord.interactions import Interactions
from core.events import Events

log = structlog.get_logger(__name__)

DRAIN = 5.0  # seconds that work under way gets to end when Starling stops

SERVERS_WITHIN = 2.0  # seconds without another server after which all have been told (discord.py's default)

# Servers, channels and roles, to know what may be done where; direct messages, to hear answers. Both are free
# for every bot. What members say in servers is none of Starling's business.
INTENTS = discord.Intents(guilds=True, dm_messages=True)


@dataclass(frozen=True, slots=True)
class Ears:
    """What listens to a client, made when core is there."""

    interactions: Interactions
    hearing: Hearing
    events: Events


class Client(discord.AutoShardedClient):
    """All shards, or those it is told. Deaf until ``listen``."""

    def __init__(self, *, shard_ids: tuple[int, ...], shard_count: int, proxy: str) -> None:
        # discord.py refuses ids without a count, and None for "all of them".
        shards: dict[str, Any] = {"shard_count": shard_count or None}
        if shard_ids:
            shards["shard_ids"] = list(shard_ids)
        super().__init__(
            intents=INTENTS,
            proxy=proxy or None,
            max_messages=None,
            member_cache_flags=discord.MemberCacheFlags.none(),
            chunk_guilds_at_startup=False,
            guild_ready_timeout=SERVERS_WITHIN,
            allowed_mentions=discord.AllowedMentions.none(),
            **shards,
        )
        self._ears: Ears | None = None
        self._at_work: set[asyncio.Task[None]] = set()

    def listen(self, ears: Ears) -> None:
        self._ears = ears

    async def launch_shards(self) -> None:
        """As many shards as Discord recommends, at the gateway of the settings.

        discord.py would go to the gateway that Discord names in the same answer, past an operator's own.
        """
        if not self.shard_count:  # None until somebody says
            self.shard_count, _, _ = await self.http.get_bot_gateway()
        await super().launch_shards()

    def takes(self, server_id: str) -> bool:
        """Whether this process hears of that server: another one may have its shard."""
        shards = self.shard_ids or range(self.shard_count or 1)
        return (int(server_id) >> 22) % (self.shard_count or 1) in shards

    async def drain(self) -> None:
        """Hear nothing new, and give what is under way a moment to end."""
        self._ears = None
        if self._at_work:
            _, left = await asyncio.wait(self._at_work, timeout=DRAIN)
            for task in left:
                task.cancel()
            if left:
                log.warning("cut off while stopping", tasks=len(left))
                await asyncio.wait(left, timeout=1)

    async def fetch(self, url: str) -> bytes:
        """A file that somebody handed in, from Discord's CDN or the operator's address for it."""
        return await self.http.get_from_cdn(str(_at_cdn(url)))

    # --- what Discord says ----------------------------------------------------------------------------

    async def on_interaction(self, interaction: discord.Interaction[Any]) -> None:
        if self._ears is not None:
            await self._whole(self._ears.interactions.handle(interaction))

    async def on_message(self, message: discord.Message) -> None:
        if self._ears is not None:
            await self._whole(self._ears.hearing.message(message))

    async def on_shard_connect(self, shard_id: int) -> None:
        """A session of its own, not a resumed one: direct messages (shard 0) may have been missed before it."""
        if self._ears is not None and shard_id == 0:
            self._ears.hearing.gap()

    async def on_ready(self) -> None:
        log.info("connected to Discord", servers=len(self.guilds), shards=self.shard_count)
        ears = self._ears
        if ears is None:
            return
        present = [str(g.id) for g in self.guilds]
        try:
            await self._whole(ears.events.present_on("discord", present, ours=self.takes))
        finally:  # whatever the database says to that: what members wrote meanwhile is still to be read
            await self._whole(ears.hearing.catch_up())

    async def on_guild_join(self, guild: discord.Guild) -> None:
        """A new server, or one that Starling was removed from and is back in."""
        log.info("added to a server", server=guild.id)
        if self._ears is not None:
            here = str(guild.id)
            await self._whole(
                self._ears.events.present_on("discord", [here], ours=lambda other: other == here)
            )

    async def on_guild_remove(self, guild: discord.Guild) -> None:
        log.info("removed from a server", server=guild.id)
        if self._ears is not None:
            await self._whole(self._ears.events.removed_from("discord", str(guild.id)))

    async def on_error(self, event_method: str, /, *args: Any, **kwargs: Any) -> None:
        log.exception("an event of Discord could not be handled", doing=event_method)

    async def _whole(self, work: Coroutine[Any, Any, None]) -> None:
        """Do ``work`` as a task that ``drain`` waits for."""
        task = asyncio.ensure_future(work)
        self._at_work.add(task)
        task.add_done_callback(self._at_work.discard)
        await task


def _at_cdn(url: str) -> yarl.URL:
    """``url`` at the address that the settings give for files, when they give one."""
    theirs, ours = yarl.URL(url), yarl.URL(discord.asset.Asset.BASE)
    if theirs.host in ("cdn.discordapp.com", "media.discordapp.net") and ours.host != theirs.host:
        return theirs.with_scheme(ours.scheme).with_host(ours.host or "").with_port(ours.port)
    return theirs
