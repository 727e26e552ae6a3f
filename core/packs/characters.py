"""Characters that a reader cannot see: they break searches and comparisons, and can make text lie.

Joiners and variation selectors are let through where a script or a picture character needs them.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

_PLAIN = re.compile(r"[^\x20-\x7e\n]")

# Categories with nothing to see, and what to call those in them that have no name: controls, formats (zero
# width, direction marks), private use, surrogates, line and paragraph separators. What is unassigned is let
# through: it is this year's new picture to a Python of last year.
_UNSEEN = {"Cc": "CONTROL CHARACTER", "Cf": "", "Co": "PRIVATE USE", "Cs": "SURROGATE", "Zl": "", "Zp": ""}
# Letters, marks and symbols that are drawn as nothing.
_BLANK_LETTERS = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
_JOINERS = frozenset("\u200c\u200d")


def invisible(text: str) -> Iterator[tuple[int, str]]:
    """Every (index, character) of ``text`` that cannot be seen; line breaks are fine, tabs are not."""
    for match in _PLAIN.finditer(text):
        index, char = match.start(), match.group()
        if _hidden(char) and not _needed(text, index, char):
            yield index, char


def called(char: str) -> str:
    """The code point and its name: ``U+200B ZERO WIDTH SPACE``."""
    name = unicodedata.name(char, "") or _UNSEEN.get(unicodedata.category(char), "") or "NO CHARACTER"
    return f"U+{ord(char):04X} {name}"


def _hidden(char: str) -> bool:
    if unicodedata.category(char) in _UNSEEN or char in _BLANK_LETTERS:
        return True
    return _selects_variation(char) or _is_no_character(char)


def _is_no_character(char: str) -> bool:
    # Set aside by Unicode for good, unlike what is only not assigned yet.
    return ord(char) & 0xFFFE == 0xFFFE or "\ufdd0" <= char <= "\ufdef"


def _selects_variation(char: str) -> bool:
    return (
        "\ufe00" <= char <= "\ufe0f" or "\U000e0100" <= char <= "\U000e01ef" or "\u180b" <= char <= "\u180f"
    )


def _needed(text: str, index: int, char: str) -> bool:
    before = text[index - 1] if index else ""
    after = text[index + 1 : index + 2]
    if char == "\ufe0f":  # "draw it as a picture", after a sign that has two looks
        return bool(before) and (unicodedata.category(before) in {"So", "Sm", "Po"} or before in "0123456789")
    if char not in _JOINERS or not before or not after:
        return False
    if _is_picture(before) and _is_picture(after):
        return char == "\u200d"  # one picture made of several
    # Persian, Arabic and the scripts of India spell words with joiners.
    return all(unicodedata.category(side) in {"Lo", "Mn", "Mc"} for side in (before, after))


def _is_picture(char: str) -> bool:
    return unicodedata.category(char) in {"So", "Sk", "Cn"} or char == "\ufe0f"
