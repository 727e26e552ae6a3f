"""The periods a board covers (docs/rules.md, 6.1). The day is the practice day, a date without a zone."""

import re
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Literal

from core.rules.days import MONTHS

Period = Literal["week", "month", "season", "all"]
PERIODS: tuple[Period, ...] = ("week", "month", "season", "all")

_SHAPES: Mapping[Period, re.Pattern[str]] = {
    "week": re.compile(r"(\d{4})-W(\d{2})", re.ASCII),
    "month": re.compile(r"(\d{4})-(\d{2})", re.ASCII),
    "season": re.compile(r"(\d{4})-Q([1-4])", re.ASCII),
}


def week_key(day: date) -> str:
    """The ISO week, Monday to Sunday: "2026-W47". The first days of January may belong to the year before."""
    year, week, _ = day.isocalendar()
    return f"{year:04}-W{week:02}"


def month_key(day: date) -> str:
    """The calendar month: "2026-11"."""
    return f"{day.year:04}-{day.month:02}"


def season_key(day: date) -> str:
    """The quarter: "2026-Q4"."""
    return f"{day.year:04}-Q{(day.month + 2) // 3}"


def keys_for(day: date) -> dict[Period, str]:
    """Every bucket that something done on that day belongs to, one for each period."""
    return {"week": week_key(day), "month": month_key(day), "season": season_key(day), "all": "all"}


def span(period: Period, key: str) -> tuple[date, date]:
    """First and last day of a bucket, both included; ValueError when the key is none of that period."""
    if period == "all" and key == "all":
        return date.min, date.max
    match = _SHAPES[period].fullmatch(key) if period in _SHAPES else None
    try:
        if match is not None:
            return _span(period, int(match[1]), int(match[2]))
    except ValueError:
        pass  # a week 54, a month 13, a year 0: said below, in the reader's words
    raise ValueError(
        f"{key[:20]!r} is no {period}; one looks like {keys_for(date(2026, 11, 22)).get(period)!r}."
    )


def _span(period: Period, year: int, number: int) -> tuple[date, date]:
    if period == "week":
        first = date.fromisocalendar(year, number, 1)
        return first, first + min(timedelta(days=6), date.max - first)
    month, months = (number, 1) if period == "month" else (3 * number - 2, 3)
    first = date(year, month, 1)
    if year == date.max.year and month + months > 12:
        return first, date.max
    return first, date(year + (month + months - 1) // 12, (month + months - 1) % 12 + 1, 1) - timedelta(
        days=1
    )


def title(period: Period, key: str) -> str:
    """The bucket in words, for a heading; ValueError when the key is none of that period."""
    first, last = span(period, key)
    if period == "all":
        return "All time"
    if period == "month":
        return f"{MONTHS[first.month - 1]} {first.year}"
    if period == "season":
        return f"{MONTHS[first.month - 1]} to {MONTHS[last.month - 1]} {first.year}"
    return f"Week {int(key[-2:])}, {_dates(first, last)}"


def _dates(first: date, last: date) -> str:
    """16 to 22 November 2026, naming a month or year twice only where it changes."""
    start = f"{first.day}"
    if first.month != last.month:
        start += f" {MONTHS[first.month - 1]}"
    if first.year != last.year:
        start += f" {first.year}"
    return f"{start} to {last.day} {MONTHS[last.month - 1]} {last.year}"
