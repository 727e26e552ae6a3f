"""``@Starling today``: what is asked for by a mention, also in threads, where commands do not work. Pure."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

from adapters.slack.reading import without_mention
from adapters.slack.told import own_words, typed
from core.call import Request, Where, Who
from core.commands import Registry
from core.errors import StarlingError
from core.explaining import explain
from core.parse import action_id
from core.views import Button, Buttons, Message, Text, View


def asked(registry: Registry, text: str, bot_user_id: str, who: Who, where: Where) -> Request | View:
    """The request in ``text``, the text of an app_mention as Slack sent it; a view where it is none.

    Our mention may stand anywhere. Without any other word it asks for the menu. The request may lack what its
    command needs: the form is then behind a button, since a mention can open none.

    Words that are their writer's own (an answer, a text to be read) are never taken out of a mention, which
    everybody there can read: the view says so, and has a button that opens the form.
    """
    line = without_mention(text, bot_user_id).lstrip(":,/ ")
    try:
        request = typed(registry, line, who, where)
    except StarlingError as error:
        return explain(error)
    command = registry.get(request.path)
    own = own_words(command) if command is not None else frozenset()
    if own.isdisjoint(request.values):
        return request
    kept = {name: value for name, value in request.values.items() if name not in own}
    return _not_here(dataclasses.replace(request, values=kept))


def _not_here(request: Request) -> Message:
    return Message(
        (
            Text(
                (
                    "Everybody here can read that, so it was not taken and nothing was stored. The form is yours "
                    "alone. If you would rather have the words to yourself, delete your message.",
                )
            ),
            Buttons((Button("Open the form", _form_of(request.path, request.values), "primary"),)),
        )
    )


def _form_of(path: str, values: Mapping[str, object]) -> str:
    """The action that opens the form, filled in as far as an action can say it."""
    said = {name: value for name, value in values.items() if isinstance(value, str) and ";" not in value}
    try:
        return action_id(path, **said)
    except ValueError:  # too long for a button
        return path
