"""Alembic's way in: runs the scripts of ``versions/`` on the connection that core.store.migrate hands over.

**A new migration.** Change core/store/tables.py, then

    .venv/bin/python -m core.store.migrations.new "members have a colour"

writes ``versions/NNNN_members_have_a_colour.py`` from the difference between the newest migration and the
tables. Read it and correct it: Alembic sees a rename as a loss and a gain. Then

1. set ``HEAD`` in core/store/migrate.py to the new number (a test compares the two);
2. write the picture of the new schema, which the next migrations are tried on:
   ``STARLING_WRITE_SCHEMAS=1 .venv/bin/python -m pytest tests/test_store_migrations.py``;
3. add a line to the changelog: people run ``starling migrate``, which copies a SQLite file first.

**What a migration may do.** Of Starling it imports core.store.types and StoreError, no more: it must mean
the same in five years. It runs on SQLite and on PostgreSQL (``op.batch_alter_table`` for what SQLite cannot
alter), in one transaction with all others, with SQLite's foreign keys off and checked at the end. There is
no way down: who wants the older schema puts back the copy. A script that was released never changes again.
"""

from __future__ import annotations

from typing import Any, Literal

from alembic import context

from core.store.types import Id, Instant


def render(kind: str, item: Any, _: Any) -> str | Literal[False]:
    """Our own column types by their names; the template imports them."""
    if kind == "type" and isinstance(item, Instant):
        return "Instant"
    if kind == "type" and repr(item) == repr(Id) and item._variant_mapping:
        return "Id"
    return False


def run() -> None:
    context.configure(
        connection=context.config.attributes["connection"],
        target_metadata=context.config.attributes.get("metadata"),  # for a new migration only
        render_as_batch=context.get_head_revision() is not None,  # the first one alters nothing
        render_item=render,
    )
    with context.begin_transaction():
        context.run_migrations()


run()
