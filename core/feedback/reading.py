"""Read an answer: the one way into this room.

`read` takes what a member wrote, as one text, as sentences, or as the four fields of a guided answer, and gives back
everything a member is shown. It never raises on any text, uses no network and keeps nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from core.feedback import figures
from core.feedback.advice import suggest
from core.feedback.checks import TITLES, Check, check_all
from core.feedback.crf_tagger import CrfTagger
from core.feedback.split import sentences as split
from core.feedback.tagger import Label, Tagged, Tagger, corrected, guided, tag

__all__ = ["DEFAULT_TAGGER", "Reading", "newly_met", "read"]

DEFAULT_TAGGER: Final[Tagger] = CrfTagger()


@dataclass(frozen=True, slots=True)
class Reading:
    """What Starling says about one answer.

    `sentences`: the sentences in order, each with its part. `checks`: every item of `checks.TITLES`, in that order.
    `words`, and `spoken_seconds` at 140 words a minute. `fillers`: how often each filler stands there, absent ones
    left out. `first_person`: `{"i": n, "we": n}`. `suggestions`: at most two questions, the most helpful first.
    `length_note`: the length in words, for people. `tagger`: the name of the tagger, to be stored with a checklist.
    """

    sentences: tuple[Tagged, ...]
    checks: Mapping[str, Check]
    words: int
    spoken_seconds: int
    fillers: Mapping[str, int]
    first_person: Mapping[str, int]
    suggestions: tuple[str, ...]
    length_note: str
    tagger: str

    @property
    def met_count(self) -> int:
        """How many of the nine items are met."""
        return sum(check.state == "met" for check in self.checks.values())

    def as_json(self, id: str | int | None) -> dict[str, Any]:
        """The object that `starling feedback --json` prints for one answer, ready for `json.dumps`."""
        return {
            "id": id,
            "sentences": [
                {"text": each.text, "label": each.label, "confidence": round(each.confidence, 3)}
                for each in self.sentences
            ],
            "checks": {
                name: {"state": check.state, "quote": check.quote} for name, check in self.checks.items()
            },
            "words": self.words,
            "spoken_seconds": self.spoken_seconds,
            "fillers": dict(self.fillers),
            "first_person": dict(self.first_person),
        }


def read(
    text: str | None = None,
    *,
    sentences: Sequence[str] | None = None,
    question: str | None = None,
    level: str | None = None,
    track: str | None = None,
    parts: Mapping[Label, str] | None = None,
    corrections: Mapping[int, Label] | None = None,
    decided: Mapping[str, Check] | None = None,
    tagger: Tagger | None = None,
) -> Reading:
    """Read one answer, given in one of three ways.

    `text` is split here. `sentences` are kept as given, in number and order, empty ones too. `parts` are the fields
    of a guided answer by label; they know what they are, so nothing is guessed. Of several, `parts` goes before
    `sentences` and `sentences` before `text`; with none the answer is empty.

    `question` is handed to the tagger; `level` ("graduate" to "principal") and the `track` of the question choose what
    is asked of the member;
    `corrections` are labels that the member gave by hand, by the number of the sentence from 0; `decided` are items
    of the checklist that the member settled, by name: they stand as given. `tagger` replaces the default one.
    """
    chosen = tagger or DEFAULT_TAGGER
    name = chosen.name
    if parts is not None:
        tagged, name = corrected(guided(parts), corrections), "guided"
    else:
        given = list(sentences) if sentences is not None else split(text or "")
        tagged = tag(chosen, given, question, corrections)
    whole = "\n".join(each.text for each in tagged)
    words = figures.count_words(whole)
    found = check_all(tagged)
    checks = found | {name: check for name, check in (decided or {}).items() if name in found}
    return Reading(
        sentences=tuple(tagged),
        checks=checks,
        words=words,
        spoken_seconds=figures.spoken_seconds(words),
        fillers=figures.count_fillers(whole),
        first_person=figures.count_persons(whole),
        suggestions=suggest(checks, tagged, words, level, track),
        length_note=figures.length_note(words),
        tagger=name,
    )


def newly_met(before: Reading | Mapping[str, Check], after: Reading | Mapping[str, Check]) -> list[str]:
    """The items met in `after` and not in `before`, in the order of the checklist; what improvement points rest on.

    Either may be a `Reading` or the stored checks of one, by name; an item that is not there counts as not met.
    """
    old, new = _checks(before), _checks(after)
    return [name for name in TITLES if _met(new, name) and not _met(old, name)]


def _checks(of: Reading | Mapping[str, Check]) -> Mapping[str, Check]:
    return of.checks if isinstance(of, Reading) else of


def _met(checks: Mapping[str, Check], name: str) -> bool:
    return name in checks and checks[name].state == "met"
