"""Raw words -> values, kind by kind; and that every refusal says what would be right."""

from __future__ import annotations

import time as clock_time
from collections.abc import Sequence
from datetime import UTC, date, datetime, time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import typed

from core.call import Attachment, Call
from core.commands import Command, Kind, Option, Registry
from core.errors import BadOption
from core.kinds import DAYS, days_words, example, match_choice, read_value, sample
from core.parse import parse
from core.views import Choice, View, say

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
TRACKS = (
    Choice("Behavioural", "behavioural"),
    Choice("Coding", "coding"),
    Choice("System design", "system-design"),
    Choice("System admin", "system-admin"),
    Choice("Questions to ask", "ask"),
)


async def _nothing(call: Call) -> View:
    return say("Done.")


def command(option: Option, *others: Option) -> Command:
    return Command("try it", "For trying.", _nothing, (option, *others))


def of(kind: Kind, **changes: object) -> Option:
    closed = kind in (Kind.CHOICE, Kind.MANY)
    return Option("value", "What it is", kind, choices=TRACKS if closed else (), **changes)  # type: ignore[arg-type]


def value(kind: Kind, raw: object, **changes: object) -> object:
    option = of(kind, **changes)
    return read_value(command(option), option, raw, NOW)


def refusal(kind: Kind, raw: object, **changes: object) -> tuple[str, str | None]:
    with pytest.raises(BadOption) as raised:
        value(kind, raw, **changes)
    assert raised.value.option == "value"
    return raised.value.message, raised.value.example


# --- time ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("raw", "read"),
    [
        ("21:00", time(21)),
        ("00:00", time(0)),
        ("23:59", time(23, 59)),
        ("9:05", time(9, 5)),
        ("9.30", time(9, 30)),
        ("9h30", time(9, 30)),
        (" 21:00 ", time(21)),
        ("2\u200b1:00", time(21)),
    ],
)
def test_a_time_is_hours_and_minutes_on_the_24_hour_clock(raw: str, read: time) -> None:
    assert value(Kind.TIME, raw) == read


@pytest.mark.parametrize(
    ("raw", "message", "meant"),
    [
        ("9pm", "Times are written on the 24-hour clock here. “9pm” is 21:00.", "21:00"),
        ("9 PM", "Times are written on the 24-hour clock here. “9 PM” is 21:00.", "21:00"),
        ("9:30 p.m.", "Times are written on the 24-hour clock here. “9:30 p.m.” is 21:30.", "21:30"),
        ("12am", "Times are written on the 24-hour clock here. “12am” is 00:00.", "00:00"),
        ("12pm", "Times are written on the 24-hour clock here. “12pm” is 12:00.", "12:00"),
        ("9", "“9” could be morning or evening. Write the minutes too, as 09:00.", "09:00"),
        ("12", "“12” could be morning or evening. Write the minutes too, as 12:00.", "12:00"),
        ("21", "“21” is only an hour. Write the minutes too, as 21:00.", "21:00"),
        ("0", "“0” is only an hour. Write the minutes too, as 00:00.", "00:00"),
    ],
)
def test_a_time_that_can_be_guessed_is_said_and_not_taken(raw: str, message: str, meant: str) -> None:
    assert refusal(Kind.TIME, raw) == (message, f"try it value: {meant}")


@pytest.mark.parametrize(
    "raw",
    [
        "25:00",
        "24:00",
        "24",
        "12:60",
        "9:5",
        "21:00:00",
        "13pm",
        "0am",
        "noon",
        "-1:00",
        "٩:٣٠",
        "+9:00",
        "1e1",
    ],
)
def test_a_time_that_does_not_exist_is_refused(raw: str) -> None:
    message, shown = refusal(Kind.TIME, raw)
    assert message == f"“{raw}” is no time of day. Write hours and minutes, 00:00 to 23:59."
    assert shown == "try it value: 21:00"


# --- zone ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("raw", "zone"),
    [
        ("Europe/Berlin", "Europe/Berlin"),
        ("europe/berlin", "Europe/Berlin"),
        ("Berlin", "Europe/Berlin"),
        ("Mumbai", "Asia/Kolkata"),
        ("new york", "America/New_York"),
        ("Zürich", "Europe/Zurich"),
        ("UTC", "UTC"),
    ],
)
def test_a_zone_is_a_name_or_a_city(raw: str, zone: str) -> None:
    assert value(Kind.ZONE, raw) == zone


@pytest.mark.parametrize(
    ("raw", "says", "offers"),
    [
        ("Europe/Berln", "No time zone is called exactly that.", "Europe/Berlin"),
        ("berln", "No time zone is called exactly that.", "Europe/Berlin"),
        ("CET", "Abbreviations such as CET are ambiguous", "Europe/"),
        ("UTC+2", "UTC+2 is not a place", ""),
        ("qwertyuiop", "No time zone or big city of that name is known.", "Europe/Berlin"),
        ("x" * 10_000, "That is too long for the name of a place.", "Europe/Berlin"),
        ("'; DROP TABLE person; --", "No time zone or big city of that name is known.", "Europe/Berlin"),
        ("../../etc/passwd", "No time zone or big city", "Europe/Berlin"),
        ("America", "", ""),
    ],
)
def test_what_is_no_zone_gets_one_that_is(raw: str, says: str, offers: str) -> None:
    message, shown = refusal(Kind.ZONE, raw)
    assert message.startswith(says) and len(message) < 300
    assert shown is not None and shown.startswith(f"try it value: {offers}")
    assert value(Kind.ZONE, shown.removeprefix("try it value: "))


# --- days and dates ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("raw", "days"),
    [
        ("mon-fri", "01234"),
        ("mon - fri", "01234"),
        ("Mon–Fri", "01234"),
        ("fri-mon", "4560"),
        ("sat", "5"),
        ("sat-sat", "5"),
        ("Saturdays", "5"),
        ("mon, wed and fri", "024"),
        ("mo;tu we", "012"),
        ("mon,mon", "0"),
        ("mon-wed, sat", "0125"),
        ("daily", "0123456"),
        ("every day", "0123456"),
        ("all days", "0123456"),
        ("every monday", "0"),
        ("every mon and thu", "03"),
        ("weekdays", "01234"),
        ("weekend", "56"),
        ("none", ""),
        ("-", ""),
    ],
)
def test_days_are_names_spans_and_lists(raw: str, days: str) -> None:
    assert value(Kind.DAYS, raw) == frozenset(map(int, days))


@pytest.mark.parametrize("raw", ["blursday", "m", "mon-", "-mon", "mon-wed-fri", "1", "montag", "mon/tue"])
def test_what_is_no_day_is_named(raw: str) -> None:
    message, shown = refusal(Kind.DAYS, raw)
    assert message.startswith(f"“{raw}” is no day of the week. Write mon, tue, wed,")
    assert shown == "try it value: mon-fri"


@pytest.mark.parametrize("raw", ["and", ",", ", ; ,"])
def test_no_day_at_all_is_no_answer(raw: str) -> None:
    assert refusal(Kind.DAYS, raw)[0] == "“value” names no day."


@settings(deadline=None)
@given(st.frozensets(st.integers(0, 6)))
def test_days_in_words_are_read_back(days: frozenset[int]) -> None:
    assert value(Kind.DAYS, days_words(days)) == days
    assert not days or value(Kind.DAYS, ", ".join(DAYS[d] for d in days)) == days


@pytest.mark.parametrize("raw", ["2027-01-31", "20270131"])
def test_a_date_is_year_month_day(raw: str) -> None:
    assert value(Kind.DATE, raw) == date(2027, 1, 31)


@pytest.mark.parametrize(
    "raw", ["2027-02-29", "31.01.2027", "01/31/2027", "tomorrow", "2027-1-3", "0000-01-01"]
)
def test_what_is_no_date_says_how_one_looks(raw: str) -> None:
    assert refusal(Kind.DATE, raw) == (
        f"“{raw}” is no date of the calendar. Write year-month-day.",
        "try it value: 2027-01-31",
    )


# --- numbers, yes and no ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("raw", "number"), [("3", 3), ("+3", 3), ("-3", -3), ("007", 7), (" 12 ", 12), (12, 12)]
)
def test_a_number_is_whole(raw: object, number: int) -> None:
    assert value(Kind.NUMBER, raw) == number


@pytest.mark.parametrize("raw", ["3.5", "three", "1,000", "1e9", "0x10", "٣", "½", "9" * 10, "--3", "NaN"])
def test_what_is_no_whole_number_is_refused(raw: str) -> None:
    assert refusal(Kind.NUMBER, raw) == (
        f"“value” has to be a whole number; “{raw}” is not.",
        "try it value: 3",
    )


@pytest.mark.parametrize(
    ("least", "most", "wrong", "span", "right"),
    [
        (1, 10, "0", "from 1 to 10", "3"),
        (1, 10, "11", "from 1 to 10", "3"),
        (5, None, "4", "of 5 or more", "5"),
        (None, 2, "3", "of 2 or less", "2"),
    ],
)
def test_a_number_out_of_bounds_is_told_the_bounds(
    least: int | None, most: int | None, wrong: str, span: str, right: str
) -> None:
    for raw in (wrong, int(wrong)):
        assert refusal(Kind.NUMBER, raw, least=least, most=most) == (
            f"“value” has to be a number {span}; {wrong} is not.",
            f"try it value: {right}",
        )
    for bound in (least, most):
        assert bound is None or value(Kind.NUMBER, str(bound), least=least, most=most) == bound


@pytest.mark.parametrize("raw", ["yes", "Y", "true", "ON", "1", True])
def test_yes_is_said_in_many_ways(raw: object) -> None:
    assert value(Kind.YESNO, raw) is True


@pytest.mark.parametrize("raw", ["no", "N", "false", "off", "0", False])
def test_so_is_no(raw: object) -> None:
    assert value(Kind.YESNO, raw) is False


def test_perhaps_is_neither() -> None:
    assert refusal(Kind.YESNO, "perhaps") == (
        "“value” is yes or no; “perhaps” is neither.",
        "try it value: yes",
    )


# --- choices ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("raw", "chosen"),
    [
        ("coding", "coding"),
        ("CODING", "coding"),
        ("System design", "system-design"),
        ("system_design", "system-design"),
        ("system-d", "system-design"),
        ("questions", "ask"),
        ("Questions to ask", "ask"),
        ("be", "behavioural"),
    ],
)
def test_a_choice_is_named_by_value_label_or_beginning(raw: str, chosen: str) -> None:
    assert value(Kind.CHOICE, raw) == chosen
    assert value(Kind.MANY, raw.replace(" ", "-")) == (chosen,)


LISTED = "behavioural, coding, system-design, system-admin, ask"


@pytest.mark.parametrize(
    ("raw", "hint"),
    [
        ("codign", " Did you mean coding?"),
        ("system", " Did you mean system-admin?"),
        ("c", ""),
        ("juggling", ""),
    ],
)
def test_what_is_no_choice_or_several_gets_the_list(raw: str, hint: str) -> None:
    message, shown = refusal(Kind.CHOICE, raw)
    assert message == f"“{raw}” is no value. There are: {LISTED}.{hint}"
    assert shown == "try it value: behavioural"


@pytest.mark.parametrize(
    ("raw", "several"),
    [
        ("coding", ("coding",)),
        ("coding, ask", ("coding", "ask")),
        ("ask,coding,ask", ("ask", "coding")),
        ("coding; ask", ("coding", "ask")),
        ("coding and ask", ("coding", "ask")),
        ("coding ask", ("coding", "ask")),
        ("System design, Questions to ask", ("system-design", "ask")),
        ("System design", ("system-design",)),
        ("all", tuple(c.value for c in TRACKS)),
        (("coding", "ask"), ("coding", "ask")),
        (["System design"], ("system-design",)),
    ],
)
def test_many_are_a_list_in_their_order_each_once(raw: object, several: Sequence[str]) -> None:
    assert value(Kind.MANY, raw) == several


@pytest.mark.parametrize("raw", ["a, b-2", ("a", "b-2"), ["a", " b-2\u202e "]])
def test_boxes_of_what_only_a_form_knows_are_a_text(raw: object) -> None:
    assert value(Kind.TEXT, raw) == "a, b-2"


def test_one_wrong_of_many_is_named() -> None:
    assert refusal(Kind.MANY, "coding, juggling")[0].startswith(
        "“juggling” is no value. There are: behavioural"
    )


def test_an_exact_name_beats_one_that_begins_with_it() -> None:
    assert match_choice("story", [("story", "Story"), ("story-bank", "Story bank")]) == "story"
    assert match_choice("", [("story", "Story")]) is match_choice("_", [("story", "Story")]) is None


# --- texts, files, and what a platform typed already --------------------------------------------------------


def test_a_text_is_one_line_and_a_long_one_keeps_its_lines() -> None:
    assert value(Kind.TEXT, " a\n b\x1b \u202e") == "a b"
    assert value(Kind.LONG, " a\n b\x1b[0m \u202e") == "a\n b[0m"
    assert value(Kind.LONG, "\u200b") == "", "a handler says what it thinks of an empty answer"


def test_a_text_has_its_bounds_in_characters() -> None:
    assert value(Kind.TEXT, "x" * 5, least=2, most=5) == "x" * 5
    assert (
        refusal(Kind.TEXT, "x" * 6, most=5)[0]
        == "“value” has 6 characters; 5 is the most. Nothing was stored."
    )
    assert refusal(Kind.LONG, "x" * 20_001, most=20_000)[0].startswith(
        "“value” has 20,001 characters; 20,000 is"
    )
    assert refusal(Kind.TEXT, "x", least=2)[0] == "“value” needs at least 2 characters."


@pytest.mark.parametrize("kind", [k for k in Kind if k is not Kind.LONG])
def test_nothing_is_no_value(kind: Kind) -> None:
    for raw in ("", " ", "\u200b\x00"):
        assert refusal(kind, raw)[0] == "“value” is empty."


@pytest.mark.parametrize(
    ("kind", "given_"),
    [
        (Kind.TIME, time(9)),
        (Kind.DATE, date(2027, 1, 31)),
        (Kind.YESNO, True),
        (Kind.FILE, Attachment("a.toml", b"x")),
        (Kind.NUMBER, 7),
        (Kind.DAYS, frozenset({0, 4})),
    ],
)
def test_what_a_platform_typed_already_is_taken_as_it_is(kind: Kind, given_: object) -> None:
    if kind is Kind.DAYS:
        assert value(kind, tuple(DAYS[d] for d in given_)) == given_  # type: ignore[attr-defined]
    else:
        assert value(kind, given_) == given_


@pytest.mark.parametrize("kind", list(Kind))
def test_a_value_of_no_kind_at_all_is_refused_and_never_raised(kind: Kind) -> None:
    for raw in (object(), 1.5, b"x", {"a": 1}):
        assert refusal(kind, raw)[0] == "“value” cannot take this value."


def test_a_file_cannot_be_typed() -> None:
    assert refusal(Kind.FILE, "pack.toml")[0] == "“value” is a file: attach it (on the console: its path)."


# --- for all words ----------------------------------------------------------------------------------

TYPED_KINDS = [k for k in Kind if k is not Kind.FILE]
BOUNDS = st.one_of(st.none(), st.integers(0, 60))


@st.composite
def options(draw: st.DrawFn) -> Option:
    kind = draw(st.sampled_from(TYPED_KINDS))
    low, high = draw(BOUNDS), draw(st.one_of(st.none(), st.integers(1, 60)))
    bounded = kind in (Kind.NUMBER, Kind.TEXT, Kind.LONG)
    if low is not None and high is not None and low > high:
        low, high = high, low
    return of(
        kind,
        required=draw(st.booleans()),
        named=draw(st.booleans()),
        least=low if bounded else None,
        most=high if bounded else None,
    )


@settings(deadline=None, max_examples=80)
@given(
    options(),
    st.one_of(
        typed, st.sampled_from(("9pm", "9", "CET", "UTC+5", "system", "2027-02-30", "mon-xyz", "-99999"))
    ),
    st.booleans(),
    st.booleans(),
)
def test_every_refusal_says_what_to_do_and_its_example_parses_and_is_accepted(
    option: Option, raw: str, more: bool, last: bool
) -> None:
    others = (
        [Option("other", "Another", Kind.CHOICE, required=True, choices=(Choice("A b", "a b"),))]
        if more
        else []
    )
    if last and (option.named or not option.trailing):
        others.append(Option("rest", "The rest", Kind.LONG, required=True))
    one = command(option, *others) if not option.trailing or option.named else command(*others[:1], option)
    registry = Registry([one])
    try:
        read = read_value(one, option, raw, NOW)
    except BadOption as error:
        assert error.option == "value" and error.message[-1] in ".?" and len(error.message) < 500
        assert error.example is not None
        parsed = parse(registry, error.example)
        assert "value" in parsed.values, error.example
        for name, given_ in parsed.values.items():
            found = one.option(name)
            assert found is not None
            read_value(one, found, given_, NOW)
        assert parsed.values.keys() == {o.name for o in one.options if o.required} | {"value"}
    else:
        assert read is not None
    assert parse(registry, example(one, option)).values["value"] == sample(option)


def test_reading_a_long_value_takes_no_time() -> None:
    begun = clock_time.process_time()
    for kind in TYPED_KINDS:
        for piece in ("x", "mon,", "coding, ", "9", "🦆", "a b "):
            try:
                value(kind, (piece * 20_000)[:20_000])
            except BadOption as error:
                assert len(error.message) < 500
    assert clock_time.process_time() - begun < 5
