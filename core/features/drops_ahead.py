"""``drops preview`` and ``drops skip``: the next question, before the group sees it."""

from __future__ import annotations

from datetime import date

from core.call import Call
from core.cards import prompt_blocks
from core.commands import Allow, Command, Kind, Option
from core.delivery.due import OPEN_FOR
from core.errors import UsageError
from core.parse import action_id
from core.planned import STATE_WORDS, line, named, note
from core.prompting import choose_for_drop
from core.rules.choice import NothingToAsk
from core.store import occurrences, prompts, schedules
from core.store.engine import Tx
from core.store.schedules import Schedule
from core.views import Block, Button, Buttons, Message, Text, View, When, words


async def _coming(tx: Tx, call: Call, found: Schedule) -> occurrences.Drop:
    """The occurrence of the schedule's next date, made now when it is not there yet (it stays unsent until due)."""
    if found.next_date is None or found.next_due_at is None:
        raise UsageError(
            f"Schedule {found.id} is {STATE_WORDS.get(found.state, found.state)}, so nothing comes next.",
            example=f"drops resume number: {found.id}",
        )
    await occurrences.add_occurrences(
        tx,
        [
            {
                "schedule_id": found.id,
                "local_date": found.next_date,
                "due_at": found.next_due_at,
                "closes_at": found.next_due_at + OPEN_FOR,
                "state": "open",
                "prompt_id": None,
            }
        ],
    )
    drop = await occurrences.drop_on(tx, found.id, found.next_date)
    assert drop is not None
    return drop


async def preview(call: Call) -> View:
    """The next question, seen before the group sees it; ``replace`` draws another."""
    async with call.app.store.write() as tx:
        found = await named(tx, call)
        drop = await _coming(tx, call, found)
        try:
            if call.get("replace", False) and drop.prompt_id is not None:
                unwanted = await prompts.get_prompt(tx, drop.prompt_id)
                await occurrences.set_prompt(tx, drop.id, None)
                prompt = await choose_for_drop(tx, drop.id, avoid=(unwanted.uid,) if unwanted else ())
                await note(tx, call, "drops preview", f"{found.id}: replaced")
            else:
                prompt = await choose_for_drop(tx, drop.id)
        except NothingToAsk as error:
            raise UsageError(str(error), example="pack list") from error
    blocks: list[Block] = [
        Text(words(f"Schedule {found.id}, ", When(drop.due_at, drop.zone), ":"), style="heading"),
        *prompt_blocks(prompt),
        Buttons(
            (
                Button("Another one", action_id("drops preview", number=found.id, replace="yes")),
                Button(
                    "Skip this day",
                    action_id("drops skip day", number=found.id, date=drop.local_date.isoformat()),
                ),
            )
        ),
    ]
    return Message(tuple(blocks), track=prompt.track)


async def skip(call: Call) -> View:
    """No drop on the schedule's next date; the day is nobody's miss."""
    async with call.app.store.write() as tx:
        found = await named(tx, call)
        wanted = call.get("date")
        if wanted is not None and found.next_date is not None and found.next_date != wanted:
            return _not_next(found, wanted)
        drop = await _coming(tx, call, found)
        await occurrences.set_state(tx, drop.id, "skipped")
        await schedules.skip_to_following(tx, found)
        await note(tx, call, "drops skip", f"{found.id}: {drop.local_date.isoformat()}")
        now = await schedules.get_schedule(tx, found.id)
    assert now is not None
    return Message(
        (Text((f"No question on {drop.local_date:%a %d %b %Y}; it is nobody's miss.",)), Text(line(now)))
    )


def _not_next(found: Schedule, wanted: date) -> Message:
    """A button pressed twice, or one of an older preview, must not take the next day away, too."""
    said = f"{wanted:%a %d %b %Y} is not the next day any more: it is skipped already, or it is over."
    preview_ = Button("Preview", action_id("drops preview", number=found.id))
    return Message((Text((said,)), Text(line(found)), Buttons((preview_,))))


_NUMBER = Option("number", "Which schedule; the only one when left out", Kind.NUMBER, least=1)

COMMANDS = (
    Command(
        "drops skip",
        "Leave out the schedule's next day.",
        skip,
        (_NUMBER,),
        allow=Allow.ORGANISER,
        area="organise",
        once=True,
    ),
    Command(
        "drops preview",
        "See the next question before the group does, or draw another one.",
        preview,
        (_NUMBER, Option("replace", "Draw another one", Kind.YESNO, named=True)),
        allow=Allow.ORGANISER,
        area="organise",
    ),
    Command(
        "drops skip day",
        "Leave out that day (what the button does).",
        skip,
        (
            Option("number", "Which schedule", Kind.NUMBER, required=True, least=1),
            Option("date", "Which day", Kind.DATE, required=True),
        ),
        allow=Allow.ORGANISER,
        listed=False,
        area="organise",
    ),
)
