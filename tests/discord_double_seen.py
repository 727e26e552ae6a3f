"""What a person saw of one thing they did in the local double. Tests read this."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Any

from discord_double_judge import walk
from discord_double_world import Channel, Json, User


@dataclass
class Interaction:
    """One thing a person did, and everything they have seen of it since; it goes on growing."""

    id: int
    token: str
    kind: int
    user: User
    channel: Channel
    install: str = "guild"
    source: Json | None = None
    sent: float = 0.0
    callback: int | None = None
    """4 message, 5 thinking, 6 quiet acknowledgement, 7 card updated, 8 choices, 9 form."""
    payload: Json = field(default_factory=dict)
    message: Json | None = None
    """The first answer as it stands now, edits included."""
    follow_ups: list[Json] = field(default_factory=list)
    edits: list[Json] = field(default_factory=list)
    ephemeral: bool = False
    loading: bool = False
    refused: list[Json] = field(default_factory=list)
    latency: float = 0.0
    changed: asyncio.Condition = field(default_factory=asyncio.Condition)

    @property
    def choices(self) -> list[Json]:
        return list(self.payload.get("choices") or [])

    @property
    def text(self) -> str:
        """All words of the first answer and its follow-ups, in order."""
        return "\n".join(text_of(each) for each in [self.message or {}, *self.follow_ups] if each)

    async def until(self, done: Any, patience: float = 5.0) -> Interaction:
        """Wait until ``done(self)``; the words seen so far stand in the error."""
        try:
            async with asyncio.timeout(patience), self.changed:
                await self.changed.wait_for(lambda: done(self))
        except TimeoutError:
            raise TimeoutError(f"after {patience} s: callback {self.callback}, saw {self.text!r}") from None
        return self

    async def touch(self) -> None:
        async with self.changed:
            self.changed.notify_all()


def text_of(message: Json) -> str:
    """Content, text displays and embeds of a message, line by line."""
    parts = [message.get("content") or ""]
    parts += [each["content"] for _, each in walk(message.get("components")) if each["type"] == 10]
    for embed in message.get("embeds") or ():
        parts += [embed.get("title") or "", embed.get("description") or ""]
        parts += [f"{each['name']}: {each['value']}" for each in embed.get("fields") or ()]
    return "\n".join(part for part in parts if part)


def buttons(message: Json) -> dict[str, str]:
    """custom_id -> label (or placeholder) of everything that can be pressed on a message."""
    shown = {}
    for _, each in walk(message.get("components")):
        if each.get("custom_id") and not each.get("disabled"):
            shown[each["custom_id"]] = str(each.get("label") or each.get("placeholder") or "")
    return shown
