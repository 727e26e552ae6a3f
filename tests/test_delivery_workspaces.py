"""Which workspace a person's direct messages belong to: their rows stand in its queue and go to their account there."""

from __future__ import annotations

from datetime import timedelta

import pytest
from moved_clock import MovedClock
from sqlalchemy import insert, select
from wire import NINE, Group

from core.call import Where, Who
from core.ports import Sent
from core.rules.due import following
from core.store import arrivals, deliveries, schedules
from core.store.engine import Store
from core.store.tables import account


@pytest.fixture
async def group(store: Store, clock: MovedClock) -> Group:
    made = Group(store, clock)
    await made.found()
    return made


async def reminded(group: Group, platform: str, workspace: str, user_id: str) -> int:
    """A person with a daily question by direct message on that platform."""
    now = group.clock.now()
    one = following(NINE, now.date())
    async with group.store.write() as tx:
        who = Who(platform, user_id, user_id, workspace=workspace)
        known = await arrivals.arrive(tx, who, Where(platform), now)
        await schedules.create(
            tx,
            rule=NINE,
            next_date=one.local_date,
            next_due_at=one.at,
            now=now,
            person_id=known.person.id,
            platform=platform,
        )
    return known.person.id


async def also(
    group: Group, person_id: int, platform: str, workspace: str, user_id: str, *, days: int, dm: str = ""
) -> None:
    """The same person's account elsewhere, so many days younger than the first."""
    async with group.store.write() as tx:
        await tx.execute(
            insert(account).values(
                platform=platform,
                workspace=workspace,
                user_id=user_id,
                person_id=person_id,
                name=user_id,
                dm_channel_id=dm,
                created_at=group.clock.now() + timedelta(days=days),
            )
        )


async def test_a_reminder_stands_in_its_workspaces_queue(group: Group) -> None:
    await reminded(group, "slack", "T1", "U1")
    await reminded(group, "slack", "T2", "U2")
    await reminded(group, "discord", "", "77")
    await group.tick_at("2026-03-03T08:00")
    assert sorted((r.scope, r.state) for r in await group.rows()) == [
        ("discord", "sent"),
        ("slack:T1", "sent"),
        ("slack:T2", "sent"),
    ]
    targets = {c.target.user_id: c.target for c in group.wires["slack"].calls}
    assert {u: (t.scope, t.server_id) for u, t in targets.items()} == {
        "U1": ("slack:T1", "T1"),
        "U2": ("slack:T2", "T2"),
    }


async def test_somebody_in_two_workspaces_gets_one_reminder_where_it_reached_them_before(
    group: Group,
) -> None:
    ana = await reminded(group, "slack", "T1", "U1")
    await also(group, ana, "slack", "T2", "U2", days=1, dm="D2")
    await also(group, ana, "slack", "T3", "U3", days=2)
    await also(group, ana, "discord", "", "77", days=3)
    await group.tick_at("2026-03-03T08:00")
    (call,) = group.wires["slack"].calls
    assert (call.target.scope, call.target.server_id) == ("slack:T2", "T2")
    assert (call.target.user_id, call.target.channel_id) == ("U2", "D2")
    assert group.wires["discord"].calls == []


async def test_of_several_workspaces_that_were_never_written_to_it_is_the_newest(group: Group) -> None:
    ana = await reminded(group, "slack", "T1", "U1")
    await also(group, ana, "slack", "T2", "U1", days=1)
    group.wires["slack"].says["U1"] = [Sent("1.2", "D9")]
    await group.tick_at("2026-03-03T08:00")
    (call,) = group.wires["slack"].calls
    assert (call.target.scope, call.target.user_id) == ("slack:T2", "U1")
    async with group.store.read() as tx:
        rows = await tx.execute(select(account.c.workspace, account.c.dm_channel_id))
        assert dict(map(tuple, rows)) == {"T1": "", "T2": "D9"}, (
            "an id may be somebody else's in another workspace"
        )


async def test_a_notice_goes_to_the_account_of_its_own_workspace(group: Group) -> None:
    ana = await reminded(group, "slack", "T1", "U1")
    await also(group, ana, "slack", "T2", "U2", days=1, dm="D2")
    now = group.clock.now()
    async with group.store.write() as tx:
        row = deliveries.row(
            "n1",
            "notice",
            person_id=ana,
            platform="slack",
            scope="slack:T1",
            body={"text": ["Hello."]},
            due_at=now,
            not_before=now,
            expires_at=now + timedelta(hours=1),
        )
        await deliveries.put(tx, [row])
    await group.outbox.tick()
    (call,) = group.wires["slack"].calls
    assert (call.target.server_id, call.target.user_id, call.target.channel_id) == ("T1", "U1", "")
