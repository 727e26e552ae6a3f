"""Members' words made neutral: no mention, address, link or name of a member is left in them. Pure.

What stands in their place reads on: "Ana told me" becomes "somebody told me". Names that no member has (of colleagues,
firms, products) are not known here and stay. A name that is an everyday word as well ("Will", "Rose") goes where it
has a capital, and everywhere as a part of the whole name.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from core.feedback.words import word_set

SOMEBODY, ADDRESS, LINK, NUMBER, CHANNEL = "somebody", "an address", "a link", "a number", "a channel"

_URL = re.compile(r"<?(?:[a-z][a-z0-9+.-]{1,20}://|www\.)[^\s<>|]+(?:\|[^>\n]*)?>?", re.I)
_MAIL = re.compile(r"(?:mailto:)?[\w.+%-]+@[\w-]+(?:\.[\w-]+)+", re.I)
_SITE = re.compile(
    r"(?<![\w.@/-])(?:[a-z0-9-]+\.)+(?:com|org|net|io|dev|app|edu|gov|co\.uk|de|eu)(?:/[^\s<>]*)?(?![\w-])"
)
_CHANNEL = re.compile(r"<#[A-Z0-9]+(?:\|[^>\n]*)?>|<(?:/[\w -]+|id):[\w-]+>", re.I)
_MENTION = re.compile(r"<(?:@[!&]?|!)[A-Za-z0-9^_]+(?:\|[^>\n]*)?>|(?<![\w@.])@[\w][\w.-]*\w|(?<![\w@.])@\w")
_PHONE = re.compile(r"(?<![\w+])\+\d(?:[ ()./-]{0,2}\d){7,14}(?!\w)")
_ID = re.compile(r"(?<!\w)\d{15,20}(?!\w)")  # Discord's ids

# Words that stand in people's names and in every text: never replaced alone.
_COMMON = word_set(
    "a an in on so do my he me we us it is to be by no or of at as go if up am i the and for you not but all any "
    "can had her was one our out get has him his how man new now old see two way who boy did its let put say she "
    "too use from with that this they have were said what when your just like then some time work team dev admin "
    "bot user test lead manager engineer student night data de la le van von der di da el al bin"
)
# First and family names that are words as well: replaced only with a capital.
_WORDS = word_set(
    "will may mark grace hope rose bill art rich frank max chase drew grant gene joy faith june april august "
    "summer dawn amber ruby crystal page miles cliff clay glen heath lane reed wade ray dale ward young long king "
    "brown white black green gray grey hill wood stone field park cook baker smith price day moon star love fox "
    "wolf bear hunter mason carter cooper taylor parker porter tanner sky ocean river rain snow storm sun"
)


def neutral(names: Iterable[str]) -> Callable[[str], str]:
    """What makes a text neutral in which members of these names may be named, in whole or by a word of a name."""
    patterns = _patterns(names)

    def make(text: str) -> str:
        for pattern, instead in _FIXED:
            text = pattern.sub(instead, text)
        for pattern in patterns:
            text = pattern.sub(lambda found: f"{SOMEBODY}{found['own'] or ''}", text)
        return text

    return make


_FIXED = (
    (_MAIL, ADDRESS),
    (_URL, LINK),
    (_SITE, LINK),
    (_CHANNEL, CHANNEL),
    (_MENTION, SOMEBODY),
    (_PHONE, NUMBER),
    (_ID, NUMBER),
)


def _patterns(names: Iterable[str]) -> list[re.Pattern[str]]:
    """Whole names first, in any case; then their words, those that mean something else only with a capital."""
    whole: set[str] = set()
    parts: set[str] = set()
    for name in names:
        words = [w for w in re.findall(r"[^\W_]+(?:['’-][^\W_]+)*", name) if not w.isdigit()]
        if len(words) > 1:
            whole.add(r"[\W_]+".join(map(re.escape, words)))
        parts |= {w for w in words if len(w) > 1 and w.casefold() not in _COMMON}
    loose = {re.escape(w) for w in parts if w.casefold() not in _WORDS and len(w) > 2}
    capital = {re.escape(w.capitalize()) for w in parts if w.casefold() in _WORDS or len(w) == 2}
    made = []
    for words_, flags in ((whole, re.I), (loose, re.I), (capital, re.NOFLAG)):
        if words_:
            longest_first = "|".join(sorted(words_, key=lambda w: (-len(w), w)))
            made.append(re.compile(rf"(?<!\w)(?:{longest_first})(?P<own>['’]s)?(?!\w)", flags))
    return made
