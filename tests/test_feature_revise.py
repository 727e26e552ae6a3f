"""``revise`` and ``save`` as conversations, and the splitting of long answers over boxes as a property."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from moved_clock import MovedClock
from practising import FULL, THIN, plan, story, studying, truth
from sqlalchemy import select
from talk import Talk

from core.commands import Begin, begin
from core.keeping import FIELD_LIMIT, in_boxes, whole
from core.plain import clean_text
from core.services import Limits
from core.store.engine import Line, Store
from core.store.tables import answer
from core.views import Table, blocks_of


@pytest.fixture
async def talk(store: Store, clock: MovedClock) -> Talk:
    return await studying(store, clock)


async def kept(talk: Talk) -> list[Line]:
    async with talk.store.read() as tx:
        return list((await tx.execute(select(answer).order_by(answer.c.id))).all())


def numbered(words: int) -> str:
    """Different words, so that a lost one shows: sentences of ten, paragraphs of five sentences."""
    found = []
    for n in range(1, words + 1):
        end = "." if n % 10 == 0 else ""
        found.append(f"word{n}{end}" + ("\n\n" if n % 50 == 0 else " "))
    return "".join(found).strip()


# --- revising ------------------------------------------------------------------------------------------


async def test_revising_opens_the_text_and_keeps_another_attempt_that_is_compared(talk: Talk) -> None:
    await plan(talk, "behavioural")
    await talk("ana", f"/answer {THIN}")
    assert begin(talk.app.registry["revise"], ["answer"]) is Begin.FORM
    said = await talk.press("ana", "Revise")
    assert said.startswith("Revise: Work you are proud of\nWhat are you proud of?\n")
    text, more = talk.form("ana").fields
    assert (text.name, text.value, text.kind, text.required, text.most) == ("text", THIN, "text", True, 4000)
    assert (more.name, more.value, more.required, more.hint) == ("more", "", False, "")
    assert text.hint == "This is attempt 1. Sent, it is a new one, compared with this."
    said = await talk.submit("ana", {"text": FULL})
    assert said.startswith("Kept: your answer to “Work you are proud of” (attempt 2).")
    assert "New since your earlier attempts:" in said
    first, second = await kept(talk)
    assert (first.text, second.text, second.attempt) == (THIN, FULL, 2)
    assert first.occurrence_id is not None
    assert (second.occurrence_id, second.group_id) == (first.occurrence_id, talk.group_id)
    assert "1 member answered so far." in await talk("ana", "/today")
    await truth(talk, "ana")


async def test_once_the_drop_has_closed_a_revision_is_practice(talk: Talk, clock: MovedClock) -> None:
    await plan(talk, "behavioural")
    await talk("ana", f"/answer {THIN}")
    clock.advance(days=2)
    await talk.press("ana", "Revise")
    await talk.submit("ana", {"text": FULL})
    first, second = await kept(talk)
    assert first.occurrence_id is not None and second.occurrence_id is None
    assert (second.prompt_id, second.attempt, second.group_id) == (first.prompt_id, 2, talk.group_id)


async def test_who_has_left_the_group_revises_for_themselves(talk: Talk) -> None:
    await plan(talk, "behavioural")
    await talk("ana", f"/answer {THIN}")
    revise = talk.buttons("ana")["Revise"]
    await talk.press("ana", f"me leave now:group={talk.group_id}", direct=True)
    await talk.press("ana", revise, direct=True)
    await talk.submit("ana", {"text": FULL}, direct=True)
    first, second = await kept(talk)
    assert first.group_id == talk.group_id
    assert (second.group_id, second.occurrence_id, second.attempt) == (None, None, 2)


async def test_an_answer_of_9000_characters_is_revised_without_losing_a_word(talk: Talk) -> None:
    text = numbered(1150)
    assert 9000 < len(text) < 10_000
    await talk("ana", f"/answer prompt: proud text: {text}")
    await talk.press("ana", "Revise")
    fields = talk.form("ana").fields
    assert [f.name for f in fields] == ["text", "more", "more-3"]
    assert all(0 < len(f.value) <= FIELD_LIMIT for f in fields)
    assert all(f.value.endswith(".") for f in fields), "cut between sentences"
    await talk.submit("ana", {})
    first, second = await kept(talk)
    assert second.text.split() == first.text.split() == text.split()
    assert second.words == 1150


async def test_an_answer_as_long_as_is_kept_fills_every_box(talk: Talk) -> None:
    text = ("word " * 4000).strip()
    await talk("ana", f"/answer prompt: proud text: {text}")
    await talk.press("ana", "Revise")
    assert len(talk.form("ana").fields) == 5
    await talk.submit("ana", {})
    assert [r.words for r in await kept(talk)] == [4000, 4000]


async def test_an_answer_that_no_form_holds_is_said_to_be_so(talk: Talk) -> None:
    talk.reconfigure(limits=Limits(answer_characters=30_000))
    await talk("ana", f"/answer prompt: proud text: {story(5000)}")
    said = await talk.press("ana", "Revise")
    assert said.startswith("That answer is longer than a form can hold (24,999 characters).")


async def test_a_guided_answer_is_revised_as_one_text(talk: Talk) -> None:
    await plan(talk, "behavioural")
    await talk("ana", f'/guided situation: "Two years ago" task: "my part" action: "{THIN}" result: "done"')
    await talk.press("ana", "Revise")
    assert talk.form("ana").fields[0].value == f"Two years ago\nmy part\n{THIN}\ndone"
    await talk.submit("ana", {})
    first, second = await kept(talk)
    assert first.parts and second.parts is None and second.text == first.text


async def test_a_coding_answer_asks_again_how_it_went(talk: Talk) -> None:
    await plan(talk, "coding")
    await talk("ana", "/answer outcome: stuck text: I tried two loops.")
    await talk.press("ana", "Revise")
    assert [f.name for f in talk.form("ana").fields] == ["text", "more", "outcome"]
    await talk.submit("ana", {"text": "A dictionary does it.", "outcome": "solved"})
    first, second = await kept(talk)
    assert (first.outcome, second.outcome, second.counts) == ("stuck", "solved", True)


async def test_what_is_empty_or_too_long_comes_back_with_every_word(talk: Talk) -> None:
    talk.reconfigure(limits=Limits(answer_characters=300))
    await talk("ana", f"/answer prompt: proud {THIN}")
    await talk.press("ana", "Revise")
    said = await talk.submit("ana", {"text": story(40), "more": story(40, "wise")})
    assert "That answer has 399 characters; up to 300 are kept." in said
    assert talk.form("ana").fields[1].value == story(40, "wise")
    assert "!" in await talk.submit("ana", {"text": " ", "more": ""})
    assert len(await kept(talk)) == 1
    await talk.submit("ana", {"text": story(40), "more": ""})
    assert (await kept(talk))[1].text == story(40)


async def test_only_one_s_own_answers_that_are_not_taken_back_are_revised_or_saved(talk: Talk) -> None:
    await talk("ana", f"/answer prompt: proud {FULL}")
    for action in ("revise:answer=1", "save:answer=1"):
        for said in (await talk.press("ben", action), await talk.press("ben", action, organiser=True)):
            assert said.startswith("That answer is not there, or not yours.")
    await talk("ana", "/withdraw 1 sure: yes")
    for action in ("revise:answer=1", "save:answer=1"):
        assert (await talk.press("ana", action)).startswith("That answer is taken back")
    assert (await talk("ana", "/revise 1")).startswith("“text:” is missing")
    assert (await talk("ana", f"/revise 1 text: {FULL}")).startswith("That answer is taken back")
    assert len(await kept(talk)) == 1


# --- saving ------------------------------------------------------------------------------------------


async def test_the_best_are_kept_and_found_again(talk: Talk, clock: MovedClock) -> None:
    await talk("ana", f"/answer prompt: proud {FULL}")
    assert await talk.press("ana", "Save") == (
        "Saved: it is kept among your best, to make stories from.\n\n[Undo] [Saved answers]"
    )
    clock.advance(hours=1)
    await talk("ana", f"/answer prompt: garage {story(30)}")
    said = await talk("ana", "/history")
    assert "9 of 9, saved" in said and said.endswith("[Only the saved ones]")
    said = await talk.press("ana", "Only the saved ones")
    assert said.startswith("## Your 1 saved answer, newest first") and "garage" not in said
    assert "9 of 9, saved" in await talk.press("ana", "All answers")
    said = await talk("ana", "/history proud")
    assert "Saved.\n\n[Revise] [Correct it] [Share] [Remove from saved] [Take it back]" in said
    said = await talk.press("ana", "Remove from saved")
    assert said.startswith("It is not among your best any more. In your history it stays.")
    assert "saved" not in await talk("ana", "/history")
    assert await talk("ana", "/history saved: yes") == (
        "None of your answers is saved. “Save” stands under each checklist, and under each attempt.\n\n[All answers]"
    )


async def test_saved_answers_are_turned_page_by_page(talk: Talk, clock: MovedClock) -> None:
    for n in range(12):
        await talk("ana", f"/answer prompt: two-sum {story(n + 1)}")
        await talk.press("ana", "Save")
        clock.advance(minutes=1)
    await talk("ana", "/answer prompt: two-sum unsaved")
    said = await talk("ana", "/history saved: yes")
    assert said.startswith("## Your 12 saved answers") and "Page 1 of 2" in said
    said = await talk.press("ana", "history:saved=yes;page=2")
    (table,) = [b for b in blocks_of(talk.views["ana"]) if isinstance(b, Table)]
    assert [row[2:] for row in table.rows] == [("2", "saved"), ("1", "saved")] and "Page 2 of 2" in said


async def test_what_is_taken_back_is_not_among_the_best(talk: Talk) -> None:
    await talk("ana", f"/answer prompt: proud {FULL}")
    await talk.press("ana", "Save")
    await talk("ana", "/withdraw 1 sure: yes")
    assert (await talk("ana", "/history saved: yes")).startswith("None of your answers is saved.")


# --- boxes ------------------------------------------------------------------------------------------


def units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


@given(
    st.text(st.sampled_from("ab é。.!\n\t \u00a0💡中"), max_size=400),
    st.integers(min_value=8, max_value=60),
)
def test_pieces_fit_and_hold_every_character_that_is_no_blank(text: str, limit: int) -> None:
    pieces = in_boxes(text, 400, limit)
    assert pieces is not None
    assert all(0 < units(p) <= limit for p in pieces)
    assert "".join("".join(pieces).split()) == "".join(text.split())


@given(st.lists(st.text("abc.", min_size=1, max_size=8), max_size=60), st.sampled_from(["\n", " ", "\n\n"]))
def test_no_word_is_cut_while_words_fit(words: list[str], between: str) -> None:
    text = between.join(words)
    pieces = in_boxes(text, 400, 10)
    assert pieces is not None
    assert clean_text(whole(*pieces)).split() == text.split()


def test_a_cut_falls_where_a_line_or_a_sentence_ends() -> None:
    assert in_boxes("One two.\nThree four.", 5, 14) == ["One two.", "Three four."]
    assert in_boxes("One two. Three four", 5, 14) == ["One two.", "Three four"]
    assert in_boxes("One two three four", 5, 10) == ["One two", "three four"]
    assert in_boxes("", 5, 10) == []
    assert in_boxes("one two three", 2, 5) is None


def test_where_kind_cuts_need_too_many_boxes_they_are_late() -> None:
    assert in_boxes("aaaaaa.\nbb cccc dddddd", 2, 12) == ["aaaaaa.\nbb", "cccc dddddd"]
