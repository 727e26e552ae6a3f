"""Question packs: the format, its checker, the ids, and the content that we ship (``starter/``).

Reading needs the standard library alone; jsonschema is loaded when something is checked.
"""

from core.packs.check import check_pack, check_rubrics
from core.packs.load import load_pack, load_rubrics, starter_packs, starter_rubrics
from core.packs.model import Check, Item, Pack, Prompt, Reveal, Rubric, Source
from core.packs.problems import PackError, Problem
from core.packs.vocabulary import DIFFICULTIES, LEVEL_TITLES, LEVELS, TRACK_TITLES, TRACKS

__all__ = [
    "DIFFICULTIES",
    "LEVELS",
    "LEVEL_TITLES",
    "TRACKS",
    "TRACK_TITLES",
    "Check",
    "Item",
    "Pack",
    "PackError",
    "Problem",
    "Prompt",
    "Reveal",
    "Rubric",
    "Source",
    "check_pack",
    "check_rubrics",
    "load_pack",
    "load_rubrics",
    "starter_packs",
    "starter_rubrics",
]
