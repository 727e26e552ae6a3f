"""``doctor`` on the machine's side: the clock, the database, the packs; and that it stays quick and plain."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from moved_clock import MovedClock
from sqlalchemy import insert, update
from sqlalchemy.engine import make_url
from talk import HOME, PLATFORM, Talk

from core.call import Attachment, Where
from core.packs.load import load_pack
from core.store import arrivals, deliveries, prompts
from core.store.engine import Store, place
from core.store.tables import checklist, delivery, occurrence, prompt, rollup

STORY = "I found the slow query, rewrote it with the team, and the page became twice as fast for every customer we had."
PACK = (
    b'format = "practice-pack/1"\n[pack]\nid = "harbour"\nversion = "1.0.0"\ntitle = "Harbour"\nlicense = "MIT"\n'
    b'[[prompt]]\nid = "mind"\ntrack = "behavioural"\ntext = "When did you change your mind?"\n'
    b'rubric = "behavioural-star"\n'
)


@pytest.fixture
async def talk(store: Store, clock: MovedClock) -> Talk:
    """A group that is set up, on Monday at 10:00, one schedule at 12:00, and everything as it should be."""
    talk = await Talk.begin(store, clock, packs=True)
    await talk("olga", "/drops add time: 12:00", organiser=True)
    return talk


async def doctor(talk: Talk) -> str:
    return await talk("olga", "/doctor", organiser=True)


async def findings(talk: Talk) -> list[str]:
    """What there is to see to; the end of the report counts it."""
    said = await doctor(talk)
    found = [
        line.removeprefix("See to this: ") for line in said.splitlines() if line.startswith("See to this: ")
    ]
    end = said.split("\n\n")[-2]
    assert end == (
        f"{len(found)} thing{'s' if len(found) > 1 else ''} to see to." if found else "All is well."
    )
    return found


def at(clock: MovedClock, text: str) -> None:
    clock.advance((datetime.fromisoformat(text).replace(tzinfo=UTC) - clock.now()).total_seconds())


async def hand_in(talk: Talk, data: bytes) -> None:
    await talk.dispatcher.press(
        "pack import", talk.who("olga", True), HOME, {"file": Attachment("harbour.toml", data)}
    )


async def test_a_clock_that_stands_still_is_found(talk: Talk) -> None:
    talk.reconfigure(notes=lambda: {"version": "0.1.0", "last tick": "3 s ago"})
    assert "Version: 0.1.0\nLast tick: 3 s ago" in await doctor(talk)
    assert await findings(talk) == []
    talk.reconfigure(notes=lambda: {"last tick": "none yet"})
    assert await findings(talk) == []
    talk.reconfigure(notes=lambda: {"last tick": "1800 s ago"})
    assert await findings(talk) == [
        "The clock ticked last 1,800 seconds ago; it should every few seconds. Whoever runs Starling restarts it; its "
        "log says why it stands still."
    ]


async def test_an_answer_without_its_checklist_is_found_when_nobody_can_be_reading_it_any_more(
    talk: Talk, clock: MovedClock
) -> None:
    at(clock, "2026-03-02T11:00")
    await talk.deliver()
    await talk("ben", f"/answer {STORY}")
    async with talk.store.write() as tx:
        await tx.execute(checklist.delete())
    assert await findings(talk) == []
    clock.advance(minutes=2)
    assert await findings(talk) == [
        "1 answer still without a checklist. Nothing is lost: Starling makes up for them when it starts next."
    ]


async def test_sums_that_disagree_with_their_parts_are_found_in_the_own_group_alone(
    talk: Talk, clock: MovedClock
) -> None:
    at(clock, "2026-03-02T11:00")
    await talk.deliver()
    for name in ("ana", "ben"):
        await talk(name, f"/answer {STORY}")
    clock.advance(minutes=2)
    async with talk.store.write() as tx:
        await tx.execute(update(rollup).where(rollup.c.period == "all").values(points=rollup.c.points + 1))
    (found,) = await findings(talk)
    assert found.startswith("The board disagrees with the points of 2 members.")
    elsewhere = Where(PLATFORM, "another", "there", "#there")
    await talk("eve", "/setup time: 10:00 zone: UTC", where=elsewhere, organiser=True)
    assert "disagrees" not in await talk("eve", "/doctor", where=elsewhere, organiser=True)


async def test_a_damaged_file_is_found(talk: Talk) -> None:
    path = talk.store.path
    if path is None:
        assert "Integrity" not in await doctor(talk), "PostgreSQL looks after its own files"
        return
    await talk.store.close()
    damage(path, "ix_review_reviewer_id")
    (found,) = await findings(talk)
    assert found.startswith("The database file is damaged (")
    assert found.endswith("Whoever runs Starling stops it and puts back a backup: starling restore FILE")


def damage(path: Path, index: str) -> None:
    """Overwrite a page that doctor has no other reason to read."""
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        size = connection.execute("PRAGMA page_size").fetchone()[0]
        page = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = ?", (index,)).fetchone()[0]
    connection.close()
    with path.open("r+b") as file:
        file.seek((page - 1) * size)
        file.write(b"\xa5" * size)


def test_a_database_is_shown_without_user_name_and_password() -> None:
    assert (
        place(make_url("postgresql+asyncpg://starling:hunter2@db.example:5433/starling"))
        == "db.example:5433/starling"
    )


async def test_packs_that_cannot_be_used_as_they_are_are_found(talk: Talk, clock: MovedClock) -> None:
    await hand_in(talk, PACK)
    assert await findings(talk) == []
    assert "harbour: version 1.0.0, 1 prompt" in await doctor(talk)
    talk.reconfigure(rubrics={})
    assert await findings(talk) == [
        "harbour/mind names the rubric “behavioural-star”, which is not known here. Correct it in the file, then: "
        "/pack import"
    ]
    async with talk.store.write() as tx:
        await tx.execute(update(prompt).where(prompt.c.slug == "mind").values(retired=True))
        await prompts.install(
            tx, load_pack(PACK.replace(b"harbour", b"starter-ask"), "x"), talk.group_id, clock.now()
        )
    assert [f.split(". ")[0] for f in await findings(talk)] == [
        "All prompts of harbour are retired",
        "starter-ask has the name of a pack that comes with Starling",
        "starter-ask/mind names the rubric “behavioural-star”, which is not known here",
    ]


async def test_shipped_packs_that_are_not_in_the_database_are_found(store: Store, clock: MovedClock) -> None:
    talk = await Talk.begin(store, clock)
    await talk("olga", "/drops add time: 12:00", organiser=True)
    found = await findings(talk)
    assert found[0].startswith("Schedule 1 has no prompt left to ask, so nothing will come.")
    assert found[1] == (
        "The packs that come with this version of Starling are not all in the database. Whoever runs Starling restarts "
        "it: a start brings them in."
    )


async def test_names_full_of_markup_stay_words(store: Store, clock: MovedClock) -> None:
    talk = await Talk.begin(store, clock, group="*Owls* <@1> '); DROP TABLE home;--", packs=True)
    async with store.write() as tx:
        await arrivals.disable_home(tx, talk.home_id, "</b> **bold** \x1b[2J")
    said = await doctor(talk)
    assert said.startswith("## How *Owls* <@1> '); DROP TABLE home;-- is doing")
    assert all(c.isprintable() or c == "\n" for c in said)


async def test_a_large_group_is_looked_at_in_a_moment(talk: Talk, clock: MovedClock) -> None:
    """Years of deliveries: the queries stay within the group's own rows and the newest answers."""
    due = clock.now() - timedelta(days=1)
    rows = [
        {"schedule_id": 1, "local_date": (due - timedelta(days=n)).date(), "due_at": due - timedelta(days=n)}
        | {"closes_at": due, "state": "open", "prompt_id": None}
        for n in range(3000)
    ]
    async with talk.store.write() as tx:
        await tx.execute(insert(occurrence), rows)
        sent = [
            deliveries.row(
                f"old{n}",
                "drop",
                home_id=talk.home_id,
                platform=PLATFORM,
                scope=PLATFORM,
                state="failed",
                due_at=due - timedelta(hours=n),
                not_before=due,
                expires_at=due,
                settled_at=due,
            )
            for n in range(3000)
        ]
        await tx.execute(insert(delivery), sent)
    began = datetime.now(UTC)
    assert len(await findings(talk)) == 5
    assert datetime.now(UTC) - began < timedelta(seconds=10)  # a tenth of a second, on a machine with time
