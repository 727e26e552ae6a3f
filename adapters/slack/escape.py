"""Other people's text on Slack, so that it is read as it was typed. Pure.

Slack has three places for words, and each reads them its own way:

- ``mrkdwn`` (sections, contexts, fields, the fallback text): ``&``, ``<`` and ``>`` steer mentions, links, dates
  and are escaped, exactly these three. But nothing escapes ``*``, ``_``, ``~``, a backtick, ``:smile:`` or a quote
  at the beginning of a line. Text with such a sign is not ``tame`` and is not put there at all;
- ``rich_text`` elements: never parsed, never escaped. This is where such text goes (``words`` decides);
- ``plain_text`` (headers, labels of buttons, options, modals): never parsed either, with ``emoji`` off.
"""

from __future__ import annotations

import re
from urllib.parse import quote, urlsplit

from adapters.slack import limits
from core.plain import clean_text

_MARKS = re.compile(r"[*_~`@]|:(?![\s\d”’])|#(?=\w)|www\.|^\s*>", re.MULTILINE | re.IGNORECASE)
_URL_SAFE = "/:?#@!$&'*+,;=%-._~[]"
_ESCAPES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
_UNESCAPES = {v: k for k, v in _ESCAPES.items()}


def escape(text: str) -> str:
    """``text`` as mrkdwn without control sequences: exactly ``&``, ``<`` and ``>`` are replaced."""
    return re.sub("[&<>]", lambda sign: _ESCAPES[sign[0]], text)


def unescape(text: str) -> str:
    """What Slack escaped in what somebody typed, as it was typed. Once: "&amp;lt;" is "&lt;"."""
    return re.sub("&(?:amp|lt|gt);", lambda sign: _UNESCAPES[sign[0]], text)


def tame(text: str) -> bool:
    """Whether mrkdwn shows ``text`` as it stands, once it is escaped: no sign in it is read as a mark."""
    return not _MARKS.search(text)


def address(url: str) -> str | None:
    """``url`` as a link may carry it; None where it is none, or is too long for one."""
    url = clean_text(url)
    try:
        parts = urlsplit(url)
        fine = parts.scheme in ("http", "https") and bool(parts.hostname) and not re.search(r"\s", url)
    except ValueError:
        fine = False
    safe = quote(url, safe=_URL_SAFE) if fine else ""
    return safe if fine and len(safe) <= limits.URL else None
