"""Whether a sentence about an outcome holds a number or a concrete magnitude.

Counted: percentages, money, multiples, halves and doubles, shares ("a fifth of them"), pairs ("from nine to one",
"5 of 6", "40 -> 3"), counts ("4,100 cycles"), all or none of something ("every last one", "not a single", "zero
returns"), and times that were gained, lost or bounded ("a day instead of weeks", "no more than two minutes", "not once
in 90 days"). Not counted: dates, times of day, durations that only say when ("two months later"), ordinals, versions,
team sizes, "two" or "three" of something, and "nobody noticed": what that says of size is too little (in the labelled
answers it is a figure once in eleven times).
"""

from collections.abc import Sequence

from core.feedback.words import FIGURES, NUMBER_WORDS, TIME_UNITS, word_set

__all__ = ["has_magnitude"]

_ALWAYS = word_set("<pct> <money> <times> percent halved doubled tripled quadrupled twofold threefold")
_PARTS = word_set("half third quarter fifth tenth")
_SHARES = word_set("third thirds quarters fifth fifths tenth tenths")
_LARGE = word_set("hundred hundreds thousand thousands million millions billion dozen")
_ON_A_CLOCK = word_set("four five six seven eight nine ten eleven twelve twenty")
_CLOCK = word_set("at by past till until before after since")
_HEDGES = word_set("about around like roughly nearly almost just maybe over under some")
_WHOLE = (
    ("not", "a", "single"), ("not", "one"), ("without", "a", "single"), ("every", "single"), ("every", "last"),
    ("all", "of", "them"), ("all", "of", "the"), ("none", "of", "them"),
)  # fmt: skip
_TOO_SMALL = word_set("two three one")
_NUMBERS = (FIGURES | NUMBER_WORDS) - _TOO_SMALL
_ANY_NUMBER = FIGURES | NUMBER_WORDS | {"one", "zero", "none"}
_NAMES_A_NUMBER = word_set(
    "version v release step phase part week day month chapter page room bed route level grade year q "
    "bus number no line sprint round bay gate wk type tier top until since last following"
)
_JOINS = word_set("to into -> => → of against versus vs from")
_GAINED = word_set(
    "faster slower quicker instead rather down dropped fell took takes take lasted lasts saved save "
    "saves saving cut under less shorter reduced lengthened late early spare slack shaved gained "
    "earlier sooner turned compared only"
)
_PEOPLE = word_set("people person engineers developers colleagues members men women")


def has_magnitude(tokens: Sequence[str]) -> bool:
    """Whether the tokens of one sentence (see `words.tokens`) hold a number that measures something."""
    here = set(tokens)
    if here & _ALWAYS or (here & TIME_UNITS and "instead" in here):
        return True
    gained = not here.isdisjoint(_GAINED)
    return any(
        (token in _PARTS and _part(tokens, at))
        or (token == "from" and _range(tokens, at))
        or (token in ("twice", "double") and _after(tokens, at) in ("as", "the"))
        or (token in _SHARES and _after(tokens, at) == "of" and _before(tokens, at) not in ("the", "of"))
        or (token in ("zero", "not", "without", "every", "all", "none") and _whole(tokens, at))
        or (token in _ANY_NUMBER and (_pair(tokens, at) or _counts(tokens, at, gained)))
        for at, token in enumerate(tokens)
    )


def _before(tokens: Sequence[str], at: int) -> str:
    return tokens[at - 1] if at else ""


def _after(tokens: Sequence[str], at: int) -> str:
    return tokens[at + 1] if at + 1 < len(tokens) else ""


def _whole(tokens: Sequence[str], at: int) -> bool:
    """All or none, counted: "zero returns", "not a single complaint", "every last van"."""
    if tokens[at] == "zero":
        return _after(tokens, at).isalpha() and _before(tokens, at) not in ("from", "account", "day")
    return any(tuple(tokens[at : at + len(words)]) == words for words in _WHOLE)


def _part(tokens: Sequence[str], at: int) -> bool:
    """ "By half", "by a third", "half as many": not "half of it was rewritten", and not "in the third quarter"."""
    before, after = _before(tokens, at), _after(tokens, at)
    by = before == "by" or (before in ("a", "one") and _before(tokens, at - 1) == "by")
    return by or (tokens[at] == "half" and (before == "in" or after in ("as", "the")))


def _pair(tokens: Sequence[str], at: int) -> bool:
    """ "9 to 1", "5 of 6", "40 a week -> 3": two numbers with a joining word, at most five places apart.

    One of them is more than three, or the sentence speaks of a change.
    """
    for step in range(at + 1, min(at + 6, len(tokens) - 1)):
        if tokens[step] in _JOINS or tokens[step - 1 : step + 1] == ["rather", "than"]:
            following = [token for token in tokens[step + 1 : step + 4] if token in _ANY_NUMBER]
            if following:
                changed = not {"went", "from", "->", "→", "turned"}.isdisjoint(tokens)
                return changed or tokens[at] in _NUMBERS or following[0] in _NUMBERS
    return False


def _range(tokens: Sequence[str], at: int) -> bool:
    """ "From a morning to ten minutes": what it was before need not be a number."""
    return any(
        tokens[step] == "to" and not _ANY_NUMBER.isdisjoint(tokens[step + 1 : step + 4])
        for step in range(at + 1, min(at + 6, len(tokens)))
    )


def _counts(tokens: Sequence[str], at: int, gained: bool) -> bool:
    """A number of something that is not a date, a name, a team, or the time at which a thing happened."""
    before, following = _before(tokens, at), list(tokens[at + 1 : at + 3])
    if before in _NAMES_A_NUMBER or list(tokens[max(0, at - 2) : at]) in (
        ["team", "of"],
        ["group", "of"],
        ["age", "of"],
    ):
        return False
    if any(token in TIME_UNITS for token in following):
        return gained or before == "than" or (before == "in" and "once" in tokens[max(0, at - 2) : at])
    if tokens[at] in _ON_A_CLOCK and _time_of_day(tokens, at):
        return False
    if (
        tokens[at] not in _NUMBERS
        or following == ["of", "us"]
        or (before == "of" and following[:1] and following[0] in _PEOPLE)
    ):
        return False
    large = tokens[at] in _LARGE or not _LARGE.isdisjoint(following)
    return before not in ("by", "at", "past", "to") or gained or large or tokens[at] == "<num>"


def _time_of_day(tokens: Sequence[str], at: int) -> bool:
    """ "By about four", "at ten", "till five", "twenty past four", "eight o'clock"."""
    if _after(tokens, at) in ("past", "to", "o'clock") or _before(tokens, at) in ("past", "till"):
        return _after(tokens, at) != "to" or _before(tokens, at) != "from"
    while at and tokens[at - 1] in _HEDGES:
        at -= 1
    return _before(tokens, at) in _CLOCK
