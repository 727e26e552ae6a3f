"""One Starling at a time on a SQLite file, with real second processes."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import NewDatabase

from core.errors import StoreError
from core.store.engine import Store, database_url
from core.store.lock import exclusive, holds, lock_path
from core.store.migrate import migrate, ready

HOLDER = """
import sys
from pathlib import Path
from core.errors import StoreError
from core.store.lock import exclusive
try:
    with exclusive(Path(sys.argv[1])):
        print("held", flush=True)
        sys.stdin.read()
except StoreError as error:
    print(error, flush=True)
"""


@contextlib.contextmanager
def another(path: Path, folder: Path | None = None) -> Iterator[subprocess.Popen[str]]:
    """A second process that tries to have ``path`` to itself; its first line says whether it does."""
    command = [sys.executable, "-c", HOLDER, str(path)]
    roots = [str(Path(__file__).parents[1]), *filter(None, [os.environ.get("PYTHONPATH")])]
    with subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=folder,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(roots)},
    ) as process:
        yield process
        process.kill()


def said(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def test_the_second_is_told_who_has_the_file_and_what_to_do(tmp_path: Path) -> None:
    path = tmp_path / "starling.db"
    with another(path) as first:
        assert said(first) == "held"
        with pytest.raises(StoreError) as refusal, exclusive(path):
            pass
    assert str(path) in str(refusal.value)
    assert f"process {first.pid}" in str(refusal.value)
    assert "Stop it first" in str(refusal.value) and "database.url" in str(refusal.value)


def test_a_kill_frees_the_file(tmp_path: Path) -> None:
    path = tmp_path / "starling.db"
    with another(path) as first:
        assert said(first) == "held"
        first.send_signal(signal.SIGKILL)
        first.wait()
        with exclusive(path):
            assert holds(path)
    assert not holds(path)


def test_the_file_is_free_after_the_block_even_when_it_raised(tmp_path: Path) -> None:
    path = tmp_path / "starling.db"
    with pytest.raises(ZeroDivisionError), exclusive(path):
        raise ZeroDivisionError
    with another(path) as next_one:
        assert said(next_one) == "held"


def test_whoever_holds_it_keeps_it_when_others_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "starling.db"
    with exclusive(path):
        for _ in range(2):
            with another(path) as second:
                assert f"process {os.getpid()}" in said(second)
        with pytest.raises(StoreError), exclusive(path):
            pass
        assert holds(path)


def test_links_and_relative_paths_lead_to_the_same_lock(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "starling.db").touch()
    (tmp_path / "folder-link").symlink_to(folder)
    (tmp_path / "file-link.db").symlink_to(folder / "starling.db")
    (tmp_path / "link-to-link.db").symlink_to("file-link.db")
    names = ["folder-link/starling.db", "file-link.db", "link-to-link.db", "data/../data/./starling.db"]
    with exclusive(folder / "starling.db"):
        for name in names:
            with another(Path(name), tmp_path) as second:
                assert "Another Starling" in said(second), name
            assert lock_path(tmp_path / name) == folder / "starling.db.lock"
    assert sorted(p.name for p in tmp_path.rglob("*.lock")) == ["starling.db.lock"]


def test_two_files_do_not_mind_each_other(tmp_path: Path) -> None:
    with exclusive(tmp_path / "one.db"), another(tmp_path / "two.db") as second:
        assert said(second) == "held"


def test_the_folder_is_made_on_the_way(tmp_path: Path) -> None:
    with exclusive(tmp_path / "new" / "folder" / "starling.db"):
        assert (tmp_path / "new" / "folder").is_dir()


def test_a_folder_that_cannot_be_made_is_one_clear_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with (
        pytest.raises(StoreError, match=r"a file of that name is in the way"),
        exclusive(tmp_path / "file" / "starling.db"),
    ):
        pass


async def test_migrate_refuses_while_another_holds_the_file(tmp_path: Path) -> None:
    path = tmp_path / "starling.db"
    async with Store(database_url(str(path))) as store:
        with another(path) as first:
            assert said(first) == "held"
            with pytest.raises(StoreError, match="Another Starling"):
                await migrate(store)
            assert not path.exists()
        await migrate(store)


async def test_whoever_holds_the_file_may_migrate_it(tmp_path: Path) -> None:
    path = tmp_path / "starling.db"
    async with Store(database_url(str(path))) as store:
        with exclusive(path):
            await ready(store, allow_migrate=True)
            assert holds(path), "migrating did not give the lock away"


async def test_what_only_reads_works_beside(new_database: NewDatabase) -> None:
    async with Store(database_url(await new_database("sqlite"))) as store:
        assert store.path is not None
        with another(store.path) as first:
            assert said(first) == "held"
            await ready(store, allow_migrate=False)
