"""Find the phrases of `cues.py` and `cues_result.py` in a sentence, all lists at once."""

from collections.abc import Iterator, Mapping
from functools import cache
from itertools import product

from core.feedback import cues, cues_result
from core.feedback.words import FIGURES, FILLER_STARTS, NUMBER_WORDS, TIME_UNITS

__all__ = ["Begun", "anchored", "families_in", "index_of"]

_CLASSES: dict[str, frozenset[str]] = {"<n>": FIGURES | NUMBER_WORDS, "<unit>": TIME_UNITS}
_ANY: frozenset[str] = frozenset()  # stands for `*`; no other place is empty

Ending = tuple[str, tuple[frozenset[str], ...]]  # a family, and the places after the second
Begun = tuple[
    set[str], dict[str, list[Ending]]
]  # the families of one-word phrases; the rest by their second word


def _place(written: str) -> frozenset[str]:
    if written == "*":
        return _ANY
    return frozenset().union(*(_CLASSES.get(word, {word}) for word in written.split("/")))


def _phrases(lines: str) -> Iterator[list[frozenset[str]]]:
    for line in lines.split("\n"):
        choices = [([place[:-1]], []) if place.endswith("?") else ([place],) for place in line.split()]
        for chosen in product(*choices):
            places = [_place(place) for kept in chosen for place in kept]
            if places:
                yield places


@cache
def _index() -> dict[str, Begun]:
    """Every phrase under its first two words, so that reading a sentence hardly gets slower as the lists grow.

    Made at the first sentence and not at import, which everything that starts has to wait for.
    """
    return index_of({**cues.CUES, **cues_result.CUES})


def index_of(lists: Mapping[str, str]) -> dict[str, Begun]:
    """The phrases of `lists`, by family, ready for `families_in`; to be made once."""
    index: dict[str, Begun] = {}
    for family, lines in lists.items():
        for first, *others in _phrases(lines):
            seconds = (others[0] or {"*"}) if others else ()
            ending = (family, tuple(others[1:]))
            for word in first:
                alone, begun = index.setdefault(word, (set(), {}))
                if not others:
                    alone.add(family)
                for second in seconds:
                    begun.setdefault(second, []).append(ending)
    return index


def anchored(tokens: list[str]) -> list[str]:
    """`tokens` with `^` put where the sentence begins after its filler words."""
    start = 0
    while start < len(tokens) - 1 and tokens[start] in FILLER_STARTS:
        start += 1
    return [*tokens[:start], "^", *tokens[start:]]


def families_in(anchored_tokens: list[str], index: Mapping[str, Begun] | None = None) -> set[str]:
    """The families that have a phrase in a sentence, given as `anchored` gives it; of the tagger's unless told."""
    index = _index() if index is None else index
    found: set[str] = set()
    for at, word in enumerate(anchored_tokens, 1):
        if word in index:
            alone, begun = index[word]
            found |= alone
            if at < len(anchored_tokens):
                for second in (anchored_tokens[at], "*"):
                    for family, places in begun.get(second, ()):
                        if family not in found and (not places or _fits(places, anchored_tokens, at + 1)):
                            found.add(family)
    return found


def _fits(places: tuple[frozenset[str], ...], tokens: list[str], at: int) -> bool:
    if at + len(places) > len(tokens):
        return False
    return all(place is _ANY or tokens[at + offset] in place for offset, place in enumerate(places))
