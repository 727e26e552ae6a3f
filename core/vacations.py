"""Vacation: what is asked for, what is held, and both in words. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from core.errors import BadOption
from core.plain import shown
from core.rules.days import in_words

Vacation = tuple[date, date]
"""First and last day, both included: practice days of the person."""

LONGEST = timedelta(days=366)
VACATION_EXAMPLE = "me settings vacation: 2027-01-31 until: 2027-02-07"
_NONE = {"none", "no", "off", "-"}
_SPAN = re.compile(r"([0-9-]{8,10})(?:\s*(?:to|until|till|–|\.\.)\s*|\s+)([0-9-]{8,10})", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Asked:
    """A vacation to be added, or ``span`` None: all of them are to be cancelled."""

    span: Vacation | None


def asked_for(raw: str, until: date | None, today: date) -> Asked | None:
    """What the options ``vacation`` and ``until`` say together; None when neither was given.

    ``raw`` is a first day, "none", or both days as "2027-01-31 to 2027-02-07"; without it the vacation begins
    today. Raises BadOption for what is no vacation, one that is over, and one of more than a year.
    """
    if not raw and until is None:
        return None
    if raw.casefold() in _NONE:
        if until is not None:
            raise _bad(
                "until", "“vacation: none” cancels, so it goes without “until”.", "me settings vacation: none"
            )
        return Asked(None)
    if (span := _SPAN.fullmatch(raw)) and until is None:
        raw, until = span[1], _date(span[2])
    first = _date(raw) if raw else today
    if until is None:
        raise _bad(
            "until", "Until when? Say the last day, too.", f"me settings vacation: {first} until: {first}"
        )
    if until < first:
        raise _bad("until", f"That vacation would end ({until}) before it begins ({first}).")
    if until < today:
        raise _bad("until", "That vacation is over already, and nothing acts backwards.")
    first = max(first, today)
    if until - first >= LONGEST:
        raise _bad("until", "That is more than a year. A vacation has 366 days at most.")
    return Asked((first, until))


def _date(raw: str) -> date:
    try:
        return date.fromisoformat(raw)
    except ValueError:
        sentence = f"“{shown(raw)}” is no date of the calendar. Write year-month-day, or “none”."
        raise _bad("vacation", sentence) from None


def _bad(option: str, sentence: str, example: str = VACATION_EXAMPLE) -> BadOption:
    return BadOption(f"{sentence} Nothing was changed.", option=option, example=example)


def merged(changes: Sequence[Sequence[str] | None], today: date) -> list[Vacation]:
    """Vacations that are not over, out of the recorded changes in order (None cancels); those that overlap are one."""
    held: list[Vacation] = []
    for value in changes:
        held = (
            [*held, (date.fromisoformat(value[0]), date.fromisoformat(value[1]))] if value is not None else []
        )
    found: list[Vacation] = []
    for first, last in sorted(v for v in held if v[1] >= today):
        if found and first <= found[-1][1] + timedelta(days=1):
            found[-1] = (found[-1][0], max(last, found[-1][1]))
        else:
            found.append((first, last))
    return found


def vacation_words(vacation: Vacation) -> str:
    first, last = vacation
    return in_words(first) if first == last else f"{in_words(first)} to {in_words(last)}"


def vacations_words(vacations: Sequence[Vacation]) -> str:
    return "; ".join(map(vacation_words, vacations)) or "none set"
