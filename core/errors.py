"""One root for everything that Starling refuses or cannot do.

The message of an error is its text for people: one or two plain sentences that say what is wrong and what
to do next. It never holds a secret, a whole answer, or a word of a traceback.
"""

from __future__ import annotations


class StarlingError(Exception):
    """Root of our errors. ``str(error)`` may be shown to whoever caused it, as it is."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class UsageError(StarlingError):
    """A member typed something that cannot be done as typed.

    ``example`` is a command path with its options ("remind set time: 21:00"), shown with the prefix of the
    reader's platform. ``choices`` are commands that would be right, offered as buttons where there are any.
    """

    def __init__(self, message: str, *, example: str | None = None, choices: tuple[Offer, ...] = ()) -> None:
        super().__init__(message)
        self.example = example
        self.choices = choices


class Offer(tuple[str, str]):
    """(label, action id): a way out of an error that one press takes."""

    __slots__ = ()

    def __new__(cls, label: str, action: str) -> Offer:
        return super().__new__(cls, (label, action))


class UnknownCommand(UsageError):
    """No command starts with these words."""


class BadOption(UsageError):
    """An option that does not exist, is given twice, or has a value of the wrong kind."""

    def __init__(
        self,
        message: str,
        *,
        option: str,
        example: str | None = None,
        choices: tuple[Offer, ...] = (),
    ) -> None:
        super().__init__(message, example=example, choices=choices)
        self.option = option


class MissingOption(BadOption):
    """A required option was not given, and nobody can be asked for it here."""


class NotAllowed(StarlingError):
    """The person may not do this here."""


class NotFound(UsageError):
    """What was named is not there, or not this person's."""


class AlreadyKept(UsageError):
    """A message that is an answer already was to become one again. Nothing was stored twice."""


class TooMany(StarlingError):
    """A rate limit: the message says how long to wait."""


class StoreError(StarlingError):
    """The database cannot be used as it is. Nothing was changed."""


class DatabaseTrouble(StoreError):
    """What is below the database failed. The message may name a path or a host: it is for whoever runs Starling."""


class SettingsError(StarlingError):
    """The settings file, the environment or a flag is wrong: names the key, the value and the fix."""


class DeclarationError(StarlingError):
    """A command is declared in a way some platform cannot show. Raised while starting, never to a member."""
