"""``starling check``: settings, database, packs, platforms, coach, looked at before a start, or beside what runs."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from bot import check_kept, check_outbox
from bot.build import open_store
from bot.config import redacted
from bot.settings import Settings
from core.catalogue import registry
from core.doctor.sending import sending
from core.errors import StarlingError
from core.packs.check import check_pack
from core.packs.load import starter_files, starter_rubrics
from core.plain import clean_line
from core.store import boards, deliveries
from core.store.engine import Store, database_url, place
from core.store.migrate import state

if TYPE_CHECKING:
    import discord

DISCORD_SECONDS = 10.0  # for all that is asked of Discord: nobody waits longer for a check


async def check(settings: Settings, say: Callable[[str], None]) -> bool:
    """Print one line for each thing looked at; True when nothing is wrong."""
    good = True
    say("Settings: read.")
    for key, value in redacted(settings).items():
        say(f"  {key} = {value}")
    try:
        good &= await _database(settings, say)
    except StarlingError as error:
        say(f"Database: {error.message}")
        good = False
    good &= check_kept.look(settings, say)
    good &= _packs(say)
    good &= await _discord(settings, say)
    good &= await _slack(settings, say)
    good &= await _coach(settings, say)
    say("All is well." if good else "Something is to be seen to: see above.")
    return good


async def _discord(settings: Settings, say: Callable[[str], None]) -> bool:
    """Whether Discord takes the token; what to click next."""
    token = settings.discord.token.get_secret_value()
    if not token:
        say("Discord: off.")
        return True
    # discord.py takes a moment to load, and not everybody has a bot there
    from adapters.discord.addresses import point
    from adapters.discord.sync import visit

    point(settings.discord.api_base_url, settings.discord.gateway_url, settings.discord.cdn_base_url)
    try:
        async with visit(token, settings.discord.proxy, DISCORD_SECONDS) as client:
            return await _application(client, say)
    except StarlingError as error:
        say(f"Discord: {error.message}")
        return False


async def _slack(settings: Settings, say: Callable[[str], None]) -> bool:
    if not settings.slack.tokens:
        say("Slack: off.")
        return True
    from bot.check_slack import check_slack  # slack_bolt takes a moment to load, too

    return await check_slack(settings, say)


async def _coach(settings: Settings, say: Callable[[str], None]) -> bool:
    if not settings.coach.base_url:
        say("Coach: off. Nothing that members write leaves this machine.")
        return True
    from bot.check_coach import check_coach  # aiohttp takes a moment to load, too

    return await check_coach(settings.coach, say)


async def _application(client: discord.Client, say: Callable[[str], None]) -> bool:
    from adapters.discord.commands import Tree
    from adapters.discord.invite import invite_url, personal_url, unneeded_intents
    from adapters.discord.sync import register

    application, name = client.application, client.user.display_name if client.user else ""
    if application is None:
        raise StarlingError("Discord did not say whose token this is.")
    say(f"Discord: the token is that of “{clean_line(name)}”.")
    say(f"  Invite it to a server with: {invite_url(application.id)}")
    say(f"  For oneself alone, without a server: {personal_url(application.id)}")
    if intents := unneeded_intents(application.flags.value):
        say(
            f"  Switched on and not needed: {', '.join(intents)}. Starling asks for no privileged intent: switch "
            "it off in the developer portal, on the page “Bot”."
        )
    changes = await register(client, Tree(registry()).payload, dry=True)
    do = "A start registers them; so does: starling sync"
    if not changes:
        say(f"  Commands: all {len(changes.unchanged)} are registered.")
    elif not (changes.changed or changes.removed or changes.unchanged):
        say(f"  Commands: not registered yet. {do}")
    else:
        say(f"  Commands differ from what is registered ({changes.words}). {do}")
    if application.interactions_endpoint_url:
        say(
            "  The application has an Interactions Endpoint URL, so Discord sends commands there and not to "
            "Starling. Remove it in the developer portal, on the page “General Information”."
        )
        return False
    return True


async def _database(settings: Settings, say: Callable[[str], None]) -> bool:
    async with Store(database_url(settings.database.url)) as store:
        found = await state(store)
        where = f"{store.kind} at {place(store.url)}"
    if found == "blank":
        say(f"Database: {where} is not there yet; the first start makes it.")
        return True
    if found == "old":
        say(f"Database: {where} is of an older version. Run: starling migrate")
        return False
    async with open_store(settings, alone=False, migrate=False) as store, store.read() as tx:
        waiting = await deliveries.counts(tx)
        drift = await boards.recount(tx)
        senders = await sending(tx, store, datetime.now(UTC))
        say(f"Database: {where} is fine.")
        if waiting:
            say("Outbox: " + ", ".join(f"{n} {s}" for s, n in sorted(waiting.items())) + ".")
        await check_outbox.look(tx, datetime.now(UTC), say)
    for line in senders.lines if senders is not None else ():
        say(f"Sending: {line}.")
    for scope in senders.left_alone if senders is not None else ():  # before a start that is as it should be
        say(f"Sending: nobody for {clean_line(scope)}, where something has waited for a minute.")
    if drift:
        say(f"Points: {len(drift)} sums disagree with their points; the nightly recount makes them again.")
    return not drift


def _packs(say: Callable[[str], None]) -> bool:
    rubrics = starter_rubrics()
    problems = [p for name, source in starter_files().items() for p in check_pack(source, name, rubrics)]
    for problem in problems:
        say(f"Packs: {problem}")
    if not problems:
        say(f"Packs: {len(starter_files())} shipped packs are fine.")
    return all(p.severity != "error" for p in problems)
