"""``streak`` as conversations: what it is, why, and that losing one is said once."""

from __future__ import annotations

import pytest
from moved_clock import MovedClock
from practising import plan, story, studying, truth
from talk import Talk

from core.store.engine import Store
from core.views import Page


@pytest.fixture
async def talk(store: Store, clock: MovedClock) -> Talk:
    return await studying(store, clock)


async def practise(talk: Talk, name: str, days: int) -> None:
    """Answer once a day for so many days; the clock stands at the day after the last."""
    for _ in range(days):
        assert "It counts for" in await talk(name, f"/answer prompt: proud {story(20)}")
        talk.clock.advance(days=1)


async def test_before_anything_was_done_there_is_an_open_day(talk: Talk) -> None:
    assert await talk("ana", "/streak") == (
        "Streak: 0 days\n"
        "Best: 0 days\n"
        "Savers: 0 savers; the next after 7 more counted days\n"
        "Today: open: one answer of 20 words is enough.\n\n"
        "[Why?]"
    )
    assert await talk.press("ana", "Why?") == (
        "Your days, the newest last:\n\n"
        "- Monday 2 March 2026 (Europe/Berlin, cut-off 03:00): still open. Nothing has counted yet. Streak 0 days, 0 "
        "savers."
    )


async def test_a_streak_says_how_long_it_holds(talk: Talk, clock: MovedClock) -> None:
    await practise(talk, "ana", 2)
    assert await talk("ana", "/streak") == (
        "Streak: 2 days\n"
        "Best: 2 days\n"
        "Savers: 0 savers; the next after 5 more counted days\n"
        "Today: open: one answer of 20 words is enough.\n"
        "Holds until: Thu 05 Mar 2026 03:00 (Europe/Berlin), if nothing more is done\n\n"
        "[Why?]"
    )
    clock.advance(hours=14)  # 02:00 of the next date: still the same day, until the cut-off
    said = await talk("ana", f"/answer prompt: proud {story(20)}")
    assert "It counts for Wednesday 4 March 2026. Streak: 3 days." in said
    assert "Today: counted." in await talk("ana", "/streak")
    clock.advance(hours=1)
    assert "Today: open" in await talk("ana", "/streak")


async def test_why_tells_each_day_in_words(talk: Talk, clock: MovedClock) -> None:
    await practise(talk, "ana", 7)
    clock.advance(days=1)
    await practise(talk, "ana", 1)
    await talk("ana", "/answer prompt: proud too short")
    lines = (await talk("ana", "/streak view: why")).splitlines()
    where = "(Europe/Berlin, cut-off 03:00)"
    assert lines[0] == "Your days, the newest last:"
    assert lines[2] == (
        f"- Monday 2 March 2026 {where}: counted at 12:00. You practised: a streak begins. Streak 1 day, 0 savers."
    )
    assert lines[8] == (
        f"- Sunday 8 March 2026 {where}: counted at 12:00. You practised, and earned a saver. Streak 7 days, 1 saver."
    )
    assert lines[9] == (
        f"- Monday 9 March 2026 {where}: paid for by a saver. The saver you earned on Sunday 8 March 2026 paid for "
        "this day. Streak 7 days, 0 savers."
    )
    assert lines[10].endswith("counted at 12:00. You practised. Streak 8 days, 0 savers.")
    assert lines[11].endswith(
        "still open. What you wrote was short of the minimum: it is kept, and does not count. Streak 8 days, 0 savers."
    )
    assert "/streak why" not in lines and len(lines) == 12
    assert await talk("ana", "/streak why") == "\n".join(lines)
    await truth(talk, "ana")


async def test_a_long_ledger_has_pages_of_two_weeks(talk: Talk) -> None:
    await practise(talk, "ana", 30)
    said = await talk("ana", "/streak why")
    assert said.startswith("Your last 14 days of 31, the newest last:")
    days = [line.split(" (")[0] for line in said.splitlines() if line.startswith("- ")]
    assert (days[0], days[-1], len(days)) == ("- Thursday 19 March 2026", "- Wednesday 1 April 2026", 14)
    said = await talk("ana", "/streak view: why page: 2")
    assert said.startswith("Earlier days of yours, 31 in all, the newest last:")
    assert said.count("\n- ") == 14
    for page in ("3", "4", "1000"):
        said = await talk("ana", f"/streak view: why page: {page}")
        assert [line.split(" (")[0] for line in said.splitlines() if line.startswith("- ")] == [
            "- Monday 2 March 2026",
            "- Tuesday 3 March 2026",
            "- Wednesday 4 March 2026",
        ]
    assert isinstance(talk.views["ana"], Page)
    assert await talk.press("ana", talk.views["ana"].previous or "") == await talk(
        "ana", "/streak view: why page: 2"
    )
    assert "Savers: 2 savers\n" in await talk("ana", "/streak"), "nothing more is earned while two are held"


LOSS = (
    "Your streak of 3 days ended on Thursday 5 March 2026. Your best, 3 days, is kept, and a new one begins with your "
    "next answer."
)


async def test_losing_a_streak_is_said_once_and_kindly(talk: Talk, clock: MovedClock) -> None:
    await practise(talk, "ana", 3)
    clock.advance(days=3)
    said = await talk("ana", "/streak")
    assert said.startswith(f"{LOSS}\n\nStreak: 0 days\nBest: 3 days\n")
    for line in ("/streak", "/streak why", f"/answer prompt: proud {story(20)}", "/streak"):
        assert "ended on" not in (await talk("ana", line)).replace("the streak ended at 3", "")
    await truth(talk, "ana")


async def test_an_answer_says_it_too_when_nothing_said_it_before(talk: Talk, clock: MovedClock) -> None:
    await practise(talk, "ana", 3)
    clock.advance(days=3)
    said = await talk("ana", f"/answer prompt: proud {story(20)}")
    assert said.split("\n\n")[:3] == [
        "Kept: your answer to “Work you are proud of” (attempt 4).",
        LOSS,
        "It counts for Sunday 8 March 2026. Streak: 1 day (best 3). +10 points: first answer of the day in "
        "behavioural.",
    ]
    assert "ended on" not in await talk("ana", "/streak")
    await truth(talk, "ana")


async def test_each_loss_is_said_and_a_saved_day_is_none(talk: Talk, clock: MovedClock) -> None:
    losses = 0
    for length in (1, 7, 2):
        await practise(talk, "ana", length)
        clock.advance(days=1)
        said = await talk("ana", "/streak")
        losses += "ended on" in said
        assert ("ended on" in said) is (length != 7), "seven days earn a saver, which pays for one"
        clock.advance(days=3)
        losses += "ended on" in await talk("ana", "/streak")
    assert losses == 3
    await truth(talk, "ana")


async def test_days_without_a_question_through_our_fault_are_neutral(talk: Talk, clock: MovedClock) -> None:
    await plan(talk, "behavioural")
    await talk.deliver()
    await talk("ana", f"/answer {story(20)}")
    clock.advance(days=3)  # nothing runs, nothing is sent: Tuesday's and Wednesday's question never come
    await talk.deliver()
    said = await talk("ana", "/streak why")
    assert said.count("neutral. No fault of yours: Starling was not running at the time.") == 2
    assert "Streak: 1 day" in await talk("ana", "/streak")
    assert "Streak: 2 days" in await talk("ana", f"/answer {story(20)}")
    await truth(talk, "ana")


async def test_a_streak_is_one_s_own_in_every_place(talk: Talk) -> None:
    await practise(talk, "ana", 1)
    assert "Streak: 1 day" in await talk("ana", "/streak", direct=True)
    assert "Streak: 0 days" in await talk("bea", "/streak")
