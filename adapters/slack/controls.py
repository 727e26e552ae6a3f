"""What can be pressed: buttons, boxes to tick, menus, with ids that are unique in a message. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from adapters.drawing import Turns
from adapters.fit import cut, size
from adapters.slack import limits
from adapters.slack.blocks import plain_text
from adapters.slack.ids import ANY_ACTION, unique
from adapters.slack.words import Json
from core.plain import clean_line
from core.text import plain_label
from core.views import Block, Buttons, Choice, Select, Text, Ticks

BOXES = {True: "☑", False: "☐"}
TICKS_IN_A_ROW = 5  # more boxes than that are a list and a menu: a row of them is no list to read


@dataclass(frozen=True, slots=True)
class Key:
    """A button that has its id."""

    label: str
    action: str
    style: str
    action_id: str


@dataclass(frozen=True, slots=True)
class Keys:
    items: tuple[Key, ...]


@dataclass(frozen=True, slots=True)
class Menu:
    action_id: str
    placeholder: str
    options: tuple[Json, ...]

    def as_block(self) -> Block:
        lines = [self.placeholder, *(f"- {o['text']['text']}" for o in self.options)]
        return Text(("\n".join(filter(None, lines)),))


Piece = Block | Keys | Menu


def keys_of(block: Buttons, taken: set[str]) -> Iterable[Piece]:
    """``block`` with ids. A button that can have none is shown as words."""
    keys, words = [], []
    stays = block.replaces or isinstance(block, Turns)
    for button in block.items:
        key = key_of(button.label, button.action, button.style, taken, replaces=stays)
        if key is None:
            words.append(plain_label(clean_line(button.label), button.action))
        else:
            keys.append(key)
    if words:
        yield Text((" ".join(words),))
    if keys:
        yield Keys(tuple(keys))


def key_of(label: str, action: str, style: str, taken: set[str], *, replaces: bool = False) -> Key | None:
    """A button for ``action``; None where no id can be made of it."""
    found = unique(action, taken, replaces=replaces) if action else None
    if found is None:
        return None
    shown = clean_line(label) or clean_line(action.partition(":")[0]) or "?"
    return Key(shown, action, style, found)


def ticks_of(block: Ticks, taken: set[str]) -> Iterable[Piece]:
    """A button for each box where they are few, else all boxes as words and a menu to tick them by."""
    labels = [f"{BOXES[t.ticked]} {clean_line(t.label)}" for t in block.items]
    if len(labels) <= TICKS_IN_A_ROW and all(size(label) <= limits.BUTTON_LABEL for label in labels):
        trial = set(taken)
        keys = [
            key_of(label, f"{block.action}{t.key}", "primary" if t.ticked else "plain", trial, replaces=True)
            for label, t in zip(labels, block.items, strict=True)
        ]
        if all(keys):
            taken |= trial
            if keys:
                yield Keys(tuple(k for k in keys if k is not None))
            return
    yield Text(("\n".join(labels),))
    for some in _batches(block.items, limits.OPTIONS):
        choices = [
            Choice(f"{BOXES[t.ticked]} {clean_line(t.label)}", t.key, "ticked" if t.ticked else "not ticked")
            for t in some
        ]
        yield from menu_of(Select(block.action, "Tick or untick", tuple(choices)), taken, replaces=True)


def menu_of(block: Select, taken: set[str], *, replaces: bool = False) -> Iterable[Piece]:
    """A menu of the first choices, whose placeholder says how many more there are."""
    options = options_of(block.choices[: limits.OPTIONS])
    found = (
        unique(block.action, taken, replaces=replaces or block.replaces) if options and block.action else None
    )
    placeholder = clean_line(block.placeholder)
    if found is None:
        lines = [placeholder, *(f"- {clean_line(c.label)}" for c in block.choices)]
        yield Text(("\n".join(filter(None, lines)),))
        return
    yield Menu(found, more_in(placeholder, len(block.choices) - len(options), limits.PLACEHOLDER), options)


def more_in(text: str, left_out: int, limit: int) -> str:
    """``text`` with "… 12 more" behind it when ``left_out`` is not 0, in at most ``limit`` characters."""
    if not left_out:
        return cut(text, limit)
    more = f"… {left_out:,} more"
    return f"{cut(text, limit - size(more) - 1)} {more}" if text else more


def options_of(choices: Iterable[Choice]) -> tuple[Json, ...]:
    """``choices`` as options with unique values. One whose value cannot be carried is left out."""
    taken: set[str] = set()
    options = []
    for choice in choices:
        value = unique(choice.value, taken, most=limits.OPTION_VALUE)
        if value is None:
            continue
        label = clean_line(choice.label) or clean_line(choice.value) or "?"
        option: Json = {
            "text": plain_text(cut(label, limits.OPTION_TEXT), limits.OPTION_TEXT),
            "value": value,
        }
        if hint := clean_line(choice.hint):
            option["description"] = plain_text(cut(hint, limits.OPTION_TEXT), limits.OPTION_TEXT)
        options.append(option)
    return tuple(options)


def gathered(keys: Iterable[Key], taken: set[str]) -> Iterable[Piece]:
    """Buttons as menus of whole actions, for a message that has more of them than blocks.

    An action too long for an option stays a button.
    """
    keys = tuple(keys)
    long = tuple(k for k in keys if size(k.action) > limits.OPTION_VALUE - 4)  # room for "§12"
    if long:
        yield Keys(long)
    for some in _batches([k for k in keys if k not in long], limits.OPTIONS):
        found = unique(ANY_ACTION, taken)
        assert found is not None  # "§1" and so on are always ids
        yield Menu(found, "Choose", options_of([Choice(k.label, k.action) for k in some]))


def _batches(items: Sequence[Any], most: int) -> Iterable[Sequence[Any]]:
    for start in range(0, len(items), most):
        yield items[start : start + most]


# --- as blocks ----------------------------------------


def rows_json(keys: Iterable[Key]) -> Iterable[Json]:
    """Rows of at most ``limits.ACTIONS`` buttons."""
    for some in _batches(tuple(keys), limits.ACTIONS):
        yield {"type": "actions", "elements": [button_json(k) for k in some]}


def button_json(key: Key) -> Json:
    button: Json = {
        "type": "button",
        "text": plain_text(cut(key.label, limits.BUTTON_LABEL), limits.BUTTON_LABEL),
        "action_id": key.action_id,
    }
    if key.style in ("primary", "danger"):
        button["style"] = key.style
    return button


def menu_json(menu: Menu) -> Json:
    select: Json = {"type": "static_select", "action_id": menu.action_id, "options": list(menu.options)}
    if menu.placeholder:
        select["placeholder"] = plain_text(menu.placeholder, limits.PLACEHOLDER)
    return {"type": "actions", "elements": [select]}
