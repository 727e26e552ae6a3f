"""What the platforms let Starling do in the group's channels: each missing right, where, and what it is for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from core.doctor.finding import Finding
from core.places import access_at, lacking, named, unseen
from core.ports import Access
from core.services import Services
from core.store import people, schedules
from core.store.people import Group, Home
from core.views import Typed, Words, words


async def gather(app: Services, group: Group) -> dict[int, list[Access]]:
    """By a home's number, what is allowed in its own channel and in others where schedules of it post.

    Homes that nobody here can tell about have nothing. Threads and roles are looked at where a schedule that
    runs needs them.
    """
    if not app.places:
        return {}
    async with app.store.read() as tx:
        homes = {h.id: h for h in await people.homes_of(tx, group.id)}
        running = {s.id: s for s in await schedules.of_group(tx, group.id) if s.state == "active"}
        there = await schedules.homes_of(tx, list(running))
    wanted: dict[
        tuple[int, str, bool, str], None
    ] = {}  # (home, channel, with a thread, role to mention), in order
    for home in homes.values():
        wanted[home.id, home.channel_id, False, ""] = None
    for place in there:
        one = running[place.schedule_id]
        if place.home_id in homes and (place.channel_id or one.thread or one.role_id):
            wanted[place.home_id, place.channel_id or place.home_channel_id, one.thread, one.role_id] = None
    found: dict[int, list[Access]] = {}
    for home_id, channel, thread, role in wanted:
        home = homes[home_id]
        access = await access_at(app, home.platform, home.server_id, channel, thread=thread, role_id=role)
        if access is not None:
            found.setdefault(home_id, []).append(access)
    return found


def findings(home: Home, looked: Sequence[Access]) -> Iterator[Finding]:
    """What is wrong at one home, each thing once."""
    seen: set[str] = set()
    for access in looked:
        name = named(access, home.name)
        for said, way in _wrong(access, name):
            if said not in seen:
                seen.add(said)
                yield Finding(words(said), way)


def _wrong(access: Access, name: str) -> Iterator[tuple[str, Words]]:
    if access.gone:
        shown = f"{access.where} Or" if access.why_gone and access.where else "Let Starling see it; or"
        yield unseen(access, name), words(f"{shown}, to post in another channel, there: ", Typed("setup"))
    elif access.unfit:
        way = words("To post in another channel, there: ", Typed("setup"))
        yield f"{name} is {access.unfit}, where a question cannot be posted.", way
    else:
        for lack in access.lacks:
            how = lack.way or access.where
            yield (
                lacking(lack, name),
                words(*([f"{how} "] if how else []), "Then look again: ", Typed("doctor")),
            )
        for note in access.notes:
            yield note, words("Look at the schedules: ", Typed("drops list"))
