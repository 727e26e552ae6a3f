"""Answers that give orders to the coach's model, and a model that obeys every one of them.

``tests/data/injections.jsonl``: what the member wrote (``text``), the whole reply of a model that does as it is told
(``reply``; ``{system}``, ``{key}`` and ``{mark}`` stand for what it was sent, ``times`` for how often the text is
said), and the question that may be shown of it (``shown``), or null.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from coach_double import Answering, CoachDouble, Seen, completion
from conftest import NewDatabase
from moved_clock import MovedClock
from practising import FULL, studying
from talk import Talk

from adapters.coach import HttpCoach
from core.coach_words import FOLLOW_UP, LABELLING
from core.coaching import Coaching
from core.store.engine import Store, database_url

KEY = "sk-local-0123456789abcdefghij"
LINES = (Path(__file__).parent / "data" / "injections.jsonl").read_text(encoding="utf-8").splitlines()
ATTEMPTS: list[dict[str, Any]] = [json.loads(line) for line in LINES]
USELESS = "The coach said nothing that fits this time. Starling goes on without it."
# Sentences of which no tagger is sure, so that its reading can be asked for as well.
VAGUE = "So that was that, and there it stood. Most of it was like this. The numbers were what they were."


@pytest.fixture
async def double() -> AsyncIterator[CoachDouble]:
    async with CoachDouble.running(KEY) as running:
        yield running


@pytest.fixture
async def talk(new_database: NewDatabase, clock: MovedClock, double: CoachDouble) -> AsyncIterator[Talk]:
    async with (
        Store(database_url(await new_database("sqlite"))) as store,
        HttpCoach(double.base_url, KEY, "small", 5.0) as http,
    ):
        talk = await studying(store, clock)
        talk.reconfigure(coach=Coaching(http, a_day=1000))
        yield talk


def obedient(attempt: dict[str, Any]) -> Answering:
    """The victim: it does what the answer tells it, with everything that it knows."""

    def done(value: Any, seen: Seen) -> Any:
        if isinstance(value, str):
            for name, known in (("{system}", seen.system), ("{key}", KEY), ("{mark}", seen.lines[0])):
                value = value.replace(name, known)
            return value * attempt.get("times", 1)
        if isinstance(value, dict):
            return {name: done(one, seen) for name, one in value.items()}
        return value

    async def answer(request: web.Request, seen: Seen) -> web.StreamResponse:
        said = done(attempt["reply"], seen)
        return web.json_response(completion(said if isinstance(said, str | None) else json.dumps(said)))

    return answer


def test_there_are_enough_attempts_and_each_has_a_name() -> None:
    assert len({each["name"] for each in ATTEMPTS}) == len(ATTEMPTS) >= 25
    shown = [each for each in ATTEMPTS if each["shown"] is not None]
    assert 10 < len(shown) < len(ATTEMPTS) - 25, "some replies can be cleaned, most cannot"


async def test_a_model_that_obeys_gets_nothing_but_a_clean_question_into_a_view(
    talk: Talk, double: CoachDouble
) -> None:
    await talk("ana", f"/answer prompt: proud {FULL}")
    await talk.press("ana", "Ask the coach")
    await talk.press("ana", "Yes, ask")
    wrong: list[str] = []
    for number, attempt in enumerate(ATTEMPTS, 2):
        talk.clock.advance(60)
        double.seen.clear()
        double.replies(obedient(attempt))
        await talk("ana", f"/answer prompt: proud {VAGUE} {attempt['text']} {FULL}")
        question = await talk.press("ana", f"coach:answer={number}")
        if question.split("\n\n")[0] != expected(attempt):
            wrong.append(f"{attempt['name']}: {question!r}")
        reading = await talk.press("ana", f"coach:answer={number};show=reading")
        if reading != USELESS:
            wrong.append(f"{attempt['name']}, its reading: {reading!r}")
        asked, labelled = double.seen
        intact(asked, FOLLOW_UP, {"about", "question", "sentences"})
        intact(labelled, LABELLING, {"question", "sentences", "label"})
    assert not wrong, "\n".join(wrong)


def expected(attempt: dict[str, Any]) -> str:
    return USELESS if attempt["shown"] is None else f"The coach asks: {attempt['shown']}"


def intact(seen: Seen, system: str, keys: set[str]) -> None:
    """Whatever the answer says, it stands inside the data: no order, no mark, no field of the request is its own."""
    assert set(seen.body) == {"model", "messages"} and seen.body["model"] == "small"
    assert [set(each) for each in seen.body["messages"]] == [{"role", "content"}] * 2
    assert seen.system == system
    opening, line, closing = seen.lines
    assert opening == closing and len(opening) == 32 and opening not in line
    assert set(seen.data) == keys and seen.data["question"] == "What are you proud of?"
    assert KEY not in seen.raw.decode() and KEY in seen.headers["Authorization"]


async def test_the_mark_is_another_each_time(talk: Talk, double: CoachDouble) -> None:
    await talk("ana", f"/answer prompt: proud {FULL}")
    await talk.press("ana", "Ask the coach")
    await talk.press("ana", "Yes, ask")
    for _ in range(4):
        await talk.press("ana", "Another question")
    assert len({seen.lines[0] for seen in double.seen}) == 5
