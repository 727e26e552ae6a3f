"""Every column of every table about a person is in their export, or stands here with the reason why not."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from moved_clock import MovedClock
from practising import FULL, plan, story, studying
from sqlalchemy import insert, select, update
from talk import Talk

from core.export import as_json, as_markdown
from core.store import personal
from core.store.engine import Store, database_url
from core.store.tables import account, answer, ask, metadata, person, prompt, review
from core.views import File, blocks_of

NewDatabase = Callable[..., Awaitable[str]]

# Section -> its table's columns that are not in it. Everywhere ``person_id``: it is the reader's own.
WITHHELD: dict[str, set[str]] = {
    "settings_changes": {"id"},
    "memberships": {"group_id"},  # the group's name instead
    "answers": {"group_id", "prompt_id"},  # their names, and the question, instead
    # Who wrote it is theirs to say, and nothing that they took back is handed on.
    "reviews_received": {"id", "reviewer_id", "withdrawn_at"},
    "reviews_written": {"answer_id", "reviewer_id"},  # the answer is another's
    "questions_given": {"id", "prompt_id", "group_id"},
    "details_asked_for": {"prompt_id"},
    "practice_log": {"id"},
    "points": {"group_id"},
    "board_sums": {"group_id"},
    "reminders": {"group_id"},  # a reminder has none
    "messages": {"worker", "lease_until", "home_id"},  # of the process that sent it; a person has no home
    "said_later": {"id"},
    "codes": {"digest", "group_id", "home_id"},  # a code is a secret while it lives
    "organiser_actions": {"group_id"},
}
# Columns of other tables that are given along: whose they are.
GIVEN_ALONG = {"group", "prompt", "prompt_title", "prompt_text"}


@pytest.fixture
async def talk(new_database: NewDatabase, clock: MovedClock) -> AsyncIterator[Talk]:
    async with Store(database_url(await new_database("sqlite"))) as store:
        yield await studying(store, clock)


@pytest.mark.parametrize("section", personal.SECTIONS, ids=lambda section: section.name)
def test_every_column_is_given_or_withheld_for_a_reason(section: personal.Section) -> None:
    given = {column.name for column in section.query(1).selected_columns}
    own = {column.name for column in section.table.c}
    assert own - given - {"person_id"} == WITHHELD.get(section.name, set())
    assert given - own <= GIVEN_ALONG


def test_a_column_that_names_a_person_without_a_foreign_key_is_known() -> None:
    """What no foreign key tells of would be left behind by ``me forget``, and out of an export."""
    named = {
        f"{table.name}.{column.name}"
        for table in metadata.sorted_tables
        for column in table.c
        if ("person" in column.name or "user" in column.name or column.name in ("reviewer_id", "writer_id"))
        and not any(key.column.table is person for key in column.foreign_keys)
    }
    assert named == {"account.user_id"}


async def exported(talk: Talk, name: str) -> tuple[dict[str, Any], str]:
    await talk(name, "/me export")
    files = [f for f in blocks_of(talk.views[name]) if isinstance(f, File)]
    texts = {f.name.rpartition(".")[2]: f.data.decode() for f in files}
    return json.loads(texts["json"]), texts["md"]


async def test_linked_accounts_are_all_there_and_what_others_wrote_to_me_without_their_answers(
    talk: Talk,
) -> None:
    await plan(talk, "behavioural")
    await talk.deliver()
    await talk("ana", f"/answer text: {FULL}")
    await talk("ben", f"/answer text: {story(40, 'benswords')}")
    ana, ben = await talk.person("ana"), await talk.person("ben")
    async with talk.store.write() as tx:
        first, second = (await tx.execute(select(answer.c.id).order_by(answer.c.id))).scalars()
        common = {"seen": [], "missing": [], "at": talk.clock.now()}
        await tx.execute(
            insert(review).values(answer_id=first, reviewer_id=ben.id, words="Say what it cost.", **common)
        )
        await tx.execute(
            insert(review).values(answer_id=second, reviewer_id=ana.id, words="Well told.", **common)
        )
        await tx.execute(
            insert(account).values(
                platform="slack",
                workspace="T1",
                user_id="U7",
                person_id=ana.id,
                name="Ana",
                created_at=talk.clock.now(),
            )
        )
        await tx.execute(update(answer).values(shared_at=talk.clock.now()))
    data, text = await exported(talk, "ana")
    assert {(a["platform"], a["workspace"], a["user_id"]) for a in data["accounts"]} == {
        ("test", "", "ana"),
        ("slack", "T1", "U7"),
    }
    assert [r["words"] for r in data["reviews_received"]] == ["Say what it cost."]
    assert [r["words"] for r in data["reviews_written"]] == ["Well told."]
    for whole in (json.dumps(data), text):
        assert "benswords" not in whole and "Ben" not in whole
        assert "Say what it cost." in whole and "Well told." in whole and "U7" in whole


async def test_ten_years_are_written_out_while_others_are_answered(talk: Talk) -> None:
    """3,650 answers: the loop is held for moments only, and the export has all of them."""
    await talk("ana", "/me show")
    ana = await talk.person("ana")
    rows = [_answer(ana.id, number, talk) for number in range(3_650)]
    async with talk.store.write() as tx:
        first = (await tx.execute(select(prompt.c.id).limit(1))).scalar_one()
        await tx.execute(insert(answer), [row | {"prompt_id": first} for row in rows])
        await tx.execute(
            insert(ask),
            [{"person_id": ana.id, "prompt_id": first, "at": talk.clock.now()} for _ in range(3_650)],
        )
    held: list[float] = []

    async def watch() -> None:
        while True:
            began = time.perf_counter()
            await asyncio.sleep(0)
            held.append(time.perf_counter() - began)

    watcher = asyncio.create_task(watch())
    began = time.perf_counter()
    data, text = await exported(talk, "ana")
    print(
        f"export of ten years: {time.perf_counter() - began:.2f} s, loop held at most {max(held) * 1000:.0f} ms"
    )
    watcher.cancel()
    assert len(data["answers"]) == 3_650 and text.count("\n### ") == 3_650
    assert len(held) > 20, "the loop went on"


def _answer(person_id: int, number: int, talk: Talk) -> dict[str, Any]:
    at = talk.clock.now()
    values = {
        "track": "behavioural",
        "text": FULL,
        "outcome": "",
        "words": 106,
        "counts": True,
        "anonymous": False,
    }
    return values | {"person_id": person_id, "attempt": number + 1, "at": at, "day": at.date()}


async def test_an_export_with_many_reviews_takes_time_by_their_number_and_not_its_square(talk: Talk) -> None:
    now = talk.clock.now()
    data: dict[str, list[dict[str, Any]]] = {section.name: [] for section in personal.SECTIONS}
    question = {
        "prompt": "a/b",
        "prompt_title": "A",
        "prompt_text": "B",
        "attempt": 1,
        "at": now,
        "text": "x",
    }
    data["answers"] = [question | {"id": n} for n in range(3_000)]
    data["reviews_received"] = [{"answer_id": n % 3_000, "words": f"w{n}", "at": now} for n in range(9_000)]
    began = time.process_time()
    text = as_markdown(data, now).decode()
    assert text.count("A review:") == 9_000
    assert time.process_time() - began < 4
    assert len(as_json(data, now)) > 9_000


# --- what is left of somebody who is forgotten, where others saw them ---------------------------------------------


async def test_what_a_forgotten_member_shared_is_gone_from_every_page_and_no_button_breaks(
    talk: Talk,
) -> None:
    await plan(talk, "behavioural")
    await talk.deliver()
    for name, words in (("ana", FULL), ("cem", story(40, "cemswords"))):
        await talk(name, f"/answer text: {words}")
        await talk.press(name, "Share")
        await talk.press(name, "With my name")
    await talk("ben", f"/answer text: {story(40)}")
    ben = await talk.person("ben")
    async with talk.store.write() as tx:
        of_ben = (await tx.execute(select(answer.c.id).where(answer.c.person_id == ben.id))).scalar_one()
        hers = (await tx.execute(select(answer.c.id).order_by(answer.c.id).limit(1))).scalar_one()
        ana = await talk.person("ana")
        await tx.execute(
            insert(review).values(
                answer_id=of_ben,
                reviewer_id=ana.id,
                seen=[],
                missing=[],
                words="anaswords",
                at=talk.clock.now(),
            )
        )
    handle = "d1"
    assert "nine hours" in await talk("ben", f"/shared prompt: {handle}")
    await talk("ana", "/me forget confirm: yes")
    for page in (1, 2, 3):
        said = await talk.press("ben", f"shared:prompt={handle};page={page}")
        assert "cemswords" in said and "Ana" not in said and "nine hours" not in said
    gone = await talk("olga", f"/share remove answer: {hers}", organiser=True)
    assert gone.startswith("No shared answer of this group has that number.")
    await talk("cem", "/me forget confirm: yes")
    said = await talk.press("ben", f"shared:prompt={handle};page=2")
    assert "Nobody has shared an answer" in said
    assert "1 member answered" in await talk("ben", "/today")
    data, _ = await exported(talk, "ben")
    assert data["reviews_received"] == [], "what she wrote about his answer went with her"
