"""What a reader of somebody's answer looks for, and the words and buttons that all of reviewing has in common."""

from __future__ import annotations

from collections.abc import Mapping

from core.answering import STAR
from core.errors import NotFound
from core.packs.model import Item, Rubric
from core.parse import action_id
from core.plain import shown
from core.store import prompts
from core.store.engine import Line, Tx
from core.store.prompts import StoredPrompt
from core.views import Button

SOMEBODY = "Somebody"
MOST = 10  # items of one review

# The nine items of the machine's checklist as a reader judges them, by its keys, so that both can stand side by side;
# and the one that only a reader can judge.
STAR_ITEMS = (
    Item("has_situation", "I know where it was and what was at stake", "S"),
    Item("has_task", "I know what they had to do", "T"),
    Item("has_action", "I can follow what was done", "A"),
    Item("has_result", "I know what came of it", "R"),
    Item("quantified_result", "The result has a number, or something I can picture", "R"),
    Item("first_person_ownership", "Their own part is clear beside what others did", "A"),
    Item("reasoning_or_alternatives", "I know why this way, or what they turned down", "A"),
    Item("business_impact", "I know what it meant for customers, money or time", "R"),
    Item("lesson_learned", "A lesson or a limit is named", "R"),
    Item("answers_question", "It answers the question that was asked"),
)
_STAR_RUBRIC = "behavioural-star"
# What a prompt that names no rubric is read by.
_OF_TRACK = {
    "coding": "coding-4-step",
    "system-design": "system-design-4-step",
    "ml-design": "ml-design-4-step",
    "communication": "communication-executive",
    "company": "company-dossier",
    "product-sense": "product-sense",
    "ask": "questions-to-ask",
}


def items_of(rubrics: Mapping[str, Rubric], prompt: StoredPrompt) -> tuple[Item, ...]:
    """What a reader of an answer to ``prompt`` looks for: at most ten items."""
    if prompt.track in STAR and prompt.rubric in ("", _STAR_RUBRIC):
        return STAR_ITEMS
    rubric = rubrics.get(prompt.rubric or _OF_TRACK.get(prompt.track, ""))
    items = rubric.items if rubric is not None else ()
    taken = {item.id for item in items}
    own = tuple(Item(c["id"], c["label"]) for c in prompt.body.get("checks") or () if c["id"] not in taken)
    return (*items, *own)[:MOST]


def title_of(prompt: StoredPrompt | None) -> str:
    """A question's name inside a sentence of ours."""
    return shown(prompt.title or prompt.text, 80) if prompt is not None else "a question"


def whose(about: Line) -> str:
    """ "Ana's answer", or "the answer" where it is shared without a name."""
    return f"{shown(about.name, 40)}'s answer" if about.name else "the answer"


async def prompt_of(tx: Tx, about: Line) -> StoredPrompt:
    """The question of a shared answer. Raises NotFound where it is gone."""
    prompt = await prompts.get_prompt(tx, about.prompt_id)
    if prompt is None:
        raise NotFound("The question of that answer is not there any more.", example="review")
    return prompt


def onwards(answer_id: int) -> tuple[Button, ...]:
    """What can be done once a review is written."""
    return (
        Button("Another one", "review", "primary"),
        Button("Edit", action_id("review write", answer=answer_id)),
        Button("See the checklist", action_id("review checklist", answer=answer_id)),
        Button("Withdraw", action_id("review withdraw", answer=answer_id)),
    )
