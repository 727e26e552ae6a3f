"""What went wrong, as a view: for members in kind words, for whoever runs Starling with the place of the trouble."""

from __future__ import annotations

import structlog

from core.errors import DatabaseTrouble, StarlingError, StoreError, UsageError
from core.views import Button, Buttons, Message, Text, Typed

log = structlog.get_logger(__name__)

NO_DATABASE = (
    "Starling cannot get at its memory just now, so nothing was changed. Please try again in a minute; if it stays "
    "like this, tell whoever runs Starling here."
)


def explain(error: StarlingError, *, operator: bool = False) -> Message:
    """What is wrong, an example of what would be right, and ways out to press.

    ``operator``: the reader runs Starling themselves, and may read where the database is.
    """
    if isinstance(error, StoreError):
        log.error("store", error=error.message)
    hidden = isinstance(error, DatabaseTrouble) and not operator
    blocks: list[Text | Buttons] = [Text((NO_DATABASE if hidden else error.message,))]
    if isinstance(error, UsageError):
        if error.example:
            blocks.append(Text(("For example: ", Typed(error.example)), style="note"))
        if error.choices:
            blocks.append(Buttons(tuple(Button(label, action) for label, action in error.choices)))
    return Message(tuple(blocks))
