"""What Starling may do in which channel of Discord, out of what the gateway told discord.py. Nothing is fetched."""

from __future__ import annotations

import discord

from adapters.discord.invite import CREATE_THREADS, RIGHTS, SEND_IN_THREADS, VIEW_CHANNELS, Right
from core.plain import clean_line, clean_name
from core.ports import Access, Lack

MENTION = "Mention @everyone, @here, and All Roles"
WHERE = (
    "Where: the cog beside the channel's name, Permissions, Advanced permissions, add Starling under "
    "Roles/Members, allow what is named here, save."
)
# A server's settings and a channel's name one right differently.
_IN_CHANNELS = {VIEW_CHANNELS.name: "View Channel"}


class DiscordPlaces:
    """``core.ports.Places`` of one client. Needs the intent ``guilds``, which keeps channels and roles up to date."""

    def __init__(self, client: discord.Client) -> None:
        self._client = client

    async def access(
        self, server_id: str, channel_id: str, *, thread: bool = False, role_id: str = ""
    ) -> Access | None:
        """None: another process has the shard of this server, or it has not come up yet."""
        server, number = _number(server_id), _number(channel_id)
        guild = self._client.get_guild(server)
        if guild is None:
            return Access(gone=True) if self._would_know(server) else None
        if guild.unavailable or guild.me is None:
            return None
        channel = guild.get_channel_or_thread(number)
        if channel is None:
            return Access(gone=True, where=WHERE)
        name = f"#{clean_name(channel.name, 100)}"
        if not isinstance(channel, discord.TextChannel):
            return Access(name, unfit=_instead(channel), where=WHERE)
        # Not TextChannel's own: it takes every right away where the channel cannot be seen, and the organiser
        # would be told to give what is given already.
        held = discord.abc.GuildChannel.permissions_for(channel, guild.me)
        lacks = [_lack(right) for right in _wanted(thread) if not held.value & right.bit]
        notes = []
        if role_id:
            role = guild.get_role(_number(role_id))
            if role is None:
                notes.append(
                    f"The role that questions in {name} should mention is gone: they mention nobody."
                )
            elif not (role.mentionable or held.mention_everyone):
                lacks.append(_mentioning(role))
        return Access(name, lacks=tuple(lacks), where=WHERE, notes=tuple(notes))

    def _would_know(self, server: int) -> bool:
        """Whether this client would have been told of that server, if Starling were there."""
        client = self._client
        if not server or not client.is_ready():
            return False
        shards = client.shard_count or 1
        own = client.shard_ids if isinstance(client, discord.AutoShardedClient) else [client.shard_id or 0]
        return own is None or (server >> 22) % shards in own


def _number(text: str) -> int:
    """An id of Discord's; 0, which nothing has, for anything else."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 20 else 0


def _wanted(thread: bool) -> list[Right]:
    return [right for right in RIGHTS if thread or right not in (CREATE_THREADS, SEND_IN_THREADS)]


def _lack(right: Right) -> Lack:
    name = _IN_CHANNELS.get(right.name, right.name)
    return Lack(name, f"for {right.purpose}", right.vital, right.without)


def _mentioning(role: discord.Role) -> Lack:
    name = clean_line(role.name)
    return Lack(
        MENTION,
        f"for mentioning @{name}, unless the role's own settings let anyone mention it",
        False,
        f"@{name} is shown and nobody is notified",
    )


def _instead(channel: object) -> str:
    match channel:
        case discord.Thread():
            return "a thread"
        case discord.ForumChannel():
            return "a forum"
        case discord.CategoryChannel():
            return "a category"
        case discord.StageChannel():
            return "a stage channel"
        case _:
            return "a voice channel"
