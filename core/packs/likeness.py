"""How alike two texts are, in words: for finding twins, and for telling a rewording from a new question."""

from __future__ import annotations

import re
import unicodedata

from core.packs.vocabulary import LINK_NOTE

_WORD = re.compile(r"\w+")
# From here on scripts mostly write without blanks between words: pairs of characters stand in for words.
_UNSPACED = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u2e80-\ua4cf\uac00-\ud7af\uf900-\ufaff]")
# Words that most questions share whatever they ask.
_COMMON = frozenset(
    _WORD.findall(
        "a about an and any are as at be been by can did do does for from had has have how i if in into "
        "is it its me my of on one or our out so tell that the their them then there they this time to "
        "us was we were what when where which who why will with would you your"
    )
)


def normalised(text: str) -> str:
    """``text`` without case, punctuation, accents of form or doubled blanks: equal results are twins."""
    return " ".join(_WORD.findall(unicodedata.normalize("NFKC", text).casefold()))


def overlap(one: str, other: str) -> float:
    """Shared words over all words (0 to 1), every word counting: above 0.8 two prompts are twins."""
    ours, theirs = _words(one), _words(other)
    return len(ours & theirs) / (len(ours | theirs) or 1)


def same_question(old: str, new: str) -> bool:
    """Whether ``new`` is a rewording of ``old``: a third of the shorter text's telling words stayed."""
    ours, theirs = _telling(old), _telling(new)
    shorter = min(len(ours), len(theirs))
    return normalised(old) == normalised(new) or (shorter > 0 and len(ours & theirs) * 3 >= shorter)


def _telling(text: str) -> frozenset[str]:
    # The note that every linked prompt ends on would make strangers look alike.
    words = _words(text.replace(LINK_NOTE, " "))
    return words - _COMMON or words


def _words(text: str) -> frozenset[str]:
    found: set[str] = set()
    for word in normalised(text).split():
        if len(word) > 2 and _UNSPACED.search(word):
            found.update(word[index : index + 2] for index in range(len(word) - 1))
        else:
            found.add(word)
    return frozenset(found)
