"""A second Discord that nobody here wrote: simcord's, asked by raw request bodies as its transport hands them on.

simcord plays Discord for discord.py inside the process. Below its transport stands a table of routes that judges
bodies and keeps what they make; that is asked here, once for each of the roads that Starling's bodies take, so that
nothing of Starling has to be replaced for it. ``Simcord`` is one server with one channel.
"""

from __future__ import annotations

import copy
import io
import re
from collections.abc import Iterable, Iterator
from typing import Any

import discord
import discord_double_judge as ours
import simcord
from simcord.backend.models import Interaction
from simcord.components import component_mentions
from simcord.http.router import dispatch
from simcord.preview._markdown import markdown_tokens

from adapters.discord.escape import NOTHING
from adapters.discord.limits import EPHEMERAL
from adapters.discord.modals import modal
from adapters.discord.views import Payload, payload
from adapters.drawing import plain
from core.views import Form, FormErrors, View, say

Json = dict[str, Any]
COMMAND = 2  # type of an interaction


class Simcord:
    """Every method returns what simcord says against a body; "" when it takes it."""

    def __init__(self) -> None:
        self.backend = simcord.Backend()
        guild = self.backend.create_guild("Interview club")
        channel = self.backend.create_channel(guild.id, "practice")
        self.user = self.backend.make_user("ana")
        self.backend.add_member(guild.id, self.user.id)
        self.guild, self.channel = guild.id, channel.id
        me = guild.members[self.backend.bot_user.id]
        role = self.backend.create_role(guild.id, "Starling", permissions=discord.Permissions.all().value)
        me.role_ids.append(role.id)

    def message(self, drawn: Payload) -> str:
        """In the channel, where that may be: what is for one person alone is the answer to an interaction."""
        if drawn.json["flags"] & EPHEMERAL:
            return self._callback({"type": 4, "data": drawn.json}, drawn)
        return self._ask("POST", f"/channels/{self.channel}/messages", drawn.json, drawn)

    def rewritten(self, drawn: Payload, before: Payload) -> str:
        """A message of the channel that showed ``before``."""
        posted = self._do("POST", f"/channels/{self.channel}/messages", before.json, before)
        body = {"attachments": [], **drawn.json}
        return self._ask("PATCH", f"/channels/{self.channel}/messages/{posted['id']}", body, drawn)

    def shown(self, drawn: Payload, *, private: bool) -> str:
        """Where "thinking" stands."""
        asked = self._interaction()
        path = f"/interactions/{asked.id}/{asked.token}/callback"
        self._do("POST", path, {"type": 5, "data": {"flags": EPHEMERAL} if private else None})
        here = f"/webhooks/{self.backend.application_id}/{asked.token}/messages/@original"
        return self._ask("PATCH", here, drawn.json, drawn)

    def modal(self, data: Json) -> str:
        return self._callback({"type": 9, "data": data})

    def commands(self, tree: list[Json]) -> str:
        return self._ask("PUT", f"/applications/{self.backend.application_id}/commands", tree)

    # --- below ---------------------------------------------------------------------------------------

    def _interaction(self) -> Interaction:
        return self.backend.new_interaction(COMMAND, self.channel, self.user.id, self.guild)

    def _callback(self, body: Json, drawn: Payload | None = None) -> str:
        asked = self._interaction()
        return self._ask("POST", f"/interactions/{asked.id}/{asked.token}/callback", body, drawn)

    def _ask(self, method: str, path: str, body: Any, drawn: Payload | None = None) -> str:
        try:
            self._do(method, path, body, drawn)
        except (simcord.BackendError, ValueError) as refused:  # ValueError: of commands
            return str(refused)
        return ""

    def _do(self, method: str, path: str, body: Any, drawn: Payload | None = None) -> Any:
        files = [
            discord.File(io.BytesIO(data), name, description=alt)
            for name, data, alt in (drawn.files if drawn else ())
        ]
        try:
            return dispatch(self.backend, method, path, json=copy.deepcopy(body), files=files)
        finally:
            self.backend.http_requests.clear()
            self.backend.transcript.clear()


def texts(components: Any) -> str:
    """What a kept message says, as markdown."""
    return component_mentions(components)


KNOWN = {
    "users": {"1": "ana", "123": "ben"},
    "roles": {"9": "owls"},
    "channels": {"5": "general"},
    "commands": {"1": "help"},
    "everyone": True,
}
"""Who and what there is, so that a mention of it would be one."""


def read(markdown: str) -> tuple[set[str], str]:
    """What simcord's reader makes of ``markdown``: the kinds of what it sees, and the words.

    It takes a line for small print where a backslash stands before its mark, which Discord does not.
    """
    seen = list(
        _tokens(markdown_tokens(markdown.replace("\\-#", f"\\-{NOTHING}#"), "text_display", context=KNOWN))
    )
    words = "".join(" " if t["type"] == "break" else str(t.get("content", "")) for t in seen)
    return {str(t["type"]) for t in seen}, re.sub(r"\s+", " ", words).strip()


def _tokens(found: Iterable[Json]) -> Iterator[Json]:
    for token in found:
        yield token
        yield from _tokens(token.get("children", ()))


# --- both judges ----------------------------------------


def against(drawn: Payload) -> list[ours.Fault]:
    """What our judge says against a message, wherever it goes."""
    files = {name: data for name, data, _ in drawn.files}
    private = drawn.json["flags"] & ours.EPHEMERAL
    shape = ours.CALLBACKS[4] if private else "MessageCreateRequest"
    body = {"type": 4, "data": drawn.json} if private else drawn.json
    return [*ours.shape(shape, body), *ours.message(drawn.json, files=files)]


def against_modal(data: Json) -> list[ours.Fault]:
    return [*ours.shape(ours.CALLBACKS[9], {"type": 9, "data": data}), *ours.modal(data)]


def ways(view: View) -> Iterable[Payload]:
    """``view`` as every road sends it: an answer, a delivery with its key, a DM, its words alone."""
    yield payload(view)
    yield payload(view, ephemeral=False, key="d123456789")
    yield payload(view, ephemeral=False, files=False, track="coding")
    yield payload(plain(view), files=False, ephemeral=False)


def judged(view: View, theirs: Simcord) -> None:
    """Both judges take ``view`` on every road."""
    for drawn in ways(view):
        assert against(drawn) == []
        assert theirs.message(drawn) == ""
    sent = payload(view, ephemeral=False, key="d123456789")
    for private in (True, False):
        assert theirs.shown(sent, private=private) == ""
    for before in (payload(say("x"), ephemeral=False), sent):
        assert theirs.rewritten(sent, before) == ""
    if isinstance(view, Form | FormErrors):
        opened = modal(view)
        assert against_modal(opened) == []
        assert theirs.modal(opened) == ""
