"""The demo is a document: it must run, read well, and show what it says it shows."""

import re

import pytest

from bot.demo import WIDTH, demo
from bot.demo_script import WEEK


@pytest.fixture(scope="module")
def transcript() -> str:
    import asyncio

    said: list[str] = []
    asyncio.run(demo(said.append))
    return "\n".join(said)


def test_every_line_of_the_script_is_in_the_transcript(transcript: str) -> None:
    for line in WEEK:
        if line.who:
            begin = " ".join(line.words.split()[:6])
            assert re.search(
                re.escape(f"{line.who}, ") + r"\d\d:\d\d[^>]*> /" + re.escape(begin), transcript
            ), begin


def test_a_question_came_on_each_of_the_seven_days(transcript: str) -> None:
    assert len(re.findall(r"^Starling, 09:00, to the group:$", transcript, re.MULTILINE)) == 7


def test_nothing_in_it_went_wrong(transcript: str) -> None:
    for sign in ("Traceback", "incident", "There is no", "Nothing was stored"):
        assert sign not in transcript


def test_every_answer_was_given_to_the_question_it_was_written_for(transcript: str) -> None:
    """The words were written for these questions: when a pack changes, the script has to change with it."""
    wanted = [
        "Taking over a mess",
        "A result you could not repeat",
        "Possible, but was it right?",
        "Clicks up, sales flat: launch?",
        "Hiring that came out differently",
        "What the users showed you",
        "More promised than you could do",
    ]
    found = dict.fromkeys(re.findall(r"Kept: your answer to “(.+?)”", transcript))
    assert list(found) == wanted


def test_it_shows_a_saver_at_work_a_streak_that_ended_and_two_zones(transcript: str) -> None:
    assert "paid for by a saver" in transcript
    assert "Your streak of 3 days ended" in transcript
    assert "America/New_York" in transcript and "Europe/Berlin" in transcript


def test_weak_and_strong_answers_get_different_checklists(transcript: str) -> None:
    weak = transcript[transcript.index("Ben, 15:05>") : transcript.index("Tuesday 10 November")]
    strong = transcript[transcript.index("Ana, 09:40>") : transcript.index("* Ben lives")]
    assert weak.count(": met") <= 2
    assert strong.count(": met") >= 8


def test_no_line_is_wider_than_the_page_but_a_table(transcript: str) -> None:
    assert max(len(line) for line in transcript.splitlines()) <= WIDTH + 2


def test_it_ends_with_how_to_do_the_same_oneself(transcript: str) -> None:
    assert "Now you: make run" in transcript
    assert transcript.rstrip().endswith("| make run")
