"""The checker of packs: what it says, and at which line."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from core.packs import check_pack, check_rubrics, load_pack, load_rubrics, starter_rubrics
from core.packs.document import MAX_BYTES
from core.packs.problems import PackError, Problem

BAD = Path(__file__).parent / "data" / "packs"
MARK = re.compile(r"#! (.+)$")

SOUND = """\
format = "practice-pack/1"

[pack]
id = "sound"
version = "1.0.0"
title = "Sound"
license = "MIT"

[[prompt]]
id = "first"
track = "ask"
text = "What is asked?"
"""


def said(source: str | bytes) -> list[str]:
    data = source if isinstance(source, bytes) else source.encode()
    return [str(problem) for problem in check_pack(data, "p.toml", starter_rubrics())]


@pytest.mark.parametrize("file", sorted(BAD.glob("*.toml")), ids=lambda file: file.stem)
def test_every_fault_is_named_at_its_line_and_nothing_else_is(file: Path) -> None:
    source = file.read_bytes()
    expected = [
        (number, *wanted.split(": ", 1))
        for number, line in enumerate(source.decode().splitlines(), start=1)
        if (mark := MARK.search(line)) is not None
        for wanted in mark[1].split(" | ")
    ]
    problems = check_pack(source, file.name, starter_rubrics())
    found = [(problem.line, problem.severity, problem.message) for problem in problems]
    assert sorted(found) == sorted(expected)
    assert [problem.line for problem in problems] == sorted(problem.line for problem in problems)


@pytest.mark.parametrize("file", sorted(BAD.glob("*.toml")), ids=lambda file: file.stem)
def test_windows_line_ends_change_nothing(file: Path) -> None:
    source = file.read_bytes()
    assert check_pack(source.replace(b"\n", b"\r\n"), "p", ()) == check_pack(source, "p", ())


def test_a_sound_pack_has_no_problems_with_either_kind_of_line_end() -> None:
    assert said(SOUND) == []
    assert said(SOUND.replace("\n", "\r\n")) == []


def test_a_problem_reads_as_file_line_message() -> None:
    problem = Problem("a.toml", 7, "prompt 'x', key 'level'", "prompt 'x', key 'level': no", "warning")
    assert str(problem) == "a.toml:7: prompt 'x', key 'level': no"
    assert not problem.is_error


NOT_TOML = 'a text that runs over several lines stands between three quotation marks (""")'


@pytest.mark.parametrize(
    ("source", "line", "message"),
    [
        (b"", 1, "the file is empty; docs/packs.md has a small example to begin with"),
        (b" \r\n\t\n", 1, "the file is empty; docs/packs.md has a small example to begin with"),
        ("format".encode("utf-16"), 1, "the file is UTF-16; save it as UTF-8"),
        (
            b'a = 1\nb = "caf\xe9"\n',
            2,
            "byte 0xE9 (number 9 of this line) is not UTF-8; save the file as UTF-8",
        ),
        (
            b"#" * (MAX_BYTES + 1),
            1,
            "the file has 1,048,577 bytes; at most 1,048,576 are read, so split it into packs",
        ),
        (
            b'a = 1\nb = "open\n',
            2,
            f"not TOML: Illegal character '\\n': {NOT_TOML}; otherwise close it on its own line",
        ),
        ("a = “curly”".encode(), 1, "not TOML: Invalid value: the quotation marks of TOML are straight ones"),
        (
            b'a = 1\nb = [\n  "x",\n',
            3,
            "not TOML: Invalid value: a bracket or quotation mark was opened and never closed",
        ),
        (b"[pack]\n\n[pack]\n", 3, None),
        (
            b'[[prompt]]\nid = "a"\ntext = """\nx"""\nid = "b"\n',
            5,
            "key 'id' is given twice here, first in line 2; keep one",
        ),
        (b"a = " + b"9" * 5000, 1, "not TOML: A number has too many digits"),
        (b"\n\na = " + b"[" * 500, 3, "nested deeper than a pack can be (16 brackets, or 8 dots in a key)"),
        (
            b"\n" + b"a." * 500 + b"a = 1",
            2,
            "nested deeper than a pack can be (16 brackets, or 8 dots in a key)",
        ),
    ],
)
def test_a_file_that_cannot_be_read_at_all_says_why(source: bytes, line: int, message: str | None) -> None:
    problems = check_pack(source, "p.toml", ())
    assert problems[-1].line == line
    assert problems[-1].is_error
    if message is not None:
        assert [problem.message for problem in problems] == [message]


def test_a_byte_order_mark_is_an_error_and_the_rest_is_looked_at_all_the_same() -> None:
    assert said(b"\xef\xbb\xbf" + SOUND.replace("ask", "aks").encode()) == [
        "p.toml:1: the file begins with a byte order mark (U+FEFF); save it as UTF-8 without BOM",
        "p.toml:11: prompt 'first', key 'track': 'aks' is no track; did you mean 'ask'?",
    ]


def test_what_is_missing_is_said_once_and_not_when_it_is_only_misspelt() -> None:
    assert said("x-note = 1\n") == [
        "p.toml:1: key 'format' is missing; add format = \"practice-pack/1\" at the top",
        "p.toml:1: key 'pack' is missing; add a table [pack]",
        "p.toml:1: key 'prompt' is missing; add a table [[prompt]]",
    ]
    assert said(SOUND.replace("[[prompt]]", "[[prompts]]")) == [
        "p.toml:9: key 'prompts': there is no such key; did you mean 'prompt'?"
    ]
    assert said(SOUND.replace("[[prompt]]", "[prompt]")) == [
        "p.toml:9: key 'prompt': a table is not a list in square brackets; "
        "open it with [[prompt]], in two brackets"
    ]


def test_unknown_rubrics_pass_when_none_are_known() -> None:
    source = (SOUND + 'rubric = "of-my-own"\n').encode()
    assert check_pack(source, "p.toml") == []
    assert len(check_pack(source, "p.toml", known_rubrics=["other"])) == 1


def test_more_prompts_than_a_pack_holds_are_one_problem() -> None:
    prompts = "".join(f'[[prompt]]\nid = "p{n}"\ntrack = "ask"\ntext = "Number {n}?"\n' for n in range(1001))
    assert said(SOUND[: SOUND.index("[[")] + prompts) == [
        "p.toml:9: key 'prompt': it has 1,001 entries; at most 1,000 are read, so split the file"
    ]


def test_a_thousand_faults_are_cut_and_counted() -> None:
    problems = said(SOUND + 'tags = ["", ' + '"A", ' * 990 + "]\n")
    assert len(problems) == 201
    assert problems[-1].endswith("there is more of it; mend these first")


def test_warnings_do_not_hide_an_error() -> None:
    blanks = "".join(f'[[prompt]]\nid = "p{n}"\ntrack = "ask"\ntext = " Number {n}? "\n' for n in range(400))
    source = (SOUND + blanks + '[[prompt]]\nid = "first"\ntrack = "ask"\ntext = "Last?"\n').encode()
    assert any(problem.is_error for problem in check_pack(source, "p.toml"))
    with pytest.raises(PackError):
        load_pack(source, "p.toml")


def test_loading_a_bad_pack_raises_every_problem_and_says_the_first_ones() -> None:
    source = (BAD / "names.toml").read_bytes()
    with pytest.raises(PackError) as raised:
        load_pack(source, "names.toml")
    assert list(raised.value.problems) == check_pack(source, "names.toml")
    assert str(raised.value).startswith("names.toml:2: key 'licence': there is no such key here")


def test_rubrics_are_checked_in_the_same_way() -> None:
    source = b"""format = "practice-rubrics/1"
[[rubric]]
id = "mine"
title = "Mine"
items = [
  { id = "a", label = "Did it" },
  { id = "a", step = "Z", label = "LONG" },
]
""".replace(b"LONG", b"x" * 77)
    assert [str(problem) for problem in check_rubrics(source, "r.toml")] == [
        "r.toml:7: rubric 'mine', item 'a', key 'step': 'Z' is no step; "
        'write "S", "T", "A" or "R", a digit from "1", or "+" for the whole',
        "r.toml:7: rubric 'mine', item 'a', key 'label': it has 77 characters; at most 75 are allowed "
        "(it stands beside a checkbox)",
        "r.toml:7: rubric 'mine', item 'a', key 'id': the id 'a' is taken in line 6; every id is given once",
    ]
    with pytest.raises(PackError):
        load_rubrics(source, "r.toml")
