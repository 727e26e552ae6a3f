"""How a drop's day went, in the little that is said about it: who is named, and when nobody is."""

from __future__ import annotations

from core.cards import Recap
from core.store import shares
from core.store.engine import Tx
from core.store.occurrences import Drop

NAMED = 3  # streaks; and first-timers, of whom there may be more in a young group
FIRST_NAMED = 5
STREAK_FROM = 3  # days: what is shorter is not yet a streak that its owner would show around
CROWD = 5  # so many answer that a name says nothing about whose the nameless answer is


async def recap_for(tx: Tx, drop: Drop) -> Recap:
    """The recap of ``drop`` as its day ends: streaks are those that stand when it closes. One that has gone on or
    ended since is left out, since a card that is written anew days later must not tell of days after its own.

    Hidden members are counted and not named. Where an answer is shared without a name and only few answered,
    nobody is named: who else could it be?
    """
    rows = await shares.recap_of(tx, drop.id)
    shared = await shares.shared_count(tx, drop.id)
    give_away = any(r.anonymous for r in rows) and len(rows) < CROWD
    named = [r for r in rows if r.shown and not give_away]
    firsts = [r.name for r in named if r.first]
    streaks = [
        (r.name, r.current)
        for r in named
        if r.current is not None
        and r.current >= STREAK_FROM
        and r.reached_at <= drop.closes_at
        and (r.lapses_at is None or r.lapses_at > drop.closes_at)
    ]
    streaks.sort(key=lambda pair: -pair[1])
    return Recap(
        answered=len(rows),
        shared=shared,
        first_timers=tuple(firsts[:FIRST_NAMED]),
        improved=sum(r.newly_met > 0 for r in rows),
        streaks=tuple(streaks[:NAMED]),
    )
