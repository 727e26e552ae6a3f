"""Going on with a comma-separated list while it is typed: "behavioural, co" -> "behavioural, coding"."""

from __future__ import annotations

from core.commands import CHOICE_LABEL_LIMIT, CHOICE_LIMIT, Option
from core.views import Choice

SUGGESTED_VALUE = 100  # Discord: characters of a suggested value


def lists(option: Option, typed: str) -> tuple[Choice, ...]:
    """Ways to go on with a comma-separated list: what stands there already, and each choice that fits its end."""
    *before, last = (part.strip() for part in typed.split(","))
    known = [
        next((c for c in option.choices if part.casefold() in _names(c)), None) for part in before if part
    ]
    head = [c for c in known if c is not None]
    found = []
    for choice in option.choices:
        if choice in head or not any(last.casefold() in name for name in _names(choice)):
            continue
        whole = [*head, choice]
        label, value = ", ".join(c.label for c in whole), ", ".join(c.value for c in whole)
        if len(label) > CHOICE_LABEL_LIMIT:  # what is new stands at the end
            label = "…" + label[1 - CHOICE_LABEL_LIMIT :]
        if len(value) <= SUGGESTED_VALUE:
            found.append(Choice(label, value))
    return tuple(found[:CHOICE_LIMIT])


def _names(choice: Choice) -> tuple[str, str]:
    return choice.value.casefold(), choice.label.casefold()
