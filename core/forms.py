"""A command's form: its own when it declares one, else a field for each of its options."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

from core.call import Call
from core.commands import ACTION_LIMIT, FORM_FIELD_LIMIT, Kind, Option
from core.kinds import SAMPLES
from core.parse import action_id
from core.views import Choice, Field, FieldKind, Form

_KINDS: dict[Kind, FieldKind] = {
    Kind.LONG: "text",
    Kind.CHOICE: "choice",
    Kind.MANY: "many",
    Kind.FILE: "file",
    Kind.CHANNEL: "channel",
    Kind.ROLE: "role",
}
_YESNO = (Choice("Yes", "yes"), Choice("No", "no"))


async def form_for(call: Call, filled: Mapping[str, object]) -> Form:
    """The form that asks for what ``call`` lacks, filled in with what was given.

    What was given and is no field of the form (the prompt that a button named) travels on in the action.
    """
    command = call.command
    form = await command.form(call) if command.form is not None else _generated(call)
    fields = []
    for item in form.fields:
        value = filled.get(item.name)
        if isinstance(value, (tuple, list, frozenset)):
            value = ", ".join(sorted(map(str, value)) if isinstance(value, frozenset) else map(str, value))
        fields.append(dataclasses.replace(item, value=str(value)) if isinstance(value, (str, int)) else item)
    return dataclasses.replace(form, action=_carrying(form, filled), fields=tuple(fields))


def _carrying(form: Form, filled: Mapping[str, object]) -> str:
    """The form's action with those given values that the form would lose, as far as an action holds them."""
    path, _, argument = form.action.partition(":")
    parts = [part for part in argument.split(";") if part]
    known = {part.partition("=")[0] for part in parts} | {item.name for item in form.fields}
    for name, value in filled.items():
        part = f"{name}={value}"
        fits = len(";".join([path, *parts, part])) <= ACTION_LIMIT and ";" not in part
        if name not in known and isinstance(value, (str, int)) and value != "" and fits:
            parts.append(part)
    return f"{path}:{';'.join(parts)}" if parts else path


def _generated(call: Call) -> Form:
    command = call.command
    required = [o for o in command.options if o.required]
    optional = [o for o in command.options if not o.required and not o.named]
    fields = tuple(field_of(o) for o in [*required, *optional][:FORM_FIELD_LIMIT])
    return Form(action_id(command.path), f"{command.path[:1].upper()}{command.path[1:]}", fields)


def field_of(option: Option, value: str = "") -> Field:
    """The form field of ``option``."""
    choices = _YESNO if option.kind is Kind.YESNO else option.choices
    kind: FieldKind = "choice" if option.kind is Kind.YESNO else _KINDS.get(option.kind, "line")
    longest = option.most if option.kind in (Kind.TEXT, Kind.LONG) else None  # a number's bound is its value
    return Field(
        name=option.name,
        label=option.label or option.name.capitalize(),
        kind=kind,
        required=option.required,
        value=value,
        hint=_hint(option),
        choices=choices,
        least=1 if option.required else 0,
        most=len(choices) if kind == "many" else longest or 4000,
        suggests=option.suggest is not None,
    )


def _hint(option: Option) -> str:
    """What belongs into the field; with a sample where the way of writing it matters."""
    if option.choices or option.kind in (Kind.TEXT, Kind.LONG):
        return option.help
    return f"{option.help} (as {SAMPLES[option.kind]})"[:100]
