"""What somebody gets back for an answer: what was kept, what it brought, what the reading found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from core.answering import Feedback, Recorded
from core.call import Call
from core.cards import rubric_ticks
from core.comparing import Comparison, New
from core.corrections import YOURS
from core.feedback import TITLES, Reading
from core.feedback.other import figures_of
from core.packs.model import Rubric
from core.parse import action_id
from core.plain import count, shown, times
from core.questions import Question
from core.rules.days import in_words
from core.rules.minimum import MINIMUM_WORDS
from core.rules.scoring import Award
from core.rules.streak import Streak
from core.store.answers import Answer
from core.store.prompts import StoredPrompt
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
        blocks += reading_blocks(feedback.reading, feedback.corrected)
        blocks += _progress(feedback)
    else:
        blocks += self_check(call.app.rubrics, prompt, recorded, feedback.ticked)
    if prompt.body.get("good") and prompt.track != "behavioural":
        blocks.append(Text(("What a strong answer shows here:",), style="heading"))
        blocks.append(Text(("\n".join(f"- {g}" for g in prompt.many("good")),)))
    is_read = feedback is not None and feedback.reading is not None
    blocks.append(_onwards(call, recorded.answer, shared, read=is_read))
    return Message(tuple(blocks), track=prompt.track)


def _onwards(call: Call, answer: Answer, shared: str, *, read: bool) -> Buttons:
    """What can be done with an answer that is kept. One that was given in no group has nobody to be shared with.

    ``read``: a STAR checklist stands above, which can be corrected.
    """
    buttons = [Button("Revise", action_id("revise", answer=answer.id), "primary")]
    if read:
        buttons.append(Button("Correct it", action_id("correct", answer=answer.id)))
    if read and call.app.coach is not None:
        buttons.append(Button("Ask the coach", action_id("coach", answer=answer.id)))
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


def reading_blocks(reading: Reading, corrected: Sequence[str] = ()) -> list[Block]:
    """The checklist with the reader's own sentences, at most two suggestions, and the plain figures.

    ``corrected``: the items that the writer decided, and sentences that they moved ("s3").
    """
    items = tuple(
        CheckItem(TITLES[key], State(check.state), check.quote, YOURS if key in corrected else "")
        for key, check in reading.checks.items()
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


def spoken_words(seconds: int) -> str:
    minutes, rest = divmod(seconds, 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


def _progress(feedback: Feedback) -> list[Block]:
    """What this attempt has that the earlier ones had not, what it lost, and the points that it brought."""
    found = feedback.comparison
    if found is None:
        return []
    blocks: list[Block] = []
    if found.new:
        blocks.append(Text(("New since your earlier attempts:",), style="heading"))
        blocks.append(Text(("\n".join(_new_lines(found.new)),)))
    if earned := points_words(feedback.award):
        without = ["Points go by the readings without corrections."] if found.corrected else []
        blocks.append(Text((" ".join([*earned, *without]),)))
    if found.again:
        back = ", ".join(item_name(key) for key in found.again)
        blocks.append(Text((f"There again, after attempt {found.attempt} went without: {back}.",)))
    if found.gone:
        blocks.append(Text((f"In attempt {found.attempt} and not in this one; keep it if it still fits:",)))
        blocks.append(Text(("\n".join(_by_sentence([(each.key, each.quote) for each in found.gone])),)))
    better = list(found.better)
    if found.closer:
        better.insert(0, f"Nearer than before: {', '.join(item_name(key) for key in found.closer)}.")
    if better:
        blocks.append(Text((" ".join(better),)))
    return [*blocks, Text((_against(found),), style="note")]


def _new_lines(new: Sequence[New]) -> list[str]:
    """Items met for the first time, each sentence that is new once, with all that it shows."""
    known = [each for each in new if not each.fresh]
    lines = _by_sentence([(each.key, each.quote) for each in new if each.fresh])
    lines += _by_sentence([(each.key, "") for each in known if not each.quote])
    if read_so := [item_name(each.key) for each in known if each.quote]:
        lines.append(
            f"- {', '.join(read_so)} (the sentence was there before, and reads so beside the new ones)"
        )
    return lines


def _by_sentence(items: Sequence[tuple[str, str]]) -> list[str]:
    """(item, sentence) -> a line for each sentence with the items that it shows before it."""
    by: dict[str, list[str]] = {}
    for key, quote in items:
        by.setdefault(quote, []).append(item_name(key))
    return [f"- {', '.join(names)}" + (f": “{quote}”" if quote else "") for quote, names in by.items()]


def _against(found: Comparison) -> str:
    """One line: how many items are met, beside the attempt before."""
    if found.attempt is None:
        return (
            f"{found.met} of {found.of} items met. Your earlier attempts are taken back; they are not shown."
        )
    now = f"{found.met} of {found.of} items met, {found.met_before} in attempt {found.attempt}."
    return (
        now if found.new else f"Compared with your earlier attempts: nothing is met for the first time. {now}"
    )


def item_name(key: str) -> str:
    """A checklist item in a word or few: what stands before the colon of its title."""
    return TITLES[key].partition(":")[0]


# --- the other tracks: one's own rubric ----------------------------------------


def self_check(
    rubrics: Mapping[str, Rubric], prompt: StoredPrompt, recorded: Recorded, ticked: Sequence[str] = ()
) -> list[Block]:
    """The rubric as boxes to tick, and what can be counted; nothing is judged that a machine cannot see."""
    rubric = rubrics.get(prompt.rubric)
    if rubric is None:
        return []
    figures = figures_of(
        prompt.track,
        recorded.answer.text,
        question=prompt.text,
        audience=prompt.body.get("audience") or "",
    )
    return [
        Text(
            (f"{rubric.title}: tick what your answer shows. It is for your own eyes and earns nothing.",),
            style="heading",
        ),
        rubric_ticks(rubric, recorded.answer.id, ticked),
        Text(("\n".join(figures),), style="note"),
    ]
