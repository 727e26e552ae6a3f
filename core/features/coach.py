"""``coach``: a language model that the operator has connected asks about one of your answers, if you agree.

What it says is marked as its own and is never kept; without it everything goes on as ever.
"""

from __future__ import annotations

import asyncio
import hashlib
from dataclasses import dataclass

from core.call import Call
from core.coaching import (
    CoachedReading,
    Coaching,
    Material,
    Silence,
    material_of,
    read_with_coach,
    theme,
    unsure_of,
)
from core.commands import Allow, Command, Kind, Option
from core.correcting import Opened, open_answer
from core.corrections import PART_NAMES, YOURS, decided
from core.errors import NotFound
from core.feedback import TITLES
from core.keeping import own_answer
from core.parse import action_id
from core.plain import shown
from core.store import answers, coaching, corrections, people
from core.views import (
    Block,
    Bold,
    Button,
    Buttons,
    CheckItem,
    Checklist,
    Choice,
    Divider,
    Message,
    State,
    Text,
    View,
    say,
    words,
)

SHOWN = 220  # characters of a sentence
COACHS = "As the coach reads it."


@dataclass(frozen=True, slots=True)
class _Asked:
    """An answer laid open, and what of it may leave."""

    opened: Opened
    about: Material


async def coach(call: Call) -> View:
    """One follow-up question, or the parts of sentences that the reader is unsure of; consent comes first."""
    connected = call.app.coach
    if connected is None:
        return say("No coach is connected to this Starling. Everything else is there as ever.")
    number, agree = call.values["answer"], call.get("agree", "")
    asked = await _open(call, number)
    if agree == "no":
        return say("Nothing was sent, and nothing will be. Your answer and its checklist are as they were.")
    if agree == _mark(connected.host):
        async with call.app.store.write() as tx:
            await coaching.agree(tx, call.person.id, call.now)
    else:
        async with call.app.store.read() as tx:
            agreed = await coaching.since(tx, call.person.id)
        if agreed is None:
            return _consent(connected.host, number, call.get("show", ""))
    if call.get("show") == "reading":
        return await _reading(call, connected, asked)
    return await _question(call, connected, asked)


async def _open(call: Call, number: int) -> _Asked:
    """The asker's own answer. No transaction is open any more when the coach is waited for."""
    async with call.app.store.read() as tx:
        found = await own_answer(tx, call, number)
        kept = await answers.get_checklist(tx, found.id)
        if kept is None or not kept.checks:
            raise NotFound(
                "The coach asks about answers that have a STAR checklist, and that one has none.",
                example="history",
            )
        opened = await open_answer(tx, found, call.person.level)
        names = await corrections.names_around(tx, call.person.id)
        groups = [group.name for group in await people.groups_of(tx, call.person.id)]
    sentences = [each.text for each in opened.reading.sentences]
    about = await asyncio.to_thread(material_of, opened.prompt.text, sentences, names, groups)
    return _Asked(opened, about)


async def off(call: Call) -> View:
    """Take the consent back."""
    async with call.app.store.write() as tx:
        before = await coaching.since(tx, call.person.id)
        await coaching.agree(tx, call.person.id, None)
    if before is None:
        return say("The coach is off for you already: nothing of yours is sent to it.")
    return say(
        "The coach is off for you: from now on nothing of yours is sent to it. What was sent before is with whoever "
        "runs it. Pressing “Ask the coach” asks you first again."
    )


# --- consent ----------------------------------------


def _mark(host: str) -> str:
    """What the button “Yes” carries: who agrees does so for this host, also when another is set meanwhile."""
    return hashlib.sha256(host.encode()).hexdigest()[:8]


def _consent(host: str, number: int, show: str) -> Message:
    onwards = {"answer": number, **({"show": show} if show else {})}
    blocks: tuple[Block, ...] = (
        Text(("May the coach read this answer?",), style="heading"),
        Text(
            words(
                "The coach is a language model that whoever runs this Starling has connected. If you agree, this "
                "leaves the machine, now and each time you ask the coach about an answer of yours: the question, and "
                "the sentences of that answer. They go to ",
                Bold(host),
                ". No name, id, group or date is sent. Names of people in your groups, mentions, addresses, links "
                "and long numbers are taken out of the words; names of others, and the story itself, are not.",
            )
        ),
        Text(
            (
                "It asks one question at a time and writes nothing for you. What it says can be wrong, earns no "
                "points and is not kept here; what becomes of your words over there, Starling cannot know. "
                "“coach off” takes your yes back at any time.",
            ),
            style="note",
        ),
        Buttons(
            (
                Button("Yes, ask", action_id("coach", **onwards, agree=_mark(host)), "primary"),
                Button("No", action_id("coach", answer=number, agree="no")),
            ),
            replaces=True,
        ),
    )
    return Message(blocks)


# --- what it says ----------------------------------------


async def _question(call: Call, connected: Coaching, asked: _Asked) -> View:
    nth = call.get("turn", 1)
    with connected.turn(call.person.id, call.now) as refused:
        said: str | Silence = refused or await connected.follow_up(
            call.person.id, asked.about, theme(asked.opened.reading, nth), call.now
        )
    if isinstance(said, Silence):
        return _quiet(said)
    number = asked.opened.answer.id
    buttons = [
        Button("Another question", action_id("coach", answer=number, turn=nth % 1000 + 1), "primary"),
        Button("Revise", action_id("revise", answer=number)),
    ]
    if unsure_of(asked.opened.reading, len(asked.about.sentences)):
        buttons.append(Button("How the coach reads it", action_id("coach", answer=number, show="reading")))
    buttons.append(Button("Coach off", "coach off"))
    blocks: tuple[Block, ...] = (
        Text(words(Bold("The coach asks:"), f" {said}")),
        Text((_origin(connected.host),), style="note"),
        Buttons(tuple(buttons)),
    )
    return Message(blocks, track=asked.opened.answer.track)


async def _reading(call: Call, connected: Coaching, asked: _Asked) -> View:
    unsure = unsure_of(asked.opened.reading, len(asked.about.sentences))
    if not unsure:
        return say("There is nothing to ask the coach: Starling is sure of every sentence of that answer.")
    with connected.turn(call.person.id, call.now) as refused:
        found = refused or await connected.labels(call.person.id, asked.about, unsure, call.now)
    if isinstance(found, Silence):
        return _quiet(found)
    opened = asked.opened
    by_hand = decided(opened.corrections, [each.text for each in opened.machine.sentences])
    coached = await asyncio.to_thread(read_with_coach, opened.reading, found, by_hand.checks)
    return _sheet(connected.host, opened, coached)


def _sheet(host: str, opened: Opened, coached: CoachedReading) -> Message:
    """The sentences that the coach was asked about with its parts, and the checklist as it would be."""
    title = shown(opened.prompt.title or opened.prompt.text, 60)
    blocks: list[Block] = [
        Text(
            (f"How the coach reads your answer to “{title}”, attempt {opened.answer.attempt}",),
            style="heading",
        )
    ]
    for number, label in sorted(coached.by_coach.items()):
        before = PART_NAMES[opened.reading.sentences[number - 1].label]
        part = PART_NAMES[label]
        also = "Starling's guess, too" if part == before else f"Starling guessed {before}"
        sentence = shown(coached.sentences[number - 1].text, SHOWN)
        blocks.append(Text((f"{number}. The coach says {part} ({also}): {sentence}",)))
    blocks += [Divider(), _checklist(opened, coached)]
    blocks.append(
        Text(
            (
                f"{_origin(host)} This is kept nowhere: your checklist and your points stay as they are. Where the "
                "coach is right, say so with “Correct it”.",
            ),
            style="note",
        )
    )
    number = opened.answer.id
    blocks.append(
        Buttons(
            (
                Button("Correct it", action_id("correct", answer=number), "primary"),
                Button("Ask the coach", action_id("coach", answer=number)),
                Button("Coach off", "coach off"),
            )
        )
    )
    return Message(tuple(blocks), track=opened.answer.track)


def _checklist(opened: Opened, coached: CoachedReading) -> Checklist:
    mine = {one.place for one in opened.corrections}
    items = []
    for key, check in coached.checks.items():
        differs = check != opened.reading.checks[key]
        hint = YOURS if key in mine else COACHS if differs else ""
        items.append(CheckItem(TITLES[key], State(check.state), check.quote, hint))
    return Checklist(tuple(items))


def _origin(host: str) -> str:
    return f"By a language model at {host}; it can be wrong."


def _quiet(silence: Silence) -> Message:
    return Message((Text((silence.words,), style="note"),))


_SHOW = (Choice("Its reading", "reading"),)
COMMANDS = (
    Command(
        "coach",
        "A question of the coach about one of your answers, where a coach is connected.",
        coach,
        (
            Option("answer", "The answer's number", Kind.NUMBER, required=True, least=1),
            Option("turn", "Which question this is", Kind.NUMBER, named=True, least=1, most=1000),
            Option("show", "How the coach reads it", Kind.CHOICE, named=True, choices=_SHOW),
            Option("agree", "What the consent page's buttons carry", named=True, most=8),
        ),
        allow=Allow.ANYONE,
        slow=True,
        listed=False,
        example="coach answer: 5",
        area="mine",
    ),
    Command(
        "coach off",
        "Take back that the coach reads answers of yours: nothing is sent to it any more.",
        off,
        allow=Allow.ANYONE,
        area="mine",
    ),
)
