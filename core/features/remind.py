"""``remind``: a question a day by direct message, at the person's own time."""

from __future__ import annotations

from datetime import datetime, timedelta

from core.call import Call
from core.commands import Allow, Command, Kind, Option
from core.delivery.due import first_due
from core.errors import BadOption
from core.kinds import days_words
from core.packs.vocabulary import TRACK_TITLES, TRACKS
from core.parse import action_id
from core.profile import counts_again_at, rule_words, settle, suggest_zones, tracks_words
from core.rules.days import in_words
from core.rules.due import Occurrence, Rule, next_occurrence
from core.store import deliveries, personal, preferences, prompts, reminders, schedules, spans
from core.store.engine import Tx
from core.store.schedules import Schedule
from core.views import (
    Block,
    Button,
    Buttons,
    Choice,
    Fields,
    Message,
    Text,
    Typed,
    View,
    When,
    Words,
    say,
    words,
)

DAILY = frozenset(range(7))
NOTICE_LIFE = timedelta(hours=1)  # a confirmation that comes later than this proves nothing any more
EXAMPLE = "remind set time: 21:00"
OFF = Button("Switch off", "remind off")
AROUND = Text(
    (
        "Many people have chosen that minute, so it may take a while until it is your turn. Your place in the line is "
        "the same every day; a few minutes earlier or later there may be none.",
    ),
    style="note",
)


# --- set -----------------------------------------------------------------------------------------------------------


async def remind_set(call: Call) -> View:
    """Make the person's reminder, or change the one there is; a confirmation goes the way the questions will go."""
    if call.get("days") == frozenset():
        raise BadOption(
            "A reminder needs at least one day. To get none at all: “remind off”.",
            option="days",
            example=f"{EXAMPLE} days: mon-fri",
        )
    zone = call.get("zone", call.person.zone)
    moves = "zone" in call.values and not call.person.zone_set
    again_at = None
    async with call.app.store.write() as tx:
        await personal.hold(tx, call.person.id)
        await _check_tracks(tx, call)
        found = await reminders.latest_of(tx, call.person.id)
        before = found if found is not None and found.state != "removed" else None
        days = call.get("days") or (before.rule.weekdays if before else DAILY)
        tracks = _tracks(call, before)
        rule = Rule(call.get("time"), zone, days)
        if moves:
            again_at = await counts_again_at(tx, call.person, zone, call.now)
            await preferences.set_zone(tx, call.person.id, zone, call.now)
        first = await _keep(tx, call, found, rule, tracks)
        await settle(tx, call.person.id, call.now)
        around = await _crowded(tx, call, call.request.who.platform, first.at)
        await _confirm(tx, call, rule, first, around)
    call.app.wake()
    blocks: list[Block] = [
        Text(
            words(
                "Changed: " if before else "Set: ",
                f"a question {rule_words(rule, around=around)}, from {tracks_words(tracks)}.",
            )
        ),
        Text(words("The next one comes ", When(first.at, zone), ".")),
    ]
    if around:
        blocks.append(AROUND)
    if first != next_occurrence(rule, call.now):
        blocks.append(
            Text(("Today's has come already: a new time makes no second one on the same day.",), style="note")
        )
    blocks += [Text(line) for line in _about_zone(call, zone, moves, again_at)]
    blocks.append(
        Text(
            (
                "A short message is on its way to you now, to show that the road is open. If it does not arrive, "
                "allow direct messages from here and set the reminder again.",
            ),
            style="note",
        )
    )
    blocks.append(Buttons((OFF,)))
    return Message(tuple(blocks))


async def _check_tracks(tx: Tx, call: Call) -> None:
    """Refuse tracks without a single question: such a reminder could never come."""
    wanted = call.get("tracks")
    if wanted and not await prompts.candidates(tx, None, wanted):
        raise BadOption(
            f"There are no questions yet from {tracks_words(wanted)}. Nothing was changed.",
            option="tracks",
            example=f"{EXAMPLE} tracks: behavioural",
        )


def _tracks(call: Call, before: Schedule | None) -> tuple[str, ...]:
    """The tracks asked for, else those before; () stands for all of them."""
    wanted: tuple[str, ...] | None = call.get("tracks")
    if wanted is None:
        return before.tracks if before else ()
    return () if set(wanted) == set(TRACKS) else wanted


async def _keep(
    tx: Tx, call: Call, found: Schedule | None, rule: Rule, tracks: tuple[str, ...]
) -> Occurrence:
    """One schedule a person, over all its times of being on and off. Returns what is due next."""
    platform, now = call.request.who.platform, call.now
    if found is None:
        first = first_due(rule, now)
        await schedules.create(
            tx,
            rule=rule,
            next_date=first.local_date,
            next_due_at=first.at,
            now=now,
            person_id=call.person.id,
            platform=platform,
            tracks=tracks,
        )
        return first
    await schedules.reschedule(tx, found, rule, now)
    await schedules.set_content(tx, found.id, tracks=tracks, packs=found.packs, role_id="")
    await reminders.move(tx, found.id, platform)
    kept = await schedules.get_schedule(tx, found.id)
    assert kept is not None and kept.next_date is not None and kept.next_due_at is not None
    return Occurrence(kept.next_date, kept.next_due_at)


async def _crowded(tx: Tx, call: Call, platform: str, at: datetime) -> bool:
    """Whether more reminders are due at ``at`` than the platform takes in a minute."""
    room = call.app.limits.reminders_a_minute.get(platform)
    if room is None:
        return False
    return await reminders.crowded(tx, platform, call.request.who.workspace, at, room)


async def _confirm(tx: Tx, call: Call, rule: Rule, first: Occurrence, around: bool) -> None:
    who = call.request.who
    text = [
        f"Reminders are on: {rule_words(rule, around=around)}. The first comes on {in_words(first.local_date)}.",
        "They reach you here, like this message. One press switches them off.",
    ]
    row = deliveries.row(
        deliveries.notice_key(),
        "notice",
        person_id=call.person.id,
        platform=who.platform,
        scope=deliveries.scope_of(who.platform, who.workspace),
        body={"text": text, "buttons": [["Switch reminders off", OFF.action]]},
        due_at=call.now,
        not_before=call.now,
        expires_at=call.now + NOTICE_LIFE,
    )
    await deliveries.put(tx, [row])


def _about_zone(call: Call, zone: str, moves: bool, again_at: datetime | None) -> list[Words]:
    """What the zone given or not given means for the person."""
    if moves:
        found = [
            words(f"{zone} is now your own zone, too: your days run by it from now on, nothing backwards.")
        ]
        if again_at is not None:
            found.append(
                words("Your next answer counts from ", When(again_at, zone), " on: 12 hours after the last.")
            )
        return found
    if "zone" not in call.values and not call.person.zone_set:
        example = f"remind set time: {call.get('time'):%H:%M} zone: ..."
        return [words(f"{zone} is only assumed to be your zone. If you live elsewhere: ", Typed(example))]
    return []


# --- off, show -------------------------------------------------------------------------------------------------------


async def remind_off(call: Call) -> View:
    """Nothing comes any more, waiting ones included. The button that brings it back has all it needs."""
    async with call.app.store.write() as tx:
        await personal.hold(tx, call.person.id)
        found = await reminders.latest_of(tx, call.person.id)
        if found is None or found.state == "removed":
            return say("You have no reminder, so none will come. To get one: ", Typed(EXAMPLE))
        await schedules.stop(tx, found.id, "removed", call.now)
        await reminders.call_off(tx, call.person.id, call.now)
        others = [s for s in await spans.spans_for(tx, call.person.id) if s.until is None]
        await settle(tx, call.person.id, call.now)
    blocks: list[Block] = [Text(("Reminders are off. Nothing comes any more, unless you ask for it.",))]
    if not others and found.rule.weekdays != DAILY:
        sentence = "With nothing scheduled for you, every day but your rest days counts for your streak."
        blocks.append(Text((sentence,), style="note"))
    if again := _again(found):
        blocks.append(Buttons((again,)))
    return Message(tuple(blocks))


def _again(found: Schedule) -> Button | None:
    """A button that sets the reminder as it was; None when that does not fit into a button."""
    values = {"time": f"{found.rule.local_time:%H:%M}", "zone": found.rule.zone}
    if found.rule.weekdays != DAILY:
        values["days"] = days_words(found.rule.weekdays)
    if found.tracks:
        values["tracks"] = ",".join(found.tracks)
    try:
        return Button("Switch on again", action_id("remind set", **values))
    except ValueError:
        return None


async def remind_show(call: Call) -> View:
    async with call.app.store.read() as tx:
        found = await schedules.reminder_of(tx, call.person.id)
        last = await reminders.last_message(tx, call.person.id)
        around = (
            found is not None
            and found.next_due_at is not None
            and await _crowded(tx, call, found.platform, found.next_due_at)
        )
    if found is None:
        return say("You have no reminder. A question a day by direct message: ", Typed(EXAMPLE))
    items: list[tuple[str, Words]] = [
        ("When", words(rule_words(found.rule, around=around))),
        ("Questions from", words(tracks_words(found.tracks))),
        ("By", words(f"direct message ({found.platform})")),
    ]
    if found.next_due_at is not None and found.state == "active":
        items.append(("Next", words(When(found.next_due_at, found.rule.zone))))
    if last is not None:
        items.append(
            ("Last message", words(When(last.due_at, found.rule.zone), f": {_fate(last.state, last.reason)}"))
        )
    if found.state == "active":
        line = (AROUND,) if around else ()
        return Message((Fields(tuple(items)), *line, Buttons((OFF,))))
    again = f"remind set time: {found.rule.local_time:%H:%M} zone: {found.rule.zone}"
    return Message(
        (
            Text((f"Your reminder is stopped: {found.reason or found.state}.",)),
            Fields(tuple(items)),
            Text(words("When that is put right, set it again: ", Typed(again))),
            Buttons(tuple(b for b in (_again(found), OFF) if b is not None)),
        )
    )


_FATES = {
    deliveries.PENDING: "on its way",
    deliveries.SENDING: "on its way",
    deliveries.SENT: "sent",
    deliveries.FAILED: "not delivered",
    deliveries.EXPIRED: "not sent in time",
    deliveries.AMBIGUOUS: "perhaps delivered",
}


def _fate(state: str, reason: str) -> str:
    return f"{_FATES[state]} ({reason})" if reason and state != deliveries.SENT else _FATES[state]


COMMANDS = (
    Command(
        "remind set",
        "A question a day by direct message, at a time of yours.",
        remind_set,
        (
            Option("time", "Time of day, 24-hour clock", Kind.TIME, required=True),
            Option(
                "zone",
                "Your time zone or city; your own zone when left out",
                Kind.ZONE,
                suggest=suggest_zones,
            ),
            Option("days", "On which days; daily when left out", Kind.DAYS),
            Option(
                "tracks",
                "Which kinds of question; every one when left out",
                Kind.MANY,
                choices=tuple(Choice(TRACK_TITLES[t], t) for t in TRACKS),
            ),
        ),
        allow=Allow.ANYONE,
        example=EXAMPLE,
        area="mine",
    ),
    Command(
        "remind off", "No more questions by direct message.", remind_off, allow=Allow.ANYONE, area="mine"
    ),
    Command(
        "remind show",
        "Your reminder: when it comes next, and whether the last one arrived.",
        remind_show,
        allow=Allow.ANYONE,
        area="mine",
    ),
)
