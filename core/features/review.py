"""``review``: the shared answer that waits longest, one's own review of it, and taking that back."""

from __future__ import annotations

from collections.abc import Sequence

from core.call import Call
from core.cards import checklist_block
from core.commands import Allow, Command, Kind, Option
from core.corrections import as_read
from core.errors import NotFound
from core.feedback import TITLES
from core.keeping import parts_to_read
from core.packs.model import Item
from core.parse import action_id
from core.plain import count
from core.review_items import SOMEBODY, items_of, onwards, prompt_of, title_of, whose
from core.reviewing import open_to, withdraw
from core.store import answers, reviews, reviews_waiting
from core.store.engine import Line
from core.store.prompts import StoredPrompt
from core.store.reviews import Review
from core.views import Block, Button, Buttons, Message, Text, Typed, View, say, words

BESIDE_ITEMS = (
    2000  # characters of an answer above what to look for: Discord shows 4,000 in all, escapes included
)


# --- one that waits ----------------------------------------


async def review(call: Call) -> View:
    """The shared answer that waits longest; with ``answer`` that one, with ``after`` the next in line."""
    if call.get("later", False):
        return say("Fine. It waits for you, or for somebody else; “review” shows the next one at any time.")
    number = call.get("answer")
    async with call.app.store.read() as tx:
        if number is None:
            assert call.group is not None  # Allow.MEMBER
            me, group_id, after = call.person.id, call.group.id, call.get("after")
            number = await reviews_waiting.longest_waiting(
                tx, me, group_id, call.now, after=after, had=call.get("had")
            )
            if number is None:
                locked = await reviews_waiting.count_locked(tx, me, group_id, call.now)
                return _none_waits(locked, last=after is not None)
        about = await open_to(tx, call.person.id, number, call.now)
        prompt = await prompt_of(tx, about)
        mine = await reviews.of(tx, number, call.person.id)
        there = await reviews.count_of(tx, number)
    return _answer(call, about, prompt, mine, there)


def _none_waits(locked: int, *, last: bool) -> Message:
    if last:
        said = "That was the last one that waits for a review just now."
    else:
        said = "No shared answer waits for your review just now. Thank you for looking."
    blocks: list[Block] = [Text((said,))]
    buttons = [Button("From the beginning", "review")] if last else []
    if locked:
        opens = "opens" if locked == 1 else "open"
        more = f"{count(locked, 'shared answer')} {opens} once you have answered the question yourself."
        blocks.append(Text((more,), style="note"))
        buttons.append(Button("Today's question", "today", "primary"))
    return Message((*blocks, Buttons(tuple(buttons))) if buttons else tuple(blocks))


def _answer(call: Call, about: Line, prompt: StoredPrompt, mine: Review | None, there: int) -> Message:
    """A shared answer to read, with what to look for; or with the reader's own review, where they wrote one."""
    pieces = parts_to_read(about.text, BESIDE_ITEMS)
    part = min(call.get("part", 1), len(pieces))
    head = [about.name or SOMEBODY, count(about.words, "word")]
    head += [about.outcome] if about.outcome else []
    head += [f"part {part} of {len(pieces)}"] if len(pieces) > 1 else []
    blocks: list[Block] = [
        Text((prompt.text,), style="title"),
        Text((", ".join(head),), style="heading"),
        Text((pieces[part - 1],), style="quote"),
    ]
    buttons = []
    if part < len(pieces):
        read_on = action_id("review", answer=about.id, part=part + 1)
        buttons.append(Button("Read on", read_on, "primary"))
    items = items_of(call.app.rubrics, prompt)
    if mine is not None and mine.withdrawn_at is None:
        blocks += _own(mine, items)
        return Message((*blocks, Buttons((*buttons, *onwards(about.id)))), track=about.track)
    others = "Nobody has reviewed it yet." if not there else f"It has {count(there, 'review')}."
    blocks.append(Text((others,), style="note"))
    if items:
        blocks.append(Text(("What to look for:",), style="heading"))
        blocks.append(Text(("\n".join(f"{n}. {item.label}" for n, item in enumerate(items, 1)),)))
    if not call.request.can_ask:
        ticks = "seen: 1,2 missing: 3 " if items else ""
        blocks.append(
            Text(words("To review it: ", Typed(f"review write answer: {about.id} {ticks}words: ...")))
        )
    buttons.append(Button("Review", action_id("review write", answer=about.id), "primary"))
    buttons.append(Button("Another one", action_id("review", after=about.id, had=there)))
    buttons.append(Button("Not now", action_id("review", later="yes")))
    return Message((*blocks, Buttons(tuple(buttons))), track=about.track)


def _own(mine: Review, items: Sequence[Item]) -> list[Block]:
    """One's own review, in words."""
    blocks: list[Block] = [Text(("Your review",), style="heading"), Text((ticks_words(mine, items),))]
    if mine.words:
        blocks.append(Text((mine.words,), style="quote"))
    return blocks


def ticks_words(mine: Review, items: Sequence[Item]) -> str:
    parts = []
    for name, keys in (("Seen", mine.seen), ("Clearly missing", mine.missing)):
        if labels := [item.label for item in items if item.id in keys]:
            parts += [f"{name}:", *(f"- {label}" for label in labels)]
    return "\n".join(parts) or "Nothing ticked."


# --- afterwards ----------------------------------------


async def review_withdraw(call: Call) -> View:
    """Take one's review back, once one is sure."""
    number: int = call.values["answer"]
    if not call.get("sure", False):
        async with call.app.store.read() as tx:
            mine = await reviews.of(tx, number, call.person.id)
        if mine is None or mine.withdrawn_at is not None:
            raise NotFound("There is no review of yours to take back.", example="review")
        yes = action_id("review withdraw", answer=number, sure="yes")
        return Message(
            (
                Text(
                    (
                        "Take this review back? The writer will not see it any more, and its points go. Your day stays "
                        "counted.",
                    )
                ),
                Buttons((Button("Yes, take it back", yes, "danger"), Button("No", "review"))),
            )
        )
    gone = await withdraw(call.app, call.person, number, call.now)
    points = f" {count(gone, 'point')} went with it." if gone else ""
    return Message(
        (
            Text((f"It is taken back.{points} Your day stays counted.",)),
            Buttons((Button("Write it anew", action_id("review write", answer=number)),)),
        )
    )


async def review_checklist(call: Call) -> View:
    """What the machine found in an answer, for who has reviewed it: before, it would tell them what to see."""
    number: int = call.values["answer"]
    async with call.app.store.read() as tx:
        about = await open_to(tx, call.person.id, number, call.now)
        mine = await reviews.of(tx, number, call.person.id)
        kept = await answers.get_checklist(tx, number)
        prompt = await prompt_of(tx, about)
    if mine is None or mine.withdrawn_at is not None:
        button = Button("Review", action_id("review write", answer=number), "primary")
        said = (
            "Please review the answer first; then its checklist opens for you. So that your view is your own."
        )
        return Message((Text((said,)), Buttons((button,))))
    if kept is None:
        return say("Its checklist could not be made yet. It will be there a little later.")
    if not kept.checks:
        return say(
            "No machine reads answers of this kind, so there is no checklist. Your eyes are the ones that count."
        )
    here = action_id("review checklist", answer=number)
    return Message(
        (
            Text((f"What the machine found in {whose(about)} to “{title_of(prompt)}”",), style="heading"),
            checklist_block(as_read(kept.checks), TITLES),
            Text(("Only you see this here. It can be wrong where you are right.",), style="note"),
            Buttons(tuple(b for b in onwards(number) if b.action != here)),
        ),
        track=about.track,
    )


_ANSWER = Option("answer", "The number of the shared answer", Kind.NUMBER, required=True, least=1)
COMMANDS = (
    Command(
        "review",
        "Review a shared answer: the one that waits longest, or the one you name.",
        review,
        (
            Option("answer", "The number of a shared answer", Kind.NUMBER, least=1),
            Option("after", "The one seen last", Kind.NUMBER, named=True, least=1),
            Option("had", "How many reviews that one had", Kind.NUMBER, named=True, least=0),
            Option("part", "Which part of a long answer", Kind.NUMBER, named=True, least=1, most=1000),
            Option("later", "Yes: none just now", Kind.YESNO, named=True),
        ),
    ),
    Command(
        "review withdraw",
        "Take your review of an answer back.",
        review_withdraw,
        (_ANSWER, Option("sure", "Yes, take it back", Kind.YESNO, named=True)),
        allow=Allow.ANYONE,
        listed=False,
        example="review withdraw answer: 5",
    ),
    Command(
        "review checklist",
        "What the machine found in an answer that you have reviewed.",
        review_checklist,
        (_ANSWER,),
        allow=Allow.ANYONE,
        listed=False,
        example="review checklist answer: 5",
    ),
)
