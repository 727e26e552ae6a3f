"""View -> plain text with numbered buttons: what a pipe prints, and what a terminal falls back to. Pure.

A number stands where another platform has something to press. Typing it presses.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

from core.commands import Command, Registry
from core.errors import StarlingError
from core.kinds import sample
from core.parse import parse_action
from core.text import as_text
from core.views import Block, File, Form, FormErrors, Image, Message, Page, Text, View

Saved = Mapping[Image | File, str]
"""Where pictures and files of a view were saved: a path, or a sentence that says why there is none."""

PREFIX = "/"


class Numbers:
    """Gives each action the next number, in the order in which they are drawn.

    ``given`` is False for what is only looked at: its buttons are drawn without numbers.
    """

    def __init__(self, start: int = 1, *, given: bool = True) -> None:
        self._start = start
        self._given = given
        self.actions: dict[int, str] = {}

    def take(self, action: str) -> str:
        """The number to type for ``action``; empty when there is none."""
        if not self._given:
            return ""
        number = self._start + len(self.actions)
        self.actions[number] = action
        return str(number)

    def restart(self) -> None:
        """Forget what was drawn: it is drawn again, in another way."""
        self.actions.clear()

    def __call__(self, label: str, action: str) -> str:
        """``core.text.Label``: "[1 Answer]", and "2 [x]" for a box to tick."""
        number = self.take(action)
        if label in ("x", " "):
            return f"{number} [{label}]".lstrip()
        return f"[{number} {label}]" if number else f"[{label}]"


def plain(view: View, numbers: Numbers, saved: Saved | None = None, registry: Registry | None = None) -> str:
    """``view`` as a pipe prints it; never empty, never raises."""
    text = as_text(with_paths(view, saved or {}), PREFIX, numbers)
    match view:
        case Form() as form:
            text = f"{text}\n\n{how_to_type(form, registry)}"
        case FormErrors(form=form):
            text = f"{text}\n\n{how_to_type(form, registry)}"
    text = text.strip("\n")
    return text if text.strip() else "(nothing to show)"


def with_paths(view: View, saved: Saved) -> View:
    """``view`` with pictures and files as words: what they show and where they are now."""
    match view:
        case Message(blocks=blocks):
            return dataclasses.replace(view, blocks=tuple(_with_path(b, saved) for b in blocks))
        case Page(message=message):
            blocks = tuple(_with_path(b, saved) for b in message.blocks)
            return dataclasses.replace(view, message=dataclasses.replace(message, blocks=blocks))
        case _:
            return view


def _with_path(block: Block, saved: Saved) -> Block:
    match block:
        case Image(alt=alt) if block in saved:
            return Text((f"(picture: {alt})\n", saved[block]))
        case File(title=title) if block in saved:
            return Text((f"{title}\n", saved[block]))
        case _:
            return block


def how_to_type(form: Form, registry: Registry | None) -> str:
    """The line that says what a form asks, for readers who cannot be asked."""
    return f"Nothing can be asked here. Write it on one line, for example: {PREFIX}{as_line(form, registry)}"


def as_line(form: Form, registry: Registry | None) -> str:
    """``form`` as one command with what it needs: "remind set time: 21:00"."""
    path, _, _ = form.action.partition(":")
    values: dict[str, str] = {}
    command: Command | None = None
    if registry is not None:
        try:
            parsed = parse_action(registry, form.action)
        except StarlingError:
            return path
        command, values = parsed.command, dict(parsed.values)
    for item in form.fields:
        if item.required and item.name not in values:
            option = command.option(item.name) if command else None
            values[item.name] = item.choices[0].value if item.choices else sample(option) if option else "..."
    return " ".join([path, *(f"{name}: {_quoted(command, name, value)}" for name, value in values.items())])


def _quoted(command: Command | None, name: str, value: str) -> str:
    option = command.option(name) if command else None
    return f'"{value}"' if " " in value and not (option and option.trailing) else value
