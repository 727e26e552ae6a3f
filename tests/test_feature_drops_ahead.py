"""``drops preview`` and ``drops skip``, as conversations: the next question, seen before the group sees it."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import pytest
from moved_clock import MovedClock
from sqlalchemy import func, select
from talk import Talk

from core.starters import install_starters
from core.store import facts
from core.store.engine import Store
from core.store.tables import delivery, occurrence

NINE = "time: 09:00 zone: Europe/Berlin"


@pytest.fixture
async def talk(store: Store, clock: MovedClock) -> Talk:
    """A group without a schedule, in Berlin, with the questions that Starling ships. It is Monday, 10:00 there."""
    await install_starters(store, clock.now())
    return await Talk.begin(store, clock)


async def drops(talk: Talk, line: str) -> str:
    return await talk("olga", f"/drops {line}", organiser=True)


async def press(talk: Talk, button: str) -> str:
    return await talk.press("olga", button, organiser=True)


def at(clock: MovedClock, text: str) -> None:
    """Let time pass until that instant (UTC)."""
    clock.advance((datetime.fromisoformat(text).replace(tzinfo=UTC) - clock.now()).total_seconds())


async def rows(store: Store, table: object) -> int:
    async with store.read() as tx:
        found: int = (await tx.execute(select(func.count()).select_from(table))).scalar_one()  # type: ignore[arg-type]
    return found


async def test_the_next_question_is_seen_before_the_group_and_is_the_one_that_comes(
    talk: Talk, clock: MovedClock
) -> None:
    await drops(talk, f"add {NINE} tracks: system-design")
    seen = await drops(talk, "preview")
    assert seen.startswith("Schedule 1, Tue 03 Mar 2026 09:00 (Europe/Berlin):\n\n## ")
    assert await drops(talk, "preview") == seen, "looking twice changes nothing"
    other = await press(talk, "Another one")
    question = other.split("\n\n")[1]
    assert question not in seen
    at(clock, "2026-03-03T08:00")
    (post,) = await talk.deliver()
    assert question in post
    assert await rows(talk.store, occurrence) == 1


async def test_members_cannot_read_tomorrows_question_by_its_number(talk: Talk, clock: MovedClock) -> None:
    await drops(talk, f"add {NINE}")
    seen = (await drops(talk, "preview")).split("\n\n")[1]
    for line in ("/answer prompt: d1 text: I looked ahead.", "/answer prompt: d1", "/clarify d1"):
        said = await talk("ben", line, can_ask=True)
        assert seen.removeprefix("## ") not in said
    assert "No question is open just now. The next one comes Tue 03 Mar 2026 09:00" in await talk(
        "ben", "/today"
    )


async def test_a_day_is_skipped_once_and_the_one_after_it_comes(talk: Talk, clock: MovedClock) -> None:
    await drops(talk, f"add {NINE}")
    await drops(talk, "preview")
    assert await press(talk, "Skip this day") == (
        "No question on Tue 03 Mar 2026; it is nobody's miss.\n\n"
        "09:00 Europe/Berlin, daily, all tracks: running, next Wed 04 Mar 2026 09:00 (Europe/Berlin)."
    )
    at(clock, "2026-03-03T08:00")
    assert await talk.deliver() == []
    assert "No question is open" in await talk("ben", "/today")
    at(clock, "2026-03-04T08:00")
    assert len(await talk.deliver()) == 1


async def test_a_button_pressed_twice_skips_one_day(talk: Talk) -> None:
    await drops(talk, f"add {NINE}")
    await drops(talk, "preview")
    old = talk.buttons("olga")["Skip this day"]
    await press(talk, old)
    said = await press(talk, old)
    assert said.startswith(
        "Tue 03 Mar 2026 is not the next day any more: it is skipped already, or it is over."
    )
    assert "next Wed 04 Mar 2026 09:00" in said


async def test_many_presses_at_once_skip_one_day(talk: Talk) -> None:
    await drops(talk, f"add {NINE}")
    await drops(talk, "preview")
    old = talk.buttons("olga")["Skip this day"]
    said = await asyncio.gather(*(press(talk, old) for _ in range(5)))
    assert sum(s.startswith("No question on Tue 03 Mar 2026") for s in said) == 1
    assert all("next Wed 04 Mar 2026 09:00" in s for s in said)


async def test_a_skipped_day_stays_skipped_after_a_pause(talk: Talk) -> None:
    await drops(talk, f"add {NINE}")
    await drops(talk, "skip")
    await drops(talk, "pause")
    assert "next Wed 04 Mar 2026 09:00" in await drops(talk, "resume")


@pytest.mark.parametrize("word", ["pause", "remove sure: yes"])
async def test_what_was_only_previewed_never_opens_by_itself(
    talk: Talk, clock: MovedClock, word: str
) -> None:
    await drops(talk, f"add {NINE}")
    seen = (await drops(talk, "preview")).split("\n\n")[1]
    await drops(talk, word)
    at(clock, "2026-03-03T09:00")
    assert await talk.deliver() == []
    assert seen not in await talk("ben", "/today")


async def test_a_paused_schedule_has_nothing_to_look_at(talk: Talk) -> None:
    await drops(talk, f"add {NINE}")
    await drops(talk, "pause")
    for word in ("preview", "skip"):
        assert await drops(talk, word) == (
            "Schedule 1 is paused, so nothing comes next.\n\nFor example: /drops resume number: 1"
        )


async def test_a_schedule_without_any_prompt_says_so_in_the_preview(store: Store, clock: MovedClock) -> None:
    talk = await Talk.begin(store, clock)
    await drops(talk, f"add {NINE}")
    assert await drops(talk, "preview") == (
        "There is no prompt for this schedule: choose other tracks for it, or import a pack that has them.\n\n"
        "For example: /pack list"
    )
    at(clock, "2026-03-03T08:00")
    assert await talk.deliver() == []
    async with store.read() as tx:
        row = (await tx.execute(select(delivery.c.state, delivery.c.reason))).one()
    assert row.state == "failed" and row.reason.startswith("There is no prompt for this schedule")
    assert "There is no prompt for this schedule" in await talk("ben", "/today")
    assert "There is no prompt for this schedule" in await talk("ben", "/answer Words without a question.")


async def test_only_the_named_packs_are_asked_from(talk: Talk, clock: MovedClock) -> None:
    said = await drops(talk, f"add {NINE} packs: starter-ask,starter-company")
    assert "all tracks, packs starter-ask, starter-company: running" in said
    titles = set()
    for day in range(3, 7):
        at(clock, f"2026-03-0{day}T08:00")
        (post,) = await talk.deliver()
        titles.add(post.split("\n\n")[2].split(",")[0])
    assert titles == {"Questions to ask", "Company"}


async def test_what_organisers_did_is_written_down(talk: Talk) -> None:
    for line in (
        f"add {NINE}",
        "preview replace: yes",
        "preview replace: yes",
        "skip",
        "pause",
        "resume",
        "remove sure: yes",
    ):
        await drops(talk, line)
    async with talk.store.read() as tx:
        noted = [(a.action, a.detail) for a in await facts.actions(tx, talk.group_id)]
    assert noted[::-1] == [
        ("drops add", "1: 09:00 Europe/Berlin"),
        ("drops preview", "1: replaced"),
        ("drops skip", "1: 2026-03-03"),
        ("drops pause", "1"),
        ("drops resume", "1"),
        ("drops remove", "1"),
    ]
