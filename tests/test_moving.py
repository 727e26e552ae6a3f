"""``starling export`` and ``starling import``: a whole database in a file, and the very same one out of it."""

from __future__ import annotations

import asyncio
import gzip
import json
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path

import pytest
from moved_clock import MovedClock
from practising import plan, story, studying
from sqlalchemy import delete, func, insert, select, text
from talk import Talk

from core import erasures
from core.errors import StoreError
from core.starters import install_starters
from core.store import asides, boards, deliveries, drafts, facts, moving
from core.store.engine import Store, Tx, database_url
from core.store.migrate import HEAD
from core.store.personal import account_key
from core.store.tables import answer, delivery, lease, metadata, person

NewDatabase = Callable[..., Awaitable[str]]
OTHER = {"sqlite": "postgresql", "postgresql": "sqlite"}


async def nobody(_: Tx) -> None:
    """Nobody was forgotten since."""


async def lived_in(store: Store, clock: MovedClock) -> Talk:
    """A group with answers, a reminder, a draft, what cannot be typed twice, and gaps in its numbers."""
    talk = await studying(store, clock)
    clock.set(clock.now().replace(microsecond=654_321))
    talk.names["ana"] = "Ana Ω “x”"
    await plan(talk, "behavioural")
    await talk.deliver()
    for name in ("ana", "ben", "cem"):
        await talk(name, f"/answer text: {story(25)} \U0001f989 <b>\"'\\ {name}")
    await talk("ana", "/remind set time: 13:00 zone: Europe/Berlin", direct=True)
    ana = await talk.person("ana")
    now = clock.now()
    async with store.write() as tx:
        await drafts.keep(tx, ana.id, "answer", {"text": "half"}, now, timedelta(hours=24))
        await asides.add(tx, ana.id, "Something.", now)
        await facts.note_action(tx, talk.group_id, ana.id, "drops add", "", now)
        row = deliveries.row(
            "n1", "notice", platform="test", scope="test", due_at=now, not_before=now, expires_at=now
        )
        await tx.execute(insert(delivery).values(row | {"person_id": ana.id, "body": {"b": 1, "a": [None]}}))
        await tx.execute(insert(lease).values(scope="test", holder="somebody", until=now))
    await talk("cem", "/me forget confirm: yes")
    return talk


def content(path: Path) -> list[str]:
    return gzip.decompress(path.read_bytes()).decode().splitlines()


async def counts(store: Store) -> dict[str, int]:
    async with store.read() as tx:
        return {
            t.name: (await tx.execute(select(func.count()).select_from(t))).scalar_one()
            for t in metadata.sorted_tables
        }


async def empty(store: Store) -> bool:
    return not any((await counts(store)).values())


@pytest.fixture
async def other(store: Store, new_database: NewDatabase) -> Store:
    """An empty database of the other kind; the test closes it."""
    return Store(database_url(await new_database(OTHER[store.kind])))


# --- there and back ---------------------------------------------------------------------------------------------


async def test_what_goes_over_is_the_very_same_and_so_is_what_comes_back(
    store: Store, other: Store, clock: MovedClock, tmp_path: Path
) -> None:
    await lived_in(store, clock)
    first, second = tmp_path / "first.gz", tmp_path / "second.gz"
    rows = await moving.export(store, first)
    async with other:
        assert await moving.import_(other, first, nobody) == rows
        assert await moving.export(other, second) == rows
        assert content(first) == content(second)
        assert await counts(other) == (await counts(store)) | {"lease": 0}
        async with other.write() as tx:
            if other.sqlite:
                assert (await tx.execute(text("PRAGMA foreign_key_check"))).all() == []
            assert await boards.recount(tx) == []
    assert first.read_bytes() == second.read_bytes()
    assert first.stat().st_mode & 0o077 == 0, "it holds what members wrote"


async def test_life_goes_on_there_and_no_number_is_given_twice(
    store: Store, other: Store, clock: MovedClock, tmp_path: Path
) -> None:
    talk = await lived_in(store, clock)
    async with store.write() as tx:
        gone = (await tx.execute(select(func.max(answer.c.id)))).scalar_one()
        await tx.execute(delete(answer).where(answer.c.id == gone))
    await moving.export(store, tmp_path / "file")
    async with other:
        await moving.import_(other, tmp_path / "file", nobody)
        there = Talk(other, clock, talk.group_id, talk.home_id)
        there.names = talk.names
        assert "1 day" in await there("ana", "/streak")
        clock.advance(days=1)
        await there("dora", "/practice track: coding")
        await there("dora", f"/answer text: {story(25)}")
        async with other.read() as tx:
            assert (await tx.execute(select(func.max(answer.c.id)))).scalar_one() > gone
            assert (await tx.execute(select(func.max(person.c.id)))).scalar_one() == 4, "cem was the third"


async def test_a_database_that_was_only_started_once_is_empty_enough(
    store: Store, other: Store, clock: MovedClock, tmp_path: Path
) -> None:
    await lived_in(store, clock)
    await moving.export(store, tmp_path / "file")
    async with other:
        await install_starters(other, clock.now())
        async with other.write() as tx:
            await facts.set_meta(tx, "commands", "x")
        await moving.import_(other, tmp_path / "file", nobody)
        await moving.export(other, tmp_path / "again")
    assert content(tmp_path / "file") == content(tmp_path / "again")


async def test_who_was_forgotten_since_the_export_is_forgotten_by_the_import(
    store: Store, other: Store, clock: MovedClock, tmp_path: Path
) -> None:
    await lived_in(store, clock)
    await moving.export(store, tmp_path / "file")
    erasures.record(tmp_path / "erased", [account_key("test", "", "ben")], clock.now())

    async def erase(tx: Tx) -> None:
        await erasures.apply(tx, tmp_path / "erased")

    async with other, other.read() as tx:
        await moving.import_(other, tmp_path / "file", erase)
        assert (await tx.execute(select(person.c.name))).scalars().all() == ["Ana Ω “x”"]


async def test_an_export_beside_writers_is_one_picture(
    store: Store, clock: MovedClock, tmp_path: Path
) -> None:
    """Each unit writes to two tables; none is in the file by half."""
    talk = await lived_in(store, clock)
    ana = await talk.person("ana")
    done = asyncio.Event()

    async def write() -> int:
        written = 0
        while not done.is_set():
            async with store.write() as tx:
                await asides.add(tx, ana.id, f"unit {written}", clock.now())
                await asyncio.sleep(0)
                await facts.note_action(tx, talk.group_id, ana.id, "unit", str(written), clock.now())
            written += 1
        return written

    writer = asyncio.create_task(write())
    while not written_some(await counts(store)):
        pass
    await moving.export(store, tmp_path / "file")
    done.set()
    assert await writer > 3
    lines = content(tmp_path / "file")
    assert sum('"unit ' in line for line in lines) == sum(',"unit",' in line for line in lines) > 0


def written_some(found: dict[str, int]) -> bool:
    return found["audit"] > 3


# --- what is refused --------------------------------------------------------------------------------------------


async def test_a_database_that_holds_anything_is_not_filled(
    store: Store, other: Store, clock: MovedClock, tmp_path: Path
) -> None:
    await lived_in(store, clock)
    await moving.export(store, tmp_path / "file")
    async with other:
        await Talk.begin(other, clock)
        before = await counts(other)
        with pytest.raises(StoreError, match=r"not empty\. Nothing was imported"):
            await moving.import_(other, tmp_path / "file", nobody)
        assert await counts(other) == before


async def test_a_file_that_is_damaged_changed_or_cut_short_leaves_the_database_empty(
    store: Store, other: Store, clock: MovedClock, tmp_path: Path
) -> None:
    await lived_in(store, clock)
    good, bad = tmp_path / "good", tmp_path / "bad"
    await moving.export(store, good)
    packed, lines = good.read_bytes(), content(good)
    plain = gzip.decompress(packed)
    at = next(n for n, line in enumerate(lines) if '"table":"person"' in line) + 1
    row = json.loads(lines[at])

    def with_row(*new: object) -> bytes:
        changed = [*lines[:at], json.dumps(list(new)), *lines[at + 1 :]]
        return gzip.compress("\n".join(changed).encode() + b"\n")

    damaged = [
        packed[:-9],
        packed[: len(packed) // 2],
        packed[: len(packed) // 2] + b"\0\0\0\0" + packed[len(packed) // 2 + 4 :],
        plain,
        b"",
        gzip.compress(b""),
        gzip.compress(b"[]\n"),
        gzip.compress(b"nonsense\n"),
        gzip.compress(plain[:-2]),
        gzip.compress("\n".join(lines[:-1]).encode() + b"\n"),
        gzip.compress(plain + b"[]\n"),
        gzip.compress(plain.replace(b"word word", b"word WORD", 1)),
        gzip.compress("\n".join(lines[:at] + lines[at + 1 :]).encode() + b"\n"),
        with_row(*row[:-1]),
        with_row("no number", *row[1:]),
        with_row(*row[:-1], "yesterday"),
        with_row(*row[:-1], 12),
        with_row(None, *row[1:]),
        with_row(row[0], None, *row[2:]),
    ]
    async with other:
        for number, data in enumerate(damaged):
            bad.write_bytes(data)
            with pytest.raises(StoreError, match=r"no whole export|database"):
                await moving.import_(other, bad, nobody)
            assert await empty(other), number
        assert await moving.import_(other, good, nobody) > 0


async def test_a_file_of_another_version_is_named_as_one(
    store: Store, clock: MovedClock, tmp_path: Path
) -> None:
    file = tmp_path / "file"
    await moving.export(store, file)
    data = gzip.decompress(file.read_bytes()).replace(f'"revision":"{HEAD}"'.encode(), b'"revision":"0001"')
    file.write_bytes(gzip.compress(data))
    with pytest.raises(StoreError, match=f"was made at revision 0001; this Starling is at {HEAD}"):
        await moving.import_(store, file, nobody)
    with pytest.raises(StoreError, match="There is no file"):
        await moving.import_(store, tmp_path / "none", nobody)


async def test_no_file_is_overwritten_and_none_is_left_half_made(
    store: Store, clock: MovedClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "sub" / "file"
    with pytest.raises(StoreError, match="There is no folder"):
        await moving.export(store, file)
    file.parent.mkdir()
    file.write_text("mine")
    with pytest.raises(StoreError, match="is there already"):
        await moving.export(store, file)
    assert file.read_text() == "mine"
    file.unlink()

    def full(*_: object) -> bytes:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(moving, "_line", full)
    with pytest.raises(StoreError):
        await moving.export(store, file)
    assert list(file.parent.iterdir()) == []
