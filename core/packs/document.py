"""From the bytes of a file to data whose every part knows its line, or to the problem that stops it."""

from __future__ import annotations

import codecs
import datetime
import re
import tomllib
from collections.abc import Iterator
from itertools import islice
from typing import Any, Final

from core.packs.characters import called, invisible
from core.packs.locate import MAX_DEPTH, MAX_KEY_PARTS, Path, Places, TooDeep, locate
from core.packs.problems import ERROR, Problem

MAX_BYTES: Final = 1024 * 1024
#: Of any list, the prompts of a pack first of all.
MAX_ENTRIES: Final = 1000
# Of one kind of fault that could fill a file: more tell nobody anything.
_SHOWN = 100
#: SQL integers and JSON readers hold no more; Python refuses even to print much longer ones.
_LARGEST = 2**63 - 1

_AT_LINE = re.compile(r"\s*\(at (?:line (\d+), column \d+|end of document)\)$")
_CURLY = re.compile("[\u2018\u2019\u201a\u201c\u201d\u201e\u00ab\u00bb]")
# What tomllib says, and what its reader can do about it.
_HINTS = {
    "Illegal character": 'a text that runs over several lines stands between three quotation marks ("""); '
    "otherwise close it on its own line",
    "Unescaped": "write two backslashes, or put the text between single quotation marks",
    "Expected '='": "a line is a key, an equals sign and a value",
    "Invalid statement": "a line is a [table], or a key, an equals sign and a value",
    "Invalid value": "text stands in straight quotation marks, a list in square brackets",
    "Expected newline": "one key a line; a quotation mark inside of a text takes a backslash before it",
    "Cannot declare": "the table is opened twice; a list of tables is opened with [[two brackets]]",
}


_NOUNS: dict[str | int, str] = {"items": "item", "checks": "check"}


class Document:
    """A parsed file: ``data`` has only dicts, lists, text, bools, floats and integers (dates became text)."""

    def __init__(self, file: str, text: str, data: dict[str, Any], places: Places) -> None:
        self.file = file
        self.text = text
        self.data = data
        self.places = places

    def problem(self, path: Path, message: str, severity: str = ERROR, line: int | None = None) -> Problem:
        """A problem at ``path``; ``message`` goes on after the name of the place."""
        place = where(path, self.data)
        said = f"{place}: {message}" if place else message
        return Problem(self.file, line or self.places.line(path), place, said, severity)

    def source(self, path: Path) -> str:
        """The value at ``path`` as it is written in the file, or "" where that is not known."""
        span = self.places.span(path)
        return self.text[span.start : span.end] if span else ""

    def texts(self) -> Iterator[tuple[Path, str]]:
        """Every text value with its path, without the keys of private use (``x-...``)."""
        return _texts((), self.data)


def read(source: bytes, file: str) -> tuple[Document | None, list[Problem]]:
    """Parse ``source``. No document means that the problems (then at least one) stop everything."""
    text, problems = _decode(source, file)
    if text is None:
        return None, problems
    problems.extend(islice(_unseen(text, file), _SHOWN))
    try:
        places = locate(text)
    except TooDeep as error:
        said = f"nested deeper than a pack can be ({MAX_DEPTH} brackets, or {MAX_KEY_PARTS} dots in a key)"
        return None, [*problems, Problem(file, error.line, "", said)]
    try:
        parsed = tomllib.loads(text)
    except ValueError as error:  # TOMLDecodeError, and int() on a number of thousands of digits
        return None, [*problems, _syntax(error, text, file, places)]
    except RecursionError:
        return None, [*problems, Problem(file, 1, "", "nested deeper than a pack can be")]
    document = Document(file, text, parsed, places)
    document.data = {key: _plain(value, (key,), document, problems) for key, value in parsed.items()}
    return document, problems


def where(path: Path, data: Any) -> str:
    """``path`` in an author's words: "prompt 'two-sum', reveal 'size', key 'ask'"."""
    words: list[str] = []
    here = data
    for index, step in enumerate(path):
        here = _into(here, step)
        last = index == len(path) - 1
        if isinstance(step, int):
            noun = _NOUNS.get(path[index - 1], path[index - 1]) if isinstance(here, dict) else "item"
            name = here.get("id") if isinstance(here, dict) else None
            words.append(
                f"{noun} {name!r}" if isinstance(name, str) and 0 < len(name) <= 60 else f"{noun} {step + 1}"
            )
        elif last or (isinstance(here, list) and not isinstance(_into(here, path[index + 1]), dict)):
            words.append(f"key {shown(step)}")
        elif isinstance(here, dict):
            words.append(f"[{step}]" if index == 0 else step)
    return ", ".join(words)


def shown(value: object) -> str:
    """``value`` short enough for a message, quoted if it is text, with nothing invisible in it."""
    text = (
        repr(value)
        if not isinstance(value, dict | list)
        else "a table"
        if isinstance(value, dict)
        else "a list"
    )
    return text if len(text) <= 60 else f"{text[:56]}...{text[0]}"


def _decode(source: bytes, file: str) -> tuple[str | None, list[Problem]]:
    if not source.strip():
        said = "the file is empty; docs/packs.md has a small example to begin with"
        return None, [Problem(file, 1, "", said)]
    if len(source) > MAX_BYTES:
        said = f"the file has {len(source):,} bytes; at most {MAX_BYTES:,} are read, so split it into packs"
        return None, [Problem(file, 1, "", said)]
    if source.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return None, [Problem(file, 1, "", "the file is UTF-16; save it as UTF-8")]
    problems: list[Problem] = []
    if source.startswith(codecs.BOM_UTF8):
        said = "the file begins with a byte order mark (U+FEFF); save it as UTF-8 without BOM"
        problems.append(Problem(file, 1, "", said))
        source = source.removeprefix(codecs.BOM_UTF8)
    try:
        return source.decode().replace("\r\n", "\n"), problems
    except UnicodeDecodeError as error:
        line = source.count(b"\n", 0, error.start) + 1
        column = error.start - (source.rfind(b"\n", 0, error.start) + 1) + 1
        byte = f"byte 0x{source[error.start]:02X} (number {column} of this line)"
        said = f"{byte} is not UTF-8; save the file as UTF-8"
        return None, [*problems, Problem(file, line, "", said)]


def _unseen(text: str, file: str) -> Iterator[Problem]:
    for number, line in enumerate(text.split("\n"), start=1):
        for index, char in invisible(line):
            # Outside of strings a tab is layout; inside, the look at the values finds it. A return that is
            # not part of a line end is no TOML, and tomllib says so.
            if char not in "\t\r":
                said = f"column {index + 1} holds {called(char)}, which nobody can see; delete it"
                yield Problem(file, number, "", said)


def _syntax(error: ValueError, text: str, file: str, places: Places) -> Problem:
    message = str(error)
    lines = text.split("\n")
    if message.startswith("Cannot overwrite") and places.doubled is not None:
        path, first, second = places.doubled
        said = f"key {shown(path[-1])} is given twice here, first in line {first}; keep one"
        return Problem(file, second, f"key {shown(path[-1])}", said)
    line, at_end = 1, False
    if (match := _AT_LINE.search(message)) is not None:
        message = message[: match.start()]
        line = int(match[1]) if match[1] else len(text.rstrip().split("\n"))
        at_end = match[1] is None
    if not isinstance(error, tomllib.TOMLDecodeError):
        message = "A number has too many digits"
    hint = next((hint for start, hint in _HINTS.items() if message.startswith(start)), "")
    if at_end:
        hint = "a bracket or quotation mark was opened and never closed"
    if line <= len(lines) and _CURLY.search(lines[line - 1]) and not message.startswith("Illegal"):
        hint = "the quotation marks of TOML are straight ones"
    return Problem(file, line, "", f"not TOML: {message}" + (f": {hint}" if hint else ""))


def _plain(value: Any, path: Path, document: Document, problems: list[Problem]) -> Any:
    if isinstance(value, dict):
        return {key: _plain(inner, (*path, key), document, problems) for key, inner in value.items()}
    if isinstance(value, list):
        if len(value) > MAX_ENTRIES:
            said = f"it has {len(value):,} entries; at most {MAX_ENTRIES:,} are read, so split the file"
            problems.append(document.problem(path, said))
        kept = value[:MAX_ENTRIES]
        return [_plain(inner, (*path, index), document, problems) for index, inner in enumerate(kept)]
    if isinstance(value, datetime.date | datetime.time):  # a datetime is a date
        return value.isoformat()
    if isinstance(value, int) and abs(value) > _LARGEST:
        problems.append(document.problem(path, "the number is too large"))
        return 0
    return value


def _texts(path: Path, value: Any) -> Iterator[tuple[Path, str]]:
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, dict):
        for key, inner in value.items():
            if not key.startswith("x-"):
                yield from _texts((*path, key), inner)
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _texts((*path, index), inner)


def _into(data: Any, step: str | int) -> Any:
    try:
        return data[step]
    except (KeyError, IndexError, TypeError):
        return None
