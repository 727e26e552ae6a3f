"""Which prompt is asked next (docs/rules.md, 7 "Choice of prompts").

Nothing is random. Where several prompts are as good as each other, a hash of the key and the prompt
decides, so that every process, and every home of a group, comes to the same one.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from core.rules.candidates import (
    BEHAVIOURAL,
    Candidate,
    NothingToAsk,
    draw,
    drawn,
    longest_ago_half,
    standing,
)

__all__ = ["Attempted", "Candidate", "NothingToAsk", "Used", "for_occurrence", "for_person"]


@dataclass(frozen=True, slots=True)
class Used:
    """A prompt that the group was asked before, and the track it was asked in."""

    uid: str
    track: str


@dataclass(frozen=True, slots=True)
class Attempted:
    """A person's attempt at a prompt: when (aware), and its items met, where that is known."""

    uid: str
    track: str
    at: datetime
    met: int | None = None
    of: int | None = None


def for_occurrence(
    prompts: Sequence[Candidate],
    used: Sequence[Used],
    tracks: Sequence[str],
    key: str,
    first_ever: bool,
    opening: str | None = None,
) -> str:
    """The uid of the prompt for a group's drop.

    `prompts` are the schedule's packs in their own order; `used` is what this group was asked, oldest
    first, by any of its schedules; `tracks` are the schedule's, in its order, none meaning every track;
    `key` names the occurrence. The track used longest ago comes next, and in it no prompt twice until every
    one was used; then the half used longest ago is open again. The first drop of a group is `opening`, or
    else the first behavioural prompt, when the schedule has that track. NothingToAsk when no track has a
    prompt.
    """
    live = standing(prompts)
    available = dict.fromkeys(one.track for one in live)
    rotation = [track for track in dict.fromkeys(tracks or available) if track in available]
    if not rotation:
        raise NothingToAsk(
            "There is no prompt for this schedule: choose other tracks for it, or import a pack that has them."
        )
    if first_ever and BEHAVIOURAL in rotation:
        behavioural = [one.uid for one in live if one.track == BEHAVIOURAL]
        return opening if opening in behavioural else behavioural[0]

    last_asked = {one.track: place for place, one in enumerate(used)}
    track = min(rotation, key=lambda name: last_asked.get(name, -1))
    of_track = [one for one in live if one.track == track]
    history = [one.uid for one in used]
    asked = set(history)
    fresh = [one for one in of_track if one.uid not in asked]
    if not fresh:
        again = longest_ago_half((one.uid for one in of_track), history)
        fresh = [one for one in of_track if one.uid in again]
    return draw(key, fresh).uid


def for_person(
    candidates: Sequence[Candidate],
    attempts: Sequence[Attempted],
    track: str | None,
    level: str | None,
    company: str | None,
    due: Sequence[str],
    last: str | None,
    key: str,
) -> str:
    """The uid of the prompt for one person, now.

    `track` and `company` are wishes that must be met (NothingToAsk when they cannot be); `level` is met
    where it can be. `due` are the uids of reviews that are due, most urgent first: they come first,
    whatever their level. Otherwise it is the track practised least, and in it prompts never tried before
    those tried; of those tried, the half tried longest ago, and of that half the weakest. `last` is what
    the person was asked last: it comes again only when nothing else is left. `attempts` may be in any
    order; `key` names the person and the asking.
    """
    pool = [
        one
        for one in standing(candidates)
        if (track is None or one.track == track) and (company is None or _tagged(one, company))
    ]
    if not pool:
        raise NothingToAsk(_nothing(track, company))
    pool = [one for one in pool if one.uid != last] or pool

    open_now = {one.uid for one in pool}
    for uid in due:
        if uid in open_now:
            return uid

    if level is not None:
        pool = [one for one in pool if not one.levels or level in one.levels] or pool
    practised = Counter(one.track for one in attempts)
    least = min({one.track for one in pool}, key=lambda name: (practised[name], drawn(key, name), name))
    pool = [one for one in pool if one.track == least]

    latest = {one.uid: one for one in sorted(attempts, key=lambda one: one.at)}
    fresh = [one for one in pool if one.uid not in latest]
    if not fresh:
        history = sorted(latest, key=lambda uid: (latest[uid].at, uid))
        again = longest_ago_half((one.uid for one in pool), history)
        shares = {uid: _share(latest[uid]) for uid in again}
        weakest = min(shares.values())
        fresh = [one for one in pool if shares.get(one.uid) == weakest]
    return draw(key, fresh).uid


def _tagged(one: Candidate, company: str) -> bool:
    return company.strip().casefold() in {name.strip().casefold() for name in one.companies}


def _share(attempt: Attempted) -> float:
    """How much of the rubric the attempt met; one that was never checked counts as half met."""
    return attempt.met / attempt.of if attempt.met is not None and attempt.of else 0.5


def _nothing(track: str | None, company: str | None) -> str:
    what = " ".join(
        ["prompt", *([f"in {track}"] if track else []), *([f"tagged {company[:60]}"] if company else [])]
    )
    way = "leave one of the two out" if track and company else "leave that out"
    if not track and not company:
        return "There is no prompt to choose from: import a question pack first."
    return f"There is no {what}: {way}, or import a pack that has one."
