"""``reviews`` as conversations: what a writer sees of their reviews, and thanks for what helped."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator

import pytest
from conftest import NewDatabase
from moved_clock import MovedClock
from practising import THIN, story, studying, truth
from reviewing import WORDS, kept, paid, shares, writes
from sqlalchemy import select
from talk import ANSWER, HOME, Talk

from core.export import _safe
from core.feedback import TITLES, read
from core.review_items import STAR_ITEMS
from core.rules.agreement import Judged, agreement, side_by_side
from core.store import weekly
from core.store.engine import Store, database_url
from core.store.tables import meta, point, practice_log
from core.views import Checklist, File, Page, Text, blocks_of

WEEK = "2026-W10"
KEYS = [item.id for item in STAR_ITEMS]


@pytest.fixture
async def talk(new_database: NewDatabase, clock: MovedClock) -> AsyncIterator[Talk]:
    async with Store(database_url(await new_database("sqlite"))) as store:
        yield await studying(store, clock)


# --- told ------------------------------------------------------------------------------------------


async def test_a_writer_is_told_once_an_hour_for_each_answer(talk: Talk, clock: MovedClock) -> None:
    first, second = await shares(talk, "ana"), await shares(talk, "ana", THIN, prompt="conflict-won")
    told = (
        "Your answer to “Work you are proud of” has been reviewed. “reviews” shows it beside the checklist."
    )
    for name in ("ben", "cem"):
        await writes(talk, name, first)
    await writes(talk, "ben", second)
    said = await talk("ana", "/streak")
    assert said.startswith(
        f"{told}\n\n" + told.replace("Work you are proud of", "A conflict, won") + "\n\nStreak"
    )
    assert "reviewed" not in await talk("ana", "/streak")
    clock.advance(minutes=30)
    await writes(talk, "dia", first)
    await writes(talk, "ben", first, words="Changed, which is no news at all.")
    assert "reviewed" not in await talk("ana", "/streak")
    clock.advance(minutes=31)
    await writes(talk, "ben", first, words="Changed once more, an hour later.")
    assert "reviewed" not in await talk("ana", "/streak"), "what is changed is no news, however late"
    await writes(talk, "eva", first)
    assert (await talk("ana", "/streak")).startswith(told)
    clock.advance(days=2)
    await writes(talk, "fay", first)
    async with talk.store.read() as tx:
        keys = (
            (await tx.execute(select(meta.c.key).where(meta.c.key.startswith("reviewed:")))).scalars().all()
        )
    assert keys == [f"reviewed:{first}"], "what is old is swept"


# --- side by side ------------------------------------------------------------------------------------------


async def test_every_review_stands_beside_what_the_machine_found(talk: Talk) -> None:
    number = await shares(talk, "ana", THIN)
    await writes(talk, "ben", number, seen="1,3,10", missing="5,9", words="Say what it cost.")
    await writes(talk, "cem", number, seen="1", missing="3,5", words="")
    said = await talk("ana", "/reviews")
    assert "- Work you are proud of, attempt 1: 2 reviews, the last on Mon 02 Mar 2026" in said
    said = await talk("ana", f"/reviews answer: {number}")
    assert said.startswith("2 reviews of your answer to “Work you are proud of”, attempt 1\n\n")
    machine = read(THIN, question="What are you proud of?", level="mid").checks
    pick = [KEYS[n - 1] for n in (1, 3, 10)], [KEYS[n - 1] for n in (5, 9)]
    lines = side_by_side(
        KEYS, [Judged(*pick), Judged(KEYS[:1], [KEYS[2], KEYS[4]])], {k: c.state for k, c in machine.items()}
    )
    (shown,) = [b for b in blocks_of(talk.views["ana"]) if isinstance(b, Checklist)]
    says = {item.label: (item.state.value, item.hint) for item in shown.items}
    expected = {
        "has_situation": "2 saw it.",
        "has_action": "1 saw it, 1 found it clearly missing.",
        "quantified_result": "2 found it clearly missing.",
        "lesson_learned": "1 found it clearly missing.",
    }
    assert says == {
        TITLES[k]: (c.state, expected.get(k, "No reviewer ticked it.")) for k, c in machine.items()
    }
    assert not any(item.quote for item in shown.items)
    found = agreement(lines)
    assert found is not None and found.least < found.most
    assert (
        f"Of the 9 items that the machine reads, your reviewers and the machine agree on {found.least} to {found.most}."
        in said
    )
    assert f"{found.most - found.least} are open: nobody ticked them" in said
    assert "What only people can judge\n\n- It answers the question that was asked: 1 saw it." in said
    assert "Ben, Mon 02 Mar 2026: 3 items seen, 2 clearly missing\n\n| Say what it cost." in said
    assert "Cem, Mon 02 Mar 2026: 1 item seen, 2 clearly missing\n\n[This helped me]" in said


async def test_where_both_sides_differ_is_named_and_nothing_is_one_score(talk: Talk) -> None:
    number = await shares(talk, "ana")
    met = [n for n, key in enumerate(KEYS, 1) if key in TITLES]
    await writes(talk, "ben", number, seen=",".join(map(str, met[2:])), missing="1,2", words="")
    said = await talk("ana", f"/reviews answer: {number}")
    assert "your reviewers and the machine agree on 7. They differ on: Situation and Task.\n\n" in said, (
        "the machine found all nine in this one"
    )
    assert "%" not in said
    await writes(talk, "cem", number, seen="1", missing="", words="")
    said = await talk("ana", f"/reviews answer: {number}")
    assert "agree on 7 to 8. They differ on: Task. 1 is open: nobody ticked it" in said


async def test_without_anything_to_compare_that_is_said(talk: Talk) -> None:
    number = await shares(talk, "ana")
    await writes(talk, "ben", number, seen="10", missing="", words="")
    said = await talk("ana", f"/reviews answer: {number}")
    assert (
        "No item yet on which both a reviewer and the machine are sure, so there is nothing to compare."
        in said
    )


async def test_corrections_stay_out_of_the_comparison(talk: Talk) -> None:
    number = await shares(talk, "ana")
    await talk("ana", f"/correct answer: {number} check: lesson_learned to: missing")
    await writes(talk, "ben", number, seen="9", missing="", words="")
    said = await talk("ana", f"/reviews answer: {number}")
    assert f"+ {TITLES['lesson_learned']}: met\n    1 saw it." in said
    assert "Your corrections are left out here" in said
    assert "Your corrections" not in await talk("ana", f"/review checklist answer: {number}")


async def test_an_answer_that_no_machine_reads_has_its_own_ticks_beside_them(talk: Talk) -> None:
    await talk("ana", f"/answer prompt: garage text: {story(40)}")
    await talk.press("ana", "tick:answer=1;item=scope")
    await talk.press("ana", "share:answer=1;how=name")
    await writes(talk, "ben", 1, seen="1,2", missing="3", words="")
    said = await talk("ana", "/reviews answer: 1")
    items = talk.app.rubrics["system-design-4-step"].items
    assert (
        f"Item by item\n\n- {items[0].label}: 1 saw it. You ticked it.\n- {items[1].label}: 1 saw it.\n"
        in said
    )
    assert (
        f"- {items[2].label}: 1 found it clearly missing.\n- {items[3].label}: No reviewer ticked it." in said
    )
    assert "machine" not in said


async def test_many_reviews_come_in_pages_the_oldest_first(talk: Talk, clock: MovedClock) -> None:
    number = await shares(talk, "ana")
    names = ("ben", "cem", "dia", "eva", "fay", "gus")
    for name in names:
        await writes(talk, name, number, words=f"This is what {name} has to say.")
        clock.advance(minutes=1)
    said = await talk("ana", f"/reviews answer: {number}")
    assert re.findall(r"what (\w+) has", said) == list(names[:3]) and "agree on" in said
    view = talk.views["ana"]
    assert isinstance(view, Page) and view.of == 2 and view.next is not None
    said = await talk.press("ana", view.next)
    assert re.findall(r"what (\w+) has", said) == list(names[3:]) and "agree on" not in said
    await talk.press("ana", "This helped me")
    view = talk.views["ana"]
    assert isinstance(view, Page) and view.number == 2, "and one stays where one was"


async def test_the_list_has_the_answer_reviewed_last_first(talk: Talk, clock: MovedClock) -> None:
    assert (await talk("ana", "/reviews")).startswith("Nobody has reviewed an answer of yours yet.")
    for n in range(12):
        await shares(talk, "ana", story(20 + n))
        clock.advance(minutes=1)
    for number in range(1, 13):
        await writes(talk, "ben", number)
        clock.advance(minutes=1)
    said = await talk("ana", "/reviews")
    assert "12 answers of yours with reviews" in said
    attempts = [int(n) for n in re.findall(r"attempt (\d+): 1 review,", said)]
    view = talk.views["ana"]
    assert isinstance(view, Page) and view.next is not None
    attempts += [int(n) for n in re.findall(r"attempt (\d+): 1 review,", await talk.press("ana", view.next))]
    assert attempts == list(range(12, 0, -1))
    assert (await talk("ben", "/reviews")).startswith("Nobody has reviewed")


async def test_an_attempt_in_the_history_has_a_way_to_its_reviews(talk: Talk) -> None:
    number = await shares(talk, "ana")
    await talk("ana", "/history proud")
    assert not any(label.startswith("Reviews") for label in talk.buttons("ana"))
    for name in ("ben", "cem"):
        await writes(talk, name, number)
    await talk("cem", f"/review withdraw answer: {number} sure: yes")
    await talk("ana", "/history proud")
    assert WORDS in await talk.press("ana", "Reviews (1)")


async def test_others_see_nothing_of_it(talk: Talk) -> None:
    number = await shares(talk, "ana")
    await writes(talk, "ben", number)
    (row,) = await kept(talk)
    for name, organiser in (("ben", False), ("cem", True)):
        said = await talk.press(name, f"reviews:answer={number}", organiser=organiser)
        assert said.startswith("That answer is not there, or not yours.")
        said = await talk.press(name, f"reviews helpful:review={row.id}", organiser=organiser)
        assert said.startswith("That review is not there, or taken back meanwhile.")
    assert (await kept(talk))[0].helpful_at is None


# --- whose they are ------------------------------------------------------------------------------------------


async def test_who_is_hidden_or_gone_is_somebody(talk: Talk) -> None:
    number = await shares(talk, "ana")
    for name in ("ben", "cem", "dia"):
        await writes(talk, name, number)
    await talk("ben", "/me hide hidden: yes")
    await talk.press("cem", f"me leave now:group={talk.group_id}", direct=True)
    said = await talk("ana", f"/reviews answer: {number}")
    assert said.count("Somebody, Mon 02 Mar 2026") == 2 and "Dia, Mon" in said
    assert "Ben" not in said and "Cem" not in said


async def test_words_are_words(talk: Talk) -> None:
    text = "@everyone **look** at [this](https://example.org)"
    number = await shares(talk, "ana")
    await writes(talk, "ben", number, words=text)
    await talk("ana", f"/reviews answer: {number}")
    quotes = [b.words for b in blocks_of(talk.views["ana"]) if isinstance(b, Text) and b.style == "quote"]
    assert quotes == [(text,)]


# --- helpful ------------------------------------------------------------------------------------------


async def test_thanks_are_given_once_and_pay_and_are_told(talk: Talk) -> None:
    number = await shares(talk, "ana")
    await writes(talk, "ben", number)
    await talk("ana", f"/reviews answer: {number}")
    old = talk.views["ana"]
    said = await talk.press("ana", "This helped me")
    assert "Its writer is told that it helped you." in said and "You marked it as helpful." in said
    assert "This helped me" not in talk.buttons("ana")
    talk.views["ana"] = old
    assert "You marked that one before." in await talk.press("ana", "This helped me")
    assert await paid(talk, "ben") == [("review", 4), ("helpful", 2)]
    told = "Your review of an answer to “Work you are proud of” helped the one who wrote it. Thank you! +2 points."
    said = await talk("ben", "/streak")
    assert said.startswith(f"{told}\n\nStreak") and "Ana" not in said
    await truth(talk, "ana", "ben")
    assert "6 points went with it." in await talk("ben", f"/review withdraw answer: {number} sure: yes")
    assert not await paid(talk, "ben")
    talk.views["ana"] = old
    assert (await talk.press("ana", "This helped me")).startswith(
        "That review is not there, or taken back meanwhile."
    )
    await truth(talk, "ana", "ben")


async def test_two_presses_at_once_are_one(talk: Talk) -> None:
    number = await shares(talk, "ana")
    await writes(talk, "ben", number)
    action = f"reviews helpful:review={(await kept(talk))[0].id}"
    await asyncio.gather(*(talk.dispatcher.press(action, talk.who("ana"), HOME) for _ in range(4)))
    assert await paid(talk, "ben") == [("review", 4), ("helpful", 2)]
    await truth(talk, "ben")


async def test_thanks_for_a_review_that_earned_nothing_pay_nothing(talk: Talk) -> None:
    for name in ("ana", "cem", "dia", "eva"):
        await shares(talk, name, story(30, name))
    for number in range(1, 5):
        await writes(talk, "ben", number)
    await talk("eva", "/reviews answer: 4")
    await talk.press("eva", "This helped me")
    assert await paid(talk, "ben") == [("review", 4)] * 3
    assert "helped the one who wrote it. Thank you!\n\nStreak" in await talk("ben", "/streak")


async def test_the_most_helpful_reviewer_of_the_week_is_named(talk: Talk, clock: MovedClock) -> None:
    number = await shares(talk, "ana")
    await writes(talk, "ben", number)
    await writes(talk, "cem", number)
    await talk("ana", f"/reviews answer: {number}")
    await talk.press("ana", f"reviews helpful:review={(await kept(talk))[1].id}")
    async with talk.store.read() as tx:
        found = await weekly.reviewer(tx, talk.group_id, WEEK)
    assert found is not None and (found.name, found.helpful, found.reviews) == ("Cem", 1, 1)


# --- leaving ------------------------------------------------------------------------------------------


async def exported(talk: Talk, name: str) -> str:
    await talk(name, "/me export")
    return "\n".join(f.data.decode() for f in blocks_of(talk.views[name]) if isinstance(f, File))


async def test_what_was_reviewed_and_written_is_in_an_export_without_names(talk: Talk) -> None:
    talk.names["ben"] = "Benedetta"
    number = await shares(talk, "ana")
    await writes(talk, "ben", number)
    assert _safe(WORDS) in (text := await exported(talk, "ana")) and "Benedetta" not in text
    assert _safe(WORDS) in (text := await exported(talk, "ben")) and "nine hours" not in text


async def test_who_is_forgotten_takes_their_words_along(talk: Talk) -> None:
    number = await shares(talk, "ana")
    await writes(talk, "ben", number)
    await writes(talk, "cem", number, words="Another pair of eyes saw this.")
    await talk("ben", "/me forget confirm: yes")
    said = await talk("ana", f"/reviews answer: {number}")
    assert WORDS not in said and "1 review of your answer" in said and "Another pair of eyes" in said
    await truth(talk, "ana", "cem")


async def test_who_is_forgotten_takes_the_reviews_of_their_answers_along_and_no_points(talk: Talk) -> None:
    number = await shares(talk, "ana", ANSWER)
    await writes(talk, "ben", number)
    await talk("ana", f"/reviews answer: {number}")
    await talk.press("ana", "This helped me")
    await talk("ana", "/me forget confirm: yes")
    assert not await kept(talk)
    assert await paid(talk, "ben") == [("review", 4), ("helpful", 2)]
    async with talk.store.read() as tx:
        assert (
            await tx.execute(select(point.c.answer_id).where(point.c.kind == "review"))
        ).scalars().all() == [None]
        rows = await tx.execute(select(practice_log.c.answer_id).where(practice_log.c.kind == "review"))
        assert rows.scalars().all() == [None], "the day of the one who reviewed stays"
    await truth(talk, "ben")
