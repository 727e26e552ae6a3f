"""``leaderboard`` as conversations, and its ranks against the rule that says what they must come to."""

from __future__ import annotations

import random
from datetime import timedelta

import pytest
from moved_clock import MovedClock
from practising import FULL, NOON, THIN, story, studying, truth
from talk import HOME, Talk

from core.rules.days import day_of
from core.rules.ranks import Standing, rank_rows, seen_by
from core.rules.scoring import Award
from core.store import arrivals, boards, membership, practice
from core.store.engine import Store
from core.store.people import Person
from core.views import Page, Table


@pytest.fixture
async def talk(store: Store, clock: MovedClock) -> Talk:
    return await studying(store, clock)


def page_of(talk: Talk, name: str) -> Page:
    view = talk.views[name]
    assert isinstance(view, Page)
    return view


def rows(talk: Talk, name: str) -> list[tuple[str, ...]]:
    return [row for b in page_of(talk, name).message.blocks if isinstance(b, Table) for row in b.rows]


# --- what it shows ------------------------------------------------------------------------------------------


async def test_an_empty_board_says_how_to_get_on_it(talk: Talk) -> None:
    assert await talk("ana", "/leaderboard") == (
        "## Points: Week 10, 2 to 8 March 2026\n\n"
        "Nobody is on this board yet. One answer puts you there.\n\n"
        "[Month] [Season] [All time] [Running streaks] [Improvement]"
    )
    assert (await talk("zoe", "/leaderboard", direct=True)).startswith("You are in no study group yet.")


async def test_members_stand_by_points_and_the_reader_is_marked(talk: Talk) -> None:
    await talk("ana", f"/answer prompt: proud {story(20)}")
    for prompt in ("proud", "team"):
        await talk("bartholomew", f"/answer prompt: {prompt} {story(20)}")
    assert await talk("ana", "/leaderboard") == (
        "## Points: Week 10, 2 to 8 March 2026\n\n"
        "     Name         Points\n"
        "  1  Bartholomew      20\n"
        "> 2  Ana              10\n\n"
        "[Month] [Season] [All time] [Running streaks] [Improvement]"
    )
    said = await talk("cem", "/leaderboard")
    assert "You are not on it yet: one answer is enough." in said and ">" not in said
    assert page_of(talk, "cem").message.private is False


async def test_ties_share_a_rank_in_order_of_arrival(talk: Talk, clock: MovedClock) -> None:
    for name in ("cem", "ana", "bea"):
        await talk(name, f"/answer prompt: proud {story(20)}")
        clock.advance(minutes=1)
    await talk("bea", f"/answer prompt: team {story(20)}")
    await talk("dee", f"/answer prompt: team {story(20)}")
    await talk("dee", "/leaderboard")
    assert rows(talk, "dee") == [
        ("1", "Bea", "20"),
        ("2", "Cem", "10"),
        ("2", "Ana", "10"),
        ("2", "Dee", "10"),
    ]


async def test_a_hidden_member_sees_their_own_place_and_nobody_else_does(talk: Talk) -> None:
    for name, prompts in {"ana": ("proud",), "bea": ("proud", "team"), "cem": ("proud",)}.items():
        for prompt in prompts:
            await talk(name, f"/answer prompt: {prompt} {story(20)}")
    await talk("bea", "/me hide")
    said = await talk("bea", "/leaderboard")
    assert "Your place: 1, with 20 points (only you see this: you are hidden from the board)." in said
    assert rows(talk, "bea") == [("1", "Ana", "10"), ("1", "Cem", "10")]
    assert page_of(talk, "bea").message.private, "what only one may read is for nobody else to see"
    assert "Bea" not in await talk("ana", "/leaderboard")
    assert not page_of(talk, "ana").message.private
    await talk("ana", "/me hide")
    await talk("cem", "/me hide")
    said = await talk("cem", "/leaderboard")
    assert "Nobody is on this board yet." in said and "Your place: 1, with 10 points" in said
    said = await talk("bea", "/leaderboard by: streak")
    assert "Your place: 1, with 1 day (only you see this" in said
    await talk("bea", "/me hide no")
    assert "> 1  Bea       20" in await talk("bea", "/leaderboard")


async def test_who_left_is_off_the_board_and_back_with_their_points(talk: Talk) -> None:
    await talk("ana", f"/answer prompt: proud {story(20)}")
    await talk("ana", "/me leave confirm: yes")
    assert "Nobody is on this board yet." in await talk("bea", "/leaderboard")
    assert "> 1  Ana       10" in await talk("ana", "/leaderboard"), (
        "a command in the channel brings them back"
    )


async def test_names_cannot_break_the_table(talk: Talk) -> None:
    talk.names = {"ana": "\x1b[31m" + "A" * 50, "bea": "\u202e\u200b", "cem": "x\ny | z"}
    for name in ("ana", "bea", "cem"):
        await talk(name, f"/answer prompt: proud {story(20)}")
    said = await talk("cem", "/leaderboard")
    assert [r[1] for r in rows(talk, "cem")] == ["[31m" + "A" * 19 + "…", "somebody", "x y | z"]
    assert len({line.rstrip()[-2:] for line in said.splitlines() if line[:3] in ("  1", "> 1")}) == 1


# --- periods and boards --------------------------------------------------------------------------------------


async def test_each_period_has_its_own_sums(talk: Talk, clock: MovedClock) -> None:
    # One answer in each: another season, another month, another week, this week.
    for day in (-60, -25, -8, 0):
        clock.set(NOON + timedelta(days=30 + day))
        await talk("ana", f"/answer prompt: proud {story(20)}")
    for line, head, points in (
        ("/leaderboard", "Points: Week 14, 30 March to 5 April 2026", "10"),
        ("/leaderboard month", "Points: April 2026", "10"),
        ("/leaderboard season", "Points: April to June 2026", "10"),
        ("/leaderboard all", "Points: All time", "40"),
    ):
        said = await talk("ana", line)
        assert said.startswith(f"## {head}\n"), line
        assert rows(talk, "ana") == [("1", "Ana", points)], line
    clock.set(NOON + timedelta(days=22))
    await talk("ana", "/leaderboard month")
    assert rows(talk, "ana") == [("1", "Ana", "20")], "of March: two answers"


async def test_a_track_has_a_board_of_its_own(talk: Talk) -> None:
    await talk("ana", f"/answer prompt: proud {story(20)}")
    await talk("bea", "/answer prompt: two-sum outcome: solved a map")
    assert (await talk("ana", "/leaderboard track: coding")).startswith("## Points in coding: Week 10")
    assert rows(talk, "ana") == [("1", "Bea", "10")]
    assert (
        "track=coding" in talk.buttons("ana")["Month"]
        and "track=coding" in talk.buttons("ana")["Improvement"]
    )
    await talk.press("ana", "All time")
    assert rows(talk, "ana") == [("1", "Bea", "10")]


async def test_improvement_counts_items_that_are_newly_met(talk: Talk) -> None:
    await talk("ana", f"/answer prompt: proud {THIN}")
    await talk("bea", f"/answer prompt: proud {FULL}")
    await talk("ana", f"/answer prompt: proud {FULL}")
    assert await talk("ana", "/leaderboard by: improvement") == (
        "## Improvement: Week 10, 2 to 8 March 2026\n\n"
        "     Name  Newly met\n"
        "> 1  Ana           8\n\n"
        "[Month] [Season] [All time] [Points] [Running streaks]"
    )
    await talk.press("ana", "Month")
    assert page_of(talk, "ana").message.blocks[0].words == ("Improvement: March 2026",)  # type: ignore[union-attr]
    await talk.press("ana", "Points")
    assert rows(talk, "ana") == [("1", "Ana", "15"), ("2", "Bea", "10")]


async def test_the_board_of_streaks_needs_nobody_to_let_them_end(talk: Talk, clock: MovedClock) -> None:
    await talk("ana", f"/answer prompt: proud {story(20)}")
    clock.advance(days=1)
    for name in ("ana", "bea"):
        await talk(name, f"/answer prompt: proud {story(20)}")
    assert (await talk("cem", "/leaderboard by: streak")).startswith("## Running streaks in Night owls\n")
    assert rows(talk, "cem") == [("1", "Ana", "2"), ("2", "Bea", "1")]
    clock.advance(days=1)
    await talk("bea", f"/answer prompt: proud {story(20)}")
    await talk("cem", "/leaderboard streak")
    clock.advance(days=1)
    await talk("cem", "/leaderboard by: streak")
    assert rows(talk, "cem") == [("1", "Bea", "2")], "Ana's ended at the cut-off by itself"
    assert set(talk.buttons("cem")) == {"Month", "Season", "All time", "Points", "Improvement"}


# --- against the rule ------------------------------------------------------------------------------------------


WORDS = {"points": "points", "streak": "days", "improvement": "items newly met"}


async def _arrive(talk: Talk, names: list[str]) -> dict[str, Person]:
    async with talk.store.write() as tx:
        return {
            name: (await arrivals.arrive(tx, talk.who(name), HOME, talk.clock.now())).person for name in names
        }


async def _read_all(talk: Talk, reader: str, line: str) -> list[tuple[int, str, int]]:
    """Every line of a board, page by page, as one turns them."""
    found: list[tuple[int, str, int]] = []
    await talk(reader, line)
    for number in range(1, 20):
        page = page_of(talk, reader)
        assert page.number == number
        found += [(int(rank), name, int(value)) for rank, name, value in rows(talk, reader)]
        assert len(rows(talk, reader)) <= 10
        if page.next is None:
            assert page.number == page.of
            return found
        await talk.press(reader, page.next)
    raise AssertionError("the board never ends")


@pytest.mark.parametrize("seed", [1, 2])
async def test_pages_and_ranks_are_what_the_rule_says_across_every_edge(talk: Talk, seed: int) -> None:
    chance = random.Random(seed)
    names = [f"m{n:02}" for n in range(34)]
    found = await _arrive(talk, names)
    day = day_of(NOON, "Europe/Berlin", found["m00"].cutoff)
    points: dict[str, list[Standing[str]]] = {"points": [], "improvement": [], "streak": []}
    async with talk.store.write() as tx:
        for name in chance.sample(names, len(names)):
            # Few values, so that ties reach over the edges of pages.
            value, newly, length = (chance.choice((0, 5, 10, 15)) for _ in range(3))
            at = NOON - timedelta(minutes=chance.randrange(60))
            hidden = chance.random() < 0.2
            who = found[name].id
            for got, improved in ((value, 0), (0, newly)):
                await boards.award(
                    tx,
                    Award(got, "answer", "x"),
                    person_id=who,
                    group_id=talk.group_id,
                    track="coding",
                    day=day,
                    now=at,
                    improved=improved,
                )
            lapses = None if chance.random() < 0.3 else NOON + timedelta(hours=chance.choice((-1, 1)))
            await practice.keep_streak(tx, who, current=length, best=20, savers=0, lapses_at=lapses, now=at)
            running = length if lapses is None or lapses > NOON else 0
            await membership.hide(tx, talk.group_id, who, hidden)
            for by, count in (("points", value), ("improvement", newly), ("streak", running)):
                if count:
                    points[by].append(Standing(f"{who:05} {name}", count, at, hidden))
    for by, standings in points.items():
        ranked = rank_rows(standings)
        assert len(seen_by(None, ranked)) > 10, "several pages, or this proves nothing"
        shown = [(r.rank, r.person_id.split()[1].capitalize(), r.points) for r in seen_by(None, ranked)]
        reader = next(r.person_id.split()[1] for r in ranked if not r.hidden)
        talk.clock.advance(minutes=5)
        assert await _read_all(talk, reader, f"/leaderboard by: {by}") == shown, by
        for one in ranked[:: max(1, len(ranked) // 6)]:
            name = one.person_id.split()[1]
            said = await talk(name, f"/leaderboard by: {by}")
            place = next((r for r in rows(talk, name) if r[1] == name.capitalize()), None)
            if place is not None:
                assert int(place[0]) == one.rank
            else:
                end = " (only you see this" if one.hidden else "."
                assert f"Your place: {one.rank}, with {one.points} {WORDS[by]}{end}" in said, (by, one)
    await truth(talk)


async def test_a_page_beyond_the_last_is_the_last(talk: Talk) -> None:
    await talk("ana", f"/answer prompt: proud {story(20)}")
    said = await talk("ana", "/leaderboard page: 7")
    assert "> 1  Ana       10" in said and page_of(talk, "ana").of == 1
    await truth(talk, "ana")
