"""Sharing answers as conversations: hidden until answered, with a name or without, taken back, taken down."""

from __future__ import annotations

import pytest
from moved_clock import MovedClock
from practising import FULL, THIN, plan, story, studying, truth
from sqlalchemy import select
from talk import ANSWER, Talk

from core.call import Where
from core.store import asides, facts, shares
from core.store.engine import Store
from core.store.tables import answer, delivery, occurrence
from core.views import Page, Text, blocks_of

ELSEWHERE = Where("test", "other server", "channel", "#elsewhere")


@pytest.fixture
async def talk(store: Store, clock: MovedClock) -> Talk:
    return await studying(store, clock)


async def drop_of(talk: Talk, *tracks: str) -> str:
    """A question of the group that is open now; its handle."""
    schedule = await plan(talk, *(tracks or ("behavioural",)))
    async with talk.store.read() as tx:
        found = await tx.execute(select(occurrence.c.id).where(occurrence.c.schedule_id == schedule))
        return f"d{found.scalar_one()}"


async def answered_and_shared(talk: Talk, name: str, text: str, how: str = "With my name") -> str:
    """``name`` answers the open question and shares it; what they read then."""
    await talk(name, f"/answer {text}")
    await talk.press(name, "Share")
    return await talk.press(name, how)


async def newest(talk: Talk) -> int:
    async with talk.store.read() as tx:
        found: int = (
            await tx.execute(select(answer.c.id).order_by(answer.c.id.desc()).limit(1))
        ).scalar_one()
    return found


def page_of(talk: Talk, name: str) -> Page:
    view = talk.views[name]
    assert isinstance(view, Page)
    return view


# --- sharing ------------------------------------------------------------------------------------------


async def test_an_answer_is_shared_in_two_presses_and_read_by_who_has_answered(talk: Talk) -> None:
    drop = await drop_of(talk)
    await talk("ana", f"/answer {FULL}")
    assert await talk.press("ana", "Share") == (
        "Share this answer with Night owls? Members can read it once they have answered the question themselves. "
        "When the question is closed, or was practice, any member may read and review it. Its checklist stays out of "
        "it; whoever has reviewed the answer may ask to see it.\n\n[With my name] [Without my name] [Not now]"
    )
    assert await talk.press("ana", "With my name") == (
        "Shared with Night owls, with your name. Members can read it once they have answered the question themselves. "
        "When the question is closed, or was practice, any member may read and review it.\n\n"
        "Its checklist stays out of it; whoever has reviewed the answer may ask to see it.\n\n"
        "[Unshare] [Shared answers]"
    )
    said = await talk("ben", "/today")
    assert "1 member answered so far. You have not answered it yet.\n\n" in said
    assert "1 shared answer: it opens once you have answered." in said
    assert "[Share] [Shared answers]" in said
    assert await talk.press("ben", "Shared answers") == (
        "There is 1 shared answer here for you once you have answered yourself.\n\nSo that your answer is your own."
        "\n\n[Answer]"
    )
    await talk("ben", f"/answer {THIN}")
    said = await talk.press("ben", "Shared answers")
    assert said.startswith(
        "## What are you proud of?\n\nAna, 106 words\n\n| At my last job our nightly import"
    )
    assert "met" not in said.replace(FULL, ""), "the checklist is not shared"
    assert "Unshare" not in talk.buttons("ben") and "Take it down" not in talk.buttons("ben")
    assert said == await talk("ben", f"/shared prompt: {drop}")
    assert "Ana (you), 106 words" in await talk("ana", f"/shared prompt: {drop}")
    assert set(talk.buttons("ana")) == {"Unshare"}


async def test_not_now_shares_nothing(talk: Talk) -> None:
    drop = await drop_of(talk)
    assert await answered_and_shared(talk, "ana", FULL, "Not now") == (
        "Fine. It stays yours alone, and you can share it later."
    )
    await talk("ben", f"/answer {THIN}")
    assert await talk("ben", f"/shared prompt: {drop}") == (
        "Nobody has shared an answer to this one yet.\n\n[Share mine]"
    )
    await talk.press("ben", "Share mine")
    assert "Shared with Night owls" in await talk.press("ben", "With my name")


@pytest.mark.parametrize("organiser", [False, True])
async def test_nobody_reads_what_is_shared_before_they_have_answered(talk: Talk, organiser: bool) -> None:
    drop = await drop_of(talk)
    await answered_and_shared(talk, "ana", FULL)
    await talk("ben", "/today")
    for page in ("", ";page=1", ";page=2"):
        said = await talk.press("ben", f"shared:prompt={drop}{page}", organiser=organiser)
        assert "import" not in said and "Ana" not in said and "once you have answered yourself" in said
    await talk("ben", f"/answer {THIN}")
    assert "nine hours" in await talk.press("ben", f"shared:prompt={drop}", organiser=organiser)
    await talk("ben", f"/withdraw {await newest(talk)} sure: yes")
    assert "nine hours" not in await talk.press("ben", f"shared:prompt={drop}", organiser=organiser)


async def test_an_answer_of_long_ago_opens_nothing_and_a_late_one_does(talk: Talk, clock: MovedClock) -> None:
    await talk("ben", f"/answer prompt: proud {THIN}")
    clock.advance(hours=1)
    drop = await drop_of(talk)
    await answered_and_shared(talk, "ana", FULL)
    assert "nine hours" not in await talk("ben", f"/shared prompt: {drop}")
    clock.advance(days=3)
    assert "nine hours" not in await talk("ben", f"/shared prompt: {drop}")
    await talk.press("ben", "Answer")
    await talk.submit("ben", {"text": THIN})
    assert "nine hours" in await talk("ben", f"/shared prompt: {drop}")


async def test_a_nameless_answer_has_no_name_anywhere(talk: Talk) -> None:
    drop = await drop_of(talk)
    talk.names["ana"] = "Zuleika"
    said = await answered_and_shared(talk, "ana", FULL, "Without my name")
    assert "without your name" in said
    await talk("ben", f"/answer {THIN}")
    said = await talk.press("ben", f"shared:prompt={drop}", organiser=True)
    assert "Somebody, 106 words" in said and "Zuleika" not in said
    said += await talk("ben", "/today")
    said += await talk.press("ben", f"share remove:answer={await newest(talk) - 1}", organiser=True)
    assert "Zuleika" not in said
    async with talk.store.read() as tx:
        (note,) = await facts.actions(tx, talk.group_id)
        topic = shares.Topic(1, talk.group_id, int(drop[1:]))
        assert await shares.shared_answer(tx, topic, 1) is None
    assert "Zuleika" not in note.detail and note.name == "Ben"
    assert "Somebody (you)" not in await talk("ana", f"/shared prompt: {drop}"), "it is down"


async def test_one_s_own_nameless_answer_says_so(talk: Talk) -> None:
    drop = await drop_of(talk)
    await answered_and_shared(talk, "ana", FULL, "Without my name")
    assert "Somebody (you), 106 words" in await talk("ana", f"/shared prompt: {drop}")
    said = await talk("ana", "/history proud")
    assert "Shared without your name." in said and "[Unshare]" in said


async def test_sharing_again_changes_the_name_and_not_the_place(talk: Talk, clock: MovedClock) -> None:
    drop = await drop_of(talk)
    await answered_and_shared(talk, "ana", FULL)
    first = await newest(talk)
    clock.advance(minutes=1)
    await answered_and_shared(talk, "ben", THIN)
    clock.advance(minutes=1)
    assert await talk.press("ana", f"share:answer={first}") == (
        "This answer is shared with Night owls already, with your name.\n\n[Without my name] [Unshare]"
    )
    for _ in range(2):
        assert "without your name" in await talk.press("ana", f"share:answer={first};how=anonymous")
    assert "Somebody, 106 words" in await talk.press("ben", f"shared:prompt={drop}")
    assert "Page 1 of 2" in await talk.press("ben", f"shared:prompt={drop}"), "and it is there once"


async def test_unsharing_takes_it_out_of_sight(talk: Talk) -> None:
    drop = await drop_of(talk)
    await answered_and_shared(talk, "ana", FULL)
    await talk("ben", f"/answer {THIN}")
    assert await talk.press("ana", "Unshare") == "It is yours alone again.\n\n[Share]"
    assert "nine hours" not in await talk("ben", f"/shared prompt: {drop}")
    assert "shared answer" not in await talk("ben", "/today")
    mine = await newest(talk) - 1
    assert await talk.press("ana", f"share:answer={mine};how=stop") == "That answer is not shared."


async def test_what_is_taken_back_is_not_shared_any_more(talk: Talk) -> None:
    drop = await drop_of(talk)
    await answered_and_shared(talk, "ana", FULL)
    mine = await newest(talk)
    await talk("ben", f"/answer {THIN}")
    await talk("ana", f"/withdraw {mine} sure: yes")
    assert "nine hours" not in await talk("ben", f"/shared prompt: {drop}")
    assert "taken back" in await talk.press("ana", f"share:answer={mine};how=name")
    assert "nine hours" not in await talk("ben", f"/shared prompt: {drop}")
    await truth(talk, "ana", "ben")


async def test_only_the_writer_shares_and_unshares(talk: Talk) -> None:
    drop = await drop_of(talk)
    await answered_and_shared(talk, "ana", FULL)
    hers = await newest(talk)
    await talk("ben", f"/answer {THIN}")
    for how in ("", ";how=stop", ";how=anonymous"):
        for organiser in (False, True):
            said = await talk.press("ben", f"share:answer={hers}{how}", organiser=organiser)
            assert said.startswith("That answer is not there, or not yours.")
    assert "Ana, 106 words" in await talk("ben", f"/shared prompt: {drop}")


# --- by question ------------------------------------------------------------------------------------------


async def test_the_card_shares_the_newest_answer_that_counts(talk: Talk, clock: MovedClock) -> None:
    drop = await drop_of(talk)
    for text in (story(30, "older"), story(30, "newer"), "short one"):
        await talk("ana", f"/answer prompt: {drop} text: {text}")
        clock.advance(minutes=1)
    await talk("ana", f"/withdraw {await newest(talk) - 1} sure: yes")
    await talk("ana", "/today")
    said = await talk.press("ana", "Share")
    assert "Share this answer with Night owls?" in said
    await talk.press("ana", "With my name")
    assert "| older older" in await talk("ana", f"/shared prompt: {drop}")


async def test_without_an_answer_that_counts_the_card_offers_to_answer(talk: Talk) -> None:
    drop = await drop_of(talk)
    for line in ("/today", "/answer short"):
        await talk("ana", line)
        assert await talk.press("ana", f"share:prompt={drop}") == (
            "You have no answer to this one yet that counts. Once you have, you can share it here.\n\n[Answer]"
        )
    assert "What are you proud of?" in await talk.press("ana", "Answer")


async def test_a_share_that_names_nothing_says_where_to_press(talk: Talk) -> None:
    assert (await talk("ana", "/share")).startswith("Please say which answer")
    assert (await talk("ana", "/share answer: 99")).startswith("That answer is not there, or not yours.")
    assert (await talk("ana", "/shared prompt: d99")).startswith("That question is not there")
    assert (await talk("ana", "/share prompt: d99")).startswith("That question is not there")


async def test_practice_is_shared_with_the_group_apart_from_its_drops(talk: Talk, clock: MovedClock) -> None:
    await talk("ana", f"/answer prompt: proud {story(40, 'practised')}")
    practised = await newest(talk)
    await talk.press("ana", f"share:answer={practised};how=name")
    by_prompt = talk.buttons("ana")["Shared answers"]
    clock.advance(hours=1)
    drop = await drop_of(talk)
    await talk("ben", f"/answer {THIN}")
    assert "Nobody has shared" in await talk("ben", f"/shared prompt: {drop}")
    assert "| practised practised" in await talk.press("ben", by_prompt)
    assert "once you have answered" in await talk.press("cem", by_prompt)


async def test_after_an_answer_others_answers_are_one_press_away(talk: Talk) -> None:
    await drop_of(talk)
    await talk("ana", f"/answer {FULL}")
    assert "Shared answers" not in talk.buttons("ana")
    await talk.press("ana", "Share")
    await talk.press("ana", "With my name")
    await talk("ben", f"/answer {THIN}")
    assert list(talk.buttons("ben")) == [
        "Revise",
        "Correct it",
        "Share",
        "Save",
        "My attempts",
        "Shared answers",
    ]
    assert "nine hours" in await talk.press("ben", "Shared answers")


# --- groups ------------------------------------------------------------------------------------------


async def test_members_of_another_group_never_see_it(talk: Talk) -> None:
    await talk.found("Early birds", ELSEWHERE)
    drop = await drop_of(talk)
    await answered_and_shared(talk, "ana", FULL)
    hers = await newest(talk)
    await talk("zoe", f"/answer prompt: proud {THIN}", where=ELSEWHERE)
    for organiser in (False, True):
        for action in (f"shared:prompt={drop}", f"share:prompt={drop}"):
            said = await talk.press("zoe", action, where=ELSEWHERE, organiser=organiser)
            assert said.startswith("That question is not there, or not one of your group's.")
        said = await talk.press("zoe", f"share:answer={hers}", where=ELSEWHERE, organiser=organiser)
        assert said.startswith("That answer is not there")
    said = await talk.press("zoe", f"share remove:answer={hers}", where=ELSEWHERE, organiser=True)
    assert said.startswith("No shared answer of this group has that number.")
    assert "1 shared answer" in await talk("ana", "/today")


async def test_in_a_direct_message_it_is_the_same(talk: Talk) -> None:
    drop = await drop_of(talk)
    await talk("ben", f"/answer {THIN}")
    await talk("ana", "/today")
    await talk("ana", f"/answer {FULL}", direct=True)
    await talk.press("ana", "Share", direct=True)
    assert "Shared with Night owls" in await talk.press("ana", "With my name", direct=True)
    assert "nine hours" in await talk("ben", f"/shared prompt: {drop}", direct=True)


async def test_an_answer_given_in_no_group_has_nobody_to_be_shared_with(talk: Talk) -> None:
    await talk("zoe", f"/answer prompt: proud {FULL}", direct=True)
    assert set(talk.buttons("zoe")) == {"Revise", "Correct it", "Save", "My attempts"}
    said = await talk.press("zoe", f"share:answer={await newest(talk)};how=name", direct=True)
    assert said.startswith(
        "That answer was given outside any study group, so there is nobody to share it with."
    )


async def test_who_leaves_the_group_takes_what_they_shared_along(talk: Talk) -> None:
    drop = await drop_of(talk)
    await answered_and_shared(talk, "ana", FULL)
    hers = await newest(talk)
    await talk("ben", f"/answer {THIN}")
    await talk.press("ana", f"me leave now:group={talk.group_id}", direct=True)
    assert "nine hours" not in await talk("ben", f"/shared prompt: {drop}")
    assert "shared answer" not in await talk("ben", "/today")
    said = await talk.press("ana", f"share:answer={hers};how=name", direct=True)
    assert said.startswith("You have left the group that this answer was given in")
    assert "nine hours" not in await talk("ana", f"/shared prompt: {drop}", direct=True)
    assert await talk.press("ana", f"share:answer={hers};how=stop", direct=True) == (
        "It is yours alone again.\n\n[Share]"
    )


# --- pages ------------------------------------------------------------------------------------------


async def test_shared_answers_are_a_page_each_the_newest_last(talk: Talk, clock: MovedClock) -> None:
    drop = await drop_of(talk)
    for name in ("ana", "ben", "cem"):
        await answered_and_shared(talk, name, story(25, name))
        clock.advance(minutes=1)
    said = await talk("ben", f"/shared prompt: {drop}")
    assert "Ana, 25 words" in said and said.endswith("Page 1 of 3  [Later]")
    for whose, ends in (("Ben (you)", "[Earlier] [Later]"), ("Cem", "[Earlier]")):
        following = page_of(talk, "ben").next
        assert following is not None
        said = await talk.press("ben", following)
        assert f"{whose}, 25 words" in said and said.endswith(ends)
    assert page_of(talk, "ben").next is None
    assert "Cem, 25 words" in await talk("ben", f"/shared prompt: {drop} page: 99")
    await talk.press("cem", f"share:answer={await newest(talk)};how=stop")
    assert "Ben (you), 25 words" in await talk("ben", f"/shared prompt: {drop} page: 3")


async def test_a_long_answer_is_read_to_its_end(talk: Talk) -> None:
    drop = await drop_of(talk)
    text = " ".join(f"word{n}" for n in range(1000))
    await answered_and_shared(talk, "ana", text)
    await talk("ben", f"/answer {THIN}")
    await talk("ben", f"/shared prompt: {drop}")
    read = []
    for part in (1, 2, 3):
        blocks = blocks_of(talk.views["ben"])
        (quote,) = [b for b in blocks if isinstance(b, Text) and b.style == "quote"]
        (words,) = quote.words
        assert isinstance(words, str) and len(words) <= 3000
        read += words.split()
        assert f"Ana, 1,000 words, part {part} of 3" in str(blocks)
        if part < 3:
            await talk.press("ben", "Read on")
    assert read == text.split() and "Read on" not in talk.buttons("ben")
    assert "part 3 of 3" in await talk("ben", f"/shared prompt: {drop} part: 99")


async def test_what_members_write_is_words_and_nothing_more(talk: Talk) -> None:
    drop = await drop_of(talk)
    text = f"@everyone **bold** [a](https://example.org) {ANSWER}"
    await answered_and_shared(talk, "ana", text)
    await talk("ben", f"/answer {THIN}")
    await talk("ben", f"/shared prompt: {drop}")
    quotes = [b for b in blocks_of(talk.views["ben"]) if getattr(b, "style", "") == "quote"]
    assert [b.words for b in quotes] == [(text,)]


# --- taken down ------------------------------------------------------------------------------------------


async def test_an_organiser_takes_one_down_and_its_writer_keeps_it_and_is_told(talk: Talk) -> None:
    drop = await drop_of(talk)
    await answered_and_shared(talk, "ana", FULL)
    hers = await newest(talk)
    await talk("ben", f"/answer {THIN}", organiser=True)
    refused = await talk("ben", f"/share remove answer: {hers}")
    assert refused.startswith("“share remove” is for the organisers of this group.")
    await talk("ben", f"/shared prompt: {drop}", organiser=True)
    said = await talk.press("ben", "Take it down", organiser=True)
    assert said.startswith("It is not shared any more. Its writer keeps it, and is told.")
    assert "nine hours" not in await talk.press("ben", "Shared answers", organiser=True)
    again = await talk("ben", f"/share remove answer: {hers}", organiser=True)
    assert again.startswith("No shared answer of this group has that number.")
    ana = await talk.person("ana")
    async with talk.store.write() as tx:
        (told,) = await asides.take(tx, ana.id)
        (note,) = await facts.actions(tx, talk.group_id)
    assert told.startswith(
        "An organiser of Night owls took your shared answer to “Work you are proud of” out of"
    )
    assert (note.action, note.detail, note.name) == ("share remove", f"answer {hers}, {drop}", "Ben")
    assert "nine hours" in await talk("ana", "/history proud")
    assert "Streak: 1 day" in await talk("ana", "/streak")


# --- cards ------------------------------------------------------------------------------------------


async def test_cards_are_drawn_anew_when_the_number_of_shared_answers_changes(
    talk: Talk, clock: MovedClock
) -> None:
    talk.reconfigure(editing=frozenset({"test"}))
    await drop_of(talk)
    assert len(await talk.deliver()) == 1
    await talk("ana", f"/answer {FULL}")
    hers = await newest(talk)

    async def version() -> object:
        async with talk.store.read() as tx:
            rows = await tx.execute(select(delivery.c.due_at).where(delivery.c.kind == "edit"))
            return rows.scalar_one()

    before = await version()
    for how in ("name", "stop", "name"):
        clock.advance(minutes=1)
        await talk.press("ana", f"share:answer={hers};how={how}")
        assert await version() == clock.now() != before
        before = await version()
    clock.advance(minutes=1)
    await talk.press("ben", f"share remove:answer={hers}", organiser=True)
    assert await version() == clock.now()
    clock.advance(minutes=1)
    await talk("ana", f"/withdraw {hers} sure: yes")
    assert await version() == clock.now()
