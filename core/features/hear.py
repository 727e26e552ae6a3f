"""Messages that are answers: heard directly, confirmed with a button, or taken from a message's menu.

None of these is a command that people type: platforms bring what was said (core.events).
"""

from __future__ import annotations

import contextlib
import dataclasses

from core.call import Attachment, Call
from core.commands import Allow, Command, Kind, Option
from core.errors import AlreadyKept, NotFound, StoreError, UsageError
from core.keeping import check_length, keep, whole
from core.parse import action_id
from core.plain import clean_text, shown
from core.questions import Question, question_by_handle, question_of
from core.rules.minimum import MINIMUM_WORDS, word_count
from core.store import answers, drafts, heard
from core.views import Button, Buttons, Message, Text, Typed, View, say, words

TEXT_BYTES = 100_000  # of a text file that is an answer
SILENCE = Message(())  # nothing is to be said: core.events makes it None


def source_of(call: Call, message_id: str) -> str:
    """What ``answer.source`` says of an answer taken from that message.

    Discord's message ids are unique; Slack's are the time, and tell messages of one channel apart only.
    """
    who, where = call.request.who, call.request.where
    if who.platform == "slack":
        return f"slack:{who.workspace}:{where.channel_id}:{message_id}"
    return f"{who.platform}:{message_id}"


# --- what was said directly ----------------------------------------


async def hear(call: Call) -> View:
    """A direct message: a reply to a prompt, or a text file, is an answer; anything else is asked about first.

    Answers are told apart by their source, so that one that comes late is never passed over. All else is dealt
    with in the order of its ids, once.
    """
    message_id = call.values["message"]
    async with call.app.store.read() as tx:
        if await heard.answer_from(tx, source_of(call, message_id)) is not None:
            return SILENCE
        seen = await heard.seen(tx, call.request.who)
    is_new = heard.order(message_id) > heard.order(seen)
    written, unreadable = _file_text(call.get("file"))
    unreadable = unreadable or call.get("unreadable", "")
    text = whole(clean_text(call.get("text", "")), written)
    if unreadable and word_count(text) < MINIMUM_WORDS:
        return _unreadable(unreadable) if await _mark(call) else SILENCE
    question = await question_by_handle(call, call.get("about", ""))
    if question is not None and not written and await _afterthought(call, question, text):
        return await _loose(call, text, question) if is_new else SILENCE
    if text and (question is not None or written):
        try:
            view = await _answered(call, question, text)
        except AlreadyKept:  # another process read the same message at the same moment
            return SILENCE
        return _noting(view, unreadable)
    return await _loose(call, text) if is_new else SILENCE


async def _afterthought(call: Call, question: Question, text: str) -> bool:
    """A few words to a question that they have answered: a "thanks!" under its checklist, or one more attempt."""
    if word_count(text) >= MINIMUM_WORDS:
        return False
    async with call.app.store.read() as tx:
        return await answers.count_of(tx, call.person.id, question.prompt.id) > 0


async def _answered(call: Call, question: Question | None, text: str) -> View:
    """The message as an answer. It is noted as dealt with once that is so, also when it was refused."""
    try:
        question = question or await question_of(call, None)
        check_length(call, text)
        view = await keep(call, question, text, source=source_of(call, call.values["message"]))
    except AlreadyKept:
        raise
    except UsageError:
        if not await _mark(call):
            return SILENCE
        raise
    with contextlib.suppress(StoreError):  # it is kept, and its source says so
        await _mark(call)
    return view


async def _loose(call: Call, text: str, question: Question | None = None) -> View:
    """Words that may be an answer, and may be "thanks!": they wait for a word of their writer."""
    message_id = call.values["message"]
    if not text:  # a sticker, a picture of nothing: there is nothing to ask about
        await _mark(call)
        return SILENCE
    try:
        question = question or await question_of(call, None)
    except NotFound:
        return _no_question() if await _mark(call) else SILENCE
    fields = {"text": text, "about": question.handle}
    async with call.app.store.write() as tx:
        if not await heard.mark(tx, call.request.who, call.request.where.channel_id, message_id):
            return SILENCE
        life = call.app.limits.draft_life
        await drafts.keep(tx, call.person.id, _loose_action(message_id), fields, call.now, life)
    title = shown(question.prompt.title or question.prompt.text, 80)
    return Message(
        (
            Text((f"Count this as your answer to “{title}”?",)),
            Buttons(
                (
                    Button("Yes", action_id("count", message=message_id), "primary"),
                    Button("No", action_id("leave", message=message_id)),
                )
            ),
        ),
        track=question.prompt.track,
    )


def _loose_action(message_id: str) -> str:
    return f"loose:{message_id}"


async def _mark(call: Call) -> bool:
    """Note the message as dealt with. False: it, or a later one, was before."""
    who, channel_id = call.request.who, call.request.where.channel_id
    async with call.app.store.write() as tx:
        return await heard.mark(tx, who, channel_id, call.values["message"])


def _file_text(file: Attachment | None) -> tuple[str, str]:
    """(what stands in a text file, why it cannot be read)."""
    if file is None:
        return "", ""
    name = shown(file.name, 60)
    if len(file.data) > TEXT_BYTES:
        return "", f"“{name}” is over {TEXT_BYTES // 1000} kB"
    try:
        text = clean_text(file.data.decode("utf-8-sig"))
    except UnicodeDecodeError:
        return "", f"“{name}” is no text in UTF-8"
    return text, "" if text else f"“{name}” is empty"


def _unreadable(why: str) -> Message:
    why = why.strip().rstrip(".")
    return say(
        f"{why[:1].upper()}{why[1:]}, so nothing was stored. What works: your answer as the text of a message, or as "
        f"a .txt or .md file in UTF-8, up to {TEXT_BYTES // 1000} kB."
    )


def _noting(view: View, unreadable: str) -> View:
    """``view`` with a note that of the message only its text was taken."""
    if not unreadable or not isinstance(view, Message):
        return view
    note = Text(("The text of your message was taken; what was attached to it was not read.",), style="note")
    return dataclasses.replace(view, blocks=(*view.blocks, note))


def _no_question() -> Message:
    said = words(
        "Hello! No question is open for you just now, so there is nothing this could be the answer to. If you would "
        "like one: ",
        Typed("practice"),
        ".",
    )
    return Message((Text(said), Buttons((Button("Practise", "practice", "primary"),))))


# --- the buttons under a loose message ----------------------------------------


async def count(call: Call) -> View:
    """Yes: the message is the answer to the question that was named when it was asked."""
    message_id = call.values["message"]
    action = _loose_action(message_id)
    async with call.app.store.read() as tx:
        waiting = await drafts.find(tx, call.person.id, action, call.now - call.app.limits.draft_life)
    if not waiting:
        return await _not_waiting(call, message_id)
    question = await question_by_handle(call, waiting["about"]) or await question_of(call, None)
    check_length(call, waiting["text"])
    view = await keep(call, question, waiting["text"], source=source_of(call, message_id))
    with contextlib.suppress(StoreError):  # it is kept; the draft goes by itself within the day
        async with call.app.store.write() as tx:
            await drafts.drop(tx, call.person.id, action)
    return view


async def _not_waiting(call: Call, message_id: str) -> View:
    async with call.app.store.read() as tx:
        there = await heard.answer_from(tx, source_of(call, message_id))
    if there is not None and there.person_id == call.person.id:
        return say(f"It counts already: it is your answer to “{shown(there.title or there.text, 80)}”.")
    raise NotFound(
        "Those words are not kept any more: they wait for a day, and not once you have said no. Send them again, or "
        "as a reply to the question, and they count at once.",
        example="answer text: At my last job I ...",
    )


async def leave(call: Call) -> View:
    """No: the message stays a message."""
    message_id = call.values["message"]
    async with call.app.store.write() as tx:
        await drafts.drop(tx, call.person.id, _loose_action(message_id))
        there = await heard.answer_from(tx, source_of(call, message_id))
    if there is not None and there.person_id == call.person.id:
        return say(f"It counts already: it is your answer to “{shown(there.title or there.text, 80)}”.")
    return say("All right, it was just a message. Nothing was stored.")


# --- "Use as my answer" ----------------------------------------


async def use(call: Call) -> View:
    """A message of one's own, wherever it stands, as the answer to the open question."""
    message_id, author = call.get("message", ""), call.get("author", "")
    if not message_id or not author:
        raise UsageError(
            "“Use as my answer” stands in the menu of a message. Typed, an answer goes like this:",
            example="answer text: At my last job I ...",
        )
    if author != call.request.who.user_id:
        raise UsageError("Only a message of your own can be your answer. Nothing was stored.")
    text = clean_text(call.get("text", ""))
    if not text:
        raise UsageError(
            "There are no words in that message, so nothing was stored.",
            example="answer text: At my last job I ...",
        )
    check_length(call, text)
    question = await question_of(call, None)
    return await keep(call, question, text, source=source_of(call, message_id))


_MESSAGE = Option("message", "The message, by its id on the platform", required=True, most=64)
COMMANDS = (
    Command(
        "heard",
        "What somebody said to Starling directly.",
        hear,
        (
            _MESSAGE,
            Option("about", "The question whose message it replies to", named=True, most=20),
            Option("file", "A text file that came with it", Kind.FILE, named=True),
            Option("unreadable", "Why what came with it cannot be read", named=True),
            Option("text", "What was said", Kind.LONG),
        ),
        allow=Allow.ANYONE,
        slow=True,
        listed=False,
    ),
    Command(
        "count",
        "Count a message as your answer.",
        count,
        (_MESSAGE,),
        allow=Allow.ANYONE,
        slow=True,
        listed=False,
    ),
    Command("leave", "Leave a message what it is.", leave, (_MESSAGE,), allow=Allow.ANYONE, listed=False),
    Command(
        "use",
        "Take a message of your own as your answer.",
        use,
        (
            Option("message", "The message, by its id on the platform", named=True, most=64),
            Option("author", "Whose message it is, by their id on the platform", named=True, most=64),
            Option("text", "The message's text", Kind.LONG),
        ),
        allow=Allow.ANYONE,
        slow=True,
        listed=False,
        message_action="Use as my answer",
    ),
)
