"""The longest that reviewing can show fits where it is shown: nothing is cut, whatever stands in it."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator

import pytest
from conftest import NewDatabase
from moved_clock import MovedClock
from practising import studying
from reviewing import shares
from sqlalchemy import update
from talk import Talk

from adapters.discord.views import payload as on_discord
from adapters.slack.views import payload as on_slack
from core.store.engine import Store, database_url
from core.store.tables import prompt
from core.views import View

QUESTION = (
    "What would you do if " + "the plan you were told to follow could not work, " * 6 + "and why?"
)  # 324
SENTENCE = ("I'd say (more) of *that* next time! " * 14)[:499] + "."  # with what has to be escaped


@pytest.fixture
async def talk(new_database: NewDatabase, clock: MovedClock) -> AsyncIterator[Talk]:
    async with Store(database_url(await new_database("sqlite"))) as store:
        talk = await studying(store, clock)
        async with store.write() as tx:
            await tx.execute(update(prompt).values(text=QUESTION, title="T" * 80))
        yield talk


def drawn(view: View) -> list[str]:
    """What stands on each platform, as it is sent."""
    return [
        json.dumps(each.body if hasattr(each, "body") else each, ensure_ascii=False, default=str)
        for each in (on_discord(view), on_slack(view))
    ]


def whole(talk: Talk, name: str, *labels: str) -> None:
    for text in drawn(talk.views[name]):
        assert not re.search(r"… [\d,]* ?more", text), text[-1500:]
        for label in labels:
            assert label in text


@pytest.mark.parametrize("question", ["proud", "two-sum", "garage"])
async def test_an_answer_with_what_to_look_for(talk: Talk, question: str) -> None:
    text = ("We looked at it (all of it) & then, I'd *say*, we knew. " * 200).strip()
    await talk("ana", f"/answer prompt: {question} text: {text}")
    if question == "two-sum":
        await talk.press("ana", "Partly")
    await talk.press("ana", "share:answer=1;how=name")
    await talk("ben", "/review")
    whole(talk, "ben", "Read on", "Review", "Another one", "Not now")
    await talk.press("ben", "Read on")
    whole(talk, "ben", "Read on", "Review", "Another one", "Not now")
    await talk.press("ben", f"review write:answer=1;seen=all;words={SENTENCE}", can_ask=False)
    await talk("ben", "/review answer: 1")
    whole(talk, "ben", "Another one", "Edit", "See the checklist", "Withdraw")


async def test_the_reviews_of_an_answer(talk: Talk) -> None:
    number = await shares(talk, "ana")
    for name in ("ben", "cem", "dia", "eva", "fay", "gus", "hal"):
        talk.names[name] = f"{name.capitalize()} " + "N" * 56
        await talk.press(
            name,
            f"review write:answer={number};seen=1,2,3;missing=4,5,6,7,8,9,10;words={SENTENCE}",
            can_ask=False,
        )
    await talk("ana", f"/correct answer: {number} check: lesson_learned to: missing")
    await talk("ana", f"/reviews answer: {number}")
    whole(talk, "ana", "This helped me", "Your corrections are left out here")
    await talk.press("ana", f"reviews:answer={number};page=2")
    whole(talk, "ana", "This helped me")
