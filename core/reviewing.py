"""What happens to a review: what is asked of its writer, and what it brings. One transaction each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from core.errors import NotFound, UsageError
from core.plain import count
from core.review_items import title_of
from core.rules.days import day_of
from core.rules.minimum import word_count
from core.rules.reviewing import COUNTED_ITEMS, COUNTED_WORDS, KEPT_WORDS, counts
from core.rules.scoring import Award, for_helpful, for_review
from core.rules.streak import Loss, Streak
from core.services import Services
from core.store import (
    answers,
    asides,
    boards,
    codes,
    people,
    personal,
    practice,
    prompts,
    reviews,
    reviews_waiting,
)
from core.store.engine import Line, Tx
from core.store.people import Person
from core.streaks import refresh_streak, take_loss

KEEPS = f"Tick at least one item, or write a sentence of {KEPT_WORDS} words or more."
COUNTS = (
    f"With {COUNTED_ITEMS} items, or a sentence of {COUNTED_WORDS} words, a review counts for the day, too."
)


@dataclass(frozen=True, slots=True)
class Kept:
    """A review that is safe. ``award`` and ``streak`` are None where nothing new was counted."""

    anew: bool  # it stands in place of an earlier one
    counted: bool  # it counts for a day, or did when it was first written
    award: Award | None
    streak: Streak | None
    loss: Loss | None


async def open_to(tx: Tx, person_id: int, answer_id: int, now: datetime) -> Line:
    """The shared answer (columns: ``reviews_waiting.reviewable``), if this person may review it.

    Raises NotFound for what is not shared with them or their own, UsageError where they have to answer first.
    """
    found = await reviews_waiting.reviewable(tx, person_id, answer_id, now)
    if found is None:
        raise NotFound(
            "That answer is not shared with you just now, so it cannot be reviewed. Your own you cannot review either.",
            example="review",
        )
    if not found.open:
        raise UsageError(
            "Please answer that question yourself first; then you can read and review what others share.",
            example="today",
        )
    return found


async def write(
    app: Services,
    person: Person,
    answer_id: int,
    *,
    seen: Sequence[str],
    missing: Sequence[str],
    words: str,
    now: datetime,
) -> Kept:
    """Keep a review with its day and points, and tell the answer's writer. Raises as ``open_to``."""
    async with app.store.write() as tx:
        person = await _held(tx, person)
        about = await open_to(tx, person.id, answer_id, now)
        before = await reviews.keep(
            tx, answer_id, person.id, seen=seen, missing=missing, words=words, now=now
        )
        award, streak, loss = None, None, None
        enough = counts(len(seen) + len(missing), word_count(words))
        counted = await reviews.is_logged(tx, answer_id, person.id)
        if enough and not counted:
            loss = await take_loss(tx, person, now)
            award = await _count(app, tx, person, about, now)
            streak = await refresh_streak(tx, person, now)
        if (before is None or before.withdrawn_at is not None) and await reviews.is_news(tx, answer_id, now):
            title = title_of(await prompts.get_prompt(tx, about.prompt_id))
            told = f"Your answer to “{title}” has been reviewed. “reviews” shows it beside the checklist."
            await asides.add(tx, about.person_id, told, now)
    standing = before is not None and before.withdrawn_at is None
    return Kept(standing, enough or counted, award, streak, loss)


async def _held(tx: Tx, person: Person) -> Person:
    """The person, or who they are since a joining that was quicker; nobody else changes them meanwhile.

    Whose answer it is gets a line that names them (an aside), so two who review each other never wait for both.
    """
    await personal.hold(tx, person.id, nameable=True)
    there = await people.get_person(tx, person.id)
    if there is None and (now_id := await codes.person_now(tx, person.id)) is not None:
        await personal.hold(tx, now_id, nameable=True)
        there = await people.get_person(tx, now_id)
    if there is None:
        raise NotFound("There is nothing about you here any more. Say it once more, and you begin anew.")
    return there


async def _count(app: Services, tx: Tx, person: Person, about: Line, now: datetime) -> Award:
    day = day_of(now, person.zone, person.cutoff)
    await practice.log(
        tx,
        person_id=person.id,
        kind="review",
        track=about.track,
        answer_id=about.id,
        counts=True,
        at=now,
        day=day,
        zone=person.zone,
        cutoff=person.cutoff_minutes,
    )
    paid = await reviews.paid_on(tx, person.id, about.group_id, day)
    award = for_review(paid, rules=app.points)
    await boards.award(
        tx,
        award,
        person_id=person.id,
        group_id=about.group_id,
        track=about.track,
        day=day,
        now=now,
        answer_id=about.id,
    )
    return award


async def withdraw(app: Services, person: Person, answer_id: int, now: datetime) -> int:
    """Take one's review of an answer back; its points go, its day stays. How many points it were.

    Also of an answer that is not shared any more. Raises NotFound where there is none to take back.
    """
    async with app.store.write() as tx:
        person = await _held(tx, person)
        found = await reviews.of(tx, answer_id, person.id)
        if found is None or found.withdrawn_at is not None:
            raise NotFound("There is no review of yours to take back.", example="review")
        return await reviews.withdraw(tx, found, now)


@dataclass(frozen=True, slots=True)
class Helped:
    """A review that its reader marked. ``new``: False when they had done so before."""

    answer_id: int
    new: bool


async def mark_helpful(app: Services, reader: Person, review_id: int, now: datetime) -> Helped:
    """Note that a review helped the answer's writer, once: its reviewer is told, and may earn points.

    Raises NotFound for what is no review of an answer of theirs, or taken back.
    """
    async with app.store.write() as tx:
        found = await reviews.get(tx, review_id)
        if found is not None:
            await personal.hold(tx, found.reviewer_id, nameable=True)
            found = await reviews.get(tx, review_id)  # as it stands, now that nobody else changes it
        about = await answers.get(tx, found.answer_id) if found is not None else None
        if found is None or about is None or about.person_id != reader.id or found.withdrawn_at is not None:
            raise NotFound("That review is not there, or taken back meanwhile.", example="reviews")
        reviewer = await people.get_person(tx, found.reviewer_id)
        if reviewer is None or reviewer.id == reader.id or not await reviews.mark_helpful(tx, found.id, now):
            return Helped(about.id, False)
        paid = about.group_id is not None and await reviews.is_paid(tx, about.id, reviewer.id)
        award = for_helpful(review_paid=paid, rules=app.points)
        if about.group_id is not None:
            await boards.award(
                tx,
                award,
                person_id=reviewer.id,
                group_id=about.group_id,
                track=about.track,
                day=day_of(now, reviewer.zone, reviewer.cutoff),
                now=now,
                answer_id=about.id,
            )
        points = f" +{count(award.points, 'point')}." if award.points else ""
        title = title_of(await prompts.get_prompt(tx, about.prompt_id))
        thanks = f"Your review of an answer to “{title}” helped the one who wrote it. Thank you!"
        await asides.add(tx, reviewer.id, f"{thanks}{points}", now)
    return Helped(about.id, True)
