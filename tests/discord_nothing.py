"""The yardstick of bench_discord.py: a discord.py bot that acknowledges every interaction and does nothing else."""

from __future__ import annotations

import sys
from typing import Any

import discord
import yarl


class Nothing(discord.AutoShardedClient):
    async def on_interaction(self, interaction: discord.Interaction[Any]) -> None:
        await interaction.response.defer(ephemeral=True, thinking=True)
        await interaction.edit_original_response(content="nothing")


if __name__ == "__main__":
    token, api, gateway = sys.argv[1:]
    discord.http.Route.BASE = api
    discord.gateway.DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(gateway)
    Nothing(intents=discord.Intents(guilds=True, dm_messages=True), shard_count=1).run(
        token, log_handler=None
    )
