"""Discord's sender on the real discord.py client, logged in to the local double."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

import discord
from discord_double import DiscordDouble, hurried, pointed_at
from discord_double_world import Channel, Guild, Json, User

from adapters.clock import SystemClock
from adapters.discord.pace import Pace
from adapters.discord.sender import DiscordSender
from core.ports import Clock, Target
from core.views import Button, Buttons, Message, Text

POSTS = r"^/channels/\d+/messages$"
KEY = "d12h3"
CARD = Message(
    (
        Text(("Tell me about a conflict.",), style="title"),
        Text(("Behavioural, about 5 minutes",), style="note"),
        Buttons((Button("Answer", "answer:prompt=d12", "primary"), Button("Clarify", "clarify:prompt=d12"))),
    ),
    private=False,
    track="behavioural",
)


@dataclass
class Bench:
    double: DiscordDouble
    client: discord.Client
    pace: Pace
    sender: DiscordSender
    guild: Guild
    channel: Channel
    ada: User

    @property
    def there(self) -> Target:
        return Target("discord", "discord", server_id=str(self.guild.id), channel_id=str(self.channel.id))

    @property
    def to_ada(self) -> Target:
        return Target("discord", "discord", user_id=str(self.ada.id))

    @property
    def shown(self) -> list[Json]:
        """What stands in the channel."""
        return self.double.messages(self.channel)

    @asynccontextmanager
    async def connected(self) -> AsyncIterator[None]:
        """With the gateway, too."""
        task = asyncio.create_task(self.client.connect())
        await self.client.wait_until_ready()
        try:
            yield
        finally:
            await self.client.close()
            with suppress(discord.ClientException):
                await task


@asynccontextmanager
async def benched(
    *, clock: Clock | None = None, patience: float = 20.0, per_second: int = 500, contacts: int = 10
) -> AsyncIterator[Bench]:
    """A server with a channel and a member. What Discord would refuse must not have been sent at the end."""
    async with await DiscordDouble.start() as double:
        guild = await double.add_guild()
        channel = await double.add_channel(guild)
        ada = double.add_member(guild, "Ada")
        with pointed_at(double), hurried():
            client = discord.Client(intents=discord.Intents(guilds=True))
            pace = Pace(clock or SystemClock(), per_second=per_second, first_contacts_a_minute=contacts)
            sender = DiscordSender(client, pace, patience=patience)
            await client.login(double.token)
            try:
                yield Bench(double, client, pace, sender, guild, channel, ada)
            finally:
                await client.close()
        assert double.violations == []
