"""What the kills met, and what has become of every question in the end."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import date

Message = tuple[str, date]
"""A question: the channel's or the person's id, and its day."""


@dataclass
class Struck:
    """What the kills met."""

    kills: int = 0
    after_60_s: int = 0  # of these: Starling came back so late that nothing was recognised any more
    rows: int = 0  # that stood at ``sending``
    there: int = 0  # of these: had arrived, and nobody had written it down
    moments: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True)
class Outcome:
    """``states``: what the outbox says became of each question. ``shown``: how often it is there."""

    states: dict[Message, str]
    expected: frozenset[Message]
    shown: Counter[Message]
    resent: frozenset[Message]

    @property
    def lost(self) -> set[Message]:
        return {each for each in self.expected if not self.shown[each]}

    @property
    def doubled(self) -> set[Message]:
        return {each for each, times in self.shown.items() if times > 1}

    @property
    def strays(self) -> set[Message]:
        """What should be nowhere."""
        return set(self.shown) - self.expected

    def at(self, state: str) -> set[Message]:
        return {each for each, found in self.states.items() if found == state}

    @property
    def figures(self) -> dict[str, object]:
        unsure = self.at("ambiguous")
        return {
            "messages": len(self.expected),
            "lost": len(self.lost),
            "doubled": len(self.doubled),
            "states": dict(Counter(self.states.values())),
            "ambiguous_and_lost": len(unsure & self.lost),
            "ambiguous_and_there": len(unsure - self.lost),
            "resent": len(self.resent),
        }
