"""One evening of a study group, told once for every platform: setup, a drop, three answers, a revision, a share,
a board, and a restart in the middle. What differs between platforms is how it looks, never what happens."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

ANA = (
    "Last winter our nightly report took six hours. I had to bring it under one. I rewrote the join, because the "
    "scan was the slow part, and added an index. The report now takes 20 minutes instead of six hours."
)
BEN = (
    "We had an outage in spring. The team worked on it for two days and we fixed the queue together. It was hard but "
    "in the end everybody was quite happy with how it went, I think."
)
BEN_AGAIN = (
    "We had an outage in spring, and orders stood still. It was my task to find out why. I read the traces, found a "
    "lock that two jobs held, and moved one of them to the night. Since then the queue has not stopped once in 90 days."
)
CLEO = "Too tired for a whole story today."


def page_of(platform: str, name: str) -> Path:
    """Where an evening's transcript stands."""
    return Path(__file__).parent / "data" / platform / f"{name}.txt"


def check_transcript(lines: Sequence[str], platform: str, name: str, *, write: bool = True) -> None:
    """Compare with tests/data/PLATFORM/NAME.txt, or (``write``, and asked to by the environment) write it anew."""
    told = re.sub(r"[ \t]+$", "", "\n".join(lines), flags=re.MULTILINE)
    at = page_of(platform, name)
    if os.environ.get("STARLING_WRITE_TRANSCRIPTS") and write:
        at.parent.mkdir(exist_ok=True)
        at.write_text(told, encoding="utf-8")
    assert told == at.read_text(encoding="utf-8"), (
        "This evening looks different now. If it should: STARLING_WRITE_TRANSCRIPTS=1, and read the difference."
    )


@dataclass
class Seen:
    """What one person sees of what they did. ``handle`` is the platform's own object, to press on."""

    words: str
    private: bool
    form: bool
    handle: Any


class Stage(Protocol):
    """A platform with Starling on it, and people who use it the way people do there."""

    prefix: str
    """What is typed before a command."""

    async def command(self, who: str, line: str, **options: Any) -> Seen: ...

    async def press(self, who: str, on: Seen, label: str) -> Seen: ...

    async def fill(self, who: str, form: Seen, **fields: str) -> Seen: ...

    async def card(self) -> Seen:
        """The newest post in the group's channel, as it stands now."""
        ...

    async def card_says(self, words: str) -> Seen:
        """The same, once it says ``words``: cards are rewritten a little later than what they tell of."""
        ...

    async def let_the_question_come(self) -> Seen: ...

    async def restart(self) -> None: ...


@dataclass
class Evening:
    """Plays the evening and writes down who saw what."""

    stage: Stage
    lines: list[str]

    def note(self, who: str, did: str, seen: Seen) -> Seen:
        shown = "opens a form" if seen.form else "sees, alone" if seen.private else "shows everybody"
        self.lines += [f"{who} {did}, and {shown}:", *(f"    {line}" for line in seen.words.splitlines()), ""]
        return seen

    async def command(self, who: str, line: str, **options: Any) -> Seen:
        said = " ".join(
            [f"{self.stage.prefix}{line}", *(f"{name}: {value}" for name, value in options.items())]
        )
        return self.note(who, said, await self.stage.command(who, line, **options))

    async def press(self, who: str, on: Seen, label: str) -> Seen:
        return self.note(who, f"presses “{label}”", await self.stage.press(who, on, label))

    async def answer(self, who: str, on: Seen, words: str, button: str = "Answer") -> Seen:
        form = await self.press(who, on, button)
        assert form.form
        return self.note(
            who, f"writes {len(words.split())} words", await self.stage.fill(who, form, text=words)
        )

    async def play(self) -> None:
        stage = self.stage
        done = await self.command("Olga", "setup", time="08:30", zone="UTC", tracks="behavioural")
        assert done.private and "is set up" in done.words
        test = self.note("Starling", "posts", await stage.card_says("test post"))
        assert not test.private

        card = self.note("Starling", "posts at 08:30", await stage.let_the_question_come())
        assert "Nobody has answered yet." in card.words

        ana = await self.answer("Ana", card, ANA)
        assert (
            ana.private
            and "Kept:" in ana.words
            and "Last winter our nightly report took six hours." in ana.words
        )
        assert "Streak: 1 day" in ana.words and "+10 points" in ana.words

        # Sharing is the writer's choice, and opens to those who have answered.
        asked = await self.press("Ana", ana, "Share")
        shared = await self.press("Ana", asked, "With my name")
        assert shared.private
        card = self.note("The card", "is rewritten", await stage.card_says("1 shared answer"))
        early = await self.press("Ben", card, "Shared answers")
        assert early.private and ANA[:30] not in early.words

        # In the middle of it all Starling is restarted. Buttons from before go on working.
        await stage.restart()
        ben = await self.answer("Ben", card, BEN)
        assert "Kept:" in ben.words
        now = await self.press("Ben", card, "Shared answers")
        assert now.private and ANA[:30] in now.words and "Ana" in now.words

        again = await self.answer("Ben", ben, BEN_AGAIN, button="Revise")
        assert "attempt 2" in again.words and "New since your earlier attempts" in again.words

        cleo = await self.answer("Cleo", card, CLEO)
        assert "counts for the day" in cleo.words and "Kept:" in cleo.words

        card = self.note("The card", "is rewritten", await stage.card_says("3 members answered"))
        board = await self.command("Ana", "leaderboard")
        assert not board.private and board.words.index("Ben") < board.words.index("Ana"), (
            "improving is rewarded"
        )
        assert "Cleo" not in board.words.split("Ana")[0]
        streak = await self.command("Ben", "streak")
        assert streak.private and "1 day" in streak.words
