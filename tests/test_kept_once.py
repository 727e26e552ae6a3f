"""An act that a platform tells again gives one answer: forms told twice, and messages whose ids repeat elsewhere."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace

import pytest
from moved_clock import MovedClock
from practising import plan, story, studying
from sqlalchemy import func, select
from talk import HOME, Talk

from core.call import Request, Where, Who
from core.dispatch import Dispatcher
from core.events import Events, Heard
from core.store.engine import Store
from core.store.tables import answer, draft, point
from core.text import as_text

KEPT = "Kept: your answer to “Work you are proud of”"


@pytest.fixture
async def talk(store: Store, clock: MovedClock) -> Talk:
    """Ana belongs to the group, whose question of the day is open."""
    talk = await studying(store, clock)
    await plan(talk, "behavioural")
    await talk("ana", "/today")
    return talk


async def send(
    talk: Talk, name: str, once: str, text: str = story(25), path: str = "answer", **more: str
) -> str:
    """Send a form, as the platform's act ``once``."""
    values = {"text": text} if path == "answer" else {"situation": text}
    request = Request(path, talk.who(name), HOME, {**values, **more}, submitted=True, once=once)
    view = await talk.dispatcher.run(request)
    talk.views[name] = view
    return as_text(view)


async def sources(talk: Talk) -> Sequence[str | None]:
    async with talk.store.read() as tx:
        return (await tx.execute(select(answer.c.source).order_by(answer.c.id))).scalars().all()


async def test_a_form_told_twice_is_kept_once_and_shows_what_is_kept(talk: Talk) -> None:
    first = await send(talk, "ana", "V1.hash")
    again = await send(talk, "ana", "V1.hash")
    assert first.startswith(f"{KEPT}.\n\nIt counts for Monday 2 March 2026.")
    assert again.startswith(
        f"It came twice and is kept once.\n\n{KEPT}.\n\nIt counts for Monday 2 March 2026."
    )
    assert "attempt" not in again.split("\n\n")[1] and "point" not in again
    assert talk.buttons("ana")["Revise"] == "revise:answer=1"
    assert await sources(talk) == ["once:test::V1.hash"]
    async with talk.store.read() as tx:
        assert (await tx.execute(select(func.count()).select_from(point))).scalar_one() == 1
        assert (await tx.execute(select(func.count()).select_from(draft))).scalar_one() == 0


async def test_the_same_words_sent_anew_are_another_attempt(talk: Talk) -> None:
    await send(talk, "ana", "V1")
    assert "(attempt 2)" in await send(talk, "ana", "V2")
    assert "(attempt 3)" in await send(talk, "ana", "")
    assert "(attempt 4)" in await send(talk, "ana", "")
    assert await sources(talk) == ["once:test::V1", "once:test::V2", None, None]


async def test_two_processes_that_are_told_at_once_keep_one(talk: Talk) -> None:
    other = Dispatcher(talk.app)
    requests = [Request("answer", talk.who("ana"), HOME, {"text": story(25)}, submitted=True, once="V1")] * 4
    views = await asyncio.gather(
        *(road.run(r) for road, r in zip([talk.dispatcher, other] * 2, requests, strict=True))
    )
    told = sorted(as_text(view).startswith("It came twice") for view in views)
    assert told == [False, True, True, True] and len(await sources(talk)) == 1


async def test_guided_answers_and_revisions_are_kept_once_too(talk: Talk) -> None:
    await send(talk, "ana", "V1", path="guided")
    assert "It came twice" in await send(talk, "ana", "V1", path="guided")
    revise = Request(
        "revise", talk.who("ana"), HOME, {"answer": "1", "text": story(30)}, submitted=True, once="V2"
    )
    for _ in range(2):
        view = as_text(await talk.dispatcher.run(revise))
        assert "(attempt 2)" in view
    assert len(await sources(talk)) == 2


async def test_one_that_was_taken_back_meanwhile_stays_so(talk: Talk) -> None:
    await send(talk, "ana", "V1")
    await talk.press("ana", "withdraw:answer=1;sure=yes")
    assert "taken it back" in await send(talk, "ana", "V1")
    assert len(await sources(talk)) == 1


async def test_an_act_of_somebody_else_shows_nothing_of_theirs(talk: Talk) -> None:
    await talk("bea", "/today")
    await send(talk, "ana", "V1", "Secret words of mine " + story(25))
    said = await send(talk, "bea", "V1")
    assert "ecret" not in said and "nothing was stored twice" in said


async def test_an_id_of_any_length_has_room(talk: Talk) -> None:
    await send(talk, "ana", "V" * 500)
    assert "It came twice" in await send(talk, "ana", "V" * 500)
    assert "(attempt 2)" in await send(talk, "ana", "V" * 501)
    assert all(source is not None and len(source) <= 80 for source in await sources(talk))


# --- ids of messages ----------------------------------------


async def test_slack_s_message_ids_are_told_apart_by_workspace_and_channel(talk: Talk) -> None:
    events = Events(talk.app, talk.dispatcher)
    ts = "1772442000.000100"
    ana = Who("slack", "U1", "Ana", "T1")
    for who, channel in (
        (ana, "D1"),
        (replace(ana, workspace="T2"), "D1"),
        (replace(ana, user_id="U2"), "D2"),
    ):
        for _ in range(2):
            view = await events.heard(Heard(who, channel, ts, story(25), about="p1"))
            assert view is None or as_text(view).startswith("Kept:")
    assert await sources(talk) == [f"slack:T1:D1:{ts}", f"slack:T2:D1:{ts}", f"slack:T1:D2:{ts}"]


async def test_use_as_my_answer_knows_a_message_that_was_heard(talk: Talk) -> None:
    events = Events(talk.app, talk.dispatcher)
    ana = Who("slack", "U1", "Ana", "T1")
    await talk.dispatcher.run(Request("practice", ana, Where("slack", channel_id="D1")))
    await events.heard(Heard(ana, "D1", "1.5", story(25), about="p1"))
    values = {"message": "1.5", "author": "U1", "text": story(25)}
    said = as_text(await talk.dispatcher.run(Request("use", ana, Where("slack", channel_id="D1"), values)))
    assert "is your answer to “Work you are proud of” already" in said
    elsewhere = Where("slack", channel_id="D9")
    said = as_text(await talk.dispatcher.run(Request("use", ana, elsewhere, values)))
    assert said.startswith("Kept:"), "another message, said at the same instant"


async def test_a_loose_message_on_slack_is_counted_by_its_button(talk: Talk) -> None:
    events = Events(talk.app, talk.dispatcher)
    ana = Who("slack", "U1", "Ana", "T1")
    here = Where("slack", channel_id="D1")
    await talk.dispatcher.run(Request("practice", ana, here))
    asked = await events.heard(Heard(ana, "D1", "1772442000.000100", story(25)))
    assert asked is not None and "Count this as your answer" in as_text(asked)
    for kind in ("Kept:", "It counts already"):
        view = await talk.dispatcher.press("count:message=1772442000.000100", ana, here)
        assert as_text(view).startswith(kind)
    assert await sources(talk) == ["slack:T1:D1:1772442000.000100"]
