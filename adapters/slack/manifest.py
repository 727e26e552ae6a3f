"""Registry -> Slack's app manifest (schema 2): the whole app in one paste. Pure.

What is asked for is the least that works, and every scope says why. Events and methods stand in tables with the
scope that each needs: tests compare them with each other, with the manifest and with what the adapter calls.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from adapters.fit import cut
from adapters.slack import limits
from core.commands import Command, Registry

Json = dict[str, Any]
COMMAND = "/starling"
NAME = "Starling"
COLOUR = "#2E5A4B"
ABOUT = "Interview practice for study groups: questions, kind feedback, streaks."

SCOPES: dict[str, str] = {
    "commands": "/starling, and the message shortcuts",
    "chat:write": "to post questions, reminders and recaps where it was invited, and to answer",
    "app_mentions:read": "to hear “@Starling today” in threads, where slash commands do not work",
    "im:history": "to read answers sent to it directly, also those sent while it was away",
    "im:write": "to open the direct message for a reminder or a private question",
    "users:read": "names, and time zones for reminders",
    "channels:read": "to check that the public channel of a schedule is there and that it is in it",
    "groups:read": "the same for private channels it was invited to",
    "files:write": "to send pictures, exports and packs",
    "files:read": "to read a text file that is an answer, and a question pack that an organiser puts into its form",
}
"""Scope -> why, for whoever installs it. Nothing works without these."""

OPTIONAL: dict[str, str] = {
    "channels:history": (
        "to look whether a post whose confirmation was lost has arrived; without it such a post is not repeated"
    ),
    "groups:history": "the same in private channels",
}
"""Scope -> why, for what may be refused when it is installed."""

EVENTS: dict[str, str] = {
    "message.im": "im:history",
    "app_mention": "app_mentions:read",
    "app_home_opened": "",
    "app_uninstalled": "",
    "tokens_revoked": "",
}
"""Event -> the scope it needs; "" where it needs none."""

METHODS: dict[str, tuple[str, ...]] = {
    "auth.test": (),
    "apps.connections.open": (),  # with the app token, whose scope connections:write no manifest can ask for
    "chat.postMessage": ("chat:write",),
    "chat.postEphemeral": ("chat:write",),
    "chat.update": ("chat:write",),
    "conversations.open": ("im:write",),
    "conversations.info": ("channels:read", "groups:read"),
    "conversations.history": ("im:history", "channels:history", "groups:history"),
    "conversations.replies": ("im:history", "channels:history", "groups:history"),
    "users.info": ("users:read",),
    "views.open": (),
    "views.update": (),
    "views.publish": (),
    "files.getUploadURLExternal": ("files:write",),
    "files.completeUploadExternal": ("files:write",),
    "files.info": ("files:read",),
}
"""Every method that the adapter calls -> the scopes it needs, one for each kind of place."""


def manifest(registry: Registry, *, socket_mode: bool, url: str = "") -> Json:
    """The manifest, to be given to Slack as JSON.

    ``url``: without Socket Mode the whole https address that Slack's requests come to, slack.http_path included.
    Raises ValueError where it is needed and missing.
    """
    if not socket_mode and not url.startswith("https://"):
        raise ValueError(
            "Without Socket Mode Slack has to know an https address: where are its requests to go?"
        )
    where = {} if socket_mode else {"request_url": url}
    return {
        "_metadata": {"major_version": 2, "minor_version": 1},
        "display_information": {"name": NAME, "description": ABOUT, "background_color": COLOUR},
        "features": {
            "app_home": {
                "home_tab_enabled": True,
                "messages_tab_enabled": True,
                "messages_tab_read_only_enabled": False,
            },
            "bot_user": {"display_name": NAME, "always_online": True},
            "shortcuts": [_shortcut(c) for c in actions(registry)],
            "slash_commands": [_command(registry, {} if socket_mode else {"url": url})],
        },
        # what is optional stands in both lists: the second one only says that it may be refused
        "oauth_config": {"scopes": {"bot": sorted({**SCOPES, **OPTIONAL}), "bot_optional": sorted(OPTIONAL)}},
        "settings": {
            "event_subscriptions": {**where, "bot_events": sorted(EVENTS)},
            "interactivity": {
                "is_enabled": True,
                **where,
                **({} if socket_mode else {"message_menu_options_url": url}),
            },
            "org_deploy_enabled": False,
            "socket_mode_enabled": socket_mode,
            "token_rotation_enabled": False,
        },
    }


def actions(registry: Registry) -> list[Command]:
    """The commands that stand in a message's menu. A shortcut's callback_id is its command's path."""
    return [command for command in registry if command.message_action]


def _shortcut(command: Command) -> Json:
    return {
        "name": cut(command.message_action, limits.SHORTCUT_NAME),
        "type": "message",
        "callback_id": command.path,
        "description": cut(command.help, limits.SHORTCUT_DESCRIPTION),
    }


def _command(registry: Registry, where: Json) -> Json:
    return {
        "command": COMMAND,
        **where,
        "description": "Practise: today's question, your answer, your streak",
        "usage_hint": _hint(command.path for command in registry.listed()),
        # what is typed arrives as it was typed: channels are chosen in forms
        "should_escape": False,
    }


def _hint(paths: Iterable[str]) -> str:
    """The first words of what can be asked for, as many as a line shows."""
    known = dict.fromkeys(path.split(" ")[0] for path in paths)
    first = [word for word in ("today", "answer", "practice", "streak", "help") if word in known]
    return f"[{' | '.join(first or list(known)[:5])}]" if known else "[help]"
