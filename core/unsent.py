"""Forms that were sent and not taken: kept for a day, opened again filled in, or handed back as a file."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Collection, Mapping

from core.call import Call
from core.errors import BadOption, DatabaseTrouble, StarlingError
from core.forms import form_for
from core.parse import parse_action
from core.plain import clean_text
from core.store import drafts
from core.text import as_text
from core.views import File, Form, FormErrors, Message, Text, View

_CARRIED = re.compile(r"[dp]?[0-9]{1,11}")  # what buttons carry: a question's handle, a number


async def returned(call: Call, error: Exception, said: Message) -> View:
    """The form again, filled in as it was sent, with the reason; every word of it is kept for a day.

    ``said`` is what would have been said without a form. A reason that belongs to no field stands under "".
    Raises what the store raises.
    """
    values = call.request.values
    form = await form_for(call, filled=values)
    typed = {f.name: f.value for f in form.fields if f.name in values and f.kind != "file"}
    if any(map(clean_text, typed.values())):
        async with call.app.store.write() as tx:
            life = call.app.limits.draft_life
            await drafts.keep(tx, call.person.id, form.action, typed, call.now, life)
    elif not isinstance(error, BadOption):
        return said
    if isinstance(error, BadOption):
        return FormErrors(form, {error.option: error.message})
    own = isinstance(error, StarlingError) and not isinstance(error, DatabaseTrouble)
    return FormErrors(form, {"": str(error) if own else as_text(said)})


async def opened(call: Call, given: Collection[str]) -> Form:
    """The form that asks for what is missing, with what was typed into it before and not taken.

    What is ``given`` with the request (names) goes before what was kept.
    """
    form = await form_for(call, filled=call.request.values)
    if not call.drafts:
        return form
    async with call.app.store.read() as tx:
        kept = await drafts.find(tx, call.person.id, form.action, call.now - call.app.limits.draft_life)
    fields = [
        dataclasses.replace(f, value=kept[f.name]) if f.name in kept and f.name not in given else f
        for f in form.fields
    ]
    return dataclasses.replace(form, fields=tuple(fields))


async def forget(call: Call) -> None:
    """The form was taken: what was kept of it for the same thing (the same question) is not needed any more."""
    sent = {name: value for name, value in call.request.values.items() if isinstance(value, str)}
    async with call.app.store.write() as tx:
        kept = await drafts.actions(tx, call.person.id, call.command.path)
        done = [a for a in kept if parse_action(call.app.registry, a).values.items() <= sent.items()]
        await drafts.drop(tx, call.person.id, *done)


def handed_back(said: Message, values: Mapping[str, object]) -> Message:
    """``said`` with what was typed as a file, for when it cannot be kept."""
    typed = [
        value
        for value in values.values()
        if isinstance(value, str) and clean_text(value) and not _CARRIED.fullmatch(value)
    ]
    if not typed:
        return said
    note = Text(("What you typed is in the file below, so that nothing of it is lost.",))
    file = File("\n\n".join(typed).encode("utf-8", "replace"), "your-words.txt", "Your words")
    return dataclasses.replace(said, blocks=(*said.blocks, note, file))
