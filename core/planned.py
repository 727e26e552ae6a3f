"""A group's schedules as organisers name them, and as they are shown to them."""

from __future__ import annotations

from core.call import Call
from core.errors import NotFound, UsageError
from core.kinds import days_words
from core.packs.vocabulary import TRACK_TITLES
from core.store import facts, schedules
from core.store.engine import Tx
from core.store.schedules import Schedule
from core.views import When, Words, words

STATE_WORDS = {"active": "running", "paused": "paused", "disabled": "switched off"}


def group_id(call: Call) -> int:
    assert call.group is not None  # allow=ORGANISER
    return call.group.id


async def named(tx: Tx, call: Call) -> Schedule:
    """The schedule with the number that was given, to be changed; the only one there is when none was."""
    found = await schedules.of_group(tx, group_id(call), hold=True)
    number = call.get("number")
    if number is not None:
        chosen = next((s for s in found if s.id == number), None)
        if chosen is not None:
            return chosen
        listed = ", ".join(str(s.id) for s in found) or "none yet"
        raise NotFound(f"There is no schedule {number} here. There are: {listed}.", example="drops list")
    if len(found) == 1:
        return found[0]
    if not found:
        raise NotFound("There is no schedule here yet.", example="drops add time: 09:00")
    listed = ", ".join(f"{s.id} ({s.rule.local_time:%H:%M})" for s in found)
    raise UsageError(
        f"There are several schedules: {listed}. Say which one.",
        example=f"{call.command.path} number: {found[0].id}",
    )


def _tracks(schedule: Schedule) -> str:
    return ", ".join(TRACK_TITLES[t].lower() for t in schedule.tracks) or "all tracks"


def line(schedule: Schedule) -> Words:
    packs = f", packs {', '.join(schedule.packs)}" if schedule.packs else ""
    extras = [name for name, on in (("thread", schedule.thread), ("recap", schedule.recap)) if on]
    with_ = f", with {' and '.join(extras)}" if extras else ""
    head = (
        f"{schedule.rule.local_time:%H:%M} {schedule.rule.zone}, {days_words(schedule.rule.weekdays)}, "
        f"{_tracks(schedule)}{packs}{with_}: {STATE_WORDS.get(schedule.state, schedule.state)}"
    )
    if schedule.reason:
        head += f" ({schedule.reason})"
    if schedule.next_due_at is None:
        return words(head + ".")
    return words(head + ", next ", When(schedule.next_due_at, schedule.rule.zone), ".")


async def note(tx: Tx, call: Call, action: str, detail: str) -> None:
    await facts.note_action(tx, group_id(call), call.person.id, action, detail, call.now)
