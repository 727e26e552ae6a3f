"""Messages, conversations and people in the local double's Web API."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

from slack_double_api import Api, Asked, Refused
from slack_double_world import DM, PRIVATE, PUBLIC, Channel, Json, Team, User, World

PER_PAGE = {"conversations.history": 999, "conversations.replies": 1000}


class Methods(Api):
    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.emit: Callable[[Team, Json], Any] = lambda team, event: None
        self.metadata_scope = ""
        """Set to ``metadata.message:read`` for a Slack that hides metadata from apps without it (undocumented)."""
        self.join_url: Callable[[Team], str] = lambda team: ""
        self.methods |= {
            "apps.connections.open": self._connections_open,
            "auth.revoke": self._revoke,
            "auth.test": self._auth_test,
            "bots.info": self._bots_info,
            "chat.delete": self._delete,
            "chat.getPermalink": self._permalink,
            "chat.postEphemeral": self._ephemeral,
            "chat.postMessage": self._post,
            "chat.update": self._update,
            "conversations.history": self._history,
            "conversations.info": self._info,
            "conversations.join": self._join,
            "conversations.list": self._list,
            "conversations.members": self._members,
            "conversations.open": self._open,
            "conversations.replies": self._replies,
            "team.info": self._team_info,
            "users.conversations": self._list,
            "users.info": self._user_info,
            "users.list": self._users,
        }

    # the app itself

    def _connections_open(self, asked: Asked, team: Team, args: Json) -> Json:
        if team.url:
            raise Refused("socket_mode_disabled")
        return {"url": self.join_url(team)}

    def _auth_test(self, asked: Asked, team: Team, args: Json) -> Json:
        made = {"url": "https://example.slack.com/", "team": team.name, "team_id": team.id}
        made |= {"user": team.bot.name, "user_id": team.bot.id, "bot_id": team.bot_id}
        return made | {"is_enterprise_install": False}

    def _revoke(self, asked: Asked, team: Team, args: Json) -> Json:
        team.broken = "" if args.get("test") else "token_revoked"
        return {"revoked": not args.get("test")}

    def _bots_info(self, asked: Asked, team: Team, args: Json) -> Json:
        if args.get("bot", team.bot_id) != team.bot_id:
            raise Refused("bot_not_found")
        bot = {"id": team.bot_id, "app_id": team.app_id, "user_id": team.bot.id, "name": team.bot.name}
        return {"bot": bot | {"deleted": False}}

    def _team_info(self, asked: Asked, team: Team, args: Json) -> Json:
        return {"team": {"id": team.id, "name": team.name, "domain": team.name.lower().replace(" ", "-")}}

    # messages

    def _post(self, asked: Asked, team: Team, args: Json) -> Json:
        channel = self.channel(team, args["channel"], post=True)
        self.sound("chat.postMessage", args)
        if args.get("username") or args.get("icon_url") or args.get("icon_emoji"):
            self.need(team, "chat:write.customize")
        if args.get("thread_ts") and self.world.find(channel, args["thread_ts"]) is None:
            raise Refused("thread_not_found")
        message = self.world.message(channel, team.bot, args)
        if args.get("thread_ts") and args.get("reply_broadcast"):
            message["subtype"] = "thread_broadcast"
        self.world.keep(channel, message)
        self.heard(team, channel, message)
        return {"channel": channel.id, "ts": message["ts"], "message": copy.deepcopy(message)}

    def heard(self, team: Team, channel: Channel, message: Json) -> None:
        """Slack tells the app of every message, its own too."""
        event = {"channel": channel.id, "channel_type": channel.kind, "event_ts": message["ts"]}
        self.emit(team, copy.deepcopy(message) | event)

    def _ephemeral(self, asked: Asked, team: Team, args: Json) -> Json:
        channel = self.channel(team, args["channel"], post=True)
        self.sound("chat.postEphemeral", args)
        user = self.user(team, args["user"])
        if user not in channel.members:
            raise Refused("user_not_in_channel")
        return {"message_ts": self.whisper(team, channel, user, args)["ts"]}

    def whisper(self, team: Team, channel: Channel, user: User, body: Json) -> Json:
        """What only one person sees, and in no history."""
        message = self.world.message(channel, team.bot, body) | {"is_ephemeral": True, "channel": channel.id}
        self.world.ephemerals.setdefault(user.id, []).append(message)
        self.world.touch()
        return message

    def _own(self, team: Team, channel: Channel, ts: str, word: str) -> Json:
        message = self.world.find(channel, ts)
        if message is None:
            raise Refused("message_not_found")
        if message["user"] != team.bot.id:
            raise Refused(word)
        return message

    def _update(self, asked: Asked, team: Team, args: Json) -> Json:
        channel = self.channel(team, args["channel"])
        message = self._own(team, channel, args["ts"], "cant_update_message")
        self.sound("chat.update", {**args, "text": args.get("text") or (message["text"] or " ")})
        self.rewrite(message, args)
        event: Json = {"type": "message", "subtype": "message_changed", "hidden": True, "channel": channel.id}
        event |= {"message": copy.deepcopy(message), "channel_type": channel.kind}
        self.emit(team, event | {"ts": self.world.ts(), "event_ts": self.world.ts()})
        return {"channel": channel.id, "ts": message["ts"], "text": message["text"], "message": message}

    def rewrite(self, message: Json, body: Json) -> None:
        """Blocks stay only if no text is given; metadata stays unless given anew."""
        if body.get("text") is not None:
            message["text"] = body["text"]
            message["edited"] = {"user": message["user"], "ts": self.world.ts()}
        if body.get("blocks") is not None:
            message["blocks"] = self.world.with_ids(body["blocks"])
        elif body.get("text") is not None:
            message.pop("blocks", None)
        if body.get("metadata") is not None:
            message["metadata"] = body["metadata"]
        self.world.touch()

    def _delete(self, asked: Asked, team: Team, args: Json) -> Json:
        channel = self.channel(team, args["channel"])
        channel.messages.remove(self._own(team, channel, args["ts"], "cant_delete_message"))
        return {"channel": channel.id, "ts": args["ts"]}

    def _permalink(self, asked: Asked, team: Team, args: Json) -> Json:
        channel = self.channel(team, args["channel"], member=False)
        if self.world.find(channel, args["message_ts"]) is None:
            raise Refused("message_not_found")
        place = f"{channel.id}/p{args['message_ts'].replace('.', '')}"
        return {"channel": channel.id, "permalink": f"https://example.slack.com/archives/{place}"}

    # reading back

    def _history(self, asked: Asked, team: Team, args: Json) -> Json:
        channel = self.channel(team, args["channel"])
        found = [each for each in channel.messages if each.get("thread_ts") in (None, each["ts"])]
        found += [each for each in channel.messages if each.get("subtype") == "thread_broadcast"]
        found.sort(key=lambda each: str(each["ts"]), reverse=True)
        return self._page(asked, team, args, found)

    def _replies(self, asked: Asked, team: Team, args: Json) -> Json:
        channel = self.channel(team, args["channel"])
        found = [each for each in channel.messages if args["ts"] in (each["ts"], each.get("thread_ts"))]
        if not found:
            raise Refused("thread_not_found")
        return self._page(asked, team, args, found)

    def _page(self, asked: Asked, team: Team, args: Json, found: list[Json]) -> Json:
        low, high = float(args.get("oldest") or 0), float(args.get("latest") or "inf")
        edge = bool(args.get("inclusive"))
        found = [
            each
            for each in found
            if low < float(each["ts"]) < high or (edge and float(each["ts"]) in (low, high))
        ]
        page, more = self._cut(args, found, PER_PAGE[asked.method])
        made = []
        for message in copy.deepcopy(page):
            granted = not self.metadata_scope or self.metadata_scope in team.scopes
            if "metadata" in message and not (args.get("include_all_metadata") and granted):
                message["metadata"].pop("event_payload", None)
            made.append(message)
        return {"messages": made, "has_more": bool(more), "response_metadata": {"next_cursor": more}}

    def _cut(self, args: Json, found: list[Any], most: int = 1000) -> tuple[list[Any], str]:
        start, limit = int(args.get("cursor") or 0), int(args.get("limit") or 100)
        if not 1 <= limit <= most:
            raise Refused("invalid_limit")
        more = str(start + limit) if start + limit < len(found) else ""
        return found[start : start + limit], more

    # conversations

    def _open(self, asked: Asked, team: Team, args: Json) -> Json:
        if args.get("channel"):
            return {"channel": {"id": self.channel(team, args["channel"]).id}}
        names = str(args["users"]).split(",")
        if len(names) > 1:
            self.record(asked.method, [("/users", "group messages are not spoken here")])
            raise Refused("mpim_not_spoken")
        user = self.user(team, names[0])
        if user.deleted:
            raise Refused("user_disabled")
        if not user.dms or user.bot:
            raise Refused("cannot_dm_bot")
        channel = self.world.dm_of(user, team)
        return {"channel": channel.json() if args.get("return_im") else {"id": channel.id}}

    def _info(self, asked: Asked, team: Team, args: Json) -> Json:
        made = self.channel(team, args["channel"], member=False).json()
        if not args.get("include_num_members"):
            made.pop("num_members", None)
        return {"channel": made}

    def _join(self, asked: Asked, team: Team, args: Json) -> Json:
        channel = self.channel(team, args["channel"], member=False)
        if channel.kind != PUBLIC:
            raise Refused("method_not_supported_for_channel_type")
        if channel.archived:
            raise Refused("is_archived")
        already = team.bot in channel.members
        if not already:
            channel.members.append(team.bot)
        return {"channel": channel.json()} | ({"warning": "already_in_channel"} if already else {})

    def _members(self, asked: Asked, team: Team, args: Json) -> Json:
        channel = self.channel(team, args["channel"], member=False)
        page, more = self._cut(args, [each.id for each in channel.members])
        return {"members": page, "response_metadata": {"next_cursor": more}}

    def _list(self, asked: Asked, team: Team, args: Json) -> Json:
        kinds = str(args.get("types") or "public_channel").split(",")
        names = {"public_channel": PUBLIC, "private_channel": PRIVATE, "im": DM}
        wanted = [names[each.strip()] for each in kinds if each.strip() in names]
        found = []
        for channel in self.world.channels.values():
            if channel.team is team and channel.kind in wanted:
                self.need(team, channel.scope("read"))
                who = self.world.users.get(str(args.get("user")), team.bot)
                seen = channel.kind != PRIVATE or team.bot in channel.members
                mine = who in channel.members or asked.method == "conversations.list"
                if seen and mine and not (args.get("exclude_archived") and channel.archived):
                    found.append(channel.json())
        page, more = self._cut(args, found)
        return {"channels": page, "response_metadata": {"next_cursor": more}}

    # people

    def _user_info(self, asked: Asked, team: Team, args: Json) -> Json:
        user = self.user(team, args["user"])
        stranger = {"is_stranger": True} if user.team is not team else {}
        return {"user": user.json(bool(args.get("include_locale"))) | stranger}

    def _users(self, asked: Asked, team: Team, args: Json) -> Json:
        found = [each.json() for each in self.world.users.values() if each.team is team]
        page, more = self._cut(args, found)
        return {"members": page, "response_metadata": {"next_cursor": more}}
