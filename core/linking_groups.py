"""One group in several homes: joining a home, or a whole group, by a one-time code; and a home that leaves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from core.call import Where
from core.delivery.redraw import touch_cards
from core.errors import NotFound, UsageError
from core.kinds import days_words
from core.linking import platform_name, spend
from core.services import Services
from core.store import arrivals, facts, membership, occurrences, people, schedules, stale, uniting, weekly
from core.store.codes import Code
from core.store.engine import Tx
from core.store.people import Group, Home
from core.store.schedules import Schedule


def home_words(home: Home) -> str:
    """ "#practice on Slack"."""
    return f"{home.name} on {platform_name(home.platform)}"


def schedule_words(schedule: Schedule) -> str:
    """ "daily at 09:00 (Europe/Berlin)"."""
    rule = schedule.rule
    return f"{days_words(rule.weekdays)} at {rule.local_time:%H:%M} ({rule.zone})"


@dataclass(frozen=True, slots=True)
class Offered:
    """What a code offers: the group, and the home in which it was made."""

    group: Group
    home: Home
    homes: Sequence[Home]


async def offered(tx: Tx, found: Code) -> Offered:
    """Raises NotFound when the home in which the code was made is no home any more."""
    home = await people.get_home(tx, found.home_id or 0)
    group = await people.get_group(tx, home.group_id) if home is not None else None
    if home is None or group is None:
        raise NotFound(
            "The channel in which that code was made is in no group any more. Make a new one there."
        )
    return Offered(group, home, await people.homes_of(tx, group.id))


@dataclass(frozen=True, slots=True)
class Own:
    """What the joining home's own group would bring along."""

    group: Group
    members: int
    schedules: Sequence[Schedule]
    homes: Sequence[Home]


async def own(tx: Tx, group: Group) -> Own:
    return Own(
        group,
        await uniting.size(tx, group.id),
        await schedules.of_group(tx, group.id),
        await people.homes_of(tx, group.id),
    )


@dataclass(frozen=True, slots=True)
class Linked:
    """A home that is in the group now. ``ended`` are the schedules its own group had; ``posting`` those that come."""

    offer: Offered
    home: Home
    ended: Sequence[Schedule]
    posting: Sequence[Schedule]


async def link_place(tx: Tx, found: Code, where: Where, name: str, person_id: int, now: datetime) -> Linked:
    """Make ``where``, which is no home yet and in a server without one, a home of the code's group."""
    if not await people.is_first_at(tx, where):
        raise UsageError(
            "Somebody has set this place up at this very moment. Do it again to see what is there."
        )
    offer = await offered(tx, found)
    await uniting.hold(tx, offer.group.id)
    await spend(tx, found, now)
    home_id = await arrivals.create_home(tx, offer.group.id, where, now)
    home = Home(
        home_id, offer.group.id, where.platform, where.server_id, where.channel_id, name, "active", ""
    )
    await membership.join(tx, offer.group.id, person_id, now)
    return await _finish(tx, offer, home, (), person_id, now)


async def link_group(
    tx: Tx, app: Services, found: Code, home_id: int, person_id: int, now: datetime
) -> Linked:
    """Make the group of ``home_id`` a part of the code's group. Raises UsageError, NotFound; then nothing changed."""
    offer, home = await offered(tx, found), await people.get_home(tx, home_id)
    if home is None:
        raise NotFound("This channel has left its group meanwhile. Do it again to see what is there.")
    await uniting.hold(tx, offer.group.id, home.group_id)
    check_other(offer, home.group_id)
    if (await offered(tx, found)).group.id != offer.group.id or await people.get_home(tx, home_id) != home:
        raise UsageError(
            "One of the two groups changed at this very moment. Do it again to see what is there."
        )
    await spend(tx, found, now)
    await uniting.hold_members(tx, home.group_id)
    ended = await schedules.of_group(tx, home.group_id, hold=True)
    for schedule in ended:
        await schedules.stop(tx, schedule.id, "removed", now)
    await uniting.join(tx, offer.group.id, home.group_id, app.points, now)
    await weekly.move(tx, offer.group.id, offer.group.zone)
    linked = await _finish(tx, offer, home, ended, person_id, now)
    for drop in await occurrences.open_drops(tx, now, group_id=offer.group.id):
        await touch_cards(tx, app, drop.id, now)
    return linked


def check_other(offer: Offered, group_id: int) -> None:
    """Raise UsageError when the code is of the very group that is to be joined with it."""
    if offer.group.id == group_id:
        raise UsageError(
            f"This channel is in {offer.group.name} already. Type the code in the channel that should join it.",
            example="group show",
        )


async def _finish(
    tx: Tx, offer: Offered, home: Home, ended: Sequence[Schedule], person_id: int, now: datetime
) -> Linked:
    ids = await uniting.post_also(tx, offer.home.id, home.id)
    posting = [s for s in await schedules.of_group(tx, offer.group.id) if s.id in ids]
    for schedule in posting:  # members who came along have these days from now on
        await stale.mark_scheduled(tx, schedule.id, now)
    await facts.note_action(tx, offer.group.id, person_id, "group link", home_words(home), now)
    return Linked(offer, home, ended, posting)


# --- leaving --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Unlinked:
    """A home that left. ``ended`` are the schedules that posted nowhere else."""

    group: Group
    home: Home
    ended: Sequence[Schedule]


async def ending_without(tx: Tx, home: Home) -> list[Schedule]:
    """The schedules that would post nowhere without this home."""
    alone = await uniting.left_alone(tx, home.id)
    return [s for s in await schedules.of_group(tx, home.group_id) if s.id in alone]


def check_not_last(group: Group, homes: Sequence[Home]) -> None:
    if len(homes) < 2:
        raise UsageError(
            f"This is the only channel of {group.name}, so it stays. To stop its questions, pause or remove them.",
            example="drops pause",
        )


async def unlink_home(tx: Tx, home_id: int, person_id: int, now: datetime) -> Unlinked:
    """Let a home leave its group, which keeps its members, points and history. Raises UsageError for the last one."""
    home = await people.get_home(tx, home_id)
    group = await people.get_group(tx, home.group_id) if home is not None else None
    if home is None or group is None:
        raise NotFound("This channel is in no group any more, so there is nothing to unlink.")
    await uniting.hold(tx, group.id)
    check_not_last(group, await people.homes_of(tx, group.id))
    await schedules.of_group(tx, group.id, hold=True)  # none is claimed meanwhile
    ended = await ending_without(tx, home)
    for schedule in ended:
        await schedules.stop(tx, schedule.id, "removed", now)
    await stale.mark_stale(tx, await uniting.remove_home(tx, home.id, now))
    await facts.note_action(tx, group.id, person_id, "group unlink", home_words(home), now)
    return Unlinked(group, home, ended)
