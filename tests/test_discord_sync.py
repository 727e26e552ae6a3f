"""Commands are registered with the real discord.py over real sockets: only what differs, said in plain words."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import Any

import discord
import pytest
import yarl
from discord import app_commands
from discord.asset import Asset
from discord.gateway import DiscordWebSocket
from discord.http import Route
from discord_double import DiscordDouble
from discord_double_stage import hurried, pointed_at
from discord_double_world import Json
from structlog.testing import capture_logs

from adapters.discord.addresses import point
from adapters.discord.commands import Tree
from adapters.discord.invite import PERMISSIONS, RIGHTS, invite_url, personal_url, unneeded_intents
from adapters.discord.sync import Changes, DiscordError, compare, register, visit
from bot.config import load
from bot.settings import Settings
from bot.sync import sync, sync_if_changed
from core.call import Call
from core.catalogue import registry
from core.commands import Command, Kind, Option, Registry
from core.errors import SettingsError
from core.store import facts
from core.store.engine import Store
from core.views import Choice, View, say

TOKEN = "a.local.token"
FULL = Tree(registry()).payload


async def _nothing(call: Call) -> View:
    return say("Done.")


def some(*paths: str, **changes: Any) -> list[Json]:
    return Tree(Registry([Command(path, "Does it.", _nothing, **changes) for path in paths])).payload


@pytest.fixture
async def double() -> AsyncIterator[DiscordDouble]:
    async with await DiscordDouble.start(TOKEN) as started:
        with pointed_at(started):
            yield started


@pytest.fixture
async def client(double: DiscordDouble) -> AsyncIterator[discord.Client]:
    async with visit(TOKEN, "", 10) as visiting:
        yield visiting


def settings_for(double: DiscordDouble, token: str = TOKEN, api: str = "") -> Settings:
    return load(
        None,
        {
            "STARLING_DISCORD__TOKEN": token,
            "STARLING_DISCORD__API_BASE_URL": api or f"{double.api}/",
            "STARLING_DISCORD__GATEWAY_URL": double.gateway_url,
        },
        {},
    )


def puts(double: DiscordDouble) -> list[str]:
    return [each.path.partition("/applications/")[2].partition("/")[2] for each in double.asked("PUT", ".")]


# --- addresses ----------------------------------------


@pytest.mark.parametrize("end", ["", "/", "//"])
def test_addresses_may_end_in_slashes(end: str, double: DiscordDouble) -> None:
    point(f"http://proxy:8080/api/v10{end}", f"ws://gate:81{end}", f"http://files{end}")
    assert Route("GET", "/users/@me").url == "http://proxy:8080/api/v10/users/@me"
    assert yarl.URL("ws://gate:81/") == DiscordWebSocket.DEFAULT_GATEWAY
    assert Asset.BASE == "http://files"


# --- what differs ----------------------------------------


async def test_what_is_registered_once_is_not_sent_again(
    client: discord.Client, double: DiscordDouble
) -> None:
    first = await register(client, FULL)
    assert len(first.added) == len(FULL) and not (first.changed or first.removed or first.unchanged)
    again = await register(client, FULL)
    assert not again and len(again.unchanged) == len(FULL)
    assert puts(double) == ["commands"] and double.violations == []


async def test_discord_py_reads_what_was_registered(client: discord.Client) -> None:
    await register(client, FULL)
    known = await app_commands.CommandTree(client).fetch_commands()
    assert sorted(each.name for each in known) == sorted(each["name"] for each in FULL)
    setup = next(each for each in known if each.name == "setup")
    assert setup.default_member_permissions == discord.Permissions(manage_guild=True)


async def test_what_changed_is_told_by_the_names_people_see(
    client: discord.Client, double: DiscordDouble
) -> None:
    before = some("today", "old", "me show") + some("read", message_action="Read this", listed=False)
    after = some("today", "new", "me show", "me hide") + some("look", message_action="Look", listed=False)
    await register(client, before)
    planned = await register(client, after, dry=True)
    assert len(puts(double)) == 1, "a dry run sends nothing"
    changes = await register(client, after)
    assert changes == planned
    assert changes.words == "added: /new, “Look”; changed: /me; removed: /old, “Read this”; 1 unchanged"
    assert [each["name"] for each in double.world.commands[0]] == ["today", "new", "me", "Look"]


async def test_one_server_can_have_its_own_and_the_rest_is_left_alone(
    client: discord.Client, double: DiscordDouble
) -> None:
    guild = await double.add_guild()
    await register(client, some("today"))
    assert (await register(client, FULL, server=guild.id)).added
    assert not await register(client, FULL, server=guild.id)
    assert all("contexts" not in each for each in double.world.commands[guild.id])
    assert [each["name"] for each in double.world.commands[0]] == ["today"]
    assert (await register(client, [], server=guild.id)).removed
    assert double.world.commands[guild.id] == [] and double.violations == []


def told_by_discord(command: Json) -> Json:
    """As Discord's API tells a command: ids, a right as a string, lists in its order, nothing that is usual."""
    told = {
        **command,
        "id": "1",
        "application_id": "2",
        "version": "3",
        "nsfw": False,
        "dm_permission": True,
        "name_localizations": None,
        "description_localizations": None,
        "contexts": list(reversed(command["contexts"])),
    }
    rights = command["default_member_permissions"]
    told["default_member_permissions"] = None if rights is None else str(rights)

    def usual_left_out(options: Sequence[Json]) -> list[Json]:
        return [
            {k: v for k, v in o.items() if v and k != "options"}
            | ({"options": usual_left_out(o["options"])} if o.get("options") else {})
            | {k: o[k] for k in ("min_value", "max_value") if k in o}
            for o in options
        ]

    options = usual_left_out(command.get("options") or ())
    told.pop("options", None)
    return told | ({"options": options} if options else {}) | {"description": command.get("description", "")}


def test_what_discord_adds_and_leaves_out_is_no_difference() -> None:
    changes = compare(map(told_by_discord, reversed(FULL)), FULL)
    assert not changes and len(changes.unchanged) == len(FULL)


CHOICES = (Choice("One", "1"), Choice("Two", "2"))
BASE = Option("o", "h", Kind.NUMBER, least=0, most=9)


@pytest.mark.parametrize(
    "other",
    [
        Option("p", "h", Kind.NUMBER, least=0, most=9),
        Option("o", "H", Kind.NUMBER, least=0, most=9),
        Option("o", "h", Kind.NUMBER, least=1, most=9),
        Option("o", "h", Kind.NUMBER, least=0),
        Option("o", "h", Kind.NUMBER, least=0, most=9, required=True),
        Option("o", "h", Kind.TEXT, least=0, most=9),
        Option("o", "h", Kind.CHOICE, choices=CHOICES),
        Option("o", "h", Kind.MANY, choices=CHOICES),
    ],
    ids=lambda option: f"{option.name}-{option.help}-{option.kind}-{option.least}-{option.most}",
)
def test_each_detail_of_an_option_is_a_difference(other: Option) -> None:
    one, two = (some("do", options=(each,)) for each in (BASE, other))
    assert compare(map(told_by_discord, one), two).changed == ("/do",)
    assert not compare(map(told_by_discord, two), two)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("contexts", [0]),
        ("integration_types", [0]),
        ("default_member_permissions", "32"),
        ("description", "Another."),
        ("nsfw", True),
    ],
)
def test_each_detail_of_a_command_is_a_difference(key: str, value: object) -> None:
    known = [told_by_discord(each) | {key: value} for each in some("do")]
    assert compare(known, some("do")).changed == ("/do",)


# --- what goes wrong ----------------------------------------


async def test_a_wrong_token_is_named_by_its_key(double: DiscordDouble) -> None:
    with pytest.raises(SettingsError, match=r"discord\.token.*Reset Token"):
        async with visit("another.token", "", 10):
            pass


@pytest.mark.parametrize(
    ("how", "words"),
    [
        ("503", "has trouble"),
        ("429-no-via", "fewer requests"),
        ("50001", "not in that server"),
        ("50013", "refused this"),
        ("reset", "cannot be reached"),
    ],
)
async def test_what_discord_refuses_is_a_sentence(
    how: str, words: str, client: discord.Client, double: DiscordDouble
) -> None:
    double.fail("PUT", "/commands", times=5, how=how)
    with pytest.raises(DiscordError, match=words):
        await register(client, FULL)


async def test_a_passing_bad_gateway_is_sat_out(client: discord.Client, double: DiscordDouble) -> None:
    double.fail("PUT", "/commands", times=2)
    with hurried():
        assert (await register(client, FULL)).added
    assert len(double.world.commands[0]) == len(FULL)


async def test_why_there_is_no_connection_is_said_without_numbers_or_addresses(double: DiscordDouble) -> None:
    for base, why in (
        ("http://127.0.0.1:9/api/v10", "(connection refused)"),
        (double.api.replace("http:", "https:"), "(no secure connection)"),
        ("http://starling.invalid/api/v10", "(its name is not found)"),
    ):
        Route.BASE = base
        with pytest.raises(DiscordError) as raised:
            async with visit(TOKEN, "", 10):
                pass
        assert why in raised.value.message
    Route.BASE = double.api
    with pytest.raises(DiscordError, match="the proxy does not answer") as raised:
        async with visit(TOKEN, "http://ana:hush@127.0.0.1:9", 10):
            pass
    assert "hush" not in raised.value.message


async def test_nobody_at_the_address_and_a_silent_one_are_told_in_time(double: DiscordDouble) -> None:
    Route.BASE = "http://127.0.0.1:9/api/v10"
    with pytest.raises(DiscordError, match="cannot be reached"):
        async with visit(TOKEN, "", 10):
            pass

    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    server = await asyncio.start_server(silent, "127.0.0.1", 0)
    async with server:
        Route.BASE = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/api/v10"
        with pytest.raises(DiscordError, match="no answer in time"):
            async with visit(TOKEN, "", 0.3):
                pass


async def test_a_web_page_in_discords_place_is_told_from_it(double: DiscordDouble) -> None:
    async def page(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        body = b"<h1>Please sign in</h1>"
        head = f"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: {len(body)}\r\n"
        writer.write(f"{head}Connection: close\r\n\r\n".encode() + body)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(page, "127.0.0.1", 0)
    async with server:
        Route.BASE = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        with pytest.raises(DiscordError, match=r"not Discord.*api_base_url"):
            async with visit(TOKEN, "", 10):
                pass


# --- the verb ----------------------------------------


async def test_the_verb_says_what_changed(double: DiscordDouble) -> None:
    said: list[str] = []
    settings = settings_for(double)
    await sync(settings, said.append, server=None, dry=True)
    assert double.world.commands[0] == [] and said[0].startswith("Would change everywhere: added: /help")
    await sync(settings, said.append, server=None, dry=False)
    await sync(settings, said.append, server=None, dry=False)
    assert said[2:] == [f"Commands everywhere: {len(FULL)} unchanged."]


async def test_for_one_server_the_verb_says_how_to_take_it_back(double: DiscordDouble) -> None:
    guild, said = await double.add_guild(), list[str]()
    settings = settings_for(double)
    await sync(settings, said.append, server=guild.id, dry=False)
    assert len(double.world.commands[guild.id]) == len(FULL) and double.world.commands[0] == []
    assert said[-1].endswith(f"starling sync --server {guild.id} --remove")
    await sync(settings, said.append, server=guild.id, dry=False, remove=True)
    assert double.world.commands[guild.id] == [] and "removed: /help" in said[-1]


async def test_the_verb_wants_a_token_and_removes_only_from_a_server(double: DiscordDouble) -> None:
    with pytest.raises(SettingsError, match=r"discord\.token is empty"):
        await sync(settings_for(double, token=""), print, server=None, dry=False)
    with pytest.raises(SettingsError, match="--server"):
        await sync(settings_for(double), print, server=None, dry=False, remove=True)


# --- at start ----------------------------------------


async def test_a_start_registers_once_and_then_only_what_changed(
    client: discord.Client, double: DiscordDouble, store: Store
) -> None:
    commands = Registry([Command("today", "Does it.", _nothing)])
    await sync_if_changed(client, store, commands)
    async with store.read() as tx:
        kept = await facts.meta_of(tx, f"discord.commands.{client.application_id}")
    assert kept == Tree(commands).fingerprint
    asked = len(double.requests)
    await sync_if_changed(client, store, commands)
    assert len(double.requests) == asked, "nothing changed, so nothing is asked"
    commands.add(Command("new", "Does it.", _nothing))
    await sync_if_changed(client, store, commands)
    assert [each["name"] for each in double.world.commands[0]] == ["today", "new"]


@pytest.mark.parametrize("how", ["503", "reset", "50001"])
async def test_a_start_goes_on_when_registering_fails_and_the_next_one_tries_again(
    how: str, client: discord.Client, double: DiscordDouble, store: Store
) -> None:
    commands = Registry([Command("today", "Does it.", _nothing)])
    double.fail("PUT", "/commands", times=5, how=how)
    with capture_logs() as logs:
        await sync_if_changed(client, store, commands)
    assert [(each["log_level"], each["do"]) for each in logs] == [("warning", "starling sync")]
    assert TOKEN not in str(logs)
    double.rest.faults.clear()
    await sync_if_changed(client, store, commands)
    assert [each["name"] for each in double.world.commands[0]] == ["today"]


# --- the invitation ----------------------------------------


def test_the_invitation_asks_for_the_stated_rights_and_no_others() -> None:
    link = yarl.URL(invite_url(123))
    assert (link.host, link.path, link.query["client_id"]) == ("discord.com", "/oauth2/authorize", "123")
    assert link.query["scope"] == "bot applications.commands"
    rights = discord.Permissions(int(link.query["permissions"]))
    assert {name for name, held in rights if held} == {
        "read_messages",  # View Channels
        "send_messages",
        "attach_files",
        "read_message_history",
        "create_public_threads",
        "send_messages_in_threads",
    }
    assert all(right.purpose and right.without for right in RIGHTS)
    assert [right.name for right in RIGHTS if right.vital] == ["View Channels", "Send Messages"]
    assert PERMISSIONS & (1 << 3 | 1 << 5 | 1 << 17) == 0
    assert "permissions" not in yarl.URL(personal_url(123)).query


def test_privileged_intents_are_found_in_either_form() -> None:
    flags = discord.ApplicationFlags
    assert unneeded_intents(0) == unneeded_intents(flags(active=True).value) == ()
    assert unneeded_intents(flags(gateway_presence=True).value) == ("Presence Intent",)
    limited = flags(gateway_guild_members_limited=True, gateway_message_content_limited=True)
    assert unneeded_intents(limited.value) == ("Server Members Intent", "Message Content Intent")


def test_nothing_changed_is_no_change() -> None:
    assert not Changes(unchanged=("/today",)) and Changes(removed=("/today",))
