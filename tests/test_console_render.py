"""What the console prints for each view: plain for a pipe, drawn for a terminal."""

from __future__ import annotations

import io
import re
from datetime import UTC, datetime
from typing import Any

import pytest
from console_room import REGISTRY

from adapters.console.draw import TRACK_COLOURS, draw, to_text
from adapters.console.render import Numbers, as_line, plain
from core.packs.vocabulary import TRACKS
from core.views import (
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
    Message,
    Page,
    Select,
    State,
    Table,
    Text,
    Tick,
    Ticks,
    Typed,
    View,
    When,
    say,
)

BOARD = Table(("Rank", "Name", "Points"), (("1", "Ada", "120"), ("2", "李小龙", "90")), "rlr", 1)
LIST = Checklist(
    (
        CheckItem("Situation", State.MET, "At my last job it took an hour."),
        CheckItem("A number", State.MISSING, None, "Say how much faster."),
        CheckItem("Your own part", State.UNSURE),
    )
)
PRESSES = Buttons((Button("Answer", "answer", "primary"), Button("Delete", "delete", "danger")))
BOXES = Ticks("tick:item=", (Tick("a", "Says why", True), Tick("b", "Sums up")))
PICKS = Select(
    "history:prompt=", "Compare", (Choice("Conflict", "p1", "3 attempts"), Choice("Failure", "p2"))
)
PICTURE = Image(b"png", "weeks.png", "Three bars.")
EXPORT = File(b"{}", "data.json", "Your data")
FORM = Form(
    "remind set",
    "Your reminder",
    (Field("time", "Time", hint="When"), Field("days", "Days", required=False, value="mon-fri")),
    intro=("A question a day.",),
)


def drawn(view: View, width: int = 80, *, drop: bool = False, colour: bool = False, **more: Any) -> str:
    return to_text(draw(view, more.pop("numbers", Numbers()), drop=drop, **more), width, colour=colour)


PLAIN = [
    (Text(("A ", Bold("b"), " c"), "title"), "## A b c"),
    (Text(("one\ntwo",), "quote"), "| one\n| two"),
    (Code("def f():\n  pass"), "    def f():\n      pass"),
    (Fields((("Streak", ("3 days",)),)), "Streak: 3 days"),
    (BOARD, "  Rank  Name  Points\n     1  Ada      120\n>    2  李小龙       90"),
    (
        LIST,
        "+ Situation: met\n    “At my last job it took an hour.”\n- A number: missing\n"
        "    Say how much faster.\n? Your own part: unsure",
    ),
    (PRESSES, "[1 Answer] [2 Delete]"),
    (BOXES, "1 [x] Says why\n2 [ ] Sums up"),
    (PICKS, "Compare\n  [1 Conflict]\n  [2 Failure]"),
    (PICTURE, "(picture: Three bars.)\nsaved: /tmp/weeks.png"),
    (EXPORT, "Your data\nsaved: /tmp/data.json"),
    (Divider(), "--------"),
]


@pytest.mark.parametrize(
    ("block", "text"), PLAIN, ids=[type(b).__name__ + str(n) for n, (b, _) in enumerate(PLAIN)]
)
def test_a_pipe_prints_each_block_in_plain_words(block: Any, text: str) -> None:
    saved = {PICTURE: "saved: /tmp/weeks.png", EXPORT: "saved: /tmp/data.json"}
    assert plain(Message((block,)), Numbers(), saved) == text


DRAWN = [
    (Text(("A ", Typed("today")), "title"), "A /today"),
    (Text(("one\ntwo",), "quote"), "│ one\n│ two"),
    (Code("x = 1"), "    x = 1"),
    (
        Fields((("Streak", ("3 days",)), ("Site", (Link("here", "https://example.org"),)))),
        "Streak: 3 days\nSite:   here (https://example.org)",
    ),
    (BOARD, "   Rank  Name    Points\n      1  Ada        120\n>     2  李小龙      90"),
    (
        LIST,
        "✓ Situation: met\n    “At my last job it took an hour.”\n○ A number: missing\n"
        "    Say how much faster.\n? Your own part: unsure",
    ),
    (PRESSES, "[1 Answer]  [2 Delete]"),
    (BOXES, "1 [x] Says why\n2 [ ] Sums up"),
    (PICKS, "Compare\n  [1 Conflict]  3 attempts\n  [2 Failure]"),
    (PICTURE, "(picture weeks.png: Three bars.)"),
    (EXPORT, "(Your data: data.json)"),
    (Divider(), "─" * 80),
]


@pytest.mark.parametrize(
    ("block", "text"), DRAWN, ids=[type(b).__name__ + str(n) for n, (b, _) in enumerate(DRAWN)]
)
def test_a_terminal_without_colours_shows_the_same_words(block: Any, text: str) -> None:
    assert drawn(Message((block,))) == text


def test_a_drop_is_framed_and_its_short_title_stands_in_the_frame() -> None:
    view = Message((Text(("Why us?",), "title"), Text(("Think.",)), PRESSES), track="company")
    assert drawn(view, 30, drop=True).splitlines() == [
        "╭─ Why us? ──────────────────╮",
        "│ Think.                     │",
        "│                            │",
        "│ [1 Answer]  [2 Delete]     │",
        "╰────────────────────────────╯",
    ]


def test_a_title_too_long_for_the_frame_stands_inside_it_whole() -> None:
    title = "Tell me about a time you disagreed with a decision."
    lines = drawn(Message((Text((title,), "title"),)), 40, drop=True).splitlines()
    assert " ".join(line.strip("│ ") for line in lines[1:3]) == title


def test_a_drop_without_a_title_is_framed_too() -> None:
    assert drawn(say("Ben is ready."), 30, drop=True).splitlines()[1].startswith("│ Ben is ready.")


def test_each_track_has_a_colour_of_its_own() -> None:
    assert set(TRACK_COLOURS) == set(TRACKS)
    assert len(set(TRACK_COLOURS.values())) == len(TRACK_COLOURS)


def test_a_table_that_is_too_wide_becomes_a_list_that_loses_nothing() -> None:
    table = Table(tuple(f"Column {n}" for n in range(6)), (tuple(f"value {n}" for n in range(6)),), marked=0)
    text = drawn(Message((table,)), 40)
    assert text.splitlines()[:2] == ["> Column 0: value 0", "  Column 1: value 1"]
    assert all(f"Column {n}: value {n}" in text for n in range(6))


def test_long_values_hang_beside_their_names_and_long_names_stand_before_their_values() -> None:
    view = Message((Fields((("me", ("one two three four",)), ("you", ("five",)))),))
    assert drawn(view, 20).splitlines() == ["me:  one two three", "     four", "you: five"]
    view = Message((Fields((("a long name", ("one two three",)),)),))
    assert drawn(view, 20).splitlines() == ["a long name: one two", "three"]


def test_no_button_is_broken_at_the_end_of_a_line() -> None:
    view = Message(
        (Buttons(tuple(Button(label, "x") for label in ("Month", "Running streaks", "All time", "y" * 30))),)
    )
    assert drawn(view, 34).splitlines() == [
        "[1 Month]  [2 Running streaks]",
        "[3 All time]",
        f"[4 {'y' * 30}]",
    ]


def test_pages_name_their_place_and_number_their_ends() -> None:
    page = Page(Message((Text(("Words.",)), PRESSES)), 2, 3, "p:n=1", "p:n=3")
    numbers = Numbers()
    assert plain(page, numbers) == "Words.\n\n[1 Answer] [2 Delete]\n\nPage 2 of 3  [3 Earlier] [4 Later]"
    assert numbers.actions == {1: "answer", 2: "delete", 3: "p:n=1", 4: "p:n=3"}
    again = Numbers()
    assert drawn(page, numbers=again).endswith("Page 2 of 3  [3 Earlier]  [4 Later]")
    assert again.actions == numbers.actions


def test_the_only_page_has_no_page_number() -> None:
    assert drawn(Page(say("Words."), 1, 1, None, None)) == "Words."


def test_what_is_only_looked_at_has_no_numbers() -> None:
    numbers = Numbers(given=False)
    assert plain(Message((PRESSES, BOXES)), numbers) == "[Answer] [Delete]\n\n[x] Says why\n[ ] Sums up"
    assert (
        drawn(Message((PRESSES, BOXES)), numbers=numbers) == "[Answer]  [Delete]\n\n[x] Says why\n[ ] Sums up"
    )
    assert numbers.actions == {}


def test_a_form_that_cannot_be_asked_says_how_to_write_it_on_one_line() -> None:
    text = plain(FORM, Numbers(), registry=REGISTRY)
    assert text.startswith("Your reminder\nA question a day.\n  Time:\n  Days (may stay empty): mon-fri\n")
    assert text.endswith("for example: /remind set time: 21:00")
    assert "/remind set time: 21:00" in drawn(FORM, 100, registry=REGISTRY)


def test_form_errors_stand_under_their_fields() -> None:
    wrong = FormErrors(FORM, {"time": "“9” could be morning or evening.", "": "Try once more."})
    for text in (plain(wrong, Numbers(), registry=REGISTRY), drawn(wrong, registry=REGISTRY)):
        assert "Time:\n    ! “9” could be morning or evening." in text
        assert "! Try once more." in text


def test_the_example_of_a_form_keeps_what_its_action_carries_and_quotes_blanks() -> None:
    form = Form(
        "plan:goal=two words", "Plan", (Field("track", "Track", "choice", choices=(Choice("A", "a"),)),)
    )
    assert as_line(form, REGISTRY) == 'plan goal: "two words" track: a'
    assert as_line(Form("gone:x=1", "Old", (Field("y", "Y"),)), REGISTRY) == "gone"


def test_nothing_to_show_is_said() -> None:
    assert plain(Message(()), Numbers()) == "(nothing to show)"


def test_marks_are_plain_where_the_terminal_can_write_no_others() -> None:
    stream = io.TextIOWrapper(io.BytesIO(), encoding="latin-1")
    text = to_text(
        draw(Message((LIST, Text(("q",), "quote"))), Numbers(), drop=True), 60, stream=stream, colour=False
    )
    assert "+ Situation: met" in text and "- A number: missing" in text and "| q" in text
    text.replace("“", "").replace("”", "").encode("latin-1")


def test_no_color_takes_the_colours_away_and_leaves_the_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("NO_COLOR", raising=False)
    assert re.search("\x1b\\[[0-9;]*3[0-9]", drawn(Message((LIST,)), colour=True))
    monkeypatch.setenv("NO_COLOR", "1")
    bare = drawn(Message((LIST, PRESSES), track="coding"), colour=True, drop=True)
    assert not re.search("\x1b\\[[0-9;]*(3[0-9]|9[0-7])m", bare)
    assert "met" in bare and "missing" in bare and "unsure" in bare


def test_a_moment_is_shown_in_its_zone() -> None:
    when = When(datetime(2026, 3, 2, 9, tzinfo=UTC), "Europe/Berlin", "time")
    assert drawn(say("Due ", when, ".")) == "Due 10:00 (Europe/Berlin)."
