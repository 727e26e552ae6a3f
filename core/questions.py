"""Which question somebody means: a drop, a prompt by name, or simply the one that is open."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from core.call import Call
from core.errors import NotFound, Offer
from core.parse import action_id
from core.plain import shown
from core.prompting import open_question, prompt_of_drop
from core.store import occurrences, people, prompts
from core.store.engine import Tx
from core.store.occurrences import Drop
from core.store.prompts import StoredPrompt
from core.views import Choice


@dataclass(frozen=True, slots=True)
class Question:
    """A prompt, and the drop it is answered for (None: practice)."""

    prompt: StoredPrompt
    drop: Drop | None

    @property
    def handle(self) -> str:
        """How actions name it: "d12" a drop, "p34" a prompt."""
        return f"d{self.drop.id}" if self.drop is not None else f"p{self.prompt.id}"


async def drops_here(tx: Tx, call: Call) -> list[Drop]:
    """The open drops of the group here, and in a direct message those of the person's own reminder, newest first."""
    personal = call.request.where.direct or call.request.where.platform == "console"
    return await occurrences.open_drops(
        tx,
        call.now,
        group_id=call.group.id if call.group is not None else None,
        person_id=call.person.id if personal else None,
    )


async def question_of(call: Call, named: str | None) -> Question:
    """The question ``named``, or without a name the open one. NotFound says what can be done instead."""
    if named:
        return await _named(call, named.strip())
    async with call.app.store.read() as tx:
        drops = await drops_here(tx, call)
        drop, prompt_id = await open_question(
            tx, call.person, call.group.id if call.group else None, call.now, drops
        )
        prompt = await prompts.get_prompt(tx, prompt_id) if drop is None and prompt_id is not None else None
    if drop is None and prompt is None and drops:
        # Everything here is answered: more words are another attempt at the newest, never words thrown away.
        drop = drops[0]
    if drop is not None:
        return Question(await prompt_of_drop(call.app, drop), drop)
    if prompt is not None:
        return Question(prompt, None)
    raise NotFound(
        "There is no open question for you just now, so nothing was stored. “practice” gives you one.",
        example="practice",
        choices=(Offer("Practise", "practice"),),
    )


async def _named(call: Call, named: str) -> Question:
    found = await question_by_handle(call, named)
    if found is not None:
        return found
    async with call.app.store.read() as tx:
        matches = await prompts.find_prompts(tx, call.group.id if call.group else None, named, limit=6)
        drops = await drops_here(tx, call)
    if len(matches) == 1:
        drop = next((d for d in drops if d.prompt_id == matches[0].id), None)
        return Question(matches[0], drop)
    if not matches:
        raise NotFound(
            f"There is no question “{shown(named)}” here, so nothing was stored. If that was the beginning of your "
            "answer, put “text:” before it.",
            example="answer text: At my last job I ...",
        )
    raise NotFound(
        f"Several questions fit “{shown(named)}”: {', '.join(m.uid for m in matches)}. Please name one of them.",
        example=f"answer prompt: {matches[0].uid} text: ...",
        choices=tuple(
            Offer(shown(m.title or m.text, 60), action_id("answer", prompt=f"p{m.id}")) for m in matches[:5]
        ),
    )


async def question_by_handle(call: Call, handle: str) -> Question | None:
    """The question that actions name "d12" or "p34"; None for what is no handle, gone, or not this person's."""
    kind, digits = handle[:1].casefold(), handle[1:]
    if kind not in ("d", "p") or not digits.isdecimal() or len(digits) >= 12:
        return None
    number = int(digits)
    async with call.app.store.read() as tx:
        if kind == "p":
            prompt = await prompts.get_prompt(tx, number)
            group_id = call.group.id if call.group else None
            seen = prompt is not None and await prompts.is_visible(tx, number, group_id)
            return Question(prompt, None) if prompt is not None and seen else None
        drop = await occurrences.get_drop(tx, number)
        mine = drop is not None and await _is_of(tx, call, drop)
    if drop is None or not mine or drop.due_at > call.now:  # tomorrow's, drawn for a preview, is nobody's yet
        return None
    prompt = await prompt_of_drop(call.app, drop)
    # Answers to a drop that has closed are practice: late, welcome, and nobody's drop any more.
    if drop.state == "open" and drop.closes_at > call.now:
        return Question(prompt, drop)
    return Question(prompt, None) if await _is_practised_here(call, drop, prompt) else None


async def _is_practised_here(call: Call, drop: Drop, prompt: StoredPrompt) -> bool:
    """Whether a closed drop's prompt may be practised in the group here: another group's own questions may not."""
    here = call.group.id if call.group is not None else None
    if drop.group_id in (None, here):
        return True
    async with call.app.store.read() as tx:
        return await prompts.is_visible(tx, prompt.id, here)


async def _is_of(tx: Tx, call: Call, drop: Drop) -> bool:
    """Whether a drop is the person's own, or of the group here; in a direct message of any group of theirs."""
    if drop.person_id == call.person.id or (call.group is not None and drop.group_id == call.group.id):
        return True
    if drop.group_id is None or not call.request.where.direct:
        return False
    return drop.group_id in {g.id for g in await people.groups_of(tx, call.person.id)}


async def suggest_prompts(call: Call, typed: str) -> tuple[Choice, ...]:
    """Open drops first, then prompts whose title or id contains what is typed; at most 25."""
    async with call.app.store.read() as tx:
        drops = await drops_here(tx, call)
        known: Sequence[StoredPrompt] = await prompts.find_prompts(
            tx, call.group.id if call.group else None, typed, limit=25
        )
        todays = [await prompts.get_prompt(tx, d.prompt_id) for d in drops if d.prompt_id is not None]
    first = [
        Choice(shown(f"Today: {p.title or p.text}", 75), f"d{d.id}")
        for d, p in zip([d for d in drops if d.prompt_id is not None], todays, strict=True)
        if p is not None
    ]
    rest = [Choice(shown(p.title or p.text, 75), p.uid[:75]) for p in known]
    return (*first, *rest)[:25]
