"""``streak`` and why it is what it is."""

from __future__ import annotations

from core.call import Call
from core.cards import streak_items
from core.commands import Allow, Command, Kind, Option
from core.plain import count
from core.rules.streak import Streak, ledger_words
from core.store import personal, practice
from core.streaks import current_streak, is_loss_due, take_loss
from core.views import Block, Button, Buttons, Choice, Fields, Message, Text, View

WHY_DAYS = 21  # lines of the ledger that are shown; three weeks fit one screen


async def streak(call: Call) -> View:
    loss = None
    async with call.app.store.read() as tx:
        found = await current_streak(tx, call.person, call.now)
        ended = is_loss_due(await practice.kept_streak(tx, call.person.id), call.now)
    if ended:  # said once: whoever says it writes it down, and only one of two at the same time does
        async with call.app.store.write() as tx:
            await personal.hold(tx, call.person.id)
            loss = await take_loss(tx, call.person, call.now)
    blocks: list[Block] = []
    if loss is not None:
        blocks.append(Text((loss.words,)))
    if call.get("view") == "why":
        return Message((*blocks, *_why(found)))
    items = streak_items(found, call.person.zone)
    blocks.append(Fields(tuple(items)))
    blocks.append(Buttons((Button("Why?", "streak:view=why"),)))
    return Message(tuple(blocks))


def _why(found: Streak) -> list[Block]:
    lines = ledger_words(found, WHY_DAYS)
    if not lines:
        return [Text(("Your ledger begins with your first answer.",))]
    left_out = len(found.ledger) - len(lines)
    head = (
        f"Your last {count(len(lines), 'day')}, the newest last" if left_out else "Your days, the newest last"
    )
    blocks: list[Block] = [
        Text((f"{head}:",), style="heading"),
        Text(("\n".join(f"- {line}" for line in lines),)),
    ]
    if left_out:
        blocks.append(
            Text((f"... and {count(left_out, 'earlier day')}: “me export” has all of them.",), style="note")
        )
    return blocks


COMMANDS = (
    Command(
        "streak",
        "Your streak, your best, your savers; and why, day by day.",
        streak,
        (
            Option(
                "view",
                "today, or why: the ledger in words",
                Kind.CHOICE,
                choices=(Choice("Today", "today"), Choice("Why", "why")),
            ),
        ),
        allow=Allow.ANYONE,
    ),
)
