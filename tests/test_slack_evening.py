"""The evening on Slack: the real bolt app over real sockets, and the transcript as it looks there.

It is the same in Socket Mode and over HTTP, to the letter.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from evening import Evening, Seen, check_transcript
from slack_double import User, broadcasts, text_of
from slack_drawn import drawn
from slack_room import Json, Mode, Sight, SlackRoom, line_of, slack_room


class OnSlack:
    """``evening.Stage`` for Slack."""

    prefix = "/starling "

    def __init__(self, room: SlackRoom) -> None:
        self.room = room
        self.people: dict[str, User] = {"Olga": room.olga}

    def who(self, name: str) -> User:
        if name not in self.people:
            self.people[name] = self.room.member(name)
        return self.people[name]

    def seen(self, got: Sight) -> Seen:
        assert not got.errors
        return Seen(self.told(got.shown), got.private, got.view is not None, got)

    def told(self, shown: Json) -> str:
        """The words and what can be pressed; people and channels by their names, as Slack shows them."""
        text = drawn(shown).replace(f"<#{self.room.channel.id}>", "#practice")
        for user in self.people.values():
            text = text.replace(f"<@{user.id}>", f"@{user.name}")
        return text

    async def command(self, who: str, line: str, **options: Any) -> Seen:
        return self.seen(await self.room.say(self.who(who), line_of(line, options)))

    async def press(self, who: str, on: Seen, label: str) -> Seen:
        return self.seen(await self.room.press(self.who(who), on.handle, label))

    async def fill(self, who: str, form: Seen, **fields: str) -> Seen:
        return self.seen(await self.room.fill(self.who(who), form.handle, **fields))

    async def card(self) -> Seen:
        return self.public(self.room.double.messages(self.room.channel)[-1])

    def public(self, message: Json) -> Seen:
        return Seen(self.told(message), False, False, message)

    async def card_says(self, words: str) -> Seen:
        def says() -> bool:
            posts = self.room.posts()
            return bool(posts) and words in text_of(posts[-1])

        if not says():
            self.room.clock.skip(seconds=16)  # cards are rewritten every 15 seconds at most
            await self.room.soon(says)
        return self.public(self.room.posts()[-1])

    async def let_the_question_come(self) -> Seen:
        before = len(self.room.double.messages(self.room.channel))
        self.room.clock.skip(minutes=31)
        await self.room.soon(lambda: len(self.room.double.messages(self.room.channel)) > before)
        return await self.card()

    async def restart(self) -> None:
        await self.room.restart(away=60)


@pytest.mark.slow
@pytest.mark.parametrize("mode", ["socket", "http"])
async def test_a_whole_evening(tmp_path: Path, mode: Mode) -> None:
    async with slack_room(tmp_path, mode) as room:
        await room.start()
        evening = Evening(OnSlack(room), [])
        await evening.play()
        everything = [*room.double.messages(room.channel), *room.double.world.ephemerals.values()]
        assert not any(broadcasts({"said": each}) for each in everything), "nobody is pinged by an evening"
        late = {name: f"{taken:.2f} s" for name, taken in room.double.latencies if taken > 3}
        assert not late and not any(not event.acked for event in room.double.events)
    check_transcript(evening.lines, "slack", "evening", write=mode == "socket")
