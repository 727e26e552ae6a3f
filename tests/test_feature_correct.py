"""``correct`` as conversations: sentences moved, items marked wrong, all of it kept, undone, and worth no points."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from conftest import NewDatabase
from moved_clock import MovedClock
from practising import FULL, THIN, story, studying, truth
from sqlalchemy import select
from talk import Talk
from two_platforms import Two

from core.corrections import PART_NAMES, SURE, mark_of
from core.feedback import TITLES, Reading, read
from core.reply import item_name
from core.store.engine import Line, Store, database_url
from core.store.tables import checklist, correction, point
from core.views import Checklist, File, Page, Select, blocks_of

QUESTION = "What are you proud of?"

# Sentences that could be any part: whatever tags them is sure of few.
VAGUE = (
    "It was a hard week for all of us. The numbers were what they were. Maria had said it could not be done. "
    "Then it worked. So that was that, and there it stood. Most of it was like this."
)


@pytest.fixture
async def talk(new_database: NewDatabase, clock: MovedClock) -> AsyncIterator[Talk]:
    async with Store(database_url(await new_database("sqlite"))) as store:
        yield await studying(store, clock)


def machine(text: str) -> Reading:
    """What the machine makes of an answer to "proud" by itself."""
    return read(text, question=QUESTION, level="mid")


async def kept(talk: Talk, answer_id: int = 1) -> Line:
    async with talk.store.read() as tx:
        return (await tx.execute(select(checklist).where(checklist.c.answer_id == answer_id))).one()


async def states(talk: Talk, answer_id: int = 1) -> dict[str, str]:
    return {item["key"]: item["state"] for item in (await kept(talk, answer_id)).checks}


async def corrections(talk: Talk) -> list[Line]:
    async with talk.store.read() as tx:
        return list((await tx.execute(select(correction).order_by(correction.c.place))).all())


async def points(talk: Talk) -> list[tuple[str, int, int]]:
    async with talk.store.read() as tx:
        rows = await tx.execute(select(point.c.kind, point.c.points, point.c.improved).order_by(point.c.id))
        return [tuple(r) for r in rows]  # type: ignore[misc]


def menus(talk: Talk, name: str = "ana") -> list[Select]:
    return [b for b in blocks_of(talk.views[name]) if isinstance(b, Select)]


async def choose(talk: Talk, menu: int, label: str, name: str = "ana") -> str:
    """Take the choice of that label in a menu of the last view."""
    of = menus(talk, name)[menu]
    (value,) = [c.value for c in of.choices if c.label == label]
    return await talk.press(name, f"{of.action}{value}")


def numbered(said: str) -> list[str]:
    return [line for line in said.split("\n") if line[:1].isdigit() and ". " in line[:4]]


# --- sentences ------------------------------------------------------------------------------------------


async def test_every_sentence_is_shown_with_its_part_and_an_unsure_one_says_so(talk: Talk) -> None:
    await talk("ana", f"/answer prompt: proud {FULL}")
    said = await talk.press("ana", "Correct it")
    shown = numbered(said)
    view = talk.views["ana"]
    assert isinstance(view, Page) and view.of == 2 and view.next is not None
    shown += numbered(await talk.press("ana", view.next))
    expected = machine(FULL).sentences
    assert len(shown) == len(expected) == 7
    for number, (line, each) in enumerate(zip(shown, expected, strict=True), 1):
        part = PART_NAMES[each.label]
        doubt = "" if each.confidence >= SURE else "? (unsure)"
        assert line == f"{number}. {part}{doubt}: {each.text}"


async def test_a_sentence_that_the_machine_is_unsure_of_is_confirmed_by_choosing_its_own_part(
    talk: Talk,
) -> None:
    number, each = next((n, s) for n, s in enumerate(machine(VAGUE).sentences, 1) if s.confidence < SURE)
    await talk("ana", f"/answer prompt: proud {VAGUE}")
    await talk.press("ana", "Correct it")
    said = await choose(talk, number - 1, PART_NAMES[each.label])
    assert f"{number}. {PART_NAMES[each.label]}, as you said: {each.text}" in said
    (row,) = await corrections(talk)
    assert (row.was, row.now) == (each.label, each.label)
    assert "already." in await choose(talk, number - 1, PART_NAMES[each.label])
    assert len(await corrections(talk)) == 1


async def test_one_press_moves_a_sentence_and_the_checklist_follows_at_once_and_later(talk: Talk) -> None:
    await talk("ana", f"/answer prompt: proud {THIN}")
    before = await states(talk)
    assert before["has_result"] != "met"
    await talk.press("ana", "Correct it")
    said = await choose(talk, 0, "Result")
    first = machine(THIN).sentences[0]
    assert said.startswith(
        "The reading of your answer to “Work you are proud of”, attempt 1\n\n"
        "Sentence 1 counts as Result now, as you said."
    )
    assert f"Result: {before['has_result']} before, met now." in said
    assert f"1. Result, as you said: {first.text}" in said
    assert f"+ Result: what came of it: met\n    “{first.text}”" in said
    (row,) = await corrections(talk)
    assert (row.answer_id, row.place, row.was, row.now, row.sentence) == (
        1,
        "s0",
        first.label,
        "R",
        first.text,
    )
    assert row.method == machine(THIN).tagger
    line = await kept(talk)
    items = {item["key"]: item for item in line.checks}
    assert items["has_result"]["state"] == "met" and items["has_result"]["quote"] == first.text
    assert items["has_result"]["machine"] == before["has_result"]
    assert "has_result" in line.met and list(items) == list(TITLES)
    said = await talk("ana", "/history proud")
    assert f"+ Result: what came of it: met\n    “{first.text}”" in said and "Corrected by you." in said
    assert "Result: what came of it: met" in await talk.press("ana", "Correct it")


async def test_a_correction_is_undone_and_everything_is_as_it_was_read(talk: Talk) -> None:
    await talk("ana", f"/answer prompt: proud {THIN}")
    before, met = await states(talk), (await kept(talk)).met
    await talk.press("ana", "Correct it")
    await choose(talk, 0, "Result")
    assert await states(talk) != before
    said = await talk.press("ana", "Undo")
    assert "That is undone." in said and "as you said" not in said
    assert (await states(talk), (await kept(talk)).met, await corrections(talk)) == (before, met, [])
    # The machine's own part, where it was sure of it, is the same as undoing.
    sure = next(n for n, s in enumerate(machine(THIN).sentences) if s.confidence >= SURE)
    await choose(talk, sure, "Other")
    assert len(await corrections(talk)) == 1
    await choose(talk, sure, PART_NAMES[machine(THIN).sentences[sure].label])
    assert (await states(talk), await corrections(talk)) == (before, [])
    # And all at once.
    await choose(talk, 0, "Action")
    await choose(talk, 1, "Result")
    assert "All your corrections of this answer are undone." in await talk.press("ana", "Undo all (2)")
    assert (await states(talk), await corrections(talk)) == (before, [])
    assert "There is nothing to undo" in await talk("ana", "/correct answer: 1 undo: all")
    assert "That is as the reading had it." in await talk("ana", "/correct answer: 1 undo: s1")


async def test_moving_a_sentence_twice_remembers_what_the_machine_had(talk: Talk) -> None:
    await talk("ana", f"/answer prompt: proud {THIN}")
    for part in ("action", "result", "result"):
        await talk("ana", f"/correct answer: 1 sentence: 2 part: {part}")
    (row,) = await corrections(talk)
    assert (row.was, row.now) == (machine(THIN).sentences[1].label, "R")


async def test_two_presses_at_once_are_both_kept(talk: Talk) -> None:
    await talk("ana", f"/answer prompt: proud {FULL}")
    parts = ("other", "task", "result", "situation", "action")
    lines = [f"/correct answer: 1 sentence: {n} part: {part}" for n, part in enumerate(parts, 1)]
    await asyncio.gather(*(talk("ana", line) for line in lines))
    wanted = dict(enumerate("OTRSA"))
    read_so = machine(FULL).sentences
    changed = {f"s{n}": label for n, label in wanted.items() if read_so[n].label != label}
    found = {row.place: row.now for row in await corrections(talk)}
    assert changed.items() <= found.items()
    again = read(FULL, question=QUESTION, level="mid", corrections=wanted)  # type: ignore[arg-type]
    assert await states(talk) == {key: check.state for key, check in again.checks.items()}


async def test_a_guided_answer_s_sentences_can_be_moved_too(talk: Talk) -> None:
    moved = "I packed the boxes of all forty shelves and labelled each of them with its new place."
    where = "In May our warehouse had to leave its old building within three weeks."
    await talk("ana", f'/guided prompt: proud situation: "{where}" result: "{moved}"')
    before = await states(talk)
    assert before["has_action"] != "met" and before["has_result"] == "met"
    said = await talk("ana", "/correct answer: 1 sentence: 2 part: action")
    assert f"2. Action, as you said: {moved}" in said
    after = await states(talk)
    assert after["has_action"] == "met" and after["has_result"] != "met"


# --- items ------------------------------------------------------------------------------------------


async def test_an_item_said_to_be_met_is_marked_missing_and_stays_so_in_every_view(talk: Talk) -> None:
    await talk("ana", f"/answer prompt: proud {FULL}")
    assert (await states(talk))["quantified_result"] == "met"
    await talk.press("ana", "Correct it")
    said = await choose(talk, -1, "Result has a number: no, it is missing")
    assert "“Result has a number” is missing now, as you said." in said
    assert "- Result has a number: missing\n    As you said." in said
    assert "quantified_result" not in (await kept(talk)).met
    said = await talk("ana", "/history proud")
    assert "- Result has a number: missing\n    As you said." in said
    # A sentence moved afterwards does not overrule what was said of the item itself.
    await talk("ana", "/correct answer: 1 sentence: 1 part: other")
    assert (await states(talk))["quantified_result"] == "missing"
    await talk("ana", "/correct answer: 1")
    await choose(talk, -1, "Result has a number: undo what I said")
    assert (await states(talk))["quantified_result"] == "met"


async def test_a_missing_item_becomes_met_by_a_sentence_that_the_member_picks_or_by_none(talk: Talk) -> None:
    await talk("ana", f"/answer prompt: proud {THIN}")
    before = await states(talk)
    assert before["first_person_ownership"] != "met"
    second = machine(THIN).sentences[1].text
    await talk.press("ana", "Correct it")
    said = await choose(talk, -1, "Your own part is clear: it is there")
    assert said.startswith("“Your own part is clear” is there, you say. Which sentence shows it best?")
    assert await corrections(talk) == [], "nothing is kept before a sentence is chosen"
    (menu,) = menus(talk)
    said = await talk.press("ana", f"{menu.action}{menu.choices[1].value}")
    assert f"+ Your own part is clear: met\n    “{second}”\n    As you said." in said
    (row,) = await corrections(talk)
    assert (row.place, row.was, row.now, row.sentence) == (
        "first_person_ownership",
        before["first_person_ownership"],
        "met",
        second,
    )
    # Another choice takes its place; and a press that comes twice changes nothing more.
    for _ in range(2):
        said = await talk("ana", "/correct answer: 1 check: first_person_ownership to: met by: 0")
        assert "+ Your own part is clear: met\n    As you said." in said
    (row,) = await corrections(talk)
    assert (row.was, row.now, row.sentence) == (before["first_person_ownership"], "met", "")
    assert "That is undone." in await talk.press("ana", "Undo")
    assert (await states(talk)) == before


async def test_every_item_can_be_marked_wrong_both_ways(talk: Talk) -> None:
    await talk("ana", f"/answer prompt: proud {FULL}")
    before = await states(talk)
    for key, state in before.items():
        wish = "missing" if state == "met" else "met by: 1"
        said = await talk("ana", f"/correct answer: 1 check: {key} to: {wish}")
        assert f"“{item_name(key)}” is {wish.partition(' ')[0]} now, as you said." in said
    flipped = {key: "missing" if state == "met" else "met" for key, state in before.items()}
    assert await states(talk) == flipped
    for key in before:
        await talk("ana", f"/correct answer: 1 check: {key} to: undo")
    assert (await states(talk), await corrections(talk)) == (before, [])


async def test_of_many_sentences_24_are_offered_at_once_and_menus_fit_every_platform(talk: Talk) -> None:
    text = " ".join(f"In week {n} I moved the team's {n} servers to the other hall." for n in range(1, 31))
    await talk("ana", f"/answer prompt: proud {text}")
    said = await talk.press("ana", "Correct it")
    view = talk.views["ana"]
    assert isinstance(view, Page) and view.of == 6 and len(numbered(said)) == 5
    assert all(len(menu.choices) <= 25 for menu in menus(talk))
    await talk("ana", "/correct answer: 1 check: lesson_learned to: met")
    view = talk.views["ana"]
    assert isinstance(view, Page) and (view.of, view.next is not None) == (2, True)
    assert [len(menu.choices) for menu in menus(talk)] == [25]
    await talk.press("ana", str(view.next))
    (menu,) = menus(talk)
    assert menu.choices[0].label.startswith("25. In week 25 ")
    said = await talk.press("ana", f"{menu.action}{menu.choices[0].value}")
    assert "“In week 25 I moved the team's 25 servers to the other hall.”\n    As you said." in said


# --- who, what, and what is not there ------------------------------------------------------------------------------


async def test_only_one_s_own_star_answers_can_be_corrected(talk: Talk) -> None:
    await talk("ana", f"/answer prompt: proud {THIN}")
    theirs = ("", " sentence: 1 part: result", " check: has_task", " undo: all")
    for more in theirs:
        said = await talk("bea", f"/correct answer: 1{more}")
        assert said.startswith("That answer is not there, or not yours.") and "import" not in said
    await talk("ana", f"/answer prompt: garage {story(30)}")
    assert "Correct it" not in talk.buttons("ana"), "boxes to tick are no reading"
    assert (await talk("ana", "/correct answer: 2")).startswith("There is no STAR checklist of that answer")
    await talk("ana", f"/feedback {FULL}")
    assert "Correct it" not in talk.buttons("ana"), "nothing of it is stored, so nothing can be corrected"
    await talk("ana", "/withdraw 1 sure: yes")
    assert "taken back" in await talk("ana", "/correct answer: 1 sentence: 1 part: result")
    assert await corrections(talk) == []


async def test_what_is_not_there_is_said_and_nothing_changes(talk: Talk) -> None:
    await talk("ana", f"/answer prompt: proud {THIN}")
    said = await talk("ana", "/correct answer: 1 sentence: 3 part: result")
    assert said.startswith("That answer has 2 sentences; there is no number 3. Nothing was changed.")
    assert (await talk("ana", "/correct answer: 1 check: has_luck")).startswith(
        "There is no item “has_luck”."
    )
    assert "“middle” is no part." in await talk("ana", "/correct answer: 1 sentence: 1 part: middle")
    stale = f"correct:answer=1;sentence=1;seen={mark_of('Another sentence.')};part=result"
    assert "numbered otherwise than when you saw them, so nothing was changed." in await talk.press(
        "ana", stale
    )
    assert await corrections(talk) == []


# --- points ------------------------------------------------------------------------------------------


async def mark_all(talk: Talk, answer_id: int, wish: str) -> None:
    for key in TITLES:
        await talk("ana", f"/correct answer: {answer_id} check: {key} to: {wish}")


async def test_items_met_by_correction_earn_nothing_then_or_later(talk: Talk, clock: MovedClock) -> None:
    await talk("ana", f"/answer prompt: proud {THIN}")
    clock.advance(hours=1)
    await talk("ana", f"/answer prompt: proud {THIN}")
    before = await points(talk)
    await mark_all(talk, 2, "met by: 1")
    assert set((await states(talk, 2)).values()) == {"met"} and (await kept(talk, 2)).newly_met > 0
    assert await points(talk) == before
    clock.advance(hours=1)
    await talk("ana", f"/answer prompt: proud {THIN}")
    assert await points(talk) == before
    await truth(talk, "ana")


async def test_marking_down_what_was_met_does_not_let_it_earn_again(talk: Talk, clock: MovedClock) -> None:
    await talk("ana", f"/answer prompt: proud {FULL}")
    before = await points(talk)
    await mark_all(talk, 1, "missing")
    for part in range(1, 8):
        await talk("ana", f"/correct answer: 1 sentence: {part} part: other")
    assert set((await states(talk)).values()) == {"missing"}
    clock.advance(hours=1)
    said = await talk("ana", f"/answer prompt: proud {FULL}")
    assert "New since your earlier attempts:" in said, "what its writer sees goes by what they said"
    assert "+5 points" not in said and await points(talk) == before
    await truth(talk, "ana")


async def test_an_item_met_by_correction_before_does_not_stand_in_the_way_of_earning_it(
    talk: Talk, clock: MovedClock
) -> None:
    await talk("ana", f"/answer prompt: proud {THIN}")
    thin, full = machine(THIN), machine(FULL)
    await mark_all(talk, 1, "met by: 0")
    clock.advance(hours=1)
    assert "+5 points" in await talk("ana", f"/answer prompt: proud {FULL}")
    (_, improved) = await points(talk)
    newly = {k for k, c in full.checks.items() if c.state == "met"} - {
        k for k, c in thin.checks.items() if c.state == "met"
    }
    assert improved == ("improvement", 5, len(newly))


# --- what becomes of corrections -----------------------------------------------------------------------------------


async def test_they_are_exported_and_go_when_their_writer_is_forgotten(talk: Talk) -> None:
    await talk("ana", f"/answer prompt: proud {THIN}")
    await talk("ana", "/correct answer: 1 sentence: 1 part: result")
    await talk("ana", "/me export")
    files = {
        f.name.rpartition(".")[2]: f.data.decode()
        for f in blocks_of(talk.views["ana"])
        if isinstance(f, File)
    }
    data: dict[str, Any] = json.loads(files["json"])
    first = machine(THIN).sentences[0]
    (row,) = data["corrections"]
    assert (row["place"], row["was"], row["now"], row["sentence"]) == ("s0", first.label, "R", first.text)
    assert (
        f"Your corrections:\n\n- place: s0; was: {first.label}; now: R; sentence: {first.text}" in files["md"]
    )
    await talk("ana", "/me forget confirm: yes")
    assert await corrections(talk) == []


async def test_they_hang_on_the_answer_when_accounts_are_linked(store: Store, clock: MovedClock) -> None:
    """On both databases: their replacing is spelt differently there."""
    two = await Two.begin(store, clock, packs=True)
    await two("ana", "/practice track: behavioural")
    await two("ana", f"/answer text: {THIN}")
    for part in ("result", "action"):
        await two("ana", f"/correct answer: 1 sentence: 1 part: {part}")
    await two("ana", "/me settings corrections: give")
    await two("ana@far", "/me show", direct=True)
    await two.link_accounts("ana@far", "ana")
    (row,) = await corrections(two)
    assert (row.answer_id, row.now) == (1, "A")
    said = await two("ana@far", "/correct answer: 1")
    assert "1. Action, as you said:" in said and "Undo all (1)" in two.buttons("ana@far")
    assert "Corrections: kept for you alone" in await two("ana@far", "/me show"), (
        "one of both had kept theirs"
    )


async def test_they_decide_when_the_answer_is_read_again(talk: Talk) -> None:
    """The same act told twice reads the answer anew; so does an outcome, and a start."""
    from core.answering import finish
    from core.store import answers, prompts

    await talk("ana", f"/answer prompt: proud {THIN}")
    await talk("ana", "/correct answer: 1 sentence: 1 part: result")
    await talk("ana", "/correct answer: 1 check: lesson_learned to: met by: 2")
    async with talk.store.read() as tx:
        answer = await answers.get(tx, 1)
        assert answer is not None
        prompt = await prompts.get_prompt(tx, answer.prompt_id)
    assert prompt is not None
    feedback = await finish(talk.app, answer, prompt, await talk.person("ana"))
    assert feedback.reading is not None
    assert feedback.reading.sentences[0].label == "R"
    assert feedback.reading.checks["lesson_learned"].quote == machine(THIN).sentences[1].text
    assert set(feedback.corrected) == {"s0", "lesson_learned"}
    assert (await states(talk))["lesson_learned"] == "met", "reading again leaves what is kept as it is"


async def test_consent_is_asked_for_given_and_taken_back(talk: Talk) -> None:
    await talk("ana", f"/answer prompt: proud {THIN}")
    said = await talk.press("ana", "Correct it")
    assert (
        "It stays with you; to give it, without names, for training the reader: /me settings corrections: give"
        in said
    )
    assert "Corrections: kept for you alone already." in await talk("ana", "/me settings corrections: keep")
    said = await talk("ana", "/me settings corrections: give")
    assert said.startswith("From now on; nothing that is over changes:\n\nCorrections: given without names")
    assert "other names and facts in your words are not" in said
    assert "You give your corrections, without names" in await talk("ana", "/correct answer: 1")
    assert "Corrections: given without names" in await talk("ana", "/me show")
    assert "Corrections: kept for you alone. None of yours" in await talk(
        "ana", "/me settings corrections: keep"
    )


async def test_the_checklist_of_the_sheet_is_the_one_that_is_kept(talk: Talk) -> None:
    await talk("ana", f"/answer prompt: proud {FULL}")
    await talk("ana", "/correct answer: 1 sentence: 6 part: other")
    await talk("ana", "/correct answer: 1 check: has_task to: missing")
    (shown,) = [b for b in blocks_of(talk.views["ana"]) if isinstance(b, Checklist)]
    kept_items = (await kept(talk)).checks
    assert [(i.label, i.state, i.quote or "", i.hint) for i in shown.items] == [
        (TITLES[i["key"]], i["state"], i["quote"], i.get("hint", "")) for i in kept_items
    ]
