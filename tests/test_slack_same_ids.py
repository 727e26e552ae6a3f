"""Two workspaces in which somebody, and the channel, have the same ids: still two people, and two groups."""

from __future__ import annotations

import pytest
from moved_clock import MovedClock
from practising import studying
from sqlalchemy import func, select
from talk import Talk

from core.call import Where, Who
from core.store.engine import Store
from core.store.tables import account, home, member

STORY = "Last winter the report was slow. I had to fix it. I rewrote the join. It now takes a minute."


class SameIds(Talk):
    """``day`` and ``night``: U1 of workspace TDAY and U1 of workspace TNIGHT, each in a channel C1 of theirs."""

    def who(self, name: str, organiser: bool = False) -> Who:
        return Who("slack", "U1", "Ana", organiser=organiser, workspace=f"T{name.upper()}")

    async def says(self, name: str, line: str, organiser: bool = False) -> str:
        where = Where("slack", f"T{name.upper()}", "C1", "#practice")
        return await self(name, line, where=where, organiser=organiser)


@pytest.fixture
async def talk(store: Store, clock: MovedClock) -> SameIds:
    made = await studying(store, clock)
    talk = SameIds(store, clock, made.group_id, made.home_id)
    talk.app = made.app
    talk.reconfigure(platforms=("slack",), wake=talk._wake)
    for name in ("day", "night"):
        await talk.says(name, "/setup time: 08:30 zone: UTC tracks: behavioural", organiser=True)
    return talk


async def test_what_one_keeps_is_not_the_others(talk: SameIds) -> None:
    async with talk.store.read() as tx:
        assert await tx.scalar(select(func.count()).where(account.c.user_id == "U1")) == 2
        groups = list(await tx.scalars(select(home.c.group_id).where(home.c.channel_id == "C1")))
        assert len(groups) == len(set(groups)) == 2
        members = list(await tx.scalars(select(member.c.group_id).where(member.c.group_id.in_(groups))))
        assert sorted(members) == sorted(groups), "each in a group of their own"
    await talk.says("day", "/practice")
    assert "Kept:" in await talk.says("day", f"/answer {STORY}")
    assert "1 day" in await talk.says("day", "/streak")
    assert "1 day" not in await talk.says("night", "/streak")
    assert "Work" not in await talk.says("night", "/history")
    assert "Ana" in await talk.says("day", "/leaderboard")
    assert "Ana" not in await talk.says("night", "/leaderboard")
