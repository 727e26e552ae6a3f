"""Keeping an answer and saying what came of it: what every command that takes an answer has in common."""

from __future__ import annotations

import dataclasses
import hashlib
import re
from collections.abc import Mapping

import structlog

from core.answering import Recorded, finish, record
from core.call import Call
from core.errors import AlreadyKept, BadOption, NotFound
from core.questions import Question
from core.reply import after_answer
from core.store import answers, heard, prompts, shares
from core.store.answers import Answer
from core.store.engine import Tx
from core.streaks import current_streak
from core.views import Message, Text, View, say

SOURCE_LENGTH = 80  # characters that ``answer.source`` has room for
log = structlog.get_logger(__name__)

FIELD_LIMIT = (
    4000  # characters of one form field on the platform that allows most; longer answers come in two
)

READ_AT_ONCE = 3000  # characters of somebody's answer on one page


def whole(*boxes: str) -> str:
    """What was typed into several boxes, as one text."""
    return "\n".join(t for t in boxes if t)


def in_boxes(text: str, most: int, limit: int = FIELD_LIMIT) -> list[str] | None:
    """``text`` in at most ``most`` pieces that fit a form's field each; None when it does not fit.

    ``whole`` puts them together again: every word is there, in order. A piece ends with a line or a sentence where
    it can, so that no sentence has a line's end in it that its writer did not put there.
    """
    for cut in (_kind_cut, _late_cut):
        pieces: list[str] = []
        rest = text.strip()
        while rest and len(pieces) < most:
            at = len(rest) if _units(rest) <= limit else cut(rest, _fitting(rest, limit))
            pieces.append(rest[:at].rstrip())
            rest = rest[at:].lstrip()
        if not rest:
            return pieces
    return None


def parts_to_read(text: str, limit: int = READ_AT_ONCE) -> list[str]:
    """``text`` in parts of at most ``limit`` characters, which every platform shows without cutting."""
    return in_boxes(text, len(text), limit) or [text]


def _units(text: str) -> int:
    """The length as forms count it, in UTF-16 units: an emoji is two."""
    return len(text) + sum(c > "\uffff" for c in text)


def _fitting(text: str, limit: int) -> int:
    """How many characters of ``text`` fit into ``limit`` units."""
    at = min(len(text), limit)
    while (over := _units(text[:at]) - limit) > 0:
        at -= -(-over // 2)
    return at


_ENDS = (
    re.compile(r"\n\s*"),
    re.compile(r"[.!?…][\"'”’)\]]*\s+|[。！？]"),
)


def _kind_cut(text: str, at: int) -> int:
    """The last end of a line in the second half of ``text[:at]``, else of a sentence, else of a word."""
    for end in _ENDS:
        found = [m.end() for m in end.finditer(text, at // 2, at)]
        if found:
            return found[-1]
    return _late_cut(text, at)


def _late_cut(text: str, at: int) -> int:
    """The last end of a word at or before ``at``; where there is no blank at all, ``at`` itself."""
    if text[at].isspace():
        return at
    blank = max(text.rfind(b, 1, at) for b in " \n\t\u00a0\u3000")
    return blank if blank > 0 else at


def check_length(call: Call, text: str) -> None:
    """Raise BadOption when ``text`` is longer than what is kept."""
    limit = call.app.limits.answer_characters
    if len(text) > limit:
        raise BadOption(
            f"That answer has {len(text):,} characters; up to {limit:,} are kept. Nothing was stored: please shorten "
            "it (ten minutes of speech are about 8,400).",
            option="text",
        )


async def keep(
    call: Call,
    question: Question,
    text: str,
    parts: Mapping[str, str] | None = None,
    outcome: str = "",
    source: str | None = None,
) -> View:
    """Store an answer, then read it. It stays stored whatever happens to its reading.

    ``source`` is the message it is taken from ("discord:123"): AlreadyKept is raised for one that is an answer.
    Without one the request's ``once`` tells the answer apart: the same act told again stores nothing, and shows
    what is kept of it.
    """
    group_id = call.group.id if call.group else None
    act = "" if source is not None else act_of(call)
    try:
        recorded = await record(
            call.app,
            call.person,
            question.prompt,
            text,
            call.now,
            group_id=question.drop.group_id if question.drop and question.drop.group_id else group_id,
            occurrence_id=question.drop.id if question.drop else None,
            parts=parts,
            outcome=outcome if question.prompt.track == "coding" else "",
            source=source or act or None,
        )
    except AlreadyKept:
        if not act:
            raise
        return await _kept_before(call, act)
    return await read_and_reply(call, question, recorded)


def act_of(call: Call) -> str:
    """What ``answer.source`` says of an answer that was given by this act; "" where the platform has no id for it.

    No message has such a source: theirs begin with a platform.
    """
    who, once = call.request.who, call.request.once
    if not once:
        return ""
    named = f"once:{who.platform}:{who.workspace}:{once}"
    return named if len(named) <= SOURCE_LENGTH else f"once:{hashlib.sha256(named.encode()).hexdigest()}"


async def _kept_before(call: Call, act: str) -> View:
    """The answer that this act gave when it was told first."""
    async with call.app.store.read() as tx:
        there = await heard.answer_from(tx, act)
        kept = await answers.get(tx, there.id) if there is not None else None
        prompt = await prompts.get_prompt(tx, kept.prompt_id) if kept is not None else None
        streak = await current_streak(tx, call.person, call.now)
    if kept is None or prompt is None or kept.person_id != call.person.id:
        return say("That was sent before, so nothing was stored twice. “history” shows what is kept.")
    if kept.withdrawn_at is not None:
        return say("That answer came before, and you have taken it back since. It stays taken back.")
    view = await read_and_reply(call, Question(prompt, None), Recorded(kept, None, streak, None))
    note = Text(("It came twice and is kept once.",), style="note")
    return dataclasses.replace(view, blocks=(note, *view.blocks))


async def read_and_reply(call: Call, question: Question, recorded: Recorded) -> Message:
    """The reading of an answer that is safe, as its writer sees it."""
    try:
        feedback = await finish(call.app, recorded.answer, question.prompt, call.person)
    except Exception:  # the answer is safe; its reading is made up for at the next start
        log.exception("reading an answer failed", answer=recorded.answer.id)
        feedback = None
    async with call.app.store.read() as tx:
        topic = await shares.topic_of(tx, recorded.answer)
        shared = await shares.count_shared(tx, topic)
    return after_answer(call, question, recorded, feedback, shared=topic.handle if shared else "")


async def own_answer(tx: Tx, call: Call, answer_id: int) -> Answer:
    """The asker's own answer with that number. Raises NotFound when it is not there, not theirs, or taken back."""
    found = await answers.get(tx, answer_id)
    if found is None or found.person_id != call.person.id:
        raise NotFound("That answer is not there, or not yours.", example="history")
    if found.withdrawn_at is not None:
        raise NotFound("That answer is taken back, so nothing was changed.", example="history")
    return found
