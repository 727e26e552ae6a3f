"""What may be shown, in words no platform owns.

A view is data: frozen, without a method that sends. Adapters draw it, ``core.text`` says it in plain words,
and whatever a platform cannot draw degrades to that text. Member-typed words stand in views as plain ``str``
and every adapter escapes them; a mention exists only as a ``Mention`` that core built.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Literal

# --- words: what stands inside a line ----------------------------------------


@dataclass(frozen=True, slots=True)
class Bold:
    text: str


@dataclass(frozen=True, slots=True)
class When:
    """An instant (aware). Platforms that can show it in the reader's zone; others print it in ``zone``."""

    at: datetime
    zone: str
    style: Literal["time", "date", "both", "relative"] = "both"


@dataclass(frozen=True, slots=True)
class Link:
    label: str
    url: str


@dataclass(frozen=True, slots=True)
class Typed:
    """A command to type, without prefix: "answer text: ...". Adapters add "/" or "/starling "."""

    words: str


@dataclass(frozen=True, slots=True)
class Mention:
    """A person's or role's id on one platform. The only thing that may ping anybody."""

    platform: str
    kind: Literal["user", "role"]
    id: str
    name: str


Span = str | Bold | When | Link | Typed | Mention
Words = tuple[Span, ...]


def words(*spans: Span) -> Words:
    return spans


# --- blocks: what stands under each other in a message ----------------------------------------


class State(StrEnum):
    """A checklist item's verdict. Unsure is said as unsure, never rounded to either side."""

    MET = "met"
    MISSING = "missing"
    UNSURE = "unsure"


@dataclass(frozen=True, slots=True)
class Text:
    words: Words
    style: Literal["plain", "title", "heading", "note", "quote"] = "plain"


@dataclass(frozen=True, slots=True)
class Code:
    text: str
    language: str = ""


@dataclass(frozen=True, slots=True)
class Fields:
    """Short named values, side by side where there is room."""

    items: tuple[tuple[str, Words], ...]


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of cells as wide as their columns. ``align`` has "l" or "r" for each column."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    align: str = ""
    marked: int | None = None  # index of the reader's own row


@dataclass(frozen=True, slots=True)
class CheckItem:
    label: str
    state: State
    quote: str | None = None  # the member's own sentence that shows it
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Checklist:
    items: tuple[CheckItem, ...]


@dataclass(frozen=True, slots=True)
class Tick:
    """Rubric items to tick oneself: ``key`` returns in the form or button that follows."""

    key: str
    label: str
    ticked: bool = False


@dataclass(frozen=True, slots=True)
class Ticks:
    """A self-check: items with boxes. ``action`` + an item's key toggles it."""

    action: str
    items: tuple[Tick, ...]


@dataclass(frozen=True, slots=True)
class Image:
    """PNG bytes. ``alt`` says what the picture shows to someone who cannot see it; never empty."""

    data: bytes
    name: str
    alt: str


@dataclass(frozen=True, slots=True)
class File:
    """A file to keep: an export, a pack."""

    data: bytes
    name: str
    title: str


@dataclass(frozen=True, slots=True)
class Button:
    """``action`` is ``path`` or ``path:argument`` (<= 100 characters) and takes the road of commands."""

    label: str
    action: str
    style: Literal["primary", "plain", "danger"] = "plain"


@dataclass(frozen=True, slots=True)
class Buttons:
    """``replaces``: what follows a press takes this message's place, where the platform can do that."""

    items: tuple[Button, ...]
    replaces: bool = False


@dataclass(frozen=True, slots=True)
class Choice:
    label: str
    value: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Select:
    """One of many. The chosen value is put behind ``action``, which ends in an option's name and "=".

    ``replaces``: what follows takes the place of the message it stands in, where the platform can do that.
    """

    action: str
    placeholder: str
    choices: tuple[Choice, ...]
    replaces: bool = False


@dataclass(frozen=True, slots=True)
class Divider:
    pass


Block = Text | Code | Fields | Table | Checklist | Ticks | Image | File | Buttons | Select | Divider


# --- views: what a handler returns ----------------------------------------


@dataclass(frozen=True, slots=True)
class Message:
    """Blocks under each other. ``track`` gives a card its accent colour; ``private`` is for one reader.

    ``thread`` names a thread to open under the message, where the platform makes such a thing for it.
    """

    blocks: tuple[Block, ...]
    private: bool = True
    track: str = ""
    thread: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a longer thing. ``previous`` and ``next`` are actions, or None at an end."""

    message: Message
    number: int
    of: int
    previous: str | None
    next: str | None


FieldKind = Literal["line", "text", "choice", "many", "file", "channel", "role"]


@dataclass(frozen=True, slots=True)
class Field:
    """One thing a form asks for.

    ``kind``: line (one line), text (many lines), choice (one of ``choices``), many (several of them), file,
    channel and role (one of the platform's own, by its id; a line where there is no such box).
    ``most`` is in characters for line and text, in choices for many. ``suggests``: while it is typed, values are
    to be had from ``Dispatcher.suggest`` for the option of this name; others may be typed all the same.
    """

    name: str
    label: str
    kind: FieldKind = "line"
    required: bool = True
    value: str = ""
    hint: str = ""
    choices: tuple[Choice, ...] = ()
    least: int = 0
    most: int = 4000
    suggests: bool = False


@dataclass(frozen=True, slots=True)
class Form:
    """Fields that come back together, as a request for ``action``."""

    action: str
    title: str
    fields: tuple[Field, ...]
    submit: str = "Send"
    intro: Words = ()


@dataclass(frozen=True, slots=True)
class FormErrors:
    """The form again, filled in as it was sent, with a sentence for each field that was wrong."""

    form: Form
    errors: Mapping[str, str] = field(default_factory=dict)


View = Message | Page | Form | FormErrors


def say(*spans: Span, private: bool = True) -> Message:
    """A message of one paragraph: what most short replies are."""
    return Message((Text(spans),), private=private)


def blocks_of(view: View) -> tuple[Block, ...]:
    """The blocks of a message or page; none for a form."""
    match view:
        case Message(blocks=blocks):
            return blocks
        case Page(message=message):
            return message.blocks
        case _:
            return ()
