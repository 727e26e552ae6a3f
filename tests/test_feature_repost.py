"""A post that may not have arrived: doctor shows it, and one press sends it once more."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from moved_clock import MovedClock
from sqlalchemy import select, update
from talk import ANSWER, PLATFORM, Letterbox, Talk

from core.call import Where
from core.ports import Outcome, Sent, Target, Unknown
from core.store import arrivals
from core.store.engine import Line, Store
from core.store.tables import answer, audit, delivery, occurrence
from core.views import View


class Losing(Letterbox):
    """Loses the next ``loses`` answers; nobody may look."""

    loses = 0

    async def send(self, target: Target, view: View, key: str) -> Outcome:
        said = await super().send(target, view, key)
        if self.loses and isinstance(said, Sent):
            self.loses -= 1
            self.sent.pop()
            return Unknown("the answer was lost")
        return said


@pytest.fixture
async def talk(store: Store, clock: MovedClock) -> Talk:
    """A question that was due at 11:00 UTC may not have arrived, and it is 11:00."""
    talk = await Talk.begin(store, clock, packs=True)
    talk.letterbox = Losing()
    talk.reconfigure()
    await talk("olga", "/drops add time: 12:00", organiser=True)
    at(clock, "2026-03-02T11:00")
    talk.letterbox.loses = 1
    assert await talk.deliver() == []
    assert (await only(talk)).state == "ambiguous"
    return talk


def at(clock: MovedClock, text: str) -> None:
    clock.advance((datetime.fromisoformat(text).replace(tzinfo=UTC) - clock.now()).total_seconds())


async def only(talk: Talk) -> Line:
    async with talk.store.read() as tx:
        return (await tx.execute(select(delivery).where(delivery.c.home_id == talk.home_id))).one()


async def noted(talk: Talk) -> list[str]:
    async with talk.store.read() as tx:
        query = select(audit.c.detail).where(audit.c.action == "repost")
        return list((await tx.execute(query)).scalars())


async def doctor(talk: Talk) -> str:
    return await talk("olga", "/doctor", organiser=True)


async def repost(talk: Talk) -> str:
    """Press doctor's button, as it is shown now."""
    await doctor(talk)
    assert "Repost" in talk.buttons("olga")
    return await talk.press("olga", "Repost", organiser=True)


async def test_one_press_sends_it_once_more_and_it_is_the_same_question(talk: Talk) -> None:
    said = await doctor(talk)
    assert "may not have arrived: the answer was lost. Look in the channel." in said
    said = await talk.press("olga", "Repost", organiser=True)
    assert said.startswith("The question is on its way to #practice once more.")
    (post,) = await talk.deliver()
    assert post.startswith("to channel: ## ")
    row = await only(talk)
    assert (row.state, row.message_id, row.reason, row.attempt) == ("sent", "m1", "", 1)
    assert await noted(talk) == [row.key]
    assert talk.wakes >= 1
    said = await doctor(talk)
    assert "may not have arrived" not in said and "Repost" not in talk.buttons("olga")


async def test_pressed_again_nothing_more_is_sent(talk: Talk) -> None:
    key = (await only(talk)).key
    await repost(talk)
    said = await talk.press("olga", f"repost:key={key}", organiser=True)
    assert said.startswith("It is on its way already; nothing more was sent.")
    assert len(await talk.deliver()) == 1
    said = await talk.press("olga", f"repost:key={key}", organiser=True)
    assert said.startswith("It is there by now; nothing more was sent.")
    assert await talk.deliver() == [] and await noted(talk) == [key]


async def test_two_organisers_at_once_send_it_once(talk: Talk) -> None:
    key = (await only(talk)).key
    names = ["olga", "ben", "kim", "lee"]
    await asyncio.gather(*(talk.press(n, f"repost:key={key}", organiser=True) for n in names))
    assert len(await talk.deliver()) == 1
    assert await noted(talk) == [key]


async def test_what_is_lost_again_may_be_sent_again(talk: Talk) -> None:
    talk.letterbox.loses = 1  # type: ignore[attr-defined]
    await repost(talk)
    assert await talk.deliver() == []
    assert (await only(talk)).state == "ambiguous"
    await repost(talk)
    assert len(await talk.deliver()) == 1


async def test_an_open_question_is_posted_even_after_the_channels_day(talk: Talk) -> None:
    row = await only(talk)
    at(talk.clock, "2026-03-03T10:00")
    assert talk.clock.now() > row.expires_at
    await repost(talk)
    assert len([p for p in await talk.deliver() if p.startswith("to channel")]) == 1
    assert (await only(talk)).state == "sent"


async def test_a_question_that_is_closed_is_not_posted_again(talk: Talk) -> None:
    key = (await only(talk)).key
    async with talk.store.write() as tx:
        await tx.execute(update(occurrence).values(closes_at=talk.clock.now()))
    await doctor(talk)
    assert "Repost" not in talk.buttons("olga")
    said = await talk.press("olga", f"repost:key={key}", organiser=True)
    assert said.startswith("That question is closed by now")
    assert await talk.deliver() == [] and await noted(talk) == []


async def test_a_day_that_was_skipped_since_is_not_posted_again(talk: Talk) -> None:
    async with talk.store.write() as tx:
        await tx.execute(update(occurrence).values(state="skipped"))
    await doctor(talk)
    assert "Repost" not in talk.buttons("olga")


async def test_nothing_is_posted_where_the_channel_is_switched_off(talk: Talk) -> None:
    key = (await only(talk)).key
    async with talk.store.write() as tx:
        await arrivals.disable_home(tx, talk.home_id, "the channel is archived")
    await doctor(talk)
    assert "Repost" not in talk.buttons("olga")
    said = await talk.press("olga", f"repost:key={key}", organiser=True)
    assert "Nothing is posted in #practice at present: the channel is archived." in said
    assert (await only(talk)).state == "ambiguous"


async def test_members_and_other_groups_cannot(talk: Talk) -> None:
    key = (await only(talk)).key
    await talk.press("ana", f"repost:key={key}")
    assert (await only(talk)).state == "ambiguous"
    elsewhere = Where(PLATFORM, "other", "there", "#there")
    async with talk.store.write() as tx:
        group_id = await arrivals.create_group(tx, "Early birds", "UTC", talk.clock.now())
        await arrivals.create_home(tx, group_id, elsewhere, talk.clock.now())
    said = await talk.press("olga", f"repost:key={key}", organiser=True, where=elsewhere)
    assert said.startswith("There is no such post here any more.")
    said = await talk.press("olga", "repost:key=nothing", organiser=True)
    assert said.startswith("There is no such post here any more.")
    assert (await only(talk)).state == "ambiguous" and await noted(talk) == []


async def test_a_test_post_in_doubt_can_be_repeated_until_something_has_arrived(
    store: Store, clock: MovedClock
) -> None:
    talk = await Talk.begin(store, clock, packs=True)
    talk.letterbox = Losing()
    talk.reconfigure()
    talk.letterbox.loses = 1
    await talk("olga", "/drops add time: 12:00", organiser=True)
    await talk.press("olga", f"testpost:home={talk.home_id}", organiser=True)
    await talk.deliver()
    talk.clock.advance(days=2, hours=3)
    said = await repost(talk)
    assert said.startswith("The test post is on its way to #practice once more.")
    assert any("test post" in post for post in await talk.deliver())
    async with store.write() as tx:
        query = update(delivery).where(delivery.c.kind == "test")
        await tx.execute(query.values(state="ambiguous", due_at=clock.now() - timedelta(hours=1)))
    said = await doctor(talk)
    assert "Put right since" in said and "Repost" not in talk.buttons("olga")


async def test_answers_to_a_reposted_question_count_once(talk: Talk) -> None:
    await talk("ana", "/today")
    await talk("ana", f"/answer {ANSWER}")
    await repost(talk)
    (post,) = await talk.deliver()
    assert "1 member answered so far." in post
    async with talk.store.read() as tx:
        rows = await tx.execute(select(answer.c.person_id))
        assert len(list(rows)) == 1
