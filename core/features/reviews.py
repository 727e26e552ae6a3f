"""``reviews``: what others saw in one's answers, beside what the machine found; and thanks for what helped."""

from __future__ import annotations

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from core.call import Call
from core.cards import listed
from core.commands import Allow, Command, Kind, Option
from core.corrections import as_read, is_corrected
from core.errors import NotFound
from core.feedback import TITLES
from core.parse import action_id
from core.plain import count, shown
from core.reply import item_name
from core.review_items import SOMEBODY, items_of, title_of
from core.reviewing import mark_helpful
from core.rules.agreement import Agreement, Beside, Judged, agreement, side_by_side
from core.store import answers, prompts, reviews
from core.store.answers import Answer
from core.store.prompts import StoredPrompt
from core.store.reviews import Review
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

PAGE = 10
AT_ONCE = 3  # reviews of one answer, in full: with the items above them Discord has room for no more


async def all_reviews(call: Call) -> View:
    """One's answers that have reviews; with ``answer`` the reviews of that one."""
    if "answer" in call.values:
        return await _sheet(call, call.values["answer"], call.get("page", 1))
    async with call.app.store.read() as tx:
        total = await reviews.count_reviewed(tx, call.person.id)
        pages = max(1, -(-total // PAGE))
        page = min(call.get("page", 1), pages)
        rows = await reviews.reviewed(tx, call.person.id, limit=PAGE, offset=(page - 1) * PAGE)
    if not rows:
        return _none_yet()
    lines = (
        f"- {shown(r.title or r.text, 80)}, attempt {r.attempt}: {count(r.reviews, 'review')}, the last on "
        f"{r.last.astimezone(ZoneInfo(call.person.zone)):%a %d %b %Y}"
        for r in rows
    )
    picks = tuple(Choice(shown(f"{r.title or r.text}, attempt {r.attempt}", 75), str(r.id)) for r in rows)
    blocks = (
        Text((f"{count(total, 'answer')} of yours with reviews",), style="title"),
        Text(("\n".join(lines),)),
        Select("reviews:answer=", "Read the reviews of one of them", picks),
    )
    return Page(
        Message(blocks),
        page,
        pages,
        action_id("reviews", page=page - 1) if page > 1 else None,
        action_id("reviews", page=page + 1) if page < pages else None,
    )


def _none_yet() -> Message:
    return Message(
        (
            Text(
                (
                    "Nobody has reviewed an answer of yours yet. Share one, and it waits for a reader; and reviewing "
                    "somebody else's is a good way to get to know the items.",
                )
            ),
            Buttons((Button("My answers", "history"), Button("Review one", "review", "primary"))),
        )
    )


# --- one answer ----------------------------------------


async def _sheet(call: Call, number: int, page: int, said: str = "") -> View:
    """The items with the reviewers' counts beside the machine's verdicts, how far both agree, and every review."""
    async with call.app.store.read() as tx:
        mine = await answers.get(tx, number)
        if mine is None or mine.person_id != call.person.id:
            raise NotFound("That answer is not there, or not yours.", example="reviews")
        prompt = await prompts.get_prompt(tx, mine.prompt_id)
        kept = await answers.get_checklist(tx, number)
        got = await reviews.received(tx, number)
    if prompt is None or not got:
        raise NotFound("That answer has no reviews just now.", example="reviews")
    pages = -(-len(got) // AT_ONCE)
    page = max(1, min(page, pages))
    title = f"{count(len(got), 'review')} of your answer to “{title_of(prompt)}”, attempt {mine.attempt}"
    blocks: list[Block] = [Text((title,), style="heading")]
    if said:
        blocks.append(Text((said,)))
    if page == 1:
        checks = kept.checks if kept is not None else ()
        ticked = kept.ticked if kept is not None else ()
        blocks += _beside(call, prompt, mine, [each for each, _ in got], checks, ticked)
    for each, name in got[(page - 1) * AT_ONCE : page * AT_ONCE]:
        blocks += [Divider(), *_one(call, each, name, page)]
    turn = [
        action_id("reviews", answer=number, page=n) if 1 <= n <= pages else None for n in (page - 1, page + 1)
    ]
    return Page(Message(tuple(blocks), track=mine.track), page, pages, turn[0], turn[1])


def _beside(
    call: Call,
    prompt: StoredPrompt,
    mine: Answer,
    got: Sequence[Review],
    checks: Sequence[dict[str, str]],
    ticked: Sequence[str],
) -> list[Block]:
    items = items_of(call.app.rubrics, prompt)
    machine = {item["key"]: State(item["state"]) for item in as_read(checks)}
    judged = [Judged(each.seen, each.missing) for each in got]
    lines = side_by_side([item.id for item in items], judged, {k: v.value for k, v in machine.items()})
    read = [line for line in lines if line.machine is not None]
    rest = [line for line in lines if line.machine is None]
    blocks: list[Block] = []
    if read:
        blocks.append(Text((agreement_words(agreement(lines), len(read)),)))
        blocks.append(
            Text(("What the machine found, and below it what your reviewers say",), style="heading")
        )
        blocks.append(
            Checklist(tuple(CheckItem(TITLES[x.key], machine[x.key], None, reviewers_words(x)) for x in read))
        )
    if rest:
        head = "What only people can judge" if read else "Item by item"
        labels = {item.id: item.label for item in items}
        blocks.append(Text((head,), style="heading"))
        blocks.append(Text(("\n".join(_line(labels[x.key], x, x.key in ticked) for x in rest),)))
    if is_corrected(checks):
        blocks.append(
            Text(("Your corrections are left out here: this is the machine's own reading.",), style="note")
        )
    if read and mine.withdrawn_at is None:
        again = Typed(f"correct answer: {mine.id}")
        blocks.append(
            Text(words("Where your reviewers convince you, put the reading right: ", again), style="note")
        )
    return blocks


def _line(label: str, line: Beside, ticked: bool) -> str:
    return f"- {label}: {reviewers_words(line)}{' You ticked it.' if ticked else ''}"


def reviewers_words(line: Beside) -> str:
    """What the reviewers say of an item: "2 saw it, 1 found it missing."."""
    parts = [f"{line.seen} saw it"] if line.seen else []
    parts += [f"{line.missing} found it clearly missing"] if line.missing else []
    return f"{', '.join(parts)}." if parts else "No reviewer ticked it."


def agreement_words(found: Agreement | None, items: int) -> str:
    """The range in words, never one score; and what makes it wide."""
    if found is None:
        return (
            "No item yet on which both a reviewer and the machine are sure, so there is nothing to compare."
        )
    span = str(found.least) if found.least == found.most else f"{found.least} to {found.most}"
    said = [f"Of the {items} items that the machine reads, your reviewers and the machine agree on {span}."]
    if found.differ:
        said.append(f"They differ on: {listed([item_name(key) for key in found.differ])}.")
    if left := found.most - found.least:
        are, them = ("is", "it") if left == 1 else ("are", "them")
        said.append(
            f"{left} {are} open: nobody ticked {them}, reviewers are of two minds, or the machine is unsure."
        )
    return " ".join(said)


def _one(call: Call, each: Review, name: str | None, page: int) -> list[Block]:
    """One review in full, with thanks to give."""
    when = f"{each.at.astimezone(ZoneInfo(call.person.zone)):%a %d %b %Y}"
    edited = ", changed since" if each.edited_at is not None else ""
    ticks = f"{count(len(each.seen), 'item')} seen, {len(each.missing)} clearly missing"
    blocks: list[Block] = [Text((f"{name or SOMEBODY}, {when}{edited}: {ticks}",), style="heading")]
    if each.words:
        blocks.append(Text((each.words,), style="quote"))
    if each.helpful_at is not None:
        blocks.append(Text(("You marked it as helpful.",), style="note"))
    else:
        action = action_id("reviews helpful", review=each.id, page=page)
        blocks.append(Buttons((Button("This helped me", action),), replaces=True))
    return blocks


async def helpful(call: Call) -> View:
    """Mark a review as helpful, once, and show the reviews anew."""
    done = await mark_helpful(call.app, call.person, call.values["review"], call.now)
    said = "Its writer is told that it helped you." if done.new else "You marked that one before."
    return await _sheet(call, done.answer_id, call.get("page", 1), said)


_PAGE = Option("page", "Which page", Kind.NUMBER, named=True, least=1, most=100_000)
COMMANDS = (
    Command(
        "reviews",
        "What others say of the answers that you shared, beside the machine's checklist.",
        all_reviews,
        (Option("answer", "The number of one of your answers", Kind.NUMBER, least=1), _PAGE),
        allow=Allow.ANYONE,
        area="mine",
    ),
    Command(
        "reviews helpful",
        "Say that a review helped you; its writer is told.",
        helpful,
        (Option("review", "The review", Kind.NUMBER, required=True, least=1), _PAGE),
        allow=Allow.ANYONE,
        listed=False,
        area="mine",
    ),
)
