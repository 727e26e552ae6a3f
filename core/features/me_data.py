"""``me export`` and ``me forget``: one's own data, to take along and to have deleted."""

from __future__ import annotations

import asyncio

from core.call import Call
from core.commands import Allow, Command, Kind, Option
from core.delivery.redraw import touch_cards_of
from core.errors import NotAllowed, StoreError, UsageError
from core.export import as_json, as_markdown
from core.parse import action_id
from core.plain import count
from core.store import accounts, answers, codes, personal
from core.views import Block, Button, Buttons, File, Message, Text, Typed, View, words


async def me_export(call: Call) -> View:
    """Everything that is kept about the person, in two files: one for programs, one to read."""
    async with call.app.store.read() as tx:
        data = await personal.everything(tx, call.person.id)
    name = f"starling-export-{call.now:%Y-%m-%d}"
    # A few thousand answers take a moment to write out: not on the loop that everybody else waits for.
    whole = await asyncio.to_thread(as_json, data, call.now)
    readable = await asyncio.to_thread(as_markdown, data, call.now)
    sentence = (
        f"Everything Starling holds about you, {count(len(data['answers']), 'answer')} among it: as Markdown to read, "
        "and as JSON for programs. Nobody else gets these files."
    )
    return Message(
        (
            Text((sentence,)),
            File(readable, f"{name}.md", "Your data, to read"),
            File(whole, f"{name}.json", "Your data, for programs"),
        )
    )


# --- forgetting --------------------------------------------------------------------------------------------------


async def me_forget(call: Call) -> View:
    """Ask first; on a pipe, where nobody can press, ``confirm: yes`` is the answer."""
    if call.get("confirm"):
        return await _forget(call)
    async with call.app.store.read() as tx:
        held = await answers.count_of(tx, call.person.id)
    blocks: list[Block] = [
        Text(("Delete everything about you?",), style="heading"),
        Text(
            (
                f"This deletes {count(held, 'answer')} with their feedback, your reviews of others, your points, "
                "streak, settings, reminder and memberships. It cannot be undone, not from a backup either.",
            )
        ),
        Text(words("To keep a copy, first: ", Typed("me export")), style="note"),
    ]
    if not call.request.can_ask:
        blocks.append(Text(words("To do it: ", Typed("me forget confirm: yes"))))
    button = Button("Delete everything", action_id("me forget now", person=call.person.id), "danger")
    return Message((*blocks, Buttons((button, Button("Export first", "me export")))))


async def forget_now(call: Call) -> View:
    """The button's press. It names the person: one of an earlier life must not delete a later one."""
    if call.get("person") != call.person.id:
        raise NotAllowed(
            "That button is not yours, or of a time before you were forgotten. Nothing was deleted."
        )
    return await _forget(call)


async def _forget(call: Call) -> View:
    """Delete the person. Written down outside the database first, so that no backup brings them back."""
    app, me = call.app, call.person.id
    async with app.store.write() as tx:
        await personal.hold(tx, me)
        if await codes.person_now(tx, me) is not None:
            raise UsageError(
                "Your account was joined with another at this very moment, so nothing was deleted. Do it again to see "
                "what there is now.",
                example="me forget",
            )
        held = await answers.count_of(tx, me)
        keys = await personal.account_keys(tx, me)
        if await accounts.was_let_go(tx, me):
            keys = [personal.alone(key) for key in keys]
        await touch_cards_of(tx, app, me, call.now)
        await personal.erase(tx, me)
        try:
            await asyncio.to_thread(app.erased, keys)
        except OSError as error:
            raise StoreError(
                "The erasure could not be written down outside the database, so nothing was deleted. Please tell "
                "whoever runs Starling here."
            ) from error
    return Message(
        (
            Text(("You are forgotten.",), style="heading"),
            Text(
                (
                    f"{count(held, 'answer')} and everything else about you are deleted, and a backup that is put "
                    "back will forget you, too. Messages that stand in channels can be deleted there.",
                )
            ),
            Text(
                (
                    "Your next command here begins anew, as somebody Starling has never met. Good luck out there.",
                )
            ),
        )
    )


CONFIRM = Option("confirm", "yes to delete without being asked again", Kind.YESNO)
COMMANDS = (
    Command(
        "me export",
        "Everything Starling holds about you, as files: JSON and Markdown.",
        me_export,
        allow=Allow.ANYONE,
        slow=True,
        area="mine",
    ),
    Command(
        "me forget",
        "Delete you and everything you wrote, for good.",
        me_forget,
        (CONFIRM,),
        allow=Allow.ANYONE,
        area="mine",
    ),
    Command(
        "me forget now",
        "Delete everything about you (what the button does).",
        forget_now,
        (Option("person", "Your number", Kind.NUMBER, required=True),),
        allow=Allow.ANYONE,
        listed=False,
        area="mine",
    ),
)
