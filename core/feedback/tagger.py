"""The seam between the sentences of an answer and whatever tells which part of the story each of them is.

A tagger sees sentences and gives labels; nothing else in the room knows how. `tag` adds what holds whatever the
tagger: a heading the member typed decides, a label the member corrected decides above all, and empty sentences are
kept in their place.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal, Protocol

from core.feedback.signals import Signals
from core.feedback.split import sentences as split

__all__ = [
    "LABELS",
    "Label",
    "Tagged",
    "Tagger",
    "certain",
    "corrected",
    "guided",
    "heading_of",
    "tag",
    "without_heading",
]

Label = Literal["S", "T", "A", "R", "O"]
"""Situation, task, action, result, other (greetings, asides, what would be done, what is always so)."""

LABELS: Final[tuple[Label, ...]] = ("S", "T", "A", "R", "O")

_SURE = 0.9  # how much of the decision a typed heading takes; the rest stays with the tagger
_HEADINGS: dict[str, Label] = {
    **dict.fromkeys(("situation", "context", "background", "setting"), "S"),
    **dict.fromkeys(("task", "goal", "objective", "my task", "my goal", "my role"), "T"),
    **dict.fromkeys(
        ("action", "action taken", "approach", "my action", "my approach", "what i did", "steps taken"), "A"
    ),
    **dict.fromkeys(
        ("result", "outcome", "impact", "lesson", "lesson learned", "learning", "takeaway", "reflection"), "R"
    ),
}
_LETTERS: dict[str, Label] = {"s": "S", "t": "T", "a": "A", "r": "R"}
_LETTER = re.compile(r"[\W_]{0,6}[a-z]\s?:", re.I)
_HEADING = re.compile(
    r"[\W_]{0,6}((?:[a-z]+ ){0,2}[a-z]+)(?:\(s\))?[*_)\]]{0,3}\s?(:|[-–—](?=\s)|\Z)[*_]{0,3}\s*", re.I
)


@dataclass(frozen=True, slots=True)
class Tagged:
    """One sentence with its part.

    `text` is the sentence as it was given, `confidence` (0 to 1) the probability of `label`, and `probabilities`
    holds that of every label; together they make 1. `presence` is a second opinion for the checklist, from a tagger
    that has one: for each part from 0 to 1, where a half is the least at which the part counts as told (they do not
    make 1). A tagger that leans on the order of stories needs it, because it overrates a part that is not there.
    None: `probabilities` serve for both. `signals`: those of `text`, from a tagger that read them anyway.
    """

    text: str
    label: Label
    confidence: float
    probabilities: Mapping[Label, float]
    presence: Mapping[Label, float] | None = None
    signals: Signals | None = field(default=None, repr=False, compare=False)


class Tagger(Protocol):
    """What takes sentences apart into situation, task, action, result and other.

    An implementation keeps number and order, never raises on any text, reads nothing but its arguments, and can be
    called from several threads. Headings, corrections and blank sentences are seen to by `tag`.
    """

    @property
    def name(self) -> str:
        """A short name that a stored checklist can carry, changed when the figures change: "rules-1"."""
        ...

    def tag(self, sentences: Sequence[str], question: str | None = None) -> list[Tagged]:
        """One `Tagged` for each of `sentences` (none of them blank), which are those of one answer, in its order."""
        ...


def tag(
    tagger: Tagger,
    sentences: Sequence[str],
    question: str | None = None,
    corrections: Mapping[int, Label] | None = None,
) -> list[Tagged]:
    """Tag the sentences of one answer: number and order are kept, blank ones are "other".

    Headings typed by the member decide the label of what follows them. `corrections` are labels that the member gave
    by hand, by the number of the sentence from 0; they are certain.
    """
    shown = [number for number, sentence in enumerate(sentences) if sentence.strip()]
    found: list[Tagged] = [certain(sentence, "O") for sentence in sentences]
    for number, tagged in zip(
        shown, tagger.tag([sentences[number] for number in shown], question), strict=True
    ):
        found[number] = tagged
    for number, label in _headed(sentences).items():
        found[number] = _towards(found[number], label)
    return corrected(found, corrections)


def corrected(tagged: Sequence[Tagged], corrections: Mapping[int, Label] | None) -> list[Tagged]:
    """`tagged` with the member's own labels in place, by number from 0; numbers of no sentence are passed over."""
    by_hand = corrections or {}
    return [certain(each.text, by_hand[at]) if at in by_hand else each for at, each in enumerate(tagged)]


def guided(parts: Mapping[Label, str]) -> list[Tagged]:
    """The sentences of a guided answer, whose parts came in fields of their own: nothing is guessed.

    The order is situation, task, action, result, other, whatever the order of `parts`; an empty field gives nothing.
    """
    return [certain(sentence, label) for label in LABELS for sentence in split(parts.get(label, ""))]


def certain(text: str, label: Label) -> Tagged:
    """A sentence whose label is known."""
    return Tagged(text, label, 1.0, {each: float(each == label) for each in LABELS})


def heading_of(sentence: str) -> tuple[Label, bool] | None:
    """The part that a heading at the start of `sentence` names, and whether text follows it; None without heading.

    "Situation: we had six analysts" -> ("S", True); "**Result**" -> ("R", False); "Results were good" -> None.
    A single letter ("S:") is a heading only beside others, which `tag` looks at.
    """
    match = _HEADING.match(sentence[:80])
    if match is None:
        return None
    name = match.group(1).lower()
    label = _HEADINGS.get(name) or _HEADINGS.get(name.removesuffix("s"))
    if label is None and match.group(2) == ":":
        label = _LETTERS.get(name)
    return (label, match.end() < len(sentence.rstrip())) if label else None


def without_heading(sentence: str) -> str:
    """`sentence` without the heading at its start, if it has one."""
    match = _HEADING.match(sentence[:80]) if heading_of(sentence) else None
    return sentence[match.end() :] if match else sentence


def _headed(sentences: Sequence[str]) -> dict[int, Label]:
    """The label of every sentence that stands under a heading.

    A heading on a line of its own rules until the next one. One with text after it does so where three parts or more
    have theirs; else it may be one note among others ("- Goal: ship by May"), and speaks for its own sentence.
    """
    headings = {
        number: heading for number, sentence in enumerate(sentences) if (heading := heading_of(sentence))
    }
    letters = {number for number in headings if _LETTER.match(sentences[number])}
    if len({headings[number][0] for number in letters}) < 3:
        headings = {number: heading for number, heading in headings.items() if number not in letters}
    several = len({label for label, _ in headings.values()}) > 2
    labels: dict[int, Label] = {}
    for number, (label, has_text) in headings.items():
        following = [later for later in headings if later > number]
        end = number + 1 if has_text and not several else min(following, default=len(sentences))
        labels.update({each: label for each in range(number, end) if sentences[each].strip()})
    return labels


def _towards(tagged: Tagged, label: Label) -> Tagged:
    mixed = {
        each: (1 - _SURE) * share + _SURE * (each == label) for each, share in tagged.probabilities.items()
    }
    return Tagged(tagged.text, label, mixed[label], mixed)
