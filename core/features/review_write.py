"""``review write``: what is there in somebody's answer, what is clearly missing, and one sentence."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from core.call import Call
from core.commands import Allow, Command, Kind, Option
from core.errors import BadOption, NotFound
from core.forms import field_of
from core.packs.model import Item
from core.parse import action_id
from core.plain import clean_line, shown
from core.reply import points_words, streak_words
from core.review_items import items_of, onwards, prompt_of, title_of, whose
from core.reviewing import COUNTS, KEEPS, Kept, open_to, write
from core.rules.days import day_of, in_words
from core.rules.minimum import word_count
from core.rules.reviewing import is_something
from core.store import reviews
from core.store.engine import Line
from core.store.prompts import StoredPrompt
from core.views import Block, Buttons, Choice, Field, Form, Message, Text, View, words

LONGEST = 500  # characters of the sentence
_BETWEEN = re.compile(r"[,;\s]+")


async def write_review(call: Call) -> View:
    """Keep a review, or write it anew."""
    number: int = call.values["answer"]
    async with call.app.store.read() as tx:
        about = await open_to(tx, call.person.id, number, call.now)
        prompt = await prompt_of(tx, about)
    items = items_of(call.app.rubrics, prompt)
    seen, missing = _ticked(call, items, "seen"), _ticked(call, items, "missing")
    if both := [item.label for item in items if item.id in seen and item.id in missing]:
        named = ", ".join(f"“{label}”" for label in both[:3]) + (" and more" if len(both) > 3 else "")
        raise BadOption(
            f"Ticked both as seen and as clearly missing: {named}. Please take one of the two ticks away. Nothing was "
            "stored yet.",
            option="missing",
            example=_example(number),
        )
    sentence = clean_line(call.values["words"])
    if not is_something(len(seen) + len(missing), word_count(sentence)):
        raise BadOption(f"{KEEPS} Nothing was stored yet.", option="words", example=_example(number))
    kept = await write(
        call.app, call.person, number, seen=seen, missing=missing, words=sentence, now=call.now
    )
    return _after(call, about, prompt, kept)


def both_ways(values: Mapping[str, object]) -> dict[str, str]:
    """What can be said of a form as it is sent: where the same items are in both of its lists."""
    seen, missing = (set(_named(values.get(name))) for name in ("seen", "missing"))
    if not (twice := len(seen & missing)):
        return {}
    are = "item is" if twice == 1 else "items are"
    return {"missing": f"{twice} {are} ticked as seen as well. Please take one of the two ticks away."}


def _named(raw: object) -> list[str]:
    """The items that a list names, as they were sent or typed."""
    text = raw if isinstance(raw, str) else ",".join(map(str, raw)) if isinstance(raw, tuple) else ""
    return [part for part in _BETWEEN.split(text.casefold()) if part and part != "none"]


def _ticked(call: Call, items: Sequence[Item], name: str) -> tuple[str, ...]:
    """The ids that an option names: by id or by number, in the order of the rubric."""
    by_name = {str(n): item.id for n, item in enumerate(items, 1)} | {i.id.casefold(): i.id for i in items}
    typed = _named(call.get(name))
    if typed == ["all"]:
        return tuple(item.id for item in items)
    if unknown := [part for part in typed if part not in by_name]:
        raise BadOption(
            f"There is no item “{shown(unknown[0])}”. Name items by their numbers, 1 to {len(items)}, or by these: "
            f"{', '.join(item.id for item in items)}.",
            option=name,
            example=_example(call.values["answer"]),
        )
    chosen = {by_name[part] for part in typed}
    return tuple(item.id for item in items if item.id in chosen)


def _example(number: int) -> str:
    return f"review write answer: {number} seen: 1,2 missing: 3 words: I would like to know why."


def _after(call: Call, about: Line, prompt: StoredPrompt, kept: Kept) -> Message:
    what = "Changed: your review" if kept.anew else "Kept: your review"
    blocks: list[Block] = [
        Text((f"{what} of {whose(about)} to “{title_of(prompt)}”. Thank you.",), style="heading")
    ]
    if kept.loss is not None:
        blocks.append(Text((kept.loss.words,)))
    if kept.award is not None and kept.streak is not None:
        day = day_of(call.now, call.person.zone, call.person.cutoff)
        said = [f"It counts for {in_words(day)}.", streak_words(kept.streak)]
        said += points_words(kept.award) or [kept.award.why]
        blocks.append(Text((" ".join(said),)))
    elif not kept.counted:
        blocks.append(Text((COUNTS,), style="note"))
    return Message((*blocks, Buttons(onwards(about.id))), track=about.track)


async def review_form(call: Call) -> Form:
    """The items twice, to tick what is seen and what is clearly missing, and a sentence; as it stands so far."""
    number = _number(call)
    async with call.app.store.read() as tx:
        about = await open_to(tx, call.person.id, number, call.now)
        prompt = await prompt_of(tx, about)
        mine = await reviews.of(tx, number, call.person.id)
    items = items_of(call.app.rubrics, prompt)
    fields = []
    if items:
        fields = [
            _boxes(call, "seen", items, mine.seen if mine else ()),
            _boxes(call, "missing", items, mine.missing if mine else ()),
        ]
    sentence = call.command.option("words")
    assert sentence is not None  # declared below
    written = field_of(sentence, mine.words if mine else "")
    fields.append(Field("words", written.label, "text", False, written.value, written.hint, most=LONGEST))
    return Form(
        action_id("review write", answer=number),
        shown(f"Review: {about.name or 'an answer'}", 45),
        tuple(fields),
        submit="Send",
        intro=words("What is in neither list counts as not judged. Be kind, and be concrete."),
    )


def _boxes(call: Call, name: str, items: Sequence[Item], ticked: Sequence[str]) -> Field:
    option = call.command.option(name)
    assert option is not None  # declared below
    return Field(
        name,
        option.label,
        "many",
        False,
        ", ".join(ticked),
        option.help,
        tuple(Choice(item.label, item.id) for item in items),
        most=len(items),
    )


def _number(call: Call) -> int:
    """The answer's number: read already, or as the button carried it."""
    text = str(call.values.get("answer", call.request.values.get("answer", "")))
    if not text.isdecimal() or len(text) > 9:
        raise NotFound(
            "Please say which answer; “review” shows the one that waits longest.", example="review"
        )
    return int(text)


COMMANDS = (
    Command(
        "review write",
        "Say what is there in a shared answer, what is clearly missing, and one sentence.",
        write_review,
        (
            Option("answer", "The number of the shared answer", Kind.NUMBER, required=True, least=1),
            Option("seen", "What is there in the answer", named=True, most=1000, label="Seen"),
            Option("missing", "What it lacks without doubt", named=True, most=1000, label="Clearly missing"),
            Option(
                "words",
                "What works, or one thing that would help most",
                Kind.LONG,
                required=True,
                asked=True,
                most=LONGEST,
                label="One sentence for the writer",
            ),
        ),
        allow=Allow.ANYONE,
        listed=False,
        example="review write answer: 5 seen: 1,2 missing: 3 words: ...",
        form=review_form,
        together=both_ways,
    ),
)
