"""``correct``: what the writer of an answer puts right in its reading, sentence by sentence and item by item."""

from __future__ import annotations

from core.call import Call
from core.commands import Allow, Command, Kind, Option
from core.correcting import Opened, hold_writer, open_answer, put, undo
from core.corrections import PART_NAMES, YOURS, is_sure, mark_of
from core.errors import BadOption, UsageError
from core.feedback import TITLES, Label
from core.keeping import own_answer
from core.parse import action_id
from core.plain import count, shown
from core.reply import item_name
from core.store.corrections import Correction
from core.views import (
    Block,
    Button,
    Buttons,
    CheckItem,
    Checklist,
    Choice,
    Divider,
    Message,
    Page,
    Select,
    State,
    Text,
    Typed,
    View,
    words,
)

PAGE = 5  # sentences, each with its menu: two pages' worth fit no phone, and Discord takes 40 pieces
PICKS = 24  # sentences to choose from at once; Discord has 25 options, one is for none of them
SHOWN = 220  # characters of a sentence
LABELS: dict[str, Label] = {name.casefold(): label for label, name in PART_NAMES.items()}


async def correct(call: Call) -> View:
    """Show the reading to be corrected, or correct one thing in it and show it anew."""
    level = call.person.level
    if "undo" in call.values:
        return await _undo(call, call.values["undo"], level)
    if "sentence" in call.values and "part" in call.values:
        return await _move(call, call.values["sentence"], LABELS[call.values["part"]], level)
    if "check" in call.values:
        return await _mark(call, _item(call.values["check"]), level)
    async with call.app.store.read() as tx:
        opened = await open_answer(tx, await own_answer(tx, call, call.values["answer"]), level)
    page = (call.get("sentence", 1) - 1) // PAGE + 1
    return _sheet(call, opened, call.get("page", page))


def _item(raw: str) -> str:
    if raw in TITLES:
        return raw
    raise BadOption(
        f"There is no item “{shown(raw)}”. There are: {', '.join(TITLES)}. Nothing was changed.",
        option="check",
    )


# --- what can be done ----------------------------------------------------------------------------------------------


async def _move(call: Call, number: int, label: Label, level: str) -> View:
    """Sentence ``number`` (from 1) belongs to that part, its writer says."""
    async with call.app.store.write() as tx:
        await hold_writer(tx, call.person.id)
        opened = await open_answer(tx, await own_answer(tx, call, call.values["answer"]), level)
        at = _sentence(call, opened, number)
        machine = opened.machine.sentences[at]
        page = at // PAGE + 1
        if opened.reading.sentences[at].label == label and (at in opened.labels or is_sure(machine)):
            return _sheet(call, opened, page, f"Sentence {number} counts as {PART_NAMES[label]} already.")
        place = opened.place_of(at)
        if label == machine.label and is_sure(machine):
            after, said = await undo(tx, opened, place, level), "as the reading had it"
        else:
            one = Correction(place, machine.label, label, machine.text, opened.machine.tagger)
            after, said = await put(tx, opened, one, level, call.now), "as you said"
    head = f"Sentence {number} counts as {PART_NAMES[label]} now, {said}."
    return _sheet(call, after, page, head, opened, undoes=place if said == "as you said" else "")


async def _mark(call: Call, key: str, level: str) -> View:
    """An item is wrong: met becomes missing; missing or unsure becomes met, with a sentence or without."""
    if (wish := call.get("to")) == "undo":
        return await _undo(call, key, level)
    async with call.app.store.write() as tx:
        await hold_writer(tx, call.person.id)
        opened = await open_answer(tx, await own_answer(tx, call, call.values["answer"]), level)
        if wish is None:
            wish = "missing" if opened.reading.checks[key].state == "met" else "met"
        if wish == "met" and "by" not in call.values:
            return _pick(call, opened, key)
        number = call.get("by", 0) if wish == "met" else 0
        quote = opened.reading.sentences[_sentence(call, opened, number)].text if number else ""
        # As it would be without what was said of this item before; then nothing need be kept that says the same.
        base = await undo(tx, opened, key, level) if opened.correction_of(key) is not None else opened
        found = base.reading.checks[key]
        if found.state == wish and quote in ("", found.quote or ""):
            after = base
        else:
            one = Correction(key, base.machine_state(key), wish, quote, opened.machine.tagger)
            after = await put(tx, base, one, level, call.now)
    undoes = key if after.correction_of(key) is not None else ""
    said = (
        f"“{item_name(key)}” is {wish} now, as you said."
        if undoes
        else f"“{item_name(key)}” is {wish}, as it was read."
    )
    return _sheet(call, after, call.get("page", 1), said, undoes=undoes)


async def _undo(call: Call, place: str, level: str) -> View:
    async with call.app.store.write() as tx:
        await hold_writer(tx, call.person.id)
        opened = await open_answer(tx, await own_answer(tx, call, call.values["answer"]), level)
        if place == "all":
            what: str | None = None
        elif opened.correction_of(place) is None:
            return _sheet(call, opened, call.get("page", 1), "That is as the reading had it.")
        else:
            what = place
        if not opened.corrections:
            return _sheet(
                call, opened, call.get("page", 1), "There is nothing to undo: all is as it was read."
            )
        after = await undo(tx, opened, what, level)
    said = "All your corrections of this answer are undone." if what is None else "That is undone."
    return _sheet(call, after, call.get("page", 1), said, opened)


def _sentence(call: Call, opened: Opened, number: int) -> int:
    """The number of the sentence from 0. Raises where it is not the one that was meant."""
    sentences = opened.reading.sentences
    if not 1 <= number <= len(sentences):
        raise BadOption(
            f"That answer has {count(len(sentences), 'sentence')}; there is no number {number}. Nothing was changed.",
            option="sentence",
            example=f"correct answer: {opened.answer.id}",
        )
    seen = call.get("seen")
    if seen and seen != mark_of(sentences[number - 1].text):
        raise UsageError(
            "The sentences of that answer are numbered otherwise than when you saw them, so nothing was changed. "
            "Here they are anew:",
            example=f"correct answer: {opened.answer.id}",
        )
    return number - 1


# --- how it looks --------------------------------------------------------------------------------------------------


def _sheet(
    call: Call, opened: Opened, page: int, said: str = "", before: Opened | None = None, *, undoes: str = ""
) -> Page:
    """The sentences of one page with their parts, and the whole checklist. ``before``: what it changed from."""
    answer, sentences = opened.answer, opened.reading.sentences
    pages = max(1, -(-len(sentences) // PAGE))
    page = max(1, min(page, pages))
    title = shown(opened.prompt.title or opened.prompt.text, 60)
    blocks: list[Block] = [
        Text((f"The reading of your answer to “{title}”, attempt {answer.attempt}",), style="heading")
    ]
    if said:
        blocks.append(Text((" ".join([said, *_changes(before, opened)]),)))
    if undoes:
        action = action_id("correct", answer=answer.id, page=page, undo=undoes)
        blocks.append(Buttons((Button("Undo", action),), replaces=True))
    for at in range((page - 1) * PAGE, min(page * PAGE, len(sentences))):
        blocks += _line(opened, at)
    blocks += [
        Divider(),
        _checklist(opened),
        _items_menu(opened, page),
        _foot(opened, page),
        _note(call, opened),
    ]
    turn = [
        action_id("correct", answer=answer.id, page=n) if 1 <= n <= pages else None
        for n in (page - 1, page + 1)
    ]
    return Page(Message(tuple(blocks), track=answer.track), page, pages, turn[0], turn[1])


def _line(opened: Opened, at: int) -> list[Block]:
    """One sentence with its part, and the menu that moves it."""
    each = opened.reading.sentences[at]
    name = PART_NAMES[each.label]
    if at in opened.labels:
        state = f"{name}, as you said"
    else:
        state = name if is_sure(each) else f"{name}? (unsure)"
    action = (
        f"{action_id('correct', answer=opened.answer.id, sentence=at + 1, seen=mark_of(each.text))};part="
    )
    choices = tuple(
        Choice(part, part.casefold(), "as it is now" if label == each.label else "")
        for label, part in PART_NAMES.items()
    )
    return [
        Text((f"{at + 1}. {state}: {shown(each.text, SHOWN)}",)),
        Select(action, f"{at + 1}: move to another part", choices, replaces=True),
    ]


def _checklist(opened: Opened) -> Checklist:
    mine = {one.place for one in opened.corrections}
    return Checklist(
        tuple(
            CheckItem(TITLES[key], State(check.state), check.quote, YOURS if key in mine else "")
            for key, check in opened.reading.checks.items()
        )
    )


def _items_menu(opened: Opened, page: int) -> Select:
    """Every item with what it would be if it is wrong as it stands; a corrected one goes back."""
    choices = []
    for key, check in opened.reading.checks.items():
        if opened.correction_of(key) is not None:
            choices.append(Choice(f"{item_name(key)}: undo what I said", f"{key};to=undo"))
        elif check.state == "met":
            choices.append(Choice(f"{item_name(key)}: no, it is missing", f"{key};to=missing"))
        else:
            choices.append(Choice(f"{item_name(key)}: it is there", f"{key};to=met"))
    action = f"{action_id('correct', answer=opened.answer.id, page=page)};check="
    return Select(action, "An item is wrong", tuple(choices), replaces=True)


def _foot(opened: Opened, page: int) -> Buttons:
    answer = opened.answer
    buttons = [Button("My attempts", action_id("history", prompt=f"p{answer.prompt_id}"))]
    if opened.corrections:
        undo_all = action_id("correct", answer=answer.id, page=page, undo="all")
        buttons.insert(0, Button(f"Undo all ({len(opened.corrections)})", undo_all))
    return Buttons(tuple(buttons), replaces=bool(opened.corrections))


def _note(call: Call, opened: Opened) -> Text:
    kept = "What you correct decides what you see of this answer from now on. Points stay as they are."
    if call.person.gives_corrections:
        return Text(
            words(f"{kept} You give your corrections, without names, to train the reader."), style="note"
        )
    give = Typed("me settings corrections: give")
    return Text(
        words(f"{kept} It stays with you; to give it, without names, for training the reader: ", give),
        style="note",
    )


def _changes(before: Opened | None, after: Opened) -> list[str]:
    """What a correction changed in the checklist, in one sentence."""
    if before is None:
        return []
    changed = [
        f"{item_name(key)}: {before.reading.checks[key].state} before, {check.state} now."
        for key, check in after.reading.checks.items()
        if before.reading.checks[key].state != check.state
    ]
    return changed or ["The checklist stays as it is."]


def _pick(call: Call, opened: Opened, key: str) -> Page:
    """Which sentence shows an item that the reading missed?"""
    answer, sentences = opened.answer, opened.reading.sentences
    pages = max(1, -(-len(sentences) // PICKS))
    page = max(1, min(call.get("from", 1), pages))
    some = range((page - 1) * PICKS, min(page * PICKS, len(sentences)))
    choices = [
        Choice(shown(f"{at + 1}. {sentences[at].text}", 75), f"{at + 1};seen={mark_of(sentences[at].text)}")
        for at in some
    ]
    choices.append(Choice("No single one of them", "0"))
    back = call.get("page", 1)
    action = action_id("correct", answer=answer.id, check=key, to="met", page=back)
    blocks: tuple[Block, ...] = (
        Text((f"“{TITLES[key]}” is there, you say. Which sentence shows it best?",), style="heading"),
        Select(f"{action};by=", "Choose the sentence", tuple(choices), replaces=True),
        Buttons((Button("Back", action_id("correct", answer=answer.id, page=back)),), replaces=True),
    )
    turn = [f"{action};from={n}" if 1 <= n <= pages else None for n in (page - 1, page + 1)]
    return Page(Message(blocks, track=answer.track), page, pages, turn[0], turn[1])


_PARTS = tuple(Choice(name, name.casefold()) for name in PART_NAMES.values())
_STATES = (Choice("Met", "met"), Choice("Missing", "missing"), Choice("As it was read", "undo"))

COMMANDS = (
    Command(
        "correct",
        "Put right how one of your answers was read: the part of a sentence, or an item.",
        correct,
        (
            Option("answer", "The answer's number", Kind.NUMBER, required=True, least=1),
            Option("page", "Which page of its sentences", Kind.NUMBER, named=True, least=1, most=10_000),
            Option("sentence", "The number of a sentence", Kind.NUMBER, named=True, least=1, most=10_000),
            Option("part", "The part it belongs to", Kind.CHOICE, named=True, choices=_PARTS),
            Option("seen", "What a button knows the sentence by", named=True, most=8),
            Option("check", "The key of an item that is wrong, as has_result", named=True, most=40),
            Option("to", "What it is", Kind.CHOICE, named=True, choices=_STATES),
            Option(
                "by",
                "The sentence that shows it; 0: none alone",
                Kind.NUMBER,
                named=True,
                least=0,
                most=10_000,
            ),
            Option(
                "from",
                "Which page of sentences to choose from",
                Kind.NUMBER,
                named=True,
                least=1,
                most=10_000,
            ),
            Option("undo", "The place to undo, as s3 or has_result; or all", named=True, most=40),
        ),
        allow=Allow.ANYONE,
        slow=True,
        listed=False,
        example="correct answer: 5",
        area="mine",
    ),
)
