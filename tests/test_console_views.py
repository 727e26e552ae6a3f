"""Every view can be shown at every width, whatever words stand in it, and none of them steers the terminal."""

from __future__ import annotations

import re
from datetime import UTC
from typing import Any

from console_room import REGISTRY
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from adapters.console.draw import draw, to_text
from adapters.console.render import Numbers, plain
from core.text import block_text
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
    Mention,
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
)

NASTY = (
    "\x1b[31m",
    "\x1b]8;;x\x07",
    "\x9b2J",
    "[red]",
    "[/]",
    "\\[",
    "\r",
    "\n\n",
    "\u202e",
    "\x85",
    "🦅",
    "李",
    "e\u0301",
)
strings = st.lists(st.text(max_size=12) | st.sampled_from(NASTY) | st.just("w" * 90), max_size=4).map("".join)
spans = st.one_of(
    strings,
    st.builds(Bold, strings),
    st.builds(Link, strings, strings),
    st.builds(Typed, strings),
    st.builds(Mention, st.just("console"), st.sampled_from(["user", "role"]), strings, strings),
    st.builds(
        When,
        st.datetimes(timezones=st.just(UTC)),
        st.sampled_from(["Europe/Berlin", "Pacific/Kiritimati", "Nowhere/At-All", ""]),
        st.sampled_from(["time", "date", "both", "relative"]),
    ),
)
words = st.lists(spans, max_size=4).map(tuple)
actions = st.text("abc:=;", min_size=1, max_size=9)
choices = st.lists(st.builds(Choice, strings, strings, strings), max_size=3).map(tuple)
buttons = st.builds(Button, strings, actions, st.sampled_from(["primary", "plain", "danger"]))
rows = st.lists(strings, max_size=4).map(tuple)
checks = st.builds(CheckItem, strings, st.sampled_from(State), st.none() | strings, strings)
ticks = st.lists(st.builds(Tick, strings, strings, st.booleans()), max_size=3).map(tuple)
blocks = st.one_of(
    st.builds(Text, words, st.sampled_from(["plain", "title", "heading", "note", "quote"])),
    st.builds(Code, strings, strings),
    st.builds(Fields, st.lists(st.tuples(strings, words), max_size=3).map(tuple)),
    st.builds(
        Table, rows, st.lists(rows, max_size=3).map(tuple), st.text("lrx", max_size=4), st.none() | st.just(0)
    ),
    st.builds(Checklist, st.lists(checks, max_size=3).map(tuple)),
    st.builds(Ticks, actions, ticks),
    st.builds(Image, st.just(b""), strings, strings),
    st.builds(File, st.just(b""), strings, strings),
    st.builds(Buttons, st.lists(buttons, max_size=4).map(tuple)),
    st.builds(Select, actions, strings, choices),
    st.builds(Divider),
)
tracks = st.sampled_from(["", "coding", "behavioural", "unheard-of"])
messages = st.builds(Message, st.lists(blocks, max_size=4).map(tuple), st.booleans(), tracks)
kinds = st.sampled_from(["line", "text", "choice", "many", "file"])
fields = st.builds(Field, strings, strings, kinds, st.booleans(), strings, strings, choices)
forms = st.builds(Form, actions, strings, st.lists(fields, max_size=3).map(tuple), strings, words)
views = st.one_of(
    messages,
    st.builds(Page, messages, st.integers(1, 5), st.integers(1, 5), st.none() | actions, st.none() | actions),
    forms,
    st.builds(FormErrors, forms, st.dictionaries(strings, strings, max_size=2)),
)


def shown(
    view: View, width: int, *, numbers: Numbers | None = None, colour: bool = False, drop: bool = False
) -> str:
    """``view`` as a terminal of ``width`` columns gets it."""
    return to_text(draw(view, numbers or Numbers(), drop=drop, registry=REGISTRY), width, colour=colour)


STEERING = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


@given(views)
@settings(deadline=None)
def test_every_view_has_plain_words_that_steer_nothing(view: View) -> None:
    text = plain(view, Numbers(), registry=REGISTRY)
    assert text.strip()
    assert not STEERING.search(text)


@given(views, st.sampled_from([40, 80, 120]), st.booleans())
@settings(deadline=None)
def test_every_view_can_be_drawn_in_any_width_and_steers_nothing(view: View, width: int, drop: bool) -> None:
    numbers, again = Numbers(), Numbers()
    text = shown(view, width, drop=drop, numbers=numbers)
    assert not STEERING.search(text)
    assert all(cell_len(line) <= width for line in text.splitlines())
    coloured = shown(view, width, drop=drop, colour=True)
    assert not STEERING.search(re.sub("\x1b\\[[0-9;]*m", "", coloured))
    plain(view, again)
    assert again.actions == numbers.actions, "a pipe and a terminal number the same things"


@given(st.lists(blocks, max_size=3))
@settings(deadline=None)
def test_no_word_that_a_pipe_shows_is_lost_at_a_wide_terminal(some: list[Any]) -> None:
    letters = re.compile(r"[^a-z0-9]")
    kept = [b for b in some if not isinstance(b, (Table, Ticks, Buttons, Select))]
    expected = letters.sub("", "".join(block_text(b) for b in kept))
    got = letters.sub("", shown(Message(tuple(kept)), 100))
    assert got == expected
