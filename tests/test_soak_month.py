"""A month of a group, in virtual time: every question once, streaks and sums true each night, and nothing piles up."""

from __future__ import annotations

import time
from collections import Counter
from datetime import date, timedelta
from pathlib import Path

import pytest
from month import Footprint, Month
from soak import SOAK, figures, size

MEMBERS = size(30, 200)
DAYS = size(3, 30)
EARLY = size(1, 5)  # the day after which the footprint is taken for the first time
FIRST = date(2026, 3, 2) if SOAK else date(2026, 3, 28)  # Berlin's clocks go forward on 29 March
OFF = FIRST + timedelta(days=size(1, 12))  # Starling does not run from this morning to the next


@pytest.mark.timeout(3600)
async def test_a_month_of_a_group_sends_every_question_once_and_nothing_piles_up(tmp_path: Path) -> None:
    begun = time.monotonic()
    month = Month(tmp_path, MEMBERS, FIRST)
    days = [FIRST + timedelta(days=n) for n in range(DAYS)]
    early = None
    stretches = [[day for day in days if day < OFF], [day for day in days if day > OFF]]
    for n, stretch in enumerate(stretches):
        async with month.running():
            if not n:
                await month.found()
            for day in stretch:
                await month.live(day)
                late = Footprint.now()
                figures("month so far", day=(day - FIRST).days + 1, answers=month.answers, footprint=late)
                if day == days[EARLY - 1]:
                    early = late
            late = Footprint.now()
            if n:
                await _judge(month, days)
            else:
                month.clock.advance(days=1)
    assert early is not None
    figures(
        "month",
        days=DAYS,
        members=MEMBERS,
        answers=month.answers,
        commands=month.commands,
        shown={name: sum(sender.shown.values()) for name, sender in month.senders.items()},
        rewritten={name: sender.rewritten for name, sender in month.senders.items()},
        rss_mib=(round(early.rss, 1), round(late.rss, 1)),
        tasks=(early.tasks, late.tasks),
        handles=(early.handles, late.handles),
        seconds=round(time.monotonic() - begun),
    )
    assert late.rss <= early.rss * 1.1 + 15
    assert (late.tasks, late.handles) == (early.tasks, early.handles)


async def _judge(month: Month, days: list[date]) -> None:
    drops = await month.rows("drop")
    per_home = Counter((row.schedule_id, row.local_date, row.home_id) for row in drops)
    assert set(per_home.values()) == {1} and len(per_home) == 2 * len(days)
    states = {row.local_date: row.state for row in drops}
    assert {day: state for day, state in states.items() if state != "sent"} == {OFF: "expired"}
    everything = await month.rows("drop", "remind", "recap", "weekly", "notice", "test")
    sent = Counter(row.state for row in everything)
    for sender in month.senders.values():
        assert {key: n for key, n in sender.shown.items() if n != 1} == {}
    shown = {key for sender in month.senders.values() for key in sender.shown}
    posted = [row for row in everything if row.kind != "recap"]  # a recap is written onto its card
    assert {row.key for row in posted if row.state == "sent"} == shown
    assert await month.due_and_not_sent() == 0
    assert sent["failed"] == sent["ambiguous"] == sent["sending"] == 0, sent
    assert [(drift.sums, drift.streaks) for drift in month.drifts] == [(0, 0)] * (len(days) - 1)
    assert await month.kept_answers() == month.answers
