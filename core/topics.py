"""Which shared answers somebody means: those to a drop of a group of theirs, or those practised in the group here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from core.call import Call
from core.errors import NotFound
from core.prompting import prompt_of_drop
from core.questions import question_of
from core.store import occurrences, people
from core.store.prompts import StoredPrompt
from core.store.shares import Topic


@dataclass(frozen=True, slots=True)
class Asked:
    """The question whose shared answers are meant. ``since``: when a drop was due, None for practice."""

    topic: Topic
    prompt: StoredPrompt
    since: datetime | None


async def asked_of(call: Call, named: str) -> Asked:
    """A group's drop by its handle, also one that has closed; or a prompt, as the group here practises it.

    Raises NotFound for everything of groups that the asker is not in.
    """
    kind, number = named[:1].casefold(), named[1:]
    if kind == "d" and number.isdecimal() and len(number) < 12:
        return await _of_drop(call, int(number))
    question = await question_of(call, named)
    if question.drop is not None and question.drop.group_id is not None:
        return await _of_drop(call, question.drop.id)
    return Asked(Topic(question.prompt.id, call.group.id if call.group else None), question.prompt, None)


async def _of_drop(call: Call, number: int) -> Asked:
    async with call.app.store.read() as tx:
        drop = await occurrences.get_drop(tx, number)
        groups = {g.id for g in await people.groups_of(tx, call.person.id)}
    if drop is None or drop.group_id not in groups or drop.due_at > call.now:
        raise NotFound("That question is not there, or not one of your group's.", example="today")
    prompt = await prompt_of_drop(call.app, drop)
    return Asked(Topic(prompt.id, drop.group_id, drop.id), prompt, drop.due_at)
