"""Where discord.py sends its requests: an operator's proxy, a firewall's gate, or Discord itself."""

from __future__ import annotations

import discord
import yarl
from discord.asset import Asset
from discord.gateway import DiscordWebSocket
from discord.http import Route


def point(api_base_url: str, gateway_url: str, cdn_base_url: str) -> None:
    """Set the addresses of the whole process: discord.py keeps them on its classes. Call it before login.

    ``api_base_url`` names the version (".../api/v10"). Slashes at the end of any of them do not matter.
    """
    Route.BASE = api_base_url.strip().rstrip("/")
    # A plain client never asks Discord where the gateway is, so the REST address alone would not do.
    DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(gateway_url.strip().rstrip("/") + "/")
    Asset.BASE = cdn_base_url.strip().rstrip("/")
    # Starling never speaks: no operator has to read at every start which libraries for voice are missing.
    discord.VoiceClient.warn_nacl = discord.VoiceClient.warn_dave = False
