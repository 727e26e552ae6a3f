"""Cleaning what people type, so that it can be kept, compared and shown.

Answers keep every visible character. What goes is what nobody can see and what could steer a terminal or
reorder a line: control characters (escape sequences with them), bidirectional overrides and isolates,
zero-width characters other than the joiners that emoji and several scripts need, lone surrogates.
Text of nothing but joiners and blank letters is no text: it becomes "".
"""

from __future__ import annotations

import re
import unicodedata

# What other programs end a line with: a word processor's soft line break is \x0b.
_LINE_ENDS = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
# U+200C/U+200D (joiners) stay: Persian, Hindi and family emoji need them. So do variation selectors.
_JOINERS = "\u200c\u200d"
_INVISIBLE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff\U0001d173-\U0001d17a\U000e0000-\U000e007f]"
)
_BLANKS = re.compile(r"[ \t\u00a0\u2000-\u200a\u3000]+")
_NOTHING = re.compile(  # joiners, variation selectors, fillers: nobody sees them when they stand alone
    f"[{_JOINERS}\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef\\s]*"
)


def clean_text(raw: str) -> str:
    """Many lines: line ends as \\n, nothing invisible, no blanks at the ends of the whole."""
    text = _INVISIBLE.sub("", _LINE_ENDS.sub("\n", raw))
    return "" if _NOTHING.fullmatch(text) else text.strip()


def clean_line(raw: str) -> str:
    """One line: all blanks and line ends become single blanks."""
    return " ".join(_BLANKS.sub(" ", clean_text(raw)).split())


def clean_name(raw: str, limit: int = 60) -> str:
    """A display name: one line, composed (NFC), at most ``limit`` characters, never empty."""
    seen = "".join(c for c in clean_line(raw) if c.isprintable() or c in _JOINERS)
    name = unicodedata.normalize("NFC", clean_line(seen))
    return clean_line(name[:limit]) or "somebody"


def shown(raw: str, limit: int = 40) -> str:
    """A piece of what somebody typed, short enough to stand inside our own sentence."""
    line = clean_line(raw)
    return line if len(line) <= limit else line[: limit - 1].rstrip() + "…"


def count(number: int, one: str, many: str = "") -> str:
    """(1, "answer") -> "1 answer"; (2, "answer") -> "2 answers"; thousands get commas."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def times(number: int) -> str:
    """0 -> "never", 1 -> "once", 2 -> "twice", 7 -> "7 times"."""
    return ("never", "once", "twice")[number] if number < 3 else f"{number} times"
