"""What Starling asks a server for, and the link that asks for it. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode


@dataclass(frozen=True, slots=True)
class Right:
    """A permission by the name Discord shows to organisers, its bit, and why Starling wants it.

    ``purpose`` and ``without`` end sentences ("It is for ...", "Without it, ..."). Without a ``vital`` one a
    channel cannot have questions at all; without another, only what ``without`` says is missing.
    """

    name: str
    bit: int
    purpose: str
    without: str
    vital: bool = False


VIEW_CHANNELS = Right(
    "View Channels", 1 << 10, "seeing the channel you chose", "nothing can be posted there", vital=True
)
SEND_MESSAGES = Right(
    "Send Messages", 1 << 11, "posting questions and test posts", "nothing is posted", vital=True
)
ATTACH_FILES = Right(
    "Attach Files",
    1 << 15,
    "pictures and files on its own posts",
    "Discord refuses posts that carry a picture or a file",
)
READ_HISTORY = Right(
    "Read Message History",
    1 << 16,
    "looking whether a post arrived when Discord's answer was lost",
    "a question may be skipped after a connection problem",
)
CREATE_THREADS = Right(
    "Create Public Threads",
    1 << 35,
    "a discussion thread under each question, where a schedule asks for one",
    "questions come without their thread",
)
SEND_IN_THREADS = Right(
    "Send Messages in Threads",
    1 << 38,
    "posting where the chosen channel is a thread, and into a question's own thread",
    "nothing is posted inside threads",
)

# The least that every function needs. Mentioning a role that not everybody may mention needs one more
# ("Mention @everyone, @here and All Roles", 1 << 17). It is not asked for: it would let the bot ping a whole
# server, and making that one role mentionable does as well.
RIGHTS: tuple[Right, ...] = (
    VIEW_CHANNELS,
    SEND_MESSAGES,
    ATTACH_FILES,
    READ_HISTORY,
    CREATE_THREADS,
    SEND_IN_THREADS,
)
PERMISSIONS = sum(right.bit for right in RIGHTS)
SCOPES = ("bot", "applications.commands")
AUTHORISE = "https://discord.com/oauth2/authorize"


def invite_url(application_id: int | str) -> str:
    """The link with which somebody who manages a server invites Starling with exactly ``RIGHTS``."""
    asked = {
        "client_id": str(application_id),
        "permissions": str(PERMISSIONS),
        "integration_type": "0",
        "scope": " ".join(SCOPES),
    }
    return f"{AUTHORISE}?{urlencode(asked)}"


def personal_url(application_id: int | str) -> str:
    """The link with which anybody adds Starling's personal commands to their own account: no server, no rights."""
    asked = {"client_id": str(application_id), "integration_type": "1", "scope": "applications.commands"}
    return f"{AUTHORISE}?{urlencode(asked)}"


# Bits of an application's flags. Each intent has two: for a verified bot, and for one in few servers.
_PRIVILEGED = (
    ("Presence Intent", 1 << 12 | 1 << 13),
    ("Server Members Intent", 1 << 14 | 1 << 15),
    ("Message Content Intent", 1 << 18 | 1 << 19),
)


def unneeded_intents(flags: int) -> tuple[str, ...]:
    """The privileged intents that an application with these ``flags`` has switched on: Starling needs none."""
    return tuple(name for name, bits in _PRIVILEGED if flags & bits)
