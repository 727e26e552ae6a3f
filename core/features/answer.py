"""``answer``, guided answers, details on request: an answer is stored before anything else happens with it."""

from __future__ import annotations

import dataclasses
import re

from core.answering import PARTS, add_outcome, joined_parts
from core.call import Call
from core.commands import Allow, Command, Kind, Option
from core.errors import BadOption, NotFound, UsageError
from core.forms import field_of
from core.keeping import FIELD_LIMIT, check_length, keep, read_and_reply, whole
from core.parse import action_id
from core.plain import count, shown
from core.questions import Question, question_of, suggest_prompts
from core.rules.minimum import MINIMUM_WORDS
from core.store import answers, prompts
from core.views import Button, Buttons, Choice, Form, Message, Text, View, words

OUTCOMES = (Choice("Solved", "solved"), Choice("Partly", "partly"), Choice("Stuck", "stuck"))


async def answer(call: Call) -> View:
    """Keep an answer to the open question (or the named one), then read it."""
    question = await question_of(call, call.get("prompt"))
    text = whole(call.values["text"], call.get("more", ""))
    check_length(call, text)
    if not text:
        raise BadOption(
            "There are no words in that answer, so nothing was stored. A few sentences are a fine beginning.",
            option="text",
            example="answer At my last job ...",
        )
    return await keep(call, question, text, None, call.get("outcome", ""))


async def answer_form(call: Call) -> Form:
    """The question, a box, and a second one for long answers."""
    question = await question_of(call, _raw(call, "prompt"))
    action = action_id("answer", prompt=question.handle)
    text, more = (call.command.option(n) for n in ("text", "more"))
    assert text is not None and more is not None
    fields = [
        dataclasses.replace(field_of(text), hint=_hint(question), most=FIELD_LIMIT),
        dataclasses.replace(field_of(more), kind="text", hint="", most=FIELD_LIMIT),
    ]
    outcome = call.command.option("outcome")
    if question.prompt.track == "coding" and outcome is not None:
        fields.append(field_of(outcome))
    title = shown(question.prompt.title or "Your answer", 45)
    return Form(action, title, tuple(fields), submit="Send", intro=words(question.prompt.text))


def _hint(question: Question) -> str:
    minutes = question.prompt.minutes
    about = f"About {count(minutes, 'minute')} when spoken. " if minutes and minutes <= 10 else ""
    return f"{about}From {MINIMUM_WORDS} words on it counts for the day."


def _raw(call: Call, name: str) -> str | None:
    value = call.request.values.get(name)
    return value if isinstance(value, str) else None


# --- guided ----------------------------------------


async def guided(call: Call) -> View:
    """An answer in four fields: each part is what its writer says it is."""
    question = await question_of(call, call.get("prompt"))
    parts = {key: call.get(name.lower(), "") for key, name in PARTS.items()}
    text = joined_parts(parts)
    check_length(call, text)
    if not text:
        raise BadOption("All four parts are empty, so nothing was stored.", option="situation")
    return await keep(call, question, text, {k: v for k, v in parts.items() if v}, "")


async def guided_form(call: Call) -> Form:
    question = await question_of(call, _raw(call, "prompt"))
    fields = tuple(field_of(o) for o in call.command.options if o.name != "prompt")
    return Form(
        action_id("guided", prompt=question.handle),
        shown(question.prompt.title or "Guided answer", 45),
        tuple(dataclasses.replace(f, most=FIELD_LIMIT) for f in fields),
        intro=words(question.prompt.text),
    )


# --- what a coding answer needs besides words ----------------------------------------


async def outcome(call: Call) -> View:
    """Say afterwards how a coding attempt went: an outcome is what makes it count."""
    async with call.app.store.read() as tx:
        kept = await answers.get(tx, call.values["answer"])
        prompt = await prompts.get_prompt(tx, kept.prompt_id) if kept is not None else None
    mine = kept is not None and kept.person_id == call.person.id and kept.withdrawn_at is None
    if kept is None or prompt is None or not mine or kept.track != "coding":
        raise NotFound("That answer is not there, or not yours.", example="history")
    recorded = await add_outcome(call.app, call.person, kept, call.values["value"], call.now)
    return await read_and_reply(call, Question(prompt, None), recorded)


# --- details on request ----------------------------------------


async def clarify(call: Call) -> View:
    """Ask the interviewer: a detail is told when the question is about it, and it is noted that it was asked."""
    question = await question_of(call, call.get("prompt"))
    details = question.prompt.reveal
    if not details:
        raise UsageError(
            "This question has no hidden details: say what you assume, and go on.",
            example="answer I assume that ...",
        )
    asked = call.values["ask"].casefold()
    async with call.app.store.write() as tx:
        known = await answers.clarified(tx, call.person.id, question.prompt.id)
        hits = [d for d in details if any(_speaks_of(asked, w) for w in (*d.words, d.ask.casefold()))]
        for detail in hits:
            await answers.clarify(tx, call.person.id, question.prompt.id, detail.id, call.now)
    told = known | {d.id for d in hits}
    left = [d for d in details if d.id not in told]
    if hits:
        said = [Text((d.answer,), style="quote") for d in hits]
    else:
        said = [
            Text(("Nothing more is known about that. Ask about something else, or say what you assume.",))
        ]
    keys_left = sum(d.key for d in left)
    tally = f"Details found: {len(told)} of {len(details)}."
    if keys_left:
        tally += f" {count(keys_left, 'of the others', 'of the others')} would change the answer."
    buttons = [Button("Answer", action_id("answer", prompt=question.handle), "primary")]
    if left:
        buttons.insert(0, Button("Ask another", action_id("clarify", prompt=question.handle)))
    return Message(
        (*said, Text((tally,), style="note"), Buttons(tuple(buttons))), track=question.prompt.track
    )


def _speaks_of(asked: str, word: str) -> bool:
    """Whole words, with the endings of English plurals and verbs: "user" is found in "users"."""
    return re.search(rf"(?<!\w){re.escape(word.casefold())}(?:s|es|ed|ing)?(?!\w)", asked) is not None


def _part(name: str, help_: str, *, required: bool = False) -> Option:
    return Option(name, help_, Kind.LONG, required=required, named=True, label=name.capitalize())


COMMANDS = (
    Command(
        "answer",
        "Answer the open question, or one that you name; without words it opens a form.",
        answer,
        (
            Option(
                "prompt",
                "Which question: its name, or the open one when left out",
                named=True,
                suggest=suggest_prompts,
            ),
            Option(
                "outcome",
                "Coding: how it went",
                Kind.CHOICE,
                named=True,
                choices=OUTCOMES,
                label="How did it go?",
            ),
            Option(
                "more", "The rest of a long answer", Kind.LONG, named=True, label="The rest, if it is long"
            ),
            Option(
                "text",
                "Your answer, in your own words",
                Kind.LONG,
                required=True,
                asked=True,
                label="Your answer",
            ),
        ),
        allow=Allow.ANYONE,
        slow=True,
        example="answer At my last job I ...",
        form=answer_form,
        common_form=True,
    ),
    Command(
        "guided",
        "Answer in four parts: situation, task, action, result.",
        guided,
        (
            Option("prompt", "Which question: its name, or the open one when left out", named=True),
            _part("situation", "Where and when, and what was at stake", required=True),
            _part("task", "What you had to achieve, yourself"),
            _part("action", "What you did, and why that way"),
            _part("result", "What came of it: a number, or a named consequence"),
        ),
        allow=Allow.ANYONE,
        slow=True,
        listed=False,
        example='guided situation: "..." task: "..." action: "..." result: "..."',
        form=guided_form,
        common_form=True,
    ),
    Command(
        "outcome",
        "Say how a coding attempt went.",
        outcome,
        (
            Option("answer", "The answer's number", Kind.NUMBER, required=True),
            Option("value", "How it went", Kind.CHOICE, required=True, choices=OUTCOMES),
        ),
        allow=Allow.ANYONE,
        listed=False,
    ),
    Command(
        "clarify",
        "Ask for a detail of the question, as you would ask an interviewer.",
        clarify,
        (
            Option("prompt", "Which question: its name, or the open one when left out", named=True),
            Option(
                "ask",
                "What you would like to know",
                Kind.LONG,
                required=True,
                label="What would you like to know?",
                most=500,
            ),
        ),
        allow=Allow.ANYONE,
        listed=False,
        example="clarify How many users are there?",
    ),
)
