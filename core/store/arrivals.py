"""Whoever and whatever is new: persons, accounts, groups, homes; and switching homes off and on."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import (
    insert,
    update,
)

from core.call import Where, Who
from core.plain import clean_name
from core.rules import zones
from core.store.engine import Tx
from core.store.membership import join
from core.store.people import (
    DEFAULT_CUTOFF,
    DEFAULT_LEVEL,
    Group,
    Known,
    get_group,
    home_at,
    look_up,
    renamed,
)
from core.store.preferences import record_change
from core.store.sql import hold
from core.store.tables import account, home, person, study_group


async def arrive(tx: Tx, who: Who, where: Where, now: datetime) -> Known:
    """Make what is missing for ``who`` at ``where``: the person, the account, the membership of the home's group.

    An account keeps its name where the platform did not say one now.
    """
    name = clean_name(who.name)
    # Two first words at once, or one that a platform delivers twice, make one account.
    await hold(tx, f"account {who.platform} {who.workspace} {who.user_id}")
    known = await look_up(tx, who, where)
    here = known.home if known else await home_at(tx, where)
    if known is None:
        group = await get_group(tx, here.group_id) if here else None
        person_id = await create_person(tx, name, _first_zone(who, group, now), now)
        await tx.execute(
            insert(account).values(
                platform=who.platform,
                workspace=who.workspace,
                user_id=who.user_id,
                person_id=person_id,
                name=name,
                created_at=now,
            )
        )
    else:
        person_id = known.person.id
        if renamed(who, known.account_name):
            await tx.execute(
                update(account)
                .where(
                    account.c.platform == who.platform,
                    account.c.workspace == who.workspace,
                    account.c.user_id == who.user_id,
                )
                .values(name=name)
            )
            await tx.execute(update(person).where(person.c.id == person_id).values(name=name))
    if here is not None:
        await join(tx, here.group_id, person_id, now)
    found = await look_up(tx, who, where)
    assert found is not None  # it was made above, in this transaction
    return found


def _first_zone(who: Who, group: Group | None, now: datetime) -> str:
    """What a new person's days go by until they say otherwise: their own zone, as far as the platform knows it.

    The group's is a guess: many have members on several continents, and a day that ends at noon keeps no streak.
    """
    own = zones.find(who.zone, now).zone if who.zone else None
    return own or (group.zone if group is not None else "UTC")


async def create_person(tx: Tx, name: str, zone: str, now: datetime) -> int:
    result = await tx.execute(
        insert(person)
        .values(
            name=name,
            zone=zone,
            cutoff=DEFAULT_CUTOFF,
            rest_days=0,
            level=DEFAULT_LEVEL,
            zone_set=False,
            active_group_id=None,
            created_at=now,
        )
        .returning(person.c.id)
    )
    person_id: int = result.scalar_one()
    await record_change(tx, person_id, "zone", zone, now)
    await record_change(tx, person_id, "cutoff", DEFAULT_CUTOFF, now)
    return person_id


async def create_group(tx: Tx, name: str, zone: str, now: datetime) -> int:
    result = await tx.execute(
        insert(study_group)
        .values(name=clean_name(name), zone=zone, cutoff=DEFAULT_CUTOFF, points={}, created_at=now)
        .returning(study_group.c.id)
    )
    group_id: int = result.scalar_one()
    return group_id


async def rename_group(tx: Tx, group_id: int, name: str) -> None:
    await tx.execute(update(study_group).where(study_group.c.id == group_id).values(name=clean_name(name)))


async def set_group_zone(tx: Tx, group_id: int, zone: str) -> None:
    """The zone of the group's days and boards, from now on. Its members keep theirs."""
    await tx.execute(update(study_group).where(study_group.c.id == group_id).values(zone=zone))


async def create_home(tx: Tx, group_id: int, where: Where, now: datetime) -> int:
    result = await tx.execute(
        insert(home)
        .values(
            group_id=group_id,
            platform=where.platform,
            server_id=where.server_id,
            channel_id=where.channel_id,
            name=clean_name(where.name, 100),
            state="active",
            reason="",
            created_at=now,
        )
        .returning(home.c.id)
    )
    home_id: int = result.scalar_one()
    return home_id


async def disable_home(tx: Tx, home_id: int, reason: str) -> bool:
    """Nothing is posted there until an organiser has seen to it (``drops resume``). False: it was off already."""
    changed = await tx.execute(
        update(home)
        .where(home.c.id == home_id, home.c.state != "disabled")
        .values(state="disabled", reason=reason[:200])
    )
    return bool(changed.rowcount)


async def enable_home(tx: Tx, home_id: int) -> None:
    await tx.execute(update(home).where(home.c.id == home_id).values(state="active", reason=""))
