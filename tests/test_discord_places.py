"""What Starling may do in which channel, as the real discord.py client knows it from the gateway of the double."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import discord
import pytest
from discord_double import DiscordDouble, hurried, pointed_at
from discord_double_gateway import GUILDS
from discord_double_world import ADMINISTRATOR, ORDINARY, SEND, THREAD, VIEW, Channel, Guild

from adapters.discord.invite import PERMISSIONS, RIGHTS
from adapters.discord.places import MENTION, WHERE, DiscordPlaces
from core.places import missing, noted
from core.ports import Access
from core.text import as_text
from core.views import Message

PUBLIC_THREADS, MENTION_EVERYONE = 1 << 35, 1 << 17
FORUM, VOICE, CATEGORY, STAGE, NEWS = 15, 2, 4, 13, 5


class Bot(discord.Client):
    def __init__(self, **options: Any) -> None:
        super().__init__(intents=discord.Intents(guilds=True), guild_ready_timeout=0.02, **options)

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        return


class Shards(Bot, discord.AutoShardedClient):
    """The same with several shards in one process."""


@asynccontextmanager
async def connected(double: DiscordDouble, kind: type[Bot] = Bot, **options: Any) -> AsyncIterator[Bot]:
    bot = kind(**options)
    with pointed_at(double), hurried():
        task = asyncio.create_task(bot.start(double.token))
        await double.gateway.until("identify")
        await bot.wait_until_ready()
        yield bot
        await bot.close()
        with suppress(discord.ClientException):
            await task


class Server:
    """A server as Starling was invited to it, and what the client's ``DiscordPlaces`` says of its channels."""

    def __init__(self, double: DiscordDouble, guild: Guild, bot: Bot) -> None:
        self.double, self.guild, self.bot = double, guild, bot
        self.places = DiscordPlaces(bot)

    async def channel(self, name: str = "practice", *, denied: int = 0, kind: int = 0) -> Channel:
        channel = await self.double.add_channel(self.guild, name, denied=denied) if kind == 0 else None
        if channel is None:
            world = self.double.world
            channel = Channel(world.snowflake(), kind, name, self.guild)
            world.channels[channel.id] = channel
            await self.tell(
                "CHANNEL_CREATE", world.channel_json(channel) | {"bitrate": 64000, "user_limit": 0}
            )
        await self.known(lambda: self.bot.get_channel(channel.id) is not None)
        return channel

    async def tell(self, event: str, data: dict[str, Any]) -> None:
        await self.double.gateway.dispatch(event, data, self.guild, GUILDS)

    async def known(self, done: Any) -> None:
        """Until the gateway's word has arrived."""
        async with asyncio.timeout(5):
            while not done():
                await asyncio.sleep(0.002)

    async def access(self, channel: Channel | str, **more: Any) -> Access:
        number = channel if isinstance(channel, str) else str(channel.id)
        found = await self.places.access(str(self.guild.id), number, **more)
        assert found is not None
        return found

    async def lacks(self, channel: Channel, **more: Any) -> list[str]:
        return [lack.right for lack in (await self.access(channel, **more)).lacks]

    async def role(self, **more: Any) -> discord.Role:
        number = await self.double.add_role(self.guild, "owls")
        guild = self.bot.get_guild(self.guild.id)
        assert guild is not None
        await self.known(lambda: guild.get_role(number))
        role = guild.get_role(number)
        assert role is not None
        return role


@asynccontextmanager
async def invited(permissions: int) -> AsyncIterator[Server]:
    async with await DiscordDouble.start() as double:
        guild = await double.add_guild(permissions=permissions)
        async with connected(double) as bot:
            yield Server(double, guild, bot)


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    async with invited(PERMISSIONS) as made:
        yield made


async def test_a_channel_with_every_right_lacks_nothing_and_has_its_name(server: Server) -> None:
    channel = await server.channel()
    assert await server.access(channel) == Access("#practice", where=WHERE)
    assert await server.lacks(channel, thread=True) == []


@pytest.mark.parametrize(
    ("denied", "lacking", "with_thread"),
    [
        (VIEW, ["View Channel"], []),
        (SEND, ["Send Messages"], []),
        (VIEW | SEND, ["View Channel", "Send Messages"], []),
        (1 << 15 | 1 << 16, ["Attach Files", "Read Message History"], []),
        (PUBLIC_THREADS, [], ["Create Public Threads"]),
        (1 << 38, [], ["Send Messages in Threads"]),
    ],
)
async def test_exactly_the_rights_that_were_taken_away_are_lacking(
    server: Server, denied: int, lacking: list[str], with_thread: list[str]
) -> None:
    channel = await server.channel(denied=denied)
    assert await server.lacks(channel) == lacking
    assert await server.lacks(channel, thread=True) == lacking + with_thread


async def test_each_lack_says_what_it_is_for_and_whether_anything_comes_without_it(server: Server) -> None:
    found = await server.access(await server.channel(denied=PERMISSIONS), thread=True)
    assert len(found.lacks) == len(RIGHTS)
    assert [lack.right for lack in found.lacks if lack.vital] == ["View Channel", "Send Messages"]
    assert all(lack.purpose.startswith("for ") and lack.without for lack in found.lacks)


async def test_an_organiser_reads_which_right_is_missing_where_and_where_to_click(server: Server) -> None:
    found = await server.access(await server.channel(denied=SEND | 1 << 15))
    assert as_text(Message((*missing(found, found.name), *noted(found, found.name)))) == (
        "Give Starling this right in #practice:\n\n"
        "Send Messages: needed for posting questions and test posts.\n\n"
        "Where: the cog beside the channel's name, Permissions, Advanced permissions, add Starling under "
        "Roles/Members, allow what is named here, save.\n\n"
        "In #practice Starling lacks “Attach Files”. Without it Discord refuses posts that carry a picture or a file."
    )


async def test_a_right_that_comes_back_is_known_at_once(server: Server) -> None:
    channel = await server.channel(denied=SEND)
    assert await server.lacks(channel) == ["Send Messages"]
    channel.denied = 0
    await server.tell("CHANNEL_UPDATE", server.double.world.channel_json(channel))
    known = server.bot.get_channel(channel.id)
    assert isinstance(known, discord.TextChannel)
    await server.known(lambda: not known.overwrites)
    assert await server.lacks(channel) == []


async def test_what_the_invitation_did_not_bring_is_lacking_and_administrators_have_it_all() -> None:
    async with invited(ORDINARY & ~SEND) as poor:
        assert await poor.lacks(await poor.channel()) == ["Send Messages"]
    async with invited(ADMINISTRATOR) as rich:
        assert await rich.lacks(await rich.channel(denied=SEND), thread=True) == []


@pytest.mark.parametrize(
    ("kind", "called"),
    [
        (FORUM, "a forum"),
        (VOICE, "a voice channel"),
        (STAGE, "a stage channel"),
        (CATEGORY, "a category"),
    ],
)
async def test_what_takes_no_question_is_called_what_it_is(server: Server, kind: int, called: str) -> None:
    found = await server.access(await server.channel("talk", kind=kind))
    assert (found.name, found.unfit, found.lacks) == ("#talk", called, ())


async def test_a_thread_is_no_place_and_an_announcement_channel_is(server: Server) -> None:
    parent = await server.channel()
    thread = Channel(server.double.world.snowflake(), THREAD, "aside", server.guild, parent=parent.id)
    await server.tell("THREAD_CREATE", server.double.world.channel_json(thread))
    guild = server.bot.get_guild(server.guild.id)
    assert guild is not None
    await server.known(lambda: guild.get_thread(thread.id))
    assert (await server.access(thread)).unfit == "a thread"
    assert (await server.access(await server.channel("news", kind=NEWS))).unfit == ""


async def test_a_channel_that_was_deleted_is_gone_and_so_is_what_never_was(server: Server) -> None:
    channel = await server.channel()
    await server.tell("CHANNEL_DELETE", server.double.world.channel_json(channel))
    await server.known(lambda: server.bot.get_channel(channel.id) is None)
    for lost in (channel, "1", "", "#practice", "٣", "9" * 40):
        assert (await server.access(lost)).gone


async def test_a_role_can_be_mentioned_when_it_is_mentionable_or_starling_may_mention_all(
    server: Server,
) -> None:
    channel = await server.channel()
    role = await server.role()
    (lack,) = (await server.access(channel, role_id=str(role.id))).lacks
    assert (lack.right, lack.vital) == (MENTION, False)
    assert lack.purpose == "for mentioning @owls, unless the role's own settings let anyone mention it"
    (told,) = (each for each in server.guild.roles if each["id"] == str(role.id))
    data = {"guild_id": str(server.guild.id), "role": told | {"mentionable": True}}
    await server.tell("GUILD_ROLE_UPDATE", data)
    await server.known(lambda: role.mentionable)
    assert await server.access(channel, role_id=str(role.id)) == Access("#practice", where=WHERE)
    (note,) = (await server.access(channel, role_id="12")).notes
    assert note == "The role that questions in #practice should mention is gone: they mention nobody."


async def test_the_right_to_mention_all_is_enough_for_a_role() -> None:
    async with invited(PERMISSIONS | MENTION_EVERYONE) as server:
        role = await server.role()
        assert await server.lacks(await server.channel(), role_id=str(role.id)) == []


async def test_a_server_that_removed_starling_is_gone(server: Server) -> None:
    channel = await server.channel()
    await server.double.remove_guild(server.guild)
    await server.known(lambda: server.bot.get_guild(server.guild.id) is None)
    assert (await server.access(channel)).gone


async def test_another_shards_server_is_not_spoken_of() -> None:
    async with await DiscordDouble.start() as double:
        guild = await double.add_guild(permissions=PERMISSIONS)
        own = (guild.id >> 22) % 2
        async with connected(double, shard_id=own, shard_count=2) as bot:
            places = DiscordPlaces(bot)
            assert await places.access(str(guild.id + (1 << 22)), "1") is None
            assert await places.access(str(guild.id + (2 << 22)), "1") == Access(gone=True)
            assert await places.access("no server", "1") is None


@pytest.mark.parametrize("elsewhere", [True, False])
async def test_a_process_with_several_shards_speaks_of_those_it_has(elsewhere: bool) -> None:
    async with await DiscordDouble.start() as double:
        guild = await double.add_guild(permissions=PERMISSIONS)
        here = (guild.id >> 22) % 2
        shards = [here] if elsewhere else None
        async with connected(double, kind=Shards, shard_count=2, shard_ids=shards) as bot:
            places = DiscordPlaces(bot)
            next_door = await places.access(str(guild.id + (1 << 22)), "1")
            assert next_door == (None if elsewhere else Access(gone=True))
            assert await places.access(str(guild.id + (2 << 22)), "1") == Access(gone=True)


async def test_during_an_outage_nothing_is_said_of_a_server(server: Server) -> None:
    channel = await server.channel()
    await server.tell("GUILD_DELETE", {"id": str(server.guild.id), "unavailable": True})
    guild = server.bot.get_guild(server.guild.id)
    assert guild is not None
    await server.known(lambda: guild.unavailable)
    assert await server.places.access(str(server.guild.id), str(channel.id)) is None


async def test_before_it_is_connected_nothing_is_known() -> None:
    assert await DiscordPlaces(Bot()).access("1", "1") is None
