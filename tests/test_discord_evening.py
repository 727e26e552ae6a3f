"""The evening on Discord: the real client over real sockets, and the transcript as it looks there."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from discord_double import Interaction, buttons, text_of
from discord_double_world import Json, User
from discord_room import DiscordRoom, discord_room
from evening import Evening, Seen, check_transcript

EPHEMERAL = 1 << 6


class OnDiscord:
    """``evening.Stage`` for Discord."""

    prefix = "/"

    def __init__(self, room: DiscordRoom) -> None:
        self.room = room
        self.people: dict[str, User] = {"Olga": room.olga}

    def who(self, name: str) -> User:
        if name not in self.people:
            self.people[name] = self.room.member(name)
        return self.people[name]

    def seen(self, got: Interaction) -> Seen:
        if got.callback == 9:
            inner = list(got.payload["components"])
            words = [got.payload["title"], *(c.get("content") or f"[{c['label']}]" for c in inner)]
            return Seen("\n".join(words), True, True, got)
        assert got.message is not None
        return Seen(_drawn(got.message), bool(got.message["flags"] & EPHEMERAL), False, got)

    async def command(self, who: str, line: str, **options: Any) -> Seen:
        return self.seen(await self.room.double.slash(self.who(who), line, options, self.room.channel))

    async def press(self, who: str, on: Seen, label: str) -> Seen:
        return self.seen(await self.room.press(self.who(who), on.handle, label))

    async def fill(self, who: str, form: Seen, **fields: str) -> Seen:
        return self.seen(await self.room.double.submit_modal(self.who(who), form.handle, fields))

    async def card(self) -> Seen:
        message: Json = self.room.double.messages(self.room.channel)[-1]
        return Seen(_drawn(message), False, False, message)

    async def card_says(self, words: str) -> Seen:
        def says() -> bool:
            posts = [m for m in self.room.double.messages(self.room.channel) if not _reply(m)]
            return bool(posts) and words in text_of(posts[-1])

        if not says():
            self.room.clock.skip(seconds=16)  # cards are rewritten every 15 seconds at most
            await self.room.soon(says)
        message = [m for m in self.room.double.messages(self.room.channel) if not _reply(m)][-1]
        return Seen(_drawn(message), False, False, message)

    async def let_the_question_come(self) -> Seen:
        before = len(self.room.double.messages(self.room.channel))
        self.room.clock.skip(minutes=31)
        await self.room.soon(lambda: len(self.room.double.messages(self.room.channel)) > before)
        return await self.card()

    async def restart(self) -> None:
        await self.room.restart(away=60)


def _reply(message: Json) -> bool:
    return "interaction_metadata" in message


def _drawn(message: Json) -> str:
    """The words of a message, and under them what can be pressed."""
    labels = "  ".join(f"[{label}]" for label in buttons(message).values())
    return text_of(message) + (f"\n{labels}" if labels else "")


@pytest.mark.slow
async def test_a_whole_evening(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with discord_room(tmp_path, monkeypatch) as room:
        await room.start()
        evening = Evening(OnDiscord(room), [])
        await evening.play()
        assert {c["name"] for c in room.double.world.commands[0]} >= {"setup", "leaderboard", "STAR feedback"}
        pings = [m["mentions"] + m["mention_roles"] for m in room.double.messages(room.channel)]
        assert not any(pings), "nobody is pinged by an evening"
    check_transcript(evening.lines, "discord", "evening")
