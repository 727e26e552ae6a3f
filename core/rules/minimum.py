"""What is enough for an answer to count (docs/rules.md, 2 "What counts")."""

import re
import unicodedata
from math import ceil

MINIMUM_WORDS = 20
CODING = "coding"

# Scripts written without blanks between words, and how many of their letters make about one word of English:
# Chinese runs at 1.5-2 characters a word and Japanese at 2-2.5, so 2 asks about the same of everybody.
_DENSE = re.compile(
    "[\u3005\u3007\u3041-\u3096\u309d-\u309f\u30a1-\u30fa\u30fc-\u30ff\u31f0-\u31ff"  # signs, kana
    "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff66-\uff9d\U00020000-\U0003ffff]"  # Chinese characters
)
_LETTERS_PER_DENSE_WORD = 2
# Thai, Lao, Burmese and Khmer words are spelt out: about 4 letters, vowel and tone marks not counted.
_UNSPACED = re.compile(
    "[\u0e01-\u0e30\u0e32\u0e33\u0e40-\u0e46\u0e81-\u0eb0\u0eb2\u0eb3\u0ebd-\u0ec6\u1000-\u102a\u1780-\u17b3]"
)
_LETTERS_PER_UNSPACED_WORD = 4

_KEYCAP = re.compile(r"[0-9#*]\ufe0f?\u20e3")
_ADDRESS = re.compile(r"\b(?:https?://|www\.)\S+", re.IGNORECASE)
# Blanks, and the marks that may stand between two words without one. A comma between digits belongs to a
# number, and hyphen, full stop and apostrophe may stand inside a word ("Node.js", "don't", "follow-up").
_BETWEEN = re.compile(r"[\s;!?()\[\]{}<>\"“”„«»/\\|…—–、。，；！？「」『』（）・]+|(?<!\d),|,(?!\d)")
_WORD_CATEGORIES = frozenset({"Lu", "Ll", "Lt", "Lm", "Lo", "Nd", "Nl"})


def word_count(text: str) -> int:
    """How many words a text has, in any script; 0 for an empty one.

    A word needs a letter or a digit: emoji, punctuation and characters of no width are none, and an address
    is one. Text without blanks between words counts one word for every two Chinese or Japanese characters,
    and for every four Thai, Lao, Khmer or Burmese letters, rounded up over the whole text, so that writing
    blanks between them gains nothing.
    """
    text = _ADDRESS.sub(" link ", _KEYCAP.sub(" ", text))
    dense, unspaced = len(_DENSE.findall(text)), len(_UNSPACED.findall(text))
    rest = _UNSPACED.sub(" ", _DENSE.sub(" ", text)) if dense or unspaced else text
    spaced = sum(
        any(unicodedata.category(c) in _WORD_CATEGORIES for c in chunk) for chunk in _BETWEEN.split(rest)
    )
    return spaced + ceil(dense / _LETTERS_PER_DENSE_WORD) + ceil(unspaced / _LETTERS_PER_UNSPACED_WORD)


def counts(track: str, words: int, outcome: bool) -> bool:
    """Whether an answer is enough to count for the day, for the streak and for points.

    Coding needs an outcome (solved, partly, stuck), whatever is written; every other track is written and
    needs 20 words. What does not count is kept all the same.
    """
    return outcome if track == CODING else words >= MINIMUM_WORDS
