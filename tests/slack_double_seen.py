"""What a person saw of one thing they did in the local double of Slack. Tests read this."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from slack_double_world import Channel, Json, Team, User, View, World

BROADCAST = re.compile(r"<!(?:channel|here|everyone|subteam)[^>]*>")


class NotOffered(AssertionError):
    """Slack would not let a person do this."""


@dataclass(eq=False)
class Act:
    """One thing a person did, and everything they have seen of it since; it goes on growing."""

    world: World
    team: Team
    kind: str
    """slash_commands, block_actions, view_submission, view_closed, message_action, block_suggestion."""
    user: User
    channel: Channel
    trigger: str = ""
    url: str = ""
    source: Json | None = None
    """The message that was pressed."""
    sent: float = 0.0
    latency: float = 0.0
    """Seconds to the acknowledgement."""
    acked: bool = False
    payload: Json = field(default_factory=dict)
    """What the acknowledgement carried."""
    failed: str = ""
    """What Slack shows when it was not acknowledged: operation_timeout, dispatch_failed; or took amiss what it
    carried: invalid_command_response, view_error, invalid_arguments, invalid_options."""
    answers: list[Json] = field(default_factory=list)
    """Messages by response_url or in the acknowledgement."""
    view: View | None = None
    """The modal this act opened, pushed, or left open."""
    errors: dict[str, str] = field(default_factory=dict)
    """block_id -> what stands under the box."""
    road: str = ""
    said: Json = field(default_factory=dict)
    """What was sent to the app, and as which kind of envelope."""
    trigger_used: bool = False
    url_uses: int = 0

    @property
    def choices(self) -> list[Json]:
        """The options a suggestion offered, groups opened."""
        groups = self.payload.get("option_groups") or [{"options": self.payload.get("options") or []}]
        return [each for group in groups for each in group["options"]]

    @property
    def text(self) -> str:
        """All words this act has brought, messages first, then the modal."""
        words = [text_of(each) for each in self.answers]
        return "\n".join([*words, text_of(self.view.body)] if self.view and self.view.open else words)

    async def until(self, done: Callable[[Act], Any], patience: float = 5.0) -> Act:
        """Wait until ``done(self)``; what was seen so far stands in the error."""
        about = f"{self.kind} by {self.user.name}"
        await self.world.until(
            lambda: done(self), patience, lambda: f"{about}: {self.failed} saw {self.text!r}"
        )
        return self

    async def answered(self, patience: float = 5.0) -> Act:
        """Wait for the first thing to see: a message, a modal, an error."""
        return await self.until(lambda it: it.answers or it.view or it.errors or it.failed, patience)


def walk(given: Any) -> Iterator[Json]:
    """Every object inside blocks, in reading order."""
    if isinstance(given, dict):
        yield given
        for each in given.values():
            yield from walk(each)
    elif isinstance(given, list):
        for each in given:
            yield from walk(each)


def text_of(shown: Json) -> str:
    """The words of a message or view, line by line; of a message with blocks, those of the blocks."""
    parts = []
    if isinstance(shown.get("title"), dict):
        parts.append(shown["title"]["text"])
    if not shown.get("blocks"):
        parts.append(shown.get("text") or "")
    for each in walk(shown.get("blocks") or []):
        if each.get("type") in ("plain_text", "mrkdwn", "text", "raw_text", "markdown"):
            parts.append(str(each["text"]))
        elif each.get("type") == "image":
            parts.append(f"[{each['alt_text']}]")
    parts += [f"[{each['name']}: {each.get('alt_txt')}]" for each in shown.get("files") or ()]
    return "\n".join(part for part in parts if part)


def buttons(shown: Json) -> dict[str, str]:
    """action_id -> label (or placeholder) of everything that can be pressed on a message or view."""
    found = {}
    for each in walk(shown.get("blocks") or []):
        if each.get("action_id"):
            label = each.get("text") or each.get("placeholder") or {}
            found[str(each["action_id"])] = str(label.get("text", ""))
    return found


def fields(view: View | None) -> dict[str, Json]:
    """block_id -> element of every box of a form."""
    assert view is not None
    return {each["block_id"]: each["element"] for each in view.body["blocks"] if each["type"] == "input"}


def broadcasts(message: Json) -> list[str]:
    """Mentions that would ring for everybody. In plain and in rich text no word is read as one."""
    parsed = [
        each for each in walk(message) if each.get("type") not in ("plain_text", "text", "raw_text", "link")
    ]
    written = [hit for each in parsed for hit in _hits(each.get("text"))]
    return written + [str(each["type"]) for each in parsed if each.get("type") in ("broadcast", "usergroup")]


def _hits(text: Any) -> list[str]:
    return BROADCAST.findall(text) if isinstance(text, str) else []
