"""Answers for the group to read, if their writer likes: hidden from everybody who has not answered yet."""

from __future__ import annotations

from core.call import Call
from core.commands import Allow, Command, Kind, Option
from core.delivery.redraw import touch_cards
from core.errors import NotFound, UsageError
from core.keeping import own_answer, parts_to_read
from core.parse import action_id
from core.plain import count, shown
from core.store import answers, asides, facts, people, prompts, reviews, shares
from core.store.answers import Answer
from core.store.engine import Tx
from core.store.reviews import Review
from core.store.shares import Topic
from core.topics import Asked, asked_of
from core.views import Block, Button, Buttons, Choice, Message, Page, Text, View

HOW = (
    Choice("With my name", "name"),
    Choice("Without my name", "anonymous"),
    Choice("Not now", "no"),
    Choice("Unshare", "stop"),
)
SOMEBODY = "Somebody"
WHO_READS = (
    "Members can read it once they have answered the question themselves. When the question is closed, or was "
    "practice, any member may read and review it."
)
WHO_SEES_THE_CHECKLIST = "Its checklist stays out of it; whoever has reviewed the answer may ask to see it."


# --- sharing ----------------------------------------


async def share(call: Call) -> View:
    """Ask with or without the name, then share; ``how: stop`` takes it out of sight again."""
    number = call.get("answer")
    if number is None:
        found = await _newest_of(call)
        if isinstance(found, Message):
            return found
        number = found
    how = call.get("how", "")
    if how == "no":
        return Message((Text(("Fine. It stays yours alone, and you can share it later.",)),))
    async with call.app.store.write() as tx:
        mine = await own_answer(tx, call, number)
        if how == "stop":
            return await _unshare(tx, call, mine)
        group = await _group_for(tx, call, mine)
        if how:
            if not await shares.share(tx, mine.id, anonymous=how == "anonymous", now=call.now):
                raise NotFound("That answer is taken back, so nothing was shared.", example="history")
            topic = await shares.topic_of(tx, mine)
            await _redraw(tx, call, mine)
    if not how:
        return _ask(mine, group)
    named = "without your name" if how == "anonymous" else "with your name"
    return Message(
        (
            Text((f"Shared with {shown(group)}, {named}. {WHO_READS}",)),
            Text((WHO_SEES_THE_CHECKLIST,), style="note"),
            Buttons((_unshare_button(mine.id), _shared_button(topic))),
        )
    )


def _ask(mine: Answer, group: str) -> Message:
    blocks: list[Block] = []
    choices: tuple[Choice, ...] = HOW[:3]
    if mine.shared_at is not None:
        named = "without your name" if mine.anonymous else "with your name"
        blocks.append(Text((f"This answer is shared with {shown(group)} already, {named}.",)))
        choices = (HOW[0] if mine.anonymous else HOW[1], HOW[3])
    else:
        blocks.append(
            Text(
                (f"Share this answer with {shown(group)}? {WHO_READS} {WHO_SEES_THE_CHECKLIST}",),
            )
        )
    buttons = [Button(c.label, action_id("share", answer=mine.id, how=c.value)) for c in choices]
    return Message((*blocks, Buttons(tuple(buttons))))


def _unshare_button(answer_id: int) -> Button:
    return Button("Unshare", action_id("share", answer=answer_id, how="stop"))


def _shared_button(topic: Topic) -> Button:
    return Button("Shared answers", action_id("shared", prompt=topic.handle))


async def _unshare(tx: Tx, call: Call, mine: Answer) -> Message:
    if mine.shared_at is None:
        return Message((Text(("That answer is not shared.",)),))
    await shares.unshare(tx, mine.id)
    await _redraw(tx, call, mine)
    again = Button("Share", action_id("share", answer=mine.id))
    return Message((Text(("It is yours alone again.",)), Buttons((again,))))


async def _group_for(tx: Tx, call: Call, mine: Answer) -> str:
    """The name of the group that may read the answer. Raises UsageError where there is none."""
    if mine.group_id is None:
        raise UsageError(
            "That answer was given outside any study group, so there is nobody to share it with.",
            example="history",
        )
    groups = {g.id: g.name for g in await people.groups_of(tx, call.person.id)}
    if mine.group_id not in groups:
        raise UsageError(
            "You have left the group that this answer was given in, so it cannot be shared there.",
            example="history",
        )
    return groups[mine.group_id]


async def _newest_of(call: Call) -> int | Message:
    """The asker's newest answer to the named question that counts; else what can be done."""
    named = call.get("prompt")
    if not named:
        raise UsageError(
            "Please say which answer: your attempts have a Share button each.", example="history"
        )
    asked = await asked_of(call, named)
    async with call.app.store.read() as tx:
        found = await shares.shareable(tx, asked.topic, call.person.id)
    if found is not None:
        return found
    return Message(
        (
            Text(("You have no answer to this one yet that counts. Once you have, you can share it here.",)),
            Buttons((Button("Answer", action_id("answer", prompt=asked.topic.handle), "primary"),)),
        )
    )


async def _redraw(tx: Tx, call: Call, changed: Answer) -> None:
    """The cards of the answer's drop say how many answers are shared."""
    if changed.occurrence_id is not None:
        await touch_cards(tx, call.app, changed.occurrence_id, call.now)


# --- reading what is shared ----------------------------------------


async def shared(call: Call) -> View:
    """The answers that members share, one a page; closed to everybody who has not answered, organisers too.

    A long one comes in parts, so that no platform cuts its end off.
    """
    asked = await asked_of(call, call.values["prompt"])
    topic = asked.topic
    async with call.app.store.read() as tx:
        allowed = await shares.has_answered(tx, topic, call.person.id, asked.since)
        pages = await shares.count_shared(tx, topic)
        page = max(1, min(call.get("page", 1), pages))
        row = await shares.shared_answer(tx, topic, page) if allowed else None
        waiting = await shares.shareable(tx, topic, call.person.id) if allowed and not pages else None
        reviewed = await reviews.of(tx, row.id, call.person.id) if row is not None else None
    if not allowed:
        return _not_yet(asked, pages)
    if row is None:
        return _none_shared(asked, waiting)
    mine = row.person_id == call.person.id
    whose = f"{row.name or SOMEBODY}{' (you)' if mine else ''}"
    about = f"{count(row.words, 'word')}, {row.outcome}" if row.outcome else count(row.words, "word")
    pieces = parts_to_read(row.text)
    part = min(call.get("part", 1), len(pieces))
    which = f", part {part} of {len(pieces)}" if len(pieces) > 1 else ""
    blocks: list[Block] = [
        Text((asked.prompt.text,), style="title"),
        Text((f"{whose}, {about}{which}",), style="heading"),
        Text((pieces[part - 1],), style="quote"),
    ]
    buttons = []
    if part < len(pieces):
        read_on = action_id("shared", prompt=topic.handle, page=page, part=part + 1)
        buttons.append(Button("Read on", read_on, "primary"))
    if mine:
        buttons.append(_unshare_button(row.id))
    else:
        buttons.append(_review_button(row.id, reviewed))
    organises = call.request.who.organiser and call.group is not None and call.group.id == topic.group_id
    if organises and not mine:
        buttons.append(Button("Take it down", action_id("share remove", answer=row.id), "danger"))
    if buttons:
        blocks.append(Buttons(tuple(buttons)))
    return Page(
        Message(tuple(blocks), track=asked.prompt.track),
        page,
        pages,
        action_id("shared", prompt=topic.handle, page=page - 1) if page > 1 else None,
        action_id("shared", prompt=topic.handle, page=page + 1) if page < pages else None,
    )


def _review_button(answer_id: int, written: Review | None) -> Button:
    if written is None or written.withdrawn_at is not None:
        return Button("Review", action_id("review write", answer=answer_id), "primary")
    return Button("Your review", action_id("review", answer=answer_id))


def _not_yet(asked: Asked, there: int) -> Message:
    if there:
        is_or_are = "is" if there == 1 else "are"
        sentence = (
            f"There {is_or_are} {count(there, 'shared answer')} here for you once you have answered yourself."
        )
    else:
        sentence = "Nobody has shared an answer yet. Answer first, and whatever is shared opens for you."
    return Message(
        (
            Text((sentence,)),
            Text(("So that your answer is your own.",), style="note"),
            Buttons((Button("Answer", action_id("answer", prompt=asked.topic.handle), "primary"),)),
        ),
        track=asked.prompt.track,
    )


def _none_shared(asked: Asked, waiting: int | None) -> Message:
    blocks: list[Block] = [Text(("Nobody has shared an answer to this one yet.",))]
    if waiting is not None:
        blocks.append(Buttons((Button("Share mine", action_id("share", answer=waiting)),)))
    return Message(tuple(blocks), track=asked.prompt.track)


# --- taking one down ----------------------------------------


async def share_remove(call: Call) -> View:
    """An organiser takes a shared answer out of the group's sight. Its writer keeps it, and is told."""
    assert call.group is not None  # Allow.ORGANISER
    async with call.app.store.write() as tx:
        found = await answers.get(tx, call.values["answer"])
        if found is None or found.group_id != call.group.id or found.shared_at is None:
            raise NotFound(
                "No shared answer of this group has that number. It is on the button under each shared answer.",
                example="share remove answer: 5",
            )
        prompt = await prompts.get_prompt(tx, found.prompt_id)
        topic = await shares.topic_of(tx, found)
        await shares.unshare(tx, found.id)
        await facts.note_action(
            tx, call.group.id, call.person.id, "share remove", f"answer {found.id}, {topic.handle}", call.now
        )
        title = shown(prompt.title or prompt.text, 80) if prompt is not None else ""
        if found.person_id != call.person.id:
            await asides.add(
                tx,
                found.person_id,
                f"An organiser of {shown(call.group.name)} took your shared answer to “{title}” out of sight. It is "
                "kept for you as it is, and it still counts. Ask them if you would like to know why.",
                call.now,
            )
        await _redraw(tx, call, found)
    return Message(
        (
            Text(("It is not shared any more. Its writer keeps it, and is told.",)),
            Buttons((_shared_button(topic),)),
        )
    )


_ANSWER = Option("answer", "The answer's number", Kind.NUMBER, named=True, least=1)
COMMANDS = (
    Command(
        "share",
        "Share one of your answers with your group.",
        share,
        (
            _ANSWER,
            Option("prompt", "Your newest answer to this question", named=True),
            Option("how", "With your name or without", Kind.CHOICE, named=True, choices=HOW),
        ),
        allow=Allow.ANYONE,
        listed=False,
        example="share answer: 5",
        once=True,
    ),
    Command(
        "shared",
        "The answers that members share, once you have answered yourself.",
        shared,
        (
            Option("prompt", "Which question", required=True),
            Option("page", "Which page", Kind.NUMBER, named=True, least=1, most=100_000),
            Option("part", "Which part of a long answer", Kind.NUMBER, named=True, least=1, most=1000),
        ),
        allow=Allow.ANYONE,
        listed=False,
        example="shared prompt: d5",
    ),
    Command(
        "share remove",
        "Take a shared answer out of sight. Its writer keeps it and is told.",
        share_remove,
        (Option("answer", "The number of the shared answer", Kind.NUMBER, required=True, least=1),),
        allow=Allow.ORGANISER,
        example="share remove answer: 5",
        area="organise",
    ),
)
