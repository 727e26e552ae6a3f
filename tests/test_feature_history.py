"""``history`` as conversations: found again, compared, pictured, taken back."""

from __future__ import annotations

import io

import pytest
from moved_clock import MovedClock
from practising import FULL, THIN, plan, story, studying, truth
from talk import Talk

from core.store.engine import Store
from core.views import Buttons, Image, Message, Page, Select, Table, blocks_of


@pytest.fixture
async def talk(store: Store, clock: MovedClock) -> Talk:
    return await studying(store, clock)


def of_kind(talk: Talk, name: str, kind: type) -> list:
    return [b for b in blocks_of(talk.views[name]) if isinstance(b, kind)]


# --- the list ------------------------------------------------------------------------------------------


async def test_before_the_first_answer_there_is_a_way_to_it(talk: Talk) -> None:
    assert await talk("ana", "/history") == (
        "You have no answers yet. The first one is the hardest; a few sentences are enough.\n\n[Today's question]"
    )


async def test_answers_are_listed_newest_first_in_the_reader_s_own_time(
    talk: Talk, clock: MovedClock
) -> None:
    await talk("ana", f"/answer prompt: proud {THIN}")
    clock.advance(days=1, minutes=5)
    await talk("ana", f"/answer prompt: garage {story(30)}")
    assert await talk("ana", "/history") == (
        "## Your 2 answers, newest first\n\n"
        "When          Question               Words     Met\n"
        "03 Mar 12:05  A parking garage          30\n"
        "02 Mar 12:00  Work you are proud of     31  1 of 9\n\n"
        "Compare the attempts at one of them\n  [A parking garage]\n  [Work you are proud of]"
    )
    await talk("ana", "/me settings zone: Tokyo")
    assert "03 Mar 20:05  A parking garage" in await talk("ana", "/history")
    assert "You have no answers yet." in await talk("bea", "/history"), "each sees their own"


async def test_ten_answers_are_a_page_and_pages_are_turned(talk: Talk, clock: MovedClock) -> None:
    for n in range(23):
        await talk("ana", f"/answer prompt: two-sum {story(n + 1)}")
        clock.advance(minutes=1)

    def words(name: str) -> list[int]:
        (table,) = of_kind(talk, name, Table)
        return [int(row[2]) for row in table.rows]

    said = await talk("ana", "/history")
    assert words("ana") == list(range(23, 13, -1)) and said.endswith("Page 1 of 3  [Later]")
    for turn, (number, newest, count) in {"next": (2, 13, 10), "last": (3, 3, 3)}.items():
        view = talk.views["ana"]
        assert isinstance(view, Page) and view.next is not None, turn
        said = await talk.press("ana", view.next)
        assert words("ana") == list(range(newest, newest - count, -1)) and f"Page {number} of 3" in said
    assert said.endswith("Page 3 of 3  [Earlier]")
    assert words("ana") == [3, 2, 1]
    assert "Page 3 of 3" in await talk("ana", "/history page: 99")
    assert "“page” has to be a number from 1 to 100000; 0 is not." in await talk("ana", "/history page: 0")


# --- attempts at one question ------------------------------------------------------------------------------------


async def test_attempts_at_one_question_stand_side_by_side_with_a_picture(
    talk: Talk, clock: MovedClock
) -> None:
    await talk("ana", f"/answer prompt: proud {THIN}")
    clock.advance(hours=1)
    await talk("ana", f"/answer prompt: proud {FULL}")
    await talk("ana", "/history")
    (select,) = of_kind(talk, "ana", Select)
    said = await talk.press("ana", f"{select.action}{select.choices[0].value}")
    assert said.startswith(
        "## What are you proud of?\n\n"
        "Item                                        Attempt 1  Attempt 2\n"
        "Situation                                   met        met\n"
        "Task                                        ?          met\n"
        "Action                                      -          met\n"
    )
    assert said.index("Attempt 2, Mon 02 Mar 2026 13:00 (Europe/Berlin), 106 words") < said.index(
        "Attempt 1, Mon 02 Mar 2026 12:00 (Europe/Berlin), 31 words"
    )
    assert f"| {THIN}" in said and "+ Result has a number: met" in said
    (picture,) = of_kind(talk, "ana", Image)
    assert picture.alt == (
        "Items met by attempt: attempt 1 met 1 of 9, attempt 2 met 9 of 9. Attempt 2 met: Situation; Task; Action; "
        "Result; Result has a number; Your own part is clear; Why this way, or what you turned down; What it meant for "
        "customers, money or time; A lesson, or a limit you saw."
    )
    assert picture.name == "attempts.png"
    _is_png(picture.data)


def _is_png(data: bytes) -> None:
    from PIL import Image as Picture

    with Picture.open(io.BytesIO(data)) as found:
        found.verify()
        assert found.format == "PNG" and found.size == (720, 463)
    assert len(data) < 100_000 and b"Software" not in data


async def test_one_attempt_is_no_comparison(talk: Talk) -> None:
    await talk("ana", f"/answer prompt: proud {FULL}")
    await talk("ana", "/history proud")
    assert not of_kind(talk, "ana", Table) and not of_kind(talk, "ana", Image)
    await talk("ana", f"/answer prompt: two-sum {FULL}")
    await talk("ana", "/answer prompt: two-sum outcome: solved again")
    said = await talk("ana", "/history two-sum")
    assert not of_kind(talk, "ana", Image), "nothing was checked by the machine there"
    assert ", 1 word, solved" in said


async def test_of_many_attempts_three_are_shown_and_five_compared(talk: Talk, clock: MovedClock) -> None:
    for n in range(7):
        await talk("ana", f"/answer prompt: proud {THIN if n % 2 else FULL}")
        clock.advance(days=1)
    said = await talk("ana", "/history proud")
    (table,) = of_kind(talk, "ana", Table)
    assert table.columns == ("Item", *(f"Attempt {n}" for n in (3, 4, 5, 6, 7)))
    assert [n for n in range(1, 8) if f"Attempt {n}, " in said] == [5, 6, 7]
    assert "... and 4 earlier attempts." in said
    (picture,) = of_kind(talk, "ana", Image)
    assert picture.alt.count("of 9") == 7


async def test_what_was_not_answered_or_is_not_there_is_said(talk: Talk) -> None:
    assert await talk("ana", "/history proud") == (
        "You have not answered that one yet.\n\nFor example: /answer prompt: night/proud text: ..."
    )
    assert (await talk("ana", "/history nothing")).startswith("There is no question “nothing” here")
    await talk("bea", f"/answer prompt: proud {FULL}")
    assert (await talk("ana", "/history proud")).startswith("You have not answered that one yet.")


# --- taking back ------------------------------------------------------------------------------------------


async def test_an_answer_is_taken_back_after_being_asked_once(talk: Talk) -> None:
    await plan(talk, "behavioural")
    await talk("ana", f"/answer {FULL}")
    await talk("ana", "/history proud")
    assert await talk.press("ana", "Take it back") == (
        "Take this answer back? Nobody will see it any more, you neither. Its day stays counted.\n\n"
        "[Yes, take it back] [No]"
    )
    view = talk.views["ana"]
    assert isinstance(view, Message) and isinstance(view.blocks[1], Buttons)
    assert view.blocks[1].items[0].style == "danger"
    yes, no = talk.buttons("ana").values()
    assert "106  9 of 9" in await talk.press("ana", no)
    assert await talk.press("ana", yes) == "It is taken back. Its day stays counted."
    assert await talk.press("ana", yes) == "That answer is taken back already."
    said = await talk("ana", "/history")
    assert "taken back" in said and "9 of 9" not in said
    said = await talk("ana", "/history proud")
    assert "Attempt 1, Mon 02 Mar 2026 12:00 (Europe/Berlin): taken back." in said and "import" not in said
    assert "Streak: 1 day" in await talk("ana", "/streak")
    assert "> 1  Ana       10" in await talk("ana", "/leaderboard")
    await truth(talk, "ana")


async def test_what_was_taken_back_is_not_compared_any_more(talk: Talk) -> None:
    for text in (THIN, FULL, THIN):
        await talk("ana", f"/answer prompt: proud {text}")
    await talk("ana", "/withdraw 2 sure: yes")
    await talk("ana", "/history proud")
    (table,) = of_kind(talk, "ana", Table)
    (picture,) = of_kind(talk, "ana", Image)
    assert table.columns == ("Item", "Attempt 1", "Attempt 3")
    assert (
        picture.alt
        == "Items met by attempt: attempt 1 met 1 of 9, attempt 3 met 1 of 9. Attempt 3 met: Situation."
    )
    for number in (1, 3):
        await talk("ana", f"/withdraw {number} sure: yes")
    said = await talk("ana", "/history proud")
    assert said.count("taken back.") == 3 and not of_kind(talk, "ana", Table)


async def test_only_one_s_own_answers_can_be_taken_back(talk: Talk) -> None:
    await talk("ana", f"/answer prompt: proud {FULL}")
    assert (await talk("bea", "/withdraw 1 sure: yes")).startswith("That answer is not there, or not yours.")
    assert "9 of 9" in await talk("ana", "/history")
