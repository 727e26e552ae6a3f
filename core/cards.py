"""Views that more than one room shows: a prompt, a drop, a checklist."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from core.packs.model import Rubric
from core.packs.vocabulary import LEVEL_TITLES, LEVELS, TRACK_TITLES
from core.parse import action_id
from core.plain import count
from core.store.occurrences import Drop
from core.store.prompts import StoredPrompt
from core.views import (
    Block,
    Button,
    Buttons,
    CheckItem,
    Checklist,
    Link,
    Mention,
    Message,
    Span,
    State,
    Text,
    Tick,
    Ticks,
    When,
    words,
)

LATE_AFTER = timedelta(minutes=10)  # a drop shown later than this says so


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
    """The question, its link where it has one, and what kind it is."""
    question: tuple[Span, ...] = (prompt.text,)
    blocks: list[Block] = [Text(question, style="title")]
    if prompt.url:
        blocks.append(Text((Link(prompt.title or prompt.url, prompt.url),)))
    blocks.append(Text((about(prompt),), style="note"))
    return blocks


def prompt_buttons(prompt: StoredPrompt, about_: str, *, extra: Sequence[Button] = ()) -> Buttons:
    """``about_`` names the question in actions: "d12" a drop, "p34" a prompt."""
    buttons = [Button("Answer", action_id("answer", prompt=about_), "primary")]
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
) -> Message:
    """A drop as the group sees it. ``mine`` is the reader's own state, in their private copy only."""
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
    state = "Nobody has answered yet." if not answered else f"{count(answered, 'member')} answered so far."
    blocks.append(Text((f"{state} {mine}".strip(),), style="note"))
    blocks.append(prompt_buttons(prompt, f"d{drop.id}"))
    return Message(tuple(blocks), private=private, track=prompt.track)


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
