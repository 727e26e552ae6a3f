"""Streaks with real deliveries behind them: what the outbox wrote down decides whose miss a day was."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, time, timedelta

import pytest
from conftest import NewDatabase
from moved_clock import MovedClock
from practising import story, studying, truth
from sqlalchemy import delete, insert, select, update
from talk import Talk
from wire import LOST, Memory, Wire

from core.call import Where
from core.delivery.content import GONE, gone_words
from core.delivery.outbox import Outbox
from core.founding import add_schedule
from core.ports import Gone, Outcome, Retry, Sender, Sent, Unknown
from core.rules.due import Rule
from core.rules.streak import DayLine
from core.store import arrivals, people, reach
from core.store.engine import Store, database_url
from core.store.tables import account, delivery, member, occurrence
from core.streaks import current_streak

TUESDAY = date(2026, 3, 3)
EVENING = time(20)  # in Berlin: 19:00 UTC
DUE = "2026-03-03 19:00"


class Room:
    """ana and bea in a group that posts at eight in the evening; they answered on Monday at noon."""

    def __init__(self, talk: Talk, *, remembers: bool = False) -> None:
        self.talk = talk
        self.wires: dict[str, Wire] = {name: Wire(talk.clock) for name in ("test", "discord")}
        if remembers:
            self.wires["test"] = Memory(talk.clock)
        self.outbox = self._outbox()

    def _outbox(self) -> Outbox:
        senders: dict[str, Sender] = dict(self.wires)
        return Outbox(self.talk.app, senders)

    def says(self, place: str, *answers: Outcome | BaseException, platform: str = "test") -> None:
        self.wires[platform].says[place] += answers

    async def home(self, channel: str, platform: str = "test", group_id: int | None = None) -> int:
        async with self.talk.store.write() as tx:
            place = Where(platform, f"server-{channel}", channel, f"#{channel}")
            return await arrivals.create_home(
                tx, group_id or self.talk.group_id, place, self.talk.clock.now()
            )

    async def plan(self, *home_ids: int, group_id: int | None = None, at: time = EVENING) -> int:
        homes = [(home_id, "") for home_id in home_ids or (self.talk.home_id,)]
        async with self.talk.store.write() as tx:
            return await add_schedule(
                tx, group_id or self.talk.group_id, homes, Rule(at, "Europe/Berlin"), self.talk.clock.now()
            )

    async def practise(self, name: str = "ana") -> None:
        assert "It counts for" in await self.talk(name, f"/answer prompt: proud {story(20)}", direct=True)

    async def tick(self, until: str = "") -> None:
        if until:
            self.talk.until(until)
        await self.outbox.tick()

    async def line(self, name: str = "ana", day: date = TUESDAY) -> DayLine:
        person = await self.talk.person(name)
        async with self.talk.store.read() as tx:
            found = await current_streak(tx, person, self.talk.clock.now())
        (line,) = [line for line in found.ledger if line.day == day]
        return line

    async def ends(self) -> list[str]:
        """The states of the outbox rows that were due on Tuesday."""
        query = select(delivery.c.state).where(
            delivery.c.kind.in_(("drop", "remind")),
            delivery.c.due_at >= datetime(2026, 3, 3, 2, tzinfo=UTC),
            delivery.c.due_at < datetime(2026, 3, 4, 2, tzinfo=UTC),
        )
        async with self.talk.store.read() as tx:
            return sorted((await tx.execute(query)).scalars())


@pytest.fixture
async def file(new_database: NewDatabase) -> AsyncIterator[Store]:
    """SQLite alone: what is asked of the database is asked of both further down."""
    async with Store(database_url(await new_database("sqlite"))) as opened:
        yield opened


@pytest.fixture
async def talk(file: Store, clock: MovedClock) -> Talk:
    talk = await studying(file, clock)
    for name in ("ana", "bea"):
        await talk(name, f"/answer prompt: proud {story(20)}")
    return talk


@pytest.fixture
def room(talk: Talk) -> Room:
    return Room(talk)


NEVER = "never"  # nothing runs until the question's time has passed

DROPS = [
    ((Sent("m"),), "sent", "missed"),
    ((Retry(60, "busy"), Sent("m")), "sent", "missed"),
    ((Gone("forbidden"),), "failed", "neutral"),
    ((Gone("not_found"),), "failed", "neutral"),
    ((Gone("invalid", "50035"),), "failed", "neutral"),
    ((Gone("revoked"),), "failed", "neutral"),
    ((Retry(40_000, "busy"),), "expired", "neutral"),
    ((RuntimeError("a defect of ours"),), "ambiguous", "missed"),
    ((Unknown("the answer was lost"),), "ambiguous", "missed"),
    (NEVER, "expired", "neutral"),
]


@pytest.mark.parametrize(("answers", "end", "state"), DROPS)
async def test_a_day_is_nobody_s_miss_when_the_outbox_says_that_the_question_did_not_come(
    room: Room, answers: tuple[Outcome, ...] | str, end: str, state: str
) -> None:
    await room.plan()
    await room.tick("2026-03-03 10:00")
    if not isinstance(answers, str):
        room.says("channel", *answers)
        await room.tick(DUE)
        await room.tick("2026-03-03 19:02")
    await room.tick("2026-03-04 11:00")
    assert await room.ends() == [end]
    for name in ("ana", "bea"):
        line = await room.line(name)
        assert line.state == state, line.why
        assert (line.length_after, line.why.startswith("No fault of yours: ")) == (
            (1, True) if state == "neutral" else (0, False)
        )


REMINDERS = [
    (Gone("dm_closed", "50007"), "failed", "missed"),
    (Gone("not_found", "user_disabled"), "failed", "missed"),
    (Gone("forbidden", "missing_scope: im:write"), "failed", "neutral"),
    (Gone("invalid"), "failed", "neutral"),
    (Gone("revoked"), "failed", "neutral"),
    (Retry(40_000, "busy"), "expired", "neutral"),
    (Unknown("the answer was lost"), "ambiguous", "missed"),
    (Sent("m"), "sent", "missed"),
]


@pytest.mark.parametrize(("answer", "end", "state"), REMINDERS)
async def test_of_a_reminder_only_its_reader_s_own_settings_are_no_excuse(
    room: Room, answer: Outcome, end: str, state: str
) -> None:
    await room.talk("ana", "/remind set time: 20:00")
    await room.tick()  # that it is set is said by the same road
    await room.tick("2026-03-03 10:00")
    room.says("ana", answer)
    await room.tick(DUE)
    await room.tick("2026-03-04 11:00")
    assert await room.ends() == [end]
    assert (await room.line()).state == state
    assert (await room.line("bea")).state == "missed", "it was not for her, and she has no schedule"


def test_the_reasons_that_are_the_reader_s_own_are_said_as_they_are_kept() -> None:
    assert {GONE["dm_closed"], GONE["not_found"]} <= set(reach.BY_THE_READER)
    assert gone_words("dm_closed", "50007").startswith(reach.BY_THE_READER)
    assert not gone_words("forbidden", "").startswith(reach.BY_THE_READER)


async def test_a_reminder_that_its_reader_switched_off_while_it_waited_is_no_fault_of_ours(
    room: Room,
) -> None:
    await room.talk("ana", "/remind set time: 20:00")
    await room.tick()
    room.says("ana", Retry(600, "busy"))
    await room.tick(DUE)
    assert await room.ends() == ["pending"]
    await room.talk("ana", "/remind off")
    await room.tick("2026-03-04 11:00")
    assert await room.ends() == ["failed"]
    assert (await room.line()).state == "missed"


async def test_whose_direct_messages_are_closed_owes_the_days_that_the_reminder_had(room: Room) -> None:
    """It is switched off, and that is no pause: nobody would lose a streak who closes their messages."""
    await room.talk("ana", "/remind set time: 20:00 days: mon-thu")
    await room.tick()
    room.talk.until("2026-03-03 10:00")
    await room.practise()
    room.says("ana", Gone("dm_closed"))
    await room.tick("2026-03-04 19:00")
    await room.tick("2026-03-07 11:00")
    states = [(await room.line(day=date(2026, 3, day))).state for day in (3, 4, 5, 6)]
    assert states == ["counted", "missed", "nothing", "nothing"]


# --- several roads to one person ----------------------------------------


@pytest.mark.parametrize(
    ("hall", "room_", "state"),
    [
        (Gone("forbidden"), Sent("m"), "missed"),
        (Sent("m"), Gone("forbidden"), "missed"),
        (Gone("forbidden"), Unknown("lost"), "missed"),
        (Gone("forbidden"), Gone("archived"), "neutral"),
        (Retry(40_000, "busy"), Gone("archived"), "neutral"),
    ],
)
async def test_who_was_reached_in_one_of_a_group_s_homes_was_reached(
    room: Room, hall: Outcome, room_: Outcome, state: str
) -> None:
    other = await room.home("den")
    await room.plan(room.talk.home_id, other)
    await room.tick("2026-03-03 10:00")
    room.says("channel", hall)
    room.says("den", room_)
    await room.tick(DUE)
    await room.tick("2026-03-04 11:00")
    assert (await room.line()).state == state


async def test_a_home_on_a_platform_on_which_somebody_has_no_account_reaches_them_not(room: Room) -> None:
    other = await room.home("den", "discord")
    async with room.talk.store.write() as tx:  # bea is on both, and ana came there too late
        for name, since in (("bea", timedelta()), ("ana", timedelta(days=2))):
            person = await room.talk.person(name)
            there = {
                "platform": "discord",
                "workspace": "",
                "user_id": name,
                "name": name,
                "dm_channel_id": "",
            }
            await tx.execute(
                insert(account).values(**there, person_id=person.id, created_at=room.talk.clock.now() + since)
            )
    await room.plan(room.talk.home_id, other)
    await room.tick("2026-03-03 10:00")
    room.says("channel", Gone("forbidden"))
    await room.tick(DUE)
    await room.tick("2026-03-04 11:00")
    assert await room.ends() == ["failed", "sent"]
    assert (await room.line("ana")).state == "neutral"
    assert (await room.line("bea")).state == "missed"


async def test_who_was_reached_by_one_of_their_groups_was_reached(room: Room) -> None:
    place = Where("test", "far", "far", "#far")
    other = await room.talk.found("Larks", place)
    await room.talk("ana", "/streak", where=place)
    async with room.talk.store.read() as tx:
        (home,) = await people.homes_of(tx, other)
    await room.plan()
    await room.plan(home.id, group_id=other, at=time(12, 30))
    await room.tick("2026-03-03 10:00")
    room.says("channel", Gone("forbidden"))
    await room.tick("2026-03-03 11:30")
    await room.tick(DUE)
    await room.tick("2026-03-04 11:00")
    assert await room.ends() == ["failed", "sent"]
    assert (await room.line("ana")).state == "missed"
    assert (await room.line("bea")).state == "neutral", "she is in one of the groups alone"


# --- whose day it is, and what a neutral day does ----------------------------------------


async def test_the_neutral_day_is_the_one_in_which_the_question_was_due_for_each_of_them(room: Room) -> None:
    """Eight in the evening in Berlin is Wednesday morning in Auckland."""
    await room.talk("ana", "/me settings zone: Pacific/Auckland")
    await room.plan()
    await room.tick("2026-03-02 19:00")
    room.talk.until("2026-03-03 00:00")  # Tuesday noon there
    await room.practise()
    await room.tick("2026-03-05 20:00")  # Tuesday's and Wednesday's expired, Thursday's comes late
    assert await room.ends() == ["expired"]
    for name, neutral in (("ana", (4, 5)), ("bea", (3, 4))):
        for day in neutral:
            assert (await room.line(name, date(2026, 3, day))).state == "neutral", (name, day)
    assert (await room.line("ana")).state == "counted"


async def test_practising_on_a_neutral_day_grows_the_streak_and_a_saver_is_not_spent_on_one(
    room: Room,
) -> None:
    await room.plan()
    await room.tick("2026-03-03 10:00")
    room.says("channel", Gone("invalid"))
    for day in range(3, 10):
        await room.tick(f"2026-03-0{day} 11:00")
        await room.practise()
        await room.tick(f"2026-03-0{day} 19:00")
        if day == 3:  # the home is off now, and each later question has failed when it is born
            assert (await room.line()).state == "counted"
    await room.tick("2026-03-10 19:00")
    await room.tick("2026-03-11 11:00")
    line = await room.line(day=date(2026, 3, 10))
    assert (line.state, line.length_after, line.savers_after) == ("neutral", 8, 1)
    assert line.why == f"No fault of yours: {GONE['invalid']}."


async def test_what_was_due_before_somebody_came_or_after_they_left_was_not_for_them(room: Room) -> None:
    await room.plan()
    other = await room.talk.found("Larks", Where("test", "far", "far", "#far"))
    async with room.talk.store.write() as tx:
        ana, bea = await room.talk.person("ana"), await room.talk.person("bea")
        await tx.execute(delete(member).where(member.c.group_id == other))
        await tx.execute(
            update(member)
            .where(member.c.person_id == ana.id)
            .values(left_at=datetime(2026, 3, 3, 18, 59, tzinfo=UTC))
        )
        await tx.execute(
            update(member)
            .where(member.c.person_id == bea.id)
            .values(joined_at=datetime(2026, 3, 3, 19, 1, tzinfo=UTC))
        )
    await room.tick("2026-03-04 11:00")
    assert await room.ends() == ["expired"]
    assert [(await room.line(name)).state for name in ("ana", "bea")] == ["missed", "missed"]


async def test_a_drop_that_an_organiser_skipped_is_no_fault(room: Room) -> None:
    await room.plan()
    await room.tick("2026-03-04 11:00")
    assert (await room.line()).state == "neutral"
    async with room.talk.store.write() as tx:
        await tx.execute(update(occurrence).values(state="skipped"))
    assert (await room.line()).state == "missed"


async def test_a_late_question_has_reached_its_reader_and_so_has_one_that_was_found_later(
    talk: Talk,
) -> None:
    room = Room(talk, remembers=True)
    await room.plan()
    await room.tick("2026-03-03 10:00")
    room.says("channel", LOST)
    await room.tick(DUE)
    assert await room.ends() == ["pending"]
    assert (await room.line()).state == "open"
    await room.tick("2026-03-03 19:10")
    assert await room.ends() == ["sent"]
    room.talk.until("2026-03-04 11:00")
    assert (await room.line()).state == "missed"


async def test_what_is_kept_follows_the_outbox_by_itself(room: Room) -> None:
    await room.plan()
    await room.tick("2026-03-03 10:00")
    room.says("channel", Retry(40_000, "busy"))
    for when in (DUE, "2026-03-04 02:00", "2026-03-04 11:00", "2026-03-04 11:01"):
        await room.tick(when)
    assert await room.ends() == ["expired"]
    await truth(room.talk, "ana", "bea")
    assert "Streak: 1 day\n" in await room.talk("ana", "/streak")
