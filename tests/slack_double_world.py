"""What stands in the local double of Slack: workspaces, people, conversations, messages, as Slack's JSON."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]

PUBLIC, PRIVATE, DM = "channel", "group", "im"
SCOPES = (
    "app_mentions:read channels:history channels:join channels:read chat:write commands files:read files:write"
    " groups:history groups:read im:history im:read im:write metadata.message:read team:read users:read"
)
EVENTS = (
    "app_home_opened app_mention app_uninstalled channel_archive channel_deleted channel_left channel_rename"
    " group_left member_joined_channel message.im tokens_revoked"
)


@dataclass(eq=False)
class Team:
    """One workspace with the app installed, and what the app was given there."""

    id: str
    name: str
    app_id: str
    bot_id: str
    bot_token: str
    app_token: str
    signing_secret: str
    scopes: set[str] = field(default_factory=lambda: set(SCOPES.split()))
    events: set[str] = field(default_factory=lambda: set(EVENTS.split()))
    commands: set[str] = field(default_factory=lambda: {"/starling"})
    shortcuts: set[str] = field(default_factory=lambda: {"star"})
    home_tab: bool = True
    writable_dms: bool = True
    """The messages tab is open for writing."""
    broken: str = ""
    """account_inactive, token_revoked, ...: the answer to everything."""
    url: str = ""
    """Where the app listens in HTTP mode; empty is Socket Mode."""
    bot: User = field(init=False)

    def __post_init__(self) -> None:
        self.bot = User("U" + self.bot_id[1:], "starling", self, bot=True)

    def take(self, manifest: Json) -> None:
        """The app is what this manifest says, and nothing more."""
        features, settings = manifest.get("features", {}), manifest.get("settings", {})
        home = features.get("app_home", {})
        self.scopes = set(manifest.get("oauth_config", {}).get("scopes", {}).get("bot", ()))
        self.events = set(settings.get("event_subscriptions", {}).get("bot_events", ()))
        self.commands = {each["command"] for each in features.get("slash_commands", ())}
        self.shortcuts = {each["callback_id"] for each in features.get("shortcuts", ())}
        self.home_tab = bool(home.get("home_tab_enabled"))
        self.writable_dms = bool(home.get("messages_tab_enabled")) and not home.get(
            "messages_tab_read_only_enabled"
        )


@dataclass(eq=False)
class User:
    id: str
    name: str
    team: Team
    bot: bool = False
    tz: str = "Europe/London"
    tz_offset: int = 0
    locale: str = "en-GB"
    dms: bool = True
    admin: bool = False
    deleted: bool = False

    def json(self, locale: bool = False) -> Json:
        profile = {"display_name": self.name, "real_name": self.name.title(), "team": self.team.id}
        made: Json = {"id": self.id, "team_id": self.team.id, "name": self.name.lower(), "profile": profile}
        made |= {"real_name": self.name.title(), "deleted": self.deleted, "is_bot": self.bot}
        made |= {"tz": self.tz, "tz_label": self.tz, "tz_offset": self.tz_offset, "is_admin": self.admin}
        made |= {"is_owner": False, "is_app_user": False, "updated": 0, "is_restricted": False}
        return made | ({"locale": self.locale} if locale else {})


@dataclass(eq=False)
class Channel:
    id: str
    name: str
    team: Team
    kind: str = PUBLIC
    user: User | None = None
    """The person of a direct conversation."""
    members: list[User] = field(default_factory=list)
    archived: bool = False
    shared: bool = False
    """Slack Connect: people of another workspace are here too."""
    creator: User | None = None
    messages: list[Json] = field(default_factory=list)

    def json(self) -> Json:
        made: Json = {"id": self.id, "created": 1767225600, "is_archived": self.archived}
        made |= {"is_im": self.kind == DM, "is_mpim": False, "context_team_id": self.team.id}
        made |= {"is_ext_shared": self.shared, "is_shared": self.shared, "is_org_shared": False}
        if self.kind == DM:
            assert self.user is not None
            return made | {"user": self.user.id, "is_open": True}
        if self.creator is not None:
            made["creator"] = self.creator.id
        made |= {"name": self.name, "name_normalized": self.name, "is_private": self.kind == PRIVATE}
        made |= {"is_channel": self.kind == PUBLIC, "is_group": self.kind == PRIVATE, "is_general": False}
        return made | {"is_member": self.team.bot in self.members, "num_members": len(self.members)}

    def scope(self, what: str) -> str:
        """``channels:history`` and its likes for this kind of conversation."""
        return {PUBLIC: "channels", PRIVATE: "groups", DM: "im"}[self.kind] + ":" + what


@dataclass(eq=False)
class View:
    """A modal on somebody's screen, or their home tab."""

    id: str
    user: User
    team: Team
    body: Json
    root: str
    previous: str | None = None
    hash: str = ""
    open: bool = True
    entered: dict[str, Json] = field(default_factory=dict)
    """block_id -> action_id -> what was picked while the form was open."""

    def json(self) -> Json:
        made: Json = {"id": self.id, "team_id": self.user.team.id, "app_id": self.team.app_id}
        made |= {"root_view_id": self.root, "previous_view_id": self.previous, "hash": self.hash}
        made |= {"app_installed_team_id": self.team.id, "bot_id": self.team.bot_id}
        made |= {"private_metadata": "", "callback_id": "", "external_id": "", "clear_on_close": False}
        made |= {"notify_on_close": False, "state": {"values": self.entered}}
        return made | {"title": None, "submit": None, "close": None} | self.body


class World:
    """The state behind the double. Nothing here knows HTTP."""

    def __init__(self) -> None:
        self._numbers = itertools.count(1)
        self._last = 0
        self._waiting: set[asyncio.Event] = set()
        self.base = ""
        self.now: Callable[[], float] = time.time
        """Seconds since the epoch by the clock on Slack's wall, which stamps messages."""
        self.teams: list[Team] = []
        self.users: dict[str, User] = {}
        self.channels: dict[str, Channel] = {}
        self.ephemerals: dict[str, list[Json]] = {}
        """user id -> what only this person sees, until a reload."""
        self.stacks: dict[str, list[View]] = {}
        self.homes: dict[str, View] = {}
        self.views: dict[str, View] = {}
        self.acts: dict[str, Any] = {}
        """trigger_id -> the act it belongs to."""
        self.urls: dict[str, Any] = {}
        """path of a response_url -> the act it belongs to."""
        self.files: dict[str, Json] = {}
        self.uploads: dict[str, bytes] = {}
        self.scanning: dict[str, float] = {}
        """file id -> until when (time.monotonic) Slack looks through it; until then no block may show it."""

    def id(self, letter: str) -> str:
        return f"{letter}{next(self._numbers):09d}"

    def ts(self) -> str:
        """Message ids that carry the time, as Slack's do, and never repeat or go back."""
        self._last = max(self._last + 1, int(self.now() * 1e6))
        return f"{self._last // 1_000_000}.{self._last % 1_000_000:06d}"

    def touch(self) -> None:
        """Something changed: whoever waits looks again."""
        for event in self._waiting:
            event.set()

    async def until(self, done: Callable[[], Any], patience: float = 5.0, what: Any = "") -> Any:
        """The first true value of ``done()``. ``what`` (or its answer) stands in the error."""
        event = asyncio.Event()
        self._waiting.add(event)
        try:
            async with asyncio.timeout(patience):
                while not (found := done()):
                    event.clear()
                    # What a test asks about may be none of ours, so look now and then all the same.
                    with suppress(TimeoutError):
                        await asyncio.wait_for(event.wait(), 0.02)
            return found
        except TimeoutError:
            raise TimeoutError(f"not within {patience} s: {what() if callable(what) else what}") from None
        finally:
            self._waiting.discard(event)

    def dm_of(self, user: User, team: Team | None = None) -> Channel:
        owner = team or user.team
        for channel in self.channels.values():
            if channel.user is user and channel.team is owner:
                return channel
        channel = Channel(self.id("D"), "", owner, DM, user, [user, owner.bot])
        self.channels[channel.id] = channel
        return channel

    def message(self, channel: Channel, author: User, body: Json) -> Json:
        """A new message in Slack's shape, not yet anywhere."""
        made: Json = {"type": "message", "ts": self.ts(), "user": author.id, "team": author.team.id}
        made["text"] = body.get("text") or ""
        if author.bot:
            made |= {"bot_id": author.team.bot_id, "app_id": author.team.app_id}
        made |= {key: body[key] for key in ("thread_ts", "metadata", "files", "attachments") if body.get(key)}
        if body.get("blocks"):
            made["blocks"] = self.with_ids(body["blocks"])
        if body.get("markdown_text"):
            made["text"] = body["markdown_text"]
            made["blocks"] = self.with_ids([{"type": "markdown", "text": body["markdown_text"]}])
        return made

    def keep(self, channel: Channel, message: Json) -> None:
        """For everybody to see."""
        channel.messages.append(message)
        root = message.get("thread_ts")
        for each in channel.messages:
            if root and each["ts"] == root and each is not message:
                each["thread_ts"] = root
                each["reply_count"] = each.get("reply_count", 0) + 1
                each["latest_reply"] = message["ts"]
        self.touch()

    def find(self, channel: Channel, ts: str) -> Json | None:
        return next((each for each in channel.messages if each["ts"] == ts), None)

    def with_ids(self, blocks: list[Json]) -> list[Json]:
        """Slack gives ids to blocks and elements that came without."""
        made = []
        for block in blocks:
            block = {"block_id": self.id("b"), **block}
            for key in ("element", "accessory"):
                if isinstance(block.get(key), dict) and block[key]["type"] != "image":
                    block[key] = {"action_id": self.id("a"), **block[key]}
            if block["type"] == "actions":
                block["elements"] = [{"action_id": self.id("a"), **each} for each in block["elements"]]
            made.append(block)
        return made

    def scanned(self, file_id: str) -> bool:
        return time.monotonic() >= self.scanning.get(file_id, 0)

    def stack(self, user: User) -> list[View]:
        """The modals of this person, the one on top last."""
        return [each for each in self.stacks.get(user.id, []) if each.open]
