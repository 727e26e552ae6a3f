"""What is enough for a review to be kept, and to count (docs/rules.md, 10 "Reviews")."""

from __future__ import annotations

KEPT_WORDS = 3  # of a sentence that stands alone; one item ticked is enough, too
COUNTED_WORDS = 6
COUNTED_ITEMS = 3


def is_something(items: int, words: int) -> bool:
    """Whether a review says anything: with an item that is seen or missing, or a sentence of a few words."""
    return items > 0 or words >= KEPT_WORDS


def counts(items: int, words: int) -> bool:
    """Whether a review counts for the day and may earn points: with three items, or a sentence of six words."""
    return items >= COUNTED_ITEMS or words >= COUNTED_WORDS
