"""Backups beside a busy writer, and putting one back without ever losing what was there."""

from __future__ import annotations

import contextlib
import json
import os
import random
import resource
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from test_store_migrations import with_next  # noqa: F401  # a fixture

from core.errors import StoreError
from core.store import backup as module
from core.store.backup import backup, backup_store, restore, restore_store
from core.store.engine import Store, database_url
from core.store.lock import exclusive
from core.store.migrate import HEAD, ready

NOW = datetime(2026, 3, 2, 9, 30, 5, tzinfo=UTC)
ROOT = Path(__file__).parents[1]


def run(path: Path, sql: str, *values: object) -> list[Any]:
    with closing(sqlite3.connect(path, timeout=10)) as connection, connection:
        return connection.execute(sql, values).fetchall()


def put(path: Path, *names: str) -> None:
    for name in names:
        run(path, "INSERT INTO meta VALUES (?, 'x')", name)


def names(path: Path) -> set[str]:
    assert run(path, "PRAGMA integrity_check") == [("ok",)]
    return {r[0] for r in run(path, "SELECT key FROM meta")}


def left_behind(folder: Path) -> list[str]:
    return [p.name for p in folder.rglob("*") if ".part" in p.name]


def no_erasures(_database: Path, _erasures: Path) -> None:
    raise AssertionError("there is no file of erasures")


@pytest.fixture
def present(tmp_path: Path, sqlite_template: Path) -> Path:
    """A database in use: some content, part of it in the log only."""
    path = tmp_path / "data" / "starling.db"
    path.parent.mkdir()
    shutil.copy(sqlite_template, path)
    run(path, "PRAGMA journal_mode = WAL")
    put(path, "present")
    return path


@pytest.fixture
def saved(tmp_path: Path, sqlite_template: Path) -> Path:
    """A backup of another day, elsewhere."""
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    source = folder / "of-old.db"
    shutil.copy(sqlite_template, source)
    put(source, "old", "older")
    return source


# --- backing up -----------------------------------------------------------------------------------------------


def test_a_backup_is_one_whole_file_with_all_that_was_committed(present: Path) -> None:
    present.chmod(0o600)
    with closing(sqlite3.connect(present)) as busy:  # keeps the log from being played into the file
        busy.execute("INSERT INTO meta VALUES ('in the log', 'x')")
        busy.commit()
        busy.execute("INSERT INTO meta VALUES ('not committed', 'x')")
        made = backup(present, None, NOW)
    assert made == present.parent / "backups" / "starling-20260302-093005.db"
    assert [p.name for p in made.parent.iterdir()] == [made.name]
    assert names(made) == {"present", "in the log"}
    assert made.stat().st_mode & 0o777 == 0o600


WRITER = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], timeout=30, isolation_level=None)
connection.execute("PRAGMA journal_mode = WAL")
print("writing", flush=True)
number = 0
while True:
    number += 1
    connection.execute("BEGIN IMMEDIATE")
    connection.execute("INSERT INTO meta VALUES (?, ?)", (f"a{number}", "x" * 2000))
    connection.execute("INSERT INTO meta VALUES (?, ?)", (f"b{number}", "x" * 2000))
    connection.execute("COMMIT")
"""


def test_a_backup_beside_a_busy_writer_is_whole_and_does_not_stop_it(present: Path) -> None:
    writer = subprocess.Popen([sys.executable, "-c", WRITER, str(present)], stdout=subprocess.PIPE)
    with writer:
        assert writer.stdout is not None and writer.stdout.readline() == b"writing\n"
        counts = []
        for second in range(6):
            found = names(backup(present, None, NOW + timedelta(seconds=second)))
            assert {n[1:] for n in found if n[0] == "a"} == {n[1:] for n in found if n[0] == "b"}
            counts.append(len(found))
            time.sleep(0.05)
        assert writer.poll() is None, "the writer met an error"
        writer.kill()
    assert counts == sorted(counts) and counts[-1] > counts[0]


def test_the_newest_seven_of_our_own_stay(present: Path) -> None:
    folder = present.parent / "backups"
    folder.mkdir()
    others = ["starling.db", "starling-before-0002-20200101-000000.db", "starling-2020.db", "notes.txt"]
    for name in others:
        (folder / name).write_text("mine")
    stale, fresh = (
        folder / ".starling-20200101-000000.db.1.part",
        folder / ".starling-20200101-000000.db.2.part",
    )
    for part in (stale, fresh):
        part.write_text("half")
    os.utime(stale, (0, 0))
    made = [backup(present, None, NOW + timedelta(days=day)) for day in range(10)]
    assert sorted(p for p in folder.iterdir() if p.name not in others) == [fresh, *made[-7:]]
    assert all((folder / name).read_text() == "mine" for name in others)


def test_a_backup_made_after_the_clock_went_back_is_not_the_one_removed(present: Path) -> None:
    later = [backup(present, None, NOW + timedelta(days=day), keep=3) for day in range(3)]
    made = backup(present, None, NOW - timedelta(days=900), keep=3)
    assert sorted(made.parent.iterdir()) == [made, *later[-2:]]


def test_two_backups_in_one_second_are_two(present: Path) -> None:
    first, second = backup(present, None, NOW), backup(present, None, NOW)
    assert second.name == "starling-20260302-093005-2.db"
    assert first.exists() and second.exists()


def test_a_backup_may_be_put_elsewhere_and_overwrites_nothing(present: Path, tmp_path: Path) -> None:
    target = tmp_path / "usb" / "mine.db"
    assert backup(present, target, NOW) == target
    assert backup(present, target.parent, NOW) == target.parent / "starling-20260302-093005.db"
    before = target.read_bytes()
    for taken in (target, present):
        with pytest.raises(StoreError, match="is there already"):
            backup(present, taken, NOW)
    assert target.read_bytes() == before
    assert not (present.parent / "backups").exists()


def test_there_has_to_be_a_database(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="nothing to back up"):
        backup(tmp_path / "none.db", None, NOW)
    assert list(tmp_path.iterdir()) == []


def test_a_damaged_database_pushes_no_good_backup_out(present: Path) -> None:
    good = [backup(present, None, NOW + timedelta(days=day)) for day in range(7)]
    with present.open("r+b") as file:
        file.seek(4096 * 3)
        file.write(os.urandom(4096 * 20))
    with pytest.raises(StoreError, match=r"starling\.db is damaged"):
        backup(present, None, NOW + timedelta(days=8))
    assert sorted(good[0].parent.iterdir()) == good


@contextlib.contextmanager
def no_file_beyond(size: int) -> Iterator[None]:
    """The system refuses to make files larger: as near to a full disk as a test gets without one."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_disk_without_room_leaves_nothing_half_made(present: Path, tmp_path: Path) -> None:
    target = tmp_path / "copy.db"
    with no_file_beyond(50_000), pytest.raises(StoreError, match=r"disk.*copy\.db"):
        backup(present, target, NOW)
    assert not target.exists() and not left_behind(tmp_path)
    assert names(present) == {"present"}


async def test_off_the_event_loop(present: Path) -> None:
    async with Store(database_url(str(present))) as store:
        made = await backup_store(store, None, NOW)
    assert names(made) == {"present"}
    async with Store(database_url(str(present))) as store:
        put(present, "later")
        assert await restore_store(store, made, NOW, no_erasures) is not None
        await ready(store, allow_migrate=False)
    assert names(present) == {"present"}


async def test_postgresql_has_its_own_tools(present: Path) -> None:
    async with Store(database_url("postgresql://localhost/starling")) as store:
        with pytest.raises(StoreError, match="pg_dump"):
            await backup_store(store, None, NOW)
        with pytest.raises(StoreError, match="pg_restore"):
            await restore_store(store, present, NOW, no_erasures)


# --- putting one back -----------------------------------------------------------------------------------------


def test_restoring_exchanges_the_content_and_keeps_the_present_one(present: Path, saved: Path) -> None:
    before = saved.read_bytes()
    kept = restore(saved, present, NOW, no_erasures)
    assert names(present) == {"old", "older"}
    assert kept == present.parent / "starling-before-restore-20260302-093005.db"
    assert names(kept) == {"present"}
    assert saved.read_bytes() == before and [p.name for p in saved.parent.iterdir()] == [saved.name]
    assert not left_behind(present.parent)


def test_restoring_through_a_link_leaves_the_link(present: Path, saved: Path, tmp_path: Path) -> None:
    link = tmp_path / "link.db"
    link.symlink_to(present)
    restore(saved, link, NOW, no_erasures)
    assert link.is_symlink() and names(present) == {"old", "older"}


def test_restoring_where_nothing_is(saved: Path, tmp_path: Path) -> None:
    path = tmp_path / "new" / "starling.db"
    assert restore(saved, path, NOW, no_erasures) is None
    assert names(path) == {"old", "older"}


def test_a_log_left_without_its_file_is_not_played_into_the_restored_one(present: Path, saved: Path) -> None:
    with closing(sqlite3.connect(present)) as busy:
        busy.execute("INSERT INTO meta VALUES ('in the log', 'x')")
        busy.commit()
        log = present.with_name("starling.db-wal").read_bytes()
    present.unlink()
    present.with_name("starling.db-wal").write_bytes(log)
    kept = restore(saved, present, NOW, no_erasures)
    assert names(present) == {"old", "older"}
    assert kept is not None and kept.with_name(kept.name + "-wal").read_bytes() == log


@pytest.mark.parametrize("size", [10, 300, 4096, 50_000])
def test_a_damaged_present_file_is_kept_as_it_lies_and_replaced(
    present: Path, saved: Path, size: int
) -> None:
    os.truncate(present, size)
    damaged = present.read_bytes()
    present.with_name("starling.db-shm").write_bytes(b"stale")
    kept = restore(saved, present, NOW, no_erasures)
    assert kept is not None and kept.read_bytes() == damaged
    assert names(present) == {"old", "older"}


def test_a_page_size_of_another_build_is_no_obstacle(present: Path, saved: Path) -> None:
    run(saved, "PRAGMA page_size = 8192")
    run(saved, "VACUUM")
    restore(saved, present, NOW, no_erasures)
    assert names(present) == {"old", "older"}


def newer(path: Path) -> None:
    run(path, "UPDATE alembic_version SET version_num = '0917'")


def another_programs(path: Path) -> None:
    path.unlink()
    run(path, "CREATE TABLE bookmarks (id)")


def empty(path: Path) -> None:
    path.write_bytes(b"")


def text_file(path: Path) -> None:
    path.write_text("Dear diary,\n" * 900)


def truncated(path: Path) -> None:
    os.truncate(path, 40_960)


def inside_damaged(path: Path) -> None:
    with path.open("r+b") as file:
        file.seek(4096 * 3)
        file.write(os.urandom(4096 * 20))


@pytest.mark.parametrize(
    ("harm", "said"),
    [
        (newer, "newer Starling .*0917"),
        (another_programs, "another program's database"),
        (empty, "empty database"),
        (text_file, "no database"),
        (truncated, "of-old.db is damaged"),
        (inside_damaged, "of-old.db is damaged"),
        (Path.unlink, "no file"),
    ],
)
def test_what_is_no_whole_backup_of_ours_is_refused(
    harm: Callable[[Path], None], said: str, present: Path, saved: Path
) -> None:
    harm(saved)
    with pytest.raises(StoreError, match=said):
        restore(saved, present, NOW, no_erasures)
    assert names(present) == {"present"}
    assert not left_behind(present.parent) and not list(present.parent.glob("*before-restore*"))


def test_a_database_is_no_backup_of_itself(present: Path) -> None:
    with pytest.raises(StoreError, match="the database itself"):
        restore(present.parent / ".." / "data" / "starling.db", present, NOW, no_erasures)


def test_another_programs_file_is_not_overwritten(present: Path, saved: Path) -> None:
    another_programs(present)
    with pytest.raises(StoreError, match="another program"):
        restore(saved, present, NOW, no_erasures)
    assert run(present, "SELECT count(*) FROM bookmarks") == [(0,)]


def test_nothing_is_restored_while_a_starling_runs(present: Path, saved: Path) -> None:
    with exclusive(present), pytest.raises(StoreError, match="Another Starling"):
        restore(saved, present, NOW, no_erasures)
    assert names(present) == {"present"}


def test_nothing_is_restored_under_another_programs_pen(
    present: Path, saved: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "BUSY_MS", 300)
    with closing(sqlite3.connect(present, isolation_level=None)) as busy:
        busy.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreError, match="busy with another program"):
            restore(saved, present, NOW, no_erasures)
        busy.execute("ROLLBACK")
    assert names(present) == {"present"}


def test_who_reads_meanwhile_sees_the_old_or_the_new(present: Path, saved: Path) -> None:
    with closing(sqlite3.connect(present, isolation_level=None)) as reader:
        reader.execute("BEGIN")
        assert reader.execute("SELECT key FROM meta").fetchall() == [("present",)]
        restore(saved, present, NOW, no_erasures)
        assert reader.execute("SELECT key FROM meta").fetchall() == [("present",)]
        reader.execute("COMMIT")
        assert reader.execute("SELECT count(*) FROM meta").fetchall() == [(2,)]


def test_a_disk_without_room_leaves_the_present_one(present: Path, saved: Path) -> None:
    with no_file_beyond(50_000), pytest.raises(StoreError, match="disk"):
        restore(saved, present, NOW, no_erasures)
    assert names(present) == {"present"} and not left_behind(present.parent)


def test_an_older_backup_is_brought_to_our_schema(present: Path, saved: Path, with_next: Any) -> None:  # noqa: F811
    new = with_next()
    before = saved.read_bytes()
    restore(saved, present, NOW, no_erasures)
    assert run(present, "SELECT version_num FROM alembic_version") == [(new,)]
    assert names(present) == {"old", "older"}
    assert saved.read_bytes() == before
    assert new > HEAD


# --- who was forgotten stays forgotten ------------------------------------------------------------------------


def erase(database: Path, erasures: Path) -> None:
    for line in erasures.read_text().splitlines():
        run(database, "DELETE FROM meta WHERE key = ?", json.loads(line))


def test_erasures_since_the_backup_are_applied_before_anybody_sees_it(present: Path, saved: Path) -> None:
    put(saved, "forget-this-secret")
    present.with_name("erased.jsonl").write_text('"forget-this-secret"\n"never there"\n')
    restore(saved, present, NOW, erase)
    assert names(present) == {"old", "older"}
    for path in present.parent.iterdir():
        if path.name != "erased.jsonl":
            assert b"forget-this-secret" not in path.read_bytes(), path
    assert names(saved) >= {"forget-this-secret"}, "the backup itself is only read"


def test_erasures_that_cannot_be_applied_stop_the_restore(present: Path, saved: Path) -> None:
    present.with_name("erased.jsonl").write_text("no JSON")
    with pytest.raises(StoreError, match=r"erased\.jsonl could not be applied"):
        restore(saved, present, NOW, erase)
    assert names(present) == {"present"} and not left_behind(present.parent)


# --- a kill at any point --------------------------------------------------------------------------------------


RESTORER = """
import sys
from datetime import datetime, UTC
from pathlib import Path
from core.store.backup import restore
path, sources = Path(sys.argv[1]), [Path(p) for p in sys.argv[2:]]
for number in range(1000):
    kept = restore(sources[number % 2], path, datetime.now(UTC), erase=print)
    kept.unlink()
    print("restored", flush=True)
"""


@pytest.mark.slow
def test_a_kill_at_any_point_leaves_the_one_or_the_other_whole(present: Path, saved: Path) -> None:
    other = saved.with_name("other.db")
    shutil.copy(saved, other)
    for path, name in ((saved, "one"), (other, "two")):
        run(path, "DELETE FROM meta")
        with closing(sqlite3.connect(path)) as connection, connection:
            rows = [(f"{name}{n}", "x" * 1000) for n in range(1500)]
            connection.executemany("INSERT INTO meta VALUES (?, ?)", rows)
    restore(saved, present, NOW, no_erasures)
    for _ in range(100 if os.environ.get("STARLING_TEST_SIZE") == "full" else 8):
        command = [sys.executable, "-c", RESTORER, str(present), str(saved), str(other)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=ROOT) as process:
            assert process.stdout is not None and process.stdout.readline() == b"restored\n"
            time.sleep(random.uniform(0, 0.2))  # somewhere in one of the next rounds
            assert process.poll() is None, "it met an error"
            process.send_signal(signal.SIGKILL)
        found = names(present)
        assert len(found) == 1500 and len({n[:3] for n in found}) == 1
    restore(other, present, NOW, no_erasures)
    assert not left_behind(present.parent), "the next restore tidies up"
