"""Boards of a few hundred members against sums made by hand, and how the database reads them."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime, timedelta

import pytest
from moved_clock import MovedClock
from practising import NOON, story, studying
from sqlalchemy import select, text
from talk import Talk

from core.answering import record
from core.rules.periods import PERIODS, keys_for
from core.rules.ranks import Standing, rank_rows, seen_by
from core.rules.scoring import Award
from core.store import boards, fast, membership, personal, prompts
from core.store.engine import Store, Tx
from core.store.people import get_person
from core.store.seeding import Size, fill
from core.store.streak_boards import streak_own, streak_top
from core.store.tables import member, point, rollup, streak
from core.streaks import current_streak

MEMBERS = 120


@pytest.fixture
async def talk(store: Store, clock: MovedClock) -> Talk:
    return await studying(store, clock)


async def by_hand(
    tx: Tx, group_id: int, by: str, period: str, bucket: str, track: str
) -> Sequence[Standing[int]]:
    """Every member's place, hidden ones included, worked out from the points."""
    sums: dict[int, int] = defaultdict(int)
    reached: dict[int, datetime] = {}
    for r in await tx.execute(
        select(point).where(point.c.group_id == group_id).order_by(point.c.at, point.c.id)
    ):
        value = r.points if by == "points" else r.improved
        if keys_for(r.day)[period] == bucket and track in ("", r.track) and value:  # type: ignore[index]
            sums[r.person_id] += value
            reached[r.person_id] = r.at
    rows = await tx.execute(select(member.c.person_id, member.c.hidden, member.c.left_at))
    off = {r.person_id: r.hidden or r.left_at is not None for r in rows}
    return rank_rows([Standing(who, value, reached[who], off[who]) for who, value in sums.items()])


async def board_holds(tx: Tx, group_id: int, by: boards.By, day: date) -> int:
    """Every page and some places of every board of ``day`` are as they are by hand; how many lines there were."""
    lines = 0
    for period in PERIODS:
        for track in ("", "coding"):
            here = group_id, by, period, keys_for(day)[period], track
            ranked = await by_hand(tx, *here)
            shown = [(r.rank, r.person_id, r.points) for r in seen_by(None, ranked)]
            assert await boards.size(tx, *here) == len(shown)
            found = []
            for offset in range(0, len(shown) + 10, 10):
                page = await boards.top(tx, *here, limit=10, offset=offset)
                found += [(r.rank, r.person_id, r.value) for r in page]
            assert found == shown, here
            for one in ranked[::17]:
                own = await boards.own(tx, group_id, one.person_id, *here[1:])
                assert own is not None
                assert (own.rank, own.value, own.hidden) == (one.rank, one.points, one.hidden), here
            lines += len(shown)
    return lines


async def test_every_page_and_place_is_what_it_is_by_hand(talk: Talk) -> None:
    chance, group, now = random.Random(3), talk.group_id, NOON
    ids = await fill(talk.store, group, "console", Size(MEMBERS, 0), now)
    tracks = ("coding", "behavioural")
    async with talk.store.write() as tx:
        for who in ids:
            # Few values and few instants: ties everywhere.
            ages = [(chance.choice((0, 1, 9, 40)), chance.randrange(3)) for _ in range(chance.randint(0, 3))]
            for days, minutes in sorted(ages, reverse=True):
                at = now - timedelta(days=days, minutes=minutes)
                points, improved = chance.choice((0, 5, 10)), chance.choice((0, 0, 1, 2))
                await boards.award(
                    tx, Award(points, "answer", "x"), person_id=who, group_id=group, track=chance.choice(tracks),
                    day=at.date(), now=at, improved=improved,
                )  # fmt: skip
    async with talk.store.write() as tx:
        for who in chance.sample(ids, 20):
            await membership.hide(tx, group, who, True)
        for who in chance.sample(ids, 20):
            await membership.leave(tx, group, who, now)
        for who in chance.sample(ids, 10):
            await membership.hide(tx, group, who, False)
        for who in chance.sample(ids, 5):
            await personal.erase(tx, who)
        await boards.rebuild(tx, group, ids[0])
    async with talk.store.read() as tx:
        for by in ("points", "improvement"):
            assert await board_holds(tx, group, by, now.date()) > 100
    async with talk.store.write() as tx:
        assert await boards.recount(tx) == []


async def test_what_is_filled_in_for_a_benchmark_is_what_answering_would_have_left(talk: Talk) -> None:
    ids = await fill(talk.store, talk.group_id, "console", Size(20, 60), NOON)
    async with talk.store.read() as tx:
        lines = await board_holds(tx, talk.group_id, "points", (NOON - timedelta(days=9)).date())
        assert lines > 30
    async with talk.store.write() as tx:
        kept = (await tx.execute(select(rollup).order_by(*rollup.primary_key.columns))).all()
        for who in ids:
            await boards.rebuild(tx, talk.group_id, who)
        assert (await tx.execute(select(rollup).order_by(*rollup.primary_key.columns))).all() == kept


@pytest.mark.parametrize("large", [1, 1_000])
async def test_running_streaks_stand_alike_from_either_side(
    talk: Talk, large: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.store.streak_boards.LARGE", large)
    await fill(talk.store, talk.group_id, "console", Size(60, 600), NOON)
    async with talk.store.write() as tx:
        await tx.execute(text("UPDATE member SET hidden = true WHERE person_id % 5 = 0"))
        kept = await tx.execute(
            select(streak, member.c.hidden).join(member, member.c.person_id == streak.c.person_id)
        )
        running = [r for r in kept if r.current and (r.lapses_at is None or r.lapses_at > NOON)]
        ranked = rank_rows([Standing(r.person_id, r.current, r.reached_at, r.hidden) for r in running])
        shown = [(r.rank, r.person_id, r.points) for r in seen_by(None, ranked)]
        found = []
        for offset in range(0, 60, 10):
            page = await streak_top(tx, talk.group_id, NOON, limit=10, offset=offset)
            found += [(r.rank, r.person_id, r.value) for r in page]
        assert found == shown and len(shown) > 5
        for one in ranked:
            own = await streak_own(tx, talk.group_id, one.person_id, NOON)
            assert own is not None and (own.rank, own.hidden) == (one.rank, one.hidden)


# --- how they are read -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("by", "index"), [("points", "ix_rollup_points"), ("improvement", "ix_rollup_improved")]
)
async def test_the_first_lines_come_out_of_the_index_in_their_order(
    talk: Talk, by: boards.By, index: str
) -> None:
    await fill(talk.store, talk.group_id, "console", Size(60, 240), NOON)
    query = boards._top(by)
    values = boards._at(talk.group_id, "all", "all", "") | {"page_limit": 10, "page_offset": 0}
    ready = fast._ready(query, talk.store._writer.dialect)
    async with talk.store.read() as tx:
        assert tx.sync_connection is not None
        driver = tx.sync_connection.connection.driver_connection
        if talk.store.sqlite:
            found = await driver.run_all([("EXPLAIN QUERY PLAN " + ready.sql, ready.values(values))])  # type: ignore[union-attr]
            plan = "\n".join(str(r[3]) for r in found[0])
            inner = plan.split("SCAN")[0]
            assert f"COVERING INDEX {index}" in plan and "B-TREE" not in inner, plan
        else:
            await tx.execute(text("SET LOCAL enable_seqscan = off"))
            await tx.execute(text("SET LOCAL enable_bitmapscan = off"))
            rows = await driver.fetch("EXPLAIN " + ready.sql, *ready.values(values))  # type: ignore[union-attr]
            plan = "\n".join(r[0] for r in rows)
            page = plan[plan.index("Limit") :]
            assert f"using {index}" in page and "Sort" not in page, plan


async def test_a_list_of_values_is_refused_where_statements_are_made_once(talk: Talk) -> None:
    async with talk.store.read() as tx:
        with pytest.raises(AssertionError, match="write it out"):
            await fast.rows(tx, select(member.c.person_id).where(member.c.group_id.in_([1, 2])), {})


# --- what an answer leaves ---------------------------------------------------------------------------------------


async def test_an_answer_kept_in_two_trips_leaves_what_a_replay_finds(talk: Talk, clock: MovedClock) -> None:
    await talk("ana", "/streak")
    me = (await talk.person("ana")).id
    async with talk.store.read() as tx:
        person = await get_person(tx, me)
        prompt = (await prompts.find_prompts(tx, talk.group_id, "proud"))[0]
    assert person is not None
    for days in (0, 0, 1, 1, 5):
        clock.advance(days=days, minutes=1)
        for words in (20, 3):
            done = await record(
                talk.app, person, prompt, story(words), clock.now(), group_id=talk.group_id, occurrence_id=None
            )  # fmt: skip
            async with talk.store.read() as tx:
                replayed = await current_streak(tx, person, clock.now())
            assert (done.streak.current, done.streak.best, done.streak.savers, done.streak.lapses_at) == (
                replayed.current, replayed.best, replayed.savers, replayed.lapses_at,
            )  # fmt: skip
    async with talk.store.read() as tx:
        points = (await tx.execute(select(point.c.answer_id, point.c.points))).all()
        assert [r.points for r in points] == [10] * 4 and all(r.answer_id for r in points)
        assert await boards.recount(tx) == []
