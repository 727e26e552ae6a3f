"""The file of erasures: what it says, what a crash may leave of it, and whom a restore forgets again."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from moved_clock import MovedClock
from sqlalchemy import delete, insert, select
from talk import Talk
from two_platforms import Two

from core import erasures
from core.call import Where
from core.errors import StoreError
from core.store import arrivals, people, personal
from core.store.engine import Store, database_url
from core.store.personal import account_key
from core.store.tables import account
from core.views import blocks_of

ANA = account_key("test", "", "ana")
BEN = account_key("test", "", "ben")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / erasures.FILE


@pytest.fixture
async def talk(store: Store, clock: MovedClock) -> Talk:
    return await Talk.begin(store, clock)


async def names(store: Store) -> list[str]:
    async with store.read() as tx:
        found = [await people.get_person(tx, n) for n in range(1, 20)]
    return [p.name for p in found if p is not None]


async def apply(store: Store, path: Path) -> int:
    async with store.write() as tx:
        return await erasures.apply(tx, path)


def test_a_line_names_nobody_and_no_two_are_alike(path: Path, clock: MovedClock) -> None:
    erasures.record(path, [ANA, BEN], clock.now())
    erasures.record(path, [ANA], clock.now())
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    assert [set(line) for line in lines] == [{"salt", "digest", "at"}] * 3
    assert len({line["salt"] for line in lines}) == len({line["digest"] for line in lines}) == 3
    assert "ana" not in path.read_text()
    assert path.stat().st_mode & 0o077 == 0  # nobody else's to read


def test_what_was_written_is_read_back(path: Path, clock: MovedClock) -> None:
    assert erasures.read(path) == []
    erasures.record(path, [ANA], clock.now())
    (found,) = erasures.read(path)
    assert found.names(ANA) and not found.names(BEN)
    assert found.at == clock.now()


def test_a_line_that_a_crash_left_half_written_hurts_nobody(path: Path, clock: MovedClock) -> None:
    erasures.record(path, [ANA], clock.now())
    whole = path.read_bytes()
    erasures.record(path, [BEN], clock.now())
    for cut in range(len(whole), len(path.read_bytes())):
        torn = path.with_name(f"torn-{cut}.jsonl")
        torn.write_bytes(path.read_bytes()[:cut])
        before = erasures.read(torn)
        assert before[0].names(ANA)
        erasures.record(torn, [BEN], clock.now())
        after = erasures.read(torn)
        assert after[0].names(ANA) and after[-1].names(BEN)


@pytest.mark.parametrize(
    "damage", ["nonsense", "{}", '{"salt": "a", "digest": "b", "at": "yesterday"}', "[1]", '{"at": 1}']
)
def test_a_damaged_line_is_named_and_not_passed_over(path: Path, clock: MovedClock, damage: str) -> None:
    path.write_text(f"{damage}\n")
    erasures.record(path, [ANA], clock.now())
    with pytest.raises(StoreError, match=r"Line 1 of .* is no erasure"):
        erasures.read(path)


async def test_an_older_database_forgets_them_again_and_nobody_else(
    talk: Talk, path: Path, clock: MovedClock
) -> None:
    for name in ("ana", "ben", "cem"):
        await talk(name, "/me show")
    clock.advance(hours=1)
    erasures.record(path, [ANA, account_key("other", "", "ben")], clock.now())
    assert await apply(talk.store, path) == 1
    assert await names(talk.store) == ["Ben", "Cem"]
    assert await apply(talk.store, path) == 0


async def test_somebody_who_came_back_after_being_forgotten_stays(
    talk: Talk, path: Path, clock: MovedClock
) -> None:
    erasures.record(path, [ANA], clock.now())
    clock.advance(seconds=1)
    await talk("ana", "/me show")
    assert await apply(talk.store, path) == 0
    assert await names(talk.store) == ["Ana"]


@pytest.mark.parametrize("unlinked", ["far", "test"])
async def test_a_backup_from_before_an_account_was_unlinked_and_forgotten_loses_no_practice(
    store: Store, path: Path, clock: MovedClock, unlinked: str
) -> None:
    two = await Two.begin(store, clock, packs=True)
    await two.practise("ana")
    await two.far("ana", "/me show", direct=True)
    await two.link_accounts()
    ana = await two.person("ana")
    backup = await rows_of_accounts(store)
    clock.advance(hours=1)
    await two("ana", f"/me unlink account: {unlinked} confirm: yes")
    gone = "ana@far" if unlinked == "far" else "ana"
    await two(gone, "/me forget confirm: yes", where=Where(two.who(gone).platform))
    assert len(two.erased) == 1
    erasures.record(path, two.erased, clock.now())
    async with store.write() as tx:  # the accounts as the backup has them: both of one person
        await tx.execute(delete(account))
        await tx.execute(insert(account), backup)
    assert await apply(store, path) == 0
    assert [row["platform"] for row in await rows_of_accounts(store)] == [
        {"far": "test", "test": "far"}[unlinked]
    ]
    async with store.read() as tx:
        assert await personal.last_practice(tx, ana.id) is not None


async def test_whoever_was_unlinked_and_practised_since_is_forgotten_whole(
    store: Store, path: Path, clock: MovedClock
) -> None:
    two = await Two.begin(store, clock, packs=True)
    await two.far("ana", "/me show", direct=True)
    await two.link_accounts()
    await two("ana", "/me unlink account: far confirm: yes")
    anew = await two.person("ana@far")
    backup = await rows_of_accounts(store)
    await two.far("ana", "/me forget confirm: yes", direct=True)
    erasures.record(path, two.erased, clock.now())
    async with store.write() as tx:
        again = await arrivals.create_person(tx, "Ana", "UTC", clock.now())
        far = [{**row, "person_id": again} for row in backup if row["person_id"] == anew.id]
        await tx.execute(insert(account), far)
    assert await apply(store, path) == 1
    assert [row["platform"] for row in await rows_of_accounts(store)] == ["test"]


async def rows_of_accounts(store: Store) -> list[dict[str, Any]]:
    async with store.read() as tx:
        return [dict(r._mapping) for r in await tx.execute(select(account).order_by(account.c.platform))]


async def test_without_a_file_there_is_nothing_to_do(talk: Talk, path: Path) -> None:
    await talk("ana", "/me show")
    assert await apply(talk.store, path) == 0


async def test_forgetting_and_a_backup_from_before_it(
    tmp_path: Path, path: Path, clock: MovedClock, sqlite_template: Path
) -> None:
    """From the button to the restored file: somebody who was forgotten stays forgotten."""
    live, backup = tmp_path / "live.db", tmp_path / "backup.db"
    live.write_bytes(sqlite_template.read_bytes())
    async with Store(database_url(str(live))) as store:
        talk = await Talk.begin(store, clock)
        await talk("ana", "/me show")
        await talk("ben", "/me show")
    backup.write_bytes(live.read_bytes())
    async with Store(database_url(str(live))) as store:
        talk = Talk(store, clock, 1, 1)
        talk.reconfigure(erased=lambda keys: erasures.record(path, keys, clock.now()))
        clock.advance(days=1)
        assert "You are forgotten." in await talk("ana", "/me forget confirm: yes")
        assert blocks_of(talk.views["ana"])

    assert await asyncio.to_thread(erasures.apply_to_file, backup, path) == 1
    async with Store(database_url(str(backup))) as store:
        assert await names(store) == ["Ben"]
