"""``me show``, ``me hide``, ``me leave``: what Starling knows of somebody, and their place in a group."""

from __future__ import annotations

from core.call import Call
from core.commands import Allow, Command, Kind, Option
from core.delivery.redraw import touch_cards_of
from core.errors import NotFound
from core.parse import action_id
from core.profile import reminder_words, settings_items, settle, vacations_ahead
from core.store import membership, people, personal, schedules
from core.store.people import Group
from core.views import Block, Bold, Button, Buttons, Fields, Message, Text, Typed, View, Words, say, words

NO_GROUP = (
    "You are in no study group, so there is nothing to {0}. A first command in a group's channel joins it."
)


async def me_show(call: Call) -> View:
    """Everything the person has set, and where they stand."""
    person = call.person
    async with call.app.store.read() as tx:
        vacations = await vacations_ahead(tx, person, call.now)
        groups = await personal.memberships(tx, person.id)
        reminder = await schedules.reminder_of(tx, person.id)
        accounts = await people.accounts_of(tx, person.id)
    items: list[tuple[str, Words]] = settings_items(person, vacations, call.now)
    for row in groups:
        active = (
            ", speaks for you in direct messages"
            if row.id == person.active_group_id and len(groups) > 1
            else ""
        )
        items.append(
            ("Group", words(row.name, f": {'hidden from' if row.hidden else 'shown on'} its board{active}"))
        )
    if not groups:
        items.append(("Group", words("none")))
    items.append(("Reminder", words(reminder_words(reminder))))
    items += [("Account", words(f"{row.platform}: ", row.name)) for row in accounts]
    buttons = (Button("Change settings", "me change"), Button("Export my data", "me export"))
    return Message((Text((person.name,), style="title"), Fields(tuple(items)), Buttons(buttons)))


async def me_hide(call: Call) -> View:
    """Off the group's board, or on it again; without a word it is turned round."""
    if call.group is None or call.member is None:
        raise NotFound(NO_GROUP.format("hide from"))
    hidden: bool = call.get("hidden", not call.member.hidden)
    async with call.app.store.write() as tx:
        await membership.hide(tx, call.group.id, call.person.id, hidden)
        if hidden != call.member.hidden:
            await touch_cards_of(tx, call.app, call.person.id, call.now, call.group.id)
    name = Bold(call.group.name)
    if hidden:
        head = words(
            "You are hidden from the board of ",
            name,
            ". You still see your own place there; nobody else does.",
        )
        button = Button("Show me again", action_id("me hide", hidden="no"))
    else:
        head = words("You are shown on the board of ", name, ".")
        button = Button("Hide me", action_id("me hide", hidden="yes"))
    return Message((Text(head), Buttons((button,))))


# --- leaving ---------------------------------------------------------------------------------------------------------


async def me_leave(call: Call) -> View:
    """Ask first; on a pipe, where nobody can press, ``confirm: yes`` is the answer."""
    if call.group is None or call.member is None:
        raise NotFound(NO_GROUP.format("leave"))
    if call.get("confirm"):
        return await _leave(call, call.group)
    blocks: list[Block] = [
        Text(words("Leave ", Bold(call.group.name), "?"), style="heading"),
        Text(
            (
                "You go off its board and get nothing for it any more. Your answers, points, streak and reminder stay "
                "yours, and a command in its channel brings you back.",
            )
        ),
    ]
    if not call.request.can_ask:
        blocks.append(Text(words("To do it: ", Typed("me leave confirm: yes"))))
    button = Button("Leave the group", action_id("me leave now", group=call.group.id), "danger")
    return Message((*blocks, Buttons((button,))))


async def leave_now(call: Call) -> View:
    """The button's press. It names the group: a second press must not leave the next one."""
    async with call.app.store.read() as tx:
        mine = {g.id: g for g in await people.groups_of(tx, call.person.id)}
    group = mine.get(call.get("group"))
    if group is None:
        return say("You are not in that group any more, so there is nothing to leave.")
    return await _leave(call, group)


async def _leave(call: Call, group: Group) -> View:
    async with call.app.store.write() as tx:
        await membership.leave(tx, group.id, call.person.id, call.now)
        await settle(tx, call.person.id, call.now)
        left = await people.groups_of(tx, call.person.id)
        await touch_cards_of(tx, call.app, call.person.id, call.now, group.id)
    blocks = [Text(words("You have left ", Bold(group.name), ". Everything you wrote is kept, and yours."))]
    if left and call.person.active_group_id == group.id:
        blocks.append(Text(words("In direct messages you now speak for ", Bold(left[0].name), ".")))
    return Message(tuple(blocks))


COMMANDS = (
    Command(
        "me show",
        "What you have set: zone, level, days, groups, reminder, accounts.",
        me_show,
        allow=Allow.ANYONE,
        area="mine",
    ),
    Command(
        "me hide",
        "Hide from the group's board, or be shown again.",
        me_hide,
        (Option("hidden", "yes to hide, no to be shown; turned round when left out", Kind.YESNO),),
        allow=Allow.ANYONE,
        area="mine",
    ),
    Command(
        "me leave",
        "Leave this group. What you wrote stays yours.",
        me_leave,
        (Option("confirm", "yes to leave without being asked again", Kind.YESNO),),
        allow=Allow.ANYONE,
        area="mine",
    ),
    Command(
        "me leave now",
        "Leave a group (what the button does).",
        leave_now,
        (Option("group", "The group's number", Kind.NUMBER, required=True),),
        allow=Allow.ANYONE,
        listed=False,
        area="mine",
    ),
)
