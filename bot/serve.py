"""``starling run``: the service. This version knows the console only; Discord and Slack bring their adapters."""

from __future__ import annotations

from bot.build import open_store
from bot.settings import Settings
from core.errors import SettingsError


async def serve(settings: Settings) -> None:
    """Open the database as the service would, then refuse: there is no platform to serve yet."""
    async with open_store(settings, alone=True):
        raise SettingsError(
            "This version of Starling speaks on the console only, so there is nothing for “run” to serve. "
            "Practise with: starling console"
        )
