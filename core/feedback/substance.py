"""Whether there is a story behind the words: what keeps lists of buzzwords and empty headings from being ticked.

Every bound below lies outside what 437 answers of real shape show, the tersest notes included (docs/feedback.md).
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import Literal

from core.feedback.signals import Signals
from core.feedback.words import FUNCTION_WORDS, content, is_number, word_set

__all__ = ["Substance", "says_something", "substance_of"]

Substance = Literal["story", "empty", "unreadable"]

_FEWEST_WORDS = 15  # below this a share of words says nothing
_SMALL_WORDS = (
    0.10  # share of words like "the" and "to"; the tersest notes have 0.12, lists of buzzwords 0.04
)
_DIFFERENT_WORDS = (
    0.20  # share of different words, from 40 words on; below it somebody pasted a line again and again
)
_CLASHES = 0.03  # share of pairs like "the was" or "my to", which only shuffled words have
_CONTENT_WORDS = 6  # different words with a meaning of their own, in the whole answer
_CONTENT_SHARE = 0.13

_DETERMINERS = word_set("the a an my our his her their your every each")
_NEVER_AFTER = word_set(
    "i we he she they was were is are am of in to and or but because so if at on by with from the a "
    "an my had has have did would could should that then than as it"
)


def substance_of(read: Sequence[Signals]) -> Substance:
    """What the sentences of one answer amount to.

    "empty": there is next to nothing but the words that any answer could hold ("I had a task and took action").
    "unreadable": no English sentences, be it a list of words, a shuffled text or another language, so that nothing
    may be said about it, good or bad.
    """
    words = [token for signals in read for token in signals.tokens if token[0].isalpha() or token[0] == "<"]
    count = len(words)
    if count >= _FEWEST_WORDS:
        clashes = sum(
            first in _DETERMINERS and second in _NEVER_AFTER and first != second
            for first, second in pairwise(words)
        )
        if sum(word in FUNCTION_WORDS for word in words) < _SMALL_WORDS * count:
            return "unreadable"
        if clashes > 1 and clashes >= _CLASHES * count:
            return "unreadable"
    different = len(set(words))
    meaning = len(content(words))
    if meaning < _CONTENT_WORDS or meaning < _CONTENT_SHARE * different:
        return "empty"
    if count >= 40 and different < _DIFFERENT_WORDS * min(count, 400):
        return "empty"
    return "story"


def says_something(signals: Signals) -> bool:
    """Whether one sentence has words of its own: "We passed the inspection", but not "The result was good".

    One such word is enough beside a figure: "Revenue rose 5%".
    """
    return len(content(signals.tokens)) >= (1 if any(map(is_number, signals.tokens)) else 2)
