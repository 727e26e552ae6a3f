"""At most two things that would help an answer most, said as short questions.

The questions are ours, one for each item and level. They ask what happened; they never say what to write, never
supply a fact, and never ask for more than there was: who has no number is asked how they knew, not for a number.
"""

from collections.abc import Mapping, Sequence
from typing import Final, Literal

from core.feedback.checks import HINTS, Check
from core.feedback.tagger import Tagged

__all__ = ["MOST", "Band", "band_of", "suggest"]

MOST: Final = 2
"""How many suggestions an answer gets at most."""

Band = Literal["graduate", "mid", "senior", "principal"]

_BANDS: dict[str, Band] = {
    **dict.fromkeys(("graduate", "student", "intern", "entry", "junior"), "graduate"),
    **dict.fromkeys(("senior", "staff"), "senior"),
    **dict.fromkeys(("principal", "lead", "director", "executive"), "principal"),
}

# By level, from what an interviewer misses first to last. A graduate is heard for what they did and what came of it,
# a senior for why, a principal for influence and for the route from the work to its value.
_ORDER: dict[Band, tuple[str, ...]] = {
    "graduate": (
        "has_action", "first_person_ownership", "has_result", "has_task", "has_situation", "lesson_learned",
        "quantified_result", "reasoning_or_alternatives", "business_impact",
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

_QUESTIONS: dict[str, dict[Band, str]] = {
    "has_situation": {
        "graduate": "Where were you, and what was going on at the time?",
        "mid": "What should somebody who was not there know before you begin?",
        "senior": "What was at stake, for somebody who has never seen your team?",
        "principal": "What was at stake for the organisation when this began?",
    },
    "has_task": {
        "graduate": "What were you asked to do, or what did you set yourself?",
        "mid": "What was yours to solve, and by when?",
        "senior": "What exactly was yours to decide, and what limits did you have?",
        "principal": "Why did this land with you, and what would have counted as done?",
    },
    "has_action": {
        "graduate": "What did you do first, and what after that?",
        "mid": "Which two or three steps made the difference?",
        "senior": "What did you do that somebody else might not have done?",
        "principal": "What did you do yourself, and what did you get others to do?",
    },
    "has_result": {
        "graduate": "How did it end?",
        "mid": "What was different afterwards?",
        "senior": "What changed, and how did you find out that it had?",
        "principal": "What became of it, also after you had moved on?",
    },
    "quantified_result": {
        "graduate": "How could you tell that it had worked?",
        "mid": "Did anybody measure it, before or after? If not, how did you know?",
        "senior": "What did you measure, and what would you compare it with?",
        "principal": "Which figure did the decision rest on, and how sure were you of it?",
    },
    "first_person_ownership": {
        "graduate": "Which part of this did you do yourself?",
        "mid": "Where it says \"we\": what was your own part?",
        "senior": "Which decisions were yours, and which were the team's?",
        "principal": "What would have gone differently without you?",
    },
    "reasoning_or_alternatives": {
        "graduate": "Why did you do it this way?",
        "mid": "What did you turn down, and why?",
        "senior": "Which other way did you weigh, and what decided it?",
        "principal": "Who saw it differently, and what convinced them or you?",
    },
    "business_impact": {
        "graduate": "Who was better off for it?",
        "mid": "What did it mean for the people who used it or paid for it?",
        "senior": "Who took it up, and what did it change for customers, cost or time?",
        "principal": "By what route did this work turn into value, and for whom?",
    },
    "lesson_learned": {
        "graduate": "What would you do differently next time?",
        "mid": "What did you take from it, or what was its limit?",
        "senior": "Where does this approach stop working?",
        "principal": "What did you get wrong, and what do you do differently since?",
    },
}  # fmt: skip

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
)
_START = "Which one time comes to mind, and what happened from beginning to end?"
_GENERAL = "When did you last do this? What happened that one time?"
_CUT = "If you had one minute, which parts would you keep?"
_SHORT = 20  # words; the least that counts as an answer (design.md, section 6)
_LONG = 450  # words; three minutes and more of talking


def band_of(level: str | None) -> Band:
    """The band of a member's level ("graduate" to "principal"); "mid" when it is not known."""
    return _BANDS.get((level or "").strip().lower(), "mid")


def suggest(
    checks: Mapping[str, Check], tagged: Sequence[Tagged], words: int, level: str | None = None
) -> tuple[str, ...]:
    """At most `MOST` questions, the most helpful first; none when there is nothing to ask.

    What is missing comes before what is unsure, and within each the order of the member's level holds. Items that are
    met are never asked about.
    """
    if words < _SHORT or all(check.state != "met" for check in checks.values()):
        return (_START,)
    told = [sentence for sentence in tagged if sentence.text.strip()]
    if told and sum(sentence.label == "O" for sentence in told) * 2 > len(told):
        return (_GENERAL,)
    band = band_of(level)
    asked = [_QUESTIONS[item][band] for item in _open_items(checks, band)]
    text = " ".join(sentence.text.lower() for sentence in told)
    if band == "principal" and not any(word in text for word in _INFLUENCE_WORDS):
        asked.insert(1, _INFLUENCE)
    if words > _LONG:
        asked.insert(1, _CUT)
    return tuple(asked[:MOST])


def _open_items(checks: Mapping[str, Check], band: Band) -> list[str]:
    """The items to ask about, the most helpful first."""
    states = {item: checks[item].state for item in _ORDER[band] if item in checks}
    if states.get("has_result") != "met":
        states.pop("quantified_result", None)  # first what came of it, then how much
    missing = [item for item, state in states.items() if state == "missing"]
    unsure = [item for item, state in states.items() if state == "unsure" and item not in HINTS]
    hints = [item for item, state in states.items() if state == "unsure" and item in HINTS]
    # A part that may well be there waits behind the hints: asking for what was told already helps nobody.
    return missing + hints + unsure
