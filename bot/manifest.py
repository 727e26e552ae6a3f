"""``starling manifest slack``: the whole Slack app as JSON, for “Create New App”, “From a manifest”."""

from __future__ import annotations

import json
from typing import Literal
from urllib.parse import urlsplit, urlunsplit

from adapters.slack.manifest import manifest
from bot.settings import Settings
from core.catalogue import registry
from core.errors import SettingsError


def slack_manifest(settings: Settings, mode: Literal["socket", "http", ""] = "", address: str = "") -> str:
    """The manifest for ``mode``; where none is said, for HTTP mode if there is an address, else as the settings say.

    ``address`` is where Slack reaches Starling; slack.http_path is added where it has no path of its own.
    Raises SettingsError.
    """
    chosen = mode or ("http" if address else settings.slack.mode)
    if chosen == "socket":
        if address:
            raise SettingsError(
                "In Socket Mode Slack calls nobody, so no address goes into the manifest. "
                "Leave --http out, or --mode socket."
            )
        return _printed(manifest(registry(), socket_mode=True))
    return _printed(manifest(registry(), socket_mode=False, url=_url(address, settings.slack.http_path)))


def _url(address: str, path: str) -> str:
    if not address:
        raise SettingsError(
            "In HTTP mode Slack has to know where its requests go. Say the public https address that leads to "
            "Starling: starling manifest slack --http https://starling.example.org "
            f"({path} is added, from slack.http_path). Without such an address: --mode socket."
        )
    try:
        parts = urlsplit(address.strip())
        usable = parts.scheme == "https" and parts.hostname and not set(address.strip()) & set(" \t\n\\")
        usable = usable and (parts.port is None or parts.port > 0)
    except ValueError:
        usable = None
    if not usable or parts.query or parts.fragment or parts.username:
        raise SettingsError(
            "--http is no https address. Write it like https://starling.example.org: Slack sends requests to "
            "no other kind."
        )
    return urlunsplit(("https", parts.netloc, parts.path if parts.path.strip("/") else path, "", ""))


def _printed(made: dict[str, object]) -> str:
    return json.dumps(made, indent=2, ensure_ascii=False)
