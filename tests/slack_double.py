"""A local double of Slack, over real sockets, for the real slack_bolt: Web API, Socket Mode, signed HTTP.

``double = await SlackDouble.start()`` opens a server on 127.0.0.1 with one workspace, ``double.team``, and its
tokens. Give the app ``AsyncWebClient(base_url=double.base_url)``; for HTTP mode set ``double.team.url`` to where
the app listens. Then be a person: ``slash``, ``press``, ``select``, ``suggest``, ``submit_view``, ``close_view``,
``shortcut``, ``dm``, ``mention``, ``open_home``. Each waits for the acknowledgement; those that can show something
return an ``Act``, which goes on growing as answers come. A person can only do what Slack would offer: an unknown
action, a closed modal, somebody else's ephemeral message raise ``NotOffered``.

Whatever the app sends is judged: a breach is answered in Slack's words and kept in ``double.violations``, which a
test asserts to be empty. Not spoken: OAuth installation, org-wide installs, group messages, attachments' shapes,
reactions, pins, user groups, workflows, canvases, unfurling, scheduled messages, user tokens, streams.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Sequence
from typing import Any

import slack_double_forms as forms
import slack_double_limits as limits
from slack_double_api import Refused
from slack_double_roads import Event
from slack_double_seen import Act, NotOffered, broadcasts, buttons, fields, text_of
from slack_double_talk import Talk
from slack_double_world import Channel, Json, Team, User, View

__all__ = [
    "Act",
    "Channel",
    "Event",
    "NotOffered",
    "SlackDouble",
    "Team",
    "User",
    "View",
    "broadcasts",
    "buttons",
    "fields",
    "text_of",
]


class SlackDouble(Talk):
    """What people do. ``api``, ``sockets``, ``roads`` and ``world`` are open to tests that need more."""

    def __init__(self) -> None:
        super().__init__()
        self.offered: dict[str, forms.Offered] = {}
        """user id -> what was suggested to them."""
        self.picked: dict[tuple[str, str], dict[str, Json]] = {}
        """(user id, message ts) -> what this person picked there."""

    async def slash(
        self, user: User, text: str = "", channel: Channel | None = None, command: str = "/starling"
    ) -> Act:
        """A slash command in a channel or (``None``) in the DM with the app; threads have none."""
        where = channel or self.world.dm_of(user)
        if user.team is not where.team:
            raise NotOffered(f"{user.name} is of another workspace: Slack Connect has no commands for guests")
        if command not in where.team.commands or "commands" not in where.team.scopes:
            raise NotOffered(f"{command} is not one of {sorted(where.team.commands)}")
        act = self._act("slash_commands", user, where)
        return await self._send(act, "slash_commands", forms.slash(act, command, text), command)

    async def press(
        self,
        user: User,
        where: Json | Act | View,
        action_id: str,
        value: str | None = None,
        *,
        block_id: str | None = None,
    ) -> Act:
        """A button (or an overflow menu, with the value picked) on a message, a modal or a home tab."""
        return await self._block_action(user, where, action_id, value, block_id)

    async def select(
        self,
        user: User,
        where: Json | Act | View,
        action_id: str,
        value: str | Sequence[str] | None,
        *,
        block_id: str | None = None,
    ) -> Act:
        """Pick by value: options, people, conversations, dates. In an input box without dispatch nothing is sent."""
        return await self._block_action(user, where, action_id, forms.values(value), block_id)

    async def _block_action(
        self, user: User, where: Json | Act | View, action_id: str, value: Any, block_id: str | None
    ) -> Act:
        place = forms.place(self.world, user, where)
        block, element = forms.element(place, action_id, block_id)
        if block["type"] == "input" and not block.get("dispatch_action"):
            raise NotOffered("an input box is filled by submit_view")
        team = place.view.team if place.view else place.channel.team if place.channel else self.team
        act = self._act("block_actions", user, place.channel or self.world.dm_of(user, team))
        act.source = None if place.view else place.shown
        act.view = place.view
        action_id = element["action_id"]
        offered = self.offered.get(user.id, {}).get((block["block_id"], action_id), [])
        done = forms.action(block, element, value, offered, self.world.ts())
        key = (user.id, str(place.shown.get("ts")))
        entered = dict(place.view.entered if place.view else self.picked.get(key, {}))
        if element["type"] in forms.CHOSEN and element["type"] != "overflow":
            kept = forms.chosen(element, value, offered)
            entered[block["block_id"]] = entered.get(block["block_id"], {}) | {action_id: kept}
        entered = forms.state(place, entered)
        if place.view:
            place.view.entered = entered
        else:
            self.picked[key] = entered
        payload: Json = {
            "type": "block_actions",
            **forms.base(act),
            **forms.container(place),
            "actions": [done],
        }
        if place.view is None:
            payload |= {"state": {"values": entered}, "response_url": self._answerable(act)}
        return await self._send(act, "interactive", payload, f"press {action_id}")

    async def suggest(
        self, user: User, where: Json | Act | View, action_id: str, typed: str, *, block_id: str | None = None
    ) -> list[Json]:
        """The options offered while this is typed into an external select."""
        place = forms.place(self.world, user, where)
        block, element = forms.element(place, action_id, block_id)
        if element["type"] not in ("external_select", "multi_external_select"):
            raise NotOffered(f"a {element['type']} asks for no suggestions")
        if len(typed) < element.get("min_query_length", 3):
            raise NotOffered(f"{len(typed)} characters are too few to ask")
        team = place.view.team if place.view else place.channel.team if place.channel else self.team
        act = self._act(
            "block_suggestion", user, place.channel or self.world.dm_of(user, team), trigger=False
        )
        payload: Json = {"type": "block_suggestion", **forms.base(act), **forms.container(place)}
        key = block["block_id"], element["action_id"]
        payload |= {"action_id": key[1], "block_id": key[0], "value": typed}
        await self._send(act, "interactive", payload, f"suggest {action_id}")
        self.offered.setdefault(user.id, {})[key] = act.choices
        return act.choices

    async def submit_view(
        self, user: User, where: Act | View | None = None, values: dict[str, Any] | None = None
    ) -> Act:
        """Send the modal (the one on top, unless said): box by block_id or action_id -> text, value, values."""
        view = forms.place(self.world, user, where or self._top(user)).view
        if view is None or not view.body.get("submit"):
            raise NotOffered("there is nothing to submit")
        forms.fill(view, values or {}, self.offered.get(user.id, {}))
        act = self._act("view_submission", user, self.world.dm_of(user, view.team))
        act.view = view
        payload: Json = {
            "type": "view_submission",
            **forms.base(act),
            "view": view.json(),
            "response_urls": [],
        }
        return await self._send(act, "interactive", payload, f"form {view.body.get('callback_id', '')}")

    def type_in(self, user: User, values: dict[str, Any]) -> None:
        """Fill boxes of the modal on top without sending it."""
        forms.fill(self._top(user), values, self.offered.get(user.id, {}), whole=False)

    async def close_view(self, user: User) -> Act | None:
        """The cross of the modal on top. The app hears of it only where it asked to."""
        view = self._top(user)
        view.open = False
        self.world.touch()
        if not view.body.get("notify_on_close"):
            return None
        act = self._act("view_closed", user, self.world.dm_of(user, view.team), trigger=False)
        payload = {"type": "view_closed", **forms.base(act), "view": view.json(), "is_cleared": False}
        return await self._send(act, "interactive", payload, "view_closed")

    def _top(self, user: User) -> View:
        if (view := self.modal(user)) is None:
            raise NotOffered(f"{user.name} has no modal open")
        return view

    async def shortcut(self, user: User, message: Json | None, callback_id: str = "star") -> Act:
        """A shortcut in a message's menu; ``None`` is the global one."""
        place = forms.place(self.world, user, message) if message is not None else None
        if place is not None and place.ephemeral:
            raise NotOffered("ephemeral messages have no menu")
        channel = (place.channel if place else None) or self.world.dm_of(user)
        if callback_id not in channel.team.shortcuts or "commands" not in channel.team.scopes:
            raise NotOffered(f"{callback_id} is not one of {sorted(channel.team.shortcuts)}")
        act = self._act("message_action" if place else "shortcut", user, channel)
        payload: Json = {"type": act.kind, **forms.base(act), "callback_id": callback_id}
        payload["action_ts"] = self.world.ts()
        if place is not None:
            payload |= {"message": place.shown, "message_ts": place.shown["ts"]}
            payload |= {"channel": {"id": channel.id, "name": channel.name or "directmessage"}}
            payload["response_url"] = self._answerable(act)
        return await self._send(act, "interactive", payload, f"shortcut {callback_id}")

    async def again(self, done: Act | Event) -> Act | bool:
        """Slack delivers the same thing once more: the same payload, the same event_id."""
        if isinstance(done, Event):
            team = next(each for each in self.world.teams if each.id == done.payload["team_id"])
            return await self.roads.again(team, done)
        twin = self._act(done.kind, done.user, done.channel, trigger=False)
        twin.source, twin.view, twin.trigger = done.source, done.view, done.trigger
        return await self._send(twin, done.road, done.said, f"again {done.kind}")

    # how it is sent

    def _act(self, kind: str, user: User, channel: Channel, *, trigger: bool = True) -> Act:
        if user not in channel.members:
            raise NotOffered(f"{user.name} is not in #{channel.name}")
        act = Act(self.world, channel.team, kind, user, channel, uuid.uuid4().hex if trigger else "")
        if trigger:
            self.world.acts[act.trigger] = act
        if kind == "slash_commands":
            self._answerable(act)
        return act

    def _answerable(self, act: Act) -> str:
        path = f"/respond/{act.team.id}/{uuid.uuid4().hex}"
        self.world.urls[path] = act
        act.url = self.world.base + path
        return act.url

    async def _send(self, act: Act, road: str, payload: Json, name: str) -> Act:
        act.road, act.said, act.sent = road, payload, time.perf_counter()
        accepts = act.kind in ("slash_commands", "view_submission", "block_suggestion")
        ack = await self.roads.deliver(act.team, road, payload, accepts)
        act.acked, act.latency, act.failed = ack.acked, ack.latency, ack.failed
        act.payload = ack.payload if isinstance(ack.payload, dict) else {}
        if ack.acked:
            self.latencies.append((name, ack.latency))
            try:
                self._taken(act)
            except Refused as refused:
                act.failed = "invalid_command_response" if act.kind == "slash_commands" else str(refused)
        self.world.touch()
        return act

    def _taken(self, act: Act) -> None:
        """What the acknowledgement itself shows."""
        if act.kind == "slash_commands" and act.payload:
            self.api.answer(act, act.payload, "ack of a command")
        elif act.kind == "block_suggestion":
            self.api.breach("suggestions", limits.options(act.payload), "invalid_options")
        elif act.kind == "view_submission" and act.view is not None:
            act.view, act.errors = self.api.submitted(act.team, act.view, act.payload)
