"""The console: reads a line, sends it down the one road, shows the view that comes back.

At a terminal it asks, completes and colours; on a pipe it prints the same words and asks for nothing.
"""

from __future__ import annotations

import asyncio
import dataclasses
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from adapters.console.files import save_all, with_attachments
from adapters.console.pipe import Pipe
from adapters.console.render import PREFIX, Numbers
from core.call import Where, Who
from core.commands import Command, Kind, Option, Registry
from core.dispatch import Dispatcher, explain, request_of
from core.errors import StarlingError
from core.parse import LINE_LIMIT, action_id, parse
from core.plain import clean_line
from core.views import Choice, File, Form, FormErrors, Image, Message, Text, Typed, View, blocks_of, say

if TYPE_CHECKING:
    from adapters.console.ask import Asker
    from adapters.console.terminal import Terminal

LEAVING = ("quit", "exit")
ENOUGH_WORDS = 20  # loose words that are probably an answer
_NUMBER = re.compile(r"[0-9]{1,4}")


class Console:
    """One person's console. ``run`` returns at the end of the input, at /quit, or when nobody reads any more.

    ``opening`` is awaited before the first line is read and names commands to run then; ``files`` is the
    folder for pictures and exports. ``terminal``: somebody sits there, so forms are asked; otherwise it is a
    pipe.
    """

    def __init__(
        self,
        *,
        dispatcher: Dispatcher,
        who: Who,
        where: Where,
        stdin: TextIO | None,
        stdout: TextIO | None,
        terminal: bool,
        files: Path,
        welcome: View | None = None,
        opening: Callable[[], Awaitable[Sequence[str]]] | None = None,
    ) -> None:
        self.who = who
        self._dispatcher = dispatcher
        self._where = where
        self._stdin, self._stdout = stdin, stdout
        self._at_terminal = terminal
        self._files = files
        self._welcome = welcome
        self._opening = opening
        self._surface: Pipe | Terminal | None = None
        self._terminal: Terminal | None = None
        self._asker: Asker | None = None
        self._actions: dict[int, str] = {}
        self._unsent: dict[str, dict[str, object]] = {}

    async def run(self) -> None:
        """Practise until the end of the input."""
        with ExitStack() as stack:
            surface = self._begin(stack)
            stack.callback(self._end)
            if self._welcome is not None:
                await self.show(self._welcome)
            for line in await self._opening() if self._opening is not None else ():
                await self._command(line.removeprefix(PREFIX))
            while not surface.gone:
                line_read = await surface.read()
                if line_read is None or not await self._line(line_read.strip()):
                    break
            if self._terminal is not None:
                await self.show(say("See you next time."))

    def _begin(self, stack: ExitStack) -> Pipe | Terminal:
        if self._at_terminal:
            # Imported here: a pipe need not wait for libraries that draw.
            from adapters.console.ask import Asker
            from adapters.console.terminal import Terminal

            self._terminal = Terminal(self._stdout, self.who.name, self._registry, self._suggest)
            self._asker = Asker(self._terminal)
            self._surface = self._terminal
            stack.enter_context(self._terminal.guarding())
            return self._terminal
        self._surface = Pipe(self._stdin, self._stdout, self._registry)
        return self._surface

    def _end(self) -> None:
        if self._surface is not None:
            self._surface.close()
        self._surface = None

    async def _suggest(self, command: Command, option: Option, typed: str) -> tuple[Choice, ...]:
        return await self._dispatcher.suggest(command, option, typed, self.who, self._where)

    @property
    def _registry(self) -> Registry:
        return self._dispatcher.registry

    # --- showing --------------------------------------------------------------------------------------

    async def show(self, view: View, *, drop: bool = False, label: str = "", pressable: bool = True) -> bool:
        """Print ``view``; False when nobody is there to see it.

        The latest reply's buttons have the numbers; a drop's follow after them.
        """
        surface = self._surface
        if surface is None:
            return False
        kept = any(isinstance(b, (Image, File)) for b in blocks_of(view))
        saved = await asyncio.to_thread(save_all, view, self._files) if kept else {}
        numbers = Numbers(max(self._actions, default=0) + 1 if drop else 1, given=pressable)
        text = surface.render(view, numbers, saved, drop=drop, label=label)
        if numbers.actions:
            self._actions = {**self._actions, **numbers.actions} if drop else dict(numbers.actions)
        await surface.put(text)
        return not surface.gone

    # --- one line -------------------------------------------------------------------------------------

    async def _line(self, line: str) -> bool:
        """Do what ``line`` says. False when it says to leave."""
        if not line:
            return True
        if len(line) > LINE_LIMIT:
            await self.show(
                say(
                    f"That line has {len(line):,} characters; {LINE_LIMIT:,} is the most. Nothing was stored."
                )
            )
        elif line.startswith(PREFIX):
            words = line.removeprefix(PREFIX).strip()
            if words.casefold() in LEAVING and words.casefold() not in self._registry:
                return False
            await self._command(words)
        elif _NUMBER.fullmatch(line):
            await self._number(int(line))
        else:
            await self._loose(line)
        return True

    async def _command(self, words: str) -> None:
        await self._reply(await self._run(words))
        if words.casefold().split()[:1] == ["help"]:
            await self.show(_own_help(self._at_terminal))

    async def _run(self, words: str) -> View:
        found = self._registry.longest(words[:200].split())
        if found is None or all(o.kind is not Kind.FILE for o in found[0].options):
            return await self._dispatcher.line(words, self.who, self._where, can_ask=self._at_terminal)
        try:
            parsed = parse(self._registry, words)
            values = await asyncio.to_thread(with_attachments, parsed)
        except StarlingError as error:
            return explain(error)
        request = request_of(parsed, self.who, self._where, can_ask=self._at_terminal)
        return await self._dispatcher.run(dataclasses.replace(request, values=values))

    async def _number(self, number: int) -> None:
        action = self._actions.get(number)
        if action is not None:
            await self._reply(await self._press(action))
        elif self._actions:
            low, high = min(self._actions), max(self._actions)
            await self.show(say(f"There is no {number} to press just now; there are {low} to {high}."))
        else:
            await self.show(
                say("There is nothing to press just now. ", Typed("help"), " says what there is.")
            )

    async def _press(
        self, action: str, values: Mapping[str, object] | None = None, *, submitted: bool = False
    ) -> View:
        return await self._dispatcher.press(
            action, self.who, self._where, values, can_ask=self._at_terminal, submitted=submitted
        )

    # --- loose words ----------------------------------------------------------------------------------

    async def _loose(self, line: str) -> None:
        answer = self._registry.get("answer")
        option = next((o for o in answer.options if o.kind is Kind.LONG), None) if answer else None
        if self._terminal is not None and option is not None and len(line.split()) >= ENOUGH_WORDS:
            if await self._terminal.agree("Count this as your answer to the question of the day?"):
                await self._reply(await self._press(action_id("answer"), {option.name: line}))
            else:
                await self.show(say("All right, nothing was stored. The up arrow brings your words back."))
            return
        await self.show(self._hint(line))

    def _hint(self, line: str) -> Message:
        words = line.split()
        blocks = [Text(("Commands begin with “/”.",))]
        if words[0].casefold() in LEAVING:
            blocks = [Text(("Commands begin with “/”: ", Typed(words[0].casefold()), " leaves."))]
        elif self._registry.longest(words) or self._registry.below(words[0].casefold()):
            meant = clean_line(line)
            meant = meant if len(meant) <= 60 else f"{words[0].casefold()} ..."
            blocks = [Text(("Commands begin with “/”. Did you mean ", Typed(meant), "?"))]
        elif near := self._registry.nearest(words[0], 1):
            blocks = [Text(("Commands begin with “/”. Did you mean ", Typed(near[0].path), "?"))]
        if "answer" in self._registry:
            blocks.append(Text(("To answer: ", Typed("answer text: <your words>")), style="note"))
        return Message(tuple(blocks))

    # --- forms ----------------------------------------------------------------------------------------

    async def _reply(self, view: View) -> None:
        """Show ``view``; a form is asked first, at a terminal, until what it asks is right."""
        while self._asker is not None and isinstance(view, (Form, FormErrors)):
            answered = await self._fill(view, self._asker)
            if answered is None:
                await self.show(
                    say(
                        "Nothing was sent. What you typed is kept until you leave: ask again to go on with it."
                    )
                )
                return
            view = answered
        await self.show(view)

    async def _fill(self, view: Form | FormErrors, asker: Asker) -> View | None:
        """What comes back when ``view``'s form is sent, or None when it was stopped."""
        form, errors = (view.form, view.errors) if isinstance(view, FormErrors) else (view, None)
        values: dict[str, object] = {f.name: f.value for f in form.fields}
        values |= self._unsent.pop(form.action, {})
        sent = await asker.fill(form, values, errors)
        if not sent:
            self._unsent[form.action] = values
            return None
        answer = await self._press(form.action, values, submitted=True)
        if isinstance(answer, FormErrors):
            self._unsent[answer.form.action] = values
        return answer


def _own_help(at_terminal: bool) -> Message:
    more = " Tab completes, Ctrl-C clears the line." if at_terminal else ""
    return Message(
        (
            Text(
                (
                    "On this console a number presses the button with that number. ",
                    Typed("quit"),
                    f" leaves.{more}",
                ),
                style="note",
            ),
        )
    )
