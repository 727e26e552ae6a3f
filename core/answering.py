"""What happens to an answer: stored first, read second. No later failure may lose it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import structlog

from core.comparing import Comparison, Earlier, compare
from core.corrections import checklist_items, is_corrected, machine_met, met, read_answer
from core.delivery.redraw import touch_cards
from core.errors import AlreadyKept, NotFound, StoreError
from core.feedback import Reading
from core.plain import clean_text, shown
from core.rules.days import day_of
from core.rules.minimum import counts as does_count
from core.rules.minimum import word_count
from core.rules.scoring import Award, for_answer, for_improvement
from core.rules.streak import Loss, Practised, Streak
from core.services import Services
from core.store import (
    answers,
    boards,
    codes,
    corrections,
    heard,
    occurrences,
    people,
    personal,
    practice,
    prompts,
    recording,
)
from core.store.answers import Answer
from core.store.corrections import Correction
from core.store.engine import Line, Tx
from core.store.people import Person
from core.store.prompts import StoredPrompt
from core.streaks import is_loss_due, refresh_streak, streak_of, take_loss

log = structlog.get_logger(__name__)

STAR = ("behavioural",)  # tracks whose answers the STAR reader judges; the others have their rubric to tick
PARTS = {"S": "Situation", "T": "Task", "A": "Action", "R": "Result"}


@dataclass(frozen=True, slots=True)
class Recorded:
    """An answer that is safe, and what it brought."""

    answer: Answer
    award: Award | None
    streak: Streak
    loss: Loss | None  # a streak that had ended unsaid: this is the once


@dataclass(frozen=True, slots=True)
class Feedback:
    """The reading of a kept answer, with its writer's corrections in it.

    ``newly_met`` are keys met now and in no earlier attempt, ``earlier`` the attempts it was compared with (in
    ``comparison``, item by item). ``ticked`` are the items of their own rubric that the writer has ticked already,
    ``corrected`` the places that they put right.
    """

    reading: Reading | None
    newly_met: tuple[str, ...]
    earlier: int  # attempts it was compared with
    award: Award | None
    ticked: tuple[str, ...] = ()
    comparison: Comparison | None = None
    corrected: tuple[str, ...] = ()


def joined_parts(parts: Mapping[str, str]) -> str:
    """A guided answer as one text: its parts under each other."""
    return "\n".join(parts[k] for k in PARTS if parts.get(k))


async def record(
    app: Services,
    person: Person,
    prompt: StoredPrompt,
    text: str,
    now: datetime,
    *,
    group_id: int | None,
    occurrence_id: int | None,
    parts: Mapping[str, str] | None = None,
    outcome: str = "",
    source: str | None = None,
) -> Recorded:
    """Store an answer with its day, base points and sums, and the streak, in one transaction.

    ``source`` names the message it is taken from ("discord:123"). Raises AlreadyKept when that one is an answer.
    Where the writer or the group was joined with another since the act began, it is that one's.
    """
    text = clean_text(text)
    words = word_count(text)
    counts = does_count(prompt.track, words, bool(outcome))
    day = day_of(now, person.zone, person.cutoff)
    joined: tuple[Person, int | None, int | None] | None = None
    async with app.store.write() as tx:
        await personal.hold(tx, person.id)  # two answers at once: each has its attempt, one its points
        if source is not None:
            await _check_new(tx, source)
        prior = await recording.before(tx, person.id, prompt.id, group_id, day)
        if prior is None or not prior.shown:
            joined = await _joined(tx, person, group_id, occurrence_id, gone=prior is None)
        if joined is not None:
            person, group_id, occurrence_id = joined
            await personal.hold(tx, person.id)
            day = day_of(now, person.zone, person.cutoff)
            prior = await recording.before(tx, person.id, prompt.id, group_id, day)
        if prior is None:
            raise NotFound("There is nothing about you here any more. Say it once more, and you begin anew.")
        loss = await take_loss(tx, person, now) if is_loss_due(prior.kept, now) else None
        award = for_answer(prompt.track, counts, prior.paid, app.points) if group_id is not None else None
        just = Practised(now, counts)
        streak = await streak_of(tx, person, prior.life, now, just)
        answer = await recording.keep(
            tx,
            person,
            prior,
            award,
            prompt_id=prompt.id,
            group_id=group_id,
            occurrence_id=occurrence_id,
            track=prompt.track,
            text=text,
            parts=dict(parts) if parts else None,
            outcome=outcome,
            words=words,
            counts=counts,
            at=now,
            day=day,
            source=source,
            streak_=streak if counts else None,
        )
        if occurrence_id is not None:
            await touch_cards(tx, app, occurrence_id, now)
    return Recorded(answer, award, streak, loss)


async def _joined(
    tx: Tx, person: Person, group_id: int | None, occurrence_id: int | None, *, gone: bool
) -> tuple[Person, int | None, int | None] | None:
    """Who ``person``, and what the group, is since a joining that was quicker than the act; None: nothing was.

    A joined reminder's day may be gone with the reminder: the answer is then to no day.
    """
    who: Person | None = person
    if gone:
        now_id = await codes.person_now(tx, person.id)
        who = await people.get_person(tx, now_id) if now_id is not None else None
    group = await codes.group_now(tx, group_id) if group_id is not None else None
    if who is None or (who is person and group is None):
        return None
    if occurrence_id is not None and await occurrences.get_drop(tx, occurrence_id) is None:
        occurrence_id = None
    return who, group_id if group is None else group, occurrence_id


async def _check_new(tx: Tx, source: str) -> None:
    """Its writer is held by now, so nobody else makes an answer of that message meanwhile."""
    there = await heard.answer_from(tx, source)
    if there is not None:
        raise AlreadyKept(
            f"That message is your answer to “{shown(there.title or there.text, 80)}” already, so nothing was "
            "stored twice."
        )


async def _base_award(
    app: Services,
    tx: Tx,
    person: Person,
    track: str,
    counts: bool,
    group_id: int | None,
    day: date,
    now: datetime,
    answer_id: int,
) -> Award | None:
    if group_id is None:
        return None
    paid = await boards.paid_tracks(tx, person.id, day, group_id)
    award = for_answer(track, counts, frozenset(paid), app.points)
    if award.points:
        await boards.award(
            tx,
            award,
            person_id=person.id,
            group_id=group_id,
            track=track,
            day=day,
            now=now,
            answer_id=answer_id,
        )
    return award


async def add_outcome(app: Services, person: Person, answer: Answer, outcome: str, now: datetime) -> Recorded:
    """Say afterwards how a coding attempt went: it counts from its own instant on."""
    async with app.store.write() as tx:
        await personal.hold(tx, person.id)
        before = await answers.get(tx, answer.id)
        if before is None:
            raise NotFound("That answer is not there any more, so nothing was changed.")
        if before.person_id != person.id:  # a joining was quicker
            await personal.hold(tx, before.person_id)
            person = await people.get_person(tx, before.person_id) or person
        loss = await take_loss(tx, person, now)
        await answers.set_outcome(tx, answer.id, outcome)
        await practice.set_counts(tx, answer.id)
        award = None
        if not before.counts:
            award = await _base_award(
                app, tx, person, before.track, True, before.group_id, before.day, now, before.id
            )
        streak = await refresh_streak(tx, person, now)
        kept = await answers.get(tx, answer.id)
    assert kept is not None
    return Recorded(kept, award, streak, loss)


async def finish(app: Services, answer: Answer, prompt: StoredPrompt, person: Person) -> Feedback:
    """Read an answer and keep its checklist and improvement points, in a second transaction. Safe to repeat.

    What is shown has the writer's corrections in it; what is earned goes by the machine's reading alone, on both sides.
    """
    earlier: Sequence[Line] = ()
    mine: Sequence[Correction] = ()
    if answer.attempt > 1:
        async with app.store.read() as tx:
            answer = (
                await answers.get(tx, answer.id) or answer
            )  # accounts and groups are joined at any moment
            earlier = await answers.earlier_checklists(tx, answer.person_id, prompt.id, answer.attempt)
    machine = read_answer(answer, prompt.text, person.level) if prompt.track in STAR else None
    items = checklist_items(machine) if machine is not None else []
    newly = _newly(met(items), [met(row.checks) for row in earlier])
    award = None
    async with app.store.write() as tx:
        await personal.hold(tx, answer.person_id)
        if earlier:
            answer = await answers.get(tx, answer.id) or answer
        kept = await answers.get_checklist(tx, answer.id)
        if kept is None:
            method = machine.tagger if machine is not None else "rubric"
            now = app.clock.now()
            await answers.add_checklist(
                tx, answer.id, method=method, checks=items, met=met(items), newly_met=len(newly), now=now
            )
            if earlier and answer.counts and answer.group_id is not None:
                award = await _improved(app, tx, answer, met(items), earlier, now)
        else:
            mine = await corrections.of(tx, answer.id)
    reading = machine
    if machine is not None and mine:
        reading = read_answer(answer, prompt.text, person.level, mine)
        newly = _newly(met(checklist_items(reading)), [met(row.checks) for row in earlier])
    return Feedback(
        reading,
        newly,
        len(earlier),
        award,
        tuple(kept.ticked) if kept is not None else (),
        compare(reading, answer.text, [_earlier(row) for row in earlier]) if reading is not None else None,
        tuple(one.place for one in mine),
    )


def _newly(now: Sequence[str], before: Sequence[Sequence[str]]) -> tuple[str, ...]:
    """The items met now and in no attempt before; none where there is no attempt before."""
    ever = {key for keys in before for key in keys}
    return tuple(key for key in now if key not in ever) if before else ()


def _earlier(row: Line) -> Earlier:
    return Earlier(row.attempt, row.checks, row.text, row.withdrawn_at is None, is_corrected(row.checks))


async def _improved(
    app: Services, tx: Tx, answer: Answer, now_met: Sequence[str], earlier: Sequence[Line], now: datetime
) -> Award:
    """The points for meeting more than in any attempt before, by what the machine itself found in each of them."""
    assert answer.group_id is not None
    before = [machine_met(row.checks) for row in earlier]
    award = for_improvement(len(now_met), max(map(len, before)), answer.counts, app.points)
    newly = _newly(now_met, before)
    if award.points or newly:
        await boards.award(
            tx,
            award,
            person_id=answer.person_id,
            group_id=answer.group_id,
            track=answer.track,
            day=answer.day,
            now=now,
            answer_id=answer.id,
            improved=len(newly),
        )
    return award


async def finish_unread(app: Services) -> int:
    """At start: read the answers that a stop left without a checklist; how many it read.

    One that cannot be read stays as it is and is logged: it must not keep Starling from starting.
    """
    async with app.store.read() as tx:
        left: Sequence[int] = await answers.unread(tx)
    done = 0
    for answer_id in left:
        async with app.store.read() as tx:
            answer = await answers.get(tx, answer_id)
            prompt = await prompts.get_prompt(tx, answer.prompt_id) if answer is not None else None
            person = await people.get_person(tx, answer.person_id) if answer is not None else None
        if answer is None or prompt is None or person is None:
            continue  # forgotten meanwhile
        try:
            await finish(app, answer, prompt, person)
            done += 1
        except StoreError:
            raise
        except Exception:
            log.exception("reading an answer failed", answer=answer_id)
    return done
