"""What people typed on Slack, as plain words: control sequences read, escapes taken off once. Pure.

In the text of messages and commands ``<``, ``>`` and ``&`` of the person are escaped, so whatever stands between
bare angle brackets was put there by Slack: mentions, channels, links, dates. Not so in the values of views.
"""

from __future__ import annotations

import re

from adapters.slack.escape import unescape

_CONTROL = re.compile(r"<([^<>]+)>")
_SCHEME = re.compile(r"^(?:https?://|mailto:|tel:)", re.IGNORECASE)


def words_of(text: str) -> str:
    """``text`` as its writer saw it while typing. No word of theirs is lost, and links keep their address."""
    return unescape(_CONTROL.sub(lambda found: _read(found[1]), text))


def places_in(text: str) -> dict[str, str]:
    """How ``words_of`` writes the channels and user groups in ``text`` -> their ids: "#practice" -> "C0123"."""
    found = (m[1] for m in _CONTROL.finditer(text) if m[1].startswith(("#", "!subteam^")))
    return {
        unescape(_read(inner)): inner.partition("|")[0].removeprefix("#").removeprefix("!subteam^")
        for inner in found
    }


def without_mention(text: str, user_id: str) -> str:
    """``text``, still as Slack sent it, without any mention of that account."""
    return re.sub(rf"<@{re.escape(user_id)}(?:\|[^<>]*)?>", " ", text).strip()


def _read(inner: str) -> str:
    """One control sequence, still escaped. What is not known by name is called what it is."""
    target, _, label = inner.partition("|")
    sign, label = target[:1], label.strip()
    if sign == "@":
        return _marked("@", label or "someone")
    if sign == "#":
        return _marked("#", label or "channel")
    if sign == "!":
        if target.startswith("!date^"):
            return label or target
        return _marked("@", label or target[1:].partition("^")[0])
    if target.startswith(("mailto:", "tel:")):
        target = _SCHEME.sub("", target)
    if not label or not target or _bare(label) == _bare(target):
        return label or target  # an address that Slack made a link of: it stands there as it was typed
    return f"{label} ({target})"


def _marked(sign: str, name: str) -> str:
    return name if name.startswith(sign) else sign + name


def _bare(address: str) -> str:
    return _SCHEME.sub("", address).rstrip("/").casefold()
