"""``group link`` and ``group unlink``: one group in several channels, on one platform or two."""

from __future__ import annotations

from dataclasses import replace

from core.call import Call
from core.commands import Allow, Command, Kind, Option
from core.errors import NotAllowed, UsageError
from core.linking import checked_code
from core.linking_groups import (
    Linked,
    Offered,
    Own,
    check_not_last,
    check_other,
    ending_without,
    home_words,
    link_group,
    link_place,
    offered,
    own,
    schedule_words,
    unlink_home,
)
from core.parse import action_id
from core.places import access_at, blocked, named
from core.plain import count
from core.ports import Access
from core.proving import ending, put_test_post
from core.store import codes, people, uniting
from core.store.codes import Code
from core.store.people import Group, Home
from core.store.schedules import Schedule
from core.views import Block, Bold, Button, Buttons, Fields, Message, Text, Typed, View, When, words


async def link(call: Call) -> View:
    """Make a code for this channel's group; or with one, let this channel join the group it was made for."""
    if call.request.where.direct:
        raise UsageError("A group is linked in its channels: say this in one of them.", example="group link")
    if not call.get("code"):
        return await _make(call)
    found = await checked_code(call, codes.HOME, call.values["code"])
    if call.group is None or call.home is None:
        return await _join_place(call, found)
    async with call.app.store.read() as tx:
        offer, mine = await offered(tx, found), await own(tx, call.group)
    check_other(offer, call.group.id)
    if call.get("confirm"):
        return await _join_group(call, found, call.home)
    return _ask(call, offer, mine, call.home)


async def _make(call: Call) -> View:
    if call.group is None or call.home is None:
        raise NotAllowed(
            "There is no study group here yet. To join one of another platform, an organiser there types “group "
            "link”, and you type the code here. To begin one here: “setup”."
        )
    async with call.app.store.write() as tx:
        await uniting.hold(tx, call.group.id)
        code = await codes.make(
            tx, codes.HOME, call.person.id, call.now, group_id=call.group.id, home_id=call.home.id
        )
    until = When(call.now + codes.LIFE[codes.HOME], call.group.zone)
    return Message(
        (
            Text(words("The group's code: ", Bold(code)), style="title"),
            Text(
                words(
                    "On the other platform, in the channel that should join ",
                    Bold(call.group.name),
                    ", an organiser types: ",
                    Typed(f"group link code: {code}"),
                )
            ),
            Text(
                words(
                    "It works once, until ",
                    until,
                    f". The questions of {call.home.name} appear there, too, from the "
                    "next one on; there is one board, and everybody's streak is one.",
                ),
                style="note",
            ),
        )
    )


# --- a channel that is in no group ----------------------------------------------------------------------------------


async def _join_place(call: Call, found: Code) -> View:
    where = call.request.where
    access = await access_at(call.app, where.platform, where.server_id, where.channel_id)
    if access is not None and access.unfit:
        raise UsageError(
            f"{named(access, where.name)} is {access.unfit}: questions go to a text channel. Type the code in one.",
            example="group link code: BCDF-2345",
        )
    place = replace(where, name=named(access, where.name))
    async with call.app.store.write() as tx:
        await people.hold_server(tx, place)
        linked = await link_place(tx, found, place, place.name, call.person.id, call.now)
        if not blocked(access):
            await put_test_post(call, tx, linked.home)
    call.app.wake()
    return _linked(linked, access)


# --- a channel whose group becomes a part of the other --------------------------------------------------------------


def _ask(call: Call, offer: Offered, mine: Own, home: Home) -> View:
    theirs = ", ".join(map(home_words, offer.homes))
    members, planned = count(mine.members, "member"), count(len(mine.schedules), "schedule")
    blocks: list[Block] = [
        Text(words(f"Make {mine.group.name} a part of ", Bold(offer.group.name), "?"), style="heading"),
        Text(
            (
                f"This channel's group, {mine.group.name}, has {members} and {planned}. {offer.group.name} is in "
                f"{theirs}.",
            )
        ),
        Text(
            (
                f"The two become one: its members, answers, points and question packs go to {offer.group.name}, with "
                "one board for all. Who is in both stands on it once, and points that one person could not have "
                "earned on one day go. Questions that are open can still be answered.",
            )
        ),
    ]
    if mine.schedules:
        names = "; ".join(map(schedule_words, mine.schedules))
        blocks.append(
            Text(
                (
                    f"Its own schedules end: {names}. The questions of {offer.home.name} come to {home.name} instead.",
                )
            )
        )
    others = [h for h in mine.homes if h.id != home.id]
    if others:
        names = ", ".join(map(home_words, others))
        blocks.append(Text((f"{names} stay with the group, without questions until you plan some there.",)))
    blocks.append(Text(("It cannot be taken back.",), style="note"))
    code = call.values["code"]
    if not call.request.can_ask:
        blocks.append(Text(words("To do it: ", Typed(f"group link code: {code} confirm: yes"))))
    yes = action_id("group link", code=codes.plain(code), confirm="yes")
    return Message((*blocks, Buttons((Button("Make them one group", yes, "danger"),))))


async def _join_group(call: Call, found: Code, home: Home) -> View:
    access = await access_at(call.app, home.platform, home.server_id, home.channel_id)
    async with call.app.store.write() as tx:
        linked = await link_group(tx, call.app, found, home.id, call.person.id, call.now)
        if not blocked(access):
            await put_test_post(call, tx, home)
    call.app.wake()
    return _linked(linked, access)


def _linked(linked: Linked, access: Access | None) -> View:
    group, home = linked.offer.group, linked.home
    coming = [s.next_due_at for s in linked.posting if s.next_due_at is not None]
    facts = [("Channels", words(", ".join(map(home_words, (*linked.offer.homes, home)))))]
    if linked.posting:
        facts.append(("Questions", words("; ".join(map(schedule_words, linked.posting)))))
    if coming:
        facts.append(("First question", words(When(min(coming), group.zone))))
    if linked.ended:
        facts.append(("Ended", words("; ".join(map(schedule_words, linked.ended)))))
    blocks: list[Block] = [
        Text((f"{home.name} is in {group.name} now.",), style="title"),
        Fields(tuple(facts)),
        Text(
            words("Members who are on both platforms join their accounts with ", Typed("me link"), "."),
            style="note",
        ),
    ]
    if not linked.posting:
        none = f"No schedule posts in {linked.offer.home.name}, so none posts here either. Plan one: "
        blocks.append(Text(words(none, Typed("drops add time: 09:00"))))
    return Message((*blocks, *ending(access, home.id, named(access, home.name))))


# --- leaving --------------------------------------------------------------------------------------------------------


async def unlink(call: Call) -> View:
    """Let this channel leave its group. Asked first."""
    if call.home is None or call.group is None:
        raise UsageError(
            "A channel leaves its group in that very channel: say this there.", example="group unlink"
        )
    if call.request.where.channel_id != call.home.channel_id:  # the server's oldest stands in for it
        raise UsageError(
            f"This channel is none of {call.group.name}'s. A channel leaves its group in that very channel: say this "
            f"in {call.home.name}, or wherever else it lives here.",
            example="group unlink",
        )
    async with call.app.store.read() as tx:
        check_not_last(call.group, await people.homes_of(tx, call.group.id))
        ending_too = await ending_without(tx, call.home)
    if call.get("confirm"):
        return await _unlink(call, call.home.id)
    return _ask_to_leave(call, call.group, call.home, ending_too)


async def unlink_now(call: Call) -> View:
    """The button's press. It names the channel: a second press must not part another one."""
    if call.home is None or call.get("home") != call.home.id:
        return Message((Text(("That channel has left its group already.",)),))
    return await _unlink(call, call.home.id)


def _ask_to_leave(call: Call, group: Group, home: Home, ended: list[Schedule]) -> View:
    blocks: list[Block] = [
        Text(words(f"Take {home.name} out of ", Bold(group.name), "?"), style="heading"),
        Text(
            (
                f"Nothing more of {group.name} is posted in {home.name}. Members, points, answers and what was "
                "posted so far stay with the group. The channel is free for a new one: “setup”.",
            )
        ),
    ]
    if ended:
        names = "; ".join(map(schedule_words, ended))
        blocks.append(Text((f"These post nowhere else, and end: {names}.",)))
    if not call.request.can_ask:
        blocks.append(Text(words("To do it: ", Typed("group unlink confirm: yes"))))
    button = Button("Take it out", action_id("group unlink now", home=home.id), "danger")
    return Message((*blocks, Buttons((button,))))


async def _unlink(call: Call, home_id: int) -> View:
    async with call.app.store.write() as tx:
        done = await unlink_home(tx, home_id, call.person.id, call.now)
    call.app.wake()
    blocks: list[Block] = [Text(words(f"{done.home.name} has left ", Bold(done.group.name), "."))]
    if done.ended:
        blocks.append(Text((f"Ended with it: {'; '.join(map(schedule_words, done.ended))}.",)))
    blocks.append(Text(words("For a new group here: ", Typed("setup time: 09:00")), style="note"))
    return Message(tuple(blocks))


CONFIRM = Option("confirm", "yes to do it without being asked again", Kind.YESNO, named=True)
COMMANDS = (
    Command(
        "group link",
        "One group in two places: makes a code here, which an organiser types in the other channel.",
        link,
        (Option("code", "The code that the other channel gave", most=20), CONFIRM),
        allow=Allow.ORGANISER,
        founds=True,
        slow=True,
        area="organise",
    ),
    Command(
        "group unlink",
        "Take this channel out of the group, which keeps everything else.",
        unlink,
        (CONFIRM,),
        allow=Allow.ORGANISER,
        area="organise",
    ),
    Command(
        "group unlink now",
        "Take this channel out of the group (what the button does).",
        unlink_now,
        (Option("home", "The channel's number", Kind.NUMBER, required=True),),
        allow=Allow.ORGANISER,
        listed=False,
        area="organise",
    ),
)
