"""``starling check`` and Slack: each workspace's tokens, what its app may do, and where Slack's requests have to go."""

from __future__ import annotations

import asyncio
import os
import re
from collections.abc import Callable

import aiohttp
from slack_sdk.errors import SlackApiError, SlackClientError

from adapters.slack.calls import code_of
from adapters.slack.manifest import OPTIONAL, SCOPES
from adapters.slack.socket_words import REFUSED as REFUSED_APP_TOKENS
from adapters.slack.workspace import Workspace, Workspaces
from bot.platforms import slack_options
from bot.settings import Settings
from core.plain import clean_line

SECONDS = 10.0  # for all that is asked of Slack: nobody waits longer for a check

_COPY = "Copy the “Bot User OAuth Token” from the app's page “OAuth & Permissions”"
_REFUSED = {
    "invalid_auth": f"Slack does not know it. {_COPY}, whole.",
    "not_authed": f"it is empty. {_COPY}.",
    "token_revoked": "it was revoked. Install the app again, and copy the new one.",
    "token_expired": "it has expired. Switch token rotation off in the app's settings, and install it again.",
    "account_inactive": "the app was removed from its workspace. Install it again, and copy the new token.",
    "not_allowed_token_type": f"it is a token of another kind. {_COPY}: it begins with xoxb-.",
    "org_login_required": "the workspace is being moved to an organisation. Try again once that is over.",
}
_PROXIES = ("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy")  # in slack_sdk's order
_FAILED = (SlackApiError, SlackClientError, aiohttp.ClientError, OSError, TimeoutError)
_AGAIN = "Paste what “starling manifest slack” prints over the app's manifest, then press “Reinstall to” the workspace."


async def check_slack(settings: Settings, say: Callable[[str], None]) -> bool:
    """Print what is found, workspace by workspace, of which there is one; True when nothing is wrong.

    No secret is printed.
    """
    _say_proxy(settings, say)
    options = slack_options(settings)
    workspaces = Workspaces(options.tokens, options.api_base_url, options.proxy)
    workspaces.open()
    try:
        found = await asyncio.gather(*(_looked_at(one, options.mode) for one in workspaces))
    finally:
        await workspaces.close()
    for lines, _ in found:
        for line in lines:
            say(line)
    good = all(fine for _, fine in found)
    known = [one.team_id for one in workspaces if one.known]
    for one in workspaces:
        if known.count(one.team_id) > 1:
            say(
                f"Slack: {_called(one)} is a workspace that stands in the settings twice. Remove one of them."
            )
            good = False
    if options.mode == "http":
        say(
            f"  Slack's requests have to arrive at {options.http_host}:{options.http_port}{options.http_path}: let "
            "the https address in the app's manifest lead there (starling manifest slack --http ...)."
        )
    return good


def _say_proxy(settings: Settings, say: Callable[[str], None]) -> None:
    name = next((name for name in _PROXIES if os.environ.get(name, "").strip()), "")
    if name and not settings.slack.proxy:
        say(
            f"Slack: {name} is set, so everything goes through that proxy; NO_PROXY changes nothing about it here. "
            "slack.proxy takes its place."
        )


async def _looked_at(workspace: Workspace, mode: str) -> tuple[list[str], bool]:
    """(what to print, whether it is fine)."""
    lines: list[str] = []
    try:
        async with asyncio.timeout(SECONDS):
            await workspace.look()
            lines.append(
                f"Slack: {_setting(workspace, 'bot_token')} is that of “{clean_line(workspace.bot_name)}” in the "
                f"workspace “{clean_line(workspace.team_name)}” ({clean_line(workspace.team_id)})."
            )
            good = _scopes(workspace, lines.append)
            if mode == "http":
                _secret(workspace, lines.append)
            else:
                await workspace.plain.apps_connections_open(app_token=workspace.token.app_token)
                lines.append(f"  {_setting(workspace, 'app_token')} is good for Socket Mode.")
            return lines, good
    except _FAILED as error:
        key = "app_token" if workspace.known else "bot_token"
        return [*lines, f"{'  ' if lines else 'Slack: '}{_why(error, workspace, key)}"], False


def _why(error: Exception, workspace: Workspace, key: str) -> str:
    name = _setting(workspace, key)
    if not isinstance(error, SlackApiError):
        if isinstance(error, TimeoutError):
            return f"{name}: no answer from Slack in time. Try again, or look at slack.api_base_url and slack.proxy."
        return (
            f"{name}: Slack cannot be reached ({type(error).__name__}). Is there a network, and are "
            "slack.api_base_url and slack.proxy right?"
        )
    code, status = code_of(error)
    if code.startswith("http_"):
        if status >= 500:
            return f"{name}: Slack is in trouble just now (HTTP {status}). Try again in a while."
        return (
            f"{name}: what answers at slack.api_base_url (or at a proxy on the way) is not Slack. The address "
            "should end in /api."
        )
    if code in ("ratelimited", "rate_limited"):
        return f"{name}: Slack asks to be left alone for a while. Try again in a minute."
    if key == "app_token":
        if code in REFUSED_APP_TOKENS:
            return REFUSED_APP_TOKENS[code].format(key=name)
        if code == "socket_mode_disabled":
            return (
                "Socket Mode is switched off for this app: switch it on under “Socket Mode” in its settings, or set "
                'slack.mode = "http".'
            )
    return f"{name}: {_REFUSED.get(code, f'Slack does not accept it ({clean_line(code)}). {_COPY}.')}"


def _scopes(workspace: Workspace, say: Callable[[str], None]) -> bool:
    """Whether nothing is missing that Starling cannot do without."""
    if not workspace.scopes:
        say("  Slack did not say which scopes the token has.")
        return True
    missing = {scope: why for scope, why in SCOPES.items() if scope not in workspace.scopes}
    refused = {scope: why for scope, why in OPTIONAL.items() if scope not in workspace.scopes}
    if missing:
        say("  Scopes that Starling needs and that this token lacks:")
        for scope, why in missing.items():
            say(f"    {scope}: {why}")
        say(f"  {_AGAIN}")
    if refused:
        say("  Optional scopes that this token lacks; Starling works without them:")
        for scope, why in refused.items():
            say(f"    {scope}: {why}")
    if not missing and not refused:
        say("  It has every scope that Starling asks for.")
    if more := sorted(workspace.scopes - set(SCOPES) - set(OPTIONAL)):
        say(f"  It has scopes that Starling never uses: {', '.join(clean_line(one) for one in more)}.")
    return not missing


def _secret(workspace: Workspace, say: Callable[[str], None]) -> None:
    name = _setting(workspace, "signing_secret")
    if re.fullmatch(r"[0-9a-f]{32}", workspace.token.signing_secret):
        say(f"  {name} is set. Only a request of Slack's shows that it is this app's.")
    else:
        say(
            f"  {name} does not look like one: they are 32 characters of 0-9 and a-f. Copy the “Signing Secret” from "
            "the app's page “Basic Information”; with a wrong one every request of Slack's is refused."
        )


def _setting(workspace: Workspace, key: str) -> str:
    """What the operator calls it; the short form has the name "slack"."""
    name = workspace.token.name
    return f"slack.{key}" if name in ("", "slack") else f"{key} of “{clean_line(name)}”"


def _called(workspace: Workspace) -> str:
    return f"“{clean_line(workspace.name or workspace.team_name)}”"
