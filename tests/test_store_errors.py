"""A database that cannot be used: one clear sentence, and the data stays as it was."""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import resource
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import asyncpg
import pytest
import sqlalchemy as sa
from conftest import NewDatabase
from sqlalchemy import Pool, event

from core.errors import StoreError
from core.store.arrivals import create_person
from core.store.engine import Store, database_url
from core.store.lock import exclusive
from core.store.migrate import HEAD, migrate, ready, state

NOBODY = 65534


async def refusal(url: str | Path, *, allow_migrate: bool = True) -> str:
    """What ``ready`` says no with; checked to be fit for people."""
    async with Store(database_url(str(url))) as store:
        with pytest.raises(StoreError) as caught:
            await ready(store, allow_migrate)
    said = caught.value.message
    assert re.fullmatch(r"[^\n]+[.?\w]", said) and len(said) < 400, said
    assert not re.search(r"Error|Traceback|sqlalche|\(sqlite3|asyncpg|pragma|errno", said, re.IGNORECASE), (
        said
    )
    return said


def digest(folder: Path) -> dict[str, str]:
    """All files with their content, but for what SQLite keeps beside a file that is open."""
    return {
        str(p.relative_to(folder)): hashlib.sha256(p.read_bytes()).hexdigest()
        for p in folder.rglob("*")
        if p.is_file() and not p.name.endswith(("-shm", "-wal", ".lock"))
    }


@contextlib.contextmanager
def as_anybody() -> Iterator[None]:
    """Without root's freedom, which permission bits do not bind."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that everybody can reach (pytest's own belong to one user)."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    yield folder
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o700)
    shutil.rmtree(folder)


@pytest.fixture
def present(tmp_path: Path, sqlite_template: Path) -> Path:
    """A current file, alone in its folder."""
    path = tmp_path / "data" / "starling.db"
    path.parent.mkdir()
    shutil.copy(sqlite_template, path)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
    return path


# --- another schema -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
async def test_a_newer_database_is_refused_by_name(kind: str, new_database: NewDatabase) -> None:
    url = await new_database(kind)
    async with Store(database_url(url)) as store:
        async with store.write() as tx:
            await tx.execute(sa.text("UPDATE alembic_version SET version_num = '0917'"))
        assert await state(store) == "newer"
        with pytest.raises(StoreError, match="newer Starling"):
            await migrate(store)
    said = await refusal(url)
    assert "0917" in said and HEAD in said and "install the newer Starling" in said


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
@pytest.mark.parametrize("revision", [None, "1", "ae1027a6acf", "0001"])
async def test_another_programs_tables_are_left_alone(
    kind: str, revision: str | None, new_database: NewDatabase
) -> None:
    url = await new_database(kind, blank=True)
    async with Store(database_url(url)) as store:
        async with store.write() as tx:
            await tx.execute(sa.text("CREATE TABLE bookmarks (id INTEGER)"))
            if revision:
                await tx.execute(sa.text("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)"))
                await tx.execute(sa.text("INSERT INTO alembic_version VALUES (:r)"), {"r": revision})
        with pytest.raises(StoreError, match="tables of another program"):
            await state(store)
    assert "database of its own" in await refusal(url)


# --- files that are none --------------------------------------------------------------------------------------


def text_file(path: Path) -> None:
    path.write_text("Dear diary,\n" * 500)


def short_text_file(path: Path) -> None:
    path.write_text("hello")


def bad_header(path: Path) -> None:
    with path.open("r+b") as file:
        file.write(b"\xff" * 50)


def truncated(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


def truncated_to_a_few_bytes(path: Path) -> None:
    os.truncate(path, 300)


def first_page_overwritten(path: Path) -> None:
    with path.open("r+b") as file:
        file.seek(100)
        file.write(os.urandom(3900))


@pytest.mark.parametrize(
    "harm",
    [text_file, short_text_file, bad_header, truncated, truncated_to_a_few_bytes, first_page_overwritten],
)
async def test_a_damaged_file_is_one_sentence_and_left_alone(
    harm: Callable[[Path], None], present: Path
) -> None:
    harm(present)
    before = digest(present.parent)
    said = await refusal(present)
    assert str(present) in said and "starling restore FILE" in said
    assert digest(present.parent) == before


async def test_a_folder_in_the_place_of_the_file(tmp_path: Path) -> None:
    said = await refusal(tmp_path)
    assert f"{tmp_path} is a folder" in said and "database.url" in said


async def test_a_file_in_the_place_of_the_folder(tmp_path: Path) -> None:
    text_file(tmp_path / "notes")
    before = digest(tmp_path)
    said = await refusal(tmp_path / "notes" / "starling.db")
    assert "a file of that name is in the way" in said
    assert digest(tmp_path) == before


# --- no right to write ----------------------------------------------------------------------------------------


async def test_a_missing_folder_that_may_not_be_made(open_folder: Path) -> None:
    open_folder.chmod(0o555)
    with as_anybody():
        said = await refusal(open_folder / "new" / "starling.db")
    assert "cannot be made (Permission denied)" in said and "Make it" in said


async def test_a_file_that_may_only_be_read(open_folder: Path, present: Path) -> None:
    path = Path(shutil.copy(present, open_folder))
    path.chmod(0o444)
    open_folder.chmod(0o777)
    before = digest(open_folder)
    with as_anybody():
        said = await refusal(path)
    assert "read-only" in said and str(path) in said
    assert digest(open_folder) == before


async def test_a_folder_that_may_only_be_read(open_folder: Path, present: Path) -> None:
    path = Path(shutil.copy(present, open_folder))
    path.chmod(0o666)
    open_folder.chmod(0o555)
    before = digest(open_folder)
    with as_anybody():
        said = await refusal(path)
        with pytest.raises(StoreError, match=r"The lock .* cannot be made"), exclusive(path):
            pass
    assert "folder" in said and str(path) in said
    assert digest(open_folder) == before


async def test_a_folder_that_may_not_be_looked_into(open_folder: Path, present: Path) -> None:
    path = Path(shutil.copy(present, open_folder))
    open_folder.chmod(0o600)
    with as_anybody():
        said = await refusal(path)
    assert str(path) in said


# --- no room ---------------------------------------------------------------------------------------------------


@pytest.fixture
def small_disk() -> Iterator[None]:
    """SQLite files cannot outgrow 20 pages: SQLite's own way of a full disk, in any connection made meanwhile."""

    def limit(connection: Any, _: Any) -> None:
        connection.execute("PRAGMA max_page_count = 20")

    event.listen(Pool, "connect", limit)
    yield
    event.remove(Pool, "connect", limit)


@contextlib.contextmanager
def no_file_beyond(size: int) -> Iterator[None]:
    """The system refuses to make files larger."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


async def test_a_new_database_on_a_full_disk(tmp_path: Path, small_disk: None) -> None:
    said = await refusal(tmp_path / "starling.db")
    assert "disk is full" in said and "free some space" in said


async def test_a_disk_that_fills_up_under_a_writer_loses_nothing(present: Path) -> None:
    from datetime import UTC, datetime

    now = datetime(2026, 3, 2, tzinfo=UTC)
    async with Store(database_url(str(present))) as store:
        async with store.write() as tx:
            await create_person(tx, "before", "UTC", now)
            pages = (await tx.execute(sa.text("PRAGMA page_count"))).scalar_one()
        async with store.write() as tx:
            await tx.execute(sa.text(f"PRAGMA max_page_count = {pages}"))
        with pytest.raises(StoreError, match="disk is full"):
            async with store.write() as tx:
                for _ in range(10_000):
                    await create_person(tx, "lost", "UTC", now)
        async with store.read() as tx:
            assert (await tx.execute(sa.text("SELECT DISTINCT name FROM person"))).scalars().all() == [
                "before"
            ]
            assert (await tx.execute(sa.text("PRAGMA integrity_check"))).scalar_one() == "ok"
        async with store.write() as tx:  # space was freed
            await tx.execute(sa.text("PRAGMA max_page_count = 1000000"))
            await create_person(tx, "after", "UTC", now)


async def test_a_current_database_that_cannot_be_written_is_met_at_the_start(present: Path) -> None:
    before = digest(present.parent)
    with no_file_beyond(0):
        said = await refusal(present)
    assert "disk" in said and str(present) in said
    assert digest(present.parent) == before
    async with Store(database_url(str(present))) as store:
        await ready(store, allow_migrate=False)


# --- PostgreSQL that is not there, or not for us ---------------------------------------------------------------


async def test_no_server_at_the_address(tmp_path: Path) -> None:
    for url in (
        f"postgresql://starling:s3cret@/starling?host={tmp_path}",
        "postgresql://s:s3cret@127.0.0.1:1/x",
    ):
        said = await refusal(url)
        assert "cannot be reached" in said and "database.url" in said
        assert "s3cret" not in said


async def test_no_such_database_on_the_server(postgres_url: str) -> None:
    said = await refusal(postgres_url.replace("/postgres?", "/nowhere?"))
    assert "There is no database" in said and "nowhere" in said and "createdb" in said


async def test_a_user_that_may_not_make_tables(new_database: NewDatabase) -> None:
    url = await new_database("postgresql", blank=True)
    connection = await asyncpg.connect(url)
    await connection.execute("DROP ROLE IF EXISTS guest")
    await connection.execute("CREATE ROLE guest LOGIN")
    try:
        said = await refusal(url.replace("postgres@", "guest@"))
    finally:
        await connection.execute("DROP ROLE guest")
        await connection.close()
    assert "may not" in said and "GRANT" in said
