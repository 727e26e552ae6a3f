"""Views that more than one room shows: a prompt, a drop, a checklist."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from core.packs.model import Rubric
from core.packs.vocabulary import LEVEL_TITLES, LEVELS, TRACK_TITLES
from core.parse import action_id
from core.plain import count, shown
from core.rules.streak import Streak
from core.store.occurrences import Drop
from core.store.prompts import StoredPrompt
from core.views import (
    Block,
    Button,
    Buttons,
    CheckItem,
    Checklist,
    Divider,
    Link,
    Mention,
    Message,
    Span,
    State,
    Text,
    Tick,
    Ticks,
    When,
    Words,
    words,
)

LATE_AFTER = timedelta(minutes=10)  # a drop shown later than this says so


@dataclass(frozen=True, slots=True)
class Recap:
    """How a drop's day went. Names are only of members who are not hidden, and never many.

    ``improved``: how many met something that none of their earlier attempts had met. ``streaks``: (name, days).
    """

    answered: int
    shared: int = 0
    first_timers: tuple[str, ...] = ()
    improved: int = 0
    streaks: tuple[tuple[str, int], ...] = ()


def levels_words(levels: frozenset[str]) -> str:
    """ "every level", "graduate to senior", "mid, staff"."""
    held = [n for n, level in enumerate(LEVELS) if level in levels]
    if len(held) == len(LEVELS):
        return "every level"
    names = [LEVEL_TITLES[LEVELS[n]].lower() for n in held]
    if len(held) > 2 and held == list(range(held[0], held[-1] + 1)):
        return f"{names[0]} to {names[-1]}"
    return ", ".join(names)


def about(prompt: StoredPrompt) -> str:
    """ "Behavioural, about 5 minutes, graduate to senior"."""
    parts = [TRACK_TITLES[prompt.track]]
    if difficulty := prompt.body.get("difficulty"):
        parts.append(difficulty)
    if prompt.minutes:
        parts.append(f"about {count(prompt.minutes, 'minute')}")
    parts.append(levels_words(prompt.levels))
    return ", ".join(parts)


def prompt_blocks(prompt: StoredPrompt) -> list[Block]:
    """The question under its title, its link where it has one, and what kind it is."""
    question: tuple[Span, ...] = (prompt.text,)
    blocks: list[Block] = [Text(question, style="title")]
    if prompt.title and not prompt.url and not prompt.text.startswith(prompt.title):
        blocks = [Text((prompt.title,), style="title"), Text(question)]
    if prompt.url:
        blocks.append(Text((Link(prompt.title or prompt.url, prompt.url),)))
    blocks.append(Text((about(prompt),), style="note"))
    return blocks


def prompt_buttons(
    prompt: StoredPrompt, about_: str, *, extra: Sequence[Button] = (), answer: str = "Answer"
) -> Buttons:
    """``about_`` names the question in actions: "d12" a drop, "p34" a prompt."""
    buttons = [Button(answer, action_id("answer", prompt=about_), "primary")]
    if prompt.track == "behavioural":
        buttons.append(Button("Guided answer", action_id("guided", prompt=about_)))
    if prompt.reveal:
        buttons.append(Button("Clarify", action_id("clarify", prompt=about_)))
    return Buttons((*buttons, *extra))


def drop_card(
    drop: Drop,
    prompt: StoredPrompt,
    *,
    answered: int,
    now: datetime,
    platform: str = "",
    mine: str = "",
    private: bool = False,
    shared: int = 0,
    thread: bool = False,
    recap: Recap | None = None,
    closed: bool = False,
) -> Message:
    """A drop as the group sees it. ``mine`` is the reader's own state, in their private copy only.

    ``thread``: the card gets a thread to discuss it in. ``recap`` says how the day went, once it is over.
    """
    blocks: list[Block] = []
    if drop.role_id and platform:
        blocks.append(Text((Mention(platform, "role", drop.role_id, "practice"),)))
    blocks += prompt_blocks(prompt)
    if now - drop.due_at > LATE_AFTER and not private:
        blocks.append(
            Text(
                words(
                    "Due ", When(drop.due_at, drop.zone), ", shown late: Starling was not there at the time."
                ),
                style="note",
            )
        )
    if recap is None:
        so_far = "." if closed else " so far."
        nobody = "Nobody has answered." if closed else "Nobody has answered yet."
        state = f"{count(answered, 'member')} answered{so_far}" if answered else nobody
        blocks.append(Text((f"{state} {mine}".strip(),), style="note"))
    if shared:
        opens = "it opens" if shared == 1 else "they open"
        blocks.append(
            Text((f"{count(shared, 'shared answer')}: {opens} once you have answered.",), style="note")
        )
    if thread:
        blocks.append(
            Text(("Replies in the thread are discussion; they are not counted as answers.",), style="note")
        )
    if recap is not None:
        blocks += recap_blocks(recap)
    if closed:
        blocks.append(Text(("This question is closed: answering it now is practice.",), style="note"))
    handle = f"d{drop.id}"
    sharing = []
    if drop.group_id is not None:
        sharing.append(Button("Share", action_id("share", prompt=handle)))
        if shared:
            sharing.append(Button("Shared answers", action_id("shared", prompt=handle)))
        if shared and closed:
            sharing.append(Button("Review", "review"))  # from now on also by who has not answered
    label = "Answer anyway" if closed else "Answer"
    blocks.append(prompt_buttons(prompt, handle, extra=sharing, answer=label))
    name = shown(prompt.title or prompt.text, 80) if thread and not private else ""
    return Message(tuple(blocks), private=private, track=prompt.track, thread=name)


def recap_blocks(recap: Recap) -> list[Block]:
    """The closing section of a card: what went well, and nothing about whoever was not there."""
    heading = Text(("How the day went",), style="heading")
    if not recap.answered:
        return [
            Divider(),
            heading,
            Text(("Nobody answered this one. It can still be practised at any time.",)),
        ]
    lines = [f"{count(recap.answered, 'member')} answered."]
    if recap.first_timers:
        first = "a first answer" if len(recap.first_timers) == 1 else "their first answers"
        lines.append(f"Welcome to {listed(recap.first_timers)}, with {first}.")
    if recap.improved:
        lines.append(f"{count(recap.improved, 'member')} met something that was missing in earlier attempts.")
    if recap.streaks:
        days = [f"{name} {count(length, 'day')}" for name, length in recap.streaks]
        lines.append(f"Streaks: {listed(days)}.")
    return [Divider(), heading, Text((" ".join(lines),))]


def listed(names: Sequence[str]) -> str:
    """ "Ana", "Ana and Ben", "Ana, Ben and Cem"."""
    return " and ".join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else "".join(names)


def streak_items(found: Streak, zone: str) -> list[tuple[str, Words]]:
    """A streak as fields; ``zone`` is its owner's."""
    savers = count(found.savers, "saver")
    if found.next_saver_in is not None:
        savers += f"; the next after {count(found.next_saver_in, 'more counted day')}"
    items = [
        ("Streak", words(count(found.current, "day"))),
        ("Best", words(count(found.best, "day"))),
        ("Savers", words(savers)),
        ("Today", words("counted." if found.today_counted else "open: one answer of 20 words is enough.")),
    ]
    if found.lapses_at is not None:
        items.append(("Holds until", words(When(found.lapses_at, zone), ", if nothing more is done")))
    return items


def checklist_block(items: Sequence[Mapping[str, Any]], titles: Mapping[str, str]) -> Checklist:
    """Kept checklist items as a view; keys without a title are shown as they are."""
    return Checklist(
        tuple(
            CheckItem(
                titles.get(i["key"], i["key"]), State(i["state"]), i.get("quote") or None, i.get("hint") or ""
            )
            for i in items
        )
    )


def rubric_ticks(rubric: Rubric, answer_id: int, ticked: Sequence[str]) -> Ticks:
    """The rubric of a prompt as boxes for its own writer. Ticking one's own rubric earns nothing."""
    return Ticks(
        action=f"tick:answer={answer_id};item=",
        items=tuple(Tick(i.id, i.label, i.id in ticked) for i in rubric.items),
    )
