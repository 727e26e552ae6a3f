"""The hot path's statements, straight to the driver: an answer waits for them.

SQLAlchemy puts them together and says how values are kept; what is left out is its machinery around running them,
which costs several times what the database does. They run in the same transaction as everything else. On SQLite
any number of them make one trip to the connection's thread.
"""

from __future__ import annotations

import re
from collections import namedtuple
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import Dialect, Executable, Select, text

from core.store import one_hop
from core.store.engine import Tx

_MARK = re.compile(r"\$(\d+)")

Turn = Callable[[Any], Any] | None
Step = tuple[Executable, Mapping[str, Any]]
FIRST = one_hop.FIRST
"""As a value: the id that the first of some statements returned."""


class _Ready:
    """A statement in the words of one dialect, with what its values and columns go through."""

    def __init__(self, statement: Any, dialect: Dialect) -> None:
        compiled = statement.compile(dialect=dialect)
        self.sql = str(compiled)
        assert "POSTCOMPILE" not in self.sql, "a list of values (in_) is made anew each time: write it out"
        self.names: list[str] = list(compiled.positiontup or ())
        self.fixed: dict[str, Any] = {n: compiled.binds[n].value for n in self.names}
        # A name may stand there many times: its value is turned once.
        self.turns = {n: _into(compiled.binds[n].type, dialect) for n in self.names}
        columns = list(statement.selected_columns) if isinstance(statement, Select) else []
        self.row = namedtuple("Row", [c.key for c in columns], rename=True)  # type: ignore[misc]
        self.reads = [_out_of(c.type, dialect) for c in columns]

    def values(self, given: Mapping[str, Any]) -> list[Any]:
        turned = {}
        for name, turn in self.turns.items():
            value = given[name] if name in given else self.fixed[name]
            turned[name] = turn(value) if turn is not None and value is not FIRST else value
        return [turned[name] for name in self.names]

    def rows(self, raw: Sequence[Sequence[Any]]) -> list[Any]:
        return [
            self.row(*(read(v) if read is not None else v for read, v in zip(self.reads, r, strict=True)))
            for r in raw
        ]


def _into(type_: Any, dialect: Dialect) -> Turn:
    turn: Turn = type_.dialect_impl(dialect).bind_processor(dialect)
    return turn


def _out_of(type_: Any, dialect: Dialect) -> Turn:
    turn: Turn = type_.dialect_impl(dialect).result_processor(dialect, None)
    return turn


_READY: dict[tuple[str, Executable], _Ready] = {}
_JOINED: dict[tuple[str, ...], str] = {}


def _ready(statement: Executable, dialect: Dialect) -> _Ready:
    key = dialect.name, statement
    found = _READY.get(key)
    if found is None:
        found = _READY[key] = _Ready(statement, dialect)
    return found


async def rows(tx: Tx, statement: Select[Any], values: Mapping[str, Any]) -> list[Any]:
    """The rows of ``statement``, columns as attributes. It is one that is made once, at import or cached."""
    ready = _ready(statement, tx.dialect)
    driver = await _driver(tx)
    if isinstance(driver, one_hop.Connection):
        return ready.rows((await driver.run_all([(ready.sql, ready.values(values))]))[0])
    return ready.rows(await driver.fetch(ready.sql, *ready.values(values)))


async def rows_of_all(tx: Tx, steps: Sequence[Step]) -> list[list[Any]]:
    """The rows of each of some statements, in one trip."""
    ready = [_ready(statement, tx.dialect) for statement, _ in steps]
    values = [r.values(v) for r, (_, v) in zip(ready, steps, strict=True)]
    driver = await _driver(tx)
    if isinstance(driver, one_hop.Connection):
        raw = await driver.run_all([(r.sql, v) for r, v in zip(ready, values, strict=True)])
    else:
        sql = _joined("rows", [r.sql for r in ready], values)
        raw = await driver.fetchrow(sql, *(v for some in values for v in some))
    return [r.rows(found) for r, found in zip(ready, raw, strict=True)]


async def write_all(tx: Tx, steps: Sequence[Step]) -> int | None:
    """Run some statements in one trip. The id that the first returned, where it has a RETURNING.

    The others may use ``FIRST`` for it. They write to different tables: on PostgreSQL none sees what another did.
    """
    made = [(r.sql, r.values(v)) for r, v in ((_ready(s, tx.dialect), v) for s, v in steps)]
    driver = await _driver(tx)
    if isinstance(driver, one_hop.Connection):
        first = (await driver.run_all(made))[0]
    elif len(made) == 1:
        first = await driver.fetch(made[0][0], *made[0][1])
    else:
        values = [v for _, v in made]
        sql = _joined("writes", [sql for sql, _ in made], values)
        first = await driver.fetch(sql, *(v for some in values for v in some if v is not FIRST))
    return first[0][0] if first else None


async def _driver(tx: Tx) -> Any:
    """The driver's connection, in the transaction of ``tx``."""
    assert tx.sync_connection is not None
    driver: Any = tx.sync_connection.connection.driver_connection
    # SQLAlchemy begins a reader's when it first executes something.
    if isinstance(driver, one_hop.Connection):
        if not tx.in_transaction():
            await tx.begin()
    elif not driver.is_in_transaction():
        await tx.execute(text("SELECT 1"))
    return driver


# --- one statement out of several, for PostgreSQL ----------------------------------------


def _joined(kind: str, sqls: Sequence[str], values: Sequence[Sequence[Any]]) -> str:
    """Statements as one: their rows as an array each, or one writing after another, the first's id for ``FIRST``."""
    firsts = ",".join(str(n) for n, v in enumerate(v for some in values for v in some) if v is FIRST)
    key = kind, firsts, *sqls
    found = _JOINED.get(key)
    if found is None:
        found = _JOINED[key] = _join(kind, sqls, values)
    return found


def _join(kind: str, sqls: Sequence[str], values: Sequence[Sequence[Any]]) -> str:
    parts, taken = [], 0
    for sql, some in zip(sqls, values, strict=True):
        marks = {}
        for n, value in enumerate(some, 1):
            taken += value is not FIRST
            marks[str(n)] = "(SELECT id FROM s0)" if value is FIRST else f"${taken}"
        parts.append(_MARK.sub(lambda m, marks=marks: marks[m[1]], sql))  # type: ignore[misc]
    if kind == "rows":
        return "SELECT " + ", ".join(f"ARRAY(SELECT ROW(t.*) FROM ({p}) AS t)" for p in parts)
    ctes = ", ".join(f"s{n} AS ({p})" for n, p in enumerate(parts))
    return f"WITH {ctes} SELECT id FROM s0"
