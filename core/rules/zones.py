"""From what somebody types to a time zone (docs/rules.md, 8 "Time zones")."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from difflib import get_close_matches
from functools import lru_cache
from typing import Literal
from zoneinfo import ZoneInfo, available_timezones

from core.rules.cities import ABBREVIATIONS, CITIES, COUNTRIES, PLACES, SEVERAL
from core.rules.days import utc

MOST_SUGGESTIONS = 5
LONGEST_TEXT = 80

How = Literal["name", "city", "country", "suggested", "unknown"]

_NO_ZONES = {"Factory", "localtime", "posixrules"}
_REGIONS = {
    "Africa", "America", "Antarctica", "Arctic", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific",
}  # fmt: skip
_NO_CITIES = {"act", "nsw", "lhi", "north", "south", "west", "yancowinna"}  # Australian states and the like
_OFFSET = re.compile(r"(?:utc|gmt|z)? ?([+-]) ?(\d{1,2})(?: ?:? ?(\d{2}))?")
_TAIL = re.compile(r"(?: (?:standard|summer|daylight))? (?:time|time ?zone|zone)$")
# Letters that no Unicode decomposition takes apart, and the dashes people type for a minus.
_LETTERS = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ı": "i", "æ": "ae", "−": "-", "–": "-", "—": "-"})
_ASK = "Type the nearest big city, such as Berlin, or a name such as Europe/Berlin."


@dataclass(frozen=True, slots=True)
class ZoneAnswer:
    """What was understood.

    `zone` is an IANA name when the text meant exactly one, else None; then `suggestions` holds at most five
    IANA names, the likelier first, perhaps none. `explain` is one or two plain sentences for whoever typed
    the text: what was understood, or what to do.
    """

    zone: str | None
    suggestions: tuple[str, ...]
    explain: str
    how: How


def find(text: str, now: datetime) -> ZoneAnswer:
    """The time zone that `text` means; never raises for any text.

    `now` (aware, else ValueError) is needed for "UTC+2": which places keep that offset depends on the
    season. Names of the zone database and cities are understood in any case, with blanks or underscores,
    with or without accents. An abbreviation or an offset is never taken for a zone: it says nothing about
    summer time.
    """
    now = utc(now)
    typed = key(text)
    if not typed:
        return ZoneAnswer(None, (), f"No time zone was given. {_ASK}", "unknown")
    if len(typed) > LONGEST_TEXT:
        return ZoneAnswer(None, (), f"That is too long for the name of a place. {_ASK}", "unknown")
    # "Berlin, Germany" and "Pacific time" mean what stands before.
    for name in dict.fromkeys((typed.replace(",", ""), typed.split(",")[0].strip(), _TAIL.sub("", typed))):
        answer = _understood(name, now)
        if answer is not None:
            return answer
    return _near(typed)


def key(text: str) -> str:
    """A name as the tables hold it: lower case, single blanks, no accents, dots or invisible characters."""
    folded = unicodedata.normalize("NFKD", text[: 4 * LONGEST_TEXT].casefold().translate(_LETTERS))
    plain = "".join(
        " " if c in "_.\t\n\r" or unicodedata.category(c).startswith("Z") else c
        for c in folded
        if c in "\t\n\r" or unicodedata.category(c)[0] not in "MC"
    )
    return " ".join(plain.split())


@lru_cache(maxsize=1)
def _names() -> Mapping[str, str]:
    """key -> IANA name. The zone database is data, as constant as a table here; it is read once."""
    return {key(name): name for name in sorted(available_timezones() - _NO_ZONES)}


@lru_cache(maxsize=1)
def _places() -> Mapping[str, tuple[str, How]]:
    """key of a city or country -> its zone, and which of the two it is."""
    found: dict[str, tuple[str, How]] = {}
    # By length: where a city stands under two names, the longer one ("America/Argentina/...") is today's.
    for name in sorted(_names().values(), key=lambda name: (len(name), name)):
        region, _, rest = name.partition("/")
        city = key(name.rpartition("/")[2])
        if region in _REGIONS and rest and city not in _NO_CITIES:
            found[city] = (name, "city")
    tables: tuple[tuple[Mapping[str, str], How], ...] = ((CITIES, "city"), (COUNTRIES, "country"))
    for table, how in tables:
        for name, places in table.items():
            found.update({key(place): (name, how) for place in places.split(",")})
    return found


@lru_cache(maxsize=1)
def _abbreviations() -> Mapping[str, tuple[str, ...]]:
    return {one: _listed(zones) for several, zones in ABBREVIATIONS.items() for one in several.split()}


def _listed(zones: str) -> tuple[str, ...]:
    return tuple(zone.strip() for zone in zones.split(","))


def _understood(name: str, now: datetime) -> ZoneAnswer | None:
    """The answer when `name` (as `key` makes it) means something exactly, else None."""
    if name in ("utc", "z", "zulu", "uct", "universal"):
        return _zone("UTC", now, "name")
    if name in _abbreviations():
        explain = (
            f"Abbreviations such as {name.upper()} are ambiguous, and they ignore summer time. "
            "Choose a place instead."
        )
        return ZoneAnswer(None, _abbreviations()[name], explain, "suggested")
    if name in SEVERAL:
        return ZoneAnswer(
            None, _listed(SEVERAL[name]), "More than one zone goes by that name. Choose one.", "suggested"
        )
    offset = _OFFSET.fullmatch(name)
    if offset is not None:
        return _at_offset(offset, now)
    if name in _places():
        zone, how = _places()[name]
        return _zone(zone, now, how)
    # Hyphens may be forgiven where they are no minus sign: "port au prince".
    if name in _names() or name.replace("-", " ") in _hyphenless():
        return _zone(_names().get(name) or _hyphenless()[name.replace("-", " ")], now, "name")
    return None


@lru_cache(maxsize=1)
def _hyphenless() -> Mapping[str, str]:
    """Names and cities with a hyphen, without it."""
    names = {name: zone for name, zone in _names().items() if not any(c.isdigit() for c in name)}
    both = {**names, **{city: zone for city, (zone, _) in _places().items()}}
    return {name.replace("-", " "): zone for name, zone in both.items() if "-" in name}


def _zone(zone: str, now: datetime, how: How) -> ZoneAnswer:
    return ZoneAnswer(
        zone, (), f"That is {zone}, where it is {now.astimezone(ZoneInfo(zone)):%H:%M} now.", how
    )


def _at_offset(match: re.Match[str], now: datetime) -> ZoneAnswer:
    """Places that keep this offset at present, and the zone that always does, where there is one."""
    hours, minutes = int(match[2]), int(match[3] or 0)
    wanted = timedelta(hours=hours, minutes=minutes) * (-1 if match[1] == "-" else 1)
    shown = f"UTC{match[1]}{hours}" + (f":{minutes:02}" if minutes else "")
    fixed = _fixed(wanted)
    here = [zone for zone in PLACES if now.astimezone(ZoneInfo(zone)).utcoffset() == wanted]
    suggestions = (*here[: MOST_SUGGESTIONS - len(fixed)], *fixed)
    if not suggestions:
        return ZoneAnswer(None, (), f"No place is at {shown} at present. {_ASK}", "unknown")
    explain = (
        f"{shown} is not a place, and says nothing about summer time. Choose a place that is there at present"
    )
    if fixed == ("UTC",):
        explain += ", or UTC, which never changes."
    elif fixed:
        explain += f", or {fixed[0]}, which is {shown} all year (names of this kind carry the opposite sign)."
    else:
        explain += "."
    return ZoneAnswer(None, suggestions, explain, "suggested")


def _fixed(offset: timedelta) -> tuple[str, ...]:
    hours, rest = divmod(offset, timedelta(hours=1))
    if not offset:
        return ("UTC",)
    # "Etc/GMT-2" is two hours *ahead* of UTC: POSIX counts westward.
    name = f"Etc/GMT{-hours:+d}"
    return (name,) if not rest and name in _names().values() else ()


def _near(typed: str) -> ZoneAnswer:
    """Names like the one typed: those with a word that begins so, then near misspellings."""
    words = {name: zone for name, (zone, _) in _places().items()}
    known: Mapping[str, str] = _names() if "/" in typed else words
    if len(typed) >= 3:
        # A city that gives the zone its name goes before one that only lies in it: "ber" is Berlin before Bern.
        holding = sorted(
            (name for name in known if f" {typed}" in f" {name}"),
            key=lambda name: (not _named_for(known[name], name), len(name), name),
        )
    else:
        holding = []
    similar = get_close_matches(typed, known, n=MOST_SUGGESTIONS, cutoff=0.65)
    suggestions = _first(known[name] for name in (*holding, *similar))
    if not suggestions:
        return ZoneAnswer(None, (), f"No time zone or big city of that name is known. {_ASK}", "unknown")
    explain = "No time zone is called exactly that. Choose one of these, or type the nearest big city."
    return ZoneAnswer(None, suggestions, explain, "suggested")


def _named_for(zone: str, city: str) -> bool:
    return zone.rpartition("/")[2].replace("_", " ").casefold() == city.casefold()


def _first(zones: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(zones))[:MOST_SUGGESTIONS]
