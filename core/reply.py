"""What somebody gets back for an answer: what was kept, what it brought, what the reading found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from core.answering import Feedback, Recorded
from core.call import Call
from core.cards import rubric_ticks
from core.feedback import TITLES, Reading
from core.packs.model import Rubric
from core.parse import action_id
from core.plain import count, shown
from core.questions import Question
from core.rules.days import in_words
from core.rules.minimum import MINIMUM_WORDS
from core.rules.scoring import Award
from core.rules.streak import Streak
from core.store.answers import Answer
from core.views import Block, Button, Buttons, CheckItem, Checklist, Message, State, Text


def after_answer(
    call: Call, question: Question, recorded: Recorded, feedback: Feedback | None, *, shared: str = ""
) -> Message:
    """Kept, counted, read: in this order, so that the first line says that nothing is lost.

    ``shared`` names the question ("d12") when others' answers to it are shared, which the writer may read now.
    """
    prompt = question.prompt
    attempt = f" (attempt {recorded.answer.attempt})" if recorded.answer.attempt > 1 else ""
    blocks: list[Block] = [
        Text((f"Kept: your answer to “{shown(prompt.title or prompt.text, 80)}”{attempt}.",), style="heading")
    ]
    if recorded.loss is not None:
        blocks.append(Text((recorded.loss.words,)))
    blocks.append(Text((_counting(recorded, prompt.track),)))
    if prompt.track == "coding" and not recorded.answer.counts:
        blocks.append(outcome_buttons(recorded.answer.id))
    if feedback is None:
        blocks.append(
            Text(("Its checklist could not be made just now. It will be in your history a little later.",))
        )
    elif feedback.reading is not None:
        blocks += reading_blocks(feedback.reading)
        blocks += _progress(feedback)
    else:
        blocks += self_check(call.app.rubrics, prompt.rubric, recorded, feedback.ticked)
    if prompt.body.get("good") and prompt.track != "behavioural":
        blocks.append(Text(("What a strong answer shows here:",), style="heading"))
        blocks.append(Text(("\n".join(f"- {g}" for g in prompt.many("good")),)))
    blocks.append(_onwards(recorded.answer, shared))
    return Message(tuple(blocks), track=prompt.track)


def _onwards(answer: Answer, shared: str) -> Buttons:
    """What can be done with an answer that is kept. One that was given in no group has nobody to be shared with."""
    buttons = [Button("Revise", action_id("revise", answer=answer.id), "primary")]
    if answer.group_id is not None:
        buttons.append(Button("Share", action_id("share", answer=answer.id)))
    buttons.append(Button("Save", action_id("save", answer=answer.id)))
    buttons.append(Button("My attempts", action_id("history", prompt=f"p{answer.prompt_id}")))
    if shared:
        buttons.append(Button("Shared answers", action_id("shared", prompt=shared)))
    return Buttons(tuple(buttons))


def outcome_buttons(answer_id: int) -> Buttons:
    """How a coding attempt went, to be said with one press."""
    labels = (("Solved", "solved"), ("Partly", "partly"), ("Stuck", "stuck"))
    return Buttons(
        tuple(Button(label, action_id("outcome", answer=answer_id, value=v)) for label, v in labels)
    )


def _counting(recorded: Recorded, track: str) -> str:
    if not recorded.answer.counts and track == "coding":
        return "How did it go? With an outcome it counts for the day, whichever it is."
    if not recorded.answer.counts:
        has = (
            f"This one has {count(recorded.answer.words, 'word')}"
            if recorded.answer.words
            else "I can count no words in this one"
        )
        return (
            f"{has}; from {MINIMUM_WORDS} words on an answer counts for the day. It is kept all the same: "
            "add to it when you like."
        )
    parts = [f"It counts for {in_words(recorded.answer.day)}.", streak_words(recorded.streak)]
    parts += points_words(recorded.award)
    return " ".join(parts)


def points_words(award: Award | None) -> list[str]:
    if award is None or not award.points:
        return []
    return [f"+{count(award.points, 'point')}: {award.why[:1].lower()}{award.why[1:]}"]


def streak_words(streak: Streak) -> str:
    """ "Streak: 3 days (best 5), 1 saver in hand." """
    best = f" (best {streak.best})" if streak.best > streak.current else ""
    savers = f", {count(streak.savers, 'saver')} in hand" if streak.savers else ""
    return f"Streak: {count(streak.current, 'day')}{best}{savers}."


# --- the STAR reading ----------------------------------------


def reading_blocks(reading: Reading) -> list[Block]:
    """The checklist with the reader's own sentences, at most two suggestions, and the plain figures."""
    items = tuple(
        CheckItem(TITLES[key], State(check.state), check.quote) for key, check in reading.checks.items()
    )
    blocks: list[Block] = [Checklist(items)]
    if reading.suggestions:
        blocks.append(Text(("What would help most:",), style="heading"))
        blocks.append(Text(("\n".join(f"- {s}" for s in reading.suggestions),)))
    blocks.append(Text((figures_words(reading),), style="note"))
    return blocks


def figures_words(reading: Reading) -> str:
    """One line: length, filler words, and how often “I” and “we” stand there."""
    parts = [reading.length_note]
    if reading.fillers:
        parts.append(f"Filler words: {', '.join(f'{word} {n}' for word, n in reading.fillers.items())}.")
    parts.append(f"You say “I” {times(reading.first_person['i'])}, “we” {times(reading.first_person['we'])}.")
    return " ".join(parts)


def times(number: int) -> str:
    """0 -> "never", 1 -> "once", 2 -> "twice", 7 -> "7 times"."""
    return ("never", "once", "twice")[number] if number < 3 else f"{number} times"


def spoken_words(seconds: int) -> str:
    minutes, rest = divmod(seconds, 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


def _progress(feedback: Feedback) -> list[Block]:
    """What is new since the earlier attempts, with the points it brought."""
    if not feedback.earlier:
        return []
    if not feedback.newly_met:
        return [
            Text(("Compared with your earlier attempts: nothing is met for the first time.",), style="note")
        ]
    new = "\n".join(f"- {TITLES[key]}" for key in feedback.newly_met)
    blocks: list[Block] = [Text(("New since your earlier attempts:",), style="heading"), Text((new,))]
    blocks += [Text((words_,)) for words_ in points_words(feedback.award)]
    return blocks


# --- the other tracks: one's own rubric ----------------------------------------


def self_check(
    rubrics: Mapping[str, Rubric], name: str, recorded: Recorded, ticked: Sequence[str] = ()
) -> list[Block]:
    """The rubric as boxes to tick; nothing is judged that a machine cannot see."""
    rubric = rubrics.get(name)
    if rubric is None:
        return []
    seconds = round(recorded.answer.words / 140 * 60)
    return [
        Text(
            (f"{rubric.title}: tick what your answer shows. It is for your own eyes and earns nothing.",),
            style="heading",
        ),
        rubric_ticks(rubric, recorded.answer.id, ticked),
        Text(
            (f"{count(recorded.answer.words, 'word')}, about {spoken_words(seconds)} when spoken.",),
            style="note",
        ),
    ]
