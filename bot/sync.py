"""``starling sync``, and what a start does of it: the commands that Discord shows are those that Starling has."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import discord
import structlog

from adapters.discord.addresses import point
from adapters.discord.commands import Tree
from adapters.discord.sync import explained, register, visit
from bot.settings import Settings
from core.catalogue import registry
from core.commands import Registry
from core.errors import SettingsError, StarlingError
from core.store import facts
from core.store.engine import Store

log = structlog.get_logger(__name__)

PATIENCE = 60.0  # seconds for all that ``starling sync`` asks of Discord
PATIENCE_AT_START = 20.0  # a start waits no longer: members can use what is registered already


async def sync(
    settings: Settings, say: Callable[[str], None], *, server: int | None, dry: bool, remove: bool = False
) -> None:
    """Register the commands and print what changed. ``remove`` takes a server's own commands away again."""
    token = settings.discord.token.get_secret_value()
    if not token:
        raise SettingsError(
            "discord.token is empty, so Discord is off. Commands are registered with Discord only: on Slack "
            "they stand in the app's manifest."
        )
    if remove and server is None:
        raise SettingsError("--remove goes with --server: it takes away what was registered for one server.")
    point(settings.discord.api_base_url, settings.discord.gateway_url, settings.discord.cdn_base_url)
    tree = [] if remove else Tree(registry()).payload
    async with visit(token, settings.discord.proxy, PATIENCE) as client:
        changes = await register(client, tree, server=server, dry=dry)
    where = "everywhere" if server is None else f"in server {server}"
    say(f"{'Would change' if dry else 'Commands'} {where}: {changes.words}.")
    if server is not None and tree and not dry:
        say(
            "Members of that server see these beside the ones registered everywhere, so each command twice. "
            f"Take them away again with: starling sync --server {server} --remove"
        )


async def sync_if_changed(client: discord.Client, store: Store, commands: Registry) -> None:
    """Register ``commands`` everywhere when they are others than the last time. ``client`` is logged in.

    What goes wrong is logged and keeps nobody from practising: the next start tries again.
    """
    tree = Tree(commands)
    key = f"discord.commands.{client.application_id}"
    try:
        async with store.read() as tx:
            if await facts.meta_of(tx, key) == tree.fingerprint:
                return
        async with asyncio.timeout(PATIENCE_AT_START):
            changes = await register(client, tree.payload)
        async with store.write() as tx:
            await facts.set_meta(tx, key, tree.fingerprint)
    except (StarlingError, TimeoutError) as error:
        words = error.message if isinstance(error, StarlingError) else explained(error).message
        log.warning("commands were not registered", why=words, do="starling sync")
    else:
        log.info("commands are registered", changes=changes.words)
