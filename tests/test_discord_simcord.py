"""Starling's own Discord client inside simcord's Discord: who acts, what is shown to whom, and what is refused.

Nothing of Starling is replaced: simcord takes the place of discord.py's transport, and judges what comes there. Its
people can do only what Discord offers them: a button that is shown, an option that a command has. It cannot carry
files that do not come as discord.py's own (our answers to interactions write their form themselves), sockets,
rate limits, nor anything lost on the way: that is what ``discord_double`` is for.
"""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Any

import discord
import simcord
from conftest import NewDatabase
from discord_simcord import texts
from practising import SMALL
from simcord.backend.models import Message as Kept

from adapters.clock import SystemClock
from adapters.discord.link import Link, Options
from bot.sync import sync_if_changed
from core.catalogue import registry
from core.dispatch import Dispatcher
from core.events import Events
from core.packs.load import starter_rubrics
from core.ports import Sent, Target
from core.services import Services
from core.store import prompts
from core.store.engine import Store, database_url
from core.views import File, Mention, Message, Text, View, say

Feed = Callable[[str, Any], None]
STORY = (
    "I sorted <@1> **them** with a heap, @everyone, and it took 20 minutes instead of six hours for us all."
)


@dataclass
class Room:
    link: Link
    env: simcord.Env
    guild: simcord.GuildHandle
    channel: simcord.ChannelHandle
    outcomes: list[str]

    def member(self, name: str, *rights: str) -> simcord.MemberActor:
        roles = []
        if rights:
            permissions = discord.Permissions(**dict.fromkeys(rights, True))
            roles = [self.guild.create_role(name, permissions=permissions)]
        return self.guild.add_member(self.env.create_user(name), roles=roles)

    def kept(self, channel_id: int | str, message_id: int | str) -> Kept:
        """A message as simcord keeps it."""
        return self.env.backend.get_message(int(channel_id), int(message_id))

    def target(self) -> Target:
        return Target("discord", "discord", str(self.guild.id), str(self.channel.id))


def installed(env: simcord.Env) -> None:
    """simcord leaves out who installed the app (``authorizing_integration_owners``), which Discord always says."""

    def telling(feed: Feed) -> Feed:
        def told(event: str, data: Any) -> None:
            if event == "INTERACTION_CREATE" and data.get("guild_id"):
                data["authorizing_integration_owners"] = {"0": data["guild_id"]}
            feed(event, data)

        return told

    env.backend.subscribers[:] = map(telling, env.backend.subscribers)


@contextlib.asynccontextmanager
async def opened(new_database: NewDatabase) -> AsyncIterator[Room]:
    """No fixture, because simcord wants to end in the context it began in."""
    clock, outcomes = SystemClock(), list[str]()
    link = Link(
        Options(
            "a.token",
            "https://discord.com/api/v10",
            "wss://gateway.discord.gg",
            "https://cdn.discordapp.com",
            shard_count=1,
        ),
        clock,
    )
    async with Store(database_url(await new_database("sqlite"))) as store:
        async with store.write() as tx:
            await prompts.install(tx, SMALL, None, clock.now())
        app = Services(
            store=store,
            clock=clock,
            registry=registry(),
            rubrics=starter_rubrics(),
            platforms=("discord",),
            places={"discord": link.places},
        )
        dispatcher = Dispatcher(app)
        link.hear(dispatcher, Events(app, dispatcher), lambda outcome, seconds: outcomes.append(outcome))
        async with simcord.run(link.client) as env:
            installed(env)
            await sync_if_changed(link.client, store, app.registry)
            guild = env.create_guild("Interview club")
            yield Room(link, env, guild, guild.create_text_channel("practice"), outcomes)
            judged = 0
            for asked in env.http_requests:  # every message says whom it mentions, on whatever road it went
                sent = (asked.json or {}) if isinstance(asked.json, dict) else {}
                said = sent.get("data") if isinstance(sent.get("data"), dict) else sent
                if said and "custom_id" not in said and ("components" in said or "content" in said):
                    assert said["allowed_mentions"]["parse"] == [], asked.path
                    judged += 1
            assert judged


def body(seen: Any) -> str:
    return texts(seen.response.components)


async def test_an_evening_in_a_discord_that_nobody_here_wrote(new_database: NewDatabase) -> None:
    async with opened(new_database) as room:
        olga, ana = room.member("olga", "manage_guild"), room.member("ana")
        assert "setup" not in ana.available_commands(room.channel) and "setup" in olga.available_commands(
            room.channel
        )
        done = await olga.slash(room.channel, "setup", time="09:00", zone="UTC", tracks="coding")
        assert done.ephemeral and "is set up" in body(done)

        asked = await ana.slash(room.channel, "practice", track="behavioural")
        assert asked.ephemeral and "Behavioural" in body(asked)
        form = await ana.click(asked.response, label="Answer")
        assert form.modal is not None
        read = await ana.submit_modal(form, {"text": STORY})
        assert read.ephemeral and "Kept:" in body(read)
        assert r"\<\@1\> \*\*them\*\* with a heap, \@everyone" in body(read)

        offered = await ana.autocomplete(room.channel, "help", "command", "str")
        assert [c["value"] for c in offered] == ["streak"]
        many = await ana.autocomplete(room.channel, "help", "command", "")
        assert len(many) == 25 and all(len(c["name"]) <= 100 for c in many)
        board = await ana.slash(room.channel, "leaderboard")
        assert not board.ephemeral and board.response is not None
        assert set(room.outcomes) == {"shown"}


async def test_a_delivery_is_posted_found_rewritten_and_has_its_thread(new_database: NewDatabase) -> None:
    async with opened(new_database) as room:
        role = room.guild.create_role("owls", mentionable=True)
        ana = room.member("ana")
        mention = Mention("discord", "role", str(role.id), "owls")
        words = f"<@{ana.id}> @everyone <@&{room.guild.default_role.id}> @here"
        card: View = Message(
            (Text((mention, words)), File(b"words", "a.txt", words)), private=False, thread=words
        )
        sent = await room.link.sender.send(room.target(), card, "d1")
        assert isinstance(sent, Sent)
        kept = room.kept(sent.channel_id, sent.message_id)
        # simcord reads mentions out of the text as Discord does: only the one that core made pings.
        assert (kept.ping_role_ids, kept.ping_user_ids, kept.mention_everyone) == ([role.id], [], False)
        assert [a["filename"] for a in kept.attachments] == ["a.txt"]
        (thread,) = room.channel.threads
        assert thread.name is not None and thread.name.startswith("<@")
        for name, shown in (("x" * 100, "x" * 100), ("y" * 101, "y" * 99 + "…")):
            more = Message((Text((name,)),), private=False, thread=name)
            assert isinstance(await room.link.sender.send(room.target(), more, name[:20]), Sent)
            assert [t.name for t in room.channel.threads].count(shown) == 1

        began = room.env.now()
        assert await room.link.sender.find(room.target(), "d1", began) == sent
        assert await room.link.sender.find(room.target(), "d2", began) is None
        assert await room.link.sender.edit(room.target(), sent.message_id, say(words), "d1") == sent
        now = room.kept(sent.channel_id, sent.message_id)
        assert "everyone" in texts(now.components) and now.attachments == []
        assert (now.ping_role_ids, now.ping_user_ids, now.mention_everyone) == ([], [], False)


async def test_a_direct_message_is_answered_under_it_and_pings_nobody(new_database: NewDatabase) -> None:
    async with opened(new_database) as room:
        ana = room.member("ana")
        sent = await room.link.sender.send(
            Target("discord", "discord", user_id=str(ana.id)), say("A question."), "d1"
        )
        assert isinstance(sent, Sent)
        letter = await ana.send_dm(STORY)
        told = list(room.env.backend.messages[int(sent.channel_id)].values())
        assert [m.author_id == ana.id for m in told] == [False, True, False]
        reply = told[-1]
        assert reply.reference is not None and reply.reference["message_id"] == str(letter.id)
        assert (reply.ping_user_ids, reply.ping_role_ids, reply.mention_everyone) == ([], [], False)
