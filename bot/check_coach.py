"""``starling check`` and the coach: one tiny request says whether it is there, has the model and takes the key."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable
from urllib.parse import urlsplit

from adapters.coach import HttpCoach
from bot.settings import Coach
from core.plain import shown
from core.ports import NoReply


async def check_coach(settings: Coach, say: Callable[[str], None]) -> bool:
    """Print what was found; True when the coach can be used. No member's word is sent."""
    key = settings.key.get_secret_value()
    async with HttpCoach(settings.base_url, key, settings.model, settings.timeout_seconds) as coach:
        found = await coach.complete("Reply with the one word: ready", "ready?")
        model = shown(settings.model, 80)
        if isinstance(found, NoReply):
            say(f"Coach: {_wrong(found, coach.host, model, bool(key), settings.timeout_seconds)}")
            return False
        taken = ", and takes the key" if key else ""
        say(f"Coach: the model “{model}” at {coach.host} answers{taken}.")
    if not _is_private(settings.base_url):
        say(
            "  The way there is not encrypted: others on it can read the key and what members wrote. Use https://."
        )
    return True


def _wrong(found: NoReply, host: str, model: str, has_key: bool, seconds: float) -> str:
    match found.reason:
        case "unreachable":
            return f"nobody can be reached at {host} ({found.detail}). Is coach.base_url right, and the server up?"
        case "late":
            return (
                f"{host} did not reply in {seconds:g} s. Members would wait in vain: choose a faster model, or raise "
                "coach.timeout_seconds."
            )
        case "key" if has_key:
            return (
                f"coach.key: {host} does not take this key ({found.detail}). Make a new one there and set it."
            )
        case "key":
            return f"coach.key: {host} asks for a key ({found.detail}), and none is set."
        case "unknown":
            return (
                f"{host} does not take the request ({found.detail}). Is coach.base_url right (it mostly ends in /v1), "
                f"and is there a model “{model}”? Compare both with the server's own documentation."
            )
        case "busy":
            return f"{host} is busy, or something is wrong there ({found.detail}). Try again later."
        case _:
            return (
                f"what {host} replied is no chat completion ({found.detail}). Is coach.base_url right? It mostly "
                "ends in /v1."
            )


def _is_private(base_url: str) -> bool:
    """Whether nobody on the way can read along: it is encrypted, or does not leave this machine."""
    parts = urlsplit(base_url)
    if parts.scheme == "https" or parts.hostname == "localhost":
        return True
    try:
        return ipaddress.ip_address(parts.hostname or "").is_loopback
    except ValueError:
        return False
