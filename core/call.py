"""What travels the road: the request an adapter made, and the call a handler gets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from core.commands import Command
    from core.services import Services
    from core.store.people import Group, Home, Member, Person


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file somebody handed in; already read, already capped in size by the adapter."""

    name: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Who:
    """The account that speaks. ``organiser`` is the platform's word; dispatch checks it for each command.

    ``zone`` is the IANA name that the platform knows for them, "" for none: only what a new person begins with.
    ``guessed``: ``name`` serves until the platform has said a better one, and takes no other's place.
    """

    platform: str
    user_id: str
    name: str
    workspace: str = ""  # Slack: user ids are unique in a workspace only
    organiser: bool = False
    zone: str = ""
    guessed: bool = False


@dataclass(frozen=True, slots=True)
class Where:
    """The place. No ``server_id``: a direct message, or a user-installed app outside any home.

    ``name`` is the channel's ("#practice"), ``server_name`` what the server or workspace is called.
    """

    platform: str
    server_id: str = ""
    channel_id: str = ""
    name: str = ""
    server_name: str = ""

    @property
    def direct(self) -> bool:
        return not self.server_id


@dataclass(frozen=True, slots=True)
class Request:
    """One thing somebody asked for: a typed command, a press, a submitted form.

    ``values`` are raw (str) or typed by the platform. ``can_ask`` is False on a pipe, where a missing value
    is an error. ``submitted`` marks a form that came back: its errors return to the form. ``missed`` marks what
    was said over a time when nobody listened: that it all comes at once is no hurry of its writer. ``once`` is
    the platform's id of this very act, the same when it is told again: an answer given by it is kept once.
    ``unasked`` marks what Starling shows anew by itself (a Home tab): it is no hurry of anybody's, and nothing that
    is said only once is said there, where it may be replaced before it is read.
    """

    path: str
    who: Who
    where: Where
    values: Mapping[str, object] = field(default_factory=dict)
    can_ask: bool = True
    submitted: bool = False
    locale: str = "en"
    missed: bool = False
    once: str = ""
    unasked: bool = False


@dataclass(frozen=True, slots=True)
class Call:
    """What a handler gets: the request made whole.

    ``values`` are read by kind; absent options are absent. ``group``, ``home`` and ``member`` are None where
    there is none (a direct message of somebody without an active group). ``now`` is the instant of the
    request (aware, UTC): a handler never asks the clock again. ``asides`` and ``drafts`` are for the dispatcher:
    whether something waits to be told to the person, and whether words of theirs are kept.
    """

    app: Services
    command: Command
    request: Request
    values: Mapping[str, Any]
    person: Person
    group: Group | None
    home: Home | None
    member: Member | None
    now: datetime
    asides: bool = False
    drafts: bool = False

    def get(self, name: str, default: Any = None) -> Any:
        return self.values.get(name, default)
