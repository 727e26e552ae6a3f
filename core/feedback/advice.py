"""At most two things that would help an answer most, said as short questions.

The questions (`questions.py`) ask what happened; they never say what to write, never supply a fact, and never ask for
more than there was: who has no number is asked how they knew, not for a number. What is met is never asked for.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from core.feedback.checks import HINTS, Check
from core.feedback.questions import Band, band_of, question_for
from core.feedback.tagger import Tagged
from core.feedback.words import word_set

__all__ = ["MOST", "suggest"]

MOST: Final = 2
"""How many suggestions an answer gets at most."""

# By level, from what an interviewer misses first to last. A graduate is heard for what they did and what came of it,
# and asked for less: not for its value to others. A senior is heard for why, a principal for influence and for the
# route from the work to its value.
_ORDER: dict[Band, tuple[str, ...]] = {
    "graduate": (
        "has_action", "first_person_ownership", "has_result", "has_task", "has_situation", "lesson_learned",
        "quantified_result", "reasoning_or_alternatives",
    ),
    "mid": (
        "has_action", "has_result", "first_person_ownership", "has_task", "reasoning_or_alternatives",
        "quantified_result", "has_situation", "business_impact", "lesson_learned",
    ),
    "senior": (
        "has_result", "has_action", "reasoning_or_alternatives", "first_person_ownership", "business_impact",
        "quantified_result", "has_task", "lesson_learned", "has_situation",
    ),
    "principal": (
        "has_result", "business_impact", "reasoning_or_alternatives", "has_action", "first_person_ownership",
        "lesson_learned", "quantified_result", "has_task", "has_situation",
    ),
}  # fmt: skip

_NOTES = "Which of these did you do yourself?"  # of notes and of passives, which have no "we" to ask about
_WE = word_set("we we're we've we'd we'll our us")
_INFLUENCE = "Whose mind had to change for this to happen, and what changed it?"
_INFLUENCE_WORDS = (
    "persuad",
    "convinc",
    "argued",
    "agreed",
    "buy-in",
    "pushed back",
    "sceptic",
    "skeptic",
    "on board",
    "backed",
    "won over",
    "came round",
    "changed his mind",
    "changed her mind",
    "changed their mind",
    "against it",
)
_START = "Which one time comes to mind, and what happened from beginning to end?"
_GENERAL = "When did you last do this? What happened that one time?"
_CUT = "If you had one minute, which parts would you keep?"
_SHORT = 20  # words; the least that counts as an answer (design.md, section 6)
_LONG = 450  # words; three minutes and more of talking


def suggest(
    checks: Mapping[str, Check],
    tagged: Sequence[Tagged],
    words: int,
    level: str | None = None,
    track: str | None = None,
) -> tuple[str, ...]:
    """At most `MOST` questions, the most helpful first; none when there is nothing to ask.

    What is missing comes before what is unsure, and within each the order of the member's level holds. Items that are
    met are never asked about. `track` is that of the question answered; None: a story as such.
    """
    told = [sentence for sentence in tagged if sentence.text.strip()]
    general = sum(sentence.label == "O" for sentence in told) * 2 > len(told)
    if words >= _SHORT and general:
        return (_GENERAL,)
    if words < _SHORT or all(check.state != "met" for check in checks.values()):
        return (_START,)
    band = band_of(level)
    text = " ".join(sentence.text.lower() for sentence in told)
    asked = [_asked(item, band, track, text) for item in _open_items(checks, told, band)]
    if band == "principal" and not any(word in text for word in _INFLUENCE_WORDS):
        asked.insert(1, _INFLUENCE)
    if words > _LONG:
        asked.insert(1, _CUT)
    return tuple(asked[:MOST])


def _asked(item: str, band: Band, track: str | None, text: str) -> str:
    if item == "first_person_ownership" and _WE.isdisjoint(text.replace("’", "'").split()):
        return _NOTES
    return question_for(item, band, track)


def _open_items(checks: Mapping[str, Check], told: Sequence[Tagged], band: Band) -> list[str]:
    """The items to ask about, the most helpful first."""
    states = {item: checks[item].state for item in _ORDER[band] if item in checks}
    if states.get("has_result") == "missing":
        states.pop("quantified_result", None)  # first what came of it, then how much
    if states.get("has_action") == "unsure":
        states.pop("reasoning_or_alternatives", None)  # first what was done, then why
    missing = [item for item, state in states.items() if state == "missing"]
    open_ = {*HINTS, "quantified_result", *(["has_task"] if _far_from_a_task(told) else [])}
    # Of what is unsure, only that is asked for which most answers read so do not have (docs/feedback.md): asking for
    # what was told already helps nobody.
    return missing + [item for item, state in states.items() if state == "unsure" and item in open_]


def _far_from_a_task(told: Sequence[Tagged]) -> bool:
    """Whether no sentence comes near a task; more than half of the answers that are unsure and so have none."""
    return all(
        each.probabilities["T"] < 0.3 and (each.presence or each.probabilities)["T"] < 0.22 for each in told
    )
