"""Starling is killed again and again while it sends: what is lost, what is shown twice, and what it says of it.

The whole of ``starling run`` in a process of its own on a SQLite file, against the local doubles; SIGKILL, at least
one row being at ``sending``. One answer in a hundred is lost on its way. Starlings that come back after more than a
minute find a moved clock, but for a few in ``make soak`` that are really waited for.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from kills_doubles import OnDiscord, OnSlack, Platform
from kills_outcome import Outcome
from kills_room import KillsRoom, kills_room
from kills_worker import Nursery, SharedClock
from soak import figures, size

pytestmark = [pytest.mark.timeout(1800), pytest.mark.xdist_group("kills")]

LOST = 0.01


@pytest.fixture(scope="module")
def nursery() -> Iterator[Nursery]:
    with Nursery() as made:
        yield made


@pytest.fixture
def shared(tmp_path: Path) -> Iterator[SharedClock]:
    with SharedClock(tmp_path / "clock") as clock:
        yield clock


async def killed(room: KillsRoom, name: str, times: int, really: int = 0) -> Outcome:
    """What has become of everything after so many kills and one life in peace."""
    began = time.monotonic()
    room.really = really
    room.platform.weather.lost = LOST
    await room.kill(times)
    await room.rest()
    outcome = room.outcome()
    struck = room.struck
    assert struck.kills == times and outcome.strays == set()
    assert set(outcome.states) == outcome.expected
    figures(
        f"kills, {name}",
        **outcome.figures,
        kills=struck.kills,
        back_after_60_s=struck.after_60_s,
        rows_at_sending=struck.rows,
        of_these_there=struck.there,
        answers_lost=room.platform.weather.answers_lost,
        moments=dict(struck.moments),
        days=len(room.days),
        seconds=round(time.monotonic() - began),
    )
    return outcome


async def test_on_discord_nothing_is_lost_and_nothing_comes_twice(
    tmp_path: Path, nursery: Nursery, shared: SharedClock
) -> None:
    platform = await OnDiscord.open(shared)
    async with kills_room(tmp_path, nursery, platform, shared, channels=24, people=12) as room:
        outcome = await killed(room, "Discord", size(8, 120), really=size(0, 2))
        assert (outcome.lost, outcome.doubled) == (set(), set())
        assert outcome.at("sent") == outcome.expected
        assert room.struck.rows and room.struck.there, "no kill met anything"


async def test_on_slack_with_a_look_nothing_is_lost_and_nothing_comes_twice(
    tmp_path: Path, nursery: Nursery, shared: SharedClock
) -> None:
    platform = await OnSlack.open(shared)
    async with kills_room(tmp_path, nursery, platform, shared, channels=8, people=8) as room:
        outcome = await killed(room, "Slack that lets Starling look", size(6, 64), really=size(0, 2))
        assert (outcome.lost, outcome.doubled) == (set(), set())
        assert outcome.at("sent") == outcome.expected
        assert room.struck.rows and room.struck.there, "no kill met anything"


async def test_on_slack_without_a_look_whatever_is_lost_is_reported_and_nothing_comes_twice(
    tmp_path: Path, nursery: Nursery, shared: SharedClock
) -> None:
    platform = await OnSlack.open(shared, history=False)
    async with kills_room(tmp_path, nursery, platform, shared, channels=8, people=8) as room:
        outcome = await killed(room, "Slack without a look, skip", size(4, 44))
        assert outcome.doubled == set()
        assert outcome.lost <= outcome.at("ambiguous") and outcome.at("ambiguous"), "no kill met anything"
        assert outcome.at("sent") | outcome.at("ambiguous") == outcome.expected


async def test_on_slack_without_a_look_and_with_resend_what_comes_twice_was_resent(
    tmp_path: Path, nursery: Nursery, shared: SharedClock
) -> None:
    platform = await OnSlack.open(shared, history=False, resend=True)
    async with kills_room(tmp_path, nursery, platform, shared, channels=8, people=8) as room:
        outcome = await killed(room, "Slack without a look, resend", size(2, 24))
        assert outcome.doubled <= outcome.resent and outcome.resent, "no kill met anything"
        # Sent again once only: killed then, too, it is not known any more.
        assert outcome.lost <= outcome.at("ambiguous") <= outcome.resent
        assert all(times <= 2 for times in outcome.shown.values())


# --- the harness sees what it looks for --------------------------------------------------------------


@pytest.mark.parametrize("on", ["discord", "slack"])
async def test_where_nothing_is_recognised_the_harness_counts_what_comes_twice_and_what_is_lost(
    tmp_path: Path, nursery: Nursery, shared: SharedClock, on: str
) -> None:
    platform: Platform
    platform = await (OnDiscord.open(shared, forgetful=True) if on == "discord" else OnSlack.open(shared))
    platform.weather.blind = True
    async with kills_room(tmp_path, nursery, platform, shared, channels=4, people=4) as room:
        platform.weather.lost = 0.5
        await room.kill(1)
        await room.rest()
        platform.weather.lost, platform.weather.swallowed = 0.0, 3
        room.next_day()
        await room.rest()
        outcome = room.outcome()
        assert outcome.doubled and len(outcome.lost) == 3
        assert outcome.at("sent") == outcome.expected, "Starling itself knows nothing of it"
