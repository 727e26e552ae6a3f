"""Asking the coach: who may, how often, with which words, and what is taken of its reply.

The coach (``core.ports.Coach``) is somebody else's language model. Everything here goes on without it: it is asked
once, for a few seconds, and whatever is late, wrong or too much counts as nothing said. What leaves is made in
``marked`` alone: a question, the sentences of one answer, and words of ours.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Final

import structlog

from core.coach_words import (
    FOLLOW_UP,
    LABELLING,
    SENTENCE_MOST,
    THEMES,
    labels_in,
    marked,
    question_in,
    that_fit,
    without_names,
)
from core.feedback import LABELS, Check, Label, Reading, Tagged
from core.feedback.checks import check_all
from core.neutral import neutral
from core.plain import times
from core.ports import Coach, NoReply

log = structlog.get_logger(__name__)

UNSURE: Final = (
    0.6  # a sentence whose part the tagger gives less than this is one that the coach may be asked about
)
LABELS_MOST: Final = 12  # sentences it is asked about at once, the least sure first
SURENESS: Final = 0.75  # what a part that the coach named counts for; never as much as the writer's own word
AT_ONCE: Final = 8  # questions under way, of everybody together
FAILURES: Final = 3  # in a row, until nobody waits for it any more
PAUSE: Final = timedelta(minutes=5)
SENTENCES_MOST: Final = 400

# Said in the place of a question, each one line; what is to be done stands in the operator's log.
_WORDS: Final = {
    "late": "The coach did not answer in time. Starling goes on without it.",
    "paused": "The coach cannot be reached at present. Starling goes on without it.",
    "busy": "The coach is busy with others just now. Starling goes on without it.",
    "asking": "The coach is thinking about an answer of yours already. One thing at a time.",
    "unfit": "The coach said nothing that fits this time. Starling goes on without it.",
}


@dataclass(frozen=True, slots=True)
class Silence:
    """Nothing is shown of the coach. ``words``: the one line that says so where the member asked for it."""

    words: str


@dataclass(frozen=True, slots=True)
class Material:
    """What the coach is told of an answer: its question and its sentences, by number from 1, without names."""

    question: str
    sentences: tuple[str, ...]

    @property
    def source(self) -> str:
        return "\n".join((self.question, *self.sentences))


def material_of(
    question: str, sentences: Sequence[str], people: Collection[str], groups: Collection[str]
) -> Material:
    """Without names of these ``people`` and ``groups``, mentions, addresses, links and long numbers."""
    members = neutral(people)
    clean = [without_names(s[: 3 * SENTENCE_MOST], members, groups) for s in sentences[:SENTENCES_MOST]]
    return Material(without_names(question, members, groups)[:SENTENCE_MOST], tuple(that_fit(clean)))


def theme(reading: Reading | None, turn: int) -> str:
    """What the question of that turn (from 1) is about: first what the checklist misses, then all the rest."""
    first = [
        name
        for name, check in _THEME_OF.items()
        if reading is not None and reading.checks[check].state != "met"
    ]
    order = [*first, *(name for name in THEMES if name not in first)]
    return order[(turn - 1) % len(order)]


_THEME_OF: Final = {
    "result": "has_result",
    "own part": "first_person_ownership",
    "choices": "reasoning_or_alternatives",
    "lesson": "lesson_learned",
    "situation": "has_situation",
}


@dataclass(slots=True)
class Coaching:
    """One process's dealings with the coach. ``a_day``: how often one person may ask it (UTC days, in memory)."""

    coach: Coach
    a_day: int = 20
    _day: date = date.min
    _used: dict[int, int] = field(default_factory=dict)
    _asking: set[int] = field(default_factory=set)
    _failed: list[tuple[int, str]] = field(default_factory=list)  # (whose press, the reason), each press once
    _counted: set[int] = field(default_factory=set)  # of those who are asking: whose press has failed already
    _paused_at: datetime | None = None

    @property
    def host(self) -> str:
        return self.coach.host

    @contextmanager
    def turn(self, person_id: int, now: datetime) -> Iterator[Silence | None]:
        """Around everything that one press asks for: None, and it counts; or why the coach is not asked at all."""
        refused = self._refused(person_id, now)
        if refused is not None:
            yield refused
            return
        self._used[person_id] = self._used.get(person_id, 0) + 1
        self._asking.add(person_id)
        try:
            yield None
        finally:
            self._asking.discard(person_id)
            self._counted.discard(person_id)

    def _refused(self, person_id: int, now: datetime) -> Silence | None:
        if now.date() != self._day:
            self._day = now.date()
            self._used.clear()
        if person_id in self._asking:
            return Silence(_WORDS["asking"])
        if self._used.get(person_id, 0) >= self.a_day:
            return Silence(
                f"You have asked the coach {times(self.a_day)} today, which is the most. Tomorrow it is there again."
            )
        if self._paused_at is not None and self._paused_at <= now < self._paused_at + PAUSE:
            return Silence(_WORDS["paused"])
        if len(self._asking) >= AT_ONCE:
            return Silence(_WORDS["busy"])
        return None

    async def follow_up(self, person_id: int, about: Material, theme: str, now: datetime) -> str | Silence:
        """One question about that answer, fit to be shown as it is."""
        asked = {"about": theme, "question": about.question, "sentences": list(about.sentences)}
        said = await self._say(person_id, FOLLOW_UP, marked(asked), now)
        if isinstance(said, Silence):
            return said
        found = question_in(said, about.source)
        if found is None:
            log.info("the coach's question was not used")
            return Silence(_WORDS["unfit"])
        return found

    async def labels(
        self, person_id: int, about: Material, numbers: Sequence[int], now: datetime
    ) -> Mapping[int, Label] | Silence:
        """The parts of the sentences ``numbers`` (from 1): all of them, or nothing."""
        sentences = [{"number": n, "text": text} for n, text in enumerate(about.sentences, 1)]
        asked = {"question": about.question, "sentences": sentences, "label": list(numbers)}
        said = await self._say(person_id, LABELLING, marked(asked), now)
        if isinstance(said, Silence):
            return said
        found = labels_in(said, numbers)
        if found is None:
            log.info("the coach's labels were not used")
            return Silence(_WORDS["unfit"])
        return found

    async def _say(self, person_id: int, system: str, data: str, now: datetime) -> str | Silence:
        said = await self.coach.complete(system, data)
        if isinstance(said, str):
            self._failed.clear()
            self._paused_at = None
            return said
        log.info("the coach said nothing", reason=said.reason, detail=said.detail)
        if said.reason != "unfit":  # there is a server, and it replied: in this matter neither good nor bad
            self._note(said, person_id, now)
        return Silence(_WORDS.get(said.reason, _WORDS["paused"]))

    def _note(self, failure: NoReply, person_id: int, now: datetime) -> None:
        """Count a press that failed, once; at ``FAILURES`` of them nobody waits for the coach for a while.

        What somebody wrote can make a reply late: of one person, late ones count as one, so that nobody alone takes
        the coach from the others.
        """
        if person_id in self._counted:
            return
        self._counted.add(person_id)
        if failure.reason != "late" or (person_id, "late") not in self._failed:
            self._failed.append((person_id, failure.reason))
        if len(self._failed) >= FAILURES:
            log.warning("the coach is not asked for some minutes", host=self.host, reason=failure.reason)
            self._paused_at = now
            self._failed.clear()  # after the pause it has all its chances again


# --- a reading with the coach's labels ----------------------------------------


@dataclass(frozen=True, slots=True)
class CoachedReading:
    """A reading for its writer's eyes alone: the sentences, and the checklist that follows from them.

    ``by_coach`` names the sentences, by number from 1, whose part is the coach's. It is never kept, is no correction,
    and earns nothing: what is stored stays the machine's own.
    """

    sentences: tuple[Tagged, ...]
    checks: Mapping[str, Check]
    by_coach: Mapping[int, Label]


def unsure_of(reading: Reading, told: int) -> list[int]:
    """The numbers (from 1, up to ``told``) of the sentences that the tagger is unsure of, at most ``LABELS_MOST``.

    What the writer said of a sentence is sure, so the coach is never asked about that one.
    """
    unsure = [
        (tagged.confidence, number)
        for number, tagged in enumerate(reading.sentences[:told], 1)
        if tagged.confidence < UNSURE and tagged.text.strip()
    ]
    return sorted(number for _, number in sorted(unsure)[:LABELS_MOST])


def read_with_coach(
    reading: Reading, labels: Mapping[int, Label], decided: Mapping[str, Check]
) -> CoachedReading:
    """``reading`` with the coach's labels where the tagger was unsure, and nowhere else; checks made anew.

    ``decided``: the items that the writer settled; they stand as they are.
    """
    used = {n: labels[n] for n in unsure_of(reading, len(reading.sentences)) if n in labels}
    if not used:
        return CoachedReading(reading.sentences, reading.checks, used)
    tagged = tuple(_by_coach(t, used[n]) if n in used else t for n, t in enumerate(reading.sentences, 1))
    return CoachedReading(tagged, check_all(tagged) | dict(decided), used)


def _by_coach(tagged: Tagged, label: Label) -> Tagged:
    rest = (1 - SURENESS) / (len(LABELS) - 1)
    likely = {each: SURENESS if each == label else rest for each in LABELS}
    return Tagged(tagged.text, label, SURENESS, likely)
