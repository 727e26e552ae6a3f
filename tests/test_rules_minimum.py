"""What is enough for an answer to count (docs/rules.md, 2)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.rules.minimum import counts, word_count

TWENTY = "one two three four five six seven eight nine ten " * 2


@pytest.mark.parametrize(
    ("text", "words"),
    [
        pytest.param("", 0, id="nothing"),
        pytest.param("   \n\t ", 0, id="blanks"),
        pytest.param(TWENTY, 20, id="plain words"),
        pytest.param("I don't do follow-ups, o'clock.", 5, id="apostrophes and hyphens stand inside a word"),
        pytest.param("First,second;third/fourth", 4, id="words that forgot their blanks"),
        pytest.param("it broke—we fixed it…then slept", 7, id="dashes and dots of three between words"),
        pytest.param("We saved 1,250 dollars and 3.5 hours", 7, id="a number is a word"),
        pytest.param("Node.js, C++ and 40%", 4, id="names with signs in them"),
        pytest.param("- * -- ... !!! ? :) & + =", 0, id="punctuation is no word"),
        pytest.param("🙂 🙃 👩‍💻 🇩🇪 ❤️ 1️⃣ #️⃣", 0, id="emoji are no words, keycaps and flags neither"),
        pytest.param("great🙂job 🙂", 1, id="an emoji does not part a word"),
        pytest.param("\u200b \u200d \ufeff \u2060", 0, id="characters of no width are no words"),
        pytest.param("a\u200bb\u200bc\u200bd", 1, id="nor do they part one"),
        pytest.param("see https://example.org/a/b,c?d=e-f now", 3, id="an address is one word"),
        pytest.param("café naïve Straße", 3, id="accents"),
        pytest.param("cafe\u0301 nai\u0308ve", 2, id="accents written apart"),
        pytest.param("Я исправил ошибку", 3, id="Cyrillic"),
        pytest.param("मैंने समस्या हल की", 4, id="Hindi, whose vowel signs are marks"),
        pytest.param("لقد أصلحت الخطأ", 3, id="Arabic"),
        pytest.param("می‌خواهم", 1, id="Persian, with a joiner of no width inside"),
        pytest.param("저는 문제를 해결했습니다", 3, id="Korean is written with blanks"),
        pytest.param("我解决了这个问题", 4, id="Chinese: a word for every two characters"),
        pytest.param("我 解 决 了 这 个 问 题", 4, id="Chinese with blanks gains nothing"),
        pytest.param("好", 1, id="a single character is a word"),
        pytest.param("問題を解決しました。", 5, id="Japanese, kana and kanji together"),
        pytest.param("「・」", 0, id="Japanese punctuation"),
        pytest.param("我用Python写了3个脚本", 2 + 4, id="Chinese with Latin words in it"),
        pytest.param("ฉันแก้ปัญหาแล้ว", 3, id="Thai: a word for every four letters, marks not counted"),
        pytest.param("½ ² ①", 0, id="fractions and numbered balls"),
        pytest.param("\ud800 lone", 1, id="half a character, as broken clients send it"),
    ],
)  # fmt: skip
def test_words_in(text: str, words: int) -> None:
    assert word_count(text) == words


@pytest.mark.parametrize(
    ("track", "words", "outcome", "expected"),
    [
        pytest.param("behavioural", 19, False, False, id="nineteen words do not count"),
        pytest.param("behavioural", 20, False, True, id="twenty do"),
        pytest.param("system-design", 20, False, True, id="in every written track"),
        pytest.param("behavioural", 3, True, False, id="where an outcome does not help"),
        pytest.param("coding", 0, True, True, id="coding counts with an outcome"),
        pytest.param("coding", 500, False, False, id="and not without one, however long"),
    ],
)
def test_enough(track: str, words: int, outcome: bool, expected: bool) -> None:
    assert counts(track, words, outcome) is expected


@given(st.text())
def test_any_text_has_a_number_of_words_no_greater_than_its_length(text: str) -> None:
    assert 0 <= word_count(text) <= len(text)


@given(st.lists(st.text("abcdefgäßжश", min_size=1), max_size=40))
def test_words_parted_by_blanks_are_counted_one_by_one(words: list[str]) -> None:
    assert word_count(" \n".join(words)) == len(words)


@given(st.text(), st.text())
def test_writing_more_never_makes_fewer_words(text: str, more: str) -> None:
    assert word_count(f"{text} {more}") >= word_count(text)
