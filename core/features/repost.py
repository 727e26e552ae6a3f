"""What ``doctor``'s button does: a post that may not have arrived is sent once more."""

from __future__ import annotations

from core.call import Call
from core.commands import Allow, Command, Kind, Option
from core.errors import NotFound, UsageError
from core.planned import group_id, note
from core.store import reposts
from core.store.deliveries import AMBIGUOUS, PENDING, SENDING, SENT
from core.views import Block, Button, Buttons, Message, Text, Typed, View, words

_DOCTOR = Buttons((Button("Doctor", "doctor"),))


async def repost(call: Call) -> View:
    """Send the delivery once more, if it is still in doubt, its question is open and its channel is on.

    Pressed twice it acts once: the first press ends the doubt.
    """
    key = call.values["key"]
    async with call.app.store.write() as tx:
        row = await reposts.row_of(tx, group_id(call), key)
        if row is None:
            raise NotFound("There is no such post here any more.", example="doctor")
        until = reposts.open_until(row, call.now, call.app.limits.draft_life)
        if row.state == AMBIGUOUS and until is None:
            raise UsageError("That question is closed by now, so it is not posted again.", example="today")
        if row.state == AMBIGUOUS and row.home_state != "active":
            raise UsageError(
                f"Nothing is posted in {row.home_name} at present: {row.home_reason or row.home_state}. "
                "Put that right first.",
                example="doctor",
            )
        done = until is not None and await reposts.put_on_its_way(tx, key, call.now, until)
        if done:
            await note(tx, call, "repost", key)
    if not done:
        return _said(_state_words(row.state))
    call.app.wake()
    what = "The question" if row.kind == "drop" else "The test post"
    twice = "Should the first one appear after all, both are the same question, and answers count once."
    return _said(
        f"{what} is on its way to {row.home_name} once more.", *((twice,) if row.kind == "drop" else ())
    )


def _state_words(state: str) -> str:
    if state in (PENDING, SENDING):
        return "It is on its way already; nothing more was sent."
    if state == SENT:
        return "It is there by now; nothing more was sent."
    return "It is not in doubt any more, so nothing was sent."


def _said(*paragraphs: str) -> Message:
    blocks: list[Block] = [Text((p,)) for p in paragraphs]
    blocks.append(Text(words("What else there is to see to: ", Typed("doctor")), style="note"))
    return Message((*blocks, _DOCTOR))


COMMANDS = (
    Command(
        "repost",
        "Send a post that may not have arrived once more (what doctor's button does).",
        repost,
        (Option("key", "Which post", Kind.TEXT, required=True, most=25),),
        allow=Allow.ORGANISER,
        listed=False,
        area="organise",
        once=True,
    ),
)
