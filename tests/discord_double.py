"""A local double of Discord: REST v10 and the gateway, over real sockets, for the real discord.py client.

``double = await DiscordDouble.start()`` opens a server on 127.0.0.1. Point the client at ``double.api`` and
``double.gateway_url`` (``pointed_at`` does it for a test without settings). Then be a person: ``slash``, ``press``,
``submit_modal``, ``autocomplete``, ``context_menu``, ``dm``. Each waits for the bot's acknowledgement and returns
an ``Interaction``: what that person sees, growing as follow-ups and edits come. A person can only do what Discord
would offer: an unknown command, a disabled button, another's private message raise ``NotOffered``.

Whatever the bot sends is judged (discord_double_judge.py): a breach is answered 400 in Discord's words and kept
in ``double.violations``, which a test asserts to be empty. What is not spoken: voice, stickers, polls, reactions,
role edits, presence, member chunks, webhooks of others, Discord's gateway rate limit (4008) and permissions of
members beyond what ``add_member`` was told.
"""

from __future__ import annotations

import asyncio
import base64
import secrets
import time
from collections.abc import Sequence
from typing import Any

import discord_double_forms as forms
from discord_double_forms import NotOffered
from discord_double_seen import Interaction, buttons, text_of
from discord_double_stage import Stage, hurried, pointed_at
from discord_double_world import Channel, Json, User

__all__ = ["DiscordDouble", "Interaction", "NotOffered", "buttons", "hurried", "pointed_at", "text_of"]


class DiscordDouble(Stage):
    """What people do. ``rest``, ``gateway`` and ``world`` are open to tests that need more."""

    # what people do

    async def slash(
        self,
        user: User,
        command: str,
        options: dict[str, Any] | None = None,
        where: Channel | None = None,
        *,
        install: str = "guild",
        patience: float = 5.0,
        settle: bool = True,
    ) -> Interaction:
        """``/command sub`` with typed options, in a channel or (``where=None``) in the DM with the bot."""
        channel = where or self.world.dm_of(user)
        data = forms.slash_data(self.world, user, command, options or {}, channel, install)
        return await self._act(
            2, user, channel, data, install=install, patience=patience, settle=settle, name=command
        )

    async def autocomplete(
        self, user: User, command: str, options: dict[str, Any], focused: str, where: Channel | None = None
    ) -> list[Json]:
        """The choices offered while ``focused`` is being typed."""
        channel = where or self.world.dm_of(user)
        data = forms.slash_data(self.world, user, command, options, channel, "guild", focused)
        return (await self._act(4, user, channel, data, name=command)).choices

    async def context_menu(
        self,
        user: User,
        name: str,
        target: Json | User,
        where: Channel | None = None,
        *,
        install: str = "guild",
    ) -> Interaction:
        """A message or user action."""
        channel = where or self.world.dm_of(user)
        if not isinstance(target, User):
            channel = self.world.channels[int(target["channel_id"])]
        data = forms.menu_data(self.world, user, name, target, channel, install)
        return await self._act(2, user, channel, data, install=install, name=name)

    async def press(
        self,
        user: User,
        message: Json | Interaction,
        custom_id: str,
        values: Sequence[str] = (),
        *,
        patience: float = 5.0,
        settle: bool = True,
    ) -> Interaction:
        """A button, or a select with the values picked."""
        shown = forms.shown(message)
        data = forms.press_data(self.world, user, shown, custom_id, values)
        channel = self.world.channels[int(shown["channel_id"])]
        return await self._act(
            3,
            user,
            channel,
            data,
            source=shown,
            install="guild" if channel.guild is None or channel.guild.present else "user",
            patience=patience,
            settle=settle,
            name=f"press {custom_id}",
        )

    async def submit_modal(
        self,
        user: User,
        opened: Interaction,
        values: dict[str, Any],
        *,
        patience: float = 5.0,
        settle: bool = True,
    ) -> Interaction:
        """Send the form that ``opened`` showed: custom_id -> text, list of values, bool, or {name: bytes} for files."""
        data = forms.modal_data(self.world, user, opened, values)
        return await self._act(
            5,
            user,
            opened.channel,
            data,
            source=opened.source,
            install=opened.install,
            patience=patience,
            settle=settle,
            name=f"form {data['custom_id']}",
        )

    async def dm(
        self, user: User, text: str, reply_to: Json | None = None, files: dict[str, bytes] | None = None
    ) -> Json:
        """A person writes to the bot. Nothing acknowledges a message: wait for the answer with ``answer_to``."""
        return await self.say(user, self.world.dm_of(user), text, reply_to, files)

    async def say(
        self,
        user: User,
        channel: Channel,
        text: str,
        reply_to: Json | None = None,
        files: dict[str, bytes] | None = None,
    ) -> Json:
        body: Json = {"content": text}
        if reply_to is not None:
            body["message_reference"] = {"message_id": reply_to["id"]}
        message = self.world.message(channel, user, body, files or {})
        if f"<@{self.world.bot.id}>" in text:
            message["mentions"] = [self.world.bot.json()]
        await self.gateway.message("MESSAGE_CREATE", message, channel)
        return message

    async def answer_to(self, message: Json, count: int = 1, patience: float = 5.0) -> list[Json]:
        """The bot's messages in that channel after this one, once there are ``count``."""
        channel, me = self.world.channels[int(message["channel_id"])], str(self.world.bot.id)
        deadline = time.monotonic() + patience
        while True:
            later = [each for each in channel.messages if int(each["id"]) > int(message["id"])]
            if len(found := [each for each in later if each["author"]["id"] == me]) >= count:
                return found
            if time.monotonic() > deadline:
                raise TimeoutError(f"{len(found)} of {count} answers within {patience} s")
            await asyncio.sleep(0.005)

    async def _act(
        self,
        kind: int,
        user: User,
        channel: Channel,
        data: Json,
        *,
        source: Json | None = None,
        install: str = "guild",
        patience: float = 5.0,
        settle: bool = True,
        name: str = "",
    ) -> Interaction:
        number = self.world.snowflake()
        # As long as Discord's and in its alphabet: what hides tokens must know them.
        token = base64.urlsafe_b64encode(f"interaction:{number}:{secrets.token_hex(48)}".encode()).decode()
        made = Interaction(number, token.rstrip("="), kind, user, channel, install, source)
        self.world.interactions[made.token] = made
        payload = forms.interaction_json(self.world, made, data)
        made.sent = time.perf_counter()
        await self.gateway.dispatch("INTERACTION_CREATE", payload, forms.shard_of(channel))
        await made.until(lambda it: it.callback is not None, patience)
        self.latencies.append((name, made.latency))
        if settle and made.loading:
            await made.until(lambda it: not it.loading, patience)
        return made
