"""Two attempts at one question, item by item: what is new, what is not there any more, what became better. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.feedback import TITLES, Reading
from core.feedback.figures import FULL_ANSWER_WORDS, count_fillers, count_persons, count_words
from core.plain import count, times


@dataclass(frozen=True, slots=True)
class Earlier:
    """An earlier attempt as it is kept.

    ``shown``: it is not taken back, so its words may be quoted to its writer. ``corrected``: they had a say in it.
    """

    attempt: int
    checks: Sequence[Mapping[str, Any]]
    text: str
    shown: bool = True
    corrected: bool = False


@dataclass(frozen=True, slots=True)
class New:
    """An item met for the first time. ``quote`` shows it; ``fresh``: that sentence was in no earlier attempt."""

    key: str
    quote: str
    fresh: bool


@dataclass(frozen=True, slots=True)
class Gone:
    """An item that the attempt before met and this one does not; ``quote`` is what showed it then."""

    key: str
    quote: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """An attempt beside the latest one before it (``attempt``; None where all of them are taken back).

    ``met`` of ``of`` items now, ``met_before`` then. ``new``: met now and in none of the ``earlier`` attempts.
    ``again``: met now and not in the latest, but in one before it. ``closer``: missing then, unsure now. ``better``:
    sentences about length, fillers and the own part, only where they became better. ``corrected``: an attempt it was
    compared with is as its writer corrected it.
    """

    attempt: int | None
    earlier: int
    met: int
    of: int
    met_before: int
    new: tuple[New, ...]
    again: tuple[str, ...]
    gone: tuple[Gone, ...]
    closer: tuple[str, ...]
    better: tuple[str, ...]
    corrected: bool = False


def compare(reading: Reading, text: str, earlier: Sequence[Earlier]) -> Comparison | None:
    """``reading`` of ``text`` beside ``earlier`` attempts, the oldest first; None where there is none."""
    told = [one for one in earlier if one.checks]
    if not told:
        return None
    now = [key for key, check in reading.checks.items() if check.state == "met"]
    ever = {item["key"] for one in told for item in one.checks if item["state"] == "met"}
    latest = next((one for one in reversed(told) if one.shown), None)
    before = {item["key"]: item for item in latest.checks} if latest is not None else {}
    met_before = [key for key, item in before.items() if item["state"] == "met"]
    said = [_plain(one.text) for one in told if one.shown]
    new = []
    for key in now:
        if key not in ever:
            quote = reading.checks[key].quote or ""
            new.append(New(key, quote, bool(quote) and all(_plain(quote) not in each for each in said)))
    gone = tuple(
        Gone(key, before[key].get("quote") or "") for key in met_before if key in TITLES and key not in now
    )
    closer = tuple(
        key
        for key, check in reading.checks.items()
        if check.state == "unsure" and before.get(key, {}).get("state") == "missing"
    )
    return Comparison(
        attempt=latest.attempt if latest is not None else None,
        earlier=len(told),
        met=len(now),
        of=len(reading.checks),
        met_before=len(met_before),
        new=tuple(new),
        again=tuple(key for key in now if key in ever and latest is not None and key not in met_before),
        gone=gone,
        closer=closer,
        better=_better(text, latest.text) if latest is not None else (),
        corrected=any(one.corrected for one in told),
    )


def _plain(text: str) -> str:
    return " ".join(text.casefold().split())


def _better(now: str, then: str) -> tuple[str, ...]:
    """What the figures say, in words; nothing where they are no better than they were."""
    said = []
    words, before = count_words(now), count_words(then)
    if _off(words) < _off(before):
        shortest, longest = FULL_ANSWER_WORDS
        length = "the length of" if shortest <= words <= longest else "nearer to"
        said.append(f"{count(words, 'word')} instead of {before:,}: {length} a full answer.")
    fillers, fillers_before = sum(count_fillers(now).values()), sum(count_fillers(then).values())
    # By the hundred words: a longer answer has more of everything.
    if fillers_before and fillers * max(1, before) < fillers_before * max(1, words):
        left = f"{count(fillers, 'filler word')}" if fillers else "no filler words"
        said.append(f"{left[:1].upper()}{left[1:]} instead of {fillers_before:,}.")
    own, own_before = count_persons(now), count_persons(then)
    if own["i"] and _share(own) > _share(own_before) + 0.1 and own_before["we"]:
        said.append(f"Your own part is easier to see: “I” {times(own['i'])}, “we” {times(own['we'])}.")
    return tuple(said)


def _off(words: int) -> int:
    """How many words an answer is away from the length of a full one."""
    shortest, longest = FULL_ANSWER_WORDS
    return max(shortest - words, words - longest, 0)


def _share(persons: Mapping[str, int]) -> float:
    return persons["i"] / max(1, persons["i"] + persons["we"])
