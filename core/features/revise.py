"""``revise`` and ``save``: an answer again, better; and the best ones kept to make stories from."""

from __future__ import annotations

import dataclasses

from core.call import Call
from core.commands import FORM_FIELD_LIMIT, Allow, Command, Kind, Option
from core.errors import BadOption, NotFound, UsageError
from core.forms import field_of
from core.keeping import FIELD_LIMIT, check_length, in_boxes, keep, own_answer, whole
from core.parse import action_id
from core.plain import shown
from core.questions import Question
from core.store import answers, occurrences, people, prompts
from core.store.answers import Answer
from core.views import Button, Buttons, Choice, Field, Form, Message, Text, View, words

BOXES = ("text", "more", "more-3", "more-4", "more-5")
LEAST = 2  # boxes, however short the answer is: there is room to add to it
OUTCOMES = (Choice("Solved", "solved"), Choice("Partly", "partly"), Choice("Stuck", "stuck"))


async def revise(call: Call) -> View:
    """Keep the changed text as another attempt; for the drop, while it is open."""
    _, question = await _revised(call, call.values["answer"])
    text = whole(*(call.get(name, "") for name in BOXES))
    check_length(call, text)
    if not text:
        raise BadOption(
            "There are no words in that answer, so nothing was stored. The earlier attempt is as it was.",
            option="text",
        )
    return await keep(call, question, text, None, call.get("outcome", ""))


async def _revised(call: Call, answer_id: int) -> tuple[Answer, Question]:
    """The attempt, and what another one at it answers."""
    async with call.app.store.read() as tx:
        before = await own_answer(tx, call, answer_id)
        prompt = await prompts.get_prompt(tx, before.prompt_id)
        drop = None
        if before.occurrence_id is not None:
            drop = await occurrences.get_drop(tx, before.occurrence_id)
        groups = {g.id for g in await people.groups_of(tx, call.person.id)}
    if prompt is None:
        raise NotFound("The question of that answer is not there any more.", example="history")
    # As with ``answer``: what comes after the drop has closed is practice. So is what comes from outside its group.
    is_open = drop is not None and drop.state == "open" and drop.closes_at > call.now
    theirs = drop is not None and (drop.person_id == call.person.id or drop.group_id in groups)
    return before, Question(prompt, drop if is_open and theirs else None)


async def revise_form(call: Call) -> Form:
    """The text of the attempt in as many boxes as it needs, two at least."""
    before, question = await _revised(call, _number(call))
    pieces = in_boxes(before.text, len(BOXES))
    if pieces is None:
        raise UsageError(
            f"That answer is longer than a form can hold ({len(before.text):,} characters). Please send it anew, as a "
            "whole, and it will be another attempt.",
            example="answer text: At my last job I ...",
        )
    pieces += [""] * (LEAST - len(pieces))
    fields = [_box(call, name, piece) for name, piece in zip(BOXES, pieces, strict=False)]
    outcome = call.command.option("outcome")
    if question.prompt.track == "coding" and outcome is not None and len(fields) < FORM_FIELD_LIMIT:
        fields.append(field_of(outcome))
    fields[0] = dataclasses.replace(
        fields[0], hint=f"This is attempt {before.attempt}. Sent, it is a new one, compared with this."
    )
    title = shown(f"Revise: {question.prompt.title or 'your answer'}", 45)
    return Form(
        action_id("revise", answer=before.id),
        title,
        tuple(fields),
        submit="Send",
        intro=words(question.prompt.text),
    )


def _number(call: Call) -> int:
    """The answer's number: read already, or as the button carried it."""
    raw = call.values.get("answer", call.request.values.get("answer", ""))
    text = str(raw)
    if not text.isdecimal() or len(text) > 9:
        raise NotFound("That answer is not there, or not yours.", example="history")
    return int(text)


def _box(call: Call, name: str, text: str) -> Field:
    option = call.command.option(name)
    assert option is not None  # declared below
    return dataclasses.replace(field_of(option, text), kind="text", hint="", most=FIELD_LIMIT)


# --- the best ones ----------------------------------------


async def save(call: Call) -> View:
    """Keep an answer among one's best, or with ``keep: no`` no longer. A second press changes nothing."""
    keeps = call.get("keep", True)
    async with call.app.store.write() as tx:
        mine = await own_answer(tx, call, call.values["answer"])
        await answers.set_saved(tx, mine.id, call.now if keeps else None)
    if keeps:
        said, label = "Saved: it is kept among your best, to make stories from.", "Undo"
    else:
        said, label = "It is not among your best any more. In your history it stays.", "Save again"
    buttons = (
        Button(label, action_id("save", answer=mine.id, keep="no" if keeps else "yes")),
        Button("Saved answers", action_id("history", saved="yes")),
    )
    return Message((Text((said,)), Buttons(buttons)))


_ANSWER = Option("answer", "The answer's number", Kind.NUMBER, required=True, least=1)
COMMANDS = (
    Command(
        "revise",
        "Change one of your answers; it is kept as a new attempt.",
        revise,
        (
            _ANSWER,
            Option(
                "outcome",
                "Coding: how it went",
                Kind.CHOICE,
                named=True,
                choices=OUTCOMES,
                label="How did it go?",
            ),
            *(Option(n, "The rest of it", Kind.LONG, named=True, label="The rest") for n in BOXES[1:]),
            Option(
                "text",
                "The answer, as it should be now",
                Kind.LONG,
                required=True,
                asked=True,
                label="Your answer",
            ),
        ),
        allow=Allow.ANYONE,
        slow=True,
        listed=False,
        example="revise answer: 5 text: At my last job I ...",
        form=revise_form,
        area="mine",
    ),
    Command(
        "save",
        "Keep one of your answers among your best, or no longer.",
        save,
        (_ANSWER, Option("keep", "No: not any more", Kind.YESNO, named=True)),
        allow=Allow.ANYONE,
        listed=False,
        area="mine",
    ),
)
