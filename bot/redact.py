"""Taking secrets out of text before anybody reads it: by their looks, and by their values where known."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final
from urllib.parse import quote, unquote

HIDDEN: Final = "[hidden]"
#: A shorter value is too likely to be a word, and hiding it everywhere would leave nothing to read.
SHORTEST: Final = 4

SECRET_NAME: Final = re.compile(r"(?i)token|secret|passw|pwd|api_?key|authorization|cookie|ticket|credential")

_NAME = r"[\w.-]*(?:token|secret|passw(?:or)?d|pwd|api[_-]?key|ticket|credentials?)"
_PATTERNS: Final = tuple(
    (re.compile(pattern), replacement)
    for pattern, replacement in (
        # Slack: bot, user, configuration and app-level tokens; addresses that work without any other proof.
        (r"\bx(?:ox[a-z](?:\.xox[a-z])?|app)-[A-Za-z0-9-]{4,}", HIDDEN),
        (r"(hooks\.slack\.com/)[^\s\"'<>]+", rf"\1{HIDDEN}"),
        # The keys of OpenAI and of many that are compatible with it.
        (r"\bsk-[A-Za-z0-9_-]{16,}", HIDDEN),
        # Discord: a bot's token; the token of an interaction or a webhook in an address.
        (r"\b[A-Za-z0-9_-]{18,30}\.[A-Za-z0-9_-]{5,8}\.[A-Za-z0-9_-]{24,}", HIDDEN),
        (r"(/(?:webhooks|interactions)/\d+/)[A-Za-z0-9_.-]{16,}", rf"\1{HIDDEN}"),
        # A signing secret is 32 hexadecimal digits; so is a UUID, and that one is no loss.
        (r"\b[0-9a-f]{32}\b", HIDDEN),
        # scheme://user:password@host
        (r"(\b[a-zA-Z][\w+.-]*://[^\s:/@]*):[^\s/@]+@", rf"\1:{HIDDEN}@"),
        (r"(?i)\b(bearer|bot|basic)\s+[A-Za-z0-9._~+/=-]{16,}", rf"\1 {HIDDEN}"),
        # name=value, and "name": "value" of JSON and of Python
        (rf"(?i)\b({_NAME}=)[^\s&,;)\"']+", rf"\1{HIDDEN}"),
        (rf"(?i)([\"']{_NAME}[\"']\s*:\s*[bu]?[\"'])[^\"']+", rf"\1{HIDDEN}"),
    )
)


class Redactor:
    """Knows the secrets of one process. Calling it gives the text without them."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        known = {
            form for secret in secrets if len(secret) >= SHORTEST for form in (secret, quote(secret, safe=""))
        }
        # The longest first: one secret may be a part of another.
        ordered = sorted(known, key=len, reverse=True)
        self._known = re.compile("|".join(map(re.escape, ordered))) if ordered else None

    def __call__(self, text: str) -> str:
        if self._known is not None:
            text = self._known.sub(HIDDEN, text)
        for pattern, replacement in _PATTERNS:
            text = pattern.sub(replacement, text)
        return text


def without_password(address: str) -> str:
    """An address, right or wrong, with what may be a password hidden, whatever characters that has."""
    scheme, marked, rest = address.partition("://")
    if marked and "@" in rest:
        user, host = rest.rsplit("@", 1)
        name, colon, _ = user.partition(":")
        rest = f"{name}{colon}{HIDDEN if colon else ''}@{host}"
    return Redactor()(f"{scheme}{marked}{rest}")


def passwords(address: str) -> tuple[str, ...]:
    """The password that an address holds, as it is written and as it is meant."""
    rest = address.partition("://")[2]
    found = [rest.rpartition("@")[0].partition(":")[2], *re.findall(r"[?&]password=([^&\s]+)", rest)]
    return tuple(form for password in found if password for form in (password, unquote(password)))
