"""What Discord and Slack draw alike: which message a view is, and what of it cannot be sent along. Pure."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TypeVar

from core.text import as_text, block_text, choices_text, value_text
from core.views import (
    Block,
    Bold,
    Button,
    Buttons,
    Divider,
    Fields,
    File,
    Form,
    FormErrors,
    Image,
    Message,
    Page,
    Text,
    View,
    words,
)

NOTHING_TO_SHOW = Text(("(nothing to show)",))
NOT_SHOWN = "This could not be shown. Please try once more, or tell whoever runs Starling here."
P = TypeVar("P")
_ASKS = re.compile(r"answer:prompt=([dp]\d+)")


@dataclass(frozen=True, slots=True)
class Turns(Buttons):
    """Buttons that belong to the message they stand under: what a press shows takes its place ("r" in an id)."""


def message_of(view: View) -> Message:
    """``view`` as a message: a page with its ends to press, a form as a note with a button that opens it."""
    match view:
        case Message():
            return view
        case Page(message=message, number=number, of=of, previous=previous, next=following):
            if of <= 1:
                return message
            foot = [Button("Earlier", previous)] if previous else []
            foot += [Button("Later", following)] if following else []
            blocks = (*message.blocks, Text((f"Page {number} of {of}",), style="note"), Turns(tuple(foot)))
            return dataclasses.replace(message, blocks=blocks)
        case Form():
            return Message((*_form_head(view), *_form_body(view), _opener("Fill in", view)))
        case FormErrors(form=form, errors=errors):
            labels = {f.name: f.label for f in form.fields}
            wrong = tuple(
                Text(words(Bold(f"{labels[name]}:"), f" {error}") if name in labels else (error,))
                for name, error in errors.items()
            )
            return Message((*_form_head(form), *wrong, Divider(), *_form_body(form), _opener("Edit", form)))


def _form_head(form: Form) -> tuple[Block, ...]:
    return Text((form.title,), style="heading"), Text(form.intro)


def _form_body(form: Form) -> Iterable[Block]:
    for item in form.fields:
        need = "" if item.required else " (may stay empty)"
        value = value_text(item) if item.kind == "many" else item.value
        yield Fields(((f"{item.label}{need}", (value,)),))
        if item.choices:
            yield Text((f"one of: {choices_text(item)}",), style="note")


def _opener(label: str, form: Form) -> Buttons:
    # The words that wait in this form are its reader's: the press is marked, so that nobody's common form comes.
    return Turns((Button(label, form.action, "primary"),))


def plain(view: View, prefix: str = "/") -> Message:
    """``view`` as nothing but its text: for what cannot be drawn, or is refused as it was drawn."""
    return Message((Text((in_words(view, prefix),)),))


def in_words(view: View, prefix: str = "/") -> str:
    """``view`` as its text. Never raises. ``prefix`` stands before a command that is to be typed."""
    try:
        text: object = as_text(view, prefix)
        if isinstance(text, str):  # what is not a view at all has no text
            return text
    except Exception:  # noqa: BLE001 - nor has one with something else inside
        pass
    return NOT_SHOWN


def attachable(pieces: Iterable[P], most: int, most_bytes: int) -> Iterator[P | Block]:
    """``pieces`` with at most ``most`` pictures and files of at most ``most_bytes`` bytes; others become words.

    A file's title stands above it.
    """
    for piece in pieces:
        if not isinstance(piece, Image | File):
            yield piece
        elif most and 0 < len(piece.data) <= most_bytes:
            most -= 1
            if isinstance(piece, File):
                yield Text((piece.title,))
            yield piece
        else:
            yield Text((block_text(piece),))


def asked_by(action: str) -> str:
    """The prompt that a button of this action answers: "d12" (a drop), "p34" (a prompt); "" for any other."""
    asked = _ASKS.fullmatch(action)
    return asked[1] if asked else ""
