"""``streak`` and why it is what it is."""

from __future__ import annotations

from core.call import Call
from core.cards import streak_items
from core.commands import Allow, Command, Kind, Option
from core.parse import action_id
from core.plain import count
from core.rules.streak import Streak, ledger_words
from core.store import personal, practice
from core.streaks import current_streak, is_loss_due, take_loss
from core.views import Block, Button, Buttons, Choice, Fields, Message, Page, Text, View

PAGE = 14  # lines of the ledger on a page: two weeks, and the longest of them fit one message everywhere


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
        return _why(call, found, blocks)
    items = streak_items(found, call.person.zone)
    blocks.append(Fields(tuple(items)))
    blocks.append(Buttons((Button("Why?", action_id("streak", view="why")),)))
    return Message(tuple(blocks))


def _why(call: Call, found: Streak, above: list[Block]) -> View:
    """The ledger, a page at a time: the first has the newest days, and each its newest last."""
    total = len(found.rows)
    pages = max(1, -(-total // PAGE))
    page = min(call.get("page", 1), pages)
    lines = ledger_words(found, PAGE, (page - 1) * PAGE)
    if pages == 1:
        head = "Your days, the newest last:"
    elif page == 1:
        head = f"Your last {count(len(lines), 'day')} of {total:,}, the newest last:"
    else:
        head = f"Earlier days of yours, {total:,} in all, the newest last:"
    text = Text(("\n".join(f"- {line}" for line in lines),))
    message = Message((*above, Text((head,), style="heading"), text))
    if pages == 1:
        return message
    return Page(
        message,
        page,
        pages,
        action_id("streak", view="why", page=page - 1) if page > 1 else None,
        action_id("streak", view="why", page=page + 1) if page < pages else None,
    )


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
            Option("page", "Which page of why", Kind.NUMBER, named=True, least=1, most=1_000),
        ),
        allow=Allow.ANYONE,
    ),
)
