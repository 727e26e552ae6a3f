"""``setup``: from invitation to the first test post, in one form."""

from __future__ import annotations

from datetime import time
from secrets import token_hex

from core.call import Call, Where
from core.commands import Allow, Command, Kind, Option
from core.errors import UsageError
from core.founding import add_schedule, found_group
from core.kinds import days_words
from core.packs.vocabulary import TRACK_TITLES, TRACKS
from core.rules.due import Rule
from core.store import arrivals, deliveries, facts, membership, people, schedules
from core.store.engine import Tx
from core.store.people import Home
from core.views import Block, Button, Buttons, Choice, Fields, Message, Text, Typed, View, When, words

TRACK_CHOICES = tuple(Choice(TRACK_TITLES[t], t) for t in TRACKS)


async def setup(call: Call) -> View:
    """Make this channel a home, plan its drops, and prove the road with a test post."""
    where = call.request.where
    if where.direct:
        raise UsageError(
            "A group is set up in the channel where its questions should appear.", example="setup time: 09:00"
        )
    zone = call.get("zone") or (call.group.zone if call.group else call.person.zone)
    rule = Rule(call.values["time"], zone, call.get("days") or frozenset(range(7)))
    tracks = call.get("tracks", ())
    channel = call.get("channel") or where.channel_id
    async with call.app.store.write() as tx:
        if call.group is None:
            await _check_nobody_was_first(tx, where)
            name = call.get("name") or where.name or "Study group"
            founded = await found_group(tx, _at(call, channel), name, rule, tracks, call.now, drop_now=False)
            group_id, home_id = founded.group_id, founded.home_id
            await membership.join(tx, group_id, call.person.id, call.now)
        else:
            group_id = call.group.id
            home_id = await _home(tx, call, channel)
            tracks = await _replan(tx, call, home_id, rule, tracks)
        if call.get("name"):
            await arrivals.rename_group(tx, group_id, call.values["name"])
        await facts.note_action(
            tx, group_id, call.person.id, "setup", f"{rule.local_time:%H:%M} {zone}", call.now
        )
        group = await people.get_group(tx, group_id)
        assert group is not None
        await _test_post(tx, call, group_id, home_id, channel)
        planned = [s for s in await schedules.of_group(tx, group_id) if s.state == "active"]
    call.app.wake()
    place = "this channel" if channel == where.channel_id else "that channel"
    following = min((s.next_due_at, s.rule.zone) for s in planned if s.next_due_at is not None)
    blocks: list[Block] = [
        Text((f"{group.name} is set up. A test post is on its way to {place}.",), style="title"),
        Fields(
            (
                ("First question", words(When(following[0], following[1]))),
                ("Days", words(days_words(rule.weekdays))),
                (
                    "Tracks",
                    words(", ".join(TRACK_TITLES[t].lower() for t in tracks) or "all of them, in turn"),
                ),
            )
        ),
        Text(
            words(
                "What next: if the test post does not appear, ",
                Typed("doctor"),
                " says why. ",
                Typed("drops add"),
                " plans more, ",
                Typed("drops preview"),
                " shows the next question.",
            ),
            style="note",
        ),
        Buttons((Button("Doctor", "doctor"), Button("Preview", "drops preview"))),
    ]
    return Message(tuple(blocks))


async def _check_nobody_was_first(tx: Tx, where: Where) -> None:
    """Two organisers at the same moment, or one press delivered twice: the server gets one group."""
    if not await people.is_first_at(tx, where):
        raise UsageError(
            "Somebody has set this place up at this very moment. To change what they chose, do it again.",
            example="drops list",
        )


def _at(call: Call, channel: str) -> Where:
    where = call.request.where
    return Where(
        where.platform, where.server_id, channel, where.name if channel == where.channel_id else channel
    )


async def _home(tx: Tx, call: Call, channel: str) -> int:
    """The home of ``channel``: there already (switched on again), or made now."""
    assert call.group is not None
    where = call.request.where
    known: Home | None = next(
        (
            h
            for h in await people.homes_of(tx, call.group.id)
            if (h.platform, h.server_id, h.channel_id) == (where.platform, where.server_id, channel)
        ),
        None,
    )
    if known is None:
        return await arrivals.create_home(tx, call.group.id, _at(call, channel), call.now)
    await arrivals.enable_home(tx, known.id)
    return known.id


async def _replan(tx: Tx, call: Call, home_id: int, rule: Rule, tracks: tuple[str, ...]) -> tuple[str, ...]:
    """A second setup changes the first schedule of this home, it never adds a second drop a day. The tracks it has."""
    assert call.group is not None
    for found in await schedules.of_group(tx, call.group.id):
        places = await schedules.homes_of(tx, [found.id])
        if any(p.home_id == home_id for p in places):
            await schedules.reschedule(tx, found, rule, call.now)
            if tracks:
                await schedules.set_content(
                    tx, found.id, tracks=tracks, packs=found.packs, role_id=found.role_id
                )
            return tracks or found.tracks
    await add_schedule(tx, call.group.id, [(home_id, "")], rule, call.now, tracks=tracks)
    return tracks


async def _test_post(tx: Tx, call: Call, group_id: int, home_id: int, channel: str) -> None:
    where = call.request.where
    await deliveries.put(
        tx,
        [
            deliveries.row(
                f"t{home_id}-{token_hex(6)}",
                "test",
                home_id=home_id,
                platform=where.platform,
                scope=deliveries.scope_of(where.platform, where.server_id),
                channel_id=channel,
                body={
                    "text": [
                        "This is Starling's test post. The group's question will appear here.",
                        "Everybody can begin now:",
                    ],
                    "buttons": [["Today's question", "today"], ["Practise", "practice"]],
                },
                due_at=call.now,
                not_before=call.now,
                expires_at=call.now + call.app.limits.draft_life,
            )
        ],
    )


COMMANDS = (
    Command(
        "setup",
        "Set this channel up: when the question comes, and of what kind. Ends with a test post.",
        setup,
        (
            Option(
                "time", "When the question comes, on the 24-hour clock", Kind.TIME, required=True, asked=True
            ),
            Option("zone", "The group's time zone; yours when left out", Kind.ZONE),
            Option("days", "On which days; every day when left out", Kind.DAYS, least=1),
            Option("tracks", "Which kinds of question; all when left out", Kind.MANY, choices=TRACK_CHOICES),
            Option("name", "What the group is called", most=60),
            Option("channel", "Another channel than this one", Kind.CHANNEL, named=True),
        ),
        allow=Allow.ORGANISER,
        founds=True,
        slow=True,
        example=f"setup time: {time(9, 0):%H:%M} zone: Europe/Berlin days: mon-fri",
        area="organise",
    ),
)
