"""What practising, improving and helping are worth (docs/rules.md, 5 "Points").

Each function takes what has already happened, and returns an award with its reason; 0 points is an award too,
and says why. The day is the person's own practice day (docs/rules.md, 1).
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, fields
from typing import Literal

Kind = Literal["answer", "improvement", "review", "helpful", "round", "ticks"]


@dataclass(frozen=True, slots=True)
class PointRules:
    """What each thing is worth in a group, and how often a day it pays. ValueError for a negative number."""

    first_answer: int = 10
    tracks_a_day: int = 2
    improvement: int = 5
    review: int = 4
    reviews_a_day: int = 3
    helpful: int = 2
    round: int = 8

    def __post_init__(self) -> None:
        for one in fields(self):
            if getattr(self, one.name) < 0:
                raise ValueError(f"Points cannot be negative: {one.name} must be 0 or more.")


@dataclass(frozen=True, slots=True)
class Award:
    """Points for one thing done. `why` is a plain sentence for whoever did it."""

    points: int
    kind: Kind
    why: str


DEFAULT_RULES = PointRules()


def for_answer(
    track: str, counts: bool, tracks_already_paid_today: Collection[str], rules: PointRules = DEFAULT_RULES
) -> Award:
    """For an answer: the first of a day in a track pays, in two tracks a day.

    `counts` is `minimum.counts` of the answer; `tracks_already_paid_today` are the tracks whose first
    answer of that day paid, in this group.
    """
    if not counts:
        return Award(0, "answer", "Kept, and a little short of what counts.")
    if track in tracks_already_paid_today:
        return Award(
            0, "answer", "The first answer of a day in a track earns points; more of them are practice."
        )
    if len(set(tracks_already_paid_today)) >= rules.tracks_a_day:
        return Award(
            0, "answer", f"{_times(rules.tracks_a_day, 'track')} a day earn points, and you have had them."
        )
    return Award(rules.first_answer, "answer", f"First answer of the day in {track}.")


def for_improvement(
    items_met_now: int,
    best_items_met_before: int | None,
    counts: bool = True,
    rules: PointRules = DEFAULT_RULES,
) -> Award:
    """For a later attempt at a prompt that meets more of its machine-checked items than any before.

    `best_items_met_before` is the most items that an earlier attempt of this person met, None when there was
    none. An attempt too short to count improves nothing.
    """
    if best_items_met_before is None:
        return Award(0, "improvement", "A first attempt: the next one can improve on it.")
    if not counts:
        return Award(0, "improvement", "Kept, and a little short of what counts.")
    more = items_met_now - best_items_met_before
    if more <= 0:
        return Award(0, "improvement", "No more items met than in your best attempt so far.")
    return Award(
        rules.improvement, "improvement", f"{_times(more, 'more item')} met than in your best attempt so far."
    )


def newly_met(now: Iterable[str], before: Iterable[Iterable[str]]) -> frozenset[str]:
    """The items that this attempt meets and no earlier one met: what the improvement board counts.

    A first attempt has nothing to improve on, so without any earlier attempt the result is empty.
    """
    earlier = [frozenset(items) for items in before]
    return frozenset(now) - frozenset().union(*earlier) if earlier else frozenset()


def for_review(reviews_paid_today: int, own_answer: bool = False, rules: PointRules = DEFAULT_RULES) -> Award:
    """For a review of somebody's answer; three a day pay. Reviewing one's own answer earns nothing."""
    if own_answer:
        return Award(0, "review", "Reviewing your own answer earns nothing.")
    if reviews_paid_today >= rules.reviews_a_day:
        return Award(
            0, "review", f"{_times(rules.reviews_a_day, 'review')} a day earn points; this one is a gift."
        )
    return Award(rules.review, "review", "A review of somebody's answer.")


def for_helpful(
    already_marked: bool = False, review_paid: bool = True, rules: PointRules = DEFAULT_RULES
) -> Award:
    """For the writer of a review that its reader marks helpful: once for each review that earned points.

    They are points on top of the review's own, so a review beyond the daily three brings none: else marking
    each other's reviews would pay without end.
    """
    if already_marked:
        return Award(0, "helpful", "This review was marked helpful before.")
    if not review_paid:
        return Award(0, "helpful", "Marked helpful; the review was beyond those that earn points on one day.")
    return Award(rules.helpful, "helpful", "Your review was marked helpful.")


def for_round(finished: bool = True, rules: PointRules = DEFAULT_RULES) -> Award:
    """For each side of a round; one that was not finished earns nothing."""
    if not finished:
        return Award(0, "round", "A round earns points once it is finished.")
    return Award(rules.round, "round", "A finished round.")


def for_own_ticks() -> Award:
    """For ticking one's own rubric: nothing, in every group."""
    return Award(0, "ticks", "Ticking your own rubric earns nothing; it is for your own eyes.")


def _times(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"
