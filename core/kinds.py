"""Raw words -> typed values, option by option. Every refusal says what would be right, with an example."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable
from datetime import date, datetime, time

from core.call import Attachment
from core.commands import Command, Kind, Option
from core.errors import BadOption, Offer
from core.plain import clean_line, clean_text, shown
from core.rules.zones import find as find_zone

ID_LIMIT = 64  # characters of a platform's id
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DAY_NAMES = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
DAY_WORDS = {
    "daily": range(7),
    "everyday": range(7),
    "all": range(7),
    "weekdays": range(5),
    "workdays": range(5),
    "weekend": range(5, 7),
    "weekends": range(5, 7),
}
YES = {"yes", "y", "true", "on", "1"}
NO = {"no", "n", "false", "off", "0"}

SAMPLES: dict[Kind, str] = {
    Kind.TIME: "21:00",
    Kind.ZONE: "Europe/Berlin",
    Kind.DATE: "2027-01-31",
    Kind.DAYS: "mon-fri",
    Kind.NUMBER: "3",
    Kind.YESNO: "yes",
    Kind.FILE: "pack.toml",
    Kind.TEXT: "words",
    Kind.LONG: "At my last job I ...",
    Kind.CHANNEL: "#practice",
    Kind.ROLE: "@practice",
}


def sample(option: Option) -> str:
    """A value that ``option`` would take, for examples."""
    if option.choices:
        return option.choices[0].value
    low, high = option.least, option.most
    found = SAMPLES[option.kind]
    if option.kind is Kind.NUMBER:
        at_least = max(int(found), low) if low is not None else int(found)
        return str(min(at_least, high) if high is not None else at_least)
    if option.kind in (Kind.TEXT, Kind.LONG):
        while low is not None and len(found) < low:
            found = f"{found} {SAMPLES[Kind.TEXT]}"
        cut = found[:high]
        return cut.rstrip().ljust(len(cut), "s")
    return found


def example(command: Command, option: Option | None = None, value: str | None = None) -> str:
    """``command`` as somebody would type it: its required options and ``option``, with ``value`` or a sample.

    The option that takes the rest of the line comes last, and other values with blanks stand in quotes.
    """
    if command.example and option is None:
        return command.example
    parts, rest = [command.path], ""
    for o in command.options:
        if not o.required and o is not option:
            continue
        written = value if o is option and value is not None else sample(o)
        if o.trailing and not o.named:
            rest = f" {o.name}: {written}"
        else:
            parts.append(f'{o.name}: "{written}"' if " " in written else f"{o.name}: {written}")
    return " ".join(parts) + rest


def read_value(command: Command, option: Option, raw: object, now: datetime) -> object:
    """``raw`` (a str, or what a platform typed already) as ``option.kind`` says, or raise BadOption."""
    if isinstance(raw, str):
        cleaned = clean_text(raw) if option.kind is Kind.LONG else clean_line(raw)
        if not cleaned and option.kind is not Kind.LONG:
            raise _bad(command, option, f"“{option.name}” is empty.")
        return _READERS[option.kind](command, option, cleaned, now)
    if option.kind is Kind.TEXT and isinstance(
        raw, (tuple, list)
    ):  # boxes of a form: some of what only it knows
        return _text(command, option, ", ".join(clean_line(str(r)) for r in raw), now)
    if option.kind is Kind.NUMBER and isinstance(raw, int) and not isinstance(raw, bool):
        return _bounded(command, option, raw)
    if option.kind in (Kind.MANY, Kind.DAYS) and isinstance(raw, (tuple, list, frozenset)):
        return _READERS[option.kind](command, option, ",".join(str(r) for r in raw), now)
    fits = {
        Kind.YESNO: bool,
        Kind.FILE: Attachment,
        Kind.TIME: time,
        Kind.DATE: date,
    }.get(option.kind)
    if fits is not None and isinstance(raw, fits):
        return raw
    raise _bad(command, option, f"“{option.name}” cannot take this value.")


def _bad(command: Command, option: Option, message: str, choices: tuple[Offer, ...] = ()) -> BadOption:
    return BadOption(message, option=option.name, example=example(command, option), choices=choices)


def _text(command: Command, option: Option, raw: str, now: datetime) -> str:
    if option.most is not None and len(raw) > option.most:
        raise _bad(
            command,
            option,
            f"“{option.name}” has {len(raw):,} characters; {option.most:,} is the most. Nothing was stored.",
        )
    if option.least is not None and len(raw) < option.least:
        raise _bad(command, option, f"“{option.name}” needs at least {option.least} characters.")
    return raw


def _bounded(command: Command, option: Option, value: int) -> int:
    low, high = option.least, option.most
    if (low is not None and value < low) or (high is not None and value > high):
        if low is not None and high is not None:
            span = f"from {low} to {high}"
        else:
            span = f"of {high} or less" if low is None else f"of {low} or more"
        raise _bad(command, option, f"“{option.name}” has to be a number {span}; {value} is not.")
    return value


def _number(command: Command, option: Option, raw: str, now: datetime) -> int:
    if not re.fullmatch(r"[+-]?[0-9]{1,9}", raw):
        raise _bad(command, option, f"“{option.name}” has to be a whole number; “{shown(raw)}” is not.")
    return _bounded(command, option, int(raw))


def _yesno(command: Command, option: Option, raw: str, now: datetime) -> bool:
    word = raw.casefold()
    if word in YES:
        return True
    if word in NO:
        return False
    raise _bad(command, option, f"“{option.name}” is yes or no; “{shown(raw)}” is neither.")


def match_choice(raw: str, values: Iterable[tuple[str, str]]) -> str | None:
    """The value that ``raw`` names by value, label or an unambiguous beginning; any case, blanks as hyphens."""
    word = "-".join(raw.casefold().replace("_", "-").split())
    keys = {"-".join(k.casefold().split()): value for value, label in values for k in (label, value)}
    if word in keys:
        return keys[word]
    begun = {value for key, value in keys.items() if len(word) > 1 and key.startswith(word)}
    return begun.pop() if len(begun) == 1 else None


def _choice(command: Command, option: Option, raw: str, now: datetime) -> str:
    pairs = [(c.value, c.label) for c in option.choices]
    found = match_choice(raw, pairs)
    if found is not None:
        return found
    values = [v for v, _ in pairs]
    close = difflib.get_close_matches(raw.casefold(), values, n=1, cutoff=0.5)
    hint = f" Did you mean {close[0]}?" if close else ""
    raise _bad(command, option, f"“{shown(raw)}” is no {option.name}. There are: {', '.join(values)}.{hint}")


def _many(command: Command, option: Option, raw: str, now: datetime) -> tuple[str, ...]:
    if raw.casefold() == "all":
        return tuple(c.value for c in option.choices)
    words = [w for w in re.split(r"[,;]\s*|\s+and\s+", raw) if w.strip()]
    if len(words) == 1 and match_choice(words[0], [(c.value, c.label) for c in option.choices]) is None:
        words = raw.split()
    return tuple(dict.fromkeys(_choice(command, option, w.strip(), now) for w in words))


def _time(command: Command, option: Option, raw: str, now: datetime) -> time:
    match = re.fullmatch(r"([0-9]{1,2})[:.h]([0-9]{2})", raw)
    if match and int(match[1]) < 24 and int(match[2]) < 60:
        return time(int(match[1]), int(match[2]))
    twelve = re.fullmatch(r"([0-9]{1,2})(?:[:.]([0-9]{2}))?\s*([ap])\.?m\.?", raw.casefold())
    if twelve and 1 <= int(twelve[1]) <= 12 and int(twelve[2] or 0) < 60:
        hour = int(twelve[1]) % 12 + (12 if twelve[3] == "p" else 0)
        meant = f"{hour:02}:{int(twelve[2] or 0):02}"
        raise BadOption(
            f"Times are written on the 24-hour clock here. “{shown(raw)}” is {meant}.",
            option=option.name,
            example=example(command, option, meant),
        )
    bare = re.fullmatch(r"[0-9]{1,2}", raw)
    if bare and int(raw) < 24:
        either = "could be morning or evening" if 1 <= int(raw) <= 12 else "is only an hour"
        raise BadOption(
            f"“{raw}” {either}. Write the minutes too, as {int(raw):02}:00.",
            option=option.name,
            example=example(command, option, f"{int(raw):02}:00"),
        )
    raise _bad(command, option, f"“{shown(raw)}” is no time of day. Write hours and minutes, 00:00 to 23:59.")


def _zone(command: Command, option: Option, raw: str, now: datetime) -> str:
    answer = find_zone(raw, now)
    if answer.zone is not None:
        return answer.zone
    best = answer.suggestions[0] if answer.suggestions else None
    listed = f" There are: {', '.join(answer.suggestions)}." if answer.suggestions else ""
    raise BadOption(answer.explain + listed, option=option.name, example=example(command, option, best))


def _date(command: Command, option: Option, raw: str, now: datetime) -> date:
    try:
        return date.fromisoformat(raw)
    except ValueError:
        raise _bad(
            command, option, f"“{shown(raw)}” is no date of the calendar. Write year-month-day."
        ) from None


def _days(command: Command, option: Option, raw: str, now: datetime) -> frozenset[int]:
    found: set[int] = set()
    if raw.casefold() in ("none", "no", "-"):
        if option.least:
            raise _bad(command, option, f"“{option.name}” needs at least one day of the week.")
        return frozenset()
    words = re.split(r"[,;\s]+", re.sub(r"\s*[-–]\s*", "-", raw.casefold()))
    for word in words:
        if not word or word in ("and", "day", "days", "every"):
            continue
        if word in DAY_WORDS:
            found.update(DAY_WORDS[word])
            continue
        ends = [_day(part) for part in word.split("-")]
        if len(ends) > 2 or None in ends:
            raise _bad(
                command,
                option,
                f"“{shown(word)}” is no day of the week. Write mon, tue, wed, thu, fri, sat, sun, a span as "
                "mon-fri, or daily.",
            )
        first, last = ends[0] or 0, ends[-1] or 0
        found.update((first + n) % 7 for n in range((last - first) % 7 + 1))
    if not found and "every" in words:  # "every day"; "every monday" is one day
        return frozenset(range(7))
    if not found:
        raise _bad(command, option, f"“{option.name}” names no day.")
    return frozenset(found)


def _day(word: str) -> int | None:
    if len(word) < 2:
        return None
    for n, name in enumerate(DAY_NAMES):
        if name.casefold().startswith(word) or word == name.casefold() + "s":
            return n
    return None


def days_words(days: frozenset[int]) -> str:
    """{0,1,2,3,4} -> "mon-fri"; all -> "every day"; the form that ``days`` options read back."""
    if len(days) == 7:
        return "daily"
    if not days:
        return "none"
    runs: list[list[int]] = []
    for day in sorted(days):
        if runs and runs[-1][-1] == day - 1:
            runs[-1].append(day)
        else:
            runs.append([day])
    return ", ".join(DAYS[r[0]] if len(r) == 1 else f"{DAYS[r[0]]}-{DAYS[r[-1]]}" for r in runs)


def _file(command: Command, option: Option, raw: str, now: datetime) -> object:
    raise _bad(command, option, f"“{option.name}” is a file: attach it (on the console: its path).")


def _id(command: Command, option: Option, raw: str, now: datetime) -> str:
    if len(raw) > ID_LIMIT:
        raise _bad(command, option, f"“{shown(raw)}” is no {option.kind.value} of this place.")
    return raw


_READERS: dict[Kind, Callable[[Command, Option, str, datetime], object]] = {
    Kind.TEXT: _text,
    Kind.LONG: _text,
    Kind.NUMBER: _number,
    Kind.YESNO: _yesno,
    Kind.CHOICE: _choice,
    Kind.MANY: _many,
    Kind.TIME: _time,
    Kind.ZONE: _zone,
    Kind.DATE: _date,
    Kind.DAYS: _days,
    Kind.FILE: _file,
    Kind.CHANNEL: _id,
    Kind.ROLE: _id,
}
