"""``me settings``: zone, level, end of the day, rest days, vacation, active group. Nothing acts backwards."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace

from core.call import Call
from core.commands import Allow, Command, Kind, Option
from core.errors import BadOption
from core.forms import field_of
from core.kinds import days_words, match_choice
from core.packs.vocabulary import LEVEL_TITLES
from core.parse import action_id
from core.plain import shown
from core.profile import (
    LEVEL_CHOICES,
    corrections_words,
    counts_again_at,
    local_words,
    rule_words,
    settings_items,
    settle,
    suggest_zones,
    today_of,
    vacations_ahead,
)
from core.rules.days import LATEST_CUTOFF
from core.store import people, personal, preferences, schedules
from core.store.engine import Tx
from core.store.people import Person
from core.vacations import VACATION_EXAMPLE, asked_for, vacation_words, vacations_words
from core.views import (
    Block,
    Button,
    Buttons,
    Choice,
    Fields,
    Form,
    Message,
    Text,
    Typed,
    View,
    When,
    Words,
    words,
)


@dataclass(frozen=True, slots=True)
class Line:
    """What became of one setting (``changed`` is False when it was so before), and what follows from it."""

    changed: bool
    words: Words
    notes: tuple[Block, ...] = ()


# --- the command -----------------------------------------------------------------------------------------------------


async def me_settings(call: Call) -> View:
    if not call.values:
        return await _shown(call)
    _check_cutoff(call)
    _check_rest(call)
    lines: list[Line] = []
    async with call.app.store.write() as tx:
        await personal.hold(tx, call.person.id)
        before = await people.get_person(tx, call.person.id) or call.person
        for name, change in _CHANGES.items():
            if name in call.values:
                lines.append(await change(tx, call, before))
        after = await people.get_person(tx, call.person.id) or before
        if (vacation := await _set_vacation(tx, call, after)) is not None:
            lines.append(vacation)
        await settle(tx, call.person.id, call.now)
    changed = any(line.changed for line in lines)
    if call.request.submitted:  # a form sends all of its fields: only what is new is news
        lines = [line for line in lines if line.changed]
    head = "From now on; nothing that is over changes:" if changed else "Nothing was changed."
    blocks: list[Block] = [Text((head,), style="heading"), *(Text(line.words) for line in lines)]
    return Message((*blocks, *(note for line in lines for note in line.notes)))


async def _shown(call: Call) -> View:
    async with call.app.store.read() as tx:
        vacations = await vacations_ahead(tx, call.person, call.now)
    examples = (
        "me settings zone: Europe/Berlin",
        "me settings level: senior cutoff: 04:00 rest: sat-sun",
        VACATION_EXAMPLE,
    )
    present = Fields(tuple(settings_items(call.person, vacations, call.now)))
    lines = (Text(words(Typed(example))) for example in examples)
    button = Button("Change settings", "me change", "primary")
    return Message((present, Text(("To change something, for example:",)), *lines, Buttons((button,))))


def _bad(option: str, message: str, example: str) -> BadOption:
    return BadOption(f"{message} Nothing was changed.", option=option, example=example)


# --- one setting after the other ------------------------------------------------------------------------------------


async def _set_zone(tx: Tx, call: Call, before: Person) -> Line:
    zone: str = call.get("zone")
    there = f"it is {local_words(call.now, zone)} there"
    if zone == before.zone and before.zone_set:
        return Line(False, words(f"Zone: {zone} already; {there}."))
    again_at = await counts_again_at(tx, before, zone, call.now)
    await preferences.set_zone(tx, before.id, zone, call.now)
    if zone == before.zone:
        return Line(True, words(f"Zone: {zone}, now said by you; {there}."))
    notes: list[Block] = []
    if again_at is not None:
        again = words(
            "Your next answer counts from ", When(again_at, zone), " on: 12 hours after the last one."
        )
        notes.append(Text(again))
    reminder = await schedules.reminder_of(tx, before.id)
    if reminder is not None and reminder.state == "active" and reminder.rule.zone != zone:
        moved = action_id("remind set", time=f"{reminder.rule.local_time:%H:%M}", zone=zone)
        notes.append(Text((f"Your reminder stays as it is: {rule_words(reminder.rule)}.",)))
        notes.append(Buttons((Button(f"Move it to {zone}"[:75], moved),)))
    return Line(True, words(f"Zone: {zone} (before: {before.zone}); {there}."), tuple(notes))


async def _set_level(tx: Tx, call: Call, before: Person) -> Line:
    level: str = call.get("level")
    if level == before.level:
        return Line(False, words(f"Level: {LEVEL_TITLES[level]} already."))
    await preferences.set_level(tx, before.id, level)
    return Line(
        True, words(f"Level: {LEVEL_TITLES[level]} (before: {LEVEL_TITLES.get(before.level, before.level)}).")
    )


def _check_cutoff(call: Call) -> None:
    cutoff = call.get("cutoff")
    if cutoff is not None and cutoff > LATEST_CUTOFF:
        raise _bad(
            "cutoff",
            f"Your day can end between 00:00 and 06:00 in your zone; {cutoff:%H:%M} is outside.",
            "me settings cutoff: 03:00",
        )


async def _set_cutoff(tx: Tx, call: Call, before: Person) -> Line:
    cutoff = call.get("cutoff")
    if cutoff == before.cutoff:
        return Line(False, words(f"Your day ends at {cutoff:%H:%M} already."))
    await preferences.set_cutoff(tx, before.id, people.minutes_of(cutoff), call.now)
    return Line(True, words(f"Your day ends at {cutoff:%H:%M} (before: {before.cutoff:%H:%M})."))


def _check_rest(call: Call) -> None:
    if len(call.get("rest", ())) == 7:
        raise _bad(
            "rest",
            "With seven rest days there would be none left for practice. For a longer break, set a vacation.",
            "me settings rest: sat-sun",
        )


async def _set_rest(tx: Tx, call: Call, before: Person) -> Line:
    days: frozenset[int] = call.get("rest")
    if days == before.rest_days:
        return Line(False, words(f"Rest days: {days_words(days)} already."))
    await preferences.set_rest_days(tx, before.id, days, call.now)
    return Line(True, words(f"Rest days: {days_words(days)} (before: {days_words(before.rest_days)})."))


async def _set_group(tx: Tx, call: Call, before: Person) -> Line:
    groups = await people.groups_of(tx, before.id)
    raw: str = call.get("group")
    found = match_choice(raw, [(f"g{g.id}", g.name) for g in groups])
    if found is None:
        there = f"Yours: {', '.join(g.name for g in groups)}." if groups else "You are in none yet."
        first = groups[0].name if groups else "Night owls"
        raise _bad("group", f"You are in no group “{shown(raw)}”. {there}", f'me settings group: "{first}"')
    group = next(g for g in groups if f"g{g.id}" == found)
    await preferences.set_active_group(tx, before.id, group.id)
    return Line(True, words("In direct messages you speak for ", group.name, "."))


async def suggest_groups(call: Call, typed: str) -> tuple[Choice, ...]:
    async with call.app.store.read() as tx:
        groups = await people.groups_of(tx, call.person.id)
    word = typed.strip().casefold()
    return tuple(Choice(g.name[:75], f"g{g.id}") for g in groups if word in g.name.casefold())[:25]


async def _set_corrections(tx: Tx, call: Call, before: Person) -> Line:
    gives = call.get("corrections") == "give"
    said = f"Corrections: {corrections_words(gives)}"
    if gives == before.gives_corrections:
        return Line(False, words(f"{said} already."))
    await preferences.set_gives_corrections(tx, before.id, gives)
    if not gives:
        return Line(
            True,
            words(
                f"{said}. None of yours is in what is written out from now on; what was written out before is."
            ),
        )
    return Line(
        True,
        words(
            f"{said}. Whoever runs Starling can write out the answers that you corrected, with the question and your "
            "corrections, past ones too. Names of members, mentions, addresses and links in them are replaced; other "
            "names and facts in your words are not. To keep them: ",
            Typed("me settings corrections: keep"),
        ),
    )


_CHANGES: dict[str, Callable[[Tx, Call, Person], Awaitable[Line]]] = {
    "group": _set_group,
    "zone": _set_zone,
    "level": _set_level,
    "cutoff": _set_cutoff,
    "rest": _set_rest,
    "corrections": _set_corrections,
}


async def _set_vacation(tx: Tx, call: Call, person: Person) -> Line | None:
    asked = asked_for(call.get("vacation", ""), call.get("until"), today_of(person, call.now))
    if asked is None:
        return None
    ahead = await vacations_ahead(tx, person, call.now)
    if asked.span is None:
        if not ahead:
            return Line(False, words("Vacation: none was set."))
        await preferences.record_change(tx, person.id, "vacation", None, call.now)
        return Line(
            True, words(f"Vacation: cancelled ({vacations_words(ahead)}). A day that has begun stays free.")
        )
    first, last = asked.span
    if any(a <= first and last <= b for a, b in ahead):
        return Line(False, words(f"Vacation: {vacation_words(asked.span)} is in it already."))
    await preferences.record_change(
        tx, person.id, "vacation", [first.isoformat(), last.isoformat()], call.now
    )
    all_of_it = vacations_words(await vacations_ahead(tx, person, call.now))
    return Line(
        True,
        words(
            f"Vacation: {all_of_it}. Those days neither break nor grow your streak; practising on one may grow it. "
            "To cancel: ",
            Typed("me settings vacation: none"),
        ),
    )


# --- the form --------------------------------------------------------------------------------------------------------


async def change_form(call: Call) -> Form:
    """Five settings as they are now. Vacation is left empty: what stands there is added."""
    person = call.person
    present = {
        "zone": person.zone,
        "level": person.level,
        "cutoff": f"{person.cutoff:%H:%M}",
        "rest": days_words(person.rest_days),
    }
    fields = (field_of(option, present.get(option.name, "")) for option in CHANGE)
    return Form("me change", "Your settings", tuple(fields), submit="Save")


ZONE = Option("zone", "Your time zone or city", Kind.ZONE, named=True, suggest=suggest_zones)
LEVEL = Option("level", "The level you prepare for", Kind.CHOICE, named=True, choices=LEVEL_CHOICES)
CUTOFF = Option(
    "cutoff", "When your day ends, 00:00 to 06:00", Kind.TIME, named=True, label="Your day ends at"
)
REST = Option("rest", "Weekdays on which you owe nothing, or none", Kind.DAYS, named=True, label="Rest days")
VACATION = Option(
    "vacation",
    "First day, as 2027-01-31; or none to cancel",
    Kind.TEXT,
    named=True,
    most=40,
    label="New vacation (2027-01-31 to 2027-02-07)",
)
CORRECTIONS = Option(
    "corrections",
    "Give what you correct, without names, to train the reader; or keep it",
    Kind.CHOICE,
    named=True,
    choices=(Choice("Give", "give"), Choice("Keep", "keep")),
)
CHANGE: Sequence[Option] = (replace(ZONE, required=True, asked=True), LEVEL, CUTOFF, REST, VACATION)

COMMANDS = (
    Command(
        "me settings",
        "Zone, level, end of the day, rest days, vacation, corrections; without an option, what they are.",
        me_settings,
        (
            ZONE,
            LEVEL,
            CUTOFF,
            REST,
            VACATION,
            CORRECTIONS,
            Option("until", "Last day of the vacation, as 2027-02-07", Kind.DATE, named=True),
            Option(
                "group",
                "The group you speak for in direct messages",
                Kind.TEXT,
                named=True,
                most=60,
                suggest=suggest_groups,
            ),
        ),
        allow=Allow.ANYONE,
        example="me settings zone: Europe/Berlin",
        area="mine",
    ),
    Command(
        "me change",
        "Your settings as a form.",
        me_settings,
        tuple(CHANGE),
        allow=Allow.ANYONE,
        listed=False,
        form=change_form,
        area="mine",
    ),
)
