"""What is kept of what people type: every visible character, and nothing that nobody can see."""

from __future__ import annotations

import time
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import NASTY, typed, words_of

from core.plain import clean_line, clean_name, clean_text, count, shown

CLEANERS = (clean_text, clean_line, clean_name, shown)
STEERING = {chr(c) for c in (*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x200E, 0x200F, 0x061C)}
VISIBLE = (
    "👩‍👩‍👧‍👦 at home",
    "🏳️‍🌈 and 👍🏽 and ❤️",
    "می‌خواهم بروم",  # Persian: the joiner inside the first word keeps its letters apart
    "क्षत्रिय र्‍य",  # Hindi and Marathi: U+200D asks for a half letter
    "שלום עולם",
    "你好，世界",
    "Zoë naïve ﬁ ½ ™",
    "a=1; b='2' -- <b>&amp;</b> **x** \\n %s {0}",
    "ok\nsecond line\n\n  indented",
)


# --- cleaning ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", VISIBLE)
def test_what_can_be_seen_is_kept_as_it_is(text: str) -> None:
    assert clean_text(text) == text
    assert clean_line(text) == " ".join(text.split())
    assert clean_name(text) == unicodedata.normalize("NFC", " ".join(text.split()))


@pytest.mark.parametrize(
    ("raw", "kept"),
    [
        ("\x1b[31mred\x1b[0m", "[31mred[0m"),
        ("a\x00b", "ab"),
        ("user\u202egpj.exe", "usergpj.exe"),
        ("\u2066a\u2069\u200f", "a"),
        ("a\ud800b\udfff", "ab"),
        ("\ufeffa\u200bb\u00adc\u2060d", "abcd"),
        ("a\U000e0041b\u206ec\U0001d173", "abc"),
        ("\t  a  \n", "a"),
    ],
)
def test_what_steers_a_terminal_or_reorders_a_line_goes(raw: str, kept: str) -> None:
    assert clean_text(raw) == kept


@pytest.mark.parametrize("end", ["\r\n", "\r", "\n", "\x0b", "\x0c", "\x85", "\u2028", "\u2029"])
def test_every_kind_of_line_end_is_one_so_that_no_two_words_become_one(end: str) -> None:
    assert clean_text(f"first{end}second") == "first\nsecond"
    assert clean_line(f"first{end}second") == "first second"


@pytest.mark.parametrize(
    "raw",
    [
        "",
        " \n\t",
        "\u200b\u200d\ufeff",
        "\u200c \u200d",
        "\ufe0f",
        "\x00\x1b",
        "\ud83d",
        "\u2800\u3164",
        "\u034f",
        "\u202e",
    ],
)
def test_what_holds_nothing_to_see_is_empty_and_its_owner_somebody(raw: str) -> None:
    assert clean_text(raw) == clean_line(raw) == shown(raw) == ""
    assert clean_name(raw) == "somebody"


def test_blanks_of_every_width_become_one_in_a_line() -> None:
    assert clean_line("a \u00a0\u2003\u3000\t\r\n b") == "a b"


# --- names and quotations ----------------------------------------------------------------------------------


def test_a_name_is_composed_and_short_and_keeps_its_joiners() -> None:
    assert clean_name("Zoe\u0308") == "Zoë"
    assert clean_name("محمد‌رضا") == "محمد‌رضا"
    assert clean_name("x" * 500) == "x" * 60
    assert clean_name("x" * 59 + " y") == "x" * 59
    assert clean_name("a \ue000 b") == "a b", "a private letter has no look of its own"


def test_a_quotation_ends_in_three_dots_when_it_is_cut() -> None:
    assert shown("a\nb") == "a b"
    assert shown("x" * 40) == "x" * 40
    assert shown("x" * 41) == "x" * 39 + "…"
    assert shown("abc " * 30, 10) == "abc abc a…"


@pytest.mark.parametrize(
    ("number", "words", "said"),
    [
        (0, ("answer",), "0 answers"),
        (1, ("answer",), "1 answer"),
        (2, ("answer",), "2 answers"),
        (1, ("reply", "replies"), "1 reply"),
        (12_000, ("reply", "replies"), "12,000 replies"),
    ],
)
def test_counting_knows_one_from_many(number: int, words: tuple[str, ...], said: str) -> None:
    assert count(number, *words) == said


# --- for all texts ----------------------------------------------------------------------------------


@settings(deadline=None)
@given(typed)
def test_cleaning_twice_is_cleaning_once(raw: str) -> None:
    for clean in CLEANERS:
        once = clean(raw)
        assert clean(once) == once, clean.__name__


@settings(deadline=None)
@given(typed)
def test_nothing_that_steers_comes_through(raw: str) -> None:
    for clean in CLEANERS:
        text = clean(raw)
        assert not STEERING & set(text)
        assert all(
            unicodedata.category(c) not in ("Cc", "Cs") for c in text.replace("\n", "").replace("\t", "")
        )
        text.encode()  # no lone surrogate: it can be stored and sent
        assert text == text.strip()
    assert not {"\n", "\t"} & set(clean_line(raw) + clean_name(raw) + shown(raw))
    assert 0 < len(clean_name(raw)) <= 60
    assert len(shown(raw, 10)) <= 10


@settings(deadline=None)
@given(st.lists(st.one_of(words_of, st.sampled_from([n for n in NASTY if not clean_text(n)]))))
def test_every_letter_and_digit_is_kept_in_order(pieces: list[str]) -> None:
    raw = "".join(pieces)
    letters = [c for c in raw if unicodedata.category(c)[0] in "LN" and clean_text(f"x{c}") != "x"]
    assert [c for c in clean_text(raw) if unicodedata.category(c)[0] in "LN"] == (
        letters if clean_text(raw) else []
    )


def test_twenty_thousand_characters_take_no_time_whatever_they_are() -> None:
    for piece in ("word ", "\u200b", "\x1b[31m", " ", "\u200d", "\r\n", "👩‍👩‍👧", "\ud800"):
        text = (piece * 20_000)[:20_000]
        begun = time.process_time()
        for clean in CLEANERS:
            clean(text)
        assert time.process_time() - begun < 0.5, repr(piece)
