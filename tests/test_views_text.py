"""Every view in plain words: total, complete, and nothing in it that steers a terminal."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import NASTY, messages, pages, short, tables, typed, views

from core.plain import clean_line, clean_text
from core.text import as_text, block_text, span_text, table_text
from core.views import (
    Block,
    Bold,
    Button,
    Buttons,
    CheckItem,
    Checklist,
    Choice,
    Code,
    Divider,
    Field,
    Fields,
    File,
    Form,
    FormErrors,
    Image,
    Link,
    Mention,
    Message,
    Page,
    Select,
    Span,
    State,
    Table,
    Text,
    Tick,
    Ticks,
    Typed,
    View,
    When,
    blocks_of,
    say,
    words,
)

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
STEERING = {
    chr(c) for c in (*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x200E, 0x200F, 0x061C, 0xFEFF, 0x200B)
}


# --- each thing, as it reads ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("span", "text"),
    [
        ("plain words", "plain words"),
        (" joined ", " joined "),
        ("\x1b[31m red\n", "[31m red\n"),
        (Bold("loud"), "loud"),
        (When(NOON, "Europe/Berlin"), "Mon 02 Mar 2026 13:00 (Europe/Berlin)"),
        (When(NOON, "Europe/Berlin", "time"), "13:00 (Europe/Berlin)"),
        (When(NOON, "Pacific/Auckland", "date"), "Tue 03 Mar 2026"),
        (When(NOON, "Asia/Kolkata", "relative"), "Mon 02 Mar 2026 17:30 (Asia/Kolkata)"),
        (When(NOON, "No/Where"), "Mon 02 Mar 2026 12:00 (UTC)"),
        (When(NOON, ""), "Mon 02 Mar 2026 12:00 (UTC)"),
        (
            When(NOON.astimezone(timezone(timedelta(hours=5))), "No/Where", "time"),
            "Mon 02 Mar 2026 12:00 (UTC)",
        ),
        (Link("3Sum", "https://example.org/3sum"), "3Sum (https://example.org/3sum)"),
        (Link("https://example.org", "https://example.org"), "https://example.org"),
        (Typed("answer text: ..."), "/answer text: ..."),
        (Mention("test", "user", "1", "Ana"), "@Ana"),
        (Mention("test", "role", "2", "practice"), "@practice (role)"),
    ],
)
def test_words_inside_a_line(span: Span, text: str) -> None:
    assert span_text(span) == text


@pytest.mark.parametrize(
    ("block", "text"),
    [
        (Text(words("Streak: ", Bold("3"), " days"), "title"), "## Streak: 3 days"),
        (Text(("one\ntwo",), "quote"), "| one\n| two"),
        (Text(("small",), "note"), "small"),
        (Code("for a in b:\n    c()\n"), "    for a in b:\n        c()"),
        (Fields((("Best", words("5 days")), ("Today", words("counted.")))), "Best: 5 days\nToday: counted."),
        (
            Checklist(
                (
                    CheckItem("Situation", State.MET, "It was\nlate."),
                    CheckItem("Task", State.MISSING, hint="What had you to do?"),
                    CheckItem("Action", State.UNSURE),
                )
            ),
            "+ Situation: met\n    “It was\nlate.”\n- Task: missing\n    What had you to do?\n? Action: unsure",
        ),
        (Ticks("tick:item=", (Tick("a", "First", True), Tick("b", "Second"))), "[x] First\n[ ] Second"),
        (Image(b"", "a.png", "Three bars"), "(picture a.png: Three bars)"),
        (File(b"", "a.json", "Your data"), "(Your data: a.json)"),
        (Buttons((Button("Yes", "a"), Button("No", "b"))), "[Yes] [No]"),
        (Select("a:b=", "Choose", (Choice("One", "1"), Choice("Two", "2"))), "Choose\n  [One]\n  [Two]"),
        (Select("a:b=", "Nothing to choose", ()), "Nothing to choose"),
        (Divider(), "--------"),
    ],
)
def test_blocks_under_each_other(block: Block, text: str) -> None:
    assert block_text(block) == text


def test_a_table_is_aligned_and_marks_its_reader() -> None:
    table = Table(
        ("", "Name", "Points"), (("1", "Ana", "120"), ("10", "Bartholomew", "5"), ("11",)), "rlr", 1
    )
    assert table_text(table).splitlines() == [
        "      Name         Points",
        "   1  Ana             120",
        "> 10  Bartholomew       5",
        "  11",
    ]


@pytest.mark.parametrize(
    ("number", "of", "previous", "following", "end"),
    [
        (1, 1, None, None, ""),
        (1, 3, None, "history:page=2", "\n\nPage 1 of 3  [Later]"),
        (2, 3, "history:page=1", "history:page=3", "\n\nPage 2 of 3  [Earlier] [Later]"),
        (3, 3, "history:page=2", None, "\n\nPage 3 of 3  [Earlier]"),
    ],
)
def test_a_page_says_where_it_stands(
    number: int, of: int, previous: str | None, following: str | None, end: str
) -> None:
    assert as_text(Page(say("Here."), number, of, previous, following)) == f"Here.{end}"


FORM = Form(
    "plan",
    "Plan a week",
    (
        Field("goal", "Goal", value="An offer"),
        Field(
            "track",
            "Track",
            "choice",
            required=False,
            choices=(Choice("Coding", "coding"), Choice("Ask", "ask")),
        ),
    ),
    intro=words("Two questions."),
)


def test_a_form_shows_its_fields_and_what_was_wrong_with_them() -> None:
    plain = (
        "Plan a week\nTwo questions.\n  Goal: An offer\n  Track (may stay empty):\n    one of: Coding, Ask"
    )
    assert as_text(FORM) == plain
    assert (
        as_text(FormErrors(FORM, {"goal": "Too short.", "other": "Nobody asked."}))
        == plain.replace("An offer", "An offer\n    ! Too short.") + "\n! Nobody asked."
    )


def test_what_is_ticked_of_several_is_shown_by_its_labels() -> None:
    few = (Choice("Coding", "coding"), Choice("Ask", "ask"))
    long = (Choice("What, and why", "what"), Choice("A number", "number"))
    form = Form(
        "plan",
        "Plan",
        (
            Field("tracks", "Tracks", "many", value="ask, coding, gone", choices=few),
            Field("seen", "Seen", "many", value="number,what", choices=long),
        ),
    )
    assert as_text(form) == (
        "Plan\n  Tracks: Ask, Coding, gone\n    one of: Coding, Ask\n"
        "  Seen: A number; What, and why\n    one of: What, and why; A number"
    )


@pytest.mark.parametrize("prefix", ["/", "/starling ", ""])
def test_commands_to_type_have_the_prefix_of_the_platform(prefix: str) -> None:
    message = Message(
        (Text(words("Try ", Typed("today"), ".")), Fields((("Or", words(Typed("help command: answer"))),)))
    )
    assert as_text(message, prefix) == f"Try {prefix}today.\n\nOr: {prefix}help command: answer"
    assert as_text(Form("a", "T", (), intro=words(Typed("today"))), prefix) == f"T\n{prefix}today"


# --- for all views ----------------------------------------------------------------------------------


def member_words(view: View) -> Iterator[str]:
    """Everything in a view that people typed and that is there to be read."""
    match view:
        case Form(title=title, intro=intro, fields=fields):
            yield title
            yield from in_spans(intro)
            for f in fields:
                yield from (f.label, f.value, *(c.label for c in f.choices))
        case FormErrors(form=form, errors=errors):
            yield from member_words(form)
            yield from errors.values()
        case _:
            for block in blocks_of(view):
                yield from in_block(block)


def in_spans(spans: tuple[Span, ...]) -> Iterator[str]:
    for span in spans:
        match span:
            case str():
                yield span
            case Bold(text=text):
                yield text
            case Link(label=label, url=url):
                yield from (label, url)
            case Typed(words=typed_):
                yield typed_
            case Mention(name=name):
                yield name
            case When():
                pass


def in_block(block: Block) -> Iterator[str]:
    match block:
        case Text(words=spans):
            yield from in_spans(spans)
        case Code(text=text):
            yield text
        case Fields(items=items):
            for name, value in items:
                yield name
                yield from in_spans(value)
        case Table(columns=columns, rows=rows):
            yield from (clean_line(c) for row in (columns, *rows) for c in row)
        case Checklist(items=items):
            for item in items:
                yield from (item.label, item.quote or "", item.hint)
        case Ticks(items=items):
            yield from (t.label for t in items)
        case Image(name=name, alt=alt):
            yield from (name, alt)
        case File(name=name, title=title):
            yield from (name, title)
        case Buttons(items=items):
            yield from (b.label for b in items)
        case Select(placeholder=placeholder, choices=choices):
            yield from (placeholder, *(c.label for c in choices))
        case Divider():
            pass


@settings(deadline=None)
@given(views)
def test_every_view_has_a_text_with_every_visible_word_and_nothing_that_steers(view: View) -> None:
    text = as_text(view)
    for raw in member_words(view):
        for word in clean_text(raw).split():
            assert word in text
    assert not STEERING & set(text)
    assert all(unicodedata.category(c) not in ("Cc", "Cs") or c in "\n\t" for c in text), ascii(text)
    text.encode()


@settings(deadline=None)
@given(st.lists(st.sampled_from(NASTY), min_size=1).map("".join), st.sampled_from(("/", "/starling ")))
def test_what_a_member_typed_cannot_steer_from_anywhere(nasty: str, prefix: str) -> None:
    spans = words(nasty, Bold(nasty), Link(nasty, nasty), Typed(nasty), Mention("test", "user", nasty, nasty))
    view = Message(
        (
            Text(spans, "title"),
            Code(nasty),
            Fields(((nasty, spans),)),
            Table((nasty,), ((nasty,),), "l", 0),
            Checklist((CheckItem(nasty, State.MET, nasty, nasty),)),
            Ticks("tick:item=", (Tick(nasty, nasty),)),
            Image(b"", nasty, nasty),
            File(b"", nasty, nasty),
            Buttons((Button(nasty, "today"),)),
            Select("a:b=", nasty, (Choice(nasty, nasty, nasty),)),
        )
    )
    form = Form(
        "a",
        nasty,
        (Field(nasty, nasty, "choice", value=nasty, choices=(Choice(nasty, nasty),)),),
        nasty,
        spans,
    )
    for each in (view, Page(view, 1, 2, None, "b"), form, FormErrors(form, {nasty: nasty, "x": nasty})):
        text = as_text(each, prefix)
        assert not STEERING & set(text)
        assert all(unicodedata.category(c) not in ("Cc", "Cs") or c in "\n\t" for c in text)


@settings(deadline=None)
@given(tables())
def test_columns_of_a_table_begin_or_end_at_one_place(table: Table) -> None:
    lines = table_text(table).split("\n")
    cells = [tuple(clean_line(c) for c in row) for row in (table.columns, *table.rows)]
    assert len(lines) == len(cells), "a row is a line, whatever stands in its cells"
    at = 2 if table.marked is not None else 0
    for i in range(len(table.columns)):
        width = max(len(row[i]) for row in cells if i < len(row))
        right = table.align[i : i + 1] == "r"
        for line, row in zip(lines, cells, strict=True):
            cell = row[i] if i < len(row) else ""
            padded = cell.rjust(width) if right else cell.ljust(width)
            assert line.ljust(at + width)[at : at + width] == padded
        at += width + 2
    for n, line in enumerate(lines):
        assert table.marked is None or line.startswith("> ") or line[:2].strip() == "" or line == ">", (
            n,
            line,
        )


@settings(deadline=None, max_examples=50)
@given(messages | pages)
def test_whatever_can_be_pressed_is_named_once_in_the_order_of_reading(view: View) -> None:
    drawn: list[str] = []

    def numbered(label: str, action: str) -> str:
        drawn.append(action)
        return f"[{len(drawn)} {label}]"

    text = as_text(view, label=numbered)
    expected: list[str] = []
    for block in blocks_of(view):
        match block:
            case Buttons(items=items):
                expected += [b.action for b in items]
            case Select(action=action, choices=choices):
                expected += [f"{action}{c.value}" for c in choices]
            case Ticks(action=action, items=items):
                expected += [f"{action}{t.key}" for t in items]
    if isinstance(view, Page) and view.of > 1:
        expected += [a for a in (view.previous, view.next) if a]
    assert drawn == expected
    places = [text.find(f"[{n} ") for n in range(1, len(drawn) + 1)]
    assert -1 not in places


@settings(deadline=None)
@given(typed, short)
def test_a_view_may_be_in_every_prefix(text: str, prefix: str) -> None:
    assert isinstance(as_text(say(text, Typed(text)), prefix), str)
