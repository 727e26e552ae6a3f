"""Reviews from each other, told once for every platform: two answers are shared, one with a name and one without; two
members review them, one with an item ticked both ways; the writer reads both beside the machine's view, thanks for one;
and who has reviewed sees the checklist. With a restart in the middle."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from evening import ANA, BEN, Seen
from evening_attempts import QUESTION, OnConsole
from moved_clock import MovedClock
from talk import Talk

from core.feedback import TITLES, read
from core.review_items import STAR_ITEMS
from core.rules.agreement import Judged, agreement, side_by_side
from core.store.engine import Store

KEYS = [item.id for item in STAR_ITEMS]
FIRST = "I could see the six hours. What would you do another time?"
SECOND = "Clear, and short enough to tell over a coffee."


class Stage(Protocol):
    """A platform with Starling on it, where reviews can be written the way they are there."""

    async def command(self, who: str, line: str, **options: Any) -> Seen: ...

    async def press(self, who: str, on: Seen, label: str) -> Seen: ...

    async def choose(self, who: str, on: Seen, menu: str, option: str) -> Seen: ...

    async def review(
        self, who: str, on: Seen, seen: Sequence[str], missing: Sequence[str], words: str
    ) -> Seen:
        """Write a review of the answer that ``on`` shows, with these items ticked (their keys)."""
        ...

    async def untick(self, who: str, wrong: Seen, missing: Sequence[str]) -> Seen:
        """The review was not taken: tick these as missing instead. The rest is as it was, without typing it again."""
        ...

    async def restart(self) -> None: ...


@dataclass
class Evening:
    """Plays it, and writes down who saw what."""

    stage: Stage
    lines: list[str]

    def note(self, who: str, did: str, seen: Seen) -> Seen:
        assert seen.private, "what belongs to reviews is for one pair of eyes"
        self.lines += [f"{who} {did}, and sees:", *(f"    {line}" for line in seen.words.splitlines()), ""]
        return seen

    async def command(self, who: str, line: str, **options: Any) -> Seen:
        said = " ".join([line, *(f"{name}: {value}" for name, value in options.items())])
        return self.note(who, f"types “{said}”", await self.stage.command(who, line, **options))

    async def press(self, who: str, on: Seen, label: str) -> Seen:
        return self.note(who, f"presses “{label}”", await self.stage.press(who, on, label))

    async def share(self, who: str, text: str, how: str) -> None:
        told = await self.stage.command(who, "answer", prompt=QUESTION.uid, text=text)
        assert "Kept:" in told.words
        shared = await self.press(who, await self.stage.press(who, told, "Share"), how)
        assert "Shared with" in shared.words and "checklist stays out of it" in shared.words

    async def play(self) -> None:
        stage = self.stage
        await self.share("Ana", ANA, "With my name")
        await self.share("Cleo", BEN, "Without my name")

        # The one that waits longest comes first, without its checklist.
        asked = await self.command("Ben", "review")
        assert ANA[:40] in asked.words and "Ana" in asked.words
        assert "Nobody has reviewed it yet." in asked.words
        assert not any(title in asked.words for title in TITLES.values()), "the checklist would prime"
        for item in STAR_ITEMS:
            assert item.label in asked.words

        # An item that is ticked both ways is said to be, and nothing of what was sent is lost.
        seen, both = ["has_situation", "has_action", "quantified_result"], ["has_action", "lesson_learned"]
        wrong = self.note(
            "Ben",
            "ticks one item both ways",
            await stage.review("Ben", asked, seen=seen, missing=both, words=FIRST),
        )
        assert re.search("both as seen and as clearly missing|ticked as seen as well", wrong.words)
        kept = self.note(
            "Ben", "takes one tick away", await stage.untick("Ben", wrong, missing=["lesson_learned"])
        )
        assert "Kept: your review of Ana's answer" in kept.words and "+4 points" in kept.words
        first = Judged(seen, ["lesson_learned"])

        # Cleo's has no name, and no review either; then there is nothing left for Ben.
        another = await self.press("Ben", kept, "Another one")
        assert BEN[:40] in another.words and "Somebody" in another.words and "Cleo" not in another.words
        none = await self.press("Ben", another, "Another one")
        assert "That was the last one" in none.words

        # Buttons from before a restart go on working.
        await stage.restart()
        dan = await self.command("Dan", "review")
        assert BEN[:40] in dan.words, "fewest reviews first"
        dan = await self.press("Dan", dan, "Another one")
        assert ANA[:40] in dan.words and "It has 1 review." in dan.words and FIRST not in dan.words
        second = Judged(["has_situation", "has_task"], ["quantified_result"])
        done = self.note(
            "Dan",
            "reviews it",
            await stage.review("Dan", dan, seen=second.seen, missing=second.missing, words=SECOND),  # type: ignore[arg-type]
        )
        assert "Kept: your review of Ana's answer" in done.words

        # Now that he has reviewed, he may see what the machine found.
        machine = read(ANA, question=QUESTION.text, level="mid")
        checklist = await self.press("Dan", done, "See the checklist")
        for key, check in machine.checks.items():
            assert re.search(rf"{re.escape(TITLES[key])}[*_]*: {check.state}", checklist.words), key
            assert check.quote is None or check.quote in checklist.words

        # The writer sees all of it side by side.
        mine = await self.command("Ana", "reviews")
        assert "has been reviewed" in mine.words, "she is told above her next reply"
        assert mine.words.count("has been reviewed") == 1, "once an hour, however many came"
        side = self.note(
            "Ana",
            "opens them",
            await stage.choose(
                "Ana", mine, "Read the reviews of one of them", f"{QUESTION.title}, attempt 1"
            ),
        )
        lines = side_by_side(KEYS, [first, second], {key: c.state for key, c in machine.checks.items()})
        found = agreement(lines)
        assert found is not None and found.least < found.most
        assert f"agree on {found.least} to {found.most}." in side.words
        for line in lines:
            if line.machine is not None:
                says = (
                    f"{line.seen} saw it" if line.seen else "" if line.missing else "No reviewer ticked it."
                )
                item = re.search(rf"{re.escape(TITLES[line.key])}[*_]*: {line.machine}\W*\n(.*)", side.words)
                assert item is not None and says in item[1], line
                assert ("found it clearly missing" in item[1]) == bool(line.missing), line
        assert FIRST in side.words and SECOND in side.words and "Ben" in side.words and "Dan" in side.words
        thanked = await self.press("Ana", side, "This helped me")
        assert "Its writer is told" in thanked.words and "You marked it as helpful." in thanked.words
        told = await self.command("Ben", "review")
        assert "helped the one who wrote it" in told.words and "+2 points" in told.words


# --- the console ------------------------------------------------------------------------------------------


class OnConsoles:
    """A console for each of them, all pipes: reviews are typed there."""

    def __init__(self, talk: Talk, folder: Path) -> None:
        self.talk, self.folder = talk, folder
        self.consoles: dict[str, OnConsole] = {}
        self.typed: dict[str, tuple[int, Sequence[str], str]] = {}

    @classmethod
    async def begin(cls, store: Store, clock: MovedClock, folder: Path) -> OnConsoles:
        return cls(await Talk.begin(store, clock, packs=True), folder)

    def of(self, who: str) -> OnConsole:
        if who not in self.consoles:
            self.consoles[who] = OnConsole(self.talk, self.folder, who)
        return self.consoles[who]

    async def end(self) -> None:
        for each in self.consoles.values():
            await each.end()

    async def command(self, who: str, line: str, **options: Any) -> Seen:
        return await self.of(who).command(who, line, **options)

    async def press(self, who: str, on: Seen, label: str) -> Seen:
        return await self.of(who).press(who, on, label)

    async def choose(self, who: str, on: Seen, menu: str, option: str) -> Seen:
        return await self.of(who).choose(who, on, menu, option)

    async def review(
        self, who: str, on: Seen, seen: Sequence[str], missing: Sequence[str], words: str
    ) -> Seen:
        """As the console says it is typed: items by their numbers."""
        shown = re.search(r"/review write answer: (\d+) seen: 1,2 missing: 3 words: \.\.\.", on.words)
        assert shown is not None, on.words
        self.typed[who] = int(shown[1]), seen, words
        return await self.untick(who, on, missing)

    async def untick(self, who: str, wrong: Seen, missing: Sequence[str]) -> Seen:
        """A pipe asks nothing: the line is sent once more, with another list."""
        number, seen, words = self.typed[who]
        ticks = {
            name: ",".join(str(KEYS.index(k) + 1) for k in keys)
            for name, keys in (("seen", seen), ("missing", missing))
        }
        return await self.command(who, "review write", answer=number, **ticks, words=words)

    async def restart(self) -> None:
        self.talk.reconfigure()
