"""Other people's text in Discord's markdown, so that it is read as it was typed. Pure.

A backslash before any punctuation makes Discord show that sign itself. With the signs below it no member's
text becomes bold, a list, a mention, a custom emoji, a timestamp, a channel or a link.
"""

from __future__ import annotations

import re
from urllib.parse import quote, urlsplit

from adapters.discord import limits
from core.plain import clean_line, clean_text

_SIGNS = re.compile(r"[\\*_~`|\[\]()<>@]|:(?![\s\d])")  # a colon makes links and emoji
_LINE_STARTS = re.compile(r"^(\s*)([#+.-])", re.MULTILINE)
_NUMBERED = re.compile(r"^(\s*\d+)\.", re.MULTILINE)
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:", re.IGNORECASE)
_LANGUAGE = re.compile(r"[a-z0-9+#-]{1,20}", re.IGNORECASE)
_URL_SAFE = "/:?#@!$&'*+,;=%-._~[]"
NOTHING = "\u200b"  # between two marks that would be read as one


def escape(text: str) -> str:
    """``text`` as markdown that shows ``text``. It may stand at the beginning of a line or behind other text."""
    marked = _LINE_STARTS.sub(r"\1\\\2", _SIGNS.sub(r"\\\g<0>", text))
    return _NUMBERED.sub(r"\1\\.", marked)


def bold(text: str) -> str:
    return f"**{escape(text)}**" if text.strip() else escape(text)


def code(text: str) -> str:
    """One line in code font, whatever backticks stand in it."""
    line = clean_line(text)
    fence = "`" * (1 + max((len(run) for run in re.findall("`+", line)), default=0))
    pad = " " if line.startswith("`") or line.endswith("`") else ""
    return f"{fence}{pad}{line}{pad}{fence}" if line else ""


def code_block(text: str, language: str = "") -> str:
    """Several lines in code font. A fence inside is pulled apart, so that it does not end the block."""
    body = text.replace("```", f"`{NOTHING}`{NOTHING}`")
    body = body + NOTHING if body.endswith("`") else body
    return f"```{language if _LANGUAGE.fullmatch(language) else ''}\n{body}\n```"


def link(label: str, url: str) -> str:
    """A link that core built; words only where Discord would not make a link of it."""
    label, url = clean_line(label), clean_text(url)
    try:
        parts = urlsplit(url)
        fine = parts.scheme in ("http", "https") and bool(parts.hostname) and not re.search(r"\s", url)
    except ValueError:
        fine = False
    safe = quote(url, safe=_URL_SAFE) if fine else ""
    if not fine or len(safe) > limits.URL:
        return escape(label if label == url else f"{label} ({url})")
    if not label or label == url:
        return f"<{safe}>"
    if _SCHEME.match(label):  # Discord refuses a label that looks like another address
        return f"{escape(label)} (<{safe}>)"
    return f"[{escape(label)}](<{safe}>)"


def unescape(text: str) -> str:
    """What somebody reads who sees ``escape(text)``."""
    return re.sub(r"\\([^0-9A-Za-z\s])", r"\1", text)
