"""The words that packs, commands and settings share: levels, tracks, difficulties, audiences.

Ids are what files and the database hold and never change; titles are what people read. Plain tuples and
dicts, in the order in which they are shown, so that every other room can import them at no cost.
"""

from __future__ import annotations

from typing import Final

PACK_FORMAT: Final = "practice-pack/1"
RUBRICS_FORMAT: Final = "practice-rubrics/1"

#: From the first job to the last rung. A prompt that names no level fits all of them.
LEVELS: Final[tuple[str, ...]] = ("graduate", "mid", "senior", "staff", "principal")
LEVEL_TITLES: Final[dict[str, str]] = {
    "graduate": "Graduate",
    "mid": "Mid-level",
    "senior": "Senior",
    "staff": "Staff",
    "principal": "Principal",
}

TRACKS: Final[tuple[str, ...]] = (
    "behavioural",
    "coding",
    "system-design",
    "ml-design",
    "communication",
    "company",
    "product-sense",
    "ask",
)
TRACK_TITLES: Final[dict[str, str]] = {
    "behavioural": "Behavioural",
    "coding": "Coding",
    "system-design": "System design",
    "ml-design": "ML design",
    "communication": "Communication",
    "company": "Company",
    "product-sense": "Product sense",
    "ask": "Questions to ask",
}

DIFFICULTIES: Final[tuple[str, ...]] = ("easy", "medium", "hard")
AUDIENCES: Final[tuple[str, ...]] = ("executive", "peer", "mixed")

#: Ends the text of a prompt whose statement stands on somebody else's site: we point there, we never copy it.
LINK_NOTE: Final = "(read the statement at the link)."
