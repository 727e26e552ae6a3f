"""``review`` as conversations: what waits, what is ticked and said, changed, taken back; and who may do none of it."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

import pytest
from conftest import NewDatabase
from moved_clock import MovedClock
from practising import FULL, SMALL, THIN, plan, story, studying, truth
from reviewing import ELSEWHERE, WORDS, kept, logged, paid, shares, writes
from sqlalchemy import delete, select
from talk import HOME, Talk
from two_platforms import FAR, Two

from core.call import Request
from core.feedback import TITLES
from core.review_items import STAR_ITEMS
from core.store import prompts
from core.store.engine import Store, database_url
from core.store.tables import checklist, occurrence
from core.views import File, Form, FormErrors, Text, blocks_of

NOT_SHARED = "That answer is not shared with you just now, so it cannot be reviewed. Your own you cannot review either."
NONE = "No shared answer waits for your review just now. Thank you for looking."


@pytest.fixture
async def talk(new_database: NewDatabase, clock: MovedClock) -> AsyncIterator[Talk]:
    async with Store(database_url(await new_database("sqlite"))) as store:
        yield await studying(store, clock)


async def drop_of(talk: Talk) -> str:
    schedule = await plan(talk, "behavioural")
    async with talk.store.read() as tx:
        found = await tx.execute(select(occurrence.c.id).where(occurrence.c.schedule_id == schedule))
        return f"d{found.scalar_one()}"


# --- what waits ------------------------------------------------------------------------------------------


async def test_an_answer_is_shown_without_its_checklist_and_with_what_to_look_for(talk: Talk) -> None:
    number = await shares(talk, "ana")
    said = await talk("ben", "/review")
    assert said.startswith(
        "## What are you proud of?\n\nAna, 106 words\n\n| At my last job our nightly import"
    )
    assert "Nobody has reviewed it yet." in said
    assert not any(title in said for title in TITLES.values()) and ": met" not in said
    listed = "\n".join(f"{n}. {item.label}" for n, item in enumerate(STAR_ITEMS, 1))
    assert f"What to look for:\n\n{listed}\n\n" in said
    assert list(talk.buttons("ben")) == ["Review", "Another one", "Not now"]
    assert said == await talk("ben", f"/review answer: {number}")
    assert (await talk.press("ben", "Not now")).startswith("Fine. It waits for you, or for somebody else")


async def test_fewest_reviews_come_first_and_then_who_has_waited_longest(
    talk: Talk, clock: MovedClock
) -> None:
    for name in ("ana", "cem", "dia"):
        await shares(talk, name, story(30, name))
        clock.advance(minutes=1)
    await writes(talk, "eva", 1)
    assert "| cem cem" in await talk("ben", "/review")
    assert "| dia dia" in await talk.press("ben", "Another one")
    assert "| ana ana" in await talk.press("ben", "Another one")
    assert await talk.press("ben", "Another one") == (
        "That was the last one that waits for a review just now.\n\n[From the beginning]"
    )
    assert "| cem cem" in await talk.press("ben", "From the beginning")
    await writes(talk, "ben", 2)
    assert "| dia dia" in await talk.press("ben", "Another one"), "what is reviewed waits no longer"
    await writes(talk, "ben", 3)
    await writes(talk, "ben", 1)
    assert await talk("ben", "/review") == NONE
    assert await talk("ana", "/review") != NONE


async def test_one_that_is_reviewed_meanwhile_hides_none_of_the_others(talk: Talk, clock: MovedClock) -> None:
    for name in ("ana", "cem"):
        await shares(talk, name, story(30, name))
        clock.advance(minutes=1)
    assert "| ana ana" in await talk("ben", "/review")
    await writes(talk, "dia", 1)
    assert "| cem cem" in await talk.press("ben", "Another one")


async def test_a_review_that_was_taken_back_is_none_for_those_who_wait(talk: Talk, clock: MovedClock) -> None:
    for name in ("ana", "cem"):
        await shares(talk, name, story(30, name))
        clock.advance(minutes=1)
    await writes(talk, "dia", 1)
    assert "| cem cem" in await talk("ben", "/review")
    await talk("dia", "/review withdraw answer: 1 sure: yes")
    assert "| ana ana" in (said := await talk("ben", "/review")) and "Nobody has reviewed it yet." in said


async def test_what_one_took_back_is_not_offered_again(talk: Talk) -> None:
    number = await shares(talk, "ana")
    await writes(talk, "ben", number)
    await talk("ben", f"/review withdraw answer: {number} sure: yes")
    assert await talk("ben", "/review") == NONE
    assert "[Review]" in await talk("ben", f"/review answer: {number}"), "and still it can be written anew"


async def test_an_open_question_has_to_be_answered_first_and_a_closed_one_not(
    talk: Talk, clock: MovedClock
) -> None:
    drop = await drop_of(talk)
    await talk("ana", f"/answer {FULL}")
    await talk.press("ana", "share:answer=1;how=name")
    assert await talk("ben", "/review") == (
        f"{NONE}\n\n1 shared answer opens once you have answered the question yourself.\n\n[Today's question]"
    )
    for refused in (await talk("ben", "/review answer: 1"), await writes(talk, "ben", 1)):
        assert refused.startswith("Please answer that question yourself first") and "import" not in refused
    assert not await kept(talk)
    await talk("cem", f"/answer {THIN}")
    assert "nightly import took nine hours" in await talk("cem", "/review")
    clock.advance(days=3)
    assert "nightly import took nine hours" in await talk("ben", "/review")
    assert "once you have answered" in await talk("ben", f"/shared prompt: {drop}"), (
        "reading for pleasure is another"
    )
    assert "Kept:" in await writes(talk, "ben", 1)


async def test_the_review_button_stands_under_each_shared_answer_of_others(talk: Talk) -> None:
    drop = await drop_of(talk)
    for name, text in (("ana", FULL), ("ben", THIN)):
        await talk(name, f"/answer {text}")
        await talk.press(name, "Share")
        await talk.press(name, "With my name")
    await talk("ben", f"/shared prompt: {drop}")
    assert "Review" in talk.buttons("ben") and "Unshare" not in talk.buttons("ben")
    await talk.press("ben", "Review")
    await talk.submit("ben", {"seen": ("has_task",), "words": ""})
    await talk("ben", f"/shared prompt: {drop}")
    assert "Review" not in talk.buttons("ben")
    assert "- I know what they had to do" in await talk.press("ben", "Your review")
    await talk("ben", f"/shared prompt: {drop} page: 2")
    assert not {"Review", "Your review"} & set(talk.buttons("ben")), "one's own"


async def test_a_long_answer_is_read_to_its_end(talk: Talk) -> None:
    text = " ".join(f"word{n}" for n in range(1000))
    await shares(talk, "ana", text)
    await talk("ben", "/review")
    read: list[str] = []
    for part in (1, 2, 3, 4):
        assert f"part {part} of 4" in str(talk.views["ben"]) and "Review" in talk.buttons("ben")
        (quote,) = [b for b in blocks_of(talk.views["ben"]) if isinstance(b, Text) and b.style == "quote"]
        assert isinstance(quote.words[0], str)
        read += quote.words[0].split()
        if part < 4:
            await talk.press("ben", "Read on")
    assert read == text.split() and "Read on" not in talk.buttons("ben")


async def test_in_a_direct_message_it_is_the_same(talk: Talk) -> None:
    number = await shares(talk, "ana")
    await talk("ben", "/streak")
    assert "Ana, 106 words" in await talk("ben", "/review", direct=True)
    await talk.press("ben", "Review", direct=True)
    assert "Kept:" in await talk.submit("ben", {"words": WORDS}, direct=True)
    assert WORDS in await talk("ana", f"/reviews answer: {number}", direct=True)


# --- writing ------------------------------------------------------------------------------------------


async def test_a_review_is_ticked_twice_and_said_once_and_counts(talk: Talk) -> None:
    number = await shares(talk, "ana")
    await talk("ben", "/review")
    assert "Review: Ana" in await talk.press("ben", "Review")
    form = talk.form("ben")
    assert [(f.name, f.kind, f.required) for f in form.fields] == [
        ("seen", "many", False),
        ("missing", "many", False),
        ("words", "text", False),
    ]
    assert form.fields[0].choices == form.fields[1].choices and form.fields[2].most == 500
    assert [c.value for c in form.fields[0].choices] == [item.id for item in STAR_ITEMS]
    said = await talk.submit(
        "ben", {"seen": ("has_result", "has_situation"), "missing": ("lesson_learned",), "words": WORDS}
    )
    assert said == (
        "Kept: your review of Ana's answer to “Work you are proud of”. Thank you.\n\n"
        "It counts for Monday 2 March 2026. Streak: 1 day. +4 points: a review of somebody's answer.\n\n"
        "[Another one] [Edit] [See the checklist] [Withdraw]"
    )
    (row,) = await kept(talk)
    assert (row.answer_id, row.seen, row.missing, row.words) == (
        number,
        ["has_situation", "has_result"],
        ["lesson_learned"],
        WORDS,
    )
    assert await paid(talk, "ben") == [("review", 4)] and await logged(talk, "ben") == 1
    assert "Streak: 1 day" in await talk("ben", "/streak")
    await truth(talk, "ana", "ben")


@pytest.mark.parametrize("way", ["pressed", "typed"])
async def test_an_item_ticked_both_ways_keeps_all_that_was_sent(talk: Talk, way: str) -> None:
    number = await shares(talk, "ana")
    sentence = (
        "Ticked both as seen and as clearly missing: “I know what they had to do”, “I can follow what was done”. "
        "Please take one of the two ticks away. Nothing was stored yet."
    )
    if way == "typed":
        said = await writes(talk, "ben", number, seen="1,2,3", missing="2,3")
        assert said.startswith(sentence) and "For example: /review write answer: 1" in said
    else:
        await talk.press("ben", f"review write:answer={number}")
        both = {
            "seen": ("has_task", "has_action"),
            "missing": ("has_task", "has_action", "has_result"),
            "words": WORDS,
        }
        await talk.submit("ben", both)
        view = talk.views["ben"]
        assert isinstance(view, FormErrors) and view.errors == {"missing": sentence}
        values = {
            "seen": "has_task, has_action",
            "missing": "has_task, has_action, has_result",
            "words": WORDS,
        }
        assert {f.name: f.value for f in view.form.fields} == values
        # Closed, and opened again later: every tick and every word is there.
        await talk.press("ben", f"review write:answer={number}")
        view = talk.views["ben"]
        assert isinstance(view, Form) and {f.name: f.value for f in view.fields} == values
    assert not await kept(talk) and not await logged(talk, "ben")
    if way == "pressed":
        assert "Kept:" in await talk.submit("ben", {"seen": (), "missing": ("has_result",)})
        (row,) = await kept(talk)
        assert (row.seen, row.missing, row.words) == ([], ["has_result"], WORDS)
        await talk.press("ben", f"review write:answer={number}")
        assert talk.form("ben").fields[0].value == "", "the draft went with the review that was kept"


async def test_a_form_that_is_sent_with_one_item_twice_can_be_told_so_at_once(talk: Talk) -> None:
    """Where errors have to be told with the acknowledgement of a form, before anything is looked up."""

    values: dict[str, object] = {"answer": "1", "seen": ("a", "b"), "missing": ("b", "c", "a"), "words": ""}
    request = Request("review write", talk.who("ben"), HOME, values, submitted=True)
    assert talk.dispatcher.wrong(request) == {
        "missing": "2 items are ticked as seen as well. Please take one of the two ticks away."
    }
    fine = Request(
        "review write", talk.who("ben"), HOME, values | {"missing": "", "seen": ("a",)}, submitted=True
    )
    assert talk.dispatcher.wrong(fine) == {}


@pytest.mark.parametrize(
    ("values", "field", "sentence"),
    [
        ({"words": ""}, "words", "Tick at least one item, or write a sentence of 3 words or more."),
        ({"words": "Well done!"}, "words", "Tick at least one item, or write a sentence of 3 words or more."),
        ({"words": "a" * 501}, "words", "“words” has 501 characters; 500 is the most."),
        (
            {"seen": ("has_hat",), "words": ""},
            "seen",
            "There is no item “has_hat”. Name items by their numbers, 1 to 10,",
        ),
    ],
)
async def test_what_cannot_be_taken_is_said_at_its_field(
    talk: Talk, values: dict[str, object], field: str, sentence: str
) -> None:
    number = await shares(talk, "ana")
    await talk.press("ben", f"review write:answer={number}")
    await talk.submit("ben", values)
    view = talk.views["ben"]
    assert isinstance(view, FormErrors) and list(view.errors) == [field]
    assert view.errors[field].startswith(sentence) and not await kept(talk)


async def test_typed_items_go_by_number_or_by_name(talk: Talk) -> None:
    number = await shares(talk, "ana")
    await writes(talk, "ben", number, seen="10,HAS_TASK", missing="none", words="")
    (row,) = await kept(talk)
    assert (row.seen, row.missing, row.words) == (["has_task", "answers_question"], [], "")
    await writes(talk, "ben", number, seen="all", missing="")
    (row,) = await kept(talk)
    assert row.seen == [item.id for item in STAR_ITEMS]
    assert "“words:” is missing" in await talk("ben", f"/review write answer: {number} seen: 1")


async def test_a_small_review_is_kept_and_counts_for_no_day_until_it_is_more(talk: Talk) -> None:
    number = await shares(talk, "ana")
    said = await writes(talk, "ben", number, seen="1", missing="", words="")
    assert "With 3 items, or a sentence of 6 words, a review counts for the day, too." in said
    assert "Streak" not in said and not await paid(talk, "ben") and not await logged(talk, "ben")
    said = await writes(talk, "ben", number, seen="1", missing="2,3", words="")
    assert said.startswith("Changed: your review of Ana's answer") and "+4 points" in said
    assert await paid(talk, "ben") == [("review", 4)]
    await truth(talk, "ben")


async def test_changing_a_review_counts_once_and_pays_once(talk: Talk, clock: MovedClock) -> None:
    number = await shares(talk, "ana")
    await writes(talk, "ben", number)
    clock.advance(days=1)
    await talk("ben", f"/review answer: {number}")
    assert await talk.press("ben", "Edit")
    form = talk.form("ben")
    assert [f.value for f in form.fields] == [
        "has_situation, has_task, has_action",
        "quantified_result",
        WORDS,
    ]
    said = await talk.submit("ben", {"words": "Now that I read it again: it is there."})
    assert (
        said.startswith("Changed: your review of Ana's answer")
        and "points" not in said
        and "counts" not in said
    )
    (row,) = await kept(talk)
    assert row.words.startswith("Now that") and row.edited_at == clock.now() != row.at
    assert await paid(talk, "ben") == [("review", 4)] and await logged(talk, "ben") == 1
    await truth(talk, "ben")


async def test_three_a_day_pay_and_the_rest_are_gifts_that_count(talk: Talk, clock: MovedClock) -> None:
    names = ("ana", "cem", "dia", "eva")
    for name in names:
        await shares(talk, name, story(30, name))
    said = [await writes(talk, "ben", n) for n in range(1, 5)]
    assert ["+4 points" in each for each in said] == [True, True, True, False]
    assert "3 reviews a day earn points; this one is a gift." in said[3]
    assert await logged(talk, "ben") == 4 and await paid(talk, "ben") == [("review", 4)] * 3
    clock.advance(days=1)
    await shares(talk, "fay")
    assert "+4 points" in await writes(talk, "ben", 5) and "Streak: 2 days" in await talk("ben", "/streak")
    assert "12" not in await talk("ana", "/leaderboard") and "16" in await talk("ana", "/leaderboard")
    await truth(talk, "ben", *names)


async def test_a_question_of_another_track_has_its_own_rubric(talk: Talk) -> None:
    await talk("ana", f"/answer prompt: garage text: {story(40)}")
    await talk.press("ana", "share:answer=1;how=name")
    rubric = talk.app.rubrics["system-design-4-step"]
    said = await talk("ben", "/review")
    assert f"1. {rubric.items[0].label}" in said and STAR_ITEMS[0].label not in said
    await talk.press("ben", "Review")
    assert [c.value for c in talk.form("ben").fields[0].choices] == [item.id for item in rubric.items]
    await talk.submit("ben", {"seen": ("numbers", "scope", "drive"), "words": ""})
    assert (await kept(talk))[0].seen == ["scope", "numbers", "drive"]
    assert (await talk.press("ben", "See the checklist")).startswith("No machine reads answers of this kind")


async def test_where_there_is_nothing_to_tick_a_sentence_is_asked_for(talk: Talk) -> None:
    talk.reconfigure(rubrics={})
    await talk("ana", f"/answer prompt: team text: {story(40)}")
    await talk.press("ana", "share:answer=1;how=name")
    assert "What to look for" not in await talk("ben", "/review")
    await talk.press("ben", "Review")
    assert [f.name for f in talk.form("ben").fields] == ["words"]
    assert "Kept:" in await talk.submit("ben", {"words": WORDS})
    said = await talk.press("ben", "review:answer=1")
    assert f"Nothing ticked.\n\n| {WORDS}" in said


async def test_words_are_words(talk: Talk) -> None:
    number = await shares(talk, "ana")
    text = "@everyone **look** at [this](https://example.org)\nand at\u202e this"
    await talk.press("ben", f"review write:answer={number}")
    await talk.submit("ben", {"words": text})
    await talk("ben", f"/review answer: {number}")
    quotes = [b.words for b in blocks_of(talk.views["ben"]) if isinstance(b, Text) and b.style == "quote"]
    assert quotes[1:] == [("@everyone **look** at [this](https://example.org) and at this",)]


# --- taking it back ------------------------------------------------------------------------------------------


async def test_a_review_is_taken_back_its_points_go_and_its_day_stays(talk: Talk) -> None:
    number = await shares(talk, "ana")
    await writes(talk, "ben", number)
    await talk("ben", f"/review answer: {number}")
    asked = await talk.press("ben", "Withdraw")
    assert asked.startswith("Take this review back?") and (await kept(talk))[0].withdrawn_at is None
    assert await talk.press("ben", "Yes, take it back") == (
        "It is taken back. 4 points went with it. Your day stays counted.\n\n[Write it anew]"
    )
    assert (await kept(talk))[0].withdrawn_at is not None
    assert not await paid(talk, "ben") and await logged(talk, "ben") == 1
    assert "Streak: 1 day" in await talk("ben", "/streak")
    await truth(talk, "ben")
    for line in (f"/review withdraw answer: {number}", f"/review withdraw answer: {number} sure: yes"):
        assert (await talk("ben", line)).startswith("There is no review of yours to take back.")
    assert "no reviews" in await talk("ana", f"/reviews answer: {number}")
    await talk.press("ben", f"review write:answer={number}")
    assert talk.form("ben").fields[2].value == WORDS, "what was written is not lost"
    said = await talk.submit("ben", {})
    assert said.startswith("Kept: your review") and "points" not in said
    assert not await paid(talk, "ben") and await logged(talk, "ben") == 1
    assert WORDS in await talk("ana", f"/reviews answer: {number}")
    await truth(talk, "ben")


async def test_a_review_can_be_taken_back_when_its_answer_is_shared_no_more(talk: Talk) -> None:
    number = await shares(talk, "ana")
    await writes(talk, "ben", number)
    await talk.press("ana", f"share:answer={number};how=stop")
    assert "It is taken back." in await talk("ben", f"/review withdraw answer: {number} sure: yes")


# --- the checklist ------------------------------------------------------------------------------------------


async def test_the_checklist_opens_for_who_has_reviewed_as_the_machine_had_it(talk: Talk) -> None:
    number = await shares(talk, "ana")
    await talk("ana", f"/correct answer: {number} check: lesson_learned to: missing")
    closed = await talk("ben", f"/review checklist answer: {number}")
    assert closed.startswith("Please review the answer first") and "met" not in closed
    await writes(talk, "ben", number)
    said = await talk("ben", f"/review checklist answer: {number}")
    assert said.startswith("What the machine found in Ana's answer to “Work you are proud of”")
    async with talk.store.read() as tx:
        row = (await tx.execute(select(checklist).where(checklist.c.answer_id == number))).one()
    states = {item["key"]: item.get("machine", item["state"]) for item in row.checks}
    assert states["lesson_learned"] == "met" and [i for i in row.checks if i["state"] == "missing"]
    for key, title in TITLES.items():
        assert f"{title}: {states[key]}" in said, key
    assert "As you said" not in said and "See the checklist" not in talk.buttons("ben")
    await talk("ben", f"/review withdraw answer: {number} sure: yes")
    assert (await talk("ben", f"/review checklist answer: {number}")).startswith(
        "Please review the answer first"
    )


async def test_a_checklist_that_is_not_made_yet_is_said_to_be(talk: Talk) -> None:
    number = await shares(talk, "ana")
    await writes(talk, "ben", number)
    async with talk.store.write() as tx:
        await tx.execute(delete(checklist).where(checklist.c.answer_id == number))
    assert (await talk.press("ben", "See the checklist")).startswith("Its checklist could not be made yet.")
    assert f"Item by item\n\n- {STAR_ITEMS[0].label}: 1 saw it." in await talk(
        "ana", f"/reviews answer: {number}"
    )


async def test_what_a_writer_moved_shows_nothing_to_others(talk: Talk) -> None:
    number = await shares(talk, "ana", THIN)
    assert "Result: what came of it: met" in await talk(
        "ana", f"/correct answer: {number} sentence: 1 part: result"
    )
    await writes(talk, "ben", number)
    said = await talk("ben", f"/review checklist answer: {number}")
    (line,) = re.findall(r"Result: what came of it: (\w+)\n(.*)", said)
    assert line[0] != "met" and "“" not in line[1]


# --- who may not ------------------------------------------------------------------------------------------


async def refused(talk: Talk, name: str, number: int, sentence: str = NOT_SHARED, **where: object) -> None:
    """Whatever ``name`` tries with that answer leads nowhere, and shows nothing of it."""
    before = await kept(talk)
    for action in (
        f"review:answer={number}",
        f"review write:answer={number}",
        f"review checklist:answer={number}",
    ):
        said = await talk.press(name, action, **where)  # type: ignore[arg-type]
        assert said.startswith(sentence) and "import" not in said and "Ana" not in said, action
    action = f"review write:answer={number};seen=1;words={WORDS}"
    for said in (
        await talk.press(name, action, **where),  # type: ignore[arg-type]
        await talk.press(name, f"{action};missing=2", can_ask=False, **where),  # type: ignore[arg-type]
    ):
        assert said.startswith(sentence), said
    assert await kept(talk) == before


async def test_nobody_reviews_themselves(talk: Talk) -> None:
    number = await shares(talk, "ana")
    assert await talk("ana", "/review") == NONE
    await refused(talk, "ana", number)


async def test_nor_by_another_account_of_theirs(new_database: NewDatabase, clock: MovedClock) -> None:
    async with Store(database_url(await new_database("sqlite"))) as store:
        two = await Two.begin(store, clock)
        async with store.write() as tx:
            await prompts.install(tx, SMALL, None, clock.now())
        await two.link_groups()
        number = await shares(two, "ana")
        await two.far("ana", "/review")
        two.views["old"] = two.views["ana@far"]
        assert "Review" in two.buttons("ana@far")
        await two.link_accounts("ana", "ana@far")
        two.views["ana@far"] = two.views["old"]
        assert (await two.press_far("ana", "Review")).startswith(NOT_SHARED), "an old button neither"
        assert NONE in await two.far("ana", "/review")
        await refused(two, "ana@far", number, where=FAR)


async def test_members_of_other_groups_see_nothing_of_it(talk: Talk) -> None:
    await talk.found("Early birds", ELSEWHERE)
    number = await shares(talk, "ana")
    assert await talk("zoe", "/review", where=ELSEWHERE) == NONE
    await refused(talk, "zoe", number, where=ELSEWHERE)
    await refused(talk, "zoe", 99, where=ELSEWHERE)


async def test_who_has_left_reviews_no_more_and_is_reviewed_no_more(talk: Talk) -> None:
    hers, his = await shares(talk, "ana"), await shares(talk, "ben", THIN)
    await talk.press("ana", f"me leave now:group={talk.group_id}", direct=True)
    await refused(talk, "ben", hers)
    for way in ("write", "checklist"):
        assert (await talk.press("ana", f"review {way}:answer={his}", direct=True)).startswith(NOT_SHARED)
    assert "You are in no study group yet." in await talk("ana", "/review", direct=True)


@pytest.mark.parametrize("how", ["unshared", "taken back", "taken down"])
async def test_what_is_shared_no_more_is_reviewed_no_more_and_the_reviews_stay(talk: Talk, how: str) -> None:
    number = await shares(talk, "ana")
    await writes(talk, "cem", number)
    await talk("ben", "/review")
    old = talk.views["ben"]
    if how == "unshared":
        await talk.press("ana", f"share:answer={number};how=stop")
    elif how == "taken back":
        await talk("ana", f"/withdraw {number} sure: yes")
    else:
        await talk.press("olga", f"share remove:answer={number}", organiser=True)
    talk.views["ben"] = old
    assert (await talk.press("ben", "Review")).startswith(NOT_SHARED), "an old button"
    await refused(talk, "ben", number)
    await refused(talk, "cem", number)
    assert await talk("ben", "/review") == NONE
    said = await talk("ana", f"/reviews answer: {number}")
    assert WORDS in said and "nine hours" not in said


async def test_a_form_that_was_open_when_the_answer_went_comes_back_with_its_words(talk: Talk) -> None:
    number = await shares(talk, "ana")
    await talk.press("ben", f"review write:answer={number}")
    await talk.press("ana", f"share:answer={number};how=stop")
    said = await talk.submit("ben", {"seen": ("has_task",), "words": WORDS})
    assert said.startswith(NOT_SHARED) and "your-words.txt" in said and not await kept(talk)


async def test_a_nameless_answer_stays_nameless(talk: Talk) -> None:
    talk.names["ana"] = "Zuleika"
    number = await shares(talk, "ana", how="anonymous")
    said = await talk("ben", "/review")
    assert "Somebody, 106 words" in said
    said += await talk.press("ben", "Review")
    said += await talk.submit("ben", {"seen": ("has_task",), "missing": ("has_task",), "words": WORDS})
    said += await talk.submit("ben", {"missing": ()})
    assert "Kept: your review of the answer to “Work you are proud of”." in said
    said += await talk.press("ben", "See the checklist")
    said += await talk("ben", f"/review answer: {number}")
    said += await talk("ben", f"/review withdraw answer: {number}")
    await talk("ben", "/me export")
    said += "".join(f.data.decode() for f in blocks_of(talk.views["ben"]) if isinstance(f, File))
    assert WORDS in said and "Zuleika" not in said
