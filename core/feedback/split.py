"""Cut what a member wrote into sentences, whatever they wrote it with.

The text may be prose, bullets, typed headings, chat lines, code, or a transcript without a single full stop. What
comes out are slices of the text itself, so that a checklist can quote them word for word. Nothing visible is lost:
joined together without white space and bullets, the sentences are the text without white space and bullets.
"""

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from functools import cache
from itertools import pairwise

from core.feedback.words import word_set

__all__ = ["BULLETS", "MAX_CHARACTERS", "sentences"]

BULLETS = "-*•◦‣▪▫●○–—·"
"""The signs that are taken off the front of a line when a blank follows. Numbers ("1.") stay with their line."""

MAX_CHARACTERS = 20_000
"""What stands beyond this many characters is kept as one last sentence and not looked into."""

_LONG_RUN = 45  # words without a stop, from which a run is taken for speech to text
_LONG_STRETCH = 25  # words between two strong turns of such a run, from which the small turns count
_SHORTEST_PIECE = 8  # words; a speech run is never cut into less
_WRAP_WIDTHS = range(60, 121)  # characters; where editors and mail programs break lines

_INVISIBLE = "\u200b\u200c\u200d\u200e\u200f\u2060\ufeff\u00ad"
_CLOSE = "\"'”’»›)]}」』）】*_~`" + _INVISIBLE  # what may stand between a stop and the blank after it
_CLOSERS = re.escape(_CLOSE)
_FULL_WIDTH = "。！？｡"  # these end a sentence without a blank after them

# "St." and "Dr." stand before a name, so even a capital after them ends nothing.
_NEVER_ENDS = word_set(
    "dr mr mrs ms mx prof st sr vs e.g i.e eg ie cf approx dept sgt capt lt rev hon esp incl excl resp viz"
)
# These do end a sentence when what follows begins with a capital.
_SOMETIMES_ENDS = word_set(
    "etc a.m p.m inc ltd co corp jr u.s u.k ph.d b.sc m.sc jan feb mar apr aug sept oct nov dec"
)
_BEFORE_NUMBER = word_set("no nos art ch p pp sec ver v fig figs vol est ca")  # "No. 5", "p. 12"
# "shipped.Then we": a stop without a blank is one only before a word that begins sentences, never in "Node.Js".
_STARTERS = word_set(
    "i we the then so but and it my our he she they this that in at on after as when there finally "
    "because later"
)

_LINE = re.compile(r"[^\n\r\v\f\x1c-\x1e\x85\u2028\u2029]+")
_FENCE = re.compile(r"^[ \t]*```(.*)$", re.M)
_BULLET = re.compile(rf"\s*[{re.escape(BULLETS)}]+\s+(?=\S)")
_LIST_NUMBER = re.compile(r"\s*\(?(?:\d{1,2}|[a-zA-Z])[.)]\s")
_MASK = re.compile(
    r"`[^`\n]{1,240}`"
    r'|(?<!\w)"[^"\n]{1,240}"'
    r"|“[^”\n]{1,240}”|«[^»\n]{1,240}»|「[^」\n]{1,240}」"
    r"|\([^()\n]{1,240}\)"
)
_STOP = re.compile(rf"(?:[.!?…؟۔।॥‼⁇⁈⁉]+|[{_FULL_WIDTH}][{_FULL_WIDTH}.!?…]*)[{_CLOSERS}]*")
_WORD_BEFORE = re.compile(r"[\w.'’]+\Z")
_NEXT = re.compile(rf"[\s{_INVISIBLE}]*[\"'“‘«(\[*_`「『]*(\w*)")
_HEADING_INSIDE = re.compile(r"(?<=\s)(?=(?:\*\*)?(?:Situation|Task|Action|Result)s?(?:\*\*)?\s?:)")
_INLINE_BULLET = re.compile(r"(?<=\s)(?=[•◦‣▪●]\s)")
_ENDED = re.compile(rf"[.!?…:;。！？؟۔।][{_CLOSERS}]*\s*\Z")

_TURNS = (
    r"(?<=\s)(?=(?:and so then|so then|and then|but then|then after|after that|and after|so anyway|anyway|and so|"
    r"so basically|so yeah|and eventually|eventually|in the end|and in the end|and finally|long story short)\b)"
)
# Counted in the transcripts of `data/`: "so I", "and the" begin a sentence in half of the places where they stand.
_SMALL_TURNS = (
    r"(?<=\s)(?=(?:(?:so|but|and|because|cause|cos) (?:i|i'd|we|he|she|they|it|it's|the|my|our|there|that|this|nobody|"
    r"everyone|what|in|on|one|now|when|if|at|a)|i mean|what i did|the (?:problem|thing) (?:was|is)|first thing)\b)"
)

Span = tuple[int, int]


def sentences(text: str) -> list[str]:
    """The sentences of `text`, in order, each a slice of it without white space at its ends.

    Never raises, and takes time linear in the length. A text with nothing visible in it gives an empty list.
    """
    head, rest = text[:MAX_CHARACTERS], text[MAX_CHARACTERS:]
    found = [piece for start, end in _spans(head) if (piece := _trimmed(head[start:end]))]
    if piece := _trimmed(rest):
        found.append(piece)
    return found


def _spans(text: str) -> Iterator[Span]:
    """The stretches of `text` that are a sentence each: fenced blocks whole, everything else line by line."""
    position = 0
    for start, end in _fenced(text):
        yield from _of_prose(text, position, start)
        yield start, end
        position = end
    yield from _of_prose(text, position, len(text))


def _fenced(text: str) -> Iterator[Span]:
    """Code between two lines of ```; a fence that is never closed is text like any other."""
    opened: int | None = None
    for fence in _FENCE.finditer(text):
        if opened is None:
            opened = fence.start()
        elif not fence.group(1).strip():
            yield opened, fence.end()
            opened = None


def _of_prose(text: str, start: int, end: int) -> Iterator[Span]:
    for first, last in _paragraphs(text, [line.span() for line in _LINE.finditer(text, start, end)]):
        bullet = _BULLET.match(text, first, last)
        for run in _cut(text, bullet.end() if bullet else first, last):
            yield from _cut_speech(text, *run)


def _paragraphs(text: str, lines: list[Span]) -> Iterator[Span]:
    """Each line, except that the lines of a text wrapped by an editor or a mail program are put together again."""
    group: list[Span] = []
    for line in lines:
        if group and not _same_paragraph(text, group[-1], line):
            yield from _unwrapped(text, group)
            group = []
        group.append(line)
    yield from _unwrapped(text, group)


def _same_paragraph(text: str, before: Span, line: Span) -> bool:
    gap = text[before[1] : line[0]]
    return (
        gap in ("\n", "\r\n", "\r") and not _BULLET.match(text, *line) and not _LIST_NUMBER.match(text, *line)
    )


def _unwrapped(text: str, lines: list[Span]) -> Iterator[Span]:
    """One span for lines that were wrapped at a width, else a span for each.

    Wrapped means: every line but the last would have grown past the longest one had it taken the next line's first
    word as well. Chat lines, which end where a thought ends, are hardly ever like that.
    """
    width = max((end - start for start, end in lines), default=0)
    wrapped = len(lines) > 1 and width in _WRAP_WIDTHS
    for (start, end), (start_next, end_next) in pairwise(lines):
        word = text[start_next:end_next].split(maxsplit=1)[:1]
        wrapped = wrapped and (end - start) + 1 + len("".join(word)) > width
    if wrapped and len(lines) == 2:  # too little to go by: ask for a line broken in mid-sentence
        wrapped = (
            not _ENDED.search(text[slice(*lines[0])])
            and text[lines[1][0]].islower()
            and text[lines[0][0]].isupper()
        )
    if wrapped:
        yield lines[0][0], lines[-1][1]
    else:
        yield from lines


def _cut(text: str, start: int, end: int) -> Iterator[Span]:
    """Cut one paragraph at its stops, and before headings and bullets that stand inside it."""
    cuts = {stop.end() for stop in _STOP.finditer(text, start, end) if _ends_sentence(text, start, stop)}
    masks = [mask.span() for mask in _MASK.finditer(text, start, end)]
    starts = [mask[0] for mask in masks]
    cuts |= {
        mark.start()
        for pattern in (_HEADING_INSIDE, _INLINE_BULLET)
        for mark in pattern.finditer(text, start, end)
    }
    position = start
    for cut in sorted(cuts):
        at = bisect_right(starts, cut - 1) - 1
        inside_mask = at >= 0 and masks[at][0] < cut < masks[at][1]
        if position < cut < end and not inside_mask:
            bullet = _BULLET.match(text, position, cut)
            yield (bullet.end() if bullet and position != start else position), cut
            position = cut
    bullet = _BULLET.match(text, position, end) if position != start else None
    yield (bullet.end() if bullet else position), end


def _ends_sentence(text: str, start: int, stop: re.Match[str]) -> bool:
    sign = stop.group()
    if sign[0] in _FULL_WIDTH:  # 「だめ。」と言った: what was said, inside a longer sentence
        return sign[-1] not in _CLOSE or not text[stop.end() : stop.end() + 1].strip()
    after = _NEXT.match(text, stop.end())
    following = after.group(1) if after else ""
    blank_follows = text[stop.end() : stop.end() + 1].strip(_INVISIBLE).strip() == ""
    if not blank_follows:
        before = text[max(start, stop.start() - 2) : stop.start()]
        return sign == "." and before.islower() and following.lower() in _STARTERS and following[:1].isupper()
    if not following:  # the end, or an emoji or a bracket next
        return True
    small = following[0].islower()
    if sign.startswith(("...", "…")):
        return not small
    if sign.rstrip(_CLOSE) != sign and small:
        return False  # "Stop it," or "really?" inside the speech of a longer sentence
    if sign[0] != ".":
        return True
    found = _WORD_BEFORE.search(text, max(start, stop.start() - 30), stop.start())
    word = found.group().lower() if found else ""
    if word in _NEVER_ENDS:
        return (
            text[max(start, stop.start() - 40) : stop.start() - len(word)].rstrip()[-1:].isdigit()
        )  # "in 300 ms. We", not "Ms. Wong"
    if word in _SOMETIMES_ENDS:
        return not small and not following[0].isdigit()
    if word in _BEFORE_NUMBER:
        return not following[0].isdigit()
    # "1. Plan" at the start of a line is a list; "J. Smith" is a name, but "than I. Then" is not.
    opening = text[start : stop.start() - len(word)] if stop.start() - start < 12 else "far"
    if not opening.strip().strip("(") and (word.isdigit() or len(word) == 1) and len(word) <= 2:
        return False
    is_initial = found is not None and len(word) == 1 and found.group().isupper() and word not in ("i", "a")
    return not (is_initial and not small)


def _cut_speech(text: str, start: int, end: int) -> Iterator[Span]:
    """Cut a run that goes on for too long without any punctuation, where a speaker turns to the next thing."""
    words = [match.start() for match in re.finditer(r"\S+", text[start:end])]
    commas = sum(text.count(sign, start, end) for sign in ",;:，、،")
    if len(words) <= _LONG_RUN or commas * 20 > len(words):
        yield start, end
        return
    position = start
    for cut in sorted({*_marks(text, start, end, _TURNS), *_weak_marks(text, start, end, words)}):
        size = bisect_right(words, cut - 1 - start) - bisect_right(words, position - 1 - start)
        left = len(words) - bisect_right(words, cut - 1 - start)
        if size >= _SHORTEST_PIECE and left >= _SHORTEST_PIECE // 2:
            yield position, cut
            position = cut
    yield position, end


def _marks(text: str, start: int, end: int, turns: str) -> list[int]:
    return [match.start() for match in _compiled(turns).finditer(text, start, end)]


@cache
def _compiled(turns: str) -> re.Pattern[str]:
    return re.compile(turns, re.I)  # at first use: few answers are transcripts


def _weak_marks(text: str, start: int, end: int, words: list[int]) -> Iterable[int]:
    """ "so I", "but they": only inside a stretch that the strong markers left long."""
    strong = [start, *_marks(text, start, end, _TURNS), end]
    weak = _marks(text, start, end, _SMALL_TURNS)
    for first, last in pairwise(strong):
        if bisect_right(words, last - start) - bisect_right(words, first - start) > _LONG_STRETCH:
            yield from weak[bisect_right(weak, first) : bisect_right(weak, last - 1)]


def _trimmed(piece: str) -> str:
    """`piece` without white space around it; empty when nothing in it can be seen."""
    piece = piece.strip()
    if any(not char.isspace() and unicodedata.category(char) not in ("Cf", "Cc") for char in piece):
        return piece
    return ""
