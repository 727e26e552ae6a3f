"""The questions that advice is made of, written by us for each item, kind of question and level.

They ask what happened. None says what to write, supplies a fact, or asks for more than there was.
"""

from collections.abc import Mapping
from typing import Final, Literal

__all__ = ["BANDS", "Band", "band_of", "families", "question_for"]

Band = Literal["graduate", "mid", "senior", "principal"]
"""How much is asked of somebody: levels taken together."""

BANDS: Final[tuple[Band, ...]] = ("graduate", "mid", "senior", "principal")
Questions = Mapping[Band, str]

_LEVELS: Final[dict[str, Band]] = {
    **dict.fromkeys(("graduate", "student", "intern", "entry", "junior"), "graduate"),
    **dict.fromkeys(("senior", "staff"), "senior"),
    **dict.fromkeys(("principal", "lead", "director", "executive"), "principal"),
}

_USUAL: Final[dict[str, Questions]] = {
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

# A story told for another kind of question is asked for what that kind is heard for; the rest is as usual.
_BY_KIND: Final[dict[str, dict[str, Questions]]] = {
    "communication": {
        "has_situation": {
            "graduate": "What does your listener know already, and what not?",
            "mid": "What should your listener know before you begin?",
            "senior": "Why does this matter to your listener today?",
            "principal": "Which decision is your listener about to make?",
        },
        "has_task": {
            "graduate": "What did you want your listener to understand?",
            "mid": "What did you need your listener to understand or decide?",
            "senior": "What was your listener to decide, and by when?",
            "principal": "What was to be decided, and why with you in the room?",
        },
        "has_action": {
            "graduate": "How did you explain it, and with which example?",
            "mid": "What did you tell them, in which order?",
            "senior": "What did you leave out for this listener, and why?",
            "principal": "Who heard it from you, and who had to hear it another way?",
        },
        "has_result": {
            "graduate": "How did you notice that they had understood?",
            "mid": "What did they do differently once they had heard it?",
            "senior": "What was decided, and what was it based on?",
            "principal": "What was decided, and did the decision hold?",
        },
        "quantified_result": {
            "graduate": "Is there one figure that your listener would remember?",
            "mid": "Which one figure would your listener repeat to others?",
            "senior": "Which figure does the decision rest on, over which period?",
            "principal": "Which figure goes into their budget, and how sure is it?",
        },
        "reasoning_or_alternatives": {
            "graduate": "Why did you explain it this way?",
            "mid": "Which other way of telling it did you drop, and why?",
            "senior": "What did they object to, and what did you answer?",
            "principal": "Who in the room saw it differently, and what convinced them or you?",
        },
        "business_impact": {
            "graduate": "What is it good for, in your listener's words?",
            "mid": "What is in it for your listener: money, time or risk?",
            "senior": "What does it change for customers, cost or risk, and since when?",
            "principal": "By what route does this turn into money, time or less risk?",
        },
    },
    "technical": {
        "has_situation": {
            "graduate": "What was the program or the data meant to do?",
            "mid": "What did the system do before, and for how many?",
            "senior": "Which limits of load, money or time did you find in place?",
            "principal": "What did the rest of the organisation depend on here?",
        },
        "has_action": {
            "graduate": "What did you build or change first, and what after that?",
            "mid": "Which part did you build or change, and how did you check it?",
            "senior": "What did you do that was hard to undo, and how did you make it safe?",
            "principal": "What did you decide yourself, and what did you leave to the teams?",
        },
        "quantified_result": {
            "graduate": "How did you check that it worked?",
            "mid": "What did you measure before, and what after?",
            "senior": "What did you measure, against which baseline?",
            "principal": "Which figure did you watch, and which result would have stopped it?",
        },
        "reasoning_or_alternatives": {
            "graduate": "Why this way? What else could one have used?",
            "mid": "Which other design did you turn down, and why?",
            "senior": "Which other design did you weigh, and what decided it?",
            "principal": "Which standard or team spoke against it, and what settled it?",
        },
        "lesson_learned": {
            "graduate": "What would you build differently next time?",
            "mid": "Where does it break first, if the load or the data grow?",
            "senior": "Where does this design stop working?",
            "principal": "What did this cost later that you had not seen coming?",
        },
    },
    "business": {
        "has_situation": {
            "graduate": "Who uses or buys this, and what bothers them?",
            "mid": "Who is it for, and what do they do without it?",
            "senior": "Which customers are meant, and what do rivals offer them?",
            "principal": "What was at stake in the market when this began?",
        },
        "quantified_result": {
            "graduate": "How could you tell that it had helped?",
            "mid": "Which measure moved, and which one was not to get worse?",
            "senior": "Which measure moved, over which period, against what?",
            "principal": "Which figure would the board ask for, and how sure is it?",
        },
        "reasoning_or_alternatives": {
            "graduate": "Why this, and not the next idea on the list?",
            "mid": "Which other idea did you leave aside, and why?",
            "senior": "What did it cost or give up, and why was that worth it?",
            "principal": "What did the organisation stop doing for it, and who decided so?",
        },
        "business_impact": {
            "graduate": "Who is better off with it?",
            "mid": "What did it mean for those who pay, or for those who use it?",
            "senior": "How does it earn or save, and when did that show?",
            "principal": "By what route does it turn into value, and what could break the route?",
        },
    },
}
_KIND: Final[dict[str, str]] = {
    "communication": "communication",
    **dict.fromkeys(("coding", "system-design", "ml-design"), "technical"),
    **dict.fromkeys(("company", "product-sense", "ask"), "business"),
}


def band_of(level: str | None) -> Band:
    """The band of a member's level ("graduate" to "principal"); "mid" when it is not known."""
    return _LEVELS.get((level or "").strip().lower(), "mid")


def question_for(item: str, band: Band, track: str | None = None) -> str:
    """What somebody of that band is asked about `item`, in a question of that track; any track is fine."""
    kind = _BY_KIND.get(_KIND.get(track or "", ""), {})
    return kind.get(item, _USUAL[item])[band]


def families() -> Mapping[str, Mapping[str, Questions]]:
    """Every table of questions there is, by the kind of question they are for: {kind: {item: {band: question}}}."""
    return {"usual": _USUAL, **_BY_KIND}
