"""``starling corrections``: what members corrected and give, as training text without names."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any, TextIO

from bot.build import open_store
from bot.settings import Settings
from core.corrections import decided, read_answer, sentences_of
from core.errors import SettingsError
from core.neutral import neutral
from core.plain import count
from core.store import answers, corrections
from core.store.engine import Store

BATCH = 100  # answers read in one transaction


async def write(settings: Settings, file: str, say: Callable[[str], None]) -> None:
    """Write JSON lines to ``file``, which is new and its owner's alone, or to standard output ("-").

    A line: {"id": 1, "question", "sentences": [{"text", "label"}], "corrected": [numbers from 0], "method"}, and
    "checks" {item: state} where items of the checklist were corrected. Labels that are not corrected are the reader's
    own. Only of people who give their corrections, without names, ids, mentions, addresses and links.
    """
    async with open_store(settings, alone=False, migrate=False) as store:
        if file == "-":
            await _write(store, sys.stdout)
            return
        lines, people = await _to_file(store, Path(file))
    said = (
        f"{count(lines, 'corrected answer')} of {count(people, 'person', 'people')}" if lines else "Nothing"
    )
    say(f"{said} in {file}. Read it before you hand it on: names that no member has are still in it.")


async def _to_file(store: Store, path: Path) -> tuple[int, int]:
    try:
        number = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise SettingsError(f"{path} is there already. Name a new file.") from None
    except OSError as error:
        raise SettingsError(f"{path} cannot be written: {error.strerror or error}.") from error
    with os.fdopen(number, "w", encoding="utf-8", newline="\n") as out:
        return await _write(store, out)


async def _write(store: Store, out: TextIO) -> tuple[int, int]:
    """(lines, people) written."""
    lines = 0
    people: set[int] = set()
    async for person_id, line in _lines(store):
        lines += 1
        people.add(person_id)
        out.write(json.dumps({"id": lines, **line}, ensure_ascii=False) + "\n")
    return lines, len(people)


async def _lines(store: Store) -> AsyncIterator[tuple[int, dict[str, Any]]]:
    """(person, line without its id) for each answer, in the order in which they were given."""
    after = 0
    while True:
        found = []
        async with store.read() as tx:
            rows = await corrections.given(tx, after, BATCH)
            for row in rows:
                after = row.id
                answer = await answers.get(tx, row.id)
                if answer is not None:
                    names = await corrections.names_around(tx, row.person_id)
                    found.append((row, answer, await corrections.of(tx, row.id), names))
        if not rows:
            return
        for row, answer, mine, names in found:
            reading = read_answer(answer, row.question, row.level, mine)
            clean = neutral(names)
            here = decided(mine, sentences_of(answer))
            if not here.labels and not here.checks:
                continue  # its sentences are cut otherwise by now; nothing of it can be placed
            line: dict[str, Any] = {
                "question": clean(row.question),
                "sentences": [{"text": clean(each.text), "label": each.label} for each in reading.sentences],
                "corrected": sorted(here.labels),
                "method": mine[-1].method,
            }
            if here.checks:
                line["checks"] = {key: check.state for key, check in here.checks.items()}
            yield row.person_id, line
