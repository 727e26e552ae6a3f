"""Every view as plain words: log line, fallback, base of the console, and the oracle of the tests.

Total: every view has a text, whatever stands in it. Nothing in it steers a terminal (core.plain cleans it).
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from datetime import UTC
from zoneinfo import ZoneInfo

from core.plain import clean_line, clean_text
from core.views import (
    Block,
    Bold,
    Button,
    Buttons,
    Checklist,
    Code,
    Divider,
    Field,
    Fields,
    File,
    Form,
    FormErrors,
    Image,
    Link,
    Mention,
    Message,
    Page,
    Select,
    Span,
    State,
    Table,
    Text,
    Ticks,
    Typed,
    View,
    When,
    Words,
)

MARKS = {State.MET: "+", State.MISSING: "-", State.UNSURE: "?"}
STATE_WORDS = {State.MET: "met", State.MISSING: "missing", State.UNSURE: "unsure"}


def when_text(when: When) -> str:
    """An instant in its own zone, which is named, because the reader may be elsewhere."""
    try:
        local = when.at.astimezone(ZoneInfo(when.zone))
    except (ValueError, OverflowError, OSError, KeyError):  # a zone that is gone, a year before the first
        at = when.at
        with contextlib.suppress(OverflowError):
            at = at.astimezone(UTC)
        return f"{at:%a %d %b %Y %H:%M} (UTC)"
    match when.style:
        case "time":
            return f"{local:%H:%M} ({when.zone})"
        case "date":
            return f"{local:%a %d %b %Y}"
        case _:
            return f"{local:%a %d %b %Y %H:%M} ({when.zone})"


def span_text(span: Span, prefix: str = "/") -> str:
    match span:
        case str():
            return clean_text(span) if span.strip() == span else _keep_ends(span)
        case Bold(text=text):
            return clean_text(text)
        case When():
            return when_text(span)
        case Link(label=label, url=url):
            return f"{clean_text(label)} ({clean_text(url)})" if label != url else clean_text(url)
        case Typed(words=typed):
            return f"{prefix}{clean_text(typed)}"
        case Mention(kind=kind, name=name):
            return f"@{clean_text(name)}" if kind == "user" else f"@{clean_text(name)} (role)"


def _keep_ends(text: str) -> str:
    """``text`` cleaned, with the blanks at its ends, which join it to its neighbours."""
    head = text[: len(text) - len(text.lstrip())]
    tail = text[len(text.rstrip()) :] if text.strip() else ""
    return f"{_blanks(head)}{clean_text(text)}{_blanks(tail)}"


def _blanks(ends: str) -> str:
    """Blanks and line ends alone: str.strip() also takes control characters for blanks."""
    return "".join(" " if c != "\n" else c for c in ends if c in " \t\n\u00a0")


def words_text(words: Words, prefix: str = "/") -> str:
    return "".join(span_text(s, prefix) for s in words)


Label = Callable[[str, str], str]
"""(label, action) -> how a button is written; the console numbers its buttons here."""


def plain_label(label: str, action: str) -> str:
    return f"[{label}]"


def as_text(view: View, prefix: str = "/", label: Label = plain_label) -> str:
    """``view`` in plain words, blocks under each other with an empty line between paragraphs."""
    match view:
        case Message(blocks=blocks):
            return _join(blocks, prefix, label)
        case Page(message=message, number=number, of=of, previous=previous, next=following):
            body = _join(message.blocks, prefix, label)  # first: labels may be numbered as they are made
            if of <= 1:
                return body
            ends = [label("Earlier", previous)] if previous else []
            ends += [label("Later", following)] if following else []
            return f"{body}\n\nPage {number} of {of}" + (f"  {' '.join(ends)}" if ends else "")
        case Form():
            return form_text(view, {}, prefix)
        case FormErrors(form=form, errors=errors):
            return form_text(form, dict(errors), prefix)


def form_text(form: Form, errors: dict[str, str], prefix: str = "/") -> str:
    lines = [clean_text(form.title)]
    if form.intro:
        lines.append(words_text(form.intro, prefix))
    for item in form.fields:
        need = "" if item.required else " (may stay empty)"
        lines.append(f"  {clean_text(item.label)}{need}: {value_text(item)}".rstrip())
        if item.choices:
            lines.append(f"    one of: {choices_text(item)}")
        if item.name in errors:
            lines.append(f"    ! {clean_text(errors[item.name])}")
    lines += [f"! {clean_text(e)}" for name, e in errors.items() if all(name != f.name for f in form.fields)]
    return "\n".join(lines)


def value_text(item: Field) -> str:
    """What stands in a field; what is ticked of several by its labels."""
    if item.kind != "many":
        return clean_text(item.value)
    labels = {c.value: clean_text(c.label) for c in item.choices}
    parts = (clean_text(part) for part in item.value.split(","))
    return _between(item).join(labels.get(part, part) for part in parts if part)


def choices_text(item: Field) -> str:
    """The labels of a field's choices in one line."""
    return _between(item).join(clean_text(c.label) for c in item.choices)


def _between(item: Field) -> str:
    """A comma, unless a label has one itself."""
    return "; " if any("," in c.label for c in item.choices) else ", "


def _join(blocks: tuple[Block, ...], prefix: str, label: Label) -> str:
    """Lists of small things stay together; paragraphs get an empty line between them."""
    return "\n\n".join(t for t in (block_text(b, prefix, label) for b in blocks) if t)


def block_text(block: Block, prefix: str = "/", label: Label = plain_label) -> str:
    match block:
        case Text(words=words, style=style):
            text = words_text(words, prefix)
            if style == "title":
                return f"## {text}"
            return "\n".join(f"| {line}" for line in text.splitlines()) if style == "quote" else text
        case Code(text=code):
            return "\n".join(f"    {line}" for line in clean_text(code).splitlines())
        case Fields(items=items):
            return "\n".join(f"{clean_text(name)}: {words_text(value, prefix)}" for name, value in items)
        case Table():
            return table_text(block)
        case Checklist(items=items):
            return "\n".join(_check_lines(i.label, i.state, i.quote, i.hint) for i in items)
        case Ticks(action=action, items=items):
            return "\n".join(
                f"{label('x' if t.ticked else ' ', f'{action}{t.key}')} {clean_text(t.label)}" for t in items
            )
        case Image(name=name, alt=alt):
            return f"(picture {clean_text(name)}: {clean_text(alt)})"
        case File(name=name, title=title):
            return f"({clean_text(title)}: {clean_text(name)})"
        case Buttons(items=items):
            return " ".join(_button(b, label) for b in items)
        case Select(action=action, placeholder=placeholder, choices=choices):
            options = "\n".join(f"  {label(clean_text(c.label), f'{action}{c.value}')}" for c in choices)
            return f"{clean_text(placeholder)}\n{options}" if choices else clean_text(placeholder)
        case Divider():
            return "-" * 8


def _button(button: Button, label: Label) -> str:
    return label(clean_text(button.label), button.action)


def _check_lines(name: str, state: State, quote: str | None, hint: str) -> str:
    line = f"{MARKS[state]} {clean_text(name)}: {STATE_WORDS[state]}"
    if quote:
        line += f"\n    “{clean_text(quote)}”"
    if hint:
        line += f"\n    {clean_text(hint)}"
    return line


def table_text(table: Table) -> str:
    """Columns as wide as their widest cell, two blanks between; the reader's own row has a mark."""
    rows = [tuple(clean_line(c) for c in row) for row in (table.columns, *table.rows)]
    widths = [max(len(r[i]) if i < len(r) else 0 for r in rows) for i in range(len(table.columns))]
    lines = []
    for number, row in enumerate(rows):
        cells = []
        for i, width in enumerate(widths):
            cell = row[i] if i < len(row) else ""
            right = i < len(table.align) and table.align[i] == "r"
            cells.append(cell.rjust(width) if right else cell.ljust(width))
        mark = ("> " if number - 1 == table.marked else "  ") if table.marked is not None else ""
        lines.append((mark + "  ".join(cells)).rstrip())
    return "\n".join(lines)
