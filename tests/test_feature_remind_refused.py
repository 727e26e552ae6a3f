"""What reminders refuse, ask for and suggest, as conversations on both databases."""

from __future__ import annotations

import pytest
from moved_clock import MovedClock
from sqlalchemy import func, select
from talk import Talk

from core.store.engine import Store
from core.store.tables import schedule


@pytest.fixture
async def talk(store: Store, clock: MovedClock) -> Talk:
    return await Talk.begin(store, clock)


async def schedules_in(store: Store) -> int:
    async with store.read() as tx:
        count: int = (await tx.execute(select(func.count()).select_from(schedule))).scalar_one()
    return count


REFUSED = [
    ("/remind set", "“time:” is missing"),
    ("/remind set time: 25:00", "“25:00” is no time of day. Write hours and minutes, 00:00 to 23:59."),
    ("/remind set time: 21:60", "“21:60” is no time of day."),
    ("/remind set time: 9pm", "“9pm” is 21:00.\n\nFor example: /remind set time: 21:00"),
    ("/remind set time: 9", "could be morning or evening"),
    ("/remind set time: late", "“late” is no time of day."),
    ("/remind set time: 21:00 zone: Mars/Olympus", "No time zone or big city of that name is known."),
    ("/remind set time: 21:00 zone: UTC+2", "UTC+2 is not a place, and says nothing about summer time."),
    ("/remind set time: 21:00 zone: CET", "Abbreviations such as CET are ambiguous"),
    ("/remind set time: 21:00 zone: ../../etc/passwd", "No time zone or big city of that name is known."),
    (
        "/remind set time: 21:00 days: none",
        "A reminder needs at least one day. To get none at all: “remind off”.",
    ),
    ("/remind set time: 21:00 days: someday", "“someday” is no day of the week."),
    ("/remind set time: 21:00 tracks: codign", "Did you mean coding?"),
    (
        "/remind set time: 21:00 tracks: coding",
        "There are no questions yet from Coding. Nothing was changed.",
    ),
    ("/remind set time: 21:00 time: 22:00", "“time:” is given twice."),
    ("/remind set time: 21:00 tiem: 22:00", "has no option “tiem:”. Did you mean “time:”?"),
    ("/remind sett time: 21:00", "“remind” needs a second word"),
]


@pytest.mark.parametrize(("line", "sentence"), REFUSED)
async def test_what_makes_no_sense_is_refused_with_a_way_on(
    talk: Talk, store: Store, line: str, sentence: str
) -> None:
    said = await talk("ana", line)
    assert sentence in said
    assert "For example: /remind" in said
    assert await schedules_in(store) == 0
    assert await talk.deliver() == []


async def test_the_form_asks_where_somebody_can_be_asked(talk: Talk) -> None:
    said = await talk("ana", "/remind set", can_ask=True)
    assert said.startswith("Remind set\n  Time:")
    assert "“9pm” is 21:00" in await talk.submit("ana", {"time": "9pm"})
    assert "daily at 21:00" in await talk.submit("ana", {"time": "21:00"})


async def test_zones_are_suggested_with_the_time_there(talk: Talk) -> None:
    assert await talk.suggest("ana", "remind set", "zone", "") == [
        ("Europe/Berlin (now Monday 10:00)", "Europe/Berlin")
    ]
    assert await talk.suggest("ana", "remind set", "zone", "lisbon") == [
        ("Europe/Lisbon (now Monday 09:00)", "Europe/Lisbon")
    ]
    assert ("Asia/Jerusalem (now Monday 11:00)", "Asia/Jerusalem") in await talk.suggest(
        "ana", "remind set", "zone", "utc+2"
    )
    assert await talk.suggest("ana", "remind set", "zone", "xyzzyx") == []
