"""``group show`` and ``group settings``: what a group is called, where it lives, when its day ends."""

from __future__ import annotations

from datetime import time

from core.call import Call
from core.commands import Allow, Command, Kind, Option
from core.errors import BadOption
from core.linking import platform_name
from core.planned import STATE_WORDS, note
from core.profile import local_words, suggest_zones
from core.store import arrivals, facts, groups, people, schedules, uniting, weekly
from core.store.engine import Line, Tx
from core.store.people import Home
from core.store.schedules import Schedule
from core.views import Bold, Button, Buttons, Fields, Message, Text, Typed, View, When, Words, words

LATEST_CUTOFF = time(6)
NEWEST = 8  # organisers' actions that are shown

# --- showing --------------------------------------------------------------------------------------------------------


async def show(call: Call) -> View:
    assert call.group is not None  # allow=ORGANISER
    async with call.app.store.read() as tx:
        homes = await people.homes_of(tx, call.group.id)
        members = await uniting.size(tx, call.group.id)
        planned = await schedules.of_group(tx, call.group.id)
        recaps = await groups.with_recap(tx, call.group.id)
        newest = await facts.actions(tx, call.group.id, NEWEST)
    group = call.group
    items: list[tuple[str, Words]] = [
        ("Zone", words(f"{group.zone}, now {local_words(call.now, group.zone)}")),
        ("Its day ends at", words(f"{group.cutoff:%H:%M}")),
        ("Members", words(f"{members:,}")),
        ("Schedules", words(_planned(planned))),
    ]
    items += [(_place(home), words(_state(home, home.id in recaps))) for home in homes]
    items += [("Done", _action(row, group.zone)) for row in newest]
    tips = words(
        "To change it: ", Typed("group settings"), ". A channel on another platform: ", Typed("group link")
    )
    buttons = (Button("Drops", "drops list"), Button("Doctor", "doctor"))
    return Message(
        (Text((group.name,), style="title"), Fields(tuple(items)), Text(tips, style="note"), Buttons(buttons))
    )


def _place(home: Home) -> str:
    return f"{platform_name(home.platform).capitalize()}: {home.name}"


def _state(home: Home, recap: bool) -> str:
    on = "on" if home.state == "active" else f"off, {home.reason or home.state}"
    return f"{on}{', with the weekly recap' if recap else ''}"


def _planned(found: list[Schedule]) -> str:
    """ "2 running, 1 paused"."""
    of: dict[str, int] = {}
    for schedule in found:
        word = STATE_WORDS.get(schedule.state, schedule.state)
        of[word] = of.get(word, 0) + 1
    return ", ".join(f"{number} {word}" for word, number in of.items()) or "none yet"


def _action(row: Line, zone: str) -> Words:
    detail = f" ({row.detail})" if row.detail else ""
    return words(f"{row.action}{detail}, by {row.name or 'somebody who is gone'}, ", When(row.at, zone))


# --- changing -------------------------------------------------------------------------------------------------------


async def settings(call: Call) -> View:
    """Name, zone, end of the day; and of this very channel, whether the weekly recap is posted there."""
    assert call.group is not None  # allow=ORGANISER
    cutoff: time | None = call.get("cutoff")
    if cutoff is not None and cutoff > LATEST_CUTOFF:
        raise BadOption(
            f"The group's day can end between 00:00 and 06:00; {cutoff:%H:%M} is outside.",
            option="cutoff",
            example="group settings cutoff: 03:00",
        )
    if call.get("recap") is not None and call.home is None:
        raise BadOption(
            "The weekly recap belongs to a channel: say this in the channel that should have it.",
            option="recap",
            example="group settings recap: on",
        )
    if not call.values:
        return await show(call)
    async with call.app.store.write() as tx:
        lines = [line for line in await _change(tx, call, cutoff) if line]
        if changed := [said for said, new in lines if new]:
            await note(tx, call, "group settings", "; ".join(changed))
    if changed:
        call.app.wake()
    texts = tuple(Text((said,)) for said, _ in lines)
    return Message(
        (Text(words("Of ", Bold(call.get("name") or call.group.name), ":"), style="heading"), *texts)
    )


async def _change(tx: Tx, call: Call, cutoff: time | None) -> list[tuple[str, bool]]:
    """A sentence for each setting that was said, and whether it is new."""
    group = call.group
    assert group is not None
    lines = []
    name, zone, recap = call.get("name"), call.get("zone"), call.get("recap")
    if name is not None:
        await arrivals.rename_group(tx, group.id, name)
        lines.append((f"Name: {name} (before: {group.name}).", name != group.name))
    if zone is not None:
        await arrivals.set_group_zone(tx, group.id, zone)
        if zone != group.zone:
            await weekly.move(tx, group.id, zone)
        lines.append(
            (f"Zone: {zone} (before: {group.zone}). Schedules keep the zones they have.", zone != group.zone)
        )
    if cutoff is not None:
        await groups.set_cutoff(tx, group.id, people.minutes_of(cutoff))
        said = f"Its day ends at {cutoff:%H:%M} (before: {group.cutoff:%H:%M}), from now on."
        lines.append((said, cutoff != group.cutoff))
    if recap is not None:
        assert call.home is not None  # checked above
        before = call.home.id in await groups.with_recap(tx, group.id)
        if recap != before:
            await weekly.switch(tx, call.home.id, recap, zone or group.zone, call.now)
        said = "is posted" if recap else "is not posted"
        lines.append((f"The weekly recap {said} in {call.home.name}.", recap != before))
    return lines


COMMANDS = (
    Command(
        "group show",
        "The group: its channels on every platform, members, schedules, what organisers did last.",
        show,
        allow=Allow.ORGANISER,
        area="organise",
    ),
    Command(
        "group settings",
        "The group's name, zone and end of the day; the weekly recap of this channel.",
        settings,
        (
            Option("name", "What the group is called", most=60, named=True),
            Option(
                "zone",
                "The zone of the group's days and boards",
                Kind.ZONE,
                named=True,
                suggest=suggest_zones,
            ),
            Option("cutoff", "When the group's day ends, 00:00 to 06:00", Kind.TIME, named=True),
            Option("recap", "on for a weekly recap in this channel, off for none", Kind.YESNO, named=True),
        ),
        allow=Allow.ORGANISER,
        example='group settings name: "Night owls"',
        area="organise",
    ),
)
