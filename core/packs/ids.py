"""The ledger of every prompt id that we ever shipped: ``starter/ids.txt``.

One ``pack/prompt track`` a line, appended to and never cut, so that a test sees an id that was lost, reused
or moved to another track. ``python -m core.packs.ids`` appends what is new; ``--check`` only looks.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

from core.errors import StarlingError
from core.packs.load import starter_packs
from core.packs.model import Pack

LEDGER = Path(__file__).with_name("starter") / "ids.txt"


class LedgerError(StarlingError):
    """The ledger cannot be read, or the packs break with it: the message names line or id, and the fix."""


def read_ledger(text: str) -> dict[str, str]:
    """Track by ``pack/prompt``, in the order of the lines. Raises ``LedgerError`` for a line that is none."""
    ledger: dict[str, str] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        words = line.split()
        if not words or line.startswith("#"):
            continue
        if len(words) != 2 or "/" not in words[0] or words[0] in ledger:
            raise LedgerError(
                f"ids.txt:{number}: {line!r} is not one new 'pack/prompt track'; restore the line"
            )
        ledger[words[0]] = words[1]
    return ledger


def broken(ledger: Mapping[str, str], packs: Iterable[Pack]) -> list[str]:
    """What the packs do that the ledger forbids, a sentence each: lose an id, or move it to another track."""
    tracks = {prompt.uid: prompt.track for pack in packs for prompt in pack.prompts}
    return [
        f"{uid} is gone from its pack; put it back with retired = true"
        if uid not in tracks
        else f"{uid} was of the track {track} and is {tracks[uid]} now; give the prompt a new id"
        for uid, track in ledger.items()
        if tracks.get(uid) != track
    ]


def unlisted(ledger: Mapping[str, str], packs: Iterable[Pack]) -> list[str]:
    """The lines that the ledger lacks, in the order of packs and prompts."""
    prompts = (prompt for pack in packs for prompt in pack.prompts)
    return [f"{prompt.uid} {prompt.track}" for prompt in prompts if prompt.uid not in ledger]


def main(arguments: list[str]) -> int:
    """Bring the ledger up to date: exit status 0, or 1 when it is broken (or, with ``--check``, behind)."""
    packs = starter_packs()
    text = LEDGER.read_text("utf-8") if LEDGER.exists() else ""
    ledger = read_ledger(text)
    if faults := broken(ledger, packs):
        sys.stderr.write("\n".join(faults) + "\n")
        return 1
    lines = unlisted(ledger, packs)
    if "--check" in arguments:
        sys.stderr.writelines(f"not in {LEDGER.name}: {line}\n" for line in lines)
        return 1 if lines else 0
    with LEDGER.open("a", encoding="utf-8") as file:
        file.writelines(f"{line}\n" for line in lines)
    sys.stdout.write(f"{len(lines)} ids added, {len(ledger) + len(lines)} in all\n")
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except StarlingError as error:
        sys.exit(str(error))
