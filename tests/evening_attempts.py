"""A second attempt at one question, told once for every platform: an answer, a sentence that was read wrong, an item
that was, another attempt beside the first, and both in the history, with a restart in the middle.

The checklists have to be the same everywhere, word for word, whatever they look like."""

from __future__ import annotations

import asyncio
import io
import os
import re
from pathlib import Path
from typing import Any, Protocol

from evening import BEN, BEN_AGAIN, Seen
from moved_clock import MovedClock
from talk import HOME, Talk

from adapters.console.app import Console
from core.feedback import TITLES, Reading, read
from core.packs.load import starter_packs
from core.store.engine import Store

QUESTION = next(p for pack in starter_packs() for p in pack.prompts if p.id == "proud-project")
Item = tuple[
    str, str, str
]  # an item of the checklist: its title, its state, the sentence that shows it or ""


class Stage(Protocol):
    """A platform with Starling on it (``evening.Stage``), where things can be chosen from menus, too."""

    async def command(self, who: str, line: str, **options: Any) -> Seen: ...

    async def press(self, who: str, on: Seen, label: str) -> Seen: ...

    async def choose(self, who: str, on: Seen, menu: str, option: str) -> Seen:
        """Take ``option`` of the menu that says ``menu``."""
        ...

    async def restart(self) -> None: ...


class Told:
    """A stage on which all that somebody does and sees is written down."""

    def __init__(self, stage: Stage, lines: list[str]) -> None:
        self.stage, self.lines = stage, lines

    def note(self, who: str, did: str, seen: Seen) -> Seen:
        self.lines += [f"{who} {did}, and sees:", *(f"    {line}" for line in seen.words.splitlines()), ""]
        return seen

    async def command(self, who: str, line: str, **options: Any) -> Seen:
        said = " ".join([line, *(f"{name}: {value}" for name, value in options.items())])
        return self.note(who, f"types “{said}”", await self.stage.command(who, line, **options))

    async def press(self, who: str, on: Seen, label: str) -> Seen:
        return self.note(who, f"presses “{label}”", await self.stage.press(who, on, label))

    async def choose(self, who: str, on: Seen, menu: str, option: str) -> Seen:
        chosen = await self.stage.choose(who, on, menu, option)
        return self.note(who, f"takes “{option}” of “{menu}”", chosen)

    async def restart(self) -> None:
        self.lines += ["Starling is stopped and started again.", ""]
        await self.stage.restart()


async def play(on: Stage, lines: list[str]) -> list[list[Item]]:
    """The evening, told in ``lines``; the five checklists that Ben saw in it."""
    stage = Told(on, lines)
    named = QUESTION.uid
    first = await stage.command("Ben", "answer", prompt=named, text=BEN)
    assert first.private and "Kept:" in first.words
    machine = _read(BEN)
    assert checklist_of(first.words) == _items(machine)

    # A sentence was read wrong: one choice, and the checklist is another.
    sheet = await stage.press("Ben", first, "Correct it")
    assert sheet.private
    for number, each in enumerate(machine.sentences, 1):
        assert re.search(rf"(?m)^{number}\\?\. \w+.*: {re.escape(each.text)}", sheet.words), sheet.words
    moved = await stage.choose("Ben", sheet, "2: move to another part", "Result")
    assert "Sentence 2 counts as Result now, as you said." in moved.words
    by_hand = _read(BEN, labels={1: "R"})
    assert checklist_of(moved.words) == _items(by_hand) != _items(machine)

    # An item was, too: it is there, and this sentence shows it. The menu is still good after a restart.
    await stage.restart()
    asked = await stage.choose("Ben", moved, "An item is wrong", "A lesson, or a limit you saw: it is there")
    last = machine.sentences[-1].text
    label = next(f"{n}. {s.text}" for n, s in enumerate(machine.sentences, 1) if s.text == last)
    marked = await stage.choose("Ben", asked, "Choose the sentence", label)
    assert "“A lesson, or a limit you saw” is met now, as you said." in marked.words
    expected = [i if i[0] != TITLES["lesson_learned"] else (i[0], "met", last) for i in _items(by_hand)]
    assert checklist_of(marked.words) == expected

    # Another attempt is compared with it; what is new is quoted.
    again = await stage.command("Ben", "answer", prompt=named, text=BEN_AGAIN)
    assert "attempt 2" in again.words and "New since your earlier attempts" in again.words
    better = _read(BEN_AGAIN)
    assert checklist_of(again.words) == _items(better)
    new = [
        key for key, check in better.checks.items() if check.state == "met" and _state(expected, key) != "met"
    ]
    told = again.words[again.words.index("New since your earlier attempts") :].replace("\\", "")
    for key in new:
        assert TITLES[key].partition(":")[0] in told and str(better.checks[key].quote) in told
    assert f"{better.met_count} of 9 items met, {sum(i[1] == 'met' for i in expected)} in attempt 1." in told
    lost = [i for i in expected if i[1] == "met" and _state(_items(better), _key(i[0])) != "met"]
    assert ("In attempt 1 and not in this one; keep it if it still fits:" in told) == bool(lost)

    # And the history has both, the first as it was corrected, with a picture that says so in words.
    history = await stage.command("Ben", "history", prompt=named)
    newest, _, oldest = history.words.partition("Attempt 1, ")
    assert checklist_of(newest) == _items(better) and checklist_of(oldest) == expected
    assert "Corrected by you." in oldest and "Corrected by you." not in newest
    return [checklist_of(seen.words) for seen in (first, moved, marked, again)] + [checklist_of(oldest)]


def _read(text: str, labels: dict[int, Any] | None = None) -> Reading:
    return read(text, question=QUESTION.text, level="mid", corrections=labels)


def _items(reading: Reading) -> list[Item]:
    return [(TITLES[key], check.state, check.quote or "") for key, check in reading.checks.items()]


def _key(title: str) -> str:
    return next(key for key, name in TITLES.items() if name == title)


def _state(items: list[Item], key: str) -> str:
    return next(state for title, state, _ in items if title == TITLES[key])


def checklist_of(words: str) -> list[Item]:
    """The first checklist in ``words``, however a platform marks its lines."""
    found = []
    for title in TITLES.values():
        line = re.search(rf"(?m)^\W*{re.escape(title)}[*_]*: (met|missing|unsure)[^\n]*\n?([^\n]*)", words)
        assert line is not None, f"no “{title}” in: {words}"
        quote = re.fullmatch(r"[\s>|]*“(.*)”\s*", line[2])
        found.append((title, line[1], quote[1] if quote is not None else ""))
    return found


# --- the console ------------------------------------------------------------------------------------------


class OnConsole:
    """One member at a console that is a pipe: lines in, words out, numbers to press."""

    def __init__(self, talk: Talk, folder: Path, name: str = "Ben") -> None:
        self.talk, self.folder, self.name = talk, folder, name
        self._printed = io.StringIO()
        self._lines, self._running = self._start()

    @classmethod
    async def begin(cls, store: Store, clock: MovedClock, folder: Path) -> OnConsole:
        return cls(await Talk.begin(store, clock, packs=True), folder)

    def _start(self) -> tuple[int, asyncio.Task[None]]:
        reading, writing = os.pipe()
        self._reading = os.fdopen(reading, "r", encoding="utf-8")
        console = Console(
            dispatcher=self.talk.dispatcher,
            who=self.talk.who(self.name),
            where=HOME,
            stdin=self._reading,
            stdout=self._printed,
            terminal=False,
            files=self.folder,
        )
        return writing, asyncio.create_task(console.run())

    async def end(self) -> None:
        os.close(self._lines)
        await self._running
        self._reading.close()

    async def _type(self, line: str) -> Seen:
        """What is printed after ``line``: all up to the reply to a number that nothing has."""
        before = len(self._printed.getvalue())
        os.write(self._lines, f"{line}\n9999\n".encode())
        async with asyncio.timeout(20):
            while not (told := re.search(r"\n*There is (no 9999|nothing) to press.*", self._new(before))):
                assert not self._running.done()
                await asyncio.sleep(0.005)
        return Seen(self._new(before)[: told.start()], True, False, None)

    def _new(self, before: int) -> str:
        return self._printed.getvalue()[before:]

    async def command(self, who: str, line: str, **options: Any) -> Seen:
        return await self._type(
            " ".join([f"/{line}", *(f"{name}: {value}" for name, value in options.items())])
        )

    async def press(self, who: str, on: Seen, label: str) -> Seen:
        return await self._number(on.words, label)

    async def choose(self, who: str, on: Seen, menu: str, option: str) -> Seen:
        return await self._number(on.words.partition(f"{menu}\n")[2], option)

    async def _number(self, words: str, label: str) -> Seen:
        found = re.search(rf"\[(\d+) {re.escape(label[:60])}", words)
        assert found is not None, f"no {label!r} in: {words}"
        return await self._type(found[1])

    async def restart(self) -> None:
        """A console forgets its numbers when it ends, so here it is the process around it that is another."""
        self.talk.reconfigure()
