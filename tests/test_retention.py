"""The nightly sweep: what is old goes, what streaks are replayed from stays, and a server left behind is cleared."""

from __future__ import annotations

import dataclasses
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
from moved_clock import MovedClock
from practising import SMALL, plan, story, studying, truth
from sqlalchemy import Table, func, insert, select, update
from talk import HOME, Talk

from bot.kept import retention_rules
from bot.settings import Settings
from core import retention
from core.call import Where
from core.events import Events
from core.retention import Rules, Swept, sweep
from core.store import asides, deliveries, drafts, facts, prompts
from core.store.engine import Store
from core.store.tables import (
    answer,
    aside,
    audit,
    code,
    delivery,
    home,
    member,
    metadata,
    occurrence,
    pack,
    person,
    point,
    prompt,
    rollup,
    schedule,
    study_group,
)
from core.streaks import current_streak

OTHER = Where("test", "server 2", "channel 2", "#other")
FOR_EVER = Rules(outbox=0, audit=0, asides=0, servers=0)


@pytest.fixture
async def talk(store: Store, clock: MovedClock) -> Talk:
    return await studying(store, clock)


@pytest.fixture
def events(talk: Talk) -> Events:
    return Events(talk.app, talk.dispatcher)


async def count(talk: Talk, table: Table) -> int:
    async with talk.store.read() as tx:
        return int((await tx.execute(select(func.count()).select_from(table))).scalar_one())


async def put(talk: Talk, key: str, kind: str, at: datetime, **values: Any) -> None:
    """An outbox row that ended at ``at``."""
    row = deliveries.row(
        key, kind, platform="test", scope="test", due_at=at, not_before=at, expires_at=at, settled_at=at
    )
    async with talk.store.write() as tx:
        await tx.execute(insert(delivery).values(row | {"state": deliveries.SENT} | values))


async def keys(talk: Talk) -> set[str]:
    async with talk.store.read() as tx:
        return set((await tx.execute(select(delivery.c.key))).scalars())


# --- by age -----------------------------------------------------------------------------------------------------


def test_the_defaults_are_those_of_the_settings_and_of_the_documents() -> None:
    assert retention_rules(Settings()) == Rules() == Rules(outbox=90, audit=365, asides=180, servers=30)


async def test_what_is_older_than_the_rules_say_goes_and_nothing_younger(
    talk: Talk, clock: MovedClock
) -> None:
    await talk("ana", "/me show")
    ana = await talk.person("ana")

    async def leave_something() -> None:
        now = clock.now()
        async with talk.store.write() as tx:
            await asides.add(tx, ana.id, "Something.", now)
            await drafts.keep(tx, ana.id, f"answer:{now:%j}", {"text": "half"}, now, timedelta(days=999))
            await facts.note_action(tx, talk.group_id, ana.id, "drops add", "", now)
            await tx.execute(insert(code).values(digest=f"{now:%j}", kind="account", expires_at=now))

    await leave_something()
    clock.advance(days=366)
    await leave_something()
    clock.advance(hours=23)
    swept = await sweep(talk.app, Rules())
    assert swept == Swept(drafts=1, asides=1, codes=1, actions=1)
    assert swept.found == {"drafts": 1, "asides": 1, "codes": 1, "actions": 1}
    assert [await count(talk, t) for t in (aside, audit, code, metadata.tables["draft"])] == [1, 1, 1, 1]
    assert await sweep(talk.app, Rules()) == Swept()


async def test_zero_days_are_for_ever(talk: Talk, clock: MovedClock) -> None:
    await talk("ana", "/me show")
    ana = await talk.person("ana")
    async with talk.store.write() as tx:
        await asides.add(tx, ana.id, "Something.", clock.now())
        await facts.note_action(tx, talk.group_id, ana.id, "drops add", "", clock.now())
        await tx.execute(update(home).values(gone_at=clock.now()))
    await put(talk, "n1", "notice", clock.now(), person_id=ana.id)
    clock.advance(days=10_000)
    assert await sweep(talk.app, FOR_EVER) == Swept()
    assert await sweep(talk.app, Rules()) == Swept(messages=1, asides=1, actions=1, homes=1, groups=1)


async def test_of_old_messages_those_stay_that_a_card_or_a_streak_hangs_on(
    talk: Talk, clock: MovedClock
) -> None:
    await talk("ana", "/me show")
    await talk("ben", "/me show")
    ana, ben = await talk.person("ana"), await talk.person("ben")
    at = clock.now()
    far = at + timedelta(days=4)
    kinds = ("notice", "test", "edit", "recap", "weekly")
    for kind in kinds:
        for state in (deliveries.SENT, deliveries.FAILED, deliveries.EXPIRED, deliveries.AMBIGUOUS):
            await put(talk, f"{kind} {state}", kind, at, state=state)
        await put(talk, f"{kind} pending", kind, at, state=deliveries.PENDING, settled_at=None)
        await put(talk, f"{kind} young", kind, at + timedelta(days=50))
    for state in (deliveries.FAILED, deliveries.EXPIRED, deliveries.AMBIGUOUS):
        await put(talk, f"remind {state}", "remind", at, state=state, person_id=ana.id)
    await put(talk, "remind beside a miss", "remind", at + timedelta(hours=40), person_id=ana.id)
    await put(talk, "remind far from it", "remind", far, person_id=ana.id)
    await put(talk, "remind of another", "remind", at, person_id=ben.id)
    await put(talk, "drop", "drop", at, home_id=talk.home_id)
    clock.advance(days=100)
    swept = await sweep(talk.app, FOR_EVER)
    assert swept.messages == 0
    swept = await sweep(talk.app, Rules())
    assert swept.messages == 4 * len(kinds) + 2
    left = {f"{kind} {what}" for kind in kinds for what in ("pending", "young")}
    left |= {f"remind {state}" for state in ("failed", "expired", "ambiguous")}
    assert await keys(talk) == left | {"remind beside a miss", "drop"}


async def test_a_drop_that_did_not_come_keeps_the_reminders_of_that_day(
    talk: Talk, clock: MovedClock
) -> None:
    await talk("ana", "/me show", organiser=True)
    await talk("zoe", "/me show", direct=True)  # of no group
    ana, zoe = await talk.person("ana"), await talk.person("zoe")
    at = clock.now()
    number = await plan(talk, "behavioural")
    async with talk.store.write() as tx:
        await tx.execute(update(delivery).values(state=deliveries.EXPIRED, settled_at=at))
        assert (await tx.execute(select(occurrence.c.schedule_id))).scalars().first() == number
    await put(talk, "for ana", "remind", at, person_id=ana.id)
    await put(talk, "for zoe", "remind", at, person_id=zoe.id)
    clock.advance(days=100)
    assert (await sweep(talk.app, Rules())).messages == 1
    assert "for ana" in await keys(talk) and "for zoe" not in await keys(talk)


async def test_many_of_one_instant_are_swept_batch_by_batch(
    talk: Talk, clock: MovedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "BATCH", 3)
    await talk("ana", "/me show")
    ana = await talk.person("ana")
    for number in range(7):
        await put(talk, f"r{number}", "remind", clock.now(), person_id=ana.id)
        await put(talk, f"n{number}", "notice", clock.now(), person_id=ana.id)
    clock.advance(days=91)
    assert await sweep(talk.app, Rules()) == Swept(messages=14)


async def test_a_streak_is_the_same_before_and_after(talk: Talk, clock: MovedClock) -> None:
    """Days on which nothing came, and days on which the drop did not but the reminder did: both stay what they were."""
    await talk("ana", "/remind set time: 14:00 zone: Europe/Berlin", direct=True)
    await plan(talk, "behavioural", at=time(14))
    ana = await talk.person("ana")
    for day in range(8):
        clock.advance(hours=3)
        await talk.deliver()
        if day in (3, 5):
            lost = delivery.c.kind == "drop" if day == 5 else delivery.c.kind.in_(("drop", "remind"))
            async with talk.store.write() as tx:
                await tx.execute(
                    update(delivery)
                    .where(lost, delivery.c.due_at > clock.now() - timedelta(hours=8))
                    .values(state=deliveries.EXPIRED, reason="nothing came")
                )
        else:
            await talk("ana", "/practice track: behavioural")
            await talk("ana", f"/answer text: {story(30)} {day}")
        clock.advance(hours=21)
    clock.advance(days=100)
    async with talk.store.read() as tx:
        before = await current_streak(tx, ana, clock.now())
    rows = await count(talk, delivery)
    assert (await sweep(talk.app, Rules(outbox=1))).messages > 0
    assert 0 < await count(talk, delivery) < rows
    async with talk.store.read() as tx:
        assert await current_streak(tx, ana, clock.now()) == before
        states = [line.state for line in before.ledger[:8]]
        assert len(set(states)) == 3, before.ledger[
            :8
        ]  # practised, neutral, missed: all are there to be kept


# --- servers that Starling was removed from ---------------------------------------------------------------------


async def test_the_data_of_a_server_goes_a_month_after_starling_was_removed(
    talk: Talk, events: Events, clock: MovedClock
) -> None:
    await plan(talk, "behavioural")
    await talk.deliver()
    await talk("ana", f"/answer text: {story(30)}")
    own = dataclasses.replace(SMALL, id="ours", title="Our own")
    async with talk.store.write() as tx:
        await prompts.install(tx, own, talk.group_id, clock.now())
        mine = (
            (await tx.execute(select(prompt.c.id).join(pack).where(pack.c.slug == "ours"))).scalars().first()
        )
    await talk("ana", "/me show")
    ana = await talk.person("ana")
    await talk.press("ana", f"answer:prompt=p{mine}")
    await talk.submit("ana", {"text": story(40, "ours")})
    async with talk.store.write() as tx:
        await facts.note_action(tx, talk.group_id, ana.id, "drops add", "", clock.now())
    assert await count(talk, answer) == 2 and await count(talk, point) > 0
    await events.removed_from("test", "server")
    clock.advance(days=10)
    await events.removed_from("test", "server")  # told twice: the first counts
    clock.advance(days=19)
    assert await sweep(talk.app, Rules()) == Swept()
    best = (await streak_of(talk)).best
    clock.advance(days=2)
    swept = await sweep(talk.app, Rules())
    assert (swept.homes, swept.groups) == (1, 1)
    for table in (home, point, rollup, audit, metadata.tables["schedule_home"]):
        assert await count(talk, table) == 0, table.name
    async with talk.store.read() as tx:
        (group,) = (await tx.execute(select(study_group))).all()
        assert (group.name, group.points) == ("", {})
        kept = (
            await tx.execute(select(prompt.c.id, prompt.c.text).join(pack).where(pack.c.slug.like("gone%")))
        ).all()
        assert [row.id for row in kept if row.text] == [mine], "the question that was answered, and no other"
        (row,) = (await tx.execute(select(delivery))).all()
        assert (row.home_id, row.message_id, row.channel_id, row.state) == (None, "", "", deliveries.SENT)
        assert "server" not in repr([r for t in metadata.sorted_tables for r in await tx.execute(select(t))])
    assert (await streak_of(talk)).best == best == 1
    assert await count(talk, answer) == 2
    assert "Work you are proud of" in await talk("ana", "/history", direct=True)
    assert await sweep(talk.app, Rules()) == Swept(), "nothing is left to do"
    await talk("ana", "/me forget confirm: yes", direct=True)
    await sweep(talk.app, Rules())
    assert await count(talk, study_group) == 0 and await count(talk, schedule) == 0, "with its last member"


async def streak_of(talk: Talk) -> Any:
    async with talk.store.read() as tx:
        return await current_streak(tx, await talk.person("ana"), talk.clock.now())


async def test_who_was_in_a_group_that_ended_is_in_none_and_can_join_another(
    talk: Talk, events: Events, clock: MovedClock
) -> None:
    await talk("ana", "/me show")
    await events.removed_from("test", "server")
    clock.advance(days=31)
    await sweep(talk.app, Rules())
    async with talk.store.read() as tx:
        (here,) = (await tx.execute(select(member))).all()
        assert here.left_at == clock.now()
        assert (await tx.execute(select(person.c.active_group_id))).scalar_one() is None
    assert "You are in no study group yet" in await talk("ana", "/leaderboard", direct=True)
    await talk.found("Elsewhere", OTHER)
    await talk("ana", "/leaderboard", where=OTHER)
    async with talk.store.read() as tx:
        assert (await tx.execute(select(member.c.left_at).where(member.c.left_at.is_(None)))).all() != []
    await truth(talk, "ana")


async def test_a_group_that_lives_elsewhere_too_loses_that_home_alone(
    talk: Talk, events: Events, clock: MovedClock
) -> None:
    await plan(talk, "behavioural")
    await talk.deliver()
    await talk("ana", f"/answer text: {story(30)}")
    async with talk.store.write() as tx:
        values = {"platform": "test", "server_id": "server 2", "channel_id": "c2", "name": "#other"}
        await tx.execute(
            insert(home).values(
                **values, group_id=talk.group_id, state="active", reason="", created_at=clock.now()
            )
        )
    before = await count(talk, point)
    await events.removed_from("test", "server")
    clock.advance(days=31)
    swept = await sweep(talk.app, Rules())
    assert (swept.homes, swept.groups) == (1, 0)
    assert await count(talk, home) == 1 and await count(talk, point) == before
    async with talk.store.read() as tx:
        assert (await tx.execute(select(schedule.c.state))).scalar_one() == "removed", (
            "it posted nowhere else"
        )
        assert (await tx.execute(select(member.c.left_at))).scalar_one() is None
    await truth(talk, "ana")


async def test_a_server_that_starling_is_back_on_keeps_everything(
    talk: Talk, events: Events, clock: MovedClock
) -> None:
    await events.removed_from("test", "server")
    clock.advance(days=29)
    await events.present_on("test", ["server"])
    clock.advance(days=29)
    assert await sweep(talk.app, Rules()) == Swept()
    await events.removed_from("test", "server")
    clock.advance(days=29)
    assert await sweep(talk.app, Rules()) == Swept(), "the month begins anew"
    assert await count(talk, home) == 1 and HOME.server_id == "server"


async def test_a_sweep_that_was_stopped_half_way_is_finished_by_the_next(
    talk: Talk, events: Events, clock: MovedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    await plan(talk, "behavioural")
    await talk.deliver()
    await talk("ana", f"/answer text: {story(30)}")
    await events.removed_from("test", "server")
    clock.advance(days=31)
    with monkeypatch.context() as broken:

        async def stopped(*_: object) -> int:
            raise RuntimeError("killed")

        broken.setattr(retention.kept, "drop_rest", stopped)
        with pytest.raises(RuntimeError):
            await sweep(talk.app, Rules())
    assert await count(talk, home) == 0 and await count(talk, point) > 0
    await sweep(talk.app, Rules())
    assert await count(talk, point) == 0 and await count(talk, rollup) == 0


def test_the_documents_say_the_days_of_the_settings() -> None:
    text = (Path(__file__).parent.parent / "docs" / "privacy.md").read_text(encoding="utf-8")
    for name, field in type(Settings().retention).model_fields.items():
        line = next(one for one in text.splitlines() if f"`retention.{name}`" in one)
        assert line.split("|")[2].strip().split(",")[0] == str(field.default), line
