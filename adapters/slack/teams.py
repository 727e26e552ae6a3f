"""Which workspace a thing is for, where several share one app: one signing secret, one app token."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import structlog
from slack_bolt.async_app import AsyncApp

from adapters.slack.workspace import Workspace

log = structlog.get_logger(__name__)

Pair = tuple[Workspace, AsyncApp]

#: Types of what Slack only tells; nobody waits for an answer to them.
EVENTS: Final = ("event_callback", "app_rate_limited")
_MOST = 100  # workspaces that are warned about, once each


def teams(body: Mapping[str, Any]) -> Iterator[str]:
    """Every workspace that Slack names in it, likeliest first: a guest of a shared channel is of another one."""

    def inside(key: str, name: str) -> Iterator[str]:
        if isinstance(found := body.get(key), Mapping) and isinstance(given := found.get(name), str):
            yield given

    yield from inside("view", "app_installed_team_id")
    given = body.get("authorizations")
    for each in given if isinstance(given, list) else ():
        if isinstance(each, Mapping) and isinstance(named := each.get("team_id"), str):
            yield named
    yield from inside("team", "id")
    yield from (each for each in (body.get("team_id"), body.get("team")) if isinstance(each, str))
    yield from inside("message", "team")  # that of the message a button stands on: ours
    yield from inside("event", "team_id")
    yield from inside("user", "team_id")
    yield from inside("view", "team_id")


def whose(pairs: Sequence[Pair], body: Mapping[str, Any]) -> AsyncApp | None:
    """The app that it is for; None where none of them is named. A single one takes all there is.

    Nobody takes anything while Slack has not said which workspace they are: whose it was could not be noted.
    """
    known = {workspace.team_id: app for workspace, app in pairs if workspace.known}
    if len(pairs) == 1:
        return next(iter(known.values()), None)
    return next((known[team] for team in teams(body) if team in known), None)


class Strangers:
    """The workspaces that have the app and are not in the settings: one warning each."""

    def __init__(self) -> None:
        self._met: set[str] = set()

    def met(self, body: Mapping[str, Any]) -> None:
        team = next(teams(body), "")
        if team not in self._met and len(self._met) < _MOST:
            self._met.add(team)
            log.warning("Slack sent something of a workspace that is not in the settings", team=team)
