"""What a new person begins with: a name, and the zone that their days go by until they say another."""

from __future__ import annotations

from dataclasses import replace

import pytest
from moved_clock import MovedClock
from talk import DIRECT, HOME, Talk

from core.call import Where, Who
from core.store import people, preferences
from core.store.engine import Store
from core.store.people import Known


@pytest.fixture
async def talk(store: Store, clock: MovedClock) -> Talk:
    """A group in Berlin, and nobody in it."""
    return await Talk.begin(store, clock)


async def arrived(talk: Talk, who: Who, where: Where) -> Known:
    await talk.dispatcher.line("me show", who, where)
    async with talk.store.read() as tx:
        known = await people.look_up(tx, who, where)
    assert known is not None
    return known


@pytest.mark.parametrize(
    ("zone", "here", "expected"),
    [
        ("Asia/Tokyo", HOME, "Asia/Tokyo"),  # their own beats the group's
        ("Asia/Tokyo", DIRECT, "Asia/Tokyo"),
        ("", HOME, "Europe/Berlin"),
        ("", DIRECT, "UTC"),
        ("Middle Earth/Shire", HOME, "Europe/Berlin"),
        ("CET+1", HOME, "Europe/Berlin"),
        ("x" * 5000, DIRECT, "UTC"),
    ],
)
async def test_a_new_person_begins_with_the_zone_the_platform_knows(
    talk: Talk, zone: str, here: Where, expected: str
) -> None:
    known = await arrived(talk, replace(talk.who("ana"), zone=zone), here)
    assert (known.person.zone, known.person.zone_set) == (expected, False)
    async with talk.store.read() as tx:
        changes = await preferences.changes_of(tx, known.person.id)
    assert [c.value for c in changes if c.kind == "zone"] == [expected]


async def test_only_a_new_one_does(talk: Talk) -> None:
    await arrived(talk, talk.who("ana"), HOME)
    known = await arrived(talk, replace(talk.who("ana"), zone="Asia/Tokyo"), HOME)
    assert known.person.zone == "Europe/Berlin"
    await talk("bea", "/me settings zone: Europe/Lisbon")
    assert (
        await arrived(talk, replace(talk.who("bea"), zone="Asia/Tokyo"), HOME)
    ).person.zone == "Europe/Lisbon"


async def test_a_name_that_was_not_said_changes_none(talk: Talk) -> None:
    await arrived(talk, talk.who("ana"), DIRECT)
    nameless = replace(talk.who("ana"), name="")
    known = await arrived(talk, nameless, DIRECT)
    assert (known.account_name, known.person.name) == ("Ana", "Ana")
    assert not known.stale(nameless, DIRECT), "nothing is to be written"
    assert (await arrived(talk, nameless, HOME)).account_name == "Ana", "not even when something else is"
    assert (await arrived(talk, replace(nameless, name="Ana Maria"), HOME)).person.name == "Ana Maria"
    assert (await arrived(talk, replace(nameless, user_id="new"), HOME)).person.name == "somebody"
