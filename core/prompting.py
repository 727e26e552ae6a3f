"""Choosing prompts: the rules decide, the store remembers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from core.answering import STAR
from core.errors import NotFound
from core.feedback import TITLES
from core.rules.choice import Attempted, Candidate, NothingToAsk, Used, for_occurrence, for_person
from core.services import Services
from core.store import answers, occurrences, prompts
from core.store.engine import Tx
from core.store.occurrences import Drop
from core.store.people import Person
from core.store.prompts import StoredPrompt

OPENING = "starter-behavioural/proud-project"  # what a group is asked first of all, when its packs have it


def _candidate(found: StoredPrompt) -> Candidate:
    return Candidate(
        uid=found.uid,
        track=found.track,
        levels=found.levels,
        retired=found.retired,
        url=found.url or None,
        companies=frozenset(found.many("companies")),
    )


async def prompt_of_drop(app: Services, drop: Drop) -> StoredPrompt:
    """The drop's prompt; chosen now, once, whichever home, process or member needs it first.

    Raises NotFound when the schedule's tracks and packs have no prompt left.
    """
    if drop.prompt_id is None:
        try:
            async with app.store.write() as tx:
                return await choose_for_drop(tx, drop.id)
        except NothingToAsk as error:
            raise NotFound(str(error), example="practice") from error
    async with app.store.read() as tx:
        found = await prompts.get_prompt(tx, drop.prompt_id)
    assert found is not None  # a foreign key holds it
    return found


async def choose_for_drop(tx: Tx, occurrence_id: int, *, avoid: Sequence[str] = ()) -> StoredPrompt:
    """Choose and store the prompt of an occurrence that has none; ``avoid`` are uids not wanted (a replacement)."""
    drop = await occurrences.lock_drop(tx, occurrence_id)
    assert drop is not None
    if drop.prompt_id is not None:
        found = await prompts.get_prompt(tx, drop.prompt_id)
        assert found is not None
        return found
    chosen = await _choose(tx, drop, avoid)
    await occurrences.set_prompt(tx, drop.id, chosen.id)
    return chosen


async def _choose(tx: Tx, drop: Drop, avoid: Sequence[str]) -> StoredPrompt:
    pool = await prompts.candidates(tx, drop.group_id, drop.tracks, drop.packs)
    by_uid = {p.uid: p for p in pool}
    if drop.group_id is None:
        assert drop.person_id is not None
        uid = await _for_person(tx, drop.person_id, pool, None, None, None, f"d{drop.id}")
        return by_uid[uid]
    uid_of = {p.id: p.uid for p in pool}
    used = [
        Used(uid=uid_of.get(r.prompt_id, ""), track=r.track)
        for r in await occurrences.used_by_group(tx, drop.group_id)
    ]
    offered = [_candidate(p) for p in pool if p.uid not in avoid] or [_candidate(p) for p in pool]
    tracks = drop.tracks or tuple(dict.fromkeys(p.track for p in pool))
    uid = for_occurrence(
        offered,
        used,
        tracks,
        key=f"{drop.schedule_id}/{drop.local_date.isoformat()}",
        first_ever=not used,
        opening=OPENING,
    )
    return by_uid[uid]


async def prompt_for_person(
    tx: Tx,
    person: Person,
    group_id: int | None,
    *,
    track: str | None,
    level: str | None,
    company: str | None,
    key: str,
) -> StoredPrompt:
    """One prompt now, chosen for this person; NothingToAsk says what to change."""
    pool = await prompts.candidates(tx, group_id)
    uid = await _for_person(tx, person.id, pool, track, level or person.level, company, key)
    return next(p for p in pool if p.uid == uid)


async def _for_person(
    tx: Tx,
    person_id: int,
    pool: Sequence[StoredPrompt],
    track: str | None,
    level: str | None,
    company: str | None,
    key: str,
) -> str:
    uid_of = {p.id: p.uid for p in pool}
    attempted = [
        Attempted(
            uid=uid_of.get(r.prompt_id, ""),
            track=r.track,
            at=r.at,
            met=len(r.met) if r.met is not None else None,
            of=len(TITLES) if r.track in STAR else None,
        )
        for r in await answers.attempts(tx, person_id)
    ]
    last = await answers.last_ask(tx, person_id)
    return for_person(
        [_candidate(p) for p in pool],
        attempted,
        track=track,
        level=level,
        company=company,
        due=(),
        last=uid_of.get(last.prompt_id) if last is not None else None,
        key=key,
    )


async def open_question(
    tx: Tx, person: Person, group_id: int | None, now: datetime, drops: Sequence[Drop]
) -> tuple[Drop | None, int | None]:
    """What a bare ``answer`` is about: (drop, prompt id), newest first.

    The newest open drop the person has not answered, or a prompt they were given since (``practice``), whichever
    was put to them later: nobody's practice answer lands on the group's question (docs/decisions/0005).
    """
    done = await answers.answered(tx, person.id, [d.id for d in drops])
    waiting = next((d for d in drops if d.id not in done), None)
    last = await answers.last_ask(tx, person.id)
    if last is not None and last.occurrence_id is None and (waiting is None or last.at >= waiting.due_at):
        fresh = (now - last.at).total_seconds() < 24 * 3600
        if fresh and not await answers.answered_since(tx, person.id, last.prompt_id, last.at):
            return None, last.prompt_id
    return waiting, waiting.prompt_id if waiting else None
