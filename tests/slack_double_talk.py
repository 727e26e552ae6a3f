"""What people write and open in the local double of Slack: messages, threads, mentions, the home tab."""

from __future__ import annotations

import uuid

import slack_double_forms as forms
from slack_double_roads import Event
from slack_double_seen import NotOffered
from slack_double_stage import Stage
from slack_double_world import DM, Channel, Json, Team, User


class Talk(Stage):
    """People's words. Nothing answers a message by itself: wait with ``answer_to`` or ``until``."""

    async def dm(
        self,
        user: User,
        text: str,
        thread_ts: str | None = None,
        *,
        team: Team | None = None,
        files: dict[str, bytes] | None = None,
        broadcast: bool = False,
    ) -> Json:
        """A person writes to the app, loose or in a thread. Answers: ``answer_to``.

        ``files``: name -> bytes; a name without an ending is a text snippet. ``broadcast``: "also send to" the
        conversation.
        """
        channel = self.world.dm_of(user, team)
        if not channel.team.writable_dms:
            raise NotOffered("the messages tab is not open for writing")
        return await self.say(user, channel, text, thread_ts, files=files, broadcast=broadcast)

    async def mention(self, user: User, text: str, channel: Channel, thread_ts: str | None = None) -> Json:
        """``@Starling text`` in a channel or a thread of it."""
        return await self.say(user, channel, text, thread_ts, mention=True)

    async def say(
        self,
        user: User,
        channel: Channel,
        text: str,
        thread_ts: str | None = None,
        *,
        mention: bool = False,
        files: dict[str, bytes] | None = None,
        broadcast: bool = False,
    ) -> Json:
        """A message, escaped as Slack does, told to the app as far as it is subscribed."""
        if user not in channel.members or channel.archived:
            raise NotOffered(f"{user.name} cannot write there")
        if thread_ts is not None and self.world.find(channel, thread_ts) is None:
            raise NotOffered("there is no such thread")
        words = f"<@{channel.team.bot.id}> {forms.escaped(text)}" if mention else forms.escaped(text)
        message = self.world.message(channel, user, {"text": words, "thread_ts": thread_ts})
        message["client_msg_id"] = str(uuid.uuid4())
        if files:
            message |= {"subtype": "file_share", "files": [self._file(user, n, d) for n, d in files.items()]}
        if broadcast:
            message |= {"subtype": "thread_broadcast", "root": self.world.find(channel, str(thread_ts))}
        self.world.keep(channel, message)
        parent = self.world.find(channel, thread_ts) if thread_ts else None
        told: Json = {
            **message,
            **({"parent_user_id": parent["user"]} if parent else {}),
            "channel": channel.id,
            "event_ts": message["ts"],
        }
        if user.team is not channel.team:
            told |= {"user_team": user.team.id, "source_team": user.team.id}
        sent = [self.roads.emit(channel.team, told | {"channel_type": channel.kind})]
        if mention and channel.kind != DM and channel.team.bot in channel.members:
            sent.append(self.roads.emit(channel.team, told | {"type": "app_mention"}))
        await self.world.until(lambda: all(each is None or each.done for each in sent), 30, "events unheard")
        return message

    def upload(self, user: User, name: str, data: bytes) -> Json:
        """A file of this person's, ready for the file box of a form: ``submit_view(..., {box: [file]})``."""
        return self._file(user, name, data)

    def _file(self, user: User, name: str, data: bytes) -> Json:
        number = self.world.id("F")
        self.world.uploads[number] = data
        stem, dot, ending = name.rpartition(".")
        kind = (
            ("hosted", {"txt": "text", "md": "markdown"}.get(ending, ending)) if dot else ("snippet", "text")
        )
        made: Json = {"id": number, "name": name, "title": stem or name, "user": user.id, "size": len(data)}
        made |= {"mode": kind[0], "filetype": kind[1], "is_external": False, "file_access": "visible"}
        return made | {"url_private": f"{self.world.base}/files/{number}"}

    async def edit(self, user: User, channel: Channel, message: Json, text: str) -> None:
        """A person changes their message."""
        if message["user"] != user.id:
            raise NotOffered("somebody else's message")
        message |= {"text": forms.escaped(text), "edited": {"user": user.id, "ts": self.world.ts()}}
        event = {"type": "message", "subtype": "message_changed", "hidden": True, "message": message}
        stamp = {"ts": self.world.ts(), "channel_type": channel.kind}
        await self.heard(channel.team, event | stamp | {"channel": channel.id})

    async def answer_to(self, message: Json, count: int = 1, patience: float = 5.0) -> list[Json]:
        """The app's messages in that conversation after this one, once there are ``count``."""
        channel = next(each for each in self.world.channels.values() if message in each.messages)

        def found() -> list[Json]:
            later = [each for each in channel.messages if float(each["ts"]) > float(message["ts"])]
            later = [each for each in later if each["user"] == channel.team.bot.id]
            return later if len(later) >= count else []

        return list(await self.until(found, patience))

    async def open_home(self, user: User, team: Team | None = None, tab: str = "home") -> Event | None:
        """Look at the app's home tab (or its "messages" tab); what it shows is ``double.home(user)``."""
        channel = self.world.dm_of(user, team)
        if tab == "home" and not channel.team.home_tab:
            raise NotOffered("the app has no home tab")
        event: Json = {"type": "app_home_opened", "user": user.id, "channel": channel.id, "tab": tab}
        view = self.home(user) if tab == "home" else None
        return await self.heard(channel.team, event | ({"view": view.json()} if view else {}))
