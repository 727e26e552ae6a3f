"""``home``: where somebody stands and what they can do now, on one page. Only for its reader; made often."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from core.call import Call
from core.cards import about, prompt_buttons, streak_items
from core.commands import Allow, Command
from core.errors import NotFound
from core.kinds import days_words
from core.plain import count, shown
from core.profile import rule_words
from core.prompting import prompt_of_drop
from core.rules.days import day_of
from core.rules.periods import keys_for
from core.rules.streak import Streak
from core.standings import board_blocks
from core.store import boards, occurrences, prompts, schedules
from core.store.boards import Standing
from core.store.engine import Tx
from core.store.occurrences import Drop, Tally
from core.store.people import Group, Person
from core.store.prompts import StoredPrompt
from core.store.schedules import Schedule
from core.streaks import current_streak
from core.views import (
    Block,
    Bold,
    Button,
    Buttons,
    Divider,
    Fields,
    Message,
    Text,
    Typed,
    View,
    When,
    words,
)

QUESTIONS = 8  # shown at once: more groups than that have their question in the channel
TOP = 5
PRACTISE = Button("Practise now", "practice")


@dataclass(frozen=True, slots=True)
class Facts:
    """All that the page says, read at one instant. ``open_``: each drop with its group's name ("": a reminder)."""

    streak: Streak
    open_: Sequence[tuple[Drop, str]]
    tallies: dict[int, Tally]
    chosen: dict[int, StoredPrompt]
    coming: tuple[datetime, str] | None
    reminder: Schedule | None
    top: Sequence[Standing] = ()
    own: Standing | None = None


async def home(call: Call) -> View:
    async with call.app.store.read() as tx:
        facts = await _facts(tx, call)
    zone = call.person.zone
    blocks: list[Block] = [
        Text((shown(call.person.name, 60) or "Your practice",), style="title"),
        Fields(tuple(item for item in streak_items(facts.streak, zone) if item[0] != "Best")),
        Buttons((Button("Why?", "streak:view=why"),)),
        Divider(),
        Text(("Today's questions",), style="heading"),
        *await _questions(call, facts),
        Divider(),
        Text(("Your reminder",), style="heading"),
        *_reminder(facts.reminder),
    ]
    if call.group is not None:
        blocks += [Divider(), *_board(call.group, call.person, facts)]
    blocks += [Divider(), Text(("Your settings",), style="heading"), *_settings(call)]
    return Message(tuple(blocks))


async def _facts(tx: Tx, call: Call) -> Facts:
    me = call.person.id
    open_ = await occurrences.open_of_member(tx, call.now, me)
    facts = Facts(
        streak=await current_streak(tx, call.person, call.now),
        open_=open_,
        tallies=await occurrences.tallies(tx, [d.id for d, _ in open_], me),
        chosen=await prompts.get_prompts(tx, [d.prompt_id for d, _ in open_ if d.prompt_id is not None]),
        coming=await schedules.next_of_member(tx, me) if not open_ and call.group is not None else None,
        reminder=await schedules.reminder_of(tx, me),
    )
    if call.group is None:
        return facts
    group = call.group
    bucket = keys_for(day_of(call.now, group.zone, group.cutoff))["week"]
    top = await boards.top(tx, group.id, "points", "week", bucket, "", limit=TOP, offset=0)
    own = next((r for r in top if r.person_id == me), None)
    own = own or await boards.own(tx, group.id, me, "points", "week", bucket, "")
    return replace(facts, top=top, own=own)


# --- its parts ------------------------------------------------------------------------------------------------------


async def _questions(call: Call, facts: Facts) -> list[Block]:
    if call.group is None and not facts.open_:
        return _beginning()
    blocks: list[Block] = []
    for drop, group in facts.open_[:QUESTIONS]:
        try:
            prompt = facts.chosen.get(drop.prompt_id or 0) or await prompt_of_drop(call.app, drop)
        except (
            NotFound
        ) as error:  # its tracks and packs are empty: the other questions are there all the same
            blocks.append(Text((error.message,)))
            continue
        blocks += _question(drop, group, prompt, facts.tallies[drop.id])
    if (more := len(facts.open_) - QUESTIONS) > 0:
        left_out = f"… and {count(more, 'more question')} in your groups' channels."
        blocks.append(Text((left_out,), style="note"))
    if blocks:
        return blocks
    if facts.coming is not None:
        at, zone = facts.coming
        sentence = words("No question is open just now. The next one comes ", When(at, zone), ".")
    else:
        sentence = words("No question is open, and none is planned. Practice works at any time.")
    return [Text(sentence), Buttons((PRACTISE,))]


def _question(drop: Drop, group: str, prompt: StoredPrompt, tally: Tally) -> list[Block]:
    mine = "You have answered it." if tally.mine else "You have not answered it yet."
    others = f" {count(tally.members, 'member')} answered so far." if group and tally.members else ""
    return [
        Text((Bold(shown(prompt.title or prompt.text, 150)),)),
        Text((f"{group or 'Your reminder'}: {about(prompt)}. {mine}{others}",), style="note"),
        prompt_buttons(prompt, f"d{drop.id}", answer="Answer again" if tally.mine else "Answer"),
    ]


def _beginning() -> list[Block]:
    return [
        Text(
            words(
                "You are in no study group yet. If there is one here, go to its channel and say ",
                Typed("today"),
                ": that makes you a member. If there is none, its organiser begins one in a channel with ",
                Typed("setup"),
                ". Practice works at once, and is yours alone.",
            )
        ),
        Buttons((Button("Practise now", "practice", "primary"), Button("Help", "help"))),
    ]


def _reminder(found: Schedule | None) -> list[Block]:
    if found is None:
        return [
            Text(("None: a question a day can come to you by direct message, at a time of yours.",)),
            Buttons((Button("Set a reminder", "remind set"),)),
        ]
    if found.state != "active" or found.next_due_at is None:
        stopped = f"It is stopped: {found.reason or found.state}. When that is put right, set it again."
        return [Text((stopped,)), Buttons((Button("Set it again", "remind set"),))]
    line = words(
        f"A question {rule_words(found.rule)}. The next comes ", When(found.next_due_at, found.rule.zone), "."
    )
    return [Text(line), Buttons((Button("Change it", "remind set"), Button("Switch off", "remind off")))]


def _board(group: Group, person: Person, facts: Facts) -> list[Block]:
    return [
        Text((f"This week in {shown(group.name, 60)}",), style="heading"),
        *board_blocks("points", facts.top, facts.own, person.id),
        Buttons((Button("Whole board", "leaderboard"),)),
    ]


def _settings(call: Call) -> list[Block]:
    """Without the time of day: a page that stays the same need not be shown anew."""
    person = call.person
    guess = "" if person.zone_set else " (assumed)"
    line = (
        f"Zone {person.zone}{guess}; your day ends at {person.cutoff:%H:%M}; "
        f"rest days: {days_words(person.rest_days)}."
    )
    return [Text((line,), style="note"), Buttons((Button("Change settings", "me change"),))]


COMMANDS = (
    Command(
        "home",
        "Your streak, today's questions of your groups, your reminder, the week's board.",
        home,
        allow=Allow.ANYONE,
        listed=False,
        area="mine",
    ),
)
