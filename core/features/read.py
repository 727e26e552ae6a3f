"""``feedback`` on any text, and ticking one's own rubric."""

from __future__ import annotations

from core.call import Call
from core.cards import rubric_ticks
from core.commands import Allow, Command, Kind, Option
from core.errors import BadOption, NotFound
from core.feedback import read
from core.reply import reading_blocks
from core.store import answers, personal, prompts
from core.views import Block, Message, Text, View, say


async def feedback(call: Call) -> View:
    """A STAR checklist on a text that is not stored."""
    text: str = call.values["text"]
    limit = call.app.limits.answer_characters
    if not text:
        raise BadOption("There are no words to read.", option="text", example="feedback At my last job I ...")
    if len(text) > limit:
        raise BadOption(
            f"That text has {len(text):,} characters; up to {limit:,} can be read at once.", option="text"
        )
    reading = read(text, level=call.person.level)
    blocks: list[Block] = [
        Text(
            ("STAR checklist of this text. Nothing was stored, and nothing left this machine.",),
            style="heading",
        )
    ]
    return Message((*blocks, *reading_blocks(reading)), track="behavioural")


async def tick(call: Call) -> View:
    """Tick or untick one item of one's own rubric."""
    answer_id, item = call.values["answer"], call.values["item"]
    async with call.app.store.write() as tx:
        await personal.hold(tx, call.person.id)  # two boxes at once: both stay ticked
        kept = await answers.get(tx, answer_id)
        if kept is None or kept.person_id != call.person.id:
            raise NotFound("That answer is not there, or not yours.", example="history")
        prompt = await prompts.get_prompt(tx, kept.prompt_id)
        found = await answers.get_checklist(tx, answer_id)
        rubric = call.app.rubrics.get(prompt.rubric) if prompt is not None else None
        if rubric is None or found is None or all(i.id != item for i in rubric.items):
            raise NotFound("That box is no longer there.", example="history")
        ticked = [i for i in found.ticked if i != item]
        if item not in found.ticked:
            ticked.append(item)
        await answers.set_ticked(tx, answer_id, ticked)
    head = f"{rubric.title}: {len(ticked)} of {len(rubric.items)} ticked. It is for your own eyes and earns nothing."
    return Message(
        (Text((head,), style="heading"), rubric_ticks(rubric, answer_id, ticked)), track=kept.track
    )


async def nothing(call: Call) -> View:
    """The do-nothing command: the length of the road itself, for ``starling bench dispatch``."""
    return say("Nothing was done, as asked.")


COMMANDS = (
    Command(
        "feedback",
        "A STAR checklist on any text; nothing of it is stored.",
        feedback,
        (Option("text", "The text to read", Kind.LONG, required=True, asked=True, label="The text"),),
        allow=Allow.ANYONE,
        slow=True,
        message_action="STAR feedback",
        example="feedback At my last job I ...",
    ),
    Command(
        "tick",
        "Tick or untick an item of your own rubric.",
        tick,
        (
            Option("answer", "The answer's number", Kind.NUMBER, required=True),
            Option("item", "The item", required=True),
        ),
        allow=Allow.ANYONE,
        listed=False,
    ),
    Command("nothing", "Do nothing.", nothing, allow=Allow.ANYONE, listed=False),
)
