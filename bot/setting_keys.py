"""The keys of the settings as data: their names in a file and the environment, defaults, what they take."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Literal, get_args, get_origin

from pydantic import SecretStr
from pydantic.fields import FieldInfo

from bot.settings import Section, Settings, SlackWorkspace

PREFIX = Settings.model_config["env_prefix"]


@dataclass(frozen=True, slots=True)
class Key:
    """One key. ``table`` is what stands in its brackets: a section, or "slack.workspaces"."""

    table: str
    name: str
    field: FieldInfo

    @property
    def dotted(self) -> str:
        return f"{self.table}.{self.name}"

    @property
    def variable(self) -> str:
        return f"{PREFIX}{self.table}__{self.name}".upper()

    @property
    def secret(self) -> bool:
        return self.field.annotation is SecretStr

    @property
    def listed(self) -> bool:
        """Whether it takes a list, which the environment writes as JSON."""
        return get_origin(self.field.annotation) is tuple

    @property
    def default(self) -> str:
        """As a TOML file writes it."""
        return json.dumps("" if self.secret else self.field.default)

    @property
    def takes(self) -> str:
        """What may be written, in words that follow "write"."""
        kind = self.field.annotation
        if get_origin(kind) is Literal:
            return f"one of {', '.join(json.dumps(word) for word in get_args(kind))}"
        if self.listed:
            if get_args(kind)[0] is SlackWorkspace:
                return "tables headed [[slack.workspaces]], with two brackets"
            if get_args(kind)[0] is str:
                return 'a list of ids, such as ["U012AB3CD"]'
            return "a list of whole numbers, such as [0, 1]"
        if kind is bool:
            return "true or false"
        if kind in (int, float):
            return f"a {'whole number' if kind is int else 'number'}{self._bounds()}"
        most = next((m.max_length for m in self.field.metadata if hasattr(m, "max_length")), None)
        return "text in quotation marks" + (f", of at most {most} characters" if most else "")

    def _bounds(self) -> str:
        bounds: dict[str, object] = {}
        for constraint in self.field.metadata:
            bounds |= {
                name: getattr(constraint, name) for name in ("ge", "gt", "le") if hasattr(constraint, name)
            }
        if "ge" in bounds:
            return f" from {bounds['ge']} to {bounds['le']}"
        return f" above {bounds['gt']} and at most {bounds['le']}"


def sections() -> dict[str, type[Section]]:
    """Name in the file -> model, in the order of the file."""
    found = {name: field.annotation for name, field in Settings.model_fields.items()}
    return {
        name: kind for name, kind in found.items() if isinstance(kind, type) and issubclass(kind, Section)
    }


def keys_of(table: str, model: type[Section]) -> tuple[Key, ...]:
    return tuple(Key(table, name, field) for name, field in model.model_fields.items())


WORKSPACES = "slack.workspaces"


@cache
def every_key() -> dict[str, Key]:
    """By dotted name. Keys of a workspace's table are there too, as slack.workspaces.name and so on."""

    def all_of_them() -> Iterator[Key]:
        for name, model in sections().items():
            yield from keys_of(name, model)
        yield from keys_of(WORKSPACES, SlackWorkspace)

    return {key.dotted: key for key in all_of_them()}


@cache
def variables() -> dict[str, Key]:
    """By the variable of the environment that sets it."""
    return {key.variable: key for key in every_key().values() if key.table != WORKSPACES}
