"""``doctor``: what will fail before it does, each with the way out."""

from __future__ import annotations

from core.call import Call
from core.commands import Allow, Command
from core.doctor import look
from core.plain import count
from core.views import Block, Bold, Button, Buttons, Fields, Message, Text, View, words


async def doctor(call: Call) -> View:
    """Every part with its facts, what to see to in it, and at the end how much that is."""
    assert call.group is not None  # allow=ORGANISER
    at_home = call.request.who.platform == "console"
    parts = await look(call.app, call.group, call.now, at_home=at_home)
    blocks: list[Block] = [Text((f"How {call.group.name} is doing",), style="title")]
    for part in parts:
        blocks.append(Text((part.title,), style="heading"))
        blocks.append(Fields(part.facts))
        for found in part.findings:
            blocks.append(Text(words(Bold("See to this:"), " ", *found.what, " ", *found.fix)))
            if found.buttons:
                blocks.append(Buttons(found.buttons))
    all_found = sum(len(part.findings) for part in parts)
    end = f"{count(all_found, 'thing')} to see to." if all_found else "All is well."
    blocks.append(Text(words(Bold(end))))
    blocks.append(Buttons((Button("Look again", "doctor"), Button("Schedules", "drops list"))))
    return Message(tuple(blocks))


COMMANDS = (
    Command(
        "doctor",
        "What will fail before it does: channels, schedules, deliveries, clock, database, packs.",
        doctor,
        allow=Allow.ORGANISER,
        slow=True,
        area="organise",
    ),
)
