"""A Slack workspace that throws Starling out and lets it in again: everything of that workspace, and nothing else."""

from __future__ import annotations

from datetime import time

import pytest
from moved_clock import MovedClock
from practising import plan, story, studying
from sqlalchemy import insert, select, update
from talk import Talk

from core.call import Where, Who
from core.delivery.due import Expiry, claim_due
from core.delivery.outbox import Outbox
from core.events import Events
from core.ports import Gone, Outcome, Target
from core.store import deliveries, people, schedules
from core.store.engine import Store
from core.store.servers import REMOVED, removed
from core.store.tables import account, delivery, home
from core.views import View

OURS, THEIRS = "T0OURS", "T0THEIRS"
HOME = Where("slack", OURS, "C1", "#practice")
DIRECT = Where("slack")
GONE = "Starling was removed from this workspace"


class Workspaces(Talk):
    """People on Slack: ``ana`` and ``bea`` of our workspace, ``tom`` of theirs; a line is sent directly."""

    def who(self, name: str, organiser: bool = False) -> Who:
        workspace = THEIRS if name == "tom" else OURS
        return Who("slack", name, name.capitalize(), organiser=organiser, workspace=workspace)

    async def says(self, name: str, line: str) -> str:
        return await self(name, line, where=DIRECT)

    async def reminder(self, name: str) -> tuple[str, str]:
        """(state, reason)."""
        async with self.store.read() as tx:
            known = await people.look_up(tx, self.who(name), DIRECT)
            assert known is not None
            found = await schedules.reminder_of(tx, known.person.id)
        assert found is not None
        return found.state, found.reason

    async def waiting(self) -> dict[str, tuple[str, str]]:
        """Whom -> (state, reason) of what is not sent yet or never will be."""
        async with self.store.read() as tx:
            rows = await tx.execute(
                select(account.c.user_id, delivery.c.state, delivery.c.reason)
                .outerjoin_from(delivery, account, account.c.person_id == delivery.c.person_id)
                .where(delivery.c.state != deliveries.SENT)
                .order_by(delivery.c.due_at)
            )
            return {r.user_id or "the channel": (r.state, r.reason) for r in rows}


@pytest.fixture
async def talk(store: Store, clock: MovedClock) -> Workspaces:
    made = await studying(store, clock)
    talk = Workspaces(store, clock, made.group_id, made.home_id)
    talk.app = made.app
    talk.reconfigure(platforms=("slack",), wake=talk._wake)
    talk.outbox = Outbox(talk.app, {"slack": talk.letterbox})
    async with store.write() as tx:
        await tx.execute(update(home).values(platform="slack", server_id=OURS, channel_id="C1"))
    for name in ("ana", "tom"):
        await talk.says(name, "/remind set time: 21:00 zone: Europe/Berlin tracks: behavioural")
    await talk.deliver()  # the notices that show the road
    return talk


@pytest.fixture
def events(talk: Workspaces) -> Events:
    return Events(talk.app, talk.dispatcher)


async def test_homes_and_reminders_of_the_workspace_pause_and_no_others(
    talk: Workspaces, events: Events
) -> None:
    await plan(talk, "behavioural", at=time(20))
    await events.removed_from("slack", OURS)
    assert await talk.reminder("ana") == ("disabled", GONE)
    assert await talk.reminder("tom") == ("active", "")
    talk.until("2026-03-02 20:30")
    (only,) = await talk.deliver()
    assert only.startswith("to tom: ")
    assert await talk.waiting() == {"the channel": (deliveries.FAILED, GONE)}


async def test_what_waits_for_its_people_is_not_sent_any_more(talk: Workspaces, events: Events) -> None:
    for name in ("ana", "tom"):
        await talk.says(name, "/remind set time: 22:00 zone: Europe/Berlin")
    await events.removed_from("slack", OURS)
    assert await talk.waiting() == {"ana": (deliveries.FAILED, GONE), "tom": (deliveries.PENDING, "")}


async def test_what_was_tried_before_may_have_arrived(talk: Workspaces, events: Events) -> None:
    await talk.says("ana", "/remind set time: 22:00 zone: Europe/Berlin")
    async with talk.store.write() as tx:
        waits = update(delivery).where(delivery.c.state == deliveries.PENDING)
        await tx.execute(waits.values(sending_at=talk.clock.now(), attempt=1))
    await events.removed_from("slack", OURS)
    assert await talk.waiting() == {"ana": (deliveries.AMBIGUOUS, GONE)}


async def test_coming_back_lets_exactly_these_run_again(talk: Workspaces, events: Events) -> None:
    await plan(talk, "behavioural", at=time(20))
    await talk.says("bea", "/remind set time: 21:00 zone: Europe/Berlin tracks: behavioural")
    async with talk.store.write() as tx:
        known = await people.look_up(tx, talk.who("bea"), DIRECT)
        assert known is not None
        bea = await schedules.reminder_of(tx, known.person.id)
        assert bea is not None
        await schedules.stop(tx, bea.id, "disabled", talk.clock.now(), "direct messages are closed")
    for _ in range(2):  # Slack tells it twice: the app was uninstalled, and its tokens were revoked
        await events.removed_from("slack", OURS)
    await events.removed_from("slack", THEIRS)
    talk.until("2026-03-04 12:00")
    wakes = talk.wakes
    await events.present_on("slack", [OURS], ours=lambda team: team == OURS)
    assert talk.wakes == wakes + 1
    assert await talk.reminder("ana") == ("active", "")
    assert await talk.reminder("bea") == ("disabled", "direct messages are closed")
    assert await talk.reminder("tom") == ("disabled", GONE)
    assert await talk.deliver() == [], "what fell due meanwhile does not come afterwards"
    talk.until("2026-03-04 20:30")
    assert sorted(each.split(":")[0] for each in await talk.deliver()) == ["to C1", "to ana"]


async def test_a_start_in_a_workspace_that_was_always_there_changes_nothing(
    talk: Workspaces, events: Events
) -> None:
    wakes = talk.wakes
    await events.present_on("slack", [OURS], ours=lambda team: team == OURS)
    assert talk.wakes == wakes
    assert await talk.reminder("ana") == ("active", "") == await talk.reminder("tom")


async def test_the_days_while_it_was_away_are_nobodys_miss(talk: Workspaces, events: Events) -> None:
    talk.until("2026-03-02 20:30")
    await talk.deliver()
    await talk.says("ana", "/today")
    said = await talk.says("ana", f"answer text: {story(25)}")
    assert "Streak: 1 day" in said
    talk.until("2026-03-03 20:00")
    await claim_due(talk.store, talk.clock, Expiry())  # it waits in the outbox
    await events.removed_from("slack", OURS)
    talk.until("2026-03-08 12:00")
    await events.present_on("slack", [OURS], ours=lambda team: team == OURS)
    await talk.deliver()
    assert "Streak: 1 day" in await talk.says("ana", "/streak")


async def test_a_reminder_set_anew_somewhere_else_is_not_this_workspaces(
    talk: Workspaces, events: Events
) -> None:
    async with talk.store.write() as tx:
        known = await people.look_up(tx, talk.who("ana"), DIRECT)
        assert known is not None
        await tx.execute(
            insert(account).values(
                platform="slack",
                workspace=THEIRS,
                user_id="ana2",
                person_id=known.person.id,
                name="Ana",
                created_at=talk.clock.now(),
            )
        )
    await events.removed_from("slack", OURS)
    assert await talk.reminder("ana") == ("active", ""), "they are reached through the other workspace"


async def test_discords_people_belong_to_no_server(talk: Workspaces, events: Events) -> None:
    await events.removed_from("discord", OURS)
    await events.present_on("discord", [])
    assert await talk.reminder("ana") == ("active", "")
    assert (removed("discord"), removed("slack")) == (REMOVED, GONE)


async def test_a_refused_token_pauses_the_whole_workspace_though_no_event_says_so(
    talk: Workspaces, events: Events
) -> None:
    await plan(talk, "behavioural", at=time(20))
    for name in ("ana", "tom"):
        await talk.says(name, "/remind set time: 22:00 zone: Europe/Berlin")
    sent = talk.letterbox.send

    async def send(target: Target, view: View, key: str) -> Outcome:
        return (
            Gone("revoked", "account_inactive") if target.server_id == OURS else await sent(target, view, key)
        )

    talk.letterbox.send = send  # type: ignore[method-assign]
    (only,) = await talk.deliver()
    assert only.startswith("to tom: ")
    assert await talk.reminder("ana") == ("disabled", GONE)
    assert await talk.reminder("tom") == ("active", "")
    assert set((await talk.waiting()).values()) == {(deliveries.FAILED, GONE)}
    talk.letterbox.send = sent  # type: ignore[method-assign]
    await events.present_on("slack", [OURS], ours=lambda team: team == OURS)
    assert await talk.reminder("ana") == ("active", "")
    talk.until("2026-03-03 21:30")
    assert sorted(each.split(":")[0] for each in await talk.deliver()) == ["to C1", "to ana", "to tom"]
