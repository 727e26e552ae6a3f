"""Persons, accounts, groups and members, on both databases."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

import pytest
from moved_clock import MovedClock
from sqlalchemy import func, insert, select

from core.call import Where, Who
from core.store import arrivals, drafts, membership, people, preferences
from core.store.engine import Store
from core.store.tables import account, draft, member, person, rollup

DAY = timedelta(hours=24)
ADA = Who("discord", "1", "Ada")
BEN = Who("discord", "2", "Ben")
CHANNEL = Where("discord", "9", "90", "#practice")
DIRECT = Where("discord")


async def a_group(store: Store, now: datetime, where: Where = CHANNEL, zone: str = "Europe/Berlin") -> int:
    async with store.write() as tx:
        group_id = await arrivals.create_group(tx, "Night owls", zone, now)
        await arrivals.create_home(tx, group_id, where, now)
    return group_id


async def arrives(store: Store, who: Who, where: Where, now: datetime) -> people.Known:
    async with store.write() as tx:
        return await arrivals.arrive(tx, who, where, now)


async def known(store: Store, who: Who, where: Where) -> people.Known:
    async with store.read() as tx:
        found = await people.look_up(tx, who, where)
    assert found is not None
    return found


async def test_nobody_is_known_before_they_speak(store: Store) -> None:
    async with store.read() as tx:
        assert await people.look_up(tx, ADA, CHANNEL) is None
        assert await people.get_person(tx, 1) is None
        assert await people.get_group(tx, 1) is None


async def test_a_first_word_in_a_home_joins_its_group_and_takes_over_its_zone(
    store: Store, clock: MovedClock
) -> None:
    group_id = await a_group(store, clock.now())
    found = await arrives(store, ADA, CHANNEL, clock.now())

    assert found.person.name == "Ada"
    assert (found.person.zone, found.person.zone_set) == ("Europe/Berlin", False)
    assert (found.person.cutoff, found.person.level) == (time(3), "mid")
    assert found.person.created_at == clock.now()
    assert found.person.active_group_id == group_id
    assert found.group is not None and found.group.id == group_id
    assert found.home is not None and found.home.channel_id == "90"
    assert found.member == people.Member(group_id, found.person.id, False, clock.now())
    assert not found.stale(ADA, CHANNEL)
    assert await known(store, ADA, CHANNEL) == found


async def test_arriving_again_changes_nothing(store: Store, clock: MovedClock) -> None:
    await a_group(store, clock.now())
    first = await arrives(store, ADA, CHANNEL, clock.now())
    clock.advance(days=1)
    assert await arrives(store, ADA, CHANNEL, clock.now()) == first
    async with store.read() as tx:
        for table in (person, account, member):
            assert (await tx.execute(select(func.count()).select_from(table))).scalar_one() == 1


async def test_a_direct_message_belongs_to_the_active_group_or_to_none(
    store: Store, clock: MovedClock
) -> None:
    alone = await arrives(store, ADA, DIRECT, clock.now())
    assert (alone.group, alone.home, alone.member, alone.person.zone) == (None, None, None, "UTC")

    group_id = await a_group(store, clock.now())
    assert (await known(store, ADA, CHANNEL)).stale(ADA, CHANNEL), "there is a group to join now"
    await arrives(store, ADA, CHANNEL, clock.now())
    direct = await known(store, ADA, DIRECT)
    assert direct.group is not None and direct.group.id == group_id
    assert direct.home is None and direct.member is not None


async def test_a_new_name_is_taken_over_cleaned(store: Store, clock: MovedClock) -> None:
    await arrives(store, ADA, DIRECT, clock.now())
    renamed = Who("discord", "1", "  Ada\u202e\n Lovelace ")
    assert (await known(store, ADA, DIRECT)).stale(renamed, DIRECT)
    found = await arrives(store, renamed, DIRECT, clock.now())
    assert (found.person.name, found.account_name) == ("Ada Lovelace", "Ada Lovelace")
    assert not found.stale(renamed, DIRECT)


async def test_user_ids_are_kept_apart_by_platform_and_workspace(store: Store, clock: MovedClock) -> None:
    twins = [Who("discord", "U1", "A"), Who("slack", "U1", "B", "T1"), Who("slack", "U1", "C", "T2")]
    ids = {(await arrives(store, who, Where(who.platform), clock.now())).person.id for who in twins}
    assert len(ids) == 3
    async with store.read() as tx:
        accounts = await people.accounts_of(tx, min(ids))
    assert [(a.platform, a.workspace, a.name) for a in accounts] == [("discord", "", "A")]


async def test_a_channel_without_a_home_uses_the_oldest_home_of_its_server(
    store: Store, clock: MovedClock
) -> None:
    first = await a_group(store, clock.now())
    second = await a_group(store, clock.now(), Where("discord", "9", "91", "#second"))
    async with store.read() as tx:
        for channel, group_id in (("90", first), ("91", second), ("77", first)):
            here = await people.home_at(tx, Where("discord", "9", channel))
            assert here is not None and here.group_id == group_id
        assert await people.home_at(tx, Where("discord", "8", "90")) is None
        assert await people.home_at(tx, Where("slack", "9", "90")) is None
        assert await people.home_at(tx, DIRECT) is None
        assert [h.name for h in await people.homes_of(tx, second)] == ["#second"]


async def test_who_left_keeps_their_data_and_comes_back_by_joining(store: Store, clock: MovedClock) -> None:
    group_id = await a_group(store, clock.now())
    someone = (await arrives(store, ADA, CHANNEL, clock.now())).person
    async with store.write() as tx:
        await membership.leave(tx, group_id, someone.id, clock.now())
    gone = await known(store, ADA, CHANNEL)
    assert gone.member is None and gone.group is not None and gone.person.active_group_id is None

    clock.advance(days=3)
    async with store.write() as tx:
        await membership.join(tx, group_id, someone.id, clock.now())
        await membership.join(tx, group_id, someone.id, clock.now())  # twice is once
    back = await known(store, ADA, CHANNEL)
    assert back.member is not None and back.member.joined_at == clock.now()
    assert back.person.active_group_id == group_id


async def test_leaving_the_active_group_makes_the_next_oldest_one_active(
    store: Store, clock: MovedClock
) -> None:
    first = await a_group(store, clock.now())
    second = await a_group(store, clock.now(), Where("discord", "8", "80"))
    someone = (await arrives(store, ADA, CHANNEL, clock.now())).person
    clock.advance(hours=1)
    await arrives(store, ADA, Where("discord", "8", "80"), clock.now())
    async with store.write() as tx:
        assert [g.id for g in await people.groups_of(tx, someone.id)] == [first, second]
        await membership.leave(tx, first, someone.id, clock.now())
        after = await people.get_person(tx, someone.id)
        assert after is not None and after.active_group_id == second
        await preferences.set_active_group(tx, someone.id, second)
        assert [g.id for g in await people.groups_of(tx, someone.id)] == [second]


async def test_boards_follow_hiding_leaving_and_coming_back(store: Store, clock: MovedClock) -> None:
    group_id = await a_group(store, clock.now())
    ada = (await arrives(store, ADA, CHANNEL, clock.now())).person
    ben = (await arrives(store, BEN, CHANNEL, clock.now())).person
    row = {"group_id": group_id, "period": "all", "bucket": "all", "track": "", "points": 10, "improved": 0}
    row |= {"points_at": clock.now(), "improved_at": clock.now(), "shown": True}
    async with store.write() as tx:
        await tx.execute(insert(rollup), [row | {"person_id": p.id} for p in (ada, ben)])

    async def shown() -> set[int]:
        async with store.read() as tx:
            return set(
                (await tx.execute(select(rollup.c.person_id).where(rollup.c.shown.is_(True)))).scalars()
            )

    async with store.write() as tx:
        await membership.hide(tx, group_id, ada.id, True)
    assert await shown() == {ben.id}
    assert (await known(store, ADA, CHANNEL)).member == people.Member(group_id, ada.id, True, clock.now())
    async with store.write() as tx:
        await membership.leave(tx, group_id, ada.id, clock.now())
        await membership.hide(tx, group_id, ada.id, False)
    assert await shown() == {ben.id}, "who left stays off the board"
    async with store.write() as tx:
        await membership.join(tx, group_id, ada.id, clock.now())
    assert await shown() == {ada.id, ben.id}


async def test_settings_are_kept_with_the_instant_from_which_they_act(
    store: Store, clock: MovedClock
) -> None:
    someone = (await arrives(store, ADA, DIRECT, clock.now())).person
    began = clock.now()
    clock.advance(hours=1)
    async with store.write() as tx:
        await preferences.set_zone(tx, someone.id, "Asia/Tokyo", clock.now())
        await preferences.set_cutoff(tx, someone.id, people.minutes_of(time(4, 30)), clock.now())
        await preferences.set_rest_days(tx, someone.id, frozenset({5, 6}), clock.now())
        await preferences.set_level(tx, someone.id, "senior")
    async with store.read() as tx:
        after = await people.get_person(tx, someone.id)
        changes = [tuple(c) for c in await preferences.changes_of(tx, someone.id)]
    assert after is not None
    assert (after.zone, after.zone_set, after.cutoff) == ("Asia/Tokyo", True, time(4, 30))
    assert (after.rest_days, after.level) == (frozenset({5, 6}), "senior")
    assert changes == [
        (began, "zone", "UTC"),
        (began, "cutoff", 180),
        (clock.now(), "zone", "Asia/Tokyo"),
        (clock.now(), "cutoff", 270),
        (clock.now(), "rest", [5, 6]),
    ]
    assert all(at.tzinfo is UTC for at, _, _ in changes)


def test_weekdays_survive_their_mask() -> None:
    for mask in range(128):
        assert people.mask_of(people.days_of(mask)) == mask
    assert people.days_of(0b1100000) == {5, 6}


async def test_a_draft_is_kept_for_a_while_and_replaced_by_the_next(store: Store, clock: MovedClock) -> None:
    someone = (await arrives(store, ADA, DIRECT, clock.now())).person
    other = (await arrives(store, BEN, DIRECT, clock.now())).person
    async with store.write() as tx:
        await drafts.keep(tx, someone.id, "story add", {"title": "Outage"}, clock.now(), DAY)
        await drafts.keep(tx, someone.id, "story add", {"title": "Größe “x” 🎉"}, clock.now(), DAY)
        await drafts.keep(tx, someone.id, "answer", {}, clock.now(), DAY)
    since = clock.now() - timedelta(hours=24)
    async with store.read() as tx:
        assert await drafts.find(tx, someone.id, "story add", since) == {"title": "Größe “x” 🎉"}
        assert await drafts.find(tx, someone.id, "story add", since=clock.now() + timedelta(seconds=1)) == {}
        assert await drafts.find(tx, someone.id, "answer", since) == {}
        assert await drafts.find(tx, other.id, "story add", since) == {}
        assert (await tx.execute(select(func.count()).select_from(draft))).scalar_one() == 2


async def test_what_is_no_json_is_refused_as_a_draft(store: Store, clock: MovedClock) -> None:
    someone = (await arrives(store, ADA, DIRECT, clock.now())).person
    with pytest.raises(TypeError):
        async with store.write() as tx:
            await drafts.keep(tx, someone.id, "answer", {"at": clock.now()}, clock.now(), DAY)  # type: ignore[dict-item]


async def test_a_block_that_raises_leaves_nothing_behind(store: Store, clock: MovedClock) -> None:
    with pytest.raises(ZeroDivisionError):
        async with store.write() as tx:
            await arrivals.arrive(tx, ADA, DIRECT, clock.now())
            raise ZeroDivisionError
    async with store.read() as tx:
        assert await people.look_up(tx, ADA, DIRECT) is None
