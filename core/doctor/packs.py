"""Question packs: are the shipped ones there, and can the group's own be used."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence

from core.doctor.finding import Facts, Finding, Part, part
from core.packs.load import starter_files
from core.plain import count
from core.store import health
from core.store.engine import Tx
from core.store.health import Count
from core.store.people import Group
from core.store.prompts import StoredPack
from core.views import Typed, words


def shipped_now() -> frozenset[str]:
    return frozenset(hashlib.sha256(source).hexdigest() for source in starter_files().values())


async def held(
    tx: Tx,
    group: Group,
    packs: Sequence[StoredPack],
    live: Sequence[Count],
    rubrics: Collection[str],
    current: Collection[str],
) -> Part:
    shipped = [p for p in packs if p.group_id is None]
    own = [p for p in packs if p.group_id is not None]
    asked = {p.id: sum(c.prompts for c in live if c.pack_id == p.id) for p in packs}
    facts: Facts = [
        (
            "Shipped",
            words(f"{count(len(shipped), 'pack')}, {count(sum(asked[p.id] for p in shipped), 'prompt')}"),
        ),
    ]
    facts += [(p.slug, words(f"version {p.version}, {count(asked[p.id], 'prompt')}")) for p in own]
    findings = []
    if not set(current) <= {p.sha256 for p in shipped}:
        findings.append(
            Finding(
                words("The packs that come with this version of Starling are not all in the database."),
                words("Whoever runs Starling restarts it: a start brings them in."),
            )
        )
    for one in own:
        if one.slug in {p.slug for p in shipped}:
            findings.append(
                Finding(
                    words(f"{one.slug} has the name of a pack that comes with Starling."),
                    words("Bring it in under another id, then: ", Typed(f"pack remove name: {one.slug}")),
                )
            )
        if not asked[one.id]:
            findings.append(
                Finding(
                    words(f"All prompts of {one.slug} are retired."),
                    words("If it has served its time: ", Typed(f"pack remove name: {one.slug}")),
                )
            )
    for row in await health.rubrics_named(tx, group.id):
        if row.rubric not in rubrics:
            findings.append(
                Finding(
                    words(
                        f"{row.pack_slug}/{row.slug} names the rubric “{row.rubric}”, which is not known here."
                    ),
                    words("Correct it in the file, then: ", Typed("pack import")),
                )
            )
    return part("Packs", facts, findings)
