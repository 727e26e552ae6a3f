"""``python -m core.store.migrations.new "words"``: a migration from the newest one to the tables."""

from __future__ import annotations

import re
import sys
import tempfile
from pathlib import Path

from alembic import command
from sqlalchemy import create_engine

from core.store.migrate import alembic_config, upgrade
from core.store.tables import metadata

VERSIONS = Path(__file__).parent / "versions"


def new(message: str) -> None:
    numbers = [int(p.name[:4]) for p in VERSIONS.glob("[0-9][0-9][0-9][0-9]_*.py")]
    with tempfile.TemporaryDirectory() as folder:
        engine = create_engine(f"sqlite:///{folder}/blank.db")
        with engine.begin() as connection:
            if numbers:
                upgrade(connection)
            config = alembic_config(connection)
            config.attributes["metadata"] = metadata
            config.set_main_option("file_template", "%%(rev)s_%%(slug)s")
            config.set_section_option("post_write_hooks", "hooks", "ruff")
            for option, value in {
                "type": "module",
                "module": "ruff",
                "options": "format REVISION_SCRIPT_FILENAME",
            }.items():
                config.set_section_option("post_write_hooks", f"ruff.{option}", value)
            made = command.revision(
                config,
                message=re.sub(r"\s+", " ", message).strip(),
                autogenerate=True,
                rev_id=f"{max(numbers, default=0) + 1:04d}",
            )
            path = Path(made.path)  # type: ignore[union-attr]  # one script is asked for, one is made
            lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
            path.write_text("".join(line for line in lines if "# ### " not in line), encoding="utf-8")
        engine.dispose()


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(
            'Say in a few words what changes: python -m core.store.migrations.new "members have a colour"'
        )
    new(sys.argv[1])
