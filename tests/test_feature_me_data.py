"""``me export`` and ``me forget``: complete, of nobody else, and for good; on both databases."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from moved_clock import MovedClock
from sqlalchemy import func, insert, select
from talk import ANSWER, Talk

from core.store import boards, drafts, facts, personal
from core.store.engine import Store
from core.store.tables import answer, metadata, occurrence, person, point, review, schedule
from core.views import File, blocks_of

SECRET = "Zanzibar"  # stands in everything that ana writes, and nowhere else


@pytest.fixture
async def talk(store: Store, clock: MovedClock) -> Talk:
    return await Talk.begin(store, clock, packs=True)


async def answer_of(talk: Talk, name: str) -> int:
    someone = await talk.person(name)
    async with talk.store.read() as tx:
        found: int = (
            await tx.execute(select(func.max(answer.c.id)).where(answer.c.person_id == someone.id))
        ).scalar_one()
    return found


async def reviews(talk: Talk, reviewer: str, writer: str, words: str) -> None:
    """``reviewer`` reviews ``writer``'s newest answer, and earns points for it."""
    someone, of = await talk.person(reviewer), await answer_of(talk, writer)
    values = {"seen": ["S"], "missing": ["R"], "words": words, "at": talk.clock.now()}
    async with talk.store.write() as tx:
        await tx.execute(insert(review).values(answer_id=of, reviewer_id=someone.id, **values))
        await tx.execute(
            insert(point).values(
                person_id=someone.id,
                group_id=talk.group_id,
                answer_id=of,
                kind="review",
                track="behavioural",
                points=0,
                improved=0,
                at=talk.clock.now(),
                day=talk.clock.now().date(),
            )
        )


async def a_full_life(talk: Talk) -> None:
    """Ana has done everything there is to do; Ben has reviewed her, and she him."""
    talk.names["ana"] = f"Ana {SECRET}"
    await talk("ana", "/me settings zone: Berlin rest: sun vacation: 2026-05-01 until: 2026-05-02")
    await talk("ana", "/remind set time: 11:00")
    await talk.practise("ana", f"{ANSWER} {SECRET}")
    await talk("ana", "/correct answer: 1 sentence: 1 part: other")
    await talk.practise("ben")
    await reviews(talk, "ben", "ana", "Say what it cost.")
    await reviews(talk, "ana", "ben", f"Well told, like {SECRET}.")
    ana = await talk.person("ana")
    async with talk.store.write() as tx:
        await drafts.keep(
            tx, ana.id, "answer", {"text": f"Half of {SECRET}"}, talk.clock.now(), timedelta(hours=24)
        )
        await facts.note_action(tx, talk.group_id, ana.id, "drops add", "09:00", talk.clock.now())
    talk.clock.advance(hours=2)
    await talk.deliver()  # the reminder, too


async def exported(talk: Talk, name: str) -> tuple[dict[str, Any], str]:
    await talk(name, "/me export")
    files = {f.name: f.data for f in blocks_of(talk.views[name]) if isinstance(f, File)}
    assert sorted(files) == [f"starling-export-{talk.clock.now():%Y-%m-%d}.{end}" for end in ("json", "md")]
    data, text = (files[n] for n in sorted(files))
    return json.loads(data), text.decode()


async def everything_kept(store: Store) -> str:
    """Every value of every table, as one text."""
    async with store.read() as tx:
        rows: list[Sequence[Any]] = []
        for table in metadata.sorted_tables:
            rows += [(table.name, *r) for r in await tx.execute(select(table))]
    return "\n".join(map(repr, rows))


# --- export ------------------------------------------------------------------------------------------------------


async def test_no_table_that_hangs_on_a_person_is_left_out_of_an_export() -> None:
    hanging = {"person"}
    while more := {
        table.name
        for table in metadata.sorted_tables
        for key in table.foreign_keys
        if key.column.table.name in hanging and table.name not in hanging
    }:
        hanging |= more
    told = {section.table.name for section in personal.SECTIONS}
    assert hanging == told | set(personal.LEFT_OUT)


async def test_what_hangs_on_a_person_goes_with_them_or_forgets_whose_it_was() -> None:
    keys = [(t.name, k) for t in metadata.sorted_tables for k in t.foreign_keys if k.column.table is person]
    assert len(keys) > 10
    assert {name for name, key in keys if key.ondelete != "CASCADE"} == {"audit"}
    assert {key.ondelete for name, key in keys if name == "audit"} == {"SET NULL"}


async def test_an_export_holds_everything_and_says_so(talk: Talk) -> None:
    await a_full_life(talk)
    data, text = await exported(talk, "ana")
    assert data["format"] == "starling-export-1"
    empty = {section.name for section in personal.SECTIONS if not data[section.name]}
    assert empty == {"details_asked_for", "codes", "said_later"}
    assert data["person"][0]["name"] == f"Ana {SECRET}"
    assert data["accounts"][0]["user_id"] == "ana"
    assert data["memberships"][0]["group"] == "Night owls"
    assert data["answers"][0]["text"] == f"{ANSWER} {SECRET}"
    assert data["answers"][0]["prompt"].startswith("starter-behavioural/")
    assert data["checklists"][0]["answer_id"] == data["answers"][0]["id"]
    assert data["reviews_received"][0]["words"] == "Say what it cost."
    assert data["reviews_written"][0]["words"] == f"Well told, like {SECRET}."
    assert (data["corrections"][0]["place"], data["corrections"][0]["now"]) == ("s0", "O")
    assert data["points"][0]["points"] == 10
    assert data["streak"][0]["current"] == 1
    assert {"zone", "rest", "vacation", "cutoff"} == {c["kind"] for c in data["settings_changes"]}
    assert data["reminders"][0]["zone"] == "Europe/Berlin"
    assert data["drafts"][0]["fields"] == {"text": f"Half of {SECRET}"}
    for words in (
        f"> {ANSWER} {SECRET}",
        "> Say what it cost.",
        f"Half of {SECRET}",
        "## Your points",
        "drops add",
    ):
        assert words in text


async def test_an_export_holds_nothing_of_others(talk: Talk) -> None:
    await a_full_life(talk)
    await talk("ben", "/remind set time: 07:11 zone: Pacific/Apia")
    data, text = await exported(talk, "ana")
    ben = await talk.person("ben")
    for whole in (json.dumps(data), text):
        assert "Ben" not in whole and "ben" not in whole and "Apia" not in whole
    assert "reviewer_id" not in json.dumps(data)
    assert [row["id"] for row in data["person"]] != [ben.id]
    assert len(data["answers"]) == len(data["points"]) - 1 == 1


async def test_a_review_that_was_taken_back_is_its_writers_again(talk: Talk) -> None:
    await a_full_life(talk)
    async with talk.store.write() as tx:
        await tx.execute(review.update().values(withdrawn_at=talk.clock.now()))
    assert (await exported(talk, "ana"))[0]["reviews_received"] == []
    assert len((await exported(talk, "ben"))[0]["reviews_written"]) == 1


async def test_words_in_the_readable_file_fetch_and_run_nothing(talk: Talk) -> None:
    await talk.practise("ana", f"{ANSWER} <script>x</script> ![p](http://e.vil/p.png) `x` \\\n# no heading")
    _, text = await exported(talk, "ana")
    assert "<script>" not in text and "![p](" not in text
    assert "&lt;script>x&lt;/script> !\\[p\\](http" in text
    assert "\n> # no heading" in text


async def test_an_export_of_somebody_new_is_short_and_whole(talk: Talk) -> None:
    assert "0 answers among it" in await talk("zoe", "/me export", direct=True)
    data, text = await exported(talk, "zoe")
    assert data["answers"] == [] and data["person"][0]["name"] == "Zoe"
    assert text.startswith("# Your Starling data")


# --- forget ------------------------------------------------------------------------------------------------------


async def test_forgetting_asks_first(talk: Talk) -> None:
    await talk.practise("ana")
    asked = await talk("ana", "/me forget", can_ask=True)
    assert asked == (
        "Delete everything about you?\n\n"
        "This deletes 1 answer with their feedback, your reviews of others, your points, streak, settings, reminder "
        "and memberships. It cannot be undone, not from a backup either.\n\n"
        "To keep a copy, first: /me export\n\n"
        "[Delete everything] [Export first]"
    )
    assert talk.erased == []
    assert "Streak: 1 day" in await talk("ana", "/streak")
    assert "Delete everything about you?" in await talk("ana", "/me forget confirm: no")
    assert "To do it: /me forget confirm: yes" in await talk("ana", "/me forget")


async def test_forgetting_leaves_no_trace(talk: Talk) -> None:
    await a_full_life(talk)
    ana = await talk.person("ana")
    assert SECRET in await everything_kept(talk.store)
    await talk("ana", "/me forget", can_ask=True)
    assert await talk.press("ana", "Delete everything") == (
        "You are forgotten.\n\n"
        "1 answer and everything else about you are deleted, and a backup that is put back will forget you, too. "
        "Messages that stand in channels can be deleted there.\n\n"
        "Your next command here begins anew, as somebody Starling has never met. Good luck out there."
    )
    kept = await everything_kept(talk.store)
    assert SECRET not in kept and "'ana'" not in kept
    async with talk.store.read() as tx:
        for table in metadata.sorted_tables:
            for key in table.foreign_keys:
                if key.column.table is person:
                    rows = await tx.execute(select(func.count()).where(key.parent == ana.id))
                    assert rows.scalar_one() == 0, table.name
        assert (await tx.execute(select(func.count()).select_from(schedule))).scalar_one() == 0
        assert (await tx.execute(select(func.count()).select_from(occurrence))).scalar_one() == 0
        assert await boards.recount(tx) == []
    assert talk.erased == ["test::ana"]
    talk.clock.advance(days=2)
    assert await talk.deliver() == []


async def test_forgetting_takes_nothing_from_others(talk: Talk) -> None:
    await a_full_life(talk)
    before, _ = await exported(talk, "ben")
    await talk("ana", "/me forget confirm: yes")
    after, _ = await exported(talk, "ben")
    gone = {
        "reviews_received",
        "reviews_written",
    }  # ana's words about ben, and ben's about an answer that is no more
    assert {k: v for k, v in after.items() if k not in gone and k != "points"} == {
        k: v for k, v in before.items() if k not in gone and k != "points"
    }
    assert [p["points"] for p in after["points"]] == [p["points"] for p in before["points"]]
    board = await talk("ben", "/leaderboard")
    assert "Ben" in board and "Ana" not in board


async def test_the_next_command_makes_somebody_new(talk: Talk) -> None:
    await a_full_life(talk)
    before = await talk.person("ana")
    await talk("ana", "/me forget confirm: yes")
    del talk.names["ana"]
    assert "Zone: Europe/Berlin (assumed; you have not said yours yet)" in await talk("ana", "/me show")
    after = await talk.person("ana")
    assert after.id != before.id and after.rest_days == frozenset()
    assert "Streak: 0 days" in await talk("ana", "/streak")


async def test_a_button_of_an_earlier_life_deletes_nothing(talk: Talk) -> None:
    await talk("ana", "/me forget", can_ask=True)
    action = talk.buttons("ana")["Delete everything"]
    await talk.press("ana", action)
    await talk.practise("ana")
    assert "Nothing was deleted." in await talk.press("ana", action)
    assert "Nothing was deleted." in await talk.press("ben", action)
    assert "Streak: 1 day" in await talk("ana", "/streak")


async def test_an_erasure_that_cannot_be_written_down_deletes_nothing(talk: Talk) -> None:
    await talk.practise("ana")

    def full(_keys: Sequence[str]) -> None:
        raise OSError(28, "No space left on device")

    talk.reconfigure(erased=full)
    said = await talk("ana", "/me forget confirm: yes")
    assert said.startswith(
        "The erasure could not be written down outside the database, so nothing was deleted."
    )
    assert "Streak: 1 day" in await talk("ana", "/streak")


async def test_what_is_deleted_is_gone_from_the_file_too(talk: Talk) -> None:
    """On SQLite freed bytes stay in the file unless they are overwritten."""
    await a_full_life(talk)
    await talk("ana", "/me forget confirm: yes")
    path = talk.store.path
    await talk.store.close()  # the log goes into the file
    if path is not None:
        assert SECRET.encode() not in path.read_bytes()


async def test_somebody_who_never_spoke_in_the_group_can_be_forgotten(talk: Talk) -> None:
    assert "You are forgotten." in await talk("zoe", "/me forget confirm: yes", direct=True)
    assert talk.erased == ["test::zoe"]


async def test_an_account_linked_to_another_is_written_down_with_it(talk: Talk) -> None:
    await talk("ana", "/me show")
    await talk("eva", "/me show")
    ana, eva = await talk.person("ana"), await talk.person("eva")
    async with talk.store.write() as tx:
        accounts = metadata.tables["account"]
        await tx.execute(accounts.update().where(accounts.c.person_id == eva.id).values(person_id=ana.id))
    await talk("ana", "/me forget confirm: yes")
    assert talk.erased == ["test::ana", "test::eva"]
