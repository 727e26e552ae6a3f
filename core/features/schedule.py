"""``drops``: a group's schedules, several of them, each with its own time, zone, days, tracks and packs."""

from __future__ import annotations

from core.call import Call
from core.cards import prompt_blocks
from core.commands import Allow, Command, Kind, Option
from core.delivery.due import OPEN_FOR
from core.errors import NotFound, UsageError
from core.founding import add_schedule
from core.kinds import days_words
from core.packs.vocabulary import TRACK_TITLES, TRACKS
from core.parse import action_id
from core.prompting import choose_for_drop
from core.rules.choice import NothingToAsk
from core.rules.due import Rule
from core.store import arrivals, facts, occurrences, people, prompts, schedules
from core.store.engine import Tx
from core.store.schedules import Schedule
from core.views import Block, Button, Buttons, Choice, Fields, Message, Text, Typed, View, When, Words, words

TRACK_CHOICES = tuple(Choice(TRACK_TITLES[t], t) for t in TRACKS)
STATE_WORDS = {"active": "running", "paused": "paused", "disabled": "switched off"}


def _group_id(call: Call) -> int:
    assert call.group is not None  # allow=ORGANISER
    return call.group.id


async def _named(tx: Tx, call: Call) -> Schedule:
    """The schedule with the number that was given; the only one there is when none was."""
    found = await schedules.of_group(tx, _group_id(call))
    number = call.get("number")
    if number is not None:
        chosen = next((s for s in found if s.id == number), None)
        if chosen is not None:
            return chosen
        listed = ", ".join(str(s.id) for s in found) or "none yet"
        raise NotFound(f"There is no schedule {number} here. There are: {listed}.", example="drops list")
    if len(found) == 1:
        return found[0]
    if not found:
        raise NotFound("There is no schedule here yet.", example="drops add time: 09:00")
    listed = ", ".join(f"{s.id} ({s.rule.local_time:%H:%M})" for s in found)
    raise UsageError(
        f"There are several schedules: {listed}. Say which one.",
        example=f"{call.command.path} number: {found[0].id}",
    )


def _tracks(schedule: Schedule) -> str:
    return ", ".join(TRACK_TITLES[t].lower() for t in schedule.tracks) or "all tracks"


def _line(schedule: Schedule) -> Words:
    packs = f", packs {', '.join(schedule.packs)}" if schedule.packs else ""
    extras = [name for name, on in (("thread", schedule.thread), ("recap", schedule.recap)) if on]
    with_ = f", with {' and '.join(extras)}" if extras else ""
    head = (
        f"{schedule.rule.local_time:%H:%M} {schedule.rule.zone}, {days_words(schedule.rule.weekdays)}, "
        f"{_tracks(schedule)}{packs}{with_}: {STATE_WORDS.get(schedule.state, schedule.state)}"
    )
    if schedule.reason:
        head += f" ({schedule.reason})"
    if schedule.next_due_at is None:
        return words(head + ".")
    return words(head + ", next ", When(schedule.next_due_at, schedule.rule.zone), ".")


async def add(call: Call) -> View:
    assert call.group is not None
    rule = Rule(
        call.values["time"], call.get("zone") or call.group.zone, call.get("days") or frozenset(range(7))
    )
    async with call.app.store.write() as tx:
        await _check_packs(tx, call)
        schedule_id = await add_schedule(
            tx,
            call.group.id,
            await _places(tx, call),
            rule,
            call.now,
            tracks=call.get("tracks", ()),
            packs=_packs(call),
            role_id=call.get("role", ""),
            thread=call.get("thread", False),
            recap=call.get("recap", False),
        )
        await _note(tx, call, "drops add", f"{schedule_id}: {rule.local_time:%H:%M} {rule.zone}")
        made = await schedules.get_schedule(tx, schedule_id)
    assert made is not None
    call.app.wake()
    return Message(
        (
            Text((f"Schedule {schedule_id} is planned.",), style="heading"),
            Text(_line(made)),
            Buttons((Button("Preview", action_id("drops preview", number=schedule_id)),)),
        )
    )


async def _places(tx: Tx, call: Call) -> list[tuple[int, str]]:
    """This channel, or the one that was named; in a direct message every channel the group has.

    A channel that is switched off is planned for, too: ``doctor`` says what is wrong with it.
    """
    if call.home is None:
        return [(h.id, "") for h in await people.homes_of(tx, _group_id(call))]
    channel = call.get("channel") or call.request.where.channel_id
    return [(call.home.id, "" if channel == call.home.channel_id else channel)]


def _packs(call: Call) -> tuple[str, ...]:
    return tuple(p.strip() for p in call.get("packs", "").replace(" ", ",").split(",") if p.strip())


async def _check_packs(tx: Tx, call: Call) -> None:
    known = {p.slug for p in await prompts.list_packs(tx, _group_id(call))}
    wrong = [p for p in _packs(call) if p not in known]
    if wrong:
        raise NotFound(
            f"There is no pack “{wrong[0]}” here. There are: {', '.join(sorted(known))}.", example="pack list"
        )


async def _note(tx: Tx, call: Call, action: str, detail: str) -> None:
    await facts.note_action(tx, _group_id(call), call.person.id, action, detail, call.now)


async def list_(call: Call) -> View:
    async with call.app.store.read() as tx:
        found = await schedules.of_group(tx, _group_id(call))
        places = await schedules.homes_of(tx, [s.id for s in found])
    if not found:
        return Message((Text(words("No drops are planned. Plan one: ", Typed("drops add time: 09:00"))),))
    lines = []
    for schedule in found:
        there = [p for p in places if p.schedule_id == schedule.id]
        names = ", ".join(f"channel {p.channel_id}" if p.channel_id else p.name for p in there) or "nowhere"
        lines.append((f"Schedule {schedule.id}", (*_line(schedule), f" In: {names}.")))
    return Message((Text(("The group's drops",), style="title"), Fields(tuple(lines))))


async def pause(call: Call) -> View:
    async with call.app.store.write() as tx:
        found = await _named(tx, call)
        if found.state == "paused":
            return Message(
                (Text(words("It is paused already. ", Typed(f"drops resume number: {found.id}"))),)
            )
        await schedules.stop(tx, found.id, "paused", call.now)
        await _note(tx, call, "drops pause", str(found.id))
    return Message(
        (
            Text((f"Schedule {found.id} is paused. Paused days are nobody's miss.",)),
            Buttons((Button("Resume", action_id("drops resume", number=found.id)),)),
        )
    )


async def resume(call: Call) -> View:
    async with call.app.store.write() as tx:
        found = await _named(tx, call)
        for place in await schedules.homes_of(tx, [found.id]):
            await arrivals.enable_home(tx, place.home_id)
        await schedules.reschedule(tx, found, found.rule, call.now)
        await _note(tx, call, "drops resume", str(found.id))
        now = await schedules.get_schedule(tx, found.id)
    assert now is not None
    call.app.wake()
    return Message((Text((f"Schedule {found.id} is running.",)), Text(_line(now))))


async def remove(call: Call) -> View:
    async with call.app.store.write() as tx:
        found = await _named(tx, call)
        if not call.get("sure", False):
            return Message(
                (
                    Text((f"Remove schedule {found.id}? Its past questions and answers stay.",)),
                    Text(_line(found)),
                    Buttons(
                        (
                            Button(
                                "Remove", action_id("drops remove", number=found.id, sure="yes"), "danger"
                            ),
                            Button("Keep", "drops list"),
                        )
                    ),
                )
            )
        await schedules.stop(tx, found.id, "removed", call.now)
        await _note(tx, call, "drops remove", str(found.id))
    return Message((Text((f"Schedule {found.id} is removed. Its past questions and answers stay.",)),))


async def _coming(tx: Tx, call: Call, found: Schedule) -> occurrences.Drop:
    """The occurrence of the schedule's next date, made now when it is not there yet (it stays unsent until due)."""
    if found.next_date is None or found.next_due_at is None:
        raise UsageError(
            f"Schedule {found.id} is {STATE_WORDS.get(found.state, found.state)}, so nothing comes next.",
            example=f"drops resume number: {found.id}",
        )
    await occurrences.add_occurrences(
        tx,
        [
            {
                "schedule_id": found.id,
                "local_date": found.next_date,
                "due_at": found.next_due_at,
                "closes_at": found.next_due_at + OPEN_FOR,
                "state": "open",
                "prompt_id": None,
            }
        ],
    )
    drop = await occurrences.drop_on(tx, found.id, found.next_date)
    assert drop is not None
    return drop


async def preview(call: Call) -> View:
    """The next question, seen before the group sees it; ``replace`` draws another."""
    async with call.app.store.write() as tx:
        found = await _named(tx, call)
        drop = await _coming(tx, call, found)
        try:
            if call.get("replace", False) and drop.prompt_id is not None:
                unwanted = await prompts.get_prompt(tx, drop.prompt_id)
                await occurrences.set_prompt(tx, drop.id, None)
                prompt = await choose_for_drop(tx, drop.id, avoid=(unwanted.uid,) if unwanted else ())
                await _note(tx, call, "drops preview", f"{found.id}: replaced")
            else:
                prompt = await choose_for_drop(tx, drop.id)
        except NothingToAsk as error:
            raise UsageError(str(error), example="pack list") from error
    blocks: list[Block] = [
        Text(words(f"Schedule {found.id}, ", When(drop.due_at, drop.zone), ":"), style="heading"),
        *prompt_blocks(prompt),
        Buttons(
            (
                Button("Another one", action_id("drops preview", number=found.id, replace="yes")),
                Button("Skip this day", action_id("drops skip", number=found.id)),
            )
        ),
    ]
    return Message(tuple(blocks), track=prompt.track)


async def skip(call: Call) -> View:
    """No drop on the schedule's next date; the day is nobody's miss."""
    async with call.app.store.write() as tx:
        found = await _named(tx, call)
        drop = await _coming(tx, call, found)
        await occurrences.set_state(tx, drop.id, "skipped")
        await schedules.skip_to_following(tx, found)
        await _note(tx, call, "drops skip", f"{found.id}: {drop.local_date.isoformat()}")
        now = await schedules.get_schedule(tx, found.id)
    assert now is not None
    return Message(
        (Text((f"No question on {drop.local_date:%a %d %b %Y}; it is nobody's miss.",)), Text(_line(now)))
    )


_NUMBER = Option("number", "Which schedule; the only one when left out", Kind.NUMBER, least=1)
_SURE = Option("sure", "Yes, really", Kind.YESNO, named=True)

COMMANDS = (
    Command(
        "drops add",
        "Plan a daily question for this channel.",
        add,
        (
            Option(
                "time", "When the question comes, on the 24-hour clock", Kind.TIME, required=True, asked=True
            ),
            Option("zone", "Its time zone; the group's when left out", Kind.ZONE),
            Option("days", "On which days; every day when left out", Kind.DAYS, least=1),
            Option("tracks", "Which kinds of question; all when left out", Kind.MANY, choices=TRACK_CHOICES),
            Option("packs", "Only from these packs", most=200),
            Option("channel", "Another channel than this one", Kind.CHANNEL, named=True),
            Option("role", "A role to mention", Kind.ROLE, named=True),
            Option("thread", "Open a thread under each question, to discuss it", Kind.YESNO, named=True),
            Option("recap", "When the day closes, the card says how it went", Kind.YESNO, named=True),
        ),
        allow=Allow.ORGANISER,
        example="drops add time: 09:00 days: mon-fri",
        area="organise",
    ),
    Command("drops list", "The group's schedules.", list_, allow=Allow.ORGANISER, area="organise"),
    Command("drops pause", "Pause a schedule.", pause, (_NUMBER,), allow=Allow.ORGANISER, area="organise"),
    Command(
        "drops resume",
        "Let a schedule run again.",
        resume,
        (_NUMBER,),
        allow=Allow.ORGANISER,
        area="organise",
    ),
    Command(
        "drops skip",
        "Leave out the schedule's next day.",
        skip,
        (_NUMBER,),
        allow=Allow.ORGANISER,
        area="organise",
    ),
    Command(
        "drops preview",
        "See the next question before the group does, or draw another one.",
        preview,
        (_NUMBER, Option("replace", "Draw another one", Kind.YESNO, named=True)),
        allow=Allow.ORGANISER,
        area="organise",
    ),
    Command(
        "drops remove", "Remove a schedule.", remove, (_NUMBER, _SURE), allow=Allow.ORGANISER, area="organise"
    ),
)
