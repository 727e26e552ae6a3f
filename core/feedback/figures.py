"""Plain figures of an answer: how long it is, how long it takes to say, its filler words, its "I" and its "we"."""

import re
from functools import cache

__all__ = [
    "FULL_ANSWER_WORDS",
    "WORDS_A_MINUTE",
    "count_fillers",
    "count_persons",
    "count_words",
    "length_note",
    "spoken_seconds",
]

WORDS_A_MINUTE = 140
"""How fast an answer is spoken; feedback.md."""

FULL_ANSWER_WORDS = (120, 320)
"""The length of a full answer, in words; feedback.md."""

_ALNUM = re.compile(r"[^\W_]")
_I = re.compile(r"(?<![\w.(])i(?:['’](?:m|ve|d|ll))?(?![\w'’)]|\.\w)", re.I)
_WE = re.compile(r"(?<!\w)we(?:['’](?:re|ve|d|ll))?(?![\w'’-])", re.I)

# Each filler with what it looks like when it is one. Where a phrase has an honest use as well ("a kind of cheese",
# "did you know"), only the uses that are plainly filler count: a false alarm costs more trust than a missed "like".
_FILLERS = {
    "um": r"\bu+m+\b",
    "uh": r"\bu+h+\b",
    "er": r"\ber+m*\b(?=[,.…\s])",
    "you know": r"(?<!do )(?<!did )(?<!if )(?<!as )(?<!let )(?<!what )(?<!how )(?<!that )(?<!whether )(?<!than )"
    r"(?<!should )(?<!when )(?<!all )\byou know\b(?! (?:how|that|the|about|if|where|why|who|your|this|it|them)\b)",
    "like": r"(?:(?<=,)|(?<=\bum)|(?<=\buh)|(?<=\band)|(?<=\bso)|(?<=\bbut)|(?<=^)|(?<=\n)) like\b,?"
    r"(?! (?:it|that|this|the|a|an|my|our|any|every|most|many|all|these|those|to)\b)"
    r"|, like,|\b(?:was|were|is|i'm|he's|she's|they're|it's) like,? (?=(?:really|super|so|very|totally|literally|"
    r"okay|oh|no|yeah|what|well|why|i|we|um|uh|two|three|four|five|ten|\d)\b)",
    "basically": r"\bbasically\b",
    "actually": r"\bactually\b",
    "literally": r"\bliterally\b",
    "sort of": r"(?<!what )(?<!this )(?<!that )(?<!some )(?<!any )(?<!the )(?<!a )(?<!all )(?<!every )(?<!each )"
    r"(?<!same )(?<!one )(?<!another )(?<!different )(?<!new )\bsort of\b(?! \w+ed by)",
    "kind of": r"(?<!what )(?<!this )(?<!that )(?<!some )(?<!any )(?<!the )(?<!a )(?<!all )(?<!every )(?<!each )"
    r"(?<!same )(?<!one )(?<!another )(?<!different )(?<!new )\bkind of\b",
    "i mean": r"(?<!what )(?<!which )(?<!this )(?<!that )\bi mean\b(?! (?:by|the|it|that)\b)",
    "i guess": r"\bi guess\b(?! (?:that|the)\b)",
    "so yeah": r"\bso,? yeah\b",
    "just": r"\bjust (?=(?:like|sort of|kind of|basically|really|literally|um|uh|so|very|kept|wanted|thought|felt|"
    r"did|went|tried|said|started)\b)",
}

# What a text must hold before its pattern is worth trying.
_KEY = {name: {"er": "er", "so yeah": "yeah"}.get(name, name) for name in _FILLERS}


@cache
def _pattern(filler: str) -> re.Pattern[str]:
    return re.compile(_FILLERS[filler])


def count_words(text: str) -> int:
    """Words as a reader counts them: stretches between blanks that hold a letter or a digit."""
    return sum(1 for piece in text.split() if _ALNUM.search(piece))


def spoken_seconds(words: int) -> int:
    """How many seconds `words` words take to say, at 140 a minute, rounded."""
    return round(words * 60 / WORDS_A_MINUTE)


def count_fillers(text: str) -> dict[str, int]:
    """Filler words and phrases with how often they stand in `text`, those that do not left out."""
    low = text.lower()
    counts = {name: len(_pattern(name).findall(low)) for name in _FILLERS if _KEY[name] in low}
    return {name: count for name, count in counts.items() if count}


def count_persons(text: str) -> dict[str, int]:
    """How often the speaker is "i" and how often "we", contractions included: `{"i": 2, "we": 0}`.

    Only the subjects are counted, not "my", "me", "our" and "us"; "i.e." and "(i)" are no "I".
    """
    return {"i": len(_I.findall(text)), "we": len(_WE.findall(text))}


def length_note(words: int) -> str:
    """The length in words, as a figure and not a verdict: nobody is told that an answer is too long."""
    if words == 0:
        return "Nothing written yet."
    seconds = spoken_seconds(words)
    minutes, rest = divmod(seconds, 60)
    said = f"{seconds} s" if minutes == 0 else f"{minutes} min {rest} s" if rest else f"{minutes} min"
    note = f"{words} {'word' if words == 1 else 'words'}, about {said} spoken"
    shortest, longest = FULL_ANSWER_WORDS
    if shortest <= words <= longest:
        return f"{note}."
    return f"{note}; a full answer is usually {shortest} to {longest} words."
