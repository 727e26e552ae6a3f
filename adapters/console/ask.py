"""A form at a terminal: one field after the other, with what was typed before as a default to edit."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping

from prompt_toolkit.completion import Completer, PathCompleter
from prompt_toolkit.formatted_text import StyleAndTextTuples
from rich.text import Text as RichText

from adapters.console.complete import ChoiceCompleter
from adapters.console.draw import failing, heading, note
from adapters.console.files import Unreadable, read_attachment
from adapters.console.render import PREFIX
from adapters.console.terminal import Stopped, Terminal
from core.call import Attachment
from core.kinds import match_choice
from core.plain import clean_line, clean_text, count, shown
from core.text import words_text
from core.views import Choice, Field, Form

Values = dict[str, object]


class Wrong(Exception):
    """What was typed is no value for the field; the text is a sentence that says what would be."""


class Asker:
    """Asks what a form asks."""

    def __init__(self, terminal: Terminal) -> None:
        self._terminal = terminal

    async def fill(self, form: Form, values: Values, errors: Mapping[str, str] | None = None) -> bool:
        """Ask the fields of ``form`` (with ``errors``: only the wrong ones) and put them into ``values``.

        False when Ctrl-C or Ctrl-D stopped it; ``values`` then holds what was typed so far.
        """
        wrong = [f for f in form.fields if errors and f.name in errors]
        fields = wrong or list(form.fields)
        if errors:
            await self._explain(form, errors, rest_is_kept=len(fields) < len(form.fields))
        else:
            await self._introduce(form)
        if not fields:
            return await self._terminal.agree(f"{clean_line(form.submit)}?")
        for field in fields:
            try:
                values[field.name] = await self._field(field, values.get(field.name, field.value))
            except Stopped as stop:
                if field.kind != "file" and stop.text.strip():
                    values[field.name] = stop.text
                await self._terminal.gap()
                return False
        await self._terminal.gap()
        return True

    async def _introduce(self, form: Form) -> None:
        lines = [heading(form.title)]
        if form.intro:
            lines.append(RichText(words_text(form.intro, PREFIX)))
        submit = clean_line(form.submit)
        lines.append(
            note(f"{count(len(form.fields), 'field')}, then “{submit}”. Ctrl-C stops, and nothing is sent.")
        )
        await self._terminal.out(*lines)

    async def _explain(self, form: Form, errors: Mapping[str, str], *, rest_is_kept: bool) -> None:
        labels = {f.name: f"{f.label}: " for f in form.fields}
        await self._terminal.out(*(failing(f"{labels.get(n, '')}{e}") for n, e in errors.items()))
        if rest_is_kept:
            await self._terminal.out(note("The rest is kept. Ctrl-C stops, and nothing is sent."))

    async def _field(self, field: Field, value: object) -> object:
        """The value of one field, asked until it is one. Raises Stopped."""
        await self._terminal.out(RichText(), *_above(field, value))
        typed = default_text(field, value)
        while True:
            if field.kind == "text":
                typed = await self._terminal.lines(
                    [("bold", f"{clean_line(field.label)}:"), ("", "\n")], typed
                )
            else:
                typed = await self._terminal.line(_label(field), typed, _completer(field))
            try:
                if field.kind == "file":
                    return await _file(field, typed, value)
                return read_field(field, typed)
            except Wrong as wrong:
                await self._terminal.out(failing(str(wrong)))


def _label(field: Field) -> StyleAndTextTuples:
    return [("bold", f"{clean_line(field.label)}:"), ("", " ")]


def _above(field: Field, value: object) -> list[RichText]:
    """The lines that stand above a field: its choices, its hint, and how it is answered."""
    lines = []
    for n, choice in enumerate(field.choices, 1):
        line = RichText().append(f"{n:>3} ", "bold").append(clean_line(choice.label))
        lines.append(line.append(f"  {clean_line(choice.hint)}", "dim") if choice.hint else line)
    how = {
        "text": "An empty line (Enter twice) or Esc Enter ends it.",
        "choice": "Type a number or a name.",
        "many": "Type numbers or names with commas between them, or “all”.",
        "file": "Type the path of a file on this machine.",
        "line": "",
        "channel": "Type a channel's name.",
        "role": "Type a role's name.",
    }[field.kind]
    hint = clean_line(field.hint)
    hint = f"{hint}." if hint and hint[-1] not in ".!?…" else hint
    leave = "" if field.required else "It may stay empty: just Enter."
    if isinstance(value, Attachment):
        leave = f"Just Enter keeps {clean_line(value.name)}."
    sentences = " ".join(s for s in (hint, how, leave) if s)
    return [*lines, note(sentences)] if sentences else lines


def _completer(field: Field) -> Completer | None:
    if field.kind == "file":
        return PathCompleter(expanduser=True)
    return ChoiceCompleter(field.choices, many=field.kind == "many") if field.choices else None


def default_text(field: Field, value: object) -> str:
    """``value`` as somebody would type it: labels for choices, of several those without a comma."""
    if isinstance(value, Attachment):
        return ""
    if isinstance(value, (tuple, list)):
        value = ", ".join(str(v) for v in value)
    text = clean_text(str(value))
    labels = {c.value: clean_line(c.label) for c in field.choices}
    if field.kind == "many":
        plain = {value: label for value, label in labels.items() if not re.search("[,;]", label)}
        return ", ".join(plain.get(part, part) for part in re.split(r"[,;]\s*", text) if part)
    return labels.get(text, text)


def read_field(field: Field, typed: str) -> object:
    """What was typed as the field's value (str, or a tuple of values), or Wrong. Blanks are an empty value."""
    text = clean_text(typed)
    if not text:
        if field.required:
            raise Wrong("This one is needed. Ctrl-C stops, and nothing is sent.")
        return ""
    if field.kind == "choice":
        return _one_of(field.choices, text)
    if field.kind == "many":
        return _several_of(field, text)
    if len(text) > field.most:
        raise Wrong(
            f"That has {len(text):,} characters; {field.most:,} is the most. You can shorten it here."
        )
    if len(text) < field.least:
        raise Wrong(f"That has {count(len(text), 'character')}; at least {field.least:,} are needed.")
    return text


def _one_of(choices: tuple[Choice, ...], typed: str) -> str:
    word = clean_line(typed).casefold()
    for choice in choices:
        if word in (choice.value.casefold(), clean_line(choice.label).casefold()):
            return choice.value
    if re.fullmatch(r"[0-9]{1,3}", word) and 1 <= int(word) <= len(choices):
        return choices[int(word) - 1].value
    found = match_choice(word, [(c.value, c.label) for c in choices])
    if found is None:
        raise Wrong(f"“{shown(typed)}” is none of them. Type a number from 1 to {len(choices)}, or a name.")
    return found


def _several_of(field: Field, typed: str) -> tuple[str, ...]:
    if typed.casefold() == "all":
        found = tuple(c.value for c in field.choices)
    else:
        words = [w for w in re.split(r"[,;\n]\s*", typed) if w.strip()]
        if len(words) == 1 and re.fullmatch(r"[0-9\s]+", typed):
            words = typed.split()
        found = tuple(dict.fromkeys(_one_of(field.choices, w) for w in words))
    if len(found) > field.most:
        raise Wrong(f"Those are {len(found)}; {field.most} is the most.")
    if len(found) < field.least:
        raise Wrong(f"Please choose at least {field.least}.")
    return found


async def _file(field: Field, typed: str, value: object) -> object:
    if not typed.strip():
        if isinstance(value, Attachment):
            return value
        if field.required:
            raise Wrong("A file is needed. Ctrl-C stops, and nothing is sent.")
        return ""
    try:
        return await asyncio.to_thread(read_attachment, typed)
    except Unreadable as error:
        raise Wrong(str(error)) from None
