"""The locator: what it says of a TOML text is what tomllib makes of it."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from core.packs.load import starter_files
from core.packs.locate import MAX_DEPTH, MAX_KEY_PARTS, TooDeep, locate

ODD = '''\
"quoted.key" = 1 # a comment with "quotes" and [brackets]
'literal key' = 'c:\\dir'
"uni\\u0063ode" = "a \\"b\\" # no comment"
dotted . "key".last = 1979-05-27 07:32:00
time = 07:32:00
numbers = [ 1_000, 0xff, +1.5e3, inf, -nan, true ]
empty = [] # nothing
nothing = {}
long = """
one = 1
[not.a.table]
"" two quotes, "and one" \\""" and \\
   on"""
long_literal = \'\'\'it's ''two'' [x]\'\'\'
quotes_at_end = """x"""""
nested = [ [ 1, [ 2 ] ], # here
  { a = { b.c = [ "]", "}" ] } },
  """
multi""",
]

[ table . "sub table" ]
x = 1

[[list]]
[[list]]
y = [
  # only a comment

  "first"
  , "second",
]
  [list.child]
  z = 2
  [[list.many]]
  id = "a"
  [[list.many]]
  id = "b"
  [list.many.deep]
  v = 3
[[list]]
y = 4
'''


def leaves(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[tuple[str | int, ...], Any]]:
    yield path, value
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, part in inner:
        yield from leaves(part, (*path, step))


BAD = Path(__file__).parent / "data" / "packs"
TEXTS = {
    "odd": ODD,
    **{name: source.decode() for name, source in starter_files().items()},
    **{file.name: file.read_text("utf-8") for file in BAD.glob("*.toml")},
}


@pytest.mark.parametrize("name", TEXTS)
def test_every_value_is_found_and_its_source_alone_gives_it(name: str) -> None:
    text = TEXTS[name]
    places = locate(text)
    lines = text.split("\n")
    for path, value in leaves(tomllib.loads(text)):
        if not path:
            continue
        span = places.span(path)
        assert span is not None, path
        written = text[span.start : span.end]
        if written:  # tables opened by a header have no source of their own
            assert repr(tomllib.loads(f"v = {written}")["v"]) == repr(value)
        if isinstance(path[-1], str) and path[-1].isalpha() and path[-1] != "unicode":
            assert path[-1] in lines[span.line - 1]


def test_lines_are_those_of_keys_headers_and_list_elements() -> None:
    places = locate(ODD)
    number = {line.strip(): index for index, line in enumerate(ODD.split("\n"), start=1)}
    assert places.line(("dotted", "key", "last")) == number['dotted . "key".last = 1979-05-27 07:32:00']
    assert places.line(("list",)) == places.line(("list", 0)) == ODD.split("\n").index("[[list]]") + 1
    assert places.line(("list", 1)) == places.line(("list", 0)) + 1
    assert places.line(("list", 1, "y", 0)) == number['"first"']
    assert places.line(("list", 1, "y", 1)) == number[', "second",']
    assert places.line(("list", 1, "many", 1, "deep", "v")) == number["v = 3"]
    assert places.line(("nested", 2)) == number['multi""",'] - 1


def test_what_is_not_there_has_the_line_of_what_is_around_it() -> None:
    places = locate(ODD)
    assert places.line(("list", 2, "nowhere", 7)) == places.line(("list", 2))
    assert places.line(("nowhere",)) == places.line(()) == 1
    assert places.span(("nowhere",)) is None


def test_depth_is_bounded_in_keys_and_brackets() -> None:
    locate("a = " + "[" * MAX_DEPTH + "]" * MAX_DEPTH)
    locate(".".join("a" * MAX_KEY_PARTS) + " = 1")
    with pytest.raises(TooDeep) as raised:
        locate("\na = " + "[" * (MAX_DEPTH + 1) + "]" * (MAX_DEPTH + 1))
    assert raised.value.line == 2
    with pytest.raises(TooDeep):
        locate("[" + ".".join("a" * (MAX_KEY_PARTS + 1)) + "]")
