"""Completion at a terminal, out of the registry: commands, then their options, then the options' values."""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Iterator
from dataclasses import dataclass

from prompt_toolkit.completion import CompleteEvent, Completer, Completion, PathCompleter
from prompt_toolkit.document import Document

from core.commands import Command, Kind, Option, Registry
from core.plain import clean_line
from core.views import Choice

Suggester = Callable[[Command, Option, str], Awaitable[tuple[Choice, ...]]]
"""(command, option, what is typed so far) -> values that would fit, for options that declare ``suggest``."""

OWN = {"quit": "leave the console", "exit": "leave the console"}
_NAME = re.compile(r"([^\W\d][\w-]{0,31})[:：]")
_TOKEN = re.compile(r"\S+")
_CLOSING = {'"': '"', "“": "”", "„": "“", "«": "»"}
_YESNO = (Choice("yes", "yes"), Choice("no", "no"))


@dataclass(frozen=True, slots=True)
class Place:
    """What the cursor stands in: a command's words, an option's value, or where an option may begin.

    ``typed`` is the part before the cursor that a completion replaces.
    """

    typed: str
    command: Command | None = None
    value_of: Option | None = None
    names: tuple[Option, ...] = ()


def place(registry: Registry, before: str) -> Place | None:
    """Where the cursor is in the line that begins with ``before``; None where nothing can be completed."""
    if not before.startswith("/"):
        return None
    body = before[1:].lstrip()
    words = [(m.group(), m.end()) for m in _TOKEN.finditer(body[:200])][:3]
    found = registry.longest([w for w, _ in words])
    if found is None or words[found[1] - 1][1] == len(body):
        return Place(" ".join(body.split()) + (" " if body.endswith(" ") else ""))
    command, length = found
    return _in_options(command, body[words[length - 1][1] :])


def _in_options(command: Command, rest: str) -> Place | None:
    given: set[str] = set()
    at = 0
    while True:
        while at < len(rest) and rest[at].isspace():
            at += 1
        left = tuple(o for o in command.options if o.name not in given)
        following = next((o for o in left if not o.named), None)
        match = _NAME.match(rest, at)
        named = command.option(match[1].casefold()) if match else None
        if match and named:
            option, start = named, match.end()
            while start < len(rest) and rest[start].isspace():
                start += 1
        elif at >= len(rest):
            return Place("", command, following, left)
        elif following is None:
            return Place(rest[at:], command, None, left) if _TOKEN.fullmatch(rest, at) else None
        else:
            option, start = following, at
        if option.trailing and not option.named and named is None and _TOKEN.fullmatch(rest, at):
            return Place(rest[at:], command, None, left)
        if option.trailing and not option.named:
            return None
        end = _end_of_value(rest, start)
        if end is None:
            return Place(rest[start:], command, option, () if named else left)
        given.add(option.name)
        at = end


def _end_of_value(rest: str, start: int) -> int | None:
    """Where the value that begins at ``start`` ends, or None when the cursor is still inside it."""
    if start >= len(rest):
        return None
    if rest[start] in _CLOSING:
        end = rest.find(_CLOSING[rest[start]], start + 1)
        return end + 1 if end >= 0 else None
    end = start
    while match := _TOKEN.match(rest, end):
        end = match.end()
        gap = re.compile(r"\s+").match(rest, end)
        if gap is None:
            return None  # the cursor touches the value
        if not match.group().endswith(","):
            return end
        end = gap.end()
    return None  # "mon, " goes on


class CommandCompleter(Completer):
    """Completes what begins with "/"; loose words and answers are left alone."""

    def __init__(self, registry: Registry, suggester: Suggester | None = None) -> None:
        self._registry = registry
        self._suggester = suggester
        self._paths = PathCompleter(expanduser=True)

    def get_completions(self, document: Document, complete_event: CompleteEvent) -> Iterable[Completion]:
        here = place(self._registry, document.text_before_cursor)
        if here is None:
            return
        if here.command is None:
            yield from self._commands(here.typed)
            return
        if here.value_of is not None:
            yield from self._values(here.value_of, here.typed, complete_event)
        yield from _names(here)

    async def get_completions_async(
        self, document: Document, complete_event: CompleteEvent
    ) -> AsyncGenerator[Completion, None]:
        here = place(self._registry, document.text_before_cursor)
        if here and here.command and here.value_of and here.value_of.suggest and self._suggester:
            typed = here.typed.lstrip("".join(_CLOSING))
            for choice in await self._suggester(here.command, here.value_of, typed):
                yield _completion(choice, len(here.typed))
        for completion in self.get_completions(document, complete_event):
            yield completion

    def _commands(self, typed: str) -> Iterator[Completion]:
        start = typed.casefold()
        for command in self._registry.listed():
            if command.path.startswith(start):
                yield Completion(f"{command.path} ", -len(typed), command.path, clean_line(command.help))
        for word, help_text in OWN.items():
            if word.startswith(start) and word not in self._registry:
                yield Completion(word, -len(typed), word, help_text)

    def _values(self, option: Option, typed: str, event: CompleteEvent) -> Iterator[Completion]:
        if option.kind is Kind.FILE:
            yield from self._paths.get_completions(Document(typed), event)
            return
        choices = _YESNO if option.kind is Kind.YESNO else option.choices
        yield from _choices(choices, typed, many=option.kind is Kind.MANY)


def _names(here: Place) -> Iterator[Completion]:
    for option in here.names:
        if option.name.startswith(here.typed.casefold()):
            label = f"{option.name}:"
            yield Completion(f"{label} ", -len(here.typed), label, clean_line(option.help))


def _choices(choices: Iterable[Choice], typed: str, *, many: bool) -> Iterator[Completion]:
    last = re.split(r"[,;]\s*", typed)[-1] if many else typed
    start = last.lstrip("".join(_CLOSING)).casefold()
    for choice in choices:
        if choice.value.casefold().startswith(start) or choice.label.casefold().startswith(start):
            yield _completion(choice, len(last))


def _completion(choice: Choice, replaces: int) -> Completion:
    value = f'"{choice.value}"' if re.search(r"\s", choice.value) else choice.value
    return Completion(value, -replaces, clean_line(choice.label), clean_line(choice.hint))


class ChoiceCompleter(Completer):
    """Completes the names of a form field's choices; after a comma the next one where there may be several."""

    def __init__(self, choices: tuple[Choice, ...], many: bool) -> None:
        self._choices = choices
        self._many = many

    def get_completions(self, document: Document, complete_event: CompleteEvent) -> Iterable[Completion]:
        typed = document.text_before_cursor
        last = re.split(r"[,;]\s*", typed)[-1] if self._many else typed
        for choice in self._choices:
            if choice.label.casefold().startswith(last.casefold()):
                yield Completion(clean_line(choice.label), -len(last), None, clean_line(choice.hint))
