"""What Starling may do in which channel of Slack. There are no rights: a bot is a member of a channel, or is not."""

from __future__ import annotations

from collections.abc import Mapping
from time import monotonic
from typing import Any

from adapters.slack.calls import Lost, Refused, insist
from adapters.slack.manifest import OPTIONAL
from adapters.slack.words import mentioned
from adapters.slack.workspace import Workspace, Workspaces
from core.plain import clean_line, clean_name
from core.ports import Access, Lack
from core.views import Mention

PATIENCE = 1.0  # seconds: the form of `setup` has to open within Slack's three, and asks first
FRESH = 30.0  # seconds that a good answer is kept; another is never kept, since somebody presses "look again"
KEPT = 1_000  # channels

INVITE = "type /invite @Starling"
WHERE = (
    "Where: api.slack.com/apps, the app, “OAuth & Permissions”, Bot Token Scopes; then install the app again."
)
WHY_GONE = "there is no such channel, or it is private and Starling was not invited"
UNSEEN = f"A private channel is seen once Starling is a member: in the channel, {INVITE}."
SHARED = (
    "{name} is shared with another workspace (Slack Connect): people from there can read the questions and "
    "press the buttons under them, but have no /starling command."
)
_SEEING = {"channels:read": "public channels", "groups:read": "private channels"}


class SlackPlaces:
    """``core.ports.Places`` by ``conversations.info``. That a channel lets only some people post is not to be seen."""

    def __init__(self, workspaces: Workspaces) -> None:
        self._workspaces = workspaces
        self._known: dict[tuple[str, str], tuple[float, Mapping[str, Any]]] = {}

    async def access(
        self, server_id: str, channel_id: str, *, thread: bool = False, role_id: str = ""
    ) -> Access | None:
        """None: none of this process's workspaces, or Slack does not answer within a second. Threads need nothing."""
        workspace = self._workspaces.get(server_id)
        if workspace is None:
            return None
        try:
            channel = await self._channel(workspace, channel_id)
        except Lost:
            return None
        except Refused as refused:
            return _refused(refused.code, workspace)
        return _access(workspace, channel, role_id)

    async def _channel(self, workspace: Workspace, channel_id: str) -> Mapping[str, Any]:
        """Slack's word on it, at most 30 seconds old where all was well. Raises Refused, Lost."""
        key, now = (workspace.team_id, channel_id), monotonic()
        found = self._known.get(key)
        if found is not None and now - found[0] < FRESH:
            return found[1]
        said = await insist(lambda: workspace.plain.conversations_info(channel=channel_id), PATIENCE)
        channel = said.get("channel")
        if not isinstance(channel, dict):
            raise Lost("no channel in the answer")
        self._known.pop(key, None)
        if channel.get("is_member") and not channel.get("is_archived"):
            if len(self._known) >= KEPT:
                del self._known[next(iter(self._known))]  # the oldest
            self._known[key] = (now, channel)
        return channel


def _refused(code: str, workspace: Workspace) -> Access | None:
    if code == "channel_not_found":
        return Access(gone=True, where=UNSEEN, why_gone=WHY_GONE)
    if code != "missing_scope":
        return None  # the workspace's trouble, not this channel's
    if workspace.scopes.issuperset(_SEEING):  # then it is nothing of both, and Starling asks for no more
        return Access("This conversation", unfit="a direct message", where=WHERE)
    return Access(
        lacks=tuple(
            Lack(
                scope,
                f"to look whether Starling is a member of {what}",
                False,
                "only a test post shows whether questions can come",
            )
            for scope, what in _SEEING.items()
            if scope not in workspace.scopes
        ),
        where=WHERE,
    )


def _access(workspace: Workspace, channel: Mapping[str, Any], role_id: str) -> Access:
    if channel.get("is_im"):
        return Access("This conversation", unfit="a direct message", where=WHERE)
    if channel.get("is_mpim"):
        return Access("This conversation", unfit="a direct message among several people", where=WHERE)
    name = f"#{clean_name(str(channel.get('name') or 'channel'), 100)}"
    lacks = []
    if channel.get("is_archived"):
        way = "Unarchive it in Slack (the channel's name, “Settings”), or choose another channel."
        lacks.append(Lack(f"{name} is archived", "for posting the question", True, way=way))
    elif not channel.get("is_member"):
        way = f"Invite it: in {name}, {INVITE}."
        lacks.append(Lack(f"Starling is not a member of {name}", "for posting the question", True, way=way))
    history = "groups:history" if channel.get("is_private") else "channels:history"
    if workspace.scopes and history not in workspace.scopes:
        lacks.append(_no_history(history))
    shared = channel.get("is_ext_shared") or channel.get("is_pending_ext_shared")
    return Access(
        name,
        lacks=tuple(lacks),
        where=WHERE,
        notes=tuple(_unmentioned(role_id, name)),
        remarks=(SHARED.format(name=name),) if shared else (),
    )


def _no_history(scope: str) -> Lack:
    assert scope in OPTIONAL
    return Lack(
        scope,
        "to look whether a post whose confirmation was lost has arrived",
        False,
        "nobody can tell, and such a post is not repeated unless whoever runs Starling has chosen that",
    )


def _unmentioned(role_id: str, name: str) -> list[str]:
    """Whether a user group is there cannot be asked without a further scope; that this is none can be seen."""
    if not role_id or mentioned(Mention("slack", "role", role_id, "")) is not None:
        return []
    return [
        f"“{clean_line(role_id)[:60]}” is no id of a user group, so questions in {name} mention nobody. "
        "Slack's own ids of groups begin with S: such as S0123ABCD."
    ]
