"""The weekly recap: on Monday at nine, once for each home and week, about the week that has ended."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from moved_clock import MovedClock
from sqlalchemy import func, select, update
from talk import PLATFORM, Talk

from core.call import Where
from core.delivery.weekly import claim_weekly
from core.rules.days import day_of
from core.rules.scoring import Award
from core.store import arrivals, boards, weekly
from core.store.engine import Store
from core.store.tables import delivery, home, member
from core.text import as_text
from core.weekly import weekly_view

MONDAY = "2026-03-09 08:00"  # nine in Berlin


@pytest.fixture
async def talk(store: Store, clock: MovedClock) -> Talk:
    made = await Talk.begin(store, clock, packs=True)
    await switch(made, True)
    return made


async def switch(talk: Talk, on: bool, zone: str = "Europe/Berlin", home_id: int = 0) -> None:
    async with talk.store.write() as tx:
        await weekly.switch(tx, home_id or talk.home_id, on, zone, talk.clock.now())


async def reward(talk: Talk, name: str, award: Award, improved: int = 0) -> None:
    """What the person did just now, as the road puts it down."""
    someone, now = await talk.person(name), talk.clock.now()
    async with talk.store.write() as tx:
        day = day_of(now, someone.zone, someone.cutoff)
        await boards.award(
            tx,
            award,
            person_id=someone.id,
            group_id=talk.group_id,
            track="behavioural",
            day=day,
            now=now,
            improved=improved,
        )


async def a_week(talk: Talk) -> None:
    """Ana answers twice, Ben once and reviews twice, Cleo reviews once and well, and hides."""
    for name in ("ana", "ana", "ben", "cleo"):
        talk.clock.advance(minutes=5)
        await talk.practise(name)
    await reward(talk, "ana", Award(0, "improvement", ""), improved=3)
    for award in (Award(3, "review", ""), Award(3, "review", ""), Award(2, "helpful", "")):
        await reward(talk, "ben", award)
    for award in (Award(3, "review", ""), Award(2, "helpful", ""), Award(2, "helpful", "")):
        await reward(talk, "cleo", award)


async def rows(talk: Talk) -> list[tuple[str, str]]:
    async with talk.store.read() as tx:
        query = select(delivery.c.key, delivery.c.state).where(delivery.c.kind == "weekly")
        found = await tx.execute(query.order_by(delivery.c.due_at, delivery.c.key))
        return list(found.tuples())


async def claim(talk: Talk, instant: str) -> int:
    talk.until(instant)
    return await claim_weekly(talk.store, talk.clock)


async def test_on_monday_the_week_is_told_in_the_homes_that_want_it(talk: Talk) -> None:
    await a_week(talk)
    assert await claim(talk, "2026-03-09 07:59") == 0
    assert await claim(talk, MONDAY) == 1
    (sent,) = await talk.deliver()
    assert (
        sent
        == """to channel: ## The week of Night owls

Monday 2 March to Sunday 8 March 2026

3 members practised, with 4 answers.

   Name  Points
1  Ben       18
2  Cleo      17
3  Ana       10

Biggest step: Ana, 3 items newly met.

Most helpful reviewer: Cleo, 2 reviews marked helpful. Thank you!

Further west Sunday may not be over: what comes in there is on the leaderboard.

[This week so far]"""
    )
    assert await talk.deliver() == []


async def test_a_hidden_member_is_counted_and_never_named(talk: Talk) -> None:
    await a_week(talk)
    told = as_text(await weekly_view(talk.app, talk.home_id, "2026-W10"))
    assert "Most helpful reviewer: Cleo, 2 reviews marked helpful." in told
    await talk("cleo", "/me hide")
    told = as_text(await weekly_view(talk.app, talk.home_id, "2026-W10"))
    assert "Cleo" not in told
    assert "3 members practised" in told
    assert "Most helpful reviewer: Ben, 1 review marked helpful." in told


async def test_names_stand_there_as_they_are_typed_and_mention_nobody(talk: Talk) -> None:
    talk.names["ana"] = "*@everyone* <!channel>"
    await talk.practise("ana")
    told = as_text(await weekly_view(talk.app, talk.home_id, "2026-W10"))
    assert "everyone" in told
    assert "mention" not in repr(await weekly_view(talk.app, talk.home_id, "2026-W10")).casefold()


async def test_a_week_in_which_nobody_practised_has_no_post(talk: Talk) -> None:
    assert await claim(talk, MONDAY) == 1
    assert await rows(talk) == []
    await talk.practise("ana")  # on Monday: that is the new week
    assert await claim(talk, "2026-03-16 08:00") == 1
    assert await rows(talk) == [(f"w{talk.home_id}-202611", "pending")]


async def test_switching_on_twice_and_moving_the_clocks_make_no_second_post_for_a_week(talk: Talk) -> None:
    await talk.practise("ana")
    await switch(talk, True)
    # Monday comes first in Kiritimati, and has long begun there when it does in Los Angeles.
    async with talk.store.write() as tx:
        await arrivals.set_group_zone(tx, talk.group_id, "Pacific/Kiritimati")
        await weekly.move(tx, talk.group_id, "Pacific/Kiritimati")
    assert await claim(talk, "2026-03-08 19:00") == 1
    await talk.deliver()
    for zone in ("America/Los_Angeles", "Europe/Berlin", "Pacific/Kiritimati", "America/Los_Angeles"):
        async with talk.store.write() as tx:
            await arrivals.set_group_zone(tx, talk.group_id, zone)
            await weekly.move(tx, talk.group_id, zone)
        await switch(talk, False, zone)
        await switch(talk, True, zone)
    for hours in range(48):
        await claim(talk, f"{datetime(2026, 3, 8, 19, tzinfo=UTC) + timedelta(hours=hours):%Y-%m-%d %H:%M}")
    assert await rows(talk) == [(f"w{talk.home_id}-202610", "sent")]


@pytest.mark.parametrize("line", ["/group settings zone: Asia/Tokyo", "/setup time: 09:00 zone: Asia/Tokyo"])
async def test_a_zone_in_which_mondays_nine_is_over_passes_no_week_over(talk: Talk, line: str) -> None:
    await talk("boss", "/setup time: 09:00 zone: Europe/Berlin", organiser=True)
    await talk.practise("ana")
    assert await claim(talk, "2026-03-09 07:30") == 0
    await talk("boss", line, organiser=True)  # half past four in the afternoon there
    assert await claim(talk, "2026-03-09 07:31") == 1
    assert [key for key, _ in await rows(talk)] == [f"w{talk.home_id}-202610"]
    assert await claim(talk, "2026-03-15 23:59") == 0
    assert await claim(talk, "2026-03-16 00:00") == 1, "and from then on by the clocks of Tokyo"


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Etc/GMT+12", "America/New_York", "Europe/Berlin"])
def test_another_zone_keeps_the_monday(zone: str) -> None:
    for before in ("Pacific/Kiritimati", "Etc/GMT+12", "Europe/Berlin", "Asia/Tokyo"):
        for now in (
            datetime(2026, 3, 3, tzinfo=UTC),
            datetime(2026, 3, 24, tzinfo=UTC),
        ):  # clocks change after both
            at = weekly.next_at(before, now)
            moved = weekly._same_monday(at, zone).astimezone(ZoneInfo(zone))
            assert (moved.date(), moved.hour) == (at.astimezone(ZoneInfo(before)).date(), 9)


async def test_where_the_zone_changed_and_nobody_moved_it_the_week_is_the_one_that_ends() -> None:
    at = datetime(2026, 3, 8, 19, tzinfo=UTC)  # Monday, nine, in Kiritimati
    told = {weekly.week_before(at, z) for z in ("Pacific/Kiritimati", "Europe/Berlin", "America/Los_Angeles")}
    assert told == {"2026-W10"}


async def test_switched_off_there_is_none_and_what_was_claimed_still_comes(talk: Talk) -> None:
    await talk.practise("ana")
    await switch(talk, False)
    assert await claim(talk, MONDAY) == 0
    async with talk.store.read() as tx:
        assert (await tx.execute(select(home.c.weekly_at))).scalars().all() == [None]


async def test_each_home_of_a_group_decides_for_itself(talk: Talk, clock: MovedClock) -> None:
    await talk.practise("ana")
    elsewhere = Where("slack", server_id="T1", channel_id="C1", name="study")
    async with talk.store.write() as tx:
        other = await arrivals.create_home(tx, talk.group_id, elsewhere, clock.now())
    await claim(talk, MONDAY)
    assert [key for key, _ in await rows(talk)] == [f"w{talk.home_id}-202610"]
    await switch(talk, True, home_id=other)
    await talk.practise("ana")
    await claim(talk, "2026-03-16 08:00")
    assert [key for key, _ in await rows(talk)][1:] == [f"w{n}-202611" for n in (talk.home_id, other)]
    async with talk.store.read() as tx:
        query = select(delivery.c.platform, delivery.c.scope, delivery.c.rank)
        found = (await tx.execute(query.where(delivery.c.home_id == other))).one()
    assert tuple(found) == ("slack", "slack:T1", 2)


async def test_slept_through_it_comes_late_for_a_day_and_then_no_more(talk: Talk) -> None:
    await talk.practise("ana")
    talk.until("2026-03-10 12:00")
    await talk.practise("ana")
    assert await claim(talk, "2026-03-17 07:00") == 1
    assert await rows(talk) == [
        (f"w{talk.home_id}-202610", "expired"),
        (f"w{talk.home_id}-202611", "pending"),
    ]
    assert await claim(talk, "2026-03-17 07:00") == 0


async def test_a_home_that_is_switched_off_is_passed_over(talk: Talk) -> None:
    await talk.practise("ana")
    async with talk.store.write() as tx:
        await tx.execute(update(home).values(state="disabled"))
    assert await claim(talk, MONDAY) == 1
    assert await rows(talk) == []


async def test_a_clock_that_is_turned_back_makes_no_second_one(talk: Talk) -> None:
    await talk.practise("ana")
    await claim(talk, MONDAY)
    for hours in (-1, -24, -170):
        talk.clock.set(talk.clock.now() + timedelta(hours=hours))
        assert await claim_weekly(talk.store, talk.clock) == 0
    assert len(await rows(talk)) == 1


async def test_what_is_gone_by_then_leaves_a_kind_word(talk: Talk) -> None:
    await talk("ana", "today")
    async with talk.store.read() as tx:
        assert (await tx.execute(select(func.count()).select_from(member))).scalar_one() >= 1
    told = as_text(await weekly_view(talk.app, talk.home_id, "2026-W10"))
    assert "It was a quiet one." in told
    assert PLATFORM not in told
