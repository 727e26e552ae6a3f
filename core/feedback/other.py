"""Figures for answers that no STAR reading fits: coding, design, communication, company, product sense, questions.

Such an answer has its own rubric, which its writer ticks. Beside it stand a few things that can be counted; none of
them is a verdict, and a figure that says nothing about a kind of answer is not shown for it.
"""

import re
from collections.abc import Callable, Sequence
from typing import Final

from core.feedback.figures import WORDS_A_MINUTE, count_words, spoken_seconds
from core.feedback.jargon import terms_in
from core.feedback.split import sentences

__all__ = ["EXECUTIVE_WORDS", "MOST_TERMS", "figures_of"]

EXECUTIVE_WORDS: Final = (60, 210)
"""The length of a summary for somebody who decides: half a minute to a minute and a half of talking, in words."""

MOST_TERMS: Final = 5
"""How many terms are named at most; the others are counted."""

_LONGEST = 20_000  # characters that are looked at
_MOST_NUMBERS = 4  # shown
_LONG_TALK = 300  # seconds; of a time longer than that the other person has half
_NUMBER = re.compile(
    r"(?<![\w.,/#:-])(?:(?:[£$€₹¥]|(?:USD|EUR|GBP)\s)\s?)?\d+(?:[.,]\d+)*\s?"
    r"(?:%|per ?cent\b|bn\b|million\b|billion\b|thousand\b|[kKmM]\b|[kKMGTP]i?B\b|[mµ]?s\b|x\b)?(?![\w:])"
)
_IN_WORDS = re.compile(
    r"\b(?:(?:four|five|six|seven|eight|nine|ten|eleven|twelve|(?:thir|four|fif|six|seven|eigh|nine)teen|twenty|thirty|"
    r"forty|fifty|sixty|seventy|eighty|ninety|hundred|thousand|million|billion|dozen)[ -]?)+(?:per ?cent)?\b",
    re.I,
)
_LISTED = re.compile(r"(?m)^\s*\(?\d{1,2}[.)]\s")  # "1. " begins a line and counts nothing
_YEAR = re.compile(r"(?:19|20)\d\d")
_COST = re.compile(r"(?<!\w)[OΘ]\s?\(((?:[^()\n]|\([^()\n]{0,12}\)){1,24})\)")
_ASKS = re.compile(
    r"(?:(?:so|and|but|ok|okay|then|also|first|second|third|finally)[,:]?\s+)?"
    r"(?:what|which|who|whom|whose|how|why|when|where|do you|does|did|is there|are there|is it|are we|are you|can i|"
    r"can we|can you|could you|could we|should|would you|will|have you|has the|may i)\b",
    re.I,
)
_MARK = re.compile(r"^[\s>*•·–—-]*(?:\(?\d{1,2}[.)]\s*)?")
_TIME = re.compile(r"\b([a-z]+|\d+)[ -](second|minute)s?\b", re.I)
_COUNTED = {
    word: number
    for number, word in enumerate(
        ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"), 1
    )
}


def figures_of(track: str, text: str, *, question: str = "", audience: str = "") -> tuple[str, ...]:
    """What can be counted about an answer in `track`, as short lines for people, the length first.

    `question` is that of the prompt, which may set a time; `audience` its listener ("executive", "mixed", "peer" or
    ""). A track that is not known gets the length alone.
    """
    seen = text[:_LONGEST]
    lines = [_length(track, text)]
    lines += [line for figure in _FIGURES.get(track, ()) if (line := figure(seen, question, audience))]
    return tuple(lines)


def _length(track: str, text: str) -> str:
    words = count_words(text)
    if track == "coding":
        rows = sum(1 for line in text.splitlines() if line.strip())
        return f"{_many(words, 'word')} on {_many(rows, 'line')}."
    minutes, rest = divmod(spoken_seconds(words), 60)
    said = f"{minutes} min {rest} s" if minutes else f"{rest} s"
    return f"{_many(words, 'word')}, about {said} when spoken."


def _many(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _time_set(text: str, question: str, audience: str) -> str:
    """The time that the question gives, or the usual length of a summary where it gives none."""
    given = [
        (number, unit.lower())
        for word, unit in _TIME.findall(question)
        if (number := int(word) if word.isdecimal() and len(word) < 4 else _COUNTED.get(word.lower(), 0))
    ]
    if given:
        number, unit = given[-1]  # "think for 30 seconds, then speak for two minutes"
        seconds = number * (60 if unit == "minute" else 1)
        if seconds > _LONG_TALK:
            return ""
        words = round(seconds * WORDS_A_MINUTE / 60)
        return f"The question gives {_many(number, unit)}: at most about {_many(words, 'word')}."
    if audience == "executive":
        return f"A summary for somebody who decides usually has {EXECUTIVE_WORDS[0]} to {EXECUTIVE_WORDS[1]} words."
    return ""


def _numbers(text: str, question: str, audience: str) -> str:
    """Numbers, the first few of them shown; years, times of day, a list's own numbers, "two" and "three" are none."""
    bare = _LISTED.sub("\n", text)
    matches = sorted((*_NUMBER.finditer(bare), *_IN_WORDS.finditer(bare)), key=lambda match: match.start())
    found = [match.group().strip(" -") for match in matches]
    found = [number for number in found if not _YEAR.fullmatch(number)]
    if not found:
        return "Numbers given: none."
    return f"Numbers given: {len(found)} ({_some(list(dict.fromkeys(found)), _MOST_NUMBERS)})."


def _years(text: str, question: str, audience: str) -> str:
    found = dict.fromkeys(re.findall(rf"(?<![\w.,]){_YEAR.pattern}(?![\w%]|[.,]\d)", text))
    return f"Years named: {_some(list(found), _MOST_NUMBERS)}." if found else "Years named: none."


def _costs(text: str, question: str, audience: str) -> str:
    """The costs that are given, in the usual notation: "O(n log n)"."""
    found = dict.fromkeys(" ".join(match.group().split()) for match in _COST.finditer(text))
    return (
        f"Costs named: {_some(list(found), _MOST_NUMBERS)}." if found else "Costs named: none, such as O(n)."
    )


def _questions(text: str, question: str, audience: str) -> str:
    return f"Questions asked: {len(_asked(text)) or 'none'}."


def _questions_and_length(text: str, question: str, audience: str) -> str:
    asked = _asked(text)
    if not asked:
        return "Questions asked: none."
    longest = max(map(count_words, asked))
    return f"Questions asked: {len(asked)}; the longest has {_many(longest, 'word')}."


def _asked(text: str) -> list[str]:
    """The sentences that ask, with a question mark or without one ("how many users are there")."""
    return [
        each
        for each in sentences(text)
        if "?" in each
        or (_ASKS.match(_MARK.sub("", each, count=1)) and not each.rstrip().endswith((":", ",")))
    ]


def _terms(text: str, question: str, audience: str) -> str:
    """Terms for a listener from another trade; nothing where a peer listens, or where there are none."""
    found = terms_in(text) if audience != "peer" else ()
    if not found:
        return ""
    return f"Words that a listener from another trade may not know: {_some(found, MOST_TERMS)}."


def _some(items: Sequence[str], most: int) -> str:
    rest = len(items) - most
    return ", ".join(items[:most]) + (f" and {rest} more" if rest > 0 else "")


Figure = Callable[[str, str, str], str]
_FIGURES: Final[dict[str, tuple[Figure, ...]]] = {
    "coding": (_costs, _questions),
    "system-design": (_numbers, _questions),
    "ml-design": (_numbers, _questions),
    "communication": (_time_set, _numbers, _terms),
    "product-sense": (_numbers, _questions),
    "company": (_time_set, _numbers, _years, _terms),
    "ask": (_questions_and_length,),
}
