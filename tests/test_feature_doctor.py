"""``doctor``, as conversations: what is wrong, where, and the command that puts it right; or that all is well."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from moved_clock import MovedClock
from placed import Placed
from sqlalchemy import select, update
from talk import HOME, PLATFORM, Talk

from core.call import Attachment, Where
from core.store import arrivals, deliveries, prompts, schedules
from core.store.engine import Store
from core.store.tables import metadata, schedule

STORY = "I found the slow query, rewrote it with the team, and the page became twice as fast for every customer we had."
PACK = (
    b'format = "practice-pack/1"\n[pack]\nid = "harbour"\nversion = "1.0.0"\ntitle = "Harbour"\nlicense = "MIT"\n'
    b'[[prompt]]\nid = "mind"\ntrack = "behavioural"\ntext = "When did you change your mind?"\n'
    b'rubric = "behavioural-star"\n'
)


@pytest.fixture
async def talk(store: Store, clock: MovedClock) -> Talk:
    """A group that is set up, on Monday at 10:00, one schedule at 12:00, and everything as it should be."""
    talk = await Talk.begin(store, clock, packs=True)
    await talk("olga", "/drops add time: 12:00", organiser=True)
    return talk


async def doctor(talk: Talk) -> str:
    return await talk("olga", "/doctor", organiser=True)


async def findings(talk: Talk) -> list[str]:
    """What there is to see to; the end of the report counts it."""
    said = await doctor(talk)
    found = [
        line.removeprefix("See to this: ") for line in said.splitlines() if line.startswith("See to this: ")
    ]
    end = said.split("\n\n")[-2]
    assert end == (
        f"{len(found)} thing{'s' if len(found) > 1 else ''} to see to." if found else "All is well."
    )
    return found


def at(clock: MovedClock, text: str) -> None:
    clock.advance((datetime.fromisoformat(text).replace(tzinfo=UTC) - clock.now()).total_seconds())


async def hand_in(talk: Talk, data: bytes) -> None:
    await talk.dispatcher.press(
        "pack import", talk.who("olga", True), HOME, {"file": Attachment("harbour.toml", data)}
    )


# --- a healthy group ---------------------------------------------------------------------------------------------


async def test_when_nothing_is_wrong_every_part_says_so_and_all_is_well(talk: Talk) -> None:
    said = await doctor(talk)
    # Where the database lies is the operator's business, not every organiser's.
    assert re.sub(r"[\d.]+ MiB", "... MiB", said) == (
        "## How Night owls is doing\n\n"
        "Channels\n\n"
        "#practice: Test, channel channel: on\n\n"
        "Schedules\n\n"
        "Schedule 1: 12:00 Europe/Berlin, daily, all tracks: running, next Mon 02 Mar 2026 12:00 (Europe/Berlin)\n\n"
        "Deliveries\n\n"
        "In the last 7 days: nothing was due\n\n"
        "Clock\n\n"
        "Now: Mon 02 Mar 2026 10:00 (Europe/Berlin)\n\n"
        "Database\n\n"
        f"Database: {talk.store.kind}, ... MiB{chr(10) + 'Integrity: whole' if talk.store.sqlite else ''}\n"
        "Last recount: none yet; it is made every night\n\n"
        "Packs\n\n"
        f"Shipped: {await shipped(talk.store)}\n\n"
        "All is well.\n\n"
        "[Look again] [Schedules]"
    )


async def shipped(store: Store) -> str:
    async with store.read() as tx:
        packs = await prompts.list_packs(tx, None)
    return f"{len(packs)} packs, {sum(p.prompts for p in packs)} prompts"


async def test_all_stays_well_while_questions_come_and_are_answered(talk: Talk, clock: MovedClock) -> None:
    for day in range(2, 6):
        at(clock, f"2026-03-0{day}T11:00")
        await talk.deliver()
        await talk("ben", f"/answer {STORY}")
        clock.advance(minutes=2)
    assert await findings(talk) == []
    assert "In the last 7 days: 4 sent" in await doctor(talk)


async def test_looking_changes_nothing(talk: Talk, clock: MovedClock) -> None:
    async def everything() -> dict[str, list[str]]:
        async with talk.store.read() as tx:
            return {
                t.name: sorted(str(tuple(r)) for r in await tx.execute(select(t)))
                for t in metadata.sorted_tables
            }

    at(clock, "2026-03-02T11:00")
    await talk.deliver()
    before = await everything()
    await doctor(talk)
    assert await everything() == before


async def test_only_organisers_look(talk: Talk) -> None:
    assert "is for the organisers of this group." in await talk("ben", "/doctor")


# --- channels ----------------------------------------------------------------------------------------------------


async def test_a_channel_that_is_switched_off_is_named_with_its_reason_and_the_way_back(
    talk: Talk, clock: MovedClock
) -> None:
    talk.letterbox.closed.add("channel")
    at(clock, "2026-03-02T11:00")
    await talk.deliver()
    assert await findings(talk) == [
        "Nothing is posted in #practice: Starling may not post there: give it the right to see the channel and to "
        "send messages. Put that right, then: /drops resume number: 1",
        "A question for #practice, due Mon 02 Mar 2026 12:00 (Europe/Berlin), failed: Starling may not post there: "
        "give it the right to see the channel and to send messages. Put that right, then: /drops resume number: 1",
    ]
    assert "#practice: Test, channel channel: switched off" in await doctor(talk)
    talk.letterbox.closed.clear()
    await talk("olga", "/drops resume number: 1", organiser=True)
    at(clock, "2026-03-03T11:00")
    await talk.deliver()
    assert await findings(talk) == []
    assert "Put right since: A question for #practice, due Mon 02 Mar 2026 12:00" in await doctor(talk)


@pytest.fixture
def placed(talk: Talk) -> Placed:
    """The platform of the talk knows the rights in its channels, and all are given."""
    found = Placed({"channel": "#practice", "other": "#other"})
    talk.reconfigure(places={PLATFORM: found})
    return found


LOOK_AGAIN = " Where: the channel's settings, Permissions. Then look again: /doctor"


async def test_each_missing_right_is_named_with_its_channel_and_what_it_is_for(
    talk: Talk, placed: Placed
) -> None:
    assert await findings(talk) == []
    placed.deny("channel", "Send Messages", "Attach Files", "Create Public Threads")
    assert await findings(talk) == [
        "In #practice Starling lacks “Send Messages” (needed for posting the question). Without it nothing is posted."
        + LOOK_AGAIN,
        "In #practice Starling lacks “Attach Files” (needed for pictures on cards). Without it cards with a picture "
        "are refused." + LOOK_AGAIN,
    ]
    placed.allow("channel")
    assert await findings(talk) == []


async def test_rights_for_threads_and_roles_are_looked_at_where_a_schedule_needs_them(
    talk: Talk, placed: Placed
) -> None:
    placed.deny("other", "Create Public Threads", "Attach Files")
    placed.roles["owls"] = False
    await talk("olga", "/drops add time: 13:00 thread: yes role: owls channel: other", organiser=True)
    assert await findings(talk) == [
        "In #other Starling lacks “Attach Files” (needed for pictures on cards). Without it cards with a picture are "
        "refused." + LOOK_AGAIN,
        "In #other Starling lacks “Create Public Threads” (needed for a thread under each question). Without it "
        "questions come alone." + LOOK_AGAIN,
        "In #other Starling lacks “Mention All Roles” (needed for mentioning @owls). Without it nobody is notified."
        + LOOK_AGAIN,
    ]
    del placed.roles["owls"]
    assert "The role to mention is gone. Look at the schedules: /drops list" in await findings(talk)
    await talk("olga", "/drops pause number: 2", organiser=True)
    assert await findings(talk) == [], "what does not run needs nothing"


async def test_a_channel_that_is_gone_or_takes_no_messages_is_said_once(talk: Talk, placed: Placed) -> None:
    await talk("olga", "/drops add time: 13:00 thread: yes", organiser=True)
    placed.instead["channel"] = "a forum"
    assert await findings(talk) == [
        "#practice is a forum, where a question cannot be posted. To post in another channel, there: /setup"
    ]
    del placed.names["channel"]
    assert await findings(talk) == [
        "Starling does not see #practice: it was deleted, or is hidden from Starling. Let Starling see it; or, to post "
        "in another channel, there: /setup"
    ]


async def test_where_nothing_but_an_invitation_is_missing_that_is_the_way(talk: Talk, placed: Placed) -> None:
    placed.uninvited.add("channel")
    assert await findings(talk) == [
        "Starling is not a member of #practice. Invite it to #practice. Then look again: /doctor"
    ]
    placed.names.clear()
    placed.why_gone = "there is none, or it is private"
    assert await findings(talk) == [
        "Starling does not see #practice: there is none, or it is private. Where: the channel's settings, "
        "Permissions. Or, to post in another channel, there: /setup"
    ]


async def test_what_is_good_to_know_of_a_channel_is_no_finding(talk: Talk, placed: Placed) -> None:
    placed.remarks = ("#practice is shared with guests.",)
    assert await findings(talk) == []
    assert "#practice: #practice is shared with guests." in await talk("olga", "/doctor", organiser=True)


async def test_a_channel_that_is_off_though_nothing_is_missing_any_more_only_wants_switching_on(
    talk: Talk, placed: Placed
) -> None:
    async with talk.store.write() as tx:
        await arrivals.disable_home(tx, talk.home_id, "Starling was removed from the server")
    assert await findings(talk) == [
        "Nothing is posted in #practice: Starling was removed from the server. Nothing stands in the way any more: "
        "/drops resume number: 1"
    ]
    placed.deny("channel", "View Channel")
    off, lacks = await findings(talk)
    assert off.endswith("Put that right, then: /drops resume number: 1")
    assert lacks.startswith("In #practice Starling lacks “View Channel”")


async def test_what_another_process_knows_is_not_guessed_at(
    talk: Talk, placed: Placed, clock: MovedClock
) -> None:
    async with talk.store.write() as tx:
        there = Where(PLATFORM, "elsewhere", "c", "#there")
        await arrivals.create_home(tx, talk.group_id, there, clock.now())
    placed.names.clear()
    assert all("#there" not in found for found in await findings(talk))


async def test_a_platform_that_nobody_serves_is_named(talk: Talk, clock: MovedClock) -> None:
    async with talk.store.write() as tx:
        await arrivals.create_home(tx, talk.group_id, Where("slack", "w", "c", "#slack"), clock.now())
    found = await findings(talk)
    if talk.store.sqlite:
        assert found == [
            "#slack is on Slack, which Starling does not serve here. Whoever runs Starling puts it into the settings; "
            "“starling check” says what is missing."
        ]
    else:
        assert found == [], "another process may serve it on the same database"


# --- schedules ---------------------------------------------------------------------------------------------------


async def test_a_group_without_a_running_schedule_is_told_how_to_get_one(talk: Talk) -> None:
    await talk("olga", "/drops pause", organiser=True)
    assert await findings(talk) == [
        "No schedule is running, so no question comes. To change that: /drops resume number: 1"
    ]
    await talk("olga", "/drops remove sure: yes", organiser=True)
    assert await findings(talk) == [
        "No schedule is running, so no question comes. To change that: /drops add time: 09:00"
    ]


async def test_one_paused_schedule_beside_a_running_one_is_nobodys_worry(talk: Talk) -> None:
    await talk("olga", "/drops add time: 18:00", organiser=True)
    await talk("olga", "/drops pause 1", organiser=True)
    assert await findings(talk) == []
    assert "Schedule 1: 12:00 Europe/Berlin, daily, all tracks: paused" in await doctor(talk)


async def test_a_schedule_that_was_switched_off_says_why(talk: Talk, clock: MovedClock) -> None:
    await talk("olga", "/drops add time: 18:00", organiser=True)
    async with talk.store.write() as tx:
        await schedules.stop(tx, 1, "disabled", clock.now(), "the role is gone " + "x" * 300)
    (found,) = await findings(talk)
    assert found.startswith("Schedule 1 is switched off: the role is gone xxx")
    assert found.endswith("Put that right, then: /drops resume number: 1")


async def test_tracks_and_packs_that_ran_dry_are_named(talk: Talk) -> None:
    await hand_in(talk, PACK)
    await talk("olga", "/drops add time: 13:00 packs: harbour tracks: behavioural,coding", organiser=True)
    await talk("olga", "/drops add time: 14:00 packs: harbour tracks: coding", organiser=True)
    async with talk.store.write() as tx:
        await tx.execute(
            update(schedule).where(schedule.c.id == 1).values(packs=["lost", "starter-ask", "older"])
        )
    anew = "Bring in a pack that has some: /pack import; or plan another schedule and remove this one: /drops remove "
    anew += "number: "
    assert await findings(talk) == [
        f"Schedule 1 names “lost”, “older”, and there is no such pack. {anew}1",
        f"Schedule 2 has no prompt in coding; its other tracks go on. {anew}2",
        f"Schedule 3 has no prompt left to ask, so nothing will come. {anew}3",
    ]


async def test_a_schedule_that_nobody_claims_is_found(talk: Talk, clock: MovedClock) -> None:
    at(clock, "2026-03-02T11:04")
    assert await findings(talk) == []
    clock.advance(minutes=2)
    assert await findings(talk) == [
        "Schedule 1 was due Mon 02 Mar 2026 12:00 (Europe/Berlin) and nobody has seen to it. Whoever runs Starling "
        "restarts it; its log says why its clock stands still."
    ]


async def test_a_schedule_without_a_channel_is_found(talk: Talk) -> None:
    async with talk.store.write() as tx:
        await schedules.set_homes(tx, 1, [])
    assert await findings(talk) == [
        "Schedule 1 has no channel to post in. In the channel it should have: /drops add time: 12:00"
    ]


# --- deliveries --------------------------------------------------------------------------------------------------


async def a_delivery(talk: Talk, clock: MovedClock, state: str, reason: str, hours: float = 1) -> None:
    due = clock.now() - timedelta(hours=hours)
    async with talk.store.write() as tx:
        values = {
            "home_id": talk.home_id,
            "platform": PLATFORM,
            "scope": PLATFORM,
            "state": state,
            "reason": reason,
            "due_at": due,
            "not_before": due,
            "expires_at": due,
            "settled_at": due,
        }
        await deliveries.put(tx, [deliveries.row(f"x{state}{hours}", "drop", **values)])


async def test_every_kind_of_trouble_has_its_own_way_out(talk: Talk, clock: MovedClock) -> None:
    await a_delivery(talk, clock, "expired", "Starling was not running at the time", 4)
    await a_delivery(talk, clock, "ambiguous", "the reply was lost", 3)
    await a_delivery(talk, clock, "failed", "given up after 6 tries: 503", 2)
    assert await findings(talk) == [
        "A question for #practice, due Mon 02 Mar 2026 08:00 (Europe/Berlin), failed: given up after 6 tries: 503. "
        "Put that right, then: /drops resume number: 1",
        "A question for #practice, due Mon 02 Mar 2026 07:00 (Europe/Berlin), may not have arrived: the reply was "
        "lost. Look in the channel. If it is not there, everybody still finds it with /today, and answers count.",
        "A question for #practice, due Mon 02 Mar 2026 06:00 (Europe/Berlin), came too late to be sent: Starling was "
        "not running at the time. It is nobody's miss. Starling has to be running when a question is due.",
    ]
    assert "In the last 7 days: 1 ambiguous, 1 expired, 1 failed" in await doctor(talk)


async def test_what_waits_is_counted_and_is_trouble_when_it_waits_for_long(
    talk: Talk, clock: MovedClock
) -> None:
    await a_delivery(talk, clock, "pending", "", 0.01)
    assert "Waiting to be sent: 1 message, the oldest since " in await doctor(talk)
    assert await findings(talk) == []
    clock.advance(minutes=6)
    (late,) = [f for f in await findings(talk) if "your channels" in f]
    assert late.startswith("1 message for your channels could not go yet, since ")
    assert "nobody's streak is touched" in late


async def test_old_trouble_is_forgotten_and_much_of_it_is_cut(talk: Talk, clock: MovedClock) -> None:
    await a_delivery(talk, clock, "failed", "long ago", 24 * 8)
    assert await findings(talk) == []
    for hour in range(1, 9):
        await a_delivery(talk, clock, "failed", "lately", hour)
    assert len(await findings(talk)) == 5
    assert "8 failed" in await doctor(talk)


async def test_nobody_learns_whose_direct_messages_are_closed(talk: Talk, clock: MovedClock) -> None:
    await talk("ben", "/remind set time: 11:00 zone: UTC")
    talk.letterbox.closed.add("ben")
    at(clock, "2026-03-02T11:00")
    await talk.deliver()
    said = await doctor(talk)
    assert (
        "Reminders: 1 member cannot be reached by direct message. To open the road again: /remind set time: 21:00"
        in said
    )
    assert "Ben" not in said
    assert await findings(talk) == []
