"""The sentence split: whatever is pasted, every sentence is a slice of it and nothing visible is lost."""

from __future__ import annotations

import time
import unicodedata

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from core.feedback.split import BULLETS, MAX_CHARACTERS, sentences

CASES: list[tuple[str, str, list[str]]] = [
    ("two sentences", "It broke. I fixed it.", ["It broke.", "I fixed it."]),
    ("questions and shouts", "Why? Nobody knew! I asked.", ["Why?", "Nobody knew!", "I asked."]),
    ("no capitals", "it broke. i fixed it", ["it broke.", "i fixed it"]),
    ("a title before a name", "Dr. Okafor and Mrs. Lund agreed.", ["Dr. Okafor and Mrs. Lund agreed."]),
    (
        "latin abbreviations",
        "We tried tools, e.g. Excel, i.e. Office.",
        ["We tried tools, e.g. Excel, i.e. Office."],
    ),
    ("vs and approx", "It was us vs. Approx. 40 of them.", ["It was us vs. Approx. 40 of them."]),
    ("a number after No.", "See ticket No. 5 and p. 12.", ["See ticket No. 5 and p. 12."]),
    ("No as an answer", "Did it help? No. It got worse.", ["Did it help?", "No.", "It got worse."]),
    ("a.m. in the middle", "At 9 a.m. on Monday we met.", ["At 9 a.m. on Monday we met."]),
    ("a.m. at the end", "It rang at 4 a.m. Nobody slept.", ["It rang at 4 a.m.", "Nobody slept."]),
    (
        "milliseconds are no lady",
        "It took 300 ms. Ms. Wong was glad.",
        ["It took 300 ms.", "Ms. Wong was glad."],
    ),
    ("i am at the end", "that is who i am. then i left.", ["that is who i am.", "then i left."]),
    ("numbers with dots", "It fell from 3.5 to 1.25. Good.", ["It fell from 3.5 to 1.25.", "Good."]),
    ("versions", "We shipped v2.1.0. It held.", ["We shipped v2.1.0.", "It held."]),
    (
        "an address",
        "See https://a.example/b?c=d.e. It is there.",
        ["See https://a.example/b?c=d.e.", "It is there."],
    ),
    ("an initial", "I asked J. Smith about it.", ["I asked J. Smith about it."]),
    ("an ellipsis inside", "So... it broke. And... Well.", ["So... it broke.", "And...", "Well."]),
    ("an ellipsis at the end", "I waited… Then it came.", ["I waited…", "Then it came."]),
    ("speech inside", 'He said "Stop. Go home." and left.', ['He said "Stop. Go home." and left.']),
    ("speech at the end", 'He said "Stop." Then I left.', ['He said "Stop."', "Then I left."]),
    ("a question inside speech", '"Really?" he asked. I was.', ['"Really?" he asked.', "I was."]),
    ("brackets", "It was late (see below. Really). I left.", ["It was late (see below. Really).", "I left."]),
    ("no blank after the stop", "It shipped.Then we slept.", ["It shipped.", "Then we slept."]),
    ("a name with a dot", "I use Node.Js and config.Host here.", ["I use Node.Js and config.Host here."]),
    ("emoji", "We won 🎉 Then home. 😀 Great!", ["We won 🎉 Then home.", "😀 Great!"]),
    ("dashes as bullets", "- built it\n- ran it", ["built it", "ran it"]),
    ("other bullets", "• built it\n* ran it\n– sold it", ["built it", "ran it", "sold it"]),
    ("bullets on one line", "Steps: • built it • ran it", ["Steps:", "built it", "ran it"]),
    ("numbers stay", "1. Plan it\n2) Do it. Then rest.", ["1. Plan it", "2) Do it.", "Then rest."]),
    ("a heading on its line", "Situation:\nIt broke.", ["Situation:", "It broke."]),
    ("a heading before text", "Situation: it broke.\nTask: mine.", ["Situation: it broke.", "Task: mine."]),
    ("headings without stops", "Situation: a bug Task: fix it", ["Situation: a bug", "Task: fix it"]),
    ("a markdown heading", "## Result\nIt held.", ["## Result", "It held."]),
    ("chat lines", "it broke\ni fixed it\nboss happy", ["it broke", "i fixed it", "boss happy"]),
    ("a code span", "I ran `a. B` twice. Done.", ["I ran `a. B` twice.", "Done."]),
    (
        "a fenced block",
        "Look:\n```py\na = 1. \nB. C\n```\nIt ran.",
        ["Look:", "```py\na = 1. \nB. C\n```", "It ran."],
    ),
    ("a fence left open", "```\nIt broke. I fixed it.", ["```", "It broke.", "I fixed it."]),
    ("windows lines", "One.\r\nTwo.\r\n", ["One.", "Two."]),
    ("chinese", "今天坏了。我修好了！好吗？", ["今天坏了。", "我修好了！", "好吗？"]),
    ("japanese speech", "彼は「だめ。」と言った。終わり。", ["彼は「だめ。」と言った。", "終わり。"]),
    ("arabic", "مرحبا كيف حالك؟ نعم.", ["مرحبا كيف حالك؟", "نعم."]),
    ("hebrew", "שלום. זה נגמר.", ["שלום.", "זה נגמר."]),
    ("hindi", "यह टूट गया। मैंने ठीक किया।", ["यह टूट गया।", "मैंने ठीक किया।"]),
    ("zero width", "It broke.\u200b I fixed it.", ["It broke.\u200b", "I fixed it."]),
    ("nothing to see", "\u200b\n \ufeff\t", []),
    ("nothing", "", []),
    ("one word", "word", ["word"]),
    ("only an emoji", "😀", ["😀"]),
    ("only dots", "...", ["..."]),
    ("a lone bullet", "-", ["-"]),
]


@pytest.mark.parametrize(("text", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_a_text_is_cut_where_a_reader_would(text: str, expected: list[str]) -> None:
    assert sentences(text) == expected


def test_a_transcript_without_stops_is_cut_where_the_speaker_turns() -> None:
    speech = (
        "so we had this system and it was really slow like super slow and the users kept complaining about it and "
        "so then i looked at the database and i found that the query had no index on it at all so then i added one "
        "and tried it on staging and then my boss said go so anyway we shipped it on the friday and it was fine"
    )
    found = sentences(speech)
    assert len(found) >= 4
    assert any("so then i looked" in piece[:25] for piece in found)
    assert all(8 <= len(piece.split()) <= 45 for piece in found)


def test_a_long_sentence_with_commas_is_left_whole() -> None:
    written = (
        "When the depot flooded, "
        + "the drivers moved the parcels upstairs, and then we counted, " * 6
        + "twice."
    )
    assert len(written.split()) > 45
    assert sentences(written) == [written]


def test_lines_wrapped_by_an_editor_are_one_paragraph_and_chat_lines_are_not() -> None:
    wrapped = (
        "I worked at a large bank in the data team for three years and the reports\n"
        "were always late because of the overnight batch, which nobody had looked\n"
        "at since it was written. I took it on myself to find out why and spent a\n"
        "week reading logs."
    )
    assert [piece.split()[0] for piece in sentences(wrapped)] == ["I", "I"]
    chat = "so this was at the council in the housing department a while back\nmondays were awful\nso i wrote a script"
    assert len(sentences(chat)) == 3


def visible(text: str) -> str:
    """What must survive: everything but white space, bullets, and what cannot be seen."""
    hidden = ("Cc", "Cf")
    return "".join(
        char
        for char in text
        if not char.isspace() and char not in BULLETS and unicodedata.category(char) not in hidden
    )


PIECES = st.sampled_from(
    [
        *(
            ". ",
            "! ",
            "?\n",
            "...",
            "…",
            "\n",
            "\r\n",
            "\n\n",
            "- ",
            "• ",
            "* ",
            "1. ",
            "Situation: ",
            "Task:\n",
            "```\n",
        ),
        *(
            "`",
            '"',
            "“",
            "”",
            "(",
            ")",
            "e.g. ",
            "Dr. ",
            "a.m. ",
            "3.5",
            "v2.1.0",
            "https://a.b/c.d ",
            "。",
            "」",
            "؟",
        ),
        *(
            "\u200b",
            "😀",
            " and then ",
            " so i ",
            "word ",
            "Word ",
            "I ",
            "——",
            "\x00",
            "\u202e",
            "\u2028",
            "שלום ",
            "\t",
        ),
    ]
)
TEXTS = st.one_of(st.text(), st.lists(st.one_of(PIECES, st.text(max_size=5)), max_size=80).map("".join))


@settings(max_examples=120, deadline=None)
@given(TEXTS)
@example("\ud800 broken. Half")
@example("— - • ")
@example("a • \u200b• b")
def test_nothing_visible_is_lost_and_every_sentence_is_a_slice(text: str) -> None:
    found = sentences(text)
    assert visible("".join(found)) == visible(text)
    position = 0
    for piece in found:
        assert piece and piece == piece.strip()
        position = text.index(piece, position) + len(piece)  # in order, and without overlap


def test_what_is_beyond_the_cap_is_kept_as_one_last_sentence() -> None:
    text = "word. " * 5_000
    found = sentences(text)
    assert len(text) > MAX_CHARACTERS
    assert visible("".join(found)) == visible(text)
    assert len(found[-1]) > len(text) - MAX_CHARACTERS - 10


NASTY = [
    '"',
    "“",
    "(",
    "«a",
    "`",
    "```\n",
    "```a\n",
    "1. ",
    "- ",
    ". ",
    "a. b",
    "!",
    " ",
    ".",
    "a",
    "。",
    "e.g. ",
    "so i ",
]
NASTY += [
    "\u200b",
    " .",
    "x.\n",
    "Situation: ",
    "word and then ",
    "\n",
    "y" * 70 + "\n",
    "?! ",
    "'",
    "\x00",
    "* *",
]


@pytest.mark.parametrize("unit", NASTY, ids=repr)
def test_the_work_grows_with_the_length_and_not_faster(unit: str) -> None:
    def seconds(length: int) -> float:
        text = (unit * (length // len(unit) + 1))[:length]
        best = 9.0
        for _ in range(3):
            began = time.process_time()
            sentences(text)
            best = min(best, time.process_time() - began)
        return best

    # Ten times the text: ten times the work, with room for noise. Quadratic work would be a hundred times.
    assert seconds(MAX_CHARACTERS) < 40 * max(seconds(MAX_CHARACTERS // 10), 0.001)
