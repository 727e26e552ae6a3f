"""What can be pressed: buttons, boxes to tick, menus, with ids that are unique in a message. Pure."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from adapters.discord import limits
from adapters.discord.ids import ANY_ACTION, unique
from adapters.drawing import Turns
from adapters.fit import cut, size
from core.plain import clean_line
from core.text import plain_label
from core.views import Block, Buttons, Choice, Select, Text, Ticks

STYLES = {"primary": 1, "plain": 2, "danger": 4}
BOXES = {True: "☑", False: "☐"}


@dataclass(frozen=True, slots=True)
class Key:
    """A button that has its id."""

    label: str
    action: str
    style: str
    custom_id: str


@dataclass(frozen=True, slots=True)
class Keys:
    items: tuple[Key, ...]

    @property
    def cost(self) -> int:
        """Components it takes: its buttons and their rows."""
        return len(self.items) + -(-len(self.items) // limits.ROW_BUTTONS)

    def as_block(self) -> Block:
        return Text((" ".join(plain_label(k.label, k.action) for k in self.items),))


@dataclass(frozen=True, slots=True)
class Menu:
    custom_id: str
    placeholder: str
    options: tuple[dict[str, Any], ...]
    cost: int = 2

    def as_block(self) -> Block:
        return Text(("\n".join([self.placeholder, *(f"- {o['label']}" for o in self.options)]),))


Piece = Block | Keys | Menu


def keys_of(block: Buttons, taken: set[str]) -> Iterable[Piece]:
    """``block`` with ids. A button that can have none is shown as words."""
    keys, words = [], []
    stays = block.replaces or isinstance(block, Turns)
    for button in block.items:
        key = key_of(button.label, button.action, button.style, taken, replaces=stays)
        if key is None:
            words.append(plain_label(button.label, button.action))
        else:
            keys.append(key)
    if words:
        yield Text((" ".join(words),))
    if keys:
        yield Keys(tuple(keys))


def key_of(label: str, action: str, style: str, taken: set[str], *, replaces: bool = False) -> Key | None:
    """A button for ``action``; None where no id can be made of it."""
    custom_id = unique(action, taken, replaces=replaces) if action else None
    if custom_id is None:
        return None
    shown = clean_line(label) or clean_line(action.partition(":")[0]) or "?"
    return Key(shown, action, style, custom_id)


def ticks_of(block: Ticks, taken: set[str]) -> Iterable[Piece]:
    """A button for each box where they fit into a row, else all boxes as words and a menu to tick them by."""
    labels = [f"{BOXES[t.ticked]} {clean_line(t.label)}" for t in block.items]
    if len(labels) <= limits.ROW_BUTTONS and all(size(label) <= limits.BUTTON_LABEL for label in labels):
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
    for some in _batches(block.items):
        choices = [
            Choice(f"{BOXES[t.ticked]} {clean_line(t.label)}", t.key, "ticked" if t.ticked else "not ticked")
            for t in some
        ]
        yield from menu_of(Select(block.action, "Tick or untick", tuple(choices)), taken, replaces=True)


def menu_of(block: Select, taken: set[str], *, replaces: bool = False) -> Iterable[Piece]:
    """A menu of the first choices, whose placeholder says how many more there are."""
    options = options_of(block.choices[: limits.OPTIONS])
    custom_id = (
        unique(block.action, taken, replaces=replaces or block.replaces) if options and block.action else None
    )
    placeholder = clean_line(block.placeholder)
    if custom_id is None:
        lines = [placeholder, *(f"- {clean_line(c.label)}" for c in block.choices)]
        yield Text(("\n".join(lines),))
        return
    yield Menu(
        custom_id, more_in(placeholder, len(block.choices) - len(options), limits.PLACEHOLDER), options
    )


def more_in(text: str, left_out: int, limit: int) -> str:
    """``text`` with "… 12 more" behind it when ``left_out`` is not 0, in at most ``limit`` characters."""
    tail = f" … {left_out:,} more" if left_out else ""
    return f"{cut(text, limit - len(tail))}{tail}".strip()


def options_of(choices: Sequence[Choice]) -> tuple[dict[str, Any], ...]:
    """Options with values that are unique among them; a choice whose value can be none is left out."""
    taken: set[str] = set()
    options = []
    for choice in choices:
        value = unique(choice.value, taken)
        if value is None:
            continue
        label = clean_line(choice.label) or clean_line(choice.value) or "?"
        option = {"label": cut(label, limits.OPTION_TEXT), "value": value}
        if hint := clean_line(choice.hint):
            option["description"] = cut(hint, limits.OPTION_TEXT)
        options.append(option)
    return tuple(options)


def gathered(keys: Iterable[Key], taken: set[str]) -> Iterable[Menu]:
    """Buttons as menus of whole actions: for a message that has more of them than components."""
    for some in _batches(tuple(keys)):
        custom_id = unique(ANY_ACTION, taken)
        assert custom_id is not None  # "§1" and so on are always ids
        yield Menu(custom_id, "Choose", options_of([Choice(k.label, k.action) for k in some]))


def _batches(items: tuple[Any, ...]) -> Iterable[tuple[Any, ...]]:
    for start in range(0, len(items), limits.OPTIONS):
        yield items[start : start + limits.OPTIONS]


# --- as components ----------------------------------------


def button_json(key: Key) -> dict[str, Any]:
    return {
        "type": 2,
        "style": STYLES[key.style],
        "label": cut(key.label, limits.BUTTON_LABEL),
        "custom_id": key.custom_id,
    }


def rows_json(keys: Keys) -> Iterable[dict[str, Any]]:
    items = iter(keys.items)
    while row := list(itertools.islice(items, limits.ROW_BUTTONS)):
        yield {"type": 1, "components": [button_json(k) for k in row]}


def menu_json(menu: Menu) -> dict[str, Any]:
    select: dict[str, Any] = {"type": 3, "custom_id": menu.custom_id, "options": list(menu.options)}
    if menu.placeholder:
        select["placeholder"] = menu.placeholder
    return {"type": 1, "components": [select]}
