"""Who was forgotten stays forgotten, whichever tool put an older database back: looked at before anything starts."""

from __future__ import annotations

import contextlib
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path

import pytest
from moved_clock import MovedClock
from practising import story, studying
from sqlalchemy import delete, select, update
from talk import PLATFORM, Talk

from bot.build import build
from bot.check import check
from bot.kept import erasure_file
from bot.settings import Database, Settings
from bot.upkeep import restore
from core import erasures
from core.errors import StoreError
from core.store import backup
from core.store.engine import Store, database_url
from core.store.personal import account_key
from core.store.tables import account, meta, person

NewDatabase = Callable[..., Awaitable[str]]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "elsewhere" / "who.jsonl"


@pytest.fixture
async def talk(store: Store, clock: MovedClock, path: Path) -> Talk:
    path.parent.mkdir()
    talk = await studying(store, clock)
    talk.reconfigure(erased=lambda keys: erasures.record(path, keys, clock.now()))
    for name in ("ana", "ben", "cem"):
        await talk(name, "/practice track: ask")
        await talk(name, f"/answer text: {story(25)}")
    return talk


async def names(store: Store) -> list[str]:
    async with store.read() as tx:
        return list((await tx.execute(select(person.c.name).order_by(person.c.id))).scalars())


def record(talk: Talk, path: Path, *who: str) -> None:
    erasures.record(path, [account_key(PLATFORM, "", name) for name in who], talk.clock.now())


async def test_an_older_database_is_met_at_the_start(talk: Talk, path: Path) -> None:
    """As if pg_restore, or somebody's cp, had put Ben back."""
    assert await erasures.catch_up(talk.store, path) == 0, "nobody was ever forgotten"
    talk.clock.advance(days=1)
    record(talk, path, "ben")
    assert await erasures.catch_up(talk.store, path) == 1
    assert await names(talk.store) == ["Ana", "Cem"]
    await talk("ben", "/today")
    assert await erasures.catch_up(talk.store, path) == 0, "he has come back since"
    record(talk, path, "cem", "nobody")
    assert await erasures.catch_up(talk.store, path) == 1
    assert await names(talk.store) == ["Ana", "Ben"]


async def test_a_start_without_news_compares_nothing_and_writes_nothing(
    talk: Talk, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    talk.clock.advance(days=1)
    record(talk, path, "ben")
    assert await erasures.catch_up(talk.store, path) == 1

    @contextlib.asynccontextmanager
    async def no_writing() -> object:
        raise AssertionError
        yield

    monkeypatch.setattr(talk.store, "write", no_writing)
    assert await erasures.catch_up(talk.store, path) == 0


async def test_only_what_is_new_in_the_file_is_compared_unless_it_is_another_file(
    talk: Talk, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    talk.clock.advance(days=1)
    record(talk, path, *(f"stranger {n}" for n in range(20)))
    await erasures.catch_up(talk.store, path)
    asked: list[str] = []
    real = erasures.Erasure.names
    monkeypatch.setattr(erasures.Erasure, "names", lambda self, key: asked.append(key) or real(self, key))
    record(talk, path, "cem")
    assert await erasures.catch_up(talk.store, path) == 1
    # Three accounts, one new line: as a person and as an account alone, but for the one that the line names.
    assert len(asked) == 5
    record(talk, path.with_name("other"), *(f"stranger {n}" for n in range(30)), "ben")
    assert await erasures.catch_up(talk.store, path.with_name("other")) == 1
    async with talk.store.write() as tx:
        await tx.execute(delete(meta))  # a backup of before there was any
    assert await erasures.catch_up(talk.store, path) == 0
    assert await names(talk.store) == ["Ana"]


async def test_somebody_whose_erasure_failed_and_who_practised_on_is_not_deleted_weeks_later(
    talk: Talk, path: Path
) -> None:
    """It was written down, the deletion did not go through, and they were told so."""
    talk.clock.advance(days=1)
    record(talk, path, "ben", "cem")
    talk.clock.advance(days=1)
    await talk("ben", "/practice track: ask")
    await talk("ben", f"/answer text: {story(30)}")
    assert await erasures.catch_up(talk.store, path) == 1
    assert await names(talk.store) == ["Ana", "Ben"]


async def test_what_was_done_before_by_a_clock_that_went_an_hour_ahead_saves_nobody_from_it(
    talk: Talk, path: Path
) -> None:
    talk.clock.set(talk.clock.now() - timedelta(hours=1))
    erasures.record(path, [account_key(PLATFORM, "", "ben")], talk.clock.now())
    async with talk.store.write() as tx:
        await tx.execute(update(account).values(created_at=talk.clock.now() - timedelta(days=1)))
    assert await erasures.catch_up(talk.store, path) == 1


async def test_a_file_that_cannot_be_read_stops_the_start(talk: Talk, path: Path) -> None:
    path.write_text("nonsense\n")
    with pytest.raises(StoreError, match=r"Line 1 of .* is no erasure"):
        await erasures.catch_up(talk.store, path)
    folder = path.with_name("folder")
    folder.mkdir()
    with pytest.raises(StoreError, match="cannot be read"):
        await erasures.catch_up(talk.store, folder)


async def test_run_forgets_before_anything_else_and_writes_where_the_setting_says(
    new_database: NewDatabase, clock: MovedClock, path: Path
) -> None:
    path.parent.mkdir()
    url = await new_database("postgresql")
    settings = Settings(database=Database(url=url, erasures=str(path)))
    async with Store(database_url(url)) as store:
        talk = await Talk.begin(store, clock)
        for name in ("ana", "ben"):
            await talk(name, "/me show")
        clock.advance(days=1)
        record(talk, path, "ben")
        async with build(settings, clock, {}) as app:
            assert await names(store) == ["Ana"]
            talk.reconfigure(erased=app.services.erased)
            await talk("ana", "/me forget confirm: yes")
    assert [e.names(account_key(PLATFORM, "", "ana")) for e in erasures.read(path)] == [False, True]


async def test_restore_reads_the_file_that_the_setting_names(
    tmp_path: Path, new_database: NewDatabase, clock: MovedClock, path: Path
) -> None:
    path.parent.mkdir()
    url = await new_database("sqlite")
    settings = Settings(database=Database(url=url, erasures=str(path)))
    async with Store(database_url(url)) as store:
        talk = await Talk.begin(store, clock)
        await talk("ana", "/me show")
        await talk("ben", "/me show")
        saved = await backup.backup_store(store, tmp_path / "saved.db", clock.now())
        clock.advance(days=1)
        record(talk, path, "ben")
    await restore(settings, saved)
    async with Store(database_url(url)) as store:
        assert await names(store) == ["Ana"]


async def test_check_says_where_erasures_are_kept_and_what_to_do_where_they_are_not(
    new_database: NewDatabase, path: Path
) -> None:
    async def said(database: Database) -> str:
        lines: list[str] = []
        await check(Settings(database=database), lines.append)
        return "\n".join(line for line in lines if line.startswith("Erasures"))

    sqlite, postgresql = await new_database("sqlite"), await new_database("postgresql")
    assert "erased.jsonl" in await said(Database(url=sqlite))
    assert await said(Database(url=postgresql)) == (
        "Erasures: written down nowhere, so a backup that is put back brings forgotten people back. Name a file "
        "in database.erasures, kept apart from the backups."
    )
    assert "there is no folder" in await said(Database(url=postgresql, erasures=str(path)))
    path.parent.mkdir()
    assert f"0 accounts in {path}" in await said(Database(url=postgresql, erasures=str(path)))
    path.write_text("nonsense\n")
    assert "is no erasure" in await said(Database(url=postgresql, erasures=str(path)))


def test_where_erasures_are_written(tmp_path: Path) -> None:
    beside = Store(database_url(str(tmp_path / "s.db")))
    assert erasure_file(Settings(), beside) == tmp_path / "erased.jsonl"
    elsewhere = Settings(database=Database(erasures="~/who"))
    assert erasure_file(elsewhere, beside) == Path("~/who").expanduser()
    postgresql = Store(database_url("postgresql://u@h/n"))
    assert erasure_file(Settings(), postgresql) is None
