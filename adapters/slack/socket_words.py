"""Why there is no connection in Socket Mode: Slack's words for it, and ours with what to do."""

from __future__ import annotations

from typing import Final

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from adapters.slack.workspace import Workspace

MOST: Final = 10  # connections that Slack allows one app, counted over all its processes

_MAKE = "Make one under “Basic Information”, “App-Level Tokens”, with the scope connections:write."
_GONE = "Slack does not accept {key} any more"
#: Slack's words for a token that it will not take, however often it is asked; to be given the ``key`` of it.
REFUSED: Final = {
    "invalid_auth": "Slack does not know {key}. Copy it again, whole, from “Basic Information”, “App-Level Tokens”; "
    "it needs the scope connections:write.",
    "not_authed": f"{{key}} is empty. {_MAKE}",
    "token_revoked": f"{_GONE}: it was revoked. {_MAKE}",
    "token_expired": f"{_GONE}: it has expired. {_MAKE}",
    "account_inactive": f"{_GONE}: its app is gone or switched off. {_MAKE}",
    "not_allowed_token_type": f"{{key}} is no app-level token: those begin with xapp-. {_MAKE}",
    "missing_scope": f"{{key}} lacks the scope connections:write. {_MAKE}",
}
SWITCHED_OFF: Final = (
    "Socket Mode is switched off for this app. Switch it on under “Socket Mode” in the app's settings, "
    'or set slack.mode = "http".'
)
CROWDED: Final = (
    f"Slack allows this app {MOST} connections, and all are taken. Stop other copies of Starling that use the "
    "same app token; connections of stopped ones end after some minutes."
)


def key(workspace: Workspace) -> str:
    """What the operator calls the setting; the short form has the name "slack"."""
    name = workspace.token.name
    return "slack.app_token" if name in ("", "slack") else f"the app_token of the Slack workspace “{name}”"


def word_of(error: Exception) -> str:
    """Slack's word for it where there is one; never an address, since that may hold a ticket."""
    if isinstance(error, SlackApiError) and isinstance(error.response, AsyncSlackResponse):
        found = error.response.data.get("error") if isinstance(error.response.data, dict) else None
        return str(found or f"HTTP {error.response.status_code}")
    if isinstance(error, aiohttp.WSServerHandshakeError):
        return f"HTTP {error.status}"
    return type(error).__name__


def asked(error: Exception) -> float:
    """The seconds that Slack asks for where it limits a rate; else 0."""
    if not isinstance(error, SlackApiError) or not isinstance(error.response, AsyncSlackResponse):
        return 0.0
    named = {str(name).lower(): str(value) for name, value in dict(error.response.headers or {}).items()}
    given = named.get("retry-after", "")
    return min(float(given), 3600.0) if given.isdecimal() else 0.0
