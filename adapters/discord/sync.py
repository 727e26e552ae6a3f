"""Telling Discord which commands there are, and looking first whether it knows already."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import aiohttp
import discord

from adapters.discord.commands import MESSAGE_ACTION, SLASH
from core.errors import SettingsError, StarlingError

Json = dict[str, Any]

TOKEN_REFUSED = (
    "discord.token: Discord does not know this token. Copy it anew from the developer portal: your application, "
    "“Bot”, “Reset Token”."
)
NOT_DISCORD = "What answers is not Discord. Look at discord.api_base_url: it ends in /api/v10."
DETAIL = 300  # characters of Discord's own words that are shown
_GLOBAL_ONLY = ("contexts", "integration_types")


class DiscordError(StarlingError):
    """Discord could not be reached, or refused what was asked."""


@dataclass(frozen=True, slots=True)
class Changes:
    """What differs between what is registered and what should be; commands by the names people see."""

    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    unchanged: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.added or self.changed or self.removed)

    @property
    def words(self) -> str:
        """ "added: /today; removed: /old; 12 unchanged" """
        named = (("added", self.added), ("changed", self.changed), ("removed", self.removed))
        parts = [f"{what}: {', '.join(names)}" for what, names in named if names]
        return "; ".join([*parts, f"{len(self.unchanged)} unchanged"])


async def register(
    client: discord.Client, tree: Sequence[Json], *, server: int | None = None, dry: bool = False
) -> Changes:
    """Make ``tree`` what Discord has: everywhere, or in ``server`` beside what is there everywhere.

    ``client`` is logged in. Nothing is sent where nothing differs, and nothing with ``dry``. Raises
    SettingsError for a token that Discord refuses, else DiscordError.
    """
    http, application = client.http, client.application_id
    if application is None:
        raise DiscordError("The connection to Discord is not open yet.")
    body = [_for_server(each) for each in tree] if server is not None else list(tree)
    with plainly():
        known: Sequence[Any] = await (
            http.get_global_commands(application)
            if server is None
            else http.get_guild_commands(application, server)
        )
        if not isinstance(known, list):  # discord.py hands on a web page as text
            raise DiscordError(NOT_DISCORD)
        changes = compare(known, body)
        if changes and not dry:
            await (
                http.bulk_upsert_global_commands(application, body)
                if server is None
                else http.bulk_upsert_guild_commands(application, server, body)
            )
    return changes


def compare(known: Iterable[Mapping[str, Any]], wanted: Iterable[Mapping[str, Any]]) -> Changes:
    """``known`` as Discord tells it (with ids and defaults), ``wanted`` as we send it. Their order does not matter."""
    before = {(each.get("type", SLASH), each["name"]): each for each in known}
    after = {(each.get("type", SLASH), each["name"]): each for each in wanted}
    # What is registered for one server has no word on where it is shown.
    in_server = any("guild_id" in each for each in before.values())
    same = {
        key
        for key, each in after.items()
        if key in before and _plain(each, in_server) == _plain(before[key], in_server)
    }
    return Changes(
        added=tuple(_shown(key) for key in after if key not in before),
        changed=tuple(_shown(key) for key in after if key in before and key not in same),
        removed=tuple(_shown(key) for key in before if key not in after),
        unchanged=tuple(_shown(key) for key in after if key in same),
    )


def _shown(key: tuple[int, str]) -> str:
    kind, name = key
    return f"/{name}" if kind == SLASH else f"“{name}”"


def _for_server(command: Json) -> Json:
    """Discord knows these of commands that are registered everywhere, and of no others."""
    return {key: value for key, value in command.items() if key not in _GLOBAL_ONLY}


def _plain(command: Mapping[str, Any], in_server: bool) -> Json:
    """What counts about a command, whoever wrote it down: Discord adds ids, and leaves out what is usual."""
    rights = command.get("default_member_permissions")
    reach = {} if in_server else {key: sorted(command.get(key) or ()) for key in _GLOBAL_ONLY}
    return {
        "description": "" if command.get("type") == MESSAGE_ACTION else command.get("description") or "",
        "rights": None if rights is None else str(rights),
        "nsfw": bool(command.get("nsfw")),
        "options": [_plain_option(each) for each in command.get("options") or ()],
        **reach,
    }


def _plain_option(option: Mapping[str, Any]) -> Json:
    bounds = ("min_value", "max_value", "min_length", "max_length")
    return {
        "type": option["type"],
        "name": option["name"],
        "description": option.get("description") or "",
        "required": bool(option.get("required")),
        "autocomplete": bool(option.get("autocomplete")),
        "choices": [(c["name"], c["value"]) for c in option.get("choices") or ()],
        "channel_types": sorted(option.get("channel_types") or ()),
        "options": [_plain_option(each) for each in option.get("options") or ()],
        **{key: option.get(key) for key in bounds},
    }


# --- a connection for a moment ----------------------------------------


@contextlib.asynccontextmanager
async def visit(token: str, proxy: str, seconds: float) -> AsyncIterator[discord.Client]:
    """A client that is logged in and hears nothing, for ``seconds`` at most. ``point`` was called before.

    Raises SettingsError for a token that Discord refuses, DiscordError when it cannot be reached in time.
    """
    # Without this intent discord.py warns; nothing is heard anyway, because the gateway is never entered.
    client = discord.Client(intents=discord.Intents(guilds=True), proxy=proxy or None, max_messages=None)
    try:
        with plainly():
            async with asyncio.timeout(seconds):
                await _log_in(client, token)
                yield client
    finally:
        await client.close()


async def _log_in(client: discord.Client, token: str) -> None:
    try:
        await client.login(token)
    except aiohttp.ClientError:
        raise  # one about a certificate is a ValueError as well
    except (TypeError, KeyError, ValueError) as error:  # discord.py reads a web page as if it were a user
        raise DiscordError(NOT_DISCORD) from error


@contextlib.contextmanager
def plainly() -> Iterator[None]:
    """discord.py's and the network's errors become ours: a sentence for the operator that says what to do."""
    try:
        yield
    except (discord.DiscordException, aiohttp.ClientError, OSError) as error:
        raise explained(error) from error


def explained(error: Exception) -> StarlingError:
    """``error`` in words for an operator. TimeoutError is an OSError."""
    if isinstance(error, discord.LoginFailure):
        return SettingsError(TOKEN_REFUSED)
    if not isinstance(error, discord.HTTPException):
        why = "no answer in time" if isinstance(error, TimeoutError) else _network(error)
        return DiscordError(
            f"Discord cannot be reached ({why}). Look at the network, and at discord.proxy and "
            "discord.api_base_url if you have set them."
        )
    if error.status == 401:
        return SettingsError(TOKEN_REFUSED)
    if error.status == 429:
        return DiscordError("Discord asks for fewer requests. Please try again in some minutes.")
    if error.status >= 500:
        return DiscordError(f"Discord has trouble (HTTP {error.status}). Please try again in some minutes.")
    if error.code in (50001, 10004):
        return DiscordError(
            "Starling is not in that server, or was invited without the scope applications.commands. "
            "Invite it with the link that `starling check` prints."
        )
    said = " ".join(str(error.text).split())[:DETAIL]
    return DiscordError(f"Discord refused this (HTTP {error.status}, code {error.code}): {said}")


def _network(error: Exception) -> str:
    """A word on what went wrong, without an address that may hold a proxy's password."""
    if isinstance(error, aiohttp.ClientProxyConnectionError):
        return "the proxy does not answer"
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return "its name is not found"
    if isinstance(error, aiohttp.ClientConnectorCertificateError):
        return "its certificate is not one that this machine trusts"
    if isinstance(error, aiohttp.ClientSSLError):
        return "no secure connection"
    if isinstance(error, aiohttp.ClientConnectorError) and (error.os_error.errno or 0) > 0:
        return os.strerror(error.os_error.errno or 0).lower()
    return type(error).__name__
