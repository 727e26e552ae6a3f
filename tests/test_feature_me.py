"""What somebody has set, and their place in a group, as conversations on both databases."""

from __future__ import annotations

from datetime import datetime

import pytest
from moved_clock import MovedClock
from sqlalchemy import func, select
from talk import PLATFORM, Talk

from core.call import Where
from core.store import people, preferences
from core.store.engine import Store
from core.store.tables import person

ELSEWHERE = Where(PLATFORM, "server2", "channel2", "#other")


@pytest.fixture
async def talk(store: Store, clock: MovedClock) -> Talk:
    return await Talk.begin(store, clock)


@pytest.fixture
async def asking(store: Store, clock: MovedClock) -> Talk:
    """The same, with questions to ask."""
    return await Talk.begin(store, clock, packs=True)


async def changes(talk: Talk, name: str, kind: str) -> list[tuple[datetime, object]]:
    someone = await talk.person(name)
    async with talk.store.read() as tx:
        return [(r.at, r.value) for r in await preferences.changes_of(tx, someone.id) if r.kind == kind]


# --- me show -----------------------------------------------------------------------------------------------------


async def test_show_tells_everything_somebody_has_set(talk: Talk) -> None:
    await talk("ana", "/me settings zone: Tokyo level: senior cutoff: 04:30 rest: sat, sun")
    await talk("ana", "/me settings vacation: 2026-04-01 until: 2026-04-10")
    await talk("ana", "/remind set time: 21:00 days: mon-fri")
    assert await talk("ana", "/me show") == (
        "## Ana\n\n"
        "Zone: Asia/Tokyo, now Monday 18:00\n"
        "Level: Senior\n"
        "Your day ends at: 04:30\n"
        "Rest days: sat-sun\n"
        "Vacation: Wednesday 1 April 2026 to Friday 10 April 2026\n"
        "Corrections: kept for you alone\n"
        "Group: Night owls: shown on its board\n"
        "Reminder: mon-fri at 21:00 (Asia/Tokyo)\n"
        "Account: test: Ana\n\n"
        "[Change settings] [Export my data]"
    )


async def test_show_in_a_direct_message_of_somebody_new_has_an_answer_for_everything(talk: Talk) -> None:
    assert await talk("zoe", "/me show", direct=True) == (
        "## Zoe\n\n"
        "Zone: UTC (assumed; you have not said yours yet), now Monday 09:00\n"
        "Level: Mid-level\n"
        "Your day ends at: 03:00\n"
        "Rest days: none\n"
        "Vacation: none set\n"
        "Corrections: kept for you alone\n"
        "Group: none\n"
        "Reminder: off\n"
        "Account: test: Zoe\n\n"
        "[Change settings] [Export my data]"
    )


async def test_show_names_every_group_and_the_one_that_counts_in_direct_messages(talk: Talk) -> None:
    await talk.found("Early birds", ELSEWHERE)
    await talk("ana", "/me show")
    shown = await talk("ana", "/me show", where=ELSEWHERE)
    assert "Group: Night owls: shown on its board, speaks for you in direct messages\n" in shown
    assert "Group: Early birds: shown on its board\n" in shown


NAMES = [
    ("\x1b[31mRed\x1b[0m\x07", "[31mRed[0m"),
    ("a\u202eb\u200bc\nd", "abc d"),
    ("<b>@everyone</b> **x** [l](http://e.vil)", "<b>@everyone</b> **x** [l](http://e.vil)"),
    ("Robert'); DROP TABLE person;--", "Robert'); DROP TABLE person;--"),
    ("\u200b\u200b", "somebody"),
    ("n" * 500, "n" * 60),
]


@pytest.mark.parametrize(("typed", "kept"), NAMES)
async def test_a_name_is_words_and_nothing_else(talk: Talk, store: Store, typed: str, kept: str) -> None:
    talk.names["eve"] = typed
    shown = await talk("eve", "/me show")
    assert shown.startswith(f"## {kept}\n\nZone:")
    assert (await talk.person("eve")).name == kept
    async with store.read() as tx:
        assert (await tx.execute(select(func.count()).select_from(person))).scalar_one() == 1


# --- groups ----------------------------------------------------------------------------------------------------------


async def test_the_active_group_is_chosen_by_name(talk: Talk) -> None:
    other = await talk.found("Early birds", ELSEWHERE)
    await talk("ana", "/me show")
    await talk("ana", "/me show", where=ELSEWHERE)
    assert "In direct messages you speak for Early birds." in await talk(
        "ana", '/me settings group: "early birds"', direct=True
    )
    assert (await talk.person("ana")).active_group_id == other
    assert "In direct messages you speak for Night owls." in await talk("ana", "/me settings group: night")
    assert await talk.suggest("ana", "me settings", "group", "bird") == [("Early birds", f"g{other}")]
    assert len(await talk.suggest("ana", "me settings", "group", "")) == 2
    assert "speak for Early birds" in await talk("ana", f"/me settings group: g{other}")


async def test_hiding_takes_off_the_board_and_showing_brings_back(asking: Talk) -> None:
    for name in ("ana", "ben"):
        await asking.practise(name)
    assert await asking("ana", "/me hide") == (
        "You are hidden from the board of Night owls. You still see your own place there; nobody else does.\n\n"
        "[Show me again]"
    )
    assert "Ana" not in await asking("ben", "/leaderboard")
    assert "Ben" in await asking("ana", "/leaderboard")
    assert "Your place:" in await asking("ana", "/leaderboard")
    assert "hidden from its board" in await asking("ana", "/me show")
    assert "You are hidden" in await asking("ana", "/me hide hidden: yes")
    assert "You are shown on the board of Night owls." in await asking.press("ana", "Show me again")
    assert "Ana" in await asking("ben", "/leaderboard")
    assert "You are hidden" in await asking("ana", "/me hide")
    assert "You are shown" in await asking("ana", "/me hide")


async def test_hiding_in_one_group_hides_in_no_other(talk: Talk) -> None:
    await talk.found("Early birds", ELSEWHERE)
    await talk("ana", "/me hide")
    shown = await talk("ana", "/me show", where=ELSEWHERE)
    assert "Group: Night owls: hidden from its board" in shown
    assert "Group: Early birds: shown on its board" in shown


@pytest.mark.parametrize(("line", "verb"), [("/me hide", "hide from"), ("/me leave", "leave")])
async def test_without_a_group_there_is_nothing_to_hide_from_or_leave(
    talk: Talk, line: str, verb: str
) -> None:
    assert await talk("zoe", line, direct=True) == (
        f"You are in no study group, so there is nothing to {verb}. A first command in a group's channel joins it."
    )


async def test_leaving_asks_first_and_keeps_what_somebody_wrote(asking: Talk) -> None:
    await asking.practise("ana")
    await asking.practise("ben")
    asked = await asking("ana", "/me leave", can_ask=True)
    assert asked.startswith("Leave Night owls?") and "confirm: yes" not in asked
    assert "Ana" in await asking("ben", "/leaderboard")
    assert await asking.press("ana", "Leave the group") == (
        "You have left Night owls. Everything you wrote is kept, and yours."
    )
    assert "Ana" not in await asking("ben", "/leaderboard")
    ana = await asking.person("ana")
    assert ana.active_group_id is None
    assert "Group: none" in await asking("ana", "/me show", direct=True)
    assert "Streak: 1 day" in await asking("ana", "/streak", direct=True)


async def test_leaving_on_a_pipe_takes_a_word_of_confirmation(talk: Talk) -> None:
    assert "To do it: /me leave confirm: yes" in await talk("ana", "/me leave")
    assert "Leave Night owls?" in await talk("ana", "/me leave confirm: no")
    assert "You have left Night owls." in await talk("ana", "/me leave confirm: yes")


async def test_a_second_press_of_the_button_leaves_no_other_group(talk: Talk) -> None:
    await talk.found("Early birds", ELSEWHERE)
    await talk("ana", "/me show", where=ELSEWHERE)
    await talk("ana", "/me leave", can_ask=True)
    action = talk.buttons("ana")["Leave the group"]
    ana = await talk.person("ana")
    assert ana.active_group_id is not None
    assert "You have left Night owls." in await talk.press("ana", action, direct=True)
    assert await talk.press("ana", action, direct=True) == (
        "You are not in that group any more, so there is nothing to leave."
    )
    async with talk.store.read() as tx:
        assert [g.name for g in await people.groups_of(tx, ana.id)] == ["Early birds"]


async def test_leaving_the_active_group_makes_another_one_active(talk: Talk) -> None:
    await talk("ana", "/me show")
    await talk.found("Early birds", ELSEWHERE)
    await talk("ana", "/me show", where=ELSEWHERE)
    said = await talk("ana", "/me leave confirm: yes", direct=True)
    assert said.endswith("In direct messages you now speak for Early birds.")


async def test_a_command_in_the_channel_brings_somebody_back(talk: Talk) -> None:
    await talk("ana", "/me leave confirm: yes")
    await talk("ana", "/me show")
    assert "Group: Night owls: shown on its board" in await talk("ana", "/me show")
