"""``drops``: a group's schedules, several of them, each with its own time, zone, days, tracks and packs."""

from __future__ import annotations

from core.call import Call
from core.commands import Allow, Command, Kind, Option
from core.errors import NotFound
from core.founding import add_schedule
from core.packs.vocabulary import TRACK_TITLES, TRACKS
from core.parse import action_id
from core.planned import group_id, line, named, note
from core.rules.due import Rule
from core.store import arrivals, people, prompts, schedules
from core.store.engine import Tx
from core.views import Button, Buttons, Choice, Fields, Message, Text, Typed, View, words

TRACK_CHOICES = tuple(Choice(TRACK_TITLES[t], t) for t in TRACKS)


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
        await note(tx, call, "drops add", f"{schedule_id}: {rule.local_time:%H:%M} {rule.zone}")
        made = await schedules.get_schedule(tx, schedule_id)
    assert made is not None
    call.app.wake()
    return Message(
        (
            Text((f"Schedule {schedule_id} is planned.",), style="heading"),
            Text(line(made)),
            Buttons((Button("Preview", action_id("drops preview", number=schedule_id)),)),
        )
    )


async def _places(tx: Tx, call: Call) -> list[tuple[int, str]]:
    """This channel, or the one that was named; in a direct message every channel the group has.

    A channel that is switched off is planned for, too: ``doctor`` says what is wrong with it.
    """
    if call.home is None:
        return [(h.id, "") for h in await people.homes_of(tx, group_id(call))]
    channel = call.get("channel") or call.request.where.channel_id
    return [(call.home.id, "" if channel == call.home.channel_id else channel)]


def _packs(call: Call) -> tuple[str, ...]:
    return tuple(p.strip() for p in call.get("packs", "").replace(" ", ",").split(",") if p.strip())


async def _check_packs(tx: Tx, call: Call) -> None:
    known = {p.slug for p in await prompts.list_packs(tx, group_id(call))}
    wrong = [p for p in _packs(call) if p not in known]
    if wrong:
        raise NotFound(
            f"There is no pack “{wrong[0]}” here. There are: {', '.join(sorted(known))}.", example="pack list"
        )


async def list_(call: Call) -> View:
    async with call.app.store.read() as tx:
        found = await schedules.of_group(tx, group_id(call))
        places = await schedules.homes_of(tx, [s.id for s in found])
    if not found:
        return Message((Text(words("No drops are planned. Plan one: ", Typed("drops add time: 09:00"))),))
    lines = []
    for schedule in found:
        there = [p for p in places if p.schedule_id == schedule.id]
        names = ", ".join(f"channel {p.channel_id}" if p.channel_id else p.name for p in there) or "nowhere"
        lines.append((f"Schedule {schedule.id}", (*line(schedule), f" In: {names}.")))
    return Message((Text(("The group's drops",), style="title"), Fields(tuple(lines))))


async def pause(call: Call) -> View:
    async with call.app.store.write() as tx:
        found = await named(tx, call)
        if found.state == "paused":
            return Message(
                (Text(words("It is paused already. ", Typed(f"drops resume number: {found.id}"))),)
            )
        await schedules.stop(tx, found.id, "paused", call.now)
        await note(tx, call, "drops pause", str(found.id))
    return Message(
        (
            Text((f"Schedule {found.id} is paused. Paused days are nobody's miss.",)),
            Buttons((Button("Resume", action_id("drops resume", number=found.id)),)),
        )
    )


async def resume(call: Call) -> View:
    async with call.app.store.write() as tx:
        found = await named(tx, call)
        for place in await schedules.homes_of(tx, [found.id]):
            await arrivals.enable_home(tx, place.home_id)
        await schedules.reschedule(tx, found, found.rule, call.now)
        await note(tx, call, "drops resume", str(found.id))
        now = await schedules.get_schedule(tx, found.id)
    assert now is not None
    call.app.wake()
    return Message((Text((f"Schedule {found.id} is running.",)), Text(line(now))))


async def remove(call: Call) -> View:
    async with call.app.store.write() as tx:
        found = await named(tx, call)
        if not call.get("sure", False):
            return Message(
                (
                    Text((f"Remove schedule {found.id}? Its past questions and answers stay.",)),
                    Text(line(found)),
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
        await note(tx, call, "drops remove", str(found.id))
    return Message((Text((f"Schedule {found.id} is removed. Its past questions and answers stay.",)),))


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
        once=True,
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
        "drops remove", "Remove a schedule.", remove, (_NUMBER, _SURE), allow=Allow.ORGANISER, area="organise"
    ),
)
