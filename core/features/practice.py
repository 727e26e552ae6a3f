"""``today`` and ``practice``: what there is to answer."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence

from core.call import Call
from core.cards import drop_card, prompt_blocks, prompt_buttons
from core.commands import Allow, Command, Kind, Option
from core.errors import NotFound
from core.packs.vocabulary import LEVEL_TITLES, LEVELS, TRACK_TITLES, TRACKS
from core.parse import action_id
from core.prompting import prompt_for_person, prompt_of_drop
from core.questions import drops_here
from core.rules.choice import NothingToAsk
from core.store import answers, occurrences, prompts, schedules, shares
from core.views import Block, Button, Buttons, Choice, Divider, Message, Text, Typed, View, When, words

TRACK_CHOICES = tuple(Choice(TRACK_TITLES[t], t) for t in TRACKS)
LEVEL_CHOICES = tuple(Choice(LEVEL_TITLES[name], name) for name in LEVELS)


async def today(call: Call) -> View:
    """Every open drop here as a card, with the reader's own state."""
    async with call.app.store.read() as tx:
        drops = await drops_here(tx, call)
        tallies = await occurrences.tallies(tx, [d.id for d in drops], call.person.id)
        shared = await shares.shared_counts(tx, [d.id for d in drops])
        chosen = {d.id: await prompts.get_prompt(tx, d.prompt_id) for d in drops if d.prompt_id is not None}
    if not drops:
        return await _nothing_open(call)
    blocks: list[Block] = []
    track = ""
    for drop in drops:
        blocks += [Divider()] if blocks else []
        try:
            prompt = chosen.get(drop.id) or await prompt_of_drop(call.app, drop)
        except NotFound as error:  # its tracks and packs are empty: the other drops are there all the same
            blocks.append(Text((error.message,)))
            continue
        tally = tallies[drop.id]
        mine = "You have answered it." if tally.mine else "You have not answered it yet."
        card = drop_card(
            drop,
            prompt,
            answered=tally.members,
            now=call.now,
            mine=mine,
            private=True,
            shared=shared[drop.id] if drop.group_id is not None else 0,
        )
        blocks += card.blocks
        track = track or prompt.track
    if any(not t.mine for t in tallies.values()):
        blocks.append(Text(words("To answer: ", Typed("answer"), " and your words."), style="note"))
    return Message(tuple(blocks), track=track)


async def _nothing_open(call: Call) -> View:
    following: Sequence[schedules.Schedule] = ()
    if call.group is not None:
        async with call.app.store.read() as tx:
            following = await schedules.of_group(tx, call.group.id)
    coming = sorted((s.next_due_at, s.rule.zone) for s in following if s.next_due_at is not None)
    if coming:
        at, zone = coming[0]
        sentence = words("No question is open just now. The next one comes ", When(at, zone), ".")
    elif call.group is not None:
        sentence = words(
            "No question is open, and none is planned. An organiser can plan them: ", Typed("drops add"), "."
        )
    else:
        sentence = words(
            "You are in no group, so there is no question of the day. Practice works all the same."
        )
    return Message((Text(sentence), Buttons((Button("Practise now", "practice", "primary"),))))


async def practice(call: Call) -> View:
    """One prompt now, chosen for this person; remembered, so that the next one is another."""
    group_id = call.group.id if call.group else None
    async with call.app.store.write() as tx:
        try:
            prompt = await prompt_for_person(
                tx,
                call.person,
                group_id,
                track=call.get("track"),
                level=call.get("level"),
                company=call.get("company"),
                key=f"{call.person.id}/{call.now.isoformat()}",
            )
        except NothingToAsk as error:
            raise NotFound(str(error), example="practice") from error
        await answers.add_ask(tx, call.person.id, prompt.id, group_id, call.now)
    another = Button("Another one", _same_wishes(call))
    blocks = [
        *prompt_blocks(prompt),
        prompt_buttons(prompt, f"p{prompt.id}", extra=(another,)),
        Text(words("To answer: ", Typed("answer"), " and your words."), style="note"),
    ]
    return Message(tuple(blocks), track=prompt.track)


def _same_wishes(call: Call) -> str:
    """The action that asks for the same again; a company whose name a button cannot hold is left out."""
    wishes = {k: call.values[k] for k in ("track", "level") if k in call.values}
    company = call.get("company", "")
    if company and ";" not in company:
        with contextlib.suppress(ValueError):
            return action_id("practice", **wishes, company=company)
    return action_id("practice", **wishes)


COMMANDS = (
    Command(
        "today",
        "The open questions here, how many have answered, and whether you have.",
        today,
        allow=Allow.ANYONE,
    ),
    Command(
        "practice",
        "One question now, chosen for you: what you practise least comes first.",
        practice,
        (
            Option("track", "What kind of question", Kind.CHOICE, choices=TRACK_CHOICES),
            Option("level", "For which level; yours when left out", Kind.CHOICE, choices=LEVEL_CHOICES),
            Option("company", "Only questions that name this company", Kind.TEXT, most=60),
        ),
        allow=Allow.ANYONE,
    ),
)
