"""Statements that go straight to the driver: in their transaction, with its picture, and with its errors."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import Integer, Select, bindparam, func, insert, literal, select, update

from core.store import fast
from core.store.engine import Store
from core.store.tables import meta

_VALUE = select(meta.c.value).where(meta.c.key == bindparam("named"))
_PUT = insert(meta).values(key=bindparam("p_key"), value=bindparam("p_value"))


def _long() -> Select[tuple[int]]:
    """Counts for seconds, unless it is broken off."""
    steps = select(literal(1, Integer).label("n")).cte("steps", recursive=True)
    steps = steps.union_all(select(steps.c.n + 1).where(steps.c.n < 3_000_000))
    return select(func.count().label("n")).select_from(steps)


_LONG = _long()


async def put(store: Store, key: str, value: str) -> None:
    async with store.write() as tx:
        await fast.write_all(tx, [(_PUT, {"p_key": key, "p_value": value})])


async def value_of(store: Store, key: str) -> list[str]:
    async with store.read() as tx:
        return [row.value for row in await fast.rows(tx, _VALUE, {"named": key})]


async def test_a_reader_that_begins_with_them_has_one_picture(store: Store) -> None:
    await put(store, "tide", "low")
    async with store.read() as tx:
        before = await fast.rows(tx, _VALUE, {"named": "tide"})
        async with store.write() as other:
            await other.execute(update(meta).where(meta.c.key == "tide").values(value="high"))
        after = await fast.rows(tx, _VALUE, {"named": "tide"})
    assert [row.value for row in (*before, *after)] == ["low", "low"]
    assert await value_of(store, "tide") == ["high"]


async def test_what_is_rolled_back_was_never_there(store: Store) -> None:
    with pytest.raises(RuntimeError):
        async with store.write() as tx:
            await fast.write_all(tx, [(_PUT, {"p_key": "tide", "p_value": "low"})])
            raise RuntimeError
    assert await value_of(store, "tide") == []


async def test_a_writer_that_is_cut_off_within_a_statement_leaves_nothing_and_the_road_free(
    store: Store,
) -> None:
    async def writes() -> None:
        async with store.write() as tx:
            await fast.write_all(tx, [(_PUT, {"p_key": "tide", "p_value": "low"})])
            await fast.rows(tx, _LONG, {})

    task = asyncio.create_task(writes())
    await asyncio.sleep(0.15)
    assert not task.done()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    async with asyncio.timeout(15):
        await put(store, "tide", "high")
    assert await value_of(store, "tide") == ["high"]
