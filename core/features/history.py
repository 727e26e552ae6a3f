"""``history``: one's attempts, found again, all or the best; at one prompt side by side; taking one back."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from zoneinfo import ZoneInfo

from core.call import Call
from core.cards import checklist_block
from core.commands import Allow, Command, Kind, Option
from core.corrections import is_corrected
from core.delivery.redraw import touch_cards
from core.errors import NotFound
from core.feedback import TITLES
from core.parse import action_id
from core.pictures import Attempt, attempts_chart
from core.plain import count, shown
from core.questions import question_of, suggest_prompts
from core.reply import item_name
from core.store import answers
from core.store.engine import Line
from core.views import (
    Block,
    Button,
    Buttons,
    Choice,
    Divider,
    Image,
    Message,
    Page,
    Select,
    Table,
    Text,
    View,
    say,
)

PAGE = 10
SHOWN_ATTEMPTS = 3  # in full, newest first; more fit no screen
PICTURE_FROM = 2  # attempts: one point is no line


async def history(call: Call) -> View:
    named = call.get("prompt")
    if named:
        return await _attempts(call, named)
    saved = bool(call.get("saved", False))
    async with call.app.store.read() as tx:
        best = await answers.count_of(tx, call.person.id, saved=True)
        total = best if saved else await answers.count_of(tx, call.person.id)
        pages = max(1, -(-total // PAGE))
        page = min(call.get("page", 1), pages)
        rows = await answers.history(tx, call.person.id, saved=saved, limit=PAGE, offset=(page - 1) * PAGE)
    if not rows:
        return _none_saved() if saved else _no_answers()
    table = Table(("When", "Question", "Words", "Met"), tuple(_line(call, r) for r in rows), "llrr")
    picks = {r.prompt_id: Choice(shown(r.prompt_title or r.prompt_text, 75), f"p{r.prompt_id}") for r in rows}
    kind = "saved answer" if saved else "answer"
    blocks: list[Block] = [
        Text((f"Your {count(total, kind)}, newest first",), style="title"),
        table,
        Select("history:prompt=", "Compare the attempts at one of them", tuple(picks.values())),
    ]
    if saved:
        blocks.append(Buttons((Button("All answers", "history"),)))
    elif best:
        blocks.append(Buttons((Button("Only the saved ones", action_id("history", saved="yes")),)))
    wish = {"saved": "yes"} if saved else {}
    return Page(
        Message(tuple(blocks)),
        page,
        pages,
        action_id("history", **wish, page=page - 1) if page > 1 else None,
        action_id("history", **wish, page=page + 1) if page < pages else None,
    )


def _no_answers() -> Message:
    return Message(
        (
            Text(("You have no answers yet. The first one is the hardest; a few sentences are enough.",)),
            Buttons((Button("Today's question", "today", "primary"),)),
        )
    )


def _none_saved() -> Message:
    return Message(
        (
            Text(
                (
                    "None of your answers is saved. “Save” stands under each checklist, and under each attempt.",
                )
            ),
            Buttons((Button("All answers", "history"),)),
        )
    )


def _line(call: Call, row: Line) -> tuple[str, str, str, str]:
    local = row.at.astimezone(ZoneInfo(call.person.zone))
    met = f"{len(row.met)} of {len(row.checks)}" if row.checks else ""
    if row.withdrawn_at is not None:
        met = "taken back"
    elif row.saved_at is not None:
        met = f"{met}, saved" if met else "saved"
    return f"{local:%d %b %H:%M}", shown(row.prompt_title or row.prompt_text, 44), str(row.words), met


async def _attempts(call: Call, named: str) -> View:
    question = await question_of(call, named)
    async with call.app.store.read() as tx:
        rows = await answers.history(tx, call.person.id, prompt_id=question.prompt.id, limit=50)
    if not rows:
        raise NotFound(
            "You have not answered that one yet.", example=f"answer prompt: {question.prompt.uid} text: ..."
        )
    blocks: list[Block] = [Text((question.prompt.text,), style="title")]
    told = [r for r in rows if r.checks and r.withdrawn_at is None]
    if len(told) >= PICTURE_FROM:
        blocks += [_comparison(told), await _picture(told)]
    for row in rows[:SHOWN_ATTEMPTS]:
        blocks += [Divider(), *_attempt(call, row)]
    if len(rows) > SHOWN_ATTEMPTS:
        blocks.append(
            Text((f"... and {count(len(rows) - SHOWN_ATTEMPTS, 'earlier attempt')}.",), style="note")
        )
    blocks.append(
        Buttons((Button("Try again", action_id("answer", prompt=f"p{question.prompt.id}"), "primary"),))
    )
    return Message(tuple(blocks), track=question.prompt.track)


def _attempt(call: Call, row: Line) -> list[Block]:
    local = row.at.astimezone(ZoneInfo(call.person.zone))
    when = f"{local:%a %d %b %Y %H:%M} ({call.person.zone})"
    if row.withdrawn_at is not None:
        return [Text((f"Attempt {row.attempt}, {when}: taken back.",), style="heading")]
    outcome = f", {row.outcome}" if row.outcome else ""
    blocks: list[Block] = [
        Text((f"Attempt {row.attempt}, {when}, {count(row.words, 'word')}{outcome}",), style="heading"),
        Text((row.text,), style="quote"),
    ]
    if row.checks:
        blocks.append(checklist_block(row.checks, TITLES))
    marks = [m for m, on in (("saved", row.saved_at), ("shared", row.shared_at)) if on is not None]
    notes = []
    if is_corrected(row.checks or ()):
        notes.append("Corrected by you.")
    if marks:
        nameless = " without your name" if row.shared_at is not None and row.anonymous else ""
        notes.append(f"{' and '.join(marks).capitalize()}{nameless}.")
    if notes:
        blocks.append(Text((" ".join(notes),), style="note"))
    blocks.append(_buttons(row))
    return blocks


def _buttons(row: Line) -> Buttons:
    buttons = [Button("Revise", action_id("revise", answer=row.id))]
    if row.checks:
        buttons.append(Button("Correct it", action_id("correct", answer=row.id)))
    if row.shared_at is not None:
        buttons.append(Button("Unshare", action_id("share", answer=row.id, how="stop")))
    elif row.group_id is not None:
        buttons.append(Button("Share", action_id("share", answer=row.id)))
    if row.reviews:
        buttons.append(Button(f"Reviews ({row.reviews})", action_id("reviews", answer=row.id)))
    save = "Save" if row.saved_at is None else "Remove from saved"
    buttons.append(Button(save, action_id("save", answer=row.id, keep="no" if row.saved_at else "yes")))
    buttons.append(Button("Take it back", action_id("withdraw", answer=row.id)))
    return Buttons(tuple(buttons))


def _comparison(rows: Sequence[Line]) -> Table:
    """Item by item, attempts oldest first; the newest five of ``rows``, which all have a checklist."""
    told = list(reversed(rows[:5]))
    keys = [i["key"] for i in told[-1].checks]
    states = [{i["key"]: i["state"] for i in r.checks} for r in told]
    marks = {"met": "met", "missing": "-", "unsure": "?"}
    lines = tuple(
        (item_name(k) if k in TITLES else k, *(marks.get(s.get(k, ""), "") for s in states)) for k in keys
    )
    return Table(("Item", *(f"Attempt {r.attempt}" for r in told)), lines)


async def _picture(rows: Sequence[Line]) -> Image:
    """Drawn in a thread: matplotlib takes a tenth of a second, and the first time a whole one."""
    told = [Attempt(r.attempt, {i["key"]: i["state"] for i in r.checks}) for r in reversed(rows)]
    return await asyncio.to_thread(attempts_chart, told, {key: item_name(key) for key in TITLES})


async def withdraw(call: Call) -> View:
    """Take an answer back: it is no longer shown or compared. Its day stays counted."""
    async with call.app.store.write() as tx:
        kept = await answers.get(tx, call.values["answer"])
        if kept is None or kept.person_id != call.person.id:
            raise NotFound("That answer is not there, or not yours.", example="history")
        if kept.withdrawn_at is not None:
            return say("That answer is taken back already.")
        if not call.get("sure", False):
            return Message(
                (
                    Text(
                        (
                            "Take this answer back? Nobody will see it any more, you neither. Its day stays counted.",
                        )
                    ),
                    Buttons(
                        (
                            Button(
                                "Yes, take it back",
                                action_id("withdraw", answer=kept.id, sure="yes"),
                                "danger",
                            ),
                            Button("No", "history"),
                        )
                    ),
                )
            )
        await answers.withdraw(tx, kept.id, call.now)
        if kept.occurrence_id is not None:
            await touch_cards(tx, call.app, kept.occurrence_id, call.now)
    return say("It is taken back. Its day stays counted.")


COMMANDS = (
    Command(
        "history",
        "Your answers, newest first; name a question to compare your attempts at it.",
        history,
        (
            Option("prompt", "A question: its name", suggest=suggest_prompts),
            Option("saved", "Only those that you saved", Kind.YESNO, named=True),
            Option("page", "Which page", Kind.NUMBER, named=True, least=1, most=100_000),
        ),
        allow=Allow.ANYONE,
        slow=True,
        area="mine",
    ),
    Command(
        "withdraw",
        "Take one of your answers back.",
        withdraw,
        (
            Option("answer", "The answer's number", Kind.NUMBER, required=True),
            Option("sure", "Yes, really", Kind.YESNO, named=True),
        ),
        allow=Allow.ANYONE,
        listed=False,
        example="withdraw answer: 5",
        area="mine",
    ),
)
