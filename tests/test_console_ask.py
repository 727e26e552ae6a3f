"""What is typed into a form's field becomes its value, or a sentence that says what would."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.console.ask import Wrong, default_text, read_field
from core.call import Attachment
from core.views import Choice, Field

MINUTES = (Choice("Half an hour", "30"), Choice("45 minutes", "45"), Choice("One hour", "60"))
TRACKS = (
    Choice("Coding", "coding"),
    Choice("System design", "system-design"),
    Choice("ML design", "ml-design"),
)
LINE = Field("goal", "Goal", least=3, most=10)
OPTIONAL = Field("goal", "Goal", required=False)
LONG = Field("text", "Text", "text", most=20)
LENGTH = Field("minutes", "Minutes", "choice", choices=MINUTES)
TRACK = Field("track", "Track", "choice", choices=TRACKS)
CHANNEL = Field("channel", "Channel", "channel", value="practice", required=False)
MANY = Field("tracks", "Tracks", "many", choices=TRACKS, least=1, most=2)


@pytest.mark.parametrize(
    ("field", "typed", "value"),
    [
        (LINE, "  a new job ", "a new job"),
        (LINE, "abc", "abc"),
        (LINE, "a" * 10, "a" * 10),
        (OPTIONAL, "   ", ""),
        (LONG, "one\r\ntwo\n", "one\ntwo"),
        (CHANNEL, "questions", "questions"),
        (CHANNEL, "", ""),
        (LENGTH, "2", "45"),
        (LENGTH, "45", "45"),
        (LENGTH, "half AN hour", "30"),
        (TRACK, "3", "ml-design"),
        (TRACK, "system design", "system-design"),
        (TRACK, "SYS", "system-design"),
        (MANY, "1", ("coding",)),
        (MANY, "3, coding", ("ml-design", "coding")),
        (MANY, "1 3", ("coding", "ml-design")),
        (MANY, "System design; coding", ("system-design", "coding")),
        (MANY, "coding,coding", ("coding",)),
        (
            Field("t", "T", "many", False, choices=TRACKS, most=3),
            "all",
            ("coding", "system-design", "ml-design"),
        ),
        (Field("t", "T", "many", False, choices=TRACKS, most=3), "", ""),
    ],
)
def test_a_field_reads(field: Field, typed: str, value: object) -> None:
    assert read_field(field, typed) == value


@pytest.mark.parametrize(
    ("field", "typed", "sentence"),
    [
        (LINE, " \u200b", "This one is needed. Ctrl-C stops, and nothing is sent."),
        (LINE, "ab", "That has 2 characters; at least 3 are needed."),
        (LINE, "a" * 11, "That has 11 characters; 10 is the most. You can shorten it here."),
        (LONG, "a" * 1021, "That has 1,021 characters; 20 is the most. You can shorten it here."),
        (LENGTH, "4", "“4” is none of them. Type a number from 1 to 3, or a name."),
        (LENGTH, "0", "“0” is none of them. Type a number from 1 to 3, or a name."),
        (TRACK, "x", "“x” is none of them. Type a number from 1 to 3, or a name."),
        (MANY, "coding, no", "“no” is none of them. Type a number from 1 to 3, or a name."),
        (MANY, "all", "Those are 3; 2 is the most."),
        (MANY, ",", "Please choose at least 1."),
    ],
)
def test_a_field_refuses_with_a_sentence(field: Field, typed: str, sentence: str) -> None:
    with pytest.raises(Wrong) as wrong:
        read_field(field, typed)
    assert str(wrong.value) == sentence


@pytest.mark.parametrize(
    ("field", "value", "text"),
    [
        (LINE, "as it was", "as it was"),
        (LINE, "\x1b[31mred", "[31mred"),
        (TRACK, "system-design", "System design"),
        (TRACK, "gone", "gone"),
        (MANY, "coding, ml-design", "Coding, ML design"),
        (MANY, ("coding", "ml-design"), "Coding, ML design"),
        (MANY, "", ""),
        (Field("f", "F", "file"), Attachment("a.toml", b""), ""),
    ],
)
def test_what_was_typed_before_is_shown_as_it_would_be_typed(field: Field, value: object, text: str) -> None:
    assert default_text(field, value) == text


@given(st.lists(st.sampled_from([c.value for c in TRACKS]), unique=True, min_size=1, max_size=2))
def test_a_default_that_is_left_as_it_stands_reads_as_itself(values: list[str]) -> None:
    assert read_field(MANY, default_text(MANY, tuple(values))) == tuple(values)
    assert read_field(TRACK, default_text(TRACK, values[0])) == values[0]


LISTS = (
    Choice("What, why, and for whom", "what"),
    Choice("A number; or a picture", "number"),
    Choice("Plain", "p"),
)
LISTED = Field("seen", "Seen", "many", False, choices=LISTS, most=3)


@given(st.lists(st.sampled_from([c.value for c in LISTS]), unique=True))
def test_a_label_with_a_comma_is_offered_by_its_name(values: list[str]) -> None:
    """Else what stands there could not be sent as it is: a comma parts one item from the next."""
    assert read_field(LISTED, default_text(LISTED, ", ".join(values))) == (tuple(values) or "")
    assert default_text(LISTED, "p, what") == "Plain, what"
