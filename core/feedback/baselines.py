"""What the tagger is held against, so that nobody is fooled by a base rate: keywords, position alone, always yes.

They are taggers like any other and serve for measuring only. `KeywordTagger` restates how public STAR scorers work: a
list of words for each part, the part with the most hits wins, and a part is told when one of its words stands there.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from core.feedback.tagger import LABELS, Label, Tagged
from core.feedback.words import tokens

__all__ = ["AlwaysYes", "KeywordTagger", "PositionTagger"]

_KEYWORDS: Final[dict[Label, tuple[str, ...]]] = {
    "S": (
        "situation", "context", "background", "when", "while", "during", "was working", "faced", "problem", "challenge",
        "company", "previous",
    ),
    "T": (
        "task", "goal", "objective", "responsible", "responsibility", "needed to", "had to", "my role", "assigned",
        "deadline", "asked to", "required",
    ),
    "A": (
        "action", "i led", "i developed", "i implemented", "i created", "i decided", "i worked", "i organized", "steps",
        "i analyzed", "i built", "i communicated", "i", "we",
    ),
    "R": (
        "result", "as a result", "outcome", "increased", "reduced", "improved", "achieved", "saved", "success",
        "successfully", "impact", "learned", "<pct>",
    ),
}  # fmt: skip


class KeywordTagger:
    """The part with the most keywords; "other" without any."""

    name = "keywords"

    def tag(self, sentences: Sequence[str], question: str | None = None) -> list[Tagged]:
        """See `Tagger.tag`."""
        found = []
        for sentence in sentences:
            text = f" {' '.join(tokens(sentence))} "
            hits: dict[Label, int] = {
                label: sum(f" {word} " in text for word in words) for label, words in _KEYWORDS.items()
            }
            label = max(hits, key=hits.__getitem__) if any(hits.values()) else "O"
            found.append(_sure(sentence, label, {each: float(hits.get(each, 0) > 0) for each in LABELS}))
        return found


class PositionTagger:
    """Nothing but where a sentence stands: a fifth of situation, some task, actions, and a quarter of result."""

    name = "position"

    def tag(self, sentences: Sequence[str], question: str | None = None) -> list[Tagged]:
        """See `Tagger.tag`."""
        count = len(sentences)
        found = []
        for number, sentence in enumerate(sentences):
            place = (number + 0.5) / count
            label: Label = "S" if place < 0.2 else "T" if place < 0.28 else "A" if place < 0.73 else "R"
            found.append(_sure(sentence, label, {each: float(each == label) for each in LABELS}))
        return found


class AlwaysYes:
    """Every part is told, and every sentence is an action: the commonest label."""

    name = "always yes"

    def tag(self, sentences: Sequence[str], question: str | None = None) -> list[Tagged]:
        """See `Tagger.tag`."""
        return [_sure(sentence, "A", dict.fromkeys(LABELS, 1.0)) for sentence in sentences]


def _sure(sentence: str, label: Label, presence: Mapping[Label, float]) -> Tagged:
    return Tagged(sentence, label, 1.0, {each: float(each == label) for each in LABELS}, presence)
