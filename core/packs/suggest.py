"""The right name for a nearly right one."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from difflib import get_close_matches

# What people write who have met other formats, or the same thing under another name.
_ALSO_CALLED = {
    "question": "text",
    "statement": "text",
    "body": "text",
    "prompts": "prompt",
    "questions": "prompt",
    "name": "title",
    "link": "url",
    "href": "url",
    "seniority": "level",
    "time": "minutes",
    "duration": "minutes",
    "topics": "tags",
    "skills": "competencies",
    "company": "companies",
    "followups": "follow_ups",
    "probes": "follow_ups",
    "hints": "reveal",
    "details": "reveal",
    "hidden": "reveal",
    "checklist": "checks",
    "deprecated": "retired",
    "licence": "license",
    "lang": "language",
    "author": "authors",
    "date": "updated",
    "keywords": "words",
    "topic": "ask",
    "junior": "graduate",
    "intern": "graduate",
    "entry": "graduate",
    "lead": "staff",
    "ml": "ml-design",
    "design": "system-design",
    "algorithms": "coding",
    "product": "product-sense",
    "simple": "easy",
    "difficult": "hard",
}


def nearest(word: str, names: Iterable[str]) -> str | None:
    """The name that ``word`` was most likely meant to be, or ``None`` where nothing is near."""
    if len(word) > 60:
        return None
    known = list(names)
    plain = word.strip().casefold().replace(" ", "-")
    if (alias := _ALSO_CALLED.get(plain)) in known:
        return alias
    spellings = {name.casefold(): name for name in known}
    for spelling in (plain, plain.replace("-", "_"), plain.replace("_", "-")):
        if spelling in spellings:
            return spellings[spelling]
    close = get_close_matches(plain, spellings, n=1, cutoff=0.65)
    return spellings[close[0]] if close else None


def did_you_mean(word: str, names: Collection[str]) -> str:
    """ "; did you mean 'x'?" or, where nothing is near, the choice there is (if it is short)."""
    if (name := nearest(word, names)) is not None:
        return f"; did you mean {name!r}?"
    return f"; it is one of {', '.join(names)}" if 0 < len(names) <= 24 else ""
