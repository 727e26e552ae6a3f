"""A terminal as a console: a prompt that completes, colours, and replies above what is being typed."""

from __future__ import annotations

import contextvars
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

import structlog
from prompt_toolkit.application import get_app_session, run_in_terminal
from prompt_toolkit.completion import Completer
from prompt_toolkit.formatted_text import StyleAndTextTuples
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent
from prompt_toolkit.patch_stdout import patch_stdout
from prompt_toolkit.shortcuts import PromptSession
from rich.console import Group, RenderableType
from rich.text import Text as RichText

from adapters.console.complete import CommandCompleter, Suggester
from adapters.console.draw import draw, note, to_text
from adapters.console.pipe import Output, file_number
from adapters.console.render import Numbers, Saved, plain
from core.commands import Registry
from core.plain import clean_line, clean_name
from core.views import View

log = structlog.get_logger(__name__)

MENU_LINES = 6  # kept free below the prompt for completions


class Stopped(Exception):
    """Ctrl-C, or Ctrl-D (``ended``), at a prompt. ``text`` is what stood there."""

    def __init__(self, text: str = "", *, ended: bool = False) -> None:
        super().__init__(text)
        self.text = text
        self.ended = ended


class _Interrupted(Exception):
    """Ctrl-C inside prompt_toolkit: an Exception, so that no event loop takes it for its own end."""


class Terminal:
    """The interactive side of the console. One prompt at a time; anything may be shown at any time."""

    def __init__(
        self, stdout: TextIO | None, name: str, registry: Registry, suggester: Suggester | None = None
    ) -> None:
        self._registry = registry
        self._output = Output(stdout)
        # Drops arrive in tasks of their own; this is where prompt_toolkit knows which prompt is running.
        self._context = contextvars.copy_context()
        self._name = clean_name(name, 20)
        self._session: PromptSession[str] = PromptSession(
            completer=CommandCompleter(registry, suggester),
            complete_while_typing=True,
            reserve_space_for_menu=MENU_LINES,
            enable_suspend=True,
            interrupt_exception=_Interrupted,
        )

    @property
    def gone(self) -> bool:
        return self._output.gone

    async def read(self) -> str | None:
        """The next line; "" when Ctrl-C cleared it, None when Ctrl-D ended it all."""
        try:
            return await self._prompt(self._session, [("bold", self._name), ("", "> ")])
        except Stopped as stop:
            return None if stop.ended else ""

    async def line(
        self, message: StyleAndTextTuples, default: str = "", completer: Completer | None = None
    ) -> str:
        """One line, with ``default`` to edit. Raises Stopped."""
        session: PromptSession[str] = PromptSession(
            completer=completer,
            reserve_space_for_menu=MENU_LINES if completer else 0,
            interrupt_exception=_Interrupted,
        )
        return await self._prompt(session, message, default)

    async def lines(self, message: StyleAndTextTuples, default: str = "") -> str:
        """Several lines: an empty one or Esc Enter ends them. Raises Stopped."""
        session: PromptSession[str] = PromptSession(
            multiline=True, key_bindings=_ends_at_an_empty_line(), interrupt_exception=_Interrupted
        )
        return await self._prompt(session, message, default)

    async def agree(self, question: str) -> bool:
        """Yes or no; Ctrl-C and Ctrl-D are no."""
        while True:
            try:
                word = (await self.line([("", f"{question} [y/n] ")])).strip().casefold()
            except Stopped:
                return False
            if word in ("y", "yes", "n", "no"):
                return word.startswith("y")
            await self.out(note("Please type y or n."))

    async def _prompt(
        self, session: PromptSession[str], message: StyleAndTextTuples, default: str = ""
    ) -> str:
        try:
            return await session.prompt_async(message, default=default, set_exception_handler=False)
        except _Interrupted:
            raise Stopped(session.default_buffer.text) from None
        except (EOFError, OSError):  # Ctrl-D, or a terminal that went away
            raise Stopped(session.default_buffer.text, ended=True) from None

    def render(self, view: View, numbers: Numbers, saved: Saved, *, drop: bool, label: str) -> str:
        """``view`` drawn for this terminal; as plain words should drawing fail."""
        try:
            drawn = draw(view, numbers, drop=drop, registry=self._registry)
            text = self._text(Group(note(label), drawn) if label else drawn)
            # Paths are not wrapped: a line end inside one could not be copied.
            return "\n".join([text, *(clean_line(path) for path in saved.values())])
        except Exception:
            log.exception("view not drawn")
            numbers.restart()
            return plain(view, numbers, saved, self._registry)

    async def put(self, text: str) -> None:
        """``text`` above the prompt, if there is one, with an empty line after it."""
        await self._above(f"{text}\n\n")

    async def out(self, *drawn: RenderableType) -> None:
        """Words of the console itself, without an empty line after them."""
        for one in drawn:
            await self._above(f"{self._text(one)}\n")

    async def gap(self) -> None:
        await self.out(RichText())

    def _text(self, drawn: RenderableType) -> str:
        columns = self._context.run(get_app_session).output.get_size().columns
        return to_text(drawn, columns, stream=self._output.stream)

    async def _above(self, text: str) -> None:
        await self._context.run(run_in_terminal, lambda: self._output.write(text))

    @contextmanager
    def guarding(self) -> Iterator[None]:
        """While this lasts, what others print (a log line) comes above the prompt and not through it."""
        if file_number(sys.stdout) is None:
            yield
            return
        with patch_stdout(raw=True):
            yield

    def close(self) -> None:
        return


def _ends_at_an_empty_line() -> KeyBindings:
    bindings = KeyBindings()

    @bindings.add("enter")
    def _enter(event: KeyPressEvent) -> None:
        buffer = event.current_buffer
        if buffer.document.is_cursor_at_the_end and not buffer.document.current_line.strip():
            buffer.validate_and_handle()
        else:
            buffer.insert_text("\n")

    @bindings.add("escape", "enter")
    def _escape_enter(event: KeyPressEvent) -> None:
        event.current_buffer.validate_and_handle()

    return bindings
