"""``setup``: from invitation to the first test post, in one form."""

from __future__ import annotations

from dataclasses import replace
from datetime import time

from core.call import Call, Where
from core.commands import Allow, Command, Kind, Option
from core.errors import BadOption, UsageError
from core.forms import field_of
from core.founding import add_schedule, found_group
from core.kinds import days_words
from core.packs.vocabulary import TRACK_TITLES, TRACKS
from core.parse import action_id
from core.places import access_at, blocked, named
from core.proving import ending, put_test_post
from core.rules.due import Rule
from core.store import arrivals, facts, membership, people, schedules, weekly
from core.store.engine import Tx
from core.store.people import Home
from core.store.schedules import Schedule
from core.views import (
    Block,
    Choice,
    Field,
    Fields,
    Form,
    Message,
    Text,
    Typed,
    View,
    When,
    words,
)

TRACK_CHOICES = tuple(Choice(TRACK_TITLES[t], t) for t in TRACKS)
USUAL = time(9, 0)  # what the form offers first
EVERY_DAY = frozenset(range(7))


# --- the form ----------------------------------------


async def _form(call: Call) -> Form:
    """Filled in as this channel is set up, else with what most groups choose: it can be sent as it opens."""
    _check_place(call)
    where = call.request.where
    planned = await _planned_here(call)
    zone = _known_zone(call)
    access = await access_at(call.app, where.platform, where.server_id, where.channel_id)
    # Where a channel may be unseen only for want of an invitation, this one is: it was typed in here.
    unusable = access is not None and ((access.gone and not access.why_gone) or bool(access.unfit))
    values = {
        "time": f"{planned.rule.local_time if planned else USUAL:%H:%M}",
        "zone": (planned.rule.zone if planned else "") or zone,
        "days": days_words(planned.rule.weekdays if planned else EVERY_DAY),
        "tracks": ", ".join(planned.tracks if planned else ()),
        "channel": "" if unusable else where.channel_id,
    }
    fields = {o.name: field_of(o, values[o.name]) for o in OPTIONS if o.name in values}
    asked: tuple[Field, ...] = (
        fields["time"],
        replace(fields["zone"], hint="As Europe/Berlin, or a big city near you", required=not zone),
        replace(fields["days"], hint="As mon-fri, sat-sun or daily"),
        fields["tracks"],
        replace(fields["channel"], hint="Where the question appears", required=unusable),
    )
    return Form(action_id("setup"), "Set up the group's question", asked, submit="Set up")


def _known_zone(call: Call) -> str:
    """The zone that is meant when none is said: the group's, else the organiser's own when they said it."""
    if call.group is not None:
        return call.group.zone
    return call.person.zone if call.person.zone_set else ""


async def _planned_here(call: Call) -> Schedule | None:
    """The schedule that a setup of this very channel would change."""
    if call.group is None or call.home is None or call.home.channel_id != call.request.where.channel_id:
        return None
    async with call.app.store.read() as tx:
        return await _schedule_of(tx, call.group.id, call.home.id)


async def _schedule_of(tx: Tx, group_id: int, home_id: int, *, hold: bool = False) -> Schedule | None:
    found = await schedules.posting_at(tx, home_id)
    return next((s for s in await schedules.of_group(tx, group_id, hold=hold) if s.id == found), None)


def _check_place(call: Call) -> None:
    if call.request.where.direct:
        raise UsageError(
            "A group is set up in the channel where its questions should appear.", example="setup time: 09:00"
        )


# --- setting up ----------------------------------------


async def setup(call: Call) -> View:
    """Make a channel a home, plan its drops, and prove the road with a test post, or say what stands in its way."""
    _check_place(call)
    where = call.request.where
    zone = call.get("zone") or _known_zone(call) or call.person.zone
    rule = Rule(call.values["time"], zone, call.get("days") or EVERY_DAY)
    at = _chosen(call)
    access = await access_at(call.app, at.platform, at.server_id, at.channel_id)
    if access is not None and access.unfit:
        raise BadOption(
            f"{named(access, at.name)} is {access.unfit}. A question can only be posted in a text channel.",
            option="channel",
            example="setup time: 09:00",
        )
    at = replace(at, name=named(access, at.name))
    moved = False
    async with call.app.store.write() as tx:
        if call.group is None:
            await _check_nobody_was_first(tx, where)
            name = call.get("name") or where.server_name or where.name or "Study group"
            tracks = call.get("tracks", ())
            founded = await found_group(tx, at, name, rule, tracks, call.now, drop_now=False)
            group_id, home_id = founded.group_id, founded.home_id
            await membership.join(tx, group_id, call.person.id, call.now)
        else:
            group_id = call.group.id
            await people.hold_server(tx, where)
            home_id = await _home(tx, group_id, at, call)
            before = await _schedule_of(tx, group_id, home_id, hold=True)
            tracks = await _replan(tx, call, home_id, before, rule)
            # Another zone where there was one corrects it for the group, too. A second channel only has its own.
            moved = before is not None and zone not in (before.rule.zone, call.group.zone)
            if moved:
                await arrivals.set_group_zone(tx, group_id, zone)
                await weekly.move(tx, group_id, zone)
        if call.get("name"):
            await arrivals.rename_group(tx, group_id, call.values["name"])
        await facts.note_action(
            tx, group_id, call.person.id, "setup", f"{rule.local_time:%H:%M} {zone}", call.now
        )
        group = await people.get_group(tx, group_id)
        assert group is not None
        if not blocked(access):
            await put_test_post(call, tx, Home(home_id, group_id, *_address(at), at.name, "active", ""))
        planned = [s for s in await schedules.of_group(tx, group_id) if s.state == "active"]
    call.app.wake()
    following = min((s.next_due_at, s.rule.zone) for s in planned if s.next_due_at is not None)
    facts_of = [
        ("First question", words(When(following[0], following[1]))),
        ("Days", words(days_words(rule.weekdays))),
        ("Tracks", words(", ".join(TRACK_TITLES[t].lower() for t in tracks) or "all of them, in turn")),
    ]
    if moved:
        facts_of.append(("Zone", words(f"{zone}; the group's days and boards go by it from now on")))
    place = "this channel" if at.channel_id == where.channel_id else named(access, "that channel")
    if blocked(access):
        title = f"{group.name} is set up, but Starling cannot post in {named(access, place)} yet."
    else:
        title = f"{group.name} is set up. A test post is on its way to {place}."
    notes: list[Block] = []
    if not call.get("zone") and not _known_zone(call):
        said = Typed(f"setup time: {rule.local_time:%H:%M} zone: Europe/Berlin")
        notes.append(
            Text(words(f"No time zone was said, so this goes by {zone}. To change it: ", said), style="note")
        )
    blocks = (Text((title,), style="title"), Fields(tuple(facts_of)), *notes)
    return Message((*blocks, *ending(access, home_id, named(access, place))))


def _chosen(call: Call) -> Where:
    """The place of the questions: this channel, or the one that was named."""
    where = call.request.where
    channel = call.get("channel") or where.channel_id
    return where if channel == where.channel_id else replace(where, channel_id=channel, name=channel)


def _address(at: Where) -> tuple[str, str, str]:
    return at.platform, at.server_id, at.channel_id


async def _check_nobody_was_first(tx: Tx, where: Where) -> None:
    """Two organisers at the same moment, or one press delivered twice: the server gets one group."""
    if not await people.is_first_at(tx, where):
        raise UsageError(
            "Somebody has set this place up at this very moment. To change what they chose, do it again.",
            example="drops list",
        )


async def _home(tx: Tx, group_id: int, at: Where, call: Call) -> int:
    """The home of that channel: there already (switched on again), or made now."""
    for known in await people.homes_of(tx, group_id):
        if (known.platform, known.server_id, known.channel_id) == _address(at):
            await arrivals.enable_home(tx, known.id)
            return known.id
    return await arrivals.create_home(tx, group_id, at, call.now)


async def _replan(tx: Tx, call: Call, home_id: int, found: Schedule | None, rule: Rule) -> tuple[str, ...]:
    """A second setup changes the first schedule of this home, it never adds a second drop a day. The tracks it has.

    Tracks that were not said stay; a form that came back with none ticked means all of them.
    """
    assert call.group is not None
    tracks: tuple[str, ...] = call.get("tracks", ())
    if found is None:
        await add_schedule(tx, call.group.id, [(home_id, "")], rule, call.now, tracks=tracks)
        return tracks
    if not (call.request.submitted and "tracks" in call.request.values):
        tracks = tracks or found.tracks
    await schedules.reschedule(tx, found, rule, call.now)
    if tracks != found.tracks:
        await schedules.set_content(tx, found.id, tracks=tracks, packs=found.packs, role_id=found.role_id)
    return tracks


# --- the test post ----------------------------------------


async def testpost(call: Call) -> View:
    """Look again, and when nothing stands in the way, put a test post there and switch its home on again."""
    assert call.group is not None  # allow=ORGANISER
    async with call.app.store.read() as tx:
        homes = await people.homes_of(tx, call.group.id)
    wanted = call.get("home") or (call.home.id if call.home else None)
    home = next((h for h in homes if h.id == wanted), None)
    if home is None:
        raise UsageError(
            f"{call.group.name} has no such channel. In the channel it should have:",
            example="setup time: 09:00",
        )
    access = await access_at(call.app, home.platform, home.server_id, home.channel_id)
    name = named(access, home.name)
    if blocked(access):
        title = Text((f"Starling cannot post in {name} yet.",), style="title")
        return Message((title, *ending(access, home.id, name)))
    async with call.app.store.write() as tx:
        await arrivals.enable_home(tx, home.id)
        await put_test_post(call, tx, home)
        await facts.note_action(tx, home.group_id, call.person.id, "testpost", home.name, call.now)
    call.app.wake()
    title = Text((f"A test post is on its way to {name}.",), style="title")
    return Message((title, *ending(access, home.id, name)))


OPTIONS = (
    Option("time", "When the question comes, on the 24-hour clock", Kind.TIME, required=True, asked=True),
    Option("zone", "The group's time zone; yours when left out", Kind.ZONE),
    Option("days", "On which days; every day when left out", Kind.DAYS, least=1),
    Option("tracks", "Which kinds of question; all when left out", Kind.MANY, choices=TRACK_CHOICES),
    Option("name", "What the group is called", most=60, named=True),
    Option("channel", "Another channel than this one", Kind.CHANNEL, named=True),
)

COMMANDS = (
    Command(
        "setup",
        "Set this channel up: when the question comes, and of what kind. Ends with a test post.",
        setup,
        OPTIONS,
        allow=Allow.ORGANISER,
        founds=True,
        slow=True,
        form=_form,
        example=f"setup time: {USUAL:%H:%M} zone: Europe/Berlin days: mon-fri",
        area="organise",
        once=True,
    ),
    Command(
        "testpost",
        "Look whether Starling may post in a channel of the group, and post a test there.",
        testpost,
        (Option("home", "The channel's number at Starling", Kind.NUMBER, least=1),),
        allow=Allow.ORGANISER,
        slow=True,
        listed=False,
        area="organise",
        once=True,
    ),
)
