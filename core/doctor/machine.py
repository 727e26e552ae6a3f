"""The process and its database: does the clock tick, is the file whole, do the sums agree."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timedelta

from core import recount
from core.doctor.finding import Facts, Finding, Part, part
from core.plain import count, shown
from core.recount import Remembered
from core.store import boards, health
from core.store.engine import Store, Tx, place
from core.store.people import Group
from core.views import When, Words, words

STILL = 60  # seconds without a tick after which the clock stands still
MISSED_NIGHTS = timedelta(hours=50)
READING = timedelta(minutes=1)  # an answer younger than this may be being read at the moment


def clock(notes: Mapping[str, str], group: Group, now: datetime) -> Part:
    facts: Facts = [("Now", words(When(now, group.zone)))]
    facts += [(name.capitalize(), words(value)) for name, value in notes.items()]
    age = re.match(r"(\d+) s", notes.get("last tick", ""))
    if age is None or int(age[1]) <= STILL:
        return part("Clock", facts, ())
    stands = Finding(
        words(f"The clock ticked last {int(age[1]):,} seconds ago; it should every few seconds."),
        words("Whoever runs Starling restarts it; its log says why it stands still."),
    )
    return part("Clock", facts, (stands,))


async def database(tx: Tx, store: Store, group: Group, now: datetime, *, at_home: bool) -> Part:
    size = await health.size(tx)
    # Organisers of a server are not the operator of the machine: paths and hosts are the operator's.
    where = f" at {place(store.url)}" if at_home else ""
    facts: Facts = [("Database", words(f"{store.kind}{where}, {size / 1024 / 1024:,.1f} MiB"))]
    findings = []
    if store.sqlite and size > health.QUICK_CHECK_BYTES:
        facts.append(("Integrity", words("too large to read through here; every backup is checked")))
    elif store.sqlite:
        wrong = await health.quick_check(tx)
        facts.append(("Integrity", words("damaged" if wrong else "whole")))
        if wrong:
            findings.append(
                Finding(
                    words(f"The database file is damaged ({shown(wrong, 120)})."),
                    words("Whoever runs Starling stops it and puts back a backup: starling restore FILE"),
                )
            )
    if waiting := await health.unread(tx, group.id, now - READING):
        findings.append(
            Finding(
                words(f"{count(waiting, 'answer')} still without a checklist."),
                words("Nothing is lost: Starling makes up for them when it starts next."),
            )
        )
    if drift := len(await boards.recount(tx, group.id)):
        findings.append(
            Finding(
                words(f"The board disagrees with the points of {count(drift, 'member')}."),
                words(
                    "A defect of Starling's: whoever runs it looks with “starling check”, and please report it."
                ),
            )
        )
    fact, drifted = _recounted(await recount.remembered(tx, now), group, now)
    facts.append(("Last recount", fact))
    return part("Database", facts, findings + drifted)


def _recounted(told: Remembered | None, group: Group, now: datetime) -> tuple[Words, list[Finding]]:
    """What the nights have brought. Numbers of the whole database, and nobody's name."""
    if told is None:
        return words("none yet; it is made every night"), []
    seen = count(told.found.people, "person", "people")
    fact = words(When(told.at, group.zone), f", {seen} in {told.seconds:,.0f} s")
    findings = []
    if now - told.at > MISSED_NIGHTS:
        findings.append(
            Finding(
                words("The nightly recount has not come for two days."),
                words("Whoever runs Starling looks into its log; it should run through the night."),
            )
        )
    found = [
        count(told.found.streaks, "streak") if told.found.streaks else "",
        f"the sums of {count(told.found.sums, 'member')}" if told.found.sums else "",
    ]
    if any(found):
        findings.append(
            Finding(
                words(
                    f"In the last {recount.REMEMBERED.days} days the nightly recount found "
                    f"{' and '.join(filter(None, found))} that disagreed with what they are made from."
                ),
                words("Nothing to do: it was put right. If it comes again, please report it."),
            )
        )
    return fact, findings
